/*
 * What the refusal says of our certificate, beside our own files (model/rules_ours.c). A refusal
 * that one of these, or a fault in our files, explains has its cause; else it is client.rejected.
 */
#include "model/alert.h"
#include "model/judged.h"
#include "model/memory.h"
#include "model/rejected.h"
#include "model/signature_scheme.h"
#include "model/would_send.h"

enum { NAMES_CITED = 3 };

static const char *
id_of(const struct facts *f)
{
	return f->base->id != NULL ? f->base->id : "baseline";
}

static bool
sent_one(const struct facts *f)
{
	return f->base != NULL && f->base->sent_certs_len > 0;
}

/* A refusal that fits a cause: the finding with the confidence that the fit carries, or NULL. */
static struct finding *
refused_for(const struct facts *f, struct findings *to, enum code code)
{
	enum fit fit = refusal_fits(f->ev, code);
	struct finding *n;

	if (!f->refused || fit == RULED_OUT)
		return NULL;
	n = finding_add(to, code);
	if (fit == POSSIBLE)
		n->confidence = CONFIDENCE_MEDIUM;
	finding_cite_refusal(to, n);
	finding_explain(to, n, CODE_CLIENT_REJECTED);
	return n;
}

/* ---- none went out ---- */

/* Without a key nothing can be signed, so nothing goes out: then the key is the cause. */
static void
explain_by_key(struct findings *to, enum code code)
{
	struct finding *key = findings_find(to, CODE_KEY_UNREADABLE);

	if (key == NULL)
		return;
	finding_explain(to, key, code);
	if (to->facts->refused && refusal_fits(to->facts->ev, code) != RULED_OUT)
		finding_explain(to, key, CODE_CLIENT_REJECTED);
}

static void
required(const struct facts *f, struct findings *to)
{
	struct finding *n;

	if (f->base == NULL || sent_one(f) || f->our_leaf != NULL || handshake_asked_late(f->base))
		return;
	if (!f->base->request.seen && !refusal_says_none_sent(&f->refusal))
		return;
	n = refused_for(f, to, CODE_CLIENT_REQUIRED);
	if (n == NULL)
		return;
	if (refusal_only_fits(f->ev, CODE_CLIENT_REQUIRED))
		n->confidence = CONFIDENCE_CERTAIN;
	explain_by_key(to, CODE_CLIENT_REQUIRED);
	finding_title(to, n, "The server wants a client certificate, and we have none to give");
	finding_why(to, n, "The server asked for a client certificate, %s, and it refused with %s.",
	    f->us == NULL ? "none was given to us to send" : "nothing of the one that is configured can be used",
	    refusal_label(&f->refusal, f->arena));
	finding_cite(to, n, "%s: we sent an empty Certificate", id_of(f));
	finding_shares(to, n, "none-given", "no client certificate was given");
}

/* The other list: what our own key could have signed with. */
static const char *
our_schemes(const struct facts *f)
{
	static const uint16_t known[] = { 0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
		0x0203, 0x0201 };
	const char *list = "";

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (key_signs(&f->our_leaf->key, known[i], f->base->version) && sigalg_name(known[i]) != NULL)
			list = arena_printf(f->arena, "%s%s%s", list, *list != '\0' ? ", " : "", sigalg_name(known[i]));
	return *list != '\0' ? list : "nothing that is known";
}

static void
not_sent(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	struct finding *n;

	if (h == NULL || sent_one(f) || f->our_leaf == NULL || !h->request.seen || h->request.after_finished)
		return;
	if (!h->sent_certificate_message)
		return; /* it ended before our turn */
	explain_by_key(to, CODE_CLIENT_NOT_SENT);
	if (f->accepted) {
		n = finding_add(to, CODE_CLIENT_NOT_SENT);
		n->severity = SEVERITY_WARNING;
	} else if ((n = refused_for(f, to, CODE_CLIENT_NOT_SENT)) == NULL) {
		return;
	} else if (refusal_only_fits(f->ev, CODE_CLIENT_NOT_SENT)) {
		n->confidence = CONFIDENCE_CERTAIN;
	}
	finding_at(to, n, f->our_leaf);
	finding_title(to, n, "Our certificate did not go out");
	if (!key_signs_any(&f->our_leaf->key, &h->request, h->version))
		finding_why(to, n, "The server asked for a certificate, and an empty one went out: our key is %s, and the server takes only these signatures: %s.",
		    f->our_leaf->key.label, schemes_asked(&h->request, f->arena));
	else
		finding_why(to, n, "The server asked for a certificate, one is configured, and an empty one went out: %s.",
		    f->us->key == NULL ? "there is no key to sign with" : "the TLS library did not take it");
	finding_cite(to, n, "%s: we sent an empty Certificate", id_of(f));
	if (h->request.sigalgs_len > 0)
		finding_cite(to, n, "%s: signature_algorithms of the server: %s", id_of(f), schemes_asked(&h->request, f->arena));
	finding_cite(to, n, "ours: %s signs with %s", f->our_leaf->key.label, our_schemes(f));
}

/* ---- asked too late ---- */

static void
late_auth(const struct facts *f, struct findings *to)
{
	bool proven = f->late != NULL && f->late->request.seen && f->late->request.after_finished;
	struct finding *n;

	if (f->base == NULL || !(proven || (handshake_asked_late(f->base) && f->refused)))
		return;
	n = finding_add(to, CODE_CLIENT_LATE_AUTH);
	if (proven) {
		n->confidence = CONFIDENCE_CERTAIN;
		finding_cite(to, n, "%s: willing to be asked late, a CertificateRequest came after Finished", f->late->id);
		finding_prove(to, n, f->base);
		finding_prove(to, n, f->late);
	}
	finding_cite_refusal(to, n);
	finding_explain(to, n, CODE_CLIENT_REJECTED);
	finding_title(to, n, "The server asks for our certificate only after the handshake");
	finding_why(to, n, "The server asked for the certificate after our request, by %s. Clients refuse that today, HTTP/2 forbids it, and TLS 1.3 has no renegotiation: it must ask in the handshake.",
	    f->base->version >= 0x0304 ? "post-handshake authentication" : "renegotiation");
	if (handshake_asked_late(f->base))
		finding_cite(to, n, "%s: %s", id_of(f), f->base->request.seen ? "a CertificateRequest after Finished" : "a HelloRequest after Finished, which we declined");
	finding_shares(to, n, NULL, NULL);
}

/* ---- who trusts whom ---- */

static bool
in_list(const struct facts *f, const struct name *n)
{
	const struct certificate_request *r = &f->base->request;

	for (size_t i = 0; i < r->cas_len; i++)
		if (name_equal(&r->cas[i], n))
			return true;
	return false;
}

static bool
has_list(const struct facts *f)
{
	return f->base != NULL && f->base->request.seen && f->base->request.cas_len > 0;
}

/* The root above us, as far as it is known: the last certificate's own name, or its issuer's. */
static const struct name *
our_root(const struct judged *j)
{
	const struct cert *last = j->path != NULL ? j->path->links[j->path->len - 1].cert : j->top;
	const struct facts *f = j->facts;

	if (f->lacking_len > 0 && !last->self_signed)
		last = f->lacking[f->lacking_len - 1];
	return last->self_signed ? &last->subject : &last->issuer;
}

static bool
leads_to_list(const struct facts *f, const struct judged *j)
{
	for (size_t i = 0; i < j->sent_len; i++)
		if (in_list(f, &j->sent[i]->issuer))
			return true;
	for (size_t i = 0; j->path != NULL && i < j->path->len; i++)
		if (in_list(f, &j->path->links[i].cert->issuer))
			return true;
	for (size_t i = 0; i < f->lacking_len; i++)
		if (in_list(f, &f->lacking[i]->issuer))
			return true;
	return in_list(f, our_root(j));
}

static void
cite_list(const struct facts *f, struct findings *to, struct finding *n)
{
	const struct certificate_request *r = &f->base->request;
	const char *names = "";

	for (size_t i = 0; i < r->cas_len && i < NAMES_CITED; i++)
		names = arena_printf(f->arena, "%s%s“%s”", names, i > 0 ? ", " : "", r->cas[i].safe);
	finding_cite(to, n, "%s: the server names %zu %s: %s%s", id_of(f), r->cas_len, r->cas_len == 1 ? "CA" : "CAs", names,
	    r->cas_len > NAMES_CITED ? " …" : "");
}

static const char *
list_words(const struct facts *f)
{
	const struct certificate_request *r = &f->base->request;

	return r->cas_len == 1 ? arena_printf(f->arena, "one CA, “%s”", name_called(&r->cas[0])) : arena_printf(f->arena, "%zu CAs", r->cas_len);
}

/* What of ours is missing from the list: shared by all targets that do not trust this CA. */
static void
about_our_ca(const struct judged *j, struct findings *to, struct finding *n)
{
	const struct name *root = our_root(j);
	const struct cert *last = j->path != NULL ? j->path->links[j->path->len - 1].cert : NULL;

	finding_at(to, n, j->leaf);
	finding_shares(to, n, last != NULL && last->self_signed ? last->sha256_hex : root->safe,
	    arena_printf(j->facts->arena, "“%s”", name_called(root)));
}

static void
untrusted(const struct judged *j, struct findings *to)
{
	const struct facts *f = j->facts;
	struct finding *n = refused_for(f, to, CODE_CLIENT_UNTRUSTED);

	if (n == NULL)
		return;
	about_our_ca(j, to, n);
	finding_explain(to, n, CODE_CLIENT_NOT_IN_CA_LIST);
	if (j->leaf->self_signed) {
		finding_title(to, n, "The server does not trust our certificate, which signs itself");
		finding_why(to, n, "No CA issued “%s”: it signs itself. %s.", cert_called(j->leaf), has_list(f) ?
		    arena_printf(f->arena, "The server says that it trusts %s, and that is not it", list_words(f)) :
		    "A server takes such a certificate only where its own file of trusted CAs holds that very one");
	} else {
		finding_title(to, n, "The server does not trust our CA “%s”", name_called(our_root(j)));
		finding_why(to, n, "Our chain leads to “%s”. The server says that it trusts %s, and no CA of our chain is among them.",
		    name_called(our_root(j)), list_words(f));
	}
	if (has_list(f))
		cite_list(f, to, n);
	finding_cite(to, n, "ours: issuer %s", j->top->issuer.safe);
}

/* OpenSSL without X509_V_FLAG_PARTIAL_CHAIN wants the root; Go, Java and GnuTLS do not (measured). */
static void
partial_trust(const struct judged *j, struct findings *to)
{
	const struct facts *f = j->facts;
	bool wants_root = f->stack.confidence >= CONFIDENCE_MEDIUM &&
	    (f->stack.stack == STACK_OPENSSL || f->stack.stack == STACK_NGINX || f->stack.stack == STACK_NODE);
	struct finding *n = refused_for(f, to, CODE_CLIENT_PARTIAL_TRUST);

	if (n == NULL)
		return;
	n->confidence = wants_root ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	about_our_ca(j, to, n);
	finding_title(to, n, "The server trusts “%s”, but not its root “%s”", name_called(&j->leaf->issuer), name_called(our_root(j)));
	finding_why(to, n, "The server names “%s”, which issued our certificate, and not the root “%s” above it. Servers on OpenSSL, nginx and Node want the root in their file; Go, Java and GnuTLS do not.",
	    name_called(&j->leaf->issuer), name_called(our_root(j)));
	cite_list(f, to, n);
	finding_candidate(to, n, CODE_CLIENT_SERVER_REVOCATION, CONFIDENCE_LOW, "the server's own log line of this moment");
}

/* nginx: ssl_verify_depth is 1 unless set, so the second intermediate is one too many (measured). */
static void
depth_exceeded(const struct judged *j, struct findings *to, size_t intermediates)
{
	const struct facts *f = j->facts;
	struct finding *n = refused_for(f, to, CODE_CLIENT_DEPTH_EXCEEDED);

	if (n == NULL)
		return;
	n->confidence = CONFIDENCE_HIGH;
	about_our_ca(j, to, n);
	finding_title(to, n, "Our chain is longer than the server's ssl_verify_depth allows");
	finding_why(to, n, "Our chain has %zu intermediates. nginx checks one unless ssl_verify_depth says more, and then answers as if the CA were unknown.",
	    intermediates);
	finding_cite(to, n, "server: %s (%s)", f->stack.name, f->stack.because);
}

size_t
rejected_intermediates(const struct judged *j)
{
	size_t n = 0;

	for (size_t i = 1; i < j->sent_len; i++)
		n += !j->sent[i]->self_issued;
	return n;
}

/* What our chain lacked was added, and the answer stayed the same: then it is judged as if it were complete. */
static bool
refused_when_completed(const struct facts *f)
{
	struct refusal still = refusal_in(f->completed);

	return f->completed != NULL && refusal_alike(&still, &f->refusal);
}

/*
 * CONTRACT section 4, below the table: a complete chain, and still the server finds no way to a CA
 * that it trusts. What its list says comes before what its make suggests; nothing said: candidates.
 */
static void
trust(const struct facts *f, struct findings *to)
{
	struct judged j;
	const struct name *root;

	if (!f->refused || !sent_one(f) || refusal_says_none_sent(&f->refusal) || !judged_ours(f, &j))
		return;
	if (j.reach != REACH_TRUSTED && j.reach != REACH_UNKNOWN_ROOT && !refused_when_completed(f))
		return;
	root = our_root(&j);
	/* A list may leave out a CA that is trusted (HAProxy: ca-verify-file): what the refusal fits comes first. */
	if (refusal_fits(f->ev, CODE_CLIENT_UNTRUSTED) != FITS && rejected_by_local_fault(f, to))
		return;
	if (has_list(f) && !f->base->request.cas_truncated && !leads_to_list(f, &j))
		untrusted(&j, to);
	else if (rejected_by_local_fault(f, to))
		return;
	/* No CA is above it that the server could know: without a list of CAs this is what is left (Python, measured). */
	else if (!has_list(f) && j.leaf->self_signed)
		untrusted(&j, to);
	else if (has_list(f) && in_list(f, &j.leaf->issuer) && !name_equal(&j.leaf->issuer, root) && !in_list(f, root) &&
	    !f->base->request.cas_truncated)
		partial_trust(&j, to);
	else if (f->stack.stack == STACK_NGINX && rejected_intermediates(&j) >= 2)
		depth_exceeded(&j, to, rejected_intermediates(&j));
}

/* "Go, Java 17 and .NET": who would keep the certificate back for the list's sake; NULL: nobody. */
static const char *
withheld_by(const struct facts *f)
{
	struct would_send clients[WOULD_SEND_CLIENTS];
	size_t len = would_send(f->ev, clients), left = 0;
	const char *names = NULL;

	for (size_t i = 0; i < len; i++)
		left += clients[i].withheld == WITHHELD_LIST && clients[i].sends == SENDS_NOTHING;
	for (size_t i = 0; i < len; i++) {
		if (clients[i].withheld != WITHHELD_LIST || clients[i].sends != SENDS_NOTHING)
			continue;
		left--;
		names = names == NULL ? clients[i].client : arena_printf(f->arena, "%s%s%s", names, left == 0 ? " and " : ", ", clients[i].client);
	}
	return names;
}

static void
not_in_ca_list(const struct facts *f, struct findings *to)
{
	struct judged j;
	struct finding *n;
	const char *who = has_list(f) ? withheld_by(f) : NULL;

	if (who == NULL || f->base->request.cas_truncated || !judged_ours(f, &j) || leads_to_list(f, &j))
		return;
	if (j.reach != REACH_TRUSTED && j.reach != REACH_UNKNOWN_ROOT)
		return; /* the missing link is the finding */
	n = finding_add(to, CODE_CLIENT_NOT_IN_CA_LIST);
	about_our_ca(&j, to, n);
	finding_title(to, n, "The server's list of CAs does not name ours");
	finding_why(to, n, "In its request the server names %s; our chain does not lead there. We send it all the same; %s would send nothing.",
	    list_words(f), who);
	cite_list(f, to, n);
	finding_cite(to, n, "ours: issuer %s", j.top->issuer.safe);
}

/* Alert 44 has one meaning, on every stack that sends it. */
static void
revoked(const struct facts *f, struct findings *to)
{
	struct finding *n;

	if (!sent_one(f) || f->refusal.kind != REFUSAL_ALERT || f->refusal.alert != 44 || findings_find(to, CODE_CLIENT_REVOKED) != NULL)
		return; /* what is known of it from its CA says more (model/rules_revocation.c) */
	n = refused_for(f, to, CODE_CLIENT_REVOKED);
	if (n == NULL)
		return;
	finding_at(to, n, f->our_leaf);
	finding_title(to, n, "The server says that our certificate is revoked");
	finding_why(to, n, "The server answered our certificate with alert 44: by its revocation list or responder the certificate, or a CA above it, is revoked.");
}

static const struct rule rules[] = {
	{ .code = CODE_CLIENT_REQUIRED, .look = required },
	{ .code = CODE_CLIENT_NOT_SENT, .look = not_sent },
	{ .code = CODE_CLIENT_LATE_AUTH, .look = late_auth },
	{ .code = CODE_CLIENT_UNTRUSTED, .look = trust },
	{ .code = CODE_CLIENT_REVOKED, .look = revoked },
	{ .code = CODE_CLIENT_NOT_IN_CA_LIST, .look = not_in_ca_list },
	{ .code = CODE_CLIENT_REJECTED, .look = rejected_look },
};
const struct rule_table rules_client = { "client", rules, sizeof rules / sizeof rules[0] };
