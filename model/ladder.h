/* One handshake as a ladder: a row for each message in order, the row where it died, what that rules out. */
#ifndef MODEL_LADDER_H
#define MODEL_LADDER_H

#include "model/diagnosis.h"

struct rung {
	double ms;           /* since the handshake's start; never below 0 */
	bool shown_ms;       /* false: the same moment as the row above */
	enum peer from;
	bool ends;           /* the row where it died */
	bool quiet;          /* no arrow: nothing went over the wire, or a row beside it has it */
	const char *text;    /* printable */
	const char *mark;    /* "ENDED BY THE SERVER" on the row where it died; else NULL */
	size_t message;      /* index into handshake.messages, of the first where several share the row; SIZE_MAX: it is none */
};
struct ladder {
	const char *us_word, *server_word; /* "us", "server"; of what listen recorded "client", "us" */
	const char *us, *server;  /* whose the two columns are: “order-service” or NULL; "payment.internal:8443" */
	struct rung *rungs;
	size_t len, cap;
	const char *ended;        /* "It ended while the server read our Certificate."; NULL: it was accepted */
	const char *not_the_cause, *not_reached; /* whole sentences behind leads of LADDER_LEAD columns, or NULL; of the baseline only */
};
enum { LADDER_LEAD = 15 };        /* "Not the cause: " */

/* Into the arena. left, right: columns for the texts of each side; a message whose note has no room beside it takes two rows. */
void ladder_of(const struct diagnosis *d, const struct handshake *h, size_t left, size_t right, struct arena *a,
    struct ladder *out);
/* "connected to 127.0.0.1:8443", "not needed: [::1]:8443". Into the arena. */
const char *attempt_words(const struct attempt *at, struct arena *a);
/* "the same again, with GET": what an experiment changed, for people. */
const char *experiment_words(const char *name);
/* The same of one handshake, where several are of that experiment: "at 10.0.0.7:8443". */
const char *look_words(const struct handshake *h, struct arena *a);
/* "refused by closing", "accepted" … */
const char *outcome_words(enum outcome o);
/* "TLSv1.3, refused, alert 48 unknown_ca": how it went, in a line. Into the arena. */
const char *handshake_words(const struct handshake *h, struct arena *a);

#endif
