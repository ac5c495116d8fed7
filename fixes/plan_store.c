#include "fixes/plan_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/deed.h"
#include "model/buf.h"
#include "model/text.h"
#include "model/times.h"

#define SCHEMA "mtlscope.recorded-plan/1"

/* Texts that a step and a plan keep, in one table each: written and read by the same rows. */
static const struct {
	const char *name;
	size_t offset;
} step_texts[] = {
	{ "what", offsetof(struct plan_step, what) },
	{ "reads", offsetof(struct plan_step, reads) },
	{ "changes", offsetof(struct plan_step, changes) },
	{ "call", offsetof(struct plan_step, call) },
	{ "command", offsetof(struct plan_step, command) },
	{ "cost", offsetof(struct plan_step, cost) },
	{ "undo", offsetof(struct plan_step, undo) },
	{ "token", offsetof(struct plan_step, token) },
	{ "gave_name", offsetof(struct plan_step, gave_name) },
	{ "gave", offsetof(struct plan_step, gave) },
}, plan_texts[] = {
	{ "kind", offsetof(struct plan, kind) },
	{ "target", offsetof(struct plan, target) },
	{ "code", offsetof(struct plan, code) },
	{ "typed", offsetof(struct plan, typed) },
	{ "title", offsetof(struct plan, title) },
	{ "cost", offsetof(struct plan, cost) },
};

static const char *const step_states[] = {
	[STEP_WAITS] = "waits", [STEP_RUNS] = "runs", [STEP_DONE] = "done", [STEP_FAILED] = "failed", [STEP_UNDONE] = "undone" };
static const char *const plan_states[] = { [PLAN_MADE] = "made", [PLAN_RUNS] = "applying", [PLAN_DONE] = "done", [PLAN_STOPPED] = "stopped",
	[PLAN_GOES_BACK] = "undoing", [PLAN_UNDONE] = "undone" };
static const char *const reaches[] = { [REACH_NONE] = "none", [REACH_UNKNOWN] = "unknown", [REACH_TOLD] = "told", [REACH_SEEN] = "seen" };

const char *
plan_state_word(enum plan_state s)
{
	return plan_states[s];
}

/* ---- writing ---- */

static void
add(cJSON *o, const char *name, const char *text)
{
	if (text != NULL)
		cJSON_AddStringToObject(o, name, text);
}

static void
add_list(cJSON *o, const char *name, const char *const *texts, size_t len)
{
	cJSON *list = cJSON_AddArrayToObject(o, name);

	for (size_t i = 0; i < len; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(texts[i]));
}

static cJSON *
step_document(const struct plan_step *s)
{
	cJSON *o = cJSON_CreateObject();

	for (size_t i = 0; i < sizeof step_texts / sizeof step_texts[0]; i++)
		add(o, step_texts[i].name, *(const char *const *)((const char *)s + step_texts[i].offset));
	add(o, "state", step_states[s->state]);
	add(o, "error", s->error[0] != '\0' ? s->error : NULL);
	cJSON_AddBoolToObject(o, "unsettled", s->unsettled);
	cJSON_AddNumberToObject(o, "began", (double)s->began);
	cJSON_AddNumberToObject(o, "ended", (double)s->ended);
	add(o, "deed", s->deed->name);
	cJSON_AddItemToObject(o, "args", cJSON_Duplicate(s->args, true));
	if (s->before != NULL)
		cJSON_AddItemToObject(o, "before", cJSON_Duplicate(s->before, true));
	return o;
}

static cJSON *
place_document(const struct plan_place *place)
{
	cJSON *o = cJSON_CreateObject();
	const char *profile = place->client != NULL ? aws_client_profile(place->client) : place->profile;
	const char *region = place->client != NULL ? aws_client_region(place->client) : place->region;

	add(o, "name", place->name);
	add(o, "account", place->account);
	add(o, "endpoint_url", place->endpoint_url);
	add(o, "profile", profile);
	add(o, "region", region);
	cJSON_AddBoolToObject(o, "lab", place->client != NULL ? aws_client_is_lab(place->client) : place->lab);
	cJSON_AddBoolToObject(o, "local", place->client != NULL ? aws_client_is_local(place->client) : place->local);
	return o;
}

static char *
document(const struct plan *p)
{
	cJSON *o = cJSON_CreateObject(), *steps;
	char *text;

	add(o, "schema", SCHEMA);
	for (size_t i = 0; i < sizeof plan_texts / sizeof plan_texts[0]; i++)
		add(o, plan_texts[i].name, *(const char *const *)((const char *)p + plan_texts[i].offset));
	add(o, "state", plan_states[p->state]);
	add(o, "reached", reaches[p->reached]);
	cJSON_AddItemToObject(o, "place", place_document(&p->place));
	cJSON_AddItemToObject(o, "values", cJSON_Duplicate(p->values, true));
	add_list(o, "notes", p->notes, p->notes_len);
	add_list(o, "reach", p->reach, p->reach_len);
	add_list(o, "after", p->after, p->after_len);
	steps = cJSON_AddArrayToObject(o, "steps");
	for (size_t i = 0; i < p->len; i++)
		cJSON_AddItemToArray(steps, step_document(&p->steps[i]));
	text = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	return text;
}

static int64_t
steps_done(const struct plan *p)
{
	int64_t n = 0;

	for (size_t i = 0; i < p->len; i++)
		n += p->steps[i].state == STEP_DONE;
	return n;
}

static void
print_document(const char *document, char hex[SHA256_HEX])
{
	struct fingerprint print;

	fingerprint_of((const unsigned char *)document, strlen(document), &print);
	(void)fingerprint_hex(&print, hex);
}

status
plan_record(struct plan *p, const char *event, struct error *err)
{
	char *text = document(p);
	struct change of = { .id = p->id, .began = plan_now(p), .ended = p->state == PLAN_DONE || p->state == PLAN_UNDONE ? plan_now(p) : TIME_UNKNOWN,
		.kind = p->kind, .title = p->title, .target = p->target, .code = p->code, .state = plan_states[p->state], .steps = (int64_t)p->len,
		.done = steps_done(p), .document = text };
	status result = text != NULL ? changes_put(p->record, &of, event, err)
	                             : error_set(err, ERROR_INTERNAL, "plan", "the plan cannot be written down");

	if (result == STATUS_OK)
		print_document(text, p->seen);
	cJSON_free(text);
	p->id = of.id;
	if (result == STATUS_OK && p->folder == NULL)
		result = changes_folder(p->record, p->id, p->arena, &p->folder, err);
	return result;
}

/* ---- reading ---- */

static const char *
text_in(const struct plan *p, const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(item) ? arena_strdup(p->arena, item->valuestring) : NULL;
}

/*
 * A text that people read: printable when it was written, and made so again, since a record is a file that others may have written into. Lines
 * of a command stay lines.
 */
static const char *
shown_in(const struct plan *p, const cJSON *o, const char *name)
{
	const char *text = text_in(p, o, name);
	struct buf b = { 0 };
	const char *out;

	for (const char *at = text; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, "\n");

		buf_adds(&b, text_safe_arena(p->arena, (struct text){ .bytes = (const unsigned char *)at, .len = len }, 0, NULL));
		at += len;
		if (*at == '\n') {
			buf_addc(&b, '\n');
			at++;
		}
	}
	out = text != NULL ? arena_strdup(p->arena, buf_str(&b)) : NULL;
	buf_done(&b);
	return out;
}

static int
word_in(const cJSON *o, const char *name, const char *const *words, size_t len)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	for (size_t i = 0; i < len && cJSON_IsString(item); i++) {
		if (strcmp(words[i], item->valuestring) == 0)
			return (int)i;
	}
	return -1;
}

static int64_t
number_in(const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : 0;
}

static status
damaged(int64_t id, const char *what, struct error *err)
{
	return error_set(err, ERROR_LOCAL, "record", "plan %lld of the record cannot be read: %s", (long long)id, what);
}

static status
read_step(struct plan *p, const cJSON *o, int64_t id, struct error *err)
{
	struct plan_step *s = plan_add(p);
	int state = word_in(o, "state", step_states, sizeof step_states / sizeof step_states[0]);
	const char *deed = text_in(p, o, "deed"), *error = shown_in(p, o, "error");

	for (size_t i = 0; i < sizeof step_texts / sizeof step_texts[0]; i++)
		*(const char **)((char *)s + step_texts[i].offset) = shown_in(p, o, step_texts[i].name);
	if (state < 0 || s->what == NULL || deed == NULL)
		return damaged(id, "a step without a state, or without what it does", err);
	s->state = (enum step_state)state;
	s->unsettled = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "unsettled"));
	s->began = number_in(o, "began");
	s->ended = number_in(o, "ended");
	snprintf(s->error, sizeof s->error, "%s", error != NULL ? error : "");
	s->deed = deed_named(deed);
	if (s->deed == NULL)
		return damaged(id, "a newer mtlscope made it: a step of a kind that this one does not know", err);
	s->args = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(o, "args"), true);
	s->before = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(o, "before"), true);
	if (s->args == NULL)
		s->args = cJSON_CreateObject();
	return STATUS_OK;
}

static void
read_list(struct plan *p, const cJSON *o, const char *name, void (*take)(struct plan *p, const char *fmt, ...))
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(o, name)) {
		if (cJSON_IsString(item))
			take(p, "%s", text_safe_arena(p->arena, text_of(item->valuestring), 0, NULL));
	}
}

static void
read_place(struct plan *p, const cJSON *o)
{
	const cJSON *local = cJSON_GetObjectItemCaseSensitive(o, "local");

	if (local == NULL) /* of an earlier version, to which each endpoint on this machine was a lab's */
		local = cJSON_GetObjectItemCaseSensitive(o, "lab");
	p->place = (struct plan_place){ .name = text_in(p, o, "name"), .account = text_in(p, o, "account"), .endpoint_url = text_in(p, o, "endpoint_url"),
		.profile = text_in(p, o, "profile"), .region = text_in(p, o, "region"), .lab = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "lab")), .local = cJSON_IsTrue(local) };
}

static status
read_plan(struct plan *p, const cJSON *o, int64_t id, struct error *err)
{
	int state = word_in(o, "state", plan_states, sizeof plan_states / sizeof plan_states[0]);
	int reached = word_in(o, "reached", reaches, sizeof reaches / sizeof reaches[0]);
	const char *schema = text_in(p, o, "schema");
	const cJSON *step, *values = cJSON_GetObjectItemCaseSensitive(o, "values");

	if (schema == NULL || strcmp(schema, SCHEMA) != 0 || state < 0)
		return damaged(id, "it is none of " SCHEMA, err);
	for (size_t i = 0; i < sizeof plan_texts / sizeof plan_texts[0]; i++)
		*(const char **)((char *)p + plan_texts[i].offset) = shown_in(p, o, plan_texts[i].name);
	if (p->title == NULL)
		return damaged(id, "it has no title", err);
	p->state = (enum plan_state)state;
	p->reached = reached < 0 ? REACH_NONE : (enum plan_reach)reached;
	if (cJSON_IsObject(values)) {
		cJSON_Delete(p->values);
		p->values = cJSON_Duplicate(values, true);
	}
	read_place(p, cJSON_GetObjectItemCaseSensitive(o, "place"));
	read_list(p, o, "notes", plan_note);
	read_list(p, o, "reach", plan_reaches);
	read_list(p, o, "after", plan_after);
	cJSON_ArrayForEach(step, cJSON_GetObjectItemCaseSensitive(o, "steps")) {
		if (read_step(p, step, id, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

status
plan_recorded(struct changes *c, int64_t id, const struct world *w, struct plan **out, struct error *err)
{
	struct arena *a = arena_new();
	struct plan *p = plan_new(&(struct plan_place){ .client = NULL }, "");
	struct change *of = NULL;
	cJSON *o = NULL;
	status result = changes_find(c, id, a, &of, err);

	*out = NULL;
	if (result == STATUS_OK && of == NULL)
		result = error_set(err, ERROR_USAGE, "record", "there is no plan %lld in the record: mtlscope log lists them", (long long)id);
	if (result == STATUS_OK) {
		o = cJSON_Parse(of->document);
		result = o != NULL ? read_plan(p, o, id, err) : damaged(id, "it is no JSON", err);
	}
	if (result == STATUS_OK) {
		print_document(of->document, p->seen);
		p->id = id;
		p->record = c;
		p->world = w;
		result = changes_folder(c, id, p->arena, &p->folder, err);
	}
	cJSON_Delete(o);
	arena_free(a);
	if (result == STATUS_OK)
		*out = p;
	else
		plan_free(p);
	return result;
}

status
plan_is_current(struct plan *p, struct error *err)
{
	struct arena *a = arena_new();
	struct change *of = NULL;
	char hex[SHA256_HEX] = "";
	status result = changes_find(p->record, p->id, a, &of, err);

	if (result == STATUS_OK && of != NULL && of->document != NULL)
		print_document(of->document, hex);
	if (result == STATUS_OK && strcmp(hex, p->seen) != 0)
		result = error_set(err, ERROR_NOT_DONE, "record", "another program has worked on plan %lld since it was shown here: mtlscope log %lld says how it is now",
		    (long long)p->id, (long long)p->id);
	arena_free(a);
	return result;
}
