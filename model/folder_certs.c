#include "model/folder_certs.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/input.h"
#include "model/issuers.h"
#include "model/limits.h"
#include "model/memory.h"

bool
folder_of_file(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL || slash == path ? 1 : (size_t)(slash - path);

	if (len >= size)
		return false;
	memcpy(out, slash == NULL ? "." : path, len);
	out[len] = '\0';
	return true;
}

static void
look_into(const char *path, void (*visit)(void *user, struct cert *c, const char *file), void *user)
{
	struct cert *certs[LIMIT_ISSUERS];
	struct error ignored = { 0 };
	struct input in = { .len = 0 };
	size_t n = 0;

	if (input_read(path, LIMIT_SIBLING_BYTES, &in, &ignored) == STATUS_OK)
		n = issuers_read(in.bytes, in.len, certs, LIMIT_ISSUERS);
	input_free(&in);
	for (size_t i = 0; i < n; i++)
		visit(user, certs[i], path);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
small_file(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size > 0 && sb.st_size <= LIMIT_SIBLING_BYTES;
}

void
folder_certs(const char *folder, void (*visit)(void *user, struct cert *c, const char *file), void *user)
{
	char **names = mem_zero(LIMIT_SIBLING_NAMES, sizeof *names);
	DIR *dir = opendir(folder);
	struct dirent *e;
	size_t len = 0, files = 0;

	while (dir != NULL && len < LIMIT_SIBLING_NAMES && (e = readdir(dir)) != NULL)
		if (e->d_type == DT_REG || e->d_type == DT_LNK || e->d_type == DT_UNKNOWN)
			names[len++] = mem_strdup(e->d_name);
	if (dir != NULL)
		closedir(dir);
	qsort(names, len, sizeof *names, by_name);
	for (size_t i = 0; i < len; i++) {
		struct buf path = { 0 };

		/* As the user would type it. */
		if (strcmp(folder, ".") != 0)
			buf_addf(&path, "%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/");
		buf_adds(&path, names[i]);
		if (files < LIMIT_SIBLINGS && small_file(path.data)) {
			files++;
			look_into(path.data, visit, user);
		}
		buf_done(&path);
		free(names[i]);
	}
	free(names);
}
