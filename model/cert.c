/* Certificates: parsed once, shared by all who hold the same bytes. */
#include "model/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>

#include "model/cert_internal.h"
#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/public_key.h"

/*
 * Who lives, by SHA-256 of the DER. A reference goes from 1 to 0 only under the lock, and a look-up
 * takes its reference under the lock, so that nobody can find what is being freed.
 */
static struct {
	pthread_mutex_t lock;
	struct cert_whole **buckets;
	size_t size, len;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

enum { FIRST_BUCKETS = 256 };

bool
fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return memcmp(a->bytes, b->bytes, SHA256_LEN) == 0;
}

void
fingerprint_of(const unsigned char *bytes, size_t len, struct fingerprint *out)
{
	SHA256(bytes, len, out->bytes);
}

static void
hex_into(char *out, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

char *
fingerprint_hex(const struct fingerprint *f, char *out)
{
	hex_into(out, f->bytes, SHA256_LEN);
	return out;
}

static size_t
bucket_of(const struct fingerprint *f)
{
	size_t n;

	memcpy(&n, f->bytes, sizeof n);
	return n & (shared.size - 1);
}

/* Both with the lock held. */
static struct cert_whole *
shared_find(const struct fingerprint *f)
{
	struct cert_whole *w = shared.size == 0 ? NULL : shared.buckets[bucket_of(f)];

	while (w != NULL && !fingerprint_equal(&w->cert.sha256, f))
		w = w->next;
	if (w != NULL)
		atomic_fetch_add(&w->refs, 1);
	return w;
}

static void
shared_grow(void)
{
	struct cert_whole **old = shared.buckets;
	size_t old_size = shared.size;

	shared.size = old_size == 0 ? FIRST_BUCKETS : old_size * 2;
	shared.buckets = mem_zero(shared.size, sizeof *shared.buckets);
	for (size_t i = 0; i < old_size; i++) {
		for (struct cert_whole *w = old[i], *next; w != NULL; w = next) {
			struct cert_whole **bucket = &shared.buckets[bucket_of(&w->cert.sha256)];
			next = w->next;
			w->next = *bucket;
			*bucket = w;
		}
	}
	free(old);
}

static void
shared_add(struct cert_whole *w)
{
	struct cert_whole **bucket;

	if (shared.len >= shared.size)
		shared_grow();
	bucket = &shared.buckets[bucket_of(&w->cert.sha256)];
	w->next = *bucket;
	*bucket = w;
	shared.len++;
}

static void
shared_remove(struct cert_whole *w)
{
	struct cert_whole **at = &shared.buckets[bucket_of(&w->cert.sha256)];

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	shared.len--;
}

static void
whole_free(struct cert_whole *w)
{
	X509_free(w->x509);
	arena_free(w->arena);
}

/* OpenSSL could not read what our walk could: a fault that explains it, else OpenSSL's own words. */
static void
explain_openssl(const struct cert_reader *r, struct error *err)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	for (size_t i = 0; i < r->faults.len; i++) {
		if (r->faults.items[i].fatal) {
			error_set(err, ERROR_INPUT, "parsing", "%s", r->faults.items[i].text);
			break;
		}
	}
	error_set(err, ERROR_INPUT, "parsing", "OpenSSL cannot read the certificate: %s",
	    reason != NULL ? reason : "no reason given");
	ERR_clear_error();
}

/* Which extensions OpenSSL's path validation processes; both lists are in encoded order. */
static void
mark_known(struct cert *c, const X509 *x)
{
	int n = X509_get_ext_count(x);

	for (int i = 0; i < n && (size_t)i < c->extensions_len; i++)
		c->extensions[i].known = X509_supported_extension(X509_get_ext(x, i)) == 1;
}

static bool
is_self_signed(const struct cert *c, X509 *x)
{
	bool good;

	if (!c->self_issued || !c->key.readable)
		return false;
	good = X509_verify(x, X509_get0_pubkey(x)) == 1;
	ERR_clear_error();
	return good;
}

static bool
read_with_openssl(struct cert_whole *w, struct cert_reader *r, struct error *err)
{
	struct cert *c = &w->cert;
	const unsigned char *p = c->der.bytes;

	ERR_clear_error();
	w->x509 = d2i_X509(NULL, &p, (long)c->der.len);
	if (w->x509 == NULL) {
		explain_openssl(r, err);
		return false;
	}
	ERR_clear_error();
	public_key_usable(&c->key, r->key_over_limit ? NULL : X509_get0_pubkey(w->x509), r->key_over_limit);
	if (!c->key.readable && !r->key_over_limit)
		fault_add(&r->faults, "RFC 5280 4.1.2.7", true,
		    "the public key (%s) is damaged or of a kind that OpenSSL has not", c->key.label);
	mark_known(c, w->x509);
	/* Fills OpenSSL's own cache of the extensions now, so that nobody does it later under a lock. */
	(void)X509_check_purpose(w->x509, -1, 0);
	c->self_signed = is_self_signed(c, w->x509);
	ERR_clear_error();
	return true;
}

static struct cert_whole *
parse(const unsigned char *der, size_t len, const struct fingerprint *sha256, struct error *err)
{
	struct arena *a = arena_new();
	struct cert_whole *w = arena_alloc(a, sizeof *w);
	struct cert *c = &w->cert;
	struct cert_reader r = { .cert = c, .arena = a, .faults = { .arena = a } };
	unsigned char sha1[SHA_DIGEST_LENGTH];
	char why[DER_EXPLAIN_MAX];

	w->arena = a;
	atomic_init(&w->refs, 1);
	c->der = (struct text){ arena_dup(a, der, len), len };
	c->sha256 = *sha256;
	fingerprint_hex(&c->sha256, c->sha256_hex);
	SHA1(der, len, sha1);
	hex_into(c->sha1_hex, sha1, sizeof sha1);
	c->path_len = -1;
	if (!cert_read_fields(&r)) {
		error_set(err, ERROR_INPUT, "parsing", "%s", der_explain(&r.trouble, why, sizeof why));
		whole_free(w);
		return NULL;
	}
	c->self_issued = name_equal(&c->subject, &c->issuer);
	cert_judge(&r);
	if (!read_with_openssl(w, &r, err)) {
		whole_free(w);
		return NULL;
	}
	c->faults = r.faults.items;
	c->faults_len = r.faults.len;
	return w;
}

struct cert *
cert_parse(const unsigned char *der, size_t len, struct error *err)
{
	struct fingerprint sha256;
	struct cert_whole *w, *fresh;

	if (len > LIMIT_CERT_DER) {
		error_set(err, ERROR_INPUT, "parsing", "the certificate has %zu bytes, more than the %d that are read here",
		    len, LIMIT_CERT_DER);
		return NULL;
	}
	fingerprint_of(der, len, &sha256);
	pthread_mutex_lock(&shared.lock);
	w = shared_find(&sha256);
	pthread_mutex_unlock(&shared.lock);
	if (w != NULL)
		return &w->cert;

	fresh = parse(der, len, &sha256, err);
	if (fresh == NULL)
		return NULL;
	pthread_mutex_lock(&shared.lock);
	w = shared_find(&sha256); /* another thread may have been faster */
	if (w == NULL)
		shared_add(fresh);
	pthread_mutex_unlock(&shared.lock);
	if (w == NULL)
		return &fresh->cert;
	whole_free(fresh);
	return &w->cert;
}

/* Holders have a pointer to const, as nobody changes it; what counts the holders is behind it. */
static struct cert_whole *
whole_of(const struct cert *c)
{
	return (struct cert_whole *)(uintptr_t)c;
}

struct cert *
cert_ref(const struct cert *c)
{
	if (c == NULL)
		return NULL;
	atomic_fetch_add(&whole_of(c)->refs, 1);
	return &whole_of(c)->cert;
}

void
cert_free(const struct cert *c)
{
	struct cert_whole *w = whole_of(c);
	size_t refs;

	if (c == NULL)
		return;
	refs = atomic_load(&w->refs);
	while (refs > 1)
		if (atomic_compare_exchange_weak(&w->refs, &refs, refs - 1))
			return;
	pthread_mutex_lock(&shared.lock);
	if (atomic_fetch_sub(&w->refs, 1) == 1)
		shared_remove(w);
	else
		w = NULL;
	pthread_mutex_unlock(&shared.lock);
	if (w != NULL)
		whole_free(w);
}

X509 *
cert_x509(const struct cert *c)
{
	return whole_of(c)->x509;
}

void
cert_pem(const struct cert *c, struct buf *out)
{
	size_t size = (c->der.len + 2) / 3 * 4 + 1;
	unsigned char *base64 = mem_alloc(size);
	size_t len = (size_t)EVP_EncodeBlock(base64, c->der.bytes, (int)c->der.len);

	buf_adds(out, "-----BEGIN CERTIFICATE-----\n");
	for (size_t i = 0; i < len; i += 64) {
		buf_add(out, base64 + i, len - i < 64 ? len - i : 64);
		buf_addc(out, '\n');
	}
	buf_adds(out, "-----END CERTIFICATE-----\n");
	free(base64);
}

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void
start(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
}

void
openssl_start(void)
{
	pthread_once(&started, start);
}
