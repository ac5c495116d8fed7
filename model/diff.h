/*
 * Two certificates, chains or folders: only what differs, what matters first. Certificates are paired
 * by being the same, then by subject, then the one leaf of each side with the other.
 */
#ifndef MODEL_DIFF_H
#define MODEL_DIFF_H

#include <stddef.h>
#include <stdint.h>

#include "model/objects.h"
#include "model/report.h"

/* One fact that differs; NULL where that side has nothing of the kind. */
struct difference {
	const char *what; /* "until", "names", "key" */
	const char *a, *b;
};

/* Two that belong together, or one that only one side has. */
struct diff_pair {
	const struct object *a, *b; /* one of them may be NULL */
	struct difference *items;   /* in order of weight; none where a or b is NULL */
	size_t len, cap;
};

struct diff {
	struct diff_pair *pairs; /* leaves first; pairs without a difference are left out */
	size_t len, cap;
	size_t same;             /* objects that are the same on both sides */
	bool order_differs;      /* the same certificates, in another order */
	bool capped;             /* over LIMIT_DIFF_OBJECTS: the rest was not compared */
	struct arena *arena;
};

/* a and b must outlive the result. now: seconds, for “expired”. */
struct diff *diff_objects(const struct objects *a, const struct objects *b, int64_t now);
void diff_free(struct diff *d);
/* The page; name_a and name_b are what was typed. */
void diff_page(const struct diff *d, const char *name_a, const char *name_b, const struct report_style *s,
    struct buf *out);

#endif
