#include "tui/table.h"

#include <stdio.h>
#include <string.h>

#include "model/text.h"

enum {
	COLUMNS_MAX = 24, /* of one table; the widest has a dozen */
	WIDE = 60,        /* from here on two blanks stand between columns, and one at the right edge */
	LEAST_GROWING = 4 /* a column that grows can shrink to this before others are cut */
};

/* Where each column stands on a screen of this width. */
struct layout {
	size_t columns[COLUMNS_MAX]; /* indices into the source's */
	int left[COLUMNS_MAX], width[COLUMNS_MAX];
	size_t len;
	int gap, end; /* end: behind the last */
};

static size_t
columns_of(const struct table *t)
{
	size_t n = 0;

	while (n < COLUMNS_MAX && t->source.columns[n].title != NULL)
		n++;
	return n;
}

/* The title of the column that is sorted by has room for its mark. */
static int
least_width(const struct table *t, size_t column)
{
	const struct column *c = &t->source.columns[column];
	int title = text_width(c->title) + 1;

	return column == t->sort_column && title > c->width ? title : c->width;
}

static int
used_columns(const struct layout *l)
{
	int used = 0;

	for (size_t i = 0; i < l->len; i++)
		used += l->width[i] + (i > 0 ? l->gap : 0);
	return used;
}

static void
leave_out(struct layout *l, size_t i)
{
	l->len--;
	for (; i < l->len; i++) {
		l->columns[i] = l->columns[i + 1];
		l->width[i] = l->width[i + 1];
	}
}

/* Too many for this width after all: those that came last as it grew go first; then those that grow shrink. */
static void
make_fit(const struct table *t, struct layout *l, int room)
{
	while (used_columns(l) > room && l->gap > 1)
		l->gap = 1;
	while (used_columns(l) > room) {
		size_t go = l->len;

		for (size_t i = 0; i < l->len; i++) {
			int from = t->source.columns[l->columns[i]].from;

			if (from > 0 && (go == l->len || from >= t->source.columns[l->columns[go]].from))
				go = i;
		}
		if (go == l->len)
			break;
		leave_out(l, go);
	}
	for (size_t i = 0; i < l->len; i++) {
		int over = used_columns(l) - room;

		if (over > 0 && t->source.columns[l->columns[i]].grows > 0)
			l->width[i] = l->width[i] - over > LEAST_GROWING ? l->width[i] - over : LEAST_GROWING;
	}
}

static void
share_the_rest(const struct table *t, struct layout *l, int room)
{
	int left = room - used_columns(l), shares = 0;

	for (size_t i = 0; i < l->len; i++)
		shares += t->source.columns[l->columns[i]].grows;
	for (size_t i = 0; i < l->len && left > 0 && shares > 0; i++) {
		int grows = t->source.columns[l->columns[i]].grows, more = left * grows / shares;

		l->width[i] += more;
		left -= more;
		shares -= grows;
	}
}

static struct layout
layout(const struct table *t, int columns)
{
	struct layout l = { .gap = columns >= WIDE ? 2 : 1 };
	int room = columns - (columns >= WIDE ? 2 : 1); /* the first one is for marks */
	int at = 1;

	for (size_t i = 0; i < columns_of(t); i++) {
		if (t->source.columns[i].from > columns)
			continue;
		l.columns[l.len] = i;
		l.width[l.len++] = least_width(t, i);
	}
	make_fit(t, &l, room);
	share_the_rest(t, &l, room);
	for (size_t i = 0; i < l.len; i++) {
		l.left[i] = at;
		at += l.width[i] + l.gap;
	}
	l.end = l.len > 0 ? at - l.gap : 1;
	return l;
}

static void
column_title(const struct table *t, size_t column, char *out, size_t size)
{
	const char *mark = column != t->sort_column ? "" : t->reverse ? "▼" : "▲";

	snprintf(out, size, "%s%s", t->source.columns[column].title, mark);
}

static size_t
marked_rows(const struct table *t)
{
	size_t marked = 0;

	for (size_t row = 0; t->source.marked != NULL && row < t->at.count; row++)
		marked += t->source.marked(t->source.self, row);
	return marked;
}

enum { HINT_MAX = 256 };

/* The hint takes the rightmost place between titles that is wide enough: no title makes way for it. */
static bool
draw_hint(const struct table *t, const struct canvas *c, const struct layout *l, const char *text)
{
	int right = c->columns - (c->columns >= WIDE), width = text_width(text);
	char title[64];

	for (size_t i = l->len; i-- > 0;) {
		const struct column *column = &t->source.columns[l->columns[i]];

		column_title(t, l->columns[i], title, sizeof title);
		int taken = text_width(title);
		int end = column->right ? l->left[i] + l->width[i] : l->left[i] + taken;
		if (right - width >= end + 2) {
			paint(c, 0, right - width, width, ROLE_DIM, text);
			return true;
		}
		right = (column->right ? l->left[i] + l->width[i] - taken : l->left[i]) - 2;
	}
	return false;
}

/* "12–34 of 10,000, 3 marked": what does not show by itself; shorter where that finds no place. */
static void
draw_hints(const struct table *t, const struct canvas *c, const struct layout *l)
{
	char forms[3][HINT_MAX] = { "", "", "" }, from[32], to[32], all[32], number[32], place[HINT_MAX / 2] = "";
	size_t marked = marked_rows(t), last = t->at.top + t->at.height;
	bool more = t->at.count > t->at.height;

	if (more) {
		count_text(t->at.top + 1, from, sizeof from);
		count_text(last < t->at.count ? last : t->at.count, to, sizeof to);
		count_text(t->at.count, all, sizeof all);
		snprintf(place, sizeof place, "%s–%s of %s", from, to, all);
		snprintf(forms[1], HINT_MAX, "%s", place);
		snprintf(forms[2], HINT_MAX, "%s/%s", to, all);
	}
	if (marked > 0)
		snprintf(forms[0], HINT_MAX, "%s%s%s marked", place, more ? ", " : "",
		    count_text(marked, number, sizeof number));
	for (size_t i = 0; i < 3; i++)
		if (forms[i][0] != '\0' && draw_hint(t, c, l, forms[i]))
			return;
}

static void
draw_head(const struct table *t, const struct canvas *c, const struct layout *l)
{
	char title[64];

	for (size_t i = 0; i < l->len; i++) {
		column_title(t, l->columns[i], title, sizeof title);
		paint_padded(c, 0, l->left[i], l->width[i], ROLE_HEAD, t->source.columns[l->columns[i]].right, title);
	}
	draw_hints(t, c, l);
}

static void
draw_row(const struct table *t, const struct canvas *c, const struct layout *l, int y, size_t row)
{
	bool selected = row == t->at.selected;
	struct buf text = { 0 };

	if (selected)
		paint_padded(c, y, 0, c->columns, ROLE_TEXT | LOOK_SELECTED, false, "");
	if (t->source.marked != NULL && t->source.marked(t->source.self, row))
		paint(c, y, 0, 1, selected ? ROLE_TEXT | LOOK_SELECTED : ROLE_TEXT, "•");
	for (size_t i = 0; i < l->len; i++) {
		buf_reset(&text);
		unsigned look = t->source.cell(t->source.self, row, l->columns[i], &text);
		if (selected)
			look |= LOOK_SELECTED;
		paint_padded(c, y, l->left[i], l->width[i], look, t->source.columns[l->columns[i]].right,
		    buf_str(&text));
		if (!selected && !t->source.columns[l->columns[i]].right)
			body_draw_match(&t->body, c, y, l->left[i], l->width[i], buf_str(&text));
	}
	buf_done(&text);
}

static void
table_draw(struct body *b, const struct canvas *c)
{
	struct table *t = (struct table *)b;

	if (t->at.count == 0) {
		body_draw_empty(b, c, 1, t->source.all(t->source.self), t->empty);
		return;
	}
	position_fit(&t->at, c->rows > 1 ? (size_t)c->rows - 1 : 0);
	struct layout l = layout(t, c->columns);
	draw_head(t, c, &l);
	for (size_t i = 0; i < t->at.height && t->at.top + i < t->at.count; i++)
		draw_row(t, c, &l, (int)i + 1, t->at.top + i);
}

static void
keep_id(struct table *t)
{
	if (t->at.count > 0)
		t->at.id = t->source.id(t->source.self, t->at.selected);
}

static void
table_move(struct body *b, enum move m)
{
	struct table *t = (struct table *)b;

	position_move(&t->at, m);
	keep_id(t);
}

static void
arrange_rows(struct table *t)
{
	if (t->source.arrange != NULL)
		t->source.arrange(t->source.self, t->body.filter_text, t->sort_column, t->reverse);
	table_changed(t);
}

static void
table_filter(struct body *b, const char *text)
{
	struct table *t = (struct table *)b;
	uint64_t id = t->at.id;

	body_filter(b, text);
	arrange_rows(t);
	/* What was selected does not match: the first that does is nearer to what is looked for than any other. */
	if (t->at.id != id)
		table_move(b, MOVE_FIRST);
}

static void
table_count(const struct body *b, size_t *shown, size_t *all)
{
	const struct table *t = (const struct table *)b;

	*shown = t->source.count(t->source.self);
	*all = t->source.all(t->source.self);
}

static bool
table_has_row(const struct body *b)
{
	return ((const struct table *)b)->at.count > 0;
}

/* A cell of the file: padded to its column's width, except at the end of a line. */
static void
write_cell(struct buf *out, const char *text, size_t width, bool right, bool last)
{
	size_t taken = text_columns(text), pad = taken < width ? width - taken : 0;

	for (size_t i = 0; right && i < pad; i++)
		buf_addc(out, ' ');
	buf_adds(out, text);
	for (size_t i = 0; !right && !last && i < pad; i++)
		buf_addc(out, ' ');
	buf_adds(out, last ? "\n" : "  ");
}

static void
trim_line(struct buf *out)
{
	size_t len = out->len - 1;

	while (len > 0 && out->data[len - 1] == ' ')
		len--;
	out->len = len;
	buf_addc(out, '\n');
}

static void
table_write(struct body *b, struct buf *out)
{
	struct table *t = (struct table *)b;
	size_t columns = columns_of(t), rows = t->source.count(t->source.self), width[COLUMNS_MAX] = { 0 };
	struct buf text = { 0 };

	for (size_t i = 0; i < columns; i++)
		width[i] = text_columns(t->source.columns[i].title);
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = 0; i < columns; i++) {
			buf_reset(&text);
			t->source.cell(t->source.self, row, i, &text);
			size_t taken = text_columns(buf_str(&text));
			width[i] = taken > width[i] ? taken : width[i];
		}
	}
	for (size_t i = 0; i < columns; i++)
		write_cell(out, t->source.columns[i].title, width[i], t->source.columns[i].right, i + 1 == columns);
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = 0; i < columns; i++) {
			buf_reset(&text);
			t->source.cell(t->source.self, row, i, &text);
			write_cell(out, buf_str(&text), width[i], t->source.columns[i].right, i + 1 == columns);
		}
		trim_line(out);
	}
	buf_done(&text);
}

static const struct body_ops table_ops = {
	.draw = table_draw,
	.move = table_move,
	.filter = table_filter,
	.count = table_count,
	.has_row = table_has_row,
	.write = table_write,
};

void
table_start(struct table *t, const struct table_source *source, const char *empty)
{
	*t = (struct table){ .body.ops = &table_ops, .source = *source, .sort_column = SIZE_MAX, .empty = empty };
}

void
table_done(struct table *t)
{
	body_filter(&t->body, NULL);
}

void
table_changed(struct table *t)
{
	size_t count = t->source.count(t->source.self);
	size_t row = t->at.id != 0 ? t->source.find(t->source.self, t->at.id) : SIZE_MAX;

	position_follow(&t->at, count, row);
	keep_id(t);
}

void
table_sort(struct table *t, size_t column, bool reverse)
{
	t->sort_column = column;
	t->reverse = reverse;
	arrange_rows(t);
}

size_t
table_column(const struct table *t, const char *name)
{
	for (size_t i = 0; i < columns_of(t); i++)
		if (t->source.columns[i].name != NULL && strcmp(t->source.columns[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

uint64_t
table_selected(const struct table *t)
{
	return t->at.count > 0 ? t->at.id : 0;
}

void
table_select(struct table *t, uint64_t id)
{
	size_t row = t->source.find(t->source.self, id);

	if (row == SIZE_MAX)
		return;
	t->at.count = t->source.count(t->source.self);
	t->at.selected = row;
	t->at.id = id;
	position_fit(&t->at, t->at.height);
}
