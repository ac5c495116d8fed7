/* The demo's first page and the walkthrough's panel, as they look at every size; what its keys and choices do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/fleet_builder.h"
#include "tests/screen.h"
#include "tui/walkthrough.h"

static struct fleet_builder *builder;
static struct world looked_at;

static int64_t
now_ms(void *self)
{
	(void)self;
	return (int64_t)FLEET_NOW * 1000;
}

static int
make_builder(void **state)
{
	(void)state;
	builder = fleet_builder_make();
	looked_at = *world_real();
	looked_at.now_ms = now_ms;
	return 0;
}

static int
free_builder(void **state)
{
	(void)state;
	fleet_builder_free(builder);
	return 0;
}

/* The forty of the design stand for the lab: its own have other certificates in every run. */
static void
lab(struct console_setup *s, void *user)
{
	static const size_t broken = 32;

	(void)user;
	*s = (struct console_setup){
		.fleet = fleet_builder_design(builder),
		.world = &looked_at,
		.examine = examine_defaults,
		.first = &lab_view,
		.first_argument = &broken,
		.practice_lab = true,
	};
}

static void
by_itself(struct console_setup *s, void *user)
{
	lab(s, user);
	s->first = &fleet_view;
	s->first_argument = NULL;
	s->walkthrough = walkthrough_named("missing-intermediate");
	s->walk_by_itself = true;
	s->walk_pace_ms = 3600 * 1000; /* nothing is pressed while it is looked at */
}

static const struct {
	const char *name;
	void (*make)(struct console_setup *s, void *user);
	const char *keys;
} screens[] = {
	{ "lab", lab, "" },
	{ "lab-free-play", lab, "Down" },
	{ "walkthrough", lab, "t" },
	{ "walkthrough-causes", lab, "Enter g" },
	{ "walkthrough-menu", lab, "t g y" },      /* a menu stands above the panel */
	{ "walkthrough-waiting", lab, "t g n" },   /* nothing lacks anything here: what it brings does not come */
	{ "walkthrough-by-itself", by_itself, "" },
};

static void
golden_screens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++)
		screen_goldens(screens[i].name, screens[i].make, NULL, screens[i].keys);
}

static struct screen *
open_lab(int rows, int columns)
{
	struct console_setup s;

	lab(&s, NULL);
	return screen_open(rows, columns, SCREEN_UTF8, &s);
}

static const struct view_ops *
top(struct screen *s)
{
	return console_top(screen_console(s))->ops;
}

/* Each choice by its key and by Enter; q comes back to the page. */
static void
choices(void **state)
{
	static const struct {
		const char *keys;
		bool walk;
	} cases[] = { { "Enter", true }, { "t", true }, { "Down Enter", false }, { "g", false } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct screen *s = open_lab(24, 80);
		screen_keys(s, cases[i].keys);
		assert_ptr_equal(top(s), &fleet_view);
		assert_int_equal(screen_has(s, "Walkthrough 1/"), cases[i].walk);
		screen_keys(s, "q");
		assert_ptr_equal(top(s), &lab_view);
		screen_close(s);
	}
}

/* The page is as wide as the screen is, also while it changes; no size is too small for it. */
static void
any_size(void **state)
{
	static const int sizes[][2] = { { 24, 80 }, { 12, 40 }, { 3, 20 }, { 1, 1 }, { 60, 200 }, { 24, 80 } };
	struct screen *s = open_lab(24, 80);

	(void)state;
	screen_keys(s, "t");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		screen_resize(s, sizes[i][0], sizes[i][1]);
		assert_int_equal(screen_has(s, "Walkthrough 1/"), sizes[i][0] >= 12);
	}
	screen_keys(s, "N q");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		screen_resize(s, sizes[i][0], sizes[i][1]);
	assert_true(screen_has(s, "32 of these 40 servers are broken on purpose."));
	screen_close(s);
}

/* One that is over is offered again; one that is under way is not started anew by its own key's neighbours. */
static void
begin_end_begin(void **state)
{
	struct screen *s = open_lab(24, 80);

	(void)state;
	screen_keys(s, "t g");
	assert_true(screen_has(s, "Walkthrough 2/"));
	screen_keys(s, "N");
	assert_false(screen_has(s, "Walkthrough "));
	assert_ptr_equal(top(s), &causes_view); /* one stays where one is */
	screen_keys(s, "n");
	assert_true(screen_has(s, "no walkthrough is under way"));
	screen_keys(s, "t");
	assert_true(screen_has(s, "Walkthrough 1/"));
	assert_ptr_equal(top(s), &fleet_view); /* where its first step stands */
	screen_close(s);
}

/* A step that does not come ends what plays by itself, with status 1, and says which; a person waits as long as they like. */
static void
a_step_that_does_not_come(void **state)
{
	static const char yaml[] = "title: t\nstart: fleet\nsteps:\n"
		"  - say: One.\n    hint: h\n    press: g\n    view: causes\n    text: CAUSE\n"
		"  - say: Two.\n    hint: h\n    press: g\n    text: never to be seen\n  - say: Three.\n";
	struct walkthrough *w = NULL;
	struct error err = { .code = ERROR_NONE };
	struct walk mine;
	int keys[WALK_KEYS_MOST];
	const struct view on = { .ops = &causes_view };

	(void)state;
	assert_int_equal(walkthrough_parse("mine", (const unsigned char *)yaml, sizeof yaml - 1, &w, &err), STATUS_OK);
	walk_start(&mine, w, true, 0, 0);
	walk_press(&mine, keys, 0);
	assert_true(walk_look(&mine, &on, "STATE CAUSE", 0));
	walk_press(&mine, keys, 0);
	assert_false(walk_look(&mine, &on, "STATE CAUSE", 1000));
	assert_true(walk_failed(&mine, (uint64_t)WALK_PATIENCE_MS * 1000));
	assert_int_equal(mine.step, 1);
	mine.by_itself = false;
	assert_false(walk_failed(&mine, (uint64_t)WALK_PATIENCE_MS * 1000));
	walkthrough_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_screens),
		cmocka_unit_test(choices),
		cmocka_unit_test(any_size),
		cmocka_unit_test(begin_end_begin),
		cmocka_unit_test(a_step_that_does_not_come),
	};

	return cmocka_run_group_tests(tests, make_builder, free_builder);
}
