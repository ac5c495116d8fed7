/*
 * Running what fixes/paste prints: the server that it configures is started, the client that it makes asks. What each needs
 * around it (the rest of a configuration file) is added here and nothing else.
 */
#ifndef TESTS_PASTE_RUN_H
#define TESTS_PASTE_RUN_H

#include <stdbool.h>
#include <sys/types.h>

#include "fixes/paste.h"

struct paste_run {
	const char *folder;   /* for what is written */
	const char *stack;    /* "nginx" */
	struct paste_case c;  /* its texts outlive the run, or are used up by paste_run_serve() */
	pid_t pid;            /* of the server, or of the proxy that is the client; 0: none */
	int port;             /* where it listens: a server's own, or a proxy's in plain HTTP */
	char own[4096];       /* its folder within */
};

/* NULL: this machine has what it takes. Else what it lacks. */
const char *paste_run_missing(const char *stack);

/* Writes the parts, runs its commands. A test that fails where that fails. */
void paste_run_write(struct paste_run *r);
/* A server, started; wait_for_port(r->port) says when it is there. A program is compiled before. */
void paste_run_serve(struct paste_run *r);
/* The same server, from the files as they are now. */
void paste_run_again(struct paste_run *r);
/* A client: a program, or a proxy that is asked in plain HTTP. True where the answer was a good one. */
bool paste_run_ask(struct paste_run *r);
void paste_run_stop(struct paste_run *r);

/* HTTPS to localhost:port with a certificate of ours or none (NULL): the status, 0 where there was no answer. */
int paste_ask(int port, const char *trust, const char *cert, const char *key);

#endif
