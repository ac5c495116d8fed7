/* The truststore of an API Gateway domain name: the version that is in use, changed, judged, and put as a new version of the same object. */
#include <stdlib.h>
#include <string.h>

#include "aws/apigateway.h"
#include "aws/s3.h"
#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/s3_object.h"
#include "fixes/trust_parts.h"

#define STAGE "trust"

struct truststore {
	struct api_domain domain;
	bool http;                   /* it is changed as an HTTP API's */
	const char *shown;           /* the domain name, printable */
	const char *bucket, *key;
	const unsigned char *bytes;  /* of the version that is in use */
	size_t len;
	struct bundle bundle;        /* of them, then as it will be */
	size_t before;               /* CAs */
	char was[SHA256_HEX];
	bool versioned;
};

status
trust_find_domain(struct plan *p, const char *name, bool *http, struct api_domain *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE }, unimportant = { .kind = AWS_FINE };

	if (apigateway_domain(p->place.client, *http ? API_HTTP : API_REST, name, p->arena, out, &why) == STATUS_OK)
		return STATUS_OK;
	if (!*http && why.kind == AWS_NOT_FOUND && apigateway_domain(p->place.client, API_HTTP, name, p->arena, out, &unimportant) == STATUS_OK) {
		*http = true;
		return STATUS_OK;
	}
	return plan_failed(p, &why, "look for the domain name", err);
}

static status
find_domain(struct plan *p, const struct trust_wish *w, struct truststore *t, struct error *err)
{
	const char *status_now;

	t->shown = plan_shown(p, w->where);
	t->http = w->http_api;
	if (trust_find_domain(p, w->where, &t->http, &t->domain, err) != STATUS_OK)
		return STATUS_FAILED;
	if (t->domain.truststore == NULL)
		return error_set(err, ERROR_INPUT, STAGE, "%s asks for no client certificates: it has no truststore", t->shown);
	if (!trust_split_uri(p, t->domain.truststore, &t->bucket, &t->key))
		return error_set(err, ERROR_AWS, STAGE, "the truststore of %s is %s; expected s3://BUCKET/KEY", t->shown, plan_shown(p, t->domain.truststore));
	status_now = t->domain.status != NULL ? t->domain.status : "AVAILABLE";
	if (strcmp(status_now, "AVAILABLE") != 0)
		return error_set(err, ERROR_AWS, STAGE, "%s is %s; its truststore can be changed when it is AVAILABLE", t->shown, plan_shown(p, status_now));
	return STATUS_OK;
}

static status
fetch(struct plan *p, struct truststore *t, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (s3_get(p->place.client, t->bucket, t->key, t->domain.version, S3_OBJECT_MOST, p->arena, &t->bytes, &t->len, NULL, &why) != STATUS_OK)
		return plan_failed(p, &why, "fetch the truststore", err);
	if (bundle_read((const char *)t->bytes, t->len, plan_text(p, "s3://%s/%s", t->bucket, t->key), &t->bundle, err) != STATUS_OK)
		return STATUS_FAILED;
	bundle_hash(&t->bundle, t->was);
	t->before = t->bundle.len;
	return STATUS_OK;
}

/* What lies in S3 and what the domain name uses can be two things. */
static void
note_other_versions(struct plan *p, const struct truststore *t)
{
	struct aws_error unimportant = { .kind = AWS_FINE };
	struct s3_stored newest = { .version = NULL };
	const unsigned char *bytes;
	size_t len;

	if (t->domain.version == NULL) {
		plan_note(p, "%s names no version of its truststore: what it uses is what lay there when it was last updated, and that cannot be asked for. "
		    "This goes by what lies there now.", t->shown);
		return;
	}
	if (s3_get(p->place.client, t->bucket, t->key, NULL, S3_OBJECT_MOST, p->arena, &bytes, &len, &newest, &unimportant) == STATUS_OK &&
	    (len != t->len || memcmp(bytes, t->bytes, len) != 0))
		plan_note(p, "The newest version of s3://%s/%s is not the one that %s uses. This goes by the one in use; what somebody put there and did not "
		    "bring into use is not in it.", plan_shown(p, t->bucket), plan_shown(p, t->key), t->shown);
}

static void
note_warnings(struct plan *p, const struct truststore *t)
{
	for (size_t i = 0; i < t->domain.warnings_len; i++)
		plan_note(p, "API Gateway warns of the truststore as it is: %s", plan_shown(p, t->domain.warnings[i]));
}

static void
note_intermediates(struct plan *p, const struct trust_wish *w, const struct truststore *t)
{
	if (w->add == NULL || !w->add->self_signed)
		return;
	for (size_t i = 0; i < t->bundle.len; i++) {
		if (t->bundle.certs[i] != w->add && !t->bundle.certs[i]->self_signed && cert_could_issue(w->add, t->bundle.certs[i]))
			return;
	}
	plan_note(p, "API Gateway wants every intermediate in its truststore, and none of %s is in it: clients whose certificate comes from a CA below it "
	    "are refused with 403 until that CA is added too.", trust_cert_words(p, w->add));
}

/* ---- the step ---- */

static cJSON *
args_of(struct plan *p, const struct trust_wish *w, const struct truststore *t)
{
	cJSON *args = cJSON_CreateObject();

	cJSON_AddStringToObject(args, "domain", w->where);
	cJSON_AddStringToObject(args, "api", t->http ? "http" : "rest");
	cJSON_AddStringToObject(args, "uri", t->domain.truststore);
	cJSON_AddStringToObject(args, "bucket", t->bucket);
	cJSON_AddStringToObject(args, "key", t->key);
	cJSON_AddStringToObject(args, "text", trust_text(p, &t->bundle));
	cJSON_AddStringToObject(args, "was", t->was);
	cJSON_AddStringToObject(args, "was_uri", t->domain.truststore);
	if (t->domain.version != NULL)
		cJSON_AddStringToObject(args, "was_version", t->domain.version);
	cJSON_AddStringToObject(args, "as", plan_text(p, "trust%zu", p->len + 1));
	return args;
}

static const char *
command_of(struct plan *p, const struct trust_wish *w, const struct truststore *t)
{
	const char *get;
	struct aws_line l;

	aws_line_begin(&l, &p->place, NULL, "s3api get-object");
	aws_line_option(&l, "--bucket", t->bucket);
	aws_line_option(&l, "--key", t->key);
	if (t->domain.version != NULL)
		aws_line_option(&l, "--version-id", t->domain.version);
	aws_line_option(&l, "truststore-before.pem", NULL);
	get = aws_line_end(&l, p, NULL);
	return plan_text(p, "%s%s &&\n%s truststore-before.pem%s >truststore.pem &&\n%s &&\n%s", trust_files_comment(p, w), get, trust_filter(p, w),
	    trust_added_files(p, w), trust_put_line(p, t->versioned ? "VERSION" : NULL, t->bucket, t->key, "truststore.pem"),
	    trust_domain_line(p, t->http, w->where, t->domain.truststore, t->versioned));
}

static void
add_step(struct plan *p, const struct trust_wish *w, const struct truststore *t)
{
	const char *object = plan_text(p, "s3://%s/%s", plan_shown(p, t->bucket), plan_shown(p, t->key));
	struct plan_step *s = plan_add_deed(p, &deed_put_domain_truststore, args_of(p, w, t));

	s->what = trust_order(p, w, plan_text(p, "the truststore of %s", t->shown));
	s->reads = plan_text(p, "%s%s%s: %zu CA%s; the domain name until it is AVAILABLE, and its warnings", object, t->domain.version != NULL ? ", version " : "",
	    t->domain.version != NULL ? plan_shown(p, t->domain.version) : "", t->before, t->before == 1 ? "" : "s");
	s->changes = plan_text(p, "%s%s: %zu CA%s instead of %zu; %s uses it", t->versioned ? "a new version of " : "", object, t->bundle.len,
	    t->bundle.len == 1 ? "" : "s", t->before, t->shown);
	s->call = t->http ? "s3 PutObject, apigatewayv2 UpdateDomainName" : "s3 PutObject, apigateway UpdateDomainName";
	s->command = command_of(p, w, t);
	s->undo = t->domain.version != NULL ? plan_text(p, "UpdateDomainName with version %s again", plan_shown(p, t->domain.version))
	                                    : "the old bytes are put there again, and UpdateDomainName reads them";
	plan_reaches(p, "API Gateway's domain name %s, which judges clients by it", t->shown);
	trust_reached(p, true);
}

status
trust_apigateway_steps(struct plan *p, const struct trust_wish *w, struct error *err)
{
	struct truststore t = { .bucket = NULL };
	status result = find_domain(p, w, &t, err);

	if (result == STATUS_OK)
		result = fetch(p, &t, err);
	if (result == STATUS_OK && !trust_do(w, &t.bundle)) {
		trust_as_wished(p, w, plan_text(p, "the truststore of %s", t.shown));
	} else if (result == STATUS_OK && (result = trust_limits(w, &t.bundle, &bundle_of_apigateway, false, err)) == STATUS_OK) {
		t.versioned = trust_versioned(p, t.bucket);
		note_other_versions(p, &t);
		note_warnings(p, &t);
		note_intermediates(p, w, &t);
		trust_notes(p, w);
		add_step(p, w, &t);
	}
	bundle_done(&t.bundle);
	return result;
}
