/* mtlscope rollover: the three ways, where it stands, and one step after the other through the gate. */
#include "cli/rollover.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/identity_fetch.h"
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
	if ((w->confirm != NULL && !w->undo_trust && !w->next) || ((w->only != NULL || w->take_over) && !w->next))
		return error_set(err, ERROR_USAGE, "options", "--confirm, --only and --take-over belong to --next; --confirm to --undo-trust too");
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
		if (rollover_find(r->h.r, only[i]) == NULL)
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
locked(struct roller *r, enum rollover_step s, const struct rollover_may *may)
{
	show_status(r);
	complain("%s: not done. %s%s", rollover_step_words(s), may->why, may->confirmable ? ROLLOVER_TYPE_NAMES : "");
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

/* The question may have stood there for hours: whoever joined the fleet since, or fell back, locks the step. */
static status
still_holds(void *user, struct error *err)
{
	struct roller *r = user;
	struct rollover_may may;

	if (!rollover_has_lock(r->step))
		return STATUS_OK;
	if (rollover_hand_measure(&r->h, err) != STATUS_OK)
		return STATUS_FAILED;
	rollover_may_go_on(r->h.r, r->step, r->o->rollover.confirm, r->s.now, r->s.arena, &may);
	return may.allowed ? STATUS_OK : error_set(err, ERROR_NOT_DONE, "roll-over", "%s: not done. %s", rollover_step_words(r->step), may.why);
}

/* With --json one object: the plan, and in it where the roll-over stood when it was made. */
static int
carry_out(struct roller *r, struct plan *p, enum rollover_step s)
{
	struct error err = { .code = ERROR_NONE };
	bool applied = false;
	int result;

	if (r->o->pca.apply) {
		rollover_hand_is_busy(&r->h, s, r->o->rollover.confirm);
		if (rollover_hand_save(&r->h, &err) != STATUS_OK)
			return session_fail(&r->s, &err);
	}
	rollover_hand_keep_path(&r->h, p);
	r->step = s;
	r->s.agreed = still_holds;
	r->s.agreed_user = r;
	result = session_carry_out(&r->s, p, r->o->json ? whole_json(r) : NULL, NULL, NULL, &applied);
	if (!r->o->pca.apply)
		return result;
	if (rollover_hand_result(&r->h, p, s, r->o->rollover.confirm, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	/* What it changed is measured, not believed. */
	if (applied && s != ROLLOVER_RETIRE && !r->o->json) {
		if (rollover_hand_measure(&r->h, &err) != STATUS_OK)
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
	if (rollover_hand_note(&r->h, s, r->o->rollover.confirm, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	complain("%s: noted%s", rollover_step_words(s), by_hand > 0 ? "; what is left is its owners' to do" : ", nothing was left to change");
	return rollover_next(r->h.r, r->s.now) != s ? EXIT_STATUS_DONE : EXIT_STATUS_NOT_DONE;
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
	struct rollover_wish w = rollover_hand_wish(&r->h);
	struct error err = { .code = ERROR_NONE };
	struct rollover_may may;
	const char **by_hand = NULL, **only = NULL;
	size_t by_hand_len = 0;
	struct plan *p = NULL;
	int result;

	s = step_for(&w, s);
	rollover_may(r->h.r, s, confirm, r->s.now, r->s.arena, &may);
	if (!may.allowed)
		return locked(r, s, &may);
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

/* Weeks may lie between the stop and now: who was YES then may have joined, gone back or not be known any more. */
static bool
still_safe(struct roller *r, enum rollover_step s)
{
	struct rollover_may may;

	rollover_may_go_on(r->h.r, s, r->o->rollover.confirm, r->s.now, r->s.arena, &may);
	if (may.allowed)
		return true;
	(void)locked(r, s, &may);
	complain("plan %lld of it was interrupted, and stays so; mtlscope undo %lld brings back what was before", (long long)r->h.pending, (long long)r->h.pending);
	return false;
}

static int
go_on(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	enum rollover_step s = ROLLOVER_NO_STEP;
	int result;

	if (r->h.pending_back) {
		complain("plan %lld is on its way back: mtlscope undo %lld --apply goes on with that", (long long)r->h.pending, (long long)r->h.pending);
		return EXIT_STATUS_NOT_DONE;
	}
	if (plan_recorded(r->h.record, r->h.pending, r->s.world, &p, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	(void)rollover_of_plan(p, &s);
	p->place = r->h.place;
	if (s < ROLLOVER_STEPS && rollover_has_lock(s) && rollover_hand_measure(&r->h, &err) != STATUS_OK)
		result = session_fail(&r->s, &err);
	else if (s < ROLLOVER_STEPS && !still_safe(r, s)) {
		result = EXIT_STATUS_NOT_DONE;
	} else if (s < ROLLOVER_STEPS) {
		plan_note(p, "It was interrupted; this goes on with it. What is done is not done again.");
		result = carry_out(r, p, s);
	} else {
		complain("plan %lld was interrupted: mtlscope resume %lld goes on with it, mtlscope undo %lld brings back what was before", (long long)r->h.pending,
		    (long long)r->h.pending, (long long)r->h.pending);
		result = EXIT_STATUS_NOT_DONE;
	}
	plan_free(p);
	return result;
}

static int
end_it(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };

	if (r->o->pca.apply && r->h.r->ended == TIME_UNKNOWN) {
		r->h.r->ended = r->s.now;
		if (rollover_hand_save(&r->h, &err) != STATUS_OK)
			return session_fail(&r->s, &err);
	}
	return show_status(r);
}

static int
next_step(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };
	enum rollover_step s;

	if (!r->o->rollover.take_over && rollover_begun_elsewhere(r->h.r, r->h.host)) {
		complain("“%s” was begun on %s by %s: go on there (mtlscope rollover … --next); --take-over goes on here, and what was begun there must not be gone on with then",
		    rollover_step_words(r->h.r->busy), r->h.r->busy_by.host, r->h.r->busy_by.who != NULL ? r->h.r->busy_by.who : "?");
		return EXIT_STATUS_NOT_DONE;
	}
	if (rollover_hand_account(&r->h, r->h.r->old_root.arn, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	if (r->h.pending != 0)
		return go_on(r);
	if (rollover_hand_measure(&r->h, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	s = rollover_next(r->h.r, r->s.now);
	return s < ROLLOVER_STEPS ? do_step(r, s, r->o->rollover.confirm) : end_it(r);
}

/* ---- beginning ---- */

static int
show_ways(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };
	struct rollover *facts = NULL;
	struct buf page = { 0 };

	if (rollover_hand_begin(&r->h, ROLLOVER_CROSS, &facts, &err) != STATUS_OK)
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

	if (r->h.r != NULL && r->h.r->ended == TIME_UNKNOWN) {
		complain("the roll-over of “%s” has begun already (--way %s): --status shows where it stands, --next goes on", r->h.r->old_root.name, rollover_way_name(r->h.r->way));
		return EXIT_STATUS_USAGE;
	}
	if (r->h.r != NULL) {
		r->h.root_arn = arena_strdup(r->s.arena, r->h.r->old_root.arn);
		if (r->o->pca.apply && rollover_hand_put_aside(&r->h, &err) != STATUS_OK)
			return session_fail(&r->s, &err);
		rollover_free(r->h.r);
		r->h.r = NULL;
	}
	if (rollover_hand_begin(&r->h, way, &r->h.r, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	rollover_offers(&r->h.place, r->h.r, r->s.now, r->s.arena, offers);
	if (!offers[way].possible) {
		complain("--way %s is not possible: %s", rollover_way_name(way), offers[way].why_not);
		return EXIT_STATUS_USAGE;
	}
	result = do_step(r, ROLLOVER_MAKE_ROOT, NULL);
	/* Declined, or refused at once: then there is no roll-over. */
	if (r->o->pca.apply && r->h.r->busy == ROLLOVER_NO_STEP && r->h.r->done[ROLLOVER_MAKE_ROOT].at == TIME_UNKNOWN && r->h.r->revision > 0)
		(void)(unlink(r->h.path) == 0);
	return result;
}

/* ---- ending ---- */

static int
mark_abandoned(struct roller *r)
{
	struct error err = { .code = ERROR_NONE };

	if (rollover_hand_abandon(&r->h, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	complain("abandoned; what stands, stands");
	return EXIT_STATUS_DONE;
}

static int
undo_trust(struct roller *r)
{
	struct rollover_wish w = rollover_hand_wish(&r->h);
	struct error err = { .code = ERROR_NONE };
	struct rollover_may may;
	const char **by_hand = NULL;
	size_t by_hand_len = 0;
	struct plan *p = NULL;
	bool applied = true;
	int result = EXIT_STATUS_DONE;

	rollover_may_undo_trust(r->h.r, r->o->rollover.confirm, r->s.arena, &may);
	if (!may.allowed) {
		complain("the new root stays in the bundles. %s%s", may.why, may.confirmable ? ROLLOVER_TYPE_NAMES : "");
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

	if (r->h.r->ended != TIME_UNKNOWN) {
		complain("the roll-over of “%s” %s already", r->h.r->old_root.name, r->h.r->abandoned ? "was abandoned" : "is done");
		return EXIT_STATUS_NOT_DONE;
	}
	if (rollover_hand_account(&r->h, r->h.r->old_root.arn, &err) != STATUS_OK || rollover_hand_measure(&r->h, &err) != STATUS_OK)
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

	if (rollover_hand_measure(&r->h, &err) != STATUS_OK)
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
	if (r->h.r == NULL && !w->status && !w->next && !w->abandon)
		return show_ways(r);
	if (r->h.r == NULL) {
		complain("no roll-over of it has begun here: mtlscope rollover CA shows the ways; --state FILE names a document that lies elsewhere");
		return EXIT_STATUS_USAGE;
	}
	if (r->h.r->ended == TIME_UNKNOWN && rollover_hand_catch_up(&r->h, &err) != STATUS_OK)
		return session_fail(&r->s, &err);
	return w->next ? next_step(r) : w->abandon ? abandon(r) : status_of(r);
}

static status
find_ca(void *user, const char *word, struct plan_place *place, const char **arn, struct error *err)
{
	struct roller *r = user;
	struct pca_found found = { .account = NULL };

	if (r->s.len == 0)
		return error_set(err, ERROR_USAGE, "options", "no account is configured: --aws, --profile and --region say where the CA is");
	if (session_find_ca(&r->s, word, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	*place = found.account->place;
	*arn = found.ca.arn;
	return STATUS_OK;
}

/* From AWS, once for a measuring: somebody may have changed it since the last. */
static bool
fetch_identity(void *user, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why)
{
	struct roller *r = user;
	struct error err = { .code = ERROR_NONE };

	if (identity_fetch(r->o, r->s.configuration.config, i, sends, trusts, &err) == STATUS_OK)
		return true;
	*why = arena_strdup(r->s.arena, err.text);
	return false;
}

static status
open_document(struct roller *r, struct error *err)
{
	const char *word = r->o->operands_len > 0 ? r->o->operands[0] : NULL;
	const struct rollover_words *w = &r->o->rollover;

	r->h = (struct rollover_hand){ .world = r->s.world, .config = r->s.configuration.config, .examine = &r->o->examine, .state = w->state, .name = w->name,
		.root_days = r->o->pca.root_days, .days = r->o->pca.days, .now = r->s.now, .trust_store = r->o->trust_store, .domain = r->o->domain, .bucket = r->o->pca.bucket,
		.find = find_ca, .fetch = fetch_identity, .cancel = r->s.cancel, .user = r, .arena = r->s.arena };
	if (!r->o->pca.apply && w->way == NULL && !w->next && !w->abandon)
		return rollover_hand_look(&r->h, word, err);
	return rollover_hand_open(&r->h, word, r->o->pca.apply, err);
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
	rollover_hand_close(&r.h);
	session_close(&r.s);
	return output_status(result);
}
