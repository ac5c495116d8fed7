/*
 * What other looks at the same service show: addresses of one name that differ, and an answer that is
 * not always the same (knowledge: "diagnosis", 5.2: E0, E14, E17). They run after all others: whether
 * the baseline is an error of itself is known by then.
 */
#include <string.h>

#include "model/ending.h"
#include "model/judged.h"
#include "model/ladder.h"
#include "model/matched.h"
#include "model/memory.h"
#include "model/mend.h"
#include "model/page.h"
#include "model/places.h"
#include "model/quote.h"
#include "model/rules.h"

/* What the baseline alone would be; a policy that only experiments show counts at no single address. */
static bool
base_fails(const struct facts *f, const struct findings *in)
{
	if (f->ending != CODE_NONE)
		return true;
	for (size_t i = 0; i < in->len; i++)
		if (in->items[i]->severity == SEVERITY_ERROR && (in->items[i]->code == CODE_MTLS_NOT_REQUESTED ||
		    code_info(in->items[i]->code)->group != GROUP_MTLS))
			return true;
	return false;
}

static bool
is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]", 5) == 0;
}

/* What counts is what the other side did; on loopback, services often listen on one of the two families. */
static bool
tells(const struct place *p, const struct handshake *base)
{
	enum connect_result r = p->h->attempts_len > 0 ? p->h->attempts[0].result : CONNECT_OTHER;

	if (p->again)
		return p->connected && (!p->same_chain || !p->same_list);
	if (p->connected)
		return true;
	if (r != CONNECT_REFUSED && r != CONNECT_RESET && r != CONNECT_TIMEOUT)
		return false;
	return !is_loopback(p->h->address) || (p->h->address[0] == '[') == (base->address[0] == '[');
}

static bool
differs(const struct place *p)
{
	return !p->connected || !p->same_answer || !p->same_chain || !p->same_list;
}

/* Two lists of one CA each are told apart by name, longer ones by their length where that differs. */
static void
other_list(struct buf *b, const struct handshake *h, const struct handshake *base)
{
	size_t n = h->request.cas_len, there = base->request.cas_len;
	char name[QUOTE_MAX];

	buf_adds(b, ", and names other CAs");
	if (n == 1)
		buf_addf(b, " (only “%s”)", quote_str(name_called(&h->request.cas[0]), name));
	else if (n != there)
		buf_addf(b, " (%zu instead of %zu)", n, there);
}

static void
add_look(struct buf *b, const struct facts *f, const struct handshake *h, const struct place *p)
{
	char address[QUOTE_MAX], leaf[QUOTE_MAX];

	buf_addf(b, "%s%s %s", b->len > 0 ? "; " : "", quote_str(h->address, address), place_words(h, p != NULL ? p->own : NULL, f->arena));
	if (p == NULL || !p->connected)
		return;
	if (!p->same_chain && h->server_certs[0].cert != NULL && f->base->server_certs[0].cert != NULL &&
	    !fingerprint_equal(&h->server_certs[0].cert->sha256, &f->base->server_certs[0].cert->sha256))
		buf_addf(b, ", with another certificate (“%s”, serial %s)", quote_str(cert_label(h->server_certs[0].cert), leaf),
		    h->server_certs[0].cert->serial_hex);
	else if (!p->same_chain)
		buf_addf(b, ", with another chain (%zu certificate%s instead of %zu)", h->server_certs_len, h->server_certs_len == 1 ? "" : "s",
		    f->base->server_certs_len);
	if (!p->same_list)
		other_list(b, h, f->base);
	if (handshake_accepted(h) && place_fails(p))
		buf_addf(b, ", and we do not accept it: %s", code_phrase(p->own->root->code));
}

/* Which address does what, the baseline's first. */
static const char *
each_address(const struct facts *f)
{
	struct buf b = { 0 };
	const char *text;

	add_look(&b, f, f->base, NULL);
	for (size_t i = 0; i < f->places_len; i++)
		if (tells(&f->places[i], f->base))
			add_look(&b, f, f->places[i].h, &f->places[i]);
	text = arena_strdup(f->arena, buf_str(&b));
	buf_done(&b);
	return text;
}

/* What targets with this cause share: the host's addresses that are not as the baseline's. */
static const char *
those_that_differ(const struct facts *f)
{
	const char *list = NULL;
	char address[QUOTE_MAX];

	for (size_t i = 0; i < f->places_len; i++) {
		if (!tells(&f->places[i], f->base) || !differs(&f->places[i]))
			continue;
		quote_str(f->places[i].h->address, address);
		list = list == NULL ? arena_strdup(f->arena, address) : arena_printf(f->arena, "%s, %s", list, address);
	}
	return list;
}

static void
prove_once(struct findings *to, struct finding *n, const struct handshake *h)
{
	for (size_t i = 0; i < n->proof_len; i++)
		if (strcmp(n->proof[i].handshake, h->id) == 0)
			return;
	finding_prove(to, n, h);
}

/* The proofs that a place has of itself, by the names that its handshakes have here. */
static void
rename_proofs(const struct facts *f, struct finding *n)
{
	n->proof = arena_dup(f->arena, n->proof, n->proof_len * sizeof *n->proof);
	for (size_t i = 0; i < n->proof_len; i++) {
		for (size_t k = 0; k < f->ev->handshakes_len; k++) {
			const struct handshake *h = f->ev->handshakes[k];

			if (strcmp(h->id, n->proof[i].handshake) != 0)
				continue;
			n->proof[i].experiment = h->experiment;
			n->proof[i].words = look_words(h, f->arena);
		}
	}
}

/* CONTRACT section 4: where the verdicts differ, the cause is that of the address that fails. */
static void
adopt_failure(const struct facts *f, struct findings *to, const struct place *p)
{
	struct finding *n = findings_find(to, p->own->root->code);
	char there[QUOTE_MAX], here[QUOTE_MAX];

	if (n != NULL && n->address != NULL)
		return; /* another address has it too */
	if (n == NULL)
		n = finding_add(to, p->own->root->code);
	*n = *p->own->root;
	n->root_cause = false;
	n->address = p->h->address;
	quote_str(p->h->address, there);
	quote_str(f->base->address, here);
	finding_title(to, n, "At %s: %s", there, p->own->root->title);
	finding_why(to, n, "At %s, one of the addresses behind the name: %s %s %s.", there, p->own->root->why, here, place_words(f->base, NULL, f->arena));
	finding_cite(to, n, "%s: %s %s", f->base->id, here, place_words(f->base, NULL, f->arena));
	rename_proofs(f, n);
	prove_once(to, n, f->base);
	prove_once(to, n, p->h);
	finding_explain(to, n, CODE_NET_ADDRESSES_DIFFER);
}

/* The baseline fails and another address does not: its own findings are the cause. */
static void
blame_baseline(const struct facts *f, struct findings *to, const struct place *p)
{
	char there[QUOTE_MAX], here[QUOTE_MAX];

	quote_str(p->h->address, there);
	quote_str(f->base->address, here);
	for (size_t i = 0; i < to->len; i++) {
		struct finding *n = to->items[i];

		if (n->severity != SEVERITY_ERROR || n->code == CODE_NET_ADDRESSES_DIFFER || n->address != NULL)
			continue;
		n->address = f->base->address;
		finding_cite(to, n, "%s: this is %s; %s %s", p->h->id, here, there, place_words(p->h, p->own, f->arena));
		finding_explain(to, n, CODE_NET_ADDRESSES_DIFFER);
	}
}

static void
addresses(const struct facts *f, struct findings *to)
{
	const char *those = those_that_differ(f);
	bool fails = base_fails(f, to);
	struct finding *n;

	if (those == NULL)
		return;
	n = findings_find(to, CODE_NET_ADDRESSES_DIFFER); /* some take no connection: model/rules_net.c */
	if (n == NULL) {
		n = finding_add(to, CODE_NET_ADDRESSES_DIFFER);
		finding_shares(to, n, those, those);
		finding_why(to, n, "Behind the name: %s.", each_address(f));
	} else {
		finding_why(to, n, "%s Of those that do: %s.", n->why, each_address(f));
	}
	n->confidence = CONFIDENCE_CERTAIN; /* it is what this machine saw */
	finding_title(to, n, "The addresses behind the name do not serve the same");
	finding_prove(to, n, f->base);
	for (size_t i = 0; i < f->places_len; i++) {
		const struct place *p = &f->places[i];

		if (!tells(p, f->base) || !differs(p))
			continue;
		finding_prove(to, n, p->h);
		if (!p->connected || fails == place_fails(p) || (p->again && !p->same_answer))
			continue; /* a client goes on to the next address; both fail, which the baseline's findings say; or repeats() says it */
		n->severity = SEVERITY_ERROR;
		if (fails)
			blame_baseline(f, to, p);
		else
			adopt_failure(f, to, p);
	}
}

/* ---- the same question, not the same answer ---- */

struct tries {
	size_t all, let_in, different;
	const struct place *other; /* the first that went another way; NULL: none did */
};

static struct tries
count_tries(const struct facts *f)
{
	struct tries t = { .all = 1, .let_in = f->accepted };

	for (size_t i = 0; i < f->places_len; i++) {
		const struct place *p = &f->places[i];

		if (!p->again)
			continue;
		t.all++;
		t.let_in += handshake_accepted(p->h);
		if (p->same_answer)
			continue;
		t.different++;
		if (t.other == NULL)
			t.other = p;
	}
	return t;
}

static const char *
ratio(const struct facts *f, const struct tries *t)
{
	const struct handshake *no = f->accepted ? t->other->h : f->base;
	struct refusal r = refusal_in(no);

	if (t->let_in == 0 || t->let_in == t->all)
		return arena_printf(f->arena, "Of %zu tries at the same address, all alike, %zu ended otherwise than the first.", t->all, t->different);
	return arena_printf(f->arena, "Of %zu tries at the same address, all alike, %zu went through and %zu did not%s%s%s.", t->all, t->let_in,
	    t->all - t->let_in, r.kind != REFUSAL_NONE ? " (" : "", r.kind != REFUSAL_NONE ? refusal_label(&r, f->arena) : "",
	    r.kind != REFUSAL_NONE ? ")" : "");
}

/* What is refused at one time and taken at another is not refused for what is the same at both. */
static void
acquit(struct findings *to, const struct tries *t)
{
	for (size_t i = 0; i < to->len; i++) {
		struct finding *n = to->items[i];
		size_t kept = 0;

		if (n->code == CODE_CLIENT_REJECTED || !finding_explains(n, CODE_CLIENT_REJECTED))
			continue;
		for (size_t k = 0; k < n->explains_len; k++)
			if (n->explains[k] != CODE_CLIENT_REJECTED)
				n->explains[kept++] = n->explains[k];
		n->explains_len = kept;
		n->severity = SEVERITY_WARNING;
		n->confidence = CONFIDENCE_LOW;
		finding_cite(to, n, "not the cause here, or not at every server behind the address: %zu of %zu tries went through", t->let_in, t->all);
	}
}

static void
say_mixed(const struct facts *f, struct findings *to, const struct tries *t, enum code code)
{
	struct finding *n = findings_find(to, code);

	if (n == NULL)
		n = finding_add(to, code);
	n->severity = SEVERITY_ERROR;
	n->confidence = CONFIDENCE_LOW;
	n->candidates_len = 0; /* each of them would be refused every time */
	finding_title(to, n, "The answer is not always the same: %zu of %zu tries went through", t->let_in, t->all);
	finding_why(to, n, "%s Servers that differ stand behind this address, or something on the way cuts connections: ask its owner whether all of them have the same configuration.",
	    ratio(f, t));
	finding_cite(to, n, "%s: %s", f->base->id, place_words(f->base, NULL, f->arena));
	finding_prove(to, n, f->base);
	for (size_t i = 0; i < f->places_len; i++) {
		const struct place *p = &f->places[i];

		if (!p->again)
			continue;
		finding_cite(to, n, "%s: %s", p->h->id, place_words(p->h, p->own, f->arena));
		finding_prove(to, n, p->h);
	}
}

static void
repeats(const struct facts *f, struct findings *to)
{
	struct tries t = count_tries(f);
	struct finding *n;

	if (t.all == 1)
		return;
	if (t.let_in == 0 || t.let_in == t.all) {
		n = f->ending != CODE_NONE ? findings_find(to, f->ending) : NULL;
		if (n != NULL)
			finding_cite(to, n, t.other == NULL ? "%zu of %zu tries ended like this" : "%zu of %zu tries failed, and not all in the same way", t.all, t.all);
		return;
	}
	if (f->refused)
		acquit(to, &t);
	say_mixed(f, to, &t, f->ending != CODE_NONE ? f->ending : ending_code(t.other->seen));
}

/* ---- proved at another target ---- */

static bool
is_matched(const struct facts *f, const char *id)
{
	for (size_t i = 0; i < f->ev->matched->len; i++)
		if (strcmp(f->ev->matched->handshakes[i]->id, id) == 0)
			return true;
	return false;
}

static bool
rests_on_match(const struct facts *f, const struct finding *n)
{
	for (size_t i = 0; i < n->proof_len; i++)
		if (is_matched(f, n->proof[i].handshake))
			return true;
	return n->code == CODE_CLIENT_REJECTED || n->code == CODE_CLIENT_LATE_AUTH;
}

/*
 * The same certificate was refused in the same way: what was found out there is very likely so here, and was not tried
 * here. How that server treats others is no finding about this one.
 */
static void
matched(const struct facts *f, struct findings *to)
{
	size_t kept = 0;

	if (f->ev->matched == NULL)
		return;
	for (size_t i = 0; i < to->len; i++) {
		struct finding *n = to->items[i];

		if (rests_on_match(f, n)) {
			if (code_info(n->code)->group == GROUP_MTLS)
				continue;
			if (n->confidence > CONFIDENCE_HIGH)
				n->confidence = CONFIDENCE_HIGH;
			finding_cite(to, n, "matched with %s, which was asked for all that are refused like this: the same certificate, the same refusal",
			    f->ev->matched->with);
		}
		to->items[kept++] = n;
	}
	to->len = kept;
}

static const struct rule rules[] = {
	{ .code = CODE_NET_ADDRESSES_DIFFER, .look = addresses },
	{ .code = CODE_CLIENT_REJECTED, .look = repeats },
	{ .code = CODE_CLIENT_MISSING_INTERMEDIATE, .look = matched },
};
const struct rule_table rules_places = { "places", rules, sizeof rules / sizeof rules[0] };
