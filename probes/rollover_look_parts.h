/* What the parts of measuring a roll-over share (probes/rollover_look.h says what it is for). */
#ifndef PROBES_ROLLOVER_LOOK_PARTS_H
#define PROBES_ROLLOVER_LOOK_PARTS_H

#include "probes/rollover_look.h"

/* One measuring. */
struct looking {
	const struct rollover_look *how;
	struct rollover *r;
	struct rollover_anchors anchors;
	struct trust *old_trust, *new_trust; /* of one root each; new_trust NULL: it is not made yet */
	struct trust *nobody;
	int64_t now;
};

/* What a bundle holds of it. */
struct in_bundle {
	bool read, has_old, has_new, has_child;
	const char *why; /* not read: a printable clause */
};

/* Measured just now; how: a clause, copied. */
void rollover_look_cell(struct looking *l, struct rollover_service *s, enum rollover_column c, enum rollover_answer a, const char *how);
/* Text from outside, printable, in the document's arena. */
const char *rollover_look_shown(struct looking *l, const char *outside);

/* ---- probes/rollover_server.c ---- */

/*
 * Fills the column ROLLOVER_SERVER of one service that was shown the client certificate of the new root. b: what the bundle that it reads as a server
 * holds, and its file; NULL: none is configured.
 */
void rollover_judge_server(struct looking *l, struct rollover_service *s, const struct examination *x, const struct in_bundle *b, const char *file);

#endif
