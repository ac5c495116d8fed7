#include "tui/plan_job.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/mended.h"
#include "model/memory.h"
#include "tui/console_parts.h"
#include "tui/fleet.h"
#include "tui/fresh_files.h"
#include "tui/plan_work.h"

/* ---- pieces of work ---- */

static void
job_free(struct plan_job *j)
{
	plan_picture_free(j->picture);
	plan_work_free(j->work);
	free(j);
}

static void
drop(void *job)
{
	job_free(job);
}

static struct plan_job *
job_new(struct console *k)
{
	struct plan_job *j = mem_zero(1, sizeof *j);

	j->console = k;
	j->watched = true;
	j->work = plan_work_new(k);
	return j;
}

static void
changed(struct plan_job *j)
{
	j->version++;
	console_urgent(j->console);
}

void
plan_job_look(struct plan_job *j)
{
	/* The worker has it before it has ended; then it is ended too. */
	struct plan_picture *newer = j->phase != PHASE_MAKING ? plan_work_picture(j->work, &j->tries, &j->of) : NULL;

	if (newer == NULL)
		return;
	plan_picture_free(j->picture);
	j->picture = newer;
	j->version++;
}

/* It was made or read, or there is none. */
static void
made(struct console *k, void *job)
{
	struct plan_job *j = job;

	(void)k;
	if (!j->watched) {
		job_free(j);
		return;
	}
	snprintf(j->problem, sizeof j->problem, "%s", j->work->err.text);
	j->words = j->work->words;
	j->phase = j->work->plan != NULL ? PHASE_SHOWN : PHASE_NONE;
	plan_job_look(j);
	if (j->code == CODE_NONE && j->picture != NULL && j->picture->code != NULL)
		j->code = code_named(j->picture->code);
	changed(j);
}

static void
make(void *job)
{
	plan_work_make(((struct plan_job *)job)->work);
}

static void
read_it(void *job)
{
	plan_work_read(((struct plan_job *)job)->work);
}

static struct plan_job *
begin(struct plan_job *j, void (*work)(void *job))
{
	j->phase = PHASE_MAKING;
	return console_work(j->console, work, made, drop, j) ? j : NULL;
}

struct plan_job *
plan_job_make(struct console *k, struct entry *e, enum code code)
{
	struct plan_job *j = job_new(k);

	j->entry = e->id;
	j->code = code;
	plan_work_ask(j->work, k, e, code);
	return begin(j, make);
}

struct plan_job *
plan_job_make_by(struct console *k, const struct plan_maker *maker)
{
	struct plan_job *j = job_new(k);

	plan_work_ask_maker(j->work, k, maker);
	return begin(j, make);
}

/* The endpoint of this session that is meant by what was typed once; NULL: none. */
static struct entry *
entry_of(struct console *k, const char *target)
{
	struct fleet *f = console_fleet(k);
	struct entry *e = target != NULL ? fleet_named(f, target) : NULL;

	for (size_t i = 0; e == NULL && target != NULL && i < fleet_len(f); i++) {
		struct entry *each = fleet_at(f, i);

		if (each->target.spelled != NULL && strcmp(each->target.spelled, target) == 0)
			e = each;
	}
	return e;
}

struct plan_job *
plan_job_read(struct console *k, int64_t id)
{
	struct plan_job *j = k->plan_job;

	if (j != NULL && j->picture != NULL && j->picture->id == id && !j->watched) {
		j->watched = true;
		return j;
	}
	j = job_new(k);
	j->work->id = id;
	return begin(j, read_it);
}

void
plan_job_leave(struct plan_job *j)
{
	j->watched = false;
	if (j->phase == PHASE_MAKING)
		plan_work_cancel(j->work);
	else if (j->phase != PHASE_APPLYING && j->phase != PHASE_GOING_BACK)
		job_free(j);
}

/* ---- applying ---- */

const char *
plan_job_refuses(const struct plan_job *j, bool back)
{
	const struct plan_picture *p = j->picture;

	if (j->phase == PHASE_MAKING)
		return "the plan is not there yet";
	if (p == NULL)
		return "there is no plan";
	if (j->phase == PHASE_APPLYING || j->phase == PHASE_GOING_BACK)
		return "it is under way";
	if (j->console->plan_job != NULL)
		return "another plan is under way: one at a time";
	if (p->busy)
		return "somebody works on it";
	if (back && !p->can_go_back && !p->can_end)
		return p->id == 0 ? "nothing has been done yet" : "nothing of it is left that can be undone";
	if (!back && (p->state == PLAN_DONE || !p->goes_on))
		return "it is done";
	if (!back && p->state == PLAN_GOES_BACK)
		return "its way back was cut off, and goes on first";
	if (!back && p->state == PLAN_UNDONE && p->makes_key)
		return "it was taken back, and its new key with it: make the plan anew";
	return NULL;
}

bool
plan_under_way(const struct console *k)
{
	return k->plan_job != NULL;
}

static struct plan_verdict
verdict_of(const struct entry *e)
{
	return (struct plan_verdict){ .state = fleet_known(e),
		.code = e->diagnosis != NULL && e->diagnosis->root != NULL ? e->diagnosis->root->code : CODE_NONE };
}

/* What was read from files is read again by now: who goes by it goes by the new one, targets that are typed in too. */
static void
take_fresh_files(struct plan_job *j, struct entry *e)
{
	struct console *k = j->console;
	const struct fresh_files *f = &j->work->files;

	fresh_files_take(k->fleet, f);
	if (f->identity != NULL && k->setup.identity == f->was) {
		identity_free(k->identity);
		k->setup.identity = k->identity = identity_ref(f->identity);
	}
	if (f->problem[0] != '\0')
		console_say(k, ROLE_WARN, "%s is looked at with what was read before: %s", e->name, f->problem);
}

/* Does it have the cause that this one has? */
static bool
alike(const struct entry *other, const struct entry *e)
{
	return other != e && e->diagnosis != NULL && e->diagnosis->root != NULL && entry_cause_id(other) == entry_cause_id(e);
}

size_t
plan_job_alike(const struct plan_job *j)
{
	struct fleet *f = console_fleet(j->console);
	const struct entry *e = j->entry != 0 ? fleet_entry(f, j->entry) : NULL;
	size_t n = 0;

	/* Another finding than the cause is this endpoint's own. */
	if (e != NULL && e->diagnosis != NULL && e->diagnosis->root != NULL && j->code != CODE_NONE && j->code != e->diagnosis->root->code)
		return 0;
	for (size_t i = 0; e != NULL && i < fleet_len(f); i++)
		n += alike(fleet_at(f, i), e);
	return n;
}

/* What it was about is looked at again, and all that fail for the same reason. */
static void
look_again(struct plan_job *j, struct entry *e)
{
	struct fleet *f = console_fleet(j->console);
	struct entry **with = mem_zero(fleet_len(f) + 1, sizeof *with);
	size_t len = 0;

	take_fresh_files(j, e);
	with[len++] = e;
	for (size_t i = 0; i < fleet_len(f); i++) {
		struct entry *other = fleet_at(f, i);

		if (alike(other, e))
			with[len++] = other;
	}
	j->checks = e->checks;
	console_check(j->console, with, len);
	free(with);
}

static void
say_end(const struct plan_job *j)
{
	const struct plan_picture *p = j->picture;
	struct console *k = j->console;

	if (p->state == PLAN_DONE)
		console_say(k, ROLE_OK, "plan %lld is done: %s", (long long)p->id, p->title);
	else if (p->state == PLAN_UNDONE)
		console_say(k, ROLE_OK, plan_picture_count(p, STEP_UNDONE) > 0 ? "plan %lld is undone, it is as it was before: %s" : "plan %lld is given up: %s",
		    (long long)p->id, p->title);
	else
		console_say(k, ROLE_FAIL, "plan %lld stopped at step %zu of %zu: %s", (long long)p->id, p->at < p->len ? p->at + 1 : p->len, p->len, j->problem);
}

static void
ended(struct console *k, void *job)
{
	struct plan_job *j = job;
	struct entry *e = j->entry != 0 ? fleet_entry(console_fleet(k), j->entry) : NULL;

	k->plan_job = NULL;
	j->phase = j->work->begun ? PHASE_ENDED : PHASE_SHOWN;
	plan_job_look(j);
	j->tries = 0;
	snprintf(j->problem, sizeof j->problem, "%s", j->work->err.text);
	console_unfinished(k);
	if (!j->work->begun)
		console_say(k, ROLE_FAIL, "nothing was done: %s", j->problem);
	else
		say_end(j);
	if (e != NULL && j->work->begun)
		look_again(j, e);
	changed(j);
	if (!j->watched)
		job_free(j);
}

static void
apply(void *job)
{
	plan_work_apply(((struct plan_job *)job)->work, false);
}

static void
go_back(void *job)
{
	plan_work_apply(((struct plan_job *)job)->work, true);
}

/* A recorded plan names its endpoint as it was typed; this session may know it. */
static struct entry *
find_entry(struct plan_job *j)
{
	struct entry *e = j->entry != 0 ? fleet_entry(console_fleet(j->console), j->entry) : entry_of(j->console, j->picture->target);

	j->entry = e != NULL ? e->id : 0;
	return e;
}

bool
plan_job_apply(struct plan_job *j, bool back)
{
	struct console *k = j->console;
	struct entry *e = find_entry(j);

	if (e != NULL)
		j->before = verdict_of(e);
	if (j->code == CODE_NONE)
		j->code = j->before.code;
	j->phase = back ? PHASE_GOING_BACK : PHASE_APPLYING;
	j->problem[0] = '\0';
	plan_work_begin(j->work, j->picture, e);
	k->plan_job = j;
	if (!console_work(k, back ? go_back : apply, ended, drop, j)) {
		/* It was said, and drop() has freed it. */
		k->plan_job = NULL;
		return false;
	}
	changed(j);
	return true;
}

void
plan_job_halt(struct plan_job *j)
{
	atomic_store(&j->work->halt, true);
}

/* ---- did it help? ---- */

enum plan_effect
plan_job_effect(const struct plan_job *j, struct plan_verdict *now)
{
	static const enum plan_effect effects[] = { [MENDED] = EFFECT_MENDED, [MENDED_HERE] = EFFECT_HERE_ONLY, [MENDED_NEXT] = EFFECT_NEXT,
		[MENDED_UNSEEN] = EFFECT_UNSEEN, [MENDED_NOT] = EFFECT_NOT };
	const struct entry *e = j->entry != 0 ? fleet_entry(console_fleet(j->console), j->entry) : NULL;

	if (j->phase != PHASE_ENDED || e == NULL || e->diagnosis == NULL)
		return EFFECT_NONE;
	if (e->waiting || e->checks == j->checks)
		return EFFECT_WAITS;
	*now = verdict_of(e);
	if (j->picture->state != PLAN_DONE || j->code == CODE_NONE)
		return EFFECT_NONE;
	return effects[mended_of(NULL, e->diagnosis, j->code, j->picture->reached)];
}
