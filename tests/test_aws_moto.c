/*
 * Our signatures in the eyes of botocore's own code: moto with its check of signatures on (knowledge "aws" 6.3), in JSON,
 * Query, rest-json and S3's REST, with a key and with a session token; and what it refuses.
 */
#include "aws/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/xml.h"
#include "tests/aws_world.h"
#include "tests/moto_user.h"
#include "tests/program.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct moto_user moto;
static struct aws_world *world;
static bool here;

static int
start(void **state)
{
	(void)state;
	world = aws_world_new(NULL, NULL);
	here = moto_user_start(&moto, world->folder);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	moto_user_stop(&moto);
	aws_world_free(world);
	return 0;
}

struct login {
	char key[160], secret[320], token[1200];
	const char *env[5];
};

/* One try: moto's 500s do not pass. */
static struct aws_client *
client(struct login *l, const char *key, const char *secret, const char *token)
{
	struct aws_client *c = NULL;
	struct aws_error err = { .kind = AWS_FINE };

	snprintf(l->key, sizeof l->key, "AWS_ACCESS_KEY_ID=%s", key);
	snprintf(l->secret, sizeof l->secret, "AWS_SECRET_ACCESS_KEY=%s", secret);
	snprintf(l->token, sizeof l->token, "AWS_SESSION_TOKEN=%s", token);
	l->env[0] = l->key;
	l->env[1] = l->secret;
	l->env[2] = l->token;
	l->env[3] = "AWS_MAX_ATTEMPTS=1";
	l->env[4] = NULL;
	world->env = l->env;
	if (aws_client_new(&(struct aws_client_options){ .region = "us-east-1", .endpoint_url = moto.url, .world = &world->world }, &c, &err) !=
	    STATUS_OK)
		fail_msg("%s", err.message);
	return c;
}

static void
assert_call(struct aws_client *c, const struct aws_call *call, struct aws_http_answer *out)
{
	struct aws_error err = { .kind = AWS_FINE };

	if (aws_call(c, call, out, &err) != STATUS_OK)
		fail_msg("%s: HTTP %d, %s: %s", err.operation, err.http_status, err.code, err.message);
}

/* ---- each protocol ---- */

static void
json(struct aws_client *c)
{
	struct aws_error err = { .kind = AWS_FINE };
	cJSON *in = cJSON_CreateObject(), *out;

	if (aws_call_json(c, &aws_acm_pca, "ListCertificateAuthorities", NULL, &out, &err) != STATUS_OK)
		fail_msg("%d %s: %s", err.http_status, err.code, err.message);
	assert_true(cJSON_IsArray(cJSON_GetObjectItem(out, "CertificateAuthorities")));
	cJSON_Delete(out);
	cJSON_AddStringToObject(in, "Name", "/reports/tls");
	cJSON_AddStringToObject(in, "Value", "a “value” with every byte: \x01\x7f / + =");
	cJSON_AddStringToObject(in, "Type", "String");
	cJSON_AddBoolToObject(in, "Overwrite", true);
	if (aws_call_json(c, &aws_ssm, "PutParameter", in, NULL, &err) != STATUS_OK)
		fail_msg("%d %s: %s", err.http_status, err.code, err.message);
	in = cJSON_CreateObject();
	cJSON_AddStringToObject(in, "Name", "/reports/tls");
	if (aws_call_json(c, &aws_ssm, "GetParameter", in, &out, &err) != STATUS_OK)
		fail_msg("%d %s: %s", err.http_status, err.code, err.message);
	assert_string_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(out, "Parameter"), "Value")->valuestring,
	    "a “value” with every byte: \x01\x7f / + =");
	cJSON_Delete(out);
}

/* Keys that moto itself signs rightly: neither a plus nor other alphabets (knowledge "aws" 6.3). */
static void
s3(struct aws_client *c)
{
	static const char body[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
	static const char versions[] = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
	struct aws_http_answer answer;

	assert_call(c, &(struct aws_call){ .service = &aws_s3, .operation = "CreateBucket", .method = "PUT", .bucket = "bundles", .path = "/" },
	    &answer);
	aws_http_answer_done(&answer);
	assert_call(c, &(struct aws_call){ .service = &aws_s3, .operation = "PutBucketVersioning", .method = "PUT", .bucket = "bundles",
	    .path = "/", .query = "versioning=", .body = versions, .body_len = sizeof versions - 1 }, &answer);
	aws_http_answer_done(&answer);
	assert_call(c, &(struct aws_call){ .service = &aws_s3, .operation = "PutObject", .method = "PUT", .bucket = "bundles",
	    .path = "/trust/a%20b.pem", .body = body, .body_len = sizeof body - 1 }, &answer);
	assert_string_not_equal(answer.etag, "");
	assert_string_not_equal(answer.version_id, "");
	aws_http_answer_done(&answer);
	assert_call(c, &(struct aws_call){ .service = &aws_s3, .operation = "GetObject", .method = "GET", .bucket = "bundles",
	    .path = "/trust/a%20b.pem" }, &answer);
	assert_string_equal(buf_str(&answer.body), body);
	aws_http_answer_done(&answer);
	assert_call(c, &(struct aws_call){ .service = &aws_s3, .operation = "ListObjectsV2", .method = "GET", .bucket = "bundles", .path = "/",
	    .query = "list-type=2&max-keys=10&prefix=trust" }, &answer);
	assert_non_null(strstr(buf_str(&answer.body), "<Key>trust/a b.pem</Key>"));
	aws_http_answer_done(&answer);
}

static void
rest_json(struct aws_client *c)
{
	static const char domain[] = "{\"domainName\":\"api.example.com\",\"domainNameConfigurations\":[{\"endpointType\":\"REGIONAL\"}],"
	    "\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://bundles/trust.pem\"}}";
	static const struct sigv4_header type[] = { { "content-type", "application/json" } };
	struct aws_http_answer answer;

	assert_call(c, &(struct aws_call){ .service = &aws_apigatewayv2, .operation = "CreateDomainName", .method = "POST",
	    .path = "/v2/domainnames", .headers = type, .headers_len = 1, .body = domain, .body_len = sizeof domain - 1 }, &answer);
	aws_http_answer_done(&answer);
	assert_call(c, &(struct aws_call){ .service = &aws_apigatewayv2, .operation = "GetDomainName", .method = "GET",
	    .path = "/v2/domainnames/api.example.com" }, &answer);
	assert_non_null(strstr(buf_str(&answer.body), "s3://bundles/trust.pem"));
	aws_http_answer_done(&answer);
}

static void
assume(struct aws_client *c, char key[160], char secret[256], char token[1024])
{
	struct arena *a = arena_new();
	struct aws_error err = { .kind = AWS_FINE };
	const struct xml_node *root;
	struct aws_http_answer answer;
	struct buf form = { 0 };

	buf_adds(&form, "RoleArn=");
	sigv4_encode(&form, moto.role_arn, strlen(moto.role_arn), false);
	buf_adds(&form, "&RoleSessionName=story");
	assert_call(c, &(struct aws_call){ .service = &aws_sts, .operation = "AssumeRole", .body = form.data, .body_len = form.len }, &answer);
	assert_int_equal(xml_read(answer.body.data, answer.body.len, a, &root, &err), STATUS_OK);
	snprintf(key, 160, "%s", xml_text(root, "AssumeRoleResult/Credentials/AccessKeyId"));
	snprintf(secret, 256, "%s", xml_text(root, "AssumeRoleResult/Credentials/SecretAccessKey"));
	snprintf(token, 1024, "%s", xml_text(root, "AssumeRoleResult/Credentials/SessionToken"));
	aws_http_answer_done(&answer);
	buf_done(&form);
	arena_free(a);
}

static void
every_protocol(void **state)
{
	char key[160], secret[256], token[1024];
	struct aws_client *c;
	struct login l;

	(void)state;
	if (!here)
		skip();
	c = client(&l, moto.key, moto.secret, "");
	json(c);
	s3(c);
	rest_json(c);
	assume(c, key, secret, token);
	aws_client_free(c);
	c = client(&l, key, secret, token);
	json(c);
	s3(c);
	aws_client_free(c);
}

/* ---- what it refuses, and how that is read ---- */

static void
refused(void **state)
{
	char key[160], secret[256], token[1024];
	const struct {
		const char *key, *secret, *token;
		enum aws_kind kind;
		const char *code;
	} cases[] = {
		{ moto.key, "wrong", "", AWS_BAD_CREDENTIALS, "SignatureDoesNotMatch" },
		{ "AKIAUNKNOWN0000000000", "wrong", "", AWS_BAD_CREDENTIALS, "InvalidClientTokenId" },
		{ key, secret, "", AWS_BAD_CREDENTIALS, "InvalidClientTokenId" },
		{ key, secret, "another", AWS_BAD_CREDENTIALS, "InvalidClientTokenId" },
	};
	struct aws_client *c;
	struct login l;

	(void)state;
	if (!here)
		skip();
	c = client(&l, moto.key, moto.secret, "");
	assume(c, key, secret, token);
	aws_client_free(c);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct aws_error err = { .kind = AWS_FINE };

		c = client(&l, cases[i].key, cases[i].secret, cases[i].token);
		assert_int_equal(aws_call_json(c, &aws_acm_pca, "ListCertificateAuthorities", NULL, NULL, &err), STATUS_FAILED);
		if (err.kind != cases[i].kind || strcmp(err.code, cases[i].code) != 0)
			fail_msg("case %zu: kind %d, HTTP %d, %s: %s", i, err.kind, err.http_status, err.code, err.message);
		assert_int_equal(err.http_status, 403);
		aws_client_free(c);
	}
	world->env = NULL;
}

/* Its own failures: a page of HTML with status 500, an error of S3 in XML, one of JSON. */
static void
its_failures(void **state)
{
	struct aws_http_answer answer;
	struct aws_error err = { .kind = AWS_FINE };
	struct aws_client *c;
	struct login l;
	cJSON *in = cJSON_CreateObject();

	(void)state;
	cJSON_AddStringToObject(in, "SecretId", "nobody-made-it");
	if (!here) {
		cJSON_Delete(in);
		skip();
	}
	c = client(&l, moto.key, moto.secret, "");
	assert_int_equal(aws_call_json(c, &aws_secretsmanager, "GetSecretValue", in, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	assert_string_equal(err.code, "ResourceNotFoundException");
	assert_string_equal(err.operation, "secretsmanager GetSecretValue");
	err = (struct aws_error){ .kind = AWS_FINE };
	assert_int_equal(aws_call(c, &(struct aws_call){ .service = &aws_s3, .operation = "GetObject", .method = "GET", .bucket = "bundles",
	    .path = "/nothing" }, &answer, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	assert_string_equal(err.code, "NoSuchKey");
	err = (struct aws_error){ .kind = AWS_FINE };
	assert_int_equal(aws_call_json(c, &aws_acm_pca, "ListPermissions", NULL, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_SERVER);
	assert_int_equal(err.http_status, 500);
	assert_non_null(strstr(err.message, "a page came instead of an answer"));
	aws_client_free(c);
	world->env = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_protocol),
		cmocka_unit_test(refused),
		cmocka_unit_test(its_failures),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
