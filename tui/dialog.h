/*
 * What stands over a screen: a menu to choose from, and a question whose default is Cancel. Both are
 * drawn by the frame and answered through a function.
 */
#ifndef TUI_DIALOG_H
#define TUI_DIALOG_H

#include "tui/paint.h"

#include <stddef.h>

struct console;

struct choice {
	int key;             /* its letter; 0: none */
	const char *label;   /* printable; copied */
	const char *note;    /* dim, behind it; or NULL; copied */
	const char *disabled; /* why it cannot be chosen: shown, never hidden; or NULL; copied */
	int value;
};

struct dialog;
/* `selected`: the index that is selected at first. chosen() gets the value, or is not called on Esc and q. */
struct dialog *dialog_menu(const char *title, const struct choice *choices, size_t len, size_t selected,
    void (*chosen)(struct console *k, int value, void *user), void *user);
/*
 * Lines of text (\n between them) and two buttons; Cancel is selected at first. `yes` is the other: "Apply".
 * It takes two different keys to say yes: one to go to that button, Enter to press it; no letter does.
 * answered() is always called: with 0 on Cancel, Esc and q.
 */
struct dialog *dialog_question(const char *title, const char *text, const char *yes,
    void (*answered)(struct console *k, int yes, void *user), void *user);
void dialog_free(struct dialog *d);

/* True where the key ended it: the caller frees it, then calls back with dialog_answer(). */
bool dialog_key(struct dialog *d, int key);
/* After it ended: calls what was asked for, where something was chosen. */
void dialog_answer(const struct dialog *d, struct console *k);
void dialog_draw(struct dialog *d, const struct canvas *screen);

#endif
