/* Where a service is, and in which region: knowledge "aws" 5.2, the same for the client and for the credential chain's STS. */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "aws/client.h"

enum { AWS_REGION_MAX = 40, AWS_URL_MAX = 512 };

/* What the rules look at. All borrowed. */
struct aws_place {
	const struct world *world;
	const struct aws_profiles *profiles;
	const char *profile;      /* the one in force, never NULL: "default" */
	const char *region;       /* as aws_region_find() gave it */
	const char *endpoint_url; /* from the command line or the configuration; NULL */
};

struct aws_endpoint {
	char url[AWS_URL_MAX];    /* "https://acm-pca.us-east-1.amazonaws.com", without a slash at its end */
	char host[AWS_URL_MAX];   /* as the Host header has it: with the port where it is not the scheme's own */
	char path[AWS_URL_MAX];   /* what the URL has behind its host, before every request's own path; "" */
	bool configured;          /* a user named it: it is not AWS's own */
	bool loopback;            /* the lab, or whatever else runs on this machine */
	bool bucket_in_host;
};

/*
 * The profile in force: `named` (command line, configuration), AWS_PROFILE, "default". *is_named: somebody named it.
 * Borrowed from its source.
 */
const char *aws_profile_in_force(const struct world *w, const char *named, bool *is_named);
/* `named`, AWS_REGION, AWS_DEFAULT_REGION, the profile's. AWS_NO_REGION: there is none, or it cannot be a region's name. */
status aws_region_find(const struct world *w, const struct aws_profiles *p, const char *profile, const char *named,
    char out[AWS_REGION_MAX], struct aws_error *err) MUST_USE;
/*
 * endpoint_url, AWS_ENDPOINT_URL_<ID>, AWS_ENDPOINT_URL, the profile's section services, the profile's endpoint_url, AWS's own
 * with FIPS and dual-stack where they are asked for. bucket: of S3, NULL for others. AWS_LOCAL: an address that is none.
 */
status aws_endpoint_find(const struct aws_place *place, const struct aws_service *s, const char *bucket, struct aws_endpoint *out,
    struct aws_error *err) MUST_USE;
/* AWS_CA_BUNDLE, the profile's ca_bundle; NULL: the system's roots. Borrowed from its source. */
const char *aws_ca_bundle(const struct world *w, const struct aws_profiles *p, const char *profile);

const char *aws_partition(const char *region); /* "aws", "aws-cn", "aws-us-gov" … */

#endif
