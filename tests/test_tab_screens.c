/*
 * The tabs of experiments, certificates and times, and a certificate whole, as they stand on screen. The
 * evidence is made of certificates with fixed dates and diagnosed for real; what is random in a
 * certificate (keys, serial, fingerprints) is replaced where it is shown, so that screens can be compared.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "probes/worker.h"
#include "tests/chains.h"
#include "tests/endpoint_screen.h"
#include "tests/evidence_builder.h"
#include "tests/hand_cert.h"
#include "tests/screen.h"
#include "tui/certificate.h"

static const char hostile_cn[] = "pay\033[31m\r\nOK\xe2\x80\xae\xe2\x80\x8b";
static const char *const many_names[] = { "DNS:payment.internal", "DNS:payment-blue.internal", "IP:10.0.0.1",
	"URI:spiffe://acme/payment", NULL };
static const unsigned char odd_der[] = { 0x04, 0x03, 1, 2, 3 };
static const struct pki_extension odd[] = { { .oid = "1.3.6.1.4.1.99999.1", .critical = true, .der = odd_der, .len = sizeof odd_der },
	{ .oid = NULL } };

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" }, .from = -1200, .to = 2600 },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme", .has_path_len = true },
	    .from = -700, .to = 860 },
	{ .name = "ended", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2", .org = "Acme" }, .from = -700, .to = -3 },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .r = { .san = many_names, .ocsp = "http://ocsp.acme.internal/",
	    .aia = "http://ca.acme.internal/issuing.crt", .crl = "http://ca.acme.internal/issuing.crl" }, .from = -49, .to = 41 },
	{ .name = "server-ended", .issuer = "ended", .role = IS_SERVER, .from = -49, .to = 41 },
	{ .name = "server-odd", .issuer = "issuing", .role = IS_SERVER, .r = { .extra = odd }, .from = -49, .to = 41 },
	{ .name = "server-hostile", .issuer = "issuing", .role = IS_SERVER, .r = { .cn_bytes = (const unsigned char *)hostile_cn,
	    .cn_bytes_len = sizeof hostile_cn - 1 }, .from = -49, .to = 41 },
	{ .name = "client", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .org = "Acme" }, .from = -2, .to = 88 },
	{ .name = "client-soon", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -86, .to = 4 },
};
static struct chains *chains;
static struct cert *by_hand;

static const struct chain_case forgotten = { .server = { "server", "issuing" }, .ours = { "client" }, .answer = REFUSED };
static const struct chain_case ended = { .server = { "server-ended", "ended" }, .ours = { "client-soon", "issuing" },
	.answer = REFUSED, .alert = 45, .clock_minutes = 6 * 24 * 60 };
static const struct chain_case hostile = { .server = { "server-hostile", "issuing" }, .ours = { "client", "issuing" }, .answer = ACCEPTED };
static const struct chain_case fine = { .server = { "server", "issuing" }, .ours = { "client", "issuing" }, .answer = ACCEPTED };
static const struct chain_case odd_one = { .server = { "server-odd", "issuing" }, .ours = { "client", "issuing" }, .answer = ACCEPTED };

/* What differs from run to run, made of the name instead. */
static void
settle(struct cert *c, const char *name)
{
	struct fingerprint f;
	unsigned char *bytes;

	fingerprint_of((const unsigned char *)name, strlen(name), &f);
	fingerprint_hex(&f, c->sha256_hex);
	memcpy(c->sha1_hex, c->sha256_hex, 40);
	c->serial_hex = c->sha1_hex + 8;
	c->key.spki = f;
	bytes = memset(malloc(20), name[0], 20);
	if (c->ski.len > 0)
		memcpy((unsigned char *)c->ski.bytes, bytes, c->ski.len < 20 ? c->ski.len : 20);
	if (c->aki.len > 0)
		memcpy((unsigned char *)c->aki.bytes, bytes, c->aki.len < 20 ? c->aki.len : 20);
	free(bytes);
}

static int
make(void **state)
{
	(void)state;
	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++)
		settle(chains_cert(chains, recipes[i].name), recipes[i].name);
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	chains_free(chains);
	cert_free(by_hand);
	return 0;
}

static void
show_case(struct console_setup *setup, void *user)
{
	endpoint_screen(setup, chains_evidence(chains, user));
}

static void
goldens(const char *name, const struct chain_case *t, const char *keys)
{
	screen_goldens(name, show_case, (void *)t, keys);
}

static void
times_of_a_forgotten_intermediate(void **state)
{
	(void)state;
	goldens("times", &forgotten, "6");
}

/* An intermediate that ended, and a server whose clock is six days ahead, which ends ours for it. */
static void
times_that_two_clocks_tell_apart(void **state)
{
	(void)state;
	goldens("times-clocks", &ended, "6");
}

static void
certificates(void **state)
{
	(void)state;
	goldens("certificates", &forgotten, "5");
	goldens("certificates-below", &forgotten, "5 PgDn");
}

static void
experiments(void **state)
{
	(void)state;
	goldens("experiments", &forgotten, "4");
}

static void
show_wide(struct console_setup *setup, void *user)
{
	static const struct built b = { .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .how = END_ALERT, .by = PEER_SERVER,
		.alert = { .there = true, .from = PEER_SERVER, .level = 2, .number = 70 }, .wide_tried = true, .wide_version = 0x0301,
		.wide_cipher = "ECDHE-RSA-AES128-SHA" };
	struct evidence *e = built_evidence(&b);

	(void)user;
	endpoint_screen(setup, e);
}

static void
the_wide_hello_says_what_the_server_would_have(void **state)
{
	(void)state;
	screen_goldens("experiments-wide", show_wide, NULL, "4");
}

#define DEEP_REFUSED(s, n) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent_message = true, \
	.sent = s, .by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, n } }
#define DEEP_ACCEPTED(s) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_ACCEPTED_APP, .asked = true, .sent_message = true, .sent = s, \
	.http_status = 200 }

/* With --deep: many rows, and the stack that they come to. */
static void
show_deep(struct console_setup *setup, void *user)
{
	static const struct built base = DEEP_ACCEPTED(2);
	static const struct {
		const char *name;
		struct built built;
	} did[] = { { "alpn-http1.1", DEEP_ACCEPTED(2) }, { "tls13", DEEP_ACCEPTED(2) }, { "no-certificate", DEEP_REFUSED(0, 116) },
		{ "throwaway", DEEP_REFUSED(1, 49) }, { "other-ca", DEEP_REFUSED(1, 49) }, { "leaf-only", DEEP_REFUSED(1, 49) },
		{ "wrong-key", DEEP_REFUSED(2, 51) }, { "garbage", DEEP_REFUSED(2, 42) } };
	struct evidence *e = chains_evidence(chains, &fine);

	(void)user;
	built_into(e, &base);
	for (size_t i = 0; i < sizeof did / sizeof did[0]; i++)
		built_experiment(e, did[i].name, &did[i].built);
	endpoint_screen(setup, e);
}

static void
every_experiment_and_the_stack(void **state)
{
	struct console_setup setup = { .world = world_real() };
	struct screen *s;

	(void)state;
	screen_goldens("experiments-deep", show_deep, NULL, "4");
	screen_goldens("experiments-deep-below", show_deep, NULL, "4 End");
	show_deep(&setup, NULL);
	s = screen_open(60, 200, SCREEN_UTF8, &setup);
	screen_keys(s, "4");
	screen_golden(s, "experiments-deep");
	screen_close(s);
}

/* One screen of one size, for what is looked for and not compared. */
static struct screen *
screen_of(const struct chain_case *t, int rows, int columns, const char *keys)
{
	struct console_setup setup = { .world = world_real() };
	struct screen *s;

	show_case(&setup, (void *)t);
	s = screen_open(rows, columns, SCREEN_UTF8, &setup);
	screen_keys(s, keys);
	return s;
}

static void
assert_on(struct screen *s, const char *text)
{
	char *all;

	if (screen_has(s, text))
		return;
	all = screen_text(s);
	print_error("“%s” is not on the screen:\n%s", text, all);
	free(all);
	fail();
}

static void
enter_opens_the_certificate_of_the_line(void **state)
{
	struct screen *s = screen_of(&forgotten, 24, 80, "5 Down Enter");
	struct buf json = { 0 };

	(void)state;
	assert_on(s, "Acme Issuing CA 1");
	assert_string_equal(console_top(screen_console(s))->ops->name, "certificate");
	assert_on(s, "CN=Acme Issuing CA 1");
	screen_keys(s, "End");
	assert_on(s, "-----END CERTIFICATE-----");
	console_top(screen_console(s))->ops->json(console_top(screen_console(s)), &json);
	assert_non_null(strstr(json.data, "\"subject\":\"O=Acme,CN=Acme Issuing CA 1\""));
	assert_non_null(strstr(json.data, "\"pem\":\"-----BEGIN CERTIFICATE-----\\n"));
	buf_done(&json);
	screen_keys(s, "q");
	assert_string_equal(console_top(screen_console(s))->ops->name, "endpoint");
	screen_close(s);
}

/* From the list and from any of its fields, a line means the same certificate; on the other side it is another place. */
static void
lines_mean_their_certificate(void **state)
{
	struct console_setup setup = { .world = world_real() };
	const struct cert *server = chains_cert(chains, "server"), *client = chains_cert(chains, "client");
	const struct entry *e;

	(void)state;
	show_case(&setup, (void *)&forgotten);
	e = setup.first_argument;
	assert_ptr_equal(certificate_of_id(e, certificate_id(server, false)), server);
	assert_ptr_equal(certificate_of_id(e, certificate_id(server, false) + 20), server);
	assert_ptr_equal(certificate_of_id(e, certificate_id(server, false) + 0xffff), server);
	assert_ptr_equal(certificate_of_id(e, certificate_id(client, true)), client);
	assert_null(certificate_of_id(e, certificate_id(client, false)));
	assert_null(certificate_of_id(e, certificate_id(chains_cert(chains, "ended"), true)));
	assert_null(certificate_of_id(e, 0));
	assert_null(certificate_of_id(e, 1));
	fleet_free(setup.fleet);
}

/* The cells are checked by screen_golden(); here the words that warn of it. */
static void
hostile_names_stand_there_escaped(void **state)
{
	struct screen *s = screen_of(&hostile, 40, 120, "5");

	(void)state;
	assert_on(s, "pay\\x1b[31m\\x0d\\x0aOK\\u{202e}\\u{200b}");
	assert_on(s, "! it holds control characters, characters that turn the direction of writing, invisible characters");
	screen_close(s);
	goldens("certificates-hostile", &hostile, "5");
}

/* A certificate put together by hand: the same bytes in every run, so all of it can be compared, PEM too. */
static void
show_by_hand(struct console_setup *setup, void *user)
{
	/* subjectAltName: "DNS:a\r\nb", and a URI with an escape sequence; an unknown critical extension. */
	static const char extensions[] = "\x30\x35"
	    "\x30\x1c\x06\x03\x55\x1d\x11\x04\x15\x30\x13\x82\x04" "a\r\nb" "\x86\x0b" "http://x\x1b[m"
	    "\x30\x15\x06\x0a\x2b\x06\x01\x04\x01\x86\x8d\x1f\x01\x02\x01\x01\xff\x04\x04\x05\x00\x00\x00";
	static const struct hand_cert odd_cert = {
		.serial = PIECE("\x02\x01\xfb"),
		.validity = PIECE("\x30\x1e\x17\x0d" "261301000000Z" "\x17\x0d" "270101000000Z"),
		.extensions = { extensions, sizeof extensions - 1, false },
	};
	struct error err = { 0 };

	(void)user;
	cert_free(by_hand); /* the screens before have let go of it */
	by_hand = hand_cert_parse(&odd_cert, &err);
	if (by_hand == NULL)
		fail_msg("%s", err.text);
	setup->fleet = fleet_new();
	setup->first = &certificate_view;
	setup->first_argument = by_hand;
	setup->still = true;
	setup->examine.at_set = true;
	setup->examine.at = CHAINS_NOW;
}

static void
a_certificate_that_breaks_rules(void **state)
{
	static const char *const keys[] = { "", "End" };
	static const char *const names[] = { "certificate", "certificate-end" };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		screen_goldens(names[i], show_by_hand, NULL, keys[i]);
}

static void
an_unknown_critical_extension_is_said(void **state)
{
	struct screen *s = screen_of(&odd_one, 60, 120, "5");

	(void)state;
	assert_on(s, "✗ 1.3.6.1.4.1.99999.1, critical and not known: it is refused: 5 octets 0403010203");
	screen_close(s);
}

/* 10,000 names: the tab shows the first and counts the rest; the certificate by itself shows them all. */
static void
ten_thousand_names(void **state)
{
	enum { NAMES = 10000 };
	static char text[NAMES][24];
	static const char *names[NAMES + 1];
	struct recipe many[] = { recipes[0], recipes[1],
		{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .r = { .san = names }, .from = -49, .to = 41 }, recipes[7] };
	struct chains *before = chains;
	struct screen *s;

	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		snprintf(text[i], sizeof text[i], "DNS:n%05zu.internal", i);
		names[i] = text[i];
	}
	chains = chains_make(many, sizeof many / sizeof many[0]);
	s = screen_of(&forgotten, 60, 80, "5 PgDn");
	assert_on(s, "DNS:n00049.internal");
	assert_on(s, "and 9,950 more: Enter opens the certificate with all of them");
	screen_keys(s, "Home Enter End");
	assert_on(s, "-----END CERTIFICATE-----");
	screen_keys(s, "/");
	screen_type(s, "n09999");
	screen_keys(s, "Enter");
	assert_on(s, "DNS:n09999.internal");
	screen_close(s);
	chains_free(chains);
	chains = before;
}

/* A port that nothing listens at: no certificate of theirs, and the tabs say so. */
static void
nothing_was_seen_of_the_server(void **state)
{
	static const struct built dead = { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .how = END_RST, .by = PEER_SERVER,
		.connect = CONNECT_REFUSED };
	struct console_setup setup = { .world = world_real() };
	struct screen *s;

	(void)state;
	endpoint_screen(&setup, built_evidence(&dead));
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_keys(s, "6");
	assert_on(s, "no certificate of the server was seen");
	assert_on(s, "no certificate of ours is configured");
	screen_keys(s, "5");
	assert_on(s, "No certificate was seen");
	screen_keys(s, "4");
	assert_on(s, "✗ no connection");
	screen_close(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_of_a_forgotten_intermediate),
		cmocka_unit_test(times_that_two_clocks_tell_apart),
		cmocka_unit_test(certificates),
		cmocka_unit_test(experiments),
		cmocka_unit_test(every_experiment_and_the_stack),
		cmocka_unit_test(the_wide_hello_says_what_the_server_would_have),
		cmocka_unit_test(enter_opens_the_certificate_of_the_line),
		cmocka_unit_test(lines_mean_their_certificate),
		cmocka_unit_test(hostile_names_stand_there_escaped),
		cmocka_unit_test(a_certificate_that_breaks_rules),
		cmocka_unit_test(an_unknown_critical_extension_is_said),
		cmocka_unit_test(ten_thousand_names),
		cmocka_unit_test(nothing_was_seen_of_the_server),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
