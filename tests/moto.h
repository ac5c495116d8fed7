/*
 * moto, an AWS that this project did not write, with its check of signatures switched on (knowledge "aws" 6.3): a user who
 * may do everything, made by its first calls; all after those must be signed rightly.
 */
#ifndef TESTS_MOTO_H
#define TESTS_MOTO_H

#include <stdbool.h>
#include <sys/types.h>

struct moto {
	pid_t pid;
	char url[64];
	char key[64], secret[128]; /* of the user */
	char role_arn[128];        /* that it may assume */
};

/* No moto_server on PATH: NULL is fine; a text: what is missing, said once. Where CI is set that fails the test. */
const char *moto_missing(void);
/* False where it does not start or does not answer. Its log is in the folder. */
bool moto_start(struct moto *m, const char *folder);
void moto_stop(struct moto *m);

#endif
