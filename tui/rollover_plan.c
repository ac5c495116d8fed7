/*
 * The plan of the next step of a roll-over, for the plan's screen: the fleet is measured, then it is made; when it is applied the document is
 * held, so that nobody else does the same step, and says afterwards what came of it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/rollover.h"
#include "tui/rollover_work.h"

struct order {
	char *ca, *confirm;
	enum rollover_way way;          /* it begins with this one; ROLLOVER_WAYS: it has begun */
	bool take_over;
	enum rollover_step step;        /* that the plan is of */
	/* While it is made, and again while it is applied. */
	struct rollover_hand h;
	struct rollover_finder finder;
	struct config *config;
	struct arena *arena;
};

static status
find(void *user, const char *word, struct plan_place *place, const char **arn, struct error *err)
{
	return rollover_find_ca(&((struct order *)user)->finder, word, place, arn, err);
}

static bool
fetch(void *user, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why)
{
	return rollover_fetch_stored(&((struct order *)user)->finder, i, sends, trusts, why);
}

static status
take_in_hand(struct order *o, const struct plan_asked *asked, bool for_change, struct error *err)
{
	o->arena = arena_new();
	o->finder = (struct rollover_finder){ .accounts = asked->accounts, .arena = o->arena };
	o->h = (struct rollover_hand){ .world = asked->world, .examine = asked->examine, .changes = asked->changes, .find = find, .fetch = fetch, .cancel = asked->cancel,
		.user = o, .arena = o->arena, .now = asked->examine->at_set ? asked->examine->at : asked->world->now_ms(asked->world->self) / 1000 };
	if (asked->config_path != NULL && config_read(asked->config_path, asked->world, &o->config, err) != STATUS_OK)
		return STATUS_FAILED;
	o->h.config = o->config;
	return rollover_hand_open(&o->h, o->ca, for_change, err);
}

static void
let_go(struct order *o)
{
	if (o->arena == NULL)
		return;
	rollover_hand_close(&o->h);
	aws_client_free(o->finder.client);
	config_free(o->config);
	arena_free(o->arena);
	o->config = NULL;
	o->arena = NULL;
	o->finder.client = NULL;
}

/* ---- making ---- */

/* A root of which an old roll-over is over is as good as one that had none. */
static status
begin(struct order *o, struct error *err)
{
	struct rollover_hand *h = &o->h;
	struct rollover_offer offers[ROLLOVER_WAYS];

	if (h->r != NULL && h->r->ended == TIME_UNKNOWN)
		return error_set(err, ERROR_NOT_DONE, "roll-over", "a roll-over of “%s” has begun already", h->r->old_root.name);
	if (h->r != NULL)
		h->root_arn = arena_strdup(h->arena, h->r->old_root.arn);
	rollover_free(h->r);
	h->r = NULL;
	if (rollover_hand_begin(h, o->way, &h->r, err) != STATUS_OK)
		return STATUS_FAILED;
	rollover_offers(&h->place, h->r, h->now, h->arena, offers);
	return offers[o->way].possible ? STATUS_OK : error_set(err, ERROR_USAGE, "roll-over", "this way is not possible: %s", offers[o->way].why_not);
}

static status
go_on(struct order *o, struct error *err)
{
	struct rollover_hand *h = &o->h;

	if (h->r == NULL)
		return error_set(err, ERROR_NOT_DONE, "roll-over", "no roll-over of it has begun here");
	if (rollover_hand_catch_up(h, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!o->take_over && rollover_begun_elsewhere(h->r, h->host))
		return error_set(err, ERROR_NOT_DONE, "roll-over", "“%s” was begun on %s: go on there", rollover_step_words(h->r->busy), h->r->busy_by.host);
	if (h->pending != 0)
		return error_set(err, ERROR_NOT_DONE, "roll-over", "plan %lld of it was interrupted: that is gone on with first, or undone", (long long)h->pending);
	if (rollover_hand_account(h, h->r->old_root.arn, err) != STATUS_OK || rollover_hand_measure(h, err) != STATUS_OK)
		return STATUS_FAILED;
	return STATUS_OK;
}

/* Nothing can be changed from here: what others have to do, or that there is nothing. */
static const char *
words_of(const char *const *by_hand, size_t len, enum rollover_step s, struct arena *a)
{
	struct buf b = { 0 };
	const char *out;

	buf_addf(&b, "Nothing of “%s” can be done from here.\n", rollover_step_words(s));
	for (size_t i = 0; i < len; i++)
		buf_addf(&b, "\nBy hand: %s.", by_hand[i]);
	if (len == 0)
		buf_adds(&b, "\nNothing is left to be done.");
	buf_addf(&b, "\n\nOnce it is done, D on the screen of the roll-over notes that.");
	out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}

static status
make_step(struct order *o, const struct plan_asked *asked, struct plan **out, const char **words, struct error *err)
{
	struct rollover_wish wish = rollover_hand_wish(&o->h);
	struct rollover_may may;
	const char **by_hand = NULL;
	size_t by_hand_len = 0;

	o->step = rollover_next(o->h.r, o->h.now);
	if (o->step >= ROLLOVER_STEPS) {
		*words = arena_printf(asked->arena, "Nothing is left to be done: D on the screen of the roll-over notes that it is over.");
		return STATUS_OK;
	}
	rollover_may(o->h.r, o->step, o->confirm, o->h.now, o->arena, &may);
	if (!may.allowed)
		return error_set(err, ERROR_NOT_DONE, "roll-over", "%s: locked. %s", rollover_step_words(o->step), may.why);
	if (rollover_plan(&wish, o->step, o->arena, out, &by_hand, &by_hand_len, err) != STATUS_OK)
		return STATUS_FAILED;
	if (*out == NULL) {
		*words = words_of(by_hand, by_hand_len, o->step, asked->arena);
		return STATUS_OK;
	}
	plan_note(*out, "Why it is safe: %s", may.why);
	rollover_hand_keep_path(&o->h, *out);
	return STATUS_OK;
}

static status
make(void *user, const struct plan_asked *asked, struct plan **out, const char **words, struct error *err)
{
	struct order *o = user;
	status result = take_in_hand(o, asked, false, err);

	*out = NULL;
	if (result == STATUS_OK)
		result = o->way < ROLLOVER_WAYS ? begin(o, err) : go_on(o, err);
	if (result == STATUS_OK)
		result = make_step(o, asked, out, words, err);
	if (*out != NULL && o->h.place.account != NULL)
		(*out)->place.account = plan_text(*out, "%s", o->h.place.account);
	/* The plan goes on with this account. */
	if (*out != NULL) {
		*asked->client = o->finder.client;
		o->finder.client = NULL;
	}
	let_go(o);
	return result;
}

/* ---- applying ---- */

/* Hours may lie between the plan and the yes to it: it must still be the next step, and still be safe. */
static status
still_holds(struct order *o, struct error *err)
{
	struct rollover_hand *h = &o->h;
	struct rollover_may may;

	if (rollover_next(h->r, h->now) != o->step)
		return error_set(err, ERROR_NOT_DONE, "roll-over", "“%s” is not the next step any more: the screen of the roll-over says which is", rollover_step_words(o->step));
	rollover_may(h->r, o->step, o->confirm, h->now, h->arena, &may);
	return may.allowed ? STATUS_OK : error_set(err, ERROR_NOT_DONE, "roll-over", "%s: locked. %s", rollover_step_words(o->step), may.why);
}

static status
hold(struct order *o, const struct plan *p, struct error *err)
{
	struct rollover_hand *h = &o->h;

	h->place = p->place;
	if (o->way >= ROLLOVER_WAYS)
		return go_on(o, err) == STATUS_OK ? still_holds(o, err) : STATUS_FAILED;
	if (h->r != NULL && h->r->ended != TIME_UNKNOWN) {
		h->root_arn = arena_strdup(h->arena, h->r->old_root.arn);
		if (rollover_hand_put_aside(h, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return begin(o, err);
}

static status
begins(void *user, const struct plan_asked *asked, struct plan *p, struct error *err)
{
	struct order *o = user;
	status result = p->id == 0 ? take_in_hand(o, asked, true, err) : STATUS_OK;

	/* A plan that goes on after a stop is the record's: the document takes it in when it is looked at next. */
	if (p->id != 0)
		return STATUS_OK;
	if (result == STATUS_OK)
		result = hold(o, p, err);
	if (result == STATUS_OK) {
		rollover_hand_is_busy(&o->h, o->step, o->confirm);
		result = rollover_hand_save(&o->h, err);
	}
	if (result != STATUS_OK)
		let_go(o);
	return result;
}

static void
ended(void *user, const struct plan_asked *asked, struct plan *p)
{
	struct order *o = user;
	struct error err = { .code = ERROR_NONE };

	(void)asked;
	if (o->arena == NULL)
		return;
	/* Where that fails the record has it all the same, and the next look takes it from there. */
	(void)(rollover_hand_result(&o->h, p, o->step, o->confirm, &err) == STATUS_OK);
	/* It was refused at once: then there is no roll-over. */
	if (o->way < ROLLOVER_WAYS && p->id == 0)
		(void)(unlink(o->h.path) == 0);
	/* Once begun, it goes on like any other. */
	let_go(o);
}

static void
order_free(void *user)
{
	struct order *o = user;

	let_go(o);
	free(o->ca);
	free(o->confirm);
	free(o);
}

void
rollover_open_plan(struct console *k, const struct rollover_step_wish *wish)
{
	struct order *o = mem_zero(1, sizeof *o);

	o->ca = wish->ca != NULL ? mem_strdup(wish->ca) : NULL;
	o->confirm = wish->confirm != NULL ? mem_strdup(wish->confirm) : NULL;
	o->way = wish->way;
	o->take_over = wish->take_over;
	plan_open_by(k, &(struct plan_maker){ .make = make, .begins = begins, .ended = ended, .free = order_free, .user = o });
}
