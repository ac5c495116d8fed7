/*
 * The screen of a plan: what it does, step by step, before it is applied, while it is, and how it ended; with the verdict
 * from before and the one from after. Opened for a finding, or for a plan of the record.
 */
#ifndef TUI_PLAN_SCREEN_H
#define TUI_PLAN_SCREEN_H

#include "tui/document.h"
#include "tui/plan_job.h"
#include "tui/view.h"

/* `f`: a plan for this finding of the endpoint; CODE_NONE: for its root cause. */
void plan_open(struct console *k, struct entry *e, enum code code);
/* For a plan that is about no endpoint; the maker's user is taken over. */
void plan_open_by(struct console *k, const struct plan_maker *maker);
/* Why there can be none for it, as a sentence; NULL: there can. code as above; e may be NULL. */
const char *plan_none_for(const struct entry *e, enum code code);
/* What is asked at once, when it has been read. */
enum plan_ask { ASK_NOTHING, ASK_APPLY, ASK_BACK };
void plan_open_recorded(struct console *k, int64_t id, enum plan_ask ask);

/* ---- its parts ---- */

/* What stands above the document, and stays there: how it stands, and what to do now. */
struct plan_banner {
	int columns;                 /* of the screen */
	unsigned look;
	const char *glyph, *word;    /* "✗", "FAIL" */
	const char *says;            /* "STOPPED at step 3 of 5: …" */
	unsigned next_look;
	const char *next;            /* "before: FAIL client.expired · now: OK", "a applies it, after a question"; "" */
};
void plan_banner_of(const struct plan_job *j, int columns, struct arena *a, struct plan_banner *out);
/* tui/plan_compose.c */
void plan_compose(struct document *d, const struct plan_job *j, int columns);
/* tui/plan_words.c: what the dialogs ask, as lines. */
void plan_question(const struct plan_picture *p, bool back, struct buf *out);
/* All lines for a shell, a comment above each; nothing where no step has one. */
void plan_commands(const struct plan_picture *p, struct buf *out);
/* The plan that this view shows; NULL: it is another view, or there is none yet. */
const struct plan_picture *plan_shown_by(const struct view *v);

#endif
