/*
 * Exchanges with AWS's services, written down by tests/aws/recorder.py and held against botocore's service models by
 * tests/aws/shapes.py (neither knows this program).
 */
#ifndef TESTS_EXCHANGES_H
#define TESTS_EXCHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct recorder {
	pid_t pid;
	char url[64];
	char file[4096];
};

/* upstream NULL: it answers {} to everything. raw: requests are wrong on purpose, only answers are judged. The test needs boto_python(). It fails where it does not start. */
void recorder_start(struct recorder *r, const char *folder, const char *name, const char *upstream, bool raw);
void recorder_stop(struct recorder *r);

struct judged {
	size_t exchanges, answers, faults;
	char *text; /* what the judge printed, the caller's */
};

/* Of a file of exchanges. */
void exchanges_judge(const char *file, struct judged *out);
/* Of lines in memory. */
void exchanges_judge_lines(const char *lines, struct judged *out);
void judged_done(struct judged *j);
/* How many exchanges with "acm-pca.IssueCertificate" there were. */
size_t judged_count(const struct judged *j, const char *operation);

#endif
