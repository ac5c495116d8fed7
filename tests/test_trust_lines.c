/* The command lines of plans that change trust, run in a shell with the real AWS CLI: they do what the plan itself would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/apigateway.h"
#include "aws/elbv2.h"
#include "fixes/require.h"
#include "fixes/trust.h"
#include "tests/aws_cli.h"
#include "tests/program.h"
#include "tests/trust_world.h"

#define DEBIAN_CLI "/usr/bin/aws" /* version 2; the one beside the python3 that comes first on PATH is version 1 */

static struct trust_world w;
static struct aws_cli clis[2];
static char names[2][4096];
static char store[256], listener[256], rest[32], http[32];

static void
find_clis(void)
{
	struct run r;

	run_program((const char *const[]){ "python3", "-c", "import sys, os\np = os.path.join(os.path.dirname(sys.executable), 'aws')\n"
	    "print(p if os.access(p, os.X_OK) and p != '" DEBIAN_CLI "' else '')", NULL }, NULL, &r);
	if (r.status == 0)
		snprintf(names[0], sizeof names[0], "%.*s", (int)strcspn(buf_str(&r.out), "\n"), buf_str(&r.out));
	run_done(&r);
	if (access(DEBIAN_CLI, X_OK) == 0)
		snprintf(names[1], sizeof names[1], "%s", DEBIAN_CLI);
}

static int
setup(void **state)
{
	char balancer[256];

	(void)state;
	trust_world_start(&w);
	trust_world_bucket(&w, "stores", true);
	trust_world_bucket(&w, "plain", false);
	trust_world_put(&w, "stores", "first.pem", w.old_pem);
	snprintf(store, sizeof store, "%s", trust_world_elb(&w, "TrustStoreArn", "CreateTrustStore",
	    "Name=payments&CaCertificatesBundleS3Bucket=stores&CaCertificatesBundleS3Key=first.pem"));
	snprintf(balancer, sizeof balancer, "%s", trust_world_elb(&w, "LoadBalancerArn", "CreateLoadBalancer", "Name=front"));
	snprintf(listener, sizeof listener, "%s", trust_world_elb(&w, "ListenerArn", "CreateListener", "LoadBalancerArn=%s&Protocol=HTTPS&Port=8443&"
	    "Certificates.member.1.CertificateArn=arn:x", balancer));
	snprintf(rest, sizeof rest, "%s", trust_world_gateway(&w, "id", "POST", "/restapis", "{\"name\":\"orders\"}"));
	snprintf(http, sizeof http, "%s", trust_world_gateway(&w, "apiId", "POST", "/v2/apis", "{\"name\":\"refunds\",\"protocolType\":\"HTTP\"}"));
	find_clis();
	for (size_t i = 0; i < 2; i++) {
		const char *folder = in_folder(w.home, i == 0 ? "v1" : "v2");

		assert_int_equal(mkdir(folder, 0700), 0);
		if (names[i][0] != '\0')
			aws_cli_start(&clis[i], names[i], folder);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++)
		aws_cli_stop(&clis[i]);
	trust_world_stop(&w);
	return 0;
}

/* In a folder of its own, where the files of the CAs lie under the names that the comment gives them. */
static void
run_line(const char *line, size_t version)
{
	char *folder = make_folder(), key[128], secret[192], path[8192];
	const char *const env[] = { key, secret, path, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_CONFIG_FILE=/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1", NULL };
	struct buf script = { 0 };
	struct run r;

	snprintf(key, sizeof key, "AWS_ACCESS_KEY_ID=%s", cloud_access_key(w.lab.cloud));
	snprintf(secret, sizeof secret, "AWS_SECRET_ACCESS_KEY=%s", cloud_secret(w.lab.cloud));
	snprintf(path, sizeof path, "PATH=%.*s:/usr/bin:/bin", (int)(strrchr(clis[version].path, '/') - clis[version].path), clis[version].path);
	assert_true(write_file(in_folder(folder, "new-root.pem"), w.new_pem, strlen(w.new_pem)));
	buf_addf(&script, "cd '%s' &&\n%s", folder, line);
	run_program((const char *const[]){ "/bin/sh", "-c", script.data, NULL }, &(struct run_options){ .env = env }, &r);
	if (r.status != 0)
		fail_msg("status %d: %s\n%s", r.status, buf_str(&r.err), line);
	run_done(&r);
	buf_done(&script);
	remove_folder(folder);
}

static struct plan *
here(void)
{
	struct plan *p = trust_world_plan(&w);

	p->place.endpoint_url = cloud_url(w.lab.cloud);
	return p;
}

static void
wished(const struct trust_wish *wish, size_t version)
{
	struct plan *p = here();
	struct error err = { .code = ERROR_NONE };

	trust_must(trust_steps(p, wish, &err), &err);
	assert_int_equal(p->len, 1);
	run_line(p->steps[0].command, version);
	plan_free(p);
}

static void
required(const struct require_wish *wish, size_t version)
{
	struct plan *p = here();
	struct error err = { .code = ERROR_NONE };

	trust_must(require_steps(p, wish, &err), &err);
	assert_int_equal(p->len, 1);
	run_line(p->steps[0].command, version);
	plan_free(p);
}

static const char *
in_use(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	const char *pem;
	size_t len;

	if (elbv2_trust_store_bundle(w.t.client, store, w.t.arena, &pem, &len, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return pem;
}

static struct api_domain
domain(const char *name)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d;

	if (apigateway_wait_domain(w.t.client, API_REST, name, w.t.arena, &d, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return d;
}

static void
a_domain(const char *name)
{
	char body[256];

	snprintf(body, sizeof body, "{\"domainName\":\"%s\",\"regionalCertificateArn\":\"arn:x\",\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]}}", name);
	trust_world_gateway(&w, NULL, "POST", "/domainnames", body);
	(void)domain(name);
}

/* Asks for certificates of the old root, then of the new one too, then of that alone. */
static void
domain_lines(const char *name, bool as_http, const char *bucket, size_t version)
{
	const struct cert *cas[] = { w.new_root.cert };
	struct api_domain d;
	const char *old;

	a_domain(name);
	required(&(struct require_wish){ .kind = REQUIRE_DOMAIN, .where = name, .cas = cas, .cas_len = 1, .bucket = bucket, .key = name, .http_api = as_http },
	    version);
	d = domain(name);
	assert_non_null(strstr(d.truststore, name));
	assert_string_equal(trust_world_get(&w, bucket, name, d.version), w.new_pem);
	/* As if somebody had put both there. */
	old = trust_world_put(&w, bucket, name, w.both);
	if (old[0] != '\0') {
		struct aws_error err = { .kind = AWS_FINE };

		assert_int_equal(apigateway_set_truststore(w.t.client, API_HTTP, name, d.truststore, old, w.t.arena, &d, &err), STATUS_OK);
		(void)domain(name);
	}
	wished(&(struct trust_wish){ .kind = TRUST_APIGATEWAY, .where = name, .remove = w.old_root.cert, .http_api = as_http }, version);
	d = domain(name);
	assert_string_equal(trust_world_get(&w, bucket, name, d.version), w.new_pem);
	assert_true(old[0] == '\0' ? d.version == NULL : strcmp(d.version, old) != 0);
}

/* Trust stores are younger (November 2023) than what some distributions have of the CLI. */
static bool
knows_trust_stores(size_t version)
{
	struct run r;
	bool knows;

	run_program((const char *const[]){ clis[version].path, "elbv2", "modify-trust-store", NULL }, NULL, &r);
	knows = strstr(buf_str(&r.err), "--trust-store-arn") != NULL;
	run_done(&r);
	return knows;
}

static void
store_lines(size_t version)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct trust_source from = { .bucket = "stores", .key = "first.pem" };
	struct trust_store out;

	assert_int_equal(elbv2_modify_trust_store(w.t.client, store, &from, w.t.arena, &out, &err), STATUS_OK);
	wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.new_root.cert, .remove = w.old_root.cert, .bucket = "stores" }, version);
	assert_string_equal(in_use(), w.new_pem);
}

/* Each of the shapes, and the other CLI where there is one. */
static void
lines(void **state)
{
	size_t last = names[1][0] != '\0' ? 1 : 0, first = names[0][0] != '\0' ? 0 : 1;

	(void)state;
	if (names[last][0] == '\0')
		skip();
	if (knows_trust_stores(first))
		store_lines(first);
	domain_lines("a.example.com", true, "stores", first);
	domain_lines("b.example.com", false, "stores", last);
	domain_lines("c.example.com", false, "plain", last);
}

static void
settings(void **state)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct listener *l;
	size_t version = names[0][0] != '\0' ? 0 : 1, len;
	bool disabled = false;

	(void)state;
	if (names[version][0] == '\0' || !knows_trust_stores(version))
		skip();
	required(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = listener, .trust_store = store }, version);
	assert_int_equal(elbv2_listeners(w.t.client, NULL, listener, w.t.arena, &l, &len, &err), STATUS_OK);
	assert_string_equal(l[0].mutual.mode, "verify");
	assert_string_equal(l[0].mutual.trust_store, store);
	required(&(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = rest }, version);
	assert_int_equal(apigateway_default_endpoint(w.t.client, API_REST, rest, &disabled, &err), STATUS_OK);
	assert_true(disabled);
	required(&(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = http }, version);
	disabled = false;
	assert_int_equal(apigateway_default_endpoint(w.t.client, API_HTTP, http, &disabled, &err), STATUS_OK);
	assert_true(disabled);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(settings),
	};
	int called;

	if (aws_cli_called(argc, argv, &called))
		return called;
	return cmocka_run_group_tests_name("trust_lines", tests, setup, teardown);
}
