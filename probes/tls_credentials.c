#include "probes/tls_credentials.h"

#include <openssl/err.h>

#include "model/cert_openssl.h"
#include "model/garbage_cert.h"
#include "model/wrong_key.h"
#include "probes/throwaway.h"

/*
 * What goes out is exactly what the wish says: a chain that is not NULL, even an empty one, keeps
 * OpenSSL from filling in an intermediate of its own and hiding the very fault.
 */
static bool
load(SSL_CTX *ctx, EVP_PKEY *key, X509 *leaf, const struct cert *const *certs, size_t len)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	bool ok = chain != NULL && leaf != NULL && key != NULL;

	for (size_t i = 1; ok && i < len; i++)
		ok = sk_X509_push(chain, cert_x509(certs[i])) > 0;
	ok = ok && SSL_CTX_use_cert_and_key(ctx, leaf, key, chain, 1) == 1;
	sk_X509_free(chain); /* the context has references of its own */
	ERR_clear_error();
	return ok;
}

static const char *
load_ours(SSL_CTX *ctx, const struct tls_wish *wish)
{
	const struct identity *id = wish->identity;
	const struct cert *const *certs = wish->chain_len > 0 ? wish->chain : (const struct cert *const *)id->certs;
	size_t len = wish->chain_len > 0 ? wish->chain_len : id->len;
	X509 *leaf = cert_x509(certs[0]), *unreadable = NULL;
	EVP_PKEY *key = key_evp(id->key), *wrong = NULL, *public_half;
	const char *problem = NULL;

	if (!id->matches || wish->sends == SENDS_WRONG_KEY) {
		public_half = X509_get0_pubkey(leaf);
		/* The key that we hold is a stranger's only where it does not match. */
		key = wrong = public_half != NULL ? wrong_key(public_half, id->matches ? NULL : key) : NULL;
	}
	if (wish->sends == SENDS_GARBAGE)
		leaf = unreadable = garbage_cert(leaf);
	if (key == NULL)
		problem = "nothing can be signed for a certificate with such a key";
	else if (!load(ctx, key, leaf, certs, len))
		problem = "the TLS library does not take this certificate";
	EVP_PKEY_free(wrong);
	X509_free(unreadable);
	return problem;
}

static const char *
load_other_ca(SSL_CTX *ctx, const struct tls_wish *wish)
{
	EVP_PKEY *key = key_evp(wish->identity->key);
	X509 *cert = throwaway_certify(key);
	bool ok = load(ctx, key, cert, NULL, 0);

	X509_free(cert);
	return ok ? NULL : "the TLS library cannot make a certificate for this key";
}

static const char *
load_throwaway(SSL_CTX *ctx, bool rsa)
{
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	bool ok = throwaway_make(rsa, &cert, &key) && load(ctx, key, cert, NULL, 0);

	X509_free(cert);
	EVP_PKEY_free(key);
	return ok ? NULL : "the TLS library cannot make a throwaway certificate";
}

void
tls_credentials_load(struct tls_context *c, const struct tls_wish *wish)
{
	const struct identity *id = wish->identity;

	if (wish->sends == SENDS_THROWAWAY || wish->sends == SENDS_THROWAWAY_RSA) {
		c->not_loaded = load_throwaway(c->ctx, wish->sends == SENDS_THROWAWAY_RSA);
	} else if (wish->sends == SENDS_NOTHING || id == NULL) {
		return;
	} else if (id->len == 0) {
		c->not_loaded = "the identity holds no certificate";
	} else if (id->key == NULL) {
		c->not_loaded = "there is no private key to sign with";
	} else if (wish->sends == SENDS_OTHER_CA) {
		c->not_loaded = load_other_ca(c->ctx, wish);
	} else {
		c->not_loaded = load_ours(c->ctx, wish);
	}
	c->loaded = c->not_loaded == NULL;
	ERR_clear_error();
}
