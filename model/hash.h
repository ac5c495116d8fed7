/* One number for a text: for tables of our own and for ids that hold from one reading to the next. */
#ifndef MODEL_HASH_H
#define MODEL_HASH_H

#include <stdint.h>

/*
 * FNV-1a of the text, behind what `seed` is the hash of (0: nothing); never 0. Not for keys that others choose
 * freely: they could make them collide.
 */
uint64_t hash_text(uint64_t seed, const char *text);

#endif
