/* Explanations for programs: schema mtlscope.explain/1. */
#include "model/explain_parts.h"
#include "model/json_parts.h"

static void
add_reading(cJSON *list, const struct reading *r)
{
	cJSON *o = cJSON_CreateObject(), *causes, *stacks;

	cJSON_AddItemToArray(list, o);
	if (r->said_by == WRITER_EITHER)
		cJSON_AddNullToObject(o, "said_by");
	else
		json_add_text(o, "said_by", writer_name(r->said_by));
	json_add_text(o, "about", side_name(r->about));
	json_add_text(o, "when", r->when);
	json_add_text(o, "says", r->says);
	causes = json_add_list(o, "causes");
	for (size_t i = 0; i < r->causes_len; i++) {
		cJSON *c = cJSON_CreateObject();

		cJSON_AddItemToArray(causes, c);
		json_add_text(c, "code", code_info(r->causes[i].code)->name);
		json_add_text(c, "likelihood", confidence_name(r->causes[i].likelihood));
	}
	stacks = json_add_list(o, "stacks");
	for (size_t i = 0; i < r->stacks_len; i++)
		cJSON_AddItemToArray(stacks, json_text(r->stacks[i]));
	json_add_text(o, "next", r->next);
	json_add_lines(o, "command", r->command);
}

static void
add_one(cJSON *list, const struct explanation *e)
{
	cJSON *o = cJSON_CreateObject(), *details, *readings;

	cJSON_AddItemToArray(list, o);
	json_add_text(o, "id", e->row->id);
	json_add_text(o, "title", e->title);
	json_add_text(o, "origin", e->origin);
	json_add_text(o, "text", e->quote);
	cJSON_AddNumberToObject(o, "line", (double)e->line);
	cJSON_AddNumberToObject(o, "times", (double)e->times);
	if (e->alert >= 0)
		cJSON_AddNumberToObject(o, "alert", e->alert);
	else
		cJSON_AddNullToObject(o, "alert");
	details = cJSON_AddObjectToObject(o, "details");
	for (size_t i = 0; i < e->details_len; i++)
		json_add_text(details, e->details[i].name, e->details[i].value);
	readings = json_add_list(o, "readings");
	for (size_t i = 0; i < e->readings_len; i++)
		add_reading(readings, &e->readings[i]);
	json_add_text(o, "note", e->note);
	json_add_text(o, "source", e->source);
}

void
explain_json(const struct explain *x, struct buf *out)
{
	struct explain_counts n = explain_counts(x);
	cJSON *o = cJSON_CreateObject(), *list;

	json_add_text(o, "schema", "mtlscope.explain/1");
	cJSON_AddNumberToObject(o, "lines", (double)n.lines);
	cJSON_AddNumberToObject(o, "explained_lines", (double)n.explained);
	cJSON_AddNumberToObject(o, "left_out", (double)n.more);
	list = json_add_list(o, "explanations");
	for (size_t i = 0; i < explain_len(x); i++)
		add_one(list, explain_at(x, i));
	json_add_text(o, "nearest", explain_nearest(x));
	json_print(o, out);
}
