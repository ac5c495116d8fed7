#include "model/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "model/fleet_internal.h"
#include "model/hash.h"
#include "model/memory.h"
#include "model/natural.h"
#include "model/page.h"
#include "model/text.h"
#include "model/times.h"

static const struct {
	const char *word, *glyph;
} states[FLEET_STATES] = {
	[FLEET_FAIL] = { "FAIL", "✗" },
	[FLEET_DOWN] = { "DOWN", "✗" },
	[FLEET_WARN] = { "WARN", "!" },
	[FLEET_NOTE] = { "NOTE", "·" },
	[FLEET_OK] = { "OK", "✓" },
	[FLEET_WAIT] = { "WAIT", " " },
	[FLEET_OLD] = { "OLD", " " },
	[FLEET_NEVER] = { "??", " " },
};

const char *
fleet_state_word(enum fleet_state s)
{
	return states[s].word;
}

const char *
fleet_state_glyph(enum fleet_state s)
{
	return states[s].glyph;
}

/* ---- entries ---- */

struct fleet *
fleet_new(void)
{
	struct fleet *f = mem_zero(1, sizeof *f);

	f->version = 1;
	return f;
}

static void
entry_done(struct entry *e)
{
	diagnosis_free(e->diagnosis);
	evidence_free(e->evidence);
	identity_free(e->identity);
	trust_free(e->trust);
	target_done(&e->target);
	free(e->name);
	free(e->address);
	free(e->identity_problem);
	free(e->command);
	free(e->story);
}

void
fleet_free(struct fleet *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->len; i++) {
		entry_done(&f->items[i]->e);
		free(f->items[i]);
	}
	free(f->items);
	free(f->causes);
	free(f->slots);
	free(f->ranks);
	arena_free(f->labels);
	free(f);
}

static char *
printable(const char *s)
{
	struct buf b = { 0 };

	(void)text_safe(&b, text_of(s), TEXT_MAX_DEFAULT);
	char *out = mem_strdup(buf_str(&b));
	buf_done(&b);
	return out;
}

static struct member *
member_of(const struct entry *e)
{
	return (struct member *)(uintptr_t)e;
}

/* All that counts an entry goes through here: out with it, change it, in again. */
static void
count(struct fleet *f, const struct entry *e, bool in)
{
	size_t *of[] = { &f->shown.of[fleet_state(e)], &f->known.of[fleet_known(e)] };

	for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
		*of[i] = in ? *of[i] + 1 : *of[i] - 1;
}

static void
measure(struct widths *w, const char *text, bool in)
{
	size_t columns = text_columns(text);
	size_t *of[] = { &w->all, &w->of[columns < WIDTH_MAX ? columns : WIDTH_MAX] };

	for (size_t i = 0; columns > 0 && i < sizeof of / sizeof of[0]; i++)
		*of[i] = in ? *of[i] + 1 : *of[i] - 1;
}

/* Columns that so many of ten texts fit into. */
static int
enough_for(const struct widths *w, size_t of_ten)
{
	size_t width = 0, sum = 0;

	while (width < WIDTH_MAX && sum * 10 < w->all * of_ten)
		sum += w->of[++width];
	return (int)width;
}

struct fleet_widths
fleet_widths(const struct fleet *f)
{
	return (struct fleet_widths){ enough_for(&f->names, 10), enough_for(&f->addresses, 10), enough_for(&f->cause_words, 9),
		f->named };
}

struct entry *
fleet_add(struct fleet *f, const char *name, const struct target *t, const struct identity *id, const struct trust *trust,
    const struct examine_options *options)
{
	struct member *m = mem_zero(1, sizeof *m);
	struct entry *e = &m->e;
	char label[320];

	if (f->len == f->cap) {
		f->cap = f->cap > 0 ? f->cap * 2 : 64;
		f->items = mem_grow(f->items, f->cap, sizeof(struct member *));
	}
	f->items[f->len++] = m;
	target_copy(&e->target, t);
	e->id = f->len;
	if (name != NULL && e->target.name == NULL)
		e->target.name = mem_strdup(name); /* evidence of it says whom it is about */
	e->address = printable(target_label(t, label, sizeof label));
	e->name = name != NULL ? printable(name) : mem_strdup(e->address);
	e->identity = identity_ref(id);
	e->trust = trust_ref(trust);
	e->options = options;
	e->before = e->past.state = FLEET_NEVER;
	e->ends.at = TIME_UNKNOWN;
	m->known = FLEET_NEVER;
	m->words = "";
	f->shown.all = f->known.all = f->len;
	count(f, e, true);
	measure(&f->names, e->name, true);
	measure(&f->addresses, e->address, true);
	f->named = f->named || strcmp(e->name, e->address) != 0;
	f->version++;
	return e;
}

size_t
fleet_len(const struct fleet *f)
{
	return f->len;
}

struct entry *
fleet_at(const struct fleet *f, size_t i)
{
	return i < f->len ? &f->items[i]->e : NULL;
}

struct entry *
fleet_entry(const struct fleet *f, uint64_t id)
{
	return id >= 1 && id <= f->len ? &f->items[id - 1]->e : NULL;
}

struct entry *
fleet_named(const struct fleet *f, const char *name)
{
	for (size_t i = 0; i < f->len; i++)
		if (strcmp(f->items[i]->e.name, name) == 0)
			return &f->items[i]->e;
	for (size_t i = 0; i < f->len; i++)
		if (strcmp(f->items[i]->e.address, name) == 0)
			return &f->items[i]->e;
	return NULL;
}

struct ranking {
	const char *name;
	uint32_t thing;
};

static int
by_name(const void *a, const void *b)
{
	const struct ranking *x = a, *y = b;
	int by = natural_order(x->name, y->name);

	return by != 0 ? by : x->thing < y->thing ? -1 : 1;
}

/* Names are compared once, not in every order that is made of them. */
const uint32_t *
fleet_ranks(struct fleet *f)
{
	struct ranking *all;

	if (f->ranked == f->len && f->ranks != NULL)
		return f->ranks;
	all = mem_zero(f->len + 1, sizeof *all);
	for (size_t i = 0; i < f->len; i++)
		all[i] = (struct ranking){ f->items[i]->e.name, (uint32_t)i };
	qsort(all, f->len, sizeof *all, by_name);
	f->ranks = mem_grow(f->ranks, f->len + 1, sizeof *f->ranks);
	for (size_t i = 0; i < f->len; i++)
		f->ranks[all[i].thing] = (uint32_t)i;
	f->ranked = f->len;
	free(all);
	return f->ranks;
}

/* ---- states ---- */

enum fleet_state
fleet_known(const struct entry *e)
{
	return member_of(e)->known;
}

enum fleet_state
fleet_state(const struct entry *e)
{
	return e->waiting ? FLEET_WAIT : member_of(e)->known;
}

static enum fleet_state
state_from(const struct diagnosis *d)
{
	static const enum fleet_state of[] = {
		[STATE_OK] = FLEET_OK,
		[STATE_NOTE] = FLEET_NOTE,
		[STATE_WARN] = FLEET_WARN,
		[STATE_FAIL] = FLEET_FAIL,
		[STATE_DOWN] = FLEET_DOWN,
	};

	return of[state_of_verdict(d->verdict)];
}

void
fleet_waiting(struct fleet *f, struct entry *e, bool waiting)
{
	if (e->waiting == waiting)
		return;
	count(f, e, false);
	e->waiting = waiting;
	count(f, e, true);
	f->version++;
}

unsigned long
fleet_version(const struct fleet *f)
{
	return f->version;
}

struct fleet_counts
fleet_counts(const struct fleet *f)
{
	return f->shown;
}

struct fleet_counts
fleet_counts_known(const struct fleet *f)
{
	return f->known;
}

/* ---- results ---- */

static bool
same_key(const struct diagnosis *a, const struct diagnosis *b)
{
	if (a->cause_key == NULL || b->cause_key == NULL)
		return a->cause_key == b->cause_key;
	return strcmp(a->cause_key, b->cause_key) == 0;
}

/* Both presented a chain, and it is byte for byte the same. */
static bool
same_chain(const struct evidence *a, const struct evidence *b)
{
	const struct handshake *x = evidence_baseline(a), *y = evidence_baseline(b);

	if (x == NULL || y == NULL || x->server_certs_len == 0 || x->server_certs_len != y->server_certs_len)
		return false;
	for (size_t i = 0; i < x->server_certs_len; i++)
		if (!text_equal(x->server_certs[i].der, y->server_certs[i].der))
			return false;
	return true;
}

/* What it was, while the old evidence is still there. */
static void
remember(struct entry *e, const struct evidence *ev, const struct diagnosis *d)
{
	e->before = fleet_known(e);
	if (e->diagnosis == NULL)
		return;
	if (same_key(e->diagnosis, d)) {
		e->past.same_chain = e->past.same_chain && same_chain(e->evidence, ev);
		return;
	}
	e->past = (struct entry_past){ .state = e->before, .checked_ms = e->checked_ms,
		.same_chain = same_chain(e->evidence, ev) };
	e->since_ms = 0;
}

static void
date(struct entry *e, const struct diagnosis *d, int64_t now_ms)
{
	int64_t began = fleet_cause_began(d);

	e->since_exact = began != TIME_UNKNOWN;
	if (d->cause_key == NULL)
		e->since_ms = 0;
	else if (e->since_exact)
		e->since_ms = began * 1000;
	else if (e->since_ms == 0)
		e->since_ms = now_ms;
}

void
fleet_result(struct fleet *f, struct entry *e, struct evidence *ev, struct diagnosis *d, int64_t now_ms)
{
	struct member *m = member_of(e);

	count(f, e, false);
	measure(&f->cause_words, m->words, false);
	remember(e, ev, d);
	diagnosis_free(e->diagnosis); /* borrows of the evidence: goes first */
	evidence_free(e->evidence);
	e->evidence = ev;
	e->diagnosis = d;
	e->waiting = false;
	e->checked_ms = now_ms;
	e->checks++;
	date(e, d, now_ms);
	e->ends = fleet_first_end(d);
	m->known = state_from(d);
	m->cause = d->cause_key != NULL ? hash_text(0, d->cause_key) : 0;
	m->words = fleet_cause_words(d);
	measure(&f->cause_words, m->words, true);
	if (now_ms > f->shown.last_ms)
		f->shown.last_ms = f->known.last_ms = now_ms;
	count(f, e, true);
	f->version++;
}
