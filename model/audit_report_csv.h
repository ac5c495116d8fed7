/* CSV as it comes (RFC 4180), piece by piece: fields in quotes hold commas, quotes (twice) and newlines. Used by audit_report.c. */
#ifndef MODEL_AUDIT_REPORT_CSV_H
#define MODEL_AUDIT_REPORT_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "model/buf.h"

enum csv_token { CSV_RECORD, CSV_FIELD, CSV_RECORD_END };
/* A field's text until the return, `at`: where it began. False: stop. */
typedef bool (*csv_tell)(void *user, enum csv_token t, size_t column, const char *text, size_t len, uint64_t at);

struct csv {
	csv_tell tell;
	void *user;
	size_t most;            /* bytes of one field */
	int state;              /* audit_report_csv.c */
	size_t column;
	uint64_t offset, field_at;
	bool header_done;       /* a record has ended */
	struct buf text;
	const char *problem;    /* static; NULL: nothing, or tell() said stop */
};

void csv_start(struct csv *c, csv_tell tell, void *user, size_t most);
bool csv_feed(struct csv *c, const char *bytes, size_t len);
/* Nothing follows: the last line needs no newline. */
bool csv_end(struct csv *c);
void csv_done(struct csv *c);

#endif
