/*
 * The 915 measured handshakes (tests/data/alert_matrix.txt) through the rules, with the whole table of
 * refusals. The rules came from these rows, so this proves little: that nothing was forgotten. What the
 * rules are worth where they were not fit is in tests/test_held_out.c, and against live servers in
 * tests/test_peers.c.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/replay.h"

static void
print_miss(const struct matrix_row *row, const struct diagnosis *d, void *which)
{
	const bool *all = which;

	if (!*all)
		return;
	print_message("%s, TLS 1.%d, %s, %s (%s): %s, and found:\n", row->server, row->version == 0x0304 ? 3 : 2, row->fault,
	    row->order == 'r' ? "read first" : "wrote first", row->answer, code_info(row->cause)->name);
	for (size_t i = 0; i < d->len; i++)
		print_message("  %s (%s)\n", code_info(d->findings[i].code)->name, confidence_name(d->findings[i].confidence));
}

static void
replayed(bool no_list)
{
	static bool all;
	struct replay r = { .no_list = no_list, .miss = print_miss, .user = &all };
	struct replay_score fit, others;

	replay_run(&r);
	replay_print(&r, true);
	replay_print(&r, false);
	fit = replay_sum(&r, true);
	others = replay_sum(&r, false);
	assert_int_equal(fit.rows + fit.unread + fit.accepted + others.rows + others.unread + others.accepted, MATRIX_ROWS);
	assert_int_equal(fit.missed + others.missed, 0);
	assert_int_equal(fit.sure_wrong + others.sure_wrong, 0);
	assert_int_equal(fit.false_alarms + others.false_alarms, 0);
}

static void
every_measured_refusal_has_its_cause(void **state)
{
	(void)state;
	replayed(false);
}

/* Many servers name no CA (HAProxy with ca-verify-file, Go and Node by their settings): less is known then. */
static void
and_where_the_server_names_no_ca(void **state)
{
	(void)state;
	replayed(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_measured_refusal_has_its_cause),
		cmocka_unit_test(and_where_the_server_names_no_ca),
	};
	int failed;

	replay_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	replay_done();
	return failed;
}
