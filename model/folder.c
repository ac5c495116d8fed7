#include "model/folder.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/buf.h"
#include "model/limits.h"
#include "model/memory.h"

char *
folder_of_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = mem_strdup(slash == NULL ? "." : path);

	if (slash == path)
		folder[1] = '\0';
	else if (slash != NULL)
		folder[slash - path] = '\0';
	return folder;
}

static bool
is_candidate(const struct folder_look *l, const char *path)
{
	struct stat sb, own;

	if (stat(path, &sb) != 0 || !S_ISREG(sb.st_mode) || sb.st_size == 0 || sb.st_size > LIMIT_SIBLING_BYTES)
		return false;
	for (size_t i = 0; i < sizeof l->skip / sizeof l->skip[0]; i++)
		if (l->skip[i] != NULL && stat(l->skip[i], &own) == 0 && own.st_dev == sb.st_dev && own.st_ino == sb.st_ino)
			return false;
	return true;
}

static void
look_into(struct folder_look *l, const char *path)
{
	struct error ignored = { 0 };
	struct input in = { .len = 0 };

	if (!is_candidate(l, path))
		return;
	l->files++;
	if (input_read(path, LIMIT_SIBLING_BYTES, &in, &ignored) == STATUS_OK)
		l->visit(l->user, path, &in);
	input_free(&in);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
folder_look(struct folder_look *l, const char *folder)
{
	char **names = mem_zero(LIMIT_SIBLING_NAMES, sizeof *names);
	DIR *dir = opendir(folder);
	struct dirent *e;
	size_t len = 0;

	while (dir != NULL && len < LIMIT_SIBLING_NAMES && (e = readdir(dir)) != NULL)
		if (e->d_type == DT_REG || e->d_type == DT_LNK || e->d_type == DT_UNKNOWN)
			names[len++] = mem_strdup(e->d_name);
	if (dir != NULL)
		closedir(dir);
	qsort(names, len, sizeof *names, by_name);
	for (size_t i = 0; i < len; i++) {
		struct buf path = { 0 };

		if (strcmp(folder, ".") != 0)
			buf_addf(&path, "%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/");
		buf_adds(&path, names[i]);
		if (l->files < LIMIT_SIBLINGS)
			look_into(l, path.data);
		buf_done(&path);
		free(names[i]);
	}
	free(names);
}
