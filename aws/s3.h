/*
 * S3 (REST, XML): what audit reports, CRLs and trust stores need. Path-style where an endpoint of one's own is used, the bucket in
 * the host's name else; a bucket of another region is asked there (aws/call.c). Results are in the caller's arena, raw bytes.
 * Source: Amazon S3 API reference (2006-03-01); knowledge "aws" 4.4.
 */
#ifndef AWS_S3_H
#define AWS_S3_H

#include "aws/client.h"
#include "model/memory.h"

struct s3_stored {
	const char *etag;       /* without its quotation marks; NULL: none was sent */
	const char *version;    /* NULL: the bucket keeps no versions */
};

/*
 * GetObject. version NULL: the newest. Whole, in memory, at most `most` bytes (0: LIMIT_AWS_ANSWER; AWS_ANSWER where it has more);
 * NUL follows the bytes. out may be NULL.
 */
status s3_get(struct aws_client *c, const char *bucket, const char *key, const char *version, size_t most, struct arena *a,
    const unsigned char **bytes, size_t *len, struct s3_stored *out, struct aws_error *err) MUST_USE;
/* As it comes, of any size. The sink ends it by false (AWS_CANCELLED); once it was given a byte, nothing is tried again. */
typedef bool (*s3_sink)(void *user, const void *bytes, size_t len);
status s3_get_stream(struct aws_client *c, const char *bucket, const char *key, const char *version, s3_sink sink, void *user,
    struct aws_error *err) MUST_USE;
/* PutObject. type: "application/x-pem-file"; NULL: S3's own choice. out, a may be NULL. */
status s3_put(struct aws_client *c, const char *bucket, const char *key, const void *bytes, size_t len, const char *type, struct arena *a,
    struct s3_stored *out, struct aws_error *err) MUST_USE;

struct s3_object {
	const char *key, *etag; /* of the call only: copy what is kept */
	const char *version;    /* NULL in a list without versions */
	bool latest;            /* of the versions of its key */
	bool deleted;           /* a delete marker */
	int64_t size;           /* bytes */
	int64_t modified;       /* seconds since the epoch, TIME_UNKNOWN where absent */
};
/* False ends the list, which is then no failure. */
typedef bool (*s3_each)(void *user, const struct s3_object *o);

/* ListObjectsV2: every page, one after the other, by name. prefix NULL: all. page: keys asked for at once, 0: S3's 1,000. */
status s3_list(struct aws_client *c, const char *bucket, const char *prefix, unsigned page, s3_each each, void *user,
    struct aws_error *err) MUST_USE;
/* ListObjectVersions: by name, the newest of each first. */
status s3_list_versions(struct aws_client *c, const char *bucket, const char *prefix, unsigned page, s3_each each, void *user,
    struct aws_error *err) MUST_USE;

enum s3_versioning { S3_VERSIONING_NEVER, S3_VERSIONING_ENABLED, S3_VERSIONING_SUSPENDED };
status s3_get_versioning(struct aws_client *c, const char *bucket, enum s3_versioning *out, struct aws_error *err) MUST_USE;
/* Is it there, and ours to use? region[40] may be NULL: where it is, "" where S3 does not say. */
status s3_head_bucket(struct aws_client *c, const char *bucket, char region[40], struct aws_error *err) MUST_USE;

#endif
