/* The lab as a process, and mtlscope run against it with a state folder of the test's own: for tests of what changes something. */
#ifndef TESTS_LAB_FIX_H
#define TESTS_LAB_FIX_H

#include <cJSON.h>

#include "tests/lab_process.h"
#include "tests/program.h"

struct lab_fix {
	struct lab_process lab;
	char *folder;                /* state, configuration, and whatever the test puts there */
	const char *env[20];         /* for run_options.env */
};

/* False: the lab does not start. options: as for lab_process_start_with(). */
bool lab_fix_start(struct lab_fix *l, const char *const options[]);
void lab_fix_stop(struct lab_fix *l);
/* Of the lab's JSON; fails the test where it is missing. */
const cJSON *lab_fix_endpoint(const struct lab_fix *l, const char *name);
const char *lab_fix_text(const cJSON *o, const char *name); /* "(none)" where it is no text */
/* Runs mtlscope with these words, NULL-terminated, 40 at most. */
void lab_fix_run(const struct lab_fix *l, const char *const words[], struct run *r);
/* The same with --json: what it printed, and its status. Fails the test where that is no JSON. */
cJSON *lab_fix_json(const struct lab_fix *l, const char *const words[], int *result);

#endif
