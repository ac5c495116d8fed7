/*
 * Settings of AWS that ask for client certificates.
 *
 * set-listener-mtls: {"listener", "mode", "trust_store"}: a load balancer's listener (ModifyListener).
 * set-execute-api: {"api", "kind": "rest"|"http", "disabled"}: whether an API answers at its default address.
 */
#include <string.h>

#include "aws/apigateway.h"
#include "aws/elbv2.h"
#include "fixes/deeds.h"

#define STAGE "mtls"

static bool
same(const char *a, const char *b)
{
	return (a == NULL && b == NULL) || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* ---- set-listener-mtls ---- */

static const char *
mode_of(const struct listener *l)
{
	return l->mutual.mode != NULL ? l->mutual.mode : "off";
}

static status
listener_now(struct plan *p, const struct plan_step *s, struct listener *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct listener *found;
	size_t len;

	if (elbv2_listeners(p->place.client, NULL, step_arg(s, "listener"), p->arena, &found, &len, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the listener", err);
	if (len != 1)
		return error_set(err, ERROR_AWS, STAGE, "the listener is not there any more");
	*out = found[0];
	return STATUS_OK;
}

static void
keep(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

static status
look_at_listener(struct plan *p, struct plan_step *s, struct error *err)
{
	struct listener l;

	if (listener_now(p, s, &l, err) != STATUS_OK)
		return STATUS_FAILED;
	keep(s->before, "mode", mode_of(&l));
	keep(s->before, "trust_store", l.mutual.trust_store);
	keep(s->before, "ignore_expiry", l.mutual.ignore_expiry);
	keep(s->before, "advertise", l.mutual.advertise);
	return STATUS_OK;
}

static bool
listener_is(const struct listener *l, const char *mode, const char *trust_store)
{
	return same(mode_of(l), mode) && same(l->mutual.trust_store, trust_store);
}

/* What it is must be one of the two that this step knows: the one before and the one after. */
static status
known_listener(struct plan *p, const struct plan_step *s, const struct listener *l, struct error *err)
{
	if (listener_is(l, step_arg(s, "mode"), step_arg(s, "trust_store")) || listener_is(l, step_before(s, "mode"), step_before(s, "trust_store")))
		return STATUS_OK;
	return error_set(err, ERROR_NOT_DONE, STAGE, "the listener has been changed by somebody else since: its mode is %s; it stays as it is",
	    plan_shown(p, mode_of(l)));
}

static status
set_listener(struct plan *p, struct plan_step *s, const struct listener_mutual *m, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct listener l;

	if (listener_now(p, s, &l, err) != STATUS_OK || known_listener(p, s, &l, err) != STATUS_OK)
		return STATUS_FAILED;
	if (listener_is(&l, m->mode, m->trust_store))
		return STATUS_OK;
	if (elbv2_set_mutual(p->place.client, step_arg(s, "listener"), m, p->arena, &l, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "set the listener's mutual TLS", err);
	if (!listener_is(&l, m->mode, m->trust_store))
		return error_set(err, ERROR_AWS, STAGE, "the listener's mode is %s afterwards, and %s was asked for", plan_shown(p, mode_of(&l)), m->mode);
	return STATUS_OK;
}

static status
ask_clients(struct plan *p, struct plan_step *s, struct error *err)
{
	return set_listener(p, s, &(struct listener_mutual){ .mode = step_arg(s, "mode"), .trust_store = step_arg(s, "trust_store") }, err);
}

/* What belongs to the mode verify may be named with it only. */
static status
ask_as_before(struct plan *p, struct plan_step *s, struct error *err)
{
	bool verify = same(step_before(s, "mode"), "verify");
	const struct listener_mutual m = {
		.mode = step_before(s, "mode"),
		.trust_store = step_before(s, "trust_store"),
		.ignore_expiry = verify ? step_before(s, "ignore_expiry") : NULL,
		.advertise = verify ? step_before(s, "advertise") : NULL,
	};

	return set_listener(p, s, &m, err);
}

const struct deed deed_set_listener_mtls = {
	.name = "set-listener-mtls",
	.look = look_at_listener,
	.apply = ask_clients,
	.undo = ask_as_before,
	.aws = true,
	.back_on_failure = true,
};

/* ---- set-execute-api ---- */

static enum api_kind
kind_of(const struct plan_step *s)
{
	return same(step_arg(s, "kind"), "http") ? API_HTTP : API_REST;
}

static status
look_at_api(struct plan *p, struct plan_step *s, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	bool disabled;

	if (apigateway_default_endpoint(p->place.client, kind_of(s), step_arg(s, "api"), &disabled, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the API's default address", err);
	cJSON_AddBoolToObject(s->before, "disabled", disabled);
	return STATUS_OK;
}

static status
set_api(struct plan *p, struct plan_step *s, bool disabled, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	bool now;

	if (apigateway_default_endpoint(p->place.client, kind_of(s), step_arg(s, "api"), &now, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the API's default address", err);
	if (now == disabled)
		return STATUS_OK;
	if (apigateway_disable_default_endpoint(p->place.client, kind_of(s), step_arg(s, "api"), disabled, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, disabled ? "close the API's default address" : "open the API's default address", err);
	return STATUS_OK;
}

static status
close_api(struct plan *p, struct plan_step *s, struct error *err)
{
	return set_api(p, s, step_arg_true(s, "disabled"), err);
}

static status
api_as_before(struct plan *p, struct plan_step *s, struct error *err)
{
	return set_api(p, s, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(s->before, "disabled")), err);
}

const struct deed deed_set_execute_api = {
	.name = "set-execute-api",
	.look = look_at_api,
	.apply = close_api,
	.undo = api_as_before,
	.aws = true,
	.back_on_failure = true,
};
