/* mtlscope rollover: the three ways, where it stands, and one step after the other through the gate. */
#include "cli/rollover.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/times.h"

/* ---- what was typed ---- */

static status
read_words(struct options *o, struct error *err)
{
	const struct rollover_words *w = &o->rollover;
	int actions = (w->way != NULL) + w->status + w->next + w->abandon;

	if (o->operands_len > 1)
		return error_set(err, ERROR_USAGE, "options", "rollover takes one root; a name with blanks needs quotation marks");
	if (actions > 1)
		return error_set(err, ERROR_USAGE, "options", "--way, --status, --next and --abandon exclude each other");
	if (w->way != NULL && rollover_way_named(w->way) == ROLLOVER_WAYS)
		return error_set(err, ERROR_USAGE, "options", "--way %s: expected same-key, cross or new", printable(w->way));
	if ((w->confirm != NULL || w->only != NULL || w->take_over) && !w->next)
		return error_set(err, ERROR_USAGE, "options", "--confirm, --only and --take-over belong to --next");
	if ((o->trust_store != NULL || o->domain != NULL || o->pca.bucket != NULL) && !w->next && !w->undo_trust)
		return error_set(err, ERROR_USAGE, "options", "--trust-store, --domain and --bucket belong to --next: the step that changes what is trusted");
	if (w->undo_trust && !w->abandon)
		return error_set(err, ERROR_USAGE, "options", "--undo-trust belongs to --abandon");
	if (w->name != NULL && w->way == NULL && !w->next)
		return error_set(err, ERROR_USAGE, "options", "--name belongs to --way and --next");
	if (o->pca.apply && w->way == NULL && !w->next && !w->abandon)
		return error_set(err, ERROR_USAGE, "options", "--apply belongs to --way, --next or --abandon: there is nothing else to be done");
	return gate_check(o, err);
}

static size_t
only_these(struct roller *r, const char ***out)
{
	const char *p = r->o->rollover.only;
	size_t len = 0, cap = 0;

	*out = NULL;
	while (p != NULL && *p != '\0') {
		size_t n = strcspn(p, ",");
		const char *from = p, *to = p + n;

		while (from < to && isspace((unsigned char)*from))
			from++;
		while (to > from && isspace((unsigned char)to[-1]))
			to--;
		if (to > from) {
			*out = arena_grow(r->s.arena, *out, len, &cap, sizeof **out);
			(*out)[len++] = arena_strndup(r->s.arena, from, (size_t)(to - from));
		}
		p += n + (p[n] == ',');
	}
	return len;
}

static status
check_only(struct roller *r, const char *const *only, size_t len, struct error *err)
{
	for (size_t i = 0; i < len; i++) {
		if (rollover_find(r->r, only[i]) == NULL)
			return error_set(err, ERROR_USAGE, "options", "--only: “%s” is not in the fleet", printable(only[i]));
	}
	return STATUS_OK;
}

/* ---- showing ---- */

static cJSON *
whole_json(const struct roller *r)
{
	cJSON *json = cJSON_CreateObject();

	json_add_text(json, "schema", "mtlscope.rollover-status/1");
	rollover_add_json(r, json);
	return json;
}

static int
show_status(struct roller *r)
{
	struct buf page = { 0 };

	if (r->o->json)
		json_print(whole_json(r), &page);
	else
		rollover_page_status(r, &page);
	gate_print(&page);
	buf_done(&page);
	return EXIT_STATUS_DONE;
}

/* The reason, after the table that it comes from. */
static int
locked(struct roller *r, enum rollover_step s, const char *why)
{
	show_status(r);
	complain("%s: not done. %s", rollover_step_words(s), why);
	return EXIT_STATUS_NOT_DONE;
}

static void
show_by_hand(struct roller *r, const char *const *lines, size_t len)
{
	struct buf page = { 0 };
	struct page to = { .out = &page, .style = &r->s.style };

	for (size_t i = 0; i < len && !r->o->json; i++)
		page_labelled(&to, i == 0 ? "by hand" : "", lines[i]);
	gate_print(&page);
	buf_done(&page);
}

/* ---- carrying out ---- */

static struct rollover_wish
wish_of(struct roller *r)
{
	char *state = NULL;
	struct error unimportant = { .code = ERROR_NONE };
	struct rollover_wish w = { .r = r->r, .config = r->s.configuration.config, .place = r->account->place, .host = r->host, .name = r->o->rollover.name,
		.root_days = r->o->pca.root_days, .days = r->o->pca.days, .trust_store = r->o->trust_store, .domain = r->o->domain, .bucket = r->o->pca.bucket,
		.now = r->s.now };

	/* Beside our own state, wherever the document is: a key is not for a shared place. */
	if (rollover_path(r->r->id, r->s.world, &state, &unimportant) == STATUS_OK)
		w.pass_key = arena_printf(r->s.arena, "%.*s-pass.key", (int)(strlen(state) - strlen(".json")), state);
	free(state);
	return w;
}

static void
is_busy(struct roller *r, enum rollover_step s)
{
	r->r->busy = s;
	r->r->busy_by = (struct rollover_done){ .at = r->s.now, .who = r->who, .host = r->host, .confirmed = r->o->rollover.confirm };
}

/* What came of it, into the document: done, or still to be gone on with, or nothing at all. */
static status
take_result(struct roller *r, struct plan *p, enum rollover_step s, struct error *err)
{
	struct rollover_done done = { .at = r->s.world->now_ms(r->s.world->self) / 1000, .plan = p->id, .who = r->who, .host = r->host,
		.confirmed = r->o->rollover.confirm };

	if (p->state == PLAN_DONE)
		return rollover_absorb(r->r, p, &done, err) == STATUS_OK ? roller_save(r, err) : STATUS_FAILED;
	r->r->busy = p->id != 0 ? s : ROLLOVER_NO_STEP;
	r->r->busy_by.plan = p->id;
	return roller_save(r, err);
}

/* Whoever undoes the plan looks there first. */
static void
keep_path(const struct roller *r, struct plan *p)
{
	char *real = realpath(r->path, NULL);

	if (plan_value(p, "rollover.document") == NULL)
		cJSON_AddStringToObject(p->values, "rollover.document", real != NULL ? real : r->path);
	free(real);
}

/* With --json one object: the plan, and in it where the roll-over stood when it was made. */
static int
carry_out(struct roller *r, struct plan *p, enum rollover_step s)
{
	struct error err = { .code = ERROR_NONE };
	bool applied = false;
	int result;

	if (r->o->pca.apply) {
		is_busy(r, s);
		if (roller_save(r, &err) != STATUS_OK)
			return session_fail(&r->s, &err);
	}
	keep_path(r, p);
	result = session_carry_out(&r->s, p, r->o->json ? whole_json(r) : NULL, NULL, NULL, &applied);
	if (!r->o->pca.apply)
		return result;
	if (take_result(r, p, s, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	/* What it changed is measured, not believed. */
	if (applied && s != ROLLOVER_RETIRE && !r->o->json) {
		if (roller_measure(r, &err) != STATUS_OK)
			return session_fail(&r->s, &err);
		show_status(r);
	}
	return result;
}

/* Nothing of it can be done from here, or nothing is left to do. */
static int
without_a_plan(struct roller *r, enum rollover_step s, size_t by_hand)
{
	struct error err = { .code = ERROR_NONE };

	if (!r->o->pca.apply && by_hand == 0) {
		complain("%s: there is nothing to change here; --apply notes that it is done", rollover_step_words(s));
		return EXIT_STATUS_DONE;
	}
	if (!r->o->pca.apply)
		return EXIT_STATUS_NOT_DONE;
	r->r->done[s] = (struct rollover_done){ .at = r->s.now, .who = r->who, .host = r->host, .confirmed = r->o->rollover.confirm };
	r->r->busy = ROLLOVER_NO_STEP;
	if (roller_save(r, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	complain("%s: noted%s", rollover_step_words(s), by_hand > 0 ? "; what is left is its owners' to do" : ", nothing was left to change");
	return rollover_next(r->r, r->s.now) != s ? EXIT_STATUS_DONE : EXIT_STATUS_NOT_DONE;
}

/* A bundle in AWS is named by hand, when its turn has come: until chains are moved it gets the new root, after that it loses the old one. */
static enum rollover_step
step_for(const struct rollover_wish *w, enum rollover_step s)
{
	if ((w->trust_store == NULL && w->domain == NULL) || s < ROLLOVER_TRUST)
		return s;
	return s <= ROLLOVER_MOVE ? ROLLOVER_TRUST : ROLLOVER_REMOVE;
}

static int
do_step(struct roller *r, enum rollover_step s, const char *confirm)
{
	struct rollover_wish w = wish_of(r);
	struct error err = { .code = ERROR_NONE };
	struct rollover_may may;
	const char **by_hand = NULL, **only = NULL;
	size_t by_hand_len = 0;
	struct plan *p = NULL;
	int result;

	s = step_for(&w, s);
	rollover_may(r->r, s, confirm, r->s.now, r->s.arena, &may);
	if (!may.allowed)
		return locked(r, s, may.why);
	if ((w.trust_store != NULL || w.domain != NULL) && s < ROLLOVER_TRUST) {
		complain("--trust-store and --domain: the step that comes next is another one: %s", rollover_step_words(s));
		return EXIT_STATUS_USAGE;
	}
	w.only_len = only_these(r, &only);
	w.only = only;
	if (check_only(r, only, w.only_len, &err) != STATUS_OK || rollover_plan(&w, s, r->s.arena, &p, &by_hand, &by_hand_len, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	if (p == NULL) {
		show_by_hand(r, by_hand, by_hand_len);
		return without_a_plan(r, s, by_hand_len);
	}
	plan_note(p, "Why it is safe: %s", may.why);
	result = carry_out(r, p, s);
	plan_free(p);
	return result;
}

/* ---- an interrupted plan ---- */

static int
go_on(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	enum rollover_step s = ROLLOVER_NO_STEP;
	int result;

	if (r->pending_back) {
		complain("plan %lld is on its way back: mtlscope undo %lld --apply goes on with that", (long long)r->pending, (long long)r->pending);
		return EXIT_STATUS_NOT_DONE;
	}
	if (plan_recorded(r->record, r->pending, r->s.world, &p, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	(void)rollover_of_plan(p, &s);
	p->place = r->account->place;
	if (s < ROLLOVER_STEPS) {
		plan_note(p, "It was interrupted; this goes on with it. What is done is not done again.");
		result = carry_out(r, p, s);
	} else {
		complain("plan %lld was interrupted: mtlscope resume %lld goes on with it, mtlscope undo %lld brings back what was before", (long long)r->pending,
		    (long long)r->pending, (long long)r->pending);
		result = EXIT_STATUS_NOT_DONE;
	}
	plan_free(p);
	return result;
}

/* A step that another machine began: its record is there, and only it knows how far it came. */
static bool
begun_elsewhere(const struct roller *r)
{
	const struct rollover_done *b = &r->r->busy_by;

	return r->r->busy < ROLLOVER_STEPS && !r->o->rollover.take_over && b->host != NULL && strcmp(b->host, r->host) != 0;
}

static int
end_it(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };

	if (r->o->pca.apply && r->r->ended == TIME_UNKNOWN) {
		r->r->ended = r->s.now;
		if (roller_save(r, &err) != STATUS_OK)
			return session_fail(&r->s, &err);
	}
	return show_status(r);
}

static int
next_step(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };
	enum rollover_step s;

	if (begun_elsewhere(r)) {
		complain("“%s” was begun on %s by %s: go on there (mtlscope rollover … --next); --take-over goes on here, and what was begun there must not be gone on with then",
		    rollover_step_words(r->r->busy), r->r->busy_by.host, r->r->busy_by.who != NULL ? r->r->busy_by.who : "?");
		return EXIT_STATUS_NOT_DONE;
	}
	if (roller_account(r, r->r->old_root.arn, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	if (r->pending != 0)
		return go_on(r);
	if (roller_measure(r, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	s = rollover_next(r->r, r->s.now);
	return s < ROLLOVER_STEPS ? do_step(r, s, r->o->rollover.confirm) : end_it(r);
}

/* ---- beginning ---- */

static status
begin(struct roller *r, enum rollover_way way, struct rollover **out, struct error *err)
{
	if (r->root_arn == NULL)
		return error_set(err, ERROR_INTERNAL, "roll-over", "which root is meant is not known");
	if (roller_account(r, r->root_arn, err) != STATUS_OK || rollover_begin(&r->account->place, r->root_arn, way, r->s.now, out, err) != STATUS_OK)
		return STATUS_FAILED;
	(*out)->who = arena_strdup((*out)->arena, r->who);
	(*out)->host = arena_strdup((*out)->arena, r->host);
	return STATUS_OK;
}

static int
show_ways(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };
	struct rollover *facts = NULL;
	struct buf page = { 0 };

	if (begin(r, ROLLOVER_CROSS, &facts, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	if (r->o->json)
		json_print(rollover_json_offers(r, facts), &page);
	else
		rollover_page_offers(r, facts, &page);
	gate_print(&page);
	buf_done(&page);
	rollover_free(facts);
	return EXIT_STATUS_DONE;
}

static int
start(struct roller *r)
{
	struct rollover_offer offers[ROLLOVER_WAYS];
	enum rollover_way way = rollover_way_named(r->o->rollover.way);
	struct error err = { .code = ERROR_NONE };
	int result;

	if (r->r != NULL && r->r->ended == TIME_UNKNOWN) {
		complain("the roll-over of “%s” has begun already (--way %s): --status shows where it stands, --next goes on", r->r->old_root.name, rollover_way_name(r->r->way));
		return EXIT_STATUS_USAGE;
	}
	if (r->r != NULL) {
		r->root_arn = arena_strdup(r->s.arena, r->r->old_root.arn);
		if (r->o->pca.apply && roller_put_aside(r, &err) != STATUS_OK)
			return session_fail(&r->s, &err);
		rollover_free(r->r);
		r->r = NULL;
	}
	if (begin(r, way, &r->r, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	rollover_offers(&r->account->place, r->r, r->s.now, r->s.arena, offers);
	if (!offers[way].possible) {
		complain("--way %s is not possible: %s", rollover_way_name(way), offers[way].why_not);
		return EXIT_STATUS_USAGE;
	}
	result = do_step(r, ROLLOVER_MAKE_ROOT, NULL);
	/* Declined, or refused at once: then there is no roll-over. */
	if (r->o->pca.apply && r->r->busy == ROLLOVER_NO_STEP && r->r->done[ROLLOVER_MAKE_ROOT].at == TIME_UNKNOWN && r->r->revision > 0)
		(void)(unlink(r->path) == 0);
	return result;
}

/* ---- ending ---- */

static int
mark_abandoned(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };

	r->r->abandoned = true;
	r->r->ended = r->s.now;
	r->r->busy = ROLLOVER_NO_STEP;
	if (roller_save(r, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	complain("abandoned; what stands, stands");
	return EXIT_STATUS_DONE;
}

static int
undo_trust(struct roller *r)
{
	struct rollover_wish w = wish_of(r);
	struct error err = { .code = ERROR_NONE };
	struct rollover_may may;
	const char **by_hand = NULL;
	size_t by_hand_len = 0;
	struct plan *p = NULL;
	bool applied = true;
	int result = EXIT_STATUS_DONE;

	rollover_may_undo_trust(r->r, r->s.arena, &may);
	if (!may.allowed) {
		complain("the new root stays in the bundles. %s", may.why);
		return EXIT_STATUS_NOT_DONE;
	}
	if (rollover_plan_untrust(&w, r->s.arena, &p, &by_hand, &by_hand_len, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	show_by_hand(r, by_hand, by_hand_len);
	if (p != NULL)
		result = session_carry_out(&r->s, p, r->o->json ? whole_json(r) : NULL, NULL, NULL, &applied);
	else
		complain("no bundle of this machine holds the new root");
	plan_free(p);
	return applied && r->o->pca.apply ? mark_abandoned(r) : result;
}

static int
abandon(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };
	struct buf page = { 0 };
	struct page to = { .out = &page, .style = &r->s.style };

	if (r->r->ended != TIME_UNKNOWN) {
		complain("the roll-over of “%s” %s already", r->r->old_root.name, r->r->abandoned ? "was abandoned" : "is done");
		return EXIT_STATUS_NOT_DONE;
	}
	if (roller_account(r, r->r->old_root.arn, &err) != STATUS_OK || roller_measure(r, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	if (!r->o->json)
		rollover_page_stands(r, &page);
	gate_print(&page);
	buf_done(&page);
	if (r->o->rollover.undo_trust)
		return undo_trust(r);
	if (r->o->pca.apply) {
		if (!r->o->pca.yes && !gate_ask("End this roll-over? What stands, stands. [y/N] ")) {
			complain("declined: it goes on");
			return EXIT_STATUS_NOT_DONE;
		}
		return mark_abandoned(r);
	}
	if (r->o->json)
		return show_status(r);
	page_text(&to, "\nNothing has been changed. --apply ends it; --undo-trust takes the new root out of the bundles as well.\n");
	gate_print(&page);
	buf_done(&page);
	return EXIT_STATUS_DONE;
}

/* ---- the whole ---- */

static int
status_of(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };

	if (roller_measure(r, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	return show_status(r);
}

static int
choose(struct roller *r)
{
	const struct rollover_words *w = &r->o->rollover;
	struct error err = { .code = ERROR_NONE };

	if (w->way != NULL)
		return start(r);
	if (r->r == NULL && !w->status && !w->next && !w->abandon)
		return show_ways(r);
	if (r->r == NULL) {
		complain("no roll-over of it has begun here: mtlscope rollover CA shows the ways; --state FILE names a document that lies elsewhere");
		return EXIT_STATUS_USAGE;
	}
	if (r->r->ended == TIME_UNKNOWN && roller_catch_up(r, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	return w->next ? next_step(r) : w->abandon ? abandon(r) : status_of(r);
}

/* Only looking: where somebody else is changing it just now, or it is not ours to write, it is looked at all the same. */
static status
open_document(struct roller *r, struct error *err)
{
	const char *word = r->o->operands_len > 0 ? r->o->operands[0] : NULL;
	struct error busy = { .code = ERROR_NONE };

	if (r->o->pca.apply)
		return roller_open(r, word, true, err);
	if (r->o->rollover.way != NULL || r->o->rollover.next || r->o->rollover.abandon)
		return roller_open(r, word, false, err);
	if (roller_open(r, word, true, &busy) == STATUS_OK)
		return STATUS_OK;
	if (busy.code != ERROR_NOT_DONE && busy.code != ERROR_LOCAL) {
		*err = busy;
		return STATUS_FAILED;
	}
	return roller_open(r, word, false, err);
}

int
rollover_run(struct options *o)
{
	struct roller r = { .o = o };
	struct error err = { .code = ERROR_NONE };
	int result;

	if (read_words(o, &err) != STATUS_OK || settings_proxy(o, &err) != STATUS_OK)
		return complain_error(&err);
	/* Where it stands needs no account, unless something is to be taken in. */
	if ((o->rollover.status ? session_open_offline : session_open)(o, &r.s, &err) != STATUS_OK || open_document(&r, &err) != STATUS_OK)
		result = session_fail(&r.s, &err);
	else
		result = choose(&r);
	roller_close(&r);
	return output_status(result);
}
