/* `mtlscope lab --json` as a process of its own: what tests of the whole program run against. */
#ifndef TESTS_LAB_PROCESS_H
#define TESTS_LAB_PROCESS_H

#include <cJSON.h>
#include <stdbool.h>
#include <sys/types.h>

struct lab_process {
	pid_t pid;
	cJSON *json;
	double ready_ms; /* from its start to its JSON */
};

/* False where it does not start or does not print one JSON object within ten seconds. */
bool lab_process_start(struct lab_process *lab, int seed);
/* The same with these options more, NULL-terminated, sixteen at most; or NULL. */
bool lab_process_start_with(struct lab_process *lab, int seed, const char *const options[]);
void lab_process_stop(struct lab_process *lab);

#endif
