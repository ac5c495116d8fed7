/*
 * AWS Private CA's JSON and the structs of aws/pca.h, both ways; no sockets, no clock. Source: botocore's service model
 * acm-pca 2017-08-22, knowledge "aws" 1.1 and 1.2.
 *
 * Reading: a member that is null is absent. AWS's model calls hardly any member of an answer required; only those
 * without which the answer says nothing are demanded here. A member of another type, or beyond model/limits.h, makes the
 * whole answer AWS_ANSWER: half a CA is no CA.
 */
#ifndef AWS_PCA_SHAPES_H
#define AWS_PCA_SHAPES_H

#include "aws/pca.h"

/* ---- from AWS ---- */

struct pca_reader {
	const char *operation; /* "DescribeCertificateAuthority": for the error */
	struct arena *arena;   /* of the results */
	struct aws_error *err;
};

/* AWS_ANSWER with this text (printable). Always false. */
bool pca_read_failed(const struct pca_reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Readers of whole answers, as pca_ask() takes them; `out` is what the comment says. */

struct pca_rows { /* of a list, over all its pages */
	void *items;
	size_t len, cap;
};

bool pca_read_token(const struct pca_reader *r, const cJSON *answer, const char **next); /* NULL: the last page */
bool pca_read_ca_arn(const struct pca_reader *r, const cJSON *answer, void *out);          /* const char ** */
bool pca_read_certificate_arn(const struct pca_reader *r, const cJSON *answer, void *out); /* const char ** */
bool pca_read_described(const struct pca_reader *r, const cJSON *answer, void *out);       /* struct pca_ca */
bool pca_read_cas(const struct pca_reader *r, const cJSON *answer, void *out);             /* struct pca_rows of pca_ca */
bool pca_read_csr(const struct pca_reader *r, const cJSON *answer, void *out);             /* const char **: PEM */
bool pca_read_certificate(const struct pca_reader *r, const cJSON *answer, void *out);     /* struct pca_certificate */
bool pca_read_permissions(const struct pca_reader *r, const cJSON *answer, void *out);     /* struct pca_rows of pca_permission */
bool pca_read_tags(const struct pca_reader *r, const cJSON *answer, void *out);            /* struct pca_rows of pca_pair */
bool pca_read_policy(const struct pca_reader *r, const cJSON *answer, void *out);          /* const char ** */
struct pca_report_made {
	const char *id, *key;
};
bool pca_read_report_made(const struct pca_reader *r, const cJSON *answer, void *out); /* struct pca_report_made */
bool pca_read_report(const struct pca_reader *r, const cJSON *answer, void *out);      /* struct pca_report */

/* ---- to AWS ---- */

/*
 * What AWS would refuse for its shape alone is refused here, as AWS_ARGUMENT: no idempotency token, custom attributes
 * beside others, PEM that is none. NULL then.
 */
cJSON *pca_write_create(const struct pca_create *r, struct aws_error *err);
cJSON *pca_write_issue(const struct pca_issue *r, struct aws_error *err);
cJSON *pca_write_import(const char *ca, const char *pem, const char *chain, struct aws_error *err);
/* {"CrlConfiguration":…,"OcspConfiguration":…}. */
cJSON *pca_write_revocation(const struct pca_revocation *r);
cJSON *pca_write_tags(const struct pca_pair *tags, size_t len);

#endif
