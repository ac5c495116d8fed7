#include "tests/pca_wants.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "lab/pki.h"

const char *
wanted_csr(struct arena *a, const char *name, EVP_PKEY **key)
{
	X509_REQ *req = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	BIO *bio = BIO_new(BIO_s_mem());
	EVP_PKEY *own = pki_key(PKI_RSA2048);
	const char *pem;
	char value[128], *text;
	long len;

	snprintf(value, sizeof value, "DNS:%s", name);
	X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	sk_X509_EXTENSION_push(extensions, X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value));
	assert_true(X509_REQ_set_pubkey(req, own) && X509_REQ_add_extensions(req, extensions) && X509_REQ_sign(req, own, EVP_sha256()) > 0);
	PEM_write_bio_X509_REQ(bio, req);
	len = BIO_get_mem_data(bio, &text);
	pem = arena_strndup(a, text, (size_t)len);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(req);
	BIO_free(bio);
	if (key != NULL)
		*key = own;
	else
		EVP_PKEY_free(own);
	return pem;
}

X509 *
x509_of_pem(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(x);
	return x;
}

const char *
serial_of(const X509 *x, struct arena *a)
{
	const ASN1_INTEGER *n = X509_get0_serialNumber(x);
	char *out = arena_alloc(a, (size_t)n->length * 3 + 1);

	for (int i = 0; i < n->length; i++)
		snprintf(out + (size_t)i * 3, 4, "%02X%s", n->data[i], i + 1 < n->length ? ":" : "");
	return out;
}
