/* Trust stores and listeners of load balancers: the Query protocol as botocore writes and reads it. moto has no trust stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/elbv2.h"
#include "model/limits.h"
#include "tests/aws_service.h"
#include "tests/boto.h"
#include "tests/moto.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])
#define ARN "arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/ts/73e2d6bc24d8a067"
#define ARN_SENT "arn%3Aaws%3Aelasticloadbalancing%3Aus-east-1%3A111122223333%3Atruststore%2Fts%2F73e2d6bc24d8a067"

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

/* What the server says to an action; the namespace is AWS's own. */
static char *
answer_to(const char *action, const char *result)
{
	struct buf out = { .data = NULL };

	buf_addf(&out, "<%sResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\"><%sResult>%s</%sResult><ResponseMetadata>"
	               "<RequestId>1</RequestId></ResponseMetadata></%sResponse>", action, action, result, action, action);
	return out.data;
}

#define STORE(state) "<TrustStores><member><Name>ts</Name><TrustStoreArn>" ARN "</TrustStoreArn><Status>" state "</Status>" \
	"<NumberOfCaCertificates>2</NumberOfCaCertificates><TotalRevokedEntries>5</TotalRevokedEntries></member></TrustStores>"
#define REVOCATION "<TrustStoreRevocations><member><TrustStoreArn>" ARN "</TrustStoreArn><RevocationId>9007199254740993</RevocationId>" \
	"<RevocationType>CRL</RevocationType><NumberOfRevokedEntries>7</NumberOfRevokedEntries></member></TrustStoreRevocations>"
#define LISTENER "<Listeners><member><ListenerArn>arn:l</ListenerArn><LoadBalancerArn>arn:lb</LoadBalancerArn><Port>443</Port><Protocol>HTTPS</Protocol>" \
	"<Certificates><member><CertificateArn>arn:c</CertificateArn></member></Certificates><SslPolicy>P</SslPolicy><MutualAuthentication><Mode>verify</Mode>" \
	"<TrustStoreArn>" ARN "</TrustStoreArn><IgnoreClientCertificateExpiry>false</IgnoreClientCertificateExpiry><TrustStoreAssociationStatus>active" \
	"</TrustStoreAssociationStatus><AdvertiseTrustStoreCaNames>on</AdvertiseTrustStoreCaNames></MutualAuthentication></member>" \
	"<member><ListenerArn>arn:l2</ListenerArn><Port>80</Port></member></Listeners>"

/* Starts a script of one step an action; the answers are freed with it. */
struct scripted {
	struct aws_service_test t;
	struct http_step steps[8];
	char *answers[8];
};

static void
script(struct scripted *s, const char *const actions[][2], size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char has[64];
		s->answers[i] = answer_to(actions[i][0], actions[i][1]);
		snprintf(has, sizeof has, "Action=%s&Version=2015-12-01", actions[i][0]);
		s->steps[i] = (struct http_step){ .method = "POST", .target = "/$", .has = mem_strdup(has), .body = s->answers[i] };
	}
	s->steps[len] = (struct http_step){ .method = NULL };
	service_script(&s->t, s->steps);
}

static void
script_done(struct scripted *s)
{
	service_stop(&s->t);
	for (size_t i = 0; s->steps[i].method != NULL; i++) {
		free((void *)(uintptr_t)s->steps[i].has);
		free(s->answers[i]);
	}
}

static void
must(status result, const struct aws_error *err)
{
	if (result != STATUS_OK)
		fail_msg("%s: %s %s", err->operation, err->code, err->message);
}

static void
trust_stores(void **state)
{
	static const char *const actions[][2] = {
		{ "CreateTrustStore", STORE("CREATING") },
		{ "ModifyTrustStore", STORE("ACTIVE") },
		{ "DescribeTrustStores", STORE("ACTIVE") },
		{ "DescribeTrustStoreAssociations", "<TrustStoreAssociations><member><ResourceArn>arn:l</ResourceArn></member><member><ResourceArn>arn:l2"
		  "</ResourceArn></member></TrustStoreAssociations>" },
		{ "DeleteTrustStore", "" },
	};
	struct scripted s = { .answers = { NULL } };
	struct aws_error err = { .kind = AWS_FINE };
	struct trust_source from = { .bucket = "stores", .key = "a/b c.pem", .version = "v+1" };
	struct trust_store store, *all;
	const char **users;
	size_t len;

	(void)state;
	script(&s, actions, LEN(actions));
	must(elbv2_create_trust_store(s.t.client, "ts", &from, s.t.arena, &store, &err), &err);
	service_asked(&s.t, 0, "Action=CreateTrustStore&Version=2015-12-01&Name=ts&CaCertificatesBundleS3Bucket=stores&CaCertificatesBundleS3Key=a%2Fb%20c.pem&"
	                       "CaCertificatesBundleS3ObjectVersion=v%2B1");
	service_asked(&s.t, 0, "/us-east-1/elasticloadbalancing/aws4_request");
	assert_string_equal(store.arn, ARN);
	assert_string_equal(store.status, "CREATING");
	from.version = NULL;
	must(elbv2_modify_trust_store(s.t.client, ARN, &from, s.t.arena, &store, &err), &err);
	service_asked(&s.t, 1, "TrustStoreArn=" ARN_SENT "&CaCertificatesBundleS3Bucket=stores&CaCertificatesBundleS3Key=a%2Fb%20c.pem");
	assert_null(strstr(http_script_request(s.t.script, 1), "ObjectVersion"));
	must(elbv2_trust_stores(s.t.client, NULL, "ts", s.t.arena, &all, &len, &err), &err);
	service_asked(&s.t, 2, "&Names.member.1=ts");
	assert_int_equal(len, 1);
	assert_int_equal(all[0].certificates, 2);
	assert_int_equal(all[0].revoked, 5);
	must(elbv2_wait_trust_store(s.t.client, ARN, s.t.arena, &store, &err), &err);
	service_asked(&s.t, 3, "&TrustStoreArns.member.1=" ARN_SENT);
	must(elbv2_trust_store_users(s.t.client, ARN, s.t.arena, &users, &len, &err), &err);
	assert_int_equal(len, 2);
	assert_string_equal(users[1], "arn:l2");
	must(elbv2_delete_trust_store(s.t.client, ARN, &err), &err);
	script_done(&s);
}

static void
revocation(void **state)
{
	static const char *const actions[][2] = {
		{ "AddTrustStoreRevocations", REVOCATION },
		{ "DescribeTrustStoreRevocations", REVOCATION },
		{ "RemoveTrustStoreRevocations", "" },
	};
	struct scripted s = { .answers = { NULL } };
	struct aws_error err = { .kind = AWS_FINE };
	struct trust_source from = { .bucket = "crls", .key = "ca.crl" };
	struct trust_revocation one, *all;
	size_t len;

	(void)state;
	script(&s, actions, LEN(actions));
	must(elbv2_add_revocation(s.t.client, ARN, &from, s.t.arena, &one, &err), &err);
	service_asked(&s.t, 0, "RevocationContents.member.1.RevocationType=CRL&RevocationContents.member.1.S3Bucket=crls&RevocationContents.member.1.S3Key=ca.crl&"
	                       "TrustStoreArn=");
	assert_int_equal(one.id, 9007199254740993); /* more than a double holds */
	must(elbv2_revocations(s.t.client, ARN, s.t.arena, &all, &len, &err), &err);
	assert_int_equal(len, 1);
	assert_int_equal(all[0].entries, 7);
	must(elbv2_remove_revocation(s.t.client, ARN, one.id, &err), &err);
	service_asked(&s.t, 2, "RevocationIds.member.1=9007199254740993&TrustStoreArn=");
	script_done(&s);
}

static void
listeners(void **state)
{
	static const char *const actions[][2] = { { "DescribeListeners", LISTENER }, { "ModifyListener", LISTENER } };
	struct scripted s = { .answers = { NULL } };
	struct aws_error err = { .kind = AWS_FINE };
	struct listener *all, one;
	size_t len;

	(void)state;
	script(&s, actions, LEN(actions));
	must(elbv2_listeners(s.t.client, "arn:lb", NULL, s.t.arena, &all, &len, &err), &err);
	service_asked(&s.t, 0, "&LoadBalancerArn=arn%3Alb");
	assert_int_equal(len, 2);
	assert_int_equal(all[0].port, 443);
	assert_string_equal(all[0].certificate, "arn:c");
	assert_string_equal(all[0].mutual.mode, "verify");
	assert_string_equal(all[0].mutual.association, "active");
	assert_null(all[1].mutual.mode);
	must(elbv2_listeners(s.t.client, NULL, "arn:l", s.t.arena, &all, &len, &err), &err);
	service_asked(&s.t, 1, "&ListenerArns.member.1=arn%3Al");
	must(elbv2_set_mutual(s.t.client, "arn:l", &(struct listener_mutual){ .mode = "verify", .trust_store = ARN, .advertise = "on" }, s.t.arena, &one, &err), &err);
	service_asked(&s.t, 2, "ListenerArn=arn%3Al&MutualAuthentication.AdvertiseTrustStoreCaNames=on&MutualAuthentication.Mode=verify&"
	                       "MutualAuthentication.TrustStoreArn=" ARN_SENT);
	assert_null(strstr(http_script_request(s.t.script, 2), "IgnoreClient")); /* what is not said stays */
	assert_string_equal(one.mutual.ignore_expiry, "false");
	script_done(&s);
}

/* The bundle's address is signed in its own query: nothing of ours goes there. */
static void
bundles(void **state)
{
	struct http_step steps[] = {
		{ .method = "POST", .target = "/$", .has = "Action=GetTrustStoreCaCertificatesBundle" },
		{ .method = "POST", .target = "/$", .has = "Action=GetTrustStoreRevocationContent" },
		{ .method = "GET", .target = "/bundle.pem?X-Amz-Signature=abc&X-Amz-Date=1$", .body = "-----BEGIN CERTIFICATE-----\n" },
		{ .method = "GET", .target = "/gone", .status = 403, .body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	char where[256], *answers[2];
	const char *pem;
	size_t len;

	(void)state;
	service_script(&t, steps);
	snprintf(where, sizeof where, "<Location>%s/bundle.pem?X-Amz-Signature=abc&amp;X-Amz-Date=1</Location>", http_script_url(t.script));
	steps[0].body = answers[0] = answer_to("GetTrustStoreCaCertificatesBundle", where);
	snprintf(where, sizeof where, "<Location>%s/gone</Location>", http_script_url(t.script));
	steps[1].body = answers[1] = answer_to("GetTrustStoreRevocationContent", where);
	must(elbv2_trust_store_bundle(t.client, ARN, t.arena, &pem, &len, &err), &err);
	assert_string_equal(pem, "-----BEGIN CERTIFICATE-----\n");
	assert_int_equal(len, strlen(pem));
	assert_null(strcasestr(http_script_request(t.script, 1), "authorization:"));
	assert_null(strcasestr(http_script_request(t.script, 1), "x-amz-date:"));
	assert_int_equal(elbv2_revocation_content(t.client, ARN, 7, t.arena, &pem, &len, &err), STATUS_FAILED);
	assert_string_equal(err.code, "AccessDenied");
	service_stop(&t);
	free(answers[0]);
	free(answers[1]);
}

static void
pages_and_refusals(void **state)
{
	static const struct http_step steps[] = {
		{ "POST", "/$", "Marker=m%201", 0, 0, NULL, "<DescribeTrustStoresResponse><DescribeTrustStoresResult><TrustStores><member><Name>b</Name></member>"
		    "</TrustStores></DescribeTrustStoresResult></DescribeTrustStoresResponse>" },
		{ "POST", "/$", "Action=DescribeTrustStores&", 0, 0, NULL, "<DescribeTrustStoresResponse><DescribeTrustStoresResult><TrustStores><member><Name>a</Name>"
		    "</member></TrustStores><NextMarker>m 1</NextMarker></DescribeTrustStoresResult></DescribeTrustStoresResponse>" },
		{ "POST", "/$", "Action=DescribeListeners&", 0, 0, NULL, "<DescribeListenersResponse><DescribeListenersResult><Listeners/><NextMarker>m</NextMarker>"
		    "</DescribeListenersResult></DescribeListenersResponse>" },
		{ "POST", "/$", "Action=ModifyTrustStore&", 0, 400, NULL, "<ErrorResponse><Error><Type>Sender</Type><Code>TrustStoreNotFound</Code><Message>One or more "
		    "trust stores not found</Message></Error><RequestId>r</RequestId></ErrorResponse>" },
		{ "POST", "/$", "Action=CreateTrustStore&", 0, 0, NULL, "<CreateTrustStoreResponse><CreateTrustStoreResult/></CreateTrustStoreResponse>" },
		{ "POST", "/$", "Action=DeleteTrustStore&", 0, 0, NULL, "<html/>" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct trust_source from = { .bucket = "b", .key = "k" };
	struct trust_store store, *all;
	struct listener *listeners_found;
	size_t len;

	(void)state;
	service_script(&t, steps);
	must(elbv2_trust_stores(t.client, NULL, NULL, t.arena, &all, &len, &err), &err);
	assert_int_equal(len, 2);
	assert_string_equal(all[1].name, "b");
	assert_int_equal(elbv2_listeners(t.client, "arn:lb", NULL, t.arena, &listeners_found, &len, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER); /* in a circle */
	aws_error_clear(&err);
	assert_int_equal(elbv2_modify_trust_store(t.client, ARN, &from, t.arena, &store, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	assert_string_equal(err.code, "TrustStoreNotFound");
	aws_error_clear(&err);
	assert_int_equal(elbv2_create_trust_store(t.client, "ts", &from, t.arena, &store, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER);
	aws_error_clear(&err);
	assert_int_equal(elbv2_delete_trust_store(t.client, ARN, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER);
	service_stop(&t);
}

/* botocore builds the same requests out of its service model, and reads the same out of the same answers. */
static const char by_boto[] =
    "import botocore.session, botocore.parsers\n"
    "s = botocore.session.Session()\n"
    "m = s.get_service_model('elbv2')\n"
    "from botocore.serialize import create_serializer\n"
    "z = create_serializer('query')\n"
    "arn, told = '" ARN "', {}\n"
    "def body(op, **k):\n"
    "  return {a: str(b) for a, b in z.serialize_to_request(k, m.operation_model(op))['body'].items()}\n"
    "told['create'] = body('CreateTrustStore', Name='ts', CaCertificatesBundleS3Bucket='stores', CaCertificatesBundleS3Key='a/b c.pem', CaCertificatesBundleS3ObjectVersion='v+1')\n"
    "told['revoke'] = body('AddTrustStoreRevocations', TrustStoreArn=arn, RevocationContents=[{'S3Bucket': 'crls', 'S3Key': 'ca.crl', 'RevocationType': 'CRL'}])\n"
    "told['remove'] = body('RemoveTrustStoreRevocations', TrustStoreArn=arn, RevocationIds=[9007199254740993])\n"
    "told['listener'] = body('ModifyListener', ListenerArn='arn:l', MutualAuthentication={'Mode': 'verify', 'TrustStoreArn': arn, 'AdvertiseTrustStoreCaNames': 'on'})\n"
    "told['describe'] = body('DescribeTrustStores', Names=['ts'])\n"
    "print(json.dumps(told))\n";

static const struct {
	const char *name, *body; /* decoded, as we send it */
} ours[] = {
	{ "create", "Action=CreateTrustStore&Version=2015-12-01&Name=ts&CaCertificatesBundleS3Bucket=stores&CaCertificatesBundleS3Key=a/b c.pem&"
	            "CaCertificatesBundleS3ObjectVersion=v+1" },
	{ "revoke", "Action=AddTrustStoreRevocations&Version=2015-12-01&RevocationContents.member.1.RevocationType=CRL&RevocationContents.member.1.S3Bucket=crls&"
	            "RevocationContents.member.1.S3Key=ca.crl&TrustStoreArn=" ARN },
	{ "remove", "Action=RemoveTrustStoreRevocations&Version=2015-12-01&RevocationIds.member.1=9007199254740993&TrustStoreArn=" ARN },
	{ "listener", "Action=ModifyListener&Version=2015-12-01&ListenerArn=arn:l&MutualAuthentication.AdvertiseTrustStoreCaNames=on&MutualAuthentication.Mode=verify&"
	              "MutualAuthentication.TrustStoreArn=" ARN },
	{ "describe", "Action=DescribeTrustStores&Version=2015-12-01&Names.member.1=ts" },
};

static void
botocore_sends_the_same(void **state)
{
	cJSON *told, *one;

	(void)state;
	if (boto_python() == NULL)
		skip();
	told = service_boto("http://127.0.0.1:1", by_boto);
	for (size_t i = 0; i < LEN(ours); i++) {
		const cJSON *theirs = cJSON_GetObjectItem(told, ours[i].name);
		size_t count = 0;
		char *copy = mem_strdup(ours[i].body), *rest = copy, *pair;

		while ((pair = strsep(&rest, "&")) != NULL) {
			char *value = strchr(pair, '=');
			*value++ = '\0';
			one = cJSON_GetObjectItemCaseSensitive(theirs, pair);
			if (one == NULL || strcmp(one->valuestring, value) != 0)
				fail_msg("%s: botocore has another %s", ours[i].name, pair);
			count++;
		}
		assert_int_equal(count, cJSON_GetArraySize(theirs));
		free(copy);
	}
	cJSON_Delete(told);
}

/* moto knows listeners; trust stores it answers with a page of status 500. */
static const char make_listener[] =
    "ec2, elb = client('ec2'), client('elbv2')\n"
    "v = ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']\n"
    "n = [ec2.create_subnet(VpcId=v, CidrBlock=f'10.0.{i}.0/24', AvailabilityZone=f'us-east-1{z}')['Subnet']['SubnetId'] for i, z in enumerate('ab')]\n"
    "lb = elb.create_load_balancer(Name='lb', Subnets=n)['LoadBalancers'][0]['LoadBalancerArn']\n"
    "l = elb.create_listener(LoadBalancerArn=lb, Protocol='HTTP', Port=8080, DefaultActions=[{'Type': 'fixed-response', 'FixedResponseConfig':"
    " {'StatusCode': '200'}}])['Listeners'][0]['ListenerArn']\n"
    "print(json.dumps({'lb': lb, 'l': l}))\n";

static void
moto_knows_listeners(void **state)
{
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct listener *all;
	struct trust_store *stores;
	char url[64];
	size_t len;
	pid_t moto = 0;
	cJSON *told;

	(void)state;
	if (boto_python() == NULL || !moto_start(folder, 0, &moto, url))
		skip();
	told = service_boto(url, make_listener);
	service_at(&t, url);
	must(elbv2_listeners(t.client, cJSON_GetObjectItem(told, "lb")->valuestring, NULL, t.arena, &all, &len, &err), &err);
	assert_int_equal(len, 1);
	assert_string_equal(all[0].arn, cJSON_GetObjectItem(told, "l")->valuestring);
	assert_int_equal(all[0].port, 8080);
	must(elbv2_listeners(t.client, NULL, all[0].arn, t.arena, &all, &len, &err), &err);
	assert_int_equal(len, 1);
	assert_int_equal(elbv2_trust_stores(t.client, NULL, NULL, t.arena, &stores, &len, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_SERVER);
	cJSON_Delete(told);
	service_stop(&t);
	stop_server(moto);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_stores),
		cmocka_unit_test(revocation),
		cmocka_unit_test(listeners),
		cmocka_unit_test(bundles),
		cmocka_unit_test(pages_and_refusals),
		cmocka_unit_test(botocore_sends_the_same),
		cmocka_unit_test(moto_knows_listeners),
	};

	return cmocka_run_group_tests_name("elbv2", tests, setup, teardown);
}
