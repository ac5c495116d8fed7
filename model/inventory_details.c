/* What is learnt of single certificates: what GetCertificate gives, and where a probe saw them. */
#include <stdlib.h>
#include <string.h>

#include "model/inventory_internal.h"
#include "model/memory.h"
#include "model/objects.h"

#define STAGE INVENTORY_STAGE

static int
by_string(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "DNS:a, IP:b" for people and the filter, and the key of these names whatever their order and case. */
static void
list_sans(const struct cert *c, struct buf *out, int64_t *key)
{
	char **sorted = mem_alloc((c->san_len + 1) * sizeof *sorted);
	struct buf all = { 0 };

	for (size_t k = 0; k < c->san_len; k++) {
		buf_addf(out, "%s%s", k > 0 ? ", " : "", c->san[k].safe);
		sorted[k] = mem_strdup(c->san[k].safe);
		lower_case(sorted[k]);
	}
	qsort(sorted, c->san_len, sizeof *sorted, by_string);
	for (size_t k = 0; k < c->san_len; k++) {
		buf_addf(&all, "%s\n", sorted[k]);
		free(sorted[k]);
	}
	*key = inventory_names_key(buf_str(&all));
	buf_done(&all);
	free(sorted);
}

/* What is known of the row before its details come in. */
struct before {
	char *subject;       /* NULL: none */
	int64_t not_before, not_after, names;
	bool had_sans;
	unsigned char serial[SERIAL_MAX];
	size_t serial_len;
};

static status
look_at(struct inventory *i, uint32_t id, struct before *b, struct error *err)
{
	enum { SERIAL = 1, SUBJECT, NOT_BEFORE, NOT_AFTER, SANS = 11 };
	sqlite3_stmt *s = inventory_sql(i, SQL_CERT_ROW);

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, id);
	if (sqlite3_step(s) != SQLITE_ROW)
		return inventory_failed(i, err);
	b->subject = sql_text_of(s, SUBJECT) != NULL ? mem_strdup(sql_text_of(s, SUBJECT)) : NULL;
	b->not_before = sql_time_of(s, NOT_BEFORE);
	b->not_after = sql_time_of(s, NOT_AFTER);
	b->had_sans = sqlite3_column_type(s, SANS) != SQLITE_NULL;
	b->serial_len = (size_t)sqlite3_column_bytes(s, SERIAL);
	if (b->serial_len > 0 && b->serial_len <= SERIAL_MAX)
		memcpy(b->serial, sqlite3_column_blob(s, SERIAL), b->serial_len);
	sqlite3_reset(s);
	return STATUS_OK;
}

static status
put_pem(struct inventory *i, uint32_t id, const char *pem, const char *chain, struct error *err)
{
	int64_t word = 0;
	sqlite3_stmt *s;

	if (chain != NULL && chain[0] != '\0' && inventory_word_id(i, WORD_CHAIN, chain, &word, err) != STATUS_OK)
		return STATUS_FAILED; /* one text for all certificates of a CA */
	s = inventory_sql(i, SQL_PEM_PUT);
	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, id);
	sql_text(s, 2, pem);
	sql_time(s, 3, word != 0 ? word : TIME_UNKNOWN);
	return sql_done(s) ? STATUS_OK : inventory_failed(i, err);
}

static status
put_bits(struct inventory *i, uint32_t id, const char *subject, const char *sans, struct error *err)
{
	struct bits_writer *w = bits_writer_new(i);
	status done = bits_add_text(w, subject, id, err);

	if (done == STATUS_OK) /* gaps rise: the second text's triples that the first had are left out, the others are new */
		done = bits_add_text(w, sans, id, err);
	if (done == STATUS_OK)
		done = bits_flush(w, err);
	bits_writer_free(w);
	return done;
}

/* True where the row now sorts elsewhere: its name or dates were not known before. */
static bool
moves(const struct before *b, const struct cert *c, const char *subject, const char *sans)
{
	struct buf old = { 0 }, new = { 0 };
	bool differs;

	inventory_name(b->subject, NULL, &old);
	inventory_name(subject, sans, &new);
	differs = strcmp(buf_str(&old), buf_str(&new)) != 0;
	buf_done(&old);
	buf_done(&new);
	return (differs && !b->had_sans) || (b->not_after == TIME_UNKNOWN && c->not_after != TIME_UNKNOWN);
}

static status
put_details(struct inventory *i, uint32_t id, const struct cert *c, const char *pem, const char *chain, bool *moved, struct error *err)
{
	struct before b = { .subject = NULL };
	unsigned char serial[SERIAL_MAX];
	struct buf sans = { 0 }, lower = { 0 };
	int64_t san_key, names[2];
	const char *subject;
	status done = STATUS_FAILED;
	sqlite3_stmt *s;

	if (look_at(i, id, &b, err) != STATUS_OK)
		return STATUS_FAILED;
	if (serial_bytes(c->serial_hex, NULL, serial) != b.serial_len || memcmp(serial, b.serial, b.serial_len) != 0) {
		(void)error_set(err, ERROR_INPUT, STAGE, "the certificate that came has another serial than was asked for");
		goto out;
	}
	list_sans(c, &sans, &san_key);
	subject = b.subject != NULL ? b.subject : c->subject.safe;
	buf_adds(&lower, subject);
	lower_case(lower.data);
	names[0] = inventory_names_key(lower.data);
	names[1] = inventory_names_key(""); /* where it had no subject before, it leaves those that have none */
	*moved = moves(&b, c, subject, sans.data);
	s = inventory_sql(i, SQL_CERT_DETAILS);
	if (s == NULL) {
		(void)inventory_failed(i, err);
		goto out;
	}
	sqlite3_bind_int64(s, 1, id);
	sql_text(s, 2, buf_str(&sans));
	sqlite3_bind_int64(s, 3, san_key);
	sql_text(s, 4, c->subject.safe);
	sql_time(s, 5, c->not_before);
	sql_time(s, 6, c->not_after);
	sqlite3_bind_int64(s, 7, names[0]);
	if (!sql_done(s)) {
		(void)inventory_failed(i, err);
		goto out;
	}
	if (put_pem(i, id, pem, chain, err) == STATUS_OK && put_bits(i, id, b.subject == NULL ? c->subject.safe : NULL, sans.data, err) == STATUS_OK)
		done = fate_regroup(i, names, b.subject == NULL ? 2 : 1, err);
out:
	buf_done(&sans);
	buf_done(&lower);
	free(b.subject);
	return done;
}

status
inventory_put_details(struct inventory *i, const char *arn, const char *pem, const char *chain, struct error *err)
{
	struct objects objects = { .items = NULL };
	const struct cert *c = NULL;
	bool moved = false;
	status done;
	uint32_t id;

	if (objects_parse((const unsigned char *)pem, strlen(pem), "certificate", &(struct read_options){ .type = "PEM" }, &objects, err) != STATUS_OK) {
		objects_done(&objects);
		return STATUS_FAILED;
	}
	for (size_t k = 0; k < objects.len && c == NULL; k++)
		c = objects.items[k].cert;
	if (c == NULL)
		done = error_set(err, ERROR_INPUT, STAGE, "what came as a certificate is none");
	else
		done = inventory_begin_write(i, err);
	if (done == STATUS_OK) {
		done = inventory_known(i, err);
		if (done == STATUS_OK)
			done = inventory_id_of(i, arn, NULL, &id, err);
		if (done == STATUS_OK && id == 0)
			done = error_set(err, ERROR_INPUT, STAGE, "the inventory does not have this certificate");
		if (done == STATUS_OK)
			done = put_details(i, id, c, pem, chain, &moved, err);
		done = inventory_end_write(i, done, moved, err);
	}
	objects_done(&objects);
	return done;
}

/* The rows with this serial, of the CA with this key where one is given. */
static status
mark_seen(struct inventory *i, const unsigned char *serial, size_t len, int64_t ca, const char *endpoint, int64_t at, bool *any, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, ca != 0 ? SQL_CERT_BY_SERIAL : SQL_CERT_SERIAL_ANY);
	int64_t id = 0;

	if (s == NULL)
		return inventory_failed(i, err);
	sql_blob(s, 1, serial, len);
	if (ca != 0)
		sqlite3_bind_int64(s, 2, ca);
	if (sqlite3_step(s) == SQLITE_ROW)
		id = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	if (id == 0)
		return STATUS_OK;
	s = inventory_sql(i, SQL_CERT_SEEN);
	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, id);
	sqlite3_bind_int64(s, 2, at);
	sql_text(s, 3, endpoint);
	if (!sql_done(s))
		return inventory_failed(i, err);
	*any = *any || sqlite3_changes(i->db) > 0;
	return STATUS_OK;
}

status
inventory_put_seen(struct inventory *i, const char *serial, const char *issuer_public_key, const char *endpoint, int64_t at, struct error *err)
{
	unsigned char bytes[SERIAL_MAX];
	int64_t cas[64];
	size_t len, n = 0;
	status done = STATUS_OK;
	bool any = false;
	sqlite3_stmt *s;

	len = serial_bytes(serial, NULL, bytes);
	if (len == 0)
		return STATUS_OK; /* a number that no CA of AWS gives */
	if (inventory_begin_write(i, err) != STATUS_OK)
		return STATUS_FAILED;
	if (issuer_public_key != NULL && (s = inventory_sql(i, SQL_CA_BY_KEY)) != NULL) {
		sql_text(s, 1, issuer_public_key);
		while (n < sizeof cas / sizeof *cas && sqlite3_step(s) == SQLITE_ROW)
			cas[n++] = sqlite3_column_int64(s, 0); /* several: one key under two CAs that were made from one CSR */
		sqlite3_reset(s);
	}
	for (size_t k = 0; k < n && done == STATUS_OK; k++)
		done = mark_seen(i, bytes, len, cas[k], endpoint, at, &any, err);
	if (issuer_public_key == NULL)
		done = mark_seen(i, bytes, len, 0, endpoint, at, &any, err);
	if (any || done != STATUS_OK)
		return inventory_end_write(i, done, false, err);
	inventory_end_read(i); /* most of what probes see is of others: nobody's kept lists are to go for that */
	return STATUS_OK;
}
