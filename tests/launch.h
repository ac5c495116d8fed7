/*
 * What a child needs to become another program, made before the fork: a test may have threads, and between fork and exec a child of such a
 * process may not ask for memory (seen with AddressSanitizer: another thread held its lock, and the child never came to exec, with everybody's
 * pipes open). So the child calls launch_become() and what only talks to the kernel: dup2, setsid.
 */
#ifndef TESTS_LAUNCH_H
#define TESTS_LAUNCH_H

#include <stddef.h>
#include <sys/types.h>

#include "model/memory.h"

struct launch {
	char path[4096];
	char **env;
	size_t len;
	struct arena *arena;
};

/*
 * argv[0] is looked for on PATH and in /usr/sbin. Lists of "NAME=value" or "NAME" (taken away), NULL-terminated, or NULL: our own environment,
 * then `env`, then `more`; a later one goes over an earlier one.
 */
void launch_make(struct launch *l, const char *const argv[], const char *const *env, const char *const *more);
void launch_done(struct launch *l);

/* In the child; it is killed when its parent dies. uid: as another user, where it is not 0. */
_Noreturn void launch_become(const struct launch *l, const char *const argv[], uid_t uid);

#endif
