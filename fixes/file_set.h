/*
 * Several files that belong together, into one folder: all are written beside their places and put on disk first, then each
 * is renamed over the old one, of which a copy is kept. Never is one of them missing or half written; for the moment of a
 * few renames old and new stand side by side.
 */
#ifndef FIXES_FILE_SET_H
#define FIXES_FILE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/memory.h"

struct set_file {
	const char *name;     /* "cert.pem" */
	bool secret;          /* 0600, else 0666 less the umask */
	char *staged;         /* where it lies until it is placed; NULL: not staged */
	const char *path;     /* where it is placed: "DIR/cert.pem" */
	const char *kept;     /* the old one's new name; NULL: there was none, or it was the same */
	bool placed;
};

struct file_set {
	const char *dir;      /* made where it is missing (its parents are not) */
	char tag[24];         /* of the staged names; unique a run */
	struct set_file files[8];
	size_t len;
	struct arena *arena;  /* borrowed */
};

void file_set_init(struct file_set *f, const char *dir, const char *tag, struct arena *a);
/* Writes one beside its place and puts it on disk. A failure leaves nothing of it behind. */
status file_set_stage(struct file_set *f, const char *name, const void *bytes, size_t len, bool secret, struct error *err) MUST_USE;
/* Puts all that are staged into their places; stamp (seconds) is in the names of the old ones. */
status file_set_place(struct file_set *f, int64_t stamp, struct error *err) MUST_USE;
/* Removes what is staged and not placed. */
void file_set_drop(struct file_set *f);

#endif
