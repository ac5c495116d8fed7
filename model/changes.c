#include "model/changes.h"

#include <cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "model/buf.h"
#include "model/quote.h"
#include "model/times.h"

enum {
	APPLICATION = 0x6d746c63, /* "mtlc" */
	VERSION = 1,
	BUSY_MS = 10000,
	NAME_MOST = 256           /* of a host and a user */
};
#define STAGE "record"

struct changes {
	sqlite3 *db;
	char *folder, *shown;
	const struct world *world;
	int lock;
	char who[NAME_MOST], host[NAME_MOST];
};

static const char schema[] =
    "CREATE TABLE plan (id INTEGER PRIMARY KEY AUTOINCREMENT, began INT, ended INT, kind TEXT, title TEXT, target TEXT, code TEXT,"
    " who TEXT, host TEXT, state TEXT NOT NULL, steps INT, done INT, document TEXT NOT NULL);"
    "CREATE INDEX plan_open ON plan (state) WHERE state NOT IN ('done', 'undone');"
    "CREATE TABLE event (id INTEGER PRIMARY KEY, plan INT NOT NULL, at INT NOT NULL, who TEXT, host TEXT, what TEXT NOT NULL);"
    "CREATE INDEX event_plan ON event (plan);";

static status
failed(const struct changes *c, struct error *err)
{
	char why[QUOTE_MAX];

	switch (sqlite3_errcode(c->db)) {
	case SQLITE_FULL:
		return error_set(err, ERROR_LOCAL, STAGE, "%s: the disk is full: nothing more is changed that could not be recorded", c->shown);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return error_set(err, ERROR_LOCAL, STAGE, "%s: the record of changes is damaged; move it away to go on without it", c->shown);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, ERROR_LOCAL, STAGE, "%s: another program is writing into it; try again when it is done", c->shown);
	default:
		return error_set(err, ERROR_LOCAL, STAGE, "%s: %s", c->shown, quote_str(sqlite3_errmsg(c->db), why));
	}
}

/* ---- where ---- */

/* False: there is no place. */
static bool
state_folder(const char *folder, const struct world *w, struct buf *path)
{
	const char *state = w->env(w->self, "XDG_STATE_HOME"), *home = w->env(w->self, "HOME");

	if (folder != NULL)
		buf_adds(path, folder);
	else if (state != NULL && state[0] == '/') /* a relative one is to be ignored: XDG Base Directory Specification */
		buf_addf(path, "%s/mtlscope", state);
	else if (home != NULL && home[0] == '/')
		buf_addf(path, "%s/.local/state/mtlscope", home);
	return path->len > 0;
}

/* The folder that `path` was made in, as far as it is written now: what lies in it is to be found after a power cut. */
static void
sync_parent(char *path)
{
	char *slash = strrchr(path, '/');
	int fd;

	*slash = '\0';
	fd = open(slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	if (fd >= 0) {
		(void)(fsync(fd) == 0);
		close(fd);
	}
}

static bool
make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(path, 0700) == 0)
			sync_parent(path);
		else if (errno != EEXIST)
			return false;
		if (slash == NULL)
			return true;
		*slash = '/';
	}
}

bool
changes_exist(const char *folder, const struct world *w)
{
	struct buf path = { 0 };
	struct stat st;
	bool there = state_folder(folder, w, &path);

	buf_adds(&path, "/changes.db");
	there = there && stat(path.data, &st) == 0;
	buf_done(&path);
	return there;
}

static int64_t
pragma(struct changes *c, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(c->db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	return sqlite3_finalize(s) == SQLITE_OK ? value : -1;
}

static status
run(struct changes *c, const char *sql, struct error *err)
{
	return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK ? STATUS_OK : failed(c, err);
}

/* Two programs may be here at once: the second finds the tables made. */
static status
prepare(struct changes *c, struct error *err)
{
	int64_t version, tables;
	struct buf sql = { 0 };
	status result;

	/* FULL: what was recorded must outlive a power cut, for the step that follows it does. */
	if (run(c, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF", err) != STATUS_OK)
		return STATUS_FAILED;
	version = pragma(c, "PRAGMA user_version");
	tables = pragma(c, "SELECT count(*) FROM sqlite_schema");
	if (version < 0 || tables < 0)
		return failed(c, err);
	if (tables > 0 && pragma(c, "PRAGMA application_id") != APPLICATION)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: a database of something else; it stays as it is", c->shown);
	if (version > VERSION)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: a newer mtlscope wrote this record (version %lld, this one knows %d); it stays as it is",
		    c->shown, (long long)version, VERSION);
	if (tables > 0)
		return STATUS_OK;
	if (run(c, "BEGIN IMMEDIATE", err) != STATUS_OK)
		return STATUS_FAILED;
	if (pragma(c, "SELECT count(*) FROM sqlite_schema") == 0)
		buf_addf(&sql, "%s PRAGMA application_id = %d; PRAGMA user_version = %d;", schema, APPLICATION, VERSION);
	buf_adds(&sql, "COMMIT");
	result = run(c, sql.data, err);
	buf_done(&sql);
	if (sqlite3_get_autocommit(c->db) == 0)
		(void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	return result;
}

/* Who it is: the login that sudo was called from, where there was one; and on which machine. */
static void
name_us(struct changes *c)
{
	const char *sudo = c->world->env(c->world->self, "SUDO_USER");
	struct passwd entry, *found = NULL;
	char room[4096];

	if (sudo != NULL && sudo[0] != '\0')
		snprintf(c->who, sizeof c->who, "%s", sudo);
	else if (getpwuid_r(getuid(), &entry, room, sizeof room, &found) == 0 && found != NULL)
		snprintf(c->who, sizeof c->who, "%s", found->pw_name);
	else
		snprintf(c->who, sizeof c->who, "uid %ld", (long)getuid());
	if (gethostname(c->host, sizeof c->host) != 0)
		snprintf(c->host, sizeof c->host, "localhost");
	c->host[sizeof c->host - 1] = '\0';
}

static status
open_at(struct changes *c, struct error *err)
{
	char shown[QUOTE_MAX];
	struct buf path = { 0 };
	status result = STATUS_FAILED;
	int fd;

	if (!make_folders(c->folder))
		return error_set(err, ERROR_LOCAL, STAGE, "%s: this folder cannot be made: %s", quote_str(c->folder, shown), strerror(errno));
	buf_addf(&path, "%s/changes.db", c->folder);
	c->shown = mem_strdup(quote_str(path.data, shown));
	/* SQLite would make the file as the umask says; its -wal and -shm get the same mode as the file has. */
	fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	if (fd < 0) {
		error_set(err, ERROR_LOCAL, STAGE, "%s: %s", c->shown, strerror(errno));
	} else {
		close(fd); /* before SQLite opens it: closing a second descriptor later would drop its locks */
		if (sqlite3_open_v2(path.data, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
			failed(c, err);
		else if (sqlite3_busy_timeout(c->db, BUSY_MS) == SQLITE_OK)
			result = prepare(c, err);
	}
	buf_done(&path);
	return result;
}

status
changes_open(const char *folder, const struct world *w, struct changes **out, struct error *err)
{
	struct changes *c = mem_zero(1, sizeof *c);
	struct buf path = { 0 };

	*out = NULL;
	c->world = w;
	c->lock = -1;
	if (!state_folder(folder, w, &path)) {
		changes_close(c);
		return error_set(err, ERROR_LOCAL, STAGE, "neither XDG_STATE_HOME nor HOME is set: there is no place for the record of changes, and nothing is changed without it");
	}
	c->folder = path.data;
	name_us(c);
	if (open_at(c, err) != STATUS_OK) {
		changes_close(c);
		return STATUS_FAILED;
	}
	*out = c;
	return STATUS_OK;
}

void
changes_close(struct changes *c)
{
	if (c == NULL)
		return;
	changes_unlock(c);
	sqlite3_close_v2(c->db);
	free(c->folder);
	free(c->shown);
	free(c);
}

status
changes_folder(struct changes *c, int64_t id, struct arena *a, const char **out, struct error *err)
{
	char shown[QUOTE_MAX];
	char *path = arena_printf(a, "%s/plans/%lld", c->folder, (long long)id);

	*out = path;
	if (!make_folders(path))
		return error_set(err, ERROR_LOCAL, STAGE, "%s: this folder cannot be made: %s", quote_str(path, shown), strerror(errno));
	return STATUS_OK;
}

/* ---- one plan, one program ---- */

/* The descriptor of its lock; -1: *err says why. */
static int
open_lock(struct changes *c, int64_t id, struct error *err)
{
	struct arena *a = arena_new();
	const char *folder;
	int fd = -1;

	if (changes_folder(c, id, a, &folder, err) == STATUS_OK) {
		fd = open(arena_printf(a, "%s/lock", folder), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			(void)error_set(err, ERROR_LOCAL, STAGE, "the lock of plan %lld cannot be made: %s", (long long)id, strerror(errno));
	}
	arena_free(a);
	return fd;
}

/* Whoever only asks whether it is free holds it for some microseconds: that is waited for. */
static bool
take_lock(int fd)
{
	enum { TRIES = 20, PAUSE_NS = 5 * 1000 * 1000 };
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		(void)(nanosleep(&pause, NULL) == 0);
	}
	return false;
}

status
changes_lock(struct changes *c, int64_t id, struct error *err)
{
	changes_unlock(c);
	c->lock = open_lock(c, id, err);
	if (c->lock < 0)
		return STATUS_FAILED;
	if (take_lock(c->lock))
		return STATUS_OK;
	changes_unlock(c);
	return error_set(err, ERROR_NOT_DONE, STAGE, "another mtlscope is working on plan %lld at this moment", (long long)id);
}

bool
changes_is_free(struct changes *c, int64_t id)
{
	struct error unimportant = { .code = ERROR_NONE };
	int fd = open_lock(c, id, &unimportant);
	bool is_free = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0;

	if (fd >= 0)
		close(fd);
	return is_free;
}

void
changes_unlock(struct changes *c)
{
	if (c->lock >= 0)
		close(c->lock);
	c->lock = -1;
}

/* ---- writing ---- */

static void
bind_text(sqlite3_stmt *s, int at, const char *text)
{
	if (text != NULL)
		sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

static void
bind_time(sqlite3_stmt *s, int at, int64_t t)
{
	if (t != TIME_UNKNOWN)
		sqlite3_bind_int64(s, at, t);
}

/*
 * The number of a new plan: 0 leaves it to the database. Where that was moved away the folders of older plans are still there, and the key that
 * waits in one of them is not the new plan's.
 */
static int64_t
new_number(struct changes *c)
{
	int64_t used = pragma(c, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'plan'"), found = 0;
	struct buf path = { 0 };
	const struct dirent *e;
	DIR *d;

	buf_addf(&path, "%s/plans", c->folder);
	d = opendir(path.data);
	while (d != NULL && (e = readdir(d)) != NULL) {
		long long number = strtoll(e->d_name, NULL, 10);
		char lock[NAME_MAX + sizeof "/lock"];

		/* Whoever worked on it took its lock first, before anything else came into its folder. */
		snprintf(lock, sizeof lock, "%s/lock", e->d_name);
		if (number > found && number < INT64_MAX && faccessat(dirfd(d), lock, F_OK, 0) == 0)
			found = number;
	}
	if (d != NULL)
		closedir(d);
	buf_done(&path);
	return found > used ? found + 1 : 0;
}

static status
put_plan(struct changes *c, struct change *of, struct error *err)
{
	static const char insert[] = "INSERT INTO plan (began, ended, kind, title, target, code, who, host, state, steps, done, document, id)"
	                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
	static const char update[] = "UPDATE plan SET ended = ?2, title = ?4, state = ?9, steps = ?10, done = ?11, document = ?12 WHERE id = ?13";
	sqlite3_stmt *s = NULL;
	bool fine = sqlite3_prepare_v2(c->db, of->id == 0 ? insert : update, -1, &s, NULL) == SQLITE_OK;
	int64_t number = of->id != 0 ? of->id : new_number(c);

	if (fine) {
		bind_time(s, 1, of->began);
		bind_time(s, 2, of->ended);
		bind_text(s, 3, of->kind);
		bind_text(s, 4, of->title);
		bind_text(s, 5, of->target);
		bind_text(s, 6, of->code);
		bind_text(s, 7, c->who);
		bind_text(s, 8, c->host);
		bind_text(s, 9, of->state);
		sqlite3_bind_int64(s, 10, of->steps);
		sqlite3_bind_int64(s, 11, of->done);
		bind_text(s, 12, of->document);
		if (number != 0)
			sqlite3_bind_int64(s, 13, number);
		fine = sqlite3_step(s) == SQLITE_DONE;
	}
	fine = sqlite3_finalize(s) == SQLITE_OK && fine;
	if (!fine)
		return failed(c, err);
	if (of->id == 0)
		of->id = sqlite3_last_insert_rowid(c->db);
	return STATUS_OK;
}

static status
put_event(struct changes *c, const struct change *of, int64_t at, const char *what, struct error *err)
{
	sqlite3_stmt *s = NULL;
	bool fine = sqlite3_prepare_v2(c->db, "INSERT INTO event (plan, at, who, host, what) VALUES (?1, ?2, ?3, ?4, ?5)", -1, &s, NULL) == SQLITE_OK;

	if (fine) {
		sqlite3_bind_int64(s, 1, of->id);
		sqlite3_bind_int64(s, 2, at);
		bind_text(s, 3, c->who);
		bind_text(s, 4, c->host);
		bind_text(s, 5, what);
		fine = sqlite3_step(s) == SQLITE_DONE;
	}
	return sqlite3_finalize(s) == SQLITE_OK && fine ? STATUS_OK : failed(c, err);
}

/* Half a line, of a full disk or a power cut, is not to take the next one with it. */
static bool
ends_within_line(int fd)
{
	off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	char last = '\n';

	return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

/* The same as a line for other programs. The database is what counts: a line that cannot be written stops nothing. */
static void
put_line(struct changes *c, const struct change *of, int64_t at, const char *what)
{
	char time[TIME_TEXT_MAX];
	struct buf path = { 0 };
	cJSON *o = cJSON_CreateObject();
	char *line;
	int fd;

	cJSON_AddStringToObject(o, "schema", "mtlscope.change/1");
	cJSON_AddStringToObject(o, "at", time_rfc3339(at, time));
	cJSON_AddNumberToObject(o, "plan", (double)of->id);
	cJSON_AddStringToObject(o, "kind", of->kind != NULL ? of->kind : "");
	cJSON_AddStringToObject(o, "title", of->title != NULL ? of->title : "");
	cJSON_AddItemToObject(o, "target", of->target != NULL ? cJSON_CreateString(of->target) : cJSON_CreateNull());
	cJSON_AddItemToObject(o, "code", of->code != NULL ? cJSON_CreateString(of->code) : cJSON_CreateNull());
	cJSON_AddStringToObject(o, "who", c->who);
	cJSON_AddStringToObject(o, "host", c->host);
	cJSON_AddStringToObject(o, "state", of->state);
	cJSON_AddNumberToObject(o, "steps", (double)of->steps);
	cJSON_AddNumberToObject(o, "done", (double)of->done);
	cJSON_AddStringToObject(o, "event", what);
	line = cJSON_PrintUnformatted(o);
	buf_addf(&path, "%s/changes.jsonl", c->folder);
	fd = line != NULL ? open(path.data, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600) : -1;
	buf_reset(&path);
	buf_addf(&path, "%s%s\n", ends_within_line(fd) ? "\n" : "", line != NULL ? line : "");
	if (fd >= 0 && write(fd, path.data, path.len) != (ssize_t)path.len)
		(void)fd;
	if (fd >= 0)
		close(fd);
	cJSON_free(line);
	cJSON_Delete(o);
	buf_done(&path);
}

status
changes_put(struct changes *c, struct change *of, const char *event, struct error *err)
{
	int64_t now = c->world->now_ms(c->world->self) / 1000, id = of->id;
	status result = run(c, "BEGIN IMMEDIATE", err);

	if (result == STATUS_OK)
		result = put_plan(c, of, err);
	if (result == STATUS_OK)
		result = put_event(c, of, now, event, err);
	if (result == STATUS_OK)
		result = run(c, "COMMIT", err);
	if (sqlite3_get_autocommit(c->db) == 0)
		(void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	if (result == STATUS_OK)
		put_line(c, of, now, event);
	else
		of->id = id;
	return result;
}

/* ---- reading ---- */

static char *
copied(sqlite3_stmt *s, int column, struct arena *a)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text != NULL ? arena_strndup(a, text, (size_t)sqlite3_column_bytes(s, column)) : NULL;
}

static int64_t
time_of(sqlite3_stmt *s, int column)
{
	return sqlite3_column_type(s, column) == SQLITE_NULL ? TIME_UNKNOWN : sqlite3_column_int64(s, column);
}

#define COLUMNS "id, began, ended, kind, title, target, code, who, host, state, steps, done"

static struct change
row(sqlite3_stmt *s, struct arena *a)
{
	return (struct change){ .id = sqlite3_column_int64(s, 0), .began = time_of(s, 1), .ended = time_of(s, 2), .kind = copied(s, 3, a),
		.title = copied(s, 4, a), .target = copied(s, 5, a), .code = copied(s, 6, a), .who = copied(s, 7, a), .host = copied(s, 8, a),
		.state = copied(s, 9, a), .steps = sqlite3_column_int64(s, 10), .done = sqlite3_column_int64(s, 11) };
}

status
changes_list(struct changes *c, bool unfinished, size_t most, struct arena *a, struct change **out, size_t *len, struct error *err)
{
	static const char all[] = "SELECT " COLUMNS " FROM plan ORDER BY id DESC LIMIT ?1";
	static const char open_ones[] = "SELECT " COLUMNS " FROM plan WHERE state NOT IN ('done', 'undone') ORDER BY id DESC LIMIT ?1";
	sqlite3_stmt *s = NULL;
	size_t cap = 0;
	int result = SQLITE_ERROR;

	*out = NULL;
	*len = 0;
	if (sqlite3_prepare_v2(c->db, unfinished ? open_ones : all, -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(s, 1, most > 0 ? (int64_t)most : -1);
		while ((result = sqlite3_step(s)) == SQLITE_ROW) {
			*out = arena_grow(a, *out, *len, &cap, sizeof **out);
			(*out)[(*len)++] = row(s, a);
		}
	}
	return sqlite3_finalize(s) == SQLITE_OK && result == SQLITE_DONE ? STATUS_OK : failed(c, err);
}

status
changes_find(struct changes *c, int64_t id, struct arena *a, struct change **out, struct error *err)
{
	static const char by_id[] = "SELECT " COLUMNS ", document FROM plan WHERE id = ?1";
	static const char newest[] = "SELECT " COLUMNS ", document FROM plan WHERE state NOT IN ('done', 'undone') ORDER BY id DESC LIMIT 1";
	sqlite3_stmt *s = NULL;
	int result = SQLITE_ERROR;

	*out = NULL;
	if (sqlite3_prepare_v2(c->db, id != 0 ? by_id : newest, -1, &s, NULL) == SQLITE_OK) {
		if (id != 0)
			sqlite3_bind_int64(s, 1, id);
		result = sqlite3_step(s);
		if (result == SQLITE_ROW) {
			*out = arena_alloc(a, sizeof **out);
			**out = row(s, a);
			(*out)->document = copied(s, 12, a);
			result = sqlite3_step(s);
		}
	}
	return sqlite3_finalize(s) == SQLITE_OK && result == SQLITE_DONE ? STATUS_OK : failed(c, err);
}

status
changes_events(struct changes *c, int64_t id, struct arena *a, struct change_event **out, size_t *len, struct error *err)
{
	sqlite3_stmt *s = NULL;
	size_t cap = 0;
	int result = SQLITE_ERROR;

	*out = NULL;
	*len = 0;
	if (sqlite3_prepare_v2(c->db, "SELECT at, who, host, what FROM event WHERE plan = ?1 ORDER BY id", -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(s, 1, id);
		while ((result = sqlite3_step(s)) == SQLITE_ROW) {
			*out = arena_grow(a, *out, *len, &cap, sizeof **out);
			(*out)[(*len)++] = (struct change_event){ .at = time_of(s, 0), .who = copied(s, 1, a), .host = copied(s, 2, a), .what = copied(s, 3, a) };
		}
	}
	return sqlite3_finalize(s) == SQLITE_OK && result == SQLITE_DONE ? STATUS_OK : failed(c, err);
}
