#include "fixes/rollover.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/deeds.h"
#include "fixes/rollover_parts.h"
#include "model/text.h"
#include "model/times.h"

static rollover_maker *const makers[ROLLOVER_STEPS] = {
	[ROLLOVER_MAKE_ROOT] = rollover_make_root,
	[ROLLOVER_MAKE_ISSUING] = rollover_make_issuing,
	[ROLLOVER_MEASURE] = rollover_make_pass,
	[ROLLOVER_TRUST] = rollover_trust,
	[ROLLOVER_MOVE] = rollover_move,
	[ROLLOVER_REMOVE] = rollover_remove,
	[ROLLOVER_RETIRE] = rollover_retire,
};

void
rollover_by_hand(struct rolling *m, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	m->by_hand = arena_grow(m->arena, m->by_hand, m->by_hand_len, &m->by_hand_cap, sizeof *m->by_hand);
	m->by_hand[m->by_hand_len++] = arena_strdup(m->arena, n >= 0 ? text : "");
	free(text);
}

bool
rollover_meant(const struct rolling *m, const char *name)
{
	for (size_t i = 0; i < m->w->only_len; i++) {
		if (strcmp(m->w->only[i], name) == 0)
			return true;
	}
	return m->w->only_len == 0;
}

void
rollover_reload(struct rolling *m, const struct config_entry *e)
{
	struct plan *p = m->plan;
	cJSON *args;
	struct plan_step *s;

	if (e->install.reload == NULL)
		return;
	for (size_t i = 0; i < m->reloads_len; i++) {
		if (strcmp(m->reloads[i], e->install.reload) == 0)
			return;
	}
	m->reloads = arena_grow(m->arena, m->reloads, m->reloads_len, &m->reloads_cap, sizeof *m->reloads);
	m->reloads[m->reloads_len++] = e->install.reload;
	args = cJSON_CreateObject();
	cJSON_AddStringToObject(args, "command", e->install.reload);
	s = plan_add_deed(p, &deed_run, args);
	s->what = plan_text(p, "let “%s” read its files again", plan_shown(p, e->name));
	s->changes = "the running service";
	s->command = plan_shown(p, e->install.reload);
	s->undo = "the same command once more, after the old files are back";
}

static void
name_plan(struct rolling *m)
{
	struct plan *p = m->plan;

	p->kind = "rollover";
	p->target = plan_text(p, "%s", m->w->r->old_root.name != NULL ? m->w->r->old_root.name : m->w->r->old_root.arn);
	p->code = rollover_step_name(m->step);
	/* So that whoever finds it in the record knows whose it is. */
	cJSON_AddStringToObject(p->values, "rollover.id", m->w->r->id);
	cJSON_AddStringToObject(p->values, "rollover.step", rollover_step_name(m->step));
	for (size_t i = 0; i < m->by_hand_len; i++)
		plan_note(p, "By hand: %s.", m->by_hand[i]);
}

static status
make(const struct rollover_wish *w, enum rollover_step s, rollover_maker *maker, struct arena *a, struct plan **out, const char ***by_hand,
    size_t *by_hand_len, struct error *err)
{
	struct rolling m = { .w = w, .step = s, .arena = a };
	status result = rollover_anchors(w->r, &m.anchors, err);

	*out = NULL;
	m.plan = plan_new(&w->place, rollover_step_words(s));
	if (result == STATUS_OK)
		result = maker(&m, err);
	*by_hand = m.by_hand;
	*by_hand_len = m.by_hand_len;
	if (result == STATUS_OK && m.plan->len > 0) {
		name_plan(&m);
		*out = m.plan;
		m.plan = NULL;
	}
	plan_free(m.plan);
	rollover_anchors_done(&m.anchors);
	return result;
}

status
rollover_plan(const struct rollover_wish *w, enum rollover_step s, struct arena *a, struct plan **out, const char ***by_hand, size_t *by_hand_len,
    struct error *err)
{
	return make(w, s, makers[s], a, out, by_hand, by_hand_len, err);
}

status
rollover_plan_untrust(const struct rollover_wish *w, struct arena *a, struct plan **out, const char ***by_hand, size_t *by_hand_len, struct error *err)
{
	status result = make(w, ROLLOVER_TRUST, rollover_untrust, a, out, by_hand, by_hand_len, err);

	if (result == STATUS_OK && *out != NULL) {
		(*out)->code = "abandon";
		cJSON_DeleteItemFromObjectCaseSensitive((*out)->values, "rollover.step");
	}
	return result;
}

const char *
rollover_of_plan(const struct plan *p, enum rollover_step *s)
{
	const char *id = p->kind != NULL && strcmp(p->kind, "rollover") == 0 ? plan_value(p, "rollover.id") : NULL;
	const char *name = plan_value(p, "rollover.step");

	*s = ROLLOVER_NO_STEP;
	for (int i = 0; name != NULL && i < ROLLOVER_STEPS; i++) {
		if (strcmp(rollover_step_name((enum rollover_step)i), name) == 0)
			*s = (enum rollover_step)i;
	}
	return id;
}
