/*
 * The lab's AWS in a process of its own, and nothing else of the lab: a test that forks and kills must have no threads itself. Its
 * database is looked at as another process would.
 */
#ifndef TESTS_CLOUD_PROCESS_H
#define TESTS_CLOUD_PROCESS_H

#include <sqlite3.h>
#include <sys/types.h>

struct cloud_process {
	pid_t pid;
	char *folder;
	char url[80], key[80], secret[120];
	sqlite3 *db; /* a second connection */
};
/* Fails the test where it does not start. */
void cloud_process_start(struct cloud_process *c);
void cloud_process_stop(struct cloud_process *c); /* and the folder goes */

#endif
