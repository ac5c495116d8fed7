/* Dialogs and prompts of the console whose ground moves: others come, the walkthrough goes elsewhere, the program ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/fleet_builder.h"
#include "tests/screen.h"
#include "tui/key.h"
#include "tui/walkthrough.h"

static struct fleet_builder *builder;
static int asked, said_yes;

static int
make(void **state)
{
	(void)state;
	builder = fleet_builder_make();
	asked = said_yes = 0;
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	fleet_builder_free(builder);
	return 0;
}

static struct console_setup
setup_of(void)
{
	struct console_setup s = { .fleet = fleet_builder_design(builder), .world = world_real(), .examine = examine_defaults,
		.still = true };

	s.examine.at_set = true;
	s.examine.at = FLEET_NOW;
	return s;
}

static struct screen *
opened(void)
{
	struct console_setup setup = setup_of();

	return screen_open(24, 80, SCREEN_UTF8, &setup);
}

static void
answered(struct console *k, int yes, void *user)
{
	(void)k;
	(void)user;
	asked++;
	said_yes += yes;
}

static void
ask(struct screen *s, const char *title)
{
	console_dialog(screen_console(s), dialog_question(title, "Is it so?", "It is", answered, NULL));
	console_draw(screen_console(s));
}

/* A file that was to be written exists, while the copy menu is open: the question took the menu away, and with two of them one was never answered. */
static void
test_questions_wait_for_each_other(void **state)
{
	struct screen *s = opened();

	(void)state;
	screen_keys(s, "s");
	assert_true(screen_has(s, "sort by"));
	ask(s, "first");
	ask(s, "second");
	assert_true(screen_has(s, "sort by"));
	assert_false(screen_has(s, "first"));
	screen_keys(s, "Esc");
	assert_true(screen_has(s, "first"));
	assert_int_equal(asked, 0);
	screen_keys(s, "Tab Enter");
	assert_true(screen_has(s, "second"));
	assert_int_equal(said_yes, 1);
	screen_keys(s, "Enter");
	assert_false(screen_has(s, "Is it so?"));
	assert_int_equal(asked, 2);
	assert_int_equal(said_yes, 1);
	screen_close(s);
}

/* What a question keeps is freed by its answer: there is one in the end, too. */
static void
test_the_end_answers_no(void **state)
{
	struct screen *s = opened();

	(void)state;
	ask(s, "first");
	ask(s, "second");
	screen_close(s);
	assert_int_equal(asked, 2);
	assert_int_equal(said_yes, 0);
}

static void
left(struct console *k, void *user)
{
	(void)k;
	(void)user;
	asked++;
}

static void
test_the_end_leaves_a_prompt(void **state)
{
	struct screen *s = opened();

	(void)state;
	console_ask(screen_console(s), &(struct asking){ .label = "what? ", .text = "", .left = left });
	screen_close(s);
	assert_int_equal(asked, 1);
}

/* The menu is about the screen that the walkthrough leaves: answering it wrote into freed memory. */
static void
test_the_walkthrough_leaves_what_is_asked(void **state)
{
	static const char yaml[] = "title: a title\nstart: fleet\nsteps:\n"
		"  - say: One.\n    hint: to go on\n    press: Down\n    view: messages\n  - say: That was all.\n";
	struct console_setup setup = setup_of();
	struct walkthrough *w = NULL;
	struct error err = { .code = ERROR_NONE };
	struct screen *s;

	(void)state;
	assert_int_equal(walkthrough_parse("mine", (const unsigned char *)yaml, strlen(yaml), &w, &err), STATUS_OK);
	setup.practice_lab = setup.walk_by_itself = true;
	setup.walkthrough = w;
	setup.walk_pace_ms = 1;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_keys(s, "i s");
	assert_true(screen_has(s, "sort by"));
	while (console_top(screen_console(s))->ops != &fleet_view)
		assert_true(console_turn(screen_console(s), 1000));
	console_draw(screen_console(s));
	assert_false(screen_has(s, "sort by"));
	screen_keys(s, "Enter");
	screen_close(s);
	walkthrough_free(w);
}

static const struct cert *about;

static void
chosen(struct console *k, int value, void *user)
{
	(void)value;
	(void)user;
	about = console_top(k)->cert;
}

/* A result between the menu and Enter: what was copied was a certificate that had been freed. */
static void
test_an_answer_is_about_what_is_there_now(void **state)
{
	static const struct choice one = { .key = 'f', .label = "fingerprint" };
	struct screen *s = opened();
	struct console *k = screen_console(s);
	struct entry *e;

	(void)state;
	screen_keys(s, "End Enter 2");
	e = console_top(k)->entry;
	console_dialog(k, dialog_menu("copy", &one, 1, 0, chosen, NULL));
	fleet_builder_check(builder, console_fleet(k), e, SHAPE_INTERMEDIATE, FLEET_NOW);
	console_changed(k);
	screen_keys(s, "Enter");
	assert_non_null(about);
	assert_ptr_equal(about, e->diagnosis->root->certificate);
	screen_close(s);
}

/* The rest of a paste would answer a question that came meanwhile; and its end was lost, so that Enter was text from then on. */
static void
test_a_paste_is_no_answer(void **state)
{
	struct screen *s = opened();
	struct console *k = screen_console(s);

	(void)state;
	screen_keys(s, ":");
	console_key(k, KEY_PASTE);
	screen_keys(s, "n o");
	ask(s, "first");
	screen_keys(s, "Tab Enter t C-z");
	console_key(k, KEY_PASTE_END);
	assert_int_equal(asked, 0);
	screen_keys(s, "Esc");
	assert_int_equal(asked, 1);
	assert_int_equal(said_yes, 0);
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "there is no command “no"));
	/* The same outside of a prompt. */
	console_key(k, KEY_PASTE);
	ask(s, "second");
	screen_keys(s, "Tab Enter q Esc");
	assert_int_equal(asked, 1);
	console_key(k, KEY_PASTE_END);
	screen_keys(s, "Esc");
	assert_int_equal(asked, 2);
	assert_int_equal(said_yes, 0);
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_questions_wait_for_each_other, make, unmake),
		cmocka_unit_test_setup_teardown(test_the_end_answers_no, make, unmake),
		cmocka_unit_test_setup_teardown(test_the_end_leaves_a_prompt, make, unmake),
		cmocka_unit_test_setup_teardown(test_the_walkthrough_leaves_what_is_asked, make, unmake),
		cmocka_unit_test_setup_teardown(test_an_answer_is_about_what_is_there_now, make, unmake),
		cmocka_unit_test_setup_teardown(test_a_paste_is_no_answer, make, unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
