#include "model/diff_case.h"

#include <string.h>

#include "model/alert.h"
#include "model/diff.h"
#include "model/diff_cert.h"
#include "model/experiment.h"
#include "model/memory.h"
#include "model/page.h"
#include "model/quote.h"
#include "model/times.h"

enum { NAMED_CAS = 20 }; /* of a server's list: a list of thousands is told by its length */

/* One case, while two are compared. */
struct seen {
	const struct diagnosis *d;
	const struct evidence *e;
	const struct handshake *h; /* the baseline; NULL: offline */
	struct arena *a;
};

/* ---- facts, each as a text; "" where there is none ---- */

static const char *
cause(const struct seen *s)
{
	const struct finding *root = s->d->root;

	if (root == NULL)
		return verdict_name(s->d->verdict);
	return arena_printf(s->a, "%s: %s (%s)", verdict_name(s->d->verdict), code_info(root->code)->name,
	    confidence_name(root->confidence));
}

static const char *
summary(const struct seen *s)
{
	return s->d->summary;
}

static const char *
others(const struct seen *s)
{
	struct buf b = { 0 };
	const char *list;

	for (size_t i = 0; i < s->d->len; i++)
		if (&s->d->findings[i] != s->d->root)
			buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", code_info(s->d->findings[i].code)->name);
	list = arena_strdup(s->a, buf_str(&b));
	buf_done(&b);
	return list;
}

static const char *
answer_of(const struct handshake *h, struct arena *a)
{
	const struct alert *alert = handshake_fatal_alert(h, PEER_SERVER);

	if (h->http.status != 0)
		return arena_printf(a, "%s, HTTP %d", outcome_name(h->outcome), h->http.status);
	if (alert != NULL)
		return arena_printf(a, "%s, alert %u %s", outcome_name(h->outcome), alert->number, alert_info(alert->number)->name);
	return outcome_name(h->outcome);
}

static const char *
answer(const struct seen *s)
{
	return answer_of(s->h, s->a);
}

static const char *
experiments(const struct seen *s)
{
	struct buf b = { 0 };
	const char *list;

	for (size_t i = 1; i < s->e->handshakes_len; i++) {
		const struct experiment *x = experiment_named(s->e->handshakes[i]->experiment);

		buf_addf(&b, "%s%s: %s", b.len > 0 ? "; " : "", x != NULL ? x->words : s->e->handshakes[i]->experiment,
		    answer_of(s->e->handshakes[i], s->a));
	}
	list = arena_strdup(s->a, buf_str(&b));
	buf_done(&b);
	return list;
}

static const char *
asked(const struct seen *s)
{
	const struct certificate_request *r = &s->h->request;

	return !r->seen ? "no client certificate" : r->after_finished ? "for a client certificate, after the handshake" :
	    "for a client certificate";
}

static const char *
listed(const struct seen *s)
{
	const struct certificate_request *r = &s->h->request;
	struct buf b = { 0 };
	const char *list;

	for (size_t i = 0; i < r->cas_len && i < NAMED_CAS; i++)
		buf_addf(&b, "%s%s", i > 0 ? "; " : "", r->cas[i].safe);
	if (r->cas_len > NAMED_CAS)
		buf_addf(&b, "; and %zu more", r->cas_len - NAMED_CAS);
	list = arena_strdup(s->a, buf_str(&b));
	buf_done(&b);
	return list;
}

static const char *
algorithms(const struct seen *s)
{
	const struct certificate_request *r = &s->h->request;
	struct buf b = { 0 };
	const char *list;

	for (size_t i = 0; i < r->sigalgs_len; i++) {
		const char *name = sigalg_name(r->sigalgs[i]);

		if (name != NULL)
			buf_addf(&b, "%s%s", i > 0 ? ", " : "", name);
		else
			buf_addf(&b, "%s0x%04x", i > 0 ? ", " : "", r->sigalgs[i]);
	}
	list = arena_strdup(s->a, buf_str(&b));
	buf_done(&b);
	return list;
}

static const char *
version(const struct seen *s)
{
	return s->h->version != 0 ? tls_version_name(s->h->version) : NULL;
}

static const char *
cipher(const struct seen *s)
{
	return s->h->cipher;
}

static const char *
group(const struct seen *s)
{
	return s->h->group;
}

static const char *
alpn(const struct seen *s)
{
	return s->h->alpn;
}

static const char *
stack(const struct seen *s)
{
	return s->d->stack.name;
}

static const char *
target(const struct seen *s)
{
	char label[320];

	return arena_strdup(s->a, target_label(&s->e->target, label, sizeof label));
}

static const char *
servername(const struct seen *s)
{
	return target_name(&s->e->target);
}

static const char *
address(const struct seen *s)
{
	return s->h->address;
}

static const char *
trusted(const struct seen *s)
{
	return s->e->trust != NULL ? s->e->trust->from : NULL;
}

static const char *
identity(const struct seen *s)
{
	return s->e->identity != NULL ? s->e->identity->cert_file : NULL;
}

static const char *
our_key(const struct seen *s)
{
	const struct identity *us = s->e->identity;

	return us == NULL || us->key == NULL ? NULL : us->matches ? "belongs to our certificate" : "belongs to another certificate";
}

static const char *
clock_of(const struct seen *s)
{
	const struct clocks *c = &s->e->clocks;
	char span[TIME_TEXT_MAX];

	/* A server that gives no date is no difference to one whose clock is right: a refusal brings none. */
	if (!evidence_clocks_differ(s->e))
		return NULL;
	return arena_printf(s->a, "%s %s", time_span(c->server_offset_ms < 0 ? -c->server_offset_ms / 1000 : c->server_offset_ms / 1000, span),
	    c->server_offset_ms < 0 ? "behind ours" : "ahead of ours");
}

/* In the order of their weight. */
static const struct {
	const char *what;
	const char *(*of)(const struct seen *s);
	bool online; /* of a handshake */
} facts[] = {
	{ "verdict", cause, false },
	{ "says", summary, false },
	{ "also", others, false },
	{ "answer", answer, true },
	{ "tried", experiments, true },
	{ "asks", asked, true },
	{ "names CAs", listed, true },
	{ "algorithms", algorithms, true },
	{ "clock", clock_of, true },
	{ "TLS", version, true },
	{ "cipher", cipher, true },
	{ "group", group, true },
	{ "ALPN", alpn, true },
	{ "server", stack, true },
	{ "target", target, true },
	{ "name", servername, true },
	{ "address", address, true },
	{ "our files", identity, false },
	{ "our key", our_key, false },
	{ "trusted", trusted, false },
};

/* ---- certificates ---- */

static void
add_cert(struct objects *to, const struct cert *c, const char *file)
{
	to->items = arena_grow(to->arena, to->items, to->len, &to->cap, sizeof *to->items);
	to->items[to->len++] = (struct object){ .kind = OBJECT_CERT, .file = file, .container = "case", .cert = cert_ref(c) };
}

static void
add_theirs(const struct evidence *e, const char *name, struct objects *to)
{
	const struct handshake *h = evidence_baseline(e);

	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++)
		if (h->server_certs[i].cert != NULL)
			add_cert(to, h->server_certs[i].cert, name);
	for (size_t i = 0; e->offline && i < e->offline_len; i++)
		add_cert(to, e->offline_chain[i], name);
}

static void
add_ours(const struct evidence *e, const char *name, struct objects *to)
{
	for (size_t i = 0; e->identity != NULL && i < e->identity->len; i++)
		add_cert(to, e->identity->certs[i], name);
}

static void
start(struct objects *o)
{
	if (o->arena == NULL)
		o->arena = arena_new();
}

void
case_objects(const struct evidence *e, const char *name, struct objects *out)
{
	start(out);
	add_theirs(e, arena_strdup(out->arena, name), out);
	add_ours(e, arena_strdup(out->arena, name), out);
}

/* ---- the page ---- */

static void
compare_facts(const struct seen *a, const struct seen *b, struct diff_pair *into)
{
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		const char *x = facts[i].online && a->h == NULL ? NULL : facts[i].of(a);
		const char *y = facts[i].online && b->h == NULL ? NULL : facts[i].of(b);

		x = x != NULL ? x : "";
		y = y != NULL ? y : "";
		if (strcmp(x, y) != 0)
			diff_add(into, a->a, facts[i].what, x[0] != '\0' ? x : "none", y[0] != '\0' ? y : "none");
	}
}

static void
head_line(const struct page *p, const char *sign, const char *name, const struct evidence *e)
{
	char shown[QUOTE_MAX], at[TIME_TEXT_MAX];

	page_textf(p, "%s %s: seen %s%s%s\n", sign, quote_str(name, shown), time_human(e->started_ms / 1000, at),
	    e->seen_from != NULL ? " from " : "", e->seen_from != NULL ? e->seen_from : "");
}

/* The certificates of one side in both. */
static size_t
chain_page(const char *title, void (*add)(const struct evidence *e, const char *name, struct objects *to), const struct seen *a,
    const struct seen *b, const char *name_a, const char *name_b, const struct page *p)
{
	struct objects x = { .len = 0 }, y = { .len = 0 };
	struct diff *d;
	size_t len;

	start(&x);
	start(&y);
	add(a->e, name_a, &x);
	add(b->e, name_b, &y);
	d = diff_objects(&x, &y, evidence_now(b->e));
	len = d->len + d->order_differs;
	if (len > 0)
		page_heading(p, title);
	if (d->order_differs)
		page_text(p, "The same certificates, in another order.\n");
	diff_pairs(d, name_a, name_b, p);
	diff_free(d);
	objects_done(&x);
	objects_done(&y);
	return len;
}

void
diff_cases_page(const struct diagnosis *a, const struct diagnosis *b, const char *name_a, const char *name_b,
    const struct report_style *s, struct buf *out)
{
	struct arena *arena = arena_new();
	struct seen x = { .d = a, .e = a->evidence, .h = evidence_baseline(a->evidence), .a = arena };
	struct seen y = { .d = b, .e = b->evidence, .h = evidence_baseline(b->evidence), .a = arena };
	struct page p = { .out = out, .style = s };
	struct diff_pair pair = { .len = 0 };
	size_t chains;

	head_line(&p, "-", name_a, x.e);
	head_line(&p, "+", name_b, y.e);
	compare_facts(&x, &y, &pair);
	if (pair.len > 0)
		page_heading(&p, "What was seen");
	diff_items(&pair, &p);
	chains = chain_page("The server's certificates", add_theirs, &x, &y, name_a, name_b, &p);
	chains += chain_page("Our certificates", add_ours, &x, &y, name_a, name_b, &p);
	if (pair.len == 0 && chains == 0)
		page_text(&p, "\nNo difference but the times.\n");
	arena_free(arena);
}
