/* The lab's API Gateway: what its two APIs share, since a custom domain shows in both. */
#ifndef LAB_APIGATEWAY_PARTS_H
#define LAB_APIGATEWAY_PARTS_H

#include "lab/query.h"

struct gateway_domain {
	const char *name, *certificate, *ownership, *policy; /* policy: "TLS_1_2" */
	const char *endpoint;                    /* "REGIONAL", "EDGE" */
	const char *truststore_uri, *truststore_version; /* NULL: no mutual TLS; the newest version */
	const char *warnings;                    /* a JSON array, or NULL */
	int64_t created;
	int64_t looks;                           /* answers that will still say UPDATING */
};

struct gateway_call {
	struct cloud *c;
	const struct cloud_request *q;
	struct cloud_reply *p;
	const char *name;                        /* behind the collection's path: a domain or an API; NULL: none */
};

/* False with *p: there is no such domain. */
bool gateway_find(struct gateway_call *k, struct gateway_domain *out);
bool gateway_keep(struct gateway_call *k, const struct gateway_domain *d); /* false with *p: the disk */
/*
 * Judges the trust store that a domain has now, and fills its warnings; the change shows as UPDATING once. False with *p: it is
 * not to be had, or no trust store at all.
 */
bool gateway_take_truststore(struct gateway_call *k, struct gateway_domain *d);
/* mutualTlsAuthentication's members; NULL where it is off. */
cJSON *gateway_mutual(const struct gateway_domain *d);
const char *gateway_status(const struct gateway_domain *d);
/* Each of the domains of account and region, in order; after: the name behind which to start, or NULL. */
bool gateway_each(struct gateway_call *k, const char *after, size_t most, void (*visit)(void *user, const struct gateway_domain *d), void *user,
    const char **next);
void gateway_bad_request(struct gateway_call *k, const char *text);
bool gateway_name_fits(const char *name);
bool gateway_exists(struct gateway_call *k, const char *name);

/* ---- one row a method and path ---- */
void gateway_v1_create(struct gateway_call *k);
void gateway_v1_list(struct gateway_call *k);
void gateway_v1_get(struct gateway_call *k);
void gateway_v1_patch(struct gateway_call *k);
void gateway_v2_create(struct gateway_call *k);
void gateway_v2_list(struct gateway_call *k);
void gateway_v2_get(struct gateway_call *k);
void gateway_v2_patch(struct gateway_call *k);

/* ---- which APIs a domain leads to (lab/apigateway_mappings.c) ---- */
void gateway_v1_mappings(struct gateway_call *k);
void gateway_v1_map(struct gateway_call *k);
void gateway_v2_mappings(struct gateway_call *k);
void gateway_v2_map(struct gateway_call *k);

#endif
