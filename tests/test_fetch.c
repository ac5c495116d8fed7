/*
 * Asking: what goes out and what does not, what is taken of an answer, how long nobody waits, and that a
 * question is asked once however many ask it. A real web server on loopback, libcurl, the loop.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/examine.h"
#include "probes/fetch.h"
#include "tests/made.h"
#include "tests/web_server.h"

enum { MANY = 50, CANCEL_MS = 500 };

static struct made ca, leaf;
static unsigned char *der;
static size_t der_len;
static char *big;

/* One loop with its place to ask at. */
struct here {
	uv_loop_t loop;
	struct fetcher *fetcher;
	struct resolver *resolver;
	struct fetch_desk *desk;
	unsigned came;
	bool shared;
	struct fetched last; /* its pointers are gone; the problem is copied */
	char problem[256];
};

static void
open_here(struct here *h)
{
	memset(h, 0, sizeof *h);
	assert_int_equal(uv_loop_init(&h->loop), 0);
	h->fetcher = fetcher_new(world_real());
	h->resolver = resolver_new(&h->loop);
	h->desk = fetch_desk_new(&h->loop, h->fetcher, h->resolver);
	assert_non_null(h->desk);
}

static void
close_here(struct here *h)
{
	fetch_desk_close(h->desk);
	resolver_close(h->resolver);
	uv_run(&h->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&h->loop), 0);
	fetcher_free(h->fetcher);
}

static void
on_answer(void *user, const struct fetched *f, bool shared)
{
	struct here *h = user;

	h->came++;
	h->shared = shared;
	h->last = *f;
	snprintf(h->problem, sizeof h->problem, "%s", f->problem != NULL ? f->problem : "");
}

static struct fetch *
ask(struct here *h, enum fetch_kind kind, bool loopback, const char *url)
{
	return fetch_start(h->desk, &(struct fetch_question){ .kind = kind, .url = text_of(url), .loopback = loopback,
		.about = leaf.cert, .issuer = ca.cert }, on_answer, h);
}

static void
wait_for(struct here *h, unsigned came)
{
	while (h->came < came)
		uv_run(&h->loop, UV_RUN_ONCE);
}

static char *
url_of(struct web_server *s, const char *host, const char *path)
{
	static char url[256];

	snprintf(url, sizeof url, "http://%s:%d%s", host, web_port(s), path);
	return url;
}

static int
set_up(void **state)
{
	(void)state;
	ca = made_ca("Acme CA", NULL);
	leaf = made_leaf(&ca);
	der = pki_der(&ca.pki, &der_len);
	big = mem_zero(LIMIT_FETCH_SMALL + 1, 1);
	/* Whatever the environment says of proxies, no request goes there. */
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	setenv("all_proxy", "http://user:secret@127.0.0.1:1/", 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(der);
	free(big);
	made_free(&leaf);
	made_free(&ca);
	return 0;
}

static void
what_is_taken(void **state)
{
	static struct web_page pages[] = {
		{ .path = "/ca.cer" },
		{ .path = "/elsewhere", .status = "302 Found", .headers = "Location: /ca.cer\r\n" },
		{ .path = "/forbidden", .status = "403 Forbidden" },
		{ .path = "/page", .body = "<html>", .len = 6 },
		{ .path = "/empty" },
		{ .path = "/longest" },
		{ .path = "/too-long" },
		{ .path = "/endless", .how = WEB_ENDLESS },
		{ .path = "/closes", .how = WEB_CLOSES },
		{ .path = "/short", .how = WEB_SHORT, .body = "0", .len = 1 },
		{ .path = "/zipped", .headers = "Content-Encoding: gzip\r\n", .body = "\x1f\x8b", .len = 2 },
		{ 0 },
	};
	static const struct {
		const char *path;
		enum fetch_kind kind;
		int status;
		const char *problem; /* "": it is taken */
	} cases[] = {
		{ "/ca.cer", FETCH_ISSUER, 200, "" },
		{ "/elsewhere", FETCH_ISSUER, 302, "sends us elsewhere" },
		{ "/forbidden", FETCH_ISSUER, 403, "HTTP 403" },
		{ "/nothing", FETCH_ISSUER, 404, "HTTP 404" },
		{ "/page", FETCH_ISSUER, 200, "no certificate" },
		{ "/page", FETCH_CRL, 200, "no revocation list" },
		{ "/empty", FETCH_CRL, 200, "empty" },
		{ "/longest", FETCH_OCSP, 200, "" }, /* whatever it is: it is read later */
		{ "/too-long", FETCH_OCSP, 200, "longer than 64 KiB" },
		{ "/too-long", FETCH_ISSUER, 200, "longer than 64 KiB" },
		{ "/too-long", FETCH_CRL, 200, "no revocation list" }, /* a list may be longer */
		{ "/endless", FETCH_OCSP, 200, "longer than 64 KiB" },
		{ "/closes", FETCH_OCSP, 0, "closed without an answer" },
		{ "/short", FETCH_OCSP, 200, "before its answer was whole" },
		{ "/zipped", FETCH_ISSUER, 200, "no certificate" }, /* nothing is unpacked */
	};
	struct web_server *s;
	struct here h;

	(void)state;
	pages[0].body = der;
	pages[0].len = der_len;
	pages[5].body = pages[6].body = big;
	pages[5].len = LIMIT_FETCH_SMALL;
	pages[6].len = LIMIT_FETCH_SMALL + 1;
	s = web_start(pages);
	open_here(&h);
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ask(&h, cases[i].kind, true, url_of(s, "127.0.0.1", cases[i].path));
		wait_for(&h, i + 1);
		if (h.last.status != cases[i].status || (cases[i].problem[0] == '\0') != (h.problem[0] == '\0') ||
		    strstr(h.problem, cases[i].problem) == NULL)
			fail_msg("%s: HTTP %d, “%s”", cases[i].path, h.last.status, h.problem);
		assert_false(h.last.refused);
		assert_false(h.shared);
		assert_true(h.last.bytes <= LIMIT_FETCH_SMALL + 1);
		/* One request each: nobody was led on by "Location". */
		assert_int_equal(web_visits(s), (int)i + 1);
	}
	close_here(&h);
	web_stop(s);
}

static void
what_goes_out(void **state)
{
	static struct web_page pages[] = { { .path = "/x", .body = "1", .len = 1 }, { 0 } };
	struct web_server *s = web_start(pages);
	struct here h;
	char host[64];

	(void)state;
	open_here(&h);
	ask(&h, FETCH_ISSUER, true, url_of(s, "127.0.0.1", "/x"));
	wait_for(&h, 1);
	snprintf(host, sizeof host, "Host: 127.0.0.1:%d\r\n", web_port(s));
	assert_ptr_equal(strstr(web_last(s), "GET /x HTTP/1.1\r\n"), web_last(s));
	assert_non_null(strstr(web_last(s), host));
	assert_null(strcasestr(web_last(s), "cookie"));
	assert_null(strcasestr(web_last(s), "authorization"));
	assert_null(strcasestr(web_last(s), "accept-encoding"));
	ask(&h, FETCH_OCSP, true, url_of(s, "127.0.0.1", "/x"));
	wait_for(&h, 2);
	assert_ptr_equal(strstr(web_last(s), "POST /x HTTP/1.1\r\n"), web_last(s));
	assert_non_null(strstr(web_last(s), "Content-Type: application/ocsp-request\r\n"));
	close_here(&h);
	web_stop(s);
}

/* Nothing goes out: not to what is no http, not to this host for a target elsewhere, be it by a name; never to metadata. */
static void
what_is_refused(void **state)
{
	static struct web_page pages[] = { { .path = "/x", .body = "1", .len = 1 }, { 0 } };
	struct web_server *s = web_start(pages);
	const struct {
		const char *host; /* NULL: `url` as it is */
		const char *url;
		bool loopback, refused;
		const char *problem;
	} cases[] = {
		{ NULL, "https://127.0.0.1/x", true, true, "only http" },
		{ NULL, "file:///etc/passwd", true, true, "only http" },
		{ NULL, "ftp://127.0.0.1/x", true, true, "only http" },
		{ NULL, "http://a:b@127.0.0.1/x", true, true, "user" },
		{ NULL, "http://169.254.169.254/latest/meta-data/", true, true, "local link" },
		{ NULL, "http://169.254.169.254/latest/meta-data/", false, true, "local link" },
		{ NULL, "http://[fd00:ec2::254]/latest/meta-data/", true, true, "metadata" },
		{ NULL, "http://[fe80::1]/x", true, true, "local link" },
		{ NULL, "http://[::ffff:169.254.169.254]/x", true, true, "local link" },
		{ "127.0.0.1", "/x", false, true, "this host itself" },
		{ "0x7f.1", "/x", false, true, "this host itself" },
		{ "[::1]", "/x", false, true, "this host itself" },
		{ "0.0.0.0", "/x", false, true, "this host itself" },
		{ "localhost", "/x", false, true, "this host itself" }, /* a name that leads here */
		{ "no-such-name.invalid", "/x", true, false, "does not resolve" },
	};
	struct here h;

	(void)state;
	open_here(&h);
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ask(&h, FETCH_CRL, cases[i].loopback, cases[i].host != NULL ? url_of(s, cases[i].host, cases[i].url) : cases[i].url);
		assert_int_equal(h.came, i); /* never before it returns */
		wait_for(&h, i + 1);
		if (h.last.refused != cases[i].refused || strstr(h.problem, cases[i].problem) == NULL)
			fail_msg("case %u: refused %d: “%s”", i, h.last.refused, h.problem);
		assert_int_equal(h.last.status, 0);
	}
	assert_int_equal(web_visits(s), 0);
	/* The same name from a target on this host, by the address that was looked up. */
	ask(&h, FETCH_OCSP, true, url_of(s, "localhost", "/x"));
	wait_for(&h, sizeof cases / sizeof cases[0] + 1);
	assert_string_equal(h.problem, "");
	assert_int_equal(web_visits(s), 1);
	close_here(&h);
	web_stop(s);
}

static void
asked_once(void **state)
{
	static struct web_page pages[] = { { .path = "/ca.cer" }, { 0 } };
	struct web_server *s;
	struct here h;

	(void)state;
	pages[0].body = der;
	pages[0].len = der_len;
	s = web_start(pages);
	open_here(&h);
	for (int i = 0; i < MANY; i++)
		ask(&h, FETCH_ISSUER, true, url_of(s, "127.0.0.1", "/ca.cer"));
	wait_for(&h, MANY);
	ask(&h, FETCH_ISSUER, true, url_of(s, "127.0.0.1", "/ca.cer"));
	wait_for(&h, MANY + 1);
	assert_true(h.shared);
	assert_int_equal(h.last.certs_len, 1);
	assert_int_equal(web_visits(s), 1);
	/* A target elsewhere may not have what one on this host was given. */
	ask(&h, FETCH_ISSUER, false, url_of(s, "127.0.0.1", "/ca.cer"));
	wait_for(&h, MANY + 2);
	assert_true(h.last.refused);
	assert_int_equal(h.last.certs_len, 0);
	close_here(&h);
	web_stop(s);
}

/* The one that asked first goes; who waits beside it gets the answer all the same. */
static void
the_first_one_goes(void **state)
{
	static struct web_page pages[] = { { .path = "/ca.cer" }, { 0 } };
	struct web_server *s;
	struct here h;
	struct fetch *first;

	(void)state;
	pages[0].body = der;
	pages[0].len = der_len;
	s = web_start(pages);
	open_here(&h);
	first = ask(&h, FETCH_ISSUER, true, url_of(s, "localhost", "/ca.cer")); /* a name: it is being looked up */
	ask(&h, FETCH_ISSUER, true, url_of(s, "localhost", "/ca.cer"));
	fetch_cancel(first);
	wait_for(&h, 1);
	assert_string_equal(h.problem, "");
	assert_int_equal(h.last.certs_len, 1);
	close_here(&h);
	web_stop(s);
}

/* Cancelled at once, and so at the program's end, whatever the other side does. */
static void
nobody_waits_for_the_dead(void **state)
{
	static const struct web_page pages[] = { { .path = "/hangs", .how = WEB_HANGS }, { 0 } };
	struct web_server *s = web_start(pages);
	uint64_t began;
	struct here h;

	(void)state;
	open_here(&h);
	ask(&h, FETCH_CRL, true, url_of(s, "127.0.0.1", "/hangs"));
	ask(&h, FETCH_OCSP, true, url_of(s, "127.0.0.1", "/hangs"));
	while (web_visits(s) < 2)
		uv_run(&h.loop, UV_RUN_NOWAIT);
	began = uv_hrtime();
	close_here(&h);
	assert_true((uv_hrtime() - began) / 1000000 < CANCEL_MS);
	assert_int_equal(h.came, 0);
	web_stop(s);
}

/* Who lost patience leaves; what comes later is there for the next, and was asked for once. */
static void
it_goes_on_for_others(void **state)
{
	static const struct web_page pages[] = { { .path = "/x", .body = "1", .len = 1 }, { 0 } };
	struct web_server *s = web_start(pages);
	struct here h;

	(void)state;
	open_here(&h);
	fetch_leave(ask(&h, FETCH_OCSP, true, url_of(s, "127.0.0.1", "/x")));
	ask(&h, FETCH_OCSP, true, url_of(s, "127.0.0.1", "/x"));
	wait_for(&h, 1);
	assert_true(h.shared);
	assert_int_equal(web_visits(s), 1);
	close_here(&h);
	web_stop(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken),
		cmocka_unit_test(what_goes_out),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(asked_once),
		cmocka_unit_test(the_first_one_goes),
		cmocka_unit_test(nobody_waits_for_the_dead),
		cmocka_unit_test(it_goes_on_for_others),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
