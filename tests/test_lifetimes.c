/*
 * How long it all holds: intervals of both chains, cliffs in their order, clocks that flip a verdict, and
 * the axis. Evidence comes from tests/chains.h, judged by the real diagnosis; days count from CHAINS_NOW.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/lifetimes.h"
#include "model/memory.h"
#include "model/times.h"
#include "tests/chains.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" }, .from = -900, .to = 2600 },
	{ .name = "old-root", .role = IS_CA, .r = { .cn = "Acme Root CA 2017" }, .from = -3500, .to = 60 },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" }, .from = -800, .to = 800 },
	{ .name = "ended", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2" }, .from = -800, .to = -1 },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .from = -49, .to = 41 },
	{ .name = "server-ended", .issuer = "ended", .role = IS_SERVER, .from = -49, .to = 41 },
	{ .name = "client", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -2, .to = 88 },
	{ .name = "client-new", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = 3, .to = 90 },
	{ .name = "client-soon", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -89, .to = 1 },
	{ .name = "client-old-root", .issuer = "old-root", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -2, .to = 50 },
};
static struct chains *chains;

/* One case, diagnosed; ended by done(). */
struct judged_case {
	struct evidence *e;
	struct diagnosis *d;
	struct arena *a;
	struct lifetimes l;
};

static struct judged_case
judge(const struct chain_case *t, int64_t now)
{
	struct judged_case c = { .e = chains_evidence(chains, t), .a = arena_new() };

	c.d = diagnose(c.e);
	lifetimes_of(c.d, now, c.a, &c.l);
	return c;
}

static void
done(struct judged_case *c)
{
	arena_free(c->a);
	diagnosis_free(c->d);
	evidence_free(c->e);
}

static const struct chain_case healthy = { .what = "healthy", .server = { "server", "issuing" },
	.ours = { "client", "issuing" }, .answer = ACCEPTED };

static void
both_paths_root_first(void **state)
{
	struct judged_case c = judge(&healthy, CHAINS_NOW);

	(void)state;
	assert_int_equal(c.l.theirs.len, 3);
	assert_int_equal(c.l.theirs.items[0].role, LIFETIME_ROOT);
	assert_int_equal(c.l.theirs.items[1].role, LIFETIME_INTERMEDIATE);
	assert_int_equal(c.l.theirs.items[2].role, LIFETIME_LEAF);
	assert_int_equal(c.l.theirs.from, CHAINS_NOW - 49 * CHAINS_DAY);
	assert_int_equal(c.l.theirs.until, CHAINS_NOW + 41 * CHAINS_DAY);
	assert_int_equal(c.l.theirs.first, 2);
	assert_int_equal(c.l.theirs.other_until, TIME_UNKNOWN);
	assert_int_equal(c.l.ours.until, CHAINS_NOW + 88 * CHAINS_DAY);
	assert_int_equal(c.l.theirs.items[2].state, LIFETIME_VALID);
	done(&c);
}

static void
cliffs_stand_in_order_and_once(void **state)
{
	struct judged_case c = judge(&healthy, CHAINS_NOW);

	(void)state;
	/* Their leaf, our leaf, the intermediate of both; the root where our path knows it too. */
	assert_int_equal(c.l.cliffs_len, 4);
	for (size_t i = 1; i < c.l.cliffs_len; i++)
		assert_true(c.l.cliffs[i - 1].at <= c.l.cliffs[i].at);
	assert_true(c.l.cliffs[0].theirs && !c.l.cliffs[0].ours);
	assert_string_equal(c.l.cliffs[0].breaks, "we refuse the server");
	assert_true(c.l.cliffs[1].ours && !c.l.cliffs[1].theirs);
	assert_string_equal(c.l.cliffs[1].breaks, "the server refuses us");
	assert_true(c.l.cliffs[2].ours && c.l.cliffs[2].theirs);
	assert_int_equal(c.l.cliffs[2].role, LIFETIME_INTERMEDIATE);
	assert_string_equal(c.l.cliffs[2].breaks, "all below it ends");
	assert_int_equal(c.l.theirs.items[2].cliff, 0);
	assert_int_equal(c.l.ours.items[c.l.ours.len - 1].cliff, 1);
	done(&c);
}

static void
an_ended_intermediate_comes_first(void **state)
{
	static const struct chain_case t = { .server = { "server-ended", "ended" }, .ours = { "client", "issuing" }, .answer = ACCEPTED };
	struct judged_case c = judge(&t, CHAINS_NOW);

	(void)state;
	assert_int_equal(c.l.cliffs[0].at, CHAINS_NOW - CHAINS_DAY);
	assert_int_equal(c.l.cliffs[0].role, LIFETIME_INTERMEDIATE);
	assert_int_equal(c.l.theirs.items[1].state, LIFETIME_ENDED);
	assert_int_equal(c.l.theirs.first, 1);
	assert_string_equal(c.l.cliffs[0].breaks, "all below it has ended");
	done(&c);
}

/* States at one moment: those that begin later, end within their threshold, or end with a root. */
static void
states(void **state)
{
	static const struct {
		const char *ours, *above;
		enum lifetime_state leaf;
		enum lifetime_state top;
	} cases[] = {
		{ "client", "issuing", LIFETIME_VALID, LIFETIME_VALID },
		{ "client-new", "issuing", LIFETIME_EARLY, LIFETIME_VALID },
		{ "client-soon", "issuing", LIFETIME_SOON, LIFETIME_VALID },
		{ "client-old-root", "old-root", LIFETIME_VALID, LIFETIME_SOON }, /* roots have 90 days of warning, leaves 30 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct chain_case t = { .server = { "server", "issuing" }, .ours = { cases[i].ours, cases[i].above }, .answer = ACCEPTED };
		struct judged_case c = judge(&t, CHAINS_NOW);

		assert_int_equal(c.l.ours.items[c.l.ours.len - 1].state, cases[i].leaf);
		assert_int_equal(c.l.ours.items[0].state, cases[i].top);
		done(&c);
	}
}

/* The clock that counts is that of whoever judges: the server's for our chain. */
static void
the_servers_clock_flips_ours(void **state)
{
	static const struct chain_case ahead = { .server = { "server", "issuing" }, .ours = { "client-soon", "issuing" },
		.answer = REFUSED, .alert = 45, .clock_minutes = 2 * 24 * 60 };
	static const struct chain_case behind = { .server = { "server", "issuing" }, .ours = { "client", "issuing" },
		.answer = REFUSED, .alert = 45, .clock_minutes = -5 * 24 * 60 };
	struct judged_case c = judge(&ahead, CHAINS_NOW);

	(void)state;
	assert_true(c.l.clocks_differ);
	assert_int_equal(c.l.server_now, CHAINS_NOW + 2 * CHAINS_DAY);
	assert_int_equal(c.l.flips_len, 1);
	assert_true(c.l.flips[0].ours && c.l.flips[0].valid_by_ours);
	assert_int_equal(c.l.ours.items[c.l.ours.len - 1].state, LIFETIME_ENDED);
	done(&c);

	c = judge(&behind, CHAINS_NOW);
	assert_int_equal(c.l.flips_len, 1);
	assert_int_equal(c.l.ours.items[c.l.ours.len - 1].state, LIFETIME_EARLY);
	done(&c);
}

static void
a_clock_that_flips_nothing(void **state)
{
	struct chain_case t = healthy;

	(void)state;
	t.clock_minutes = -7;
	struct judged_case c = judge(&t, CHAINS_NOW);
	assert_true(c.l.clocks_differ);
	assert_int_equal(c.l.flips_len, 0);
	done(&c);
}

/* A diagnosis that was made for another time stays at that time; any other goes with the clock. */
static void
now_is_the_evidences_with_at(void **state)
{
	struct judged_case c = judge(&healthy, CHAINS_NOW + 100 * CHAINS_DAY);

	(void)state;
	assert_int_equal(c.l.theirs.items[2].state, LIFETIME_ENDED);
	c.e->clocks.local_set = true;
	lifetimes_of(c.d, CHAINS_NOW + 100 * CHAINS_DAY, c.a, &c.l);
	assert_int_equal(c.l.now, CHAINS_NOW);
	assert_int_equal(c.l.theirs.items[2].state, LIFETIME_VALID);
	done(&c);
}

static void
nothing_was_seen(void **state)
{
	static const struct chain_case t = { .answer = NOT_ASKED };
	struct judged_case c = judge(&t, CHAINS_NOW);

	(void)state;
	assert_int_equal(c.l.theirs.len, 0);
	assert_int_equal(c.l.ours.len, 0);
	assert_int_equal(c.l.cliffs_len, 0);
	assert_int_equal(c.l.theirs.until, TIME_UNKNOWN);
	done(&c);
}

/* Monotonic over 60 years, within the axis, and now is now, at every width. */
static void
axis(void **state)
{
	static const int widths[] = { 1, 2, 10, 36, 120 };

	(void)state;
	for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
		int width = widths[w], now_at = width * 3 / 10, last = 0;

		assert_int_equal(lifetime_column(0, width, now_at), now_at);
		for (int64_t day = -11000; day <= 11000; day += 3) {
			int column = lifetime_column(day * CHAINS_DAY, width, now_at);

			assert_in_range(column, 0, width - 1);
			assert_true(column >= last);
			last = column;
		}
		assert_int_equal(last, width - 1);
		assert_int_equal(lifetime_column(TIME_UNKNOWN, width, now_at), now_at);
		assert_int_equal(lifetime_column(INT64_MAX, width, now_at), width - 1);
		assert_int_equal(lifetime_column(INT64_MIN + 1, width, now_at), 0);
	}
	/* The least that the screen draws tells a month, three months, a year and ten years apart. */
	assert_true(lifetime_column(30 * CHAINS_DAY, 36, 10) > 10 + 3);
	assert_true(lifetime_column(90 * CHAINS_DAY, 36, 10) > lifetime_column(30 * CHAINS_DAY, 36, 10));
	assert_true(lifetime_column(3650 * CHAINS_DAY, 36, 10) > lifetime_column(730 * CHAINS_DAY, 36, 10) + 3);
}

static void
spans(void **state)
{
	static const struct {
		int64_t days;
		const char *text;
	} cases[] = { { 0, "0 s" }, { 41, "41 d" }, { 730, "730 d" }, { 731, "2 y" }, { 3650, "9 y" }, { -800, "-2 y" } };
	char out[TIME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(time_span_long(cases[i].days * CHAINS_DAY, out), cases[i].text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_paths_root_first),
		cmocka_unit_test(cliffs_stand_in_order_and_once),
		cmocka_unit_test(an_ended_intermediate_comes_first),
		cmocka_unit_test(states),
		cmocka_unit_test(the_servers_clock_flips_ours),
		cmocka_unit_test(a_clock_that_flips_nothing),
		cmocka_unit_test(now_is_the_evidences_with_at),
		cmocka_unit_test(nothing_was_seen),
		cmocka_unit_test(axis),
		cmocka_unit_test(spans),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
