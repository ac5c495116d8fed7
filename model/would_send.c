#include "model/would_send.h"

#include <string.h>

/* Does a key of this kind make signatures of this scheme (RFC 8446 4.2.3; in TLS 1.2 the curve is free)? */
static bool
key_signs(const struct public_key *key, uint16_t scheme, uint16_t version)
{
	static const struct {
		const char *curve;
		uint16_t scheme;
	} curves[] = { { "P-256", 0x0403 }, { "P-384", 0x0503 }, { "P-521", 0x0603 } };

	switch (key->type) {
	case KEY_TYPE_RSA:
		return (scheme >= 0x0804 && scheme <= 0x0806) || (version < 0x0304 && (scheme & 0xff) == 0x01 && scheme < 0x0700);
	case KEY_TYPE_RSA_PSS: return scheme >= 0x0809 && scheme <= 0x080b;
	case KEY_TYPE_ED25519: return scheme == 0x0807;
	case KEY_TYPE_ED448: return scheme == 0x0808;
	case KEY_TYPE_EC:
		if (version < 0x0304)
			return (scheme & 0xff) == 0x03 && scheme < 0x0700;
		for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
			if (key->curve != NULL && strcmp(key->curve, curves[i].curve) == 0)
				return scheme == curves[i].scheme;
		}
		return false;
	case KEY_TYPE_UNKNOWN:
	case KEY_TYPE_DSA:
	case KEY_TYPE_DH: break;
	}
	return true; /* not known: nothing is claimed */
}

static bool
algorithms_allow(const struct handshake *h, const struct cert *leaf)
{
	if (h->request.sigalgs_len == 0)
		return true;
	for (size_t i = 0; i < h->request.sigalgs_len; i++) {
		if (key_signs(&leaf->key, h->request.sigalgs[i], h->version))
			return true;
	}
	return false;
}

static bool
list_names_us(const struct certificate_request *r, const struct identity *us)
{
	if (r->cas_len == 0)
		return true;
	for (size_t i = 0; i < us->len; i++) {
		for (size_t k = 0; k < r->cas_len; k++) {
			if (name_equal(&us->certs[i]->issuer, &r->cas[k]))
				return true;
		}
	}
	return false;
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

size_t
would_send(const struct evidence *e, struct would_send out[WOULD_SEND_CLIENTS])
{
	static const struct {
		const char *client;
		bool minds_list, minds_purpose;
	} clients[WOULD_SEND_CLIENTS] = {
		{ "OpenSSL, curl, Node", false, false },
		{ "Go", true, false },
		{ "Java 17", true, false },
		{ ".NET", false, true },
	};
	const struct handshake *h = evidence_baseline(e);
	const struct cert *leaf = e->identity != NULL ? identity_leaf(e->identity) : NULL;

	if (h == NULL || leaf == NULL || !h->request.seen)
		return 0;
	bool signs = algorithms_allow(h, leaf);
	bool named = list_names_us(&h->request, e->identity);
	bool purpose = has_client_auth(leaf);
	for (size_t i = 0; i < WOULD_SEND_CLIENTS; i++) {
		struct would_send *w = &out[i];
		*w = (struct would_send){ .client = clients[i].client, .sends = false };
		if (!signs)
			w->because = "the server's signature algorithms do not allow this key";
		else if (clients[i].minds_list && !named)
			w->because = "no acceptable CA matches your issuer";
		else if (clients[i].minds_purpose && !purpose)
			w->because = "the certificate has no clientAuth";
		else
			*w = (struct would_send){ .client = clients[i].client, .sends = true,
				.because = "nothing in the server's request excludes it" };
	}
	return WOULD_SEND_CLIENTS;
}
