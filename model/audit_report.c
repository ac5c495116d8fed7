#include "model/audit_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/audit_report_csv.h"
#include "model/buf.h"
#include "model/json_stream.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/times.h"

#define STAGE "audit report"

enum field { SERIAL, ARN, SUBJECT, TEMPLATE, SERVICE, REASON, NOT_BEFORE, NOT_AFTER, ISSUED, REVOKED, FIELDS, UNKNOWN_FIELD = FIELDS };
static const char *const field_names[FIELDS] = {
	[SERIAL] = "serial",
	[ARN] = "certificateArn",
	[SUBJECT] = "subject", /* and "Subject", in older reports */
	[TEMPLATE] = "templateArn",
	[SERVICE] = "requestedByServicePrincipal",
	[REASON] = "revocationReason",
	[NOT_BEFORE] = "notBefore",
	[NOT_AFTER] = "notAfter",
	[ISSUED] = "issuedAt",
	[REVOKED] = "revokedAt",
};

enum form { NOT_KNOWN, JSON, CSV };
struct audit_report {
	audit_report_tell tell;
	void *user;
	enum form form;
	bool failed;
	uint64_t bytes;
	size_t records;
	uint64_t record_at;          /* where the record began */
	struct error *err;           /* of the feed that runs */

	struct buf values[FIELDS];   /* of this record */
	bool given[FIELDS];
	size_t size;                 /* bytes of the record so far */

	struct json_stream json;
	enum field key;
	struct csv csv;
	enum field *columns;         /* of the header line; NULL before */
	size_t columns_len;
	unsigned bom;                /* bytes seen of a mark at the beginning */
};

static enum field
field_of(const char *name)
{
	for (enum field f = 0; f < FIELDS; f++)
		if (strcasecmp(name, field_names[f]) == 0)
			return f;
	return UNKNOWN_FIELD;
}

/* Always false, so that readers can return it. */
static bool wrong_at(struct audit_report *r, uint64_t byte, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool
wrong_at(struct audit_report *r, uint64_t byte, const char *fmt, ...)
{
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	(void)error_set(r->err, ERROR_INPUT, STAGE, "audit report: record %zu (byte %llu): %s", r->records + 1, (unsigned long long)byte, why);
	r->failed = true;
	return false;
}

/* ---- times ---- */

/* `n` digits; -1: they are none. */
static int
digits(const char *s, int n)
{
	int value = 0;

	for (int k = 0; k < n; k++) {
		if (s[k] < '0' || s[k] > '9')
			return -1;
		value = value * 10 + (s[k] - '0');
	}
	return value;
}

/* 2020-02-26T18:39:57+0000: AWS writes no colon in the offset. With one, with Z, with fractions, or as epoch seconds: it is all read. */
static bool
time_of(const char *s, int64_t *out)
{
	char fixed[64];
	size_t len = strlen(s);
	int sign;

	if (len == 24 && s[4] == '-' && s[7] == '-' && s[10] == 'T' && s[13] == ':' && s[16] == ':' && (s[19] == '+' || s[19] == '-')) {
		int hours = digits(s + 20, 2), minutes = digits(s + 22, 2);

		if (hours < 0 || minutes < 0 || hours > 23 || minutes > 59 || digits(s, 4) < 0 || digits(s + 5, 2) < 0 || digits(s + 8, 2) < 0 ||
		    digits(s + 11, 2) < 0 || digits(s + 14, 2) < 0 || digits(s + 17, 2) < 0 ||
		    !time_from_civil(digits(s, 4), digits(s + 5, 2), digits(s + 8, 2), digits(s + 11, 2), digits(s + 14, 2), digits(s + 17, 2), out))
			return false;
		sign = s[19] == '+' ? -1 : 1;
		*out += sign * (hours * 3600 + minutes * 60);
		return true;
	}
	/* ".123+0000" */
	if (len > 5 && len < sizeof fixed - 1 && (s[len - 5] == '+' || s[len - 5] == '-') && s[len - 3] != ':' && strchr(s, 'T') != NULL) {
		snprintf(fixed, sizeof fixed, "%.*s:%s", (int)(len - 2), s, s + len - 2);
		return time_parse(fixed, out);
	}
	return time_parse(s, out);
}

/* ---- a record ---- */

static bool
take_time(struct audit_report *r, enum field f, int64_t *out)
{
	char shown[QUOTE_MAX];

	*out = TIME_UNKNOWN;
	if (!r->given[f] || time_of(r->values[f].data, out))
		return true;
	return wrong_at(r, r->record_at, "%s is no time: “%s”", field_names[f], quote_str(r->values[f].data, shown));
}

static const char *
take(const struct audit_report *r, enum field f)
{
	return r->given[f] ? r->values[f].data : NULL;
}

static bool
record_done(struct audit_report *r)
{
	struct inventory_record record = {
		.arn = take(r, ARN),
		.serial = take(r, SERIAL),
		.subject = take(r, SUBJECT),
		.template_arn = take(r, TEMPLATE),
		.requested_by = take(r, SERVICE),
		.revocation_reason = take(r, REASON),
	};
	struct error own = { .code = ERROR_NONE };

	if (!take_time(r, NOT_BEFORE, &record.not_before) || !take_time(r, NOT_AFTER, &record.not_after) ||
	    !take_time(r, ISSUED, &record.issued) || !take_time(r, REVOKED, &record.revoked))
		return false;
	if (record.arn == NULL && record.serial == NULL)
		return wrong_at(r, r->record_at, "it has neither certificateArn nor serial");
	if (r->tell(r->user, &record, &own) != STATUS_OK) {
		if (own.code == ERROR_INPUT)
			return wrong_at(r, r->record_at, "%s", own.text);
		r->failed = true;
		(void)error_set(r->err, own.code, own.stage, "%s", own.text);
		return false;
	}
	r->records++;
	return true;
}

static void
record_begins(struct audit_report *r, uint64_t at)
{
	memset(r->given, 0, sizeof r->given);
	r->key = UNKNOWN_FIELD;
	r->record_at = at;
	r->size = 0;
}

static bool
put_value(struct audit_report *r, enum field f, const char *text, size_t len, uint64_t at)
{
	r->size += len;
	if (r->size > LIMIT_REPORT_RECORD)
		return wrong_at(r, at, "it is longer than %d KiB", LIMIT_REPORT_RECORD / 1024);
	if (f == UNKNOWN_FIELD || len == 0) /* an empty field of CSV is one that JSON leaves out */
		return true;
	buf_reset(&r->values[f]);
	buf_add(&r->values[f], text, len);
	r->given[f] = true;
	return true;
}

/* ---- JSON: [ { "key": "value", … }, … ] ---- */

static bool
json_token(void *user, enum json_token t, const char *text, size_t len)
{
	struct audit_report *r = user;
	unsigned depth = r->json.depth; /* a record's own bracket, when it opens, and its keys: 2; when it has closed: 1 */

	if (t == JSON_ARRAY && depth == 1)
		return true;
	if (t == JSON_OBJECT && depth == 2 && (r->json.inside & 1) == 0) {
		record_begins(r, r->json.token_at);
		return true;
	}
	if (t == JSON_OBJECT_END && depth == 1)
		return record_done(r);
	if (t == JSON_ARRAY_END && depth == 0)
		return true;
	if (depth < 2 || (depth == 2 && t == JSON_ARRAY))
		return wrong_at(r, r->json.token_at, "a list of certificates was expected");
	if (depth == 2 && t == JSON_KEY) {
		r->key = field_of(text);
		return put_value(r, UNKNOWN_FIELD, text, len, r->json.token_at);
	}
	if (depth == 2 && (t == JSON_STRING || t == JSON_NUMBER))
		return put_value(r, r->key, text, len, r->json.token_at);
	if (t == JSON_OBJECT || t == JSON_ARRAY || t == JSON_TRUE || t == JSON_FALSE) {
		if (r->key != UNKNOWN_FIELD && depth <= 3)
			return wrong_at(r, r->json.token_at, "%s is no text", field_names[r->key]);
	}
	return put_value(r, UNKNOWN_FIELD, text, len + 1, r->json.token_at); /* of a key that is not known: only counted */
}

static bool
feed_json(struct audit_report *r, const char *bytes, size_t len)
{
	if (json_stream_feed(&r->json, bytes, len))
		return true;
	if (r->json.problem != NULL)
		return wrong_at(r, r->json.offset, "%s", r->json.problem);
	return false; /* json_token() has said why */
}

/* ---- CSV ---- */

static bool
header_done(struct audit_report *r)
{
	bool names = false;

	for (size_t k = 0; k < r->columns_len; k++)
		names = names || r->columns[k] == SERIAL || r->columns[k] == ARN;
	if (names)
		return true;
	(void)error_set(r->err, ERROR_INPUT, STAGE, "audit report: its first line names neither certificateArn nor serial: it is no audit report");
	r->failed = true;
	return false;
}

static bool
csv_token(void *user, enum csv_token t, size_t column, const char *text, size_t len, uint64_t at)
{
	struct audit_report *r = user;
	bool header = !r->csv.header_done;

	switch (t) {
	case CSV_RECORD:
		record_begins(r, at);
		return true;
	case CSV_FIELD:
		if (header) {
			if (column >= LIMIT_REPORT_COLUMNS)
				return wrong_at(r, at, "its first line has more than %d fields", LIMIT_REPORT_COLUMNS);
			r->columns = mem_grow(r->columns, column + 1, sizeof *r->columns);
			r->columns[column] = field_of(text);
			r->columns_len = column + 1;
			return true;
		}
		if (column >= r->columns_len)
			return wrong_at(r, at, "it has more fields than the first line, %zu", r->columns_len);
		return put_value(r, r->columns[column], text, len, at);
	default:
		return header ? header_done(r) : record_done(r);
	}
}

static bool
feed_csv(struct audit_report *r, const char *bytes, size_t len)
{
	if (csv_feed(&r->csv, bytes, len))
		return true;
	if (r->csv.problem != NULL)
		return wrong_at(r, r->csv.offset, "%s", r->csv.problem);
	return false;
}

/* ---- both ---- */

struct audit_report *
audit_report_new(audit_report_tell tell, void *user)
{
	struct audit_report *r = mem_zero(1, sizeof *r);

	r->tell = tell;
	r->user = user;
	return r;
}

void
audit_report_free(struct audit_report *r)
{
	if (r == NULL)
		return;
	for (size_t k = 0; k < FIELDS; k++)
		buf_done(&r->values[k]);
	json_stream_done(&r->json);
	csv_done(&r->csv);
	free(r->columns);
	free(r);
}

size_t
audit_report_records(const struct audit_report *r)
{
	return r->records;
}

/* Skips a byte order mark and blanks, and finds out which form it is. How many bytes that took. */
static size_t
find_form(struct audit_report *r, const unsigned char *bytes, size_t len)
{
	static const unsigned char mark[] = { 0xef, 0xbb, 0xbf };
	size_t n = 0;

	while (n < len && r->form == NOT_KNOWN) {
		if (r->bytes + n == r->bom && r->bom < sizeof mark && bytes[n] == mark[r->bom]) {
			r->bom++;
			n++;
		} else if (bytes[n] == ' ' || bytes[n] == '\t' || bytes[n] == '\r' || bytes[n] == '\n') {
			n++;
		} else {
			r->form = bytes[n] == '[' || bytes[n] == '{' ? JSON : CSV;
		}
	}
	if (r->form == JSON)
		json_stream_start(&r->json, json_token, r, LIMIT_REPORT_VALUE, LIMIT_REPORT_DEPTH);
	if (r->form == CSV)
		csv_start(&r->csv, csv_token, r, LIMIT_REPORT_VALUE);
	r->json.offset = r->csv.offset = r->bytes + n;
	return n;
}

status
audit_report_feed(struct audit_report *r, const void *bytes, size_t len, struct error *err)
{
	const char *at = bytes;
	size_t skipped = 0;
	bool good = !r->failed;

	r->err = err;
	if (good && r->bytes + len > LIMIT_REPORT_BYTES)
		good = wrong_at(r, r->bytes, "the report has more than %d MiB", LIMIT_REPORT_BYTES / 1024 / 1024);
	if (good && r->form == NOT_KNOWN)
		skipped = find_form(r, bytes, len);
	if (good && r->form == JSON)
		good = feed_json(r, at + skipped, len - skipped);
	if (good && r->form == CSV)
		good = feed_csv(r, at + skipped, len - skipped);
	r->bytes += len;
	r->failed = !good;
	return good ? STATUS_OK : error_set(err, ERROR_INPUT, STAGE, "audit report: it was wrong before");
}

status
audit_report_end(struct audit_report *r, struct error *err)
{
	bool good = !r->failed;

	r->err = err;
	if (good && r->form == NOT_KNOWN) {
		(void)error_set(err, ERROR_INPUT, STAGE, "audit report: it is empty");
		good = false;
	}
	if (good && r->form == JSON && !json_stream_end(&r->json))
		good = r->json.problem != NULL ? wrong_at(r, r->json.offset, "%s", r->json.problem) : false;
	if (good && r->form == CSV && !csv_end(&r->csv))
		good = r->csv.problem != NULL ? wrong_at(r, r->csv.offset, "%s", r->csv.problem) : false;
	r->failed = true; /* nothing follows */
	return good ? STATUS_OK : error_set(err, ERROR_INPUT, STAGE, "audit report: it was wrong before");
}
