/*
 * The members of a JSON object as they stand in its text, so that one value can be replaced and every other byte stays: blanks, order, how
 * numbers and escapes are spelt. Source: RFC 8259. Its text may be a secret: nothing is copied but by json_scan_text().
 */
#ifndef MODEL_JSON_SCAN_H
#define MODEL_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "model/buf.h"

enum { JSON_SCAN_DEPTH = 32, JSON_SCAN_MEMBERS = 256 };

/* Offsets into the text. A string's range has its quotes. */
struct json_member {
	size_t name, name_len, value, value_len;
	bool is_string;
};
struct json_members {
	struct json_member items[JSON_SCAN_MEMBERS];
	size_t len;
	size_t bad; /* where it is no JSON any more: a byte's offset */
};
/* False: it is no JSON object (bad says where), or a larger or deeper one than ours. */
bool json_scan(const char *text, size_t len, struct json_members *out);
/* The text of a string with its quotes (name or value); \u beyond ASCII becomes UTF-8. */
void json_scan_text(const char *quoted, size_t len, struct buf *out);
/* A string with its quotes. */
void json_scan_quote(const char *text, size_t len, struct buf *out);

#endif
