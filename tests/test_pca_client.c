/* AWS Private CA's client against an AWS that says what it is told to: requests compared, answers parsed, faults survived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/pca_wait.h"
#include "model/limits.h"
#include "tests/aws_server.h"
#include "tests/pca_calls.h"

/* ---- one world a test ---- */

struct scene {
	struct aws_server *server;
	struct test_client t;
	struct buf said;
	struct aws_error err;
	struct pca_asked q;
};

/* One try a call, where not said otherwise: waiting between tries is the call layer's, and tested there. */
static void
scene_open(struct scene *s, const struct aws_reply *replies, size_t len, const char *tries)
{
	memset(s, 0, sizeof *s);
	s->server = aws_server_start(replies, len);
	test_client_make(&s->t, aws_server_url(s->server), "AKIDEXAMPLE", "secret", (const char *const[]){ tries, NULL });
	s->q = (struct pca_asked){ s->t.client, arena_new(), &s->said, &s->err };
}

static void
scene_close(struct scene *s)
{
	test_client_done(&s->t);
	aws_server_stop(s->server);
	arena_free(s->q.a);
	buf_done(&s->said);
}

static status
ask_describe(const struct pca_asked *q)
{
	struct pca_ca ca;

	return pca_describe_ca(q->c, PCA_CA, q->a, &ca, q->err);
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
	for (size_t i = 0; i < pca_operations_len; i++) {
		const struct pca_operation *op = &pca_operations[i];
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
		{ 403, "Content-Type: text/html\r\n", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ErrorResponse><Errors><Error><Code>SignatureDoesNotMatch</Code><Message>bad</Message>"
		    "<Type>Sender</Type></Error></Errors></ErrorResponse>", AWS_BAD_CREDENTIALS, "SignatureDoesNotMatch", "bad" },
		{ 500, "Content-Type: text/html\r\n", "<!doctype html><title>500 Internal Server Error</title>", AWS_SERVER, NULL, "" },
		{ 500, NULL, "{\"__type\":\"InternalFailure\"}", AWS_SERVER, "InternalFailure", "" },
		{ 503, NULL, "", AWS_SERVER, NULL, "" },
		{ 200, NULL, "{\"CertificateAuthority\":", AWS_ANSWER, NULL, "" },
		{ 200, "Content-Type: text/html\r\n", "<html>a hotel's login page</html>", AWS_ANSWER, NULL, "" },
		{ 200, NULL, "[]", AWS_ANSWER, NULL, "" },
		{ 200, NULL, "{}", AWS_ANSWER, NULL, "lacks CertificateAuthority" },
		{ 200, NULL, "", AWS_ANSWER, NULL, "" },
		{ 400, NULL, "{\"__type\":\"\\u001b]0;owned\\u0007Exception\",\"message\":\"a\\u202e\\r\\nb\"}", AWS_OTHER, NULL, "\\u{202e}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct aws_reply reply = { .status = cases[i].status, .headers = cases[i].headers, .body = cases[i].body };
		struct scene s;

		scene_open(&s, &reply, 1, ONCE);
		assert_int_equal(ask_describe(&s.q), STATUS_FAILED);
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
	assert_int_equal(ask_describe(&s.q), STATUS_FAILED);
	assert_int_equal(s.err.kind, AWS_NETWORK);
	s.server = aws_server_start(&(const struct aws_reply){ .body = "{}" }, 1);
	scene_close(&s);
}

/* The reply is lost: the request comes again, with the token of the first, so that AWS issues and bills once. */
static void
test_token_is_kept(void **state)
{
	static const struct aws_reply replies[] = { { .drops = true }, { .status = 500, .body = "<html>" }, { .body = "{\"CertificateArn\":\"" PCA_CERT_ARN "\"}" } };
	const char *arn = NULL;
	struct scene s;

	(void)state;
	scene_open(&s, replies, 3, "AWS_MAX_ATTEMPTS=3");
	if (pca_issue_certificate(s.t.client, &pca_plain_issue, s.q.a, &arn, &s.err) != STATUS_OK)
		fail_msg("%s", s.err.message);
	assert_int_equal(aws_server_count(s.server), 3);
	assert_non_null(strstr(aws_server_body(s.server, 0), "\"IdempotencyToken\":\"" PCA_TOKEN "\""));
	assert_string_equal(aws_server_body(s.server, 0), aws_server_body(s.server, 1));
	assert_string_equal(aws_server_body(s.server, 0), aws_server_body(s.server, 2));
	scene_close(&s);
}

static void
test_pages(void **state)
{
	static const struct aws_reply replies[] = {
		{ .body = "{\"CertificateAuthorities\":[" PCA_A_CA "],\"NextToken\":\"one\"}" },
		{ .body = "{\"CertificateAuthorities\":[],\"NextToken\":\"two\"}" }, /* an empty page is not the last */
		{ .body = "{\"CertificateAuthorities\":[" PCA_A_CA "," PCA_A_CA "],\"NextToken\":\"\"}" },
	};
	struct pca_ca *cas;
	struct scene s;
	size_t len;

	(void)state;
	scene_open(&s, replies, 3, ONCE);
	assert_int_equal(pca_list_cas(s.t.client, NULL, s.q.a, &cas, &len, &s.err), STATUS_OK);
	assert_int_equal(len, 3);
	assert_string_equal(cas[2].arn, PCA_CA);
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
		{ { .body = "{\"CertificateAuthorities\":[],\"NextToken\":\"t%zu\"}", .numbered = true }, "more than 500 pages", LIMIT_PCA_PAGES },
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
		{ .status = 400, .body = PCA_IN_PROGRESS }, { .status = 400, .body = PCA_IN_PROGRESS }, { .body = "{\"Certificate\":\"" PCA_ONE_JSON "\"}" },
	};
	static const struct aws_reply made[] = {
		{ .status = 400, .body = PCA_IN_PROGRESS }, { .body = "{\"Csr\":\"-----BEGIN CERTIFICATE REQUEST-----\\nMIIB\\n-----END CERTIFICATE REQUEST-----\"}" },
	};
	static const struct aws_reply reported[] = { { .body = "{\"AuditReportStatus\":\"CREATING\"}" }, { .body = "{\"AuditReportStatus\":\"SUCCESS\",\"S3Key\":\"k\"}" } };
	struct pca_certificate c;
	struct pca_report report;
	const char *csr;
	unsigned seen = 0;
	struct scene s;

	(void)state;
	scene_open(&s, issued, 3, ONCE);
	assert_int_equal(pca_wait_certificate_at(quick, s.t.client, PCA_CA, PCA_CERT_ARN, count, &seen, s.q.a, &c, &s.err), STATUS_OK);
	assert_string_equal(c.pem, PCA_ONE "\n");
	assert_int_equal(seen, 2);
	scene_close(&s);
	scene_open(&s, made, 2, ONCE);
	assert_int_equal(pca_wait_csr_at(quick, s.t.client, PCA_CA, NULL, NULL, s.q.a, &csr, &s.err), STATUS_OK);
	assert_non_null(strstr(csr, "MIIB"));
	scene_close(&s);
	scene_open(&s, reported, 2, ONCE);
	assert_int_equal(pca_wait_report_at(quick, s.t.client, PCA_CA, "id", NULL, NULL, s.q.a, &report, &s.err), STATUS_OK);
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
		{ { .status = 400, .body = PCA_IN_PROGRESS }, AWS_IN_PROGRESS, LIMIT_PCA_WAITS, PCA_CERT_ARN },
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
		assert_int_equal(pca_wait_certificate_at(quick, s.t.client, PCA_CA, PCA_CERT_ARN, NULL, NULL, s.q.a, &c, &s.err), STATUS_FAILED);
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
	assert_int_equal(pca_wait_report_at(quick, s.t.client, PCA_CA, "id", NULL, NULL, s.q.a, &report, &s.err), STATUS_FAILED);
	assert_int_equal(s.err.kind, AWS_OTHER);
	assert_non_null(strstr(s.err.message, "acm-pca.amazonaws.com"));
	assert_int_equal(aws_server_count(s.server), 1);
	scene_close(&s);
}

/* Refused here: nothing goes out. */
static void
test_refused_here(void **state)
{
	struct pca_issue no_csr = pca_plain_issue;
	const char *arn = NULL;
	struct scene s;

	(void)state;
	no_csr.csr_pem = PCA_ONE;
	scene_open(&s, &(const struct aws_reply){ .body = "{}" }, 1, ONCE);
	assert_int_equal(pca_issue_certificate(s.t.client, &no_csr, s.q.a, &arn, &s.err), STATUS_FAILED);
	assert_int_equal(s.err.kind, AWS_ARGUMENT);
	assert_int_equal(pca_import_ca_certificate(s.t.client, PCA_CA, PCA_TWO, NULL, &s.err), STATUS_FAILED);
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
