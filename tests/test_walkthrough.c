/*
 * Walkthroughs: what their files may say, what ends a step, when one that plays by itself presses and gives up, and
 * whether the built-in ones are fit to be shown. How they play in the program: test_demo.c.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/text.h"
#include "tui/key.h"
#include "tui/walkthrough.h"
#include "tui/wrap.h"

enum { MS = 1000, NARROW = 80, PANEL_LINES = 3 };

#define HEAD "title: a title\nstart: fleet\nsteps:\n"
#define LAST "  - say: That was all.\n"

static status
parse(const char *yaml, struct walkthrough **out, struct error *err)
{
	*err = (struct error){ .code = ERROR_NONE };
	return walkthrough_parse("mine", (const unsigned char *)yaml, strlen(yaml), out, err);
}

static void
a_small_one(void **state)
{
	struct walkthrough *w = NULL;
	struct error err;

	(void)state;
	assert_int_equal(parse("title: a title\nstart: fleet\nendpoint: x\nsteps:\n"
			       "  - say: >-\n      One\n      two.\n    hint: to go on\n    press: g Enter\n    view: causes\n    text: CAUSE\n"
			       "    gone: WAIT\n" LAST, &w, &err), STATUS_OK);
	assert_string_equal(w->name, "mine");
	assert_string_equal(w->title, "a title");
	assert_string_equal(w->start, "fleet");
	assert_string_equal(w->endpoint, "x");
	assert_int_equal(w->len, 2);
	assert_string_equal(w->steps[0].say, "One two.");
	assert_string_equal(w->steps[0].hint, "to go on");
	assert_string_equal(w->steps[0].press, "g Enter");
	assert_string_equal(w->steps[0].view, "causes");
	assert_string_equal(w->steps[0].text, "CAUSE");
	assert_string_equal(w->steps[0].gone, "WAIT");
	assert_string_equal(w->steps[1].press, "");
	assert_string_equal(w->steps[1].hint, "");
	assert_null(w->steps[1].view);
	walkthrough_free(w);
	walkthrough_free(NULL);
}

static const struct {
	const char *yaml, *says;
} wrong[] = {
	{ "", "" },
	{ "title: [", "" },
	{ "start: fleet\nsteps:\n" LAST, "title" },                              /* no title */
	{ "title: a\nsteps:\n" LAST, "start" },                                  /* nowhere to begin */
	{ "title: a\nstart: fleet\n", "steps" },
	{ HEAD "  - say: x\n    presss: g\n" LAST, "presss" },                   /* a slip in a name */
	{ HEAD "  - hint: x\n" LAST, "say" },
	{ HEAD "  - say: \"\"\n" LAST, "step 1 says nothing" },
	{ HEAD "  - say: x\n    press: g\n    view: causes\n" LAST, "hint" },      /* keys, and no word of what they do */
	{ HEAD "  - say: x\n    press: g\n    hint: to go\n" LAST, "nothing that tells when" }, /* it would never end */
	{ HEAD "  - say: x\n" LAST, "no keys" },
	{ HEAD "  - say: x\n    press: g g g g g g g g g g g g g g g g g\n    hint: h\n    view: v\n" LAST, "too many" },
};

static void
mistakes_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct walkthrough *w = NULL;
		struct error err;
		if (parse(wrong[i].yaml, &w, &err) == STATUS_OK)
			fail_msg("taken: %s", wrong[i].yaml);
		assert_null(w);
		assert_int_equal(err.code, ERROR_INTERNAL);
		if (strncmp(err.text, "mine: ", 6) != 0 || strstr(err.text, wrong[i].says) == NULL)
			fail_msg("“%s” does not say “%s”", err.text, wrong[i].says);
	}
}

/* ---- what ends a step ---- */

static const struct step steps[] = {
	{ .say = "One.", .hint = "h", .press = "g /ab Enter", .view = "causes", .text = "two", .gone = "three" },
	{ .say = "Two.", .hint = "h", .press = "Esc", .gone = "menu" },
	{ .say = "Three.", .hint = "", .press = "" },
};
static const struct walkthrough three = { .name = "three", .title = "t", .start = "fleet", .steps = (struct step *)steps, .len = 3 };

static const struct view_ops causes = { .name = "causes" }, fleet = { .name = "fleet" };
static const struct view on_causes = { .ops = &causes }, on_fleet = { .ops = &fleet };

static void
conditions(void **state)
{
	struct walk w;

	(void)state;
	walk_start(&w, &three, false, 0, 0);
	assert_string_equal(walk_place(&w), "fleet");
	assert_false(walk_look(&w, &on_fleet, "one two", 0));         /* another view */
	assert_false(walk_look(&w, &on_causes, "one\n", 0));          /* not its text */
	assert_false(walk_look(&w, &on_causes, "two and three", 0));  /* what is to be gone is there */
	assert_int_equal(w.step, 0);
	/* Whoever did it: nobody asked for the keys. */
	assert_true(walk_look(&w, &on_causes, "one\ntwo\n", 0));
	assert_int_equal(w.step, 1);
	assert_string_equal(walk_place(&w), "causes");
	assert_false(walk_look(&w, &on_causes, "a menu", 0));
	assert_true(walk_look(&w, &on_fleet, "nothing", 0));
	/* The last one has no condition: no screen ends it. */
	assert_false(walk_look(&w, &on_causes, "two", 0));
	assert_ptr_equal(w.of, &three);
	int keys[WALK_KEYS_MOST];
	assert_int_equal(walk_press(&w, keys, 0), 0);
	assert_null(w.of);
	assert_false(walk_look(&w, &on_causes, "two", 0));
	assert_int_equal(walk_rows(&w, 24, 80), 0);
	assert_int_equal(walk_due_ms(&w, 0), -1);
}

static void
keys_of_a_step(void **state)
{
	static const int expected[] = { 'g', '/', 'a', 'b', KEY_RETURN };
	int keys[WALK_KEYS_MOST];
	struct walk w;

	(void)state;
	walk_start(&w, &three, false, 0, 0);
	assert_int_equal(walk_press(&w, keys, 0), 5);
	assert_memory_equal(keys, expected, sizeof expected);
	assert_int_equal(w.step, 0); /* they are pressed; the screen says when that has done it */
	/* A screen that is too small for what they brought must not hold anybody: `n` again leads on. */
	assert_int_equal(walk_press(&w, keys, 0), 0);
	assert_int_equal(w.step, 1);
	assert_false(w.pressed);
}

static void
by_itself(void **state)
{
	int keys[WALK_KEYS_MOST];
	struct walk w;

	(void)state;
	walk_start(&w, &three, false, 400, 0);
	assert_int_equal(walk_due_ms(&w, 10000000), -1); /* a person does it: nothing is ever due */
	walk_press(&w, keys, 0);
	assert_false(walk_failed(&w, UINT64_C(3600) * 1000 * MS));

	walk_start(&w, &three, true, 400, 5 * MS);
	assert_int_equal(walk_due_ms(&w, 5 * MS), 400);
	assert_int_equal(walk_due_ms(&w, 404 * MS + 1), 1); /* never early */
	assert_int_equal(walk_due_ms(&w, 405 * MS), 0);
	walk_press(&w, keys, 405 * MS);
	assert_int_equal(walk_due_ms(&w, 405 * MS), WALK_PATIENCE_MS);
	assert_false(walk_failed(&w, 405 * MS));
	assert_false(walk_failed(&w, (405 + WALK_PATIENCE_MS - 1) * MS));
	assert_true(walk_failed(&w, (405 + WALK_PATIENCE_MS) * MS));
	/* The next step has its own time. */
	assert_true(walk_look(&w, &on_causes, "two", 1000 * MS));
	assert_int_equal(walk_due_ms(&w, 1000 * MS), 400);
	assert_false(walk_failed(&w, (1000 + WALK_PATIENCE_MS) * MS)); /* nothing was pressed yet */
	/* Without a pace it is due at once. */
	walk_start(&w, &three, true, 0, 77);
	assert_int_equal(walk_due_ms(&w, 77), 0);
}

/* ---- the built-in ones ---- */

static bool
is_view(const char *name)
{
	static const struct view_ops *const views[] = { &fleet_view, &causes_view, &endpoint_view, &plan_view, &changes_view };

	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
		if (strcmp(views[i]->name, name) == 0)
			return true;
	return false;
}

/* A key's name, or a prompt's key and what is typed behind it. */
static bool
is_pressed(const char *word, size_t len)
{
	return key_named(word, len) != KEY_NONE || word[0] == '/' || word[0] == ':';
}

static void
expect_step(const struct walkthrough *w, size_t i)
{
	const struct step *s = &w->steps[i];

	if (s->view != NULL && !is_view(s->view))
		fail_msg("%s, step %zu: no view is called %s", w->name, i + 1, s->view);
	for (const char *word = s->press; *word != '\0'; word += strspn(word, " ")) {
		size_t len = strcspn(word, " ");
		if (!is_pressed(word, len))
			fail_msg("%s, step %zu: “%.*s” is no key", w->name, i + 1, (int)len, word);
		word += len;
	}
	/* A blank at each side of the panel. */
	if (wrap_lines(s->say, NARROW - 2) > PANEL_LINES)
		fail_msg("%s, step %zu: more than %d lines at %d columns", w->name, i + 1, PANEL_LINES, NARROW);
	size_t keys = text_columns("press ") + text_columns(s->press) + 2 + text_columns(s->hint);
	if (keys > NARROW - text_columns("n: done for you  N: end") - 4)
		fail_msg("%s, step %zu: keys and hint are too long: %zu columns", w->name, i + 1, keys);
}

static void
built_in(void **state)
{
	const char *const *names = walkthrough_names();

	(void)state;
	assert_string_equal(names[0], "missing-intermediate");
	assert_null(walkthrough_named("missing"));
	for (size_t n = 0; names[n] != NULL; n++) {
		const struct walkthrough *w = walkthrough_named(names[n]);
		assert_non_null(w);
		assert_true(is_view(w->start));
		assert_true(w->len >= 3);
		for (size_t i = 0; i < w->len; i++)
			expect_step(w, i);
	}
}

/* The panel is as high for every step, leaves the screen most of its rows, and is never higher than what it says. */
static void
panel_rows(void **state)
{
	static const struct {
		int rows, columns, least, most;
	} cases[] = { { 12, 40, 3, 3 }, { 24, 80, 4, 5 }, { 40, 120, 4, 7 }, { 60, 200, 3, 5 } };
	struct walk w;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		walk_start(&w, walkthrough_named("missing-intermediate"), false, 0, 0);
		int first = walk_rows(&w, cases[i].rows, cases[i].columns);
		if (first < cases[i].least || first > cases[i].most)
			fail_msg("%d rows at %d×%d", first, cases[i].columns, cases[i].rows);
		w.step = w.of->len - 1;
		assert_int_equal(walk_rows(&w, cases[i].rows, cases[i].columns), first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_one),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(conditions),
		cmocka_unit_test(keys_of_a_step),
		cmocka_unit_test(by_itself),
		cmocka_unit_test(built_in),
		cmocka_unit_test(panel_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
