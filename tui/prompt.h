/*
 * One line of input at the foot of the screen, with the keys of readline: C-a C-e C-b C-f C-w C-u C-k
 * C-d C-h, M-b M-f M-d, Up and Down (or C-p C-n) for the history, Tab to complete. Pasted text is text.
 */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include "tui/paint.h"

#include <stddef.h>

enum { PROMPT_MAX = 1024, HISTORY_MAX = 100 };

struct history {
	char *lines[HISTORY_MAX];
	size_t len;
};
void history_add(struct history *h, const char *line);
void history_done(struct history *h);

struct prompt {
	const char *label;        /* ":", "/", "file: " */
	char text[PROMPT_MAX];    /* UTF-8, with NUL */
	size_t len, cursor;       /* bytes; cursor stands at a whole character */
	struct history *history;  /* or NULL */
	size_t at;                /* in the history; history->len: the line itself */
	char kept[PROMPT_MAX];    /* the line while one looks at the history */
	/* The n-th completion of `text` up to the cursor as a whole line, or NULL. May be NULL. */
	const char *(*complete)(void *user, const char *text, size_t n);
	void *user;
	size_t completion;        /* how many times Tab was pressed */
	char completing[PROMPT_MAX];
	bool pasting;
};
enum prompted { PROMPT_GOES_ON, PROMPT_CHANGED, PROMPT_ENTERED, PROMPT_LEFT /* Esc, C-c, or Backspace when empty */ };

void prompt_start(struct prompt *p, const char *label, const char *text, struct history *h);
enum prompted prompt_key(struct prompt *p, int key);
/* One row. `note` stands at its right end: "12 of 40". */
void prompt_draw(const struct prompt *p, const struct canvas *c, int row, const char *note);

#endif
