#include "model/experiment_shows.h"

#include <string.h>

#include "model/alert.h"
#include "model/experiment.h"
#include "model/memory.h"
#include "model/refusal.h"

/* One outcome, and what it is compared with. */
struct compared {
	const struct handshake *h, *base;
	bool told;          /* it is an answer to what was to be sent */
	bool refused, same; /* the server refused it; as it answered the baseline */
	bool base_accepted;
	struct arena *a;
};

static bool
accepted(const struct compared *v)
{
	return !v->refused && handshake_accepted(v->h) && handshake_doubt(v->h) != DOUBT_CLOSED && handshake_doubt(v->h) != DOUBT_SILENT;
}

/* nginx refuses inside, in HTTP. */
static bool
unasked(const struct compared *v)
{
	return handshake_doubt(v->h) == DOUBT_UNASKED;
}

static bool
was_served(const struct handshake *h)
{
	return h->phase >= PHASE_SERVER_CERTIFICATE;
}

/* ---- what is offered ---- */

static const char *
wide(const struct compared *v)
{
	if (v->h->version == 0)
		return "Offered all that we know, the server chooses nothing either: what it wants is not among it, or the offer is not the reason.";
	return arena_printf(v->a, "Offered all that we know, the server chooses %s%s%s: it does speak TLS, and what it chose is not in the usual offer.",
	    tls_version_name(v->h->version), v->h->cipher != NULL ? ", " : "", v->h->cipher != NULL ? v->h->cipher : "");
}

static const char *
get(const struct compared *v)
{
	if (v->base->http.head_status != 0)
		return arena_printf(v->a, "HEAD got HTTP %d, which many servers answer to HEAD alone; the answer to GET is the one that counts.",
		    v->base->http.head_status);
	return v->h->http.status == 0 ? "GET got no answer either." : "The answer to GET is the one that counts.";
}

static const char *
late(const struct compared *v)
{
	if (handshake_asked_late(v->h))
		return "Asked for a certificate after the handshake.";
	return v->h->request.seen ? NULL : "Not asked after the handshake either.";
}

static const char *
version(const struct compared *v)
{
	const char *name = tls_version_name(v->h->version != 0 ? v->h->version : v->h->offer.min_version);

	if (v->h->version == 0)
		return was_served(v->base) ? arena_printf(v->a, "The server does not speak %s.", name) : "No answer to that either.";
	if (!was_served(v->base))
		return arena_printf(v->a, "A hello with %s alone is answered.", name);
	if (handshake_asked_late(v->h) && !handshake_asked_late(v->base))
		return arena_printf(v->a, "In %s a certificate is asked for after the request.", name);
	if (v->h->request.seen != v->base->request.seen)
		return arena_printf(v->a, v->h->request.seen ? "In %s a certificate is asked for." : "In %s no certificate is asked for.", name);
	if (v->same && accepted(v) == v->base_accepted)
		return arena_printf(v->a, "In %s as in %s.", name, v->base->version == v->h->version ? "the first handshake" : tls_version_name(v->base->version));
	/* Refused both times is no difference that a cause could lie in: each version has alerts of its own (116 is TLS 1.3's). */
	if (v->refused && !v->base_accepted)
		return arena_printf(v->a, "In %s it is refused too, in other words.", name);
	return arena_printf(v->a, "In %s another answer: the version matters.", name);
}

static const char *
protocol(const struct compared *v)
{
	if (!was_served(v->h))
		return "Without a protocol in common it does not go on.";
	if (v->h->offer.alpn == NULL)
		return was_served(v->base) ? "ALPN changes nothing." : "So it is the protocol that was named.";
	return v->h->alpn != NULL ? arena_printf(v->a, "It chooses %s.", v->h->alpn) : "It chooses no protocol.";
}

static const char *
name(const struct compared *v)
{
	const struct handshake *h = v->h, *base = v->base;
	const char *asked = h->offer.sni != NULL ? arena_printf(v->a, "Asked for “%s”", h->offer.sni) : "Asked for no name";
	bool other_leaf;

	if (!was_served(h) || h->server_certs_len == 0)
		return arena_printf(v->a, "%s it does not go on.", asked);
	if (base->server_certs_len == 0)
		return arena_printf(v->a, "%s it goes on.", asked);
	other_leaf = h->server_certs[0].der.len != base->server_certs[0].der.len ||
	    memcmp(h->server_certs[0].der.bytes, base->server_certs[0].der.bytes, h->server_certs[0].der.len) != 0;
	if (h->request.seen != base->request.seen)
		return arena_printf(v->a, "%s it %s, and nothing of ours was sent there.", asked, h->request.seen ? "asks for a client certificate" : "asks for no client certificate");
	return arena_printf(v->a, other_leaf ? "%s it shows another certificate." : h->request.seen ? "%s it shows the same certificate, and asks for ours too." :
	    "%s it shows the same certificate.", asked);
}

/* ---- what is requested ---- */

static const char *
path(const struct compared *v)
{
	if (v->h->http.status == 0)
		return NULL;
	return v->h->http.status == v->base->http.status ? "The same as for the path that was given." :
	    "Another answer than for the path that was given: that is the application's.";
}

static const char *
host(const struct compared *v)
{
	if (v->h->http.status == 421)
		return "It ties the request to the name of the handshake.";
	return v->h->http.status != 0 && v->h->http.status == v->base->http.status ? "It does not mind that the request names another host." : NULL;
}

/* ---- what is sent ---- */

static const char *
nothing(const struct compared *v)
{
	if (!v->told)
		return NULL;
	if (v->base_accepted)
		return v->refused ? "So it does want a certificate." : !accepted(v) ? NULL :
		    unasked(v) ? "TLS goes on without one as well; inside, nothing was asked." : "It works without one as well.";
	if (!v->refused)
		return accepted(v) ? "Without one it lets us in." : NULL;
	return v->same ? "The same answer as to ours." : "Another answer than to ours: so it looks at ours.";
}

static const char *
stranger(const struct compared *v)
{
	if (v->h->sent_certificate_message && v->h->sent_certs_len == 0)
		return "It did not go out: the server takes no key of its kind.";
	if (!v->told)
		return NULL;
	if (!v->refused)
		return !accepted(v) ? NULL : unasked(v) ? "TLS goes on with one that nobody knows; inside, nothing was asked." : "It takes a certificate that nobody knows.";
	if (v->base_accepted)
		return "So it does look at who made it.";
	if (v->base->sent_certs_len == 0)
		return v->same ? "The same answer as to none." : "With such a key a certificate does go out.";
	return v->same ? "As ours: either our CA is unknown too, or every fault is answered so." :
	    "Another answer than to ours: not for want of our CA.";
}

static const char *
changed_chain(const struct compared *v, const char *is_why)
{
	if (!v->told || v->base_accepted)
		return v->told && v->refused ? "Refused like that: it was right as it was." : NULL;
	if (accepted(v))
		return is_why;
	return v->same ? "The same answer: so that is not why." : v->refused ? "Another answer: that was one reason, and there is a next." : NULL;
}

static const char *
completed(const struct compared *v)
{
	return changed_chain(v, "So that is what was missing.");
}

static const char *
ordered(const struct compared *v)
{
	return changed_chain(v, "So it was the order.");
}

static const char *
rootless(const struct compared *v)
{
	return changed_chain(v, "So it was the root in our file.");
}

static const char *
leaf(const struct compared *v)
{
	if (!v->told)
		return NULL;
	return v->refused ? "So the server needs what is above it in our file." :
	    accepted(v) ? "The server has what is above it: it would not miss it, and other servers would." : NULL;
}

static const char *
calibration(const struct compared *v)
{
	const char *what = strcmp(v->h->experiment, "wrong-key") == 0 ? "A wrong signature" :
	    strcmp(v->h->experiment, "garbage") == 0 ? "A certificate that does not parse" : "None in TLS 1.2";
	struct refusal r = refusal_in(v->h);

	if (!v->told)
		return NULL;
	if (!v->refused)
		return accepted(v) ? arena_printf(v->a, "%s is accepted.", what) : NULL;
	if (strcmp(v->h->experiment, "wrong-key") == 0 && v->same)
		return "The same answer: either it is about a signature, or none was looked at.";
	return arena_printf(v->a, "%s gets %s.", what, r.kind == REFUSAL_ALERT ? arena_printf(v->a, "alert %u", r.alert) : refusal_label(&r, v->a));
}

static const struct {
	const char *experiment;
	const char *(*says)(const struct compared *v);
} sayings[] = {
	{ "wide-hello", wide },
	{ "baseline-get", get },
	{ "late-auth", late },
	{ "tls12", version },
	{ "tls13", version },
	{ "alpn-none", protocol },
	{ "alpn-http1.1", protocol },
	{ "alpn-h2", protocol },
	{ "sni-none", name },
	{ "sni-other", name },
	{ "root-path", path },
	{ "other-host", host },
	{ "with-intermediate", completed },
	{ "in-order", ordered },
	{ "without-root", rootless },
	{ "leaf-only", leaf },
	{ "no-certificate", nothing },
	{ "throwaway", stranger },
	{ "throwaway-rsa", stranger },
	{ "other-ca", stranger },
	{ "none-tls12", calibration },
	{ "wrong-key", calibration },
	{ "garbage", calibration },
};

static struct compared
compared(const struct diagnosis *d, const struct handshake *h, struct arena *a)
{
	const struct handshake *base = evidence_baseline(d->evidence);
	struct refusal r = refusal_in(h), first = refusal_in(base);

	return (struct compared){
		.h = h, .base = base, .a = a,
		.told = experiment_told(d->evidence, h->experiment) == h,
		.refused = r.kind != REFUSAL_NONE,
		.same = refusal_alike(&r, &first),
		.base_accepted = handshake_accepted(base),
	};
}

const char *
experiment_shows(const struct diagnosis *d, const struct handshake *h, struct arena *a)
{
	const struct handshake *base = evidence_baseline(d->evidence);
	const char *says = NULL;

	if (base == NULL || h == base || h->experiment == NULL || h->cancelled)
		return NULL;
	/* The way, or our patience, ended before the server did: what was changed has nothing to do with that. */
	if (h->phase <= PHASE_CONNECT || h->obstacle == OBSTACLE_PROXY || (h->outcome == OUTCOME_NETWORK && h->ended.how == END_TIMEOUT))
		return NULL;
	for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
		const struct compared c = compared(d, h, a);

		if (strcmp(sayings[i].experiment, h->experiment) == 0)
			says = sayings[i].says(&c);
	}
	return says;
}
