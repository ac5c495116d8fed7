#include "aws/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/percent.h"
#include "aws/xml.h"
#include "model/limits.h"
#include "model/times.h"

/* One request to a bucket, or to an object in it. */
struct request {
	struct aws_call call;
	struct sigv4_header type;
	struct buf path, query;
};

static void
request_done(struct request *r)
{
	buf_done(&r->path);
	buf_done(&r->query);
}

static void
add_query(struct request *r, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(&r->query, "%s%s=", r->query.len > 0 ? "&" : "", name);
	sigv4_encode(&r->query, value, strlen(value), false);
}

static status
object_request(struct request *r, const char *operation, const char *method, const char *bucket, const char *key, const char *version,
    struct aws_error *err)
{
	*r = (struct request){ .call = { .service = &aws_s3, .operation = operation, .method = method, .bucket = bucket } };
	if (bucket[0] == '\0' || (key != NULL && key[0] == '\0')) /* an empty name would ask for something else */
		return aws_error_set(err, AWS_ARGUMENT, NULL, "an empty name of a %s", bucket[0] == '\0' ? "bucket" : "key");
	buf_addc(&r->path, '/');
	if (key != NULL)
		sigv4_encode(&r->path, key, strlen(key), true);
	add_query(r, "versionId", version);
	return STATUS_OK;
}

static status
send(struct aws_client *c, struct request *r, struct aws_http_answer *answer, struct aws_error *err)
{
	r->call.path = r->path.data;
	r->call.query = r->query.data;
	return aws_call(c, &r->call, answer, err);
}

/* In quotation marks on the wire. */
static char *
bare_etag(struct arena *a, const char *etag)
{
	size_t len = strlen(etag);

	if (len >= 2 && etag[0] == '"' && etag[len - 1] == '"')
		return arena_strndup(a, etag + 1, len - 2);
	return arena_strdup(a, etag);
}

static void
take_stored(const struct aws_http_answer *answer, struct arena *a, struct s3_stored *out)
{
	if (out == NULL)
		return;
	out->etag = answer->etag[0] != '\0' ? bare_etag(a, answer->etag) : NULL;
	out->version = answer->version_id[0] != '\0' ? arena_strdup(a, answer->version_id) : NULL;
}

status
s3_get(struct aws_client *c, const char *bucket, const char *key, const char *version, size_t most, struct arena *a,
    const unsigned char **bytes, size_t *len, struct s3_stored *out, struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	struct request r;
	status result = object_request(&r, "GetObject", "GET", bucket, key, version, err);

	r.call.most = most;
	if (result == STATUS_OK)
		result = send(c, &r, &answer, err);
	if (result == STATUS_OK) {
		*bytes = (unsigned char *)arena_strndup(a, buf_str(&answer.body), answer.body.len);
		*len = answer.body.len;
		take_stored(&answer, a, out);
	}
	aws_http_answer_done(&answer);
	request_done(&r);
	return result;
}

status
s3_get_stream(struct aws_client *c, const char *bucket, const char *key, const char *version, s3_sink sink, void *user,
    struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	struct request r;
	status result = object_request(&r, "GetObject", "GET", bucket, key, version, err);

	r.call.sink = sink;
	r.call.user = user;
	if (result == STATUS_OK)
		result = send(c, &r, &answer, err);
	aws_http_answer_done(&answer);
	request_done(&r);
	return result;
}

status
s3_put(struct aws_client *c, const char *bucket, const char *key, const void *bytes, size_t len, const char *type, struct arena *a,
    struct s3_stored *out, struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	struct request r;
	status result = object_request(&r, "PutObject", "PUT", bucket, key, NULL, err);

	r.type = (struct sigv4_header){ .name = "content-type", .value = type };
	r.call.headers = &r.type;
	r.call.headers_len = type != NULL;
	r.call.body = bytes;
	r.call.body_len = len;
	if (result == STATUS_OK)
		result = send(c, &r, &answer, err);
	if (result == STATUS_OK)
		take_stored(&answer, a, out);
	aws_http_answer_done(&answer);
	request_done(&r);
	return result;
}

/* ---- lists ---- */

struct listing {
	struct aws_client *c;
	const char *bucket, *prefix;
	unsigned page;
	bool versions;
	s3_each each;
	void *user;
	struct buf token, token2; /* where the next page begins: a token, or a key and a version */
	bool more, ended;
	unsigned pages;
};

/* S3 was asked to encode names as a form has them, because XML cannot hold every character. */
static const char *
decoded(struct arena *a, const char *text, bool encoded)
{
	struct buf out = { .data = NULL };
	const char *kept;

	if (text == NULL || !encoded)
		return text;
	percent_decode(&out, text, strlen(text), true);
	kept = arena_strdup(a, buf_str(&out));
	buf_done(&out);
	return kept;
}

static int64_t
number_of(const char *text)
{
	char *end;
	long long n = text == NULL ? 0 : strtoll(text, &end, 10);

	return text == NULL || *end != '\0' || n < 0 ? 0 : n;
}

static bool
tell(const struct listing *l, struct arena *a, const struct xml_node *n, bool encoded)
{
	const char *modified = xml_text(n, "LastModified"), *etag = xml_text(n, "ETag"), *latest = xml_text(n, "IsLatest");
	struct s3_object o = {
		.key = decoded(a, xml_text(n, "Key"), encoded),
		.etag = etag == NULL ? "" : bare_etag(a, etag),
		.version = l->versions ? xml_text(n, "VersionId") : NULL,
		.latest = !l->versions || (latest != NULL && strcmp(latest, "true") == 0),
		.deleted = strcmp(n->name, "DeleteMarker") == 0,
		.size = number_of(xml_text(n, "Size")),
	};

	if (modified == NULL || !time_parse(modified, &o.modified))
		o.modified = TIME_UNKNOWN;
	return o.key == NULL || l->each(l->user, &o);
}

static void
keep(struct buf *out, const char *text)
{
	buf_reset(out);
	if (text != NULL)
		buf_adds(out, text);
}

/* Where the next page begins. A server that sends the same place twice would be asked for ever. */
static status
next_place(struct listing *l, const struct xml_node *root, struct arena *a, bool encoded, struct aws_error *err)
{
	const char *truncated = xml_text(root, "IsTruncated");
	const char *first = l->versions ? decoded(a, xml_text(root, "NextKeyMarker"), encoded) : xml_text(root, "NextContinuationToken");
	const char *second = l->versions ? xml_text(root, "NextVersionIdMarker") : NULL;

	l->more = truncated != NULL && strcmp(truncated, "true") == 0;
	if (!l->more)
		return STATUS_OK;
	if (first == NULL || first[0] == '\0' || ++l->pages > LIMIT_AWS_PAGES ||
	    (strcmp(first, buf_str(&l->token)) == 0 && strcmp(second == NULL ? "" : second, buf_str(&l->token2)) == 0))
		return aws_error_set(err, AWS_ANSWER, NULL, "the list goes on, and does not say where");
	keep(&l->token, first);
	keep(&l->token2, second);
	return STATUS_OK;
}

static status
read_page(struct listing *l, const struct aws_http_answer *answer, struct aws_error *err)
{
	struct arena *a = arena_new();
	const struct xml_node *root;
	status result = xml_read(answer->body.data, answer->body.len, a, &root, err);
	bool encoded = result == STATUS_OK && xml_text(root, "EncodingType") != NULL;

	for (const struct xml_node *n = result == STATUS_OK ? root->child : NULL; n != NULL && !l->ended; n = n->next) {
		bool wanted = strcmp(n->name, l->versions ? "Version" : "Contents") == 0 || (l->versions && strcmp(n->name, "DeleteMarker") == 0);
		if (wanted)
			l->ended = !tell(l, a, n, encoded);
	}
	if (result == STATUS_OK)
		result = next_place(l, root, a, encoded, err);
	arena_free(a);
	return result;
}

static status
ask_page(struct listing *l, struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	struct request r;
	char page[16] = "1000";
	status result = object_request(&r, l->versions ? "ListObjectVersions" : "ListObjectsV2", "GET", l->bucket, NULL, NULL, err);

	if (l->page > 0)
		snprintf(page, sizeof page, "%u", l->page);
	if (!l->versions && l->token.len > 0)
		add_query(&r, "continuation-token", l->token.data);
	add_query(&r, "encoding-type", "url");
	if (l->versions && l->token.len > 0)
		add_query(&r, "key-marker", l->token.data);
	if (!l->versions)
		add_query(&r, "list-type", "2");
	add_query(&r, "max-keys", page);
	add_query(&r, "prefix", l->prefix);
	if (l->versions && l->token.len > 0 && l->token2.len > 0)
		add_query(&r, "version-id-marker", l->token2.data);
	if (l->versions)
		buf_adds(&r.query, "&versions=");
	if (result == STATUS_OK)
		result = send(l->c, &r, &answer, err);
	if (result == STATUS_OK)
		result = read_page(l, &answer, err);
	aws_http_answer_done(&answer);
	request_done(&r);
	return result;
}

static status
list(struct listing *l, struct aws_error *err)
{
	status result;

	do
		result = ask_page(l, err);
	while (result == STATUS_OK && l->more && !l->ended);
	buf_done(&l->token);
	buf_done(&l->token2);
	return result;
}

status
s3_list(struct aws_client *c, const char *bucket, const char *prefix, unsigned page, s3_each each, void *user, struct aws_error *err)
{
	struct listing l = { .c = c, .bucket = bucket, .prefix = prefix, .page = page, .each = each, .user = user };

	return list(&l, err);
}

status
s3_list_versions(struct aws_client *c, const char *bucket, const char *prefix, unsigned page, s3_each each, void *user,
    struct aws_error *err)
{
	struct listing l = { .c = c, .bucket = bucket, .prefix = prefix, .page = page, .versions = true, .each = each, .user = user };

	return list(&l, err);
}

/* ---- buckets ---- */

status
s3_get_versioning(struct aws_client *c, const char *bucket, enum s3_versioning *out, struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	struct arena *a = arena_new();
	const struct xml_node *root;
	const char *text;
	struct request r;
	status result = object_request(&r, "GetBucketVersioning", "GET", bucket, NULL, NULL, err);

	add_query(&r, "versioning", "");
	if (result == STATUS_OK)
		result = send(c, &r, &answer, err);
	if (result == STATUS_OK)
		result = xml_read(answer.body.data, answer.body.len, a, &root, err);
	if (result == STATUS_OK) {
		text = xml_text(root, "Status");
		*out = text == NULL ? S3_VERSIONING_NEVER : strcmp(text, "Enabled") == 0 ? S3_VERSIONING_ENABLED : S3_VERSIONING_SUSPENDED;
	}
	aws_http_answer_done(&answer);
	request_done(&r);
	arena_free(a);
	return result;
}

status
s3_head_bucket(struct aws_client *c, const char *bucket, char region[40], struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	struct request r;
	status result = object_request(&r, "HeadBucket", "HEAD", bucket, NULL, NULL, err);

	if (result == STATUS_OK)
		result = send(c, &r, &answer, err);
	if (result == STATUS_OK && region != NULL)
		memcpy(region, answer.bucket_region, sizeof answer.bucket_region);
	aws_http_answer_done(&answer);
	request_done(&r);
	return result;
}
