/* The words of a filter: which rows may have each, and which surely have it. Used by inventory_query.c alone. */
#ifndef MODEL_INVENTORY_WORDS_H
#define MODEL_INVENTORY_WORDS_H

#include "model/inventory_internal.h"

struct filter_word {
	char *text;          /* in lower case */
	struct bitmap sure;  /* has it: in serial, template, ARN, or a text where three bytes tell all */
	bool look;           /* others may have it: their subject and SANs must be looked at */
};
struct filter_words {
	struct filter_word *items;
	size_t len;
	bool look;           /* of any word */
};

/* Narrows *rows to those that may have all words. Within a read, after inventory_known(). */
status filter_words_find(struct inventory *i, const char *filter, struct filter_words *out, struct bitmap *rows, struct error *err) MUST_USE;
/* Does the row really have them all? */
status filter_words_hold(struct inventory *i, const struct filter_words *w, uint32_t id, bool *holds, struct error *err) MUST_USE;
void filter_words_done(struct filter_words *w);

#endif
