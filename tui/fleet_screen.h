/* The fleet by name: its rows (fleet_rows.c) and the view over them (fleet.c). Nobody else includes this. */
#ifndef TUI_FLEET_SCREEN_H
#define TUI_FLEET_SCREEN_H

#include "model/quote.h"
#include "tui/arrange.h"
#include "tui/fleet.h"
#include "tui/table.h"

enum { FLEET_COLUMNS = 7 };

struct fleet_screen {
	struct view view; /* first */
	struct table table;
	struct column columns[FLEET_COLUMNS + 1];
	struct arrangement rows;
	struct fleet *fleet;
	uint64_t cause;        /* only those that have or had this one; 0: all */
	char *label;           /* of the cause */
	bool *member;          /* of a cause: was in it since the list was opened */
	size_t members_cap;
	const uint32_t *rank;  /* of each entry by its name: the fleet's */
	size_t ranked;         /* how many entries have one */
	int64_t *key;          /* of each: what it is ordered by first, for the order that is being made */
	const struct identity *named; /* whose name was asked for last: entries share few identities */
	char identity[QUOTE_MAX];     /* that name */
	bool failing_only;
	bool chosen;           /* the cursor was moved: it follows its endpoint from then on, till then it stays on top */
	size_t all;            /* without the text filter */
	struct fleet_counts counts; /* of those */
	unsigned long version; /* of the fleet, as arranged */
	uint64_t want;         /* 0, or what is to be selected as soon as it is there */
};

/* Begins an empty table over the fleet's entries. */
void fleet_rows_start(struct fleet_screen *s);
void fleet_rows_done(struct fleet_screen *s);
/* The fleet changed, or what is left out did: members, counts and order anew. The selection is the caller's. */
void fleet_rows_changed(struct fleet_screen *s);
/* For this width of the screen. */
void fleet_rows_widths(struct fleet_screen *s, int columns);
struct entry *fleet_rows_entry(const struct fleet_screen *s, size_t row);
/* Is it in the list, whatever is left out of it just now? */
bool fleet_rows_member(const struct fleet_screen *s, size_t thing);

#endif
