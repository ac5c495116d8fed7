/*
 * The roll-over of a root on screen: the ways to begin one; and of one that has begun how far it is, what blocks the next step, and who of
 * the fleet trusts the new root already. Its steps are plans, shown and applied on the plan's screen.
 */
#ifndef TUI_ROLLOVER_H
#define TUI_ROLLOVER_H

#include "fixes/rollover.h"
#include "tui/arrange.h"
#include "tui/plan_screen.h"
#include "tui/table.h"
#include "tui/view.h"

struct rollover_picture;

/* ca: the root's name, id or ARN; NULL: the only one whose roll-over is known here. */
void rollover_open_screen(struct console *k, const char *ca);

struct rollover_step_wish {
	const char *ca;
	const char *confirm;     /* names that were typed; NULL */
	enum rollover_way way;   /* to begin with; ROLLOVER_WAYS: the next step of the one that has begun */
	bool take_over;          /* what another machine began is gone on with here */
};
/* The plan's screen, for it. */
void rollover_open_plan(struct console *k, const struct rollover_step_wish *wish);

/* ---- tui/rollover_rows.c: the services as a table, what blocks first ---- */

struct rollover_rows {
	const struct rollover_picture *picture; /* NULL: nothing is known yet */
	struct arrangement shown;
	struct console *console;
};
void rollover_rows_source(struct rollover_rows *r, struct table_source *out);
/* Another picture: the order is made anew. */
void rollover_rows_take(struct rollover_rows *r, const struct rollover_picture *p, const char *filter);
void rollover_rows_done(struct rollover_rows *r);
const struct rollover_service *rollover_rows_at(const struct rollover_rows *r, size_t row); /* NULL: there is no such row */

/* ---- tui/rollover_words.c: the lines above the table and below it ---- */

struct rollover_head {
	unsigned look;
	const char *glyph, *word, *says; /* "✗", "LOCKED", the sentence */
	const char *press;       /* what to do: "a shows its plan"; "" */
	const char *briefly;     /* the same for a small screen; NULL: no other */
};
void rollover_head_of(const struct rollover_picture *p, const struct console *k, struct arena *a, struct rollover_head *out);
/* "✓ new root  ✓ sign  > TRUST  move  remove  retire", painted in as many rows as it takes; returns how many. */
int rollover_draw_phases(const struct rollover_picture *p, const struct canvas *c, int row);
/* The ways to begin one, as a document; a line's id is its way plus one. */
void rollover_compose_ways(struct document *d, const struct rollover_picture *p, int columns);
/* How a cell looks, and its text: "✓ YES". */
unsigned rollover_cell(const struct rollover_picture *p, enum rollover_column c, enum rollover_answer a, struct buf *out);
/* Is it in the way of what comes next? */
unsigned rollover_blocks(const struct rollover_picture *p, const struct rollover_service *s);
/* What stands, for who gives it up. */
void rollover_what_stands(const struct rollover *r, struct buf *out);

#endif
