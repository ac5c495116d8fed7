/*
 * The real program on a pseudo-terminal, its bytes read by libvterm: what a user would see, with what
 * went over the wire. Nothing sleeps: what is waited for is an event with a deadline, and where it does not come the
 * test fails with the whole screen.
 */
#ifndef TESTS_VTPTY_H
#define TESTS_VTPTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <vterm.h>

#include "model/buf.h"

/* What was on the wire, seen by a scanner of our own: libvterm answers some of it and hides it. */
struct wire_seen {
	size_t bytes;
	unsigned osc, dcs, strings;  /* strings: APC, PM, SOS */
	unsigned colours;            /* SGR parameters that choose a colour (39 and 49, the default, are none) */
	unsigned strange;            /* control bytes other than ESC CR LF BS HT BEL SO SI, or C1 as a character */
	unsigned long strange_one;   /* the last of these */
	unsigned above;              /* bytes above 0x7e outside of strings */
	struct buf last_osc;         /* what stood between ESC ] and its end */
};

struct vtpty {
	VTerm *vt;
	VTermScreen *screen;
	int fd;                      /* of the terminal; -1: hung up */
	pid_t pid;                   /* 0: it was waited for */
	int rows, columns;
	bool altscreen, cursor_visible;
	int mouse;                   /* VTERM_PROP_MOUSE_… */
	bool eof;                    /* nobody holds the other side any more */
	bool deaf;                   /* set by a test: nothing is read, as by a terminal that hangs */
	pid_t reader;                /* of the last key or size, and how often it had slept before that */
	unsigned long sleeps;
	double sent_ms;
	bool ended;                  /* status and cpu_ms are known */
	int status;                  /* exit status; 128 + signal where one ended it */
	double cpu_ms;               /* user and system time */
	struct wire_seen wire;
	struct buf raw;              /* every byte that came */
	int scanning;                /* the scanner's state */
	struct buf csi;
	unsigned long character;     /* being decoded */
	int character_left;
};

struct vtpty_options {
	int rows, columns;           /* 0: 24 × 80 */
	const char *term;            /* NULL: xterm-256color */
	const char *home;            /* HOME and XDG folders; NULL: /nonexistent */
	const char *const *env;      /* "NAME=value", or "NAME" to unset; or NULL */
};

/*
 * Starts argv[0] (looked for on PATH) as the leader of a session on a terminal of its own. LC_ALL is C.UTF-8, TZ
 * UTC; LINES, COLUMNS, NO_COLOR, COLORTERM, TMUX and AWS's variables are unset. It is killed with the test.
 */
struct vtpty *vtpty_open(const char *const argv[], const struct vtpty_options *opt);
/* Ends the program where it still runs (SIGKILL), frees. NULL is legal. */
void vtpty_free(struct vtpty *p);

/*
 * Reads until the program has dealt with what it was sent and nothing came for quiet_ms; max_ms at most from when it has nothing
 * to do. False where it was never quiet.
 */
bool vtpty_settle(struct vtpty *p, int quiet_ms, int max_ms);
/* Bytes that come within that time: reads all of it. */
size_t vtpty_listen(struct vtpty *p, int ms);

/* One row, trailing blanks cut, into out; returns out. */
char *vtpty_row(struct vtpty *p, int row, char *out, size_t size);
/* The screen, rows ended by \n, trailing blanks cut. free() it. */
char *vtpty_text(struct vtpty *p);
bool vtpty_has(struct vtpty *p, const char *text);
/* The first row with that text; -1: none. */
int vtpty_find(struct vtpty *p, const char *text);
/* Until the text is there, or is not, in a frame that is whole and after which the program sleeps; half a minute at most, then the test fails with the screen. */
void vtpty_wait(struct vtpty *p, const char *text);
void vtpty_wait_not(struct vtpty *p, const char *text);
/* The same with a condition of the caller's. `what` goes into the message. */
void vtpty_until(struct vtpty *p, bool (*holds)(struct vtpty *p, void *user), void *user, const char *what);
/* Is the cell in reverse? For the selected row. */
bool vtpty_reverse(struct vtpty *p, int row, int column);
/* The first row whose cells are in reverse at that column, from row `from` on; -1: none. */
int vtpty_selected(struct vtpty *p, int from, int column);
/* NULL where no cell holds a control, bidi, invisible or private character; else says which and where; into out. */
const char *vtpty_bad_cell(struct vtpty *p, char *out, size_t size);

void vtpty_send(struct vtpty *p, const char *bytes, size_t len);
void vtpty_type(struct vtpty *p, const char *text);
/* Keys by name, one blank between: "Down Down Enter", "C-u", "y"; single characters stand for themselves. */
void vtpty_keys(struct vtpty *p, const char *keys);
void vtpty_resize(struct vtpty *p, int rows, int columns);
void vtpty_signal(struct vtpty *p, int number);
/* The terminal's window is closed. */
void vtpty_hang_up(struct vtpty *p);
/* Waits for its end and takes what it still wrote; returns the exit status, or -1 where it still runs after max_ms. */
int vtpty_wait_end(struct vtpty *p, int max_ms);

/* Milliseconds of a clock that only goes forward. */
double vtpty_now_ms(void);

#endif
