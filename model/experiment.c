#include "model/experiment.h"

#include <string.h>

#include "model/experiment_worth.h"
#include "model/limits.h"
#include "model/places.h"

enum { REPEATS = 4 /* with --deep; five looks tell one server of two from the other in 15 cases of 16 */ };

enum { TLS12 = 0x0303, TLS13 = 0x0304 };

/* ---- when each is worth it ---- */

/*
 * 405 and 501: HEAD is not served here. 400: nginx refuses a certificate so, with a page that says why;
 * HEAD brings no page, and an application may answer 400 for reasons of its own. The request said
 * "Connection: close", and nginx closes after a 400 anyway, so this is another connection; it is
 * recorded as one.
 */
static bool
worth_get(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);
	int s = h->http.status;

	return h->http.method != NULL && strcmp(h->http.method, "HEAD") == 0 && (s == 400 || s == 405 || s == 501);
}

/* It tried to ask after the handshake, or forbids without having asked: does it ask once that is allowed? */
static bool
worth_late_auth(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);
	bool ours = d->evidence->identity != NULL && d->evidence->identity->len > 0;

	if (h->outcome == OUTCOME_FAILED_LOCAL)
		return false;
	if (handshake_asked_late(h))
		return !h->request.seen;
	/* 401 is an application's word for a password: worth it only where a certificate is what we have. */
	return !h->request.seen && (h->http.status == 403 || (h->http.status == 401 && ours));
}

static bool
worth_completing(const struct diagnosis *d)
{
	const struct finding *f = diagnosis_find(d, CODE_CLIENT_MISSING_INTERMEDIATE);

	return refused_ours(d) && d->completed_len > 0 && f != NULL && f->confidence < CONFIDENCE_CERTAIN;
}

static bool
worth_nothing_sent(const struct diagnosis *d)
{
	return accepted_ours(d) || (refused_ours(d) && !settled(d));
}

static bool
worth_address(const struct diagnosis *d)
{
	return base_of(d)->phase > PHASE_CONNECT && places_next(d->evidence) != SIZE_MAX;
}

/* A close without a word may be the server's answer or the weather: one more look tells. */
static bool
worth_repeat(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);

	return (h->outcome == OUTCOME_REJECTED_CLOSE || handshake_doubt(h) == DOUBT_CLOSED) && !settled(d) &&
	    evidence_count(d->evidence, "repeat") < 1;
}

static bool
worth_repeating(const struct diagnosis *d)
{
	return base_of(d)->phase > PHASE_CONNECT && evidence_count(d->evidence, "repeat") < REPEATS;
}

/* A certificate is required under this name: only then does a session that gets round that mean anything. */
static bool
required(const struct diagnosis *d)
{
	const struct handshake *none = experiment_told(d->evidence, "no-certificate");

	return base_of(d)->request.seen && !base_of(d)->request.after_finished && none != NULL && !handshake_accepted(none);
}

static bool
worth_session(const struct diagnosis *d)
{
	return accepted_ours(d) && required(d);
}

static bool
kept(const struct diagnosis *d, const char *name)
{
	const struct handshake *h = evidence_experiment(d->evidence, name);

	return h != NULL && h->resumable && handshake_accepted(h);
}

static bool
worth_resuming(const struct diagnosis *d)
{
	return kept(d, "session");
}

static bool
worth_nameless(const struct diagnosis *d)
{
	return required(d) && base_of(d)->offer.sni != NULL;
}

static bool
worth_resuming_nameless(const struct diagnosis *d)
{
	return kept(d, "nameless-session");
}

static bool
worth_guarded(const struct diagnosis *d)
{
	return places_guarded(d->evidence) != SIZE_MAX;
}

static bool
worth_completing_there(const struct diagnosis *d)
{
	return places_lacking(d) != NULL;
}

static bool
worth_bypass(const struct diagnosis *d)
{
	return d->evidence->target.bypass != NULL && required(d);
}

/* A real certificate: only one that was given for this, and where it can show what is asked, whether any of that CA will do. */
static bool
worth_other(const struct diagnosis *d)
{
	const struct evidence *e = d->evidence;

	return accepted_ours(d) && required(d) && identity_akin(e->identity, e->other);
}

/* In the order in which they are asked: what settles most comes first. */
const struct experiment experiment_rows[] = {
	{ .name = "baseline", .words = "as it is", .tier = TIER_BASELINE },
	{ .name = "baseline-get", .words = "the same again, with GET", .tier = TIER_BASELINE, .variation = { .method = "GET" },
	    .worth = worth_get },
	/* Before the wide hello, which offers no protocol. */
	{ .name = "alpn-none", .words = "without ALPN", .tier = TIER_ALONE, .variation = { .alpn = "" }, .worth = worth_no_alpn, .tells = tells_no_alpn },
	{ .name = "alpn-http1.1", .words = "with ALPN http/1.1", .tier = TIER_ALONE, .variation = { .alpn = "http/1.1" }, .worth = worth_http11,
	    .tells = tells_http11 },
	{ .name = "wide-hello", .words = "everything offered, old versions too", .tier = TIER_ANY,
	    .variation = { .hello = HELLO_WIDE, .sends = SENDS_NOTHING }, .worth = worth_wide_hello },
	{ .name = "late-auth", .words = "willing to be asked late", .tier = TIER_ALONE, .variation = { .late_auth = true },
	    .worth = worth_late_auth },
	{ .name = "tls12", .words = "with TLS 1.2 alone", .tier = TIER_ALONE, .variation = { .version = TLS12 }, .worth = worth_tls12, .tells = was_reached },
	{ .name = "tls13", .words = "with TLS 1.3 alone", .tier = TIER_ALONE, .variation = { .version = TLS13 }, .worth = worth_tls13, .tells = was_reached },
	{ .name = "with-intermediate", .words = "with the missing CA added", .tier = TIER_ANY,
	    .variation = { .sends = SENDS_COMPLETED }, .worth = worth_completing },
	{ .name = "in-order", .words = "our chain in its right order", .tier = TIER_ALONE, .variation = { .sends = SENDS_ORDERED },
	    .worth = worth_order, .tells = tells_order },
	{ .name = "without-root", .words = "our chain without its root", .tier = TIER_ALONE, .variation = { .sends = SENDS_ROOTLESS },
	    .worth = worth_no_root, .tells = tells_no_root },
	{ .name = "no-certificate", .words = "without a certificate", .tier = TIER_ALONE, .variation = { .sends = SENDS_NOTHING },
	    .worth = worth_nothing_sent, .tells = was_sent },
	{ .name = "throwaway", .words = "with a throwaway certificate", .tier = TIER_ALONE,
	    .variation = { .sends = SENDS_THROWAWAY }, .worth = worth_throwaway, .tells = tells_request },
	{ .name = "other-ca", .words = "our key, certified by a made-up CA", .tier = TIER_ALONE, .variation = { .sends = SENDS_OTHER_CA },
	    .worth = worth_other_ca, .tells = tells_key },
	{ .name = "throwaway-rsa", .words = "with a throwaway certificate, RSA", .tier = TIER_ALONE,
	    .variation = { .sends = SENDS_THROWAWAY_RSA }, .worth = worth_rsa, .tells = tells_rsa },
	/* Nothing of ours goes to a name that the user did not give. */
	{ .name = "sni-none", .words = "without a server name", .tier = TIER_ALONE,
	    .variation = { .name = NAME_NONE, .sends = SENDS_NOTHING }, .worth = worth_no_name, .tells = tells_no_name },
	{ .name = "sni-other", .words = "for another name of its certificate", .tier = TIER_ALONE,
	    .variation = { .name = NAME_OTHER, .sends = SENDS_NOTHING }, .worth = worth_other_name, .tells = tells_other_name },
	{ .name = "root-path", .words = "for the path /", .tier = TIER_ALONE, .variation = { .path = "/" }, .worth = worth_root_path, .tells = tells_path },
	{ .name = "leaf-only", .words = "our certificate alone", .tier = TIER_DEEP, .variation = { .sends = SENDS_LEAF }, .worth = tells_leaf },
	{ .name = "alpn-h2", .words = "with ALPN h2", .tier = TIER_DEEP, .variation = { .alpn = "h2" }, .worth = tells_h2 },
	/* RFC 2606 2: nobody has a name below it. */
	{ .name = "other-host", .words = "with another Host in the request", .tier = TIER_DEEP, .variation = { .http_host = "other.invalid" },
	    .worth = tells_http },
	/* With the throwaway, the four by which stacks are told apart (knowledge: "diagnosis", 5.4). */
	{ .name = "none-tls12", .words = "without a certificate, in TLS 1.2", .tier = TIER_DEEP,
	    .variation = { .version = TLS12, .sends = SENDS_NOTHING }, .worth = tells_request },
	{ .name = "wrong-key", .words = "ours, signed by a wrong key", .tier = TIER_DEEP, .variation = { .sends = SENDS_WRONG_KEY },
	    .worth = tells_key },
	{ .name = "garbage", .words = "ours, made unreadable", .tier = TIER_DEEP, .variation = { .sends = SENDS_GARBAGE }, .worth = tells_key },
	{ .name = "address", .words = "at another address of the name", .tier = TIER_SINGLE,
	    .variation = { .to = TO_THE_NEXT_ADDRESS, .again = true }, .worth = worth_address },
	{ .name = "repeat", .words = "the same once more", .tier = TIER_SINGLE, .variation = { .again = true },
	    .worth = worth_repeat, .tells = worth_repeating },
	{ .name = "session", .words = "as it is, with a ticket to keep", .tier = TIER_DEEP, .variation = { .keeps_session = true },
	    .worth = worth_session },
	{ .name = "resumed", .words = "with that ticket, no certificate", .tier = TIER_DEEP,
	    .variation = { .sends = SENDS_NOTHING, .resumes = "session" }, .worth = worth_resuming },
	/* A real certificate never goes under a name that nobody gave: these have none. */
	{ .name = "nameless-session", .words = "no name, no certificate, a ticket", .tier = TIER_DEEP,
	    .variation = { .sends = SENDS_NOTHING, .name = NAME_NONE, .keeps_session = true }, .worth = worth_nameless },
	{ .name = "nameless-resumed", .words = "that ticket, under the name", .tier = TIER_DEEP,
	    .variation = { .sends = SENDS_NOTHING, .resumes = "nameless-session" }, .worth = worth_resuming_nameless },
	{ .name = "guarded-address", .words = "at the address that asks, none sent", .tier = TIER_SINGLE,
	    .variation = { .sends = SENDS_NOTHING, .to = TO_THE_GUARDED }, .worth = worth_guarded },
	{ .name = "address-with-intermediate", .words = "there, with the missing CA added", .tier = TIER_SINGLE,
	    .variation = { .sends = SENDS_COMPLETED, .to = TO_THE_LACKING }, .worth = worth_completing_there },
	{ .name = "bypass", .words = "the other way, without a certificate", .tier = TIER_SINGLE,
	    .variation = { .sends = SENDS_NOTHING, .to = TO_THE_BYPASS }, .worth = worth_bypass },
	{ .name = "other-identity", .words = "with the other identity", .tier = TIER_SINGLE, .variation = { .sends = SENDS_OTHER },
	    .worth = worth_other },
};
const size_t experiment_rows_len = sizeof experiment_rows / sizeof experiment_rows[0];
const struct experiment *const experiment_baseline = &experiment_rows[0];

static bool
allowed(const struct experiment *x, const struct experiment_limits *limits)
{
	if (limits->quick)
		return x->tier == TIER_BASELINE;
	if (limits->many)
		return x->tier <= (limits->proves ? TIER_ALONE : TIER_ANY);
	return limits->deep || x->tier != TIER_DEEP;
}

static bool
wanted(const struct experiment *x, const struct diagnosis *d, const struct experiment_limits *limits)
{
	bool deep = limits->deep && !limits->quick && !limits->many;

	return x->worth(d) || (deep && x->tells != NULL && x->tells(d));
}

const struct experiment *
experiment_next(const struct diagnosis *so_far, const struct experiment_limits *limits)
{
	const struct evidence *e = so_far->evidence;
	size_t most = limits->deep && !limits->many ? LIMIT_HANDSHAKES : LIMIT_EXPERIMENTS;

	if (base_of(so_far) == NULL || base_of(so_far)->cancelled || e->handshakes_len >= most)
		return NULL;
	for (size_t i = 0; i < experiment_rows_len; i++) {
		const struct experiment *x = &experiment_rows[i];

		if (x->worth != NULL && allowed(x, limits) && (x->variation.again || evidence_experiment(e, x->name) == NULL) && wanted(x, so_far, limits))
			return x;
	}
	return NULL;
}

const struct experiment *
experiment_named(const char *name)
{
	for (size_t i = 0; name != NULL && i < experiment_rows_len; i++)
		if (strcmp(experiment_rows[i].name, name) == 0)
			return &experiment_rows[i];
	return NULL;
}

static bool
went_out(const struct handshake *h, const struct handshake *base, enum sends sends)
{
	switch (sends) {
	case SENDS_OURS: return true;
	case SENDS_NOTHING: return h->sent_certs_len == 0;
	case SENDS_LEAF:
	case SENDS_OTHER_CA:
	case SENDS_THROWAWAY:
	case SENDS_THROWAWAY_RSA: return h->sent_certs_len == 1; /* none: no algorithm for its key was asked for */
	case SENDS_COMPLETED: return h->sent_certs_len > base->sent_certs_len;
	case SENDS_ROOTLESS: return h->sent_certs_len > 0 && h->sent_certs_len < base->sent_certs_len;
	case SENDS_ORDERED:
	case SENDS_WRONG_KEY:
	case SENDS_GARBAGE: return h->sent_certs_len == base->sent_certs_len && h->sent_certs_len > 0;
	case SENDS_OTHER: return h->sent_certs_len > 0 && base->sent_certs_len > 0 && !fingerprint_equal(&h->sent_certs[0], &base->sent_certs[0]);
	}
	return false;
}

const struct handshake *
experiment_told(const struct evidence *e, const char *name)
{
	const struct handshake *base = evidence_baseline(e), *h = base != NULL ? evidence_experiment(e, name) : NULL;
	const struct experiment *x = experiment_named(name);

	if (h == NULL || x == NULL || h->cancelled || h->outcome == OUTCOME_NETWORK || h->outcome == OUTCOME_PROTOCOL ||
	    h->outcome == OUTCOME_FAILED_LOCAL)
		return NULL;
	return went_out(h, base, x->variation.sends) ? h : NULL;
}

const struct handshake *
experiment_told_throwaway(const struct evidence *e)
{
	/* Of these only one is answered, but with --deep; they are the same to a server: a CA that it does not know (measured). */
	static const char *const names[] = { "throwaway", "other-ca", "throwaway-rsa" };
	const struct handshake *told = NULL;

	for (size_t i = 0; told == NULL && i < sizeof names / sizeof names[0]; i++)
		told = experiment_told(e, names[i]);
	return told;
}
