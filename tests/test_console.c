/*
 * The frame: title, footer, messages, prompts, the stack of views, checks and work beside the screen;
 * driven by keys on a terminal in memory. What single screens show is tested with them.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
/* after its own needs */
#include <cmocka.h>

#include "tests/fleet_builder.h"
#include "tests/screen.h"
#include "tui/document.h"
#include "tui/key.h"
#include "tui/theme.h"

static int
make(void **state)
{
	*state = fleet_builder_make();
	return 0;
}

static int
unmake(void **state)
{
	fleet_builder_free(*state);
	return 0;
}

/* The forty endpoints of the design, at a time that stands still. */
static struct console_setup
setup_of(void **state)
{
	struct console_setup s = { .fleet = fleet_builder_design(*state), .world = world_real(), .examine = examine_defaults,
		.still = true };

	s.examine.at_set = true;
	s.examine.at = FLEET_NOW;
	return s;
}

static struct screen *
opened(void **state, int rows, int columns)
{
	struct console_setup setup = setup_of(state);

	return screen_open(rows, columns, SCREEN_UTF8, &setup);
}

static void
expect(struct screen *s, const char *text)
{
	char *all;

	if (screen_has(s, text))
		return;
	all = screen_text(s);
	print_error("“%s” is not on the screen:\n%s", text, all);
	free(all);
	fail();
}

/* The n-th row (negative: from the end) into out. */
static const char *
row_of(struct screen *s, int n, int rows, char out[1024])
{
	char *all = screen_text(s), *at = all;

	for (n = n < 0 ? rows + n : n; n > 0; n--)
		at = strchr(at, '\n') + 1;
	snprintf(out, 1024, "%.*s", (int)strcspn(at, "\n"), at);
	free(all);
	return out;
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- title and footer ---- */

static void
test_the_title_at_every_width(void **state)
{
	static const struct {
		int columns;
		const char *row;
	} cases[] = {
		{ 80, " mtlscope › fleet › help                                READ-ONLY  11:14:09 UTC" },
		{ 50, " mtlscope › fleet › help  READ-ONLY  11:14:09 UTC" },
		{ 44, " … › fleet › help   READ-ONLY  11:14:09 UTC" },
		{ 40, " … › help       READ-ONLY  11:14:09 UTC" },
		/* The time goes before the word does. */
		{ 30, " … › fleet › help   READ-ONLY" },
		{ 20, " help     READ-ONLY" },
		{ 12, " … › help" },
		{ 5, " he…" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct screen *s = opened(state, 24, cases[i].columns);
		char row[1024];

		screen_keys(s, "?");
		assert_string_equal(row_of(s, 0, 24, row), cases[i].row);
		screen_close(s);
	}
}

static void
test_the_title_says_what_may_be_changed(void **state)
{
	struct console_setup setup = setup_of(state);
	struct screen *s;

	setup.allow_changes = true;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	expect(s, "CHANGES ON  11:14:09 UTC");
	screen_close(s);
	setup = setup_of(state);
	setup.practice_lab = true;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	expect(s, "PRACTICE LAB  11:14:09 UTC");
	screen_close(s);
}

/* lazygit #222, #771, #5061: the one hint that leads to all others must not be the one that is cut. */
static void
test_help_is_in_every_footer(void **state)
{
	static const int widths[] = { 200, 120, 80, 60, 40, 30, 20, 12, 8 };

	for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
		struct screen *s = opened(state, 24, widths[i]);
		char row[1024];

		assert_memory_equal(row_of(s, -1, 24, row), " ? help", strlen(" ? help"));
		assert_null(strstr(row, "…f"));
		screen_close(s);
	}
}

/* gnome btop #52, #231 and others: never “terminal too small”; whatever fits is shown. */
static void
test_every_size(void **state)
{
	struct screen *s = opened(state, 24, 80);

	for (int rows = 1; rows < 26; rows++) {
		for (int columns = 1; columns < 90; columns += columns < 12 ? 1 : 7) {
			screen_resize(s, rows, columns);
			screen_keys(s, "Down");
			screen_keys(s, "/ x Esc ? q s Esc z");
		}
	}
	/* After it all is as it was. */
	screen_resize(s, 24, 80);
	screen_keys(s, "Home");
	screen_golden(s, "console-after-resizing");
	screen_close(s);
}

static void
test_frames_alike_write_nothing(void **state)
{
	struct screen *s = opened(state, 24, 80);
	size_t before = screen_bytes(s);

	for (int i = 0; i < 20; i++)
		console_turn(screen_console(s), 10);
	assert_int_equal(screen_bytes(s), before);
	console_changed(screen_console(s));
	console_draw(screen_console(s));
	assert_int_equal(screen_bytes(s), before);
	screen_close(s);
}

/* ---- leaving ---- */

/* lazygit #992, #1102, #3669. */
static void
test_only_q_leaves(void **state)
{
	static const char *const stay[] = { "Esc", "Left", "Backspace", "Esc Esc Esc" };
	struct screen *s = opened(state, 24, 80);

	for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++) {
		screen_keys(s, stay[i]);
		assert_true(console_turn(screen_console(s), 0));
		expect(s, "this is the first screen; q leaves the program");
	}
	screen_keys(s, "q");
	assert_false(console_turn(screen_console(s), 0));
	assert_int_equal(console_exit_status(screen_console(s)), 0);
	screen_close(s);
}

static void
test_endings(void **state)
{
	static const struct {
		int key;
		int exit_status;
	} cases[] = { { KEY_CONTROL('c'), 130 }, { KEY_CONTROL('\\'), 131 }, { KEY_GONE, 129 } };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct screen *s = opened(state, 24, 80);

		console_key(screen_console(s), cases[i].key);
		assert_false(console_turn(screen_console(s), 0));
		assert_int_equal(console_exit_status(screen_console(s)), cases[i].exit_status);
		screen_close(s);
	}
}

/* Over a list of rows C-c only closes what is asked for. */
static void
test_control_c_closes_a_prompt(void **state)
{
	struct screen *s = opened(state, 24, 80);

	screen_keys(s, ":");
	console_key(screen_console(s), KEY_CONTROL('c'));
	console_draw(screen_console(s));
	assert_true(console_turn(screen_console(s), 0));
	screen_close(s);
}

/* ---- the stack of views ---- */

/* k9s #429, #1786, #3078: back is where one was, with cursor and filter. */
static void
test_back_is_where_one_was(void **state)
{
	struct screen *s = opened(state, 24, 80);
	char *before, *after;

	screen_keys(s, "/");
	screen_type(s, "orders");
	screen_keys(s, "Enter Down Down Enter");
	expect(s, "fleet › orders-3");
	screen_keys(s, "2 3 ? q");
	expect(s, "fleet › orders-3");
	screen_keys(s, "q");
	expect(s, "/orders  5 of 40");
	before = screen_text(s);
	screen_keys(s, "Enter Left");
	after = screen_text(s);
	assert_string_equal(before, after);
	free(before);
	free(after);
	screen_close(s);
}

static void
test_going_round_ends(void **state)
{
	struct screen *s = opened(state, 24, 80);

	for (int i = 0; i < 40; i++)
		screen_keys(s, "m ?");
	expect(s, "screens lie below this one: go back first");
	for (int i = 0; i < 80; i++)
		screen_keys(s, "Left");
	expect(s, " mtlscope › fleet ");
	screen_close(s);
}

/* A view of this test: it replaces or closes itself while it acts, and goes on looking at itself. */
struct fickle {
	struct view v;
	struct document doc;
	char mark[32];
};
static int fickle_open, fickle_refreshed;
static const struct view_ops fickle_view;

static void
open_fickle(struct view *v, const void *argument)
{
	struct fickle *f = (struct fickle *)v;

	document_start(&f->doc);
	v->body = &f->doc.body;
	snprintf(f->mark, sizeof f->mark, "%s", argument != NULL ? (const char *)argument : "first");
	fickle_open++;
}

static void
close_fickle(struct view *v)
{
	document_done(&((struct fickle *)v)->doc);
	fickle_open--;
}

static const char *
crumb_fickle(struct view *v, char *out, size_t size)
{
	snprintf(out, size, "%s", ((struct fickle *)v)->mark);
	return out;
}

static void
refresh_fickle(struct view *v, int columns)
{
	struct fickle *f = (struct fickle *)v;

	fickle_refreshed++;
	document_clear(&f->doc, columns);
	document_text(&f->doc, ROLE_TEXT, "fickle");
	document_composed(&f->doc);
}

static bool
act_fickle(struct view *v, enum action a, const char *argument)
{
	struct fickle *f = (struct fickle *)v;

	(void)argument;
	if (a == ACTION_CHECK_ALL)
		console_replace(v->console, &fickle_view, f->mark);
	else if (a == ACTION_BY_CAUSE)
		console_push(v->console, &fickle_view, "second");
	else if (a == ACTION_ADD)
		console_pop(v->console);
	else
		return false;
	f->mark[0] = '!';
	return true;
}

static const char *
refuses_fickle(struct view *v, enum action a)
{
	(void)v;
	return a == ACTION_FAILING ? "it is not the day for it" : NULL;
}

static const struct view_ops fickle_view = {
	.name = "fickle",
	.scope = SCOPE_FLEET,
	.size = sizeof(struct fickle),
	.open = open_fickle,
	.close = close_fickle,
	.crumb = crumb_fickle,
	.refresh = refresh_fickle,
	.act = act_fickle,
	.refuses = refuses_fickle,
};

static struct screen *
opened_fickle(void **state)
{
	struct console_setup setup = setup_of(state);

	setup.first = &fickle_view;
	fickle_open = fickle_refreshed = 0;
	return screen_open(24, 80, SCREEN_UTF8, &setup);
}

static void
test_views_that_close_themselves(void **state)
{
	struct screen *s = opened_fickle(state);

	screen_keys(s, "R R");
	expect(s, "mtlscope › first ");
	assert_int_equal(fickle_open, 1);
	screen_keys(s, "g g");
	expect(s, "mtlscope › !irst › !econd › second ");
	assert_int_equal(fickle_open, 3);
	screen_keys(s, "a a");
	assert_int_equal(fickle_open, 1);
	/* The last one stays. */
	screen_keys(s, "a a");
	assert_int_equal(fickle_open, 1);
	screen_close(s);
	assert_int_equal(fickle_open, 0);
}

static void
test_one_frame_refreshes_once(void **state)
{
	struct screen *s = opened_fickle(state);
	struct console *k = screen_console(s);

	assert_int_equal(fickle_refreshed, 1);
	console_changed(k);
	console_changed(k);
	console_draw(k);
	console_draw(k);
	assert_int_equal(fickle_refreshed, 2);
	screen_close(s);
}

/* htop-dev #1863: what does nothing says why. */
static void
test_whatever_does_nothing_says_why(void **state)
{
	static const struct {
		const char *keys, *says;
	} cases[] = {
		{ "!", "failing: it is not the day for it" },
		{ "x", "cancel: nothing is being checked" },
		{ "s", "sort: there is nothing to do here" },
		{ "z", "z does nothing here; ? lists what the keys do" },
		{ "F5", "F5 does nothing here" },
		{ "Enter", "open: there is nothing to do here" },
		{ "n", "walk-on: no walkthrough is under way" },
	};
	struct screen *s = opened_fickle(state);

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		screen_keys(s, cases[i].keys);
		expect(s, cases[i].says);
	}
	/* Said until the next key, kept for longer. */
	screen_keys(s, "Home");
	assert_false(screen_has(s, "walk-on"));
	screen_keys(s, "m");
	expect(s, "walk-on: no walkthrough is under way");
	screen_close(s);
}

static void
test_a_list_without_rows_has_nothing_to_open(void **state)
{
	struct screen *s = opened(state, 24, 80);

	screen_keys(s, "/");
	screen_type(s, "no such thing");
	screen_keys(s, "Enter Enter");
	expect(s, "open: no row is selected");
	/* A command that names what it is about needs no row. */
	screen_keys(s, ":");
	screen_type(s, "check payment:0");
	screen_keys(s, "Enter");
	expect(s, "payment:0");
	assert_false(screen_has(s, "no row is selected"));
	screen_close(s);
}

/* ---- prompts ---- */

static void
test_the_filter(void **state)
{
	struct screen *s = opened(state, 24, 80);

	screen_keys(s, "/");
	screen_type(s, "pay");
	expect(s, "/pay");
	expect(s, "5 of 40");
	assert_false(screen_has(s, "ledger-1"));
	/* Esc leaves it as it was before. */
	screen_keys(s, "Esc");
	expect(s, "ledger-1");
	screen_keys(s, "/");
	screen_type(s, "!pay");
	screen_keys(s, "Enter");
	expect(s, "/!pay  35 of 40");
	screen_keys(s, "/");
	screen_type(s, " !ledger");
	expect(s, "30 of 40");
	screen_keys(s, "Esc");
	expect(s, "/!pay  35 of 40");
	/* The next Esc takes it away, and goes back no screen. */
	screen_keys(s, "Esc");
	expect(s, "all rows again");
	assert_false(screen_has(s, "of 40\n"));
	screen_keys(s, ":");
	screen_type(s, "filter audit");
	screen_keys(s, "Enter");
	expect(s, "/audit");
	/* The history has what was entered. */
	screen_keys(s, "Esc / Up Enter");
	expect(s, "/!pay  35 of 40");
	screen_close(s);
}

static void
test_commands(void **state)
{
	static const struct {
		const char *typed, *says;
	} cases[] = {
		{ "nonsense", "there is no command “nonsense”; Tab shows those that there are" },
		{ "fitler", "there is no command “fitler”; :filter is one" },
		{ "  help   ", "› help" },
		{ "why", "why is not for this screen" },
		{ "up 3", "up takes nothing behind its name" },
		{ "theme", "themes are dark, light, colour-blind and mono; this is dark" },
		{ "theme pink", "themes are dark, light, colour-blind and mono" },
		{ "walkthrough", "walkthroughs are at home in the practice lab" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct screen *s = opened(state, 24, 80);

		screen_keys(s, ":");
		screen_type(s, cases[i].typed);
		screen_keys(s, "Enter");
		expect(s, cases[i].says);
		screen_close(s);
	}
}

static void
test_completion(void **state)
{
	struct screen *s = opened(state, 24, 80);

	screen_keys(s, ":");
	screen_type(s, "mes");
	screen_keys(s, "Tab");
	expect(s, "\n:messages\n");
	screen_keys(s, "C-u");
	screen_type(s, "theme col");
	screen_keys(s, "Tab");
	expect(s, "\n:theme colour-blind\n");
	screen_keys(s, "Enter");
	assert_string_equal(theme_used(), "colour-blind");
	screen_keys(s, ":");
	screen_type(s, "theme dark");
	screen_keys(s, "Enter");
	screen_close(s);
}

static void
test_colours_that_are_not_allowed_stay_away(void **state)
{
	struct console_setup setup = setup_of(state);
	struct screen *s = screen_open(24, 80, SCREEN_MONO, &setup);

	screen_keys(s, ":");
	screen_type(s, "theme dark");
	screen_keys(s, "Enter");
	expect(s, "no colours here: NO_COLOR, --color=never, or a terminal that has none");
	assert_string_equal(theme_used(), "mono");
	screen_close(s);
}

/* k9s #21 and others: text that lands on a list must not act. */
static void
test_pasted_text_is_no_action(void **state)
{
	struct screen *s = opened(state, 24, 80);
	struct console *k = screen_console(s);

	console_key(k, KEY_PASTE);
	screen_type(s, "qqq:quit");
	console_key(k, KEY_RETURN);
	console_key(k, KEY_PASTE_END);
	console_draw(k);
	assert_true(console_turn(k, 0));
	expect(s, "pasted text is only taken where text is asked for");
	screen_keys(s, "/");
	console_key(k, KEY_PASTE);
	screen_type(s, "mail");
	console_key(k, KEY_RETURN);
	console_key(k, KEY_PASTE_END);
	console_draw(k);
	/* Still asked for: a line's end in a paste is no Enter. */
	expect(s, "\n/mail");
	screen_close(s);
}

/* A slow line hands over an Esc with the key behind it, which looks like Alt: both are what they are. */
static void
test_an_escape_with_a_key_behind_it(void **state)
{
	struct screen *s = opened(state, 24, 80);
	struct console *k = screen_console(s);

	screen_keys(s, "s");
	expect(s, "sort by");
	console_key(k, KEY_META | 'm');
	console_draw(k);
	assert_false(screen_has(s, "sort by"));
	expect(s, "› messages");
	console_key(k, KEY_META | 'm');
	console_draw(k);
	expect(s, "› messages");
	/* In a prompt only the Esc counts: what comes behind it was not meant as text, and must not act. */
	screen_keys(s, "q :");
	console_key(k, KEY_META | 'q');
	console_draw(k);
	assert_true(console_turn(k, 0));
	expect(s, "? help");
	screen_close(s);
}

static char got[64];
static int left;

static void
take_line(struct console *k, const char *text, void *user)
{
	(void)k;
	snprintf(got, sizeof got, "%s%s", text, (const char *)user);
}

static void
leave_line(struct console *k, void *user)
{
	(void)k;
	(void)user;
	left++;
}

/* The first line that is asked for asks for the second one. */
static void
ask_again(struct console *k, const char *text, void *user)
{
	(void)text;
	console_ask(k, &(struct asking){ .label = "second: ", .text = "", .entered = take_line, .left = leave_line, .user = user });
}

static void
test_asking(void **state)
{
	struct screen *s = opened(state, 12, 40);
	struct console *k = screen_console(s);
	char mark[] = "!";

	console_ask(k, &(struct asking){ .label = "first: ", .text = "a", .entered = ask_again, .user = mark });
	console_draw(k);
	expect(s, "\nfirst: a\n");
	screen_keys(s, "Enter");
	expect(s, "\nsecond:\n");
	screen_type(s, "b");
	screen_keys(s, "Enter");
	assert_string_equal(got, "b!");
	ask_again(k, "", mark);
	screen_keys(s, "Esc");
	assert_int_equal(left, 1);
	screen_close(s);
}

/* ---- checks ---- */

/* A port that takes connections and never says a word. */
static int
silent_port(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void
add(struct fleet *f, const char *name, uint16_t port)
{
	struct target t;
	char text[32];

	snprintf(text, sizeof text, "127.0.0.1:%u", port);
	assert_int_equal(target_parse(text, &t, NULL), STATUS_OK);
	fleet_add(f, name, &t, NULL, NULL, NULL);
	target_done(&t);
}

static struct screen *
opened_with(struct fleet *f, bool at_start)
{
	struct console_setup setup = { .fleet = f, .world = world_real(), .examine = examine_defaults, .check_at_start = at_start };

	setup.examine.loops = 1;
	return screen_open(24, 80, SCREEN_UTF8, &setup);
}

static void
test_checks(void **state)
{
	struct fleet *f = fleet_new();
	struct screen *s;

	(void)state;
	/* Nobody listens on these: reserved ports of loopback. */
	for (int i = 0; i < 12; i++) {
		char name[16];
		snprintf(name, sizeof name, "end-%02d", i);
		add(f, name, 1);
	}
	s = opened_with(f, true);
	screen_keys(s, "Down Down Down");
	screen_wait(s, "12 checked: 12 DOWN");
	assert_int_equal(console_running(screen_console(s), NULL), 0);
	assert_ptr_equal(console_top(screen_console(s))->entry, fleet_at(f, 3));
	/* Twice in one batch is one endpoint; one alone is named. */
	screen_keys(s, "r Down r Home r");
	screen_wait(s, " checked: ");
	screen_keys(s, "r");
	screen_wait(s, "end-00: DOWN, connection refused");
	screen_close(s);
}

/* htop #237, #110, #1719: hundreds of results a second, and the rows move under the cursor: it stays with its endpoint. */
static void
test_results_do_not_move_the_selection(void **state)
{
	enum { MANY = 1000 };
	struct fleet *f = fleet_new();
	struct console *k;
	struct screen *s;
	struct entry *selected;
	size_t of, keys = 0;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		char name[16];
		snprintf(name, sizeof name, "end-%04d", i);
		add(f, name, 1);
	}
	s = opened_with(f, true);
	k = screen_console(s);
	screen_keys(s, "End");
	selected = console_top(k)->entry;
	assert_ptr_equal(selected, fleet_at(f, MANY - 1));
	while (console_running(k, &of) > 0) {
		console_turn(k, 1000);
		if (keys++ % 10 == 0) {
			screen_keys(s, "Up Down");
			assert_ptr_equal(console_top(k)->entry, selected);
		}
	}
	assert_int_equal(of, MANY);
	assert_ptr_equal(console_top(k)->entry, selected);
	screen_wait(s, "1000 checked: 1000 DOWN");
	screen_close(s);
}

static void
test_checks_can_be_stopped(void **state)
{
	struct fleet *f = fleet_new();
	struct screen *s;
	uint16_t port;
	int fd = silent_port(&port);
	long long from;

	(void)state;
	for (int i = 0; i < 5; i++)
		add(f, NULL, port);
	s = opened_with(f, true);
	screen_keys(s, "Home");
	expect(s, "WAIT");
	expect(s, "checking 0 of 5  x stops");
	screen_keys(s, "r");
	expect(s, "is being checked already");
	screen_keys(s, "x");
	expect(s, "stopped: 0 of 5 were checked");
	assert_int_equal(console_running(screen_console(s), NULL), 0);
	for (size_t i = 0; i < fleet_len(f); i++)
		assert_false(fleet_at(f, i)->waiting);
	/* What was stopped comes back later: it is not taken for an answer, nor for that of the next check. */
	screen_keys(s, "R");
	expect(s, "checking 0 of 5");
	for (int i = 0; i < 20; i++)
		console_turn(screen_console(s), 10);
	assert_int_equal(console_running(screen_console(s), NULL), 5);
	assert_null(fleet_at(f, 0)->diagnosis);
	/* Leaving does not wait for them. */
	from = now_ms();
	screen_keys(s, "q");
	assert_false(console_turn(screen_console(s), 0));
	screen_close(s);
	assert_true(now_ms() - from < 1000);
	close(fd);
}

static void
test_what_cannot_be_checked_says_why(void **state)
{
	struct fleet *f = fleet_new();
	struct examine_options bad = examine_defaults;
	struct screen *s;

	(void)state;
	bad.ciphers = "NO-SUCH-CIPHER";
	for (int i = 0; i < 2; i++) {
		add(f, NULL, 1);
		fleet_at(f, (size_t)i)->options = &bad;
	}
	s = opened_with(f, false);
	for (const char *key = "rR"; *key != '\0'; key++) {
		screen_keys(s, (const char[]){ *key, '\0' });
		expect(s, "not checked: ");
		assert_false(screen_has(s, "already"));
	}
	assert_int_equal(console_running(screen_console(s), NULL), 0);
	screen_close(s);
}

/* ---- work beside the screen ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int worked, done, dropped;

static void
work(void *job)
{
	pthread_mutex_lock(&gate);
	*(int *)job += 1;
	worked++;
	pthread_mutex_unlock(&gate);
}

static void
take_work(struct console *k, void *job)
{
	done += *(int *)job;
	console_say(k, ROLE_TEXT, "worked");
	free(job);
}

static void
drop_work(void *job)
{
	dropped++;
	free(job);
}

static void
test_work(void **state)
{
	struct screen *s = opened(state, 24, 80);
	struct console *k = screen_console(s);

	worked = done = dropped = 0;
	for (int i = 0; i < 3; i++)
		console_work(k, work, take_work, drop_work, calloc(1, sizeof(int)));
	screen_wait(s, "worked");
	while (done < 3)
		assert_true(console_turn(k, 1000));
	assert_int_equal(dropped, 0);
	/* One that hangs does not hold up the end, and is dropped when it comes to its own. */
	pthread_mutex_lock(&gate);
	console_work(k, work, take_work, drop_work, calloc(1, sizeof(int)));
	screen_close(s);
	assert_int_equal(done, 3);
	pthread_mutex_unlock(&gate);
	for (bool over = false; !over;) {
		pthread_mutex_lock(&gate);
		over = worked == 4;
		pthread_mutex_unlock(&gate);
		sched_yield();
	}
	while (__atomic_load_n(&dropped, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	assert_int_equal(done, 3);
}

/* A job with a waker, dropped by its own thread because the console is gone: freeing that takes the same lock. */
struct waking {
	int n; /* work()'s */
	struct waker *waker;
};

static void
drop_waker(void *job)
{
	waker_free(((struct waking *)job)->waker);
	free(job);
	__atomic_fetch_add(&dropped, 1, __ATOMIC_RELEASE);
}

static void
test_a_waker_outlives_the_console(void **state)
{
	struct screen *s = opened(state, 24, 80);
	struct waking *w = calloc(1, sizeof *w);
	int64_t until = now_ms() + 20000;

	w->waker = console_waker(screen_console(s));
	worked = done = dropped = 0;
	pthread_mutex_lock(&gate);
	assert_true(console_work(screen_console(s), work, take_work, drop_waker, w));
	screen_close(s);
	pthread_mutex_unlock(&gate);
	while (__atomic_load_n(&dropped, __ATOMIC_ACQUIRE) == 0 && now_ms() < until)
		sched_yield();
	assert_int_equal(dropped, 1);
}

/* ---- messages ---- */

static void
test_messages_are_kept(void **state)
{
	struct messages m = { 0 };
	char text[32];

	(void)state;
	for (int i = 0; i < MESSAGES_MAX + 10; i++) {
		snprintf(text, sizeof text, "number %d", i);
		messages_add(&m, i, ROLE_TEXT, text);
		messages_add(&m, i, ROLE_TEXT, text);
	}
	assert_int_equal(m.len, MESSAGES_MAX);
	assert_int_equal(m.dropped, 10);
	assert_string_equal(m.items[0].text, "number 10");
	assert_int_equal(m.items[0].times, 2);
	messages_done(&m);
	assert_int_equal(m.len, 0);
}

static void
make_messages(struct console_setup *setup, void *user)
{
	*setup = setup_of(user);
}

static void
test_the_messages_screen(void **state)
{
	screen_goldens("messages", make_messages, state, "z z z x ! Esc Esc m");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_title_at_every_width),
		cmocka_unit_test(test_the_title_says_what_may_be_changed),
		cmocka_unit_test(test_help_is_in_every_footer),
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_frames_alike_write_nothing),
		cmocka_unit_test(test_only_q_leaves),
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_control_c_closes_a_prompt),
		cmocka_unit_test(test_back_is_where_one_was),
		cmocka_unit_test(test_going_round_ends),
		cmocka_unit_test(test_views_that_close_themselves),
		cmocka_unit_test(test_one_frame_refreshes_once),
		cmocka_unit_test(test_whatever_does_nothing_says_why),
		cmocka_unit_test(test_a_list_without_rows_has_nothing_to_open),
		cmocka_unit_test(test_the_filter),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_colours_that_are_not_allowed_stay_away),
		cmocka_unit_test(test_pasted_text_is_no_action),
		cmocka_unit_test(test_an_escape_with_a_key_behind_it),
		cmocka_unit_test(test_asking),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_results_do_not_move_the_selection),
		cmocka_unit_test(test_checks_can_be_stopped),
		cmocka_unit_test(test_what_cannot_be_checked_says_why),
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_a_waker_outlives_the_console),
		cmocka_unit_test(test_messages_are_kept),
		cmocka_unit_test(test_the_messages_screen),
	};
	return cmocka_run_group_tests(tests, make, unmake);
}
