/*
 * The shared files' syntax: what Python's configparser takes (no interpolation, strict), and botocore's one level of nested
 * keys. All strings lie in the file's own bytes, so that one sweep clears them.
 */
#ifndef AWS_INI_H
#define AWS_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/error.h"

struct ini_section {
	const char *name;     /* between the brackets, as it stands */
	size_t line;
};

struct ini_entry {
	size_t section;       /* index; INI_DEFAULTS: of [DEFAULT], which every section has */
	const char *key;      /* lower case */
	const char *sub;      /* of a nested block, as it stands; NULL: none */
	const char *value;    /* lines joined with \n; "" is legal */
	size_t line;
};

#define INI_DEFAULTS ((size_t)-1)

struct ini {
	char *text;           /* what the strings lie in */
	size_t text_len;
	struct ini_section *sections; /* as they stand in the file */
	size_t sections_len, sections_cap;
	struct ini_entry *entries;    /* sorted */
	size_t entries_len, entries_cap;
};

/* name: for messages, printable. Messages hold a line's number, never its text, which may be a secret. AWS_LOCAL. */
status ini_read(const char *name, const void *text, size_t len, struct ini *out, struct aws_error *err) MUST_USE;
void ini_done(struct ini *ini); /* clears it */

/* "endpoint_url", or "acm_pca.endpoint_url" for a nested one; [DEFAULT]'s where the section has none. NULL: not set. */
const char *ini_get(const struct ini *ini, size_t section, const char *key);
/* Whether the section, or [DEFAULT], has the key's first part at all, with a value or with a nested block. */
bool ini_has(const struct ini *ini, size_t section, const char *key);

#endif
