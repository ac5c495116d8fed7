#include "model/time_shift.h"

#include <stdlib.h>

#include "model/memory.h"
#include "model/times.h"

#define DAY ((int64_t)86400)

static struct shift_side
side_at(const struct lifetimes_side *s, int64_t at)
{
	struct shift_side side = { .seen = s->len > 0 };

	/* Root first: so the last one that is out is the nearest to the leaf. */
	for (size_t i = 0; i < s->len; i++)
		if (!time_between(s->items[i].from, s->items[i].until, at))
			side.out = s->items[i].cert;
	if (side.out != NULL && s->other_until != TIME_UNKNOWN && at <= s->other_until && at > s->until)
		side.out = NULL; /* another path holds on */
	return side;
}

static int
by_time(const void *a, const void *b)
{
	const struct shift *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (int)x->why - (int)y->why;
}

static bool
is_there(const struct shift *list, size_t len, int64_t at, const struct cert *c)
{
	for (size_t i = 0; i < len; i++)
		if (list[i].at == at && list[i].cert == c)
			return true;
	return false;
}

static size_t
add_bounds(const struct lifetimes_side *s, int64_t after, struct shift *list, size_t len)
{
	for (size_t i = 0; i < s->len; i++) {
		const struct lifetime *item = &s->items[i];

		if (item->from != TIME_UNKNOWN && item->from > after && !is_there(list, len, item->from, item->cert))
			list[len++] = (struct shift){ .why = SHIFT_BEGINS, .at = item->from, .cert = item->cert };
		/* RFC 5280 4.1.2.5: its last second belongs to it. */
		if (item->until != TIME_UNKNOWN && item->until >= after && !is_there(list, len, item->until + 1, item->cert))
			list[len++] = (struct shift){ .why = SHIFT_ENDS, .at = item->until + 1, .cert = item->cert };
	}
	return len;
}

size_t
time_shift(const struct diagnosis *d, struct arena *a, struct shift **out)
{
	struct lifetimes l;
	struct shift *list;
	size_t len = 0;

	*out = NULL;
	lifetimes_of(d, TIME_UNKNOWN, a, &l);
	if (l.theirs.len + l.ours.len == 0)
		return 0;
	list = arena_array(a, 3 + 2 * (l.theirs.len + l.ours.len), sizeof *list);
	list[len++] = (struct shift){ .why = SHIFT_OUR_CLOCK, .at = l.now };
	if (l.clocks_differ)
		list[len++] = (struct shift){ .why = SHIFT_SERVER_CLOCK, .at = l.server_now };
	list[len++] = (struct shift){ .why = SHIFT_AHEAD, .at = l.now + TIME_SHIFT_AHEAD_DAYS * DAY };
	len = add_bounds(&l.theirs, l.clocks_differ && l.server_now < l.now ? l.server_now : l.now, list, len);
	len = add_bounds(&l.ours, l.clocks_differ && l.server_now < l.now ? l.server_now : l.now, list, len);
	qsort(list, len, sizeof *list, by_time);
	for (size_t i = 0; i < len; i++) {
		list[i].theirs = side_at(&l.theirs, list[i].at);
		list[i].ours = side_at(&l.ours, list[i].at);
		list[i].changed = i > 0 && (list[i].theirs.out != list[i - 1].theirs.out || list[i].ours.out != list[i - 1].ours.out);
	}
	*out = list;
	return len;
}
