#include "model/rejected.h"

#include "model/memory.h"
#include "model/revocation.h"
#include "model/rules.h"

/* ---- what our files rule out ---- */

/* A fault that our files would show, and how its absence reads. */
static const struct {
	enum code codes[3];
	const char *fine;
} by_files[] = {
	{ { CODE_CLIENT_EXPIRED, CODE_CLIENT_NOT_YET_VALID, CODE_CLIENT_INTERMEDIATE_EXPIRED }, "it is within its dates" },
	{ { CODE_CLIENT_EKU, CODE_NONE }, "it may authenticate a client" },
	{ { CODE_CLIENT_MISSING_INTERMEDIATE, CODE_NONE }, "no intermediate is missing" },
	{ { CODE_CLIENT_BAD_CHAIN, CODE_NONE }, "its chain verifies" },
	{ { CODE_CLIENT_WEAK, CODE_NONE }, "it is strong enough" },
	{ { CODE_KEY_MISMATCH, CODE_KEY_UNREADABLE, CODE_NONE }, "the key matches" },
};

static bool
found_any(const struct findings *in, const enum code codes[3])
{
	for (size_t i = 0; i < 3 && codes[i] != CODE_NONE; i++)
		if (findings_find(in, codes[i]) != NULL)
			return true;
	return false;
}

static const char *
fine_list(const struct facts *f, const struct findings *in)
{
	const char *list = NULL;

	for (size_t i = 0; i < sizeof by_files / sizeof by_files[0]; i++) {
		if (found_any(in, by_files[i].codes))
			continue;
		list = list == NULL ? by_files[i].fine : arena_printf(f->arena, "%s, %s", list, by_files[i].fine);
	}
	return list;
}

/* ---- candidates: what our files cannot show ---- */

/* "Our CA is named by the server" makes distrust unlikely: then only a namesake with another key is left. */
static enum confidence
untrusted_likelihood(const struct facts *f, enum fit fit)
{
	if (fit != FITS || f->refusal.kind == REFUSAL_CLOSE)
		return CONFIDENCE_LOW;
	return f->base->request.cas_len == 0 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void
candidate(const struct facts *f, struct findings *to, struct finding *n, enum code code, enum confidence most, const char *decided_by)
{
	enum fit fit = refusal_fits(f->ev, code);

	if (fit == RULED_OUT || findings_find(to, code) != NULL)
		return;
	finding_candidate(to, n, code, fit == POSSIBLE ? CONFIDENCE_LOW : most, decided_by);
}

/* Once both controls were made, and were refused alike, no handshake tells more. */
static const char *
forbidden_decided_by(const struct facts *f)
{
	return f->none != NULL && f->throwaway != NULL ? "the application's own log: whom does it let do this?" :
	    "the same without a certificate, and with a throwaway one";
}

static const char in_its_file[] = "the server's file of trusted CAs: is our CA in it, with this very key?";

/* Where that stack writes down what it does not say on the wire (knowledge: "diagnosis", 3.3). */
static const char *
where_it_is_logged(enum stack s, const char *otherwise)
{
	switch (s) {
	case STACK_API_GATEWAY: return "API Gateway's execution log (“Access denied. Reason: …”), and the bundle in S3 that its truststore names";
	case STACK_S2N: return "the load balancer's connection log: its tls_verify_status says which";
	case STACK_SCHANNEL: return "the sub-status in IIS' log: 403.7, 403.13, 403.16 or 403.17";
	default: return otherwise;
	}
}

static const char verify_depth[] = "the server's verify depth: our chain has two intermediates or more";

static void
sent_candidates(const struct facts *f, struct findings *to, struct finding *n)
{
	bool about_time = f->refusal.kind == REFUSAL_ALERT && (f->refusal.alert == 45 || f->refusal.alert == 42);
	enum fit trust = refusal_fits(f->ev, CODE_CLIENT_UNTRUSTED);
	const struct revocation *list = revocation_list_in_doubt(f->ev, f->now);
	struct judged j;
	bool many = judged_ours(f, &j) && rejected_intermediates(&j) >= 2;

	/* The handshake went through, and no page of a known kind blames the certificate: the application decided. */
	if (f->refusal.kind == REFUSAL_HTTP && f->refusal.marker == NULL)
		candidate(f, to, n, CODE_CLIENT_FORBIDDEN, CONFIDENCE_LOW, forbidden_decided_by(f));
	if (about_time && !f->ev->clocks.server_known)
		candidate(f, to, n, CODE_CLOCK_SERVER_SKEW, CONFIDENCE_MEDIUM, "the server's clock: “date” on its host");
	/* Its list names our root, so it takes a namesake for our CA to be untrusted: a long chain is likelier than that. */
	if (many && f->base->request.cas_len > 0)
		candidate(f, to, n, CODE_CLIENT_DEPTH_EXCEEDED, CONFIDENCE_MEDIUM, verify_depth);
	candidate(f, to, n, CODE_CLIENT_UNTRUSTED, untrusted_likelihood(f, trust), where_it_is_logged(f->stack.stack, in_its_file));
	candidate(f, to, n, CODE_CLIENT_SERVER_REVOCATION, (f->refusal.kind == REFUSAL_ALERT && f->refusal.alert == 45) ||
	    list != NULL ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW,
	    list == NULL ? "whether the server has a current revocation list of our CA: its log says so" :
	        arena_printf(f->arena, "the server's log: %s is no good from here, %s", revocation_source(list, f->arena), revocation_why(list, f->now, f->arena)));
	if (judged_ours(f, &j) && rejected_intermediates(&j) >= 1 && !f->base->request.cas_len)
		candidate(f, to, n, CODE_CLIENT_PARTIAL_TRUST, CONFIDENCE_LOW, "the server's file of trusted CAs: is the root in it?");
	if (many)
		candidate(f, to, n, CODE_CLIENT_DEPTH_EXCEEDED, CONFIDENCE_LOW, verify_depth);
	candidate(f, to, n, CODE_CLIENT_REVOKED, CONFIDENCE_LOW, "the revocation list of our CA");
	candidate(f, to, n, CODE_CLIENT_FORBIDDEN, CONFIDENCE_LOW, forbidden_decided_by(f));
}

/*
 * Refused by HTTP, and nobody asked: Apache with the requirement on one path answers like this in
 * TLS 1.3 to everybody (measured).
 */
static void
unasked_candidates(const struct facts *f, struct findings *to, struct finding *n)
{
	if (f->refusal.kind == REFUSAL_HTTP)
		candidate(f, to, n, CODE_CLIENT_LATE_AUTH, CONFIDENCE_LOW, "the same with --tls-max 1.2: is the certificate asked for after the request?");
}

static void
say_why(const struct facts *f, struct findings *to, struct finding *n)
{
	const char *refusal = refusal_label(&f->refusal, f->arena);
	const char *fine = f->judge_us ? fine_list(f, to) : NULL;

	if (f->refusal.kind == REFUSAL_HTTP && f->refusal.http_status == 421)
		finding_why(to, n, "The server answered HTTP 421 (misdirected request): the name in the request is not the one that was asked for in TLS, which servers that want client certificates refuse. It says nothing against our certificate.");
	else if (!f->base->request.seen)
		finding_why(to, n, "The server refused with %s, without having asked for a certificate in the handshake.", refusal);
	else if (f->base->sent_certs_len == 0)
		finding_why(to, n, "The server refused with %s after an empty Certificate, which is not how a server says that one is required.", refusal);
	else if (refusal_says_none_sent(&f->refusal))
		finding_why(to, n, "The server says that no certificate came (%s), and ours did go out: something between us and the server ends TLS, or drops it.", refusal);
	else
		finding_why(to, n, "The server got our certificate and refused with %s. %s%s%s", refusal, fine != NULL ? "Ruled out by our files: " : "",
		    fine != NULL ? fine : "", fine != NULL ? "." : "");
}

void
rejected_look(const struct facts *f, struct findings *to)
{
	struct finding *n;

	if (f->ending != CODE_CLIENT_REJECTED)
		return;
	n = finding_add(to, CODE_CLIENT_REJECTED);
	n->confidence = f->refusal.kind == REFUSAL_CLOSE || ((f->refusal.kind == REFUSAL_HTTP || f->refusal.kind == REFUSAL_APP) && f->refusal.marker == NULL) ?
	    CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
	if (f->base->sent_certs_len > 0)
		finding_at(to, n, f->our_leaf);
	finding_shares(to, n, f->base->sent_certs_len > 0 && f->our_leaf != NULL ?
	    arena_printf(f->arena, "%s:%s", refusal_key(&f->refusal, f->arena), f->our_leaf->sha256_hex) : refusal_key(&f->refusal, f->arena),
	    /* FIN, reset and close_notify of one server change with the weather: they are one cause. */
	    f->refusal.kind == REFUSAL_CLOSE ? "an end without a word" : refusal_label(&f->refusal, f->arena));
	finding_title(to, n, f->base->sent_certs_len > 0 ? "The server refuses our certificate and does not say why" : "The server refuses us and does not say why");
	finding_cite_refusal(to, n);
	say_why(f, to, n);
	if (!f->base->request.seen)
		unasked_candidates(f, to, n);
	else if (f->base->sent_certs_len > 0)
		sent_candidates(f, to, n);
}

bool
rejected_by_local_fault(const struct facts *f, const struct findings *in)
{
	for (size_t i = 0; i < in->len; i++)
		if (finding_explains(in->items[i], CODE_CLIENT_REJECTED) && refusal_fits(f->ev, in->items[i]->code) == FITS)
			return true;
	return false;
}
