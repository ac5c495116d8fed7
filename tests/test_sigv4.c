/*
 * Signature Version 4 against what AWS published: its signature test suite, its presigned requests, the examples of S3's
 * and IAM's documentation; and every way in which a signature is refused.
 */
#include "aws/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/percent.h"
#include "model/buf.h"
#include "model/memory.h"
#include "model/times.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum { HEADERS = 16 };

/* ---- a server's keys ---- */

struct keys {
	const char *access_key, *secret, *token;
	int64_t token_expires;
};

static bool
find(void *user, const char *access_key, struct sigv4_known *out)
{
	const struct keys *k = user;

	if (strcmp(access_key, k->access_key) != 0)
		return false;
	*out = (struct sigv4_known){ .secret = k->secret, .token = k->token, .token_expires = k->token_expires };
	return true;
}

static int64_t
at(const char *text)
{
	int64_t t;

	assert_true(time_parse(text, &t));
	return t;
}

/* ---- the suites ---- */

struct suite_case {
	char name[80], request[1024], signed_headers[200], signature[80], body[200], token[200];
	char header[HEADERS][600];
	size_t headers;
};

/* The next case of the file; false at its end. */
static bool
next_case(FILE *f, struct suite_case *c)
{
	char line[1200], fmt_name[16];

	memset(c, 0, sizeof *c);
	while (fgets(line, sizeof line, f) != NULL) {
		const struct {
			const char *word;
			char *out;
			size_t size;
		} words[] = {
			{ "case", c->name, sizeof c->name }, { "request", c->request, sizeof c->request },
			{ "header", c->header[c->headers], sizeof c->header[0] }, { "body", c->body, sizeof c->body },
			{ "signed", c->signed_headers, sizeof c->signed_headers },
			{ "signature", c->signature, sizeof c->signature }, { "token", c->token, sizeof c->token },
		};

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || (line[0] == '\0' && c->name[0] == '\0'))
			continue;
		if (line[0] == '\0')
			return true;
		assert_int_equal(sscanf(line, "%15s", fmt_name), 1);
		for (size_t i = 0; i < COUNT(words); i++)
			if (strcmp(fmt_name, words[i].word) == 0)
				snprintf(words[i].out, words[i].size, "%s", line + strlen(fmt_name) + 1);
		c->headers += strcmp(fmt_name, "header") == 0;
		assert_true(c->headers < HEADERS - 1);
	}
	return c->name[0] != '\0';
}

/* "GET /a b?c HTTP/1.1", taken apart in place. */
static struct sigv4_request
request_of(struct suite_case *c, struct sigv4_header *headers)
{
	char *path = strchr(c->request, ' '), *end = strrchr(c->request, ' '), *query;
	struct sigv4_request r = { .method = c->request, .headers = headers, .headers_len = c->headers, .body = c->body,
		.body_len = strlen(c->body) };

	*path++ = '\0';
	*end = '\0';
	query = strchr(path, '?');
	if (query != NULL)
		*query++ = '\0';
	r.path = path;
	r.query = query;
	for (size_t i = 0; i < c->headers; i++) {
		char *colon = strchr(c->header[i], ':');

		*colon = '\0';
		headers[i] = (struct sigv4_header){ c->header[i], colon + 1 };
	}
	return r;
}

static struct sigv4_check
suite_check(struct keys *k, const struct suite_case *c)
{
	*k = (struct keys){ .access_key = "AKIDEXAMPLE", .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
	if (c->token[0] != '\0')
		k->token = c->token;
	for (size_t i = 0; i < c->headers; i++)
		if (strcmp(c->header[i], "X-Amz-Security-Token") == 0)
			k->token = c->header[i] + strlen(c->header[i]) + 1;
	return (struct sigv4_check){ .find = find, .user = k, .region = "us-east-1", .service = "service",
		.now = at("2015-08-30T12:38:00Z"), .window = 300 };
}

static void
suite_headers(void **state)
{
	FILE *f = fopen("tests/data/sigv4/headers.txt", "r");
	struct suite_case c;
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	for (; next_case(f, &c); n++) {
		struct sigv4_header headers[HEADERS];
		struct sigv4_request r = request_of(&c, headers);
		struct keys k;
		struct sigv4_check how = suite_check(&k, &c);
		struct sigv4_checked got;
		char authorization[1024];

		snprintf(authorization, sizeof authorization, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
		    "SignedHeaders=%s, Signature=%s", c.signed_headers, c.signature);
		headers[r.headers_len++] = (struct sigv4_header){ "Authorization", authorization };
		sigv4_verify(&r, &how, &got);
		if (got.verdict != SIGV4_GOOD)
			fail_msg("%s: %s\n%s", c.name, got.why, got.canonical);
		authorization[strlen(authorization) - 1] ^= 1;
		sigv4_verify(&r, &how, &got);
		if (got.verdict != SIGV4_MISMATCH)
			fail_msg("%s: verdict %d with another signature", c.name, got.verdict);
	}
	fclose(f);
	assert_int_equal(n, 32);
}

static void
suite_presigned(void **state)
{
	static const struct {
		const char *now;
		enum sigv4_verdict verdict;
	} moments[] = {
		{ "2015-08-30T12:36:00Z", SIGV4_GOOD }, { "2015-08-30T13:36:00Z", SIGV4_GOOD }, { "2015-08-30T13:36:01Z", SIGV4_EXPIRED },
		{ "2015-08-30T12:31:00Z", SIGV4_GOOD }, { "2015-08-30T12:30:59Z", SIGV4_EARLY },
	};
	FILE *f = fopen("tests/data/sigv4/presigned.txt", "r");
	struct suite_case c;
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	for (; next_case(f, &c); n++) {
		struct sigv4_header headers[HEADERS];
		struct sigv4_request r = request_of(&c, headers);
		struct keys k;
		struct sigv4_check how = suite_check(&k, &c);
		struct sigv4_checked got;

		for (size_t i = 0; i < COUNT(moments); i++) {
			how.now = at(moments[i].now);
			sigv4_verify(&r, &how, &got);
			if (got.verdict != moments[i].verdict)
				fail_msg("%s at %s: %d %s\n%s", c.name, moments[i].now, got.verdict, got.why, got.canonical);
		}
	}
	fclose(f);
	assert_int_equal(n, 4);
}

/* ---- what we sign ourselves ---- */

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* Amazon S3 API Reference, “Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk”. */
static void
documented(void **state)
{
	static const struct sigv4_header range[] = { { "Host", "examplebucket.s3.amazonaws.com" }, { "Range", "bytes=0-9" } };
	static const struct sigv4_header put[] = { { "Date", "Fri, 24 May 2013 00:00:00 GMT" },
		{ "Host", "examplebucket.s3.amazonaws.com" }, { "x-amz-storage-class", "REDUCED_REDUNDANCY" } };
	static const struct sigv4_header plain[] = { { "Host", "examplebucket.s3.amazonaws.com" } };
	static const char body[] = "Welcome to Amazon S3.";
	static const struct {
		struct sigv4_request r;
		const char *hash, *headers, *signature;
	} cases[] = {
		{ { .method = "GET", .path = "/test.txt", .headers = range, .headers_len = 2 }, EMPTY,
		    "host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
		{ { .method = "PUT", .path = "/test%24file.text", .headers = put, .headers_len = 3, .body = body, .body_len = sizeof body - 1 },
		    "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
		    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
		    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
		{ { .method = "GET", .path = "/", .query = "lifecycle", .headers = plain, .headers_len = 1 }, EMPTY,
		    "host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
		{ { .method = "GET", .path = "/", .query = "max-keys=2&prefix=J", .headers = plain, .headers_len = 1 }, EMPTY,
		    "host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
	};
	const struct sigv4_key key = { .access_key = "AKIAIOSFODNN7EXAMPLE", .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sigv4_signed got;
		char want[512];

		assert_true(sigv4_sign(&cases[i].r, &key, "us-east-1", "s3", at("2013-05-24T00:00:00Z"), &got));
		snprintf(want, sizeof want, "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
		    "SignedHeaders=%s, Signature=%s", cases[i].headers, cases[i].signature);
		assert_string_equal(got.authorization, want);
		assert_string_equal(got.date, "20130524T000000Z");
		assert_string_equal(got.payload_hash, cases[i].hash);
	}
}

/* The same manual's presigned example, “Authenticating Requests: Using Query Parameters”: its body is not hashed. */
static void
documented_presigned(void **state)
{
	static const struct sigv4_header host[] = { { "Host", "examplebucket.s3.amazonaws.com" } };
	struct keys k = { .access_key = "AKIAIOSFODNN7EXAMPLE", .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
	const struct sigv4_request r = { .method = "GET", .path = "/test.txt", .headers = host, .headers_len = 1,
		.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
		    "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
		    "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404" };
	const struct sigv4_check how = { .find = find, .user = &k, .service = "s3", .now = at("2013-05-24T23:59:00Z"), .window = 900 };
	struct sigv4_checked got;

	(void)state;
	sigv4_verify(&r, &how, &got);
	assert_string_equal(got.why, "");
	assert_int_equal(got.verdict, SIGV4_GOOD);
	assert_string_equal(got.region, "us-east-1");
	assert_string_equal(got.access_key, "AKIAIOSFODNN7EXAMPLE");
}

/* Every path, query and header that a client may send comes back as good; the wire may spell it otherwise. */
static void
round_trip(void **state)
{
	static const struct {
		const char *service, *method, *path, *query, *path_sent, *query_sent;
	} cases[] = {
		{ "acm-pca", "POST", "/", NULL, NULL, NULL },
		{ "acm-pca", "POST", "", "", "/", NULL },
		{ "s3", "PUT", "/bucket/a%20b/c%2Bd", "versionId=a%2Fb%3D", NULL, "versionId=a/b%3d" },
		{ "s3", "GET", "/bucket/x//y/../z", "list-type=2&prefix=audit-report%2F", NULL, "prefix=audit-report%2F&list-type=2" },
		{ "s3", "GET", "/bucket/%E2%88%80", "versions", "/bucket/\xe2\x88\x80", "versions=" },
		{ "apigateway", "PATCH", "/v2/domainnames/a%2Ab.example.com", "b=2&a=1&a=0", NULL, "a=0&a=1&b=2" },
		{ "apigateway", "GET", "/domainnames/./x/", "limit=500&position=a+b", "/domainnames//x/", "position=a%20b&limit=500" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (int with_token = 0; with_token < 2; with_token++) {
			const struct sigv4_key key = { .access_key = "AKIDTEST", .secret = "s/e+c=r", .token = with_token ? "tok+en/==" : NULL };
			struct keys k = { .access_key = "AKIDTEST", .secret = "s/e+c=r", .token = key.token };
			struct sigv4_header headers[HEADERS] = { { "Host", "127.0.0.1:4566" }, { "Content-Type", "application/x-amz-json-1.1" },
				{ "X-Amz-Target", "ACMPrivateCA.ListTags" } };
			struct sigv4_request r = { .method = cases[i].method, .path = cases[i].path, .query = cases[i].query, .headers = headers,
				.headers_len = 3, .body = "{}", .body_len = 2 };
			const struct sigv4_check how = { .find = find, .user = &k, .service = cases[i].service, .now = 1800000000, .window = 300 };
			struct sigv4_signed s;
			struct sigv4_checked got;

			assert_true(sigv4_sign(&r, &key, "eu-west-1", cases[i].service, 1800000100, &s));
			headers[0].name = "hOST";
			headers[1].value = " application/x-amz-json-1.1 ";
			headers[r.headers_len++] = (struct sigv4_header){ "x-Amz-Date", s.date };
			headers[r.headers_len++] = (struct sigv4_header){ "x-Amz-Content-Sha256", s.payload_hash };
			headers[r.headers_len++] = (struct sigv4_header){ "Authorization", s.authorization };
			headers[r.headers_len++] = (struct sigv4_header){ "Connection", "keep-alive" };
			if (with_token)
				headers[r.headers_len++] = (struct sigv4_header){ "X-amz-security-token", key.token };
			if (cases[i].path_sent != NULL)
				r.path = cases[i].path_sent;
			if (cases[i].query_sent != NULL)
				r.query = cases[i].query_sent;
			sigv4_verify(&r, &how, &got);
			if (got.verdict != SIGV4_GOOD)
				fail_msg("case %zu: %d %s\n%s", i, got.verdict, got.why, got.canonical);
			assert_string_equal(got.region, "eu-west-1");
			assert_string_equal(got.service, cases[i].service);
		}
}

/* ---- refusals ---- */

/* One good request, of which each case changes something. */
struct tampered {
	struct sigv4_header headers[HEADERS];
	struct sigv4_request r;
	struct sigv4_check how;
	struct keys k;
	char authorization[2048];
};

enum { HOST, TYPE, TARGET, DATE, HASH, TOKEN_HEADER, AUTHORIZATION, GOOD_HEADERS };

static struct sigv4_signed signed_once;

static void
good_request(struct tampered *t)
{
	static const struct sigv4_header base[] = { { "host", "127.0.0.1:4566" }, { "content-type", "application/x-amz-json-1.1" },
		{ "x-amz-target", "ACMPrivateCA.ListTags" } };
	static const struct sigv4_key key = { .access_key = "AKIDTEST", .secret = "secret", .token = "token" };

	*t = (struct tampered){ .r = { .method = "POST", .path = "/", .headers = base, .headers_len = 3, .body = "{}", .body_len = 2 } };
	assert_true(sigv4_sign(&t->r, &key, "us-east-1", "acm-pca", at("2026-11-29T12:00:00Z"), &signed_once));
	memcpy(t->headers, base, sizeof base);
	t->headers[DATE] = (struct sigv4_header){ "x-amz-date", signed_once.date };
	t->headers[HASH] = (struct sigv4_header){ "x-amz-content-sha256", signed_once.payload_hash };
	t->headers[TOKEN_HEADER] = (struct sigv4_header){ "x-amz-security-token", "token" };
	snprintf(t->authorization, sizeof t->authorization, "%s", signed_once.authorization);
	t->headers[AUTHORIZATION] = (struct sigv4_header){ "authorization", t->authorization };
	t->r.headers = t->headers;
	t->r.headers_len = GOOD_HEADERS;
	t->k = (struct keys){ .access_key = "AKIDTEST", .secret = "secret", .token = "token" };
	t->how = (struct sigv4_check){ .find = find, .user = &t->k, .region = "us-east-1", .service = "acm-pca",
		.now = at("2026-11-29T12:00:00Z"), .window = 300 };
}

static void
authorization_is(struct tampered *t, const char *from, const char *to)
{
	char *p = strstr(t->authorization, from);
	char rest[2048];

	assert_non_null(p);
	snprintf(rest, sizeof rest, "%s", p + strlen(from));
	snprintf(p, (size_t)(t->authorization + sizeof t->authorization - p), "%s%s", to, rest);
}

static void none(struct tampered *t) { (void)t; }
static void no_authorization(struct tampered *t) { t->r.headers_len--; }
static void other_algorithm(struct tampered *t) { authorization_is(t, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"); }
static void basic(struct tampered *t) { t->headers[AUTHORIZATION].value = "Basic dTpw"; }
static void empty_authorization(struct tampered *t) { t->headers[AUTHORIZATION].value = ""; }
static void no_credential(struct tampered *t) { authorization_is(t, "Credential=", "Kredential="); }
static void no_signature(struct tampered *t) { authorization_is(t, "Signature=", "Unterschrift="); }
static void no_list(struct tampered *t) { authorization_is(t, "SignedHeaders=", "SignedHeader="); }
static void short_scope(struct tampered *t) { authorization_is(t, "/us-east-1", ""); }
static void long_scope(struct tampered *t) { authorization_is(t, "/us-east-1", "/us/east-1"); }
static void no_key(struct tampered *t) { authorization_is(t, "AKIDTEST", ""); }
static void key_with_escape(struct tampered *t) { authorization_is(t, "AKIDTEST", "AK\x1b[31mTEST"); }
static void no_date(struct tampered *t) { t->headers[DATE].name = "x-date"; }
static void bad_date(struct tampered *t) { t->headers[DATE].value = "2026-11-29T12:00:00Z"; }
static void no_such_date(struct tampered *t) { t->headers[DATE].value = "20261131T120000Z"; }
static void signed_date(struct tampered *t) { t->headers[DATE].value = "2026+129T120000Z"; }
static void unknown_key(struct tampered *t) { t->k.access_key = "AKIDOTHER"; }
static void no_token(struct tampered *t) { t->headers[TOKEN_HEADER].name = "x-token"; }
static void token_not_asked(struct tampered *t) { t->k.token = NULL; }
static void other_token(struct tampered *t) { t->headers[TOKEN_HEADER].value = "tokem"; }
static void longer_token(struct tampered *t) { t->headers[TOKEN_HEADER].value = "tokentoken"; }
static void old_token(struct tampered *t) { t->k.token_expires = t->how.now; }
static void early(struct tampered *t) { t->how.now -= 301; }
static void late(struct tampered *t) { t->how.now += 301; }
static void just_early(struct tampered *t) { t->how.now -= 300; }
static void just_late(struct tampered *t) { t->how.now += 300; }
static void other_region(struct tampered *t) { t->how.region = "eu-west-1"; }
static void any_region(struct tampered *t) { t->how.region = NULL; }
static void other_service(struct tampered *t) { t->how.service = "s3"; }
static void other_end(struct tampered *t) { authorization_is(t, "aws4_request", "aws5_request"); }
static void other_day(struct tampered *t) { authorization_is(t, "/20261129/", "/20261128/"); }
static void unsigned_host(struct tampered *t) { authorization_is(t, "content-type;host;", "content-type;"); }
static void unsigned_target(struct tampered *t) { authorization_is(t, ";x-amz-target", ""); }
static void unsigned_token(struct tampered *t) { authorization_is(t, ";x-amz-security-token", ""); }
static void other_secret(struct tampered *t) { t->k.secret = "Secret"; }
static void other_method(struct tampered *t) { t->r.method = "PUT"; }
static void other_path(struct tampered *t) { t->r.path = "/x"; }
static void other_query(struct tampered *t) { t->r.query = "x"; }
static void other_host(struct tampered *t) { t->headers[HOST].value = "127.0.0.1:4567"; }
static void other_target(struct tampered *t) { t->headers[TARGET].value = "ACMPrivateCA.DeleteCertificateAuthority"; }
static void other_hash(struct tampered *t) { t->headers[HASH].value = EMPTY; }
static void short_signature(struct tampered *t) { t->authorization[strlen(t->authorization) - 1] = '\0'; }
static void listed_but_absent(struct tampered *t) { t->headers[TYPE].name = "content-typ"; }
static void other_body(struct tampered *t) { t->r.body = "[]"; }
static void longer_body(struct tampered *t) { t->r.body = "{} "; t->r.body_len = 3; }
static void no_body(struct tampered *t) { t->r.body_len = 0; }
static void body_elsewhere(struct tampered *t) { t->r.payload_hash = EMPTY; }
static void
too_many_signed(struct tampered *t)
{
	char list[512] = "SignedHeaders=host";

	for (int i = 0; i < SIGV4_HEADERS_MAX; i++)
		snprintf(list + strlen(list), sizeof list - strlen(list), ";h%d", i);
	snprintf(list + strlen(list), sizeof list - strlen(list), ";");
	authorization_is(t, "SignedHeaders=", list);
}

static void
refusals(void **state)
{
	static const struct {
		void (*tamper)(struct tampered *t);
		enum sigv4_verdict verdict;
		const char *why;
	} cases[] = {
		{ none, SIGV4_GOOD, "" },
		{ just_early, SIGV4_GOOD, "" },
		{ just_late, SIGV4_GOOD, "" },
		{ any_region, SIGV4_GOOD, "" },
		{ no_authorization, SIGV4_MISSING, "Missing Authentication Token" },
		{ empty_authorization, SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm': ''." },
		{ other_algorithm, SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'." },
		{ basic, SIGV4_INCOMPLETE, "Unsupported AWS 'algorithm': 'Basic'." },
		{ no_credential, SIGV4_INCOMPLETE, "Authorization header requires 'Credential' parameter." },
		{ no_signature, SIGV4_INCOMPLETE, "Authorization header requires 'Signature' parameter." },
		{ no_list, SIGV4_INCOMPLETE, "Authorization header requires 'SignedHeaders' parameter." },
		{ no_date, SIGV4_INCOMPLETE, "requires existence of either a 'X-Amz-Date' or a 'Date' header." },
		{ short_scope, SIGV4_INCOMPLETE, "Credential must have exactly 5 slash-delimited elements" },
		{ long_scope, SIGV4_INCOMPLETE, "Credential must have exactly 5 slash-delimited elements" },
		{ no_key, SIGV4_INCOMPLETE, "The access key in the Credential is none" },
		{ key_with_escape, SIGV4_INCOMPLETE, "'AK\\x1b[31mTEST'" },
		{ bad_date, SIGV4_INCOMPLETE, "Date must be in ISO-8601 'basic format'. Got '2026-11-29T12:00:00Z'." },
		{ no_such_date, SIGV4_INCOMPLETE, "Date must be in ISO-8601" },
		{ signed_date, SIGV4_INCOMPLETE, "Date must be in ISO-8601" },
		{ too_many_signed, SIGV4_INCOMPLETE, "More than 64 headers are signed." },
		{ unknown_key, SIGV4_UNKNOWN_KEY, "The security token included in the request is invalid." },
		{ no_token, SIGV4_TOKEN, "The security token included in the request is invalid." },
		{ token_not_asked, SIGV4_TOKEN, "The security token included in the request is invalid." },
		{ other_token, SIGV4_TOKEN, "The security token included in the request is invalid." },
		{ longer_token, SIGV4_TOKEN, "The security token included in the request is invalid." },
		{ old_token, SIGV4_TOKEN_EXPIRED, "The security token included in the request is expired" },
		{ early, SIGV4_EARLY, "Signature not yet current: 20261129T120000Z is still later than 20261129T115959Z (20261129T115459Z + 5 min.)" },
		{ late, SIGV4_EXPIRED, "Signature expired: 20261129T120000Z is now earlier than 20261129T120001Z (20261129T120501Z - 5 min.)" },
		{ other_region, SIGV4_SCOPE, "Credential should be scoped to a valid region, not 'us-east-1'." },
		{ other_service, SIGV4_SCOPE, "Credential should be scoped to correct service: 's3'." },
		{ other_end, SIGV4_SCOPE, "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'." },
		{ other_day, SIGV4_SCOPE, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
		    "'20261128' != '20261129', from '20261129T120000Z'." },
		{ unsigned_host, SIGV4_UNSIGNED, "'Host' or ':authority' must be a 'SignedHeader'" },
		{ unsigned_target, SIGV4_UNSIGNED, "not signed: x-amz-target" },
		{ unsigned_token, SIGV4_UNSIGNED, "not signed: x-amz-security-token" },
		{ other_secret, SIGV4_MISMATCH, "The request signature we calculated does not match" },
		{ other_method, SIGV4_MISMATCH, "" },
		{ other_path, SIGV4_MISMATCH, "" },
		{ other_query, SIGV4_MISMATCH, "" },
		{ other_host, SIGV4_MISMATCH, "" },
		{ other_target, SIGV4_MISMATCH, "" },
		{ other_hash, SIGV4_MISMATCH, "" },
		{ short_signature, SIGV4_MISMATCH, "" },
		{ listed_but_absent, SIGV4_MISMATCH, "" },
		{ other_body, SIGV4_PAYLOAD, "The provided 'x-amz-content-sha256' header does not match what was computed." },
		{ longer_body, SIGV4_PAYLOAD, "" },
		{ no_body, SIGV4_PAYLOAD, "" },
		{ body_elsewhere, SIGV4_PAYLOAD, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tampered t;
		struct sigv4_checked got;

		good_request(&t);
		cases[i].tamper(&t);
		sigv4_verify(&t.r, &t.how, &got);
		if (got.verdict != cases[i].verdict || strstr(got.why, cases[i].why) == NULL)
			fail_msg("case %zu: verdict %d, not %d: %s", i, got.verdict, cases[i].verdict, got.why);
		assert_int_equal(got.canonical[0] != '\0', got.verdict == SIGV4_MISMATCH);
	}
}

static void
refusals_presigned(void **state)
{
#define FIRST "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request"
#define SIGNATURE "&X-Amz-Signature=7a1f416954786484c9824d93c1f26ef64acb9b1b6c9154d08c9f07d0e394abf6"
	static const struct {
		const char *query;
		enum sigv4_verdict verdict;
	} cases[] = {
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600" SIGNATURE, SIGV4_GOOD },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600", SIGV4_MISSING },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3601" SIGNATURE, SIGV4_MISMATCH },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&x=1" SIGNATURE, SIGV4_MISMATCH },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host" SIGNATURE, SIGV4_INCOMPLETE },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=0" SIGNATURE, SIGV4_INCOMPLETE },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=604801" SIGNATURE, SIGV4_INCOMPLETE },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=-1" SIGNATURE, SIGV4_INCOMPLETE },
		{ FIRST "&X-Amz-Date=Sun, 30 Aug 2015 12:36:00 GMT&X-Amz-SignedHeaders=host&X-Amz-Expires=3600" SIGNATURE, SIGV4_INCOMPLETE },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=date&X-Amz-Expires=3600" SIGNATURE, SIGV4_UNSIGNED },
		{ FIRST "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Security-Token=x" SIGNATURE, SIGV4_TOKEN },
	};
	static const struct sigv4_header host[] = { { "Host", "example.amazonaws.com" } };
	struct keys k = { .access_key = "AKIDEXAMPLE", .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sigv4_request r = { .method = "GET", .path = "/example space/", .query = cases[i].query, .headers = host,
			.headers_len = 1 };
		const struct sigv4_check how = { .find = find, .user = &k, .service = "service", .now = at("2015-08-30T12:38:00Z"),
			.window = 300 };
		struct sigv4_checked got;

		sigv4_verify(&r, &how, &got);
		if (got.verdict != cases[i].verdict)
			fail_msg("case %zu: verdict %d, not %d: %s", i, got.verdict, cases[i].verdict, got.why);
	}
}

/* A body that goes to S3 unhashed is taken there and nowhere else. */
static void
unsigned_payload(void **state)
{
	static const struct {
		const char *service;
		enum sigv4_verdict verdict;
	} cases[] = { { "s3", SIGV4_GOOD }, { "acm-pca", SIGV4_PAYLOAD } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sigv4_key key = { .access_key = "AKIDTEST", .secret = "secret" };
		struct keys k = { .access_key = "AKIDTEST", .secret = "secret" };
		struct sigv4_header headers[HEADERS] = { { "host", "h" } };
		struct sigv4_request r = { .method = "PUT", .path = "/b/k", .headers = headers, .headers_len = 1, .body = "x", .body_len = 1,
			.payload_hash = "UNSIGNED-PAYLOAD" };
		const struct sigv4_check how = { .find = find, .user = &k, .service = cases[i].service, .now = 1800000000, .window = 300 };
		struct sigv4_signed s;
		struct sigv4_checked got;

		assert_true(sigv4_sign(&r, &key, "us-east-1", cases[i].service, 1800000000, &s));
		headers[r.headers_len++] = (struct sigv4_header){ "x-amz-date", s.date };
		headers[r.headers_len++] = (struct sigv4_header){ "x-amz-content-sha256", s.payload_hash };
		headers[r.headers_len++] = (struct sigv4_header){ "authorization", s.authorization };
		r.payload_hash = NULL;
		sigv4_verify(&r, &how, &got);
		assert_int_equal(got.verdict, cases[i].verdict);
	}
}

/* What cannot be signed is said, never sent. */
static void
unsignable(void **state)
{
	const struct sigv4_key key = { .access_key = "AKIDTEST", .secret = "secret" };
	struct sigv4_header headers[SIGV4_HEADERS_MAX + 1];
	struct sigv4_request r = { .method = "GET", .path = "/", .headers = headers, .headers_len = SIGV4_HEADERS_MAX };
	struct sigv4_signed s;
	char *big = mem_zero(4000, 1);

	(void)state;
	for (size_t i = 0; i <= SIGV4_HEADERS_MAX; i++)
		headers[i] = (struct sigv4_header){ "x", "y" };
	assert_false(sigv4_sign(&r, &key, "us-east-1", "s3", 0, &s)); /* no host */
	headers[0].name = "host";
	assert_true(sigv4_sign(&r, &key, "us-east-1", "s3", 0, &s));
	r.headers_len++;
	assert_false(sigv4_sign(&r, &key, "us-east-1", "s3", 0, &s));
	r.headers_len = 1;
	assert_false(sigv4_sign(&r, &key, "us-east-1", "s3", -1, &s));
	assert_false(sigv4_sign(&r, &key, "us-east-1", "s3", INT64_MAX, &s));
	memset(big, 'r', 3999);
	assert_false(sigv4_sign(&r, &key, big, "s3", 0, &s));
	free(big);
}

static void
encoding(void **state)
{
	struct buf out = { 0 };

	(void)state;
	sigv4_encode(&out, "a b/ä*~-._+&=", strlen("a b/ä*~-._+&="), false);
	assert_string_equal(out.data, "a%20b%2F%C3%A4%2A~-._%2B%26%3D");
	buf_reset(&out);
	percent_decode(&out, "%41%2f%zz%4+%", 13, true);
	assert_string_equal(out.data, "A/%zz%4 %");
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suite_headers),
		cmocka_unit_test(suite_presigned),
		cmocka_unit_test(documented),
		cmocka_unit_test(documented_presigned),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(refusals),
		cmocka_unit_test(refusals_presigned),
		cmocka_unit_test(unsigned_payload),
		cmocka_unit_test(unsignable),
		cmocka_unit_test(encoding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
