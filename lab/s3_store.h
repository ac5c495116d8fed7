/* What the lab's S3 keeps: buckets and versions of objects as rows, their bodies as files. */
#ifndef LAB_S3_STORE_H
#define LAB_S3_STORE_H

#include "lab/cloud.h"

enum s3_versioning { S3_NEVER_VERSIONED, S3_VERSIONED, S3_SUSPENDED };

struct s3_bucket {
	const char *region, *owner; /* the account's number */
	enum s3_versioning versioning;
	const char *policy;         /* NULL: none */
	int64_t created;
};

struct s3_object {
	const char *key, *version; /* "null" where it was stored without versioning */
	const char *etag;          /* 32 hex digits */
	const char *type, *meta;   /* meta: a JSON object of x-amz-meta- headers, or NULL */
	const char *file;          /* the body's path; NULL for a delete marker */
	int64_t size, modified;
	bool marker, latest;
};

/* What is stored: bytes, or a finished file that is taken over. */
struct s3_body {
	const void *bytes;
	size_t len;
	const char *file; /* NULL: the bytes */
	const char *type, *meta;
};

extern const char s3_tables[];
bool s3_prepare(struct cloud *c);
/*
 * Removes the bodies whose rows are gone. Never within a transaction that may have put some there: where that is not committed
 * after all, the rows are back, and must find their bodies.
 */
void s3_empty_trash(struct cloud *c);
bool s3_bucket(struct cloud *c, const char *name, struct arena *a, struct s3_bucket *out);
/* False: the disk. *out is what is stored now. */
bool s3_store(struct cloud *c, const char *bucket, const char *key, const struct s3_body *body, struct arena *a, struct s3_object *out);
/* version NULL: the latest, be it a delete marker. False: there is none. */
bool s3_find(struct cloud *c, const char *bucket, const char *key, const char *version, struct arena *a, struct s3_object *out);
/*
 * version NULL: what DELETE without one does, which may leave a marker (*out then, or zeroed where nothing is left to
 * tell of). Else that version goes for good. Deleting what is not there succeeds (AWS too). False: the disk.
 */
bool s3_delete(struct cloud *c, const char *bucket, const char *key, const char *version, struct arena *a, struct s3_object *out);
/* The same columns for every listing, in this order. */
#define S3_COLUMNS "key, version, etag, type, meta, file, size, modified, marker, latest"
void s3_read_row(struct cloud *c, sqlite3_stmt *s, struct arena *a, struct s3_object *out);
/* Bytes from a file; false: it is not there, or shorter. */
bool s3_read_body(const char *file, int64_t from, size_t len, struct buf *out);

/* ---- lab/s3_list.c ---- */
void s3_list_objects(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const char *bucket);
void s3_answer_versions(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const char *bucket);
void s3_list_buckets(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p);

/* ---- lab/s3_chunked.c ---- */

/*
 * Unpacks Content-Encoding: aws-chunked with an unsigned trailer (SDKs that sum up a body as they send it). The decoded
 * bytes go to *out; *crc32 is the trailer's x-amz-checksum-crc32 in base64, "" where it has none. False: it is malformed.
 */
enum { S3_CHECKSUM_MAX = 64 };
bool s3_unchunk(const unsigned char *body, size_t len, struct buf *out, char crc32[S3_CHECKSUM_MAX]);
/* Is this the body's CRC-32 (base64 of four bytes, big end first)? */
bool s3_crc32_fits(const void *body, size_t len, const char *base64);

#endif
