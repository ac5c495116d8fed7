/*
 * An AWS that says what a test tells it to, on 127.0.0.1: every request is kept, whole, and answered from a list; the last
 * answer stands for all that come after it. And clients that talk to it, with credentials of their own and none of the
 * machine's.
 */
#ifndef TESTS_AWS_SERVER_H
#define TESTS_AWS_SERVER_H

#include <stddef.h>

#include "aws/client.h"

struct aws_reply {
	int status;          /* 0: 200 */
	const char *headers; /* further ones, each with its CR LF; NULL */
	const char *body;    /* NULL: none. One "%zu" in it becomes the number of the request, where numbered is set */
	bool numbered;
	bool drops;          /* the request is read, and nothing comes back */
};

struct aws_server;
/* replies must outlive it. */
struct aws_server *aws_server_start(const struct aws_reply *replies, size_t len);
void aws_server_stop(struct aws_server *s);
const char *aws_server_url(const struct aws_server *s);
size_t aws_server_count(struct aws_server *s);
/* Of a request, the first is 0; borrowed until the server stops. NULL where there is none. */
const char *aws_server_body(struct aws_server *s, size_t n);
const char *aws_server_head(struct aws_server *s, size_t n);
/* A header's value, into out (cut); false where it was not sent. */
bool aws_server_header(struct aws_server *s, size_t n, const char *name, char *out, size_t size);

/*
 * A client of region us-east-1 for a test: key and secret may be NULL. more: further "NAME=value", NULL-terminated, or NULL.
 * It asks nothing of the machine's files. Fails the test where it cannot be made.
 */
struct test_client {
	struct aws_client *client;
	struct world world;
	const char *env[24];
	char held[4][320];
};
void test_client_make(struct test_client *t, const char *url, const char *key, const char *secret, const char *const more[]);
void test_client_done(struct test_client *t);

#endif
