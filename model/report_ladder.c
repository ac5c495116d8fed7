/* The handshake on the page: us, server, one row a message with its time, the row where it died, who ended it. */
#include <string.h>

#include "model/experiment_shows.h"
#include "model/ladder.h"
#include "model/memory.h"
#include "model/report_parts.h"

enum { LEFT_COLUMN = 7, BAR_COLUMN = 39, LEFT_WIDTH = 28, RIGHT_WIDTH = 36, MOST_ROWS = 80 };

static void
time_column(const struct page *p, const struct rung *r)
{
	if (!r->shown_ms)
		page_pad(p, 0, LEFT_COLUMN);
	else
		page_textf(p, r->ms < 1000 ? "%5.1f  " : "%5.0f  ", r->ms);
}

static void
bar(const struct page *p, size_t at, bool arrow)
{
	page_pad(p, at, BAR_COLUMN - (arrow ? 3 : 0));
	page_text(p, arrow ? "──►│" : "│");
}

static const char *
marked(const struct rung *r, struct arena *a)
{
	return r->mark != NULL ? arena_printf(a, "✗ %s", r->mark) : "";
}

/* Our side: the text, an arrow at its last line. */
static void
left_rung(const struct page *p, const struct rung *r, struct arena *a)
{
	const char *text = r->ends ? marked(r, a) : page_cut(a, r->text, r->quiet ? LEFT_WIDTH + 3 : LEFT_WIDTH);

	time_column(p, r);
	page_tinted(p, r->ends ? TINT_FAIL : TINT_NONE, text);
	bar(p, LEFT_COLUMN + page_columns_of(p, text), !r->quiet);
	if (r->ends) {
		buf_addc(p->out, ' ');
		page_text(p, page_cut(a, r->text, 38));
	}
	buf_addc(p->out, '\n');
}

static void
right_rung(const struct page *p, const struct rung *r, struct arena *a)
{
	const char *mark = marked(r, a);

	time_column(p, r);
	page_tinted(p, r->ends ? TINT_FAIL : TINT_NONE, mark);
	bar(p, LEFT_COLUMN + page_columns_of(p, mark), false);
	page_text(p, r->quiet ? "    " : "◄── ");
	page_text(p, page_cut(a, r->text, RIGHT_WIDTH));
	buf_addc(p->out, '\n');
}

static void
plain_rung(const struct page *p, const struct rung *r)
{
	page_textf(p, "%.1f ms, %s: %s%s\n", r->ms, r->from == PEER_US ? "us" : "server", r->text,
	    r->ends ? "; here it ended" : "");
}

static void
draw(const struct ladder *l, const struct page *p, struct arena *a)
{
	page_heading(p, "HANDSHAKE");
	if (!p->style->plain) {
		const char *us = arena_printf(a, "   ms  us%s%s", l->us != NULL ? ": " : "", l->us != NULL ? page_cut(a, l->us, 24) : "");
		page_text(p, us);
		bar(p, page_columns_of(p, us), false);
		page_textf(p, " server: %s\n", page_cut(a, l->server, 31));
	}
	for (size_t i = 0; i < l->len && i < MOST_ROWS; i++) {
		const struct rung *r = &l->rungs[i];
		if (p->style->plain)
			plain_rung(p, r);
		else if (r->from == PEER_US)
			left_rung(p, r, a);
		else
			right_rung(p, r, a);
	}
	if (l->len > MOST_ROWS)
		page_textf(p, "       and %zu more messages\n", l->len - MOST_ROWS);
}

static void
sentence(const struct page *p, size_t lead, const char *text)
{
	if (text == NULL)
		return;
	page_pad(p, 0, LEFT_COLUMN);
	page_wrap(p, LEFT_COLUMN, LEFT_COLUMN + lead, text);
}

/* One line for each handshake after the baseline. */
static void
further(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	for (size_t i = 1; i < d->evidence->handshakes_len; i++) {
		const struct handshake *h = d->evidence->handshakes[i];
		const char *shows = experiment_shows(d, h, a);

		page_pad(p, 0, LEFT_COLUMN);
		page_wrap(p, LEFT_COLUMN, LEFT_COLUMN + 4,
		    arena_printf(a, "%s, %s: %s%s%s", h->id, look_words(h, a), handshake_words(h, a), shows != NULL ? ". " : "",
		        shows != NULL ? shows : ""));
	}
}

void
report_ladder(const struct diagnosis *d, const struct page *p)
{
	const struct handshake *h = evidence_baseline(d->evidence);
	struct arena *a = NULL;
	struct ladder l;

	if (h == NULL)
		return;
	a = arena_new();
	ladder_of(d, h, LEFT_WIDTH, RIGHT_WIDTH, a, &l);
	draw(&l, p, a);
	if (l.ended != NULL || l.not_the_cause != NULL || l.not_reached != NULL || d->evidence->handshakes_len > 1)
		buf_addc(p->out, '\n');
	sentence(p, 0, l.ended);
	sentence(p, LADDER_LEAD, l.not_the_cause);
	sentence(p, LADDER_LEAD, l.not_reached);
	further(d, p, a);
	arena_free(a);
}
