/* A client that `listen` saw, in words: headline, summary, what to do. */
#include <string.h>

#include "model/judged.h"
#include "model/memory.h"
#include "model/mend.h"
#include "model/seen.h"

const char *
client_called(const struct client *c, struct arena *a)
{
	struct client_stack stack = client_stack_guess(c);

	if (c->agent != NULL)
		return arena_printf(a, "%s (%s)", stack.name, c->agent);
	return stack.name;
}

/* ---- the verdict ---- */

static const char *
fine(const struct facts *f, struct arena *a)
{
	const struct client *c = seen(f);
	const struct cert *leaf = c->certs_len > 0 ? c->certs[0].cert : NULL;

	if (c->handshake->cancelled)
		return "We stopped before it was over.";
	if (leaf == NULL)
		return "It ended as it should.";
	if (c->listening->trust_named && f->ev->trust != NULL)
		return arena_printf(a, "It sent “%s”, and a server that trusts %s accepts that.", cert_called(leaf),
		    f->ev->trust->from != NULL ? f->ev->trust->from : "the same store");
	if (c->listening->request.cas_len > 0 && c->asked == ASKED_AS_SET)
		return arena_printf(a, "It sent “%s”, of a CA that %s names.", cert_called(leaf),
		    c->listening->like != NULL ? c->listening->like : "the list");
	return arena_printf(a, "It sent “%s”. Whether a server trusts its CA is not judged: --cacert names the store that shall.", cert_called(leaf));
}

void
client_summary(struct diagnosis *d, const struct facts *f)
{
	if (d->root == NULL || d->verdict == VERDICT_NOTICE) {
		d->headline = "it sends what it should";
		d->summary = fine(f, d->arena);
		return;
	}
	d->headline = d->root->title;
	d->summary = d->root->why != NULL ? d->root->why : "";
}

/* ---- what to do ---- */

static const struct {
	enum code code;
	const char *mend; /* {it}: the certificate that it is about, {ca}: where our CA lies */
} mends[] = {
	{ CODE_NET_NOT_TLS, "give the client the right protocol for this address, or the right port" },
	{ CODE_NET_TIMEOUT, "look at the client's own log: what does it wait for?" },
	{ CODE_NET_CLOSED, "look at the client's own log of this moment" },
	{ CODE_NET_RESET, "look at the client's own log, and at what stands between it and here" },
	{ CODE_TLS_NO_COMMON_VERSION, "let the client offer TLS 1.2 or 1.3" },
	{ CODE_TLS_NO_COMMON_CIPHER, "let the client offer a cipher of today" },
	{ CODE_TLS_NO_COMMON_GROUP, "let the client offer X25519 or P-256" },
	{ CODE_TLS_NO_COMMON_SIGALG, "let the client accept ECDSA P-256 or RSA-PSS signatures" },
	{ CODE_TLS_BROKEN_PEER, "update the client's TLS software, or look at what stands between it and here" },
	{ CODE_TLS_REJECTED, "ask the client for its own error text of this moment" },
	{ CODE_CHAIN_UNTRUSTED_ROOT, "let the client trust {ca} while it is tested here; its setting is called CA file, trust store or root certificates" },
	{ CODE_CERT_EXPIRED, "start listen with a certificate that is valid, or without --cert" },
	{ CODE_CERT_NOT_YET_VALID, "start listen with a certificate that is valid, or without --cert; compare the client's clock" },
	{ CODE_NAME_MISMATCH, "let the client connect by a name that our certificate has" },
	{ CODE_EKU_NO_SERVER_AUTH, "start listen with a certificate for servers, or without --cert" },
	{ CODE_KEY_MISMATCH, "give the client the private key that belongs to {it}" },
	{ CODE_CERT_MALFORMED, "give the client a certificate that parses: mtlscope inspect its file" },
	{ CODE_CLIENT_REQUIRED, "configure certificate and key in the client, and look whether it reads them" },
	{ CODE_CLIENT_NOT_SENT, "give the client a certificate whose key makes one of the signatures that are asked for" },
	{ CODE_CLIENT_NOT_IN_CA_LIST, "give the client a certificate of a CA on the list, or let the server name the CA of {it}" },
	{ CODE_CLIENT_MISSING_INTERMEDIATE, "put {issuer} into the client's certificate file, after its own certificate" },
	{ CODE_CLIENT_UNTRUSTED, "give the client a certificate of a CA that the server trusts, or let the server trust its CA" },
	{ CODE_CLIENT_EXPIRED, "give the client a new certificate: {it} has expired" },
	{ CODE_CLIENT_NOT_YET_VALID, "wait until {it} is valid, or issue one that is; compare the clocks" },
	{ CODE_CLIENT_EKU, "give the client a certificate for clients (clientAuth, digitalSignature)" },
	{ CODE_CLIENT_WEAK, "give the client a certificate with a stronger key and signature" },
	{ CODE_CLIENT_BAD_CHAIN, "give the client the certificate of the CA that really issued {it}" },
	{ CODE_CLIENT_INTERMEDIATE_EXPIRED, "renew {it} and put the new one into the client's certificate file" },
	{ CODE_CLIENT_EXPIRING, "renew {it} before it ends" },
	{ CODE_CLIENT_INTERMEDIATE_EXPIRING, "renew {it} before it ends" },
	{ CODE_CLIENT_WRONG_ORDER, "order the client's certificate file: its own certificate first, then each one's issuer" },
};

/* The text up to a place in braces is taken over, the place filled in. */
static const char *
filled(const char *text, const struct diagnosis *d, const struct finding *f, struct arena *a)
{
	const struct client *c = d->evidence->client;
	const struct {
		const char *place, *with;
	} places[] = {
		{ "{it}", f->certificate != NULL ? arena_printf(a, "“%s”", cert_called(f->certificate)) : "its certificate" },
		{ "{issuer}", f->certificate != NULL ? arena_printf(a, "“%s”", name_called(&f->certificate->issuer)) : "the issuer" },
		{ "{ca}", c->listening->ca_file != NULL ? c->listening->ca_file : "the CA of what --cert names" },
	};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const char *at = strstr(text, places[i].place);

		if (at != NULL)
			text = arena_printf(a, "%.*s%s%s", (int)(at - text), text, places[i].with, at + strlen(places[i].place));
	}
	return text;
}

const char *
client_mend(const struct diagnosis *d, const struct finding *f, struct arena *a)
{
	/* A breach that peers let pass. */
	if (f->code == CODE_CERT_MALFORMED && f->severity < SEVERITY_ERROR)
		return filled("have {it} issued anew, without that fault, before somebody minds it", d, f, a);
	for (size_t i = 0; i < sizeof mends / sizeof mends[0]; i++)
		if (mends[i].code == f->code)
			return filled(mends[i].mend, d, f, a);
	return mend_words(d, f, a);
}

const char *
client_phrase(enum code code)
{
	static const struct {
		enum code code;
		const char *phrase;
	} phrases[] = {
		{ CODE_CHAIN_UNTRUSTED_ROOT, "it does not trust the CA of our certificate" },
		{ CODE_CHAIN_MISSING_INTERMEDIATE, "our own chain lacks its intermediate" },
		{ CODE_CERT_EXPIRED, "our certificate has expired" },
		{ CODE_CERT_NOT_YET_VALID, "our certificate is not yet valid" },
		{ CODE_NAME_MISMATCH, "our certificate does not have the name that it wants" },
		{ CODE_EKU_NO_SERVER_AUTH, "our certificate is not for servers" },
		{ CODE_CLIENT_NOT_IN_CA_LIST, "it has one, of a CA that is not on the list" },
		{ CODE_CLIENT_NOT_SENT, "it has one, whose key makes none of the signatures" },
		{ CODE_CLIENT_MISSING_INTERMEDIATE, "its chain lacks an intermediate" },
		{ CODE_CLIENT_UNTRUSTED, "its CA is not trusted" },
	};

	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (phrases[i].code == code)
			return phrases[i].phrase;
	return code_phrase(code);
}
