/* What a CA issues: issue, get, revoke. */
#include "aws/pca.h"

#include "aws/pca_call.h"

status
pca_issue_certificate(struct aws_client *c, const struct pca_issue *r, struct arena *a, const char **arn, struct aws_error *err)
{
	cJSON *in = pca_write_issue(r, err);

	return in != NULL ? pca_ask(c, "IssueCertificate", in, a, pca_read_certificate_arn, arn, err) : STATUS_FAILED;
}

status
pca_get_certificate(struct aws_client *c, const char *ca, const char *arn, struct arena *a, struct pca_certificate *out, struct aws_error *err)
{
	cJSON *in = pca_request(ca);

	cJSON_AddStringToObject(in, "CertificateArn", arn != NULL ? arn : "");
	return pca_ask(c, "GetCertificate", in, a, pca_read_certificate, out, err);
}

status
pca_revoke_certificate(struct aws_client *c, const char *ca, const char *serial_hex, const char *reason, struct aws_error *err)
{
	cJSON *in = pca_request(ca);

	cJSON_AddStringToObject(in, "CertificateSerial", serial_hex != NULL ? serial_hex : "");
	cJSON_AddStringToObject(in, "RevocationReason", reason != NULL ? reason : "UNSPECIFIED");
	return pca_ask(c, "RevokeCertificate", in, NULL, NULL, NULL, err);
}
