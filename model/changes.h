/*
 * The record of what was changed outside our own state: every plan that was applied, each of its steps before it is done
 * and after. One SQLite database (WAL), $XDG_STATE_HOME/mtlscope/changes.db, 0600, and beside it changes.jsonl, where each
 * event is a line. It is not part of the inventory's file: that one can be made anew from AWS, this one cannot. A plan is
 * kept as the JSON document that fixes/plan_store.h writes and reads; here it is text. No private key is ever in it.
 */
#ifndef MODEL_CHANGES_H
#define MODEL_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/memory.h"
#include "model/world.h"

struct changes;

/* One plan, for a list. Strings are raw; NULL where there is none. Times: seconds since the epoch, TIME_UNKNOWN. */
struct change {
	int64_t id;          /* what `undo` and `resume` take; 0: not recorded yet */
	int64_t began, ended;
	const char *kind;    /* "fix", "renew", "pca create" */
	const char *title, *target, *code;
	const char *who, *host;
	const char *state;   /* "applying", "done", "stopped", "undoing", "undone" */
	int64_t steps, done; /* how many there are, how many are done now */
	const char *document; /* the plan itself: changes_find() only */
};

/*
 * folder NULL: the state folder's own, made 0700 where it is missing. ERROR_LOCAL: no place, no disk, a damaged file, a newer version's; what is there stays as it is.
 */
status changes_open(const char *folder, const struct world *w, struct changes **out, struct error *err) MUST_USE;
void changes_close(struct changes *c); /* NULL is legal */
/* There is one to be opened; nothing is made. */
bool changes_exist(const char *folder, const struct world *w);
/* The folder of a plan's private things (a key that waits for its certificate): made, 0700. Into the arena. */
status changes_folder(struct changes *c, int64_t id, struct arena *a, const char **out, struct error *err) MUST_USE;

/*
 * Inserts (id 0: it gets one) or replaces, and is on disk when it returns. event: what happened just now, one line for people and
 * for changes.jsonl: "step 2 of 5 begins: …".
 */
status changes_put(struct changes *c, struct change *of, const char *event, struct error *err) MUST_USE;
/* The newest first; unfinished: only those that are neither done nor undone. most 0: all. */
status changes_list(struct changes *c, bool unfinished, size_t most, struct arena *a, struct change **out, size_t *len, struct error *err) MUST_USE;
/* STATUS_OK and *out NULL: there is none of that number. id 0: the newest that is unfinished. */
status changes_find(struct changes *c, int64_t id, struct arena *a, struct change **out, struct error *err) MUST_USE;
struct change_event {
	int64_t at;
	const char *who, *host, *what;
};
status changes_events(struct changes *c, int64_t id, struct arena *a, struct change_event **out, size_t *len, struct error *err) MUST_USE;

/*
 * Only one program works on a plan: held until changes_unlock() or the program's end. ERROR_NOT_DONE: another one has it.
 */
status changes_lock(struct changes *c, int64_t id, struct error *err) MUST_USE;
void changes_unlock(struct changes *c);
/* Does nobody work on it just now? Whoever asks is in nobody's way: others who ask see it as free, and who wants to work on it waits a moment. */
bool changes_is_free(struct changes *c, int64_t id);

#endif
