/*
 * The page that people read: golden text for evidence made by hand, and what holds of every page in
 * every style: its width, its character set, no byte that a terminal would obey but our own colours.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/codes.h"
#include "model/memory.h"
#include "model/mend.h"
#include "model/page.h"
#include "model/report.h"
#include "model/text.h"
#include "tests/pages.h"

#define COMMAND "payment.internal:8443 --cert order.crt --key order.key"

static struct pages *pages;

/* Fingerprints differ in each run: their digits become "#". */
static void
hide_fingerprints(char *text)
{
	for (char *p = text; (p = strstr(p, "SHA-256 ")) != NULL;) {
		for (p += 8; (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f'); p++)
			*p = '#';
	}
}

static void
page_of(enum pages_story story, struct report_style style, struct buf *out)
{
	style.command = COMMAND;
	report_one(pages_diagnosis(pages, story), &style, out);
	hide_fingerprints(out->data);
}

/* On a difference both are printed whole: that is what one wants to see. */
static void
assert_page(const char *found, const char *expected)
{
	if (strcmp(found, expected) == 0)
		return;
	print_error("expected:\n%.1000s", expected);
	for (size_t at = 0; at < strlen(found); at += 1000) /* cmocka prints 1,024 bytes at a time */
		print_error("%s%.1000s", at == 0 ? "\nfound:\n" : "", found + at);
	fail_msg("the page differs");
}

/* The endpoint of the design: the client forgot its intermediate. */
static const char forgotten[] =
	"✗ FAIL  payment.internal:8443  client.missing-intermediate (certain)\n"
	"  OUR SIDE: our chain lacks “Acme Issuing CA 1”; the server cannot get from\n"
	"  “order-service” to the root it trusts.\n"
	"  mend    put “Acme Issuing CA 1” into order.crt (after the leaf)\n"
	"  fix     mtlscope fix payment.internal:8443 --cert order.crt --key order.key\n"
	"  again   mtlscope check payment.internal:8443 --cert order.crt --key order.key\n"
	"  proof   as it is (h1): refused, alert 48 unknown_ca\n"
	"          with the missing CA added (h3): accepted\n"
	"  tested  order.crt on bastion-2, not what the running service sends\n"
	"  trusted root.pem\n"
	"  reached 127.0.0.1:8443, TLSv1.3, TLS_AES_256_GCM_SHA384, X25519; server:\n"
	"          OpenSSL family (high)\n"
	"\n"
	"OUR CHAIN: FAIL, the server refuses it\n"
	"OK ✓ Acme Root CA                        in their CA list     2036-11-15\n"
	"NO ✗ └─Acme Issuing CA 1                 NOT SENT             2036-11-15\n"
	"OK ✓   └─order-service                   sent                 88 d left\n"
	"\n"
	"SERVER'S CHAIN: WARN, we trust it\n"
	"OK ✓ Acme Root CA                        trusted by us        2036-11-15\n"
	"OK ✓ └─Acme Issuing CA 1                 sent                 2036-11-15\n"
	"OK ✓   └─payment.internal                sent                 41 d left\n"
	"\n"
	"HANDSHAKE\n"
	"   ms  us: order-service               │ server: payment.internal:8443\n"
	"  0.4  connected to 127.0.0.1:8443     │\n"
	"  0.5  ClientHello TLS 1.3          ──►│\n"
	"  1.9                                  │◄── ServerHello TLS 1.3 X25519\n"
	"  2.0                                  │◄── EncryptedExtensions\n"
	"                                       │◄── CertificateRequest: 1 CA named\n"
	"  2.1                                  │◄── Certificate: 2 certificates\n"
	"                                       │◄── CertificateVerify, Finished\n"
	"  3.4  Certificate: 1, leaf only    ──►│\n"
	"       CertificateVerify, Finished  ──►│\n"
	"  5.3  ✗ ENDED BY THE SERVER           │◄── alert 48 unknown_ca, fatal\n"
	"\n"
	"       It ended after our Finished, when the server looked at our Certificate.\n"
	"       Not the cause: version, cipher, the server's own certificate.\n"
	"       Not reached: our private key (here on this machine it matches).\n"
	"\n"
	"WOULD OTHER CLIENTS HAVE SENT IT\n"
	"  Go would send nothing: no acceptable CA matches your issuer (1.19, measured)\n"
	"  Java 17 would send nothing: no acceptable CA matches your issuer (SunX509,\n"
	"    measured)\n"
	"  Java 17 (PKIX) would send nothing: no acceptable CA matches your issuer\n"
	"    (NewSunX509, measured)\n"
	"  .NET may send it or not: it depends on whether its own store leads from your\n"
	"    issuer to a CA that the server names (SslStream, from documents)\n"
	"  OpenSSL, curl, Node, GnuTLS would send it\n"
	"\n"
	"FINDINGS\n"
	"✗ FAIL  client.missing-intermediate (certain)  the cause\n"
	"    our chain lacks “Acme Issuing CA 1”\n"
	"    The server knows only its root; without the intermediate it cannot get from\n"
	"    “order-service” to it.\n"
	"    · h1: the server sent alert 48 unknown_ca, 1.9 ms after our Finished\n"
	"    · certificate “order-service”, SHA-256 ################…\n"
	"! WARN  cert.outlives-issuer (certain)\n"
	"    “payment.internal” ends after its issuer\n"
	"    What is below an issuer ends with it.\n"
	"    · certificate “payment.internal”, SHA-256 ################…\n";

/* Nothing listens: what can still be done. An issuer that nobody here has may be the root, which need not be sent. */
static const char down[] =
	"✗ DOWN  payment.internal:8443  net.refused (certain)\n"
	"  NETWORK: nothing listens at 127.0.0.1:8443.\n"
	"  mend    start the service, or correct the port: nothing listens at\n"
	"          payment.internal:8443\n"
	"  again   mtlscope check payment.internal:8443 --cert order.crt --key order.key\n"
	"  seen    h1: 127.0.0.1:8443 refused the connection\n"
	"  tested  order.crt on bastion-2, not what the running service sends\n"
	"  trusted root.pem\n"
	"\n"
	"OUR CHAIN: OK, as far as our files show: it was not sent\n"
	"??   Acme Issuing CA 1                   not in our files\n"
	"OK ✓ └─order-service                     in the files         88 d left\n"
	"\n"
	"HANDSHAKE\n"
	"   ms  us: order-service               │ server: payment.internal:8443\n"
	"  0.4  refused by 127.0.0.1:8443       │\n"
	"\n"
	"       It ended before there was a connection.\n"
	"\n"
	"FINDINGS\n"
	"✗ FAIL  net.refused (certain)  the cause\n"
	"    nothing listens there\n"
	"    The connection was refused.\n"
	"\n"
	"WAYS ON\n"
	"  inspect mtlscope inspect order.crt order.key --purpose client --cacert\n"
	"          root.pem judges our own chain without a network.\n"
	"  listen  mtlscope listen 8443 lets the client that fails connect here instead,\n"
	"          and says what it sends.\n"
	"  via     --via ssh:HOST asks from a host that reaches it; --resolve\n"
	"          HOST:PORT:ADDRESS or --connect-to goes elsewhere.\n";

static void
the_page_of_the_design(void **state)
{
	struct buf b = { 0 };

	(void)state;
	page_of(PAGES_FORGOTTEN, (struct report_style){ .columns = 80 }, &b);
	assert_page(b.data, forgotten);
	buf_done(&b);
}

static void
a_service_that_is_down(void **state)
{
	struct buf b = { 0 };

	(void)state;
	page_of(PAGES_REFUSED_PORT, (struct report_style){ .columns = 80 }, &b);
	assert_page(b.data, down);
	buf_done(&b);
}

/* Not proven: it says so first, then what it may be and what would decide. */
static void
what_is_not_proven_is_not_claimed(void **state)
{
	struct buf b = { 0 };

	(void)state;
	page_of(PAGES_NOT_PROVEN, (struct report_style){ .columns = 80 }, &b);
	assert_non_null(strstr(b.data, "OUR SIDE? refused, cause not proven\n"));
	assert_non_null(strstr(b.data, "  either  client.untrusted: the server does not trust our CA (medium)\n"));
	assert_non_null(strstr(b.data, "  or      client.partial-trust"));
	assert_non_null(strstr(b.data, "  decide  the server's log line\n"));
	assert_null(strstr(b.data, "certain"));
	buf_done(&b);
}

static void
a_refusal_after_a_perfect_handshake(void **state)
{
	struct buf b = { 0 };

	(void)state;
	page_of(PAGES_HTTP_400, (struct report_style){ .columns = 80 }, &b);
	assert_non_null(strstr(b.data, "REFUSED BY THE SERVER         │◄── HTTP 400 Bad Request\n"));
	assert_non_null(strstr(b.data, "The handshake was completed; the HTTP answer refuses us.\n"));
	buf_done(&b);
}

static void
nothing_wrong_is_said_in_few_words(void **state)
{
	struct buf b = { 0 };

	(void)state;
	page_of(PAGES_ACCEPTED, (struct report_style){ .columns = 80 }, &b);
	assert_int_equal(strncmp(b.data, "✓ OK    payment.internal:8443\n", strlen("✓ OK    payment.internal:8443\n")), 0);
	assert_null(strstr(b.data, "  mend "));
	assert_null(strstr(b.data, "FINDINGS"));
	assert_null(strstr(b.data, "ENDED"));
	buf_done(&b);
}

static void
check_line(const char *line, const struct report_style *s, const char *what)
{
	/* What is to be pasted is never broken. */
	bool pasted = strstr(line, "mtlscope check ") != NULL;

	if (!pasted && text_columns(line) > (size_t)s->columns)
		fail_msg("%s: %zu columns: %s", what, text_columns(line), line);
	if (line[0] != '\0' && line[strlen(line) - 1] == ' ')
		fail_msg("%s: blanks at the end: \"%s\"", what, line);
}

/* Removes our own colour sequences; any other byte below a blank, and DEL, is an error. */
static void
without_colours(char *page, bool colours)
{
	char *to = page;

	for (char *p = page; *p != '\0'; p++) {
		if (*p == '\033' && colours && p[1] == '[') {
			p += 2 + strspn(p + 2, "0123456789;");
			assert_int_equal(*p, 'm');
			continue;
		}
		if ((unsigned char)*p < ' ' && *p != '\n')
			fail_msg("byte %02x in a page", *p);
		*to++ = *p;
	}
	*to = '\0';
}

static void
every_style_keeps_to_its_width_and_character_set(void **state)
{
	static const struct {
		const char *what;
		struct report_style style;
	} styles[] = {
		{ "80 columns", { .columns = 80 } },
		{ "16 colours", { .columns = 80, .colours = 16 } },
		{ "256 colours", { .columns = 80, .colours = 256 } },
		{ "ASCII", { .columns = 80, .ascii = true } },
		{ "plain", { .columns = 80, .plain = true } },
		{ "plain ASCII, colours", { .columns = 80, .plain = true, .ascii = true, .colours = 16 } },
		{ "100 columns", { .columns = 100 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
		for (int story = PAGES_FORGOTTEN; story <= PAGES_HTTP_400; story++) {
			struct buf b = { 0 };
			char *rest = NULL;
			page_of((enum pages_story)story, styles[i].style, &b);
			without_colours(b.data, styles[i].style.colours > 0);
			for (char *p = b.data; styles[i].style.ascii && *p != '\0'; p++)
				assert_true((unsigned char)*p < 0x7f);
			for (char *line = strtok_r(b.data, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
				check_line(line, &styles[i].style, styles[i].what);
			buf_done(&b);
		}
	}
}

/* ASCII and monochrome lose nothing: the same words in the same order. */
static void
ascii_loses_no_word(void **state)
{
	struct buf b = { 0 };

	(void)state;
	page_of(PAGES_FORGOTTEN, (struct report_style){ .columns = 80, .ascii = true }, &b);
	assert_int_equal(strncmp(b.data, "X FAIL  payment", 15), 0);
	assert_non_null(strstr(b.data, "put \"Acme Issuing CA 1\" into order.crt (after the leaf)"));
	assert_non_null(strstr(b.data, "X ENDED BY THE SERVER           |<-- alert 48 unknown_ca, fatal\n"));
	assert_non_null(strstr(b.data, "! WARN  cert.outlives-issuer"));
	buf_done(&b);
}

static void
plain_draws_nothing(void **state)
{
	struct buf b = { 0 };

	(void)state;
	page_of(PAGES_FORGOTTEN, (struct report_style){ .columns = 80, .plain = true }, &b);
	assert_null(strstr(b.data, "│"));
	assert_null(strstr(b.data, "└"));
	assert_non_null(strstr(b.data, "order-service: OK, sent, 88 d left\n"));
	assert_non_null(strstr(b.data, "5.3 ms, server: alert 48 unknown_ca, fatal; here it ended\n"));
	buf_done(&b);
}

static void
a_line_a_target(void **state)
{
	static const struct {
		enum pages_story story;
		const char *line;
	} cases[] = {
		{ PAGES_ACCEPTED, "✓ OK    payment.internal:8443\n" },
		{ PAGES_FORGOTTEN, "✗ FAIL  payment.internal:8443  client.missing-intermediate  our chain lacks “Acme Issuing CA 1”\n" },
		{ PAGES_REFUSED_PORT, "✗ DOWN  payment.internal:8443  net.refused  nothing listens there\n" },
	};
	struct report_style style = { .columns = 80 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = { 0 };
		report_line(pages_diagnosis(pages, cases[i].story), &style, &b);
		assert_string_equal(b.data, cases[i].line);
		buf_done(&b);
	}
}

/* Thirty that share a cause are one line, and the most severe and frequent comes first. */
static void
many_targets_few_causes(void **state)
{
	struct causes *c = causes_new();
	struct report_style style = { .columns = 80 };
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 8; i++)
		causes_add(c, pages_diagnosis(pages, PAGES_ACCEPTED));
	causes_add(c, pages_diagnosis(pages, PAGES_REFUSED_PORT));
	for (int i = 0; i < 30; i++)
		causes_add(c, pages_diagnosis(pages, PAGES_FORGOTTEN));
	causes_report(c, &style, &b);
	assert_page(b.data,
	    "\n39 targets    1 DOWN  30 FAIL  8 OK\n"
	    "ONE cause explains 30 of the 31 that do not work.\n"
	    "\n"
	    "    30  client.missing-intermediate  “Acme Issuing CA 1”, missing in order.crt\n"
	    "        payment.internal:8443, payment.internal:8443, payment.internal:8443,\n"
	    "        payment.internal:8443, payment.internal:8443, payment.internal:8443 and\n"
	    "        24 more\n"
	    "     1  net.refused  127.0.0.1:8443\n"
	    "        payment.internal:8443\n"); /* the address is shared, the name is whose */
	causes_free(c);
	buf_done(&b);
}

/* Distinct causes beyond what the index began with; only so many are shown. */
static void
many_causes_are_bounded(void **state)
{
	struct causes *c = causes_new();
	struct report_style style = { .columns = 80 };
	struct diagnosis *d = pages_diagnosis(pages, PAGES_FORGOTTEN);
	struct buf b = { 0 };
	char key[32];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof key, "key-%d", i % 500);
		d->cause_key = key;
		causes_add(c, d);
	}
	causes_report(c, &style, &b);
	assert_non_null(strstr(b.data, "1000 targets    1000 FAIL\n"));
	assert_null(strstr(b.data, "ONE cause explains")); /* two of a thousand are not worth a headline */
	assert_non_null(strstr(b.data, "and 460 more causes\n"));
	causes_free(c);
	buf_done(&b);
}

/* A chain of a hundred faulty certificates once made a page of 943 lines. */
static void
many_findings_are_bounded(void **state)
{
	struct diagnosis d = *pages_diagnosis(pages, PAGES_FORGOTTEN);
	struct finding many[100];
	struct report_style style = { .columns = 80 };
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < 100; i++)
		many[i] = *d.root;
	d.findings = many;
	d.len = 100;
	report_one(&d, &style, &b);
	assert_non_null(strstr(b.data, "and 80 more findings: --json lists them all\n"));
	buf_done(&b);
}

/* Every code says what it is, and what to do, without a hole left in the sentence. */
static void
every_code_has_words(void **state)
{
	struct diagnosis *d = pages_diagnosis(pages, PAGES_FORGOTTEN);
	struct arena *a = arena_new();

	(void)state;
	for (int code = 0; code < CODE_COUNT; code++) {
		struct finding f = { .code = (enum code)code };
		assert_string_not_equal(code_phrase((enum code)code), "unknown");
		const char *words = mend_words(d, &f, a);
		if (words[0] == '\0' || strchr(words, '{') != NULL)
			fail_msg("%s: %s", code_info((enum code)code)->name, words);
	}
	arena_free(a);
}

/* A word longer than a line is broken, not lost; wide characters count two. */
static void
long_words_are_broken(void **state)
{
	struct report_style style = { .columns = 20 };
	struct buf b = { 0 };
	struct page p = { .out = &b, .style = &style };

	(void)state;
	page_wrap(&p, 0, 2, "abc aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 漢字漢字漢字漢字漢字漢字 z");
	assert_string_equal(b.data, "abc\n  aaaaaaaaaaaaaaaaaa\n  aaaaaaaaaaaaaaaaaa\n  aaaa\n  漢字漢字漢字漢字漢\n  字漢字 z\n");
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_of_the_design),
		cmocka_unit_test(a_service_that_is_down),
		cmocka_unit_test(what_is_not_proven_is_not_claimed),
		cmocka_unit_test(a_refusal_after_a_perfect_handshake),
		cmocka_unit_test(nothing_wrong_is_said_in_few_words),
		cmocka_unit_test(every_style_keeps_to_its_width_and_character_set),
		cmocka_unit_test(ascii_loses_no_word),
		cmocka_unit_test(plain_draws_nothing),
		cmocka_unit_test(a_line_a_target),
		cmocka_unit_test(many_targets_few_causes),
		cmocka_unit_test(many_causes_are_bounded),
		cmocka_unit_test(many_findings_are_bounded),
		cmocka_unit_test(every_code_has_words),
		cmocka_unit_test(long_words_are_broken),
	};
	int failed;

	pages = pages_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	pages_free(pages);
	return failed;
}
