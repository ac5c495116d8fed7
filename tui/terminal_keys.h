/* The keys of a terminal that terminal.c has just opened; terminal_key() is in tui/terminal.h. */
#ifndef TUI_TERMINAL_KEYS_H
#define TUI_TERMINAL_KEYS_H

/* Tells curses which keys there are, and to wait for none. */
void terminal_keys_start(void);

#endif
