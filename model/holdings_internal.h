/* What the two files of holdings share. */
#ifndef MODEL_HOLDINGS_INTERNAL_H
#define MODEL_HOLDINGS_INTERNAL_H

#include "model/holdings.h"

struct holdings_identity {
	const char *name;            /* as named by the user; NULL: the leaf's own */
	const char *used_by;         /* "used by payment, ledger and 3 more"; or NULL */
	bool by_files;               /* its files were named, not found in a folder */
	struct objects *part;        /* what it is judged by; items borrowed of the reading */
	struct inspection *inspection; /* NULL: there is no certificate to judge */
	struct diagnosis *diagnosis; /* likewise */
	const char *problem;         /* it could not be read, or not judged: one line; or NULL */
	const char *file_problem;     /* its key's or trust file could not be read at all; or NULL */
	const struct object **locked; /* would belong to it, and need a passphrase */
	size_t locked_len;
	uint64_t id;
};

/* Rows of one identity; of what is left of a reading (used: by object; alone: no identity was found in it), with its remarks. */
void holdings_identity_rows(struct holdings *h, const struct holdings_identity *i, int64_t now);
void holdings_rest_rows(struct holdings *h, const struct objects *o, const bool *used, const struct inspection *relations,
    const char *source, bool alone, int64_t now);

#endif
