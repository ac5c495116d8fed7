/*
 * The order of rows in memory: a permutation of N things, filtered and sorted. For the fleet and other
 * lists that fit into memory; what lies in a database arranges itself there.
 */
#ifndef TUI_ARRANGE_H
#define TUI_ARRANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"

struct arrange_ops {
	/* All of a thing's text that a filter looks at, into `out`. */
	void (*text)(void *self, size_t thing, struct buf *out);
	bool (*keep)(void *self, size_t thing);       /* or NULL: a filter of the view's own (only failing …) */
	/* As for qsort; ties go by the thing's number, also when reversed. `column` is handed through, SIZE_MAX too. NULL: by number. */
	int (*compare)(void *self, size_t a, size_t b, size_t column);
};
struct arrangement {
	size_t *things;  /* shown, in order */
	size_t len, cap;
	size_t *where;   /* of each thing: its row, or SIZE_MAX */
	size_t all;
};
/* Makes the order anew; 10,000 things take about a millisecond. filter may be NULL; see filter_matches. */
void arrange(struct arrangement *a, const struct arrange_ops *ops, void *self, size_t all, const char *filter,
    size_t column, bool reverse);
void arrange_done(struct arrangement *a);
/* Does the text hold each of the filter's words, and none of those with "!" before them? ASCII letters compare without case. */
bool filter_matches(const char *filter, const char *text);
/* The next part of the text, from byte `from` on, that one of its words found. False: none more. */
bool filter_part(const char *filter, const char *text, size_t from, size_t *at, size_t *len);

#endif
