/* A client of AWS against a scripted server, or against any address: for the tests of the services' own calls. */
#ifndef TESTS_AWS_SERVICE_H
#define TESTS_AWS_SERVICE_H

#include "aws/client.h"
#include "model/memory.h"
#include "tests/http_script.h"

struct aws_service_test {
	struct aws_world *world;
	struct aws_client *client;
	struct http_script *script; /* NULL: another server */
	struct arena *arena;
	const char *env[8];
};

/* region us-east-1, key AKIDTEST with the secret SECRETCANARY. */
void service_script(struct aws_service_test *t, const struct http_step *steps);
void service_at(struct aws_service_test *t, const char *url);
/* With another key: of a user whom the server knows. */
void service_as(struct aws_service_test *t, const char *url, const char *key, const char *secret);
void service_stop(struct aws_service_test *t);
/* The i-th request holds the text; else the test fails, with the request. */
void service_asked(struct aws_service_test *t, size_t i, const char *text);
/* The i-th request's body as JSON is this one; else the test fails. */
void service_asked_json(struct aws_service_test *t, size_t i, const char *json);

/* botocore's service models validate every JSON request that the script has got (a REST one has no operation in its head). */
void service_validated(struct aws_service_test *t);

/* boto3's client of the service at the address, for what a test needs beforehand: "c = client('s3')\n" and the program. Its JSON. */
cJSON *service_boto(const char *url, const char *program);

#endif
