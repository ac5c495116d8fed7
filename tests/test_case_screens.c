/*
 * A case on the screen: every tab shows what it showed when it was seen; the title says that it is a case and of
 * when; nothing is contacted. And `c`, which makes one.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/memory.h"
#include "probes/worker.h"
#include "tests/chains.h"
#include "tests/kept_case.h"
#include "tests/program.h"
#include "tests/screen.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .r = { .cn = "payment.internal" } },
	{ .name = "ended", .issuer = "issuing", .role = IS_SERVER, .from = -90, .to = -2 },
	{ .name = "client", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "other", .role = IS_CA, .r = { .cn = "Stranger Root CA" } },
};

static const struct chain_case cases[] = {
	{ .what = "forgotten", .server = { "server", "issuing" }, .ours = { "client" }, .answer = REFUSED },
	{ .what = "accepted", .server = { "server", "issuing" }, .ours = { "client", "issuing" }, .answer = ACCEPTED },
	{ .what = "not trusted", .server = { "server", "issuing" }, .ours = { "client", "issuing" }, .trust = { "other" }, .answer = ACCEPTED },
	{ .what = "ended", .server = { "ended" }, .found = { "issuing" }, .answer = NOT_ASKED, .clock_minutes = 600 },
	{ .what = "another key", .server = { "server", "issuing" }, .ours = { "client", "issuing" }, .our_key = "server", .answer = REFUSED, .alert = 51 },
};

static struct chains *chains;
static struct standing_world standing;
static char *folder;

static int
make(void **state)
{
	(void)state;
	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	folder = make_folder();
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	chains_free(chains);
	remove_folder(folder);
	return 0;
}

/* Takes the evidence over. */
static struct screen *
shown(struct evidence *e, bool as_case, int rows, int columns, enum screen_kind kind)
{
	struct console_setup setup = { .examine = examine_defaults, .fleet = fleet_new(), .world = world_standing(&standing, CHAINS_NOW),
		.still = true, .first = &endpoint_view, .is_case = as_case, .case_ms = e->started_ms, .case_from = e->seen_from };
	struct entry *entry = fleet_add(setup.fleet, NULL, &e->target, e->identity, e->trust, NULL);

	entry->command = mem_strdup("payment.internal:8443 --cert order.crt");
	fleet_result(setup.fleet, entry, e, diagnose(e), CHAINS_NOW * 1000);
	setup.first_argument = entry;
	return screen_open(rows, columns, kind, &setup);
}

/* Everything that its tabs show, from the top to the end. */
static char *
all_of_it(struct evidence *e)
{
	static const char *const keys[] = { "1", "2", "3", "4", "5", "6", "End", "y", "Esc", "5 Enter", "End" };
	struct screen *s = shown(e, false, 40, 120, SCREEN_UTF8);
	struct buf all = { 0 };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		char *text;

		screen_keys(s, keys[i]);
		text = screen_text(s);
		buf_addf(&all, "---- %s\n%s", keys[i], text);
		free(text);
	}
	screen_close(s);
	return all.data;
}

static void
the_same_screens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct evidence *e = chains_evidence(chains, &cases[i]), *kept = kept_read(e, cases[i].what);
		char *before = all_of_it(e), *after = all_of_it(kept);

		if (strcmp(before, after) != 0)
			fail_msg("%s: when it was seen\n%s\nout of the case\n%s", cases[i].what, before, after);
		assert_non_null(strstr(before, "payment.internal"));
		free(before);
		free(after);
	}
}

static void
make_case(struct console_setup *setup, void *user)
{
	struct evidence *e = chains_evidence(chains, user);
	struct entry *entry;

	setup->fleet = fleet_new();
	setup->world = world_standing(&standing, CHAINS_NOW + 86400);
	setup->still = setup->is_case = true;
	setup->case_ms = e->started_ms;
	setup->case_from = e->seen_from;
	entry = fleet_add(setup->fleet, NULL, &e->target, e->identity, e->trust, NULL);
	fleet_result(setup->fleet, entry, e, diagnose(e), e->started_ms);
	setup->first = &endpoint_view;
	setup->first_argument = entry;
}

static void
it_says_that_it_is_a_case(void **state)
{
	struct chain_case t = cases[0];

	(void)state;
	screen_goldens("case", make_case, &t, "3");
}

/* By key, by name, and at the start: nobody is asked. */
static void
nothing_is_contacted(void **state)
{
	static const char *const tries[] = { "r", ": c h e c k Enter", ": c h e c k Space h o s t Enter" };
	struct screen *s = shown(chains_evidence(chains, &cases[0]), true, 24, 80, SCREEN_UTF8);
	struct entry *e = fleet_at(console_fleet(screen_console(s)), 0);

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		screen_keys(s, tries[i]);
		if (!screen_has(s, "this is a saved case: nothing is contacted"))
			fail_msg("%s: %s", tries[i], screen_text(s));
		screen_keys(s, "1");
	}
	assert_int_equal(console_check(screen_console(s), &e, 1), 0);
	assert_int_equal(console_running(screen_console(s), NULL), 0);
	assert_false(e->waiting);
	screen_close(s);
}

/* ---- made-up cases ---- */

struct stage {
	struct screen *s;
	struct entry *e;
};

/* The fleet takes the evidence over. */
static void
show_on(struct saved_case *c, void *user)
{
	static const char *const keys[] = { "1", "2", "3", "4", "5", "6", "y", "Esc" };
	struct stage *st = user;
	struct evidence *e = c->evidence;

	c->evidence = NULL;
	fleet_result(console_fleet(screen_console(st->s)), st->e, e, diagnose(e), CHAINS_NOW * 1000);
	console_changed(screen_console(st->s));
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		screen_keys(st->s, keys[i]);
	assert_true(screen_has(st->s, "mtlscope"));
}

/* Whatever a case claims, every tab is drawn of it. */
static void
every_tab_of_made_up_cases(void **state)
{
	struct error err = { .code = ERROR_NONE };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct evidence *e = chains_evidence(chains, &cases[i]);
		struct stage st = { .s = NULL };
		struct buf json = { 0 };

		assert_int_equal(case_write(e, &(struct case_about){ .saved_ms = 1 }, &json, &err), STATUS_OK);
		st.s = shown(e, true, 24, 80, SCREEN_UTF8);
		st.e = fleet_at(console_fleet(screen_console(st.s)), 0);
		assert_true(kept_variants(json.data, show_on, &st) > 1000);
		screen_close(st.s);
		buf_done(&json);
	}
}

/* ---- c ---- */

static void
c_saves(void **state)
{
	struct screen *s = shown(chains_evidence(chains, &cases[0]), false, 24, 120, SCREEN_UTF8);
	struct saved_case c;
	struct error err = { .code = ERROR_NONE };
	struct stat sb;
	const char *file = in_folder(folder, "mine.case");

	(void)state;
	screen_keys(s, "c");
	screen_wait(s, "save case as: payment.internal-8443-20261118-1106.case");
	screen_keys(s, "C-u");
	screen_type(s, file);
	screen_keys(s, "Enter");
	screen_wait(s, "of a case, no private keys in it, to ");
	assert_true(screen_has(s, "(mode 0600)"));
	assert_int_equal(stat(file, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0600);
	if (case_read(file, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_string_equal(c.command, "payment.internal:8443 --cert order.crt");
	assert_int_equal(c.saved_ms, CHAINS_NOW * 1000);
	assert_int_equal(c.evidence->handshakes_len, 1);
	case_done(&c);
	/* The same name again: it is asked, and the default is not to. */
	screen_keys(s, ":");
	screen_type(s, "save-case ");
	screen_type(s, file);
	screen_keys(s, "Enter");
	screen_wait(s, "is there already");
	screen_keys(s, "Enter");
	screen_wait(s, "stays as it was");
	screen_close(s);
}

static void
c_needs_something_to_save(void **state)
{
	struct console_setup setup = { .examine = examine_defaults, .fleet = fleet_new(), .world = world_standing(&standing, CHAINS_NOW),
		.still = true, .first = &endpoint_view };
	struct evidence *e = chains_evidence(chains, &cases[0]);
	struct screen *s;

	(void)state;
	setup.first_argument = fleet_add(setup.fleet, NULL, &e->target, NULL, NULL, NULL);
	s = screen_open(24, 100, SCREEN_UTF8, &setup);
	screen_keys(s, "c");
	assert_true(screen_has(s, "payment.internal:8443 was not checked yet: there is nothing to save"));
	screen_close(s);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_screens),
		cmocka_unit_test(it_says_that_it_is_a_case),
		cmocka_unit_test(nothing_is_contacted),
		cmocka_unit_test(every_tab_of_made_up_cases),
		cmocka_unit_test(c_saves),
		cmocka_unit_test(c_needs_something_to_save),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
