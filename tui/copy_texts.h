/* What the copy menu offers, as a table: each row composes its text out of the view, or says why it cannot. */
#ifndef TUI_COPY_TEXTS_H
#define TUI_COPY_TEXTS_H

#include "model/memory.h"
#include "tui/view.h"

struct copyable {
	int key;             /* its letter in the menu */
	const char *label;   /* "summary for a chat" */
	/*
	 * Appends the text. Returns why there is none (then nothing was appended), or NULL. *note (static text or
	 * in the arena): what to know of it, or NULL.
	 */
	const char *(*compose)(struct view *v, struct arena *a, struct buf *out, const char **note);
	unsigned scopes;     /* screens whose menu has it; 0: those of endpoints and certificates */
};
extern const struct copyable copyables[];
extern const size_t copyables_len;
bool copy_is_for(const struct view *v, const struct copyable *c); /* does the menu of this screen have it? */
/* It is there, and composing it takes longer than opening a menu may: thousands of rows. */
bool copy_is_long(const struct view *v, const struct copyable *c);

#endif
