/* The first screen where there is no fleet: what it says, and that each of its ways leads there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/program.h"
#include "tests/screen.h"

static char *folder;
static bool demo_wanted;

static int
setup_folder(void **state)
{
	(void)state;
	folder = make_folder();
	demo_wanted = false;
	return folder == NULL;
}

static int
teardown_folder(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static const char *
env(void *self, const char *name)
{
	(void)self;
	return strcmp(name, "HOME") == 0 ? "/home/me" : NULL;
}

static void
plain(struct console_setup *s, void *user)
{
	static struct world w;

	w = *world_real();
	w.env = env;
	*s = (struct console_setup){
		.fleet = fleet_new(),
		.world = &w,
		.examine = examine_defaults,
		.config_path = user,
		.demo_wanted = &demo_wanted,
		.still = true,
	};
	s->examine.at_set = true;
	s->examine.at = INT64_C(1795435200); /* 2026-11-23T12:00:00Z */
}

static struct screen *
open_at(int rows, int columns, const char *path)
{
	struct console_setup s;

	plain(&s, (void *)(uintptr_t)path);
	return screen_open(rows, columns, SCREEN_UTF8, &s);
}

static void
how_it_looks(void **state)
{
	char path[] = "/home/me/.config/mtlscope/config.yaml";

	(void)state;
	screen_goldens("start", plain, path, "");
}

static void
the_demo(void **state)
{
	struct screen *s = open_at(24, 80, "/nowhere");

	(void)state;
	screen_keys(s, "d");
	assert_true(demo_wanted);
	assert_false(console_turn(screen_console(s), 0));
	assert_int_equal(console_exit_status(screen_console(s)), 0);
	screen_close(s);
}

/* Where the caller cannot begin it, the key says how it is begun. */
static void
no_demo(void **state)
{
	struct console_setup setup;

	(void)state;
	plain(&setup, NULL);
	setup.demo_wanted = NULL;
	struct screen *s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "started from the shell: mtlscope demo"));
	screen_close(s);
}

static void
an_address(void **state)
{
	struct console_setup setup;
	char target[32];

	(void)state;
	plain(&setup, NULL);
	struct screen *s = screen_open(24, 80, SCREEN_UTF8, &setup);
	snprintf(target, sizeof target, "127.0.0.1:%d", reserve_port());
	/* No target: said, and nothing else happens. */
	screen_keys(s, "a");
	screen_type(s, "a:0");
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "a:0"));
	assert_string_equal(console_top(screen_console(s))->ops->name, "start");
	screen_keys(s, "a Esc");
	assert_string_equal(console_top(screen_console(s))->ops->name, "start");
	screen_keys(s, "Down Enter");
	screen_type(s, target);
	screen_keys(s, "Enter");
	screen_wait(s, "net.refused");
	assert_string_equal(console_top(screen_console(s))->ops->name, "endpoint");
	screen_keys(s, "q");
	assert_string_equal(console_top(screen_console(s))->ops->name, "fleet");
	screen_close(s);
}

static void
the_configuration(void **state)
{
	const char *path = in_folder(folder, "a/b/config.yaml");
	struct screen *s = open_at(24, 80, path);
	struct stat sb;

	(void)state;
	assert_true(screen_has(s, "write "));
	screen_keys(s, "w");
	screen_wait(s, "written: ");
	screen_wait(s, "yet (mtlscope fleet add)");
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0600);
	/* Once is enough. */
	screen_keys(s, "w");
	assert_true(screen_has(s, "is not written over"));
	screen_close(s);
	/* One that came into being meanwhile is left alone. */
	assert_true(write_file(path, "mine", 4));
	s = open_at(24, 80, path);
	screen_keys(s, "w");
	screen_wait(s, "is there already");
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_size, 4);
	screen_close(s);
	s = open_at(24, 80, NULL);
	screen_keys(s, "w");
	assert_true(screen_has(s, "neither XDG_CONFIG_HOME nor HOME is set"));
	screen_close(s);
}

static void
local_files(void **state)
{
	struct screen *s = open_at(24, 80, NULL);

	(void)state;
	screen_keys(s, "i");
	assert_string_equal(console_top(screen_console(s))->ops->name, "identities");
	screen_keys(s, "q");
	assert_string_equal(console_top(screen_console(s))->ops->name, "start");
	screen_close(s);
}

/* Esc never quits; q on the first screen does. */
static void
leaving(void **state)
{
	struct screen *s = open_at(12, 40, NULL);

	(void)state;
	screen_keys(s, "Esc Esc");
	assert_true(console_turn(screen_console(s), 0));
	screen_keys(s, "q");
	assert_false(console_turn(screen_console(s), 0));
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(how_it_looks, setup_folder, teardown_folder),
		cmocka_unit_test_setup_teardown(the_demo, setup_folder, teardown_folder),
		cmocka_unit_test_setup_teardown(no_demo, setup_folder, teardown_folder),
		cmocka_unit_test_setup_teardown(an_address, setup_folder, teardown_folder),
		cmocka_unit_test_setup_teardown(the_configuration, setup_folder, teardown_folder),
		cmocka_unit_test_setup_teardown(local_files, setup_folder, teardown_folder),
		cmocka_unit_test_setup_teardown(leaving, setup_folder, teardown_folder),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
