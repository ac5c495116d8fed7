/*
 * The lab's API Gateway: custom domain names with mutual TLS, through the REST APIs' interface (2015-07-09) and the HTTP
 * APIs' (2018-11-29), and the switch that closes an API's default address. Source: both API references; knowledge "aws" 4.2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/apigateway_parts.h"
#include "lab/sql.h"
#include "lab/trust_bundle.h"

enum { API_ID = 10, NAME_MOST = 512 };

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS gateway_domains(account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, certificate TEXT,"
    " ownership TEXT, policy TEXT NOT NULL, endpoint TEXT NOT NULL, uri TEXT, version TEXT, warnings TEXT, created INTEGER NOT NULL,"
    " looks INTEGER NOT NULL, PRIMARY KEY(account, region, name));"
    "CREATE TABLE IF NOT EXISTS gateway_apis(id TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, http INTEGER NOT NULL,"
    " name TEXT NOT NULL, created INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS gateway_mappings(id TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, domain TEXT NOT NULL,"
    " path TEXT NOT NULL, api TEXT NOT NULL, stage TEXT, UNIQUE(account, region, domain, path));";

#define DOMAIN_COLUMNS "name, certificate, ownership, policy, endpoint, uri, version, warnings, created, looks"

static void
broken(struct gateway_call *k)
{
	cloud_fail(k->p, "InternalFailure", "Internal server error");
}

void
gateway_bad_request(struct gateway_call *k, const char *text)
{
	cloud_fail(k->p, "BadRequestException", "%s", text);
}

static void
read_domain(sqlite3_stmt *s, struct arena *a, struct gateway_domain *out)
{
	*out = (struct gateway_domain){ .name = sql_column(s, 0, a), .certificate = sql_column(s, 1, a), .ownership = sql_column(s, 2, a),
		.policy = sql_column(s, 3, a), .endpoint = sql_column(s, 4, a), .truststore_uri = sql_column(s, 5, a),
		.truststore_version = sql_column(s, 6, a), .warnings = sql_column(s, 7, a), .created = sqlite3_column_int64(s, 8),
		.looks = sqlite3_column_int64(s, 9) };
}

bool
gateway_exists(struct gateway_call *k, const char *name)
{
	return sql_int(cloud_db(k->c), 0, "SELECT 1 FROM gateway_domains WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account,
	    k->q->region, name) == 1;
}

bool
gateway_find(struct gateway_call *k, struct gateway_domain *out)
{
	sqlite3_stmt *s = sql(cloud_db(k->c), "SELECT " DOMAIN_COLUMNS " FROM gateway_domains WHERE account = ? AND region = ? AND name = ?", "ttt",
	    k->q->account, k->q->region, k->name);
	bool found = sqlite3_step(s) == SQLITE_ROW;

	if (found)
		read_domain(s, k->q->arena, out);
	sqlite3_finalize(s);
	if (!found)
		cloud_fail(k->p, "NotFoundException", "Invalid domain name identifier specified");
	return found;
}

bool
gateway_keep(struct gateway_call *k, const struct gateway_domain *d)
{
	if (sql_do(cloud_db(k->c), "REPLACE INTO gateway_domains(account, region, " DOMAIN_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ttttttttttii", k->q->account, k->q->region, d->name, d->certificate, d->ownership, d->policy, d->endpoint, d->truststore_uri,
	    d->truststore_version, d->warnings, d->created, d->looks))
		return true;
	broken(k);
	return false;
}

bool
gateway_name_fits(const char *name)
{
	size_t len = name != NULL ? strlen(name) : 0;

	return len > 0 && len <= NAME_MOST && strchr(name, '.') != NULL && name[0] != '.' && strstr(name, "..") == NULL &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.*") == len;
}

/* "s3://bucket/key" */
static bool
split_uri(struct gateway_call *k, const char *uri, char **bucket, const char **key)
{
	const char *slash = strncmp(uri, "s3://", 5) == 0 ? strchr(uri + 5, '/') : NULL;

	if (slash == NULL || slash == uri + 5 || slash[1] == '\0')
		return false;
	*bucket = arena_strndup(k->q->arena, uri + 5, (size_t)(slash - uri - 5));
	*key = slash + 1;
	return true;
}

bool
gateway_take_truststore(struct gateway_call *k, struct gateway_domain *d)
{
	struct trust_bundle bundle = { 0 };
	struct buf bytes = { 0 };
	char *bucket;
	const char *key;
	bool good = false;

	d->warnings = NULL;
	d->looks = 1;
	if (d->truststore_uri == NULL) {
		d->truststore_version = NULL;
		return true;
	}
	if (strcmp(d->endpoint, "REGIONAL") != 0)
		gateway_bad_request(k, "Mutual TLS authentication is only supported for regional domain names");
	else if (strcmp(d->policy, "TLS_1_0") == 0)
		gateway_bad_request(k, "Mutual TLS authentication requires a minimum TLS version of 1.2");
	else if (!split_uri(k, d->truststore_uri, &bucket, &key))
		gateway_bad_request(k, "Invalid S3 URI provided for truststore. It must be of the form s3://bucket/key");
	else if (!cloud_s3_get(k->c, bucket, key, d->truststore_version, &bytes))
		gateway_bad_request(k, "The truststore or its version could not be read from S3");
	else if (!trust_bundle_read(buf_str(&bytes), bytes.len, &trust_bundle_of_gateway, k->q->now, k->q->arena, &bundle))
		cloud_fail(k->p, "BadRequestException", "The truststore is not valid: %s", bundle.why);
	else
		good = true;
	if (good && bundle.warnings_len > 0) {
		cJSON *list = cJSON_CreateStringArray(bundle.warnings, (int)bundle.warnings_len);
		char *text = cJSON_PrintUnformatted(list);
		d->warnings = arena_strdup(k->q->arena, text);
		cJSON_free(text);
		cJSON_Delete(list);
	}
	buf_done(&bytes);
	return good;
}

cJSON *
gateway_mutual(const struct gateway_domain *d)
{
	cJSON *out;

	if (d->truststore_uri == NULL)
		return NULL;
	out = cJSON_CreateObject();
	cJSON_AddStringToObject(out, "truststoreUri", d->truststore_uri);
	if (d->truststore_version != NULL)
		cJSON_AddStringToObject(out, "truststoreVersion", d->truststore_version);
	if (d->warnings != NULL)
		cJSON_AddItemToObject(out, "truststoreWarnings", cJSON_Parse(d->warnings));
	return out;
}

const char *
gateway_status(const struct gateway_domain *d)
{
	return d->looks > 0 ? "UPDATING" : "AVAILABLE";
}

bool
gateway_each(struct gateway_call *k, const char *after, size_t most, void (*visit)(void *user, const struct gateway_domain *d), void *user,
    const char **next)
{
	sqlite3_stmt *s = sql(cloud_db(k->c), "SELECT " DOMAIN_COLUMNS " FROM gateway_domains WHERE account = ? AND region = ? AND name > ?"
	    " ORDER BY name", "ttt", k->q->account, k->q->region, after != NULL ? after : "");
	struct gateway_domain d = { 0 };
	size_t n = 0;

	*next = NULL;
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (n++ == most) {
			*next = d.name;
			break;
		}
		read_domain(s, k->q->arena, &d);
		visit(user, &d);
	}
	sqlite3_finalize(s);
	return n > 0;
}

static void
delete_domain(struct gateway_call *k)
{
	struct gateway_domain d;

	if (!gateway_find(k, &d))
		return;
	k->p->status = 202;
	if (!sql_do(cloud_db(k->c), "DELETE FROM gateway_domains WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account, k->q->region, k->name) ||
	    !sql_do(cloud_db(k->c), "DELETE FROM gateway_mappings WHERE account = ? AND region = ? AND domain = ?", "ttt", k->q->account, k->q->region, k->name))
		broken(k);
}

/* ---- APIs: only whether their default address is closed ---- */

static void
reply_api(struct gateway_call *k, const char *id, bool http)
{
	sqlite3_stmt *s = sql(cloud_db(k->c), "SELECT id, name, created, closed FROM gateway_apis WHERE id = ? AND account = ? AND region = ? AND http = ?",
	    "ttti", id, k->q->account, k->q->region, (int64_t)http);
	cJSON *out = NULL;

	if (sqlite3_step(s) == SQLITE_ROW) {
		out = cJSON_CreateObject();
		cJSON_AddStringToObject(out, http ? "apiId" : "id", sql_column(s, 0, k->q->arena));
		cJSON_AddStringToObject(out, "name", sql_column(s, 1, k->q->arena));
		cJSON_AddBoolToObject(out, "disableExecuteApiEndpoint", sqlite3_column_int(s, 3) != 0);
		if (http) {
			cJSON_AddStringToObject(out, "protocolType", "HTTP");
			cJSON_AddStringToObject(out, "routeSelectionExpression", "$request.method $request.path");
			cJSON_AddStringToObject(out, "apiEndpoint", arena_printf(k->q->arena, "https://%s.execute-api.%s.amazonaws.com", id, k->q->region));
		} else {
			cJSON_AddNumberToObject(out, "createdDate", (double)sqlite3_column_int64(s, 2));
		}
	}
	sqlite3_finalize(s);
	if (out != NULL)
		cloud_reply_json(k->p, out);
	else
		cloud_fail(k->p, "NotFoundException", "Invalid API identifier specified %s:%s", k->q->account, id);
}

static void
create_api(struct gateway_call *k, bool http)
{
	const char *name = given_text(k->q->json, "name");
	char random[API_ID + 1], *id;

	if (name == NULL) {
		gateway_bad_request(k, "API name must be specified");
		return;
	}
	cloud_random(random, API_ID);
	id = arena_strdup(k->q->arena, random);
	for (char *at = id; *at != '\0'; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at | 0x20 : *at);
	if (!sql_do(cloud_db(k->c), "INSERT INTO gateway_apis(id, account, region, http, name, created, closed) VALUES (?, ?, ?, ?, ?, ?, ?)", "tttitii",
	    id, k->q->account, k->q->region, (int64_t)http, name, k->q->now, (int64_t)given_bool(k->q->json, "disableExecuteApiEndpoint", false))) {
		broken(k);
		return;
	}
	k->p->status = 201;
	reply_api(k, id, http);
}

static void
close_api(struct gateway_call *k, bool http, bool closed)
{
	if (sql_do(cloud_db(k->c), "UPDATE gateway_apis SET closed = ? WHERE id = ? AND account = ? AND http = ?", "itti", (int64_t)closed, k->name,
	    k->q->account, (int64_t)http))
		reply_api(k, k->name, http);
	else
		broken(k);
}

static void
create_rest_api(struct gateway_call *k)
{
	create_api(k, false);
}

static void
create_http_api(struct gateway_call *k)
{
	create_api(k, true);
}

static void
get_rest_api(struct gateway_call *k)
{
	reply_api(k, k->name, false);
}

static void
get_http_api(struct gateway_call *k)
{
	reply_api(k, k->name, true);
}

static void
patch_rest_api(struct gateway_call *k)
{
	const cJSON *operation = cJSON_GetArrayItem(given(k->q->json, "patchOperations"), 0);
	const char *path = given_text(operation, "path"), *op = given_text(operation, "op");

	if (path == NULL || op == NULL || strcmp(op, "replace") != 0 || strcmp(path, "/disableExecuteApiEndpoint") != 0)
		cloud_fail(k->p, "BadRequestException", "Invalid patch path  '%s' specified for op '%s'. Must be one of: [/disableExecuteApiEndpoint]",
		    path != NULL ? path : "", op != NULL ? op : "");
	else
		close_api(k, false, given_bool(operation, "value", false));
}

static void
patch_http_api(struct gateway_call *k)
{
	if (given(k->q->json, "disableExecuteApiEndpoint") == NULL)
		reply_api(k, k->name, true);
	else
		close_api(k, true, given_bool(k->q->json, "disableExecuteApiEndpoint", false));
}

static const struct {
	const char *method, *collection;
	bool one;
	void (*run)(struct gateway_call *k);
	const char *below; /* of one: "/basepathmappings" */
} operations[] = {
	{ "POST", "/domainnames", false, gateway_v1_create, NULL },
	{ "GET", "/domainnames", false, gateway_v1_list, NULL },
	{ "GET", "/domainnames", true, gateway_v1_get, NULL },
	{ "PATCH", "/domainnames", true, gateway_v1_patch, NULL },
	{ "DELETE", "/domainnames", true, delete_domain, NULL },
	{ "POST", "/v2/domainnames", false, gateway_v2_create, NULL },
	{ "GET", "/v2/domainnames", false, gateway_v2_list, NULL },
	{ "GET", "/v2/domainnames", true, gateway_v2_get, NULL },
	{ "PATCH", "/v2/domainnames", true, gateway_v2_patch, NULL },
	{ "DELETE", "/v2/domainnames", true, delete_domain, NULL },
	{ "POST", "/restapis", false, create_rest_api, NULL },
	{ "GET", "/restapis", true, get_rest_api, NULL },
	{ "PATCH", "/restapis", true, patch_rest_api, NULL },
	{ "POST", "/v2/apis", false, create_http_api, NULL },
	{ "GET", "/v2/apis", true, get_http_api, NULL },
	{ "PATCH", "/v2/apis", true, patch_http_api, NULL },
	{ "GET", "/domainnames", true, gateway_v1_mappings, "/basepathmappings" },
	{ "POST", "/domainnames", true, gateway_v1_map, "/basepathmappings" },
	{ "GET", "/v2/domainnames", true, gateway_v2_mappings, "/apimappings" },
	{ "POST", "/v2/domainnames", true, gateway_v2_map, "/apimappings" },
};

/* Does the path name the collection, or one of it, or what lies below that? *name: how many bytes the name has. */
static bool
is_at(const char *path, const char *collection, bool one, const char *below, size_t *name)
{
	size_t len = strlen(collection);

	if (strncmp(path, collection, len) != 0)
		return false;
	if (!one)
		return path[len] == '\0';
	*name = path[len] == '/' ? strcspn(path + len + 1, "/") : 0;
	return *name > 0 && strcmp(path + len + 1 + *name, below != NULL ? below : "") == 0;
}

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	struct gateway_call k = { .c = c, .q = q, .p = p };

	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		size_t len = strlen(operations[i].collection), name = 0;
		if (strcmp(operations[i].method, q->method) != 0 ||
		    !is_at(q->path, operations[i].collection, operations[i].one, operations[i].below, &name))
			continue;
		/* A wildcard's star comes encoded. */
		k.name = operations[i].one ? cloud_field(arena_printf(q->arena, "name=%.*s", (int)name, q->path + len + 1), "name", q->arena) : NULL;
		if (q->may_all)
			operations[i].run(&k);
		else
			cloud_fail(p, "AccessDeniedException", "User: %s is not authorized to perform: apigateway:%s on resource: arn:aws:apigateway:%s::%s",
			    q->caller, q->method, q->region, q->path);
		return;
	}
	cloud_fail(p, "NotFoundException", "This practice lab has nothing at that path.");
}

const struct cloud_service cloud_apigateway = {
	.signing = "apigateway",
	.protocol = CLOUD_REST_JSON,
	.tables = tables,
	.serve = serve,
};
