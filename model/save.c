#include "model/save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/buf.h"
#include "model/quote.h"

enum { NAMES_TRIED = 16 };
#define STAGE "writing"

static enum saved
failed(struct error *err, const char *path, const char *why)
{
	char shown[QUOTE_MAX];

	(void)error_set(err, errno == ENOSPC || errno == EIO || errno == EDQUOT ? ERROR_LOCAL : ERROR_INPUT, STAGE, "%s: %s",
	    quote_str(path, shown), why != NULL ? why : strerror(errno));
	return SAVED_NOT;
}

/* A new file beside `path`; its name into `name`. -1 and errno where there can be none. */
static int
make_beside(const char *path, mode_t wanted, struct buf *name)
{
	int fd = -1;

	for (int i = 0; i < NAMES_TRIED && fd < 0; i++) {
		buf_reset(name);
		buf_addf(name, "%s.%ld-%d.new", path, (long)getpid(), i);
		fd = open(name->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, wanted);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

bool
write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
is_on_disk(int fd)
{
	return fsync(fd) == 0 || errno == EINVAL; /* EINVAL: a file system that has nothing to put on a disk */
}

/* Gives it its name. Where the kernel cannot refuse an existing one (old ones, some file systems), we look first. */
static bool
put_in_place(const char *from, const char *to, bool replace)
{
	if (replace)
		return rename(from, to) == 0;
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	if (access(to, F_OK) == 0) {
		errno = EEXIST;
		return false;
	}
	return rename(from, to) == 0;
}

/* Its name too: a key whose certificate is asked for next must be there after a power cut. */
static void
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL ? mem_strdup(".") : mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)(fsync(fd) == 0); /* some file systems cannot; the file itself is on disk */
		close(fd);
	}
	free(folder);
}

static enum saved
save(const char *path, const void *bytes, size_t len, bool replace, mode_t wanted, unsigned *mode, struct error *err)
{
	struct buf beside = { 0 };
	struct stat st = { 0 };
	enum saved result = SAVED;
	int fd = make_beside(path, wanted, &beside);
	bool ok = fd >= 0 && write_all(fd, bytes, len) && is_on_disk(fd) && fstat(fd, &st) == 0;

	if (fd >= 0 && close(fd) != 0)
		ok = false;
	if (mode != NULL)
		*mode = (unsigned)(st.st_mode & 07777);
	if (!ok || !put_in_place(beside.data, path, replace)) {
		result = ok && errno == EEXIST ? SAVED_EXISTS : failed(err, path, NULL);
		if (fd >= 0)
			unlink(beside.data);
	} else {
		sync_folder(path);
	}
	buf_done(&beside);
	return result;
}

static enum saved
save_at(const char *path, const void *bytes, size_t len, bool replace, mode_t wanted, unsigned *mode, struct error *err)
{
	struct stat st;
	char *real;
	enum saved result;

	if (path[0] == '\0')
		return failed(err, "“”", "a file's name is expected");
	if (stat(path, &st) != 0)
		return errno == ENOENT ? save(path, bytes, len, replace, wanted, mode, err) : failed(err, path, NULL);
	if (S_ISDIR(st.st_mode))
		return failed(err, path, "is a folder; expected a file's name");
	if (!S_ISREG(st.st_mode))
		return failed(err, path, "is no regular file");
	if (!replace)
		return SAVED_EXISTS;
	real = realpath(path, NULL); /* the link stays, what it leads to is replaced */
	if (real == NULL)
		return failed(err, path, NULL);
	result = save(real, bytes, len, true, wanted, mode, err);
	free(real);
	return result;
}

enum saved
save_file(const char *path, const void *bytes, size_t len, bool replace, unsigned *mode, struct error *err)
{
	return save_at(path, bytes, len, replace, 0666, mode, err);
}

enum saved
save_private_file(const char *path, const void *bytes, size_t len, bool replace, struct error *err)
{
	return save_at(path, bytes, len, replace, 0600, NULL, err);
}
