/* AWS Private CA's JSON and our structs, without any server: what is written, and what is read of good and bad answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "aws/pca_pem.h"
#include "aws/pca_shapes.h"
#include "model/buf.h"
#include "model/limits.h"
#include "model/times.h"

#define ARN "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555"
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* ---- PEM ---- */

static void
test_pem(void **state)
{
	static const char line64[] = "MIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAA";
	static const struct {
		const char *in;
		enum pca_pem_kind kind;
		const char *out;
		size_t len;
		const char *why;
	} cases[] = {
		{ .in = BEGIN "\nMIIBAAAA\n" END, .out = BEGIN "\nMIIBAAAA\n" END "\n", .len = 1 },
		{ .in = BEGIN "\r\nMIIB\r\nAAAA\r\n" END "\r\n\r\n", .out = BEGIN "\nMIIBAAAA\n" END "\n", .len = 1 },
		/* Glued, as AWS's texts are where somebody adds no newline; and with the CLI's tab. */
		{ .in = BEGIN "\nMIIBAAAA\n" END BEGIN "\nMIICBBBB\n" END, .out = BEGIN "\nMIIBAAAA\n" END "\n" BEGIN "\nMIICBBBB\n" END "\n", .len = 2 },
		{ .in = BEGIN "\nMIIBAAAA\n" END "\t" BEGIN "\nMIICBBBB\n" END, .out = BEGIN "\nMIIBAAAA\n" END "\n" BEGIN "\nMIICBBBB\n" END "\n", .len = 2 },
		/* openssl's text before it, trailing blanks, another line length. */
		{ .in = "subject=CN = a -----\n" BEGIN "  \nMII \nBAA\nAA\n" END "   \nbye", .out = BEGIN "\nMIIBAAAA\n" END "\n", .len = 1 },
		/* A key in the same file stays where it is. */
		{ .in = "-----BEGIN PRIVATE KEY-----\nMIIBsecr\n-----END PRIVATE KEY-----\n" BEGIN "\nMIIBAAAA\n" END, .out = BEGIN "\nMIIBAAAA\n" END "\n", .len = 1 },
		{ .in = "-----BEGIN NEW CERTIFICATE REQUEST-----\nMIIB\n-----END NEW CERTIFICATE REQUEST-----", .kind = PCA_PEM_CSR,
		    .out = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n", .len = 1 },
		{ .in = "", .why = "has no -----BEGIN CERTIFICATE-----" },
		{ .in = "", .kind = PCA_PEM_CSR, .why = "has no -----BEGIN CERTIFICATE REQUEST-----" },
		{ .in = BEGIN "\nMIIB\n" END, .kind = PCA_PEM_CSR, .why = "has no -----BEGIN CERTIFICATE REQUEST-----" },
		{ .in = BEGIN "\nMIIBAAAA\n", .why = "is cut: its END line is missing" },
		{ .in = BEGIN "\nMIIBAAAA\n-----END PUBLIC KEY-----", .why = "is cut: its END line is missing" },
		{ .in = BEGIN "\n" END, .why = "is damaged" },
		{ .in = BEGIN "\nMIIBAAA\n" END, .why = "is damaged" },
		{ .in = BEGIN "\nMIIBAA!A\n" END, .why = "is damaged" },
		{ .in = BEGIN "\nMIIBA===\n" END, .why = "is damaged" },
		{ .in = BEGIN "\nMI=BAAAA\n" END, .why = "is damaged" },
		{ .in = BEGIN "\nAAAAAAAA\n" END, .why = "is damaged" }, /* base64, and no DER */
		{ .in = BEGIN "\nProc-Type: 4,ENCRYPTED\n\nMIIB\n" END, .why = "is damaged" },
		{ .in = "-----BEGIN \n-----BEGIN", .why = "has no -----BEGIN CERTIFICATE-----" },
	};
	struct arena *a = arena_new();
	struct buf b = { 0 };
	const char *why, **blocks;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *out = pca_pem_join(cases[i].in, cases[i].kind, a, &len, &why);

		if (cases[i].why != NULL) {
			assert_null(out);
			if (strncmp(why, cases[i].why, strlen(cases[i].why)) != 0)
				fail_msg("%zu: %s", i, why);
			continue;
		}
		assert_non_null(out);
		assert_string_equal(out, cases[i].out);
		assert_int_equal(len, cases[i].len);
	}
	/* Lines of 64. */
	buf_addf(&b, BEGIN "\n%s%s\n" END, line64, "MIIB");
	assert_true(pca_pem_split(buf_str(&b), PCA_PEM_CERTIFICATE, a, &blocks, &len, &why));
	assert_string_equal(blocks[0], BEGIN "\nMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAAMIIBAAAA\nMIIB\n" END "\n");
	/* More blocks than a chain has. */
	buf_reset(&b);
	for (int i = 0; i <= LIMIT_CHAIN_CERTS; i++)
		buf_adds(&b, BEGIN "\nMIIB\n" END "\n");
	assert_false(pca_pem_split(buf_str(&b), PCA_PEM_CERTIFICATE, a, &blocks, &len, &why));
	assert_string_equal(why, "has more blocks than are taken");
	buf_done(&b);
	arena_free(a);
}

/* ---- written ---- */

static void
assert_json(cJSON *is, const char *expected)
{
	char *text = cJSON_PrintUnformatted(is);
	cJSON *again = cJSON_Parse(text), *other = cJSON_Parse(expected);

	assert_non_null(other);
	if (!cJSON_Compare(again, other, true))
		fail_msg("%s\nexpected\n%s", text, expected);
	cJSON_free(text);
	cJSON_Delete(again);
	cJSON_Delete(other);
	cJSON_Delete(is);
}

static void
test_revocation_written(void **state)
{
	static const struct {
		struct pca_revocation r;
		const char *json;
	} cases[] = {
		/* A disabling configuration says nothing else, whatever else is known. */
		{ { .crl_days = 7, .crl_bucket = "b", .crl_acl = "PUBLIC_READ", .crl_cname = "c", .ocsp_cname = "o", .omit_extension = true },
		    "{\"CrlConfiguration\":{\"Enabled\":false},\"OcspConfiguration\":{\"Enabled\":false}}" },
		{ { .crl = true, .crl_days = 7, .crl_bucket = "b" },
		    "{\"CrlConfiguration\":{\"Enabled\":true,\"ExpirationInDays\":7,\"S3BucketName\":\"b\",\"S3ObjectAcl\":\"BUCKET_OWNER_FULL_CONTROL\"},"
		    "\"OcspConfiguration\":{\"Enabled\":false}}" },
		{ { .crl = true, .crl_bucket = "b", .crl_acl = "PUBLIC_READ", .crl_cname = "crl.acme", .crl_type = "PARTITIONED", .crl_path = "p", .ocsp = true,
		      .ocsp_cname = "ocsp.acme", .omit_extension = true },
		    "{\"CrlConfiguration\":{\"Enabled\":true,\"CustomCname\":\"crl.acme\",\"S3BucketName\":\"b\",\"S3ObjectAcl\":\"PUBLIC_READ\","
		    "\"CrlDistributionPointExtensionConfiguration\":{\"OmitExtension\":true},\"CrlType\":\"PARTITIONED\",\"CustomPath\":\"p\"},"
		    "\"OcspConfiguration\":{\"Enabled\":true,\"OcspCustomCname\":\"ocsp.acme\"}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_json(pca_write_revocation(&cases[i].r), cases[i].json);
}

static void
test_subject_written(void **state)
{
	static const struct pca_pair custom[] = { { "1.2.3.4", "x" }, { "2.5.4.3", "Acme" } };
	struct pca_create r = { .type = "ROOT", .key_algorithm = "RSA_2048", .signing_algorithm = "SHA256WITHRSA", .token = "t",
		.subject = { .custom = custom, .custom_len = 2 } };
	struct aws_error err = { 0 };

	(void)state;
	assert_json(pca_write_create(&r, &err), "{\"CertificateAuthorityConfiguration\":{\"KeyAlgorithm\":\"RSA_2048\",\"SigningAlgorithm\":\"SHA256WITHRSA\","
	    "\"Subject\":{\"CustomAttributes\":[{\"ObjectIdentifier\":\"1.2.3.4\",\"Value\":\"x\"},{\"ObjectIdentifier\":\"2.5.4.3\",\"Value\":\"Acme\"}]}},"
	    "\"CertificateAuthorityType\":\"ROOT\",\"IdempotencyToken\":\"t\"}");
	r.subject = (struct pca_subject){ .country = "US", .organization = "o", .organizational_unit = "ou", .dn_qualifier = "q", .state = "s",
		.common_name = "cn", .serial_number = "n", .locality = "l", .title = "t", .surname = "sn", .given_name = "g", .initials = "i",
		.pseudonym = "p", .generation_qualifier = "III" };
	assert_json(pca_write_create(&r, &err), "{\"CertificateAuthorityConfiguration\":{\"KeyAlgorithm\":\"RSA_2048\",\"SigningAlgorithm\":\"SHA256WITHRSA\","
	    "\"Subject\":{\"Country\":\"US\",\"Organization\":\"o\",\"OrganizationalUnit\":\"ou\",\"DistinguishedNameQualifier\":\"q\",\"State\":\"s\","
	    "\"CommonName\":\"cn\",\"SerialNumber\":\"n\",\"Locality\":\"l\",\"Title\":\"t\",\"Surname\":\"sn\",\"GivenName\":\"g\",\"Initials\":\"i\","
	    "\"Pseudonym\":\"p\",\"GenerationQualifier\":\"III\"}},\"CertificateAuthorityType\":\"ROOT\",\"IdempotencyToken\":\"t\"}");
	assert_int_equal(err.kind, AWS_FINE);
	/* What AWS does not take is not sent. */
	r.subject.custom = custom;
	r.subject.custom_len = 2;
	assert_null(pca_write_create(&r, &err));
	assert_int_equal(err.kind, AWS_ARGUMENT);
	assert_non_null(strstr(err.message, "custom attributes beside Country"));
	err = (struct aws_error){ 0 };
	r.subject.custom_len = 0;
	r.token = NULL;
	assert_null(pca_write_create(&r, &err));
	assert_non_null(strstr(err.message, "IdempotencyToken"));
}

static void
test_issue_refused(void **state)
{
	static const char csr[] = "-----BEGIN CERTIFICATE REQUEST-----\nMIIBAAAA\n-----END CERTIFICATE REQUEST-----";
	char *large = malloc(60000);
	const struct {
		const char *csr, *token, *says;
	} cases[] = {
		{ NULL, "t", "Csr: the CSR is missing" },
		{ "", "t", "Csr: the CSR has no -----BEGIN CERTIFICATE REQUEST-----" },
		{ BEGIN "\nMIIB\n" END, "t", "Csr: the CSR has no -----BEGIN CERTIFICATE REQUEST-----" },
		{ "-----BEGIN CERTIFICATE REQUEST-----\nMIIB", "t", "Csr: the CSR is cut" },
		{ csr, NULL, "IdempotencyToken: the caller made none" },
		{ csr, "", "IdempotencyToken: the caller made none" },
		{ large, "t", "are more than the 32768 that AWS takes" },
	};

	(void)state;
	memset(large, 'M', 59999);
	memcpy(large, "-----BEGIN CERTIFICATE REQUEST-----\n", 36);
	memcpy(large + 36 + 44000, "-----END CERTIFICATE REQUEST-----", 34);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct pca_issue r = { .ca = ARN, .csr_pem = cases[i].csr, .token = cases[i].token };
		struct aws_error err = { 0 };

		assert_null(pca_write_issue(&r, &err));
		assert_int_equal(err.kind, AWS_ARGUMENT);
		if (strstr(err.message, cases[i].says) == NULL)
			fail_msg("%zu: %s", i, err.message);
	}
	free(large);
}

/* Numbers beyond an int, and beyond what a double holds, go out as their digits. */
static void
test_validity_written(void **state)
{
	const struct pca_issue r = { .ca = ARN, .csr_pem = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----", .token = "t",
		.validity = { "END_DATE", INT64_C(20351231235959) }, .not_before = { "ABSOLUTE", INT64_C(9007199254740993) } };
	struct aws_error err = { 0 };
	cJSON *in = pca_write_issue(&r, &err);
	char *text = cJSON_PrintUnformatted(in);

	(void)state;
	assert_non_null(strstr(text, "\"Validity\":{\"Value\":20351231235959,\"Type\":\"END_DATE\"}"));
	assert_non_null(strstr(text, "\"ValidityNotBefore\":{\"Value\":9007199254740993,\"Type\":\"ABSOLUTE\"}"));
	cJSON_free(text);
	cJSON_Delete(in);
}

/* ---- read ---- */

union answer {
	struct pca_ca ca;
	struct pca_rows rows;
	struct pca_certificate certificate;
	struct pca_report report;
	struct pca_report_made made;
	const char *text;
};

typedef bool (*reader)(const struct pca_reader *r, const cJSON *answer, void *out);

static bool
read_json(reader read, const char *json, struct arena *a, union answer *out, struct aws_error *err)
{
	const struct pca_reader r = { .operation = "Operation", .arena = a, .err = err };
	cJSON *answer = cJSON_Parse(json);
	bool ok;

	assert_non_null(answer);
	memset(out, 0, sizeof *out);
	memset(err, 0, sizeof *err);
	ok = read(&r, answer, out);
	assert_int_equal(ok, err->kind == AWS_FINE);
	cJSON_Delete(answer);
	return ok;
}

#define CA(more) "{\"CertificateAuthority\":{\"Arn\":\"" ARN "\",\"Type\":\"ROOT\",\"Status\":\"ACTIVE\"" more "}}"
#define CERT BEGIN "\\nMIIBAAAA\\n" END

/* Each is one clear line. */
static void
test_bad_answers(void **state)
{
	static const struct {
		reader read;
		const char *json, *says;
	} cases[] = {
		{ pca_read_ca_arn, "{}", "AWS's answer lacks CertificateAuthorityArn" },
		{ pca_read_ca_arn, "{\"CertificateAuthorityArn\":null}", "lacks CertificateAuthorityArn" },
		{ pca_read_ca_arn, "{\"CertificateAuthorityArn\":\"\"}", "lacks CertificateAuthorityArn" },
		{ pca_read_ca_arn, "{\"CertificateAuthorityArn\":7}", "CertificateAuthorityArn is not a text" },
		{ pca_read_ca_arn, "{\"CertificateAuthorityArn\":[\"x\"]}", "CertificateAuthorityArn is not a text" },
		{ pca_read_ca_arn, "{\"certificateauthorityarn\":\"x\"}", "lacks CertificateAuthorityArn" },
		{ pca_read_ca_arn, "{\"CertificateAuthorityArn\":\"" ARN ARN ARN "\"}", "CertificateAuthorityArn is longer than 200 bytes" },
		{ pca_read_certificate_arn, "{}", "lacks CertificateArn" },
		{ pca_read_described, "{}", "lacks CertificateAuthority" },
		{ pca_read_described, "{\"CertificateAuthority\":[]}", "CertificateAuthority is not an object" },
		{ pca_read_described, "{\"CertificateAuthority\":{}}", "lacks Arn" },
		{ pca_read_described, "{\"CertificateAuthority\":{\"Arn\":\"" ARN "\",\"Type\":\"ROOT\"}}", "lacks Status" },
		{ pca_read_described, CA(",\"CreatedAt\":\"2026-11-29T00:00:00Z\""), "CreatedAt is not a time in seconds" },
		{ pca_read_described, CA(",\"CreatedAt\":1e300"), "CreatedAt is not a time in seconds" },
		{ pca_read_described, CA(",\"CreatedAt\":-1e12"), "CreatedAt is not a time in seconds" },
		{ pca_read_described, CA(",\"NotAfter\":true"), "NotAfter is not a time in seconds" },
		{ pca_read_described, CA(",\"Serial\":{}"), "Serial is not a text" },
		{ pca_read_described, CA(",\"CertificateAuthorityConfiguration\":1"), "CertificateAuthorityConfiguration is not an object" },
		{ pca_read_described, CA(",\"CertificateAuthorityConfiguration\":{\"Subject\":[]}"), "Subject is not an object" },
		{ pca_read_described, CA(",\"CertificateAuthorityConfiguration\":{\"Subject\":{\"Country\":1}}"), "Country is not a text" },
		{ pca_read_described, CA(",\"CertificateAuthorityConfiguration\":{\"Subject\":{\"CustomAttributes\":{}}}"), "CustomAttributes is not a list" },
		{ pca_read_described, CA(",\"CertificateAuthorityConfiguration\":{\"Subject\":{\"CustomAttributes\":[1]}}"), "ObjectIdentifier is not in an object" },
		{ pca_read_described, CA(",\"RevocationConfiguration\":{\"CrlConfiguration\":{\"Enabled\":\"true\"}}"), "Enabled is not true or false" },
		{ pca_read_described, CA(",\"RevocationConfiguration\":{\"CrlConfiguration\":{\"ExpirationInDays\":1.5}}"), "ExpirationInDays is not a whole number" },
		{ pca_read_described, CA(",\"RevocationConfiguration\":{\"CrlConfiguration\":{\"ExpirationInDays\":-1}}"), "ExpirationInDays is not a whole number" },
		{ pca_read_described, CA(",\"RevocationConfiguration\":{\"CrlConfiguration\":{\"CrlDistributionPointExtensionConfiguration\":1}}"), "CrlDistributionPointExtensionConfiguration is not an object" },
		{ pca_read_described, CA(",\"RevocationConfiguration\":{\"OcspConfiguration\":[]}"), "OcspConfiguration is not an object" },
		{ pca_read_cas, "{\"CertificateAuthorities\":{}}", "CertificateAuthorities is not a list" },
		{ pca_read_cas, "{\"CertificateAuthorities\":[null]}", "a CA is not an object" },
		{ pca_read_csr, "{\"Csr\":\"\"}", "lacks Csr" },
		{ pca_read_csr, "{\"Csr\":\"" CERT "\"}", "Csr has no -----BEGIN CERTIFICATE REQUEST-----" },
		{ pca_read_certificate, "{}", "lacks Certificate" },
		{ pca_read_certificate, "{\"Certificate\":\"" CERT CERT "\"}", "Certificate holds 2 certificates; expected one" },
		{ pca_read_certificate, "{\"Certificate\":\"<html>\"}", "Certificate has no -----BEGIN CERTIFICATE-----" },
		{ pca_read_certificate, "{\"Certificate\":\"" CERT "\",\"CertificateChain\":7}", "CertificateChain is not a text" },
		{ pca_read_certificate, "{\"Certificate\":\"" CERT "\",\"CertificateChain\":\"" BEGIN "\"}", "CertificateChain is cut" },
		/* An emulator's base64 of PEM where AWS gives PEM (localstack #12076). */
		{ pca_read_certificate, "{\"Certificate\":\"" CERT "\",\"CertificateChain\":\"LS0tLS1CRUdJTg==\"}", "CertificateChain has no" },
		{ pca_read_permissions, "{\"Permissions\":[{\"Actions\":[]}]}", "lacks Principal" },
		{ pca_read_permissions, "{\"Permissions\":[{\"Principal\":\"p\",\"Actions\":[1]}]}", "Actions is not a text" },
		{ pca_read_tags, "{\"Tags\":[{\"Value\":\"v\"}]}", "lacks Key" },
		{ pca_read_policy, "{\"Policy\":{}}", "Policy is not a text" },
		{ pca_read_report_made, "{\"AuditReportId\":\"x\"}", "lacks S3Key" },
		{ pca_read_report, "{\"S3Key\":\"x\"}", "lacks AuditReportStatus" },
	};
	struct arena *a = arena_new();
	struct aws_error err;
	union answer out;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (read_json(cases[i].read, cases[i].json, a, &out, &err))
			fail_msg("%s was taken", cases[i].json);
		assert_int_equal(err.kind, AWS_ANSWER);
		assert_string_equal(err.operation, "acm-pca Operation");
		if (strstr(err.message, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].json, err.message);
	}
	arena_free(a);
}

static void
test_ca_read(void **state)
{
	struct arena *a = arena_new();
	struct aws_error err;
	union answer out;
	const struct pca_ca *ca = &out.ca;

	(void)state;
	assert_true(read_json(pca_read_described, CA(",\"OwnerAccount\":\"111122223333\",\"CreatedAt\":1.5E9,\"LastStateChangeAt\":1500000000.987,"
	    "\"Serial\":\"a1\",\"NotBefore\":-1.5,\"NotAfter\":253402300799,\"FailureReason\":null,\"RestorableUntil\":null,\"Unknown\":[{}],"
	    "\"UsageMode\":\"GENERAL_PURPOSE\",\"KeyStorageSecurityStandard\":\"FIPS_140_2_LEVEL_3_OR_HIGHER\","
	    "\"CertificateAuthorityConfiguration\":{\"KeyAlgorithm\":\"RSA_2048\",\"SigningAlgorithm\":\"SHA256WITHRSA\",\"Subject\":{\"Country\":\"US\","
	    "\"CommonName\":\"a\\u001b[31m\\u202eb\",\"CustomAttributes\":[{\"ObjectIdentifier\":\"1.2\",\"Value\":\"v\"}]}},"
	    "\"RevocationConfiguration\":{\"CrlConfiguration\":{\"Enabled\":true,\"ExpirationInDays\":7,\"CustomCname\":\"c\",\"S3BucketName\":\"b\","
	    "\"S3ObjectAcl\":\"PUBLIC_READ\",\"CrlType\":\"COMPLETE\",\"CustomPath\":\"p\",\"CrlDistributionPointExtensionConfiguration\":{\"OmitExtension\":true}},"
	    "\"OcspConfiguration\":{\"Enabled\":true,\"OcspCustomCname\":\"o\"}}"), a, &out, &err));
	assert_string_equal(ca->arn, ARN);
	assert_string_equal(ca->owner, "111122223333");
	assert_true(ca->created == 1500000000 && ca->changed == 1500000000 && ca->not_before == -2 && ca->not_after == INT64_C(253402300799));
	assert_true(ca->restorable_until == TIME_UNKNOWN && ca->failure == NULL);
	assert_string_equal(ca->serial, "a1");
	assert_string_equal(ca->key_algorithm, "RSA_2048");
	assert_string_equal(ca->signing_algorithm, "SHA256WITHRSA");
	assert_string_equal(ca->usage_mode, "GENERAL_PURPOSE");
	assert_string_equal(ca->key_storage, "FIPS_140_2_LEVEL_3_OR_HIGHER");
	assert_string_equal(ca->subject.common_name, "a\x1b[31m\xe2\x80\xae" "b"); /* as it came */
	assert_int_equal(ca->subject.custom_len, 1);
	assert_string_equal(ca->subject.custom[0].name, "1.2");
	assert_true(ca->revocation.crl && ca->revocation.ocsp && ca->revocation.omit_extension && ca->revocation.crl_days == 7);
	assert_string_equal(ca->revocation.crl_acl, "PUBLIC_READ");
	assert_string_equal(ca->revocation.ocsp_cname, "o");
	/* A CA before its certificate: no dates, no serial. */
	assert_true(read_json(pca_read_described, CA(""), a, &out, &err));
	assert_true(ca->not_after == TIME_UNKNOWN && ca->serial == NULL && ca->subject.common_name == NULL && !ca->revocation.crl);
	arena_free(a);
}

static void
test_other_answers_read(void **state)
{
	struct arena *a = arena_new();
	struct aws_error err;
	union answer out;

	(void)state;
	/* AWS's texts have no newline at the end; a root has no chain, an empty one, or null. */
	assert_true(read_json(pca_read_certificate, "{\"Certificate\":\"" CERT "\",\"CertificateChain\":null}", a, &out, &err));
	assert_string_equal(out.certificate.pem, BEGIN "\nMIIBAAAA\n" END "\n");
	assert_null(out.certificate.chain);
	assert_true(read_json(pca_read_certificate, "{\"Certificate\":\"" CERT "\",\"CertificateChain\":\"\"}", a, &out, &err));
	assert_null(out.certificate.chain);
	assert_true(read_json(pca_read_certificate, "{\"Certificate\":\"" CERT "\",\"CertificateChain\":\"" CERT CERT "\"}", a, &out, &err));
	assert_string_equal(out.certificate.chain, BEGIN "\nMIIBAAAA\n" END "\n" BEGIN "\nMIIBAAAA\n" END "\n");
	assert_true(read_json(pca_read_tags, "{\"Tags\":[{\"Key\":\"a\"},{\"Key\":\"b\",\"Value\":\"c\"}]}", a, &out, &err));
	assert_int_equal(out.rows.len, 2);
	assert_string_equal(((struct pca_pair *)out.rows.items)[0].value, "");
	assert_true(read_json(pca_read_tags, "{}", a, &out, &err));
	assert_int_equal(out.rows.len, 0);
	assert_true(read_json(pca_read_report, "{\"AuditReportStatus\":\"CREATING\"}", a, &out, &err));
	assert_true(out.report.created == TIME_UNKNOWN && out.report.key == NULL);
	arena_free(a);
}

/* Lists and texts of any size end at their limit. */
static void
test_oversized(void **state)
{
	struct arena *a = arena_new();
	struct buf b = { 0 };
	struct aws_error err;
	union answer out;

	(void)state;
	buf_adds(&b, "{\"Tags\":[");
	for (int i = 0; i <= LIMIT_PCA_LIST; i++)
		buf_addf(&b, "%s{\"Key\":\"k\"}", i > 0 ? "," : "");
	buf_adds(&b, "]}");
	assert_false(read_json(pca_read_tags, buf_str(&b), a, &out, &err));
	assert_non_null(strstr(err.message, "Tags has more than 1024 items"));
	buf_reset(&b);
	buf_adds(&b, "{\"AuditReportStatus\":\"");
	for (int i = 0; i <= LIMIT_PCA_TEXT; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\"}");
	assert_false(read_json(pca_read_report, buf_str(&b), a, &out, &err));
	assert_non_null(strstr(err.message, "longer than 2048 bytes"));
	buf_done(&b);
	arena_free(a);
}

static void
test_words(void **state)
{
	static const struct {
		const char *key, *signing;
	} cases[] = {
		{ "RSA_2048", "SHA256WITHRSA" }, { "RSA_3072", "SHA256WITHRSA" }, { "RSA_4096", "SHA256WITHRSA" }, { "EC_prime256v1", "SHA256WITHECDSA" },
		{ "EC_secp384r1", "SHA384WITHECDSA" }, { "EC_secp521r1", "SHA512WITHECDSA" }, { "ML_DSA_65", "ML_DSA_65" }, { "SM2", "SM3WITHSM2" },
		{ "rsa_2048", NULL }, { "", NULL }, { NULL, NULL },
	};
	char arn[PCA_ARN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *signing = pca_signing_algorithm(cases[i].key);

		if (cases[i].signing == NULL)
			assert_null(signing);
		else
			assert_string_equal(signing, cases[i].signing);
	}
	pca_template_arn("aws-cn", "EndEntityCertificate", arn);
	assert_string_equal(arn, "arn:aws-cn:acm-pca:::template/EndEntityCertificate/V1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pem),
		cmocka_unit_test(test_revocation_written),
		cmocka_unit_test(test_subject_written),
		cmocka_unit_test(test_issue_refused),
		cmocka_unit_test(test_validity_written),
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_ca_read),
		cmocka_unit_test(test_other_answers_read),
		cmocka_unit_test(test_oversized),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
