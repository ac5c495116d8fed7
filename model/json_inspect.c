/* inspect --json: schema mtlscope.inspect/1. */
#include <stdio.h>

#include "model/json.h"
#include "model/json_parts.h"

static const char *
subject_of(const struct object *x)
{
	if (x->cert != NULL)
		return x->cert->subject.safe;
	return x->csr != NULL ? x->csr->subject.safe : NULL;
}

static void
add_matches(cJSON *o, size_t index, const struct inspection *inspection)
{
	cJSON *list = json_add_list(o, "matches");

	for (size_t i = 0; inspection != NULL && i < inspection->relations_len; i++) {
		const struct relation *r = &inspection->relations[i];
		if (r->object != index)
			continue;
		cJSON *x = cJSON_CreateObject();
		json_add_text(x, "as", belonging_name(r->kind));
		cJSON_AddNumberToObject(x, "object", (double)r->to);
		cJSON_AddItemToArray(list, x);
	}
}

static void
add_objects(cJSON *to, const struct objects *objects, const struct inspection *inspection)
{
	cJSON *list = json_add_list(to, "objects");

	for (size_t i = 0; i < objects->len; i++) {
		const struct object *x = &objects->items[i];
		const struct public_key *key = x->key != NULL ? &x->key->pub : x->csr != NULL ? &x->csr->key : NULL;
		cJSON *o = cJSON_CreateObject();
		json_add_text(o, "file", x->file);
		if (x->line > 0)
			cJSON_AddNumberToObject(o, "line", (double)x->line);
		else
			cJSON_AddNullToObject(o, "line");
		cJSON_AddNumberToObject(o, "byte", (double)x->byte);
		json_add_text(o, "kind", object_kind_name(x->kind));
		json_add_text(o, "container", x->container);
		json_add_text(o, "subject", subject_of(x));
		json_add_hex(o, "sha256", x->cert);
		json_add_text(o, "key", x->cert != NULL ? x->cert->key.label : key != NULL ? key->label : NULL);
		json_add_text(o, "problem", x->problem);
		add_matches(o, i, inspection);
		cJSON_AddItemToArray(list, o);
	}
}

void
json_inspect(const struct objects *objects, const struct inspection *inspection, const struct diagnosis *d,
    struct buf *out)
{
	cJSON *o = cJSON_CreateObject(), *notes;

	json_add_text(o, "schema", "mtlscope.inspect/1");
	if (d != NULL) {
		json_add_verdict(o, d);
		json_add_text(o, "summary", d->summary != NULL ? d->summary : "");
		json_add_text(o, "taken", inspection != NULL ? inspection->taken : NULL);
		json_add_findings(o, d);
		json_add_certificates(o, d);
		json_add_chain(o, d);
		json_add_paths(o, d);
	} else {
		json_add_text(o, "verdict", objects->damaged > 0 ? "error" : "ok");
		json_add_text(o, "class", objects->damaged > 0 ? "client" : "none");
		json_add_text(o, "side", NULL);
		json_add_text(o, "root_cause", NULL);
		json_add_text(o, "cause_key", NULL);
		json_add_text(o, "summary", "");
		json_add_text(o, "taken", NULL);
		json_add_list(o, "findings");
		cJSON_AddObjectToObject(o, "certificates");
		json_add_list(o, "chain");
		json_add_list(o, "paths");
	}
	add_objects(o, objects, inspection);
	notes = json_add_list(o, "notes");
	for (size_t i = 0; i < objects->notes_len; i++)
		cJSON_AddItemToArray(notes, json_text(objects->notes[i]));
	json_print(o, out);
}
