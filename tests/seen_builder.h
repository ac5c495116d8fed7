/*
 * Clients that `listen` saw, made from rows of plain values: for the tests of what is made of them and of their
 * screens. Hellos are as they were captured.
 */
#ifndef TESTS_SEEN_BUILDER_H
#define TESTS_SEEN_BUILDER_H

#include "model/client.h"
#include "tests/chains.h"

struct seen_shape { /* extensions in order, and how the ciphers begin */
	enum client_family family;
	uint16_t extensions[16], ciphers[8];
	size_t grease;
};
extern const struct seen_shape seen_shapes[];
extern const size_t seen_shapes_len;
void seen_set_hello(struct client *c, const struct seen_shape *s);
const struct seen_shape *seen_shape_of(enum client_family f);

/* "root", "issuing", "leaf", "expired", "early", "wrongeku", "strange-root", "strange", "self", "server", "server-expired", "server-for-clients" */
struct chains *seen_chains(void);

enum { SEEN_MOST = 4 };

struct seen_case {
	const char *what;
	enum client_family who;
	const char *sent[SEEN_MOST];   /* leaf first; [0] NULL: an empty Certificate */
	const char *trust[SEEN_MOST];  /* --cacert; [0] NULL: none was named */
	const char *listed[SEEN_MOST]; /* names that it was asked with */
	uint16_t sigalgs[SEEN_MOST];   /* that were asked for; [0] 0: OpenSSL's own */
	bool for_any;                  /* asked without list and limits … */
	size_t earlier_sent;           /* … because it had sent so many */
	bool was_for_any;              /* the time before it had been asked so */
	const char *ours;              /* our certificate; "server" where NULL */
	const char *sni;               /* "localhost" where NULL */
	int alert;                     /* of the client about our certificate; 0: none, it sent its flight */
	enum local_failure local;
	bool garbage;                  /* its leaf does not parse */
	bool goodbye;                  /* it sent its flight, then close_notify, and no request */
	bool silent_end;               /* it closed when it had our certificate */
	const char *root;              /* "" for none above a notice */
	enum confidence confidence;
	const char *candidate;         /* the first, or NULL */
	const char *says;              /* in the sentence, or NULL */
};

struct evidence *seen_evidence(const struct chains *chains, const struct seen_case *t);

#endif
