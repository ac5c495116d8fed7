#include "model/bitmap.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"

/* The first byte of a packed piece. What gaps say is the distance to the number before, less one, seven bits a byte. */
enum coding { GAPS = BITMAP_GAPS, GAPS_OF_MISSING, WORDS };

void
bitmap_new(struct bitmap *b, uint32_t last)
{
	size_t pieces = (size_t)last / BITMAP_PIECE + 1;

	*b = (struct bitmap){ .words = mem_zero(pieces * BITMAP_PIECE_WORDS, sizeof *b->words), .len = pieces * BITMAP_PIECE_WORDS, .last = last };
}

void
bitmap_done(struct bitmap *b)
{
	free(b->words);
	*b = (struct bitmap){ .words = NULL };
}

void
bitmap_copy(struct bitmap *to, const struct bitmap *from)
{
	*to = *from;
	to->words = mem_dup(from->words, from->len * sizeof *from->words);
}

void
bitmap_fill(struct bitmap *b)
{
	size_t whole = ((size_t)b->last + 1) / 64;

	memset(b->words, 0xff, whole * sizeof *b->words);
	if ((b->last + 1) % 64 != 0)
		b->words[whole] = (UINT64_C(1) << ((b->last + 1) % 64)) - 1;
	b->words[0] &= ~UINT64_C(1); /* ids begin at 1 */
}

void
bitmap_and(struct bitmap *b, const struct bitmap *with)
{
	for (size_t k = 0; k < b->len; k++)
		b->words[k] &= with->words[k];
}

void
bitmap_or(struct bitmap *b, const struct bitmap *with)
{
	for (size_t k = 0; k < b->len; k++)
		b->words[k] |= with->words[k];
}

void
bitmap_and_not(struct bitmap *b, const struct bitmap *without)
{
	for (size_t k = 0; k < b->len; k++)
		b->words[k] &= ~without->words[k];
}

size_t
bitmap_count(const struct bitmap *b)
{
	size_t n = 0;

	for (size_t k = 0; k < b->len; k++)
		n += (size_t)__builtin_popcountll(b->words[k]);
	return n;
}

bool
bitmap_each(const struct bitmap *b, bool (*with)(void *user, uint32_t n), void *user)
{
	for (size_t k = 0; k < b->len; k++)
		for (uint64_t left = b->words[k]; left != 0; left &= left - 1)
			if (!with(user, (uint32_t)(k * 64) + (uint32_t)__builtin_ctzll(left)))
				return false;
	return true;
}

void
bitmap_gap(struct buf *out, int32_t *last, uint32_t n)
{
	uint32_t gap = (uint32_t)((int32_t)n - *last - 1);

	if (gap < 0x80 && out->len + 1 < out->cap) { /* nearly all of them: an import adds a hundred million */
		out->data[out->len++] = (char)gap;
		out->data[out->len] = '\0';
		*last = (int32_t)n;
		return;
	}
	for (; gap >= 0x80; gap >>= 7)
		buf_addc(out, (char)((gap & 0x7f) | 0x80));
	buf_addc(out, (char)gap);
	*last = (int32_t)n;
}

static size_t
set_in(const uint64_t *piece)
{
	size_t n = 0;

	for (size_t k = 0; k < BITMAP_PIECE_WORDS; k++)
		n += (size_t)__builtin_popcountll(piece[k]);
	return n;
}

static void
pack_gaps(const uint64_t *piece, uint32_t limit, bool missing, struct buf *out)
{
	int32_t last = -1;

	for (size_t k = 0; k < BITMAP_PIECE_WORDS; k++) {
		uint64_t left = missing ? ~piece[k] : piece[k];

		for (; left != 0; left &= left - 1) {
			uint32_t n = (uint32_t)(k * 64) + (uint32_t)__builtin_ctzll(left);

			if (n < limit)
				bitmap_gap(out, &last, n);
		}
	}
}

void
bitmap_pack(const uint64_t *piece, uint32_t limit, struct buf *out)
{
	size_t n = set_in(piece), words = BITMAP_PIECE_WORDS;

	if (n == 0)
		return;
	while (piece[words - 1] == 0)
		words--;
	/* A gap takes a byte, few take two: up to three quarters of the words' bytes in numbers, gaps are shorter. */
	if (n <= words * 6) {
		buf_addc(out, GAPS);
		pack_gaps(piece, limit, false, out);
	} else if (limit - n <= words * 6) {
		buf_addc(out, GAPS_OF_MISSING);
		buf_addc(out, (char)((limit - 1) & 0xff));
		buf_addc(out, (char)((limit - 1) >> 8));
		pack_gaps(piece, limit, true, out);
	} else {
		buf_addc(out, WORDS);
		for (size_t k = 0; k < words; k++)
			for (unsigned shift = 0; shift < 64; shift += 8)
				buf_addc(out, (char)(piece[k] >> shift & 0xff));
	}
}

/* The next number of a gap coding; false: there is none that fits into a piece. */
static inline bool
next_gap(const unsigned char **at, const unsigned char *end, int32_t *last)
{
	uint32_t gap = 0;
	unsigned shift = 0;

	do {
		if (*at == end || shift > 14)
			return false;
		gap |= (uint32_t)(**at & 0x7f) << shift;
		shift += 7;
	} while ((*(*at)++ & 0x80) != 0);
	if (gap >= BITMAP_PIECE || *last + (int32_t)gap + 1 >= BITMAP_PIECE)
		return false;
	*last += (int32_t)gap + 1;
	return true;
}

static bool
unpack_missing(const unsigned char *at, const unsigned char *end, uint64_t *piece)
{
	uint64_t own[BITMAP_PIECE_WORDS] = { 0 };
	uint32_t limit;
	int32_t last = -1;

	if (end - at < 2)
		return false;
	limit = (uint32_t)(at[0] | at[1] << 8) + 1;
	at += 2;
	memset(own, 0xff, limit / 64 * sizeof *own);
	if (limit % 64 != 0)
		own[limit / 64] = (UINT64_C(1) << (limit % 64)) - 1;
	while (at < end) {
		if (!next_gap(&at, end, &last))
			return false;
		own[last >> 6] &= ~(UINT64_C(1) << (last & 63));
	}
	for (size_t k = 0; k < BITMAP_PIECE_WORDS; k++)
		piece[k] |= own[k];
	return true;
}

bool
bitmap_unpack(const unsigned char *bytes, size_t len, uint64_t *piece)
{
	const unsigned char *at, *end;
	int32_t last = -1;

	/* Before any offset: `bytes` may be NULL then. */
	if (len == 0)
		return true;
	at = bytes + 1;
	end = bytes + len;
	if (bytes[0] == GAPS_OF_MISSING)
		return unpack_missing(at, end, piece);
	if (bytes[0] == WORDS) {
		if ((len - 1) % 8 != 0 || (len - 1) / 8 > BITMAP_PIECE_WORDS)
			return false;
		for (size_t k = 0; at < end; k++, at += 8)
			for (unsigned n = 0; n < 8; n++)
				piece[k] |= (uint64_t)at[n] << (8 * n);
		return true;
	}
	if (bytes[0] != GAPS)
		return false;
	while (at < end) {
		if (!next_gap(&at, end, &last))
			return false;
		piece[last >> 6] |= UINT64_C(1) << (last & 63);
	}
	return true;
}
