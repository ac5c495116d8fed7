/*
 * HTTP/2: one request and its status, read by the rules of HTTP/1.1; against servers by script, hostile ones among them, that
 * write their frames by hand.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "model/limits.h"
#include "probes/http2.h"
#include "tests/engine.h"

/* RFC 9113 4.1: length, type, flags, stream; 6: the types; RFC 7541 appendix A: 0x88 is ":status: 200". */
#define FRAME(length, type, flags, stream) "\0\0" length type flags "\0\0\0" stream
#define SETTINGS FRAME("\0", "\4", "\0", "\0")
#define HEADERS(length, flags) FRAME(length, "\1", flags, "\1")
#define END "\5" /* END_STREAM and END_HEADERS */
#define MORE "\4" /* END_HEADERS */
#define STATUS_200 "\x88"
#define STATUS_400 "\x8c"
#define STATUS_405 "\x08\x03" "405"
#define STATUS_403 "\x08\x03" "403"
#define NGINX "\x0f\x27\x05" "nginx" /* server */
#define DATE "\x0f\x12\x1d" "Mon, 23 Nov 2026 12:00:00 GMT"
#define PIECE(x) .bytes = x, .len = sizeof(x) - 1

struct h2_server {
	const char *bytes;
	size_t len;
	const char *get;    /* where the method is GET */
	size_t get_len;
	unsigned times;     /* of bytes; 0: once */
	bool stays;
	bool only_h2;       /* refuses who does not offer it, with alert 120 */
};

static int
choose(SSL *ssl, const unsigned char **out, unsigned char *len, const unsigned char *in, unsigned in_len, void *user)
{
	unsigned char *chosen = NULL;

	(void)ssl;
	(void)user;
	if (SSL_select_next_proto(&chosen, len, (const unsigned char *)"\2h2", 3, in, in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static void
picks_h2(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_alpn_select_cb(ctx, choose, NULL);
}

/* Many in each record where it goes on for ever: with one in each a slow machine's time was over before any limit was reached. */
static int
write_some(SSL *ssl, const char *bytes, size_t len, bool for_ever)
{
	char many[16384];
	size_t n = 0;

	if (!for_ever)
		return SSL_write(ssl, bytes, (int)len);
	for (; n + len <= sizeof many; n += len)
		memcpy(many + n, bytes, len);
	return SSL_write(ssl, many, (int)n);
}

static void
serve_h2(int fd, SSL_CTX *ctx, const struct script *s)
{
	const struct h2_server *p = s->bytes;
	SSL *ssl = SSL_new(ctx);
	char heard[4096];
	int n = 0;

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		n = SSL_read(ssl, heard, sizeof heard);
	/* The preface, RFC 9113 3.4; “GET” is 0x82 in HPACK's table, “HEAD” stands there in letters. */
	if (n > 24 && memcmp(heard, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24) == 0) {
		bool get = p->get != NULL && memchr(heard + 24, 0x82, (size_t)n - 24) != NULL;

		for (unsigned i = 0; i < (p->times != 0 ? p->times : 1); i++)
			if (write_some(ssl, get ? p->get : p->bytes, get ? p->get_len : p->len, p->times != 0) <= 0)
				break;
		while (p->stays && SSL_read(ssl, heard, sizeof heard) > 0)
			continue;
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

static struct examination *
examine(const struct h2_server *p, const char *alpn, bool quick, const struct identity *id)
{
	struct script_server *server = script_server_start(&(struct script){ .pki = &engine_pki, .serve = serve_h2, .prepare = picks_h2,
	    .verify = SSL_VERIFY_PEER, .tickets = -1, .bytes = p });
	struct examine_options opt = engine_quick();
	struct examination *x;

	opt.quick = quick;
	opt.alpn = alpn;
	opt.connect_timeout_ms = 1500;
	opt.max_time_ms = 5000;
	x = engine_examine_at(script_server_port(server), &opt, id, true);
	script_server_stop(server);
	return x;
}

static const struct {
	const char *what;
	struct h2_server server;
	int status;
	bool malformed;
	const char *ended, *server_header;
	enum outcome outcome;
} answers[] = {
	{ "200", { PIECE(SETTINGS HEADERS("\1", END) STATUS_200) }, 200, false, NULL, NULL, OUTCOME_ACCEPTED_APP },
	{ "with headers", { PIECE(SETTINGS HEADERS("\x29", END) STATUS_200 NGINX DATE) }, 200, false, NULL, "nginx", OUTCOME_ACCEPTED_APP },
	{ "an interim answer first", { PIECE(SETTINGS HEADERS("\5", MORE) "\x08\x03" "103" HEADERS("\1", END) STATUS_200) }, 200, false, NULL, NULL, OUTCOME_ACCEPTED_APP },
	{ "headers in two frames", { PIECE(SETTINGS HEADERS("\1", "\1") STATUS_200 FRAME("\x08", "\x9", "\4", "\1") NGINX) }, 200, false, NULL, "nginx", OUTCOME_ACCEPTED_APP },
	{ "403", { PIECE(SETTINGS HEADERS("\5", END) STATUS_403) }, 403, false, NULL, NULL, OUTCOME_REJECTED_HTTP },
	{ "reset", { PIECE(SETTINGS FRAME("\4", "\3", "\0", "\1") "\0\0\0\xd") }, 0, false, "RST_STREAM HTTP_1_1_REQUIRED", NULL, OUTCOME_ACCEPTED },
	{ "goodbye", { PIECE(SETTINGS FRAME("\x0b", "\7", "\0", "\0") "\0\0\0\0\0\0\0\xc" "bad") }, 0, false, "GOAWAY INADEQUATE_SECURITY: bad", NULL, OUTCOME_ACCEPTED },
	{ "goodbye after the answer", { PIECE(SETTINGS FRAME("\x08", "\7", "\0", "\0") "\0\0\0\1\0\0\0\0" HEADERS("\1", END) STATUS_200) }, 200, false, NULL, NULL, OUTCOME_ACCEPTED_APP },
	{ "HTTP/1.1 all the same", { PIECE("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }, 0, true, NULL, NULL, OUTCOME_ACCEPTED },
	{ "garbage", { PIECE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff") }, 0, true, NULL, NULL, OUTCOME_ACCEPTED },
	{ "a status that is none", { PIECE(SETTINGS HEADERS("\5", END) "\x08\x03" "xyz"), .stays = true }, 0, false, NULL, NULL, OUTCOME_ACCEPTED },
	{ "pings for ever", { PIECE(SETTINGS FRAME("\x08", "\6", "\0", "\0") "12345678"), .times = 1000 }, 0, true, NULL, NULL, OUTCOME_ACCEPTED },
	{ "windows for ever", { PIECE(SETTINGS FRAME("\4", "\x08", "\0", "\0") "\0\0\0\1"), .times = 1000 }, 0, true, NULL, NULL, OUTCOME_ACCEPTED },
	{ "silence", { PIECE(SETTINGS), .stays = true }, 0, false, NULL, NULL, OUTCOME_ACCEPTED },
};

static void
each_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct examination *x = examine(&answers[i].server, "h2,http/1.1", true, engine_pki.identity);
		const struct handshake *h = engine_baseline(x);

		assert_string_equal(h->alpn, "h2");
		assert_string_equal(h->http.method, "HEAD");
		engine_expect(answers[i].what, h, answers[i].outcome);
		if (h->http.status != answers[i].status || h->http.malformed != answers[i].malformed)
			fail_msg("%s: status %d, malformed %d", answers[i].what, h->http.status, h->http.malformed);
		if (answers[i].ended == NULL ? h->http.ended != NULL : h->http.ended == NULL || strcmp(h->http.ended, answers[i].ended) != 0)
			fail_msg("%s: ended “%s”", answers[i].what, h->http.ended != NULL ? h->http.ended : "-");
		if (answers[i].server_header != NULL)
			assert_true(text_equal(h->http.server, text_of(answers[i].server_header)));
		if (answers[i].status == 0) /* nothing of that is proof */
			assert_true(answers[i].ended == NULL || handshake_doubt(h) == DOUBT_ANSWER);
		assert_true(h->http.head.len <= LIMIT_HTTP_HEAD);
		examination_free(x);
	}
}

/* nginx's page comes in DATA frames, to GET. */
static void
a_refusal_in_a_page(void **state)
{
	static const struct h2_server server = { PIECE(SETTINGS HEADERS("\x9", END) STATUS_400 NGINX),
		.get = SETTINGS HEADERS("\x9", MORE) STATUS_400 NGINX FRAME("\x25", "\0", "\1", "\1") "<p>No required SSL certificate was sent",
		.get_len = sizeof(SETTINGS HEADERS("\x9", MORE) STATUS_400 NGINX FRAME("\x25", "\0", "\1", "\1") "<p>No required SSL certificate was sent") - 1 };
	struct examination *x = examine(&server, "h2", true, NULL);

	(void)state;
	assert_int_equal(x->evidence->handshakes_len, 2);
	assert_int_equal(x->diagnosis->root->code, CODE_CLIENT_REQUIRED);
	assert_int_equal(x->diagnosis->stack.stack, STACK_NGINX);
	examination_free(x);
}

/* 405 to HEAD: GET is asked on another connection, over HTTP/2 as well. */
static void
head_is_not_served(void **state)
{
	static const struct h2_server server = { PIECE(SETTINGS HEADERS("\5", END) STATUS_405), .get = SETTINGS HEADERS("\1", END) STATUS_200,
		.get_len = sizeof(SETTINGS HEADERS("\1", END) STATUS_200) - 1 };
	struct examination *x = examine(&server, "h2,http/1.1", true, engine_pki.identity);

	(void)state;
	engine_expect("GET", engine_baseline(x), OUTCOME_ACCEPTED_APP);
	assert_int_equal(engine_baseline(x)->http.status, 200);
	assert_int_equal(engine_baseline(x)->http.head_status, 405);
	examination_free(x);
}

/* Nothing is offered unless it was asked for. */
static void
not_unless_asked(void **state)
{
	static const struct h2_server server = { PIECE(SETTINGS) };
	struct examination *x = examine(&server, NULL, true, engine_pki.identity);

	(void)state;
	assert_null(engine_baseline(x)->offer.alpn);
	assert_null(engine_baseline(x)->alpn);
	examination_free(x);
}

/* A head without end, in CONTINUATION frames (CVE-2024-27316 and kin): bounded, without a connection. */
static void
headers_without_end(void **state)
{
	static const char more[] = FRAME("\x09", "\x9", "\0", "\1") "\0\1" "a\5" "bcdef";
	struct http_reader reader;
	struct error err = { 0 };
	struct http2 *h;
	enum http_state s = HTTP_READING_HEAD;
	size_t fed = 0;

	(void)state;
	http_reader_init(&reader, true);
	h = http2_new("HEAD", "payment.internal", "/", &reader, &err);
	assert_non_null(h);
	assert_true(http2_output(h).len > 0);
	s = http2_feed(h, (const unsigned char *)SETTINGS HEADERS("\1", "\1") STATUS_200, sizeof(SETTINGS HEADERS("\1", "\1") STATUS_200) - 1);
	while (s == HTTP_READING_HEAD && fed < 64 * 1024 * 1024) {
		s = http2_feed(h, (const unsigned char *)more, sizeof more - 1);
		fed += sizeof more - 1;
	}
	assert_true(s == HTTP_TOO_LARGE || s == HTTP_MALFORMED);
	assert_true(fed <= LIMIT_HTTP2_BYTES + sizeof more);
	assert_int_equal(reader.status, 0);
	http2_free(h);
	http_reader_done(&reader);
}

/* What would break the request is refused as over HTTP/1.1. */
static void
bad_requests(void **state)
{
	static const struct {
		const char *host, *path;
	} cases[] = { { "a\r\nb", "/" }, { "a b", "/" }, { "a", "x" }, { "a", "/ x" }, { "a", "/\r\nX: y" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_reader reader;
		struct error err = { 0 };

		http_reader_init(&reader, true);
		assert_null(http2_new("HEAD", cases[i].host, cases[i].path, &reader, &err));
		assert_int_equal(err.code, ERROR_USAGE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer),
		cmocka_unit_test(a_refusal_in_a_page),
		cmocka_unit_test(head_is_not_served),
		cmocka_unit_test(not_unless_asked),
		cmocka_unit_test(headers_without_end),
		cmocka_unit_test(bad_requests),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
