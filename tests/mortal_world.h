/*
 * A world that kills the program when its clock has been asked so often: before and after each thing that is recorded. And the record
 * of changes that plans of a test use.
 */
#ifndef TESTS_MORTAL_WORLD_H
#define TESTS_MORTAL_WORLD_H

#include "fixes/plan.h"
#include "model/changes.h"
#include "model/world.h"

struct mortal_world {
	struct world world;
	int left;         /* questions until the kill; -1: for ever */
	const char *home; /* borrowed */
};
/* now: seconds since the epoch, always. */
void mortal_world_init(struct mortal_world *m, const char *home, int64_t now, int left);
/* Fails the test where it does not open. */
struct changes *mortal_record(const struct mortal_world *m);

/*
 * For each moment at which a plan can be killed: begins as begin() makes the world, makes the plan in a child with make() and applies
 * it until the kill, lets another run find it in the record (or see that it had not begun: `old` is asked) and go on, or back with
 * back true; `check` then judges. Returns how many moments there were. client: for the second run; NULL: no AWS.
 */
struct mortal_case {
	const char *home;
	int64_t now;
	void (*begin)(void *user);
	struct plan *(*make)(void *user, struct changes *c, const struct world *w);
	void (*between)(void *user);           /* right after the kill: what must hold at every moment; or NULL */
	void (*check)(void *user, bool is_new);
	struct aws_client *(*client)(void *user); /* or NULL */
	void *user;
};
int mortal_everywhere(const struct mortal_case *m, bool back);

#endif
