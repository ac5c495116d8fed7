#include "tests/service_calls.h"

#include <string.h>

#include "aws/acm.h"
#include "aws/apigateway.h"
#include "aws/cloudwatch.h"
#include "aws/elbv2.h"
#include "aws/events.h"
#include "aws/s3.h"
#include "aws/secretsmanager.h"
#include "aws/ssm.h"
#include "aws/sts.h"
#include "model/times.h"

#define STORE "arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/clients/0123456789abcdef"
#define BALANCER "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/front/0123456789abcdef"
#define LISTENER "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/front/0123456789abcdef/0123456789abcdef"
#define TOKEN "0123456789abcdef0123456789abcdef"

/* ---- S3 ---- */

static status
get_object(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct s3_stored stored;
	const unsigned char *bytes;
	size_t len;

	return s3_get(c, "trust-stores", "a b/ü+&.pem", "v1", 0, a, &bytes, &len, &stored, err);
}

static bool
take_all(void *user, const void *bytes, size_t len)
{
	(void)user;
	(void)bytes;
	(void)len;
	return true;
}

static status
get_stream(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	(void)a;
	return s3_get_stream(c, "reports", "audit-report/1/2.json", NULL, take_all, NULL, err);
}

static status
put_object(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct s3_stored stored;

	return s3_put(c, "trust-stores", "a b/ü+&.pem", "x\n", 2, "application/x-pem-file", a, &stored, err);
}

static bool
each(void *user, const struct s3_object *o)
{
	(void)user;
	(void)o;
	return true;
}

static status
list_objects(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	(void)a;
	return s3_list(c, "trust-stores", "a b/", 2, each, NULL, err);
}

static status
list_versions(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	(void)a;
	return s3_list_versions(c, "trust-stores", "a b/", 2, each, NULL, err);
}

static status
get_versioning(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	enum s3_versioning v;

	(void)a;
	return s3_get_versioning(c, "trust-stores", &v, err);
}

static status
head_bucket(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	char region[40];

	(void)a;
	return s3_head_bucket(c, "trust-stores", region, err);
}

/* ---- Secrets Manager and Parameter Store ---- */

static status
get_secret(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct secret_value v;

	return secret_get(c, "order-service", TOKEN, "AWSPENDING", a, &v, err);
}

static status
put_secret(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	static const char *const stages[] = { "AWSPENDING" };
	const struct secret_put p = { .id = "order-service", .bytes = "{}", .len = 2, .token = TOKEN, .stages = stages, .stages_len = 1 };
	const char *version;

	return secret_put(c, &p, a, &version, err);
}

static status
put_binary_secret(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const struct secret_put p = { .id = "order-service", .bytes = "\0\1", .len = 2, .binary = true, .token = TOKEN };
	const char *version;

	return secret_put(c, &p, a, &version, err);
}

static status
move_stage(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	(void)a;
	return secret_move_stage(c, "order-service", "AWSCURRENT", TOKEN, "fedcba9876543210fedcba9876543210", err);
}

static status
describe_secret(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct secret_about s;

	return secret_describe(c, "order-service", a, &s, err);
}

static status
list_secrets(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct secret_about *s;
	size_t len;

	return secret_list(c, a, &s, &len, err);
}

static status
get_parameter(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct parameter p;

	return parameter_get(c, "/reports/tls:3", a, &p, err);
}

static status
describe_parameter(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct parameter_about about;

	/* Where nothing real answers there is no such parameter: that is our own word. */
	if (parameter_describe(c, "/reports/tls", a, &about, err) == STATUS_OK)
		return STATUS_OK;
	if (err->kind != AWS_NOT_FOUND)
		return STATUS_FAILED;
	aws_error_clear(err);
	return STATUS_OK;
}

static status
put_parameter(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const struct parameter_put p = { .name = "/reports/tls", .value = "x", .type = "SecureString", .kms_key = "alias/reports", .overwrite = true, .advanced = true };
	int64_t version;

	(void)a;
	return parameter_put(c, &p, &version, err);
}

/* ---- ACM ---- */

#define ACM_ARN "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"

static status
import_certificate(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const struct acm_import i = { .arn = ACM_ARN, .certificate = "cert", .chain = "chain", .key = "key", .key_len = 3 };
	const char *arn;

	return acm_import(c, &i, a, &arn, err);
}

static status
describe_certificate(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct acm_about about;

	return acm_describe(c, ACM_ARN, a, &about, err);
}

static status
get_certificate(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const char *pem, *chain;

	return acm_get(c, ACM_ARN, a, &pem, &chain, err);
}

/* ---- STS ---- */

static status
identity(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct sts_identity id;

	return sts_identity(c, a, &id, err);
}

static status
assume_role(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct aws_credentials out = { .access_key = "" };
	status s = sts_assume_role(c, "arn:aws:iam::111122223333:role/pki", "mtlscope", "a:b/c=d", 900, &out, err);

	(void)a;
	aws_credentials_done(&out);
	return s;
}

/* ---- CloudWatch and EventBridge ---- */

static const struct metric_dimension dimensions[] = { { "Identity", "order-service" }, { "Issuer", "Acme “Issuing” CA 1" } };

static status
put_metrics(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const struct metric metrics[] = {
		{ .name = "DaysUntilExpiration", .dimensions = dimensions, .dimensions_len = 2, .value = 41.5, .at = 1795000000 },
		{ .name = "Failing", .unit = "Count", .value = 0, .at = TIME_UNKNOWN },
	};

	(void)a;
	return metrics_put(c, "Mtlscope", metrics, 2, err);
}

static status
put_alarm(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	static const char *const actions[] = { "arn:aws:sns:us-east-1:111122223333:on-call" };
	const struct alarm alarm = { .name = "order-service expires", .description = "d", .space = "Mtlscope", .metric = "DaysUntilExpiration",
		.dimensions = dimensions, .dimensions_len = 2, .statistic = "Minimum", .comparison = "LessThanOrEqualToThreshold", .missing = "breaching",
		.threshold = 30, .period = 86400, .periods = 1, .actions = actions, .actions_len = 1 };

	(void)a;
	return alarm_put(c, &alarm, err);
}

static status
list_alarms(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct alarm *alarms;
	size_t len;

	return alarms_list(c, "order", a, &alarms, &len, err);
}

static status
put_rule(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const struct event_rule r = { .name = "pca-issued", .pattern = "{\"source\":[\"aws.acm-pca\"]}", .state = "ENABLED", .description = "d",
		.role = "arn:aws:iam::111122223333:role/events", .bus = "default" };
	const char *arn;

	return events_put_rule(c, &r, a, &arn, err);
}

static status
put_target(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	(void)a;
	return events_put_target(c, "pca-issued", "default", "1", "arn:aws:sqs:us-east-1:111122223333:q", err);
}

static status
list_rules(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct event_rule *rules;
	size_t len;

	return events_rules(c, "pca", "default", a, &rules, &len, err);
}

/* ---- trust stores of load balancers ---- */

static const struct trust_source source = { "trust-stores", "clients.pem", "v1" };

static status
create_store(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct trust_store out;

	return elbv2_create_trust_store(c, "clients", &source, a, &out, err);
}

static status
modify_store(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct trust_store out;

	return elbv2_modify_trust_store(c, STORE, &source, a, &out, err);
}

static status
list_stores(struct aws_client *c, const char *arn, const char *name, struct arena *a, struct aws_error *err)
{
	struct trust_store *out;
	size_t len;

	return elbv2_trust_stores(c, arn, name, a, &out, &len, err);
}

static status
stores_all(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	return list_stores(c, NULL, NULL, a, err);
}

static status
stores_by_arn(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	return list_stores(c, STORE, NULL, a, err);
}

static status
stores_by_name(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	return list_stores(c, NULL, "clients", a, err);
}

static status
store_bundle(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const char *pem;
	size_t len;

	return elbv2_trust_store_bundle(c, STORE, a, &pem, &len, err);
}

static status
delete_store(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	(void)a;
	return elbv2_delete_trust_store(c, STORE, err);
}

static status
store_users(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const char **users;
	size_t len;

	return elbv2_trust_store_users(c, STORE, a, &users, &len, err);
}

static status
add_revocation(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct trust_revocation out;

	return elbv2_add_revocation(c, STORE, &source, a, &out, err);
}

static status
remove_revocation(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	(void)a;
	return elbv2_remove_revocation(c, STORE, 1, err);
}

static status
list_revocations(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct trust_revocation *out;
	size_t len;

	return elbv2_revocations(c, STORE, a, &out, &len, err);
}

static status
revocation_content(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const char *bytes;
	size_t len;

	return elbv2_revocation_content(c, STORE, 1, a, &bytes, &len, err);
}

static status
listeners(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct listener *out;
	size_t len;

	return elbv2_listeners(c, BALANCER, NULL, a, &out, &len, err);
}

static status
one_listener(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	struct listener *out;
	size_t len;

	return elbv2_listeners(c, NULL, LISTENER, a, &out, &len, err);
}

static status
set_mutual(struct aws_client *c, struct arena *a, struct aws_error *err)
{
	const struct listener_mutual m = { .mode = "verify", .trust_store = STORE, .ignore_expiry = "false", .advertise = "on" };
	struct listener out;

	return elbv2_set_mutual(c, LISTENER, &m, a, &out, err);
}

/* ---- API Gateway, both kinds ---- */

static status
domains(struct aws_client *c, enum api_kind kind, struct arena *a, struct aws_error *err)
{
	struct api_domain *out;
	size_t len;

	return apigateway_domains(c, kind, a, &out, &len, err);
}

static status
domain(struct aws_client *c, enum api_kind kind, struct arena *a, struct aws_error *err)
{
	struct api_domain out;

	return apigateway_domain(c, kind, "api.example.com", a, &out, err);
}

static status
set_truststore(struct aws_client *c, enum api_kind kind, struct arena *a, struct aws_error *err)
{
	struct api_domain out;

	return apigateway_set_truststore(c, kind, "api.example.com", "s3://trust-stores/clients.pem", "v1", a, &out, err);
}

static status
mappings(struct aws_client *c, enum api_kind kind, struct arena *a, struct aws_error *err)
{
	struct api_mapping *out;
	size_t len;

	return apigateway_mappings(c, kind, "api.example.com", a, &out, &len, err);
}

static status
default_endpoint(struct aws_client *c, enum api_kind kind, struct arena *a, struct aws_error *err)
{
	bool disabled;

	(void)a;
	return apigateway_default_endpoint(c, kind, "abc123", &disabled, err);
}

static status
disable_default(struct aws_client *c, enum api_kind kind, struct arena *a, struct aws_error *err)
{
	(void)a;
	return apigateway_disable_default_endpoint(c, kind, "abc123", true, err);
}


status
service_call(const struct service_call *s, struct aws_client *c, struct arena *a, struct aws_error *err)
{
	return s->call != NULL ? s->call(c, a, err) : s->api(c, s->kind, a, err);
}

const struct service_call service_calls[] = {
	{ .name = "s3.GetObject", .call = get_object },
	{ .name = "s3.GetObject", .call = get_stream },
	{ .name = "s3.PutObject", .call = put_object },
	{ .name = "s3.ListObjectsV2", .call = list_objects },
	{ .name = "s3.ListObjectVersions", .call = list_versions },
	{ .name = "s3.GetBucketVersioning", .call = get_versioning },
	{ .name = "s3.HeadBucket", .call = head_bucket },
	{ .name = "secretsmanager.GetSecretValue", .call = get_secret },
	{ .name = "secretsmanager.PutSecretValue", .call = put_secret },
	{ .name = "secretsmanager.PutSecretValue", .call = put_binary_secret },
	{ .name = "secretsmanager.UpdateSecretVersionStage", .call = move_stage },
	{ .name = "secretsmanager.DescribeSecret", .call = describe_secret },
	{ .name = "secretsmanager.ListSecrets", .call = list_secrets },
	{ .name = "ssm.GetParameter", .call = get_parameter },
	{ .name = "ssm.DescribeParameters", .call = describe_parameter },
	{ .name = "ssm.PutParameter", .call = put_parameter },
	{ .name = "acm.ImportCertificate", .call = import_certificate },
	{ .name = "acm.DescribeCertificate", .call = describe_certificate },
	{ .name = "acm.GetCertificate", .call = get_certificate },
	{ .name = "sts.GetCallerIdentity", .call = identity },
	{ .name = "sts.AssumeRole", .call = assume_role },
	{ .name = "cloudwatch.PutMetricData", .call = put_metrics },
	{ .name = "cloudwatch.PutMetricAlarm", .call = put_alarm },
	{ .name = "cloudwatch.DescribeAlarms", .call = list_alarms },
	{ .name = "events.PutRule", .call = put_rule },
	{ .name = "events.PutTargets", .call = put_target },
	{ .name = "events.ListRules", .call = list_rules },
	{ .name = "elbv2.CreateTrustStore", .call = create_store },
	{ .name = "elbv2.ModifyTrustStore", .call = modify_store },
	{ .name = "elbv2.DescribeTrustStores", .call = stores_all },
	{ .name = "elbv2.DescribeTrustStores", .call = stores_by_arn },
	{ .name = "elbv2.DescribeTrustStores", .call = stores_by_name },
	{ .name = "elbv2.GetTrustStoreCaCertificatesBundle", .call = store_bundle },
	{ .name = "elbv2.DeleteTrustStore", .call = delete_store },
	{ .name = "elbv2.DescribeTrustStoreAssociations", .call = store_users },
	{ .name = "elbv2.AddTrustStoreRevocations", .call = add_revocation },
	{ .name = "elbv2.RemoveTrustStoreRevocations", .call = remove_revocation },
	{ .name = "elbv2.DescribeTrustStoreRevocations", .call = list_revocations },
	{ .name = "elbv2.GetTrustStoreRevocationContent", .call = revocation_content },
	{ .name = "elbv2.DescribeListeners", .call = listeners },
	{ .name = "elbv2.DescribeListeners", .call = one_listener },
	{ .name = "elbv2.ModifyListener", .call = set_mutual },
	{ .name = "apigateway.GetDomainNames", .api = domains, .kind = API_REST },
	{ .name = "apigatewayv2.GetDomainNames", .api = domains, .kind = API_HTTP },
	{ .name = "apigateway.GetDomainName", .api = domain, .kind = API_REST },
	{ .name = "apigatewayv2.GetDomainName", .api = domain, .kind = API_HTTP },
	{ .name = "apigateway.UpdateDomainName", .api = set_truststore, .kind = API_REST },
	{ .name = "apigatewayv2.UpdateDomainName", .api = set_truststore, .kind = API_HTTP },
	{ .name = "apigateway.GetBasePathMappings", .api = mappings, .kind = API_REST },
	{ .name = "apigatewayv2.GetApiMappings", .api = mappings, .kind = API_HTTP },
	{ .name = "apigateway.GetRestApi", .api = default_endpoint, .kind = API_REST },
	{ .name = "apigatewayv2.GetApi", .api = default_endpoint, .kind = API_HTTP },
	{ .name = "apigateway.UpdateRestApi", .api = disable_default, .kind = API_REST },
	{ .name = "apigatewayv2.UpdateApi", .api = disable_default, .kind = API_HTTP },
};
const size_t service_calls_len = sizeof service_calls / sizeof service_calls[0];
