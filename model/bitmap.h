/* A set of small numbers as bits, and its form on disk: pieces of 65,536, each in the shortest of three codings. */
#ifndef MODEL_BITMAP_H
#define MODEL_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"

enum { BITMAP_PIECE = 65536, BITMAP_PIECE_WORDS = BITMAP_PIECE / 64 };

struct bitmap {
	uint64_t *words; /* whole pieces */
	size_t len;      /* words */
	uint32_t last;   /* the greatest number it may hold */
};

void bitmap_new(struct bitmap *b, uint32_t last); /* empty */
void bitmap_done(struct bitmap *b);
void bitmap_copy(struct bitmap *to, const struct bitmap *from);
void bitmap_fill(struct bitmap *b);               /* 1 to last */
/* Both of the same size. */
void bitmap_and(struct bitmap *b, const struct bitmap *with);
void bitmap_or(struct bitmap *b, const struct bitmap *with);
void bitmap_and_not(struct bitmap *b, const struct bitmap *without);
size_t bitmap_count(const struct bitmap *b);
static inline bool
bitmap_has(const struct bitmap *b, uint32_t n)
{
	return n <= b->last && (b->words[n >> 6] >> (n & 63) & 1) != 0;
}
static inline void
bitmap_put(struct bitmap *b, uint32_t n)
{
	if (n <= b->last)
		b->words[n >> 6] |= UINT64_C(1) << (n & 63);
}
/* Calls with every number, in order, until it says false. */
bool bitmap_each(const struct bitmap *b, bool (*with)(void *user, uint32_t n), void *user);

/* One piece (BITMAP_PIECE_WORDS words) appended in its shortest form; nothing for an empty one. limit: only bits below it can be set. */
void bitmap_pack(const uint64_t *piece, uint32_t limit, struct buf *out);
/* Ors a packed piece into words; false: it is none. */
bool bitmap_unpack(const unsigned char *bytes, size_t len, uint64_t *piece);
/* The gap coding alone: appends `n` behind `*last` (-1 before the first), as bitmap_pack() does behind its first byte. */
enum { BITMAP_GAPS = 0 };
void bitmap_gap(struct buf *out, int32_t *last, uint32_t n);

#endif
