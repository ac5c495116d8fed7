#include "model/experiment_worth.h"

#include <string.h>

#include "model/ending.h"
#include "model/experiment_parts.h"
#include "model/memory.h"
#include "model/refusal.h"

enum { TLS12 = 0x0303, TLS13 = 0x0304 };

/* ---- what the baseline was ---- */

bool
was_sent(const struct diagnosis *d)
{
	return base_of(d)->request.seen && !base_of(d)->request.after_finished && base_of(d)->sent_certs_len > 0;
}

/* It went on at least as far as its own certificate: so there is something to compare with. */
bool
was_reached(const struct diagnosis *d)
{
	return base_of(d)->phase >= PHASE_SERVER_CERTIFICATE;
}

/* Completed, and no certificate was asked for. */
static bool
not_asked(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);

	return handshake_accepted(h) && !h->request.seen && !handshake_asked_late(h);
}

static bool
speaks_http(const struct diagnosis *d)
{
	return d->evidence->target.http && d->evidence->target.starttls == STARTTLS_NONE;
}

static bool
can_send(const struct diagnosis *d, enum sends sends)
{
	struct arena *a = arena_new();
	size_t len;
	bool can = experiment_chain(d, sends, a, &len) != NULL;

	arena_free(a);
	return can;
}

/* ---- what is offered ---- */

/* Alert 120 says that no protocol was in common: is it served once none is named? */
bool
worth_no_alpn(const struct diagnosis *d)
{
	return ending_code(d->evidence) == CODE_TLS_NO_COMMON_ALPN && base_of(d)->offer.alpn != NULL;
}

/*
 * The same where it wants a protocol to be named. And over HTTP/2 nothing was asked of it here, nor may
 * it ask for a certificate after the handshake (RFC 9113 9.2.1, RFC 8740): over HTTP/1.1 it may.
 */
bool
worth_http11(const struct diagnosis *d)
{
	const struct handshake *none = evidence_experiment(d->evidence, "alpn-none"), *h = base_of(d);

	if (h->offer.alpn == NULL || strcmp(h->offer.alpn, "http/1.1") == 0)
		return false; /* nothing to change */
	if (worth_no_alpn(d))
		return none != NULL && none->phase < PHASE_SERVER_CERTIFICATE;
	return speaks_http(d) && h->alpn != NULL && strcmp(h->alpn, "h2") == 0 && not_asked(d);
}

bool
worth_wide_hello(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);

	if (h->phase < PHASE_HELLO || h->phase >= PHASE_SERVER_CERTIFICATE || h->not_tls)
		return false;
	return h->ended.how != END_TIMEOUT && h->local != LOCAL_TOO_LARGE && h->local != LOCAL_OTHER;
}

static bool
offers_only(const struct diagnosis *d, const char *protocol)
{
	const char *alpn = base_of(d)->offer.alpn;

	return alpn != NULL && strcmp(alpn, protocol) == 0;
}

bool
tells_no_alpn(const struct diagnosis *d)
{
	return base_of(d)->offer.alpn != NULL;
}

bool
tells_http11(const struct diagnosis *d)
{
	return was_reached(d) && !offers_only(d, "http/1.1");
}

bool
tells_h2(const struct diagnosis *d)
{
	return was_reached(d) && !offers_only(d, "h2");
}

/* Neither the usual hello nor the widest brought anything: some middleboxes take no hello that names TLS 1.3. */
static bool
hello_is_not_taken(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d), *wide = evidence_experiment(d->evidence, "wide-hello");

	return worth_wide_hello(d) && wide != NULL && wide->version == 0 && h->offer.max_version >= TLS13 && h->offer.min_version <= TLS12;
}

/*
 * Or TLS 1.3 forbids without having asked, and not even late: renegotiation, which 1.3 has not, may be
 * how it asks (Apache for one path, IIS).
 */
bool
worth_tls12(const struct diagnosis *d)
{
	const struct handshake *late = experiment_told(d->evidence, "late-auth"), *h = base_of(d);

	if (hello_is_not_taken(d))
		return true;
	return h->version == TLS13 && !h->request.seen && forbids(h) && late != NULL && !late->request.seen;
}

/* Alert 40 of TLS 1.2 may mean that no certificate came, or something else; 1.3 has a number of its own for the first. */
bool
worth_tls13(const struct diagnosis *d)
{
	const struct refusal r = refusal_of(d->evidence);

	return base_of(d)->version == TLS12 && evidence_refused(d->evidence) && r.kind == REFUSAL_ALERT && r.alert == 40 && !settled(d) &&
	    base_of(d)->offer.max_version == TLS12;
}

/* ---- under which name, for which path ---- */

/* Nobody asked for a certificate, or the one that was shown is not ours: another name may be served otherwise. */
static bool
name_matters(const struct diagnosis *d)
{
	const struct alert *alert = handshake_fatal_alert(base_of(d), PEER_SERVER);

	if (!was_reached(d))
		return alert != NULL && alert->number == 112; /* unrecognized_name */
	return diagnosis_find(d, CODE_MTLS_NOT_REQUESTED) != NULL || diagnosis_find(d, CODE_NAME_MISMATCH) != NULL;
}

static bool
a_name_was_sent(const struct diagnosis *d)
{
	return base_of(d)->offer.sni != NULL;
}

bool
worth_no_name(const struct diagnosis *d)
{
	return a_name_was_sent(d) && name_matters(d);
}

bool
tells_no_name(const struct diagnosis *d)
{
	return a_name_was_sent(d) && was_reached(d);
}

bool
tells_other_name(const struct diagnosis *d)
{
	struct arena *a = arena_new();
	bool has = experiment_other_name(d, a) != NULL;

	arena_free(a);
	return has;
}

/* Once no name at all has brought something else, another one tells nothing more. */
bool
worth_other_name(const struct diagnosis *d)
{
	return name_matters(d) && diagnosis_find(d, CODE_TLS_SNI_REQUIRED) == NULL && tells_other_name(d);
}

bool
tells_path(const struct diagnosis *d)
{
	return speaks_http(d) && d->evidence->target.path != NULL && strcmp(d->evidence->target.path, "/") != 0 && was_reached(d);
}

/* Forbidden there: is it the path, or all of it? */
bool
worth_root_path(const struct diagnosis *d)
{
	return tells_path(d) && evidence_refused(d->evidence) && forbids(base_of(d)) && !settled(d);
}

bool
tells_http(const struct diagnosis *d)
{
	return speaks_http(d) && base_of(d)->http.status != 0;
}

/* ---- what is sent ---- */

/* A server that minds how the same certificates stand, or a root among them (some count its bytes, AWS' load balancers its depth). */
bool
worth_order(const struct diagnosis *d)
{
	return refused_ours(d) && !settled(d) && d->completed_len == 0 && can_send(d, SENDS_ORDERED);
}

bool
worth_no_root(const struct diagnosis *d)
{
	return refused_ours(d) && !settled(d) && d->completed_len == 0 && can_send(d, SENDS_ROOTLESS);
}

bool
tells_order(const struct diagnosis *d)
{
	return was_sent(d) && can_send(d, SENDS_ORDERED);
}

bool
tells_no_root(const struct diagnosis *d)
{
	return was_sent(d) && can_send(d, SENDS_ROOTLESS);
}

/* Does the server hold what is above our leaf itself? */
bool
tells_leaf(const struct diagnosis *d)
{
	return was_sent(d) && handshake_accepted(base_of(d)) && base_of(d)->sent_certs_len > 1;
}

bool
worth_throwaway(const struct diagnosis *d)
{
	const struct handshake *none = experiment_told(d->evidence, "no-certificate");

	if (accepted_ours(d))
		return none != NULL && !handshake_accepted(none);
	return refused_ours(d) && !settled(d);
}

/* The throwaway did not go out: the server takes no key of its kind. Ours went out, so one with our key does. */
bool
worth_other_ca(const struct diagnosis *d)
{
	const struct handshake *h = evidence_experiment(d->evidence, "throwaway");

	return h != NULL && h->sent_certificate_message && h->sent_certs_len == 0 && worth_throwaway(d);
}

/* RSASSA-PSS or RSASSA-PKCS1-v1_5 with a hash that is used today: RFC 8446 4.2.3. */
static bool
takes_rsa(const struct handshake *h)
{
	for (size_t i = 0; i < h->request.sigalgs_len; i++) {
		uint16_t s = h->request.sigalgs[i];

		if ((s >= 0x0804 && s <= 0x0806) || s == 0x0401 || s == 0x0501 || s == 0x0601)
			return true;
	}
	return false;
}

/* Ours was asked for and did not go out: what would it say to one with a key that it takes? */
bool
tells_rsa(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);

	return h->request.seen && h->sent_certificate_message && h->sent_certs_len == 0 && takes_rsa(h) && d->evidence->identity != NULL &&
	    d->evidence->identity->len > 0;
}

bool
worth_rsa(const struct diagnosis *d)
{
	return tells_rsa(d) && evidence_refused(d->evidence) && !settled(d);
}

bool
tells_request(const struct diagnosis *d)
{
	return base_of(d)->request.seen && !base_of(d)->request.after_finished;
}

bool
tells_key(const struct diagnosis *d)
{
	return was_sent(d) && d->evidence->identity != NULL && d->evidence->identity->key != NULL && d->evidence->identity->matches;
}
