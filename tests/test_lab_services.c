/*
 * The lab's services beside the private CA, asked by our own clients through a recorder: every answer is held against botocore's
 * service models (tests/aws/shapes.py). What our clients do not make themselves (a secret, a listener, a domain) is made by bare
 * calls first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/apigateway.h"
#include "aws/cloudwatch.h"
#include "aws/elbv2.h"
#include "aws/events.h"
#include "aws/s3.h"
#include "aws/secretsmanager.h"
#include "aws/ssm.h"
#include "aws/sts.h"
#include "lab/pki.h"
#include "model/times.h"
#include "tests/boto.h"
#include "tests/recorded_lab.h"

#define CERTIFICATE "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"

/* A CA's certificate as PEM and a list of it as DER, in the lab's bucket: "clients.pem", "clients.crl". */
static void
put_trust(struct recorded_lab *l)
{
	struct pki_cert ca = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .ca = true, .key_type = PKI_RSA2048, .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = ASN1_TIME_adj(NULL, 1795000000, 0, 0), *next = ASN1_TIME_adj(NULL, 1795000000, 400, 0);
	BIO *pem = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	struct s3_stored stored;
	char *text;
	long len;
	int size;

	PEM_write_bio_X509(pem, ca.x509);
	len = BIO_get_mem_data(pem, &text);
	lab_took(l, s3_put(l->t.client, CLOUD_BUCKET, "clients.pem", text, (size_t)len, "application/x-pem-file", l->a, &stored, &l->err));
	assert_non_null(stored.version);
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca.x509));
	X509_CRL_set1_lastUpdate(crl, now);
	X509_CRL_set1_nextUpdate(crl, next);
	X509_CRL_sign(crl, ca.key, EVP_sha256());
	size = i2d_X509_CRL(crl, &der);
	assert_true(size > 0);
	lab_took(l, s3_put(l->t.client, CLOUD_BUCKET, "clients.crl", der, (size_t)size, NULL, l->a, NULL, &l->err));
	OPENSSL_free(der);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	X509_CRL_free(crl);
	BIO_free(pem);
	pki_cert_free(&ca);
}

/* ---- bare calls ---- */

/* Answers in JSON; the caller's. */
static cJSON *
rest(struct recorded_lab *l, const struct aws_service *service, const char *operation, const char *path, const char *body)
{
	static const struct sigv4_header headers[] = { { "content-type", "application/json" } };
	const struct aws_call call = { .service = service, .operation = operation, .method = "POST", .path = path, .headers = headers, .headers_len = 1,
		.body = body, .body_len = strlen(body) };
	struct aws_http_answer answer = { .status = 0 };
	cJSON *out;

	lab_took(l, aws_call(l->t.client, &call, &answer, &l->err));
	out = cJSON_ParseWithLength(answer.body.data, answer.body.len);
	assert_non_null(out);
	aws_http_answer_done(&answer);
	return out;
}

/* What stands between <name> and the next bracket of a Query answer, in the arena. */
static const char *
query(struct recorded_lab *l, const char *action, const char *parameters, const char *name)
{
	const struct aws_call call = { .service = &aws_elbv2, .operation = action, .body = parameters, .body_len = strlen(parameters) };
	struct aws_http_answer answer = { .status = 0 };
	const char *tag = arena_printf(l->a, "<%s>", name), *at, *out;

	lab_took(l, aws_call(l->t.client, &call, &answer, &l->err));
	at = strstr(buf_str(&answer.body), tag);
	assert_non_null(at);
	at += strlen(tag);
	out = arena_strndup(l->a, at, strcspn(at, "<"));
	aws_http_answer_done(&answer);
	return out;
}

/* ---- stories ---- */

static bool
count(void *user, const struct s3_object *o)
{
	(void)o;
	++*(size_t *)user;
	return true;
}

static void
s3_story(struct recorded_lab *l)
{
	struct s3_stored first, second, got;
	enum s3_versioning versioning;
	const unsigned char *bytes;
	char region[40];
	size_t len, n = 0;

	lab_took(l, s3_put(l->t.client, CLOUD_BUCKET, "a b/ü+&<.txt", "one", 3, "text/plain", l->a, &first, &l->err));
	lab_took(l, s3_put(l->t.client, CLOUD_BUCKET, "a b/ü+&<.txt", "two", 3, NULL, l->a, &second, &l->err));
	lab_took(l, s3_get(l->t.client, CLOUD_BUCKET, "a b/ü+&<.txt", first.version, 0, l->a, &bytes, &len, &got, &l->err));
	assert_memory_equal(bytes, "one", 3);
	lab_took(l, s3_get(l->t.client, CLOUD_BUCKET, "a b/ü+&<.txt", NULL, 0, l->a, &bytes, &len, &got, &l->err));
	assert_memory_equal(bytes, "two", 3);
	assert_string_equal(got.version, second.version);
	lab_took(l, s3_list(l->t.client, CLOUD_BUCKET, NULL, 1, count, &n, &l->err));
	assert_int_equal(n, 3);
	n = 0;
	lab_took(l, s3_list_versions(l->t.client, CLOUD_BUCKET, "a b/", 1, count, &n, &l->err));
	assert_int_equal(n, 2);
	lab_took(l, s3_get_versioning(l->t.client, CLOUD_BUCKET, &versioning, &l->err));
	assert_int_equal(versioning, S3_VERSIONING_ENABLED);
	lab_took(l, s3_head_bucket(l->t.client, CLOUD_BUCKET, region, &l->err));
	assert_string_equal(region, "us-east-1");
	lab_refused(l, s3_get(l->t.client, CLOUD_BUCKET, "none", NULL, 0, l->a, &bytes, &len, NULL, &l->err), "NoSuchKey");
	lab_refused(l, s3_list(l->t.client, "no-such-bucket-anywhere", NULL, 0, count, &n, &l->err), "NoSuchBucket");
}

static void
secrets_story(struct recorded_lab *l)
{
	static const char *const pending[] = { "AWSPENDING" };
	struct secret_put p = { .id = "order-service", .bytes = "two", .len = 3, .stages = pending, .stages_len = 1 };
	struct secret_value v;
	struct secret_about about, *all;
	const char *version, *old;
	char token[33];
	size_t len;

	aws_client_token(l->t.client, token);
	lab_took(l, aws_call_json(l->t.client, &aws_secretsmanager, "CreateSecret",
	    cJSON_Parse("{\"Name\":\"order-service\",\"SecretString\":\"one\",\"ClientRequestToken\":\"0123456789abcdef0123456789abcdef\"}"), NULL, &l->err));
	lab_took(l, secret_get(l->t.client, "order-service", NULL, NULL, l->a, &v, &l->err));
	assert_string_equal(v.bytes, "one");
	old = v.version;
	p.token = token;
	lab_took(l, secret_put(l->t.client, &p, l->a, &version, &l->err));
	assert_string_equal(version, token);
	lab_took(l, secret_get(l->t.client, "order-service", NULL, "AWSPENDING", l->a, &v, &l->err));
	assert_string_equal(v.bytes, "two");
	lab_refused(l, secret_move_stage(l->t.client, "order-service", "AWSCURRENT", version, version, &l->err), "InvalidParameterException");
	lab_took(l, secret_move_stage(l->t.client, "order-service", "AWSCURRENT", old, version, &l->err));
	lab_took(l, secret_move_stage(l->t.client, "order-service", "AWSPENDING", version, NULL, &l->err));
	lab_took(l, secret_describe(l->t.client, "order-service", l->a, &about, &l->err));
	assert_string_equal(secret_holder(&about, "AWSCURRENT"), version);
	assert_string_equal(secret_holder(&about, "AWSPREVIOUS"), old);
	lab_took(l, secret_list(l->t.client, l->a, &all, &len, &l->err));
	assert_int_equal(len, 1);
	lab_refused(l, secret_get(l->t.client, "none", NULL, NULL, l->a, &v, &l->err), "ResourceNotFoundException");
}

static void
parameters_story(struct recorded_lab *l)
{
	struct parameter_put p = { .name = "/reports/tls", .value = "one", .type = "SecureString" };
	struct parameter_about about;
	struct parameter got;
	int64_t version;

	lab_took(l, parameter_put(l->t.client, &p, &version, &l->err));
	lab_refused(l, parameter_put(l->t.client, &p, &version, &l->err), "ParameterAlreadyExists");
	p.overwrite = true;
	p.value = "two";
	lab_took(l, parameter_put(l->t.client, &p, &version, &l->err));
	assert_int_equal(version, 2);
	lab_took(l, parameter_get(l->t.client, "/reports/tls:1", l->a, &got, &l->err));
	assert_string_equal(got.value, "one");
	lab_refused(l, parameter_get(l->t.client, "/none", l->a, &got, &l->err), "ParameterNotFound");
	lab_took(l, parameter_describe(l->t.client, "/reports/tls", l->a, &about, &l->err));
	assert_string_equal(about.kms_key, "alias/aws/ssm");
	assert_string_equal(about.tier, "Standard");
	assert_int_equal(about.version, 2);
	/* Here it is our own answer: AWS's list is empty then. */
	assert_int_equal(parameter_describe(l->t.client, "/none", l->a, &about, &l->err), STATUS_FAILED);
	assert_int_equal(l->err.kind, AWS_NOT_FOUND);
	aws_error_clear(&l->err);
}

static void
watching_story(struct recorded_lab *l)
{
	static const struct metric_dimension dimensions[] = { { "Identity", "order-service" } };
	const struct metric metric = { .name = "DaysUntilExpiration", .dimensions = dimensions, .dimensions_len = 1, .value = 9, .at = TIME_UNKNOWN };
	const struct alarm alarm = { .name = "expires", .space = "Mtlscope", .metric = "DaysUntilExpiration", .dimensions = dimensions, .dimensions_len = 1,
		.statistic = "Minimum", .comparison = "LessThanOrEqualToThreshold", .missing = "breaching", .threshold = 30, .period = 86400, .periods = 1 };
	const struct event_rule rule = { .name = "issued", .pattern = "{\"source\":[\"aws.acm-pca\"]}", .description = "d" };
	struct sts_identity who;
	struct aws_credentials role = { .access_key = "" };
	struct event_rule *rules;
	struct alarm *alarms;
	const char *arn;
	size_t len;

	lab_took(l, metrics_put(l->t.client, "Mtlscope", &metric, 1, &l->err));
	lab_took(l, alarm_put(l->t.client, &alarm, &l->err));
	lab_took(l, alarms_list(l->t.client, NULL, l->a, &alarms, &len, &l->err));
	assert_int_equal(len, 1);
	lab_took(l, events_put_rule(l->t.client, &rule, l->a, &arn, &l->err));
	lab_took(l, events_put_target(l->t.client, "issued", NULL, "1", "arn:aws:sqs:us-east-1:111122223333:q", &l->err));
	lab_took(l, events_rules(l->t.client, "iss", NULL, l->a, &rules, &len, &l->err));
	assert_int_equal(len, 1);
	lab_refused(l, events_put_target(l->t.client, "none", NULL, "1", "arn:aws:sqs:us-east-1:111122223333:q", &l->err), "ResourceNotFoundException");
	lab_took(l, sts_identity(l->t.client, l->a, &who, &l->err));
	assert_string_equal(who.account, CLOUD_ACCOUNT);
	lab_took(l, sts_assume_role(l->t.client, "arn:aws:iam::" CLOUD_ACCOUNT ":role/pki", "story", NULL, 900, &role, &l->err));
	aws_credentials_done(&role);
}

static void
load_balancer_story(struct recorded_lab *l)
{
	static const struct trust_source bundle = { CLOUD_BUCKET, "clients.pem", NULL }, crl = { CLOUD_BUCKET, "clients.crl", NULL },
	    none = { CLOUD_BUCKET, "none.pem", NULL };
	struct listener_mutual mutual = { .mode = "verify", .ignore_expiry = "true", .advertise = "on" };
	struct trust_store store, *stores;
	struct trust_revocation revocation, *revocations;
	struct listener changed, *listeners;
	const char *pem, **users, *balancer, *listener;
	size_t len;

	lab_took(l, elbv2_create_trust_store(l->t.client, "clients", &bundle, l->a, &store, &l->err));
	lab_refused(l, elbv2_create_trust_store(l->t.client, "clients", &bundle, l->a, &store, &l->err), "DuplicateTrustStoreName");
	lab_took(l, elbv2_trust_stores(l->t.client, NULL, "clients", l->a, &stores, &len, &l->err));
	assert_int_equal(len, 1);
	store = stores[0];
	lab_took(l, elbv2_wait_trust_store(l->t.client, store.arn, l->a, &store, &l->err));
	lab_took(l, elbv2_modify_trust_store(l->t.client, store.arn, &bundle, l->a, &stores[0], &l->err));
	lab_refused(l, elbv2_modify_trust_store(l->t.client, store.arn, &none, l->a, &stores[0], &l->err), "CaCertificatesBundleNotFound");
	lab_took(l, elbv2_trust_stores(l->t.client, NULL, NULL, l->a, &stores, &len, &l->err));
	lab_took(l, elbv2_trust_store_bundle(l->t.client, store.arn, l->a, &pem, &len, &l->err));
	assert_non_null(strstr(pem, "BEGIN CERTIFICATE"));
	lab_took(l, elbv2_add_revocation(l->t.client, store.arn, &crl, l->a, &revocation, &l->err));
	lab_took(l, elbv2_revocations(l->t.client, store.arn, l->a, &revocations, &len, &l->err));
	assert_int_equal(len, 1);
	lab_took(l, elbv2_revocation_content(l->t.client, store.arn, revocation.id, l->a, &pem, &len, &l->err));
	lab_took(l, elbv2_remove_revocation(l->t.client, store.arn, revocation.id, &l->err));
	lab_refused(l, elbv2_remove_revocation(l->t.client, store.arn, revocation.id, &l->err), "RevocationIdNotFound");
	balancer = query(l, "CreateLoadBalancer", "Name=front&Subnets.member.1=subnet-1&Subnets.member.2=subnet-2", "LoadBalancerArn");
	listener = query(l, "CreateListener", arena_printf(l->a, "LoadBalancerArn=%s&Protocol=HTTPS&Port=443&Certificates.member.1.CertificateArn=" CERTIFICATE
	    "&DefaultActions.member.1.Type=fixed-response&DefaultActions.member.1.FixedResponseConfig.StatusCode=200", balancer), "ListenerArn");
	mutual.trust_store = store.arn;
	lab_took(l, elbv2_set_mutual(l->t.client, listener, &mutual, l->a, &changed, &l->err));
	lab_took(l, elbv2_listeners(l->t.client, balancer, NULL, l->a, &listeners, &len, &l->err));
	assert_string_equal(listeners[0].mutual.trust_store, store.arn);
	lab_took(l, elbv2_trust_store_users(l->t.client, store.arn, l->a, &users, &len, &l->err));
	assert_int_equal(len, 1);
	lab_refused(l, elbv2_delete_trust_store(l->t.client, store.arn, &l->err), "TrustStoreInUse");
	lab_took(l, elbv2_set_mutual(l->t.client, listener, &(const struct listener_mutual){ .mode = "off" }, l->a, &changed, &l->err));
	lab_took(l, elbv2_delete_trust_store(l->t.client, store.arn, &l->err));
}

static const struct gateway {
	enum api_kind kind;
	const char *domain, *make, *make_api, *api_member; /* member of the answer */
	const char *map; /* with the API's id */
} gateways[] = {
	{ API_REST, "rest.example.com", "{\"domainName\":\"rest.example.com\",\"regionalCertificateArn\":\"" CERTIFICATE "\",\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]},"
	    "\"securityPolicy\":\"TLS_1_2\"}", "{\"name\":\"orders\"}", "id",
	    "{\"basePath\":\"v1\",\"restApiId\":\"%s\",\"stage\":\"prod\"}" },
	{ API_HTTP, "http.example.com", "{\"domainName\":\"http.example.com\",\"domainNameConfigurations\":[{\"certificateArn\":\"" CERTIFICATE "\",\"endpointType\":\"REGIONAL\","
	    "\"securityPolicy\":\"TLS_1_2\"}]}", "{\"name\":\"orders\",\"protocolType\":\"HTTP\"}", "apiId",
	    "{\"apiMappingKey\":\"v1\",\"apiId\":\"%s\",\"stage\":\"prod\"}" },
};

/* The text with its %s replaced. */
static const char *
filled(struct recorded_lab *l, const char *text, const char *with)
{
	const char *hole = strstr(text, "%s");

	return arena_printf(l->a, "%.*s%s%s", (int)(hole - text), text, with, hole + 2);
}

static void
gateway_story(struct recorded_lab *l, const struct gateway *g)
{
	bool http = g->kind == API_HTTP, disabled;
	const struct aws_service *service = http ? &aws_apigatewayv2 : &aws_apigateway;
	struct api_domain domain, *domains;
	struct api_mapping *mappings;
	const char *api;
	size_t len;
	cJSON *made;

	cJSON_Delete(rest(l, service, "CreateDomainName", http ? "/v2/domainnames" : "/domainnames", g->make));
	lab_took(l, apigateway_set_truststore(l->t.client, g->kind, g->domain, "s3://" CLOUD_BUCKET "/clients.pem", NULL, l->a, &domain, &l->err));
	lab_took(l, apigateway_wait_domain(l->t.client, g->kind, g->domain, l->a, &domain, &l->err));
	assert_string_equal(domain.truststore, "s3://" CLOUD_BUCKET "/clients.pem");
	lab_took(l, apigateway_domains(l->t.client, g->kind, l->a, &domains, &len, &l->err));
	assert_true(len >= 1);
	made = rest(l, service, http ? "CreateApi" : "CreateRestApi", http ? "/v2/apis" : "/restapis", g->make_api);
	api = arena_strdup(l->a, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(made, g->api_member)));
	cJSON_Delete(made);
	lab_took(l, apigateway_mappings(l->t.client, g->kind, g->domain, l->a, &mappings, &len, &l->err));
	assert_int_equal(len, 0);
	cJSON_Delete(rest(l, service, http ? "CreateApiMapping" : "CreateBasePathMapping",
	    filled(l, http ? "/v2/domainnames/%s/apimappings" : "/domainnames/%s/basepathmappings", g->domain), filled(l, g->map, api)));
	lab_took(l, apigateway_mappings(l->t.client, g->kind, g->domain, l->a, &mappings, &len, &l->err));
	assert_int_equal(len, 1);
	assert_string_equal(mappings[0].api, api);
	assert_string_equal(mappings[0].path, "v1");
	lab_took(l, apigateway_disable_default_endpoint(l->t.client, g->kind, api, true, &l->err));
	lab_took(l, apigateway_default_endpoint(l->t.client, g->kind, api, &disabled, &l->err));
	assert_true(disabled);
	lab_took(l, apigateway_set_truststore(l->t.client, g->kind, g->domain, "", NULL, l->a, &domain, &l->err));
	lab_refused(l, apigateway_domain(l->t.client, g->kind, "none.example.com", l->a, &domain, &l->err), "NotFoundException");
}

static void
test_services(void **state)
{
	struct recorded_lab l;

	(void)state;
	if (boto_python() == NULL)
		skip();
	recorded_lab_start(&l, false);
	put_trust(&l);
	s3_story(&l);
	secrets_story(&l);
	parameters_story(&l);
	watching_story(&l);
	load_balancer_story(&l);
	for (size_t i = 0; i < sizeof gateways / sizeof gateways[0]; i++)
		gateway_story(&l, &gateways[i]);
	recorded_lab_judge(&l, (const char *const[]){ "s3.GetObject", "s3.PutObject", "s3.ListObjectsV2", "s3.ListObjectVersions", "s3.GetBucketVersioning",
	    "s3.HeadBucket", "secretsmanager.GetSecretValue", "secretsmanager.PutSecretValue", "secretsmanager.UpdateSecretVersionStage",
	    "secretsmanager.DescribeSecret", "secretsmanager.ListSecrets", "ssm.GetParameter", "ssm.DescribeParameters", "ssm.PutParameter", "sts.GetCallerIdentity", "sts.AssumeRole",
	    "cloudwatch.PutMetricData", "cloudwatch.PutMetricAlarm", "cloudwatch.DescribeAlarms", "events.PutRule", "events.PutTargets", "events.ListRules",
	    "elbv2.CreateTrustStore", "elbv2.ModifyTrustStore", "elbv2.DescribeTrustStores", "elbv2.GetTrustStoreCaCertificatesBundle",
	    "elbv2.DeleteTrustStore", "elbv2.DescribeTrustStoreAssociations", "elbv2.AddTrustStoreRevocations", "elbv2.RemoveTrustStoreRevocations",
	    "elbv2.DescribeTrustStoreRevocations", "elbv2.GetTrustStoreRevocationContent", "elbv2.DescribeListeners", "elbv2.ModifyListener",
	    "apigateway.GetDomainNames", "apigateway.GetDomainName", "apigateway.UpdateDomainName", "apigateway.GetBasePathMappings", "apigateway.GetRestApi",
	    "apigateway.UpdateRestApi", "apigatewayv2.GetDomainNames", "apigatewayv2.GetDomainName", "apigatewayv2.UpdateDomainName",
	    "apigatewayv2.GetApiMappings", "apigatewayv2.GetApi", "apigatewayv2.UpdateApi", NULL });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
