#include "tui/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/quote.h"
#include "tui/terminal_keys.h"
#include "tui/terminal_signals.h"
#include "tui/theme.h"

enum {
	ESCAPE_DELAY_MS = 25, /* how long an Esc may be the beginning of a key: ncurses waits a second by default */
	/* What is larger is no screen but a mistake, and would take gigabytes: each cell is 84 bytes in curses. */
	ROWS_MOST = 500,
	COLUMNS_MOST = 1000
};

/*
 * The only sequences that we write ourselves. Terminals that do not know them ignore private modes;
 * synchronised update spares those that do the sight of a half-drawn screen, where all of it is drawn anew.
 */
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";
static const char update_begins[] = "\033[?2026h", update_ends[] = "\033[?2026l";
static const char clipboard_begins[] = "\033]52;c;", clipboard_ends[] = "\a";

static struct {
	SCREEN *screen;
	FILE *in, *out;
	bool ascii, signals, modern;
	int colours;              /* 0, 16, 256: allowed and had */
	int cursor_row, cursor_column; /* -1: hidden */
	bool cursor_shown;
	struct last_rites rites;
	int stderr_pipe[2];       /* -1: left alone */
} t = { .stderr_pipe = { -1, -1 } };

static void
raw_write(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fileno(t.out), s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s += n;
		len -= (size_t)n;
	}
}

/* tputs() hands out single characters: padding and parameters are resolved by it. */
static struct last_rites *collecting;

static int
collect(int c)
{
	if (collecting->leave_len < sizeof collecting->leave)
		collecting->leave[collecting->leave_len++] = (char)c;
	return c;
}

static const char *
capability(const char *name)
{
	const char *s = tigetstr(name);

	return s != (char *)-1 ? s : NULL;
}

/* All that brings the terminal back, in one string, while it is still allowed to ask terminfo for it. */
static void
learn_to_leave(void)
{
	static const char *const names[] = { "sgr0", "op", "rmkx", "cnorm" };
	const char *last = capability("rmcup");

	collecting = &t.rites;
	t.rites.leave_len = 0;
	if (t.modern)
		for (const char *s = paste_off; *s != '\0'; s++)
			collect(*s);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (capability(names[i]) != NULL)
			tputs(capability(names[i]), 1, collect);
	if (last == NULL)
		last = capability("clear");
	if (last != NULL)
		tputs(last, 1, collect);
	t.rites.fd = fileno(t.out);
}

static status
usable(const char *type, int fd, struct error *err)
{
	TERMINAL *before = cur_term;
	char shown[QUOTE_MAX];
	int found = -1;
	bool addressable;

	if (type == NULL || type[0] == '\0')
		return error_set(err, ERROR_USAGE, "opening the terminal",
		    "TERM is not set: `mtlscope check` prints the same as a report");
	if (setupterm(type, fd, &found) != OK || found != 1)
		return error_set(err, ERROR_USAGE, "opening the terminal",
		    "TERM is %s, which this system does not know: try TERM=xterm, or `mtlscope check` for a report",
		    quote_str(type, shown));
	addressable = capability("cup") != NULL && tigetflag("hc") <= 0;
	del_curterm(cur_term);
	set_curterm(before);
	if (!addressable)
		return error_set(err, ERROR_USAGE, "opening the terminal",
		    "TERM is %s, a terminal without a movable cursor: `mtlscope check` prints the same as a report",
		    quote_str(type, shown));
	return STATUS_OK;
}

static void
choose_characters(bool ascii)
{
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "");
	t.ascii = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static void
make_pairs(void)
{
	for (short role = 0; t.colours > 0 && role < ROLE_COUNT; role++) {
		struct style s = theme_style((enum role)role);
		if (s.foreground >= 0 || s.background >= 0)
			init_pair((short)(role + 1), s.foreground, s.background);
	}
}

static void
choose_colours(const struct terminal_options *opt)
{
	t.colours = 0;
	if (opt->colours > 0 && has_colors() && start_color() == OK && use_default_colors() == OK &&
	    COLOR_PAIRS > ROLE_COUNT)
		t.colours = COLORS >= 256 && opt->colours >= 256 ? 256 : COLORS >= 16 ? 16 : 8;
	theme_use(opt->theme != NULL ? opt->theme : "dark", t.colours);
	make_pairs();
}

struct size {
	int high, wide; /* 0: not known (term.h has macros of other names) */
};

static int
from_environment(const char *name)
{
	const char *text = getenv(name);
	long n = text != NULL ? strtol(text, NULL, 10) : 0;

	return n > 0 && n < INT_MAX ? (int)n : 0;
}

/* A size that the kernel knows is truer than LINES and COLUMNS, which some shells export once and for all. */
static struct size
find_size(void)
{
	struct winsize size;
	struct size s = { .high = from_environment("LINES"), .wide = from_environment("COLUMNS") };

	if (ioctl(fileno(t.out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		s = (struct size){ size.ws_row, size.ws_col };
	s.high = s.high < ROWS_MOST ? s.high : ROWS_MOST;
	s.wide = s.wide < COLUMNS_MOST ? s.wide : COLUMNS_MOST;
	return s;
}

static void
take_size(void)
{
	struct size s = find_size();

	if (s.high > 0 && s.wide > 0 && (s.high != LINES || s.wide != COLS))
		resizeterm(s.high, s.wide);
}

/* What is to be in the environment for a moment; returns what was, for putting it back. n 0: nothing is. */
static char *
lend(const char *name, int n)
{
	char *before = getenv(name) != NULL ? mem_strdup(getenv(name)) : NULL, text[16];

	snprintf(text, sizeof text, "%d", n);
	if (n > 0)
		setenv(name, text, 1);
	else
		unsetenv(name);
	return before;
}

static void
put_back(const char *name, char *before)
{
	if (before != NULL)
		setenv(name, before, 1);
	else
		unsetenv(name);
	free(before);
}

/* newterm() takes any LINES and COLUMNS for true, else any size that the kernel has: it gets ours. */
static SCREEN *
new_screen(const char *type)
{
	struct size s = find_size();
	char *rows_before = lend("LINES", s.high), *columns_before = lend("COLUMNS", s.wide);
	SCREEN *screen = newterm(type, t.out, t.in);

	put_back("LINES", rows_before);
	put_back("COLUMNS", columns_before);
	if (screen != NULL)
		set_term(screen);
	return screen;
}

static void
take_stderr(void)
{
	t.rites.stderr_before = -1;
	if (!t.signals || !isatty(STDERR_FILENO) || pipe2(t.stderr_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return;
	t.rites.stderr_before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(t.stderr_pipe[1], STDERR_FILENO);
}

/* What nobody read meanwhile is not lost: it goes where it was meant to. */
static void
give_stderr_back(void)
{
	char bytes[4096];
	ssize_t n;

	if (t.rites.stderr_before < 0)
		return;
	dup2(t.rites.stderr_before, STDERR_FILENO);
	close(t.rites.stderr_before);
	t.rites.stderr_before = -1;
	close(t.stderr_pipe[1]);
	while ((n = read(t.stderr_pipe[0], bytes, sizeof bytes)) > 0)
		if (write(STDERR_FILENO, bytes, (size_t)n) < 0)
			break;
	close(t.stderr_pipe[0]);
	t.stderr_pipe[0] = t.stderr_pipe[1] = -1;
}

static void
enter_modes(void)
{
	raw();
	noecho();
	nonl();
	leaveok(stdscr, FALSE);
	terminal_keys_start();
	curs_set(0);
	if (t.modern)
		raw_write(paste_on, sizeof paste_on - 1);
}

status
terminal_open(const struct terminal_options *opt, struct error *err)
{
	const char *type = opt->type != NULL ? opt->type : getenv("TERM");

	t.in = opt->in != NULL ? opt->in : stdin;
	t.out = opt->out != NULL ? opt->out : stdout;
	t.signals = opt->signals;
	if ((opt->in == NULL && !isatty(STDIN_FILENO)) || (opt->out == NULL && !isatty(STDOUT_FILENO)))
		return error_set(err, ERROR_USAGE, "opening the terminal",
		    "standard %s is no terminal: `mtlscope check` prints the same as a report",
		    isatty(STDIN_FILENO) ? "output" : "input");
	choose_characters(opt->ascii);
	if (usable(type, fileno(t.out), err) != STATUS_OK)
		return STATUS_FAILED;

	/* The Linux console and real terminals print what they do not know. */
	t.modern = strncmp(type, "linux", 5) != 0 && strncmp(type, "vt", 2) != 0;
	t.rites = (struct last_rites){ .fd = fileno(t.out), .stderr_before = -1 };
	t.rites.has_termios = tcgetattr(fileno(t.out), &t.rites.before) == 0;
	/* The handlers stand before newterm(), which installs its own only where there are none. */
	if (t.signals) {
		take_stderr();
		if (!signals_take(&t.rites)) {
			give_stderr_back();
			return error_set(err, ERROR_LOCAL, "opening the terminal", "no descriptors are left");
		}
	}
	t.screen = new_screen(type);
	if (t.screen == NULL) {
		signals_give_back();
		give_stderr_back();
		return error_set(err, ERROR_USAGE, "opening the terminal",
		    "this terminal cannot be opened: `mtlscope check` prints the same as a report");
	}
	set_escdelay(ESCAPE_DELAY_MS);
	t.cursor_row = -1;
	t.cursor_shown = false;
	choose_colours(opt);
	enter_modes();
	learn_to_leave();
	if (t.signals)
		signals_learn(&t.rites);
	return STATUS_OK;
}

/* Terminals without a second screen would keep ours below the prompt. */
static void
leave_modes(void)
{
	if (t.modern)
		raw_write(paste_off, sizeof paste_off - 1);
	curs_set(1);
	endwin();
	if (capability("rmcup") == NULL && capability("clear") != NULL) {
		struct last_rites clear_it = { .leave_len = 0 };

		collecting = &clear_it;
		tputs(capability("clear"), 1, collect);
		raw_write(clear_it.leave, clear_it.leave_len);
	}
}

void
terminal_close(void)
{
	if (t.screen == NULL)
		return;
	signals_hurry();
	leave_modes();
	delscreen(t.screen);
	t.screen = NULL;
	if (t.signals) {
		signals_give_back();
		give_stderr_back();
	}
}

void
terminal_rescue(void)
{
	signals_rescue();
}

bool
terminal_is_open(void)
{
	return t.screen != NULL;
}

bool
terminal_ascii(void)
{
	return t.screen != NULL && t.ascii;
}

int
terminal_colours(void)
{
	return t.colours;
}

int
terminal_rows(void)
{
	return t.screen != NULL ? LINES : 0;
}

int
terminal_columns(void)
{
	return t.screen != NULL ? COLS : 0;
}

int
terminal_fd(void)
{
	return fileno(t.in);
}

int
terminal_out_fd(void)
{
	return fileno(t.out);
}

int
terminal_signal_fd(void)
{
	return signals_pipe();
}

int
terminal_stderr_fd(void)
{
	return t.stderr_pipe[0];
}

static void
come_back(void)
{
	reset_prog_mode();
	take_size();
	if (t.modern)
		raw_write(paste_on, sizeof paste_on - 1);
	t.cursor_shown = false;
	curs_set(0);
	terminal_update(true);
}

static void
stop(bool group)
{
	leave_modes();
	signals_stop(group);
	come_back();
}

void
terminal_suspend(void)
{
	if (t.screen != NULL && t.signals)
		stop(true);
}

int
terminal_signal(void)
{
	int number = signals_next();

	if (number == SIGWINCH)
		take_size();
	else if (number == SIGTSTP)
		stop(false);
	else if (number == SIGCONT)
		come_back(); /* stopped by SIGSTOP: the shell has changed the modes meanwhile */
	return number;
}

void
terminal_cursor(int row, int column)
{
	t.cursor_row = row;
	t.cursor_column = column;
}

void
terminal_update(bool whole)
{
	bool wanted = t.cursor_row >= 0;

	if (t.screen == NULL)
		return;
	if (whole)
		clearok(curscr, TRUE);
	if (whole && t.modern)
		raw_write(update_begins, sizeof update_begins - 1);
	if (wanted)
		move(t.cursor_row, t.cursor_column);
	if (wanted != t.cursor_shown)
		curs_set(wanted);
	t.cursor_shown = wanted;
	refresh();
	if (whole && t.modern)
		raw_write(update_ends, sizeof update_ends - 1);
	t.cursor_row = -1;
}

void
terminal_theme(const char *name)
{
	theme_use(name, t.colours);
	if (t.screen != NULL)
		make_pairs();
}

bool
terminal_clipboard(const char *base64, size_t len)
{
	if (t.screen == NULL || !t.modern)
		return false;
	raw_write(clipboard_begins, sizeof clipboard_begins - 1);
	raw_write(base64, len);
	raw_write(clipboard_ends, sizeof clipboard_ends - 1);
	return true;
}
