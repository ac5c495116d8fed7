#include "tests/exchanges.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tests/boto.h"
#include "tests/program.h"

enum { READY_MS = 60000, JUDGE_MS = 120000 };

void
recorder_start(struct recorder *r, const char *folder, const char *name, const char *upstream, bool raw)
{
	int port = reserve_port();
	char number[16], log[160];

	memset(r, 0, sizeof *r);
	snprintf(number, sizeof number, "%d", port);
	snprintf(log, sizeof log, "%s.log", name);
	snprintf(r->url, sizeof r->url, "http://127.0.0.1:%d", port);
	snprintf(r->file, sizeof r->file, "%s", in_folder(folder, name));
	r->pid = start_server((const char *const[]){ boto_python(), "tests/aws/recorder.py", number, r->file, upstream, raw ? "raw" : NULL, NULL },
	    in_folder(folder, log));
	if (!wait_for_port(port, r->pid, READY_MS))
		fail_msg("the recorder does not start: %s", in_folder(folder, log));
}

void
recorder_stop(struct recorder *r)
{
	stop_server(r->pid);
}

/* Its last line says how many. */
static void
read_sum(struct judged *j)
{
	const char *sum = strstr(j->text, "checked ");

	for (const char *next; sum != NULL && (next = strstr(sum + 1, "\nchecked ")) != NULL;)
		sum = next + 1;
	if (sum == NULL || sscanf(sum, "checked %zu exchanges, %zu answers, %zu faults", &j->exchanges, &j->answers, &j->faults) != 3)
		fail_msg("the judge said: %s", j->text);
}

static void
judge(const char *input, size_t len, struct judged *out)
{
	const struct run_options opt = { .input = input, .input_len = len, .deadline_ms = JUDGE_MS };
	struct run r;

	memset(out, 0, sizeof *out);
	run_program((const char *const[]){ boto_python(), "tests/aws/shapes.py", NULL }, &opt, &r);
	if (r.status != 0 && r.status != 1)
		fail_msg("the judge ended with %d: %s", r.status, buf_str(&r.err));
	out->text = mem_strdup(buf_str(&r.out));
	run_done(&r);
	read_sum(out);
}

void
exchanges_judge_lines(const char *lines, struct judged *out)
{
	judge(lines, strlen(lines), out);
}

void
exchanges_judge(const char *file, struct judged *out)
{
	FILE *f = fopen(file, "re");
	struct buf all = { 0 };
	char piece[65536];
	size_t n;

	if (f == NULL)
		fail_msg("%s is not there", file);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(&all, piece, n);
	fclose(f);
	judge(buf_str(&all), all.len, out);
	buf_done(&all);
}

void
judged_done(struct judged *j)
{
	free(j->text);
	j->text = NULL;
}

size_t
judged_count(const struct judged *j, const char *operation)
{
	char word[128];
	const char *at;

	snprintf(word, sizeof word, " %s=", operation);
	at = strstr(j->text, word);
	return at != NULL ? strtoul(at + strlen(word), NULL, 10) : 0;
}
