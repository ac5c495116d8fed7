#include "model/der.h"

#include <stdio.h>
#include <string.h>

struct der
der_start(struct text bytes, struct der_trouble *trouble)
{
	return (struct der){
		.base = bytes.bytes,
		.at = bytes.bytes,
		.end = bytes.len == 0 ? bytes.bytes : bytes.bytes + bytes.len,
		.trouble = trouble,
	};
}

struct der
der_inside(const struct der *d, struct text content)
{
	return (struct der){
		.base = d->base,
		.at = content.bytes,
		.end = content.bytes + content.len,
		.trouble = d->trouble,
	};
}

static bool
in_trouble(const struct der *d, enum der_why why, const unsigned char *where, const char *expected)
{
	struct der_trouble *t = d->trouble;

	if (t->why == DER_FINE) {
		t->why = why;
		t->byte = (size_t)(where - d->base);
		t->expected = expected;
		t->found = where < d->end ? *where : 0;
	}
	return false;
}

bool
der_at_end(const struct der *d)
{
	return d->at == d->end;
}

unsigned char
der_peek(const struct der *d)
{
	return der_at_end(d) ? 0 : *d->at;
}

/* Reads the length octets at *p; on success *p is behind them. */
static bool
read_length(const struct der *d, const unsigned char **p, size_t *len, const char *expected)
{
	const unsigned char *at = *p;
	size_t octets, value = 0;

	if (at == d->end)
		return in_trouble(d, DER_CUT, at, expected);
	if (*at < 0x80) {
		*len = *at;
		*p = at + 1;
		return true;
	}
	octets = *at++ & 0x7fu;
	if (octets == 0)
		return in_trouble(d, DER_INDEFINITE, at - 1, expected);
	if ((size_t)(d->end - at) < octets)
		return in_trouble(d, DER_CUT, at - 1, expected);
	if ((octets == 1 && *at < 0x80) || *at == 0) {
		if (!d->trouble->sloppy)
			d->trouble->sloppy_byte = (size_t)(at - 1 - d->base);
		d->trouble->sloppy = true;
	}
	while (octets > 0 && *at == 0) {
		at++;
		octets--;
	}
	if (octets > 4)
		return in_trouble(d, DER_HUGE, at - 1, expected);
	while (octets-- > 0)
		value = value << 8 | *at++;
	*len = value;
	*p = at;
	return true;
}

bool
der_next(struct der *d, struct der_value *out, const char *expected)
{
	const unsigned char *start = d->at, *p = d->at;
	size_t len;

	*out = (struct der_value){ 0 };
	if (der_at_end(d))
		return in_trouble(d, DER_MISSING, p, expected);
	if ((*p & 0x1f) == 0x1f)
		return in_trouble(d, DER_HIGH_TAG, p, expected);
	p++;
	if (!read_length(d, &p, &len, expected))
		return false;
	if (len > (size_t)(d->end - p))
		return in_trouble(d, DER_CUT, start, expected);
	out->tag = *start;
	out->content = (struct text){ p, len };
	out->whole = (struct text){ start, (size_t)(p - start) + len };
	d->at = p + len;
	return true;
}

bool
der_expect(struct der *d, unsigned char tag, struct der_value *out, const char *expected)
{
	*out = (struct der_value){ 0 };
	if (der_at_end(d))
		return in_trouble(d, DER_MISSING, d->at, expected);
	if (*d->at != tag)
		return in_trouble(d, DER_WRONG_TAG, d->at, expected);
	return der_next(d, out, expected);
}

bool
der_optional(struct der *d, unsigned char tag, struct der_value *out, const char *expected)
{
	*out = (struct der_value){ 0 };
	return der_peek(d) == tag && der_next(d, out, expected);
}

bool
der_finish(struct der *d, const char *expected)
{
	return der_at_end(d) || in_trouble(d, DER_TRAILING, d->at, expected);
}

bool
der_enter(struct der *d, unsigned char tag, struct der *inside, const char *expected)
{
	struct der_value v;

	*inside = *d;
	inside->at = inside->end;
	if (!der_expect(d, tag, &v, expected))
		return false;
	*inside = der_inside(d, v.content);
	return true;
}

char *
der_explain(const struct der_trouble *t, char *out, size_t size)
{
	switch (t->why) {
	case DER_FINE:
		snprintf(out, size, "nothing is wrong");
		break;
	case DER_MISSING:
		snprintf(out, size, "byte %zu: expected %s, found nothing more", t->byte, t->expected);
		break;
	case DER_WRONG_TAG:
		snprintf(out, size, "byte %zu: expected %s, found tag 0x%02x", t->byte, t->expected, t->found);
		break;
	case DER_CUT:
		snprintf(out, size, "byte %zu: expected %s, and its length points beyond the end", t->byte,
		    t->expected);
		break;
	case DER_INDEFINITE:
		snprintf(out, size, "byte %zu: expected %s, and its length is indefinite, which DER is not", t->byte,
		    t->expected);
		break;
	case DER_HUGE:
		snprintf(out, size, "byte %zu: expected %s, and its length has more than 4 octets", t->byte, t->expected);
		break;
	case DER_HIGH_TAG:
		snprintf(out, size, "byte %zu: expected %s, found a tag above 30", t->byte, t->expected);
		break;
	case DER_TRAILING:
		snprintf(out, size, "byte %zu: expected the end of %s, found more bytes", t->byte, t->expected);
		break;
	}
	return out;
}

bool
der_small(struct text integer, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;

	*out = 0;
	if (integer.len == 0 || (integer.bytes[0] & 0x80) != 0)
		return false;
	for (size_t i = 0; i < integer.len; i++) {
		value = value << 8 | integer.bytes[i];
		if (value > max)
			return false;
	}
	*out = (uint32_t)value;
	return true;
}

int
der_integer_bits(struct text integer)
{
	size_t i = 0;
	int bits;

	while (i < integer.len && integer.bytes[i] == 0)
		i++;
	if (i == integer.len || integer.len - i > 1 << 24)
		return 0;
	bits = (int)(integer.len - i - 1) * 8;
	for (unsigned top = integer.bytes[i]; top != 0; top >>= 1)
		bits++;
	return bits;
}

bool
der_integer_minimal(struct text integer)
{
	if (integer.len == 0)
		return false;
	if (integer.len == 1)
		return true;
	if (integer.bytes[0] == 0x00)
		return (integer.bytes[1] & 0x80) != 0;
	if (integer.bytes[0] == 0xff)
		return (integer.bytes[1] & 0x80) == 0;
	return true;
}

#define OID_MAX_ARCS 64 /* the longest in use have about 20 */

/* Reads one arc; false at the end, on padding (X.690 8.19.2), or above 63 bits. */
static bool
next_arc(struct text oid, size_t *i, uint64_t *arc)
{
	*arc = 0;
	if (*i >= oid.len || oid.bytes[*i] == 0x80)
		return false;
	for (; *i < oid.len; (*i)++) {
		if (*arc >> 56 != 0)
			return false;
		*arc = *arc << 7 | (oid.bytes[*i] & 0x7fu);
		if ((oid.bytes[*i] & 0x80) == 0) {
			(*i)++;
			return true;
		}
	}
	return false;
}

bool
der_oid_valid(struct text oid)
{
	size_t i = 0, arcs = 0;
	uint64_t arc;

	while (i < oid.len) {
		if (!next_arc(oid, &i, &arc) || ++arcs > OID_MAX_ARCS)
			return false;
	}
	return arcs > 0;
}

const char *
der_oid_dotted(struct arena *a, struct text oid)
{
	struct buf out = { 0 };
	const char *dotted;
	size_t i = 0;
	uint64_t arc;

	if (!der_oid_valid(oid))
		return "invalid OID";
	next_arc(oid, &i, &arc);
	if (arc < 80)
		buf_addf(&out, "%llu.%llu", (unsigned long long)(arc / 40), (unsigned long long)(arc % 40));
	else
		buf_addf(&out, "2.%llu", (unsigned long long)(arc - 80));
	while (next_arc(oid, &i, &arc))
		buf_addf(&out, ".%llu", (unsigned long long)arc);
	dotted = arena_strdup(a, buf_str(&out));
	buf_done(&out);
	return dotted;
}
