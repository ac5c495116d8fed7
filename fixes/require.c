#include "fixes/require.h"

#include <stdlib.h>
#include <string.h>

#include "aws/apigateway.h"
#include "aws/elbv2.h"
#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/trust_parts.h"

#define STAGE "mtls"
enum { VERIFY_MOST = 2 }; /* listeners a load balancer that check clients: knowledge "aws" 4.1 */

static bool
is_word(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

/* ---- a listener ---- */

static status
find_listener(struct plan *p, const struct require_wish *w, struct listener *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct listener *found;
	size_t len;

	if (elbv2_listeners(p->place.client, NULL, w->where, p->arena, &found, &len, &why) != STATUS_OK)
		return plan_failed(p, &why, "look for the listener", err);
	if (len != 1)
		return error_set(err, ERROR_INPUT, STAGE, "there is no listener %s here", plan_shown(p, w->where));
	*out = found[0];
	if (!is_word(out->protocol, "HTTPS") && !is_word(out->protocol, "TLS"))
		return error_set(err, ERROR_INPUT, STAGE, "the listener of port %lld speaks %s: client certificates are asked for over HTTPS only",
		    (long long)out->port, out->protocol != NULL ? plan_shown(p, out->protocol) : "no TLS");
	return STATUS_OK;
}

static status
room_for_another(struct plan *p, const struct listener *l, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct listener *all;
	size_t len, verify = 0;

	if (elbv2_listeners(p->place.client, l->load_balancer, NULL, p->arena, &all, &len, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the load balancer's listeners", err);
	for (size_t i = 0; i < len; i++)
		verify += is_word(all[i].mutual.mode, "verify") && !is_word(all[i].arn, l->arn);
	if (verify >= VERIFY_MOST)
		return error_set(err, ERROR_INPUT, STAGE, "%zu listeners of this load balancer check clients already, and %d is the most", verify, VERIFY_MOST);
	return STATUS_OK;
}

static status
find_store(struct plan *p, const struct require_wish *w, struct trust_store *out, struct error *err)
{
	bool by_arn = w->trust_store != NULL && strncmp(w->trust_store, "arn:", 4) == 0;
	struct aws_error why = { .kind = AWS_FINE };
	struct trust_store *found;
	size_t len;

	if (w->trust_store == NULL)
		return error_set(err, ERROR_USAGE, STAGE, "name the trust store by which clients are to be judged");
	if (elbv2_trust_stores(p->place.client, by_arn ? w->trust_store : NULL, by_arn ? NULL : w->trust_store, p->arena, &found, &len, &why) != STATUS_OK)
		return plan_failed(p, &why, "look for the trust store", err);
	if (len != 1)
		return error_set(err, ERROR_INPUT, STAGE, "there is no trust store %s here", plan_shown(p, w->trust_store));
	if (!is_word(found[0].status, "ACTIVE"))
		return error_set(err, ERROR_AWS, STAGE, "trust store “%s” is not ACTIVE yet", plan_shown(p, found[0].name));
	*out = found[0];
	return STATUS_OK;
}

static const char *
listener_line(struct plan *p, const struct listener *l, const struct trust_store *st)
{
	struct aws_line line;

	aws_line_begin(&line, &p->place, NULL, "elbv2 modify-listener");
	aws_line_option(&line, "--listener-arn", l->arn);
	aws_line_option(&line, "--mutual-authentication", plan_text(p, "Mode=verify,TrustStoreArn=%s", st->arn));
	return aws_line_end(&line, p, NULL);
}

static void
listener_step(struct plan *p, const struct listener *l, const struct trust_store *st)
{
	const char *was = l->mutual.mode != NULL ? plan_shown(p, l->mutual.mode) : "off", *name = plan_shown(p, st->name != NULL ? st->name : st->arn);
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	cJSON_AddStringToObject(args, "listener", l->arn);
	cJSON_AddStringToObject(args, "mode", "verify");
	cJSON_AddStringToObject(args, "trust_store", st->arn);
	s = plan_add_deed(p, &deed_set_listener_mtls, args);
	s->what = plan_text(p, "let the listener of port %lld ask for client certificates, and judge them by trust store “%s”", (long long)l->port, name);
	s->reads = "the listener as it is now";
	s->changes = plan_text(p, "its mutual TLS: verify instead of %s; %lld CA%s may vouch for clients", was, (long long)st->certificates,
	    st->certificates == 1 ? "" : "s");
	s->call = "elasticloadbalancing ModifyListener";
	s->command = listener_line(p, l, st);
	s->undo = plan_text(p, "ModifyListener with mode %s again", was);
	plan_note(p, "From then on whoever shows no certificate of a CA of “%s” is refused. The connection log of the load balancer (off by default) says "
	    "who and why: tls_verify_status.", name);
	plan_reaches(p, "port %lld of the load balancer, at once", (long long)l->port);
	trust_reached(p, true);
}

static status
require_of_listener(struct plan *p, const struct require_wish *w, struct error *err)
{
	struct trust_store st = { .arn = NULL };
	struct listener l = { .arn = NULL };

	if (find_listener(p, w, &l, err) != STATUS_OK || find_store(p, w, &st, err) != STATUS_OK)
		return STATUS_FAILED;
	if (is_word(l.mutual.mode, "verify") && is_word(l.mutual.trust_store, st.arn)) {
		plan_note(p, "Nothing to do: the listener of port %lld checks clients with this trust store already.", (long long)l.port);
		return STATUS_OK;
	}
	if (room_for_another(p, &l, err) != STATUS_OK)
		return STATUS_FAILED;
	listener_step(p, &l, &st);
	return STATUS_OK;
}

/* ---- default addresses ---- */

struct api {
	const char *id, *stage;
	enum api_kind kind;
	bool disabled;
};

/* A mapping does not say of which kind an API is. */
static status
look_at_api(struct plan *p, struct api *api, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE }, again = { .kind = AWS_FINE };

	api->kind = API_REST;
	if (apigateway_default_endpoint(p->place.client, API_REST, api->id, &api->disabled, &why) == STATUS_OK)
		return STATUS_OK;
	api->kind = API_HTTP;
	if (why.kind == AWS_NOT_FOUND && apigateway_default_endpoint(p->place.client, API_HTTP, api->id, &api->disabled, &again) == STATUS_OK)
		return STATUS_OK;
	return plan_failed(p, why.kind == AWS_NOT_FOUND ? &again : &why, "look at the API's default address", err);
}

static const char *
api_line(struct plan *p, const struct api *api)
{
	struct aws_line l;

	aws_line_begin(&l, &p->place, NULL, api->kind == API_HTTP ? "apigatewayv2 update-api" : "apigateway update-rest-api");
	aws_line_option(&l, api->kind == API_HTTP ? "--api-id" : "--rest-api-id", api->id);
	if (api->kind == API_HTTP)
		aws_line_option(&l, "--disable-execute-api-endpoint", NULL);
	else
		aws_line_raw(&l, "--patch-operations", "op=replace,path=/disableExecuteApiEndpoint,value=true");
	return aws_line_end(&l, p, NULL);
}

/* It is not done here: whatever else was changed in the API and is not out yet would go out with it. */
static void
note_deployment(struct plan *p, const struct api *api)
{
	struct aws_line l;

	aws_line_begin(&l, &p->place, NULL, api->kind == API_HTTP ? "apigatewayv2 create-deployment" : "apigateway create-deployment");
	aws_line_option(&l, api->kind == API_HTTP ? "--api-id" : "--rest-api-id", api->id);
	if (api->stage != NULL)
		aws_line_option(&l, "--stage-name", api->stage);
	else
		aws_line_raw(&l, "--stage-name", "STAGE");
	plan_after(p, "API %s answers at its default address until it is deployed again%s. What else was changed in it goes out with that, so it is left to "
	    "you:\n%s", plan_shown(p, api->id), api->kind == API_HTTP ? ", unless its stage deploys by itself" : "", aws_line_end(&l, p, NULL));
}

static void
api_step(struct plan *p, const struct api *api)
{
	const char *id = plan_shown(p, api->id);
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	cJSON_AddStringToObject(args, "api", api->id);
	cJSON_AddStringToObject(args, "kind", api->kind == API_HTTP ? "http" : "rest");
	cJSON_AddTrueToObject(args, "disabled");
	s = plan_add_deed(p, &deed_set_execute_api, args);
	s->what = plan_text(p, "close the default address of API %s", id);
	s->reads = "whether it is open now";
	s->changes = plan_text(p, "%s.execute-api.%s.amazonaws.com answers 403, once the API is deployed again", id, aws_client_region(p->place.client));
	s->call = api->kind == API_HTTP ? "apigatewayv2 UpdateApi" : "apigateway UpdateRestApi";
	s->command = api_line(p, api);
	s->undo = "the same call opens it again";
	note_deployment(p, api);
	trust_reached(p, true);
}

/* The APIs that a domain name leads to, each once. */
static status
apis_of(struct plan *p, const char *domain, bool http, struct api **out, size_t *len, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct api_mapping *mappings;
	size_t mappings_len, cap = 0;

	*out = NULL;
	*len = 0;
	if (apigateway_mappings(p->place.client, http ? API_HTTP : API_REST, domain, p->arena, &mappings, &mappings_len, &why) != STATUS_OK)
		return plan_failed(p, &why, "ask which APIs the domain name leads to", err);
	for (size_t i = 0; i < mappings_len; i++) {
		bool twice = mappings[i].api == NULL;

		for (size_t k = 0; k < *len && !twice; k++)
			twice = strcmp((*out)[k].id, mappings[i].api) == 0;
		if (twice)
			continue;
		*out = arena_grow(p->arena, *out, *len, &cap, sizeof **out);
		(*out)[*len] = (struct api){ .id = mappings[i].api, .stage = mappings[i].stage };
		if (look_at_api(p, &(*out)[(*len)++], err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

static status
no_way_around(struct plan *p, const struct require_wish *w, struct error *err)
{
	struct api one = { .id = w->where }, *apis = &one;
	bool domain = strchr(w->where, '.') != NULL;
	size_t len = 1, open = 0;

	/* The newer API knows the mappings of both kinds, with paths that the older one cannot show. */
	if (domain ? apis_of(p, w->where, true, &apis, &len, err) != STATUS_OK : look_at_api(p, &one, err) != STATUS_OK)
		return STATUS_FAILED;
	if (len == 0)
		return error_set(err, ERROR_INPUT, STAGE, "%s leads to no API", plan_shown(p, w->where));
	for (size_t i = 0; i < len; i++) {
		if (apis[i].disabled)
			continue;
		api_step(p, &apis[i]);
		open++;
	}
	if (open == 0)
		plan_note(p, "Nothing to do: the default address of %s is closed already. Where it answers all the same, the API was not deployed since.",
		    domain ? "every API that it leads to" : "the API");
	return STATUS_OK;
}

/* ---- a domain name ---- */

static status
fits_domain(struct plan *p, const struct require_wish *w, const struct api_domain *d, struct error *err)
{
	const char *shown = plan_shown(p, w->where);

	if (w->bucket == NULL || w->key == NULL || w->cas_len == 0)
		return error_set(err, ERROR_USAGE, STAGE, "name the CAs that %s is to trust, and the bucket and key for its truststore", shown);
	if (d->endpoint_type != NULL && strcmp(d->endpoint_type, "REGIONAL") != 0)
		return error_set(err, ERROR_INPUT, STAGE, "%s is %s: API Gateway asks for client certificates at regional domain names only", shown,
		    plan_shown(p, d->endpoint_type));
	if (is_word(d->policy, "TLS_1_0"))
		return error_set(err, ERROR_INPUT, STAGE, "%s speaks TLS 1.0 (TLS_1_0); client certificates need the policy TLS_1_2 first", shown);
	if (d->status != NULL && strcmp(d->status, "AVAILABLE") != 0)
		return error_set(err, ERROR_AWS, STAGE, "%s is %s; it can be changed when it is AVAILABLE", shown, plan_shown(p, d->status));
	return STATUS_OK;
}

static status
bundle_of(const struct require_wish *w, struct bundle *out, struct error *err)
{
	for (size_t i = 0; i < w->cas_len; i++) {
		if (bundle_takes(&bundle_of_apigateway, w->cas[i], err) != STATUS_OK)
			return STATUS_FAILED;
		bundle_add(out, w->cas[i]);
	}
	return bundle_fits(out, &bundle_of_apigateway, false, err);
}

static const char *
domain_command(struct plan *p, const struct require_wish *w, bool http, const char *uri, bool versioned)
{
	const char *files = "", *comment = "", *line;
	struct aws_line l;

	for (size_t i = 0; i < w->cas_len; i++) {
		comment = plan_text(p, "%s# %s: the certificate with SHA-256 %s\n", comment, trust_cert_file(p, w->cas[i]), w->cas[i]->sha256_hex);
		files = plan_text(p, "%s %s", files, trust_cert_file(p, w->cas[i]));
	}
	if (http) {
		line = trust_domain_line(p, true, w->where, uri, versioned);
	} else {
		aws_line_begin(&l, &p->place, NULL, "apigateway update-domain-name");
		aws_line_option(&l, "--domain-name", w->where);
		aws_line_raw(&l, "--patch-operations", plan_text(p, "%s%s", plan_word(p, plan_text(p, "op=replace,path=/mutualTlsAuthentication/truststoreUri,value=%s",
		    uri)), versioned ? " \\\n    \"op=replace,path=/mutualTlsAuthentication/truststoreVersion,value=$VERSION\"" : ""));
		line = aws_line_end(&l, p, NULL);
	}
	return plan_text(p, "%s%s%s >truststore.pem &&\n%s &&\n%s", comment, "sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p'", files,
	    trust_put_line(p, versioned ? "VERSION" : NULL, w->bucket, w->key, "truststore.pem"), line);
}

static void
domain_step(struct plan *p, const struct require_wish *w, bool http, const struct bundle *b)
{
	const char *uri = plan_text(p, "s3://%s/%s", w->bucket, w->key), *shown = plan_shown(p, w->where);
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	cJSON_AddStringToObject(args, "domain", w->where);
	cJSON_AddStringToObject(args, "api", http ? "http" : "rest");
	cJSON_AddStringToObject(args, "uri", uri);
	cJSON_AddStringToObject(args, "bucket", w->bucket);
	cJSON_AddStringToObject(args, "key", w->key);
	cJSON_AddStringToObject(args, "text", trust_text(p, b));
	cJSON_AddStringToObject(args, "as", plan_text(p, "trust%zu", p->len + 1));
	s = plan_add_deed(p, &deed_put_domain_truststore, args);
	s->what = plan_text(p, "let %s ask for client certificates", shown);
	s->reads = "the domain name until it is AVAILABLE, and its warnings";
	s->changes = plan_text(p, "%s: a truststore of %zu CA%s; %s uses it", plan_shown(p, uri), b->len, b->len == 1 ? "" : "s", shown);
	s->call = http ? "s3 PutObject, apigatewayv2 UpdateDomainName" : "s3 PutObject, apigateway UpdateDomainName";
	s->command = domain_command(p, w, http, uri, trust_versioned(p, w->bucket));
	s->undo = "UpdateDomainName without a truststore; the object stays";
	plan_note(p, "From then on whoever shows no certificate of these CAs gets 403 from %s.", shown);
	plan_reaches(p, "API Gateway's domain name %s", shown);
	trust_reached(p, true);
}

static status
note_ways_around(struct plan *p, const struct require_wish *w, struct error *err)
{
	struct api *apis;
	size_t len;

	if (apis_of(p, w->where, true, &apis, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++) {
		if (!apis[i].disabled)
			plan_note(p, "API %s answers at its default address too, without a certificate: that is a way around (mtls.bypass).",
			    plan_shown(p, apis[i].id));
	}
	return STATUS_OK;
}

static status
require_of_domain(struct plan *p, const struct require_wish *w, struct error *err)
{
	struct bundle b = { 0 };
	struct api_domain d;
	bool as_http = w->http_api;
	status result;

	if (trust_find_domain(p, w->where, &as_http, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	if (d.truststore != NULL) {
		plan_note(p, "Nothing to do: %s asks for client certificates already, by %s.", plan_shown(p, w->where), plan_shown(p, d.truststore));
		return STATUS_OK;
	}
	result = fits_domain(p, w, &d, err);
	if (result == STATUS_OK)
		result = bundle_of(w, &b, err);
	if (result == STATUS_OK)
		result = note_ways_around(p, w, err);
	if (result == STATUS_OK)
		domain_step(p, w, as_http, &b);
	bundle_done(&b);
	return result;
}

status
require_steps(struct plan *p, const struct require_wish *w, struct error *err)
{
	static status (*const makers[])(struct plan *p, const struct require_wish *w, struct error *err) = {
		[REQUIRE_LISTENER] = require_of_listener,
		[REQUIRE_DOMAIN] = require_of_domain,
		[REQUIRE_NO_WAY_AROUND] = no_way_around,
	};

	return w->where != NULL ? makers[w->kind](p, w, err) : error_set(err, ERROR_INTERNAL, STAGE, "a wish of mutual TLS without a place");
}
