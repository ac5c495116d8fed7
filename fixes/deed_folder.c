/* make-folder: {"path"}, absolute: made where it is missing (its parents are not), and files can be written into it. Undone where it is empty. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "model/quote.h"

static status
failed(const char *path, const char *why, struct error *err)
{
	char shown[QUOTE_MAX];

	return error_set(err, errno == ENOSPC || errno == EIO || errno == EDQUOT ? ERROR_LOCAL : ERROR_INPUT, "writing", "%s: %s", quote_str(path, shown), why);
}

static status
look(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *path = step_arg(s, "path");
	struct stat st;

	(void)p;
	if (path == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "a folder without a path");
	if (stat(path, &st) != 0 && errno != ENOENT)
		return failed(path, strerror(errno), err);
	cJSON_AddBoolToObject(s->before, "was_there", stat(path, &st) == 0);
	return STATUS_OK;
}

static status
make(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *path = step_arg(s, "path");
	struct stat st;

	(void)p;
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return failed(path, strerror(errno), err);
	if (stat(path, &st) != 0)
		return failed(path, strerror(errno), err);
	if (!S_ISDIR(st.st_mode))
		return failed(path, "is no folder", err);
	return access(path, W_OK | X_OK) == 0 ? STATUS_OK : failed(path, "no permission to write into this folder", err);
}

/* What somebody else has put into it since stays, and so does the folder. */
static status
take_away(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *path = step_arg(s, "path");

	(void)p;
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(s->before, "was_there")) || rmdir(path) == 0)
		return STATUS_OK;
	return errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ? STATUS_OK : failed(path, strerror(errno), err);
}

const struct deed deed_make_folder = {
	.name = "make-folder",
	.look = look,
	.apply = make,
	.undo = take_away,
	.back_on_failure = true,
};
