/*
 * Themes: what each role looks like, as data. No curses here: terminal.c makes the colour pairs of what
 * this says, paint.c puts them on text. Colours are palette numbers, -1 is the terminal's own.
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>

#include "tui/look.h"

enum { STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_UNDERLINE = 4, STYLE_REVERSE = 8 };

struct style {
	short foreground, background; /* with 256, 16 or 8 colours; both -1: the terminal's own */
	unsigned attributes;          /* STYLE_… */
};

/* From now on theme `name` on a terminal of `colours` (0: none, whatever the theme says). */
void theme_use(const char *name, int colours);
const char *theme_used(void);
/* Of one role, in the theme that is used. */
struct style theme_style(enum role role);

#endif
