/*
 * The harness of the end-to-end tests, tried on programs whose output is known: that what it says
 * of a screen and of the wire is so. Without these, a test that finds nothing would prove nothing.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vtpty.h"

static struct vtpty *
shell(const char *script)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	return vtpty_open(argv, NULL);
}

static void
test_wire(void **state)
{
	static const struct {
		const char *script;
		unsigned osc, dcs, strings, colours, strange;
		const char *last_osc;
	} cases[] = {
		{ "printf 'plain'", 0, 0, 0, 0, 0, "" },
		{ "printf '\\033]52;c;YQ==\\007'", 1, 0, 0, 0, 0, "52;c;YQ==" }, /* ended by BEL */
		{ "printf '\\033]0;title\\033\\\\x'", 1, 0, 0, 0, 0, "0;title" }, /* ended by ST */
		{ "printf '\\033Pq#0\\033\\\\'", 0, 1, 0, 0, 0, "" },
		{ "printf '\\033_G\\033\\\\\\033^x\\033\\\\'", 0, 0, 2, 0, 0, "" },
		{ "printf '\\033[31mr\\033[0m\\033[1;7m\\033[39;49m'", 0, 0, 0, 1, 0, "" }, /* default colours are none */
		{ "printf '\\033[38;5;9mr\\033[1;44;97m'", 0, 0, 0, 3, 0, "" },
		{ "printf '\\001\\005\\177'", 0, 0, 0, 0, 3, "" },
		{ "printf '\\302\\205'", 0, 0, 0, 0, 1, "" },  /* C1 as a character */
		{ "printf '\\233'", 0, 0, 0, 0, 1, "" },       /* C1 as a byte */
		{ "printf '\\342\\234\\223 \\360\\237\\230\\200'", 0, 0, 0, 0, 0, "" }, /* continuation bytes are no C1 */
		{ "printf '\\033(B\\033)0\\016\\017'", 0, 0, 0, 0, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct vtpty *p = shell(cases[i].script);

		assert_int_equal(vtpty_wait_end(p, 30000), 0);
		if (p->wire.osc != cases[i].osc || p->wire.dcs != cases[i].dcs || p->wire.strings != cases[i].strings ||
		    p->wire.colours != cases[i].colours || p->wire.strange != cases[i].strange)
			fail_msg("%s: osc %u, dcs %u, strings %u, colours %u, strange %u", cases[i].script, p->wire.osc,
			    p->wire.dcs, p->wire.strings, p->wire.colours, p->wire.strange);
		assert_string_equal(buf_str(&p->wire.last_osc), cases[i].last_osc);
		vtpty_free(p);
	}
}

static void
test_screen(void **state)
{
	struct vtpty *p = shell("printf 'one\\n\\033[7mtwo\\033[0m\\n\\033[?1049h\\033[?25l\\033[2J\\033[H\\033[7mthree\\033[0m four'; read x;"
				"printf '\\0337\\033[?12l\\033[?25h\\0338\\033[?1049l'");
	char row[256], *text;

	(void)state;
	vtpty_wait(p, "four");
	assert_string_equal(vtpty_row(p, 0, row, sizeof row), "three four");
	assert_true(p->altscreen);
	assert_false(p->cursor_visible);
	assert_true(vtpty_reverse(p, 0, 0));
	assert_false(vtpty_reverse(p, 0, 6));
	assert_int_equal(vtpty_selected(p, 0, 0), 0);
	assert_int_equal(vtpty_selected(p, 1, 0), -1);
	vtpty_keys(p, "Enter");
	vtpty_wait_not(p, "three");
	assert_int_equal(vtpty_wait_end(p, 30000), 0);
	assert_false(p->altscreen);
	assert_true(p->cursor_visible);
	text = vtpty_text(p);
	assert_non_null(strstr(text, "one\ntwo\n"));
	free(text);
	vtpty_free(p);
}

/* What must never be in a cell is found there. */
static void
test_bad_cell(void **state)
{
	static const struct { const char *script; bool bad; } cases[] = {
		{ "printf 'plain \\342\\224\\202 \\303\\251 \\346\\274\\242'", false }, /* a line, an accent, a wide character */
		{ "printf 'a\\342\\200\\256b'", true },  /* U+202E */
		{ "printf 'a\\342\\200\\213b'", true },  /* U+200B */
		{ "printf 'a\\356\\200\\200b'", true },  /* private use */
		{ "printf 'a\\357\\273\\277b'", true },  /* U+FEFF */
	};
	char out[80];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct vtpty *p = shell(cases[i].script);

		assert_int_equal(vtpty_wait_end(p, 30000), 0);
		if ((vtpty_bad_cell(p, out, sizeof out) != NULL) != cases[i].bad)
			fail_msg("%s: %s", cases[i].script, cases[i].bad ? "nothing found" : out);
		vtpty_free(p);
	}
}

static void
test_ends(void **state)
{
	struct vtpty *p = shell("exit 7");

	(void)state;
	assert_int_equal(vtpty_wait_end(p, 30000), 7);
	vtpty_free(p);
	p = shell("echo there; read x");
	vtpty_wait(p, "there");
	assert_int_equal(vtpty_wait_end(p, 10), -1); /* it still runs */
	vtpty_signal(p, SIGTERM);
	assert_int_equal(vtpty_wait_end(p, 30000), 128 + SIGTERM);
	vtpty_free(p);
	/* A closed window: the kernel tells the session. */
	p = shell("echo there; read x; read y");
	vtpty_wait(p, "there");
	vtpty_hang_up(p);
	assert_true(vtpty_wait_end(p, 30000) >= 0);
	vtpty_free(p);
}

static void
test_size_and_silence(void **state)
{
	struct vtpty *p = shell("trap 'stty size' WINCH; echo there; while :; do read x; done");

	(void)state;
	vtpty_wait(p, "there");
	assert_true(vtpty_settle(p, 50, 2000));
	assert_int_equal(vtpty_listen(p, 100), 0);
	vtpty_resize(p, 12, 40);
	vtpty_keys(p, "Enter"); /* dash runs a trap after the read */
	vtpty_wait(p, "12 40");
	vtpty_free(p);
	p = shell("printf x; printf y >&2; read x");
	assert_true(vtpty_listen(p, 300) >= 2);
	vtpty_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_screen),
		cmocka_unit_test(test_bad_cell),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_size_and_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
