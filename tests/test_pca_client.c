/* AWS Private CA's client against an AWS that says what it is told to: requests compared, answers parsed, faults survived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/pca_wait.h"
#include "model/limits.h"
#include "model/times.h"
#include "tests/aws_server.h"

#define CA "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555"
#define CERT_ARN CA "/certificate/a4e9c2aa2ccfab625b1b9136464cd3a6"
#define CSR "-----BEGIN CERTIFICATE REQUEST-----\nMIIBAAAA\n-----END CERTIFICATE REQUEST-----\n"
#define CSR_BLOB "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=="
#define ONE "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----"
#define ONE_BLOB "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJBQUFBCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K"
#define TWO ONE "-----BEGIN CERTIFICATE-----\nMIICBBBB\n-----END CERTIFICATE-----"
#define TWO_BLOB "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJBQUFBCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0KLS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUNCQkJCCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K"
#define TOKEN "0123456789abcdef0123456789abcdef"
#define ONE_JSON "-----BEGIN CERTIFICATE-----\\nMIIBAAAA\\n-----END CERTIFICATE-----"
#define TWO_JSON ONE_JSON "-----BEGIN CERTIFICATE-----\\nMIICBBBB\\n-----END CERTIFICATE-----"
#define IN_PROGRESS "{\"__type\":\"RequestInProgressException\",\"message\":\"The request to issue the certificate is in progress.\"}"

/* Each calls one operation and writes what came of it. */
struct asked {
	struct aws_client *c;
	struct arena *a;
	struct buf *said;
	struct aws_error *err;
};

static const struct pca_issue issue = {
	.ca = CA, .csr_pem = CSR, .signing_algorithm = "SHA256WITHRSA", .validity = { "DAYS", 30 }, .token = TOKEN,
};

static status
create_ca(const struct asked *q)
{
	static const struct pca_pair tags[] = { { "env", "prod" }, { "empty", "" } };
	static const struct pca_revocation off = { .crl = false };
	const struct pca_create r = {
		.type = "SUBORDINATE", .key_algorithm = "EC_secp384r1", .signing_algorithm = "SHA384WITHECDSA", .usage_mode = "SHORT_LIVED_CERTIFICATE",
		.key_storage = "FIPS_140_2_LEVEL_3_OR_HIGHER", .subject = { .country = "US", .organization = "Acme", .common_name = "Acme “Issuing” CA 1" },
		.revocation = &off, .tags = tags, .tags_len = 2, .token = TOKEN,
	};
	const char *arn = "";
	status s = pca_create_ca(q->c, &r, q->a, &arn, q->err);

	buf_adds(q->said, arn);
	return s;
}

static void
say_ca(struct buf *said, const struct pca_ca *ca)
{
	buf_addf(said, "%s %s %s %s %" PRId64 " %s|", ca->arn + strlen(ca->arn) - 4, ca->type, ca->status, ca->subject.common_name, ca->created,
	    ca->not_after == TIME_UNKNOWN ? "-" : "dated");
}

static status
describe_ca(const struct asked *q)
{
	struct pca_ca ca;
	status s = pca_describe_ca(q->c, CA, q->a, &ca, q->err);

	if (s == STATUS_OK)
		say_ca(q->said, &ca);
	return s;
}

static status
list_cas(const struct asked *q)
{
	struct pca_ca *cas;
	size_t len;
	status s = pca_list_cas(q->c, "OTHER_ACCOUNTS", q->a, &cas, &len, q->err);

	for (size_t i = 0; i < len; i++)
		say_ca(q->said, &cas[i]);
	return s;
}

static status
update_ca(const struct asked *q)
{
	static const struct pca_revocation r = { .crl = true, .crl_days = 7, .crl_bucket = "lists" };

	return pca_update_ca(q->c, CA, "DISABLED", &r, q->err);
}

static status
update_state(const struct asked *q)
{
	return pca_update_ca(q->c, CA, "ACTIVE", NULL, q->err);
}

static status
delete_ca(const struct asked *q)
{
	return pca_delete_ca(q->c, CA, 7, q->err);
}

static status
delete_ca_later(const struct asked *q)
{
	return pca_delete_ca(q->c, CA, 0, q->err);
}

static status
restore_ca(const struct asked *q)
{
	return pca_restore_ca(q->c, CA, q->err);
}

static status
get_csr(const struct asked *q)
{
	const char *pem = "";
	status s = pca_get_csr(q->c, CA, q->a, &pem, q->err);

	buf_adds(q->said, pem);
	return s;
}

static void
say_certificate(struct buf *said, const struct pca_certificate *c)
{
	buf_addf(said, "%s|%s", c->pem, c->chain != NULL ? c->chain : "no chain");
}

static status
get_ca_certificate(const struct asked *q)
{
	struct pca_certificate c = { 0 };
	status s = pca_get_ca_certificate(q->c, CA, q->a, &c, q->err);

	if (s == STATUS_OK)
		say_certificate(q->said, &c);
	return s;
}

static status
import_root(const struct asked *q)
{
	return pca_import_ca_certificate(q->c, CA, ONE, NULL, q->err);
}

static status
import_subordinate(const struct asked *q)
{
	return pca_import_ca_certificate(q->c, CA, ONE, TWO, q->err);
}

static status
issue_certificate(const struct asked *q)
{
	cJSON *passthrough = cJSON_Parse("{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a.internal\"}]}}");
	struct pca_issue r = issue;
	const char *arn = "";
	char template[PCA_ARN_MAX];
	status s;

	pca_template_arn("aws", "EndEntityServerAuthCertificate_APIPassthrough", template);
	r.template_arn = template;
	r.validity = (struct pca_validity){ "ABSOLUTE", 1800000000 };
	r.not_before = (struct pca_validity){ "ABSOLUTE", 1700000000 };
	r.api_passthrough = passthrough;
	s = pca_issue_certificate(q->c, &r, q->a, &arn, q->err);
	cJSON_Delete(passthrough);
	buf_adds(q->said, arn);
	return s;
}

static status
issue_plainly(const struct asked *q)
{
	const char *arn = "";
	status s = pca_issue_certificate(q->c, &issue, q->a, &arn, q->err);

	buf_adds(q->said, arn);
	return s;
}

static status
get_certificate(const struct asked *q)
{
	struct pca_certificate c = { 0 };
	status s = pca_get_certificate(q->c, CA, CERT_ARN, q->a, &c, q->err);

	if (s == STATUS_OK)
		say_certificate(q->said, &c);
	return s;
}

static status
revoke_certificate(const struct asked *q)
{
	return pca_revoke_certificate(q->c, CA, "a4:e9", "KEY_COMPROMISE", q->err);
}

static status
create_report(const struct asked *q)
{
	const char *id = NULL, *key = NULL;
	status s = pca_create_report(q->c, CA, "reports", "CSV", q->a, &id, &key, q->err);

	if (s == STATUS_OK)
		buf_addf(q->said, "%s %s", id, key);
	return s;
}

static status
describe_report(const struct asked *q)
{
	struct pca_report r = { 0 };
	status s = pca_describe_report(q->c, CA, "22222222-2222-3333-4444-555555555555", q->a, &r, q->err);

	if (s == STATUS_OK)
		buf_addf(q->said, "%s %s %s %" PRId64, r.status, r.bucket, r.key, r.created);
	return s;
}

static status
create_permission(const struct asked *q)
{
	static const char *const actions[] = { "IssueCertificate", "GetCertificate", "ListPermissions" };

	return pca_create_permission(q->c, CA, "acm.amazonaws.com", "111122223333", actions, 3, q->err);
}

static status
delete_permission(const struct asked *q)
{
	return pca_delete_permission(q->c, CA, "acm.amazonaws.com", NULL, q->err);
}

static status
list_permissions(const struct asked *q)
{
	struct pca_permission *p;
	size_t len;
	status s = pca_list_permissions(q->c, CA, q->a, &p, &len, q->err);

	for (size_t i = 0; i < len; i++)
		buf_addf(q->said, "%s %s %zu %s|", p[i].principal, p[i].source_account, p[i].actions_len, p[i].actions[p[i].actions_len - 1]);
	return s;
}

static status
put_policy(const struct asked *q)
{
	return pca_put_policy(q->c, CA, "{\"Version\":\"2012-10-17\"}", q->err);
}

static status
get_policy(const struct asked *q)
{
	const char *policy = "";
	status s = pca_get_policy(q->c, CA, q->a, &policy, q->err);

	buf_adds(q->said, policy);
	return s;
}

static status
delete_policy(const struct asked *q)
{
	return pca_delete_policy(q->c, CA, q->err);
}

static const struct pca_pair two_tags[] = { { "env", "prod" }, { "only-key", NULL } };

static status
tag_ca(const struct asked *q)
{
	return pca_tag_ca(q->c, CA, two_tags, 2, q->err);
}

static status
untag_ca(const struct asked *q)
{
	return pca_untag_ca(q->c, CA, two_tags, 2, q->err);
}

static status
list_tags(const struct asked *q)
{
	struct pca_pair *tags;
	size_t len;
	status s = pca_list_tags(q->c, CA, q->a, &tags, &len, q->err);

	for (size_t i = 0; i < len; i++)
		buf_addf(q->said, "%s=%s|", tags[i].name, tags[i].value);
	return s;
}

#define OF_CA "{\"CertificateAuthorityArn\":\"" CA "\""
#define A_CA "{\"Arn\":\"" CA "\",\"Type\":\"ROOT\",\"Status\":\"ACTIVE\",\"CreatedAt\":1.5E9,\"CertificateAuthorityConfiguration\":{\"Subject\":{\"CommonName\":\"Acme\"}}}"

static const struct operation {
	const char *name;
	status (*call)(const struct asked *q);
	const char *request, *answer, *says;
} operations[] = {
	{ "CreateCertificateAuthority", create_ca,
	    "{\"CertificateAuthorityConfiguration\":{\"KeyAlgorithm\":\"EC_secp384r1\",\"SigningAlgorithm\":\"SHA384WITHECDSA\","
	    "\"Subject\":{\"Country\":\"US\",\"Organization\":\"Acme\",\"CommonName\":\"Acme “Issuing” CA 1\"}},"
	    "\"RevocationConfiguration\":{\"CrlConfiguration\":{\"Enabled\":false},\"OcspConfiguration\":{\"Enabled\":false}},"
	    "\"CertificateAuthorityType\":\"SUBORDINATE\",\"KeyStorageSecurityStandard\":\"FIPS_140_2_LEVEL_3_OR_HIGHER\",\"UsageMode\":\"SHORT_LIVED_CERTIFICATE\","
	    "\"Tags\":[{\"Key\":\"env\",\"Value\":\"prod\"},{\"Key\":\"empty\",\"Value\":\"\"}],\"IdempotencyToken\":\"" TOKEN "\"}",
	    OF_CA "}", CA },
	{ "DescribeCertificateAuthority", describe_ca, OF_CA "}", "{\"CertificateAuthority\":" A_CA "}", "5555 ROOT ACTIVE Acme 1500000000 -|" },
	{ "ListCertificateAuthorities", list_cas, "{\"MaxResults\":100,\"ResourceOwner\":\"OTHER_ACCOUNTS\"}",
	    "{\"NextToken\":null,\"CertificateAuthorities\":[" A_CA "," A_CA "]}", "5555 ROOT ACTIVE Acme 1500000000 -|5555 ROOT ACTIVE Acme 1500000000 -|" },
	{ "UpdateCertificateAuthority", update_ca,
	    OF_CA ",\"Status\":\"DISABLED\",\"RevocationConfiguration\":{\"CrlConfiguration\":{\"Enabled\":true,\"ExpirationInDays\":7,\"S3BucketName\":\"lists\","
	    "\"S3ObjectAcl\":\"BUCKET_OWNER_FULL_CONTROL\"},\"OcspConfiguration\":{\"Enabled\":false}}}", "{}", "" },
	{ "UpdateCertificateAuthority", update_state, OF_CA ",\"Status\":\"ACTIVE\"}", "", "" },
	{ "DeleteCertificateAuthority", delete_ca, OF_CA ",\"PermanentDeletionTimeInDays\":7}", "", "" },
	{ "DeleteCertificateAuthority", delete_ca_later, OF_CA "}", "{}", "" },
	{ "RestoreCertificateAuthority", restore_ca, OF_CA "}", "{}", "" },
	{ "GetCertificateAuthorityCsr", get_csr, OF_CA "}",
	    "{\"Csr\":\"-----BEGIN CERTIFICATE REQUEST-----\\nMIIBAAAA\\n-----END CERTIFICATE REQUEST-----\\n\"}", CSR },
	{ "GetCertificateAuthorityCertificate", get_ca_certificate, OF_CA "}", "{\"Certificate\":\"" ONE_JSON "\"}", ONE "\n|no chain" },
	{ "ImportCertificateAuthorityCertificate", import_root, OF_CA ",\"Certificate\":\"" ONE_BLOB "\"}", "{}", "" },
	{ "ImportCertificateAuthorityCertificate", import_subordinate,
	    OF_CA ",\"Certificate\":\"" ONE_BLOB "\",\"CertificateChain\":\"" TWO_BLOB "\"}", "{}", "" },
	{ "IssueCertificate", issue_certificate,
	    OF_CA ",\"Csr\":\"" CSR_BLOB "\",\"SigningAlgorithm\":\"SHA256WITHRSA\",\"TemplateArn\":\"arn:aws:acm-pca:::template/EndEntityServerAuthCertificate_APIPassthrough/V1\","
	    "\"Validity\":{\"Value\":1800000000,\"Type\":\"ABSOLUTE\"},\"ValidityNotBefore\":{\"Value\":1700000000,\"Type\":\"ABSOLUTE\"},"
	    "\"ApiPassthrough\":{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a.internal\"}]}},\"IdempotencyToken\":\"" TOKEN "\"}",
	    "{\"CertificateArn\":\"" CERT_ARN "\"}", CERT_ARN },
	{ "IssueCertificate", issue_plainly,
	    OF_CA ",\"Csr\":\"" CSR_BLOB "\",\"SigningAlgorithm\":\"SHA256WITHRSA\",\"Validity\":{\"Value\":30,\"Type\":\"DAYS\"},\"IdempotencyToken\":\"" TOKEN "\"}",
	    "{\"CertificateArn\":\"" CERT_ARN "\"}", CERT_ARN },
	{ "GetCertificate", get_certificate, OF_CA ",\"CertificateArn\":\"" CERT_ARN "\"}",
	    "{\"Certificate\":\"" ONE_JSON "\",\"CertificateChain\":\"" TWO_JSON "\"}",
	    ONE "\n|" ONE "\n-----BEGIN CERTIFICATE-----\nMIICBBBB\n-----END CERTIFICATE-----\n" },
	{ "RevokeCertificate", revoke_certificate, OF_CA ",\"CertificateSerial\":\"a4:e9\",\"RevocationReason\":\"KEY_COMPROMISE\"}", "{}", "" },
	{ "CreateCertificateAuthorityAuditReport", create_report, OF_CA ",\"S3BucketName\":\"reports\",\"AuditReportResponseFormat\":\"CSV\"}",
	    "{\"AuditReportId\":\"22222222\",\"S3Key\":\"audit-report/1/2.csv\"}", "22222222 audit-report/1/2.csv" },
	{ "DescribeCertificateAuthorityAuditReport", describe_report, OF_CA ",\"AuditReportId\":\"22222222-2222-3333-4444-555555555555\"}",
	    "{\"AuditReportStatus\":\"SUCCESS\",\"S3BucketName\":\"reports\",\"S3Key\":\"k\",\"CreatedAt\":1500000000.5}", "SUCCESS reports k 1500000000" },
	{ "CreatePermission", create_permission,
	    OF_CA ",\"Principal\":\"acm.amazonaws.com\",\"SourceAccount\":\"111122223333\",\"Actions\":[\"IssueCertificate\",\"GetCertificate\",\"ListPermissions\"]}", "{}", "" },
	{ "DeletePermission", delete_permission, OF_CA ",\"Principal\":\"acm.amazonaws.com\"}", "{}", "" },
	{ "ListPermissions", list_permissions, OF_CA "}",
	    "{\"Permissions\":[{\"Principal\":\"acm.amazonaws.com\",\"SourceAccount\":\"111122223333\",\"Actions\":[\"IssueCertificate\",\"GetCertificate\"],\"CreatedAt\":1}]}",
	    "acm.amazonaws.com 111122223333 2 GetCertificate|" },
	{ "PutPolicy", put_policy, "{\"ResourceArn\":\"" CA "\",\"Policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\"}\"}", "{}", "" },
	{ "GetPolicy", get_policy, "{\"ResourceArn\":\"" CA "\"}", "{\"Policy\":\"{\\\"Version\\\":1}\"}", "{\"Version\":1}" },
	{ "DeletePolicy", delete_policy, "{\"ResourceArn\":\"" CA "\"}", "{}", "" },
	{ "TagCertificateAuthority", tag_ca, OF_CA ",\"Tags\":[{\"Key\":\"env\",\"Value\":\"prod\"},{\"Key\":\"only-key\"}]}", "{}", "" },
	{ "UntagCertificateAuthority", untag_ca, OF_CA ",\"Tags\":[{\"Key\":\"env\",\"Value\":\"prod\"},{\"Key\":\"only-key\"}]}", "{}", "" },
	{ "ListTags", list_tags, OF_CA "}", "{\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"},{\"Key\":\"c\"}],\"NextToken\":null}", "a=b|c=|" },
};
static const size_t operations_len = sizeof operations / sizeof operations[0];

/* ---- one world a test ---- */

struct scene {
	struct aws_server *server;
	struct test_client t;
	struct buf said;
	struct aws_error err;
	struct asked q;
};

/* One try a call, where not said otherwise: waiting between tries is the call layer's, and tested there. */
static void
scene_open(struct scene *s, const struct aws_reply *replies, size_t len, const char *tries)
{
	memset(s, 0, sizeof *s);
	s->server = aws_server_start(replies, len);
	test_client_make(&s->t, aws_server_url(s->server), "AKIDEXAMPLE", "secret", (const char *const[]){ tries, NULL });
	s->q = (struct asked){ s->t.client, arena_new(), &s->said, &s->err };
}

static void
scene_close(struct scene *s)
{
	test_client_done(&s->t);
	aws_server_stop(s->server);
	arena_free(s->q.a);
	buf_done(&s->said);
}

#define ONCE "AWS_MAX_ATTEMPTS=1"

/* ---- tests ---- */

static void
assert_same_json(const char *is, const char *expected)
{
	cJSON *a = cJSON_Parse(is), *b = cJSON_Parse(expected);

	assert_non_null(b);
	if (a == NULL || !cJSON_Compare(a, b, true))
		fail_msg("%s\nexpected\n%s", is, expected);
	cJSON_Delete(a);
	cJSON_Delete(b);
}

static void
test_operations(void **state)
{
	(void)state;
	for (size_t i = 0; i < operations_len; i++) {
		const struct operation *op = &operations[i];
		const struct aws_reply reply = { .body = op->answer };
		char target[128] = "", expected[128], type[64] = "", signature[600] = "";
		struct scene s;

		scene_open(&s, &reply, 1, ONCE);
		if (op->call(&s.q) != STATUS_OK)
			fail_msg("%s: %s", op->name, s.err.message);
		assert_string_equal(buf_str(&s.said), op->says);
		assert_int_equal(aws_server_count(s.server), 1);
		assert_same_json(aws_server_body(s.server, 0), op->request);
		snprintf(expected, sizeof expected, "ACMPrivateCA.%s", op->name);
		assert_true(aws_server_header(s.server, 0, "x-amz-target", target, sizeof target));
		assert_string_equal(target, expected);
		assert_true(aws_server_header(s.server, 0, "content-type", type, sizeof type));
		assert_string_equal(type, "application/x-amz-json-1.1");
		assert_true(aws_server_header(s.server, 0, "authorization", signature, sizeof signature));
		assert_non_null(strstr(signature, "/us-east-1/acm-pca/aws4_request"));
		assert_int_equal(strncmp(aws_server_head(s.server, 0), "POST / HTTP/1.1\r\n", 17), 0);
		scene_close(&s);
	}
}

/* Every error that the service's model names, and those that it does not but AWS sends, ends in a kind. */
static void
test_errors(void **state)
{
	static const struct {
		int status;
		const char *headers, *body;
		enum aws_kind kind;
		const char *code, *says;
	} cases[] = {
		{ 400, NULL, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no CA\"}", AWS_NOT_FOUND, "ResourceNotFoundException", "no CA" },
		{ 400, NULL, "{\"__type\":\"com.amazonaws#InvalidStateException:http://x\",\"Message\":\"not ACTIVE\"}", AWS_STATE, "InvalidStateException", "not ACTIVE" },
		{ 400, NULL, "{\"__type\":\"InvalidArnException\",\"message\":\"x\"}", AWS_ARGUMENT, "InvalidArnException", "x" },
		{ 400, NULL, "{\"__type\":\"InvalidArgsException\",\"message\":\"x\"}", AWS_ARGUMENT, "InvalidArgsException", "x" },
		{ 400, NULL, "{\"__type\":\"InvalidRequestException\",\"message\":\"x\"}", AWS_ARGUMENT, "InvalidRequestException", "x" },
		{ 400, NULL, "{\"__type\":\"MalformedCSRException\",\"message\":\"x\"}", AWS_ARGUMENT, "MalformedCSRException", "x" },
		{ 400, NULL, "{\"__type\":\"MalformedCertificateException\",\"message\":\"x\"}", AWS_ARGUMENT, "MalformedCertificateException", "x" },
		{ 400, NULL, "{\"__type\":\"CertificateMismatchException\",\"message\":\"x\"}", AWS_ARGUMENT, "CertificateMismatchException", "x" },
		{ 400, NULL, "{\"__type\":\"ValidationException\",\"message\":\"x\"}", AWS_ARGUMENT, "ValidationException", "x" },
		{ 400, NULL, "{\"__type\":\"InvalidTagException\",\"message\":\"x\"}", AWS_ARGUMENT, "InvalidTagException", "x" },
		{ 400, NULL, "{\"__type\":\"InvalidPolicyException\",\"message\":\"x\"}", AWS_ARGUMENT, "InvalidPolicyException", "x" },
		{ 400, NULL, "{\"__type\":\"InvalidNextTokenException\",\"message\":\"x\"}", AWS_ARGUMENT, "InvalidNextTokenException", "x" },
		{ 400, NULL, "{\"__type\":\"RequestInProgressException\",\"message\":\"x\"}", AWS_IN_PROGRESS, "RequestInProgressException", "x" },
		{ 400, NULL, "{\"__type\":\"RequestAlreadyProcessedException\",\"message\":\"x\"}", AWS_EXISTS, "RequestAlreadyProcessedException", "x" },
		{ 400, NULL, "{\"__type\":\"PermissionAlreadyExistsException\",\"message\":\"x\"}", AWS_EXISTS, "PermissionAlreadyExistsException", "x" },
		{ 400, NULL, "{\"__type\":\"LimitExceededException\",\"message\":\"x\"}", AWS_QUOTA, "LimitExceededException", "x" },
		{ 400, NULL, "{\"__type\":\"TooManyTagsException\",\"message\":\"x\"}", AWS_QUOTA, "TooManyTagsException", "x" },
		{ 400, NULL, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}", AWS_THROTTLED, "ThrottlingException", "Rate exceeded" },
		{ 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: x is not authorized\"}", AWS_DENIED, "AccessDeniedException", "not authorized" },
		{ 400, NULL, "{\"__type\":\"UnrecognizedClientException\",\"message\":\"x\"}", AWS_BAD_CREDENTIALS, "UnrecognizedClientException", "x" },
		{ 400, NULL, "{\"__type\":\"ExpiredTokenException\",\"message\":\"x\"}", AWS_BAD_CREDENTIALS, "ExpiredTokenException", "x" },
		{ 400, NULL, "{\"__type\":\"UnknownOperationException\"}", AWS_MISSING, "UnknownOperationException", "" },
		/* moto: XML from its front for a JSON service, and HTML where it has no such operation. */
		{ 403, "Content-Type: text/xml\r\n", "<?xml version=\"1.0\"?><ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>bad</Message></Error></ErrorResponse>",
		    AWS_BAD_CREDENTIALS, "InvalidClientTokenId", "bad" },
		{ 500, "Content-Type: text/html\r\n", "<!doctype html><title>500 Internal Server Error</title>", AWS_SERVER, NULL, "" },
		{ 500, NULL, "{\"__type\":\"InternalFailure\"}", AWS_SERVER, "InternalFailure", "" },
		{ 503, NULL, "", AWS_SERVER, NULL, "" },
		{ 200, NULL, "{\"CertificateAuthority\":", AWS_ANSWER, NULL, "" },
		{ 200, "Content-Type: text/html\r\n", "<html>a hotel's login page</html>", AWS_ANSWER, NULL, "" },
		{ 200, NULL, "[]", AWS_ANSWER, NULL, "" },
		{ 200, NULL, "{}", AWS_ANSWER, NULL, "lacks CertificateAuthority" },
		{ 200, NULL, "", AWS_ANSWER, NULL, "" },
		{ 400, NULL, "{\"__type\":\"\\u001b]0;owned\\u0007Exception\",\"message\":\"a\\u202e\\r\\nb\"}", AWS_OTHER, NULL, "\\u{202E}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct aws_reply reply = { .status = cases[i].status, .headers = cases[i].headers, .body = cases[i].body };
		struct scene s;

		scene_open(&s, &reply, 1, ONCE);
		assert_int_equal(describe_ca(&s.q), STATUS_FAILED);
		if (s.err.kind != cases[i].kind || (cases[i].code != NULL && strcmp(s.err.code, cases[i].code) != 0) ||
		    strstr(s.err.message, cases[i].says) == NULL)
			fail_msg("%s: kind %d, code %s, %s", cases[i].body, (int)s.err.kind, s.err.code, s.err.message);
		assert_string_equal(s.err.operation, "acm-pca DescribeCertificateAuthority");
		for (const char *p = s.err.message; *p != '\0'; p++)
			assert_true((unsigned char)*p >= 0x20 && (unsigned char)*p != 0x7f);
		scene_close(&s);
	}
}

/* Nobody listens. */
static void
test_nobody_there(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s, &(const struct aws_reply){ .body = "{}" }, 1, ONCE);
	aws_server_stop(s.server);
	assert_int_equal(describe_ca(&s.q), STATUS_FAILED);
	assert_int_equal(s.err.kind, AWS_NETWORK);
	s.server = aws_server_start(&(const struct aws_reply){ .body = "{}" }, 1);
	scene_close(&s);
}

/* The reply is lost: the request comes again, with the token of the first, so that AWS issues and bills once. */
static void
test_token_is_kept(void **state)
{
	static const struct aws_reply replies[] = { { .drops = true }, { .status = 500, .body = "<html>" }, { .body = "{\"CertificateArn\":\"" CERT_ARN "\"}" } };
	struct scene s;

	(void)state;
	scene_open(&s, replies, 3, "AWS_MAX_ATTEMPTS=3");
	if (issue_plainly(&s.q) != STATUS_OK)
		fail_msg("%s", s.err.message);
	assert_int_equal(aws_server_count(s.server), 3);
	assert_non_null(strstr(aws_server_body(s.server, 0), "\"IdempotencyToken\":\"" TOKEN "\""));
	assert_string_equal(aws_server_body(s.server, 0), aws_server_body(s.server, 1));
	assert_string_equal(aws_server_body(s.server, 0), aws_server_body(s.server, 2));
	scene_close(&s);
}

static void
test_pages(void **state)
{
	static const struct aws_reply replies[] = {
		{ .body = "{\"CertificateAuthorities\":[" A_CA "],\"NextToken\":\"one\"}" },
		{ .body = "{\"CertificateAuthorities\":[],\"NextToken\":\"two\"}" }, /* an empty page is not the last */
		{ .body = "{\"CertificateAuthorities\":[" A_CA "," A_CA "],\"NextToken\":\"\"}" },
	};
	struct pca_ca *cas;
	struct scene s;
	size_t len;

	(void)state;
	scene_open(&s, replies, 3, ONCE);
	assert_int_equal(pca_list_cas(s.t.client, NULL, s.q.a, &cas, &len, &s.err), STATUS_OK);
	assert_int_equal(len, 3);
	assert_string_equal(cas[2].arn, CA);
	assert_int_equal(aws_server_count(s.server), 3);
	assert_same_json(aws_server_body(s.server, 0), "{\"MaxResults\":100}");
	assert_same_json(aws_server_body(s.server, 1), "{\"MaxResults\":100,\"NextToken\":\"one\"}");
	assert_same_json(aws_server_body(s.server, 2), "{\"MaxResults\":100,\"NextToken\":\"two\"}");
	scene_close(&s);
}

/* Lists without end: the same token again, another for ever, one of the wrong type, one that is too long; a page that fails. */
static void
test_endless_pages(void **state)
{
	char *longest = mem_alloc(LIMIT_PCA_TOKEN + 40);
	const struct {
		struct aws_reply reply;
		const char *says;
		size_t requests;
	} cases[] = {
		{ { .body = "{\"CertificateAuthorities\":[],\"NextToken\":\"same\"}" }, "the same NextToken", 2 },
		{ { .body = "{\"CertificateAuthorities\":[],\"NextToken\":\"t%zu\"}", .numbered = true }, "more than 500 pages", LIMIT_AWS_PAGES },
		{ { .body = "{\"CertificateAuthorities\":[],\"NextToken\":7}" }, "NextToken is not a text", 1 },
		{ { .body = longest }, "NextToken is longer than", 1 },
		{ { .body = "{\"CertificateAuthorities\":[{}],\"NextToken\":\"x\"}" }, "lacks Arn", 1 },
	};

	(void)state;
	memset(longest, 'x', LIMIT_PCA_TOKEN + 20);
	memcpy(longest, "{\"NextToken\":\"", 14);
	memcpy(longest + LIMIT_PCA_TOKEN + 20, "\"}", 3);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pca_ca *cas;
		struct scene s;
		size_t len = 7;

		scene_open(&s, &cases[i].reply, 1, ONCE);
		assert_int_equal(pca_list_cas(s.t.client, NULL, s.q.a, &cas, &len, &s.err), STATUS_FAILED);
		assert_int_equal(len, 0);
		assert_int_equal(s.err.kind, AWS_ANSWER);
		if (strstr(s.err.message, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].says, s.err.message);
		assert_int_equal(aws_server_count(s.server), cases[i].requests);
		scene_close(&s);
	}
	free(longest);
}

/* ---- waiters ---- */

static void
count(void *user, unsigned tries, unsigned of)
{
	unsigned *seen = user;

	assert_int_equal(tries, *seen + 1);
	assert_int_equal(of, LIMIT_PCA_WAITS);
	*seen = tries;
}

static const struct pca_pace quick = { 1, LIMIT_PCA_WAITS };

static void
test_waits(void **state)
{
	static const struct aws_reply issued[] = {
		{ .status = 400, .body = IN_PROGRESS }, { .status = 400, .body = IN_PROGRESS }, { .body = "{\"Certificate\":\"" ONE_JSON "\"}" },
	};
	static const struct aws_reply made[] = {
		{ .status = 400, .body = IN_PROGRESS }, { .body = "{\"Csr\":\"-----BEGIN CERTIFICATE REQUEST-----\\nMIIB\\n-----END CERTIFICATE REQUEST-----\"}" },
	};
	static const struct aws_reply reported[] = { { .body = "{\"AuditReportStatus\":\"CREATING\"}" }, { .body = "{\"AuditReportStatus\":\"SUCCESS\",\"S3Key\":\"k\"}" } };
	struct pca_certificate c;
	struct pca_report report;
	const char *csr;
	unsigned seen = 0;
	struct scene s;

	(void)state;
	scene_open(&s, issued, 3, ONCE);
	assert_int_equal(pca_wait_certificate_at(quick, s.t.client, CA, CERT_ARN, count, &seen, s.q.a, &c, &s.err), STATUS_OK);
	assert_string_equal(c.pem, ONE "\n");
	assert_int_equal(seen, 2);
	scene_close(&s);
	scene_open(&s, made, 2, ONCE);
	assert_int_equal(pca_wait_csr_at(quick, s.t.client, CA, NULL, NULL, s.q.a, &csr, &s.err), STATUS_OK);
	assert_non_null(strstr(csr, "MIIB"));
	scene_close(&s);
	scene_open(&s, reported, 2, ONCE);
	assert_int_equal(pca_wait_report_at(quick, s.t.client, CA, "id", NULL, NULL, s.q.a, &report, &s.err), STATUS_OK);
	assert_string_equal(report.key, "k");
	scene_close(&s);
}

/* What never comes ends all the same, and is not lost; what fails ends at once. */
static void
test_waits_end(void **state)
{
	static const struct {
		struct aws_reply reply;
		enum aws_kind kind;
		size_t requests;
		const char *says;
	} cases[] = {
		{ { .status = 400, .body = IN_PROGRESS }, AWS_IN_PROGRESS, LIMIT_PCA_WAITS, CERT_ARN },
		{ { .status = 400, .body = "{\"__type\":\"RequestInProgressException\",\"message\":\"The certificate has been revoked\"}" },
		    AWS_IN_PROGRESS, LIMIT_PCA_WAITS, "has been revoked" },
		{ { .status = 400, .body = "{\"__type\":\"RequestFailedException\",\"message\":\"Certificate ARN is in a failed state.\"}" }, AWS_OTHER, 1, "failed state" },
		{ { .status = 400, .body = "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}" }, AWS_DENIED, 1, "no" },
		{ { .status = 500, .body = "<html>" }, AWS_SERVER, 1, "" },
		{ { .body = "{\"Certificate\":\"none\"}" }, AWS_ANSWER, 1, "Certificate has no" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pca_certificate c;
		struct scene s;

		scene_open(&s, &cases[i].reply, 1, ONCE);
		assert_int_equal(pca_wait_certificate_at(quick, s.t.client, CA, CERT_ARN, NULL, NULL, s.q.a, &c, &s.err), STATUS_FAILED);
		assert_int_equal(aws_server_count(s.server), cases[i].requests);
		if (strstr(s.err.message, cases[i].says) == NULL)
			fail_msg("%s", s.err.message);
		if (s.err.kind != cases[i].kind && cases[i].kind != AWS_OTHER)
			fail_msg("kind %d: %s", (int)s.err.kind, s.err.message);
		scene_close(&s);
	}
}

static void
test_report_fails(void **state)
{
	static const struct aws_reply reply = { .body = "{\"AuditReportStatus\":\"FAILED\",\"S3BucketName\":\"b\"}" };
	struct pca_report report;
	struct scene s;

	(void)state;
	scene_open(&s, &reply, 1, ONCE);
	assert_int_equal(pca_wait_report_at(quick, s.t.client, CA, "id", NULL, NULL, s.q.a, &report, &s.err), STATUS_FAILED);
	assert_int_equal(s.err.kind, AWS_OTHER);
	assert_non_null(strstr(s.err.message, "acm-pca.amazonaws.com"));
	assert_int_equal(aws_server_count(s.server), 1);
	scene_close(&s);
}

/* Refused here: nothing goes out. */
static void
test_refused_here(void **state)
{
	struct pca_issue no_csr = issue;
	const char *arn = NULL;
	struct scene s;

	(void)state;
	no_csr.csr_pem = ONE;
	scene_open(&s, &(const struct aws_reply){ .body = "{}" }, 1, ONCE);
	assert_int_equal(pca_issue_certificate(s.t.client, &no_csr, s.q.a, &arn, &s.err), STATUS_FAILED);
	assert_int_equal(s.err.kind, AWS_ARGUMENT);
	assert_int_equal(pca_import_ca_certificate(s.t.client, CA, TWO, NULL, &s.err), STATUS_FAILED);
	assert_int_equal(aws_server_count(s.server), 0);
	scene_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_token_is_kept),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_endless_pages),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_waits_end),
		cmocka_unit_test(test_report_fails),
		cmocka_unit_test(test_refused_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
