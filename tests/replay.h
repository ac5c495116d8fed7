/*
 * The measured matrix through diagnose(): each refused row is a baseline, with real certificates that
 * have the row's fault as our identity. Experiments are asked as the examiner asks them, one after the
 * other while an answer could change the verdict, and answered by the rows of the same server, version
 * and order.
 */
#ifndef TESTS_REPLAY_H
#define TESTS_REPLAY_H

#include "tests/matrix.h"

struct replay_score {
	unsigned rows;       /* refusals */
	unsigned unread;     /* rows whose certificate does not parse: our own reading refuses it, and no handshake is made */
	unsigned root;       /* the true cause is the root cause */
	unsigned candidate;  /* or among its candidates, or another finding */
	unsigned other;      /* the other of two faults that this row has */
	unsigned missed;
	unsigned sure_wrong; /* “certain” or “high”, and not the true cause */
	unsigned handshakes; /* asked for, the baseline counted */
	unsigned accepted, false_alarms; /* rows that are no refusals; of them, called an error */
};

struct replay {
	struct replay_score scores[MATRIX_PRODUCTS];
	bool no_list; /* the servers name no CA in their requests */
	void (*miss)(const struct matrix_row *row, const struct diagnosis *d, void *user); /* or NULL */
	void *user;
};

void replay_make(void); /* the certificates, once */
void replay_done(void);
void replay_run(struct replay *r);
void replay_print(const struct replay *r, bool fit);
struct replay_score replay_sum(const struct replay *r, bool fit);

#endif
