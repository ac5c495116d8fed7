/*
 * The table over a list of things: selection through sorting, filtering and change; what it asks its
 * source for; what it writes. How it looks stands in test_widgets.c.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/arrange.h"
#include "tui/table.h"

/* Things with a name and a number; their id is the number. */
struct thing {
	char name[32];
	unsigned number;
};
struct list {
	struct thing things[300];
	size_t len;
	struct arrangement order;
	size_t cells; /* how often one was asked for */
};

static void
thing_text(void *self, size_t i, struct buf *out)
{
	buf_adds(out, ((struct list *)self)->things[i].name);
}

static int
compare_things(void *self, size_t a, size_t b, size_t column)
{
	const struct thing *t = ((struct list *)self)->things;

	if (column == 0)
		return strcmp(t[a].name, t[b].name);
	if (column == 1)
		return (t[a].number > t[b].number) - (t[a].number < t[b].number);
	return 0;
}

static void
list_arrange(void *self, const char *filter, size_t column, bool reverse)
{
	static const struct arrange_ops ops = { thing_text, NULL, compare_things };
	struct list *l = self;

	arrange(&l->order, &ops, l, l->len, filter, column, reverse);
}

static size_t
list_count(void *self)
{
	return ((struct list *)self)->order.len;
}

static size_t
list_all(void *self)
{
	return ((struct list *)self)->len;
}

static const struct thing *
thing_at(const struct list *l, size_t row)
{
	assert_true(row < l->order.len); /* a table asks for no row that there is not */
	return &l->things[l->order.things[row]];
}

static uint64_t
list_id(void *self, size_t row)
{
	return thing_at(self, row)->number;
}

static size_t
list_find(void *self, uint64_t id)
{
	const struct list *l = self;

	for (size_t row = 0; row < l->order.len; row++)
		if (thing_at(l, row)->number == id)
			return row;
	return SIZE_MAX;
}

static unsigned
list_cell(void *self, size_t row, size_t column, struct buf *out)
{
	struct list *l = self;

	l->cells++;
	assert_int_equal(out->len, 0); /* as promised */
	if (column == 0)
		buf_adds(out, thing_at(l, row)->name);
	else if (column == 1)
		buf_addf(out, "%u", thing_at(l, row)->number);
	return ROLE_TEXT;
}

static const struct column columns[] = {
	{ .title = "NAME", .name = "name", .width = 8, .grows = 1 },
	{ .title = "NUMBER", .name = "number", .width = 6, .right = true },
	{ .title = "NOTHING", .width = 7, .from = 60 },
	{ .title = NULL },
};

static void
start(struct table *t, struct list *l, const char *names)
{
	const struct table_source source = {
		.columns = columns, .count = list_count, .all = list_all, .id = list_id, .find = list_find,
		.cell = list_cell, .arrange = list_arrange, .self = l,
	};

	memset(l, 0, sizeof *l);
	for (names += strspn(names, " "); *names != '\0'; names += strspn(names, " ")) {
		size_t len = strcspn(names, " ");

		snprintf(l->things[l->len].name, sizeof l->things[0].name, "%.*s", (int)len, names);
		l->things[l->len].number = (unsigned)l->len + 1;
		l->len++;
		names += len;
	}
	table_start(t, &source, "Nothing is here.");
	table_sort(t, SIZE_MAX, false);
}

static void
stop(struct table *t, struct list *l)
{
	table_done(t);
	arrange_done(&l->order);
}

/* Its rows by name, the selected one in brackets. */
static void
expect(const struct table *t, const struct list *l, const char *rows)
{
	struct buf b = { 0 };

	for (size_t row = 0; row < l->order.len; row++)
		buf_addf(&b, row == t->at.selected ? "%s[%s]" : "%s%s", row > 0 ? " " : "", thing_at(l, row)->name);
	assert_string_equal(buf_str(&b), rows);
	assert_int_equal(t->at.count, l->order.len);
	assert_true(l->order.len == 0 ? table_selected(t) == 0 : table_selected(t) == thing_at(l, t->at.selected)->number);
	assert_true(t->body.ops->has_row(&t->body) == (l->order.len > 0));
	buf_done(&b);
}

static void
selection_follows_its_thing(void **state)
{
	struct table t;
	struct list l;

	(void)state;
	start(&t, &l, "pear fig apple plum");
	expect(&t, &l, "[pear] fig apple plum");
	table_sort(&t, table_column(&t, "name"), false);
	expect(&t, &l, "apple fig [pear] plum");
	table_sort(&t, 0, true);
	expect(&t, &l, "plum [pear] fig apple");
	t.body.ops->move(&t.body, MOVE_DOWN);
	expect(&t, &l, "plum pear [fig] apple");
	table_sort(&t, table_column(&t, "number"), false);
	expect(&t, &l, "pear [fig] apple plum");

	/* A new one comes, sorted before it. */
	table_sort(&t, 0, false);
	l.things[l.len++] = (struct thing){ "apricot", 9 };
	list_arrange(&l, NULL, 0, false);
	table_changed(&t);
	expect(&t, &l, "apple apricot [fig] pear plum");

	/* It goes: what stands at its place. */
	l.things[1] = l.things[--l.len];
	list_arrange(&l, NULL, 0, false);
	table_changed(&t);
	expect(&t, &l, "apple apricot [pear] plum");

	table_select(&t, 9);
	expect(&t, &l, "apple [apricot] pear plum");
	table_select(&t, 77);
	expect(&t, &l, "apple [apricot] pear plum");
	stop(&t, &l);
}

static void
filters_and_comes_back(void **state)
{
	struct table t;
	struct list l;
	size_t shown, all;

	(void)state;
	start(&t, &l, "pear fig apple plum");
	t.body.ops->move(&t.body, MOVE_LAST);
	t.body.ops->filter(&t.body, "p");
	expect(&t, &l, "pear apple [plum]"); /* it still matches */
	t.body.ops->filter(&t.body, "pe");
	expect(&t, &l, "[pear]");
	t.body.ops->filter(&t.body, "pex");
	expect(&t, &l, "");
	t.body.ops->count(&t.body, &shown, &all);
	assert_int_equal(shown, 0);
	assert_int_equal(all, 4);
	t.body.ops->move(&t.body, MOVE_DOWN); /* nothing to move in */
	t.body.ops->filter(&t.body, "");
	expect(&t, &l, "[pear] fig apple plum");
	t.body.ops->filter(&t.body, "!p");
	expect(&t, &l, "[fig]");
	t.body.ops->filter(&t.body, NULL);
	expect(&t, &l, "pear [fig] apple plum");

	/* With a filter that it does not match the first that does is selected, not what stood at its row. */
	t.body.ops->move(&t.body, MOVE_LAST);
	t.body.ops->filter(&t.body, "a");
	expect(&t, &l, "[pear] apple");

	/* Sorting keeps the filter. */
	table_sort(&t, 0, false);
	expect(&t, &l, "apple [pear]");
	stop(&t, &l);
}

static void
columns_by_name(void **state)
{
	struct table t;
	struct list l;

	(void)state;
	start(&t, &l, "a");
	assert_int_equal(table_column(&t, "name"), 0);
	assert_int_equal(table_column(&t, "number"), 1);
	assert_true(table_column(&t, "nothing") == SIZE_MAX); /* it cannot be sorted by */
	assert_true(table_column(&t, "") == SIZE_MAX);
	stop(&t, &l);
}

static void
nothing_in_it(void **state)
{
	struct table t;
	struct list l;

	(void)state;
	start(&t, &l, "");
	expect(&t, &l, "");
	for (enum move m = MOVE_UP; m <= MOVE_LAST; m++)
		t.body.ops->move(&t.body, m);
	l.things[l.len++] = (struct thing){ "first", 1 };
	list_arrange(&l, NULL, SIZE_MAX, false);
	table_changed(&t);
	expect(&t, &l, "[first]");
	stop(&t, &l);
}

/* A file has every row and every column, none of it cut, in columns that stand below each other. */
static void
writes_every_row(void **state)
{
	struct table t;
	struct list l;
	struct buf b = { 0 };

	(void)state;
	start(&t, &l, "Zürich-東京-with-a-long-name b c");
	l.things[2].number = 1234567;
	t.body.ops->write(&t.body, &b);
	assert_string_equal(buf_str(&b),
	    "NAME                           NUMBER  NOTHING\n"
	    "Zürich-東京-with-a-long-name        1\n"
	    "b                                   2\n"
	    "c                             1234567\n");
	buf_reset(&b);
	t.body.ops->filter(&t.body, "b");
	t.body.ops->write(&t.body, &b);
	assert_string_equal(buf_str(&b), "NAME  NUMBER  NOTHING\nb          2\n");
	buf_reset(&b);
	t.body.ops->filter(&t.body, "none");
	t.body.ops->write(&t.body, &b);
	assert_string_equal(buf_str(&b), "NAME  NUMBER  NOTHING\n");
	buf_done(&b);
	stop(&t, &l);
}

/* Changes at random, 2,000 of them, with filters and sorts between: the selected thing stays as long as it is shown. */
static void
never_slips(void **state)
{
	static const char *const filters[] = { "", "1", "!1", "2 3", NULL };
	struct table t;
	struct list l;
	unsigned next = 1000;
	size_t kept = 0;

	(void)state;
	srand(23);
	start(&t, &l, "1 2 3 12 13 23 123");
	for (size_t turn = 0; turn < 2000; turn++) {
		uint64_t was = table_selected(&t);
		size_t at = l.len > 0 ? (size_t)rand() % l.len : 0;

		if (rand() % 2 == 0 && l.len < 100) {
			l.things[l.len] = (struct thing){ "", next++ };
			snprintf(l.things[l.len].name, sizeof l.things[0].name, "%d", rand() % 1000);
			l.len++;
		} else if (l.len > 3) {
			l.things[at] = l.things[--l.len];
		}
		if (rand() % 10 == 0)
			t.body.ops->filter(&t.body, filters[rand() % 5]);
		else if (rand() % 10 == 0)
			table_sort(&t, (size_t)rand() % 2, rand() % 2 == 0);
		else
			list_arrange(&l, t.body.filter_text, t.sort_column, t.reverse);
		table_changed(&t);
		if (was != 0 && list_find(&l, was) != SIZE_MAX) {
			assert_true(table_selected(&t) == was);
			kept++;
		}
		if (rand() % 5 == 0)
			t.body.ops->move(&t.body, (enum move)(rand() % 6));
	}
	assert_true(kept > 1000); /* it was mostly there */
	stop(&t, &l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selection_follows_its_thing),
		cmocka_unit_test(filters_and_comes_back),
		cmocka_unit_test(columns_by_name),
		cmocka_unit_test(nothing_in_it),
		cmocka_unit_test(writes_every_row),
		cmocka_unit_test(never_slips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
