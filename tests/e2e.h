/* The program on a terminal, against the lab: what the end-to-end tests share. */
#ifndef TESTS_E2E_H
#define TESTS_E2E_H

#include "tests/lab_process.h"
#include "tests/vtpty.h"

extern struct lab_process e2e_lab;
extern char *e2e_home; /* HOME of what is started: a folder, removed in the end */

/* cmocka group functions: the lab, and a HOME without anything in it. */
int e2e_set_up(void **state);
int e2e_tear_down(void **state);

/* "cert", "address" … of an endpoint of the lab; NULL where it has none. Fails the test where there is no such endpoint. */
const char *e2e_item(const char *endpoint, const char *item);
/* The words that `check` and the console take for it: the target, then --servername, --cert … Returns how many; `most` at most. */
size_t e2e_words(const char *endpoint, const char **out, size_t most);

/* opt NULL: 24 × 80, xterm-256color. more: further words, NULL-terminated, or NULL. */
struct vtpty *e2e_open(const char *endpoint, const struct vtpty_options *opt, const char *const more[]);
/* A fleet of these endpoints (NULL-terminated), by name, each with its own files; by a configuration file in e2e_home. */
struct vtpty *e2e_fleet(const char *const endpoints[], const struct vtpty_options *opt, const char *const more[]);
/* The same with any words behind the program's name. */
struct vtpty *e2e_run(const char *const words[], const struct vtpty_options *opt);
/* Leaves it with :q and expects status 0, and the terminal as it was. Frees. */
void e2e_quit(struct vtpty *p);
/* The terminal is as it was: main screen, cursor on, mouse off. */
void e2e_restored(const struct vtpty *p, const char *what);

/* The text of the selected row of a list; into out; returns out. Fails the test where none is selected. */
char *e2e_selected(struct vtpty *p, char *out, size_t size);
/* :w NAME into e2e_home, and its content; free() it. */
char *e2e_written(struct vtpty *p, const char *name);

#endif
