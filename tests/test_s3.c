/* S3: what is sent and what is made of the answers, by a script; and the same against moto. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/s3.h"
#include "model/limits.h"
#include "model/times.h"
#include "tests/aws_service.h"
#include "tests/boto.h"
#include "tests/moto.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

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

static bool
append(void *user, const void *bytes, size_t len)
{
	buf_add(user, bytes, len);
	return true;
}

static void
objects(void **state)
{
	static const struct http_step steps[] = {
		{ "PUT", "/my.bucket/a%20b/c%2Bd%C3%A9$", "\r\n\r\n-----BEGIN", 1, 0, "ETag: \"abc\"\r\nx-amz-version-id: v.1_x\r\n", NULL },
		{ "PUT", "/my.bucket/plain$", NULL, 0, 0, "ETag: \"abc\"\r\n", NULL },
		{ "GET", "/my.bucket/a%20b/c%2Bd%C3%A9?versionId=v.1_x$", NULL, 0, 0, "ETag: \"abc\"\r\nx-amz-version-id: v.1_x\r\n", "text" },
		{ "GET", "/my.bucket/large$", NULL, 0, 0, NULL, "0123456789" },
		{ "GET", "/my.bucket/nothing$", NULL, 0, 404, "x-amz-request-id: R1\r\n",
		    "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>nothing</Key></Error>" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct s3_stored stored;
	const unsigned char *bytes;
	struct buf whole = { .data = NULL };
	size_t len;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(s3_put(t.client, "my.bucket", "a b/c+d\u00e9", "-----BEGIN", 10, "application/x-pem-file", t.arena, &stored, &err), STATUS_OK);
	assert_string_equal(stored.etag, "abc");
	assert_string_equal(stored.version, "v.1_x");
	service_asked(&t, 0, "content-type: application/x-pem-file\r\n");
	service_asked(&t, 0, "x-amz-content-sha256: ");
	service_asked(&t, 0, "/us-east-1/s3/aws4_request");
	assert_int_equal(s3_put(t.client, "my.bucket", "plain", "x", 1, NULL, t.arena, &stored, &err), STATUS_OK);
	assert_null(stored.version);
	assert_int_equal(s3_put(t.client, "my.bucket", "plain", "x", 1, NULL, NULL, NULL, &err), STATUS_OK);
	assert_int_equal(s3_get(t.client, "my.bucket", "a b/c+d\u00e9", "v.1_x", 0, t.arena, &bytes, &len, &stored, &err), STATUS_OK);
	assert_int_equal(len, 4);
	assert_string_equal((const char *)bytes, "text");
	assert_string_equal(stored.version, "v.1_x");
	assert_int_equal(s3_get_stream(t.client, "my.bucket", "large", NULL, append, &whole, &err), STATUS_OK);
	assert_string_equal(buf_str(&whole), "0123456789");
	assert_int_equal(s3_get(t.client, "my.bucket", "large", NULL, 5, t.arena, &bytes, &len, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER);
	aws_error_clear(&err);
	buf_reset(&whole);
	assert_int_equal(s3_get_stream(t.client, "my.bucket", "nothing", NULL, append, &whole, &err), STATUS_FAILED);
	assert_int_equal(whole.len, 0); /* the error's page is not the object */
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	assert_string_equal(err.code, "NoSuchKey");
	assert_string_equal(err.message, "The specified key does not exist.");
	assert_string_equal(err.request_id, "R1");
	assert_string_equal(err.operation, "s3 GetObject");
	buf_done(&whole);
	service_stop(&t);
}

static bool
stop_at_once(void *user, const void *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	++*(unsigned *)user;
	return false;
}

static void
what_ends_early(void **state)
{
	static const struct http_step steps[] = {
		{ "GET", "/b/k$", NULL, 0, 0, NULL, "0123456789" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	unsigned calls = 0;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(s3_get_stream(t.client, "b", "k", NULL, stop_at_once, &calls, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_CANCELLED);
	assert_int_equal(calls, 1);
	assert_int_equal(http_script_requests(t.script), 1);
	aws_error_clear(&err);
	/* Names that would ask for something else: the list of the bucket, of all buckets. */
	assert_int_equal(s3_get_stream(t.client, "b", "", NULL, stop_at_once, &calls, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ARGUMENT);
	aws_error_clear(&err);
	assert_int_equal(s3_get_stream(t.client, "", "k", NULL, stop_at_once, &calls, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ARGUMENT);
	assert_int_equal(http_script_requests(t.script), 1);
	service_stop(&t);
}

/* ---- lists ---- */

struct listed {
	struct buf text;
	unsigned most; /* then it ends the list; 0: never */
	unsigned len;
};

static bool
note(void *user, const struct s3_object *o)
{
	struct listed *l = user;

	buf_addf(&l->text, "%s%s|%s|%lld|%s%s%s", l->len > 0 ? "\n" : "", o->key, o->etag, (long long)o->size, o->version == NULL ? "" : o->version,
	    o->version != NULL && o->latest ? " latest" : "", o->deleted ? " deleted" : "");
	return ++l->len != l->most;
}

#define ITEM(key, size) "<Contents><Key>" key "</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>" size \
	"</Size><StorageClass>STANDARD</StorageClass></Contents>"

static void
lists(void **state)
{
	static const struct http_step steps[] = {
		{ "GET", "/b/?encoding-type=url&list-type=2&max-keys=1000&prefix=a%2Fb%20c$", NULL, 0, 0, NULL,
		    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><EncodingType>url</EncodingType>"
		    "<IsTruncated>true</IsTruncated><NextContinuationToken>t/1+=</NextContinuationToken>" ITEM("a/b+c%2B%0A%C3%A9", "12") ITEM("a/b+c2", "x")
		    "</ListBucketResult>" },
		{ "GET", "/b/?continuation-token=t%2F1%2B%3D&encoding-type=url&list-type=2&max-keys=1000&prefix=a%2Fb%20c$", NULL, 0, 0, NULL,
		    "<ListBucketResult><IsTruncated>false</IsTruncated>" ITEM("not+encoded%41", "1") "</ListBucketResult>" },
		{ "GET", "/b/?encoding-type=url&max-keys=2&prefix=x&versions=$", NULL, 0, 0, NULL,
		    "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>x+1</NextKeyMarker>"
		    "<NextVersionIdMarker>v/2</NextVersionIdMarker>"
		    "<DeleteMarker><Key>x+1</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest></DeleteMarker>"
		    "<Version><Key>x+1</Key><VersionId>v/2</VersionId><IsLatest>false</IsLatest><ETag>\"f\"</ETag><Size>3</Size></Version></ListVersionsResult>" },
		{ "GET", "/b/?encoding-type=url&key-marker=x%201&max-keys=2&prefix=x&version-id-marker=v%2F2&versions=$", NULL, 0, 0, NULL,
		    "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
		    "<Version><Key>x2</Key><VersionId>null</VersionId><IsLatest>true</IsLatest><Size>4</Size></Version></ListVersionsResult>" },
		{ "GET", "/loop/?encoding-type", NULL, 0, 0, NULL,
		    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>" },
		{ "GET", "/loop/?continuation-token=t&", NULL, 0, 0, NULL,
		    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>" },
		{ "GET", "/nowhere/", NULL, 0, 0, NULL, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>" },
		{ "GET", "/html/", NULL, 0, 0, NULL, "<!doctype html><html>" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct listed l = { .len = 0 };

	(void)state;
	service_script(&t, steps);
	assert_int_equal(s3_list(t.client, "b", "a/b c", 0, note, &l, &err), STATUS_OK);
	assert_string_equal(l.text.data, "a/b c+\n\u00e9|e|12|\na/b c2|e|0|\nnot+encoded%41|e|1|");
	buf_reset(&l.text);
	l.len = 0;
	assert_int_equal(s3_list_versions(t.client, "b", "x", 2, note, &l, &err), STATUS_OK);
	assert_string_equal(l.text.data, "x 1||0|v3 latest deleted\nx 1|f|3|v/2\nx2||4|null latest");
	buf_reset(&l.text);
	l = (struct listed){ .text = l.text, .most = 1 };
	assert_int_equal(s3_list(t.client, "b", "a/b c", 0, note, &l, &err), STATUS_OK); /* ended by who listens */
	assert_int_equal(l.len, 1);
	assert_int_equal(http_script_requests(t.script), 5);
	for (size_t i = 0; i < 3; i++) {
		static const char *const bad[] = { "loop", "nowhere", "html" };
		assert_int_equal(s3_list(t.client, bad[i], NULL, 0, note, &l, &err), STATUS_FAILED);
		assert_int_equal(err.kind, AWS_ANSWER);
		aws_error_clear(&err);
	}
	buf_done(&l.text);
	service_stop(&t);
}

static void
buckets(void **state)
{
	static const struct http_step steps[] = {
		{ "GET", "/on/?versioning=$", NULL, 0, 0, NULL, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>" },
		{ "GET", "/off/?versioning=$", NULL, 0, 0, NULL, "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>" },
		{ "GET", "/never/?versioning=$", NULL, 0, 0, NULL, "<VersioningConfiguration xmlns=\"x\"/>" },
		{ "HEAD", "/on/$", NULL, 0, 0, "x-amz-bucket-region: us-east-1\r\n", NULL },
		{ "HEAD", "/none/$", NULL, 0, 404, NULL, NULL },
		{ "HEAD", "/theirs/$", NULL, 0, 403, NULL, NULL },
		/* Of another region: asked there, signed for there. */
		{ "GET", "/far/k$", "/us-east-1/s3/aws4_request", 0, 301, "x-amz-bucket-region: eu-west-1\r\n",
		    "<Error><Code>PermanentRedirect</Code><Message>use the specified endpoint</Message></Error>" },
		{ "GET", "/far/k$", "/eu-west-1/s3/aws4_request", 0, 0, NULL, "far" },
		{ .method = NULL },
	};
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	enum s3_versioning v;
	char region[40];
	const unsigned char *bytes;
	size_t len;

	(void)state;
	service_script(&t, steps);
	assert_int_equal(s3_get_versioning(t.client, "on", &v, &err), STATUS_OK);
	assert_int_equal(v, S3_VERSIONING_ENABLED);
	assert_int_equal(s3_get_versioning(t.client, "off", &v, &err), STATUS_OK);
	assert_int_equal(v, S3_VERSIONING_SUSPENDED);
	assert_int_equal(s3_get_versioning(t.client, "never", &v, &err), STATUS_OK);
	assert_int_equal(v, S3_VERSIONING_NEVER);
	assert_int_equal(s3_head_bucket(t.client, "on", region, &err), STATUS_OK);
	assert_string_equal(region, "us-east-1");
	assert_int_equal(s3_head_bucket(t.client, "none", NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	aws_error_clear(&err);
	assert_int_equal(s3_head_bucket(t.client, "theirs", NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_DENIED);
	aws_error_clear(&err);
	assert_int_equal(s3_get(t.client, "far", "k", NULL, 0, t.arena, &bytes, &len, NULL, &err), STATUS_OK);
	assert_string_equal((const char *)bytes, "far");
	service_stop(&t);
}

/* ---- moto ---- */

static const char make_buckets[] =
    "c = client('s3')\n"
    "c.create_bucket(Bucket='reports')\n"
    "c.create_bucket(Bucket='stores')\n"
    "c.put_bucket_versioning(Bucket='stores', VersioningConfiguration={'Status': 'Enabled'})\n"
    "for i in range(7):\n"
    "  c.put_object(Bucket='reports', Key=f'audit-report/ca+1/{i} \\u00e9.json', Body=b'x' * i)\n"
    "c.put_object(Bucket='reports', Key='other', Body=b'')\n"
    "print('{}')\n";

static void
moto_has_the_same(void **state)
{
	struct aws_service_test t;
	struct aws_error err = { .kind = AWS_FINE };
	struct listed l = { .len = 0 };
	struct s3_stored first, second;
	enum s3_versioning v;
	const unsigned char *bytes;
	unsigned char *large = mem_alloc(9u << 20);
	struct buf whole = { .data = NULL };
	char url[64];
	size_t len;
	pid_t moto = 0;

	(void)state;
	if (boto_python() == NULL || !moto_start(folder, 0, &moto, url))
		skip();
	cJSON_Delete(service_boto(url, make_buckets));
	service_at(&t, url);
	if (s3_list(t.client, "reports", "audit-report/ca+1/", 3, note, &l, &err) != STATUS_OK)
		fail_msg("%s %s", err.code, err.message);
	assert_int_equal(l.len, 7);
	assert_non_null(strstr(l.text.data, "audit-report/ca+1/3 \u00e9.json|"));
	assert_int_equal(s3_get_versioning(t.client, "stores", &v, &err), STATUS_OK);
	assert_int_equal(v, S3_VERSIONING_ENABLED);
	assert_int_equal(s3_get_versioning(t.client, "reports", &v, &err), STATUS_OK);
	assert_int_equal(v, S3_VERSIONING_NEVER);
	assert_int_equal(s3_put(t.client, "stores", "trust store.pem", "one", 3, "application/x-pem-file", t.arena, &first, &err), STATUS_OK);
	assert_int_equal(s3_put(t.client, "stores", "trust store.pem", "two", 3, NULL, t.arena, &second, &err), STATUS_OK);
	assert_non_null(first.version);
	assert_string_not_equal(first.version, second.version);
	assert_int_equal(s3_get(t.client, "stores", "trust store.pem", NULL, 0, t.arena, &bytes, &len, NULL, &err), STATUS_OK);
	assert_string_equal((const char *)bytes, "two");
	assert_int_equal(s3_get(t.client, "stores", "trust store.pem", first.version, 0, t.arena, &bytes, &len, &second, &err), STATUS_OK);
	assert_string_equal((const char *)bytes, "one");
	assert_string_equal(second.version, first.version);
	assert_string_equal(second.etag, first.etag);
	buf_reset(&l.text);
	l.len = 0;
	assert_int_equal(s3_list_versions(t.client, "stores", "trust", 1, note, &l, &err), STATUS_OK);
	assert_int_equal(l.len, 2);
	memset(large, 'r', 9u << 20);
	assert_int_equal(s3_put(t.client, "reports", "large", large, 9u << 20, NULL, t.arena, &first, &err), STATUS_OK);
	assert_int_equal(s3_get_stream(t.client, "reports", "large", NULL, append, &whole, &err), STATUS_OK);
	assert_int_equal(whole.len, 9u << 20);
	assert_memory_equal(whole.data, large, whole.len);
	assert_int_equal(s3_get(t.client, "reports", "large", NULL, 0, t.arena, &bytes, &len, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_ANSWER); /* more than is kept */
	aws_error_clear(&err);
	assert_int_equal(s3_get(t.client, "reports", "nothing", NULL, 0, t.arena, &bytes, &len, NULL, &err), STATUS_FAILED);
	assert_string_equal(err.code, "NoSuchKey");
	aws_error_clear(&err);
	assert_int_equal(s3_head_bucket(t.client, "reports", NULL, &err), STATUS_OK);
	assert_int_equal(s3_head_bucket(t.client, "nobodys", NULL, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_NOT_FOUND);
	free(large);
	buf_done(&whole);
	buf_done(&l.text);
	service_stop(&t);
	stop_server(moto);
}

static const char make_user[] =
    "client('s3').create_bucket(Bucket='reports')\n"
    "i = client('iam')\n"
    "i.create_user(UserName='u')\n"
    "i.put_user_policy(UserName='u', PolicyName='p', PolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement':"
    " [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))\n"
    "k = i.create_access_key(UserName='u')['AccessKey']\n"
    "print(json.dumps({'key': k['AccessKeyId'], 'secret': k['SecretAccessKey']}))\n";

/* botocore's own code in moto finds the same signatures; keys stay plain, others fail there with its own signer as well. */
static void
moto_checks_signatures(void **state)
{
	struct aws_service_test t;
	struct listed l = { .len = 0 };
	struct s3_stored stored;
	struct buf whole = { .data = NULL };
	char url[64];
	pid_t moto = 0;
	cJSON *key;

	(void)state;
	if (boto_python() == NULL || !moto_start(folder, 4, &moto, url))
		skip();
	key = service_boto(url, make_user);
	for (int wrong = 0; wrong < 2; wrong++) {
		struct aws_error err = { .kind = AWS_FINE };
		status result;

		service_as(&t, url, cJSON_GetObjectItem(key, "key")->valuestring, wrong ? "CANARY" : cJSON_GetObjectItem(key, "secret")->valuestring);
		result = s3_put(t.client, "reports", "audit/one two.json", "body", 4, "application/json", t.arena, &stored, &err);
		if (!wrong && result == STATUS_OK)
			result = s3_get_stream(t.client, "reports", "audit/one two.json", NULL, append, &whole, &err);
		if (!wrong && result == STATUS_OK)
			result = s3_list(t.client, "reports", "audit", 0, note, &l, &err);
		if (!wrong && result == STATUS_OK)
			result = s3_head_bucket(t.client, "reports", NULL, &err);
		if (wrong ? err.kind != AWS_BAD_CREDENTIALS : result != STATUS_OK)
			fail_msg("%s: %d %s %s", err.operation, err.kind, err.code, err.message);
		service_stop(&t);
	}
	assert_string_equal(buf_str(&whole), "body");
	assert_int_equal(l.len, 1);
	buf_done(&whole);
	buf_done(&l.text);
	cJSON_Delete(key);
	stop_server(moto);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects),
		cmocka_unit_test(what_ends_early),
		cmocka_unit_test(lists),
		cmocka_unit_test(buckets),
		cmocka_unit_test(moto_has_the_same),
		cmocka_unit_test(moto_checks_signatures),
	};

	return cmocka_run_group_tests_name("s3", tests, setup, teardown);
}
