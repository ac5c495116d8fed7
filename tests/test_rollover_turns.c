/*
 * Steps of a roll-over out of their turn: a plan that is undone while a later one stands or was cut short, one that is gone on with when its step is not
 * safe any more, and bundles that AWS keeps. All by the command line, on a lab; at no moment may a service fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "tests/rollover_fleet.h"
#include "tests/vtpty.h"

enum { FEW = 4 };

/* ---- what a run must say ---- */

static void
expect(struct run *r, const char *about, int status, const char *what)
{
	if (r->status != status || (strstr(buf_str(&r->out), what) == NULL && strstr(buf_str(&r->err), what) == NULL))
		fail_msg("%s: status %d, %d was expected, and “%s” in:\n%s%s", about, r->status, status, what, buf_str(&r->out), buf_str(&r->err));
	run_done(r);
}

/* mtlscope undo or resume PLAN. */
static void
record_says(const struct rolled *f, const char *order, const char *plan, int status, const char *what)
{
	const char *const words[] = { mtlscope(), order, plan, "--config", f->config, "--apply", "--yes", NULL };
	struct run_options how = { .env = (const char *const *)f->env };
	struct run r;

	run_program(words, &how, &r);
	expect(&r, order, status, what);
}

static void
shell(const char *fmt, ...)
{
	struct run r;
	char *line = NULL;
	va_list ap;

	va_start(ap, fmt);
	assert_true(vasprintf(&line, fmt, ap) > 0);
	va_end(ap);
	run_program((const char *const[]){ "/bin/sh", "-c", line, NULL }, NULL, &r);
	expect(&r, line, 0, "");
	free(line);
}

/* A roll-over with a new root, up to the step that is to be done next. */
static void
begin(struct rolled *f, const char *way, const char *until)
{
	static const char *const order[] = { "make-issuing", "measure", "trust", "move", "remove" };

	assert_true(rolled_start(f, FEW));
	rolled_use(f, NULL);
	SAYS(f, 0, "steps done", "--way", way, "--apply", "--yes");
	for (size_t i = 0; strcmp(order[i], until) != 0; i++)
		SAYS(f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_is_next(f, until);
}

/* The next step, killed when the record has so many lines more; one that was over before that is no test. */
static void
cut_short(const struct rolled *f, unsigned lines)
{
	int status;

	assert_true(rolled_run_killed(f, (const char *const[]){ "--next", "--apply", "--yes", NULL }, lines, &status));
}

/* ---- undone ---- */

/* Chains were moved in two plans: while one of them stands, trust is not taken from under it. Plan 4 gave the trust. */
static void
one_of_two_plans_stands(void **state)
{
	struct rolled f;

	(void)state;
	begin(&f, "cross", "move");
	SAYS(&f, 0, "steps done", "--next", "--only", rolled_name(&f, 0), "--apply", "--yes");
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	record_says(&f, "undo", "6", 0, "");
	record_says(&f, "undo", "4", 10, "(plan 5 on ");
	rolled_all_healthy(&f, "after trust was refused to be undone");
	/* The document is none the wiser when it has seen the undo. */
	rolled_is_next(&f, "move");
	record_says(&f, "undo", "4", 10, "(plan 5 on ");
	record_says(&f, "undo", "5", 0, "");
	record_says(&f, "undo", "4", 0, "");
	rolled_all_healthy(&f, "after all was undone");
	rolled_is_next(&f, "trust");
	rolled_stop(&f);
}

/* The moving was cut short: some send new chains already. Once it is taken back nobody needs to go on with it. */
static void
a_move_that_was_cut_short(void **state)
{
	struct rolled f;

	(void)state;
	begin(&f, "cross", "move");
	cut_short(&f, 6);
	record_says(&f, "undo", "4", 10, "is under way on ");
	rolled_all_healthy(&f, "after trust was refused to be undone");
	record_says(&f, "undo", "5", 0, "");
	record_says(&f, "undo", "4", 0, "");
	rolled_all_healthy(&f, "after all was undone");
	rolled_is_next(&f, "trust");
	/* Another machine is not told that it is under way here. */
	shell("! grep -q '\"busy\"' %s/mtlscope/rollover-*.json", f.state);
	rolled_stop(&f);
}

/* The roll-over was abandoned with its chains in place, and another one of the same root began: what rests on the old one's trust rests on it still. */
static void
a_plan_of_one_that_was_put_aside(void **state)
{
	struct rolled f;

	(void)state;
	begin(&f, "cross", "remove");
	SAYS(&f, 0, "abandoned", "--abandon", "--apply", "--yes");
	SAYS(&f, 0, "steps done", "--way", "same-key", "--apply", "--yes");
	record_says(&f, "undo", "4", 10, "(plan 5 on ");
	rolled_all_healthy(&f, "after trust was refused to be undone");
	record_says(&f, "undo", "5", 0, "");
	record_says(&f, "undo", "4", 0, "");
	rolled_all_healthy(&f, "after both were undone");
	rolled_stop(&f);
}

/* ---- gone on with ---- */

/* The old root was being taken out when it was cut short; then a deploy puts an old bundle back. Plan 6 is the removal. */
static void
a_removal_that_is_not_safe_any_more(void **state)
{
	const char *trust;
	struct rolled f;

	(void)state;
	begin(&f, "cross", "remove");
	cut_short(&f, 3);
	trust = rolled_file(&f, 3, "trust");
	shell("cp %s %s/aside.pem && cp \"$(ls %s.old-* | head -1)\" %s", trust, f.folder, trust, trust);
	SAYS(&f, 10, "would fail", "--next", "--apply", "--yes");
	SAYS(&f, 10, "mtlscope undo 6 brings back", "--next", "--apply", "--yes");
	record_says(&f, "resume", "6", 10, "is a step of a roll-over");
	/* That deploy is taken back, and it goes on. */
	shell("cp %s/aside.pem %s", f.folder, trust);
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_all_healthy(&f, "after the old root was taken out");
	rolled_is_next(&f, "retire");
	rolled_stop(&f);
}

/* The question stands there while a deploy puts an old bundle back: the yes to it comes too late. */
static void
a_yes_that_comes_late(void **state)
{
	const char *trust, *env[16] = { NULL };
	struct vtpty_options how = { .rows = 60, .columns = 200, .env = env };
	struct vtpty *p;
	struct rolled f;

	(void)state;
	begin(&f, "cross", "remove");
	for (size_t i = 0; i < 15; i++)
		env[i] = f.env[i];
	trust = rolled_file(&f, 3, "trust");
	p = vtpty_open((const char *const[]){ mtlscope(), "rollover", FLEET_ROOT, "--config", f.config, "--next", "--apply", NULL }, &how);
	vtpty_wait(p, "Apply this plan? [y/N]");
	shell("cp %s %s/aside.pem && cp \"$(ls %s.old-* | head -1)\" %s", trust, f.folder, trust, trust);
	vtpty_type(p, "y\n");
	vtpty_wait(p, "service-04 would fail");
	assert_int_equal(vtpty_wait_end(p, 30000), 10);
	vtpty_free(p);
	shell("cp %s/aside.pem %s", f.folder, trust);
	rolled_is_next(&f, "remove");
	rolled_stop(&f);
}

/* ---- another configuration ---- */

/* Whoever picks it up has a configuration that lacks a service: that one does not trust the new root, and nothing may be moved on. */
static void
a_service_that_is_missing(void **state)
{
	struct rolled f;
	cJSON *json;

	(void)state;
	begin(&f, "cross", "trust");
	f.len--;
	rolled_use(&f, NULL);
	SAYS(&f, 0, "1 not in the configuration here any more", "--status");
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_is_next(&f, "move");
	SAYS(&f, 10, "It is not known whether service-04 lets in clients", "--next", "--apply", "--yes");
	f.len++;
	rolled_all_healthy(&f, "while one is missing");
	/* With its own configuration it says NO itself, and is seen to. */
	rolled_use(&f, NULL);
	rolled_is_next(&f, "trust");
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	/* It is shut down, and that is typed: from then on it does not count. */
	f.len--;
	rolled_use(&f, NULL);
	SAYS(&f, 0, "steps done", "--next", "--confirm", rolled_name(&f, 3), "--apply", "--yes");
	rolled_is_next(&f, "remove");
	json = rolled_status(&f);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "allowed")));
	cJSON_Delete(json);
	f.len++;
	rolled_stop(&f);
}

/* ---- what is issued ---- */

/* The plan that imported the new chain into the issuing CA is undone, a later one of the same step stands: renewals must not bring the old chain back. */
static void
the_import_is_done_again(void **state)
{
	struct rolled f;

	(void)state;
	begin(&f, "cross", "move");
	SAYS(&f, 0, "steps done", "--next", "--only", rolled_name(&f, 0), "--apply", "--yes");
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	record_says(&f, "undo", "5", 0, "");
	rolled_is_next(&f, "move");
	SAYS(&f, 0, "import the certificate that", "--next");
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_is_next(&f, "remove");
	rolled_all_healthy(&f, "after it was done again");
	rolled_stop(&f);
}

/* Of the CAs below the root the fleet hangs on one that is not the first: that one's successor issues what services are measured with. */
static void
not_the_first_issuing_ca(void **state)
{
	const cJSON *e, *serves = NULL, *env;
	struct buf out = { 0 };
	struct rolled f;

	(void)state;
	assert_true(rolled_start(&f, 1));
	env = cJSON_GetObjectItemCaseSensitive(f.lab.json, "environment");
	cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(f.lab.json, "endpoints")) {
		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(e, "name")), "server-outlives-issuer") == 0)
			break;
	}
	assert_non_null(e);
	serves = cJSON_GetObjectItemCaseSensitive(e, "serves");
	buf_addf(&out, "aws:\n  - {name: lab, region: %s, endpoint_url: \"%s\"}\nfleet:\n  - {name: four, target: \"%s\", servername: payment.internal, serves: {cert: %s, key: %s, trust: %s}}\n",
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(env, "AWS_REGION")), cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(env, "AWS_ENDPOINT_URL")),
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(e, "address")), cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(serves, "cert")),
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(serves, "key")), cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(serves, "trust")));
	f.config = strdup(in_folder(f.folder, "four.yaml"));
	assert_true(write_file(f.config, out.data, out.len));
	buf_done(&out);
	SAYS(&f, 0, "steps done", "--way", "new", "--apply", "--yes");
	SAYS(&f, 0, "“Acme Issuing CA 4", "--next", "--apply", "--yes");
	rolled_is_next(&f, "measure");
	SAYS(&f, 0, "steps done", "--next", "--apply", "--yes");
	rolled_is_next(&f, "trust");
	rolled_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_two_plans_stands),
		cmocka_unit_test(a_move_that_was_cut_short),
		cmocka_unit_test(a_plan_of_one_that_was_put_aside),
		cmocka_unit_test(a_removal_that_is_not_safe_any_more),
		cmocka_unit_test(a_yes_that_comes_late),
		cmocka_unit_test(a_service_that_is_missing),
		cmocka_unit_test(the_import_is_done_again),
		cmocka_unit_test(not_the_first_issuing_ca),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
