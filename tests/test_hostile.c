/*
 * Certificates whose names carry ESC, CR LF, NUL, bidi and zero-width characters, the server's and
 * ours: no such byte reaches standard output or error from any report, and a finding says so.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "tests/evil.h"
#include "tests/program.h"

static struct evil evil;

static int
set_up(void **state)
{
	(void)state;
	return evil_start(&evil) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	evil_stop(&evil);
	return 0;
}

/* Safe output has new lines and, where colours were asked for, our own SGR sequences, and nothing else. */
static void
assert_harmless(const char *what, const struct buf *b, bool colours)
{
	struct buf rest = { 0 };
	unsigned flags;

	for (size_t i = 0; i < b->len; i++) {
		if (b->data[i] == '\n')
			continue;
		if (colours && b->data[i] == '\033' && i + 1 < b->len && b->data[i + 1] == '[') {
			size_t end = i + 2 + strspn(b->data + i + 2, "0123456789;");

			if (b->data[end] == 'm') {
				i = end;
				continue;
			}
		}
		buf_addc(&rest, b->data[i]);
	}
	flags = text_flags((struct text){ (const unsigned char *)rest.data, rest.len });
	if ((flags & TEXT_HOSTILE) != 0)
		fail_msg("%s: flags %#x in\n%s", what, flags, rest.data);
	buf_done(&rest);
}

static const struct {
	const char *what;
	const char *words[10]; /* @ stands for the folder, T for the target */
	bool colours;
	const char *must; /* stands in the output */
} reports[] = {
	{ "the report", { "check", "T", "--cert", "@server.pem", "--key", "@server.pem.key", "--cacert", "@root.pem" },
	    false, "cert.hostile-name" },
	{ "the report in colours", { "check", "T", "--cert", "@server.pem", "--key", "@server.pem.key", "--cacert",
	    "@root.pem", "--color", "256" }, true, "cert.hostile-name" },
	{ "the report of a refusal", { "check", "T", "--cacert", "@root.pem" }, false, "cert.hostile-name" },
	{ "JSON", { "check", "--json", "T", "--cert", "@server.pem", "--key", "@server.pem.key", "--cacert",
	    "@root.pem" }, false, "cert.hostile-name" },
	{ "our own name", { "check", "--json", "T", "--cert", "@server.pem", "--key", "@server.pem.key", "--cacert",
	    "@root.pem" }, false, "client.hostile-name" },
	{ "many targets and their causes", { "check", "T", "T", "--cacert", "@root.pem" }, false, "FAIL" },
	{ "inspect", { "inspect", "@server.pem", "@root.pem", "@server.pem.key" }, false, "cert.hostile-name" },
	{ "inspect as JSON", { "inspect", "--json", "@server.pem", "@root.pem" }, false, "cert.hostile-name" },
	{ "diff", { "diff", "@server.pem", "@root.pem" }, false, "" },
	{ "plain", { "check", "T", "--plain", "--cacert", "@root.pem" }, false, "cert.hostile-name" },
	{ "a hostile file name", { "inspect", "@a\033[31m\r\nb\xe2\x80\xae.pem" }, false, "" },
	{ "a hostile target", { "check", "evil\033[31mhost\r\n:443" }, false, "" },
	{ "a hostile option", { "check", "--\033[31m\xe2\x80\xae", "T" }, false, "" },
};

static void
no_hostile_byte_reaches_the_terminal(void **state)
{
	char target[32];

	(void)state;
	snprintf(target, sizeof target, "localhost:%d", evil.port);
	for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
		const char *argv[12] = { mtlscope() };
		char paths[10][512];
		struct run r;

		for (size_t k = 0; k < 10 && reports[i].words[k] != NULL; k++) {
			const char *word = reports[i].words[k];

			snprintf(paths[k], sizeof paths[k], "%s/%s", evil.folder, word + 1);
			argv[k + 1] = word[0] == '@' ? paths[k] : strcmp(word, "T") == 0 ? target : word;
		}
		run_program(argv, &(struct run_options){ .env = (const char *const[]){ "LC_ALL=C.UTF-8", NULL } }, &r);
		assert_harmless(reports[i].what, &r.out, reports[i].colours);
		assert_harmless(reports[i].what, &r.err, reports[i].colours);
		if (strstr(r.out.data, reports[i].must) == NULL)
			fail_msg("%s: \"%s\" is not in\n%s%s", reports[i].what, reports[i].must, r.out.data, r.err.data);
		run_done(&r);
	}
}

/* On an ASCII terminal not even our own quotation marks may come out. */
static void
ascii_is_ascii(void **state)
{
	char target[32];
	struct run r;

	(void)state;
	snprintf(target, sizeof target, "localhost:%d", evil.port);
	run_program((const char *const[]){ mtlscope(), "check", "--ascii", target, "--cacert",
	    in_folder(evil.folder, "root.pem"), NULL }, NULL, &r);
	assert_true(r.out.len > 0);
	for (size_t i = 0; i < r.out.len; i++)
		assert_true(r.out.data[i] == '\n' || (r.out.data[i] >= 0x20 && r.out.data[i] < 0x7f));
	run_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_hostile_byte_reaches_the_terminal),
		cmocka_unit_test(ascii_is_ascii),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
