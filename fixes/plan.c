#include "fixes/plan.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "model/quote.h"
#include "model/text.h"

enum { SHOWN_MOST = 120 };

static const char *
copied(struct arena *a, const char *text)
{
	return text != NULL ? arena_strdup(a, text) : NULL;
}

struct plan *
plan_new(const struct plan_place *place, const char *title)
{
	struct plan *p = mem_zero(1, sizeof *p);

	p->arena = arena_new();
	p->place = *place;
	/* The configuration that they come from may be read anew before the plan is printed for the last time. */
	p->place.name = copied(p->arena, place->name);
	p->place.account = copied(p->arena, place->account);
	p->place.endpoint_url = copied(p->arena, place->endpoint_url);
	p->title = arena_strdup(p->arena, title);
	p->values = cJSON_CreateObject();
	return p;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->len; i++) {
		cJSON_Delete(p->steps[i].args);
		cJSON_Delete(p->steps[i].before);
	}
	cJSON_Delete(p->values);
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
	const char *text;

	va_start(ap, fmt);
	text = text_in(p, fmt, ap);
	va_end(ap);
	/* A step that was cut off says it again. */
	for (size_t i = 0; i < p->after_len; i++) {
		if (strcmp(p->after[i], text) == 0)
			return;
	}
	p->after = arena_grow(p->arena, p->after, p->after_len, &p->after_cap, sizeof *p->after);
	p->after[p->after_len++] = text;
}

void
plan_reaches(struct plan *p, const char *fmt, ...)
{
	va_list ap;

	p->reach = arena_grow(p->arena, p->reach, p->reach_len, &p->reach_cap, sizeof *p->reach);
	va_start(ap, fmt);
	p->reach[p->reach_len++] = text_in(p, fmt, ap);
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
plan_path(struct plan *p, const char *path)
{
	char *here = path[0] != '/' ? getcwd(NULL, 0) : NULL;
	const char *whole = here != NULL ? plan_text(p, "%s/%s", here, path) : plan_text(p, "%s", path);

	free(here);
	return whole;
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
	if (p->record != NULL && plan_record(p, plan_text(p, "%s %s", s->gave_name, s->gave), err) != STATUS_OK)
		return STATUS_FAILED;
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
	/* An earlier try that is in doubt stays so, whatever came of this one. */
	s->unsettled = s->unsettled || aws_error_unsettled(from);
	return plan_failed(p, from, doing, err);
}

/* ---- applying ---- */

static size_t
number_of(const struct plan *p, const struct plan_step *s)
{
	return (size_t)(s - p->steps) + 1;
}

/* Whoever began it was killed, or had no answer: what it changes in AWS may be done, since `began`. */
static bool
in_doubt(const struct plan_step *s)
{
	return (s->state == STEP_RUNS || (s->state == STEP_FAILED && s->unsettled)) && s->deed->aws && s->changes != NULL;
}

/* The new state, recorded where there is a record, and told to who looks on. */
static status
change(struct plan *p, struct plan_step *s, enum step_state state, struct error *err)
{
	static const char *const words[] = {
		[STEP_WAITS] = "waits", [STEP_RUNS] = "begins", [STEP_DONE] = "is done", [STEP_FAILED] = "failed", [STEP_UNDONE] = "is undone" };
	status result = STATUS_OK;
	struct buf event = { 0 };

	s->state = state;
	if (state == STEP_RUNS) {
		if (!s->unsettled)
			s->began = plan_now(p);
	} else {
		s->ended = plan_now(p);
		s->unsettled = s->unsettled && state == STEP_FAILED;
	}
	buf_addf(&event, "step %zu of %zu %s: %s%s%s", number_of(p, s), p->len, words[state], s->what, state == STEP_FAILED ? ": " : "",
	    state == STEP_FAILED ? s->error : "");
	if (p->record != NULL)
		result = plan_record(p, event.data, err);
	buf_done(&event);
	if (p->watch != NULL && p->watch->step != NULL)
		p->watch->step(p->watch->user, p, s);
	return result;
}

/* What waited in its folder is where it belongs now, or for nothing: no key lies about twice. */
static void
forget_private(const struct plan *p)
{
	DIR *d = p->folder != NULL ? opendir(p->folder) : NULL;
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		const char *dot = strrchr(e->d_name, '.');

		/* .new: of a run that was killed while it wrote one. */
		if (dot != NULL && (strcmp(dot, ".key") == 0 || strcmp(dot, ".crt") == 0 || strcmp(dot, ".pem") == 0 || strcmp(dot, ".new") == 0))
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d != NULL)
		closedir(d);
}

static status
ended(struct plan *p, enum plan_state state, const char *event, struct error *err)
{
	if (state == PLAN_DONE || state == PLAN_UNDONE)
		forget_private(p);
	p->state = state;
	return p->record != NULL ? plan_record(p, event, err) : STATUS_OK;
}

/* One step back. What cannot be undone stays as it is, and is no failure. */
static status
step_back(struct plan *p, struct plan_step *s, struct error *err)
{
	if (s->deed->undo(p, s, err) != STATUS_OK)
		return STATUS_FAILED;
	return change(p, s, STEP_UNDONE, err);
}

bool
plan_step_goes_back(const struct plan_step *s)
{
	/* A step that never began has nothing to undo; where look() failed there is no before. */
	return s->deed->undo != NULL && (s->state == STEP_DONE || s->state == STEP_RUNS || s->state == STEP_FAILED) &&
	    (s->deed->look == NULL || s->before != NULL);
}

/* The k-th step of the way back: the last first; those that come after all others (a reload, a look) in their own order. */
static size_t
way_back(const struct plan *p, size_t k, bool last)
{
	return last ? k : p->len - 1 - k;
}

/* A later step failed: what is half a change without it goes back. Returns what could not, in sentences; "": nothing. */
static const char *
back_after_failure(struct plan *p)
{
	const char *left = "";

	for (int last = 0; last <= 1; last++) {
		for (size_t k = 0; k < p->len; k++) {
			size_t i = way_back(p, k, last == 1);
			struct plan_step *s = &p->steps[i];
			struct error err = { .code = ERROR_NONE };

			if (!plan_step_goes_back(s) || !s->deed->back_on_failure || s->deed->last_back != (last == 1))
				continue;
			if (step_back(p, s, &err) == STATUS_OK)
				continue;
			left = plan_text(p, last == 1 ? "%sAfter the old state was back, step %zu was done once more, and failed too: %s. " : "%sStep %zu could not be undone: %s. ", left,
			    i + 1, err.text);
		}
	}
	return left;
}

/* By the record; and what the deed knows besides: what stands, and a line of its own for who has no record. */
static void
how_to_go_on(struct plan *p, const struct plan_step *s)
{
	const char *own = s->deed->go_on != NULL ? s->deed->go_on(p, s) : NULL, *line = p->go_on_command;
	bool back = plan_can_go_back(p);
	bool end = !back && own == NULL && line == NULL && p->id != 0;

	/* What is in doubt or paid is not to be given up lightly: no line for it. */
	for (size_t i = 0; i < p->len; i++)
		end = end && p->steps[i].gave == NULL && !p->steps[i].unsettled;
	p->go_on = plan_text(p, "%s%sMend the reason; then %s goes on with it%s:", own != NULL ? own : "", own != NULL ? " " : "",
	    back || line != NULL || end ? "the first line" : "this", back ? ", the second brings back what was before" : end ? ", the second gives it up" : "");
	p->go_on_command = plan_text(p, "mtlscope resume %lld --apply", (long long)p->id);
	if (back || end)
		p->go_on_command = plan_text(p, "%s\nmtlscope undo %lld --apply", p->go_on_command, (long long)p->id);
	if (line != NULL)
		p->go_on_command = plan_text(p, "%s\n%s", p->go_on_command, line);
}

/* What the step said, as the step's own error and the plan's. */
static status
stop(struct plan *p, struct plan_step *s, const struct error *why, struct error *err)
{
	struct error unrecorded = { .code = ERROR_NONE };
	char said[sizeof s->error];
	const char *left;

	snprintf(s->error, sizeof s->error, "%s", why->code != ERROR_NONE ? why->text : "it failed and did not say why");
	snprintf(said, sizeof said, "%s", s->error);
	p->state = PLAN_STOPPED;
	(void)(change(p, s, STEP_FAILED, &unrecorded) == STATUS_OK);
	left = back_after_failure(p);
	how_to_go_on(p, s);
	if (left[0] != '\0')
		p->go_on = plan_text(p, "%s%s", left, p->go_on != NULL ? p->go_on : "");
	(void)(ended(p, PLAN_STOPPED, plan_text(p, "stopped at step %zu of %zu", p->at + 1, p->len), &unrecorded) == STATUS_OK);
	return error_set(err, why->code != ERROR_NONE ? why->code : ERROR_INTERNAL, "plan", "%s", said);
}

static status
do_step(struct plan *p, struct plan_step *s, struct error *why)
{
	/* What was there before is seen once: after a kill in the middle it would be our own half. */
	if (s->deed->look != NULL && s->before == NULL) {
		cJSON *before = cJSON_CreateObject();

		s->before = before;
		if (s->deed->look(p, s, why) != STATUS_OK) {
			cJSON_Delete(before);
			s->before = NULL;
			return STATUS_FAILED;
		}
	}
	if (change(p, s, STEP_RUNS, why) != STATUS_OK)
		return STATUS_FAILED;
	return s->deed->apply(p, s, why);
}

/* Nobody else works on it, and nobody has since we read it: while ours waited for an answer, another one may have done it, or taken it back. */
static status
take(struct plan *p, struct error *err)
{
	return changes_lock(p->record, p->id, err) == STATUS_OK ? plan_is_current(p, err) : STATUS_FAILED;
}

/* A plan that cannot be recorded is not begun; nor is one that another program works on: its record is not written over. */
static status
begin(struct plan *p, enum plan_state state, const char *event, struct error *err)
{
	enum plan_state before = p->state;
	bool again = p->id != 0;

	if (p->record == NULL) {
		p->state = state;
		return p->len > 0 ? error_set(err, ERROR_INTERNAL, "plan", "a plan that goes on in another run needs a record") : STATUS_OK;
	}
	if (again && take(p, err) != STATUS_OK)
		return STATUS_FAILED;
	p->state = state;
	if (plan_record(p, event, err) == STATUS_OK && (again || take(p, err) == STATUS_OK))
		return STATUS_OK;
	p->state = before;
	return STATUS_FAILED;
}

status
plan_apply(struct plan *p, const struct plan_watch *watch, struct error *err)
{
	bool again = p->id != 0;

	p->watch = watch;
	p->go_on = p->go_on_command = NULL;
	if (begin(p, PLAN_RUNS, again ? "goes on" : "begins", err) != STATUS_OK)
		return STATUS_FAILED;
	for (p->at = 0; p->at < p->len; p->at++) {
		struct plan_step *s = &p->steps[p->at];
		struct error why = { .code = ERROR_NONE };

		if (s->state == STEP_DONE)
			continue;
		s->error[0] = '\0';
		s->unsettled = in_doubt(s);
		/* Between two steps as well: not each of them can be ended while it runs. */
		if (p->cancel != NULL && atomic_load(p->cancel)) {
			(void)error_set(&why, ERROR_NOT_DONE, "plan", "interrupted before this step began");
			return stop(p, s, &why, err);
		}
		if (do_step(p, s, &why) != STATUS_OK || change(p, s, STEP_DONE, &why) != STATUS_OK)
			return stop(p, s, &why, err);
	}
	return ended(p, PLAN_DONE, "done", err);
}

bool
plan_can_go_back(const struct plan *p)
{
	for (size_t i = 0; i < p->len; i++) {
		if (plan_step_goes_back(&p->steps[i]))
			return true;
	}
	return false;
}

bool
plan_can_end(const struct plan *p)
{
	return p->id != 0 && p->state != PLAN_DONE && p->state != PLAN_UNDONE;
}

const char *
plan_waiting_key(const struct plan *p, struct arena *a)
{
	DIR *d = p->folder != NULL ? opendir(p->folder) : NULL;
	const char *found = NULL;
	const struct dirent *e;

	while (d != NULL && found == NULL && (e = readdir(d)) != NULL) {
		const char *dot = strrchr(e->d_name, '.');

		if (dot != NULL && strcmp(dot, ".key") == 0)
			found = arena_printf(a, "%s/%s", p->folder, e->d_name);
	}
	if (d != NULL)
		closedir(d);
	return found;
}

bool
plan_changes_file(const struct plan *p, const char *path)
{
	char *real = realpath(path, NULL);
	bool found = false;

	for (size_t i = 0; i < p->len && real != NULL; i++) {
		const cJSON *file;

		/* As the step found it, behind links. */
		cJSON_ArrayForEach(file, cJSON_GetObjectItemCaseSensitive(p->steps[i].before, "files")) {
			const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file, "path"));

			found = found || (name != NULL && strcmp(name, real) == 0);
		}
	}
	free(real);
	return found;
}

bool
plan_wants_aws(const struct plan *p, bool back)
{
	for (size_t i = 0; i < p->len; i++) {
		const struct plan_step *s = &p->steps[i];

		if (s->deed->aws && (back ? plan_step_goes_back(s) : s->state != STEP_DONE))
			return true;
	}
	return false;
}

/*
 * A reload that failed on the way on, and fails again when the old files are back: the service never took the new ones by it, and a command that
 * cannot work must not keep the plan open for ever. It is said.
 */
static status
left_behind(struct plan *p, struct plan_step *s, const struct error *why, struct error *err)
{
	s->state = STEP_UNDONE;
	s->ended = plan_now(p);
	plan_after(p, "Step %zu failed when the old state was back, as it did before: %s", number_of(p, s), why->text);
	return p->record != NULL ? plan_record(p, plan_text(p, "step %zu of %zu failed on the way back too: %s", number_of(p, s), p->len, why->text), err) : STATUS_OK;
}

/* The way back stopped at s. Where the plan had been done, it can be left so. */
static status
stop_back(struct plan *p, struct plan_step *s, const struct error *why, struct error *err)
{
	struct error unrecorded = { .code = ERROR_NONE };
	bool whole = true;

	snprintf(s->error, sizeof s->error, "%s", why->text);
	for (size_t i = 0; i < p->len; i++)
		whole = whole && (p->steps[i].state == STEP_DONE || p->steps[i].state == STEP_UNDONE);
	p->go_on = whole ? "Mend the reason, then the first line goes on with the way back. Or the second leaves the plan done, and does again what was undone:"
	                 : "Mend the reason, then this goes on with the way back:";
	p->go_on_command = plan_text(p, "mtlscope undo %lld --apply", (long long)p->id);
	if (whole)
		p->go_on_command = plan_text(p, "%s\nmtlscope resume %lld --apply", p->go_on_command, (long long)p->id);
	(void)(ended(p, PLAN_STOPPED, plan_text(p, "the way back stopped at step %zu: %s", number_of(p, s), why->text), &unrecorded) == STATUS_OK);
	return error_set(err, why->code, "plan", "%s", s->error);
}

status
plan_may_go_back(struct plan *p, struct error *err)
{
	for (size_t k = 0; k < p->len; k++) {
		struct plan_step *s = &p->steps[way_back(p, k, false)];

		if (plan_step_goes_back(s) && s->deed->may_undo != NULL && s->deed->may_undo(p, s, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

status
plan_go_back(struct plan *p, const struct plan_watch *watch, struct error *err)
{
	p->watch = watch;
	p->go_on = p->go_on_command = NULL;
	/* Before it is recorded that it goes back: nothing has happened then. */
	if (plan_may_go_back(p, err) != STATUS_OK)
		return STATUS_FAILED;
	/* What was said of what it did does not hold any more. */
	p->after_len = 0;
	if (begin(p, PLAN_GOES_BACK, "goes back", err) != STATUS_OK)
		return STATUS_FAILED;
	for (int last = 0; last <= 1; last++) {
		for (size_t k = 0; k < p->len; k++) {
			struct plan_step *s = &p->steps[p->at = way_back(p, k, last == 1)];
			struct error why = { .code = ERROR_NONE };

			if (!plan_step_goes_back(s) || s->deed->last_back != (last == 1))
				continue;
			if (step_back(p, s, &why) == STATUS_OK)
				continue;
			if (s->deed->last_back && s->state == STEP_FAILED && left_behind(p, s, &why, err) == STATUS_OK)
				continue;
			return stop_back(p, s, &why, err);
		}
	}
	p->at = p->len;
	return ended(p, PLAN_UNDONE, "undone", err);
}
