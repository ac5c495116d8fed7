/*
 * The tab of times: validity as bars on one axis, parent above child, now and the server's clock
 * through all of them; then what ends first, and what the two clocks say.
 */
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "model/lifetimes.h"
#include "model/places.h"
#include "model/times.h"
#include "tui/tab_parts.h"

enum {
	GLYPH_COLUMN = 1, NAME_COLUMN = 3,
	NOTE_WIDTH = 18,        /* "EXPIRED 2026-08-15" */
	BARS_FROM = 60,         /* columns of the screen below which there are none */
	BAR_MOST = 120,
	CLIFF_COLUMN = 1, WHEN_COLUMN = 4, DATE_COLUMN = 14, WORDS_COLUMN = 26
};

/* Where everything stands at this width, and what is drawn. */
struct drawing {
	struct document *d;
	struct arena *a;
	const struct lifetimes *l;
	const struct tab_place *at;
	int name_width;
	int bar_column, bar_width; /* 0 wide: no bars */
	int now_at, server_at;     /* columns within the bar; server_at -1: the same as now */
	int note_column;
};

static const struct {
	const char *glyph;
	unsigned look;
} states[] = {
	[LIFETIME_VALID] = { "✓", ROLE_OK },
	[LIFETIME_SOON] = { "!", ROLE_WARN },
	[LIFETIME_ENDED] = { "✗", ROLE_FAIL },
	[LIFETIME_EARLY] = { "✗", ROLE_FAIL },
	[LIFETIME_UNREADABLE] = { "✗", ROLE_FAIL },
};

/* Where the server's clock has a mark of its own: -1 where it says the same, or differs by less than there is to see. */
static int
server_column(const struct lifetimes *l, int width, int now_at)
{
	int64_t away = l->server_now - l->now;
	int column = lifetime_column(away, width, now_at);
	bool matters = l->flips_len > 0 || llabs(away) >= 86400;

	if (!l->clocks_differ || (column == now_at && !matters))
		return -1;
	return column != now_at ? column : away < 0 ? now_at - 1 : now_at + 1;
}

static void
lay_out(struct drawing *w)
{
	int columns = w->at->columns;
	int more = columns > 80 ? columns - 80 : 0;

	w->note_column = columns - NOTE_WIDTH - 1;
	w->name_width = columns >= BARS_FROM ? 21 + more / 4 : w->note_column - NAME_COLUMN - 1;
	if (columns < BARS_FROM)
		return;
	if (columns < 80)
		w->name_width = 21 - (80 - columns) / 2;
	w->bar_column = NAME_COLUMN + w->name_width + 1;
	w->bar_width = w->note_column - 1 - w->bar_column;
	if (w->bar_width > BAR_MOST) {
		w->bar_width = BAR_MOST;
		w->note_column = w->bar_column + w->bar_width + 1;
	}
	w->now_at = w->bar_width * 3 / 10;
	w->server_at = server_column(w->l, w->bar_width, w->now_at);
}

/* A row of cells, one column each. */
struct cells {
	const char **glyphs;
	int width;
};

static struct cells
cells_of(const struct drawing *w)
{
	struct cells c = { arena_array(w->a, (size_t)w->bar_width, sizeof *c.glyphs), w->bar_width };

	for (int i = 0; i < c.width; i++)
		c.glyphs[i] = " ";
	return c;
}

static const char *
cells_text(const struct drawing *w, const struct cells *c, int from, int to)
{
	struct buf b = { 0 };
	const char *text;

	for (int i = from; i < to && i < c->width; i++)
		buf_adds(&b, c->glyphs[i]);
	text = arena_strdup(w->a, buf_str(&b));
	buf_done(&b);
	return text;
}

/*
 * A bar never touches now from the wrong side: what ended a minute ago stands left of it, what ends
 * in a minute right of it. Its last column carries the number under which the list below has it.
 */
static void
fill_bar(const struct drawing *w, const struct lifetime *item, struct cells *c)
{
	const char *const digits[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9" };
	int64_t now = w->l->now;
	int from, to;

	if (item->state == LIFETIME_UNREADABLE)
		return;
	from = lifetime_column(item->from - now, c->width, w->now_at);
	to = lifetime_column(item->until - now, c->width, w->now_at);
	if (item->from <= now && from >= w->now_at)
		from = w->now_at - 1;
	if (item->from > now && from <= w->now_at)
		from = w->now_at + 1;
	if (item->until < now && to >= w->now_at)
		to = w->now_at - 1;
	if (item->until >= now && to <= w->now_at)
		to = w->now_at + 1;
	for (int i = from; i <= to; i++)
		c->glyphs[i] = item->until < now ? "░" : "━";
	if (item->cliff < sizeof digits / sizeof digits[0])
		c->glyphs[to] = digits[item->cliff];
}

static void
draw_bar(const struct drawing *w, const struct lifetime *item)
{
	struct cells c = cells_of(w);
	unsigned look = states[item->state].look;

	fill_bar(w, item, &c);
	/* The number of an end is more than a mark that the rows above and below have too. */
	if (w->server_at >= 0 && (c.glyphs[w->server_at][0] < '1' || c.glyphs[w->server_at][0] > '9'))
		c.glyphs[w->server_at] = "┆";
	document_at(w->d, w->bar_column, look, cells_text(w, &c, 0, w->now_at));
	document_at(w->d, w->bar_column + w->now_at, ROLE_HEAD, "│");
	document_at(w->d, w->bar_column + w->now_at + 1, look, cells_text(w, &c, w->now_at + 1, c.width));
}

/* A label above its mark, where it touches no other. False: there was no room. */
static bool
put_label(const struct drawing *w, struct cells *c, int column, const char *label)
{
	int len = (int)strlen(label), from = column - len / 2;

	if (from < 0 || from + len > c->width)
		return false;
	for (int i = from > 0 ? from - 1 : 0; i <= from + len && i < c->width; i++)
		if (c->glyphs[i][0] != ' ')
			return false;
	for (int i = 0; i < len; i++)
		c->glyphs[from + i] = arena_printf(w->a, "%c", label[i]);
	return true;
}

/* Two lines: labels, and the axis with a mark below each of them. */
static void
draw_axis(const struct drawing *w)
{
	struct cells labels = cells_of(w), marks = cells_of(w);

	for (int i = 0; i < marks.width; i++)
		marks.glyphs[i] = "─";
	put_label(w, &labels, w->now_at, "now");
	marks.glyphs[w->now_at] = "│";
	if (w->server_at >= 0) {
		put_label(w, &labels, w->server_at, "theirs");
		marks.glyphs[w->server_at] = "┆";
	}
	for (int side = 1; side >= -1; side -= 2) {
		for (size_t i = 0; i < lifetime_marks_len && lifetime_marks[i].label != NULL; i++) {
			int column = lifetime_column(side * lifetime_marks[i].away, w->bar_width, w->now_at);

			if (put_label(w, &labels, column, arena_printf(w->a, "%c%s", side > 0 ? '+' : '-', lifetime_marks[i].label)))
				marks.glyphs[column] = "┬";
		}
	}
	document_line(w->d);
	document_at(w->d, w->bar_column, ROLE_DIM, cells_text(w, &labels, 0, w->now_at - 1));
	document_at(w->d, w->bar_column + w->now_at - 1, ROLE_HEAD, "now");
	document_at(w->d, w->bar_column + w->now_at + 2, ROLE_DIM, cells_text(w, &labels, w->now_at + 2, labels.width));
	document_line(w->d);
	document_at(w->d, w->bar_column, ROLE_DIM, cells_text(w, &marks, 0, w->now_at));
	document_at(w->d, w->bar_column + w->now_at, ROLE_HEAD, "│");
	document_at(w->d, w->bar_column + w->now_at + 1, ROLE_DIM, cells_text(w, &marks, w->now_at + 1, marks.width));
}

static void
draw_item(const struct drawing *w, const struct lifetime *item, size_t depth, int64_t judge_now)
{
	unsigned look = states[item->state].look;
	const char *branch = "";
	char until[TIME_TEXT_MAX];

	for (size_t i = 1; i < depth && i < 5; i++)
		branch = arena_printf(w->a, "%s  ", branch);
	if (depth > 0)
		branch = arena_printf(w->a, "%s└─", branch);
	document_line(w->d);
	document_at(w->d, GLYPH_COLUMN, look, states[item->state].glyph);
	document_at(w->d, NAME_COLUMN, ROLE_TEXT,
	    tab_cut(w->a, arena_printf(w->a, "%s%s", branch, cert_label(item->cert)), w->name_width));
	if (w->bar_width > 0)
		draw_bar(w, item);
	document_at(w->d, w->note_column, look == ROLE_OK ? ROLE_TEXT : look,
	    time_validity(item->from, item->until, judge_now, until));
}

/* "OK ✓ until 2027-01-03, in 41 d: the leaf ends first" */
static void
head_side(const struct drawing *w, const struct lifetimes_side *s, const char *whose, int64_t judge_now)
{
	enum lifetime_state worst = LIFETIME_VALID;
	const struct lifetime *first = s->len > 0 ? &s->items[s->first] : NULL;
	char date[TIME_TEXT_MAX], span[TIME_TEXT_MAX];
	bool narrow = w->at->columns < BARS_FROM;
	const char *words;

	document_line(w->d);
	document_at(w->d, 1, ROLE_HEAD, whose);
	if (first == NULL)
		return;
	for (size_t i = 0; i < s->len; i++)
		if (s->items[i].state > worst)
			worst = s->items[i].state;
	document_at(w->d, 9, states[worst].look, arena_printf(w->a, "%s %s",
	    worst == LIFETIME_VALID ? "OK" : worst == LIFETIME_SOON ? "WARN" : "FAIL", states[worst].glyph));
	/* Ours is judged by the server's clock: where that differs, what is said here is not what one reads off the axis. */
	const char *by = judge_now != w->l->now ? " by the server's clock" : "";
	const char *role = lifetime_role_name(first->role);
	const char *with = by[0] != '\0' ? "" : arena_printf(w->a, ", with its %s", role);
	const char *then = by[0] != '\0' ? "" : arena_printf(w->a, ": then its %s ends", role);
	if (s->until == TIME_UNKNOWN)
		words = "a date in it cannot be read";
	else if (s->from > s->until)
		words = "never valid as a whole: one part ends before another begins";
	else if (judge_now > s->until)
		words = arena_printf(w->a, "ended %s ago%s%s", time_span_long(judge_now - s->until, span), by, narrow ? "" :
		    arena_printf(w->a, ", on %s%s", time_date(s->until, date), with));
	else if (judge_now < s->from)
		words = arena_printf(w->a, "begins on %s%s", time_date(s->from, date), by);
	else
		words = arena_printf(w->a, "holds for %s%s%s", time_span_long(s->until - judge_now, span), by, narrow ? "" :
		    arena_printf(w->a, ", until %s%s", time_date(s->until, date), then));
	document_text(w->d, ROLE_TEXT, "  ");
	document_wrap(w->d, 9, ROLE_TEXT, words);
	if (s->other_until != TIME_UNKNOWN) {
		document_line(w->d);
		document_at(w->d, 9, ROLE_TEXT, arena_printf(w->a, "another path holds until %s", time_date(s->other_until, date)));
	}
}

static void
draw_side(const struct drawing *w, const struct lifetimes_side *s, bool ours, const char *none)
{
	int64_t judge_now = ours ? w->l->server_now : w->l->now;

	head_side(w, s, ours ? "OURS" : "THEIRS", judge_now);
	if (s->len == 0)
		document_at(w->d, 9, ROLE_DIM, none);
	for (size_t i = 0; i < s->len; i++)
		draw_item(w, &s->items[i], i, judge_now);
}

static void
draw_cliffs(const struct drawing *w)
{
	const struct lifetimes *l = w->l;
	bool narrow = w->at->columns < BARS_FROM;

	if (l->cliffs_len == 0)
		return;
	document_line(w->d);
	document_line(w->d);
	document_at(w->d, 1, ROLE_HEAD, "WHAT ENDS, IN ORDER");
	for (size_t i = 0; i < l->cliffs_len; i++) {
		const struct cliff *c = &l->cliffs[i];
		char span[TIME_TEXT_MAX], date[TIME_TEXT_MAX];
		bool past = c->at < l->now;
		unsigned look = past ? ROLE_FAIL : ROLE_TEXT;

		document_line(w->d);
		document_at(w->d, CLIFF_COLUMN, ROLE_HEAD, arena_printf(w->a, "%zu", i + 1));
		document_at(w->d, WHEN_COLUMN, look, past ? arena_printf(w->a, "%s ago", time_span_long(l->now - c->at, span)) :
		    arena_printf(w->a, "in %s", time_span_long(c->at - l->now, span)));
		document_at(w->d, DATE_COLUMN, look, time_date(c->at, date));
		if (narrow)
			document_line(w->d);
		document_wrap(w->d, narrow ? WHEN_COLUMN : WORDS_COLUMN, look, arena_printf(w->a, "“%s” (%s): %s",
		    tab_cut(w->a, cert_label(c->cert), 60), c->theirs && c->ours ? "both" : c->ours ? "ours" : "theirs", c->breaks));
	}
}

static const char *
kept_words(const struct clocks *c, struct arena *a)
{
	char at[TIME_TEXT_MAX];

	if (c->local_set)
		return arena_printf(a, "set to %s by --at", time_human(c->local_ms / 1000, at));
	switch (c->kept) {
	case CLOCK_KEPT: return "kept: a time service sets this machine's clock";
	case CLOCK_NOT_KEPT: return "not kept: the kernel says that no time service sets it";
	case CLOCK_KEPT_UNKNOWN: break;
	}
	return "whether anything keeps it is not known";
}

static const char *
server_words(const struct lifetimes *l, const struct clocks *c, struct arena *a)
{
	char span[TIME_TEXT_MAX];
	int64_t away = llabs(c->server_offset_ms), by = (c->server_uncertainty_ms + 500) / 1000;
	const char *source = c->server_source != NULL && strcmp(c->server_source, "http-date") == 0 ?
	    "its HTTP Date header" : "its answer";

	if (!l->server_known)
		return "not known: no answer of the server had a date";
	if (away <= c->server_uncertainty_ms)
		return arena_printf(a, "the same as ours, within %lld s (%s)", (long long)by, source);
	return arena_printf(a, "%s %s ours, within %lld s (%s)",
	    time_span(away < 60000 ? (away + 500) / 1000 : (away + c->server_uncertainty_ms) / 1000, span),
	    c->server_offset_ms > 0 ? "ahead of" : "behind", (long long)by, source);
}

static void
draw_flips(const struct drawing *w)
{
	const struct lifetimes *l = w->l;

	for (size_t i = 0; i < l->flips_len; i++) {
		const struct flip *f = &l->flips[i];

		document_line(w->d);
		document_at(w->d, 9, ROLE_FAIL, "✗ ");
		document_wrap(w->d, 11, ROLE_FAIL, arena_printf(w->a, "“%s” is valid by %s clock and not by %s: %s",
		    tab_cut(w->a, cert_label(f->cert), 60), f->valid_by_ours ? "our" : "the server's",
		    f->valid_by_ours ? "the server's" : "ours",
		    f->ours == f->valid_by_ours ? (f->ours ? "so the server refuses us" : "so we refuse the server") :
		    "whoever judges it takes it all the same"));
	}
	if (l->flips_len > 0 || !l->clocks_differ)
		return;
	document_line(w->d);
	document_at(w->d, 9, ROLE_TEXT, "It changes no verdict here: each certificate is the same by both.");
}

static void
draw_clock(const struct drawing *w, const char *label, unsigned look, const char *mark, const char *whose, const char *words)
{
	document_line(w->d);
	document_at(w->d, 1, ROLE_HEAD, label);
	document_at(w->d, 9, look, arena_printf(w->a, "%s%s: ", w->server_at >= 0 ? mark : "", whose));
	document_wrap(w->d, 11, look, words);
}

/* The two marks of the axis stand here as well: on it there is not always room for their names. */
static void
draw_clocks(const struct drawing *w, const struct clocks *c)
{
	document_line(w->d);
	draw_clock(w, "CLOCKS", w->l->clocks_differ && c->kept == CLOCK_NOT_KEPT ? ROLE_WARN : ROLE_TEXT, "│ ", "ours", kept_words(c, w->a));
	draw_clock(w, "", w->l->clocks_differ ? ROLE_WARN : ROLE_TEXT, "┆ ", "theirs", server_words(w->l, c, w->a));
	draw_flips(w);
}

void
tab_times(struct document *d, const struct entry *e, const struct tab_place *at)
{
	struct drawing w = { .d = d, .a = arena_new(), .at = at, .server_at = -1 };
	struct lifetimes l;
	const char *where;

	document_clear(d, at->columns);
	tab_where(d, e->diagnosis);
	lifetimes_of(places_shown(e->diagnosis, &where), at->now, w.a, &l);
	w.l = &l;
	lay_out(&w);
	if (w.bar_width > 0 && l.theirs.len + l.ours.len > 0)
		draw_axis(&w);
	draw_side(&w, &l.theirs, false, "no certificate of the server was seen");
	draw_side(&w, &l.ours, true, "no certificate of ours is configured");
	/* Two clocks that differ explain more than what ends in years. */
	if (l.clocks_differ)
		draw_clocks(&w, &e->evidence->clocks);
	draw_cliffs(&w);
	if (!l.clocks_differ)
		draw_clocks(&w, &e->evidence->clocks);
	document_composed(d);
	arena_free(w.a);
}
