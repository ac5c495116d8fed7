/*
 * Where a passphrase comes from: --pass file:… env:… fd:… or a literal, --pass-file, else the
 * terminal (/dev/tty, echo off, put back on any signal). Without a terminal there is none: never a hang.
 */
#ifndef CLI_PASSPHRASE_H
#define CLI_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/error.h"

#define PASSPHRASE_MAX 1024 /* bytes with NUL; OpenSSL's own prompt takes 1,023 */

struct passphrase {
	bool given;              /* by an option */
	bool no_terminal;        /* one was needed and there was nobody to ask */
	bool literal;            /* it stood in the argument list: worth a warning */
	char *secret;            /* or NULL: ask; wiped by passphrase_done */
	char *asked_for;         /* the file that the last answer from the terminal was for */
};

/* Takes the value of --pass. A literal is copied and overwritten where it stands. */
status passphrase_take(struct passphrase *p, char *value, struct error *err) MUST_USE;
/* Takes --pass-file: the first line of the file. */
status passphrase_take_file(struct passphrase *p, const char *path, struct error *err) MUST_USE;
/* Takes a literal that stands in the argument list, and overwrites it there. */
void passphrase_take_literal(struct passphrase *p, char *value);

/* A passphrase_ask (model/objects.h); user is the struct passphrase. */
bool passphrase_answer(void *user, const char *what, char *out, size_t size);
void passphrase_done(struct passphrase *p);

/* Called by the signal handlers (async-signal-safe): puts the terminal's echo back if it is off. */
void passphrase_restore_terminal(void);

#endif
