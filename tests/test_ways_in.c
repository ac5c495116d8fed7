/*
 * The real program against the lab: several servers behind a name, ways round the certificate, another identity, and
 * one proof for many. What a user types, and what it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "tests/e2e.h"
#include "tests/program.h"

enum { MOST = 24 };

static char *config;

static void
identity(struct buf *b, const char *name, const char *endpoint)
{
	buf_addf(b, "  - {name: %s, cert: \"%s\", key: \"%s\", trust: \"%s\"}\n", name, e2e_item(endpoint, "cert"),
	    e2e_item(endpoint, "key"), e2e_item(endpoint, "cacert"));
}

static int
set_up(void **state)
{
	struct buf b = { 0 };

	if (e2e_set_up(state) != 0)
		return -1;
	config = strdup(in_folder(e2e_home, "config.yaml"));
	buf_adds(&b, "identities:\n");
	identity(&b, "ours", "healthy");
	identity(&b, "second", "client-expiring");
	identity(&b, "stranger", "client-other-ca");
	buf_addf(&b, "  - {name: damaged, cert: \"%s\"}\nfleet:\n", config);
	buf_addf(&b, "  - {name: guarded, target: \"%s\", servername: \"%s\", identity: ours}\n", e2e_item("healthy", "address"),
	    e2e_item("healthy", "servername"));
	buf_addf(&b, "  - {name: round, target: \"%s\", servername: \"%s\", identity: ours, bypass: \"%s\"}\n", e2e_item("healthy", "address"),
	    e2e_item("healthy", "servername"), e2e_item("policy-not-asked", "address"));
	if (!write_file(config, b.data, b.len))
		return -1;
	buf_done(&b);
	return 0;
}

static int
tear_down(void **state)
{
	free(config);
	return e2e_tear_down(state);
}

static void
run(const char *const words[], struct run *r)
{
	const char *argv[MOST + 4] = { mtlscope(), "check", "--config", config };
	const char *env[] = { "LC_ALL=C.UTF-8", "SSLKEYLOGFILE", NULL };

	for (size_t i = 0; words[i] != NULL && i < MOST; i++)
		argv[4 + i] = words[i];
	run_program(argv, &(struct run_options){ .env = env, .deadline_ms = 60000 }, r);
}

static void
what_is_typed_and_what_is_said(void **state)
{
	const struct {
		const char *words[8];
		int status;
		const char *says, *complains;
	} cases[] = {
		{ { "guarded", "--other-identity", "second" }, 0, "mtls.any-client (certain)", NULL },
		{ { "guarded", "--other-identity", "ours" }, 0, "✓ OK", NULL },
		{ { "guarded", "--other-identity", "stranger" }, 0, "✓ OK", NULL },
		{ { "guarded", "--other-identity", "nobody" }, 2, NULL, "nobody" },
		{ { "guarded", "--other-identity", "damaged" }, 2, NULL, "--other-identity damaged" },
		{ { "round" }, 8, "mtls.bypass (high)", NULL },
		{ { "guarded", "--bypass", "unix:/run/x" }, 2, NULL, "the way round is HOST or HOST:PORT" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct run r;

		run(cases[i].words, &r);
		if (r.status != cases[i].status || (cases[i].says != NULL && strstr(buf_str(&r.out), cases[i].says) == NULL) ||
		    (cases[i].complains != NULL && strstr(buf_str(&r.err), cases[i].complains) == NULL))
			fail_msg("case %zu: status %d\n%s%s", i, r.status, buf_str(&r.out), buf_str(&r.err));
		/* A mistake is one line, and nothing else is said. */
		if (cases[i].status == 2 && (r.out.len > 0 || strchr(buf_str(&r.err), '\n') != buf_str(&r.err) + r.err.len - 1))
			fail_msg("case %zu: not one line\n%s%s", i, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
}

/* What cannot be reached has ways on: another host helps where the way is the trouble, not where the port speaks HTTP. */
static void
three_ways_on(void **state)
{
	const struct {
		const char *endpoint, *has, *lacks;
	} cases[] = {
		{ "net-refused", "  via     --via ssh:HOST", "  longer" },
		{ "net-http", "  listen  mtlscope listen ", "  via" },
		{ "net-silent", "  longer  --connect-timeout", "  resolve" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct run r;

		run((const char *const[]){ e2e_item(cases[i].endpoint, "address"), "--max-time", "3", NULL }, &r);
		assert_int_equal(r.status, 3);
		if (strstr(buf_str(&r.out), cases[i].has) == NULL || strstr(buf_str(&r.out), cases[i].lacks) != NULL)
			fail_msg("%s: %s", cases[i].endpoint, buf_str(&r.out));
		run_done(&r);
	}
}

/* What stands over our chain is about our chain: not every refusal is one of it. And what else it may be. */
static void
what_stands_over_our_chain(void **state)
{
	const struct {
		const char *endpoint, *says;
	} cases[] = {
		{ "server-not-fetched", "  or      chain.untrusted-root:" }, /* the cause has a name: no “either” before its only rival */
		{ "refused-silently", "  either  client.untrusted:" },
		{ "refused-403", "OUR CHAIN: OK, TLS lets us in with it; the application refuses us\n" },
		{ "policy-late", "OUR CHAIN: OK, as far as our files show: it was not sent\n" },
		{ "client-not-sent", "OUR CHAIN: FAIL, it was not sent\n" },
		{ "client-other-ca", "OUR CHAIN: FAIL, the server refuses it\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *words[MOST] = { NULL };
		struct run r;

		e2e_words(cases[i].endpoint, words, MOST - 1);
		run(words, &r);
		if (strstr(buf_str(&r.out), cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].endpoint, buf_str(&r.out));
		run_done(&r);
	}
}

/* Two addresses with a list of one CA each: “1 instead of 1” told nobody anything. */
static void
two_lists_of_one(void **state)
{
	const char *words[] = { e2e_item("address-refuses", "address"), "--cert", e2e_item("address-refuses", "cert"), "--key",
		e2e_item("address-refuses", "key"), "--cacert", e2e_item("address-refuses", "cacert"), "--servername",
		e2e_item("address-refuses", "servername"), "--json", "--resolve", NULL, NULL, NULL };
	struct buf both = { 0 };
	struct run r;

	(void)state;
	buf_addf(&both, "%s:127.0.0.1,127.0.0.2", e2e_item("address-refuses", "address"));
	words[11] = buf_str(&both);
	run(words, &r);
	assert_int_equal(r.status, 6);
	assert_non_null(strstr(buf_str(&r.out), "names other CAs (only “Globex Root CA”)"));
	run_done(&r);
	buf_done(&both);
}

/* Servers of one kind that are refused for one reason: one is asked, and every object says who. */
static void
one_proof_for_many(void **state)
{
	static const char *const endpoints[] = { "healthy", "healthy-no-list", "client-expiring", "client-root-expiring", "client-wrong-order",
		"server-expiring", "client-key-exposed" };
	const char *words[MOST] = { "--json", "--cert", e2e_item("client-missing-intermediate", "cert"), "--key",
		e2e_item("client-missing-intermediate", "key"), "--cacert", e2e_item("healthy", "cacert"), "--servername",
		e2e_item("healthy", "servername") };
	size_t n = 9, asked = 0, handshakes = 0, lines = 0;
	char *line, *rest;
	struct run r;

	(void)state;
	for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++)
		words[n++] = e2e_item(endpoints[i], "address");
	run(words, &r);
	assert_int_equal(r.status, 6);
	rest = r.out.data;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		cJSON *o = cJSON_Parse(line);
		const char *with = cJSON_GetStringValue(cJSON_GetObjectItem(o, "matched_with"));
		int made = cJSON_GetArraySize(cJSON_GetObjectItem(o, "handshakes"));

		assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(o, "root_cause")), "client.missing-intermediate");
		assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(o, "verdict")), "error");
		assert_int_equal(made, with != NULL ? 1 : 2);
		asked += with == NULL;
		handshakes += (size_t)made;
		lines++;
		cJSON_Delete(o);
	}
	assert_int_equal(lines, sizeof endpoints / sizeof endpoints[0]);
	/* They differ in what they send and list, so a few kinds of refusal there may be; never one for each. */
	print_message("%zu targets, %zu asked, %zu handshakes\n", lines, asked, handshakes);
	assert_true(asked >= 1 && asked <= 3);
	run_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_and_what_is_said),
		cmocka_unit_test(three_ways_on),
		cmocka_unit_test(what_stands_over_our_chain),
		cmocka_unit_test(two_lists_of_one),
		cmocka_unit_test(one_proof_for_many),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
