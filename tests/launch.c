#include "tests/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void
set_in(struct launch *l, const char *text)
{
	size_t name = strcspn(text, "="), n = 0;

	for (size_t i = 0; i < l->len; i++) {
		if (strncmp(l->env[i], text, name) != 0 || l->env[i][name] != '=')
			l->env[n++] = l->env[i];
	}
	if (text[name] == '=')
		l->env[n++] = arena_strdup(l->arena, text);
	l->env[l->len = n] = NULL;
}

static size_t
count(const char *const *env)
{
	size_t n = 0;

	while (env != NULL && env[n] != NULL)
		n++;
	return n;
}

static void
set_all(struct launch *l, const char *const *env)
{
	for (size_t i = 0; env != NULL && env[i] != NULL; i++)
		set_in(l, env[i]);
}

/* Along PATH and where servers lie; without a match the name itself: exec says what is wrong with it. */
static void
find_program(struct launch *l, const char *name, const char *path)
{
	snprintf(l->path, sizeof l->path, "%s", name);
	if (strchr(name, '/') != NULL)
		return;
	for (const char *at = path; *at != '\0'; at += strcspn(at, ":") + (at[strcspn(at, ":")] == ':')) {
		char one[4096];

		snprintf(one, sizeof one, "%.*s/%s", (int)strcspn(at, ":"), at, name);
		if (access(one, X_OK) == 0) {
			snprintf(l->path, sizeof l->path, "%s", one);
			return;
		}
	}
}

void
launch_make(struct launch *l, const char *const argv[], const char *const *env, const char *const *more)
{
	const char *const *ours = (const char *const *)environ;
	const char *before = getenv("PATH");

	*l = (struct launch){ .arena = arena_new() };
	l->env = arena_array(l->arena, count(ours) + count(env) + count(more) + 3, sizeof *l->env); /* PATH, XDG_CONFIG_HOME, NULL */
	set_all(l, ours);
	set_in(l, arena_printf(l->arena, "PATH=%s:/usr/local/sbin:/usr/sbin:/sbin", before != NULL ? before : "/usr/bin:/bin"));
	set_in(l, "XDG_CONFIG_HOME=/nonexistent"); /* who runs the tests may have a configuration */
	set_all(l, env);
	set_all(l, more);
	for (size_t i = 0; i < l->len; i++) {
		if (strncmp(l->env[i], "PATH=", 5) == 0)
			find_program(l, argv[0], l->env[i] + 5);
	}
	if (l->path[0] == '\0')
		find_program(l, argv[0], ""); /* a test without PATH */
}

void
launch_done(struct launch *l)
{
	arena_free(l->arena);
}

_Noreturn void
launch_become(const struct launch *l, const char *const argv[], uid_t uid)
{
	/* A test that dies must not leave servers behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
		_exit(126);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* another user's process has lost it */
	execve(l->path, (char *const *)(uintptr_t)argv, l->env);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}
