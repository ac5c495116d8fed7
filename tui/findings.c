/* The second tab: everything that was found, the root cause first, with what shows it. */
#include <string.h>

#include "model/memory.h"
#include "model/ladder.h"
#include "model/mend.h"
#include "tui/look.h"
#include "tui/tab_parts.h"

enum { TEXT_COLUMN = 9, NARROW = 60 };

struct listing {
	struct document *d;
	const struct diagnosis *x;
	struct arena *a;
};

static void
head(const struct listing *p, const struct finding *f)
{
	const struct finding *cause = diagnosis_cause_of(p->x, f);
	const char *sure = confidence_name(f->confidence);

	tab_state(p->d, state_of_severity(f->severity), ROLE_HEAD, code_info(f->code)->name);
	/* On a narrow screen the rest has a line of its own. */
	if (p->d->columns < NARROW) {
		document_line(p->d);
		document_at(p->d, TEXT_COLUMN, ROLE_DIM, sure);
	} else {
		document_textf(p->d, ROLE_DIM, ", %s", sure);
	}
	if (f->root_cause)
		document_text(p->d, look_of_state(state_of_severity(f->severity)) | LOOK_BOLD, "  ◄ THE CAUSE");
	else if (cause != NULL)
		document_wrap(p->d, TEXT_COLUMN, ROLE_DIM, arena_printf(p->a, "  comes of %s", code_info(cause->code)->name));
}

static void
sentences(const struct listing *p, const struct finding *f)
{
	const char *text[] = { f->title, f->why };
	/* Many sentences begin with their title. */
	bool repeats = f->title != NULL && f->why != NULL && strncmp(f->title, f->why, strlen(f->title)) == 0;

	for (size_t i = repeats; i < 2; i++) {
		if (text[i] == NULL)
			continue;
		document_line(p->d);
		document_wrap(p->d, TEXT_COLUMN, ROLE_TEXT, tab_sentence(p->a, text[i]));
	}
}

static void
what_shows_it(const struct listing *p, const struct finding *f)
{
	for (size_t i = 0; i < f->proof_len; i++)
		document_label(p->d, i == 0 ? "proof" : "", ROLE_TEXT, arena_printf(p->a, "%s (%s): %s", f->proof[i].words,
		    f->proof[i].handshake, f->proof[i].outcome));
	tab_evidence(p->d, "seen", f->evidence, f->evidence_len);
}

/* What it may be, most likely first, each with what would decide. */
static void
candidates(const struct listing *p, const struct finding *f)
{
	struct word_lines lines = { .arena = p->a };

	words_candidates(f, &lines);
	tab_lines(p->d, &lines);
}

static void
explains(const struct listing *p, const struct finding *f)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < f->explains_len; i++) {
		if (diagnosis_find(p->x, f->explains[i]) != NULL)
			buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", code_info(f->explains[i])->name);
	}
	if (b.len > 0)
		document_label(p->d, "explains", ROLE_TEXT, buf_str(&b));
	buf_done(&b);
}

/* Its head is what one selects, with the finding's number as id: :copy takes its certificate. */
static void
finding(const struct listing *p, size_t i)
{
	const struct finding *f = &p->x->findings[i];

	if (i > 0)
		document_line(p->d);
	document_line_id(p->d, i + 1);
	head(p, f);
	sentences(p, f);
	document_label(p->d, "mend", ROLE_TEXT, mend_words(p->x, f, p->a));
	what_shows_it(p, f);
	candidates(p, f);
	explains(p, f);
	if (f->certificate != NULL)
		document_label(p->d, "about", ROLE_TEXT, arena_printf(p->a, "“%s”, SHA-256 %.16s…", cert_label(f->certificate),
		    f->certificate->sha256_hex));
}

void
tab_findings(struct document *d, const struct entry *e, const struct tab_place *at)
{
	struct listing p = { .d = d, .x = e->diagnosis, .a = arena_new() };

	document_clear(d, at->columns < TEXT_COLUMNS ? at->columns : TEXT_COLUMNS);
	if (p.x->len == 0) {
		document_line(d);
		tab_state(d, STATE_OK, ROLE_TEXT, "nothing was found that is wrong, or soon will be");
	}
	for (size_t i = 0; i < p.x->len; i++)
		finding(&p, i);
	document_composed(d);
	arena_free(p.a);
}
