/*
 * The terminal: entering and leaving it, its size, its keys, its signals. terminal.c, terminal_keys.c and
 * paint.c are the only ones that know curses; the only raw sequences that we write ourselves (OSC 52, bracketed
 * paste, synchronised update) stand in terminal.c. Facts: knowledge page "style", 3.4.
 */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "model/error.h"

struct terminal_options {
	FILE *in, *out;      /* NULL: standard input and output */
	const char *type;    /* TERM; NULL: from the environment */
	bool ascii;          /* no byte above 0x7e */
	int colours;         /* 0, 16, 256 */
	const char *theme;   /* "dark", "light", "colour-blind", "mono"; NULL: dark */
	bool signals;        /* take signals and standard error over (false in tests that run in one process) */
};

/*
 * Enters the full-screen mode. Fails (ERROR_USAGE, one line that says what to do) where there is no
 * terminal, TERM is unknown, dumb, or cannot address the cursor: the caller then prints a report.
 * Standard error goes into the messages while it is open, never onto the screen.
 */
status terminal_open(const struct terminal_options *opt, struct error *err) MUST_USE;
/* Leaves it as it was found: main screen, cursor, mouse off. Safe to call twice. */
void terminal_close(void);
/* Before an _exit() in the middle of anything: one write that cannot block, nothing of curses. Nothing where it is closed. */
void terminal_rescue(void);
bool terminal_is_open(void);

bool terminal_ascii(void);
int terminal_rows(void);
int terminal_columns(void);

/* Keys: what tui/key.h names. KEY_NONE where none waits; KEY_GONE where the terminal is closed (EOF, hang-up). */
int terminal_key(void);
/* What to poll beside: the keyboard, and one end of the pipe that signals write to (-1 where there is none). */
int terminal_fd(void);
/* Where the screen goes: poll it without events, for its hang-up, where that is another terminal than the keyboard's. */
int terminal_out_fd(void);
int terminal_signal_fd(void);
/* What was written to standard error meanwhile comes out here, never blocking; -1: it is left alone. */
int terminal_stderr_fd(void);
/*
 * What the signal pipe had: SIGINT, SIGTERM, SIGHUP, SIGQUIT to end with 128 + signal; SIGWINCH (sizes
 * are up to date after it); SIGTSTP and SIGCONT (already dealt with: the screen was left and is repainted);
 * 0: nothing more. A second ending signal ends the process at once.
 */
int terminal_signal(void);
/* Leaves the screen, stops this process group as the shell expects, comes back on SIGCONT. */
void terminal_suspend(void);

/* Everything painted since the last one goes out in one go. `whole`: repaint every cell (Ctrl-L). */
void terminal_update(bool whole);

/* Shows the cursor there with the next update; it is hidden where nothing asked. paint_cursor() is what others call. */
void terminal_cursor(int row, int column);

void terminal_theme(const char *name); /* false names are ignored: theme_known() first */
bool theme_known(const char *name);
const char *const *theme_names(void);  /* NULL-terminated */
int terminal_colours(void);            /* 0, 16, 256: what it has and what was allowed */

/* OSC 52 with text that is base64 already: for terminal_copy(). False where the terminal cannot. */
bool terminal_clipboard(const char *base64, size_t len);

enum copied { COPIED_NOT, COPIED_TMUX, COPIED_OSC52 };
/*
 * Hands text to the clipboard: `tmux load-buffer -w -` inside tmux (its default configuration drops
 * OSC 52: measured), else OSC 52. COPIED_NOT where neither can be (Linux console, too long: 74,994 bytes).
 * Never waits for more than a second.
 */
enum copied terminal_copy(const char *text, size_t len);

#endif
