/* Every operation of the clients beside AWS Private CA's, called once with everything that it can send. */
#ifndef TESTS_SERVICE_CALLS_H
#define TESTS_SERVICE_CALLS_H

#include "aws/apigateway.h"
#include "model/memory.h"

struct service_call {
	const char *name; /* what goes out: "s3.PutObject" */
	/* One of the two. */
	status (*call)(struct aws_client *c, struct arena *a, struct aws_error *err);
	status (*api)(struct aws_client *c, enum api_kind kind, struct arena *a, struct aws_error *err);
	enum api_kind kind;
};
status service_call(const struct service_call *s, struct aws_client *c, struct arena *a, struct aws_error *err) MUST_USE;

extern const struct service_call service_calls[];
extern const size_t service_calls_len;

#endif
