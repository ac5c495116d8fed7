/*
 * Commands that are handed a certificate: {"command", "as", "name", "target", "cert_file", "key_file"}. Their environment has
 * MTLSCOPE_CERT (the leaf), MTLSCOPE_CHAIN, MTLSCOPE_FULLCHAIN, MTLSCOPE_ROOT, MTLSCOPE_KEY: files; what is not known is empty. And
 * MTLSCOPE_NAME, MTLSCOPE_TARGET.
 *
 * hook: what was issued, in files of the plan's folder. What the hook did with them is its own: it cannot be undone from here.
 * hook-on-files: what lies in cert_file and key_file, as it lies there. On the way back it runs again, after the old files are back.
 */
#include <string.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/run_command.h"
#include "model/input.h"
#include "model/pem_blocks.h"
#include "model/save.h"

#define END_CERTIFICATE "-----END CERTIFICATE-----\n"
enum { FILE_MOST = 16 << 20 };

/* The certificates that the hook is handed, PEM. */
static status
certificates(struct plan *p, const struct plan_step *s, const char *file, struct buf *out, struct error *err)
{
	const char *value = plan_value(p, plan_text(p, "%s.fullchain", step_arg(s, "as")));
	struct input in = { .bytes = NULL };

	if (file == NULL && value == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no certificate for the hook");
	if (file == NULL) {
		buf_adds(out, value);
		return STATUS_OK;
	}
	if (input_read(file, FILE_MOST, &in, err) != STATUS_OK)
		return STATUS_FAILED;
	(void)pem_blocks_copy((const char *)in.bytes, in.len, PEM_CERTIFICATES, out);
	input_free(&in);
	return STATUS_OK;
}

/* A file of the plan's folder that has these bytes; "": there are none. */
static status
lay_out(struct plan *p, const struct plan_step *s, cJSON *env, const char *variable, const char *what, const char *bytes, size_t len, struct error *err)
{
	const char *path = plan_private(p, plan_text(p, "%s.%s.pem", step_arg(s, "as"), what));

	if (len > 0 && save_private_file(path, bytes, len, true, err) != SAVED)
		return STATUS_FAILED;
	cJSON_AddStringToObject(env, variable, len > 0 ? path : "");
	return STATUS_OK;
}

static void
add_text(cJSON *env, const char *variable, const char *value)
{
	cJSON_AddStringToObject(env, variable, value != NULL ? value : "");
}

/* A new key lies in the plan's folder, one that stays where it is, or nowhere that we know of. */
static const char *
key_file(struct plan *p, const struct plan_step *s)
{
	const char *made = plan_private(p, plan_text(p, "%s.key", step_arg(s, "as")));

	return step_arg(s, "key_file") != NULL ? step_arg(s, "key_file") : access(made, F_OK) == 0 ? made : NULL;
}

static status
fill(struct plan *p, const struct plan_step *s, const char *file, cJSON *env, struct error *err)
{
	const char *root = plan_value(p, plan_text(p, "%s.root", step_arg(s, "as")));
	struct buf certs = { 0 };
	status result = certificates(p, s, file, &certs, err);
	const char *all = buf_str(&certs), *end = strstr(all, END_CERTIFICATE);
	size_t leaf = end != NULL ? (size_t)(end - all) + strlen(END_CERTIFICATE) : certs.len;

	add_text(env, "MTLSCOPE_NAME", step_arg(s, "name"));
	add_text(env, "MTLSCOPE_TARGET", step_arg(s, "target"));
	add_text(env, "MTLSCOPE_KEY", key_file(p, s));
	if (result == STATUS_OK)
		result = lay_out(p, s, env, "MTLSCOPE_CERT", "cert", all, leaf, err);
	if (result == STATUS_OK)
		result = lay_out(p, s, env, "MTLSCOPE_CHAIN", "chain", all + leaf, certs.len - leaf, err);
	if (result == STATUS_OK)
		result = lay_out(p, s, env, "MTLSCOPE_ROOT", "root", root, root != NULL ? strlen(root) : 0, err);
	if (result == STATUS_OK && file != NULL)
		add_text(env, "MTLSCOPE_FULLCHAIN", file);
	else if (result == STATUS_OK)
		result = lay_out(p, s, env, "MTLSCOPE_FULLCHAIN", "fullchain", all, certs.len, err);
	buf_done(&certs);
	return result;
}

static status
run(struct plan *p, struct plan_step *s, const char *file, struct error *err)
{
	cJSON *env = cJSON_CreateObject();
	status result = fill(p, s, file, env, err);

	if (result == STATUS_OK)
		result = run_command(p, step_arg(s, "command"), env, err);
	cJSON_Delete(env);
	return result;
}

static status
hook(struct plan *p, struct plan_step *s, struct error *err)
{
	return run(p, s, NULL, err);
}

static status
hook_on_files(struct plan *p, struct plan_step *s, struct error *err)
{
	return run(p, s, step_arg(s, "cert_file"), err);
}

const struct deed deed_hook = {
	.name = "hook",
	.apply = hook,
};

const struct deed deed_hook_on_files = {
	.name = "hook-on-files",
	.apply = hook_on_files,
	.undo = hook_on_files,
	.back_on_failure = true,
	.last_back = true,
};
