/* What every operation of AWS Private CA's client does: one call, or one for each page. */
#ifndef AWS_PCA_CALL_H
#define AWS_PCA_CALL_H

#include "aws/client.h"
#include "aws/pca_shapes.h"

/* {"CertificateAuthorityArn": ca}: what most requests begin with. ca NULL is sent as "": AWS says what is wrong with it. */
cJSON *pca_request(const char *ca);

/* in is taken over. The answer is read by `read` into *out; NULL: it has nothing to read. */
status pca_ask(struct aws_client *c, const char *operation, cJSON *in, struct arena *a,
    bool (*read)(const struct pca_reader *r, const cJSON *answer, void *out), void *out, struct aws_error *err) MUST_USE;

/*
 * Page after page, as long as NextToken is a text that is not empty; null is absent (moto sends it). More than
 * LIMIT_PCA_PAGES, or the token that was sent, is AWS_ANSWER: a list without end.
 */
status pca_ask_pages(struct aws_client *c, const char *operation, cJSON *in, struct arena *a,
    bool (*read)(const struct pca_reader *r, const cJSON *answer, void *out), void *out, struct aws_error *err) MUST_USE;

#endif
