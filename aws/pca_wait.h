/*
 * The pace of the waiters of aws/pca.h. AWS's own waiters wait whole seconds, sixty times; what is the same with
 * milliseconds is tested with these.
 */
#ifndef AWS_PCA_WAIT_H
#define AWS_PCA_WAIT_H

#include "aws/pca.h"

struct pca_pace {
	unsigned every_ms, tries;
};

status pca_wait_certificate_at(struct pca_pace pace, struct aws_client *c, const char *ca, const char *arn, pca_waiting tell,
    void *user, struct arena *a, struct pca_certificate *out, struct aws_error *err) MUST_USE;
status pca_wait_csr_at(struct pca_pace pace, struct aws_client *c, const char *ca, pca_waiting tell, void *user, struct arena *a,
    const char **pem, struct aws_error *err) MUST_USE;
status pca_wait_report_at(struct pca_pace pace, struct aws_client *c, const char *ca, const char *id, pca_waiting tell, void *user,
    struct arena *a, struct pca_report *out, struct aws_error *err) MUST_USE;

#endif
