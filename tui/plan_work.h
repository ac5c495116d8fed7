/* What the worker of a plan has (tui/plan_job.h): the plan itself, its record, the clients. Inside of tui/plan_*.c. */
#ifndef TUI_PLAN_WORK_H
#define TUI_PLAN_WORK_H

#include <pthread.h>

#include "tui/fresh_files.h"
#include "tui/plan_job.h"

struct waker;

/* The worker's while it works, the console's between two pieces of work; what stands behind the lock is both's. */
struct plan_work {
	pthread_mutex_t lock;
	struct plan_picture *newest; /* that the console has not taken yet; NULL */
	unsigned tries, of;

	struct waker *waker;
	struct accounts accounts;
	const struct world *world;   /* lives as long as the process */
	char *folder;                /* of the record; NULL: the state folder's own */
	atomic_bool cancel;          /* of making it */
	atomic_bool halt;            /* of applying it: between two steps */
	int64_t id;                  /* of the record; 0: not recorded yet */

	/* What it is made for. */
	struct plan_maker maker;
	struct target target;
	char *name, *typed;
	struct identity *identity;
	struct trust *trust;
	struct examine_options examine;
	enum code code;
	char *config_path;
	struct arena *arena;
	const char *words;           /* instead of a plan; NULL */

	struct plan *plan;           /* NULL: none */
	struct aws_client *client;   /* of a recorded plan */
	enum plan_state shown_state; /* as whoever said yes to it saw it */
	size_t shown_done;
	bool begun;                  /* a step was, at least */
	struct fresh_files files;
	struct error err;
};

struct plan_work *plan_work_new(struct console *k);
void plan_work_free(struct plan_work *w); /* NULL is legal */
void plan_work_ask(struct plan_work *w, struct console *k, const struct entry *e, enum code code);
void plan_work_ask_maker(struct plan_work *w, struct console *k, const struct plan_maker *maker);
void plan_work_begin(struct plan_work *w, const struct plan_picture *shown, const struct entry *e); /* before plan_work_apply() */
void plan_work_cancel(struct plan_work *w); /* of making only */
/* A newer picture than the last one, the caller's; NULL: there is none. */
struct plan_picture *plan_work_picture(struct plan_work *w, unsigned *tries, unsigned *of);

/* On the worker. What is wrong stands in w->err. */
void plan_work_make(struct plan_work *w);
void plan_work_read(struct plan_work *w);
void plan_work_apply(struct plan_work *w, bool back);

#endif
