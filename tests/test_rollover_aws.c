/*
 * A roll-over whose bundles lie in AWS: one service is behind a load balancer's trust store, one behind API Gateway. The lab's own AWS keeps both; what it keeps
 * is put into the bundle of the service behind it after each change, as the load balancer and API Gateway do, so that the service judges by it. All by the
 * command line; after each step everybody is healthy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/apigateway.h"
#include "aws/elbv2.h"
#include "aws/s3.h"
#include "lab/cloud.h"
#include "model/input.h"
#include "tests/aws_service.h"
#include "tests/cloud_calls.h"
#include "tests/rollover_fleet.h"

enum { FEW = 4, BALANCED = 1, GATEWAY = 3, BUNDLE_MOST = 1 << 20 /* of those that call nobody */ };
#define DOMAIN "api.example.com"

static struct rolled f;
static struct aws_service_test aws;
static char store[256];

static const char *
variable(const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(f.lab.json, "environment"), name));
}

/* ---- what the lab's AWS has ---- */

static void
make_domain(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct cloud_said said;
	struct api_domain d;

	cloud_say(NULL, &(struct cloud_ask){ .url = variable("AWS_ENDPOINT_URL"), .access_key = variable("AWS_ACCESS_KEY_ID"),
	    .secret = variable("AWS_SECRET_ACCESS_KEY"), .method = "POST", .path = "/domainnames", .service = "apigateway", .content_type = "application/json",
	    .body = "{\"domainName\":\"" DOMAIN "\",\"regionalCertificateArn\":\"arn:x\",\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]},"
	    "\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://" CLOUD_BUCKET "/domain.pem\"}}" }, &said);
	if (said.status < 200 || said.status > 299)
		fail_msg("%d %s", said.status, buf_str(&said.body));
	cloud_said_done(&said);
	if (apigateway_wait_domain(aws.client, API_REST, DOMAIN, aws.arena, &d, &err) != STATUS_OK)
		fail_msg("%s", err.message);
}

/* The bundle of a service, as AWS is to keep it. */
static void
put(const char *key, const char *file)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct error unread = { .code = ERROR_NONE };
	struct input in = { .bytes = NULL };

	assert_int_equal(input_read(file, BUNDLE_MOST, &in, &unread), STATUS_OK);
	if (s3_put(aws.client, CLOUD_BUCKET, key, (const char *)in.bytes, in.len, NULL, NULL, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	input_free(&in);
}

static void
make_cloud(void)
{
	struct trust_source from = { .bucket = CLOUD_BUCKET, .key = "balanced.pem" };
	struct aws_error err = { .kind = AWS_FINE };
	struct trust_store made;

	service_as(&aws, variable("AWS_ENDPOINT_URL"), variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
	put("balanced.pem", rolled_file(&f, BALANCED, "trust"));
	put("domain.pem", rolled_file(&f, GATEWAY, "trust"));
	if (elbv2_create_trust_store(aws.client, "payments", &from, aws.arena, &made, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	snprintf(store, sizeof store, "%s", made.arn);
	make_domain();
}

/* ---- and who judges by it ---- */

static size_t
certificates_in(const char *pem, size_t len)
{
	size_t n = 0;

	for (const char *at = pem; (at = memmem(at, len - (size_t)(at - pem), "-----BEGIN CERT", 15)) != NULL; at++)
		n++;
	return n;
}

static void
load_balancer_has(size_t cas)
{
	struct aws_error err = { .kind = AWS_FINE };
	const char *pem = NULL;
	size_t len = 0;

	if (elbv2_trust_store_bundle(aws.client, store, aws.arena, &pem, &len, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	assert_int_equal(certificates_in(pem, len), cas);
	assert_true(write_file(rolled_file(&f, BALANCED, "trust"), pem, len));
}

static void
api_gateway_has(size_t cas)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d;
	const unsigned char *pem = NULL;
	size_t len = 0;

	if (apigateway_domain(aws.client, API_REST, DOMAIN, aws.arena, &d, &err) != STATUS_OK ||
	    s3_get(aws.client, CLOUD_BUCKET, "domain.pem", d.version, 0, aws.arena, &pem, &len, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	assert_string_equal(d.status, "AVAILABLE");
	assert_int_equal(certificates_in((const char *)pem, len), cas);
	assert_true(write_file(rolled_file(&f, GATEWAY, "trust"), pem, len));
}

/* ---- the roll-over ---- */

static void
until_the_new_root_is_measured(void)
{
	SAYS(&f, 0, "steps done", "--way", "cross", "--apply", "--yes");
	SAYS(&f, 2, "the step that comes next is another one", "--next", "--trust-store", "payments", "--bucket", CLOUD_BUCKET);
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_is_next(&f, "trust");
}

static void
trust_everywhere(void)
{
	SAYS(&f, 0, "service-02: where its bundle lies is not configured", "--next", "--apply", "--yes");
	/* The files are done, and what AWS keeps is not: nothing moves on. */
	rolled_is_next(&f, "trust");
	SAYS(&f, 0, "elbv2 modify-trust-store", "--next", "--only", "service-02", "--trust-store", "payments", "--bucket", CLOUD_BUCKET);
	load_balancer_has(1);
	SAYS(&f, 0, "steps done", "--next", "--only", "service-02", "--trust-store", "payments", "--bucket", CLOUD_BUCKET, "--apply", "--yes");
	load_balancer_has(2);
	rolled_all_healthy(&f, "after the load balancer's bundle");
	rolled_is_next(&f, "trust");
	/* API Gateway wants what issues too. */
	SAYS(&f, 0, "steps done", "--next", "--only", "service-04", "--domain", DOMAIN, "--apply", "--yes");
	api_gateway_has(3);
	rolled_all_healthy(&f, "after API Gateway's bundle");
	rolled_is_next(&f, "move");
}

static void
the_old_root_out_everywhere(void)
{
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_all_healthy(&f, "after it was taken out of the files");
	SAYS(&f, 0, "steps done", "--next", "--trust-store", "payments", "--bucket", CLOUD_BUCKET, "--apply", "--yes");
	load_balancer_has(1);
	SAYS(&f, 0, "steps done", "--next", "--domain", DOMAIN, "--apply", "--yes");
	api_gateway_has(2);
	rolled_all_healthy(&f, "after it was taken out of what AWS keeps");
}

/* A trust store that nobody thought of holds the old root alone: taken out of it, nobody would be let in there. */
static void
one_that_was_forgotten(void)
{
	struct trust_source from = { .bucket = CLOUD_BUCKET, .key = "forgotten.pem" };
	struct aws_error err = { .kind = AWS_FINE };
	struct trust_store made;

	put("forgotten.pem", rolled_file(&f, BALANCED, "trust"));
	if (elbv2_create_trust_store(aws.client, "forgotten", &from, aws.arena, &made, &err) != STATUS_OK)
		fail_msg("%s", err.message);
}

static void
behind_aws(void **state)
{
	(void)state;
	assert_true(rolled_start(&f, FEW));
	rolled_use_behind(&f, (const char *const[]){ rolled_name(&f, BALANCED), rolled_name(&f, GATEWAY), NULL });
	make_cloud();
	one_that_was_forgotten();
	rolled_all_healthy(&f, "at first");
	until_the_new_root_is_measured();
	trust_everywhere();
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_all_healthy(&f, "after chains were moved");
	rolled_is_next(&f, "remove");
	SAYS(&f, 2, "is not in there yet, and must be first", "--next", "--trust-store", "forgotten", "--bucket", CLOUD_BUCKET, "--apply", "--yes");
	the_old_root_out_everywhere();
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_is_next(&f, NULL);
	service_stop(&aws);
	rolled_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behind_aws),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
