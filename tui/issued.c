/*
 * The certificates that a private CA issued, or all of them: a table over any number of rows. What is on screen is in
 * memory, and some rows around it; filter and order are the database's. Keys are answered at once; rows follow.
 */
#include "tui/issued.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/authorities.h"
#include "tui/issued_rows.h"
#include "tui/sort.h"
#include "tui/table.h"

enum column_of { COLUMN_STATE, COLUMN_NAME, COLUMN_ENDS, COLUMN_FATE, COLUMN_TEMPLATE, COLUMN_SEEN, COLUMN_SERIAL, COLUMN_ISSUED, COLUMN_END };

static const struct column columns[COLUMN_END + 1] = {
	[COLUMN_STATE] = { .title = "STATE", .width = 6 },
	[COLUMN_NAME] = { .title = "NAME", .name = "name", .width = 16, .grows = 3 },
	[COLUMN_ENDS] = { .title = "ENDS", .name = "ends", .width = 18 },
	[COLUMN_FATE] = { .title = "WHO RENEWS IT", .name = "fate", .width = 20, .from = 70 },
	[COLUMN_TEMPLATE] = { .title = "TEMPLATE", .name = "template", .width = 12, .from = 110, .grows = 2 },
	[COLUMN_SEEN] = { .title = "SEEN AT", .width = 10, .from = 130, .grows = 1 },
	[COLUMN_SERIAL] = { .title = "SERIAL", .name = "serial", .width = 12, .from = 150 },
	[COLUMN_ISSUED] = { .title = "ISSUED", .name = "issued", .width = 10, .from = 165 },
	[COLUMN_END] = { .title = NULL },
};
static const enum inventory_sort orders[COLUMN_END] = {
	[COLUMN_NAME] = BY_NAME, [COLUMN_ENDS] = BY_EXPIRY, [COLUMN_FATE] = BY_FATE, [COLUMN_TEMPLATE] = BY_TEMPLATE, [COLUMN_SERIAL] = BY_SERIAL,
	[COLUMN_ISSUED] = BY_ISSUED,
};

/* A row that is not here yet has this minus its number for an id: no row of the database has such a one. */
#define NOT_HERE UINT64_MAX

struct issued_screen {
	struct view v; /* first */
	struct table table;
	struct issued_rows rows;
	struct issued_renewed renewed;
	char *name;              /* of the CA, printable; NULL: of all */
	unsigned long syncs;     /* of the console, when it was read */
};

static struct issued_screen *
screen_of(struct view *v)
{
	return (struct issued_screen *)v;
}

static int64_t
now_of(const struct console *k)
{
	return console_now_ms(k) / 1000;
}

/* ---- rows ---- */

static const struct inventory_cert *
here(const struct issued_screen *s, size_t row)
{
	const struct issued_rows *r = &s->rows;

	return row >= r->first && row < r->first + r->len ? &r->rows[row - r->first] : NULL;
}

static size_t
count(void *self)
{
	const struct issued_rows *r = &((const struct issued_screen *)self)->rows;

	return r->counted ? r->count : r->first + r->len;
}

static size_t
all(void *self)
{
	const struct issued_rows *r = &((const struct issued_screen *)self)->rows;

	return r->counted_all ? r->all : count(self);
}

static uint64_t
id(void *self, size_t row)
{
	const struct inventory_cert *c = here(self, row);

	return c != NULL ? (uint64_t)c->id : NOT_HERE - row;
}

static size_t
find(void *self, uint64_t wanted)
{
	const struct issued_screen *s = self;

	for (size_t i = 0; i < s->rows.len; i++)
		if ((uint64_t)s->rows.rows[i].id == wanted)
			return s->rows.first + i;
	return wanted > NOT_HERE / 2 ? (size_t)(NOT_HERE - wanted) : SIZE_MAX;
}

static void
add_safe(struct buf *out, const char *text)
{
	text_safe(out, text_of(text), 0);
}

static unsigned
cell(void *self, size_t row, size_t column, struct buf *out)
{
	struct issued_screen *s = self;
	const struct inventory_cert *c = issued_rows_at(&s->rows, row);
	int64_t now = now_of(s->v.console);
	char text[TIME_TEXT_MAX];
	enum state state;

	if (c == NULL) {
		buf_adds(out, column == COLUMN_NAME ? "…" : "");
		return ROLE_DIM;
	}
	state = issued_state(c, now);
	switch ((enum column_of)column) {
	case COLUMN_STATE:
		buf_addf(out, "%s %s", state_glyph(state), state_word(state));
		return look_of_state(state);
	case COLUMN_NAME: add_safe(out, c->name); break;
	case COLUMN_ENDS: buf_adds(out, time_validity(c->not_before, c->not_after, now, text)); break;
	case COLUMN_FATE:
		buf_adds(out, issued_fate(c));
		return c->fate == FATE_ORPHAN ? look_of_state(state) : c->fate == FATE_RENEWABLE ? ROLE_TEXT : ROLE_DIM;
	case COLUMN_TEMPLATE: add_safe(out, c->template_name); break;
	case COLUMN_SEEN: add_safe(out, c->seen_at); break;
	case COLUMN_SERIAL: add_safe(out, c->serial); break;
	case COLUMN_ISSUED:
		if (c->issued != TIME_UNKNOWN)
			buf_adds(out, time_date(c->issued, text));
		break;
	case COLUMN_END: break;
	}
	return state == STATE_NOTE ? ROLE_DIM : ROLE_TEXT;
}

/* Filter or order changed: the database is asked; until it answers the rows that were there stay. */
static void
rearrange(void *self, const char *filter, size_t column, bool reverse)
{
	struct issued_screen *s = self;

	s->rows.query.sort = column < COLUMN_END ? orders[column] : BY_EXPIRY;
	s->rows.query.descending = reverse;
	issued_rows_ask(&s->rows, filter);
}

static void
answered(struct issued_rows *r, bool new_question)
{
	struct issued_screen *s = r->user;

	table_changed(&s->table);
	if (new_question)
		s->table.body.ops->move(&s->table.body, MOVE_FIRST);
}

/* ---- the view ---- */

static void
open(struct view *v, const void *argument)
{
	struct issued_screen *s = screen_of(v);
	const struct issued_wish *wish = argument;
	const struct console_setup *setup = console_setup_of(v->console);
	struct table_source source = { .columns = columns, .count = count, .all = all, .id = id, .find = find, .cell = cell,
		.arrange = rearrange, .self = s };
	struct buf name = { 0 };

	if (wish->name != NULL) {
		add_safe(&name, wish->name);
		s->name = mem_strdup(buf_str(&name));
	}
	buf_done(&name);
	issued_renewed_of(&s->renewed, setup->config);
	issued_rows_start(&s->rows, v->console, setup->inventory, wish->ca);
	s->syncs = console_syncs(v->console);
	s->rows.answer = answered;
	s->rows.user = s;
	s->rows.query = (struct inventory_query){ .sort = BY_EXPIRY, .renewed = s->renewed.names, .renewed_len = s->renewed.len,
		.only_orphans = wish->only_orphans, .now = now_of(v->console),
		.soon = now_of(v->console) + (int64_t)setup->examine.thresholds.expires_within * 86400 };
	table_start(&s->table, &source, NULL);
	v->body = &s->table.body;
	if (wish->filter != NULL)
		s->table.body.ops->filter(&s->table.body, wish->filter);
	else
		issued_rows_ask(&s->rows, NULL);
}

static void
close(struct view *v)
{
	struct issued_screen *s = screen_of(v);

	issued_rows_done(&s->rows);
	table_done(&s->table);
	issued_renewed_done(&s->renewed);
	free(s->name);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	const struct issued_screen *s = screen_of(v);

	snprintf(out, size, "issued by %s", s->name != NULL ? s->name : "all CAs");
	return out;
}

static const char *
nothing(const struct issued_screen *s)
{
	const struct issued_rows *r = &s->rows;

	if (issued_rows_pending(r) || r->problem[0] != '\0')
		return NULL;
	if (r->query.only_orphans)
		return "Nothing here is due that nobody renews.\n\nPress o to see all certificates.";
	if (r->query.only_due)
		return "Nothing here is due.\n\nPress ! to see all certificates.";
	return "No certificate of this CA is known yet.\n\nThey come out of its audit report: u fetches the newest one.\nOf a CA that is EXPIRED, AWS makes none.";
}

static void
refresh(struct view *v, int width)
{
	struct issued_screen *s = screen_of(v);

	(void)width;
	if (s->syncs != console_syncs(v->console)) {
		s->syncs = console_syncs(v->console);
		issued_rows_again(&s->rows);
	}
	s->table.empty = nothing(s);
}

/* "1,234 of 1,000,000   only what nobody renews", and what is wrong with the inventory. */
static void
draw_summary(const struct issued_screen *s, const struct canvas *c)
{
	const struct issued_rows *r = &s->rows;
	char text[96], some[32], of[32];
	bool narrowed = r->filter != NULL || r->query.only_due || r->query.only_orphans;
	int at = 1;

	if (r->problem[0] != '\0') {
		paint(c, 0, 1, c->columns - 2, ROLE_FAIL, r->problem);
		return;
	}
	if (issued_rows_pending(r))
		snprintf(text, sizeof text, "searching …");
	else if (!r->counted)
		snprintf(text, sizeof text, "counting …");
	else if (narrowed && r->counted_all)
		snprintf(text, sizeof text, "%s of %s certificates", count_text(r->count, some, sizeof some), count_text(r->all, of, sizeof of));
	else
		snprintf(text, sizeof text, "%s certificate%s", count_text(r->count, some, sizeof some), r->count == 1 ? "" : "s");
	at += paint(c, 0, at, -1, issued_rows_pending(r) || !r->counted ? ROLE_WAIT : ROLE_HEAD, text) + 3;
	if (r->query.only_orphans)
		paint(c, 0, at, -1, ROLE_NOTE, "only those that nobody renews (o: all)");
	else if (r->query.only_due)
		paint(c, 0, at, -1, ROLE_NOTE, "only those that are due (!: all)");
}

static void
draw(struct view *v, const struct canvas *c)
{
	struct issued_screen *s = screen_of(v);
	struct canvas body = canvas_part(c, c->rows > 12 ? 2 : 1, 0, -1, -1);

	draw_summary(s, c);
	s->table.body.ops->draw(&s->table.body, &body);
}

static const struct inventory_cert *
selected(const struct issued_screen *s)
{
	return s->table.at.count > 0 ? here(s, s->table.at.selected) : NULL;
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct issued_screen *s = screen_of(v);
	const struct inventory_cert *c = selected(s);

	switch (a) {
	case ACTION_OPEN:
		if (c != NULL)
			console_push(v->console, &issued_cert_view, c);
		return true;
	case ACTION_ORPHANS:
	case ACTION_DUE:
		s->rows.query.only_orphans = a == ACTION_ORPHANS && !s->rows.query.only_orphans;
		s->rows.query.only_due = a == ACTION_DUE && !s->rows.query.only_due;
		issued_rows_ask(&s->rows, s->table.body.filter_text);
		console_changed(v->console);
		return true;
	case ACTION_ISSUER:
		if (c != NULL)
			authorities_go_to_ca(v->console, c->ca);
		return true;
	case ACTION_SYNC: console_sync(v->console); return true;
	case ACTION_SYNC_STOP: console_sync_stop(v->console); return true;
	case ACTION_RENEW:
		if (c != NULL)
			issued_renew(v->console, c);
		return true;
	case ACTION_SEEN_AT:
		if (c != NULL)
			issued_go_to_endpoint(v->console, c->seen_at);
		return true;
	default: return sort_act(v, &s->table, a, argument);
	}
}

static const char *
refuses(struct view *v, enum action a)
{
	const struct inventory_cert *c = selected(screen_of(v));

	return a != ACTION_RENEW ? NULL : c == NULL ? "no row is selected" : issued_no_renewal(v->console, c);
}

/* What is here of it: a million rows are the command line's. */
static void
text(struct view *v, struct buf *out)
{
	struct issued_screen *s = screen_of(v);
	char number[32], from[32];

	if (count(s) > s->rows.len)
		buf_addf(out, "rows %s to %s of %s; “mtlscope pca certs” prints them all\n", count_text(s->rows.first + 1, from, sizeof from),
		    count_text(s->rows.first + s->rows.len, number, sizeof number), count_text(count(s), (char[32]){ 0 }, 32));
	for (size_t i = 0; i < s->rows.len; i++)
		for (size_t column = 0; column < COLUMN_END; column++) {
			cell(s, s->rows.first + i, column, out);
			buf_adds(out, column + 1 == COLUMN_END ? "\n" : "  ");
		}
}

const struct view_ops issued_view = {
	.name = "issued",
	.scope = SCOPE_ISSUED,
	.size = sizeof(struct issued_screen),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.refuses = refuses,
	.text = text,
};
