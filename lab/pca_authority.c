/* Operations on CAs themselves: create, describe, list, update, delete, restore; their CSR and certificate. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"
#include "model/limits.h"

enum { DAY = 86400, DELETION_DAYS = 30, PAGE = 100 /* whatever is asked for */ };

static const char *
text_in(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

static void
invalid_args(struct pca_call *k, const char *text)
{
	cloud_fail(k->p, "InvalidArgsException", "%s", text);
}

void
pca_fault_reply(struct pca_call *k, const struct pca_fault *fault)
{
	cloud_fail(k->p, fault->code, "%s", fault->message);
}

/* ---- create ---- */

static bool
check_configuration(struct pca_call *k, const cJSON *configuration)
{
	static const char *const families[][2] = { { "RSA_2048", "RSA" }, { "RSA_3072", "RSA" }, { "RSA_4096", "RSA" },
		{ "EC_prime256v1", "ECDSA" }, { "EC_secp384r1", "ECDSA" }, { "EC_secp521r1", "ECDSA" } };
	const char *key = text_in(configuration, "KeyAlgorithm"), *signing = text_in(configuration, "SigningAlgorithm");
	struct pca_fault fault = { .code = "" };
	X509_NAME *name;
	size_t i = 0, len = sizeof families / sizeof families[0];

	while (i < len && strcmp(families[i][0], key) != 0)
		i++;
	if (i == len) {
		invalid_args(k, "The key algorithm is not supported in this region.");
		return false;
	}
	if (strncmp(signing, "SHA", 3) != 0 || strstr(signing, "WITH") == NULL || strcmp(strstr(signing, "WITH") + 4, families[i][1]) != 0) {
		invalid_args(k, "The signing algorithm is not compatible with the key algorithm.");
		return false;
	}
	name = pca_subject_name(cJSON_GetObjectItemCaseSensitive(configuration, "Subject"), &fault);
	if (name == NULL) {
		pca_fault_reply(k, &fault);
		return false;
	}
	X509_NAME_free(name);
	return true;
}

static bool
check_storage(struct pca_call *k)
{
	const char *standard = pca_in_text(k, "KeyStorageSecurityStandard");

	if (standard == NULL || strcmp(standard, "FIPS_140_2_LEVEL_3_OR_HIGHER") == 0)
		return true;
	invalid_args(k, "A certificate authority cannot be created in this region with the specified security standard.");
	return false;
}

static void
reply_arn(struct pca_call *k, const char *arn)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "CertificateAuthorityArn", arn);
	cloud_reply_json(k->p, o);
}

static bool
below_quota(struct pca_call *k)
{
	/* A deleted one counts until it can no longer be restored. */
	int64_t there = sql_int(k->db, 0, "SELECT count(*) FROM pca_ca WHERE account = ? AND region = ? AND NOT (status = 'DELETED' AND restorable_until < ?)",
	    "tti", k->q->account, k->q->region, k->q->now);

	if (there < LIMIT_CLOUD_CAS)
		return true;
	cloud_fail(k->p, "LimitExceededException", "You have reached the maximum number of certificate authorities: %d.", LIMIT_CLOUD_CAS);
	return false;
}

void
pca_create(struct pca_call *k)
{
	const cJSON *configuration = pca_in(k, "CertificateAuthorityConfiguration"), *tags = pca_in(k, "Tags");
	const char *usage = pca_in_text(k, "UsageMode"), *arn;
	char uuid[37], *settings, *revocation;
	bool kept;

	if (!pca_token_find(k, &arn))
		return;
	if (arn != NULL) {
		reply_arn(k, arn);
		return;
	}
	if (!check_configuration(k, configuration) || !check_storage(k) || !below_quota(k) ||
	    (revocation = pca_revocation_check(k, pca_in(k, "RevocationConfiguration"), NULL)) == NULL)
		return;
	cloud_uuid(uuid);
	arn = arena_printf(k->a, "arn:aws:acm-pca:%s:%s:certificate-authority/%s", k->q->region, k->q->account, uuid);
	settings = cJSON_PrintUnformatted(configuration);
	kept = sql_do(k->db, "INSERT INTO pca_ca(uuid, arn, account, region, type, usage, storage, status, created, changed, configuration, revocation)"
	    " VALUES (?, ?, ?, ?, ?, ?, 'FIPS_140_2_LEVEL_3_OR_HIGHER', 'CREATING', ?, ?, ?, ?)", "ttttttiitt", uuid, arn, k->q->account, k->q->region,
	    pca_in_text(k, "CertificateAuthorityType"), usage != NULL ? usage : "GENERAL_PURPOSE", k->q->now, k->q->now, settings, revocation) &&
	    pca_token_keep(k, arn);
	cJSON_free(settings);
	if (!kept) {
		cloud_fail(k->p, "InternalFailure", "The CA could not be stored.");
		return;
	}
	if (tags != NULL && !pca_tags_add(k, sqlite3_last_insert_rowid(k->db), tags)) {
		sql_do(k->db, "DELETE FROM pca_ca WHERE uuid = ?", "t", uuid);
		sql_do(k->db, "DELETE FROM pca_token WHERE arn = ?", "t", arn);
		return;
	}
	pca_worker_wants(k);
	reply_arn(k, arn);
}

/* ---- describe, list ---- */

void
pca_describe(struct pca_call *k)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToObject(o, "CertificateAuthority", pca_json_of(k->ca));
	cloud_reply_json(k->p, o);
}

/* CAs of others come here by a resource policy. */
static bool
is_shared(struct pca_call *k, const struct pca_ca *ca)
{
	return ca->policy != NULL && strstr(ca->policy, k->q->account) != NULL;
}

void
pca_list(struct pca_call *k)
{
	const char *owner = pca_in_text(k, "ResourceOwner");
	bool others = owner != NULL && strcmp(owner, "OTHER_ACCOUNTS") == 0;
	cJSON *o = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(o, "CertificateAuthorities");
	const char *what = arena_printf(k->a, "cas %s", others ? "others" : "self");
	int64_t after, limit, n = 0, last = 0;
	sqlite3_stmt *s;

	if (!pca_page(k, what, PAGE, &after, &limit)) {
		cJSON_Delete(o);
		return;
	}
	s = sql(k->db, others ? "SELECT " PCA_CA_COLUMNS " FROM pca_ca WHERE account <> ? AND region = ? AND id > ? AND policy IS NOT NULL ORDER BY id" :
	    "SELECT " PCA_CA_COLUMNS " FROM pca_ca WHERE account = ? AND region = ? AND id > ? ORDER BY id", "tti", k->q->account, k->q->region, after);
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct pca_ca *ca = pca_load_row(s, k->a, k->q->now);
		if (ca == NULL || (others && !is_shared(k, ca)))
			continue;
		if (n++ == limit) {
			pca_page_next(k, o, what, last);
			break;
		}
		cJSON_AddItemToArray(list, pca_json_of(ca));
		last = ca->id;
	}
	sqlite3_finalize(s);
	cloud_reply_json(k->p, o);
}

/* ---- update, delete, restore ---- */

void
pca_update(struct pca_call *k)
{
	const char *state = pca_in_text(k, "Status");
	const cJSON *given = pca_in(k, "RevocationConfiguration");
	char *revocation = NULL;

	if (state == NULL && given == NULL) {
		invalid_args(k, "Either a status or a revocation configuration must be specified.");
		return;
	}
	if (state != NULL && strcmp(state, "ACTIVE") != 0 && strcmp(state, "DISABLED") != 0) {
		invalid_args(k, "The status of a certificate authority can only be updated to ACTIVE or DISABLED.");
		return;
	}
	if (given != NULL && (revocation = pca_revocation_check(k, given, k->ca->revocation)) == NULL)
		return;
	if (revocation != NULL) {
		sql_do(k->db, "UPDATE pca_ca SET revocation = ? WHERE id = ?", "ti", revocation, k->ca->id);
		pca_crl_stale(k->db, k->ca->id);
	}
	if (state != NULL && strcmp(state, pca_state_word(k->ca->stored)) != 0)
		sql_do(k->db, "UPDATE pca_ca SET status = ?, changed = ? WHERE id = ?", "tii", state, k->q->now, k->ca->id);
}

/* What was never a CA leaves at once; its worker finds nothing to do. */
static void
forget(struct pca_call *k)
{
	sql_do(k->db, "DELETE FROM pca_tag WHERE ca = ?", "i", k->ca->id);
	sql_do(k->db, "DELETE FROM pca_permission WHERE ca = ?", "i", k->ca->id);
	sql_do(k->db, "DELETE FROM pca_token WHERE arn = ?", "t", k->ca->arn);
	sql_do(k->db, "DELETE FROM pca_ca WHERE id = ?", "i", k->ca->id);
}

void
pca_delete(struct pca_call *k)
{
	const cJSON *days = pca_in(k, "PermanentDeletionTimeInDays");
	int64_t until = k->q->now + (days != NULL ? (int64_t)days->valuedouble : DELETION_DAYS) * DAY;

	if (k->ca->state == PCA_CREATING || k->ca->state == PCA_FAILED)
		forget(k);
	else
		sql_do(k->db, "UPDATE pca_ca SET before = status, status = 'DELETED', changed = ?, restorable_until = ? WHERE id = ?", "iii", k->q->now,
		    until, k->ca->id);
}

void
pca_restore(struct pca_call *k)
{
	sql_do(k->db, "UPDATE pca_ca SET status = before, before = NULL, restorable_until = NULL, changed = ? WHERE id = ?", "ii", k->q->now, k->ca->id);
}

/* ---- its CSR and its certificate ---- */

void
pca_tell_csr(struct pca_call *k)
{
	cJSON *o;

	if (k->ca->state == PCA_CREATING) {
		pca_worker_wants(k); /* a full disk may have kept it from being made */
		cloud_fail(k->p, "RequestInProgressException", "The certificate authority is being created: its certificate signing request is not available yet.");
		return;
	}
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "Csr", k->ca->csr);
	cloud_reply_json(k->p, o);
}

void
pca_tell_ca_certificate(struct pca_call *k)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "Certificate", k->ca->certificate);
	if (k->ca->chain != NULL)
		cJSON_AddStringToObject(o, "CertificateChain", k->ca->chain);
	cloud_reply_json(k->p, o);
}

/* The certificates of PEM, one after the other, a newline between them and none at the end. */
static char *
tidy_chain(struct arena *a, const unsigned char *pem, size_t len)
{
	BIO *in = BIO_new_mem_buf(pem, (int)len);
	struct buf b = { 0 };
	char *text;
	X509 *x;

	while (in != NULL && b.len < LIMIT_CLOUD_BODY && (x = PEM_read_bio_X509(in, NULL, NULL, (void *)"")) != NULL) {
		if (b.len > 0)
			buf_addc(&b, '\n');
		buf_adds(&b, pca_pem(x, a));
		X509_free(x);
	}
	ERR_clear_error();
	BIO_free(in);
	text = b.len > 0 ? arena_strdup(a, buf_str(&b)) : NULL;
	buf_done(&b);
	return text;
}

bool
pca_put_certificate(sqlite3 *db, struct arena *a, const struct pca_ca *ca, X509 *x, const char *chain, const char *state, int64_t now)
{
	unsigned char serial[64] = { 0 };
	char hex[3 * sizeof serial];
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	int len = n != NULL && BN_num_bytes(n) <= (int)sizeof serial ? BN_bn2bin(n, serial) : 0;

	BN_free(n);
	pca_hex(serial, len > 0 ? (size_t)len : 1, ":", hex);
	return sql_do(db, "UPDATE pca_ca SET certificate = ?, chain = ?, serial = ?, not_before = ?, not_after = ?, status = ?, changed = ?, crl_stale = 1"
	    " WHERE id = ?", "tttiitii", pca_pem(x, a), chain, hex, pca_time(X509_get0_notBefore(x)), pca_time(X509_get0_notAfter(x)), state, now, ca->id);
}

void
pca_import(struct pca_call *k)
{
	size_t len, chain_len;
	const unsigned char *pem = pca_in_blob(k, "Certificate", &len), *chain = pca_in_blob(k, "CertificateChain", &chain_len);
	struct pca_fault fault = { .code = "" };
	EVP_PKEY *key = pca_key_of(k->db, k->ca->id);
	X509 *x = NULL;

	if (!pca_check_import(strcmp(k->ca->type, "ROOT") == 0, key, pem, len, chain_len > 0 ? chain : NULL, chain_len, k->q->now, &fault, &x))
		pca_fault_reply(k, &fault);
	else
		pca_put_certificate(k->db, k->a, k->ca, x, chain_len > 0 ? tidy_chain(k->a, chain, chain_len) : NULL,
		    k->ca->stored == PCA_DISABLED ? "DISABLED" : "ACTIVE", k->q->now);
	X509_free(x);
	EVP_PKEY_free(key);
}
