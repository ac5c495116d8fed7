/* What AWS's error codes mean, how they are said to people, and ARNs taken apart. */
#include "aws/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/arn.h"
#include "model/text.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void
kinds(void **state)
{
	static const struct {
		const char *code;
		int http;
		enum aws_kind kind;
	} cases[] = {
		{ "InvalidStateException", 400, AWS_STATE },
		{ "RequestInProgressException", 400, AWS_IN_PROGRESS },
		{ "LimitExceededException", 400, AWS_QUOTA },
		{ "LimitExceeded", 400, AWS_QUOTA },
		{ "ThrottlingException", 400, AWS_THROTTLED },
		{ "Throttling", 400, AWS_THROTTLED },
		{ "AccessDenied", 403, AWS_DENIED },
		{ "AccessDeniedException", 400, AWS_DENIED },
		{ "UnrecognizedClientException", 400, AWS_BAD_CREDENTIALS },
		{ "ExpiredToken", 400, AWS_BAD_CREDENTIALS },
		{ "RequestTimeTooSkewed", 403, AWS_CLOCK },
		{ "NoSuchBucket", 404, AWS_NOT_FOUND },
		{ "ResourceNotFoundFault", 404, AWS_NOT_FOUND },
		{ "PermissionAlreadyExistsException", 400, AWS_EXISTS },
		{ "MalformedCSRException", 400, AWS_ARGUMENT },
		{ "UnknownOperationException", 400, AWS_MISSING },
		{ "InternalFailure", 500, AWS_SERVER },
		{ "SomethingNewException", 400, AWS_OTHER },
		{ "SomethingNewException", 403, AWS_DENIED },
		{ "Exception", 400, AWS_OTHER },
		{ "", 503, AWS_SERVER },
		{ NULL, 429, AWS_THROTTLED },
		{ NULL, 200, AWS_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (aws_error_kind(cases[i].code, cases[i].http) != cases[i].kind)
			fail_msg("%s with HTTP %d is kind %d", cases[i].code, cases[i].http, aws_error_kind(cases[i].code, cases[i].http));
}

static void
said(void **state)
{
	static const struct {
		struct aws_error from;
		const char *where, *text;
	} cases[] = {
		{ { .kind = AWS_DENIED, .code = "AccessDeniedException", .message = "User: arn:aws:iam::1:user/x is not authorized", .http_status = 400 },
		    "profile prod, us-east-1", "cannot list the CAs (profile prod, us-east-1): AWS says AccessDeniedException: User: arn:aws:iam::1:user/x "
		    "is not authorized. The policy of these credentials, or of the resource, must allow this action" },
		{ { .kind = AWS_STATE, .code = "InvalidStateException", .message = "Not now." }, NULL,
		    "cannot list the CAs: AWS says InvalidStateException: Not now." },
		{ { .kind = AWS_SERVER, .http_status = 503, .request_id = "r-1" }, NULL,
		    "cannot list the CAs: HTTP 503: no reason was given (request r-1). This is AWS's fault and may pass: try again" },
		{ { .kind = AWS_CANCELLED, .message = "cancelled" }, NULL, "cannot list the CAs: cancelled" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = { .code = ERROR_NONE };

		assert_int_equal(aws_error_say(&cases[i].from, "list the CAs", cases[i].where, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_AWS);
		assert_string_equal(err.text, cases[i].text);
	}
}

/* However long AWS's message is, what to do about it is not cut off. */
static void
long_message(void **state)
{
	struct aws_error from = { .kind = AWS_QUOTA, .code = "LimitExceededException" };
	struct error err = { .code = ERROR_NONE };

	(void)state;
	for (size_t i = 0; i + 3 < sizeof from.message; i += 3)
		memcpy(from.message + i, "…", 4);
	(void)aws_error_say(&from, "create the CA", "account prod, profile prod-admin, eu-central-1", &err);
	assert_non_null(strstr(err.text, "Service Quotas can raise it"));
	assert_int_equal(text_flags(text_of(err.text)), 0); /* nor is it cut within a character */
}

static void
first_stays(void **state)
{
	struct aws_error err = { .kind = AWS_FINE };

	(void)state;
	(void)aws_error_set(&err, AWS_NETWORK, "a\x1b" "b", "%s\n%s", "x\x1b[2J", "y");
	assert_string_equal(err.code, "a\\x1bb");
	assert_string_equal(err.message, "x\\x1b[2J\\x0ay");
	(void)aws_error_set(&err, AWS_DENIED, "z", "z");
	assert_int_equal(err.kind, AWS_NETWORK);
	assert_int_equal(aws_error_set(NULL, AWS_DENIED, "z", "z"), STATUS_FAILED);
	aws_error_clear(&err);
	assert_int_equal(err.kind, AWS_FINE);
}

#define CA "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555"

static void
arns(void **state)
{
	static const struct {
		const char *text, *partition, *region, *account, *resource, *ca, *id; /* partition NULL: it is none */
	} cases[] = {
		{ CA, "aws", "us-east-1", "111122223333", "certificate-authority/11111111-2222-3333-4444-555555555555", NULL,
		    "11111111-2222-3333-4444-555555555555" },
		{ CA "/certificate/a4e9c2aa", "aws", "us-east-1", "111122223333",
		    "certificate-authority/11111111-2222-3333-4444-555555555555/certificate/a4e9c2aa", CA, NULL },
		{ "arn:aws-cn:acm-pca:::template/RootCACertificate/V1", "aws-cn", "", "", "template/RootCACertificate/V1", NULL, NULL },
		{ "arn:aws:s3:::bucket/key:with:colons", "aws", "", "", "bucket/key:with:colons", NULL, NULL },
		{ CA "/certificate/", "aws", "us-east-1", "111122223333",
		    "certificate-authority/11111111-2222-3333-4444-555555555555/certificate/", NULL, NULL },
		{ "arn:aws:acm-pca:us-east-1:1:certificate-authority/", "aws", "us-east-1", "1", "certificate-authority/", NULL, NULL },
		{ "arn:aws:acm-pca:us-east-1:111122223333", NULL, NULL, NULL, NULL, NULL, NULL },
		{ "arn:aws:acm-pca:us-east-1:111122223333:", NULL, NULL, NULL, NULL, NULL, NULL },
		{ "arn::acm-pca:us-east-1:1:x", NULL, NULL, NULL, NULL, NULL, NULL },
		{ "arn:aws:acm-pca:us-east-1:1111222233334444555:x", NULL, NULL, NULL, NULL, NULL, NULL },
		{ "arn:aws:acm-pca:us-east-1:1:a b", NULL, NULL, NULL, NULL, NULL, NULL },
		{ "urn:aws:acm-pca:us-east-1:1:x", NULL, NULL, NULL, NULL, NULL, NULL },
		{ "", NULL, NULL, NULL, NULL, NULL, NULL },
		{ NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arn a;
		char ca[201] = "";
		bool good = arn_parse(cases[i].text, &a);

		if (good != (cases[i].partition != NULL))
			fail_msg("case %zu", i);
		if (good) {
			assert_string_equal(a.partition, cases[i].partition);
			assert_string_equal(a.region, cases[i].region);
			assert_string_equal(a.account, cases[i].account);
			assert_string_equal(a.resource, cases[i].resource);
		}
		assert_int_equal(arn_ca_of_certificate(cases[i].text, ca, sizeof ca), cases[i].ca != NULL);
		assert_string_equal(ca, cases[i].ca != NULL ? cases[i].ca : "");
		assert_true((arn_ca_id(cases[i].text) != NULL) == (cases[i].id != NULL));
		if (cases[i].id != NULL)
			assert_string_equal(arn_ca_id(cases[i].text), cases[i].id);
	}
	assert_false(arn_ca_of_certificate(CA "/certificate/a4", (char[20]){ 0 }, 20));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(said),
		cmocka_unit_test(long_message),
		cmocka_unit_test(first_stays),
		cmocka_unit_test(arns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
