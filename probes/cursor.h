/* Reading TLS messages as bytes: a place in them and an end that is never passed. */
#ifndef PROBES_CURSOR_H
#define PROBES_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left to read; a read that does not fit takes nothing. */
struct cursor {
	const unsigned char *at, *end;
};

static inline size_t
left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static inline bool
read_number(struct cursor *c, size_t octets, size_t *out)
{
	*out = 0;
	if (left(c) < octets)
		return false;
	while (octets-- > 0)
		*out = *out << 8 | *c->at++;
	return true;
}

static inline bool
read_u16(struct cursor *c, uint16_t *out)
{
	size_t n;

	if (!read_number(c, 2, &n))
		return false;
	*out = (uint16_t)n;
	return true;
}

static inline bool
skip(struct cursor *c, size_t len)
{
	if (left(c) < len)
		return false;
	c->at += len;
	return true;
}

/* A vector with a length of so many octets before it; *inside is what it holds. */
static inline bool
read_vector(struct cursor *c, size_t octets, struct cursor *inside)
{
	struct cursor before = *c;
	size_t len;

	*inside = (struct cursor){ c->at, c->at };
	if (!read_number(c, octets, &len) || left(c) < len) {
		*c = before;
		return false;
	}
	*inside = (struct cursor){ c->at, c->at + len };
	c->at += len;
	return true;
}

#endif
