/* The same custom domains as HTTP APIs' interface shows and changes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/apigateway_parts.h"

enum { PAGE = 25, PAGE_MOST = 500 };

static cJSON *
shown(struct gateway_call *k, const struct gateway_domain *d)
{
	cJSON *out = cJSON_CreateObject(), *configuration = cJSON_CreateObject(), *mutual = gateway_mutual(d);

	cJSON_AddStringToObject(out, "domainName", d->name);
	cJSON_AddStringToObject(out, "apiMappingSelectionExpression", "$request.basepath");
	cJSON_AddStringToObject(configuration, "apiGatewayDomainName", arena_printf(k->q->arena, "d-practice1.execute-api.%s.amazonaws.com", k->q->region));
	if (d->certificate != NULL)
		cJSON_AddStringToObject(configuration, "certificateArn", d->certificate);
	cJSON_AddStringToObject(configuration, "endpointType", d->endpoint);
	cJSON_AddStringToObject(configuration, "hostedZoneId", "Z1UJRXOUMOOFQ8");
	cJSON_AddStringToObject(configuration, "securityPolicy", d->policy);
	cJSON_AddStringToObject(configuration, "domainNameStatus", gateway_status(d));
	if (d->ownership != NULL)
		cJSON_AddStringToObject(configuration, "ownershipVerificationCertificateArn", d->ownership);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(out, "domainNameConfigurations"), configuration);
	if (mutual != NULL)
		cJSON_AddItemToObject(out, "mutualTlsAuthentication", mutual);
	return out;
}

/* What a request gives replaces what is there. False with *p. */
static bool
merge(struct gateway_call *k, struct gateway_domain *d)
{
	const cJSON *in = k->q->json, *list = given(in, "domainNameConfigurations"), *mutual = given(in, "mutualTlsAuthentication");
	const cJSON *configuration = cJSON_GetArrayItem(list, 0);
	const struct {
		const char *name;
		const char **field;
	} fields[] = {
		{ "certificateArn", &d->certificate },
		{ "ownershipVerificationCertificateArn", &d->ownership },
		{ "securityPolicy", &d->policy },
		{ "endpointType", &d->endpoint },
	};

	if (list != NULL && cJSON_GetArraySize(list) != 1) {
		gateway_bad_request(k, "Invalid input. Expected one domain name configuration");
		return false;
	}
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (given_text(configuration, fields[i].name) != NULL)
			*fields[i].field = given_text(configuration, fields[i].name);
	if (!cJSON_IsObject(mutual))
		return true;
	/* An empty address turns it off, and another one starts from its newest version. */
	if (given(mutual, "truststoreUri") != NULL) {
		d->truststore_uri = given_text(mutual, "truststoreUri");
		d->truststore_version = NULL;
	}
	if (given(mutual, "truststoreVersion") != NULL)
		d->truststore_version = given_text(mutual, "truststoreVersion");
	return true;
}

void
gateway_v2_create(struct gateway_call *k)
{
	struct gateway_domain d = { .name = given_text(k->q->json, "domainName"), .created = k->q->now, .policy = "TLS_1_2", .endpoint = "REGIONAL" };

	if (!gateway_name_fits(d.name))
		gateway_bad_request(k, "Invalid domain name specified");
	else if (gateway_exists(k, d.name))
		cloud_fail(k->p, "ConflictException", "The domain name you provided already exists.");
	else if (cJSON_GetArraySize(given(k->q->json, "domainNameConfigurations")) != 1)
		gateway_bad_request(k, "Invalid input. Expected one domain name configuration");
	else if (merge(k, &d) && gateway_take_truststore(k, &d) && gateway_keep(k, &d)) {
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
gateway_v2_list(struct gateway_call *k)
{
	const char *limit = cloud_field(k->q->query, "maxResults", k->q->arena), *next;
	unsigned long most = limit != NULL ? strtoul(limit, NULL, 10) : PAGE;
	cJSON *out = cJSON_CreateObject();
	struct page page = { k, cJSON_AddArrayToObject(out, "items") };

	if (most == 0 || most > PAGE_MOST)
		most = PAGE;
	gateway_each(k, cloud_field(k->q->query, "nextToken", k->q->arena), most, add, &page, &next);
	if (next != NULL)
		cJSON_AddStringToObject(out, "nextToken", next);
	cloud_reply_json(k->p, out);
}

void
gateway_v2_get(struct gateway_call *k)
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

void
gateway_v2_patch(struct gateway_call *k)
{
	struct gateway_domain d;

	if (gateway_find(k, &d) && merge(k, &d) && gateway_take_truststore(k, &d) && gateway_keep(k, &d))
		cloud_reply_json(k->p, shown(k, &d));
}
