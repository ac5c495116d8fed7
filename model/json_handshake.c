/* Handshake records as JSON. */
#include <stdio.h>

#include "model/alert.h"
#include "model/experiment_shows.h"
#include "model/json_parts.h"

/* What `listen` recorded is the client's: there it is the client who speaks. */
static const char *
peer_name(const struct handshake *h, enum peer p)
{
	return p == PEER_SERVER ? "server" : h->listened ? "client" : "us";
}

static void
add_request(cJSON *o, const struct certificate_request *r)
{
	cJSON *list;

	cJSON_AddBoolToObject(o, "asked_for_certificate", r->seen);
	list = json_add_list(o, "acceptable_cas");
	for (size_t i = 0; i < r->cas_len; i++)
		cJSON_AddItemToArray(list, json_text(r->cas[i].safe));
	list = json_add_list(o, "signature_algorithms");
	for (size_t i = 0; i < r->sigalgs_len; i++) {
		char number[8];
		const char *name = sigalg_name(r->sigalgs[i]);
		snprintf(number, sizeof number, "0x%04x", r->sigalgs[i]);
		cJSON_AddItemToArray(list, json_text(name != NULL ? name : number));
	}
}

static void
add_alerts(cJSON *o, const struct handshake *h)
{
	cJSON *list = json_add_list(o, "alerts");

	for (size_t i = 0; i < h->alerts_len; i++) {
		const struct alert *a = &h->alerts[i];
		cJSON *x = cJSON_CreateObject();
		json_add_text(x, "from", peer_name(h, a->from));
		json_add_text(x, "level", a->level == 2 ? "fatal" : a->level == 1 ? "warning" : "unknown");
		cJSON_AddNumberToObject(x, "number", a->number);
		json_add_text(x, "name", alert_info(a->number)->name);
		json_add_text(x, "when", phase_name(a->phase));
		json_add_ms(x, "at_ms", a->at_ms);
		cJSON_AddItemToArray(list, x);
	}
}

static void
add_messages(cJSON *o, const struct handshake *h)
{
	cJSON *list = json_add_list(o, "messages");

	for (size_t i = 0; i < h->messages_len; i++) {
		const struct message *m = &h->messages[i];
		cJSON *x = cJSON_CreateObject();
		json_add_text(x, "from", peer_name(h, m->from));
		json_add_text(x, "type", handshake_type_name(m->type));
		cJSON_AddNumberToObject(x, "bytes", (double)m->bytes);
		json_add_ms(x, "at_ms", m->at_ms);
		cJSON_AddItemToArray(list, x);
	}
}

static void
add_dialogue(cJSON *o, const struct handshake *h)
{
	cJSON *list = json_add_list(o, "dialogue");

	for (size_t i = 0; i < h->spoken_len; i++) {
		const struct spoken *s = &h->spoken[i];
		cJSON *x = cJSON_CreateObject();
		json_add_text(x, "from", s->by_us ? "us" : s->where == SPOKEN_TO_PROXY ? "proxy" : "server");
		json_add_text(x, "where", spoken_where_name(s->where));
		json_add_text(x, "text", s->text);
		json_add_ms(x, "at_ms", s->at_ms);
		cJSON_AddItemToArray(list, x);
	}
}

static void
add_ended(cJSON *o, const struct handshake *h)
{
	if (h->ended.how == END_NOT_YET) {
		cJSON_AddNullToObject(o, "ended");
		return;
	}
	cJSON *x = cJSON_AddObjectToObject(o, "ended");
	json_add_text(x, "by", peer_name(h, h->ended.by));
	json_add_text(x, "how", end_how_name(h->ended.how));
	json_add_text(x, "when", phase_name(h->ended.phase));
	json_add_ms(x, "at_ms", h->ended.at_ms);
}

void
json_add_handshake(cJSON *list, const struct diagnosis *d, const struct handshake *h)
{
	cJSON *o = cJSON_CreateObject(), *times;
	struct arena *a = arena_new();

	json_add_text(o, "id", h->id);
	json_add_text(o, "experiment", h->experiment);
	json_add_text(o, "address", h->address);
	json_add_text(o, "proxy", h->proxy);
	json_add_text(o, "tls", h->version != 0 ? tls_version_name(h->version) : NULL);
	json_add_text(o, "cipher", h->cipher);
	json_add_text(o, "group", h->group);
	json_add_text(o, "alpn", h->alpn);
	cJSON_AddBoolToObject(o, "resumed", h->resumed);
	add_request(o, &h->request);
	cJSON_AddNumberToObject(o, "sent_certificates", (double)h->sent_certs_len);
	add_alerts(o, h);
	add_messages(o, h);
	add_dialogue(o, h);
	add_ended(o, h);
	if (h->http.status != 0)
		cJSON_AddNumberToObject(o, "http_status", h->http.status);
	else
		cJSON_AddNullToObject(o, "http_status");
	if (h->http.ended != NULL)
		json_add_text(o, "http_ended", h->http.ended);
	json_add_text(o, "outcome", outcome_name(h->outcome));
	json_add_text(o, "shows", d != NULL ? experiment_shows(d, h, a) : NULL);
	json_add_text(o, "detail", h->detail);
	times = cJSON_AddObjectToObject(o, "timings");
	json_add_ms(times, "resolve_ms", h->resolve_ms);
	json_add_ms(times, "connect_ms", h->connect_ms);
	json_add_ms(times, "proxy_ms", h->proxy_ms);
	json_add_ms(times, "starttls_ms", h->starttls_ms);
	json_add_ms(times, "tls_ms", h->tls_ms);
	json_add_ms(times, "verdict_ms", h->verdict_ms);
	json_add_ms(times, "read_first_ms", h->read_first_ms);
	cJSON_AddItemToArray(list, o);
	arena_free(a);
}

void
json_add_handshakes(cJSON *to, const struct diagnosis *d)
{
	cJSON *list = json_add_list(to, "handshakes");

	for (size_t i = 0; i < d->evidence->handshakes_len; i++)
		json_add_handshake(list, d, d->evidence->handshakes[i]);
}
