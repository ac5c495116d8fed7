/*
 * Deeds on files of this machine.
 *
 * write-files: {"files": [{"path", "secret", "was", "parts": [PART…]}…]}, all staged first, then placed one after the other. was: hex
 *   SHA-256 that the file must have still, where its new text was made out of it; left out: any. A PART is
 *   {"text": "…"}, {"value": "client.fullchain"} (the plan's values), {"private": "client.key"} (a file of the plan's folder), or
 *   {"old": "keys"}: the private keys of the file that is there now, as they stand in it; {"old": "others"}: what is neither a key nor a
 *   certificate (DH PARAMETERS), perhaps nothing; or {"keys_of": FILE}: the keys of another file. A file with "unless_empty": true is left
 *   out where its values are "": a root that nobody gave. Args "tell": true: it is said afterwards where the old ones are.
 * set-mode: {"path", "mode"}.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/placed_file.h"
#include "fixes/plan_store.h"
#include "model/input.h"
#include "model/pem_blocks.h"
#include "model/quote.h"

enum { PART_MOST = 16 << 20 };

/* ---- write-files ---- */

static struct placed_file
read_before(const cJSON *o)
{
	const cJSON *before = cJSON_GetObjectItemCaseSensitive(o, "before"), *after = cJSON_GetObjectItemCaseSensitive(o, "after");
	const cJSON *kept = cJSON_GetObjectItemCaseSensitive(o, "kept");

	return (struct placed_file){
		.path = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "path")), /* NULL: it is left out */
		.was_there = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "was_there")),
		.before = cJSON_GetStringValue(before),
		.after = cJSON_GetStringValue(after),
		.kept = cJSON_GetStringValue(kept),
		.staged = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "staged")),
		.mode = (unsigned)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(o, "mode")),
		.uid = (uid_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(o, "uid")),
		.gid = (gid_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(o, "gid")),
	};
}

static cJSON *
write_before(const struct placed_file *f)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "path", f->path);
	cJSON_AddBoolToObject(o, "was_there", f->was_there);
	if (f->before != NULL)
		cJSON_AddStringToObject(o, "before", f->before);
	if (f->kept != NULL)
		cJSON_AddStringToObject(o, "kept", f->kept);
	cJSON_AddStringToObject(o, "staged", f->staged);
	cJSON_AddNumberToObject(o, "mode", f->mode);
	cJSON_AddNumberToObject(o, "uid", (double)f->uid);
	cJSON_AddNumberToObject(o, "gid", (double)f->gid);
	return o;
}

static bool
left_out(const struct plan *p, const cJSON *file)
{
	const cJSON *part;

	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(file, "unless_empty")))
		return false;
	cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(file, "parts")) {
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "value"));
		const char *value = name != NULL ? plan_value(p, name) : NULL;

		if (name == NULL || (value != NULL && value[0] != '\0'))
			return false;
	}
	return true;
}

/* Its new text was made out of what the plan saw: what somebody has written since would be lost with it. */
static status
is_what_it_was(const cJSON *file, const struct placed_file *f, struct error *err)
{
	const char *was = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file, "was"));
	char shown[QUOTE_MAX];

	if (was == NULL || (f->before != NULL && strcmp(was, f->before) == 0))
		return STATUS_OK;
	return error_set(err, ERROR_NOT_DONE, "writing", "%s has been changed by somebody else since the plan was made; it stays as it is: make the plan again",
	    quote_str(f->path, shown));
}

/*
 * Has the first new file been moved into its place, for all that is known? Recorded before it is: until then there is nothing to bring back,
 * whoever changes these files. A record that does not say so is of an older program, and may have moved them.
 */
static void
set_placed(const struct plan_step *s, bool placed)
{
	cJSON_DeleteItemFromObjectCaseSensitive(s->before, "placed");
	cJSON_AddBoolToObject(s->before, "placed", placed);
}

static bool
may_be_placed(const struct plan_step *s)
{
	return !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(s->before, "placed"));
}

static status
look_at_files(struct plan *p, struct plan_step *s, struct error *err)
{
	cJSON *list = cJSON_AddArrayToObject(s->before, "files");
	const cJSON *file;

	set_placed(s, false);
	cJSON_ArrayForEach(file, cJSON_GetObjectItemCaseSensitive(s->args, "files")) {
		const char *path = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file, "path"));
		const char *tag = plan_text(p, "%lld-%td", (long long)p->id, s - p->steps);
		struct placed_file f;

		if (path == NULL)
			return error_set(err, ERROR_INTERNAL, "plan", "a file without a path");
		if (left_out(p, file)) {
			cJSON_AddItemToArray(list, cJSON_CreateObject());
			continue;
		}
		if (placed_file_look(path, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(file, "secret")), plan_now(p), tag, p->arena, &f, err) != STATUS_OK)
			return STATUS_FAILED;
		if (is_what_it_was(file, &f, err) != STATUS_OK)
			return STATUS_FAILED;
		cJSON_AddItemToArray(list, write_before(&f));
	}
	return STATUS_OK;
}

static status
add_private(struct plan *p, const char *name, struct buf *out, struct error *err)
{
	struct input in = { .bytes = NULL };

	if (input_read(plan_private(p, name), PART_MOST, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	buf_add(out, in.bytes, in.len);
	input_free(&in);
	return STATUS_OK;
}

/* Of the file as it is now: the old one, or the new one after a kill, which has the same keys. */
static status
add_blocks_of(const char *path, const char *which, struct buf *out, struct error *err)
{
	bool keys = strcmp(which, "others") != 0;
	struct input in = { .bytes = NULL };
	char shown[QUOTE_MAX];

	if (input_read(path, PART_MOST, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	if (pem_blocks_copy((const char *)in.bytes, in.len, keys ? PEM_PRIVATE_KEYS : PEM_OTHERS, out) == 0 && keys)
		(void)error_set(err, ERROR_INPUT, "writing", "%s: a private key in PEM was expected in it", quote_str(path, shown));
	input_free(&in);
	return error_is_set(err) ? STATUS_FAILED : STATUS_OK;
}

static status
add_part(struct plan *p, const struct placed_file *f, const cJSON *part, struct buf *out, struct error *err)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "text"));
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "value"));
	const char *keys_of = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "keys_of"));
	const char *private = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "private"));
	const char *old = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(part, "old"));

	if (private != NULL)
		return add_private(p, private, out, err);
	if (keys_of != NULL)
		return add_blocks_of(keys_of, "keys", out, err);
	if (old != NULL)
		return add_blocks_of(f->path, old, out, err);
	if (value != NULL)
		text = plan_value(p, value);
	if (text == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "%s is not known, and it belongs into a file", value != NULL ? value : "a part of it");
	buf_adds(out, text);
	return STATUS_OK;
}

/* The bytes may hold a private key. */
static void
clear(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->len);
	buf_done(b);
}

static status
stage_file(struct plan *p, const cJSON *file, cJSON *kept, struct error *err)
{
	struct placed_file f = read_before(kept);
	struct buf bytes = { 0 };
	status result = STATUS_OK;
	const cJSON *part;

	if (f.path == NULL)
		return STATUS_OK;
	cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(file, "parts")) {
		result = result == STATUS_OK ? add_part(p, &f, part, &bytes, err) : result;
	}
	if (result == STATUS_OK)
		result = placed_file_stage(&f, bytes.data != NULL ? bytes.data : "", bytes.len, p->arena, err);
	if (result == STATUS_OK) {
		cJSON_DeleteItemFromObjectCaseSensitive(kept, "after");
		cJSON_AddStringToObject(kept, "after", f.after);
	}
	clear(&bytes);
	return result;
}

static void
tell_kept(struct plan *p, const struct placed_file *f)
{
	const char *name = strrchr(f->path, '/');

	if (f->kept != NULL && access(f->kept, F_OK) == 0)
		plan_after(p, "The old %s is kept as %s.", plan_shown(p, name != NULL ? name + 1 : f->path), plan_shown(p, f->kept));
}

/* One move for all of them: what belongs together differs for the moment of two renames alone. */
static status
move_all(const cJSON *list, status (*move)(const struct placed_file *f, struct error *err), struct error *err)
{
	const cJSON *kept;

	cJSON_ArrayForEach(kept, list) {
		struct placed_file f = read_before(kept);

		if (f.path != NULL && move(&f, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

static void
sync_all(const cJSON *list)
{
	const cJSON *kept;

	cJSON_ArrayForEach(kept, list) {
		struct placed_file f = read_before(kept);

		if (f.path != NULL)
			placed_file_sync(&f);
	}
}

static void
tell_all(struct plan *p, const cJSON *list)
{
	const cJSON *kept;

	cJSON_ArrayForEach(kept, list) {
		struct placed_file f = read_before(kept);

		if (f.path != NULL)
			tell_kept(p, &f);
	}
}

static status
write_files(struct plan *p, struct plan_step *s, struct error *err)
{
	cJSON *list = cJSON_GetObjectItemCaseSensitive(s->before, "files"), *kept;
	const cJSON *files = cJSON_GetObjectItemCaseSensitive(s->args, "files");
	int i = 0;

	cJSON_ArrayForEach(kept, list) {
		if (stage_file(p, cJSON_GetArrayItem(files, i++), kept, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (move_all(list, placed_file_keep, err) != STATUS_OK)
		return STATUS_FAILED;
	/* What the new ones look like is recorded before the first is in its place: only so does the way back know them. */
	set_placed(s, true);
	if (p->record != NULL && plan_record(p, "the new files lie beside the old ones", err) != STATUS_OK)
		return STATUS_FAILED;
	if (move_all(list, placed_file_swap, err) != STATUS_OK)
		return STATUS_FAILED;
	sync_all(list);
	if (step_arg_true(s, "tell"))
		tell_all(p, list);
	return STATUS_OK;
}

/* Somebody else's change of a file that we have not replaced is his. */
static void
drop_files(struct plan *p, const cJSON *list)
{
	const cJSON *kept;

	cJSON_ArrayForEach(kept, list) {
		struct placed_file f = read_before(kept);

		if (f.path != NULL && !placed_file_drop(&f))
			plan_after(p, "%s has been changed by somebody else; it stays as it is.", plan_shown(p, f.path));
	}
}

static status
put_files_back(struct plan *p, struct plan_step *s, struct error *err)
{
	cJSON *list = cJSON_GetObjectItemCaseSensitive(s->before, "files");

	if (s->state != STEP_DONE && !may_be_placed(s)) {
		drop_files(p, list);
		return STATUS_OK;
	}
	if (move_all(list, placed_file_may_go_back, err) != STATUS_OK || move_all(list, placed_file_put_back, err) != STATUS_OK)
		return STATUS_FAILED;
	sync_all(list);
	set_placed(s, false);
	return STATUS_OK;
}

const struct deed deed_write_files = {
	.name = "write-files",
	.look = look_at_files,
	.apply = write_files,
	.undo = put_files_back,
	.back_on_failure = true,
};

/* ---- set-mode ---- */

static status
mode_failed(const char *path, struct error *err)
{
	char shown[QUOTE_MAX];

	return error_set(err, ERROR_INPUT, "writing", "%s: %s", quote_str(path != NULL ? path : "", shown), strerror(errno));
}

static status
look_at_mode(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *path = step_arg(s, "path");
	struct stat st;

	(void)p;
	if (path == NULL || stat(path, &st) != 0)
		return mode_failed(path, err);
	cJSON_AddNumberToObject(s->before, "mode", (double)(st.st_mode & 07777));
	return STATUS_OK;
}

static status
set_mode(struct plan *p, struct plan_step *s, struct error *err)
{
	(void)p;
	return chmod(step_arg(s, "path"), (mode_t)step_arg_number(s, "mode", 0600)) == 0 ? STATUS_OK : mode_failed(step_arg(s, "path"), err);
}

static status
set_mode_back(struct plan *p, struct plan_step *s, struct error *err)
{
	double mode = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(s->before, "mode"));
	char shown[QUOTE_MAX];
	struct stat st;

	(void)p;
	if (stat(step_arg(s, "path"), &st) != 0)
		return mode_failed(step_arg(s, "path"), err);
	if ((st.st_mode & 07777) == (mode_t)mode)
		return STATUS_OK;
	if ((st.st_mode & 07777) != (mode_t)step_arg_number(s, "mode", 0600))
		return error_set(err, ERROR_NOT_DONE, "writing", "%s has been given the mode %04o by somebody else since; it stays so", quote_str(step_arg(s, "path"), shown),
		    (unsigned)st.st_mode & 07777);
	return chmod(step_arg(s, "path"), (mode_t)mode) == 0 ? STATUS_OK : mode_failed(step_arg(s, "path"), err);
}

const struct deed deed_set_mode = {
	.name = "set-mode",
	.look = look_at_mode,
	.apply = set_mode,
	.undo = set_mode_back,
	.back_on_failure = true,
};
