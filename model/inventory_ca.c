/* CAs: their rows, who issued whose certificate, and what each has issued. */
#include <stdlib.h>
#include <string.h>

#include "model/inventory_internal.h"
#include "model/memory.h"
#include "model/objects.h"

#define STAGE INVENTORY_STAGE
enum { REPORT_EVERY = 30 * 60 }; /* seconds, per CA: knowledge "aws" 1.3 */

int64_t
inventory_next_report(const struct inventory_ca *ca)
{
	int64_t last = ca->report_asked > ca->report_at ? ca->report_asked : ca->report_at;

	return last == TIME_UNKNOWN ? TIME_UNKNOWN : last + REPORT_EVERY;
}

/* ---- its certificate ---- */

struct ca_certificate {
	struct objects objects;
	const struct cert *cert; /* NULL: none */
	char subject_key[SHA256_HEX], issuer_key[SHA256_HEX], public_key[SHA256_HEX];
};

static void
name_key(const struct name *n, char out[SHA256_HEX])
{
	struct fingerprint f;

	fingerprint_of(n->canonical.bytes, n->canonical.len, &f);
	(void)fingerprint_hex(&f, out);
}

static status
read_certificate(const char *pem, struct ca_certificate *c, struct error *err)
{
	*c = (struct ca_certificate){ .cert = NULL };
	if (pem == NULL)
		return STATUS_OK;
	if (objects_parse((const unsigned char *)pem, strlen(pem), "certificate of the CA", &(struct read_options){ .type = "PEM" }, &c->objects, err) !=
	    STATUS_OK)
		return STATUS_FAILED;
	for (size_t k = 0; k < c->objects.len && c->cert == NULL; k++)
		c->cert = c->objects.items[k].cert;
	if (c->cert == NULL)
		return error_set(err, ERROR_INPUT, STAGE, "what came as the CA's certificate is none");
	name_key(&c->cert->subject, c->subject_key);
	name_key(&c->cert->issuer, c->issuer_key);
	(void)fingerprint_hex(&c->cert->key.spki, c->public_key);
	return STATUS_OK;
}

/* ---- who issued whom ---- */

static status
set_parent(struct inventory *i, const char *arn, const char *parent, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_CA_PARENT);

	if (s == NULL)
		return inventory_failed(i, err);
	sql_text(s, 1, arn);
	sql_text(s, 2, parent);
	return sql_done(s) ? STATUS_OK : inventory_failed(i, err);
}

/* CAs that this statement names by a name's key: arn, pem, arn, pem … into the arena. */
static status
named(struct inventory *i, enum inventory_sql which, const char *key, struct arena *a, const char ***out, size_t *len, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, which);
	size_t cap = 0;
	int result;

	*len = 0;
	*out = NULL;
	if (s == NULL)
		return inventory_failed(i, err);
	sql_text(s, 1, key);
	while ((result = sqlite3_step(s)) == SQLITE_ROW)
		for (int k = 0; k < 2; k++) {
			*out = arena_grow(a, *out, *len, &cap, sizeof **out);
			(*out)[(*len)++] = sql_copy(s, k, a);
		}
	sqlite3_reset(s);
	return result == SQLITE_DONE ? STATUS_OK : inventory_failed(i, err);
}

static bool
issued_by(const struct cert *c, const struct cert *issuer)
{
	size_t checks = 0;

	return cert_could_issue(issuer, c) && cert_signed_by(c, issuer, &checks);
}

/* Its parent, and it as the parent of others. A name alone proves nothing: two CAs may have the same. */
static status
work_out_parents(struct inventory *i, const char *arn, const struct ca_certificate *own, struct error *err)
{
	struct arena *a = arena_new();
	const char **others, *parent = NULL;
	size_t len;
	status done = named(i, SQL_CA_ISSUERS, own->issuer_key, a, &others, &len, err);

	for (size_t k = 0; k + 1 < len && done == STATUS_OK && parent == NULL && !own->cert->self_signed; k += 2) {
		struct ca_certificate other = { .cert = NULL };

		if (strcmp(others[k], arn) != 0 && read_certificate(others[k + 1], &other, NULL) == STATUS_OK && issued_by(own->cert, other.cert))
			parent = others[k];
		objects_done(&other.objects);
	}
	if (done == STATUS_OK)
		done = set_parent(i, arn, parent, err);
	if (done == STATUS_OK)
		done = named(i, SQL_CA_ISSUED_BY, own->subject_key, a, &others, &len, err);
	for (size_t k = 0; k + 1 < len && done == STATUS_OK; k += 2) {
		struct ca_certificate other = { .cert = NULL };

		if (strcmp(others[k], arn) != 0 && read_certificate(others[k + 1], &other, NULL) == STATUS_OK && !other.cert->self_signed &&
		    issued_by(other.cert, own->cert))
			done = set_parent(i, others[k], arn, err);
		objects_done(&other.objects);
	}
	arena_free(a);
	return done;
}

/* ---- writing ---- */

static status
put_row(struct inventory *i, const struct inventory_ca *ca, const struct ca_certificate *c, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_CA_PUT);
	const char *subject = ca->subject != NULL ? ca->subject : c->cert != NULL ? c->cert->subject.safe : NULL, *name = ca->name;
	struct buf own = { 0 };
	bool done;

	if (s == NULL)
		return inventory_failed(i, err);
	if (c->cert != NULL && c->cert->subject.common_name[0] != '\0')
		name = c->cert->subject.common_name;
	else if (name == NULL && subject_common_name(subject, &own))
		name = own.data;
	sql_text(s, 1, ca->arn);
	sql_text(s, 2, ca->account);
	sql_text(s, 3, ca->region);
	sql_text(s, 4, name != NULL ? name : subject != NULL && subject[0] != '\0' ? subject : ca->arn);
	sql_text(s, 5, subject);
	sql_text(s, 6, ca->type);
	sql_text(s, 7, ca->status);
	sql_text(s, 8, ca->usage_mode);
	sql_text(s, 9, ca->key_algorithm);
	sql_text(s, 10, ca->serial);
	sql_text(s, 11, ca->pem);
	sql_text(s, 12, ca->chain);
	if (c->cert != NULL) {
		sql_text(s, 13, c->public_key);
		sql_text(s, 14, c->subject_key);
		sql_text(s, 15, c->issuer_key);
	}
	sql_time(s, 16, ca->created);
	sql_time(s, 17, ca->not_before != TIME_UNKNOWN || c->cert == NULL ? ca->not_before : c->cert->not_before);
	sql_time(s, 18, ca->not_after != TIME_UNKNOWN || c->cert == NULL ? ca->not_after : c->cert->not_after);
	sql_time(s, 19, ca->restorable_until);
	sql_time(s, 20, ca->synced);
	sql_text(s, 21, ca->report_bucket);
	sql_time(s, 22, ca->report_asked);
	done = sql_done(s);
	buf_done(&own);
	return done ? STATUS_OK : inventory_failed(i, err);
}

status
inventory_put_ca(struct inventory *i, const struct inventory_ca *ca, struct error *err)
{
	struct ca_certificate c;
	status done = read_certificate(ca->pem, &c, err);

	if (done == STATUS_OK)
		done = inventory_begin_write(i, err);
	if (done == STATUS_OK) {
		done = put_row(i, ca, &c, err);
		if (done == STATUS_OK && c.cert != NULL)
			done = work_out_parents(i, ca->arn, &c, err);
		done = inventory_end_write(i, done, false, err);
	}
	objects_done(&c.objects);
	return done;
}

/* ---- reading ---- */

static status
count_issued(struct inventory *i, int64_t id, const struct bitmap *ended, const struct bitmap *soon, struct inventory_ca *ca, struct error *err)
{
	struct bitmap ours;
	status done;

	bitmap_new(&ours, i->last_id);
	done = bits_load(i, BITS_CA, (uint32_t)id, (uint32_t)id, &ours, err);
	ca->issued = (int64_t)bitmap_count(&ours);
	bitmap_and_not(&ours, ended);
	bitmap_and_not(&ours, &i->flags[FLAG_REVOKED]);
	ca->active = (int64_t)bitmap_count(&ours);
	bitmap_and(&ours, soon);
	ca->expiring = (int64_t)bitmap_count(&ours);
	bitmap_done(&ours);
	return done;
}

static void
read_row(sqlite3_stmt *s, struct inventory_ca *ca, struct arena *a)
{
	const char **texts[] = { &ca->arn, &ca->account, &ca->region, &ca->parent, &ca->name, &ca->subject, &ca->type, &ca->status,
		&ca->usage_mode, &ca->key_algorithm, &ca->serial, &ca->pem, &ca->chain, &ca->public_key };
	int64_t *times[] = { &ca->created, &ca->not_before, &ca->not_after, &ca->restorable_until, &ca->synced, &ca->report_at };
	int at = 1;

	for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
		*texts[k] = sql_copy(s, at++, a);
	for (size_t k = 0; k < sizeof times / sizeof *times; k++)
		*times[k] = sql_time_of(s, at++);
	ca->report_bucket = sql_copy(s, at++, a);
	ca->report_asked = sql_time_of(s, at);
}

/* Appends ca and all below it; `taken` ends circles, which cross-signed CAs can make. */
static void
add_with_children(const struct inventory_ca *all, size_t len, size_t at, bool *taken, struct inventory_ca *out, size_t *n)
{
	if (taken[at])
		return;
	taken[at] = true;
	out[(*n)++] = all[at];
	for (size_t k = 0; k < len; k++)
		if (all[k].parent != NULL && strcmp(all[k].parent, all[at].arn) == 0)
			add_with_children(all, len, k, taken, out, n);
}

static bool
is_known(const struct inventory_ca *all, size_t len, const char *arn)
{
	for (size_t k = 0; arn != NULL && k < len; k++)
		if (strcmp(all[k].arn, arn) == 0)
			return true;
	return false;
}

/* Roots first (of a parent that is not here, too), each followed by what it issued; what only leads in circles last. */
static struct inventory_ca *
in_order(const struct inventory_ca *all, size_t len, struct arena *a)
{
	struct inventory_ca *out = arena_array(a, len, sizeof *out);
	bool *taken = mem_zero(len + 1, sizeof *taken);
	size_t n = 0;

	for (size_t k = 0; k < len; k++)
		if (!is_known(all, len, all[k].parent))
			add_with_children(all, len, k, taken, out, &n);
	for (size_t k = 0; k < len; k++)
		add_with_children(all, len, k, taken, out, &n);
	free(taken);
	return out;
}

status
inventory_cas(struct inventory *i, int64_t now, int64_t soon, struct arena *a, struct inventory_ca **out, size_t *len, struct error *err)
{
	struct bitmap ended = { 0 }, due = { 0 };
	struct inventory_ca *all = NULL;
	int64_t *ids = NULL;
	size_t n = 0, cap = 0, ids_cap = 0;
	status done = STATUS_FAILED;
	sqlite3_stmt *s;
	int result;

	*out = NULL;
	*len = 0;
	if (inventory_begin_read(i, err) != STATUS_OK)
		return STATUS_FAILED;
	if (inventory_known(i, err) != STATUS_OK || fate_flags(i, err) != STATUS_OK || inventory_ending(i, now, &ended, err) != STATUS_OK ||
	    inventory_ending(i, soon, &due, err) != STATUS_OK)
		goto out;
	if ((s = inventory_sql(i, SQL_CAS)) == NULL) {
		(void)inventory_failed(i, err);
		goto out;
	}
	while ((result = sqlite3_step(s)) == SQLITE_ROW) {
		all = arena_grow(a, all, n, &cap, sizeof *all);
		ids = arena_grow(a, ids, n, &ids_cap, sizeof *ids);
		ids[n] = sqlite3_column_int64(s, 0);
		all[n] = (struct inventory_ca){ .arn = NULL };
		read_row(s, &all[n++], a);
	}
	sqlite3_reset(s);
	done = result == SQLITE_DONE ? STATUS_OK : inventory_failed(i, err);
	for (size_t k = 0; k < n && done == STATUS_OK; k++)
		done = count_issued(i, ids[k], &ended, &due, &all[k], err);
	if (done == STATUS_OK) {
		*out = in_order(all, n, a);
		*len = n;
	}
out:
	bitmap_done(&ended);
	bitmap_done(&due);
	inventory_end_read(i);
	if (done == STATUS_OK)
		inventory_save_orders(i);
	return done;
}
