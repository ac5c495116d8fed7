#include "tui/plan_picture.h"

#include <string.h>

#include "fixes/deeds.h"
#include "model/text.h"

static const char *
kept(struct arena *a, const char *text)
{
	return text != NULL && text[0] != '\0' ? arena_strdup(a, text) : NULL;
}

static const char **
kept_list(struct arena *a, const char *const *texts, size_t len)
{
	const char **out = arena_array(a, len + 1, sizeof *out);

	for (size_t i = 0; i < len; i++)
		out[i] = arena_strdup(a, texts[i]);
	return out;
}

static struct picture_step
step_of(struct arena *a, const struct plan_step *s)
{
	return (struct picture_step){
		.what = arena_strdup(a, s->what != NULL ? s->what : ""),
		.reads = kept(a, s->reads),
		.changes = kept(a, s->changes),
		.call = kept(a, s->call),
		.command = kept(a, s->command),
		.cost = kept(a, s->cost),
		.undo = kept(a, s->undo),
		.error = kept(a, s->error),
		.gave_name = kept(a, s->gave_name),
		.gave = kept(a, s->gave),
		.state = s->state,
		.unsettled = s->unsettled,
		.goes_back = plan_step_goes_back(s),
	};
}

/* What happened is worth showing, and no reason not to show the rest. */
static void
take_events(struct plan_picture *out, struct changes *c)
{
	struct error err = { .code = ERROR_NONE };

	if (c == NULL || out->id == 0)
		return;
	if (changes_events(c, out->id, out->arena, &out->events, &out->events_len, &err) != STATUS_OK)
		out->events_len = 0;
}

struct plan_picture *
plan_picture(const struct plan *p, struct changes *c)
{
	struct arena *a = arena_new();
	struct plan_picture *out = arena_alloc(a, sizeof *out);
	const char *key;

	*out = (struct plan_picture){
		.arena = a,
		.title = arena_strdup(a, p->title != NULL ? p->title : ""),
		.where = plan_where(&p->place, a),
		.target = kept(a, p->target),
		.code = kept(a, p->code),
		.cost = kept(a, p->cost),
		.go_on = kept(a, p->go_on),
		.go_on_command = kept(a, p->go_on_command),
		.id = p->id,
		.reach = kept_list(a, p->reach, p->reach_len),
		.reach_len = p->reach_len,
		.notes = kept_list(a, p->notes, p->notes_len),
		.notes_len = p->notes_len,
		.after = kept_list(a, p->after, p->after_len),
		.after_len = p->after_len,
		.steps = arena_array(a, p->len + 1, sizeof *out->steps),
		.len = p->len,
		.at = p->at,
		.state = p->state,
		.reached = p->reached,
		.can_go_back = plan_can_go_back(p),
	};
	for (size_t i = 0; i < p->len; i++) {
		out->steps[i] = step_of(a, &p->steps[i]);
		out->goes_on = out->goes_on || p->steps[i].state != STEP_DONE;
		out->makes_key = out->makes_key || p->steps[i].deed == &deed_make_key;
	}
	out->can_end = !out->can_go_back && plan_can_end(p);
	key = p->state != PLAN_DONE ? plan_waiting_key(p, a) : NULL;
	out->waiting_key = key != NULL ? text_safe_arena(a, text_of(key), 0, NULL) : NULL;
	take_events(out, c);
	return out;
}

void
plan_picture_free(struct plan_picture *p)
{
	if (p != NULL)
		arena_free(p->arena);
}

size_t
plan_picture_count(const struct plan_picture *p, enum step_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < p->len; i++)
		n += p->steps[i].state == state;
	return n;
}
