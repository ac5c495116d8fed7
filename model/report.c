/* The page of DESIGN section 5: verdict, side, mend, proof, tested; then the parts. */
#include "model/report.h"

#include <string.h>

#include "model/alert.h"
#include "model/mend.h"
#include "model/memory.h"
#include "model/page.h"
#include "model/quote.h"
#include "model/report_parts.h"
#include "model/times.h"

static const char *
side_words(enum side s)
{
	static const char *const of[] = {
		[SIDE_CLIENT] = "OUR SIDE",
		[SIDE_SERVER] = "THEIR SIDE",
		[SIDE_CLOCK] = "CLOCK",
		[SIDE_NETWORK] = "NETWORK",
		[SIDE_POLICY] = "POLICY",
	};

	return of[s];
}

static const char *
label_of(const struct diagnosis *d, char out[QUOTE_MAX])
{
	const struct evidence *e = d->evidence;
	char label[320];

	/* inspect has no target: the leaf stands for it. */
	if (e->offline)
		return quote_str(e->offline_len > 0 ? cert_label(e->offline_chain[0]) : "no certificate", out);
	return quote_str(target_label(&e->target, label, sizeof label), out);
}

static bool
not_proven(const struct diagnosis *d)
{
	return d->root != NULL && (d->root->code == CODE_CLIENT_REJECTED || d->root->code == CODE_TLS_REJECTED);
}

/* "✗ FAIL  payment.internal:8443  client.missing-intermediate (certain)" */
static void
verdict_line(const struct diagnosis *d, const struct page *p)
{
	char shown[QUOTE_MAX];
	enum state s = state_of_verdict(d->verdict);

	page_state(p, s, true);
	page_textf(p, "  %s", label_of(d, shown));
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
	} else if (not_proven(d) && d->headline != NULL) {
		page_wrap(p, 2, 2, d->headline);
		if (summary[0] != '\0') {
			buf_adds(p->out, "  ");
			page_wrap(p, 2, 2, summary);
		}
	} else {
		page_wrap(p, 2, 2, arena_printf(a, "%s: %s", side_words(d->root->side), summary));
	}
}

/*
 * What to do, in words, and the line that checks it again. The words give way to the line of
 * `mtlscope fix` for what it can mend, once that exists.
 */
static void
mend_lines(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	if (d->root == NULL)
		return;
	page_labelled(p, "mend", mend_words(d, d->root, a));
	if (p->style->command == NULL || d->evidence->offline)
		return;
	/* To be pasted: never broken, and spelled for a shell rather than for a reader. */
	page_tinted(p, TINT_HEAD, "  again ");
	page_pad(p, 8, 10);
	buf_addf(p->out, "mtlscope check %s\n", p->style->command);
}

static void
proof_lines(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	const struct finding *f = d->root;

	if (f == NULL)
		return;
	for (size_t i = 0; i < f->proof_len; i++)
		page_labelled(p, i == 0 ? "proof" : "",
		    arena_printf(a, "%s (%s): %s", f->proof[i].experiment, f->proof[i].handshake, f->proof[i].outcome));
	for (size_t i = 0; f->proof_len == 0 && i < f->evidence_len && i < REPORT_SEEN; i++)
		page_labelled(p, i == 0 ? "seen" : "", f->evidence[i]);
}

/* Where it cannot be told apart: what it may be, and what would decide. */
static void
candidate_lines(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	const struct finding *f = d->root;

	for (size_t i = 0; f != NULL && i < f->candidates_len; i++) {
		const struct candidate *c = &f->candidates[i];
		page_labelled(p, i == 0 ? "either" : "or",
		    arena_printf(a, "%s: %s (%s)", code_info(c->code)->name, code_phrase(c->code),
			confidence_name(c->likelihood)));
		if (c->decided_by != NULL)
			page_labelled(p, "decide", c->decided_by);
	}
}

static void
tested_line(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	const struct evidence *e = d->evidence;
	const struct handshake *h = evidence_baseline(e);
	char file[QUOTE_MAX], host[QUOTE_MAX], trust[QUOTE_MAX];

	quote_str(e->seen_from != NULL ? e->seen_from : "this machine", host);
	if (e->identity != NULL && !e->offline)
		page_labelled(p, "tested", arena_printf(a, "%s on %s, not what the running service sends",
		    quote_str(e->identity->cert_file != NULL ? e->identity->cert_file : "the identity", file), host));
	else if (!e->offline)
		page_labelled(p, "tested", arena_printf(a, "without a client certificate, from %s", host));
	if (e->trust != NULL && e->trust->from != NULL)
		page_labelled(p, "trusted", quote_str(e->trust->from, trust));
	if (e->clocks.local_set) {
		char at[TIME_TEXT_MAX];
		page_labelled(p, "as of", time_human(e->clocks.local_ms / 1000, at));
	}
	if (h == NULL || h->address == NULL || h->phase <= PHASE_CONNECT)
		return;
	struct buf b = { 0 };
	buf_adds(&b, quote_str(h->address, file));
	if (h->offer.sni != NULL && e->target.is_ip)
		buf_addf(&b, " as %s", quote_str(h->offer.sni, trust));
	if (h->version != 0)
		buf_addf(&b, ", %s", tls_version_name(h->version));
	if (h->cipher != NULL)
		buf_addf(&b, ", %s", h->cipher);
	if (h->group != NULL)
		buf_addf(&b, ", %s", h->group);
	if (d->stack.stack != STACK_UNKNOWN && d->stack.name != NULL)
		buf_addf(&b, "; server: %s (%s)", d->stack.name, confidence_name(d->stack.confidence));
	page_labelled(p, "reached", arena_strdup(a, buf_str(&b)));
	buf_done(&b);
}

/* A service that cannot be reached: what can still be done with this version. */
static void
ways_on(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	const struct evidence *e = d->evidence;
	struct buf b = { 0 };
	char file[QUOTE_MAX];

	if (d->verdict != VERDICT_UNREACHABLE || e->offline)
		return;
	page_heading(p, "WAYS ON");
	if (e->identity != NULL && e->identity->cert_file != NULL) {
		buf_addf(&b, "mtlscope inspect %s", quote_str(e->identity->cert_file, file));
		if (e->identity->key_file != NULL && strcmp(e->identity->key_file, e->identity->cert_file) != 0)
			buf_addf(&b, " %s", quote_str(e->identity->key_file, file));
		buf_adds(&b, " --purpose client");
		if (e->trust != NULL && !e->trust->system && e->trust->from != NULL)
			buf_addf(&b, " --cacert %s", quote_str(e->trust->from, file));
		buf_adds(&b, " judges our own chain without a network.");
	} else {
		buf_adds(&b, "mtlscope inspect FILE… judges certificates without a network.");
	}
	page_labelled(p, "inspect", arena_strdup(a, buf_str(&b)));
	page_labelled(p, "resolve", "--resolve HOST:PORT:ADDRESS or --connect-to reaches it by another way.");
	page_labelled(p, "longer", "--connect-timeout and --max-time wait longer than 5 and 30 seconds.");
	buf_done(&b);
}

void
report_one(const struct diagnosis *d, const struct report_style *s, struct buf *out)
{
	struct page p = { .out = out, .style = s };
	struct arena *a = arena_new();

	verdict_line(d, &p);
	side_lines(d, &p, a);
	mend_lines(d, &p, a);
	proof_lines(d, &p, a);
	candidate_lines(d, &p, a);
	tested_line(d, &p, a);
	report_trees(d, &p);
	report_ladder(d, &p);
	report_findings(d, &p);
	ways_on(d, &p, a);
	arena_free(a);
}

void
report_line(const struct diagnosis *d, const struct report_style *s, struct buf *out)
{
	struct page p = { .out = out, .style = s };
	char shown[QUOTE_MAX];

	page_state(&p, state_of_verdict(d->verdict), true);
	page_textf(&p, "  %s", label_of(d, shown));
	if (d->root != NULL)
		page_textf(&p, "  %s  %s", code_info(d->root->code)->name,
		    d->root->title != NULL ? d->root->title : code_phrase(d->root->code));
	buf_addc(out, '\n');
}
