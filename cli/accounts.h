/* Which accounts and regions of AWS are meant: what is typed, else what is configured, else AWS's own rules. */
#ifndef CLI_ACCOUNTS_H
#define CLI_ACCOUNTS_H

#include "aws/client.h"
#include "cli/options.h"
#include "model/config.h"

/* How to make the client of one of the configuration's; what is typed goes over what is configured. Strings are borrowed. */
struct aws_client_options account_options(const struct options *o, const struct config_aws *from, const struct world *w);
/* All that are meant, at least one; *out is the caller's to free(). --aws NAME that is not configured: ERROR_USAGE. */
status accounts_meant(const struct options *o, const struct config *config, const struct world *w, struct aws_client_options **out,
    size_t *len, struct error *err) MUST_USE;

/* Is the place of any of them on loopback: a practice lab's? What cannot be read is none; who asks it says why. */
bool accounts_of_lab(const struct aws_client_options *accounts, size_t len);

#endif
