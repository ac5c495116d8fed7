/*
 * The lab's Secrets Manager: secrets, their versions, and the stages that say which version is which. AWSCURRENT moves, and
 * AWSPREVIOUS follows it by itself. Source: the Secrets Manager API reference; knowledge "aws" 4.3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/query.h"
#include "lab/sql.h"

enum { VALUE_MOST = 65536, STAGES_MOST = 20, TOKEN_LEAST = 32, TOKEN_MOST = 64, NAME_MOST = 512, SUFFIX = 6, PAGE_MOST = 100,
	RECOVERY_DAYS = 30, RECOVERY_LEAST = 7, DAY = 86400 };

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS secrets(arn TEXT PRIMARY KEY, name TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,"
    " description TEXT, kms TEXT, tags TEXT, created INTEGER NOT NULL, changed INTEGER NOT NULL, deleted INTEGER);"
    "CREATE UNIQUE INDEX IF NOT EXISTS secrets_by_name ON secrets(account, region, name);"
    "CREATE TABLE IF NOT EXISTS secret_versions(seq INTEGER PRIMARY KEY, arn TEXT NOT NULL, version TEXT NOT NULL, text TEXT, binary TEXT,"
    " created INTEGER NOT NULL, UNIQUE(arn, version));"
    "CREATE TABLE IF NOT EXISTS secret_stages(arn TEXT NOT NULL, stage TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY(arn, stage));";

struct call {
	struct cloud *c;
	const struct cloud_request *q;
	struct cloud_reply *p;
	sqlite3 *db;
	char *arn, *name; /* of the secret, once it was found */
	int64_t deleted;  /* 0: it is there */
};

static bool
prepare(struct cloud *c)
{
	return cloud_exec(c, tables);
}

static void
broken(struct call *k)
{
	cloud_fail(k->p, "InternalServiceError", "An error occurred on the server side.");
	k->p->status = 500; /* nothing of it is kept */
}

static void
invalid(struct call *k, const char *text)
{
	cloud_fail(k->p, "InvalidParameterException", "%s", text);
}

/* SecretId is a name, an ARN, or an ARN without its random end. A deleted one is found only where `even_deleted`. */
static bool
find_secret(struct call *k, bool even_deleted)
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

static cJSON *
described(struct call *k)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, "ARN", k->arn);
	cJSON_AddStringToObject(out, "Name", k->name);
	return out;
}

static cJSON *
stages_of(struct call *k, const char *version)
{
	cJSON *stages = cJSON_CreateArray();
	sqlite3_stmt *s = sql(k->db, "SELECT stage FROM secret_stages WHERE arn = ? AND version = ? ORDER BY stage", "tt", k->arn, version);

	while (sqlite3_step(s) == SQLITE_ROW)
		cJSON_AddItemToArray(stages, cJSON_CreateString(sql_column(s, 0, k->q->arena)));
	sqlite3_finalize(s);
	return stages;
}

static const char *
holder(struct call *k, const char *stage)
{
	return sql_string(k->db, k->q->arena, "SELECT version FROM secret_stages WHERE arn = ? AND stage = ?", "tt", k->arn, stage);
}

/* Puts a stage on a version. Where AWSCURRENT leaves one, AWSPREVIOUS goes there. */
static bool
move_stage(struct call *k, const char *stage, const char *version)
{
	const char *before = holder(k, stage);

	if (before != NULL && strcmp(before, version) == 0)
		return true;
	if (strcmp(stage, "AWSCURRENT") == 0) {
		if (before != NULL && !sql_do(k->db, "REPLACE INTO secret_stages VALUES (?, 'AWSPREVIOUS', ?)", "tt", k->arn, before))
			return false;
		/* No version is both. */
		if (!sql_do(k->db, "DELETE FROM secret_stages WHERE arn = ? AND stage = 'AWSPREVIOUS' AND version = ?", "tt", k->arn, version))
			return false;
	}
	return sql_do(k->db, "REPLACE INTO secret_stages VALUES (?, ?, ?)", "ttt", k->arn, stage, version);
}

/* ---- values ---- */

struct value {
	const char *text, *binary; /* binary: base64, as on the wire */
	char token[TOKEN_MOST + 1];
};

static size_t
base64_bytes(const char *base64)
{
	size_t len = strlen(base64);

	while (len > 0 && base64[len - 1] == '=')
		len--;
	return len * 3 / 4;
}

static bool
read_value(struct call *k, struct value *v)
{
	const cJSON *text = given(k->q->json, "SecretString"), *binary = given(k->q->json, "SecretBinary");
	const char *token = given_text(k->q->json, "ClientRequestToken");

	*v = (struct value){ .text = cJSON_IsString(text) ? text->valuestring : NULL, .binary = cJSON_IsString(binary) ? binary->valuestring : NULL };
	if (v->text != NULL && v->binary != NULL) {
		invalid(k, "You can't specify both a binary secret value and a string secret value in the same secret.");
		return false;
	}
	if ((v->text != NULL && strlen(v->text) > VALUE_MOST) || (v->binary != NULL && base64_bytes(v->binary) > VALUE_MOST)) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have "
		    "length less than or equal to %d", v->text != NULL ? "secretString" : "secretBinary", VALUE_MOST);
		return false;
	}
	if (token == NULL && (v->text != NULL || v->binary != NULL)) {
		/* SDKs make it up; who speaks HTTP himself must do so too. */
		invalid(k, "You must provide a ClientRequestToken value. We recommend a UUID-type value.");
		return false;
	}
	if (token != NULL && (strlen(token) < TOKEN_LEAST || strlen(token) > TOKEN_MOST)) {
		invalid(k, "ClientRequestToken must be 32-64 characters long.");
		return false;
	}
	snprintf(v->token, sizeof v->token, "%s", token != NULL ? token : "");
	return true;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The token names the version: the same once more changes nothing, another value under it is refused. */
static bool
add_version(struct call *k, const struct value *v)
{
	sqlite3_stmt *s = sql(k->db, "SELECT text, binary FROM secret_versions WHERE arn = ? AND version = ?", "tt", k->arn, v->token);
	bool there = sqlite3_step(s) == SQLITE_ROW;
	bool same = there && same_text(sql_column(s, 0, k->q->arena), v->text) && same_text(sql_column(s, 1, k->q->arena), v->binary);

	sqlite3_finalize(s);
	if (there && !same)
		cloud_fail(k->p, "ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of "
		    "secret %s.", v->token, k->arn);
	if (there)
		return same;
	if (sql_do(k->db, "INSERT INTO secret_versions(arn, version, text, binary, created) VALUES (?, ?, ?, ?, ?)", "tttti", k->arn, v->token,
	    v->text, v->binary, k->q->now) &&
	    sql_do(k->db, "UPDATE secrets SET changed = ? WHERE arn = ?", "it", k->q->now, k->arn))
		return true;
	broken(k);
	return false;
}

/* VersionStages, or AWSCURRENT where none are given. */
static bool
set_stages(struct call *k, const char *version)
{
	const cJSON *stages = given(k->q->json, "VersionStages"), *stage;

	if (stages == NULL)
		return move_stage(k, "AWSCURRENT", version);
	cJSON_ArrayForEach(stage, stages)
		if (!cJSON_IsString(stage) || !move_stage(k, stage->valuestring, version))
			return false;
	/* A secret has a current version from its first one on. */
	return holder(k, "AWSCURRENT") != NULL || move_stage(k, "AWSCURRENT", version);
}

static void
put_value(struct call *k)
{
	const cJSON *stages = given(k->q->json, "VersionStages");
	struct value v;

	if (!find_secret(k, false) || !read_value(k, &v))
		return;
	if (v.text == NULL && v.binary == NULL) {
		invalid(k, "You must provide either SecretString or SecretBinary.");
		return;
	}
	if (stages != NULL && (!cJSON_IsArray(stages) || cJSON_GetArraySize(stages) < 1 || cJSON_GetArraySize(stages) > STAGES_MOST)) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value at 'versionStages' failed to satisfy constraint: Member must "
		    "have length less than or equal to %d", STAGES_MOST);
		return;
	}
	if (!add_version(k, &v))
		return;
	if (!set_stages(k, v.token)) {
		broken(k);
		return;
	}
	cJSON *out = described(k);
	cJSON_AddStringToObject(out, "VersionId", v.token);
	cJSON_AddItemToObject(out, "VersionStages", stages_of(k, v.token));
	cloud_reply_json(k->p, out);
}

static void
get_value(struct call *k)
{
	const char *version = given_text(k->q->json, "VersionId"), *stage = given_text(k->q->json, "VersionStage");
	const char *held;

	if (!find_secret(k, false))
		return;
	if (stage == NULL && version == NULL)
		stage = "AWSCURRENT";
	held = stage != NULL ? holder(k, stage) : version;
	if (held != NULL && version != NULL && strcmp(held, version) != 0) {
		cloud_fail(k->p, "InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.");
		return;
	}
	sqlite3_stmt *s = sql(k->db, "SELECT text, binary, created FROM secret_versions WHERE arn = ? AND version = ?", "tt", k->arn, held);
	if (sqlite3_step(s) != SQLITE_ROW) {
		if (version != NULL)
			cloud_fail(k->p, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: %s", version);
		else
			cloud_fail(k->p, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s", stage);
	} else {
		cJSON *out = described(k);
		cJSON_AddStringToObject(out, "VersionId", held);
		if (sqlite3_column_type(s, 0) != SQLITE_NULL)
			cJSON_AddStringToObject(out, "SecretString", sql_column(s, 0, k->q->arena));
		if (sqlite3_column_type(s, 1) != SQLITE_NULL)
			cJSON_AddStringToObject(out, "SecretBinary", sql_column(s, 1, k->q->arena));
		cJSON_AddItemToObject(out, "VersionStages", stages_of(k, held));
		cJSON_AddNumberToObject(out, "CreatedDate", (double)sqlite3_column_int64(s, 2));
		cloud_reply_json(k->p, out);
	}
	sqlite3_finalize(s);
}

static void
move_version_stage(struct call *k)
{
	const char *stage = given_text(k->q->json, "VersionStage"), *from = given_text(k->q->json, "RemoveFromVersionId");
	const char *to = given_text(k->q->json, "MoveToVersionId"), *now;
	bool done;

	if (!find_secret(k, false))
		return;
	if (stage == NULL) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value null at 'versionStage' failed to satisfy constraint: "
		    "Member must not be null");
		return;
	}
	now = holder(k, stage);
	if (to != NULL && sql_int(k->db, 0, "SELECT 1 FROM secret_versions WHERE arn = ? AND version = ?", "tt", k->arn, to) == 0) {
		cloud_fail(k->p, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: %s", to);
		return;
	}
	/* Two who rotate at once must notice: who moves a label has to say whom he takes it from. */
	if (now != NULL && (to == NULL || strcmp(now, to) != 0) && (from == NULL || strcmp(from, now) != 0)) {
		cloud_fail(k->p, "InvalidParameterException", "The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to "
		    "version %s, so you must explicitly reference that version in RemoveFromVersionId.", stage, now);
		return;
	}
	if (now == NULL && from != NULL) {
		cloud_fail(k->p, "InvalidParameterException", "Staging label %s is not attached to version %s.", stage, from);
		return;
	}
	if (to == NULL && strcmp(stage, "AWSCURRENT") == 0) {
		cloud_fail(k->p, "InvalidParameterException", "You can't remove the staging label AWSCURRENT: it can only be moved to another version.");
		return;
	}
	done = to != NULL ? move_stage(k, stage, to) : sql_do(k->db, "DELETE FROM secret_stages WHERE arn = ? AND stage = ?", "tt", k->arn, stage);
	if (done && sql_do(k->db, "UPDATE secrets SET changed = ? WHERE arn = ?", "it", k->q->now, k->arn))
		cloud_reply_json(k->p, described(k));
	else
		broken(k);
}

/* ---- secrets ---- */

static bool
name_fits(const char *name)
{
	size_t len = name != NULL ? strlen(name) : 0;

	return len > 0 && len <= NAME_MOST && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+=.@-") == len;
}

static void
create(struct call *k)
{
	const char *name = given_text(k->q->json, "Name");
	char suffix[SUFFIX + 1];
	struct value v;

	if (!name_fits(name)) {
		cloud_fail(k->p, "ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
		    "-/_+=.@!");
		return;
	}
	if (!read_value(k, &v))
		return;
	const char *there = sql_string(k->db, k->q->arena, "SELECT CASE WHEN deleted IS NULL THEN 'y' ELSE 'd' END FROM secrets WHERE account = ?"
	    " AND region = ? AND name = ?", "ttt", k->q->account, k->q->region, name);
	if (there != NULL && *there == 'd') {
		cloud_fail(k->p, "InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion.");
		return;
	}
	if (there != NULL) {
		cloud_fail(k->p, "ResourceExistsException", "The operation failed because the secret %s already exists.", name);
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
	if (!made || (has_value && (!add_version(k, &v) || !move_stage(k, "AWSCURRENT", v.token)))) {
		broken(k);
		return;
	}
	cJSON *out = described(k);
	if (has_value)
		cJSON_AddStringToObject(out, "VersionId", v.token);
	cloud_reply_json(k->p, out);
}

static void
update(struct call *k)
{
	const char *description = given_text(k->q->json, "Description"), *kms = given_text(k->q->json, "KmsKeyId");
	struct value v;

	if (!find_secret(k, false) || !read_value(k, &v))
		return;
	bool has_value = v.text != NULL || v.binary != NULL;
	if (has_value && !add_version(k, &v))
		return;
	if ((has_value && !move_stage(k, "AWSCURRENT", v.token)) ||
	    !sql_do(k->db, "UPDATE secrets SET description = coalesce(?, description), kms = coalesce(?, kms), changed = ? WHERE arn = ?", "ttit",
	    description, kms, k->q->now, k->arn)) {
		broken(k);
		return;
	}
	cJSON *out = described(k);
	if (has_value)
		cJSON_AddStringToObject(out, "VersionId", v.token);
	cloud_reply_json(k->p, out);
}

static void
add_versions(struct call *k, cJSON *out)
{
	cJSON *map = cJSON_AddObjectToObject(out, "VersionIdsToStages");
	sqlite3_stmt *s = sql(k->db, "SELECT DISTINCT version FROM secret_stages WHERE arn = ?", "t", k->arn);

	while (sqlite3_step(s) == SQLITE_ROW) {
		char *version = sql_column(s, 0, k->q->arena);
		cJSON_AddItemToObject(map, version, stages_of(k, version));
	}
	sqlite3_finalize(s);
}

/* What DescribeSecret and a row of ListSecrets have in common. */
static cJSON *
entry(struct call *k)
{
	static const char *const texts[] = { "Description", "KmsKeyId" }, *const dates[] = { "CreatedDate", "LastChangedDate", "DeletedDate" };
	cJSON *out = described(k), *tags;
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
describe(struct call *k)
{
	if (!find_secret(k, true))
		return;
	cJSON *out = entry(k);
	add_versions(k, out);
	cloud_reply_json(k->p, out);
}

static void
list_versions(struct call *k)
{
	bool all = given_bool(k->q->json, "IncludeDeprecated", false);

	if (!find_secret(k, true))
		return;
	cJSON *out = described(k), *list = cJSON_AddArrayToObject(out, "Versions");
	sqlite3_stmt *s = sql(k->db, "SELECT version, created FROM secret_versions WHERE arn = ? ORDER BY seq DESC", "t", k->arn);
	while (sqlite3_step(s) == SQLITE_ROW) {
		char *version = sql_column(s, 0, k->q->arena);
		cJSON *stages = stages_of(k, version);
		/* A version without a stage is deprecated: AWS may drop it any day. */
		if (!all && cJSON_GetArraySize(stages) == 0) {
			cJSON_Delete(stages);
			continue;
		}
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "VersionId", version);
		/* The model wants at least one where the member is there. */
		if (cJSON_GetArraySize(stages) > 0)
			cJSON_AddItemToObject(one, "VersionStages", stages);
		else
			cJSON_Delete(stages);
		cJSON_AddNumberToObject(one, "CreatedDate", (double)sqlite3_column_int64(s, 1));
		cJSON_AddItemToArray(list, one);
	}
	sqlite3_finalize(s);
	cloud_reply_json(k->p, out);
}

static void
list(struct call *k)
{
	const char *after = given_text(k->q->json, "NextToken");
	double most = PAGE_MOST;

	if (given_number(k->q->json, "MaxResults", &most) && (most < 1 || most > PAGE_MOST)) {
		invalid(k, "MaxResults must be between 1 and 100.");
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
delete(struct call *k)
{
	double days = RECOVERY_DAYS;
	bool window = given_number(k->q->json, "RecoveryWindowInDays", &days), now = given_bool(k->q->json, "ForceDeleteWithoutRecovery", false), done;

	if (!find_secret(k, false))
		return;
	if (window && now) {
		invalid(k, "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
		return;
	}
	if (days < RECOVERY_LEAST || days > RECOVERY_DAYS) {
		invalid(k, "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
		return;
	}
	int64_t at = now ? k->q->now : k->q->now + (int64_t)days * DAY;
	cJSON *out = described(k);
	cJSON_AddNumberToObject(out, "DeletionDate", (double)at);
	if (now)
		done = sql_do(k->db, "DELETE FROM secret_stages WHERE arn = ?", "t", k->arn) &&
		    sql_do(k->db, "DELETE FROM secret_versions WHERE arn = ?", "t", k->arn) && sql_do(k->db, "DELETE FROM secrets WHERE arn = ?", "t", k->arn);
	else
		done = sql_do(k->db, "UPDATE secrets SET deleted = ? WHERE arn = ?", "it", k->q->now, k->arn);
	cloud_reply_json(k->p, out);
	if (!done)
		broken(k);
}

static void
restore(struct call *k)
{
	if (!find_secret(k, true))
		return;
	if (sql_do(k->db, "UPDATE secrets SET deleted = NULL WHERE arn = ?", "t", k->arn))
		cloud_reply_json(k->p, described(k));
	else
		broken(k);
}

static const struct {
	const char *name;
	void (*run)(struct call *k);
} operations[] = {
	{ "CreateSecret", create },
	{ "DeleteSecret", delete },
	{ "DescribeSecret", describe },
	{ "GetSecretValue", get_value },
	{ "ListSecretVersionIds", list_versions },
	{ "ListSecrets", list },
	{ "PutSecretValue", put_value },
	{ "RestoreSecret", restore },
	{ "UpdateSecret", update },
	{ "UpdateSecretVersionStage", move_version_stage },
};

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	struct call k = { .c = c, .q = q, .p = p, .db = cloud_db(c) };

	for (size_t i = 0; q->operation != NULL && i < sizeof operations / sizeof operations[0]; i++) {
		if (strcmp(operations[i].name, q->operation) != 0)
			continue;
		if (q->may_all)
			operations[i].run(&k);
		else
			cloud_fail(p, "AccessDeniedException", "User: %s is not authorized to perform: secretsmanager:%s because no identity-based policy "
			    "allows the secretsmanager:%s action", q->caller, q->operation, q->operation);
		return;
	}
	cloud_fail(p, "UnknownOperationException", "The operation is unknown.");
}

const struct cloud_service cloud_secretsmanager = {
	.signing = "secretsmanager",
	.protocol = CLOUD_JSON,
	.target = "secretsmanager",
	.prepare = prepare,
	.serve = serve,
};
