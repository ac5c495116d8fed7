/*
 * What a client says of OUR certificate, in the alert that it sends. It must not be taken for a word about
 * its own: "alert 48 received" at the server's end means that the client distrusts the server. Which alert
 * means what was measured, by library (knowledge: "diagnosis", 3.7).
 */
#include "model/alert.h"
#include "model/memory.h"
#include "model/seen.h"
#include "model/times.h"

enum { NO_ALERT = 255 }; /* it left without one */

/* What a client may have against a certificate. */
enum against { AGAINST_CA, AGAINST_EXPIRED, AGAINST_EARLY, AGAINST_NAME, AGAINST_PURPOSE, AGAINST_COUNT };
enum { ANY = (1 << AGAINST_COUNT) - 1, CA = 1 << AGAINST_CA, EXPIRED = 1 << AGAINST_EXPIRED, EARLY = 1 << AGAINST_EARLY,
	NAME = 1 << AGAINST_NAME, PURPOSE = 1 << AGAINST_PURPOSE };

static const struct {
	enum code code;
	const char *title; /* with its name */
} againsts[AGAINST_COUNT] = {
	[AGAINST_CA] = { CODE_CHAIN_UNTRUSTED_ROOT, "It does not trust the CA of our certificate" },
	[AGAINST_EXPIRED] = { CODE_CERT_EXPIRED, "It refuses our certificate, which has expired" },
	[AGAINST_EARLY] = { CODE_CERT_NOT_YET_VALID, "It refuses our certificate, which is not yet valid" },
	[AGAINST_NAME] = { CODE_NAME_MISMATCH, "It refuses our certificate, which does not have the name that it asked for" },
	[AGAINST_PURPOSE] = { CODE_EKU_NO_SERVER_AUTH, "It refuses our certificate, which is not for servers" },
};

/* Which alert a library sends against what. */
static const struct {
	enum client_family family;
	uint8_t alert;
	unsigned against;
	bool coarse; /* the same for everything: the number tells nothing */
} meanings[] = {
	{ CLIENT_OPENSSL, 48, CA, false },
	{ CLIENT_OPENSSL, 45, EXPIRED, false },
	{ CLIENT_OPENSSL, 42, EARLY | NAME, false },
	{ CLIENT_OPENSSL, 43, PURPOSE, false },
	{ CLIENT_OPENSSL, 46, ANY, true },
	{ CLIENT_OPENSSL, NO_ALERT, NAME, true }, /* curl looks at the name after the handshake */
	{ CLIENT_NODE, NO_ALERT, ANY, true },     /* so does Node at everything */
	{ CLIENT_GO, 42, ANY, true },
	{ CLIENT_JAVA, 46, ANY, true },
	{ CLIENT_GNUTLS, 42, ANY, true },
	/* No row for the library: what RFC 8446 6.2 says of the number. */
	{ CLIENT_UNKNOWN, 42, ANY, true },
	{ CLIENT_UNKNOWN, 43, PURPOSE, true },
	{ CLIENT_UNKNOWN, 45, EXPIRED | EARLY, true },
	{ CLIENT_UNKNOWN, 46, ANY, true },
	{ CLIENT_UNKNOWN, 48, CA, true },
};

static unsigned
meaning(enum client_family family, uint8_t alert, bool *coarse)
{
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].alert == alert && (meanings[i].family == family || (meanings[i].family == CLIENT_UNKNOWN && alert != NO_ALERT))) {
			*coarse = meanings[i].coarse;
			return meanings[i].against;
		}
	*coarse = true;
	return 0;
}

static const struct cert *
our_leaf(const struct client *c)
{
	return c->handshake->server_certs_len > 0 ? c->handshake->server_certs[0].cert : NULL;
}

/* The name that it looked for, as far as it told us: what it asked for, else the address that it came to. */
static const char *
name_wanted(const struct client *c)
{
	return c->hello.sni != NULL ? c->hello.sni : c->to;
}

/* What is wrong with our certificate, seen from here. Whether the client trusts its CA only the client knows. */
static unsigned
faults_of(const struct facts *f, const struct cert *leaf)
{
	const struct client *c = seen(f);
	unsigned faults = 0;

	if (leaf == NULL)
		return 0;
	if (leaf->not_after != TIME_UNKNOWN && f->now > leaf->not_after)
		faults |= EXPIRED;
	if (leaf->not_before != TIME_UNKNOWN && f->now < leaf->not_before)
		faults |= EARLY;
	if (!cert_allows(leaf, PURPOSE_SERVER))
		faults |= PURPOSE;
	if (name_wanted(c) != NULL && cert_matches_host(leaf, name_wanted(c)) != NAME_MATCHES)
		faults |= NAME;
	return faults;
}

static const char *
how_said(const struct facts *f, uint8_t alert)
{
	if (alert == NO_ALERT)
		return seen(f)->handshake->tls_ms >= 0 ? "it closed right after the handshake, without an alert and without a request" :
		    "it closed when it had seen our certificate, without an alert";
	return arena_printf(f->arena, "it sent alert %u %s", alert, alert_info(alert)->name);
}

/* Where the CA of our certificate is to be had, for whoever has to make the client trust it. */
static const char *
about_ca(const struct facts *f)
{
	const struct client *c = seen(f);

	if (c->listening->ca_file != NULL)
		return arena_printf(f->arena, "Our certificate was made at the start, and its CA lies in %s", c->listening->ca_file);
	return "Our certificate is the one that --cert names";
}

static void
why(const struct facts *f, struct findings *to, struct finding *n, enum against a, uint8_t alert, bool coarse)
{
	const struct client *c = seen(f);
	const struct client_stack stack = client_stack_guess(c);
	const struct cert *leaf = our_leaf(c);
	const char *of = stack.family == CLIENT_UNKNOWN ? "This client's library is not known" :
	    coarse && alert == NO_ALERT ? arena_printf(f->arena, "%s does so when it refuses a server", stack.name) :
	    coarse ? arena_printf(f->arena, "%s sends that number whatever it has against a server", stack.name) :
	    arena_printf(f->arena, "from %s that means just this", stack.name);
	char when[TIME_TEXT_MAX];

	switch (a) {
	case AGAINST_CA:
		finding_why(to, n, "The client refuses OUR certificate: %s; %s. %s.", how_said(f, alert), of, about_ca(f));
		break;
	case AGAINST_EXPIRED:
	case AGAINST_EARLY:
		time_human(a == AGAINST_EXPIRED ? leaf->not_after : leaf->not_before, when);
		finding_why(to, n, "The client refuses OUR certificate: %s; %s. It is valid %s %s.", how_said(f, alert), of,
		    a == AGAINST_EXPIRED ? "until" : "from", when);
		break;
	case AGAINST_NAME:
		finding_why(to, n, "The client refuses OUR certificate: %s; %s. It came for “%s”, and the certificate does not have that name.",
		    how_said(f, alert), of, name_wanted(c));
		break;
	case AGAINST_PURPOSE:
		finding_why(to, n, "The client refuses OUR certificate: %s; %s. It may be used for %s.", how_said(f, alert), of,
		    cert_purposes(leaf, f->arena));
		break;
	case AGAINST_COUNT: break;
	}
}

static void
candidates(const struct facts *f, struct findings *to, struct finding *n, unsigned possible)
{
	static const char *const decided_by[] = {
		[AGAINST_CA] = "the client's own error text",
		[AGAINST_EXPIRED] = "the client's clock",
		[AGAINST_EARLY] = "the client's clock",
		[AGAINST_NAME] = "the name that the client was given",
		[AGAINST_PURPOSE] = "the client's own error text",
	};

	for (int a = 0; a < AGAINST_COUNT; a++)
		if ((possible & (1u << a)) != 0 && againsts[a].code != n->code)
			finding_candidate(to, n, againsts[a].code, CONFIDENCE_LOW, decided_by[a]);
	/* Our own certificate, without what stands above it: to the client that is the same. */
	if ((possible & CA) != 0 && seen(f)->handshake->server_certs_len == 1 && our_leaf(seen(f)) != NULL && !our_leaf(seen(f))->self_signed &&
	    seen(f)->listening->own_identity)
		finding_candidate(to, n, CODE_CHAIN_MISSING_INTERMEDIATE, CONFIDENCE_MEDIUM, "adding the intermediate to what --cert names");
}

/* Known faults that the alert may mean come first; without one it is what we cannot see: its trust. */
static void
distrust(const struct facts *f, struct findings *to, uint8_t alert)
{
	const struct client *c = seen(f);
	const struct client_stack stack = client_stack_guess(c);
	bool coarse;
	unsigned possible = meaning(stack.family, alert, &coarse);
	unsigned known = faults_of(f, our_leaf(c)) & possible;
	unsigned left = known | (possible & CA);
	enum against a = AGAINST_COUNT;
	struct finding *n;

	for (int i = AGAINST_EXPIRED; i < AGAINST_COUNT && a == AGAINST_COUNT; i++)
		if ((known & (1u << i)) != 0)
			a = (enum against)i;
	if (a == AGAINST_COUNT && (possible & CA) != 0)
		a = AGAINST_CA;
	if (a == AGAINST_COUNT) {
		if (alert == NO_ALERT)
			return;
		n = finding_add(to, CODE_TLS_REJECTED);
		n->side = SIDE_CLIENT;
		n->confidence = CONFIDENCE_MEDIUM;
		finding_title(to, n, "It ended the handshake with alert %u %s", alert, alert_info(alert)->name);
		finding_why(to, n, "The client ended the handshake %s: %s. Seen from here nothing is wrong with our certificate that this number is sent for.",
		    c->handshake->phase >= PHASE_SERVER_CERTIFICATE ? "after it had seen our certificate" : "before it saw our certificate",
		    alert_info(alert)->meaning);
	} else {
		n = finding_add(to, againsts[a].code);
		n->confidence = stack.family == CLIENT_UNKNOWN || alert == NO_ALERT || (coarse && (left & (left - 1)) != 0) ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
		finding_title(to, n, "%s", againsts[a].title);
		why(f, to, n, a, alert, coarse);
		candidates(f, to, n, left);
		if (our_leaf(c) != NULL)
			finding_at(to, n, our_leaf(c));
	}
	finding_cite(to, n, "%s: %s", seen_id(f), how_said(f, alert));
	finding_cite(to, n, "%s: %s (%s)", seen_id(f), client_called(c, f->arena), stack.because);
}

static bool
said_goodbye(const struct handshake *h)
{
	for (size_t i = 0; i < h->alerts_len; i++)
		if (h->alerts[i].from == PEER_US && h->alerts[i].number == 0)
			return true;
	return false;
}

/* It had our certificate, and then nothing: no alert, no request, no goodbye. */
static bool
left_in_silence(const struct client *c)
{
	const struct handshake *h = c->handshake;

	return h->phase >= PHASE_SERVER_CERTIFICATE && h->local == LOCAL_NONE && c->request == NULL && !said_goodbye(h) &&
	    handshake_fatal_alert(h, PEER_US) == NULL && h->ended.by == PEER_US && (h->ended.how == END_FIN || h->ended.how == END_RST);
}

bool
seen_refused_in_silence(const struct facts *f)
{
	const struct client *c = seen(f);
	bool coarse;
	unsigned possible = meaning(client_stack_guess(c).family, NO_ALERT, &coarse);

	return left_in_silence(c) && (possible & (CA | faults_of(f, our_leaf(c)))) != 0;
}

/*
 * curl looks at the name after the handshake, and leaves with a goodbye where it does not like it (measured); so
 * does s_client, which has not looked at all. That the name is wrong is certain, that it minds is not.
 */
static void
name_it_did_not_say(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct handshake *h = c->handshake;
	struct finding *n;

	if (h->tls_ms < 0 || c->request != NULL || !said_goodbye(h) || h->ended.by != PEER_US ||
	    client_stack_guess(c).family != CLIENT_OPENSSL || (faults_of(f, our_leaf(c)) & NAME) == 0)
		return;
	n = finding_add(to, CODE_NAME_MISMATCH);
	n->severity = SEVERITY_WARNING;
	n->confidence = CONFIDENCE_LOW;
	finding_at(to, n, our_leaf(c));
	finding_title(to, n, "It left without a request, and our certificate does not have the name “%s”", name_wanted(c));
	finding_why(to, n, "The handshake was complete; then the client said goodbye. curl does so when OUR certificate does not have the name that it was given, “%s”; a client that only wanted to look does so too.",
	    name_wanted(c));
	finding_cite(to, n, "%s: close_notify after Finished, and no request", seen_id(f));
}

void
seen_distrust(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct alert *a;
	struct finding *n;

	if (c == NULL || c->handshake->cancelled)
		return;
	a = handshake_fatal_alert(c->handshake, PEER_US);
	if (a != NULL) {
		distrust(f, to, a->number);
		return;
	}
	if (seen_refused_in_silence(f)) {
		distrust(f, to, NO_ALERT);
		return;
	}
	name_it_did_not_say(f, to);
	if (!left_in_silence(c) || c->handshake->tls_ms < 0)
		return;
	n = finding_add(to, CODE_NET_CLOSED);
	n->severity = SEVERITY_NOTICE;
	finding_title(to, n, "It left right after the handshake, without a request and without a goodbye");
	finding_why(to, n, "The handshake was complete on both sides; then the client closed. A port check does so, and some clients that do not like the server's name.");
	finding_cite(to, n, "%s: %s, %.1f ms after it had connected", seen_id(f), end_how_name(c->handshake->ended.how), c->handshake->ended.at_ms);
}
