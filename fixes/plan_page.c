/* A plan as people and programs read it. */
#include <stdlib.h>
#include <string.h>

#include "fixes/plan.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/text.h"

enum { STEP_COLUMN = 4, LABEL_COLUMN = 13, GAVE_COLUMN = 15 };

const char *
plan_where(const struct plan_place *place, struct arena *a)
{
	const char *profile = aws_client_profile(place->client);
	struct buf b = { 0 };
	const char *out;

	buf_adds(&b, aws_client_is_lab(place->client) ? "PRACTICE LAB · " : "");
	if (place->name != NULL)
		buf_addf(&b, "account %s (%s)", place->name, place->account != NULL ? place->account : "number not known");
	else
		buf_addf(&b, "account %s", place->account != NULL ? place->account : "not known");
	buf_addf(&b, " · %s%s", profile != NULL ? "profile " : "no profile", profile != NULL ? profile : "");
	buf_addf(&b, " · %s", aws_client_region(place->client));
	if (place->endpoint_url != NULL && !aws_client_is_lab(place->client))
		buf_addf(&b, " · %s", place->endpoint_url);
	out = text_safe_arena(a, text_of(buf_str(&b)), 0, NULL);
	buf_done(&b);
	return out;
}

static void
labelled(const struct page *p, const char *label, const char *text)
{
	if (text == NULL)
		return;
	page_pad(p, 0, STEP_COLUMN);
	page_tinted(p, TINT_DIM, label);
	page_pad(p, STEP_COLUMN + text_columns(label), LABEL_COLUMN);
	page_wrap(p, LABEL_COLUMN, LABEL_COLUMN, text);
}

static void
bullets(const struct page *p, const char *const *texts, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		page_text(p, "  · ");
		page_wrap(p, STEP_COLUMN, STEP_COLUMN, texts[i]);
	}
}

static void
number(const struct page *p, size_t n)
{
	page_textf(p, "%*zu  ", STEP_COLUMN - 2, n);
}

static bool
has_commands(const struct plan *p)
{
	for (size_t i = 0; i < p->len; i++) {
		if (p->steps[i].command != NULL)
			return true;
	}
	return false;
}

void
plan_page(const struct plan *p, const struct report_style *style, struct buf *out)
{
	struct page page = { .out = out, .style = style };
	struct arena *a = arena_new();

	page_tinted(&page, TINT_HEAD, "PLAN");
	page_text(&page, "  ");
	page_wrap(&page, 6, 6, p->title);
	page_text(&page, "  in  ");
	page_wrap(&page, 6, 6, plan_where(&p->place, a));
	if (p->cost != NULL) {
		page_text(&page, "cost  ");
		page_wrap(&page, 6, 6, p->cost);
	}
	buf_addc(out, '\n');
	for (size_t i = 0; i < p->len; i++) {
		const struct plan_step *s = &p->steps[i];

		number(&page, i + 1);
		page_wrap(&page, STEP_COLUMN, STEP_COLUMN, s->what);
		labelled(&page, "reads", s->reads);
		labelled(&page, "changes", s->changes != NULL ? s->changes : "nothing");
		labelled(&page, "call", s->call);
		labelled(&page, "cost", s->cost);
		labelled(&page, "undo", s->undo);
	}
	if (p->notes_len > 0) {
		page_heading(&page, "Know before");
		bullets(&page, p->notes, p->notes_len);
	}
	if (has_commands(p)) {
		page_heading(&page, "The same with the aws program");
		for (size_t i = 0; i < p->len; i++) {
			/* As it is, never wrapped: it is there to be copied. */
			if (p->steps[i].command == NULL)
				continue;
			page_textf(&page, "# %zu\n", i + 1);
			page_text(&page, p->steps[i].command);
			buf_addc(out, '\n');
		}
	}
	arena_free(a);
}

static void
what_stands(const struct page *page, const struct plan *p)
{
	size_t standing = 0;

	page_heading(page, "What stands");
	for (size_t i = 0; i < p->len; i++) {
		const struct plan_step *s = &p->steps[i];
		/* A step that failed after it made something (issued, and then not fetched) has something that stands too. */
		if (s->gave == NULL && !s->unsettled && (s->state != STEP_DONE || s->changes == NULL))
			continue;
		standing++;
		number(page, i + 1);
		if (s->unsettled && s->gave == NULL) {
			page_wrap(page, STEP_COLUMN, STEP_COLUMN, "not known, AWS's answer did not come. Perhaps:");
			page_pad(page, 0, STEP_COLUMN);
			page_wrap(page, STEP_COLUMN, STEP_COLUMN, s->changes);
			continue;
		}
		page_wrap(page, STEP_COLUMN, STEP_COLUMN, s->state == STEP_DONE ? s->changes != NULL ? s->changes : s->what : s->what);
		if (s->gave != NULL)
			page_copied(page, GAVE_COLUMN, s->gave_name, s->gave);
	}
	if (standing == 0)
		page_text(page, "  nothing: no step that changes something was done\n");
}

void
plan_page_end(const struct plan *p, const struct report_style *style, struct buf *out)
{
	struct page page = { .out = out, .style = style };

	if (p->state == PLAN_DONE) {
		page_state(&page, STATE_OK, false);
		page_textf(&page, "  %zu of %zu steps done\n", p->len, p->len);
		bullets(&page, p->after, p->after_len);
		return;
	}
	if (p->state != PLAN_STOPPED)
		return;
	page_state(&page, STATE_FAIL, false);
	page_textf(&page, "  STOPPED at step %zu of %zu: ", p->at + 1, p->len);
	page_wrap(&page, 32, 8, p->steps[p->at].what);
	page_pad(&page, 0, 8);
	page_wrap(&page, 8, 8, p->steps[p->at].error);
	what_stands(&page, p);
	page_heading(&page, "How to go on");
	page_text(&page, "  ");
	page_wrap(&page, 2, 2, p->go_on != NULL ? p->go_on : "Mend the reason, then the same command again.");
	if (p->go_on_command != NULL)
		page_copied(&page, 2, "", p->go_on_command);
}

static const char *
state_name(enum step_state s)
{
	static const char *const names[] = {
		[STEP_WAITS] = "waits", [STEP_RUNS] = "runs", [STEP_DONE] = "done", [STEP_FAILED] = "failed" };

	return names[s];
}

static cJSON *
step_json(const struct plan_step *s)
{
	cJSON *o = cJSON_CreateObject();

	json_add_text(o, "what", s->what);
	json_add_text(o, "reads", s->reads);
	json_add_text(o, "changes", s->changes);
	json_add_text(o, "call", s->call);
	/* Lines stay lines: it is made of printable parts, and it is there to be run. */
	if (s->command != NULL)
		cJSON_AddStringToObject(o, "command", s->command);
	else
		cJSON_AddNullToObject(o, "command");
	json_add_text(o, "cost", s->cost);
	json_add_text(o, "undo", s->undo);
	json_add_text(o, "token", s->token);
	json_add_text(o, "state", state_name(s->state));
	json_add_text(o, "error", s->state == STEP_FAILED ? s->error : NULL);
	if (s->gave != NULL) {
		cJSON *gave = cJSON_AddObjectToObject(o, "gave");
		json_add_text(gave, "name", s->gave_name);
		json_add_text(gave, "value", s->gave);
	} else {
		cJSON_AddNullToObject(o, "gave");
	}
	return o;
}

static void
add_texts(cJSON *to, const char *name, const char *const *texts, size_t len)
{
	cJSON *list = json_add_list(to, name);

	for (size_t i = 0; i < len; i++)
		cJSON_AddItemToArray(list, json_text(texts[i]));
}

cJSON *
plan_json(const struct plan *p)
{
	static const char *const states[] = { [PLAN_MADE] = "planned", [PLAN_DONE] = "done", [PLAN_STOPPED] = "stopped" };
	cJSON *o = cJSON_CreateObject(), *steps;

	json_add_text(o, "schema", "mtlscope.plan/1");
	json_add_text(o, "title", p->title);
	json_add_text(o, "state", states[p->state]);
	json_add_text(o, "name", p->place.name);
	json_add_text(o, "account", p->place.account);
	json_add_text(o, "profile", aws_client_profile(p->place.client));
	json_add_text(o, "region", aws_client_region(p->place.client));
	cJSON_AddBoolToObject(o, "practice_lab", aws_client_is_lab(p->place.client));
	json_add_text(o, "cost", p->cost);
	add_texts(o, "notes", p->notes, p->notes_len);
	steps = json_add_list(o, "steps");
	for (size_t i = 0; i < p->len; i++)
		cJSON_AddItemToArray(steps, step_json(&p->steps[i]));
	if (p->state == PLAN_STOPPED)
		cJSON_AddNumberToObject(o, "stopped_at", (double)(p->at + 1));
	else
		cJSON_AddNullToObject(o, "stopped_at");
	json_add_text(o, "go_on", p->state == PLAN_STOPPED ? p->go_on : NULL);
	json_add_text(o, "go_on_command", p->state == PLAN_STOPPED ? p->go_on_command : NULL);
	add_texts(o, "after", p->after, p->after_len);
	return o;
}
