#include "tests/rollover_fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/memory.h"
#include "tests/launch.h"

enum { WORDS = 24, DEADLINE_MS = 30000 };

static const char *
text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

static void
set_env(struct rolled *f)
{
	const cJSON *e;
	size_t n = 0;

	for (size_t i = 0; i < sizeof f->env / sizeof f->env[0]; i++) {
		free(f->env[i]);
		f->env[i] = NULL;
	}
	cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(f->lab.json, "environment")) {
		if (n < 10)
			assert_true(asprintf(&f->env[n++], "%s=%s", e->string, e->valuestring) > 0);
	}
	assert_true(asprintf(&f->env[n++], "XDG_STATE_HOME=%s", f->state) > 0);
	assert_true(asprintf(&f->env[n++], "HOME=%s", f->folder) > 0);
	assert_true(asprintf(&f->env[n++], "XDG_CONFIG_HOME=%s/none", f->folder) > 0);
}

bool
rolled_start(struct rolled *f, size_t services)
{
	char number[16];
	const char *options[] = { "--services", number, "--no-throttle", NULL };
	const cJSON *e;

	*f = (struct rolled){ .folder = make_folder() };
	snprintf(number, sizeof number, "%zu", services);
	if (!lab_process_start_with(&f->lab, 0, options))
		return false;
	f->services = mem_zero(services, sizeof(cJSON *));
	cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(f->lab.json, "endpoints")) {
		const char *group = text(e, "group");

		if (group != NULL && strcmp(group, "services") == 0 && f->len < services)
			f->services[f->len++] = e;
	}
	f->state = mem_strdup(in_folder(f->folder, "state"));
	set_env(f);
	return f->len == services;
}

void
rolled_elsewhere(struct rolled *f, const char *state)
{
	free((char *)f->state);
	f->state = mem_strdup(state);
	set_env(f);
}

void
rolled_stop(struct rolled *f)
{
	lab_process_stop(&f->lab);
	for (size_t i = 0; i < sizeof f->env / sizeof f->env[0]; i++)
		free(f->env[i]);
	free((char *)f->state);
	free(f->config);
	free(f->services);
	remove_folder(f->folder);
}

const char *
rolled_name(const struct rolled *f, size_t i)
{
	return text(f->services[i], "name");
}

const char *
rolled_file(const struct rolled *f, size_t i, const char *what)
{
	return text(cJSON_GetObjectItemCaseSensitive(f->services[i], "serves"), what);
}

/* ---- configurations ---- */

static void
add_head(const struct rolled *f, struct buf *out)
{
	const cJSON *env = cJSON_GetObjectItemCaseSensitive(f->lab.json, "environment"), *e = f->services[0];

	buf_addf(out, "aws:\n  - {name: lab, region: %s, endpoint_url: \"%s\"}\nidentities:\n  - {name: order-service, cert: %s, key: %s, trust: %s}\nfleet:\n",
	    text(env, "AWS_REGION"), text(env, "AWS_ENDPOINT_URL"), text(e, "cert"), text(e, "key"), text(e, "cacert"));
}

static void
add_entry(const struct rolled *f, size_t i, const char *name, const char *trust, struct buf *out)
{
	buf_addf(out, "  - name: %s\n    target: \"%s\"\n    identity: order-service\n    servername: %s\n    trust: %s\n", name,
	    text(f->services[i], "address"), text(f->services[i], "servername"), trust);
}

static void
add_serves(const struct rolled *f, size_t i, struct buf *out)
{
	const char *upstreams = rolled_file(f, i, "upstreams");

	buf_addf(out, "    serves: {cert: %s, key: %s, trust: %s%s%s}\n    install: {files: serves}\n", rolled_file(f, i, "cert"), rolled_file(f, i, "key"),
	    rolled_file(f, i, "trust"), upstreams != NULL ? ", upstreams: " : "", upstreams != NULL ? upstreams : "");
}

static bool
is_among(const char *name, const char *const names[])
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static void
use(struct rolled *f, const char *bare, const char *const behind[])
{
	struct buf out = { 0 };

	free(f->config);
	f->config = mem_strdup(in_folder(f->folder, "config.yaml"));

	add_head(f, &out);
	for (size_t i = 0; i < f->len; i++) {
		add_entry(f, i, rolled_name(f, i), text(f->services[i], "cacert"), &out);
		if (is_among(rolled_name(f, i), behind))
			buf_addf(&out, "    serves: {cert: %s, key: %s}\n    install: {files: serves}\n", rolled_file(f, i, "cert"), rolled_file(f, i, "key"));
		else if (bare == NULL || strcmp(bare, rolled_name(f, i)) != 0)
			add_serves(f, i, &out);
	}
	assert_true(write_file(f->config, out.data, out.len));
	buf_done(&out);
}

void
rolled_use(struct rolled *f, const char *bare)
{
	use(f, bare, NULL);
}

void
rolled_use_behind(struct rolled *f, const char *const behind[])
{
	use(f, NULL, behind);
}

/* Those that call others are asked by curl to do it: each then calls the service after it, with its own certificate. How many do not get their 200. */
static size_t
callers_ailing(const struct rolled *f, char first[512])
{
	const char *path = in_folder(f->folder, "callers.curl"), *answer = in_folder(f->folder, "answer"), *const words[] = { "curl", "-q", "-sS", "--parallel", "-K", path, NULL };
	const cJSON *one = f->services[0];
	struct buf out = { 0 };
	size_t callers = 0, well = 0;
	struct run r;

	buf_addf(&out, "cacert = \"%s\"\ncert = \"%s\"\nkey = \"%s\"\nwrite-out = \"%%{http_code} %%{url}\\n\"\n", text(one, "cacert"), text(one, "cert"), text(one, "key"));
	for (size_t i = 0; i < f->len; i++) {
		const char *name = text(f->services[i], "servername"), *port = strrchr(text(f->services[i], "address"), ':') + 1;

		if (rolled_file(f, i, "upstreams") == NULL)
			continue;
		callers++;
		buf_addf(&out, "resolve = \"%s:%s:127.0.0.1\"\nurl = \"https://%s:%s/upstream\"\noutput = \"%s\"\n", name, port, name, port, answer);
	}
	assert_true(write_file(path, out.data, out.len));
	buf_done(&out);
	run_program(words, NULL, &r);
	for (char *line = r.out.data, *end; line != NULL && (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		if (strncmp(line, "200 ", 4) == 0)
			well++;
		else
			snprintf(first, 512, "%s %s", line, buf_str(&r.err));
	}
	run_done(&r);
	return callers - well;
}

/* The services as their client sees them. */
static const char *
check_config(const struct rolled *f)
{
	const char *path = in_folder(f->folder, "check.yaml");
	struct buf out = { 0 };

	add_head(f, &out);
	for (size_t i = 0; i < f->len; i++)
		add_entry(f, i, rolled_name(f, i), text(f->services[i], "cacert"), &out);
	assert_true(write_file(path, out.data, out.len));
	buf_done(&out);
	return path;
}

/* 200: it let us in, and we trust it. */
static bool
is_healthy(const char *line)
{
	cJSON *json = cJSON_Parse(line);
	const cJSON *h = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "handshakes"), 0);
	const char *verdict = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "verdict"));
	bool healthy = verdict != NULL && strcmp(verdict, "ok") == 0 && cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(h, "http_status")) == 200;

	cJSON_Delete(json);
	return healthy;
}

size_t
rolled_ailing(const struct rolled *f, char first[512])
{
	const char *const words[] = { mtlscope(), "check", "--quick", "--json", "--connect-timeout", "25", "--max-time", "55", "--config", check_config(f), NULL };
	struct run_options how = { .env = (const char *const *)f->env };
	size_t lines = 0, ailing = 0;
	struct run r;

	run_program(words, &how, &r);
	for (char *line = r.out.data, *end; line != NULL && (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		lines++;
		if (!is_healthy(line) && ailing++ == 0)
			snprintf(first, 512, "%s", line);
	}
	if (lines != f->len)
		fail_msg("check: status %d, %zu looked at: %s", r.status, lines, buf_str(&r.err));
	run_done(&r);
	return ailing + callers_ailing(f, first);
}

void
rolled_all_healthy(const struct rolled *f, const char *when)
{
	char first[512] = "";
	size_t ailing = rolled_ailing(f, first);

	if (ailing > 0)
		fail_msg("%s: %zu fail, the first: %s", when, ailing, first);
}

/* ---- runs ---- */

static void
words_of(const struct rolled *f, const char *const more[], const char *out[WORDS])
{
	size_t n = 0;

	out[n++] = mtlscope();
	out[n++] = "rollover";
	out[n++] = FLEET_ROOT;
	out[n++] = "--config";
	out[n++] = f->config;
	for (size_t i = 0; more[i] != NULL; i++) {
		assert_true(n + 1 < WORDS);
		out[n++] = more[i];
	}
	out[n] = NULL;
}

void
rolled_run(const struct rolled *f, struct run *r, const char *const more[])
{
	struct run_options how = { .env = (const char *const *)f->env };
	const char *words[WORDS];

	words_of(f, more, words);
	run_program(words, &how, r);
}

void
rolled_says(const struct rolled *f, int status, const char *what, const char *const words[])
{
	struct run r;

	rolled_run(f, &r, words);
	if (r.status != status || (strstr(buf_str(&r.out), what) == NULL && strstr(buf_str(&r.err), what) == NULL))
		fail_msg("%s: status %d, %d was expected, and “%s” in:\n%s%s", words[0], r.status, status, what, buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
}

void
rolled_is_next(const struct rolled *f, const char *step)
{
	cJSON *json = rolled_status(f);
	const char *next = text(json, "next");

	if (next == NULL ? step != NULL : step == NULL || strcmp(next, step) != 0)
		fail_msg("next is %s, and %s was expected", next != NULL ? next : "nothing", step != NULL ? step : "nothing");
	cJSON_Delete(json);
}

static size_t
lines_in(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char piece[65536];
	size_t n = 0;
	ssize_t got;

	/* In large pieces: who counts them must be faster than who writes them. */
	while (fd >= 0 && (got = read(fd, piece, sizeof piece)) > 0) {
		for (const char *at = piece; (at = memchr(at, '\n', (size_t)(piece + got - at))) != NULL; at++)
			n++;
	}
	if (fd >= 0)
		close(fd);
	return n;
}

static pid_t
start(const struct rolled *f, const char *const words[])
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), said = open(in_folder(f->folder, "said"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct launch launch;
	pid_t pid;

	assert_true(null >= 0 && said >= 0);
	launch_make(&launch, words, (const char *const *)f->env, NULL);
	pid = fork();
	if (pid == 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(said, 2);
		launch_become(&launch, words, 0);
	}
	assert_true(pid > 0);
	launch_done(&launch);
	close(null);
	close(said);
	return pid;
}

bool
rolled_run_killed(const struct rolled *f, const char *const more[], unsigned lines, int *exit_status)
{
	const char *folder, *record;
	const char *words[WORDS];
	struct pollfd watched[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int result = 0;
	size_t before;
	pid_t pid;

	mkdir(f->state, 0700);
	folder = in_folder(f->state, "mtlscope");
	mkdir(folder, 0700);
	record = in_folder(folder, "changes.jsonl");
	before = lines_in(record);
	words_of(f, more, words);
	watched[0].fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	assert_true(watched[0].fd >= 0 && inotify_add_watch(watched[0].fd, folder, IN_MODIFY | IN_CREATE) >= 0);
	pid = start(f, words);
	watched[1].fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(watched[1].fd >= 0);
	for (;;) {
		char events[4096];

		assert_true(poll(watched, 2, DEADLINE_MS) > 0);
		while (read(watched[0].fd, events, sizeof events) > 0)
			;
		if (lines_in(record) >= before + lines)
			kill(pid, SIGKILL);
		if ((watched[1].revents & POLLIN) != 0 || lines_in(record) >= before + lines)
			break;
	}
	assert_int_equal(waitpid(pid, &result, 0), pid);
	close(watched[0].fd);
	close(watched[1].fd);
	*exit_status = WIFEXITED(result) ? WEXITSTATUS(result) : -1;
	return WIFSIGNALED(result);
}

const char *
rolled_last_words(const struct rolled *f)
{
	static char said[4096];
	FILE *file = fopen(in_folder(f->folder, "said"), "r");
	size_t n = file != NULL ? fread(said, 1, sizeof said - 1, file) : 0;

	said[n] = '\0';
	if (file != NULL)
		fclose(file);
	return said;
}

cJSON *
rolled_status(const struct rolled *f)
{
	struct run r;
	cJSON *json;

	rolled_run(f, &r, (const char *const[]){ "--status", "--json", NULL });
	if (r.status != 0)
		fail_msg("--status: status %d: %s", r.status, buf_str(&r.err));
	json = cJSON_Parse(buf_str(&r.out));
	assert_non_null(json);
	run_done(&r);
	return json;
}

const char *
rolled_answer(const cJSON *status, const char *service, const char *column)
{
	const cJSON *s;

	cJSON_ArrayForEach(s, cJSON_GetObjectItemCaseSensitive(status, "services")) {
		if (strcmp(text(s, "name"), service) == 0)
			return text(cJSON_GetObjectItemCaseSensitive(s, column), "answer");
	}
	fail_msg("%s is not in the status", service);
	return NULL;
}
