/*
 * What experiments prove (knowledge: "diagnosis", 5.2 and 5.3). These rules run last: they make surer
 * what other rules found, or add what only a difference between two handshakes can show.
 */
#include <string.h>

#include "model/experiment.h"
#include "model/memory.h"
#include "model/proof.h"

/* ---- our chain, completed ---- */

static void
completed(const struct facts *f, struct findings *to)
{
	struct finding *n = findings_find(to, CODE_CLIENT_MISSING_INTERMEDIATE);
	struct refusal now = refusal_in(f->completed);

	if (n == NULL || f->completed == NULL || !f->refused || proof_same_answer(f, f->completed))
		return; /* the same: model/finding.c has said that it is not the cause */
	if (!proof_refused(f->completed) && !proof_let_in(f->completed))
		return;
	proof_by(to, n, f->completed);
	finding_explain(to, n, CODE_CLIENT_REJECTED);
	n->severity = SEVERITY_ERROR;
	if (proof_let_in(f->completed)) {
		n->confidence = CONFIDENCE_CERTAIN;
		n->candidates_len = 0;
		finding_cite(to, n, "%s: with what is missing added the server accepts us", f->completed->id);
		return;
	}
	n->confidence = CONFIDENCE_HIGH;
	finding_why(to, n, "%s With it the server refuses for another reason: %s.", n->why, refusal_label(&now, f->arena));
	finding_cite(to, n, "%s: with what is missing added: %s", f->completed->id, refusal_describe(&now, f->arena));
}

/* ---- a throwaway is refused in another way ---- */

/*
 * The server tells faults apart: a throwaway, at which only the CA is wrong, gets another answer. Then
 * the number it gave for ours means what it says; the first column of 5.3 with 48 in the third.
 */
static const struct {
	enum code code;
	uint8_t alert;
	enum confidence confidence;
} told_apart[] = {
	{ CODE_CLIENT_EXPIRED, 45, CONFIDENCE_CERTAIN },
	{ CODE_CLIENT_INTERMEDIATE_EXPIRED, 45, CONFIDENCE_CERTAIN },
	{ CODE_CLIENT_EKU, 43, CONFIDENCE_CERTAIN },
	{ CODE_CLIENT_NOT_YET_VALID, 42, CONFIDENCE_HIGH },
	{ CODE_CLIENT_WEAK, 42, CONFIDENCE_HIGH },
};

static void
tells_apart(const struct facts *f, struct findings *to)
{
	if (!f->refused || f->refusal.kind != REFUSAL_ALERT || !proof_refused(f->throwaway) || proof_same_answer(f, f->throwaway))
		return;
	for (size_t i = 0; i < sizeof told_apart / sizeof told_apart[0]; i++) {
		struct finding *n = findings_find(to, told_apart[i].code);

		if (n == NULL || n->side != SIDE_CLIENT || told_apart[i].alert != f->refusal.alert || !finding_explains(n, CODE_CLIENT_REJECTED))
			continue;
		proof_by(to, n, f->throwaway);
		if (n->confidence < told_apart[i].confidence)
			n->confidence = told_apart[i].confidence;
	}
}

/* ---- refused, and nothing of ours accounts for it ---- */

/* What the two controls say beside a refusal that is not explained yet. */
static void
controls(const struct facts *f, struct findings *to)
{
	struct finding *n = findings_find(to, CODE_CLIENT_REJECTED);

	if (n == NULL || !f->refused || !proof_sent_ours(f))
		return;
	proof_cite(f, to, n, f->none);
	proof_cite(f, to, n, f->throwaway);
	proof_cite(f, to, n, f->completed);
	if (f->none != NULL && f->throwaway != NULL && proof_same_answer(f, f->none) && proof_same_answer(f, f->throwaway))
		finding_why(to, n, "%s Without a certificate, and with one that nobody knows, the answer is the same: either it is not about our certificate, or this server has one answer for every fault.", n->why);
	else if (f->none != NULL && proof_let_in(f->none))
		finding_why(to, n, "%s Without a certificate it lets us in.", n->why);
	else if (f->throwaway != NULL && proof_same_answer(f, f->throwaway))
		finding_why(to, n, "%s A certificate that nobody knows gets the same answer.", n->why);
	else if (proof_refused(f->throwaway))
		finding_why(to, n, "%s A certificate that nobody knows is refused in another way: it is not that the server does not know our CA.", n->why);
}

/*
 * TLS let our certificate pass and a throwaway not, and the application then said 401 or 403: it knows
 * who we are, and does not want us (5.3, the last row).
 */
static void
forbidden(const struct facts *f, struct findings *to)
{
	const struct refusal *r = &f->refusal;
	bool none_differs = f->none != NULL && !proof_same_answer(f, f->none);
	struct finding *n;

	if (!f->refused || !proof_sent_ours(f) || r->kind != REFUSAL_HTTP || r->marker != NULL || (r->http_status != 401 && r->http_status != 403))
		return;
	if (!proof_refused(f->throwaway) || proof_same_answer(f, f->throwaway) || refusal_in(f->throwaway).kind == REFUSAL_HTTP)
		return;
	n = finding_add(to, CODE_CLIENT_FORBIDDEN);
	n->confidence = none_differs ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	if (f->our_leaf != NULL)
		finding_at(to, n, f->our_leaf);
	finding_title(to, n, "The server knows our certificate, and its application refuses us: HTTP %d", r->http_status);
	finding_why(to, n, "TLS accepted our certificate, where it refuses one that nobody knows; the application then answered HTTP %d. It does not grant this to the name in our certificate%s.",
	    r->http_status, none_differs ? "" : ", or to nobody: without a certificate the answer is the same");
	finding_cite_refusal(to, n);
	proof_cite(f, to, n, f->throwaway);
	proof_cite(f, to, n, f->none);
	finding_prove(to, n, f->base);
	finding_prove(to, n, f->throwaway);
	if (f->none != NULL)
		finding_prove(to, n, f->none);
	finding_explain(to, n, CODE_CLIENT_REJECTED);
}

/* ---- let in with anything ---- */

/* TLS let it in; did the application do otherwise than with ours? */
static bool
refused_by_application(const struct facts *f, const struct handshake *h)
{
	return h->http.status >= 400 && h->http.status != f->base->http.status;
}

static void
optional(const struct facts *f, struct findings *to)
{
	struct finding *n;
	bool unasked;

	if (!proof_sent_ours(f) || !proof_let_in(f->none) || !f->none->request.seen)
		return;
	unasked = handshake_doubt(f->none) == DOUBT_UNASKED;
	if (refused_by_application(f, f->none))
		return;
	n = finding_add(to, CODE_MTLS_OPTIONAL);
	n->confidence = handshake_doubt(f->none) != DOUBT_NONE || f->none->inside.text != NULL ? CONFIDENCE_MEDIUM : CONFIDENCE_CERTAIN;
	finding_title(to, n, unasked ? "The server asks for a client certificate, and TLS goes on without" : "The server asks for a client certificate and works without");
	/* Dovecot looks at the certificate when somebody logs in (measured), PostgreSQL by user (pg_hba.conf). */
	if (f->none->inside.text != NULL)
		finding_why(to, n, "The server asked for a certificate and got none, and inside TLS it went on all the same (“%s”): nobody needs our certificate to come so far. Whether a login wants one was not asked.",
		    f->none->inside.text);
	else if (unasked) /* nginx lets anybody through TLS, and says 400 to the request (measured) */
		finding_why(to, n, "The server asked for a certificate and got none, and TLS was completed all the same. Nothing was asked inside, where some servers (nginx) refuse: whether it works without was not seen.");
	else
		finding_why(to, n, "The server asked for a certificate and got none, and it went on all the same%s: nobody needs our certificate to get in.",
		    f->none->http.status != 0 ? arena_printf(f->arena, ", with HTTP %d", f->none->http.status) : "");
	finding_cite(to, n, "%s: CertificateRequest, an empty Certificate from us, and it went on", f->none->id);
	proof_by(to, n, f->none);
}

static void
not_verified(const struct facts *f, struct findings *to)
{
	struct finding *n;

	if (!proof_sent_ours(f) || !proof_let_in(f->throwaway) || proof_let_in(f->none))
		return; /* a server that works without one need not look at it */
	if (refused_by_application(f, f->throwaway))
		return;
	n = finding_add(to, CODE_MTLS_NOT_VERIFIED);
	n->confidence = handshake_doubt(f->throwaway) != DOUBT_NONE ? CONFIDENCE_MEDIUM : CONFIDENCE_CERTAIN;
	finding_title(to, n, "The server accepts any client certificate");
	finding_why(to, n, "A certificate that we made a moment ago, and that signs itself, was accepted%s: whoever makes one gets in.",
	    f->throwaway->http.status != 0 ? arena_printf(f->arena, " (HTTP %d)", f->throwaway->http.status) : "");
	finding_cite(to, n, "%s: a throwaway certificate was accepted", f->throwaway->id);
	finding_prove(to, n, f->throwaway);
	if (f->none != NULL)
		finding_prove(to, n, f->none);
}

static const struct rule rules[] = {
	{ .code = CODE_CLIENT_MISSING_INTERMEDIATE, .look = completed },
	{ .code = CODE_CLIENT_EXPIRED, .look = tells_apart },
	{ .code = CODE_CLIENT_FORBIDDEN, .look = forbidden },
	{ .code = CODE_CLIENT_REJECTED, .look = controls },
	{ .code = CODE_MTLS_OPTIONAL, .look = optional },
	{ .code = CODE_MTLS_NOT_VERIFIED, .look = not_verified },
};
const struct rule_table rules_proof = { "proof", rules, sizeof rules / sizeof rules[0] };
