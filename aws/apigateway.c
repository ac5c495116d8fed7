#include "aws/apigateway.h"

#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/fields.h"
#include "model/limits.h"

/* What differs between the two. */
static const struct shape {
	const struct aws_service *service;
	const char *domains, *apis, *mappings; /* paths */
	const char *items, *token, *token_query, *api_id, *mapping_path;
} shapes[] = {
	[API_REST] = { .service = &aws_apigateway, .domains = "/domainnames", .apis = "/restapis", .mappings = "basepathmappings",
	    .items = "item", .token = "position", .token_query = "position", .api_id = "restApiId", .mapping_path = "basePath" },
	[API_HTTP] = { .service = &aws_apigatewayv2, .domains = "/v2/domainnames", .apis = "/v2/apis", .mappings = "apimappings",
	    .items = "items", .token = "nextToken", .token_query = "nextToken", .api_id = "apiId", .mapping_path = "apiMappingKey" },
};

/* "/domainnames", and a name behind it, and a part of that. The caller's. */
static char *
path_of(const char *base, const char *name, const char *part)
{
	struct buf out = { .data = NULL };

	buf_adds(&out, base);
	if (name != NULL) {
		buf_addc(&out, '/');
		sigv4_encode(&out, name, strlen(name), false);
	}
	if (part != NULL)
		buf_addf(&out, "/%s", part);
	return out.data;
}

/* Takes the path and the body over. *out is the caller's to delete. */
static status
ask(struct aws_client *c, enum api_kind kind, const char *operation, const char *method, char *path, const char *query, cJSON *in,
    cJSON **out, struct aws_error *err)
{
	/* Without the first the older API answers in another shape (HAL), as botocore knows. */
	const struct sigv4_header headers[] = { { .name = "accept", .value = "application/json" },
		{ .name = "content-type", .value = "application/json" } };
	char *body = in == NULL ? NULL : cJSON_PrintUnformatted(in);
	struct aws_call call = { .service = shapes[kind].service, .operation = operation, .method = method, .path = path, .query = query,
	    .headers = headers, .headers_len = in == NULL ? 1 : 2, .body = body, .body_len = body == NULL ? 0 : strlen(body) };
	struct aws_http_answer answer = { .status = 0 };
	status result = aws_call(c, &call, &answer, err);

	*out = NULL;
	if (result == STATUS_OK)
		result = aws_answer_json(&answer, out, err);
	aws_http_answer_done(&answer);
	cJSON_Delete(in);
	free(body);
	free(path);
	return result;
}

/* ---- domain names ---- */

static void
take_mutual(const cJSON *o, struct arena *a, struct api_domain *d)
{
	const cJSON *mutual = cJSON_GetObjectItemCaseSensitive(o, "mutualTlsAuthentication");

	d->truststore = field_text(a, mutual, "truststoreUri");
	if (d->truststore != NULL && d->truststore[0] == '\0')
		d->truststore = NULL;
	d->version = field_text(a, mutual, "truststoreVersion");
	d->warnings = field_texts(a, mutual, "truststoreWarnings", &d->warnings_len);
}

static struct api_domain
take_domain(const cJSON *o, enum api_kind kind, struct arena *a)
{
	const cJSON *part = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "domainNameConfigurations"), 0);
	const cJSON *types = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(o, "endpointConfiguration"), "types");
	struct api_domain d = { .kind = kind, .name = field_text(a, o, "domainName") };

	if (kind == API_REST)
		part = o;
	d.status = field_text(a, part, "domainNameStatus");
	d.status_message = field_text(a, part, "domainNameStatusMessage");
	d.policy = field_text(a, part, "securityPolicy");
	d.ownership = field_text(a, part, "ownershipVerificationCertificateArn");
	if (kind == API_HTTP) {
		d.endpoint_type = field_text(a, part, "endpointType");
		d.host = field_text(a, part, "apiGatewayDomainName");
		d.certificate = field_text(a, part, "certificateArn");
	} else {
		const char *type = cJSON_GetStringValue(cJSON_GetArrayItem(types, 0));
		d.endpoint_type = type == NULL ? NULL : arena_strdup(a, type);
		d.host = field_text(a, o, "regionalDomainName");
		d.certificate = field_text(a, o, "regionalCertificateArn");
		if (d.host == NULL)
			d.host = field_text(a, o, "distributionDomainName");
		if (d.certificate == NULL)
			d.certificate = field_text(a, o, "certificateArn");
	}
	take_mutual(o, a, &d);
	return d;
}

/* Goes through every page; each is told to `take`. */
static status
list(struct aws_client *c, enum api_kind kind, const char *operation, const char *domain, const char *part,
    void (*take)(void *user, const cJSON *item), void *user, struct aws_error *err)
{
	const struct shape *s = &shapes[kind];
	struct paging p = { .token = NULL };
	status result;

	do {
		struct buf query = { .data = NULL };
		const cJSON *items, *item;
		cJSON *answer;

		query_add(&query, s->token_query, p.token);
		result = ask(c, kind, operation, "GET", path_of(s->domains, domain, part), query.data, NULL, &answer, err);
		items = cJSON_GetObjectItemCaseSensitive(answer, s->items);
		cJSON_ArrayForEach(item, items)
			take(user, item);
		if (result == STATUS_OK)
			result = paging_next(&p, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, s->token)),
			    (size_t)cJSON_GetArraySize(items), err);
		cJSON_Delete(answer);
		buf_done(&query);
	} while (result == STATUS_OK && p.more);
	paging_done(&p);
	return result;
}

struct gathered {
	struct arena *arena;
	enum api_kind kind;
	struct api_domain *domains;
	struct api_mapping *mappings;
	size_t len, cap;
};

static void
gather_domain(void *user, const cJSON *item)
{
	struct gathered *g = user;

	g->domains = arena_grow(g->arena, g->domains, g->len, &g->cap, sizeof *g->domains);
	g->domains[g->len++] = take_domain(item, g->kind, g->arena);
}

static void
gather_mapping(void *user, const cJSON *item)
{
	struct gathered *g = user;
	const struct shape *s = &shapes[g->kind];

	g->mappings = arena_grow(g->arena, g->mappings, g->len, &g->cap, sizeof *g->mappings);
	g->mappings[g->len++] = (struct api_mapping){ .api = field_text(g->arena, item, s->api_id),
	    .stage = field_text(g->arena, item, "stage"), .path = field_text(g->arena, item, s->mapping_path) };
}

status
apigateway_domains(struct aws_client *c, enum api_kind kind, struct arena *a, struct api_domain **out, size_t *len, struct aws_error *err)
{
	struct gathered g = { .arena = a, .kind = kind };
	status result = list(c, kind, "GetDomainNames", NULL, NULL, gather_domain, &g, err);

	*out = g.domains;
	*len = g.len;
	return result;
}

status
apigateway_mappings(struct aws_client *c, enum api_kind kind, const char *domain, struct arena *a, struct api_mapping **out, size_t *len,
    struct aws_error *err)
{
	struct gathered g = { .arena = a, .kind = kind };
	status result = list(c, kind, kind == API_REST ? "GetBasePathMappings" : "GetApiMappings", domain, shapes[kind].mappings,
	    gather_mapping, &g, err);

	*out = g.mappings;
	*len = g.len;
	return result;
}

/* The answer is the domain name. */
static status
take_answer(status result, cJSON *answer, enum api_kind kind, struct arena *a, struct api_domain *out, struct aws_error *err)
{
	if (result == STATUS_OK) {
		*out = take_domain(answer, kind, a);
		if (out->name == NULL)
			result = aws_error_set(err, AWS_ANSWER, NULL, "there is no domainName in the answer");
	}
	cJSON_Delete(answer);
	return result;
}

status
apigateway_domain(struct aws_client *c, enum api_kind kind, const char *name, struct arena *a, struct api_domain *out, struct aws_error *err)
{
	cJSON *answer;
	status result = ask(c, kind, "GetDomainName", "GET", path_of(shapes[kind].domains, name, NULL), NULL, NULL, &answer, err);

	return take_answer(result, answer, kind, a, out, err);
}

static void
add_patch(cJSON *operations, const char *path, const char *value)
{
	cJSON *o;

	if (value == NULL)
		return;
	o = cJSON_CreateObject();
	field_add(o, "op", "replace");
	field_add(o, "path", path);
	field_add(o, "value", value);
	cJSON_AddItemToArray(operations, o);
}

status
apigateway_set_truststore(struct aws_client *c, enum api_kind kind, const char *name, const char *truststore, const char *version,
    struct arena *a, struct api_domain *out, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *answer, *part;
	status result;

	if (kind == API_REST) {
		part = cJSON_AddArrayToObject(in, "patchOperations");
		add_patch(part, "/mutualTlsAuthentication/truststoreUri", truststore);
		add_patch(part, "/mutualTlsAuthentication/truststoreVersion", version);
	} else {
		part = cJSON_AddObjectToObject(in, "mutualTlsAuthentication");
		field_add(part, "truststoreUri", truststore);
		field_add(part, "truststoreVersion", version);
	}
	result = ask(c, kind, "UpdateDomainName", "PATCH", path_of(shapes[kind].domains, name, NULL), NULL, in, &answer, err);
	return take_answer(result, answer, kind, a, out, err);
}

status
apigateway_wait_domain(struct aws_client *c, enum api_kind kind, const char *name, struct arena *a, struct api_domain *out,
    struct aws_error *err)
{
	for (unsigned tries = 0; tries < LIMIT_AWS_CHANGE_TRIES; tries++) {
		if (aws_client_wait_change(c, tries, err) != STATUS_OK)
			return STATUS_FAILED;
		if (apigateway_domain(c, kind, name, a, out, err) != STATUS_OK)
			return STATUS_FAILED;
		if (out->status == NULL || strcmp(out->status, "UPDATING") != 0)
			return STATUS_OK;
	}
	return aws_error_set(err, AWS_IN_PROGRESS, NULL, "the domain name is still UPDATING; what was asked for still stands");
}

/* ---- default endpoints ---- */

status
apigateway_default_endpoint(struct aws_client *c, enum api_kind kind, const char *api, bool *disabled, struct aws_error *err)
{
	cJSON *answer;
	status result = ask(c, kind, kind == API_REST ? "GetRestApi" : "GetApi", "GET", path_of(shapes[kind].apis, api, NULL), NULL, NULL,
	    &answer, err);

	if (result == STATUS_OK)
		*disabled = field_true(answer, "disableExecuteApiEndpoint");
	cJSON_Delete(answer);
	return result;
}

status
apigateway_disable_default_endpoint(struct aws_client *c, enum api_kind kind, const char *api, bool disable, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *answer;
	status result;

	if (kind == API_REST)
		add_patch(cJSON_AddArrayToObject(in, "patchOperations"), "/disableExecuteApiEndpoint", disable ? "true" : "false");
	else
		cJSON_AddBoolToObject(in, "disableExecuteApiEndpoint", disable);
	result = ask(c, kind, kind == API_REST ? "UpdateRestApi" : "UpdateApi", "PATCH", path_of(shapes[kind].apis, api, NULL), NULL, in, &answer,
	    err);
	cJSON_Delete(answer);
	return result;
}
