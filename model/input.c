#include "model/input.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/quote.h"

#define STAGE "reading"
#define FIRST_READ (64 * 1024)

static bool
is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

char *
input_name(const char *path, char *out)
{
	if (is_stdin(path))
		return quote_str("standard input", out);
	return quote_str(path, out);
}

static const char *
kind_of(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a folder";
	if (S_ISFIFO(mode))
		return "a pipe (FIFO)";
	if (S_ISSOCK(mode))
		return "a socket";
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return "a device";
	return "no regular file";
}

static status
refuse_errno(const char *path, int number, struct error *err)
{
	char shown[QUOTE_MAX];
	const char *why = strerror(number);

	enum error_code code = ERROR_INPUT;

	if (number == EMFILE || number == ENFILE || number == ENOMEM)
		code = ERROR_LOCAL;
	if (number == ENOENT)
		why = "no such file";
	else if (number == EACCES || number == EPERM)
		why = "permission denied: this user may not read it";
	else if (number == ELOOP)
		why = "its symbolic links lead in a circle";
	else if (number == ENOTDIR)
		why = "no such file: a part of its path is no folder";
	return error_set(err, code, STAGE, "%s: %s", input_name(path, shown), why);
}

static status
refuse_kind(const char *path, mode_t mode, struct error *err)
{
	char shown[QUOTE_MAX];

	return error_set(err, ERROR_INPUT, STAGE, "%s: is %s; expected a regular file", input_name(path, shown),
	    kind_of(mode));
}

status
input_open(const char *path, int *fd, unsigned *mode, struct error *err)
{
	struct stat sb;

	*fd = -1;
	if (is_stdin(path)) {
		*fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (*fd < 0)
			return error_set(err, ERROR_INPUT, STAGE, "standard input: is closed");
		if (fstat(*fd, &sb) == 0 && S_ISDIR(sb.st_mode)) {
			close(*fd);
			*fd = -1;
			return refuse_kind(path, sb.st_mode, err);
		}
		if (mode != NULL)
			*mode = 0;
		return STATUS_OK;
	}
	/* Looked at before it is opened: opening a device may already do something. */
	if (stat(path, &sb) != 0)
		return refuse_errno(path, errno, err);
	if (!S_ISREG(sb.st_mode))
		return refuse_kind(path, sb.st_mode, err);
	*fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (*fd < 0)
		return refuse_errno(path, errno, err);
	if (fstat(*fd, &sb) != 0 || !S_ISREG(sb.st_mode)) {
		close(*fd);
		*fd = -1;
		return refuse_kind(path, sb.st_mode, err);
	}
	if (mode != NULL)
		*mode = (unsigned)(sb.st_mode & 07777);
	return STATUS_OK;
}

/* realloc() may leave a copy of a key behind, so growth is by hand. */
static void
grow(struct input *in, size_t *cap, size_t max)
{
	size_t wanted = *cap == 0 ? FIRST_READ : *cap * 2;
	unsigned char *bigger;

	if (wanted > max)
		wanted = max;
	bigger = mem_alloc(wanted);
	if (in->len > 0)
		memcpy(bigger, in->bytes, in->len);
	if (in->bytes != NULL)
		OPENSSL_cleanse(in->bytes, in->len);
	free(in->bytes);
	in->bytes = bigger;
	*cap = wanted;
}

/* Reads to the end or to one byte more than `max`. */
static int
read_all(int fd, size_t max, struct input *in)
{
	size_t cap = 0;
	ssize_t n;

	for (;;) {
		if (in->len == cap) {
			if (cap == max + 1)
				return 0;
			grow(in, &cap, max + 1);
		}
		n = read(fd, in->bytes + in->len, cap - in->len);
		if (n == 0)
			return 0;
		if (n > 0)
			in->len += (size_t)n;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1); /* a standard input that somebody made non-blocking */
		else if (errno != EINTR)
			return errno;
	}
}

status
input_read(const char *path, size_t max, struct input *out, struct error *err)
{
	char shown[QUOTE_MAX];
	int fd = -1, failed;
	status st = STATUS_FAILED;

	*out = (struct input){ .len = 0 };
	if (input_open(path, &fd, &out->mode, err) != STATUS_OK)
		return STATUS_FAILED;
	failed = read_all(fd, max, out);
	if (failed != 0)
		refuse_errno(path, failed, err);
	else if (out->len == 0)
		error_set(err, ERROR_INPUT, STAGE, "%s: is empty", input_name(path, shown));
	else if (out->len > max)
		error_set(err, ERROR_INPUT, STAGE, "%s: is larger than %zu MiB, the most that is read of one file",
		    input_name(path, shown), max / 1024 / 1024);
	else
		st = STATUS_OK;
	close(fd);
	if (st != STATUS_OK)
		input_free(out);
	return st;
}

void
input_free(struct input *in)
{
	if (in->bytes != NULL)
		OPENSSL_cleanse(in->bytes, in->len);
	free(in->bytes);
	*in = (struct input){ .len = 0 };
}
