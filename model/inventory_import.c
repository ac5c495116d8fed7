/* An audit report into the inventory: one transaction, constant memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/inventory_internal.h"
#include "model/limits.h"
#include "model/memory.h"

#define STAGE INVENTORY_STAGE
enum {
	SLOTS = 4096,      /* serials collected before they are written */
	REGROUP_MOST = 2000 /* names looked up one by one at the end; more, and all of the CA are gone through */
};

struct inventory_import {
	int64_t ca;
	char *arn;                 /* of the CA */
	struct bits_writer *bits;
	uint32_t next_id;
	size_t added, changed;
	unsigned char (*slots)[SERIAL_SLOT];
	size_t slots_len;
	uint32_t slots_first;
	int64_t names[REGROUP_MOST];
	size_t names_len;          /* beyond REGROUP_MOST: too many */
	int64_t words[3];          /* the last word a kind, which is the next one's as a rule */
	char *word_texts[3];
	struct buf expected;       /* the ARN that a serial leads to */
	struct buf text;           /* a subject in lower case */
};

static void
import_free(struct inventory *i)
{
	struct inventory_import *m = i->import;

	if (m == NULL)
		return;
	bits_writer_free(m->bits);
	for (size_t k = 0; k < 3; k++)
		free(m->word_texts[k]);
	buf_done(&m->expected);
	buf_done(&m->text);
	free(m->slots);
	free(m->arn);
	free(m);
	i->import = NULL;
}

status
inventory_import_begin(struct inventory *i, const char *ca, struct error *err)
{
	struct inventory_import *m;
	sqlite3_stmt *s;
	int64_t id;

	if (inventory_begin_write(i, err) != STATUS_OK)
		return STATUS_FAILED;
	s = inventory_sql(i, SQL_CA_ID);
	if (s == NULL) {
		(void)inventory_failed(i, err);
		inventory_end_read(i);
		return STATUS_FAILED;
	}
	sql_text(s, 1, ca);
	id = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_reset(s);
	if (id == 0) {
		inventory_end_read(i);
		return error_set(err, ERROR_INTERNAL, STAGE, "certificates were to be imported of a CA that the inventory does not have");
	}
	inventory_forget(i); /* memory for what is to come */
	(void)sqlite3_exec(i->db, "PRAGMA cache_size = -48000", NULL, NULL, NULL); /* the index over serials stays in memory: 30 MB a million */
	m = i->import = mem_zero(1, sizeof *m);
	m->ca = id;
	m->arn = mem_strdup(ca);
	m->bits = bits_writer_new(i);
	m->next_id = i->last_id + 1;
	m->slots = mem_alloc(SLOTS * sizeof *m->slots);
	m->slots_first = m->next_id;
	for (size_t k = 0; k < 3; k++)
		m->words[k] = -1;
	return STATUS_OK;
}

/* Id of a word; 0: no text. */
static status
word_id(struct inventory *i, enum word_kind kind, const char *text, int64_t *id, struct error *err)
{
	struct inventory_import *m = i->import;

	*id = 0;
	if (text == NULL || text[0] == '\0')
		return STATUS_OK;
	if (m->words[kind] > 0 && strcmp(m->word_texts[kind], text) == 0) {
		*id = m->words[kind];
		return STATUS_OK;
	}
	if (inventory_word_id(i, kind, text, id, err) != STATUS_OK)
		return STATUS_FAILED;
	m->words[kind] = *id;
	free(m->word_texts[kind]);
	m->word_texts[kind] = mem_strdup(text);
	return STATUS_OK;
}

/* "EndEntityCertificate" out of arn:aws:acm-pca:::template/EndEntityCertificate/V1; any other text as it is. */
static const char *
template_of(const char *arn, char out[128])
{
	const char *at = arn != NULL ? strstr(arn, ":template/") : NULL;
	size_t len;

	if (arn == NULL)
		return NULL;
	at = at != NULL ? at + strlen(":template/") : arn;
	len = strcspn(at, "/");
	snprintf(out, 128, "%.*s", (int)(len < 127 ? len : 127), at);
	return out;
}

static void
names_changed(struct inventory_import *m, int64_t names)
{
	if (m->names_len < REGROUP_MOST)
		m->names[m->names_len] = names;
	if (m->names_len <= REGROUP_MOST)
		m->names_len++;
}

static status
flush_slots(struct inventory *i, struct error *err)
{
	struct inventory_import *m = i->import;
	status done = inventory_serials_append(i, m->slots_first, m->slots[0], m->slots_len, err);

	m->slots_first += (uint32_t)m->slots_len;
	m->slots_len = 0;
	return done;
}

struct reading { /* a record, as it goes into the row */
	unsigned char serial[SERIAL_MAX];
	size_t serial_len;
	const char *arn;          /* NULL: as the serial has it */
	int64_t template, service, reason, names;
};

static status
add_bits(struct inventory *i, uint32_t id, const struct inventory_record *r, const struct reading *x, struct error *err)
{
	struct bits_writer *w = i->import->bits;
	char hex[SERIAL_MAX * 2 + 1];

	if (bits_add_text(w, r->subject, id, err) != STATUS_OK || bits_add(w, BITS_CA, (uint32_t)i->import->ca, id, err) != STATUS_OK)
		return STATUS_FAILED;
	if (x->template != 0 && bits_add(w, BITS_TEMPLATE, (uint32_t)x->template, id, err) != STATUS_OK)
		return STATUS_FAILED;
	if (r->revoked != TIME_UNKNOWN && bits_add(w, BITS_FLAG, FLAG_REVOKED, id, err) != STATUS_OK)
		return STATUS_FAILED;
	if (r->requested_by != NULL && strcmp(r->requested_by, "acm.amazonaws.com") == 0 && bits_add(w, BITS_FLAG, FLAG_ACM, id, err) != STATUS_OK)
		return STATUS_FAILED;
	if (x->arn != NULL && bits_add_text(w, x->arn, id, err) != STATUS_OK)
		return STATUS_FAILED;
	return x->serial_len > SERIAL_SLOT ? bits_add_text(w, serial_hex(x->serial, x->serial_len, hex), id, err) : STATUS_OK;
}

static status
add_new(struct inventory *i, const struct inventory_record *r, const struct reading *x, struct error *err)
{
	struct inventory_import *m = i->import;
	sqlite3_stmt *s = inventory_sql(i, SQL_CERT_PUT);
	uint32_t id = m->next_id;

	if (s == NULL)
		return inventory_failed(i, err);
	if (id > LIMIT_INVENTORY_CERTS)
		return error_set(err, ERROR_INPUT, STAGE, "the inventory holds %d certificates and takes no more", LIMIT_INVENTORY_CERTS);
	sqlite3_bind_int64(s, 1, id);
	sqlite3_bind_int64(s, 2, m->ca);
	sql_blob(s, 3, x->serial, x->serial_len);
	sql_text(s, 4, r->subject);
	sqlite3_bind_int64(s, 5, x->names);
	sql_time(s, 6, r->not_before);
	sql_time(s, 7, r->not_after);
	sql_time(s, 8, r->issued);
	sql_time(s, 9, x->template != 0 ? x->template : TIME_UNKNOWN);
	sql_time(s, 10, x->service != 0 ? x->service : TIME_UNKNOWN);
	sql_time(s, 11, r->revoked);
	sql_time(s, 12, x->reason != 0 ? x->reason : TIME_UNKNOWN);
	sql_text(s, 13, x->arn);
	if (!sql_done(s))
		return inventory_failed(i, err);
	if (add_bits(i, id, r, x, err) != STATUS_OK)
		return STATUS_FAILED;
	memcpy(m->slots[m->slots_len++], x->serial + x->serial_len - SERIAL_SLOT, SERIAL_SLOT);
	m->next_id++;
	m->added++;
	names_changed(m, x->names);
	return m->slots_len == SLOTS ? flush_slots(i, err) : STATUS_OK;
}

/* What was known of a row that is there already. */
struct known_row {
	uint32_t id;
	bool revoked, template, service;
};

/* What a later report can tell that an earlier one did not: that it was revoked; and what an old one left out. */
static status
change(struct inventory *i, const struct known_row *k, const struct inventory_record *r, const struct reading *x, struct error *err)
{
	struct inventory_import *m = i->import;
	sqlite3_stmt *s = inventory_sql(i, SQL_CERT_CHANGE);

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, k->id);
	sql_time(s, 2, r->revoked);
	sql_time(s, 3, x->reason != 0 ? x->reason : TIME_UNKNOWN);
	sql_time(s, 4, x->template != 0 ? x->template : TIME_UNKNOWN);
	sql_time(s, 5, x->service != 0 ? x->service : TIME_UNKNOWN);
	if (!sql_done(s))
		return inventory_failed(i, err);
	m->changed++;
	if (r->revoked != TIME_UNKNOWN && !k->revoked) {
		names_changed(m, x->names);
		if (bits_set(i, BITS_FLAG, FLAG_REVOKED, k->id, true, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (!k->template && x->template != 0 && bits_set(i, BITS_TEMPLATE, (uint32_t)x->template, k->id, true, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!k->service && x->service != 0 && strcmp(r->requested_by, "acm.amazonaws.com") == 0)
		return bits_set(i, BITS_FLAG, FLAG_ACM, k->id, true, err);
	return STATUS_OK;
}

/* The names by which certificates replace each other: the subject, in lower case. */
static int64_t
names_of(struct inventory_import *m, const char *subject)
{
	buf_reset(&m->text);
	buf_adds(&m->text, subject != NULL ? subject : "");
	lower_case(m->text.data);
	return inventory_names_key(m->text.data);
}

status
inventory_import_add(struct inventory *i, const struct inventory_record *r, struct error *err)
{
	struct inventory_import *m = i->import;
	struct reading x = { .arn = NULL };
	char template[128], hex[SERIAL_MAX * 2 + 1];
	struct known_row k;
	sqlite3_stmt *s;
	bool same;
	int result;

	if (m == NULL)
		return error_set(err, ERROR_INTERNAL, STAGE, "a record without an import");
	if (inventory_stopped(i))
		return inventory_failed(i, err);
	x.serial_len = serial_bytes(r->serial, r->arn, x.serial);
	if (x.serial_len == 0)
		return error_set(err, ERROR_INPUT, STAGE, r->serial != NULL ? "its serial is no number" : "it has neither a serial nor an ARN that ends in one");
	buf_reset(&m->expected);
	buf_adds(&m->expected, m->arn);
	buf_adds(&m->expected, "/certificate/");
	buf_adds(&m->expected, serial_hex(x.serial, x.serial_len, hex));
	x.arn = r->arn != NULL && strcmp(r->arn, m->expected.data) != 0 ? r->arn : NULL;
	x.names = names_of(m, r->subject);
	if (word_id(i, WORD_TEMPLATE, template_of(r->template_arn, template), &x.template, err) != STATUS_OK ||
	    word_id(i, WORD_SERVICE, r->requested_by, &x.service, err) != STATUS_OK ||
	    word_id(i, WORD_REASON, r->revocation_reason, &x.reason, err) != STATUS_OK)
		return STATUS_FAILED;
	s = inventory_sql(i, SQL_CERT_FIND);
	if (s == NULL)
		return inventory_failed(i, err);
	sql_blob(s, 1, x.serial, x.serial_len);
	sqlite3_bind_int64(s, 2, m->ca);
	result = sqlite3_step(s);
	if (result == SQLITE_DONE)
		return add_new(i, r, &x, err);
	if (result != SQLITE_ROW)
		return inventory_failed(i, err);
	k = (struct known_row){
		.id = (uint32_t)sqlite3_column_int64(s, 0),
		.revoked = sqlite3_column_type(s, 1) != SQLITE_NULL,
		.template = sqlite3_column_type(s, 2) != SQLITE_NULL,
		.service = sqlite3_column_type(s, 3) != SQLITE_NULL,
	};
	same = (r->revoked == TIME_UNKNOWN || sql_time_of(s, 1) == r->revoked) && (x.template == 0 || k.template) && (x.service == 0 || k.service);
	sqlite3_reset(s);
	return same ? STATUS_OK : change(i, &k, r, &x, err);
}

static void
small_cache(struct inventory *i)
{
	(void)sqlite3_exec(i->db, "PRAGMA cache_size = -16000", NULL, NULL, NULL);
	sqlite3_db_release_memory(i->db);
}

/* What is left to write when the last record is in. */
static status
finish(struct inventory *i, int64_t report_at, struct error *err)
{
	struct inventory_import *m = i->import;
	sqlite3_stmt *s;

	if (sqlite3_get_autocommit(i->db) != 0) /* SQLite gave the transaction up: interrupted, or no disk */
		return inventory_failed(i, err);
	if (flush_slots(i, err) != STATUS_OK || bits_flush(m->bits, err) != STATUS_OK)
		return STATUS_FAILED;
	bits_writer_free(m->bits);
	m->bits = NULL;
	small_cache(i); /* what comes now takes its memory elsewhere */
	i->last_id = m->next_id - 1;
	if (m->names_len > REGROUP_MOST ? fate_regroup_ca(i, m->ca, err) != STATUS_OK : fate_regroup(i, m->names, m->names_len, err) != STATUS_OK)
		return STATUS_FAILED;
	if (report_at == TIME_UNKNOWN)
		return STATUS_OK;
	s = inventory_sql(i, SQL_REPORT_AT);
	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, m->ca);
	sqlite3_bind_int64(s, 2, report_at);
	return sql_done(s) ? STATUS_OK : inventory_failed(i, err);
}

status
inventory_import_end(struct inventory *i, bool keep, int64_t report_at, size_t *added, size_t *changed, struct error *err)
{
	struct inventory_import *m = i->import;
	status done = STATUS_OK;
	size_t new_ones;

	if (m == NULL)
		return error_set(err, ERROR_INTERNAL, STAGE, "the end of an import that was not begun");
	new_ones = m->added;
	if (keep)
		done = finish(i, report_at, err);
	if (added != NULL)
		*added = keep && done == STATUS_OK ? m->added : 0;
	if (changed != NULL)
		*changed = keep && done == STATUS_OK ? m->changed : 0;
	import_free(i);
	if (keep)
		done = inventory_end_write(i, done, new_ones > 0, err);
	else
		inventory_end_read(i);
	inventory_forget(i);
	small_cache(i);
	if (keep && done == STATUS_OK && new_ones > 0)
		(void)sqlite3_exec(i->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL); /* where nobody reads; else the next one does it */
	return done;
}
