/* S3's listings: objects (versions 1 and 2 of the call), their versions, and buckets. Pages, prefixes, delimiters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "lab/s3_store.h"
#include "lab/sql.h"
#include "model/times.h"

enum { MAX_KEYS = 1000 }; /* of one page, whatever is asked for */

struct listing {
	struct cloud *c;
	const struct cloud_request *q;
	const char *bucket, *prefix, *delimiter;
	const char *after;          /* what comes behind this key; NULL: from the start */
	const char *after_version;  /* of that key, the versions behind this one; NULL: none of them */
	size_t max, count;
	bool encode;                /* encoding-type=url */
	bool truncated;
	const char *last, *last_version; /* where the page ends */
	char *common;               /* the last group; NULL: none yet */
	struct buf entries, groups;
};

static void
text_element(struct buf *out, const char *name, const char *text)
{
	buf_addf(out, "<%s>", name);
	cloud_xml(out, text);
	buf_addf(out, "</%s>", name);
}

/* Keys may hold what XML cannot: SDKs ask for them encoded. */
static void
key_element(struct listing *l, struct buf *out, const char *name, const char *key)
{
	struct buf encoded = { 0 };

	if (l->encode)
		sigv4_encode(&encoded, key, strlen(key), true);
	text_element(out, name, l->encode ? buf_str(&encoded) : key);
	buf_done(&encoded);
}

static void
time_element(struct buf *out, const char *name, int64_t t)
{
	char text[TIME_TEXT_MAX];

	time_rfc3339(t, text);
	text[strlen(text) - 1] = '\0'; /* S3 writes milliseconds before the Z */
	buf_addf(out, "<%s>%s.000Z</%s>", name, text, name);
}

/* False: not given, or no number. */
static void
read_what(struct listing *l, struct cloud *c, const struct cloud_request *q, const char *bucket)
{
	const char *max = cloud_field(q->query, "max-keys", q->arena), *encoding = cloud_field(q->query, "encoding-type", q->arena);

	*l = (struct listing){ .c = c, .q = q, .bucket = bucket, .prefix = cloud_field(q->query, "prefix", q->arena),
		.delimiter = cloud_field(q->query, "delimiter", q->arena), .max = MAX_KEYS };
	if (l->prefix == NULL)
		l->prefix = "";
	if (l->delimiter != NULL && *l->delimiter == '\0')
		l->delimiter = NULL;
	if (max != NULL && *max >= '0' && *max <= '9' && strtoul(max, NULL, 10) < MAX_KEYS)
		l->max = strtoul(max, NULL, 10);
	l->encode = encoding != NULL && strcmp(encoding, "url") == 0;
}

/* The group that a key falls into, up to and with the delimiter behind the prefix, in the arena; NULL: none. */
static char *
group_of(const struct listing *l, const char *key)
{
	const char *end = l->delimiter != NULL ? strstr(key + strlen(l->prefix), l->delimiter) : NULL;

	return end != NULL ? arena_strndup(l->q->arena, key, (size_t)(end - key) + strlen(l->delimiter)) : NULL;
}

static bool
take(struct listing *l, const char *last, const char *version)
{
	if (l->count == l->max) {
		l->truncated = l->max > 0; /* AWS says so of a page of nothing too: not truncated */
		return false;
	}
	l->count++;
	l->last = last;
	l->last_version = version;
	return true;
}

static void
write_entry(struct listing *l, const struct s3_object *o, bool versions)
{
	const char *kind = !versions ? "Contents" : o->marker ? "DeleteMarker" : "Version";

	buf_addf(&l->entries, "<%s>", kind);
	key_element(l, &l->entries, "Key", o->key);
	if (versions) {
		text_element(&l->entries, "VersionId", o->version);
		text_element(&l->entries, "IsLatest", o->latest ? "true" : "false");
	}
	time_element(&l->entries, "LastModified", o->modified);
	if (!o->marker)
		buf_addf(&l->entries, "<ETag>&quot;%s&quot;</ETag><Size>%lld</Size><StorageClass>STANDARD</StorageClass>", o->etag, (long long)o->size);
	if (versions)
		buf_addf(&l->entries, "<Owner><ID>%s</ID></Owner>", l->q->account);
	buf_addf(&l->entries, "</%s>", kind);
}

/* What was on the page before: keys up to `after`, and the whole group where that is one. */
static bool
seen_before(const struct listing *l, const struct s3_object *o, const char *group, bool *passed)
{
	if (l->after == NULL)
		return false;
	if (group != NULL && strcmp(group, l->after) == 0)
		return true;
	if (strcmp(o->key, l->after) != 0)
		return false;
	if (l->after_version == NULL)
		return true;
	if (*passed)
		return false;
	*passed = strcmp(o->version, l->after_version) == 0;
	return true;
}

static void
walk(struct listing *l, bool versions)
{
	const char *from = l->after != NULL && strcmp(l->after, l->prefix) > 0 ? l->after : l->prefix;
	sqlite3_stmt *s = versions ?
	    sql(cloud_db(l->c), "SELECT " S3_COLUMNS " FROM s3_objects WHERE bucket = ? AND key >= ? ORDER BY key, seq DESC", "tt", l->bucket, from) :
	    sql(cloud_db(l->c), "SELECT " S3_COLUMNS " FROM s3_objects WHERE bucket = ? AND key >= ? AND latest = 1 AND marker = 0 ORDER BY key",
	    "tt", l->bucket, from);
	struct s3_object o;
	bool passed = false;

	while (sqlite3_step(s) == SQLITE_ROW) {
		s3_read_row(l->c, s, l->q->arena, &o);
		if (strncmp(o.key, l->prefix, strlen(l->prefix)) != 0)
			break;
		char *group = group_of(l, o.key);
		if (seen_before(l, &o, group, &passed) || (group != NULL && l->common != NULL && strcmp(group, l->common) == 0))
			continue;
		if (!take(l, group != NULL ? group : o.key, group != NULL ? NULL : o.version))
			break;
		if (group == NULL) {
			write_entry(l, &o, versions);
			continue;
		}
		l->common = group;
		buf_adds(&l->groups, "<CommonPrefixes>");
		key_element(l, &l->groups, "Prefix", group);
		buf_adds(&l->groups, "</CommonPrefixes>");
	}
	sqlite3_finalize(s);
}

static void
begin(struct listing *l, struct cloud_reply *p, const char *root)
{
	p->content_type = "application/xml";
	buf_addf(&p->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">", root);
	text_element(&p->body, "Name", l->bucket);
	key_element(l, &p->body, "Prefix", l->prefix);
	if (l->delimiter != NULL)
		key_element(l, &p->body, "Delimiter", l->delimiter);
	if (l->encode)
		text_element(&p->body, "EncodingType", "url");
	buf_addf(&p->body, "<MaxKeys>%zu</MaxKeys><IsTruncated>%s</IsTruncated>", l->max, l->truncated ? "true" : "false");
}

static void
end(struct listing *l, struct cloud_reply *p, const char *root)
{
	buf_adds(&p->body, buf_str(&l->entries));
	buf_adds(&p->body, buf_str(&l->groups));
	buf_addf(&p->body, "</%s>", root);
	buf_done(&l->entries);
	buf_done(&l->groups);
}

/* Version 2's tokens are opaque: the key in hex, so that nobody relies on what is in them. */
static char *
to_token(const char *key, struct arena *a)
{
	char *token = arena_alloc(a, 2 * strlen(key) + 1);

	for (size_t i = 0; key[i] != '\0'; i++)
		snprintf(token + 2 * i, 3, "%02x", (unsigned char)key[i]);
	return token;
}

static char *
from_token(const char *token, struct arena *a)
{
	size_t len = strlen(token);
	char *key = arena_alloc(a, len / 2 + 1), pair[3] = "";

	if (len == 0 || len % 2 != 0 || strspn(token, "0123456789abcdef") != len)
		return NULL;
	for (size_t i = 0; i < len / 2; i++) {
		memcpy(pair, token + 2 * i, 2);
		key[i] = (char)strtoul(pair, NULL, 16);
	}
	return key;
}

static void
list_v2(struct listing *l, struct cloud_reply *p)
{
	const char *token = cloud_field(l->q->query, "continuation-token", l->q->arena);
	const char *start = cloud_field(l->q->query, "start-after", l->q->arena);

	l->after = token != NULL ? from_token(token, l->q->arena) : start != NULL && *start != '\0' ? start : NULL;
	if (token != NULL && l->after == NULL) {
		cloud_fail(p, "InvalidArgument", "The continuation token provided is incorrect");
		return;
	}
	walk(l, false);
	begin(l, p, "ListBucketResult");
	buf_addf(&p->body, "<KeyCount>%zu</KeyCount>", l->count);
	if (token != NULL)
		text_element(&p->body, "ContinuationToken", token);
	if (start != NULL)
		key_element(l, &p->body, "StartAfter", start);
	if (l->truncated)
		text_element(&p->body, "NextContinuationToken", to_token(l->last, l->q->arena));
	end(l, p, "ListBucketResult");
}

static void
list_v1(struct listing *l, struct cloud_reply *p)
{
	l->after = cloud_field(l->q->query, "marker", l->q->arena);
	walk(l, false);
	begin(l, p, "ListBucketResult");
	key_element(l, &p->body, "Marker", l->after != NULL ? l->after : "");
	if (l->truncated && l->delimiter != NULL) /* without one the last key is the marker */
		key_element(l, &p->body, "NextMarker", l->last);
	end(l, p, "ListBucketResult");
}

void
s3_list_objects(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const char *bucket)
{
	const char *type = cloud_field(q->query, "list-type", q->arena);
	struct listing l;

	read_what(&l, c, q, bucket);
	if (type != NULL && strcmp(type, "2") == 0)
		list_v2(&l, p);
	else
		list_v1(&l, p);
}

void
s3_answer_versions(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const char *bucket)
{
	struct listing l;

	read_what(&l, c, q, bucket);
	l.after = cloud_field(q->query, "key-marker", q->arena);
	l.after_version = cloud_field(q->query, "version-id-marker", q->arena);
	if (l.after != NULL && *l.after == '\0')
		l.after = NULL;
	walk(&l, true);
	begin(&l, p, "ListVersionsResult");
	key_element(&l, &p->body, "KeyMarker", l.after != NULL ? l.after : "");
	text_element(&p->body, "VersionIdMarker", l.after_version != NULL ? l.after_version : "");
	if (l.truncated) {
		key_element(&l, &p->body, "NextKeyMarker", l.last);
		if (l.last_version != NULL)
			text_element(&p->body, "NextVersionIdMarker", l.last_version);
	}
	end(&l, p, "ListVersionsResult");
}

void
s3_list_buckets(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	sqlite3_stmt *s = sql(cloud_db(c), "SELECT name, created FROM s3_buckets WHERE owner = ? ORDER BY name", "t", q->account);

	p->content_type = "application/xml";
	buf_addf(&p->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
	    "<Owner><ID>%s</ID></Owner><Buckets>", q->account);
	while (sqlite3_step(s) == SQLITE_ROW) {
		buf_adds(&p->body, "<Bucket>");
		text_element(&p->body, "Name", sql_column(s, 0, q->arena));
		time_element(&p->body, "CreationDate", sqlite3_column_int64(s, 1));
		buf_adds(&p->body, "</Bucket>");
	}
	sqlite3_finalize(s);
	buf_adds(&p->body, "</Buckets></ListAllMyBucketsResult>");
}
