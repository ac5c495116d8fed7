/*
 * Secrets Manager (2017-10-17, JSON 1.1): identities that are kept there. A version is reached by its id or by a stage, a label that
 * one version holds: AWSCURRENT, AWSPREVIOUS, AWSPENDING. Results are in the caller's arena; a value is cleared there by
 * secret_forget(). Source: API reference; knowledge "aws" 4.3.
 */
#ifndef AWS_SECRETSMANAGER_H
#define AWS_SECRETSMANAGER_H

#include "aws/client.h"
#include "model/memory.h"

struct secret_value {
	const char *arn, *name, *version;
	char *bytes;            /* of SecretString or SecretBinary; NUL follows */
	size_t len;
	bool binary;
	const char **stages;
	size_t stages_len;
	int64_t created;
};
void secret_forget(struct secret_value *v);

/* GetSecretValue. version and stage NULL: AWSCURRENT. */
status secret_get(struct aws_client *c, const char *id, const char *version, const char *stage, struct arena *a, struct secret_value *out,
    struct aws_error *err) MUST_USE;

struct secret_put {
	const char *id;
	const void *bytes;      /* at most 65,536 (AWS) */
	size_t len;
	bool binary;            /* as SecretBinary; else as SecretString, which is UTF-8 without NUL */
	const char *token;      /* 32 to 64 characters, made before the first try and kept: it becomes the version's id */
	const char *const *stages; /* none: AWSCURRENT moves here, AWSPREVIOUS to where that was */
	size_t stages_len;
};
/* PutSecretValue. *version: its id. */
status secret_put(struct aws_client *c, const struct secret_put *p, struct arena *a, const char **version, struct aws_error *err) MUST_USE;
/*
 * UpdateSecretVersionStage. from: who holds the stage now (AWS refuses where it is another one), NULL: nobody. to NULL: the stage
 * is taken off.
 */
status secret_move_stage(struct aws_client *c, const char *id, const char *stage, const char *from, const char *to,
    struct aws_error *err) MUST_USE;

struct secret_version {
	const char *id;
	const char **stages;
	size_t stages_len;
};
struct secret_about {
	const char *arn, *name, *description, *kms_key, *rotation_lambda;
	bool rotates;
	int64_t created, changed, deleted;
	const struct secret_version *versions;
	size_t versions_len;
};
/* DescribeSecret: no value comes with it. */
status secret_describe(struct aws_client *c, const char *id, struct arena *a, struct secret_about *out, struct aws_error *err) MUST_USE;
/* The version that holds the stage; NULL: none does. */
const char *secret_holder(const struct secret_about *s, const char *stage);
/* ListSecrets, every page. */
status secret_list(struct aws_client *c, struct arena *a, struct secret_about **out, size_t *len, struct aws_error *err) MUST_USE;

#endif
