#include "tests/at_rest.h"

#include <stdio.h>

/* Its state as a letter (proc(5)), 'X' where it is gone, and how often it gave the processor back by itself. */
static char
look(pid_t pid, unsigned long *sleeps)
{
	char path[64], line[256], state = 'X';
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/status", (long)pid, (long)pid);
	f = fopen(path, "re");
	*sleeps = 0;
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "State: %c", &state) != 1 && sscanf(line, "voluntary_ctxt_switches: %lu", sleeps) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return state;
}

unsigned long
sleeps_of(pid_t pid)
{
	unsigned long sleeps;

	look(pid, &sleeps);
	return sleeps;
}

bool
at_rest(pid_t pid, unsigned long before)
{
	unsigned long sleeps;
	char state = look(pid, &sleeps);

	return state != 'R' && state != 'D' && (state != 'S' || sleeps > before);
}
