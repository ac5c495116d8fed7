/* What the fleet by name and by cause share: states, moments, the line of counts. */
#include <stdio.h>
#include <string.h>

#include "model/times.h"
#include "tui/body.h"
#include "tui/fleet.h"

unsigned
fleet_state_look(enum fleet_state s)
{
	static const unsigned looks[FLEET_STATES] = {
		[FLEET_FAIL] = ROLE_FAIL,
		[FLEET_DOWN] = ROLE_FAIL,
		[FLEET_WARN] = ROLE_WARN,
		[FLEET_NOTE] = ROLE_NOTE,
		[FLEET_OK] = ROLE_OK,
		[FLEET_WAIT] = ROLE_WAIT,
		[FLEET_OLD] = ROLE_WAIT,
		[FLEET_NEVER] = ROLE_WAIT,
	};

	return looks[s];
}

void
fleet_state_text(enum fleet_state s, struct buf *out)
{
	buf_addf(out, "%s %s", fleet_state_glyph(s), fleet_state_word(s));
}

bool
fleet_today(int64_t ms, int64_t now_ms)
{
	char day[TIME_TEXT_MAX], today[TIME_TEXT_MAX];

	return strcmp(time_date(ms / 1000, day), time_date(now_ms / 1000, today)) == 0;
}

static const char *
moment(int64_t ms, int64_t now_ms, int clock_len, char *out)
{
	enum { DATE = 10, CLOCK = 11, MINUTE = 5 };
	char text[TIME_TEXT_MAX];

	time_rfc3339(ms / 1000, text);
	if (fleet_today(ms, now_ms))
		snprintf(out, 32, "%.*s", clock_len, text + CLOCK);
	else
		snprintf(out, 32, "%.*s %.*s", DATE, text, MINUTE, text + CLOCK);
	return out;
}

const char *
fleet_moment(int64_t ms, int64_t now_ms, char *out)
{
	return moment(ms, now_ms, 8, out);
}

const char *
fleet_minute(int64_t ms, int64_t now_ms, char *out)
{
	return moment(ms, now_ms, 5, out);
}

/* ---- counts ---- */

/* One after the other on a line, or on the next one where it is full. */
struct flow {
	const struct canvas *c;
	int row, column;
};

static void
flow(struct flow *f, int gap, unsigned look, const char *text)
{
	int width = text_width(text);

	if (f->column > 1)
		f->column += gap;
	if (f->column > 1 && f->column + width > f->c->columns) {
		f->row++;
		f->column = 1;
	}
	paint(f->c, f->row, f->column, width, look, text);
	f->column += width;
}

/* What a screen of less width gives up, one after the other. */
enum tight { WIDE, NARROW, NUMBERS };
enum { BEFORE_CHECKED = 2 };

static const char *
how_many(const struct fleet_counts *counts, size_t of, enum tight tight, char *out, size_t size)
{
	const char *what = tight == NUMBERS ? ":" : of == 1 ? " endpoint" : " endpoints";
	char n[32], all[32];

	count_text(counts->all, n, sizeof n);
	if (of != counts->all)
		snprintf(out, size, "%s of %s%s", n, count_text(of, all, sizeof all), what);
	else
		snprintf(out, size, "%s%s", n, what);
	return out;
}

static const char *
state_count(const struct fleet_counts *counts, enum fleet_state s, char *out, size_t size)
{
	char n[32];

	snprintf(out, size, "%s %s", count_text(counts->of[s], n, sizeof n), fleet_state_word(s));
	return out;
}

static int
gap_before(enum tight tight, bool first)
{
	return tight == WIDE ? (first ? 4 : 3) : tight == NARROW || first ? 2 : 1;
}

static int
flow_width(const struct fleet_counts *counts, size_t of, enum tight tight)
{
	char text[96];
	int width = 1 + text_width(how_many(counts, of, tight, text, sizeof text));
	bool first = true;

	for (int s = 0; s < FLEET_STATES; s++) {
		if (counts->of[s] == 0)
			continue;
		width += gap_before(tight, first) + text_width(state_count(counts, (enum fleet_state)s, text, sizeof text));
		first = false;
	}
	return width;
}

/* Rather closer together than without the time of the last check; numbers alone are for very narrow screens. */
static enum tight
tightness(const struct fleet_counts *counts, size_t of, int columns, int checked)
{
	for (enum tight tight = WIDE; tight <= NARROW; tight++)
		if (flow_width(counts, of, tight) + BEFORE_CHECKED + checked < columns)
			return tight;
	for (enum tight tight = WIDE; tight <= NARROW; tight++)
		if (flow_width(counts, of, tight) <= columns)
			return tight;
	return NUMBERS;
}

int
fleet_draw_counts(const struct canvas *c, const struct fleet_counts *counts, size_t of, const char *note, int64_t now_ms)
{
	struct flow f = { .c = c, .column = 1 };
	char text[96], when[32], checked[48] = "";
	enum tight tight;
	bool first = true;

	if (counts->last_ms != 0)
		snprintf(checked, sizeof checked, "checked %s", fleet_moment(counts->last_ms, now_ms, when));
	tight = tightness(counts, of, c->columns, text_width(checked));
	flow(&f, 0, ROLE_HEAD, how_many(counts, of, tight, text, sizeof text));
	for (int s = 0; s < FLEET_STATES; s++) {
		if (counts->of[s] == 0)
			continue;
		flow(&f, gap_before(tight, first), fleet_state_look((enum fleet_state)s),
		    state_count(counts, (enum fleet_state)s, text, sizeof text));
		first = false;
	}
	if (note != NULL)
		flow(&f, 3, ROLE_KEY, note);
	/* At the right edge, where there is room for it beside the rest. */
	if (f.column + BEFORE_CHECKED + text_width(checked) < c->columns)
		paint(c, f.row, c->columns - 1 - text_width(checked), -1, ROLE_DIM, checked);
	return f.row + 1;
}

void
fleet_write_counts(const struct fleet_counts *counts, size_t of, const char *note, int64_t now_ms, struct buf *out)
{
	char text[96], when[32];

	buf_adds(out, how_many(counts, of, NARROW, text, sizeof text));
	for (int s = 0; s < FLEET_STATES; s++)
		if (counts->of[s] > 0)
			buf_addf(out, "  %s", state_count(counts, (enum fleet_state)s, text, sizeof text));
	if (note != NULL)
		buf_addf(out, "  %s", note);
	if (counts->last_ms != 0)
		buf_addf(out, "  checked %s", fleet_moment(counts->last_ms, now_ms, when));
	buf_addc(out, '\n');
}
