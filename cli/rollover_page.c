/* How a roll-over is shown: the ways to begin one, who trusts the new root, what stands. */
#include <stdlib.h>
#include <string.h>

#include "cli/rollover.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/times.h"

enum { NAME_COLUMNS = 26, LABEL = 15, NAMES_SHOWN = 4 };

/* ---- the three ways ---- */

void
rollover_page_offers(const struct roller *r, const struct rollover *facts, struct buf *out)
{
	struct page page = { .out = out, .style = &r->s.style };
	struct rollover_offer offers[ROLLOVER_WAYS];
	char day[TIME_TEXT_MAX], span[TIME_TEXT_MAX];

	rollover_offers(&r->h.place, facts, r->s.now, r->s.arena, offers);
	if (facts->old_root.not_after > r->s.now)
		page_textf(&page, "Roll-over of the root “%s”, which ends on %s (in %s)\n", facts->old_root.name, time_date(facts->old_root.not_after, day),
		    time_span_long(facts->old_root.not_after - r->s.now, span));
	else
		page_textf(&page, "Roll-over of the root “%s”, which ended on %s\n", facts->old_root.name, time_date(facts->old_root.not_after, day));
	page_textf(&page, "%zu CA%s right below it in this account.\n", facts->children_len, facts->children_len == 1 ? "" : "s");
	for (size_t i = 0; i < ROLLOVER_WAYS; i++) {
		const struct rollover_offer *o = &offers[i];

		buf_addc(out, '\n');
		page_tinted(&page, TINT_HEAD, arena_printf(r->s.arena, "--way %s%s", rollover_way_name(o->way), o->recommended ? "   recommended" : ""));
		buf_addc(out, '\n');
		page_labelled_at(&page, LABEL, "what", o->what);
		page_labelled_at(&page, LABEL, "cost", o->cost);
		page_labelled_at(&page, LABEL, "stays", o->stays);
		page_labelled_at(&page, LABEL, "needs", o->needs);
		page_labelled_at(&page, LABEL, "measured", o->measured);
		if (!o->possible)
			page_labelled_at(&page, LABEL, "not here", o->why_not);
	}
	buf_addc(out, '\n');
	page_text(&page, "Nothing has been changed. This begins it, and shows the plan of its first step:\n  ");
	gate_typed(r->o, out);
	for (size_t i = 0; i < ROLLOVER_WAYS; i++) {
		if (offers[i].recommended)
			page_textf(&page, " --way %s\n", rollover_way_name(offers[i].way));
	}
}

cJSON *
rollover_json_offers(const struct roller *r, const struct rollover *facts)
{
	cJSON *json = cJSON_CreateObject(), *list, *o;
	struct rollover_offer offers[ROLLOVER_WAYS];

	rollover_offers(&r->h.place, facts, r->s.now, r->s.arena, offers);
	json_add_text(json, "schema", "mtlscope.rollover-ways/1");
	json_add_text(json, "ca", facts->old_root.arn);
	json_add_text(json, "name", facts->old_root.name);
	json_add_time(json, "ends", facts->old_root.not_after);
	list = json_add_list(json, "ways");
	for (size_t i = 0; i < ROLLOVER_WAYS; i++) {
		o = cJSON_CreateObject();
		json_add_text(o, "way", rollover_way_name(offers[i].way));
		cJSON_AddBoolToObject(o, "possible", offers[i].possible);
		cJSON_AddBoolToObject(o, "recommended", offers[i].recommended);
		json_add_text(o, "what", offers[i].what);
		json_add_text(o, "cost", offers[i].cost);
		json_add_text(o, "stays", offers[i].stays);
		json_add_text(o, "needs", offers[i].needs);
		json_add_text(o, "measured", offers[i].measured);
		json_add_text(o, "why_not", offers[i].why_not);
		cJSON_AddItemToArray(list, o);
	}
	return json;
}

/* ---- the table ---- */

static const struct {
	const char *head, *json, *reason;
	size_t columns;
	enum rollover_answer good;
} columns[ROLLOVER_COLUMNS] = {
	[ROLLOVER_SERVER] = { "AS A SERVER", "server", "as a server", 13, ROLLOVER_YES },
	[ROLLOVER_CLIENT] = { "AS A CLIENT", "client", "as a client", 13, ROLLOVER_YES },
	[ROLLOVER_SENDS] = { "SENDS NEW", "sends", "what it sends", 11, ROLLOVER_YES },
	[ROLLOVER_KEEPS] = { "HOLDS OLD", "keeps", "its bundles", 9, ROLLOVER_NO },
};

static enum tint
tint_of(unsigned column, enum rollover_answer a)
{
	/* That the old root is still held is as it should be, until the last steps. */
	if (column == ROLLOVER_KEEPS || a == ROLLOVER_NOT_ONE)
		return TINT_NONE;
	return a == ROLLOVER_YES ? TINT_OK : a == ROLLOVER_NO ? TINT_FAIL : TINT_WARN;
}

static void
table_row(const struct page *page, const struct roller *r, const struct rollover_service *s)
{
	const char *name = page_cut(r->s.arena, text_safe_arena(r->s.arena, text_of(s->name), 0, NULL), NAME_COLUMNS - 1);
	size_t at = 2 + page_columns_of(page, name), to = 2 + NAME_COLUMNS;

	page_text(page, "  ");
	page_text(page, name);
	for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++) {
		const char *word = rollover_answer_word(s->cells[c].answer);

		page_pad(page, at, to);
		page_tinted(page, tint_of(c, s->cells[c].answer), word);
		at = to + strlen(word);
		to += columns[c].columns;
	}
	buf_addc(page->out, '\n');
}

static void
table(const struct page *page, const struct roller *r)
{
	size_t at = 2 + strlen("SERVICE"), to = 2 + NAME_COLUMNS;
	struct buf head = { 0 };

	buf_adds(&head, "  SERVICE");
	for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++) {
		buf_addf(&head, "%*s%s", (int)(to - at), "", columns[c].head);
		at = to + strlen(columns[c].head);
		to += columns[c].columns;
	}
	page_tinted(page, TINT_HEAD, buf_str(&head));
	buf_addc(page->out, '\n');
	buf_done(&head);
	for (size_t i = 0; i < r->h.r->services_len; i++)
		table_row(page, r, &r->h.r->services[i]);
}

/* ---- why ---- */

static bool
worth_a_reason(const struct roller *r, const struct rollover_service *s, unsigned column)
{
	enum rollover_answer a = s->cells[column].answer;

	if (column == ROLLOVER_KEEPS || a == ROLLOVER_NOT_ONE || a == columns[column].good)
		return false;
	/* That chains are still old is no news before they are to be moved. */
	return column != ROLLOVER_SENDS || a == ROLLOVER_UNKNOWN || r->h.r->done[ROLLOVER_MOVE].at != TIME_UNKNOWN;
}

static bool
same_reason(const struct rollover_cell *a, const struct rollover_cell *b)
{
	return a->answer == b->answer && a->how != NULL && b->how != NULL && strcmp(a->how, b->how) == 0;
}

/* The services that have the same reason in the same column, named once. */
static void
one_reason(const struct page *page, const struct roller *r, size_t first, unsigned column)
{
	const struct rollover_cell *c = &r->h.r->services[first].cells[column];
	struct buf b = { 0 };
	size_t n = 0;

	for (size_t i = first; i < r->h.r->services_len; i++) {
		if (!worth_a_reason(r, &r->h.r->services[i], column) || !same_reason(&r->h.r->services[i].cells[column], c))
			continue;
		if (n < NAMES_SHOWN)
			buf_addf(&b, "%s%s", n > 0 ? ", " : "", text_safe_arena(r->s.arena, text_of(r->h.r->services[i].name), 0, NULL));
		n++;
	}
	if (n > NAMES_SHOWN)
		buf_addf(&b, " and %zu more", n - NAMES_SHOWN);
	buf_addf(&b, ", %s: %s", columns[column].reason, c->how);
	page_text(page, "  ");
	page_tinted(page, tint_of(column, c->answer), rollover_answer_word(c->answer));
	page_pad(page, 2 + strlen(rollover_answer_word(c->answer)), 6);
	page_wrap(page, 6, 6, buf_str(&b));
	buf_done(&b);
}

static void
reasons(const struct page *page, const struct roller *r)
{
	bool any = false;

	for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++) {
		for (size_t i = 0; i < r->h.r->services_len; i++) {
			const struct rollover_service *s = &r->h.r->services[i];
			bool said = false;

			if (!worth_a_reason(r, s, c) || s->cells[c].how == NULL)
				continue;
			for (size_t k = 0; k < i && !said; k++)
				said = worth_a_reason(r, &r->h.r->services[k], c) && same_reason(&r->h.r->services[k].cells[c], &s->cells[c]);
			if (said)
				continue;
			if (!any)
				buf_addc(page->out, '\n');
			any = true;
			one_reason(page, r, i, c);
		}
	}
}

/* ---- the whole ---- */

static void
counts(const struct page *page, const struct roller *r)
{
	static const enum rollover_answer order[] = { ROLLOVER_YES, ROLLOVER_NO, ROLLOVER_UNKNOWN, ROLLOVER_NOT_ONE };

	for (unsigned c = 0; c <= ROLLOVER_CLIENT; c++) {
		struct buf b = { 0 };

		for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
			size_t n = 0;

			for (size_t i = 0; i < r->h.r->services_len; i++)
				n += r->h.r->services[i].cells[c].answer == order[k];
			buf_addf(&b, "%s%zu %s", k > 0 ? "   " : "", n, rollover_answer_word(order[k]));
		}
		page_labelled_at(page, LABEL, columns[c].reason, buf_str(&b));
		buf_done(&b);
	}
}

static void
what_is_next(const struct page *page, const struct roller *r)
{
	enum rollover_step next = rollover_next(r->h.r, r->s.now);
	struct rollover_may may;

	if (next == ROLLOVER_NO_STEP) {
		page_labelled_at(page, LABEL, "next", r->h.r->abandoned ? "nothing: it was abandoned" : "nothing: it is done");
		return;
	}
	rollover_may(r->h.r, next, NULL, r->s.now, r->s.arena, &may);
	page_labelled_at(page, LABEL, "next", rollover_step_words(next));
	page_labelled_at(page, LABEL, may.allowed ? "safe" : "locked", may.confirmable ? arena_printf(r->s.arena, "%s" ROLLOVER_TYPE_NAMES, may.why) : may.why);
	if (r->h.pending != 0)
		page_labelled_at(page, LABEL, "interrupted", arena_printf(r->s.arena, "plan %lld; --next goes on with it, mtlscope undo %lld brings back what was before",
		    (long long)r->h.pending, (long long)r->h.pending));
	else if (r->h.r->busy < ROLLOVER_STEPS)
		page_labelled_at(page, LABEL, "begun", arena_printf(r->s.arena, "“%s”, on %s by %s", rollover_step_words(r->h.r->busy),
		    r->h.r->busy_by.host != NULL ? r->h.r->busy_by.host : "?", r->h.r->busy_by.who != NULL ? r->h.r->busy_by.who : "?"));
}

void
rollover_page_status(const struct roller *r, struct buf *out)
{
	struct page page = { .out = out, .style = &r->s.style };
	const struct rollover *d = r->h.r;
	char day[TIME_TEXT_MAX];

	page_textf(&page, "Roll-over of the root “%s”%s%s%s\n", d->old_root.name, d->new_root.name != NULL && d->way != ROLLOVER_SAME_KEY ? " to “" : "",
	    d->new_root.name != NULL && d->way != ROLLOVER_SAME_KEY ? d->new_root.name : "", d->new_root.name != NULL && d->way != ROLLOVER_SAME_KEY ? "”" : "");
	page_labelled_at(&page, LABEL, "way", rollover_way_words(d->way));
	page_labelled_at(&page, LABEL, "begun", arena_printf(r->s.arena, "%s by %s on %s", time_date(d->began, day), d->who != NULL ? d->who : "?", d->host != NULL ? d->host : "?"));
	page_labelled_at(&page, LABEL, "phase", rollover_phase(d));
	counts(&page, r);
	what_is_next(&page, r);
	page_labelled_at(&page, LABEL, "seen from", arena_printf(r->s.arena, "%s; its document is %s", r->h.host, text_safe_arena(r->s.arena, text_of(r->h.path), 0, NULL)));
	if (r->h.gone > 0)
		page_labelled_at(&page, LABEL, "gone", arena_printf(r->s.arena, "%zu not in the configuration here any more: ?? until a step is confirmed with %s", r->h.gone,
		    r->h.gone == 1 ? "its name" : "their names"));
	buf_addc(out, '\n');
	table(&page, r);
	reasons(&page, r);
}

void
rollover_add_json(const struct roller *r, cJSON *to)
{
	const struct rollover *d = r->h.r;
	enum rollover_step next = rollover_next(d, r->s.now);
	struct rollover_may may = { .allowed = false };
	cJSON *list, *o, *cell;

	if (next < ROLLOVER_STEPS)
		rollover_may(d, next, NULL, r->s.now, r->s.arena, &may);
	json_add_text(to, "id", d->id);
	json_add_text(to, "ca", d->old_root.arn);
	json_add_text(to, "new_root", d->new_root.arn);
	json_add_text(to, "way", rollover_way_name(d->way));
	json_add_text(to, "phase", rollover_phase(d));
	json_add_text(to, "next", next < ROLLOVER_STEPS ? rollover_step_name(next) : NULL);
	cJSON_AddBoolToObject(to, "allowed", may.allowed);
	json_add_text(to, "why", may.why);
	list = json_add_list(to, "no");
	for (size_t i = 0; i < may.no_len; i++)
		cJSON_AddItemToArray(list, json_text(may.no[i]));
	list = json_add_list(to, "unknown");
	for (size_t i = 0; i < may.unknown_len; i++)
		cJSON_AddItemToArray(list, json_text(may.unknown[i]));
	if (r->h.pending != 0)
		cJSON_AddNumberToObject(to, "interrupted_plan", (double)r->h.pending);
	list = json_add_list(to, "services");
	for (size_t i = 0; i < d->services_len; i++) {
		o = cJSON_CreateObject();
		json_add_text(o, "name", d->services[i].name);
		cJSON_AddBoolToObject(o, "identity", d->services[i].identity);
		cJSON_AddBoolToObject(o, "gone", d->services[i].gone);
		for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++) {
			cell = cJSON_AddObjectToObject(o, columns[c].json);
			json_add_text(cell, "answer", rollover_answer_word(d->services[i].cells[c].answer));
			json_add_text(cell, "how", d->services[i].cells[c].how);
			json_add_time(cell, "at", d->services[i].cells[c].at);
		}
		cJSON_AddItemToArray(list, o);
	}
}

void
rollover_page_stands(const struct roller *r, struct buf *out)
{
	struct page page = { .out = out, .style = &r->s.style };
	const struct rollover *d = r->h.r;
	size_t trusts = 0, sends = 0;

	for (size_t i = 0; i < d->services_len; i++) {
		trusts += d->services[i].cells[ROLLOVER_SERVER].answer == ROLLOVER_YES || d->services[i].cells[ROLLOVER_CLIENT].answer == ROLLOVER_YES;
		sends += d->services[i].cells[ROLLOVER_SENDS].answer == ROLLOVER_YES;
	}
	page_textf(&page, "Roll-over of the root “%s”: what stands\n", d->old_root.name);
	if (d->new_root.pem == NULL)
		page_labelled_at(&page, LABEL, "root", "no new root was made");
	else if (d->way == ROLLOVER_SAME_KEY)
		page_labelled_at(&page, LABEL, "root", "it has a certificate with a later date; mtlscope undo of that plan imports the old one again");
	else
		page_labelled_at(&page, LABEL, "root", arena_printf(r->s.arena, "“%s” is there, and is billed until it is deleted: %s", d->new_root.name, d->new_root.arn));
	for (size_t i = 0; i < d->children_len; i++) {
		if (d->children[i].twin.pem != NULL)
			page_labelled_at(&page, LABEL, "issuing", d->way == ROLLOVER_CROSS
			    ? arena_printf(r->s.arena, "“%s” has a certificate of the new root; it harms nobody", d->children[i].old.name)
			    : arena_printf(r->s.arena, "“%s” is there, and is billed", d->children[i].twin.name));
	}
	page_labelled_at(&page, LABEL, "trust", arena_printf(r->s.arena, "%zu trust the new root; trusting it beside the old one harms nobody while its key is kept", trusts));
	page_labelled_at(&page, LABEL, "chains", arena_printf(r->s.arena, "%zu send a chain that leads to the new root%s", sends,
	    sends > 0 ? ": first those go back (mtlscope log lists the plans, mtlscope undo brings the old chains back)" : ""));
}
