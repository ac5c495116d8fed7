/*
 * EventBridge (2015-10-07, JSON 1.1): rules that tell somebody of the private CA's events. Results are in the caller's arena.
 * Source: API reference; knowledge "aws" 4.6.
 */
#ifndef AWS_EVENTS_H
#define AWS_EVENTS_H

#include "aws/client.h"
#include "model/memory.h"

struct event_rule {
	const char *name;        /* 1 to 64 of letters, digits, “.”, “-”, “_” */
	const char *pattern;     /* JSON as text: {"source":["aws.acm-pca"]} */
	const char *state;       /* ENABLED, DISABLED; NULL: ENABLED */
	const char *description, *role, *bus; /* what is NULL in a put is taken off a rule that is there */
	const char *arn;         /* read only */
};
/* PutRule: makes it, or overwrites the whole of it. arn may be NULL. */
status events_put_rule(struct aws_client *c, const struct event_rule *r, struct arena *a, const char **arn, struct aws_error *err) MUST_USE;
/* PutTargets, of one; what AWS says no to within its “200 OK” is an error here as well. bus NULL: the default one. */
status events_put_target(struct aws_client *c, const char *rule, const char *bus, const char *id, const char *target_arn,
    struct aws_error *err) MUST_USE;
/* ListRules, every page. prefix NULL: all. */
status events_rules(struct aws_client *c, const char *prefix, const char *bus, struct arena *a, struct event_rule **out, size_t *len,
    struct aws_error *err) MUST_USE;

#endif
