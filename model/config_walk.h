/*
 * The configuration file event by event, with libyaml, beside the schema that libcyaml loads it with:
 * where libcyaml refuses a file or passes something over, this says which line and what was expected.
 */
#ifndef MODEL_CONFIG_WALK_H
#define MODEL_CONFIG_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "model/error.h"

struct config_text {
	const char *file; /* printable */
	const unsigned char *bytes;
	size_t len;
};

/* The byte of the n-th character: libyaml counts characters, and leaves a byte order mark out. */
size_t config_text_byte(const struct config_text *t, size_t character);
/* The first thing that is no YAML or not of the schema: ERROR_INPUT with its line. */
status config_walk_check(const struct config_text *t, struct error *err) MUST_USE;
/* May the file hold what libcyaml passes over in silence: a second document, a tag, a NUL? */
bool config_walk_needed(const struct config_text *t);
/* See config_line(). key may be a path: "renew.before_days". */
size_t config_walk_find(const struct config_text *t, const char *section, size_t index, const char *key);

#endif
