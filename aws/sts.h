/* STS (2011-06-15, Query): who we are to AWS, and another role's credentials. The credential chain has its own way there. */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/client.h"
#include "model/memory.h"

struct sts_identity {
	const char *account, *arn, *user; /* "111122223333", "arn:aws:iam::111122223333:user/me", "AIDA…" */
};
/* GetCallerIdentity: needs no permission, so that what it fails of is the credentials. */
status sts_identity(struct aws_client *c, struct arena *a, struct sts_identity *out, struct aws_error *err) MUST_USE;
/* AssumeRole. external_id NULL: none. seconds 0: STS's own hour. out: aws_credentials_done() clears it. */
status sts_assume_role(struct aws_client *c, const char *role, const char *session, const char *external_id, unsigned seconds,
    struct aws_credentials *out, struct aws_error *err) MUST_USE;

#endif
