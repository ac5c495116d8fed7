/*
 * How a piece of text looks: a role, which the theme turns into a colour, and what may lie over it.
 * A colour never says anything alone: every state is a word, a glyph and a colour, in that order.
 */
#ifndef TUI_LOOK_H
#define TUI_LOOK_H

enum role {
	ROLE_TEXT,
	ROLE_DIM,      /* of less weight: what stays readable without it */
	ROLE_HEAD,     /* headings, column titles, labels */
	ROLE_OK,
	ROLE_NOTE,
	ROLE_WARN,
	ROLE_FAIL,     /* FAIL, DOWN, broken links */
	ROLE_WAIT,     /* WAIT, OLD, ?? */
	ROLE_KEY,      /* a key in footer, help and panels */
	ROLE_BAR,      /* title line */
	ROLE_LAB,      /* PRACTICE LAB in it */
	ROLE_CHANGES,  /* CHANGES ON in it */
	ROLE_PANEL,    /* the walkthrough's panel */
	ROLE_MATCH,    /* what a filter found */
	ROLE_COUNT
};

/* A look is a role with any of these added. */
enum {
	LOOK_SELECTED = 1 << 8, /* reverse: the row that is selected */
	LOOK_BOLD = 1 << 9
};

/* Themes are rows of a table in theme.c; "mono" has no colour. */
enum { THEME_NAME_MAX = 16 };

#endif
