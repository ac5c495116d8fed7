/*
 * The table of actions: every key means one thing on a screen, everything has its line of help, and the
 * README's table is the one that the program has. GENERATE=1 writes that part of the README anew.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/action.h"
#include "tui/key.h"

enum { SCREENS = 17 };

/* The n-th key of an action as a number; KEY_NONE beyond the last, -1 for a name that is none. */
static int
key_at(enum action a, size_t n)
{
	const char *name;
	size_t len = action_key_at(a, n, &name);
	int key = len > 0 ? key_named(name, len) : KEY_NONE;

	return len > 0 && key == KEY_NONE ? -1 : key;
}

static void
every_key_has_a_name_that_is_known(void **state)
{
	(void)state;
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++)
		for (size_t n = 0; key_at(a, n) != KEY_NONE; n++)
			if (key_at(a, n) == -1)
				fail_msg("%s: key %zu of \"%s\" has no such name", action_info(a)->name, n, action_info(a)->keys);
}

static void
no_key_means_two_things_on_one_screen(void **state)
{
	size_t keys = 0;

	(void)state;
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		for (size_t n = 0; key_at(a, n) != KEY_NONE; n++, keys++) {
			for (enum action b = ACTION_NONE + 1; b <= a; b++) {
				for (size_t m = 0; key_at(b, m) != KEY_NONE; m++) {
					if ((a == b && m == n) || key_at(a, n) != key_at(b, m))
						continue;
					if ((action_info(a)->scopes & action_info(b)->scopes) != 0)
						fail_msg("key %zu of %s is one of %s too", n, action_info(a)->name, action_info(b)->name);
				}
			}
		}
	}
	assert_true(keys > 40); /* the test looked at something */
}

/* Each key of each action finds it on every screen where it applies, and nowhere else. */
static void
keys_find_their_actions(void **state)
{
	(void)state;
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		for (size_t n = 0; key_at(a, n) != KEY_NONE; n++) {
			for (unsigned scope = 1; scope < 1 << SCREENS; scope <<= 1) {
				bool here = (action_info(a)->scopes & scope) != 0;
				enum action found = action_of_key(key_at(a, n), scope);

				if ((found == a) != here)
					fail_msg("key %zu of %s on screen %#x: found %s", n, action_info(a)->name, scope,
					    action_info(found)->name);
			}
		}
	}
	assert_int_equal(action_of_key('~', SCOPE_ALL), ACTION_NONE);
	assert_int_equal(action_of_key(KEY_NONE, SCOPE_ALL), ACTION_NONE);
	assert_int_equal(action_of_key(KEY_PASTE, SCOPE_ALL), ACTION_NONE);
}

static void
every_action_says_what_it_is(void **state)
{
	(void)state;
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_info *i = action_info(a);

		if (i->name[0] == '\0' || strpbrk(i->name, " :") != NULL)
			fail_msg("action %d: \"%s\" cannot be typed", (int)a, i->name);
		if (i->help[0] == '\0' || strpbrk(i->help, "\n|") != NULL)
			fail_msg("%s: its help is no line of a table", i->name);
		if (i->scopes == 0 || (i->scopes & ~(unsigned)SCOPE_ALL) != 0)
			fail_msg("%s applies on no screen, or on one that there is not", i->name);
		if (i->footer > 0 && (i->label[0] == '\0' || i->keys[0] == '\0'))
			fail_msg("%s: what stands in the footer has a key and a label", i->name);
		if (strpbrk(i->help, "\t`") != NULL || i->help[strlen(i->help) - 1] == '.')
			fail_msg("%s: \"%s\": no code, no full stop", i->name, i->help);
		if (action_named(i->name) != a)
			fail_msg("%s: the name is taken twice", i->name);
	}
	assert_int_equal(action_named("no-such"), ACTION_NONE);
	assert_int_equal(action_named(""), ACTION_NONE);
}

/* "…" at the end of a label says that a menu or a question opens: for all that do, and for them only. */
static void
labels_say_what_asks(void **state)
{
	static const enum action asks[] = { ACTION_SORT, ACTION_ADD, ACTION_COPY, ACTION_SAVE_CASE, ACTION_REPORT, ACTION_FIX, ACTION_RENEW,
		ACTION_APPLY, ACTION_RESUME, ACTION_UNDO, ACTION_ROLL_ON };

	(void)state;
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const char *label = action_info(a)->label;
		bool dots = strstr(label, "…") != NULL, wanted = false;

		for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++)
			wanted = wanted || asks[i] == a;
		if (label[0] != '\0' && dots != wanted)
			fail_msg("%s: \"%s\"", action_info(a)->name, label);
		if (dots && strcmp(label + strlen(label) - strlen("…"), "…") != 0)
			fail_msg("%s: \"%s\" goes on behind its dots", action_info(a)->name, label);
	}
}

/* tmux, screen and terminals keep letters with Ctrl for themselves: nothing that matters needs one. */
static void
no_action_needs_control(void **state)
{
	(void)state;
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		if (a == ACTION_REDRAW || a == ACTION_SUSPEND)
			continue;
		for (size_t n = 0; key_at(a, n) != KEY_NONE; n++)
			if (key_at(a, n) < KEY_SPACE && key_at(a, n) != KEY_TAB && key_at(a, n) != KEY_RETURN &&
			    key_at(a, n) != KEY_ESCAPE)
				fail_msg("%s has a key with Ctrl", action_info(a)->name);
	}
}

/* Esc goes back everywhere and leaves the program nowhere; help and commands are to be had everywhere. */
static void
keys_that_mean_the_same_everywhere(void **state)
{
	(void)state;
	for (unsigned scope = 1; scope < 1 << SCREENS; scope <<= 1) {
		assert_int_equal(action_of_key(KEY_ESCAPE, scope), ACTION_BACK);
		assert_int_equal(action_of_key('q', scope), ACTION_BACK);
		assert_int_equal(action_of_key(':', scope), ACTION_COMMAND);
		assert_int_equal(action_of_key(KEY_ARROW_UP, scope), ACTION_UP);
		assert_int_equal(action_of_key(KEY_ARROW_LEFT, scope), ACTION_OUT); /* back, where there is no branch */
		assert_int_equal(action_of_key('?', scope), scope == SCOPE_HELP ? ACTION_NONE : ACTION_HELP);
	}
	assert_int_equal(action_info(ACTION_HELP)->footer, 1);
}

static void
the_first_key_stands_for_all(void **state)
{
	char key[16];

	(void)state;
	assert_string_equal(action_key(ACTION_BACK, key, sizeof key), "q");
	assert_string_equal(action_key(ACTION_REDRAW, key, sizeof key), "C-l");
	assert_string_equal(action_key(ACTION_QUIT, key, sizeof key), "");
	assert_string_equal(action_key(ACTION_NONE, key, sizeof key), "");
}

static void
names_complete(void **state)
{
	size_t n = 0;

	(void)state;
	assert_string_equal(action_completion("write-", SCOPE_START, 0), "write-config");
	assert_null(action_completion("write-", SCOPE_START, 1));
	assert_null(action_completion("write-", SCOPE_FLEET, 0)); /* it does not apply there */
	assert_string_equal(action_completion("quit", SCOPE_FLEET, 0), "quit");
	assert_null(action_completion("nothing", SCOPE_ALL, 0));
	while (action_completion("", SCOPE_ALL, n) != NULL)
		n++;
	assert_int_equal(n, ACTION_COUNT - 1);
}

static void
screens_in_words(void **state)
{
	static const struct {
		unsigned scopes;
		const char *words;
	} cases[] = {
		{ SCOPE_ALL, "everywhere" },
		{ SCOPE_ENDPOINT, "endpoint" },
		{ SCOPE_FLEETS | SCOPE_ENDPOINT, "fleet, fleet by cause, endpoint" },
		{ SCOPE_ALL & ~SCOPE_HELP, "everywhere but help" },
		{ SCOPE_ROWS, "everywhere but start, practice lab" },
		{ SCOPE_START | SCOPE_FLEETS | SCOPE_ENDPOINT | SCOPE_MESSAGES, "start, fleet, fleet by cause, endpoint, messages" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = { 0 };

		action_screens(&b, cases[i].scopes);
		assert_string_equal(buf_str(&b), cases[i].words);
		buf_done(&b);
	}
}

#define BEGIN "<!-- keys -->\n"
#define END "<!-- /keys -->\n"

static char *
file_text(const char *path)
{
	struct buf b = { 0 };
	char part[4096];
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
		buf_add(&b, part, n);
	fclose(f);
	buf_adds(&b, "");
	return b.data;
}

static void
the_readme_has_this_table(void **state)
{
	struct buf table = { 0 }, whole = { 0 };
	char *readme = file_text("README.md");
	char *begin = strstr(readme, BEGIN), *end = strstr(readme, END);

	(void)state;
	assert_non_null(begin);
	assert_non_null(end);
	begin += strlen(BEGIN);
	action_readme(&table);
	buf_add(&whole, readme, (size_t)(begin - readme));
	buf_adds(&whole, buf_str(&table));
	buf_adds(&whole, end);
	if (getenv("GENERATE") != NULL) {
		FILE *f = fopen("README.md", "w");

		assert_non_null(f);
		assert_true(fputs(buf_str(&whole), f) >= 0);
		assert_int_equal(fclose(f), 0);
	} else if (strcmp(readme, buf_str(&whole)) != 0) {
		fail_msg("README.md has other keys than the program: GENERATE=1 build/tests/test_action writes them anew");
	}
	free(readme);
	buf_done(&table);
	buf_done(&whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_has_a_name_that_is_known),
		cmocka_unit_test(no_key_means_two_things_on_one_screen),
		cmocka_unit_test(keys_find_their_actions),
		cmocka_unit_test(every_action_says_what_it_is),
		cmocka_unit_test(labels_say_what_asks),
		cmocka_unit_test(no_action_needs_control),
		cmocka_unit_test(keys_that_mean_the_same_everywhere),
		cmocka_unit_test(the_first_key_stands_for_all),
		cmocka_unit_test(names_complete),
		cmocka_unit_test(screens_in_words),
		cmocka_unit_test(the_readme_has_this_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
