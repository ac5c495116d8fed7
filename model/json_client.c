/* listen --json: one object a client, schema mtlscope.client/1. Findings, chain and handshakes are those of check. */
#include <stdio.h>

#include "model/alert.h"
#include "model/client.h"
#include "model/json.h"
#include "model/json_parts.h"

static void
add_numbers(cJSON *to, const char *name, const struct numbers *n, const char *(*name_of)(uint16_t))
{
	cJSON *list = json_add_list(to, name);

	for (size_t i = 0; i < n->len; i++) {
		const char *known = name_of != NULL ? name_of(n->items[i]) : NULL;
		char number[8];

		snprintf(number, sizeof number, "0x%04x", n->items[i]);
		cJSON_AddItemToArray(list, json_text(known != NULL ? known : number));
	}
}

static const char *
version_name(uint16_t v)
{
	return v >= 0x0300 && v <= 0x0304 ? tls_version_name(v) : NULL;
}

static void
add_offered(cJSON *to, const struct client_hello *h)
{
	struct numbers legacy = { .items = (uint16_t[]){ h->legacy_version }, .len = 1 };
	cJSON *o;

	if (!h->seen) {
		cJSON_AddNullToObject(to, "offered");
		return;
	}
	o = cJSON_AddObjectToObject(to, "offered");
	add_numbers(o, "versions", h->versions.len > 0 ? &h->versions : &legacy, version_name);
	add_numbers(o, "ciphers", &h->ciphers, NULL);
	add_numbers(o, "groups", &h->groups, group_name);
	add_numbers(o, "signature_algorithms", &h->sigalgs, sigalg_name);
	json_add_text(o, "servername", h->sni);
	json_add_text(o, "alpn", h->alpn);
}

static void
add_stack(cJSON *to, const struct client *c)
{
	struct client_stack stack = client_stack_guess(c);
	cJSON *o = cJSON_AddObjectToObject(to, "stack");

	json_add_text(o, "name", stack.name);
	json_add_text(o, "confidence", confidence_name(stack.confidence));
	json_add_text(o, "because", stack.because);
	json_add_text(to, "user_agent", c->agent);
}

void
json_client(const struct diagnosis *d, struct buf *out)
{
	const struct evidence *e = d->evidence;
	const struct client *c = e->client;
	cJSON *o = cJSON_CreateObject();

	json_add_text(o, "schema", "mtlscope.client/1");
	cJSON_AddNumberToObject(o, "number", (double)c->number);
	json_add_time(o, "started", e->started_ms / 1000);
	json_add_ms(o, "took_ms", e->took_ms);
	json_add_text(o, "from", c->from);
	json_add_text(o, "listening", c->listening->address);
	json_add_text(o, "like", c->listening->like);
	json_add_text(o, "trust", c->listening->trust_named && e->trust != NULL ? e->trust->from : NULL);
	json_add_verdict(o, d);
	json_add_text(o, "seen_from", e->seen_from);
	json_add_text(o, "summary", d->summary != NULL ? d->summary : "");
	json_add_findings(o, d);
	json_add_certificates(o, d);
	json_add_chain(o, d);
	json_add_paths(o, d);
	add_offered(o, &c->hello);
	json_add_text(o, "asked", c->asked == ASKED_AS_SET ? "as-set" : "for-any");
	json_add_handshake(json_add_list(o, "handshakes"), NULL, c->handshake);
	add_stack(o, c);
	json_print(o, out);
}
