/*
 * Plans on screen: shown, asked about, applied beside the screen, with the verdict from before and after; how one that
 * stopped goes on or back; the record of changes; and that a read-only console changes nothing, whatever is pressed.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/plan_store.h"
#include "model/memory.h"
#include "tests/plan_console.h"
#include "tests/program.h"
#include "tui/console_parts.h"
#include "tui/copy_texts.h"
#include "tui/plan_screen.h"

static struct plan_console c;

static const struct size {
	int rows, columns;
	enum screen_kind kind;
} sizes[] = { { 12, 40, SCREEN_UTF8 }, { 24, 80, SCREEN_UTF8 }, { 40, 120, SCREEN_UTF8 }, { 24, 80, SCREEN_ASCII }, { 24, 80, SCREEN_MONO } };
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static int
set_up(void **state)
{
	(void)state;
	plan_console_start(&c);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	plan_console_done(&c);
	return 0;
}

static struct screen *
open_sized(const struct size *size, bool allow)
{
	struct console_setup setup;

	plan_console_setup(&c, &setup);
	setup.allow_changes = allow;
	return screen_open(size->rows, size->columns, size->kind, &setup);
}

static struct screen *
open_screen(void)
{
	return open_sized(&sizes[1], true);
}

/* f, and the plan is there. */
static struct screen *
open_plan(void)
{
	struct screen *s = open_screen();

	screen_keys(s, "f");
	screen_wait(s, "write order.crt");
	return s;
}

/* A plan is one endpoint's: how many others have the same cause stands where it is decided on, from the fleet by cause too. */
static void
others_with_the_same_cause(void **state)
{
	static const struct {
		size_t others;
		const char *says;
	} cases[] = { { 0, "write order.crt" }, { 1, "1 more has this cause" }, { 2, "2 more have this cause" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct console_setup setup;
		struct screen *s;

		plan_console_begin(&c);
		plan_console_setup(&c, &setup);
		setup.first = &causes_view;
		for (size_t n = 0; n < cases[i].others; n++) {
			struct entry *other = fleet_add(setup.fleet, n == 0 ? "shop" : "stock", &c.entry->target, NULL, NULL, NULL);
			struct evidence *ev;
			struct diagnosis *d = pages_give(c.pages, PAGES_FORGOTTEN, &ev);

			fleet_result(setup.fleet, other, ev, d, CHAINS_NOW * 1000);
		}
		s = screen_open(24, 80, SCREEN_UTF8, &setup);
		screen_keys(s, "f");
		screen_wait(s, cases[i].says);
		if (cases[i].others == 0)
			assert_false(screen_has(s, "this cause"));
		screen_close(s);
	}
}

static void
is_untouched(const char *what)
{
	if (strcmp(plan_console_text(&c, "tls.crt"), PLAN_OLD) != 0 || strcmp(plan_console_text(&c, "fresh.pem"), "(none)") != 0 ||
	    strcmp(plan_console_text(&c, "reloads"), "(none)") != 0)
		fail_msg("%s: something was changed", what);
	if (access(c.record, F_OK) == 0)
		fail_msg("%s: something was recorded", what);
}

/* ---- pictures ---- */

static void
golden_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		plan_console_begin(&c);
		struct screen *s = open_sized(&sizes[i], true);

		screen_keys(s, "f");
		screen_wait(s, "PLAN");
		screen_golden(s, "plan-before");
		screen_keys(s, "a");
		screen_golden(s, "plan-question");
		screen_close(s);
	}
}

static void
golden_under_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		plan_console_begin(&c);
		c.kind = PLAN_HANGS;
		struct screen *s = open_sized(&sizes[i], true);

		screen_keys(s, "f");
		screen_wait(s, "PLAN");
		screen_keys(s, "a Right Enter");
		screen_wait(s, "applying step 2 of 3");
		screen_golden(s, "plan-under-way");
		plan_console_go_on(&c);
		screen_wait(s, "plan 1 is done");
		screen_close(s);
	}
}

static void
golden_done(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		plan_console_begin(&c);
		struct screen *s = open_sized(&sizes[i], true);

		screen_keys(s, "f");
		screen_wait(s, "PLAN");
		screen_keys(s, "a Right Enter");
		screen_wait(s, "plan 1 is done");
		plan_console_seen(&c, s, PAGES_ACCEPTED);
		screen_wait(s, "MENDED");
		screen_keys(s, "Down");
		screen_golden(s, "plan-done");
		screen_close(s);
	}
}

static void
golden_stopped(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		plan_console_begin(&c);
		c.kind = PLAN_FAILS;
		assert_true(write_file(plan_console_in(&c, "broken"), "", 0));
		struct screen *s = open_sized(&sizes[i], true);

		screen_keys(s, "f");
		screen_wait(s, "PLAN");
		screen_keys(s, "a Right Enter");
		screen_wait(s, "plan 1 stopped");
		screen_keys(s, "Down");
		screen_golden(s, "plan-stopped");
		screen_close(s);
	}
}

/* A plan by hand in the record: where it stands is said in these words. */
static void
record(struct changes *r, const char *title, const char *state, int64_t done)
{
	struct change of = { .began = (CHAINS_NOW - 4000), .ended = strcmp(state, "done") == 0 ? CHAINS_NOW - 3600 : INT64_MIN, .kind = "fix", .title = title,
		.target = "payment", .code = "client.missing-intermediate", .state = state, .steps = 3, .done = done, .document = "{}" };
	struct error err = { .code = ERROR_NONE };

	if (changes_put(r, &of, "begins", &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

static void
fill_record(void)
{
	struct changes *r = plan_console_record(&c);

	record(r, "a new certificate for order-service", "done", 3);
	record(r, "put “Acme Issuing CA 1” into order.crt", "undone", 0);
	record(r, "evil\033]0;x\007 title", "stopped", 1);
	record(r, "renew payment.internal", "applying", 2);
	changes_close(r);
	plan_console_hosts(&c, "bastion-2");
}

static void
golden_log(void **state)
{
	(void)state;
	plan_console_begin(&c);
	fill_record();
	for (size_t i = 0; i < SIZES; i++) {
		struct screen *s = open_sized(&sizes[i], true);

		screen_keys(s, "L");
		screen_wait(s, "4 plans");
		screen_wait(s, "CUT OFF");
		screen_keys(s, "Down");
		screen_golden(s, "changes");
		screen_close(s);
	}
}

/* ---- to its end ---- */

static void
applied_and_taken_back(void **state)
{
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	s = open_plan();
	assert_true(screen_has(s, "nothing has been changed"));
	is_untouched("shown");
	/* Enter alone is Cancel. */
	screen_keys(s, "a Enter");
	is_untouched("asked");
	screen_keys(s, "a Esc");
	is_untouched("Esc");
	screen_keys(s, "a Right Enter");
	screen_wait(s, "3 of 3 steps done");
	assert_true(screen_has(s, "before: FAIL client.missing-intermediate · now: looking again"));
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_NEW);
	assert_string_equal(plan_console_text(&c, "reloads"), "reloaded\n");
	plan_console_seen(&c, s, PAGES_ACCEPTED);
	screen_wait(s, "MENDED: 3 of 3");
	assert_true(screen_has(s, "now: OK"));
	/* It is done: it is not done again. */
	screen_keys(s, "a");
	assert_true(screen_has(s, "it is done"));
	screen_keys(s, "u");
	assert_true(screen_has(s, "byte for byte"));
	screen_keys(s, "Right Enter");
	screen_wait(s, "UNDONE");
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_OLD);
	assert_string_equal(plan_console_text(&c, "fresh.pem"), "(none)");
	assert_string_equal(plan_console_text(&c, "reloads"), "reloaded\nreloaded\n");
	plan_console_seen(&c, s, PAGES_FORGOTTEN);
	screen_wait(s, "before: OK · now: FAIL");
	screen_keys(s, "u");
	assert_true(screen_has(s, "nothing of it is left"));
	screen_close(s);
}

static void
the_verdict_says_whether_it_helped(void **state)
{
	static const struct {
		enum plan_reach reached;
		enum pages_story after;
		const char *says;
	} cases[] = {
		{ REACH_TOLD, PAGES_ACCEPTED, "OK    MENDED: 3 of 3" },
		{ REACH_SEEN, PAGES_ACCEPTED, "OK    MENDED: 3 of 3" },
		{ REACH_UNKNOWN, PAGES_ACCEPTED, "WARN  MENDED HERE, NOT DEPLOYED" },
		{ REACH_TOLD, PAGES_FORGOTTEN, "FAIL  NOT MENDED" },
		{ REACH_UNKNOWN, PAGES_FORGOTTEN, "FAIL  NOT MENDED" },
		{ REACH_TOLD, PAGES_REFUSED_PORT, "WARN  DONE, AND NOT SEEN TO WORK" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct screen *s;

		plan_console_begin(&c);
		c.reached = cases[i].reached;
		s = open_plan();
		screen_keys(s, "a Right Enter");
		screen_wait(s, "3 of 3 steps done");
		/* Nobody has looked: nothing is claimed. */
		assert_false(screen_has(s, "MENDED"));
		plan_console_seen(&c, s, cases[i].after);
		screen_wait(s, cases[i].says);
		screen_close(s);
	}
}

static void
one_that_stops_goes_on_or_back(void **state)
{
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	c.kind = PLAN_FAILS;
	assert_true(write_file(plan_console_in(&c, "broken"), "", 0));
	s = open_plan();
	screen_keys(s, "a Right Enter");
	screen_wait(s, "STOPPED at step 2 of 3");
	/* What is half a change without it has gone back, and that is said. */
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_OLD);
	assert_true(screen_has(s, "undone"));
	assert_true(screen_has(s, "the service does not start"));
	screen_keys(s, "End");
	screen_keys(s, "Home PgDn");
	/* Again without the reason mended: the same, once more. */
	screen_keys(s, "R Right Enter");
	screen_wait(s, "STOPPED at step 2 of 3");
	assert_int_equal(unlink(plan_console_in(&c, "broken")), 0);
	screen_keys(s, "R Right Enter");
	screen_wait(s, "3 of 3 steps done");
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_NEW);
	assert_int_equal(atomic_load(&c.made), 1); /* it went on, it was not made anew */
	screen_close(s);
}

/* The record is read beside the screen; then nothing is said of it any more. */
static void
reminder_goes(struct screen *s)
{
	for (int i = 0; i < 500 && screen_has(s, "unfinished"); i++)
		console_turn(screen_console(s), 20);
	assert_false(screen_has(s, "unfinished"));
}

/* It stopped before anything was done: it can be given up, and then nobody is reminded of it. */
static void
one_that_did_nothing_is_given_up(void **state)
{
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	c.kind = PLAN_BLOCKED;
	s = open_plan();
	screen_keys(s, "a Right Enter");
	screen_wait(s, "STOPPED at step 1 of 3");
	assert_true(screen_has(s, "R goes on from there; u gives it up"));
	screen_keys(s, "u");
	assert_true(screen_has(s, "give this plan up?"));
	assert_true(screen_has(s, "Nothing of it can be undone"));
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "STOPPED"));
	screen_keys(s, "u Right Enter");
	screen_wait(s, "GIVEN UP");
	screen_keys(s, "u");
	assert_true(screen_has(s, "nothing of it is left"));
	screen_keys(s, "q");
	reminder_goes(s);
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_OLD);
	screen_close(s);
}

static void
there_is_no_plan(void **state)
{
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	c.kind = PLAN_BY_HAND;
	s = open_screen();
	screen_keys(s, "f");
	screen_wait(s, "Its owner has to put");
	assert_true(screen_has(s, "\n   ssl_certificate_key  server.key;\n")); /* to be pasted: as it is */
	screen_keys(s, "a");
	assert_true(screen_has(s, "there is no plan"));
	screen_keys(s, "q");
	c.kind = PLAN_REFUSED;
	screen_keys(s, "f");
	screen_wait(s, "not authorized to");
	screen_close(s);
	/* Nothing is wrong: said at once. */
	s = open_screen();
	struct evidence *ev;
	struct diagnosis *d = pages_give(c.pages, PAGES_ACCEPTED, &ev);
	fleet_result(console_fleet(screen_console(s)), c.entry, ev, d, CHAINS_NOW * 1000);
	console_urgent(screen_console(s));
	console_draw(screen_console(s));
	screen_keys(s, "f");
	screen_wait(s, "nothing is wrong here");
	assert_int_equal(atomic_load(&c.made), 2);
	is_untouched("no plan");
	screen_close(s);
}

/* In the tab of findings it is the selected one that is to be mended. */
static void
the_selected_finding(void **state)
{
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	s = open_plan();
	assert_int_equal(c.asked, CODE_NONE); /* the root cause, whatever it is by then */
	screen_keys(s, "q 2 f");
	screen_wait(s, "write order.crt");
	assert_int_equal(c.asked, CODE_CLIENT_MISSING_INTERMEDIATE);
	screen_close(s);
}

/* ---- leaving ---- */

static void
making_it_can_be_left(void **state)
{
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	c.kind = PLAN_SLOW;
	s = open_screen();
	screen_keys(s, "f");
	assert_true(screen_has(s, "making the plan"));
	screen_keys(s, "a");
	assert_true(screen_has(s, "not there yet"));
	screen_keys(s, "q");
	assert_string_equal(console_top(screen_console(s))->ops->name, "endpoint");
	while (atomic_load(&c.dropped) == 0)
		console_turn(screen_console(s), 20);
	screen_keys(s, "f");
	plan_console_go_on(&c);
	screen_wait(s, "write order.crt");
	screen_close(s);
	/* And the whole console, while one is being made. */
	s = open_screen();
	screen_keys(s, "f");
	screen_close(s);
	while (atomic_load(&c.dropped) < 2)
		(void)sched_yield();
}

static void
applying_goes_on_without_its_screen(void **state)
{
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	c.kind = PLAN_HANGS;
	s = open_plan();
	screen_keys(s, "a Right Enter");
	screen_wait(s, "applying step 2 of 3");
	screen_keys(s, "u");
	assert_true(screen_has(s, "it is under way"));
	screen_keys(s, "q");
	assert_true(screen_has(s, "a plan is being applied: L"));
	/* One at a time. */
	screen_keys(s, "f");
	screen_wait(s, "write order.crt");
	screen_keys(s, "a");
	assert_true(screen_has(s, "another plan is under way"));
	screen_keys(s, "q");
	/* Back to it by the record. */
	screen_keys(s, "L");
	screen_wait(s, "applying");
	screen_keys(s, "Enter");
	screen_wait(s, "applying step 2 of 3");
	screen_keys(s, "q q");
	/* Nobody leaves by mistake. */
	screen_keys(s, "q");
	assert_true(screen_has(s, "a plan is under way"));
	screen_keys(s, "Enter");
	assert_true(console_turn(screen_console(s), 0));
	plan_console_go_on(&c);
	screen_wait(s, "plan 1 is done");
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_NEW);
	screen_close(s);
}

/* x: the step that runs comes to its end, the next one is not begun, and what was done is half a change. */
static void
it_is_halted_between_two_steps(void **state)
{
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	c.kind = PLAN_HANGS;
	s = open_plan();
	screen_keys(s, "x");
	assert_true(screen_has(s, "nothing is being applied"));
	screen_keys(s, "a Right Enter");
	screen_wait(s, "applying step 2 of 3");
	screen_keys(s, "x");
	assert_true(screen_has(s, "it stops before its next step"));
	/* Once for the step, once for its way back. */
	plan_console_go_on(&c);
	plan_console_go_on(&c);
	screen_wait(s, "STOPPED at step 3 of 3");
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_OLD);
	/* It was no failure of the plan's: it goes on. */
	plan_console_go_on(&c);
	screen_keys(s, "R Right Enter");
	screen_wait(s, "3 of 3 steps done");
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_NEW);
	screen_close(s);
}

/* ---- the record ---- */

/* Applies one that stops, and leaves. */
static void
leave_one_stopped(void)
{
	struct screen *s;

	plan_console_begin(&c);
	c.kind = PLAN_FAILS;
	assert_true(write_file(plan_console_in(&c, "broken"), "", 0));
	s = open_plan();
	screen_keys(s, "a Right Enter");
	screen_wait(s, "STOPPED");
	screen_close(s);
}

static void
what_is_unfinished_is_said_at_the_start(void **state)
{
	struct screen *s;

	(void)state;
	leave_one_stopped();
	s = open_screen();
	screen_wait(s, "plan 1 is not finished");
	screen_keys(s, "Down");
	assert_true(screen_has(s, "1 unfinished plan: L"));
	screen_keys(s, "m");
	assert_true(screen_has(s, "STOPPED after 0 of 3 steps"));
	screen_keys(s, "L");
	screen_wait(s, "1 not finished: R goes on, u undoes");
	assert_int_equal(unlink(plan_console_in(&c, "broken")), 0);
	screen_keys(s, "R");
	screen_wait(s, "go on with this plan?");
	screen_keys(s, "Right Enter");
	screen_wait(s, "3 of 3 steps done");
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_NEW);
	screen_keys(s, "q");
	screen_wait(s, "3/3");
	assert_false(screen_has(s, "not finished"));
	screen_keys(s, "R");
	assert_true(screen_has(s, "it is finished"));
	screen_keys(s, "u");
	screen_wait(s, "bring back what was before?");
	screen_keys(s, "Right Enter");
	screen_wait(s, "UNDONE");
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_OLD);
	screen_keys(s, "q q");
	reminder_goes(s);
	screen_close(s);
}

/* What was said yes to is what is done: where somebody else went on with it meanwhile, it is only shown. */
static void
another_program_went_on_with_it(void **state)
{
	struct screen *s;
	struct changes *r;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	leave_one_stopped();
	assert_int_equal(unlink(plan_console_in(&c, "broken")), 0);
	s = open_screen();
	screen_keys(s, "L");
	screen_wait(s, "1 plan");
	screen_keys(s, "R");
	screen_wait(s, "go on with this plan?");
	r = plan_console_record(&c);
	assert_int_equal(plan_recorded(r, 1, &c.world, &p, &err), STATUS_OK);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	plan_free(p);
	changes_close(r);
	assert_string_equal(plan_console_text(&c, "reloads"), "(none)");
	screen_keys(s, "Right Enter");
	screen_wait(s, "another program has gone on with this plan");
	screen_close(s);
}

/* Held by another program: it is being applied there, and nobody else touches it. Not held: it was cut off. */
static void
somebody_else_has_it(void **state)
{
	struct changes *r;
	struct plan *p;
	struct screen *s;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	leave_one_stopped();
	r = plan_console_record(&c);
	assert_int_equal(plan_recorded(r, 1, &c.world, &p, &err), STATUS_OK);
	p->state = PLAN_RUNS;
	assert_int_equal(plan_record(p, "goes on", &err), STATUS_OK);
	assert_int_equal(changes_lock(r, 1, &err), STATUS_OK);
	s = open_screen();
	screen_keys(s, "L");
	screen_wait(s, "applying");
	assert_false(screen_has(s, "CUT OFF"));
	screen_keys(s, "R");
	screen_wait(s, "somebody works on it");
	assert_false(screen_has(s, "go on with this plan?"));
	assert_false(screen_has(s, "CUT"));
	screen_keys(s, "u");
	assert_true(screen_has(s, "undo: somebody works on it"));
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_OLD);
	screen_keys(s, "q q");
	changes_unlock(r);
	screen_keys(s, "L");
	screen_wait(s, "CUT OFF");
	screen_keys(s, "Enter");
	screen_wait(s, "CUT OFF at step");
	/* Another program takes it between the look and the yes. */
	screen_keys(s, "R");
	assert_true(screen_has(s, "go on with this plan?"));
	assert_int_equal(changes_lock(r, 1, &err), STATUS_OK);
	screen_keys(s, "Right Enter");
	screen_wait(s, "nothing was done: ");
	assert_string_equal(plan_console_text(&c, "tls.crt"), PLAN_OLD);
	screen_close(s);
	plan_free(p);
	changes_close(r);
}

/* What stands in the record as taken back, or on its way back, does not go on from here; that it says why is what counts. */
static void
what_went_back_does_not_go_on(void **state)
{
	static const struct {
		enum plan_state state;
		const char *shows, *says;
	} cases[] = {
		{ PLAN_GOES_BACK, "CUT OFF at step", "its way back was cut off, and goes on first" },
		{ PLAN_UNDONE, "UNDONE", "its new key with it: make the plan anew" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error err = { .code = ERROR_NONE };
		struct changes *r;
		struct screen *s;
		struct plan *p;
		struct plan_step *key;

		leave_one_stopped();
		r = plan_console_record(&c);
		assert_int_equal(plan_recorded(r, 1, &c.world, &p, &err), STATUS_OK);
		p->state = cases[i].state;
		key = plan_add_deed(p, &deed_make_key, NULL);
		key->what = "make a new key";
		key->state = STEP_DONE;
		assert_int_equal(plan_record(p, "by hand", &err), STATUS_OK);
		plan_free(p);
		changes_close(r);
		s = open_screen();
		screen_keys(s, "L");
		screen_wait(s, "1/4");
		screen_keys(s, "Enter");
		screen_wait(s, cases[i].shows);
		assert_false(screen_has(s, "R goes on") || screen_has(s, "applies it again"));
		screen_keys(s, "R");
		screen_wait(s, cases[i].says);
		screen_close(s);
	}
}

static void
an_empty_record_and_a_damaged_one(void **state)
{
	static const char not_one[] = "this is no database, and it is longer than the head of one: a hundred bytes of it, and some more to be sure";
	struct screen *s;
	struct changes *r;

	(void)state;
	plan_console_begin(&c);
	s = open_screen();
	screen_keys(s, "L");
	screen_wait(s, "Nothing has been changed from here yet");
	screen_keys(s, "u");
	assert_true(screen_has(s, "no plan is selected"));
	screen_close(s);
	is_untouched("looking at an empty record");
	/* A document that is none: said, and nothing else. */
	r = plan_console_record(&c);
	record(r, "damaged", "stopped", 1);
	changes_close(r);
	s = open_screen();
	screen_keys(s, "L");
	screen_wait(s, "1 plan  ");
	screen_keys(s, "Enter");
	screen_wait(s, "plan 1 of the record cannot be read");
	screen_close(s);
	assert_true(write_file(in_folder(c.record, "changes.db"), not_one, strlen(not_one)));
	s = open_screen();
	screen_keys(s, "L");
	screen_wait(s, "changes.db");
	screen_close(s);
}

/* ---- read-only ---- */

/* Actions that end the program or stop the process that runs the test. */
static bool
left_out(enum action a)
{
	return a == ACTION_QUIT || a == ACTION_QUIT_SHORT || a == ACTION_SUSPEND;
}

/* What is saved without a path (a case) goes to where one stands: that is the test's own folder then. */
static int
stand_in_own_folder(void)
{
	int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(before >= 0);
	assert_int_equal(chdir(plan_console_in(&c, ".")), 0);
	return before;
}

static void
stand_there_again(int before)
{
	assert_int_equal(fchdir(before), 0);
	close(before);
}

/* Whatever it opens is answered with yes. */
static void
do_and_say_yes(struct screen *s, enum action a)
{
	struct console *k = screen_console(s);

	console_act(k, a, NULL);
	console_draw(k);
	for (int i = 0; i < 3; i++)
		screen_keys(s, "Right Enter");
	screen_keys(s, "Esc Esc");
	for (int i = 0; i < 4; i++)
		console_turn(k, 0);
}

/* What it began is over before it goes. */
static void
screen_close_idle(struct screen *s)
{
	while (screen_console(s)->plan_job != NULL)
		console_turn(screen_console(s), 20);
	screen_close(s);
}

static const struct place {
	const char *keys, *there;
	unsigned scope;
} places[] = {
	{ "", "payment", SCOPE_ENDPOINT },
	{ "f", "write order.crt", SCOPE_PLAN },
	{ "L", "1 plan", SCOPE_LOG },
	{ "L Enter", "STOPPED", SCOPE_PLAN },
};

static void
go_to(struct screen *s, const struct place *p)
{
	for (const char *key = p->keys; *key != '\0'; key += strcspn(key, " ") + (strchr(key, ' ') != NULL)) {
		char one[16];

		snprintf(one, sizeof one, "%.*s", (int)strcspn(key, " "), key);
		screen_keys(s, one);
		if (strcmp(one, "L") == 0)
			screen_wait(s, "1 plan");
	}
	screen_wait(s, p->there);
	assert_int_equal(console_top(screen_console(s))->ops->scope, p->scope);
}

/*
 * Every action there is, on every screen from which a plan can be reached, each dialog answered with yes: without
 * --allow-changes no step is ever done. It is the table that is walked: an action that is added later is in it.
 */
static void
read_only_refuses_everything_that_changes(void **state)
{
	size_t done = 0;
	int before;

	(void)state;
	before = stand_in_own_folder();
	leave_one_stopped();
	assert_int_equal(unlink(plan_console_in(&c, "broken")), 0);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
			struct screen *s;

			/* Elsewhere it is not for this screen: test_action.c. */
			if (left_out(a) || (action_info(a)->scopes & places[i].scope) == 0)
				continue;
			s = open_sized(&sizes[1], false);
			go_to(s, &places[i]);
			do_and_say_yes(s, a);
			screen_close_idle(s);
			done++;
			if (strcmp(plan_console_text(&c, "tls.crt"), PLAN_OLD) != 0 || strcmp(plan_console_text(&c, "fresh.pem"), "(none)") != 0)
				fail_msg("%s on screen %zu changed something", action_info(a)->name, i);
		}
	}
	stand_there_again(before);
	assert_true(done > 100);
}

/* The same with --allow-changes: only those that need it change anything, so what the test above refuses is all there is. */
static void
only_what_needs_changes_changes(void **state)
{
	size_t changing = 0;
	bool as_it_was = false;
	int before;

	(void)state;
	before = stand_in_own_folder();
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
			struct screen *s;

			if (left_out(a) || (action_info(a)->scopes & places[i].scope) == 0)
				continue;
			if (!as_it_was) {
				leave_one_stopped();
				assert_int_equal(unlink(plan_console_in(&c, "broken")), 0);
			}
			s = open_sized(&sizes[1], true);
			go_to(s, &places[i]);
			do_and_say_yes(s, a);
			screen_close_idle(s);
			as_it_was = strcmp(plan_console_text(&c, "tls.crt"), PLAN_OLD) == 0 && a != ACTION_UNDO;
			if (as_it_was)
				continue;
			changing++;
			if ((action_info(a)->needs & NEED_CHANGES) == 0)
				fail_msg("%s changes something, and does not need --allow-changes", action_info(a)->name);
		}
	}
	stand_there_again(before);
	assert_true(changing >= 3); /* apply, resume on both screens */
}

/* The reason is said on each of their screens, and by their names too. */
static void
complaint_k9s_87_read_only_says_why(void **state)
{
	size_t tried = 0;

	(void)state;
	leave_one_stopped();
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct screen *s = open_sized(&sizes[1], false);

		go_to(s, &places[i]);
		assert_true(screen_has(s, "READ-ONLY"));
		for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
			const struct action_info *info = action_info(a);

			if ((info->needs & NEED_CHANGES) == 0 || (info->scopes & places[i].scope) == 0)
				continue;
			screen_type(s, ":");
			screen_type(s, info->name);
			screen_keys(s, "Enter");
			screen_wait(s, "this console is read-only");
			tried++;
		}
		screen_close(s);
	}
	assert_true(tried >= 8);
}

/* ---- what is copied ---- */

static void
lines_for_a_shell(void **state)
{
	struct arena *a = arena_new();
	struct buf text = { 0 };
	const char *note = NULL;
	struct screen *s;

	(void)state;
	plan_console_begin(&c);
	s = open_plan();
	screen_keys(s, "y");
	assert_true(screen_has(s, "the lines for a shell"));
	assert_false(screen_has(s, "curl line"));
	screen_keys(s, "Esc");
	/* On the screen they wrap; copied, each line is whole. */
	for (size_t i = 0; i < copyables_len; i++) {
		if (copy_is_for(console_top(screen_console(s)), &copyables[i]) && copyables[i].key == 'w')
			assert_null(copyables[i].compose(console_top(screen_console(s)), a, &text, &note));
	}
	assert_non_null(strstr(buf_str(&text), "\naws acm-pca get-certificate-authority-certificate --certificate-authority-arn arn:aws:acm-pca:us-east-1:111122223333:"
	    "certificate-authority/22222222-2222-4222-8222-222222222222 --query Certificate --output text >issuing.pem\ncat order.crt issuing.pem >fullchain.pem\n"));
	buf_done(&text);
	arena_free(a);
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_with_the_same_cause),
		cmocka_unit_test(golden_before),
		cmocka_unit_test(golden_under_way),
		cmocka_unit_test(golden_done),
		cmocka_unit_test(golden_stopped),
		cmocka_unit_test(golden_log),
		cmocka_unit_test(applied_and_taken_back),
		cmocka_unit_test(the_verdict_says_whether_it_helped),
		cmocka_unit_test(one_that_stops_goes_on_or_back),
		cmocka_unit_test(one_that_did_nothing_is_given_up),
		cmocka_unit_test(there_is_no_plan),
		cmocka_unit_test(the_selected_finding),
		cmocka_unit_test(making_it_can_be_left),
		cmocka_unit_test(applying_goes_on_without_its_screen),
		cmocka_unit_test(it_is_halted_between_two_steps),
		cmocka_unit_test(what_is_unfinished_is_said_at_the_start),
		cmocka_unit_test(another_program_went_on_with_it),
		cmocka_unit_test(somebody_else_has_it),
		cmocka_unit_test(what_went_back_does_not_go_on),
		cmocka_unit_test(an_empty_record_and_a_damaged_one),
		cmocka_unit_test(read_only_refuses_everything_that_changes),
		cmocka_unit_test(only_what_needs_changes_changes),
		cmocka_unit_test(complaint_k9s_87_read_only_says_why),
		cmocka_unit_test(lines_for_a_shell),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
