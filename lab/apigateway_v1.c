/* Custom domains as REST APIs' interface shows and changes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/apigateway_parts.h"

enum { PAGE = 25, PAGE_MOST = 500 };

static cJSON *
shown(struct gateway_call *k, const struct gateway_domain *d)
{
	cJSON *out = cJSON_CreateObject(), *types = NULL, *mutual = gateway_mutual(d);
	bool regional = strcmp(d->endpoint, "REGIONAL") == 0;

	cJSON_AddStringToObject(out, "domainName", d->name);
	if (d->certificate != NULL)
		cJSON_AddStringToObject(out, regional ? "regionalCertificateArn" : "certificateArn", d->certificate);
	cJSON_AddNumberToObject(out, "certificateUploadDate", (double)d->created);
	if (regional) {
		cJSON_AddStringToObject(out, "regionalDomainName", arena_printf(k->q->arena, "d-practice1.execute-api.%s.amazonaws.com", k->q->region));
		cJSON_AddStringToObject(out, "regionalHostedZoneId", "Z1UJRXOUMOOFQ8");
	}
	types = cJSON_AddArrayToObject(cJSON_AddObjectToObject(out, "endpointConfiguration"), "types");
	cJSON_AddItemToArray(types, cJSON_CreateString(d->endpoint));
	cJSON_AddStringToObject(out, "domainNameStatus", gateway_status(d));
	cJSON_AddStringToObject(out, "securityPolicy", d->policy);
	if (d->ownership != NULL)
		cJSON_AddStringToObject(out, "ownershipVerificationCertificateArn", d->ownership);
	if (mutual != NULL)
		cJSON_AddItemToObject(out, "mutualTlsAuthentication", mutual);
	return out;
}

void
gateway_v1_create(struct gateway_call *k)
{
	const cJSON *in = k->q->json, *mutual = given(in, "mutualTlsAuthentication");
	const char *type = NULL, *policy = given_text(in, "securityPolicy");
	struct gateway_domain d = { .name = given_text(in, "domainName"), .created = k->q->now, .ownership = given_text(in, "ownershipVerificationCertificateArn"),
		.certificate = given_text(in, "regionalCertificateArn"), .truststore_uri = given_text(mutual, "truststoreUri"),
		.truststore_version = given_text(mutual, "truststoreVersion"), .policy = policy != NULL ? policy : "TLS_1_2" };
	const cJSON *first = cJSON_GetArrayItem(given(given(in, "endpointConfiguration"), "types"), 0);

	type = cJSON_IsString(first) ? first->valuestring : "EDGE";
	d.endpoint = strcmp(type, "REGIONAL") == 0 ? "REGIONAL" : "EDGE";
	if (d.certificate == NULL)
		d.certificate = given_text(in, "certificateArn");
	if (!gateway_name_fits(d.name))
		gateway_bad_request(k, "Invalid domain name specified");
	else if (gateway_exists(k, d.name))
		cloud_fail(k->p, "ConflictException", "The domain name you provided already exists.");
	else if (d.certificate == NULL)
		gateway_bad_request(k, "A certificate was not provided for the endpoint type");
	else if (gateway_take_truststore(k, &d) && gateway_keep(k, &d)) {
		k->p->status = 201;
		cloud_reply_json(k->p, shown(k, &d));
	}
}

struct page {
	struct gateway_call *k;
	cJSON *list;
};

static void
add(void *user, const struct gateway_domain *d)
{
	struct page *p = user;

	cJSON_AddItemToArray(p->list, shown(p->k, d));
}

void
gateway_v1_list(struct gateway_call *k)
{
	const char *limit = cloud_field(k->q->query, "limit", k->q->arena), *next;
	unsigned long most = limit != NULL ? strtoul(limit, NULL, 10) : PAGE;
	cJSON *out = cJSON_CreateObject();
	struct page page = { k, cJSON_AddArrayToObject(out, "item") };

	if (most == 0 || most > PAGE_MOST)
		most = PAGE;
	gateway_each(k, cloud_field(k->q->query, "position", k->q->arena), most, add, &page, &next);
	if (next != NULL)
		cJSON_AddStringToObject(out, "position", next);
	cloud_reply_json(k->p, out);
}

void
gateway_v1_get(struct gateway_call *k)
{
	struct gateway_domain d;

	if (!gateway_find(k, &d))
		return;
	cloud_reply_json(k->p, shown(k, &d));
	if (d.looks > 0) {
		d.looks--;
		(void)gateway_keep(k, &d);
	}
}

/* What may be replaced, and where it goes. False: no such path. */
static bool
replace(struct gateway_domain *d, const char *path, const char *value)
{
	const struct {
		const char *path;
		const char **field;
	} fields[] = {
		{ "/mutualTlsAuthentication/truststoreUri", &d->truststore_uri },
		{ "/mutualTlsAuthentication/truststoreVersion", &d->truststore_version },
		{ "/regionalCertificateArn", &d->certificate },
		{ "/certificateArn", &d->certificate },
		{ "/ownershipVerificationCertificateArn", &d->ownership },
		{ "/securityPolicy", &d->policy },
	};

	for (size_t i = 0; path != NULL && i < sizeof fields / sizeof fields[0]; i++)
		if (strcmp(fields[i].path, path) == 0) {
			*fields[i].field = value;
			return true;
		}
	return false;
}

void
gateway_v1_patch(struct gateway_call *k)
{
	const cJSON *operations = given(k->q->json, "patchOperations"), *one;
	struct gateway_domain d;

	if (!gateway_find(k, &d))
		return;
	if (!cJSON_IsArray(operations) || cJSON_GetArraySize(operations) == 0) {
		gateway_bad_request(k, "Invalid patch operations specified");
		return;
	}
	cJSON_ArrayForEach(one, operations) {
		const char *op = given_text(one, "op"), *path = given_text(one, "path"), *value = given_text(one, "value");
		if (op == NULL || strcmp(op, "replace") != 0 || !replace(&d, path, value)) {
			cloud_fail(k->p, "BadRequestException", "Invalid patch path  '%s' specified for op '%s'. Must be one of: "
			    "[/mutualTlsAuthentication/truststoreUri, /mutualTlsAuthentication/truststoreVersion, /regionalCertificateArn, /certificateArn, "
			    "/ownershipVerificationCertificateArn, /securityPolicy]", path != NULL ? path : "", op != NULL ? op : "");
			return;
		}
	}
	if (d.policy == NULL || d.certificate == NULL)
		gateway_bad_request(k, "Invalid value specified for a required property");
	else if (gateway_take_truststore(k, &d) && gateway_keep(k, &d))
		cloud_reply_json(k->p, shown(k, &d));
}
