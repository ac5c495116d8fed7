#include "tests/peer_ask.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/buf.h"
#include "tests/program.h"

enum { AT_ONCE = 8, DEADLINE_MS = 60000 };

static const char *
answer_file(const char *folder, size_t i)
{
	char file[64];

	snprintf(file, sizeof file, "answer-%zu.json", i);
	return in_folder(folder, file);
}

static void
ask(const char *folder, const struct peer_question *q, size_t i)
{
	char target[32], cert[4096], key[4096], ca[4096];
	/* A Java that has just started, on a busy machine, may be silent for longer than the usual five seconds. */
	const char *argv[] = { mtlscope(), "check", q->quick ? "--quick" : "--json", "--json", "--connect-timeout", "25", "--max-time", "55",
		"--cacert", ca, target, "--cert", cert, "--key", key, NULL };
	struct run r;

	snprintf(target, sizeof target, "localhost:%d", q->port);
	snprintf(ca, sizeof ca, "%s", in_folder(folder, q->cacert));
	if (q->cert == NULL) {
		argv[11] = NULL;
	} else {
		snprintf(cert, sizeof cert, "%s", in_folder(folder, q->cert));
		snprintf(key, sizeof key, "%s", in_folder(folder, q->key));
	}
	run_program(argv, &(struct run_options){ .deadline_ms = DEADLINE_MS }, &r);
	buf_addf(&r.out, "%d\n", r.status);
	write_file(answer_file(folder, i), buf_str(&r.out), r.out.len);
	run_done(&r);
}

/* The questions from *at to the same port, in a process of their own. */
static pid_t
ask_one_server(const char *folder, const struct peer_question *q, size_t len, size_t *at)
{
	size_t from = *at;
	pid_t pid;

	while (*at < len && q[*at].port == q[from].port)
		(*at)++;
	pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = from; i < *at; i++)
		ask(folder, &q[i], i);
	_exit(0);
}

void
peer_ask(const char *folder, const struct peer_question *q, size_t len)
{
	pid_t asking[AT_ONCE] = { 0 };
	size_t at = 0, running = 0;

	while (at < len || running > 0) {
		pid_t ended = 0;

		for (size_t k = 0; k < AT_ONCE && at < len; k++)
			if (asking[k] == 0) {
				asking[k] = ask_one_server(folder, q, len, &at);
				running++;
			}
		ended = wait(NULL);
		/* It may be a server that has died: its answers will say so. */
		for (size_t k = 0; k < AT_ONCE; k++)
			if (asking[k] == ended && ended > 0) {
				asking[k] = 0;
				running--;
			}
	}
}

static const char *
text_at(const cJSON *object, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return s != NULL ? s : "null";
}

static const cJSON *
root_finding(const struct peer_answer *a)
{
	return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(a->json, "findings"), 0);
}

bool
peer_answer_read(const char *folder, size_t i, struct peer_answer *a)
{
	FILE *f = fopen(answer_file(folder, i), "r");
	struct buf text = { 0 };
	char piece[4096];
	const char *end = NULL;
	size_t n;

	memset(a, 0, sizeof *a);
	while (f != NULL && (n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(&text, piece, n);
	if (f != NULL)
		fclose(f);
	a->json = cJSON_ParseWithOpts(buf_str(&text), &end, false);
	if (a->json != NULL) {
		a->status = (int)strtol(end, NULL, 10);
		a->root = text_at(a->json, "root_cause");
		a->verdict = text_at(a->json, "verdict");
		a->summary = text_at(a->json, "summary");
		a->confidence = text_at(root_finding(a), "confidence");
		a->stack = text_at(cJSON_GetObjectItemCaseSensitive(a->json, "stack"), "name");
		a->stack_confidence = text_at(cJSON_GetObjectItemCaseSensitive(a->json, "stack"), "confidence");
		a->handshakes = (unsigned)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(a->json, "handshakes"));
	} else {
		fprintf(stderr, "no JSON: %s\n", buf_str(&text));
	}
	buf_done(&text);
	return a->json != NULL;
}

void
peer_answer_done(struct peer_answer *a)
{
	cJSON_Delete(a->json);
	a->json = NULL;
}

bool
peer_answer_candidate(const struct peer_answer *a, const char *code)
{
	const cJSON *c;

	cJSON_ArrayForEach(c, cJSON_GetObjectItemCaseSensitive(root_finding(a), "candidates"))
		if (strcmp(text_at(c, "code"), code) == 0)
			return true;
	return false;
}

bool
peer_answer_has(const struct peer_answer *a, const char *code, const char *severity)
{
	const cJSON *f;

	cJSON_ArrayForEach(f, cJSON_GetObjectItemCaseSensitive(a->json, "findings"))
		if (strcmp(text_at(f, "code"), code) == 0 && strcmp(text_at(f, "severity"), severity) == 0)
			return true;
	return false;
}

bool
peer_answer_sure(const struct peer_answer *a)
{
	return strcmp(a->confidence, "certain") == 0 || strcmp(a->confidence, "high") == 0;
}
