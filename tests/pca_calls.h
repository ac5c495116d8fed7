/* Every operation of AWS Private CA's client, called once with everything that it can send; and what goes out and comes back. */
#ifndef TESTS_PCA_CALLS_H
#define TESTS_PCA_CALLS_H

#include "aws/pca.h"
#include "model/buf.h"

#define PCA_CA "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/11111111-2222-3333-4444-555555555555"
#define PCA_CERT_ARN PCA_CA "/certificate/a4e9c2aa2ccfab625b1b9136464cd3a6"
#define PCA_CSR "-----BEGIN CERTIFICATE REQUEST-----\nMIIBAAAA\n-----END CERTIFICATE REQUEST-----\n"
#define PCA_CSR_BLOB "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=="
#define PCA_ONE "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----"
#define PCA_ONE_BLOB "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJBQUFBCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K"
#define PCA_TWO PCA_ONE "-----BEGIN CERTIFICATE-----\nMIICBBBB\n-----END CERTIFICATE-----"
#define PCA_TWO_BLOB "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJBQUFBCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0KLS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUNCQkJCCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K"
#define PCA_TOKEN "0123456789abcdef0123456789abcdef"
#define PCA_ONE_JSON "-----BEGIN CERTIFICATE-----\\nMIIBAAAA\\n-----END CERTIFICATE-----"
#define PCA_TWO_JSON PCA_ONE_JSON "-----BEGIN CERTIFICATE-----\\nMIICBBBB\\n-----END CERTIFICATE-----"
#define PCA_IN_PROGRESS "{\"__type\":\"RequestInProgressException\",\"message\":\"The request to issue the certificate is in progress.\"}"

#define PCA_OF_CA "{\"CertificateAuthorityArn\":\"" PCA_CA "\""
#define PCA_A_CA "{\"Arn\":\"" PCA_CA "\",\"Type\":\"ROOT\",\"Status\":\"ACTIVE\",\"CreatedAt\":1.5E9,\"CertificateAuthorityConfiguration\":{\"Subject\":{\"CommonName\":\"Acme\"}}}"

/* Each calls one operation and writes what came of it. */
struct pca_asked {
	struct aws_client *c;
	struct arena *a;
	struct buf *said;
	struct aws_error *err;
};

struct pca_operation {
	const char *name;
	status (*call)(const struct pca_asked *q);
	const char *request; /* JSON that goes out */
	const char *answer;  /* that comes back */
	const char *says;    /* what `call` writes then */
};
extern const struct pca_operation pca_operations[];
extern const size_t pca_operations_len;

extern const struct pca_issue pca_plain_issue;

#endif
