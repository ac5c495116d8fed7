/*
 * put-domain-truststore: {"domain", "api": "rest"|"http", "uri", "bucket", "key", "text", "was", "was_uri", "was_version", "as"}: the
 * domain name's truststore becomes the bundle `text`, as a new version of its object (or the domain gets its first one). was:
 * bundle_hash() of what the plan was made from; was_uri left out: the domain asked for no client certificates. Value AS.version.
 *
 * A new object alone changes nothing: the domain name names its version (knowledge "aws" 4.2).
 */
#include <string.h>

#include "aws/apigateway.h"
#include "aws/s3.h"
#include "fixes/deeds.h"
#include "fixes/s3_object.h"
#include "model/bundle.h"

#define STAGE "trust"

static enum api_kind
kind_of(const struct plan_step *s)
{
	const char *api = step_arg(s, "api");

	return api != NULL && strcmp(api, "http") == 0 ? API_HTTP : API_REST;
}

static bool
same(const char *a, const char *b)
{
	return (a == NULL && b == NULL) || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static status
domain_now(struct plan *p, const struct plan_step *s, struct api_domain *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (apigateway_domain(p->place.client, kind_of(s), step_arg(s, "domain"), p->arena, out, &why) == STATUS_OK)
		return STATUS_OK;
	return plan_failed(p, &why, "look at the domain name", err);
}

static status
somebody_elses(struct plan *p, const struct plan_step *s, const char *since, struct error *err)
{
	return error_set(err, ERROR_NOT_DONE, STAGE, "the truststore of %s has been changed by somebody else since %s; it stays as it is",
	    plan_shown(p, step_arg(s, "domain")), since);
}

/* ---- look ---- */

/* The bundle that the plan was made from is still what the domain's version is. */
static status
same_bundle(struct plan *p, struct plan_step *s, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	const unsigned char *bytes;
	char hash[SHA256_HEX];
	struct bundle b;
	size_t len;
	status result;

	if (s3_get(p->place.client, step_arg(s, "bucket"), step_arg(s, "key"), step_arg(s, "was_version"), S3_OBJECT_MOST, p->arena, &bytes, &len, NULL,
	    &why) != STATUS_OK)
		return plan_failed(p, &why, "fetch the truststore", err);
	result = bundle_read((const char *)bytes, len, "the truststore", &b, err);
	bundle_hash(&b, hash);
	bundle_done(&b);
	if (result == STATUS_OK && !same(hash, step_arg(s, "was")))
		return somebody_elses(p, s, "the plan was made", err);
	return result;
}

static status
look(struct plan *p, struct plan_step *s, struct error *err)
{
	struct api_domain d;
	cJSON *object;

	if (domain_now(p, s, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!same(d.truststore, step_arg(s, "was_uri")) || !same(d.version, step_arg(s, "was_version")))
		return somebody_elses(p, s, "the plan was made", err);
	if (d.truststore != NULL && same_bundle(p, s, err) != STATUS_OK)
		return STATUS_FAILED;
	if (s3_object_look(p, step_arg(s, "bucket"), step_arg(s, "key"), &object, err) != STATUS_OK)
		return STATUS_FAILED;
	cJSON_AddItemToObject(s->before, "object", object);
	for (size_t i = 0; i < d.warnings_len; i++) {
		if (i == 0)
			cJSON_AddArrayToObject(s->before, "warnings");
		cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(s->before, "warnings"), cJSON_CreateString(d.warnings[i]));
	}
	return STATUS_OK;
}

/* ---- changing ---- */

static status
wait_for(struct plan *p, struct plan_step *s, struct api_domain *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (apigateway_wait_domain(p->place.client, kind_of(s), step_arg(s, "domain"), p->arena, out, &why) != STATUS_OK)
		return plan_failed(p, &why, "wait for the domain name", err);
	if (out->status == NULL || strcmp(out->status, "AVAILABLE") == 0)
		return STATUS_OK;
	return error_set(err, ERROR_AWS, STAGE, "the domain name became %s, not AVAILABLE%s%s", plan_shown(p, out->status),
	    out->status_message != NULL ? ": " : "", out->status_message != NULL ? plan_shown(p, out->status_message) : "");
}

static status
set(struct plan *p, struct plan_step *s, const char *uri, const char *version, struct api_domain *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (apigateway_set_truststore(p->place.client, kind_of(s), step_arg(s, "domain"), uri, version, p->arena, out, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "give the domain name its truststore", err);
	return wait_for(p, s, out, err);
}

static bool
was_warned(const struct plan_step *s, const char *warning)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(s->before, "warnings")) {
		if (same(cJSON_GetStringValue(one), warning))
			return true;
	}
	return false;
}

/* AWS takes a truststore with certificates that will not do, and says so here only. */
static void
say_warnings(struct plan *p, const struct plan_step *s, const struct api_domain *d)
{
	for (size_t i = 0; i < d->warnings_len; i++)
		plan_after(p, "API Gateway warns of the truststore of %s%s: %s", plan_shown(p, step_arg(s, "domain")),
		    was_warned(s, d->warnings[i]) ? ", as before" : "", plan_shown(p, d->warnings[i]));
}

static const char *
value_name(struct plan *p, const struct plan_step *s)
{
	return plan_text(p, "%s.version", step_arg(s, "as"));
}

/* Without versions the domain looks the same before and after: then it is told to read the object anew. */
static bool
is_ours(const struct plan_step *s, const struct api_domain *d, const char *version)
{
	return same(d->truststore, step_arg(s, "uri")) && version != NULL && same(d->version, version);
}

static bool
is_old(const struct plan_step *s, const struct api_domain *d)
{
	return same(d->truststore, step_arg(s, "was_uri")) && same(d->version, step_arg(s, "was_version"));
}

static status
apply(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *uri = step_arg(s, "uri"), *version;
	struct api_domain d;

	if (s3_object_put(p, s, value_name(p, s), step_arg(s, "bucket"), step_arg(s, "key"), step_arg(s, "text"), &version, err) != STATUS_OK ||
	    domain_now(p, s, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	if (is_ours(s, &d, version)) {
		if (wait_for(p, s, &d, err) != STATUS_OK)
			return STATUS_FAILED;
	} else if (is_old(s, &d) || (version == NULL && same(d.truststore, uri))) {
		if (set(p, s, uri, version, &d, err) != STATUS_OK)
			return STATUS_FAILED;
		/* A bucket that has ceased to keep versions: the domain still names one of the old ones. */
		if (!same(d.version, version))
			return error_set(err, ERROR_AWS, STAGE, "the domain name still uses version %s of its truststore: does the bucket keep versions no longer?",
			    plan_shown(p, d.version != NULL ? d.version : "?"));
	} else {
		return somebody_elses(p, s, "it was looked at", err);
	}
	say_warnings(p, s, &d);
	return STATUS_OK;
}

/* ---- the way back ---- */

/* To what it named before. A domain that named no version cannot always be brought to name none: then the old bytes' new version. */
static status
set_back(struct plan *p, struct plan_step *s, const char *ours, const char *put_back, struct error *err)
{
	const char *uri = step_arg(s, "was_uri"), *version = step_arg(s, "was_version");
	struct api_domain d;

	if (set(p, s, uri != NULL ? uri : "", uri != NULL ? version : NULL, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	if (uri != NULL && version == NULL && ours != NULL && put_back != NULL && same(d.version, ours))
		return set(p, s, uri, put_back, &d, err);
	return STATUS_OK;
}

static status
undo(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *value = plan_value(p, value_name(p, s)), *ours = value != NULL && value[0] != '\0' ? value : NULL, *put_back;
	struct api_domain d;

	if (domain_now(p, s, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!is_old(s, &d) && !is_ours(s, &d, ours) && !(value != NULL && ours == NULL && same(d.truststore, step_arg(s, "uri"))))
		return somebody_elses(p, s, "it was changed", err);
	if (s3_object_put_back(p, s, step_arg(s, "bucket"), step_arg(s, "key"), step_arg(s, "text"), cJSON_GetObjectItemCaseSensitive(s->before, "object"),
	    &put_back, err) != STATUS_OK)
		return STATUS_FAILED;
	/* A domain that never named our version is left alone; one without versions reads its object again. */
	if (value == NULL || (ours != NULL && is_old(s, &d)))
		return STATUS_OK;
	return set_back(p, s, ours, put_back, err);
}

const struct deed deed_put_domain_truststore = {
	.name = "put-domain-truststore",
	.look = look,
	.apply = apply,
	.undo = undo,
	.aws = true,
	.back_on_failure = true,
};
