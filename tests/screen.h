/*
 * Screens in one process: the console on a terminal whose output is a memfd, driven by keys, read back
 * out of curses' own cells. Golden files stand in tests/screens/NAME.COLUMNSxROWS[.ascii|.mono].txt;
 * GENERATE=1 writes them anew. Nothing sleeps: console_turn() waits for events.
 */
#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include "tui/console.h"

enum screen_kind { SCREEN_UTF8, SCREEN_ASCII, SCREEN_MONO };

struct screen;
/* A terminal of that size; sets the terminal options of *setup and starts a console. It holds one at a time. */
struct screen *screen_open(int rows, int columns, enum screen_kind kind, struct console_setup *setup);
void screen_close(struct screen *s);
struct console *screen_console(struct screen *s);
/* As if its window had changed. */
void screen_resize(struct screen *s, int rows, int columns);
/* Keys by name, "Down Down Enter"; single characters stand for themselves. Draws after each. */
void screen_keys(struct screen *s, const char *keys);
void screen_type(struct screen *s, const char *text);
/* All of its text, rows ended by \n, blanks at line ends cut. free() it. */
char *screen_text(struct screen *s);
/* How many bytes the terminal got so far. */
size_t screen_bytes(struct screen *s);
bool screen_has(struct screen *s, const char *text);
/* Turns until the text is there, ten seconds at most; fails the test with the whole screen where it is not. */
void screen_wait(struct screen *s, const char *text);
/*
 * Compares with the golden file of that name and this size and kind. Fails with both. Checks besides: no
 * control, bidi or invisible character in any cell; in mono no colour pair is used; in ASCII no byte above 0x7e.
 */
void screen_golden(struct screen *s, const char *name);
/* The same of what is painted on a terminal without a console (tests/memory_terminal.h). */
void painted_golden(int rows, int columns, enum screen_kind kind, const char *name);
/* The same screen, made by `make(setup)`, at 40×12, 80×24 and 120×40 in UTF-8, and at 80×24 in ASCII and mono; keys are pressed before it is compared. */
void screen_goldens(const char *name, void (*make)(struct console_setup *setup, void *user), void *user, const char *keys);

#endif
