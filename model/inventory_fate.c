/*
 * What becomes of a certificate. Whether another one replaces it does not depend on the time: that is worked out when
 * something is imported, and kept as two flags a row. The rest follows from dates, and is worked out when it is asked.
 */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "model/hash.h"
#include "model/inventory_internal.h"
#include "model/memory.h"

enum { MATTERS_DAYS = 30, DAY = 24 * 60 * 60 };

const char *
fate_word(enum inventory_fate f)
{
	static const char *const words[FATE_LEN] = {
		[FATE_VALID] = "VALID",
		[FATE_REPLACED] = "REPLACED",
		[FATE_ACM] = "ACM",
		[FATE_REVOKED] = "REVOKED",
		[FATE_RENEWABLE] = "RENEWABLE",
		[FATE_ORPHAN] = "ORPHAN",
		[FATE_EXPIRED] = "EXPIRED",
	};

	return (unsigned)f < FATE_LEN ? words[f] : "?";
}

int64_t
inventory_names_key(const char *text)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	uint64_t key = 0;

	SHA256((const unsigned char *)(text != NULL ? text : ""), text != NULL ? strlen(text) : 0, digest);
	for (size_t k = 0; k < sizeof key; k++)
		key = key << 8 | digest[k];
	return (int64_t)(key | 1);
}

/* ---- who is replaced ---- */

struct member { /* a million of them are sorted: 32 bytes each */
	int64_t names, sans; /* sans 0: not fetched */
	int64_t end;
	uint32_t id;
	unsigned ca : 31, revoked : 1;
};

static int
by_group(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->names != y->names)
		return x->names < y->names ? -1 : 1;
	if (x->ca != y->ca)
		return x->ca < y->ca ? -1 : 1;
	if (x->sans != y->sans)
		return x->sans < y->sans ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* The last end of those that are not revoked, among the first n. */
static int64_t
last_end(const struct member *m, size_t n)
{
	int64_t end = TIME_UNKNOWN;

	for (size_t k = 0; k < n; k++)
		if (!m[k].revoked && m[k].end > end)
			end = m[k].end;
	return end;
}

typedef void (*tell_flags)(void *user, const struct member *m, bool replaced, bool by_subject);

/*
 * One group: the same issuer and subject. Where the SANs of both are known they must be the same; where one's are not, the
 * subject alone speaks for it.
 */
static void
judge_group(const struct member *m, size_t len, tell_flags tell, void *user)
{
	int64_t any = last_end(m, len), unknown = TIME_UNKNOWN;

	for (size_t k = 0; k < len; k++)
		if (m[k].sans == 0 && !m[k].revoked && m[k].end > unknown)
			unknown = m[k].end;
	for (size_t first = 0, n; first < len; first += n) {
		int64_t same;

		for (n = 1; first + n < len && m[first + n].sans == m[first].sans; n++)
			;
		same = last_end(m + first, n);
		for (size_t k = first; k < first + n; k++) {
			bool certain = m[k].sans != 0 && same > m[k].end;
			bool maybe = !certain && (m[k].sans == 0 ? any : unknown) > m[k].end;

			tell(user, &m[k], certain || maybe, maybe);
		}
	}
}

static void
judge_groups(struct member *m, size_t len, tell_flags tell, void *user)
{
	qsort(m, len, sizeof *m, by_group);
	for (size_t first = 0, n; first < len; first += n) {
		for (n = 1; first + n < len && m[first + n].names == m[first].names && m[first + n].ca == m[first].ca; n++)
			;
		judge_group(m + first, n, tell, user);
	}
}

/* The rows of a statement like SQL_CERT_GROUP, behind what is there. */
static status
read_members(struct inventory *i, sqlite3_stmt *s, struct buf *out, struct error *err)
{
	int result;

	while ((result = sqlite3_step(s)) == SQLITE_ROW) {
		struct member m = {
			.id = (uint32_t)sqlite3_column_int64(s, 0),
			.ca = (uint32_t)sqlite3_column_int64(s, 1) & 0x7fffffff,
			.names = sqlite3_column_int64(s, 2),
			.end = sql_time_of(s, 3),
			.revoked = sqlite3_column_type(s, 4) != SQLITE_NULL,
			.sans = sqlite3_column_int64(s, 5),
		};

		buf_add(out, &m, sizeof m);
	}
	sqlite3_reset(s);
	return result == SQLITE_DONE ? STATUS_OK : inventory_failed(i, err);
}

struct one_by_one {
	struct inventory *i;
	status done;
	struct error *err;
};

static void
set_flags(void *user, const struct member *m, bool replaced, bool by_subject)
{
	struct one_by_one *o = user;

	if (o->done == STATUS_OK)
		o->done = bits_set(o->i, BITS_FLAG, FLAG_REPLACED, m->id, replaced, o->err);
	if (o->done == STATUS_OK)
		o->done = bits_set(o->i, BITS_FLAG, FLAG_BY_SUBJECT, m->id, by_subject, o->err);
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* One by one is a piece read and written each: beyond this many the whole CA is faster. */
enum { ONE_BY_ONE = 2000 };

static status
regroup_cas_of(struct inventory *i, struct buf *members, struct error *err)
{
	struct member *m = (struct member *)(void *)members->data;
	size_t len = members->len / sizeof *m;
	status done = STATUS_OK;

	qsort(m, len, sizeof *m, by_group);
	for (size_t k = 0; k < len && done == STATUS_OK; k++)
		if (k == 0 || m[k].ca != m[k - 1].ca)
			done = fate_regroup_ca(i, m[k].ca, err);
	return done;
}

status
fate_regroup(struct inventory *i, const int64_t *names, size_t len, struct error *err)
{
	struct one_by_one o = { .i = i, .done = STATUS_OK, .err = err };
	int64_t *sorted = mem_dup(names, len * sizeof *names);
	struct buf members = { 0 };

	qsort(sorted, len, sizeof *sorted, by_value);
	for (size_t k = 0; k < len && o.done == STATUS_OK; k++) {
		sqlite3_stmt *s;

		if (k > 0 && sorted[k] == sorted[k - 1])
			continue;
		s = inventory_sql(i, SQL_CERT_GROUP);
		buf_reset(&members);
		if (s == NULL) {
			o.done = inventory_failed(i, err);
			break;
		}
		sqlite3_bind_int64(s, 1, sorted[k]);
		o.done = read_members(i, s, &members, err);
		if (o.done == STATUS_OK && members.len > ONE_BY_ONE * sizeof(struct member))
			o.done = regroup_cas_of(i, &members, err);
		else if (o.done == STATUS_OK)
			judge_groups((struct member *)(void *)members.data, members.len / sizeof(struct member), set_flags, &o);
	}
	buf_done(&members);
	free(sorted);
	return o.done;
}

static void
put_flags(void *user, const struct member *m, bool replaced, bool by_subject)
{
	struct bitmap *flags = user;

	for (int k = FLAG_REPLACED; k <= FLAG_BY_SUBJECT; k++) {
		flags[k].words[m->id >> 6] &= ~(UINT64_C(1) << (m->id & 63));
		if (k == FLAG_REPLACED ? replaced : by_subject)
			bitmap_put(&flags[k], m->id);
	}
}

status
fate_regroup_ca(struct inventory *i, int64_t ca, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_CERT_OF_CA);
	struct bitmap flags[FLAGS] = { { 0 } };
	struct buf members = { 0 };
	status done = STATUS_OK;

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, ca);
	done = read_members(i, s, &members, err);
	for (uint32_t k = FLAG_REPLACED; k <= FLAG_BY_SUBJECT && done == STATUS_OK; k++) {
		bitmap_new(&flags[k], i->last_id);
		done = bits_load(i, BITS_FLAG, k, k, &flags[k], err);
	}
	if (done == STATUS_OK)
		judge_groups((struct member *)(void *)members.data, members.len / sizeof(struct member), put_flags, flags);
	for (uint32_t k = FLAG_REPLACED; k <= FLAG_BY_SUBJECT; k++) {
		if (done == STATUS_OK)
			done = bits_store(i, BITS_FLAG, k, &flags[k], err);
		bitmap_done(&flags[k]);
	}
	buf_done(&members);
	return done;
}

/* ---- fates ---- */

status
fate_flags(struct inventory *i, struct error *err)
{
	if (i->flags_of == i->all && i->flags[0].words != NULL)
		return STATUS_OK;
	i->flags_of = 0;
	for (uint32_t k = 0; k < FLAGS; k++) {
		bitmap_done(&i->flags[k]);
		bitmap_new(&i->flags[k], i->last_id);
		if (bits_load(i, BITS_FLAG, k, k, &i->flags[k], err) != STATUS_OK)
			return STATUS_FAILED;
	}
	i->flags_of = i->all;
	return STATUS_OK;
}

static int64_t
matters_from(const struct inventory_query *q)
{
	return q->now - (q->expired_matters > 0 ? q->expired_matters : (int64_t)MATTERS_DAYS * DAY);
}

bool
inventory_is_named(const char *const *names, size_t names_len, const char *name, const char *sans)
{
	for (size_t k = 0; k < names_len; k++) {
		const char *want = names[k];
		size_t len = strlen(want);

		if (len == 0)
			continue;
		if (name != NULL && sqlite3_stricmp(name, want) == 0)
			return true;
		for (const char *p = sans; p != NULL && *p != '\0';) {
			const char *end = strstr(p, ", "), *colon = strchr(p, ':');
			size_t n = end != NULL ? (size_t)(end - p) : strlen(p);

			if (colon != NULL && (size_t)(colon - p) < n && n - (size_t)(colon - p) - 1 == len && sqlite3_strnicmp(colon + 1, want, (int)len) == 0)
				return true;
			p = end != NULL ? end + 2 : NULL;
		}
	}
	return false;
}

/* Does the configuration renew a certificate of these names? */
static bool
is_renewed(const struct inventory_query *q, const char *name, const char *sans)
{
	return inventory_is_named(q->renewed, q->renewed_len, name, sans);
}

enum inventory_fate
fate_of(const struct inventory *i, const struct inventory_cert *c, const struct inventory_query *q, bool acm)
{
	if (c->revoked != TIME_UNKNOWN)
		return FATE_REVOKED;
	if (c->not_after == TIME_UNKNOWN || c->not_after >= q->soon)
		return FATE_VALID;
	if (bitmap_has(&i->flags[FLAG_REPLACED], (uint32_t)c->id))
		return FATE_REPLACED;
	if (c->not_after < matters_from(q))
		return FATE_EXPIRED;
	if (acm)
		return FATE_ACM;
	return is_renewed(q, c->name, c->sans) ? FATE_RENEWABLE : FATE_ORPHAN;
}

struct renewing {
	struct inventory *i;
	const struct inventory_query *q;
	struct buf name;
	bool failed;
};

static bool
look_at_row(void *user, uint32_t id)
{
	struct renewing *r = user;
	sqlite3_stmt *s = inventory_sql(r->i, SQL_CERT_TEXT);

	if (s == NULL || inventory_stopped(r->i)) {
		r->failed = true;
		return false;
	}
	sqlite3_bind_int64(s, 1, id);
	if (sqlite3_step(s) == SQLITE_ROW) {
		buf_reset(&r->name);
		inventory_name(sql_text_of(s, 0), sql_text_of(s, 1), &r->name);
		if (is_renewed(r->q, buf_str(&r->name), sql_text_of(s, 1)))
			bitmap_put(&r->i->renewable, id);
	}
	sqlite3_reset(s);
	return true;
}

/* i->renewable, for the rows among `open`, which nobody else renews. Kept: time goes on, and a day more is looked at than is asked. */
static status
find_renewable(struct inventory *i, const struct inventory_query *q, const struct bitmap *not_open, struct error *err)
{
	struct renewing r = { .i = i, .q = q };
	struct bitmap look;
	uint64_t names = 1;
	bool done;

	for (size_t k = 0; k < q->renewed_len; k++)
		names = hash_text(names, q->renewed[k]);
	if (i->renewable.words != NULL && i->renewable_of == i->all && i->renewable_names == names && q->soon <= i->renewable_until)
		return STATUS_OK;
	bitmap_done(&i->renewable);
	bitmap_new(&i->renewable, i->last_id);
	i->renewable_of = 0;
	if (q->renewed_len > 0) {
		status s = inventory_ending(i, q->soon + DAY, &look, err);

		if (s == STATUS_OK) {
			bitmap_and_not(&look, not_open);
			done = bitmap_each(&look, look_at_row, &r);
			if (!done && r.failed)
				s = inventory_failed(i, err);
		}
		bitmap_done(&look);
		buf_done(&r.name);
		if (s != STATUS_OK)
			return s;
	}
	i->renewable_of = i->all;
	i->renewable_names = names;
	i->renewable_until = q->soon + DAY;
	return STATUS_OK;
}

status
fate_classes(struct inventory *i, const struct inventory_query *q, struct bitmap out[FATE_LEN], struct error *err)
{
	struct bitmap left = { 0 }, old = { 0 }, spoken_for = { 0 };
	const struct bitmap *flags = i->flags;
	status done = STATUS_FAILED;

	memset(out, 0, FATE_LEN * sizeof *out);
	if (fate_flags(i, err) != STATUS_OK || inventory_ending(i, q->soon, &left, err) != STATUS_OK || inventory_ending(i, matters_from(q), &old, err) != STATUS_OK)
		goto out;
	bitmap_copy(&out[FATE_REVOKED], &flags[FLAG_REVOKED]);
	bitmap_new(&out[FATE_VALID], i->last_id);
	bitmap_fill(&out[FATE_VALID]);
	bitmap_and_not(&out[FATE_VALID], &left);
	bitmap_and_not(&out[FATE_VALID], &flags[FLAG_REVOKED]);
	/* `left`: due, and nothing said of it yet. */
	bitmap_and_not(&left, &flags[FLAG_REVOKED]);
	bitmap_copy(&out[FATE_REPLACED], &left);
	bitmap_and(&out[FATE_REPLACED], &flags[FLAG_REPLACED]);
	bitmap_and_not(&left, &flags[FLAG_REPLACED]);
	bitmap_copy(&out[FATE_EXPIRED], &left);
	bitmap_and(&out[FATE_EXPIRED], &old);
	bitmap_and_not(&left, &old);
	bitmap_copy(&out[FATE_ACM], &left);
	bitmap_and(&out[FATE_ACM], &flags[FLAG_ACM]);
	bitmap_and_not(&left, &flags[FLAG_ACM]);
	bitmap_copy(&spoken_for, &flags[FLAG_REVOKED]);
	bitmap_or(&spoken_for, &flags[FLAG_REPLACED]);
	bitmap_or(&spoken_for, &flags[FLAG_ACM]);
	bitmap_or(&spoken_for, &old);
	if (find_renewable(i, q, &spoken_for, err) != STATUS_OK)
		goto out;
	bitmap_copy(&out[FATE_RENEWABLE], &left);
	bitmap_and(&out[FATE_RENEWABLE], &i->renewable);
	bitmap_and_not(&left, &i->renewable);
	bitmap_copy(&out[FATE_ORPHAN], &left);
	done = STATUS_OK;
out:
	bitmap_done(&left);
	bitmap_done(&old);
	bitmap_done(&spoken_for);
	if (done != STATUS_OK)
		for (size_t k = 0; k < FATE_LEN; k++)
			bitmap_done(&out[k]);
	return done;
}
