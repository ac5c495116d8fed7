/*
 * A plan as it was at one moment: a copy that the screen's thread may read while a worker goes on with the plan itself.
 * Made by whoever holds the plan, handed over, never changed after that.
 */
#ifndef TUI_PLAN_PICTURE_H
#define TUI_PLAN_PICTURE_H

#include "fixes/plan.h"
#include "model/changes.h"

/* As struct plan_step; texts are printable, NULL where there is none. */
struct picture_step {
	const char *what, *reads, *changes, *call, *command, *cost, *undo;
	const char *error;           /* NULL: it did not fail */
	const char *gave_name, *gave;
	enum step_state state;
	bool unsettled;
	bool goes_back;              /* the way back undoes it */
};

struct plan_picture {
	struct arena *arena;         /* of all of it, this too */
	const char *title, *where, *target, *code;
	const char *cost, *go_on, *go_on_command;
	int64_t id;                  /* in the record; 0: not recorded */
	const char **reach, **notes, **after;
	size_t reach_len, notes_len, after_len;
	struct picture_step *steps;
	size_t len, at;              /* at: the step that runs, or that stopped it */
	enum plan_state state;
	enum plan_reach reached;
	bool can_go_back;
	bool can_end;                /* nothing of it can be undone, but it can be given up */
	const char *waiting_key;     /* printable: the file of a key that goes with the plan; NULL: none */
	bool busy;                   /* out of the record: somebody works on it at this moment, here or elsewhere */
	bool goes_on;                /* something is left to be applied */
	bool makes_key;              /* and its key goes with it when it is undone */
	/* Of the record: what happened, the oldest first. Raw texts. */
	struct change_event *events;
	size_t events_len;
};

/* c NULL: without its events, which are not read either where the record cannot be. The caller's, who may set `busy` before it hands it on. */
struct plan_picture *plan_picture(const struct plan *p, struct changes *c);
void plan_picture_free(struct plan_picture *p); /* NULL is legal */
size_t plan_picture_count(const struct plan_picture *p, enum step_state state);

#endif
