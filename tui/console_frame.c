/*
 * A frame: title with crumbs, the view, the walkthrough's panel, the message line, the footer. All of it
 * is painted each time; curses sends what differs.
 */
#include <stdio.h>
#include <string.h>

#include "model/text.h"
#include "model/times.h"
#include "tui/console_parts.h"

enum {
	CALM_ROWS = 16,        /* from here on the message line has a row of its own, said or not */
	TWO_FOOTERS_ROWS = 20, /* from here on the footer may have two */
	GAP = 2,               /* between two things of a line */
	FOOTER_MAX = 48,
	CLOCK_MAX = 64
};

/* Where everything stands. A row of -1: it is not there. */
struct layout {
	int columns;
	int title, message, footer, footers;
	struct canvas screen, body, walk;
};

/* ---- footer ---- */

struct hint {
	enum action action;
	char key[16];
	const char *label;
	int key_width, width;
};

static bool
worth_a_hint(const struct console *k, enum action a)
{
	const struct action_info *info = action_info(a);

	if (info->footer == 0 || (info->scopes & k->top->ops->scope) == 0)
		return false;
	if (a == ACTION_WALKTHROUGH)
		return console_practice_lab(k) && k->walk.of == NULL;
	return (info->needs & NEED_WALKTHROUGH) == 0 || k->walk.of != NULL;
}

/* Of two keys that mean something else on one screen than on all others. */
static const char *
label_of(const struct console *k, enum action a)
{
	if (a == ACTION_BACK && k->top->below == NULL)
		return "quit";
	return a == ACTION_IDENTITIES && k->top->ops->scope == SCOPE_IDENTITIES ? "file…" : action_info(a)->label;
}

/* By priority; among equals in the order of the table. */
static size_t
gather_hints(const struct console *k, struct hint out[FOOTER_MAX])
{
	size_t len = 0;

	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		size_t at = len;

		if (!worth_a_hint(k, a) || len == FOOTER_MAX)
			continue;
		while (at > 0 && action_info(out[at - 1].action)->footer > action_info(a)->footer) {
			out[at] = out[at - 1];
			at--;
		}
		out[at].action = a;
		action_key(a, out[at].key, sizeof out[at].key);
		out[at].label = label_of(k, a);
		out[at].key_width = text_width(out[at].key);
		out[at].width = out[at].key_width + 1 + text_width(out[at].label);
		len++;
	}
	return len;
}

/* How many of the hints, from the first on, fit into one row. */
static size_t
hints_that_fit(const struct hint *hints, size_t len, int columns)
{
	int at = 1;
	size_t n = 0;

	while (n < len && at + hints[n].width < columns) {
		at += hints[n].width + GAP;
		n++;
	}
	return n > 0 || len == 0 ? n : 1; /* the first one is `?` */
}

static void
draw_hints(const struct console *k, const struct canvas *c, int row, const struct hint *hints, size_t len)
{
	int at = 1;

	for (size_t i = 0; i < len; i++) {
		bool refused = action_refused(k, hints[i].action) != NULL;

		paint(c, row, at, -1, refused ? ROLE_DIM : ROLE_KEY, hints[i].key);
		paint(c, row, at + hints[i].key_width + 1, -1, refused ? ROLE_DIM : ROLE_TEXT, hints[i].label);
		at += hints[i].width + GAP;
	}
}

/* The last row has what matters most; the one above it what did not fit. */
static void
draw_footer(const struct console *k, const struct layout *l)
{
	struct hint hints[FOOTER_MAX];
	size_t len = gather_hints(k, hints), first = hints_that_fit(hints, len, l->columns);

	draw_hints(k, &l->screen, l->footer + l->footers - 1, hints, first);
	if (l->footers > 1)
		draw_hints(k, &l->screen, l->footer, hints + first, hints_that_fit(hints + first, len - first, l->columns));
}

/* ---- title ---- */

static const char *
state_word(const struct console *k, unsigned *look)
{
	if (console_practice_lab(k)) {
		*look = ROLE_LAB;
		return " PRACTICE LAB ";
	}
	if (k->setup.is_case) {
		*look = ROLE_LAB;
		return " CASE ";
	}
	if (console_allows_changes(k)) {
		*look = ROLE_CHANGES;
		return " CHANGES ON ";
	}
	*look = ROLE_BAR;
	return " READ-ONLY ";
}

/* What is nearest comes last: whole crumbs go on the left, and only what is still too long is cut itself. */
static void
draw_crumbs(const struct console *k, const struct canvas *c, int row, int width)
{
	static const char between[] = " › ";
	struct buf crumbs = { 0 }, longer = { 0 };
	const struct view *v = k->top;
	char crumb[256];

	for (; v != NULL; v = v->below) {
		const char *text = v->ops->crumb((struct view *)v, crumb, sizeof crumb);

		buf_reset(&longer);
		buf_addf(&longer, "%s%s%s", text, crumbs.len > 0 ? between : "", buf_str(&crumbs));
		/* Those further left, or the “…” for them, need room too. */
		if (crumbs.len > 0 && text_width(buf_str(&longer)) + text_width("… › ") > width)
			break;
		buf_reset(&crumbs);
		buf_adds(&crumbs, buf_str(&longer));
	}
	buf_reset(&longer);
	buf_addf(&longer, "%s%s%s", v != NULL ? "…" : "mtlscope", between, buf_str(&crumbs));
	if (text_width(buf_str(&longer)) > width && v == NULL) {
		buf_reset(&longer);
		buf_addf(&longer, "…%s%s", between, buf_str(&crumbs));
	}
	paint(c, row, 1, width, ROLE_BAR | LOOK_BOLD,
	    text_width(buf_str(&longer)) > width ? buf_str(&crumbs) : buf_str(&longer));
	buf_done(&crumbs);
	buf_done(&longer);
}

/* Where one is must be readable: "… › payment.internal:8443". */
static int
least_crumbs(const struct console *k, int columns)
{
	char crumb[256];
	int width = text_width("… › ") + text_width(k->top->ops->crumb(k->top, crumb, sizeof crumb)) + GAP;

	return width < columns * 3 / 5 ? width : columns * 3 / 5;
}

/* The time; of a case when it was seen, and from where. */
static void
clock_text(const struct console *k, char out[CLOCK_MAX])
{
	long long seconds = k->frame_ms / 1000;
	char at[TIME_TEXT_MAX];

	if (k->setup.is_case)
		snprintf(out, CLOCK_MAX, "%.16s UTC%s%.24s", time_human(k->setup.case_ms / 1000, at), k->setup.case_from != NULL ? ", " : "",
		    k->setup.case_from != NULL ? k->setup.case_from : "");
	else
		snprintf(out, CLOCK_MAX, "%02d:%02d:%02d UTC", (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60), (int)(seconds % 60));
}

/* The time goes first, then the word. */
static void
draw_title(struct console *k, const struct layout *l)
{
	int right = l->columns, least = least_crumbs(k, l->columns);
	char clock[CLOCK_MAX];
	unsigned look;
	const char *word = state_word(k, &look);
	int clock_width, word_width = text_width(word);

	clock_text(k, clock);
	clock_width = text_width(clock) + GAP;
	paint_padded(&l->screen, l->title, 0, l->columns, ROLE_BAR, false, "");
	if (right - word_width - clock_width >= least) {
		right -= clock_width;
		paint(&l->screen, l->title, right + 1, -1, ROLE_BAR, clock);
	}
	if (right - word_width >= least / 2) {
		right -= word_width;
		paint(&l->screen, l->title, right, word_width, look, word);
	}
	draw_crumbs(k, &l->screen, l->title, right - GAP);
}

/* ---- message line ---- */

static bool
count_note(const struct console *k, char *out, size_t size)
{
	const struct body *b = k->top->body;
	size_t shown, all;

	if (b == NULL)
		return false;
	b->ops->count(b, &shown, &all);
	snprintf(out, size, "%zu of %zu", shown, all);
	return true;
}

static bool
has_filter(const struct console *k)
{
	const struct body *b = k->top->body;

	return b != NULL && b->filter_text != NULL && b->filter_text[0] != '\0';
}

/* "/text  12 of 40"; false where no filter is set. Of a text that is longer than `room` there is the beginning: that rows are missing must show. */
static bool
filter_note(const struct console *k, char *out, size_t size, int room)
{
	enum { TEXT_MAX = 100, LEAST = 4 };
	char count[64];
	struct buf text = { 0 };

	if (!has_filter(k) || !count_note(k, count, sizeof count))
		return false;
	for (size_t most = TEXT_MAX; most >= LEAST; most--) {
		buf_reset(&text);
		text_safe(&text, text_of(k->top->body->filter_text), most);
		snprintf(out, size, "/%s  %s", buf_str(&text), count);
		if (text_width(out) <= room)
			break;
	}
	buf_done(&text);
	return true;
}

static bool
progress_note(const struct console *k, char *out, size_t size)
{
	size_t of, left = console_running(k, &of);
	bool can_stop = (action_info(ACTION_CANCEL)->scopes & k->top->ops->scope) != 0;
	char key[16];

	if (left == 0)
		return false;
	action_key(ACTION_CANCEL, key, sizeof key);
	if (of == 1)
		snprintf(out, size, "checking…%s%s%s", can_stop ? "  " : "", can_stop ? key : "", can_stop ? " stops" : "");
	else
		snprintf(out, size, "checking %zu of %zu%s%s%s", of - left, of, can_stop ? "  " : "", can_stop ? key : "",
		    can_stop ? " stops" : "");
	return true;
}

static bool
has_message(const struct console *k)
{
	return k->asking || k->said.len > 0 || console_running(k, NULL) > 0 || has_filter(k) || k->unfinished.len > 0;
}

/* What was said on the left; progress and the filter that is set on the right. */
static void
draw_message(struct console *k, const struct layout *l)
{
	static const unsigned looks[] = { ROLE_MATCH, ROLE_WAIT, ROLE_WARN };
	char notes[3][256];
	int right = l->columns - 1, width;
	bool has[3];

	if (k->asking) {
		bool counts = k->filter_before != NULL && count_note(k, notes[0], sizeof notes[0]);
		prompt_draw(&k->prompt, &l->screen, l->message, counts ? notes[0] : NULL);
		return;
	}
	/* What was said comes first: the notes take what it leaves. */
	int said = k->said.len > 0 ? text_width(buf_str(&k->said)) + GAP : 0;

	has[0] = filter_note(k, notes[0], sizeof notes[0], right - 1 - said);
	has[1] = progress_note(k, notes[1], sizeof notes[1]);
	has[2] = unfinished_note(k, notes[2], sizeof notes[2]);
	for (int i = 0; i < 3; i++) {
		int room = right - 1 - said;

		width = has[i] ? text_width(notes[i]) : 0;
		if (width == 0 || width > room)
			continue;
		right -= width;
		paint(&l->screen, l->message, right, width, looks[i], notes[i]);
		right -= GAP;
	}
	if (k->said.len > 0)
		paint(&l->screen, l->message, 1, right - 1, k->said_look, buf_str(&k->said));
}

/* ---- all of it ---- */

static struct layout
lay_out(const struct console *k)
{
	struct layout l = { .columns = terminal_columns(), .title = -1, .message = -1, .footer = -1 };
	int rows = terminal_rows(), top = 0, bottom = rows, panel;
	struct hint hints[FOOTER_MAX];
	size_t len = gather_hints(k, hints);

	l.screen = canvas_screen();
	/* On a screen of very few rows what is looked at stays longest. */
	if (rows >= 2)
		l.title = top++;
	if (rows >= 3) {
		/*
		 * A row for a single hint is not worth it: help has it too. A walkthrough's panel has the keys that
		 * matter: the second row is the view's.
		 */
		l.footers = rows >= TWO_FOOTERS_ROWS && k->walk.of == NULL && hints_that_fit(hints, len, l.columns) + 1 < len ? 2 : 1;
		bottom -= l.footers;
		l.footer = bottom;
	}
	if (rows >= CALM_ROWS || has_message(k))
		l.message = bottom > 0 ? --bottom : 0;
	panel = walk_rows(&k->walk, rows, l.columns);
	if (panel > 0 && bottom - top > panel) {
		bottom -= panel;
		l.walk = canvas_part(&l.screen, bottom, 0, panel, l.columns);
	}
	l.body = canvas_part(&l.screen, top, 0, bottom > top ? bottom - top : 0, l.columns);
	return l;
}

static void
draw_once(struct console *k, struct layout *l)
{
	struct view *v = k->top;

	*l = lay_out(k);
	paint_clear(&l->screen, ROLE_TEXT);
	if (l->title >= 0)
		draw_title(k, l);
	if (v->ops->draw != NULL)
		v->ops->draw(v, &l->body);
	else if (v->body != NULL)
		v->body->ops->draw(v->body, &l->body);
	if (l->footer >= 0)
		draw_footer(k, l);
	if (l->message >= 0)
		draw_message(k, l);
}

/* A dialog stands over the view, never over the walkthrough's panel, which tells what to do with it. */
static void
draw_over(struct console *k, struct layout *l)
{
	struct canvas above;

	draw_once(k, l);
	above = canvas_part(&l->screen, 0, 0, l->walk.rows > 0 ? l->walk.top : -1, -1);
	if (k->dialog != NULL)
		dialog_draw(k->dialog, &above);
}

void
frame_draw(struct console *k)
{
	struct layout l;

	draw_over(k, &l);
	if (k->walk.of == NULL)
		return;
	struct buf screen = { 0 };

	/* What is on the screen may end a step, and its panel be another one. */
	paint_read(&screen);
	if (walk_look(&k->walk, k->top, buf_str(&screen), ticks_us())) {
		k->changed = k->urgent = true;
		draw_over(k, &l);
	}
	buf_done(&screen);
	walk_draw(&k->walk, &l.walk);
}
