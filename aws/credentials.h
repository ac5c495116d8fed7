/* Who we are to AWS: the default chain (knowledge "aws" 5.1, botocore's order), refreshed in time. Thread-safe. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include <stdatomic.h>
#include <stdint.h>

#include "aws/profile.h"

struct aws_credentials {
	char access_key[160];
	char secret[256];
	char token[8192];     /* "" : none */
	int64_t expires;      /* seconds since the epoch; 0: never */
	char from[160];       /* "profile prod of ~/.aws/credentials", "the environment": printable */
};

struct aws_credential_chain;
/*
 * profile NULL: AWS_PROFILE, else "default"; explicit_profile: it was named on the command line or in the configuration,
 * so the environment's key is not asked. p and w are borrowed and must outlive it. sts_endpoint and the region that
 * calls to STS need come from the same rules as everybody's (aws/endpoint.h).
 */
struct aws_credential_chain *aws_credential_chain_new(const struct aws_profiles *p, const char *profile,
    bool explicit_profile, const char *region, const char *endpoint_url, const struct world *w);
void aws_credential_chain_free(struct aws_credential_chain *c); /* clears what it holds */

/*
 * A copy into *out, which the caller clears with aws_credentials_done(). Kept ones are taken as long as they last
 * (refreshed 5 minutes before they end; in those minutes a failing refresh leaves the old ones in use).
 * anew: AWS said that they have expired. AWS_NO_CREDENTIALS names every place that was looked at.
 */
status aws_credentials_get(struct aws_credential_chain *c, bool anew, const atomic_bool *cancel, struct aws_credentials *out,
    struct aws_error *err) MUST_USE;
void aws_credentials_done(struct aws_credentials *c);

#endif
