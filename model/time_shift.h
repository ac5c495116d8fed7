/*
 * The same two chains at other moments (knowledge: "diagnosis", E24): an experiment without a network. By
 * our clock, by the server's, in 30 days, and at each moment at which a certificate begins or ends.
 */
#ifndef MODEL_TIME_SHIFT_H
#define MODEL_TIME_SHIFT_H

#include "model/lifetimes.h"

enum { TIME_SHIFT_AHEAD_DAYS = 30 };

enum shift_why { SHIFT_OUR_CLOCK, SHIFT_SERVER_CLOCK, SHIFT_AHEAD, SHIFT_BEGINS, SHIFT_ENDS };

/* One chain then. seen: there is one. out: the first of it that is not valid, nearest to the leaf; NULL: all are, or another path is. */
struct shift_side {
	bool seen;
	const struct cert *out;
};

struct shift {
	enum shift_why why;
	int64_t at;               /* seconds */
	const struct cert *cert;  /* that begins or ends; else NULL */
	struct shift_side theirs, ours;
	bool changed;             /* something is valid that was not the moment before in this list, or the other way round */
};

/* In order of time, into the arena; the first is the earlier of the two clocks. Returns how many; 0 where no chain was seen. */
size_t time_shift(const struct diagnosis *d, struct arena *a, struct shift **out);

#endif
