/* Breaking text into lines between words: documents, dialogs and panels do it alike. */
#ifndef TUI_WRAP_H
#define TUI_WRAP_H

#include <stddef.h>

#include "tui/paint.h"

/*
 * How many bytes of the text go on a line of which `room` columns are left and that has `full` columns
 * where it is new. A word is broken only where a whole line does not hold it; '\n' ends the line. *rest:
 * where the next line begins. 0 with *rest 0: nothing fits here, a new line is due. room >= full is a
 * new line, which takes one character at least.
 */
size_t wrap_line(const char *text, int room, int full, size_t *rest);
/* Lines that the text takes at a width; 0 for none at all. */
size_t wrap_lines(const char *text, int width);
/* Paints it, a line a row, in at most so many rows and columns; “…” ends the last one where there is more. Returns the rows. */
int wrap_paint(const struct canvas *c, int row, int column, int rows, int width, unsigned look, const char *text);
/* Bytes of the first character of UTF-8, with the marks that stand on it: what a cursor steps over. 0 at the end. */
size_t wrap_character(const char *text);

#endif
