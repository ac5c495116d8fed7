#include "tests/pca_made.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/asn1_times.h"
#include "model/cert.h"
#include "model/memory.h"

static char *
bio_text(BIO *bio)
{
	char *bytes = NULL;
	long len = BIO_get_mem_data(bio, &bytes);
	char *out = mem_strndup(bytes, (size_t)len);

	BIO_free(bio);
	return out;
}

char *
x509_pem(X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_X509(bio, x), 1);
	return bio_text(bio);
}

char *
hex_of(const unsigned char *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	out[2 * len] = '\0';
	return out;
}

char *
name_text(const X509_NAME *name)
{
	struct arena *a = arena_new();
	unsigned char *der = NULL;
	int len = i2d_X509_NAME(name, &der);
	struct name parsed;
	char *out;

	assert_true(len > 0 && name_parse(a, (struct text){ der, (size_t)len }, &parsed));
	out = mem_strdup(parsed.safe);
	OPENSSL_free(der);
	arena_free(a);
	return out;
}

static X509_NAME *
name_of(const char *text)
{
	X509_NAME *name = X509_NAME_new();
	char *copy = mem_strdup(text != NULL ? text : ""), *at = copy;

	while (at != NULL && *at != '\0') {
		char *end = strchr(at, '/'), *value = strchr(at, '=');
		if (end != NULL)
			*end++ = '\0';
		assert_non_null(value);
		*value++ = '\0';
		/* As UTF8String whatever its length: OpenSSL then holds it to no bound. */
		assert_int_equal(X509_NAME_add_entry_by_txt(name, at, V_ASN1_UTF8STRING, (const unsigned char *)value, -1, -1, 0), 1);
		at = end;
	}
	free(copy);
	return name;
}

static void
add_extensions(X509_REQ *csr, const struct asked_extension *asks)
{
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	CONF *conf = NCONF_new(NULL);
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, NULL, NULL, csr, NULL, 0);
	X509V3_set_nconf(&ctx, conf);
	for (; asks != NULL && asks->name != NULL; asks++) {
		X509_EXTENSION *e = X509V3_EXT_nconf(conf, &ctx, asks->name, asks->value);
		if (e == NULL)
			fail_msg("OpenSSL does not take %s = %s", asks->name, asks->value);
		sk_X509_EXTENSION_push(list, e);
	}
	if (sk_X509_EXTENSION_num(list) > 0)
		assert_int_equal(X509_REQ_add_extensions(csr, list), 1);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	NCONF_free(conf);
}

char *
asked_csr(const struct asked_csr *r)
{
	X509_REQ *csr = X509_REQ_new();
	X509_NAME *name = name_of(r->subject);
	BIO *bio = BIO_new(BIO_s_mem());
	const EVP_MD *md = r->digest != NULL ? EVP_get_digestbyname(r->digest) : EVP_sha256();

	if (EVP_PKEY_get_base_id(r->key) == EVP_PKEY_ED25519)
		md = NULL;
	assert_int_equal(X509_REQ_set_subject_name(csr, name), 1);
	assert_int_equal(X509_REQ_set_pubkey(csr, r->key), 1);
	add_extensions(csr, r->asks);
	assert_true(X509_REQ_sign(csr, r->key, md) > 0);
	if (r->corrupt) {
		const ASN1_BIT_STRING *signature = NULL;
		X509_REQ_get0_signature(csr, &signature, NULL);
		signature->data[signature->length - 1] ^= 1;
	}
	assert_int_equal(PEM_write_bio_X509_REQ(bio, csr), 1);
	X509_NAME_free(name);
	X509_REQ_free(csr);
	return bio_text(bio);
}

const struct pca_template *
pca_named(const char *name)
{
	char arn[256];
	const struct pca_template *t;

	snprintf(arn, sizeof arn, "arn:aws:acm-pca:::template/%s/V1", name);
	t = pca_template_of(arn);
	if (t == NULL)
		fail_msg("no template is called %s", name);
	return t;
}

struct pca_signing
pca_call(const struct pca_made *ca, const char *template, const char *csr, int64_t days)
{
	return (struct pca_signing){
		.template = pca_named(template),
		.ca = ca->x509,
		.ca_key = ca->key,
		.signing_algorithm = ca->algorithm,
		.csr = (const unsigned char *)csr,
		.csr_len = strlen(csr),
		.validity = { .type = "DAYS", .value = days },
		.now = PCA_NOW,
		.serial = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	};
}

struct pca_made
pca_made_ca(const char *cn, EVP_PKEY *key, const char *algorithm, const char *template, const struct pca_made *issuer)
{
	struct pca_made ca = { .key = key, .algorithm = algorithm };
	struct pca_fault fault = { .code = "" };
	cJSON *configuration = cJSON_CreateObject();
	char *csr;
	struct pca_signing s;
	bool late = true;

	cJSON_AddStringToObject(configuration, "SigningAlgorithm", algorithm);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(configuration, "Subject"), "CommonName", cn);
	csr = pca_make_csr(key, configuration, &fault);
	assert_non_null(csr);
	s = pca_call(issuer != NULL ? issuer : &ca, template, csr, 3650);
	if (issuer != NULL) { /* a day before its parent */
		s.validity.type = "ABSOLUTE";
		s.validity.value = asn1_time(X509_get0_notAfter(issuer->x509)) - PCA_DAY;
	}
	if (!pca_check_request(&s, &fault, &late))
		fail_msg("%s: %s", fault.code, fault.message);
	ca.x509 = pca_sign(&s, &fault);
	assert_non_null(ca.x509);
	EVP_PKEY_up_ref(key);
	cJSON_Delete(configuration);
	free(csr);
	return ca;
}

void
pca_made_free(struct pca_made *ca)
{
	X509_free(ca->x509);
	EVP_PKEY_free(ca->key);
	*ca = (struct pca_made){ 0 };
}
