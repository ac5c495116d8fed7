/*
 * The fleet by name and by cause: what both share, and what others need of them. The views themselves
 * are in tui/view.h.
 */
#ifndef TUI_FLEET_H
#define TUI_FLEET_H

#include "model/fleet.h"
#include "tui/view.h"

/*
 * The entry `step` rows below (above, where negative) of `e` in the list that it was opened from: in that list's
 * order and filter. The list's cursor goes along, so that one comes back to where one was last. `list` is the
 * view below. NULL: there is none, or that view lists no endpoints (a cause with a single one).
 */
struct entry *fleet_view_neighbour(struct view *list, const struct entry *e, int step);

/* Is the entry a row of this view, which is the fleet by name, just now? Not where the filter or the cause leaves it out. */
bool fleet_view_lists(struct view *list, const struct entry *e);

/* The cursor of this view, which is the fleet by name, goes to the entry as soon as that is listed. */
void fleet_view_select(struct view *list, const struct entry *e);

/*
 * Takes a target as typed into the fleet, unless it is there, and checks it: with the identity and trust that the
 * console was started with; else those of the first entry; in an empty fleet with the first configured identity
 * (none without one) and the system's trust. Says what it did, or what is wrong with the text. The fleet by name
 * goes to it, and the start page gives way to it: at once, or when files were read beside the screen.
 */
void fleet_check_target(struct console *k, const char *text);
/* Asks for one, for `a`. */
void fleet_ask_target(struct console *k);

unsigned fleet_state_look(enum fleet_state s);
/* "✗ FAIL", "  WAIT" */
void fleet_state_text(enum fleet_state s, struct buf *out);
/* "02:14:05" on the day of `now_ms`, else "2026-08-15 02:14". Into out (32 bytes); returns out. */
const char *fleet_moment(int64_t ms, int64_t now_ms, char *out);
/* The same without seconds, for what need not be so exact. */
const char *fleet_minute(int64_t ms, int64_t now_ms, char *out);
/* Is it the day of `now_ms`? */
bool fleet_today(int64_t ms, int64_t now_ms);
/*
 * "40 endpoints    30 FAIL   1 DOWN …     checked 02:14:05": only states that exist; `of`: "30 of 40" where
 * fewer are listed than there are; `note`: what is left out, or NULL. Takes one row, two where it is narrow; returns how many.
 */
int fleet_draw_counts(const struct canvas *c, const struct fleet_counts *counts, size_t of, const char *note, int64_t now_ms);
/* The same as one line of a file. */
void fleet_write_counts(const struct fleet_counts *counts, size_t of, const char *note, int64_t now_ms, struct buf *out);

#endif
