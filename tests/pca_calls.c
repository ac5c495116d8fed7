#include "tests/pca_calls.h"

#include <inttypes.h>
#include <string.h>

#include "model/times.h"

const struct pca_issue pca_plain_issue = {
	.ca = PCA_CA, .csr_pem = PCA_CSR, .signing_algorithm = "SHA256WITHRSA", .validity = { "DAYS", 30 }, .token = PCA_TOKEN,
};

static status
create_ca(const struct pca_asked *q)
{
	static const struct pca_pair tags[] = { { "env", "prod" }, { "empty", "" } };
	static const struct pca_revocation off = { .crl = false };
	const struct pca_create r = {
		.type = "SUBORDINATE", .key_algorithm = "EC_secp384r1", .signing_algorithm = "SHA384WITHECDSA", .usage_mode = "SHORT_LIVED_CERTIFICATE",
		.key_storage = "FIPS_140_2_LEVEL_3_OR_HIGHER", .subject = { .country = "US", .organization = "Acme", .common_name = "Acme “Issuing” CA 1" },
		.revocation = &off, .tags = tags, .tags_len = 2, .token = PCA_TOKEN,
	};
	const char *arn = "";
	status s = pca_create_ca(q->c, &r, q->a, &arn, q->err);

	buf_adds(q->said, s == STATUS_OK ? arn : "");
	return s;
}

static void
say_ca(struct buf *said, const struct pca_ca *ca)
{
	buf_addf(said, "%s %s %s %s %" PRId64 " %s|", ca->arn + strlen(ca->arn) - 4, ca->type, ca->status, ca->subject.common_name, ca->created,
	    ca->not_after == TIME_UNKNOWN ? "-" : "dated");
}

static status
describe_ca(const struct pca_asked *q)
{
	struct pca_ca ca;
	status s = pca_describe_ca(q->c, PCA_CA, q->a, &ca, q->err);

	if (s == STATUS_OK)
		say_ca(q->said, &ca);
	return s;
}

static status
list_cas(const struct pca_asked *q)
{
	struct pca_ca *cas;
	size_t len;
	status s = pca_list_cas(q->c, "OTHER_ACCOUNTS", q->a, &cas, &len, q->err);

	for (size_t i = 0; i < len; i++)
		say_ca(q->said, &cas[i]);
	return s;
}

static status
update_ca(const struct pca_asked *q)
{
	static const struct pca_revocation r = { .crl = true, .crl_days = 7, .crl_bucket = "lists" };

	return pca_update_ca(q->c, PCA_CA, "DISABLED", &r, q->err);
}

static status
update_state(const struct pca_asked *q)
{
	return pca_update_ca(q->c, PCA_CA, "ACTIVE", NULL, q->err);
}

static status
delete_ca(const struct pca_asked *q)
{
	return pca_delete_ca(q->c, PCA_CA, 7, q->err);
}

static status
delete_ca_later(const struct pca_asked *q)
{
	return pca_delete_ca(q->c, PCA_CA, 0, q->err);
}

static status
restore_ca(const struct pca_asked *q)
{
	return pca_restore_ca(q->c, PCA_CA, q->err);
}

static status
get_csr(const struct pca_asked *q)
{
	const char *pem = "";
	status s = pca_get_csr(q->c, PCA_CA, q->a, &pem, q->err);

	buf_adds(q->said, s == STATUS_OK ? pem : "");
	return s;
}

static void
say_certificate(struct buf *said, const struct pca_certificate *c)
{
	buf_addf(said, "%s|%s", c->pem, c->chain != NULL ? c->chain : "no chain");
}

static status
get_ca_certificate(const struct pca_asked *q)
{
	struct pca_certificate c = { 0 };
	status s = pca_get_ca_certificate(q->c, PCA_CA, q->a, &c, q->err);

	if (s == STATUS_OK)
		say_certificate(q->said, &c);
	return s;
}

static status
import_root(const struct pca_asked *q)
{
	return pca_import_ca_certificate(q->c, PCA_CA, PCA_ONE, NULL, q->err);
}

static status
import_subordinate(const struct pca_asked *q)
{
	return pca_import_ca_certificate(q->c, PCA_CA, PCA_ONE, PCA_TWO, q->err);
}

static status
issue_certificate(const struct pca_asked *q)
{
	cJSON *passthrough = cJSON_Parse("{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a.internal\"}]}}");
	struct pca_issue r = pca_plain_issue;
	const char *arn = "";
	char template[PCA_ARN_MAX];
	status s;

	pca_template_arn("aws", "EndEntityServerAuthCertificate_APIPassthrough", template);
	r.template_arn = template;
	r.validity = (struct pca_validity){ "ABSOLUTE", 1800000000 };
	r.not_before = (struct pca_validity){ "ABSOLUTE", 1700000000 };
	r.api_passthrough = passthrough;
	s = pca_issue_certificate(q->c, &r, q->a, &arn, q->err);
	cJSON_Delete(passthrough);
	buf_adds(q->said, s == STATUS_OK ? arn : "");
	return s;
}

static status
issue_plainly(const struct pca_asked *q)
{
	const char *arn = "";
	status s = pca_issue_certificate(q->c, &pca_plain_issue, q->a, &arn, q->err);

	buf_adds(q->said, s == STATUS_OK ? arn : "");
	return s;
}

static status
get_certificate(const struct pca_asked *q)
{
	struct pca_certificate c = { 0 };
	status s = pca_get_certificate(q->c, PCA_CA, PCA_CERT_ARN, q->a, &c, q->err);

	if (s == STATUS_OK)
		say_certificate(q->said, &c);
	return s;
}

static status
revoke_certificate(const struct pca_asked *q)
{
	return pca_revoke_certificate(q->c, PCA_CA, "a4:e9", "KEY_COMPROMISE", q->err);
}

static status
create_report(const struct pca_asked *q)
{
	const char *id = NULL, *key = NULL;
	status s = pca_create_report(q->c, PCA_CA, "reports", "CSV", q->a, &id, &key, q->err);

	if (s == STATUS_OK)
		buf_addf(q->said, "%s %s", id, key);
	return s;
}

static status
describe_report(const struct pca_asked *q)
{
	struct pca_report r = { 0 };
	status s = pca_describe_report(q->c, PCA_CA, "22222222-2222-3333-4444-555555555555", q->a, &r, q->err);

	if (s == STATUS_OK)
		buf_addf(q->said, "%s %s %s %" PRId64, r.status, r.bucket, r.key, r.created);
	return s;
}

static status
create_permission(const struct pca_asked *q)
{
	static const char *const actions[] = { "IssueCertificate", "GetCertificate", "ListPermissions" };

	return pca_create_permission(q->c, PCA_CA, "acm.amazonaws.com", "111122223333", actions, 3, q->err);
}

static status
delete_permission(const struct pca_asked *q)
{
	return pca_delete_permission(q->c, PCA_CA, "acm.amazonaws.com", NULL, q->err);
}

static status
list_permissions(const struct pca_asked *q)
{
	struct pca_permission *p;
	size_t len;
	status s = pca_list_permissions(q->c, PCA_CA, q->a, &p, &len, q->err);

	for (size_t i = 0; i < len; i++)
		buf_addf(q->said, "%s %s %zu %s|", p[i].principal, p[i].source_account, p[i].actions_len, p[i].actions[p[i].actions_len - 1]);
	return s;
}

static status
put_policy(const struct pca_asked *q)
{
	return pca_put_policy(q->c, PCA_CA, "{\"Version\":\"2012-10-17\"}", q->err);
}

static status
get_policy(const struct pca_asked *q)
{
	const char *policy = "";
	status s = pca_get_policy(q->c, PCA_CA, q->a, &policy, q->err);

	buf_adds(q->said, s == STATUS_OK ? policy : "");
	return s;
}

static status
delete_policy(const struct pca_asked *q)
{
	return pca_delete_policy(q->c, PCA_CA, q->err);
}

static const struct pca_pair two_tags[] = { { "env", "prod" }, { "only-key", NULL } };

static status
tag_ca(const struct pca_asked *q)
{
	return pca_tag_ca(q->c, PCA_CA, two_tags, 2, q->err);
}

static status
untag_ca(const struct pca_asked *q)
{
	return pca_untag_ca(q->c, PCA_CA, two_tags, 2, q->err);
}

static status
list_tags(const struct pca_asked *q)
{
	struct pca_pair *tags;
	size_t len;
	status s = pca_list_tags(q->c, PCA_CA, q->a, &tags, &len, q->err);

	for (size_t i = 0; i < len; i++)
		buf_addf(q->said, "%s=%s|", tags[i].name, tags[i].value);
	return s;
}

const struct pca_operation pca_operations[] = {
	{ "CreateCertificateAuthority", create_ca,
	    "{\"CertificateAuthorityConfiguration\":{\"KeyAlgorithm\":\"EC_secp384r1\",\"SigningAlgorithm\":\"SHA384WITHECDSA\","
	    "\"Subject\":{\"Country\":\"US\",\"Organization\":\"Acme\",\"CommonName\":\"Acme “Issuing” CA 1\"}},"
	    "\"RevocationConfiguration\":{\"CrlConfiguration\":{\"Enabled\":false},\"OcspConfiguration\":{\"Enabled\":false}},"
	    "\"CertificateAuthorityType\":\"SUBORDINATE\",\"KeyStorageSecurityStandard\":\"FIPS_140_2_LEVEL_3_OR_HIGHER\",\"UsageMode\":\"SHORT_LIVED_CERTIFICATE\","
	    "\"Tags\":[{\"Key\":\"env\",\"Value\":\"prod\"},{\"Key\":\"empty\",\"Value\":\"\"}],\"IdempotencyToken\":\"" PCA_TOKEN "\"}",
	    PCA_OF_CA "}", PCA_CA },
	{ "DescribeCertificateAuthority", describe_ca, PCA_OF_CA "}", "{\"CertificateAuthority\":" PCA_A_CA "}", "5555 ROOT ACTIVE Acme 1500000000 -|" },
	{ "ListCertificateAuthorities", list_cas, "{\"MaxResults\":100,\"ResourceOwner\":\"OTHER_ACCOUNTS\"}",
	    "{\"NextToken\":null,\"CertificateAuthorities\":[" PCA_A_CA "," PCA_A_CA "]}", "5555 ROOT ACTIVE Acme 1500000000 -|5555 ROOT ACTIVE Acme 1500000000 -|" },
	{ "UpdateCertificateAuthority", update_ca,
	    PCA_OF_CA ",\"Status\":\"DISABLED\",\"RevocationConfiguration\":{\"CrlConfiguration\":{\"Enabled\":true,\"ExpirationInDays\":7,\"S3BucketName\":\"lists\","
	    "\"S3ObjectAcl\":\"BUCKET_OWNER_FULL_CONTROL\"},\"OcspConfiguration\":{\"Enabled\":false}}}", "{}", "" },
	{ "UpdateCertificateAuthority", update_state, PCA_OF_CA ",\"Status\":\"ACTIVE\"}", "", "" },
	{ "DeleteCertificateAuthority", delete_ca, PCA_OF_CA ",\"PermanentDeletionTimeInDays\":7}", "", "" },
	{ "DeleteCertificateAuthority", delete_ca_later, PCA_OF_CA "}", "{}", "" },
	{ "RestoreCertificateAuthority", restore_ca, PCA_OF_CA "}", "{}", "" },
	{ "GetCertificateAuthorityCsr", get_csr, PCA_OF_CA "}",
	    "{\"Csr\":\"-----BEGIN CERTIFICATE REQUEST-----\\nMIIBAAAA\\n-----END CERTIFICATE REQUEST-----\\n\"}", PCA_CSR },
	{ "GetCertificateAuthorityCertificate", get_ca_certificate, PCA_OF_CA "}", "{\"Certificate\":\"" PCA_ONE_JSON "\"}", PCA_ONE "\n|no chain" },
	{ "ImportCertificateAuthorityCertificate", import_root, PCA_OF_CA ",\"Certificate\":\"" PCA_ONE_BLOB "\"}", "{}", "" },
	{ "ImportCertificateAuthorityCertificate", import_subordinate,
	    PCA_OF_CA ",\"Certificate\":\"" PCA_ONE_BLOB "\",\"CertificateChain\":\"" PCA_TWO_BLOB "\"}", "{}", "" },
	{ "IssueCertificate", issue_certificate,
	    PCA_OF_CA ",\"Csr\":\"" PCA_CSR_BLOB "\",\"SigningAlgorithm\":\"SHA256WITHRSA\",\"TemplateArn\":\"arn:aws:acm-pca:::template/EndEntityServerAuthCertificate_APIPassthrough/V1\","
	    "\"Validity\":{\"Value\":1800000000,\"Type\":\"ABSOLUTE\"},\"ValidityNotBefore\":{\"Value\":1700000000,\"Type\":\"ABSOLUTE\"},"
	    "\"ApiPassthrough\":{\"Extensions\":{\"SubjectAlternativeNames\":[{\"DnsName\":\"a.internal\"}]}},\"IdempotencyToken\":\"" PCA_TOKEN "\"}",
	    "{\"CertificateArn\":\"" PCA_CERT_ARN "\"}", PCA_CERT_ARN },
	{ "IssueCertificate", issue_plainly,
	    PCA_OF_CA ",\"Csr\":\"" PCA_CSR_BLOB "\",\"SigningAlgorithm\":\"SHA256WITHRSA\",\"Validity\":{\"Value\":30,\"Type\":\"DAYS\"},\"IdempotencyToken\":\"" PCA_TOKEN "\"}",
	    "{\"CertificateArn\":\"" PCA_CERT_ARN "\"}", PCA_CERT_ARN },
	{ "GetCertificate", get_certificate, PCA_OF_CA ",\"CertificateArn\":\"" PCA_CERT_ARN "\"}",
	    "{\"Certificate\":\"" PCA_ONE_JSON "\",\"CertificateChain\":\"" PCA_TWO_JSON "\"}",
	    PCA_ONE "\n|" PCA_ONE "\n-----BEGIN CERTIFICATE-----\nMIICBBBB\n-----END CERTIFICATE-----\n" },
	{ "RevokeCertificate", revoke_certificate, PCA_OF_CA ",\"CertificateSerial\":\"a4:e9\",\"RevocationReason\":\"KEY_COMPROMISE\"}", "{}", "" },
	{ "CreateCertificateAuthorityAuditReport", create_report, PCA_OF_CA ",\"S3BucketName\":\"reports\",\"AuditReportResponseFormat\":\"CSV\"}",
	    "{\"AuditReportId\":\"22222222\",\"S3Key\":\"audit-report/1/2.csv\"}", "22222222 audit-report/1/2.csv" },
	{ "DescribeCertificateAuthorityAuditReport", describe_report, PCA_OF_CA ",\"AuditReportId\":\"22222222-2222-3333-4444-555555555555\"}",
	    "{\"AuditReportStatus\":\"SUCCESS\",\"S3BucketName\":\"reports\",\"S3Key\":\"k\",\"CreatedAt\":1500000000.5}", "SUCCESS reports k 1500000000" },
	{ "CreatePermission", create_permission,
	    PCA_OF_CA ",\"Principal\":\"acm.amazonaws.com\",\"SourceAccount\":\"111122223333\",\"Actions\":[\"IssueCertificate\",\"GetCertificate\",\"ListPermissions\"]}", "{}", "" },
	{ "DeletePermission", delete_permission, PCA_OF_CA ",\"Principal\":\"acm.amazonaws.com\"}", "{}", "" },
	{ "ListPermissions", list_permissions, PCA_OF_CA "}",
	    "{\"Permissions\":[{\"Principal\":\"acm.amazonaws.com\",\"SourceAccount\":\"111122223333\",\"Actions\":[\"IssueCertificate\",\"GetCertificate\"],\"CreatedAt\":1}]}",
	    "acm.amazonaws.com 111122223333 2 GetCertificate|" },
	{ "PutPolicy", put_policy, "{\"ResourceArn\":\"" PCA_CA "\",\"Policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\"}\"}", "{}", "" },
	{ "GetPolicy", get_policy, "{\"ResourceArn\":\"" PCA_CA "\"}", "{\"Policy\":\"{\\\"Version\\\":1}\"}", "{\"Version\":1}" },
	{ "DeletePolicy", delete_policy, "{\"ResourceArn\":\"" PCA_CA "\"}", "{}", "" },
	{ "TagCertificateAuthority", tag_ca, PCA_OF_CA ",\"Tags\":[{\"Key\":\"env\",\"Value\":\"prod\"},{\"Key\":\"only-key\"}]}", "{}", "" },
	{ "UntagCertificateAuthority", untag_ca, PCA_OF_CA ",\"Tags\":[{\"Key\":\"env\",\"Value\":\"prod\"},{\"Key\":\"only-key\"}]}", "{}", "" },
	{ "ListTags", list_tags, PCA_OF_CA "}", "{\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"},{\"Key\":\"c\"}],\"NextToken\":null}", "a=b|c=|" },
};
const size_t pca_operations_len = sizeof pca_operations / sizeof pca_operations[0];
