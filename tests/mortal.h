/*
 * A world whose clock kills the program when it has been asked so often, which is before and after each thing that is recorded and before each
 * call of AWS: so a plan is killed at every one of its moments, and gone on with by another run, on and back.
 */
#ifndef TESTS_MORTAL_H
#define TESTS_MORTAL_H

#include "fixes/plan.h"
#include "model/changes.h"
#include "model/world.h"

struct mortal {
	struct world world;
	const char *home; /* $HOME: where the record lies */
	int left;         /* questions until the kill; -1: for ever */
};
/*
 * make_folder() in memory where there is such a place: a kill of the program loses nothing that was written, so nothing has to reach a disk, and
 * a hundred kills take a second instead of ten.
 */
char *mortal_folder(void);
/* The real time, so that a service takes the signatures. */
void mortal_init(struct mortal *m, const char *home, int left);
struct changes *mortal_record(const struct mortal *m); /* fails the test where it does not open */

/* What is killed everywhere. user: the test's own. */
struct mortal_case {
	const char *home;
	void (*begin)(void *user);          /* everything as it was, before each run */
	/* Its client, if it needs one, has the world w. Both are freed here. */
	struct plan *(*make)(void *user, struct changes *c, const struct world *w);
	void (*open)(void *user, struct plan *p, const struct world *w); /* a recorded plan gets its client; or NULL */
	void (*is_whole)(void *user, int at);  /* right after the kill; or NULL */
	void (*is_old)(void *user);
	void (*is_new)(void *user);
	void *user;
};
/* How many moments there were. */
int mortal_everywhere(const struct mortal_case *k);

#endif
