/* check --json: CONTRACT section 3, in the order of its example. */
#include "model/json.h"
#include "model/json_parts.h"
#include "model/matched.h"
#include "model/would_send.h"

static void
add_target(cJSON *to, const struct target *t)
{
	cJSON *o = cJSON_AddObjectToObject(to, "target");

	json_add_text(o, "name", t->name);
	json_add_text(o, "host", t->host);
	if (t->unix_path != NULL && t->host == NULL)
		cJSON_AddNullToObject(o, "port");
	else
		cJSON_AddNumberToObject(o, "port", t->port);
	json_add_text(o, "servername", target_name(t));
	json_add_text(o, "starttls", starttls_name(t->starttls));
	json_add_text(o, "path", t->http ? t->path : NULL);
	if (t->unix_path != NULL)
		json_add_text(o, "unix_socket", t->unix_path);
	if (t->group != NULL)
		json_add_text(o, "group", t->group);
}

static void
add_identity(cJSON *to, const struct identity *us)
{
	cJSON *o, *list;

	if (us == NULL) {
		cJSON_AddNullToObject(to, "identity");
		return;
	}
	o = cJSON_AddObjectToObject(to, "identity");
	list = json_add_list(o, "certificates");
	for (size_t i = 0; i < us->len; i++)
		cJSON_AddItemToArray(list, json_text(us->certs[i]->sha256_hex));
	cJSON_AddBoolToObject(o, "key_matches", us->matches);
}

static void
add_clocks(cJSON *to, const struct clocks *c)
{
	cJSON *list = json_add_list(to, "clocks"), *o = cJSON_CreateObject();

	json_add_text(o, "of", "local");
	cJSON_AddNumberToObject(o, "offset_ms", 0);
	cJSON_AddItemToArray(list, o);
	if (!c->server_known)
		return;
	o = cJSON_CreateObject();
	json_add_text(o, "of", "server");
	json_add_text(o, "source", c->server_source);
	cJSON_AddNumberToObject(o, "offset_ms", (double)c->server_offset_ms);
	cJSON_AddNumberToObject(o, "uncertainty_ms", (double)c->server_uncertainty_ms);
	cJSON_AddItemToArray(list, o);
}

static void
add_would_send(cJSON *to, const struct evidence *e)
{
	struct would_send clients[WOULD_SEND_CLIENTS];
	size_t len = would_send(e, clients);
	cJSON *list = json_add_list(to, "would_send");

	for (size_t i = 0; i < len; i++) {
		cJSON *o = cJSON_CreateObject();
		json_add_text(o, "client", clients[i].client);
		if (clients[i].sends == SENDS_UNKNOWN)
			cJSON_AddNullToObject(o, "sends");
		else
			cJSON_AddBoolToObject(o, "sends", clients[i].sends == SENDS_IT);
		json_add_text(o, "because", clients[i].because);
		json_add_text(o, "version", clients[i].version);
		json_add_text(o, "source", clients[i].source);
		cJSON_AddItemToArray(list, o);
	}
}

void
json_check(const struct diagnosis *d, struct buf *out)
{
	const struct evidence *e = d->evidence;
	cJSON *o = cJSON_CreateObject(), *stack;

	json_add_text(o, "schema", "mtlscope.check/1");
	json_add_time(o, "started", e->started_ms / 1000);
	json_add_ms(o, "took_ms", e->took_ms);
	add_target(o, &e->target);
	json_add_verdict(o, d);
	json_add_text(o, "seen_from", e->seen_from);
	json_add_text(o, "identity_from", e->identity != NULL ? e->identity->cert_file : NULL);
	json_add_text(o, "matched_with", e->matched != NULL ? e->matched->with : NULL);
	json_add_text(o, "summary", d->summary != NULL ? d->summary : "");
	json_add_findings(o, d);
	json_add_certificates(o, d);
	json_add_chain(o, d);
	json_add_paths(o, d);
	add_identity(o, e->identity);
	json_add_handshakes(o, d);
	json_add_fetched(o, e);
	add_clocks(o, &e->clocks);
	stack = cJSON_AddObjectToObject(o, "stack");
	json_add_text(stack, "name", d->stack.name != NULL ? d->stack.name : "unknown");
	json_add_text(stack, "confidence", confidence_name(d->stack.confidence));
	json_add_text(stack, "because", d->stack.because);
	json_add_text(stack, "source", d->stack.source);
	add_would_send(o, e);
	json_print(o, out);
}
