/*
 * The help on screen: the keys of the screen it was asked on first, every action and every word somewhere,
 * the last line within reach at any size. (htop loses its last lines at 80×24.)
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/screen.h"
#include "tui/document.h"

static const unsigned fleet_scope = SCOPE_FLEET;

/* The scope it is asked on stands behind `user`. */
static void
show_help(struct console_setup *setup, void *user)
{
	setup->fleet = fleet_new();
	setup->first = &help_view;
	setup->first_argument = user;
	setup->still = true;
	setup->examine.at_set = true;
	setup->examine.at = 1798000000;
}

static struct screen *
open_help(int rows, int columns, enum screen_kind kind, const unsigned *scope, struct console_setup *setup)
{
	*setup = (struct console_setup){ .world = world_real() };
	show_help(setup, (void *)scope);
	return screen_open(rows, columns, kind, setup);
}

static void
as_drawn(void **state)
{
	(void)state;
	screen_goldens("help", show_help, (void *)&fleet_scope, "");
	screen_goldens("help-end", show_help, (void *)&fleet_scope, "End");
	screen_goldens("help-filter", show_help, (void *)&fleet_scope, "/ c h e c k Enter");
}

/* All of it as one text, as `:write` gives it. */
static char *
whole_text(struct screen *s)
{
	struct view *v = console_top(screen_console(s));
	struct buf b = { 0 };

	v->body->ops->write(v->body, &b);
	return b.data;
}

/* Every action and every word of the glossary is in the text, wherever it was asked. */
static void
everything_is_in_it(void **state)
{
	(void)state;
	for (unsigned scope = 1; scope <= SCOPE_EXPLAIN; scope <<= 1) {
		struct console_setup setup;
		struct screen *s = open_help(24, 80, SCREEN_UTF8, &scope, &setup);
		char *text = whole_text(s), name[64];

		for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
			snprintf(name, sizeof name, ":%s ", action_info(a)->name);
			if (strstr(text, name) == NULL)
				fail_msg("scope %#x: %s is missing in\n%s", scope, name, text);
		}
		for (enum fleet_state f = 0; f < FLEET_STATES; f++) {
			snprintf(name, sizeof name, " %s %s", fleet_state_glyph(f), fleet_state_word(f));
			assert_non_null(strstr(text, name));
		}
		assert_non_null(strstr(text, "READ-ONLY"));
		assert_non_null(strstr(text, "CHANGES ON"));
		assert_non_null(strstr(text, "PRACTICE LAB"));
		assert_non_null(strstr(text, "tmux"));
		free(text);
		screen_close(s);
	}
}

/* Going down line by line, every line is on the screen once, and the last one is the glossary's last. */
static void
every_line_can_be_read(void **state)
{
	static const int sizes[][2] = { { 24, 80 }, { 12, 40 }, { 40, 120 }, { 60, 200 }, { 10, 40 } };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct console_setup setup;
		struct screen *s = open_help(sizes[i][0], sizes[i][1], SCREEN_UTF8, &fleet_scope, &setup);
		char *text = whole_text(s), *line, *rest = text;
		size_t lines = 0;

		/* Each line in its turn comes onto the screen. A hint may stand behind it. */
		while ((line = strsep(&rest, "\n")) != NULL) {
			for (size_t tries = 0; line[0] != '\0' && !screen_has(s, line); tries++) {
				if (tries > 3)
					fail_msg("%dx%d: never seen: %s", sizes[i][1], sizes[i][0], line);
				screen_keys(s, "Down");
			}
			lines++;
		}
		assert_true(lines > 80);
		free(text);
		screen_close(s);
	}
}

static void
it_opens_and_closes(void **state)
{
	struct console_setup setup = { .world = world_real(), .fleet = fleet_new(), .first = &messages_view };
	struct screen *s = screen_open(24, 80, SCREEN_UTF8, &setup);

	(void)state;
	assert_true(screen_has(s, "? help"));
	screen_keys(s, "?");
	assert_true(screen_has(s, "messages › help"));
	screen_keys(s, "q");
	assert_false(screen_has(s, "› help"));
	screen_keys(s, "F1 Esc");
	assert_false(screen_has(s, "› help"));
	screen_close(s);
}

/* What the filter found is shown with all of its paragraph: a key never stands without what it does. */
static void
it_can_be_searched(void **state)
{
	struct console_setup setup;
	struct screen *s = open_help(12, 40, SCREEN_UTF8, &fleet_scope, &setup);

	(void)state;
	screen_keys(s, "/");
	screen_type(s, "column to sort");
	assert_true(screen_has(s, "s  :sort [COLUMN]"));
	assert_true(screen_has(s, "choose the column to sort by"));
	assert_false(screen_has(s, ":mark"));
	screen_type(s, "x");
	assert_true(screen_has(s, "Nothing matches"));
	screen_keys(s, "Esc");
	assert_true(screen_has(s, "On this screen: fleet"));
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_drawn),
		cmocka_unit_test(everything_is_in_it),
		cmocka_unit_test(every_line_can_be_read),
		cmocka_unit_test(it_opens_and_closes),
		cmocka_unit_test(it_can_be_searched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
