/* The lab's Secrets Manager, Parameter Store and STS: stages, tokens, refusals; requests past HTTP. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cloud_internal.h"
#include "tests/aws_lab.h"

#define TOKEN_1 "11111111-1111-1111-1111-111111111111"
#define TOKEN_2 "22222222-2222-2222-2222-222222222222"
#define TOKEN_3 "33333333-3333-3333-3333-333333333333"

static struct aws_lab lab;

static int
start(void **state)
{
	(void)state;
	aws_lab_start(&lab);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	aws_lab_stop(&lab);
	return 0;
}

static void
is(const struct aws_answer *a, const char *code)
{
	if (strcmp(a->code, code) != 0)
		fail_msg("“%s” instead of “%s”: %s", a->code, code, a->text);
}

static const struct aws_answer *
ask(const char *operation, const char *body)
{
	return aws_ask(&lab, &(struct aws_ask){ .service = &cloud_secretsmanager, .operation = operation, .body = body });
}

/* Which version holds a stage: "" where none does. */
static const char *
at_stage(const char *stage)
{
	const struct aws_answer *a = aws_json(&lab, &cloud_secretsmanager, "GetSecretValue", "{\"SecretId\":\"s\",\"VersionStage\":\"%s\"}", stage);

	return a->status == 200 ? aws_text(a, "SecretString") : "";
}

static void
rotation(void **state)
{
	(void)state;
	is(ask("CreateSecret", "{\"Name\":\"s\",\"SecretString\":\"one\",\"ClientRequestToken\":\"" TOKEN_1 "\"}"), "");
	assert_string_equal(at_stage("AWSCURRENT"), "one");
	assert_string_equal(at_stage("AWSPREVIOUS"), "");

	/* 1: a candidate, which nobody gets who does not ask for it. */
	is(ask("PutSecretValue", "{\"SecretId\":\"s\",\"SecretString\":\"two\",\"ClientRequestToken\":\"" TOKEN_2 "\",\"VersionStages\":[\"AWSPENDING\"]}"), "");
	assert_string_equal(at_stage("AWSCURRENT"), "one");
	assert_string_equal(at_stage("AWSPENDING"), "two");
	/* The same again changes nothing; another value under the token is refused. */
	is(ask("PutSecretValue", "{\"SecretId\":\"s\",\"SecretString\":\"two\",\"ClientRequestToken\":\"" TOKEN_2 "\",\"VersionStages\":[\"AWSPENDING\"]}"), "");
	is(ask("PutSecretValue", "{\"SecretId\":\"s\",\"SecretString\":\"x\",\"ClientRequestToken\":\"" TOKEN_2 "\"}"), "ResourceExistsException");

	/* 3: who moves a label has to say from whom. */
	is(ask("UpdateSecretVersionStage", "{\"SecretId\":\"s\",\"VersionStage\":\"AWSCURRENT\",\"MoveToVersionId\":\"" TOKEN_2 "\"}"),
	    "InvalidParameterException");
	is(ask("UpdateSecretVersionStage", "{\"SecretId\":\"s\",\"VersionStage\":\"AWSCURRENT\",\"MoveToVersionId\":\"" TOKEN_2 "\",\"RemoveFromVersionId\":\""
	    TOKEN_3 "\"}"), "InvalidParameterException");
	is(ask("UpdateSecretVersionStage", "{\"SecretId\":\"s\",\"VersionStage\":\"AWSCURRENT\",\"MoveToVersionId\":\"" TOKEN_3 "\",\"RemoveFromVersionId\":\""
	    TOKEN_1 "\"}"), "ResourceNotFoundException");
	is(ask("UpdateSecretVersionStage", "{\"SecretId\":\"s\",\"VersionStage\":\"AWSCURRENT\",\"RemoveFromVersionId\":\"" TOKEN_1 "\"}"),
	    "InvalidParameterException");
	is(ask("UpdateSecretVersionStage", "{\"SecretId\":\"s\",\"VersionStage\":\"AWSCURRENT\",\"MoveToVersionId\":\"" TOKEN_2 "\",\"RemoveFromVersionId\":\""
	    TOKEN_1 "\"}"), "");
	assert_string_equal(at_stage("AWSCURRENT"), "two");
	assert_string_equal(at_stage("AWSPREVIOUS"), "one");
	assert_string_equal(at_stage("AWSPENDING"), "two"); /* 4: until it is taken off */
	is(ask("UpdateSecretVersionStage", "{\"SecretId\":\"s\",\"VersionStage\":\"AWSPENDING\",\"RemoveFromVersionId\":\"" TOKEN_2 "\"}"), "");
	assert_string_equal(at_stage("AWSPENDING"), "");

	/* Back: what was current becomes previous, and no version is both. */
	is(ask("UpdateSecretVersionStage", "{\"SecretId\":\"s\",\"VersionStage\":\"AWSCURRENT\",\"MoveToVersionId\":\"" TOKEN_1 "\",\"RemoveFromVersionId\":\""
	    TOKEN_2 "\"}"), "");
	assert_string_equal(at_stage("AWSCURRENT"), "one");
	assert_string_equal(at_stage("AWSPREVIOUS"), "two");
	aws_lab_again(&lab);
	assert_string_equal(at_stage("AWSCURRENT"), "one");
}

static void
refusals(void **state)
{
	static const struct {
		const char *operation, *body, *code;
	} cases[] = {
		{ "GetSecretValue", "{}", "ValidationException" },
		{ "GetSecretValue", "{\"SecretId\":\"none\"}", "ResourceNotFoundException" },
		{ "GetSecretValue", "{\"SecretId\":\"s\",\"VersionId\":\"" TOKEN_3 "\"}", "ResourceNotFoundException" },
		{ "GetSecretValue", "{\"SecretId\":\"s\",\"VersionId\":\"" TOKEN_2 "\",\"VersionStage\":\"AWSCURRENT\"}", "InvalidRequestException" },
		{ "CreateSecret", "{\"Name\":\"s\",\"SecretString\":\"x\",\"ClientRequestToken\":\"" TOKEN_3 "\"}", "ResourceExistsException" },
		{ "CreateSecret", "{\"Name\":\"has blanks\"}", "ValidationException" },
		{ "CreateSecret", "{\"Name\":\"t\",\"SecretString\":\"x\"}", "InvalidParameterException" }, /* SDKs make the token up */
		{ "PutSecretValue", "{\"SecretId\":\"s\",\"SecretString\":\"x\",\"ClientRequestToken\":\"short\"}", "InvalidParameterException" },
		{ "PutSecretValue", "{\"SecretId\":\"s\",\"ClientRequestToken\":\"" TOKEN_3 "\"}", "InvalidParameterException" },
		{ "PutSecretValue", "{\"SecretId\":\"s\",\"SecretString\":\"x\",\"SecretBinary\":\"eA==\",\"ClientRequestToken\":\"" TOKEN_3 "\"}",
		    "InvalidParameterException" },
		{ "PutSecretValue", "{\"SecretId\":\"s\",\"SecretString\":\"x\",\"ClientRequestToken\":\"" TOKEN_3 "\",\"VersionStages\":[]}", "ValidationException" },
		{ "DeleteSecret", "{\"SecretId\":\"s\",\"RecoveryWindowInDays\":3}", "InvalidParameterException" },
		{ "DeleteSecret", "{\"SecretId\":\"s\",\"RecoveryWindowInDays\":7,\"ForceDeleteWithoutRecovery\":true}", "InvalidParameterException" },
		{ "RotateTheMoon", "{}", "UnknownOperationException" },
		{ "ListSecrets", "[]", "SerializationException" },
		{ "ListSecrets", "{", "SerializationException" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(ask(cases[i].operation, cases[i].body), cases[i].code);
	is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_secretsmanager, .operation = "ListSecrets", .body = "{}", .nobody = true }), "AccessDeniedException");
	char *large = malloc(70000);
	assert_non_null(large);
	memset(large, 'x', 69999);
	large[69999] = '\0';
	is(aws_json(&lab, &cloud_secretsmanager, "PutSecretValue", "{\"SecretId\":\"s\",\"ClientRequestToken\":\"" TOKEN_3 "\",\"SecretString\":\"%s\"}", large),
	    "ValidationException");
	free(large);
	assert_string_equal(at_stage("AWSCURRENT"), "one"); /* nothing of all that changed it */
}

/* A request that is sent again because its answer was lost has done its work: it takes back nothing that came after it. */
static void
sent_again(void **state)
{
	static const char first[] = "{\"Name\":\"again\",\"SecretString\":\"one\",\"ClientRequestToken\":\"" TOKEN_1 "\"}";
	static const char second[] = "{\"SecretId\":\"again\",\"SecretString\":\"two\",\"ClientRequestToken\":\"" TOKEN_2 "\"}";
	static const char current[] = "{\"SecretId\":\"again\"}";
	char arn[200];

	(void)state;
	snprintf(arn, sizeof arn, "%s", aws_text(ask("CreateSecret", first), "ARN"));
	is(ask("CreateSecret", first), "");
	assert_string_equal(aws_text(ask("CreateSecret", first), "ARN"), arn);
	assert_string_equal(aws_text(ask("CreateSecret", first), "VersionId"), TOKEN_1);
	is(ask("CreateSecret", "{\"Name\":\"again\",\"SecretString\":\"x\",\"ClientRequestToken\":\"" TOKEN_1 "\"}"), "ResourceExistsException");
	is(ask("CreateSecret", "{\"Name\":\"again\"}"), "ResourceExistsException");
	is(ask("PutSecretValue", second), "");
	is(ask("PutSecretValue", "{\"SecretId\":\"again\",\"SecretString\":\"one\",\"ClientRequestToken\":\"" TOKEN_1 "\"}"), "");
	assert_string_equal(aws_text(ask("GetSecretValue", current), "SecretString"), "two");
	is(ask("UpdateSecret", "{\"SecretId\":\"again\",\"SecretString\":\"three\",\"ClientRequestToken\":\"" TOKEN_3 "\"}"), "");
	is(ask("UpdateSecret", second), "");
	assert_string_equal(aws_text(ask("GetSecretValue", current), "SecretString"), "three");
	is(ask("UpdateSecret", "{\"SecretId\":\"again\",\"SecretString\":\"x\",\"ClientRequestToken\":\"" TOKEN_2 "\"}"), "ResourceExistsException");
}

static void
deleted_and_restored(void **state)
{
	(void)state;
	is(ask("DeleteSecret", "{\"SecretId\":\"s\"}"), "");
	is(ask("GetSecretValue", "{\"SecretId\":\"s\"}"), "InvalidRequestException");
	is(ask("CreateSecret", "{\"Name\":\"s\"}"), "InvalidRequestException");
	is(ask("RestoreSecret", "{\"SecretId\":\"s\"}"), "");
	assert_string_equal(at_stage("AWSCURRENT"), "one");
	is(ask("DeleteSecret", "{\"SecretId\":\"s\",\"ForceDeleteWithoutRecovery\":true}"), "");
	is(ask("DescribeSecret", "{\"SecretId\":\"s\"}"), "ResourceNotFoundException");
}

static void
parameters(void **state)
{
	static const struct {
		const char *operation, *body, *code, *path, *text;
	} cases[] = {
		{ "PutParameter", "{\"Name\":\"/a/b\",\"Value\":\"one\",\"Type\":\"String\"}", "", "Tier", "Standard" },
		{ "PutParameter", "{\"Name\":\"/a/b\",\"Value\":\"two\",\"Type\":\"String\"}", "ParameterAlreadyExists", NULL, NULL },
		{ "PutParameter", "{\"Name\":\"/a/b\",\"Value\":\"two\",\"Overwrite\":true}", "", NULL, NULL },
		{ "PutParameter", "{\"Name\":\"a/b\",\"Value\":\"x\",\"Type\":\"String\"}", "ValidationException", NULL, NULL },
		{ "PutParameter", "{\"Name\":\"c\",\"Value\":\"\",\"Type\":\"String\"}", "ValidationException", NULL, NULL },
		{ "PutParameter", "{\"Name\":\"c\",\"Value\":\"x\"}", "ValidationException", NULL, NULL },
		{ "PutParameter", "{\"Name\":\"c\",\"Value\":\"x\",\"Type\":\"Text\"}", "UnsupportedParameterType", NULL, NULL },
		{ "GetParameter", "{\"Name\":\"/a/b\"}", "", "Parameter/Value", "two" },
		{ "GetParameter", "{\"Name\":\"/a/b:1\"}", "", "Parameter/Value", "one" },
		{ "GetParameter", "{\"Name\":\"/a/b:9\"}", "ParameterVersionNotFound", NULL, NULL },
		{ "GetParameter", "{\"Name\":\"/a/b:label\"}", "ParameterVersionNotFound", NULL, NULL },
		{ "GetParameter", "{\"Name\":\"arn:aws:ssm:us-east-1:111122223333:parameter/a/b\"}", "", "Parameter/Name", "/a/b" },
		{ "GetParameter", "{\"Name\":\"/none\"}", "ParameterNotFound", NULL, NULL },
		{ "GetParameters", "{\"Names\":[\"/a/b\",\"/none\"]}", "", "InvalidParameters/0", "/none" },
		{ "GetParameters", "{\"Names\":[]}", "ValidationException", NULL, NULL },
		{ "PutParameter", "{\"Name\":\"/s\",\"Value\":\"x\",\"Type\":\"SecureString\",\"KeyId\":\"alias/reports\",\"Tier\":\"Advanced\"}", "", "Tier", "Advanced" },
		{ "DescribeParameters", "{\"ParameterFilters\":[{\"Key\":\"Name\",\"Values\":[\"/s\"]}]}", "", "Parameters/0/KeyId", "alias/reports" },
		/* A key that is not named is the account's own from then on; a tier that is not named stays. */
		{ "PutParameter", "{\"Name\":\"/s\",\"Value\":\"y\",\"Overwrite\":true}", "", "Tier", "Advanced" },
		{ "DescribeParameters", "{\"ParameterFilters\":[{\"Key\":\"Name\",\"Option\":\"Equals\",\"Values\":[\"/s\"]}]}", "", "Parameters/0/KeyId", "alias/aws/ssm" },
		{ "PutParameter", "{\"Name\":\"/s\",\"Value\":\"y\",\"Overwrite\":true,\"Tier\":\"Standard\"}", "ValidationException", NULL, NULL },
		{ "PutParameter", "{\"Name\":\"/s\",\"Value\":\"y\",\"Overwrite\":true,\"Tier\":\"Best\"}", "ValidationException", NULL, NULL },
		{ "DescribeParameters", "{}", "", "Parameters/0/Tier", "Standard" },
		{ "DescribeParameters", "{\"ParameterFilters\":[{\"Key\":\"Type\",\"Values\":[\"String\"]}]}", "InvalidFilterKey", NULL, NULL },
		{ "DescribeParameters", "{\"ParameterFilters\":[{\"Key\":\"Name\",\"Option\":\"BeginsWith\",\"Values\":[\"/\"]}]}", "InvalidFilterOption", NULL, NULL },
		{ "DescribeParameters", "{\"ParameterFilters\":[{\"Key\":\"Name\",\"Values\":[]}]}", "InvalidFilterValue", NULL, NULL },
		{ "DeleteParameter", "{\"Name\":\"/a/b\"}", "", NULL, NULL },
		{ "GetParameter", "{\"Name\":\"/a/b\"}", "ParameterNotFound", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct aws_answer *a = aws_ask(&lab, &(struct aws_ask){ .service = &cloud_ssm, .operation = cases[i].operation, .body = cases[i].body });
		is(a, cases[i].code);
		if (cases[i].path != NULL)
			assert_string_equal(aws_text(a, cases[i].path), cases[i].text);
	}
}

static void
roles(void **state)
{
	static const struct {
		const char *body, *code;
	} cases[] = {
		{ "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fops&RoleSessionName=me", "" },
		{ "RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fpath%2Fops&RoleSessionName=me&DurationSeconds=900", "" },
		{ "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Funtrusting&RoleSessionName=me", "AccessDenied" },
		{ "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Auser%2Fops&RoleSessionName=me", "ValidationError" },
		{ "RoleArn=arn%3Aaws%3Aiam%3A%3A1111%3Arole%2Fops&RoleSessionName=me", "ValidationError" },
		{ "RoleSessionName=me", "ValidationError" },
		{ "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fops&RoleSessionName=m", "ValidationError" },
		{ "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fops&RoleSessionName=a%20b", "ValidationError" },
		{ "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fops&RoleSessionName=me&DurationSeconds=10", "ValidationError" },
		{ "a.b=1&a=2", "InvalidAction" }, /* no form that AWS has */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_sts, .operation = "AssumeRole", .body = cases[i].body }), cases[i].code);
	const struct aws_answer *a = aws_ask(&lab, &(struct aws_ask){ .service = &cloud_sts, .operation = "AssumeRole", .body = cases[1].body });
	assert_non_null(strstr(a->text, "<Arn>arn:aws:sts::444455556666:assumed-role/ops/me</Arn>"));
	assert_non_null(strstr(a->text, "<AccessKeyId>ASIA"));
	is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_sts, .operation = "AssumeRole", .body = cases[0].body, .nobody = true }), "AccessDenied");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rotation),
		cmocka_unit_test(refusals),
		cmocka_unit_test(sent_again),
		cmocka_unit_test(deleted_and_restored),
		cmocka_unit_test(parameters),
		cmocka_unit_test(roles),
	};

	return cmocka_run_group_tests_name("lab_secrets", tests, start, stop);
}
