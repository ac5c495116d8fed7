/*
 * A bounded walk over DER. Nothing is copied, no length is trusted, and the first thing that is
 * wrong is kept with its byte, so that a message can say where the reading stopped and why.
 *
 * A length that is longer than it need be (X.690 10.1) is read, and noted in `sloppy`: OpenSSL
 * reads it, Go does not. Indefinite lengths and tags above 30 are not read.
 */
#ifndef MODEL_DER_H
#define MODEL_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/text.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_NUMERIC_STRING = 0x12,
	DER_PRINTABLE_STRING = 0x13,
	DER_T61_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE_STRING = 0x1a,
	DER_UNIVERSAL_STRING = 0x1c,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31
};
/* Context-specific: DER_CONTEXT(0) is [0] IMPLICIT of a primitive, DER_CONTEXT_IN(0) of something constructed, or EXPLICIT. */
#define DER_CONTEXT(n) (0x80 | (n))
#define DER_CONTEXT_IN(n) (0xa0 | (n))

enum der_why { DER_FINE, DER_MISSING, DER_WRONG_TAG, DER_CUT, DER_INDEFINITE, DER_HUGE, DER_HIGH_TAG, DER_TRAILING };

struct der_trouble {
	enum der_why why;
	size_t byte;          /* offset from the start of what der_start() was given, from 0 */
	const char *expected; /* "the serial number, an INTEGER"; static text */
	unsigned char found;  /* the tag that was there */
	bool sloppy;          /* a length in a longer form than needed was read */
	size_t sloppy_byte;
};

struct der {
	const unsigned char *base, *at, *end;
	struct der_trouble *trouble; /* the first one stays */
};

struct der_value {
	unsigned char tag;
	struct text content;
	struct text whole; /* header and content */
};

struct der der_start(struct text bytes, struct der_trouble *trouble);
/* A walk over what is inside a value of `d`; bytes count from the same start, trouble is shared. */
struct der der_inside(const struct der *d, struct text content);
bool der_at_end(const struct der *d);
/* The next tag, or 0 at the end. */
unsigned char der_peek(const struct der *d);
/* The next value, whatever its tag. */
bool der_next(struct der *d, struct der_value *out, const char *expected);
/* The next value, which must have this tag. */
bool der_expect(struct der *d, unsigned char tag, struct der_value *out, const char *expected);
/* The next value if it has this tag: true and *out, else false and nothing is taken. False too where it does not parse: then trouble is set. */
bool der_optional(struct der *d, unsigned char tag, struct der_value *out, const char *expected);
/* Nothing may follow: `expected` names what ended ("the certificate"). */
bool der_finish(struct der *d, const char *expected);
/* Expects, and walks inside: SEQUENCE, SET, context tags. */
bool der_enter(struct der *d, unsigned char tag, struct der *inside, const char *expected);

/* "byte 57: expected the serial number, an INTEGER, found tag 0x30" into out. */
char *der_explain(const struct der_trouble *t, char *out, size_t size);
#define DER_EXPLAIN_MAX 240

/* The value of a small non-negative INTEGER's content; false where negative, empty or beyond max. */
bool der_small(struct text integer, uint32_t max, uint32_t *out);
/* The bits of a positive INTEGER's content; 0 for zero or an empty one. */
int der_integer_bits(struct text integer);
/* Are its content octets the shortest form (X.690 8.3.2)? */
bool der_integer_minimal(struct text integer);
/* "1.2.840.113549.1.1.11" of an OBJECT IDENTIFIER's content into the arena; "invalid OID" where it does not parse. */
const char *der_oid_dotted(struct arena *a, struct text oid);
bool der_oid_valid(struct text oid);

#endif
