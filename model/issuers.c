#include "model/issuers.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

/* ---- reading ---- */

static size_t
read_one(const unsigned char *der, size_t len, struct cert **out, size_t most)
{
	struct error ignored = { 0 };
	struct cert *c = most > 0 ? cert_parse(der, len, &ignored) : NULL;

	if (c == NULL)
		return 0;
	out[0] = c;
	return 1;
}

static size_t
read_pkcs7(const unsigned char *bytes, size_t len, struct cert **out, size_t most)
{
	const unsigned char *p = bytes;
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)len);
	STACK_OF(X509) *certs = NULL;
	size_t n = 0;

	if (p7 != NULL && PKCS7_type_is_signed(p7) && p7->d.sign != NULL)
		certs = p7->d.sign->cert;
	for (int i = 0; i < sk_X509_num(certs) && n < most; i++) {
		unsigned char *der = NULL;
		int size = i2d_X509(sk_X509_value(certs, i), &der);

		if (size > 0)
			n += read_one(der, (size_t)size, out + n, most - n);
		OPENSSL_free(der);
	}
	PKCS7_free(p7);
	return n;
}

static size_t
read_pem(const unsigned char *bytes, size_t len, struct cert **out, size_t most)
{
	BIO *bio = BIO_new_mem_buf(bytes, (int)len);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long size = 0;
	size_t n = 0;

	while (bio != NULL && n < most && PEM_read_bio(bio, &name, &header, &der, &size) == 1) {
		if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_TRUSTED) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0)
			n += read_one(der, (size_t)size, out + n, most - n);
		else if (strcmp(name, PEM_STRING_PKCS7) == 0)
			n += read_pkcs7(der, (size_t)size, out + n, most - n);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)size); /* a file may hold a key as well */
	}
	BIO_free(bio);
	return n;
}

size_t
issuers_read(const unsigned char *bytes, size_t len, struct cert **out, size_t most)
{
	static const char begin[] = "-----BEGIN ";
	size_t n = 0;

	if (len == 0 || len > LIMIT_CERT_DER)
		return 0;
	if (memmem(bytes, len, begin, sizeof begin - 1) != NULL && bytes[0] != 0x30)
		n = read_pem(bytes, len, out, most);
	else if ((n = read_one(bytes, len, out, most)) == 0)
		n = read_pkcs7(bytes, len, out, most);
	ERR_clear_error();
	return n;
}

/* ---- what is known ---- */

struct search {
	const struct cert *of, *found;
	size_t checks;
};

static void
try(struct search *s, const struct cert *c)
{
	if (c != NULL && s->found == NULL && !fingerprint_equal(&c->sha256, &s->of->sha256) &&
	    name_equal(&c->subject, &s->of->issuer) && s->checks < LIMIT_SIGNATURE_CHECKS && cert_signed_by(s->of, c, &s->checks))
		s->found = c;
}

static bool
try_anchor(const struct cert *anchor, void *user)
{
	try(user, anchor);
	return ((struct search *)user)->found == NULL;
}

const struct cert *
issuers_known(const struct evidence *e, const struct cert *c)
{
	const struct handshake *h = evidence_baseline(e);
	struct search s = { .of = c };

	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++)
		try(&s, h->server_certs[i].cert);
	for (size_t i = 0; e->identity != NULL && i < e->identity->len; i++)
		try(&s, e->identity->certs[i]);
	for (size_t i = 0; i < e->found_len; i++)
		try(&s, e->found[i].cert);
	if (s.found == NULL && e->trust != NULL)
		trust_issuers(e->trust, c, try_anchor, &s);
	return s.found;
}

static const struct cert *
leaf_of(const struct evidence *e, bool ours)
{
	const struct handshake *h = evidence_baseline(e);

	if (ours)
		return e->identity != NULL && e->identity->len > 0 ? e->identity->certs[0] : NULL;
	return h != NULL && h->server_certs_len > 0 ? h->server_certs[0].cert : NULL;
}

const struct cert *
issuers_wanted(const struct evidence *e, bool ours)
{
	const struct cert *c = leaf_of(e, ours), *up;

	for (size_t depth = 0; c != NULL && depth < LIMIT_PATH_DEPTH; depth++, c = up) {
		if (c->self_signed || (!ours && e->trust != NULL && trust_has(e->trust, c)))
			return NULL;
		up = issuers_known(e, c);
		if (up == NULL)
			return c;
	}
	return NULL;
}

bool
issuers_found(struct evidence *e, const struct cert *c, const struct cert *below, const char *source, const char *where)
{
	struct search s = { .of = below };

	try(&s, c);
	if (s.found == NULL)
		return false;
	for (size_t i = 0; i < e->found_len; i++)
		if (fingerprint_equal(&e->found[i].cert->sha256, &c->sha256))
			return true;
	e->found = arena_grow(e->arena, e->found, e->found_len, &e->found_cap, sizeof *e->found);
	e->found[e->found_len++] = (struct found_cert){ .cert = cert_ref(c), .source = source, .where = arena_strdup(e->arena, where) };
	return true;
}
