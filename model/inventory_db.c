/* The inventory's database: opening, statements, transactions, what its errors mean. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/inventory_sql.h"
#include "model/quote.h"

enum {
	APPLICATION = 0x6d746c73, /* "mtls": what `file` and we know it by */
	VERSION = 1,
	BUSY_MS = 5000            /* an import of a million holds the database for some 10 s, but only against writers */
};
#define STAGE INVENTORY_STAGE

/* ---- what it says when it fails ---- */

bool
inventory_stopped(struct inventory *i)
{
	return atomic_load_explicit(&i->interrupted, memory_order_relaxed);
}

status
inventory_failed(struct inventory *i, struct error *err)
{
	char why[QUOTE_MAX];

	if (inventory_stopped(i) || sqlite3_errcode(i->db) == SQLITE_INTERRUPT)
		return error_set(err, ERROR_NOT_DONE, STAGE, "the query was ended");
	switch (sqlite3_errcode(i->db)) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
	case SQLITE_OK: /* what it holds makes no sense to us */
		return error_set(err, ERROR_LOCAL, STAGE, "%s: the inventory is damaged; move it away, and `mtlscope pca sync` makes it anew", i->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return error_set(err, ERROR_LOCAL, STAGE, "%s: another program is writing into the inventory; try again when it is done", i->path);
	case SQLITE_FULL:
		return error_set(err, ERROR_LOCAL, STAGE, "%s: the disk is full; the inventory is as it was before", i->path);
	case SQLITE_READONLY:
		return error_set(err, ERROR_LOCAL, STAGE, "%s: the inventory cannot be written to", i->path);
	default:
		return error_set(err, ERROR_LOCAL, STAGE, "%s: %s", i->path, quote_str(sqlite3_errmsg(i->db), why));
	}
}

/* ---- statements ---- */

sqlite3_stmt *
inventory_sql(struct inventory *i, enum inventory_sql which)
{
	sqlite3_stmt **s = &i->statements[which];

	if (*s == NULL && sqlite3_prepare_v3(i->db, inventory_statements[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_reset(*s);
	sqlite3_clear_bindings(*s);
	return *s;
}

void
sql_text(sqlite3_stmt *s, int at, const char *text)
{
	if (text != NULL)
		sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

void
sql_time(sqlite3_stmt *s, int at, int64_t t)
{
	if (t != TIME_UNKNOWN)
		sqlite3_bind_int64(s, at, t);
}

void
sql_blob(sqlite3_stmt *s, int at, const void *bytes, size_t len)
{
	sqlite3_bind_blob64(s, at, bytes, len, SQLITE_STATIC);
}

int64_t
sql_time_of(sqlite3_stmt *s, int column)
{
	return sqlite3_column_type(s, column) == SQLITE_NULL ? TIME_UNKNOWN : sqlite3_column_int64(s, column);
}

const char *
sql_text_of(sqlite3_stmt *s, int column)
{
	return (const char *)sqlite3_column_text(s, column);
}

char *
sql_copy(sqlite3_stmt *s, int column, struct arena *a)
{
	const char *text = sql_text_of(s, column);

	return text != NULL ? arena_strndup(a, text, (size_t)sqlite3_column_bytes(s, column)) : NULL;
}

bool
sql_done(sqlite3_stmt *s)
{
	int result;

	if (s == NULL)
		return false;
	while ((result = sqlite3_step(s)) == SQLITE_ROW)
		;
	return sqlite3_reset(s) == SQLITE_OK && result == SQLITE_DONE;
}

static status
run_sql(struct inventory *i, const char *sql, struct error *err)
{
	return sqlite3_exec(i->db, sql, NULL, NULL, NULL) == SQLITE_OK ? STATUS_OK : inventory_failed(i, err);
}

/* ---- transactions ---- */

static void
reset_all(struct inventory *i)
{
	for (size_t k = 0; k < SQL_LEN; k++)
		sqlite3_reset(i->statements[k]);
}

static status
look_at_generation(struct inventory *i, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_GENERATION);

	if (s == NULL || sqlite3_step(s) != SQLITE_ROW)
		return inventory_failed(i, err);
	i->rows = sqlite3_column_int64(s, 0);
	i->all = sqlite3_column_int64(s, 1);
	i->last_id = (uint32_t)sqlite3_column_int64(s, 2);
	sqlite3_reset(s);
	return STATUS_OK;
}

static status
begin(struct inventory *i, const char *how, struct error *err)
{
	if (i->import != NULL)
		return error_set(err, ERROR_INTERNAL, STAGE, "the inventory was asked in the middle of an import");
	atomic_store(&i->interrupted, false);
	if (run_sql(i, how, err) != STATUS_OK)
		return STATUS_FAILED;
	if (look_at_generation(i, err) != STATUS_OK) {
		inventory_end_read(i);
		return STATUS_FAILED;
	}
	return STATUS_OK;
}

status
inventory_begin_read(struct inventory *i, struct error *err)
{
	return begin(i, "BEGIN", err);
}

void
inventory_end_read(struct inventory *i)
{
	reset_all(i);
	if (sqlite3_get_autocommit(i->db) == 0)
		(void)sqlite3_exec(i->db, "ROLLBACK", NULL, NULL, NULL);
}

status
inventory_begin_write(struct inventory *i, struct error *err)
{
	return begin(i, "BEGIN IMMEDIATE", err);
}

static status
count_up(struct inventory *i, const char *key, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_META_SET);

	if (s == NULL)
		return inventory_failed(i, err);
	sql_text(s, 1, key);
	return sql_done(s) ? STATUS_OK : inventory_failed(i, err);
}

status
inventory_end_write(struct inventory *i, status done, bool rows_changed, struct error *err)
{
	if (done == STATUS_OK)
		done = count_up(i, "all", err);
	if (done == STATUS_OK && rows_changed)
		done = count_up(i, "rows", err);
	reset_all(i);
	if (done == STATUS_OK)
		done = run_sql(i, "COMMIT", err);
	if (sqlite3_get_autocommit(i->db) == 0)
		(void)sqlite3_exec(i->db, "ROLLBACK", NULL, NULL, NULL);
	return done;
}

int64_t
inventory_generation(struct inventory *i)
{
	int64_t all = 0;

	if (inventory_begin_read(i, NULL) != STATUS_OK)
		return 0;
	all = i->all;
	inventory_end_read(i);
	return all;
}

void
inventory_interrupt(struct inventory *i)
{
	atomic_store(&i->interrupted, true);
	sqlite3_interrupt(i->db);
}

/* ---- opening ---- */

/* Folders that are missing on the way to a file, 0700. False and errno. */
static bool
make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			*slash = '/';
			return false;
		}
		*slash = '/';
	}
	return true;
}

/* False: there is no place for it. */
static bool
default_name(const struct world *w, bool lab, struct buf *path)
{
	const char *file = lab ? "inventory-lab.db" : "inventory.db";
	const char *state = w->env(w->self, "XDG_STATE_HOME"), *home = w->env(w->self, "HOME");

	if (state != NULL && state[0] == '/') /* a relative one is to be ignored: XDG Base Directory Specification */
		buf_addf(path, "%s/mtlscope/%s", state, file);
	else if (home != NULL && home[0] == '/')
		buf_addf(path, "%s/.local/state/mtlscope/%s", home, file);
	return path->len > 0;
}

status
inventory_path(const struct world *w, bool lab, struct buf *path, struct error *err)
{
	if (!default_name(w, lab, path))
		return error_set(err, ERROR_LOCAL, STAGE, "neither XDG_STATE_HOME nor HOME is set: there is no place for the inventory");
	if (!make_folders(path->data)) {
		char shown[QUOTE_MAX];
		int why = errno;

		return error_set(err, ERROR_LOCAL, STAGE, "%s: its folder cannot be made: %s", quote_str(path->data, shown), strerror(why));
	}
	return STATUS_OK;
}

/* SQLite would make the file as the umask says; its -wal and -shm get the same mode as the file has. */
static status
make_file(const char *path, const char *shown, struct error *err)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	int why = errno;
	bool regular = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	if (fd >= 0)
		close(fd); /* before SQLite opens it: closing a second descriptor later would drop its locks (fcntl's rule) */
	if (fd < 0)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: %s", shown, strerror(why));
	return regular ? STATUS_OK : error_set(err, ERROR_LOCAL, STAGE, "%s: no regular file", shown);
}

static int64_t
pragma(struct inventory *i, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(i->db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	return sqlite3_finalize(s) == SQLITE_OK ? value : -1;
}

/* Makes the tables where there are none. Two programs may be here at once: the second finds them made. */
static status
prepare(struct inventory *i, struct error *err)
{
	int64_t version, tables;

	if (run_sql(i, "PRAGMA page_size = 8192; PRAGMA cache_size = -16000; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF;"
	        "PRAGMA journal_size_limit = 16777216; PRAGMA trusted_schema = OFF;", err) != STATUS_OK)
		return STATUS_FAILED;
	version = pragma(i, "PRAGMA user_version");
	tables = pragma(i, "SELECT count(*) FROM sqlite_schema");
	if (version < 0 || tables < 0)
		return inventory_failed(i, err);
	if (version > VERSION && pragma(i, "PRAGMA application_id") == APPLICATION)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: a newer mtlscope wrote this inventory (version %lld, this one knows %d); it stays as it is",
		    i->path, (long long)version, VERSION);
	if (tables > 0 && pragma(i, "PRAGMA application_id") != APPLICATION)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: a database of something else; it stays as it is", i->path);
	if (tables > 0)
		return STATUS_OK;
	if (run_sql(i, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", err) != STATUS_OK)
		return STATUS_FAILED;
	if (pragma(i, "SELECT count(*) FROM sqlite_schema") == 0) {
		struct buf sql = { 0 };

		buf_addf(&sql, "%s PRAGMA application_id = %d; PRAGMA user_version = %d;", inventory_schema, APPLICATION, VERSION);
		if (run_sql(i, sql.data, err) != STATUS_OK) {
			inventory_end_read(i);
			buf_done(&sql);
			return STATUS_FAILED;
		}
		buf_done(&sql);
	}
	return run_sql(i, "COMMIT", err);
}

/* row_name(subject, sans): what rows are sorted by as their name. */
static void
row_name(sqlite3_context *context, int n, sqlite3_value **values)
{
	struct buf *name = sqlite3_user_data(context);

	(void)n;
	buf_reset(name);
	inventory_name((const char *)sqlite3_value_text(values[0]), (const char *)sqlite3_value_text(values[1]), name);
	lower_case(name->data);
	sqlite3_result_text(context, name->data, (int)name->len, SQLITE_TRANSIENT);
}

bool
inventory_exists(const char *path, const struct world *w)
{
	struct buf made = { 0 };
	bool there = (path != NULL || default_name(w, false, &made)) && access(path != NULL ? path : made.data, F_OK) == 0;

	buf_done(&made);
	return there;
}

status
inventory_open(const char *path, const struct world *w, struct inventory **out, struct error *err)
{
	struct inventory *i = mem_zero(1, sizeof *i);
	struct buf made = { 0 };
	char shown[QUOTE_MAX];
	status done = STATUS_FAILED;

	*out = NULL;
	if (path == NULL) {
		if (inventory_path(w, false, &made, err) != STATUS_OK)
			goto out;
		path = made.data;
	}
	i->path = mem_strdup(quote_str(path, shown));
	if (make_file(path, shown, err) != STATUS_OK)
		goto out;
	if (sqlite3_open_v2(path, &i->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK) {
		done = inventory_failed(i, err);
		goto out;
	}
	sqlite3_extended_result_codes(i->db, 0);
	sqlite3_busy_timeout(i->db, BUSY_MS);
	if (sqlite3_create_function(i->db, "row_name", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, &i->scratch, row_name, NULL,
	        NULL) != SQLITE_OK)
		done = inventory_failed(i, err);
	else
		done = prepare(i, err);
out:
	buf_done(&made);
	if (done == STATUS_OK)
		*out = i;
	else
		inventory_close(i);
	return done;
}

void
inventory_close(struct inventory *i)
{
	if (i == NULL)
		return;
	if (i->import != NULL && inventory_import_end(i, false, TIME_UNKNOWN, NULL, NULL, NULL) != STATUS_OK)
		inventory_end_read(i);
	inventory_forget(i);
	for (size_t k = 0; k < SQL_LEN; k++)
		sqlite3_finalize(i->statements[k]);
	sqlite3_close(i->db);
	buf_done(&i->scratch);
	free(i->path);
	free(i);
}
