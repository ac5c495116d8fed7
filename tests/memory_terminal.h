/* A terminal in this process: curses writes into a memfd, keys come out of a pipe. One at a time. */
#ifndef TESTS_MEMORY_TERMINAL_H
#define TESTS_MEMORY_TERMINAL_H

#include <stdio.h>

#include "tui/terminal.h"

struct memory_terminal {
	FILE *in, *out;
	int keyboard; /* what is written here was typed */
};

/* Makes its files and the environment that curses takes the size from; sets in, out and, where it is NULL, type. */
void memory_terminal_prepare(struct memory_terminal *m, int rows, int columns, struct terminal_options *opt);
/* The same, and opens it. */
void memory_terminal_open(struct memory_terminal *m, int rows, int columns, struct terminal_options *opt);
/* Closes the terminal where it is open, and the files. */
void memory_terminal_close(struct memory_terminal *m);
/* All that was written to it so far. free() it. */
char *memory_terminal_output(struct memory_terminal *m);

#endif
