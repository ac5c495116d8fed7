/* ApiPassthrough and ASN1Subject: every form of every member as DER, and every shape that AWS refuses. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "model/text.h"
#include "tests/pca_made.h"

static EVP_PKEY *root_key, *leaf_key;
static struct pca_made root;
static char *csr;

/* Signs with BlankEndEntityCertificate_APIPassthrough; NULL where refused. */
static X509 *
sign_with(const char *json, const char *template, struct pca_fault *fault)
{
	struct pca_signing s = pca_call(&root, template, csr, 30);
	cJSON *api = cJSON_Parse(json);
	bool late;
	X509 *x = NULL;

	if (api == NULL)
		fail_msg("no JSON: %s", json);
	*fault = (struct pca_fault){ .code = "" };
	s.api_passthrough = api;
	if (pca_check_request(&s, fault, &late)) {
		x = pca_sign(&s, fault);
		assert_non_null(x);
	}
	assert_int_equal(ERR_peek_error(), 0);
	cJSON_Delete(api);
	return x;
}

/* Each member alone: the extension that it becomes. */
static void
each_member(void **state)
{
	static const struct {
		const char *json; /* inside "Extensions" */
		const char *oid;
		bool critical;
		const char *hex;
	} all[] = {
		{ "\"KeyUsage\":{\"DigitalSignature\":true}", "2.5.29.15", true, "03020780" },
		{ "\"KeyUsage\":{\"NonRepudiation\":true}", "2.5.29.15", true, "03020640" },
		{ "\"KeyUsage\":{\"KeyEncipherment\":true}", "2.5.29.15", true, "03020520" },
		{ "\"KeyUsage\":{\"DataEncipherment\":true}", "2.5.29.15", true, "03020410" },
		{ "\"KeyUsage\":{\"KeyAgreement\":true}", "2.5.29.15", true, "03020308" },
		{ "\"KeyUsage\":{\"KeyCertSign\":true}", "2.5.29.15", true, "03020204" },
		{ "\"KeyUsage\":{\"CRLSign\":true}", "2.5.29.15", true, "03020102" },
		{ "\"KeyUsage\":{\"EncipherOnly\":true}", "2.5.29.15", true, "03020001" },
		{ "\"KeyUsage\":{\"DecipherOnly\":true}", "2.5.29.15", true, "0303070080" },
		{ "\"KeyUsage\":{\"DigitalSignature\":false,\"KeyAgreement\":null}", "2.5.29.15", true, NULL }, /* no bit: no extension */
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"SERVER_AUTH\"}]", "2.5.29.37", false, "300a06082b06010505070301" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"CLIENT_AUTH\"}]", "2.5.29.37", false, "300a06082b06010505070302" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"CODE_SIGNING\"}]", "2.5.29.37", false, "300a06082b06010505070303" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"EMAIL_PROTECTION\"}]", "2.5.29.37", false, "300a06082b06010505070304" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"TIME_STAMPING\"}]", "2.5.29.37", false, "300a06082b06010505070308" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"OCSP_SIGNING\"}]", "2.5.29.37", false, "300a06082b06010505070309" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"SMART_CARD_LOGIN\"}]", "2.5.29.37", false, "300c060a2b060104018237140202" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"DOCUMENT_SIGNING\"}]", "2.5.29.37", false, "300c060a2b0601040182370a030c" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"CERTIFICATE_TRANSPARENCY\"}]", "2.5.29.37", false, "300c060a2b06010401d679020404" },
		{ "\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageObjectIdentifier\":\"2.5.29.37.0\"}]", "2.5.29.37", false, "30060604551d2500" },
		{ "\"SubjectAlternativeNames\":[{\"DnsName\":\"*.a.test\"}]", "2.5.29.17", false, "300a82082a2e612e74657374" },
		{ "\"SubjectAlternativeNames\":[{\"Rfc822Name\":\"a@b\"}]", "2.5.29.17", false, "30058103614062" },
		{ "\"SubjectAlternativeNames\":[{\"UniformResourceIdentifier\":\"a:b\"}]", "2.5.29.17", false, "30058603613a62" },
		{ "\"SubjectAlternativeNames\":[{\"IpAddress\":\"127.0.0.1\"}]", "2.5.29.17", false, "300687047f000001" },
		{ "\"SubjectAlternativeNames\":[{\"IpAddress\":\"2001:db8::1\"}]", "2.5.29.17", false, "3012871020010db8000000000000000000000001" },
		{ "\"SubjectAlternativeNames\":[{\"RegisteredId\":\"1.2.3.4\"}]", "2.5.29.17", false, "300588032a0304" },
		{ "\"SubjectAlternativeNames\":[{\"DirectoryName\":{\"CommonName\":\"a\"}}]", "2.5.29.17", false, "3010a40e300c310a300806035504030c0161" },
		{ "\"SubjectAlternativeNames\":[{\"OtherName\":{\"TypeId\":\"1.2.3.4\",\"Value\":\"x\"}}]", "2.5.29.17", false, "300ca00a06032a0304a0030c0178" },
		/* partyName is [1] EXPLICIT: a CHOICE has no tag of its own (X.680 31.2.7). */
		{ "\"SubjectAlternativeNames\":[{\"EdiPartyName\":{\"PartyName\":\"p\",\"NameAssigner\":\"n\"}}]", "2.5.29.17", false,
		    "300ca50aa0030c016ea1030c0170" },
		{ "\"SubjectAlternativeNames\":[{\"DnsName\":\"a\"},{\"DnsName\":\"b\"},{\"IpAddress\":null,\"DnsName\":\"c\"}]", "2.5.29.17", false,
		    "3009820161820162820163" },
		{ "\"CertificatePolicies\":[{\"CertPolicyId\":\"1.2.3\"}]", "2.5.29.32", false, "3006300406022a03" },
		{ "\"CertificatePolicies\":[{\"CertPolicyId\":\"1.2.3\",\"PolicyQualifiers\":[{\"PolicyQualifierId\":\"CPS\",\"Qualifier\":{\"CpsUri\":\"a:b\"}}]}]",
		    "2.5.29.32", false, "301930170602" "2a03" "3011300f06082b06010505070201" "1603613a62" },
		{ "\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3.4\",\"Value\":\"BQA=\"}]", "1.2.3.4", false, "0500" },
		{ "\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3.4\",\"Value\":\"BQA=\",\"Critical\":true}]", "1.2.3.4", true, "0500" },
		/* Name constraints have no member of their own. */
		{ "\"CustomExtensions\":[{\"ObjectIdentifier\":\"2.5.29.30\",\"Value\":\"MAigBjAEggJhYg==\",\"Critical\":true}]", "2.5.29.30", true,
		    "3008a006300482026162" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct buf json = { 0 };
		struct pca_fault fault;
		ASN1_OBJECT *oid = OBJ_txt2obj(all[i].oid, 1);
		char hex[512];
		X509 *x;
		int at;

		buf_addf(&json, "{\"Extensions\":{%s}}", all[i].json);
		x = sign_with(buf_str(&json), "BlankEndEntityCertificate_APIPassthrough", &fault);
		if (x == NULL)
			fail_msg("%s: %s: %s", all[i].json, fault.code, fault.message);
		at = X509_get_ext_by_OBJ(x, oid, -1);
		assert_int_equal(at >= 0, all[i].hex != NULL);
		if (at >= 0) {
			const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(x, at));
			hex_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), hex);
			if (strcmp(hex, all[i].hex) != 0)
				fail_msg("%s: %s, not %s", all[i].json, hex, all[i].hex);
			assert_int_equal(X509_EXTENSION_get_critical(X509_get_ext(x, at)), all[i].critical);
		}
		X509_free(x);
		ASN1_OBJECT_free(oid);
		buf_done(&json);
	}
}

static void
refusals(void **state)
{
	static const struct {
		const char *json, *code, *text;
	} all[] = {
		{ "[]", "SerializationException", "apiPassthrough" },
		{ "{\"Extensions\":[]}", "SerializationException", "apiPassthrough.extensions" },
		{ "{\"Extensions\":{\"KeyUsage\":[]}}", "SerializationException", "keyUsage" },
		{ "{\"Extensions\":{\"KeyUsage\":{\"CRLSign\":\"true\"}}}", "SerializationException", "CRLSign" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":{}}}", "SerializationException", "extendedKeyUsage" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[]}}", "ValidationException",
		    "at 'apiPassthrough.extensions.extendedKeyUsage' failed to satisfy constraint: Member must have length greater than or equal to 1" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[{}]}}", "InvalidArgsException", "exactly one" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"SERVER_AUTH\",\"ExtendedKeyUsageObjectIdentifier\":\"1.2.3\"}]}}",
		    "InvalidArgsException", "exactly one" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":\"serverAuth\"}]}}", "ValidationException", "enum value set" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageType\":1}]}}", "SerializationException", "String" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageObjectIdentifier\":\"1.x\"}]}}", "ValidationException", "pattern" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageObjectIdentifier\":\"3.1\"}]}}", "ValidationException", "pattern" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageObjectIdentifier\":\"1.2.\"}]}}", "ValidationException", "pattern" },
		{ "{\"Extensions\":{\"ExtendedKeyUsage\":[{\"ExtendedKeyUsageObjectIdentifier\":\"0.39.\"}]}}", "ValidationException", "pattern" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[]}}", "ValidationException", "subjectAlternativeNames" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{}]}}", "InvalidArgsException", "exactly one" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[7]}}", "SerializationException", "GeneralName" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a\",\"IpAddress\":\"127.0.0.1\"}]}}", "InvalidArgsException", "exactly one" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a\"},{\"IpAddress\":\"127.0.0\"}]}}", "InvalidArgsException", "127.0.0" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"IpAddress\":\"1111:2222:3333:4444:5555:6666:7777:8888:9999\"}]}}", "ValidationException", "39" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"b\\u00fccher\"}]}}", "InvalidArgsException", "ASCII" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":5}]}}", "SerializationException", "dnsName" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"RegisteredId\":\"abc\"}]}}", "ValidationException", "registeredId" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DirectoryName\":{}}]}}", "InvalidArgsException", "empty" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"OtherName\":{\"TypeId\":\"1.2.3\"}}]}}", "ValidationException", "null" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"OtherName\":{\"Value\":\"x\"}}]}}", "SerializationException", "otherName" },
		{ "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"EdiPartyName\":{\"NameAssigner\":\"x\"}}]}}", "ValidationException", "null" },
		{ "{\"Extensions\":{\"CertificatePolicies\":[{}]}}", "SerializationException", "certPolicyId" },
		{ "{\"Extensions\":{\"CertificatePolicies\":[{\"CertPolicyId\":\"1.2.3\",\"PolicyQualifiers\":[{\"PolicyQualifierId\":\"UNOTICE\"}]}]}}",
		    "ValidationException", "[CPS]" },
		{ "{\"Extensions\":{\"CertificatePolicies\":[{\"CertPolicyId\":\"1.2.3\",\"PolicyQualifiers\":[{\"PolicyQualifierId\":\"CPS\"}]}]}}",
		    "ValidationException", "null" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\"}]}}", "ValidationException", "null" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"\"}]}}", "ValidationException", "greater than or equal to 1" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"BQA\"}]}}", "InvalidArgsException", "base64" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"BQ=A\"}]}}", "InvalidArgsException", "base64" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"BQ A\"}]}}", "InvalidArgsException", "base64" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"====\"}]}}", "InvalidArgsException", "base64" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"BQA=\",\"Critical\":1}]}}", "SerializationException", "critical" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"Value\":\"BQA=\"}]}}", "SerializationException", "String" },
		{ "{\"Extensions\":{\"CustomExtensions\":[{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"BQA=\"},{\"ObjectIdentifier\":\"1.2.3\",\"Value\":\"BQA=\"}]}}",
		    "InvalidArgsException", "twice" },
		{ "{\"Extensions\":{\"KeyUsage\":{\"CRLSign\":true},\"CustomExtensions\":[{\"ObjectIdentifier\":\"2.5.29.15\",\"Value\":\"AwIBAg==\"}]}}",
		    "InvalidArgsException", "twice" },
		{ "{\"Subject\":[]}", "SerializationException", "apiPassthrough.subject" },
		{ "{\"Subject\":{}}", "InvalidArgsException", "empty" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct pca_fault fault;
		X509 *x = sign_with(all[i].json, "BlankEndEntityCertificate_APICSRPassthrough", &fault);

		if (x != NULL)
			fail_msg("%s is taken", all[i].json);
		if (strcmp(fault.code, all[i].code) != 0 || strstr(fault.message, all[i].text) == NULL)
			fail_msg("%s: %s: %s", all[i].json, fault.code, fault.message);
		/* The same is nothing to a template that does not look. */
		x = sign_with(all[i].json, "BlankEndEntityCertificate_CSRPassthrough", &fault);
		assert_non_null(x);
		X509_free(x);
	}
}

/* AWS's lengths of lists: at most so many are taken, one more is not. */
static void
longest_lists(void **state)
{
	static const struct {
		const char *member, *one; /* one: with %d */
		int most;
	} all[] = {
		{ "SubjectAlternativeNames", "{\"DnsName\":\"h%d\"}", 150 },
		{ "ExtendedKeyUsage", "{\"ExtendedKeyUsageObjectIdentifier\":\"1.2.%d\"}", 20 },
		{ "CertificatePolicies", "{\"CertPolicyId\":\"1.2.%d\"}", 20 },
		{ "CustomExtensions", "{\"ObjectIdentifier\":\"1.2.%d\",\"Value\":\"BQA=\"}", 150 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		for (int more = 0; more < 2; more++) {
			struct buf json = { 0 };
			struct pca_fault fault;
			X509 *x;

			buf_addf(&json, "{\"Extensions\":{\"%s\":[", all[i].member);
			for (int k = 0; k < all[i].most + more; k++) {
				const char *mark = strchr(all[i].one, '%');
				buf_addf(&json, "%s%.*s%d%s", k > 0 ? "," : "", (int)(mark - all[i].one), all[i].one, k, mark + 2);
			}
			buf_adds(&json, "]}}");
			x = sign_with(buf_str(&json), "BlankEndEntityCertificate_APIPassthrough", &fault);
			assert_int_equal(x != NULL, more == 0);
			if (more != 0)
				assert_string_equal(fault.code, "ValidationException");
			X509_free(x);
			buf_done(&json);
		}
}

/* Critical where it stands for a missing subject (RFC 5280 4.1.2.6), and only there. */
static void
names_instead_of_a_subject(void **state)
{
	static const struct {
		const char *csr_subject, *json;
		int critical;
	} all[] = {
		{ "", "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a\"}]}}", 1 },
		{ "CN=a", "{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a\"}]}}", 0 },
		{ "", "{\"Subject\":{\"CommonName\":\"b\"},\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a\"}]}}", 0 },
	};
	char *usual = csr;

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct pca_fault fault;
		X509 *x;

		csr = asked_csr(&(struct asked_csr){ .subject = all[i].csr_subject, .key = leaf_key });
		x = sign_with(all[i].json, "EndEntityCertificate_APIPassthrough", &fault);
		assert_non_null(x);
		assert_int_equal(X509_EXTENSION_get_critical(X509_get_ext(x, X509_get_ext_by_NID(x, NID_subject_alt_name, -1))), all[i].critical);
		X509_free(x);
		free(csr);
	}
	csr = usual;
}

#define TEN "0123456789"
static void
subjects(void **state)
{
	static const struct {
		const char *json, *name; /* in encoded order; NULL: refused */
		const char *code, *text;
	} all[] = {
		/* Whatever the order in the JSON, the name's is AWS's. */
		{ "{\"GenerationQualifier\":\"III\",\"Pseudonym\":\"ps\",\"Initials\":\"JD\",\"GivenName\":\"Jo\",\"Surname\":\"Do\",\"Title\":\"Dr\",\"Locality\":\"X\","
		  "\"SerialNumber\":\"7\",\"CommonName\":\"cn\",\"State\":\"WA\",\"DistinguishedNameQualifier\":\"q\",\"OrganizationalUnit\":\"ou\","
		  "\"Organization\":\"o\",\"Country\":\"US\"}",
		    "C=US,O=o,OU=ou,dnQualifier=q,ST=WA,CN=cn,serialNumber=7,L=X,title=Dr,SN=Do,GN=Jo,initials=JD,pseudonym=ps,generationQualifier=III", NULL, NULL },
		{ "{\"CommonName\":\"\\u00e9t\\u00e9\"}", "CN=\xc3\xa9t\xc3\xa9", NULL, NULL },
		{ "{\"CustomAttributes\":[{\"ObjectIdentifier\":\"2.5.4.3\",\"Value\":\"cn\"},{\"ObjectIdentifier\":\"1.3.6.1.4.1.37244.1.1\",\"Value\":\"ABC\"}]}",
		    "CN=cn,1.3.6.1.4.1.37244.1.1=ABC", NULL, NULL },
		{ "{\"CustomAttributes\":null,\"CommonName\":\"x\",\"Title\":null,\"State\":\"\"}", "CN=x", NULL, NULL },
		{ "{\"CommonName\":\"" TEN TEN TEN TEN TEN TEN "0123\"}", "CN=" TEN TEN TEN TEN TEN TEN "0123", NULL, NULL },
		{ "{\"CommonName\":\"" TEN TEN TEN TEN TEN TEN "01234\"}", NULL, "ValidationException",
		    "at 'subject.commonName' failed to satisfy constraint: Member must have length less than or equal to 64" },
		{ "{\"Country\":\"USA\"}", NULL, "ValidationException", "'subject.country'" },
		{ "{\"Country\":\"U\"}", NULL, "ValidationException", "[A-Za-z]{2}" },
		{ "{\"Country\":\"1A\"}", NULL, "ValidationException", "[A-Za-z]{2}" },
		{ "{\"GenerationQualifier\":\"IIII\"}", NULL, "ValidationException", "generationQualifier" },
		{ "{\"Initials\":\"ABCDEF\"}", NULL, "ValidationException", "initials" },
		{ "{\"GivenName\":\"" TEN "0123456\"}", NULL, "ValidationException", "givenName" },
		{ "{\"Surname\":\"" TEN TEN TEN TEN "0\"}", NULL, "ValidationException", "surname" },
		{ "{\"SerialNumber\":\"\\u00e9\"}", NULL, "InvalidArgsException", "subject.serialNumber" },
		{ "{\"CommonName\":7}", NULL, "SerializationException", "subject.commonName" },
		{ "{}", NULL, "InvalidArgsException", "empty" },
		{ "\"CN=a\"", NULL, "SerializationException", "ASN1Subject" },
		{ "{\"CommonName\":\"x\",\"CustomAttributes\":[{\"ObjectIdentifier\":\"2.5.4.10\",\"Value\":\"o\"}]}", NULL, "InvalidArgsException", "combined" },
		{ "{\"CustomAttributes\":[]}", NULL, "ValidationException", "customAttributes" },
		{ "{\"CustomAttributes\":{}}", NULL, "SerializationException", "customAttributes" },
		{ "{\"CustomAttributes\":[{\"ObjectIdentifier\":\"2.5.4.3\"}]}", NULL, "ValidationException", "null" },
		{ "{\"CustomAttributes\":[{\"Value\":\"a\"}]}", NULL, "SerializationException", "customAttributes" },
		{ "{\"CustomAttributes\":[{\"ObjectIdentifier\":\"2.5.4.3\",\"Value\":\"\"}]}", NULL, "ValidationException", "greater than or equal to 1" },
		{ "{\"CustomAttributes\":[{\"ObjectIdentifier\":\"CN\",\"Value\":\"a\"}]}", NULL, "ValidationException", "pattern" },
		{ "{\"CustomAttributes\":[{\"ObjectIdentifier\":\"2.5.4.6\",\"Value\":\"USA\"}]}", NULL, "InvalidArgsException", "distinguished name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		cJSON *json = cJSON_Parse(all[i].json);
		struct pca_fault fault = { .code = "" };
		X509_NAME *name = pca_subject_name(json, &fault);
		char *text;

		cJSON_Delete(json);
		if ((name != NULL) != (all[i].name != NULL))
			fail_msg("%s: %s: %s", all[i].json, fault.code, fault.message);
		if (name == NULL) {
			if (strcmp(fault.code, all[i].code) != 0 || strstr(fault.message, all[i].text) == NULL)
				fail_msg("%s: %s: %s", all[i].json, fault.code, fault.message);
			continue;
		}
		text = name_text(name);
		assert_string_equal(text, all[i].name);
		free(text);
		X509_NAME_free(name);
	}
}

/* A message that has to be cut is cut between two characters: it becomes JSON. */
static void
long_values(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (size_t before = 0; before < 4; before++) {
		cJSON *subject = cJSON_CreateObject();
		struct pca_fault fault = { .code = "" };

		buf_reset(&text);
		for (size_t i = 0; i < before; i++)
			buf_addc(&text, 'a');
		for (size_t i = 0; i < 300; i++)
			buf_adds(&text, "\xe2\x82\xac");
		cJSON_AddStringToObject(subject, "CommonName", buf_str(&text));
		assert_null(pca_subject_name(subject, &fault));
		assert_string_equal(fault.code, "ValidationException");
		assert_int_equal(text_flags(text_of(fault.message)) & TEXT_INVALID, 0);
		cJSON_Delete(subject);
	}
	buf_done(&text);
}

static int
setup(void **state)
{
	(void)state;
	root_key = EVP_EC_gen("P-256");
	leaf_key = EVP_EC_gen("P-256");
	root = pca_made_ca("Practice Root", root_key, "SHA256WITHECDSA", "RootCACertificate", NULL);
	csr = asked_csr(&(struct asked_csr){ .subject = "CN=order", .key = leaf_key });
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pca_made_free(&root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(leaf_key);
	free(csr);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_member),
		cmocka_unit_test(refusals),
		cmocka_unit_test(longest_lists),
		cmocka_unit_test(names_instead_of_a_subject),
		cmocka_unit_test(subjects),
		cmocka_unit_test(long_values),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
