#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/limits.h"
#include "model/times.h"
#include "probes/http.h"

#define S(s) s, sizeof(s) - 1

static const struct answer_case {
	const char *what;
	const char *bytes;
	size_t len;
	bool head_request, ends; /* ends: the peer closes behind these bytes */
	enum http_state state;
	int status;
	const char *reason, *server, *body;
	int64_t age;
	bool malformed;
} answer_cases[] = {
	{ "a plain answer", S("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 2\r\n\r\nhiXX"), false, false,
	    HTTP_DONE, 200, "OK", "nginx/1.22.1", "hi", 0, false },
	{ "no reason", S("HTTP/1.1 400\r\nContent-Length: 0\r\n\r\n"), false, false, HTTP_DONE, 400, "", "", "", 0, false },
	{ "no reason, one blank", S("HTTP/1.1 400 \r\n\r\n"), true, false, HTTP_DONE, 400, "", "", "", 0, false },
	{ "bare LF", S("HTTP/1.0 403 Forbidden\nServer: x\n\nno"), false, true, HTTP_DONE, 403, "Forbidden", "x", "no", 0,
	    false },
	{ "an empty line first", S("\r\nHTTP/1.1 204 No Content\r\n\r\n"), false, false, HTTP_DONE, 204, "No Content", "",
	    "", 0, false },
	{ "1xx is passed over", S("HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 Fine\r\n\r\n"),
	    true, false, HTTP_DONE, 200, "Fine", "", "", 0, false },
	{ "101 is an answer", S("HTTP/1.1 101 Switching Protocols\r\n\r\n"), false, false, HTTP_DONE, 101,
	    "Switching Protocols", "", "", 0, false },
	{ "1xx and then nothing", S("HTTP/1.1 100 Continue\r\n\r\n"), false, true, HTTP_MALFORMED, 0, "", "", "", 0, false },
	{ "HEAD: the length speaks of a body that does not come", S("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), true,
	    false, HTTP_DONE, 200, "OK", "", "", 0, false },
	{ "304 has no body", S("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"), false, false, HTTP_DONE, 304,
	    "Not Modified", "", "", 0, false },
	{ "folded header", S("HTTP/1.1 200 OK\r\nServer: a\r\n\tb\r\nAge: 7\r\n\r\n"), true, false, HTTP_DONE, 200, "OK",
	    "a\r\n\tb", "", 7, false },
	{ "obs-text stays as it is", S("HTTP/1.1 200 \xe9t\xe9\r\nServer: \xff\r\n\r\n"), true, false, HTTP_DONE, 200,
	    "\xe9t\xe9", "\xff", "", 0, false },
	{ "header names in any case", S("HTTP/1.1 200 OK\r\nsErVeR:x\r\ncontent-LENGTH:1\r\n\r\nab"), false, false, HTTP_DONE,
	    200, "OK", "x", "a", 0, false },
	{ "chunks", S("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\nZZ"),
	    false, false, HTTP_DONE, 200, "OK", "", "abcde", 0, false },
	{ "chunks win over a length", S("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n"),
	    false, false, HTTP_DONE, 200, "OK", "", "ab", 0, false },
	{ "a chunk without a size", S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nabc"), false, false, HTTP_DONE,
	    200, "OK", "", "", 0, false },
	{ "a chunk of 2^64", S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nabc"), false, false,
	    HTTP_DONE, 200, "OK", "", "", 0, false },
	{ "a chunk that is cut", S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc"), false, true, HTTP_DONE,
	    200, "OK", "", "abc", 0, false },
	{ "length beyond all numbers", S("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nabc"), false, true,
	    HTTP_DONE, 200, "OK", "", "abc", 0, false },
	{ "negative length", S("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc"), false, true, HTTP_DONE, 200, "OK", "", "abc",
	    0, false },
	{ "two lengths that differ", S("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc"), false, true,
	    HTTP_DONE, 200, "OK", "", "abc", 0, false },
	{ "the same length twice", S("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nabc"), false, false, HTTP_DONE, 200, "OK",
	    "", "ab", 0, false },
	{ "body until the end", S("HTTP/1.1 200 OK\r\n\r\nabc"), false, true, HTTP_DONE, 200, "OK", "", "abc", 0, false },
	{ "a body that goes on", S("HTTP/1.1 200 OK\r\n\r\nabc"), false, false, HTTP_READING_BODY, 200, "OK", "", "abc", 0,
	    false },
	{ "cut in the headers", S("HTTP/1.1 502 Bad Gateway\r\nServer: y\r\nDat"), false, true, HTTP_DONE, 502, "Bad Gateway",
	    "y", "", 0, false },
	{ "cut in the status line, number there", S("HTTP/1.1 400 Bad"), false, true, HTTP_DONE, 400, "Bad", "", "", 0, false },
	{ "cut in the number", S("HTTP/1.1 40"), false, true, HTTP_MALFORMED, 0, "", "", "", 0, true },
	{ "nothing yet", S(""), false, false, HTTP_READING_HEAD, 0, "", "", "", 0, false },
	{ "nothing at all", S(""), false, true, HTTP_MALFORMED, 0, "", "", "", 0, false },
	{ "an SSH server", S("SSH-2.0-OpenSSH_9.2p1\r\n"), false, false, HTTP_MALFORMED, 0, "", "", "", 0, true },
	{ "HTML without a head", S("<html>400</html>"), false, false, HTTP_MALFORMED, 0, "", "", "", 0, true },
	{ "a number of four digits", S("HTTP/1.1 2000 OK\r\n\r\n"), false, false, HTTP_MALFORMED, 0, "", "", "", 0, true },
	{ "a number with letters", S("HTTP/1.1 20x OK\r\n\r\n"), false, false, HTTP_MALFORMED, 0, "", "", "", 0, true },
	{ "a number below 100", S("HTTP/1.1 042 OK\r\n\r\n"), false, false, HTTP_MALFORMED, 0, "", "", "", 0, true },
	{ "NUL in the status line", S("HTTP/1.1\0 200 OK\r\n\r\n"), false, false, HTTP_MALFORMED, 0, "", "", "", 0, true },
	{ "an age beyond all numbers", S("HTTP/1.1 200 OK\r\nAge: 4294967296\r\n\r\n"), true, false, HTTP_DONE, 200, "OK", "", "",
	    INT32_MAX, false },
	{ "an age that is none", S("HTTP/1.1 200 OK\r\nAge: -5\r\n\r\n"), true, false, HTTP_DONE, 200, "OK", "", "", 0, false },
	{ "a header without a colon", S("HTTP/1.1 200 OK\r\nServer\r\nServer: z\r\n\r\n"), true, false, HTTP_DONE, 200, "OK",
	    "z", "", 0, false },
};

static void
expect_text(const char *what, const char *of, struct text got, const char *wanted)
{
	if (!text_equal(got, text_of(wanted)))
		fail_msg("%s: %s is “%.*s”, expected “%s”", what, of, (int)got.len, (const char *)got.bytes, wanted);
}

static void
check_answer(const struct answer_case *c, size_t piece)
{
	struct http_reader r;
	struct http_answer answer = { .method = "HEAD" };
	struct arena *a = arena_new();
	enum http_state state = HTTP_READING_HEAD;

	http_reader_init(&r, c->head_request);
	for (size_t i = 0; i < c->len; i += piece)
		state = http_reader_feed(&r, (const unsigned char *)c->bytes + i, c->len - i < piece ? c->len - i : piece);
	if (c->ends)
		state = http_reader_end(&r);
	if (state != c->state)
		fail_msg("%s (in pieces of %zu): state %d, expected %d", c->what, piece, state, c->state);
	http_reader_answer(&r, a, &answer);
	if (answer.status != c->status || answer.malformed != c->malformed || answer.age != c->age)
		fail_msg("%s: status %d, malformed %d, age %lld", c->what, answer.status, answer.malformed, (long long)answer.age);
	expect_text(c->what, "the reason", answer.reason, c->reason);
	expect_text(c->what, "the server", answer.server, c->server);
	expect_text(c->what, "the body", answer.body, c->body);
	assert_string_equal(answer.method, "HEAD"); /* the caller's fields stay */
	http_reader_done(&r);
	arena_free(a);
}

/* However the network cuts it, the answer is the same. */
static void
answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answer_cases / sizeof answer_cases[0]; i++)
		for (size_t piece = 1; piece < 100; piece = piece * 3 + 1)
			check_answer(&answer_cases[i], piece);
}

static void
date_and_head(void **state)
{
	static const char bytes[] = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: junk\r\n\r\n";
	struct http_reader r;
	struct http_answer answer = { 0 };
	struct arena *a = arena_new();

	(void)state;
	http_reader_init(&r, true);
	assert_int_equal(http_reader_feed(&r, (const unsigned char *)bytes, sizeof bytes - 1), HTTP_DONE);
	http_reader_answer(&r, a, &answer);
	assert_true(answer.date == 784111777);
	assert_int_equal(answer.head.len, sizeof bytes - 1);
	http_reader_done(&r);

	http_reader_init(&r, true);
	http_reader_feed(&r, (const unsigned char *)"HTTP/1.1 200 OK\r\nDate: now\r\n\r\n", 32);
	http_reader_answer(&r, a, &answer);
	assert_true(answer.date == TIME_UNKNOWN);
	http_reader_done(&r);
	arena_free(a);
}

/* The status is known as soon as its line is: a server that then hangs has answered. */
static void
status_before_the_head_ends(void **state)
{
	struct http_reader r;

	(void)state;
	http_reader_init(&r, false);
	assert_int_equal(http_reader_feed(&r, (const unsigned char *)"HTTP/1.1 400 Bad\r\nX", 19), HTTP_READING_HEAD);
	assert_int_equal(r.status, 400);
	http_reader_done(&r);
}

static const struct endless_case {
	const char *what, *begin, *again;
	enum http_state state;
	size_t kept; /* of body */
} endless_cases[] = {
	{ "a header without end", "HTTP/1.1 200 OK\r\nX: ", "aaaaaaaaaaaaaaaa", HTTP_TOO_LARGE, 0 },
	{ "headers without end", "HTTP/1.1 200 OK\r\n", "X: y\r\n", HTTP_TOO_LARGE, 0 },
	{ "interim answers without end", "", "HTTP/1.1 100 Continue\r\n\r\n", HTTP_TOO_LARGE, 0 },
	{ "empty lines without end", "", "\r\n", HTTP_TOO_LARGE, 0 },
	{ "a body without end", "HTTP/1.1 200 OK\r\n\r\n", "aaaaaaaaaaaaaaaa", HTTP_DONE, LIMIT_HTTP_BODY },
	{ "chunks without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "4\r\nabcd\r\n", HTTP_DONE,
	    LIMIT_HTTP_BODY },
	{ "a chunk extension without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4", ";aaaaaaaaaaaaaaaa",
	    HTTP_DONE, 0 },
	{ "trailers without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n", HTTP_DONE, 0 },
	{ "no HTTP without end", "hello ", "hello ", HTTP_MALFORMED, 0 },
};

static void
endless(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof endless_cases / sizeof endless_cases[0]; i++) {
		const struct endless_case *c = &endless_cases[i];
		struct http_reader r;
		enum http_state got;

		http_reader_init(&r, false);
		http_reader_feed(&r, (const unsigned char *)c->begin, strlen(c->begin));
		for (size_t n = 0; n < LIMIT_HTTP_HEAD; n++)
			http_reader_feed(&r, (const unsigned char *)c->again, strlen(c->again));
		got = http_reader_feed(&r, (const unsigned char *)"", 0);
		if (got != c->state || r.body.len != c->kept || r.head.len > LIMIT_HTTP_HEAD)
			fail_msg("%s: state %d, %zu of body, %zu of head", c->what, got, r.body.len, r.head.len);
		http_reader_done(&r);
	}
}

static const struct request_case {
	const char *host, *path;
	bool good;
} request_cases[] = {
	{ "payment.internal:8443", "/", true },
	{ "[::1]:443", "/a/b?c=d&e=%20", true },
	{ "h", "/\xc3\xa9", true },
	{ "h", "", false },
	{ "h", "x", false },
	{ "h", "/a b", false },
	{ "h", "/a\r\nX: y", false },
	{ "h", "/\x7f", false },
	{ "h\r\nX: y", "/", false },
	{ "h x", "/", false },
};

static void
requests(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof request_cases / sizeof request_cases[0]; i++) {
		const struct request_case *c = &request_cases[i];
		struct error err = { 0 };

		buf_reset(&out);
		if ((http_request(&out, "HEAD", c->host, c->path, &err) == STATUS_OK) != c->good)
			fail_msg("case %zu: %s", i, err.text);
		if (c->good)
			assert_non_null(strstr(buf_str(&out), "\r\nConnection: close\r\n\r\n"));
		else
			assert_null(strpbrk(err.text, "\r\n\x7f"));
	}
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(date_and_head),
		cmocka_unit_test(status_before_the_head_ends),
		cmocka_unit_test(endless),
		cmocka_unit_test(requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
