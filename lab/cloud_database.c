/* The lab's database: opened, and its tables, which are those of this version or none. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/cloud_internal.h"
#include "lab/sql.h"
#include "model/quote.h"

enum {
	BUSY_MS = 20000,           /* the private CA's worker writes too, in short turns */
	READ_WHOLE = 32 << 20      /* bytes of a database that is read whole at a start: 0.1 s; a million certificates take half a gigabyte */
};

static const char stage[] = "starting the lab";
static const char way_out[] = "Name another folder with --dir, or move cloud.db away: then the lab begins anew.";

/* SQLite's own schema differs between its versions in blanks, columns do not. */
static const char columns[] = "SELECT group_concat(name, ' ') FROM pragma_table_info(?)";

bool
cloud_make_tables(sqlite3 *db)
{
	bool ok = sqlite3_exec(db, cloud_keys_table, NULL, NULL, NULL) == SQLITE_OK;

	for (size_t i = 0; i < cloud_services_len && ok; i++)
		ok = cloud_services[i]->tables == NULL || sqlite3_exec(db, cloud_services[i]->tables, NULL, NULL, NULL) == SQLITE_OK;
	return ok;
}

/* A table of the lab that this database has with other columns, in the arena; NULL: none. One that is missing is made later. */
static const char *
foreign_table(sqlite3 *db, struct arena *a)
{
	sqlite3 *ours = NULL;
	const char *found = NULL;
	sqlite3_stmt *s;

	if (sqlite3_open_v2(":memory:", &ours, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
	    cloud_make_tables(ours)) {
		s = sql(ours, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", "");
		while (found == NULL && sqlite3_step(s) == SQLITE_ROW) {
			const char *name = sql_column(s, 0, a), *there = sql_string(db, a, columns, "t", name);
			if (there != NULL && strcmp(there, sql_string(ours, a, columns, "t", name)) != 0)
				found = name;
		}
		sqlite3_finalize(s);
	}
	sqlite3_close(ours);
	return found;
}

static bool
is_damaged(int result)
{
	return (result & 0xff) == SQLITE_NOTADB || (result & 0xff) == SQLITE_CORRUPT;
}

static status
damaged(const char *path, struct error *err)
{
	char shown[QUOTE_MAX];

	return error_set(err, ERROR_INPUT, stage, "%s is damaged: it is no whole database of SQLite's. %s", quote_str(path, shown), way_out);
}

/* A page that is broken shows only when it is needed: after a minute, or in the midst of a start. */
static bool
is_whole(sqlite3 *db)
{
	struct arena *a = arena_new();
	const char *verdict = sql_string(db, a, "PRAGMA quick_check(1)", "");
	bool whole = verdict != NULL && strcmp(verdict, "ok") == 0;

	arena_free(a);
	return whole;
}

/* Keys of CAs are in it: nobody else may read it. */
static int
open_private(const char *path, sqlite3 **db)
{
	/* NORMAL: a kill loses nothing, only a power cut may lose the last transactions, whole. */
	static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768;"
	    "CREATE TABLE IF NOT EXISTS cloud_meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID";
	mode_t before = umask(077);
	int result = sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

	if (result == SQLITE_OK) {
		sqlite3_busy_timeout(*db, BUSY_MS);
		result = sqlite3_exec(*db, settings, NULL, NULL, NULL);
	}
	umask(before);
	return result;
}

sqlite3 *
cloud_open_database(const char *folder, struct error *err)
{
	char path[PATH_MAX], shown[QUOTE_MAX];
	struct arena *a = arena_new();
	const char *foreign = NULL;
	sqlite3 *db = NULL;
	int result;

	if (snprintf(path, sizeof path, "%s/cloud.db", folder) >= (int)sizeof path)
		path[0] = '\0';
	result = open_private(path, &db);
	if (result == SQLITE_OK)
		foreign = foreign_table(db, a);
	if (foreign != NULL)
		error_set(err, ERROR_INPUT, stage, "%s is of another version of the lab: its table %s has other columns. %s", quote_str(path, shown),
		    foreign, way_out);
	else if (is_damaged(result))
		damaged(path, err);
	else if (result != SQLITE_OK)
		error_set(err, ERROR_LOCAL, stage, "The private CA's database %s cannot be used: %s.", quote_str(path, shown), sqlite3_errstr(result));
	arena_free(a);
	if (foreign == NULL && result == SQLITE_OK)
		return db;
	sqlite3_close(db);
	return NULL;
}

status
cloud_look(const char *dir, struct error *err)
{
	sqlite3 *db = cloud_open_database(dir, err);
	status result = db != NULL ? STATUS_OK : STATUS_FAILED;

	if (db != NULL && sql_int(db, 0, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", "") <= READ_WHOLE && !is_whole(db))
		result = damaged(sqlite3_db_filename(db, "main"), err);
	sqlite3_close(db);
	return result;
}

status
cloud_cannot_fill(sqlite3 *db, struct error *err)
{
	int code = sqlite3_extended_errcode(db);

	if (!is_whole(db))
		return damaged(sqlite3_db_filename(db, "main"), err);
	return error_set(err, ERROR_LOCAL, stage, "The private CA's database cannot be filled: %s.",
	    code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE ? "it does not take what a lab begins with" : sqlite3_errstr(code));
}
