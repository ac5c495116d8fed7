/* The CAs themselves: create, describe, list, update, delete, restore, CSR and certificate, tags. */
#include "aws/pca.h"

#include <stdio.h>
#include <string.h>

#include "aws/pca_call.h"

enum { PAGE = 100 }; /* AWS gives at most as many a page, whatever is asked for */

status
pca_create_ca(struct aws_client *c, const struct pca_create *r, struct arena *a, const char **arn, struct aws_error *err)
{
	cJSON *in = pca_write_create(r, err);

	return in != NULL ? pca_ask(c, "CreateCertificateAuthority", in, a, pca_read_ca_arn, arn, err) : STATUS_FAILED;
}

status
pca_describe_ca(struct aws_client *c, const char *ca, struct arena *a, struct pca_ca *out, struct aws_error *err)
{
	return pca_ask(c, "DescribeCertificateAuthority", pca_request(ca), a, pca_read_described, out, err);
}

status
pca_list_cas(struct aws_client *c, const char *owner, struct arena *a, struct pca_ca **out, size_t *len, struct aws_error *err)
{
	struct pca_rows rows = { 0 };
	cJSON *in = cJSON_CreateObject();
	status s;

	cJSON_AddNumberToObject(in, "MaxResults", PAGE);
	if (owner != NULL)
		cJSON_AddStringToObject(in, "ResourceOwner", owner);
	s = pca_ask_pages(c, "ListCertificateAuthorities", in, a, pca_read_cas, &rows, err);
	*out = s == STATUS_OK ? rows.items : NULL;
	*len = s == STATUS_OK ? rows.len : 0;
	return s;
}

status
pca_update_ca(struct aws_client *c, const char *ca, const char *state, const struct pca_revocation *r, struct aws_error *err)
{
	cJSON *in = pca_request(ca);

	if (state != NULL)
		cJSON_AddStringToObject(in, "Status", state);
	if (r != NULL)
		cJSON_AddItemToObject(in, "RevocationConfiguration", pca_write_revocation(r));
	return pca_ask(c, "UpdateCertificateAuthority", in, NULL, NULL, NULL, err);
}

status
pca_delete_ca(struct aws_client *c, const char *ca, int days, struct aws_error *err)
{
	cJSON *in = pca_request(ca);

	if (days != 0)
		cJSON_AddNumberToObject(in, "PermanentDeletionTimeInDays", days);
	return pca_ask(c, "DeleteCertificateAuthority", in, NULL, NULL, NULL, err);
}

status
pca_restore_ca(struct aws_client *c, const char *ca, struct aws_error *err)
{
	return pca_ask(c, "RestoreCertificateAuthority", pca_request(ca), NULL, NULL, NULL, err);
}

status
pca_get_csr(struct aws_client *c, const char *ca, struct arena *a, const char **pem, struct aws_error *err)
{
	return pca_ask(c, "GetCertificateAuthorityCsr", pca_request(ca), a, pca_read_csr, pem, err);
}

status
pca_get_ca_certificate(struct aws_client *c, const char *ca, struct arena *a, struct pca_certificate *out, struct aws_error *err)
{
	return pca_ask(c, "GetCertificateAuthorityCertificate", pca_request(ca), a, pca_read_certificate, out, err);
}

status
pca_import_ca_certificate(struct aws_client *c, const char *ca, const char *pem, const char *chain, struct aws_error *err)
{
	cJSON *in = pca_write_import(ca, pem, chain, err);

	return in != NULL ? pca_ask(c, "ImportCertificateAuthorityCertificate", in, NULL, NULL, NULL, err) : STATUS_FAILED;
}

/* ---- tags ---- */

static status
change_tags(struct aws_client *c, const char *operation, const char *ca, const struct pca_pair *tags, size_t len, struct aws_error *err)
{
	cJSON *in = pca_request(ca);

	cJSON_AddItemToObject(in, "Tags", pca_write_tags(tags, len));
	return pca_ask(c, operation, in, NULL, NULL, NULL, err);
}

status
pca_tag_ca(struct aws_client *c, const char *ca, const struct pca_pair *tags, size_t len, struct aws_error *err)
{
	return change_tags(c, "TagCertificateAuthority", ca, tags, len, err);
}

status
pca_untag_ca(struct aws_client *c, const char *ca, const struct pca_pair *tags, size_t len, struct aws_error *err)
{
	return change_tags(c, "UntagCertificateAuthority", ca, tags, len, err);
}

status
pca_list_tags(struct aws_client *c, const char *ca, struct arena *a, struct pca_pair **out, size_t *len, struct aws_error *err)
{
	struct pca_rows rows = { 0 };
	status s = pca_ask_pages(c, "ListTags", pca_request(ca), a, pca_read_tags, &rows, err);

	*out = s == STATUS_OK ? rows.items : NULL;
	*len = s == STATUS_OK ? rows.len : 0;
	return s;
}

/* ---- words ---- */

/* The hash is tied to the curve, and the family to the CA's key: knowledge "aws" 1.1, SigningAlgorithm. */
static const struct {
	const char *key, *signing;
} signing_algorithms[] = {
	{ "RSA_2048", "SHA256WITHRSA" }, { "RSA_3072", "SHA256WITHRSA" }, { "RSA_4096", "SHA256WITHRSA" },
	{ "EC_prime256v1", "SHA256WITHECDSA" }, { "EC_secp384r1", "SHA384WITHECDSA" }, { "EC_secp521r1", "SHA512WITHECDSA" },
	{ "ML_DSA_44", "ML_DSA_44" }, { "ML_DSA_65", "ML_DSA_65" }, { "ML_DSA_87", "ML_DSA_87" }, { "SM2", "SM3WITHSM2" },
};

const char *
pca_signing_algorithm(const char *key_algorithm)
{
	for (size_t i = 0; key_algorithm != NULL && i < sizeof signing_algorithms / sizeof signing_algorithms[0]; i++)
		if (strcmp(signing_algorithms[i].key, key_algorithm) == 0)
			return signing_algorithms[i].signing;
	return NULL;
}

void
pca_template_arn(const char *partition, const char *name, char out[PCA_ARN_MAX])
{
	snprintf(out, PCA_ARN_MAX, "arn:%s:acm-pca:::template/%s/V1", partition, name);
}
