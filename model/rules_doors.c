/*
 * Ways in beside the one that is guarded: another address or endpoint that asks nobody, another identity, a session
 * instead of a certificate (knowledge: "diagnosis", 5.2: E16, E19, E23). Each only where the guarded one is known to
 * refuse who has no certificate.
 */
#include <string.h>

#include "model/experiment.h"
#include "model/memory.h"
#include "model/page.h"
#include "model/places.h"
#include "model/quote.h"
#include "model/rules.h"

/* ---- a door beside the guarded one ---- */

static bool
refused_without(const struct facts *f)
{
	return f->none != NULL && f->base->request.seen && refusal_in(f->none).kind != REFUSAL_NONE;
}

/*
 * It let somebody in who showed no certificate, as far as TLS and the answer tell. with: how the service answers who
 * shows one; its 404 is no refusal.
 */
static bool
open_door(const struct handshake *h, const struct handshake *with)
{
	return h != NULL && with != NULL && h->sent_certs_len == 0 && handshake_accepted(h) && handshake_doubt(h) != DOUBT_CLOSED &&
	    (h->http.status < 400 || (handshake_accepted(with) && h->http.status == with->http.status));
}

/* What came of our own certificate at that address. */
static const struct handshake *
look_at(const struct facts *f, const char *address)
{
	for (size_t i = 0; i < f->places_len; i++)
		if (!f->places[i].again && strcmp(f->places[i].h->address, address) == 0)
			return f->places[i].h;
	return NULL;
}

static void
say_bypass(const struct facts *f, struct findings *to, const struct handshake *open, const struct handshake *guarded, bool named)
{
	struct finding *n = findings_find(to, CODE_MTLS_BYPASS);
	char here[QUOTE_MAX], there[QUOTE_MAX];

	if (n != NULL)
		return; /* one way round is enough to be said; each handshake is shown */
	n = finding_add(to, CODE_MTLS_BYPASS);
	quote_str(open->address, here);
	quote_str(guarded->address, there);
	finding_shares(to, n, here, here);
	/* Another address of the name is the same service by its owner's word; of an endpoint, an alike answer must show it. */
	n->confidence = !named ? CONFIDENCE_CERTAIN : open->http.status != 0 && open->http.status < 300 && open->http.status == f->base->http.status ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	finding_title(to, n, "The service answers without a certificate at %s", here);
	finding_why(to, n, "%s requires a client certificate. %s, %s, %s%s: whoever goes there needs none.", there, here,
	    named ? "which was named as another way to the same service" : "another address of the same name",
	    open->outcome == OUTCOME_NOT_ASKED ? "asks for none" : "lets us in without one",
	    open->http.status != 0 ? arena_printf(f->arena, " and answers HTTP %d", open->http.status) : "");
	finding_cite(to, n, "%s: %s: no certificate was sent, and it went on", open->id, here);
	finding_cite(to, n, "%s: %s: without a certificate: refused", guarded->id, there);
	finding_prove(to, n, guarded);
	finding_prove(to, n, open);
	finding_explain(to, n, CODE_NET_ADDRESSES_DIFFER);
	finding_explain(to, n, CODE_MTLS_NOT_REQUESTED);
}

static void
bypass(const struct facts *f, struct findings *to)
{
	const struct handshake *guarded = experiment_told(f->ev, "guarded-address"), *named = experiment_told(f->ev, "bypass");

	if (guarded != NULL && refusal_in(guarded).kind != REFUSAL_NONE && open_door(f->base, look_at(f, guarded->address)))
		say_bypass(f, to, f->base, guarded, false);
	if (f->base == NULL || !refused_without(f))
		return;
	for (size_t i = 0; i < f->places_len; i++)
		if (!f->places[i].again && f->places[i].h->outcome == OUTCOME_NOT_ASKED && open_door(f->places[i].h, f->base))
			say_bypass(f, to, f->places[i].h, f->none, false);
	if (open_door(named, f->base))
		say_bypass(f, to, named, f->none, true);
}

/* Mutual TLS is a matter of API Gateway's custom domain names; the endpoint of its own has none. */
static void
default_endpoint(const struct facts *f, struct findings *to)
{
	struct finding *n = findings_find(to, CODE_MTLS_NOT_REQUESTED);
	const char *host = f->ev->target.host, *at = host != NULL ? strstr(host, ".execute-api.") : NULL;

	if (n != NULL && at != NULL && strstr(at, ".amazonaws.com") != NULL)
		finding_cite(to, n, "this is a default endpoint of API Gateway: mutual TLS holds at custom domain names only; where there is one, this endpoint can be disabled");
}

/* ---- who else is let in ---- */

static void
any_client(const struct facts *f, struct findings *to)
{
	const struct handshake *h = experiment_told(f->ev, "other-identity");
	char other[QUOTE_MAX], issuer[QUOTE_MAX], ours[QUOTE_MAX];
	const struct cert *leaf;
	struct finding *n;

	if (h == NULL || !refused_without(f) || !handshake_accepted(h) || handshake_doubt(h) == DOUBT_CLOSED ||
	    (h->http.status >= 400 && h->http.status != f->base->http.status))
		return;
	leaf = f->ev->other->certs[0];
	quote_str(cert_label(leaf), other);
	quote_str(cert_label(f->our_leaf), ours);
	quote_str(leaf->issuer.common_name != NULL && leaf->issuer.common_name[0] != '\0' ? leaf->issuer.common_name : leaf->issuer.safe, issuer);
	n = finding_add(to, CODE_MTLS_ANY_CLIENT);
	/* TLS let both in; what the application lets each of them do may still differ. */
	n->confidence = h->http.status != 0 && h->http.status < 300 ? CONFIDENCE_CERTAIN : CONFIDENCE_MEDIUM;
	finding_shares(to, n, leaf->issuer.safe, arena_printf(f->arena, "“%s”", issuer));
	finding_title(to, n, "Another identity of the same CA is accepted as well");
	finding_why(to, n, "“%s” gets in as “%s” does%s: as far as this request shows, the server looks at who issued a certificate (“%s”), not at whose it is.",
	    other, ours, h->http.status != 0 ? arena_printf(f->arena, ", with HTTP %d", h->http.status) : "", issuer);
	finding_cite(to, n, "%s: “%s” was sent, and accepted", h->id, other);
	finding_prove(to, n, f->none);
	finding_prove(to, n, h);
}

/* ---- a session instead of a certificate ---- */

/* The server took the session, and did what it does for those who are let in. */
static bool
resumed(const struct facts *f, const struct handshake *h)
{
	return h != NULL && h->resumed && handshake_accepted(h) && (h->http.status < 400 || h->http.status == f->base->http.status);
}

static const char *
ticket_life(const struct handshake *made, struct arena *a)
{
	if (made == NULL || made->ticket_s == 0)
		return "";
	if (made->ticket_s < 2 * 3600)
		return arena_printf(a, " The server says that its tickets last %lu minutes.", (made->ticket_s + 59) / 60);
	return arena_printf(a, " The server says that its tickets last %lu hours.", made->ticket_s / 3600);
}

static void
keeps_identity(const struct facts *f, struct findings *to)
{
	const struct handshake *h = experiment_told(f->ev, "resumed"), *made = experiment_told(f->ev, "session");
	struct finding *n;

	if (!resumed(f, h) || !refused_without(f))
		return;
	n = finding_add(to, CODE_MTLS_RESUMPTION_KEEPS);
	n->confidence = CONFIDENCE_CERTAIN;
	finding_title(to, n, "A session that was made with our certificate is resumed without it");
	finding_why(to, n, "A session that was made with our certificate was resumed in a new connection without it, and accepted, as RFC 8446 intends: a certificate that expires or is revoked is good until its tickets end.%s It also hides a fault: who holds a ticket still gets in, who comes new does not.",
	    ticket_life(made, f->arena));
	finding_cite(to, n, "%s: resumed, no certificate sent, accepted", h->id);
	finding_cite(to, n, "%s: without a certificate and without a session: refused", f->none->id);
	finding_prove(to, n, f->none);
	if (made != NULL)
		finding_prove(to, n, made);
	finding_prove(to, n, h);
}

static void
resumption_bypass(const struct facts *f, struct findings *to)
{
	const struct handshake *h = experiment_told(f->ev, "nameless-resumed"), *made = experiment_told(f->ev, "nameless-session");
	char name[QUOTE_MAX];
	struct finding *n;

	if (!resumed(f, h) || made == NULL || made->sent_certs_len > 0 || !refused_without(f))
		return;
	n = finding_add(to, CODE_MTLS_RESUMPTION_BYPASS);
	n->confidence = CONFIDENCE_CERTAIN;
	quote_str(f->base->offer.sni != NULL ? f->base->offer.sni : "the name", name);
	finding_title(to, n, "A session made without a certificate gets in where one is required");
	finding_why(to, n, "Without a server name this server %s; the session that was made so was then accepted under “%s”, where a certificate is required: whoever resumes a session gets in without one. (Servers of one address that share their ticket keys do that; CVE-2025-23419 is nginx's.)",
	    made->request.seen ? "lets us in without a certificate" : "asks for no certificate", name);
	finding_cite(to, n, "%s: no name, no certificate: %s", made->id, made->request.seen ? "accepted" : "none was asked for");
	finding_cite(to, n, "%s: that session, as “%s”: resumed and accepted", h->id, name);
	finding_cite(to, n, "%s: as “%s”, without a certificate and without a session: refused", f->none->id, name);
	finding_prove(to, n, f->none);
	finding_prove(to, n, made);
	finding_prove(to, n, h);
}

static const struct rule rules[] = {
	{ .code = CODE_MTLS_BYPASS, .look = bypass },
	{ .code = CODE_MTLS_NOT_REQUESTED, .look = default_endpoint },
	{ .code = CODE_MTLS_ANY_CLIENT, .look = any_client },
	{ .code = CODE_MTLS_RESUMPTION_KEEPS, .look = keeps_identity },
	{ .code = CODE_MTLS_RESUMPTION_BYPASS, .look = resumption_bypass },
};
const struct rule_table rules_doors = { "doors", rules, sizeof rules / sizeof rules[0] };
