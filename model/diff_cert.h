/* What differs between two certificates, fact by fact. */
#ifndef MODEL_DIFF_CERT_H
#define MODEL_DIFF_CERT_H

#include "model/diff.h"
#include "model/page.h"

/* Adds to the pair what differs. Texts live in `arena`. */
void diff_certificates(struct diff_pair *pair, const struct cert *a, const struct cert *b, int64_t now,
    struct arena *arena);
/* What differs, a line for each side; for diff's pages. */
void diff_items(const struct diff_pair *pair, const struct page *p);
void diff_pairs(const struct diff *d, const char *name_a, const char *name_b, const struct page *p);
void diff_add(struct diff_pair *pair, struct arena *arena, const char *what, const char *a, const char *b);

#endif
