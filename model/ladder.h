/* One handshake as a ladder: a row for each message in order, the row where it died, what that rules out. */
#ifndef MODEL_LADDER_H
#define MODEL_LADDER_H

#include "model/diagnosis.h"

struct rung {
	double ms;           /* since the handshake's start */
	bool shown_ms;       /* false: the same moment as the row above */
	enum peer from;
	bool ends;           /* the row where it died */
	bool quiet;          /* no arrow: nothing went over the wire, or the row above has it */
	const char *text;    /* printable */
	const char *mark;    /* "ENDED BY THE SERVER" on the row where it died; else NULL */
	size_t message;      /* index into handshake.messages; SIZE_MAX: it is none */
};
struct ladder {
	const char *us, *server;  /* heads of the two columns */
	struct rung *rungs;
	size_t len;
	const char *ended;        /* "It ended while the server read our Certificate."; NULL: it was accepted */
	const char *not_the_cause, *not_reached; /* whole sentences, or NULL; of the baseline only */
};

/* Into the arena. left, right: columns for the texts of each side; longer ones take two rows or are cut. */
void ladder_of(const struct diagnosis *d, const struct handshake *h, size_t left, size_t right, struct arena *a,
    struct ladder *out);
/* "the same again, with GET": what an experiment changed, for people. */
const char *experiment_words(const char *name);
/* "refused by closing", "accepted" … */
const char *outcome_words(enum outcome o);

#endif
