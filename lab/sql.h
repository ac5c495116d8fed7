/* SQLite in few words: prepare, bind and step in one call. The lab's own statements: one that does not compile is a mistake, and aborts. */
#ifndef LAB_SQL_H
#define LAB_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/memory.h"

/*
 * `types`: one letter a parameter. 't' a string or NULL, 'i' an int64_t, 'b' bytes and their size_t (NULL: null). What is bound is
 * copied. The statement is the caller's: sqlite3_step() and sqlite3_finalize().
 */
sqlite3_stmt *sql(sqlite3 *db, const char *text, const char *types, ...);
/* Runs one that gives no rows. False: the disk is full, or a constraint is broken. */
bool sql_do(sqlite3 *db, const char *text, const char *types, ...);
/* The first column of the first row; otherwise where there is none. */
int64_t sql_int(sqlite3 *db, int64_t otherwise, const char *text, const char *types, ...);
/* The same as a string in the arena; NULL: no row, or null. */
char *sql_string(sqlite3 *db, struct arena *a, const char *text, const char *types, ...);
/* A column of the present row, in the arena; NULL: null. */
char *sql_column(sqlite3_stmt *s, int column, struct arena *a);

#endif
