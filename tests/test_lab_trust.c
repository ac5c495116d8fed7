/*
 * The lab's trust stores: what is a bundle and what is none, that load balancing copies it, and API Gateway's domain names in both
 * interfaces. Requests past HTTP; real clients: test_aws_clients.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cloud_internal.h"
#include "lab/trust_bundle.h"
#include "tests/aws_lab.h"
#include "tests/made.h"

static struct aws_lab lab = { .now = MADE_NOW };
static char *root_pem, *expired_pem, *weak_pem, *old_pem;

static char *
pem_of(const struct pki_request *r)
{
	struct made m = made_issue(r, NULL);
	struct buf b = { 0 };

	cert_pem(m.cert, &b);
	made_free(&m);
	return b.data; /* the caller's, freed like any other */
}

static int
start(void **state)
{
	static const char usage[] = "critical,keyCertSign,cRLSign";

	(void)state;
	root_pem = pem_of(&(struct pki_request){ .cn = "Good Root", .ca = true, .key_usage = usage });
	expired_pem = pem_of(&(struct pki_request){ .cn = "Old Root", .ca = true, .key_usage = usage, .not_before = MADE_NOW - 900 * MADE_DAY,
	    .not_after = MADE_NOW - 10 * MADE_DAY });
	weak_pem = pem_of(&(struct pki_request){ .cn = "Weak Root", .ca = true, .key_usage = usage, .key_type = PKI_RSA1024 });
	old_pem = pem_of(&(struct pki_request){ .cn = "SHA-1 Root", .ca = true, .key_usage = usage, .digest = "SHA1" });
	aws_lab_start(&lab);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	free(root_pem);
	free(expired_pem);
	free(weak_pem);
	free(old_pem);
	aws_lab_stop(&lab);
	return 0;
}

static void
put(const char *key, const char *text)
{
	assert_true(cloud_s3_put(lab.cloud, "trust", key, text, strlen(text), NULL));
}

static void
is(const struct aws_answer *a, const char *code)
{
	if (strcmp(a->code, code) != 0)
		fail_msg("“%s” instead of “%s”: %s", a->code, code, a->text);
}

/* Of how many certificates, or why it is none. */
static void
bundles(void **state)
{
	struct buf many = { 0 }, blank = { 0 }, comment = { 0 }, hyphen = { 0 }, text = { 0 }, crlf = { 0 };

	(void)state;
	for (int i = 0; i < 26; i++)
		buf_adds(&many, root_pem);
	buf_addf(&blank, "%s\n%s", root_pem, root_pem);
	buf_addf(&comment, "# the root of 2026\n%s# and once more\n%s", root_pem, root_pem);
	buf_addf(&hyphen, "# the root - of 2026\n%s", root_pem);
	buf_addf(&text, "Certificate:\n    Data:\n%s", root_pem);
	for (const char *at = root_pem; *at != '\0'; at++)
		*at == '\n' ? buf_adds(&crlf, "\r\n") : buf_addc(&crlf, *at);
	const struct {
		const char *bytes;
		size_t elb, gateway;         /* certificates; 0: refused */
		const char *why;             /* a part of what ELB says */
		size_t warnings;
	} cases[] = {
		{ root_pem, 1, 1, "", 0 },
		{ crlf.data, 1, 1, "", 0 },
		{ comment.data, 2, 2, "", 0 },
		{ expired_pem, 1, 1, "", 1 },
		{ hyphen.data, 0, 1, "line 1 contains a '-'", 0 },
		{ blank.data, 0, 2, "is blank", 0 },
		{ text.data, 0, 1, "line 1 is neither", 0 },
		{ many.data, 0, 26, "25 is the most", 0 },
		{ weak_pem, 0, 0, "RSA 1024", 0 },
		{ old_pem, 0, 0, "the signature of certificate 1", 0 },
		{ "", 0, 0, "", 0 },
		{ "# nothing\n", 0, 0, "", 0 },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 0, 0, "no PEM file", 0 },
		{ "-----BEGIN CERTIFICATE-----\n", 0, 0, "no PEM file", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *a = arena_new();
		struct trust_bundle b;
		bool good = trust_bundle_read(cases[i].bytes, strlen(cases[i].bytes), &trust_bundle_of_elb, MADE_NOW, a, &b);
		if (good != (cases[i].elb != 0) || (good && b.certificates != cases[i].elb) || strstr(b.why, cases[i].why) == NULL)
			fail_msg("case %zu: load balancing: %zu certificates, “%s”", i, b.certificates, b.why);
		good = trust_bundle_read(cases[i].bytes, strlen(cases[i].bytes), &trust_bundle_of_gateway, MADE_NOW, a, &b);
		if (good != (cases[i].gateway != 0) || (good && b.certificates != cases[i].gateway) || b.warnings_len != cases[i].warnings)
			fail_msg("case %zu: API Gateway: %zu certificates, %zu warnings, “%s”", i, b.certificates, b.warnings_len, b.why);
		arena_free(a);
	}
	buf_done(&many);
	buf_done(&blank);
	buf_done(&comment);
	buf_done(&hyphen);
	buf_done(&text);
	buf_done(&crlf);
}

static const struct aws_answer *
elb(const char *operation, const char *form)
{
	return aws_ask(&lab, &(struct aws_ask){ .service = &cloud_elbv2, .operation = operation, .body = form });
}

/* The text of an XML answer's first element of that name; in a buffer of its own. */
static const char *
element(const struct aws_answer *a, const char *name)
{
	static char text[4][512];
	static size_t turn;
	char tag[64], *out = text[turn++ % 4];
	const char *at;

	snprintf(tag, sizeof tag, "<%s>", name);
	at = strstr(a->text, tag);
	snprintf(out, 512, "%.*s", at != NULL ? (int)strcspn(at + strlen(tag), "<") : 0, at != NULL ? at + strlen(tag) : "");
	return out;
}

static const char *
formed(const char *fmt, ...)
{
	static char text[4][1024];
	static size_t turn;
	char *out = text[turn++ % 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out, 1024, fmt, ap);
	va_end(ap);
	return out;
}

static void
stores(void **state)
{
	char arn[256];
	const struct aws_answer *a;

	(void)state;
	is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_s3, .method = "PUT", .path = "/trust" }), "");
	put("one.pem", root_pem);
	put("weak.pem", weak_pem);
	a = elb("CreateTrustStore", "Name=store&CaCertificatesBundleS3Bucket=trust&CaCertificatesBundleS3Key=one.pem");
	is(a, "");
	assert_string_equal(element(a, "NumberOfCaCertificates"), "1");
	snprintf(arn, sizeof arn, "%s", element(a, "TrustStoreArn"));

	static const struct {
		const char *operation, *form, *code;
	} cases[] = {
		{ "CreateTrustStore", "Name=store&CaCertificatesBundleS3Bucket=trust&CaCertificatesBundleS3Key=one.pem", "DuplicateTrustStoreName" },
		{ "CreateTrustStore", "Name=a--b&CaCertificatesBundleS3Bucket=trust&CaCertificatesBundleS3Key=one.pem", "ValidationError" },
		{ "CreateTrustStore", "Name=-a&CaCertificatesBundleS3Bucket=trust&CaCertificatesBundleS3Key=one.pem", "ValidationError" },
		{ "CreateTrustStore", "Name=b&CaCertificatesBundleS3Bucket=trust", "ValidationError" },
		{ "CreateTrustStore", "Name=b&CaCertificatesBundleS3Bucket=trust&CaCertificatesBundleS3Key=none", "CaCertificatesBundleNotFound" },
		{ "CreateTrustStore", "Name=b&CaCertificatesBundleS3Bucket=trust&CaCertificatesBundleS3Key=weak.pem", "InvalidCaCertificatesBundle" },
		{ "DescribeTrustStores", "TrustStoreArns.member.1=arn", "TrustStoreNotFound" },
		{ "DescribeTrustStores", "Names.member.1=none", "TrustStoreNotFound" },
		{ "DescribeTrustStores", "PageSize=401", "ValidationError" },
		{ "DeleteTrustStore", "TrustStoreArn=arn", "TrustStoreNotFound" },
		{ "DescribeListeners", "", "ValidationError" },
		{ "DescribeListeners", "LoadBalancerArn=arn", "LoadBalancerNotFound" },
		{ "DescribeListeners", "ListenerArns.member.1=arn", "ListenerNotFound" },
		{ "ModifyListener", "ListenerArn=arn", "ListenerNotFound" },
		{ "CreateListener", "LoadBalancerArn=arn&Port=443", "LoadBalancerNotFound" },
		{ "DescribeTargetHealth", "", "InvalidAction" },
		{ "DescribeTrustStores", "a=1&a.b=2", "InvalidAction" }, /* no form that AWS has */
		{ "DescribeTrustStores", "Names.member.99999999=x", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(elb(cases[i].operation, cases[i].form), cases[i].code);
	is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_elbv2, .operation = "DescribeTrustStores", .nobody = true }), "AccessDenied");

	for (int i = 1; i < 20; i++)
		is(elb("CreateTrustStore", formed("Name=store%d&CaCertificatesBundleS3Bucket=trust&CaCertificatesBundleS3Key=one.pem", i)), "");
	is(elb("CreateTrustStore", "Name=one-more&CaCertificatesBundleS3Bucket=trust&CaCertificatesBundleS3Key=one.pem"), "TooManyTrustStores");
	a = elb("DescribeTrustStores", "PageSize=19");
	const char *marker = element(a, "NextMarker");
	assert_string_not_equal(marker, "");
	a = elb("DescribeTrustStores", formed("PageSize=19&Marker=%s", marker));
	assert_string_equal(element(a, "Name"), "store19");
	assert_string_equal(element(a, "NextMarker"), "");
	is(elb("DeleteTrustStore", formed("TrustStoreArn=%s", arn)), "");
}

/* What a request does not name stays as it is; what does not go together is refused and changes nothing. */
static void
listeners(void **state)
{
	char balancer[256], listener[256], store[256];
	const struct aws_answer *a;

	(void)state;
	snprintf(store, sizeof store, "%s", element(elb("DescribeTrustStores", "Names.member.1=store1"), "TrustStoreArn"));
	snprintf(balancer, sizeof balancer, "%s", element(elb("CreateLoadBalancer", "Name=front"), "LoadBalancerArn"));
	is(elb("CreateListener", formed("LoadBalancerArn=%s&Protocol=HTTPS&Port=443", balancer)), "CertificateNotFound");
	is(elb("CreateListener", formed("LoadBalancerArn=%s&Protocol=HTTP&Port=80&MutualAuthentication.Mode=passthrough", balancer)), "InvalidConfigurationRequest");
	is(elb("CreateListener", formed("LoadBalancerArn=%s&Protocol=HTTP&Port=70000", balancer)), "ValidationError");
	a = elb("CreateListener", formed("LoadBalancerArn=%s&Protocol=HTTPS&Port=443&Certificates.member.1.CertificateArn=arn:x", balancer));
	is(a, "");
	snprintf(listener, sizeof listener, "%s", element(a, "ListenerArn"));
	assert_string_equal(element(a, "Mode"), "off");
	is(elb("CreateListener", formed("LoadBalancerArn=%s&Protocol=HTTP&Port=443", balancer)), "DuplicateListener");

	static const struct {
		const char *form, *code;
		bool with_store;
		const char *mode, *ignores;
	} cases[] = {
		{ "MutualAuthentication.Mode=verify", "InvalidConfigurationRequest", false, "off", "" },
		{ "MutualAuthentication.Mode=never", "ValidationError", false, "off", "" },
		{ "MutualAuthentication.Mode=passthrough", "InvalidConfigurationRequest", true, "off", "" },
		{ "MutualAuthentication.Mode=passthrough", "", false, "passthrough", "" },
		{ "MutualAuthentication.Mode=verify", "", true, "verify", "" },
		{ "MutualAuthentication.Mode=verify&MutualAuthentication.IgnoreClientCertificateExpiry=true", "", false, "verify", "true" },
		{ "Port=444", "", false, "verify", "true" },
		{ "Protocol=HTTP", "InvalidConfigurationRequest", false, "verify", "true" },
		{ "MutualAuthentication.Mode=off", "", false, "off", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		is(elb("ModifyListener", formed("ListenerArn=%s&%s%s%s", listener, cases[i].form, cases[i].with_store ? "&MutualAuthentication.TrustStoreArn=" : "",
		    cases[i].with_store ? store : "")), cases[i].code);
		a = elb("DescribeListeners", formed("ListenerArns.member.1=%s", listener));
		assert_string_equal(element(a, "Mode"), cases[i].mode);
		assert_string_equal(element(a, "IgnoreClientCertificateExpiry"), cases[i].ignores);
		assert_string_equal(element(a, "TrustStoreArn"), strcmp(cases[i].mode, "verify") == 0 ? store : "");
	}
	is(elb("DeleteListener", formed("ListenerArn=%s", listener)), "");
	is(elb("DeleteTrustStore", formed("TrustStoreArn=%s", store)), "");
}

static const struct aws_answer *
gateway(const char *method, const char *path, const char *body)
{
	return aws_ask(&lab, &(struct aws_ask){ .service = &cloud_apigateway, .method = method, .path = path, .body = body });
}

#define REGIONAL "\"regionalCertificateArn\":\"arn:x\",\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]}"

static void
domains(void **state)
{
	static const struct {
		const char *method, *path, *body, *code;
	} cases[] = {
		{ "POST", "/domainnames", "{\"domainName\":\"a.b\"," REGIONAL ",\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://trust\"}}", "BadRequestException" },
		{ "POST", "/domainnames", "{\"domainName\":\"a.b\"," REGIONAL ",\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://trust/none\"}}",
		    "BadRequestException" },
		{ "POST", "/domainnames", "{\"domainName\":\"a.b\"," REGIONAL ",\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://trust/weak.pem\"}}",
		    "BadRequestException" },
		{ "POST", "/domainnames", "{\"domainName\":\"a.b\",\"certificateArn\":\"x\",\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://trust/old.pem\"}}",
		    "BadRequestException" },
		{ "POST", "/domainnames", "{\"domainName\":\"a.b\"," REGIONAL ",\"securityPolicy\":\"TLS_1_0\",\"mutualTlsAuthentication\":{\"truststoreUri\":"
		    "\"s3://trust/old.pem\"}}", "BadRequestException" },
		{ "POST", "/domainnames", "{\"domainName\":\"nodot\"," REGIONAL "}", "BadRequestException" },
		{ "POST", "/domainnames", "{\"domainName\":\"a.b\",\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]}}", "BadRequestException" },
		{ "POST", "/domainnames", "no JSON", "BadRequestException" },
		{ "POST", "/domainnames", "{\"domainName\":\"a.b\"," REGIONAL ",\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://trust/old.pem\"}}", "" },
		{ "POST", "/domainnames", "{\"domainName\":\"a.b\"," REGIONAL "}", "ConflictException" },
		{ "POST", "/v2/domainnames", "{\"domainName\":\"a.b\",\"domainNameConfigurations\":[{}]}", "ConflictException" },
		{ "POST", "/v2/domainnames", "{\"domainName\":\"c.d\"}", "BadRequestException" },
		{ "GET", "/domainnames/none.b", NULL, "NotFoundException" },
		{ "PATCH", "/domainnames/a.b", "{}", "BadRequestException" },
		{ "PATCH", "/domainnames/a.b", "{\"patchOperations\":[{\"op\":\"add\",\"path\":\"/securityPolicy\",\"value\":\"x\"}]}", "BadRequestException" },
		{ "PATCH", "/v2/domainnames/a.b", "{\"domainNameConfigurations\":[{},{}]}", "BadRequestException" },
		{ "PATCH", "/v2/domainnames/a.b", "{\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://trust/none\"}}", "BadRequestException" },
		{ "DELETE", "/domainnames/none.b", NULL, "NotFoundException" },
		{ "GET", "/nothing", NULL, "NotFoundException" },
		{ "GET", "/domainnames/a.b/more", NULL, "NotFoundException" },
		{ "PATCH", "/restapis/none", "{\"patchOperations\":[{\"op\":\"replace\",\"path\":\"/disableExecuteApiEndpoint\",\"value\":\"true\"}]}",
		    "NotFoundException" },
	};
	const struct aws_answer *a;

	(void)state;
	put("old.pem", expired_pem);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(gateway(cases[i].method, cases[i].path, cases[i].body), cases[i].code);

	/* A change shows once as under way; both interfaces show the same domain, its warning too. */
	assert_string_equal(aws_text(gateway("GET", "/domainnames/a.b", NULL), "domainNameStatus"), "UPDATING");
	a = gateway("GET", "/domainnames/a.b", NULL);
	assert_string_equal(aws_text(a, "domainNameStatus"), "AVAILABLE");
	assert_non_null(strstr(aws_text(a, "mutualTlsAuthentication/truststoreWarnings/0"), "has expired"));
	a = gateway("PATCH", "/v2/domainnames/a.b", "{\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://trust/one.pem\"}}");
	is(a, "");
	assert_string_equal(aws_text(a, "domainNameConfigurations/0/domainNameStatus"), "UPDATING");
	a = gateway("GET", "/domainnames/a.b", NULL);
	assert_string_equal(aws_text(a, "mutualTlsAuthentication/truststoreUri"), "s3://trust/one.pem");
	assert_null(aws_at(a, "mutualTlsAuthentication/truststoreWarnings"));
	a = gateway("PATCH", "/domainnames/a.b", "{\"patchOperations\":[{\"op\":\"replace\",\"path\":\"/mutualTlsAuthentication/truststoreUri\",\"value\":\"\"}]}");
	is(a, "");
	assert_null(aws_at(a, "mutualTlsAuthentication"));
	is(gateway("DELETE", "/v2/domainnames/a.b", NULL), "");
	is(gateway("GET", "/v2/domainnames/a.b", NULL), "NotFoundException");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bundles),
		cmocka_unit_test(stores),
		cmocka_unit_test(listeners),
		cmocka_unit_test(domains),
	};

	return cmocka_run_group_tests_name("lab_trust", tests, start, stop);
}
