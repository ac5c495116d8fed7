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

	if (!completed(f) || f->base->request.seen || handshake_asked_late(f->base) || (f->late != NULL && f->late->request.seen))
		return;
	n = finding_add(to, CODE_MTLS_NOT_REQUESTED);
	n->severity = f->ev->thresholds.require_mtls ? SEVERITY_ERROR : SEVERITY_WARNING;
	n->confidence = CONFIDENCE_CERTAIN;
	finding_title(to, n, "The server asks for no client certificate");
	if (f->base->http.status != 401 && f->base->http.status != 403) {
		finding_why(to, n, "The handshake was completed without a CertificateRequest: at this name and port anybody is let in, and our certificate was not sent.");
	} else if (f->late != NULL) {
		finding_why(to, n, "The handshake was completed without a CertificateRequest, and our certificate was not sent. The answer was HTTP %d all the same; willing to be asked late we were not asked either, so that is the application's own.",
		    f->base->http.status);
	} else {
		/* Apache with the requirement on one path answers so in TLS 1.3, whatever one has (measured). */
		n->confidence = CONFIDENCE_MEDIUM;
		finding_why(to, n, "The handshake was completed without a CertificateRequest, our certificate was not sent, and the answer was HTTP %d. Either anybody comes this far and the application refuses, or the server asks only after the request, for some paths.",
		    f->base->http.status);
		finding_candidate(to, n, CODE_CLIENT_LATE_AUTH, CONFIDENCE_LOW, "the same with --tls-max 1.2: is the certificate asked for after the request?");
	}
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

	if (!completed(f) || !f->accepted || !h->request.seen || h->sent_certs_len > 0 || h->phase <= PHASE_FINISHED ||
	    handshake_doubt(h) == DOUBT_CLOSED)
		return;
	n = finding_add(to, CODE_MTLS_OPTIONAL);
	if (h->http.status == 0 || h->http.status >= 300)
		n->confidence = CONFIDENCE_MEDIUM; /* TLS let us in; what the application lets us do is another question */
	finding_title(to, n, "The server asks for a client certificate and works without");
	finding_why(to, n, "The server asked for a certificate, we sent none, and it went on all the same%s.",
	    h->http.status != 0 ? arena_printf(f->arena, ": HTTP %d", h->http.status) :
	    handshake_doubt(h) == DOUBT_UNANSWERED ? arena_printf(f->arena, " in TLS; no answer came to our %s", handshake_question(h)) :
	    handshake_doubt(h) == DOUBT_UNASKED ? " in TLS. Nothing was asked inside, where some servers (nginx) refuse" :
	    h->inside.text != NULL ? arena_printf(f->arena, ": “%s”. Whether a login wants one was not asked", h->inside.text) : "");
	finding_cite(to, n, "%s: CertificateRequest, and an empty Certificate from us; %s", id_of(f), outcome_name(h->outcome));
}

static bool
refused_in(const struct handshake *h)
{
	return refusal_in(h).kind != REFUSAL_NONE;
}

/*
 * Nothing refused us, and nothing shows that we are accepted. A handshake that went through is no
 * proof from a server that judges the certificate afterwards: that it closes then may be its refusal.
 */
static void
unproven(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	const char *us;
	struct finding *n;
	enum doubt doubt;

	if (h == NULL || ((doubt = handshake_doubt(h)) != DOUBT_CLOSED && doubt != DOUBT_SILENT))
		return; /* what TLS has said stands, and the summary says no more */
	if (doubt == DOUBT_SILENT && refused_in(f->none) && refused_in(f->throwaway))
		return; /* it does refuse, and not ours */
	us = h->sent_certs_len > 0 ? "our certificate" : "us without a certificate";
	n = finding_add(to, CODE_CLIENT_UNPROVEN);
	n->severity = doubt == DOUBT_CLOSED ? SEVERITY_WARNING : SEVERITY_NOTICE;
	finding_title(to, n, "Nothing proves that the server accepts %s", us);
	if (doubt == DOUBT_CLOSED) {
		finding_why(to, n, "The handshake was completed, and on our %s the server closed the connection without an answer. A service that does not speak %s does that; so does a server that refuses a certificate only then. Nothing proves that it accepts %s.",
		    handshake_question(h), h->inside.question != NULL ? starttls_label(f->ev->target.starttls) : "HTTP", us);
		finding_cite(to, n, "%s: closed without an answer, %.1f ms after our request", id_of(f), h->ended.at_ms - handshake_asked_ms(h));
	} else {
		finding_why(to, n, "The server did not refuse us as long as we listened; nothing proved that it accepts %s.", us);
		finding_cite(to, n, "%s: TLS 1.3, no session ticket, and silence up to %.0f ms", id_of(f), h->ended.at_ms);
	}
}

static const struct rule rules[] = {
	{ .code = CODE_MTLS_NOT_REQUESTED, .look = not_requested },
	{ .code = CODE_MTLS_OPTIONAL, .look = optional },
	{ .code = CODE_CLIENT_UNPROVEN, .look = unproven },
};
const struct rule_table rules_mtls = { "mtls", rules, sizeof rules / sizeof rules[0] };
