/* What the private CA demands of a CSR and of the call around it; and the CSRs of its own CAs. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "tests/pca_made.h"

enum { EC256, EC384, EC521, RSA2048, RSA4096, RSA1024, ED25519, K256, KEYS };
static EVP_PKEY *keys[KEYS];
static struct pca_made root, sub, rsa_root; /* P-256 without a path length; P-384 with 0; RSA 2048 */

static const struct asked_extension san[] = { { "subjectAltName", "DNS:a.test" }, { NULL, NULL } };
static const struct asked_extension critical_san[] = { { "subjectAltName", "critical,DNS:a.test" }, { NULL, NULL } };
static const struct asked_extension twice[] = { { "keyUsage", "digitalSignature" }, { "keyUsage", "keyAgreement" }, { NULL, NULL } };

#define SIXTY_FOUR "0123456789012345678901234567890123456789012345678901234567890123"

static const struct case_ {
	const char *about;
	struct asked_csr csr;
	int key;
	const char *template;        /* NULL: EndEntityCertificate */
	const char *api;             /* or NULL */
	const char *code, *text;     /* NULL: issued */
	bool late;
} cases[] = {
	{ .about = "P-256", .csr = { .subject = "CN=a" }, .key = EC256 },
	{ .about = "P-384", .csr = { .subject = "CN=a" }, .key = EC384 },
	{ .about = "P-521", .csr = { .subject = "CN=a" }, .key = EC521 },
	{ .about = "RSA 2048", .csr = { .subject = "CN=a" }, .key = RSA2048 },
	{ .about = "RSA 4096, from an EC CA: the CSR's key is free", .csr = { .subject = "CN=a" }, .key = RSA4096 },
	{ .about = "SHA-1 signs the CSR", .csr = { .subject = "CN=a", .digest = "SHA1" }, .key = RSA2048 },
	{ .about = "a subject without a common name", .csr = { .subject = "O=Acme" }, .key = EC256 },
	{ .about = "subject and names", .csr = { .subject = "CN=a", .asks = san }, .key = EC256 },
	{ .about = "no subject, names critical", .csr = { .asks = critical_san }, .key = EC256 },
	{ .about = "64 characters", .csr = { .subject = "CN=" SIXTY_FOUR }, .key = EC256 },
	{ .about = "no subject, names by the call", .csr = { .subject = "" }, .key = EC256, .template = "EndEntityCertificate_APIPassthrough",
	    .api = "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a.test\"}]}}" },
	{ .about = "no subject, one by the call", .csr = { .asks = san }, .key = EC256, .template = "EndEntityCertificate_APIPassthrough", .api = "{\"Subject\":{\"CommonName\":\"a\"}}" },
	{ .about = "a call's mistakes that the template does not look at", .csr = { .subject = "CN=a" }, .key = EC256, .template = "EndEntityCertificate", .api = "{\"Subject\":7}" },

	{ .about = "no subject, names not critical", .csr = { .asks = san }, .key = EC256, .code = "MalformedCSRException",
	    .text = "CSR must mark the SAN extension critical when it has an empty subject" },
	{ .about = "the same, the call's subject not looked at", .csr = { .asks = san }, .key = EC256, .template = "EndEntityCertificate", .api = "{\"Subject\":{\"CommonName\":\"a\"}}",
	    .code = "MalformedCSRException", .text = "CSR must mark the SAN extension critical" },
	{ .about = "neither subject nor names", .csr = { .subject = "" }, .key = EC256, .code = "RequestFailedException", .text = "Certificate ARN is in a failed state.", .late = true },
	{ .about = "a CA without a subject", .csr = { .asks = critical_san }, .key = EC256, .template = "SubordinateCACertificate_PathLen0", .code = "RequestFailedException",
	    .text = "Certificate ARN is in a failed state.", .late = true },
	{ .about = "a custom extension that is no DER", .csr = { .subject = "CN=a" }, .key = EC256, .template = "EndEntityCertificate_APIPassthrough",
	    .api = "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"/////w==\"}]}}", .code = "RequestFailedException",
	    .text = "Certificate ARN is in a failed state.", .late = true },
	{ .about = "a bad signature", .csr = { .subject = "CN=a", .corrupt = true }, .key = EC256, .code = "MalformedCSRException", .text = "signature" },
	{ .about = "65 characters", .csr = { .subject = "CN=" SIXTY_FOUR "4" }, .key = EC256, .code = "MalformedCSRException", .text = "longer than 64" },
	{ .about = "RSA 1024", .csr = { .subject = "CN=a" }, .key = RSA1024, .code = "MalformedCSRException", .text = "key" },
	{ .about = "Ed25519", .csr = { .subject = "CN=a" }, .key = ED25519, .code = "MalformedCSRException", .text = "key" },
	{ .about = "secp256k1", .csr = { .subject = "CN=a" }, .key = K256, .code = "MalformedCSRException", .text = "key" },
	{ .about = "an extension twice", .csr = { .subject = "CN=a", .asks = twice }, .key = EC256, .code = "MalformedCSRException", .text = "twice" },
	{ .about = "a root's template, someone else's CSR", .csr = { .subject = "CN=a" }, .key = EC521, .template = "RootCACertificate",
	    .code = "InvalidArgsException", .text = "RootCACertificate" },
};

static void
requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct case_ *c = &cases[i];
		struct asked_csr wanted = c->csr;
		char *csr;
		struct pca_signing s;
		struct pca_fault fault = { .code = "" };
		cJSON *api = c->api != NULL ? cJSON_Parse(c->api) : NULL;
		bool late = !c->late, ok;

		wanted.key = keys[c->key];
		csr = asked_csr(&wanted);
		s = pca_call(&root, c->template != NULL ? c->template : "EndEntityCertificate", csr, 30);
		s.api_passthrough = api;
		ok = pca_check_request(&s, &fault, &late);
		if (ok != (c->code == NULL))
			fail_msg("%s: %s: %s", c->about, fault.code, fault.message);
		if (!ok && (strcmp(fault.code, c->code) != 0 || strstr(fault.message, c->text) == NULL))
			fail_msg("%s: %s: %s", c->about, fault.code, fault.message);
		assert_int_equal(late, c->late);
		if (ok) {
			X509 *x = pca_sign(&s, &fault);
			assert_non_null(x);
			assert_int_equal(X509_verify(x, root.key), 1);
			X509_free(x);
		}
		assert_int_equal(ERR_peek_error(), 0);
		cJSON_Delete(api);
		free(csr);
	}
}

/* The bytes around the CSR: AWS wants PEM in its blob. */
static void
encodings(void **state)
{
	char *csr = asked_csr(&(struct asked_csr){ .subject = "CN=a", .key = keys[EC256] });
	char *pem = x509_pem(root.x509), *crlf = mem_zero(1, 2 * strlen(csr) + 1), *before = mem_zero(1, strlen(csr) + 40), *old, *at;
	BIO *bio = BIO_new_mem_buf(csr, -1);
	X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	unsigned char *der = NULL;
	int der_len = i2d_X509_REQ(req, &der);
	size_t k = 0;

	(void)state;
	for (const char *p = csr; *p != '\0'; p++) {
		if (*p == '\n')
			crlf[k++] = '\r';
		crlf[k++] = *p;
	}
	snprintf(before, strlen(csr) + 40, "A request of ours\n%s", csr);
	/* Microsoft's tools write "NEW". */
	old = mem_zero(1, strlen(csr) + 40);
	at = strstr(csr, "-----END");
	snprintf(old, strlen(csr) + 40, "-----BEGIN NEW %.*s-----END NEW %s", (int)(at - csr - 11), csr + 11, at + 9);
	const struct {
		const char *about, *bytes;
		size_t len;
		bool good;
	} all[] = {
		{ "PEM", csr, strlen(csr), true },
		{ "CRLF", crlf, strlen(crlf), true },
		{ "text before", before, strlen(before), true },
		{ "NEW CERTIFICATE REQUEST", old, strlen(old), true },
		{ "DER", (char *)der, (size_t)der_len, false },
		{ "cut", csr, strlen(csr) / 2, false },
		{ "nothing", "", 0, false },
		{ "text", "hello", 5, false },
		{ "a certificate", pem, strlen(pem), false },
		{ "an encrypted thing, for which nobody is asked",
		    "-----BEGIN CERTIFICATE REQUEST-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n"
		    "-----END CERTIFICATE REQUEST-----\n", 0, false },
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct pca_signing s = pca_call(&root, "EndEntityCertificate", csr, 30);
		struct pca_fault fault = { .code = "" };
		bool late;

		s.csr = (const unsigned char *)all[i].bytes;
		s.csr_len = all[i].len != 0 ? all[i].len : strlen(all[i].bytes);
		if (pca_check_request(&s, &fault, &late) != all[i].good)
			fail_msg("%s: %s: %s", all[i].about, fault.code, fault.message);
		assert_string_equal(fault.code, all[i].good ? "" : "MalformedCSRException");
	}
	OPENSSL_free(der);
	X509_REQ_free(req);
	BIO_free(bio);
	free(before);
	free(old);
	free(crlf);
	free(pem);
	free(csr);
}

/* Beyond AWS's bound nothing is parsed. */
static void
too_long(void **state)
{
	char *csr = asked_csr(&(struct asked_csr){ .subject = "CN=a", .key = keys[EC256] });
	size_t len = LIMIT_PCA_CSR + 1;
	unsigned char *padded = mem_alloc(len);
	struct pca_signing s = pca_call(&root, "EndEntityCertificate", csr, 30);
	struct pca_fault fault;
	bool late;

	(void)state;
	memset(padded, '\n', len);
	memcpy(padded, csr, strlen(csr));
	s.csr = padded;
	s.csr_len = len - 1;
	assert_true(pca_check_request(&s, &fault, &late));
	s.csr_len = len;
	assert_false(pca_check_request(&s, &fault, &late));
	assert_string_equal(fault.code, "MalformedCSRException");
	free(padded);
	free(csr);
}

static void
algorithms(void **state)
{
	static const struct {
		bool rsa;
		const char *algorithm, *code, *text;
		int nid;
	} all[] = {
		{ false, "SHA256WITHECDSA", NULL, NULL, NID_ecdsa_with_SHA256 },
		{ false, "SHA384WITHECDSA", NULL, NULL, NID_ecdsa_with_SHA384 },
		{ false, "SHA512WITHECDSA", NULL, NULL, NID_ecdsa_with_SHA512 },
		{ true, "SHA256WITHRSA", NULL, NULL, NID_sha256WithRSAEncryption },
		{ true, "SHA384WITHRSA", NULL, NULL, NID_sha384WithRSAEncryption },
		{ true, "SHA512WITHRSA", NULL, NULL, NID_sha512WithRSAEncryption },
		{ true, "SHA384WITHECDSA", "InvalidArgsException", "Signing algorithm SHA384WITHECDSA cannot be used with key type RSA_2048. "
		    "Valid signing algorithms are: SHA256WITHRSA, SHA384WITHRSA, SHA512WITHRSA.", 0 },
		{ false, "SHA256WITHRSA", "InvalidArgsException", "Signing algorithm SHA256WITHRSA cannot be used with key type EC_prime256v1. "
		    "Valid signing algorithms are: SHA256WITHECDSA, SHA384WITHECDSA, SHA512WITHECDSA.", 0 },
		{ false, "SHA1WITHECDSA", "ValidationException", "at 'signingAlgorithm'", 0 },
		{ true, "", "ValidationException", "at 'signingAlgorithm'", 0 },
		{ false, NULL, "ValidationException", "Value 'null' at 'signingAlgorithm'", 0 },
	};
	char *csr = asked_csr(&(struct asked_csr){ .subject = "CN=a", .key = keys[EC256] });

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		const struct pca_made *ca = all[i].rsa ? &rsa_root : &root;
		struct pca_signing s = pca_call(ca, "EndEntityCertificate", csr, 30);
		struct pca_fault fault = { .code = "" };
		bool late;

		s.signing_algorithm = all[i].algorithm;
		assert_int_equal(pca_algorithm_fits(all[i].algorithm, ca->key), all[i].code == NULL);
		assert_int_equal(pca_check_request(&s, &fault, &late), all[i].code == NULL);
		if (all[i].code != NULL) {
			assert_string_equal(fault.code, all[i].code);
			assert_non_null(strstr(fault.message, all[i].text));
			continue;
		}
		X509 *x = pca_sign(&s, &fault);
		assert_non_null(x);
		assert_int_equal(X509_get_signature_nid(x), all[i].nid);
		assert_int_equal(X509_verify(x, ca->key), 1);
		X509_free(x);
	}
	free(csr);
}

/* Which CA may issue what. */
static void
who_issues(void **state)
{
	char *csr = asked_csr(&(struct asked_csr){ .subject = "CN=a", .key = keys[EC256] });
	char *of_sub = asked_csr(&(struct asked_csr){ .subject = "CN=a", .key = sub.key });
	struct pca_made one = pca_made_ca("One", keys[EC521], "SHA512WITHECDSA", "SubordinateCACertificate_PathLen1", &root);
	struct pca_made pending = { .key = root.key, .algorithm = root.algorithm };
	const struct {
		const char *about;
		const struct pca_made *ca;
		const char *csr, *template, *code;
	} all[] = {
		{ "a root without a path length, the longest", &root, csr, "SubordinateCACertificate_PathLen3", NULL },
		{ "path length 1 issues 0", &one, csr, "SubordinateCACertificate_PathLen0", NULL },
		{ "path length 1 issues 1", &one, csr, "SubordinateCACertificate_PathLen1", "ValidationException" },
		{ "path length 1 issues 3", &one, csr, "BlankSubordinateCACertificate_PathLen3_APICSRPassthrough", "ValidationException" },
		{ "path length 0 issues a CA", &sub, csr, "SubordinateCACertificate_PathLen0", "ValidationException" },
		{ "path length 0 issues a leaf", &sub, csr, "EndEntityCertificate", NULL },
		{ "a CA that waits for its certificate issues a leaf", &pending, csr, "EndEntityCertificate", "InvalidStateException" },
		{ "a subordinate certifies itself", &sub, of_sub, "RootCACertificate", "InvalidArgsException" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct pca_signing s = pca_call(all[i].ca, all[i].template, all[i].csr, 30);
		struct pca_fault fault = { .code = "" };
		bool late;

		if (pca_check_request(&s, &fault, &late) != (all[i].code == NULL))
			fail_msg("%s: %s: %s", all[i].about, fault.code, fault.message);
		if (all[i].code != NULL)
			assert_string_equal(fault.code, all[i].code);
	}
	pca_made_free(&one);
	free(of_sub);
	free(csr);
}

static X509_REQ *
read_csr(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(req);
	return req;
}

/* A CA's own CSR: its subject, CA:TRUE critical, and what CsrExtensions asks for. */
static void
of_a_ca(void **state)
{
	static const struct {
		int key;
		const char *json;
		const char *subject;    /* NULL: refused */
		const char *code;
		const char *key_usage;  /* hex of the extension, or NULL: none */
		const char *access;     /* the same of SubjectInformationAccess */
	} all[] = {
		{ EC256, "{\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Subject\":{\"CommonName\":\"Root\",\"Organization\":\"Acme\",\"Country\":\"US\"}}",
		    "C=US,O=Acme,CN=Root", NULL, NULL, NULL },
		{ RSA2048, "{\"SigningAlgorithm\":\"SHA512WITHRSA\",\"Subject\":{\"CommonName\":\"Root\"},"
		    "\"CsrExtensions\":{\"KeyUsage\":{\"KeyCertSign\":true,\"CRLSign\":true,\"DigitalSignature\":false}}}", "CN=Root", NULL, "03020106", NULL },
		{ EC521, "{\"SigningAlgorithm\":\"SHA512WITHECDSA\",\"Subject\":{\"CommonName\":\"Root\"},\"CsrExtensions\":{\"SubjectInformationAccess\":"
		    "[{\"AccessMethod\":{\"AccessMethodType\":\"CA_REPOSITORY\"},\"AccessLocation\":{\"UniformResourceIdentifier\":\"http://r\"}}]}}",
		    "CN=Root", NULL, NULL, "3016301406082b060105050730058608687474703a2f2f72" },
		{ EC256, "{\"SigningAlgorithm\":\"SHA256WITHRSA\",\"Subject\":{\"CommonName\":\"Root\"}}", NULL, "InvalidArgsException", NULL, NULL },
		{ EC256, "{\"Subject\":{\"CommonName\":\"Root\"}}", NULL, "InvalidArgsException", NULL, NULL },
		{ EC256, "{\"SigningAlgorithm\":\"SHA256WITHECDSA\"}", NULL, "SerializationException", NULL, NULL },
		{ EC256, "{\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Subject\":{}}", NULL, "InvalidArgsException", NULL, NULL },
		{ EC256, "{\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Subject\":{\"CommonName\":\"Root\"},\"CsrExtensions\":{\"SubjectInformationAccess\":"
		    "[{\"AccessMethod\":{},\"AccessLocation\":{\"DnsName\":\"r\"}}]}}", NULL, "InvalidArgsException", NULL, NULL },
		{ EC256, "{\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Subject\":{\"CommonName\":\"Root\"},\"CsrExtensions\":{\"SubjectInformationAccess\":"
		    "[{\"AccessMethod\":{\"AccessMethodType\":\"OCSP\"},\"AccessLocation\":{\"DnsName\":\"r\"}}]}}", NULL, "ValidationException", NULL, NULL },
		{ EC256, "{\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Subject\":{\"CommonName\":\"Root\"},\"CsrExtensions\":{\"SubjectInformationAccess\":"
		    "[{\"AccessMethod\":{\"AccessMethodType\":\"CA_REPOSITORY\"},\"AccessLocation\":{}}]}}", NULL, "InvalidArgsException", NULL, NULL },
		{ EC256, "{\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Subject\":{\"CommonName\":\"Root\"},\"CsrExtensions\":{\"KeyUsage\":{\"KeyCertSign\":1}}}",
		    NULL, "SerializationException", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		cJSON *configuration = cJSON_Parse(all[i].json);
		struct pca_fault fault;
		char *pem, *subject, hex[256];

		assert_non_null(configuration);
		pem = pca_make_csr(keys[all[i].key], configuration, &fault);
		cJSON_Delete(configuration);
		if ((pem != NULL) != (all[i].subject != NULL))
			fail_msg("case %zu: %s: %s", i, fault.code, fault.message);
		if (pem == NULL) {
			assert_string_equal(fault.code, all[i].code);
			continue;
		}
		X509_REQ *req = read_csr(pem);
		STACK_OF(X509_EXTENSION) *list = X509_REQ_get_extensions(req);
		static const int nids[] = { NID_basic_constraints, NID_key_usage, NID_sinfo_access };
		const char *const expected[] = { "30030101ff", all[i].key_usage, all[i].access };
		static const bool critical[] = { true, true, false };

		assert_int_equal(X509_REQ_verify(req, keys[all[i].key]), 1);
		subject = name_text(X509_REQ_get_subject_name(req));
		assert_string_equal(subject, all[i].subject);
		for (size_t k = 0; k < 3; k++) {
			int at = X509v3_get_ext_by_NID(list, nids[k], -1);
			assert_int_equal(at >= 0, expected[k] != NULL);
			if (at < 0)
				continue;
			const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509v3_get_ext(list, at));
			assert_string_equal(hex_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), hex), expected[k]);
			assert_int_equal(X509_EXTENSION_get_critical(X509v3_get_ext(list, at)), critical[k]);
		}
		free(subject);
		sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
		X509_REQ_free(req);
		free(pem);
	}
}

static int
setup(void **state)
{
	(void)state;
	keys[EC256] = EVP_EC_gen("P-256");
	keys[EC384] = EVP_EC_gen("P-384");
	keys[EC521] = EVP_EC_gen("P-521");
	keys[RSA2048] = EVP_RSA_gen(2048);
	keys[RSA4096] = EVP_RSA_gen(4096);
	keys[RSA1024] = EVP_RSA_gen(1024);
	keys[ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	keys[K256] = EVP_EC_gen("secp256k1");
	root = pca_made_ca("Practice Root", keys[EC256], "SHA256WITHECDSA", "RootCACertificate", NULL);
	sub = pca_made_ca("Practice Issuing", keys[EC384], "SHA384WITHECDSA", "SubordinateCACertificate_PathLen0", &root);
	rsa_root = pca_made_ca("Practice RSA Root", keys[RSA2048], "SHA256WITHRSA", "RootCACertificate", NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pca_made_free(&root);
	pca_made_free(&sub);
	pca_made_free(&rsa_root);
	for (size_t i = 0; i < KEYS; i++)
		EVP_PKEY_free(keys[i]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(encodings),
		cmocka_unit_test(too_long),
		cmocka_unit_test(algorithms),
		cmocka_unit_test(who_issues),
		cmocka_unit_test(of_a_ca),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
