/*
 * One loop, on a thread of its own or on its caller's: takes jobs from a queue it shares with others, has many examinations under
 * way, hands each over when it is done.
 */
#ifndef PROBES_WORKER_H
#define PROBES_WORKER_H

#include "probes/examination.h"

struct worker;

/* What workers ask of whoever runs them; both are called on the thread that the loop runs on. */
struct worker_boss {
	void *self;
	struct job *(*take)(void *self, unsigned active); /* the next job; NULL: none, or `active` is this worker's fair share */
	void (*hand_over)(void *self, struct examination *x);
	void (*proved)(void *self);  /* something that others may wait for: worker_wake() all of them */
	/* Shared by all workers. */
	struct proofs *proofs;
	const struct world *world;
	struct fetcher *fetcher;
	const char *seen_from;
	enum kept kept;
};

/* room: examinations under way at once. ERROR_LOCAL: no descriptors. It does nothing before one of the next two. */
status worker_new(const struct worker_boss *boss, unsigned room, struct worker **out, struct error *err) MUST_USE;
/* Gives it a thread, for good. ERROR_LOCAL: there is none to be had. */
status worker_launch(struct worker *w, struct error *err) MUST_USE;
bool worker_launched(const struct worker *w);
/*
 * Without a thread: one turn on the caller's, until something happens, `fd` is readable (-1: none) or
 * timeout_ms are over (-1: for ever). False: fd or the time ended it.
 */
bool worker_turn(struct worker *w, int fd, int timeout_ms);
void worker_wake(struct worker *w);   /* there are jobs */
void worker_cancel(struct worker *w); /* what is under way ends now */
void worker_stop(struct worker *w);   /* cancels, and ends the thread; do not wait yet */
void worker_free(struct worker *w);   /* stops and waits */

#endif
