/*
 * Orders: all ids, sorted once after an import and kept as an array of 4 bytes each (an index of SQLite over names takes 40 MB,
 * and walking one a quarter of a second). And the serials side by side, where digits out of their middle are looked for.
 */
#include <stdlib.h>
#include <string.h>

#include "model/inventory_internal.h"
#include "model/memory.h"

enum { PACKED_ORDER = 1, PACKED_SERIALS = 2 }; /* key of the table `packed`: that << 32 | which */

static int64_t
packed_key(int64_t kind, uint32_t which)
{
	return kind << 32 | which;
}

/* ---- orders ---- */

struct sortable {
	int64_t first, second;
	uint32_t id;
};

static int
by_both(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->second != y->second)
		return x->second < y->second ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp((*(const struct inventory_word *const *)a)->text, (*(const struct inventory_word *const *)b)->text);
}

/* Where the word stands among all when they are sorted; those without come last. */
static int64_t
rank_of(const struct inventory_word *const *sorted, size_t len, int64_t id)
{
	for (size_t k = 0; k < len; k++)
		if (sorted[k]->id == id)
			return (int64_t)k;
	return (int64_t)len;
}

static const enum inventory_sql rows_by[] = {
	[BY_EXPIRY] = SQL_ENDS,
	[BY_NAME] = SQL_NAMES,
	[BY_ISSUED] = SQL_ISSUED,
	[BY_SERIAL] = SQL_SERIALS,
	[BY_TEMPLATE] = SQL_TEMPLATES,
};

static status
work_out(struct inventory *i, enum inventory_sort sort, struct inventory_order *o, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, rows_by[sort]);
	bool sorted = sort == BY_NAME || sort == BY_SERIAL; /* by SQLite: texts do not fit into an array */
	const struct inventory_word **words = mem_alloc((i->words_len + 1) * sizeof *words);
	struct sortable *all = sorted ? NULL : mem_alloc(((size_t)i->last_id + 1) * sizeof *all);
	int64_t last_word = -1, last_rank = 0;
	int result = SQLITE_ERROR;

	o->ids = mem_grow(o->ids, (size_t)i->last_id + 1, sizeof *o->ids);
	o->len = 0;
	for (size_t k = 0; k < i->words_len; k++)
		words[k] = &i->words[k];
	qsort(words, i->words_len, sizeof *words, by_text);
	while (s != NULL && (result = sqlite3_step(s)) == SQLITE_ROW && o->len < i->last_id && !inventory_stopped(i)) {
		uint32_t id = (uint32_t)sqlite3_column_int64(s, 0);

		if (sorted) {
			o->ids[o->len++] = id;
			continue;
		}
		all[o->len] = (struct sortable){ .first = sqlite3_column_int64(s, 1), .id = id };
		if (sort == BY_TEMPLATE) {
			if (all[o->len].first != last_word) {
				last_word = all[o->len].first;
				last_rank = rank_of(words, i->words_len, last_word);
			}
			all[o->len].first = last_rank;
			all[o->len].second = sqlite3_column_int64(s, 2);
		}
		o->len++;
	}
	sqlite3_reset(s);
	if (all != NULL) {
		qsort(all, o->len, sizeof *all, by_both);
		for (size_t k = 0; k < o->len; k++)
			o->ids[k] = all[k].id;
	}
	free(all);
	free(words);
	return result == SQLITE_DONE && !inventory_stopped(i) ? STATUS_OK : inventory_failed(i, err);
}

/* The kept one, where it is of these rows. *there: it was. */
static status
load(struct inventory *i, enum inventory_sort sort, struct inventory_order *o, bool *there, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_PACKED_GET);
	size_t bytes;
	int result;

	*there = false;
	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, packed_key(PACKED_ORDER, sort));
	result = sqlite3_step(s);
	if (result == SQLITE_ROW && sqlite3_column_int64(s, 0) == i->rows) {
		bytes = (size_t)sqlite3_column_bytes(s, 1);
		o->len = bytes / sizeof *o->ids;
		o->ids = mem_grow(o->ids, o->len + 1, sizeof *o->ids);
		if (bytes > 0)
			memcpy(o->ids, sqlite3_column_blob(s, 1), bytes);
		*there = o->len <= i->last_id;
		for (size_t k = 0; *there && k < o->len; k++) /* a damaged one is worked out anew */
			*there = o->ids[k] <= i->last_id;
	}
	sqlite3_reset(s);
	return result == SQLITE_ROW || result == SQLITE_DONE ? STATUS_OK : inventory_failed(i, err);
}

status
inventory_order_of(struct inventory *i, enum inventory_sort sort, const struct inventory_order **out, struct error *err)
{
	struct inventory_order *o = &i->orders[sort];
	bool there;

	*out = o;
	if (o->of == i->rows)
		return STATUS_OK;
	o->of = 0;
	if (load(i, sort, o, &there, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!there) {
		if (work_out(i, sort, o, err) != STATUS_OK)
			return STATUS_FAILED;
		o->unsaved = true;
	}
	o->of = i->rows;
	return STATUS_OK;
}

void
inventory_save_orders(struct inventory *i)
{
	bool any = false, good = true;

	for (size_t k = 0; k < BY_FATE; k++)
		any = any || i->orders[k].unsaved;
	if (!any)
		return;
	sqlite3_busy_timeout(i->db, 0); /* whoever writes now: the next one that asks works them out again */
	if (sqlite3_exec(i->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK) {
		for (uint32_t k = 0; good && k < BY_FATE; k++) {
			sqlite3_stmt *s = inventory_sql(i, SQL_PACKED_PUT);

			if (s == NULL || !i->orders[k].unsaved)
				continue;
			sqlite3_bind_int64(s, 1, packed_key(PACKED_ORDER, k));
			sqlite3_bind_int64(s, 2, i->orders[k].of);
			sql_blob(s, 3, i->orders[k].ids, i->orders[k].len * sizeof *i->orders[k].ids);
			good = sql_done(s);
			i->orders[k].unsaved = false;
		}
		(void)sqlite3_exec(i->db, good ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL);
	}
	sqlite3_busy_timeout(i->db, 5000);
}

/* How many of BY_EXPIRY end before t. */
static status
inventory_ends_before(struct inventory *i, int64_t t, size_t *out, struct error *err)
{
	const struct inventory_order *o;
	size_t low = 0, high;

	if (inventory_order_of(i, BY_EXPIRY, &o, err) != STATUS_OK)
		return STATUS_FAILED;
	for (high = o->len; low < high;) {
		size_t middle = low + (high - low) / 2;
		sqlite3_stmt *s = inventory_sql(i, SQL_CERT_END);
		bool before;

		if (s == NULL)
			return inventory_failed(i, err);
		sqlite3_bind_int64(s, 1, o->ids[middle]);
		if (sqlite3_step(s) != SQLITE_ROW)
			return inventory_failed(i, err);
		before = sqlite3_column_type(s, 0) != SQLITE_NULL && sqlite3_column_int64(s, 0) < t;
		sqlite3_reset(s);
		if (before)
			low = middle + 1;
		else
			high = middle;
	}
	*out = low;
	return STATUS_OK;
}

status
inventory_ending(struct inventory *i, int64_t t, struct bitmap *out, struct error *err)
{
	const struct inventory_order *o;
	size_t n = 0;

	bitmap_new(out, i->last_id);
	if (inventory_ends_before(i, t, &n, err) != STATUS_OK || inventory_order_of(i, BY_EXPIRY, &o, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t k = 0; k < n; k++)
		bitmap_put(out, o->ids[k]);
	return STATUS_OK;
}

/* ---- serials ---- */

enum { PIECE_BYTES = BITMAP_PIECE * SERIAL_SLOT };

/* The slots of this piece, or'd over zeros; out: PIECE_BYTES. */
static status
load_serials(struct inventory *i, uint32_t piece, unsigned char *out, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_PACKED_GET);
	int result;

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, packed_key(PACKED_SERIALS, piece));
	result = sqlite3_step(s);
	if (result == SQLITE_ROW && sqlite3_column_bytes(s, 1) > 0 && sqlite3_column_bytes(s, 1) <= PIECE_BYTES)
		memcpy(out, sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1));
	sqlite3_reset(s);
	return result == SQLITE_ROW || result == SQLITE_DONE ? STATUS_OK : inventory_failed(i, err);
}

status
inventory_serials_append(struct inventory *i, uint32_t first, const unsigned char *slots, size_t n, struct error *err)
{
	unsigned char *piece = mem_zero(1, PIECE_BYTES);
	status done = STATUS_OK;

	while (n > 0 && done == STATUS_OK) {
		uint32_t which = first / BITMAP_PIECE, at = first % BITMAP_PIECE;
		size_t here = n < BITMAP_PIECE - at ? n : BITMAP_PIECE - at;
		sqlite3_stmt *s;

		memset(piece, 0, PIECE_BYTES);
		if (at > 0)
			done = load_serials(i, which, piece, err);
		memcpy(piece + (size_t)at * SERIAL_SLOT, slots, here * SERIAL_SLOT);
		s = inventory_sql(i, SQL_PACKED_PUT);
		if (done == STATUS_OK && s != NULL) {
			sqlite3_bind_int64(s, 1, packed_key(PACKED_SERIALS, which));
			sqlite3_bind_int64(s, 2, 0);
			sql_blob(s, 3, piece, (at + here) * SERIAL_SLOT);
		}
		if (done == STATUS_OK && (s == NULL || !sql_done(s)))
			done = inventory_failed(i, err);
		first += (uint32_t)here;
		slots += here * SERIAL_SLOT;
		n -= here;
	}
	free(piece);
	return done;
}

static status
have_serials(struct inventory *i, struct error *err)
{
	if (i->serials != NULL && i->serials_of == i->rows)
		return STATUS_OK;
	free(i->serials);
	i->serials_len = (size_t)i->last_id + 1;
	i->serials = mem_zero(i->last_id / BITMAP_PIECE + 1, PIECE_BYTES);
	i->serials_of = 0;
	for (uint32_t piece = 0; piece <= i->last_id / BITMAP_PIECE; piece++)
		if (load_serials(i, piece, i->serials + (size_t)piece * PIECE_BYTES, err) != STATUS_OK)
			return STATUS_FAILED;
	i->serials_of = i->rows;
	return STATUS_OK;
}

struct digits { /* of what is looked for, one a byte */
	unsigned char d[SERIAL_SLOT * 2];
	size_t len;
};

/* Do the digits stand at this one of a slot? */
static bool
stands_at(const unsigned char *slot, size_t at, const struct digits *want)
{
	for (size_t k = 0; k < want->len; k++, at++)
		if ((at % 2 == 0 ? slot[at / 2] >> 4 : slot[at / 2] & 15) != want->d[k])
			return false;
	return true;
}

/*
 * Digits begin at the upper or the lower half of a byte. Either way a whole byte of them, the `skip`-th digit and the next,
 * is known, and memchr() finds that at 10 GB/s; the rest is compared where it stands.
 */
static void
find_from(const unsigned char *all, size_t slots, const struct digits *want, size_t skip, bool at_start, struct bitmap *into)
{
	unsigned char byte = (unsigned char)(want->d[skip] << 4 | want->d[skip + 1]);
	const unsigned char *end = all + slots * SERIAL_SLOT;

	for (const unsigned char *p = all; (p = memchr(p, byte, (size_t)(end - p))) != NULL; p++) {
		size_t slot = (size_t)(p - all) / SERIAL_SLOT, digit = (size_t)(p - all) % SERIAL_SLOT * 2;

		if (digit >= skip && (digit == skip || !at_start) && digit - skip + want->len <= SERIAL_SLOT * 2 &&
		    stands_at(all + slot * SERIAL_SLOT, digit - skip, want))
			bitmap_put(into, (uint32_t)slot);
	}
}

status
inventory_serials_with(struct inventory *i, const char *hex, bool at_start, struct bitmap *into, struct error *err)
{
	struct digits want = { .len = strlen(hex) };

	if (want.len > SERIAL_SLOT * 2 || want.len < 3)
		return STATUS_OK;
	if (have_serials(i, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t k = 0; k < want.len; k++)
		want.d[k] = (unsigned char)(hex[k] <= '9' ? hex[k] - '0' : hex[k] - 'a' + 10);
	find_from(i->serials, i->serials_len, &want, 0, at_start, into);
	if (!at_start)
		find_from(i->serials, i->serials_len, &want, 1, false, into);
	into->words[0] &= ~UINT64_C(1);
	return STATUS_OK;
}
