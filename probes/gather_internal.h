/* What the two halves of a gathering share: probes/gather.c (issuers) and probes/gather_revocation.c. */
#ifndef PROBES_GATHER_INTERNAL_H
#define PROBES_GATHER_INTERNAL_H

#include "probes/fetch.h"
#include "probes/gather.h"
#include "model/limits.h"

/* One question of it. */
struct ask {
	struct gathering *gathering;
	struct fetch *fetch;           /* NULL: it is over */
	enum fetch_kind kind;
	struct text url;               /* in the certificate */
	const struct cert *about;      /* whose issuer, or whose status */
	const struct cert *issuer;     /* its issuer, where the question is of revocation */
	const char *folder;
	bool or_list;                  /* OCSP: where it does not tell, the list is asked */
	/* What came of it: put into the evidence in the order of the questions, not of the answers. */
	bool noted, told;
	struct fetch_note note;
	struct revocation status;
};

struct gathering {
	struct ground ground;
	struct evidence *evidence;
	struct gather_how how;
	gather_done done;
	void *user;
	struct ask asks[LIMIT_FETCHES];
	size_t asks_len, written;      /* how many of them are in the evidence */
	unsigned open;
	uv_timer_t *patience;          /* while something is open */
	uint64_t began_us;             /* with the first question; 0: none yet */
	bool issuers_phase, time_is_up;
	unsigned levels;
	struct fetched_cert beside[2 * LIMIT_SIBLINGS]; /* of folders; references */
	size_t beside_len;
	bool folders_seen;
};

/* Asks, and starts the clock for it. False: too many were asked, or nothing can be asked. */
bool gather_ask(struct gathering *g, const struct ask *what);
/*
 * The next address of a certificate's list that this was not asked at yet: http ones in their order; where there is
 * none of those the first, so that its refusal is listed. len 0: none is left.
 */
struct text gather_next(const struct gathering *g, enum fetch_kind kind, const struct cert *about, const struct text *urls, size_t len);
/* That address, as it is printed. Into the evidence's arena. */
const char *gather_url(struct gathering *g, struct text url);
/* An answer to a question of revocation. */
void gather_take_status(struct gathering *g, struct ask *a, const struct fetched *f);
/* Into the evidence. */
void gather_keep_status(struct gathering *g, const struct revocation *r);

#endif
