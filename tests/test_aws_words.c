/*
 * What a person reads where AWS refuses: one clear line with what to do. Issue: no credentials, wrong ones, a wrong region, no
 * permission, a CA of another account; and the states that users of AWS Private CA stumble over (knowledge "aws" 7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "aws/pca.h"
#include "tests/aws_server.h"
#include "tests/pca_calls.h"

#define OTHERS "arn:aws:acm-pca:us-east-1:222233334444:certificate-authority/99999999-2222-3333-4444-555555555555"
#define USER "arn:aws:sts::111122223333:assumed-role/dev/me"

static const struct {
	struct aws_error e;
	const char *where, *says[3], *not; /* parts of the line; one that must not be there */
} cases[] = {
	{ { .kind = AWS_NO_CREDENTIALS, .message = "no credentials: not in the environment" }, NULL, { "no credentials", "AWS_ACCESS_KEY_ID", "aws sso login" }, NULL },
	/* Two advices would be one too many. */
	{ { .kind = AWS_NO_CREDENTIALS, .message = "SSO of profile “a”: the login has ended; run: aws sso login --profile a" }, NULL, { "run: aws sso login --profile a" },
	    "AWS_ACCESS_KEY_ID" },
	{ { .kind = AWS_BAD_CREDENTIALS, .code = "SignatureDoesNotMatch", .message = "The request signature we calculated does not match" }, "profile prod, us-east-1",
	    { "(profile prod, us-east-1)", "AWS says SignatureDoesNotMatch", "The secret does not go with the access key" }, NULL },
	{ { .kind = AWS_BAD_CREDENTIALS, .code = "UnrecognizedClientException", .message = "The security token included in the request is invalid." }, NULL,
	    { "is invalid. AWS does not know this key here", "a region that the account has not enabled", "session token" }, ".." },
	{ { .kind = AWS_BAD_CREDENTIALS, .code = "ExpiredTokenException", .message = "The security token included in the request is expired" }, NULL,
	    { "sign in again", "aws sso login" }, NULL },
	{ { .kind = AWS_NO_REGION, .message = "no region" }, NULL, { "--region", "AWS_REGION" }, NULL },
	{ { .kind = AWS_NETWORK, .message = "acm-pca.us-est-1.amazonaws.com: not resolved" }, "us-est-1", { "us-est-1", "region's name" }, NULL },
	/* No permission: ours. */
	{ { .kind = AWS_DENIED, .code = "AccessDeniedException", .operation = "acm-pca RevokeCertificate",
	      .message = "User: " USER " is not authorized to perform: acm-pca:RevokeCertificate on resource: " PCA_CA " because no identity-based policy allows the acm-pca:RevokeCertificate action" },
	    NULL, { "must allow this action" }, "account" },
	{ { .kind = AWS_DENIED, .code = "AccessDeniedException", .operation = "acm-pca IssueCertificate",
	      .message = "User: " USER " is not authorized to perform: acm-pca:IssueCertificate on resource: " PCA_CA },
	    NULL, { "acm-pca:TemplateArn" }, "RAM" },
	{ { .kind = AWS_DENIED, .code = "AccessDeniedException", .operation = "acm-pca CreateCertificateAuthority",
	      .message = "User: " USER " is not authorized to perform: acm-pca:CreateCertificateAuthority with an explicit deny in a service control policy" },
	    NULL, { "expressly" }, NULL },
	/* Another account's CA: AWS says nothing of templates, which most often are why. */
	{ { .kind = AWS_DENIED, .code = "AccessDeniedException", .operation = "acm-pca IssueCertificate",
	      .message = "User: " USER " is not authorized to perform: acm-pca:IssueCertificate on resource: " OTHERS
	                 " because no resource-based policy allows the acm-pca:IssueCertificate action" },
	    "profile prod, us-east-1", { "The CA is account 222233334444's, you are 111122223333", "EndEntityServerAuthCertificate", "SubordinateCACertificate_PathLen0" }, NULL },
	{ { .kind = AWS_DENIED, .code = "AccessDeniedException", .operation = "acm-pca DescribeCertificateAuthority",
	      .message = "User: " USER " is not authorized to perform: acm-pca:DescribeCertificateAuthority on resource: " OTHERS },
	    NULL, { "The CA is account 222233334444's", "profile of that account" }, "templates" },
	/* A wrong region: the ARN knows better. */
	{ { .kind = AWS_NOT_FOUND, .code = "ResourceNotFoundException", .operation = "acm-pca DescribeCertificateAuthority",
	      .message = "Could not find Certificate Authority with ARN " PCA_CA "." },
	    "profile prod, eu-west-1", { "in region us-east-1 by its ARN", "--region" }, NULL },
	{ { .kind = AWS_NOT_FOUND, .code = "ResourceNotFoundException", .operation = "acm-pca DescribeCertificateAuthority",
	      .message = "Could not find Certificate Authority with ARN " PCA_CA },
	    "profile prod, us-east-1", { "Check the name, the region and the account" }, "by its ARN" },
	/* States. */
	{ { .kind = AWS_STATE, .code = "InvalidStateException", .operation = "acm-pca IssueCertificate",
	      .message = "The certificate authority is not in a valid state for issuing certificates" },
	    NULL, { "Only an ACTIVE CA issues", "mtlscope pca activate", "mtlscope pca show" }, NULL },
	{ { .kind = AWS_STATE, .code = "InvalidStateException", .operation = "acm-pca GetCertificateAuthorityCertificate",
	      .message = "The certificate authority ARN is not in the correct state to have a certificate signing request." },
	    NULL, { "has no certificate yet", "mtlscope pca activate" }, "DELETED" },
	{ { .kind = AWS_STATE, .code = "InvalidStateException", .operation = "acm-pca GetCertificate",
	      .message = "The certificate authority ARN is not in the correct state to have issued certificates." },
	    NULL, { "DELETED CA gives out nothing", "restored until" }, "no certificate yet" },
	{ { .kind = AWS_STATE, .code = "RequestFailedException", .operation = "acm-pca GetCertificate", .message = "Certificate ARN is in a failed state." },
	    NULL, { "AWS gives no reason", "SAN not critical" }, NULL },
	{ { .kind = AWS_STATE, .code = "InvalidStateException", .operation = "acm-pca DeleteCertificateAuthority",
	      .message = "The certificate authority is not in a valid state for deletion." }, NULL, { "disable it first" }, NULL },
	{ { .kind = AWS_STATE, .code = "ConcurrentModificationException", .operation = "acm-pca UpdateCertificateAuthority", .message = "x" }, NULL, { "Somebody else", "try again" }, NULL },
	{ { .kind = AWS_ARGUMENT, .code = "ValidationException", .operation = "acm-pca CreateCertificateAuthority",
	      .message = "Permission error with your S3 bucket 'lists'. Check that your bucket policy, encryption settings, S3 Block Public Access settings, and global account permissions are configured correctly." },
	    NULL, { "BUCKET_OWNER_FULL_CONTROL", "acm-pca.amazonaws.com" }, NULL },
	/* What signs the request is nobody's but ours: the canonical string behind the first line helps no reader. */
	{ { .kind = AWS_BAD_CREDENTIALS, .code = "InvalidSignatureException",
	      .message = "The signature does not match.\\x0a\\x0aThe Canonical String for this request should have been\\x0a'POST" },
	    NULL, { "does not match. The secret does not go with the access key" }, "Canonical" },
	{ { .kind = AWS_IN_PROGRESS, .code = "RequestInProgressException", .operation = "acm-pca CreateCertificateAuthorityAuditReport",
	      .message = "An audit report has been generated within the last 30 minutes." }, NULL, { "mtlscope pca sync" }, "in a few seconds" },
	{ { .kind = AWS_QUOTA, .code = "LimitExceededException", .message = "x" }, NULL, { "Service Quotas" }, NULL },
	{ { .kind = AWS_SERVER, .http_status = 500, .request_id = "r-1", .message = "a page came instead of an answer" }, NULL, { "HTTP 500", "(request r-1). This is AWS's fault" }, NULL },
};

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err = { 0 };

		assert_int_equal(aws_error_say(&cases[i].e, "look at the CA", cases[i].where, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_AWS);
		assert_int_equal(strncmp(err.text, "cannot look at the CA", 21), 0);
		assert_null(strchr(err.text, '\n'));
		for (size_t n = 0; n < 3 && cases[i].says[n] != NULL; n++)
			if (strstr(err.text, cases[i].says[n]) == NULL)
				fail_msg("“%s” is not in: %s", cases[i].says[n], err.text);
		if (cases[i].not != NULL && strstr(err.text + 21, cases[i].not) != NULL)
			fail_msg("“%s” is in: %s", cases[i].not, err.text);
	}
}

/* What to do about it is there however long AWS's own text is, and no character is cut in two. */
static void
test_long_messages(void **state)
{
	struct aws_error e = { .kind = AWS_DENIED, .code = "AccessDeniedException", .operation = "acm-pca IssueCertificate" };
	size_t len = (size_t)snprintf(e.message, sizeof e.message, "User: " USER " is not authorized to perform: acm-pca:IssueCertificate on resource: " OTHERS " ");
	struct error err = { 0 };

	(void)state;
	while (len + 3 < sizeof e.message)
		len += (size_t)snprintf(e.message + len, sizeof e.message - len, "…");
	for (int pad = 0; pad < 3; pad++) {
		static const char *const wheres[] = { "us-east-1", "us-east-1 ", "us-east-1  " };

		err = (struct error){ 0 };
		(void)aws_error_say(&e, "issue a certificate", wheres[pad], &err);
		assert_true(strlen(err.text) < sizeof err.text - 1);
		assert_non_null(strstr(err.text, "SubordinateCACertificate_PathLen0"));
		for (const unsigned char *p = (const unsigned char *)err.text; *p != '\0'; p++)
			if (*p == 0xe2)
				assert_true((p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80);
	}
}

/* The whole way, from the answer to the line: through the client. */
static void
test_through_the_client(void **state)
{
	static const struct {
		int status;
		const char *body, *says;
	} answers[] = {
		{ 400, "{\"__type\":\"UnrecognizedClientException\",\"message\":\"The security token included in the request is invalid.\"}", "AWS does not know this key here" },
		{ 400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: " USER " is not authorized to perform: acm-pca:DescribeCertificateAuthority on resource: " OTHERS "\"}",
		    "The CA is account 222233334444's, you are 111122223333" },
		{ 400, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no CA arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/1\"}", "in region eu-west-1" },
		{ 400, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}", "wait a minute" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		const struct aws_reply reply = { .status = answers[i].status, .body = answers[i].body };
		struct aws_server *server = aws_server_start(&reply, 1);
		struct arena *a = arena_new();
		struct aws_error from = { 0 };
		struct error err = { 0 };
		struct test_client t;
		struct pca_ca ca;

		test_client_make(&t, aws_server_url(server), "AKIDEXAMPLE", "secret", (const char *const[]){ "AWS_MAX_ATTEMPTS=1", NULL });
		assert_int_equal(pca_describe_ca(t.client, PCA_CA, a, &ca, &from), STATUS_FAILED);
		(void)aws_error_say(&from, "look at the CA", aws_client_where(t.client), &err);
		if (strstr(err.text, answers[i].says) == NULL)
			fail_msg("%s", err.text);
		test_client_done(&t);
		aws_server_stop(server);
		arena_free(a);
	}
}

static void
test_no_credentials(void **state)
{
	const struct aws_reply reply = { .body = "{}" };
	struct aws_server *server = aws_server_start(&reply, 1);
	struct arena *a = arena_new();
	struct aws_error from = { 0 };
	struct error err = { 0 };
	struct test_client t;
	struct pca_ca ca;

	(void)state;
	test_client_make(&t, aws_server_url(server), NULL, NULL, NULL);
	assert_int_equal(pca_describe_ca(t.client, PCA_CA, a, &ca, &from), STATUS_FAILED);
	assert_int_equal(from.kind, AWS_NO_CREDENTIALS);
	(void)aws_error_say(&from, "look at the CA", aws_client_where(t.client), &err);
	assert_non_null(strstr(err.text, "AWS_ACCESS_KEY_ID"));
	assert_int_equal(aws_server_count(server), 0);
	test_client_done(&t);
	aws_server_stop(server);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_messages),
		cmocka_unit_test(test_through_the_client),
		cmocka_unit_test(test_no_credentials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
