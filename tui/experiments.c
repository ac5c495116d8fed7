/* The tab of experiments: every handshake that was tried, what was different, how it ended, what that shows. */
#include <string.h>

#include "model/alert.h"
#include "model/buf.h"
#include "model/experiment_shows.h"
#include "model/ladder.h"
#include "model/mend.h"
#include "model/places.h"
#include "model/time_shift.h"
#include "model/times.h"
#include "tui/tab_parts.h"

enum {
	ID_COLUMN = 1, WORDS_COLUMN = 6, OUTCOME_COLUMN = 43 /* experiment_words() are 35 long */, MS_WIDTH = 6,
	SHOWS_COLUMN = 98, SHOWS_FROM = 160, /* columns of the screen from which what it shows stands in the same row */
	NAME_CUT = 40, SHIFTS_SHOWN = 8, WHO_COLUMN = 28, OURS_BEHIND = 12, WHY_COLUMN = 51,
	TABLE_FROM = 78 /* columns of the screen below which a handshake takes two rows and more */
};

struct experiments {
	struct document *d;
	const struct tab_place *at;
	const struct diagnosis *dg;
	struct arena *a;
	int outcome_column, ms_column; /* outcome_column 0: on a row of its own */
	int shows_column;              /* 0: on a row of its own */
};

/* What the outcome says of us: only proof is a tick. */
static unsigned
outcome_look(const struct handshake *h, const char **glyph)
{
	switch (h->outcome) {
	case OUTCOME_ACCEPTED:
	case OUTCOME_ACCEPTED_APP:
	case OUTCOME_NOT_ASKED:
		if (h->outcome != OUTCOME_NOT_ASKED && handshake_doubt(h) != DOUBT_NONE) {
			*glyph = "·";
			return ROLE_NOTE;
		}
		*glyph = "✓";
		return ROLE_OK;
	case OUTCOME_REJECTED_ALERT:
	case OUTCOME_REJECTED_HTTP:
	case OUTCOME_REJECTED_CLOSE:
	case OUTCOME_REJECTED_APP:
	case OUTCOME_FAILED_LOCAL:
	case OUTCOME_NETWORK:
	case OUTCOME_PROTOCOL: break;
	}
	*glyph = "✗";
	return ROLE_FAIL;
}

/* "refused, alert 48 unknown_ca", "accepted, HTTP 200" */
static const char *
outcome_text(const struct experiments *x, const struct handshake *h)
{
	const struct alert *alert = handshake_fatal_alert(h, PEER_SERVER);
	bool doubtful = handshake_accepted(h) && h->outcome != OUTCOME_NOT_ASKED && handshake_doubt(h) != DOUBT_NONE;
	const char *text = doubtful ? "not refused, not proven" : outcome_words(h->outcome);

	if (alert != NULL)
		text = arena_printf(x->a, "%s, alert %u %s", text, alert->number, alert_info(alert->number)->name);
	if (h->http.status != 0)
		text = arena_printf(x->a, h->outcome == OUTCOME_REJECTED_HTTP ? "%s %d" : "%s, HTTP %d", text, h->http.status);
	return text;
}

/* When it was decided; negative: it never came so far. */
static double
decided_ms(const struct handshake *h)
{
	return h->verdict_ms >= 0 ? h->verdict_ms : h->tls_ms >= 0 ? h->tls_ms : h->connect_ms;
}

/* The outcome stands beside what was different where it has room there, else below it: it is never cut. */
static void
row(const struct experiments *x, const char *id, const char *words, unsigned look, const char *outcome, const char *ms)
{
	struct document *d = x->d;
	bool head = look == ROLE_HEAD;
	/* An IPv6 address has no room beside it. */
	bool beside = x->outcome_column > 0 && text_width(outcome) < x->ms_column - x->outcome_column &&
	    text_width(words) < x->outcome_column - WORDS_COLUMN;

	document_line(d);
	document_at(d, ID_COLUMN, ROLE_HEAD, id);
	document_at(d, WORDS_COLUMN, head ? ROLE_HEAD : ROLE_TEXT, ms[0] != '\0' ? tab_cut(x->a, words, x->ms_column - WORDS_COLUMN) : words);
	if (beside)
		document_at(d, x->outcome_column, look, outcome);
	document_at(d, x->ms_column + MS_WIDTH - 1 - (int)strlen(ms), head ? ROLE_HEAD : ROLE_TEXT, ms);
	if (beside || head)
		return;
	document_line(d);
	document_wrap(d, WORDS_COLUMN, look, outcome);
}

static void
note(const struct experiments *x, const char *text)
{
	document_line(x->d);
	document_wrap(x->d, WORDS_COLUMN, ROLE_DIM, text);
}

/* What it is proof of, beside what its own outcome shows. */
static const char *
proves(const struct experiments *x, const struct handshake *h)
{
	const struct finding *root = x->dg->root;

	for (size_t i = 0; root != NULL && h != evidence_baseline(x->dg->evidence) && i < root->proof_len; i++)
		if (root->proof[i].handshake != NULL && strcmp(root->proof[i].handshake, h->id) == 0)
			return arena_printf(x->a, "Proof of %s.", code_info(root->code)->name);
	return NULL;
}

/* In a column of its own where there is room for one, else below. */
static void
shows(const struct experiments *x, const struct handshake *h)
{
	const char *saying = experiment_shows(x->dg, h, x->a), *proof = proves(x, h), *all;

	if (saying == NULL && proof == NULL)
		return;
	all = arena_printf(x->a, "%s%s%s", saying != NULL ? saying : "", saying != NULL && proof != NULL ? " " : "", proof != NULL ? proof : "");
	if (x->shows_column > 0 && text_width(all) < x->d->columns - x->shows_column)
		document_at(x->d, x->shows_column, ROLE_DIM, all);
	else
		note(x, all);
}

static void
handshakes(const struct experiments *x)
{
	const struct evidence *e = x->dg->evidence;

	row(x, "ID", "WHAT WAS DIFFERENT", ROLE_HEAD, "OUTCOME", "MS");
	if (x->shows_column > 0)
		document_at(x->d, x->shows_column, ROLE_HEAD, "WHAT IT SHOWS");
	for (size_t i = 0; i < e->handshakes_len; i++) {
		const struct handshake *h = e->handshakes[i];
		const char *glyph, *ms = "";
		unsigned look = outcome_look(h, &glyph);
		bool base = h == evidence_baseline(e);

		if (decided_ms(h) >= 0)
			ms = arena_printf(x->a, decided_ms(h) < 100 ? "%.1f" : "%.0f", decided_ms(h));
		row(x, h->id, base ? "nothing: as it was given" : look_words(h, x->a), look,
		    arena_printf(x->a, "%s %s", glyph, outcome_text(x, h)), ms);
		shows(x, h);
	}
}

/* What it comes to: the cause and how sure it is; or what it may be, and what would decide. */
static void
conclusion(const struct experiments *x)
{
	const struct finding *root = x->dg->root;
	bool open = root != NULL && root->candidates_len > 0;
	struct word_lines lines = { .arena = x->a };

	document_line(x->d);
	document_line(x->d);
	document_at(x->d, ID_COLUMN, ROLE_HEAD, root == NULL ? "NOTHING TO EXPLAIN" : open ? "NOT PROVEN YET: WHAT WOULD DECIDE" : "WHAT THEY COME TO");
	if (root == NULL) {
		note(x, x->dg->evidence->handshakes_len > 1 ? "Nothing is wrong." :
		    "Nothing is wrong, so nothing was tried beyond what was given.");
		return;
	}
	if (!open) {
		document_label(x->d, "cause", ROLE_TEXT, arena_printf(x->a, "%s · %s", code_info(root->code)->name, confidence_name(root->confidence)));
		document_label(x->d, "", ROLE_TEXT, code_phrase(root->code));
		return;
	}
	words_candidates(root, &lines);
	tab_lines(x->d, &lines);
}

static void
stack(const struct experiments *x)
{
	const struct stack_guess *s = &x->dg->stack;

	if (s->stack == STACK_UNKNOWN)
		return;
	document_line(x->d);
	document_label(x->d, "server", ROLE_TEXT, arena_printf(x->a, "%s · %s", s->name, confidence_name(s->confidence)));
	document_label(x->d, "", ROLE_DIM, arena_printf(x->a, "told by %s", s->because));
	document_label(x->d, "", ROLE_DIM, arena_printf(x->a, "what is known of it was %s", s->source));
}

/* ---- the same at other moments ---- */

static const char *
shift_words(const struct experiments *x, const struct shift *s)
{
	const char *name = s->cert != NULL ? tab_cut(x->a, cert_label(s->cert), NAME_CUT) : "";

	switch (s->why) {
	case SHIFT_OUR_CLOCK: return "now, by our clock";
	case SHIFT_SERVER_CLOCK: return "now, by the server's clock";
	case SHIFT_AHEAD: return "in 30 days";
	case SHIFT_BEGINS: return arena_printf(x->a, "“%s” begins", name);
	case SHIFT_ENDS: return arena_printf(x->a, "“%s” has ended", name);
	}
	return "";
}

static const char *
side_words_at(const struct experiments *x, const char *whose, const struct shift_side *side)
{
	return !side->seen ? "" : arena_printf(x->a, "%s %s", whose, side->out == NULL ? "OK" : "FAIL");
}

/* The clocks, 30 days on, and the moments at which something changes: no more of the far future than that. */
static void
shifts(const struct experiments *x)
{
	const char *where;
	struct shift *all;
	size_t len = time_shift(places_shown(x->dg, &where), x->a, &all), shown = 0;

	if (len == 0)
		return;
	document_line(x->d);
	document_line(x->d);
	document_at(x->d, ID_COLUMN, ROLE_HEAD, where != NULL ? arena_printf(x->a, "BY THE CLOCK ALONE, AT %s", where) :
	    "BY THE CLOCK ALONE, WITHOUT A CONNECTION");
	for (size_t i = 0; i < len && shown < SHIFTS_SHOWN; i++) {
		const struct shift *s = &all[i];
		char at[TIME_TEXT_MAX];
		int column = x->outcome_column == 0 ? WORDS_COLUMN : WHO_COLUMN;

		if (s->why > SHIFT_AHEAD && !s->changed)
			continue;
		shown++;
		document_line(x->d);
		document_at(x->d, WORDS_COLUMN, ROLE_TEXT, time_human(s->at, at));
		if (x->outcome_column == 0)
			document_line(x->d);
		/* Each in its own colour: “theirs OK” is not red because ours has ended. */
		document_at(x->d, column, s->theirs.out != NULL ? ROLE_FAIL : ROLE_OK, side_words_at(x, "theirs", &s->theirs));
		document_at(x->d, column + OURS_BEHIND, s->ours.out != NULL ? ROLE_FAIL : ROLE_OK, side_words_at(x, "ours", &s->ours));
		if (x->outcome_column == 0)
			document_line(x->d);
		document_wrap(x->d, x->outcome_column == 0 ? WORDS_COLUMN : WHY_COLUMN, ROLE_DIM, shift_words(x, s));
	}
}

void
tab_experiments(struct document *d, const struct entry *e, const struct tab_place *at)
{
	struct experiments x = { .d = d, .at = at, .dg = e->diagnosis, .a = arena_new() };

	x.shows_column = at->columns >= SHOWS_FROM ? SHOWS_COLUMN : 0;
	x.ms_column = (x.shows_column > 0 ? x.shows_column - 2 : at->columns) - MS_WIDTH;
	if (at->columns >= TABLE_FROM)
		x.outcome_column = OUTCOME_COLUMN;
	document_clear(d, at->columns);
	handshakes(&x);
	conclusion(&x);
	stack(&x);
	shifts(&x);
	tab_would_send(d, x.dg, x.a);
	document_composed(d);
	arena_free(x.a);
}
