/*
 * The fleet on the screen, by name and by cause: golden screens of the design's forty endpoints, and how
 * lists behave while results come: what is selected stays selected, nothing that is known goes away.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cJSON.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fleet_builder.h"
#include "tests/screen.h"
#include "tui/fleet.h"

static struct fleet_builder *b;

/* ---- consoles ---- */

static int64_t
now_ms(void *self)
{
	(void)self;
	return FLEET_NOW * 1000;
}

static uint64_t
ticks_us(void *self)
{
	return world_real()->ticks_us(self);
}

static void
random_bytes(void *self, unsigned char *out, size_t len)
{
	(void)self;
	memset(out, 7, len);
}

static const char *
no_env(void *self, const char *name)
{
	(void)self;
	(void)name;
	return NULL;
}

static const struct world world = { now_ms, ticks_us, random_bytes, no_env, NULL };

static void
set_up_console(struct console_setup *setup, struct fleet *f, const struct view_ops *first)
{
	*setup = (struct console_setup){ .fleet = f, .world = &world, .examine = examine_defaults, .first = first, .still = true };
	setup->examine.at_set = true;
	setup->examine.at = FLEET_NOW;
}

static void
by_name(struct console_setup *setup, void *user)
{
	(void)user;
	set_up_console(setup, fleet_builder_design(b), &fleet_view);
}

static void
by_cause(struct console_setup *setup, void *user)
{
	(void)user;
	set_up_console(setup, fleet_builder_design(b), &causes_view);
}

static struct screen *
open_screen(int rows, int columns, struct fleet *f, const struct view_ops *first)
{
	struct console_setup setup;

	set_up_console(&setup, f, first);
	return screen_open(rows, columns, SCREEN_UTF8, &setup);
}

/* A result comes in as the console hands it over: the model changes, a frame is due. */
static void
result(struct screen *s, struct entry *e, enum shape shape, int64_t at)
{
	struct console *k = screen_console(s);

	fleet_builder_check(b, console_fleet(k), e, shape, at);
	console_changed(k);
}

static struct entry *
selected(struct screen *s)
{
	return console_top(screen_console(s))->entry;
}

static const char *
top_view(struct screen *s)
{
	return console_top(screen_console(s))->ops->name;
}

static void
redraw(struct screen *s)
{
	console_changed(screen_console(s));
	console_draw(screen_console(s));
}

/* ---- golden ---- */

static void
the_fleet_by_name(void **state)
{
	(void)state;
	screen_goldens("fleet", by_name, NULL, "");
	screen_goldens("fleet_failing", by_name, NULL, "! Down");
	screen_goldens("fleet_marked", by_name, NULL, "Space Space Down Space");
}

static void
the_fleet_by_cause(void **state)
{
	(void)state;
	screen_goldens("causes", by_cause, NULL, "");
	screen_goldens("causes_ok", by_cause, NULL, "End");
	screen_goldens("causes_down", by_cause, NULL, "Down");
	screen_goldens("causes_opened", by_cause, NULL, "Enter Down");
}

static void
an_empty_one(struct console_setup *setup, void *user)
{
	set_up_console(setup, fleet_new(), user);
}

static void
nothing_to_show(void **state)
{
	(void)state;
	screen_goldens("fleet_empty", an_empty_one, (void *)(uintptr_t)&fleet_view, "");
	screen_goldens("causes_empty", an_empty_one, (void *)(uintptr_t)&causes_view, "");
}

/* One of everything, with names that want to do harm: what a list has to bear. */
static void
a_mixture(struct console_setup *setup, void *user)
{
	struct fleet *f = fleet_new();
	struct target t = { .name = NULL };
	struct error err = { .code = ERROR_NONE };

	for (int shape = 0; shape < SHAPES; shape++) {
		char name[32];

		snprintf(name, sizeof name, "service-%d", shape + 1);
		fleet_builder_check(b, f, fleet_builder_add(b, f, name), (enum shape)shape, FLEET_NOW);
	}
	fleet_waiting(f, fleet_at(f, 0), true);
	assert_int_equal(target_parse("192.0.2.9:8443", &t, &err), STATUS_OK);
	fleet_add(f, "evil\033]0;x\007\xe2\x80\xaelanretni\xe2\x80\x8b\r\nOK healthy", &t, NULL, NULL, NULL);
	fleet_waiting(f, fleet_add(f, "\xe6\x94\xaf\xe6\x89\x95\xe3\x81\x84-wide-name-of-many-columns", &t, NULL, NULL, NULL), true);
	target_done(&t);
	set_up_console(setup, f, user);
}

static void
one_of_everything(void **state)
{
	(void)state;
	screen_goldens("fleet_mixture", a_mixture, (void *)(uintptr_t)&fleet_view, "");
	screen_goldens("causes_mixture", a_mixture, (void *)(uintptr_t)&causes_view, "Down");
}

/* ---- the cursor ---- */

/* Until it is moved it stays on top, where the worst stands. */
static void
an_untouched_cursor_stays_on_top(void **state)
{
	struct fleet *f = fleet_new();

	(void)state;
	for (size_t i = 0; i < 100; i++)
		fleet_builder_add(b, f, "payment");
	struct screen *s = open_screen(24, 80, f, &fleet_view);
	redraw(s);
	assert_int_equal(selected(s)->id, 1);
	result(s, fleet_at(f, 70), SHAPE_INTERMEDIATE, FLEET_NOW);
	redraw(s);
	assert_int_equal(selected(s)->id, 71);
	result(s, fleet_at(f, 50), SHAPE_INTERMEDIATE, FLEET_NOW);
	redraw(s);
	assert_int_equal(selected(s)->id, 51);
	screen_close(s);
}

/* Once moved, it follows its endpoint through everything that comes. */
static void
a_moved_cursor_stays_with_its_endpoint(void **state)
{
	static const enum shape shapes[] = { SHAPE_OK, SHAPE_INTERMEDIATE, SHAPE_REFUSED_PORT, SHAPE_FORGOTTEN, SHAPE_WRONG_NAME,
		SHAPE_ROOT_EXPIRING };
	struct fleet *f = fleet_new();
	char name[32];

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "service-%zu", i);
		fleet_builder_add(b, f, name);
	}
	struct screen *s = open_screen(24, 80, f, &fleet_view);
	screen_keys(s, "PgDn Down Down");
	uint64_t id = selected(s)->id;
	for (size_t i = 0; i < 300; i++) {
		result(s, fleet_at(f, i * 7 % 300), shapes[i % 6], FLEET_NOW);
		redraw(s);
		assert_int_equal(selected(s)->id, id);
	}
	/* It is on the screen as well. */
	assert_true(screen_has(s, fleet_entry(f, id)->name));
	screen_close(s);
}

/* A check that is under way, and one that shows the same again, moves no row. */
static void
rows_stay_while_checked_again(void **state)
{
	struct fleet *f = fleet_builder_design(b);
	struct screen *s = open_screen(24, 80, f, &fleet_view);
	char *before, *after;

	(void)state;
	redraw(s);
	before = screen_text(s);
	for (size_t i = 0; i < 40; i++)
		fleet_waiting(f, fleet_at(f, i), true);
	redraw(s);
	assert_true(screen_has(s, "40 WAIT"));
	assert_true(screen_has(s, "WAIT  ledger-1"));
	assert_true(screen_has(s, "“Acme Issuing CA 1” expired 11:06 UTC")); /* known still */
	for (size_t i = 0; i < 40; i++) {
		enum fleet_state known = fleet_known(fleet_at(f, i));

		result(s, fleet_at(f, i), known == FLEET_FAIL ? SHAPE_INTERMEDIATE : known == FLEET_DOWN ? SHAPE_REFUSED_PORT :
		    known == FLEET_WARN ? SHAPE_ROOT_EXPIRING : SHAPE_OK, FLEET_NOW - 4);
	}
	redraw(s);
	after = screen_text(s);
	assert_string_equal(before, after);
	free(before);
	free(after);
	screen_close(s);
}

static void
back_restores_cursor_filter_and_scroll(void **state)
{
	struct screen *s = open_screen(24, 80, fleet_builder_design(b), &fleet_view);
	char *before, *after;

	(void)state;
	screen_keys(s, "/");
	screen_type(s, "expired");
	screen_keys(s, "Enter End Up");
	uint64_t id = selected(s)->id;
	before = screen_text(s);
	screen_keys(s, "Enter");
	assert_string_equal(top_view(s), "endpoint");
	screen_keys(s, "q");
	after = screen_text(s);
	assert_string_equal(before, after);
	assert_int_equal(selected(s)->id, id);
	free(before);
	free(after);
	screen_close(s);
}

/* `]` in the endpoint goes along the list; the way back leads to where one was last. */
static void
neighbours_are_those_of_the_list(void **state)
{
	struct screen *s = open_screen(24, 80, fleet_builder_design(b), &fleet_view);
	struct view *list = console_top(screen_console(s));

	(void)state;
	screen_keys(s, "/");
	screen_type(s, "payment");
	screen_keys(s, "Enter");
	struct entry *first = selected(s);
	assert_string_equal(first->name, "payment-1");
	struct entry *next = fleet_view_neighbour(list, first, 1);
	assert_string_equal(next->name, "payment-2");
	assert_ptr_equal(fleet_view_neighbour(list, next, -1), first);
	assert_null(fleet_view_neighbour(list, first, -1));
	assert_null(fleet_view_neighbour(list, first, 5));
	assert_non_null(fleet_view_neighbour(list, first, 4));
	assert_null(fleet_view_neighbour(list, fleet_named(console_fleet(screen_console(s)), "mail-1"), 1)); /* not listed */
	assert_null(fleet_view_neighbour(NULL, first, 1));
	fleet_view_neighbour(list, first, 2);
	redraw(s);
	assert_string_equal(selected(s)->name, "payment-3");
	screen_close(s);
}

/* ---- drilling down ---- */

/* Whoever had the cause stays in its list, and is seen to get well. */
static void
the_mended_stay_listed(void **state)
{
	struct fleet *f = fleet_builder_design(b);
	struct screen *s = open_screen(24, 80, f, &causes_view);

	(void)state;
	screen_keys(s, "Enter");
	assert_string_equal(top_view(s), "fleet");
	assert_true(screen_has(s, "“Acme Issuing CA 1” expired 11:06 UTC"));
	assert_true(screen_has(s, "30 of 40 endpoints"));
	for (size_t i = 0; i < 12; i++)
		if (i % 4 < 3)
			result(s, fleet_at(f, i), SHAPE_OK, FLEET_NOW);
	redraw(s);
	assert_true(screen_has(s, "30 of 40 endpoints"));
	assert_true(screen_has(s, "21 FAIL"));
	assert_true(screen_has(s, "9 OK"));
	/* Whoever gets the cause now comes in. */
	result(s, fleet_at(f, 3), SHAPE_INTERMEDIATE, FLEET_NOW);
	redraw(s);
	assert_true(screen_has(s, "31 of 40 endpoints"));
	screen_keys(s, "q");
	assert_string_equal(top_view(s), "causes");
	assert_true(screen_has(s, "ONE cause explains 22 of the 23 that do not work."));
	screen_close(s);
}

static void
enter_on_a_cause(void **state)
{
	static const struct {
		const char *keys, *view, *text;
	} cases[] = {
		{ "Enter", "fleet", "› “Acme Issuing CA 1” expired 11:06 UTC" },
		{ "Down Enter", "endpoint", "billing-3" },
		{ "End Enter", "fleet", "› 8 OK" },
		{ "g", "fleet", "40 endpoints" },
		{ "g g", "causes", "ONE cause" },
		{ "Enter g", "causes", "ONE cause" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct screen *s = open_screen(24, 80, fleet_builder_design(b), &causes_view);

		screen_keys(s, cases[i].keys);
		if (strcmp(top_view(s), cases[i].view) != 0 || !screen_has(s, cases[i].text)) {
			char *text = screen_text(s);

			fail_msg("“%s”: view %s\n%s", cases[i].keys, top_view(s), text);
		}
		screen_close(s);
	}
}

/* ---- sentences ---- */

static void
never_more_than_is_so(void **state)
{
	static const struct {
		enum shape shapes[6];
		size_t len, never;
		const char *says, *not;
	} cases[] = {
		{ { SHAPE_OK, SHAPE_ROOT_EXPIRING }, 2, 0, "Everything works.", "explain" },
		{ { SHAPE_OK }, 1, 2, "Everything that was checked works.", "Everything works" },
		{ { SHAPE_OK }, 0, 2, "2 ??", "works" },
		{ { SHAPE_OK, SHAPE_FORGOTTEN }, 2, 0, "ONE does not work.", "explain" },
		{ { SHAPE_FORGOTTEN, SHAPE_FORGOTTEN }, 2, 1, "ONE cause explains all 2 that do not work.", "of the" },
		{ { SHAPE_FORGOTTEN, SHAPE_FORGOTTEN, SHAPE_REFUSED_PORT }, 3, 0, "ONE cause explains 2 of the 3 that do not work.", "explains all" },
		{ { SHAPE_FORGOTTEN, SHAPE_FORGOTTEN, SHAPE_REFUSED_PORT, SHAPE_REFUSED_PORT }, 4, 0,
		    "2 causes explain the 4 that do not work.", "ONE" },
		{ { SHAPE_FORGOTTEN, SHAPE_WRONG_NAME, SHAPE_REFUSED_PORT }, 3, 0, "3 causes explain the 3 that do not work.", "ONE" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fleet *f = fleet_new();

		for (size_t k = 0; k < cases[i].len; k++)
			fleet_builder_check(b, f, fleet_builder_add(b, f, "one"), cases[i].shapes[k], FLEET_NOW);
		for (size_t k = 0; k < cases[i].never; k++)
			fleet_builder_add(b, f, "never");
		struct screen *s = open_screen(24, 80, f, &causes_view);
		if (!screen_has(s, cases[i].says) || screen_has(s, cases[i].not)) {
			char *text = screen_text(s);

			fail_msg("case %zu: not “%s”:\n%s", i, cases[i].says, text);
		}
		screen_close(s);
	}
}

/* “NOT” alone stood there at 80 columns. */
static void
what_is_not_yet_valid_says_so(void **state)
{
	struct fleet *f = fleet_new();
	struct screen *s;

	(void)state;
	fleet_builder_check(b, f, fleet_builder_add(b, f, "one"), SHAPE_NOT_YET, FLEET_NOW);
	s = open_screen(24, 80, f, NULL);
	if (!screen_has(s, "payment.internal      NOT YET │")) {
		char *text = screen_text(s);

		fail_msg("%s", text);
	}
	screen_close(s);
}

/* What is not known of a cause is not said of it. */
static void
details_are_known(void **state)
{
	static const struct {
		enum shape before, now; /* SHAPES: no check before */
		const char *says, *not;
	} cases[] = {
		{ SHAPES, SHAPE_INTERMEDIATE, "the same certificate in all 2", "changed" },
		{ SHAPE_OK, SHAPE_INTERMEDIATE, "the certificates: 2 OK at 11:04, the clock passed 11:06", "not the certificates" },
		{ SHAPE_INTERMEDIATE, SHAPE_INTERMEDIATE, "not the certificates: 2 WARN at 11:04, the clock passed 11:06", "d   the certificates" },
		{ SHAPE_OK, SHAPE_REFUSED_PORT, "2 OK at 11:04", "certificate" },
		{ SHAPES, SHAPE_CROSSED, "over “Acme Issuing CA 1” issued by “Acme Issuing CA 2”, from http://ca.internal", "none among" },
		{ SHAPES, SHAPE_INTERMEDIATE, "none among what was seen or is on file", "over “" },
		{ SHAPES, SHAPE_OUR_EXPIRED, "issued by “Acme Issuing CA 2”, ours", "other way" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fleet *f = fleet_new();
		struct entry *two[] = { fleet_builder_add(b, f, "one"), fleet_builder_add(b, f, "two") };

		for (size_t k = 0; k < 2; k++) {
			if (cases[i].before != SHAPES)
				fleet_builder_check(b, f, two[k], cases[i].before, CHAINS_NOW - 150);
			fleet_builder_check(b, f, two[k], cases[i].now, FLEET_NOW);
		}
		struct screen *s = open_screen(30, 120, f, &causes_view);
		if (!screen_has(s, cases[i].says) || screen_has(s, cases[i].not)) {
			char *text = screen_text(s);

			fail_msg("case %zu: not “%s”:\n%s", i, cases[i].says, text);
		}
		screen_close(s);
	}
}

/* ---- what can be done ---- */

static void
order_is_chosen(void **state)
{
	struct screen *s = open_screen(24, 80, fleet_builder_design(b), &fleet_view);

	(void)state;
	screen_keys(s, "s n"); /* by name */
	screen_keys(s, "Home");
	assert_string_equal(selected(s)->name, "audit-1");
	screen_keys(s, "S Home");
	assert_string_equal(selected(s)->name, "stock-5");
	screen_keys(s, ":");
	screen_type(s, "sort days");
	screen_keys(s, "Enter Home");
	assert_int_equal(selected(s)->ends.at, CHAINS_NOW); /* what has ended already comes first */
	screen_keys(s, ":");
	screen_type(s, "sort colour");
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "no column of that name"));
	screen_close(s);
}

static void
only_failing(void **state)
{
	struct screen *s = open_screen(24, 80, fleet_builder_design(b), &fleet_view);
	struct fleet *f = console_fleet(screen_console(s));

	(void)state;
	screen_keys(s, "! End");
	assert_true(fleet_known(selected(s)) <= FLEET_DOWN);
	assert_false(screen_has(s, "✓ OK"));
	assert_true(screen_has(s, "8 OK")); /* the counts are of all */
	/* Being checked again, they are still what fails. */
	for (size_t i = 0; i < 40; i++)
		fleet_waiting(f, fleet_at(f, i), true);
	redraw(s);
	assert_true(screen_has(s, "expired 11:06"));
	screen_keys(s, "! End");
	assert_int_equal(fleet_known(selected(s)), FLEET_OK);
	screen_close(s);
}

static size_t
waiting(struct screen *s)
{
	return fleet_counts(console_fleet(screen_console(s))).of[FLEET_WAIT];
}

/* Targets where nothing listens: a check is short, and ends. */
static struct fleet *
dead_ends(size_t len)
{
	struct fleet *f = fleet_new();
	char text[32];

	for (size_t i = 0; i < len; i++) {
		struct target t = { .name = NULL };
		struct error err = { .code = ERROR_NONE };

		snprintf(text, sizeof text, "127.0.0.1:%zu", i + 1);
		assert_int_equal(target_parse(text, &t, &err), STATUS_OK);
		fleet_add(f, NULL, &t, NULL, NULL, NULL);
		target_done(&t);
	}
	return f;
}

static void
marked_ones_are_checked(void **state)
{
	static const struct {
		const char *keys;
		size_t checked;
	} cases[] = {
		{ "r", 1 },
		{ "Space Down Space r", 2 },
		{ "Space Up Space r", 1 },      /* taken away again: the selected one */
		{ "* r", 5 },
		{ "* * r", 1 },
		{ "R", 5 },
		{ "/ 4 Enter * r", 1 },         /* only what is listed is marked, and checked */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct screen *s = open_screen(24, 80, dead_ends(5), &fleet_view);

		screen_keys(s, cases[i].keys);
		if (waiting(s) != cases[i].checked)
			fail_msg("“%s”: %zu are checked, not %zu", cases[i].keys, waiting(s), cases[i].checked);
		screen_wait(s, cases[i].checked == 5 ? "5 DOWN" : cases[i].checked == 2 ? "2 DOWN" : "1 DOWN");
		assert_int_equal(waiting(s), 0);
		screen_close(s);
	}
}

static void
a_target_is_added(void **state)
{
	struct fleet *f = fleet_new();
	struct screen *s;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		fleet_builder_check(b, f, fleet_builder_add(b, f, "payment"), SHAPE_OK, FLEET_NOW);
	s = open_screen(24, 80, f, &fleet_view);
	screen_keys(s, "a");
	screen_type(s, "127.0.0.1:4");
	screen_keys(s, "Enter");
	assert_int_equal(fleet_len(f), 4);
	struct entry *e = fleet_at(f, 3);
	assert_string_equal(e->name, "127.0.0.1:4");
	assert_ptr_equal(e->identity, fleet_at(f, 0)->identity);
	assert_ptr_equal(e->trust, fleet_at(f, 0)->trust);
	assert_true(screen_has(s, "checked with order-service, trusting root.pem"));
	screen_wait(s, "1 DOWN");
	assert_ptr_equal(selected(s), e);
	/* The same again is no second one; what is no target is said to be none. */
	screen_keys(s, ":");
	screen_type(s, "add 127.0.0.1:4");
	screen_keys(s, "Enter");
	assert_int_equal(fleet_len(f), 4);
	assert_true(screen_has(s, "in the fleet already"));
	screen_keys(s, ":");
	screen_type(s, "add host:99999");
	screen_keys(s, "Enter");
	assert_int_equal(fleet_len(f), 4);
	assert_true(screen_has(s, "99999"));
	screen_keys(s, ":");
	screen_type(s, "add smtp://127.0.0.1:5");
	screen_keys(s, "Enter");
	assert_int_equal(fleet_len(f), 5);
	screen_wait(s, "2 DOWN");
	screen_close(s);
}

/* ---- files ---- */

static size_t
lines_of_json(struct screen *s, const char *schema)
{
	struct view *v = console_top(screen_console(s));
	struct buf out = { 0 };
	size_t lines = 0;

	v->ops->json(v, &out);
	for (const char *line = buf_str(&out); *line != '\0'; line = strchr(line, '\n') + 1) {
		cJSON *o = cJSON_Parse(line);

		assert_non_null(o);
		lines += strcmp(cJSON_GetObjectItem(o, "schema")->valuestring, schema) == 0;
		cJSON_Delete(o);
	}
	buf_done(&out);
	return lines;
}

static void
written_as_json_and_text(void **state)
{
	struct fleet *f = fleet_builder_design(b);
	struct screen *s;
	struct buf out = { 0 };
	struct view *v;

	(void)state;
	fleet_builder_add(b, f, "never");
	s = open_screen(12, 40, f, &fleet_view);
	assert_int_equal(lines_of_json(s, "mtlscope.check/1"), 40);
	assert_int_equal(lines_of_json(s, "mtlscope.fleet/1"), 1);
	v = console_top(screen_console(s));
	v->ops->text(v, &out);
	/* All of it, whatever the screen has room for. */
	assert_non_null(strstr(buf_str(&out), "41 endpoints  30 FAIL  1 DOWN  1 WARN  8 OK  1 ??  checked 11:14:05\n"));
	assert_non_null(strstr(buf_str(&out), "“Acme Issuing CA 1” expired 11:06 UTC"));
	assert_non_null(strstr(buf_str(&out), "billing-3.internal:8443"));
	buf_reset(&out);
	screen_keys(s, "!");
	assert_int_equal(lines_of_json(s, "mtlscope.check/1"), 31);
	screen_keys(s, "! g");
	assert_int_equal(lines_of_json(s, "mtlscope.check/1"), 40);
	v = console_top(screen_console(s));
	v->ops->text(v, &out);
	assert_non_null(strstr(buf_str(&out), "ONE cause explains 30 of the 31 that do not work.\n"));
	buf_done(&out);
	screen_close(s);
}

/* ---- parts ---- */

static void
moments_of_today_and_before(void **state)
{
	static const struct {
		int64_t at;
		const char *text, *minute;
		bool today;
	} cases[] = {
		{ FLEET_NOW, "11:14:09", "11:14", true },
		{ CHAINS_NOW - 11 * 3600 - 400, "00:00:00", "00:00", true },
		{ CHAINS_NOW - 11 * 3600 - 401, "2026-11-17 23:59", "2026-11-17 23:59", false },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_string_equal(fleet_moment(cases[i].at * 1000, FLEET_NOW * 1000, out), cases[i].text);
		assert_string_equal(fleet_minute(cases[i].at * 1000, FLEET_NOW * 1000, out), cases[i].minute);
		assert_int_equal(fleet_today(cases[i].at * 1000, FLEET_NOW * 1000), cases[i].today);
	}
}

static int
set_up(void **state)
{
	(void)state;
	b = fleet_builder_make();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fleet_builder_free(b);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fleet_by_name),
		cmocka_unit_test(the_fleet_by_cause),
		cmocka_unit_test(nothing_to_show),
		cmocka_unit_test(one_of_everything),
		cmocka_unit_test(an_untouched_cursor_stays_on_top),
		cmocka_unit_test(a_moved_cursor_stays_with_its_endpoint),
		cmocka_unit_test(rows_stay_while_checked_again),
		cmocka_unit_test(back_restores_cursor_filter_and_scroll),
		cmocka_unit_test(neighbours_are_those_of_the_list),
		cmocka_unit_test(the_mended_stay_listed),
		cmocka_unit_test(enter_on_a_cause),
		cmocka_unit_test(never_more_than_is_so),
		cmocka_unit_test(what_is_not_yet_valid_says_so),
		cmocka_unit_test(details_are_known),
		cmocka_unit_test(order_is_chosen),
		cmocka_unit_test(only_failing),
		cmocka_unit_test(marked_ones_are_checked),
		cmocka_unit_test(a_target_is_added),
		cmocka_unit_test(written_as_json_and_text),
		cmocka_unit_test(moments_of_today_and_before),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
