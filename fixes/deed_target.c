#include "fixes/deed_target.h"

#include "fixes/deed.h"

enum { LABEL_MOST = 512 };

void
deed_target_args(cJSON *args, const struct target *t)
{
	char label[LABEL_MOST];

	cJSON_AddStringToObject(args, "target", target_label(t, label, sizeof label));
	if (t->servername != NULL)
		cJSON_AddStringToObject(args, "servername", t->servername);
	if (t->starttls != STARTTLS_NONE)
		cJSON_AddStringToObject(args, "starttls", starttls_name(t->starttls));
	if (t->path != NULL)
		cJSON_AddStringToObject(args, "path", t->path);
	cJSON_AddBoolToObject(args, "no_http", !t->http);
}

static status
set_up(const struct plan_step *s, struct target *t, struct error *err)
{
	const char *name = step_arg(s, "servername"), *path = step_arg(s, "path"), *word = step_arg(s, "starttls");
	enum starttls starttls;

	if (name != NULL && target_set_servername(t, name, err) != STATUS_OK)
		return STATUS_FAILED;
	if (path != NULL && target_set_path(t, path, err) != STATUS_OK)
		return STATUS_FAILED;
	if (word != NULL && (!starttls_named(word, &starttls) || target_set_starttls(t, starttls, err) != STATUS_OK))
		return error_set(err, ERROR_INTERNAL, "plan", "an endpoint that begins in no known protocol");
	if (step_arg_true(s, "no_http"))
		t->http = false;
	return STATUS_OK;
}

status
deed_target(const struct plan_step *s, struct target *out, struct error *err)
{
	const char *target = step_arg(s, "target");

	if (target == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "no endpoint is named");
	if (target_parse(target, out, err) != STATUS_OK)
		return STATUS_FAILED;
	if (set_up(s, out, err) == STATUS_OK)
		return STATUS_OK;
	target_done(out);
	return STATUS_FAILED;
}
