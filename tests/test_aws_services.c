/* Secrets Manager, Parameter Store, CloudWatch, EventBridge, STS: what is sent and made of the answers, by a script; then moto. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/apigateway.h"
#include "aws/cloudwatch.h"
#include "aws/elbv2.h"
#include "aws/events.h"
#include "aws/secretsmanager.h"
#include "aws/ssm.h"
#include "aws/sts.h"
#include "model/times.h"
#include "tests/aws_service.h"
#include "tests/boto.h"
#include "tests/moto.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])
#define TOKEN "0123456789abcdef0123456789abcdef"
#define BAD "bad-bad-bad-bad-bad-bad-bad-bad-bad"
#define EMPTY "empty-empty-empty-empty-empty-empty"
#define V1 "11111111-1111-1111-1111-111111111111"
#define V2 "22222222-2222-2222-2222-222222222222"

static char *folder;

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	return folder == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

/* The step that answers a JSON operation. */
#define JSON(operation, answer) { .method = "POST", .target = "/$", .has = "arget: " operation "\r\n", .body = answer }

static void
secrets(void **state)
{
	static const struct http_step steps[] = {
		{ .method = "POST", .target = "/$", .has = "\"VersionStage\":\"AWSPENDING\"", .body = "{\"ARN\":\"arn:s\",\"Name\":\"n\",\"VersionId\":\"v2\","
		    "\"SecretBinary\":\"AAECAw==\",\"VersionStages\":[\"AWSPENDING\",7],\"CreatedDate\":1.767225600123E9}" },
		{ .method = "POST", .target = "/$", .has = "\"VersionId\":\"" BAD "\"", .body = "{\"SecretBinary\":\"%%%\"}" },
		{ .method = "POST", .target = "/$", .has = "\"VersionId\":\"" EMPTY "\"", .body = "{\"Name\":\"n\"}" },
		JSON("secretsmanager.GetSecretValue", "{\"ARN\":\"arn:s\",\"Name\":\"n\",\"VersionId\":\"v1\",\"SecretString\":\"CANARY\\u00e9\","
		    "\"VersionStages\":[\"AWSCURRENT\"],\"CreatedDate\":1767225600}"),
		JSON("secretsmanager.PutSecretValue", "{\"VersionId\":\"" TOKEN "\"}"),
		JSON("secretsmanager.UpdateSecretVersionStage", "{}"),
		JSON("secretsmanager.DescribeSecret", "{\"ARN\":\"arn:s\",\"Name\":\"n\",\"Description\":null,\"RotationEnabled\":true,"
		    "\"VersionIdsToStages\":{\"v1\":[\"AWSPREVIOUS\"],\"v2\":[\"AWSCURRENT\",\"AWSPENDING\"]}}"),
		{ .method = "POST", .target = "/$", .has = "\"NextToken\":\"t\"", .body = "{\"SecretList\":[{\"Name\":\"c\"}],\"NextToken\":null}" },
		JSON("secretsmanager.ListSecrets", "{\"SecretList\":[{\"Name\":\"a\",\"SecretVersionsToStages\":{\"v\":[\"AWSCURRENT\"]}},{\"Name\":\"b\"}],"
		    "\"NextToken\":\"t\"}"),
		{ .method = NULL },
	};
	static const char *const pending[] = { "AWSPENDING" };
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct secret_value v;
	struct secret_about about, *all;
	const char *version;
	size_t len;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(secret_get(t.client, "n", NULL, NULL, t.arena, &v, &err), STATUS_OK);
	service_asked_json(&t, 0, "{\"SecretId\":\"n\",\"VersionStage\":\"AWSCURRENT\"}");
	assert_string_equal(v.bytes, "CANARY\u00e9");
	assert_int_equal(v.len, 8);
	assert_false(v.binary);
	assert_string_equal(v.version, "v1");
	assert_int_equal(v.created, 1767225600);
	secret_forget(&v);
	assert_null(v.bytes);
	assert_int_equal(secret_get(t.client, "n", NULL, "AWSPENDING", t.arena, &v, &err), STATUS_OK);
	assert_true(v.binary);
	assert_int_equal(v.len, 4);
	assert_memory_equal(v.bytes, "\0\1\2\3", 5);
	assert_int_equal(v.stages_len, 1);
	assert_int_equal(v.created, 1767225600);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(secret_get(t.client, "n", i == 0 ? BAD : EMPTY, NULL, t.arena, &v, &err), STATUS_FAILED);
		assert_int_equal(err.kind, AWS_ANSWER);
		aws_error_clear(&err);
	}
	assert_int_equal(secret_put(t.client, &(struct secret_put){ .id = "n", .bytes = "{\"key\":\"CANARY\"}", .len = 16, .token = TOKEN,
	    .stages = pending, .stages_len = 1 }, t.arena, &version, &err), STATUS_OK);
	service_asked_json(&t, 4, "{\"SecretId\":\"n\",\"ClientRequestToken\":\"" TOKEN "\",\"SecretString\":\"{\\\"key\\\":\\\"CANARY\\\"}\","
	                          "\"VersionStages\":[\"AWSPENDING\"]}");
	assert_string_equal(version, TOKEN);
	assert_int_equal(secret_put(t.client, &(struct secret_put){ .id = "n", .bytes = "\0\1\2\3\4", .len = 5, .binary = true, .token = TOKEN },
	    t.arena, &version, &err), STATUS_OK);
	service_asked_json(&t, 5, "{\"SecretId\":\"n\",\"ClientRequestToken\":\"" TOKEN "\",\"SecretBinary\":\"AAECAwQ=\"}");
	assert_int_equal(secret_move_stage(t.client, "n", "AWSCURRENT", V1, V2, &err), STATUS_OK);
	service_asked_json(&t, 6, "{\"SecretId\":\"n\",\"VersionStage\":\"AWSCURRENT\",\"RemoveFromVersionId\":\"" V1 "\",\"MoveToVersionId\":\"" V2 "\"}");
	assert_int_equal(secret_describe(t.client, "n", t.arena, &about, &err), STATUS_OK);
	assert_true(about.rotates);
	assert_null(about.description);
	assert_string_equal(secret_holder(&about, "AWSCURRENT"), "v2");
	assert_string_equal(secret_holder(&about, "AWSPENDING"), "v2");
	assert_string_equal(secret_holder(&about, "AWSPREVIOUS"), "v1");
	assert_null(secret_holder(&about, "OTHER"));
	assert_int_equal(secret_list(t.client, t.arena, &all, &len, &err), STATUS_OK);
	assert_int_equal(len, 3);
	assert_string_equal(secret_holder(&all[0], "AWSCURRENT"), "v");
	assert_string_equal(all[2].name, "c");
	assert_int_equal(all[2].created, TIME_UNKNOWN);
	service_validated(&t);
	service_stop(&t);
}

/* What no service would take is told here, before it goes on its way. */
static void
what_is_not_sent(void **state)
{
	static const struct http_step none[] = { { .method = NULL } };
	static const char *const actions[6] = { "a", "b", "c", "d", "e", "f" };
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	char *large = mem_zero(1, 65537);
	const char *version;
	status results[6];

	(void)state;
	service_script(&t, none);
	memset(large, 'x', 65537);
	results[0] = secret_put(t.client, &(struct secret_put){ .id = "n", .bytes = large, .len = 65537, .token = TOKEN }, t.arena, &version, &err);
	results[1] = secret_put(t.client, &(struct secret_put){ .id = "n", .bytes = "", .len = 0, .token = TOKEN }, t.arena, &version, &err);
	results[2] = secret_put(t.client, &(struct secret_put){ .id = "n", .bytes = "a\0b", .len = 3, .token = TOKEN }, t.arena, &version, &err);
	results[3] = metrics_put(t.client, "AWS/Mine", &(struct metric){ .name = "m" }, 1, &err);
	results[4] = metrics_put(t.client, "Mine", &(struct metric){ .name = "m", .value = NAN }, 1, &err);
	results[5] = alarm_put(t.client, &(struct alarm){ .name = "a", .actions = actions, .actions_len = 6 }, &err);
	for (size_t i = 0; i < LEN(results); i++)
		assert_int_equal(results[i], STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ARGUMENT);
	assert_int_equal(http_script_requests(t.script), 0);
	free(large);
	service_stop(&t);
}

static void
parameters(void **state)
{
	static const struct http_step steps[] = {
		JSON("AmazonSSM.GetParameter", "{\"Parameter\":{\"Name\":\"/a/b\",\"Type\":\"SecureString\",\"Value\":\"CANARY\",\"Version\":3,\"LastModifiedDate\":"
		    "1767225600.5,\"ARN\":\"arn:p\"}}"),
		JSON("AmazonSSM.PutParameter", "{\"Version\":4,\"Tier\":\"Standard\"}"),
		{ .method = NULL },
	};
	static const struct http_step missing[] = {
		{ "POST", "/$", NULL, 0, 400, NULL, "{\"__type\":\"ParameterNotFound\",\"message\":\"Parameter /x not found.\"}" }, { .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct parameter p;
	int64_t version = 0;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(parameter_get(t.client, "/a/b", t.arena, &p, &err), STATUS_OK);
	service_asked_json(&t, 0, "{\"Name\":\"/a/b\",\"WithDecryption\":true}");
	assert_string_equal(p.value, "CANARY");
	assert_string_equal(p.type, "SecureString");
	assert_int_equal(p.version, 3);
	assert_int_equal(p.changed, 1767225600);
	parameter_forget(&p);
	assert_int_equal(parameter_put(t.client, &(struct parameter_put){ .name = "/a/b", .value = "x", .type = "SecureString", .kms_key = "k",
	    .overwrite = true, .advanced = true }, &version, &err), STATUS_OK);
	service_asked_json(&t, 1, "{\"Name\":\"/a/b\",\"Value\":\"x\",\"Type\":\"SecureString\",\"KeyId\":\"k\",\"Overwrite\":true,\"Tier\":\"Advanced\"}");
	assert_int_equal(version, 4);
	service_validated(&t);
	service_stop(&t);
	service_script(&t, missing);
	assert_int_equal(parameter_get(t.client, "/x", t.arena, &p, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	assert_null(p.value);
	service_stop(&t);
}

static const struct metric_dimension two[] = { { "Identity", "order-service" }, { "Issuer", "Acme \u00e9" } };

static void
metrics_and_alarms(void **state)
{
	static const struct http_step steps[] = {
		JSON("GraniteServiceVersion20100801.PutMetricData", ""),
		JSON("GraniteServiceVersion20100801.PutMetricAlarm", "{}"),
		JSON("GraniteServiceVersion20100801.DescribeAlarms", "{\"CompositeAlarms\":[{}],\"MetricAlarms\":[{\"AlarmName\":\"a\",\"StateValue\":\"ALARM\","
		    "\"StateReason\":\"r\",\"Threshold\":30.5,\"Period\":86400,\"Dimensions\":[{\"Name\":\"Identity\",\"Value\":\"x\"}],"
		    "\"AlarmActions\":[\"arn:sns\"],\"StateUpdatedTimestamp\":1767225600}]}"),
		{ .method = NULL },
	};
	static const char *const actions[] = { "arn:aws:sns:us-east-1:1:t" };
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct metric *many = mem_zero(1001, sizeof *many);
	struct alarm *alarms;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 1001; i++)
		many[i] = (struct metric){ .name = "DaysUntilExpiration", .dimensions = two, .dimensions_len = 2, .value = (double)i - 0.5,
		    .unit = i == 1000 ? NULL : "None", .at = i == 1000 ? TIME_UNKNOWN : 1767225600 };
	service_script(&t, steps);
	assert_int_equal(metrics_put(t.client, "MtlsConsole", many, 1001, &err), STATUS_OK);
	assert_int_equal(http_script_requests(t.script), 2); /* a thousand a call */
	service_asked(&t, 0, "content-type: application/x-amz-json-1.0\r\n");
	service_asked(&t, 0, "\"Timestamp\":1767225600,\"Value\":-0.5,\"Unit\":\"None\"");
	service_asked_json(&t, 1, "{\"Namespace\":\"MtlsConsole\",\"MetricData\":[{\"MetricName\":\"DaysUntilExpiration\",\"Dimensions\":[{\"Name\":\"Identity\","
	                          "\"Value\":\"order-service\"},{\"Name\":\"Issuer\",\"Value\":\"Acme \u00e9\"}],\"Value\":999.5}]}");
	assert_int_equal(metrics_put(t.client, "MtlsConsole", many, 0, &err), STATUS_OK);
	assert_int_equal(http_script_requests(t.script), 2);
	assert_int_equal(alarm_put(t.client, &(struct alarm){ .name = "a", .space = "MtlsConsole", .metric = "DaysUntilExpiration", .dimensions = two,
	    .dimensions_len = 1, .statistic = "Minimum", .comparison = "LessThanOrEqualToThreshold", .missing = "breaching", .threshold = 30,
	    .period = 86400, .periods = 1, .actions = actions, .actions_len = 1 }, &err), STATUS_OK);
	service_asked_json(&t, 2, "{\"AlarmName\":\"a\",\"Namespace\":\"MtlsConsole\",\"MetricName\":\"DaysUntilExpiration\",\"Dimensions\":[{\"Name\":\"Identity\","
	                          "\"Value\":\"order-service\"}],\"Statistic\":\"Minimum\",\"ComparisonOperator\":\"LessThanOrEqualToThreshold\","
	                          "\"TreatMissingData\":\"breaching\",\"Threshold\":30,\"Period\":86400,\"EvaluationPeriods\":1,"
	                          "\"AlarmActions\":[\"arn:aws:sns:us-east-1:1:t\"]}");
	assert_int_equal(alarms_list(t.client, "mtls", t.arena, &alarms, &len, &err), STATUS_OK);
	assert_int_equal(len, 1);
	assert_string_equal(alarms[0].state, "ALARM");
	assert_true(alarms[0].threshold > 30.4 && alarms[0].threshold < 30.6);
	assert_string_equal(alarms[0].dimensions[0].value, "x");
	assert_string_equal(alarms[0].actions[0], "arn:sns");
	free(many);
	service_validated(&t);
	service_stop(&t);
}

static void
rules(void **state)
{
	static const struct http_step steps[] = {
		JSON("AWSEvents.PutRule", "{\"RuleArn\":\"arn:rule\"}"),
		{ .method = "POST", .target = "/$", .has = "arn:bad", .body = "{\"FailedEntryCount\":1,\"FailedEntries\":[{\"TargetId\":\"1\",\"ErrorCode\":"
		    "\"ResourceNotFoundException\",\"ErrorMessage\":\"no such topic\"}]}" },
		{ .method = "POST", .target = "/$", .has = "arn:mute", .body = "{\"FailedEntryCount\":2}" },
		JSON("AWSEvents.PutTargets", "{\"FailedEntryCount\":0,\"FailedEntries\":[]}"),
		{ .method = "POST", .target = "/$", .has = "\"NextToken\":\"t\"", .body = "{\"Rules\":[{\"Name\":\"mtls-2\"}]}" },
		JSON("AWSEvents.ListRules", "{\"Rules\":[{\"Name\":\"mtls-1\",\"State\":\"ENABLED\",\"EventPattern\":\"{}\",\"Arn\":\"arn:rule\"}],\"NextToken\":\"t\"}"),
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct event_rule *all;
	const char *arn;
	size_t len;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(events_put_rule(t.client, &(struct event_rule){ .name = "mtls", .pattern = "{\"source\":[\"aws.acm-pca\"]}", .description = "d" },
	    t.arena, &arn, &err), STATUS_OK);
	service_asked_json(&t, 0, "{\"Name\":\"mtls\",\"EventPattern\":\"{\\\"source\\\":[\\\"aws.acm-pca\\\"]}\",\"Description\":\"d\"}");
	assert_string_equal(arn, "arn:rule");
	assert_int_equal(events_put_target(t.client, "mtls", NULL, "1", "arn:good", &err), STATUS_OK);
	service_asked_json(&t, 1, "{\"Rule\":\"mtls\",\"Targets\":[{\"Id\":\"1\",\"Arn\":\"arn:good\"}]}");
	assert_int_equal(events_put_target(t.client, "mtls", NULL, "1", "arn:bad", &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	assert_string_equal(err.message, "no such topic");
	aws_error_clear(&err);
	assert_int_equal(events_put_target(t.client, "mtls", NULL, "1", "arn:mute", &err), STATUS_FAILED);
	aws_error_clear(&err);
	assert_int_equal(events_rules(t.client, "mtls", NULL, t.arena, &all, &len, &err), STATUS_OK);
	assert_int_equal(len, 2);
	assert_string_equal(all[0].pattern, "{}");
	assert_string_equal(all[1].name, "mtls-2");
	service_validated(&t);
	service_stop(&t);
}

/* A list whose pages go in a circle ends. */
static void
lists_without_end(void **state)
{
	static const struct http_step steps[] = {
		{ "POST", "/$", NULL, 0, 0, NULL, "{\"SecretList\":[],\"MetricAlarms\":[],\"Rules\":[],\"NextToken\":\"same\"}" }, { .method = NULL },
	};
	struct aws_service_test t;
	struct secret_about *secrets_found;
	struct alarm *alarms;
	struct event_rule *rules_found;
	struct aws_error err = { .kind = AWS_FINE };
	size_t len;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(secret_list(t.client, t.arena, &secrets_found, &len, &err), STATUS_FAILED);
	assert_int_equal(alarms_list(t.client, NULL, t.arena, &alarms, &len, &err), STATUS_FAILED);
	assert_int_equal(events_rules(t.client, NULL, NULL, t.arena, &rules_found, &len, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER);
	assert_int_equal(http_script_requests(t.script), 6);
	service_stop(&t);
}

static void
who_we_are(void **state)
{
	static const struct http_step steps[] = {
		{ "POST", "/$", "Action=GetCallerIdentity&Version=2011-06-15", 0, 0, NULL,
		    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/me</Arn><UserId>AIDA</UserId><Account>1</Account>"
		    "</GetCallerIdentityResult></GetCallerIdentityResponse>" },
		{ "POST", "/$", "RoleArn=arn%3Ar&RoleSessionName=me&ExternalId=x%26y&DurationSeconds=900", 0, 0, NULL,
		    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>CANARY</SecretAccessKey>"
		    "<SessionToken>CANARYt</SessionToken><Expiration>2026-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>" },
		{ "POST", "/$", "RoleArn=arn%3Abad", 0, 0, NULL, "<AssumeRoleResponse/>" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct aws_credentials role;
	struct sts_identity me;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(sts_identity(t.client, t.arena, &me, &err), STATUS_OK);
	assert_string_equal(me.account, "1");
	assert_string_equal(me.arn, "arn:aws:iam::1:user/me");
	assert_int_equal(sts_assume_role(t.client, "arn:r", "me", "x&y", 900, &role, &err), STATUS_OK);
	assert_string_equal(role.access_key, "ASIA");
	assert_string_equal(role.token, "CANARYt");
	assert_int_equal(role.expires, 1767225600);
	aws_credentials_done(&role);
	assert_int_equal(sts_assume_role(t.client, "arn:bad", "me", NULL, 0, &role, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER);
	service_stop(&t);
}

/* ---- moto ---- */

static const char prepare[] =
    "s = client('secretsmanager')\n"
    "r = s.create_secret(Name='order-service', SecretString='one')\n"
    "for i in range(3): s.create_secret(Name=f'other-{i}', SecretBinary=bytes([0, 1, 255]))\n"
    "client('events')\n"
    "print(json.dumps({'version': r['VersionId']}))\n";

static const char look[] =
    "m = client('cloudwatch').list_metrics(Namespace='MtlsConsole')['Metrics']\n"
    "t = client('events').list_targets_by_rule(Rule='mtls')['Targets']\n"
    "p = client('ssm').get_parameter(Name='/reports/tls', WithDecryption=True)['Parameter']['Value']\n"
    "s = client('secretsmanager').get_secret_value(SecretId='order-service', VersionStage='AWSCURRENT')\n"
    "print(json.dumps({'metrics': len(m), 'dimension': sorted(d['Value'] for d in m[0]['Dimensions']), 'target': t[0]['Arn'], 'parameter': p,"
    " 'secret': s['SecretString']}))\n";

static void
must(status result, const struct aws_error *err)
{
	if (result != STATUS_OK)
		fail_msg("%s: %s %s", err->operation, err->code, err->message);
}

static void
rotate_in_moto(struct aws_service_test *t, const char *first)
{
	static const char *const pending[] = { "AWSPENDING" };
	struct aws_error err = { .kind = AWS_FINE };
	struct secret_about about, *all;
	struct secret_value v;
	const char *version;
	size_t len;
	char token[33];

	must(secret_get(t->client, "order-service", NULL, NULL, t->arena, &v, &err), &err);
	assert_string_equal(v.bytes, "one");
	assert_string_equal(v.version, first);
	aws_client_token(t->client, token);
	must(secret_put(t->client, &(struct secret_put){ .id = "order-service", .bytes = "two", .len = 3, .token = token, .stages = pending,
	    .stages_len = 1 }, t->arena, &version, &err), &err);
	assert_string_equal(version, token);
	must(secret_get(t->client, "order-service", NULL, NULL, t->arena, &v, &err), &err);
	assert_string_equal(v.bytes, "one"); /* pending is not current */
	must(secret_get(t->client, "order-service", NULL, "AWSPENDING", t->arena, &v, &err), &err);
	assert_string_equal(v.bytes, "two");
	must(secret_move_stage(t->client, "order-service", "AWSCURRENT", first, version, &err), &err);
	must(secret_describe(t->client, "order-service", t->arena, &about, &err), &err);
	assert_string_equal(secret_holder(&about, "AWSCURRENT"), version);
	assert_string_equal(secret_holder(&about, "AWSPREVIOUS"), first);
	must(secret_get(t->client, "order-service", NULL, NULL, t->arena, &v, &err), &err);
	assert_string_equal(v.bytes, "two");
	must(secret_get(t->client, "other-0", NULL, NULL, t->arena, &v, &err), &err);
	assert_true(v.binary);
	assert_memory_equal(v.bytes, "\0\1\377", 3);
	must(secret_list(t->client, t->arena, &all, &len, &err), &err);
	assert_int_equal(len, 4);
	assert_int_equal(secret_get(t->client, "nobody", NULL, NULL, t->arena, &v, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
}

static void
watch_in_moto(struct aws_service_test *t)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct metric m = { .name = "DaysUntilExpiration", .dimensions = two, .dimensions_len = 2, .value = 12.5, .unit = "None", .at = TIME_UNKNOWN };
	struct alarm *alarms;
	struct event_rule *all;
	const char *arn;
	size_t len;

	must(metrics_put(t->client, "MtlsConsole", &m, 1, &err), &err);
	must(alarm_put(t->client, &(struct alarm){ .name = "mtls-order", .space = "MtlsConsole", .metric = m.name, .dimensions = two, .dimensions_len = 2,
	    .statistic = "Minimum", .comparison = "LessThanOrEqualToThreshold", .missing = "breaching", .threshold = 30, .period = 86400, .periods = 1 },
	    &err), &err);
	must(alarms_list(t->client, "mtls-", t->arena, &alarms, &len, &err), &err);
	assert_int_equal(len, 1);
	assert_string_equal(alarms[0].name, "mtls-order");
	assert_int_equal(alarms[0].dimensions_len, 2);
	must(events_put_rule(t->client, &(struct event_rule){ .name = "mtls", .pattern = "{\"source\":[\"aws.acm-pca\"]}" }, t->arena, &arn, &err), &err);
	must(events_put_target(t->client, "mtls", NULL, "1", "arn:aws:sns:us-east-1:123456789012:ops", &err), &err);
	must(events_rules(t->client, "mtls", NULL, t->arena, &all, &len, &err), &err);
	assert_int_equal(len, 1);
	assert_string_equal(all[0].arn, arn);
}

static void
moto_has_the_same(void **state)
{
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct sts_identity me;
	struct parameter p;
	cJSON *told;
	char url[64];
	pid_t moto = 0;

	(void)state;
	if (boto_python() == NULL || !moto_start(folder, 0, &moto, url))
		skip();
	told = service_boto(url, prepare);
	service_at(&t, url);
	rotate_in_moto(&t, cJSON_GetObjectItem(told, "version")->valuestring);
	cJSON_Delete(told);
	watch_in_moto(&t);
	must(parameter_put(t.client, &(struct parameter_put){ .name = "/reports/tls", .value = "a\n\u00e9", .type = "SecureString" }, NULL, &err), &err);
	must(parameter_get(t.client, "/reports/tls", t.arena, &p, &err), &err);
	assert_string_equal(p.value, "a\n\u00e9");
	assert_int_equal(parameter_put(t.client, &(struct parameter_put){ .name = "/reports/tls", .value = "b", .type = "SecureString" }, NULL, &err),
	    STATUS_FAILED);
	assert_int_equal(err.kind, AWS_EXISTS);
	aws_error_clear(&err);
	must(sts_identity(t.client, t.arena, &me, &err), &err);
	assert_string_equal(me.account, "123456789012");
	told = service_boto(url, look);
	assert_int_equal(cJSON_GetObjectItem(told, "metrics")->valueint, 1);
	assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(told, "dimension"), 0)->valuestring, "Acme \u00e9");
	assert_string_equal(cJSON_GetObjectItem(told, "target")->valuestring, "arn:aws:sns:us-east-1:123456789012:ops");
	assert_string_equal(cJSON_GetObjectItem(told, "parameter")->valuestring, "a\n\u00e9");
	assert_string_equal(cJSON_GetObjectItem(told, "secret")->valuestring, "two");
	cJSON_Delete(told);
	service_stop(&t);
	stop_server(moto);
}

/* ---- signatures ---- */

static const char make_user[] =
    "i = client('iam')\n"
    "i.create_user(UserName='u')\n"
    "i.put_user_policy(UserName='u', PolicyName='p', PolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement':"
    " [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))\n"
    "k = i.create_access_key(UserName='u')['AccessKey']\n"
    "print(json.dumps({'key': k['AccessKeyId'], 'secret': k['SecretAccessKey']}))\n";

/* Every service's kind of request, signed so that botocore's own code in moto finds the same signature. */
static void
ask_every_service(struct aws_service_test *t, struct aws_error err[8], status results[8])
{
	struct secret_about *secrets_found;
	struct alarm *alarms;
	struct event_rule *rules_found;
	struct api_domain *domains;
	struct listener *listeners_found;
	struct sts_identity me;
	struct parameter p;
	size_t len;

	results[0] = secret_list(t->client, t->arena, &secrets_found, &len, &err[0]);
	results[1] = alarms_list(t->client, "a b", t->arena, &alarms, &len, &err[1]);
	results[2] = events_rules(t->client, NULL, NULL, t->arena, &rules_found, &len, &err[2]);
	results[3] = apigateway_domains(t->client, API_REST, t->arena, &domains, &len, &err[3]);
	results[4] = apigateway_domains(t->client, API_HTTP, t->arena, &domains, &len, &err[4]);
	results[5] = sts_identity(t->client, t->arena, &me, &err[5]);
	results[6] = parameter_put(t->client, &(struct parameter_put){ .name = "/a/b c", .value = "\u00e9+/=&", .type = "String" }, NULL, &err[6]);
	if (results[6] == STATUS_OK)
		results[6] = parameter_get(t->client, "/a/b c", t->arena, &p, &err[6]);
	results[7] = elbv2_listeners(t->client, "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/x/1", NULL, t->arena, &listeners_found, &len, &err[7]);
}

static void
moto_checks_signatures(void **state)
{
	struct aws_service_test t;
	struct aws_error err[8];
	status results[8];
	char url[64];
	pid_t moto = 0;
	cJSON *key;

	(void)state;
	if (boto_python() == NULL || !moto_start(folder, 3, &moto, url))
		skip();
	key = service_boto(url, make_user);
	for (int wrong = 0; wrong < 2; wrong++) {
		memset(err, 0, sizeof err);
		service_as(&t, url, cJSON_GetObjectItem(key, "key")->valuestring, wrong ? "CANARY" : cJSON_GetObjectItem(key, "secret")->valuestring);
		ask_every_service(&t, err, results);
		for (size_t i = 0; i < LEN(results); i++) {
			bool right = wrong ? err[i].kind == AWS_BAD_CREDENTIALS && strstr(err[i].message, "CANARY") == NULL
			                   : results[i] == STATUS_OK || (i == 7 && err[i].kind == AWS_NOT_FOUND); /* there is no such load balancer */
			if (!right)
				fail_msg("%zu: %s: %d %s %s", i, err[i].operation, err[i].kind, err[i].code, err[i].message);
		}
		service_stop(&t);
	}
	cJSON_Delete(key);
	stop_server(moto);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets),
		cmocka_unit_test(what_is_not_sent),
		cmocka_unit_test(parameters),
		cmocka_unit_test(metrics_and_alarms),
		cmocka_unit_test(rules),
		cmocka_unit_test(lists_without_end),
		cmocka_unit_test(who_we_are),
		cmocka_unit_test(moto_has_the_same),
		cmocka_unit_test(moto_checks_signatures),
	};

	return cmocka_run_group_tests_name("aws_services", tests, setup, teardown);
}
