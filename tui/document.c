#include "tui/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "tui/arrange.h"
#include "tui/terminal.h"
#include "tui/wrap.h"

enum { LABEL_AT = 1, LABELLED_AT = 9, LEAST_WRAP = 10 };

/* Composing ------------------------------------------------------------------------------------------- */

void
document_clear(struct document *d, int columns)
{
	arena_free(d->arena);
	d->arena = arena_new();
	d->lines = NULL;
	d->shown = d->rows = NULL;
	d->len = d->cap = d->shown_len = 0;
	d->columns = columns;
}

void
document_line_id(struct document *d, uint64_t id)
{
	d->lines = arena_grow(d->arena, d->lines, d->len, &d->cap, sizeof *d->lines);
	d->lines[d->len++] = (struct doc_line){ .id = id };
}

void
document_line(struct document *d)
{
	document_line_id(d, 0);
}

void
document_line_on(struct document *d)
{
	bool goes_on = d->len > 0;

	document_line_id(d, goes_on ? d->lines[d->len - 1].id : 0);
	d->lines[d->len - 1].goes_on = goes_on;
}

static void
add_span(struct document *d, int column, unsigned look, const char *text, size_t len)
{
	if (d->len == 0)
		document_line(d);
	struct doc_line *line = &d->lines[d->len - 1];

	line->spans = arena_grow(d->arena, line->spans, line->len, &line->cap, sizeof *line->spans);
	line->spans[line->len++] = (struct span){ look, arena_strndup(d->arena, text, len), column };
}

void
document_at(struct document *d, int column, unsigned look, const char *text)
{
	add_span(d, column, look, text, strlen(text));
}

void
document_text(struct document *d, unsigned look, const char *text)
{
	document_at(d, -1, look, text);
}

void
document_textf(struct document *d, unsigned look, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n >= 0)
		document_text(d, look, text);
	free(text);
}

/* Where a span begins on a line that is taken up to `end`. */
static int
span_begins(const struct span *s, int end)
{
	return s->column < 0 ? end : s->column >= end ? s->column : end + 1;
}

static int
line_columns(const struct doc_line *line)
{
	int end = 0;

	for (size_t i = 0; i < line->len; i++)
		end = span_begins(&line->spans[i], end) + text_width(line->spans[i].text);
	return end;
}

void
document_wrap(struct document *d, int indent, unsigned look, const char *text)
{
	int limit = d->columns - 1 > indent + LEAST_WRAP ? d->columns - 1 : indent + LEAST_WRAP;
	int full = limit - indent;

	if (d->len == 0)
		document_line(d);
	int at = line_columns(&d->lines[d->len - 1]);
	for (;;) {
		bool fresh = at <= indent;
		size_t rest;

		if (fresh)
			text += strspn(text, " ");
		size_t len = wrap_line(text, fresh ? full : limit - at, full, &rest);
		if (len > 0)
			add_span(d, fresh ? indent : -1, look, text, len);
		text += rest;
		if (*text == '\0')
			return;
		document_line_on(d);
		at = 0;
	}
}

void
document_label(struct document *d, const char *label, unsigned look, const char *text)
{
	int end = LABEL_AT + text_width(label);

	document_line(d);
	document_at(d, LABEL_AT, ROLE_DIM, label);
	/* A label that is too long pushes its text along. */
	document_at(d, end < LABELLED_AT ? LABELLED_AT : end + 1, look, "");
	document_wrap(d, LABELLED_AT, look, text);
}

/* What is shown --------------------------------------------------------------------------------------- */

/* The line as one text, its columns apart as on screen. */
static void
line_text(const struct doc_line *line, struct buf *out)
{
	int end = 0;

	for (size_t i = 0; i < line->len; i++) {
		int begin = span_begins(&line->spans[i], end);

		for (; end < begin; end++)
			buf_addc(out, ' ');
		buf_adds(out, line->spans[i].text);
		end += (int)text_columns(line->spans[i].text);
	}
}

/* The line behind the last of those that belong to this one. */
static size_t
paragraph_end(const struct document *d, size_t line)
{
	do
		line++;
	while (line < d->len && d->lines[line].goes_on);
	return line;
}

/* Does the filter let these lines through? They are one text to it, wherever it was wrapped. */
static bool
paragraph_matches(const struct document *d, size_t from, size_t end, struct buf *text)
{
	if (d->body.filter_text == NULL)
		return true;
	buf_reset(text);
	for (size_t i = from; i < end; i++) {
		buf_adds(text, i > from ? " " : "");
		line_text(&d->lines[i], text);
	}
	return filter_matches(d->body.filter_text, buf_str(text));
}

static void
choose_lines(struct document *d)
{
	struct buf text = { 0 };

	d->shown_len = 0;
	for (size_t i = 0, end; i < d->len; i = end) {
		end = paragraph_end(d, i);
		for (bool shown = paragraph_matches(d, i, end, &text); shown && i < end; i++)
			d->shown[d->shown_len++] = i;
	}
	buf_done(&text);
}

static uint64_t
id_at(const struct document *d, size_t shown)
{
	return d->lines[d->shown[shown]].id;
}

/* Finds what can be selected, and the selected among it. */
static void
choose_rows(struct document *d)
{
	size_t rows = 0, found = SIZE_MAX;

	for (size_t i = 0; i < d->shown_len; i++) {
		uint64_t id = id_at(d, i);

		if (id == 0 || (i > 0 && id_at(d, i - 1) == id))
			continue;
		if (id == d->at.id)
			found = rows;
		d->rows[rows++] = i;
	}
	position_follow(&d->at, rows, found);
	if (rows > 0)
		d->at.id = id_at(d, d->rows[d->at.selected]);
}

static void
stay_inside(struct document *d)
{
	size_t last = d->shown_len > d->height ? d->shown_len - d->height : 0;

	if (d->top > last)
		d->top = last;
}

void
document_composed(struct document *d)
{
	d->shown = arena_array(d->arena, d->len + 1, sizeof *d->shown);
	d->rows = arena_array(d->arena, d->len + 1, sizeof *d->rows);
	choose_lines(d);
	choose_rows(d);
	stay_inside(d);
}

/* The first place in `shown` behind those of the selected thing. */
static size_t
row_end(const struct document *d, size_t row)
{
	size_t end = d->rows[row];

	while (end < d->shown_len && id_at(d, end) == id_at(d, d->rows[row]))
		end++;
	return end;
}

/* Before it is drawn for the first time all of it is. */
static bool
row_visible(const struct document *d, size_t row)
{
	return d->height == 0 || (row_end(d, row) > d->top && d->rows[row] < d->top + d->height);
}

/* Scrolls as little as it takes until all of it, or as much as fits, is on screen. */
static void
show_row(struct document *d, size_t row)
{
	size_t end = row_end(d, row);

	if (d->rows[row] < d->top)
		d->top = d->rows[row];
	else if (d->height > 0 && end > d->top + d->height)
		d->top = end - d->height < d->rows[row] ? end - d->height : d->rows[row];
}

static bool
is_selected(const struct document *d, size_t shown)
{
	return d->at.count > 0 && shown >= d->rows[d->at.selected] && shown < row_end(d, d->at.selected);
}

/* Drawing --------------------------------------------------------------------------------------------- */

static void
draw_line(const struct document *d, const struct canvas *c, int y, size_t shown)
{
	const struct doc_line *line = &d->lines[d->shown[shown]];
	bool selected = is_selected(d, shown);
	int end = 0;

	if (selected)
		paint_padded(c, y, 0, c->columns, ROLE_TEXT | LOOK_SELECTED, false, "");
	for (size_t i = 0; i < line->len; i++) {
		const struct span *s = &line->spans[i];
		int begin = span_begins(s, end);

		paint(c, y, begin, -1, selected ? s->look | LOOK_SELECTED : s->look, s->text);
		if (!selected)
			body_draw_match(&d->body, c, y, begin, c->columns - begin, s->text);
		end = begin + text_width(s->text);
	}
}

/*
 * Where one is in a document that is longer than the screen, at the right end of the last row: in words
 * where its text leaves room, as numbers, as an arrow, or not at all. It never lies over text.
 */
static void
draw_hint(const struct document *d, const struct canvas *c)
{
	size_t last = d->top + d->height;
	char words[96], numbers[64], from[32], to[32], all[32];

	if (d->shown_len <= d->height || d->height == 0)
		return;
	count_text(d->shown_len, all, sizeof all);
	snprintf(words, sizeof words, "lines %s–%s of %s", count_text(d->top + 1, from, sizeof from),
	    count_text(last, to, sizeof to), all);
	snprintf(numbers, sizeof numbers, "%s/%s", to, all);
	const char *forms[] = { words, numbers, last < d->shown_len ? "▼" : "▲" };
	int taken = line_columns(&d->lines[d->shown[last - 1]]);

	for (size_t i = 0; i < 3; i++) {
		int width = text_width(forms[i]), free_columns = c->columns - taken;

		/* An arrow may stand close to the text; but in ASCII it is a “v”, and would be a letter of it. */
		if (width + (i < 2 ? 3 : terminal_ascii()) > free_columns)
			continue;
		paint(c, c->rows - 1, c->columns - width - (i < 2), width,
		    is_selected(d, last - 1) ? ROLE_TEXT | LOOK_SELECTED : ROLE_DIM, forms[i]);
		return;
	}
}

static void
document_draw(struct body *b, const struct canvas *c)
{
	struct document *d = (struct document *)b;

	d->height = c->rows > 0 ? (size_t)c->rows : 0;
	stay_inside(d);
	if (d->shown_len == 0)
		body_draw_empty(b, c, 0, d->len, NULL);
	for (size_t i = 0; i < d->height && d->top + i < d->shown_len; i++)
		draw_line(d, c, (int)i, d->top + i);
	draw_hint(d, c);
}

/* Moving ---------------------------------------------------------------------------------------------- */

static void
select_row(struct document *d, size_t row)
{
	d->at.selected = row;
	d->at.id = id_at(d, d->rows[row]);
}

/* What was scrolled out of sight is selected no more: the nearest that is in sight takes its place. */
static void
select_visible(struct document *d)
{
	size_t row = d->at.selected;

	if (d->at.count == 0 || row_visible(d, row))
		return;
	while (row + 1 < d->at.count && row_end(d, row) <= d->top)
		row++;
	while (row > 0 && d->rows[row] >= d->top + d->height)
		row--;
	if (row_visible(d, row))
		select_row(d, row);
}

static void
scroll(struct document *d, bool down, size_t by)
{
	d->top = down ? d->top + by : d->top > by ? d->top - by : 0;
	stay_inside(d);
	select_visible(d);
}

/* The next thing where some of it is in sight, or comes into sight by scrolling a line; else that line. */
static void
step(struct document *d, bool down)
{
	size_t row = d->at.selected;
	bool more = d->at.count > 0 && row_visible(d, row) && (down ? row + 1 < d->at.count : row > 0);
	size_t next = down ? row + 1 : row - 1;

	if (more && row_visible(d, next)) {
		select_row(d, next);
		show_row(d, next);
		return;
	}
	scroll(d, down, 1);
	if (more && row_visible(d, next)) {
		select_row(d, next);
		show_row(d, next);
	}
}

static void
document_move(struct body *b, enum move m)
{
	struct document *d = (struct document *)b;
	size_t page = d->height > 2 ? d->height - 1 : 1;
	size_t top = d->top;

	switch (m) {
	case MOVE_UP:
	case MOVE_DOWN:
		step(d, m == MOVE_DOWN);
		return;
	case MOVE_PAGE_UP:
	case MOVE_PAGE_DOWN:
		scroll(d, m == MOVE_PAGE_DOWN, page);
		break;
	case MOVE_FIRST:
	case MOVE_LAST:
		d->top = m == MOVE_FIRST ? 0 : d->shown_len;
		stay_inside(d);
		break;
	}
	/* At the edge already, or asked for it: the first or last thing, where it is in sight. */
	bool to_end = m == MOVE_LAST || m == MOVE_PAGE_DOWN;
	size_t edge = to_end && d->at.count > 0 ? d->at.count - 1 : 0;

	if (d->at.count > 0 && (m == MOVE_FIRST || m == MOVE_LAST || d->top == top) && row_visible(d, edge))
		select_row(d, edge);
	select_visible(d);
}

static void
document_filter(struct body *b, const char *text)
{
	struct document *d = (struct document *)b;
	size_t line = d->top < d->shown_len ? d->shown[d->top] : 0;

	body_filter(b, text);
	choose_lines(d);
	choose_rows(d);
	/* The line that was on top stays there, or the next one that is shown. */
	d->top = 0;
	while (d->top + 1 < d->shown_len && d->shown[d->top] < line)
		d->top++;
	stay_inside(d);
}

static void
document_count(const struct body *b, size_t *shown, size_t *all)
{
	const struct document *d = (const struct document *)b;

	*shown = d->shown_len;
	*all = d->len;
}

/* A document without things to select is itself what is looked at. */
static bool
document_has_row(const struct body *b)
{
	return ((const struct document *)b)->len > 0;
}

static void
document_write(struct body *b, struct buf *out)
{
	struct document *d = (struct document *)b;

	for (size_t i = 0; i < d->shown_len; i++) {
		size_t start = out->len;

		line_text(&d->lines[d->shown[i]], out);
		while (out->len > start && out->data[out->len - 1] == ' ')
			out->len--;
		buf_addc(out, '\n');
	}
}

uint64_t
document_selected(const struct document *d)
{
	return d->at.count > 0 && row_visible(d, d->at.selected) ? d->at.id : 0;
}

void
document_select(struct document *d, uint64_t id)
{
	for (size_t row = 0; row < d->at.count; row++) {
		if (id_at(d, d->rows[row]) != id)
			continue;
		select_row(d, row);
		show_row(d, row);
		return;
	}
}

static const struct body_ops document_ops = {
	.draw = document_draw,
	.move = document_move,
	.filter = document_filter,
	.count = document_count,
	.has_row = document_has_row,
	.write = document_write,
};

void
document_start(struct document *d)
{
	*d = (struct document){ .body.ops = &document_ops };
	document_clear(d, 80);
	document_composed(d);
}

void
document_done(struct document *d)
{
	body_filter(&d->body, NULL);
	arena_free(d->arena);
	*d = (struct document){ 0 };
}
