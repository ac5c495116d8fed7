/*
 * Paths: every candidate path from a leaf to an anchor, each with the errors at each link.
 *
 * OpenSSL takes the first issuer that fits and does not go back (54 of 81 on the public
 * path-building suite); so we enumerate, and OpenSSL judges each whole path: X509_verify for each
 * link, X509_verify_cert with exactly that path and X509_V_FLAG_NO_CHECK_TIME. Validity is
 * arithmetic on intervals, so that any clock can be asked afterwards.
 *
 * An error is what OpenSSL at level 1, Go or Java refuses at its defaults and RFC 5280 forbids. What
 * all three let pass is a fault of the certificate (cert->faults), never of the path.
 */
#ifndef MODEL_PATH_H
#define MODEL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cert.h"
#include "model/codes.h"
#include "model/identity.h"

enum path_source { SOURCE_PRESENTED, SOURCE_IDENTITY, SOURCE_TRUST, SOURCE_AIA, SOURCE_PCA, SOURCE_FILE };
const char *path_source_name(enum path_source s);

struct path_error {
	int depth;          /* index into the path's certificates; the fault lies with this one */
	int x509_error;     /* X509_V_ERR_*, or 0 where we found it ourselves */
	enum code code;     /* the chain.*, eku.*, … code that says it, for the server's side */
	const char *text;   /* one sentence, printable */
};

struct path_link {
	const struct cert *cert; /* borrowed: of the question's pool, leaf or trust, which must outlive the set */
	enum path_source source;
};

struct path {
	struct path_link *links; /* leaf first, anchor last where there is one */
	size_t len;
	bool anchored;           /* ends in a trusted anchor */
	bool complete;           /* ends in a self-signed certificate or an anchor */
	struct path_error *errors; /* all but times */
	size_t errors_len;
	int64_t not_before, not_after; /* the intersection of all its validity intervals */
};

struct path_set {
	struct path *paths;      /* best first */
	size_t len;
	bool paths_capped;       /* LIMIT_PATHS reached: the finding says so */
	bool checks_capped;      /* LIMIT_SIGNATURE_CHECKS reached */
	size_t signature_checks; /* asked for, known to the shared cache or not: the same evidence, the same number */
	struct arena *arena;
};

struct path_question {
	const struct cert *leaf;
	const struct path_link *pool; /* what may stand between: presented, configured, fetched */
	size_t pool_len;
	const struct trust *trust;    /* anchors; NULL: none (our own chain: where would it lead?) */
	enum purpose purpose;
	const char *host;             /* not judged here; name.* has its own rule */
	int64_t at;                   /* the moment by which the best path is chosen */
	bool partial_chain;           /* an anchor need not be self-signed; true for us: any given anchor counts */
};

/*
 * Never fails: a leaf without any issuer is a path of one. Best first: valid at q->at; then fewest and
 * least severe errors, anchored, longest-lived, shortest. A link whose signature does not verify is
 * followed only where its certificate has no issuer whose key does. About 3 µs for a chain of three
 * once its signatures are in the shared cache.
 */
struct path_set *paths_find(const struct path_question *q);
void paths_free(struct path_set *s);

bool path_valid_at(const struct path *p, int64_t t); /* anchored, no errors, t inside */
const struct path *paths_best(const struct path_set *s); /* the first; NULL only where the leaf is NULL */
bool paths_any_valid_at(const struct path_set *s, int64_t t);
/* The last moment at which some path is valid, or TIME_UNKNOWN. */
int64_t paths_last_valid(const struct path_set *s);

/*
 * Every X509_V_ERR_* to the code of the server's side that says it; never CODE_NONE but for X509_V_OK.
 * A missing issuer (2, 20) is chain.missing-intermediate right above the leaf and chain.untrusted-root
 * further up: servers leave the root out by right, so what lacks there is mostly our trust.
 */
enum code path_error_code(int x509_error, int depth, bool is_leaf);

#endif
