/*
 * The copy menu in one process: what each screen offers and refuses, as golden screens; the texts of many endpoints and of
 * a cause, compared whole; what :write says. What reaches a terminal and a disk: test_console_e2e.c.
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

#include "model/memory.h"
#include "tests/fleet_builder.h"
#include "tests/pages.h"
#include "tests/program.h"
#include "tests/screen.h"
#include "tui/copy.h"
#include "tui/copy_texts.h"

static struct pages *pages;
static struct fleet_builder *builder;
static struct standing_world standing;
static char *folder;

static int
set_up(void **state)
{
	(void)state;
	pages = pages_make();
	builder = fleet_builder_make();
	folder = make_folder();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	pages_free(pages);
	fleet_builder_free(builder);
	remove_folder(folder);
	return 0;
}

/* ---- consoles ---- */

static void
console_on(struct console_setup *setup, struct fleet *f, int64_t now)
{
	*setup = (struct console_setup){ .fleet = f, .world = world_standing(&standing, now), .examine = examine_defaults, .still = true };
}

/* One endpoint with a result; its files have the names that a shell would be given. */
static void
one_endpoint(struct console_setup *setup, void *user)
{
	struct target t = { 0 };
	struct error err = { 0 };
	struct evidence *ev;
	struct diagnosis *d = pages_give(pages, *(const enum pages_story *)user, &ev);
	struct entry *e;

	console_on(setup, fleet_new(), CHAINS_NOW);
	assert_int_equal(target_parse("payment.internal:8443", &t, &err), STATUS_OK);
	e = fleet_add(setup->fleet, NULL, &t, NULL, NULL, NULL);
	target_done(&t);
	ev->identity->cert_path = "order.crt";
	ev->identity->key_path = "order.key";
	ev->identity->cert_type = ev->identity->key_type = "PEM";
	ev->trust->file = "root.pem";
	ev->trust->file_is_pem = true;
	fleet_result(setup->fleet, e, ev, d, CHAINS_NOW * 1000);
	setup->first = &endpoint_view;
	setup->first_argument = e;
}

static void
unchecked_endpoint(struct console_setup *setup, void *user)
{
	struct entry *e;

	(void)user;
	console_on(setup, fleet_new(), CHAINS_NOW);
	e = fleet_builder_add(builder, setup->fleet, "ledger");
	setup->first = &endpoint_view;
	setup->first_argument = e;
}

static void
fleet_by_name(struct console_setup *setup, void *user)
{
	(void)user;
	console_on(setup, fleet_builder_design(builder), FLEET_NOW);
	setup->first = &fleet_view;
}

static void
fleet_by_cause(struct console_setup *setup, void *user)
{
	fleet_by_name(setup, user);
	setup->first = &causes_view;
}

/* ---- the menu ---- */

static void
menus(void **state)
{
	enum pages_story forgotten = PAGES_FORGOTTEN, not_proven = PAGES_NOT_PROVEN, refused = PAGES_REFUSED_PORT;

	(void)state;
	screen_goldens("copy-endpoint", one_endpoint, &forgotten, "y");
	screen_goldens("copy-not-proven", one_endpoint, &not_proven, "y");
	screen_goldens("copy-unreachable", one_endpoint, &refused, "y");
	screen_goldens("copy-unchecked", unchecked_endpoint, NULL, "y");
	screen_goldens("copy-marked", fleet_by_name, NULL, "Space Space y");
	screen_goldens("copy-cause", fleet_by_cause, NULL, "y");
}

/* A choice that cannot be chosen stays in the menu and does nothing. */
static void
refused_choices_do_nothing(void **state)
{
	enum pages_story story = PAGES_FORGOTTEN;
	struct console_setup setup;
	struct screen *s;

	(void)state;
	one_endpoint(&setup, &story);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_keys(s, "y o");
	assert_true(screen_has(s, "the verdict is settled"));
	screen_keys(s, "Home Down Enter"); /* Enter does nothing there either */
	assert_true(screen_has(s, "the verdict is settled"));
	screen_keys(s, "Esc");
	assert_false(screen_has(s, "the verdict is settled"));
	screen_close(s);
}

/* No letter twice, none that moves in a menu or leaves it. */
static void
letters(void **state)
{
	(void)state;
	for (size_t i = 0; i < copyables_len; i++) {
		assert_null(strchr("jkq", copyables[i].key));
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(copyables[i].key, copyables[k].key);
	}
}

/* ---- texts ---- */

/* What the choice of that letter copies on the screen that is on top; free() it. NULL: it cannot, *why says why. */
static char *
composed(struct screen *s, int letter, const char **why)
{
	struct arena *a = arena_new();
	struct buf out = { 0 };
	const char *note = NULL;

	for (size_t i = 0; i < copyables_len; i++)
		if (copyables[i].key == letter)
			*why = copyables[i].compose(console_top(screen_console(s)), a, &out, &note);
	arena_free(a);
	if (*why != NULL)
		assert_int_equal(out.len, 0); /* a refusal leaves nothing half done */
	return out.data;
}

static void
text_is(struct screen *s, int letter, const char *expected)
{
	const char *why = "no such letter";
	char *text = composed(s, letter, &why);

	if (why != NULL)
		fail_msg("%c: %s", letter, why);
	assert_string_equal(text, expected);
	free(text);
}

static void
refusal_is(struct screen *s, int letter, const char *expected)
{
	const char *why = NULL;
	char *text = composed(s, letter, &why);

	if (why == NULL)
		fail_msg("%c is not refused:\n%s", letter, text);
	assert_string_equal(why, expected);
}

static void
texts_of_an_endpoint(void **state)
{
	enum pages_story story = PAGES_FORGOTTEN;
	struct console_setup setup;
	struct screen *s;

	(void)state;
	one_endpoint(&setup, &story);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	text_is(s, 'a', "payment.internal:8443");
	text_is(s, 'c', "client.missing-intermediate\nclient.missing-intermediate:3b77\n");
	text_is(s, 'm', "mtlscope check payment.internal:8443");
	refusal_is(s, 'o', "the verdict is settled");
	screen_close(s);
}

static void
refusals(void **state)
{
	static const struct { int letter; const char *why; } cases[] = {
		{ 's', "not checked yet" }, { 'o', "not checked yet" }, { 'c', "not checked yet" }, { 'f', "not checked yet" },
		{ 'p', "not checked yet" }, { 'h', "not checked yet" }, { 'l', "not checked yet" }, { 'u', "not checked yet" }, { 'e', "not checked yet" },
	};
	struct console_setup setup;
	struct screen *s;

	(void)state;
	unchecked_endpoint(&setup, NULL);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		refusal_is(s, cases[i].letter, cases[i].why);
	text_is(s, 'a', "ledger.internal:8443");
	/* On a screen without endpoints. */
	screen_keys(s, "m");
	refusal_is(s, 's', "no endpoint is selected here");
	refusal_is(s, 'p', "no certificate is selected here");
	screen_close(s);
}

static void
text_has(struct screen *s, int letter, const char *part)
{
	const char *why = NULL;
	char *text = composed(s, letter, &why);

	if (why != NULL || strstr(text, part) == NULL)
		fail_msg("%c: “%s” is not in\n%s", letter, part, why != NULL ? why : text);
	free(text);
}

/* Of marked ones a line each; of a cause whom it hits. Both name forty at most. */
static void
texts_of_many(void **state)
{
	struct console_setup setup;
	struct screen *s;

	(void)state;
	fleet_by_name(&setup, NULL);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	text_has(s, 's', "✗ FAIL "); /* nothing marked: the selected one */
	screen_keys(s, "Space Space");
	text_has(s, 's', "2 endpoints: 2 FAIL\n✗ FAIL ");
	text_has(s, 's', ": chain.intermediate-expired: ");
	text_has(s, 's', "as of: 2026-11-18 11:14 UTC\n");
	screen_keys(s, "*");
	text_has(s, 's', "40 endpoints: 30 FAIL, 1 DOWN, 1 WARN, 8 OK\n");
	/* What the filter hides is neither checked nor copied, marked or not. */
	screen_keys(s, "/ O K Enter");
	text_has(s, 's', "8 endpoints: 8 OK\n");
	screen_keys(s, "Esc");
	screen_close(s);
	fleet_by_cause(&setup, NULL);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	text_has(s, 's', "✗ FAIL 30 of 40 endpoints, one cause: “Acme Issuing CA 1” expired 11:06 UTC (chain.intermediate-expired)\nendpoints: payment-1, ");
	text_has(s, 's', "\none of them:\n✗ FAIL ");
	screen_keys(s, "End");
	text_has(s, 's', "8 endpoints: 8 OK\n");
	screen_close(s);
}

/* What leaves the practice lab says where it is from. */
static void
practice_is_said(void **state)
{
	enum pages_story story = PAGES_NOT_PROVEN;
	struct console_setup setup;
	struct screen *s;

	(void)state;
	one_endpoint(&setup, &story);
	setup.practice_lab = true;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	text_has(s, 'e', "# h1: as it is\n");
	text_has(s, 's', "PRACTICE LAB, broken on purpose, nothing of this is real:\n✗ FAIL payment.internal:8443: ");
	text_has(s, 'o', "PRACTICE LAB, broken on purpose, nothing of this is real:\nTo the owner of ");
	screen_close(s);
}

/* ---- :write ---- */

static void
say(struct screen *s, const char *command, const char *answer)
{
	screen_type(s, command);
	screen_keys(s, "Enter");
	screen_wait(s, answer);
}

static void
writing(void **state)
{
	const char *path = in_folder(folder, "out.txt");
	char command[512], text[4096] = "";
	struct console_setup setup;
	struct screen *s;
	int fd;

	(void)state;
	fleet_by_name(&setup, NULL);
	s = screen_open(24, 120, SCREEN_UTF8, &setup);
	unsetenv("HOME");
	say(s, ":w ~/x.txt", "HOME is not set");
	snprintf(command, sizeof command, ":w %s", path);
	say(s, command, "bytes of text to");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
	close(fd);
	assert_non_null(strstr(text, "mtlscope › fleet, 2026-11-18 11:14 UTC\n\n40 endpoints"));
	/* Every row, not only those on screen. */
	assert_true(strstr(text, "OK") != NULL && strlen(text) > 3000);
	say(s, command, "is there already");
	screen_keys(s, "q");
	screen_wait(s, "nothing was written");
	/* Without a name it is asked for; left empty, nothing happens. */
	screen_type(s, ":write");
	screen_keys(s, "Enter");
	screen_wait(s, "write to:");
	screen_keys(s, "Enter m");
	say(s, ":w out.json", "this screen has no JSON");
	screen_close(s);
}

/* Ten thousand rows were composed to count their lines, before the menu was there. */
static void
a_long_screen_is_composed_when_it_is_chosen(void **state)
{
	struct console_setup setup;
	struct screen *s;
	struct fleet *f = fleet_new();
	char *text;

	(void)state;
	for (size_t i = 0; i < 1001; i++)
		fleet_builder_add(builder, f, "ledger");
	console_on(&setup, f, FLEET_NOW);
	s = screen_open(24, 160, SCREEN_UTF8, &setup);
	screen_keys(s, "y");
	text = screen_text(s);
	assert_non_null(strstr(text, "every row of it"));
	free(text);
	screen_keys(s, "t");
	text = screen_text(s);
	assert_non_null(strstr(text, "this screen as text, 1006 lines"));
	free(text);
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(menus),
		cmocka_unit_test(refused_choices_do_nothing),
		cmocka_unit_test(letters),
		cmocka_unit_test(texts_of_an_endpoint),
		cmocka_unit_test(refusals),
		cmocka_unit_test(texts_of_many),
		cmocka_unit_test(practice_is_said),
		cmocka_unit_test(writing),
		cmocka_unit_test(a_long_screen_is_composed_when_it_is_chosen),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
