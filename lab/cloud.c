#include "lab/cloud.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/cloud_internal.h"
#include "lab/pca.h"
#include "lab/sql.h"
#include "model/text.h"

enum { BUSY_MS = 20000 }; /* the private CA's worker writes too, in short turns */

bool
cloud_exec(struct cloud *c, const char *text)
{
	return sqlite3_exec(c->db, text, NULL, NULL, NULL) == SQLITE_OK;
}

sqlite3 *
cloud_open_database(const char *folder, struct error *err)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	/* NORMAL: a kill loses nothing, only a power cut may lose the last transactions, whole. */
	static const char pragmas[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768;"
	    "CREATE TABLE IF NOT EXISTS cloud_meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID";
	int result;

	/* Keys of CAs are in it. */
	mode_t before = umask(077);
	if (snprintf(path, sizeof path, "%s/cloud.db", folder) >= (int)sizeof path)
		path[0] = '\0';
	result = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (result == SQLITE_OK) {
		sqlite3_busy_timeout(db, BUSY_MS);
		result = sqlite3_exec(db, pragmas, NULL, NULL, NULL);
	}
	umask(before);
	if (result == SQLITE_OK)
		return db;
	error_set(err, ERROR_LOCAL, "starting the lab", "The private CA's database cloud.db cannot be used: %s.", sqlite3_errstr(result));
	sqlite3_close(db);
	return NULL;
}

static status
prepare(struct cloud *c, struct error *err)
{
	bool ok = cloud_exec(c, "BEGIN IMMEDIATE") && cloud_keys_prepare(c);

	for (size_t i = 0; i < cloud_services_len && ok; i++)
		ok = cloud_services[i]->prepare == NULL || cloud_services[i]->prepare(c);
	ok = ok && cloud_listen(c, err) == STATUS_OK && pca_seed(c) && cloud_exec(c, "COMMIT");
	return ok ? STATUS_OK : error_set(err, ERROR_LOCAL, "starting the lab", "The private CA's database cannot be filled: %s.",
	    sqlite3_errmsg(c->db));
}

static status
make_folders(struct cloud *c, const char *dir, struct error *err)
{
	char path[PATH_MAX];

	c->folder = mem_strdup(dir);
	if (snprintf(path, sizeof path, "%s/objects", dir) >= (int)sizeof path)
		path[0] = '\0';
	c->objects = mem_strdup(path);
	if (mkdir(c->objects, 0700) != 0 && errno != EEXIST)
		return error_set(err, ERROR_LOCAL, "starting the lab", "A folder of the lab cannot be made: %s.", strerror(errno));
	return STATUS_OK;
}

status
cloud_start(const struct cloud_options *o, struct cloud **out, struct error *err)
{
	struct cloud *c = mem_zero(1, sizeof *c);

	c->o = *o;
	c->listener = -1;
	if (make_folders(c, o->dir, err) != STATUS_OK || (c->db = cloud_open_database(o->dir, err)) == NULL || prepare(c, err) != STATUS_OK)
		goto failed;
	if (pca_start(c, err) != STATUS_OK || cloud_serve_http(c, err) != STATUS_OK)
		goto failed;
	*out = c;
	return STATUS_OK;
failed:
	cloud_stop(c);
	return STATUS_FAILED;
}

void
cloud_stop(struct cloud *c)
{
	if (c == NULL)
		return;
	cloud_hang_up(c);
	pca_stop(c);
	sqlite3_close(c->db);
	OPENSSL_cleanse(c->secret, sizeof c->secret);
	free(c->folder);
	free(c->objects);
	free(c);
}

const char *
cloud_url(const struct cloud *c)
{
	return c->url;
}

const char *
cloud_access_key(const struct cloud *c)
{
	return c->access_key;
}

const char *
cloud_secret(const struct cloud *c)
{
	return c->secret;
}

sqlite3 *
cloud_db(struct cloud *c)
{
	return c->db;
}

const char *
cloud_folder(const struct cloud *c)
{
	return c->objects;
}

const struct world *
cloud_world(const struct cloud *c)
{
	return c->o.world;
}

const struct cloud_options *
cloud_settings(const struct cloud *c)
{
	return &c->o;
}

/* ---- a request ---- */

/* "ACMPrivateCA.IssueCertificate" → the service of that target; *operation is what follows the dot. */
static const struct cloud_service *
by_target(const char *target, const char **operation)
{
	const char *dot = strrchr(target, '.');

	for (size_t i = 0; dot != NULL && i < cloud_services_len; i++) {
		const char *name = cloud_services[i]->target;
		if (name != NULL && strlen(name) == (size_t)(dot - target) && strncmp(target, name, strlen(name)) == 0) {
			*operation = dot + 1;
			return cloud_services[i];
		}
	}
	return NULL;
}

static const struct cloud_service *
by_signing(const char *name)
{
	for (size_t i = 0; name != NULL && i < cloud_services_len; i++)
		if (strcmp(cloud_services[i]->signing, name) == 0)
			return cloud_services[i];
	return NULL;
}

static bool
lists(const char *operations, const char *operation)
{
	size_t len = operation != NULL ? strlen(operation) : 0;

	for (const char *at = operations; at != NULL && len > 0 && (at = strstr(at, operation)) != NULL; at++)
		if (at > operations && at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

/* Query's Action, of the body or of the address. */
static const char *
action_of(const struct cloud_raw *raw, struct arena *a)
{
	const char *action = cloud_field((const char *)raw->body, "Action", a);

	return action != NULL ? action : cloud_field(raw->query, "Action", a);
}

/* NULL: *p says why. */
static const struct cloud_service *
route(const struct cloud_raw *raw, struct cloud_request *q, struct cloud_reply *p, bool *needs_signature)
{
	const char *target = cloud_raw_header(raw, "X-Amz-Target"), *claimed = cloud_claimed_service(raw, q->arena);
	const struct cloud_service *s = target != NULL ? by_target(target, &q->operation) : by_signing(claimed);

	*needs_signature = true;
	if (target != NULL) {
		p->protocol = CLOUD_JSON;
		if (s == NULL)
			cloud_fail(p, "UnknownOperationException", "The target of the request is unknown.");
		return s;
	}
	if (s != NULL && s->protocol == CLOUD_QUERY)
		q->operation = action_of(raw, q->arena);
	/* A key is wanted by somebody who has none yet. */
	for (size_t i = 0; claimed == NULL && i < cloud_services_len; i++)
		if (lists(cloud_services[i]->unsigned_operations, action_of(raw, q->arena))) {
			s = cloud_services[i];
			q->operation = action_of(raw, q->arena);
			*needs_signature = false;
		}
	if (s != NULL) {
		p->protocol = s->protocol;
		return s;
	}
	if (claimed == NULL) {
		/* Who asks for a page without a signature hears it as from S3. */
		p->protocol = strcmp(raw->method, "POST") == 0 ? CLOUD_JSON : CLOUD_S3;
		if (p->protocol == CLOUD_S3)
			cloud_fail(p, "AccessDenied", "Access Denied");
		else
			cloud_fail(p, "MissingAuthenticationTokenException", "Missing Authentication Token");
		return NULL;
	}
	p->protocol = CLOUD_JSON;
	cloud_fail(p, "UnknownOperationException", "This practice lab has no service “%.64s”.", text_safe_arena(q->arena, text_of(claimed), 64, NULL));
	return NULL;
}

/* The body of a JSON request: an object, in UTF-8. */
static bool
read_json(const struct cloud_raw *raw, struct cloud_request *q, struct cloud_reply *p, cJSON **out)
{
	const struct text body = { raw->body, raw->body_len };
	bool utf8 = (text_flags(body) & TEXT_INVALID) == 0;

	if (raw->body_len == 0)
		*out = cJSON_CreateObject();
	else if (utf8)
		*out = cJSON_ParseWithLength((const char *)raw->body, raw->body_len);
	if (cJSON_IsObject(*out)) {
		q->json = *out;
		return true;
	}
	/* The REST services read their bodies themselves, and some are no JSON. */
	if (p->protocol != CLOUD_JSON)
		return true;
	cloud_fail(p, "SerializationException", "%s", !utf8 ? "The request body is not UTF-8." : *out != NULL ?
	    "Start of structure or map found where not expected." : "The request body is not valid JSON.");
	return false;
}

/* One transaction: what a 5xx says it did not do is not done, and what any other answer says has been done is on disk. */
static void
serve(struct cloud *c, const struct cloud_service *s, const struct cloud_request *q, struct cloud_reply *p)
{
	bool good;

	if (!cloud_exec(c, "BEGIN IMMEDIATE")) {
		cloud_fail(p, "ServiceUnavailable", "The lab's database does not answer: %s.", sqlite3_errmsg(c->db));
		return;
	}
	/* Who reads the bucket finds lists that tell of all that is revoked. */
	if (s->protocol == CLOUD_S3)
		pca_crl_settle(c);
	s->serve(c, q, p);
	good = p->status < 500;
	if (good && cloud_exec(c, "COMMIT")) {
		pca_committed(c);
		return;
	}
	if (good)
		cloud_fail(p, "InternalFailure", "The lab's database does not take it: %s.", sqlite3_errmsg(c->db));
	if (sqlite3_get_autocommit(c->db) == 0)
		cloud_exec(c, "ROLLBACK");
}

void
cloud_serve_request(struct cloud *c, const struct cloud_service *s, struct cloud_request *q, const struct cloud_raw *raw, struct cloud_reply *p)
{
	const char *type = cloud_raw_header(raw, "Content-Type");
	cJSON *json = NULL;

	if (p->protocol == CLOUD_JSON && type != NULL && strncmp(type, "application/x-amz-json-1.0", 26) == 0)
		p->content_type = "application/x-amz-json-1.0";
	q->now = c->o.world->now_ms(c->o.world->self) / 1000;
	if ((p->protocol != CLOUD_JSON && p->protocol != CLOUD_REST_JSON) || read_json(raw, q, p, &json))
		serve(c, s, q, p);
	cJSON_Delete(json);
}

void
cloud_answer(struct cloud *c, const struct cloud_raw *raw, struct arena *a, struct cloud_reply *p)
{
	struct cloud_request q = { .method = raw->method, .path = raw->path, .query = raw->query, .headers = raw->headers,
		.headers_len = raw->headers_len, .body = raw->body, .body_len = raw->body_len, .arena = a, .account = "", .region = "" };
	const struct cloud_service *s;
	bool needs_signature;

	p->status = 200;
	cloud_uuid(p->request_id);
	cloud_reply_header(p, "x-amzn-RequestId", arena_strdup(a, p->request_id));
	pca_settle(c);
	if (pca_public(c, raw, a, p))
		return;
	s = route(raw, &q, p, &needs_signature);
	if (p->protocol == CLOUD_S3)
		cloud_reply_header(p, "x-amz-request-id", arena_strdup(a, p->request_id));
	if (s == NULL || (needs_signature && !cloud_authenticate(c, raw, s, &q, p)))
		return;
	q.service = s->signing;
	cloud_serve_request(c, s, &q, raw, p);
}
