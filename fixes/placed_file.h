/*
 * One file that is replaced and can be put back: written beside its place, put on disk, the old one kept under a second name,
 * then renamed over it. What is there at any moment is the old one or the new one, whole. Undone by renaming the old one
 * back, which keeps its owner, mode and times. Each function may be cut off anywhere and run again.
 */
#ifndef FIXES_PLACED_FILE_H
#define FIXES_PLACED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/cert.h"
#include "model/error.h"
#include "model/memory.h"

/* Made by placed_file_look(), and recorded; strings in the caller's arena. */
struct placed_file {
	const char *path;        /* absolute, behind symbolic links */
	bool was_there;
	const char *before;      /* hex SHA-256 of the old one; NULL: there was none */
	const char *after;       /* of the new one; NULL: not known yet */
	unsigned mode;           /* that the new one gets */
	uid_t uid;               /* likewise: the old one's owner, where we may give it */
	gid_t gid;
	const char *kept, *staged; /* the names beside it */
};

/*
 * What is there now, and the names that its old and new one will have. stamp: seconds since the epoch; tag: unique a plan.
 * secret: a new file gets 0600, an old one keeps its owner and group and what they may, and others may nothing. Else a new one gets
 * 0644. ERROR_INPUT: a folder, a device, a mount of its own, no such folder, no right to write there.
 */
status placed_file_look(const char *path, bool secret, int64_t stamp, const char *tag, struct arena *a, struct placed_file *out, struct error *err) MUST_USE;
/* Writes it beside its place, and on disk. f->after is known then. */
status placed_file_stage(struct placed_file *f, const void *bytes, size_t len, struct arena *a, struct error *err) MUST_USE;
/*
 * Three more moves, each for all files that belong together before the next: the old one gets its second name; the new one is renamed over it, so
 * that certificate and key differ for the moment of two renames alone; the folder is put on disk. ERROR_NOT_DONE of the first: what is there
 * is neither the old one nor the new one, somebody else changed it in the meantime.
 */
status placed_file_keep(const struct placed_file *f, struct error *err) MUST_USE;
status placed_file_swap(const struct placed_file *f, struct error *err) MUST_USE;
void placed_file_sync(const struct placed_file *f);
/*
 * The old one again. ERROR_NOT_DONE: somebody has changed it since; then nothing is touched. placed_file_may_go_back() says so beforehand: of files
 * that belong together none goes back where one cannot, for an old key beside somebody's new certificate is worse than either.
 */
status placed_file_may_go_back(const struct placed_file *f, struct error *err) MUST_USE;
status placed_file_put_back(const struct placed_file *f, struct error *err) MUST_USE;
/* It was never replaced: what lies beside it goes. False: what is in its place is not the old one, somebody else changed it; it stays. */
bool placed_file_drop(const struct placed_file *f);
/* Hex SHA-256 of a file; NULL: there is none, or it cannot be read. */
const char *file_sha256(const char *path, struct arena *a);

#endif
