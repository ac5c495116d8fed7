/* The small files beside a file: the other half of a key, or what is missing from a chain, is often in the same folder. */
#ifndef MODEL_FOLDER_H
#define MODEL_FOLDER_H

#include <stddef.h>

#include "model/input.h"

struct folder_look {
	const char *skip[2]; /* files that are not looked at, whatever their name here is; or NULL */
	size_t files;        /* looked at so far: LIMIT_SIBLINGS in all, over more folders too */
	void (*visit)(void *user, const char *path, const struct input *in);
	void *user;
};

/*
 * Every regular file of at most LIMIT_SIBLING_BYTES that can be read, in the order of their names; not further down.
 * Paths are as the user would type them: beside “order.crt” it is “other.key”, not “./other.key”. What was read is cleared.
 */
void folder_look(struct folder_look *l, const char *folder);

/* "a/b.key" → "a", "b.key" → ".". The caller's. */
char *folder_of_file(const char *path);

#endif
