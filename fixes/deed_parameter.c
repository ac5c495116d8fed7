/*
 * put-parameter: {"parameter", "as", "new_key"}: the certificate into a parameter of Parameter Store, as a new version; type, key and tier
 * stay. The way back is a further version with the value of the old one: Parameter Store keeps a hundred, and takes none away. Nothing there
 * is conditional: who changes it between our look and our call, a moment later, is written over; his version stays readable by its number.
 * before: {"name", "version", "type", "kms", "tier"}. The plan's value AS.parameter is the SHA-256 of what was put: the way back knows it by that,
 * when the new key has left the plan's folder.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/ssm.h"
#include "fixes/deeds.h"
#include "fixes/stored_change.h"
#include "model/cert.h"

enum { STANDARD_MOST = 4096, ADVANCED_MOST = 8192 };

static const char *
name_of(struct plan *p, const struct plan_step *s)
{
	return plan_text(p, "the parameter %s", plan_shown(p, step_arg(s, "parameter")));
}

static void
keep(struct plan_step *s, const char *as, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(s->before, as, value);
}

static status
look(struct plan *p, struct plan_step *s, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct parameter now = { .value = NULL };
	struct parameter_about about;
	status result = STATUS_OK;

	if (parameter_get(p->place.client, step_arg(s, "parameter"), p->arena, &now, &why) != STATUS_OK ||
	    parameter_describe(p->place.client, now.name, p->arena, &about, &why) != STATUS_OK) {
		result = plan_failed(p, &why, "look at the parameter", err);
	} else {
		keep(s, "name", now.name);
		keep(s, "type", now.type);
		keep(s, "kms", about.kms_key);
		keep(s, "tier", about.tier);
		cJSON_AddNumberToObject(s->before, "version", (double)now.version);
	}
	parameter_forget(&now);
	return result;
}

/* What was there, and what is there now. */
struct values {
	struct parameter old, now;
};

static void
values_done(struct values *v)
{
	parameter_forget(&v->old);
	parameter_forget(&v->now);
}

static status
read_values(struct plan *p, const struct plan_step *s, struct values *out, struct error *err)
{
	const char *name = step_before(s, "name");
	long long version = (long long)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(s->before, "version"));
	struct aws_error why = { .kind = AWS_FINE };

	if (parameter_get(p->place.client, name, p->arena, &out->now, &why) != STATUS_OK ||
	    parameter_get(p->place.client, plan_text(p, "%s:%lld", name, version), p->arena, &out->old, &why) != STATUS_OK)
		return plan_failed(p, &why, "read the parameter", err);
	return STATUS_OK;
}

static const char *
print_of(struct plan *p, const char *value)
{
	struct fingerprint print;
	char hex[SHA256_HEX];

	fingerprint_of((const unsigned char *)value, strlen(value), &print);
	return plan_text(p, "%s", fingerprint_hex(&print, hex));
}

static const char *
print_name(struct plan *p, const struct plan_step *s)
{
	return plan_text(p, "%s.parameter", step_arg(s, "as"));
}

static status
put(struct plan *p, struct plan_step *s, const char *value, struct error *err)
{
	const char *tier = step_before(s, "tier"), *type = step_before(s, "type");
	struct parameter_put put = { .name = step_before(s, "name"), .value = value, .type = type, .overwrite = true,
		.kms_key = type != NULL && strcmp(type, "SecureString") == 0 ? step_before(s, "kms") : NULL,
		.advanced = (tier != NULL && strcmp(tier, "Advanced") == 0) || strlen(value) > STANDARD_MOST };
	struct aws_error why = { .kind = AWS_FINE };

	if (strlen(value) > ADVANCED_MOST)
		return error_set(err, ERROR_NOT_DONE, "installing", "%s would have %zu bytes, and none can have more than %d: keep it in Secrets Manager", name_of(p, s), strlen(value),
		    ADVANCED_MOST);
	if (parameter_put(p->place.client, &put, NULL, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "put the new version of the parameter", err);
	return STATUS_OK;
}

static status
changed_since(struct plan *p, const struct plan_step *s, const struct values *v, struct error *err)
{
	return error_set(err, ERROR_NOT_DONE, "installing", "%s has been changed by somebody else since the plan looked at it (it has version %lld now); it stays as it is",
	    name_of(p, s), (long long)v->now.version);
}

static status
verify(struct plan *p, struct plan_step *s, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct parameter now = { .value = NULL };
	status result;

	if (parameter_get(p->place.client, step_before(s, "name"), p->arena, &now, &why) != STATUS_OK)
		return plan_failed(p, &why, "read the parameter", err);
	result = stored_verify(p, s, now.value, strlen(now.value), name_of(p, s), err);
	parameter_forget(&now);
	return result == STATUS_OK ? plan_keep(p, s, "version", plan_text(p, "%lld", (long long)now.version), err) : STATUS_FAILED;
}

static status
put_new(struct plan *p, struct plan_step *s, const struct values *v, struct error *err)
{
	struct buf text = { 0 };
	status result = stored_change(p, s, v->old.value, strlen(v->old.value), name_of(p, s), &text, err);

	/* Before it is put: a key that does not fit must not be there for a moment. */
	if (result == STATUS_OK)
		result = stored_verify(p, s, text.data, text.len, name_of(p, s), err);
	if (result == STATUS_OK)
		result = plan_set(p, s, print_name(p, s), print_of(p, buf_str(&text)), err);
	if (result == STATUS_OK && strcmp(v->now.value, buf_str(&text)) != 0)
		result = strcmp(v->now.value, v->old.value) == 0 ? put(p, s, buf_str(&text), err) : changed_since(p, s, v, err);
	stored_clear(&text);
	return result;
}

static status
put_parameter(struct plan *p, struct plan_step *s, struct error *err)
{
	struct values v = { .old = { .value = NULL } };
	status result = read_values(p, s, &v, err);

	if (result == STATUS_OK)
		result = put_new(p, s, &v, err);
	values_done(&v);
	return result == STATUS_OK ? verify(p, s, err) : STATUS_FAILED;
}

static status
put_back(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *ours = plan_value(p, print_name(p, s));
	struct values v = { .old = { .value = NULL } };
	status result = read_values(p, s, &v, err);

	if (result == STATUS_OK && strcmp(v.now.value, v.old.value) != 0)
		result = ours != NULL && strcmp(print_of(p, v.now.value), ours) == 0 ? put(p, s, v.old.value, err) : changed_since(p, s, &v, err);
	values_done(&v);
	return result;
}

const struct deed deed_put_parameter = {
	.name = "put-parameter",
	.look = look,
	.apply = put_parameter,
	.undo = put_back,
	.aws = true,
	.back_on_failure = true,
};
