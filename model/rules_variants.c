/*
 * What experiments prove that change our chain, our certificate, or where no certificate came through
 * (knowledge: "diagnosis", 5.2 and 5.3). They run after rules_proof.c.
 */
#include <string.h>

#include "model/experiment.h"
#include "model/judged.h"
#include "model/memory.h"
#include "model/proof.h"

enum { TLS12 = 0x0303, TLS13 = 0x0304 };

/* ---- our chain, the same certificates in another way ---- */

/* Let in, or refused for another reason: then what was changed accounts for the first answer. */
static bool
changed(const struct facts *f, const struct handshake *h)
{
	return h != NULL && f->refused && !proof_same_answer(f, h) && (proof_refused(h) || proof_let_in(h));
}

static void
blame(const struct facts *f, struct findings *to, struct finding *n, const struct handshake *h, const char *way)
{
	struct refusal now = refusal_in(h);

	n->severity = SEVERITY_ERROR;
	n->confidence = proof_let_in(h) ? CONFIDENCE_CERTAIN : CONFIDENCE_HIGH;
	proof_by(to, n, h);
	finding_explain(to, n, CODE_CLIENT_REJECTED);
	if (proof_let_in(h))
		finding_why(to, n, "%s The server refuses it like that, and accepts it %s.", n->why, way);
	else
		finding_why(to, n, "%s The server refuses it like that with %s, and %s for another reason: %s.", n->why,
		    refusal_label(&f->refusal, f->arena), way, refusal_label(&now, f->arena));
}

/* RFC 8446 4.4.2 lets peers expect any order, RFC 5246 7.4.2 does not. */
static void
order(const struct facts *f, struct findings *to)
{
	const struct handshake *h = experiment_told(f->ev, "in-order");
	struct finding *n = findings_find(to, CODE_CLIENT_WRONG_ORDER);

	if (n == NULL || h == NULL || !f->refused)
		return;
	if (changed(f, h))
		blame(f, to, n, h, "in its right order");
	else if (proof_same_answer(f, h))
		finding_cite(to, n, "%s: not the cause of the refusal here: in its right order the answer is the same", h->id);
}

static void
root_too_many(const struct facts *f, struct findings *to)
{
	static const char *const fixes[] = { "order-chain", NULL };
	const struct handshake *h = experiment_told(f->ev, "without-root");
	struct finding *n;

	if (!changed(f, h) || (findings_find(to, CODE_CLIENT_WRONG_ORDER) != NULL && finding_explains(findings_find(to, CODE_CLIENT_WRONG_ORDER), CODE_CLIENT_REJECTED)))
		return;
	n = finding_add(to, CODE_CLIENT_BAD_CHAIN);
	n->fixes = fixes;
	n->mend = "take the root out of {cert}: the certificate and its intermediates are enough";
	if (f->our_leaf != NULL)
		finding_at(to, n, f->our_leaf);
	finding_title(to, n, "The server does not take our chain with the root in it");
	finding_why(to, n, "Our file holds its root too, which a server has of its own (RFC 8446 4.4.2 lets it be left out): take it out of the file.");
	finding_cite_refusal(to, n);
	blame(f, to, n, h, "without the root");
}

/* ---- our certificate, and one of a CA that nobody has ---- */

/* Our own key, and all else as in a right certificate: only the CA is wrong with it. */
static void
other_ca(const struct facts *f, struct findings *to)
{
	const struct handshake *h = experiment_told(f->ev, "other-ca");
	struct finding *n = findings_find(to, CODE_CLIENT_UNTRUSTED);

	if (h == NULL || n == NULL || !f->refused || !finding_explains(n, CODE_CLIENT_REJECTED) || !proof_same_answer(f, h))
		return;
	finding_cite(to, n, "%s: our key in a certificate of a made-up CA gets the same answer: it trusts neither", h->id);
	proof_by(to, n, h);
}

/* ---- a signature that does not verify there ---- */

static bool
our_files_are_right(const struct facts *f, const struct findings *in)
{
	struct judged j;

	return f->us != NULL && f->us->key != NULL && f->us->matches && f->us->len > 1 && findings_find(in, CODE_CLIENT_BAD_CHAIN) == NULL &&
	    findings_find(in, CODE_KEY_MISMATCH) == NULL && judged_ours(f, &j) && (j.reach == REACH_TRUSTED || j.reach == REACH_UNKNOWN_ROOT);
}

/*
 * Alert 51 says that a signature does not verify. Ours do, here: so the server checks one with another
 * key. It has another CA under the name of ours, and no key identifier told them apart (measured).
 */
static void
another_key_there(const struct facts *f, struct findings *to)
{
	const struct handshake *wrong = experiment_told(f->ev, "wrong-key");
	enum fit fit = refusal_fits(f->ev, CODE_CLIENT_BAD_CHAIN);
	const struct cert *last;
	struct finding *n;

	if (!f->refused || !proof_sent_ours(f) || f->refusal.kind != REFUSAL_ALERT || f->refusal.alert != 51 || fit == RULED_OUT ||
	    !our_files_are_right(f, to))
		return;
	last = f->us->certs[f->us->len - 1];
	n = finding_add(to, CODE_CLIENT_BAD_CHAIN);
	n->confidence = fit == FITS ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	finding_at(to, n, f->our_leaf);
	n->mend = "its owner: compare the file of trusted CAs with our root, by fingerprint; the names are the same, the keys are not";
	finding_title(to, n, "The server checks our chain with another key than its CA has");
	finding_why(to, n, "The server says that a signature does not verify. Our key belongs to our certificate, and every signature in our chain verifies here: so the server has another CA under the name “%s”, most likely one of before or after a change of its key.",
	    name_called(last->self_signed ? &last->subject : &last->issuer));
	finding_cite_refusal(to, n);
	finding_cite(to, n, "ours: the key matches, and the chain of %zu verifies", f->us->len);
	if (wrong != NULL && proof_same_answer(f, wrong)) {
		finding_cite(to, n, "%s: signed by a wrong key the answer is the same: here this alert stands for a signature", wrong->id);
		proof_by(to, n, wrong);
	}
	finding_explain(to, n, CODE_CLIENT_REJECTED);
}

/* ---- none came, and one was sent ---- */

/*
 * The server says that no certificate came, and ours went out: 116, nginx' page, or alert 40 of TLS 1.2
 * where nothing at all is answered like that too and a throwaway is not, or where TLS 1.3 says 116.
 */
static bool
none_came(const struct facts *f)
{
	const struct handshake *tls13 = experiment_told(f->ev, "tls13");
	struct refusal newer = refusal_in(tls13);

	if (refusal_says_none_sent(&f->refusal))
		return true;
	if (f->refusal.kind != REFUSAL_ALERT || f->refusal.alert != 40 || f->base->version != TLS12)
		return false;
	return refusal_says_none_sent(&newer) || (f->none != NULL && proof_same_answer(f, f->none) && proof_refused(f->throwaway) &&
	    !proof_same_answer(f, f->throwaway));
}

static void
lost_on_the_way(const struct facts *f, struct findings *to)
{
	const struct handshake *tls13 = experiment_told(f->ev, "tls13");
	struct finding *n = findings_find(to, CODE_CLIENT_REJECTED);

	if (n == NULL || !f->refused || !proof_sent_ours(f) || !none_came(f))
		return;
	finding_title(to, n, "The server says that no certificate came, and ours did go out");
	finding_why(to, n, "Our certificate went out, and the server refused with %s, which is how it says that none came%s. Something between us and the server ends TLS, or the server asks another one for its verdict: that one got no certificate.",
	    refusal_label(&f->refusal, f->arena), f->none != NULL && proof_same_answer(f, f->none) ? "; without a certificate the answer is the same" : "");
	if (tls13 != NULL)
		proof_cite(f, to, n, tls13);
	if (f->none != NULL && proof_same_answer(f, f->none))
		proof_by(to, n, f->none);
}

/* ---- ours did not go out ---- */

/* With a key that it takes a certificate does go out: so it was our key, and nothing else. */
static void
another_key_type(const struct facts *f, struct findings *to)
{
	static const char *const names[] = { "throwaway", "throwaway-rsa" };
	struct finding *n = findings_find(to, CODE_CLIENT_NOT_SENT);

	for (size_t i = 0; n != NULL && f->refused && i < sizeof names / sizeof names[0]; i++) {
		const struct handshake *h = experiment_told(f->ev, names[i]);

		if (h == NULL || proof_same_answer(f, h))
			continue;
		proof_cite(f, to, n, h);
		proof_by(to, n, h);
		if (finding_explains(n, CODE_CLIENT_REJECTED))
			n->confidence = CONFIDENCE_CERTAIN;
		return;
	}
}

/* ---- taken without being looked at ---- */

/*
 * RFC 8446 4.4.3, RFC 5246 7.4.8: the signature shows that we hold the key. A server that takes a wrong one
 * takes everybody who has seen our certificate; one that takes junk has not read it.
 */
static void
unchecked(const struct facts *f, struct findings *to)
{
	static const struct {
		const char *name, *title, *why;
	} ways[] = {
		{ "wrong-key", "The server does not check that we hold the key of our certificate",
		    "Our certificate with a signature by another key was accepted: whoever has seen it gets in, and in TLS 1.2 everybody on the way sees it." },
		{ "garbage", "The server does not read our certificate", "Our certificate with junk in it, which nobody can read, was accepted." },
	};

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		const struct handshake *h = experiment_told(f->ev, ways[i].name);
		struct finding *n;

		if (!f->accepted || !proof_let_in(h) || h->http.status >= 400 || proof_let_in(f->none) || findings_find(to, CODE_MTLS_NOT_VERIFIED) != NULL)
			continue; /* a server that works without one need not look at it */
		n = finding_add(to, CODE_MTLS_NOT_VERIFIED);
		n->confidence = CONFIDENCE_CERTAIN;
		n->mend = "its owner: find out what ends TLS there and how it verifies clients; this is no configuration of any server that is known";
		finding_title(to, n, "%s", ways[i].title);
		finding_why(to, n, "%s", ways[i].why);
		finding_cite(to, n, "%s: it went on", h->id);
		proof_by(to, n, h);
	}
}

static const struct rule rules[] = {
	{ .code = CODE_CLIENT_WRONG_ORDER, .look = order },
	{ .code = CODE_CLIENT_BAD_CHAIN, .look = root_too_many },
	{ .code = CODE_CLIENT_UNTRUSTED, .look = other_ca },
	{ .code = CODE_CLIENT_BAD_CHAIN, .look = another_key_there },
	{ .code = CODE_CLIENT_REJECTED, .look = lost_on_the_way },
	{ .code = CODE_CLIENT_NOT_SENT, .look = another_key_type },
	{ .code = CODE_MTLS_NOT_VERIFIED, .look = unchecked },
};
const struct rule_table rules_variants = { "variants", rules, sizeof rules / sizeof rules[0] };
