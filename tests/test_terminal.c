/*
 * The terminal: which ones open, what keys become, what is written on entering and leaving, signals,
 * the clipboard. Children of this process stand for the program where a signal ends it.
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
/* after its own needs */
#include <cmocka.h>

#include "model/buf.h"
#include "tests/memory_terminal.h"
#include "tui/key.h"
#include "tui/paint.h"
#include "tui/theme.h"

static struct memory_terminal terminal;

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- opening ---- */

static void
test_terminals_that_do_not_open(void **state)
{
	static const struct {
		const char *type, *says;
	} cases[] = {
		{ "dumb", "without a movable cursor" },
		{ "no-such-terminal", "does not know" },
		{ "", "TERM is not set" },
		{ "\033[31m", "does not know" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct terminal_options opt = { .type = cases[i].type, .colours = 256 };
		struct error err = { .code = ERROR_NONE };
		char *out;

		memory_terminal_prepare(&terminal, 24, 80, &opt);
		assert_int_equal(terminal_open(&opt, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_USAGE);
		assert_non_null(strstr(err.text, cases[i].says));
		assert_null(strchr(err.text, '\n'));
		assert_null(strchr(err.text, '\033'));
		assert_false(terminal_is_open());
		out = memory_terminal_output(&terminal);
		assert_string_equal(out, "");
		free(out);
		memory_terminal_close(&terminal);
	}
}

/* Neither in nor out is given and ours are none: the caller prints a report. */
static void
test_no_terminal_at_all(void **state)
{
	struct error err = { .code = ERROR_NONE };
	int null = open("/dev/null", O_RDWR), in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO);

	(void)state;
	fflush(stdout);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	assert_int_equal(terminal_open(&(struct terminal_options){ .type = "xterm" }, &err), STATUS_FAILED);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(null);
	close(in);
	close(out);
	assert_int_equal(err.code, ERROR_USAGE);
}

static void
test_entering_and_leaving(void **state)
{
	static const struct {
		const char *type;
		const char *enters, *leaves; /* in what is written; NULL: nothing of its own */
		const char *never;
	} cases[] = {
		{ "xterm-256color", "\033[?1049h", "\033[?1049l", "\033]" },
		{ "screen", "\033[?1049h", "\033[?1049l", "\033]" },
		{ "tmux-256color", "\033[?1049h", "\033[?1049l", "\033]" },
		/* No second screen: ours is cleared away. No modes of ours either: it may print them. */
		{ "linux", NULL, "\033[H\033[J", "\033[?2004" },
		{ "vt220", NULL, "\033[H\033[J", "\033[?2004" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct canvas screen;
		size_t entered;
		char *out;

		memory_terminal_open(&terminal, 24, 80, &(struct terminal_options){ .type = cases[i].type, .colours = 256 });
		screen = canvas_screen();
		paint(&screen, 0, 0, -1, ROLE_FAIL, "what is on the screen");
		terminal_update(true);
		out = memory_terminal_output(&terminal);
		entered = strlen(out);
		assert_non_null(strstr(out, "what is on the screen"));
		if (cases[i].enters != NULL)
			assert_non_null(strstr(out, cases[i].enters));
		free(out);
		terminal_close();
		terminal_close();
		out = memory_terminal_output(&terminal);
		assert_non_null(strstr(out + entered, cases[i].leaves));
		assert_null(strstr(out, cases[i].never));
		/* The palette is the user's own: OSC 4 and initc never go out. */
		assert_null(strstr(out, "\033]4"));
		free(out);
		memory_terminal_close(&terminal);
	}
}

static void
test_colours(void **state)
{
	static const struct {
		const char *type;
		int allowed, has;
		const char *red; /* how FAIL begins; NULL: without a colour */
	} cases[] = {
		{ "xterm-256color", 256, 256, "38;5;203m" },
		{ "xterm-256color", 16, 16, "\033[91m" },
		{ "xterm-256color", 0, 0, NULL },
		{ "xterm", 256, 8, "31m" },
		{ "linux", 256, 8, "31m" },
		{ "vt220", 256, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct canvas screen;
		char *out;

		memory_terminal_open(&terminal, 24, 80,
		    &(struct terminal_options){ .type = cases[i].type, .colours = cases[i].allowed });
		assert_int_equal(terminal_colours(), cases[i].has);
		screen = canvas_screen();
		paint(&screen, 0, 0, -1, ROLE_FAIL, "FAIL");
		terminal_update(false);
		out = memory_terminal_output(&terminal);
		if (cases[i].red != NULL)
			assert_non_null(strstr(out, cases[i].red));
		else
			assert_true(strstr(out, "[3") == NULL && strstr(out, ";3") == NULL && strcmp(theme_used(), "mono") == 0);
		free(out);
		memory_terminal_close(&terminal);
	}
}

/* Every role of every theme differs from nothing only by what its depth has. */
static void
test_themes(void **state)
{
	static const int depths[] = { 256, 16, 8, 0 };
	const char *const *names = theme_names();

	(void)state;
	for (size_t n = 0; names[n] != NULL; n++) {
		assert_true(theme_known(names[n]));
		for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++) {
			theme_use(names[n], depths[d]);
			for (enum role r = 0; r < ROLE_COUNT; r++) {
				struct style s = theme_style(r);

				assert_true(s.foreground >= -1 && s.background >= -1);
				assert_true(s.foreground < (depths[d] > 0 ? depths[d] : 0) && s.background < (depths[d] > 0 ? depths[d] : 0));
				/* Text on its own colour cannot be read. */
				assert_true(s.foreground != s.background || s.foreground == -1);
				if (strcmp(theme_used(), "mono") == 0)
					assert_true(s.foreground == -1 && s.background == -1 && (s.attributes & STYLE_DIM) == 0);
			}
		}
	}
	assert_false(theme_known("solarized"));
	theme_use("dark", 256);
}

static void
test_a_frame_that_changes_nothing_writes_nothing(void **state)
{
	struct canvas screen;
	char *out;
	size_t len;

	(void)state;
	memory_terminal_open(&terminal, 24, 80, &(struct terminal_options){ .colours = 256 });
	screen = canvas_screen();
	for (int i = 0; i < 3; i++) {
		paint_clear(&screen, ROLE_TEXT);
		paint(&screen, 3, 3, -1, ROLE_OK, "✓ OK");
		terminal_update(false);
		out = memory_terminal_output(&terminal);
		if (i > 0)
			assert_int_equal(strlen(out), len);
		len = strlen(out);
		free(out);
	}
	memory_terminal_close(&terminal);
}

/* ---- keys ---- */

/* A real one: curses takes eight bits a byte only where the line does. What it writes here fits into the line's buffer. */
static void
open_line(void)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct terminal_options opt = { .type = "xterm-256color", .colours = 256 };
	int slave;

	assert_int_equal(openpty(&terminal.keyboard, &slave, NULL, NULL, &size), 0);
	opt.in = terminal.in = fdopen(dup(slave), "r");
	opt.out = terminal.out = fdopen(slave, "w");
	assert_int_equal(terminal_open(&opt, NULL), STATUS_OK);
	assert_int_equal(terminal_rows(), 24);
}

static void
typed(const char *bytes, size_t len)
{
	assert_int_equal(write(terminal.keyboard, bytes, len), (ssize_t)len);
}

static void
test_keys(void **state)
{
	static const struct {
		const char *bytes;
		int keys[8];
	} cases[] = {
		{ "q", { 'q' } },
		{ "\r", { KEY_RETURN } },
		{ "\n", { KEY_RETURN } },
		{ "\t", { KEY_TAB } },
		{ "\x7f", { KEY_ERASE } },
		{ "\b", { KEY_ERASE } },
		{ "\x03\x1a\x0c", { KEY_CONTROL('c'), KEY_CONTROL('z'), KEY_CONTROL('l') } },
		{ "\033[A\033OB", { KEY_ARROW_DOWN } }, /* keypad mode sends O; the other form is no key of xterm's terminfo */
		{ "\033OA\033OB\033OC\033OD", { KEY_ARROW_UP, KEY_ARROW_DOWN, KEY_ARROW_RIGHT, KEY_ARROW_LEFT } },
		{ "\033[5~\033[6~\033OH\033OF\033[3~\033[Z", { KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_TO_HOME, KEY_TO_END, KEY_DELETE, KEY_BACK_TAB } },
		{ "\033OP\033[24~", { KEY_FUNCTION + 1, KEY_FUNCTION + 12 } },
		{ "\033", { KEY_ESCAPE } },
		{ "\033b", { KEY_META | 'b' } },
		{ "\033\x7f", { KEY_META | KEY_ERASE } },
		/* An Esc and another key in one read: only letters make Alt. */
		{ "\033\033:", { KEY_ESCAPE, KEY_ESCAPE, ':' } },
		{ "\033\r", { KEY_ESCAPE, KEY_RETURN } },
		/* Keys and answers that nobody asked for are swallowed whole: their bytes are no actions. */
		{ "\033[200;5Rq", { 'q' } },
		{ "\033[?64;1;2cq", { 'q' } },
		{ "\033[Iq\033[Oq", { 'q', 'q' } },
		{ "\033[200~ab\r\033[201~q", { KEY_PASTE, 'a', 'b', KEY_RETURN, KEY_PASTE_END, 'q' } },
		{ "ü漢\xf0\x9f\x94\x92", { 0xfc, 0x6f22, 0x1f512 } },
		/* What is no UTF-8 is no key, and does not swallow the next one. */
		{ "\xffq\xc3q\xa0q", { 'q', 'q', 'q' } },
		{ "\xc2\x85q", { 'q' } },
	};

	(void)state;
	open_line();
	assert_int_equal(terminal_key(), KEY_NONE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		typed(cases[i].bytes, strlen(cases[i].bytes));
		for (size_t k = 0; cases[i].keys[k] != KEY_NONE; k++) {
			int key = terminal_key();
			if (key != cases[i].keys[k])
				fail_msg("case %zu, key %zu: %x", i, k, (unsigned)key);
		}
		if (terminal_key() != KEY_NONE)
			fail_msg("case %zu: a key too many", i);
	}
	memory_terminal_close(&terminal);
}

/* tig #164, mc #2416 and others: a terminal that is gone must not be read for ever. */
static void
test_a_terminal_that_is_closed(void **state)
{
	(void)state;
	for (int line = 0; line < 2; line++) {
		if (line)
			open_line();
		else
			memory_terminal_open(&terminal, 24, 80, &(struct terminal_options){ .colours = 256 });
		typed("x", 1);
		assert_int_equal(terminal_key(), 'x');
		close(terminal.keyboard);
		terminal.keyboard = -1;
		assert_int_equal(terminal_key(), KEY_GONE);
		assert_int_equal(terminal_key(), KEY_GONE);
		memory_terminal_close(&terminal);
	}
}

static void
test_names_of_keys(void **state)
{
	static const char *const names[] = { "q", "?", "+", "Esc", "Enter", "Space", "Tab", "BackTab", "Up", "PgDn", "Home",
		"End", "Del", "Ins", "Backspace", "F1", "F12", "C-l", "C-z", "M-b", "M-Backspace", "ü", "漢", "🔒" };
	static const char *const none[] = { "", "no", "F0", "F64", "Fx", "C-L", "C-", "M-", "M-no", " ", "\033", "\xc3" };
	char name[16];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_string_equal(name_of_key(key_named(names[i], strlen(names[i])), name, sizeof name), names[i]);
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_int_equal(key_named(none[i], strlen(none[i])), KEY_NONE);
}

/* ---- signals: in children, whose end is looked at ---- */

/* The child's terminal is open when `ready` gets a byte. */
static pid_t
child_with_terminal(struct terminal_options *opt, int out, void (*live)(void), int *ready)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct error err = { .code = ERROR_NONE };
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDERR_FILENO);
		for (int number = 1; number < 32; number++)
			signal(number, SIG_DFL);
		signal(SIGPIPE, SIG_IGN);
		if (out >= 0)
			opt->out = fdopen(out, "w");
		opt->signals = true;
		if (terminal_open(opt, &err) != STATUS_OK || write(ends[1], "", 1) != 1)
			_exit(99);
		live();
		_exit(98);
	}
	close(ends[1]);
	*ready = ends[0];
	return pid;
}

static int
end_of(pid_t pid, long long most_ms)
{
	long long from = now_ms();
	int status_of;

	while (waitpid(pid, &status_of, WNOHANG) == 0) {
		struct timespec moment = { .tv_nsec = 2000000 };

		if (now_ms() - from > most_ms) {
			kill(pid, SIGKILL);
			waitpid(pid, &status_of, 0);
			fail_msg("the child did not end within %lld ms", most_ms);
		}
		clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
	}
	return status_of;
}

static void
wait_ready(int ready)
{
	char byte;

	assert_int_equal(read(ready, &byte, 1), 1);
	close(ready);
}

static void
crash(void)
{
	raise(SIGSEGV);
}

static void
abort_it(void)
{
	abort();
}

static int
deeper(volatile char *above)
{
	volatile char here[4096];

	here[0] = above[0];
	/* It never is: a compiler that sees so says no. */
	return above[0] != 0 ? 0 : deeper(here) + here[0];
}

static void
run_over_the_stack(void)
{
	volatile char first[1] = { 0 };

	_exit(deeper(first));
}

/* The screen is the user's again, and the signal still says what happened. */
static void
test_a_crash_leaves_the_terminal(void **state)
{
	static const struct {
		void (*live)(void);
		int number;
	} cases[] = { { crash, SIGSEGV }, { abort_it, SIGABRT }, { run_over_the_stack, SIGSEGV } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct terminal_options opt = { .colours = 256 };
		int ready, status_of;
		pid_t pid;
		char *out;

		memory_terminal_prepare(&terminal, 24, 80, &opt);
		pid = child_with_terminal(&opt, -1, cases[i].live, &ready);
		wait_ready(ready);
		status_of = end_of(pid, 5000);
		/* A sanitizer reports it and exits by itself. */
		assert_true(WIFSIGNALED(status_of) ? WTERMSIG(status_of) == cases[i].number : WEXITSTATUS(status_of) != 98);
		out = memory_terminal_output(&terminal);
		assert_non_null(strstr(out, "\033[?1049l"));
		assert_non_null(strstr(strstr(out, "\033[?1049h"), "\033[?2004l"));
		free(out);
		memory_terminal_close(&terminal);
	}
}

static void
wait_for_signal(void)
{
	struct timespec moment = { .tv_nsec = 1000000 };
	int number;

	while ((number = terminal_signal()) == 0)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
	terminal_close();
	_exit(number);
}

static void
test_signals_come_through_the_pipe(void **state)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct terminal_options opt = { .colours = 256 };
		int ready, status_of;
		pid_t pid;
		char *out;

		memory_terminal_prepare(&terminal, 24, 80, &opt);
		pid = child_with_terminal(&opt, -1, wait_for_signal, &ready);
		wait_ready(ready);
		kill(pid, numbers[i]);
		status_of = end_of(pid, 5000);
		assert_true(WIFEXITED(status_of) && WEXITSTATUS(status_of) == numbers[i]);
		out = memory_terminal_output(&terminal);
		assert_non_null(strstr(out, "\033[?1049l"));
		free(out);
		memory_terminal_close(&terminal);
	}
}

static void
write_for_ever(void)
{
	struct canvas screen = canvas_screen();

	for (char c = 'a';; c = c == 'z' ? 'a' : (char)(c + 1)) {
		char text[2] = { c };

		for (int row = 0; row < screen.rows; row++)
			paint_line(&screen, row, 0, -1, ROLE_TEXT, text);
		terminal_update(true);
	}
}

/* Ctrl-S, a stalled ssh: write() does not come back, and with ncurses' own handlers only SIGKILL helps (measured). */
static void
test_a_terminal_that_takes_nothing(void **state)
{
	struct terminal_options opt = { .colours = 256 };
	int ready, status_of, out[2];
	long long from;
	pid_t pid;

	(void)state;
	memory_terminal_prepare(&terminal, 60, 200, &opt);
	assert_int_equal(pipe(out), 0);
	pid = child_with_terminal(&opt, out[1], write_for_ever, &ready);
	wait_ready(ready);
	/* It is stuck once the pipe is full: a pipe holds less than one of its frames. */
	assert_int_equal(poll(&(struct pollfd){ .fd = out[0], .events = POLLIN }, 1, 5000), 1);
	from = now_ms();
	kill(pid, SIGTERM);
	status_of = end_of(pid, 5000);
	assert_true(WIFEXITED(status_of) && WEXITSTATUS(status_of) == 128 + SIGTERM);
	assert_true(now_ms() - from < 4000);
	close(out[0]);
	close(out[1]);
	memory_terminal_close(&terminal);
}

/* ---- standard error ---- */

static void
complain_twice(void)
{
	char bytes[64] = "";

	fprintf(stderr, "first\n");
	if (read(terminal_stderr_fd(), bytes, sizeof bytes - 1) <= 0 || strcmp(bytes, "first\n") != 0)
		_exit(97);
	fprintf(stderr, "second\n");
	terminal_close();
	fprintf(stderr, "third\n");
	_exit(0);
}

/* What nobody read while the screen was up comes out after it; nothing of it lands on the screen. */
static void
test_standard_error(void **state)
{
	struct terminal_options opt = { .colours = 256 };
	int master, slave, status_of;
	char bytes[256] = "";
	size_t len = 0;
	ssize_t n;
	pid_t pid;
	char *out;

	(void)state;
	memory_terminal_prepare(&terminal, 24, 80, &opt);
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(slave, STDERR_FILENO);
		opt.signals = true;
		if (terminal_open(&opt, NULL) != STATUS_OK)
			_exit(99);
		complain_twice();
	}
	close(slave);
	status_of = end_of(pid, 5000);
	assert_true(WIFEXITED(status_of));
	assert_int_equal(WEXITSTATUS(status_of), 0);
	while (len < sizeof bytes - 1 && (n = read(master, bytes + len, sizeof bytes - 1 - len)) > 0)
		len += (size_t)n;
	assert_string_equal(bytes, "second\r\nthird\r\n");
	out = memory_terminal_output(&terminal);
	assert_null(strstr(out, "first"));
	assert_null(strstr(out, "second"));
	free(out);
	close(master);
	memory_terminal_close(&terminal);
}

/* ---- the clipboard ---- */

static void
test_copy_by_the_terminal(void **state)
{
	static const struct {
		const char *type, *text, *sequence;
		enum copied copied;
	} cases[] = {
		{ "xterm-256color", "", "\033]52;c;\a", COPIED_OSC52 },
		{ "xterm-256color", "f", "\033]52;c;Zg==\a", COPIED_OSC52 },
		{ "xterm-256color", "fo", "\033]52;c;Zm8=\a", COPIED_OSC52 },
		{ "xterm-256color", "foo", "\033]52;c;Zm9v\a", COPIED_OSC52 },
		{ "xterm-256color", "“\n\x7f", "\033]52;c;4oCcCn8=\a", COPIED_OSC52 },
		{ "linux", "foo", NULL, COPIED_NOT },
		{ "vt220", "foo", NULL, COPIED_NOT },
	};

	(void)state;
	unsetenv("TMUX");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *out;

		memory_terminal_open(&terminal, 24, 80, &(struct terminal_options){ .type = cases[i].type });
		assert_int_equal(terminal_copy(cases[i].text, strlen(cases[i].text)), cases[i].copied);
		out = memory_terminal_output(&terminal);
		if (cases[i].sequence != NULL)
			assert_non_null(strstr(out, cases[i].sequence));
		else
			assert_null(strstr(out, "\033]"));
		free(out);
		memory_terminal_close(&terminal);
	}
}

static void
test_copy_has_a_limit(void **state)
{
	static char text[74994 + 2];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	memory_terminal_open(&terminal, 24, 80, &(struct terminal_options){ .type = NULL });
	assert_int_equal(terminal_copy(text, sizeof text - 1), COPIED_NOT);
	assert_int_equal(terminal_copy(text, sizeof text - 2), COPIED_OSC52);
	memory_terminal_close(&terminal);
}

/* A tmux of our own on PATH: what it was given, and how long it is waited for. */
static void
test_copy_by_tmux(void **state)
{
	static const struct {
		const char *script;
		enum copied copied;
		bool got;
	} cases[] = {
		{ "echo \"$*\" >\"$OUT.args\"; exec cat >\"$OUT\"", COPIED_TMUX, true },
		{ "cat >/dev/null; echo 'no server' >&2; exit 1", COPIED_NOT, false },
		{ "exit 0", COPIED_TMUX, false },
		{ "exec sleep 60", COPIED_NOT, false },
	};
	char folder[] = "/tmp/mtlscope-tmux-XXXXXX", path[64], out[64], args[80], *text = malloc(300000);
	const char *before = getenv("PATH");
	struct buf search = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/tmux", folder);
	snprintf(out, sizeof out, "%s/out", folder);
	snprintf(args, sizeof args, "%s/out.args", folder);
	buf_addf(&search, "%s:%s", folder, before);
	setenv("PATH", buf_str(&search), 1);
	setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
	setenv("OUT", out, 1);
	/* More than a pipe holds: tmux has no limit of 74,994 bytes. */
	memset(text, 'y', 300000);
	memory_terminal_open(&terminal, 24, 80, &(struct terminal_options){ .type = "tmux-256color" });
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		long long from = now_ms();
		struct stat st;
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fprintf(f, "#!/bin/sh\n%s\n", cases[i].script);
		fclose(f);
		chmod(path, 0755);
		remove(out);
		if (terminal_copy(text, 300000) != cases[i].copied)
			fail_msg("%s", cases[i].script);
		assert_true(now_ms() - from < 2500);
		assert_int_equal(stat(out, &st) == 0 && st.st_size == 300000, cases[i].got);
	}
	setenv("PATH", before, 1);
	unsetenv("TMUX");
	unsetenv("OUT");
	memory_terminal_close(&terminal);
	remove(path);
	remove(out);
	remove(args);
	rmdir(folder);
	buf_done(&search);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminals_that_do_not_open),
		cmocka_unit_test(test_no_terminal_at_all),
		cmocka_unit_test(test_entering_and_leaving),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_themes),
		cmocka_unit_test(test_a_frame_that_changes_nothing_writes_nothing),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_a_terminal_that_is_closed),
		cmocka_unit_test(test_names_of_keys),
		cmocka_unit_test(test_a_crash_leaves_the_terminal),
		cmocka_unit_test(test_signals_come_through_the_pipe),
		cmocka_unit_test(test_a_terminal_that_takes_nothing),
		cmocka_unit_test(test_standard_error),
		cmocka_unit_test(test_copy_by_the_terminal),
		cmocka_unit_test(test_copy_has_a_limit),
		cmocka_unit_test(test_copy_by_tmux),
	};

	signal(SIGPIPE, SIG_IGN); /* as main() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
