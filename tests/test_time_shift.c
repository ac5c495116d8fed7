/* The same chains at other moments: which clock calls what valid, and at which moment that changes. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/memory.h"
#include "model/time_shift.h"
#include "tests/chains.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "ca-ending", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2" }, .from = -700, .to = 12 },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .from = -10, .to = 60 },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -10, .to = 20 },
	{ .name = "us-new", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -1, .to = 89 },
	{ .name = "us-future", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = 3, .to = 400 },
	{ .name = "us-below", .issuer = "ca-ending", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -10, .to = 40 },
};
static struct chains *chains;

#define MOST 5
static const struct shift_case {
	const char *what, *ours[CHAIN_MAX];
	int clock_minutes;
	size_t len;
	/* Of those that change something, and the clocks: when (days from now), why, and which of ours and theirs is out. */
	struct {
		enum shift_why why;
		int day;
		const char *theirs, *ours; /* NULL: valid */
	} expect[MOST];
} cases[] = {
	{ "ours ends before 30 days are over", { "us", "issuing" }, 0, 4, { { SHIFT_OUR_CLOCK, 0, NULL, NULL }, { SHIFT_ENDS, 20, NULL, "us" },
	    { SHIFT_AHEAD, 30, NULL, "us" }, { SHIFT_ENDS, 60, "server", "us" } } },
	/* The nearest to the leaf is named: that is what one sees first. */
	{ "a CA above us ends first", { "us-below", "ca-ending" }, 0, 5, { { SHIFT_OUR_CLOCK, 0, NULL, NULL }, { SHIFT_ENDS, 12, NULL, "ca-ending" },
	    { SHIFT_AHEAD, 30, NULL, "ca-ending" }, { SHIFT_ENDS, 40, NULL, "us-below" }, { SHIFT_ENDS, 60, "server", "us-below" } } },
	{ "not valid yet", { "us-future", "issuing" }, 0, 4, { { SHIFT_OUR_CLOCK, 0, NULL, "us-future" }, { SHIFT_BEGINS, 3, NULL, NULL },
	    { SHIFT_AHEAD, 30, NULL, NULL }, { SHIFT_ENDS, 60, "server", NULL } } },
	{ "their clock is two days slow", { "us-new", "issuing" }, -2 * 24 * 60, 5, { { SHIFT_SERVER_CLOCK, -2, NULL, "us-new" }, { SHIFT_BEGINS, -1, NULL, NULL },
	    { SHIFT_OUR_CLOCK, 0, NULL, NULL }, { SHIFT_AHEAD, 30, NULL, NULL }, { SHIFT_ENDS, 60, "server", NULL } } },
};

static bool
is(const struct cert *c, const char *name)
{
	return (c == NULL) == (name == NULL) && (c == NULL || strcmp(c->sha256_hex, chains_cert(chains, name)->sha256_hex) == 0);
}

static void
check_case(const struct shift_case *c)
{
	struct chain_case t = { .server = { "server", "issuing" }, .answer = ACCEPTED, .clock_minutes = c->clock_minutes };
	struct arena *a = arena_new();
	struct evidence *e;
	struct diagnosis *d;
	struct shift *all;
	size_t len, n = 0;

	memcpy(t.ours, c->ours, sizeof t.ours);
	e = chains_evidence(chains, &t);
	d = diagnose(e);
	len = time_shift(d, a, &all);
	for (size_t i = 0; i < len && n < c->len; i++) {
		int64_t days = (all[i].at - CHAINS_NOW + (all[i].at < CHAINS_NOW ? -CHAINS_DAY / 2 : CHAINS_DAY / 2)) / CHAINS_DAY;

		if (all[i].why > SHIFT_AHEAD && !all[i].changed)
			continue;
		if (all[i].why != c->expect[n].why || days != c->expect[n].day || !is(all[i].theirs.out, c->expect[n].theirs) ||
		    !is(all[i].ours.out, c->expect[n].ours))
			fail_msg("%s: %zu: why %d, in %d days, theirs %s, ours %s", c->what, n, (int)all[i].why, (int)days,
			    all[i].theirs.out != NULL ? "out" : "fine", all[i].ours.out != NULL ? "out" : "fine");
		assert_true(i == 0 || all[i].at >= all[i - 1].at);
		n++;
	}
	if (n < c->len)
		fail_msg("%s: %zu moments", c->what, n);
	diagnosis_free(d);
	evidence_free(e);
	arena_free(a);
}

static void
moments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_case(&cases[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
