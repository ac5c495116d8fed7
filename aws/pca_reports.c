/* Audit reports: the only list of what a CA has issued (knowledge "aws" 3.1). */
#include "aws/pca.h"

#include "aws/pca_call.h"

status
pca_create_report(struct aws_client *c, const char *ca, const char *bucket, const char *format, struct arena *a,
    const char **id, const char **key, struct aws_error *err)
{
	struct pca_report_made made = { 0 };
	cJSON *in = pca_request(ca);
	status s;

	cJSON_AddStringToObject(in, "S3BucketName", bucket != NULL ? bucket : "");
	cJSON_AddStringToObject(in, "AuditReportResponseFormat", format != NULL ? format : "JSON");
	s = pca_ask(c, "CreateCertificateAuthorityAuditReport", in, a, pca_read_report_made, &made, err);
	*id = made.id;
	*key = made.key;
	return s;
}

status
pca_describe_report(struct aws_client *c, const char *ca, const char *id, struct arena *a, struct pca_report *out, struct aws_error *err)
{
	cJSON *in = pca_request(ca);

	cJSON_AddStringToObject(in, "AuditReportId", id != NULL ? id : "");
	return pca_ask(c, "DescribeCertificateAuthorityAuditReport", in, a, pca_read_report, out, err);
}
