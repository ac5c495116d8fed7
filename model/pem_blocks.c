#include "model/pem_blocks.h"

#include <stdbool.h>
#include <string.h>

#define BEGIN "-----BEGIN "
#define END "-----END "

static const char *
line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline != NULL ? newline + 1 : end;
}

static bool
starts(const char *at, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - at) >= len && memcmp(at, with, len) == 0;
}

static unsigned
kind_of(const char *label, size_t len)
{
	static const struct {
		const char *within;
		unsigned kind;
	} kinds[] = { { "PRIVATE KEY", PEM_PRIVATE_KEYS }, { "EC PARAMETERS", PEM_PRIVATE_KEYS }, { "CERTIFICATE REQUEST", PEM_OTHERS },
		{ "CERTIFICATE", PEM_CERTIFICATES } };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (memmem(label, len, kinds[i].within, strlen(kinds[i].within)) != NULL)
			return kinds[i].kind;
	}
	return PEM_OTHERS;
}

/* The end of the block that begins there; NULL: it has none. */
static const char *
block_end(const char *at, const char *end)
{
	for (const char *line = line_end(at, end); line < end; line = line_end(line, end)) {
		if (starts(line, end, END))
			return line_end(line, end);
		if (starts(line, end, BEGIN))
			return NULL;
	}
	return NULL;
}

size_t
pem_blocks_copy(const char *text, size_t len, unsigned which, struct buf *out)
{
	const char *end = text + len, *next;
	size_t copied = 0;

	for (const char *at = text; at < end; at = next) {
		const char *stop = starts(at, end, BEGIN) ? block_end(at, end) : NULL;

		next = stop != NULL ? stop : line_end(at, end);
		if (stop == NULL || (kind_of(at, (size_t)(line_end(at, end) - at)) & which) == 0)
			continue;
		buf_add(out, at, (size_t)(stop - at));
		if (stop[-1] != '\n')
			buf_addc(out, '\n');
		copied++;
	}
	return copied;
}
