#include "fixes/placed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "model/input.h"
#include "model/quote.h"
#include "model/save.h"
#include "model/times.h"

#define STAGE "writing"
enum {
	FILE_MOST = 16 << 20,    /* a trust bundle of everybody's roots is a quarter of a MiB */
	NAMES_TRIED = 100,
	ACL_MOST = 4096,         /* five hundred entries; ext4 and XFS keep fewer */
	FOR_NOBODY_ELSE = 07770  /* of a secret file others may nothing */
};
#define ACL "system.posix_acl_access"

static status
failed(const char *path, const char *why, struct error *err)
{
	char shown[QUOTE_MAX];

	return error_set(err, errno == ENOSPC || errno == EIO || errno == EDQUOT ? ERROR_LOCAL : ERROR_INPUT, STAGE, "%s: %s",
	    quote_str(path, shown), why);
}

const char *
file_sha256(const char *path, struct arena *a)
{
	struct input in = { .bytes = NULL };
	struct error unimportant = { .code = ERROR_NONE };
	struct fingerprint print;
	char hex[SHA256_HEX];
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0) {
		fingerprint_of((const unsigned char *)"", 0, &print);
		return arena_strdup(a, fingerprint_hex(&print, hex));
	}
	if (input_read(path, FILE_MOST, &in, &unimportant) != STATUS_OK)
		return NULL;
	fingerprint_of(in.bytes, in.len, &print);
	input_free(&in);
	return arena_strdup(a, fingerprint_hex(&print, hex));
}

/* The folder is there and may be written to: asked before anything is issued for what lies in it. */
static status
look_at_folder(const char *path, struct arena *a, const char **real, struct error *err)
{
	char *copy = arena_strdup(a, path), *name = arena_strdup(a, path), found[PATH_MAX];
	const char *folder = dirname(copy);

	if (realpath(folder, found) == NULL)
		return failed(folder, strerror(errno), err);
	if (access(found, W_OK | X_OK) != 0)
		return failed(folder, "no permission to write into this folder", err);
	*real = arena_printf(a, "%s/%s", strcmp(found, "/") == 0 ? "" : found, basename(name));
	return STATUS_OK;
}

/* Second names that nobody has: "tls.crt.old-20261130T020905Z". */
static const char *
old_name(const char *path, int64_t stamp, struct arena *a)
{
	char time[TIME_TEXT_MAX], flat[TIME_TEXT_MAX];
	size_t n = 0;

	time_rfc3339(stamp, time);
	for (const char *p = time; *p != '\0'; p++) {
		if (*p != '-' && *p != ':')
			flat[n++] = *p;
	}
	flat[n] = '\0';
	for (int i = 1; i <= NAMES_TRIED; i++) {
		const char *name = i == 1 ? arena_printf(a, "%s.old-%s", path, flat) : arena_printf(a, "%s.old-%s-%d", path, flat, i);
		struct stat st;

		if (lstat(name, &st) != 0 && errno == ENOENT)
			return name;
	}
	return NULL;
}

/*
 * A new file in the place of somebody else's: who may not give files away can only keep its group, and who read it as its owner could not any
 * more. Asked before anything is issued for it.
 */
static status
look_at_owner(const char *path, const struct stat *st, unsigned mode, struct error *err)
{
	char shown[QUOTE_MAX];

	if (geteuid() == 0 || st->st_uid == geteuid() || ((mode & 0044) != 0 && (st->st_gid == getegid() || group_member(st->st_gid))))
		return STATUS_OK;
	return error_set(err, ERROR_INPUT, STAGE, "%s belongs to another user (uid %ld), and what is put in its place would not: run this as that user, or as root",
	    quote_str(path, shown), (long)st->st_uid);
}

/* A container's single file: nothing can be renamed over it, which must not come out when the certificate has been issued. */
static bool
is_mounted_by_itself(const char *path)
{
	struct statx sx;

	return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &sx) == 0 && (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

status
placed_file_look(const char *path, bool secret, int64_t stamp, const char *tag, struct arena *a, struct placed_file *out, struct error *err)
{
	char real[PATH_MAX];
	struct stat st;

	*out = (struct placed_file){ .mode = secret ? 0600 : 0644, .uid = (uid_t)-1, .gid = (gid_t)-1 };
	if (realpath(path, real) != NULL)
		out->path = arena_strdup(a, real);
	else if (errno != ENOENT)
		return failed(path, strerror(errno), err);
	if (look_at_folder(out->path != NULL ? out->path : path, a, &out->path, err) != STATUS_OK)
		return STATUS_FAILED;
	out->staged = arena_printf(a, "%s.new-%.8s", out->path, tag);
	if (lstat(out->path, &st) != 0)
		return errno == ENOENT ? STATUS_OK : failed(out->path, strerror(errno), err);
	if (!S_ISREG(st.st_mode))
		return failed(out->path, "is no regular file", err);
	if (is_mounted_by_itself(out->path))
		return failed(out->path, "this file is mounted by itself, as into a container, and cannot be replaced here: mount its folder, or write it where it comes from", err);
	out->was_there = true;
	out->mode = (unsigned)st.st_mode & 07777 & (secret ? FOR_NOBODY_ELSE : 07777);
	out->uid = st.st_uid;
	out->gid = st.st_gid;
	if (look_at_owner(out->path, &st, out->mode, err) != STATUS_OK)
		return STATUS_FAILED;
	out->before = file_sha256(out->path, a);
	if (out->before == NULL)
		return failed(out->path, "cannot be read, so it could not be put back", err);
	out->kept = old_name(out->path, stamp, a);
	return out->kept != NULL ? STATUS_OK : failed(out->path, "too many old ones of the same second", err);
}

/*
 * The old one's access list (ACL), by which a service may read a key whose group is none of its own. The new one has none but that: what it inherits from
 * its folder is for files that are new. Before its mode is set: the mode of a file with a list is the list's mask.
 */
static bool
give_access_list(const struct placed_file *f, int fd)
{
	char list[ACL_MOST];
	ssize_t len = getxattr(f->path, ACL, list, sizeof list);

	if (len >= 0)
		return fsetxattr(fd, ACL, list, (size_t)len, 0) == 0;
	if (errno == ENOENT) /* there was no old one */
		return true;
	return (errno == ENODATA || errno == ENOTSUP) && (fremovexattr(fd, ACL) == 0 || errno == ENODATA || errno == ENOTSUP);
}

status
placed_file_stage(struct placed_file *f, const void *bytes, size_t len, struct arena *a, struct error *err)
{
	struct fingerprint print;
	char hex[SHA256_HEX];
	int fd;

	fingerprint_of(bytes, len, &print);
	f->after = arena_strdup(a, fingerprint_hex(&print, hex));
	unlink(f->staged); /* of a run that was cut off: it may be half of it */
	fd = open(f->staged, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return failed(f->staged, strerror(errno), err);
	/* The owner first: giving a file away takes set-id bits off its mode. Who may not give it away keeps it, and the service reads it by its group. */
	if ((f->uid != (uid_t)-1 && fchown(fd, f->uid, f->gid) != 0 && fchown(fd, (uid_t)-1, f->gid) != 0 && f->uid != geteuid()) ||
	    !give_access_list(f, fd) || fchmod(fd, (mode_t)f->mode) != 0 || !write_all(fd, bytes, len) || fsync(fd) != 0) {
		int why = errno;

		close(fd);
		unlink(f->staged);
		errno = why;
		return failed(f->staged, strerror(why), err);
	}
	return close(fd) == 0 ? STATUS_OK : failed(f->staged, strerror(errno), err);
}

static void
sync_folder(const char *path)
{
	char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)(fsync(fd) == 0); /* some file systems cannot; the files themselves are on disk */
		close(fd);
	}
	free(copy);
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* A second name for the old one, so that it stays in place until the new one is renamed over it; a copy where there are no hard links. */
static status
keep(const struct placed_file *f, struct arena *a, struct error *err)
{
	struct input in = { .bytes = NULL };
	struct placed_file copy = { .path = f->path, .staged = f->kept, .mode = f->mode, .uid = f->uid, .gid = f->gid };
	status result;

	if (link(f->path, f->kept) == 0 || (errno == EEXIST && same(file_sha256(f->kept, a), f->before)))
		return STATUS_OK;
	if (errno == EEXIST)
		return failed(f->kept, "somebody else's file has this name", err);
	result = input_read(f->path, FILE_MOST, &in, err);
	if (result == STATUS_OK)
		result = placed_file_stage(&copy, in.bytes, in.len, a, err);
	input_free(&in);
	return result;
}

static status
changed_since(const struct placed_file *f, const char *when, struct error *err)
{
	char shown[QUOTE_MAX], old[QUOTE_MAX];

	if (f->kept != NULL && access(f->kept, F_OK) == 0)
		return error_set(err, ERROR_NOT_DONE, STAGE, "%s has been changed by somebody else %s; it stays as it is. What was there before is %s",
		    quote_str(f->path, shown), when, quote_str(f->kept, old));
	return error_set(err, ERROR_NOT_DONE, STAGE, "%s has been changed by somebody else %s; it stays as it is", quote_str(f->path, shown), when);
}

status
placed_file_keep(const struct placed_file *f, struct error *err)
{
	struct arena *a = arena_new();
	const char *now = file_sha256(f->path, a);
	status result = STATUS_OK;

	if (same(now, f->after)) {
		/* Nothing to do: the same bytes, or the rename was the last thing that a killed run did. */
		unlink(f->staged);
	} else if (f->was_there ? !same(now, f->before) : now != NULL || access(f->path, F_OK) == 0) {
		unlink(f->staged);
		result = changed_since(f, "since the plan looked at it", err);
	} else if (f->was_there) {
		result = keep(f, a, err);
	}
	arena_free(a);
	return result;
}

status
placed_file_swap(const struct placed_file *f, struct error *err)
{
	char shown[QUOTE_MAX];
	struct arena *a;
	status result = STATUS_OK;

	if (rename(f->staged, f->path) == 0)
		return STATUS_OK;
	if (errno != ENOENT)
		return failed(f->path, strerror(errno), err);
	/* Not there: placed_file_keep() saw that the new one is in its place already, or somebody has tidied up. */
	a = arena_new();
	if (!same(file_sha256(f->path, a), f->after))
		result = error_set(err, ERROR_NOT_DONE, STAGE, "%s, the new file, has been removed by somebody else", quote_str(f->staged, shown));
	arena_free(a);
	return result;
}

void
placed_file_sync(const struct placed_file *f)
{
	sync_folder(f->path);
}

/* What is there now is the old one, the new one, or nothing: only so is it ours to put back. */
static status
may_go_back(const struct placed_file *f, const char *now, struct arena *a, struct error *err)
{
	if (same(now, f->before))
		return STATUS_OK; /* never replaced; or put back already */
	if (now != NULL && !same(now, f->after))
		return changed_since(f, "since", err);
	if (f->was_there && !same(file_sha256(f->kept, a), f->before))
		return failed(f->kept, "the old file is not there any more, or not what it was", err);
	return STATUS_OK;
}

status
placed_file_may_go_back(const struct placed_file *f, struct error *err)
{
	struct arena *a = arena_new();
	status result = may_go_back(f, file_sha256(f->path, a), a, err);

	arena_free(a);
	return result;
}

static status
move_back(const struct placed_file *f, const char *now, struct error *err)
{
	if (f->was_there)
		return rename(f->kept, f->path) == 0 ? STATUS_OK : failed(f->path, strerror(errno), err);
	return now == NULL || unlink(f->path) == 0 ? STATUS_OK : failed(f->path, strerror(errno), err);
}

/* The second name of a file that is in its place. */
static void
forget_kept(const struct placed_file *f, struct arena *a)
{
	if (f->kept != NULL && same(file_sha256(f->kept, a), f->before))
		unlink(f->kept);
}

status
placed_file_put_back(const struct placed_file *f, struct error *err)
{
	struct arena *a = arena_new();
	const char *now = file_sha256(f->path, a);
	status result;

	unlink(f->staged);
	result = may_go_back(f, now, a, err);
	if (result == STATUS_OK && same(now, f->before))
		forget_kept(f, a);
	else if (result == STATUS_OK)
		result = move_back(f, now, err);
	arena_free(a);
	return result;
}

bool
placed_file_drop(const struct placed_file *f)
{
	struct arena *a = arena_new();
	const char *now = file_sha256(f->path, a);
	bool is_old = f->was_there ? same(now, f->before) : now == NULL;

	unlink(f->staged);
	if (f->was_there && is_old)
		forget_kept(f, a);
	arena_free(a);
	return is_old;
}
