/* What aws/client.c keeps, and aws/call.c uses. */
#ifndef AWS_CLIENT_INTERNAL_H
#define AWS_CLIENT_INTERNAL_H

#include "aws/client.h"
#include "aws/endpoint.h"
#include "aws/retry.h"

struct aws_client {
	char *name, *profile, *endpoint_url; /* profile NULL: nobody named one */
	char *where;
	char region[AWS_REGION_MAX];
	char *endpoint;    /* its host; NULL: AWS's own */
	bool is_lab, is_local;
	struct aws_profiles *profiles;
	struct aws_credential_chain *chain;
	struct aws_place place;
	const struct world *world;
	const atomic_bool *cancel;
	const char *ca_bundle;
	unsigned attempts;
	struct aws_retry retry;
	atomic_llong ahead; /* seconds that AWS's clock is ahead of ours, since an answer said so */
};

#endif
