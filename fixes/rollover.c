#include "fixes/rollover.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/deeds.h"
#include "fixes/install.h"
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
rollover_has_room(struct rolling *m)
{
	if (m->plan->len < ROLLOVER_PLAN_MOST)
		return true;
	m->left++;
	return false;
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

static void
add_text(cJSON *to, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(to, name, value);
}

static bool
is_in_already(struct rolling *m, const char *command)
{
	if (strstr(command, "MTLSCOPE_") != NULL)
		return false; /* it wants to know for whom */
	for (size_t i = 0; i < m->reloads_len; i++) {
		if (strcmp(m->reloads[i], command) == 0)
			return true;
	}
	m->reloads = arena_grow(m->arena, m->reloads, m->reloads_len, &m->reloads_cap, sizeof *m->reloads);
	m->reloads[m->reloads_len++] = command;
	return false;
}

void
rollover_reload(struct rolling *m, const struct config_entry *e)
{
	const char *command = e->install.reload != NULL ? e->install.reload : e->install.hook;
	struct plan *p = m->plan;
	cJSON *args, *env;
	struct plan_step *s;

	if (command == NULL || is_in_already(m, command))
		return;
	args = cJSON_CreateObject();
	add_text(args, "command", command);
	env = cJSON_AddObjectToObject(args, "env");
	add_text(env, "MTLSCOPE_NAME", e->name);
	add_text(env, "MTLSCOPE_TARGET", e->target);
	add_text(env, "MTLSCOPE_CERT", e->serves.cert);
	add_text(env, "MTLSCOPE_FULLCHAIN", e->serves.cert);
	add_text(env, "MTLSCOPE_KEY", e->serves.key);
	s = plan_add_deed(p, &deed_run, args);
	s->what = plan_text(p, "reload “%s”", plan_shown(p, e->name));
	s->changes = plan_text(p, "what the service does on: %s", plan_shown(p, command));
	s->command = plan_text(p, "%s", plan_shown(p, command));
	s->undo = "the same once more, after the files are back";
}

status
rollover_install(struct rolling *m, const char *as, bool new_key, const struct config_entry *e, const struct config_identity *id, bool *done, struct error *err)
{
	struct install_wish w = { .as = as, .new_key = new_key, .entry = e, .identity = id, .host = m->w->host };
	size_t before = m->plan->len;

	*done = install_steps(m->plan, &w, err) == STATUS_OK;
	if (*done)
		return STATUS_OK;
	/* Half of it is in the plan: then the plan is no good. */
	if (m->plan->len > before || (err->code != ERROR_USAGE && err->code != ERROR_INPUT))
		return STATUS_FAILED;
	rollover_by_hand(m, "%s: %s", plan_shown(m->plan, e != NULL ? e->name : id->name), err->text);
	error_clear(err);
	return STATUS_OK;
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
	if (m->left > 0)
		plan_note(p, "%zu more have no room in this plan: the next one goes on with them.", m->left);
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
