#include "model/key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdatomic.h>

#include "model/cert_openssl.h"
#include "model/key_described.h"
#include "model/memory.h"
#include "model/public_key.h"
#include "model/spki.h"

/* `key` is first: one casts to the other. */
struct key_whole {
	struct key key;
	struct arena *arena;
	EVP_PKEY *pkey;
	atomic_size_t refs;
};

static struct key_whole *
whole_of(const struct key *k)
{
	return (struct key_whole *)(uintptr_t)k;
}

struct key *
key_from_evp(EVP_PKEY *pkey, bool is_private, bool was_encrypted)
{
	struct arena *a = arena_new();
	struct key_whole *w = arena_alloc(a, sizeof *w);
	unsigned char *spki = NULL;
	size_t len = spki_encode(pkey, &spki);
	bool over_limit = false;

	w->arena = a;
	w->pkey = pkey;
	atomic_init(&w->refs, 1);
	w->key.is_private = is_private;
	w->key.was_encrypted = was_encrypted;
	if (len > 0)
		public_key_fields(a, (struct text){ spki, len }, &w->key.pub, &over_limit, NULL);
	else
		w->key.pub.label = "unknown key";
	public_key_usable(&w->key.pub, len > 0 ? pkey : NULL, over_limit);
	OPENSSL_free(spki);
	ERR_clear_error();
	return &w->key;
}

struct key *
key_described(const struct key *what)
{
	struct arena *a = arena_new();
	struct key_whole *w = arena_alloc(a, sizeof *w);

	w->arena = a;
	atomic_init(&w->refs, 1);
	w->key = *what;
	w->key.pub.label = what->pub.label != NULL ? arena_strdup(a, what->pub.label) : "unknown key";
	w->key.pub.curve = what->pub.curve != NULL ? arena_strdup(a, what->pub.curve) : NULL;
	return &w->key;
}

struct key *
key_ref(const struct key *k)
{
	if (k == NULL)
		return NULL;
	atomic_fetch_add(&whole_of(k)->refs, 1);
	return &whole_of(k)->key;
}

void
key_free(const struct key *k)
{
	struct key_whole *w = whole_of(k);

	if (k == NULL || atomic_fetch_sub(&w->refs, 1) > 1)
		return;
	EVP_PKEY_free(w->pkey); /* clears the secret: OpenSSL's own numbers are freed with OPENSSL_cleanse */
	arena_free(w->arena);
}

EVP_PKEY *
key_evp(const struct key *k)
{
	return whole_of(k)->pkey;
}

bool
key_matches(const struct key *k, const struct cert *c)
{
	EVP_PKEY *theirs;
	bool equal;

	if (fingerprint_equal(&k->pub.spki, &c->key.spki))
		return true;
	/* One curve by name and by parameters, or RSA with and without NULL: the bytes differ, the key does not. */
	if (!c->key.readable || !k->pub.readable || whole_of(k)->pkey == NULL)
		return false;
	theirs = X509_get0_pubkey(cert_x509(c));
	equal = theirs != NULL && EVP_PKEY_eq(whole_of(k)->pkey, theirs) == 1;
	ERR_clear_error();
	return equal;
}
