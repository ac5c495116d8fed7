/* `:explain` in the console: the page at every size, what it decides on an endpoint, and how it is asked for. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/pages.h"
#include "tests/screen.h"

#define AT_MS (CHAINS_NOW * 1000)

static struct pages *pages;
static struct standing_world standing;

static void
make(struct console_setup *setup, void *user)
{
	const enum pages_story *story = user;
	struct target t;
	struct error err = { 0 };
	struct evidence *ev;
	struct diagnosis *d = pages_give(pages, *story, &ev);
	struct entry *e;

	assert_int_equal(target_parse("payment.internal:8443", &t, &err), STATUS_OK);
	setup->fleet = fleet_new();
	setup->world = world_standing(&standing, CHAINS_NOW);
	setup->still = true;
	e = fleet_add(setup->fleet, NULL, &t, NULL, NULL, NULL);
	target_done(&t);
	fleet_result(setup->fleet, e, ev, d, AT_MS);
	setup->first = &endpoint_view;
	setup->first_argument = e;
}

static struct screen *
asked(enum pages_story story, const char *text, int rows, int columns, struct console_setup *setup)
{
	struct screen *s;

	*setup = (struct console_setup){ .world = world_real() };
	make(setup, &story);
	s = screen_open(rows, columns, SCREEN_UTF8, setup);
	console_act(screen_console(s), ACTION_EXPLAIN, text);
	screen_keys(s, "");
	return s;
}

static const struct {
	const char *name, *text;
	enum pages_story story;
} shown[] = {
	{ "explain-settled", "certificate verify failed c_err=0 ca_err=19 depth=2 hs=SSL client CA chain cannot be verified", PAGES_NOT_PROVEN },
	{ "explain-alert", "48", PAGES_ACCEPTED },
	{ "explain-unknown", "the quick brown fox", PAGES_ACCEPTED },
};

static void
as_drawn(void **state)
{
	static const struct { int rows, columns; enum screen_kind kind; } sizes[] = { { 12, 40, SCREEN_UTF8 }, { 24, 80, SCREEN_UTF8 }, { 40, 120, SCREEN_UTF8 },
		{ 24, 80, SCREEN_ASCII }, { 24, 80, SCREEN_MONO } };

	(void)state;
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
			struct console_setup setup = { .world = world_real() };
			enum pages_story story = shown[i].story;
			struct screen *s;

			make(&setup, &story);
			s = screen_open(sizes[k].rows, sizes[k].columns, sizes[k].kind, &setup);
			console_act(screen_console(s), ACTION_EXPLAIN, shown[i].text);
			screen_keys(s, "");
			console_draw(screen_console(s));
			screen_golden(s, shown[i].name);
			screen_close(s);
		}
	}
}

/* What the server's owner sends decides among the causes that are open: untrusted, or a partial trust store. */
static const struct {
	const char *text, *says;
	enum pages_story story;
} decisions[] = {
	{ "client SSL certificate verify error: (19:self-signed certificate in certificate chain) while reading client request headers", "it settles the cause", PAGES_NOT_PROVEN },
	{ "client SSL certificate verify error: (10:certificate has expired) while reading client request headers", "name none of the causes that are open", PAGES_NOT_PROVEN },
	/* It only says that something is wrong: both stay open. An alert says what the client has heard already. */
	{ "SSL Library Error: error:0A000086:SSL routines::certificate verify failed", "these causes are left", PAGES_NOT_PROVEN },
	{ "remote error: tls: unknown certificate authority", NULL, PAGES_NOT_PROVEN },
	/* What the client says of the server decides nothing there, nor does anything where the cause is proven. */
	{ "curl: (60) SSL certificate problem: certificate has expired", NULL, PAGES_NOT_PROVEN },
	{ "client SSL certificate verify error: (10:certificate has expired) while reading client request headers", NULL, PAGES_FORGOTTEN },
};

static void
what_it_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++) {
		struct console_setup setup;
		struct screen *s = asked(decisions[i].story, decisions[i].text, 40, 120, &setup);

		console_draw(screen_console(s));
		assert_int_equal(screen_has(s, "ON THE ENDPOINT THIS WAS ASKED ON"), decisions[i].says != NULL);
		if (decisions[i].says != NULL && !screen_has(s, decisions[i].says))
			fail_msg("%s", decisions[i].text);
		screen_keys(s, "q");
		assert_string_equal(console_top(screen_console(s))->ops->name, "endpoint");
		screen_close(s);
	}
}

/* Without a text it is asked for; an empty answer opens nothing. A paste with line ends is one text. */
static void
asked_for(void **state)
{
	struct console_setup setup = { .world = world_real() };
	enum pages_story story = PAGES_NOT_PROVEN;
	struct screen *s;

	(void)state;
	make(&setup, &story);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_keys(s, ":");
	screen_type(s, "explain");
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "explain:"));
	screen_keys(s, "Enter");
	assert_string_equal(console_top(screen_console(s))->ops->name, "endpoint");
	screen_keys(s, ":");
	screen_type(s, "explain bad_certificate");
	screen_keys(s, "Enter");
	assert_string_equal(console_top(screen_console(s))->ops->name, "explain");
	assert_true(screen_has(s, "alert 42 bad_certificate"));
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_drawn),
		cmocka_unit_test(what_it_decides),
		cmocka_unit_test(asked_for),
	};
	int failed;

	pages = pages_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	pages_free(pages);
	return failed;
}
