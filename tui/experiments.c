/* The tab of experiments: every handshake that was tried, what was different, how it ended, what that shows. */
#include <string.h>

#include "model/alert.h"
#include "model/buf.h"
#include "model/ladder.h"
#include "model/mend.h"
#include "tui/tab_parts.h"

enum {
	ID_COLUMN = 1, WORDS_COLUMN = 6, OUTCOME_COLUMN = 43 /* experiment_words() are 35 long */, MS_WIDTH = 6,
	TABLE_FROM = 78 /* columns of the screen below which a handshake takes two rows and more */
};

struct experiments {
	struct document *d;
	const struct tab_place *at;
	const struct diagnosis *dg;
	struct arena *a;
	int outcome_column, ms_column; /* outcome_column 0: on a row of its own */
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

static const char *
wide_words(const struct experiments *x, const struct handshake *h)
{
	if (h->version == 0)
		return "Offered all that we know, the server chooses nothing either: what it wants is not among it, or the offer is not the reason.";
	return arena_printf(x->a, "Offered all that we know, the server chooses %s%s%s: it does speak TLS, and what it chose is not in the usual offer.",
	    tls_version_name(h->version), h->cipher != NULL ? ", " : "", h->cipher != NULL ? h->cipher : "");
}

static const char *
get_words(const struct experiments *x, const struct handshake *h)
{
	const struct handshake *base = evidence_baseline(x->dg->evidence);

	if (base->http.head_status != 0)
		return arena_printf(x->a, "HEAD got HTTP %d, which many servers answer to HEAD alone; the answer to GET is the one that counts.", base->http.head_status);
	if (h->http.status == 0)
		return "GET got no answer either.";
	return "The answer to GET is the one that counts.";
}

/* A server that refused nothing, or an unknown one: that is what makes its yes to ours worth something. */
static const char *
control_words(const struct experiments *x, const struct handshake *h, const char *name)
{
	bool none = strcmp(name, "no-certificate") == 0, refused = h->outcome == OUTCOME_REJECTED_ALERT ||
	    h->outcome == OUTCOME_REJECTED_HTTP || h->outcome == OUTCOME_REJECTED_CLOSE;

	if ((!none && strcmp(name, "throwaway") != 0) || !refused || !handshake_accepted(evidence_baseline(x->dg->evidence)))
		return NULL;
	return none ? "So it does want a certificate." : "So it does look at who made it.";
}

static void
shows(const struct experiments *x, const struct handshake *h)
{
	const struct finding *root = x->dg->root;
	const char *name = h->experiment != NULL ? h->experiment : "";

	if (strcmp(name, "wide-hello") == 0)
		note(x, wide_words(x, h));
	else if (strcmp(name, "baseline-get") == 0)
		note(x, get_words(x, h));
	else if (control_words(x, h, name) != NULL)
		note(x, control_words(x, h, name));
	for (size_t i = 0; root != NULL && i < root->proof_len; i++)
		if (root->proof[i].handshake != NULL && strcmp(root->proof[i].handshake, h->id) == 0)
			note(x, arena_printf(x->a, "Proof of %s: %s: %s.", code_info(root->code)->name, root->proof[i].words,
			    root->proof[i].outcome));
}

static void
handshakes(const struct experiments *x)
{
	const struct evidence *e = x->dg->evidence;

	row(x, "ID", "WHAT WAS DIFFERENT", ROLE_HEAD, "OUTCOME", "MS");
	for (size_t i = 0; i < e->handshakes_len; i++) {
		const struct handshake *h = e->handshakes[i];
		const char *glyph, *ms = "";
		unsigned look = outcome_look(h, &glyph);
		bool base = h == evidence_baseline(e);

		if (decided_ms(h) >= 0)
			ms = arena_printf(x->a, decided_ms(h) < 1000 ? "%.1f" : "%.0f", decided_ms(h));
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

void
tab_experiments(struct document *d, const struct entry *e, const struct tab_place *at)
{
	struct experiments x = { .d = d, .at = at, .dg = e->diagnosis, .a = arena_new() };

	x.ms_column = at->columns - MS_WIDTH;
	if (at->columns >= TABLE_FROM)
		x.outcome_column = OUTCOME_COLUMN;
	document_clear(d, at->columns);
	handshakes(&x);
	conclusion(&x);
	document_composed(d);
	arena_free(x.a);
}
