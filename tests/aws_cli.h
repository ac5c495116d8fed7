/*
 * The real AWS CLI for tests that call it often: a process in which its modules are loaded already forks for each call (tests/aws/cli.py).
 * Each call still is the CLI's own script, with its own words, folder, environment, files and status; only the loading is shared.
 */
#ifndef TESTS_AWS_CLI_H
#define TESTS_AWS_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct aws_cli {
	pid_t pid;       /* 0: the CLI is no Python script, and is called as it is */
	char path[4096]; /* call this in its place; it is named "aws", so that its folder may stand on PATH */
};

/* The CLI's own script: beside the python3 that comes first on PATH (whose "aws" may be a wrapper), else on PATH. False: there is none. */
bool aws_cli_find(char *out, size_t size);
/* `cli`: the CLI's path. `folder`: an empty one for this CLI alone. Fails the test where it does not start. */
void aws_cli_start(struct aws_cli *c, const char *cli, const char *folder);
void aws_cli_stop(struct aws_cli *c);

/*
 * What stands at `path` is the test program itself: its main() asks this first, and where it is true, ends with *status. It passes the
 * call on, and its status back.
 */
bool aws_cli_called(int argc, char *argv[], int *status);

#endif
