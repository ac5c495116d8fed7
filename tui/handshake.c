/* The third tab: what went over the wire as a ladder, the row where it died, what that rules out. */
#include <stdio.h>
#include <string.h>

#include "model/ladder.h"
#include "model/memory.h"
#include "tui/look.h"
#include "tui/tab_parts.h"
#include "tui/wrap.h"

enum {
	TWO_COLUMNS = 70,    /* columns of a screen that has room for both sides */
	TEXT_AT = 7,         /* behind the time */
	ARROW = 4,           /* " ──►" before the bar; "◄── " behind it */
	LEAST_LEFT = 29, MOST_LEFT = 44,
	SIDE_AT = 6,         /* one column: "us →" or "← srv", then the text */
	ONE_TEXT_AT = 13,
	ANY_LENGTH = 1000,
	SIDE_LINES = 8       /* that a text takes at most */
};

struct drawing {
	struct document *d;
	const struct diagnosis *x;
	struct arena *a;
	int columns;
	int left, right;     /* columns for each side's texts */
	int bar;             /* its column; 0: one side under the other */
	bool tight;          /* without empty lines */
	bool listened;       /* by us as the server: the client is on the left */
};

static void
measure(struct drawing *g)
{
	int more = g->columns > 80 ? (g->columns - 80) / 3 : 0;

	/* One under the other: each row takes as many lines as it needs. */
	if (g->columns < TWO_COLUMNS) {
		g->left = g->right = ANY_LENGTH;
		return;
	}
	g->left = LEAST_LEFT + (more < MOST_LEFT - LEAST_LEFT ? more : MOST_LEFT - LEAST_LEFT);
	if (g->columns < 80)
		g->left -= 80 - g->columns;
	g->bar = TEXT_AT + g->left + ARROW;
	g->right = g->columns - g->bar - ARROW - 2;
}

/* One side of a row: its text in lines of that side's width. */
struct side_text {
	const char *lines[SIDE_LINES];
	size_t len;
	unsigned look;
};

static struct side_text
side_of(const struct drawing *g, const char *text, int width, unsigned look)
{
	struct side_text s = { .look = look };

	while (*text != '\0' && s.len + 1 < SIDE_LINES) {
		size_t rest = 0, len = wrap_line(text, width, width, &rest);
		s.lines[s.len++] = arena_strndup(g->a, text, len);
		text += rest;
	}
	if (*text != '\0')
		s.lines[s.len++] = tab_cut(g->a, text, width);
	return s;
}

static void
time_of(const struct drawing *g, const struct rung *r)
{
	char ms[32];

	document_line(g->d);
	snprintf(ms, sizeof ms, r->ms < 1000 ? "%5.1f" : "%5.0f", r->ms);
	if (r->shown_ms)
		document_at(g->d, 0, ROLE_DIM, ms);
}

/* Both sides in columns of their own: who speaks has the text and the arrow, the other side the mark where it ended. */
static void
row_in_two_columns(const struct drawing *g, const struct rung *r)
{
	const char *mark = r->mark != NULL ? arena_printf(g->a, "✗ %s", r->mark) : "";
	unsigned marked = ROLE_FAIL | LOOK_BOLD, look = r->ends ? ROLE_FAIL : ROLE_TEXT;
	bool on_the_right = r->from == PEER_SERVER || r->ends;
	struct side_text left = side_of(g, on_the_right ? mark : r->text, r->quiet && !r->ends ? g->left + ARROW - 1 : g->left,
	    on_the_right ? marked : look);
	struct side_text right = side_of(g, on_the_right ? r->text : "", g->right, look);
	size_t len = left.len > right.len ? left.len : right.len;

	for (size_t i = 0; i < len; i++) {
		bool out = r->from == PEER_US && !r->quiet && i + 1 == len, in = r->from == PEER_SERVER && !r->quiet && i == 0;
		if (i == 0)
			time_of(g, r);
		else
			document_line(g->d);
		if (i < left.len)
			document_at(g->d, TEXT_AT, left.look, left.lines[i]);
		document_at(g->d, out ? g->bar - 3 : g->bar, r->ends ? ROLE_FAIL : ROLE_DIM, out ? "──►│" : in ? "│◄──" : "│");
		if (i < right.len)
			document_at(g->d, g->bar + 1 + ARROW, right.look, right.lines[i]);
	}
}

/* On a narrow screen each row says who speaks. */
static void
row_in_one_column(const struct drawing *g, const struct rung *r)
{
	const char *who = g->listened ? r->from == PEER_US ? r->quiet ? "client" : "cli →" : r->quiet ? "  us" : "← us" :
	    r->from == PEER_US ? r->quiet ? "us" : "us →" : r->quiet ? "  srv" : "← srv";

	time_of(g, r);
	document_at(g->d, SIDE_AT, ROLE_DIM, who);
	if (r->mark != NULL) {
		document_at(g->d, ONE_TEXT_AT, ROLE_FAIL | LOOK_BOLD, "");
		document_wrap(g->d, ONE_TEXT_AT, ROLE_FAIL | LOOK_BOLD, arena_printf(g->a, "✗ %s", r->mark));
		document_line(g->d);
	}
	document_at(g->d, ONE_TEXT_AT, ROLE_TEXT, "");
	document_wrap(g->d, ONE_TEXT_AT, r->ends ? ROLE_FAIL : ROLE_TEXT, r->text + strspn(r->text, " "));
}

static void
heads(const struct drawing *g, const struct ladder *l)
{
	document_line(g->d);
	document_at(g->d, 3, ROLE_HEAD, "ms");
	if (g->bar == 0) {
		document_at(g->d, SIDE_AT, ROLE_HEAD, "");
		document_wrap(g->d, SIDE_AT, ROLE_HEAD, arena_printf(g->a, "%s%s%s, %s: %s", l->us_word, l->us != NULL ? ": " : "",
		    l->us != NULL ? l->us : "", g->listened ? l->server_word : "srv", l->server));
		return;
	}
	document_at(g->d, TEXT_AT, ROLE_HEAD, l->us != NULL ? tab_cut(g->a, arena_printf(g->a, "%s: %s", l->us_word, l->us), g->left + ARROW - 1) : l->us_word);
	document_at(g->d, g->bar, ROLE_DIM, "│");
	document_at(g->d, g->bar + 2, ROLE_HEAD, tab_cut(g->a, arena_printf(g->a, "%s: %s", l->server_word, l->server), g->right + 2));
}

/* A sentence; where it lists, its lead in a column of its own. */
static void
conclusion(const struct drawing *g, const char *text, size_t lead)
{
	int at = g->bar > 0 ? TEXT_AT : 1;

	if (text == NULL)
		return;
	document_line(g->d);
	document_at(g->d, at, ROLE_HEAD, arena_printf(g->a, "%.*s", (int)lead, text));
	document_wrap(g->d, at + (lead == 0 ? 0 : g->bar > 0 ? (int)lead : 2), ROLE_TEXT, text + lead);
}

/* Every address of the name, where there is more than one. */
static void
addresses(const struct drawing *g, const struct handshake *h)
{
	struct buf b = { 0 };

	if (h->attempts_len < 2)
		return;
	for (size_t i = 0; i < h->attempts_len; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", attempt_words(&h->attempts[i], g->a));
	document_label(g->d, "tried", ROLE_TEXT, buf_str(&b));
	buf_done(&b);
}

/* "h2  the same again, with GET: TLSv1.3, refused over HTTP, HTTP 400" */
static void
title(const struct drawing *g, const struct handshake *h)
{
	document_line(g->d);
	document_at(g->d, 1, ROLE_HEAD, h->id);
	document_at(g->d, 5, ROLE_HEAD, "");
	document_wrap(g->d, 5, ROLE_HEAD, arena_printf(g->a, "%s:", look_words(h, g->a)));
	document_text(g->d, ROLE_TEXT, " ");
	document_wrap(g->d, 5, handshake_accepted(h) ? ROLE_OK : ROLE_FAIL, handshake_words(h, g->a));
}

static void
one_handshake(const struct drawing *g, const struct handshake *h)
{
	struct ladder l;

	ladder_of(g->x, h, (size_t)g->left, (size_t)g->right, g->a, &l);
	/* The first is what was given, and its ladder says all of it. */
	if (h != evidence_baseline(g->x->evidence) && !g->listened)
		title(g, h);
	addresses(g, h);
	heads(g, &l);
	for (size_t i = 0; i < l.len; i++) {
		if (g->bar > 0)
			row_in_two_columns(g, &l.rungs[i]);
		else
			row_in_one_column(g, &l.rungs[i]);
	}
	if (!g->tight && (l.ended != NULL || l.not_the_cause != NULL || l.not_reached != NULL))
		document_line(g->d);
	conclusion(g, l.ended, 0);
	conclusion(g, l.not_the_cause, LADDER_LEAD);
	conclusion(g, l.not_reached, LADDER_LEAD);
}

/* Returns how many lines the first of them takes. */
static size_t
compose(const struct drawing *g)
{
	const struct evidence *e = g->x->evidence;
	size_t first = 0;

	document_clear(g->d, g->columns);
	for (size_t i = 0; i < e->handshakes_len; i++) {
		if (i > 0)
			document_line(g->d);
		one_handshake(g, e->handshakes[i]);
		if (i == 0)
			first = g->d->len;
	}
	return first;
}

void
tab_handshake(struct document *d, const struct entry *e, const struct tab_place *at)
{
	struct drawing g = { .d = d, .x = e->diagnosis, .a = arena_new(), .columns = at->columns };

	measure(&g);
	/* What was given, whole on one screen, is worth an empty line. */
	g.tight = compose(&g) == (size_t)at->rows + 1;
	if (g.tight)
		compose(&g);
	document_composed(d);
	arena_free(g.a);
}

void
compose_ladder(struct document *d, const struct diagnosis *x, const struct handshake *h, int columns)
{
	struct drawing g = { .d = d, .x = x, .a = arena_new(), .columns = columns, .tight = true, .listened = h->listened };

	measure(&g);
	one_handshake(&g, h);
	arena_free(g.a);
}
