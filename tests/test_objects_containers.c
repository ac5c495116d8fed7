/* PKCS#12, PKCS#7, requests, lists, trusted certificates, DER one behind the other. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/objects_reader.h"
#include "tests/reading.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

struct pkcs12_form {
	const char *what;
	const char *passphrase;
	int key_pbe, cert_pbe; /* NIDs; -1: not encrypted; 0: OpenSSL's default */
	int mac_iterations;    /* -1: no MAC */
	bool legacy;
};

static void
write_pkcs12(BIO *bio, const struct pkcs12_form *f)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	PKCS12 *p12;

	sk_X509_push(others, reading_ca.x509);
	/* The CA stands first in the file: PKCS#12 has no order. */
	p12 = PKCS12_create_ex(f->passphrase, "order service", reading_leaf.key, reading_leaf.x509, others, f->key_pbe, f->cert_pbe, 2048,
	    f->mac_iterations, 0, f->legacy ? legacy_context() : NULL, NULL);
	assert_non_null(p12);
	assert_int_equal(i2d_PKCS12_bio(bio, p12), 1);
	PKCS12_free(p12);
	sk_X509_free(others);
}

static const struct pkcs12_form pkcs12_forms[] = {
	{ "as OpenSSL 3 makes it", SECRET, 0, 0, 0, false },
	{ "as OpenSSL 1 made it: RC2 and 3DES", SECRET, NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
	    NID_pbe_WithSHA1And40BitRC2_CBC, 0, true },
	{ "3DES", SECRET, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 0, false },
	{ "certificates in clear", SECRET, 0, -1, 0, false },
	{ "an empty passphrase", "", 0, 0, 0, false },
	{ "no passphrase at all", NULL, -1, -1, 0, false },
	{ "no MAC", SECRET, 0, 0, -1, false },
	{ "no MAC, nothing encrypted", NULL, -1, -1, -1, false },
};

static bool
needs_passphrase(const struct pkcs12_form *f)
{
	return f->passphrase != NULL && f->passphrase[0] != '\0';
}

static void
pkcs12_of_every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(pkcs12_forms); i++) {
		const struct pkcs12_form *f = &pkcs12_forms[i];
		size_t certs = 0, keys = 0;
		BIO *bio = memory_bio();
		struct reading r;

		if (f->legacy && legacy_context() == NULL)
			continue;
		write_pkcs12(bio, f);
		read_bio(&r, bio, SECRET);
		if (r.st != STATUS_OK || r.o.damaged > 0)
			fail_msg("%s: %s", f->what, r.st != STATUS_OK ? r.err.text : r.o.items[0].problem);
		assert_int_equal(r.asked.times, needs_passphrase(f) ? 1 : 0);
		for (size_t k = 0; k < r.o.len; k++) {
			const struct object *o = &r.o.items[k];

			certs += o->kind == OBJECT_CERT;
			keys += o->kind == OBJECT_KEY;
			assert_string_equal(o->container, "PKCS#12");
			if (o->kind == OBJECT_KEY) {
				assert_int_equal(o->key->was_encrypted, needs_passphrase(f));
				assert_string_equal(o->friendly_name, "order service");
			}
		}
		assert_int_equal(certs, 2);
		assert_int_equal(keys, 1);
		reading_done(&r);
	}
}

static void
locked_pkcs12(void **state)
{
	static const char *const answers[] = { "wrong", NULL };

	(void)state;
	for (size_t i = 0; i < LEN(pkcs12_forms); i++) {
		for (size_t k = 0; k < LEN(answers); k++) {
			BIO *bio;
			struct reading r;

			if (!needs_passphrase(&pkcs12_forms[i]) || (pkcs12_forms[i].legacy && legacy_context() == NULL))
				continue;
			bio = memory_bio();
			write_pkcs12(bio, &pkcs12_forms[i]);
			read_bio(&r, bio, answers[k]);
			assert_int_equal(r.st, STATUS_FAILED);
			assert_true(r.o.items[0].needs_passphrase);
			assert_non_null(strstr(r.err.text, answers[k] == NULL ? "there is no passphrase" : "does not open"));
			reading_done(&r);
		}
	}
}

/* 2^31 iterations in the MAC: the INTEGER at the end of the file is replaced by a longer one. */
static void
endless_pkcs12(void **state)
{
	static const struct pkcs12_form form = { .passphrase = SECRET, .mac_iterations = 2048 };
	double began = seconds_now();
	BIO *bio = memory_bio();
	struct der_trouble trouble = { 0 };
	struct der d, outer, mac;
	struct der_value version, safe, digest, salt;
	struct buf content = { 0 }, inner = { 0 }, whole = { 0 };
	struct reading r;
	char *data;
	long len;

	(void)state;
	write_pkcs12(bio, &form);
	len = BIO_get_mem_data(bio, &data);
	d = der_start((struct text){ (unsigned char *)data, (size_t)len }, &trouble);
	assert_true(der_enter(&d, DER_SEQUENCE, &outer, ""));
	assert_true(der_expect(&outer, DER_INTEGER, &version, ""));
	assert_true(der_expect(&outer, DER_SEQUENCE, &safe, ""));
	assert_true(der_enter(&outer, DER_SEQUENCE, &mac, ""));
	assert_true(der_expect(&mac, DER_SEQUENCE, &digest, ""));
	assert_true(der_expect(&mac, DER_OCTET_STRING, &salt, ""));
	buf_add(&inner, digest.whole.bytes, digest.whole.len);
	buf_add(&inner, salt.whole.bytes, salt.whole.len);
	put_bytes(&inner, 0x02, "\x00\x80\x00\x00\x00", 5);
	buf_add(&content, version.whole.bytes, version.whole.len);
	buf_add(&content, safe.whole.bytes, safe.whole.len);
	put(&content, 0x30, &inner);
	put(&whole, 0x30, &content);
	read_bytes(&r, whole.data, whole.len, SECRET, NULL);
	assert_non_null(strstr(r.err.text, "2147483648 iterations of key derivation; at most 10000000"));
	assert_int_equal(r.asked.times, 0);
	assert_true(seconds_now() - began < 1);
	reading_done(&r);
	buf_done(&content);
	buf_done(&inner);
	buf_done(&whole);
	BIO_free(bio);
}

/* Each bag's own count is judged too, and all of them together are bounded. */
static void
pkcs12_bags_are_bounded(void **state)
{
	static const struct pkcs12_form form = { .passphrase = SECRET };
	struct asked asked = { .answer = SECRET };
	struct read_options opt = { .ask = reading_ask, .ask_user = &asked };
	struct objects o = { .work = LIMIT_KDF_TOTAL - 3 };
	struct error err = { 0 };
	BIO *bio = memory_bio();
	char *data;
	long len;

	(void)state;
	write_pkcs12(bio, &form);
	len = BIO_get_mem_data(bio, &data);
	assert_int_equal(objects_parse((unsigned char *)data, (size_t)len, "test", &opt, &o, &err), STATUS_FAILED);
	assert_string_equal(err.text,
	    "test: the PKCS#12 container is not opened: the 20000000 iterations that one reading may take are used up");
	objects_done(&o);
	BIO_free(bio);
}

static PKCS7 *
certs_only(void)
{
	PKCS7 *p7 = PKCS7_new();

	assert_int_equal(PKCS7_set_type(p7, NID_pkcs7_signed), 1);
	assert_int_equal(PKCS7_content_new(p7, NID_pkcs7_data), 1);
	assert_int_equal(PKCS7_add_certificate(p7, reading_leaf.x509), 1);
	assert_int_equal(PKCS7_add_certificate(p7, reading_ca.x509), 1);
	return p7;
}

static void
expect_chain(struct reading *r)
{
	if (r->st != STATUS_OK)
		fail_msg("%s", r->err.text);
	assert_int_equal(r->o.len, 2);
	assert_string_equal(r->o.items[0].cert->subject.common_name, "order-service");
	assert_string_equal(r->o.items[1].cert->subject.common_name, "Acme Root CA");
	assert_string_equal(r->o.items[0].container, "PKCS#7");
	reading_done(r);
}

static void
pkcs7_in_pem_der_and_ber(void **state)
{
	PKCS7 *p7 = certs_only();
	struct buf ber = { 0 };
	BIO *bio = memory_bio();
	struct reading r;
	char *data;
	long len;

	(void)state;
	assert_int_equal(PEM_write_bio_PKCS7(bio, p7), 1);
	read_bio(&r, bio, NULL);
	assert_int_equal(r.o.items[0].line, 1);
	expect_chain(&r);

	bio = memory_bio();
	assert_int_equal(i2d_PKCS7_bio(bio, p7), 1);
	len = BIO_get_mem_data(bio, &data);
	/* The outer SEQUENCE with an indefinite length, as Windows and Java write it. */
	assert_int_equal((unsigned char)data[1], 0x82);
	buf_add(&ber, "\x30\x80", 2);
	buf_add(&ber, data + 4, (size_t)len - 4);
	buf_add(&ber, "\0\0", 2);
	read_bio(&r, bio, NULL);
	assert_int_equal(r.o.items[0].line, 0);
	assert_true(r.o.items[1].byte > r.o.items[0].byte);
	expect_chain(&r);
	read_bytes(&r, ber.data, ber.len, NULL, NULL);
	expect_chain(&r);
	buf_done(&ber);
	PKCS7_free(p7);
}

/* One byte of the second certificate is wrong: the first is read, and the fault has its byte. */
static void
damaged_member_of_pkcs7(void **state)
{
	PKCS7 *p7 = certs_only();
	unsigned char *der = NULL, *root = NULL, *at;
	int len = i2d_PKCS7(p7, &der), root_len = i2d_X509(reading_ca.x509, &root);
	struct reading r;

	(void)state;
	at = memmem(der, (size_t)len, root, (size_t)root_len);
	assert_non_null(at);
	at[4] = 0x31; /* the signed part is no SEQUENCE any more */
	read_bytes(&r, der, (size_t)len, NULL, NULL);
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.o.damaged, 1);
	assert_int_equal(r.o.items[1].kind, OBJECT_DAMAGED);
	assert_int_equal(r.o.items[1].byte, (size_t)(at - der));
	assert_non_null(strstr(r.o.items[1].problem, "test: from byte "));
	reading_done(&r);
	OPENSSL_free(der);
	OPENSSL_free(root);
	PKCS7_free(p7);
}

static void
certificate_requests(void **state)
{
	X509_REQ *req = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	unsigned char *der = NULL;
	struct reading r;
	int len;

	(void)state;
	X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), "CN", MBSTRING_UTF8, (const unsigned char *)"new", -1, -1, 0);
	sk_X509_EXTENSION_push(extensions, X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:a.example,IP:127.0.0.1"));
	assert_int_equal(X509_REQ_add_extensions(req, extensions), 1);
	assert_int_equal(X509_REQ_set_pubkey(req, reading_leaf.key), 1);
	assert_true(X509_REQ_sign(req, reading_leaf.key, EVP_sha256()) > 0);
	len = i2d_X509_REQ(req, &der);
	read_bytes(&r, der, (size_t)len, NULL, NULL);
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.o.items[0].kind, OBJECT_CSR);
	assert_string_equal(r.o.items[0].csr->subject.common_name, "new");
	assert_int_equal(r.o.items[0].csr->san_len, 2);
	assert_string_equal(r.o.items[0].csr->san[0].safe, "DNS:a.example");
	assert_true(r.o.items[0].csr->signature_ok);
	reading_done(&r);
	der[len - 1] ^= 1;
	read_bytes(&r, der, (size_t)len, NULL, NULL);
	assert_int_equal(r.st, STATUS_OK);
	assert_false(r.o.items[0].csr->signature_ok);
	reading_done(&r);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(req);
	OPENSSL_free(der);
}

static void
revocation_lists(void **state)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_set(NULL, 1000000000);
	BIO *bio = memory_bio();
	struct reading r;

	(void)state;
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(reading_ca.x509));
	X509_CRL_set1_lastUpdate(crl, t);
	X509_CRL_set1_nextUpdate(crl, t);
	assert_true(X509_CRL_sign(crl, reading_ca.key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509_CRL(bio, crl), 1);
	read_bio(&r, bio, NULL);
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.o.items[0].kind, OBJECT_CRL);
	reading_done(&r);
	ASN1_TIME_free(t);
	X509_CRL_free(crl);
}

/* OpenSSL's own form with trust settings behind the certificate. */
static void
trusted_certificates(void **state)
{
	X509 *copy = X509_dup(reading_leaf.x509);
	BIO *bio = memory_bio();
	struct reading r;

	(void)state;
	assert_int_equal(X509_add1_trust_object(copy, OBJ_nid2obj(NID_client_auth)), 1);
	assert_int_equal(PEM_write_bio_X509_AUX(bio, copy), 1);
	read_bio(&r, bio, NULL);
	assert_int_equal(r.st, STATUS_OK);
	assert_string_equal(r.o.items[0].cert->subject.common_name, "order-service");
	assert_non_null(strstr(r.o.notes[0], "TRUSTED CERTIFICATE"));
	reading_done(&r);
	X509_free(copy);
}

static void
der_one_behind_the_other(void **state)
{
	BIO *bio = memory_bio();
	struct buf b = { 0 };
	struct reading r;
	size_t len, key;
	unsigned char *der;

	(void)state;
	der = pki_der(&reading_leaf, &len);
	buf_add(&b, der, len);
	free(der);
	key = b.len;
	assert_int_equal(i2d_PKCS8PrivateKey_bio(bio, reading_leaf.key, NULL, NULL, 0, NULL, NULL), 1);
	{
		char *data;
		long n = BIO_get_mem_data(bio, &data);

		buf_add(&b, data, (size_t)n);
	}
	BIO_free(bio);
	read_bytes(&r, b.data, b.len, NULL, NULL);
	assert_int_equal(r.o.len, 2);
	assert_int_equal(r.o.items[1].kind, OBJECT_KEY);
	assert_int_equal(r.o.items[1].byte, key);
	reading_done(&r);

	buf_adds(&b, "\n\n");
	read_bytes(&r, b.data, b.len, NULL, NULL);
	assert_int_equal(r.o.len, 3);
	assert_non_null(strstr(r.o.items[2].problem, "2 bytes follow the last object"));
	reading_done(&r);

	/* Cut anywhere: one line, no crash. */
	for (size_t cut = 1; cut < key; cut++) {
		read_bytes(&r, b.data, cut, NULL, "DER");
		assert_int_equal(r.st, STATUS_FAILED);
		reading_done(&r);
	}
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pkcs12_of_every_form),
		cmocka_unit_test(locked_pkcs12),
		cmocka_unit_test(endless_pkcs12),
		cmocka_unit_test(pkcs12_bags_are_bounded),
		cmocka_unit_test(pkcs7_in_pem_der_and_ber),
		cmocka_unit_test(damaged_member_of_pkcs7),
		cmocka_unit_test(certificate_requests),
		cmocka_unit_test(revocation_lists),
		cmocka_unit_test(trusted_certificates),
		cmocka_unit_test(der_one_behind_the_other),
	};

	return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
