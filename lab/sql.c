#include "lab/sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3_stmt *
prepare(sqlite3 *db, const char *text, const char *types, va_list ap)
{
	sqlite3_stmt *s = NULL;
	int result = sqlite3_prepare_v2(db, text, -1, &s, NULL);

	if (result == SQLITE_ERROR || (result == SQLITE_OK && sqlite3_bind_parameter_count(s) != (int)strlen(types))) {
		fprintf(stderr, "lab: a statement is wrong: %s\n%s\n", sqlite3_errmsg(db), text);
		abort();
	}
	for (int i = 1; result == SQLITE_OK && types[i - 1] != '\0'; i++) {
		if (types[i - 1] == 'i') {
			result = sqlite3_bind_int64(s, i, va_arg(ap, int64_t));
		} else if (types[i - 1] == 't') {
			result = sqlite3_bind_text(s, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		} else {
			const void *bytes = va_arg(ap, const void *);
			result = sqlite3_bind_blob64(s, i, bytes, va_arg(ap, size_t), SQLITE_TRANSIENT);
		}
	}
	/* NULL is legal for sqlite3_step() and sqlite3_finalize(): the former then says SQLITE_MISUSE. */
	if (result != SQLITE_OK) {
		sqlite3_finalize(s);
		s = NULL;
	}
	return s;
}

sqlite3_stmt *
sql(sqlite3 *db, const char *text, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *s = prepare(db, text, types, ap);
	va_end(ap);
	return s;
}

bool
sql_do(sqlite3 *db, const char *text, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *s = prepare(db, text, types, ap);
	va_end(ap);
	int result = sqlite3_step(s);
	sqlite3_finalize(s);
	return result == SQLITE_DONE || result == SQLITE_ROW;
}

int64_t
sql_int(sqlite3 *db, int64_t otherwise, const char *text, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *s = prepare(db, text, types, ap);
	va_end(ap);
	if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
		otherwise = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return otherwise;
}

char *
sql_column(sqlite3_stmt *s, int column, struct arena *a)
{
	const unsigned char *text = sqlite3_column_text(s, column);

	return text != NULL ? arena_strndup(a, (const char *)text, (size_t)sqlite3_column_bytes(s, column)) : NULL;
}

char *
sql_string(sqlite3 *db, struct arena *a, const char *text, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	sqlite3_stmt *s = prepare(db, text, types, ap);
	va_end(ap);
	char *found = sqlite3_step(s) == SQLITE_ROW ? sql_column(s, 0, a) : NULL;
	sqlite3_finalize(s);
	return found;
}
