/*
 * The endpoint's screens: golden files of the first three tabs for the stories of tests/pages.h, at every
 * size; the tabs themselves, what a new result says, what is written into files.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tests/pages.h"
#include "tests/screen.h"

#define AT_MS (CHAINS_NOW * 1000)

static struct pages *pages;
static struct standing_world standing;

/* What a screen is to be made of. */
struct scene {
	enum pages_story story;
	enum { CHECKED, NEVER_CHECKED, FIRST_CHECK } state;
	void (*alter)(struct entry *e); /* or NULL */
};

static struct target
target_of(const char *spelled)
{
	struct target t;
	struct error err = { 0 };

	assert_int_equal(target_parse(spelled, &t, &err), STATUS_OK);
	return t;
}

static struct entry *
add(struct fleet *f, const char *name, const char *spelled)
{
	struct target t = target_of(spelled);
	struct entry *e = fleet_add(f, name, &t, NULL, NULL, NULL);

	target_done(&t);
	return e;
}

/* A check is over, with this result. */
static void
result(struct fleet *f, struct entry *e, enum pages_story story)
{
	struct evidence *ev;
	struct diagnosis *d = pages_give(pages, story, &ev);

	fleet_result(f, e, ev, d, AT_MS);
}

static void
make(struct console_setup *setup, void *user)
{
	const struct scene *scene = user;
	struct entry *e;

	setup->fleet = fleet_new();
	setup->world = world_standing(&standing, CHAINS_NOW);
	setup->still = true;
	e = add(setup->fleet, NULL, "payment.internal:8443");
	if (scene->state == CHECKED)
		result(setup->fleet, e, scene->story);
	else
		fleet_waiting(setup->fleet, e, scene->state == FIRST_CHECK);
	if (scene->alter != NULL)
		scene->alter(e);
	setup->first = &endpoint_view;
	setup->first_argument = e;
}

/* ---- golden screens ---- */

static const struct {
	enum pages_story story;
	const char *name;
} stories[] = {
	{ PAGES_FORGOTTEN, "forgotten" },
	{ PAGES_ACCEPTED, "accepted" },
	{ PAGES_NOT_PROVEN, "not-proven" },
	{ PAGES_REFUSED_PORT, "refused-port" },
	{ PAGES_HTTP_400, "http-400" },
};

static void
goldens_of(const char *tab, const char *key)
{
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
		struct scene scene = { .story = stories[i].story };
		char name[64];

		snprintf(name, sizeof name, "endpoint-%s-%s", tab, stories[i].name);
		screen_goldens(name, make, &scene, key);
	}
}

static void
why(void **state)
{
	(void)state;
	goldens_of("why", "1");
}

static void
findings(void **state)
{
	(void)state;
	goldens_of("findings", "2");
}

static void
handshake(void **state)
{
	(void)state;
	goldens_of("handshake", "3");
}

static void
nothing_is_known_yet(void **state)
{
	struct scene never = { .state = NEVER_CHECKED }, first = { .state = FIRST_CHECK };

	(void)state;
	screen_goldens("endpoint-never-checked", make, &never, "");
	screen_goldens("endpoint-first-check", make, &first, "4");
}

/* ---- what DESIGN draws, at 80×24, nothing cut ---- */

static struct screen *
open_scene(int rows, int columns, enum screen_kind kind, struct scene *scene)
{
	struct console_setup setup = { .examine = examine_defaults };

	make(&setup, scene);
	return screen_open(rows, columns, kind, &setup);
}

static void
expect_all(struct screen *s, const char *const *texts)
{
	for (; *texts != NULL; texts++) {
		if (!screen_has(s, *texts))
			fail_msg("not on the screen: %s\n%s", *texts, screen_text(s));
	}
}

static void
everything_that_the_design_draws(void **state)
{
	static const char *const drawn[] = {
		" ✗ FAIL  OUR SIDE: the server refuses our certificate\n",
		" Our chain lacks “Acme Issuing CA 1”; the server cannot get from",
		" mend    put “Acme Issuing CA 1” into order.crt (after the leaf)\n",
		" proof   as it is", "refused, alert 48 unknown_ca\n", ": accepted\n",
		" cause   client.missing-intermediate · certain · server: OpenSSL family\n",
		" tested  order.crt on bastion-2, not what the running service sends\n",
		" SERVER'S CHAIN: ", "│ OUR CHAIN: FAIL, the server refuses it\n",
		"OK ✓ Acme Root CA     in their CA list\n",
		"NO ✗ └─Acme Issuing CA 1      NOT SENT\n",
		"OK ✓   └─order-service sent  88 d left\n",
		" also    ! WARN cert.outlives-issuer: ",
		"\n[1 why] 2 findings  3 handshake  4 experiments  5 certificate  6 times\n", NULL,
	};
	struct scene scene = { .story = PAGES_FORGOTTEN };
	struct screen *s = open_scene(24, 80, SCREEN_UTF8, &scene);

	(void)state;
	expect_all(s, drawn);
	screen_close(s);
}

/* Long sentences, much evidence, many that it may be. */
static void
tell_much(struct entry *e)
{
	static const char *const words = "a sentence that is long enough to take more than one line of eighty columns, and so "
					 "the screen has less room for what matters";
	struct diagnosis *d = e->diagnosis;
	struct finding *f = arena_dup(d->arena, d->root, sizeof *f);

	f->candidates = arena_array(d->arena, 8, sizeof *f->candidates);
	f->candidates_len = 8;
	for (size_t i = 0; i < 8; i++)
		f->candidates[i] = d->root->candidates[0];
	f->evidence = arena_array(d->arena, 3, sizeof *f->evidence);
	f->evidence_len = 3;
	for (size_t i = 0; i < 3; i++)
		f->evidence[i] = words;
	d->summary = arena_printf(d->arena, "%s, and %s.", words, words);
	d->root = f;
}

/* However much there is to tell, verdict, both chains and what decides are on the screen. */
static void
both_chains_are_always_whole(void **state)
{
	static const char *const whole[] = { "✗ FAIL  OUR SIDE?  refused, cause not proven", "either  client.untrusted",
		"or      5 more in 2 findings", "decide  ask the server's owner", "OK ✓   └─payment.internal    41 d left",
		"OK ✓   └─order-service sent  88 d left", NULL };
	struct scene scene = { .story = PAGES_NOT_PROVEN, .alter = tell_much };
	struct screen *s = open_scene(24, 80, SCREEN_UTF8, &scene);

	(void)state;
	expect_all(s, whole);
	screen_close(s);
}

static void
tell_of_the_lab(struct entry *e)
{
	e->story = mem_strdup("Our file holds our certificate only.");
	e->identity_problem = mem_strdup("order.key: permission denied");
}

static void
what_the_entry_says_besides(void **state)
{
	static const char *const told[] = { " tested  order.crt on bastion-2", " but     order.key: permission denied\n",
		" lab     Our file holds our certificate only.\n", NULL };
	struct scene scene = { .story = PAGES_FORGOTTEN, .alter = tell_of_the_lab };
	struct screen *s = open_scene(24, 80, SCREEN_UTF8, &scene);

	(void)state;
	expect_all(s, told);
	screen_close(s);
}

/* ---- tabs ---- */

static void
tabs_by_number_and_by_turns(void **state)
{
	static const struct {
		const char *keys, *open;
	} steps[] = { { "3", "[3 handshake]" }, { "Tab", "[4 experiments]" }, { "6", "[6 times]" }, { "Tab", "[1 why]" },
		{ "BackTab", "[6 times]" }, { "5", "[5 certificate]" }, { "2", "[2 findings]" } };
	struct scene scene = { .story = PAGES_FORGOTTEN };
	struct screen *s = open_scene(24, 80, SCREEN_MONO, &scene);

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		screen_keys(s, steps[i].keys);
		if (!screen_has(s, steps[i].open))
			fail_msg("after %s: no %s\n%s", steps[i].keys, steps[i].open, screen_text(s));
	}
	screen_close(s);
	/* Where it is narrow only the open one has its name. */
	s = open_scene(12, 40, SCREEN_UTF8, &scene);
	screen_keys(s, "3");
	assert_true(screen_has(s, " 1  2 [3] 4  5  6  handshake"));
	screen_close(s);
}

/* Each tab keeps its place while another is looked at, and when a new result comes. */
static void
a_place_is_kept(void **state)
{
	struct scene scene = { .story = PAGES_FORGOTTEN };
	struct screen *s = open_scene(12, 80, SCREEN_UTF8, &scene);
	struct console *k = screen_console(s);
	char *before, *after;

	(void)state;
	screen_keys(s, "3 Down Down Down Down");
	before = screen_text(s);
	assert_false(screen_has(s, "ClientHello"));
	screen_keys(s, "1 3");
	after = screen_text(s);
	assert_string_equal(after, before);
	free(after);
	result(console_fleet(k), fleet_at(console_fleet(k), 0), PAGES_FORGOTTEN);
	console_changed(k);
	console_draw(k);
	assert_false(screen_has(s, "ClientHello"));
	assert_true(screen_has(s, "[3 handshake]"));
	free(before);
	screen_close(s);
}

/* ---- a new result ---- */

static void
what_changed_is_said(void **state)
{
	static const struct {
		enum pages_story before, after;
		const char *said;
	} cases[] = {
		{ PAGES_FORGOTTEN, PAGES_ACCEPTED, "was FAIL, now OK: payment.internal:8443" },
		{ PAGES_ACCEPTED, PAGES_REFUSED_PORT, "was OK, now DOWN: payment.internal:8443" },
		{ PAGES_FORGOTTEN, PAGES_FORGOTTEN, "still FAIL: payment.internal:8443 was checked again" },
		{ PAGES_FORGOTTEN, PAGES_NOT_PROVEN, "still FAIL, now client.rejected (was client.missing-intermediate): payment.internal:8443" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scene scene = { .story = cases[i].before };
		struct screen *s = open_scene(24, 100, SCREEN_UTF8, &scene);
		struct console *k = screen_console(s);
		struct entry *e = fleet_at(console_fleet(k), 0);

		screen_keys(s, "2");
		fleet_waiting(console_fleet(k), e, true);
		console_changed(k);
		console_draw(k);
		assert_true(screen_has(s, "WAIT"));
		result(console_fleet(k), e, cases[i].after);
		fleet_waiting(console_fleet(k), e, false);
		console_changed(k);
		console_draw(k);
		if (!screen_has(s, cases[i].said))
			fail_msg("not said: %s\n%s", cases[i].said, screen_text(s));
		assert_true(screen_has(s, "[2 findings]"));
		screen_close(s);
	}
}

/* The first result needs no comment. */
static void
a_first_result_takes_the_place_of_waiting(void **state)
{
	struct scene scene = { .state = FIRST_CHECK };
	struct screen *s = open_scene(24, 80, SCREEN_UTF8, &scene);
	struct console *k = screen_console(s);

	(void)state;
	assert_true(screen_has(s, " WAIT    is being checked for the first time\n"));
	result(console_fleet(k), fleet_at(console_fleet(k), 0), PAGES_FORGOTTEN);
	console_changed(k);
	console_draw(k);
	assert_true(screen_has(s, " ✗ FAIL  OUR SIDE"));
	assert_false(screen_has(s, "was "));
	screen_close(s);
}

/* ---- from one endpoint to the next ---- */

static void
the_neighbours_of_the_list(void **state)
{
	struct console_setup setup = { .examine = examine_defaults, .fleet = fleet_new(), .world = world_standing(&standing, CHAINS_NOW),
		.still = true, .first = &fleet_view };
	struct screen *s;

	(void)state;
	result(setup.fleet, add(setup.fleet, "one", "one.internal:8443"), PAGES_FORGOTTEN);
	result(setup.fleet, add(setup.fleet, "two", "two.internal:8443"), PAGES_FORGOTTEN);
	add(setup.fleet, "three", "three.internal:8443");
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_keys(s, "Enter 3 ]");
	assert_true(screen_has(s, "› two"));
	assert_true(screen_has(s, "[3 handshake]"));
	screen_keys(s, "]");
	assert_true(screen_has(s, "› three"));
	assert_true(screen_has(s, "was not checked yet"));
	screen_keys(s, "]");
	assert_true(screen_has(s, "this is the last one of the list"));
	screen_keys(s, "[ [ [");
	assert_true(screen_has(s, "this is the first one of the list"));
	screen_close(s);
}

static void
alone_it_has_no_neighbour(void **state)
{
	struct scene scene = { .story = PAGES_ACCEPTED };
	struct screen *s = open_scene(24, 80, SCREEN_UTF8, &scene);

	(void)state;
	screen_keys(s, "]");
	assert_true(screen_has(s, "it was not opened from a list of endpoints"));
	screen_close(s);
}

/* ---- what is selected ---- */

static void
the_certificate_that_is_selected(void **state)
{
	struct scene scene = { .story = PAGES_FORGOTTEN };
	struct screen *s = open_scene(24, 80, SCREEN_UTF8, &scene);
	struct view *v = console_top(screen_console(s));
	size_t without = 0;

	(void)state;
	assert_null(v->cert);
	assert_ptr_equal(v->entry, fleet_at(console_fleet(screen_console(s)), 0));
	screen_keys(s, "2 Down");
	assert_non_null(endpoint_view.refuses);
	assert_null(v->ops->refuses(v, ACTION_OPEN));
	assert_string_equal(v->cert->subject.common_name, "payment.internal");
	screen_keys(s, "Enter");
	assert_ptr_equal(console_top(screen_console(s))->ops, &certificate_view);
	screen_keys(s, "q 1 Enter");
	assert_true(screen_has(s, "nothing can be opened here"));
	screen_close(s);
	/* Not that of another finding, nor of the server. */
	scene.story = PAGES_REFUSED_PORT;
	s = open_scene(24, 80, SCREEN_UTF8, &scene);
	screen_keys(s, "2");
	v = console_top(screen_console(s));
	for (size_t i = 0; i < v->entry->diagnosis->len; i++) {
		assert_ptr_equal(v->cert, v->entry->diagnosis->findings[i].certificate);
		without += v->cert == NULL;
		if (v->cert == NULL) {
			screen_keys(s, "Enter");
			assert_true(screen_has(s, "this finding is about no certificate"));
		}
		screen_keys(s, "Down");
	}
	assert_true(without > 0);
	screen_close(s);
}

/* ---- files ---- */

static void
written_as_text_and_as_json(void **state)
{
	static const char *const texts[] = { "✗ FAIL  payment.internal:8443  client.missing-intermediate (certain)\n",
		"\nHANDSHAKE\n", "\nFINDINGS\n", "\nexperiments\n", "\ncertificate\n", "\ntimes\n" };
	struct scene scene = { .story = PAGES_FORGOTTEN }, never = { .state = NEVER_CHECKED };
	struct screen *s = open_scene(12, 40, SCREEN_UTF8, &scene);
	struct view *v = console_top(screen_console(s));
	struct buf b = { 0 };

	(void)state;
	v->ops->text(v, &b);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (strstr(buf_str(&b), texts[i]) == NULL)
			fail_msg("not written: %s\n%s", texts[i], buf_str(&b));
	}
	buf_reset(&b);
	v->ops->json(v, &b);
	assert_int_equal(strncmp(buf_str(&b), "{\"schema\":\"mtlscope.check/1\"", 28), 0);
	screen_close(s);
	s = open_scene(12, 40, SCREEN_UTF8, &never);
	v = console_top(screen_console(s));
	buf_reset(&b);
	v->ops->text(v, &b);
	assert_string_equal(buf_str(&b), "payment.internal:8443 was not checked yet\n");
	buf_done(&b);
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(why),
		cmocka_unit_test(findings),
		cmocka_unit_test(handshake),
		cmocka_unit_test(nothing_is_known_yet),
		cmocka_unit_test(everything_that_the_design_draws),
		cmocka_unit_test(both_chains_are_always_whole),
		cmocka_unit_test(what_the_entry_says_besides),
		cmocka_unit_test(tabs_by_number_and_by_turns),
		cmocka_unit_test(a_place_is_kept),
		cmocka_unit_test(what_changed_is_said),
		cmocka_unit_test(a_first_result_takes_the_place_of_waiting),
		cmocka_unit_test(the_neighbours_of_the_list),
		cmocka_unit_test(alone_it_has_no_neighbour),
		cmocka_unit_test(the_certificate_that_is_selected),
		cmocka_unit_test(written_as_text_and_as_json),
	};
	int failed;

	pages = pages_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	pages_free(pages);
	return failed;
}
