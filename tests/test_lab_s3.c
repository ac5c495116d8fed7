/* The lab's S3: what is stored and how it is versioned, listed, refused, and kept over a kill; requests past HTTP. Real clients: test_aws_clients. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "lab/cloud_internal.h"
#include "lab/s3_store.h"
#include "lab/sql.h"
#include "tests/aws_lab.h"
#include "tests/program.h"

static struct aws_lab lab;

static int
start(void **state)
{
	(void)state;
	aws_lab_start(&lab);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	aws_lab_stop(&lab);
	return 0;
}

static const struct aws_answer *
s3(const char *method, const char *path, const char *query, const char *body)
{
	return aws_ask(&lab, &(struct aws_ask){ .service = &cloud_s3, .method = method, .path = path, .query = query, .body = body });
}

static void
is(const struct aws_answer *a, int wanted, const char *code)
{
	if (a->status != wanted || strcmp(a->code, code) != 0)
		fail_msg("%d %s instead of %d %s: %s", a->status, a->code, wanted, code, a->text);
}

static size_t
count_files(void)
{
	DIR *d = opendir(in_folder(lab.folder, "objects"));
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void
refusals(void **state)
{
	static const struct {
		const char *method, *path, *query, *body;
		int status;
		const char *code;
	} cases[] = {
		{ "GET", "/none", "", NULL, 404, "NoSuchBucket" },
		{ "PUT", "/none/key", "", "x", 404, "NoSuchBucket" },
		{ "PUT", "/ab", "", NULL, 400, "InvalidBucketName" },
		{ "PUT", "/Capital", "", NULL, 400, "InvalidBucketName" },
		{ "PUT", "/two..dots", "", NULL, 400, "InvalidBucketName" },
		{ "GET", "/kept/none", "", NULL, 404, "NoSuchKey" },
		{ "GET", "/kept/key", "versionId=none", NULL, 404, "NoSuchVersion" },
		{ "GET", "/kept/%00", "", NULL, 400, "InvalidURI" },
		{ "GET", "/kept/%zz", "", NULL, 400, "InvalidURI" },
		{ "DELETE", "/kept", "", NULL, 409, "BucketNotEmpty" },
		{ "GET", "/kept", "policy=", NULL, 404, "NoSuchBucketPolicy" },
		{ "PUT", "/kept", "policy=", "no JSON", 400, "MalformedPolicy" },
		{ "PUT", "/kept", "versioning=", "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>", 400, "MalformedXML" },
		{ "PUT", "/kept", "versioning=", "no XML", 400, "MalformedXML" },
		{ "PUT", "/kept/key", "tagging=", "<Tagging/>", 501, "NotImplemented" }, /* not stored as the object */
		{ "POST", "/kept", "delete=", "<Delete/>", 501, "NotImplemented" },
		{ "GET", "/kept", "list-type=2&continuation-token=zz", NULL, 400, "InvalidArgument" },
		{ "PATCH", "/kept/key", "", NULL, 501, "NotImplemented" },
	};
	char longest[1100];

	(void)state;
	is(s3("PUT", "/kept", "", NULL), 200, "");
	is(s3("PUT", "/kept/key", "", "x"), 200, "");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(s3(cases[i].method, cases[i].path, cases[i].query, cases[i].body), cases[i].status, cases[i].code);
	snprintf(longest, sizeof longest, "/kept/%01030d", 7);
	is(s3("PUT", longest, "", "x"), 400, "KeyTooLongError");
	is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_s3, .method = "GET", .path = "/kept/key", .nobody = true }), 403, "AccessDenied");
	assert_string_equal(s3("GET", "/kept/key", "", NULL)->text, "x");
}

/* Keys are bytes; what comes encoded is another text than its encoding. */
static void
keys_and_headers(void **state)
{
	const struct aws_answer *a;

	(void)state;
	a = aws_ask(&lab, &(struct aws_ask){ .service = &cloud_s3, .method = "PUT", .path = "/kept/a%20b%2Bc%2F%C3%BC", .body = "a\0b", .body_len = 3,
	    .headers = { { "content-type", "text/plain" }, { "x-amz-meta-who", "me" }, { "x-amz-checksum-sha256", "of which we know nothing" } }, .headers_len = 3 });
	is(a, 200, "");
	assert_string_equal(aws_answer_header(a, "ETag"), "\"70350f6027bce3713f6b76473084309b\""); /* MD5 of the three bytes */
	a = s3("GET", "/kept/a%20b%2bc/%c3%bc", "", NULL);
	is(a, 200, "");
	assert_int_equal(a->len, 3);
	assert_memory_equal(a->text, "a\0b", 3);
	assert_string_equal(aws_answer_header(a, "x-amz-meta-who"), "me");
	assert_string_equal(a->reply->content_type, "text/plain");
	a = s3("GET", "/kept", "prefix=a%20b", NULL);
	assert_non_null(strstr(a->text, "<Key>a b+c/\xc3\xbc</Key>"));
	a = s3("GET", "/kept", "prefix=a%20b&encoding-type=url", NULL);
	assert_non_null(strstr(a->text, "<Key>a%20b%2Bc/%C3%BC</Key>"));
	is(s3("DELETE", "/kept/a%20b%2Bc/%C3%BC", "", NULL), 204, "");
	is(s3("DELETE", "/kept/a%20b%2Bc/%C3%BC", "", NULL), 204, ""); /* twice is no error */
}

static void
sums(void **state)
{
	static const struct {
		const char *header, *value;
		int status;
	} cases[] = {
		{ "Content-MD5", "XUFAKrxLKna5cZ2REBfFkg==", 200 }, /* of "hello" */
		{ "Content-MD5", "XUFAKrxLKna5cZ2REBfFkA==", 400 },
		{ "x-amz-checksum-crc32", "NhCmhg==", 200 },
		{ "x-amz-checksum-crc32", "NhCmhA==", 400 },
		{ "x-amz-checksum-crc64nvme", "anything", 200 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_s3, .method = "PUT", .path = "/kept/sum", .body = "hello",
		    .headers = { { cases[i].header, cases[i].value } }, .headers_len = 1 }), cases[i].status, cases[i].status == 200 ? "" : "BadDigest");
}

/* As AWS's SDKs send a body whose sum they know only at its end. */
static void
chunks(void **state)
{
	static const struct {
		const char *body, *decoded, *hash;
		int status;
		const char *code, *kept;
	} cases[] = {
		{ "3\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "5", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 200, "", "hello" },
		{ "5\r\nhello\r\n0\r\n\r\n", "5", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 200, "", "hello" },
		{ "0\r\n\r\n", "0", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 200, "", "" },
		{ "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "5", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400, "BadDigest", NULL },
		{ "5\r\nhello\r\n0\r\n\r\n", "6", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400, "IncompleteBody", NULL },
		{ "5\r\nhell", "5", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400, "IncompleteBody", NULL },
		{ "5\r\nhelloX0\r\n\r\n", "5", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400, "IncompleteBody", NULL },
		{ "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", "5", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400, "IncompleteBody", NULL },
		{ "\r\n", "0", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400, "IncompleteBody", NULL },
		{ "-1\r\n", "0", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400, "IncompleteBody", NULL },
		{ "", "0", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400, "IncompleteBody", NULL },
		{ "5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n", "5", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", 501, "NotImplemented", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_s3, .method = "PUT", .path = "/kept/chunks", .body = cases[i].body, .headers = {
		    { "x-amz-content-sha256", cases[i].hash }, { "x-amz-decoded-content-length", cases[i].decoded }, { "content-encoding", "aws-chunked" } },
		    .headers_len = 3 }), cases[i].status, cases[i].code);
		if (cases[i].kept != NULL)
			assert_string_equal(s3("GET", "/kept/chunks", "", NULL)->text, cases[i].kept);
	}
}

/* The same through the signature: only that word stands for a body that is not hashed, and only at S3. */
static void
chunks_signed(void **state)
{
	static const struct {
		const char *service, *hash;
		int status;
	} cases[] = {
		{ "s3", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 200 },
		{ "s3", "UNSIGNED-PAYLOAD", 200 },
		{ "s3", "STREAMING-SOMETHING-ELSE", 400 },
		{ "secretsmanager", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", 400 },
	};
	static const char body[] = "5\r\nhello\r\n0\r\n\r\n";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cloud_header headers[8] = { { "host", "127.0.0.1" }, { "x-amz-decoded-content-length", "5" } };
		const struct sigv4_header given[] = { { "host", "127.0.0.1" }, { "x-amz-decoded-content-length", "5" } };
		const struct sigv4_key key = { .access_key = cloud_access_key(lab.cloud), .secret = cloud_secret(lab.cloud) };
		const struct sigv4_request r = { .method = "PUT", .path = "/kept/signed", .headers = given, .headers_len = 2, .body = body,
			.body_len = sizeof body - 1, .payload_hash = cases[i].hash };
		struct sigv4_signed is_signed;
		struct cloud_reply p = { .status = 0 };
		struct arena *a = arena_new();
		assert_true(sigv4_sign(&r, &key, CLOUD_REGION, cases[i].service, cloud_real_now(), &is_signed));
		headers[2] = (struct cloud_header){ "authorization", is_signed.authorization };
		headers[3] = (struct cloud_header){ "x-amz-date", is_signed.date };
		headers[4] = (struct cloud_header){ "x-amz-content-sha256", is_signed.payload_hash };
		const struct cloud_raw raw = { .method = r.method, .path = r.path, .query = "", .headers = headers, .headers_len = 5,
			.body = (const unsigned char *)body, .body_len = sizeof body - 1 };
		cloud_answer(lab.cloud, &raw, a, &p);
		if (p.status != cases[i].status)
			fail_msg("%s %s: %d %s", cases[i].service, cases[i].hash, p.status, buf_str(&p.body));
		buf_done(&p.body);
		arena_free(a);
	}
	assert_non_null(strstr(s3("GET", "/kept/signed", "", NULL)->text, "hello"));
}

static void
version_of(const struct aws_answer *a, char out[64])
{
	snprintf(out, 64, "%s", aws_answer_header(a, "x-amz-version-id"));
}

static void
versions(void **state)
{
	static const char on[] = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>";
	char first[64], second[64], marker[64], query[96];
	const struct aws_answer *a;

	(void)state;
	is(s3("PUT", "/versioned", "", NULL), 200, "");
	a = s3("PUT", "/versioned/k", "", "zero");
	assert_string_equal(aws_answer_header(a, "x-amz-version-id"), ""); /* no versioning, no version */
	is(s3("PUT", "/versioned", "versioning=", on), 200, "");
	version_of(s3("PUT", "/versioned/k", "", "one"), first);
	version_of(s3("PUT", "/versioned/k", "", "two"), second);
	assert_string_not_equal(first, second);
	assert_string_equal(s3("GET", "/versioned/k", "versionId=null", NULL)->text, "zero");
	snprintf(query, sizeof query, "versionId=%s", first);
	assert_string_equal(s3("GET", "/versioned/k", query, NULL)->text, "one");
	assert_string_equal(s3("GET", "/versioned/k", "", NULL)->text, "two");

	a = s3("DELETE", "/versioned/k", "", NULL);
	is(a, 204, "");
	assert_string_equal(aws_answer_header(a, "x-amz-delete-marker"), "true");
	version_of(a, marker);
	is(s3("GET", "/versioned/k", "", NULL), 404, "NoSuchKey");
	assert_null(strstr(s3("GET", "/versioned", "", NULL)->text, "<Contents>"));
	a = s3("GET", "/versioned", "versions=", NULL);
	assert_non_null(strstr(a->text, "<DeleteMarker>"));
	assert_ptr_not_equal(strstr(a->text, second), NULL);
	snprintf(query, sizeof query, "versionId=%s", marker);
	is(s3("GET", "/versioned/k", query, NULL), 405, "MethodNotAllowed");
	is(s3("DELETE", "/versioned/k", query, NULL), 204, "");
	assert_string_equal(s3("GET", "/versioned/k", "", NULL)->text, "two");

	/* Suspended: what is stored now is the version "null", which replaces itself and nothing else. */
	is(s3("PUT", "/versioned", "versioning=", "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"), 200, "");
	a = s3("PUT", "/versioned/k", "", "three");
	assert_string_equal(aws_answer_header(a, "x-amz-version-id"), "null");
	assert_string_equal(s3("GET", "/versioned/k", "versionId=null", NULL)->text, "three");
	snprintf(query, sizeof query, "versionId=%s", second);
	assert_string_equal(s3("GET", "/versioned/k", query, NULL)->text, "two");
}

/* Every page of a listing, of one entry each, is the whole listing: keys, groups and versions, each once. */
static void
pages(void **state)
{
	static const char *const keys[] = { "a", "b/1", "b/2", "b0", "c/1", "d" };
	static const char *const expected[] = { "a", "b/", "b0", "c/", "d" };
	char query[300] = "list-type=2&delimiter=%2F&max-keys=1", token[200], path[64];
	size_t n = 0;

	(void)state;
	is(s3("PUT", "/paged", "", NULL), 200, "");
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		snprintf(path, sizeof path, "/paged/%s", keys[i]);
		is(s3("PUT", path, "", "x"), 200, "");
	}
	for (bool more = true; more; n++) {
		const struct aws_answer *a = s3("GET", "/paged", query, NULL);
		const char *contents = strstr(a->text, "<Key>"), *group = strstr(a->text, "<CommonPrefixes><Prefix>"), *next = strstr(a->text, "<NextContinuationToken>");
		const char *found = contents != NULL ? contents + 5 : group != NULL ? group + 24 : "";
		assert_true(n < sizeof expected / sizeof expected[0]);
		assert_true((contents != NULL) != (group != NULL));
		assert_memory_equal(found, expected[n], strlen(expected[n]));
		assert_int_equal(found[strlen(expected[n])], '<');
		more = strstr(a->text, "<IsTruncated>true") != NULL;
		assert_int_equal(more, next != NULL);
		if (more) {
			assert_int_equal(sscanf(next, "<NextContinuationToken>%199[^<]", token), 1);
			snprintf(query, sizeof query, "list-type=2&delimiter=%%2F&max-keys=1&continuation-token=%s", token);
		}
	}
	assert_int_equal(n, sizeof expected / sizeof expected[0]);
	assert_non_null(strstr(s3("GET", "/paged", "max-keys=0", NULL)->text, "<IsTruncated>false"));
	assert_non_null(strstr(s3("GET", "/paged", "max-keys=5000", NULL)->text, "<MaxKeys>1000<"));
}

static void
ranges(void **state)
{
	static const struct {
		const char *range;
		int status;
		const char *text, *header;
	} cases[] = {
		{ "bytes=0-0", 206, "0", "bytes 0-0/10" },
		{ "bytes=3-5", 206, "345", "bytes 3-5/10" },
		{ "bytes=8-99", 206, "89", "bytes 8-9/10" },
		{ "bytes=7-", 206, "789", "bytes 7-9/10" },
		{ "bytes=20-30", 200, "0123456789", "" },
		{ "bytes=-3", 200, "0123456789", "" }, /* may be left for whole: RFC 9110 14.2 */
		{ "lines=1-2", 200, "0123456789", "" },
	};

	(void)state;
	is(s3("PUT", "/kept/digits", "", "0123456789"), 200, "");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct aws_answer *a = aws_ask(&lab, &(struct aws_ask){ .service = &cloud_s3, .method = "GET", .path = "/kept/digits",
		    .headers = { { "Range", cases[i].range } }, .headers_len = 1 });
		is(a, cases[i].status, "");
		assert_string_equal(a->text, cases[i].text);
		assert_string_equal(aws_answer_header(a, "Content-Range"), cases[i].header);
	}
}

/* A body goes when its row does, and not before that is committed; one without a row goes at the next start. */
static void
files_follow_rows(void **state)
{
	struct buf b = { 0 };
	size_t before;

	(void)state;
	assert_true(cloud_s3_put(lab.cloud, "kept", "inside", "one", 3, NULL));
	before = count_files();
	assert_true(cloud_s3_put(lab.cloud, "kept", "inside", "two", 3, NULL));
	is(s3("DELETE", "/kept/none", "", NULL), 204, "");
	assert_int_equal(count_files(), before);
	assert_true(write_file(in_folder(in_folder(lab.folder, "objects"), "half-written"), "x", 1));
	assert_true(write_file(in_folder(lab.folder, "report"), "a report", 8));
	assert_true(cloud_s3_adopt(lab.cloud, "kept", "report", in_folder(lab.folder, "report"), "text/csv"));
	assert_int_not_equal(access(in_folder(lab.folder, "report"), F_OK), 0); /* taken over, not copied */
	aws_lab_again(&lab);
	assert_int_equal(count_files(), before + 1);
	assert_true(cloud_s3_get(lab.cloud, "kept", "inside", NULL, &b));
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "two", 3);
	buf_done(&b);
	assert_string_equal(s3("GET", "/kept/report", "", NULL)->text, "a report");
	assert_true(cloud_s3_has_bucket(lab.cloud, "kept"));
	assert_false(cloud_s3_has_bucket(lab.cloud, "none"));
	assert_false(cloud_s3_get(lab.cloud, "kept", "none", NULL, &b));
	assert_false(cloud_s3_put(lab.cloud, "none", "k", "x", 1, NULL));
}

/* A transaction that is not committed after all, as on a full disk, leaves what it had replaced: the rows and their bodies. */
static void
what_fails_keeps_bodies(void **state)
{
	struct buf b = { 0 };

	(void)state;
	is(s3("PUT", "/once", "", NULL), 200, ""); /* not versioned: what is put replaces */
	assert_true(cloud_s3_put(lab.cloud, "once", "a", "one", 3, NULL) && cloud_s3_put(lab.cloud, "once", "b", "two", 3, NULL));
	assert_true(cloud_exec(lab.cloud, "BEGIN IMMEDIATE"));
	assert_true(cloud_s3_put(lab.cloud, "once", "a", "three", 5, NULL) && cloud_s3_put(lab.cloud, "once", "b", "four", 4, NULL));
	assert_true(cloud_exec(lab.cloud, "ROLLBACK"));
	assert_true(cloud_s3_get(lab.cloud, "once", "a", NULL, &b) && cloud_s3_get(lab.cloud, "once", "b", NULL, &b));
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.data, "onetwo", 6);
	buf_done(&b);
}

/* Another account's bucket is not ours, and one in another region is asked for there. */
static void
whose_and_where(void **state)
{
	(void)state;
	assert_true(sql_do(cloud_db(lab.cloud), "INSERT INTO s3_buckets(name, region, owner, created) VALUES ('theirs', ?, '444455556666', 0), ('far', "
	    "'eu-west-1', ?, 0)", "tt", CLOUD_REGION, CLOUD_ACCOUNT));
	is(s3("GET", "/theirs", "", NULL), 403, "AccessDenied");
	is(s3("PUT", "/theirs", "", NULL), 409, "BucketAlreadyExists");
	const struct aws_answer *a = s3("GET", "/far", "", NULL);
	is(a, 400, "AuthorizationHeaderMalformed");
	assert_string_equal(aws_answer_header(a, "x-amz-bucket-region"), "eu-west-1");
	assert_null(strstr(s3("GET", "/", "", NULL)->text, "theirs"));
	is(s3("PUT", "/kept", "", NULL), 200, ""); /* the oldest region says so to the owner */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(keys_and_headers),
		cmocka_unit_test(sums),
		cmocka_unit_test(chunks),
		cmocka_unit_test(chunks_signed),
		cmocka_unit_test(versions),
		cmocka_unit_test(pages),
		cmocka_unit_test(ranges),
		cmocka_unit_test(whose_and_where),
		cmocka_unit_test(files_follow_rows),
		cmocka_unit_test(what_fails_keeps_bodies),
	};

	return cmocka_run_group_tests_name("lab_s3", tests, start, stop);
}
