/* Where each service is: who names an endpoint before whom, AWS's own names as botocore has them, regions and their partitions. */
#include "aws/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/aws_world.h"
#include "tests/boto.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char config[] =
    "[default]\n"
    "region = eu-central-1\n"
    "ca_bundle = /etc/roots.pem\n"
    "[profile plain]\n"
    "output = json\n"
    "[profile lab]\n"
    "region = eu-west-1\n"
    "endpoint_url = http://127.0.0.1:1\n"
    "services = here\n"
    "[profile deaf]\n"
    "region = eu-west-1\n"
    "ignore_configured_endpoint_urls = true\n"
    "endpoint_url = http://127.0.0.1:1\n"
    "[profile fips]\n"
    "region = us-east-2\n"
    "use_fips_endpoint = true\n"
    "use_dualstack_endpoint = true\n"
    "[profile odd]\n"
    "region = Frankfurt, perhaps\n"
    "[services here]\n"
    "acm_pca =\n"
    "  endpoint_url = http://127.0.0.1:2\n"
    "elastic_load_balancing_v2 =\n"
    "  endpoint_url = http://127.0.0.1:3/base/\n";

static struct aws_world *w;
static struct aws_profiles *profiles;

static int
setup(void **state)
{
	struct aws_error err = { .kind = AWS_FINE };

	(void)state;
	w = aws_world_new(config, NULL);
	return aws_profiles_read(&w->world, &profiles, &err) != STATUS_OK;
}

static int
teardown(void **state)
{
	(void)state;
	aws_profiles_free(profiles);
	aws_world_free(w);
	return 0;
}

static void
order(void **state)
{
	static const struct {
		const char *env[3], *profile, *named;
		const struct aws_service *service;
		const char *url, *host, *path;
		bool configured, loopback;
	} cases[] = {
		{ { NULL }, "default", NULL, &aws_acm_pca, "https://acm-pca.eu-west-1.amazonaws.com", "acm-pca.eu-west-1.amazonaws.com", "", false,
		    false },
		{ { "AWS_ENDPOINT_URL=http://127.0.0.1:9" }, "default", "https://pca.example.com:8443/x/", &aws_acm_pca,
		    "https://pca.example.com:8443/x", "pca.example.com:8443", "/x", true, false },
		{ { "AWS_ENDPOINT_URL=http://127.0.0.1:9", "AWS_ENDPOINT_URL_ACM_PCA=http://localhost:8" }, "lab", NULL, &aws_acm_pca,
		    "http://localhost:8", "localhost:8", "", true, true },
		{ { "AWS_ENDPOINT_URL=http://127.0.0.1:9", "AWS_ENDPOINT_URL_S3=http://localhost:8" }, "lab", NULL, &aws_acm_pca,
		    "http://127.0.0.1:9", "127.0.0.1:9", "", true, true },
		{ { "AWS_ENDPOINT_URL=", NULL }, "lab", NULL, &aws_acm_pca, "http://127.0.0.1:2", "127.0.0.1:2", "", true, true },
		{ { NULL }, "lab", NULL, &aws_elbv2, "http://127.0.0.1:3/base", "127.0.0.1:3", "/base", true, true },
		{ { NULL }, "lab", NULL, &aws_s3, "http://127.0.0.1:1", "127.0.0.1:1", "", true, true },
		{ { NULL }, "deaf", NULL, &aws_s3, "https://s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com", "", false, false },
		{ { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "AWS_ENDPOINT_URL=http://127.0.0.1:9" }, "lab", NULL, &aws_sts,
		    "https://sts.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com", "", false, false },
		{ { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true" }, "lab", "http://[::1]:80", &aws_sts, "http://[::1]", "[::1]", "", true, true },
		{ { "AWS_ENDPOINT_URL=https://localhost.evil.example" }, "default", NULL, &aws_sts, "https://localhost.evil.example",
		    "localhost.evil.example", "", true, false },
		{ { "AWS_ENDPOINT_URL=http://pca.localhost:1" }, "default", NULL, &aws_sts, "http://pca.localhost:1", "pca.localhost:1", "", true,
		    true },
		{ { NULL }, "fips", NULL, &aws_acm_pca, "https://acm-pca-fips.eu-west-1.api.aws", "acm-pca-fips.eu-west-1.api.aws", "", false, false },
		{ { "AWS_USE_FIPS_ENDPOINT=false" }, "fips", NULL, &aws_acm_pca, "https://acm-pca.eu-west-1.api.aws", "acm-pca.eu-west-1.api.aws",
		    "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct aws_place place = { .world = &w->world, .profiles = profiles, .profile = cases[i].profile, .region = "eu-west-1",
			.endpoint_url = cases[i].named };
		struct aws_error err = { .kind = AWS_FINE };
		struct aws_endpoint e;

		w->env = cases[i].env;
		if (aws_endpoint_find(&place, cases[i].service, NULL, &e, &err) != STATUS_OK)
			fail_msg("case %zu: %s", i, err.message);
		assert_string_equal(e.url, cases[i].url);
		assert_string_equal(e.host, cases[i].host);
		assert_string_equal(e.path, cases[i].path);
		assert_int_equal(e.configured, cases[i].configured);
		assert_int_equal(e.loopback, cases[i].loopback);
	}
	w->env = NULL;
}

static void
no_endpoint(void **state)
{
	static const char *const bad[] = { "ftp://127.0.0.1", "http://", "http://user:CANARY@127.0.0.1", "https://user:CANA/RY@host", "user:CANARY@host:4566", "http://127.0.0.1/?x", "http://h/#f",
		"http://h:99999", "http://a b", "http://h\r\nX: y", "127.0.0.1:4566", "file:///etc/passwd" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const struct aws_place place = { .world = &w->world, .profiles = profiles, .profile = "default", .region = "eu-west-1",
			.endpoint_url = bad[i] };
		struct aws_error err = { .kind = AWS_FINE };
		struct aws_endpoint e;

		if (aws_endpoint_find(&place, &aws_acm_pca, NULL, &e, &err) == STATUS_OK)
			fail_msg("taken: %s as %s", bad[i], e.url);
		assert_int_equal(err.kind, AWS_LOCAL);
		assert_non_null(strstr(err.message, "is no endpoint: one is like http://127.0.0.1:4566"));
		assert_null(strpbrk(err.message, "\r\n"));
		assert_null(strstr(err.message, "CANA")); /* a password once stood in what was said */
	}
}

static void
buckets(void **state)
{
	static const struct {
		const char *bucket, *named, *host;
		bool in_host;
	} cases[] = {
		{ "audit-1", NULL, "audit-1.s3.eu-west-1.amazonaws.com", true },
		{ "with.dots", NULL, "s3.eu-west-1.amazonaws.com", false },
		{ "Upper", NULL, "s3.eu-west-1.amazonaws.com", false },
		{ "ab", NULL, "s3.eu-west-1.amazonaws.com", false },
		{ "-ab", NULL, "s3.eu-west-1.amazonaws.com", false },
		{ "evil.example/x", NULL, "s3.eu-west-1.amazonaws.com", false },
		{ "audit-1", "http://127.0.0.1:1", "127.0.0.1:1", false },
		{ NULL, NULL, "s3.eu-west-1.amazonaws.com", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct aws_place place = { .world = &w->world, .profiles = profiles, .profile = "default", .region = "eu-west-1",
			.endpoint_url = cases[i].named };
		struct aws_error err = { .kind = AWS_FINE };
		struct aws_endpoint e;

		assert_int_equal(aws_endpoint_find(&place, &aws_s3, cases[i].bucket, &e, &err), STATUS_OK);
		assert_string_equal(e.host, cases[i].host);
		assert_int_equal(e.bucket_in_host, cases[i].in_host);
	}
}

static void
regions(void **state)
{
	static const struct {
		const char *env[3], *profile, *named, *region;
	} cases[] = {
		{ { "AWS_REGION=us-west-1", "AWS_DEFAULT_REGION=us-west-2" }, "default", "sa-east-1", "sa-east-1" },
		{ { "AWS_REGION=us-west-1", "AWS_DEFAULT_REGION=us-west-2" }, "default", NULL, "us-west-1" },
		{ { "AWS_REGION=", "AWS_DEFAULT_REGION=us-west-2" }, "default", NULL, "us-west-2" },
		{ { NULL }, "default", NULL, "eu-central-1" },
		{ { NULL }, "plain", NULL, NULL },
		{ { NULL }, "absent", NULL, NULL },
		{ { NULL }, "odd", NULL, NULL },
		{ { "AWS_REGION=evil.example/" }, "default", NULL, NULL },
		{ { NULL }, "default", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct aws_error err = { .kind = AWS_FINE };
		char region[AWS_REGION_MAX];
		status got;

		w->env = cases[i].env;
		got = aws_region_find(&w->world, profiles, cases[i].profile, cases[i].named, region, &err);
		assert_int_equal(got == STATUS_OK, cases[i].region != NULL);
		if (cases[i].region != NULL)
			assert_string_equal(region, cases[i].region);
		else
			assert_int_equal(err.kind, AWS_NO_REGION);
	}
	w->env = NULL;
	assert_string_equal(aws_ca_bundle(&w->world, profiles, "default"), "/etc/roots.pem");
	assert_null(aws_ca_bundle(&w->world, profiles, "plain"));
}

/* Every service in a region of each partition, plain, with FIPS, with dual-stack, with both: as botocore's rule sets say. */
static void
as_botocore(void **state)
{
	static const char script[] =
	    "import botocore.session, json\n"
	    "from botocore.endpoint_provider import EndpointProvider\n"
	    "l = botocore.session.get_session().get_component('data_loader')\n"
	    "part = l.load_data('partitions')\n"
	    "out = []\n"
	    "for sv in 'acm-pca secretsmanager ssm s3 elbv2 apigateway apigatewayv2 cloudwatch events sts acm'.split():\n"
	    "  p = EndpointProvider(l.load_service_model(sv, 'endpoint-rule-set-1'), part)\n"
	    "  for region in 'us-east-1 eu-west-1 ap-southeast-3 cn-north-1 us-gov-west-1 us-gov-east-1 us-iso-east-1 us-isob-east-1'.split():\n"
	    "    for f in (False, True):\n"
	    "      for d in (False, True):\n"
	    "        q = dict(Region=region, UseFIPS=f, UseDualStack=d)\n"
	    "        if sv == 'sts': q['UseGlobalEndpoint'] = False\n"
	    "        if sv == 's3': q.update(Accelerate=False, DisableMultiRegionAccessPoints=True, UseArnRegion=False, ForcePathStyle=False)\n"
	    "        try: url = p.resolve_endpoint(**q).url\n"
	    "        except Exception: continue\n" /* it has none there: a name that does not resolve says as much */
	    "        out.append([sv, region, f, d, url])\n"
	    "print(json.dumps(out))\n";
	static const struct {
		const char *name;
		const struct aws_service *service;
	} services[] = {
		{ "acm-pca", &aws_acm_pca }, { "secretsmanager", &aws_secretsmanager }, { "ssm", &aws_ssm }, { "acm", &aws_acm }, { "s3", &aws_s3 },
		{ "elbv2", &aws_elbv2 }, { "apigateway", &aws_apigateway }, { "apigatewayv2", &aws_apigatewayv2 },
		{ "cloudwatch", &aws_cloudwatch }, { "events", &aws_events }, { "sts", &aws_sts },
	};
	const char *const none[] = { NULL };
	const cJSON *row;
	cJSON *told;
	size_t n = 0;

	(void)state;
	if (boto_python() == NULL)
		skip();
	told = boto_ask(script, none);
	cJSON_ArrayForEach(row, told) {
		const char *name = cJSON_GetArrayItem(row, 0)->valuestring, *region = cJSON_GetArrayItem(row, 1)->valuestring;
		bool fips = cJSON_IsTrue(cJSON_GetArrayItem(row, 2)), dual = cJSON_IsTrue(cJSON_GetArrayItem(row, 3));
		const char *const env[] = { fips ? "AWS_USE_FIPS_ENDPOINT=true" : "A=", dual ? "AWS_USE_DUALSTACK_ENDPOINT=true" : "B=", NULL };
		const struct aws_place place = { .world = &w->world, .profiles = profiles, .profile = "default", .region = region };
		struct aws_error err = { .kind = AWS_FINE };
		struct aws_endpoint e = { .configured = false };

		w->env = env;
		for (size_t i = 0; i < COUNT(services); i++)
			if (strcmp(services[i].name, name) == 0)
				assert_int_equal(aws_endpoint_find(&place, services[i].service, NULL, &e, &err), STATUS_OK);
		if (strcmp(e.url, cJSON_GetArrayItem(row, 4)->valuestring) != 0)
			fail_msg("%s in %s, FIPS %d, dual-stack %d: %s, botocore says %s", name, region, fips, dual, e.url,
			    cJSON_GetArrayItem(row, 4)->valuestring);
		w->env = NULL;
		n++;
	}
	assert_true(n > 250);
	cJSON_Delete(told);
}

static void
partitions(void **state)
{
	static const char *const cases[][2] = { { "us-east-1", "aws" }, { "cn-north-1", "aws-cn" }, { "us-gov-west-1", "aws-us-gov" },
		{ "us-iso-east-1", "aws-iso" }, { "us-isob-east-1", "aws-iso-b" }, { "eu-isoe-west-1", "aws-iso-e" }, { "us-isof-south-1", "aws-iso-f" },
		{ "eusc-de-east-1", "aws-eusc" }, { "mars-north-1", "aws" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(aws_partition(cases[i][0]), cases[i][1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(no_endpoint),
		cmocka_unit_test(buckets),
		cmocka_unit_test(regions),
		cmocka_unit_test(partitions),
		cmocka_unit_test(as_botocore),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
