/* The order of rows: filters and what they found, sorting that is stable, and how long 10,000 rows take. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/memory.h"
#include "tui/arrange.h"

static const struct {
	const char *filter, *text;
	bool matches;
} filters[] = {
	{ "", "anything", true },
	{ "   ", "anything", true },
	{ "pay", "payment.internal", true },
	{ "PAY", "payment.internal", true },
	{ "pay", "PAYMENT", true },
	{ "intern", "payment.internal", true },
	{ "payments", "payment.internal", false },
	{ "x", "", false },
	{ "fail pay", "payment FAIL", true },         /* every word, in any order */
	{ "fail pay", "payment OK", false },
	{ "!fail", "payment OK", true },
	{ "!fail", "payment FAIL", false },
	{ "!fail pay", "payment OK", true },
	{ "pay !fail", "orders OK", false },
	{ "!fail !ok", "payment WARN", true },
	{ "!fail !ok", "payment OK", false },
	{ "!", "anything", true },                    /* not finished being typed */
	{ "pay !", "payment", true },
	{ "a!b", "a!b", true },                       /* inside a word it is a letter */
	{ "!!", "what!", false },
	{ "ü", "Zürich", true },
	{ "Ü", "Zürich", false },                     /* only ASCII letters compare without case */
	{ "aab", "aaab", true },
	{ "abc", "ab", false },
	{ "8443", "127.0.0.1:8443", true },
};

static void
filters_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
		if (filter_matches(filters[i].filter, filters[i].text) != filters[i].matches)
			fail_msg("\"%s\" on \"%s\"", filters[i].filter, filters[i].text);
}

static const struct {
	const char *filter, *text, *parts; /* parts: what was found, each in brackets */
} parts[] = {
	{ "", "text", "text" },
	{ "x", "text", "te[x]t" },
	{ "T", "text", "[t]ex[t]" },
	{ "ab", "abab", "[ab][ab]" },
	{ "in pay", "payment.internal", "[pay]ment.[in]ternal" },
	{ "!pay in", "payment.internal", "payment.[in]ternal" },
	{ "pay payment", "payment", "[payment]" }, /* the longer of two at one place */
	{ "zz", "text", "text" },
};

static void
parts_that_a_filter_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		struct buf b = { 0 };
		size_t from = 0, at, len;

		while (filter_part(parts[i].filter, parts[i].text, from, &at, &len)) {
			assert_true(at >= from && len > 0);
			buf_add(&b, parts[i].text + from, at - from);
			buf_addf(&b, "[%.*s]", (int)len, parts[i].text + at);
			from = at + len;
		}
		buf_adds(&b, parts[i].text + from);
		if (strcmp(buf_str(&b), parts[i].parts) != 0)
			fail_msg("\"%s\": got %s, expected %s", parts[i].filter, buf_str(&b), parts[i].parts);
		buf_done(&b);
	}
}

/* Things with a word and a number; columns: 0 the word, 1 the number. */
struct thing {
	char word[24];
	int number;
	bool kept;
};
struct things {
	struct thing *items;
	size_t compared, asked;
	size_t column; /* for by_thing */
};

static void
thing_text(void *self, size_t i, struct buf *out)
{
	struct things *t = self;

	t->asked++;
	buf_adds(out, t->items[i].word);
	buf_adds(out, t->items[i].kept ? " yes" : " no");
}

static bool
thing_kept(void *self, size_t i)
{
	return ((struct things *)self)->items[i].kept;
}

static int
compare_things(void *self, size_t a, size_t b, size_t column)
{
	struct things *t = self;

	t->compared++;
	if (column == 0)
		return strcmp(t->items[a].word, t->items[b].word);
	return (t->items[a].number > t->items[b].number) - (t->items[a].number < t->items[b].number);
}

static const struct arrange_ops ops = { thing_text, thing_kept, compare_things };
static const struct arrange_ops plain = { thing_text, NULL, NULL };

static void
expect(const struct arrangement *a, const char *order)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < a->len; i++) {
		buf_addf(&b, "%zu", a->things[i]);
		assert_int_equal(a->where[a->things[i]], i);
	}
	assert_string_equal(buf_str(&b), order);
	for (size_t thing = 0; thing < a->all; thing++)
		assert_true(a->where[thing] == SIZE_MAX || a->things[a->where[thing]] == thing);
	buf_done(&b);
}

static void
sorts_and_filters(void **state)
{
	struct thing items[] = {
		{ "pear", 3, true }, { "apple", 1, true }, { "fig", 3, true }, { "plum", 2, true }, { "quince", 9, false },
	};
	struct things t = { .items = items };
	struct arrangement a = { 0 };

	(void)state;
	arrange(&a, &ops, &t, 5, NULL, 0, false);
	expect(&a, "1203");
	arrange(&a, &ops, &t, 5, NULL, 0, true);
	expect(&a, "3021");
	arrange(&a, &ops, &t, 5, "", 1, false);
	expect(&a, "1302"); /* equal ones by their number … */
	arrange(&a, &ops, &t, 5, "", 1, true);
	expect(&a, "0231"); /* … also the other way round */
	arrange(&a, &ops, &t, 5, "p", 1, false);
	expect(&a, "130");
	arrange(&a, &ops, &t, 5, "!p", 1, false);
	expect(&a, "2");
	arrange(&a, &ops, &t, 5, "none", 1, false);
	expect(&a, "");
	arrange(&a, &plain, &t, 5, NULL, SIZE_MAX, false); /* the order of the things themselves */
	expect(&a, "01234");
	arrange(&a, &plain, &t, 5, NULL, SIZE_MAX, true);
	expect(&a, "43210");
	arrange(&a, &ops, &t, 3, NULL, 0, false); /* fewer things … */
	expect(&a, "120");
	items[4].kept = true;
	arrange(&a, &ops, &t, 5, NULL, 0, false); /* … and more again */
	expect(&a, "12034");
	arrange(&a, &ops, &t, 0, NULL, 0, false);
	expect(&a, "");
	arrange_done(&a);
	assert_null(a.things);
}

static int
by_thing(const void *a, const void *b, void *self)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int by = compare_things(self, x, y, ((struct things *)self)->column);

	return by != 0 ? by : (x > y) - (x < y);
}

/* Against qsort_r of libc, with many equal numbers. */
static void
sorts_as_qsort_does(void **state)
{
	struct things t = { .items = mem_zero(1000, sizeof *t.items), .column = 1 };
	size_t *want = mem_alloc(1000 * sizeof *want);
	struct arrangement a = { 0 };

	(void)state;
	srand(11);
	for (size_t turn = 0; turn < 50; turn++) {
		for (size_t i = 0; i < 1000; i++) {
			/* A few change between the turns, so that the order of last time is of use. */
			if (turn == 0 || rand() % 20 == 0)
				t.items[i] = (struct thing){ .number = rand() % 50, .kept = true };
			want[i] = i;
		}
		qsort_r(want, 1000, sizeof *want, by_thing, &t);
		arrange(&a, &ops, &t, 1000, NULL, 1, false);
		assert_int_equal(a.len, 1000);
		assert_memory_equal(a.things, want, 1000 * sizeof *want);
	}
	arrange_done(&a);
	free(want);
	free(t.items);
}

static double
ms_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/*
 * Ten thousand things: a filter and a sort, and then again with one that changed. How long it took is
 * printed; what must hold on any machine is how often it compared.
 */
static void
ten_thousand(void **state)
{
	enum { MANY = 10000 };
	struct things t = { .items = mem_zero(MANY, sizeof *t.items) };
	struct arrangement a = { 0 };
	double start;

	(void)state;
	srand(3);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(t.items[i].word, sizeof t.items[i].word, "service-%05d", rand() % 100000);
		t.items[i].kept = true;
	}
	start = ms_now();
	arrange(&a, &ops, &t, MANY, NULL, 0, false);
	print_message("10,000 sorted: %.2f ms, %zu comparisons\n", ms_now() - start, t.compared);
	assert_int_equal(a.len, MANY);
	assert_true(t.compared < MANY * 14); /* n log2 n */

	start = ms_now();
	arrange(&a, &ops, &t, MANY, "serv 12", 0, false);
	print_message("filtered: %.2f ms, %zu are left\n", ms_now() - start, a.len);
	assert_true(t.asked == MANY && a.len < MANY / 5);
	arrange(&a, &ops, &t, MANY, NULL, 0, false);

	snprintf(t.items[a.things[5000]].word, sizeof t.items[0].word, "service-00000");
	t.compared = 0;
	start = ms_now();
	arrange(&a, &ops, &t, MANY, NULL, 0, false);
	print_message("again, with one that changed: %.2f ms, %zu comparisons\n", ms_now() - start, t.compared);
	assert_int_equal(a.len, MANY);
	assert_true(t.compared < MANY * 3);
	for (size_t i = 1; i < MANY; i++)
		assert_true(compare_things(&t, a.things[i - 1], a.things[i], 0) <= 0);

	size_t *things = mem_alloc(MANY * sizeof *things);
	for (size_t i = 0; i < MANY; i++)
		things[i] = i;
	t.compared = 0;
	start = ms_now();
	qsort_r(things, MANY, sizeof *things, by_thing, &t);
	print_message("libc's qsort_r, for comparison: %.2f ms, %zu comparisons\n", ms_now() - start, t.compared);
	free(things);
	arrange_done(&a);
	free(t.items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_match),
		cmocka_unit_test(parts_that_a_filter_found),
		cmocka_unit_test(sorts_and_filters),
		cmocka_unit_test(sorts_as_qsort_does),
		cmocka_unit_test(ten_thousand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
