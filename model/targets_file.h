/*
 * --targets FILE: a target a line, then identity=NAME servername=NAME path=/x group=G; # comments,
 * empty lines. "-" is standard input. Every fault is ERROR_INPUT with file and line.
 */
#ifndef MODEL_TARGETS_FILE_H
#define MODEL_TARGETS_FILE_H

#include <stddef.h>

#include "model/error.h"
#include "model/target.h"

struct targets {
	struct target *items;
	size_t len, cap;
};

/* Appends to *out, which starts zeroed. Where it fails, what was appended before stays. */
status targets_read(const char *path, struct targets *out, struct error *err) MUST_USE;
/* Takes the target over. */
void targets_add(struct targets *out, struct target *t);
void targets_done(struct targets *t);

#endif
