/*
 * Every template of AWS Private CA against a table made from its guide (knowledge "aws" 2.2), extension by extension: which
 * are there, whether each is critical, and its bytes. The table is written out here, DER and all; nothing of it comes from
 * lab/pca_templates.c.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/pca_made.h"
#include "tests/program.h"

enum { EXPECTED_MAX = 24, HEX_MAX = 1024 };

/* basicConstraints: 3000 is CA:FALSE, 30030101ff CA:TRUE. Key usage is always critical. NULL: the template has none. */
static const struct row {
	const char *name;
	const char *takes; /* besides subject and SAN: "A" what the call asks for, "C" what the CSR asks for */
	const char *basic;
	bool basic_critical;
	const char *key_usage, *purposes;
	bool purposes_critical;
	bool root;
} rows[] = {
	{ "EndEntityCertificate", "", "3000", false, "030205a0", "301406082b0601050507030106082b06010505070302", false, false },
	{ "EndEntityServerAuthCertificate", "", "3000", false, "030205a0", "300a06082b06010505070301", false, false },
	{ "EndEntityClientAuthCertificate", "", "3000", false, "030205a0", "300a06082b06010505070302", false, false },
	{ "CodeSigningCertificate", "", "3000", false, "03020780", "300a06082b06010505070303", true, false },
	{ "OCSPSigningCertificate", "", "3000", false, "03020780", "300a06082b06010505070309", true, false },
	{ "SubordinateCACertificate_PathLen0", "", "30060101ff020100", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen1", "", "30060101ff020101", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen2", "", "30060101ff020102", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen3", "", "30060101ff020103", true, "03020186", NULL, false, false },
	{ "RootCACertificate", "", "30030101ff", true, "03020186", NULL, false, true },
	{ "EndEntityCertificate_CSRPassthrough", "C", "3000", false, "030205a0", "301406082b0601050507030106082b06010505070302", false, false },
	{ "EndEntityServerAuthCertificate_CSRPassthrough", "C", "3000", false, "030205a0", "300a06082b06010505070301", false, false },
	{ "EndEntityClientAuthCertificate_CSRPassthrough", "C", "3000", false, "030205a0", "300a06082b06010505070302", false, false },
	{ "CodeSigningCertificate_CSRPassthrough", "C", "3000", false, "03020780", "300a06082b06010505070303", true, false },
	{ "OCSPSigningCertificate_CSRPassthrough", "C", "3000", false, "03020780", "300a06082b06010505070309", true, false },
	{ "SubordinateCACertificate_PathLen0_CSRPassthrough", "C", "30060101ff020100", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen1_CSRPassthrough", "C", "30060101ff020101", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen2_CSRPassthrough", "C", "30060101ff020102", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen3_CSRPassthrough", "C", "30060101ff020103", true, "03020186", NULL, false, false },
	{ "BlankEndEntityCertificate_CSRPassthrough", "C", "3000", false, NULL, NULL, false, false },
	{ "BlankEndEntityCertificate_CriticalBasicConstraints_CSRPassthrough", "C", "3000", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen0_CSRPassthrough", "C", "30060101ff020100", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen1_CSRPassthrough", "C", "30060101ff020101", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen2_CSRPassthrough", "C", "30060101ff020102", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen3_CSRPassthrough", "C", "30060101ff020103", true, NULL, NULL, false, false },
	{ "EndEntityCertificate_APIPassthrough", "A", "3000", false, "030205a0", "301406082b0601050507030106082b06010505070302", false, false },
	{ "EndEntityServerAuthCertificate_APIPassthrough", "A", "3000", false, "030205a0", "300a06082b06010505070301", false, false },
	{ "EndEntityClientAuthCertificate_APIPassthrough", "A", "3000", false, "030205a0", "300a06082b06010505070302", false, false },
	{ "CodeSigningCertificate_APIPassthrough", "A", "3000", false, "03020780", "300a06082b06010505070303", true, false },
	{ "OCSPSigningCertificate_APIPassthrough", "A", "3000", false, "03020780", "300a06082b06010505070309", true, false },
	{ "SubordinateCACertificate_PathLen0_APIPassthrough", "A", "30060101ff020100", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen1_APIPassthrough", "A", "30060101ff020101", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen2_APIPassthrough", "A", "30060101ff020102", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen3_APIPassthrough", "A", "30060101ff020103", true, "03020186", NULL, false, false },
	{ "BlankEndEntityCertificate_APIPassthrough", "A", "3000", false, NULL, NULL, false, false },
	{ "BlankEndEntityCertificate_CriticalBasicConstraints_APIPassthrough", "A", "3000", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen0_APIPassthrough", "A", "30060101ff020100", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen1_APIPassthrough", "A", "30060101ff020101", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen2_APIPassthrough", "A", "30060101ff020102", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen3_APIPassthrough", "A", "30060101ff020103", true, NULL, NULL, false, false },
	{ "EndEntityCertificate_APICSRPassthrough", "AC", "3000", false, "030205a0", "301406082b0601050507030106082b06010505070302", false, false },
	{ "EndEntityServerAuthCertificate_APICSRPassthrough", "AC", "3000", false, "030205a0", "300a06082b06010505070301", false, false },
	{ "EndEntityClientAuthCertificate_APICSRPassthrough", "AC", "3000", false, "030205a0", "300a06082b06010505070302", false, false },
	{ "CodeSigningCertificate_APICSRPassthrough", "AC", "3000", false, "03020780", "300a06082b06010505070303", true, false },
	{ "OCSPSigningCertificate_APICSRPassthrough", "AC", "3000", false, "03020780", "300a06082b06010505070309", true, false },
	{ "SubordinateCACertificate_PathLen0_APICSRPassthrough", "AC", "30060101ff020100", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen1_APICSRPassthrough", "AC", "30060101ff020101", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen2_APICSRPassthrough", "AC", "30060101ff020102", true, "03020186", NULL, false, false },
	{ "SubordinateCACertificate_PathLen3_APICSRPassthrough", "AC", "30060101ff020103", true, "03020186", NULL, false, false },
	{ "BlankEndEntityCertificate_APICSRPassthrough", "AC", "3000", false, NULL, NULL, false, false },
	{ "BlankEndEntityCertificate_CriticalBasicConstraints_APICSRPassthrough", "AC", "3000", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen0_APICSRPassthrough", "AC", "30060101ff020100", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen1_APICSRPassthrough", "AC", "30060101ff020101", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen2_APICSRPassthrough", "AC", "30060101ff020102", true, NULL, NULL, false, false },
	{ "BlankSubordinateCACertificate_PathLen3_APICSRPassthrough", "AC", "30060101ff020103", true, NULL, NULL, false, false },
	{ "RootCACertificate_APIPassthrough", "A", "30030101ff", true, "03020186", NULL, false, true },
	{ "BlankRootCACertificate_APIPassthrough", "A", "30030101ff", true, NULL, NULL, false, true },
	{ "BlankRootCACertificate_PathLen0_APIPassthrough", "A", "30060101ff020100", true, NULL, NULL, false, true },
	{ "BlankRootCACertificate_PathLen1_APIPassthrough", "A", "30060101ff020101", true, NULL, NULL, false, true },
	{ "BlankRootCACertificate_PathLen2_APIPassthrough", "A", "30060101ff020102", true, NULL, NULL, false, true },
	{ "BlankRootCACertificate_PathLen3_APIPassthrough", "A", "30060101ff020103", true, NULL, NULL, false, true },
};

#define CRL_URL "http://crl.test/1.crl"
#define OCSP_URL "http://ocsp.test/1234"
/* The same two, encoded: 21 bytes each. */
#define CRL_HEX "301d301ba019a0178615687474703a2f2f63726c2e746573742f312e63726c"
#define OCSP_HEX "3023302106082b060105050730018615687474703a2f2f6f6373702e746573742f31323334"

/* What a CSR may ask for besides its names; the first two no template ever takes. */
static const struct asked_extension plain[] = { { "subjectAltName", "DNS:a.test" }, { NULL, NULL } };
static const struct asked_extension extra[] = {
	{ "basicConstraints", "critical,CA:TRUE,pathlen:7" },
	{ "subjectKeyIdentifier", "01:02:03" },
	{ "subjectAltName", "DNS:a.test" },
	{ "keyUsage", "critical,digitalSignature,keyAgreement" },
	{ "extendedKeyUsage", "emailProtection" },
	{ "crlDistributionPoints", "URI:http://csr.test/1" },
	{ "authorityInfoAccess", "OCSP;URI:http://csr.test/2" },
	{ "1.2.3.4.5", "DER:0500" },
	{ "1.2.3.4.6", "critical,DER:0101ff" },
	{ NULL, NULL },
};
static const char passthrough[] =
    "{\"Subject\":{\"CommonName\":\"by-call\"},\"Extensions\":{"
    "\"KeyUsage\":{\"DigitalSignature\":true,\"NonRepudiation\":true,\"KeyAgreement\":true,\"DecipherOnly\":true},"
    "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"TIME_STAMPING\"},{\"ExtendedKeyUsageObjectIdentifier\":\"1.2.3.4\"}],"
    "\"SubjectAlternativeNames\":[{\"DnsName\":\"b.test\"}],"
    "\"CertificatePolicies\":[{\"CertPolicyId\":\"1.2.3.9\"}],"
    "\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3.4.5\",\"Value\":\"AQEA\",\"Critical\":true},"
    "{\"ObjectIdentifier\":\"2.5.29.19\",\"Value\":\"MAA=\"},"
    "{\"ObjectIdentifier\":\"2.5.29.31\",\"Value\":\"MAA=\"}]}}";

struct expected {
	const char *oid;
	bool critical;
	char hex[HEX_MAX];
};

struct scenario {
	bool extra, api, configured; /* the CSR asks for more; the call does; the CA has a list and a responder */
};

static EVP_PKEY *root_key, *leaf_key;
static struct pca_made root;

/* RFC 5280 4.2.1.2 method 1 for a P-256 key: SHA-1 of the point. */
static void
key_id_hex(EVP_PKEY *key, char out[2 * SHA_DIGEST_LENGTH + 1])
{
	unsigned char *point = NULL, hash[SHA_DIGEST_LENGTH];
	size_t len = EVP_PKEY_get1_encoded_public_key(key, &point);

	assert_int_equal(len, 65);
	SHA1(point, len, hash);
	hex_of(hash, sizeof hash, out);
	OPENSSL_free(point);
}

static void
expect(struct expected *all, size_t *n, const char *oid, bool critical, const char *hex)
{
	assert_true(*n < EXPECTED_MAX);
	all[*n].oid = oid;
	all[*n].critical = critical;
	snprintf(all[*n].hex, HEX_MAX, "%s", hex);
	++*n;
}

static bool
expected_already(const struct expected *all, size_t n, const char *oid)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].oid, oid) == 0)
			return true;
	return false;
}

/* Template, then call, then CSR: what comes later goes in only where nothing of that kind is. */
static size_t
expectations(const struct row *r, const struct scenario *s, struct expected *all)
{
	static const struct {
		const char *oid;
		bool critical;
		const char *hex;
	} by_call[] = {
		{ "2.5.29.15", true, "030307c880" }, /* digitalSignature, nonRepudiation, keyAgreement, decipherOnly */
		{ "2.5.29.37", false, "300f06082b0601050507030806032a0304" },
		{ "2.5.29.17", false, "30088206622e74657374" },
		{ "2.5.29.32", false, "3007300506032a0309" },
		{ "1.2.3.4.5", true, "010100" },
		{ "2.5.29.31", false, "3000" },
	}, by_csr[] = {
		{ "2.5.29.15", true, "03020388" },
		{ "2.5.29.37", false, "300a06082b06010505070304" },
		{ "2.5.29.31", false, "30193017a015a0138611687474703a2f2f6373722e746573742f31" },
		{ "1.3.6.1.5.5.7.1.1", false, "301f301d06082b060105050730018611687474703a2f2f6373722e746573742f32" },
		{ "1.2.3.4.5", false, "0500" },
		{ "1.2.3.4.6", true, "0101ff" },
	};
	bool by_api = s->api && strchr(r->takes, 'A') != NULL;
	char id[2 * SHA_DIGEST_LENGTH + 1], hex[HEX_MAX];
	size_t n = 0;

	expect(all, &n, "2.5.29.19", r->basic_critical, r->basic);
	key_id_hex(r->root ? root_key : leaf_key, id);
	snprintf(hex, sizeof hex, "0414%s", id);
	expect(all, &n, "2.5.29.14", false, hex);
	if (!r->root) {
		key_id_hex(root_key, id);
		snprintf(hex, sizeof hex, "30168014%s", id);
		expect(all, &n, "2.5.29.35", false, hex);
	}
	if (r->key_usage != NULL)
		expect(all, &n, "2.5.29.15", true, r->key_usage);
	if (r->purposes != NULL)
		expect(all, &n, "2.5.29.37", r->purposes_critical, r->purposes);
	if (s->configured && !r->root) {
		expect(all, &n, "2.5.29.31", false, CRL_HEX);
		expect(all, &n, "1.3.6.1.5.5.7.1.1", false, OCSP_HEX);
	}
	for (size_t i = 0; by_api && i < sizeof by_call / sizeof by_call[0]; i++)
		if (!expected_already(all, n, by_call[i].oid) && !(r->root && strcmp(by_call[i].oid, "2.5.29.31") == 0))
			expect(all, &n, by_call[i].oid, by_call[i].critical, by_call[i].hex);
	if (!expected_already(all, n, "2.5.29.17"))
		expect(all, &n, "2.5.29.17", false, "30088206612e74657374");
	for (size_t i = 0; s->extra && strchr(r->takes, 'C') != NULL && i < sizeof by_csr / sizeof by_csr[0]; i++)
		if (!expected_already(all, n, by_csr[i].oid))
			expect(all, &n, by_csr[i].oid, by_csr[i].critical, by_csr[i].hex);
	return n;
}

static void
compare(const struct row *r, const struct scenario *s, const X509 *x)
{
	struct expected all[EXPECTED_MAX];
	size_t n = expectations(r, s, all);
	const char *about = s->configured ? "configured" : "bare";
	char oid[80], hex[HEX_MAX];

	for (int i = 0; i < X509_get_ext_count(x); i++) {
		X509_EXTENSION *e = X509_get_ext(x, i);
		const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(e);
		bool found = false;

		OBJ_obj2txt(oid, sizeof oid, X509_EXTENSION_get_object(e), 1);
		hex_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), hex);
		for (size_t k = 0; k < n; k++) {
			if (strcmp(all[k].oid, oid) != 0)
				continue;
			found = true;
			if (strcmp(all[k].hex, hex) != 0)
				fail_msg("%s (extra %d, api %d, %s): %s is %s, not %s", r->name, s->extra, s->api, about, oid, hex, all[k].hex);
			if (all[k].critical != (X509_EXTENSION_get_critical(e) == 1))
				fail_msg("%s (extra %d, api %d, %s): %s is critical: %d", r->name, s->extra, s->api, about, oid, !all[k].critical);
		}
		if (!found)
			fail_msg("%s (extra %d, api %d, %s): has %s = %s", r->name, s->extra, s->api, about, oid, hex);
	}
	if ((size_t)X509_get_ext_count(x) != n)
		fail_msg("%s (extra %d, api %d, %s): %d extensions, not %zu", r->name, s->extra, s->api, about, X509_get_ext_count(x), n);
}

static void
common_name(const X509_NAME *name, char out[80])
{
	out[0] = '\0';
	(void)X509_NAME_get_text_by_NID((X509_NAME *)(uintptr_t)name, NID_commonName, out, 80);
}

static void
each_template(void **state)
{
	cJSON *api = cJSON_Parse(passthrough);
	size_t done = 0;

	(void)state;
	assert_non_null(api);
	assert_int_equal(sizeof rows / sizeof rows[0], 61);
	assert_int_equal(pca_templates_len, 61);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (unsigned bits = 0; bits < 8; bits++) {
			const struct row *r = &rows[i];
			struct scenario sc = { (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0 };
			struct asked_csr wanted = { .subject = "CN=by-csr", .asks = sc.extra ? extra : plain, .key = r->root ? root_key : leaf_key };
			char *csr = asked_csr(&wanted), cn[80];
			struct pca_signing s = pca_call(&root, r->name, csr, 30);
			struct pca_fault fault;
			bool late = false, by_call = sc.api && strchr(r->takes, 'A') != NULL;
			X509 *x;

			if (r->root && (bits & 1) == 0)
				s.ca = NULL; /* its first certificate; else it renews itself */
			s.api_passthrough = sc.api ? api : NULL;
			s.crl_url = sc.configured ? CRL_URL : NULL;
			s.ocsp_url = sc.configured ? OCSP_URL : NULL;
			if (!pca_check_request(&s, &fault, &late))
				fail_msg("%s: %s: %s", r->name, fault.code, fault.message);
			x = pca_sign(&s, &fault);
			assert_non_null(x);
			compare(r, &sc, x);
			common_name(X509_get_subject_name(x), cn);
			assert_string_equal(cn, by_call ? "by-call" : "by-csr");
			common_name(X509_get_issuer_name(x), cn);
			assert_string_equal(cn, r->root ? (by_call ? "by-call" : "by-csr") : "Practice Root");
			assert_int_equal(X509_get_version(x), X509_VERSION_3);
			assert_int_equal(X509_verify(x, root_key), 1);
			assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(x), wanted.key), 1);
			done++;
			X509_free(x);
			free(csr);
		}
	assert_int_equal(done, 61 * 8);
	cJSON_Delete(api);
}

/* 128 bits, positive: the top bit of what the caller drew is cleared, the rest stays. */
static void
serial_number(void **state)
{
	struct asked_csr wanted = { .subject = "CN=x", .key = leaf_key };
	char *csr = asked_csr(&wanted), hex[64];
	struct pca_signing s = pca_call(&root, "EndEntityCertificate", csr, 30);
	struct pca_fault fault;
	X509 *x = pca_sign(&s, &fault);
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);

	(void)state;
	hex_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial), hex);
	assert_string_equal(hex, "7f0102030405060708090a0b0c0d0e0f");
	X509_free(x);
	free(csr);
}

static void
by_arn(void **state)
{
	static const struct {
		const char *arn, *name; /* name NULL: there is none */
	} cases[] = {
		{ NULL, "EndEntityCertificate" },
		{ "arn:aws:acm-pca:::template/EndEntityCertificate/V1", "EndEntityCertificate" },
		{ "arn:aws-cn:acm-pca:::template/RootCACertificate/V1", "RootCACertificate" },
		{ "arn:aws-us-gov:acm-pca:::template/SubordinateCACertificate_PathLen3/V1", "SubordinateCACertificate_PathLen3" },
		{ "arn:aws-eu:acm-pca:::template/RootCACertificate/V1", NULL },
		{ "arn:aws:acm-pca:::template/EndEntityCertificate/V2", NULL },
		{ "arn:aws:acm-pca:::template/EndEntityCertificate", NULL },
		{ "arn:aws:acm-pca:us-east-1::template/EndEntityCertificate/V1", NULL },
		{ "arn:aws:acm-pca:::template/endentitycertificate/V1", NULL },
		{ "arn:aws:acm-pca:::template/RootCACertificate_CSRPassthrough/V1", NULL },
		{ "arn:aws:acm-pca:::template/SubordinateCACertificate_PathLen4/V1", NULL },
		{ "arn:aws:acm-pca:::template//V1", NULL },
		{ "arn:aws:acm-pca:::template/V1", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct pca_template *t = pca_template_of(cases[i].arn);
		if (cases[i].name == NULL)
			assert_null(t);
		else
			assert_string_equal(t->name, cases[i].name);
	}
}

/* Each family of keys, and each algorithm that fits it, up a chain of three: the openssl command accepts it. */
static void
openssl_verifies(void **state)
{
	static const struct {
		const char *root, *root_algorithm, *sub, *sub_algorithm, *leaf; /* a curve, or NULL: RSA 2048 */
	} cases[] = {
		{ "P-256", "SHA256WITHECDSA", "P-384", "SHA384WITHECDSA", "P-521" },
		{ NULL, "SHA256WITHRSA", "P-256", "SHA512WITHECDSA", NULL },
		{ "P-521", "SHA512WITHECDSA", NULL, "SHA384WITHRSA", "P-256" },
		{ NULL, "SHA512WITHRSA", NULL, "SHA256WITHRSA", "P-384" },
	};
	static const struct asked_extension names[] = { { "subjectAltName", "DNS:order.test,IP:127.0.0.1" }, { NULL, NULL } };
	static const char *const purposes[][2] = {
		{ "EndEntityServerAuthCertificate", "sslserver" }, { "EndEntityClientAuthCertificate", "sslclient" },
		{ "EndEntityCertificate", "sslclient" },
	};
	char *folder = make_folder();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (size_t k = 0; k < sizeof purposes / sizeof purposes[0]; k++) {
			EVP_PKEY *key[3];
			const char *kinds[] = { cases[i].root, cases[i].sub, cases[i].leaf };
			struct pca_made top, sub;
			struct pca_fault fault;
			struct run run = { 0 };
			bool late;

			for (size_t n = 0; n < 3; n++)
				key[n] = kinds[n] != NULL ? EVP_EC_gen(kinds[n]) : EVP_RSA_gen(2048);
			top = pca_made_ca("Root", key[0], cases[i].root_algorithm, "RootCACertificate", NULL);
			sub = pca_made_ca("Issuing", key[1], cases[i].sub_algorithm, "SubordinateCACertificate_PathLen0", &top);
			struct asked_csr wanted = { .subject = "O=Acme/CN=order", .asks = names, .key = key[2] };
			char *csr = asked_csr(&wanted);
			struct pca_signing s = pca_call(&sub, purposes[k][0], csr, 30);
			if (!pca_check_request(&s, &fault, &late))
				fail_msg("%s: %s", fault.code, fault.message);
			X509 *x = pca_sign(&s, &fault);
			assert_non_null(x);
			char *pem[] = { x509_pem(top.x509), x509_pem(sub.x509), x509_pem(x) };
			static const char *const file[] = { "root.pem", "sub.pem", "leaf.pem" };
			for (size_t n = 0; n < 3; n++) {
				assert_true(write_file(in_folder(folder, file[n]), pem[n], strlen(pem[n])));
				free(pem[n]);
				EVP_PKEY_free(key[n]);
			}
			const char *argv[] = { "openssl", "verify", "-x509_strict", "-attime", "1795435200", "-purpose", purposes[k][1], "-verify_hostname",
				"order.test", "-CAfile", in_folder(folder, "root.pem"), "-untrusted", in_folder(folder, "sub.pem"),
				in_folder(folder, "leaf.pem"), NULL };
			run_program(argv, NULL, &run);
			if (run.status != 0)
				fail_msg("case %zu, %s: %s%s", i, purposes[k][0], buf_str(&run.out), buf_str(&run.err));
			run_done(&run);
			X509_free(x);
			free(csr);
			pca_made_free(&sub);
			pca_made_free(&top);
		}
	remove_folder(folder);
}

/* AWS's deepest hierarchy: a root and four CAs below it, each with one level less to give away. */
static void
five_levels(void **state)
{
	static const char *const below[] = { "SubordinateCACertificate_PathLen3", "SubordinateCACertificate_PathLen2", "SubordinateCACertificate_PathLen1",
		"SubordinateCACertificate_PathLen0" };
	char *folder = make_folder(), *csr, *pem;
	struct pca_made level[5];
	struct buf chain = { 0 };
	struct pca_fault fault;
	struct run run = { 0 };
	X509 *x;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		EVP_PKEY *key = EVP_EC_gen("P-256");
		char cn[16];
		snprintf(cn, sizeof cn, "Level %zu", i);
		level[i] = pca_made_ca(cn, key, "SHA256WITHECDSA", i > 0 ? below[i - 1] : "RootCACertificate", i > 0 ? &level[i - 1] : NULL);
		EVP_PKEY_free(key);
		pem = x509_pem(level[i].x509);
		if (i > 0)
			buf_adds(&chain, pem);
		else
			assert_true(write_file(in_folder(folder, "root.pem"), pem, strlen(pem)));
		free(pem);
	}
	csr = asked_csr(&(struct asked_csr){ .subject = "CN=order", .key = leaf_key });
	struct pca_signing s = pca_call(&level[4], "EndEntityClientAuthCertificate", csr, 30);
	x = pca_sign(&s, &fault);
	assert_non_null(x);
	pem = x509_pem(x);
	assert_true(write_file(in_folder(folder, "leaf.pem"), pem, strlen(pem)));
	assert_true(write_file(in_folder(folder, "chain.pem"), buf_str(&chain), chain.len));
	const char *argv[] = { "openssl", "verify", "-x509_strict", "-attime", "1795435200", "-purpose", "sslclient", "-CAfile", in_folder(folder, "root.pem"),
		"-untrusted", in_folder(folder, "chain.pem"), in_folder(folder, "leaf.pem"), NULL };
	run_program(argv, NULL, &run);
	if (run.status != 0)
		fail_msg("%s%s", buf_str(&run.out), buf_str(&run.err));
	run_done(&run);
	X509_free(x);
	free(pem);
	free(csr);
	buf_done(&chain);
	for (size_t i = 0; i < 5; i++)
		pca_made_free(&level[i]);
	remove_folder(folder);
}

static int
setup(void **state)
{
	(void)state;
	root_key = EVP_EC_gen("P-256");
	leaf_key = EVP_EC_gen("P-256");
	root = pca_made_ca("Practice Root", root_key, "SHA256WITHECDSA", "RootCACertificate", NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pca_made_free(&root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(leaf_key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_arn),
		cmocka_unit_test(each_template),
		cmocka_unit_test(serial_number),
		cmocka_unit_test(openssl_verifies),
		cmocka_unit_test(five_levels),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
