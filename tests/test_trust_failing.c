/*
 * AWS that does not do what it was asked for: domain names that end in another state than AVAILABLE, trust stores that never become
 * ACTIVE, or have other CAs then. By a scripted server. And S3 by moto, which this project did not write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/plan_store.h"
#include "fixes/s3_object.h"
#include "fixes/trust.h"
#include "tests/boto.h"
#include "tests/moto.h"
#include "tests/program.h"
#include "tests/trust_world.h"

#define ARN "arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/payments/0123456789abcdef"
#define DOMAIN(version, status) "{\"domainName\":\"d.example.com\",\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]},\"domainNameStatus\":\"" status "\"," \
	"\"domainNameStatusMessage\":\"The certificate subject conflicts\",\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://stores/ts.pem\"," \
	"\"truststoreVersion\":\"" version "\"}}"

static struct trust_world w;

static int
setup(void **state)
{
	(void)state;
	trust_world_start(&w);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	trust_world_stop(&w);
	return 0;
}

static struct plan *
plan_with(struct aws_client *c)
{
	struct plan *p = trust_world_plan(&w);

	p->place.client = c;
	return p;
}

/* The plan stops, says what AWS said, and where the way back ended no better, that too. */
static void
domains(void **state)
{
	static const struct {
		const char *became, *says;
		bool stuck;
	} cases[] = {
		{ DOMAIN("new", "PENDING_CERTIFICATE_REIMPORT"), "the domain name became PENDING_CERTIFICATE_REIMPORT, not AVAILABLE: The certificate subject conflicts",
		    true },
		{ DOMAIN("new", "FAILED"), "the domain name became FAILED, not AVAILABLE", true },
		{ DOMAIN("new", "UPDATING"), "the domain name is still UPDATING", true },
		{ DOMAIN("old", "AVAILABLE"), "the domain name still uses version old", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct http_step steps[] = {
			/* While it is planned, looked at, and just before it is changed. */
			{ .method = "GET", .target = "/domainnames/d.example.com$", .times = 3, .body = DOMAIN("old", "AVAILABLE") },
			{ .method = "PATCH", .target = "/domainnames/d.example.com$", .body = DOMAIN("new", "UPDATING") },
			{ .method = "GET", .target = "/domainnames/d.example.com$", .body = cases[i].became },
			{ .method = "GET", .target = "/stores?versioning", .body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>" },
			{ .method = "GET", .target = "/stores/ts.pem", .body = w.old_pem },
			{ .method = "PUT", .target = "/stores/ts.pem", .headers = "x-amz-version-id: new\r\n" },
			{ .method = NULL },
		};
		struct aws_service_test t;
		struct error err = { .code = ERROR_NONE };
		struct plan *p;

		service_script(&t, steps);
		trust_hurry(&t);
		p = plan_with(t.client);
		trust_must(trust_steps(p, &(struct trust_wish){ .kind = TRUST_APIGATEWAY, .where = "d.example.com", .add = w.new_root.cert }, &err), &err);
		assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(err.code, ERROR_AWS);
		assert_int_equal(p->state, PLAN_STOPPED);
		assert_non_null(strstr(p->go_on_command, "mtlscope resume"));
		assert_int_equal(strstr(p->go_on, "Step 1 could not be undone") != NULL, cases[i].stuck);
		assert_int_equal(p->steps[0].state, cases[i].stuck ? STEP_FAILED : STEP_UNDONE);
		changes_unlock(w.record);
		plan_free(p);
		service_stop(&t);
	}
}

static char *
answer(const char *action, const char *what)
{
	struct buf b = { 0 };

	buf_addf(&b, "<%sResponse><%sResult>%s</%sResult></%sResponse>", action, action, what, action, action);
	return b.data;
}

#define STORE(status) "<TrustStores><member><Name>payments</Name><TrustStoreArn>" ARN "</TrustStoreArn><Status>" status "</Status><NumberOfCaCertificates>7" \
	"</NumberOfCaCertificates></member></TrustStores>"

/* Modified as it should be, then never ACTIVE; or ACTIVE at once, with what it had. */
static void
stores(void **state)
{
	static const struct {
		const char *status, *says;
	} cases[] = {
		{ STORE("CREATING"), "is not ACTIVE yet" },
		{ STORE("ACTIVE"), "is ACTIVE with 7 CAs, and they are not the ones that it was given" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_step steps[] = {
			{ .method = "POST", .target = "/$", .has = "Action=DescribeTrustStores&", .times = 1 },
			{ .method = "POST", .target = "/$", .has = "Action=DescribeTrustStores&" },
			{ .method = "POST", .target = "/$", .has = "Action=GetTrustStoreCaCertificatesBundle&" },
			{ .method = "POST", .target = "/$", .has = "Action=ModifyTrustStore&" },
			{ .method = "POST", .target = "/$", .has = "Action=DescribeTrustStoreAssociations&" },
			{ .method = "GET", .target = "/bundle$", .body = w.old_pem },
			{ .method = "HEAD", .target = "/stores" },
			{ .method = "GET", .target = "/stores?versioning", .body = "<VersioningConfiguration/>" },
			{ .method = "GET", .target = "/stores/mtlscope/", .status = 404, .body = "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>" },
			{ .method = "PUT", .target = "/stores/mtlscope/" },
			{ .method = NULL },
		};
		char *answers[5] = { answer("DescribeTrustStores", STORE("ACTIVE")), answer("DescribeTrustStores", cases[i].status), NULL,
			answer("ModifyTrustStore", cases[i].status), answer("DescribeTrustStoreAssociations", "<TrustStoreAssociations/>") };
		struct aws_service_test t;
		struct error err = { .code = ERROR_NONE };
		char where[256];
		struct plan *p;

		service_script(&t, steps);
		trust_hurry(&t);
		snprintf(where, sizeof where, "<Location>%s/bundle</Location>", http_script_url(t.script));
		answers[2] = answer("GetTrustStoreCaCertificatesBundle", where);
		for (size_t k = 0; k < 5; k++)
			steps[k].body = answers[k];
		p = plan_with(t.client);
		trust_must(trust_steps(p, &(struct trust_wish){ .kind = TRUST_ALB, .where = ARN, .add = w.new_root.cert, .bucket = "stores" }, &err), &err);
		assert_int_equal(p->reached, REACH_UNKNOWN);
		assert_non_null(strstr(p->reach[0], "trust store “payments”. UNKNOWN: whether anything reads it"));
		assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(p->state, PLAN_STOPPED);
		changes_unlock(w.record);
		plan_free(p);
		service_stop(&t);
		for (size_t k = 0; k < 5; k++)
			free(answers[k]);
	}
}

/* ---- S3 by moto ---- */

static const char make_buckets[] =
    "c = client('s3')\n"
    "c.create_bucket(Bucket='stores')\n"
    "c.put_bucket_versioning(Bucket='stores', VersioningConfiguration={'Status': 'Enabled'})\n"
    "c.create_bucket(Bucket='plain')\n"
    "for b in 'stores', 'plain': c.put_object(Bucket=b, Key='ts.pem', Body=b'what lay there')\n"
    "print('{}')\n";
static const char tell[] =
    "c = client('s3')\n"
    "print(json.dumps({b: [c.get_object(Bucket=b, Key='ts.pem', **({'VersionId': v['VersionId']} if b == 'stores' else {}))['Body'].read().decode()"
    " for v in c.list_object_versions(Bucket=b, Prefix='ts.pem')['Versions']] for b in ('stores', 'plain')}))\n";

static void
objects_by_moto(void **state)
{
	char *folder, url[64];
	static const char *const buckets[] = { "stores", "plain" };
	struct aws_service_test t;
	struct error err = { .code = ERROR_NONE };
	pid_t moto = 0;
	cJSON *told;

	(void)state;
	folder = make_folder();
	if (boto_python() == NULL || !moto_start(folder, 0, &moto, url)) {
		remove_folder(folder);
		skip();
	}
	cJSON_Delete(service_boto(url, make_buckets));
	service_at(&t, url);
	for (size_t i = 0; i < 2; i++) {
		struct plan *p = plan_with(t.client);
		struct plan_step *s = plan_add(p);
		const char *version, *again, *back;
		cJSON *before, *none;

		s->what = "put it";
		trust_must(s3_object_look(p, buckets[i], "none.pem", &none, &err), &err);
		assert_true(cJSON_IsFalse(cJSON_GetObjectItem(none, "there")));
		trust_must(s3_object_look(p, buckets[i], "ts.pem", &before, &err), &err);
		assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(before, "text")), "what lay there");
		p->record = NULL;
		trust_must(s3_object_put(p, s, "it.version", buckets[i], "ts.pem", "new", &version, &err), &err);
		assert_true((version != NULL) == (i == 0));
		/* It is known; and where the note was lost it is found. */
		trust_must(s3_object_put(p, s, "it.version", buckets[i], "ts.pem", "new", &again, &err), &err);
		assert_true((again == NULL && version == NULL) || strcmp(again, version) == 0);
		trust_must(s3_object_put(p, s, "lost.version", buckets[i], "ts.pem", "new", &again, &err), &err);
		assert_true((again == NULL && version == NULL) || strcmp(again, version) == 0);
		/* Back once; then what is there is not ours, and stays. */
		for (int twice = 0; twice < 2; twice++)
			trust_must(s3_object_put_back(p, s, buckets[i], "ts.pem", "new", before, &back, &err), &err);
		assert_null(back);
		cJSON_Delete(before);
		cJSON_Delete(none);
		plan_free(p);
	}
	told = service_boto(url, tell);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(told, "stores")), 3);
	assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(told, "stores"), 0)->valuestring, "what lay there");
	assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(told, "stores"), 1)->valuestring, "new");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(told, "plain")), 1);
	assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(told, "plain"), 0)->valuestring, "what lay there");
	cJSON_Delete(told);
	service_stop(&t);
	stop_server(moto);
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains),
		cmocka_unit_test(stores),
		cmocka_unit_test(objects_by_moto),
	};

	return cmocka_run_group_tests_name("trust_failing", tests, setup, teardown);
}
