/*
 * The lab's S3: REST and XML, path-style. What trust stores, audit reports and lists of revoked certificates need, as
 * AWS's own clients ask for it. Source: the S3 API reference; knowledge "aws" 4.4.
 */
#include <stdio.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/xml.h"
#include "lab/s3_store.h"
#include "lab/sql.h"
#include "model/characters.h"
#include "model/limits.h"
#include "model/times.h"

enum { BUCKET_LEAST = 3, BUCKET_MOST = 63, KEY_MOST = 1024, MD5_BASE64 = 24, META_MOST = 6 };

/* A request's path taken apart. */
struct s3_call {
	struct cloud *c;
	const struct cloud_request *q;
	struct cloud_reply *p;
	const char *name, *key; /* the bucket, "" at the root; NULL: the bucket itself */
	struct s3_bucket bucket;
	bool exists;
};

/* NULL: a percent sign that says nothing, or a NUL. */
static char *
decode_path(const char *path, struct arena *a)
{
	char *out = arena_alloc(a, strlen(path) + 1);
	size_t n = 0;

	for (; *path != '\0'; path++) {
		int high = *path == '%' ? hex_value(path[1]) : 0, low = *path == '%' && high >= 0 ? hex_value(path[2]) : 0;
		if (*path != '%') {
			out[n++] = *path;
			continue;
		}
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return NULL;
		out[n++] = (char)(high << 4 | low);
		path += 2;
	}
	return out;
}

static bool
bucket_name_fits(const char *name)
{
	size_t len = strlen(name);

	return len >= BUCKET_LEAST && len <= BUCKET_MOST && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len &&
	    name[0] != '-' && name[0] != '.' && name[len - 1] != '-' && name[len - 1] != '.' && strstr(name, "..") == NULL;
}

/* The text of an element right below the root of the XML that came in; NULL: it has none, or it is no XML. */
static const char *
element(const struct cloud_request *q, const char *name)
{
	const struct xml_node *root = NULL;
	struct aws_error why = { 0 };

	return q->body_len > 0 && xml_read(q->body, q->body_len, q->arena, &root, &why) == STATUS_OK ? xml_text(root, name) : NULL;
}

/* ---- buckets ---- */

static void
create_bucket(struct s3_call *k)
{
	const char *where = element(k->q, "LocationConstraint");

	if (!bucket_name_fits(k->name)) {
		cloud_fail(k->p, "InvalidBucketName", "The specified bucket is not valid.");
		return;
	}
	if (k->exists && strcmp(k->bucket.owner, k->q->account) != 0) {
		cloud_fail(k->p, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of "
		    "the system. Please select a different name and try again.");
		return;
	}
	/* The oldest region answers 200 to its owner. */
	if (k->exists && strcmp(k->bucket.region, CLOUD_REGION) != 0) {
		cloud_fail(k->p, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.");
		return;
	}
	if (where == NULL && strcmp(k->q->region, CLOUD_REGION) != 0) {
		cloud_fail(k->p, "IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the region specific "
		    "endpoint this request was sent to.");
		return;
	}
	if (!k->exists && !sql_do(cloud_db(k->c), "INSERT INTO s3_buckets(name, region, owner, created) VALUES (?, ?, ?, ?)", "ttti", k->name,
	    where != NULL ? where : k->q->region, k->q->account, k->q->now))
		cloud_fail(k->p, "InternalError", "We encountered an internal error. Please try again.");
	else
		cloud_reply_header(k->p, "Location", arena_printf(k->q->arena, "/%s", k->name));
}

static void
delete_bucket(struct s3_call *k)
{
	if (sql_int(cloud_db(k->c), 0, "SELECT 1 FROM s3_objects WHERE bucket = ? LIMIT 1", "t", k->name) == 1) {
		cloud_fail(k->p, "BucketNotEmpty", "The bucket you tried to delete is not empty. You must delete all versions in the bucket.");
		return;
	}
	k->p->status = sql_do(cloud_db(k->c), "DELETE FROM s3_buckets WHERE name = ?", "t", k->name) ? 204 : 500;
}

static void
head_bucket(struct s3_call *k)
{
	cloud_reply_header(k->p, "x-amz-bucket-region", k->bucket.region);
	k->p->content_type = "application/xml";
}

static void
get_location(struct s3_call *k)
{
	bool oldest = strcmp(k->bucket.region, "us-east-1") == 0; /* it is called nothing */

	k->p->content_type = "application/xml";
	buf_addf(&k->p->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">%s"
	    "</LocationConstraint>", oldest ? "" : k->bucket.region);
}

static void
get_versioning(struct s3_call *k)
{
	static const char *const words[] = { [S3_NEVER_VERSIONED] = "", [S3_VERSIONED] = "<Status>Enabled</Status>",
		[S3_SUSPENDED] = "<Status>Suspended</Status>" };

	k->p->content_type = "application/xml";
	buf_addf(&k->p->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
	    "%s</VersioningConfiguration>", words[k->bucket.versioning]);
}

static void
put_versioning(struct s3_call *k)
{
	const char *word = element(k->q, "Status");
	int64_t how = word == NULL ? -1 : strcmp(word, "Enabled") == 0 ? S3_VERSIONED : strcmp(word, "Suspended") == 0 ? S3_SUSPENDED : -1;

	if (how < 0)
		cloud_fail(k->p, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
	else if (!sql_do(cloud_db(k->c), "UPDATE s3_buckets SET versioning = ? WHERE name = ?", "it", how, k->name))
		cloud_fail(k->p, "InternalError", "We encountered an internal error. Please try again.");
}

static void
get_policy(struct s3_call *k)
{
	if (k->bucket.policy == NULL) {
		cloud_fail(k->p, "NoSuchBucketPolicy", "The bucket policy does not exist");
		return;
	}
	k->p->content_type = "application/json";
	buf_adds(&k->p->body, k->bucket.policy);
}

static void
put_policy(struct s3_call *k)
{
	cJSON *policy = cJSON_ParseWithLength((const char *)k->q->body, k->q->body_len);

	if (!cJSON_IsObject(policy) || cJSON_GetObjectItemCaseSensitive(policy, "Statement") == NULL)
		cloud_fail(k->p, "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'");
	else
		k->p->status = sql_do(cloud_db(k->c), "UPDATE s3_buckets SET policy = ? WHERE name = ?", "tt", (const char *)k->q->body, k->name) ? 204 : 500;
	cJSON_Delete(policy);
}

static void
delete_policy(struct s3_call *k)
{
	k->p->status = sql_do(cloud_db(k->c), "UPDATE s3_buckets SET policy = NULL WHERE name = ?", "t", k->name) ? 204 : 500;
}

static void
list_versions(struct s3_call *k)
{
	s3_answer_versions(k->c, k->q, k->p, k->name);
}

static void
list_objects(struct s3_call *k)
{
	s3_list_objects(k->c, k->q, k->p, k->name);
}

/* ---- objects ---- */

static void
version_header(struct s3_call *k, const struct s3_object *o)
{
	if (k->bucket.versioning != S3_NEVER_VERSIONED && o->version != NULL)
		cloud_reply_header(k->p, "x-amz-version-id", o->version);
}

/* x-amz-meta- headers as a JSON object in the arena; NULL: none. */
static const char *
meta_of(const struct cloud_request *q)
{
	static const char prefix[] = "x-amz-meta-";
	cJSON *meta = cJSON_CreateObject();
	const char *kept = NULL;
	int count = 0;

	for (size_t i = 0; i < q->headers_len && count < META_MOST; i++)
		if (strncasecmp(q->headers[i].name, prefix, sizeof prefix - 1) == 0) {
			cJSON_AddStringToObject(meta, q->headers[i].name, q->headers[i].value);
			count++;
		}
	if (count > 0) {
		char *text = cJSON_PrintUnformatted(meta);
		kept = arena_strdup(q->arena, text);
		cJSON_free(text);
	}
	cJSON_Delete(meta);
	return kept;
}

/* False: *p says that the body is not what its sums say. Checksums that we do not know are not looked at. */
static bool
sums_fit(struct s3_call *k, const void *bytes, size_t len, const char *trailer_crc32)
{
	const char *md5 = cloud_header(k->q, "Content-MD5"), *crc32 = cloud_header(k->q, "x-amz-checksum-crc32");
	unsigned char sum[EVP_MAX_MD_SIZE];
	char text[MD5_BASE64 + 1];
	unsigned n = 0;

	if (trailer_crc32[0] != '\0')
		crc32 = trailer_crc32;
	if (md5 != NULL) {
		if (EVP_Digest(bytes, len, sum, &n, EVP_md5(), NULL) != 1)
			return false;
		EVP_EncodeBlock((unsigned char *)text, sum, (int)n);
		if (strcmp(text, md5) != 0) {
			cloud_fail(k->p, "BadDigest", "The Content-MD5 you specified did not match what we received.");
			return false;
		}
	}
	if (crc32 != NULL && !s3_crc32_fits(bytes, len, crc32)) {
		cloud_fail(k->p, "BadDigest", "The CRC32 you specified did not match the calculated checksum.");
		return false;
	}
	return true;
}

static void
store(struct s3_call *k, const void *bytes, size_t len)
{
	struct s3_body body = { .bytes = bytes, .len = len, .type = cloud_header(k->q, "Content-Type"), .meta = meta_of(k->q) };
	struct s3_object o;

	if (!s3_store(k->c, k->name, k->key, &body, k->q->arena, &o)) {
		cloud_fail(k->p, "InternalError", "We encountered an internal error. Please try again.");
		return;
	}
	cloud_reply_header(k->p, "ETag", arena_printf(k->q->arena, "\"%s\"", o.etag));
	version_header(k, &o);
}

static void
put_object(struct s3_call *k)
{
	const char *sent = cloud_header(k->q, "x-amz-content-sha256"), *decoded = cloud_header(k->q, "x-amz-decoded-content-length");
	char crc32[S3_CHECKSUM_MAX] = "";
	struct buf body = { 0 };

	if (cloud_header(k->q, "x-amz-copy-source") != NULL) {
		cloud_fail(k->p, "NotImplemented", "A header you provided implies functionality that is not implemented");
	} else if (sent == NULL || strncmp(sent, "STREAMING-", 10) != 0) {
		if (sums_fit(k, k->q->body, k->q->body_len, crc32))
			store(k, k->q->body, k->q->body_len);
	} else if (strcmp(sent, "STREAMING-UNSIGNED-PAYLOAD-TRAILER") != 0) {
		cloud_fail(k->p, "NotImplemented", "Chunks with a signature each are not implemented");
	} else if (!s3_unchunk(k->q->body, k->q->body_len, &body, crc32) || decoded == NULL || strtoull(decoded, NULL, 10) != body.len) {
		cloud_fail(k->p, "IncompleteBody", "The request body terminated unexpectedly");
	} else if (sums_fit(k, buf_str(&body), body.len, crc32)) {
		store(k, buf_str(&body), body.len);
	}
	buf_done(&body);
}

/* "bytes=0-99" within size; false: none, or more than one, or one that is left for whole. */
static bool
range_of(const char *header, int64_t size, int64_t *from, int64_t *to)
{
	char *end;

	if (header == NULL || strncmp(header, "bytes=", 6) != 0 || header[6] < '0' || header[6] > '9')
		return false;
	*from = strtoll(header + 6, &end, 10);
	if (*end != '-')
		return false;
	*to = end[1] >= '0' && end[1] <= '9' ? strtoll(end + 1, &end, 10) : size - 1;
	if (*to >= size)
		*to = size - 1;
	return *from <= *to && *to - *from < LIMIT_CLOUD_BODY;
}

static void
object_headers(struct s3_call *k, const struct s3_object *o)
{
	static const char format[] = "%s, %02d %s %04d %02d:%02d:%02d GMT"; /* RFC 9110 5.6.7 */
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char text[TIME_TEXT_MAX];
	int year, month, day, hour, minute, second;
	cJSON *meta = o->meta != NULL ? cJSON_Parse(o->meta) : NULL;
	const cJSON *m = NULL;

	time_rfc3339(o->modified, text);
	if (sscanf(text, "%d-%d-%dT%d:%d:%d", &year, &month, &day, &hour, &minute, &second) == 6 && month >= 1 && month <= 12 && o->modified >= 0)
		cloud_reply_header(k->p, "Last-Modified", arena_printf(k->q->arena, format, days[o->modified / 86400 % 7], day, months[month - 1], year,
		    hour, minute, second));
	cloud_reply_header(k->p, "ETag", arena_printf(k->q->arena, "\"%s\"", o->etag));
	cloud_reply_header(k->p, "Accept-Ranges", "bytes");
	version_header(k, o);
	k->p->content_type = o->type != NULL ? o->type : "binary/octet-stream";
	cJSON_ArrayForEach(m, meta) {
		cloud_reply_header(k->p, arena_strdup(k->q->arena, m->string), arena_strdup(k->q->arena, m->valuestring));
	}
	cJSON_Delete(meta);
}

static void
get_object(struct s3_call *k)
{
	const char *version = cloud_field(k->q->query, "versionId", k->q->arena);
	struct s3_object o;
	int64_t from, to;

	if (!s3_find(k->c, k->name, k->key, version, k->q->arena, &o)) {
		if (version != NULL)
			cloud_fail(k->p, "NoSuchVersion", "The specified version does not exist.");
		else
			cloud_fail(k->p, "NoSuchKey", "The specified key does not exist.");
		return;
	}
	if (o.marker) {
		if (version != NULL)
			cloud_fail(k->p, "MethodNotAllowed", "The specified method is not allowed against this resource.");
		else
			cloud_fail(k->p, "NoSuchKey", "The specified key does not exist.");
		cloud_reply_header(k->p, "x-amz-delete-marker", "true");
		version_header(k, &o);
		return;
	}
	object_headers(k, &o);
	if (!range_of(cloud_header(k->q, "Range"), o.size, &from, &to)) {
		k->p->file = arena_strdup(k->q->arena, o.file);
		return;
	}
	k->p->status = 206;
	cloud_reply_header(k->p, "Content-Range", arena_printf(k->q->arena, "bytes %lld-%lld/%lld", (long long)from, (long long)to, (long long)o.size));
	if (!s3_read_body(o.file, from, (size_t)(to - from + 1), &k->p->body))
		cloud_fail(k->p, "InternalError", "We encountered an internal error. Please try again.");
}

static void
delete_object(struct s3_call *k)
{
	struct s3_object o;

	if (!s3_delete(k->c, k->name, k->key, cloud_field(k->q->query, "versionId", k->q->arena), k->q->arena, &o)) {
		cloud_fail(k->p, "InternalError", "We encountered an internal error. Please try again.");
		return;
	}
	k->p->status = 204;
	version_header(k, &o);
	if (o.marker)
		cloud_reply_header(k->p, "x-amz-delete-marker", "true");
}

/* ---- which it is ---- */

/* sub: the field of the query that makes it another operation; the first row that fits is it. */
static const struct operation {
	const char *method;
	bool object;
	const char *sub;
	bool makes_bucket;
	void (*run)(struct s3_call *k);
} operations[] = {
	{ "GET", false, "location", false, get_location },
	{ "GET", false, "versioning", false, get_versioning },
	{ "PUT", false, "versioning", false, put_versioning },
	{ "GET", false, "policy", false, get_policy },
	{ "PUT", false, "policy", false, put_policy },
	{ "DELETE", false, "policy", false, delete_policy },
	{ "GET", false, "versions", false, list_versions },
	{ "GET", false, NULL, false, list_objects },
	{ "HEAD", false, NULL, false, head_bucket },
	{ "PUT", false, NULL, true, create_bucket },
	{ "DELETE", false, NULL, false, delete_bucket },
	{ "GET", true, NULL, false, get_object },
	{ "HEAD", true, NULL, false, get_object },
	{ "PUT", true, NULL, false, put_object },
	{ "DELETE", true, NULL, false, delete_object },
};

/* What S3 has and the lab has not: without this list PutObjectTagging would store its XML as the object. */
static const char *const not_here[] = { "acl", "tagging", "uploads", "uploadId", "encryption", "lifecycle", "cors", "website", "logging",
	"notification", "replication", "publicAccessBlock", "ownershipControls", "object-lock", "retention", "legal-hold", "torrent", "delete",
	"policyStatus", "accelerate", "requestPayment", "analytics", "inventory", "metrics", "intelligent-tiering", "attributes", "restore", "select" };

static const struct operation *
find_operation(const struct s3_call *k)
{
	for (size_t i = 0; i < sizeof not_here / sizeof not_here[0]; i++)
		if (cloud_field(k->q->query, not_here[i], k->q->arena) != NULL)
			return NULL;
	for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
		const struct operation *o = &operations[i];
		if (strcmp(o->method, k->q->method) == 0 && o->object == (k->key != NULL) &&
		    (o->sub == NULL || cloud_field(k->q->query, o->sub, k->q->arena) != NULL))
			return o;
	}
	return NULL;
}

static bool
may(struct s3_call *k)
{
	if (k->exists && strcmp(k->bucket.region, k->q->region) != 0) {
		cloud_fail(k->p, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region '%s' is wrong; expecting '%s'",
		    k->q->region, k->bucket.region);
		cloud_reply_header(k->p, "x-amz-bucket-region", k->bucket.region);
		return false;
	}
	/* A bucket of a service's own is read through addresses that the service signs. */
	bool service = k->exists && strspn(k->bucket.owner, "0123456789") == 0 && k->key != NULL && strcmp(k->q->method, "GET") == 0;
	if (!k->q->may_all || (k->exists && !service && strcmp(k->bucket.owner, k->q->account) != 0)) {
		cloud_fail(k->p, "AccessDenied", "Access Denied");
		return false;
	}
	return true;
}

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	char *path = decode_path(q->path[0] == '/' ? q->path + 1 : q->path, q->arena), *slash;
	struct s3_call k = { .c = c, .q = q, .p = p };
	const struct operation *o;

	if (path == NULL) {
		cloud_fail(p, "InvalidURI", "Couldn't parse the specified URI.");
		return;
	}
	slash = strchr(path, '/');
	if (slash != NULL)
		*slash++ = '\0';
	k.name = path;
	k.key = slash != NULL && *slash != '\0' ? slash : NULL;
	k.exists = s3_bucket(c, path, q->arena, &k.bucket);
	o = find_operation(&k);
	if (o == NULL)
		cloud_fail(p, "NotImplemented", "A header you provided implies functionality that is not implemented");
	else if (*path == '\0' && k.key == NULL && strcmp(q->method, "GET") == 0 && q->may_all)
		s3_list_buckets(c, q, p);
	else if (k.key != NULL && strlen(k.key) > KEY_MOST)
		cloud_fail(p, "KeyTooLongError", "Your key is too long");
	else if (!o->makes_bucket && !k.exists)
		cloud_fail(p, "NoSuchBucket", "The specified bucket does not exist");
	else if (o->makes_bucket && q->may_all)
		o->run(&k);
	else if (may(&k))
		o->run(&k);
}

const struct cloud_service cloud_s3 = {
	.signing = "s3",
	.protocol = CLOUD_S3,
	.tables = s3_tables,
	.prepare = s3_prepare,
	.serve = serve,
};
