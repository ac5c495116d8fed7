/* The exit statuses of CONTRACT section 2, in one place. */
#ifndef CLI_EXIT_STATUS_H
#define CLI_EXIT_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/diagnosis.h"
#include "model/error.h"

enum {
	EXIT_STATUS_DONE = 0,
	EXIT_STATUS_DIFFER = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_AWS = 9,
	EXIT_STATUS_NOT_DONE = 10,
	EXIT_STATUS_LOCAL = 11,
	EXIT_STATUS_SIGNAL = 128 /* plus the signal's number */
};

int exit_status_of_error(enum error_code code);
/* The class of the target's root cause where a finding is at or above fail_on (SEVERITY_NONE: never), else 0. */
int exit_status_of(const struct diagnosis *d, enum severity fail_on);
/*
 * Several targets: *sum starts 0; those that pass (0) do not count, one shared class stays, classes that
 * differ become 1.
 */
void exit_status_add(int *sum, int target);

#endif
