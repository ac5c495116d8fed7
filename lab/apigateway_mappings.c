/*
 * The lab's API Gateway: which APIs a domain name leads to, by path and stage; each of them has a default address besides, the
 * way around mutual TLS. Source: CreateBasePathMapping (2015-07-09), CreateApiMapping (2018-11-29).
 */
#include <stdio.h>
#include <string.h>

#include "lab/apigateway_parts.h"
#include "lab/sql.h"

enum { MAPPING_ID = 6, MAPPINGS_MOST = 200 }; /* of one domain: AWS's own quota */

/* The empty path is "(none)" in the older API, and absent in the newer. */
static cJSON *
mapping(sqlite3_stmt *s, bool http, struct arena *a)
{
	const char *path = sql_column(s, 1, a), *stage = sql_column(s, 3, a);
	cJSON *out = cJSON_CreateObject();

	cJSON_AddStringToObject(out, http ? "apiId" : "restApiId", sql_column(s, 2, a));
	if (stage != NULL)
		cJSON_AddStringToObject(out, "stage", stage);
	if (http)
		cJSON_AddStringToObject(out, "apiMappingId", sql_column(s, 0, a));
	if (!http || path[0] != '\0')
		cJSON_AddStringToObject(out, http ? "apiMappingKey" : "basePath", !http && path[0] == '\0' ? "(none)" : path);
	return out;
}

static void
list(struct gateway_call *k, bool http)
{
	struct gateway_domain d;
	cJSON *out, *items;
	sqlite3_stmt *s;

	if (!gateway_find(k, &d))
		return;
	out = cJSON_CreateObject();
	items = cJSON_AddArrayToObject(out, http ? "items" : "item");
	s = sql(cloud_db(k->c), "SELECT id, path, api, stage FROM gateway_mappings WHERE account = ? AND region = ? AND domain = ? ORDER BY path", "ttt",
	    k->q->account, k->q->region, k->name);
	while (sqlite3_step(s) == SQLITE_ROW)
		cJSON_AddItemToArray(items, mapping(s, http, k->q->arena));
	sqlite3_finalize(s);
	cloud_reply_json(k->p, out);
}

static bool
api_exists(struct gateway_call *k, const char *api, bool http)
{
	return api != NULL && sql_int(cloud_db(k->c), 0, "SELECT 1 FROM gateway_apis WHERE id = ? AND account = ? AND region = ? AND http = ?", "ttti", api,
	    k->q->account, k->q->region, (int64_t)http) == 1;
}

static int64_t
count(struct gateway_call *k, const char *path)
{
	return sql_int(cloud_db(k->c), 0, "SELECT count(*) FROM gateway_mappings WHERE account = ? AND region = ? AND domain = ? AND (? = '*' OR path = ?)",
	    "ttttt", k->q->account, k->q->region, k->name, path, path);
}

static void
add(struct gateway_call *k, bool http)
{
	const char *api = given_text(k->q->json, http ? "apiId" : "restApiId"), *path = given_text(k->q->json, http ? "apiMappingKey" : "basePath");
	const char *stage = given_text(k->q->json, "stage");
	struct gateway_domain d;
	char id[MAPPING_ID + 1];
	sqlite3_stmt *s;

	if (!gateway_find(k, &d))
		return;
	if (path == NULL || strcmp(path, "(none)") == 0)
		path = "";
	if (!api_exists(k, api, http))
		cloud_fail(k->p, http ? "NotFoundException" : "BadRequestException", "Invalid API identifier specified");
	else if (http && stage == NULL)
		gateway_bad_request(k, "Invalid stage identifier specified");
	else if (strchr(path, '*') != NULL)
		gateway_bad_request(k, "API mapping key should not contain more than one consecutive '/' and only letters, numbers and $-_.+!'()/");
	else if (count(k, path) > 0)
		cloud_fail(k->p, "ConflictException", "%s", http ? "ApiMapping key already exists for this domain name" : "Base path already exists for this domain name");
	else if (count(k, "*") >= MAPPINGS_MOST)
		gateway_bad_request(k, "The maximum number of mappings for this domain name is reached");
	else {
		cloud_random(id, MAPPING_ID);
		if (!sql_do(cloud_db(k->c), "INSERT INTO gateway_mappings(id, account, region, domain, path, api, stage) VALUES (?, ?, ?, ?, ?, ?, ?)", "ttttttt",
		    id, k->q->account, k->q->region, k->name, path, api, stage)) {
			cloud_fail(k->p, "InternalFailure", "Internal server error");
			return;
		}
		s = sql(cloud_db(k->c), "SELECT id, path, api, stage FROM gateway_mappings WHERE id = ?", "t", id);
		if (sqlite3_step(s) == SQLITE_ROW)
			cloud_reply_json(k->p, mapping(s, http, k->q->arena));
		sqlite3_finalize(s);
		k->p->status = 201;
	}
}

void
gateway_v1_mappings(struct gateway_call *k)
{
	list(k, false);
}

void
gateway_v1_map(struct gateway_call *k)
{
	add(k, false);
}

void
gateway_v2_mappings(struct gateway_call *k)
{
	list(k, true);
}

void
gateway_v2_map(struct gateway_call *k)
{
	add(k, true);
}
