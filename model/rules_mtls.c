/* What the server makes of client certificates at all, as far as one handshake shows. */
#include "model/memory.h"
#include "model/rules.h"

enum { TLS13 = 0x0304 };

static const char *
id_of(const struct facts *f)
{
	return f->base->id != NULL ? f->base->id : "baseline";
}

/* The handshake came to its end, so that a CertificateRequest would have been in it. */
static bool
completed(const struct facts *f)
{
	return f->base != NULL && !f->base->resumed && (f->accepted || f->base->http.status != 0);
}

static void
not_requested(const struct facts *f, struct findings *to)
{
	struct finding *n;

	if (!completed(f) || f->base->request.seen || handshake_asked_late(f->base))
		return;
	n = finding_add(to, CODE_MTLS_NOT_REQUESTED);
	n->severity = f->ev->thresholds.require_mtls ? SEVERITY_ERROR : SEVERITY_WARNING;
	n->confidence = CONFIDENCE_CERTAIN;
	finding_title(to, n, "The server asks for no client certificate");
	finding_why(to, n, "The handshake was completed without a CertificateRequest: at this name and port anybody is let in, and our certificate was not sent.%s",
	    f->base->http.status == 401 || f->base->http.status == 403 ?
	    " The answer was a refusal all the same: some servers ask only after the request, for some paths." : "");
	finding_cite(to, n, "%s: no CertificateRequest among the server's messages", id_of(f));
	if (f->base->http.status != 0)
		finding_cite(to, n, "%s: HTTP %d", id_of(f), f->base->http.status);
}

/*
 * Asked for, none went out, and everything worked: that is what optional means. Nothing is said where
 * only silence followed, which in TLS 1.3 proves no acceptance.
 */
static void
optional(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	struct finding *n;

	if (!completed(f) || !f->accepted || !h->request.seen || h->sent_certs_len > 0 || h->phase <= PHASE_FINISHED)
		return;
	n = finding_add(to, CODE_MTLS_OPTIONAL);
	if (h->http.status == 0 || h->http.status >= 400)
		n->confidence = CONFIDENCE_MEDIUM; /* TLS let us in; what the application lets us do is another question */
	finding_title(to, n, "The server asks for a client certificate and works without");
	finding_why(to, n, "The server asked for a certificate, we sent none, and it went on all the same%s.",
	    h->http.status != 0 ? arena_printf(f->arena, ": HTTP %d", h->http.status) : "");
	finding_cite(to, n, "%s: CertificateRequest, and an empty Certificate from us; %s", id_of(f), outcome_name(h->outcome));
}

static const struct rule rules[] = {
	{ .code = CODE_MTLS_NOT_REQUESTED, .look = not_requested },
	{ .code = CODE_MTLS_OPTIONAL, .look = optional },
};
const struct rule_table rules_mtls = { "mtls", rules, sizeof rules / sizeof rules[0] };
