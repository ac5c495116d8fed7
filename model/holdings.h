/*
 * What lies in files, sorted out: identities with their chain, key and requests, what is missing of
 * them, what is wrong with them, and the rest. Judged as `mtlscope inspect` judges, one identity at a
 * time. Reading opens files; all else is pure.
 */
#ifndef MODEL_HOLDINGS_H
#define MODEL_HOLDINGS_H

#include "model/inspect.h"
#include "model/page.h"

/* Where to read: an identity by its files, or a path. All borrowed for the call. */
struct holdings_source {
	const char *name;            /* of the identity, in the configuration; or NULL */
	const char *cert, *key;      /* its files; key NULL: in cert's */
	const char *path;            /* or instead: one file or folder, where identities are to be found */
	const char *trust_file;      /* or NULL */
	const struct trust *trust;   /* already read; comes before trust_file; both NULL: the system's */
	const char *used_by;         /* "payment, ledger and 3 more": endpoints that use it; printable; or NULL */
	const struct identity *known; /* the same identity as it was read with its passphrase; or NULL */
};
struct holdings_options {
	int64_t at;                  /* seconds */
	bool at_named;               /* by --at */
	struct thresholds thresholds;
	const char *seen_from;       /* this host's name; or NULL */
};

enum holding_kind {
	HOLDING_IDENTITY,  /* depth 0: a certificate with what belongs to it, or that could not be read */
	HOLDING_REST,      /* depth 0: what belongs to none of them */
	/* depth 1 */
	HOLDING_FINDING, HOLDING_CERT, HOLDING_MISSING, HOLDING_KEY, HOLDING_REQUEST, HOLDING_OTHER, HOLDING_DAMAGED,
	HOLDING_LOCKED,    /* needs a passphrase */
	HOLDING_REMARK     /* about the reading, or who uses it */
};

/* A row of the tree. Texts are printable. */
struct holding {
	enum holding_kind kind;
	uint64_t id;             /* the same after the next reading; never 0 */
	int depth;
	bool judged;             /* it has a state */
	enum state state;
	const char *text;
	const char *note;        /* for the right end: "88 d left", "key.mismatch"; "" none */
	const char *detail;      /* what has no room in a row: why, or where it stands; "": the text says it all */
	const struct cert *cert; /* or NULL */
	int64_t ends;            /* of an identity: when the first of its chain ends; TIME_UNKNOWN */
};

struct holdings_identity; /* what was judged together: objects, inspection, diagnosis */
struct holdings {
	struct holding *rows;    /* depth-first */
	size_t len;
	size_t identities;
	size_t of[STATE_DOWN + 1]; /* identities by state */
	size_t not_judged;       /* certificates over HOLDINGS_MOST that were not taken for an identity */
	size_t files, objects;   /* that were read */
	struct holdings_identity *judged;
	size_t judged_len, judged_cap;
	size_t rows_cap;
	struct objects *readings; /* of each source */
	size_t readings_len;
	const struct trust **trusts; /* references that are held */
	size_t trusts_len;
	struct arena *arena;
};

enum { HOLDINGS_MOST = 500 /* identities of one reading: each is a diagnosis */, HOLDINGS_REST = 2000 /* rows of what belongs to none */ };

/* Takes as long as the files take: for a worker. Never NULL. A source that cannot be read is an identity in state FAIL that says why. */
struct holdings *holdings_read(const struct holdings_source *sources, size_t len, const struct holdings_options *opt);
void holdings_free(struct holdings *h); /* NULL is legal */

enum holdings_order { HOLDINGS_BY_NAME, HOLDINGS_BY_STATE, HOLDINGS_BY_END, HOLDINGS_ORDERS };
/* Identities change places with all that is below them; the rest stays last. */
void holdings_sort(struct holdings *h, enum holdings_order by, bool reverse);
/* `inspect --json` of each identity, a line each. */
void holdings_json(const struct holdings *h, struct buf *out);

#endif
