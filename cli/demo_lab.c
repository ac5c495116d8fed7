#include "cli/demo_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/signals.h"
#include "model/buf.h"
#include "model/memory.h"
#include "probes/examine.h"

enum { LAB_WAIT_MS = 60 * 1000 /* a second; on a machine that has much else to do, ten */, LAB_JSON_MAX = 8 * 1024 * 1024 };

extern char **environ;

/* The user's AWS settings, configuration and state have no part in the demo. */
static bool
kept_out(const char *variable)
{
	static const char *const names[] = { "AWS_", "XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "SSLKEYLOGFILE=",
		"SSL_CERT_FILE=", "SSL_CERT_DIR=", "OPENSSL_CONF=" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static char **
clean_environment(void)
{
	size_t len = 0, kept = 0;
	char **out;

	while (environ[len] != NULL)
		len++;
	out = mem_zero(len + 1, sizeof *out);
	for (size_t i = 0; i < len; i++) {
		if (!kept_out(environ[i]))
			out[kept++] = environ[i];
	}
	return out;
}

/* In the child: becomes the lab, which ends with its parent. */
static void
become_lab(int out, pid_t parent, char *const argv[], char *const env[])
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	/* Ctrl-C goes to the demo, which prints what it has and then ends the lab. */
	setpgid(0, 0);
	if (getppid() != parent || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execve("/proc/self/exe", argv, env);
	_exit(127);
}

/* One line, its end excluded. */
static status
read_line(int fd, struct buf *line, struct error *err)
{
	const struct world *w = world_real();
	uint64_t until = w->ticks_us(w->self) + (uint64_t)LAB_WAIT_MS * 1000;
	char piece[65536];

	for (;;) {
		struct pollfd fds[2] = { { .fd = fd, .events = POLLIN }, { .fd = signals_fd(), .events = POLLIN } };
		uint64_t now = w->ticks_us(w->self);
		if (signals_seen() != 0)
			return error_set(err, ERROR_LOCAL, "demo", "stopped by a signal");
		if (now >= until)
			return error_set(err, ERROR_LOCAL, "demo", "the lab was not ready within %d seconds",
			    LAB_WAIT_MS / 1000);
		if (poll(fds, 2, (int)((until - now) / 1000) + 1) <= 0 || (fds[0].revents & (POLLIN | POLLHUP)) == 0)
			continue;
		ssize_t n = read(fd, piece, sizeof piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(err, ERROR_LOCAL, "demo", "the lab ended before it was ready");
		const char *end = memchr(piece, '\n', (size_t)n);
		buf_add(line, piece, end != NULL ? (size_t)(end - piece) : (size_t)n);
		if (end != NULL)
			return STATUS_OK;
		if (line->len > LAB_JSON_MAX)
			return error_set(err, ERROR_INTERNAL, "demo", "the lab's listing has no end");
	}
}

/* The lab's command line: into the arena. */
static char **
words(struct arena *a, const struct demo_lab_options *opt)
{
	char **argv = arena_array(a, 16, sizeof *argv);
	size_t n = 0;

	argv[n++] = arena_strdup(a, "mtlscope");
	argv[n++] = arena_strdup(a, "lab");
	argv[n++] = arena_strdup(a, "--json");
	argv[n++] = arena_printf(a, "--seed=%llu", (unsigned long long)opt->seed);
	if (opt->at_set)
		argv[n++] = arena_printf(a, "--at=%lld", (long long)opt->at);
	if (opt->first_port != 0)
		argv[n++] = arena_printf(a, "--first-port=%u", opt->first_port);
	if (opt->dir != NULL)
		argv[n++] = arena_printf(a, "--dir=%s", opt->dir);
	if (opt->throttle)
		argv[n++] = arena_strdup(a, "--throttle");
	if (opt->no_throttle)
		argv[n++] = arena_strdup(a, "--no-throttle");
	if (opt->services != 0)
		argv[n++] = arena_printf(a, "--services=%u", opt->services);
	if (opt->certificates != 0)
		argv[n++] = arena_printf(a, "--certificates=%u", opt->certificates);
	return argv;
}

status
demo_lab_start(struct demo_lab *lab, const struct demo_lab_options *opt, struct error *err)
{
	struct arena *arena = arena_new();
	char **argv = words(arena, opt);
	char **env = clean_environment();
	struct buf line = { 0 };
	int ends[2] = { -1, -1 };
	pid_t parent = getpid();
	status result = STATUS_FAILED;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		error_set(err, ERROR_LOCAL, "demo", "no pipe to the lab: %s", strerror(errno));
		goto out;
	}
	lab->pid = fork();
	if (lab->pid == 0)
		become_lab(ends[1], parent, argv, env);
	if (lab->pid < 0) {
		lab->pid = 0;
		error_set(err, ERROR_LOCAL, "demo", "no process for the lab: %s", strerror(errno));
		goto out;
	}
	close(ends[1]);
	ends[1] = -1;
	if (read_line(ends[0], &line, err) != STATUS_OK)
		goto out;
	lab->json = cJSON_ParseWithLength(buf_str(&line), line.len);
	if (lab->json == NULL) {
		error_set(err, ERROR_INTERNAL, "demo", "the lab's listing is no JSON");
		goto out;
	}
	result = STATUS_OK;
out:
	if (ends[0] >= 0)
		close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	free(env);
	arena_free(arena);
	buf_done(&line);
	return result;
}

void
demo_lab_stop(struct demo_lab *lab)
{
	if (lab->pid > 0) {
		kill(lab->pid, SIGTERM);
		while (waitpid(lab->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	cJSON_Delete(lab->json);
	*lab = (struct demo_lab){ .pid = 0 };
}

/* ---- its AWS ---- */

/* Kept for ever: see demo_lab_world(). */
static cJSON *lab_environment;

static const char *
lab_variable(void *self, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(lab_environment, name);

	(void)self;
	return cJSON_IsString(value) ? value->valuestring : NULL;
}

static const struct world *
world_of_lab(void)
{
	static struct world lab;

	lab = *world_real();
	lab.env = lab_variable;
	return &lab;
}

const struct world *
demo_lab_world(const struct demo_lab *lab)
{
	if (lab_environment == NULL)
		lab_environment = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(lab->json, "environment"), true);
	return world_of_lab();
}

const char *
demo_lab_variable(const struct demo_lab *lab, const char *name)
{
	const struct world *w = demo_lab_world(lab);

	return w->env(w->self, name);
}

char *
demo_lab_file(const struct demo_lab *lab, const char *name)
{
	const cJSON *folder = cJSON_GetObjectItemCaseSensitive(lab->json, "folder");
	struct buf path = { 0 };

	buf_addf(&path, "%s/%s", cJSON_IsString(folder) ? folder->valuestring : "/nonexistent", name);
	return path.data;
}
