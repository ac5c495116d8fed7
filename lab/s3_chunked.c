#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "lab/s3_store.h"
#include "model/characters.h"

enum { CRC32_BYTES = 4, CRC32_BASE64 = 8 };

/* One line without its CR LF; *at moves behind it. */
static bool
next_line(const unsigned char *body, size_t len, size_t *at, const char **line, size_t *line_len)
{
	const unsigned char *start, *end;

	if (*at >= len)
		return false;
	start = body + *at;
	end = memchr(start, '\n', len - *at);
	if (end == NULL || end == start || end[-1] != '\r')
		return false;
	*line = (const char *)start;
	*line_len = (size_t)(end - 1 - start);
	*at = (size_t)(end + 1 - body);
	return true;
}

/* "400", in hexadecimal; what follows a semicolon belongs to signed chunks. */
static bool
chunk_size(const char *line, size_t len, size_t most, size_t *out)
{
	*out = 0;
	for (size_t i = 0; i < len && line[i] != ';'; i++) {
		int digit = hex_value(line[i]);
		if (digit < 0)
			return false;
		*out = *out * 16 + (size_t)digit;
		if (*out > most)
			return false;
	}
	return len > 0 && line[0] != ';';
}

static void
read_trailer(const char *line, size_t len, char crc32_out[S3_CHECKSUM_MAX])
{
	static const char name[] = "x-amz-checksum-crc32:";

	if (len < sizeof name - 1 || strncasecmp(line, name, sizeof name - 1) != 0)
		return;
	line += sizeof name - 1;
	len -= sizeof name - 1;
	while (len > 0 && *line == ' ') {
		line++;
		len--;
	}
	if (len >= S3_CHECKSUM_MAX)
		len = S3_CHECKSUM_MAX - 1;
	memcpy(crc32_out, line, len);
	crc32_out[len] = '\0';
}

bool
s3_unchunk(const unsigned char *body, size_t len, struct buf *out, char crc32_out[S3_CHECKSUM_MAX])
{
	size_t at = 0, size, line_len;
	const char *line;

	crc32_out[0] = '\0';
	do {
		if (!next_line(body, len, &at, &line, &line_len) || !chunk_size(line, line_len, len - at, &size))
			return false;
		buf_add(out, body + at, size);
		at += size;
		if (size > 0) {
			if (len - at < 2 || body[at] != '\r' || body[at + 1] != '\n')
				return false;
			at += 2;
		}
	} while (size > 0);
	/* The trailer ends with an empty line; Go's SDK leaves that away where it has no fields. */
	while (at < len) {
		if (!next_line(body, len, &at, &line, &line_len))
			return false;
		read_trailer(line, line_len, crc32_out);
	}
	return true;
}

bool
s3_crc32_fits(const void *body, size_t len, const char *base64)
{
	unsigned char want[CRC32_BYTES];
	char text[CRC32_BASE64 + 1];
	uLong sum = crc32_z(0, body, len);

	for (size_t i = 0; i < CRC32_BYTES; i++)
		want[i] = (unsigned char)(sum >> (24 - 8 * i));
	EVP_EncodeBlock((unsigned char *)text, want, CRC32_BYTES);
	return strcmp(text, base64) == 0;
}
