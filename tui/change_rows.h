/* The plans of the record, for the list: read on a worker, again whenever one has ended. */
#ifndef TUI_CHANGE_ROWS_H
#define TUI_CHANGE_ROWS_H

#include "model/changes.h"

struct console;
struct changes_reading;

struct change_rows {
	struct console *console;
	struct change *items;    /* the newest first; texts are raw */
	size_t len;
	bool *cut;               /* of each: it is not finished, and nobody works on it */
	struct arena *arena;     /* of both */
	struct changes_reading *reading; /* NULL: nothing is being read */
	unsigned long version;   /* of the console's record, when it was read */
	bool read;               /* once, at least */
	char problem[640];
	void (*changed)(struct change_rows *r); /* rows came; on the console's thread */
	void *user;
};

void change_rows_start(struct change_rows *r, struct console *k);
void change_rows_done(struct change_rows *r);
/* Begins to read again where a plan has moved since. */
void change_rows_follow(struct change_rows *r);
bool change_rows_cut(const struct change_rows *r, const struct change *c);
size_t change_rows_left(const struct change_rows *r); /* that wait for somebody to go on with them */

/* A state of the record as people read it. cut: nobody works on it. */
struct change_state {
	const char *name, *glyph, *word;
	unsigned look;
	bool unfinished;         /* neither done nor undone */
};
const struct change_state *change_state(const struct change *c, bool cut);
/* It is unfinished, and nobody works on it: whoever does holds its lock. On a worker. */
bool change_is_left(struct changes *c, const struct change *of);

#endif
