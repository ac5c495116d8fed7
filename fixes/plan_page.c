/* A plan as people and programs read it. */
#include <stdlib.h>
#include <string.h>

#include "fixes/deed.h"
#include "fixes/plan.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/text.h"

enum { STEP_COLUMN = 4, LABEL_COLUMN = 13, GAVE_COLUMN = 15 };

/* A recorded plan's place has words, and no client yet. */
static const char *
profile_of(const struct plan_place *place)
{
	return place->client != NULL ? aws_client_profile(place->client) : place->profile;
}

static const char *
region_of(const struct plan_place *place)
{
	return place->client != NULL ? aws_client_region(place->client) : place->region;
}

static bool
of_lab(const struct plan_place *place)
{
	return place->client != NULL ? aws_client_is_lab(place->client) : place->lab;
}

const char *
plan_where(const struct plan_place *place, struct arena *a)
{
	const char *profile = profile_of(place), *region = region_of(place);
	struct buf b = { 0 };
	const char *out;

	if (region == NULL)
		return "this machine; AWS is not asked";
	buf_adds(&b, of_lab(place) ? "PRACTICE LAB · " : "");
	if (place->name != NULL)
		buf_addf(&b, "account %s (%s)", place->name, place->account != NULL ? place->account : "number not known");
	else
		buf_addf(&b, "account %s", place->account != NULL ? place->account : "not known");
	buf_addf(&b, " · %s%s", profile != NULL ? "profile " : "no profile", profile != NULL ? profile : "");
	buf_addf(&b, " · %s", region);
	if (!of_lab(place) && place->endpoint_url != NULL)
		buf_addf(&b, " · %s", place->endpoint_url);
	else if (!of_lab(place) && place->client != NULL && aws_client_endpoint(place->client) != NULL)
		buf_addf(&b, " · at %s", aws_client_endpoint(place->client)); /* of AWS_ENDPOINT_URL: not AWS's own */
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

static const char *const state_words[] = {
	[STEP_WAITS] = "waits", [STEP_RUNS] = "begun", [STEP_DONE] = "done", [STEP_FAILED] = "FAILED", [STEP_UNDONE] = "undone" };

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
	for (size_t i = 0; i < p->reach_len; i++) {
		page_text(&page, i == 0 ? "mends " : "      ");
		page_wrap(&page, 6, 6, p->reach[i]);
	}
	buf_addc(out, '\n');
	for (size_t i = 0; i < p->len; i++) {
		const struct plan_step *s = &p->steps[i];

		number(&page, i + 1);
		if (s->state != STEP_WAITS)
			page_textf(&page, "%s: ", state_words[s->state]);
		page_wrap(&page, STEP_COLUMN, STEP_COLUMN, s->what);
		if (s->error[0] != '\0')
			labelled(&page, "error", s->error);
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
		page_heading(&page, "The same by hand");
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

/* Is something to be said of this step on the way back: that it is undone, or that it stays? */
static bool
said_going_back(const struct plan_step *s, bool goes)
{
	if (goes)
		return plan_step_goes_back(s);
	/* What a key's step made is in the plan's own folder, and goes with it. */
	if (s->deed != NULL && strcmp(s->deed->name, "make-key") == 0)
		return false;
	return !plan_step_goes_back(s) && s->changes != NULL && s->state != STEP_WAITS && s->state != STEP_UNDONE;
}

static void
steps_going_back(const struct page *page, const struct plan *p, bool goes)
{
	bool headed = false;

	for (size_t i = p->len; i-- > 0;) {
		const struct plan_step *s = &p->steps[i];

		if (!said_going_back(s, goes))
			continue;
		if (!headed)
			page_heading(page, goes ? "Is brought back" : "Stays as it is");
		headed = true;
		number(page, i + 1);
		page_wrap(page, STEP_COLUMN, STEP_COLUMN, s->what);
		labelled(page, goes ? "undo" : "stays", goes ? s->undo : s->changes);
		labelled(page, "by hand", goes ? NULL : s->undo);
		labelled(page, "gave", s->gave);
	}
}

void
plan_page_back(const struct plan *p, const struct report_style *style, struct buf *out)
{
	struct page page = { .out = out, .style = style };
	struct arena *a = arena_new();
	const char *key = plan_waiting_key(p, a);

	page_tinted(&page, TINT_HEAD, "UNDO");
	page_textf(&page, "  plan %lld: ", (long long)p->id);
	page_wrap(&page, 6, 6, p->title);
	page_text(&page, "  in  ");
	page_wrap(&page, 6, 6, plan_where(&p->place, a));
	steps_going_back(&page, p, true);
	steps_going_back(&page, p, false);
	if (!plan_can_go_back(p))
		page_text(&page, "\nNothing of it can be undone. It is given up: nobody goes on with it, and nobody is reminded of it.\n");
	if (key != NULL && p->state != PLAN_DONE) {
		page_text(&page, "\n");
		page_wrap(&page, 0, 0, arena_printf(a, "The new key in %s is removed: a certificate that was issued for it is of no use without it.", key));
	}
	arena_free(a);
}

static size_t
steps_that(const struct plan *p, enum step_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < p->len; i++)
		n += p->steps[i].state == state;
	return n;
}

/* Each for itself, to be copied. */
static void
copied_lines(const struct page *page, const char *lines)
{
	struct buf line = { 0 };

	for (const char *at = lines; at != NULL && *at != '\0'; at += strspn(at, "\n")) {
		size_t len = strcspn(at, "\n");

		buf_reset(&line);
		buf_add(&line, at, len);
		page_copied(page, 2, "", buf_str(&line));
		at += len;
	}
	buf_done(&line);
}

void
plan_page_end(const struct plan *p, const struct report_style *style, struct buf *out)
{
	struct page page = { .out = out, .style = style };

	if (p->state == PLAN_DONE || p->state == PLAN_UNDONE) {
		page_state(&page, STATE_OK, false);
		if (p->state == PLAN_UNDONE && steps_that(p, STEP_UNDONE) == 0)
			page_textf(&page, "  plan %lld is given up", (long long)p->id);
		else
			page_textf(&page, p->state == PLAN_DONE ? "  %zu of %zu steps done" : "  as it was before: %zu of %zu steps undone", steps_that(p, p->state == PLAN_DONE ? STEP_DONE : STEP_UNDONE), p->len);
		if (p->id != 0 && p->state == PLAN_DONE && plan_can_go_back(p))
			page_textf(&page, "; plan %lld of the record: mtlscope undo %lld brings back what was before", (long long)p->id, (long long)p->id);
		buf_addc(out, '\n');
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
	copied_lines(&page, p->go_on_command);
}

static const char *
state_name(enum step_state s)
{
	static const char *const names[] = {
		[STEP_WAITS] = "waits", [STEP_RUNS] = "runs", [STEP_DONE] = "done", [STEP_FAILED] = "failed", [STEP_UNDONE] = "undone" };

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
	static const char *const states[] = { [PLAN_MADE] = "planned", [PLAN_RUNS] = "applying", [PLAN_DONE] = "done", [PLAN_STOPPED] = "stopped",
		[PLAN_GOES_BACK] = "undoing", [PLAN_UNDONE] = "undone" };
	cJSON *o = cJSON_CreateObject(), *steps;

	json_add_text(o, "schema", "mtlscope.plan/1");
	json_add_text(o, "title", p->title);
	json_add_text(o, "state", states[p->state]);
	json_add_text(o, "name", p->place.name);
	json_add_text(o, "account", p->place.account);
	json_add_text(o, "profile", profile_of(&p->place));
	json_add_text(o, "region", region_of(&p->place));
	cJSON_AddBoolToObject(o, "practice_lab", of_lab(&p->place));
	if (p->id != 0)
		cJSON_AddNumberToObject(o, "id", (double)p->id);
	else
		cJSON_AddNullToObject(o, "id");
	json_add_text(o, "kind", p->kind);
	json_add_text(o, "target", p->target);
	json_add_text(o, "code", p->code);
	add_texts(o, "mends", p->reach, p->reach_len);
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
	if (p->state == PLAN_STOPPED && p->go_on_command != NULL)
		cJSON_AddStringToObject(o, "go_on_command", p->go_on_command);
	else
		cJSON_AddNullToObject(o, "go_on_command");
	add_texts(o, "after", p->after, p->after_len);
	return o;
}
