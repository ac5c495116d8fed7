/*
 * Whoever falls asleep on the keyboard: seeded streams of every key, of text, pastes, sizes and results over a
 * mixed fleet, in one process. Nothing crashes, hangs or leaks (with the sanitizers), and what must hold of
 * each frame holds. MONKEY_SEED=n plays one stream alone, MONKEY_KEYS=n a longer one; a failure names both.
 * What leaves the program is caught; what is written stays in a folder of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/text.h"
#include "tests/fleet_builder.h"
#include "tests/pages.h"
#include "tests/plan_console.h"
#include "tests/program.h"
#include "tests/screen.h"
#include "tui/console_parts.h"
#include "tui/key.h"

enum { SEEDS = 6, KEYS = 500, ENDPOINTS = 48, TIME_LIMIT_S = 120, RECENT = 24 };

struct monkey {
	uint64_t state;
	unsigned seed;
	size_t step, results;
	char recent[RECENT][24]; /* what was done last, for the message */
	struct fleet_builder *builder;
	struct pages *pages;
	struct screen *screen;
	struct console *console;
};

/* ---- chance ---- */

static uint64_t
any(struct monkey *m)
{
	m->state ^= m->state << 13;
	m->state ^= m->state >> 7;
	m->state ^= m->state << 17;
	return m->state;
}

static size_t
below(struct monkey *m, size_t n)
{
	return (size_t)(any(m) >> 11) % n;
}

#define PICK(m, array) (array)[below(m, sizeof(array) / sizeof(array)[0])]

/* ---- what must hold ---- */

static void
broken(const struct monkey *m, const char *what)
{
	char *all = screen_text(m->screen);

	print_error("MONKEY_SEED=%u, step %zu: %s. Done last:", m->seed, m->step, what);
	for (size_t i = 0; i < RECENT; i++)
		print_error(" %s", m->recent[(m->step + 1 + i) % RECENT]);
	print_error("\n%s", all);
	free(all);
	fail();
}

static bool
is_an_entry(const struct monkey *m, const struct entry *e)
{
	return fleet_entry(console_fleet(m->console), e->id) == e;
}

static void
check_counts(const struct monkey *m)
{
	struct fleet_counts shown = fleet_counts(console_fleet(m->console)), known = fleet_counts_known(console_fleet(m->console));
	const struct fleet_cause *causes;
	size_t len = fleet_causes(console_fleet(m->console), &causes), a = 0, b = 0, c = 0;

	for (size_t i = 0; i < FLEET_STATES; i++) {
		a += shown.of[i];
		b += known.of[i];
	}
	for (size_t i = 0; i < len; i++)
		c += causes[i].count;
	if (a != shown.all || b != shown.all || c != shown.all || shown.all != fleet_len(console_fleet(m->console)))
		broken(m, "counts do not add up");
}

static void
check_text(const struct monkey *m, char *all)
{
	int rows = terminal_rows();
	size_t title = strcspn(all, "\n");
	char *last = all;

	for (int i = 0; i + 1 < rows; i++)
		last = strchr(last, '\n') + 1;
	if (rows >= 2 && terminal_columns() >= 4 && strspn(all, " ") == title)
		broken(m, "an empty title");
	/* A dialog may stand over it on a screen that is as small as itself. */
	if (rows >= 3 && terminal_columns() >= 8 && m->console->dialog == NULL &&
	    console_top(m->console)->ops->scope != SCOPE_HELP && strncmp(last, " ? help", 7) != 0)
		broken(m, "a footer without “? help”");
	for (char *c = all; *c != '\0'; c++)
		*c = *c == '\n' ? ' ' : *c;
	if ((text_flags(text_of(all)) & TEXT_HOSTILE) != 0)
		broken(m, "a harmful character in a cell");
}

static void
check_frame(const struct monkey *m)
{
	const struct view *v = console_top(m->console);
	char *all = screen_text(m->screen);
	size_t shown, of;

	check_text(m, all);
	free(all);
	check_counts(m);
	if (v->entry != NULL && !is_an_entry(m, v->entry))
		broken(m, "what is selected does not exist");
	if (v->body != NULL) {
		v->body->ops->count(v->body, &shown, &of);
		if (shown > of)
			broken(m, "more rows are shown than there are");
	}
	if (v->ops == &fleet_view && v->body->ops->has_row(v->body) != (v->entry != NULL))
		broken(m, "a row is selected and none is");
}

/* ---- what is done ---- */

static void
note(struct monkey *m, const char *what)
{
	snprintf(m->recent[m->step % RECENT], sizeof m->recent[0], "%s", what);
}

/* Text that is asked for may be the name of a file: none of them leads out of the folder. */
static int
harmless(const struct monkey *m, int key)
{
	return m->console->asking && strcmp(m->console->ask.label, "/") != 0 && key == '/' ? '_' : key;
}

static void
press(struct monkey *m, int key)
{
	console_key(m->console, harmless(m, key));
	/* Leaving is caught: the next key finds the console as it was. */
	m->console->over = false;
}

static void
type(struct monkey *m, const char *text)
{
	wchar_t c;

	for (int len; (len = mbtowc(&c, text, MB_CUR_MAX)) > 0; text += len)
		press(m, (int)c);
}

static void
a_key(struct monkey *m)
{
	static const char *const names[] = { "Enter", "Enter", "Enter", "Esc", "q", "Space", "Tab", "BackTab", "Backspace", "Up", "Down",
		"Down", "Left", "Right", "PgUp", "PgDn", "Home", "End", "Del", "Ins", "F1", "F12", "g", "g", "r", "R", "x", "y", "i",
		"m", "s", "S", "*", "!", "?", "1", "2", "3", "4", "5", "6", "]", "[", "t", "n", "N", "a", "/", ":", "+", "j", "k",
		"G", "w", "d", "C-l", "C-z", "C-c", "C-u", "C-w", "C-k", "C-a", "C-e", "C-y", "C-t", "C-r", "M-b", "M-f", "M-d",
		"M-Backspace", "M-x", "M-q", "M-Enter" };
	const char *name = PICK(m, names);

	note(m, name);
	press(m, key_named(name, strlen(name)));
}

static void
a_character(struct monkey *m)
{
	static const int others[] = { 0xe9, 0x4e2d, 0x301, 0x1f600, 0x202e, 0x200b, 0xad, 0x85, 0xfeff, 0x10ffff, 0xd800, 1, 31, 0x7f };
	int c = below(m, 4) == 0 ? PICK(m, others) : (int)(' ' + below(m, 95));
	char name[24];

	snprintf(name, sizeof name, "%#x", (unsigned)c);
	note(m, name);
	press(m, c);
}

static void
a_line(struct monkey *m)
{
	static const char *const lines[] = { ":w out.txt\r", ":w out.json\r", ":w\r", ":theme mono\r", ":theme light\r", ":theme no\r",
		":sort name\r", ":sort days\r", ":sort cause\r", ":sort nothing\r", "/FAIL\r", "/!FAIL\r", "/payment\r", "/zzzz\r", "/é中\r",
		"/\r", ":messages\r", ":identities .\r", ":identities nowhere.pem\r", ":walkthrough\r", ":walk-end\r", ":\t\t\t\r",
		":theme \t\t\r", ":nosuch thing\r", ":check nonsense:0\r", ":check 127.0.0.1:1\r", ":add [::1]:1\r", ":quit\r", ":mark-all\r",
		":failing\r", ":copy\r", ":last\r", ":help\r", ":open\r", ":expand\r" };
	const char *line = PICK(m, lines);

	note(m, line);
	type(m, line);
}

static void
a_paste(struct monkey *m)
{
	size_t len = below(m, 8) == 0 ? 5000 : below(m, 40);

	note(m, "paste");
	press(m, KEY_PASTE);
	for (size_t i = 0; i < len; i++)
		press(m, below(m, 20) == 0 ? KEY_RETURN : (int)(' ' + below(m, 95)));
	if (below(m, 10) > 0)
		press(m, KEY_PASTE_END);
}

static void
a_size(struct monkey *m)
{
	static const int sizes[][2] = { { 1, 1 }, { 1, 200 }, { 60, 1 }, { 2, 2 }, { 3, 8 }, { 12, 40 }, { 24, 80 }, { 24, 80 }, { 40, 120 },
		{ 60, 200 } };
	size_t i = below(m, 2 * sizeof sizes / sizeof sizes[0]);
	int rows = (int)below(m, 60) + 1, columns = (int)below(m, 200) + 1;
	char name[24];

	if (i < sizeof sizes / sizeof sizes[0]) {
		rows = sizes[i][0];
		columns = sizes[i][1];
	}
	snprintf(name, sizeof name, "%dx%d", columns, rows);
	note(m, name);
	screen_resize(m->screen, rows, columns);
}

/*
 * The builder keeps its certificates; in the program they go with the evidence, and who still looks at one then is
 * to be found out. Equal certificates are one object: another last byte, of the signature, makes it another.
 */
static void
own_certificates(struct monkey *m, struct evidence *ev)
{
	struct error err = { .code = ERROR_NONE };

	for (size_t i = 0; i < ev->handshakes_len; i++) {
		struct handshake *h = ev->handshakes[i];

		for (size_t n = 0; n < h->server_certs_len; n++) {
			struct cert *held = h->server_certs[n].cert;
			unsigned char *der;

			if (held == NULL)
				continue;
			der = mem_dup(held->der.bytes, held->der.len);
			der[held->der.len - 1] ^= (unsigned char)(1 + below(m, 255));
			h->server_certs[n].cert = cert_parse(der, held->der.len, &err);
			cert_free(held);
			free(der);
		}
	}
}

static void
a_result(struct monkey *m)
{
	struct fleet *f = console_fleet(m->console);
	struct entry *e = fleet_at(f, below(m, fleet_len(f)));
	int64_t at = FLEET_NOW + (int64_t)++m->results;

	note(m, "result");
	if (e->waiting && below(m, 2) == 0)
		return; /* it comes from the examiner */
	if (below(m, 5) == 0) {
		struct evidence *ev;
		struct diagnosis *d = pages_give(m->pages, (enum pages_story)below(m, PAGES_HTTP_400 + 1), &ev);

		fleet_result(f, e, ev, d, at * 1000);
	} else {
		struct evidence *ev = fleet_builder_evidence(m->builder, e, (enum shape)below(m, SHAPES), at);

		if (below(m, 2) == 0)
			own_certificates(m, ev);
		fleet_result(f, e, ev, diagnose(ev), at * 1000);
	}
	console_changed(m->console);
}

/* Several things may happen between two frames. */
static void
one_step(struct monkey *m)
{
	static void (*const deeds[])(struct monkey *) = { a_key, a_key, a_key, a_key, a_key, a_key, a_character, a_line, a_result,
		a_result, a_result };
	size_t many = below(m, 3) + 1;

	while (many-- > 0) {
		m->step++;
		if (below(m, 25) == 0)
			a_size(m);
		else if (below(m, 40) == 0)
			a_paste(m);
		else
			PICK(m, deeds)(m);
	}
	console_turn(m->console, 0);
	m->console->over = false;
	console_draw(m->console);
	check_frame(m);
}

/* ---- where ---- */

static struct fleet *
mixed_fleet(struct monkey *m)
{
	static const char *const names[] = { "payment", "ledger", "é-中文-long-enough-to-be-cut-somewhere", "a\033]52;c;YQ==\a\r\nb",
		("\xe2\x80\xae" "drowssap"), "x\xcc\x81\xcc\x81\xcc\x81\xcc\x81", "", "\xff\xfe" };
	struct fleet *f = fleet_new();

	for (size_t i = 0; i < ENDPOINTS; i++) {
		struct entry *e = fleet_builder_add(m->builder, f, "service");
		struct target t = { .name = NULL };

		target_copy(&t, &e->target);
		free(t.name);
		t.name = NULL;
		if (i % 3 > 0)
			e = fleet_add(f, names[i % (sizeof names / sizeof names[0])], &t, e->identity, e->trust, NULL);
		target_done(&t);
		if (i % 5 > 0)
			fleet_builder_check(m->builder, f, e, (enum shape)(i % SHAPES), FLEET_NOW - 60);
	}
	return f;
}

/* Whose plans it applies, takes back and reads again: they change files of its own. */
static struct plan_console plans;

static void
play(unsigned seed, size_t keys)
{
	static const struct redirect nowhere[] = { { .host = "*", .to_host = "127.0.0.1", .to_port = 1 } };
	struct monkey m = { .seed = seed, .state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
	struct console_setup setup = { .world = world_real(), .examine = examine_defaults, .config_path = "config/mtlscope.yaml" };
	const size_t broken_ones = 7;
	static const struct view_ops *const firsts[] = { NULL, &causes_view, &endpoint_view, &fleet_view };

	m.builder = fleet_builder_make();
	m.pages = pages_make();
	setup.fleet = mixed_fleet(&m);
	setup.examine.redirects = nowhere;
	setup.examine.redirects_len = 1;
	setup.trust = fleet_at(setup.fleet, 0)->trust;
	plan_console_begin(&plans);
	plans.kind = (enum plan_kind)(seed % 2 == 0 ? PLAN_FINE : seed % 3 == 0 ? PLAN_BY_HAND : PLAN_FAILS);
	if (seed % 4 == 1)
		assert_true(write_file(plan_console_in(&plans, "broken"), "", 0));
	setup.plans = &plans.maker;
	setup.changes = plans.record;
	setup.practice_lab = seed % 2 == 1;
	setup.allow_changes = seed % 3 == 0;
	if (seed % 5 == 0) {
		/* It presses keys of its own, between those of the monkey. */
		setup.practice_lab = setup.walk_by_itself = true;
		setup.walkthrough = walkthrough_named(walkthrough_names()[0]);
		setup.walk_pace_ms = 1;
	}
	setup.first = seed % 4 == 1 ? &lab_view : firsts[seed % 4];
	setup.first_argument = setup.first == &lab_view ? (const void *)&broken_ones :
	    setup.first == &endpoint_view ? (const void *)fleet_at(setup.fleet, 3) : NULL;
	m.screen = screen_open(24, 80, seed % 3 == 1 ? SCREEN_ASCII : seed % 3 == 2 ? SCREEN_MONO : SCREEN_UTF8, &setup);
	m.console = screen_console(m.screen);
	while (m.step < keys)
		one_step(&m);
	/* What it applies uses what goes away now. */
	while (m.console->plan_job != NULL)
		console_turn(m.console, 20);
	screen_close(m.screen);
	pages_free(m.pages);
	fleet_builder_free(m.builder);
}

static size_t
from_environment(const char *name, size_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? (size_t)strtoul(text, NULL, 10) : otherwise;
}

static void
test_any_keys(void **state)
{
	size_t one = from_environment("MONKEY_SEED", 0), keys = from_environment("MONKEY_KEYS", KEYS);

	(void)state;
	alarm(TIME_LIMIT_S);
	for (unsigned seed = 1; seed <= SEEDS && one == 0; seed++)
		play(seed, keys);
	if (one > 0)
		play((unsigned)one, keys);
	alarm(0);
}

/* ---- a folder that it cannot get out of ---- */

static char *folder;

static int
enter_folder(void **state)
{
	(void)state;
	folder = make_folder();
	unsetenv("TMUX");
	setenv("HOME", folder, 1);
	plan_console_start(&plans);
	return chdir(folder);
}

static int
leave_folder(void **state)
{
	(void)state;
	if (chdir("/") != 0)
		return -1;
	remove_folder(folder);
	plan_console_done(&plans);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_keys, enter_folder, leave_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
