/* A table: columns as data, rows asked for when they are drawn. */
#ifndef TUI_TABLE_H
#define TUI_TABLE_H

#include "tui/body.h"

struct column {
	const char *title;
	const char *name;   /* for :sort; NULL: it cannot be sorted by */
	int width;          /* in columns of the terminal */
	int from;           /* shown where the table is at least this wide; 0: always */
	int grows;          /* its share of the columns that are left; 0: none. Its `width` is then the least */
	bool right;
};

/* Where rows come from. `row` counts the rows that are shown, after filter and sort. */
struct table_source {
	const struct column *columns; /* ends with a title of NULL */
	size_t (*count)(void *self);
	size_t (*all)(void *self);                 /* without the filter */
	uint64_t (*id)(void *self, size_t row);    /* never 0 */
	size_t (*find)(void *self, uint64_t id);   /* its row; SIZE_MAX: not shown */
	/* One cell's text into `out` (empty on entry), printable. Returns its look. */
	unsigned (*cell)(void *self, size_t row, size_t column, struct buf *out);
	bool (*marked)(void *self, size_t row);    /* or NULL: nothing is ever marked */
	/* Filter or order changed. column: index into columns, or SIZE_MAX for the source's own order. */
	void (*arrange)(void *self, const char *filter, size_t column, bool reverse);
	void *self;
};

struct table {
	struct body body;
	struct table_source source;
	struct position at;
	size_t sort_column;  /* SIZE_MAX: the source's own order */
	bool reverse;
	const char *empty;   /* what stands there without rows, with the next step in it; lines by \n */
};

void table_start(struct table *t, const struct table_source *source, const char *empty);
void table_done(struct table *t);
/* The rows changed: selection follows its id. */
void table_changed(struct table *t);
void table_sort(struct table *t, size_t column, bool reverse);
/* The column of that name, or SIZE_MAX. */
size_t table_column(const struct table *t, const char *name);
uint64_t table_selected(const struct table *t); /* 0: no row */
void table_select(struct table *t, uint64_t id);

#endif
