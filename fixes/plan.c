#include "fixes/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/quote.h"
#include "model/text.h"

enum { SHOWN_MOST = 120 };

struct plan *
plan_new(const struct plan_place *place, const char *title)
{
	struct plan *p = mem_zero(1, sizeof *p);

	p->arena = arena_new();
	p->place = *place;
	p->title = arena_strdup(p->arena, title);
	return p;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	if (p->subject_done != NULL)
		p->subject_done(p->subject);
	arena_free(p->arena);
	free(p);
}

struct plan_step *
plan_add(struct plan *p)
{
	p->steps = arena_grow(p->arena, p->steps, p->len, &p->cap, sizeof *p->steps);
	p->steps[p->len] = (struct plan_step){ .state = STEP_WAITS };
	return &p->steps[p->len++];
}

static char *
text_in(struct plan *p, const char *fmt, va_list ap)
{
	char *text = NULL, *kept;
	int n = vasprintf(&text, fmt, ap);

	kept = arena_strdup(p->arena, n >= 0 ? text : "");
	free(text);
	return kept;
}

char *
plan_text(struct plan *p, const char *fmt, ...)
{
	va_list ap;
	char *kept;

	va_start(ap, fmt);
	kept = text_in(p, fmt, ap);
	va_end(ap);
	return kept;
}

void
plan_note(struct plan *p, const char *fmt, ...)
{
	va_list ap;

	p->notes = arena_grow(p->arena, p->notes, p->notes_len, &p->notes_cap, sizeof *p->notes);
	va_start(ap, fmt);
	p->notes[p->notes_len++] = text_in(p, fmt, ap);
	va_end(ap);
}

void
plan_after(struct plan *p, const char *fmt, ...)
{
	va_list ap;

	p->after = arena_grow(p->arena, p->after, p->after_len, &p->after_cap, sizeof *p->after);
	va_start(ap, fmt);
	p->after[p->after_len++] = text_in(p, fmt, ap);
	va_end(ap);
}

const char *
plan_shown(struct plan *p, const char *outside)
{
	return text_safe_arena(p->arena, text_of(outside), SHOWN_MOST, NULL);
}

const char *
plan_word(struct plan *p, const char *outside)
{
	struct buf b = { 0 };
	const char *out;

	shell_quote(&b, outside);
	out = arena_strdup(p->arena, buf_str(&b));
	buf_done(&b);
	return out;
}

const char *
plan_token(struct plan *p)
{
	char token[33];

	aws_client_token(p->place.client, token);
	return arena_strdup(p->arena, token);
}

void
plan_tell(struct plan *p, const struct plan_step *s, unsigned tries, unsigned of)
{
	if (p->watch != NULL && p->watch->waits != NULL)
		p->watch->waits(p->watch->user, p, s, tries, of);
}

void
plan_waits(void *waiter, unsigned tries, unsigned of)
{
	struct plan_waiter *w = waiter;

	plan_tell(w->plan, w->step, tries, of);
}

status
plan_keep(struct plan *p, struct plan_step *s, const char *name, const char *value, struct error *err)
{
	s->gave_name = arena_strdup(p->arena, name);
	s->gave = text_safe_arena(p->arena, text_of(value), 0, NULL);
	if (p->watch != NULL && p->watch->kept != NULL && !p->watch->kept(p->watch->user, p, s, s->gave_name, s->gave))
		return error_set(err, ERROR_LOCAL, "plan", "%s %s stands, and that could not be noted", s->gave_name, s->gave);
	return STATUS_OK;
}

status
plan_failed(const struct plan *p, const struct aws_error *from, const char *doing, struct error *err)
{
	return aws_error_say(from, doing, aws_client_where(p->place.client), err);
}

status
plan_change_failed(const struct plan *p, struct plan_step *s, const struct aws_error *from, const char *doing, struct error *err)
{
	s->unsettled = aws_error_unsettled(from);
	return plan_failed(p, from, doing, err);
}

static void
change(struct plan *p, struct plan_step *s, enum step_state state)
{
	s->state = state;
	if (state == STEP_RUNS)
		s->unsettled = false;
	if (p->watch != NULL && p->watch->step != NULL)
		p->watch->step(p->watch->user, p, s);
}

/* What the step said, as the step's own error and the plan's. */
static status
stop(struct plan *p, struct plan_step *s, const struct error *why, struct error *err)
{
	snprintf(s->error, sizeof s->error, "%s", why->code != ERROR_NONE ? why->text : "it failed and did not say why");
	p->state = PLAN_STOPPED;
	p->go_on = s->go_on != NULL ? s->go_on(p, s) : NULL;
	change(p, s, STEP_FAILED);
	return error_set(err, why->code != ERROR_NONE ? why->code : ERROR_INTERNAL, "plan", "%s", s->error);
}

status
plan_apply(struct plan *p, const struct plan_watch *watch, struct error *err)
{
	p->watch = watch;
	for (p->at = 0; p->at < p->len; p->at++) {
		struct plan_step *s = &p->steps[p->at];
		struct error why = { .code = ERROR_NONE };

		if (s->state == STEP_DONE)
			continue;
		change(p, s, STEP_RUNS);
		if (s->apply(p, s, &why) != STATUS_OK)
			return stop(p, s, &why, err);
		change(p, s, STEP_DONE);
	}
	p->state = PLAN_DONE;
	return STATUS_OK;
}
