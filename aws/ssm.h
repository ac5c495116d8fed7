/* Parameter Store of Systems Manager (2014-11-06, JSON 1.1): identities that are kept there. Knowledge "aws" 4.3's sibling. */
#ifndef AWS_SSM_H
#define AWS_SSM_H

#include "aws/client.h"
#include "model/memory.h"

struct parameter {
	const char *arn, *name;
	const char *type;       /* String, StringList, SecureString */
	char *value;            /* parameter_forget() clears it */
	int64_t version, changed;
};
void parameter_forget(struct parameter *p);

/* GetParameter, decrypted. name: a path, an ARN, or either with ":VERSION" or ":LABEL" behind it. */
status parameter_get(struct aws_client *c, const char *name, struct arena *a, struct parameter *out, struct aws_error *err) MUST_USE;

struct parameter_about {
	const char *name, *type;
	const char *kms_key;    /* of a SecureString: key id, ARN or alias; NULL */
	const char *tier;       /* "Standard", "Advanced", "Intelligent-Tiering"; NULL: not said */
	int64_t version;
};
/* DescribeParameters of one, by its plain name. AWS_NOT_FOUND where it is not among them. */
status parameter_describe(struct aws_client *c, const char *name, struct arena *a, struct parameter_about *out, struct aws_error *err) MUST_USE;

struct parameter_put {
	const char *name, *value;
	const char *type;       /* NULL: as it is there already */
	const char *kms_key;    /* of a SecureString; NULL: the account's own, also where it had another one before */
	bool overwrite;         /* else AWS_EXISTS where it is there */
	bool advanced;          /* the tier for more than 4,096 bytes, which costs; else AWS says that it is too long */
};
/* PutParameter. version may be NULL. */
status parameter_put(struct aws_client *c, const struct parameter_put *p, int64_t *version, struct aws_error *err) MUST_USE;

#endif
