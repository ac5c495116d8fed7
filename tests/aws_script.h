/*
 * An AWS that says what the test tells it to, one answer a request and each on a connection of its own; it keeps what
 * was asked, and verifies every signature with the lab's half of aws/sigv4.c.
 */
#ifndef TESTS_AWS_SCRIPT_H
#define TESTS_AWS_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/sigv4.h"

enum aws_script_how {
	AWS_SAYS,
	AWS_HANGS,     /* takes the request, says nothing until the client has gone */
	AWS_CLOSES,    /* without a word */
	AWS_CUT,       /* says a longer body than it sends */
	AWS_ENDLESS    /* a body without length or end */
};

struct aws_script_said {
	enum aws_script_how how;
	const char *status;    /* "400 Bad Request"; NULL: "200 OK" */
	const char *headers;   /* further ones, each with its CR LF; or NULL */
	const char *body;      /* or NULL */
	const char *date;      /* of the Date header; NULL: now */
};

struct aws_script_heard {
	char method[8], path[512], query[512], body[2048];
	char head[8192];
	enum sigv4_verdict verdict; /* key AKIDTEST, secret “secret”, or ASIATEST with the token “token” */
	char region[40], service[40];
};

struct aws_script;
/* After the last answer it is said again. They must outlive it. verify_as: the service that is called ("acm-pca"). */
struct aws_script *aws_script_start(const struct aws_script_said *said, int len, const char *verify_as);
/* "http://127.0.0.1:PORT"; borrowed. */
const char *aws_script_url(const struct aws_script *s);
int aws_script_requests(struct aws_script *s);
/* The nth, from 0; borrowed until the end. It fails the test where there is none. */
const struct aws_script_heard *aws_script_heard(struct aws_script *s, int n);
/* Waits until so many have come, 20 s at most. */
bool aws_script_wait(struct aws_script *s, int requests);
/* A header's value, into a static buffer; NULL: it did not come. */
const char *aws_script_header(const struct aws_script_heard *h, const char *name);
void aws_script_stop(struct aws_script *s);

#endif
