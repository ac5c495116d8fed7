/*
 * The roll-over of a root on screen, out of documents that are made here: how far it is, what blocks, who trusts the new root; that names
 * are typed exactly, that a read-only console changes nothing, that it is left and abandoned. And all of it against a lab, on a pty.
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
#include <unistd.h>

#include "model/memory.h"
#include "model/times.h"
#include "tests/memory_terminal.h"
#include "tests/program.h"
#include "tests/rollover_fleet.h"
#include "tests/screen.h"
#include "tests/vtpty.h"
#include "tui/console_parts.h"
#include "tui/rollover.h"
#include "tui/rollover_work.h"

#define NOW INT64_C(1795435200) /* 2026-11-23T12:00:00Z */
#define DAY INT64_C(86400)
#define ROOT "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/11111111-1111-4111-8111-111111111111"
#define NEW_ROOT "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/22222222-2222-4222-8222-222222222222"
#define PEM "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

static const struct size {
	int rows, columns;
	enum screen_kind kind;
} sizes[] = { { 12, 40, SCREEN_UTF8 }, { 24, 80, SCREEN_UTF8 }, { 40, 120, SCREEN_UTF8 }, { 24, 80, SCREEN_ASCII }, { 24, 80, SCREEN_MONO } };
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static char *folder, *document;
static struct world world;

/* ---- its world: a clock that stands, a home of its own ---- */

static const char *
env(void *self, const char *name)
{
	(void)self;
	return strcmp(name, "HOME") == 0 ? folder : NULL;
}

static int64_t
now_ms(void *self)
{
	(void)self;
	return NOW * 1000;
}

static uint64_t
ticks(void *self)
{
	(void)self;
	return world_real()->ticks_us(world_real()->self);
}

static void
chance(void *self, unsigned char *out, size_t len)
{
	(void)self;
	world_real()->random(world_real()->self, out, len);
}

static int
set_up(void **state)
{
	struct arena *a = arena_new();
	struct error err = { .code = ERROR_NONE };

	(void)state;
	folder = make_folder();
	world = (struct world){ .now_ms = now_ms, .ticks_us = ticks, .random = chance, .env = env };
	assert_int_equal(rollover_path(rollover_id(ROOT, a), in_folder(folder, "changes"), &world, &document, &err), STATUS_OK);
	arena_free(a);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(document);
	remove_folder(folder);
	return 0;
}

/* ---- documents ---- */

/* A service: what each column says, and why. */
struct line {
	const char *name;
	char answers[ROLLOVER_COLUMNS + 1]; /* as a server, as a client, sends, holds: Y, N, U (not known), X (is none) */
};

static enum rollover_answer
answer_of(char letter)
{
	return letter == 'Y' ? ROLLOVER_YES : letter == 'N' ? ROLLOVER_NO : letter == 'X' ? ROLLOVER_NOT_ONE : ROLLOVER_UNKNOWN;
}

static const struct line being_trusted[] = { { "order-service", "XYNY" }, { "ledger", "YYNY" }, { "payment", "NYNY" }, { "stock", "UXNY" },
	{ "mail", "YNNY" }, { "search\033[31m", "YXNY" } };
static const struct line two_unknown[] = { { "ledger", "YYYY" }, { "payment", "UYYY" }, { "stock", "YUYN" }, { "mail", "YXYY" } };
static const struct line all_trust[] = { { "payment", "YXYY" }, { "ledger", "YYNY" } };

static const char *
how(enum rollover_column c, enum rollover_answer a)
{
	static const char *const server[] = { "no handshake came about: net.refused", "it refuses a client certificate of the new root: alert 48 unknown_ca",
		"it lets in a client certificate of the new root", "it is no server" };
	static const char *const client[] = { "whether it calls others, and whom it trusts then, is not configured",
		"/etc/mail/upstreams.pem holds the old root and not the new one", "upstreams.pem holds the new root", "it calls nobody: serves names no upstreams" };
	static const char *const sends[] = { "it was not asked", "it sends a chain that leads to the old root", "it sends a chain that leads to the new root", "neither" };

	return c == ROLLOVER_SERVER ? server[a] : c == ROLLOVER_CLIENT ? client[a] : c == ROLLOVER_SENDS ? sends[a] : a == ROLLOVER_YES ? "clients.pem holds the old root" : NULL;
}

static struct rollover *
written(enum rollover_step done_to, const struct line *lines, size_t len)
{
	struct rollover *r = rollover_new();

	r->id = rollover_id(ROOT, r->arena);
	r->way = ROLLOVER_CROSS;
	r->began = NOW - 12 * DAY;
	r->who = "anna";
	r->host = "bastion-2";
	r->old_root = (struct rollover_ca){ .arn = ROOT, .name = "Acme Root CA", .pem = PEM, .not_after = NOW + 60 * DAY };
	r->new_root = (struct rollover_ca){ .arn = NEW_ROOT, .name = "Acme Root CA G2", .pem = PEM, .not_after = NOW + 3600 * DAY };
	r->pass = (struct rollover_pass){ .cert = PEM, .key_file = "/nowhere/pass.key", .host = "bastion-2", .not_after = NOW + 20 * DAY };
	for (enum rollover_step s = ROLLOVER_MAKE_ROOT; s < done_to; s++)
		r->done[s] = (struct rollover_done){ .at = NOW - 10 * DAY + s, .plan = s + 1, .who = "anna", .host = "bastion-2" };
	for (size_t i = 0; i < len; i++) {
		struct rollover_service *s = rollover_service(r, lines[i].name);

		for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++)
			rollover_measured(r, s, c, answer_of(lines[i].answers[c]), NOW - 300, how(c, answer_of(lines[i].answers[c])));
	}
	return r;
}

/* Beside the record that the console was given, not into the state folder (the demo has its own), in the place of what lay there. Frees it. */
static void
lay_down(struct rollover *r)
{
	struct error err = { .code = ERROR_NONE };
	struct rollover_file *file = NULL;
	struct rollover *none = NULL;

	(void)(unlink(document) == 0);
	if (rollover_open(document, true, &file, &none, &err) != STATUS_OK || rollover_save(file, r, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	rollover_close(file);
	rollover_free(r);
}

static struct rollover *
lying_there(void)
{
	struct error err = { .code = ERROR_NONE };
	struct rollover_file *file = NULL;
	struct rollover *r = NULL;

	if (rollover_open(document, false, &file, &r, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	rollover_close(file);
	assert_non_null(r);
	return r;
}

static struct screen *
open_sized(const struct size *size, bool allow)
{
	struct console_setup setup = { .fleet = fleet_new(), .world = &world, .examine = examine_defaults, .allow_changes = allow, .still = true,
		.changes = in_folder(folder, "changes"), .first = &rollover_view };
	struct target t = { .name = NULL };
	struct error err = { .code = ERROR_NONE };

	assert_int_equal(target_parse("ledger.internal:8443", &t, &err), STATUS_OK);
	fleet_add(setup.fleet, "ledger", &t, NULL, NULL, NULL);
	target_done(&t);
	setup.examine.at_set = true;
	setup.examine.at = NOW;
	return screen_open(size->rows, size->columns, size->kind, &setup);
}

static struct screen *
open_with(enum rollover_step done_to, const struct line *lines, size_t len, bool allow)
{
	lay_down(written(done_to, lines, len));
	return open_sized(&sizes[1], allow);
}
#define OPEN(to, lines, allow) open_with((to), (lines), sizeof(lines) / sizeof(lines)[0], (allow))

/* ---- pictures ---- */

static void
golden(const char *name, struct rollover *(*make)(void), const char *keys)
{
	for (size_t i = 0; i < SIZES; i++) {
		struct screen *s;

		lay_down(make());
		s = open_sized(&sizes[i], true);
		screen_wait(s, "SERVICE");
		screen_keys(s, keys);
		screen_golden(s, name);
		screen_close(s);
	}
}

static struct rollover *
trusting(void)
{
	return written(ROLLOVER_TRUST, being_trusted, sizeof being_trusted / sizeof being_trusted[0]);
}

static struct rollover *
locked(void)
{
	return written(ROLLOVER_REMOVE, two_unknown, sizeof two_unknown / sizeof two_unknown[0]);
}

static struct rollover *
elsewhere(void)
{
	struct rollover *r = written(ROLLOVER_MOVE, all_trust, sizeof all_trust / sizeof all_trust[0]);

	r->busy = ROLLOVER_MOVE;
	r->busy_by = (struct rollover_done){ .at = NOW - 4000, .plan = 5, .who = "anna", .host = "bastion-2" };
	return r;
}

static struct rollover *
failing(void)
{
	static const struct line lines[] = { { "ledger", "YYYY" }, { "payment", "NYYY" }, { "stock", "YXNY" } };
	struct rollover *r = written(ROLLOVER_REMOVE, lines, sizeof lines / sizeof lines[0]);

	return r;
}

static void
goldens(void **state)
{
	(void)state;
	golden("rollover-trust", trusting, "Down");
	golden("rollover-locked", locked, "");
	golden("rollover-locked-asks", locked, "a");
	golden("rollover-elsewhere", elsewhere, "");
}

static void
golden_ways(void **state)
{
	struct rollover_picture p = { .arena = arena_new(), .facts = written(ROLLOVER_MAKE_ROOT, NULL, 0), .offered = true, .now = NOW };

	(void)state;
	p.offers[ROLLOVER_SAME_KEY] = (struct rollover_offer){ .way = ROLLOVER_SAME_KEY, .possible = true, .what = "the root signs itself once more: the same name and key, a later date",
		.cost = "0.75 USD once", .stays = "everything that was issued, and every chain; nothing is reissued",
		.needs = "the new certificate of the root in every bundle, before the old one ends", .measured = "nothing on the wire: only where bundles can be read" };
	p.offers[ROLLOVER_CROSS] = (struct rollover_offer){ .way = ROLLOVER_CROSS, .possible = true, .recommended = true, .what = "a new root, which also signs the key of what issues",
		.cost = "at least 400 USD a month from today on", .stays = "leaves and their keys; chains get another CA certificate",
		.needs = "the new root in every bundle; then the new CA certificate in every chain", .measured = "as a server: on the wire; as a client: its bundle" };
	p.offers[ROLLOVER_NEW] = (struct rollover_offer){ .way = ROLLOVER_NEW, .what = "a new root and a new issuing CA below it", .cost = "at least 800 USD a month",
		.stays = "nothing: every leaf is issued anew", .needs = "the new root in every bundle", .measured = "as a server: on the wire",
		.why_not = "no CA right below it is in this account" };
	for (size_t i = 0; i < SIZES; i++) {
		struct terminal_options opt = { .ascii = sizes[i].kind == SCREEN_ASCII, .theme = sizes[i].kind == SCREEN_MONO ? "mono" : NULL };
		struct memory_terminal m = { 0 };
		struct document d;
		struct canvas c;

		memory_terminal_open(&m, sizes[i].rows, sizes[i].columns, &opt);
		c = canvas_screen();
		document_start(&d);
		rollover_compose_ways(&d, &p, sizes[i].columns);
		d.body.ops->draw(&d.body, &c);
		painted_golden(sizes[i].rows, sizes[i].columns, sizes[i].kind, "rollover-ways");
		/* The one that is recommended is the one that Enter takes. */
		assert_int_equal(document_selected(&d), ROLLOVER_CROSS + 1);
		document_done(&d);
		memory_terminal_close(&m);
	}
	rollover_free(p.facts);
	arena_free(p.arena);
}

/* ---- what stands where ---- */

static size_t
row_of(struct screen *s, const char *name)
{
	char *all = screen_text(s);
	const char *at = strstr(all, name);
	size_t row = 0;

	if (at == NULL)
		fail_msg("“%s” is not on the screen:\n%s", name, all);
	for (const char *c = all; c < at; c++)
		row += *c == '\n';
	free(all);
	return row;
}

static void
what_blocks_stands_first(void **state)
{
	struct screen *s = OPEN(ROLLOVER_TRUST, being_trusted, false);

	(void)state;
	screen_wait(s, "payment");
	/* NO, then ??, then the configuration's order. */
	assert_true(row_of(s, "payment") < row_of(s, "mail  ") && row_of(s, "mail  ") < row_of(s, "stock") && row_of(s, "stock") < row_of(s, "order-service"));
	assert_true(row_of(s, "order-service") < row_of(s, "ledger"));
	assert_true(screen_has(s, "Step 4 of 7") && screen_has(s, "2 of 6 do not trust the new root yet"));
	assert_true(screen_has(s, "> TRUST"));
	screen_close(s);
	s = OPEN(ROLLOVER_MOVE, all_trust, false);
	screen_wait(s, "Step 5 of 7");
	assert_true(screen_has(s, "✓ trust  > CHAINS"));
	assert_true(row_of(s, "ledger") < row_of(s, "payment"));
	screen_close(s);
}

static void
it_is_filtered(void **state)
{
	struct screen *s = OPEN(ROLLOVER_TRUST, being_trusted, false);

	(void)state;
	screen_wait(s, "payment");
	screen_keys(s, "/");
	screen_type(s, "alert 48");
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "payment") && !screen_has(s, "ledger"));
	screen_close(s);
}

static void
enter_opens_the_endpoint(void **state)
{
	struct screen *s = OPEN(ROLLOVER_TRUST, being_trusted, false);

	(void)state;
	screen_wait(s, "payment");
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "it is no endpoint of this session"));
	screen_keys(s, "/");
	screen_type(s, "ledger");
	screen_keys(s, "Enter");
	screen_keys(s, "Enter");
	assert_ptr_equal(console_top(screen_console(s))->ops, &endpoint_view);
	screen_keys(s, "q");
	assert_ptr_equal(console_top(screen_console(s))->ops, &rollover_view);
	screen_close(s);
}

/* ---- the lock ---- */

static void
names_are_typed_exactly(void **state)
{
	static const struct { const char *typed, *says; } wrong[] = { { "", "locked" }, { "payment", "“stock” is not known, and was not typed" },
		{ "payment, stock, mail", "“mail” was typed, and is not among those" }, { "payment,stoc", "“stoc” was typed" } };
	struct screen *s = OPEN(ROLLOVER_REMOVE, two_unknown, true);

	(void)state;
	screen_wait(s, "LOCKED");
	assert_true(screen_has(s, "payment, stock"));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		screen_keys(s, "a");
		screen_type(s, wrong[i].typed);
		screen_keys(s, "Enter");
		if (!screen_has(s, wrong[i].says) || console_top(screen_console(s))->ops != &rollover_view)
			fail_msg("“%s”: “%s” is not said", wrong[i].typed, wrong[i].says);
	}
	screen_keys(s, "a Esc");
	assert_ptr_equal(console_top(screen_console(s))->ops, &rollover_view);
	screen_keys(s, "a");
	screen_type(s, "stock , payment");
	screen_keys(s, "Enter");
	assert_ptr_equal(console_top(screen_console(s))->ops, &plan_view);
	/* It is measured anew before it is believed, and here there is nobody to ask. */
	screen_wait(s, "no account of AWS is configured");
	screen_close(s);
}

static void
who_fails_cannot_be_typed_away(void **state)
{
	struct screen *s;

	(void)state;
	lay_down(failing());
	s = open_sized(&sizes[1], true);
	/* A chain of the old root brings its step back: that comes first. */
	screen_wait(s, "payment");
	screen_keys(s, "a");
	if (console_top(screen_console(s))->ops != &plan_view) {
		assert_true(screen_has(s, "locked: "));
		assert_false(screen_has(s, "names of all"));
	} else {
		screen_wait(s, "NONE");
	}
	screen_close(s);
	s = OPEN(ROLLOVER_MOVE, ((const struct line[]){ { "ledger", "YYNY" }, { "payment", "NYNY" } }), true);
	screen_wait(s, "payment");
	assert_true(screen_has(s, "1 of 2 do not trust the new root yet"));
	screen_close(s);
}

/* ---- changes ---- */

static void
read_only_changes_nothing(void **state)
{
	struct rollover *before, *after;
	struct screen *s = OPEN(ROLLOVER_MOVE, all_trust, false);
	size_t tried = 0;

	(void)state;
	before = lying_there();
	screen_wait(s, "payment");
	assert_true(screen_has(s, "applying it needs --allow-changes"));
	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);

		if ((info->needs & NEED_CHANGES) == 0 || (info->scopes & SCOPE_ROLLOVER) == 0)
			continue;
		screen_type(s, ":");
		screen_type(s, info->name);
		screen_keys(s, "Enter");
		screen_wait(s, "this console is read-only");
		tried++;
	}
	assert_true(tried >= 2);
	screen_close(s);
	after = lying_there();
	assert_int_equal(after->revision, before->revision);
	assert_int_equal(after->ended, TIME_UNKNOWN);
	rollover_free(before);
	rollover_free(after);
}

static void
abandoned(void **state)
{
	struct rollover *r;
	struct screen *s = OPEN(ROLLOVER_MOVE, all_trust, true);

	(void)state;
	screen_wait(s, "payment");
	screen_type(s, ":rollover-abandon");
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "2 trust the new root") && screen_has(s, "1 send a chain that needs it"));
	screen_keys(s, "Enter"); /* Cancel */
	r = lying_there();
	assert_false(r->abandoned);
	rollover_free(r);
	screen_type(s, ":rollover-abandon");
	screen_keys(s, "Enter Right Enter");
	screen_wait(s, "It was abandoned");
	r = lying_there();
	assert_true(r->abandoned && r->ended == NOW);
	rollover_free(r);
	screen_close(s);
}

/* Somebody else has it in hand: it is shown all the same, and not changed. */
static void
somebody_else_changes_it(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct rollover_file *file = NULL;
	struct rollover *r = NULL;
	struct screen *s;

	(void)state;
	lay_down(written(ROLLOVER_MOVE, all_trust, 2));
	assert_int_equal(rollover_open(document, true, &file, &r, &err), STATUS_OK);
	s = open_sized(&sizes[1], true);
	screen_wait(s, "payment");
	screen_type(s, ":rollover-abandon");
	screen_keys(s, "Enter Right Enter");
	screen_wait(s, "somebody else is");
	screen_close(s);
	rollover_free(r);
	rollover_close(file);
	r = lying_there();
	assert_false(r->abandoned);
	rollover_free(r);
}

static void
begun_elsewhere_is_asked_about(void **state)
{
	struct screen *s;

	(void)state;
	lay_down(elsewhere());
	s = open_sized(&sizes[1], true);
	screen_wait(s, "was begun on bastion-2");
	screen_keys(s, "a");
	assert_true(screen_has(s, "take it over?"));
	screen_keys(s, "Enter");
	assert_ptr_equal(console_top(screen_console(s))->ops, &rollover_view);
	screen_close(s);
}

/* No document, no account; a document that is none; left at once. */
static void
nothing_is_known(void **state)
{
	struct screen *s;

	(void)state;
	(void)(unlink(document) == 0);
	s = open_sized(&sizes[1], true);
	screen_wait(s, "of which root?");
	screen_keys(s, "a r D");
	screen_type(s, ":rollover Acme Root CA");
	screen_keys(s, "Enter");
	screen_wait(s, "no account of AWS is configured");
	screen_keys(s, "q");
	screen_close(s);
	assert_true(write_file(document, "{", 1));
	s = open_sized(&sizes[1], true);
	screen_keys(s, "r");
	screen_type(s, ":rollover " ROOT);
	screen_keys(s, "Enter q");
	screen_close(s);
	assert_int_equal(unlink(document), 0);
}

/* ---- on a pty, against a lab ---- */

static void
begins_it(struct vtpty *p, const char *after)
{
	vtpty_keys(p, "a");
	vtpty_wait(p, "[ Cancel ]");
	vtpty_keys(p, "Right Enter");
	vtpty_wait(p, "DONE: ");
	vtpty_keys(p, "q");
	vtpty_wait(p, after);
}

/* The command line is killed in the middle of a step: it is said, and the screen goes on with it. */
static void
picked_up(const struct rolled *f, struct vtpty *p)
{
	int exit_status = 0;

	if (!rolled_run_killed(f, (const char *const[]){ "--next", "--apply", "--yes", NULL }, 2, &exit_status))
		fail_msg("it was over before it could be killed: status %d", exit_status);
	vtpty_keys(p, "r");
	vtpty_wait(p, "of it was interrupted");
	vtpty_keys(p, "a");
	vtpty_wait(p, "R goes on from there");
	vtpty_keys(p, "R");
	vtpty_wait(p, "[ Cancel ]");
	vtpty_keys(p, "Right Enter");
	vtpty_wait(p, "DONE: ");
	vtpty_keys(p, "q");
	vtpty_wait(p, "> CHAINS");
}

static void
a_lab_to_the_end_of_trust(void **state)
{
	const char *words[] = { NULL, "--config", NULL, "--allow-changes", NULL };
	struct vtpty_options opt = { .home = NULL };
	struct rolled f;
	struct vtpty *p;
	cJSON *json;

	(void)state;
	assert_true(rolled_start(&f, 8));
	rolled_use(&f, NULL);
	words[0] = mtlscope();
	words[2] = f.config;
	opt.home = f.folder;
	opt.env = (const char *const *)f.env;
	p = vtpty_open(words, &opt);
	vtpty_wait(p, "8 endpoints");
	vtpty_type(p, ":rollover Acme Root CA");
	vtpty_keys(p, "Enter");
	vtpty_wait(p, "No roll-over of it is under way here");
	vtpty_keys(p, "Enter");
	vtpty_wait(p, "a new root");
	vtpty_wait(p, "a applies it");
	begins_it(p, "> SIGN");
	vtpty_keys(p, "a");
	vtpty_wait(p, "a applies it");
	begins_it(p, "> MEASURE");
	vtpty_keys(p, "a");
	vtpty_wait(p, "a applies it");
	begins_it(p, "9 of 9 do not trust the new root yet");
	vtpty_wait(p, "0 YES  8 NO");
	vtpty_wait(p, "measured "); /* until then it has the document */
	picked_up(&f, p);
	vtpty_wait(p, "8 YES  0 NO");
	/* The command line sees the same document. */
	json = rolled_status(&f);
	for (size_t i = 0; i < f.len; i++)
		assert_string_equal(rolled_answer(json, rolled_name(&f, i), "server"), "YES");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "next")), "move");
	cJSON_Delete(json);
	/* What a later step rests on is not undone. */
	vtpty_keys(p, "L");
	vtpty_wait(p, "4 plans");
	vtpty_keys(p, "End u");
	vtpty_wait(p, "[ Cancel ]");
	vtpty_keys(p, "Right Enter");
	vtpty_wait(p, "A later step rests on it");
	rolled_all_healthy(&f, "after trust");
	vtpty_type(p, ":quit");
	vtpty_keys(p, "Enter");
	assert_int_equal(vtpty_wait_end(p, 30000), 0);
	vtpty_free(p);
	rolled_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goldens),
		cmocka_unit_test(golden_ways),
		cmocka_unit_test(what_blocks_stands_first),
		cmocka_unit_test(it_is_filtered),
		cmocka_unit_test(enter_opens_the_endpoint),
		cmocka_unit_test(names_are_typed_exactly),
		cmocka_unit_test(who_fails_cannot_be_typed_away),
		cmocka_unit_test(read_only_changes_nothing),
		cmocka_unit_test(abandoned),
		cmocka_unit_test(somebody_else_changes_it),
		cmocka_unit_test(begun_elsewhere_is_asked_about),
		cmocka_unit_test(nothing_is_known),
		cmocka_unit_test(a_lab_to_the_end_of_trust),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
