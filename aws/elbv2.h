/*
 * Elastic Load Balancing v2 (2015-12-01, Query): the trust stores that an ALB checks client certificates with, and which listener
 * uses which. A trust store is a copy: a new object in S3 changes nothing until elbv2_modify_trust_store(). Results are in the
 * caller's arena. Source: API reference; knowledge "aws" 4.1.
 */
#ifndef AWS_ELBV2_H
#define AWS_ELBV2_H

#include "aws/client.h"
#include "model/memory.h"

struct trust_store {
	const char *name, *arn;
	const char *status;          /* ACTIVE, CREATING */
	int64_t certificates, revoked;
};

/* Where the bundle, or a CRL, is in S3. version NULL: the newest. */
struct trust_source {
	const char *bucket, *key, *version;
};

/* name: 1 to 32 letters, digits and inner hyphens. */
status elbv2_create_trust_store(struct aws_client *c, const char *name, const struct trust_source *from, struct arena *a,
    struct trust_store *out, struct aws_error *err) MUST_USE;
/* Replaces the whole bundle: to add a CA the object holds the old ones too. */
status elbv2_modify_trust_store(struct aws_client *c, const char *arn, const struct trust_source *from, struct arena *a,
    struct trust_store *out, struct aws_error *err) MUST_USE;
/* arn or name NULL: not by that; both NULL: every one of the account in the region. */
status elbv2_trust_stores(struct aws_client *c, const char *arn, const char *name, struct arena *a, struct trust_store **out, size_t *len,
    struct aws_error *err) MUST_USE;
/* The bundle that is in use: PEM. */
status elbv2_trust_store_bundle(struct aws_client *c, const char *arn, struct arena *a, const char **pem, size_t *len,
    struct aws_error *err) MUST_USE;
status elbv2_delete_trust_store(struct aws_client *c, const char *arn, struct aws_error *err) MUST_USE;
/* ARNs of the listeners that use it. */
status elbv2_trust_store_users(struct aws_client *c, const char *arn, struct arena *a, const char ***out, size_t *len,
    struct aws_error *err) MUST_USE;
/* Until it is ACTIVE: bounded; AWS_IN_PROGRESS when the time is up. */
status elbv2_wait_trust_store(struct aws_client *c, const char *arn, struct arena *a, struct trust_store *out, struct aws_error *err) MUST_USE;

struct trust_revocation {
	int64_t id, entries;
	const char *type;            /* CRL */
};
status elbv2_add_revocation(struct aws_client *c, const char *arn, const struct trust_source *crl, struct arena *a,
    struct trust_revocation *out, struct aws_error *err) MUST_USE;
status elbv2_remove_revocation(struct aws_client *c, const char *arn, int64_t id, struct aws_error *err) MUST_USE;
status elbv2_revocations(struct aws_client *c, const char *arn, struct arena *a, struct trust_revocation **out, size_t *len,
    struct aws_error *err) MUST_USE;
/* The CRL as it was given. */
status elbv2_revocation_content(struct aws_client *c, const char *arn, int64_t id, struct arena *a, const char **bytes, size_t *len,
    struct aws_error *err) MUST_USE;

struct listener_mutual {
	const char *mode;            /* off, passthrough, verify */
	const char *trust_store;     /* ARN */
	const char *ignore_expiry;   /* "true", "false": a client certificate that has expired is taken */
	const char *advertise;       /* "on", "off": the CAs' names go into the CertificateRequest */
	const char *association;     /* active, removed: read only */
};
struct listener {
	const char *arn, *load_balancer, *protocol, *policy, *certificate; /* the default one's ARN */
	int64_t port;
	struct listener_mutual mutual; /* members NULL where AWS tells none */
};
/* Of a load balancer, or one by its ARN; one of the two is NULL. */
status elbv2_listeners(struct aws_client *c, const char *load_balancer, const char *listener, struct arena *a, struct listener **out,
    size_t *len, struct aws_error *err) MUST_USE;
/* Members that are NULL stay as they are. */
status elbv2_set_mutual(struct aws_client *c, const char *listener, const struct listener_mutual *m, struct arena *a, struct listener *out,
    struct aws_error *err) MUST_USE;

#endif
