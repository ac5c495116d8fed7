/*
 * The body of a screen: table, tree or document. The frame moves, filters, sorts and writes any of
 * them through these functions; views add what is theirs. Rows are virtual: what is not on screen costs nothing.
 */
#ifndef TUI_BODY_H
#define TUI_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"
#include "tui/paint.h"

enum move { MOVE_UP, MOVE_DOWN, MOVE_PAGE_UP, MOVE_PAGE_DOWN, MOVE_FIRST, MOVE_LAST };

struct body;
struct body_ops {
	void (*draw)(struct body *b, const struct canvas *c);
	void (*move)(struct body *b, enum move m);
	/* "" or NULL: all. "!text": rows without it. Letters compare without case. Selection stays where it can. */
	void (*filter)(struct body *b, const char *text);
	void (*count)(const struct body *b, size_t *shown, size_t *all);
	bool (*has_row)(const struct body *b);  /* is a row selected? */
	/* Every row that the filter lets through, as plain text: not only those on screen, and uncut. */
	void (*write)(struct body *b, struct buf *out);
};
struct body {
	const struct body_ops *ops;
	char *filter_text; /* NULL: none */
};
/* Keeps the filter's text, for the bodies' own filter(); "" or NULL: none. */
void body_filter(struct body *b, const char *text);

/*
 * Which of `count` rows is selected and which is on top, for a body of `height` rows. What is selected
 * is an id; its row is found anew when rows came, went or moved: it never slips to another thing.
 */
struct position {
	size_t count, top, selected;
	uint64_t id;   /* of the selected row; 0: none yet */
	size_t height; /* as drawn last */
};
void position_move(struct position *p, enum move m);
/* Rows changed: `row` is where the id stands now (SIZE_MAX: gone; then the row at its old place is taken). */
void position_follow(struct position *p, size_t count, size_t row);
/* Brings the selected row into a height; called by draw. */
void position_fit(struct position *p, size_t height);

/*
 * For the bodies' own drawing. What stands there without rows: that nothing of `all` matches the filter, or
 * `empty` (lines by \n; NULL: nothing).
 */
void body_draw_empty(const struct body *b, const struct canvas *c, int row, size_t all, const char *empty);
/* Marks what the filter found in a text that was painted at this place, in at most `width` columns. */
void body_draw_match(const struct body *b, const struct canvas *c, int row, int column, int width, const char *text);

/* "10,000": a count as people read it. Into out (32 bytes are enough); returns out. */
const char *count_text(size_t n, char *out, size_t size);

#endif
