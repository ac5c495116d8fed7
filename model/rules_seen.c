/*
 * What a client sent when it was asked for a certificate. Its chain is judged by the rules of
 * model/rules_ours.c, as files would be; here stands what only its handshake tells: that it sent none and why
 * that may be, whether a named store trusts it, whether it has the key.
 */
#include <string.h>

#include "model/memory.h"
#include "model/seen.h"
#include "model/signature_scheme.h"

enum { NAMES_CITED = 3 };

static bool
sent_none(const struct client *c)
{
	return c->handshake->request.seen && c->handshake->sent_certificate_message && c->certs_len == 0 && !c->certs_truncated;
}

static const struct cert *
leaf_of(const struct client *c)
{
	return c->certs_len > 0 ? c->certs[0].cert : NULL;
}

/* ---- words ---- */

static const char *
names(const struct facts *f, const struct certificate_request *r)
{
	const char *list = "";

	for (size_t i = 0; i < r->cas_len && i < NAMES_CITED; i++)
		list = arena_printf(f->arena, "%s%s“%s”", list, i > 0 ? ", " : "", r->cas[i].safe);
	return r->cas_len > NAMES_CITED ? arena_printf(f->arena, "%s and %zu more", list, r->cas_len - NAMES_CITED) : list;
}

static const char *
asked_by(const struct client *c)
{
	return c->listening->like != NULL ? c->listening->like : "the file that --cacert names";
}

static void
cite_request(const struct facts *f, struct findings *to, struct finding *n)
{
	const struct client *c = seen(f);
	const struct certificate_request *r = &c->handshake->request;

	if (r->cas_len > 0)
		finding_cite(to, n, "%s: it was asked with the CA list of %s: %s", seen_id(f), asked_by(c), names(f, r));
	else
		finding_cite(to, n, "%s: it was asked without a list of CAs", seen_id(f));
	if (c->listening->request.sigalgs_len > 0 && c->asked == ASKED_AS_SET)
		finding_cite(to, n, "%s: for these signatures: %s", seen_id(f), schemes_asked(r, f->arena));
	finding_cite(to, n, "%s: it sent an empty Certificate", seen_id(f));
}

/* ---- the key ---- */

/* key.mismatch, a certificate that cannot be read */
static void
its_certificate(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct handshake *h = c != NULL ? c->handshake : NULL;
	struct finding *n;

	if (c == NULL || h->cancelled)
		return;
	if (c->certs_len > 0 && c->certs[0].cert == NULL) {
		n = finding_add(to, CODE_CERT_MALFORMED);
		n->side = SIDE_CLIENT;
		n->severity = SEVERITY_ERROR;
		n->confidence = CONFIDENCE_CERTAIN;
		finding_title(to, n, "Its certificate cannot be read");
		finding_why(to, n, "What it sent as its certificate is none: %s.", c->certs[0].problem != NULL ? c->certs[0].problem : "it does not parse");
		finding_cite(to, n, "%s: %zu bytes in the place of the leaf", seen_id(f), c->certs[0].der.len);
		return;
	}
	if (h->local != LOCAL_BAD_SIGNATURE || leaf_of(c) == NULL)
		return;
	n = finding_add(to, CODE_KEY_MISMATCH);
	n->confidence = CONFIDENCE_CERTAIN;
	finding_at(to, n, leaf_of(c));
	finding_title(to, n, "Its key does not belong to “%s”", cert_called(leaf_of(c)));
	finding_why(to, n, "It signed the handshake, and the signature does not verify with the key in “%s”: it uses the private key of another certificate.",
	    cert_called(leaf_of(c)));
	finding_cite(to, n, "%s: its CertificateVerify does not verify; RFC 8446 4.4.3", seen_id(f));
}

/* ---- it sent none ---- */

static bool
has_scheme(const struct certificate_request *r, bool (*is)(uint16_t))
{
	for (size_t i = 0; i < r->sigalgs_len; i++)
		if (is(r->sigalgs[i]))
			return true;
	return false;
}

static bool
is_rsa(uint16_t s)
{
	return (s & 0xff) == 0x01 || (s >= 0x0804 && s <= 0x0806);
}

static bool
is_ec(uint16_t s)
{
	return s == 0x0403 || s == 0x0503 || s == 0x0603;
}

/* Are there usual keys that can make none of the signatures that were asked for? */
static const char *
keys_left_out(const struct certificate_request *r)
{
	if (r->sigalgs_len == 0)
		return NULL;
	if (!has_scheme(r, is_rsa))
		return has_scheme(r, is_ec) ? "an RSA key" : "an RSA or EC key";
	return has_scheme(r, is_ec) ? NULL : "an EC key";
}

bool
client_may_withhold(const struct client *c, const struct certificate_request *r)
{
	const struct client_stack stack = client_stack_guess(c);

	return (r->cas_len > 0 && (stack.minds_list || !stack.list_is_known)) || keys_left_out(r) != NULL;
}

/* What `finding_prove` writes is about a server's answer; here it is what a client sent. */
static void
prove(struct findings *to, struct finding *n, const char *experiment, uint64_t number, size_t sent)
{
	struct arena *a = to->facts->arena;
	struct proof *p = arena_array(a, n->proof_len + 1, sizeof *p);

	if (n->proof_len > 0)
		memcpy(p, n->proof, n->proof_len * sizeof *p);
	p[n->proof_len] = (struct proof){ experiment, arena_printf(a, "c%llu", (unsigned long long)number),
		sent == 0 ? "it sent nothing" : arena_printf(a, "it sent %zu certificate%s", sent, sent == 1 ? "" : "s"), experiment };
	n->proof = p;
	n->proof_len++;
}

static const char once_more[] = "let it connect once more: it is then asked without a list, for every signature";

/* Asked without list and limits it sent one, asked as set it does not: the difference is the cause. */
static void
kept_back(const struct facts *f, struct findings *to, bool by_list)
{
	const struct client *c = seen(f);
	struct finding *n = finding_add(to, by_list ? CODE_CLIENT_NOT_IN_CA_LIST : CODE_CLIENT_NOT_SENT);

	n->severity = SEVERITY_ERROR;
	finding_title(to, n, "It has a certificate and does not send it: %s", by_list ? "its CA is not on the list" : "its key makes none of the signatures");
	finding_why(to, n, "Asked without a list and for any signature it sent %zu certificate%s (client %llu). Asked as %s asks it sends an empty Certificate.",
	    c->earlier.sent, c->earlier.sent == 1 ? "" : "s", (unsigned long long)c->earlier.number, asked_by(c));
	prove(to, n, "asked without a list, for any signature", c->earlier.number, c->earlier.sent);
	prove(to, n, "asked as set", c->number, 0);
	cite_request(f, to, n);
}

/*
 * An empty Certificate does not tell why (knowledge: "diagnosis", 3.5). What may be depends on what was asked
 * and on the library; where more than one thing may be, it is “either … or …”, and the next connection of
 * the same program is asked otherwise, which decides.
 */
static void
none(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct certificate_request *r = &c->handshake->request;
	const struct client_stack stack = client_stack_guess(c);
	bool twice = c->asked == ASKED_FOR_ANY;
	bool before = !twice && c->earlier.seen && c->earlier.asked == ASKED_FOR_ANY && c->earlier.sent > 0;
	bool by_list = !twice && r->cas_len > 0 && (stack.minds_list || !stack.list_is_known);
	const char *left_out = twice ? NULL : keys_left_out(r);
	struct finding *n;

	if (before && (by_list || left_out != NULL)) {
		kept_back(f, to, by_list);
		return;
	}
	n = finding_add(to, CODE_CLIENT_REQUIRED);
	finding_title(to, n, "It sends no certificate");
	n->confidence = by_list || left_out != NULL ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
	if (twice)
		finding_why(to, n, "It was asked twice, with the list of %s (client %llu) and without any, and sent an empty Certificate both times: none is configured there, or the program cannot read the one that is.",
		    asked_by(c), (unsigned long long)c->earlier.number);
	else if (by_list && stack.list_is_known)
		finding_why(to, n, "Either none is configured, or the one that is comes from a CA that is not on the list it was asked with: %s sends nothing then, and says so nowhere.", stack.name);
	else if (by_list)
		finding_why(to, n, "Either none is configured, or the one that is comes from a CA that is not on the list it was asked with: some libraries send nothing then. Which one this is is not known.");
	else if (left_out != NULL)
		finding_why(to, n, "Either none is configured, or it has %s, which makes none of the signatures that it was asked for.", left_out);
	else if (r->cas_len > 0)
		finding_why(to, n, "None is configured, or the program does not use it: %s would send one whatever the list of CAs says.", stack.name);
	else
		finding_why(to, n, "None is configured, or the program does not use it: nothing in what it was asked for would keep one back.");
	cite_request(f, to, n);
	finding_cite(to, n, "%s: %s (%s)", seen_id(f), client_called(c, f->arena), stack.because);
	if (by_list)
		finding_candidate(to, n, CODE_CLIENT_NOT_IN_CA_LIST, stack.list_is_known ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW, once_more);
	if (left_out != NULL)
		finding_candidate(to, n, CODE_CLIENT_NOT_SENT, CONFIDENCE_MEDIUM, once_more);
	finding_shares(to, n, "none-sent", "no client certificate was sent");
}

/* ---- it sent one: was it wanted? ---- */

static bool
listed(const struct certificate_request *r, const struct name *n)
{
	for (size_t i = 0; i < r->cas_len; i++)
		if (name_equal(&r->cas[i], n))
			return true;
	return false;
}

/* RFC 8446 4.2.4: does any issuer of the chain, as far as it is known, stand on the list? */
static bool
chain_is_listed(const struct facts *f, const struct certificate_request *r)
{
	const struct client *c = seen(f);

	for (size_t i = 0; i < c->certs_len; i++)
		if (c->certs[i].cert != NULL && listed(r, &c->certs[i].cert->issuer))
			return true;
	return false;
}

/* Asked as set it sent nothing, asked without list and limits it sent this: the difference is the cause. */
static void
withheld(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct certificate_request *r = &c->listening->request;
	const struct client_stack stack = client_stack_guess(c);
	bool by_list = r->cas_len > 0 && !chain_is_listed(f, r) && (stack.minds_list || !stack.list_is_known);
	bool by_key = scheme_kind_known(&leaf_of(c)->key) && !key_signs_any(&leaf_of(c)->key, r, c->handshake->version);
	const char *name = cert_called(leaf_of(c));
	struct finding *n;

	/* Nothing would have kept it back: somebody has configured it since. */
	if (!by_list && !by_key)
		return;
	n = finding_add(to, by_key ? CODE_CLIENT_NOT_SENT : CODE_CLIENT_NOT_IN_CA_LIST);
	n->severity = SEVERITY_ERROR;
	/* That both were one program is taken from its address and its hello: two that look alike would look so too. */
	n->confidence = CONFIDENCE_HIGH;
	finding_at(to, n, leaf_of(c));
	if (by_key) {
		finding_title(to, n, "It has “%s” and does not send it: its key makes none of the signatures", name);
		finding_why(to, n, "Its key is %s, and %s takes only these signatures: %s. So it sends an empty Certificate there.", leaf_of(c)->key.label,
		    asked_by(c), schemes_asked(r, f->arena));
	} else {
		finding_title(to, n, "It has “%s” and does not send it: its CA is not on the list", name);
		finding_why(to, n, "“%s” was issued by “%s”, which is not on the list of %s: %s. So it sends an empty Certificate there, as Go and Java do.",
		    name, name_called(&leaf_of(c)->issuer), asked_by(c), names(f, r));
	}
	prove(to, n, "asked as set", c->earlier.number, 0);
	prove(to, n, "asked without a list, for any signature", c->number, c->certs_len);
	finding_cite(to, n, "client %llu: asked as %s asks, an empty Certificate", (unsigned long long)c->earlier.number, asked_by(c));
	finding_cite(to, n, "%s: asked without a list, %zu certificate%s", seen_id(f), c->certs_len, c->certs_len == 1 ? "" : "s");
}

static void
not_on_list(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	struct finding *n = finding_add(to, CODE_CLIENT_NOT_IN_CA_LIST);

	n->confidence = CONFIDENCE_CERTAIN;
	/* With the intermediate that is missing it would be. */
	if (findings_find(to, CODE_CLIENT_MISSING_INTERMEDIATE) != NULL)
		finding_explain(to, findings_find(to, CODE_CLIENT_MISSING_INTERMEDIATE), CODE_CLIENT_NOT_IN_CA_LIST);
	finding_at(to, n, leaf_of(c));
	finding_title(to, n, "Its CA “%s” is not on the list that it was asked with", name_called(&leaf_of(c)->issuer));
	finding_why(to, n, "It sent “%s” all the same, as OpenSSL does; Go, Java and .NET would send nothing. The list of %s names %s.",
	    cert_called(leaf_of(c)), asked_by(c), names(f, &c->handshake->request));
	finding_cite(to, n, "%s: issuer %s", seen_id(f), c->certs[c->certs_len - 1].cert != NULL ? c->certs[c->certs_len - 1].cert->issuer.safe :
	    leaf_of(c)->issuer.safe);
}

static void
certificate(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct certificate_request *r;

	if (c == NULL || c->handshake->cancelled)
		return;
	if (sent_none(c)) {
		none(f, to);
		return;
	}
	if (leaf_of(c) == NULL)
		return;
	r = &c->handshake->request;
	if (c->asked == ASKED_FOR_ANY && c->earlier.seen && c->earlier.sent == 0)
		withheld(f, to);
	else if (r->cas_len > 0 && !chain_is_listed(f, r))
		not_on_list(f, to);
}

/* ---- is it trusted? ---- */

static bool
is_anchored(const struct path_set *paths)
{
	for (size_t i = 0; paths != NULL && i < paths->len; i++)
		if (paths->paths[i].anchored)
			return true;
	return false;
}

static void
trusted(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct cert *last, *leaf;
	const char *root, *store;
	struct finding *n;

	if (c == NULL || leaf_of(c) == NULL || !c->listening->trust_named || f->ev->trust == NULL || is_anchored(f->our_paths))
		return;
	/* What is missing or broken has said why no store can get there. */
	if (findings_find(to, CODE_CLIENT_MISSING_INTERMEDIATE) != NULL || findings_find(to, CODE_CLIENT_BAD_CHAIN) != NULL)
		return;
	leaf = leaf_of(c);
	last = f->our_paths != NULL && paths_best(f->our_paths) != NULL ?
	    paths_best(f->our_paths)->links[paths_best(f->our_paths)->len - 1].cert : leaf;
	root = last->self_signed ? cert_called(last) : name_called(&last->issuer);
	store = f->ev->trust->from != NULL ? f->ev->trust->from : "the trust store";
	n = finding_add(to, CODE_CLIENT_UNTRUSTED);
	n->confidence = last->self_signed ? CONFIDENCE_CERTAIN : CONFIDENCE_MEDIUM;
	finding_at(to, n, leaf);
	finding_explain(to, n, CODE_CLIENT_NOT_IN_CA_LIST);
	if (leaf->self_signed) {
		finding_title(to, n, "“%s” signs itself, and %s does not hold it", cert_called(leaf), store);
		finding_why(to, n, "No CA issued “%s”: it is signed with its own key. A server that trusts %s refuses it.", cert_called(leaf), store);
	} else {
		finding_title(to, n, "A server that trusts %s does not trust “%s”", store, root);
		finding_why(to, n, "Its chain leads from “%s” to “%s”, which is not in %s.", cert_called(leaf), root, store);
	}
	finding_cite(to, n, "%s: issuer %s, not in %s", seen_id(f), last->issuer.safe, store);
	if (!last->self_signed)
		finding_candidate(to, n, CODE_CLIENT_MISSING_INTERMEDIATE, CONFIDENCE_MEDIUM,
		    arena_printf(f->arena, "the certificate of “%s”: one that a CA in the store issued is an intermediate that is missing", root));
}

static const struct rule rules[] = {
	{ .code = CODE_KEY_MISMATCH, .look = its_certificate },
	{ .code = CODE_CLIENT_REQUIRED, .look = certificate },
	{ .code = CODE_CLIENT_UNTRUSTED, .look = trusted },
	{ .code = CODE_CHAIN_UNTRUSTED_ROOT, .look = seen_distrust },
	{ .code = CODE_NET_CLOSED, .look = seen_end },
};
const struct rule_table rules_seen = { "seen", rules, sizeof rules / sizeof rules[0] };
