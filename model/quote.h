/* Outside text in a buffer of fixed size, for messages; and as a word of a shell's line, for pasting. */
#ifndef MODEL_QUOTE_H
#define MODEL_QUOTE_H

#include <stddef.h>

#include "model/text.h"

#define QUOTE_MAX 160

/* text_safe() of `in` into out (QUOTE_MAX bytes with NUL), cut with “…” where it is longer; returns out. */
char *quote(struct text in, char out[QUOTE_MAX]);
char *quote_str(const char *s, char out[QUOTE_MAX]);

/* Appends `word` quoted for a POSIX shell where it must be; what is not printable becomes $'\NNN'. */
void shell_quote(struct buf *out, const char *word);

#endif
