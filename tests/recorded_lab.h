/* The lab's AWS in this process, a recorder before it, and our client before that: what it answers is judged at the end. */
#ifndef TESTS_RECORDED_LAB_H
#define TESTS_RECORDED_LAB_H

#include "lab/cloud.h"
#include "tests/aws_server.h"
#include "tests/exchanges.h"

struct recorded_lab {
	char *folder;
	struct cloud *cloud;
	struct recorder recorder;
	struct test_client t;
	struct arena *a;
	struct aws_error err;
};

/* raw: the requests are wrong on purpose. It fails the test where it does not start. */
void recorded_lab_start(struct recorded_lab *l, bool raw);
/* It fails the test where an exchange was not as its model wants it, or one of the operations ("s3.PutObject"; NULL ends) is missing. */
void recorded_lab_judge(struct recorded_lab *l, const char *const operations[]);

/* It fails the test with AWS's own words. */
void lab_took(struct recorded_lab *l, status s);
/* It must be refused with this code. */
void lab_refused(struct recorded_lab *l, status s, const char *code);

#endif
