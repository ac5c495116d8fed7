/* Identities that the configuration keeps in AWS: read when they are first used. */
#ifndef CLI_IDENTITY_FETCH_H
#define CLI_IDENTITY_FETCH_H

#include "cli/options.h"
#include "model/config.h"
#include "model/identity.h"

/*
 * from has secret or parameter. *trust: the root that is kept beside it; NULL: none. STATUS_FAILED: *err says in one line what is wrong with it,
 * AWS's refusal as well: for a finding (key.unreadable), as it is with a file. Nothing of the secret is ever in it.
 */
status identity_fetch(struct options *o, const struct config *c, const struct config_identity *from, struct identity **out, struct trust **trust,
    struct error *err) MUST_USE;
/* "secret:payments", "parameter:/reports/tls"; mem_alloc'd. */
char *identity_fetch_label(const struct config_identity *from);

#endif
