/* A client that `listen` saw, as a block of lines: verdict, cause, what to do, what it is, sent and said. */
#include <string.h>

#include "model/alert.h"
#include "model/chain_rows.h"
#include "model/client.h"
#include "model/memory.h"
#include "model/report.h"
#include "model/times.h"
#include "model/verdict_words.h"

enum { NAME_COLUMN = 10, NOTE_COLUMN = 46, UNTIL_COLUMN = 64, ALERTS_SHOWN = 4 };

static void
verdict_line(const struct diagnosis *d, const struct page *p)
{
	const struct client *c = d->evidence->client;
	char when[TIME_TEXT_MAX];

	page_state(p, state_of_verdict(d->verdict), true);
	page_textf(p, "  %s", c->from);
	if (d->root != NULL)
		page_textf(p, "  %s (%s)", code_info(d->root->code)->name, confidence_name(d->root->confidence));
	page_textf(p, "  %s\n", time_rfc3339(d->evidence->started_ms / 1000, when));
}

static void
add(struct word_lines *w, const char *label, const char *text)
{
	w->items = arena_grow(w->arena, w->items, w->len, &w->cap, sizeof *w->items);
	w->items[w->len++] = (struct word_line){ label, text };
}

static void
add_client(const struct client *c, struct word_lines *w)
{
	const struct handshake *h = c->handshake;
	struct arena *a = w->arena;

	if (!c->hello.seen)
		return;
	add(w, "client", arena_printf(a, "%s, %s%s%s%s", client_called(c, a), h->version != 0 ? tls_version_name(h->version) : "no TLS version agreed",
	    c->hello.sni != NULL ? ", for “" : ", for no name", c->hello.sni != NULL ? c->hello.sni : "", c->hello.sni != NULL ? "”" : ""));
}

static void
add_asked(const struct client *c, struct word_lines *w)
{
	const struct certificate_request *r = &c->handshake->request;
	const char *like = c->listening->like;
	struct arena *a = w->arena;

	if (!r->seen)
		return;
	if (c->asked == ASKED_FOR_ANY)
		add(w, "asked", arena_printf(a, "without a list of CAs and for any signature, because client %llu sent nothing", (unsigned long long)c->earlier.number));
	else if (r->cas_len > 0)
		add(w, "asked", arena_printf(a, "with %zu CA%s named%s%s", r->cas_len, r->cas_len == 1 ? "" : "s", like != NULL ? ", as " : "", like != NULL ? like : ""));
	else
		add(w, "asked", "without a list of CAs");
}

static void
add_sent(const struct client *c, struct word_lines *w)
{
	const struct handshake *h = c->handshake;
	struct arena *a = w->arena;

	if (!h->sent_certificate_message && h->request.seen)
		add(w, "sent", "it did not come to its certificate");
	else if (h->sent_certificate_message && c->certs_len == 0)
		add(w, "sent", "an empty Certificate");
	else if (c->certs_len > 0)
		add(w, "sent", arena_printf(a, "%zu certificate%s%s", c->certs_len, c->certs_len == 1 ? "" : "s",
		    c->signature_checked ? ", and it has the key" : ""));
}

static void
add_said(const struct client *c, struct word_lines *w)
{
	const struct handshake *h = c->handshake;
	struct arena *a = w->arena;
	size_t shown = 0;

	for (size_t i = 0; i < h->alerts_len && shown < ALERTS_SHOWN; i++) {
		const struct alert *x = &h->alerts[i];

		if (x->number == 0)
			continue;
		add(w, shown++ == 0 ? "alert" : "", arena_printf(a, "%s: %u %s, %s", x->from == PEER_US ? "from the client" : "from us", x->number,
		    alert_info(x->number)->name, x->from == PEER_US ? "about our certificate or our hello" : "about what it sent"));
	}
	if (c->request != NULL)
		add(w, "request", c->request);
}

/* What it may be besides, and what would decide. */
static void
add_candidates(const struct diagnosis *d, struct word_lines *w)
{
	const struct finding *f = d->root;

	for (size_t i = 0; f != NULL && i < f->candidates_len; i++) {
		const struct candidate *x = &f->candidates[i];

		add(w, "or", arena_printf(w->arena, "%s: %s (%s)", code_info(x->code)->name, client_phrase(x->code), confidence_name(x->likelihood)));
		if (x->decided_by != NULL)
			add(w, "decide", x->decided_by);
	}
}

void
client_lines(const struct diagnosis *d, struct word_lines *w)
{
	const struct client *c = d->evidence->client;

	add_candidates(d, w);
	words_proof(d->root != NULL && d->root->proof_len > 0 ? d->root : NULL, w);
	add_client(c, w);
	add_asked(c, w);
	add_sent(c, w);
	add_said(c, w);
}

/* “order-service” expired 4 d ago; “order-service” was valid until …: both begin with the certificate, and say the same of it. */
static bool
begin_with_one_certificate(const char *title, const char *summary)
{
	const char *quoted = "“", *end = strstr(title, "”");

	return strncmp(title, quoted, strlen(quoted)) == 0 && end != NULL && strncmp(title, summary, (size_t)(end - title) + strlen("”")) == 0;
}

const char *
client_verdict(const struct diagnosis *d, struct arena *a)
{
	const char *title = d->root != NULL && d->verdict != VERDICT_NOTICE ? d->root->title : NULL;

	/* Most sentences say what their title says; some go on from it. */
	if (title == NULL || strncmp(d->summary, title, strlen(title)) == 0 || begin_with_one_certificate(title, d->summary))
		return d->summary;
	return arena_printf(a, "%s. %s", title, d->summary);
}

static void
tree(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	struct chain_view v;

	chain_rows(d, true, a, &v);
	for (size_t i = 0; i < v.len; i++) {
		const struct chain_row *r = &v.rows[i];
		size_t at = NAME_COLUMN, blanks = r->depth == 0 ? 0 : (r->depth < 8 ? r->depth - 1 : 7) * 2;

		page_pad(p, 0, NAME_COLUMN);
		if (p->style->plain) {
			page_textf(p, "%s: %s, %s%s%s\n", r->name, chain_mark_words[r->mark], r->note, r->until[0] != '\0' ? ", " : "", r->until);
			continue;
		}
		page_tinted(p, r->mark == CHAIN_BROKEN ? TINT_FAIL : r->mark == CHAIN_SOON ? TINT_WARN : TINT_NONE, chain_mark_words[r->mark]);
		page_pad(p, 0, 1 + blanks);
		if (r->depth > 0)
			page_text(p, "└─");
		page_text(p, r->name);
		at += 3 + blanks + (r->depth > 0 ? 2 : 0) + page_columns_of(p, r->name);
		page_pad(p, at, at < NOTE_COLUMN ? NOTE_COLUMN : at + 1);
		at = at < NOTE_COLUMN ? NOTE_COLUMN : at + 1;
		page_text(p, r->note);
		at += page_columns_of(p, r->note);
		if (r->until[0] != '\0') {
			page_pad(p, at, at < UNTIL_COLUMN ? UNTIL_COLUMN : at + 1);
			page_text(p, r->until);
		}
		buf_addc(p->out, '\n');
	}
}

void
report_client(const struct diagnosis *d, const struct report_style *s, struct buf *out)
{
	struct page p = { .out = out, .style = s };
	struct arena *a = arena_new();
	struct word_lines w = { .arena = a };

	verdict_line(d, &p);
	buf_adds(out, "  ");
	page_wrap(&p, 2, 2, client_verdict(d, a));
	if (d->root != NULL && d->verdict != VERDICT_NOTICE)
		page_labelled(&p, "mend", client_mend(d, d->root, a));
	client_lines(d, &w);
	size_t also = 0;
	for (size_t i = 1; i < d->len; i++)
		if (diagnosis_cause_of(d, &d->findings[i]) == NULL)
			add(&w, also++ == 0 ? "also" : "", arena_printf(a, "%s %s: %s", state_word(state_of_severity(d->findings[i].severity)), code_info(d->findings[i].code)->name,
		    d->findings[i].title != NULL ? d->findings[i].title : ""));
	for (size_t i = 0; i < w.len; i++)
		page_labelled(&p, w.items[i].label, w.items[i].text);
	tree(d, &p, a);
	buf_addc(out, '\n');
	arena_free(a);
}
