/*
 * Audit reports: every certificate that a CA has issued, as JSON or CSV in a bucket (knowledge "aws" 3.1). Written row by
 * row by the worker, into a file that becomes the object: a million of them take no memory.
 */
#include <limits.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"
#include "model/times.h"

enum { HALF_HOUR = 30 * 60, STAMP = 32, PIECE = 1 << 16 };

/* ---- asking for one ---- */

/* "One report every 30 minutes" (the service model), by this machine's clock: the lab's own may stand. */
static bool
is_due(struct pca_call *k)
{
	int64_t next = k->ca->report_at + HALF_HOUR;
	char text[40];

	if (cloud_settings(k->c)->no_report_limit || next <= cloud_real_now())
		return true;
	cloud_fail(k->p, "RequestInProgressException", "An audit report has been generated within the last 30 minutes. The next one can be generated after %s.",
	    time_rfc3339(next, text));
	return false;
}

void
pca_report_create(struct pca_call *k)
{
	const char *bucket = pca_in_text(k, "S3BucketName"), *format = pca_in_text(k, "AuditReportResponseFormat");
	char id[37], *key;
	cJSON *o;

	if (!cloud_s3_has_bucket(k->c, bucket)) {
		cloud_fail(k->p, "ResourceNotFoundException", "The S3 bucket %s does not exist.", bucket);
		return;
	}
	if (!is_due(k))
		return;
	cloud_uuid(id);
	key = arena_printf(k->a, "audit-report/%s/%s.%s", k->ca->uuid, id, strcmp(format, "JSON") == 0 ? "json" : "csv");
	if (!sql_do(k->db, "INSERT INTO pca_report(id, ca, bucket, key, format, status, created) VALUES (?, ?, ?, ?, ?, 'CREATING', ?)", "tittti", id,
	    k->ca->id, bucket, key, format, k->q->now) ||
	    !sql_do(k->db, "UPDATE pca_ca SET report_at = ? WHERE id = ?", "ii", cloud_real_now(), k->ca->id)) {
		cloud_fail(k->p, "InternalFailure", "The request could not be stored.");
		return;
	}
	pca_worker_wants(k);
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "AuditReportId", id);
	cJSON_AddStringToObject(o, "S3Key", key);
	cloud_reply_json(k->p, o);
}

void
pca_report_describe(struct pca_call *k)
{
	const char *id = pca_in_text(k, "AuditReportId");
	sqlite3_stmt *s = sql(k->db, "SELECT status, bucket, key, created FROM pca_report WHERE id = ? AND ca = ?", "ti", id, k->ca->id);

	if (sqlite3_step(s) == SQLITE_ROW) {
		const char *state = sql_column(s, 0, k->a);
		cJSON *o = cJSON_CreateObject();
		if (strcmp(state, "CREATING") == 0)
			pca_worker_wants(k); /* a full disk may have kept it from being written */
		cJSON_AddStringToObject(o, "AuditReportStatus", state);
		cJSON_AddStringToObject(o, "S3BucketName", sql_column(s, 1, k->a));
		cJSON_AddStringToObject(o, "S3Key", sql_column(s, 2, k->a));
		cJSON_AddNumberToObject(o, "CreatedAt", (double)sqlite3_column_int64(s, 3));
		cloud_reply_json(k->p, o);
	} else {
		cloud_fail(k->p, "ResourceNotFoundException", "Could not find an audit report with ID: %s", id);
	}
	sqlite3_finalize(s);
}

/* ---- writing it ---- */

/* A record's columns, in the order of AWS's own header. */
enum { ACCOUNT, REQUESTED_BY, ARN, SERIAL, SUBJECT, NOT_BEFORE, NOT_AFTER, ISSUED, REVOKED, REASON, TEMPLATE, COLUMNS };
static const char *const names[COLUMNS] = { "awsAccountId", "requestedByServicePrincipal", "certificateArn", "serial", "subject", "notBefore",
	"notAfter", "issuedAt", "revokedAt", "revocationReason", "templateArn" };

/* 2020-02-26T18:39:57+0000, without a colon, as AWS has it. */
static const char *
stamp(int64_t t, char out[STAMP])
{
	time_t time = (time_t)t;
	struct tm tm;

	if (t == 0 || gmtime_r(&time, &tm) == NULL || strftime(out, STAMP, "%Y-%m-%dT%H:%M:%S+0000", &tm) == 0)
		return NULL;
	return out;
}

static void
put_json_text(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s != '\0'; s++)
		if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			fprintf(f, "\\u%04x", *s);
		else
			fputc(*s, f);
	fputc('"', f);
}

/* What is absent is left out. */
static void
put_json(FILE *f, const char *const columns[COLUMNS], bool first)
{
	bool any = false;

	fputs(first ? "{" : ",\n{", f);
	for (int i = 0; i < COLUMNS; i++) {
		if (columns[i] == NULL)
			continue;
		fprintf(f, "%s\"%s\":", any ? "," : "", names[i]);
		put_json_text(f, columns[i]);
		any = true;
	}
	fputc('}', f);
}

static void
put_csv(FILE *f, const char *const columns[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		const char *s = columns[i] != NULL ? columns[i] : "";
		if (i > 0)
			fputc(',', f);
		if (i != SUBJECT) {
			fputs(s, f);
			continue;
		}
		fputc('"', f);
		for (; *s != '\0'; s++) {
			if (*s == '"')
				fputc('"', f);
			fputc(*s, f);
		}
		fputc('"', f);
	}
	fputc('\n', f);
}

static void
put_row(FILE *f, sqlite3_stmt *s, const struct pca_ca *ca, bool json, bool first)
{
	char arn[320], serial[64], hex[40], template_arn[160], stamps[4][STAMP];
	const char *columns[COLUMNS] = { [ACCOUNT] = ca->account, [ARN] = arn, [SERIAL] = serial };
	const char *template = (const char *)sqlite3_column_text(s, 8);
	unsigned char bytes[16] = { 0 };

	if (sqlite3_column_bytes(s, 0) == (int)sizeof bytes)
		memcpy(bytes, sqlite3_column_blob(s, 0), sizeof bytes);
	pca_hex(bytes, sizeof bytes, ":", serial);
	pca_hex(bytes, sizeof bytes, "", hex);
	snprintf(arn, sizeof arn, "%s/certificate/%s", ca->arn, hex);
	columns[SUBJECT] = (const char *)sqlite3_column_text(s, 1);
	columns[NOT_BEFORE] = stamp(sqlite3_column_int64(s, 2), stamps[0]);
	columns[NOT_AFTER] = stamp(sqlite3_column_int64(s, 3), stamps[1]);
	columns[ISSUED] = stamp(sqlite3_column_int64(s, 4), stamps[2]);
	columns[REVOKED] = stamp(sqlite3_column_int64(s, 5), stamps[3]);
	columns[REASON] = (const char *)sqlite3_column_text(s, 6);
	columns[REQUESTED_BY] = (const char *)sqlite3_column_text(s, 7);
	if (template != NULL) {
		snprintf(template_arn, sizeof template_arn, "arn:aws:acm-pca:::template/%s/V1", template);
		columns[TEMPLATE] = template_arn;
	}
	if (json)
		put_json(f, columns, first);
	else
		put_csv(f, columns);
}

/* False: the disk, or the lab ends. */
static bool
write_report(struct cloud *c, sqlite3 *db, const struct pca_ca *ca, bool json, FILE *f)
{
	sqlite3_stmt *s = sql(db, "SELECT serial, subject, not_before, not_after, issued, revoked, reason, requested_by, template FROM pca_cert"
	    " WHERE ca = ? AND state IN (1, 3) ORDER BY id", "i", ca->id);
	bool first = true;

	if (json) {
		fputs("[\n", f);
	} else {
		for (int i = 0; i < COLUMNS; i++)
			fprintf(f, "%s%s", i > 0 ? "," : "", names[i]);
		fputc('\n', f);
	}
	while (!c->pca->stop && sqlite3_step(s) == SQLITE_ROW) {
		put_row(f, s, ca, json, first);
		first = false;
	}
	sqlite3_finalize(s);
	if (json)
		fputs("\n]\n", f);
	return fflush(f) == 0 && ferror(f) == 0 && !c->pca->stop;
}

static bool
make(struct cloud *c, sqlite3 *db, const char *id, const struct pca_ca *ca, bool json)
{
	char path[PATH_MAX], *room = mem_alloc(PIECE);
	FILE *f = NULL;
	bool ok = snprintf(path, sizeof path, "%s/report-%s", c->objects, id) < (int)sizeof path && (f = fopen(path, "we")) != NULL;

	if (ok) {
		setvbuf(f, room, _IOFBF, PIECE);
		(void)__fsetlocking(f, FSETLOCKING_BYCALLER); /* half a billion characters, and one thread */
		ok = write_report(c, db, ca, json, f);
	}
	if (f != NULL && fclose(f) != 0)
		ok = false;
	free(room);
	if (c->pca->stop)
		return false; /* the next lab writes it again */
	return sql_do(db, "UPDATE pca_report SET file = ? WHERE id = ?", "tt", ok ? path : "", id);
}

bool
pca_report_work(struct cloud *c, sqlite3 *db)
{
	struct arena *a = arena_new();
	sqlite3_stmt *s = sql(db, "SELECT id, ca, format FROM pca_report WHERE status = 'CREATING' AND file IS NULL LIMIT 1", "");
	bool found = sqlite3_step(s) == SQLITE_ROW;
	const char *id = found ? sql_column(s, 0, a) : NULL, *format = found ? sql_column(s, 2, a) : NULL;
	struct pca_ca *ca = found ? pca_load_id(db, a, sqlite3_column_int64(s, 1), 0) : NULL;

	sqlite3_finalize(s);
	if (found && ca == NULL)
		found = sql_do(db, "UPDATE pca_report SET file = '' WHERE id = ?", "t", id);
	else if (found)
		found = make(c, db, id, ca, strcmp(format, "JSON") == 0);
	arena_free(a);
	return found;
}

/* What is written becomes an object. */
void
pca_report_settle(struct cloud *c)
{
	struct arena *a = arena_new();
	sqlite3_stmt *s = sql(c->db, "SELECT r.id, r.bucket, r.key, r.format, r.file, ca.arn FROM pca_report r LEFT JOIN pca_ca ca ON ca.id = r.ca"
	    " WHERE r.status = 'CREATING' AND r.file IS NOT NULL", "");

	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *id = sql_column(s, 0, a), *file = sql_column(s, 4, a), *arn = sql_column(s, 5, a);
		bool json = strcmp(sql_column(s, 3, a), "JSON") == 0;
		bool ok = file[0] != '\0' &&
		    cloud_s3_adopt(c, sql_column(s, 1, a), sql_column(s, 2, a), file, json ? "application/json" : "text/csv");
		sql_do(c->db, "UPDATE pca_report SET status = ? WHERE id = ?", "tt", ok ? "SUCCESS" : "FAILED", id);
		if (!ok && file[0] != '\0')
			unlink(file);
		if (arn != NULL)
			pca_tell(c->db, "ACM Private CA Audit Report Generation", arn, id, ok, ok ? NULL : "Failed to write the audit report to S3.");
	}
	sqlite3_finalize(s);
	arena_free(a);
}
