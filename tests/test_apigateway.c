/* Domain names of API Gateway, of both kinds: three shapes each, by a script and, as far as it goes, against moto. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/apigateway.h"
#include "tests/aws_service.h"
#include "tests/boto.h"
#include "tests/moto.h"
#include "tests/program.h"

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

static void
must(status result, const struct aws_error *err)
{
	if (result != STATUS_OK)
		fail_msg("%s: %s %s", err->operation, err->code, err->message);
}

#define REST_DOMAIN "{\"domainName\":\"api.example.com\",\"domainNameStatus\":\"AVAILABLE\",\"domainNameStatusMessage\":null,\"securityPolicy\":\"TLS_1_2\"," \
	"\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]},\"regionalDomainName\":\"d-1.execute-api.us-east-1.amazonaws.com\"," \
	"\"regionalCertificateArn\":\"arn:c\",\"ownershipVerificationCertificateArn\":\"arn:o\",\"mutualTlsAuthentication\":{\"truststoreUri\":" \
	"\"s3://stores/ts.pem\",\"truststoreVersion\":\"v1\",\"truststoreWarnings\":[\"CN=x expires soon\"]}}"
#define HTTP_DOMAIN "{\"domainName\":\"api.example.com\",\"domainNameConfigurations\":[{\"apiGatewayDomainName\":\"d-1.execute-api.us-east-1.amazonaws.com\"," \
	"\"certificateArn\":\"arn:c\",\"domainNameStatus\":\"UPDATING\",\"endpointType\":\"REGIONAL\",\"securityPolicy\":\"TLS_1_2\"," \
	"\"ownershipVerificationCertificateArn\":\"arn:o\"}],\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://stores/ts.pem\",\"truststoreVersion\":\"v1\"}}"

static void
check_domain(const struct api_domain *d, const char *status_wanted)
{
	assert_string_equal(d->name, "api.example.com");
	assert_string_equal(d->status, status_wanted);
	assert_string_equal(d->policy, "TLS_1_2");
	assert_string_equal(d->endpoint_type, "REGIONAL");
	assert_string_equal(d->host, "d-1.execute-api.us-east-1.amazonaws.com");
	assert_string_equal(d->certificate, "arn:c");
	assert_string_equal(d->ownership, "arn:o");
	assert_string_equal(d->truststore, "s3://stores/ts.pem");
	assert_string_equal(d->version, "v1");
}

static void
rest_apis(void **state)
{
	static const struct http_step steps[] = {
		{ "GET", "/domainnames/api.example.com$", NULL, 0, 0, NULL, REST_DOMAIN },
		{ "PATCH", "/domainnames/api.example.com$", NULL, 0, 0, NULL, REST_DOMAIN },
		{ "GET", "/domainnames$", NULL, 0, 0, NULL, "{\"item\":[" REST_DOMAIN "],\"position\":\"p/1\"}" },
		{ "GET", "/domainnames?position=p%2F1$", NULL, 0, 0, NULL, "{\"item\":[{\"domainName\":\"plain\",\"distributionDomainName\":\"d.cloudfront.net\","
		    "\"certificateArn\":\"arn:edge\",\"endpointConfiguration\":{\"types\":[\"EDGE\"]}}]}" },
		{ "GET", "/domainnames/api.example.com/basepathmappings$", NULL, 0, 0, NULL, "{\"item\":[{\"basePath\":\"(none)\",\"restApiId\":\"abc\",\"stage\":\"prod\"}]}" },
		{ "GET", "/restapis/abc$", NULL, 0, 0, NULL, "{\"id\":\"abc\",\"disableExecuteApiEndpoint\":false}" },
		{ "PATCH", "/restapis/abc$", NULL, 0, 0, NULL, "{\"id\":\"abc\",\"disableExecuteApiEndpoint\":true}" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d, *all;
	struct api_mapping *mappings;
	bool disabled = true;
	size_t len;

	(void)state;
	service_script(&t, steps);
	must(apigateway_domain(t.client, API_REST, "api.example.com", t.arena, &d, &err), &err);
	check_domain(&d, "AVAILABLE");
	assert_int_equal(d.warnings_len, 1);
	assert_null(d.status_message);
	service_asked(&t, 0, "accept: application/json\r\n"); /* else it answers in HAL */
	service_asked(&t, 0, "/us-east-1/apigateway/aws4_request");
	must(apigateway_set_truststore(t.client, API_REST, "api.example.com", NULL, "v2", t.arena, &d, &err), &err);
	service_asked_json(&t, 1, "{\"patchOperations\":[{\"op\":\"replace\",\"path\":\"/mutualTlsAuthentication/truststoreVersion\",\"value\":\"v2\"}]}");
	service_asked(&t, 1, "content-type: application/json\r\n");
	must(apigateway_set_truststore(t.client, API_REST, "api.example.com", "s3://stores/new.pem", "v3", t.arena, &d, &err), &err);
	service_asked_json(&t, 2, "{\"patchOperations\":[{\"op\":\"replace\",\"path\":\"/mutualTlsAuthentication/truststoreUri\",\"value\":\"s3://stores/new.pem\"},"
	                          "{\"op\":\"replace\",\"path\":\"/mutualTlsAuthentication/truststoreVersion\",\"value\":\"v3\"}]}");
	must(apigateway_set_truststore(t.client, API_REST, "api.example.com", "", NULL, t.arena, &d, &err), &err);
	service_asked_json(&t, 3, "{\"patchOperations\":[{\"op\":\"replace\",\"path\":\"/mutualTlsAuthentication/truststoreUri\",\"value\":\"\"}]}");
	must(apigateway_domains(t.client, API_REST, t.arena, &all, &len, &err), &err);
	assert_int_equal(len, 2);
	check_domain(&all[0], "AVAILABLE");
	assert_string_equal(all[1].host, "d.cloudfront.net");
	assert_string_equal(all[1].certificate, "arn:edge");
	assert_null(all[1].truststore);
	assert_int_equal(all[1].warnings_len, 0);
	must(apigateway_mappings(t.client, API_REST, "api.example.com", t.arena, &mappings, &len, &err), &err);
	assert_int_equal(len, 1);
	assert_string_equal(mappings[0].api, "abc");
	must(apigateway_default_endpoint(t.client, API_REST, "abc", &disabled, &err), &err);
	assert_false(disabled);
	must(apigateway_disable_default_endpoint(t.client, API_REST, "abc", true, &err), &err);
	service_asked_json(&t, 8, "{\"patchOperations\":[{\"op\":\"replace\",\"path\":\"/disableExecuteApiEndpoint\",\"value\":\"true\"}]}");
	service_stop(&t);
}

static void
http_apis(void **state)
{
	static const struct http_step steps[] = {
		{ "GET", "/v2/domainnames/api.example.com$", NULL, 1, 0, NULL, HTTP_DOMAIN },
		{ "GET", "/v2/domainnames/api.example.com$", NULL, 0, 0, NULL, "{\"domainName\":\"api.example.com\",\"domainNameConfigurations\":[{\"domainNameStatus\":"
		    "\"AVAILABLE\"}],\"mutualTlsAuthentication\":{\"truststoreUri\":\"\"}}" },
		{ "PATCH", "/v2/domainnames/api.example.com$", NULL, 0, 0, NULL, HTTP_DOMAIN },
		{ "GET", "/v2/domainnames$", NULL, 0, 0, NULL, "{\"items\":[" HTTP_DOMAIN "],\"nextToken\":\"n 1\"}" },
		{ "GET", "/v2/domainnames?nextToken=n%201$", NULL, 0, 0, NULL, "{\"items\":[],\"nextToken\":null}" },
		{ "GET", "/v2/domainnames/api.example.com/apimappings$", NULL, 0, 0, NULL, "{\"items\":[{\"apiId\":\"abc\",\"stage\":\"$default\",\"apiMappingKey\":\"v1\"}]}" },
		{ "GET", "/v2/apis/abc$", NULL, 0, 0, NULL, "{\"apiId\":\"abc\",\"disableExecuteApiEndpoint\":true}" },
		{ "PATCH", "/v2/apis/abc$", NULL, 0, 0, NULL, "{\"apiId\":\"abc\"}" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d, *all;
	struct api_mapping *mappings;
	bool disabled = false;
	size_t len;

	(void)state;
	service_script(&t, steps);
	must(apigateway_domain(t.client, API_HTTP, "api.example.com", t.arena, &d, &err), &err);
	check_domain(&d, "UPDATING");
	must(apigateway_wait_domain(t.client, API_HTTP, "api.example.com", t.arena, &d, &err), &err);
	assert_string_equal(d.status, "AVAILABLE");
	assert_null(d.truststore); /* switched off */
	must(apigateway_set_truststore(t.client, API_HTTP, "api.example.com", "s3://stores/ts.pem", "v2", t.arena, &d, &err), &err);
	service_asked_json(&t, 2, "{\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://stores/ts.pem\",\"truststoreVersion\":\"v2\"}}");
	must(apigateway_set_truststore(t.client, API_HTTP, "api.example.com", "", NULL, t.arena, &d, &err), &err);
	service_asked_json(&t, 3, "{\"mutualTlsAuthentication\":{\"truststoreUri\":\"\"}}");
	must(apigateway_domains(t.client, API_HTTP, t.arena, &all, &len, &err), &err);
	assert_int_equal(len, 1);
	must(apigateway_mappings(t.client, API_HTTP, "api.example.com", t.arena, &mappings, &len, &err), &err);
	assert_string_equal(mappings[0].path, "v1");
	must(apigateway_default_endpoint(t.client, API_HTTP, "abc", &disabled, &err), &err);
	assert_true(disabled);
	must(apigateway_disable_default_endpoint(t.client, API_HTTP, "abc", false, &err), &err);
	service_asked_json(&t, 8, "{\"disableExecuteApiEndpoint\":false}");
	service_stop(&t);
}

static void
refusals(void **state)
{
	static const struct http_step steps[] = {
		{ "GET", "/domainnames/a%2Fb$", NULL, 0, 404, "x-amzn-ErrorType: NotFoundException:http://internal.amazon.com/coral/\r\nx-amzn-RequestId: R\r\n",
		    "{\"message\":\"Invalid domain name identifier specified\"}" },
		{ "PATCH", "/v2/domainnames/x$", NULL, 0, 400, "x-amzn-ErrorType: BadRequestException\r\n",
		    "{\"message\":\"Invalid input. Expected one domain name configuration\"}" },
		{ "GET", "/domainnames/empty$", NULL, 0, 0, NULL, "{}" },
		{ "GET", "/domainnames/html$", NULL, 0, 0, NULL, "<html>" },
		{ "GET", "/domainnames$", NULL, 0, 0, NULL, "{\"item\":[],\"position\":\"p\"}" },
		{ "GET", "/domainnames?position=p$", NULL, 0, 0, NULL, "{\"item\":[],\"position\":\"p\"}" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d, *all;
	size_t len;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(apigateway_domain(t.client, API_REST, "a/b", t.arena, &d, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	assert_string_equal(err.code, "NotFoundException");
	assert_string_equal(err.request_id, "R");
	aws_error_clear(&err);
	assert_int_equal(apigateway_set_truststore(t.client, API_HTTP, "x", NULL, "v", t.arena, &d, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ARGUMENT);
	assert_string_equal(err.message, "Invalid input. Expected one domain name configuration");
	aws_error_clear(&err);
	assert_int_equal(apigateway_domain(t.client, API_REST, "empty", t.arena, &d, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER);
	aws_error_clear(&err);
	assert_int_equal(apigateway_domain(t.client, API_REST, "html", t.arena, &d, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER);
	aws_error_clear(&err);
	assert_int_equal(apigateway_domains(t.client, API_REST, t.arena, &all, &len, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER); /* in a circle */
	service_stop(&t);
}

/* botocore builds the same requests out of its service models. */
static const char by_boto[] =
    "import botocore.session\n"
    "from botocore.serialize import create_serializer\n"
    "s, z, told = botocore.session.Session(), create_serializer('rest-json'), []\n"
    "def add(service, op, **k):\n"
    "  r = z.serialize_to_request(k, s.get_service_model(service).operation_model(op))\n"
    "  told.append({'method': r['method'], 'path': r['url_path'], 'body': json.loads(r['body']) if r['body'] else None})\n"
    "p = lambda path, value: {'op': 'replace', 'path': path, 'value': value}\n"
    "add('apigateway', 'GetDomainName', domainName='api.example.com')\n"
    "add('apigateway', 'UpdateDomainName', domainName='api.example.com', patchOperations=[p('/mutualTlsAuthentication/truststoreUri', 's3://b/k'),"
    " p('/mutualTlsAuthentication/truststoreVersion', 'v')])\n"
    "add('apigateway', 'GetBasePathMappings', domainName='api.example.com')\n"
    "add('apigateway', 'UpdateRestApi', restApiId='abc', patchOperations=[p('/disableExecuteApiEndpoint', 'true')])\n"
    "add('apigatewayv2', 'GetDomainName', DomainName='api.example.com')\n"
    "add('apigatewayv2', 'UpdateDomainName', DomainName='api.example.com', MutualTlsAuthentication={'TruststoreUri': 's3://b/k', 'TruststoreVersion': 'v'})\n"
    "add('apigatewayv2', 'GetApiMappings', DomainName='api.example.com')\n"
    "add('apigatewayv2', 'UpdateApi', ApiId='abc', DisableExecuteApiEndpoint=True)\n"
    "print(json.dumps(told))\n";

static void
botocore_sends_the_same(void **state)
{
	/* Whatever is asked gets an answer that all take: their requests are looked at, not what becomes of them. */
	static const struct http_step steps[] = { { "GET", "/", NULL, 0, 0, NULL, "{\"domainName\":\"x\"}" },
		{ "PATCH", "/", NULL, 0, 0, NULL, "{\"domainName\":\"x\"}" }, { .method = NULL } };
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d;
	struct api_mapping *mappings;
	cJSON *told, *one;
	size_t len, i = 0;

	(void)state;
	if (boto_python() == NULL)
		skip();
	service_script(&t, steps);
	for (int kind = 0; kind < 2; kind++) {
		enum api_kind k = (enum api_kind)kind;
		must(apigateway_domain(t.client, k, "api.example.com", t.arena, &d, &err), &err);
		must(apigateway_set_truststore(t.client, k, "api.example.com", "s3://b/k", "v", t.arena, &d, &err), &err);
		must(apigateway_mappings(t.client, k, "api.example.com", t.arena, &mappings, &len, &err), &err);
		must(apigateway_disable_default_endpoint(t.client, k, "abc", true, &err), &err);
	}
	told = service_boto("http://127.0.0.1:1", by_boto);
	assert_int_equal(cJSON_GetArraySize(told), http_script_requests(t.script));
	cJSON_ArrayForEach(one, told) {
		const char *request = http_script_request(t.script, i);
		cJSON *body = cJSON_Parse(strstr(request, "\r\n\r\n") + 4), *theirs = cJSON_GetObjectItem(one, "body");
		char line[256];

		snprintf(line, sizeof line, "%s %s HTTP", cJSON_GetObjectItem(one, "method")->valuestring, cJSON_GetObjectItem(one, "path")->valuestring);
		if (strncmp(request, line, strlen(line)) != 0 || (cJSON_IsObject(theirs) ? !cJSON_Compare(body, theirs, true) : body != NULL))
			fail_msg("botocore sends %s with %s, we send %s", line, cJSON_PrintUnformatted(theirs), request);
		cJSON_Delete(body);
		i++;
	}
	cJSON_Delete(told);
	service_stop(&t);
}

static const char prepare[] =
    "a, b = client('apigateway'), client('apigatewayv2')\n"
    "a.create_domain_name(domainName='rest.example.com', regionalCertificateArn='arn:aws:acm:us-east-1:123456789012:certificate/x',"
    " endpointConfiguration={'types': ['REGIONAL']}, securityPolicy='TLS_1_2')\n"
    "b.create_domain_name(DomainName='http.example.com', DomainNameConfigurations=[{'CertificateArn': 'arn:aws:acm:us-east-1:123456789012:certificate/x',"
    " 'EndpointType': 'REGIONAL', 'SecurityPolicy': 'TLS_1_2'}], MutualTlsAuthentication={'TruststoreUri': 's3://stores/ts.pem', 'TruststoreVersion': 'v1'})\n"
    "r = a.create_rest_api(name='r')['id']\n"
    "h = b.create_api(Name='h', ProtocolType='HTTP')['ApiId']\n"
    "print(json.dumps({'rest': r, 'http': h}))\n";

static void
moto_has_the_same(void **state)
{
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d, *all;
	bool disabled = true;
	char url[64];
	size_t len;
	pid_t moto = 0;
	cJSON *told;

	(void)state;
	if (boto_python() == NULL || !moto_start(folder, 0, &moto, url))
		skip();
	told = service_boto(url, prepare);
	service_at(&t, url);
	must(apigateway_domains(t.client, API_REST, t.arena, &all, &len, &err), &err);
	assert_int_equal(len, 1);
	assert_string_equal(all[0].name, "rest.example.com");
	assert_string_equal(all[0].endpoint_type, "REGIONAL");
	must(apigateway_domain(t.client, API_HTTP, "http.example.com", t.arena, &d, &err), &err);
	assert_string_equal(d.truststore, "s3://stores/ts.pem");
	assert_string_equal(d.version, "v1");
	assert_int_equal(apigateway_domain(t.client, API_REST, "nobody.example.com", t.arena, &d, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	aws_error_clear(&err);
	for (int kind = 0; kind < 2; kind++) {
		const char *api = cJSON_GetObjectItem(told, kind == API_REST ? "rest" : "http")->valuestring;
		must(apigateway_default_endpoint(t.client, (enum api_kind)kind, api, &disabled, &err), &err);
		assert_false(disabled);
		must(apigateway_disable_default_endpoint(t.client, (enum api_kind)kind, api, true, &err), &err);
		must(apigateway_default_endpoint(t.client, (enum api_kind)kind, api, &disabled, &err), &err);
		assert_true(disabled);
	}
	cJSON_Delete(told);
	service_stop(&t);
	stop_server(moto);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rest_apis),
		cmocka_unit_test(http_apis),
		cmocka_unit_test(refusals),
		cmocka_unit_test(botocore_sends_the_same),
		cmocka_unit_test(moto_has_the_same),
	};

	return cmocka_run_group_tests_name("apigateway", tests, setup, teardown);
}
