/* `mtlscope renew` on the lab's fleet: what is due, soonest first, each renewed by itself and seen on the wire. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "model/input.h"
#include "model/memory.h"
#include "tests/lab_process.h"
#include "tests/program.h"

enum { MOST_ENV = 16 };

static struct lab_process lab;
static char *folder;
static const char *env[MOST_ENV + 1];

static const char *
config(void)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(lab.json, "config"));
}

static cJSON *
renew(const char *file, const char *const more[], int *result)
{
	const char *argv[24] = { mtlscope(), "renew", "--json", "--config", file };
	struct run_options how = { .env = env, .deadline_ms = 60000 };
	struct run r;
	size_t n = 5;
	cJSON *o;

	for (; *more != NULL; more++)
		argv[n++] = *more;
	run_program(argv, &how, &r);
	*result = r.status;
	o = cJSON_Parse(buf_str(&r.out));
	if (o == NULL)
		fail_msg("no JSON, status %d: %s", r.status, buf_str(&r.err));
	run_done(&r);
	return o;
}

static const cJSON *
entry(const cJSON *o, const char *name)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, cJSON_GetObjectItem(o, "entries")) {
		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(e, "name")), name) == 0)
			return e;
	}
	fail_msg("%s is not listed", name);
	return NULL;
}

static void
is(const cJSON *o, const char *name, const char *member, const char *text)
{
	const char *found = cJSON_GetStringValue(cJSON_GetObjectItem(entry(o, name), member));

	if (found == NULL || strstr(found, text) == NULL)
		fail_msg("%s: %s is %s, and %s was expected", name, member, found != NULL ? found : "null", text);
}

static void
what_is_due(void **state)
{
	int result;
	cJSON *o = renew(config(), (const char *const[]){ "--list", NULL }, &result);

	(void)state;
	assert_int_equal(result, 0);
	is(o, "server-expiring", "state", "due");
	is(o, "server-expired", "state", "due");
	is(o, "healthy", "state", "later");
	is(o, "net-refused", "state", "not-from-here");
	is(o, "server-unreadable", "state", "unknown");
	is(o, "server-unreadable", "why", "server.crt:1:");
	/* The soonest first: what has ended is before what ends. */
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "entries"), 0), "name")), "server-expired");
	cJSON_Delete(o);
}

static void
without_apply_nothing_changes(void **state)
{
	int result;
	cJSON *o = renew(config(), (const char *const[]){ "server-expiring", NULL }, &result);

	(void)state;
	assert_int_equal(result, 0);
	assert_true(cJSON_IsObject(cJSON_GetObjectItem(entry(o, "server-expiring"), "plan")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(entry(o, "server-expiring"), "result")));
	cJSON_Delete(o);
	o = renew(config(), (const char *const[]){ "--list", "server-expiring", NULL }, &result);
	is(o, "server-expiring", "state", "due");
	cJSON_Delete(o);
}

/* One whose CA does not exist has no plan, and keeps no other from being renewed. */
static void
one_that_fails_keeps_no_other(void **state)
{
	struct input in = { .bytes = NULL };
	const char *line, *ca;
	struct buf text = { 0 };
	int result;
	cJSON *o;

	(void)state;
	assert_int_equal(input_read(config(), 1 << 20, &in, NULL), STATUS_OK);
	{
		char *all = mem_strndup((const char *)in.bytes, in.len);

		line = strstr(all, "name: \"server-expired\"");
		assert_non_null(line);
		ca = strstr(line, "Acme Issuing CA 1");
		assert_non_null(ca);
		buf_add(&text, all, (size_t)(ca - all));
		buf_adds(&text, "No Such CA");
		buf_adds(&text, ca + strlen("Acme Issuing CA 1"));
		free(all);
	}
	input_free(&in);
	assert_true(write_file(in_folder(folder, "config.yaml"), text.data, text.len));
	o = renew(in_folder(folder, "config.yaml"), (const char *const[]){ "server-expiring", "server-expired", "--apply", "--yes", NULL }, &result);
	assert_int_equal(result, 10);
	is(o, "server-expired", "why", "No Such CA");
	is(o, "server-expiring", "result", "RENEWED, and seen on the wire");
	cJSON_Delete(o);
	buf_done(&text);
}

/* Of one that is due and has no plan, or that cannot be looked at, the status says so to whoever lets it run every night. */
static void
what_is_not_renewed_is_no_success(void **state)
{
	static const struct {
		const char *entry, *apply;
		int result;
	} cases[] = { { "server-expired", "--apply", 10 }, { "server-unreadable", "--apply", 10 }, { "server-expired", NULL, 0 }, { "healthy", "--apply", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int result;

		cJSON_Delete(renew(in_folder(folder, "config.yaml"), (const char *const[]){ cases[i].entry, "--yes", cases[i].apply, NULL }, &result));
		if (result != cases[i].result)
			fail_msg("%s: %d", cases[i].entry, result);
	}
}

/* A certificate that lies in no file here ends when what is served ends, and goes where `install` says. */
static void
what_lies_elsewhere_is_renewed_too(void **state)
{
	const cJSON *e;
	struct buf text = { 0 };
	int result;
	cJSON *o;

	(void)state;
	cJSON_ArrayForEach(e, cJSON_GetObjectItem(lab.json, "endpoints")) {
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(e, "name"));

		if (strcmp(name, "server-expiring") == 0 || strcmp(name, "healthy") == 0)
			buf_addf(&text, "  - {name: %s, target: \"%s\", servername: payment.internal, renew: {aws: lab, ca: \"Acme Issuing CA 1\", before_days: 10}, "
			    "install: {hook: \"true\"}}\n", name, cJSON_GetStringValue(cJSON_GetObjectItem(e, "address")));
	}
	{
		struct buf all = { 0 };

		buf_addf(&all, "aws:\n  - {name: lab, region: us-east-1, endpoint_url: \"%s\"}\nfleet:\n%s  - {name: gone, target: \"127.0.0.1:%d\", renew: {aws: lab, ca: X}, install: {hook: \"true\"}}\n",
		    cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(lab.json, "environment"), "AWS_ENDPOINT_URL")), buf_str(&text), reserve_port());
		assert_true(write_file(in_folder(folder, "elsewhere.yaml"), all.data, all.len));
		buf_done(&all);
	}
	buf_done(&text);
	for (int list = 0; list <= 1; list++) {
		o = renew(in_folder(folder, "elsewhere.yaml"), (const char *const[]){ list ? "--list" : NULL, NULL }, &result);
		assert_int_equal(result, 0);
		is(o, "server-expiring", "state", "due");
		is(o, "healthy", "state", "later");
		is(o, "gone", "state", "unknown");
		is(o, "gone", "why", "shows no certificate now");
		assert_int_equal(cJSON_IsObject(cJSON_GetObjectItem(entry(o, "server-expiring"), "plan")), !list);
		assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "entries"), 0), "name")), "server-expiring");
		cJSON_Delete(o);
	}
}

/* The lab's own inventory, beside the user's: what of all that was issued is due, and who takes care of it. */
static void
the_inventory_is_asked_too(void **state)
{
	static const struct {
		const char *name, *fate;
	} counts[] = { { "replaced", "REPLACED" }, { "renewed_by_acm", "ACM" }, { "revoked", "REVOKED" }, { "renewable", "RENEWABLE" }, { "orphans", "ORPHAN" } };
	const char *const sync[] = { mtlscope(), "pca", "sync", "--config", config(), "--bucket",
		cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(lab.json, "environment"), "MTLSCOPE_LAB_BUCKET")), "--apply", "--yes", NULL };
	const char *const certs[] = { mtlscope(), "pca", "certs", "--config", config(), "--due", "--json", NULL };
	struct run_options how = { .env = env, .deadline_ms = 120000 };
	const cJSON *inventory;
	struct run r;
	int result;
	cJSON *o, *due;

	(void)state;
	o = renew(config(), (const char *const[]){ "--list", NULL }, &result);
	assert_null(cJSON_GetObjectItem(o, "inventory"));
	cJSON_Delete(o);
	run_program(sync, &how, &r);
	if (r.status != 0)
		fail_msg("%s", buf_str(&r.err));
	run_done(&r);
	run_program(certs, &how, &r);
	due = cJSON_Parse(buf_str(&r.out));
	run_done(&r);
	o = renew(config(), (const char *const[]){ "--list", NULL }, &result);
	inventory = cJSON_GetObjectItem(o, "inventory");
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(due, "certificates")) > 0);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		const cJSON *c;
		int n = 0;

		cJSON_ArrayForEach(c, cJSON_GetObjectItem(due, "certificates"))
			n += strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(c, "fate")), counts[i].fate) == 0;
		assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(inventory, counts[i].name)), n);
	}
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(inventory, "nobody_renews")), cJSON_GetNumberValue(cJSON_GetObjectItem(inventory, "orphans")));
	cJSON_Delete(due);
	cJSON_Delete(o);
}

static void
due_ones_are_renewed(void **state)
{
	int result;
	cJSON *o = renew(config(), (const char *const[]){ "server-expired", "--apply", "--yes", NULL }, &result);

	(void)state;
	assert_int_equal(result, 0);
	is(o, "server-expired", "result", "RENEWED, and seen on the wire");
	cJSON_Delete(o);
	o = renew(config(), (const char *const[]){ "--list", NULL }, &result);
	is(o, "server-expired", "state", "later");
	is(o, "server-expiring", "state", "later");
	cJSON_Delete(o);
}

static void
bad_words(void **state)
{
	static const struct {
		const char *word, *says;
	} cases[] = { { "no.such.host", "is no entry of the fleet" }, { "--days=0", "--days" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *argv[] = { mtlscope(), "renew", "--config", config(), cases[i].word, NULL };
		struct run_options how = { .env = env };
		struct run r;

		run_program(argv, &how, &r);
		assert_int_equal(r.status, 2);
		if (strstr(buf_str(&r.err), cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].word, buf_str(&r.err));
		run_done(&r);
	}
}

static void
add_env(size_t *n, const char *name, const char *value)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s=%s", name, value);
	env[(*n)++] = mem_strdup(b.data);
	buf_done(&b);
}

static int
set_up(void **state)
{
	const cJSON *item;
	size_t n = 0;

	(void)state;
	folder = make_folder();
	if (!lab_process_start(&lab, 0))
		return -1;
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(lab.json, "environment"))
		add_env(&n, item->string, item->valuestring);
	add_env(&n, "XDG_STATE_HOME", folder);
	add_env(&n, "XDG_CONFIG_HOME", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	lab_process_stop(&lab);
	for (size_t i = 0; env[i] != NULL; i++)
		free((char *)(uintptr_t)env[i]);
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due),
		cmocka_unit_test(without_apply_nothing_changes),
		cmocka_unit_test(what_lies_elsewhere_is_renewed_too),
		cmocka_unit_test(the_inventory_is_asked_too),
		cmocka_unit_test(one_that_fails_keeps_no_other),
		cmocka_unit_test(what_is_not_renewed_is_no_success),
		cmocka_unit_test(due_ones_are_renewed),
		cmocka_unit_test(bad_words),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
