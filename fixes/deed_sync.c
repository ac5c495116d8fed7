/*
 * sync-reports: {"only_ca", "bucket", "accounts": [{"name", "profile", "region", "endpoint_url"}…]}: asks for a new audit report of every CA
 * that gives one now, and reads them into the inventory. Again is the same as once: AWS makes one in 30 minutes, and where it is too
 * early the newest is read. What came of it is the value sync.result: deed_sync_result().
 */
#include <stdlib.h>
#include <string.h>

#include "fixes/deeds.h"
#include "model/text.h"
#include "model/times.h"
#include "probes/examine.h"
#include "probes/inventory_sync.h"

enum { ACCOUNTS_MOST = 256 }; /* of one configuration: accounts and regions */

struct run {
	struct plan *plan;
	struct plan_step *step;
	struct sync_account accounts[ACCOUNTS_MOST];
	struct aws_client *own[ACCOUNTS_MOST];  /* made here */
	size_t len;
	bool lab;
};

/* ---- the accounts ---- */

static const char *
text_in(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

/* A profile that AWS_PROFILE names is none that was named by hand: keys of the environment come before it (knowledge "aws" 5.1). */
static const char *
profile_of(const struct plan *p, const cJSON *o)
{
	const struct world *w = p->world != NULL ? p->world : world_real();
	const char *profile = text_in(o, "profile"), *of_environment = w->env(w->self, "AWS_PROFILE");

	return profile != NULL && of_environment != NULL && strcmp(profile, of_environment) == 0 ? NULL : profile;
}

static status
open_account(struct run *r, const cJSON *o, struct error *err)
{
	const struct plan *p = r->plan;
	struct aws_client_options how = { .name = text_in(o, "name"), .profile = profile_of(p, o), .region = text_in(o, "region"),
		.endpoint_url = text_in(o, "endpoint_url"), .world = p->world, .cancel = p->cancel };
	struct aws_error why = { .kind = AWS_FINE };

	if (r->len == ACCOUNTS_MOST)
		return error_set(err, ERROR_USAGE, "plan", "more than %d accounts at once", ACCOUNTS_MOST);
	if (aws_client_new(&how, &r->own[r->len], &why) != STATUS_OK)
		return aws_error_say(&why, "look at the account", how.name, err);
	r->lab = r->lab || aws_client_is_lab(r->own[r->len]);
	r->accounts[r->len] = (struct sync_account){ .client = r->own[r->len], .name = how.name, .bucket = step_arg(r->step, "bucket") };
	r->len++;
	return STATUS_OK;
}

static status
open_accounts(struct run *r, struct error *err)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(r->step->args, "accounts")) {
		if (open_account(r, o, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return r->len > 0 ? STATUS_OK : error_set(err, ERROR_INTERNAL, "plan", "no account is known whose reports could be asked for");
}

/* ---- what came of it, written down and read back ---- */

static void
add(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

static void
add_time(cJSON *o, const char *name, int64_t at)
{
	if (at != TIME_UNKNOWN)
		cJSON_AddNumberToObject(o, name, (double)at);
}

static int64_t
time_in(const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : TIME_UNKNOWN;
}

static size_t
count_in(const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(item) && item->valuedouble >= 0 ? (size_t)item->valuedouble : 0;
}

static cJSON *
ca_document(const struct sync_ca *c)
{
	cJSON *o = cJSON_CreateObject();

	add(o, "arn", c->arn);
	add(o, "name", c->name);
	add(o, "where", c->where);
	add(o, "note", c->note);
	add(o, "problem", c->problem);
	cJSON_AddNumberToObject(o, "added", (double)c->added);
	cJSON_AddNumberToObject(o, "changed", (double)c->changed);
	cJSON_AddBoolToObject(o, "read", c->read);
	cJSON_AddBoolToObject(o, "asked", c->asked);
	add_time(o, "report_at", c->report_at);
	add_time(o, "next_report", c->next_report);
	return o;
}

static char *
document(const struct sync_result *r)
{
	cJSON *o = cJSON_CreateObject(), *cas = cJSON_AddArrayToObject(o, "cas"), *problems = cJSON_AddArrayToObject(o, "problems");
	char *text;

	for (size_t i = 0; i < r->len; i++)
		cJSON_AddItemToArray(cas, ca_document(&r->cas[i]));
	for (size_t i = 0; i < r->problems_len; i++)
		cJSON_AddItemToArray(problems, cJSON_CreateString(r->problems[i]));
	cJSON_AddBoolToObject(o, "cancelled", r->cancelled);
	text = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	return text;
}

static const char *
kept_text(const cJSON *o, const char *name, struct arena *a)
{
	const char *text = text_in(o, name);

	return text != NULL ? arena_strdup(a, text) : NULL;
}

static void
read_ca(const cJSON *o, struct arena *a, struct sync_ca *c)
{
	*c = (struct sync_ca){
		.arn = kept_text(o, "arn", a),
		.name = kept_text(o, "name", a),
		.where = kept_text(o, "where", a),
		.note = kept_text(o, "note", a),
		.problem = kept_text(o, "problem", a),
		.added = count_in(o, "added"),
		.changed = count_in(o, "changed"),
		.read = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "read")),
		.asked = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "asked")),
		.report_at = time_in(o, "report_at"),
		.next_report = time_in(o, "next_report"),
	};
}

bool
deed_sync_result(const struct plan *p, struct arena *a, struct sync_result *out)
{
	const char *text = plan_value(p, "sync.result");
	cJSON *o = text != NULL ? cJSON_Parse(text) : NULL;
	const cJSON *cas = cJSON_GetObjectItemCaseSensitive(o, "cas"), *problems = cJSON_GetObjectItemCaseSensitive(o, "problems"), *item;

	*out = (struct sync_result){ .cas = NULL };
	if (o == NULL)
		return false;
	out->cas = arena_array(a, (size_t)cJSON_GetArraySize(cas) + 1, sizeof *out->cas);
	out->problems = arena_array(a, (size_t)cJSON_GetArraySize(problems) + 1, sizeof *out->problems);
	cJSON_ArrayForEach(item, cas)
		read_ca(item, a, &out->cas[out->len++]);
	cJSON_ArrayForEach(item, problems) {
		if (cJSON_IsString(item))
			out->problems[out->problems_len++] = arena_strdup(a, item->valuestring);
	}
	out->cancelled = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "cancelled"));
	cJSON_Delete(o);
	return true;
}

/* ---- the deed ---- */

/* "reading the report: Acme Issuing CA 1, 41 %, 410,000 records" */
static void
tell(void *user, const struct sync_progress *s)
{
	struct run *r = user;
	struct arena *a;
	struct buf line = { 0 };

	if (r->plan->watch == NULL || r->plan->watch->says == NULL)
		return;
	a = arena_new();
	buf_adds(&line, s->what);
	if (s->ca != NULL)
		buf_addf(&line, ": %s", text_safe_arena(a, text_of(s->ca), 40, NULL));
	if (s->step == SYNC_READING && s->of > 0)
		buf_addf(&line, ", %d %%", (int)(s->done * 100 / s->of));
	if (s->records > 0)
		buf_addf(&line, ", %zu records", s->records);
	r->plan->watch->says(r->plan->watch->user, r->plan, r->step, buf_str(&line));
	buf_done(&line);
	arena_free(a);
}

static status
sync(struct run *r, struct error *err)
{
	struct plan *p = r->plan;
	struct sync_options how = { .accounts = r->accounts, .len = r->len, .only_ca = step_arg(r->step, "only_ca"), .ask = true,
		.world = p->world, .cancel = p->cancel, .tell = tell, .user = r };
	struct sync_result result = { .cas = NULL };
	struct inventory *inventory = NULL;
	struct buf path = { 0 };
	char *text;
	status done;

	done = inventory_path(p->world, r->lab, &path, err);
	if (done == STATUS_OK)
		done = inventory_open(path.data, p->world, &inventory, err);
	if (done == STATUS_OK)
		done = inventory_sync(inventory, &how, p->arena, &result, err);
	inventory_close(inventory);
	buf_done(&path);
	if (done != STATUS_OK)
		return STATUS_FAILED;
	text = document(&result);
	done = plan_set(p, r->step, "sync.result", text, err);
	cJSON_free(text);
	return done;
}

static status
sync_reports(struct plan *p, struct plan_step *s, struct error *err)
{
	struct run *r = arena_alloc(p->arena, sizeof *r);
	status result;

	*r = (struct run){ .plan = p, .step = s };
	result = open_accounts(r, err);
	if (result == STATUS_OK)
		result = sync(r, err);
	for (size_t i = 0; i < r->len; i++)
		aws_client_free(r->own[i]);
	return result;
}

const struct deed deed_sync_reports = {
	.name = "sync-reports",
	.apply = sync_reports,
	.aws = true,
};
