/* Running programs from tests: to the end with both outputs, or in the background until the test ends. */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "model/buf.h"

struct run {
	struct buf out, err;
	int status;     /* exit status; 128 + signal where one ended it; -1 where the deadline passed (it is killed) */
	double took_ms, cpu_ms; /* wall time; user and system time of it and its children */
	long max_rss_kb;
};

struct run_options {
	const char *input;     /* for standard input; NULL: /dev/null */
	size_t input_len;
	int deadline_ms;       /* 0: 30,000 */
	const char *const *env; /* "NAME=value" or "NAME" (unset), NULL-terminated; or NULL */
	uid_t uid;             /* 0: as the test itself */
	size_t most;           /* bytes kept of each output; 0: 64 MiB */
};

/* argv ends in NULL; argv[0] is looked for on PATH and in /usr/sbin. opt may be NULL. */
void run_program(const char *const argv[], const struct run_options *opt, struct run *r);
void run_done(struct run *r);

/* A shell's background job has SIGINT ignored, nohup's SIGHUP: tests that send them want them as they are elsewhere. */
void default_signals(void);

/* The program under test: $MTLSCOPE, or ./mtlscope. */
const char *mtlscope(void);

/* Starts a server; it is killed with the test. log: where both its outputs go. Returns its pid. */
pid_t start_server(const char *const argv[], const char *log);
/* As another user, where uid is not 0. */
pid_t start_server_as(const char *const argv[], const char *log, uid_t uid);
/* Until something accepts connections on 127.0.0.1:port, or `server` has ended. */
bool wait_for_port(int port, pid_t server, int deadline_ms);
void stop_server(pid_t server);
/*
 * A port that stays ours until the test ends, and that nobody listens on: the kernel gives it to nobody else who asks for any,
 * while a server that names it gets it (it sets SO_REUSEADDR, and a socket that does not listen does not stand in its
 * way). Many start at once, and slowly, and other tests run beside: with a port that was only free a moment ago one of them
 * met a stranger's server. Everywhere: at every address of this machine.
 */
int reserve_port(void);
int reserve_port_everywhere(void);

/* A folder that is removed, with all in it, by remove_folder(). */
char *make_folder(void);
void remove_folder(char *path);
/* "DIR/NAME" into a static ring of 16 buffers. */
const char *in_folder(const char *dir, const char *name);
bool write_file(const char *path, const void *bytes, size_t len);

#endif
