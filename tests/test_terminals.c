/*
 * The console and its terminal: what TERM, locale and options make of it, signals, suspending, a closed
 * window, silence. The real program on a pty; nothing sleeps but the one test whose point is that nothing happens.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/buf.h"
#include "tests/e2e.h"
#include "tests/program.h"

#define BROKEN "client-missing-intermediate"

static bool
terminfo_has(const char *term)
{
	const char *argv[] = { "infocmp", term, NULL };
	struct run r;
	bool there;

	run_program(argv, NULL, &r);
	there = r.status == 0;
	run_done(&r);
	return there;
}

static void
opened(struct vtpty *p)
{
	vtpty_wait(p, "missing-intermediate");
	vtpty_wait(p, "help");
}

/* ---- TERM ---- */

static const struct {
	const char *term;
	bool colours, second_screen, hides_cursor; /* what terminfo says it has */
} terminals[] = {
	{ "xterm-256color", true, true, true },
	{ "xterm", true, true, true },
	{ "screen", true, true, true },
	{ "screen-256color", true, true, true },
	{ "tmux-256color", true, true, true },
	{ "xterm-kitty", true, true, true },      /* not in ncurses-base: where it is there */
	{ "linux", true, false, true },
	{ "vt220", false, false, true },
	{ "vt100", false, false, false },
};

static void
each_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof terminals / sizeof terminals[0]; i++) {
		const struct vtpty_options opt = { .term = terminals[i].term };
		struct vtpty *p;

		if (!terminfo_has(opt.term)) {
			print_message("%s: not in this system's terminfo, left out\n", opt.term);
			continue;
		}
		p = e2e_open(BROKEN, &opt, NULL);
		opened(p);
		vtpty_settle(p, 30, 1000);
		if (p->altscreen != terminals[i].second_screen || (p->wire.colours > 0) != terminals[i].colours ||
		    p->cursor_visible == terminals[i].hides_cursor)
			fail_msg("%s: second screen %d, colours %u, cursor %d", opt.term, p->altscreen, p->wire.colours, p->cursor_visible);
		/* The keys of this terminal are understood. */
		vtpty_keys(p, "2 PgDn Down Up 1");
		opened(p);
		vtpty_type(p, ":q\r");
		if (vtpty_wait_end(p, 5000) != 0)
			fail_msg("%s: status %d", opt.term, p->status);
		e2e_restored(p, opt.term);
		/* Without a second screen nothing of ours stays under the prompt. */
		if (!terminals[i].second_screen)
			assert_false(vtpty_has(p, "missing-intermediate"));
		assert_int_equal(p->wire.osc + p->wire.dcs + p->wire.strings, 0);
		vtpty_free(p);
	}
}

/* No console there: a report, and one line that says why and what to do. */
static void
no_console_a_report(void **state)
{
	static const struct {
		const char *term, *env[2], *says;
		bool colours; /* of the report: an unknown terminal is mostly a new one */
	} cases[] = {
		{ "dumb", { NULL }, "TERM is dumb", false },
		{ "no-such-terminal", { NULL }, "TERM is no-such-terminal", true },
		{ "", { NULL }, "TERM is not set", false },
		{ "xterm", { "TERM", NULL }, "TERM is not set", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct vtpty_options opt = { .term = cases[i].term, .env = cases[i].env };
		struct vtpty *p = e2e_open(BROKEN, &opt, NULL);
		int status = vtpty_wait_end(p, 10000);
		const char *text = buf_str(&p->raw); /* more than a screen */

		if (status != 6 || strstr(text, "mtlscope: ") == NULL || strstr(text, cases[i].says) == NULL ||
		    strstr(text, "127.0.0.1:") == NULL || strstr(text, "OUR CHAIN") == NULL || (p->wire.colours > 0) != cases[i].colours)
			fail_msg("TERM=%s: status %d\n%s", cases[i].term, status, text);
		assert_false(p->altscreen);
		vtpty_free(p);
	}
}

/* What stands between `mtlscope` and `mtlscope check`: nothing, where there is no terminal. Times differ between runs. */
static char *
without_numbers(const struct buf *b)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < b->len; i++)
		if (strchr("0123456789. ", b->data[i]) == NULL)
			buf_addc(&out, b->data[i]);
	return out.data;
}

static void
no_terminal_does_what_check_does(void **state)
{
	const char *words[40] = { mtlscope() }, *check[41] = { mtlscope(), "check" };
	struct run a, b;
	char *one, *two;
	size_t n = e2e_words(BROKEN, words + 1, 38);

	(void)state;
	words[n + 1] = NULL;
	memcpy(check + 2, words + 1, (n + 1) * sizeof *words);
	run_program(words, NULL, &a);
	run_program(check, NULL, &b);
	one = without_numbers(&a.out);
	two = without_numbers(&b.out);
	assert_string_equal(one, two);
	assert_int_equal(a.status, 6);
	assert_int_equal(b.status, 6);
	assert_string_equal(buf_str(&a.err), buf_str(&b.err));
	assert_null(strchr(buf_str(&a.out), '\033'));
	free(one);
	free(two);
	run_done(&a);
	run_done(&b);
}

/* Output is a terminal, input is none: keys could never come. */
static void
no_keyboard_a_report(void **state)
{
	const char *words[40], *argv[] = { "/bin/sh", "-c", NULL, NULL };
	struct buf line = { 0 };
	const struct vtpty_options opt = { .rows = 60, .home = e2e_home };
	struct vtpty *p;
	size_t n = e2e_words(BROKEN, words, 38);

	(void)state;
	buf_adds(&line, mtlscope());
	for (size_t i = 0; i < n; i++)
		buf_addf(&line, " '%s'", words[i]);
	buf_adds(&line, " </dev/null");
	argv[2] = line.data;
	p = vtpty_open(argv, &opt);
	assert_int_equal(vtpty_wait_end(p, 10000), 6);
	assert_true(vtpty_has(p, "OUR CHAIN"));
	assert_false(p->altscreen);
	vtpty_free(p);
	buf_done(&line);
}

/* ---- colours and characters ---- */

static void
colour_only_where_wanted(void **state)
{
	static const struct {
		const char *what, *env[3], *more[3];
		bool colours;
	} cases[] = {
		{ "as it is", { NULL }, { NULL }, true },
		{ "NO_COLOR", { "NO_COLOR=1", NULL }, { NULL }, false },
		{ "NO_COLOR, empty: not set", { "NO_COLOR=", NULL }, { NULL }, true }, /* no-color.org */
		{ "--color never", { NULL }, { "--color", "never", NULL }, false },
		{ "--color 16", { NULL }, { "--color", "16", NULL }, true },
		{ "--color 256 over NO_COLOR", { "NO_COLOR=1", NULL }, { "--color", "256", NULL }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct vtpty_options opt = { .env = cases[i].env };
		struct vtpty *p = e2e_open(BROKEN, &opt, cases[i].more);

		opened(p);
		vtpty_keys(p, "2 3 4 5 6 1 ?");
		vtpty_settle(p, 50, 2000);
		if ((p->wire.colours > 0) != cases[i].colours)
			fail_msg("%s: %u colours chosen", cases[i].what, p->wire.colours);
		e2e_quit(p);
	}
}

static void
ascii_where_the_locale_is_not_utf8(void **state)
{
	static const struct {
		const char *what, *env[3], *more[2];
		bool ascii;
	} cases[] = {
		{ "LC_ALL=C", { "LC_ALL=C", NULL }, { NULL }, true },
		{ "LANG=C alone", { "LC_ALL", "LANG=C", NULL }, { NULL }, true },
		{ "nothing set", { "LC_ALL", "LANG", NULL }, { NULL }, true },
		{ "an unknown locale", { "LC_ALL=xx_YY.UTF-8", NULL }, { NULL }, true },
		{ "--ascii", { NULL }, { "--ascii", NULL }, true },
		{ "UTF-8", { NULL }, { NULL }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct vtpty_options opt = { .env = cases[i].env };
		struct vtpty *p = e2e_open(BROKEN, &opt, cases[i].more);

		opened(p);
		vtpty_keys(p, "2 3 4 5 6 1 ?");
		vtpty_settle(p, 50, 2000);
		if ((p->wire.above == 0) != cases[i].ascii)
			fail_msg("%s: %u bytes above ASCII", cases[i].what, p->wire.above);
		e2e_quit(p);
	}
}

/* ---- signals ---- */

static const struct {
	const char *name;
	int number;
} ending[] = { { "TERM", SIGTERM }, { "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT } };

static void
ends_by_signal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
		struct vtpty *p = e2e_open(BROKEN, NULL, NULL);

		opened(p);
		assert_true(p->altscreen);
		vtpty_signal(p, ending[i].number);
		if (vtpty_wait_end(p, 2000) != 128 + ending[i].number)
			fail_msg("SIG%s: status %d", ending[i].name, p->status);
		e2e_restored(p, ending[i].name);
		vtpty_free(p);
	}
}

/* Ctrl-C closes what asks; where nothing does, it is the interrupt that it is elsewhere. */
static void
control_c_interrupts(void **state)
{
	struct vtpty *p = e2e_open(BROKEN, NULL, NULL);

	(void)state;
	opened(p);
	vtpty_keys(p, "y");
	vtpty_wait(p, "summary for a chat");
	vtpty_keys(p, "C-c");
	vtpty_wait_not(p, "summary for a chat");
	vtpty_keys(p, "C-c");
	assert_int_equal(vtpty_wait_end(p, 2000), 130);
	e2e_restored(p, "Ctrl-C");
	vtpty_free(p);
}

/* In the middle of everything: a menu open, a line half typed, checks under way. */
static void
ends_by_signal_at_any_time(void **state)
{
	static const char *const moments[] = { "y", "? /", ": c h e", "r", "/ x" };

	(void)state;
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		struct vtpty *p = e2e_open(BROKEN, NULL, NULL);

		opened(p);
		vtpty_keys(p, moments[i]);
		vtpty_signal(p, SIGTERM);
		if (vtpty_wait_end(p, 2000) != 128 + SIGTERM)
			fail_msg("after %s: status %d", moments[i], p->status);
		e2e_restored(p, moments[i]);
		vtpty_free(p);
	}
}

/* Before there is anything to be seen. */
static void
ends_while_it_starts(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct vtpty *p = e2e_open(BROKEN, NULL, NULL);
		int status;

		if (i > 0)
			vtpty_listen(p, i);
		vtpty_signal(p, SIGTERM);
		status = vtpty_wait_end(p, 3000);
		assert_int_equal(status, 128 + SIGTERM);
		e2e_restored(p, "while it starts");
		vtpty_free(p);
	}
}

static bool
is_blocked(struct vtpty *p, void *user)
{
	char path[64], line[64] = "";
	FILE *f;

	(void)user;
	snprintf(path, sizeof path, "/proc/%d/wchan", (int)p->pid);
	f = fopen(path, "r");
	if (f != NULL) {
		if (fgets(line, sizeof line, f) == NULL)
			line[0] = '\0';
		fclose(f);
	}
	return strstr(line, "n_tty_write") != NULL || strstr(line, "tty_write") != NULL || strcmp(line, "wait_woken") == 0;
}

/* A terminal that reads nothing more: the process stands in a write, and still ends. */
static void
ends_where_the_terminal_hangs(void **state)
{
	const struct vtpty_options opt = { .rows = 60, .columns = 200 };
	struct vtpty *p = e2e_open(BROKEN, &opt, NULL);

	(void)state;
	opened(p);
	p->deaf = true;
	for (int i = 0; i < 400; i++) /* whole frames, more than a pty holds */
		vtpty_send(p, i % 2 == 0 ? "1\f" : "5\f", 2);
	for (int i = 0; i < 200 && !is_blocked(p, NULL); i++)
		vtpty_wait_end(p, 5);
	vtpty_signal(p, SIGTERM);
	if (vtpty_wait_end(p, 500) < 0)
		vtpty_signal(p, SIGTERM); /* the second one is not to be argued with */
	assert_int_equal(vtpty_wait_end(p, 2000), 128 + SIGTERM);
	vtpty_free(p);
}

static bool
has_footer(struct vtpty *p, void *user)
{
	(void)user;
	return vtpty_find(p, "? help") == p->rows - 1 && vtpty_find(p, "READ-ONLY") == 0;
}

/* ---- suspending, under a shell with job control (an orphaned process group cannot be stopped) ---- */

static struct vtpty *
under_bash(struct buf *line)
{
	static const char *const argv[] = { "bash", "--norc", "--noprofile", "-i", NULL };
	static const char *const env[] = { "PS1=shell> ", NULL };
	const struct vtpty_options opt = { .home = e2e_home, .env = env };
	const char *words[40];
	size_t n = e2e_words(BROKEN, words, 38);
	struct vtpty *p = vtpty_open(argv, &opt);

	vtpty_wait(p, "shell>");
	buf_adds(line, mtlscope());
	for (size_t i = 0; i < n; i++)
		buf_addf(line, " '%s'", words[i]);
	buf_addc(line, '\r');
	vtpty_send(p, line->data, line->len);
	opened(p);
	return p;
}

/* To the shell's foreground job: what a user's `kill` from elsewhere does. */
static void
kill_foreground(struct vtpty *p, int number)
{
	pid_t group = tcgetpgrp(p->fd);

	assert_true(group > 1 && group != p->pid);
	kill(-group, number);
}

static const struct {
	const char *what;
	int number;    /* 0: by the key */
	bool restored; /* did it have a chance to leave the screen? */
} stops[] = { { "Ctrl-Z", 0, true }, { "Ctrl-Z again", 0, true }, { "SIGTSTP", SIGTSTP, true }, { "SIGSTOP", SIGSTOP, false } };

static void
suspends_and_comes_back(void **state)
{
	struct buf line = { 0 };
	struct vtpty *p = under_bash(&line);

	(void)state;
	vtpty_keys(p, "2");
	vtpty_wait(p, "RFC 8446"); /* the check is over: nothing changes the screen by itself any more */
	vtpty_until(p, has_footer, NULL, "the console");
	for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
		char *before, *after;

		vtpty_settle(p, 50, 2000);
		before = vtpty_text(p);
		if (stops[i].number == 0)
			vtpty_keys(p, "C-z");
		else
			kill_foreground(p, stops[i].number);
		vtpty_wait(p, "Stopped");
		if (stops[i].restored)
			e2e_restored(p, stops[i].what);
		vtpty_type(p, "fg\r");
		vtpty_until(p, has_footer, NULL, stops[i].what);
		vtpty_settle(p, 50, 2000);
		assert_true(p->altscreen);
		assert_false(p->cursor_visible);
		after = vtpty_text(p);
		/* Below the title, which tells the time of the frame. */
		if (strcmp(strchr(before, '\n'), strchr(after, '\n')) != 0)
			fail_msg("%s: before\n%s\nafter\n%s", stops[i].what, before, after);
		free(before);
		free(after);
		/* And it still listens. */
		vtpty_keys(p, "3");
		vtpty_wait(p, "ClientHello");
		vtpty_keys(p, "2");
		vtpty_wait(p, "RFC 8446");
	}
	/* A dialog and a prompt do not keep one from the shell. */
	for (int asked = 0; asked < 2; asked++) {
		const char *there = asked == 0 ? "fingerprint" : ":what";

		vtpty_type(p, asked == 0 ? "y" : ":what");
		vtpty_wait(p, there);
		vtpty_keys(p, "C-z");
		vtpty_wait(p, "Stopped");
		vtpty_type(p, "fg\r");
		vtpty_wait(p, there);
		vtpty_keys(p, "Esc");
		vtpty_wait_not(p, there);
	}
	/* A size that changed meanwhile is noticed. */
	vtpty_keys(p, "C-z");
	vtpty_wait(p, "Stopped");
	vtpty_resize(p, 12, 40);
	vtpty_type(p, "fg\r");
	vtpty_until(p, has_footer, NULL, "the footer at the new size");
	vtpty_type(p, ":q\r");
	vtpty_wait(p, "shell>");
	e2e_restored(p, "left");
	vtpty_type(p, "exit 3\r");
	assert_int_equal(vtpty_wait_end(p, 3000), 3);
	vtpty_free(p);
	buf_done(&line);
}

/* ---- a closed window ---- */

static void
gone_with_its_terminal(void **state)
{
	/* As the kernel tells it, and where SIGHUP is ignored (nohup, some screens): then the end of the keyboard does. */
	static const char *const ways[] = { "exec \"$@\"", "trap '' HUP; exec \"$@\"" };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		const char *argv[48] = { "/bin/sh", "-c", ways[i], "sh", mtlscope() };
		const struct vtpty_options opt = { .home = e2e_home };
		double start;
		struct vtpty *p;
		size_t n = e2e_words(BROKEN, argv + 5, 40);

		argv[5 + n] = NULL;
		p = vtpty_open(argv, &opt);
		opened(p);
		vtpty_settle(p, 50, 2000);
		start = vtpty_now_ms();
		vtpty_hang_up(p);
		if (vtpty_wait_end(p, 1000) < 0)
			fail_msg("%s: still there a second after its terminal went", ways[i]);
		print_message("gone after %.0f ms, %.0f ms of CPU in all\n", vtpty_now_ms() - start, p->cpu_ms);
		/* All of its life: the start and one check. A loop that spins would have burnt the whole second. */
		assert_true(p->cpu_ms < 700);
		vtpty_free(p);
	}
}

/* ---- silence ---- */

static void
idle_writes_nothing(void **state)
{
	struct vtpty *p = e2e_open(BROKEN, NULL, NULL);
	double cpu;
	size_t bytes;

	(void)state;
	opened(p);
	assert_true(vtpty_settle(p, 300, 3000));
	bytes = vtpty_listen(p, 5000);
	assert_int_equal(bytes, 0);
	vtpty_type(p, ":q\r");
	assert_int_equal(vtpty_wait_end(p, 3000), 0);
	cpu = p->cpu_ms;
	assert_true(cpu < 700);
	vtpty_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_terminal),
		cmocka_unit_test(no_console_a_report),
		cmocka_unit_test(no_terminal_does_what_check_does),
		cmocka_unit_test(no_keyboard_a_report),
		cmocka_unit_test(colour_only_where_wanted),
		cmocka_unit_test(ascii_where_the_locale_is_not_utf8),
		cmocka_unit_test(ends_by_signal),
		cmocka_unit_test(control_c_interrupts),
		cmocka_unit_test(ends_by_signal_at_any_time),
		cmocka_unit_test(ends_while_it_starts),
		cmocka_unit_test(ends_where_the_terminal_hangs),
		cmocka_unit_test(suspends_and_comes_back),
		cmocka_unit_test(gone_with_its_terminal),
		cmocka_unit_test(idle_writes_nothing),
	};

	return cmocka_run_group_tests(tests, e2e_set_up, e2e_tear_down);
}
