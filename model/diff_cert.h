/* What differs between two certificates, fact by fact. */
#ifndef MODEL_DIFF_CERT_H
#define MODEL_DIFF_CERT_H

#include "model/diff.h"

/* Adds to the pair what differs. Texts live in `arena`. */
void diff_certificates(struct diff_pair *pair, const struct cert *a, const struct cert *b, int64_t now,
    struct arena *arena);
void diff_add(struct diff_pair *pair, struct arena *arena, const char *what, const char *a, const char *b);

#endif
