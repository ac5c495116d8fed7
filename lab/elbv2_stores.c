/*
 * Trust stores. The bundle is copied when a store is made or modified: another object under the same key changes nothing
 * until then. The copies are objects of a bucket that belongs to the service, so that they can be fetched from it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/elbv2_parts.h"
#include "lab/elbv2_copies.h"
#include "lab/presign.h"
#include "lab/sql.h"
#include "lab/trust_bundle.h"

enum { STORES_MOST = 20, NAME_MOST = 32, PAGE_MOST = 400, LOCATION_SECONDS = 600 };

static bool
name_fits(const char *name)
{
	size_t len = name != NULL ? strlen(name) : 0;

	return len > 0 && len <= NAME_MOST && name[0] != '-' && name[len - 1] != '-' && strstr(name, "--") == NULL &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len;
}

bool
elb_has_store(struct elb_call *k, const char *arn)
{
	if (arn != NULL && sql_int(k->db, 0, "SELECT 1 FROM elb_stores WHERE arn = ? AND account = ? AND region = ?", "ttt", arn, k->q->account,
	    k->q->region) == 1)
		return true;
	cloud_fail(k->p, "TrustStoreNotFound", "Trust store '%s' not found", arn != NULL ? arn : "");
	return false;
}

static cJSON *
described(struct elb_call *k, const char *arn)
{
	cJSON *out = cJSON_CreateObject();
	sqlite3_stmt *s = sql(k->db, "SELECT name, certificates, (SELECT coalesce(sum(entries), 0) FROM elb_revocations WHERE store = arn)"
	    " FROM elb_stores WHERE arn = ?", "t", arn);

	if (sqlite3_step(s) == SQLITE_ROW) {
		cJSON_AddStringToObject(out, "Name", sql_column(s, 0, k->q->arena));
		cJSON_AddStringToObject(out, "TrustStoreArn", arn);
		cJSON_AddStringToObject(out, "Status", "ACTIVE");
		cJSON_AddNumberToObject(out, "NumberOfCaCertificates", (double)sqlite3_column_int64(s, 1));
		cJSON_AddNumberToObject(out, "TotalRevokedEntries", (double)sqlite3_column_int64(s, 2));
	}
	sqlite3_finalize(s);
	return out;
}

static void
reply_stores(struct elb_call *k, const char *arn)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "TrustStores"), described(k, arn));
	elb_reply(k, out);
}

/* The bundle that the request names, judged, and copied: the copy's name in the arena. NULL: *p says why. */
static char *
take_bundle(struct elb_call *k, size_t *certificates)
{
	const char *bucket = given_text(k->in, "CaCertificatesBundleS3Bucket"), *key = given_text(k->in, "CaCertificatesBundleS3Key");
	struct trust_bundle bundle;
	struct buf bytes = { 0 };
	char *copy = NULL;

	if (bucket == NULL || key == NULL)
		cloud_fail(k->p, "ValidationError", "CaCertificatesBundleS3Bucket and CaCertificatesBundleS3Key are required");
	else if (!cloud_s3_get(k->c, bucket, key, given_text(k->in, "CaCertificatesBundleS3ObjectVersion"), &bytes))
		cloud_fail(k->p, "CaCertificatesBundleNotFound", "The specified ca certificates bundle does not exist: s3://%s/%s", bucket, key);
	else if (!trust_bundle_read(buf_str(&bytes), bytes.len, &trust_bundle_of_elb, k->q->now, k->q->arena, &bundle))
		cloud_fail(k->p, "InvalidCaCertificatesBundle", "The ca certificates bundle is not valid: %s", bundle.why);
	else if ((copy = elb_keep(k, buf_str(&bytes), bytes.len)) == NULL)
		elb_broken(k);
	else
		*certificates = bundle.certificates;
	buf_done(&bytes);
	return copy;
}

void
elb_create_store(struct elb_call *k)
{
	const char *name = given_text(k->in, "Name");
	size_t certificates = 0;
	char id[17], *copy, *arn;

	if (!name_fits(name)) {
		cloud_fail(k->p, "ValidationError", "Trust store name '%s' must contain only letters, digits and single hyphens, and be at most %d characters "
		    "long", name != NULL ? name : "", NAME_MOST);
		return;
	}
	if (sql_int(k->db, 0, "SELECT 1 FROM elb_stores WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account, k->q->region, name) == 1) {
		cloud_fail(k->p, "DuplicateTrustStoreName", "A trust store with the name '%s' already exists", name);
		return;
	}
	if (sql_int(k->db, 0, "SELECT count(*) FROM elb_stores WHERE account = ? AND region = ?", "tt", k->q->account, k->q->region) >= STORES_MOST) {
		cloud_fail(k->p, "TooManyTrustStores", "You've reached the limit on the number of trust stores for your Amazon Web Services account");
		return;
	}
	copy = take_bundle(k, &certificates);
	if (copy == NULL)
		return;
	elb_id(id);
	arn = cloud_arn(k->q, "elasticloadbalancing", arena_printf(k->q->arena, "truststore/%s/%s", name, id));
	if (sql_do(k->db, "INSERT INTO elb_stores(arn, name, account, region, certificates, bundle) VALUES (?, ?, ?, ?, ?, ?)", "ttttit", arn, name,
	    k->q->account, k->q->region, (int64_t)certificates, copy))
		reply_stores(k, arn);
	else
		elb_broken(k);
}

void
elb_modify_store(struct elb_call *k)
{
	const char *arn = given_text(k->in, "TrustStoreArn");
	size_t certificates = 0;
	char *copy;

	if (!elb_has_store(k, arn) || (copy = take_bundle(k, &certificates)) == NULL)
		return;
	elb_drop(k, sql_string(k->db, k->q->arena, "SELECT bundle FROM elb_stores WHERE arn = ?", "t", arn));
	if (sql_do(k->db, "UPDATE elb_stores SET certificates = ?, bundle = ? WHERE arn = ?", "itt", (int64_t)certificates, copy, arn))
		reply_stores(k, arn);
	else
		elb_broken(k);
}

/* Does the list name it? No list names everything. */
static bool
named(const cJSON *list, const char *what)
{
	const cJSON *one;

	if (!cJSON_IsArray(list))
		return true;
	cJSON_ArrayForEach(one, list)
		if (cJSON_IsString(one) && strcmp(one->valuestring, what) == 0)
			return true;
	return false;
}

void
elb_describe_stores(struct elb_call *k)
{
	const cJSON *arns = given(k->in, "TrustStoreArns"), *names = given(k->in, "Names"), *one;
	const char *marker = given_text(k->in, "Marker");
	double most = PAGE_MOST;
	int count = 0;

	cJSON_ArrayForEach(one, arns)
		if (!elb_has_store(k, cJSON_IsString(one) ? one->valuestring : NULL))
			return;
	cJSON_ArrayForEach(one, names)
		if (cJSON_IsString(one) && sql_int(k->db, 0, "SELECT 1 FROM elb_stores WHERE account = ? AND region = ? AND name = ?", "ttt",
		    k->q->account, k->q->region, one->valuestring) == 0) {
			cloud_fail(k->p, "TrustStoreNotFound", "One or more trust stores not found");
			return;
		}
	if (given(k->in, "PageSize") != NULL && (!given_number(k->in, "PageSize", &most) || most < 1 || most > PAGE_MOST)) {
		cloud_fail(k->p, "ValidationError", "PageSize must be between 1 and %d", PAGE_MOST);
		return;
	}
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "TrustStores");
	sqlite3_stmt *s = sql(k->db, "SELECT seq, arn, name FROM elb_stores WHERE account = ? AND region = ? AND seq >= ? ORDER BY seq", "tti",
	    k->q->account, k->q->region, (int64_t)(marker != NULL ? strtoll(marker, NULL, 10) : 0));
	while (sqlite3_step(s) == SQLITE_ROW) {
		char *arn = sql_column(s, 1, k->q->arena);
		if (!named(arns, arn) || !named(names, sql_column(s, 2, k->q->arena)))
			continue;
		if (count++ == (int)most) {
			cJSON_AddStringToObject(out, "NextMarker", sql_column(s, 0, k->q->arena));
			break;
		}
		cJSON_AddItemToArray(list, described(k, arn));
	}
	sqlite3_finalize(s);
	elb_reply(k, out);
}

void
elb_delete_store(struct elb_call *k)
{
	const char *arn = given_text(k->in, "TrustStoreArn");

	if (!elb_has_store(k, arn))
		return;
	if (sql_int(k->db, 0, "SELECT 1 FROM elb_listeners WHERE store = ? LIMIT 1", "t", arn) == 1) {
		cloud_fail(k->p, "TrustStoreInUse", "Trust store '%s' is currently in use by a listener", arn);
		return;
	}
	elb_drop(k, sql_string(k->db, k->q->arena, "SELECT bundle FROM elb_stores WHERE arn = ?", "t", arn));
	sqlite3_stmt *s = sql(k->db, "SELECT object FROM elb_revocations WHERE store = ?", "t", arn);
	while (sqlite3_step(s) == SQLITE_ROW)
		elb_drop(k, sql_column(s, 0, k->q->arena));
	sqlite3_finalize(s);
	if (sql_do(k->db, "DELETE FROM elb_revocations WHERE store = ?", "t", arn) && sql_do(k->db, "DELETE FROM elb_stores WHERE arn = ?", "t", arn))
		elb_reply(k, cJSON_CreateObject());
	else
		elb_broken(k);
}

void
elb_get_bundle(struct elb_call *k)
{
	const char *arn = given_text(k->in, "TrustStoreArn");

	if (!elb_has_store(k, arn))
		return;
	cJSON *out = cJSON_CreateObject();
	cJSON_AddStringToObject(out, "Location", cloud_presign(k->c, k->q, ELB_COPIES,
	    sql_string(k->db, k->q->arena, "SELECT bundle FROM elb_stores WHERE arn = ?", "t", arn), NULL, LOCATION_SECONDS));
	elb_reply(k, out);
}

void
elb_describe_associations(struct elb_call *k)
{
	const char *arn = given_text(k->in, "TrustStoreArn");

	if (!elb_has_store(k, arn))
		return;
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "TrustStoreAssociations");
	sqlite3_stmt *s = sql(k->db, "SELECT DISTINCT balancer FROM elb_listeners WHERE store = ? ORDER BY balancer", "t", arn);
	while (sqlite3_step(s) == SQLITE_ROW) {
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "ResourceArn", sql_column(s, 0, k->q->arena));
		cJSON_AddItemToArray(list, one);
	}
	sqlite3_finalize(s);
	elb_reply(k, out);
}
