/*
 * Buckets and objects. A body is written under a name of its own and synced before its row is, and the file of a row that
 * went is removed by a later request, when the row's end is committed: a kill leaves no row without its body.
 */
#include "lab/s3_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/sql.h"
#include "model/save.h"

enum { READ_AT_ONCE = 64 * 1024, MD5_BYTES = 16, VERSION_ID = 32 };

const char s3_tables[] =
    "CREATE TABLE IF NOT EXISTS s3_buckets(name TEXT PRIMARY KEY, region TEXT NOT NULL, owner TEXT NOT NULL, created INTEGER NOT NULL,"
    " versioning INTEGER NOT NULL DEFAULT 0, policy TEXT);"
    "CREATE TABLE IF NOT EXISTS s3_objects(seq INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, key TEXT NOT NULL,"
    " version TEXT NOT NULL, etag TEXT, type TEXT, meta TEXT, file TEXT, size INTEGER NOT NULL, modified INTEGER NOT NULL,"
    " marker INTEGER NOT NULL, latest INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX IF NOT EXISTS s3_by_key ON s3_objects(bucket, key, seq);"
    "CREATE INDEX IF NOT EXISTS s3_by_file ON s3_objects(file);"
    "CREATE TABLE IF NOT EXISTS s3_trash(file TEXT PRIMARY KEY);";

static char *
path_of(struct cloud *c, struct arena *a, const char *file)
{
	return arena_printf(a, "%s/%s", cloud_folder(c), file);
}

void
s3_empty_trash(struct cloud *c)
{
	struct arena *a = arena_new();
	sqlite3_stmt *s = sql(cloud_db(c), "SELECT file FROM s3_trash LIMIT 100", "");
	bool any = false;

	while (sqlite3_step(s) == SQLITE_ROW) {
		unlink(path_of(c, a, sql_column(s, 0, a)));
		any = true;
	}
	sqlite3_finalize(s);
	if (any)
		sql_do(cloud_db(c), "DELETE FROM s3_trash WHERE file IN (SELECT file FROM s3_trash LIMIT 100)", "");
	arena_free(a);
}

/* Bodies that were written when the lab was killed, before their row was. */
static void
sweep(struct cloud *c)
{
	DIR *d = opendir(cloud_folder(c));
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' ||
		    sql_int(cloud_db(c), 0, "SELECT 1 FROM s3_objects WHERE file = ? LIMIT 1", "t", e->d_name) == 1)
			continue;
		struct arena *a = arena_new();
		unlink(path_of(c, a, e->d_name));
		arena_free(a);
	}
	if (d != NULL)
		closedir(d);
}

bool
s3_prepare(struct cloud *c)
{
	s3_empty_trash(c);
	sweep(c);
	return true;
}

bool
s3_bucket(struct cloud *c, const char *name, struct arena *a, struct s3_bucket *out)
{
	sqlite3_stmt *s = sql(cloud_db(c), "SELECT region, owner, versioning, policy, created FROM s3_buckets WHERE name = ?", "t", name);
	bool found = sqlite3_step(s) == SQLITE_ROW;

	if (found)
		*out = (struct s3_bucket){ .region = sql_column(s, 0, a), .owner = sql_column(s, 1, a),
			.versioning = (enum s3_versioning)sqlite3_column_int(s, 2), .policy = sql_column(s, 3, a),
			.created = sqlite3_column_int64(s, 4) };
	sqlite3_finalize(s);
	return found;
}

void
s3_read_row(struct cloud *c, sqlite3_stmt *s, struct arena *a, struct s3_object *out)
{
	const char *file = sql_column(s, 5, a);

	*out = (struct s3_object){ .key = sql_column(s, 0, a), .version = sql_column(s, 1, a), .etag = sql_column(s, 2, a),
		.type = sql_column(s, 3, a), .meta = sql_column(s, 4, a), .file = file != NULL ? path_of(c, a, file) : NULL,
		.size = sqlite3_column_int64(s, 6), .modified = sqlite3_column_int64(s, 7), .marker = sqlite3_column_int(s, 8) != 0,
		.latest = sqlite3_column_int(s, 9) != 0 };
}

bool
s3_find(struct cloud *c, const char *bucket, const char *key, const char *version, struct arena *a, struct s3_object *out)
{
	sqlite3_stmt *s = version != NULL ?
	    sql(cloud_db(c), "SELECT " S3_COLUMNS " FROM s3_objects WHERE bucket = ? AND key = ? AND version = ?", "ttt", bucket, key, version) :
	    sql(cloud_db(c), "SELECT " S3_COLUMNS " FROM s3_objects WHERE bucket = ? AND key = ? AND latest = 1", "tt", bucket, key);
	bool found = sqlite3_step(s) == SQLITE_ROW;

	if (found)
		s3_read_row(c, s, a, out);
	sqlite3_finalize(s);
	return found;
}

/* ---- bodies ---- */

static void
hex_of(const unsigned char *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static bool
write_body(const char *path, const struct s3_body *body)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write_all(fd, body->bytes, body->len) && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	if (!good)
		unlink(path);
	return good;
}

/* S3's ETag of a body that came in one piece is its MD5. */
static bool
sum_up(const char *path, int64_t *size, char etag[2 * MD5_BYTES + 1])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char *part = mem_alloc(READ_AT_ONCE), sum[EVP_MAX_MD_SIZE];
	ssize_t n = -1;
	bool good = fd >= 0 && md != NULL && EVP_DigestInit_ex(md, EVP_md5(), NULL) == 1;

	*size = 0;
	while (good && (n = read(fd, part, READ_AT_ONCE)) > 0) {
		good = EVP_DigestUpdate(md, part, (size_t)n) == 1;
		*size += n;
	}
	good = good && n == 0 && EVP_DigestFinal_ex(md, sum, NULL) == 1;
	if (good)
		hex_of(sum, MD5_BYTES, etag);
	free(part);
	EVP_MD_CTX_free(md);
	if (fd >= 0)
		close(fd);
	return good;
}

bool
s3_read_body(const char *file, int64_t from, size_t len, struct buf *out)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char *part = mem_alloc(READ_AT_ONCE);
	ssize_t n = 0;

	while (fd >= 0 && len > 0) {
		n = pread(fd, part, len < READ_AT_ONCE ? len : READ_AT_ONCE, from);
		if (n <= 0)
			break;
		buf_add(out, part, (size_t)n);
		from += n;
		len -= (size_t)n;
	}
	free(part);
	if (fd >= 0)
		close(fd);
	return fd >= 0 && len == 0;
}

/* ---- versions ---- */

static bool
put_away(struct cloud *c, const char *bucket, const char *key, const char *version)
{
	return sql_do(cloud_db(c), "INSERT OR IGNORE INTO s3_trash(file) SELECT file FROM s3_objects WHERE bucket = ? AND key = ?"
	    " AND version = ? AND file IS NOT NULL", "ttt", bucket, key, version) &&
	    sql_do(cloud_db(c), "DELETE FROM s3_objects WHERE bucket = ? AND key = ? AND version = ?", "ttt", bucket, key, version);
}

static bool
find_latest(struct cloud *c, const char *bucket, const char *key)
{
	return sql_do(cloud_db(c), "UPDATE s3_objects SET latest = seq = (SELECT max(seq) FROM s3_objects WHERE bucket = ?1 AND key = ?2)"
	    " WHERE bucket = ?1 AND key = ?2", "tt", bucket, key);
}

/* The id under which something is stored now: without versioning there is one, "null", which replaces itself. */
static bool
new_version(struct cloud *c, const char *bucket, const char *key, enum s3_versioning how, char version[VERSION_ID + 1])
{
	if (how == S3_VERSIONED) {
		cloud_random(version, VERSION_ID);
		return true;
	}
	memcpy(version, "null", sizeof "null");
	return put_away(c, bucket, key, version);
}

bool
s3_store(struct cloud *c, const char *bucket, const char *key, const struct s3_body *body, struct arena *a, struct s3_object *out)
{
	char version[VERSION_ID + 1], name[37], etag[2 * MD5_BYTES + 1], *path;
	struct s3_bucket b;
	int64_t size, now = cloud_world(c)->now_ms(cloud_world(c)->self) / 1000;

	if (!s3_bucket(c, bucket, a, &b))
		return false;
	cloud_uuid(name);
	path = path_of(c, a, name);
	if (body->file != NULL ? rename(body->file, path) != 0 : !write_body(path, body))
		return false;
	if (!sum_up(path, &size, etag) || !new_version(c, bucket, key, b.versioning, version) ||
	    !sql_do(cloud_db(c), "INSERT INTO s3_objects(bucket, key, version, etag, type, meta, file, size, modified, marker)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", "tttttttii", bucket, key, version, etag, body->type, body->meta, name, size, now) ||
	    !find_latest(c, bucket, key)) {
		unlink(path);
		return false;
	}
	return s3_find(c, bucket, key, version, a, out);
}

static bool
leave_marker(struct cloud *c, const char *bucket, const char *key, enum s3_versioning how, struct arena *a, struct s3_object *out)
{
	char version[VERSION_ID + 1];
	int64_t now = cloud_world(c)->now_ms(cloud_world(c)->self) / 1000;

	return new_version(c, bucket, key, how, version) &&
	    sql_do(cloud_db(c), "INSERT INTO s3_objects(bucket, key, version, size, modified, marker) VALUES (?, ?, ?, 0, ?, 1)", "ttti",
	    bucket, key, version, now) && find_latest(c, bucket, key) && s3_find(c, bucket, key, version, a, out);
}

bool
s3_delete(struct cloud *c, const char *bucket, const char *key, const char *version, struct arena *a, struct s3_object *out)
{
	struct s3_bucket b;

	*out = (struct s3_object){ .key = key };
	if (!s3_bucket(c, bucket, a, &b))
		return false;
	if (version == NULL && b.versioning != S3_NEVER_VERSIONED)
		return leave_marker(c, bucket, key, b.versioning, a, out);
	if (version == NULL)
		version = "null";
	s3_find(c, bucket, key, version, a, out);
	return put_away(c, bucket, key, version) && find_latest(c, bucket, key);
}

/* ---- from inside ---- */

bool
cloud_s3_has_bucket(struct cloud *c, const char *bucket)
{
	return sql_int(cloud_db(c), 0, "SELECT 1 FROM s3_buckets WHERE name = ?", "t", bucket) == 1;
}

static bool
store_alone(struct cloud *c, const char *bucket, const char *key, const struct s3_body *body)
{
	struct arena *a = arena_new();
	struct s3_object stored;
	bool good = s3_store(c, bucket, key, body, a, &stored);

	arena_free(a);
	return good;
}

bool
cloud_s3_put(struct cloud *c, const char *bucket, const char *key, const void *bytes, size_t len, const char *content_type)
{
	return store_alone(c, bucket, key, &(struct s3_body){ .bytes = bytes, .len = len, .type = content_type });
}

bool
cloud_s3_adopt(struct cloud *c, const char *bucket, const char *key, const char *file, const char *content_type)
{
	return store_alone(c, bucket, key, &(struct s3_body){ .file = file, .type = content_type });
}

bool
cloud_s3_get(struct cloud *c, const char *bucket, const char *key, const char *version, struct buf *out)
{
	struct arena *a = arena_new();
	struct s3_object o;
	bool good = s3_find(c, bucket, key, version, a, &o) && !o.marker && s3_read_body(o.file, 0, (size_t)o.size, out);

	arena_free(a);
	return good;
}
