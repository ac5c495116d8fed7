#include "tui/paint.h"

#include <curses.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "model/text.h"
#include "tui/terminal.h"
#include "tui/theme.h"

enum {
	RUN_CELLS = 128,   /* handed to curses at once */
	MARKS_MAX = 2,     /* combining marks on one cell: TEXT_COMBINING_MAX */
	ESCAPE_COLUMNS = 3 /* “…” as three dots */
};

/* What one or two cells show. */
struct glyph {
	wchar_t text[MARKS_MAX + 2];
	int columns;
};

struct canvas
canvas_part(const struct canvas *c, int row, int column, int rows, int columns)
{
	struct canvas part = { .top = c->top + row, .left = c->left + column };

	part.rows = rows < 0 || row + rows > c->rows ? c->rows - row : rows;
	part.columns = columns < 0 || column + columns > c->columns ? c->columns - column : columns;
	if (row < 0 || column < 0 || part.rows < 0 || part.columns < 0)
		part.rows = part.columns = 0;
	return part;
}

struct canvas
canvas_screen(void)
{
	return (struct canvas){ .rows = terminal_rows(), .columns = terminal_columns() };
}

/* Prepared text is valid UTF-8: only its form is looked at. */
static uint32_t
character(const unsigned char **s)
{
	const unsigned char *p = *s;
	int more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);

	for (p++; more > 0 && (*p & 0xc0) == 0x80; more--)
		c = c << 6 | (*p++ & 0x3f);
	*s = p;
	return c;
}

/* The C library's width is what curses counts with. -1: it does not know the character. */
static int
columns_of(uint32_t c)
{
	return c >= ' ' && c <= '~' ? 1 : wcwidth((wchar_t)c);
}

static bool
plain(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s >= ' ' && *s <= '~')
		s++;
	return *s == '\0';
}

/* Characters that this C library knows no width of would shift the rest of the row: they are spelled out. */
static void
spell_unknown(struct buf *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s != '\0') {
		const unsigned char *start = s;
		uint32_t c = character(&s);

		if (columns_of(c) < 0)
			buf_addf(out, "\\u{%x}", (unsigned)c);
		else
			buf_add(out, start, (size_t)(s - start));
	}
	buf_adds(out, "");
}

/*
 * What is painted for the text: itself nearly always. Callers hand over printable text; this is the
 * second lock on the door. The result lives until the next call.
 */
static const char *
prepare(const char *text)
{
	static struct buf safe, spelled;

	if (plain(text))
		return text;
	if ((text_flags(text_of(text)) & TEXT_HOSTILE) != 0) {
		buf_reset(&safe);
		text_safe(&safe, text_of(text), 0);
		text = buf_str(&safe);
	}
	buf_reset(&spelled);
	if (terminal_ascii())
		text_ascii(&spelled, text);
	else if (terminal_is_open())
		spell_unknown(&spelled, text);
	else
		return text;
	return buf_str(&spelled);
}

/* The next base with its marks. A mark without a base gets a blank as one. */
static bool
next_glyph(const unsigned char **s, struct glyph *g)
{
	size_t n = 0;

	if (**s == '\0')
		return false;
	*g = (struct glyph){ .columns = 0 };
	if (columns_of(character(&(const unsigned char *){ *s })) == 0) {
		g->text[n++] = L' ';
		g->columns = 1;
	} else {
		uint32_t c = character(s);
		g->text[n++] = (wchar_t)c;
		g->columns = columns_of(c);
	}
	while (**s >= 0x80) {
		const unsigned char *after = *s;
		uint32_t c = character(&after);

		if (columns_of(c) != 0)
			break;
		if (n < MARKS_MAX + 1)
			g->text[n++] = (wchar_t)c;
		*s = after;
	}
	return true;
}

static int
measure(const char *prepared)
{
	const unsigned char *s = (const unsigned char *)prepared;
	struct glyph g;
	int columns = 0;

	if (!terminal_is_open())
		return (int)text_columns(prepared);
	if (plain(prepared))
		return (int)strlen(prepared);
	while (next_glyph(&s, &g))
		columns += g.columns;
	return columns;
}

int
text_width(const char *text)
{
	return measure(prepare(text));
}

struct curses_look {
	attr_t attributes;
	short pair;
};

/* Pairs are numbered by role (terminal.c); a selected row is plain reverse, whatever its colours: it can be read in every palette. */
static struct curses_look
curses_look(unsigned look)
{
	static const struct {
		unsigned attribute;
		attr_t curses;
	} map[] = {
		{ STYLE_BOLD, A_BOLD }, { STYLE_DIM, A_DIM }, { STYLE_UNDERLINE, A_UNDERLINE }, { STYLE_REVERSE, A_REVERSE },
	};
	enum role role = (enum role)(look & 0xff);
	struct style s = theme_style(role);
	struct curses_look out = { A_NORMAL, 0 };

	if (s.foreground >= 0 || s.background >= 0)
		out.pair = (short)(role + 1);
	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
		if ((s.attributes & map[i].attribute) != 0)
			out.attributes |= map[i].curses;
	if ((look & LOOK_SELECTED) != 0) {
		out.pair = 0;
		out.attributes = (out.attributes & ~(A_DIM)) | A_REVERSE;
	}
	if ((look & LOOK_BOLD) != 0)
		out.attributes |= A_BOLD;
	return out;
}

/* Cells on their way to one row of the screen. */
struct run {
	int y, x;
	struct curses_look look;
	cchar_t cells[RUN_CELLS];
	int len, columns;
};

static void
flush(struct run *r)
{
	if (r->len > 0)
		mvadd_wchnstr(r->y, r->x, r->cells, r->len);
	r->x += r->columns;
	r->len = r->columns = 0;
}

static void
put(struct run *r, const struct glyph *g)
{
	if (r->len == RUN_CELLS)
		flush(r);
	setcchar(&r->cells[r->len++], g->text, r->look.attributes, r->look.pair, NULL);
	r->columns += g->columns;
}

/* As many glyphs as fit into `width` columns; returns the columns they took. */
static int
put_text(struct run *r, const char *prepared, int width)
{
	const unsigned char *s = (const unsigned char *)prepared;
	struct glyph g;
	int taken = 0;

	while (next_glyph(&s, &g) && taken + g.columns <= width) {
		put(r, &g);
		taken += g.columns;
	}
	return taken;
}

static void
put_blanks(struct run *r, int count)
{
	static const struct glyph blank = { .text = L" ", .columns = 1 };

	for (; count > 0; count--)
		put(r, &blank);
}

/* The text in at most `width` columns, “…” at the end of what is longer. */
static int
put_cut(struct run *r, const char *text, int width)
{
	const char *prepared = prepare(text);
	const char *dots = terminal_ascii() ? "..." : "…";
	int dots_columns = terminal_ascii() ? ESCAPE_COLUMNS : 1, taken;

	if (measure(prepared) <= width)
		return put_text(r, prepared, width);
	taken = width > dots_columns ? put_text(r, prepared, width - dots_columns) : 0;
	return taken + put_text(r, dots, width - taken);
}

/* Where painting begins and how wide it may be; false where that is nowhere. */
static bool
begin(struct run *r, const struct canvas *c, int row, int column, int *width, unsigned look)
{
	if (row < 0 || row >= c->rows || column < 0 || column >= c->columns || *width == 0)
		return false;
	if (*width < 0 || *width > c->columns - column)
		*width = c->columns - column;
	r->y = c->top + row;
	r->x = c->left + column;
	r->look = curses_look(look);
	r->len = r->columns = 0;
	return true;
}

int
paint(const struct canvas *c, int row, int column, int width, unsigned look, const char *text)
{
	struct run r;
	int taken;

	if (!begin(&r, c, row, column, &width, look))
		return 0;
	taken = put_cut(&r, text, width);
	flush(&r);
	return taken;
}

int
paint_padded(const struct canvas *c, int row, int column, int width, unsigned look, bool right, const char *text)
{
	struct run r;
	int wanted = width, columns = width;

	if (!begin(&r, c, row, column, &columns, look))
		return wanted > 0 ? wanted : 0;
	if (right) {
		put_blanks(&r, columns - text_width(text));
		put_cut(&r, text, columns);
	} else {
		put_blanks(&r, columns - put_cut(&r, text, columns));
	}
	flush(&r);
	return wanted > 0 ? wanted : columns;
}

void
paint_line(const struct canvas *c, int row, int column, int width, unsigned look, const char *glyph)
{
	struct run r;

	if (!begin(&r, c, row, column, &width, look))
		return;
	glyph = prepare(glyph);
	if (measure(glyph) != 1)
		glyph = "-";
	for (int i = 0; i < width; i++)
		put_text(&r, glyph, 1);
	flush(&r);
}

void
paint_clear(const struct canvas *c, unsigned look)
{
	if (c->top == 0 && c->left == 0 && c->rows == terminal_rows() && c->columns == terminal_columns() &&
	    look == ROLE_TEXT) {
		werase(stdscr);
		return;
	}
	for (int row = 0; row < c->rows; row++)
		paint_line(c, row, 0, -1, look, " ");
}

void
paint_box(const struct canvas *c, unsigned look, const char *title)
{
	int last = c->rows - 1, right = c->columns - 1;

	paint_clear(c, look);
	paint_line(c, 0, 0, -1, look, "─");
	paint_line(c, last, 0, -1, look, "─");
	for (int row = 1; row < last; row++) {
		paint(c, row, 0, 1, look, "│");
		paint(c, row, right, 1, look, "│");
	}
	paint(c, 0, 0, 1, look, terminal_ascii() ? "+" : "┌");
	paint(c, 0, right, 1, look, terminal_ascii() ? "+" : "┐");
	paint(c, last, 0, 1, look, terminal_ascii() ? "+" : "└");
	paint(c, last, right, 1, look, terminal_ascii() ? "+" : "┘");
	if (title != NULL && title[0] != '\0' && c->columns > 6) {
		int taken;
		paint(c, 0, 1, 1, look, " ");
		taken = paint(c, 0, 2, c->columns - 4, look | LOOK_BOLD, title);
		paint(c, 0, 2 + taken, 1, look, " ");
	}
}

void
paint_cursor(const struct canvas *c, int row, int column)
{
	if (row >= 0 && row < c->rows && column >= 0 && column < c->columns)
		terminal_cursor(c->top + row, c->left + column);
}

void
paint_read(struct buf *out)
{
	for (int row = 0; row < terminal_rows(); row++) {
		size_t start = out->len, end = out->len;

		for (int column = 0; column < terminal_columns(); column++) {
			cchar_t cell;
			wchar_t text[CCHARW_MAX + 1] = { 0 };
			attr_t attributes;
			short pair;

			if (mvwin_wch(stdscr, row, column, &cell) != OK ||
			    getcchar(&cell, text, &attributes, &pair, NULL) != OK)
				continue;
			for (size_t i = 0; text[i] != L'\0'; i++)
				buf_addf(out, "%lc", (wint_t)text[i]);
			if (text[0] != L' ' || text[1] != L'\0')
				end = out->len;
			if (columns_of((uint32_t)text[0]) == 2)
				column++;
		}
		out->len = end > start ? end : start;
		buf_addc(out, '\n');
	}
}
