/*
 * What addresses out of certificates hold, and what lies in folders beside our files: asked for on a few threads,
 * handed back to the loop of whoever asked. The same question of several examinations is asked once; its answer is
 * kept for a while. The rules of what is asked at all are in probes/fetch_rules.h.
 */
#ifndef PROBES_FETCH_H
#define PROBES_FETCH_H

#include <uv.h>

#include "model/crl.h"
#include "model/fetched.h"
#include "model/ocsp.h"
#include "model/world.h"
#include "probes/resolve.h"

/* Shared by all loops. Threads are started with the first question. */
struct fetcher;
struct fetcher *fetcher_new(const struct world *w);
void fetcher_free(struct fetcher *f); /* when no desk is left; ends what is under way at once */

/* One loop's place to ask at. */
struct fetch_desk;
struct fetch_desk *fetch_desk_new(uv_loop_t *loop, struct fetcher *f, struct resolver *r); /* NULL: no descriptor is left */
void fetch_desk_close(struct fetch_desk *d); /* no call-back comes any more; before the resolver's end. NULL is legal */

struct fetch_question {
	enum fetch_kind kind;
	struct text url;            /* raw, as the certificate has it */
	bool loopback;              /* the target itself is on loopback */
	bool many;                  /* one of many targets: an answer that is a minute old will do */
	int family;                 /* 0 both, 4, 6 */
	const struct cert *about;   /* FETCH_OCSP: whose status */
	const struct cert *issuer;  /* FETCH_OCSP, FETCH_CRL: of that certificate, of the list */
	const char *folder;         /* not NULL: no address is asked, this folder is looked through for certificates */
};

/* An answer: immutable, shared. */
struct fetched_cert {
	struct cert *cert;
	const char *where;          /* the file, printable; NULL: the address */
};
struct fetched {
	enum fetch_kind kind;
	int status;
	size_t bytes;
	double ms;
	bool refused;
	const char *problem;        /* printable; NULL: what follows is there */
	struct fetched_cert *certs; /* FETCH_ISSUER */
	size_t certs_len;
	struct crl *crl;            /* FETCH_CRL */
	struct text response;       /* FETCH_OCSP */
	unsigned char nonce[OCSP_NONCE_BYTES]; /* what was asked with */
};

struct fetch;
/* The answer lives until the call-back returns. shared: somebody else had asked. Comes once, always from the loop, never from fetch_start(). */
typedef void (*fetch_done)(void *user, const struct fetched *answer, bool shared);
struct fetch *fetch_start(struct fetch_desk *d, const struct fetch_question *q, fetch_done done, void *user);
/* Before it has come: the call-back will not come. */
void fetch_cancel(struct fetch *f); /* the request ends at once where nobody else waits for it */
void fetch_leave(struct fetch *f);  /* it goes on, for those who ask later */

#endif
