/* Writing a file whole or not at all: made beside its place, put on disk, then renamed. May take long: not on the screen's thread. */
#ifndef MODEL_SAVE_H
#define MODEL_SAVE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/error.h"

enum saved { SAVED, SAVED_NOT, SAVED_EXISTS };
/*
 * The file gets 0666 less the umask; *mode (may be NULL) says what that is. `replace` false: a file that is there
 * already stays as it is, SAVED_EXISTS. True: it is replaced, behind a symbolic link too. What is no regular file
 * is never touched. SAVED_NOT: *err says why in one line, and nothing is left behind.
 */
enum saved save_file(const char *path, const void *bytes, size_t len, bool replace, unsigned *mode, struct error *err) MUST_USE;
/* The same for what nobody else is to read: 0600, also where a file of another mode is replaced. */
enum saved save_private_file(const char *path, const void *bytes, size_t len, bool replace, struct error *err) MUST_USE;
/* All of them, however many calls that takes. False and errno: not all. They may not be on the disk yet: fsync(). */
bool write_all(int fd, const void *bytes, size_t len) MUST_USE;

#endif
