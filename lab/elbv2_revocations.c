/* Revocation lists of trust stores, and where copies are kept. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/elbv2_copies.h"
#include "lab/presign.h"
#include "lab/s3_store.h"
#include "lab/sql.h"

enum { LISTS_MOST = 30, ENTRIES_MOST = 500 * 1000, LIST_BYTES = 50 * 1024 * 1024, LOCATION_SECONDS = 600 };

char *
elb_keep(struct elb_call *k, const char *bytes, size_t len)
{
	char id[17];

	if (!cloud_s3_has_bucket(k->c, ELB_COPIES) &&
	    !sql_do(k->db, "INSERT INTO s3_buckets(name, region, owner, created) VALUES (?, ?, ?, ?)", "ttti", ELB_COPIES, k->q->region, ELB_OWNER,
	    k->q->now))
		return NULL;
	elb_id(id);
	return cloud_s3_put(k->c, ELB_COPIES, id, bytes, len, "application/x-pem-file") ? arena_strdup(k->q->arena, id) : NULL;
}

void
elb_drop(struct elb_call *k, const char *copy)
{
	struct s3_object gone;

	/* What stays behind because the disk is full is a copy that nobody names. */
	if (copy != NULL)
		(void)s3_delete(k->c, ELB_COPIES, copy, NULL, k->q->arena, &gone);
}

/* DER or PEM; -1: it is no list. */
static int64_t
revoked_entries(const struct buf *bytes)
{
	const unsigned char *der = (const unsigned char *)bytes->data;
	BIO *pem = BIO_new_mem_buf(bytes->data, (int)bytes->len);
	X509_CRL *crl = bytes->len > 0 ? d2i_X509_CRL(NULL, &der, (long)bytes->len) : NULL;
	int64_t n = -1;

	if (crl == NULL && pem != NULL)
		crl = PEM_read_bio_X509_CRL(pem, NULL, NULL, NULL);
	if (crl != NULL)
		n = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));
	if (crl != NULL && n < 0)
		n = 0; /* no list at all of revoked certificates */
	X509_CRL_free(crl);
	BIO_free(pem);
	ERR_clear_error();
	return n;
}

static cJSON *
described(const char *store, int64_t id, int64_t entries)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "TrustStoreArn", store);
	cJSON_AddNumberToObject(out, "RevocationId", (double)id);
	cJSON_AddStringToObject(out, "RevocationType", "CRL");
	cJSON_AddNumberToObject(out, "NumberOfRevokedEntries", (double)entries);
	return out;
}

/* False: *p says why. */
static bool
add_one(struct elb_call *k, const char *store, const cJSON *content, cJSON *list)
{
	const char *bucket = given_text(content, "S3Bucket"), *key = given_text(content, "S3Key"), *type = given_text(content, "RevocationType");
	struct buf bytes = { 0 };
	int64_t entries = -1;
	char *copy = NULL;

	if (bucket == NULL || key == NULL || !cloud_s3_get(k->c, bucket, key, given_text(content, "S3ObjectVersion"), &bytes))
		cloud_fail(k->p, "RevocationContentNotFound", "The specified revocation file does not exist: s3://%s/%s", bucket != NULL ? bucket : "",
		    key != NULL ? key : "");
	else if (bytes.len > LIST_BYTES || (type != NULL && strcmp(type, "CRL") != 0) || (entries = revoked_entries(&bytes)) < 0)
		cloud_fail(k->p, "InvalidRevocationContent", "The provided revocation file is an invalid format, or uses an incorrect algorithm: s3://%s/%s",
		    bucket, key);
	else if (sql_int(k->db, 0, "SELECT count(*) FROM elb_revocations WHERE store = ?", "t", store) >= LISTS_MOST ||
	    sql_int(k->db, 0, "SELECT sum(entries) FROM elb_revocations WHERE store = ?", "t", store) + entries > ENTRIES_MOST)
		cloud_fail(k->p, "TooManyTrustStoreRevocationEntries", "The specified trust store has too many revocation entries");
	else if ((copy = elb_keep(k, bytes.data, bytes.len)) == NULL ||
	    !sql_do(k->db, "INSERT INTO elb_revocations(store, entries, object) VALUES (?, ?, ?)", "tit", store, entries, copy))
		elb_broken(k);
	else
		cJSON_AddItemToArray(list, described(store, sqlite3_last_insert_rowid(k->db), entries));
	buf_done(&bytes);
	return k->p->status == 200;
}

void
elb_add_revocations(struct elb_call *k)
{
	const char *store = given_text(k->in, "TrustStoreArn");
	const cJSON *contents = given(k->in, "RevocationContents"), *one;

	if (!elb_has_store(k, store))
		return;
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "TrustStoreRevocations");
	/* All of them or none. */
	bool good = sql_do(k->db, "SAVEPOINT revocations", "");
	cJSON_ArrayForEach(one, contents)
		good = good && add_one(k, store, one, list);
	if (!good)
		sql_do(k->db, "ROLLBACK TO revocations", "");
	sql_do(k->db, "RELEASE revocations", "");
	if (good)
		elb_reply(k, out);
	else
		cJSON_Delete(out);
}

/* 0 with *p: the store has no such list. */
static int64_t
revocation_of(struct elb_call *k, const char *store, const char *id)
{
	int64_t number = id != NULL ? strtoll(id, NULL, 10) : 0;

	if (sql_int(k->db, 0, "SELECT 1 FROM elb_revocations WHERE store = ? AND id = ?", "ti", store, number) == 1)
		return number;
	cloud_fail(k->p, "RevocationIdNotFound", "Revocation ID '%s' not found", id != NULL ? id : "");
	return 0;
}

static bool
all_there(struct elb_call *k, const char *store, const cJSON *ids)
{
	const cJSON *id;

	cJSON_ArrayForEach(id, ids)
		if (revocation_of(k, store, cJSON_IsString(id) ? id->valuestring : NULL) == 0)
			return false;
	return true;
}

void
elb_describe_revocations(struct elb_call *k)
{
	const char *store = given_text(k->in, "TrustStoreArn");
	const cJSON *ids = given(k->in, "RevocationIds"), *id;

	if (!elb_has_store(k, store) || !all_there(k, store, ids))
		return;
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "TrustStoreRevocations");
	sqlite3_stmt *s = sql(k->db, "SELECT id, entries FROM elb_revocations WHERE store = ? ORDER BY id", "t", store);
	while (sqlite3_step(s) == SQLITE_ROW) {
		bool wanted = !cJSON_IsArray(ids);
		cJSON_ArrayForEach(id, ids)
			wanted = wanted || strtoll(id->valuestring, NULL, 10) == sqlite3_column_int64(s, 0);
		if (wanted)
			cJSON_AddItemToArray(list, described(store, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1)));
	}
	sqlite3_finalize(s);
	elb_reply(k, out);
}

void
elb_remove_revocations(struct elb_call *k)
{
	const char *store = given_text(k->in, "TrustStoreArn");
	const cJSON *ids = given(k->in, "RevocationIds"), *id;
	bool good = true;

	if (!elb_has_store(k, store) || !all_there(k, store, ids))
		return;
	cJSON_ArrayForEach(id, ids) {
		int64_t number = strtoll(id->valuestring, NULL, 10);
		elb_drop(k, sql_string(k->db, k->q->arena, "SELECT object FROM elb_revocations WHERE id = ?", "i", number));
		good = good && sql_do(k->db, "DELETE FROM elb_revocations WHERE id = ?", "i", number);
	}
	if (good)
		elb_reply(k, cJSON_CreateObject());
	else
		elb_broken(k);
}

void
elb_get_revocation(struct elb_call *k)
{
	const char *store = given_text(k->in, "TrustStoreArn");
	int64_t id = elb_has_store(k, store) ? revocation_of(k, store, given_text(k->in, "RevocationId")) : 0;

	if (id == 0)
		return;
	cJSON *out = cJSON_CreateObject();
	cJSON_AddStringToObject(out, "Location", cloud_presign(k->c, k->q, ELB_COPIES,
	    sql_string(k->db, k->q->arena, "SELECT object FROM elb_revocations WHERE id = ?", "i", id), NULL, LOCATION_SECONDS));
	elb_reply(k, out);
}
