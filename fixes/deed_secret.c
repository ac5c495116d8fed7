/*
 * put-secret: {"secret", "as", "new_key"}: the certificate into a secret of Secrets Manager, the safe way round (knowledge "aws" 4.3): a new
 * version as AWSPENDING, which nobody reads who does not ask for it; it is read back and verified; then AWSCURRENT moves to it, and
 * AWSPREVIOUS is the way back. The step's token is the new version's id. before: {"version", "pending", "previous"}: who held the stages.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/secretsmanager.h"
#include "fixes/deeds.h"
#include "fixes/secret_state.h"
#include "fixes/stored_change.h"
#include "model/times.h"

#define CURRENT "AWSCURRENT"
#define PENDING "AWSPENDING"
#define PREVIOUS "AWSPREVIOUS"

/* Borrowed from the plan's arena. */
static const char *
name_of(struct plan *p, const struct plan_step *s)
{
	return plan_text(p, "the secret %s", plan_shown(p, step_arg(s, "secret")));
}

static bool
is(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static status
describe(struct plan *p, const char *secret, struct secret_about *now, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (secret_describe(p->place.client, secret, p->arena, now, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the secret", err);
	if (now->deleted != TIME_UNKNOWN && now->deleted != 0)
		return error_set(err, ERROR_NOT_DONE, "installing", "the secret %s is marked for deletion; it can be brought back: aws secretsmanager restore-secret", plan_shown(p, secret));
	return STATUS_OK;
}

/*
 * AWSPENDING on another version than the current one is somebody's rotation, under way or broken off. On the current one it is what
 * a rotation leaves behind when it has ended.
 */
static status
nobody_rotates(struct plan *p, const char *secret, const char *token, const struct secret_about *now, struct error *err)
{
	const char *pending = secret_holder(now, PENDING);

	if (pending == NULL || is(pending, token) || is(pending, secret_holder(now, CURRENT)))
		return STATUS_OK;
	return error_set(err, ERROR_NOT_DONE, "installing", "the secret %s is being rotated by somebody else: its version %s is AWSPENDING and not AWSCURRENT; wait for its end, or cancel it: "
	    "aws secretsmanager cancel-rotate-secret", plan_shown(p, secret), plan_shown(p, pending));
}

status
secret_state(struct plan *p, const char *secret, const char *token, struct secret_about *out, struct error *err)
{
	if (describe(p, secret, out, err) != STATUS_OK || nobody_rotates(p, secret, token, out, err) != STATUS_OK)
		return STATUS_FAILED;
	if (secret_holder(out, CURRENT) == NULL)
		return error_set(err, ERROR_NOT_DONE, "installing", "the secret %s has no value yet: give it one with certificate and private_key first", plan_shown(p, secret));
	return STATUS_OK;
}

static void
keep_holder(struct plan_step *s, const char *as, const char *holder)
{
	if (holder != NULL)
		cJSON_AddStringToObject(s->before, as, holder);
}

static status
look(struct plan *p, struct plan_step *s, struct error *err)
{
	struct secret_about now;

	if (step_arg(s, "secret") == NULL || step_arg(s, "as") == NULL || s->token == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "a secret without a name or a token");
	if (secret_state(p, step_arg(s, "secret"), s->token, &now, err) != STATUS_OK)
		return STATUS_FAILED;
	keep_holder(s, "version", secret_holder(&now, CURRENT));
	keep_holder(s, "pending", secret_holder(&now, PENDING));
	keep_holder(s, "previous", secret_holder(&now, PREVIOUS));
	return STATUS_OK;
}

static status
changed_since(struct plan *p, const struct plan_step *s, const char *holder, struct error *err)
{
	return error_set(err, ERROR_NOT_DONE, "installing", "%s has been changed by somebody else since the plan looked at it (version %s is current now, %s was); it stays as it is",
	    name_of(p, s), plan_shown(p, holder != NULL ? holder : "none"), plan_shown(p, step_before(s, "version")));
}

static status
read_version(struct plan *p, const struct plan_step *s, const char *version, struct secret_value *v, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (secret_get(p->place.client, step_arg(s, "secret"), version, NULL, p->arena, v, &why) != STATUS_OK)
		return plan_failed(p, &why, "read the secret", err);
	return STATUS_OK;
}

/* The new version, in nobody's way. The same again, after a kill, is the same version. */
static status
put_pending(struct plan *p, struct plan_step *s, struct error *err)
{
	static const char *const stages[] = { PENDING };
	struct aws_error why = { .kind = AWS_FINE };
	struct secret_value old = { .bytes = NULL };
	struct buf text = { 0 };
	const char *version;
	status result = read_version(p, s, step_before(s, "version"), &old, err);

	if (result == STATUS_OK)
		result = stored_change(p, s, old.bytes, old.len, name_of(p, s), &text, err);
	if (result == STATUS_OK) {
		struct secret_put put = { .id = step_arg(s, "secret"), .bytes = text.data, .len = text.len, .binary = old.binary, .token = s->token,
			.stages = stages, .stages_len = 1 };

		if (secret_put(p->place.client, &put, p->arena, &version, &why) != STATUS_OK)
			result = plan_change_failed(p, s, &why, "put the new version of the secret", err);
	}
	secret_forget(&old);
	stored_clear(&text);
	return result;
}

static status
verify(struct plan *p, struct plan_step *s, struct error *err)
{
	struct secret_value v = { .bytes = NULL };
	status result = read_version(p, s, s->token, &v, err);

	if (result == STATUS_OK)
		result = stored_verify(p, s, v.bytes, v.len, name_of(p, s), err);
	secret_forget(&v);
	return result;
}

/* AWS refuses where somebody else has moved the stage in the meantime; then what it says now decides. */
static status
move_current(struct plan *p, struct plan_step *s, const char *from, const char *to, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct error unimportant = { .code = ERROR_NONE };
	struct secret_about now;

	if (secret_move_stage(p->place.client, step_arg(s, "secret"), CURRENT, from, to, &why) == STATUS_OK)
		return STATUS_OK;
	if (why.kind != AWS_CANCELLED && describe(p, step_arg(s, "secret"), &now, &unimportant) == STATUS_OK) {
		if (is(secret_holder(&now, CURRENT), to))
			return STATUS_OK;
		if (!is(secret_holder(&now, CURRENT), from))
			return changed_since(p, s, secret_holder(&now, CURRENT), err);
	}
	return plan_change_failed(p, s, &why, "make the new version of the secret the current one", err);
}

/* A stage that is ours is taken off, or put where it was; what does not work is said, and harms nobody. */
static void
settle_stage(struct plan *p, const struct plan_step *s, const char *stage, const char *from, const char *to)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (secret_move_stage(p->place.client, step_arg(s, "secret"), stage, from, to, &why) == STATUS_OK)
		return;
	if (to == NULL)
		plan_after(p, "%s could not be taken off the version %s of %s: %s", stage, s->token, name_of(p, s), why.message);
	else
		plan_after(p, "%s could not be put back to the version %s of %s: %s", stage, plan_shown(p, to), name_of(p, s), why.message);
}

static status
put_secret(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *was = step_before(s, "version"), *current;
	struct secret_about now;

	if (describe(p, step_arg(s, "secret"), &now, err) != STATUS_OK)
		return STATUS_FAILED;
	current = secret_holder(&now, CURRENT);
	if (!is(current, s->token)) {
		if (!is(current, was))
			return changed_since(p, s, current, err);
		if (nobody_rotates(p, step_arg(s, "secret"), s->token, &now, err) != STATUS_OK || put_pending(p, s, err) != STATUS_OK || verify(p, s, err) != STATUS_OK ||
		    move_current(p, s, was, s->token, err) != STATUS_OK || describe(p, step_arg(s, "secret"), &now, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (is(secret_holder(&now, PENDING), s->token))
		settle_stage(p, s, PENDING, s->token, NULL);
	return plan_keep(p, s, "version", s->token, err);
}

static status
put_back(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *was = step_before(s, "version"), *pending = step_before(s, "pending"), *current, *holder;
	struct secret_about now;

	if (describe(p, step_arg(s, "secret"), &now, err) != STATUS_OK)
		return STATUS_FAILED;
	current = secret_holder(&now, CURRENT);
	if (!is(current, s->token) && !is(current, was))
		return changed_since(p, s, current, err);
	if (is(current, s->token) && move_current(p, s, s->token, was, err) != STATUS_OK)
		return STATUS_FAILED;
	if (describe(p, step_arg(s, "secret"), &now, err) != STATUS_OK)
		return STATUS_FAILED;
	holder = secret_holder(&now, PENDING);
	if (is(holder, s->token) || (holder == NULL && pending != NULL))
		settle_stage(p, s, PENDING, holder, pending);
	if (is(secret_holder(&now, PREVIOUS), s->token))
		settle_stage(p, s, PREVIOUS, s->token, step_before(s, "previous"));
	return STATUS_OK;
}

const struct deed deed_put_secret = {
	.name = "put-secret",
	.look = look,
	.apply = put_secret,
	.undo = put_back,
	.aws = true,
	.back_on_failure = true,
};
