/* The lab's Parameter Store: named texts with versions. Source: the Systems Manager API reference; knowledge "aws" 5. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/query.h"
#include "lab/sql.h"

enum { VALUE_STANDARD = 4096, VALUE_ADVANCED = 8192, NAME_MOST = 1011, NAMES_MOST = 10 };

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS ssm_parameters(account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,"
    " type TEXT NOT NULL, value TEXT NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY(account, region, name, version));"
    "CREATE TABLE IF NOT EXISTS ssm_keeping(account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, kms TEXT, tier TEXT NOT NULL,"
    " PRIMARY KEY(account, region, name));";

#define STANDARD "Standard"
#define ADVANCED "Advanced"

static bool
name_fits(const char *name)
{
	size_t len = name != NULL ? strlen(name) : 0;

	return len > 0 && len <= NAME_MOST && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-") == len &&
	    (strchr(name, '/') == NULL || name[0] == '/'); /* a path begins with its root */
}

/* "arn:aws:ssm:us-east-1:111122223333:parameter/a/b" and "name:3": the name, and the version or 0. */
static char *
plain_name(const struct cloud_request *q, const char *given_as, int64_t *version)
{
	char *name = arena_strdup(q->arena, given_as), *colon;
	const char *path = strncmp(name, "arn:", 4) == 0 ? strstr(name, ":parameter/") : NULL;

	*version = 0;
	if (path != NULL) { /* the slash belongs to a name that is a path only */
		name = arena_strdup(q->arena, path + strlen(":parameter"));
		if (strchr(name + 1, '/') == NULL)
			name++;
	}
	colon = strchr(name, ':');
	if (colon != NULL) {
		*colon = '\0';
		*version = strtoll(colon + 1, NULL, 10);
		if (*version <= 0)
			*version = -1; /* labels are not kept */
	}
	return name;
}

static int64_t
latest(struct cloud *c, const struct cloud_request *q, const char *name)
{
	return sql_int(cloud_db(c), 0, "SELECT max(version) FROM ssm_parameters WHERE account = ? AND region = ? AND name = ?", "ttt", q->account,
	    q->region, name);
}

static const char *
kept_as(struct cloud *c, const struct cloud_request *q, const char *name, bool tier)
{
	return sql_string(cloud_db(c), q->arena, tier ? "SELECT tier FROM ssm_keeping WHERE account = ? AND region = ? AND name = ?"
	    : "SELECT kms FROM ssm_keeping WHERE account = ? AND region = ? AND name = ?", "ttt", q->account, q->region, name);
}

/* NULL with *p: it cannot go back to the tier that costs nothing. What is not said is Standard, or what it was. */
static const char *
choose_tier(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const char *name, size_t len)
{
	const char *asked = given_text(q->json, "Tier"), *before = kept_as(c, q, name, true);

	if (asked != NULL && strcmp(asked, STANDARD) != 0 && strcmp(asked, ADVANCED) != 0 && strcmp(asked, "Intelligent-Tiering") != 0) {
		cloud_fail(p, "ValidationException", "1 validation error detected: Value '%s' at 'tier' failed to satisfy constraint: Member must satisfy "
		    "enum value set: [Standard, Advanced, Intelligent-Tiering]", asked);
		return NULL;
	}
	if (before != NULL && strcmp(before, ADVANCED) == 0) {
		if (asked == NULL || strcmp(asked, STANDARD) != 0)
			return ADVANCED;
		cloud_fail(p, "ValidationException", "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter "
		    "tier to the standard-parameter tier.");
		return NULL;
	}
	if (asked != NULL && strcmp(asked, "Intelligent-Tiering") == 0)
		return len > VALUE_STANDARD ? ADVANCED : STANDARD;
	return asked != NULL ? asked : STANDARD;
}

static void
put_parameter(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	static const char *const types[] = { "String", "StringList", "SecureString" };
	const char *name = given_text(q->json, "Name"), *value = given_text(q->json, "Value"), *type = given_text(q->json, "Type");
	const char *tier, *kms = given_text(q->json, "KeyId");
	int64_t version;
	size_t most;
	bool known = false;

	if (!name_fits(name) || value == NULL) {
		cloud_fail(p, "ValidationException", "%s", value == NULL ? "1 validation error detected: Value at 'value' failed to satisfy constraint: "
		    "Member must have length greater than or equal to 1." : "Parameter name must be a fully qualified name.");
		return;
	}
	tier = choose_tier(c, q, p, name, strlen(value));
	if (tier == NULL)
		return;
	most = strcmp(tier, ADVANCED) == 0 ? VALUE_ADVANCED : VALUE_STANDARD;
	if (strlen(value) > most) {
		cloud_fail(p, "ValidationException", "%s tier parameters support a maximum parameter value of %zu characters.", tier, most);
		return;
	}
	version = latest(c, q, name);
	if (version > 0 && !given_bool(q->json, "Overwrite", false)) {
		cloud_fail(p, "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to "
		    "true.");
		return;
	}
	if (type == NULL && version > 0)
		type = sql_string(cloud_db(c), q->arena, "SELECT type FROM ssm_parameters WHERE account = ? AND region = ? AND name = ? AND version = ?",
		    "ttti", q->account, q->region, name, version);
	for (size_t i = 0; type != NULL && i < sizeof types / sizeof types[0]; i++)
		known = known || strcmp(types[i], type) == 0;
	if (!known) {
		cloud_fail(p, type == NULL ? "ValidationException" : "UnsupportedParameterType", "%s", type == NULL ?
		    "A parameter type is required when you create a parameter." : "The parameter type is not supported.");
		return;
	}
	/* A key that is not named is the account's own, whichever it was before. */
	if (strcmp(type, "SecureString") == 0 && kms == NULL)
		kms = "alias/aws/ssm";
	if (!sql_do(cloud_db(c), "INSERT INTO ssm_parameters VALUES (?, ?, ?, ?, ?, ?, ?)", "tttitti", q->account, q->region, name, version + 1, type,
	    value, q->now) ||
	    !sql_do(cloud_db(c), "REPLACE INTO ssm_keeping VALUES (?, ?, ?, ?, ?)", "ttttt", q->account, q->region, name, kms, tier)) {
		cloud_fail(p, "InternalFailure", "An error occurred on the server side.");
		return;
	}
	cJSON *out = cJSON_CreateObject();
	cJSON_AddNumberToObject(out, "Version", (double)(version + 1));
	cJSON_AddStringToObject(out, "Tier", tier);
	cloud_reply_json(p, out);
}

/* NULL: there is none; *why is "ParameterNotFound" or "ParameterVersionNotFound" then. */
static cJSON *
read_parameter(struct cloud *c, const struct cloud_request *q, const char *given_as, const char **why)
{
	int64_t version;
	char *name = plain_name(q, given_as, &version);
	int64_t last = latest(c, q, name);
	cJSON *out = NULL;
	sqlite3_stmt *s = sql(cloud_db(c), "SELECT version, type, value, modified FROM ssm_parameters WHERE account = ? AND region = ? AND name = ?"
	    " AND version = ?", "ttti", q->account, q->region, name, version != 0 ? version : last);

	*why = last == 0 ? "ParameterNotFound" : "ParameterVersionNotFound";
	if (sqlite3_step(s) == SQLITE_ROW) {
		const char *type = sql_column(s, 1, q->arena), *value = sql_column(s, 2, q->arena);
		bool hide = strcmp(type, "SecureString") == 0 && !given_bool(q->json, "WithDecryption", false);
		out = cJSON_CreateObject();
		cJSON_AddStringToObject(out, "Name", name);
		cJSON_AddStringToObject(out, "Type", type);
		/* What is not decrypted comes as ciphertext: no one can read that either. */
		cJSON_AddStringToObject(out, "Value", hide ? "AQICAHhwcmFjdGljZS1sYWItY2lwaGVydGV4dA==" : value);
		cJSON_AddNumberToObject(out, "Version", (double)sqlite3_column_int64(s, 0));
		cJSON_AddNumberToObject(out, "LastModifiedDate", (double)sqlite3_column_int64(s, 3));
		cJSON_AddStringToObject(out, "ARN", cloud_arn(q, "ssm", arena_printf(q->arena, "parameter%s%s", name[0] == '/' ? "" : "/", name)));
		cJSON_AddStringToObject(out, "DataType", "text");
		if (version > 0)
			cJSON_AddStringToObject(out, "Selector", arena_printf(q->arena, ":%lld", (long long)version));
	}
	sqlite3_finalize(s);
	return out;
}

static void
get_parameter(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	const char *name = given_text(q->json, "Name"), *why = "ParameterNotFound";
	cJSON *found = name != NULL ? read_parameter(c, q, name, &why) : NULL, *out;

	if (found == NULL) {
		cloud_fail(p, why, "Systems Manager could not find the parameter or its version that was asked for.");
		return;
	}
	out = cJSON_CreateObject();
	cJSON_AddItemToObject(out, "Parameter", found);
	cloud_reply_json(p, out);
}

static void
get_parameters(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	const cJSON *names = given(q->json, "Names"), *name;
	const char *why;

	if (!cJSON_IsArray(names) || cJSON_GetArraySize(names) < 1 || cJSON_GetArraySize(names) > NAMES_MOST) {
		cloud_fail(p, "ValidationException", "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length "
		    "less than or equal to %d", NAMES_MOST);
		return;
	}
	cJSON *out = cJSON_CreateObject(), *found = cJSON_AddArrayToObject(out, "Parameters"), *unknown = cJSON_AddArrayToObject(out, "InvalidParameters");
	cJSON_ArrayForEach(name, names) {
		cJSON *one = cJSON_IsString(name) ? read_parameter(c, q, name->valuestring, &why) : NULL;
		if (one != NULL)
			cJSON_AddItemToArray(found, one);
		else
			cJSON_AddItemToArray(unknown, cJSON_CreateString(cJSON_IsString(name) ? name->valuestring : ""));
	}
	cloud_reply_json(p, out);
}

/* One filter by name: what `aws ssm describe-parameters --parameter-filters Key=Name,Values=…` sends. */
static void
describe_parameters(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	const cJSON *filters = given(q->json, "ParameterFilters"), *filter = cJSON_GetArrayItem(filters, 0), *values = cJSON_GetObjectItemCaseSensitive(filter, "Values");
	const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(filter, "Key"));
	const char *how = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(filter, "Option")), *wanted = cJSON_GetStringValue(cJSON_GetArrayItem(values, 0));
	cJSON *out, *list;
	sqlite3_stmt *s;

	if (filter != NULL && (key == NULL || strcmp(key, "Name") != 0 || cJSON_GetArraySize(filters) != 1)) {
		cloud_fail(p, "InvalidFilterKey", "The practice lab filters by Name alone.");
		return;
	}
	if (filter != NULL && ((how != NULL && strcmp(how, "Equals") != 0) || wanted == NULL || cJSON_GetArraySize(values) != 1)) {
		cloud_fail(p, how != NULL && strcmp(how, "Equals") != 0 ? "InvalidFilterOption" : "InvalidFilterValue", "The practice lab filters by Equals one name.");
		return;
	}
	out = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(out, "Parameters");
	s = sql(cloud_db(c), "SELECT p.name, p.type, max(p.version), p.modified, k.kms, k.tier FROM ssm_parameters p LEFT JOIN ssm_keeping k USING"
	    " (account, region, name) WHERE p.account = ?1 AND p.region = ?2 AND (?3 IS NULL OR p.name = ?3) GROUP BY p.name ORDER BY p.name", "ttt", q->account,
	    q->region, wanted);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *name = sql_column(s, 0, q->arena), *type = sql_column(s, 1, q->arena);
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "Name", name);
		cJSON_AddStringToObject(one, "ARN", cloud_arn(q, "ssm", arena_printf(q->arena, "parameter%s%s", name[0] == '/' ? "" : "/", name)));
		cJSON_AddStringToObject(one, "Type", type);
		if (sqlite3_column_type(s, 4) != SQLITE_NULL)
			cJSON_AddStringToObject(one, "KeyId", sql_column(s, 4, q->arena));
		cJSON_AddNumberToObject(one, "LastModifiedDate", (double)sqlite3_column_int64(s, 3));
		cJSON_AddNumberToObject(one, "Version", (double)sqlite3_column_int64(s, 2));
		cJSON_AddStringToObject(one, "Tier", sqlite3_column_type(s, 5) != SQLITE_NULL ? sql_column(s, 5, q->arena) : STANDARD);
		cJSON_AddStringToObject(one, "DataType", "text");
		cJSON_AddItemToArray(list, one);
	}
	sqlite3_finalize(s);
	cloud_reply_json(p, out);
}

static void
delete_parameter(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	const char *name = given_text(q->json, "Name");

	if (name == NULL || latest(c, q, name) == 0)
		cloud_fail(p, "ParameterNotFound", "The parameter %s was not found.", name != NULL ? name : "");
	else if (sql_do(cloud_db(c), "DELETE FROM ssm_parameters WHERE account = ? AND region = ? AND name = ?", "ttt", q->account, q->region, name) &&
	    sql_do(cloud_db(c), "DELETE FROM ssm_keeping WHERE account = ? AND region = ? AND name = ?", "ttt", q->account, q->region, name))
		cloud_reply_json(p, cJSON_CreateObject());
	else
		cloud_fail(p, "InternalFailure", "An error occurred on the server side.");
}

static const struct {
	const char *name;
	void (*run)(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p);
} operations[] = {
	{ "DeleteParameter", delete_parameter },
	{ "DescribeParameters", describe_parameters },
	{ "GetParameter", get_parameter },
	{ "GetParameters", get_parameters },
	{ "PutParameter", put_parameter },
};

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	for (size_t i = 0; q->operation != NULL && i < sizeof operations / sizeof operations[0]; i++) {
		if (strcmp(operations[i].name, q->operation) != 0)
			continue;
		if (cloud_may(q, "ssm", p))
			operations[i].run(c, q, p);
		return;
	}
	cloud_fail(p, "UnknownOperationException", "The operation is unknown.");
}

const struct cloud_service cloud_ssm = {
	.signing = "ssm",
	.protocol = CLOUD_JSON,
	.target = "AmazonSSM",
	.tables = tables,
	.serve = serve,
};
