/*
 * The client against an AWS that says what it is told to: what goes out in each protocol, and what is made of refusals,
 * pages, cut and endless answers, a clock that is off, credentials that ran out, silence, and a cancel.
 */
#include "aws/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>

#include <cmocka.h>

#include "aws/retry.h"
#include "model/limits.h"
#include "model/memory.h"
#include "tests/aws_script.h"
#include "tests/aws_world.h"
#include "tests/program.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define KEY "AWS_ACCESS_KEY_ID=AKIDTEST", "AWS_SECRET_ACCESS_KEY=secret"

/* One client and the server that it talks to. */
struct meeting {
	struct aws_world *world;
	struct aws_script *server;
	struct aws_client *client;
	const char *env[8];
	atomic_bool cancel;
};

static void
meet(struct meeting *m, const struct aws_script_said *said, int len, const char *service)
{
	static const char *const usual[] = { KEY, NULL };
	struct aws_error err = { .kind = AWS_FINE };

	if (m->world == NULL)
		m->world = aws_world_new(NULL, NULL);
	if (m->env[0] == NULL)
		memcpy(m->env, usual, sizeof usual);
	m->world->env = m->env;
	m->server = aws_script_start(said, len, service);
	if (aws_client_new(&(struct aws_client_options){ .region = "us-east-1", .endpoint_url = aws_script_url(m->server),
	    .world = &m->world->world, .cancel = &m->cancel }, &m->client, &err) != STATUS_OK)
		fail_msg("%s", err.message);
}

static void
part(struct meeting *m)
{
	aws_client_free(m->client);
	aws_script_stop(m->server);
	aws_world_free(m->world);
}

static status
list_tags(struct meeting *m, cJSON **out, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject();

	*err = (struct aws_error){ .kind = AWS_FINE };
	cJSON_AddStringToObject(in, "CertificateAuthorityArn", "arn:aws:acm-pca:us-east-1:1:certificate-authority/x");
	return aws_call_json(m->client, &aws_acm_pca, "ListTags", in, out, err);
}

/* ---- what goes out ---- */

static void
json_request(void **state)
{
	static const struct aws_script_said said[] = { { .body = "{\"Tags\":[]}" } };
	struct meeting m = { .server = NULL };
	const struct aws_script_heard *h;
	struct aws_error err;
	cJSON *out;

	(void)state;
	meet(&m, said, 1, "acm-pca");
	assert_int_equal(list_tags(&m, &out, &err), STATUS_OK);
	assert_true(cJSON_IsArray(cJSON_GetObjectItem(out, "Tags")));
	cJSON_Delete(out);
	h = aws_script_heard(m.server, 0);
	assert_int_equal(h->verdict, SIGV4_GOOD);
	assert_string_equal(h->region, "us-east-1");
	assert_string_equal(h->method, "POST");
	assert_string_equal(h->path, "/");
	assert_string_equal(h->body, "{\"CertificateAuthorityArn\":\"arn:aws:acm-pca:us-east-1:1:certificate-authority/x\"}");
	assert_string_equal(aws_script_header(h, "x-amz-target"), "ACMPrivateCA.ListTags");
	assert_string_equal(aws_script_header(h, "content-type"), "application/x-amz-json-1.1");
	assert_null(aws_script_header(h, "expect"));
	assert_null(aws_script_header(h, "x-amz-security-token"));
	/* No input is {}, no output wanted is none. */
	assert_int_equal(aws_call_json(m.client, &aws_cloudwatch, "PutMetricData", NULL, NULL, &err), STATUS_OK);
	h = aws_script_heard(m.server, 1);
	assert_string_equal(h->body, "{}");
	assert_string_equal(aws_script_header(h, "content-type"), "application/x-amz-json-1.0");
	part(&m);
}

static void
session_token(void **state)
{
	static const struct aws_script_said said[] = { { .body = "" } };
	struct meeting m = { .env = { "AWS_ACCESS_KEY_ID=ASIATEST", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token" } };
	struct aws_error err;
	cJSON *out;

	(void)state;
	meet(&m, said, 1, "acm-pca");
	assert_int_equal(list_tags(&m, &out, &err), STATUS_OK); /* an empty body is {} */
	assert_true(cJSON_IsObject(out));
	cJSON_Delete(out);
	assert_int_equal(aws_script_heard(m.server, 0)->verdict, SIGV4_GOOD);
	assert_string_equal(aws_script_header(aws_script_heard(m.server, 0), "x-amz-security-token"), "token");
	part(&m);
}

/* Query and REST: what the caller gives, completed, signed as its service wants it, on the path that the bucket has. */
static void
other_protocols(void **state)
{
	static const struct sigv4_header type[] = { { "content-type", "application/x-pem-file" } };
	static const struct {
		struct aws_call call;
		const char *method, *path, *query, *body, *type;
	} cases[] = {
		{ { .service = &aws_elbv2, .operation = "DescribeTrustStores" }, "POST", "/", "",
		    "Action=DescribeTrustStores&Version=2015-12-01", "application/x-www-form-urlencoded; charset=utf-8" },
		{ { .service = &aws_elbv2, .operation = "DescribeTrustStores", .body = "Names.member.1=a%26b", .body_len = 20 }, "POST", "/", "",
		    "Action=DescribeTrustStores&Version=2015-12-01&Names.member.1=a%26b", "application/x-www-form-urlencoded; charset=utf-8" },
		{ { .service = &aws_s3, .operation = "PutObject", .method = "PUT", .bucket = "bundles", .path = "/new/a%20b%2B.pem", .body = "x",
		    .body_len = 1, .headers = type, .headers_len = 1 }, "PUT", "/bundles/new/a%20b%2B.pem", "", "x", "application/x-pem-file" },
		{ { .service = &aws_s3, .operation = "ListObjectsV2", .method = "GET", .bucket = "bundles", .path = "/",
		    .query = "list-type=2&prefix=a%2F" }, "GET", "/bundles/", "list-type=2&prefix=a%2F", "", NULL },
		{ { .service = &aws_s3, .operation = "PutObject", .method = "PUT", .bucket = "bundles", .path = "/empty" }, "PUT", "/bundles/empty",
		    "", "", NULL },
		{ { .service = &aws_apigateway, .operation = "UpdateDomainName", .method = "PATCH", .path = "/domainnames/%2A.example.com",
		    .body = "{}", .body_len = 2 }, "PATCH", "/domainnames/%2A.example.com", "", "{}", NULL },
		{ { .service = &aws_apigatewayv2, .operation = "GetDomainName", .method = "GET", .path = "/v2/domainnames/a.example.com" }, "GET",
		    "/v2/domainnames/a.example.com", "", "", NULL },
		{ { .service = &aws_s3, .operation = "DeleteObject", .method = "DELETE", .bucket = "bundles", .path = "/x" }, "DELETE",
		    "/bundles/x", "", "", NULL },
	};
	static const struct aws_script_said said[] = { { .body = "" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct meeting m = { .server = NULL };
		const struct aws_script_heard *h;
		struct aws_http_answer answer;
		struct aws_error err = { .kind = AWS_FINE };

		meet(&m, said, 1, cases[i].call.service->signing);
		if (aws_call(m.client, &cases[i].call, &answer, &err) != STATUS_OK)
			fail_msg("case %zu: %s", i, err.message);
		h = aws_script_heard(m.server, 0);
		assert_int_equal(h->verdict, SIGV4_GOOD);
		assert_string_equal(h->method, cases[i].method);
		assert_string_equal(h->path, cases[i].path);
		assert_string_equal(h->query, cases[i].query);
		assert_string_equal(h->body, cases[i].body);
		if (cases[i].type != NULL)
			assert_string_equal(aws_script_header(h, "content-type"), cases[i].type);
		else
			assert_null(aws_script_header(h, "content-type"));
		aws_http_answer_done(&answer);
		part(&m);
	}
}

/* ---- refusals ---- */

#define HTML "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>"

static void
refusals(void **state)
{
	static const struct {
		struct aws_script_said said;
		enum aws_kind kind;
		const char *code, *message, *request_id;
		int tries;
	} cases[] = {
		{ { .status = "400 Bad Request", .headers = "x-amzn-RequestId: r-1\r\n",
		    .body = "{\"__type\":\"InvalidStateException\",\"message\":\"not now\"}" }, AWS_STATE, "InvalidStateException", "not now", "r-1", 1 },
		{ { .status = "400 Bad Request", .body = "{\"__type\":\"com.amazonaws.acmpca#ResourceNotFoundException:http://x/\",\"Message\":\"gone\"}" },
		    AWS_NOT_FOUND, "ResourceNotFoundException", "gone", "", 1 },
		{ { .status = "400 Bad Request", .headers = "x-amzn-ErrorType: AccessDeniedException:http://internal/\r\n",
		    .body = "{\"message\":\"User: arn:aws:iam::1:user/x is not authorized\"}" }, AWS_DENIED, "AccessDeniedException",
		    "User: arn:aws:iam::1:user/x is not authorized", "", 1 },
		{ { .status = "403 Forbidden", .body = "<Response><Errors><Error><Code>InvalidClientTokenId</Code><Message>The security token included "
		    "in the request is invalid.</Message></Error></Errors><RequestID>r-2</RequestID></Response>" }, AWS_BAD_CREDENTIALS,
		    "InvalidClientTokenId", "The security token included in the request is invalid.", "r-2", 1 },
		{ { .status = "403 Forbidden", .body = "<ErrorResponse xmlns=\"http://x/\"><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code>"
		    "<Message>The request signature we calculated does not match</Message></Error><RequestId>r-3</RequestId></ErrorResponse>" },
		    AWS_BAD_CREDENTIALS, "SignatureDoesNotMatch", "The request signature we calculated does not match", "r-3", 1 },
		{ { .status = "500 Internal Server Error", .body = HTML }, AWS_SERVER, "",
		    "a page came instead of an answer: “500 Internal Server Error”", "", 3 },
		{ { .status = "403 Forbidden", .body = "<html><head><title>Blocked by\nthe proxy</title></head></html>" }, AWS_ANSWER, "",
		    "a page came instead of an answer: “Blocked by”", "", 1 },
		{ { .status = "302 Found", .headers = "Location: http://127.0.0.1:1/\r\n", .body = "" }, AWS_OTHER, "", "HTTP 302 without a word", "", 1 },
		{ { .status = "503 Slow Down", .body = "<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>" },
		    AWS_THROTTLED, "SlowDown", "Reduce your request rate", "", 3 },
		{ { .status = "400 Bad Request", .body = "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}" }, AWS_THROTTLED,
		    "ThrottlingException", "Rate exceeded", "", 3 },
		{ { .status = "400 Bad Request", .body = "{\"__type\":\"LimitExceededException\",\"message\":\"200 CAs\"}" }, AWS_QUOTA,
		    "LimitExceededException", "200 CAs", "", 1 },
		{ { .status = "400 Bad Request", .body = "{\"__type\":\"RequestInProgressException\",\"message\":\"soon\"}" }, AWS_IN_PROGRESS,
		    "RequestInProgressException", "soon", "", 1 },
		{ { .status = "503 Service Unavailable", .body = "" }, AWS_SERVER, "", "HTTP 503 without a word", "", 3 },
		{ { .status = "501 Not Implemented", .body = "no such thing" }, AWS_MISSING, "", "no such thing", "", 1 },
		{ { .status = "400 Bad Request", .body = "{\"__type\":\"\\u001b[31mX\",\"message\":\"a\\u001b[2Jb\\nc\"}" }, AWS_OTHER, "\\x1b[31mX",
		    "a\\x1b[2Jb\\x0ac", "", 1 },
		{ { .status = "400 Bad Request", .body = "{\"__type\":\"UnknownOperationException\"}" }, AWS_MISSING, "UnknownOperationException", "",
		    "", 1 },
		{ { .status = "400 Bad Request", .body = "{\"__type\":" }, AWS_ANSWER, "", "{\"__type\":", "", 1 },
		{ { .body = "{\"Tags\":[" }, AWS_ANSWER, "", "HTTP 200 with 9 bytes that are no JSON object", "", 1 },
		{ { .body = "[]" }, AWS_ANSWER, "", "HTTP 200 with 2 bytes that are no JSON object", "", 1 },
		{ { .body = HTML }, AWS_ANSWER, "", "that are no JSON object", "", 1 },
		{ { .how = AWS_CLOSES }, AWS_NETWORK, "", "Empty reply from server", "", 3 },
		{ { .how = AWS_CUT, .body = "{}" }, AWS_NETWORK, "", "transfer closed with 10 bytes remaining to read", "", 3 },
		{ { .how = AWS_ENDLESS, .body = "0123456789abcdef0123456789abcdef0123456789abcdef" }, AWS_ANSWER, "", "has more than 8388608 bytes", "", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct meeting m = { .server = NULL };
		struct aws_error err;
		cJSON *out = NULL;

		meet(&m, &cases[i].said, 1, "acm-pca");
		assert_int_equal(list_tags(&m, &out, &err), STATUS_FAILED);
		assert_null(out);
		if (err.kind != cases[i].kind || strstr(err.message, cases[i].message) == NULL || strcmp(err.code, cases[i].code) != 0)
			fail_msg("case %zu: kind %d, code %s: %s", i, err.kind, err.code, err.message);
		assert_string_equal(err.request_id, cases[i].request_id);
		assert_string_equal(err.operation, "acm-pca ListTags");
		assert_int_equal(aws_script_requests(m.server), cases[i].tries);
		part(&m);
	}
}

/* Fails twice, then answers: nobody notices. */
static void
passes_by_itself(void **state)
{
	static const struct aws_script_said said[] = { { .status = "500 X", .body = HTML }, { .how = AWS_CLOSES }, { .body = "{\"a\":1}" } };
	struct meeting m = { .server = NULL };
	struct aws_error err;
	cJSON *out;

	(void)state;
	meet(&m, said, 3, "acm-pca");
	assert_int_equal(list_tags(&m, &out, &err), STATUS_OK);
	assert_int_equal(err.kind, AWS_FINE);
	assert_int_equal(aws_script_requests(m.server), 3);
	cJSON_Delete(out);
	part(&m);
}

static void
max_attempts(void **state)
{
	static const struct {
		const char *env;
		int tries;
	} cases[] = { { "AWS_MAX_ATTEMPTS=1", 1 }, { "AWS_MAX_ATTEMPTS=5", 5 }, { "AWS_MAX_ATTEMPTS=many", 3 }, { "AWS_MAX_ATTEMPTS=1000", 3 } };
	static const struct aws_script_said said[] = { { .status = "500 X", .body = HTML } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct meeting m = { .env = { KEY, cases[i].env } };
		struct aws_error err;

		meet(&m, said, 1, "acm-pca");
		assert_int_equal(list_tags(&m, NULL, &err), STATUS_FAILED);
		assert_int_equal(aws_script_requests(m.server), cases[i].tries);
		part(&m);
	}
}

/* Two threads that keep failing use the bucket up, and from then on a failure costs one request. */
static void
bucket(void **state)
{
	struct aws_retry r;
	unsigned paid = 0, taken = 0;

	(void)state;
	aws_retry_init(&r);
	while (aws_retry_take(&r, false, &paid))
		taken++;
	assert_int_equal(taken, AWS_RETRY_TOKENS / AWS_RETRY_COST);
	aws_retry_give(&r, 0); /* a success without a retry is worth one */
	assert_false(aws_retry_take(&r, false, &paid));
	aws_retry_give(&r, AWS_RETRY_COST);
	assert_true(aws_retry_take(&r, false, &paid));
	assert_int_equal(paid, AWS_RETRY_COST);
	aws_retry_give(&r, 9);
	assert_true(aws_retry_take(&r, true, &paid));
	assert_int_equal(paid, AWS_RETRY_TIMEOUT_COST);
	for (int i = 0; i < 1000; i++)
		aws_retry_give(&r, 100);
	assert_int_equal(r.tokens, AWS_RETRY_TOKENS);
	aws_retry_done(&r);
	assert_int_equal(aws_retry_delay_ms(1, 0), 0);
	assert_int_equal(aws_retry_delay_ms(1, UINT32_MAX), 999);
	assert_int_equal(aws_retry_delay_ms(3, UINT32_MAX), 3999);
	assert_int_equal(aws_retry_delay_ms(9, UINT32_MAX), 19999);
}

/* ---- what mends itself ---- */

#define LATE "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired: 20000101T000000Z is now earlier than …\"}"

static void
clock_off(void **state)
{
	static const struct aws_script_said said[] = { { .status = "400 X", .body = LATE }, { .body = "{}" } };
	static const int64_t shifts[] = { -3600 * 1000, 86400 * 1000, 400ll * 86400 * 1000 };

	(void)state;
	for (size_t i = 0; i < COUNT(shifts); i++) {
		struct meeting m = { .world = aws_world_new(NULL, NULL) };
		struct aws_error err;

		m.world->shift_ms = shifts[i];
		meet(&m, said, 2, "acm-pca");
		assert_int_equal(list_tags(&m, NULL, &err), STATUS_OK);
		assert_int_equal(aws_script_heard(m.server, 0)->verdict, shifts[i] > 0 ? SIGV4_EARLY : SIGV4_EXPIRED);
		assert_int_equal(aws_script_heard(m.server, 1)->verdict, SIGV4_GOOD);
		/* The next call knows. */
		assert_int_equal(list_tags(&m, NULL, &err), STATUS_OK);
		assert_int_equal(aws_script_requests(m.server), 3);
		assert_int_equal(aws_script_heard(m.server, 2)->verdict, SIGV4_GOOD);
		part(&m);
	}
}

/* Correcting does not help, or there is nothing to correct by: once more at most, and it is called the clock. */
static void
clock_stays_off(void **state)
{
	static const struct {
		struct aws_script_said said;
		int64_t shift_ms;
		int tries;
		const char *message;
	} cases[] = {
		{ { .status = "400 X", .body = LATE }, -7200 * 1000, 2, "(this machine's clock is 2 h behind AWS's)" },
		{ { .status = "400 X", .body = LATE }, 0, 1, "Signature expired" },
		{ { .status = "400 X", .body = LATE, .date = "soon" }, -7200 * 1000, 1, "Signature expired" },
		{ { .status = "403 X", .body = "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message></Error>" },
		    86400 * 1000, 2, "(this machine's clock is 1 d ahead of AWS's)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct meeting m = { .world = aws_world_new(NULL, NULL) };
		struct aws_error err;

		m.world->shift_ms = cases[i].shift_ms;
		meet(&m, &cases[i].said, 1, "acm-pca");
		assert_int_equal(list_tags(&m, NULL, &err), STATUS_FAILED);
		assert_int_equal(err.kind, AWS_CLOCK);
		if (strstr(err.message, cases[i].message) == NULL)
			fail_msg("case %zu: %s", i, err.message);
		assert_int_equal(aws_script_requests(m.server), cases[i].tries);
		part(&m);
	}
}

/* Credentials of a process that gives other ones at every start. */
static void
credentials_ran_out(void **state)
{
	static const struct aws_script_said said[] = {
		{ .status = "400 X", .body = "{\"__type\":\"ExpiredTokenException\",\"message\":\"The security token included in the request is expired\"}" },
		{ .body = "{}" }, };
	static const char script[] = "#!/bin/sh\n"
	    "cd \"$(dirname \"$0\")\" || exit 1\n"
	    "if [ -e second ]; then key=ASIATEST; else key=ASIAOLD; fi\n"
	    ": >second\n"
	    "echo \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"$key\\\",\\\"SecretAccessKey\\\":\\\"secret\\\",\\\"SessionToken\\\":\\\"token\\\","
	    "\\\"Expiration\\\":\\\"2099-01-01T00:00:00Z\\\"}\"\n";
	struct meeting m = { .world = aws_world_new(NULL, NULL), .env = { "NOTHING=" } };
	struct aws_error err;
	char config[512];

	(void)state;
	assert_true(write_file(in_folder(m.world->folder, "give"), script, strlen(script)));
	snprintf(config, sizeof config, "[default]\ncredential_process = /bin/sh %s/give\n", m.world->folder);
	assert_true(write_file(m.world->config, config, strlen(config)));
	meet(&m, said, 2, "acm-pca");
	if (list_tags(&m, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	assert_int_equal(aws_script_requests(m.server), 2);
	assert_int_equal(aws_script_heard(m.server, 0)->verdict, SIGV4_UNKNOWN_KEY);
	assert_int_equal(aws_script_heard(m.server, 1)->verdict, SIGV4_GOOD);
	part(&m);
	/* New ones that have run out as well are a failure after one more try. */
	m = (struct meeting){ .env = { "AWS_ACCESS_KEY_ID=ASIATEST", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token" } };
	meet(&m, said, 1, "acm-pca");
	assert_int_equal(list_tags(&m, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_BAD_CREDENTIALS);
	assert_string_equal(err.code, "ExpiredTokenException");
	assert_int_equal(aws_script_requests(m.server), 2);
	part(&m);
}

static void
bucket_elsewhere(void **state)
{
	static const struct aws_script_said said[] = {
		{ .status = "400 X", .headers = "x-amz-bucket-region: eu-west-3\r\n",
		    .body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>expecting 'eu-west-3'</Message></Error>" },
		{ .body = "data", .headers = "x-amz-version-id: v7\r\nETag: \"e\"\r\n" },
	};
	const struct aws_call call = { .service = &aws_s3, .operation = "GetObject", .method = "GET", .bucket = "bundles", .path = "/x" };
	struct meeting m = { .server = NULL };
	struct aws_http_answer answer;
	struct aws_error err = { .kind = AWS_FINE };

	(void)state;
	meet(&m, said, 2, "s3");
	assert_int_equal(aws_call(m.client, &call, &answer, &err), STATUS_OK);
	assert_string_equal(answer.body.data, "data");
	assert_string_equal(answer.version_id, "v7");
	assert_string_equal(answer.etag, "\"e\"");
	assert_string_equal(aws_script_heard(m.server, 0)->region, "us-east-1");
	assert_string_equal(aws_script_heard(m.server, 1)->region, "eu-west-3");
	aws_http_answer_done(&answer);
	part(&m);
	/* Told so again and again: once is enough. */
	m = (struct meeting){ .server = NULL };
	meet(&m, said, 1, "s3");
	assert_int_equal(aws_call(m.client, &call, &answer, &err), STATUS_FAILED);
	assert_string_equal(err.code, "AuthorizationHeaderMalformed");
	assert_int_equal(aws_script_requests(m.server), 2);
	part(&m);
}

/* ---- a sink, a cancel, silence ---- */

struct taken {
	size_t len, most;
};

static bool
take(void *user, const void *bytes, size_t len)
{
	struct taken *t = user;

	(void)bytes;
	t->len += len;
	return t->most == 0 || t->len < t->most;
}

static void
sinks(void **state)
{
	static const struct {
		struct aws_script_said said;
		size_t most, taken;
		enum aws_kind kind;
		int tries;
	} cases[] = {
		{ { .body = "0123456789" }, 0, 10, AWS_FINE, 1 },
		{ { .status = "404 X", .body = "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>" }, 0, 0, AWS_NOT_FOUND, 1 },
		{ { .body = "0123456789" }, 5, 10, AWS_CANCELLED, 1 },
		{ { .how = AWS_CUT, .body = "0123456789" }, 0, 10, AWS_NETWORK, 1 }, /* what was handed on is not handed on twice */
		{ { .how = AWS_CUT, .body = "" }, 0, 0, AWS_NETWORK, 3 },
		{ { .how = AWS_ENDLESS, .body = "0123456789" }, 20 * 1000 * 1000, 20 * 1000 * 1000, AWS_CANCELLED, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct taken t = { .most = cases[i].most };
		const struct aws_call call = { .service = &aws_s3, .operation = "GetObject", .method = "GET", .bucket = "bundles", .path = "/x",
			.sink = take, .user = &t };
		struct meeting m = { .server = NULL };
		struct aws_http_answer answer;
		struct aws_error err = { .kind = AWS_FINE };

		meet(&m, &cases[i].said, 1, "s3");
		assert_int_equal(aws_call(m.client, &call, &answer, &err) == STATUS_OK, cases[i].kind == AWS_FINE);
		assert_int_equal(err.kind, cases[i].kind);
		assert_true(t.len >= cases[i].taken && (cases[i].taken > 10 || t.len == cases[i].taken));
		assert_int_equal(aws_script_requests(m.server), cases[i].tries);
		assert_int_equal(answer.body.len, 0);
		aws_http_answer_done(&answer);
		part(&m);
	}
}

struct canceller {
	struct meeting *m;
	int requests;
};

static void *
cancel_later(void *user)
{
	struct canceller *c = user;

	aws_script_wait(c->m->server, c->requests);
	atomic_store(&c->m->cancel, true);
	return NULL;
}

/* While an answer is awaited, and while the next try is: at once, whatever the time-outs are. */
static void
cancels(void **state)
{
	static const struct {
		struct aws_script_said said;
		int requests;
	} cases[] = { { { .how = AWS_HANGS }, 1 }, { { .status = "500 X", .body = HTML }, 1 }, { { .how = AWS_ENDLESS, .body = "x" }, 1 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct taken t = { .most = 0 };
		const struct aws_call call = { .service = &aws_s3, .operation = "GetObject", .method = "GET", .bucket = "bundles", .path = "/x",
			.sink = take, .user = &t };
		struct meeting m = { .world = aws_world_new(NULL, NULL), .env = { KEY, "AWS_MAX_ATTEMPTS=20" } };
		struct canceller c = { .m = &m, .requests = cases[i].requests };
		struct aws_http_answer answer;
		struct aws_error err = { .kind = AWS_FINE };
		pthread_t thread;

		m.world->random = 0xff; /* the longest wait */
		meet(&m, &cases[i].said, 1, "s3");
		assert_int_equal(pthread_create(&thread, NULL, cancel_later, &c), 0);
		assert_int_equal(aws_call(m.client, &call, &answer, &err), STATUS_FAILED);
		pthread_join(thread, NULL);
		assert_int_equal(err.kind, AWS_CANCELLED);
		assert_int_equal(aws_client_wait(m.client, 60 * 1000, &(struct aws_error){ .kind = AWS_FINE }), STATUS_FAILED);
		part(&m);
	}
}

static void
silence(void **state)
{
	static const struct aws_script_said said[] = { { .how = AWS_HANGS } };
	struct aws_script *s = aws_script_start(said, 1, "acm-pca");
	struct aws_http_answer answer;
	struct aws_error err = { .kind = AWS_FINE };

	(void)state;
	assert_int_equal(aws_http(&(struct aws_http_request){ .method = "GET", .url = aws_script_url(s), .within_ms = 200 }, &answer, &err),
	    STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NETWORK);
	assert_true(answer.timed_out);
	assert_non_null(strstr(err.message, aws_script_url(s)));
	aws_script_stop(s);
	/* Nobody there, and a header that would smuggle another. */
	err = (struct aws_error){ .kind = AWS_FINE };
	assert_int_equal(aws_http(&(struct aws_http_request){ .method = "GET", .url = "http://127.0.0.1:1/secret?x" }, &answer, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NETWORK);
	assert_null(strstr(err.message, "secret"));
	err = (struct aws_error){ .kind = AWS_FINE };
	assert_int_equal(aws_http(&(struct aws_http_request){ .method = "GET", .url = "http://127.0.0.1:1/",
	    .headers = &(struct sigv4_header){ "x", "y\r\nz: 1" }, .headers_len = 1 }, &answer, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ARGUMENT);
}

/* The environment's proxy, for whom it is not forbidden: a call to this machine, or for its metadata, never goes there. */
static void
proxies(void **state)
{
	static const struct aws_script_said said[] = { { .body = "{}" } };
	struct aws_script *proxy = aws_script_start(said, 1, "acm-pca");
	struct meeting m = { .server = NULL };
	struct aws_http_answer answer;
	struct aws_error err = { .kind = AWS_FINE };

	(void)state;
	setenv("http_proxy", aws_script_url(proxy), 1);
	unsetenv("no_proxy");
	unsetenv("NO_PROXY");
	assert_int_equal(aws_http(&(struct aws_http_request){ .method = "GET", .url = "http://127.0.0.1:1/x" }, &answer, &err), STATUS_OK);
	assert_int_equal(answer.status, 200);
	assert_string_equal(aws_script_heard(proxy, 0)->path, "http://127.0.0.1:1/x");
	aws_http_answer_done(&answer);
	assert_int_equal(aws_http(&(struct aws_http_request){ .method = "GET", .url = "http://127.0.0.1:1/x", .no_proxy = true }, &answer, &err),
	    STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NETWORK);
	meet(&m, said, 1, "acm-pca");
	assert_int_equal(list_tags(&m, NULL, &err), STATUS_OK);
	part(&m);
	assert_int_equal(aws_script_requests(proxy), 1);
	unsetenv("http_proxy");
	aws_script_stop(proxy);
}

/* ---- who and where ---- */

static void
whereabouts(void **state)
{
	static const char config[] = "[default]\nregion = eu-west-1\n[profile admin]\nregion = cn-north-1\n[profile bare]\n[profile keyed]\nregion = eu-west-1\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
	    "[profile lab]\nregion = eu-west-1\naws_access_key_id = AKIA0LABABCDEFGH2345\n";
	static const struct {
		const char *env[2];
		struct aws_client_options o;
		const char *name, *profile, *where, *partition; /* name NULL: it is refused */
		enum aws_kind kind;
		bool lab;
	} cases[] = {
		{ { NULL }, { .name = NULL }, "default", NULL, "eu-west-1", "aws", AWS_FINE, false },
		{ { NULL }, { .profile = "admin" }, "admin", "admin", "profile admin, cn-north-1", "aws-cn", AWS_FINE, false },
		{ { "AWS_PROFILE=admin" }, { .region = "us-gov-west-1" }, "admin", "admin", "profile admin, us-gov-west-1", "aws-us-gov", AWS_FINE,
		    false },
		{ { NULL }, { .name = "prod", .profile = "admin" }, "prod", "admin", "account prod, profile admin, cn-north-1", "aws-cn", AWS_FINE,
		    false },
		{ { "AWS_ACCESS_KEY_ID=AKIA0LABABCDEFGH2345" }, { .name = "lab", .endpoint_url = "http://127.0.0.1:4566", .region = "us-east-1" }, "lab", NULL,
		    "account lab, us-east-1, 127.0.0.1:4566", "aws", AWS_FINE, true },
		/* An emulator, or a tunnel to AWS: what costs there is no practice. */
		{ { "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE" }, { .name = "tunnel", .endpoint_url = "http://127.0.0.1:4566", .region = "us-east-1" }, "tunnel", NULL,
		    "account tunnel, us-east-1, 127.0.0.1:4566", "aws", AWS_FINE, false },
		{ { "AWS_ACCESS_KEY_ID=AKIA0LABABCDEFGH2345" }, { .profile = "keyed", .endpoint_url = "http://127.0.0.1:4566" }, "keyed", "keyed",
		    "profile keyed, eu-west-1, 127.0.0.1:4566", "aws", AWS_FINE, false },
		{ { NULL }, { .profile = "lab", .endpoint_url = "http://[::1]:4566" }, "lab", "lab", "profile lab, eu-west-1, [::1]:4566", "aws", AWS_FINE, true },
		{ { "AWS_ACCESS_KEY_ID=AKIA0LABABCDEFGH2345" }, { .endpoint_url = "https://pca.example.com" }, "default", NULL, "eu-west-1, pca.example.com", "aws",
		    AWS_FINE, false },
		{ { NULL }, { .profile = "absent" }, NULL, NULL, "there is no profile “absent”", NULL, AWS_LOCAL, false },
		{ { NULL }, { .profile = "a\x1b[2J" }, NULL, NULL, "there is no profile “a\\x1b[2J”", NULL, AWS_LOCAL, false },
		{ { NULL }, { .profile = "bare" }, NULL, NULL, "no region", NULL, AWS_NO_REGION, false },
		{ { NULL }, { .region = "eu west" }, NULL, NULL, "“eu west” is no region", NULL, AWS_NO_REGION, false },
		{ { NULL }, { .endpoint_url = "127.0.0.1" }, NULL, NULL, "is no endpoint", NULL, AWS_LOCAL, false },
	};
	struct aws_world *w = aws_world_new(config, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct aws_client_options o = cases[i].o;
		struct aws_client *c = NULL;
		struct aws_error err = { .kind = AWS_FINE };

		w->env = cases[i].env;
		o.world = &w->world;
		if ((aws_client_new(&o, &c, &err) == STATUS_OK) != (cases[i].name != NULL) || err.kind != cases[i].kind)
			fail_msg("case %zu: kind %d: %s", i, err.kind, err.message);
		if (c == NULL) {
			if (strstr(err.message, cases[i].where) == NULL)
				fail_msg("case %zu: %s", i, err.message);
			continue;
		}
		assert_string_equal(aws_client_name(c), cases[i].name);
		assert_true((aws_client_profile(c) == NULL) == (cases[i].profile == NULL));
		if (cases[i].profile != NULL)
			assert_string_equal(aws_client_profile(c), cases[i].profile);
		assert_string_equal(aws_client_where(c), cases[i].where);
		assert_string_equal(aws_client_partition(c), cases[i].partition);
		assert_int_equal(aws_client_is_lab(c), cases[i].lab);
		assert_true(aws_client_is_local(c) == (strstr(cases[i].where, ":4566") != NULL));
		assert_true((aws_client_endpoint(c) != NULL) == (cases[i].o.endpoint_url != NULL));
		aws_client_free(c);
	}
	aws_world_free(w);
}

static void
no_credentials(void **state)
{
	static const struct aws_script_said said[] = { { .body = "{}" } };
	struct meeting m = { .env = { "NOTHING=" } };
	struct aws_error err;
	struct error said_so = { .code = ERROR_NONE };
	char token[33], other[33];

	(void)state;
	meet(&m, said, 1, "acm-pca");
	assert_int_equal(list_tags(&m, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NO_CREDENTIALS);
	assert_int_equal(aws_script_requests(m.server), 0);
	(void)aws_error_say(&err, "list the tags", aws_client_where(m.client), &said_so);
	assert_int_equal(said_so.code, ERROR_AWS);
	assert_non_null(strstr(said_so.text, "cannot list the tags (us-east-1, 127.0.0.1:"));
	assert_non_null(strstr(said_so.text, "--profile"));
	m.world->random = 0xa5;
	aws_client_token(m.client, token);
	assert_string_equal(token, "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
	m.world->random = 0;
	aws_client_token(m.client, other);
	assert_string_equal(other, "00000000000000000000000000000000");
	part(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_request),
		cmocka_unit_test(session_token),
		cmocka_unit_test(other_protocols),
		cmocka_unit_test(refusals),
		cmocka_unit_test(passes_by_itself),
		cmocka_unit_test(max_attempts),
		cmocka_unit_test(bucket),
		cmocka_unit_test(clock_off),
		cmocka_unit_test(clock_stays_off),
		cmocka_unit_test(credentials_ran_out),
		cmocka_unit_test(bucket_elsewhere),
		cmocka_unit_test(sinks),
		cmocka_unit_test(cancels),
		cmocka_unit_test(silence),
		cmocka_unit_test(proxies),
		cmocka_unit_test(whereabouts),
		cmocka_unit_test(no_credentials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
