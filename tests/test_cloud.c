/*
 * The lab's AWS at its door: who is let in, what each protocol says to whom it refuses, and that nothing which is sent makes it
 * fall over.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "lab/cloud_internal.h"
#include "lab/presign.h"
#include "lab/sql.h"
#include "probes/examine.h"
#include "tests/cloud_calls.h"
#include "tests/program.h"

static struct cloud_case f;
#define LIST "ACMPrivateCA.ListCertificateAuthorities"
#define IDENTITY "Action=GetCallerIdentity&Version=2011-06-15"

static int
start(void **state)
{
	sqlite3 *db;

	(void)state;
	cloud_case_start(&f, NULL);
	/* Keys with a token: one that is good, one that has expired. */
	db = cloud_case_database(&f);
	assert_true(sql_do(db, "INSERT INTO cloud_keys VALUES ('ASIAGOOD', 'secret', 'right-token', ?, '111122223333', 'arn:aws:sts::111122223333:assumed-role/ops/me', 1)",
	    "i", (int64_t)time(NULL) + 3600));
	assert_true(sql_do(db, "INSERT INTO cloud_keys VALUES ('ASIAOLD', 'secret', 'right-token', ?, '111122223333', 'arn:aws:sts::111122223333:assumed-role/ops/me', 1)",
	    "i", (int64_t)time(NULL) - 60));
	sqlite3_close(db);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	cloud_case_stop(&f);
	return 0;
}

/* Every way to be wrong, and AWS's code for it in three protocols: JSON answers 400, Query and S3 mostly 403. */
static void
bad_signatures_are_refused(void **state)
{
	static const struct {
		const char *about;
		struct cloud_ask ask;
		const char *json, *query, *s3, *text; /* text: part of JSON's message */
	} cases[] = {
		{ "an old date", { .at = -3600 }, "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "Signature expired: " },
		{ "a date to come", { .at = 3600 }, "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "Signature not yet current: " },
		{ "another secret", { .secret = "wrong" }, "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch",
		    "The request signature we calculated does not match the signature you provided." },
		{ "a key that nobody has", { .access_key = "AKIANOBODY" }, "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId",
		    "The security token included in the request is invalid." },
		{ "a signed header that is not there", { .signed_only = "x-more" }, "InvalidSignatureException", "SignatureDoesNotMatch",
		    "SignatureDoesNotMatch", NULL },
		{ "host not among the signed headers", { .drop_signed = "host" }, "InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied",
		    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization." },
		{ "an x-amz- header that is not signed", { .sent_only = { "x-amz-more", "1" } }, "InvalidSignatureException", "SignatureDoesNotMatch",
		    "AccessDenied", NULL },
		{ "another service in the scope", { .scope = { "/aws4_request", "x/aws4_request" } }, "InvalidSignatureException", "SignatureDoesNotMatch",
		    "AuthorizationHeaderMalformed", "Credential should be scoped to correct service: 'acm-pca'." },
		{ "another region in the scope", { .scope = { "us-east-1", "us-east-2" } }, "InvalidSignatureException", "SignatureDoesNotMatch",
		    "SignatureDoesNotMatch", NULL },
		{ "another day in the scope", { .scope = { "/20", "/19" } }, "InvalidSignatureException", "SignatureDoesNotMatch",
		    "AuthorizationHeaderMalformed", "Date in Credential scope does not match" },
		{ "another end of the scope", { .scope = { "aws4_request", "aws5_request" } }, "InvalidSignatureException", "SignatureDoesNotMatch",
		    "AuthorizationHeaderMalformed", NULL },
		{ "a token where none belongs", { .token = "x" }, "UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken", NULL },
		{ "no token where one belongs", { .access_key = "ASIAGOOD", .secret = "secret" }, "UnrecognizedClientException", "InvalidClientTokenId",
		    "InvalidToken", NULL },
		{ "another token", { .access_key = "ASIAGOOD", .secret = "secret", .token = "wrong-token" }, "UnrecognizedClientException",
		    "InvalidClientTokenId", "InvalidToken", NULL },
		{ "an expired token", { .access_key = "ASIAOLD", .secret = "secret", .token = "right-token" }, "ExpiredTokenException", "ExpiredToken",
		    "ExpiredToken", "The security token included in the request is expired" },
		{ "no signature in it", { .without = "Signature=" }, "IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed",
		    "Authorization header requires 'Signature' parameter." },
		{ "none at all", { .is_unsigned = true }, "MissingAuthenticationTokenException", NULL, "AccessDenied", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cloud_ask json = cases[i].ask, query = cases[i].ask, s3 = cases[i].ask;
		struct cloud_said said;

		json.target = LIST;
		json.body = "{}";
		if (cases[i].ask.scope[0] != NULL && strcmp(cases[i].about, "another service in the scope") == 0)
			json.scope[0] = "acm-pca/", json.scope[1] = "acm/";
		cloud_say(&f, &json, &said);
		if (strcmp(said.code, cases[i].json) != 0 || said.status != 400 || (cases[i].text != NULL && strstr(said.message, cases[i].text) == NULL))
			fail_msg("JSON, %s: %d %s: %s", cases[i].about, said.status, said.code, said.message);
		assert_int_equal(strlen(said.request_id), 36);
		cloud_said_done(&said);
		if (cases[i].query != NULL && strcmp(cases[i].about, "another service in the scope") != 0) {
			query.service = "sts";
			query.form = true;
			query.body = IDENTITY;
			cloud_say(&f, &query, &said);
			if (strcmp(said.code, cases[i].query) != 0 || (said.status != 403 && said.status != 400))
				fail_msg("Query, %s: %d %s: %s", cases[i].about, said.status, said.code, said.message);
			cloud_said_done(&said);
		}
		if (strcmp(cases[i].about, "another service in the scope") == 0)
			continue;
		s3.service = "s3";
		s3.method = "GET";
		s3.path = "/mtlscope-lab/thing";
		cloud_say(&f, &s3, &said);
		if (strcmp(said.code, cases[i].s3) != 0 || (said.status != 403 && said.status != 400))
			fail_msg("S3, %s: %d %s: %s", cases[i].about, said.status, said.code, said.message);
		cloud_said_done(&said);
	}
}

/* A body that is not what was signed: by the hash in the header, and by the signature where the header fits the new body. */
static void
a_changed_body_is_refused(void **state)
{
	struct cloud_said said;

	(void)state;
	cloud_say(&f, &(struct cloud_ask){ .target = LIST, .body = "{}", .send_body = "{ }" }, &said);
	assert_string_equal(said.code, "InvalidSignatureException");
	assert_int_equal(said.status, 400);
	cloud_said_done(&said);
	cloud_say(&f, &(struct cloud_ask){ .method = "PUT", .path = "/mtlscope-lab/thing", .service = "s3", .body = "one", .send_body = "two" }, &said);
	assert_string_equal(said.code, "XAmzContentSHA256Mismatch");
	cloud_said_done(&said);
}

/* The right ones, so that the table above is no row of accidents. */
static void
good_signatures_are_let_in(void **state)
{
	static const struct cloud_ask cases[] = {
		{ .target = LIST, .body = "{}" },
		{ .target = LIST, .body = "{}", .at = -200 },
		{ .target = LIST, .body = "{}", .at = 200 },
		{ .target = LIST, .body = "{}", .region = "eu-west-1" },
		{ .target = LIST, .body = "" },
		{ .target = LIST, .body = "{}", .access_key = "ASIAGOOD", .secret = "secret", .token = "right-token" },
		{ .service = "sts", .form = true, .body = IDENTITY },
		{ .service = "s3", .method = "GET", .path = "/mtlscope-lab", .query = "list-type=2" },
		{ .service = "s3", .method = "GET", .path = "/mtlscope-lab", .query = "list-type=2", .at = -600 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cloud_said said;
		cloud_say(&f, &cases[i], &said);
		if (said.status != 200)
			fail_msg("case %zu: %d %s: %s", i, said.status, said.code, said.message);
		assert_int_equal(strlen(said.request_id), 36);
		assert_non_null(strstr(said.date, "GMT"));
		cloud_said_done(&said);
	}
}

/* What is signed rightly and still makes no sense. */
static void
nonsense_has_its_codes(void **state)
{
	static const struct {
		struct cloud_ask ask;
		const char *code;
	} cases[] = {
		{ { .target = "ACMPrivateCA.RequestCertificate", .body = "{}" }, "UnknownOperationException" },
		{ { .target = "Nobody.Does", .body = "{}" }, "UnknownOperationException" },
		{ { .target = "ACMPrivateCA.", .body = "{}" }, "UnknownOperationException" },
		{ { .target = LIST, .body = "{" }, "SerializationException" },
		{ { .target = LIST, .body = "[]" }, "SerializationException" },
		{ { .target = LIST, .body = "{\"MaxResults\":\"ten\"}" }, "SerializationException" },
		{ { .target = LIST, .body = "{\"MaxResults\":1.5}" }, "SerializationException" },
		{ { .target = LIST, .body = "{\"MaxResults\":0}" }, "ValidationException" },
		{ { .target = LIST, .body = "{\"NextToken\":\"abcd\"}" }, "InvalidNextTokenException" },
		{ { .target = LIST, .body = "{\"NextToken\":\"\xff\xfe\"}" }, "SerializationException" },
		{ { .service = "kms", .body = "{}" }, "UnknownOperationException" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cloud_said said;
		cloud_say(&f, &cases[i].ask, &said);
		if (strcmp(said.code, cases[i].code) != 0 || said.status != 400)
			fail_msg("case %zu: %d %s: %s", i, said.status, said.code, said.message);
		cloud_said_done(&said);
	}
}

/* ---- bytes ---- */

static int
connected(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(f.cloud->port) };
	struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

static ssize_t
said_to(const char *text, size_t len, char *answer, size_t size, int patience_ms)
{
	struct timeval patience = { .tv_sec = patience_ms / 1000, .tv_usec = patience_ms % 1000 * 1000 };
	int fd = connected();
	ssize_t n;

	/* Half a request has no answer: the server waits for the rest of it. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

	(void)send(fd, text, len, MSG_NOSIGNAL);
	n = recv(fd, answer, size - 1, 0);
	answer[n > 0 ? n : 0] = '\0';
	close(fd);
	return n;
}

static void
still_there(void)
{
	struct cloud_said said;

	cloud_say(&f, &(struct cloud_ask){ .target = LIST, .body = "{}" }, &said);
	assert_int_equal(said.status, 200);
	cloud_said_done(&said);
}

static void
garbage_does_no_harm(void **state)
{
	static const char *const texts[] = { "GET", "GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"GET /%00%ff?a=%zz&X-Amz-Credential=////// HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n\x30\x82\xff\xff",
		"GET /ocsp/%2B+AAAA HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /mtlscope-lab/crl/00000000-0000-0000-0000-000000000000.crl HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: ACMPrivateCA.\r\nAuthorization: AWS4-HMAC-SHA256 Credential=,,,\r\nContent-Length: 0\r\n\r\n" };
	char answer[4096];
	unsigned char noise[2000];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		said_to(texts[i], strlen(texts[i]), answer, sizeof answer, 50);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(RAND_bytes(noise, sizeof noise), 1);
		said_to((const char *)noise, 1 + noise[0] * 7u, answer, sizeof answer, 20);
	}
	still_there();
}

/* One that would send more than is taken hears so before it has sent it. */
static void
a_body_without_end_is_refused(void **state)
{
	static const char head[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 17000000\r\nExpect: 100-continue\r\n\r\n";
	char answer[4096];

	(void)state;
	assert_true(said_to(head, sizeof head - 1, answer, sizeof answer, 10000) > 0);
	assert_non_null(strstr(answer, "413"));
	still_there();
}

static void
expect_is_answered(void **state)
{
	static const char head[] = "PUT /mtlscope-lab/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n";
	char answer[4096] = "";
	int fd = connected();
	ssize_t n;

	(void)state;
	assert_int_equal(send(fd, head, sizeof head - 1, MSG_NOSIGNAL), sizeof head - 1);
	n = recv(fd, answer, sizeof answer - 1, 0);
	assert_true(n > 0);
	assert_non_null(strstr(answer, "100"));
	close(fd);
}

/* Two requests on one connection. */
static void
connections_are_kept(void **state)
{
	static const char get[] = "GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n";
	char answer[8192];
	int fd = connected(), found = 0;

	(void)state;
	for (int i = 0; i < 2; i++) {
		size_t len = 0;
		assert_int_equal(send(fd, get, sizeof get - 1, MSG_NOSIGNAL), sizeof get - 1);
		memset(answer, 0, sizeof answer);
		while (strstr(answer, "</Error>") == NULL) {
			ssize_t n = recv(fd, answer + len, sizeof answer - 1 - len, 0);
			assert_true(n > 0);
			len += (size_t)n;
		}
		assert_non_null(strstr(answer, "HTTP/1.1 403"));
		assert_non_null(strstr(answer, "x-amzn-RequestId:"));
		assert_non_null(strstr(answer, "Date:"));
		found++;
	}
	assert_int_equal(found, 2);
	close(fd);
}

/* A bucket is in one region; an address of something in it holds for who asked for it in another. */
static void
an_address_is_of_the_buckets_region(void **state)
{
	static const char *const regions[] = { "us-east-1", "eu-west-1" };

	(void)state;
	assert_true(cloud_s3_put(f.cloud, CLOUD_BUCKET, "presigned", "here", 4, "text/plain"));
	for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
		struct cloud_request q = { .region = regions[i], .account = CLOUD_ACCOUNT, .arena = arena_new() };
		const char *url = cloud_presign(f.cloud, &q, CLOUD_BUCKET, "presigned", NULL, 60), *host = cloud_url(f.cloud) + strlen("http://");
		char request[2048], answer[4096] = "";
		int fd = connected(), len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", url + strlen(cloud_url(f.cloud)), host);

		assert_int_equal(send(fd, request, (size_t)len, MSG_NOSIGNAL), len);
		assert_true(recv(fd, answer, sizeof answer - 1, 0) > 0);
		if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0)
			fail_msg("%s: %s", regions[i], answer);
		close(fd);
		arena_free(q.arena);
	}
}

/* Another lab in the same folder has the same keys, and the same port where that is free. */
static void
a_folder_keeps_key_and_port(void **state)
{
	char key[64], url[64];

	(void)state;
	snprintf(key, sizeof key, "%s", cloud_access_key(f.cloud));
	snprintf(url, sizeof url, "%s", cloud_url(f.cloud));
	cloud_case_restart(&f, NULL);
	assert_string_equal(cloud_access_key(f.cloud), key);
	assert_string_equal(cloud_url(f.cloud), url);
	still_there();
}

static void
a_port_that_is_taken(void **state)
{
	struct cloud_options o = { .port = f.cloud->port, .world = world_real() };
	struct error err = { .code = ERROR_NONE };
	struct cloud *other = NULL;
	char *folder = make_folder();

	(void)state;
	o.dir = folder;
	assert_int_equal(cloud_start(&o, &other, &err), STATUS_FAILED);
	assert_null(other);
	assert_non_null(strstr(err.text, "cannot be had"));
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_signatures_are_refused),
		cmocka_unit_test(a_changed_body_is_refused),
		cmocka_unit_test(good_signatures_are_let_in),
		cmocka_unit_test(nonsense_has_its_codes),
		cmocka_unit_test(garbage_does_no_harm),
		cmocka_unit_test(a_body_without_end_is_refused),
		cmocka_unit_test(expect_is_answered),
		cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(an_address_is_of_the_buckets_region),
		cmocka_unit_test(a_folder_keeps_key_and_port),
		cmocka_unit_test(a_port_that_is_taken),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
