/*
 * What the rules say of servers that they were not fit on. The table of refusals is linked in without
 * the rows of Node and of GnuTLS, as if nobody had ever measured them; Apache, stunnel and Python are
 * judged by the rows that s_server and HAProxy gave. So five of the ten servers are new here; of what
 * their refusals mean, nothing is known but what other stacks and the standard say.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/refusal_table.h"
#include "tests/replay.h"
#include "tests/verdicts.h"

/* No stack has this number: rows of it answer nobody. This definition of the table takes the place of the library's. */
#define STACK_NODE STACK_COUNT
#define STACK_GNUTLS STACK_COUNT
#include "model/refusal_table.c"
#undef STACK_NODE
#undef STACK_GNUTLS

/* What is missed, and why that is right as long as nobody has measured it. */
static const struct excuse {
	const char *server, *fault, *answer, *why;
} excuses[] = {
	{ "gnutls-serv 3.7.9", "none", "alert 50",
	    "alone of all it calls an empty Certificate in TLS 1.2 a decode_error: unmeasured, “not how a server says that one is required” is honest" },
};

struct seen {
	unsigned excused;
};

static void
look_at_miss(const struct matrix_row *row, const struct diagnosis *d, void *user)
{
	struct seen *seen = user;
	const char *why = NULL;

	if (row->product->fit || verdict_names(d, row->cause))
		return;
	for (size_t i = 0; i < sizeof excuses / sizeof excuses[0]; i++)
		if (strcmp(excuses[i].server, row->server) == 0 && strcmp(excuses[i].fault, row->fault) == 0 && strcmp(excuses[i].answer, row->answer) == 0)
			why = excuses[i].why;
	seen->excused += why != NULL;
	print_message("  missed: %s, TLS 1.%d, %s (%s): not %s, but %s (%s)%s%s\n", row->server, row->version == 0x0304 ? 3 : 2, row->fault,
	    row->answer, code_info(row->cause)->name, d->root != NULL ? code_info(d->root->code)->name : "nothing",
	    d->root != NULL ? confidence_name(d->root->confidence) : "", why != NULL ? ": " : "", why != NULL ? why : "");
}

static void
nothing_is_known_of_them_any_more(void **state)
{
	struct refusal close = { .kind = REFUSAL_CLOSE }, access_denied = { .kind = REFUSAL_ALERT, .alert = 49 };

	(void)state;
	assert_int_equal(refusal_fits_stack(&close, STACK_NODE, CODE_CLIENT_EXPIRED), RULED_OUT);
	assert_int_equal(refusal_fits_stack(&access_denied, STACK_GNUTLS, CODE_CLIENT_EXPIRED), RULED_OUT);
	assert_int_equal(refusal_fits_stack(&access_denied, STACK_UNKNOWN, CODE_CLIENT_EXPIRED), POSSIBLE);
}

/* No true cause may be lost, and nothing wrong be called certain: the less is known, the less is claimed. */
static void
judged_unseen(bool no_list, unsigned least_percent)
{
	struct seen seen = { 0 };
	struct replay r = { .no_list = no_list, .miss = look_at_miss, .user = &seen };
	struct replay_score s;

	replay_run(&r);
	replay_print(&r, false);
	s = replay_sum(&r, false);
	assert_true(s.rows > 250);
	assert_int_equal(s.missed, seen.excused);
	assert_int_equal(seen.excused, 2); /* both orders; none is left in the table that is no longer true */
	assert_int_equal(s.sure_wrong, 0);
	assert_int_equal(s.false_alarms, 0);
	assert_true(s.root * 100 >= s.rows * least_percent);
}

static void
servers_that_the_rules_never_saw(void **state)
{
	(void)state;
	judged_unseen(false, 80);
}

/* Then an untrusted CA is one candidate of several: fewer causes are proven. */
static void
and_that_name_no_ca(void **state)
{
	(void)state;
	judged_unseen(true, 70);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_of_them_any_more),
		cmocka_unit_test(servers_that_the_rules_never_saw),
		cmocka_unit_test(and_that_name_no_ca),
	};
	int failed;

	replay_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	replay_done();
	return failed;
}
