#include "model/lifetimes.h"

#include <stdlib.h>

#include "model/judged.h"
#include "model/memory.h"
#include "model/times.h"

#define DAY INT64_C(86400)

const char *
lifetime_role_name(enum lifetime_role r)
{
	static const char *const names[] = {
		[LIFETIME_ROOT] = "root",
		[LIFETIME_INTERMEDIATE] = "intermediate",
		[LIFETIME_LEAF] = "leaf",
	};

	return names[r];
}

/* RFC 5280 4.1.2.5: both ends belong to the validity. */
static enum lifetime_state
state_at(const struct lifetime *l, int64_t now, const struct thresholds *limits)
{
	int days = l->role == LIFETIME_ROOT ? limits->root_expires_within : limits->expires_within;

	if (l->from == TIME_UNKNOWN || l->until == TIME_UNKNOWN)
		return LIFETIME_UNREADABLE;
	if (now > l->until)
		return LIFETIME_ENDED;
	if (now < l->from)
		return LIFETIME_EARLY;
	return l->until - now < days * DAY ? LIFETIME_SOON : LIFETIME_VALID;
}

/* Index i counts from the leaf, as paths do. */
static enum lifetime_role
role_in(const struct path *p, size_t i)
{
	bool top = i + 1 == p->len;

	if (top && (p->links[i].cert->self_issued || p->anchored) && (i > 0 || p->links[i].cert->is_ca))
		return LIFETIME_ROOT;
	return i == 0 ? LIFETIME_LEAF : LIFETIME_INTERMEDIATE;
}

static void
whole_of(struct lifetimes_side *s)
{
	bool known = s->len > 0;

	s->from = s->until = TIME_UNKNOWN;
	for (size_t i = 0; i < s->len; i++) {
		const struct lifetime *l = &s->items[i];

		known = known && l->from != TIME_UNKNOWN && l->until != TIME_UNKNOWN;
		if (!known)
			break;
		if (i == 0 || l->from > s->from)
			s->from = l->from;
		/* Of two that end at the same moment it is the one further down that one renews. */
		if (i == 0 || l->until <= s->until) {
			s->until = l->until;
			s->first = i;
		}
	}
	if (!known)
		s->from = s->until = TIME_UNKNOWN;
}

static void
side_of(const struct path_set *set, int64_t judge_now, const struct thresholds *limits, struct arena *a,
    struct lifetimes_side *out)
{
	const struct path *best = set != NULL ? paths_best(set) : NULL;
	int64_t longest;

	*out = (struct lifetimes_side){ .from = TIME_UNKNOWN, .until = TIME_UNKNOWN, .other_until = TIME_UNKNOWN };
	if (best == NULL)
		return;
	out->len = best->len;
	out->items = arena_array(a, best->len, sizeof *out->items);
	for (size_t i = 0; i < best->len; i++) {
		struct lifetime *l = &out->items[best->len - 1 - i];

		*l = (struct lifetime){ .cert = best->links[i].cert, .role = role_in(best, i),
			.from = best->links[i].cert->not_before, .until = best->links[i].cert->not_after, .cliff = SIZE_MAX };
		l->state = state_at(l, judge_now, limits);
	}
	whole_of(out);
	longest = paths_last_valid(set);
	if (out->until != TIME_UNKNOWN && longest != TIME_UNKNOWN && longest > out->until)
		out->other_until = longest;
}

static struct cliff *
cliff_of(struct lifetimes *l, const struct cert *c)
{
	for (size_t i = 0; i < l->cliffs_len; i++)
		if (cert_same(l->cliffs[i].cert, c))
			return &l->cliffs[i];
	return NULL;
}

static void
add_cliffs(struct lifetimes *l, const struct lifetimes_side *s, bool ours, size_t *cap, struct arena *a)
{
	for (size_t i = 0; i < s->len; i++) {
		const struct lifetime *item = &s->items[i];
		struct cliff *c;

		if (item->until == TIME_UNKNOWN)
			continue;
		c = cliff_of(l, item->cert);
		if (c == NULL) {
			l->cliffs = arena_grow(a, l->cliffs, l->cliffs_len, cap, sizeof *l->cliffs);
			c = &l->cliffs[l->cliffs_len++];
			*c = (struct cliff){ .at = item->until, .cert = item->cert, .role = item->role };
		}
		if (ours)
			c->ours = true;
		else
			c->theirs = true;
	}
}

/* What stops then, or has stopped since. */
static const char *
breaks_words(const struct cliff *c, int64_t now)
{
	if (c->role != LIFETIME_LEAF)
		return c->at < now ? "all below it has ended" : "all below it ends";
	return c->theirs && c->ours ? "both sides refuse each other" : c->ours ? "the server refuses us" : "we refuse the server";
}

static int
by_time(const void *a, const void *b)
{
	const struct cliff *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	/* What is further down is nearer to whoever has to renew it. */
	return x->role != y->role ? (x->role > y->role ? -1 : 1) : (int)x->ours - (int)y->ours;
}

static void
link_cliffs(struct lifetimes *l, struct lifetimes_side *s)
{
	for (size_t i = 0; i < s->len; i++) {
		const struct cliff *c = cliff_of(l, s->items[i].cert);

		if (c != NULL)
			s->items[i].cliff = (size_t)(c - l->cliffs);
	}
}

static void
add_flips(struct lifetimes *l, const struct lifetimes_side *s, bool ours, size_t *cap, struct arena *a)
{
	for (size_t i = 0; l->clocks_differ && i < s->len; i++) {
		const struct lifetime *item = &s->items[i];
		bool here = time_between(item->from, item->until, l->now);

		if (here == time_between(item->from, item->until, l->server_now))
			continue;
		l->flips = arena_grow(a, l->flips, l->flips_len, cap, sizeof *l->flips);
		l->flips[l->flips_len++] = (struct flip){ .cert = item->cert, .ours = ours, .valid_by_ours = here };
	}
}

void
lifetimes_of(const struct diagnosis *d, int64_t now, struct arena *a, struct lifetimes *out)
{
	const struct evidence *e = d->evidence;
	size_t cliffs_cap = 0, flips_cap = 0;

	*out = (struct lifetimes){ .now = now == TIME_UNKNOWN || e->clocks.local_set ? evidence_now(e) : now };
	out->server_known = e->clocks.server_known;
	out->clocks_differ = evidence_clocks_differ(e);
	out->server_now = out->now + (evidence_server_now(e) - evidence_now(e));
	side_of(d->server_paths, out->now, &e->thresholds, a, &out->theirs);
	side_of(d->our_paths, out->server_now, &e->thresholds, a, &out->ours);
	add_cliffs(out, &out->theirs, false, &cliffs_cap, a);
	add_cliffs(out, &out->ours, true, &cliffs_cap, a);
	for (size_t i = 0; i < out->cliffs_len; i++)
		out->cliffs[i].breaks = breaks_words(&out->cliffs[i], out->now);
	if (out->cliffs_len > 1)
		qsort(out->cliffs, out->cliffs_len, sizeof *out->cliffs, by_time);
	link_cliffs(out, &out->theirs);
	link_cliffs(out, &out->ours);
	add_flips(out, &out->theirs, false, &flips_cap, a);
	add_flips(out, &out->ours, true, &flips_cap, a);
}

const struct lifetime_mark lifetime_marks[] = {
	{ 30 * DAY, 270, "30 d" },
	{ 365 * DAY, 570, "1 y" },
	{ 3652 * DAY, 880, "10 y" },
	{ 9131 * DAY, 1000, NULL },
};
const size_t lifetime_marks_len = sizeof lifetime_marks / sizeof lifetime_marks[0];

int
lifetime_column(int64_t from_now, int width, int now_at)
{
	struct lifetime_mark low = { 0, 0, NULL };
	int64_t farthest = lifetime_marks[lifetime_marks_len - 1].away, away, part = 1000;
	int room = from_now < 0 ? now_at : width - 1 - now_at, columns;

	if (from_now == TIME_UNKNOWN || room <= 0)
		return now_at;
	away = from_now < -farthest || from_now > farthest ? farthest : from_now < 0 ? -from_now : from_now;
	for (size_t i = 0; i < lifetime_marks_len; i++) {
		const struct lifetime_mark *high = &lifetime_marks[i];

		if (away <= high->away) {
			part = low.permille + (away - low.away) * (high->permille - low.permille) / (high->away - low.away);
			break;
		}
		low = *high;
	}
	columns = (int)((part * room + 500) / 1000);
	return from_now < 0 ? now_at - columns : now_at + columns;
}
