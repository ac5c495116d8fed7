/* Every finding with why and evidence: the root cause first. */
#include <string.h>

#include "model/memory.h"
#include "model/report_parts.h"
#include "model/verdict_words.h"

/* A server that sends a hundred faulty certificates fills no page with them: the worst come first. */
enum { SHOWN_FINDINGS = 20 };

static void
one_finding(const struct diagnosis *d, const struct finding *f, const struct page *p, struct arena *a)
{
	const struct finding *cause = diagnosis_cause_of(d, f);

	page_state(p, state_of_severity(f->severity), true);
	page_textf(p, "  %s (%s)", code_info(f->code)->name, confidence_name(f->confidence));
	if (f->root_cause)
		page_text(p, "  the cause");
	else if (cause != NULL)
		page_textf(p, "  explained by %s", code_info(cause->code)->name);
	buf_addc(p->out, '\n');
	if (f->title != NULL) {
		buf_adds(p->out, "    ");
		page_wrap(p, 4, 4, f->title);
	}
	/* What stands at the top of the page already is not said twice. */
	bool said = f == d->root && d->summary != NULL;
	if (f->why != NULL && !(said && strcmp(f->why, d->summary) == 0)) {
		buf_adds(p->out, "    ");
		page_wrap(p, 4, 4, f->why);
	}
	for (size_t i = said && f->proof_len == 0 ? WORDS_SEEN : 0; i < f->evidence_len; i++) {
		page_text(p, "    · ");
		page_wrap(p, 6, 6, f->evidence[i]);
	}
	if (f->certificate != NULL) {
		page_text(p, "    · ");
		page_wrap(p, 6, 6, arena_printf(a, "certificate “%s”, SHA-256 %.16s…", cert_label(f->certificate),
		    f->certificate->sha256_hex));
	}
}

void
report_findings(const struct diagnosis *d, const struct page *p)
{
	struct arena *a = NULL;

	if (d->len == 0)
		return;
	a = arena_new();
	page_heading(p, "FINDINGS");
	for (size_t i = 0; i < d->len && i < SHOWN_FINDINGS; i++)
		one_finding(d, &d->findings[i], p, a);
	if (d->len > SHOWN_FINDINGS)
		page_textf(p, "and %zu more findings: --json lists them all\n", d->len - SHOWN_FINDINGS);
	arena_free(a);
}
