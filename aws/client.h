/*
 * One account and region: signed calls with retries. Calls block: worker threads make them, never the screen's. Several
 * threads may share a client.
 */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include <cJSON.h>
#include <stdatomic.h>

#include "aws/credentials.h"
#include "aws/http.h"

struct aws_client_options {
	const char *name;          /* of the configuration's section aws; NULL */
	const char *profile;       /* NULL: AWS_PROFILE, else "default" */
	const char *region;        /* NULL: AWS_REGION, AWS_DEFAULT_REGION, the profile's */
	const char *endpoint_url;  /* NULL: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's, else AWS's own */
	const struct world *world; /* the real one: --at is about judging, not about signing */
	const atomic_bool *cancel; /* ends what is under way; or NULL */
};

struct aws_client;
/* Contacts nobody. AWS_NO_REGION where no rule gives one; AWS_LOCAL: a shared file that does not parse. */
status aws_client_new(const struct aws_client_options *o, struct aws_client **out, struct aws_error *err) MUST_USE;
void aws_client_free(struct aws_client *c); /* NULL is legal */

const char *aws_client_name(const struct aws_client *c);    /* "prod", or the profile, or "default" */
const char *aws_client_profile(const struct aws_client *c); /* NULL: none is named */
const char *aws_client_region(const struct aws_client *c);
const char *aws_client_where(const struct aws_client *c);   /* "profile prod, us-east-1": for messages and titles, printable */
/*
 * The practice lab: its endpoint is on loopback, and the access key that the environment or the profile names is one that only a lab gives.
 * What else is on loopback may be an emulator, or a tunnel to AWS itself: no word about it is said that the lab alone deserves.
 */
bool aws_client_is_lab(const struct aws_client *c);
bool aws_client_is_local(const struct aws_client *c);       /* its endpoint is on loopback: the lab, an emulator, a tunnel */
const char *aws_client_endpoint(const struct aws_client *c); /* "127.0.0.1:4566", where a user named one for acm-pca; NULL: AWS's own */
const char *aws_client_partition(const struct aws_client *c); /* "aws", "aws-cn", "aws-us-gov", by the region */
/* 32 hex digits: an idempotency token, made before the first try. */
void aws_client_token(struct aws_client *c, char out[33]);
/* Waits so long, or until cancelled (then AWS_CANCELLED): for waiters. */
status aws_client_wait(struct aws_client *c, unsigned ms, struct aws_error *err) MUST_USE;
/* Before the tries-th look, from 0, at a change that takes seconds to minutes: at once, soon again, then every LIMIT_AWS_CHANGE_PAUSE_MS. */
status aws_client_wait_change(struct aws_client *c, unsigned tries, struct aws_error *err) MUST_USE;

enum aws_protocol { AWS_PROTOCOL_JSON, AWS_PROTOCOL_QUERY, AWS_PROTOCOL_REST };

/* A row a service (aws/service.c). */
struct aws_service {
	const char *id;          /* as in AWS_ENDPOINT_URL_<ID>: "ACM_PCA" */
	const char *prefix;      /* endpoint: "acm-pca" */
	const char *signing;     /* "acm-pca" */
	enum aws_protocol protocol;
	const char *target;      /* JSON: "ACMPrivateCA" */
	const char *json_version; /* "1.1", "1.0" */
	const char *version;     /* Query: "2015-12-01" */
	bool path_encoded_once;  /* S3 */
};
extern const struct aws_service aws_acm_pca, aws_secretsmanager, aws_ssm, aws_s3, aws_elbv2, aws_apigateway, aws_apigatewayv2,
    aws_cloudwatch, aws_events, aws_sts, aws_acm;

struct aws_call {
	const struct aws_service *service;
	const char *operation;     /* "IssueCertificate": JSON's target, Query's Action, the name in messages */
	const char *method, *path; /* REST; path encoded once, with its query left out; of S3 without the bucket: "/", "/a%20key" */
	const char *query;         /* REST: encoded, sorted by who builds it */
	const struct sigv4_header *headers; /* further ones */
	size_t headers_len;
	const void *body;          /* Query: further parameters, "Names.member.1=x&PageSize=2", encoded; Action and Version are added */
	size_t body_len;
	const char *bucket;        /* S3: virtual-hosted where that is possible; NULL else */
	size_t most;               /* bytes of the answer; 0: LIMIT_AWS_ANSWER */
	bool (*sink)(void *user, const void *bytes, size_t len);
	void *user;
};

/* Signs, sends, tries again by the rules of standard mode; a non-2xx answer is an error of aws/error.h. */
status aws_call(struct aws_client *c, const struct aws_call *call, struct aws_http_answer *out, struct aws_error *err) MUST_USE;
/* JSON 1.x. in is taken over and freed, in any case; NULL: {}. *out is the caller's (cJSON_Delete), never NULL on STATUS_OK; out may be NULL. */
status aws_call_json(struct aws_client *c, const struct aws_service *s, const char *operation, cJSON *in, cJSON **out,
    struct aws_error *err) MUST_USE;

#endif
