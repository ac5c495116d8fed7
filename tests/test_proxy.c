/*
 * Proxies: how they are spelled, whom they are not for (curl's rules), what an HTTP and a SOCKS 5 proxy by script answer,
 * hostile ones among them; and that a password is nowhere on record.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/json.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/proxy.h"
#include "tests/engine.h"

#define PASSWORD "hunter2-canary"

/* ---- spelling ---- */

static void
spellings(void **state)
{
	static const struct {
		const char *text;
		enum proxy_kind kind;
		const char *host;
		uint16_t port;
		const char *user, *password, *shown;
	} cases[] = {
		{ "proxy.internal:3128", PROXY_HTTP, "proxy.internal", 3128, NULL, NULL, "http://proxy.internal:3128" },
		{ "http://Proxy.Internal:3128/", PROXY_HTTP, "proxy.internal", 3128, NULL, NULL, "http://proxy.internal:3128" },
		{ "http://proxy", PROXY_HTTP, "proxy", 1080, NULL, NULL, "http://proxy:1080" }, /* curl's default */
		{ "SOCKS5://10.0.0.1:9050", PROXY_SOCKS5, "10.0.0.1", 9050, NULL, NULL, "socks5://10.0.0.1:9050" },
		{ "socks5h://[::1]:9050", PROXY_SOCKS5H, "::1", 9050, NULL, NULL, "socks5h://[::1]:9050" },
		{ "socks5h://[::1]", PROXY_SOCKS5H, "::1", 1080, NULL, NULL, "socks5h://[::1]:1080" },
		{ "http://me:p%40ss%3aword@proxy:1", PROXY_HTTP, "proxy", 1, "me", "p@ss:word", "http://proxy:1" },
		{ "http://me:a@b@proxy:1", PROXY_HTTP, "proxy", 1, "me", "a@b", "http://proxy:1" },
		{ "me@proxy:1", PROXY_HTTP, "proxy", 1, "me", "", "http://proxy:1" },
		{ "http://:secret@proxy:1", PROXY_HTTP, "proxy", 1, "", "secret", "http://proxy:1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err = { 0 };
		struct proxy p;

		if (proxy_parse(cases[i].text, &p, &err) != STATUS_OK)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_int_equal(p.kind, cases[i].kind);
		assert_string_equal(p.host, cases[i].host);
		assert_int_equal(p.port, cases[i].port);
		assert_string_equal(p.shown, cases[i].shown);
		assert_true((p.user == NULL) == (cases[i].user == NULL));
		if (p.user != NULL) {
			assert_string_equal(p.user, cases[i].user);
			assert_string_equal(p.password, cases[i].password);
		}
		proxy_done(&p);
	}
}

/* One line that says what was expected, without the password. */
static void
misspelt(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "https://" "me:" PASSWORD "@proxy:1", "TLS to the proxy itself is not in this version" },
		{ "socks4://proxy:1", "expected socks5:// or socks5h://" },
		{ "socks4a://proxy:1", "expected socks5:// or socks5h://" },
		{ "ftp://me:" PASSWORD "@proxy:1", "“ftp://” is no proxy that is known" },
		{ "http://me:" PASSWORD "@", "has no host" },
		{ "http://me:" PASSWORD "@proxy:0", "a port from 1 to 65535" },
		{ "http://me:" PASSWORD "@proxy:x", "a port from 1 to 65535" },
		{ "http://me:" PASSWORD "@[::1", "cannot stand in a host name" },
		{ "http://me:" PASSWORD "%0d%0aX: y@proxy:1", "a NUL or a line's end" },
		{ "http://me:" PASSWORD "%00@proxy:1", "a NUL or a line's end" },
		{ "http://me@-proxy", "-proxy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err = { 0 };
		struct proxy p;

		assert_int_equal(proxy_parse(cases[i].text, &p, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_USAGE);
		if (strstr(err.text, cases[i].says) == NULL || strstr(err.text, PASSWORD) != NULL)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_null(p.host);
	}
}

static void
ssh_spellings(void **state)
{
	static const struct {
		const char *text, *host; /* host NULL: refused */
		uint16_t port;
	} cases[] = {
		{ "ssh:bastion", "bastion", 0 },
		{ "ssh:me@bastion:2222", "me@bastion", 2222 },
		{ "ssh://me@bastion:2222", "me@bastion", 2222 },
		{ "SSH:10.0.0.1", "10.0.0.1", 0 },
		/* What ssh would take for an option, or a shell for more than a word. */
		{ "ssh:-oProxyCommand=id", NULL, 0 },
		{ "ssh:me@-oProxyCommand=id", NULL, 0 },
		{ "ssh:", NULL, 0 },
		{ "ssh:@bastion", NULL, 0 },
		{ "ssh:a b", NULL, 0 },
		{ "ssh:$(id)", NULL, 0 },
		{ "ssh:bastion:0", NULL, 0 },
		{ "ssh:bastion:22:22", NULL, 0 },
		{ "bastion", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err = { 0 };
		struct proxy p;
		bool ok = proxy_parse_via(cases[i].text, &p, &err) == STATUS_OK;

		if (ok != (cases[i].host != NULL) || (ok && (strcmp(p.host, cases[i].host) != 0 || p.port != cases[i].port)))
			fail_msg("%s: %s", cases[i].text, ok ? p.host : err.text);
		if (ok)
			proxy_done(&p);
	}
}

/* curl's tests/unit/unit1614.c, and ports. */
static void
bypasses(void **state)
{
	static const struct {
		const char *list, *host;
		uint16_t port;
		bool bypassed;
	} cases[] = {
		{ NULL, "www.example.com", 443, false },
		{ "", "www.example.com", 443, false },
		{ "*", "www.example.com", 443, true },
		{ "*.example.com", "www.example.com", 443, false },
		{ "www.example.com", "www.example.com", 443, true },
		{ "example.com", "www.example.com", 443, true },
		{ ".example.com", "www.example.com", 443, true },
		{ ".example.com", "example.com", 443, true },
		{ "example.com", "nonexample.com", 443, false },
		{ "example.com", "example.com.", 443, true },
		{ "example.com.", "www.example.com", 443, true },
		{ "EXAMPLE.com", "www.example.COM", 443, true },
		{ "foo, bar,example.com", "www.example.com", 443, true },
		{ "foo bar example.com", "www.example.com", 443, true },
		{ "www.example.com", "example.com", 443, false },
		{ "192.168.0.1", "192.168.0.1", 443, true },
		{ "192.168.0.0/16", "192.168.1.2", 443, true },
		{ "192.168.0.0/16", "192.160.1.2", 443, false },
		{ "192.168.0.0/24", "192.168.1.2", 443, false },
		{ "10.0.0.0/0", "192.168.1.2", 443, true },
		{ "10.0.0.0/33", "10.0.0.0", 443, false },
		{ "127.0.0.0/9", "127.127.0.1", 443, true },
		{ "168.0.1", "192.168.0.1", 443, false }, /* an address has no domain */
		{ "::1", "::1", 443, true },
		{ "[::1]", "::1", 443, true },
		{ "fe80::/10", "fe80::1", 443, true },
		{ "fe80::/64", "fe80:0:0:1::1", 443, false },
		{ "example.com:8443", "www.example.com", 8443, true },
		{ "example.com:8443", "www.example.com", 443, false },
		{ "[::1]:8443", "::1", 8443, true },
		{ "10.0.0.1:8443", "10.0.0.1", 443, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (proxy_bypassed(cases[i].list, cases[i].host, cases[i].port) != cases[i].bypassed)
			fail_msg("“%s” for %s:%u", cases[i].list, cases[i].host, cases[i].port);
}

/* ---- proxies by script ---- */

enum { TURNS = 4 };

struct plain_proxy {
	const char *wants[TURNS]; /* what the client's words must hold; NULL: anything */
	struct {
		const char *bytes;
		size_t len;
		unsigned times;
	} says[TURNS];
	bool leads; /* and is the server at the other end too */
	bool stays;
};

static void
serve_proxy(int fd, SSL_CTX *ctx, const struct script *s)
{
	const struct plain_proxy *p = s->bytes;
	char heard[4096];
	ssize_t n;

	for (size_t i = 0; i < TURNS && p->says[i].bytes != NULL; i++) {
		n = recv(fd, heard, sizeof heard - 1, 0);
		if (n <= 0 || (p->wants[i] != NULL && memmem(heard, (size_t)n, p->wants[i], strlen(p->wants[i])) == NULL))
			return;
		for (unsigned k = 0; k < (p->says[i].times != 0 ? p->says[i].times : 1); k++)
			if (send(fd, p->says[i].bytes, p->says[i].len != 0 ? p->says[i].len : strlen(p->says[i].bytes), MSG_NOSIGNAL) <= 0)
				return;
	}
	if (p->leads)
		serve_http(fd, ctx, s);
	else if (p->stays)
		while (recv(fd, heard, sizeof heard, 0) > 0)
			continue;
}

static struct examination *
examine(const struct plain_proxy *p, enum proxy_kind kind, bool login, unsigned timeout_ms)
{
	struct script_server *server = script_server_start(&(struct script){ .pki = &engine_pki, .serve = serve_proxy,
	    .verify = ENGINE_MUST, .tickets = -1, .bytes = p, .answer = ENGINE_OK });
	struct examine_options opt = engine_quick();
	struct proxy proxy = { .kind = kind, .host = (char *)"127.0.0.1", .port = (uint16_t)script_server_port(server),
		.user = login ? (char *)"me" : NULL, .password = login ? (char *)PASSWORD : NULL, .shown = (char *)"http://proxy" };
	struct examiner *x;
	struct examination *result;
	struct target t;
	struct error err = { 0 };

	opt.proxy = opt.other_proxy = &proxy;
	opt.connect_timeout_ms = timeout_ms;
	x = engine_start(&opt);
	assert_int_equal(target_parse(kind == PROXY_SOCKS5 ? "10.1.2.3:8443" : "payment.internal:8443", &t, &err), STATUS_OK);
	if (kind == PROXY_SOCKS5)
		t.servername = mem_strdup("payment.internal");
	examiner_add(x, &t, engine_pki.identity, engine_pki.trust, NULL);
	target_done(&t);
	result = examiner_next(x, -1);
	examiner_free(x);
	script_server_stop(server);
	return result;
}

/* The password is in no text that is shown or written. */
static void
no_password(const char *what, const struct examination *x)
{
	struct buf json = { 0 };

	json_check(x->diagnosis, &json);
	if (strstr(buf_str(&json), PASSWORD) != NULL || strstr(buf_str(&json), "bWU6") != NULL)
		fail_msg("%s: the password is on record: %s", what, buf_str(&json));
	buf_done(&json);
}

static const struct {
	const char *what;
	enum proxy_kind kind;
	bool login;
	struct plain_proxy proxy;
	const char *why;    /* NULL: it leads us there */
	const char *answer;
} proxies[] = {
	{ "CONNECT", PROXY_HTTP, false, { .wants = { "CONNECT payment.internal:8443 HTTP/1.1\r\nHost: payment.internal:8443\r\n" },
	    .says = { { .bytes = "HTTP/1.1 200 Connection established\r\n\r\n" } }, .leads = true }, NULL, NULL },
	{ "CONNECT with a password", PROXY_HTTP, true, { .wants = { "\r\nProxy-Authorization: Basic bWU6aHVudGVyMi1jYW5hcnk=\r\n" },
	    .says = { { .bytes = "HTTP/1.0 200 OK\r\nVia: x\r\nA: b\r\n\r\n" } }, .leads = true }, NULL, NULL },
	{ "an interim answer first", PROXY_HTTP, false, { .says = { { .bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\n\n" } }, .leads = true }, NULL, NULL },
	{ "407", PROXY_HTTP, false, { .says = { { .bytes = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n" } }, .stays = true },
	    "it wants a user and password", "407 Proxy Authentication Required" },
	{ "407 to a password", PROXY_HTTP, true, { .says = { { .bytes = "HTTP/1.1 407 No\r\n\r\n" } }, .stays = true }, "it does not take our user and password", "407 No" },
	{ "403", PROXY_HTTP, false, { .says = { { .bytes = "HTTP/1.1 403 Filtered\r\nContent-Length: 5\r\n\r\nhello" } }, .stays = true }, "it forbids the way", "403 Filtered" },
	{ "502", PROXY_HTTP, false, { .says = { { .bytes = "HTTP/1.1 502 Bad Gateway\r\n\r\n" } }, .stays = true }, "it does not reach the server", "502 Bad Gateway" },
	{ "no proxy", PROXY_HTTP, false, { .says = { { .bytes = "SSH-2.0-OpenSSH_9.2\r\n" } }, .stays = true }, "it is no HTTP proxy", "SSH-2.0" },
	{ "a status of two digits", PROXY_HTTP, false, { .says = { { .bytes = "HTTP/1.1 20 OK\r\n\r\n" } }, .stays = true }, "it is no HTTP proxy", "HTTP/1.1 20" },
	{ "endless headers", PROXY_HTTP, false, { .says = { { .bytes = "HTTP/1.1 200 OK\r\n" }, { .bytes = NULL } }, .stays = true }, "it does not answer in time", NULL },
	{ "headers without end", PROXY_HTTP, false, { .says = { { .bytes = "HTTP/1.1 200 OK\r\nA: b\r\n", .times = 100000 } }, .stays = true }, "its words do not end", NULL },
	{ "an end within the headers", PROXY_HTTP, false, { .says = { { .bytes = "HTTP/1.1 200 OK\r\nA" } } }, "it ends the connection within its answer", NULL },
	{ "an end without a word", PROXY_HTTP, false, { .wants = { "never said" }, .says = { { .bytes = "x" } } }, "it closes the connection without an answer", NULL },
	{ "SOCKS, a name", PROXY_SOCKS5H, false, { .wants = { "\5\1", "\1" }, .says = { { .bytes = "\5\0", .len = 2 }, { .bytes = "\5\0\0\1\0\0\0\0\0\0", .len = 10 } }, .leads = true }, NULL, NULL },
	{ "SOCKS, an address, bound to IPv6", PROXY_SOCKS5, false, { .says = { { .bytes = "\5\0", .len = 2 }, { .bytes = "\5\0\0\4xxxxxxxxxxxxxxxxpp", .len = 22 } }, .leads = true }, NULL, NULL },
	{ "SOCKS, bound to a name", PROXY_SOCKS5H, false, { .says = { { .bytes = "\5\0", .len = 2 }, { .bytes = "\5\0\0\3\3abcpp", .len = 10 } }, .leads = true }, NULL, NULL },
	{ "SOCKS with a password", PROXY_SOCKS5H, true, { .wants = { "\2", "\2me\x0e" PASSWORD }, .says = { { .bytes = "\5\2", .len = 2 }, { .bytes = "\1\0", .len = 2 }, { .bytes = "\5\0\0\1\0\0\0\0\0\0", .len = 10 } }, .leads = true }, NULL, NULL },
	{ "SOCKS, the password is wrong", PROXY_SOCKS5H, true, { .says = { { .bytes = "\5\2", .len = 2 }, { .bytes = "\1\1", .len = 2 } }, .stays = true }, "it does not take our user and password", NULL },
	{ "SOCKS, no login will do", PROXY_SOCKS5H, false, { .says = { { .bytes = "\5\xff", .len = 2 } }, .stays = true }, "it wants a login", NULL },
	{ "SOCKS, a password that was not offered", PROXY_SOCKS5H, false, { .says = { { .bytes = "\5\2", .len = 2 } }, .stays = true }, "it wants a login", NULL },
	{ "SOCKS, not allowed", PROXY_SOCKS5H, false, { .says = { { .bytes = "\5\0", .len = 2 }, { .bytes = "\5\2\0\1\0\0\0\0\0\0", .len = 10 } }, .stays = true }, "it does not reach the server", "2: connection not allowed by ruleset" },
	{ "SOCKS, refused", PROXY_SOCKS5H, false, { .says = { { .bytes = "\5\0", .len = 2 }, { .bytes = "\5\5\0\1\0\0\0\0\0\0", .len = 10 } }, .stays = true }, "it does not reach the server", "5: Connection refused" },
	{ "SOCKS, a reply of nobody's", PROXY_SOCKS5H, false, { .says = { { .bytes = "\5\0", .len = 2 }, { .bytes = "\5\xee\0\1\0\0\0\0\0\0", .len = 10 } }, .stays = true }, "it does not reach the server", "238: a reply that RFC 1928 does not know" },
	{ "no SOCKS", PROXY_SOCKS5H, false, { .says = { { .bytes = "HTTP/1.1 400 Bad Request\r\n\r\n" } }, .stays = true }, "it is no SOCKS 5 proxy", "HTTP/1.1 400" },
	{ "SOCKS 4", PROXY_SOCKS5H, false, { .says = { { .bytes = "\0\x5b", .len = 2 } }, .stays = true }, "it is no SOCKS 5 proxy", NULL },
	{ "SOCKS, cut off", PROXY_SOCKS5H, false, { .says = { { .bytes = "\5\0", .len = 2 }, { .bytes = "\5\0\0", .len = 3 } } }, "it ends the connection within its answer", NULL },
};

static void
each_proxy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++) {
		struct examination *x = examine(&proxies[i].proxy, proxies[i].kind, proxies[i].login, proxies[i].why != NULL ? 300 : 5000);
		const struct handshake *h = engine_baseline(x);

		no_password(proxies[i].what, x);
		assert_string_equal(h->proxy, "http://proxy");
		assert_string_equal(h->address, proxies[i].kind == PROXY_SOCKS5 ? "10.1.2.3:8443" : "payment.internal:8443");
		if (proxies[i].why == NULL) {
			engine_expect(proxies[i].what, h, OUTCOME_ACCEPTED_APP);
			assert_true(h->proxy_ms >= 0 && h->proxy_ms <= h->tls_ms);
			assert_string_equal(h->offer.sni, "payment.internal");
		} else {
			engine_expect(proxies[i].what, h, OUTCOME_NETWORK);
			if (h->obstacle != OBSTACLE_PROXY || strcmp(h->obstacle_why, proxies[i].why) != 0)
				fail_msg("%s: why “%s”", proxies[i].what, h->obstacle_why != NULL ? h->obstacle_why : "-");
			if (proxies[i].answer != NULL && (h->obstacle_answer == NULL || strstr(h->obstacle_answer, proxies[i].answer) == NULL))
				fail_msg("%s: answer “%s”", proxies[i].what, h->obstacle_answer != NULL ? h->obstacle_answer : "-");
			assert_int_equal(x->diagnosis->root->code, CODE_NET_PROXY_FAILED);
			assert_int_equal(h->messages_len, 0);
		}
		examination_free(x);
	}
}

/* One that is not there: its address is told, and that it is the proxy's. */
static void
no_proxy_there(void **state)
{
	struct examine_options opt = engine_quick();
	struct proxy proxy = { .kind = PROXY_HTTP, .host = (char *)"127.0.0.1", .port = 1, .shown = (char *)"http://127.0.0.1:1" };
	struct examiner *x;
	struct examination *result;
	struct target t;
	struct error err = { 0 };

	(void)state;
	opt.proxy = &proxy;
	x = engine_start(&opt);
	assert_int_equal(target_parse("payment.internal:8443", &t, &err), STATUS_OK);
	examiner_add(x, &t, NULL, engine_pki.trust, NULL);
	target_done(&t);
	result = examiner_next(x, -1);
	assert_int_equal(result->diagnosis->root->code, CODE_NET_PROXY_FAILED);
	assert_non_null(strstr(result->diagnosis->summary, "http://127.0.0.1:1, and it refuses the connection"));
	examination_free(result);
	examiner_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings),
		cmocka_unit_test(misspelt),
		cmocka_unit_test(ssh_spellings),
		cmocka_unit_test(bypasses),
		cmocka_unit_test(each_proxy),
		cmocka_unit_test(no_proxy_there),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
