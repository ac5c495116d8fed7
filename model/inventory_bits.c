/* Bitmaps over row ids, in pieces of 65,536, in the table `bits`; and the writer that makes them while rows are imported. */
#include <stdlib.h>
#include <string.h>

#include "model/inventory_internal.h"
#include "model/limits.h"
#include "model/memory.h"

enum { NEVER = -1 };

static int64_t
key_of(enum bits_kind kind, uint32_t value, uint32_t piece)
{
	return (int64_t)kind << 48 | (int64_t)value << 16 | piece;
}

/* ---- whole bitmaps ---- */

status
bits_load(struct inventory *i, enum bits_kind kind, uint32_t first, uint32_t last, struct bitmap *into, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_BITS_RANGE);
	int result;

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, key_of(kind, first, 0));
	sqlite3_bind_int64(s, 2, key_of(kind, last, 0xffff));
	while ((result = sqlite3_step(s)) == SQLITE_ROW) {
		size_t piece = (size_t)(sqlite3_column_int64(s, 0) & 0xffff);
		const unsigned char *bytes = sqlite3_column_blob(s, 1);

		if (piece * BITMAP_PIECE_WORDS >= into->len || (bytes == NULL && sqlite3_column_bytes(s, 1) > 0) ||
		    !bitmap_unpack(bytes, (size_t)sqlite3_column_bytes(s, 1), into->words + piece * BITMAP_PIECE_WORDS)) {
			sqlite3_reset(s);
			return inventory_failed(i, err);
		}
	}
	return result == SQLITE_DONE && sqlite3_reset(s) == SQLITE_OK ? STATUS_OK : inventory_failed(i, err);
}

static status
put_piece(struct inventory *i, int64_t key, const void *bytes, size_t len, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_BITS_PUT);

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, key);
	sql_blob(s, 2, bytes, len);
	return sql_done(s) ? STATUS_OK : inventory_failed(i, err);
}

status
bits_store(struct inventory *i, enum bits_kind kind, uint32_t value, const struct bitmap *b, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_BITS_DROP);
	struct buf packed = { 0 };
	status done = STATUS_OK;

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, key_of(kind, value, 0));
	sqlite3_bind_int64(s, 2, key_of(kind, value, 0xffff));
	if (!sql_done(s))
		return inventory_failed(i, err);
	for (uint32_t piece = 0; done == STATUS_OK && piece < b->len / BITMAP_PIECE_WORDS; piece++) {
		buf_reset(&packed);
		bitmap_pack(b->words + (size_t)piece * BITMAP_PIECE_WORDS, BITMAP_PIECE, &packed);
		if (packed.len > 0)
			done = put_piece(i, key_of(kind, value, piece), packed.data, packed.len, err);
	}
	buf_done(&packed);
	return done;
}

/* The piece of this key, or'd into words; *there: it is in the database. */
static status
get_piece(struct inventory *i, int64_t key, uint64_t *words, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_BITS_GET);
	int result;
	bool good = true;

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int64(s, 1, key);
	result = sqlite3_step(s);
	if (result == SQLITE_ROW)
		good = bitmap_unpack(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0), words);
	sqlite3_reset(s);
	return good && (result == SQLITE_ROW || result == SQLITE_DONE) ? STATUS_OK : inventory_failed(i, err);
}

status
bits_set(struct inventory *i, enum bits_kind kind, uint32_t value, uint32_t id, bool on, struct error *err)
{
	int64_t key = key_of(kind, value, id / BITMAP_PIECE);
	uint64_t words[BITMAP_PIECE_WORDS] = { 0 }, bit = UINT64_C(1) << (id & 63);
	uint64_t *word = &words[id % BITMAP_PIECE / 64];
	struct buf packed = { 0 };
	status done;

	if (get_piece(i, key, words, err) != STATUS_OK)
		return STATUS_FAILED;
	if (((*word & bit) != 0) == on)
		return STATUS_OK;
	*word ^= bit;
	bitmap_pack(words, BITMAP_PIECE, &packed);
	done = put_piece(i, key, packed.data != NULL ? packed.data : "", packed.len, err); /* an empty one stays as no bytes */
	buf_done(&packed);
	return done;
}

/* ---- the writer ---- */

/* One value's ids of this piece so far, as gaps: they come in order, so nothing is ever sorted. */
struct collected {
	uint64_t key;       /* kind << 32 | value; 0: free */
	int32_t last;       /* the last id of the piece; NEVER */
	unsigned count;
	struct buf gaps;
};

struct bits_writer {
	struct inventory *i;
	struct collected *table; /* open addressing, cap a power of two */
	size_t cap, used, bytes;
	uint32_t piece;
	bool fresh;              /* nothing of this piece was in the database before */
	uint32_t first_new;      /* ids from here on are new */
	bool changed;
};

enum { TABLE_START = 1 << 12 };

struct bits_writer *
bits_writer_new(struct inventory *i)
{
	struct bits_writer *w = mem_zero(1, sizeof *w);

	w->i = i;
	w->cap = TABLE_START;
	w->table = mem_zero(w->cap, sizeof *w->table);
	w->first_new = i->last_id + 1;
	w->fresh = false;
	return w;
}

static void
clear_table(struct bits_writer *w)
{
	for (size_t k = 0; k < w->cap; k++)
		buf_done(&w->table[k].gaps);
	memset(w->table, 0, w->cap * sizeof *w->table);
	w->used = w->bytes = 0;
}

void
bits_writer_free(struct bits_writer *w)
{
	if (w == NULL)
		return;
	clear_table(w);
	free(w->table);
	free(w);
}

static inline size_t
slot_of(const struct collected *table, size_t cap, uint64_t key)
{
	size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (cap - 1);

	while (table[at].key != 0 && table[at].key != key)
		at = (at + 1) & (cap - 1);
	return at;
}

static void
grow_table(struct bits_writer *w)
{
	size_t cap = w->cap * 2;
	struct collected *table = mem_zero(cap, sizeof *table);

	for (size_t k = 0; k < w->cap; k++)
		if (w->table[k].key != 0)
			table[slot_of(table, cap, w->table[k].key)] = w->table[k];
	free(w->table);
	w->table = table;
	w->cap = cap;
}

static int
by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct collected *)a)->key, y = ((const struct collected *)b)->key;

	return x < y ? -1 : x > y;
}

/* What was collected of one value, together with what the database has of it. */
static status
merge(struct bits_writer *w, const struct collected *c, struct buf *packed, struct error *err)
{
	int64_t key = (int64_t)(c->key >> 32) << 48 | (int64_t)(c->key & 0xffffffff) << 16 | w->piece;
	uint64_t words[BITMAP_PIECE_WORDS] = { 0 };

	buf_reset(packed);
	if (w->fresh && c->gaps.len < 2048) { /* short: what was collected is the shortest form but for the first byte */
		buf_addc(packed, BITMAP_GAPS);
		buf_add(packed, c->gaps.data, c->gaps.len);
		return put_piece(w->i, key, packed->data, packed->len, err);
	}
	if (!w->fresh && get_piece(w->i, key, words, err) != STATUS_OK)
		return STATUS_FAILED;
	buf_addc(packed, BITMAP_GAPS);
	buf_add(packed, c->gaps.data, c->gaps.len);
	(void)bitmap_unpack((const unsigned char *)packed->data, packed->len, words);
	buf_reset(packed);
	bitmap_pack(words, BITMAP_PIECE, packed);
	return put_piece(w->i, key, packed->data, packed->len, err);
}

status
bits_flush(struct bits_writer *w, struct error *err)
{
	struct buf packed = { 0 };
	status done = STATUS_OK;
	size_t n = 0;

	for (size_t k = 0; k < w->cap; k++) { /* the used ones to the front; the table is thrown away after */
		struct collected c = w->table[k];

		if (c.key == 0)
			continue;
		w->table[k] = w->table[n];
		w->table[n++] = c;
	}
	qsort(w->table, n, sizeof *w->table, by_key); /* so that the database is written front to back */
	for (size_t k = 0; done == STATUS_OK && k < n; k++)
		done = merge(w, &w->table[k], &packed, err);
	buf_done(&packed);
	clear_table(w);
	w->fresh = false; /* what follows of this piece meets what was just written */
	return done;
}

status
bits_add(struct bits_writer *w, enum bits_kind kind, uint32_t value, uint32_t id, struct error *err)
{
	uint64_t key = (uint64_t)kind << 32 | value;
	uint32_t piece = id / BITMAP_PIECE;
	struct collected *c;
	size_t before;

	if (piece != w->piece || w->bytes > LIMIT_INVENTORY_COLLECTED) {
		if (bits_flush(w, err) != STATUS_OK)
			return STATUS_FAILED;
		w->fresh = piece != w->piece && w->first_new <= piece * BITMAP_PIECE;
		w->piece = piece;
	}
	c = &w->table[slot_of(w->table, w->cap, key)];
	if (c->key == 0) {
		if (w->used * 2 > w->cap) {
			grow_table(w);
			c = &w->table[slot_of(w->table, w->cap, key)];
		}
		*c = (struct collected){ .key = key, .last = NEVER };
		w->used++;
		w->bytes += 2 * sizeof *c;
	}
	if (c->last >= (int32_t)(id % BITMAP_PIECE))
		return STATUS_OK; /* it has this row already */
	before = c->gaps.cap;
	bitmap_gap(&c->gaps, &c->last, id % BITMAP_PIECE);
	w->bytes += c->gaps.cap - before;
	return STATUS_OK;
}

status
bits_add_text(struct bits_writer *w, const char *text, uint32_t id, struct error *err)
{
	size_t len = text != NULL ? strlen(text) : 0;
	uint32_t triple = 0;

	/* Two newlines follow: so the last byte and the last two are the beginning of a triple as well. */
	for (size_t n = 0; len > 0 && n < len + 2; n++) {
		unsigned char c = n < len ? (unsigned char)text[n] : '\n';

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		triple = (triple << 8 | c) & 0xffffff;
		if (n < len && bits_add(w, BITS_BYTE, c, id, err) != STATUS_OK)
			return STATUS_FAILED;
		if (n >= 2 && bits_add(w, BITS_TRIPLE, triple, id, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}
