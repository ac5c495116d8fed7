#include "tui/rollover_work.h"

#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/pca.h"
#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"
#include "probes/stored.h"
#include "tui/console.h"

void
rollover_picture_free(struct rollover_picture *p)
{
	if (p == NULL)
		return;
	rollover_free(p->r);
	rollover_free(p->facts);
	arena_free(p->arena);
	free(p);
}

/* ---- the CA that is meant ---- */

static bool
is_named(const struct pca_ca *ca, const char *word)
{
	const char *id = arn_ca_id(ca->arn);

	return strcmp(ca->arn, word) == 0 || (id != NULL && strcmp(id, word) == 0) || (ca->subject.common_name != NULL && strcmp(ca->subject.common_name, word) == 0);
}

/* Of several the one that is not deleted. NULL: this account has none of that name. */
static const struct pca_ca *
look_among(const struct pca_ca *cas, size_t len, const char *word, size_t *live)
{
	const struct pca_ca *found = NULL;

	for (size_t i = 0; i < len; i++) {
		bool deleted = strcmp(cas[i].status, "DELETED") == 0;

		if (!is_named(&cas[i], word) || (deleted && found != NULL))
			continue;
		*live += !deleted;
		found = &cas[i];
	}
	return found;
}

/* An ARN says in which region it is asked for. */
static bool
may_have(const struct aws_client *c, const char *word)
{
	struct arn arn;

	return strncmp(word, "arn:", 4) != 0 || (arn_parse(word, &arn) && strcmp(arn.region, aws_client_region(c)) == 0);
}

static void
take_account(struct rollover_finder *f, size_t i, struct aws_client *c, const struct pca_ca *ca, struct plan_place *place, const char **arn)
{
	struct arn parts;

	f->client = c;
	*arn = ca->arn;
	*place = (struct plan_place){ .client = c, .name = f->accounts->items[i].name, .endpoint_url = f->accounts->items[i].endpoint_url };
	if (arn_parse(ca->arn, &parts))
		place->account = text_safe_arena(f->arena, text_of(parts.account), 16, NULL);
}

status
rollover_find_ca(struct rollover_finder *f, const char *word, struct plan_place *place, const char **arn, struct error *err)
{
	struct error first = { .code = ERROR_NONE };

	for (size_t i = 0; i < f->accounts->len && f->client == NULL; i++) {
		struct error problem = { .code = ERROR_NONE };
		struct aws_client *c = accounts_client(f->accounts, i, &problem);
		struct aws_error why = { .kind = AWS_FINE };
		const struct pca_ca *ca = NULL;
		struct pca_ca *cas;
		size_t len = 0, live = 0;

		if (c != NULL && may_have(c, word) && pca_list_cas(c, NULL, f->arena, &cas, &len, &why) == STATUS_OK)
			ca = look_among(cas, len, word, &live);
		if (why.kind != AWS_FINE)
			(void)aws_error_say(&why, "list the CAs", f->accounts->items[i].name, &problem);
		if (error_is_set(&problem) && !error_is_set(&first))
			first = problem;
		if (live > 1) {
			aws_client_free(c);
			return error_set(err, ERROR_USAGE, "roll-over", "%zu CAs are called that: name it by its ARN, or open it from the authorities", live);
		}
		if (ca != NULL)
			take_account(f, i, c, ca, place, arn);
		else
			aws_client_free(c);
	}
	if (f->client != NULL)
		return STATUS_OK;
	if (error_is_set(&first))
		return error_set(err, first.code, first.stage, "%s", first.text);
	if (f->accounts->len == 0)
		return error_set(err, ERROR_USAGE, "roll-over", "no account of AWS is configured for this session");
	return error_set(err, ERROR_AWS, "roll-over", "no account of this session has a CA “%s”", text_safe_arena(f->arena, text_of(word), 80, NULL));
}

/* Where the configuration names no account the only one there is. */
static size_t
account_of(const struct accounts *a, const struct config_identity *i)
{
	for (size_t n = 0; n < a->len && i->aws != NULL; n++) {
		if (a->items[n].name != NULL && strcmp(a->items[n].name, i->aws) == 0)
			return n;
	}
	return i->aws == NULL && a->len == 1 ? 0 : a->len;
}

bool
rollover_fetch_stored(struct rollover_finder *f, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why)
{
	size_t n = account_of(f->accounts, i);
	struct error err = { .code = ERROR_NONE };
	struct aws_client *c = NULL;
	const struct stored_place place = { .name = i->name, .secret = i->secret, .parameter = i->parameter,
		.label = arena_printf(f->arena, "%s:%s", i->secret != NULL ? "secret" : "parameter", i->secret != NULL ? i->secret : i->parameter) };
	bool fetched;

	*sends = NULL;
	*trusts = NULL;
	if (n == f->accounts->len)
		(void)error_set(&err, ERROR_USAGE, "roll-over", "the account that keeps it is none of this session's");
	else
		c = accounts_client(f->accounts, n, &err);
	fetched = c != NULL && stored_fetch(c, &place, NULL, NULL, sends, trusts, &err) == STATUS_OK;
	aws_client_free(c);
	*why = arena_strdup(f->arena, err.text);
	return fetched;
}

/* ---- on the worker ---- */

/* What one piece of work has in its hands. */
struct piece {
	struct rollover_work *w;
	struct rollover_hand h;
	struct rollover_finder finder;
	struct config *config;
	struct arena *arena;
};

static status
find(void *user, const char *word, struct plan_place *place, const char **arn, struct error *err)
{
	return rollover_find_ca(&((struct piece *)user)->finder, word, place, arn, err);
}

static bool
fetch(void *user, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why)
{
	return rollover_fetch_stored(&((struct piece *)user)->finder, i, sends, trusts, why);
}

static void
tell(void *user, size_t done, size_t of)
{
	struct rollover_work *w = ((struct piece *)user)->w;

	pthread_mutex_lock(&w->lock);
	w->at = done;
	w->of = of;
	pthread_mutex_unlock(&w->lock);
	waker_wake(w->waker);
}

/* Only looking: where somebody else changes it just now, it is shown as it is. */
static status
open_it(struct piece *p)
{
	struct rollover_work *w = p->w;

	if (w->deed == ROLLOVER_LOOK)
		return rollover_hand_open(&p->h, w->ca, false, &w->err);
	if (w->deed == ROLLOVER_ASK_ALL)
		return rollover_hand_look(&p->h, w->ca, &w->err);
	return rollover_hand_open(&p->h, w->ca, true, &w->err);
}

/* The next step, if nothing of it is left that a plan could do. */
static status
note(struct piece *p)
{
	struct rollover_work *w = p->w;
	struct rollover_hand *h = &p->h;
	enum rollover_step s = rollover_next(h->r, h->now);
	struct rollover_wish wish;
	struct rollover_may may;
	const char **by_hand = NULL;
	size_t by_hand_len = 0;
	struct plan *plan = NULL;
	status result;

	if (s >= ROLLOVER_STEPS) {
		h->r->ended = h->now;
		return rollover_hand_save(h, &w->err);
	}
	rollover_may(h->r, s, w->confirm, h->now, p->arena, &may);
	if (!may.allowed)
		return error_set(&w->err, ERROR_NOT_DONE, "roll-over", "%s: not noted. %s", rollover_step_words(s), may.why);
	if (rollover_hand_account(h, h->r->old_root.arn, &w->err) != STATUS_OK)
		return STATUS_FAILED;
	wish = rollover_hand_wish(h);
	result = rollover_plan(&wish, s, p->arena, &plan, &by_hand, &by_hand_len, &w->err);
	if (result == STATUS_OK && plan != NULL)
		result = error_set(&w->err, ERROR_NOT_DONE, "roll-over", "%s: not noted, some of it can be done from here: its plan does it", rollover_step_words(s));
	plan_free(plan);
	return result == STATUS_OK ? rollover_hand_note(h, s, w->confirm, &w->err) : STATUS_FAILED;
}

static status
offer(struct piece *p, struct rollover_picture *out)
{
	if (rollover_hand_begin(&p->h, ROLLOVER_CROSS, &out->facts, &p->w->err) != STATUS_OK)
		return STATUS_FAILED;
	rollover_offers(&p->h.place, out->facts, p->h.now, out->arena, out->offers);
	out->offered = true;
	return STATUS_OK;
}

static status
do_it(struct piece *p, struct rollover_picture *out)
{
	struct rollover_work *w = p->w;
	struct rollover_hand *h = &p->h;

	if (h->r == NULL && w->deed == ROLLOVER_LOOK)
		return offer(p, out);
	if (h->r == NULL)
		return error_set(&w->err, ERROR_NOT_DONE, "roll-over", "no roll-over of it has begun here");
	/* The root may be rolled over once more. */
	if (h->r->ended != TIME_UNKNOWN) {
		h->root_arn = arena_strdup(p->arena, h->r->old_root.arn);
		return offer(p, out);
	}
	if (rollover_hand_catch_up(h, &w->err) != STATUS_OK)
		return STATUS_FAILED;
	if (w->deed == ROLLOVER_GIVE_UP)
		return rollover_hand_abandon(h, &w->err);
	if (w->deed == ROLLOVER_LOOK)
		return STATUS_OK;
	if (rollover_hand_measure(h, &w->err) != STATUS_OK)
		return STATUS_FAILED;
	out->measured = true;
	return w->deed == ROLLOVER_NOTE_IT ? note(p) : STATUS_OK;
}

/* The document goes to the screen; where something was in the way it is shown as far as it is known. */
static void
give(struct piece *p, struct rollover_picture *out)
{
	struct rollover_hand *h = &p->h;

	if (h->r == NULL && !out->offered) {
		rollover_picture_free(out);
		return;
	}
	out->path = h->path != NULL ? text_safe_arena(out->arena, text_of(h->path), 0, NULL) : "";
	out->host = arena_strdup(out->arena, h->host != NULL ? h->host : "?");
	out->pending = h->pending;
	out->pending_back = h->pending_back;
	out->gone = h->gone;
	out->now = h->now;
	if (h->r != NULL) {
		/* Who has it in hand is said in the hand's own texts: they go with it. */
		h->r->who = h->r->who != NULL ? arena_strdup(h->r->arena, h->r->who) : NULL;
		for (size_t i = 0; i < ROLLOVER_STEPS; i++) {
			struct rollover_done *d = &h->r->done[i];

			d->who = d->who != NULL ? arena_strdup(h->r->arena, d->who) : NULL;
			d->host = d->host != NULL ? arena_strdup(h->r->arena, d->host) : NULL;
			d->confirmed = d->confirmed != NULL ? arena_strdup(h->r->arena, d->confirmed) : NULL;
		}
	}
	out->r = h->r;
	h->r = NULL;
	p->w->picture = out;
}

static void
run(void *job)
{
	struct rollover_work *w = job;
	struct piece p = { .w = w, .arena = arena_new(), .finder = { .accounts = &w->accounts } };
	struct rollover_picture *out = mem_zero(1, sizeof *out);

	out->arena = arena_new();
	p.finder.arena = p.arena;
	p.h = (struct rollover_hand){ .world = w->world, .examine = &w->examine, .changes = w->changes, .find = find, .fetch = fetch, .cancel = &w->cancel, .tell = tell,
		.user = &p, .arena = p.arena, .now = w->examine.at_set ? w->examine.at : w->world->now_ms(w->world->self) / 1000 };
	if ((w->config_path == NULL || config_read(w->config_path, w->world, &p.config, &w->err) == STATUS_OK)) {
		p.h.config = p.config;
		if (open_it(&p) == STATUS_OK)
			(void)(do_it(&p, out) == STATUS_OK);
	}
	give(&p, out);
	rollover_hand_close(&p.h);
	aws_client_free(p.finder.client);
	config_free(p.config);
	arena_free(p.arena);
}

/* ---- on the console's thread ---- */

static void
work_free(void *job)
{
	struct rollover_work *w = job;

	rollover_picture_free(w->picture);
	accounts_done(&w->accounts);
	waker_free(w->waker);
	pthread_mutex_destroy(&w->lock);
	free(w->ca);
	free(w->confirm);
	free(w->config_path);
	free(w->changes);
	free(w);
}

static void
ended(struct console *k, void *job)
{
	struct rollover_work *w = job;

	if (w->user != NULL)
		w->done(k, w, w->user);
	work_free(w);
}

static char *
copied(const char *text)
{
	return text != NULL ? mem_strdup(text) : NULL;
}

struct rollover_work *
rollover_work_begin(struct console *k, enum rollover_deed deed, const char *ca, const char *confirm,
    void (*done)(struct console *k, struct rollover_work *w, void *user), void *user)
{
	const struct console_setup *setup = console_setup_of(k);
	struct rollover_work *w = mem_zero(1, sizeof *w);

	w->user = user;
	w->done = done;
	w->deed = deed;
	w->ca = copied(ca);
	w->confirm = copied(confirm);
	w->config_path = copied(setup->plans_config != NULL ? setup->plans_config : setup->config != NULL ? setup->config_path : NULL);
	w->changes = copied(setup->changes);
	w->examine = setup->examine;
	w->world = setup->world;
	w->waker = console_waker(k);
	pthread_mutex_init(&w->lock, NULL);
	accounts_copy(&w->accounts, k, &w->cancel);
	return console_work(k, run, ended, work_free, w) ? w : NULL;
}

void
rollover_work_leave(struct rollover_work *w)
{
	w->user = NULL;
	atomic_store(&w->cancel, true);
}

bool
rollover_work_progress(struct rollover_work *w, size_t *at, size_t *of)
{
	pthread_mutex_lock(&w->lock);
	*at = w->at;
	*of = w->of;
	pthread_mutex_unlock(&w->lock);
	return *of > 0;
}
