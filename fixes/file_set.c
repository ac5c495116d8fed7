#include "fixes/file_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/quote.h"
#include "model/save.h"
#include "model/times.h"

enum { NAMES_TRIED = 100 };
#define STAGE "writing"

void
file_set_init(struct file_set *f, const char *dir, const char *tag, struct arena *a)
{
	*f = (struct file_set){ .dir = arena_strdup(a, dir), .arena = a };
	snprintf(f->tag, sizeof f->tag, "%.8s", tag);
}

static status
failed(const char *path, const char *why, struct error *err)
{
	char shown[QUOTE_MAX];

	return error_set(err, errno == ENOSPC || errno == EIO || errno == EDQUOT ? ERROR_LOCAL : ERROR_INPUT, STAGE, "%s: %s",
	    quote_str(path, shown), why);
}

static status
make_folder(const char *dir, struct error *err)
{
	struct stat st;

	if (mkdir(dir, 0777) == 0)
		return STATUS_OK;
	if (errno != EEXIST)
		return failed(dir, strerror(errno), err);
	if (stat(dir, &st) != 0)
		return failed(dir, strerror(errno), err);
	return S_ISDIR(st.st_mode) ? STATUS_OK : failed(dir, "is no folder", err);
}

status
file_set_stage(struct file_set *f, const char *name, const void *bytes, size_t len, bool secret, struct error *err)
{
	bool here = strcmp(f->dir, ".") == 0;
	struct set_file *file;
	enum saved saved;

	if (f->len >= sizeof f->files / sizeof f->files[0])
		return error_set(err, ERROR_INTERNAL, STAGE, "too many files in one set");
	if (make_folder(f->dir, err) != STATUS_OK)
		return STATUS_FAILED;
	file = &f->files[f->len];
	*file = (struct set_file){ .name = name, .secret = secret };
	file->path = here ? arena_strdup(f->arena, name) : arena_printf(f->arena, "%s/%s", f->dir, name);
	file->staged = arena_printf(f->arena, "%s.new-%s", file->path, f->tag);
	saved = secret ? save_private_file(file->staged, bytes, len, true, err) : save_file(file->staged, bytes, len, true, NULL, err);
	if (saved != SAVED)
		return STATUS_FAILED;
	f->len++;
	return STATUS_OK;
}

/* Both are there and hold the same bytes: then the old one need not be kept. */
static bool
same_bytes(const char *a, const char *b)
{
	struct stat x, y;
	char one[4096], other[4096];
	bool same = stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_size == y.st_size;
	int fa = same ? open(a, O_RDONLY | O_CLOEXEC) : -1, fb = same ? open(b, O_RDONLY | O_CLOEXEC) : -1;

	same = fa >= 0 && fb >= 0;
	while (same) {
		ssize_t n = read(fa, one, sizeof one), m = read(fb, other, sizeof other);

		same = n >= 0 && n == m && memcmp(one, other, (size_t)n) == 0;
		if (n <= 0)
			break;
	}
	explicit_bzero(one, sizeof one);
	explicit_bzero(other, sizeof other);
	if (fa >= 0)
		close(fa);
	if (fb >= 0)
		close(fb);
	return same;
}

/* Gives the old file a second name, so that it stays in place until the new one is renamed over it. */
static status
keep_old(struct file_set *f, struct set_file *file, int64_t stamp, struct error *err)
{
	char time[TIME_TEXT_MAX], flat[TIME_TEXT_MAX];
	struct stat st;
	size_t n = 0;

	if (lstat(file->path, &st) != 0)
		return errno == ENOENT ? STATUS_OK : failed(file->path, strerror(errno), err);
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return failed(file->path, "is no regular file", err);
	if (same_bytes(file->path, file->staged))
		return STATUS_OK;
	time_rfc3339(stamp, time);
	for (const char *p = time; *p != '\0'; p++) {
		if (*p != '-' && *p != ':')
			flat[n++] = *p;
	}
	flat[n] = '\0';
	for (int i = 1; i <= NAMES_TRIED; i++) {
		const char *kept = i == 1 ? arena_printf(f->arena, "%s.old-%s", file->path, flat)
		                          : arena_printf(f->arena, "%s.old-%s-%d", file->path, flat, i);

		if (link(file->path, kept) == 0) {
			file->kept = kept;
			return STATUS_OK;
		}
		if (errno == EEXIST)
			continue;
		/* A file system without hard links (or a link to another one): for a moment the place is empty. */
		if (access(kept, F_OK) == 0 || rename(file->path, kept) != 0)
			return failed(kept, strerror(errno), err);
		file->kept = kept;
		return STATUS_OK;
	}
	return failed(file->path, "too many old ones of the same second", err);
}

status
file_set_place(struct file_set *f, int64_t stamp, struct error *err)
{
	int fd;

	for (size_t i = 0; i < f->len; i++) {
		if (!f->files[i].placed && keep_old(f, &f->files[i], stamp, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	for (size_t i = 0; i < f->len; i++) {
		struct set_file *file = &f->files[i];

		if (file->placed)
			continue;
		if (rename(file->staged, file->path) != 0)
			return failed(file->path, strerror(errno), err);
		file->placed = true;
	}
	fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)(fsync(fd) == 0); /* some file systems cannot; the files themselves are on disk */
		close(fd);
	}
	return STATUS_OK;
}

void
file_set_drop(struct file_set *f)
{
	for (size_t i = 0; i < f->len; i++) {
		if (!f->files[i].placed && f->files[i].staged != NULL)
			unlink(f->files[i].staged);
	}
}
