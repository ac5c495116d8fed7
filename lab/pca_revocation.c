/* Revocation lists: what a RevocationConfiguration may say, and the list that it leads to, in the CA's bucket. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"

enum { DAY = 86400, HOUR = 3600, LIST_DAYS = 7 /* where ExpirationInDays is not given */ };

static const cJSON *
item(const cJSON *o, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(o, name);

	return value != NULL && !cJSON_IsNull(value) ? value : NULL;
}

static const char *
text_in(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(item(o, name));
}

void
pca_lists_read(const cJSON *revocation, const struct pca_ca *ca, struct arena *a, struct pca_lists *out)
{
	const cJSON *crl = item(revocation, "CrlConfiguration"), *ocsp = item(revocation, "OcspConfiguration");
	const cJSON *days = item(crl, "ExpirationInDays");
	const char *path = text_in(crl, "CustomPath"), *cname = text_in(crl, "CustomCname"), *type = text_in(crl, "CrlType");
	const char *ocsp_cname = text_in(ocsp, "OcspCustomCname"), *bucket = text_in(crl, "S3BucketName");

	*out = (struct pca_lists){
		.crl = cJSON_IsTrue(item(crl, "Enabled")),
		.ocsp = cJSON_IsTrue(item(ocsp, "Enabled")),
		.omitted = cJSON_IsTrue(item(item(crl, "CrlDistributionPointExtensionConfiguration"), "OmitExtension")),
		.partitioned = type != NULL && strcmp(type, "PARTITIONED") == 0,
		.bucket = bucket != NULL ? arena_strdup(a, bucket) : NULL,
		.key = arena_printf(a, "%s/%s.crl", path != NULL ? path : "crl", ca->uuid),
		.cname = cname != NULL ? arena_strdup(a, cname) : NULL,
		.ocsp_cname = ocsp_cname != NULL ? arena_strdup(a, ocsp_cname) : NULL,
		.days = days != NULL ? (int64_t)days->valuedouble : LIST_DAYS,
	};
}

/* ---- the rules ---- */

static bool
has_scheme(const char *cname)
{
	return cname != NULL && strstr(cname, "://") != NULL;
}

static bool
refuse(struct pca_call *k, const char *text)
{
	cloud_fail(k->p, "InvalidArgsException", "%s", text);
	return false;
}

static bool
check_crl(struct pca_call *k, const cJSON *crl)
{
	const char *cname = text_in(crl, "CustomCname"), *bucket = text_in(crl, "S3BucketName");

	if (crl == NULL)
		return true;
	if (!cJSON_IsTrue(item(crl, "Enabled")))
		return cJSON_GetArraySize(crl) == 1 ||
		    refuse(k, "A CRL configuration that is not enabled must not have other parameters.");
	if (bucket == NULL)
		return refuse(k, "An S3 bucket name must be specified where a CRL is enabled.");
	if (has_scheme(cname))
		return refuse(k, "The custom CNAME must not include a protocol prefix such as \"http://\" or \"https://\".");
	if (cname != NULL && cJSON_IsTrue(item(item(crl, "CrlDistributionPointExtensionConfiguration"), "OmitExtension")))
		return refuse(k, "A custom CNAME cannot be combined with OmitExtension.");
	if (cloud_s3_has_bucket(k->c, bucket))
		return true;
	cloud_fail(k->p, "ValidationException", "Permission error with your S3 bucket '%s'. Check that your bucket policy, encryption settings, "
	    "S3 Block Public Access settings, and global account permissions are configured correctly. For more information, see "
	    "https://docs.aws.amazon.com/privateca/latest/userguide/crl-planning.html", bucket);
	return false;
}

static bool
check_ocsp(struct pca_call *k, const cJSON *ocsp)
{
	if (ocsp == NULL)
		return true;
	if (!cJSON_IsTrue(item(ocsp, "Enabled")))
		return cJSON_GetArraySize(ocsp) == 1 || refuse(k, "An OCSP configuration that is not enabled must not have other parameters.");
	return !has_scheme(text_in(ocsp, "OcspCustomCname")) ||
	    refuse(k, "The custom CNAME must not include a protocol prefix such as \"http://\" or \"https://\".");
}

/* What AWS fills in itself shows with Describe. */
static cJSON *
completed_crl(const cJSON *crl)
{
	cJSON *out = cJSON_Duplicate(crl, true);

	if (!cJSON_IsTrue(item(out, "Enabled")))
		return out;
	if (item(out, "ExpirationInDays") == NULL)
		cJSON_AddNumberToObject(out, "ExpirationInDays", LIST_DAYS);
	if (item(out, "S3ObjectAcl") == NULL)
		cJSON_AddStringToObject(out, "S3ObjectAcl", "PUBLIC_READ");
	return out;
}

static cJSON *
part_of(const cJSON *given, const cJSON *before, const char *name)
{
	const cJSON *from = item(given, name) != NULL ? item(given, name) : item(before, name);
	cJSON *off;

	if (from != NULL)
		return strcmp(name, "CrlConfiguration") == 0 ? completed_crl(from) : cJSON_Duplicate(from, true);
	off = cJSON_CreateObject();
	cJSON_AddBoolToObject(off, "Enabled", false);
	return off;
}

char *
pca_revocation_check(struct pca_call *k, const cJSON *given, const char *present)
{
	cJSON *before = present != NULL ? cJSON_Parse(present) : NULL, *out;
	char *text, *kept = NULL;

	if (check_crl(k, item(given, "CrlConfiguration")) && check_ocsp(k, item(given, "OcspConfiguration"))) {
		out = cJSON_CreateObject();
		cJSON_AddItemToObject(out, "CrlConfiguration", part_of(given, before, "CrlConfiguration"));
		cJSON_AddItemToObject(out, "OcspConfiguration", part_of(given, before, "OcspConfiguration"));
		text = cJSON_PrintUnformatted(out);
		kept = arena_strdup(k->a, text != NULL ? text : "{}");
		cJSON_free(text);
		cJSON_Delete(out);
	}
	cJSON_Delete(before);
	return kept;
}

void
pca_crl_stale(sqlite3 *db, int64_t ca)
{
	sql_do(db, "UPDATE pca_ca SET crl_stale = 1 WHERE id = ?", "i", ca);
}

/* ---- the list ---- */

static const struct {
	const char *name;
	int code; /* RFC 5280 5.3.1 */
} reasons[] = {
	{ "KEY_COMPROMISE", CRL_REASON_KEY_COMPROMISE }, { "CERTIFICATE_AUTHORITY_COMPROMISE", CRL_REASON_CA_COMPROMISE },
	{ "AFFILIATION_CHANGED", CRL_REASON_AFFILIATION_CHANGED }, { "SUPERSEDED", CRL_REASON_SUPERSEDED },
	{ "CESSATION_OF_OPERATION", CRL_REASON_CESSATION_OF_OPERATION }, { "PRIVILEGE_WITHDRAWN", CRL_REASON_PRIVILEGE_WITHDRAWN },
	{ "A_A_COMPROMISE", CRL_REASON_AA_COMPROMISE },
};

int
pca_reason_code(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].name, name) == 0)
			return reasons[i].code;
	return -1; /* UNSPECIFIED is not written (RFC 5280 5.3.1) */
}

static bool
add_entry(X509_CRL *crl, const void *serial, int len, int64_t revoked, const char *reason)
{
	X509_REVOKED *r = X509_REVOKED_new();
	BIGNUM *n = BN_bin2bn(serial, len, NULL);
	ASN1_INTEGER *number = BN_to_ASN1_INTEGER(n, NULL);
	ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)revoked);
	int code = pca_reason_code(reason);
	bool ok = r != NULL && number != NULL && t != NULL && X509_REVOKED_set_serialNumber(r, number) == 1 &&
	    X509_REVOKED_set_revocationDate(r, t) == 1;

	if (ok && code >= 0) {
		ASN1_ENUMERATED *e = ASN1_ENUMERATED_new();
		ok = e != NULL && ASN1_ENUMERATED_set(e, code) == 1 && X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, e, 0, X509V3_ADD_APPEND) == 1;
		ASN1_ENUMERATED_free(e);
	}
	ok = ok && X509_CRL_add0_revoked(crl, r) == 1;
	if (!ok)
		X509_REVOKED_free(r);
	ASN1_TIME_free(t);
	ASN1_INTEGER_free(number);
	BN_free(n);
	return ok;
}

/* RFC 5280 5.2.5: a list of a part says of which. */
static bool
add_scope(X509_CRL *crl, const char *url)
{
	ISSUING_DIST_POINT *idp = ISSUING_DIST_POINT_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *uri = ASN1_IA5STRING_new();
	bool ok = idp != NULL && name != NULL && uri != NULL && ASN1_STRING_set(uri, url, -1) == 1 && (idp->distpoint = DIST_POINT_NAME_new()) != NULL &&
	    (idp->distpoint->name.fullname = sk_GENERAL_NAME_new_null()) != NULL;

	if (ok) {
		idp->distpoint->type = 0;
		GENERAL_NAME_set0_value(name, GEN_URI, uri);
		ok = sk_GENERAL_NAME_push(idp->distpoint->name.fullname, name) > 0 &&
		    X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, idp, 1, X509V3_ADD_APPEND) == 1;
	} else {
		GENERAL_NAME_free(name);
		ASN1_IA5STRING_free(uri);
	}
	ISSUING_DIST_POINT_free(idp);
	return ok;
}

static bool
add_number_and_key(X509_CRL *crl, X509 *ca, int64_t number)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	const ASN1_OCTET_STRING *ski = X509_get0_subject_key_id(ca);
	AUTHORITY_KEYID *aki = ski != NULL ? AUTHORITY_KEYID_new() : NULL;
	bool ok = n != NULL && ASN1_INTEGER_set_int64(n, number) == 1 && X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, X509V3_ADD_APPEND) == 1;

	if (ok && aki != NULL) {
		aki->keyid = ASN1_OCTET_STRING_dup(ski);
		ok = aki->keyid != NULL && X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, aki, 0, X509V3_ADD_APPEND) == 1;
	}
	AUTHORITY_KEYID_free(aki);
	ASN1_INTEGER_free(n);
	return ok;
}

/* The caller's; NULL: OpenSSL did not. */
static X509_CRL *
make_list(struct cloud *c, const struct pca_ca *ca, X509 *x, EVP_PKEY *key, const struct pca_lists *l, const char *url, int64_t number, int64_t now)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(now - HOUR)), *to = ASN1_TIME_set(NULL, (time_t)(now + l->days * DAY));
	bool ok = crl != NULL && from != NULL && to != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(x)) == 1 && X509_CRL_set1_lastUpdate(crl, from) == 1 &&
	    X509_CRL_set1_nextUpdate(crl, to) == 1 && add_number_and_key(crl, x, number) && (!l->partitioned || url == NULL || add_scope(crl, url));
	sqlite3_stmt *s = sql(c->db, "SELECT serial, revoked, reason FROM pca_cert WHERE ca = ? AND revoked IS NOT NULL AND not_after > ?", "ii", ca->id, now);

	while (ok && sqlite3_step(s) == SQLITE_ROW)
		ok = add_entry(crl, sqlite3_column_blob(s, 0), sqlite3_column_bytes(s, 0), sqlite3_column_int64(s, 1), (const char *)sqlite3_column_text(s, 2));
	sqlite3_finalize(s);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	if (ok && X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, key, EVP_sha256()) > 0)
		return crl;
	ERR_clear_error();
	X509_CRL_free(crl);
	return NULL;
}

static void
publish(struct cloud *c, struct arena *a, const struct pca_ca *ca, int64_t number, int64_t now)
{
	cJSON *revocation = cJSON_Parse(ca->revocation);
	EVP_PKEY *key = pca_key_of(c->db, ca->id);
	X509 *x = pca_x509(ca->certificate);
	const char *url, *ocsp, *why = NULL;
	unsigned char *der = NULL;
	X509_CRL *crl = NULL;
	struct pca_lists l;
	int len = 0;

	pca_lists_read(revocation, ca, a, &l);
	pca_urls(c, ca, a, &url, &ocsp);
	if (l.crl && l.bucket != NULL && key != NULL && x != NULL) {
		crl = make_list(c, ca, x, key, &l, url, number, now);
		len = crl != NULL ? i2d_X509_CRL(crl, &der) : 0;
		if (len <= 0)
			why = "Failed to generate CRL. Internal failure.";
		else if (!cloud_s3_put(c, l.bucket, l.key, der, (size_t)len, "application/pkix-crl"))
			why = "Failed to write CRL to S3. Check your S3 bucket permissions.";
		pca_tell(c->db, "ACM Private CA CRL Generation", ca->arn, NULL, why == NULL, why);
	}
	sql_do(c->db, "UPDATE pca_ca SET crl_stale = 0, crl_number = ?, crl_until = ? WHERE id = ?", "iii", number, now + l.days * DAY / 2, ca->id);
	OPENSSL_free(der);
	X509_CRL_free(crl);
	X509_free(x);
	EVP_PKEY_free(key);
	cJSON_Delete(revocation);
}

void
pca_crl_settle(struct cloud *c)
{
	const struct world *w = cloud_world(c);
	int64_t now = w->now_ms(w->self) / 1000;
	struct arena *a = arena_new();
	/* Stale, or half its life is over. States that publish: knowledge "aws" 1.4. */
	sqlite3_stmt *s = sql(c->db, "SELECT " PCA_CA_COLUMNS ", crl_number FROM pca_ca WHERE (crl_stale = 1 OR crl_until < ?)"
	    " AND status IN ('ACTIVE', 'DISABLED') AND certificate IS NOT NULL", "i", now);

	while (sqlite3_step(s) == SQLITE_ROW) {
		struct pca_ca *ca = pca_load_row(s, a, now);
		if (ca != NULL && ca->state != PCA_EXPIRED)
			publish(c, a, ca, sqlite3_column_int64(s, 23) + 1, now);
	}
	sqlite3_finalize(s);
	arena_free(a);
}
