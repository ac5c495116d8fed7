/* A lab's services as a fleet whose root is rolled over: configurations, runs of the program that are killed, what it says. */
#ifndef TESTS_ROLLOVER_FLEET_H
#define TESTS_ROLLOVER_FLEET_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "tests/lab_process.h"
#include "tests/program.h"

#define FLEET_ROOT "Acme Root CA"

struct rolled {
	struct lab_process lab;
	char *folder;              /* configurations; the state under "state" */
	const cJSON **services;    /* of the lab's listing, in its order */
	size_t len;
	const char *state;         /* XDG_STATE_HOME of the runs */
	char *env[16];
	char *config;              /* that runs use: rolled_use() */
};

/* Starts a lab with so many services. False: it did not. */
bool rolled_start(struct rolled *f, size_t services);
void rolled_stop(struct rolled *f);
/* Another person's machine: nothing of the state is there. */
void rolled_elsewhere(struct rolled *f, const char *state);

/* From now on runs have a configuration of the services and their client; `bare`: this one's entry does not say what it reads (NULL: all do). */
void rolled_use(struct rolled *f, const char *bare);
/* The same, and these say nothing of whom they let in: it lies in AWS. NULL-terminated. */
void rolled_use_behind(struct rolled *f, const char *const behind[]);
/* "serves" of a service: "trust", "upstreams", "cert", "key"; NULL: it has none. */
const char *rolled_file(const struct rolled *f, size_t i, const char *what);
const char *rolled_name(const struct rolled *f, size_t i);

/* mtlscope rollover FLEET_ROOT WORDS…, NULL-terminated. */
void rolled_run(const struct rolled *f, struct run *r, const char *const words[]);
/* A run must end with this status and say that, on either output; else the test fails. */
void rolled_says(const struct rolled *f, int status, const char *what, const char *const words[]);
#define SAYS(f, status, what, ...) rolled_says((f), (status), (what), (const char *const[]){ __VA_ARGS__, NULL })
/* This is the step that comes next; NULL: none is left. */
void rolled_is_next(const struct rolled *f, const char *step);
/* The same, killed with SIGKILL once the record has so many lines more. False: it ended before that, with *status. */
bool rolled_run_killed(const struct rolled *f, const char *const words[], unsigned lines, int *status);
/* What the last such run said on standard error; static. */
const char *rolled_last_words(const struct rolled *f);
/* --status --json; the caller's. */
cJSON *rolled_status(const struct rolled *f);
/* "YES" of a service's column in it. */
const char *rolled_answer(const cJSON *status, const char *service, const char *column);

/* How many of them do not; the first as check --json has it. */
size_t rolled_ailing(const struct rolled *f, char first[512]);
/* Every service lets its client in; every caller calls the next service with its own certificate and bundle, and is let in. Fails the test with what does not. */
void rolled_all_healthy(const struct rolled *f, const char *when);

#endif
