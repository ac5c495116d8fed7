/* Whether a program that runs has dealt with what it was given, as the kernel sees it: on a busy machine silence tells nothing. */
#ifndef TESTS_AT_REST_H
#define TESTS_AT_REST_H

#include <stdbool.h>
#include <sys/types.h>

/* How often the first thread of the process went to sleep by itself so far; 0: it is gone. */
unsigned long sleeps_of(pid_t pid);
/* It sleeps, and not still since it had slept `before` times: it woke in between. True of one that is gone or stopped. */
bool at_rest(pid_t pid, unsigned long before);

#endif
