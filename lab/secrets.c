/*
 * The lab's Secrets Manager: secrets, their versions, and the stages that say which version is which. AWSCURRENT moves, and
 * AWSPREVIOUS follows it by itself. Source: the Secrets Manager API reference; knowledge "aws" 4.3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/secrets_parts.h"
#include "lab/sql.h"

enum { NAME_MOST = 512, SUFFIX = 6, PAGE_MOST = 100, RECOVERY_DAYS = 30, RECOVERY_LEAST = 7, DAY = 86400 };

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS secrets(arn TEXT PRIMARY KEY, name TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,"
    " description TEXT, kms TEXT, tags TEXT, created INTEGER NOT NULL, changed INTEGER NOT NULL, deleted INTEGER);"
    "CREATE UNIQUE INDEX IF NOT EXISTS secrets_by_name ON secrets(account, region, name);"
    "CREATE TABLE IF NOT EXISTS secret_versions(seq INTEGER PRIMARY KEY, arn TEXT NOT NULL, version TEXT NOT NULL, text TEXT, binary TEXT,"
    " created INTEGER NOT NULL, UNIQUE(arn, version));"
    "CREATE TABLE IF NOT EXISTS secret_stages(arn TEXT NOT NULL, stage TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY(arn, stage));";

void
secret_broken(struct secret_call *k)
{
	cloud_fail(k->p, "InternalServiceError", "An error occurred on the server side.");
	k->p->status = 500; /* nothing of it is kept */
}

void
secret_invalid(struct secret_call *k, const char *text)
{
	cloud_fail(k->p, "InvalidParameterException", "%s", text);
}

bool
secret_find(struct secret_call *k, bool even_deleted)
{
	const char *id = given_text(k->q->json, "SecretId");
	sqlite3_stmt *s;

	if (id == NULL) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: "
		    "Member must not be null");
		return false;
	}
	s = sql(k->db, "SELECT arn, name, coalesce(deleted, 0) FROM secrets WHERE account = ?1 AND region = ?2 AND"
	    " (name = ?3 OR arn = ?3 OR substr(arn, 1, length(arn) - 7) = ?3)", "ttt", k->q->account, k->q->region, id);
	if (sqlite3_step(s) == SQLITE_ROW) {
		k->arn = sql_column(s, 0, k->q->arena);
		k->name = sql_column(s, 1, k->q->arena);
		k->deleted = sqlite3_column_int64(s, 2);
	}
	sqlite3_finalize(s);
	if (k->arn == NULL) {
		cloud_fail(k->p, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
		return false;
	}
	if (k->deleted != 0 && !even_deleted) {
		cloud_fail(k->p, "InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.");
		return false;
	}
	return true;
}

cJSON *
secret_described(struct secret_call *k)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "ARN", k->arn);
	cJSON_AddStringToObject(out, "Name", k->name);
	return out;
}

static bool
name_fits(const char *name)
{
	size_t len = name != NULL ? strlen(name) : 0;

	return len > 0 && len <= NAME_MOST && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+=.@-") == len;
}

static void
reply_version(struct secret_call *k, const struct secret_value *v)
{
	cJSON *out = secret_described(k);

	if (v->text != NULL || v->binary != NULL)
		cJSON_AddStringToObject(out, "VersionId", v->token);
	cloud_reply_json(k->p, out);
}

/* The secret is there: by this very request, whose answer was lost, or by another. */
static void
created_again(struct secret_call *k, const char *name, const struct secret_value *v)
{
	k->name = arena_strdup(k->q->arena, name);
	k->arn = sql_string(k->db, k->q->arena, "SELECT arn FROM secrets WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account, k->q->region, name);
	if ((v->text != NULL || v->binary != NULL) && k->arn != NULL && secret_known(k, v) == SECRET_SAME)
		reply_version(k, v);
	else
		cloud_fail(k->p, "ResourceExistsException", "The operation failed because the secret %s already exists.", name);
}

static void
create(struct secret_call *k)
{
	const char *name = given_text(k->q->json, "Name");
	char suffix[SUFFIX + 1];
	struct secret_value v;

	if (!name_fits(name)) {
		cloud_fail(k->p, "ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
		    "-/_+=.@!");
		return;
	}
	if (!secret_read_value(k, &v))
		return;
	const char *there = sql_string(k->db, k->q->arena, "SELECT CASE WHEN deleted IS NULL THEN 'y' ELSE 'd' END FROM secrets WHERE account = ?"
	    " AND region = ? AND name = ?", "ttt", k->q->account, k->q->region, name);
	if (there != NULL && *there == 'd') {
		cloud_fail(k->p, "InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion.");
		return;
	}
	if (there != NULL) {
		created_again(k, name, &v);
		return;
	}
	cloud_random(suffix, SUFFIX);
	k->name = arena_strdup(k->q->arena, name);
	k->arn = cloud_arn(k->q, "secretsmanager", arena_printf(k->q->arena, "secret:%s-%s", name, suffix));
	char *tags = cJSON_PrintUnformatted(given(k->q->json, "Tags"));
	bool made = sql_do(k->db, "INSERT INTO secrets(arn, name, account, region, description, kms, tags, created, changed) VALUES"
	    " (?, ?, ?, ?, ?, ?, ?, ?8, ?8)", "ttttttti", k->arn, name, k->q->account, k->q->region, given_text(k->q->json, "Description"),
	    given_text(k->q->json, "KmsKeyId"), tags, k->q->now);
	cJSON_free(tags);
	bool has_value = v.text != NULL || v.binary != NULL;
	if (!made || (has_value && (!secret_add_version(k, &v) || !secret_stage_moves(k, "AWSCURRENT", v.token)))) {
		secret_broken(k);
		return;
	}
	reply_version(k, &v);
}

static void
update(struct secret_call *k)
{
	const char *description = given_text(k->q->json, "Description"), *kms = given_text(k->q->json, "KmsKeyId");
	struct secret_value v;

	if (!secret_find(k, false) || !secret_read_value(k, &v))
		return;
	enum secret_known known = v.text != NULL || v.binary != NULL ? secret_known(k, &v) : SECRET_SAME;
	if (known == SECRET_DIFFERENT) {
		secret_refuse_token(k, &v);
		return;
	}
	if (known == SECRET_NEW && !secret_add_version(k, &v))
		return;
	if ((known == SECRET_NEW && !secret_stage_moves(k, "AWSCURRENT", v.token)) ||
	    !sql_do(k->db, "UPDATE secrets SET description = coalesce(?, description), kms = coalesce(?, kms), changed = ? WHERE arn = ?", "ttit",
	    description, kms, k->q->now, k->arn)) {
		secret_broken(k);
		return;
	}
	reply_version(k, &v);
}

static void
add_versions(struct secret_call *k, cJSON *out)
{
	cJSON *map = cJSON_AddObjectToObject(out, "VersionIdsToStages");
	sqlite3_stmt *s = sql(k->db, "SELECT DISTINCT version FROM secret_stages WHERE arn = ?", "t", k->arn);

	while (sqlite3_step(s) == SQLITE_ROW) {
		char *version = sql_column(s, 0, k->q->arena);
		cJSON_AddItemToObject(map, version, secret_stages_of(k, version));
	}
	sqlite3_finalize(s);
}

/* What DescribeSecret and a row of ListSecrets have in common. */
static cJSON *
entry(struct secret_call *k)
{
	static const char *const texts[] = { "Description", "KmsKeyId" }, *const dates[] = { "CreatedDate", "LastChangedDate", "DeletedDate" };
	cJSON *out = secret_described(k), *tags;
	sqlite3_stmt *s = sql(k->db, "SELECT description, kms, created, changed, deleted, tags FROM secrets WHERE arn = ?", "t", k->arn);

	if (sqlite3_step(s) == SQLITE_ROW) {
		for (int i = 0; i < 2; i++)
			if (sqlite3_column_type(s, i) != SQLITE_NULL)
				cJSON_AddStringToObject(out, texts[i], sql_column(s, i, k->q->arena));
		for (int i = 0; i < 3; i++)
			if (sqlite3_column_type(s, 2 + i) != SQLITE_NULL)
				cJSON_AddNumberToObject(out, dates[i], (double)sqlite3_column_int64(s, 2 + i));
		tags = sqlite3_column_type(s, 5) != SQLITE_NULL ? cJSON_Parse(sql_column(s, 5, k->q->arena)) : NULL;
		if (tags != NULL)
			cJSON_AddItemToObject(out, "Tags", tags);
	}
	sqlite3_finalize(s);
	return out;
}

static void
describe(struct secret_call *k)
{
	if (!secret_find(k, true))
		return;
	cJSON *out = entry(k);
	add_versions(k, out);
	cloud_reply_json(k->p, out);
}

static void
list(struct secret_call *k)
{
	const char *after = given_text(k->q->json, "NextToken");
	double most = PAGE_MOST;

	if (given_number(k->q->json, "MaxResults", &most) && (most < 1 || most > PAGE_MOST)) {
		secret_invalid(k, "MaxResults must be between 1 and 100.");
		return;
	}
	cJSON *out = cJSON_CreateObject(), *found = cJSON_AddArrayToObject(out, "SecretList");
	sqlite3_stmt *s = sql(k->db, "SELECT arn, name FROM secrets WHERE account = ? AND region = ? AND name > ? AND deleted IS NULL ORDER BY name"
	    " LIMIT ?", "ttti", k->q->account, k->q->region, after != NULL ? after : "", (int64_t)most + 1);
	for (int i = 0; sqlite3_step(s) == SQLITE_ROW; i++) {
		if (i == (int)most) {
			cJSON_AddStringToObject(out, "NextToken", k->name);
			break;
		}
		k->arn = sql_column(s, 0, k->q->arena);
		k->name = sql_column(s, 1, k->q->arena);
		cJSON *one = entry(k), *map = NULL;
		add_versions(k, one);
		map = cJSON_DetachItemFromObject(one, "VersionIdsToStages");
		cJSON_AddItemToObject(one, "SecretVersionsToStages", map);
		cJSON_AddItemToArray(found, one);
	}
	sqlite3_finalize(s);
	cloud_reply_json(k->p, out);
}

static void
delete(struct secret_call *k)
{
	double days = RECOVERY_DAYS;
	bool window = given_number(k->q->json, "RecoveryWindowInDays", &days), now = given_bool(k->q->json, "ForceDeleteWithoutRecovery", false), done;

	if (!secret_find(k, false))
		return;
	if (window && now) {
		secret_invalid(k, "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
		return;
	}
	if (days < RECOVERY_LEAST || days > RECOVERY_DAYS) {
		secret_invalid(k, "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
		return;
	}
	int64_t at = now ? k->q->now : k->q->now + (int64_t)days * DAY;
	cJSON *out = secret_described(k);
	cJSON_AddNumberToObject(out, "DeletionDate", (double)at);
	if (now)
		done = sql_do(k->db, "DELETE FROM secret_stages WHERE arn = ?", "t", k->arn) &&
		    sql_do(k->db, "DELETE FROM secret_versions WHERE arn = ?", "t", k->arn) && sql_do(k->db, "DELETE FROM secrets WHERE arn = ?", "t", k->arn);
	else
		done = sql_do(k->db, "UPDATE secrets SET deleted = ? WHERE arn = ?", "it", k->q->now, k->arn);
	cloud_reply_json(k->p, out);
	if (!done)
		secret_broken(k);
}

static void
restore(struct secret_call *k)
{
	if (!secret_find(k, true))
		return;
	if (sql_do(k->db, "UPDATE secrets SET deleted = NULL WHERE arn = ?", "t", k->arn))
		cloud_reply_json(k->p, secret_described(k));
	else
		secret_broken(k);
}

static const struct {
	const char *name;
	void (*run)(struct secret_call *k);
} operations[] = {
	{ "CreateSecret", create },
	{ "DeleteSecret", delete },
	{ "DescribeSecret", describe },
	{ "GetSecretValue", secret_get_value },
	{ "ListSecretVersionIds", secret_list_versions },
	{ "ListSecrets", list },
	{ "PutSecretValue", secret_put_value },
	{ "RestoreSecret", restore },
	{ "UpdateSecret", update },
	{ "UpdateSecretVersionStage", secret_move_version_stage },
};

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	struct secret_call k = { .c = c, .q = q, .p = p, .db = cloud_db(c) };

	for (size_t i = 0; q->operation != NULL && i < sizeof operations / sizeof operations[0]; i++) {
		if (strcmp(operations[i].name, q->operation) != 0)
			continue;
		if (cloud_may(q, "secretsmanager", p))
			operations[i].run(&k);
		return;
	}
	cloud_fail(p, "UnknownOperationException", "The operation is unknown.");
}

const struct cloud_service cloud_secretsmanager = {
	.signing = "secretsmanager",
	.protocol = CLOUD_JSON,
	.target = "secretsmanager",
	.tables = tables,
	.serve = serve,
};
