#include "tui/plan_work.h"

#include <stdlib.h>
#include <string.h>

#include "fixes/plan_store.h"
#include "fixes/rollover_hand.h"
#include "model/memory.h"
#include "tui/console.h"

/* ---- on the console's thread ---- */

struct plan_work *
plan_work_new(struct console *k)
{
	const struct console_setup *setup = console_setup_of(k);
	const char *config = setup->plans_config != NULL ? setup->plans_config : setup->config != NULL ? setup->config_path : NULL;
	struct plan_work *w = mem_zero(1, sizeof *w);

	pthread_mutex_init(&w->lock, NULL);
	w->waker = console_waker(k);
	accounts_copy(&w->accounts, k, &w->cancel);
	w->world = setup->world;
	w->arena = arena_new();
	w->config_path = config != NULL ? mem_strdup(config) : NULL;
	w->folder = setup->changes != NULL ? mem_strdup(setup->changes) : NULL;
	return w;
}

void
plan_work_free(struct plan_work *w)
{
	if (w == NULL)
		return;
	plan_free(w->plan);
	plan_picture_free(w->newest);
	if (w->maker.free != NULL)
		w->maker.free(w->maker.user);
	aws_client_free(w->client);
	accounts_done(&w->accounts);
	target_done(&w->target);
	identity_free(w->identity);
	trust_free(w->trust);
	fresh_files_done(&w->files);
	free(w->name);
	free(w->typed);
	free(w->folder);
	free(w->config_path);
	arena_free(w->arena);
	pthread_mutex_destroy(&w->lock);
	waker_free(w->waker);
	free(w);
}

void
plan_work_ask(struct plan_work *w, struct console *k, const struct entry *e, enum code code)
{
	const struct console_setup *setup = console_setup_of(k);

	w->maker = *setup->plans;
	target_copy(&w->target, &e->target);
	w->name = mem_strdup(e->name);
	w->typed = e->command != NULL ? mem_strdup(e->command) : NULL;
	w->identity = e->identity != NULL ? identity_ref(e->identity) : NULL;
	w->trust = e->trust != NULL ? trust_ref(e->trust) : NULL;
	w->examine = e->options != NULL ? *e->options : setup->examine;
	w->code = code;
}

void
plan_work_ask_maker(struct plan_work *w, struct console *k, const struct plan_maker *maker)
{
	w->maker = *maker;
	w->examine = console_setup_of(k)->examine;
}

void
plan_work_begin(struct plan_work *w, const struct plan_picture *shown, const struct entry *e)
{
	w->shown_state = shown->state;
	w->shown_done = plan_picture_count(shown, STEP_DONE);
	fresh_files_done(&w->files);
	if (e != NULL)
		fresh_files_of(&w->files, e->identity, e->trust);
}

void
plan_work_cancel(struct plan_work *w)
{
	atomic_store(&w->cancel, true);
}

struct plan_picture *
plan_work_picture(struct plan_work *w, unsigned *tries, unsigned *of)
{
	struct plan_picture *newest;

	pthread_mutex_lock(&w->lock);
	newest = w->newest;
	w->newest = NULL;
	*tries = w->tries;
	*of = w->of;
	pthread_mutex_unlock(&w->lock);
	return newest;
}

/* ---- on the worker ---- */

static void
show(struct plan_work *w, const struct plan *p, struct changes *c, bool busy)
{
	struct plan_picture *newer = plan_picture(p, c);

	newer->busy = busy;
	pthread_mutex_lock(&w->lock);
	plan_picture_free(w->newest);
	w->newest = newer;
	w->tries = w->of = 0;
	pthread_mutex_unlock(&w->lock);
}

static struct plan_asked
asked_of(struct plan_work *w)
{
	return (struct plan_asked){ .target = &w->target, .name = w->name, .identity = w->identity, .trust = w->trust,
		.examine = &w->examine, .code = w->code, .typed = w->typed, .accounts = &w->accounts, .config_path = w->config_path, .changes = w->folder,
		.arena = w->arena, .client = &w->client, .world = w->world, .cancel = &w->cancel };
}

void
plan_work_make(struct plan_work *w)
{
	const struct plan_asked asked = asked_of(w);

	if (w->maker.make(w->maker.user, &asked, &w->plan, &w->words, &w->err) != STATUS_OK || w->plan == NULL)
		return;
	if (w->plan->target == NULL && w->name != NULL)
		w->plan->target = plan_text(w->plan, "%s", w->name);
	if (w->plan->kind == NULL)
		w->plan->kind = "fix";
	if (w->plan->typed == NULL && w->typed != NULL)
		w->plan->typed = plan_text(w->plan, "mtlscope fix %s", w->typed);
	show(w, w->plan, NULL, false);
}

/* As the record has it now. */
static status
read_recorded(struct plan_work *w, struct changes *c, struct plan **out)
{
	return plan_recorded(c, w->id, w->world, out, &w->err);
}

/* Whoever works on a plan holds its lock. */
static bool
somebody_works(struct changes *c, const struct plan *p)
{
	struct error why = { .code = ERROR_NONE };
	bool begun = p->state == PLAN_RUNS || p->state == PLAN_GOES_BACK;

	return begun && changes_lock(c, p->id, &why) != STATUS_OK;
}

void
plan_work_read(struct plan_work *w)
{
	struct changes *c = NULL;

	if (changes_open(w->folder, w->world, &c, &w->err) == STATUS_OK && read_recorded(w, c, &w->plan) == STATUS_OK) {
		show(w, w->plan, c, somebody_works(c, w->plan));
		w->plan->record = NULL;
	}
	changes_close(c);
}

static void
tell_step(void *user, const struct plan *p, const struct plan_step *s)
{
	struct plan_work *w = user;

	(void)s;
	w->begun = true;
	show(w, p, NULL, false);
	waker_wake(w->waker);
}

static void
tell_waits(void *user, const struct plan *p, const struct plan_step *s, unsigned tries, unsigned of)
{
	struct plan_work *w = user;

	(void)p;
	(void)s;
	pthread_mutex_lock(&w->lock);
	w->tries = tries;
	w->of = of;
	pthread_mutex_unlock(&w->lock);
	waker_wake(w->waker);
}

static bool
tell_kept(void *user, const struct plan *p, const struct plan_step *s, const char *name, const char *value)
{
	(void)name;
	(void)value;
	tell_step(user, p, s);
	return true;
}

static size_t
steps_done(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->len; i++)
		n += p->steps[i].state == STEP_DONE;
	return n;
}

/*
 * What is applied is what was shown: a recorded plan is read anew, while nobody else can work on it, and where another
 * program has gone on with it meanwhile it is only shown.
 */
static status
bring_up_to_date(struct plan_work *w, struct changes *c)
{
	struct plan *newer = NULL;
	bool same;

	w->id = w->plan->id != 0 ? w->plan->id : w->id;
	if (w->id == 0)
		return STATUS_OK;
	if (changes_lock(c, w->id, &w->err) != STATUS_OK || read_recorded(w, c, &newer) != STATUS_OK)
		return STATUS_FAILED;
	same = newer->state == w->shown_state && steps_done(newer) == w->shown_done;
	plan_free(w->plan);
	w->plan = newer;
	return same ? STATUS_OK : error_set(&w->err, ERROR_NOT_DONE, "plan", "another program has gone on with this plan: this is how it is now");
}

static status
open_client(struct plan_work *w, bool back)
{
	struct plan_place *place = &w->plan->place;

	if (place->client != NULL || !plan_wants_aws(w->plan, back))
		return STATUS_OK;
	if (w->client == NULL)
		w->client = accounts_client_at(&w->accounts, place, &w->err);
	place->client = w->client;
	return w->client != NULL ? STATUS_OK : STATUS_FAILED;
}

/* A plan that is in the record may be a roll-over's: then whether its turn has come is asked of the document. */
static status
is_its_turn(struct plan_work *w, struct changes *c, bool back, struct rollover_file **held)
{
	if (back)
		return rollover_undo_allowed(c, w->plan, w->world, held, &w->err);
	return w->plan->id != 0 ? rollover_resume_allowed(w->plan, w->world, held, &w->err) : STATUS_OK;
}

static status
carry_out(struct plan_work *w, struct changes *c, bool back)
{
	const struct plan_watch watch = { .step = tell_step, .waits = tell_waits, .kept = tell_kept, .user = w };
	const struct plan_asked asked = asked_of(w);
	struct plan *p = w->plan;
	status result;

	if (open_client(w, back) != STATUS_OK)
		return STATUS_FAILED;
	if (!back && w->maker.begins != NULL && w->maker.begins(w->maker.user, &asked, p, &w->err) != STATUS_OK)
		return STATUS_FAILED;
	p->record = c;
	p->world = w->world;
	p->cancel = &w->halt;
	result = back ? plan_go_back(p, &watch, &w->err) : plan_apply(p, &watch, &w->err);
	p->watch = NULL;
	p->cancel = NULL;
	if (!back && w->maker.ended != NULL)
		w->maker.ended(w->maker.user, &asked, p);
	w->id = p->id;
	w->begun = w->begun || result == STATUS_OK;
	return result;
}

void
plan_work_apply(struct plan_work *w, bool back)
{
	struct rollover_file *held = NULL;
	struct changes *c = NULL;

	error_clear(&w->err);
	w->begun = false;
	atomic_store(&w->halt, false);
	if (changes_open(w->folder, w->world, &c, &w->err) == STATUS_OK) {
		if (bring_up_to_date(w, c) == STATUS_OK && is_its_turn(w, c, back, &held) == STATUS_OK)
			(void)(carry_out(w, c, back) == STATUS_OK);
		show(w, w->plan, c, false);
		w->plan->record = NULL;
		/* Files of ours may be others now, however far it came. */
		fresh_files_read(&w->files, &w->accounts, w->config_path);
	}
	rollover_close(held);
	changes_close(c);
}
