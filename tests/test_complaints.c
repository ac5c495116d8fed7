/*
 * What users of other terminal programs complained about, as tests of this one: each row of the knowledge page "style",
 * 3.2, and each line of its 4.5. The number is the thread's. Where another test says the same, its name stands
 * here in its place; where a row does not apply, why not.
 *
 * The real program on a pty, against the real lab, on a fleet of eight.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e.h"
#include "tests/program.h"
#include "tui/action.h"

static const char *const endpoints[] = { "refused-silently", "refused-reset", "client-missing-intermediate", "server-expired",
	"server-no-san", "client-expired", "healthy", "healthy-tls13", NULL };

static struct vtpty *
fleet(const struct vtpty_options *opt)
{
	struct vtpty *p = e2e_fleet(endpoints, opt, NULL);

	vtpty_wait(p, "8 endpoints");
	vtpty_wait_not(p, "WAIT");
	vtpty_wait_not(p, "??");
	vtpty_wait(p, "8 checked"); /* the last of what it says by itself: it would come over an answer */
	return p;
}

static struct vtpty *
endpoint(const struct vtpty_options *opt)
{
	struct vtpty *p = e2e_open("client-missing-intermediate", opt, NULL);

	vtpty_wait(p, "FAIL");
	return p;
}

/*
 * k9s #21, #87, #319, #3506, dua-cli #248: “deleted couple machines because I was trying to delete
 * mistyped characters in filter”. Letters in a filter are letters, whatever they do elsewhere.
 */
static void
complaint_k9s_21_letters_in_a_filter_do_nothing(void **state)
{
	struct vtpty *p = fleet(NULL);
	char letter[2] = "";

	(void)state;
	vtpty_type(p, "/");
	for (letter[0] = '"'; letter[0] <= '~'; letter[0]++) { /* a "!" in front would be the inverse */
		vtpty_type(p, letter);
		vtpty_keys(p, "Delete");
	}
	vtpty_wait(p, "0 of 8");
	for (int i = 0; i < 100; i++)
		vtpty_keys(p, "Backspace"); /* more of them than there are characters, up to the prompt's own end */
	vtpty_wait(p, "refused-silently");
	vtpty_wait(p, "healthy-tls13");
	assert_true(vtpty_has(p, "8 endpoints"));
	vtpty_keys(p, "m");
	vtpty_wait(p, "messages");
	assert_false(vtpty_has(p, "Wrote"));
	assert_false(vtpty_has(p, "Sent"));
	e2e_quit(p);
}
/*
 * The same row: what destroys asks first, and Enter says no: a plan, test_plan_screens.c, applied_and_taken_back and
 * read_only_refuses_everything_that_changes; a file that is replaced, test_console_e2e.c, write_text_and_json; test_dialog.c,
 * no_single_key_says_yes.
 */

/* htop #237, #110, #1719: the cursor slips to another row on refresh. Here: 4.5, “refresh keeps selected id”. */
static void
complaint_htop_237_the_selection_stays(void **state)
{
	struct vtpty *p = fleet(NULL);
	char row[256];

	(void)state;
	vtpty_type(p, "/client-expired");
	vtpty_keys(p, "Enter");
	vtpty_wait(p, "1 of 8");
	vtpty_keys(p, "Down / C-u Enter"); /* selected, then among all again */
	vtpty_wait(p, "healthy-tls13");
	assert_non_null(strstr(e2e_selected(p, row, sizeof row), "client-expired"));
	for (int i = 0; i < 3; i++) {
		vtpty_keys(p, i % 2 == 0 ? "R" : "S");
		vtpty_settle(p, 150, 3000);
		if (strstr(e2e_selected(p, row, sizeof row), "client-expired") == NULL)
			fail_msg("the selection slipped to: %s", row);
	}
	e2e_quit(p);
}

/* htop-dev #1863: silent failure. What fails says so, and it can be read later. */
static void
complaint_htop_dev_1863_failures_are_told(void **state)
{
	static const struct { const char *typed, *answer; } cases[] = {
		{ ":w /proc/nothing\r", "/proc/nothing" },
		{ ":nonsense\r", "nonsense" },
		{ "x", "check" },              /* nothing is under way that could be stopped */
		{ ":theme no-such\r", "dark" },
		{ ":sort no-such\r", "no column" },
		{ ":add not a target\r", "not a target" },
	};
	struct vtpty *p = fleet(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		vtpty_type(p, cases[i].typed);
		vtpty_wait(p, cases[i].answer);
		vtpty_settle(p, 20, 500);
	}
	vtpty_keys(p, "m");
	vtpty_wait(p, "/proc/nothing");
	vtpty_wait(p, "no column");
	e2e_quit(p);
}

/*
 * k9s #663, #1462, lnav #1349, #1417, lazygit #1052: slow or frozen with many rows. 10,000 endpoints: tests/bench_console.c
 * and test_console.c measure them. Checks can be stopped, with a count meanwhile: test_console.c, test_checks_can_be_stopped.
 */

/*
 * k9s #4107, #719: flicker on resize, garbled screens. test_console_e2e.c, resize_storm; test_terminal.c,
 * test_a_frame_that_changes_nothing_writes_nothing and test_standard_error. Here: moving repaints what moved, not all.
 */
static void
complaint_k9s_4107_moving_repaints_two_rows(void **state)
{
	struct vtpty *p = fleet(NULL);
	size_t before;

	(void)state;
	vtpty_settle(p, 100, 2000);
	for (int i = 0; i < 4; i++) {
		before = p->wire.bytes;
		vtpty_keys(p, i % 2 == 0 ? "Down" : "Up");
		vtpty_settle(p, 60, 1000);
		if (p->wire.bytes == before || p->wire.bytes - before > 700)
			fail_msg("%zu bytes for moving by a row", p->wire.bytes - before);
	}
	e2e_quit(p);
}

/*
 * k9s #3209, #3740, gwm-cli #367, mitmproxy #334, #3166, #7275, htop #1444: copying over SSH. No program of the
 * desktop is asked, and the message says which way it went. In tmux and where nothing goes: test_console_e2e.c,
 * copy_inside_tmux (4.5) and copy_where_none_can_be.
 */
static void
complaint_k9s_3209_copy_says_which_way(void **state)
{
	static const char *const env[] = { "SSH_TTY=/dev/pts/1", "SSH_CONNECTION=10.0.0.1 1 10.0.0.2 22", "DISPLAY=:99", "PATH=/nonexistent", NULL };
	const struct vtpty_options opt = { .env = env };
	struct vtpty *p = endpoint(&opt);

	(void)state;
	vtpty_keys(p, "y");
	vtpty_wait(p, "address");
	vtpty_keys(p, "a");
	vtpty_wait(p, "OSC 52 (the terminal must allow it)");
	assert_int_equal(p->wire.osc, 1);
	e2e_quit(p);
}

/* htop #169, #1444, tig PR #226: mouse capture keeps one from selecting text. It is never switched on. */
static void
complaint_htop_169_the_mouse_is_left_alone(void **state)
{
	struct vtpty *p = endpoint(NULL);

	(void)state;
	vtpty_keys(p, "2 3 ? q y");
	vtpty_wait(p, "summary for a chat");
	assert_int_equal(p->mouse, 0);
	assert_null(strstr(buf_str(&p->raw), "\033[?100")); /* 1000, 1002, 1003, 1006 */
	vtpty_keys(p, "Esc");
	e2e_quit(p);
}

/*
 * lazygit #222, #3141, #5290, #2891, #771, #5061: help is not found, the hint is cut on narrow terminals. 4.5: “? help in
 * footer at width 40”, “? fits or scrolls at 80x24 and at 40x12, last line visible”. Searching in it: test_help.c.
 */
static void
complaint_lazygit_222_help_is_always_offered(void **state)
{
	static const struct { int rows, columns; } sizes[] = { { 24, 80 }, { 12, 40 } };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		const struct vtpty_options opt = { .rows = sizes[i].rows, .columns = sizes[i].columns };
		struct vtpty *p = fleet(&opt);
		char last[256], now[256];

		assert_int_equal(vtpty_find(p, "? help"), sizes[i].rows - 1);
		vtpty_keys(p, "?");
		vtpty_wait_not(p, "8 endpoints");
		/* Down until nothing moves any more: what stands there is the last line. */
		vtpty_keys(p, "End");
		vtpty_settle(p, 60, 1000);
		vtpty_row(p, sizes[i].rows - 4, last, sizeof last);
		vtpty_keys(p, "PgDn Down");
		vtpty_settle(p, 60, 1000);
		vtpty_row(p, sizes[i].rows - 4, now, sizeof now);
		assert_string_equal(last, now);
		vtpty_keys(p, "q");
		vtpty_wait(p, "8 endpoints");
		assert_int_equal(vtpty_find(p, "? help"), sizes[i].rows - 1);
		e2e_quit(p);
	}
}

/* lazygit #992, #1102, #1269, #3669: Esc leaves the program, or is slow. It never leaves (4.5), and it is at once. */
static void
complaint_lazygit_992_esc_is_quick_and_never_quits(void **state)
{
	struct vtpty *p = endpoint(NULL);
	double start;

	(void)state;
	for (int i = 0; i < 5; i++) {
		vtpty_keys(p, "Esc");
		vtpty_settle(p, 40, 500);
	}
	assert_false(p->eof);
	vtpty_keys(p, "y");
	vtpty_wait(p, "summary for a chat");
	start = vtpty_now_ms();
	vtpty_keys(p, "Esc");
	vtpty_wait_not(p, "summary for a chat");
	/* 25 ms to tell it from a key, 20 ms of this harness, and a machine that does other things. ncurses' own second would show. */
	assert_true(vtpty_now_ms() - start < 600);
	e2e_quit(p);
}

/* gitui #765, lazygit #3906, PR #5830: Ctrl-Z. test_terminals.c, suspends_and_comes_back (4.5: TSTP and CONT). */

/*
 * posting #95, tig #1442: Ctrl keys that tmux, zellij or the terminal take. test_action.c, no_action_needs_control.
 * Here: Ctrl-S stops no output, Ctrl-Q is nothing, and both may be typed without harm.
 */
static void
complaint_posting_95_control_s_does_not_freeze(void **state)
{
	struct vtpty *p = endpoint(NULL);

	(void)state;
	vtpty_keys(p, "C-s 3");
	vtpty_wait(p, "ClientHello");
	vtpty_keys(p, "C-q C-j C-o 1");
	vtpty_wait(p, "OUR SIDE");
	e2e_quit(p);
}

static bool
is_default(const VTermColor *c, bool background)
{
	return background ? VTERM_COLOR_IS_DEFAULT_BG(c) : VTERM_COLOR_IS_DEFAULT_FG(c);
}

/*
 * k9s #3164, #1290, #849, #450, #2363, PR #1837, PR #4104: unreadable colours. Below the title every cell stands on the
 * terminal's own background in every theme, so nothing can be dark on dark; the selected row is in reverse; the
 * palette is never changed. The roles' colours by theme: test_terminal.c, test_themes.
 */
static void
complaint_k9s_3164_the_terminals_own_background(void **state)
{
	static const char *const themes[] = { "dark", "light", "colour-blind", "mono" };
	struct vtpty *p = fleet(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof themes / sizeof themes[0]; i++) {
		char row[256];

		vtpty_type(p, ":theme ");
		vtpty_type(p, themes[i]);
		vtpty_keys(p, "Enter");
		vtpty_settle(p, 60, 1000);
		for (int r = 1; r < p->rows; r++) {
			for (int c = 0; c < p->columns; c++) {
				VTermScreenCell cell;
				VTermPos at = { .row = r, .col = c };

				assert_int_not_equal(vterm_screen_get_cell(p->screen, at, &cell), 0);
				if (!is_default(&cell.bg, true))
					fail_msg("%s: a background of its own at row %d, column %d", themes[i], r, c);
			}
		}
		e2e_selected(p, row, sizeof row); /* there is one, in reverse */
	}
	assert_int_equal(p->wire.osc, 0); /* OSC 4 would set the palette */
	e2e_quit(p);
}

/*
 * btop #52, #81, #231, #310, #946, #1820, #752: stops without a UTF-8 locale, or where the terminal is too small. The
 * locale: test_terminals.c, ascii_where_the_locale_is_not_utf8. Any size is drawn somehow, and left again.
 */
static void
complaint_btop_752_no_size_is_refused(void **state)
{
	static const struct { int rows, columns; } sizes[] = { { 10, 40 }, { 6, 30 }, { 3, 20 }, { 2, 5 }, { 1, 1 }, { 1, 200 }, { 80, 10 } };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		const struct vtpty_options opt = { .rows = sizes[i].rows, .columns = sizes[i].columns };
		struct vtpty *p = e2e_open("client-missing-intermediate", &opt, NULL);

		vtpty_settle(p, 60, 2000);
		if (p->eof)
			fail_msg("it does not start at %d rows, %d columns", sizes[i].rows, sizes[i].columns);
		vtpty_keys(p, "2 y Down");
		vtpty_settle(p, 30, 1000);
		vtpty_resize(p, 24, 80);
		vtpty_wait(p, "summary for a chat");
		vtpty_keys(p, "Esc");
		e2e_quit(p);
	}
}

/*
 * tig #164, mc #2416, angband #6558, sngrep #544, cfdisk util-linux PR #4385, fzf #772: 100 % CPU after the terminal was
 * closed. test_terminals.c, gone_with_its_terminal (4.5: “process gone in <1 s, CPU ~0”).
 */

/* k9s #429, #430, #556, #1786, #3078, #3166: breadcrumbs that are only decoration. They are the stack that q climbs. */
static void
complaint_k9s_429_crumbs_are_the_stack(void **state)
{
	static const char *const down[] = { "Enter", "?", "q" };
	static const char *const crumbs[] = { "mtlscope › fleet › ", " › help", "mtlscope › fleet › " };
	struct vtpty *p = fleet(NULL);
	char title[512], row[256], after[256];

	(void)state;
	vtpty_type(p, "/refused");
	vtpty_keys(p, "Enter Down");
	vtpty_wait(p, "2 of 8");
	e2e_selected(p, row, sizeof row);
	for (size_t i = 0; i < sizeof down / sizeof down[0]; i++) {
		vtpty_keys(p, down[i]);
		vtpty_settle(p, 60, 1000);
		if (strstr(vtpty_row(p, 0, title, sizeof title), crumbs[i]) == NULL)
			fail_msg("after %s: “%s” is not in the title: %s", down[i], crumbs[i], title);
	}
	vtpty_keys(p, "q");
	vtpty_wait(p, "8 endpoints");
	/* Filter, cursor and place are those that were left. */
	assert_false(vtpty_has(p, "healthy"));
	assert_string_equal(e2e_selected(p, after, sizeof after), row);
	e2e_quit(p);
}

/* mitmproxy #6225: a key bound twice. test_action.c, no_key_means_two_things_on_one_screen (4.5). */

/*
 * mitmproxy #3531, #4678, #6277, #3201, hardenize #17: ambiguous TLS messages. The screen says who ended it, at
 * which step, and what that rules out.
 */
static void
complaint_mitmproxy_3531_who_ended_it_and_where(void **state)
{
	struct vtpty *p = endpoint(NULL);

	(void)state;
	vtpty_keys(p, "3");
	vtpty_wait(p, "ENDED BY THE SERVER");
	vtpty_wait(p, "alert 48 unknown_ca");
	vtpty_wait(p, "Not the cause");
	vtpty_wait(p, "application."); /* the end of what was not reached: the first handshake is whole on 80×24 */
	e2e_quit(p);
}

/*
 * pi #4687, opencode #39368, gentle-ai #2704, aegis-boot #104: screen readers. --plain prints the report, line by line;
 * nothing on a screen is drawn with braille, and nothing turns round while it waits (idle: test_terminals.c).
 */
static void
complaint_pi_4687_plain_is_a_report(void **state)
{
	static const char *const more[] = { "--plain", NULL };
	struct vtpty *p = e2e_open("client-missing-intermediate", NULL, more);

	(void)state;
	assert_int_equal(vtpty_wait_end(p, 30000), 6);
	assert_non_null(strstr(buf_str(&p->raw), "client.missing-intermediate"));
	assert_null(strstr(buf_str(&p->raw), "\033[?1049h"));
	vtpty_free(p);
	p = fleet(NULL);
	vtpty_keys(p, "R");
	vtpty_settle(p, 150, 3000);
	for (unsigned char c = 0xa0; c < 0xa4; c++) { /* U+2800 to U+28FF */
		const char braille[] = { (char)0xe2, (char)c, '\0' };
		assert_null(strstr(buf_str(&p->raw), braille));
	}
	e2e_quit(p);
}

/* lnav #1676: prompts without readline's keys. test_prompt.c, edits. Here: they are what the real prompt has. */
static void
complaint_lnav_1676_readline_keys(void **state)
{
	struct vtpty *p = fleet(NULL);

	(void)state;
	vtpty_type(p, "/xhealthy tls");
	vtpty_keys(p, "C-a Delete C-e C-w");
	vtpty_wait(p, "/healthy");
	vtpty_wait(p, "2 of 8");
	vtpty_keys(p, "C-u");
	vtpty_wait_not(p, "2 of 8");
	vtpty_keys(p, "Esc");
	e2e_quit(p);
}

/*
 * kubectl CVE-2021-25743, openssl #15254, gitgitgadget #1853, winget-tui PR #32: injection through data.
 * test_console_hostile.c (4.5: “hostile certificate”).
 *
 * 4.5 besides: resize storm: test_console_e2e.c; TERM and signals, NO_COLOR, LANG=C, idle: test_terminals.c; “1M-row
 * inventory”: there is no inventory in this version.
 */

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complaint_k9s_21_letters_in_a_filter_do_nothing),
		cmocka_unit_test(complaint_htop_237_the_selection_stays),
		cmocka_unit_test(complaint_htop_dev_1863_failures_are_told),
		cmocka_unit_test(complaint_k9s_4107_moving_repaints_two_rows),
		cmocka_unit_test(complaint_k9s_3209_copy_says_which_way),
		cmocka_unit_test(complaint_htop_169_the_mouse_is_left_alone),
		cmocka_unit_test(complaint_lazygit_222_help_is_always_offered),
		cmocka_unit_test(complaint_lazygit_992_esc_is_quick_and_never_quits),
		cmocka_unit_test(complaint_posting_95_control_s_does_not_freeze),
		cmocka_unit_test(complaint_k9s_3164_the_terminals_own_background),
		cmocka_unit_test(complaint_btop_752_no_size_is_refused),
		cmocka_unit_test(complaint_k9s_429_crumbs_are_the_stack),
		cmocka_unit_test(complaint_mitmproxy_3531_who_ended_it_and_where),
		cmocka_unit_test(complaint_pi_4687_plain_is_a_report),
		cmocka_unit_test(complaint_lnav_1676_readline_keys),
	};

	return cmocka_run_group_tests(tests, e2e_set_up, e2e_tear_down);
}
