/* Client certificates asked for where they are not: listeners, domain names, default addresses; and the way back. */
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
#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "fixes/require.h"
#include "tests/trust_world.h"

#define DOMAIN "api.example.com"

static struct trust_world w;
static char store[256], other_store[256], balancer[256], listener[256], plain[256], rest[32], http[32];

static const char *
make_listener(int port, const char *protocol)
{
	return trust_world_elb(&w, "ListenerArn", "CreateListener", "LoadBalancerArn=%s&Protocol=%s&Port=%d&Certificates.member.1.CertificateArn=arn:x", balancer,
	    protocol, port);
}

static int
setup(void **state)
{
	char body[256];

	(void)state;
	trust_world_start(&w);
	trust_world_bucket(&w, "stores", true);
	trust_world_put(&w, "stores", "first.pem", w.old_pem);
	snprintf(store, sizeof store, "%s", trust_world_elb(&w, "TrustStoreArn", "CreateTrustStore",
	    "Name=payments&CaCertificatesBundleS3Bucket=stores&CaCertificatesBundleS3Key=first.pem"));
	snprintf(other_store, sizeof other_store, "%s", trust_world_elb(&w, "TrustStoreArn", "CreateTrustStore",
	    "Name=others&CaCertificatesBundleS3Bucket=stores&CaCertificatesBundleS3Key=first.pem"));
	snprintf(balancer, sizeof balancer, "%s", trust_world_elb(&w, "LoadBalancerArn", "CreateLoadBalancer", "Name=front"));
	snprintf(listener, sizeof listener, "%s", make_listener(8443, "HTTPS"));
	snprintf(plain, sizeof plain, "%s", trust_world_elb(&w, "ListenerArn", "CreateListener", "LoadBalancerArn=%s&Protocol=HTTP&Port=80", balancer));
	trust_world_gateway(&w, NULL, "POST", "/domainnames", "{\"domainName\":\"" DOMAIN "\",\"regionalCertificateArn\":\"arn:x\","
	    "\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]}}");
	trust_world_gateway(&w, NULL, "POST", "/domainnames", "{\"domainName\":\"edge.example.com\",\"certificateArn\":\"arn:x\"}");
	snprintf(rest, sizeof rest, "%s", trust_world_gateway(&w, "id", "POST", "/restapis", "{\"name\":\"orders\"}"));
	snprintf(http, sizeof http, "%s", trust_world_gateway(&w, "apiId", "POST", "/v2/apis", "{\"name\":\"refunds\",\"protocolType\":\"HTTP\"}"));
	snprintf(body, sizeof body, "{\"basePath\":\"orders\",\"restApiId\":\"%s\",\"stage\":\"prod\"}", rest);
	trust_world_gateway(&w, NULL, "POST", "/domainnames/" DOMAIN "/basepathmappings", body);
	snprintf(body, sizeof body, "{\"apiMappingKey\":\"refunds\",\"apiId\":\"%s\",\"stage\":\"$default\"}", http);
	trust_world_gateway(&w, NULL, "POST", "/v2/domainnames/" DOMAIN "/apimappings", body);
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
wished(const struct require_wish *wish)
{
	struct plan *p = trust_world_plan(&w);
	struct error err = { .code = ERROR_NONE };

	trust_must(require_steps(p, wish, &err), &err);
	return p;
}

static void
refused(const struct require_wish *wish, const char *says)
{
	struct plan *p = trust_world_plan(&w);
	struct error err = { .code = ERROR_NONE };

	assert_int_equal(require_steps(p, wish, &err), STATUS_FAILED);
	if (strstr(err.text, says) == NULL)
		fail_msg("“%s” instead of “%s”", err.text, says);
	assert_int_equal(p->len, 0);
	plan_free(p);
}

/* ---- listeners ---- */

static struct listener_mutual
mutual(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct listener *l;
	size_t len;

	if (elbv2_listeners(w.t.client, NULL, listener, w.t.arena, &l, &len, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return l[0].mutual;
}

static void
set_mutual(const struct listener_mutual *m)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct listener l;

	if (elbv2_set_mutual(w.t.client, listener, m, w.t.arena, &l, &err) != STATUS_OK)
		fail_msg("%s", err.message);
}

static bool
same(const char *a, const char *b)
{
	return (a == NULL && b == NULL) || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
listeners(void **state)
{
	const struct listener_mutual before[] = {
		{ .mode = "off" },
		{ .mode = "passthrough" },
		{ .mode = "verify", .trust_store = other_store, .ignore_expiry = "true", .advertise = "on" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		struct listener_mutual now;
		struct plan *p;

		set_mutual(&before[i]);
		p = wished(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = listener, .trust_store = i == 0 ? "payments" : store });
		assert_int_equal(p->len, 1);
		assert_non_null(strstr(p->steps[0].command, "--mutual-authentication Mode=verify,TrustStoreArn=arn:aws:elasticloadbalancing:"));
		assert_non_null(strstr(p->steps[0].undo, before[i].mode));
		trust_apply(p);
		now = mutual();
		assert_string_equal(now.mode, "verify");
		assert_string_equal(now.trust_store, store);
		trust_back(&w, p->id);
		now = mutual();
		assert_string_equal(now.mode, before[i].mode);
		assert_true(same(now.trust_store, before[i].trust_store) && same(now.ignore_expiry, before[i].ignore_expiry) &&
		    same(now.advertise, before[i].advertise));
		plan_free(p);
	}
}

static void
listeners_refused(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	set_mutual(&(struct listener_mutual){ .mode = "off" });
	refused(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = plain, .trust_store = store }, "speaks HTTP: client certificates");
	refused(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = listener }, "name the trust store");
	refused(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = listener, .trust_store = "none" }, "look for the trust store");
	refused(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = "arn:none", .trust_store = store }, "look for the listener");
	/* Somebody else has switched it on otherwise, since. */
	p = wished(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = listener, .trust_store = store });
	trust_apply(p);
	set_mutual(&(struct listener_mutual){ .mode = "passthrough" });
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_string_equal(mutual().mode, "passthrough");
	changes_unlock(w.record);
	plan_free(p);
	/* It is so already. */
	set_mutual(&(struct listener_mutual){ .mode = "verify", .trust_store = store });
	p = wished(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = listener, .trust_store = store });
	assert_int_equal(p->len, 0);
	assert_true(trust_says(p->notes, p->notes_len, "Nothing to do"));
	plan_free(p);
	/* Two of a load balancer are the most, and AWS would say so too late. */
	set_mutual(&(struct listener_mutual){ .mode = "off" });
	for (int port = 9443; port <= 9444; port++) {
		char arn[256];

		snprintf(arn, sizeof arn, "%s", make_listener(port, "HTTPS"));
		trust_world_elb(&w, NULL, "ModifyListener", "ListenerArn=%s&MutualAuthentication.Mode=verify&MutualAuthentication.TrustStoreArn=%s", arn, store);
	}
	refused(&(struct require_wish){ .kind = REQUIRE_LISTENER, .where = listener, .trust_store = store }, "2 listeners of this load balancer check clients already");
}

/* ---- domain names ---- */

static struct api_domain
domain(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d;

	if (apigateway_wait_domain(w.t.client, API_REST, DOMAIN, w.t.arena, &d, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return d;
}

static void
domains(void **state)
{
	const struct cert *cas[] = { w.new_root.cert, w.issuing.cert };
	struct buf both = { 0 };

	(void)state;
	cert_pem(w.new_root.cert, &both);
	cert_pem(w.issuing.cert, &both);
	/* As long as AWS is at it, another change would be refused. */
	refused(&(struct require_wish){ .kind = REQUIRE_DOMAIN, .where = DOMAIN, .cas = cas, .cas_len = 2, .bucket = "stores", .key = "k" },
	    DOMAIN " is UPDATING");
	(void)domain();
	for (int as_http = 0; as_http <= 1; as_http++) {
		struct plan *p = wished(&(struct require_wish){ .kind = REQUIRE_DOMAIN, .where = DOMAIN, .cas = cas, .cas_len = 2, .bucket = "stores",
		    .key = as_http ? "http.pem" : "rest.pem", .http_api = as_http == 1 });

		assert_int_equal(p->len, 1);
		assert_true(trust_says(p->notes, p->notes_len, "that is a way around (mtls.bypass)"));
		assert_null(domain().truststore);
		trust_apply(p);
		assert_string_equal(domain().truststore, as_http ? "s3://stores/http.pem" : "s3://stores/rest.pem");
		assert_string_equal(trust_world_get(&w, "stores", as_http ? "http.pem" : "rest.pem", domain().version), both.data);
		trust_back(&w, p->id);
		assert_null(domain().truststore);
		plan_free(p);
	}
	refused(&(struct require_wish){ .kind = REQUIRE_DOMAIN, .where = DOMAIN }, "name the CAs that " DOMAIN " is to trust");
	refused(&(struct require_wish){ .kind = REQUIRE_DOMAIN, .where = "edge.example.com", .cas = cas, .cas_len = 2, .bucket = "stores", .key = "k" },
	    "at regional domain names only");
	buf_done(&both);
}

/* ---- default addresses ---- */

static bool
is_closed(const char *api, enum api_kind kind)
{
	struct aws_error err = { .kind = AWS_FINE };
	bool disabled;

	if (apigateway_default_endpoint(w.t.client, kind, api, &disabled, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return disabled;
}

static void
ways_around(void **state)
{
	struct plan *p = wished(&(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = DOMAIN });

	(void)state;
	assert_int_equal(p->len, 2);
	assert_non_null(strstr(p->steps[0].command, "apigateway update-rest-api"));
	assert_non_null(strstr(p->steps[0].command, "--patch-operations op=replace,path=/disableExecuteApiEndpoint,value=true"));
	assert_non_null(strstr(p->steps[1].command, "apigatewayv2 update-api"));
	assert_true(trust_says(p->after, p->after_len, "apigateway create-deployment"));
	assert_true(trust_says(p->after, p->after_len, "unless its stage deploys by itself"));
	trust_apply(p);
	assert_true(is_closed(rest, API_REST) && is_closed(http, API_HTTP));
	trust_back(&w, p->id);
	assert_true(!is_closed(rest, API_REST) && !is_closed(http, API_HTTP));
	plan_free(p);
	/* One that is closed already is left out, and stays so on the way back. */
	p = wished(&(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = http });
	trust_apply(p);
	plan_free(p);
	p = wished(&(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = DOMAIN });
	assert_int_equal(p->len, 1);
	trust_apply(p);
	trust_back(&w, p->id);
	assert_true(!is_closed(rest, API_REST) && is_closed(http, API_HTTP));
	plan_free(p);
	p = wished(&(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = http });
	assert_int_equal(p->len, 0);
	assert_true(trust_says(p->notes, p->notes_len, "Nothing to do"));
	plan_free(p);
	refused(&(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = "nosuchapi1" }, "look at the API's default address");
	refused(&(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = "edge.example.com" }, "leads to no API");
}

/* ---- killed at every moment ---- */

static void
begin(void *user)
{
	struct aws_error err = { .kind = AWS_FINE };

	(void)user;
	set_mutual(&(struct listener_mutual){ .mode = "off" });
	assert_int_equal(apigateway_disable_default_endpoint(w.t.client, API_REST, rest, false, &err), STATUS_OK);
}

static struct plan *
make(void *user, struct changes *c, const struct world *world)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = trust_world_mortal(&w, world) }, "who may come in");
	struct error err = { .code = ERROR_NONE };

	(void)user;
	p->record = c;
	p->world = world;
	trust_must(require_steps(p, &(struct require_wish){ .kind = REQUIRE_LISTENER, .where = listener, .trust_store = store }, &err), &err);
	trust_must(require_steps(p, &(struct require_wish){ .kind = REQUIRE_NO_WAY_AROUND, .where = rest }, &err), &err);
	return p;
}

static void
is_old(void *user)
{
	(void)user;
	assert_string_equal(mutual().mode, "off");
	assert_false(is_closed(rest, API_REST));
}

static void
is_new(void *user)
{
	(void)user;
	assert_string_equal(mutual().mode, "verify");
	assert_true(is_closed(rest, API_REST));
}

static void
killed_anywhere(void **state)
{
	const struct mortal_case m = { .home = w.home, .begin = begin, .make = make, .open = trust_world_open, .is_old = is_old,
	    .is_new = is_new, .user = &w };

	(void)state;
	assert_true(mortal_everywhere(&m) > 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners),
		cmocka_unit_test(domains),
		cmocka_unit_test(ways_around),
		cmocka_unit_test(killed_anywhere),
		cmocka_unit_test(listeners_refused),
	};

	return cmocka_run_group_tests_name("require", tests, setup, teardown);
}
