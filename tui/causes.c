/* The fleet by cause: three hundred failing endpoints are two causes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/natural.h"
#include "model/times.h"
#include "model/verdict_words.h"
#include "tui/arrange.h"
#include "tui/cause_detail.h"
#include "tui/console.h"
#include "tui/fleet.h"
#include "tui/sort.h"
#include "tui/table.h"

enum column_of { COLUMN_STATE, COLUMN_COUNT, COLUMN_CAUSE, COLUMN_SINCE, COLUMN_SIDE };

static const struct column columns[] = {
	[COLUMN_STATE] = { .title = "STATE", .name = "state", .width = 6 },
	[COLUMN_COUNT] = { .title = "COUNT", .name = "count", .width = 6, .right = true },
	[COLUMN_CAUSE] = { .title = "CAUSE", .name = "cause", .width = 16, .grows = 1 },
	[COLUMN_SINCE] = { .title = "SINCE", .name = "since", .width = 10, .from = 60 },
	[COLUMN_SIDE] = { .title = "SIDE", .name = "side", .width = 7, .from = 60 },
	{ .title = NULL },
};

struct causes_screen {
	struct view view; /* first */
	struct table table;
	struct arrangement rows;
	struct fleet *fleet;
	const struct fleet_cause *causes; /* the fleet's, as of the version */
	size_t len;
	unsigned long version;
	bool failing_only, chosen;
	size_t all;
	char sentence[192], shorter[128]; /* the latter where there is no room for the former */
	struct cause_detail *detail; /* of what is selected */
	uint64_t detail_of;
	unsigned long detail_version;
};

static struct causes_screen *
screen_of(struct view *v)
{
	return (struct causes_screen *)v;
}

static const struct fleet_cause *
cause_in(const struct causes_screen *s, size_t row)
{
	return &s->causes[s->rows.things[row]];
}

/* ---- rows ---- */

/* "11:06" today, "27 d" before that; "seen 11:06" where nobody knows more than when a check first showed it. */
static void
since_text(const struct fleet_cause *c, int64_t now_ms, struct buf *out)
{
	char text[TIME_TEXT_MAX];

	if (c->since_ms == 0)
		return;
	buf_addf(out, "%s%s", c->since_exact ? "" : "seen ", fleet_today(c->since_ms, now_ms) ?
	    fleet_minute(c->since_ms, now_ms, text) : time_span((now_ms - c->since_ms) / 1000, text));
}

static void
cause_text(const struct fleet_cause *c, struct buf *out)
{
	if (c->key != NULL)
		buf_adds(out, c->label);
	else if (c->state == FLEET_WAIT)
		buf_adds(out, "being checked for the first time");
	else if (c->state == FLEET_NEVER)
		buf_adds(out, "never checked");
}

static unsigned
cell(void *self, size_t row, size_t column, struct buf *out)
{
	const struct causes_screen *s = self;
	const struct fleet_cause *c = cause_in(s, row);
	char n[32];

	switch ((enum column_of)column) {
	case COLUMN_STATE:
		fleet_state_text(c->state, out);
		return fleet_state_look(c->state);
	case COLUMN_COUNT: buf_adds(out, count_text(c->count, n, sizeof n)); break;
	case COLUMN_CAUSE: cause_text(c, out); break;
	case COLUMN_SINCE: since_text(c, console_now_ms(s->view.console), out); break;
	case COLUMN_SIDE:
		if (c->key != NULL)
			buf_adds(out, side_name(c->side));
		break;
	}
	return ROLE_TEXT;
}

static size_t
count(void *self)
{
	return ((const struct causes_screen *)self)->rows.len;
}

static size_t
all(void *self)
{
	return ((const struct causes_screen *)self)->all;
}

static uint64_t
id(void *self, size_t row)
{
	return cause_in(self, row)->id;
}

static size_t
find(void *self, uint64_t wanted)
{
	const struct causes_screen *s = self;

	for (size_t row = 0; row < s->rows.len; row++)
		if (cause_in(s, row)->id == wanted)
			return row;
	return SIZE_MAX;
}

static void
filter_text(void *self, size_t thing, struct buf *out)
{
	const struct fleet_cause *c = &((const struct causes_screen *)self)->causes[thing];

	buf_addf(out, "%s %s ", fleet_state_word(c->state), c->key != NULL ? code_info(c->code)->name : "");
	cause_text(c, out);
	if (c->key != NULL)
		buf_addf(out, " %s", side_name(c->side));
}

static bool
keep(void *self, size_t thing)
{
	const struct causes_screen *s = self;

	return !s->failing_only || s->causes[thing].failing > 0;
}

static int
order_of(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* Equal ones, and the list's own order, go by the fleet's: worst, most frequent, first met. */
static int
compare(void *self, size_t x, size_t y, size_t column)
{
	const struct causes_screen *s = self;
	const struct fleet_cause *a = &s->causes[x], *b = &s->causes[y];

	switch (column) {
	case COLUMN_STATE: return (int)a->state - (int)b->state;
	case COLUMN_COUNT: return order_of((int64_t)b->count, (int64_t)a->count);
	case COLUMN_CAUSE: return natural_order(a->label, b->label);
	case COLUMN_SINCE: return order_of(b->since_ms, a->since_ms); /* the newest first */
	case COLUMN_SIDE: return a->key == NULL || b->key == NULL ? (a->key == NULL) - (b->key == NULL) :
	    strcmp(side_name(a->side), side_name(b->side));
	default: return order_of((int64_t)x, (int64_t)y);
	}
}

static void
arrange_now(void *self, const char *filter, size_t column, bool reverse)
{
	static const struct arrange_ops ops = { .text = filter_text, .keep = keep, .compare = compare };
	struct causes_screen *s = self;

	arrange(&s->rows, &ops, s, s->len, filter, column, reverse);
}

/* ---- the sentence ---- */

/* What causes explain of those that do not work. A refusal whose cause is not proven is a row, and explains nothing. */
struct explained {
	size_t broken, by_all, by_most, causes;
};

static struct explained
explained(const struct causes_screen *s, const struct fleet_counts *known)
{
	struct explained x = { .broken = known->of[FLEET_FAIL] + known->of[FLEET_DOWN] };

	for (size_t i = 0; i < s->len; i++) {
		const struct fleet_cause *c = &s->causes[i];

		if (c->failing == 0 || c->key == NULL || verdict_not_proven(c->example->diagnosis))
			continue;
		x.causes++;
		x.by_all += c->failing;
		x.by_most = c->failing > x.by_most ? c->failing : x.by_most;
	}
	return x;
}

static void
say_explained(struct causes_screen *s, const struct explained *x)
{
	const char *plural = x->causes == 1 ? "" : "s", *verb = x->causes == 1 ? "explains" : "explain";
	char most[32], by[32], of[32];
	bool one = x->by_most > 1 && 2 * x->by_most > x->broken;

	count_text(x->by_most, most, sizeof most);
	count_text(x->by_all, by, sizeof by);
	count_text(x->broken, of, sizeof of);
	if (x->causes == 0)
		snprintf(s->sentence, sizeof s->sentence, "%s do not work, and of none the cause is proven.", of);
	else if (one && x->by_most == x->broken)
		snprintf(s->sentence, sizeof s->sentence, "ONE cause explains all %s that do not work.", of);
	else if (one)
		snprintf(s->sentence, sizeof s->sentence, "ONE cause explains %s of the %s that do not work.", most, of);
	else if (x->by_all == x->broken)
		snprintf(s->sentence, sizeof s->sentence, "%zu causes explain the %s that do not work.", x->causes, of);
	else
		snprintf(s->sentence, sizeof s->sentence, "%zu cause%s %s %s of the %s that do not work; of the rest it is not proven.",
		    x->causes, plural, verb, by, of);
	if (x->causes == 0)
		snprintf(s->shorter, sizeof s->shorter, "%s fail; no cause is proven.", of);
	else if (one)
		snprintf(s->shorter, sizeof s->shorter, "ONE cause explains %s of %s.", most, of);
	else if (x->by_all == x->broken)
		snprintf(s->shorter, sizeof s->shorter, "%zu causes explain the %s.", x->causes, of);
	else
		snprintf(s->shorter, sizeof s->shorter, "%zu cause%s %s %s of %s.", x->causes, plural, verb, by, of);
}

/* Never more than is so. */
static void
say_how_many(struct causes_screen *s)
{
	struct fleet_counts known = fleet_counts_known(s->fleet);
	struct explained x = explained(s, &known);

	s->sentence[0] = s->shorter[0] = '\0';
	if (x.broken > 1)
		say_explained(s, &x);
	else if (x.broken == 1)
		snprintf(s->sentence, sizeof s->sentence, "ONE does not work.");
	else if (known.of[FLEET_NEVER] == 0 && known.all > 0)
		snprintf(s->sentence, sizeof s->sentence, "Everything works.");
	else if (known.of[FLEET_NEVER] < known.all)
		snprintf(s->sentence, sizeof s->sentence, "Everything that was checked works.");
}

/* ---- the view ---- */

static void
open_causes(struct view *v, const void *argument)
{
	struct causes_screen *s = screen_of(v);
	const struct table_source source = { .columns = columns, .count = count, .all = all, .id = id, .find = find, .cell = cell,
		.arrange = arrange_now, .self = s };

	(void)argument;
	s->fleet = console_fleet(v->console);
	table_start(&s->table, &source, NULL);
	v->body = &s->table.body;
}

static void
close_causes(struct view *v)
{
	struct causes_screen *s = screen_of(v);

	table_done(&s->table);
	arrange_done(&s->rows);
	cause_detail_free(s->detail);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	(void)v;
	(void)out;
	(void)size;
	return "fleet, by cause";
}

/* The selected row's cause, or NULL; the view's endpoint is its example: for copying. */
static const struct fleet_cause *
note_selected(struct causes_screen *s)
{
	uint64_t wanted = table_selected(&s->table);
	size_t row = wanted != 0 ? find(s, wanted) : SIZE_MAX;
	const struct fleet_cause *c = row != SIZE_MAX ? cause_in(s, row) : NULL;

	s->view.entry = c != NULL ? fleet_entry(s->fleet, c->example->id) : NULL;
	return c;
}

static void
refresh(struct view *v, int width)
{
	struct causes_screen *s = screen_of(v);

	(void)width;
	s->chosen = s->chosen || s->table.at.selected > 0;
	if (s->version != fleet_version(s->fleet)) {
		s->version = fleet_version(s->fleet);
		s->len = fleet_causes(s->fleet, &s->causes);
		s->all = 0;
		for (size_t i = 0; i < s->len; i++)
			s->all += keep(s, i);
		arrange_now(s, s->table.body.filter_text, s->table.sort_column, s->table.reverse);
		table_changed(&s->table);
		if (!s->chosen)
			s->table.body.ops->move(&s->table.body, MOVE_FIRST);
		say_how_many(s);
	}
	s->table.empty = fleet_len(s->fleet) == 0 ? "No endpoints.\nPress a to add one, or leave and start: mtlscope demo" :
	    "Nothing fails.\nPress ! to see all.";
	note_selected(s);
}

static void
describe(struct causes_screen *s)
{
	const struct fleet_cause *c = note_selected(s);

	if (c == NULL) {
		cause_detail_free(s->detail);
		s->detail = NULL;
		s->detail_of = 0;
		return;
	}
	if (s->detail != NULL && s->detail_of == c->id && s->detail_version == s->version)
		return;
	cause_detail_free(s->detail);
	s->detail = cause_detail_new(s->fleet, c, console_now_ms(s->view.console));
	s->detail_of = c->id;
	s->detail_version = s->version;
}

enum {
	ROOMY = 16,     /* from so many rows on, blank ones part the blocks */
	TABLE_LEAST = 7 /* rows that the table keeps, its head included, where both want more than there is */
};

/* The table takes what it needs, as far as the selected cause can be described below; that gives way first. */
static void
draw_both(struct causes_screen *s, const struct canvas *c)
{
	int wants = (int)(s->rows.len < 500 ? s->rows.len : 500) + 1;
	int describes = s->detail != NULL ? cause_detail_rows(s->detail, c->columns) + 1 : 0;
	int keeps = wants < TABLE_LEAST ? wants : TABLE_LEAST;
	int rows = wants + describes <= c->rows ? wants : c->rows - describes > keeps ? c->rows - describes : keeps;
	struct canvas table = canvas_part(c, 0, 0, rows < c->rows ? rows : c->rows, -1);
	struct canvas below = canvas_part(c, rows + 1, 0, -1, -1);

	s->table.body.ops->draw(&s->table.body, &table);
	if (s->detail != NULL && below.rows > 0)
		cause_detail_draw(s->detail, &below);
}

static void
draw(struct view *v, const struct canvas *c)
{
	struct causes_screen *s = screen_of(v);
	struct fleet_counts counts = fleet_counts(s->fleet);
	int used = 0;

	describe(s);
	if (counts.all > 0)
		used = fleet_draw_counts(c, &counts, counts.all, s->failing_only ? "only failing: ! for all" : NULL,
		    console_now_ms(v->console));
	if (s->sentence[0] != '\0')
		paint(c, used++, 1, -1, ROLE_TEXT | LOOK_BOLD,
		    s->shorter[0] != '\0' && text_width(s->sentence) >= c->columns ? s->shorter : s->sentence);
	used += used > 0 && c->rows >= ROOMY;
	struct canvas rest = canvas_part(c, used, 0, -1, -1);
	draw_both(s, &rest);
}

static void
text(struct view *v, struct buf *out)
{
	struct causes_screen *s = screen_of(v);
	struct fleet_counts counts = fleet_counts(s->fleet);

	fleet_write_counts(&counts, counts.all, s->failing_only ? "only failing" : NULL, console_now_ms(v->console), out);
	if (s->sentence[0] != '\0')
		buf_addf(out, "%s\n", s->sentence);
	buf_addc(out, '\n');
	s->table.body.ops->write(&s->table.body, out);
}

/* An endpoint, and where its cause stands in the list. */
struct placed {
	size_t row;
	const struct entry *entry;
};

static int
by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return x->row != y->row ? (x->row < y->row ? -1 : 1) : x->entry->id < y->entry->id ? -1 : 1;
}

/* Each endpoint of the causes that are listed, in their order: whoever reads it groups by cause_key. */
static void
json(struct view *v, struct buf *out)
{
	struct causes_screen *s = screen_of(v);
	struct placed *all_of = mem_zero(fleet_len(s->fleet) + 1, sizeof *all_of);
	size_t len = 0;

	for (size_t i = 0; i < fleet_len(s->fleet); i++) {
		const struct entry *e = fleet_at(s->fleet, i);
		size_t row = find(s, entry_cause_id(e));

		if (row != SIZE_MAX)
			all_of[len++] = (struct placed){ row, e };
	}
	if (len > 0)
		qsort(all_of, len, sizeof *all_of, by_place);
	for (size_t i = 0; i < len; i++)
		entry_json(all_of[i].entry, out);
	free(all_of);
}

/* ---- what can be done ---- */

static void
open_cause(struct causes_screen *s, const struct fleet_cause *c)
{
	struct console *k = s->view.console;
	struct buf label = { 0 };

	if (c->count == 1) {
		console_push(k, &endpoint_view, s->view.entry);
		return;
	}
	if (c->key == NULL)
		buf_addf(&label, "%zu %s", c->count, fleet_state_word(c->state));
	else
		buf_adds(&label, c->label);
	console_push(k, &fleet_view, &(struct fleet_wish){ .cause = c->id, .label = buf_str(&label) });
	buf_done(&label);
}

static void
check(struct causes_screen *s, uint64_t cause)
{
	struct entry **entries = mem_zero(fleet_len(s->fleet) + 1, sizeof(struct entry *));
	size_t len = 0;

	for (size_t i = 0; i < fleet_len(s->fleet); i++)
		if (entry_cause_id(fleet_at(s->fleet, i)) == cause)
			entries[len++] = fleet_at(s->fleet, i);
	console_check_aloud(s->view.console, entries, len);
	free(entries);
}

static void
by_name(struct view *v)
{
	if (v->below != NULL && v->below->ops == &fleet_view)
		console_pop(v->console);
	else
		console_replace(v->console, &fleet_view, NULL);
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct causes_screen *s = screen_of(v);
	const struct fleet_cause *c = note_selected(s);

	switch (a) {
	case ACTION_OPEN:
		s->chosen = true;
		if (c != NULL)
			open_cause(s, c);
		return true;
	case ACTION_CHECK:
		if (argument != NULL || c == NULL)
			return false;
		check(s, c->id);
		return true;
	case ACTION_FAILING:
		s->failing_only = !s->failing_only;
		s->version = 0;
		console_changed(v->console);
		return true;
	case ACTION_BY_NAME: by_name(v); return true;
	default: return sort_act(v, &s->table, a, argument);
	}
}

const struct view_ops causes_view = {
	.name = "causes",
	.scope = SCOPE_CAUSES,
	.size = sizeof(struct causes_screen),
	.open = open_causes,
	.close = close_causes,
	.crumb = crumb,
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.json = json,
	.text = text,
};
