/* Versions of secrets, and the stages that say which is which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/secrets_parts.h"
#include "lab/sql.h"

enum { VALUE_MOST = 65536, STAGES_MOST = 20, TOKEN_LEAST = 32 };

cJSON *
secret_stages_of(struct secret_call *k, const char *version)
{
	cJSON *stages = cJSON_CreateArray();
	sqlite3_stmt *s = sql(k->db, "SELECT stage FROM secret_stages WHERE arn = ? AND version = ? ORDER BY stage", "tt", k->arn, version);

	while (sqlite3_step(s) == SQLITE_ROW)
		cJSON_AddItemToArray(stages, cJSON_CreateString(sql_column(s, 0, k->q->arena)));
	sqlite3_finalize(s);
	return stages;
}

static const char *
holder(struct secret_call *k, const char *stage)
{
	return sql_string(k->db, k->q->arena, "SELECT version FROM secret_stages WHERE arn = ? AND stage = ?", "tt", k->arn, stage);
}

bool
secret_stage_moves(struct secret_call *k, const char *stage, const char *version)
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

static size_t
base64_bytes(const char *base64)
{
	size_t len = strlen(base64);

	while (len > 0 && base64[len - 1] == '=')
		len--;
	return len * 3 / 4;
}

bool
secret_read_value(struct secret_call *k, struct secret_value *v)
{
	const cJSON *text = given(k->q->json, "SecretString"), *binary = given(k->q->json, "SecretBinary");
	const char *token = given_text(k->q->json, "ClientRequestToken");

	*v = (struct secret_value){ .text = cJSON_IsString(text) ? text->valuestring : NULL, .binary = cJSON_IsString(binary) ? binary->valuestring : NULL };
	if (v->text != NULL && v->binary != NULL) {
		secret_invalid(k, "You can't specify both a binary secret value and a string secret value in the same secret.");
		return false;
	}
	if ((v->text != NULL && strlen(v->text) > VALUE_MOST) || (v->binary != NULL && base64_bytes(v->binary) > VALUE_MOST)) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have "
		    "length less than or equal to %d", v->text != NULL ? "secretString" : "secretBinary", VALUE_MOST);
		return false;
	}
	if (token == NULL && (v->text != NULL || v->binary != NULL)) {
		/* SDKs make it up; who speaks HTTP himself must do so too. */
		secret_invalid(k, "You must provide a ClientRequestToken value. We recommend a UUID-type value.");
		return false;
	}
	if (token != NULL && (strlen(token) < TOKEN_LEAST || strlen(token) > SECRET_TOKEN_MOST)) {
		secret_invalid(k, "ClientRequestToken must be 32-64 characters long.");
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

enum secret_known
secret_known(struct secret_call *k, const struct secret_value *v)
{
	sqlite3_stmt *s = sql(k->db, "SELECT text, binary FROM secret_versions WHERE arn = ? AND version = ?", "tt", k->arn, v->token);
	bool there = sqlite3_step(s) == SQLITE_ROW;
	bool same = there && same_text(sql_column(s, 0, k->q->arena), v->text) && same_text(sql_column(s, 1, k->q->arena), v->binary);

	sqlite3_finalize(s);
	return !there ? SECRET_NEW : same ? SECRET_SAME : SECRET_DIFFERENT;
}

void
secret_refuse_token(struct secret_call *k, const struct secret_value *v)
{
	cloud_fail(k->p, "ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.",
	    v->token, k->arn);
}

bool
secret_add_version(struct secret_call *k, const struct secret_value *v)
{
	if (sql_do(k->db, "INSERT INTO secret_versions(arn, version, text, binary, created) VALUES (?, ?, ?, ?, ?)", "tttti", k->arn, v->token,
	    v->text, v->binary, k->q->now) &&
	    sql_do(k->db, "UPDATE secrets SET changed = ? WHERE arn = ?", "it", k->q->now, k->arn))
		return true;
	secret_broken(k);
	return false;
}

/* VersionStages, or AWSCURRENT where none are given. */
static bool
set_stages(struct secret_call *k, const char *version)
{
	const cJSON *stages = given(k->q->json, "VersionStages"), *stage;

	if (stages == NULL)
		return secret_stage_moves(k, "AWSCURRENT", version);
	cJSON_ArrayForEach(stage, stages)
		if (!cJSON_IsString(stage) || !secret_stage_moves(k, stage->valuestring, version))
			return false;
	/* A secret has a current version from its first one on. */
	return holder(k, "AWSCURRENT") != NULL || secret_stage_moves(k, "AWSCURRENT", version);
}

void
secret_put_value(struct secret_call *k)
{
	const cJSON *stages = given(k->q->json, "VersionStages");
	enum secret_known known;
	struct secret_value v;

	if (!secret_find(k, false) || !secret_read_value(k, &v))
		return;
	if (v.text == NULL && v.binary == NULL) {
		secret_invalid(k, "You must provide either SecretString or SecretBinary.");
		return;
	}
	if (stages != NULL && (!cJSON_IsArray(stages) || cJSON_GetArraySize(stages) < 1 || cJSON_GetArraySize(stages) > STAGES_MOST)) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value at 'versionStages' failed to satisfy constraint: Member must "
		    "have length less than or equal to %d", STAGES_MOST);
		return;
	}
	known = secret_known(k, &v);
	if (known == SECRET_DIFFERENT) {
		secret_refuse_token(k, &v);
		return;
	}
	/* What was sent again moves no stage: another version may have become the current one since. */
	if (known == SECRET_NEW && !secret_add_version(k, &v))
		return;
	if (known == SECRET_NEW && !set_stages(k, v.token)) {
		secret_broken(k);
		return;
	}
	cJSON *out = secret_described(k);
	cJSON_AddStringToObject(out, "VersionId", v.token);
	cJSON_AddItemToObject(out, "VersionStages", secret_stages_of(k, v.token));
	cloud_reply_json(k->p, out);
}

void
secret_get_value(struct secret_call *k)
{
	const char *version = given_text(k->q->json, "VersionId"), *stage = given_text(k->q->json, "VersionStage");
	const char *held;

	if (!secret_find(k, false))
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
		cJSON *out = secret_described(k);
		cJSON_AddStringToObject(out, "VersionId", held);
		if (sqlite3_column_type(s, 0) != SQLITE_NULL)
			cJSON_AddStringToObject(out, "SecretString", sql_column(s, 0, k->q->arena));
		if (sqlite3_column_type(s, 1) != SQLITE_NULL)
			cJSON_AddStringToObject(out, "SecretBinary", sql_column(s, 1, k->q->arena));
		cJSON_AddItemToObject(out, "VersionStages", secret_stages_of(k, held));
		cJSON_AddNumberToObject(out, "CreatedDate", (double)sqlite3_column_int64(s, 2));
		cloud_reply_json(k->p, out);
	}
	sqlite3_finalize(s);
}

void
secret_move_version_stage(struct secret_call *k)
{
	const char *stage = given_text(k->q->json, "VersionStage"), *from = given_text(k->q->json, "RemoveFromVersionId");
	const char *to = given_text(k->q->json, "MoveToVersionId"), *now;
	bool done;

	if (!secret_find(k, false))
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
	done = to != NULL ? secret_stage_moves(k, stage, to) : sql_do(k->db, "DELETE FROM secret_stages WHERE arn = ? AND stage = ?", "tt", k->arn, stage);
	if (done && sql_do(k->db, "UPDATE secrets SET changed = ? WHERE arn = ?", "it", k->q->now, k->arn))
		cloud_reply_json(k->p, secret_described(k));
	else
		secret_broken(k);
}

void
secret_list_versions(struct secret_call *k)
{
	bool all = given_bool(k->q->json, "IncludeDeprecated", false);

	if (!secret_find(k, true))
		return;
	cJSON *out = secret_described(k), *list = cJSON_AddArrayToObject(out, "Versions");
	sqlite3_stmt *s = sql(k->db, "SELECT version, created FROM secret_versions WHERE arn = ? ORDER BY seq DESC", "t", k->arn);
	while (sqlite3_step(s) == SQLITE_ROW) {
		char *version = sql_column(s, 0, k->q->arena);
		cJSON *stages = secret_stages_of(k, version);
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
