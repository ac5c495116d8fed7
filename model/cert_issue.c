/* Who may and who did issue whom; what a certificate may be used for. */
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "model/cert_internal.h"
#include "model/cert_openssl.h"

static bool
has_purpose(const struct cert *c, const char *purpose)
{
	for (size_t i = 0; i < c->eku_len; i++)
		if (strcmp(c->eku[i], purpose) == 0 || strcmp(c->eku[i], "anyExtendedKeyUsage") == 0)
			return true;
	return false;
}

/*
 * Which bits of key usage do, one of them being enough. A TLS 1.3 or ECDHE handshake is signed, so
 * digitalSignature; a server with an RSA key can still do the TLS 1.2 key transport without it.
 * OpenSSL's client refuses an EC server certificate without it (“bad ecc cert”).
 */
static unsigned
usages(const struct cert *c, enum purpose p)
{
	bool rsa = c->key.type == KEY_TYPE_RSA;

	if (p == PURPOSE_SERVER && rsa)
		return USAGE_DIGITAL_SIGNATURE | USAGE_KEY_ENCIPHERMENT;
	return USAGE_DIGITAL_SIGNATURE;
}

bool
cert_allows(const struct cert *c, enum purpose p)
{
	if (p == PURPOSE_ANY)
		return true;
	if (c->has_eku && !has_purpose(c, p == PURPOSE_SERVER ? "serverAuth" : "clientAuth"))
		return false;
	return !c->has_key_usage || (c->key_usage & usages(c, p)) != 0;
}

const char *
cert_purposes(const struct cert *c, struct arena *a)
{
	struct buf out = { 0 };
	const char *text;

	if (!c->has_eku)
		return "anything";
	if (c->eku_len == 0)
		return "nothing";
	for (size_t i = 0; i < c->eku_len; i++) {
		if (i > 0)
			buf_adds(&out, i + 1 < c->eku_len ? ", " : " and ");
		buf_adds(&out, strcmp(c->eku[i], "anyExtendedKeyUsage") == 0 ? "anything" : c->eku[i]);
	}
	text = arena_strdup(a, buf_str(&out));
	buf_done(&out);
	return text;
}

/* RFC 5280 4.2.1.1: where the child names its issuer's key, serial or issuer, they have to fit. */
static bool
identifiers_fit(const struct cert *issuer, const struct cert *c)
{
	return c->aki.len == 0 || issuer->ski.len == 0 || text_equal(c->aki, issuer->ski);
}

bool
cert_could_issue(const struct cert *issuer, const struct cert *c)
{
	if (!name_equal(&issuer->subject, &c->issuer) || !identifiers_fit(issuer, c))
		return false;
	return !issuer->has_key_usage || (issuer->key_usage & USAGE_CERT_SIGN) != 0;
}

/*
 * Results of X509_verify, kept for the process: 1,000 targets behind one CA check its signature
 * once. Bounded: a place holds the last that fell on it.
 */
enum { CACHE_PLACES = 4096 };

struct verified {
	struct fingerprint cert, issuer_key;
	bool used, good;
};

static struct {
	pthread_mutex_t lock;
	struct verified places[CACHE_PLACES];
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct verified *
place_of(const struct fingerprint *cert, const struct fingerprint *key)
{
	uint32_t a, b;

	memcpy(&a, cert->bytes, sizeof a);
	memcpy(&b, key->bytes, sizeof b);
	return &cache.places[(a ^ b * 31) % CACHE_PLACES];
}

static bool
cached(const struct cert *c, const struct cert *issuer, bool *good)
{
	const struct verified *v = place_of(&c->sha256, &issuer->key.spki);
	bool hit;

	pthread_mutex_lock(&cache.lock);
	hit = v->used && fingerprint_equal(&v->cert, &c->sha256) &&
	    fingerprint_equal(&v->issuer_key, &issuer->key.spki);
	*good = hit && v->good;
	pthread_mutex_unlock(&cache.lock);
	return hit;
}

static void
remember(const struct cert *c, const struct cert *issuer, bool good)
{
	struct verified *v = place_of(&c->sha256, &issuer->key.spki);

	pthread_mutex_lock(&cache.lock);
	*v = (struct verified){
		.cert = c->sha256,
		.issuer_key = issuer->key.spki,
		.used = true,
		.good = good,
	};
	pthread_mutex_unlock(&cache.lock);
}

bool
cert_signed_by(const struct cert *c, const struct cert *issuer, size_t *checks)
{
	bool good;

	/* A key over a limit is never used: its check might take seconds. */
	if (!issuer->key.readable)
		return false;
	if (cached(c, issuer, &good))
		return good;
	if (checks != NULL)
		++*checks;
	good = X509_verify(cert_x509(c), X509_get0_pubkey(cert_x509(issuer))) == 1;
	ERR_clear_error();
	remember(c, issuer, good);
	return good;
}
