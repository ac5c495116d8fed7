/* The screen of a roll-over, painted: how far, what blocks, what to press; the services; the selected one whole. */
#include <stdio.h>

#include "model/memory.h"
#include "model/times.h"
#include "tui/console.h"
#include "tui/fleet.h"
#include "tui/rollover_screen.h"
#include "tui/rollover_work.h"
#include "tui/wrap.h"

enum {
	SAYS_AT = 10,       /* behind "✗ LOCKED" */
	SAYS_ROWS = 3,
	SMALL = 15,         /* rows below which everything keeps to the least */
	DETAIL_ROWS = 5,    /* of the selected service, with the line above */
	DETAIL_FROM = 19    /* rows of the screen from which there is a place for it */
};

bool
rollover_has_begun(const struct rollover_screen *s)
{
	return s->picture != NULL && s->picture->r != NULL && !s->again;
}

const struct rollover_service *
rollover_selected(const struct rollover_screen *s)
{
	return rollover_has_begun(s) ? rollover_rows_at(&s->rows, s->table.at.selected) : NULL;
}

/* What is going on just now; "": nothing. */
static void
progress(const struct rollover_screen *s, char *out, size_t size)
{
	size_t at, of;

	if (s->work == NULL)
		snprintf(out, size, "%s", "");
	else if (rollover_work_progress(s->work, &at, &of))
		snprintf(out, size, "measuring: %zu of %zu", at, of);
	else
		snprintf(out, size, "%s", s->work->deed == ROLLOVER_LOOK ? "looking …" : "working …");
}

/* Which root, which way, since when; on the right what is going on, or how old it is. */
static void
draw_title(const struct rollover_screen *s, const struct canvas *c)
{
	const struct rollover *r = s->picture->r;
	struct arena *a = arena_new();
	char right[64], when[32], day[TIME_TEXT_MAX];
	int64_t at = rollover_measured_at(r);
	const char *left;
	int width;

	progress(s, right, sizeof right);
	if (right[0] == '\0' && at != TIME_UNKNOWN)
		snprintf(right, sizeof right, "measured %s", fleet_minute(at * 1000, console_now_ms(s->v.console), when));
	width = text_width(right);
	left = arena_printf(a, "%s, begun %s by %s", rollover_way_words(r->way), time_date(r->began, day), r->who != NULL ? r->who : "?");
	if (1 + text_width(left) + 2 + width + 1 > c->columns)
		left = rollover_way_words(r->way);
	paint(c, 0, 1, c->columns - width - 3, ROLE_HEAD, left);
	paint(c, 0, c->columns - width - 1, -1, s->work != NULL ? ROLE_WAIT : ROLE_DIM, right);
	arena_free(a);
}

static int
draw_head(const struct rollover_screen *s, const struct canvas *c, int row)
{
	bool small = c->rows < SMALL;
	struct arena *a = arena_new();
	struct rollover_head h;
	int rows;

	rollover_head_of(s->picture, s->v.console, a, &h);
	paint(c, row, 1, -1, h.look | LOOK_BOLD, h.glyph);
	paint(c, row, 3, -1, h.look | LOOK_BOLD, h.word);
	rows = wrap_paint(c, row, SAYS_AT, SAYS_ROWS, c->columns - SAYS_AT - 1, h.look | LOOK_BOLD, h.says);
	if (h.press[0] != '\0')
		rows += wrap_paint(c, row + rows, SAYS_AT, small ? 1 : 2, c->columns - SAYS_AT - 1, ROLE_TEXT, small && h.briefly != NULL ? h.briefly : h.press);
	if (s->problem[0] != '\0')
		rows += wrap_paint(c, row + rows, 1, small ? 1 : 2, c->columns - 2, ROLE_FAIL, s->problem);
	arena_free(a);
	return rows;
}

static int
draw_count(const struct rollover_screen *s, const struct canvas *c, int row, int at, enum rollover_column column, const char *label)
{
	static const enum rollover_answer order[] = { ROLLOVER_YES, ROLLOVER_NO, ROLLOVER_UNKNOWN };
	const struct rollover *r = s->picture->r;

	at += paint(c, row, at, -1, ROLE_DIM, label) + 2;
	for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
		struct buf word = { 0 };
		char text[64];
		unsigned look = rollover_cell(s->picture, column, order[k], &word);
		size_t n = 0;

		for (size_t i = 0; i < r->services_len; i++)
			n += r->services[i].cells[column].answer == order[k];
		snprintf(text, sizeof text, "%zu %s", n, rollover_answer_word(order[k]));
		at += paint(c, row, at, -1, n > 0 ? look : ROLE_DIM, text) + 2;
		buf_done(&word);
	}
	return at;
}

static int
draw_counts(const struct rollover_screen *s, const struct canvas *c, int row)
{
	enum { SIDE_BY_SIDE = 76 };
	int at = draw_count(s, c, row, 1, ROLLOVER_SERVER, "as a server");

	if (c->columns >= SIDE_BY_SIDE)
		draw_count(s, c, row, at + 3, ROLLOVER_CLIENT, "as a client");
	else
		draw_count(s, c, row + 1, 1, ROLLOVER_CLIENT, "as a client");
	return c->columns >= SIDE_BY_SIDE ? 1 : 2;
}

/* The two columns of the selected service, whole: what the table had to cut. */
static void
draw_detail(const struct rollover_screen *s, const struct canvas *c)
{
	static const char *const labels[] = { [ROLLOVER_SERVER] = "server", [ROLLOVER_CLIENT] = "client", [ROLLOVER_SENDS] = "sends" };
	const struct rollover_service *of = rollover_selected(s);
	int64_t newest = rollover_measured_at(s->picture->r);
	struct arena *a = arena_new();
	char when[32];
	int row = 1;

	paint_line(c, 0, 0, c->columns, ROLE_DIM, "─");
	for (unsigned i = 0; of != NULL && i <= ROLLOVER_SENDS && row < c->rows; i++) {
		const struct rollover_cell *cell = &of->cells[i];
		int most = c->rows - row > (int)(ROLLOVER_SENDS - i) ? c->rows - row - (int)(ROLLOVER_SENDS - i) : 1;

		paint(c, row, 1, -1, ROLE_DIM, labels[i]);
		/* When, where that is another time than the one at the top. */
		row += wrap_paint(c, row, 9, most, c->columns - 10, ROLE_TEXT, arena_printf(a, "%s%s%s", cell->how != NULL ? cell->how : "never measured",
		    cell->at != TIME_UNKNOWN && cell->at != newest ? " · " : "",
		    cell->at != TIME_UNKNOWN && cell->at != newest ? fleet_minute(cell->at * 1000, console_now_ms(s->v.console), when) : ""));
	}
	arena_free(a);
}

/* No roll-over: what ends when, and what to press. */
static int
draw_offer(const struct rollover_screen *s, const struct canvas *c)
{
	const struct rollover *f = s->picture->facts;
	struct arena *a = arena_new();
	char day[TIME_TEXT_MAX], span[TIME_TEXT_MAX], right[64];
	int rows;

	rows = wrap_paint(c, 0, 1, 2, c->columns - 2, ROLE_TEXT | LOOK_BOLD, arena_printf(a, "“%s” ends on %s (%s). No roll-over of it is under way here.", f->old_root.name,
	    time_date(f->old_root.not_after, day), f->old_root.not_after > s->picture->now ? time_span_long(f->old_root.not_after - s->picture->now, span) : "it has ended"));
	progress(s, right, sizeof right);
	rows += wrap_paint(c, rows, 1, 2, c->columns - 2, s->problem[0] != '\0' ? ROLE_FAIL : ROLE_DIM, s->problem[0] != '\0' ? s->problem : right[0] != '\0' ? right :
	    "Three ways; Enter shows the plan of the first step of the one that is selected. Nothing is changed by that.");
	arena_free(a);
	return rows;
}

void
rollover_draw(struct view *v, const struct canvas *c)
{
	struct rollover_screen *s = (struct rollover_screen *)v;
	bool roomy = c->rows >= DETAIL_FROM;
	int used = 0;

	if (s->picture == NULL) {
		wrap_paint(c, 0, 1, c->rows, c->columns - 2, s->work != NULL ? ROLE_WAIT : ROLE_FAIL, s->work != NULL ? "looking for it …" : s->problem);
		return;
	}
	if (!rollover_has_begun(s)) {
		used = draw_offer(s, c) + (c->rows >= SMALL);
		struct canvas ways = canvas_part(c, used, 0, -1, -1);

		s->ways.body.ops->draw(&s->ways.body, &ways);
		return;
	}
	if (c->rows >= SMALL)
		draw_title(s, c);
	used = c->rows >= SMALL;
	used += c->rows >= SMALL ? rollover_draw_phases(s->picture, c, used) : 0;
	used += draw_head(s, c, used);
	used += c->rows >= SMALL ? draw_counts(s, c, used) : 0;
	used += roomy;
	struct canvas rest = canvas_part(c, used, 0, roomy ? c->rows - used - DETAIL_ROWS : -1, -1);
	struct canvas detail = canvas_part(c, c->rows - DETAIL_ROWS, 0, -1, -1);

	s->table.body.ops->draw(&s->table.body, &rest);
	if (roomy)
		draw_detail(s, &detail);
}
