/*
 * A guided tour through real screens: steps from a data file (tui/walkthroughs/), a panel that says what
 * to look at, and a condition on the screen that ends each step. The user does it, or `n` does it for them.
 */
#ifndef TUI_WALKTHROUGH_H
#define TUI_WALKTHROUGH_H

#include "model/error.h"
#include "tui/view.h"

struct step {
	const char *say;     /* what the panel shows: two to four short lines, wrapped at its width */
	const char *press;   /* keys that do it, by name: "g", "Enter", "Down Down Enter"; "" where there is nothing to press */
	const char *view;    /* ends when a view of this name is on top; or NULL */
	const char *text;    /* and this text stands on its screen; or NULL */
};
struct walkthrough {
	const char *name, *title;
	const char *endpoint;  /* of the lab: that it is about; or NULL */
	struct step *steps;
	size_t len;
};

/* The built-in ones. NULL where there is none of that name. */
const struct walkthrough *walkthrough_named(const char *name);
const char *const *walkthrough_names(void); /* NULL-terminated */

/* Where one stands in it. The console owns one and asks it. */
struct walk {
	const struct walkthrough *of;
	size_t step;
	bool by_itself;
};
/* Rows that its panel takes at this width; 0: none is under way. */
int walk_rows(const struct walk *w, int columns);
void walk_draw(const struct walk *w, const struct canvas *c);
/* After each frame: does what is on screen end the step? `screen` holds the frame's text, rows by \n. True: it went on (a frame is due). */
bool walk_look(struct walk *w, const struct view *top, const char *screen);

#endif
