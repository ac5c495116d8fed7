/*
 * From a row that says what was asked for to a certificate. A row is written in the transaction that answers
 * IssueCertificate; signing it may happen at any time after, twice even, and only the first counts.
 */
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"

/* What is read of a row's request, and lives until pca_order_done(). */
void
pca_order_read(struct pca_order *o, sqlite3 *db, struct arena *a, const struct pca_ca *ca, const cJSON *request, int64_t now,
    const unsigned char serial[16])
{
	const cJSON *validity = cJSON_GetObjectItemCaseSensitive(request, "Validity"),
		    *not_before = cJSON_GetObjectItemCaseSensitive(request, "ValidityNotBefore"),
		    *api = cJSON_GetObjectItemCaseSensitive(request, "ApiPassthrough");
	const char *csr = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "Csr"));
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(validity, "Value"), *from = cJSON_GetObjectItemCaseSensitive(not_before, "Value");

	*o = (struct pca_order){ .ca = pca_x509(ca->certificate), .key = pca_key_of(db, ca->id) };
	o->s = (struct pca_signing){
		.template = pca_template_of(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "TemplateArn"))),
		.ca = o->ca,
		.ca_key = o->key,
		.signing_algorithm = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "SigningAlgorithm")),
		.validity = { cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(validity, "Type")), value != NULL ? (int64_t)value->valuedouble : 0 },
		.not_before = { cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(not_before, "Type")), from != NULL ? (int64_t)from->valuedouble : 0 },
		.api_passthrough = cJSON_IsNull(api) ? NULL : api,
		.short_lived = strcmp(ca->usage, "SHORT_LIVED_CERTIFICATE") == 0,
		.now = now,
	};
	if (csr != NULL)
		o->s.csr = pca_base64(a, csr, &o->s.csr_len);
	memcpy(o->s.serial, serial, sizeof o->s.serial);
}

void
pca_order_done(struct pca_order *o)
{
	X509_free(o->ca);
	EVP_PKEY_free(o->key);
	ERR_clear_error();
	*o = (struct pca_order){ .ca = NULL };
}

/* Where relying parties ask about a certificate of this CA; NULL: nowhere. */
void
pca_urls(struct cloud *c, const struct pca_ca *ca, struct arena *a, const char **crl, const char **ocsp)
{
	cJSON *json = cJSON_Parse(ca->revocation);
	struct pca_lists l;

	*crl = *ocsp = NULL;
	pca_lists_read(json, ca, a, &l);
	if (l.crl && !l.omitted)
		*crl = l.cname != NULL ? arena_printf(a, "http://%s/%s", l.cname, l.key) : arena_printf(a, "%s/%s/%s", c->url, l.bucket, l.key);
	if (l.ocsp)
		*ocsp = l.ocsp_cname != NULL ? arena_printf(a, "http://%s", l.ocsp_cname) : arena_printf(a, "%s/ocsp", c->url);
	cJSON_Delete(json);
}

static bool
keep(sqlite3 *db, struct arena *a, const struct pca_cert *row, X509 *x)
{
	return sql_do(db, "UPDATE pca_cert SET state = 1, pem = ?, subject = ?, not_before = ?, not_after = ?, request = NULL"
	    " WHERE id = ? AND state IN (0, 3)", "ttiii", pca_pem(x, a), pca_name_text(X509_get_subject_name(x), a), pca_time(X509_get0_notBefore(x)),
	    pca_time(X509_get0_notAfter(x)), row->id);
}

static bool
tell(sqlite3 *db, const struct pca_ca *ca, const struct pca_cert *row, bool success)
{
	char serial[33], arn[320];

	pca_hex(row->serial, sizeof row->serial, "", serial);
	snprintf(arn, sizeof arn, "%s/certificate/%s", ca->arn, serial);
	return pca_tell(db, "ACM Private CA Certificate Issuance", ca->arn, arn, success, success ? NULL : "Certificate ARN is in a failed state.");
}

/* The CSR of a row of --certificates is made now, with a key that nobody keeps. */
static cJSON *
request_of(const struct pca_cert *row, const struct pca_ca *ca)
{
	return row->state == PCA_CERT_UNSIGNED ? pca_bulk_request(row, ca) : cJSON_Parse(row->request != NULL ? row->request : "");
}

bool
pca_sign_row(struct cloud *c, sqlite3 *db, const struct pca_cert *row)
{
	struct arena *a = arena_new();
	/* What it is called, when it is known: the state at the moment plays no part any more. */
	struct pca_ca *ca = pca_load_id(db, a, row->ca, 0);
	struct pca_fault fault = { .code = "" };
	struct pca_order o = { .ca = NULL };
	cJSON *request = ca != NULL ? request_of(row, ca) : NULL;
	X509 *x = NULL;
	bool ok;

	if (request != NULL) {
		pca_order_read(&o, db, a, ca, request, row->issued, row->serial);
		pca_urls(c, ca, a, &o.s.crl_url, &o.s.ocsp_url);
		if (o.key != NULL && o.s.template != NULL)
			x = pca_sign(&o.s, &fault);
	}
	if (x != NULL)
		ok = keep(db, a, row, x);
	else
		ok = sql_do(db, "UPDATE pca_cert SET state = 2, fault = ? WHERE id = ? AND state IN (0, 3)", "ti", fault.message, row->id);
	if (ok && ca != NULL && row->state == PCA_CERT_PENDING && sqlite3_changes(db) > 0)
		ok = tell(db, ca, row, x != NULL);
	X509_free(x);
	pca_order_done(&o);
	cJSON_Delete(request);
	arena_free(a);
	return ok;
}
