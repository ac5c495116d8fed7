/* The rows of the fleet by name: cells, order, which are listed, how wide the columns are. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/natural.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/console.h"
#include "tui/fleet_screen.h"

enum column_of { COLUMN_STATE, COLUMN_NAME, COLUMN_ADDRESS, COLUMN_IDENTITY, COLUMN_CAUSE, COLUMN_DAYS, COLUMN_SEEN, COLUMN_END };
_Static_assert((int)COLUMN_END == (int)FLEET_COLUMNS, "fleet_screen.h has room for another number of columns");

/* Widths of the texts vary from fleet to fleet: fleet_rows_widths(). */
static const struct column columns_at_first[COLUMN_END + 1] = {
	[COLUMN_STATE] = { .title = "STATE", .name = "state", .width = 6 },
	[COLUMN_NAME] = { .title = "NAME", .name = "name", .width = 12 },
	[COLUMN_ADDRESS] = { .title = "ADDRESS", .name = "address", .width = 20, .from = 132 },
	[COLUMN_IDENTITY] = { .title = "IDENTITY", .name = "identity", .width = 16, .from = 150 },
	[COLUMN_CAUSE] = { .title = "CAUSE", .name = "cause", .width = 16, .grows = 1 },
	[COLUMN_DAYS] = { .title = "DAYS", .name = "days", .width = 13, .from = 60 },
	[COLUMN_SEEN] = { .title = "SEEN", .name = "seen", .width = 8, .from = 104 },
};

/* ---- cells ---- */

struct entry *
fleet_rows_entry(const struct fleet_screen *s, size_t row)
{
	return fleet_at(s->fleet, s->rows.things[row]);
}

static const char *
identity_text(struct fleet_screen *s, const struct entry *e)
{
	const struct identity *us = e->identity;
	const char *name, *slash;

	if (us == NULL)
		return e->identity_problem != NULL ? "unreadable" : "none";
	if (us == s->named)
		return s->identity;
	name = us->name != NULL ? us->name : us->cert_file != NULL ? us->cert_file : "given";
	slash = us->name == NULL ? strrchr(name, '/') : NULL;
	s->named = us;
	return quote_str(slash != NULL && slash[1] != '\0' ? slash + 1 : name, s->identity);
}

static unsigned
days_look(const struct entry *e, int64_t now)
{
	int64_t left, soon = e->evidence != NULL ? e->evidence->thresholds.expires_within : 0;

	if (e->ends.at == TIME_UNKNOWN)
		return ROLE_TEXT;
	left = e->ends.at - now;
	return left < 0 ? ROLE_FAIL : left < soon * 86400 ? ROLE_WARN : ROLE_TEXT;
}

static const char *
cause_text(const struct entry *e)
{
	return e->diagnosis == NULL && e->identity_problem != NULL ? e->identity_problem : entry_cause(e);
}

/* "02:14:05" today, "2 d ago" before that. */
static void
seen_text(const struct entry *e, int64_t now_ms, struct buf *out)
{
	char text[TIME_TEXT_MAX];

	if (e->checked_ms == 0)
		return;
	if (fleet_today(e->checked_ms, now_ms))
		buf_adds(out, fleet_moment(e->checked_ms, now_ms, text));
	else
		buf_addf(out, "%s ago", time_span((now_ms - e->checked_ms) / 1000, text));
}

static unsigned
cell(void *self, size_t row, size_t column, struct buf *out)
{
	struct fleet_screen *s = self;
	const struct entry *e = fleet_rows_entry(s, row);
	int64_t now = console_now_ms(s->view.console);
	char text[TIME_TEXT_MAX];

	switch ((enum column_of)column) {
	case COLUMN_STATE:
		fleet_state_text(fleet_state(e), out);
		return fleet_state_look(fleet_state(e));
	case COLUMN_NAME: buf_adds(out, e->name); break;
	case COLUMN_ADDRESS: buf_adds(out, e->address); break;
	case COLUMN_IDENTITY: buf_adds(out, identity_text(s, e)); break;
	case COLUMN_CAUSE:
		buf_adds(out, cause_text(e));
		return e->waiting ? ROLE_DIM : ROLE_TEXT; /* what was known before this check */
	case COLUMN_DAYS:
		buf_adds(out, entry_days(e, now / 1000, text, sizeof text));
		return days_look(e, now / 1000);
	case COLUMN_SEEN: seen_text(e, now, out); break;
	case COLUMN_END: break;
	}
	return ROLE_TEXT;
}

static size_t
count(void *self)
{
	return ((const struct fleet_screen *)self)->rows.len;
}

static size_t
all(void *self)
{
	return ((const struct fleet_screen *)self)->all;
}

static uint64_t
id(void *self, size_t row)
{
	return fleet_rows_entry(self, row)->id;
}

static size_t
find(void *self, uint64_t wanted)
{
	const struct fleet_screen *s = self;

	return wanted >= 1 && wanted <= s->rows.all ? s->rows.where[wanted - 1] : SIZE_MAX;
}

static bool
marked(void *self, size_t row)
{
	return fleet_rows_entry(self, row)->marked;
}

/* ---- which rows, and in which order ---- */

static void
filter_text(void *self, size_t thing, struct buf *out)
{
	struct fleet_screen *s = self;
	const struct entry *e = fleet_at(s->fleet, thing);
	const char *texts[] = { fleet_state_word(fleet_state(e)), e->name, e->address, identity_text(s, e), cause_text(e) };
	char shown[QUOTE_MAX];

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		buf_adds(out, texts[i]);
		buf_addc(out, ' ');
	}
	if (e->target.group != NULL)
		buf_adds(out, quote_str(e->target.group, shown));
}

bool
fleet_rows_member(const struct fleet_screen *s, size_t thing)
{
	return s->cause == 0 || s->member[thing];
}

static bool
in_list(const struct fleet_screen *s, size_t thing)
{
	if (!fleet_rows_member(s, thing))
		return false;
	return !s->failing_only || fleet_known(fleet_at(s->fleet, thing)) <= FLEET_DOWN;
}

static bool
keep(void *self, size_t thing)
{
	return in_list(self, thing);
}

static int
order_of(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* Those without one come last. */
static int
by_text(const char *a, const char *b)
{
	return a[0] == '\0' || b[0] == '\0' ? (a[0] == '\0') - (b[0] == '\0') : natural_order(a, b);
}

static int
compare(void *self, size_t x, size_t y, size_t column)
{
	struct fleet_screen *s = self;
	const struct entry *a, *b;
	char one[QUOTE_MAX];
	int by = order_of(s->key[x], s->key[y]);

	if (by == 0 && (column == COLUMN_ADDRESS || column == COLUMN_IDENTITY || column == COLUMN_CAUSE)) {
		a = fleet_at(s->fleet, x);
		b = fleet_at(s->fleet, y);
		if (column == COLUMN_ADDRESS)
			by = natural_order(a->address, b->address);
		else if (column == COLUMN_CAUSE)
			by = by_text(cause_text(a), cause_text(b));
		else if (a->identity != b->identity) {
			snprintf(one, sizeof one, "%s", identity_text(s, a));
			by = natural_order(one, identity_text(s, b));
		}
	}
	return by != 0 ? by : order_of(s->rank[x], s->rank[y]);
}

/* What a column of numbers is ordered by; 0 in one of texts. */
static int64_t
key_of(const struct entry *e, size_t column)
{
	switch (column) {
	case COLUMN_NAME:
	case COLUMN_ADDRESS:
	case COLUMN_IDENTITY:
	case COLUMN_CAUSE: return 0;
	case COLUMN_DAYS: return e->ends.at == TIME_UNKNOWN ? INT64_MAX : e->ends.at;
	case COLUMN_SEEN: return e->checked_ms;
	default: return (int64_t)fleet_known(e); /* not by WAIT: rows stay where they are */
	}
}

static const struct arrange_ops arrange_rows = {
	.text = filter_text,
	.keep = keep,
	.compare = compare,
};

/* What is listed, whatever the text filter says. */
static void
count_listed(struct fleet_screen *s)
{
	s->all = 0;
	s->counts = (struct fleet_counts){ 0 };
	for (size_t i = 0; i < s->ranked; i++) {
		const struct entry *e = fleet_at(s->fleet, i);

		s->all += in_list(s, i);
		if (!fleet_rows_member(s, i))
			continue;
		s->counts.all++;
		s->counts.of[fleet_state(e)]++;
		if (e->checked_ms > s->counts.last_ms)
			s->counts.last_ms = e->checked_ms;
	}
}

static void
arrange_now(void *self, const char *filter, size_t column, bool reverse)
{
	struct fleet_screen *s = self;

	s->key = mem_grow(s->key, s->ranked + 1, sizeof *s->key);
	for (size_t i = 0; i < s->ranked; i++)
		s->key[i] = key_of(fleet_at(s->fleet, i), column);
	/* Who came since the fleet was looked at last is not here yet. */
	arrange(&s->rows, &arrange_rows, s, s->ranked, filter, column, reverse);
}

/* Whoever was in it when the list was opened stays: one sees them get well. */
static void
gather_members(struct fleet_screen *s)
{
	size_t len = s->ranked;

	if (s->cause == 0)
		return;
	if (len > s->members_cap) {
		s->member = mem_grow(s->member, len, sizeof *s->member);
		memset(s->member + s->members_cap, 0, (len - s->members_cap) * sizeof *s->member);
		s->members_cap = len;
	}
	for (size_t i = 0; i < len; i++)
		s->member[i] = s->member[i] || entry_cause_id(fleet_at(s->fleet, i)) == s->cause;
}

static int
between(int least, int x, int most)
{
	return x < least ? least : x > most ? most : x;
}

/* Names get what the causes leave them, and this much in any case; a wide row has room for both. */
void
fleet_rows_widths(struct fleet_screen *s, int columns)
{
	const struct fleet_widths need = fleet_widths(s->fleet);
	int least = columns < 60 ? 18 : columns < 90 ? 16 : columns / 4, gap = columns < 60 ? 1 : 2, rest = columns - 2;

	s->columns[COLUMN_ADDRESS].width = between(12, need.address, 32);
	s->columns[COLUMN_ADDRESS].from = need.named ? columns_at_first[COLUMN_ADDRESS].from : INT_MAX;
	for (size_t i = 0; i < COLUMN_END; i++)
		if (i != COLUMN_NAME && s->columns[i].from <= columns)
			rest -= gap + (i == COLUMN_CAUSE ? need.cause : s->columns[i].width);
	s->columns[COLUMN_NAME].width = between(8, between(0, need.name, 48), rest > least ? rest : least);
}

/* ---- all of it ---- */

void
fleet_rows_start(struct fleet_screen *s)
{
	static const struct table_source source = { .count = count, .all = all, .id = id, .find = find, .cell = cell,
		.marked = marked, .arrange = arrange_now };
	struct table_source mine = source;

	memcpy(s->columns, columns_at_first, sizeof s->columns);
	mine.columns = s->columns;
	mine.self = s;
	table_start(&s->table, &mine, NULL);
}

void
fleet_rows_done(struct fleet_screen *s)
{
	table_done(&s->table);
	arrange_done(&s->rows);
	free(s->member);
	free(s->key);
}

void
fleet_rows_changed(struct fleet_screen *s)
{
	s->rank = fleet_ranks(s->fleet);
	s->ranked = fleet_len(s->fleet);
	gather_members(s);
	count_listed(s);
	arrange_now(s, s->table.body.filter_text, s->table.sort_column, s->table.reverse);
	table_changed(&s->table);
}
