/*
 * What experiments prove that change our hello or our request: another name, another protocol, one
 * version of TLS alone, another path (knowledge: "diagnosis", 5.2: E7, E10, E12, E13).
 */
#include <string.h>

#include "model/alert.h"
#include "model/experiment.h"
#include "model/judged.h"
#include "model/memory.h"
#include "model/proof.h"

enum { TLS13 = 0x0304 };

static bool
served(const struct handshake *h)
{
	return h != NULL && h->phase >= PHASE_SERVER_CERTIFICATE && h->server_certs_len > 0;
}

/* ---- another name ---- */

static bool
same_leaf(const struct handshake *a, const struct handshake *b)
{
	const struct text *x = &a->server_certs[0].der, *y = &b->server_certs[0].der;

	return x->len == y->len && memcmp(x->bytes, y->bytes, x->len) == 0;
}

/* Its flight has ended, so that a CertificateRequest would have been in it. */
static bool
flight_ended(const struct handshake *h)
{
	return h->phase >= PHASE_SERVER_DONE;
}

static const char *
leaf_of(const struct handshake *h)
{
	const struct cert *c = h->server_certs[0].cert;

	return c != NULL ? cert_called(c) : "a certificate that cannot be read";
}

static const char *
under(const struct handshake *h, struct arena *a)
{
	return h->offer.sni != NULL ? arena_printf(a, "for the name “%s”", h->offer.sni) : "without a name";
}

/* "shows “payment.internal” and asks for a certificate" */
static const char *
does(const struct handshake *h, bool say_leaf, bool say_request, struct arena *a)
{
	const struct alert *alert = handshake_fatal_alert(h, PEER_SERVER);
	const char *asks = h->request.seen ? "asks for a client certificate" : "asks for no client certificate";

	if (!served(h))
		return alert != NULL ? arena_printf(a, "ends the handshake with alert %u %s", alert->number, alert_info(alert->number)->name) :
		    "ends the handshake";
	if (say_leaf && say_request)
		return arena_printf(a, "shows “%s” and %s", leaf_of(h), asks);
	return say_leaf ? arena_printf(a, "shows “%s”", leaf_of(h)) : asks;
}

/* The server turned away what it serves under our name: it said so, or ended; a network that failed says nothing. */
static bool
turned_away(const struct handshake *h)
{
	return !served(h) && !h->cancelled && h->local == LOCAL_NONE && h->phase >= PHASE_HELLO &&
	    (handshake_fatal_alert(h, PEER_SERVER) != NULL || h->ended.how == END_FIN || h->ended.how == END_RST || h->ended.how == END_CLOSE_NOTIFY);
}

static void
name_explains(const struct facts *f, struct findings *to, struct finding *n, const struct handshake *h, bool other_leaf, bool other_request)
{
	struct finding *unasked = findings_find(to, CODE_MTLS_NOT_REQUESTED), *mismatch = findings_find(to, CODE_NAME_MISMATCH);
	const struct cert *leaf = served(h) ? h->server_certs[0].cert : NULL;

	if (other_request && h->request.seen && unasked != NULL) {
		finding_explain(to, n, CODE_MTLS_NOT_REQUESTED);
		if (n->severity < unasked->severity)
			n->severity = unasked->severity;
	}
	if (other_leaf && mismatch != NULL && leaf != NULL && f->host != NULL && cert_matches_host(leaf, f->host) == NAME_MATCHES) {
		finding_explain(to, n, CODE_NAME_MISMATCH);
		n->severity = mismatch->severity;
	}
}

static void
by_name(const struct facts *f, struct findings *to, const struct handshake *h)
{
	bool both = served(f->base) && served(h);
	bool other_leaf = both && !same_leaf(f->base, h);
	bool other_request = both && flight_ended(f->base) && flight_ended(h) && f->base->request.seen != h->request.seen;
	bool away = served(f->base) && turned_away(h), let_on = turned_away(f->base) && served(h);
	struct finding *n;

	if (!other_leaf && !other_request && !away && !let_on)
		return;
	n = finding_add(to, CODE_TLS_SNI_REQUIRED);
	n->confidence = both ? CONFIDENCE_CERTAIN : CONFIDENCE_HIGH;
	finding_title(to, n, "What the server does depends on the name that it is asked for");
	finding_why(to, n, "%s the server %s; %s it %s. The name goes with the hello (SNI), and a client that sends another one, or none, gets the other.",
	    f->base->offer.sni != NULL ? arena_printf(f->arena, "Asked for “%s”,", f->base->offer.sni) : "Asked for no name,",
	    does(f->base, other_leaf || away || let_on, other_request, f->arena), under(h, f->arena),
	    does(h, other_leaf || let_on, other_request, f->arena));
	finding_cite(to, n, "%s: %s: %s", h->id, under(h, f->arena), does(h, true, true, f->arena));
	finding_prove_as(to, n, f->base, does(f->base, other_leaf, other_request, f->arena));
	finding_prove_as(to, n, h, does(h, other_leaf, other_request, f->arena));
	if (f->leaf != NULL)
		finding_at(to, n, f->leaf);
	if (let_on) {
		n->severity = SEVERITY_ERROR;
		finding_explain(to, n, CODE_TLS_REJECTED);
	}
	name_explains(f, to, n, h, other_leaf, other_request);
}

/* The same certificate for our name and for none: the server has nothing of its own for our name. */
static void
name_is_unknown(const struct facts *f, struct findings *to, const struct handshake *h)
{
	struct finding *n = findings_find(to, CODE_NAME_MISMATCH);

	if (n != NULL && served(f->base) && served(h) && same_leaf(f->base, h) && f->base->offer.sni != NULL)
		finding_cite(to, n, "%s: without a name the server shows the same certificate: what it shows for “%s” is its default", h->id,
		    f->base->offer.sni);
}

static void
names(const struct facts *f, struct findings *to)
{
	const struct handshake *none, *other;

	if (f->base == NULL)
		return;
	none = evidence_experiment(f->ev, "sni-none");
	other = evidence_experiment(f->ev, "sni-other");
	if (none != NULL) {
		by_name(f, to, none);
		name_is_unknown(f, to, none);
	}
	if (other != NULL && findings_find(to, CODE_TLS_SNI_REQUIRED) == NULL)
		by_name(f, to, other);
}

/* ---- protocols and versions ---- */

static void
alpn(const struct facts *f, struct findings *to)
{
	static const char *const names_of[] = { "alpn-none", "alpn-http1.1" };
	struct finding *n = findings_find(to, CODE_TLS_NO_COMMON_ALPN);

	for (size_t i = 0; n != NULL && i < sizeof names_of / sizeof names_of[0]; i++) {
		const struct handshake *h = evidence_experiment(f->ev, names_of[i]);

		if (!served(h))
			continue;
		n->confidence = CONFIDENCE_CERTAIN;
		finding_why(to, n, "%s %s the handshake goes on.", n->why, i == 0 ? "Without ALPN" : "With http/1.1");
		proof_by(to, n, h);
		return;
	}
}

/* A hello that stops at TLS 1.2 is answered, and neither the usual one nor the widest. */
static void
not_taken(const struct facts *f, struct findings *to)
{
	static const enum code ends[] = { CODE_TLS_REJECTED, CODE_NET_RESET, CODE_NET_CLOSED, CODE_NET_TIMEOUT };
	const struct handshake *h = evidence_experiment(f->ev, "tls12");
	struct finding *n;
	bool ended = false;

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		ended |= f->ending == ends[i];
	if (!served(h) || !ended || f->base->phase >= PHASE_SERVER_CERTIFICATE || f->base->offer.max_version < TLS13)
		return;
	n = finding_add(to, CODE_TLS_NO_COMMON_VERSION);
	finding_title(to, n, "A hello that offers TLS 1.3 is not taken there");
	finding_why(to, n, "Our hello offers TLS 1.2 and 1.3, and it ended %s; a hello that offers TLS 1.2 alone is answered. By RFC 8446 4.2.1 a server picks what it knows: an old one, or something in between that inspects TLS, does not.",
	    phase_step(f->base->phase));
	finding_cite(to, n, "%s: with TLS 1.2 alone the server shows its certificate", h->id);
	proof_by(to, n, h);
	finding_shares(to, n, "hello-1.3", "a hello with TLS 1.3");
	n->mend = "look at what stands between here and {target} and inspects TLS; until then, clients can stop at TLS 1.2";
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		finding_explain(to, n, ends[i]);
}

/* ---- asked late, where the baseline could not show it ---- */

/* Renegotiation, which TLS 1.3 and HTTP/2 do not have (RFC 8446 4.1.2, RFC 9113 9.2.1): 401 or 403 is all that they see. */
static void
late_elsewhere(const struct facts *f, struct findings *to)
{
	static const struct {
		const char *name, *where, *here;
	} ways[] = {
		{ "tls12", "In TLS 1.2 the server asks for a certificate after the request, by renegotiation", "TLS 1.3 has none" },
		{ "alpn-http1.1", "Over HTTP/1.1 the server asks for a certificate after the request", "HTTP/2 forbids that" },
	};

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		const struct handshake *h = evidence_experiment(f->ev, ways[i].name);
		struct finding *n;

		if (h == NULL || f->base->request.seen || !handshake_asked_late(h) || handshake_asked_late(f->base) ||
		    findings_find(to, CODE_CLIENT_LATE_AUTH) != NULL)
			continue;
		n = finding_add(to, CODE_CLIENT_LATE_AUTH);
		finding_title(to, n, "The server asks for our certificate only after the handshake");
		finding_why(to, n, "%s; %s, so that we are never asked%s. It must ask in the handshake.", ways[i].where, ways[i].here,
		    f->base->http.status >= 400 ? arena_printf(f->arena, " and get HTTP %d", f->base->http.status) : "");
		finding_cite(to, n, "%s: %s after Finished", h->id, h->request.seen ? "a CertificateRequest" : "a HelloRequest");
		finding_cite_refusal(to, n);
		proof_by(to, n, h);
		finding_explain(to, n, CODE_CLIENT_REJECTED);
		finding_explain(to, n, CODE_MTLS_NOT_REQUESTED);
	}
}

/* ---- another path ---- */

static void
likely(struct finding *n, enum code code, enum confidence likelihood)
{
	for (size_t i = 0; i < n->candidates_len; i++) {
		struct candidate c = n->candidates[i];

		if (c.code != code || c.likelihood >= likelihood)
			continue;
		c.likelihood = likelihood;
		for (; i > 0 && n->candidates[i - 1].likelihood < likelihood; i--)
			n->candidates[i] = n->candidates[i - 1];
		n->candidates[i] = c;
		return;
	}
}

/* TLS and the certificate are the same for every path: what differs between two is the application's. */
static void
path(const struct facts *f, struct findings *to)
{
	const struct handshake *h = experiment_told(f->ev, "root-path");
	struct finding *n = findings_find(to, CODE_CLIENT_FORBIDDEN);

	if (h == NULL || f->refusal.kind != REFUSAL_HTTP || h->http.status == 0)
		return;
	if (n == NULL)
		n = findings_find(to, CODE_CLIENT_REJECTED);
	if (n == NULL)
		return;
	finding_cite(to, n, "%s: for the path /: HTTP %d%s", h->id, h->http.status, proof_same_answer(f, h) ? ", the same" : "");
	if (!proof_let_in(h) || h->http.status >= 400)
		return;
	finding_why(to, n, "%s For the path / it answers HTTP %d: the refusal is about the path, not about TLS.", n->why, h->http.status);
	proof_by(to, n, h);
	likely(n, CODE_CLIENT_FORBIDDEN, CONFIDENCE_MEDIUM);
}

static const struct rule rules[] = {
	{ .code = CODE_TLS_SNI_REQUIRED, .look = names },
	{ .code = CODE_TLS_NO_COMMON_ALPN, .look = alpn },
	{ .code = CODE_TLS_NO_COMMON_VERSION, .look = not_taken },
	{ .code = CODE_CLIENT_LATE_AUTH, .look = late_elsewhere },
	{ .code = CODE_CLIENT_FORBIDDEN, .look = path },
};
const struct rule_table rules_offer = { "offer", rules, sizeof rules / sizeof rules[0] };
