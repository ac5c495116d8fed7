#include "tests/recorded_lab.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "probes/examine.h"
#include "tests/program.h"

void
recorded_lab_start(struct recorded_lab *l, bool raw)
{
	struct cloud_options o = { .world = world_real() };
	struct error err = { 0 };

	memset(l, 0, sizeof *l);
	o.dir = l->folder = make_folder();
	l->a = arena_new();
	if (cloud_start(&o, &l->cloud, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	recorder_start(&l->recorder, l->folder, "exchanges.jsonl", cloud_url(l->cloud), raw);
	test_client_make(&l->t, l->recorder.url, cloud_access_key(l->cloud), cloud_secret(l->cloud), NULL);
}

void
recorded_lab_judge(struct recorded_lab *l, const char *const operations[])
{
	struct judged j;

	test_client_done(&l->t);
	recorder_stop(&l->recorder);
	cloud_stop(l->cloud);
	exchanges_judge(l->recorder.file, &j);
	if (j.faults != 0)
		fail_msg("%s", j.text);
	for (size_t i = 0; operations[i] != NULL; i++)
		if (judged_count(&j, operations[i]) == 0)
			fail_msg("%s was not judged: %s", operations[i], j.text);
	print_message("%zu answers judged\n", j.answers);
	judged_done(&j);
	arena_free(l->a);
	remove_folder(l->folder);
}

void
lab_took(struct recorded_lab *l, status s)
{
	if (s != STATUS_OK)
		fail_msg("%s: HTTP %d, %s: %s", l->err.operation, l->err.http_status, l->err.code, l->err.message);
}

void
lab_refused(struct recorded_lab *l, status s, const char *code)
{
	if (s == STATUS_OK)
		fail_msg("it was taken; expected %s", code);
	if (strcmp(l->err.code, code) != 0)
		fail_msg("%s: %s (%s) instead of %s", l->err.operation, l->err.code, l->err.message, code);
	aws_error_clear(&l->err);
}
