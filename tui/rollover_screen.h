/* The screen of a roll-over: its state, for the keys (rollover.c) and for what is painted (rollover_draw.c). Nobody else includes this. */
#ifndef TUI_ROLLOVER_SCREEN_H
#define TUI_ROLLOVER_SCREEN_H

#include "model/error.h"
#include "tui/document.h"
#include "tui/rollover.h"

struct rollover_work;

struct rollover_screen {
	struct view v;      /* first */
	struct table table;
	struct document ways;
	struct rollover_rows rows;
	struct rollover_picture *picture; /* NULL: nothing is known yet */
	struct rollover_work *work; /* NULL: nothing is under way */
	char *ca;           /* NULL: the only one that is known */
	unsigned long plans; /* of the console's, when it was looked at */
	bool again;         /* the last one is over, and the ways to begin another are wanted */
	int columns;        /* that the ways were composed for */
	char problem[sizeof ((struct error *)NULL)->text];
	char why[400];      /* the last refusal */
};

void rollover_draw(struct view *v, const struct canvas *c);
/* Is one shown that has begun? Else the ways to begin one are. */
bool rollover_has_begun(const struct rollover_screen *s);
/* NULL: no row is selected. */
const struct rollover_service *rollover_selected(const struct rollover_screen *s);

#endif
