/* A folder: its own files in the order of their names, bounded in number and in bytes. */
#include "model/objects_reader.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/input.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

#define STAGE "reading"
#define SAID_FILES 8 /* files that cannot be read are named one by one up to here, then counted */

struct folder {
	const char *path;
	char shown[QUOTE_MAX];
	const struct read_options *opt;
	struct objects *out;
	char **names;
	size_t len, cap;
	size_t read_bytes;
	size_t unrelated; /* files that hold nothing of ours */
	size_t unread;
	size_t good;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static status
list_names(struct folder *f, struct error *err)
{
	DIR *dir = opendir(f->path);
	struct dirent *e;

	if (dir == NULL)
		return error_set(err, errno == EMFILE || errno == ENFILE ? ERROR_LOCAL : ERROR_INPUT, STAGE, "%s: %s", f->shown,
		    errno == EACCES ? "permission denied: this user may not list the folder" : strerror(errno));
	while (f->len < LIMIT_FOLDER_NAMES && (e = readdir(dir)) != NULL) {
		if (is_dots(e->d_name) || e->d_type == DT_DIR)
			continue;
		if (f->len == f->cap) {
			f->cap = f->cap == 0 ? 256 : f->cap * 2;
			f->names = mem_grow(f->names, f->cap, sizeof *f->names);
		}
		f->names[f->len++] = mem_strdup(e->d_name);
	}
	closedir(dir);
	if (f->len > 1)
		qsort(f->names, f->len, sizeof *f->names, by_name);
	return STATUS_OK;
}

static void note(struct folder *f, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
note(struct folder *f, const char *fmt, ...)
{
	struct reader r = { .out = f->out, .shown = f->shown };
	char text[480];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	reader_note(&r, "%s", text);
}

/* A file that cannot be opened, or a broken link: said by name, the first few of them. */
static void
say_unread(struct folder *f, const char *why)
{
	f->unread++;
	if (f->unread <= SAID_FILES)
		objects_note(f->out, why);
}

static void
parse_file(struct folder *f, const char *path, const struct input *in)
{
	size_t before = f->out->len;
	struct error err = { 0 };
	status st;

	if (!objects_stand_in((struct text){ in->bytes, in->len })) {
		f->unrelated++;
		return;
	}
	st = objects_parse(in->bytes, in->len, path, f->opt, f->out, &err);
	if (st != STATUS_OK && f->out->len == before)
		say_unread(f, err.text);
	for (size_t i = before; i < f->out->len; i++) {
		f->out->items[i].mode = in->mode;
		f->good += f->out->items[i].kind != OBJECT_DAMAGED;
	}
}

static void
read_file(struct folder *f, const char *name)
{
	size_t len = strlen(f->path), size = len + strlen(name) + 2;
	char *path = mem_alloc(size);
	struct error err = { 0 };
	struct input in = { .len = 0 };
	struct stat sb;

	snprintf(path, size, "%s%s%s", f->path, len > 0 && f->path[len - 1] == '/' ? "" : "/", name);
	if (stat(path, &sb) == 0 && S_ISDIR(sb.st_mode))
		; /* a link to a folder: what lies deeper is not ours to guess */
	else if (input_read(path, LIMIT_INPUT_FILE, &in, &err) != STATUS_OK)
		say_unread(f, err.text);
	else
		parse_file(f, path, &in);
	f->read_bytes += in.len;
	input_free(&in);
	free(path);
}

static void
say_left_out(struct folder *f, size_t done)
{
	if (f->len >= LIMIT_FOLDER_NAMES)
		note(f, "more than %d files; the first %zu were read, the rest was left out", LIMIT_FOLDER_NAMES, done);
	else if (done < f->len)
		note(f, "%zu of its %zu files were left out: at most %d files and %d MiB of one folder are read", f->len - done,
		    f->len, LIMIT_FOLDER_FILES, LIMIT_FOLDER_BYTES / 1024 / 1024);
	if (f->unread > SAID_FILES)
		note(f, "%zu more files could not be read", f->unread - SAID_FILES);
	if (f->unrelated > 0)
		note(f, "%zu file%s no certificate and no key", f->unrelated, f->unrelated == 1 ? " holds" : "s hold");
}

status
folder_read(const char *path, const struct read_options *opt, struct objects *out, struct error *err)
{
	struct folder f = { .path = path, .opt = opt, .out = out };
	size_t done = 0;
	status st = STATUS_FAILED;

	quote_str(path, f.shown);
	if (list_names(&f, err) != STATUS_OK)
		goto out;
	while (done < f.len && done < LIMIT_FOLDER_FILES && f.read_bytes < LIMIT_FOLDER_BYTES && out->len < LIMIT_OBJECTS)
		read_file(&f, f.names[done++]);
	say_left_out(&f, done);
	if (f.good > 0)
		st = STATUS_OK;
	else if (f.len == 0)
		error_set(err, ERROR_INPUT, STAGE, "%s: the folder holds no files", f.shown);
	else
		error_set(err, ERROR_INPUT, STAGE, "%s: none of the %zu files that were read in it holds a certificate or a key",
		    f.shown, done);
out:
	for (size_t i = 0; i < f.len; i++)
		free(f.names[i]);
	free(f.names);
	return st;
}
