#include "model/experiment.h"

#include <string.h>

#include "model/limits.h"
#include "model/places.h"

enum { REPEATS = 4 /* with --deep; five looks tell one server of two from the other in 15 cases of 16 */ };

/* ---- what the baseline was ---- */

static const struct handshake *
base_of(const struct diagnosis *d)
{
	return evidence_baseline(d->evidence);
}

/* Our certificate went out, and the server said no. */
static bool
refused_ours(const struct diagnosis *d)
{
	return base_of(d)->sent_certs_len > 0 && evidence_refused(d->evidence);
}

static bool
settled(const struct diagnosis *d)
{
	return d->root != NULL && d->root->confidence == CONFIDENCE_CERTAIN;
}

/* Our certificate was asked for and went out, the server did not mind, and no error is known that matters more. */
static bool
accepted_ours(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);

	return handshake_accepted(h) && h->request.seen && !h->request.after_finished && h->sent_certs_len > 0 &&
	    (d->root == NULL || d->root->severity < SEVERITY_ERROR);
}

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

/* Died before the server's certificate though it speaks: does it speak TLS of another kind? */
static bool
worth_wide_hello(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);

	if (h->phase < PHASE_HELLO || h->phase >= PHASE_SERVER_CERTIFICATE || h->not_tls)
		return false;
	return h->ended.how != END_TIMEOUT && h->local != LOCAL_TOO_LARGE && h->local != LOCAL_OTHER;
}

/* It tried to ask after the handshake, or forbids without having asked: does it ask once that is allowed? */
static bool
worth_late_auth(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);

	if (d->evidence->identity == NULL || d->evidence->identity->len == 0 || h->outcome == OUTCOME_FAILED_LOCAL)
		return false;
	if (handshake_asked_late(h))
		return !h->request.seen;
	return !h->request.seen && (h->http.status == 401 || h->http.status == 403);
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

/* After acceptance only where the lack of a certificate was refused: else nothing is left to be found out. */
static bool
worth_throwaway(const struct diagnosis *d)
{
	const struct handshake *none = experiment_told(d->evidence, "no-certificate");

	if (accepted_ours(d))
		return none != NULL && !handshake_accepted(none);
	return refused_ours(d) && !settled(d);
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
	{ .name = "wide-hello", .words = "everything offered, old versions too", .tier = TIER_ANY,
	    .variation = { .hello = HELLO_WIDE, .sends = SENDS_NOTHING }, .worth = worth_wide_hello },
	{ .name = "late-auth", .words = "willing to be asked late", .tier = TIER_ALONE, .variation = { .late_auth = true },
	    .worth = worth_late_auth },
	{ .name = "with-intermediate", .words = "with the missing CA added", .tier = TIER_ANY,
	    .variation = { .sends = SENDS_COMPLETED }, .worth = worth_completing },
	{ .name = "no-certificate", .words = "without a certificate", .tier = TIER_ALONE, .variation = { .sends = SENDS_NOTHING },
	    .worth = worth_nothing_sent },
	{ .name = "throwaway", .words = "with a throwaway certificate", .tier = TIER_ALONE,
	    .variation = { .sends = SENDS_THROWAWAY }, .worth = worth_throwaway },
	{ .name = "address", .words = "at another address of the name", .tier = TIER_SINGLE,
	    .variation = { .to = TO_THE_NEXT_ADDRESS, .again = true }, .worth = worth_address },
	{ .name = "repeat", .words = "the same once more", .tier = TIER_SINGLE, .variation = { .again = true },
	    .worth = worth_repeat, .worth_deep = worth_repeating },
	{ .name = "session", .words = "as it is, with a ticket to keep", .tier = TIER_DEEP, .variation = { .keeps_session = true },
	    .worth = worth_session },
	{ .name = "resumed", .words = "with that ticket, no certificate", .tier = TIER_DEEP,
	    .variation = { .sends = SENDS_NOTHING, .resumes = "session" }, .worth = worth_resuming },
	/* A real certificate never goes under a name that nobody gave: these have none. */
	{ .name = "nameless-session", .words = "no name, no certificate, a ticket", .tier = TIER_DEEP,
	    .variation = { .sends = SENDS_NOTHING, .nameless = true, .keeps_session = true }, .worth = worth_nameless },
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

const struct experiment *
experiment_next(const struct diagnosis *so_far, const struct experiment_limits *limits)
{
	const struct evidence *e = so_far->evidence;
	size_t most = limits->deep && !limits->many ? LIMIT_HANDSHAKES : LIMIT_EXPERIMENTS;

	if (base_of(so_far) == NULL || base_of(so_far)->cancelled || e->handshakes_len >= most)
		return NULL;
	for (size_t i = 0; i < experiment_rows_len; i++) {
		const struct experiment *x = &experiment_rows[i];

		bool (*worth)(const struct diagnosis *) = limits->deep && x->worth_deep != NULL ? x->worth_deep : x->worth;

		if (worth != NULL && allowed(x, limits) && (x->variation.again || evidence_experiment(e, x->name) == NULL) && worth(so_far))
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
	case SENDS_THROWAWAY: return h->sent_certs_len == 1; /* none: no algorithm for its key was asked for */
	case SENDS_COMPLETED: return h->sent_certs_len > base->sent_certs_len;
	case SENDS_OTHER: return h->sent_certs_len > 0 && !fingerprint_equal(&h->sent_certs[0], &base->sent_certs[0]);
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
