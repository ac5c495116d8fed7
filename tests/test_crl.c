/* Revocation lists: what they say, and when they say nothing, whatever they look like. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "model/crl.h"
#include "model/memory.h"
#include "model/times.h"
#include "tests/made.h"

#define URL "http://ca.internal/ca.crl"

static struct made ca, stranger, no_crl_sign, leaf, below;

static int
set_up(void **state)
{
	const struct pki_request with_url = { .cn = "payment.internal", .crl = URL };
	const struct pki_request a_ca = { .cn = "Acme CA", .ca = true, .key_usage = "critical,keyCertSign,cRLSign" };
	const struct pki_request no_sign = { .cn = "No list CA", .ca = true, .key_usage = "critical,keyCertSign" };
	const struct pki_request sub = { .cn = "Sub CA", .ca = true, .key_usage = "critical,keyCertSign,cRLSign", .crl = URL };

	(void)state;
	ca = made_issue(&a_ca, NULL);
	stranger = made_issue(&a_ca, NULL); /* the same name, another key */
	no_crl_sign = made_issue(&no_sign, NULL);
	leaf = made_issue(&with_url, &ca);
	below = made_issue(&sub, &ca);
	return 0;
}

static int
tear_down(void **state)
{
	struct made *all[] = { &ca, &stranger, &no_crl_sign, &leaf, &below };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		made_free(all[i]);
	return 0;
}

struct list {
	const char *what;
	const struct made *by;        /* NULL: the CA */
	const struct made *about;     /* whose status is asked; NULL: the leaf */
	const struct made *named_by;  /* its issuer's name is this one's; NULL: by's */
	bool lists_it;
	long reason;                  /* -1: none */
	const char *idp;              /* in OpenSSL's form, or NULL */
	bool delta, unknown_critical, no_end, corrupt;
	/* What is to come of it. */
	enum revocation_status status;
	enum revocation_doubt doubt;
	const char *says;             /* the reason, or words of why */
};

static const struct list lists[] = {
	{ .what = "not on it", .reason = -1, .status = REVOCATION_GOOD },
	{ .what = "on it", .lists_it = true, .reason = -1, .status = REVOCATION_REVOKED },
	{ .what = "with a reason", .lists_it = true, .reason = CRL_REASON_KEY_COMPROMISE, .status = REVOCATION_REVOKED, .says = "keyCompromise" },
	{ .what = "on hold", .lists_it = true, .reason = CRL_REASON_CERTIFICATE_HOLD, .status = REVOCATION_REVOKED, .says = "certificateHold" },
	{ .what = "unspecified is no reason", .lists_it = true, .reason = CRL_REASON_UNSPECIFIED, .status = REVOCATION_REVOKED },
	{ .what = "taken off again", .lists_it = true, .reason = CRL_REASON_REMOVE_FROM_CRL, .status = REVOCATION_GOOD },
	{ .what = "without an end", .reason = -1, .no_end = true, .status = REVOCATION_GOOD },
	{ .what = "signed by a namesake", .by = &stranger, .lists_it = true, .reason = -1, .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_BROKEN, .says = "does not verify" },
	{ .what = "a flipped bit", .lists_it = true, .reason = -1, .corrupt = true, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_BROKEN,
	    .says = "does not verify" },
	{ .what = "another CA's", .by = &no_crl_sign, .reason = -1, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_BROKEN,
	    .says = "another CA's list" },
	{ .what = "a delta list", .reason = -1, .delta = true, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_UNSUPPORTED, .says = "delta" },
	{ .what = "a critical extension", .reason = -1, .unknown_critical = true, .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_UNSUPPORTED,
	    .says = "critical extension" },
	{ .what = "an indirect list", .reason = -1, .idp = "critical,indirectCRL:TRUE", .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_UNSUPPORTED, .says = "indirect" },
	{ .what = "another CA's indirect list", .reason = -1, .named_by = &no_crl_sign, .idp = "critical,indirectCRL:TRUE",
	    .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_UNSUPPORTED, .says = "indirect" },
	{ .what = "some reasons only", .reason = -1, .idp = "critical,onlysomereasons:keyCompromise", .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_UNSUPPORTED, .says = "some reasons" },
	{ .what = "this point's", .reason = -1, .idp = "critical,fullname:URI:" URL, .status = REVOCATION_GOOD },
	{ .what = "this point's, on it", .lists_it = true, .reason = -1, .idp = "critical,fullname:URI:" URL, .status = REVOCATION_REVOKED },
	/* A partition of a CA's list says nothing about the others: taking it for all of it would call a revoked one good. */
	{ .what = "another point's", .reason = -1, .idp = "critical,fullname:URI:http://ca.internal/other.crl", .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_UNSUPPORTED, .says = "another distribution point" },
	{ .what = "of CAs only", .reason = -1, .idp = "critical,onlyCA:TRUE", .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_UNSUPPORTED,
	    .says = "CAs only" },
	{ .what = "of CAs only, and it is one", .about = &below, .reason = -1, .idp = "critical,onlyCA:TRUE", .status = REVOCATION_GOOD },
	{ .what = "of others than CAs", .about = &below, .reason = -1, .idp = "critical,onlyuser:TRUE", .status = REVOCATION_UNKNOWN,
	    .doubt = REVOCATION_UNSUPPORTED, .says = "other certificates" },
	{ .what = "of others than CAs, and it is none", .reason = -1, .idp = "critical,onlyuser:TRUE", .status = REVOCATION_GOOD },
	{ .what = "of attributes", .reason = -1, .idp = "critical,onlyAA:TRUE", .status = REVOCATION_UNKNOWN, .doubt = REVOCATION_UNSUPPORTED,
	    .says = "attribute" },
};

static void
add_extensions(X509_CRL *crl, const struct list *l)
{
	if (l->idp != NULL) {
		X509V3_CTX ctx;
		X509_EXTENSION *e;
		CONF *conf = NCONF_new(NULL);

		X509V3_set_ctx(&ctx, NULL, NULL, NULL, crl, 0);
		X509V3_set_nconf(&ctx, conf);
		e = X509V3_EXT_nconf_nid(conf, &ctx, NID_issuing_distribution_point, l->idp);
		assert_non_null(e);
		assert_int_equal(X509_CRL_add_ext(crl, e, -1), 1);
		X509_EXTENSION_free(e);
		NCONF_free(conf);
	}
	if (l->delta) {
		ASN1_INTEGER *base = ASN1_INTEGER_new();

		ASN1_INTEGER_set(base, 1);
		assert_int_equal(X509_CRL_add1_ext_i2d(crl, NID_delta_crl, base, 1, X509V3_ADD_APPEND), 1);
		ASN1_INTEGER_free(base);
	}
	if (l->unknown_critical) {
		ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.55555.7", 1);
		ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
		X509_EXTENSION *e;

		ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2);
		e = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
		assert_int_equal(X509_CRL_add_ext(crl, e, -1), 1);
		X509_EXTENSION_free(e);
		ASN1_OCTET_STRING_free(value);
		ASN1_OBJECT_free(oid);
	}
}

static void
add_entry(X509_CRL *crl, const struct made *about, long reason)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)(MADE_NOW - 3 * MADE_DAY));

	X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(about->pki.x509));
	X509_REVOKED_set_revocationDate(entry, t);
	if (reason >= 0) {
		ASN1_ENUMERATED *r = ASN1_ENUMERATED_new();

		ASN1_ENUMERATED_set(r, reason);
		X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, r, 0, X509V3_ADD_APPEND);
		ASN1_ENUMERATED_free(r);
	}
	assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
	ASN1_TIME_free(t);
}

static X509_CRL *
make_unsigned(const struct list *l)
{
	const struct made *by = l->by != NULL ? l->by : &ca, *named = l->named_by != NULL ? l->named_by : by;
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)(MADE_NOW - MADE_DAY));

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(named->pki.x509));
	X509_CRL_set1_lastUpdate(crl, t);
	ASN1_TIME_set(t, (time_t)(MADE_NOW + 6 * MADE_DAY));
	if (!l->no_end)
		X509_CRL_set1_nextUpdate(crl, t);
	ASN1_TIME_free(t);
	add_extensions(crl, l);
	if (l->lists_it)
		add_entry(crl, l->about != NULL ? l->about : &leaf, l->reason);
	return crl;
}

static X509_CRL *
make(const struct list *l)
{
	X509_CRL *crl = make_unsigned(l);

	assert_true(X509_CRL_sign(crl, (l->by != NULL ? l->by : &ca)->pki.key, EVP_sha256()) > 0);
	return crl;
}

static struct text
der_of(X509_CRL *crl, bool corrupt)
{
	unsigned char *der = NULL;
	int len = i2d_X509_CRL(crl, &der);

	assert_true(len > 0);
	if (corrupt)
		der[len - 1] ^= 1;
	X509_CRL_free(crl);
	return (struct text){ der, (size_t)len };
}

static void
what_a_list_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		const struct list *l = &lists[i];
		const struct made *about = l->about != NULL ? l->about : &leaf;
		struct text der = der_of(make(l), l->corrupt);
		struct error err = { 0 };
		struct revocation r;
		struct crl *crl = crl_parse(der.bytes, der.len, &err);
		const char *said;

		assert_non_null(crl);
		crl_look_up(crl, about->cert, ca.cert, &r);
		said = r.status == REVOCATION_UNKNOWN ? r.why : r.reason;
		if (r.status != l->status || r.doubt != l->doubt)
			fail_msg("%s: status %d, doubt %d: %s", l->what, r.status, r.doubt, said != NULL ? said : "nothing");
		if ((l->says == NULL) != (said == NULL) || (said != NULL && strstr(said, l->says) == NULL))
			fail_msg("%s: “%s”", l->what, said != NULL ? said : "nothing");
		assert_true(fingerprint_equal(&r.of, &about->cert->sha256));
		assert_true(r.this_update == MADE_NOW - MADE_DAY);
		assert_true(r.next_update == (l->no_end ? TIME_UNKNOWN : MADE_NOW + 6 * MADE_DAY));
		assert_true(r.revoked_at == (r.status == REVOCATION_REVOKED ? MADE_NOW - 3 * MADE_DAY : TIME_UNKNOWN));
		crl_free(crl);
		OPENSSL_free((void *)(uintptr_t)der.bytes);
	}
}

/* RFC 5280 4.2.1.3: a CA whose key usage leaves out cRLSign signs no lists, however good the signature. */
static void
a_ca_that_may_not(void **state)
{
	const struct pki_request of_it = { .cn = "x", .crl = URL };
	struct made its = made_issue(&of_it, &no_crl_sign);
	struct list l = { .by = &no_crl_sign, .reason = -1 };
	struct text der = der_of(make(&l), false);
	struct error err = { 0 };
	struct crl *crl = crl_parse(der.bytes, der.len, &err);
	struct revocation r;

	(void)state;
	crl_look_up(crl, its.cert, no_crl_sign.cert, &r);
	assert_int_equal(r.status, REVOCATION_UNKNOWN);
	assert_int_equal(r.doubt, REVOCATION_BROKEN);
	crl_free(crl);
	OPENSSL_free((void *)(uintptr_t)der.bytes);
	made_free(&its);
}

/* Whatever the CA signs with: the signature is looked at over the bytes as they came. */
static void
any_algorithm(void **state)
{
	static const struct {
		enum pki_key key;
		bool pss;
	} kinds[] = { { PKI_P256, false }, { PKI_P384, false }, { PKI_RSA2048, false }, { PKI_RSA2048, true }, { PKI_ED25519, false } };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const struct pki_request r = { .cn = "Acme CA", .ca = true, .key_usage = "critical,keyCertSign,cRLSign", .key_type = kinds[i].key };
		struct made by = made_issue(&r, NULL), its = made_leaf(&by);
		struct list l = { .by = &by, .about = &its, .lists_it = true, .reason = -1 };
		X509_CRL *made = make_unsigned(&l);
		EVP_MD_CTX *md = EVP_MD_CTX_new();
		EVP_PKEY_CTX *pkey = NULL;
		struct error err = { 0 };
		struct revocation out;
		struct crl *crl;
		struct text der;

		assert_int_equal(EVP_DigestSignInit(md, &pkey, kinds[i].key == PKI_ED25519 ? NULL : EVP_sha256(), NULL, by.pki.key), 1);
		if (kinds[i].pss)
			assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING), 1);
		assert_true(X509_CRL_sign_ctx(made, md) > 0);
		EVP_MD_CTX_free(md);
		der = der_of(made, false);
		crl = crl_parse(der.bytes, der.len, &err);
		assert_non_null(crl);
		crl_look_up(crl, its.cert, by.cert, &out);
		if (out.status != REVOCATION_REVOKED)
			fail_msg("kind %zu: %s", i, out.why != NULL ? out.why : "not revoked");
		crl_free(crl);
		OPENSSL_free((void *)(uintptr_t)der.bytes);
		made_free(&its);
		made_free(&by);
	}
}

/* What is remembered of one CA must not answer for another. */
static void
each_issuer_is_asked(void **state)
{
	struct list l = { .reason = -1 };
	struct text der = der_of(make(&l), false);
	struct error err = { 0 };
	struct crl *crl = crl_parse(der.bytes, der.len, &err);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_true(crl_signed_by(crl, ca.cert));
		assert_false(crl_signed_by(crl, stranger.cert));
	}
	crl_free(crl);
	OPENSSL_free((void *)(uintptr_t)der.bytes);
}

static void
pem_is_a_list_too(void **state)
{
	struct list l = { .lists_it = true, .reason = -1 };
	X509_CRL *made = make(&l);
	BIO *bio = BIO_new(BIO_s_mem());
	struct error err = { 0 };
	struct crl *crl;
	char *text;
	long len;

	(void)state;
	PEM_write_bio_X509_CRL(bio, made);
	len = BIO_get_mem_data(bio, &text);
	crl = crl_parse((unsigned char *)text, (size_t)len, &err);
	assert_non_null(crl);
	crl_free(crl);
	X509_CRL_free(made);
	BIO_free(bio);
}

/* No list at all: every cut of one, one with something behind it, a page of HTML. */
static void
no_list(void **state)
{
	static const char page[] = "<html><body>404</body></html>";
	struct list l = { .lists_it = true, .reason = CRL_REASON_KEY_COMPROMISE };
	struct text der = der_of(make(&l), false);
	unsigned char *longer = mem_zero(der.len + 1, 1);

	(void)state;
	for (size_t len = 0; len < der.len; len++) {
		struct error err = { 0 };
		struct crl *crl = crl_parse(der.bytes, len, &err);

		assert_null(crl);
		assert_true(error_is_set(&err));
	}
	memcpy(longer, der.bytes, der.len);
	assert_null(crl_parse(longer, der.len + 1, NULL));
	assert_null(crl_parse((const unsigned char *)page, sizeof page - 1, NULL));
	free(longer);
	OPENSSL_free((void *)(uintptr_t)der.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_list_says),
		cmocka_unit_test(a_ca_that_may_not),
		cmocka_unit_test(any_algorithm),
		cmocka_unit_test(each_issuer_is_asked),
		cmocka_unit_test(pem_is_a_list_too),
		cmocka_unit_test(no_list),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
