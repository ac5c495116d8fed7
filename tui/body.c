#include "tui/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "tui/arrange.h"
#include "tui/wrap.h"

void
body_filter(struct body *b, const char *text)
{
	char *copy = text != NULL && text[0] != '\0' ? mem_strdup(text) : NULL;

	free(b->filter_text);
	b->filter_text = copy;
}

/* The highest row that may be on top: the last page is full. */
static size_t
last_top(const struct position *p)
{
	return p->count > p->height ? p->count - p->height : 0;
}

/* A page keeps one row of the one before, so that the eye finds its place. */
static size_t
page_of(const struct position *p)
{
	return p->height > 2 ? p->height - 1 : 1;
}

static void
page_up(struct position *p)
{
	size_t by = page_of(p);

	/* Where there is nothing more to scroll, the selection goes to the edge. */
	p->selected = p->top == 0 ? 0 : p->selected > by ? p->selected - by : 0;
	p->top = p->top > by ? p->top - by : 0;
}

static void
page_down(struct position *p)
{
	size_t by = page_of(p), last = p->count - 1;

	p->selected = p->top >= last_top(p) || last - p->selected < by ? last : p->selected + by;
	p->top = last_top(p) - p->top < by ? last_top(p) : p->top + by;
}

void
position_move(struct position *p, enum move m)
{
	if (p->count == 0)
		return;
	if (p->top > last_top(p))
		p->top = last_top(p);
	switch (m) {
	case MOVE_UP:
		p->selected -= p->selected > 0;
		break;
	case MOVE_DOWN:
		p->selected += p->selected + 1 < p->count;
		break;
	case MOVE_PAGE_UP:
		page_up(p);
		break;
	case MOVE_PAGE_DOWN:
		page_down(p);
		break;
	case MOVE_FIRST:
		p->selected = 0;
		break;
	case MOVE_LAST:
		p->selected = p->count - 1;
		break;
	}
	position_fit(p, p->height);
}

void
position_follow(struct position *p, size_t count, size_t row)
{
	size_t was = p->selected;

	p->count = count;
	if (count == 0) {
		p->selected = p->top = 0;
		return;
	}
	if (row == SIZE_MAX || row >= count)
		row = was < count ? was : count - 1;
	p->selected = row;
	/*
	 * What is selected stays in the same line of the screen, whatever comes or goes above it. On the
	 * first page it is the page that stays, as long as the row is on it.
	 */
	if (p->top > 0 || row >= p->height)
		p->top = row + p->top > was ? row + p->top - was : 0;
	position_fit(p, p->height);
}

void
position_fit(struct position *p, size_t height)
{
	p->height = height;
	if (height == 0)
		return;
	if (p->selected < p->top)
		p->top = p->selected;
	else if (p->selected - p->top >= height)
		p->top = p->selected - height + 1;
	if (p->top > last_top(p))
		p->top = last_top(p);
}

const char *
count_text(size_t n, char *out, size_t size)
{
	char digits[32];
	int len = snprintf(digits, sizeof digits, "%zu", n);
	size_t at = 0;

	for (int i = 0; i < len && at + 2 < size; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

enum { FILTER_SHOWN = 100 /* bytes of it, where it found nothing */ };

void
body_draw_empty(const struct body *b, const struct canvas *c, int row, size_t all, const char *empty)
{
	struct buf text = { 0 };
	char hidden[32];

	if (b->filter_text != NULL && all > 0) {
		/* A pasted page must not push what to do off the screen. */
		buf_adds(&text, "Nothing matches “");
		text_safe(&text, text_of(b->filter_text), FILTER_SHOWN);
		buf_addf(&text, "”; without the filter: %s.\nEsc takes it away, / changes it.", count_text(all, hidden, sizeof hidden));
	} else {
		buf_adds(&text, empty != NULL ? empty : "");
	}
	wrap_paint(c, row, 1, c->rows - row, c->columns - 2, ROLE_TEXT, buf_str(&text));
	buf_done(&text);
}

/* Columns of text[0..len). */
static int
width_of(const char *text, size_t len)
{
	char *copy = mem_strndup(text, len);
	int width = text_width(copy);

	free(copy);
	return width;
}

void
body_draw_match(const struct body *b, const struct canvas *c, int row, int column, int width, const char *text)
{
	size_t at = 0, len = 0;
	/* Where the text was cut, its last columns show “…”. */
	int room = text_width(text) <= width ? width : width - text_width("…");

	while (b->filter_text != NULL && filter_part(b->filter_text, text, at + len, &at, &len)) {
		int before = width_of(text, at), wide = width_of(text + at, len);
		char *found = mem_strndup(text + at, len);

		if (before + wide <= room)
			paint(c, row, column + before, wide, ROLE_MATCH, found);
		free(found);
	}
}
