/* Cases with the real program: --save, what it refuses, open on a terminal and without one, a TARGET that is a case. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/case.h"
#include "tests/e2e.h"
#include "tests/program.h"

#define ENDPOINT "client-missing-intermediate"
enum { WORDS = 40, CLASS_CLIENT_STATUS = 6 };

static const char *
here(const char *name)
{
	return in_folder(e2e_home, name);
}

/* check of the endpoint with these words more. */
static void
check(const char *const more[], struct run *r)
{
	const char *argv[WORDS] = { mtlscope(), "check" };
	size_t n = 2 + e2e_words(ENDPOINT, argv + 2, WORDS - 12);

	for (size_t i = 0; more[i] != NULL; i++)
		argv[n++] = more[i];
	argv[n] = NULL;
	run_program(argv, NULL, r);
}

static void
run_words(const char *const words[], struct run *r)
{
	const char *argv[WORDS] = { mtlscope() };

	for (size_t i = 0; words[i] != NULL; i++)
		argv[i + 1] = words[i];
	run_program(argv, NULL, r);
}
#define RUN(r, ...) run_words((const char *const[]){ __VA_ARGS__, NULL }, (r))

static bool
save_one(const char *file)
{
	struct run r;
	bool ok;

	check((const char *const[]){ "--save", file, NULL }, &r);
	ok = r.status == CLASS_CLIENT_STATUS && strstr(buf_str(&r.err), "without private keys; mtlscope open ") != NULL;
	run_done(&r);
	return ok;
}

/* The report, and its JSON, as the check printed them: each line of it. */
static void
without_a_terminal(void **state)
{
	const char *const names[] = { "open", "check" };
	struct run seen, opened;

	(void)state;
	check((const char *const[]){ "--save", here("one.case"), NULL }, &seen);
	for (size_t i = 0; i < 2; i++) {
		RUN(&opened, names[i], here("one.case"));
		assert_string_equal(buf_str(&seen.out), buf_str(&opened.out));
		assert_int_equal(opened.status, CLASS_CLIENT_STATUS);
		assert_int_equal(opened.err.len, 0);
		run_done(&opened);
	}
	/* Without a command, and no terminal. */
	RUN(&opened, here("one.case"));
	assert_string_equal(buf_str(&seen.out), buf_str(&opened.out));
	run_done(&opened);
	RUN(&opened, "open", here("one.case"), "--fail-on", "never");
	assert_int_equal(opened.status, 0);
	run_done(&opened);
	run_done(&seen);
}

/* One line, and nothing was contacted or written. */
static void
refusals(void **state)
{
	const struct {
		const char *words[8];
		const char *says;
	} rows[] = {
		{ { "open", NULL }, "open shows one case: mtlscope open FILE" },
		{ { "open", "a", "b" }, "open shows one case" },
		{ { "open", here("nowhere.case") }, "nowhere.case: no such file" },
		{ { "open", e2e_item(ENDPOINT, "cert") }, "is a PEM file and no case" },
		{ { "open", here("two.case"), "--cert", "x" }, "--cert" },
		{ { "check", here("two.case"), "h:1" }, "two.case is a case, and is opened by itself: mtlscope open " },
		{ { "check", here("two.case"), "--quick" }, "these have no part in it: --quick" },
		{ { "check", here("two.case"), "--save", here("x.case") }, "is a case already" },
		{ { "check", "127.0.0.1:1", "127.0.0.1:2", "--save", here("x.case") }, "--save keeps one target in one file, and there are 2" },
		{ { "check", "127.0.0.1:1", "--save", here("two.case") }, "is there already, and stays as it is; expected the name of a new file" },
		{ { "check", e2e_item(ENDPOINT, "cert") }, "is a file, not a host; to see what is in it: mtlscope inspect" },
	};

	(void)state;
	assert_true(save_one(here("two.case")));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct run r;

		run_words(rows[i].words, &r);
		if (r.status != 2 || strstr(buf_str(&r.err), rows[i].says) == NULL)
			fail_msg("%s %s: status %d, %s", rows[i].words[0], rows[i].words[1], r.status, buf_str(&r.err));
		if (strchr(buf_str(&r.err), '\n') != r.err.data + r.err.len - 1)
			fail_msg("%s: more than a line: %s", rows[i].words[0], buf_str(&r.err));
		assert_int_equal(r.out.len, 0);
		run_done(&r);
	}
	assert_int_equal(access(here("x.case"), F_OK), -1);
}

/* The check is told all the same; the status says that it was not saved. */
static void
a_place_that_cannot_be_written(void **state)
{
	struct run r;

	(void)state;
	check((const char *const[]){ "--save", here("no/such/folder/x.case"), NULL }, &r);
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(buf_str(&r.out), "client.missing-intermediate"));
	assert_non_null(strstr(buf_str(&r.err), "x.case: No such file or directory"));
	run_done(&r);
}

static void
two_compared(void **state)
{
	struct run r;

	(void)state;
	assert_true(save_one(here("a.case")));
	assert_true(save_one(here("b.case")));
	RUN(&r, "diff", here("a.case"), here("b.case"));
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(buf_str(&r.out), "No difference but the times."));
	run_done(&r);
	/* Beside a file: the certificates alone. */
	RUN(&r, "diff", here("a.case"), e2e_item(ENDPOINT, "cert"));
	assert_int_equal(r.status, 0);
	assert_null(strstr(buf_str(&r.out), "certificate “order-service”"));
	assert_non_null(strstr(buf_str(&r.out), "certificate “payment.internal”"));
	run_done(&r);
	/* One of them damaged. */
	assert_int_equal(truncate(here("b.case"), 300), 0);
	RUN(&r, "diff", here("a.case"), here("b.case"));
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(buf_str(&r.err), "b.case: byte "));
	run_done(&r);
}

static void
on_a_terminal(void **state)
{
	const char *words[] = { "open", NULL, NULL };
	struct vtpty *p;

	(void)state;
	assert_true(save_one(here("three.case")));
	words[1] = here("three.case");
	p = e2e_run(words, NULL);
	vtpty_wait(p, " CASE ");
	vtpty_wait(p, "client.missing-intermediate");
	vtpty_keys(p, "r");
	vtpty_wait(p, "this is a saved case: nothing is contacted");
	vtpty_keys(p, "3");
	vtpty_wait(p, "alert 48 unknown_ca");
	e2e_quit(p);
	/* Without its command it is the same. */
	p = e2e_run(words + 1, NULL);
	vtpty_wait(p, " CASE ");
	e2e_quit(p);
}

/* c in the console, then the case on another screen. */
static void
saved_from_the_console(void **state)
{
	struct vtpty *p = e2e_open(ENDPOINT, &(struct vtpty_options){ .home = e2e_home }, NULL);
	struct run r;

	(void)state;
	vtpty_wait(p, "client.missing-intermediate");
	vtpty_keys(p, "c");
	vtpty_wait(p, "save case as: ");
	vtpty_keys(p, "C-u");
	vtpty_type(p, "~/four.case");
	vtpty_keys(p, "Enter");
	vtpty_wait(p, "no private keys in it");
	e2e_quit(p);
	RUN(&r, "open", "--json", here("four.case"));
	assert_non_null(strstr(buf_str(&r.out), "\"root_cause\":\"client.missing-intermediate\""));
	assert_int_equal(r.status, CLASS_CLIENT_STATUS);
	run_done(&r);
}

/* --save, and the console: the first check goes into the file. */
static void
saved_as_the_console_begins(void **state)
{
	const char *file = here("five.case"), *const more[] = { "--save", file, NULL };
	struct vtpty *p = e2e_open(ENDPOINT, &(struct vtpty_options){ .home = e2e_home }, more);
	struct saved_case c;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	vtpty_wait(p, "no private keys in it");
	e2e_quit(p);
	if (case_read(file, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_non_null(strstr(c.command, "--cert "));
	assert_null(strstr(c.command, "--save"));
	case_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_terminal),
		cmocka_unit_test(refusals),
		cmocka_unit_test(a_place_that_cannot_be_written),
		cmocka_unit_test(two_compared),
		cmocka_unit_test(on_a_terminal),
		cmocka_unit_test(saved_from_the_console),
		cmocka_unit_test(saved_as_the_console_begins),
	};

	return cmocka_run_group_tests(tests, e2e_set_up, e2e_tear_down);
}
