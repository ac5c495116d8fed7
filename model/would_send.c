#include "model/would_send.h"

#include <string.h>

#include "model/signature_scheme.h"

/* How a client holds the server's list of CAs against what it has. */
enum list_rule {
	LIST_IGNORED,
	LIST_SENT_DER, /* the issuer of any certificate that is configured, byte for byte (Go: RawIssuer) */
	LIST_SENT,     /* the same, as names compare (Java: X500Principal) */
	LIST_STORE     /* whatever chain its own store completes (.NET) */
};

/*
 * Measured on loopback against s_server 3.0 with lists that are empty, name the root, the issuing CA or a
 * stranger; algorithms of one kind only; RSA, P-256, P-384 and Ed25519 keys; certificates without clientAuth
 * and without digitalSignature, in TLS 1.2 and 1.3. What no client minds: an extended key usage without
 * clientAuth (but .NET), expiry.
 */
static const struct client {
	const char *name, *version, *source;
	enum list_rule list;
	bool curve_counts; /* in TLS 1.2 too a scheme is for one curve; without one the handshake fails there */
	bool stops;        /* in TLS 1.2 it ends the handshake rather than send an empty message */
	bool chain_too;    /* the signatures of its chain must be of algorithms that the server names */
	bool wants_purpose; /* clientAuth */
	bool wants_signing; /* digitalSignature, in TLS 1.2 */
} clients[WOULD_SEND_CLIENTS] = {
	{ "OpenSSL", "3.0", "measured", .list = LIST_IGNORED },
	{ "curl", "7.88", "measured", .list = LIST_IGNORED },
	{ "Go", "1.19", "measured", .list = LIST_SENT_DER },
	/* 17.0.15: SunX509 is its default; NewSunX509, also called PKIX, is a property away. */
	{ "Java 17", "SunX509", "measured", .list = LIST_SENT, .curve_counts = true },
	{ "Java 17 (PKIX)", "NewSunX509", "measured", .list = LIST_SENT, .curve_counts = true, .chain_too = true },
	/* dotnet/runtime#121982 and SslStream's choice among ClientCertificates. */
	{ ".NET", "SslStream", "from documents", .list = LIST_STORE, .wants_purpose = true },
	{ "Node", "20", "measured", .list = LIST_IGNORED },
	{ "GnuTLS", "3.7.9", "measured", .list = LIST_IGNORED, .stops = true, .wants_signing = true },
};

static bool
key_allowed(const struct client *c, const struct certificate_request *r, uint16_t version, const struct cert *leaf)
{
	bool curve_counts = c->curve_counts && leaf->key.type == KEY_TYPE_EC;

	return !scheme_kind_known(&leaf->key) || key_signs_any(&leaf->key, r, curve_counts ? 0x0304 : version);
}

/* Is the signature on this certificate of an algorithm in the list: hash and kind of key (RFC 5246 7.4.1.4.1)? */
static bool
signature_listed(const struct certificate_request *r, const struct cert *cert)
{
	const uint16_t *list = r->sigalgs_cert_len > 0 ? r->sigalgs_cert : r->sigalgs;
	size_t len = r->sigalgs_cert_len > 0 ? r->sigalgs_cert_len : r->sigalgs_len;
	const char *label = cert->signature.label != NULL ? cert->signature.label : "";
	int hash = cert->signature.hash_bits == 160 ? 2 : cert->signature.hash_bits == 256 ? 4 : cert->signature.hash_bits == 384 ? 5 :
	    cert->signature.hash_bits == 512 ? 6 : 0;
	int kind = strstr(label, "WithRSAEncryption") != NULL ? 1 : strncmp(label, "ecdsa-with-", 11) == 0 ? 3 : 0;

	if (hash == 0 || kind == 0)
		return true; /* not known: nothing is claimed */
	for (size_t i = 0; i < len; i++)
		if (list[i] >> 8 == hash && (list[i] & 0xff) == kind)
			return true;
	return len == 0;
}

static bool
chain_allowed(const struct certificate_request *r, const struct identity *us)
{
	for (size_t i = 0; i < us->len; i++)
		if (!us->certs[i]->self_signed && !signature_listed(r, us->certs[i]))
			return false;
	return true;
}

static bool
list_names(const struct certificate_request *r, const struct name *issuer, bool bytes)
{
	for (size_t k = 0; k < r->cas_len; k++)
		if (bytes ? text_equal(issuer->der, r->cas[k].der) : name_equal(issuer, &r->cas[k]))
			return true;
	return false;
}

/* Does the list let it go out? An empty list names nobody, and excludes nobody (RFC 8446 4.2.4). */
static enum sends
by_list(const struct client *c, const struct certificate_request *r, const struct identity *us)
{
	const struct cert *top = us->certs[us->len - 1];

	if (c->list == LIST_IGNORED || r->cas_len == 0)
		return SENDS_IT;
	for (size_t i = 0; i < us->len; i++)
		if (list_names(r, &us->certs[i]->issuer, c->list == LIST_SENT_DER))
			return SENDS_IT;
	/* Names that we did not keep, or a store that knows CAs above ours, may say otherwise. */
	if (r->cas_truncated || (c->list == LIST_STORE && !top->self_issued))
		return SENDS_UNKNOWN;
	return SENDS_NOTHING;
}

static bool
has_client_auth(const struct cert *leaf)
{
	if (!leaf->has_eku)
		return true;
	for (size_t i = 0; i < leaf->eku_len; i++) {
		if (strcmp(leaf->eku[i], "clientAuth") == 0 || strcmp(leaf->eku[i], "anyExtendedKeyUsage") == 0)
			return true;
	}
	return false;
}

static void
withhold(struct would_send *w, enum sends sends, enum withheld by, const char *because)
{
	if (w->withheld != WITHHELD_NOT)
		return;
	w->sends = sends;
	w->withheld = by;
	w->because = because;
}

/* In the order in which clients look: what they can sign, what the list names, what the certificate is for. */
static void
ask(const struct client *c, const struct certificate_request *r, uint16_t version, const struct identity *us, struct would_send *w)
{
	const struct cert *leaf = identity_leaf(us);
	enum sends list = by_list(c, r, us);
	bool tls12 = version < 0x0304;

	*w = (struct would_send){ .client = c->name, .version = c->version, .source = c->source, .sends = SENDS_IT,
		.because = c->list == LIST_IGNORED && r->cas_len > 0 ? "it does not look at the server's list of CAs" : "nothing in the server's request excludes it" };
	if (!key_allowed(c, r, version, leaf))
		withhold(w, SENDS_NOTHING, WITHHELD_ALGORITHM, c->stops && tls12 ? "the server's signature algorithms do not allow this key, and it ends the handshake" :
		    "the server's signature algorithms do not allow this key");
	if (c->chain_too && !chain_allowed(r, us))
		withhold(w, SENDS_NOTHING, WITHHELD_ALGORITHM, "a signature in your chain is not of an algorithm that the server names");
	if (list == SENDS_NOTHING)
		withhold(w, list, WITHHELD_LIST, "no acceptable CA matches your issuer");
	if (c->wants_purpose && !has_client_auth(leaf))
		withhold(w, SENDS_NOTHING, WITHHELD_PURPOSE, "the certificate has no clientAuth");
	if (c->wants_signing && tls12 && leaf->has_key_usage && (leaf->key_usage & USAGE_DIGITAL_SIGNATURE) == 0)
		withhold(w, SENDS_NOTHING, WITHHELD_USAGE, "the key usage has no digitalSignature, and it ends the handshake");
	if (list == SENDS_UNKNOWN)
		withhold(w, list, WITHHELD_LIST, r->cas_truncated ? "the server's list of CAs is too long to be kept whole" :
		    "it depends on whether its own store leads from your issuer to a CA that the server names");
}

size_t
would_send_for(const struct certificate_request *r, uint16_t version, const struct identity *us,
    struct would_send out[WOULD_SEND_CLIENTS])
{
	if (us == NULL || identity_leaf(us) == NULL || !r->seen)
		return 0;
	for (size_t i = 0; i < WOULD_SEND_CLIENTS; i++)
		ask(&clients[i], r, version, us, &out[i]);
	return WOULD_SEND_CLIENTS;
}

size_t
would_send(const struct evidence *e, struct would_send out[WOULD_SEND_CLIENTS])
{
	const struct handshake *h = evidence_baseline(e);

	return h != NULL ? would_send_for(&h->request, h->version, e->identity, out) : 0;
}

const char *
would_send_sentence(const struct would_send *w, struct arena *a)
{
	static const char *const does[] = {
		[SENDS_NOTHING] = "would send nothing",
		[SENDS_IT] = "would send it",
		[SENDS_UNKNOWN] = "may send it or not",
	};

	return arena_printf(a, "%s %s: %s", w->client, does[w->sends], w->because);
}
