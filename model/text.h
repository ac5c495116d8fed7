/*
 * Text from certificates, alerts, HTTP, DNS and files is untrusted. It travels as a `struct text`,
 * and text_safe() is the one function that makes it printable; what that found (control
 * characters, bidi overrides …) is itself a finding. The rules: knowledge page "style", 3.4.
 */
#ifndef MODEL_TEXT_H
#define MODEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/buf.h"
#include "model/memory.h"

struct text {
	const unsigned char *bytes; /* may hold NUL; borrowed */
	size_t len;
};

enum text_flags {
	TEXT_CONTROL = 1 << 0,   /* C0, DEL, C1, line and paragraph separators */
	TEXT_BIDI = 1 << 1,      /* bidirectional marks, embeddings, overrides, isolates */
	TEXT_INVISIBLE = 1 << 2, /* zero width, fillers, tags, soft hyphen, variation selectors */
	TEXT_INVALID = 1 << 3,   /* not UTF-8: overlong, surrogate, beyond U+10FFFF, cut */
	TEXT_NUL = 1 << 4,
	TEXT_TRUNCATED = 1 << 5,
	TEXT_PRIVATE = 1 << 6,   /* private use, noncharacters */
	TEXT_COMBINING = 1 << 7, /* more combining marks on one base than TEXT_COMBINING_MAX */
	/* A name that carries one of these wants to deceive, or is damaged. */
	TEXT_HOSTILE = TEXT_CONTROL | TEXT_BIDI | TEXT_INVISIBLE | TEXT_INVALID | TEXT_NUL | TEXT_PRIVATE |
	    TEXT_COMBINING
};

#define TEXT_COMBINING_MAX 2
#define TEXT_MAX_DEFAULT 256 /* printed bytes of one name; "…" ends what is longer */

/*
 * Appends the printable form of `in` to `out`: what is harmful becomes \xNN or \u{NNNN}, a backslash
 * stays. At most `max` bytes are added (0: no limit), cut at a whole character with "…".
 * Returns the flags above. The result is valid UTF-8 without any control character.
 */
unsigned text_safe(struct buf *out, struct text in, size_t max);

/* The same into an arena. flags may be NULL. */
char *text_safe_arena(struct arena *a, struct text in, size_t max, unsigned *flags);

/* The flags alone, without output. */
unsigned text_flags(struct text in);
/* "control characters, invisible characters": what the hostile ones among the flags mean, for people; "" for none. */
const char *text_kinds(struct arena *a, unsigned flags);

struct text text_of(const char *s); /* s may be NULL: empty */
bool text_equal(struct text a, struct text b);
bool text_starts(struct text t, const char *start); /* ASCII letters compare without case */

/* Rewrites already safe UTF-8 for an ASCII terminal: “ ” … – ✗ become " " ... - X, all else \u{…}. */
void text_ascii(struct buf *out, const char *safe);

/* Columns that safe UTF-8 takes on a terminal (wide characters count 2, combining marks 0). */
size_t text_columns(const char *safe);

#endif
