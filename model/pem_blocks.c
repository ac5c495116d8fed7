#include "model/pem_blocks.h"

#include <stdbool.h>
#include <string.h>

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

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

static bool
ends(const char *label, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(label + len - n, with, n) == 0;
}

/* "EC PRIVATE KEY", "TRUSTED CERTIFICATE": what comes first says of what kind. */
static unsigned
kind_of(const char *label, size_t len)
{
	static const struct {
		const char *end;
		unsigned kind;
	} kinds[] = { { "PRIVATE KEY", PEM_PRIVATE_KEYS }, { "EC PARAMETERS", PEM_PRIVATE_KEYS }, { "CERTIFICATE", PEM_CERTIFICATES } };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (ends(label, len, kinds[i].end))
			return kinds[i].kind;
	}
	return PEM_OTHERS;
}

/*
 * RFC 7468 3: a label is printable, and five dashes end its line; blanks behind them are let pass, as OpenSSL does. NULL: it is no BEGIN line.
 */
static const char *
label_of(const char *at, const char *end, size_t *len)
{
	const char *label = at + strlen(BEGIN), *stop = line_end(at, end);

	if (!starts(at, end, BEGIN))
		return NULL;
	while (stop > label && strchr(" \t\r\n", stop[-1]) != NULL && stop[-1] != '\0')
		stop--;
	if (stop - label <= (ptrdiff_t)strlen(DASHES) || memcmp(stop - strlen(DASHES), DASHES, strlen(DASHES)) != 0)
		return NULL;
	*len = (size_t)(stop - label) - strlen(DASHES);
	return memmem(label, *len, DASHES, strlen(DASHES)) == NULL ? label : NULL;
}

static bool
is_end_of(const char *line, const char *end, const char *label, size_t len)
{
	const char *at = line + strlen(END);

	return starts(line, end, END) && (size_t)(end - at) >= len && memcmp(at, label, len) == 0 && starts(at + len, end, DASHES);
}

/* The end of the block that begins there, which has the same label; NULL: it has none. */
static const char *
block_end(const char *at, const char *end, const char *label, size_t len)
{
	for (const char *line = line_end(at, end); line < end; line = line_end(line, end)) {
		if (starts(line, end, END))
			return is_end_of(line, end, label, len) ? line_end(line, end) : NULL;
		if (starts(line, end, BEGIN))
			return NULL;
	}
	return NULL;
}

/* The block that begins at this line: its kind and where it ends; 0: none does. */
static unsigned
block_at(const char *at, const char *end, const char **stop)
{
	size_t len = 0;
	const char *label = label_of(at, end, &len);

	*stop = label != NULL ? block_end(at, end, label, len) : NULL;
	return *stop != NULL ? kind_of(label, len) : 0;
}

unsigned
pem_blocks_first(const char *text, size_t len, unsigned which)
{
	const char *end = text + len, *stop;

	for (const char *at = text; at < end; at = stop != NULL ? stop : line_end(at, end)) {
		unsigned kind = block_at(at, end, &stop);

		if ((kind & which) != 0)
			return kind;
	}
	return 0;
}

size_t
pem_blocks_copy(const char *text, size_t len, unsigned which, struct buf *out)
{
	const char *end = text + len, *stop;
	size_t copied = 0;

	for (const char *at = text; at < end; at = stop != NULL ? stop : line_end(at, end)) {
		if ((block_at(at, end, &stop) & which) == 0)
			continue;
		buf_add(out, at, (size_t)(stop - at));
		if (stop[-1] != '\n')
			buf_addc(out, '\n');
		copied++;
	}
	return copied;
}
