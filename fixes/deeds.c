#include "fixes/deeds.h"

#include <stdlib.h>
#include <string.h>

#include "fixes/plan_store.h"
#include "probes/examine.h"

const struct deed *const deeds[] = {
	&deed_make_key,
	&deed_issue,
	&deed_fetch,
	&deed_write_files,
	&deed_set_mode,
	&deed_run,
	&deed_see,
	&deed_try,
	&deed_put_secret,
	&deed_put_trust_store,
	&deed_put_domain_truststore,
	&deed_reimport_ca,
	&deed_create_ca,
	&deed_set_ca_status,
	&deed_ca_csr,
	&deed_sign_ca,
	&deed_import_ca,
	&deed_make_folder,
	&deed_revoke,
	&deed_ask_report,
	&deed_wait_report,
	&deed_sync_reports,
	&deed_put_parameter,
	&deed_import_acm,
	&deed_import_acm_for_good,
	&deed_hook,
	&deed_hook_on_files,
	&deed_set_listener_mtls,
	&deed_set_execute_api,
};
const size_t deeds_len = sizeof deeds / sizeof deeds[0];

const struct deed *
deed_named(const char *name)
{
	for (size_t i = 0; i < deeds_len; i++) {
		if (strcmp(deeds[i]->name, name) == 0)
			return deeds[i];
	}
	return NULL;
}

struct plan_step *
plan_add_deed(struct plan *p, const struct deed *deed, cJSON *args)
{
	struct plan_step *s = plan_add(p);

	s->deed = deed;
	s->args = args != NULL ? args : cJSON_CreateObject();
	return s;
}

/* ---- values ---- */

static const char *
text_of_item(const cJSON *of, const char *name)
{
	const cJSON *item = of != NULL ? cJSON_GetObjectItemCaseSensitive(of, name) : NULL;

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

const char *
plan_value(const struct plan *p, const char *name)
{
	return text_of_item(p->values, name);
}

status
plan_set(struct plan *p, struct plan_step *s, const char *name, const char *value, struct error *err)
{
	(void)s;
	cJSON_DeleteItemFromObjectCaseSensitive(p->values, name);
	cJSON_AddStringToObject(p->values, name, value);
	return p->record != NULL ? plan_record(p, plan_text(p, "%s is known", name), err) : STATUS_OK;
}

status
plan_give(struct plan *p, struct plan_step *s, const char *name, const char *value, const char *shown_as, struct error *err)
{
	cJSON_DeleteItemFromObjectCaseSensitive(p->values, name);
	cJSON_AddStringToObject(p->values, name, value);
	return plan_keep(p, s, shown_as, value, err);
}

/* ---- args ---- */

const char *
step_arg(const struct plan_step *s, const char *name)
{
	return text_of_item(s->args, name);
}

bool
step_arg_true(const struct plan_step *s, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(s->args, name));
}

int64_t
step_arg_number(const struct plan_step *s, const char *name, int64_t otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(s->args, name);

	return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : otherwise;
}

const char *
step_arg_value(const struct plan *p, const struct plan_step *s, const char *name)
{
	const char *literal = step_arg(s, name), *from;
	char *key;

	if (literal != NULL)
		return literal;
	key = arena_printf(p->arena, "%s_from", name);
	from = step_arg(s, key);
	return from != NULL ? plan_value(p, from) : NULL;
}

const char *
step_before(const struct plan_step *s, const char *name)
{
	return text_of_item(s->before, name);
}

const char *
plan_private(struct plan *p, const char *name)
{
	return plan_text(p, "%s/%s", p->folder, name);
}

int64_t
plan_now(const struct plan *p)
{
	const struct world *w = p->world != NULL ? p->world : world_real();

	return w->now_ms(w->self) / 1000;
}

bool
step_token_forgotten(const struct plan *p, const struct plan_step *s)
{
	enum { TOKEN_HOLDS = 4 * 60 }; /* AWS's five minutes, less what our own tries may take */
	int64_t now = plan_now(p);

	return s->unsettled && (now < s->began || now - s->began >= TOKEN_HOLDS);
}
