/*
 * AWS Private CA (acm-pca, 2017-08-22): all 23 operations, knowledge "aws" 1. Results are in the caller's arena. Strings
 * out of AWS are raw bytes there: what shows them makes them printable. Times are seconds since the epoch, TIME_UNKNOWN
 * where absent.
 */
#ifndef AWS_PCA_H
#define AWS_PCA_H

#include "aws/client.h"
#include "model/memory.h"

enum { PCA_ARN_MAX = 201 };

struct pca_pair {
	const char *name, *value; /* a custom attribute's OID, or a tag's key */
};

/* ASN1Subject. NULL: not set. custom goes alone. */
struct pca_subject {
	const char *country, *organization, *organizational_unit, *dn_qualifier, *state, *common_name, *serial_number, *locality,
	    *title, *surname, *given_name, *initials, *pseudonym, *generation_qualifier;
	const struct pca_pair *custom;
	size_t custom_len;
};

struct pca_revocation {
	bool crl, ocsp;
	int crl_days;                /* ExpirationInDays; 0: not set */
	const char *crl_bucket, *crl_cname, *crl_acl, *crl_type, *crl_path, *ocsp_cname;
	bool omit_extension;
};

struct pca_ca {
	const char *arn, *owner;
	const char *type;            /* ROOT, SUBORDINATE */
	const char *status;          /* CREATING … DELETED: AWS's words */
	const char *failure;         /* or NULL */
	const char *serial;          /* as AWS writes it; NULL before a certificate is imported */
	const char *key_algorithm, *signing_algorithm, *usage_mode, *key_storage;
	struct pca_subject subject;
	struct pca_revocation revocation;
	int64_t created, changed, not_before, not_after, restorable_until;
};

struct pca_validity {
	const char *type;            /* END_DATE ABSOLUTE DAYS MONTHS YEARS; NULL: not set */
	int64_t value;
};

struct pca_create {
	const char *type, *key_algorithm, *signing_algorithm;
	struct pca_subject subject;
	const struct pca_revocation *revocation; /* NULL: not set */
	const char *usage_mode, *key_storage;    /* NULL: not set */
	const struct pca_pair *tags;
	size_t tags_len;
	const char *token;                       /* made by the caller before the first try, and kept */
};

struct pca_issue {
	const char *ca, *csr_pem;                /* whole PEM */
	const char *signing_algorithm;           /* by the CA's key: pca_signing_algorithm() */
	const char *template_arn;                /* NULL: EndEntityCertificate/V1 */
	struct pca_validity validity, not_before;
	const cJSON *api_passthrough;            /* borrowed, AWS's own shape; NULL */
	const char *token;
};

struct pca_certificate {
	const char *pem;                         /* one certificate */
	const char *chain;                       /* issuing CA first, the root last; NULL: a root */
};

struct pca_permission {
	const char *principal, *source_account, *policy;
	const char **actions;
	size_t actions_len;
	int64_t created;
};

status pca_create_ca(struct aws_client *c, const struct pca_create *r, struct arena *a, const char **arn, struct aws_error *err) MUST_USE;
status pca_describe_ca(struct aws_client *c, const char *ca, struct arena *a, struct pca_ca *out, struct aws_error *err) MUST_USE;
/* Every page. owner: NULL (SELF) or "OTHER_ACCOUNTS". */
status pca_list_cas(struct aws_client *c, const char *owner, struct arena *a, struct pca_ca **out, size_t *len, struct aws_error *err) MUST_USE;
/* status NULL, revocation NULL: unchanged. A disabling configuration sends Enabled=false alone. */
status pca_update_ca(struct aws_client *c, const char *ca, const char *status, const struct pca_revocation *r, struct aws_error *err) MUST_USE;
status pca_delete_ca(struct aws_client *c, const char *ca, int days, struct aws_error *err) MUST_USE; /* 7 to 30; 0: AWS's 30 */
status pca_restore_ca(struct aws_client *c, const char *ca, struct aws_error *err) MUST_USE;
status pca_get_csr(struct aws_client *c, const char *ca, struct arena *a, const char **pem, struct aws_error *err) MUST_USE;
status pca_get_ca_certificate(struct aws_client *c, const char *ca, struct arena *a, struct pca_certificate *out, struct aws_error *err) MUST_USE;
status pca_import_ca_certificate(struct aws_client *c, const char *ca, const char *pem, const char *chain, struct aws_error *err) MUST_USE;
status pca_issue_certificate(struct aws_client *c, const struct pca_issue *r, struct arena *a, const char **arn, struct aws_error *err) MUST_USE;
status pca_get_certificate(struct aws_client *c, const char *ca, const char *arn, struct arena *a, struct pca_certificate *out, struct aws_error *err) MUST_USE;
status pca_revoke_certificate(struct aws_client *c, const char *ca, const char *serial_hex, const char *reason, struct aws_error *err) MUST_USE;
/* format: "JSON" or "CSV". */
status pca_create_report(struct aws_client *c, const char *ca, const char *bucket, const char *format, struct arena *a,
    const char **id, const char **key, struct aws_error *err) MUST_USE;
struct pca_report {
	const char *status, *bucket, *key;       /* CREATING, SUCCESS, FAILED */
	int64_t created;
};
status pca_describe_report(struct aws_client *c, const char *ca, const char *id, struct arena *a, struct pca_report *out, struct aws_error *err) MUST_USE;
status pca_create_permission(struct aws_client *c, const char *ca, const char *principal, const char *account, const char *const actions[],
    size_t len, struct aws_error *err) MUST_USE;
status pca_delete_permission(struct aws_client *c, const char *ca, const char *principal, const char *account, struct aws_error *err) MUST_USE;
status pca_list_permissions(struct aws_client *c, const char *ca, struct arena *a, struct pca_permission **out, size_t *len, struct aws_error *err) MUST_USE;
status pca_put_policy(struct aws_client *c, const char *arn, const char *policy, struct aws_error *err) MUST_USE;
status pca_get_policy(struct aws_client *c, const char *arn, struct arena *a, const char **policy, struct aws_error *err) MUST_USE;
status pca_delete_policy(struct aws_client *c, const char *arn, struct aws_error *err) MUST_USE;
status pca_tag_ca(struct aws_client *c, const char *ca, const struct pca_pair *tags, size_t len, struct aws_error *err) MUST_USE;
status pca_untag_ca(struct aws_client *c, const char *ca, const struct pca_pair *tags, size_t len, struct aws_error *err) MUST_USE;
status pca_list_tags(struct aws_client *c, const char *ca, struct arena *a, struct pca_pair **out, size_t *len, struct aws_error *err) MUST_USE;

/* Waiters (knowledge "aws" 1.2): bounded; AWS_IN_PROGRESS when the time is up, and what was asked for still stands. */
typedef void (*pca_waiting)(void *user, unsigned tries, unsigned of);
status pca_wait_certificate(struct aws_client *c, const char *ca, const char *arn, pca_waiting tell, void *user, struct arena *a,
    struct pca_certificate *out, struct aws_error *err) MUST_USE;
status pca_wait_csr(struct aws_client *c, const char *ca, pca_waiting tell, void *user, struct arena *a, const char **pem, struct aws_error *err) MUST_USE;
status pca_wait_report(struct aws_client *c, const char *ca, const char *id, pca_waiting tell, void *user, struct arena *a,
    struct pca_report *out, struct aws_error *err) MUST_USE;

/* What a CA with this key signs with: RSA_2048 → SHA256WITHRSA, EC_secp384r1 → SHA384WITHECDSA. NULL: unknown to us. */
const char *pca_signing_algorithm(const char *key_algorithm);
/* "arn:aws:acm-pca:::template/NAME/V1" in the partition, into out[PCA_ARN_MAX]. */
void pca_template_arn(const char *partition, const char *name, char out[PCA_ARN_MAX]);

#endif
