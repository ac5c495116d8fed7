/* The first tab: the verdict, how to mend it, what shows it, both chains; in three seconds. */
#include <stdio.h>
#include <string.h>

#include "model/memory.h"
#include "model/mend.h"
#include "model/times.h"
#include "tui/action.h"
#include "tui/look.h"
#include "tui/tab_parts.h"

/*
 * How much is told: as much as the screen has rows for. What is left out stands in the findings; verdict, mend
 * and both chains always are here.
 */
static const struct detail {
	size_t seen, candidates;
	bool judged; /* the anchors, what was reached */
	bool story;  /* what was broken on purpose, in the lab */
	bool tight;  /* without empty lines */
	int from;    /* rows that a screen must have: in fewer, less is read sooner */
} details[] = {
	{ .seen = WORDS_SEEN, .candidates = SIZE_MAX, .story = true, .judged = true, .from = 26 },
	{ .seen = 2, .candidates = SIZE_MAX, .story = true },
	{ .seen = 1, .candidates = SIZE_MAX, .story = true },
	{ .seen = 1, .candidates = 3, .story = true },
	{ .seen = 1, .candidates = 3 },
	{ .seen = 1, .candidates = 3, .tight = true },
	{ .seen = 0, .candidates = 3, .tight = true },
	{ .seen = 0, .candidates = 2, .tight = true },
};

enum { DETAILS = sizeof details / sizeof details[0], DETAIL_SCROLLED = 1 };

struct why {
	struct document *d;
	const struct entry *e;
	const struct diagnosis *x;
	const struct tab_place *at;
	const struct detail *detail;
	struct arena *a;
};

static void
space(const struct why *w)
{
	if (!w->detail->tight)
		document_line(w->d);
}

static void
verdict(const struct why *w)
{
	const struct diagnosis *x = w->x;

	document_line(w->d);
	tab_state(w->d, state_of_verdict(x->verdict), ROLE_HEAD, x->headline != NULL ? x->headline : "");
	if (x->summary == NULL || x->summary[0] == '\0')
		return;
	document_line(w->d);
	document_wrap(w->d, 1, ROLE_TEXT, tab_sentence(w->a, x->summary));
}

/* Where the cause is not proven, what would decide takes the place of what would mend. */
static void
mend(const struct why *w)
{
	const struct diagnosis *x = w->x;
	struct word_lines lines = { .arena = w->a };
	char key[16];

	if (x->root == NULL)
		return;
	if (!verdict_not_proven(x)) {
		document_label(w->d, "mend", ROLE_TEXT, mend_words(x, x->root, w->a));
		return;
	}
	words_candidates(x->root, &lines);
	for (size_t i = 0, shown = 0; i < lines.len; i++) {
		if (strcmp(lines.items[i].label, "decide") == 0 || shown == w->detail->candidates)
			continue; /* each candidate's own stand in the findings */
		document_label(w->d, lines.items[i].label, ROLE_TEXT, lines.items[i].text);
		shown++;
	}
	if (x->root->candidates_len > w->detail->candidates)
		document_label(w->d, "or", ROLE_DIM, arena_printf(w->a, "%zu more in %s findings",
		    x->root->candidates_len - w->detail->candidates, action_key(ACTION_FINDINGS, key, sizeof key)));
	document_label(w->d, "decide", ROLE_TEXT, mend_words(x, x->root, w->a));
}

static bool
of_the_wire(const char *evidence)
{
	return evidence[0] == 'h' && evidence[1] >= '0' && evidence[1] <= '9';
}

/* What was seen, what came over the wire first: it names the alert. At most WORDS_SEEN of it. */
static void
seen(const struct why *w)
{
	const struct finding *f = w->x->root;
	const char *lines[WORDS_SEEN];
	size_t len = 0;

	for (int wire = 1; wire >= 0; wire--) {
		for (size_t i = 0; i < f->evidence_len && len < w->detail->seen; i++) {
			if (of_the_wire(f->evidence[i]) == (wire == 1))
				lines[len++] = f->evidence[i];
		}
	}
	tab_evidence(w->d, "seen", lines, len);
}

static void
proof(const struct why *w)
{
	const struct finding *root = w->x->root;
	struct word_lines lines = { .arena = w->a };

	if (root == NULL || root->severity < SEVERITY_ERROR)
		words_proven(w->x, &lines);
	else if (root->proof_len > 0)
		words_proof(root, &lines);
	tab_lines(w->d, &lines);
	if (root != NULL && root->proof_len == 0 && (lines.len == 0 || w->detail->judged))
		seen(w);
}

/* "client.missing-intermediate · certain · server: OpenSSL family" */
static void
cause(const struct why *w)
{
	const struct diagnosis *x = w->x;
	struct buf b = { 0 };

	if (x->root != NULL)
		buf_addf(&b, "%s · %s", code_info(x->root->code)->name, confidence_name(x->root->confidence));
	if (x->stack.stack != STACK_UNKNOWN && x->stack.name != NULL)
		buf_addf(&b, "%sserver: %s", b.len > 0 ? " · " : "", x->stack.name);
	if (b.len > 0)
		document_label(w->d, x->root != NULL ? "cause" : "server", ROLE_TEXT,
		    x->root != NULL ? buf_str(&b) : x->stack.name);
	buf_done(&b);
}

/* Which identity, from where: a file here is not what the service sends. */
static void
tested(const struct why *w)
{
	struct word_lines lines = { .arena = w->a };

	words_tested(w->x, &lines);
	words_judged(w->x, &lines);
	for (size_t i = 0; i < lines.len; i++) {
		if (w->detail->judged || strcmp(lines.items[i].label, "tested") == 0 || strcmp(lines.items[i].label, "as of") == 0)
			document_label(w->d, lines.items[i].label, ROLE_TEXT, lines.items[i].text);
	}
	/* Where it is what was found, it has been said. */
	if (w->e->identity_problem != NULL && diagnosis_find(w->x, CODE_KEY_UNREADABLE) == NULL)
		document_label(w->d, "but", ROLE_WARN, w->e->identity_problem);
}

/* What ends first, where it works today. */
static void
first_end(const struct why *w)
{
	const struct first_end *f = &w->e->ends;
	const char *whose = f->side == SIDE_CLIENT ? "ours" : "theirs";
	char date[TIME_TEXT_MAX], span[TIME_TEXT_MAX];

	if (w->x->verdict >= VERDICT_ERROR || f->cert == NULL || f->at == TIME_UNKNOWN)
		return;
	time_date(f->at, date);
	if (f->at < w->at->now)
		document_label(w->d, "ended", ROLE_WARN, arena_printf(w->a, "“%s” (%s), %s", cert_label(f->cert), whose, date));
	else
		document_label(w->d, "ends", ROLE_TEXT, arena_printf(w->a, "first “%s” (%s), in %s, %s", cert_label(f->cert), whose,
		    time_span(f->at - w->at->now, span), date));
}

/* Other findings: the first that the cause does not explain, and how many more there are. */
static void
also(const struct why *w)
{
	const struct diagnosis *x = w->x;
	const struct finding *first = NULL;
	size_t others = 0;
	char key[16];
	struct buf b = { 0 };

	for (size_t i = 0; i < x->len; i++) {
		const struct finding *f = &x->findings[i];
		if (f == x->root)
			continue;
		others++;
		if (first == NULL || (diagnosis_cause_of(x, first) != NULL && diagnosis_cause_of(x, f) == NULL))
			first = f;
	}
	if (first == NULL)
		return;
	enum state s = state_of_severity(first->severity);
	const char *more = others > 1 ? arena_printf(w->a, " (%zu more in %s findings)", others - 1,
	    action_key(ACTION_FINDINGS, key, sizeof key)) : "";
	const char *about = arena_printf(w->a, "%s: %s", code_info(first->code)->name,
	    first->title != NULL ? first->title : code_phrase(first->code));

	buf_addf(&b, "%s %s", state_glyph(s), state_word(s));
	int room = w->d->columns - 11 - text_width(buf_str(&b));
	space(w);
	document_label(w->d, "also", look_of_state(s), buf_str(&b));
	document_text(w->d, ROLE_TEXT, " ");
	/* On one line where that leaves a sentence worth reading. */
	if (room - text_width(more) >= 40)
		document_wrap(w->d, 9, ROLE_TEXT, arena_printf(w->a, "%s%s", tab_cut(w->a, about, room - text_width(more)), more));
	else
		document_wrap(w->d, 9, ROLE_TEXT, arena_printf(w->a, "%s%s", about, more));
	buf_done(&b);
}

static void
ways_on(const struct why *w)
{
	struct word_lines lines = { .arena = w->a };

	words_ways_on(w->x, &lines);
	if (lines.len == 0)
		return;
	space(w);
	document_line(w->d);
	document_at(w->d, 1, ROLE_HEAD, "WAYS ON");
	tab_lines(w->d, &lines);
}

static void
compose(const struct why *w)
{
	bool narrow = w->at->columns < TREES_SIDE_BY_SIDE;

	document_clear(w->d, w->at->columns < TEXT_COLUMNS ? w->at->columns : TEXT_COLUMNS);
	verdict(w);
	mend(w);
	if (narrow) {
		space(w);
		compose_trees(w->d, w->x, w->at->columns);
		space(w);
	}
	proof(w);
	cause(w);
	tested(w);
	first_end(w);
	if (!narrow) {
		space(w);
		compose_trees(w->d, w->x, w->at->columns);
	}
	also(w);
	ways_on(w);
	if (w->e->story != NULL && w->detail->story) {
		space(w);
		document_label(w->d, "lab", ROLE_DIM, w->e->story);
	}
}

void
tab_why(struct document *d, const struct entry *e, const struct tab_place *at)
{
	struct why w = { .d = d, .e = e, .x = e->diagnosis, .at = at, .a = arena_new() };

	for (size_t i = 0; i < DETAILS; i++) {
		w.detail = &details[i];
		if (at->rows < w.detail->from)
			continue;
		compose(&w);
		if (d->len <= (size_t)at->rows)
			break;
	}
	/* A narrow screen scrolls whatever is left out. */
	if (d->len > (size_t)at->rows && at->columns < TREES_SIDE_BY_SIDE) {
		w.detail = &details[DETAIL_SCROLLED];
		compose(&w);
	}
	document_composed(d);
	arena_free(w.a);
}
