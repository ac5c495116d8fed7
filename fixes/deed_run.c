/*
 * run: {"command", "env": {NAME: VALUE…}}: a command of the configuration's (a hook, a reload), by /bin/sh. On the way back it runs once
 * more, after the files are back: what was reloaded must be reloaded again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/run_command.h"
#include "model/quote.h"
#include "model/text.h"

enum {
	PATIENCE_MS = 120 * 1000,
	SAID_MOST = 4096,        /* of what it prints: the end of it counts */
	ENV_MOST = 32
};

extern char **environ;

struct running {
	pid_t pid;
	int out;                 /* both its outputs */
	char said[SAID_MOST];    /* the last of it */
	size_t len;
};

static int64_t
ticks_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Our own environment and what is added to it; NULL-terminated. The strings of ours are borrowed. */
static char **
environment(const cJSON *more, struct arena *a)
{
	size_t n = 0, at = 0;
	const cJSON *item;
	char **out;

	while (environ[n] != NULL)
		n++;
	out = arena_array(a, n + ENV_MOST + 1, sizeof *out);
	for (size_t i = 0; i < n; i++)
		out[at++] = environ[i];
	cJSON_ArrayForEach(item, more) {
		if (cJSON_IsString(item) && at < n + ENV_MOST)
			out[at++] = arena_printf(a, "%s=%s", item->string, item->valuestring);
	}
	return out;
}

/*
 * As a shell would start it: we ignore SIGPIPE, and a worker's thread of the console takes no signal at all. What the command starts would keep both
 * for its whole life: a service that SIGTERM does not end.
 */
static void
usual_signals(posix_spawnattr_t *how)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(how, &none);
	posix_spawnattr_setsigdefault(how, &all);
}

static bool
start(struct running *r, const char *command, char *const *env)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char *)command, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	int ends[2], result;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, ends[1], 1);
	posix_spawn_file_actions_adddup2(&files, ends[1], 2);
	/* A group of its own: what it leaves running can be ended with it when it takes too long. */
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&how, 0);
	usual_signals(&how);
	result = posix_spawn(&r->pid, "/bin/sh", &files, &how, argv, env);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	close(ends[1]);
	r->out = ends[0];
	if (result != 0)
		close(ends[0]);
	errno = result;
	return result == 0;
}

static void
keep_end(struct running *r, const char *bytes, size_t len)
{
	if (len >= sizeof r->said) {
		bytes += len - sizeof r->said + 1;
		len = sizeof r->said - 1;
	}
	if (r->len + len >= sizeof r->said) {
		size_t drop = r->len + len + 1 - sizeof r->said;

		memmove(r->said, r->said + drop, r->len - drop);
		r->len -= drop;
	}
	memcpy(r->said + r->len, bytes, len);
	r->len += len;
}

/*
 * Until it has ended; a daemon that it left behind with our pipe is not waited for. False: it took too long, and was killed.
 */
static bool
watch(struct running *r, int *result)
{
	int64_t end = ticks_ms() + PATIENCE_MS;
	bool open = true;

	for (;;) {
		struct pollfd p = { .fd = r->out, .events = POLLIN };
		char bytes[1024];
		ssize_t n;

		if (waitpid(r->pid, result, WNOHANG) == r->pid)
			break;
		if (ticks_ms() > end) {
			kill(-r->pid, SIGKILL);
			waitpid(r->pid, result, 0);
			return false;
		}
		if (!open) {
			poll(NULL, 0, 20);
			continue;
		}
		if (poll(&p, 1, 20) <= 0)
			continue;
		n = read(r->out, bytes, sizeof bytes);
		if (n > 0)
			keep_end(r, bytes, (size_t)n);
		open = n > 0 || (n < 0 && errno == EINTR);
	}
	while (open) {
		struct pollfd p = { .fd = r->out, .events = POLLIN };
		char bytes[1024];
		ssize_t n = poll(&p, 1, 0) > 0 ? read(r->out, bytes, sizeof bytes) : 0;

		if (n > 0)
			keep_end(r, bytes, (size_t)n);
		open = n > 0;
	}
	return true;
}

/* Its last line that says something, printable. */
static const char *
last_words(struct running *r, struct arena *a)
{
	char *at;

	while (r->len > 0 && (r->said[r->len - 1] == '\n' || r->said[r->len - 1] == ' '))
		r->len--;
	r->said[r->len] = '\0';
	at = strrchr(r->said, '\n');
	return text_safe_arena(a, text_of(at != NULL ? at + 1 : r->said), 200, NULL);
}

status
run_command(struct plan *p, const char *command, const cJSON *env, struct error *err)
{
	const char *said;
	struct running r = { .out = -1 };
	char shown[QUOTE_MAX];
	bool in_time;
	int result = 0;

	if (command == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "a command without words");
	if (!start(&r, command, environment(env, p->arena)))
		return error_set(err, ERROR_LOCAL, "running", "%s cannot be run: %s", quote_str(command, shown), strerror(errno));
	in_time = watch(&r, &result);
	close(r.out);
	if (in_time && WIFEXITED(result) && WEXITSTATUS(result) == 0)
		return STATUS_OK;
	said = last_words(&r, p->arena);
	if (!in_time)
		return error_set(err, ERROR_NOT_DONE, "running", "%s took longer than two minutes and was ended", quote_str(command, shown));
	if (WIFSIGNALED(result))
		return error_set(err, ERROR_NOT_DONE, "running", "%s was ended by signal %d", quote_str(command, shown), WTERMSIG(result));
	return error_set(err, ERROR_NOT_DONE, "running", "%s ended with status %d%s%s", quote_str(command, shown), WEXITSTATUS(result),
	    said[0] != '\0' ? ": " : "", said);
}

static status
run(struct plan *p, struct plan_step *s, struct error *err)
{
	return run_command(p, step_arg(s, "command"), cJSON_GetObjectItemCaseSensitive(s->args, "env"), err);
}

const struct deed deed_run = {
	.name = "run",
	.apply = run,
	.undo = run,
	.back_on_failure = true,
	.last_back = true,
};
