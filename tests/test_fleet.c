/*
 * The fleet: states and counts that add up after every step, causes and how they are called, since
 * when, what ends first. Evidence is made by hand, diagnoses are real.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/natural.h"
#include "model/text.h"
#include "tests/fleet_builder.h"

#define DAY INT64_C(86400)

static struct fleet_builder *b;

/* ---- states and counts ---- */

/* What the fleet keeps count of is what one gets by counting. */
static void
counts_hold(const struct fleet *f)
{
	struct fleet_counts shown = { 0 }, known = { 0 }, s = fleet_counts(f), k = fleet_counts_known(f);

	for (size_t i = 0; i < fleet_len(f); i++) {
		const struct entry *e = fleet_at(f, i);

		shown.all++;
		shown.of[fleet_state(e)]++;
		known.of[fleet_known(e)]++;
		if (e->checked_ms > shown.last_ms)
			shown.last_ms = e->checked_ms;
	}
	assert_int_equal(s.all, shown.all);
	assert_int_equal(k.all, shown.all);
	assert_int_equal(s.last_ms, shown.last_ms);
	assert_memory_equal(s.of, shown.of, sizeof s.of);
	assert_memory_equal(k.of, known.of, sizeof k.of);
}

static void
states_follow_verdicts(void **state)
{
	static const struct {
		enum shape shape;
		enum fleet_state is;
		const char *word, *glyph;
	} cases[] = {
		{ SHAPE_OK, FLEET_OK, "OK", "✓" },
		{ SHAPE_ROOT_EXPIRING, FLEET_WARN, "WARN", "!" },
		{ SHAPE_INTERMEDIATE, FLEET_FAIL, "FAIL", "✗" },
		{ SHAPE_REFUSED_PORT, FLEET_DOWN, "DOWN", "✗" },
	};
	struct fleet *f = fleet_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct entry *e = fleet_builder_add(b, f, "payment");
		unsigned long version = fleet_version(f);

		assert_int_equal(fleet_state(e), FLEET_NEVER);
		assert_string_equal(fleet_state_word(fleet_state(e)), "??");
		counts_hold(f);
		fleet_waiting(f, e, true);
		assert_int_equal(fleet_state(e), FLEET_WAIT);
		assert_int_equal(fleet_known(e), FLEET_NEVER);
		counts_hold(f);
		fleet_builder_check(b, f, e, cases[i].shape, FLEET_NOW);
		assert_int_equal(fleet_state(e), cases[i].is);
		assert_string_equal(fleet_state_word(cases[i].is), cases[i].word);
		assert_string_equal(fleet_state_glyph(cases[i].is), cases[i].glyph);
		assert_false(e->waiting);
		counts_hold(f);
		/* Checked again: it waits, and what is known stays known. */
		fleet_waiting(f, e, true);
		assert_int_equal(fleet_state(e), FLEET_WAIT);
		assert_int_equal(fleet_known(e), cases[i].is);
		counts_hold(f);
		fleet_waiting(f, e, false);
		assert_int_equal(fleet_state(e), cases[i].is);
		assert_true(fleet_version(f) > version);
		version = fleet_version(f);
		fleet_waiting(f, e, false); /* nothing changed: nobody needs to look */
		assert_int_equal(fleet_version(f), version);
	}
	fleet_free(f);
	fleet_free(NULL);
}

static void
entries_are_found(void **state)
{
	struct fleet *f = fleet_new();
	struct target t = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < 500; i++)
		fleet_builder_add(b, f, i == 300 ? "ledger" : "payment");
	struct entry *first = fleet_at(f, 0);
	assert_ptr_equal(fleet_entry(f, first->id), first);
	assert_ptr_equal(fleet_named(f, "payment"), first);
	assert_int_equal(fleet_named(f, "ledger")->id, 301);
	assert_int_equal(fleet_named(f, "ledger.internal:8443")->id, 301);
	assert_null(fleet_named(f, "ledger.internal"));
	assert_null(fleet_entry(f, 0));
	assert_null(fleet_entry(f, 501));
	assert_null(fleet_at(f, 500));
	/* Without a name it is called by its address; a name from outside is made printable. */
	assert_int_equal(target_parse("[::1]:443", &t, &err), STATUS_OK);
	assert_string_equal(fleet_add(f, NULL, &t, NULL, NULL, NULL)->name, "[::1]:443");
	assert_string_equal(fleet_add(f, "evil\033[31m\xe2\x80\xae", &t, NULL, NULL, NULL)->name, "evil\\x1b[31m\\u{202e}");
	target_done(&t);
	fleet_free(f);
}

/* ---- names ---- */

static void
names_in_natural_order(void **state)
{
	static const struct {
		const char *a, *b;
		int is;
	} cases[] = {
		{ "payment-2", "payment-10", -1 },
		{ "payment-02", "payment-2", 0 },
		{ "Payment", "payment", 0 },
		{ "a", "a1", -1 },
		{ "", "", 0 },
		{ "10.0.0.9:443", "10.0.0.10:443", -1 },
		{ "x99999999999999999999999", "x100000000000000000000000", -1 },
		{ "b", "a10", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int one = natural_order(cases[i].a, cases[i].b), other = natural_order(cases[i].b, cases[i].a);

		assert_int_equal((one > 0) - (one < 0), cases[i].is);
		assert_int_equal((other > 0) - (other < 0), -cases[i].is);
	}
}

static void
ranks_by_name(void **state)
{
	static const char *const names[] = { "payment-10", "payment-2", "Ledger", "payment-2" };
	static const uint32_t ranks[] = { 3, 1, 0, 2 };
	struct fleet *f = fleet_new();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		fleet_builder_add(b, f, names[i]);
		assert_int_equal(fleet_ranks(f)[i], i == 0 ? 0 : i == 1 ? 0 : i == 2 ? 0 : 2);
	}
	assert_memory_equal(fleet_ranks(f), ranks, sizeof ranks);
	assert_ptr_equal(fleet_ranks(f), fleet_ranks(f));
	fleet_free(f);
}

/* Kept while causes come and go: the same as measuring all of them. */
static void
widths_are_kept(void **state)
{
	static const char endless[] = "a-name-that-is-much-longer-than-all-the-others-of-this-fleet-and-than-any-screen";
	struct fleet *f = fleet_new();
	struct target t = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(fleet_widths(f).name, 0);
	assert_int_equal(target_parse("[::1]:443", &t, &err), STATUS_OK);
	for (size_t i = 0; i < 20; i++)
		fleet_add(f, NULL, &t, NULL, NULL, NULL);
	target_done(&t);
	assert_false(fleet_widths(f).named);
	assert_int_equal(fleet_widths(f).address, strlen("[::1]:443"));
	fleet_builder_add(b, f, "ledger-service");
	assert_true(fleet_widths(f).named);
	assert_int_equal(fleet_widths(f).name, strlen("ledger-service"));
	assert_int_equal(fleet_widths(f).address, strlen("ledger-service.internal:8443"));
	assert_int_equal(fleet_widths(f).cause, 0);
	/* One of ten that is longer does not count. */
	for (size_t i = 0; i < 10; i++)
		fleet_builder_check(b, f, fleet_at(f, i), i == 0 ? SHAPE_NOT_YET : SHAPE_REFUSED_PORT, FLEET_NOW);
	assert_int_equal(fleet_widths(f).cause, strlen("connection refused"));
	fleet_builder_check(b, f, fleet_at(f, 1), SHAPE_NOT_YET, FLEET_NOW);
	assert_int_equal(fleet_widths(f).cause, text_columns("“payment.internal” is not valid before 2026-11-20"));
	for (size_t i = 0; i < 10; i++)
		fleet_builder_check(b, f, fleet_at(f, i), SHAPE_OK, FLEET_NOW);
	assert_int_equal(fleet_widths(f).cause, 0);
	fleet_add(f, endless, &fleet_at(f, 0)->target, NULL, NULL, NULL);
	assert_int_equal(fleet_widths(f).name, 64);
	fleet_free(f);
}

/* ---- causes ---- */

static const struct fleet_cause *
cause_at(struct fleet *f, size_t i)
{
	const struct fleet_cause *all;
	size_t len = fleet_causes(f, &all);

	if (i >= len)
		fail_msg("only %zu causes", len);
	return &all[i];
}

static void
the_design(void **state)
{
	struct fleet *f = fleet_builder_design(b);
	const struct fleet_cause *all;

	(void)state;
	counts_hold(f);
	assert_int_equal(fleet_causes(f, &all), 4);
	assert_int_equal(all[0].count, 30);
	assert_int_equal(all[0].failing, 30);
	assert_int_equal(all[2].failing, 0);
	assert_int_equal(all[0].state, FLEET_FAIL);
	assert_int_equal(all[0].code, CODE_CHAIN_INTERMEDIATE_EXPIRED);
	assert_int_equal(all[0].side, SIDE_SERVER);
	assert_string_equal(all[0].label, "“Acme Issuing CA 1” expired 11:06 UTC");
	assert_int_equal(all[0].since_ms, CHAINS_NOW * 1000);
	assert_true(all[0].since_exact);
	assert_string_equal(all[0].example->diagnosis->cause_key, all[0].key);
	assert_int_equal(all[1].state, FLEET_DOWN);
	assert_string_equal(all[1].label, "connection refused (192.0.2.7)");
	assert_int_equal(all[1].since_ms, (FLEET_NOW - 4) * 1000);
	assert_false(all[1].since_exact);
	assert_int_equal(all[2].state, FLEET_WARN);
	assert_string_equal(all[2].label, "“Acme Root CA 2016” expires in 62 d");
	/* It began when the threshold of 90 days was passed. */
	assert_int_equal(all[2].since_ms, (CHAINS_NOW + (63 - 90) * DAY) * 1000);
	assert_true(all[2].since_exact);
	assert_null(all[3].key);
	assert_int_equal(all[3].state, FLEET_OK);
	assert_int_equal(all[3].count, 8);
	assert_int_equal(all[3].code, CODE_NONE);
	assert_string_equal(all[3].label, "");
	assert_int_equal(all[3].since_ms, 0);
	assert_false(all[3].since_exact);
	for (size_t i = 0; i < fleet_len(f); i++) {
		size_t holds = 0;

		for (size_t k = 0; k < 4; k++)
			holds += entry_cause_id(fleet_at(f, i)) == all[k].id;
		assert_int_equal(holds, 1);
	}
	fleet_free(f);
}

/* A second check of all: nobody leaves a cause while it is under way. */
static void
causes_stay_while_checked_again(void **state)
{
	struct fleet *f = fleet_builder_design(b);
	uint64_t id = cause_at(f, 0)->id;

	(void)state;
	for (size_t i = 0; i < fleet_len(f); i++)
		fleet_waiting(f, fleet_at(f, i), true);
	assert_int_equal(fleet_counts(f).of[FLEET_WAIT], 40);
	assert_int_equal(fleet_counts_known(f).of[FLEET_FAIL], 30);
	assert_int_equal(cause_at(f, 0)->id, id);
	assert_int_equal(cause_at(f, 0)->count, 30);
	assert_int_equal(cause_at(f, 0)->waiting, 30);
	assert_int_equal(cause_at(f, 0)->state, FLEET_FAIL);
	fleet_builder_check(b, f, fleet_at(f, 0), SHAPE_OK, FLEET_NOW);
	assert_int_equal(cause_at(f, 0)->count, 29);
	assert_int_equal(cause_at(f, 0)->waiting, 29);
	counts_hold(f);
	fleet_free(f);
}

static void
without_a_cause(void **state)
{
	struct fleet *f = fleet_new();
	const struct fleet_cause *all;

	(void)state;
	assert_int_equal(fleet_causes(f, &all), 0);
	for (size_t i = 0; i < 3; i++)
		fleet_builder_add(b, f, "payment");
	fleet_waiting(f, fleet_at(f, 0), true);
	assert_int_equal(fleet_causes(f, &all), 2);
	assert_int_equal(all[0].state, FLEET_WAIT);
	assert_int_equal(all[0].waiting, 1);
	assert_int_equal(all[1].state, FLEET_NEVER);
	assert_int_equal(all[1].count, 2);
	assert_int_not_equal(all[0].id, all[1].id);
	fleet_free(f);
}

/* Entries that share a cause and tell it in other words: the label is true of all. */
static void
labels_hold_for_all(void **state)
{
	static const struct {
		enum shape one, other;
		const char *label;
	} cases[] = {
		{ SHAPE_HTTP, SHAPE_HTTP, "does not speak TLS (192.0.2.7)" },
		{ SHAPE_HTTP, SHAPE_SSH, "does not speak TLS (192.0.2.7)" },
		{ SHAPE_FORGOTTEN, SHAPE_FORGOTTEN, "our chain lacks “Acme Issuing CA 2”" },
		{ SHAPE_OUR_EXPIRED, SHAPE_OUR_EXPIRED, "“order-service” expired 2026-11-14" },
		{ SHAPE_NOT_YET, SHAPE_NOT_YET, "“payment.internal” is not valid before 2026-11-20" },
		{ SHAPE_WRONG_NAME, SHAPE_WRONG_NAME, "the certificate is not for “other.internal”" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fleet *f = fleet_new();

		fleet_builder_check(b, f, fleet_builder_add(b, f, "one"), cases[i].one, FLEET_NOW);
		fleet_builder_check(b, f, fleet_builder_add(b, f, "two"), cases[i].other, FLEET_NOW);
		assert_int_equal(cause_at(f, 0)->count, 2);
		assert_string_equal(cause_at(f, 0)->label, cases[i].label);
		fleet_free(f);
	}
}

static void
one_certificate_two_wrong_names(void **state)
{
	struct fleet *f = fleet_new();
	struct entry *one = fleet_builder_add(b, f, "one"), *two = fleet_builder_add(b, f, "two");
	struct evidence *ev = fleet_builder_evidence(b, two, SHAPE_WRONG_NAME, FLEET_NOW);

	(void)state;
	fleet_builder_check(b, f, one, SHAPE_WRONG_NAME, FLEET_NOW);
	free(ev->target.servername);
	ev->target.servername = mem_strdup("third.internal");
	fleet_result(f, two, ev, diagnose(ev), FLEET_NOW * 1000);
	assert_string_equal(entry_cause(one), "the certificate is not for “other.internal”");
	assert_string_equal(entry_cause(two), "the certificate is not for “third.internal”");
	assert_int_equal(cause_at(f, 0)->count, 2);
	assert_string_equal(cause_at(f, 0)->label, "the server's certificate names another host (“payment.internal”)");
	fleet_free(f);
}

/* Of two clocks that differ nobody knows yet which is wrong. */
static void
clocks_that_differ(void **state)
{
	static const int64_t ahead_minutes[] = { 10, -20 };
	struct fleet *f = fleet_new();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct entry *e = fleet_builder_add(b, f, "one");
		struct evidence *ev = fleet_builder_evidence(b, e, SHAPE_OK, FLEET_NOW);

		ev->clocks.server_known = true;
		ev->clocks.server_offset_ms = ahead_minutes[i] * 60000;
		ev->clocks.server_uncertainty_ms = 1000;
		ev->clocks.server_source = "http-date";
		free(ev->target.host);
		ev->target.host = mem_strdup("clock.internal");
		fleet_result(f, e, ev, diagnose(ev), FLEET_NOW * 1000);
	}
	assert_string_equal(entry_cause(fleet_at(f, 0)), "the server's clock is 10 min ahead of ours");
	assert_int_equal(cause_at(f, 0)->count, 2);
	assert_string_equal(cause_at(f, 0)->label, "its clock and ours differ (clock.internal)");
	fleet_free(f);
}

/* Worst, then most frequent, then first met. */
static void
causes_in_order(void **state)
{
	static const enum shape shapes[] = { SHAPE_OK, SHAPE_ROOT_EXPIRING, SHAPE_FORGOTTEN, SHAPE_REFUSED_PORT, SHAPE_WRONG_NAME,
		SHAPE_OUR_EXPIRED, SHAPE_OUR_EXPIRED };
	static const enum code order[] = { CODE_CLIENT_EXPIRED, CODE_CLIENT_MISSING_INTERMEDIATE, CODE_NAME_MISMATCH,
		CODE_NET_REFUSED, CODE_ROOT_EXPIRING, CODE_NONE };
	struct fleet *f = fleet_new();

	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		fleet_builder_check(b, f, fleet_builder_add(b, f, "one"), shapes[i], FLEET_NOW);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		assert_int_equal(cause_at(f, i)->code, order[i]);
	fleet_free(f);
}

static void
many_causes(void **state)
{
	struct fleet *f = fleet_new();
	char address[32];

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		struct entry *e = fleet_builder_add(b, f, "one");
		struct evidence *ev = fleet_builder_evidence(b, e, SHAPE_REFUSED_PORT, FLEET_NOW);

		snprintf(address, sizeof address, "10.0.%zu.1:8443", i % 150);
		ev->handshakes[0]->address = arena_strdup(ev->arena, address);
		fleet_result(f, e, ev, diagnose(ev), FLEET_NOW * 1000);
	}
	const struct fleet_cause *all;
	assert_int_equal(fleet_causes(f, &all), 150);
	for (size_t i = 0; i < 150; i++)
		assert_int_equal(all[i].count, 2);
	fleet_free(f);
}

/* ---- since ---- */

static void
since_is_kept(void **state)
{
	struct fleet *f = fleet_new();
	struct entry *e = fleet_builder_add(b, f, "payment");

	(void)state;
	fleet_builder_check(b, f, e, SHAPE_FORGOTTEN, FLEET_NOW);
	assert_int_equal(e->since_ms, FLEET_NOW * 1000);
	assert_false(e->since_exact);
	assert_int_equal(e->past.state, FLEET_NEVER); /* nobody knows what was before */
	fleet_builder_check(b, f, e, SHAPE_FORGOTTEN, FLEET_NOW + 60);
	assert_int_equal(e->since_ms, FLEET_NOW * 1000);
	assert_int_equal(e->checked_ms, (FLEET_NOW + 60) * 1000);
	assert_int_equal(e->before, FLEET_FAIL);
	assert_int_equal(e->past.state, FLEET_NEVER);
	/* Mended: no cause, no since. */
	fleet_builder_check(b, f, e, SHAPE_OK, FLEET_NOW + 120);
	assert_int_equal(e->since_ms, 0);
	assert_int_equal(e->past.state, FLEET_FAIL);
	assert_true(e->past.same_chain);
	/* Again: it began anew. */
	fleet_builder_check(b, f, e, SHAPE_FORGOTTEN, FLEET_NOW + 180);
	assert_int_equal(e->since_ms, (FLEET_NOW + 180) * 1000);
	assert_int_equal(e->past.state, FLEET_OK);
	assert_int_equal(e->past.checked_ms, (FLEET_NOW + 120) * 1000);
	assert_int_equal(e->checks, 4);
	fleet_free(f);
}

static void
the_past_of_a_cause(void **state)
{
	struct fleet *f = fleet_new();
	struct entry *e = fleet_builder_add(b, f, "payment");

	(void)state;
	fleet_builder_check(b, f, e, SHAPE_INTERMEDIATE, CHAINS_NOW - 60);
	assert_int_equal(fleet_state(e), FLEET_WARN);
	assert_string_equal(entry_cause(e), "“Acme Issuing CA 1” expires in 1 min");
	fleet_builder_check(b, f, e, SHAPE_INTERMEDIATE, CHAINS_NOW + 60);
	assert_int_equal(e->since_ms, CHAINS_NOW * 1000);
	assert_int_equal(e->past.state, FLEET_WARN);
	assert_int_equal(e->past.checked_ms, (CHAINS_NOW - 60) * 1000);
	assert_true(e->past.same_chain);
	/* Another certificate with another cause: that the chain is another one is known. */
	fleet_builder_check(b, f, e, SHAPE_ROOT_EXPIRING, CHAINS_NOW + 120);
	assert_false(e->past.same_chain);
	/* Nothing was presented: nothing can be the same. */
	fleet_builder_check(b, f, e, SHAPE_REFUSED_PORT, CHAINS_NOW + 180);
	assert_false(e->past.same_chain);
	fleet_free(f);
}

/* ---- what ends first ---- */

static void
what_ends_first(void **state)
{
	static const struct {
		enum shape shape;
		const char *days, *cert;
		enum side side;
	} cases[] = {
		{ SHAPE_OK, "70 d theirs", "server-2", SIDE_SERVER },
		{ SHAPE_INTERMEDIATE, "-7 min theirs", "issuing", SIDE_SERVER },
		{ SHAPE_CROSSED, "-7 min theirs", "issuing", SIDE_SERVER },
		{ SHAPE_FORGOTTEN, "70 d theirs", "server-2", SIDE_SERVER },
		{ SHAPE_OUR_EXPIRED, "-4 d ours", "client-expired", SIDE_CLIENT },
		{ SHAPE_REFUSED_PORT, "87 d ours", "client", SIDE_CLIENT },
		{ SHAPE_ROOT_EXPIRING, "62 d theirs", "server-old", SIDE_SERVER },
	};
	char days[32];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fleet *f = fleet_new();
		struct entry *e = fleet_builder_add(b, f, "payment");

		assert_string_equal(entry_days(e, FLEET_NOW, days, sizeof days), "");
		fleet_builder_check(b, f, e, cases[i].shape, FLEET_NOW);
		assert_string_equal(entry_days(e, FLEET_NOW, days, sizeof days), cases[i].days);
		assert_int_equal(e->ends.side, cases[i].side);
		assert_ptr_equal(e->ends.cert, fleet_builder_cert(b, cases[i].cert));
		/* Days go by without a check. */
		if (cases[i].shape == SHAPE_OK)
			assert_string_equal(entry_days(e, FLEET_NOW + 30 * DAY, days, sizeof days), "40 d theirs");
		fleet_free(f);
	}
}

/* An old certificate of ours that nothing is wrong with: the server was never asked, the path has others. */
static void
a_past_end_that_hurts_nobody(void **state)
{
	struct fleet *f = fleet_new();
	struct entry *e = fleet_builder_add(b, f, "payment");
	struct evidence *ev = fleet_builder_evidence(b, e, SHAPE_OUR_EXPIRED, FLEET_NOW);
	struct diagnosis *d = diagnose(ev);
	char days[32];

	(void)state;
	for (size_t i = 0; i < d->len; i++)
		if (d->findings[i].certificate == fleet_builder_cert(b, "client-expired"))
			d->findings[i].certificate = NULL;
	fleet_result(f, e, ev, d, FLEET_NOW * 1000);
	assert_string_equal(entry_days(e, FLEET_NOW, days, sizeof days), "70 d theirs");
	fleet_free(f);
}

/* ---- what a cause shares ---- */

static void
shared_by_thirty(void **state)
{
	struct fleet *f = fleet_builder_design(b);
	struct cause_shared s;

	(void)state;
	cause_shared(f, cause_at(f, 0)->id, &s);
	assert_int_equal(s.count, 30);
	assert_ptr_equal(s.cert, fleet_builder_cert(b, "issuing"));
	assert_int_equal(s.presented, 30);
	assert_false(s.ours);
	assert_int_equal(s.looked_before, 30);
	assert_int_equal(s.past_of[FLEET_WARN], 30); /* for thirty days it was about to end */
	assert_int_equal(s.past_ms, (FLEET_NOW - 600) * 1000);
	assert_int_equal(s.same_chain, 30);
	assert_int_equal(s.other_ways, 0);
	/* The one that is down was fine, and has no certificate to speak of. */
	cause_shared(f, cause_at(f, 1)->id, &s);
	assert_int_equal(s.count, 1);
	assert_null(s.cert);
	assert_int_equal(s.past_of[FLEET_OK], 1);
	assert_int_equal(s.same_chain, 0);
	/* Those that are well: nothing is shared, and one of them ends first. */
	cause_shared(f, cause_at(f, 3)->id, &s);
	assert_int_equal(s.count, 8);
	assert_null(s.cert);
	assert_int_equal(s.looked_before, 0);
	assert_int_equal(s.ends_first->ends.at, CHAINS_NOW + 71 * DAY);
	/* Nobody has such a cause. */
	cause_shared(f, 1, &s);
	assert_int_equal(s.count, 0);
	assert_null(s.cert);
	fleet_free(f);
}

/* One of two has a cross-signed intermediate at hand: another way is known for that one alone. */
static void
a_way_round(void **state)
{
	struct fleet *f = fleet_new();
	struct entry *one = fleet_builder_add(b, f, "one"), *two = fleet_builder_add(b, f, "two");
	struct cause_shared s;

	(void)state;
	fleet_builder_check(b, f, one, SHAPE_INTERMEDIATE, FLEET_NOW);
	fleet_builder_check(b, f, two, SHAPE_CROSSED, FLEET_NOW);
	assert_int_equal(entry_cause_id(one), entry_cause_id(two));
	cause_shared(f, entry_cause_id(one), &s);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.other_ways, 1);
	assert_ptr_equal(s.other, two);
	assert_ptr_equal(s.other_path->links[1].cert, fleet_builder_cert(b, "issuing-crossed"));
	fleet_free(f);
}

/* Same code, different certificates, one cause key: nothing is said of “the same certificate”. Ours is ours. */
static void
shared_or_not(void **state)
{
	static const struct {
		enum shape shape;
		const char *cert;
		size_t presented;
		bool ours;
	} cases[] = {
		{ SHAPE_OUR_EXPIRED, "client-expired", 0, true },
		{ SHAPE_FORGOTTEN, "client", 0, true },
		{ SHAPE_NOT_YET, "server-future", 2, false },
		{ SHAPE_REFUSED_PORT, NULL, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fleet *f = fleet_new();
		struct cause_shared s;

		fleet_builder_check(b, f, fleet_builder_add(b, f, "one"), cases[i].shape, FLEET_NOW);
		fleet_builder_check(b, f, fleet_builder_add(b, f, "two"), cases[i].shape, FLEET_NOW);
		cause_shared(f, cause_at(f, 0)->id, &s);
		if (cases[i].cert == NULL)
			assert_null(s.cert);
		else
			assert_ptr_equal(s.cert, fleet_builder_cert(b, cases[i].cert));
		assert_int_equal(s.presented, cases[i].presented);
		assert_int_equal(s.ours, cases[i].ours);
		fleet_free(f);
	}
}

/* ---- JSON ---- */

static void
as_json(void **state)
{
	static const struct {
		bool checked, waiting;
		const char *holds;
	} cases[] = {
		{ false, false, "{\"schema\":\"mtlscope.fleet/1\",\"name\":\"payment\",\"address\":\"payment.internal:8443\",\"state\":\"never\"}\n" },
		{ false, true, "{\"schema\":\"mtlscope.fleet/1\",\"name\":\"payment\",\"address\":\"payment.internal:8443\",\"state\":\"waiting\"}\n" },
		{ true, false, "{\"schema\":\"mtlscope.check/1\"" },
		{ true, true, "\"root_cause\":\"chain.intermediate-expired\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fleet *f = fleet_new();
		struct entry *e = fleet_builder_add(b, f, "payment");
		struct buf out = { 0 };

		if (cases[i].checked)
			fleet_builder_check(b, f, e, SHAPE_INTERMEDIATE, FLEET_NOW);
		fleet_waiting(f, e, cases[i].waiting);
		entry_json(e, &out);
		if (strstr(buf_str(&out), cases[i].holds) == NULL)
			fail_msg("%s", buf_str(&out));
		assert_ptr_equal(strchr(buf_str(&out), '\n'), out.data + out.len - 1);
		buf_done(&out);
		fleet_free(f);
	}
}

static int
set_up(void **state)
{
	(void)state;
	b = fleet_builder_make();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fleet_builder_free(b);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_follow_verdicts),
		cmocka_unit_test(entries_are_found),
		cmocka_unit_test(names_in_natural_order),
		cmocka_unit_test(ranks_by_name),
		cmocka_unit_test(widths_are_kept),
		cmocka_unit_test(the_design),
		cmocka_unit_test(causes_stay_while_checked_again),
		cmocka_unit_test(without_a_cause),
		cmocka_unit_test(labels_hold_for_all),
		cmocka_unit_test(one_certificate_two_wrong_names),
		cmocka_unit_test(clocks_that_differ),
		cmocka_unit_test(causes_in_order),
		cmocka_unit_test(many_causes),
		cmocka_unit_test(since_is_kept),
		cmocka_unit_test(the_past_of_a_cause),
		cmocka_unit_test(what_ends_first),
		cmocka_unit_test(a_past_end_that_hurts_nobody),
		cmocka_unit_test(shared_by_thirty),
		cmocka_unit_test(a_way_round),
		cmocka_unit_test(shared_or_not),
		cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
