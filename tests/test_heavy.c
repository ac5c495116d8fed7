/*
 * What is large or does not fit: a certificate with 10,000 names and a word of 100,000 characters, a chain of 200,
 * a list of 4,096 CAs, names of wide and combining characters at every narrow width, a megabyte that is pasted, a
 * thousand messages. On every tab and list, at every width: nothing harmful in a cell, no key takes long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/limits.h"
#include "model/memory.h"
#include "tests/fleet_builder.h"
#include "tests/made.h"
#include "tests/screen.h"
#include "tui/key.h"

/* A key is answered within 16 ms where the machine is quiet; this is what one that is not may take. */
enum { NAMES = 10000, WORD = 100000, CHAIN = 200, LONGEST_MS = 500 };

static struct fleet_builder *builder;
static struct made heavy[CHAIN];

/* ---- making it ---- */

static void
make_chain(void)
{
	static struct pki_raw_san sans[NAMES + 1];
	static char texts[NAMES][64];
	unsigned char *word = mem_alloc(WORD);
	char cn[64];

	for (size_t i = CHAIN; i-- > 1;) {
		snprintf(cn, sizeof cn, "中文 e\xcc\x81 CA number %zu", i);
		heavy[i] = made_ca(cn, i + 1 < CHAIN ? &heavy[i + 1] : NULL);
	}
	memset(word, 'x', WORD);
	for (size_t i = 0; i < NAMES; i++) {
		snprintf(texts[i], sizeof texts[i], "host-%zu.of-a-cluster.internal", i);
		sans[i] = (struct pki_raw_san){ GEN_DNS, texts[i], strlen(texts[i]) };
	}
	sans[NAMES].type = -1;
	heavy[0] = made_issue(&(struct pki_request){ .cn_bytes = word, .cn_bytes_len = WORD, .raw_san = sans }, &heavy[1]);
	free(word);
}

static int
make(void **state)
{
	(void)state;
	builder = fleet_builder_make();
	make_chain();
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHAIN; i++)
		made_free(&heavy[i]);
	fleet_builder_free(builder);
	return 0;
}

/* The server shows the whole chain and names as many CAs as are read. */
static void
check_heavy(struct fleet *f, struct entry *e, enum shape shape)
{
	struct evidence *ev = fleet_builder_evidence(builder, e, shape, FLEET_NOW);
	struct handshake *h = ev->handshakes[0];

	for (size_t i = 0; i < h->server_certs_len; i++)
		cert_free(h->server_certs[i].cert);
	h->server_certs_len = CHAIN;
	h->server_certs = arena_array(h->arena, CHAIN, sizeof *h->server_certs);
	for (size_t i = 0; i < CHAIN; i++)
		h->server_certs[i] = (struct wire_cert){ .der = heavy[i].cert->der, .cert = cert_ref(heavy[i].cert) };
	h->request.seen = true;
	h->request.cas_len = LIMIT_CA_LIST;
	h->request.cas = arena_array(h->arena, LIMIT_CA_LIST, sizeof *h->request.cas);
	for (size_t i = 0; i < LIMIT_CA_LIST; i++)
		h->request.cas[i] = heavy[1 + i % (CHAIN - 1)].cert->subject;
	fleet_result(f, e, ev, diagnose(ev), FLEET_NOW * 1000);
}

static struct console_setup
setup_of(struct fleet *f)
{
	return (struct console_setup){ .fleet = f, .world = world_real(), .examine = examine_defaults, .still = true };
}

/* ---- looking at it ---- */

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void
no_harm(struct screen *s, const char *what)
{
	char *all = screen_text(s);

	for (char *c = all; *c != '\0'; c++)
		*c = *c == '\n' ? ' ' : *c;
	if ((text_flags(text_of(all)) & TEXT_HOSTILE) != 0)
		fail_msg("%s: a harmful character in a cell", what);
	free(all);
}

static void
quick_key(struct screen *s, const char *key)
{
	double start = now_ms(), took;

	screen_keys(s, key);
	took = now_ms() - start;
	if (took > LONGEST_MS)
		fail_msg("%s took %.0f ms", key, took);
	if (getenv("SHOW") != NULL && took > 5)
		print_message("%s %.1f ms\n", key, took);
	no_harm(s, key);
}

static void
every_screen(struct screen *s)
{
	static const char *const keys[] = { "g", "Down", "End", "g", "Enter", "1", "End", "Home", "2", "End", "Enter", "End", "q", "3", "End", "4",
		"5", "Down", "End", "PgUp", "Enter", "PgDn", "End", "q", "6", "End", "y", "Down", "Esc", "/", "x", "Backspace", "1", "Enter",
		"Esc", "]", "[", "?", "q", "q", "m", "q", "y", "Esc" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		quick_key(s, keys[i]);
}

static struct fleet *
heavy_fleet(void)
{
	static const enum shape shapes[] = { SHAPE_OK, SHAPE_FORGOTTEN, SHAPE_OUR_EXPIRED };
	struct fleet *f = fleet_new();

	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		check_heavy(f, fleet_builder_add(builder, f, i == 0 ? "heavy" : i == 1 ? "heavier" : "heaviest"), shapes[i]);
	return f;
}

static void
test_large_certificates(void **state)
{
	static const int sizes[][2] = { { 24, 80 }, { 60, 200 }, { 12, 40 }, { 5, 7 } };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct console_setup setup = setup_of(heavy_fleet());
		struct screen *s = screen_open(sizes[i][0], sizes[i][1], i == 2 ? SCREEN_ASCII : SCREEN_UTF8, &setup);

		every_screen(s);
		screen_close(s);
	}
}

/* A wide character may begin in the last column, a mark stand alone in the first. */
static void
test_wide_characters_at_every_width(void **state)
{
	static const char *const names[] = { "中文中文中文中文中文中文中文", "a中文中文中文中文中文中文中", "e\xcc\x81\xcc\x82\xcc\x83xe\xcc\x81",
		"\xcc\x81 begins with a mark", "😀😀😀😀😀😀😀😀😀😀", ("a\033[31m\r\nb\xe2\x80\xae" "c\xff") };
	struct fleet *f = fleet_new();
	struct target t = { .name = NULL };
	struct error err = { .code = ERROR_NONE };
	struct console_setup setup;
	struct screen *s;
	char *longest = mem_zero(4001, 1);

	(void)state;
	memset(longest, 'n', 4000);
	assert_int_equal(target_parse("127.0.0.1:1", &t, &err), STATUS_OK);
	for (size_t i = 0; i <= sizeof names / sizeof names[0]; i++) {
		struct entry *e = fleet_add(f, i < sizeof names / sizeof names[0] ? names[i] : longest, &t, NULL, NULL, NULL);

		check_heavy(f, e, i % 2 == 0 ? SHAPE_OK : SHAPE_FORGOTTEN);
	}
	free(longest);
	target_done(&t);
	setup = setup_of(f);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	for (int columns = 1; columns <= 45; columns++) {
		screen_resize(s, columns % 2 == 0 ? 24 : 12, columns);
		every_screen(s);
	}
	screen_close(s);
}

/* ---- what is typed ---- */

static void
type_many(struct screen *s, size_t n, int key)
{
	for (size_t i = 0; i < n; i++)
		console_key(screen_console(s), i % 5 == 0 ? 0x4e2d : key);
}

static void
test_a_megabyte_that_is_pasted(void **state)
{
	struct console_setup setup = setup_of(heavy_fleet());
	struct screen *s = screen_open(24, 80, SCREEN_UTF8, &setup);
	double start = now_ms();

	(void)state;
	screen_keys(s, ":");
	console_key(screen_console(s), KEY_PASTE);
	type_many(s, 1 << 20, 'p');
	console_key(screen_console(s), KEY_PASTE_END);
	console_draw(screen_console(s));
	no_harm(s, "a pasted command");
	screen_keys(s, "Enter /");
	console_key(screen_console(s), KEY_PASTE);
	type_many(s, 1 << 20, 'p');
	console_key(screen_console(s), KEY_PASTE_END);
	console_draw(screen_console(s));
	screen_keys(s, "Enter");
	no_harm(s, "a pasted filter");
	assert_true(screen_has(s, "0 of 3"));
	screen_keys(s, "Esc");
	assert_false(screen_has(s, "0 of 3"));
	if (getenv("SHOW") != NULL)
		print_message("2 MB pasted: %.0f ms\n", now_ms() - start);
	if (now_ms() - start > 5000)
		fail_msg("two pasted megabytes took %.0f ms", now_ms() - start);
	screen_close(s);
}

static void
test_a_long_filter_and_many_messages(void **state)
{
	struct console_setup setup = setup_of(heavy_fleet());
	struct screen *s = screen_open(24, 80, SCREEN_UTF8, &setup);

	(void)state;
	screen_keys(s, "/");
	type_many(s, 1000, 'x');
	console_draw(screen_console(s));
	no_harm(s, "a long filter");
	assert_true(screen_has(s, "0 of 3"));
	screen_keys(s, "C-u");
	assert_true(screen_has(s, "3 of 3"));
	screen_keys(s, "Esc");
	for (int i = 0; i < 1500; i++)
		console_say(screen_console(s), ROLE_TEXT, "message %d, and \033[31m\xe2\x80\xae what else there is to say of it: %0900d", i, i);
	quick_key(s, "m");
	quick_key(s, "End");
	quick_key(s, "PgUp");
	quick_key(s, "/");
	quick_key(s, "7");
	quick_key(s, "Home");
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_certificates),
		cmocka_unit_test(test_wide_characters_at_every_width),
		cmocka_unit_test(test_a_megabyte_that_is_pasted),
		cmocka_unit_test(test_a_long_filter_and_many_messages),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
