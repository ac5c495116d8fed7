#include "tests/vtpty.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/memory.h"
#include "tests/at_rest.h"
#include "tests/launch.h"
#include "tests/program.h"

enum { WAIT_MS = 30000 /* a sanitizer on a busy machine takes ten */, FRAME_MS = 20, UNREAD_MS = 1000, CSI_MOST = 256, ROW_MOST = 4096 };

double
vtpty_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000.0 + (double)t.tv_nsec / 1e6;
}

/* ---- what is on the wire ---- */

enum scan { SCAN_TEXT, SCAN_ESCAPE, SCAN_CHARSET, SCAN_CSI, SCAN_OSC, SCAN_STRING, SCAN_OSC_ESCAPE, SCAN_STRING_ESCAPE };

static void
count_colours(struct vtpty *p)
{
	const char *at = buf_str(&p->csi);

	if (at[0] == '>' || at[0] == '?' || at[0] == '=')
		return;
	while (*at != '\0') {
		long n = strtol(at, (char **)(uintptr_t)&at, 10);

		if ((n >= 30 && n <= 38) || (n >= 40 && n <= 48) || (n >= 90 && n <= 97) || (n >= 100 && n <= 107))
			p->wire.colours++;
		if (*at != '\0')
			at++;
	}
}

/* libvterm lets ESC 8 and the way back from the second screen bring back a hidden cursor; xterm and others do not. */
static void
note_cursor(struct vtpty *p, unsigned char end)
{
	const char *at = buf_str(&p->csi);

	if (at[0] == '?' && (end == 'h' || end == 'l') && strtol(at + 1, NULL, 10) == 25)
		p->cursor_visible = end == 'h';
}

static void
strange(struct vtpty *p, unsigned long c)
{
	p->wire.strange++;
	p->wire.strange_one = c;
}

static void
scan_text(struct vtpty *p, unsigned char c)
{
	if (c == 0x1b) {
		p->scanning = SCAN_ESCAPE;
		p->character_left = 0;
		return;
	}
	if (c < 0x20 && strchr("\r\n\b\t\a\016\017", c) == NULL)
		strange(p, c);
	if (c == 0x7f || c == '\0')
		strange(p, c);
	p->wire.above += c > 0x7e;
	if (c >= 0xc0) {
		p->character_left = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		p->character = c & (0x3fu >> p->character_left);
	} else if (c >= 0x80) {
		if (p->character_left == 0)
			strange(p, c); /* a C1 byte, or not UTF-8 */
		p->character = p->character << 6 | (c & 0x3f);
		if (--p->character_left == 0 && p->character < 0xa0)
			strange(p, p->character);
	}
}

static void
scan_escape(struct vtpty *p, unsigned char c)
{
	p->scanning = SCAN_TEXT;
	switch (c) {
	case '[':
		buf_reset(&p->csi);
		p->scanning = SCAN_CSI;
		break;
	case ']':
		p->wire.osc++;
		buf_reset(&p->wire.last_osc);
		p->scanning = SCAN_OSC;
		break;
	case 'P':
		p->wire.dcs++;
		p->scanning = SCAN_STRING;
		break;
	case 'X': case '^': case '_':
		p->wire.strings++;
		p->scanning = SCAN_STRING;
		break;
	case '(': case ')': case '*': case '+': case '#': case '%':
		p->scanning = SCAN_CHARSET;
		break;
	case 0x1b:
		p->scanning = SCAN_ESCAPE;
		break;
	default:
		break;
	}
}

static void
scan(struct vtpty *p, unsigned char c)
{
	switch ((enum scan)p->scanning) {
	case SCAN_TEXT:
		scan_text(p, c);
		break;
	case SCAN_ESCAPE:
		scan_escape(p, c);
		break;
	case SCAN_CHARSET:
		p->scanning = SCAN_TEXT;
		break;
	case SCAN_CSI:
		if (c >= 0x40 && c <= 0x7e) {
			if (c == 'm')
				count_colours(p);
			note_cursor(p, c);
			p->scanning = SCAN_TEXT;
		} else if (p->csi.len < CSI_MOST) {
			buf_addc(&p->csi, (char)c);
		}
		break;
	case SCAN_OSC:
	case SCAN_STRING:
		if (c == 0x1b)
			p->scanning = p->scanning == SCAN_OSC ? SCAN_OSC_ESCAPE : SCAN_STRING_ESCAPE;
		else if (c == 0x07)
			p->scanning = SCAN_TEXT;
		else if (p->scanning == SCAN_OSC)
			buf_addc(&p->wire.last_osc, (char)c);
		break;
	case SCAN_OSC_ESCAPE:
	case SCAN_STRING_ESCAPE:
		p->scanning = SCAN_TEXT;
		if (c != '\\')
			scan_escape(p, c);
		break;
	}
}

/* ---- terminal and program ---- */

/* From the terminal to the program: keys, and answers to what it asked. */
/* Who reads the keys: not the shell that the program was started by. */
static pid_t
reader(const struct vtpty *p)
{
	pid_t group = p->fd >= 0 ? tcgetpgrp(p->fd) : -1;

	return group > 0 ? group : p->pid;
}

static void
note_reader(struct vtpty *p)
{
	p->reader = reader(p);
	p->sleeps = sleeps_of(p->reader);
	p->sent_ms = vtpty_now_ms();
}

static void
send_bytes(const char *bytes, size_t len, void *user)
{
	struct vtpty *p = user;

	note_reader(p);
	while (len > 0 && p->fd >= 0) {
		ssize_t n = write(p->fd, bytes, len);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			struct pollfd full = { .fd = p->fd, .events = POLLOUT };
			if (poll(&full, 1, WAIT_MS) > 0)
				continue;
		}
		if (n < 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static int
property(VTermProp prop, VTermValue *v, void *user)
{
	struct vtpty *p = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		p->altscreen = v->boolean;
	else if (prop == VTERM_PROP_MOUSE)
		p->mouse = v->number;
	return 1;
}

static const VTermScreenCallbacks screen_callbacks = { .settermprop = property };

/* Whoever runs the tests has a terminal and an account of their own: the program sees this one, and what the test says. */
static void
prepare(struct launch *l, const char *const argv[], const struct vtpty_options *opt)
{
	char term[128], home[4096];
	const char *const usual[] = { "LINES", "COLUMNS", "NO_COLOR", "COLORTERM", "TMUX", "TMUX_PANE", "STY",
		"AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		"SSLKEYLOGFILE", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "LANG", "LC_CTYPE", "ESCDELAY", "LC_ALL=C.UTF-8", "TZ=UTC",
		term, home, NULL };

	snprintf(term, sizeof term, "TERM=%s", opt->term != NULL ? opt->term : "xterm-256color");
	snprintf(home, sizeof home, "HOME=%s", opt->home != NULL ? opt->home : "/nonexistent");
	launch_make(l, argv, usual, opt->env);
}

struct vtpty *
vtpty_open(const char *const argv[], const struct vtpty_options *opt)
{
	static const struct vtpty_options defaults;
	struct vtpty *p = mem_zero(1, sizeof *p);
	struct winsize size = { 0 };
	struct launch launch;

	opt = opt != NULL ? opt : &defaults;
	signal(SIGPIPE, SIG_IGN);
	p->rows = opt->rows > 0 ? opt->rows : 24;
	p->columns = opt->columns > 0 ? opt->columns : 80;
	p->cursor_visible = true;
	size.ws_row = (unsigned short)p->rows;
	size.ws_col = (unsigned short)p->columns;
	p->vt = vterm_new(p->rows, p->columns);
	vterm_set_utf8(p->vt, 1);
	p->screen = vterm_obtain_screen(p->vt);
	vterm_screen_set_callbacks(p->screen, &screen_callbacks, p);
	vterm_screen_enable_altscreen(p->screen, 1);
	vterm_screen_reset(p->screen, 1);
	vterm_output_set_callback(p->vt, send_bytes, p);
	prepare(&launch, argv, opt);
	p->pid = forkpty(&p->fd, NULL, NULL, &size);
	if (p->pid == 0) {
		default_signals();
		launch_become(&launch, argv, 0);
	}
	launch_done(&launch);
	if (p->pid < 0)
		fail_msg("forkpty: %s", strerror(errno));
	fcntl(p->fd, F_SETFL, O_NONBLOCK);
	fcntl(p->fd, F_SETFD, FD_CLOEXEC);
	return p;
}

void
vtpty_free(struct vtpty *p)
{
	if (p == NULL)
		return;
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	if (p->fd >= 0)
		close(p->fd);
	vterm_free(p->vt);
	buf_done(&p->wire.last_osc);
	buf_done(&p->raw);
	buf_done(&p->csi);
	free(p);
}

/* Takes what is there; false where nothing is. */
static bool
take(struct vtpty *p)
{
	char piece[16384];
	ssize_t n;

	if (p->fd < 0 || p->eof || p->deaf)
		return false;
	n = read(p->fd, piece, sizeof piece);
	if (n <= 0) {
		p->eof = n == 0 || errno == EIO; /* Linux: EIO once the last one has closed its side */
		return false;
	}
	buf_add(&p->raw, piece, (size_t)n);
	p->wire.bytes += (size_t)n;
	for (ssize_t i = 0; i < n; i++)
		scan(p, (unsigned char)piece[i]);
	vterm_input_write(p->vt, piece, (size_t)n);
	vterm_screen_flush_damage(p->screen);
	return true;
}

/* Waits for bytes, `ms` at most, and takes all that are there. False where none came. */
static bool
await(struct vtpty *p, double ms)
{
	struct pollfd f = { .fd = p->fd, .events = POLLIN };
	bool any = false;

	if (p->fd < 0 || p->eof || ms < 0 || poll(&f, 1, (int)ms) <= 0)
		return false;
	while (take(p))
		any = true;
	return any;
}

/* Has it read what it was sent, and nothing left to do about it? Who sleeps on for a second has left the keys to another: tmux's server. */
static bool
dealt_with(const struct vtpty *p)
{
	pid_t now = reader(p);
	bool same = now == p->reader && vtpty_now_ms() - p->sent_ms < UNREAD_MS;

	return p->pid == 0 || p->fd < 0 || p->eof || p->deaf || at_rest(now, same ? p->sleeps : 0);
}

bool
vtpty_settle(struct vtpty *p, int quiet_ms, int max_ms)
{
	double start = vtpty_now_ms(), now = start;

	while (now < start + (dealt_with(p) ? max_ms : WAIT_MS)) {
		if (!await(p, quiet_ms) && dealt_with(p))
			return true;
		now = vtpty_now_ms();
	}
	return false;
}

size_t
vtpty_listen(struct vtpty *p, int ms)
{
	double end = vtpty_now_ms() + ms;
	size_t before = p->wire.bytes;

	for (double left = ms; left > 0 && !p->eof; left = end - vtpty_now_ms())
		await(p, left + 1);
	return p->wire.bytes - before;
}

/* ---- what is seen ---- */

char *
vtpty_row(struct vtpty *p, int row, char *out, size_t size)
{
	VTermRect all = { .start_row = row, .end_row = row + 1, .start_col = 0, .end_col = p->columns };
	size_t n = vterm_screen_get_text(p->screen, out, size - 1, all);

	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return out;
}

char *
vtpty_text(struct vtpty *p)
{
	struct buf b = { 0 };
	char row[ROW_MOST];

	for (int r = 0; r < p->rows; r++) {
		buf_adds(&b, vtpty_row(p, r, row, sizeof row));
		buf_addc(&b, '\n');
	}
	return b.data;
}

int
vtpty_find(struct vtpty *p, const char *text)
{
	char row[ROW_MOST];

	for (int r = 0; r < p->rows; r++)
		if (strstr(vtpty_row(p, r, row, sizeof row), text) != NULL)
			return r;
	return -1;
}

bool
vtpty_has(struct vtpty *p, const char *text)
{
	return vtpty_find(p, text) >= 0;
}

/* It holds, and goes on to hold when the rest of the frame has come: a frame arrives in pieces. */
static bool
holds_still(struct vtpty *p, bool (*holds)(struct vtpty *p, void *user), void *user)
{
	double end = vtpty_now_ms() + WAIT_MS;

	do {
		if (!holds(p, user))
			return false;
	} while (await(p, FRAME_MS) || (!dealt_with(p) && vtpty_now_ms() < end));
	return holds(p, user);
}

void
vtpty_until(struct vtpty *p, bool (*holds)(struct vtpty *p, void *user), void *user, const char *what)
{
	double end = vtpty_now_ms() + WAIT_MS;

	while (!holds_still(p, holds, user)) {
		if (p->eof || vtpty_now_ms() >= end) {
			char *text = vtpty_text(p);

			fail_msg("%s: waited for in vain%s; the screen:\n%s", what, p->eof ? ", the program has ended" : "", text);
		}
		await(p, end - vtpty_now_ms());
	}
}

static bool
has(struct vtpty *p, void *text)
{
	return vtpty_has(p, text);
}

static bool
has_not(struct vtpty *p, void *text)
{
	return !vtpty_has(p, text);
}

void
vtpty_wait(struct vtpty *p, const char *text)
{
	vtpty_until(p, has, (void *)(uintptr_t)text, text);
}

void
vtpty_wait_not(struct vtpty *p, const char *text)
{
	char what[256];

	snprintf(what, sizeof what, "no more of: %s", text);
	vtpty_until(p, has_not, (void *)(uintptr_t)text, what);
}

bool
vtpty_reverse(struct vtpty *p, int row, int column)
{
	VTermScreenCell cell;
	VTermPos at = { .row = row, .col = column };

	return vterm_screen_get_cell(p->screen, at, &cell) != 0 && cell.attrs.reverse;
}

int
vtpty_selected(struct vtpty *p, int from, int column)
{
	for (int r = from; r < p->rows; r++)
		if (vtpty_reverse(p, r, column))
			return r;
	return -1;
}

/* Not asked of model/text.c, which is what is being tested. */
static bool
harmful(uint32_t c)
{
	static const struct { uint32_t from, to; } ranges[] = {
		{ 0x01, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x115f, 0x1160 }, { 0x180e, 0x180e },
		{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x2069 }, { 0x3164, 0x3164 }, { 0xe000, 0xf8ff },
		{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff9, 0xffff }, { 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return c != UINT32_MAX; /* libvterm's mark of the right half of a wide character */
	return false;
}

const char *
vtpty_bad_cell(struct vtpty *p, char *out, size_t size)
{
	for (int r = 0; r < p->rows; r++) {
		for (int c = 0; c < p->columns; c++) {
			VTermScreenCell cell;
			VTermPos at = { .row = r, .col = c };

			if (vterm_screen_get_cell(p->screen, at, &cell) == 0)
				continue;
			for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++) {
				if (!harmful(cell.chars[i]))
					continue;
				snprintf(out, size, "U+%04X at row %d, column %d", (unsigned)cell.chars[i], r, c);
				return out;
			}
		}
	}
	return NULL;
}

/* ---- what is done ---- */

void
vtpty_send(struct vtpty *p, const char *bytes, size_t len)
{
	send_bytes(bytes, len, p);
}

void
vtpty_type(struct vtpty *p, const char *text)
{
	vtpty_send(p, text, strlen(text));
}

static const struct {
	const char *name;
	VTermKey key;
} named[] = {
	{ "Up", VTERM_KEY_UP }, { "Down", VTERM_KEY_DOWN }, { "Left", VTERM_KEY_LEFT }, { "Right", VTERM_KEY_RIGHT },
	{ "PgUp", VTERM_KEY_PAGEUP }, { "PgDn", VTERM_KEY_PAGEDOWN }, { "Home", VTERM_KEY_HOME }, { "End", VTERM_KEY_END },
	{ "Enter", VTERM_KEY_ENTER }, { "Esc", VTERM_KEY_ESCAPE }, { "Tab", VTERM_KEY_TAB }, { "Backspace", VTERM_KEY_BACKSPACE },
	{ "Delete", VTERM_KEY_DEL }, { "F1", VTERM_KEY_FUNCTION(1) },
};

static void
press(struct vtpty *p, const char *name, size_t len)
{
	char c;

	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
		if (strlen(named[i].name) == len && strncmp(named[i].name, name, len) == 0) {
			vterm_keyboard_key(p->vt, named[i].key, VTERM_MOD_NONE); /* honours the cursor key mode */
			return;
		}
	}
	if (len == 5 && strncmp(name, "Space", len) == 0) {
		vtpty_send(p, " ", 1);
	} else if (len == 7 && strncmp(name, "BackTab", len) == 0) {
		vterm_keyboard_key(p->vt, VTERM_KEY_TAB, VTERM_MOD_SHIFT);
	} else if (len == 3 && strncmp(name, "C-", 2) == 0) {
		c = (char)(name[2] & 0x1f);
		vtpty_send(p, &c, 1);
	} else if (len == 3 && strncmp(name, "M-", 2) == 0) {
		char meta[2] = { 0x1b, name[2] };
		vtpty_send(p, meta, 2);
	} else {
		vtpty_send(p, name, len);
	}
}

void
vtpty_keys(struct vtpty *p, const char *keys)
{
	while (*keys != '\0') {
		size_t len = strcspn(keys, " ");

		press(p, keys, len);
		keys += len;
		keys += strspn(keys, " ");
	}
}

void
vtpty_resize(struct vtpty *p, int rows, int columns)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

	while (take(p)) /* what was written for the old size is read at the old size */
		continue;
	p->rows = rows;
	p->columns = columns;
	note_reader(p);
	vterm_set_size(p->vt, rows, columns);
	ioctl(p->fd, TIOCSWINSZ, &size); /* the kernel raises SIGWINCH */
}

void
vtpty_signal(struct vtpty *p, int number)
{
	kill(p->pid, number);
}

void
vtpty_hang_up(struct vtpty *p)
{
	close(p->fd);
	p->fd = -1;
}

static void
reap(struct vtpty *p)
{
	struct rusage usage;
	int status = 0;

	if (wait4(p->pid, &status, 0, &usage) != p->pid)
		fail_msg("wait4: %s", strerror(errno));
	p->pid = 0;
	p->ended = true;
	p->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	p->cpu_ms = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000.0 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000.0;
}

int
vtpty_wait_end(struct vtpty *p, int max_ms)
{
	double end = vtpty_now_ms() + max_ms;
	int process = p->ended ? -1 : (int)syscall(SYS_pidfd_open, p->pid, 0);

	if (p->ended)
		return p->status;
	if (process < 0)
		fail_msg("pidfd_open: %s", strerror(errno));
	while (!p->ended) {
		struct pollfd f[2] = { { .fd = process, .events = POLLIN }, { .fd = p->eof || p->deaf ? -1 : p->fd, .events = POLLIN } };
		double left = end - vtpty_now_ms();

		if (left <= 0 || poll(f, 2, (int)left + 1) < 0)
			break;
		if (f[1].revents != 0)
			while (take(p))
				continue;
		if (f[0].revents != 0)
			reap(p);
	}
	close(process);
	while (take(p))
		continue;
	return p->ended ? p->status : -1;
}
