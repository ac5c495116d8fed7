/*
 * diff and the page of inspect, through the real program: only what differs, what matters first;
 * which leaf was taken and why, what belongs together, and inspect's JSON.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "tests/program.h"

#define DAY INT64_C(86400)

static char *folder;

static int
set_up(void **state)
{
	static const char *const names[] = { "DNS:order-service", "DNS:old.internal", NULL };
	static const char *const new_names[] = { "DNS:order-service", "DNS:new.internal", NULL };
	int64_t now = time(NULL);
	struct pki_cert root = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .ca = true,
	    .not_before = now - DAY, .not_after = now + 3650 * DAY, .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	struct pki_cert ca = pki_issue(&(struct pki_request){ .cn = "Acme Issuing CA 1", .ca = true,
	    .not_before = now - DAY, .not_after = now + 3650 * DAY, .key_usage = "critical,keyCertSign,cRLSign" }, &root);
	struct pki_cert old = pki_issue(&(struct pki_request){ .cn = "order-service", .san = names, .eku = "clientAuth",
	    .not_before = now - 90 * DAY, .not_after = now - DAY }, &ca);
	struct pki_cert new = pki_issue(&(struct pki_request){ .cn = "order-service", .san = new_names,
	    .eku = "clientAuth", .key_type = PKI_RSA2048 }, &ca);
	const struct pki_cert *before[] = { &old, &ca }, *after[] = { &new, &ca }, *swapped[] = { &ca, &new },
		*top[] = { &root };

	(void)state;
	folder = make_folder();
	bool ok = pki_write_certs(in_folder(folder, "old.crt"), before, 2) &&
	    pki_write_certs(in_folder(folder, "new.crt"), after, 2) &&
	    pki_write_certs(in_folder(folder, "swapped.crt"), swapped, 2) &&
	    pki_write_certs(in_folder(folder, "root.pem"), top, 1) &&
	    pki_write_key(in_folder(folder, "new.key"), new.key, NULL) &&
	    write_file(in_folder(folder, "broken.crt"),
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 60);
	pki_cert_free(&new);
	pki_cert_free(&old);
	pki_cert_free(&ca);
	pki_cert_free(&root);
	return ok ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

/* Runs the program in UTF-8; words that begin with "@" are files of the folder. */
static void
run(const char *const words[], struct run *r)
{
	static const char *const env[] = { "LC_ALL=C.UTF-8", NULL };
	const char *argv[12] = { mtlscope() };

	for (size_t i = 0; i < 10 && words[i] != NULL; i++)
		argv[i + 1] = words[i][0] == '@' ? in_folder(folder, words[i] + 1) : words[i];
	run_program(argv, &(struct run_options){ .env = env }, r);
}

#define RUN(r, ...)                                                                                   \
	struct run r;                                                                                 \
	run((const char *const[]){ __VA_ARGS__, NULL }, &r)

static void
renewed(void **state)
{
	static const char *const in_order[] = { "- until ", " (expired)\n", "+ until ", "- key ", "EC P-256", "+ key ",
		"RSA 2048", "- names       DNS:old.internal\n", "+ names       DNS:new.internal\n", "- serial", "- SHA-256" };

	(void)state;
	RUN(r, "diff", "@old.crt", "@new.crt");
	assert_int_equal(r.status, 0);
	assert_int_equal(r.err.len, 0);
	const char *at = r.out.data;
	for (size_t i = 0; i < sizeof in_order / sizeof in_order[0]; i++) {
		const char *found = strstr(at, in_order[i]);
		if (found == NULL)
			fail_msg("no “%s” after that in:\n%s", in_order[i], r.out.data);
		at = found;
	}
	/* The issuing CA is the same: it is counted, not shown; what does not differ is left out. */
	assert_null(strstr(r.out.data, "Acme Issuing CA 1"));
	assert_null(strstr(r.out.data, "subject"));
	assert_non_null(strstr(r.out.data, "1 object is the same on both sides."));
	run_done(&r);
}

static void
nothing_differs(void **state)
{
	(void)state;
	RUN(r, "diff", "@new.crt", "@new.crt");
	assert_int_equal(r.status, 0);
	assert_string_equal(r.out.data, "No difference.\n");
	run_done(&r);
}

static void
only_the_order(void **state)
{
	(void)state;
	RUN(r, "diff", "@new.crt", "@swapped.crt");
	assert_int_equal(r.status, 0);
	assert_string_equal(r.out.data, "The same, in another order.\n");
	run_done(&r);
}

static void
one_side_has_more(void **state)
{
	(void)state;
	RUN(r, "diff", "@new.crt", "@root.pem");
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(r.out.data, "  - only in "));
	assert_non_null(strstr(r.out.data, "CA certificate “Acme Root CA”\n  + only in "));
	run_done(&r);
}

static void
wrong_use_of_diff(void **state)
{
	(void)state;
	RUN(one, "diff", "@new.crt");
	assert_int_equal(one.status, 2);
	assert_non_null(strstr(one.err.data, "diff compares two"));
	run_done(&one);
	RUN(missing, "diff", "@new.crt", "@nowhere.crt");
	assert_int_equal(missing.status, 2);
	assert_int_equal(missing.out.len, 0);
	assert_non_null(strstr(missing.err.data, "nowhere.crt"));
	run_done(&missing);
}

static void
inspect_says_what_it_took(void **state)
{
	(void)state;
	RUN(r, "inspect", "@new.crt", "@new.key", "--cacert", "@root.pem", "--purpose", "client");
	assert_int_equal(r.status, 0);
	assert_int_equal(strncmp(r.out.data, "Judged: “order-service” (", strlen("Judged: “order-service” (")), 0);
	if (strstr(r.out.data, "✓ OK    order-service\n") == NULL)
		fail_msg("%s", r.out.data);
	assert_non_null(strstr(r.out.data, "key of “order-service”"));
	assert_non_null(strstr(r.out.data, "issuer of “order-service”"));
	assert_non_null(strstr(r.out.data, "private key, RSA 2048"));
	run_done(&r);
}

/* Nothing is wrong: no row says NO, not even that of a root which is not at hand. Nothing was sent to anybody. */
static void
inspect_claims_no_fault_that_is_none(void **state)
{
	(void)state;
	RUN(r, "inspect", "@new.crt", "--purpose", "client");
	assert_int_equal(r.status, 0);
	if (strstr(r.out.data, "??   Acme Root CA ") == NULL || strstr(r.out.data, "NO ✗") != NULL ||
	    strstr(r.out.data, "NOT SENT") != NULL)
		fail_msg("%s", r.out.data);
	run_done(&r);
	/* Judged as a server's, its own file is no other file. */
	RUN(server, "inspect", "@new.crt", "--cacert", "@root.pem", "--purpose", "server");
	assert_int_equal(server.status, 5);
	if (strstr(server.out.data, "another file") != NULL || strstr(server.out.data, "in the files") == NULL)
		fail_msg("%s", server.out.data);
	run_done(&server);
}

/* The first line says what was judged, also where that is nothing. */
static void
inspect_of_a_key_alone(void **state)
{
	(void)state;
	RUN(r, "inspect", "@new.key");
	assert_int_equal(r.status, 0);
	assert_int_equal(strncmp(r.out.data, "Judged: nothing, ", strlen("Judged: nothing, ")), 0);
	run_done(&r);
}

static void
inspect_judges_and_its_status_follows(void **state)
{
	(void)state;
	RUN(r, "inspect", "@old.crt", "--cacert", "@root.pem", "--purpose", "client");
	assert_int_equal(r.status, 6);
	assert_non_null(strstr(r.out.data, "client.expired"));
	run_done(&r);
	RUN(never, "inspect", "@old.crt", "--cacert", "@root.pem", "--purpose", "client", "--fail-on", "never");
	assert_int_equal(never.status, 0);
	run_done(&never);
}

static void
inspect_json(void **state)
{
	static const char *const fields[] = { "schema", "verdict", "class", "root_cause", "findings", "chain", "paths", "objects" };
	static const char *const of_object[] = { "file", "line", "byte", "kind", "subject", "matches" };

	(void)state;
	RUN(r, "inspect", "--json", "@old.crt", "@new.key", "--cacert", "@root.pem", "--purpose", "client");
	cJSON *o = cJSON_ParseWithLength(r.out.data, r.out.len);
	assert_non_null(o);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		assert_non_null(cJSON_GetObjectItemCaseSensitive(o, fields[i]));
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(o, "schema")->valuestring, "mtlscope.inspect/1");
	const cJSON *objects = cJSON_GetObjectItemCaseSensitive(o, "objects");
	assert_int_equal(cJSON_GetArraySize(objects), 3);
	const cJSON *x = NULL;
	cJSON_ArrayForEach(x, objects) {
		for (size_t i = 0; i < sizeof of_object / sizeof of_object[0]; i++)
			assert_non_null(cJSON_GetObjectItemCaseSensitive(x, of_object[i]));
	}
	/* The key of another certificate is what breaks it: class client. */
	assert_int_equal(r.status, 6);
	cJSON_Delete(o);
	run_done(&r);
}

/* A damaged file that was named: the rest is shown, one line says what is wrong, status 2. */
static void
damaged_input(void **state)
{
	(void)state;
	RUN(r, "inspect", "@new.crt", "@broken.crt", "--cacert", "@root.pem");
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(r.err.data, "broken.crt:1"));
	run_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renewed),
		cmocka_unit_test(nothing_differs),
		cmocka_unit_test(only_the_order),
		cmocka_unit_test(one_side_has_more),
		cmocka_unit_test(wrong_use_of_diff),
		cmocka_unit_test(inspect_says_what_it_took),
		cmocka_unit_test(inspect_claims_no_fault_that_is_none),
		cmocka_unit_test(inspect_of_a_key_alone),
		cmocka_unit_test(inspect_judges_and_its_status_follows),
		cmocka_unit_test(inspect_json),
		cmocka_unit_test(damaged_input),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
