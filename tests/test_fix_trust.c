/*
 * `mtlscope fix` where the other side's trust, or its asking at all, lies in AWS: the plan, applied in one process and taken back in
 * another, against the lab's own AWS. What is checked is an endpoint of the lab, which no load balancer of it stands before: so the
 * finding stays, and the program must say so.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/apigateway.h"
#include "aws/elbv2.h"
#include "aws/s3.h"
#include "lab/cloud.h"
#include "tests/aws_service.h"
#include "tests/cloud_calls.h"
#include "tests/lab_process.h"
#include "tests/made.h"
#include "tests/program.h"

enum { MOST_ARGS = 48, MOST_ENV = 16 };

static struct lab_process lab;
static struct aws_service_test t;
static struct made old_root;
static char *folder, *old_pem, *env[MOST_ENV + 1];
static char store[256], listener[256];

/* ---- what the lab's AWS has ---- */

static const char *
variable(const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(lab.json, "environment"), name));
}

static void
text_between(const char *text, const char *from, char out[256])
{
	const char *at = strstr(text, from);

	if (at == NULL)
		fail_msg("no %s in %s", from, text);
	snprintf(out, 256, "%.*s", (int)strcspn(at + strlen(from), "<\""), at + strlen(from));
}

static void
ask(const char *method, const char *path, const char *service, const char *body, const char *element, char out[256])
{
	bool form = strcmp(service, "elasticloadbalancing") == 0;
	struct cloud_said said;

	cloud_say(NULL, &(struct cloud_ask){ .url = variable("AWS_ENDPOINT_URL"), .access_key = variable("AWS_ACCESS_KEY_ID"),
	    .secret = variable("AWS_SECRET_ACCESS_KEY"), .method = method, .path = path, .service = service, .body = body, .form = form,
	    .content_type = form ? NULL : "application/json" }, &said);
	if (said.status < 200 || said.status > 299)
		fail_msg("%s: %d %s", body, said.status, buf_str(&said.body));
	text_between(buf_str(&said.body), element, out);
	cloud_said_done(&said);
}

static void
make_cloud(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct trust_source from = { .bucket = CLOUD_BUCKET, .key = "first.pem" };
	struct trust_store made;
	char balancer[256], body[1024], unused[256];

	if (s3_put(t.client, CLOUD_BUCKET, "first.pem", old_pem, strlen(old_pem), NULL, NULL, NULL, &err) != STATUS_OK ||
	    elbv2_create_trust_store(t.client, "payments", &from, t.arena, &made, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	snprintf(store, sizeof store, "%s", made.arn);
	ask("POST", "/", "elasticloadbalancing", "Action=CreateLoadBalancer&Version=2015-12-01&Name=front", "<LoadBalancerArn>", balancer);
	snprintf(body, sizeof body, "Action=CreateListener&Version=2015-12-01&LoadBalancerArn=%s&Protocol=HTTPS&Port=443&Certificates.member.1.CertificateArn=arn%%3Ax",
	    balancer);
	ask("POST", "/", "elasticloadbalancing", body, "<ListenerArn>", listener);
	ask("POST", "/domainnames", "apigateway", "{\"domainName\":\"api.example.com\",\"regionalCertificateArn\":\"arn:x\",\"endpointConfiguration\":"
	    "{\"types\":[\"REGIONAL\"]},\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://" CLOUD_BUCKET "/first.pem\"}}", "\"domainName\":", unused);
}

static int
set_up(void **state)
{
	struct buf pem = { 0 };
	const cJSON *item;
	size_t n = 0;

	(void)state;
	folder = make_folder();
	if (!lab_process_start(&lab, 0))
		return -1;
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(lab.json, "environment")) {
		if (asprintf(&env[n++], "%s=%s", item->string, item->valuestring) < 0)
			return -1;
	}
	if (asprintf(&env[n++], "XDG_STATE_HOME=%s", folder) < 0 || asprintf(&env[n++], "XDG_CONFIG_HOME=%s", folder) < 0)
		return -1;
	service_as(&t, variable("AWS_ENDPOINT_URL"), variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
	old_root = made_ca("Old Root", NULL);
	cert_pem(old_root.cert, &pem);
	old_pem = pem.data;
	make_cloud();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	service_stop(&t);
	lab_process_stop(&lab);
	for (size_t i = 0; env[i] != NULL; i++)
		free(env[i]);
	free(old_pem);
	made_free(&old_root);
	remove_folder(folder);
	return 0;
}

/* ---- the program ---- */

static const cJSON *
endpoint_with(const char *expect)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, cJSON_GetObjectItem(lab.json, "endpoints")) {
		const char *is = cJSON_GetStringValue(cJSON_GetObjectItem(e, "expect"));

		if (is != NULL && strcmp(is, expect) == 0 && !cJSON_GetObjectItem(e, "starttls"))
			return e;
	}
	fail_msg("the lab has no %s", expect);
	return NULL;
}

/* What it printed; the caller's. more: words behind those that the endpoint needs; NULL-terminated. */
static char *
run_it(const char *what, const cJSON *e, const char *const more[], int *result)
{
	static const char *const options[][2] = { { "cert", "--cert" }, { "key", "--key" }, { "cacert", "--cacert" }, { "servername", "--servername" },
		{ "path", "--path" } };
	const char *argv[MOST_ARGS] = { mtlscope(), what };
	const cJSON *word;
	size_t n = 2;
	struct run r;
	char *out;

	if (e != NULL)
		argv[n++] = cJSON_GetStringValue(cJSON_GetObjectItem(e, "address"));
	for (size_t i = 0; e != NULL && i < sizeof options / sizeof options[0]; i++) {
		const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(e, options[i][0]));

		if (value != NULL) {
			argv[n++] = options[i][1];
			argv[n++] = value;
		}
	}
	cJSON_ArrayForEach(word, cJSON_GetObjectItem(e, "args"))
		argv[n++] = word->valuestring;
	while (*more != NULL)
		argv[n++] = *more++;
	run_program(argv, &(struct run_options){ .env = (const char *const *)env, .deadline_ms = 60000 }, &r);
	*result = r.status;
	buf_adds(&r.out, buf_str(&r.err));
	out = mem_strdup(buf_str(&r.out));
	run_done(&r);
	return out;
}

static void
says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no “%s” in\n%s", part, text);
}

static const char *
in_use(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	const char *pem;
	size_t len;

	if (elbv2_trust_store_bundle(t.client, store, t.arena, &pem, &len, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return pem;
}

static const char *
mode(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct listener *l;
	size_t len;

	if (elbv2_listeners(t.client, NULL, listener, t.arena, &l, &len, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return l[0].mutual.mode;
}

static void
undo_newest(void)
{
	int result;
	char *id = run_it("log", NULL, (const char *const[]){ "--json", NULL }, &result), *said, number[32];
	const char *at = strstr(id, "\"id\":");

	if (at == NULL)
		fail_msg("%s", id);
	snprintf(number, sizeof number, "%ld", strtol(at + 5, NULL, 10));
	said = run_it("undo", NULL, (const char *const[]){ number, "--apply", "--yes", NULL }, &result);
	if (result != 0)
		fail_msg("undo %s: %d\n%s", number, result, said);
	free(said);
	free(id);
}

/* Our root into the load balancer's trust store: what it held stays. */
static void
trust_store(void **state)
{
	const cJSON *e = endpoint_with("client.untrusted");
	const char *const plan[] = { "--trust-store", "payments", "--bucket", CLOUD_BUCKET, NULL };
	const char *const apply[] = { "--trust-store", "payments", "--bucket", CLOUD_BUCKET, "--apply", "--yes", NULL };
	int result;
	char *said = run_it("fix", e, plan, &result);

	(void)state;
	says(said, "to the trust store “payments”");
	says(said, "elbv2 modify-trust-store");
	assert_int_equal(result, 0);
	assert_string_equal(in_use(), old_pem);
	free(said);
	said = run_it("fix", e, apply, &result);
	assert_int_not_equal(result, 0); /* the endpoint itself is as it was */
	if (strncmp(in_use(), old_pem, strlen(old_pem)) != 0 || strlen(in_use()) <= strlen(old_pem))
		fail_msg("%s", said);
	free(said);
	undo_newest();
	assert_string_equal(in_use(), old_pem);
}

static void
truststore(void **state)
{
	const cJSON *e = endpoint_with("client.untrusted");
	const char *const apply[] = { "--domain", "api.example.com", "--apply", "--yes", NULL };
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain before, after;
	int result;
	char *said;

	(void)state;
	assert_int_equal(apigateway_domain(t.client, API_REST, "api.example.com", t.arena, &before, &err), STATUS_OK);
	said = run_it("fix", e, apply, &result);
	assert_int_equal(apigateway_domain(t.client, API_REST, "api.example.com", t.arena, &after, &err), STATUS_OK);
	if (after.version == NULL)
		fail_msg("%s", said);
	free(said);
	undo_newest();
	assert_int_equal(apigateway_domain(t.client, API_REST, "api.example.com", t.arena, &after, &err), STATUS_OK);
	assert_string_equal(after.truststore, before.truststore);
}

static void
asking(void **state)
{
	const cJSON *e = endpoint_with("mtls.not-requested");
	const char *const apply[] = { "--listener", listener, "--trust-store", "payments", "--apply", "--yes", NULL };
	const char *const without[] = { "--listener", listener, NULL };
	int result;
	char *said = run_it("fix", e, without, &result);

	(void)state;
	says(said, "name the trust store");
	assert_int_not_equal(result, 0);
	free(said);
	assert_string_equal(mode(), "off");
	said = run_it("fix", e, apply, &result);
	if (strcmp(mode(), "verify") != 0)
		fail_msg("%s", said);
	says(said, "client certificates");
	free(said);
	undo_newest();
	assert_string_equal(mode(), "off");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_store),
		cmocka_unit_test(truststore),
		cmocka_unit_test(asking),
	};

	return cmocka_run_group_tests_name("fix_trust", tests, set_up, tear_down);
}
