/*
 * The rows of a query over the inventory: a window of them in memory, the rest in the database. Reading is a worker's;
 * until it is back the rows that were there stay. A new question ends the one before: it is not waited for.
 */
#ifndef TUI_ISSUED_ROWS_H
#define TUI_ISSUED_ROWS_H

#include "model/inventory.h"
#include "tui/console.h"

struct issued_reading; /* of the worker */

struct issued_rows {
	struct console *console;
	char *path;                  /* of the inventory; NULL: the state folder's own */
	/* What is asked. */
	struct inventory_query query; /* `ca` and `filter` are owned by this; `renewed` is borrowed */
	char *ca, *filter;
	bool again;                  /* the newest question is the one before, asked anew */
	uint64_t version;            /* of the question: goes up with each new one */
	/* What is here: rows `first` to `first + len` of the answer. */
	struct arena *arena;
	struct inventory_cert *rows;
	size_t first, len;
	uint64_t answered;           /* the version that they belong to */
	size_t count, all;           /* rows of the question; of the one without a filter */
	bool counted, counted_all;
	size_t wanted;               /* a row that somebody looked at and that is not here; SIZE_MAX: none */
	struct issued_reading *reading; /* NULL: nothing is under way */
	struct inventory *kept;      /* open, between two readings; NULL: not opened, or a reading has it */
	struct inventory *in_use;    /* the one that the reading was begun with */
	char problem[256];           /* "": none */
	void (*answer)(struct issued_rows *r, bool new_question); /* rows came */
	void *user;
};

/* path and ca are copied. */
void issued_rows_start(struct issued_rows *r, struct console *k, const char *path, const char *ca);
void issued_rows_done(struct issued_rows *r);
/* Asks anew: what is set in `query` holds. filter "" or NULL: all. */
void issued_rows_ask(struct issued_rows *r, const char *filter);
/* The same question: the inventory has changed. The selection stays. */
void issued_rows_again(struct issued_rows *r);
/* The row, or NULL: it is not here yet, and is being read from now on. */
const struct inventory_cert *issued_rows_at(struct issued_rows *r, size_t row);
/* Is the newest question still being answered? */
bool issued_rows_pending(const struct issued_rows *r);

#endif
