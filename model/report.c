/* The page of DESIGN section 5: verdict, side, mend, proof, tested; then the parts. */
#include "model/report.h"

#include "model/mend.h"
#include "model/memory.h"
#include "model/page.h"
#include "model/report_parts.h"
#include "model/verdict_words.h"

/* "✗ FAIL  payment.internal:8443  client.missing-intermediate (certain)" */
static void
verdict_line(const struct diagnosis *d, const struct page *p)
{
	char shown[QUOTE_MAX];
	enum state s = state_of_verdict(d->verdict);

	page_state(p, s, true);
	page_textf(p, "  %s", verdict_label(d, shown));
	if (d->root != NULL)
		page_textf(p, "  %s (%s)", code_info(d->root->code)->name, confidence_name(d->root->confidence));
	buf_addc(p->out, '\n');
}

/* The cause in one or two sentences, led by whose side it is on. */
static void
side_lines(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	const char *summary = d->summary != NULL ? d->summary : "";

	buf_adds(p->out, "  ");
	if (d->root == NULL) {
		page_wrap(p, 2, 2, summary);
	} else if (verdict_not_proven(d) && d->headline != NULL) {
		page_wrap(p, 2, 2, d->headline);
		if (summary[0] != '\0') {
			buf_adds(p->out, "  ");
			page_wrap(p, 2, 2, summary);
		}
	} else {
		page_wrap(p, 2, 2, arena_printf(a, "%s: %s", side_words(d->root->side), summary));
	}
}

/* To be pasted: never broken, and spelled for a shell rather than for a reader. */
static void
command_line(const struct page *p, const char *label, const char *command)
{
	page_tinted(p, TINT_HEAD, label);
	page_pad(p, 8, 10);
	buf_addf(p->out, "mtlscope %s %s\n", command, p->style->command);
}

/* A plan may mend it: our own files are at hand; the server's only where the configuration may name them. */
static bool
may_have_a_plan(const struct diagnosis *d)
{
	return d->root->fixes != NULL && (d->root->side == SIDE_CLIENT || d->evidence->target.name != NULL);
}

/* What to do, in words, the line that plans it, and the line that checks it again. */
static void
mend_lines(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	if (d->root == NULL)
		return;
	page_labelled(p, "mend", mend_words(d, d->root, a));
	if (p->style->command == NULL || d->evidence->offline)
		return;
	if (may_have_a_plan(d))
		command_line(p, "  fix   ", "fix");
	command_line(p, "  again ", "check");
}

static void
lines(const struct page *p, struct word_lines *w)
{
	for (size_t i = 0; i < w->len; i++)
		page_labelled(p, w->items[i].label, w->items[i].text);
	w->len = 0;
}

void
report_one(const struct diagnosis *d, const struct report_style *s, struct buf *out)
{
	struct page p = { .out = out, .style = s };
	struct arena *a = arena_new();
	struct word_lines w = { .arena = a };

	verdict_line(d, &p);
	side_lines(d, &p, a);
	mend_lines(d, &p, a);
	words_proof(d->root, &w);
	words_candidates(d->root, &w);
	words_tested(d, &w);
	words_judged(d, &w);
	lines(&p, &w);
	report_trees(d, &p);
	report_ladder(d, &p);
	report_fetched(d, &p);
	report_would_send(d, &p);
	report_findings(d, &p);
	words_ways_on(d, &w);
	if (w.len > 0)
		page_heading(&p, "WAYS ON");
	lines(&p, &w);
	arena_free(a);
}

void
report_line(const struct diagnosis *d, const struct report_style *s, struct buf *out)
{
	struct page p = { .out = out, .style = s };
	char shown[QUOTE_MAX];

	page_state(&p, state_of_verdict(d->verdict), true);
	page_textf(&p, "  %s", verdict_label(d, shown));
	if (d->root != NULL)
		page_textf(&p, "  %s  %s", code_info(d->root->code)->name,
		    d->root->title != NULL ? d->root->title : code_phrase(d->root->code));
	buf_addc(out, '\n');
}
