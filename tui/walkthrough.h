/*
 * A guided tour through real screens: steps from a data file (tui/walkthroughs/), a panel that says what
 * to look at, and a condition on the screen that ends each step. The user does it, or `n` does it for them.
 */
#ifndef TUI_WALKTHROUGH_H
#define TUI_WALKTHROUGH_H

#include <stdint.h>

#include "model/error.h"
#include "tui/view.h"

struct step {
	const char *say;     /* what the panel shows: it is wrapped, three lines at 80 columns */
	const char *hint;    /* what the keys do: "see them by cause" */
	const char *press;   /* keys that do it, by name; what is no key is typed: "g", "/lacks Enter"; "": nothing to press */
	/* It ends when all of these hold that are given; with none of them, by `n` alone. */
	const char *view;    /* a view of this name is on top */
	const char *text;    /* this text stands on its screen */
	const char *gone;    /* this text does not stand on it */
};
struct walkthrough {
	const char *name, *title;
	const char *start;     /* the view that the first step stands on */
	const char *endpoint;  /* of the lab: that it is about; or NULL */
	struct step *steps;
	size_t len;
};

/* The built-in ones. NULL where there is none of that name. */
const struct walkthrough *walkthrough_named(const char *name);
const char *const *walkthrough_names(void); /* NULL-terminated; the first is the one to begin with */
/* Reads one from YAML. ERROR_INTERNAL with its name and what is wrong: unknown fields, keys that are none, a step that says nothing. */
status walkthrough_parse(const char *name, const unsigned char *yaml, size_t len, struct walkthrough **out, struct error *err) MUST_USE;
void walkthrough_free(struct walkthrough *w); /* of walkthrough_parse(); NULL is legal */

enum {
	WALK_PACE_MS = 4000,       /* how long a step is shown where it plays by itself */
	WALK_PATIENCE_MS = 30000,  /* after its keys: a step whose condition does not come by then has failed */
	WALK_KEYS_MOST = 32        /* of one step */
};

/* Where one stands in it. The console owns one and asks it. Times are ticks, in microseconds. */
struct walk {
	const struct walkthrough *of; /* NULL: none is under way */
	size_t step;
	bool by_itself;
	unsigned pace_ms;
	uint64_t since_us;  /* the step was shown, or its keys were pressed */
	bool pressed;       /* its keys were, by `n` or by itself */
};
void walk_start(struct walk *w, const struct walkthrough *of, bool by_itself, unsigned pace_ms, uint64_t now_us);

/* The view that the step is to be done on: where `n` first goes to. */
const char *walk_place(const struct walk *w);
/*
 * Its keys are about to be pressed: into out; how many. A step without a condition is over with this. So
 * is one whose keys were pressed before: what they brought may not fit on a small screen, and `n` is to lead on.
 */
size_t walk_press(struct walk *w, int out[WALK_KEYS_MOST], uint64_t now_us);
/* By itself: milliseconds until it presses; until it gives up where it has; -1: nothing to wait for. */
int walk_due_ms(const struct walk *w, uint64_t now_us);
bool walk_failed(const struct walk *w, uint64_t now_us); /* gave up */

/* Rows that its panel takes on a screen of this size; 0: none is under way. The same for all steps. */
int walk_rows(const struct walk *w, int rows, int columns);
void walk_draw(const struct walk *w, const struct canvas *c);
/*
 * After each frame: does what is on screen end the step? `screen` holds the frame's text without the
 * panel's, rows by \n. True: it went on (a frame is due). After the last step w->of is NULL.
 */
bool walk_look(struct walk *w, const struct view *top, const char *screen, uint64_t now_us);

#endif
