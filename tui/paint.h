/*
 * Painting. A canvas is a rectangle of the screen; paint() is the one function through which text
 * reaches it: printable text only (text_safe), cut at its width, in ASCII where the terminal is. What
 * is not printable after all is made so here: nothing that moves the cursor, reorders or hides text
 * gets into a cell.
 */
#ifndef TUI_PAINT_H
#define TUI_PAINT_H

#include <stdbool.h>

#include "model/buf.h"
#include "tui/look.h"

struct canvas {
	int top, left, rows, columns; /* on the screen */
};

/* A part of a canvas; clipped to it. rows or columns -1: all that is left. */
struct canvas canvas_part(const struct canvas *c, int row, int column, int rows, int columns);
/* The whole terminal. */
struct canvas canvas_screen(void);

/*
 * Text at (row, column) of the canvas, in at most `width` columns (-1: to the canvas' edge); what is
 * longer ends in “…”. Returns the columns that it took. Outside of the canvas nothing is painted.
 */
int paint(const struct canvas *c, int row, int column, int width, unsigned look, const char *text);
/* The same, padded with blanks to exactly `width`; `right`: the blanks stand before it. Returns width. */
int paint_padded(const struct canvas *c, int row, int column, int width, unsigned look, bool right, const char *text);
/* `width` times the one-column text. "─" becomes "-", "│" "|" where the terminal is ASCII. */
void paint_line(const struct canvas *c, int row, int column, int width, unsigned look, const char *glyph);
void paint_clear(const struct canvas *c, unsigned look);
/* A frame around all of it, with a title in its upper edge. What is inside is cleared. */
void paint_box(const struct canvas *c, unsigned look, const char *title);
/* Where the cursor is to be shown; hidden where nothing asks for it in a frame. */
void paint_cursor(const struct canvas *c, int row, int column);

/* All of the text that was painted, rows ended by \n, blanks at their ends cut. */
void paint_read(struct buf *out);

/* Columns that the text takes on this terminal (an ASCII one spells “…” as three dots). */
int text_width(const char *text);

#endif
