#include "model/fleet.h"
#include "model/json.h"
#include "model/json_parts.h"

void
entry_json(const struct entry *e, struct buf *out)
{
	if (e->diagnosis != NULL) {
		json_check(e->diagnosis, out);
		return;
	}
	cJSON *o = cJSON_CreateObject();

	json_add_text(o, "schema", "mtlscope.fleet/1");
	json_add_text(o, "name", e->name);
	json_add_text(o, "address", e->address);
	json_add_text(o, "state", e->waiting ? "waiting" : "never");
	json_print(o, out);
}
