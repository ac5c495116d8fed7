/*
 * Signals while the terminal is ours: each writes one byte into a pipe that the poll loop reads. Only
 * terminal.c uses this.
 */
#ifndef TUI_TERMINAL_SIGNALS_H
#define TUI_TERMINAL_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* What a dying process still does for the terminal: all of it is async-signal-safe. */
struct last_rites {
	int fd;                    /* of the terminal */
	char leave[256];           /* bytes that bring main screen, cursor and plain text back */
	size_t leave_len;
	struct termios before;     /* as found */
	bool has_termios;
	int stderr_before;         /* standard error as it was; -1: it was left alone */
};

/* Installs the handlers; those that were there come back with signals_give_back(). Signals that were ignored stay ignored. */
bool signals_take(const struct last_rites *rites);
void signals_learn(const struct last_rites *rites); /* more of them, once the terminal is open */
/* The terminal is being left: where that takes too long, the process ends without it. */
void signals_hurry(void);
void signals_give_back(void);
/* The terminal as it was found, in a process that ends without leaving it. Async-signal-safe. */
void signals_rescue(void);
int signals_pipe(void);  /* -1: not taken */
int signals_next(void);  /* 0: nothing more */
/* Stops: this process alone, or all of its group, as Ctrl-Z does. Returns once it goes on. */
void signals_stop(bool group);

#endif
