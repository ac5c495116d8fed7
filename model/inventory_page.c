#include "model/inventory_page.h"

#include <stdio.h>
#include <string.h>

#include "model/quote.h"
#include "model/times.h"

/* Columns at 80: state 8, CA 31, AWS's word 8, end 18, live 6, soon 5, with a blank between each. */
enum { NAME_AT = 8, NAME_WIDE = 31, WORD_AT = 40, END_AT = 49, LIVE_AT = 68, LIVE_WIDE = 6, SOON_WIDE = 5, LEVELS_MOST = 16 };

static bool
is(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

bool
inventory_ca_is_root(const struct inventory_ca *ca)
{
	return is(ca->type, "ROOT");
}

enum state
inventory_ca_state(const struct inventory_ca *ca, int64_t now, int64_t soon)
{
	static const struct {
		const char *status;
		enum state state;
	} states[] = {
		{ "CREATING", STATE_NOTE },
		{ "PENDING_CERTIFICATE", STATE_WARN }, /* billed, and of no use */
		{ "DISABLED", STATE_NOTE },
		{ "DELETED", STATE_NOTE },
		{ "EXPIRED", STATE_FAIL },
		{ "FAILED", STATE_FAIL },
	};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (is(ca->status, states[i].status))
			return states[i].state;
	}
	if (ca->not_after != TIME_UNKNOWN && ca->not_after < now)
		return STATE_FAIL;
	return ca->not_after != TIME_UNKNOWN && ca->not_after < soon ? STATE_WARN : STATE_OK;
}

/* AWS's word in eight columns. */
static const char *
status_word(const struct inventory_ca *ca)
{
	return is(ca->status, "PENDING_CERTIFICATE") ? "PENDING" : ca->status != NULL ? ca->status : "?";
}

static const char *
shown(struct arena *a, const char *raw)
{
	return text_safe_arena(a, text_of(raw), TEXT_MAX_DEFAULT, NULL);
}

/* Text in a column that begins at `at` and has `wide` columns; one blank follows. */
static void
cell(const struct page *p, struct arena *a, const char *text, size_t wide)
{
	const char *cut = page_cut(a, text, wide);

	page_text(p, cut);
	page_pad(p, page_columns_of(p, cut), wide + 1);
}

static void
right(const struct page *p, const char *text, size_t wide)
{
	page_pad(p, strlen(text), wide);
	page_text(p, text);
}

static void
counted(const struct page *p, const struct inventory_ca *ca)
{
	char live[24] = "?", soon[24] = "?";

	/* Without a report nobody knows what it issued. */
	if (ca->report_at != TIME_UNKNOWN || ca->issued > 0) {
		snprintf(live, sizeof live, "%lld", (long long)ca->active);
		snprintf(soon, sizeof soon, "%lld", (long long)ca->expiring);
	}
	right(p, live, LIVE_WIDE);
	right(p, soon, SOON_WIDE + 1);
}

static void
ca_line(const struct page *p, struct arena *a, const struct inventory_tree *t, const struct inventory_ca *ca, int level, bool elsewhere)
{
	char ends[TIME_TEXT_MAX];
	struct buf name = { 0 };

	page_state(p, inventory_ca_state(ca, t->now, t->soon), true);
	page_pad(p, 6, NAME_AT);
	for (int i = 1; i < level; i++)
		buf_adds(&name, "  ");
	if (level > 0)
		buf_adds(&name, p->style->plain ? "under it: " : "└─");
	buf_adds(&name, shown(a, ca->name));
	if (elsewhere)
		buf_addf(&name, " (%s %s)", shown(a, ca->account), shown(a, ca->region));
	cell(p, a, buf_str(&name), NAME_WIDE);
	buf_done(&name);
	cell(p, a, shown(a, status_word(ca)), END_AT - WORD_AT - 1);
	if (ca->not_after == TIME_UNKNOWN)
		cell(p, a, is(ca->status, "PENDING_CERTIFICATE") || is(ca->status, "CREATING") ? "no certificate" : "not known", LIVE_AT - END_AT - 1);
	else
		cell(p, a, time_validity(ca->not_before, ca->not_after, t->now, ends), LIVE_AT - END_AT - 1);
	counted(p, ca);
	buf_addc(p->out, '\n');
}

static bool
same_place(const struct inventory_ca *ca, const char *account, const char *region)
{
	return is(ca->account, account) && is(ca->region, region);
}

static const struct inventory_ca *
parent_of(const struct inventory_tree *t, const struct inventory_ca *ca)
{
	for (size_t i = 0; ca->parent != NULL && i < t->len; i++) {
		if (strcmp(t->cas[i].arn, ca->parent) == 0 && &t->cas[i] != ca)
			return &t->cas[i];
	}
	return NULL;
}

/* A CA and what hangs on it; levels bounded, so that a circle of wrong parents ends. */
static void
subtree(const struct page *p, struct arena *a, const struct inventory_tree *t, const struct inventory_ca *ca, int level,
    const struct inventory_place *place)
{
	ca_line(p, a, t, ca, level, !same_place(ca, place->account, place->region));
	for (size_t i = 0; level < LEVELS_MOST && i < t->len; i++) {
		if (parent_of(t, &t->cas[i]) == ca)
			subtree(p, a, t, &t->cas[i], level + 1, place);
	}
}

static void
one_place(const struct page *p, struct arena *a, const struct inventory_tree *t, const struct inventory_place *place)
{
	size_t found = 0, heading = p->out->len;

	for (size_t i = 0; i < t->len; i++) {
		const struct inventory_ca *ca = &t->cas[i];

		if (parent_of(t, ca) != NULL || !same_place(ca, place->account, place->region))
			continue;
		if (found++ == 0) {
			page_tinted(p, TINT_DIM, "STATE   CA                              AWS      ENDS                 LIVE  SOON");
			buf_addc(p->out, '\n');
		}
		subtree(p, a, t, ca, 0, place);
	}
	if (found == 0 && place->problem == NULL && heading == p->out->len) {
		for (size_t i = 0; i < t->len; i++)
			found += same_place(&t->cas[i], place->account, place->region);
		page_wrap(p, 0, 0, found > 0 ? "Its CAs hang on CAs of other accounts, above or below."
		                             : "No CA here, in this region. Is it another region (--region) or account (--profile)? mtlscope pca create NAME --hierarchy makes two new ones.");
	}
}

void
inventory_tree_page(const struct inventory_tree *t, const struct report_style *style, struct buf *out)
{
	struct page p = { .out = out, .style = style };
	struct arena *a = arena_new();
	struct inventory_notice *notices = NULL;
	size_t len = inventory_notices(t, a, &notices);

	for (size_t i = 0; i < t->places_len; i++) {
		const struct inventory_place *place = &t->places[i];

		if (i > 0)
			buf_addc(out, '\n');
		page_tinted(&p, TINT_HEAD, ""); /* a heading's colour only where there are colours */
		page_wrap(&p, 0, 2, place->where);
		if (place->problem != NULL) {
			page_state(&p, STATE_FAIL, false);
			page_text(&p, "  ");
			page_wrap(&p, 8, 8, place->problem);
		}
		one_place(&p, a, t, place);
	}
	if (len > 0)
		buf_addc(out, '\n');
	for (size_t i = 0; i < len; i++) {
		page_state(&p, notices[i].state, true);
		page_pad(&p, 6, NAME_AT);
		page_wrap(&p, NAME_AT, NAME_AT, notices[i].text);
	}
	arena_free(a);
}

static void
notice(struct arena *a, struct inventory_notice **list, size_t *len, size_t *cap, const struct inventory_ca *ca, enum state state,
    const char *text)
{
	*list = arena_grow(a, *list, *len, cap, sizeof **list);
	(*list)[(*len)++] = (struct inventory_notice){ .state = state, .ca = ca->arn, .text = text };
}

/* How a CA is named on a command line: by its name where that is unique and easily typed, else by its id. */
static const char *
word_for(struct arena *a, const struct inventory_tree *t, const struct inventory_ca *ca)
{
	const char *id = strrchr(ca->arn, '/');
	struct buf b = { 0 };
	const char *out;
	bool unique = ca->name != NULL;

	for (size_t i = 0; i < t->len; i++)
		unique = unique && (&t->cas[i] == ca || !is(t->cas[i].name, ca->name));
	shell_quote(&b, unique ? ca->name : "");
	/* $'…': something in it is not printable. */
	if (!unique || strchr(b.data, '$') != NULL || b.len > 48)
		out = shown(a, id != NULL ? id + 1 : ca->arn);
	else
		out = shown(a, b.data);
	buf_done(&b);
	return out;
}

/* " --parent 'Acme Root CA'": who signed it before can sign it again; "" of a root. "CA" stands where the one above is not among these. */
static const char *
parent_option(struct arena *a, const struct inventory_tree *t, const struct inventory_ca *ca)
{
	const struct inventory_ca *parent = parent_of(t, ca);

	if (inventory_ca_is_root(ca))
		return "";
	return parent != NULL ? arena_printf(a, " --parent %s", word_for(a, t, parent)) : " --parent CA";
}

size_t
inventory_notices(const struct inventory_tree *t, struct arena *a, struct inventory_notice **out)
{
	struct inventory_notice *list = NULL;
	size_t len = 0, cap = 0;
	char date[TIME_TEXT_MAX];

	for (size_t i = 0; i < t->len; i++) {
		const struct inventory_ca *ca = &t->cas[i];
		const char *name = shown(a, ca->name), *arn = word_for(a, t, ca);
		bool root = inventory_ca_is_root(ca);

		if (is(ca->status, "PENDING_CERTIFICATE"))
			notice(a, &list, &len, &cap, ca, STATE_WARN, arena_printf(a, "“%s” waits for its certificate and can issue nothing: "
			    "mtlscope pca activate %s%s", name, arn, parent_option(a, t, ca)));
		if (is(ca->status, "EXPIRED") || (is(ca->status, "ACTIVE") && ca->not_after != TIME_UNKNOWN && ca->not_after < t->now))
			notice(a, &list, &len, &cap, ca, STATE_FAIL, arena_printf(a, "“%s” ended on %s: everything below it has ended with it. "
			    "It can be renewed with the same key: mtlscope pca activate %s%s", name, time_date(ca->not_after, date), arn, parent_option(a, t, ca)));
		else if (is(ca->status, "ACTIVE") && ca->not_after != TIME_UNKNOWN && ca->not_after < t->soon)
			notice(a, &list, &len, &cap, ca, STATE_WARN, arena_printf(a, "“%s” ends on %s, and everything below it ends with it.", name,
			    time_date(ca->not_after, date)));
		if (is(ca->status, "FAILED"))
			notice(a, &list, &len, &cap, ca, STATE_FAIL, arena_printf(a, "“%s” could not be created by AWS: delete it and create another.", name));
		if (is(ca->status, "DELETED") && ca->restorable_until != TIME_UNKNOWN && ca->restorable_until > t->now)
			notice(a, &list, &len, &cap, ca, STATE_NOTE, arena_printf(a, "“%s” is deleted, and can be restored until %s.", name,
			    time_date(ca->restorable_until, date)));
		if (root && t->leaves != NULL && t->leaves[i] > 0)
			notice(a, &list, &len, &cap, ca, STATE_NOTE, arena_printf(a, "“%s” is a root and issues leaves itself (%zu known): it must stay online "
			    "for that, and cannot be replaced without replacing trust everywhere. A subordinate would issue them.", name, t->leaves[i]));
	}
	*out = list;
	return len;
}
