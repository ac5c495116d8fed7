/*
 * AWS Certificate Manager (2015-12-08, JSON 1.1): certificates for load balancers and others of AWS's services. What was imported can be
 * imported again under the same ARN, and whoever uses it gets the new one. A private key goes in and never comes out. Source: API reference,
 * "Reimport a certificate".
 */
#ifndef AWS_ACM_H
#define AWS_ACM_H

#include "aws/client.h"
#include "model/memory.h"

struct acm_import {
	const char *arn;         /* NULL: a new one */
	const char *certificate; /* PEM, one */
	const char *chain;       /* PEM, the issuing CA first; NULL or "": none */
	const char *key;         /* PEM, without a passphrase; at most 5,120 bytes (AWS) */
	size_t key_len;
};
/* ImportCertificate. *arn: its own, or the new one's. */
status acm_import(struct aws_client *c, const struct acm_import *i, struct arena *a, const char **arn, struct aws_error *err) MUST_USE;

struct acm_about {
	const char *arn, *domain;
	const char *type;        /* IMPORTED, AMAZON_ISSUED, PRIVATE */
	const char *status;      /* ISSUED, EXPIRED … */
	const char *key_algorithm; /* "RSA_2048", "EC_prime256v1" */
	const char **in_use_by;  /* ARNs of load balancers and others */
	size_t in_use_by_len;
	int64_t not_after;
};
/* DescribeCertificate. */
status acm_describe(struct aws_client *c, const char *arn, struct arena *a, struct acm_about *out, struct aws_error *err) MUST_USE;
/* GetCertificate: PEM; *chain "" where it has none. */
status acm_get(struct aws_client *c, const char *arn, struct arena *a, const char **certificate, const char **chain, struct aws_error *err) MUST_USE;

#endif
