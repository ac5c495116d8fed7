/* What addresses out of certificates gave, as JSON: "revocation" and "fetches" of check --json. */
#include "model/json_parts.h"
#include "model/memory.h"
#include "model/revocation.h"

static void
add_revocation(cJSON *list, const struct evidence *e, const struct revocation *r, struct arena *a)
{
	cJSON *o = cJSON_CreateObject();
	bool holds = revocation_holds(r, evidence_now(e));
	char hex[SHA256_HEX];

	json_add_text(o, "certificate", fingerprint_hex(&r->of, hex));
	json_add_text(o, "status", revocation_status_name(holds ? r->status : REVOCATION_UNKNOWN));
	json_add_text(o, "by", revocation_by_name(r->by));
	json_add_text(o, "url", r->where);
	json_add_text(o, "reason", r->reason);
	json_add_time(o, "revoked_at", r->revoked_at);
	json_add_time(o, "produced_at", r->produced_at);
	json_add_time(o, "this_update", r->this_update);
	json_add_time(o, "next_update", r->next_update);
	json_add_text(o, "problem", holds ? NULL : revocation_why(r, evidence_now(e), a));
	cJSON_AddItemToArray(list, o);
}

void
json_add_fetched(cJSON *to, const struct evidence *e)
{
	cJSON *list = json_add_list(to, "revocation");
	struct arena *a = arena_new();

	for (size_t i = 0; i < e->revocations_len; i++)
		add_revocation(list, e, &e->revocations[i], a);
	list = json_add_list(to, "fetches");
	for (size_t i = 0; i < e->fetches_len; i++) {
		const struct fetch_note *f = &e->fetches[i];
		cJSON *o = cJSON_CreateObject();

		json_add_text(o, "for", fetch_kind_name(f->kind));
		json_add_text(o, "url", f->url);
		if (f->status != 0)
			cJSON_AddNumberToObject(o, "status", f->status);
		else
			cJSON_AddNullToObject(o, "status");
		cJSON_AddNumberToObject(o, "bytes", (double)f->bytes);
		json_add_ms(o, "ms", f->refused ? -1 : f->ms);
		cJSON_AddBoolToObject(o, "shared", f->shared);
		cJSON_AddBoolToObject(o, "refused", f->refused);
		json_add_text(o, "problem", f->problem);
		cJSON_AddItemToArray(list, o);
	}
	arena_free(a);
}
