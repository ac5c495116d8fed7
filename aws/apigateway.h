/*
 * API Gateway's custom domain names: REST APIs (apigateway, 2015-07-09) and HTTP APIs (apigatewayv2, 2018-11-29), which say the same
 * in other shapes. The trust store is an object in S3; a new object changes nothing until the domain name names its version. Results
 * are in the caller's arena. Source: API references; knowledge "aws" 4.2.
 */
#ifndef AWS_APIGATEWAY_H
#define AWS_APIGATEWAY_H

#include "aws/client.h"
#include "model/memory.h"

enum api_kind { API_REST, API_HTTP };

struct api_domain {
	enum api_kind kind;
	const char *name;
	const char *status, *status_message; /* AVAILABLE, UPDATING, PENDING_CERTIFICATE_REIMPORT, PENDING_OWNERSHIP_VERIFICATION */
	const char *policy;                  /* TLS_1_2 */
	const char *endpoint_type;           /* REGIONAL, EDGE; mutual TLS is for REGIONAL ones */
	const char *host;                    /* what DNS must lead to: "d-abc.execute-api.us-east-1.amazonaws.com" */
	const char *certificate, *ownership; /* ARNs; ownership: of the public one that proves whose name it is, NULL */
	const char *truststore, *version;    /* "s3://bucket/key"; NULL: no mutual TLS */
	const char **warnings;               /* of the trust store's certificates, as they were when it was set */
	size_t warnings_len;
};

status apigateway_domains(struct aws_client *c, enum api_kind kind, struct arena *a, struct api_domain **out, size_t *len,
    struct aws_error *err) MUST_USE;
status apigateway_domain(struct aws_client *c, enum api_kind kind, const char *name, struct arena *a, struct api_domain *out,
    struct aws_error *err) MUST_USE;
/* truststore NULL: stays, "": mutual TLS is switched off. version NULL: stays; a bucket without versions has none. */
status apigateway_set_truststore(struct aws_client *c, enum api_kind kind, const char *name, const char *truststore, const char *version,
    struct arena *a, struct api_domain *out, struct aws_error *err) MUST_USE;
/* Until its status is not UPDATING: bounded; AWS_IN_PROGRESS when the time is up. The caller looks at what it became, and at the warnings. */
status apigateway_wait_domain(struct aws_client *c, enum api_kind kind, const char *name, struct arena *a, struct api_domain *out,
    struct aws_error *err) MUST_USE;

struct api_mapping {
	const char *api, *stage, *path; /* the API's id */
};
/* Which APIs the domain name leads to: each has a default endpoint, which is a way around mutual TLS. */
status apigateway_mappings(struct aws_client *c, enum api_kind kind, const char *domain, struct arena *a, struct api_mapping **out,
    size_t *len, struct aws_error *err) MUST_USE;
/* Whether https://ID.execute-api.REGION.amazonaws.com answers. */
status apigateway_default_endpoint(struct aws_client *c, enum api_kind kind, const char *api, bool *disabled, struct aws_error *err) MUST_USE;
status apigateway_disable_default_endpoint(struct aws_client *c, enum api_kind kind, const char *api, bool disable,
    struct aws_error *err) MUST_USE;

#endif
