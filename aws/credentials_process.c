/*
 * credential_process: a program of the user's own that prints a key as JSON. It is started without a shell, with nothing to
 * read, its complaints are thrown away (they may hold secrets), and what it may print and take is bounded.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/answer.h"
#include "aws/credentials_internal.h"
#include "aws/words.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

extern char **environ;

enum { TICK_MS = 100, ROOM = LIMIT_AWS_PROCESS_BYTES + 1 };

struct child {
	const char *whose;
	pid_t pid;
	int out, ended; /* its standard output; readable once it has ended */
	char *text;     /* ROOM bytes */
	size_t len;
};

/* The two ends of a pipe, neither of which another program that is started meanwhile gets. */
static int
spawn(char *const argv[], int out, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	int error;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setpgroup(&attributes, 0); /* so that it can be ended with all that it started */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	error = posix_spawnp(pid, argv[0], &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static status
start(struct child *c, const char *line, struct aws_error *err)
{
	char shown[QUOTE_MAX], **argv = NULL;
	int ends[2] = { -1, -1 }, error;
	size_t len = 0;
	status result = STATUS_FAILED;

	if (!words_split(line, &argv, &len))
		return aws_error_set(err, AWS_LOCAL, NULL, "%s: a quotation in it is not closed", c->whose);
	if (len == 0) {
		(void)aws_error_set(err, AWS_LOCAL, NULL, "%s names no program", c->whose);
		goto done;
	}
	if (pipe2(ends, O_CLOEXEC) != 0) {
		(void)aws_error_set(err, AWS_LOCAL, NULL, "%s: %s", c->whose, strerror(errno));
		goto done;
	}
	error = spawn(argv, ends[1], &c->pid);
	if (error != 0) {
		c->pid = 0;
		(void)aws_error_set(err, AWS_LOCAL, NULL, "%s: “%s” cannot be started: %s", c->whose, quote_str(argv[0], shown), strerror(error));
		goto done;
	}
	c->out = ends[0];
	ends[0] = -1;
	c->ended = pidfd_open(c->pid, 0); /* -1 where the kernel has none: then only its output tells */
	result = STATUS_OK;

done:
	if (ends[0] >= 0)
		close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	words_free(argv);
	return result;
}

/* What is there now; false at the end of it. */
static bool
read_some(struct child *c)
{
	ssize_t n = read(c->out, c->text + c->len, ROOM - c->len);

	if (n > 0)
		c->len += (size_t)n;
	return n > 0 ? c->len < ROOM : n < 0 && (errno == EINTR || errno == EAGAIN);
}

/* Until it has closed its output and ended, or for as long as it may take. */
static status
listen_to(struct child *c, const struct credential_ask *a, struct aws_error *err)
{
	uint64_t until = a->world->ticks_us(a->world->self) + (uint64_t)LIMIT_AWS_PROCESS_MS * 1000;
	bool open = true, lives = c->ended >= 0;

	(void)fcntl(c->out, F_SETFL, O_NONBLOCK);
	while (open || lives) {
		struct pollfd polled[] = { { .fd = open ? c->out : -1, .events = POLLIN }, { .fd = lives ? c->ended : -1, .events = POLLIN } };
		if (a->cancel != NULL && atomic_load(a->cancel))
			return aws_error_set(err, AWS_CANCELLED, NULL, "cancelled");
		if (a->world->ticks_us(a->world->self) > until)
			return aws_error_set(err, AWS_LOCAL, NULL, "%s: it was not done after %d s, and was ended", c->whose, LIMIT_AWS_PROCESS_MS / 1000);
		if (poll(polled, 2, TICK_MS) <= 0)
			continue;
		if (open && polled[0].revents != 0)
			open = read_some(c);
		else if (lives && polled[1].revents != 0) /* what is left in the pipe has been read; nobody waits for its children */
			lives = open = false;
		if (c->len == ROOM)
			return aws_error_set(err, AWS_ANSWER, NULL, "%s: it prints more than %d bytes", c->whose, LIMIT_AWS_PROCESS_BYTES);
	}
	return STATUS_OK;
}

/* Ends what still lives of it, and takes its status. */
static int
end(struct child *c, bool by_force)
{
	int ended = 0;

	if (by_force)
		(void)kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &ended, 0) < 0) {
		if (errno != EINTR)
			return -1; /* somebody else took it: the program ignores SIGCHLD */
	}
	return WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
}

static status
run(const struct credential_ask *a, const char *line, struct child *c, struct aws_error *err)
{
	status result;
	int code;

	if (start(c, line, err) != STATUS_OK)
		return STATUS_FAILED;
	result = listen_to(c, a, err);
	code = end(c, result != STATUS_OK);
	close(c->out);
	if (c->ended >= 0)
		close(c->ended);
	if (result == STATUS_OK && code > 0)
		return aws_error_set(err, AWS_LOCAL, NULL, "%s: it ended with status %d; run it by hand to see why", c->whose, code);
	return result;
}

static status
read_answer(const struct child *c, struct aws_credentials *out, struct aws_error *err)
{
	static const struct credential_fields fields = { .key = "AccessKeyId", .secret = "SecretAccessKey", .token = "SessionToken",
	    .expires = "Expiration" };
	cJSON *json = cJSON_ParseWithLength(c->text, c->len);
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "Version");
	status result = STATUS_FAILED;

	if (json == NULL)
		(void)aws_error_set(err, AWS_ANSWER, NULL, "%s: what it prints is no JSON", c->whose);
	else if (!cJSON_IsNumber(version) || version->valueint != 1)
		(void)aws_error_set(err, AWS_ANSWER, NULL, "%s: what it prints has not \"Version\": 1", c->whose);
	else
		result = credential_json(json, &fields, c->whose, out, err);
	aws_json_forget(json);
	return result;
}

enum credential_found
credentials_process(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	const char *line = credential_key(a, "credential_process");
	char whose[QUOTE_MAX * 2], shown[QUOTE_MAX];
	struct child c = { .whose = whose, .out = -1, .ended = -1 };
	enum credential_found found = CREDENTIAL_FAILED;

	if (line == NULL) {
		credential_looked(a, "credential_process");
		return CREDENTIAL_NOT_HERE;
	}
	snprintf(whose, sizeof whose, "credential_process of profile “%s”", quote_str(a->profile, shown));
	c.text = mem_alloc(ROOM);
	if (run(a, line, &c, err) == STATUS_OK && read_answer(&c, out, err) == STATUS_OK)
		found = CREDENTIAL_HERE;
	snprintf(out->from, sizeof out->from, "%.159s", whose);
	OPENSSL_cleanse(c.text, c.len);
	free(c.text);
	return found;
}
