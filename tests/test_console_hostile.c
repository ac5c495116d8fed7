/*
 * What wants to paint on the terminal gets nowhere: certificates, HTTP answers, banners and file names with ESC,
 * OSC 52, CR LF, NUL, bidi and zero-width characters, on every screen and tab, in every size. No byte on the wire
 * that is not the console's own, no harmful character in any cell.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e.h"
#include "tests/evil.h"
#include "tests/program.h"
#include "tests/script_server.h"

static struct evil evil;

static int
set_up(void **state)
{
	if (e2e_set_up(state) != 0 || !evil_start(&evil))
		return -1;
	evil_talk(&evil);
	return 0;
}

static int
tear_down(void **state)
{
	evil_stop(&evil);
	return e2e_tear_down(state);
}

static void
harmless(struct vtpty *p, const char *what, const char *where)
{
	char bad[80];
	char *text;

	if (p->wire.osc == 0 && p->wire.dcs == 0 && p->wire.strings == 0 && p->wire.strange == 0 &&
	    vtpty_bad_cell(p, bad, sizeof bad) == NULL)
		return;
	text = vtpty_text(p);
	fail_msg("%s, %s: OSC %u, DCS %u, others %u, control bytes %u (last %#lx), cell %s\n%s", what, where, p->wire.osc, p->wire.dcs,
	    p->wire.strings, p->wire.strange, p->wire.strange_one, vtpty_bad_cell(p, bad, sizeof bad) != NULL ? bad : "none", text);
}

/* Presses the keys, waits for the frame, looks at all of it. */
static void
visit(struct vtpty *p, const char *what, const char *keys)
{
	vtpty_keys(p, keys);
	/* An Esc right before another key would be Alt with that key. */
	vtpty_settle(p, strstr(keys, "Esc") != NULL ? 50 : 15, 2000);
	harmless(p, what, keys);
}

/* Every tab from top to bottom, the first rows of each opened; what lies beside it; back. */
static void
visit_endpoint(struct vtpty *p, const char *what)
{
	static const char *const tabs[] = { "1", "2", "3", "4", "5", "6" };
	static const char *const beside[] = { "y", "Esc", "?", "q", "m", "q", "i", "PgDn", "q" };
	char shown[80];

	for (size_t i = 0; i < sizeof tabs / sizeof tabs[0]; i++) {
		visit(p, what, tabs[i]);
		for (int page = 0; page < 4; page++)
			visit(p, what, "PgDn");
		visit(p, what, "Home Down Down");
	}
	/* A certificate, whole. */
	visit(p, what, "1 Home Enter");
	visit(p, what, "PgDn PgDn");
	if (vtpty_find(p, "1 why") < 0 && vtpty_find(p, "[1 why]") < 0 && vtpty_find(p, "[1]") < 0)
		visit(p, what, "q");
	for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
		visit(p, what, beside[i]);
	snprintf(shown, sizeof shown, "%s, filtered", what);
	vtpty_type(p, "/spoof");
	visit(p, shown, "Enter");
	visit(p, shown, "/ C-u Enter");
}

static const struct { int rows, columns; const char *env[2]; } sizes[] = {
	{ 24, 80, { NULL } }, { 12, 40, { NULL } }, { 50, 160, { NULL } }, { 24, 80, { "LC_ALL=C", NULL } },
};

/* The lab's, ours and theirs. */
static void
endpoints_of_the_lab(void **state)
{
	static const char *const endpoints[] = { "server-hostile-name", "client-hostile-name" };

	(void)state;
	for (size_t e = 0; e < sizeof endpoints / sizeof endpoints[0]; e++) {
		struct vtpty *p = e2e_open(endpoints[e], NULL, NULL);

		vtpty_wait(p, "hostile-name");
		visit_endpoint(p, endpoints[e]);
		e2e_quit(p);
	}
}

/* Worse than the lab: root, leaf and names in every field, theirs and ours at once. */
static void
hostile_in_every_field(void **state)
{
	char target[32];
	const char *words[] = { target, "--cert", in_folder(evil.folder, "server.pem"), "--key", in_folder(evil.folder, "server.pem.key"),
		"--cacert", in_folder(evil.folder, "root.pem"), "--no-http", NULL }; /* s_server answers no request */

	(void)state;
	snprintf(target, sizeof target, "localhost:%d", evil.port);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		const struct vtpty_options opt = { .rows = sizes[i].rows, .columns = sizes[i].columns, .env = sizes[i].env };
		struct vtpty *p = e2e_run(words, &opt);

		vtpty_wait(p, "WARN");
		visit_endpoint(p, "every field");
		e2e_quit(p);
	}
}

static void
hostile_answers(void **state)
{
	const struct { const char *what; int port; const char *waits_for; } cases[] = {
		{ "HTTP", script_server_port(evil.http), "FAIL" },
		{ "a banner", script_server_port(evil.plain), "not-tls" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char target[32];
		const char *words[] = { target, "--servername", "payment.internal", "--cert", in_folder(evil.folder, "payment.pem"), "--key",
			in_folder(evil.folder, "payment.key"), "--cacert", in_folder(evil.folder, "payment-root.pem"), NULL };
		struct vtpty *p;

		snprintf(target, sizeof target, "127.0.0.1:%d", cases[i].port);
		p = e2e_run(words, NULL);
		vtpty_wait(p, cases[i].waits_for);
		visit_endpoint(p, cases[i].what);
		e2e_quit(p);
	}
}

/* In lists: the fleet by name and by cause, where causes carry names of certificates. */
static void
hostile_lists(void **state)
{
	static const char *const fleet[] = { "server-hostile-name", "client-hostile-name", "healthy-tls13", "healthy", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		const struct vtpty_options opt = { .rows = sizes[i].rows, .columns = sizes[i].columns, .env = sizes[i].env };
		struct vtpty *p = e2e_fleet(fleet, &opt, NULL);

		vtpty_wait(p, "endpoints");
		vtpty_wait_not(p, "WAIT");
		visit(p, "the fleet", "Down Down Up");
		visit(p, "sorted", "s");
		visit(p, "sorted", "Esc");
		vtpty_settle(p, 60, 1000);
		visit(p, "by cause", "g");
		for (int row = 0; row < 4; row++)
			visit(p, "by cause", "Down");
		visit(p, "by cause", "Home Enter");
		visit(p, "copying", "y");
		visit(p, "copying", "Esc");
		e2e_quit(p);
	}
}

/* Files whose names and contents are hostile, among identities; and a path that is typed. */
static void
hostile_files(void **state)
{
	const char *from = in_folder(evil.folder, "server.pem"), *argv[] = { "/bin/cp", from, NULL, NULL };
	struct vtpty *p;
	struct run r;

	(void)state;
	argv[2] = in_folder(evil.folder, "a\033]52;c;cHduZWQ=\007\r\nb\xe2\x80\xae\xff.pem");
	run_program(argv, NULL, &r);
	assert_int_equal(r.status, 0);
	run_done(&r);
	p = e2e_open("healthy", NULL, NULL);
	vtpty_wait(p, "OK");
	vtpty_type(p, ":identities ");
	vtpty_type(p, evil.folder);
	visit(p, "identities", "Enter");
	vtpty_wait(p, "identities in");
	for (int row = 0; row < 8; row++)
		visit(p, "identities", "+ Down Enter");
	visit(p, "identities", "PgDn");
	/* Pasted into a prompt, and as a command. */
	vtpty_type(p, ":\033[200~w /nonexistent/\xe2\x80\xae\xc2\x9b\x01x\xff\033[201~");
	visit(p, "a prompt", "Enter");
	visit(p, "messages", "m");
	e2e_quit(p);
}

/* What goes into the clipboard and into files is printable as well. */
static void
hostile_copies(void **state)
{
	struct vtpty *p = e2e_open("server-hostile-name", NULL, NULL);
	char *text;

	(void)state;
	vtpty_wait(p, "hostile-name");
	text = e2e_written(p, "hostile.txt");
	for (const char *c = text; *c != '\0'; c++)
		assert_true((unsigned char)*c >= ' ' || *c == '\n');
	assert_null(strstr(text, "\xe2\x80\xae"));
	free(text);
	e2e_quit(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_of_the_lab),
		cmocka_unit_test(hostile_in_every_field),
		cmocka_unit_test(hostile_answers),
		cmocka_unit_test(hostile_lists),
		cmocka_unit_test(hostile_files),
		cmocka_unit_test(hostile_copies),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
