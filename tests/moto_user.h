/*
 * moto, an AWS that this project did not write, with its check of signatures switched on (knowledge "aws" 6.3): a user who
 * may do everything, made by its first calls; all after those must be signed rightly.
 */
#ifndef TESTS_MOTO_USER_H
#define TESTS_MOTO_USER_H

#include <stdbool.h>
#include <sys/types.h>

struct moto_user {
	pid_t pid;                 /* 0: it is not here */
	char url[64];
	char key[64], secret[128]; /* of the user */
	char role_arn[128];        /* that it may assume */
};

/* False where there is no moto_server (moto_start() says so). It fails the test where it does not answer. */
bool moto_user_start(struct moto_user *m, const char *folder);
void moto_user_stop(struct moto_user *m);

#endif
