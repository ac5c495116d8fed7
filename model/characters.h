/* Characters as every format writes them: a hexadecimal digit's value, a code point in UTF-8. */
#ifndef MODEL_CHARACTERS_H
#define MODEL_CHARACTERS_H

#include <stdint.h>

#include "model/buf.h"

/* 0 to 15, capital or small; -1: it is no hexadecimal digit. */
int hex_value(char c);

/*
 * Appends it in one to four bytes (RFC 3629 3). c: below 0x200000. Surrogates and what lies above U+10FFFF are encoded like the rest: who reads
 * from outside checks before, or leaves it to text_safe().
 */
void add_utf8(struct buf *out, uint32_t c);

#endif
