/*
 * What is asked of the inventory. A query becomes a list of ids in its order: a bitmap of the rows that match, walked along an
 * order that is kept. The list of the last query stays, so scrolling costs only the rows that are shown. Where three bytes
 * side by side do not tell all of a longer word, rows are looked at as far as the caller goes down the list.
 */
#include <stdlib.h>
#include <string.h>

#include "model/hash.h"
#include "model/inventory_words.h"
#include "model/memory.h"

void inventory_result_forget(struct inventory *i);

struct inventory_result {
	/* of which query */
	int64_t all, now, soon, matters;
	char *filter, *ca;
	uint64_t renewed;
	enum inventory_sort sort;
	bool descending, only_due, only_orphans;
	/* what it is */
	uint32_t *ids;      /* [0, sure) match; [next, len) may */
	size_t sure, next, len;
	struct filter_words words;
	struct bitmap rows, looked, good; /* where rows must be looked at: all that may match, those that were, those of them that do */
};

void
inventory_result_forget(struct inventory *i)
{
	struct inventory_result *r = i->result;

	if (r == NULL)
		return;
	filter_words_done(&r->words);
	bitmap_done(&r->rows);
	bitmap_done(&r->looked);
	bitmap_done(&r->good);
	free(r->filter);
	free(r->ca);
	free(r->ids);
	free(r);
	i->result = NULL;
}

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static uint64_t
names_hash(const struct inventory_query *q)
{
	uint64_t names = 0;

	for (size_t k = 0; k < q->renewed_len; k++)
		names = hash_text(names, q->renewed[k]);
	return names;
}

/* Does who matches, and in what order, depend on the time and on what the configuration renews? */
static bool
depends_on_time(const struct inventory_query *q)
{
	return q->only_due || q->only_orphans || q->sort == BY_FATE;
}

static bool
is_of(const struct inventory *i, const struct inventory_result *r, const struct inventory_query *q)
{
	return r != NULL && r->all == i->all && r->sort == q->sort && r->descending == q->descending && r->only_due == q->only_due &&
	       r->only_orphans == q->only_orphans && same_text(r->filter, q->filter) && same_text(r->ca, q->ca) &&
	       (!depends_on_time(q) ||
	           (r->now == q->now && r->soon == q->soon && r->matters == q->expired_matters && r->renewed == names_hash(q)));
}

/* The rows of the CA asked for, or all. */
static status
start_rows(struct inventory *i, const struct inventory_query *q, struct bitmap *rows, struct error *err)
{
	bitmap_new(rows, i->last_id);
	if (q->ca == NULL) {
		bitmap_fill(rows);
		return STATUS_OK;
	}
	for (size_t k = 0; k < i->cas_len; k++)
		if (strcmp(i->cas[k].arn, q->ca) == 0)
			return bits_load(i, BITS_CA, (uint32_t)i->cas[k].id, (uint32_t)i->cas[k].id, rows, err);
	return STATUS_OK; /* nobody's */
}

/* Orphans first: the further up, the sooner somebody has to do something. */
static const enum inventory_fate by_need[FATE_LEN] = { FATE_ORPHAN, FATE_RENEWABLE, FATE_ACM, FATE_REPLACED, FATE_EXPIRED, FATE_REVOKED,
	FATE_VALID };

static void
walk(const struct inventory_order *o, bool descending, const struct bitmap *rows, const struct bitmap *of, struct inventory_result *r)
{
	for (size_t k = 0; k < o->len; k++) {
		uint32_t id = o->ids[descending ? o->len - 1 - k : k];

		if (bitmap_has(rows, id) && (of == NULL || bitmap_has(of, id)))
			r->ids[r->len++] = id;
	}
}

static status
list_rows(struct inventory *i, const struct inventory_query *q, struct bitmap *rows, const struct bitmap classes[FATE_LEN],
    struct inventory_result *r, struct error *err)
{
	const struct inventory_order *o;

	if (q->only_orphans)
		bitmap_and(rows, &classes[FATE_ORPHAN]);
	if (q->only_due) {
		bitmap_and_not(rows, &classes[FATE_VALID]);
		bitmap_and_not(rows, &classes[FATE_REVOKED]);
		bitmap_and_not(rows, &classes[FATE_EXPIRED]);
	}
	if (inventory_order_of(i, q->sort == BY_FATE ? BY_EXPIRY : q->sort, &o, err) != STATUS_OK)
		return STATUS_FAILED;
	r->ids = mem_alloc((bitmap_count(rows) + 1) * sizeof *r->ids);
	if (q->sort != BY_FATE)
		walk(o, q->descending, rows, NULL, r);
	for (size_t k = 0; q->sort == BY_FATE && k < FATE_LEN; k++)
		walk(o, q->descending, rows, &classes[by_need[q->descending ? FATE_LEN - 1 - k : k]], r);
	return STATUS_OK;
}

static status
make_result(struct inventory *i, const struct inventory_query *q, struct error *err)
{
	struct bitmap rows = { 0 }, classes[FATE_LEN] = { { 0 } };
	struct inventory_result *r;
	status done;

	if (is_of(i, i->result, q))
		return STATUS_OK;
	inventory_result_forget(i);
	r = i->result = mem_zero(1, sizeof *r);
	r->filter = q->filter != NULL ? mem_strdup(q->filter) : NULL;
	r->ca = q->ca != NULL ? mem_strdup(q->ca) : NULL;
	r->sort = q->sort;
	r->descending = q->descending;
	r->only_due = q->only_due;
	r->only_orphans = q->only_orphans;
	r->now = q->now;
	r->soon = q->soon;
	r->matters = q->expired_matters;
	r->renewed = names_hash(q);
	done = start_rows(i, q, &rows, err);
	if (done == STATUS_OK)
		done = filter_words_find(i, q->filter, &r->words, &rows, err);
	if (done == STATUS_OK && depends_on_time(q))
		done = fate_classes(i, q, classes, err);
	if (done == STATUS_OK)
		done = list_rows(i, q, &rows, classes, r, err);
	if (!r->words.look) {
		r->sure = r->next = r->len;
		bitmap_done(&rows);
	} else {
		r->rows = rows;
		bitmap_new(&r->looked, i->last_id);
		bitmap_new(&r->good, i->last_id);
	}
	r->all = i->all;
	for (size_t k = 0; k < FATE_LEN; k++)
		bitmap_done(&classes[k]);
	if (done != STATUS_OK)
		inventory_result_forget(i);
	return done;
}

static status
look_at(struct inventory *i, uint32_t id, bool *holds, struct error *err)
{
	struct inventory_result *r = i->result;

	*holds = bitmap_has(&r->good, id);
	if (bitmap_has(&r->looked, id))
		return STATUS_OK;
	if (inventory_stopped(i))
		return inventory_failed(i, err);
	if (filter_words_hold(i, &r->words, id, holds, err) != STATUS_OK)
		return STATUS_FAILED;
	bitmap_put(&r->looked, id);
	if (*holds)
		bitmap_put(&r->good, id);
	return STATUS_OK;
}

/* When all have been looked at: those that match are the list. */
static void
settle_list(struct inventory_result *r)
{
	for (; r->next < r->len; r->next++)
		if (bitmap_has(&r->good, r->ids[r->next]))
			r->ids[r->sure++] = r->ids[r->next];
	r->len = r->next = r->sure;
}

struct counting {
	struct inventory *i;
	size_t good, most;
	struct error *err;
	bool failed;
};

static bool
count_one(void *user, uint32_t id)
{
	struct counting *c = user;
	bool holds;

	if (look_at(c->i, id, &holds, c->err) != STATUS_OK) {
		c->failed = true;
		return false;
	}
	c->good += holds;
	return c->good < c->most;
}

/*
 * Looks until `most` are known to match, or all have been looked at, in the order in which rows lie on the disk: along the
 * list nearly every row would be another page. How many match so far into *good.
 */
static status
look_along_the_disk(struct inventory *i, size_t most, size_t *good, struct error *err)
{
	struct inventory_result *r = i->result;
	struct counting c = { .i = i, .most = most, .err = err };
	bool all = bitmap_each(&r->rows, count_one, &c);

	*good = c.good;
	if (c.failed)
		return STATUS_FAILED;
	if (all)
		settle_list(r);
	return STATUS_OK;
}

enum { FAR = 1000 }; /* rows down the list: further, and all are looked at along the disk */

/* Until `wanted` rows of the list surely match, or all have been looked at. */
static status
look_until(struct inventory *i, size_t wanted, struct error *err)
{
	struct inventory_result *r = i->result;
	size_t good;

	if (r->next < r->len && wanted > r->sure && wanted - r->sure > FAR && look_along_the_disk(i, SIZE_MAX, &good, err) != STATUS_OK)
		return STATUS_FAILED;
	while (r->next < r->len && r->sure < wanted) {
		bool holds;

		if (look_at(i, r->ids[r->next], &holds, err) != STATUS_OK)
			return STATUS_FAILED;
		if (holds)
			r->ids[r->sure++] = r->ids[r->next];
		r->next++;
	}
	if (r->next == r->len)
		r->len = r->next = r->sure;
	return STATUS_OK;
}

/* Begins a read, and has the list of this query; inventory_end_read() and inventory_save_orders() end it. */
static status
begin_query(struct inventory *i, const struct inventory_query *q, struct error *err)
{
	if (inventory_begin_read(i, err) != STATUS_OK)
		return STATUS_FAILED;
	if (inventory_known(i, err) == STATUS_OK && make_result(i, q, err) == STATUS_OK)
		return STATUS_OK;
	inventory_end_read(i);
	return STATUS_FAILED;
}

static status
end_query(struct inventory *i, status done)
{
	inventory_end_read(i);
	if (done == STATUS_OK)
		inventory_save_orders(i);
	return done;
}

status
inventory_certs(struct inventory *i, const struct inventory_query *q, size_t offset, size_t limit, struct arena *a,
    struct inventory_cert **out, size_t *len, struct error *err)
{
	struct inventory_result *r;
	status done;

	*out = NULL;
	*len = 0;
	if (begin_query(i, q, err) != STATUS_OK)
		return STATUS_FAILED;
	r = i->result;
	done = look_until(i, limit < SIZE_MAX - offset ? offset + limit : SIZE_MAX, err);
	if (done == STATUS_OK)
		done = fate_flags(i, err);
	if (done == STATUS_OK && offset < r->sure) {
		size_t n = limit < r->sure - offset ? limit : r->sure - offset;

		*out = arena_array(a, n, sizeof **out);
		for (size_t k = 0; k < n && done == STATUS_OK; k++) {
			struct inventory_cert *c;

			done = inventory_stopped(i) ? inventory_failed(i, err) : inventory_row(i, r->ids[offset + k], q, false, a, &c, err);
			if (done == STATUS_OK && c != NULL)
				(*out)[(*len)++] = *c;
		}
	}
	return end_query(i, done);
}

status
inventory_count(struct inventory *i, const struct inventory_query *q, size_t most, size_t *out, bool *at_least, struct error *err)
{
	status done;

	*out = 0;
	*at_least = false;
	if (begin_query(i, q, err) != STATUS_OK)
		return STATUS_FAILED;
	if (i->result->next == i->result->len) {
		*out = i->result->len;
		done = STATUS_OK;
	} else {
		done = look_along_the_disk(i, most > 0 ? most : SIZE_MAX, out, err);
		*at_least = i->result->next < i->result->len;
	}
	return end_query(i, done);
}

status
inventory_fates(struct inventory *i, const struct inventory_query *q, size_t out[FATE_LEN], struct error *err)
{
	struct bitmap classes[FATE_LEN];
	status done;

	memset(out, 0, FATE_LEN * sizeof *out);
	if (begin_query(i, q, err) != STATUS_OK)
		return STATUS_FAILED;
	done = look_until(i, SIZE_MAX, err);
	if (done == STATUS_OK)
		done = fate_classes(i, q, classes, err);
	if (done == STATUS_OK)
		for (size_t k = 0; k < FATE_LEN; k++) {
			for (size_t n = 0; n < i->result->sure; n++)
				out[k] += bitmap_has(&classes[k], i->result->ids[n]);
			bitmap_done(&classes[k]);
		}
	return end_query(i, done);
}

status
inventory_cert(struct inventory *i, const char *arn, const struct inventory_query *q, struct arena *a, struct inventory_cert **out,
    struct error *err)
{
	status done = STATUS_FAILED;
	uint32_t id;

	*out = NULL;
	if (inventory_begin_read(i, err) != STATUS_OK)
		return STATUS_FAILED;
	if (inventory_known(i, err) == STATUS_OK && fate_flags(i, err) == STATUS_OK && inventory_id_of(i, arn, q->ca, &id, err) == STATUS_OK)
		done = id != 0 ? inventory_row(i, id, q, true, a, out, err) : STATUS_OK;
	inventory_end_read(i);
	return done;
}

status
inventory_settle(struct inventory *i, struct error *err)
{
	status done = STATUS_OK;

	if (inventory_begin_read(i, err) != STATUS_OK)
		return STATUS_FAILED;
	done = inventory_known(i, err);
	for (enum inventory_sort k = BY_EXPIRY; k < BY_FATE && done == STATUS_OK; k++) {
		const struct inventory_order *o;

		done = inventory_order_of(i, k, &o, err);
	}
	return end_query(i, done);
}
