/* An identity that is kept in AWS, and the root beside it: read out of a secret or a parameter. */
#ifndef PROBES_STORED_H
#define PROBES_STORED_H

#include "aws/client.h"
#include "model/identity.h"

struct stored_place {
	const char *name;              /* of the configuration; NULL */
	const char *label;             /* "secret:payments": what messages call it */
	const char *secret, *parameter; /* one of them */
};
/*
 * Blocks. *trust: the root that is kept beside it; NULL: none. STATUS_FAILED: *err says in one line what is wrong, AWS's refusal as well;
 * nothing of the secret is ever in it. ask may be NULL.
 */
status stored_fetch(struct aws_client *c, const struct stored_place *from, passphrase_ask ask, void *ask_user, struct identity **out,
    struct trust **trust, struct error *err) MUST_USE;

#endif
