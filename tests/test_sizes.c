/* Sizes that are none: what the environment claims, what a terminal that nobody told its size says. The program stays small, and usable. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/memory_terminal.h"
#include "tests/program.h"
#include "tests/vtpty.h"

/* 32,000 × 32,000 took 1.2 GB before the first frame; more was “this terminal cannot be opened”. */
static void
no_size_is_believed_that_is_none(void **state)
{
	static const struct {
		int rows, columns;
		int is_rows, is_columns;
	} cases[] = {
		{ 24, 80, 24, 80 }, { 1, 1, 1, 1 }, { 500, 1000, 500, 1000 }, { 99999999, 99999999, 500, 1000 }, { 32000, 80, 500, 80 },
		{ 24, 65535, 24, 1000 }, { -3, 80, 24, 80 }, { 0, 0, 24, 80 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct memory_terminal terminal;

		memory_terminal_open(&terminal, cases[i].rows, cases[i].columns, &(struct terminal_options){ .colours = 256 });
		if (terminal_rows() != cases[i].is_rows || terminal_columns() != cases[i].is_columns)
			fail_msg("%d × %d became %d × %d", cases[i].rows, cases[i].columns, terminal_rows(), terminal_columns());
		memory_terminal_close(&terminal);
	}
}

static long
resident_kb(pid_t pid)
{
	char path[64], line[256];
	long kb = 0;

	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "VmHWM: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

/* A shell that exported LINES and COLUMNS once: what the kernel says is true. */
static void
the_environment_lies(void **state)
{
	static const char *const lies[][3] = {
		{ "LINES=32000", "COLUMNS=32000", NULL }, { "LINES=5", "COLUMNS=9", NULL }, { "LINES=x", "COLUMNS=-1", NULL },
		{ "LINES=99999999999999999999", "COLUMNS=0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		const char *argv[] = { mtlscope(), "127.0.0.1:1", NULL };
		struct vtpty *p = vtpty_open(argv, &(struct vtpty_options){ .env = lies[i] });

		vtpty_wait(p, "connection refused");
		assert_int_equal(vtpty_find(p, "? help"), 23);
		if (resident_kb(p->pid) > 200 * 1024)
			fail_msg("%s: %ld KB", lies[i][0], resident_kb(p->pid));
		vtpty_keys(p, "q");
		assert_int_equal(vtpty_wait_end(p, 30000), 0);
		vtpty_free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_size_is_believed_that_is_none),
		cmocka_unit_test(the_environment_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
