/* mtlscope log: what was changed, newest first; with an ID, that plan with its steps and every event. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/recorded.h"
#include "fixes/plan_store.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/times.h"
#include "probes/examine.h"

static void
add_change(cJSON *o, const struct change *c)
{
	char time[TIME_TEXT_MAX];

	cJSON_AddNumberToObject(o, "id", (double)c->id);
	json_add_text(o, "began", time_rfc3339(c->began, time));
	json_add_text(o, "ended", c->ended != TIME_UNKNOWN ? time_rfc3339(c->ended, time) : NULL);
	json_add_text(o, "kind", c->kind);
	json_add_text(o, "title", c->title);
	json_add_text(o, "target", c->target);
	json_add_text(o, "code", c->code);
	json_add_text(o, "who", c->who);
	json_add_text(o, "host", c->host);
	json_add_text(o, "state", c->state);
	cJSON_AddNumberToObject(o, "steps", (double)c->steps);
	cJSON_AddNumberToObject(o, "done", (double)c->done);
}

static void
list_json(const struct change *list, size_t len, struct buf *out)
{
	cJSON *o = cJSON_CreateObject(), *plans;

	json_add_text(o, "schema", "mtlscope.log/1");
	plans = json_add_list(o, "plans");
	for (size_t i = 0; i < len; i++) {
		cJSON *one = cJSON_CreateObject();
		add_change(one, &list[i]);
		cJSON_AddItemToArray(plans, one);
	}
	json_print(o, out);
}

/* What is recorded as under way, and nobody is at it: it was killed, and waits. */
static const char *
plan_word_now(struct changes *c, const struct change *of)
{
	if (strcmp(of->state, "applying") != 0 && strcmp(of->state, "undoing") != 0)
		return of->state;
	return changes_is_free(c, of->id) ? "CUT OFF" : of->state;
}

static void
list_page(const struct report_style *style, struct changes *record, const struct change *list, size_t len, struct buf *out)
{
	struct page page = { .out = out, .style = style };
	struct arena *a = arena_new();

	if (len == 0)
		page_text(&page, "Nothing has been changed from here yet.\n");
	for (size_t i = 0; i < len; i++) {
		const struct change *c = &list[i];
		char time[TIME_TEXT_MAX];

		page_textf(&page, "%4lld  %s  %-8s  %lld of %lld  ", (long long)c->id, time_human(c->began, time), plan_word_now(record, c), (long long)c->done, (long long)c->steps);
		page_textf(&page, "%s@%s\n      ", c->who != NULL ? text_safe_arena(a, text_of(c->who), 32, NULL) : "?",
		    c->host != NULL ? text_safe_arena(a, text_of(c->host), 64, NULL) : "?");
		page_wrap(&page, 6, 6, arena_printf(a, "%s%s%s", c->target != NULL ? text_safe_arena(a, text_of(c->target), 64, NULL) : c->kind != NULL ? c->kind : "",
		    c->title != NULL && c->title[0] != '\0' ? ": " : "", c->title != NULL ? text_safe_arena(a, text_of(c->title), 200, NULL) : ""));
	}
	arena_free(a);
}

static int
list_all(struct options *o, struct changes *c, struct arena *a, struct error *err)
{
	struct report_style style = output_style(o);
	struct change *list;
	struct buf out = { 0 };
	size_t len;

	if (changes_list(c, false, 0, a, &list, &len, err) != STATUS_OK)
		return complain_error(err);
	if (o->json)
		list_json(list, len, &out);
	else
		list_page(&style, c, list, len, &out);
	output_write(&out);
	buf_done(&out);
	return EXIT_STATUS_DONE;
}

static void
one_json(const struct change *of, const struct plan *p, const struct change_event *events, size_t len, struct buf *out)
{
	cJSON *o = cJSON_CreateObject(), *list;

	json_add_text(o, "schema", "mtlscope.log-plan/1");
	add_change(o, of);
	cJSON_AddItemToObject(o, "plan", plan_json(p));
	list = json_add_list(o, "events");
	for (size_t i = 0; i < len; i++) {
		cJSON *e = cJSON_CreateObject();
		char time[TIME_TEXT_MAX];

		json_add_text(e, "at", time_rfc3339(events[i].at, time));
		json_add_text(e, "who", events[i].who);
		json_add_text(e, "host", events[i].host);
		json_add_text(e, "what", events[i].what);
		cJSON_AddItemToArray(list, e);
	}
	json_print(o, out);
}

/* What can be done with it now. On its way back it can only go on with that. */
static void
ways_on(const struct page *page, const struct plan *p)
{
	long long id = (long long)p->id;

	if (p->state == PLAN_GOES_BACK) {
		page_textf(page, "\nmtlscope resume %lld goes on with the way back.\n", id);
		return;
	}
	if (plan_can_go_back(p))
		page_textf(page, "\nmtlscope undo %lld brings back what was before.\n", id);
	if (p->state != PLAN_DONE && p->state != PLAN_UNDONE)
		page_textf(page, "mtlscope resume %lld goes on with it.\n", id);
	if (!plan_can_go_back(p) && plan_can_end(p))
		page_textf(page, "mtlscope undo %lld gives it up.\n", id);
}

static void
one_page(const struct report_style *style, struct changes *c, const struct change *of, const struct plan *p, const struct change_event *events, size_t len, struct buf *out)
{
	struct page page = { .out = out, .style = style };
	struct arena *a = arena_new();
	char time[TIME_TEXT_MAX];

	page_textf(&page, "plan %lld  %s  %s\n", (long long)of->id, plan_word_now(c, of), p->typed != NULL ? text_safe_arena(a, text_of(p->typed), 0, NULL) : "");
	plan_page(p, style, out);
	page_heading(&page, "What happened");
	for (size_t i = 0; i < len; i++) {
		page_textf(&page, "  %s  ", time_human(events[i].at, time));
		page_wrap(&page, 28, 28, text_safe_arena(a, text_of(events[i].what), 0, NULL));
	}
	ways_on(&page, p);
	arena_free(a);
}

static int
show_one(struct options *o, struct changes *c, int64_t id, struct arena *a, struct error *err)
{
	struct report_style style = output_style(o);
	struct change *of = NULL;
	struct change_event *events;
	struct plan *p = NULL;
	struct buf out = { 0 };
	size_t len;

	if (changes_find(c, id, a, &of, err) != STATUS_OK || plan_recorded(c, id, world_real(), &p, err) != STATUS_OK ||
	    changes_events(c, id, a, &events, &len, err) != STATUS_OK) {
		plan_free(p);
		return complain_error(err);
	}
	if (o->json)
		one_json(of, p, events, len, &out);
	else
		one_page(&style, c, of, p, events, len, &out);
	output_write(&out);
	buf_done(&out);
	plan_free(p);
	return EXIT_STATUS_DONE;
}

int
log_run(struct options *o)
{
	const struct world *w = world_real();
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct changes *c = NULL;
	int64_t id = 0;
	int result;

	if (o->operands_len > 1)
		error_set(&err, ERROR_USAGE, "options", "log: one plan at a time, mtlscope log [ID]");
	else if (o->operands_len == 1)
		(void)(recorded_id(o->operands[0], &id, &err) == STATUS_OK);
	if (!error_is_set(&err) && changes_exist(NULL, w))
		(void)(changes_open(NULL, w, &c, &err) == STATUS_OK);
	if (error_is_set(&err)) {
		result = complain_error(&err);
	} else if (c == NULL && id != 0) {
		complain("nothing has been changed from here yet: there is no record");
		result = EXIT_STATUS_USAGE;
	} else if (c == NULL) {
		struct report_style style = output_style(o);
		struct buf out = { 0 };

		(o->json ? list_json(NULL, 0, &out) : list_page(&style, NULL, NULL, 0, &out));
		output_write(&out);
		buf_done(&out);
		result = EXIT_STATUS_DONE;
	} else {
		result = id != 0 ? show_one(o, c, id, a, &err) : list_all(o, c, a, &err);
	}
	changes_close(c);
	arena_free(a);
	return output_status(result);
}
