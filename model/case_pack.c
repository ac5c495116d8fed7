/* A case in gzip (RFC 1952): one member, nothing after it. What unpacks to more than is allowed is given up on the way. */
#include "model/case_parts.h"

#include <string.h>
#include <zlib.h>

#include "model/limits.h"

#define STAGE "case"
enum {
	PACKED_FROM = 32 * 1024, /* bytes of JSON: what is smaller can be read with any editor */
	WITH_GZIP = 16,          /* added to zlib's window bits: gzip's header and check */
	PIECE = 64 * 1024
};

status
case_pack(const struct buf *json, struct buf *out, struct error *err)
{
	z_stream z = { .next_in = (unsigned char *)json->data, .avail_in = (unsigned)json->len };
	unsigned char piece[PIECE];
	int result = Z_OK;

	if (json->len > LIMIT_CASE_UNPACKED)
		return error_set(err, ERROR_INPUT, STAGE, "the case would have %zu MiB; at most %d are read", json->len >> 20,
		    LIMIT_CASE_UNPACKED >> 20);
	if (json->len < PACKED_FROM) {
		buf_add(out, json->data, json->len);
		return STATUS_OK;
	}
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + WITH_GZIP, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return error_set(err, ERROR_LOCAL, STAGE, "zlib cannot be used");
	while (result == Z_OK) {
		z.next_out = piece;
		z.avail_out = sizeof piece;
		result = deflate(&z, Z_FINISH);
		buf_add(out, piece, sizeof piece - z.avail_out);
	}
	deflateEnd(&z);
	if (result != Z_STREAM_END)
		return error_set(err, ERROR_INTERNAL, STAGE, "zlib failed to pack the case");
	if (out->len > LIMIT_CASE_FILE)
		return error_set(err, ERROR_INPUT, STAGE, "the case would have %zu MiB when packed; at most %d are read", out->len >> 20,
		    LIMIT_CASE_FILE >> 20);
	return STATUS_OK;
}

bool
case_is_packed(const unsigned char *bytes, size_t len)
{
	return len >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

void
case_peek(const unsigned char *bytes, size_t len, struct buf *out)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (unsigned)len };
	unsigned char piece[512];

	if (inflateInit2(&z, MAX_WBITS + WITH_GZIP) != Z_OK)
		return;
	z.next_out = piece;
	z.avail_out = sizeof piece;
	(void)inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	buf_add(out, piece, sizeof piece - z.avail_out);
}

static bool
unpacked(struct case_reader *r, const z_stream *z, int result, size_t len, size_t most, const struct buf *out)
{
	if (out->len > most)
		return get_refuse(r, "unpacks to more than %zu MiB, the most that is read", most >> 20);
	if (result == Z_STREAM_END && z->avail_in > 0)
		return get_refuse(r, "byte %zu: %u bytes follow the end of the gzip data", len - z->avail_in, z->avail_in);
	if (result == Z_STREAM_END)
		return true;
	if (result == Z_BUF_ERROR || result == Z_OK)
		return get_refuse(r, "byte %zu: the gzip data end too early: the file was cut", len);
	return get_refuse(r, "byte %zu: the gzip data are damaged (%s)", len - z->avail_in, z->msg != NULL ? z->msg : "no reason given");
}

bool
case_unpack(struct case_reader *r, const unsigned char *bytes, size_t len, size_t most, struct buf *out)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (unsigned)len };
	unsigned char piece[PIECE];
	int result = Z_OK;

	if (inflateInit2(&z, MAX_WBITS + WITH_GZIP) != Z_OK)
		return get_refuse(r, "zlib cannot be used");
	while (result == Z_OK && out->len <= most) {
		z.next_out = piece;
		z.avail_out = sizeof piece;
		result = inflate(&z, Z_NO_FLUSH);
		buf_add(out, piece, sizeof piece - z.avail_out);
	}
	inflateEnd(&z);
	return unpacked(r, &z, result, len, most, out);
}
