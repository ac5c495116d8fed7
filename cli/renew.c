/*
 * mtlscope renew: everything that is due, soonest first, each as a plan of its own: one that fails does not keep the others from being
 * renewed. What is due and cannot be renewed from here is said, and what of the inventory nobody renews.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/gate.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "cli/renew_known.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "fixes/fix.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/times.h"

enum { DAY = 24 * 60 * 60, DAYS_USUAL = 30, WHOLE_PLANS = 2 };

enum due { DUE, LATER, NOT_FROM_HERE, NOT_READ };
static const char *const due_words[] = { [DUE] = "DUE", [LATER] = "LATER", [NOT_FROM_HERE] = "NOT FROM HERE", [NOT_READ] = "??" };

struct item {
	const struct config_entry *entry;
	size_t target;               /* of the settings */
	struct identity *serves;     /* what lies in its files; NULL: it cannot be read, or lies elsewhere */
	bool elsewhere;              /* in a secret, in ACM, in a hook's hands: what is served tells when it ends */
	int64_t ends;                /* TIME_UNKNOWN as above */
	enum due due;
	const char *why;             /* NOT_FROM_HERE, NOT_READ, or no plan: a clause */
	struct examination *seen;
	struct plan *plan;
	const char *result;          /* after it was applied */
};

struct renewing {
	struct options *o;
	struct settings settings;
	struct pca_session session;
	struct item *items;
	size_t len;
	struct examiner *examiner;
	struct arena *arena;
};

/* ---- what is due ---- */

static int64_t
soon_of(const struct renewing *r, const struct config_entry *e)
{
	int days = r->o->expires_within_given ? r->o->examine.thresholds.expires_within : e->renew.before_days > 0 ? e->renew.before_days : DAYS_USUAL;

	return r->session.now + (int64_t)days * DAY;
}

static void
judge(struct renewing *r, struct item *i)
{
	struct identity_source source = { .cert = i->entry->serves.cert, .key = i->entry->serves.key, .tolerate_bad_key = true };
	struct error err = { .code = ERROR_NONE };

	i->ends = TIME_UNKNOWN;
	i->due = NOT_FROM_HERE;
	if (!i->entry->renew.given) {
		i->why = "its fleet entry has no `renew`";
		return;
	}
	i->elsewhere = config_installs_elsewhere(i->entry);
	if (source.cert == NULL && !i->elsewhere) {
		i->why = "its fleet entry has no `serves: {cert: …}`, and no `install` that says where else it lies";
		return;
	}
	i->due = NOT_READ;
	if (i->elsewhere)
		return;
	if (identity_load(&source, &i->serves, &err) != STATUS_OK || identity_leaf(i->serves) == NULL) {
		i->why = arena_strdup(r->arena, error_is_set(&err) ? err.text : "it holds no certificate");
		return;
	}
	i->ends = identity_leaf(i->serves)->not_after;
	i->due = i->ends < soon_of(r, i->entry) ? DUE : LATER;
}

/* Those that end first come first; what is not known comes last. */
static int
sooner(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int64_t ends_x = x->ends != TIME_UNKNOWN ? x->ends : INT64_MAX, ends_y = y->ends != TIME_UNKNOWN ? y->ends : INT64_MAX;

	if (ends_x != ends_y)
		return ends_x < ends_y ? -1 : 1;
	return strcmp(x->entry->name, y->entry->name);
}

static status
find_due(struct renewing *r, struct error *err)
{
	const struct config *c = r->settings.configuration.config;

	if (c == NULL)
		return error_set(err, ERROR_USAGE, "options", "renew: there is no configuration, so nothing that could be renewed from here");
	r->items = arena_array(r->arena, r->settings.targets.len + 1, sizeof *r->items);
	for (size_t i = 0; i < r->settings.targets.len; i++) {
		const struct target *t = &r->settings.targets.items[i];
		struct item *item = &r->items[r->len];

		*item = (struct item){ .entry = t->name != NULL ? config_entry(c, t->name) : NULL, .target = i };
		if (item->entry == NULL)
			return error_set(err, ERROR_USAGE, "options", "renew: %s is no entry of the fleet in %s", printable(t->spelled), c->file);
		if (r->o->pca.ca != NULL && (item->entry->renew.ca == NULL || strcmp(item->entry->renew.ca, r->o->pca.ca) != 0))
			continue;
		judge(r, item);
		r->len++;
	}
	qsort(r->items, r->len, sizeof *r->items, sooner);
	return STATUS_OK;
}

/* ---- plans ---- */

static struct pca_account *
account_of(struct renewing *r, const struct config_entry *e)
{
	for (size_t i = 0; i < r->session.len; i++) {
		struct pca_account *a = r->session.accounts[i];

		if (e->renew.aws == NULL ? r->session.len == 1 : a->place.name != NULL && strcmp(a->place.name, e->renew.aws) == 0)
			return a;
	}
	return NULL;
}

static status
make_plan(struct renewing *r, struct item *i, struct error *err)
{
	static const struct finding ends = { .code = CODE_CERT_EXPIRING };
	struct pca_account *a = account_of(r, i->entry);
	struct fix_wish w = { .diagnosis = i->seen->diagnosis, .finding = &ends, .target = i->entry->name, .config = r->settings.configuration.config,
		.entry = i->entry, .anew = true, .host = i->seen->evidence->seen_from, .now = r->session.now, .days = r->o->pca.days, .same_key = r->o->same_key };
	enum fix_outcome outcome;

	if (a != NULL)
		w.place = a->place;
	else
		w.no_aws = i->entry->renew.aws != NULL ? arena_printf(r->arena, "the account %s is not at hand", i->entry->renew.aws)
		                                       : "several accounts are configured, and its `renew` names none";
	if (fix_plan(&w, r->arena, &outcome, &i->plan, &i->why, err) != STATUS_OK)
		return STATUS_FAILED;
	if (i->plan != NULL)
		i->plan->kind = "renew";
	return STATUS_OK;
}

/* What lies in no file here ends when what is served ends. */
static void
judge_served(const struct renewing *r, struct item *i)
{
	const struct handshake *h = i->seen != NULL ? evidence_baseline(i->seen->evidence) : NULL;
	const struct cert *leaf = h != NULL && h->server_certs_len > 0 ? h->server_certs[0].cert : NULL;

	if (leaf == NULL) {
		i->why = "it lies in no file here, and the endpoint shows no certificate now: mtlscope check says why";
		return;
	}
	i->ends = leaf->not_after;
	i->due = i->ends < soon_of(r, i->entry) ? DUE : LATER;
}

/* With --list those alone that cannot be judged otherwise. */
static bool
is_looked_at(const struct renewing *r, const struct item *i)
{
	return i->elsewhere || (i->due == DUE && !r->o->list);
}

/* Each is looked at first: under which name it is asked for, and what it serves now. */
static status
look(struct renewing *r, struct error *err)
{
	size_t wanted = 0;

	for (size_t k = 0; k < r->len; k++)
		wanted += is_looked_at(r, &r->items[k]);
	if (wanted == 0)
		return STATUS_OK;
	r->o->examine.quick = true;
	if (examiner_start(&r->o->examine, r->session.world, &r->examiner, err) != STATUS_OK)
		return STATUS_FAILED;
	examiner_many(r->examiner, true);
	for (size_t k = 0; k < r->len; k++) {
		struct item *i = &r->items[k];

		if (is_looked_at(r, i))
			examiner_add(r->examiner, &r->settings.targets.items[i->target], NULL, r->settings.roles[i->target].trust, i);
	}
	while (examiner_left(r->examiner) > 0) {
		struct examination *x = examiner_wait(r->examiner, signals_fd(), 1000);

		if (signals_seen() != 0)
			examiner_cancel(r->examiner);
		if (x != NULL)
			((struct item *)x->user)->seen = x;
	}
	for (size_t k = 0; k < r->len && signals_seen() == 0; k++) {
		if (r->items[k].elsewhere)
			judge_served(r, &r->items[k]);
	}
	qsort(r->items, r->len, sizeof *r->items, sooner);
	return STATUS_OK;
}

static status
make_plans(struct renewing *r, struct error *err)
{
	for (size_t k = 0; k < r->len && signals_seen() == 0; k++) {
		if (r->items[k].due == DUE && r->items[k].seen != NULL && make_plan(r, &r->items[k], err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

static size_t
plans(const struct renewing *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->len; i++)
		n += r->items[i].plan != NULL;
	return n;
}

static size_t
due(const struct renewing *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->len; i++)
		n += r->items[i].due == DUE;
	return n;
}

/* ---- what is said ---- */

/* Where the whole fleet is meant, what is not due is only counted; --list and whoever names entries gets them all. */
static bool
is_shown(const struct renewing *r, const struct item *i)
{
	return r->o->list || r->o->operands_len > 0 || i->due == DUE || i->due == NOT_READ;
}

static void
counts(const struct renewing *r, struct buf *out)
{
	struct page page = { .out = out, .style = &r->session.style };
	size_t later = 0, not_from_here = 0;

	for (size_t k = 0; k < r->len; k++) {
		later += r->items[k].due == LATER;
		not_from_here += r->items[k].due == NOT_FROM_HERE;
	}
	if (!r->o->list && r->o->operands_len == 0 && later + not_from_here > 0)
		page_textf(&page, "  and %zu that end later, %zu whose entries do not say how they are renewed: --list names them\n", later, not_from_here);
}

static void
table(const struct renewing *r, struct buf *out)
{
	struct page page = { .out = out, .style = &r->session.style };

	for (size_t k = 0; k < r->len; k++) {
		const struct item *i = &r->items[k];
		char date[TIME_TEXT_MAX], span[TIME_TEXT_MAX];

		if (!is_shown(r, i))
			continue;
		page_textf(&page, "  %-13s  ", i->due == DUE && i->plan == NULL && i->why != NULL ? "DUE, NO PLAN" : due_words[i->due]);
		if (i->ends != TIME_UNKNOWN)
			page_textf(&page, "%s (%s)  ", time_date(i->ends, date), time_span(i->ends - r->session.now, span));
		page_textf(&page, "%s", printable(i->entry->name));
		if (i->entry->renew.ca != NULL)
			page_textf(&page, "  by %s", printable(i->entry->renew.ca));
		buf_addc(out, '\n');
		if (i->why != NULL) {
			page_pad(&page, 0, 17);
			page_wrap(&page, 17, 17, i->why);
		}
		if (i->result != NULL) {
			page_pad(&page, 0, 17);
			page_wrap(&page, 17, 17, i->result);
		}
	}
	if (r->len == 0)
		page_text(&page, "  nothing of the configuration is meant\n");
	counts(r, out);
}

static void
page_of_all(struct renewing *r, struct buf *out)
{
	struct page page = { .out = out, .style = &r->session.style };

	page_textf(&page, "%zu of %zu are due", due(r), r->len);
	if (!r->o->list)
		page_textf(&page, "; %zu can be renewed from here", plans(r));
	buf_addc(out, '\n');
	table(r, out);
	for (size_t k = 0; k < r->len && plans(r) <= WHOLE_PLANS && !r->o->list; k++) {
		if (r->items[k].plan == NULL)
			continue;
		buf_addc(out, '\n');
		plan_page(r->items[k].plan, &r->session.style, out);
	}
	renew_known_page(&r->session, out);
}

static cJSON *
item_json(const struct item *i)
{
	cJSON *o = cJSON_CreateObject();
	char time[TIME_TEXT_MAX];

	json_add_text(o, "name", i->entry->name);
	json_add_text(o, "state", i->due == DUE ? "due" : i->due == LATER ? "later" : i->due == NOT_READ ? "unknown" : "not-from-here");
	json_add_text(o, "ends", i->ends != TIME_UNKNOWN ? time_rfc3339(i->ends, time) : NULL);
	json_add_text(o, "ca", i->entry->renew.ca);
	json_add_text(o, "why", i->why);
	cJSON_AddItemToObject(o, "plan", i->plan != NULL ? plan_json(i->plan) : cJSON_CreateNull());
	json_add_text(o, "result", i->result);
	return o;
}

static void
print_json(struct renewing *r)
{
	cJSON *o = cJSON_CreateObject(), *list;
	struct buf out = { 0 };

	json_add_text(o, "schema", "mtlscope.renew/1");
	cJSON_AddNumberToObject(o, "due", (double)due(r));
	list = json_add_list(o, "entries");
	for (size_t i = 0; i < r->len; i++)
		cJSON_AddItemToArray(list, item_json(&r->items[i]));
	renew_known_json(&r->session, o);
	json_print(o, &out);
	output_write(&out);
	buf_done(&out);
}

/* ---- doing it ---- */

/* Whoever lets it run every night goes by the status: what is due and cannot be renewed, or cannot be looked at, is not done. */
static bool
all_have_plans(const struct renewing *r)
{
	for (size_t k = 0; k < r->len; k++) {
		if (r->items[k].due == NOT_READ || (r->items[k].due == DUE && r->items[k].plan == NULL))
			return false;
	}
	return true;
}

/* One that fails is said, and the next one is begun. */
static int
apply_all(struct renewing *r)
{
	struct gate g = { .o = r->o, .style = &r->session.style, .world = r->session.world };
	int result = all_have_plans(r) ? EXIT_STATUS_DONE : EXIT_STATUS_NOT_DONE;

	for (size_t k = 0; k < r->len && signals_seen() == 0; k++) {
		struct item *i = &r->items[k];
		struct error err = { .code = ERROR_NONE };

		if (i->plan == NULL)
			continue;
		if (!r->o->json) {
			struct buf line = { 0 };
			struct page page = { .out = &line, .style = &r->session.style };

			page_textf(&page, "\n%s\n", printable(i->entry->name));
			gate_print(&line);
			buf_done(&line);
		}
		if (gate_apply(&g, i->plan, &err) != EXIT_STATUS_DONE) {
			i->result = arena_printf(r->arena, "NOT RENEWED: step %zu of %zu: %s", i->plan->at + 1, i->plan->len, err.text);
			result = EXIT_STATUS_NOT_DONE;
		} else if (i->plan->reached == REACH_SEEN) {
			i->result = "RENEWED, and seen on the wire";
		} else {
			i->result = "RENEWED HERE, NOT DEPLOYED: the service was not seen to serve it";
		}
	}
	progress_clear();
	return signals_seen() != 0 ? EXIT_STATUS_SIGNAL + signals_seen() : result;
}

static int
end(struct renewing *r, int result)
{
	struct buf out = { 0 };

	if (r->o->json) {
		print_json(r);
		return output_status(result);
	}
	buf_addc(&out, '\n');
	table(r, &out);
	gate_print(&out);
	buf_done(&out);
	return output_status(result);
}

static int
show_and_ask(struct renewing *r)
{
	struct page page = { .style = &r->session.style };
	struct buf out = { 0 }, command = { 0 };
	int result = EXIT_STATUS_DONE;

	page.out = &out;
	if (!r->o->json) {
		page_of_all(r, &out);
		if (plans(r) > 0 && !r->o->pca.apply && !r->o->list) {
			gate_typed(r->o, &command);
			page_textf(&page, "\nNothing has been changed. This does it:\n  %s --apply\n", buf_str(&command));
		}
		gate_print(&out);
	}
	if (plans(r) == 0 || !r->o->pca.apply || r->o->list) {
		if (r->o->json)
			print_json(r);
		result = r->o->pca.apply && !r->o->list && !all_have_plans(r) ? EXIT_STATUS_NOT_DONE : EXIT_STATUS_DONE;
	} else if (!r->o->pca.yes && !gate_ask(arena_printf(r->arena, "Renew %zu now? [y/N] ", plans(r)))) {
		complain("declined: nothing has been changed");
		result = EXIT_STATUS_NOT_DONE;
	} else {
		result = end(r, apply_all(r));
	}
	buf_done(&out);
	buf_done(&command);
	return output_status(result);
}

static int
run(struct renewing *r, struct error *err)
{
	if (gate_check(r->o, err) != STATUS_OK || settings_read_configured(r->o, &r->settings, err) != STATUS_OK ||
	    session_open_offline(r->o, &r->session, err) != STATUS_OK || find_due(r, err) != STATUS_OK)
		return complain_error(err);
	if (look(r, err) != STATUS_OK || (!r->o->list && make_plans(r, err) != STATUS_OK))
		return signals_seen() != 0 ? EXIT_STATUS_SIGNAL + signals_seen() : complain_error(err);
	if (signals_seen() != 0)
		return EXIT_STATUS_SIGNAL + signals_seen();
	return show_and_ask(r);
}

int
renew_run(struct options *o)
{
	struct renewing r = { .o = o, .arena = arena_new() };
	struct error err = { .code = ERROR_NONE };
	int result;

	result = run(&r, &err);
	for (size_t i = 0; i < r.len; i++) {
		plan_free(r.items[i].plan);
		identity_free(r.items[i].serves);
		examination_free(r.items[i].seen);
	}
	examiner_free(r.examiner);
	if (r.session.o != NULL)
		session_close(&r.session);
	settings_done(&r.settings);
	arena_free(r.arena);
	signals_defer(false);
	return result;
}
