/*
 * The lab as a fleet that can be mended: its config.yaml is one that the program takes, leads to what each endpoint's story
 * says, and names the files and the CA with which every story that is called mendable is mended; its services are healthy,
 * each by itself.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/codes.h"
#include "model/config.h"
#include "model/memory.h"
#include "probes/examine.h"
#include "tests/lab_client.h"
#include "tests/lab_process.h"
#include "tests/program.h"

enum { SERVICES = 50, MORE_MS = 2000 /* of the processor, that fifty services may add to the start; the clock on the wall depends on who else is at work */, WORDS_MOST = 400, VARIABLES_MOST = 16 };

static char *folder;
static struct lab_process lab;
static struct arena *arena;
static double start_ms; /* what the lab's start took of the processor */

/* What it has taken so far. */
static double
processor_ms(const struct lab_process *of)
{
	struct timespec t = { .tv_sec = 0 };
	clockid_t its;

	assert_int_equal(clock_getcpuclockid(of->pid, &its), 0);
	assert_int_equal(clock_gettime(its, &t), 0);
	return (double)t.tv_sec * 1000.0 + (double)t.tv_nsec / 1e6;
}

static int
set_up(void **state)
{
	static const char *const services[] = { "--services", "50", NULL };

	(void)state;
	folder = make_folder();
	arena = arena_new();
	if (!lab_process_start_with(&lab, 0, services))
		return -1;
	start_ms = processor_ms(&lab);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	lab_process_stop(&lab);
	arena_free(arena);
	remove_folder(folder);
	return 0;
}

static const cJSON *
endpoints_of(const struct lab_process *of)
{
	return cJSON_GetObjectItemCaseSensitive(of->json, "endpoints");
}

static const char *
text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

static const cJSON *
serves(const cJSON *endpoint)
{
	return cJSON_GetObjectItemCaseSensitive(endpoint, "serves");
}

static bool
mendable(const cJSON *endpoint)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(endpoint, "mendable"));
}

static bool
in_group(const cJSON *endpoint, const char *group)
{
	return strcmp(text(endpoint, "group"), group) == 0;
}

static const cJSON *
endpoint(const char *name)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, endpoints_of(&lab))
		if (strcmp(text(e, "name"), name) == 0)
			return e;
	fail_msg("no endpoint is called %s", name);
	return NULL;
}

/* The lab's AWS, and a state and configuration of nobody's. */
static const char *const *
environment(void)
{
	const char **out = arena_array(arena, VARIABLES_MOST + 3, sizeof *out);
	const cJSON *v;
	size_t n = 0;

	cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(lab.json, "environment"))
		if (n < VARIABLES_MOST)
			out[n++] = arena_printf(arena, "%s=%s", v->string, v->valuestring);
	out[n++] = arena_printf(arena, "XDG_STATE_HOME=%s/state", folder);
	out[n++] = arena_printf(arena, "XDG_CONFIG_HOME=%s/config", folder);
	return out;
}

static void
run(const char *const words[], struct run *r)
{
	struct run_options how = { .env = environment(), .deadline_ms = 90000 };

	run_program(words, &how, r);
}

/* ---- the configuration ---- */

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
entry_is_the_endpoint(const struct config *c, const cJSON *e)
{
	const struct config_entry *entry = config_entry(c, text(e, "name"));
	const struct config_identity *identity;
	struct error err = { .code = ERROR_NONE };
	char address[300];

	assert_non_null(entry);
	snprintf(address, sizeof address, "%s:%u", entry->parsed.host, entry->parsed.port);
	assert_string_equal(address, text(e, "address"));
	assert_true(same(entry->parsed.servername, text(e, "servername")));
	assert_true(same(starttls_name(entry->parsed.starttls), text(e, "starttls")));
	assert_string_equal(entry->trust, text(e, "cacert"));
	assert_string_equal(entry->group, text(e, "group"));
	assert_true(same(entry->serves.cert, text(serves(e), "cert")));
	assert_true(same(entry->serves.key, text(serves(e), "key")));
	assert_true(same(entry->serves.trust, text(serves(e), "trust")));
	assert_true(same(entry->serves.upstreams, text(serves(e), "upstreams")));
	assert_int_equal(entry->install.files, serves(e) != NULL);
	assert_int_equal(entry->renew.given, serves(e) != NULL);
	assert_int_equal(config_entry_files(c, entry, &err), STATUS_OK);
	assert_int_equal(entry->identity != NULL, text(e, "cert") != NULL);
	if (entry->identity == NULL)
		return;
	identity = config_identity(c, entry->identity);
	assert_string_equal(identity->cert, text(e, "cert"));
	assert_string_equal(identity->key, text(e, "key"));
	assert_int_equal(config_identity_files(c, identity, &err), STATUS_OK);
}

static void
is_its_configuration(const struct lab_process *of)
{
	const char *path = text(of->json, "config");
	struct error err = { .code = ERROR_NONE };
	struct config *c = NULL;
	const cJSON *e;
	struct stat st;

	assert_non_null(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	if (config_read(path, world_real(), &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(c->fleet_len, cJSON_GetArraySize(endpoints_of(of)));
	assert_int_equal(c->aws_len, 1);
	assert_string_equal(c->aws[0].name, "lab");
	assert_string_equal(c->aws[0].endpoint_url, text(cJSON_GetObjectItemCaseSensitive(of->json, "environment"), "AWS_ENDPOINT_URL"));
	cJSON_ArrayForEach(e, endpoints_of(of))
		entry_is_the_endpoint(c, e);
	config_free(c);
}

/* Names with quotes, commas and other alphabets are in some of the seeds. */
static void
the_configuration_says_what_the_listing_says(void **state)
{
	static const int seeds[] = { 3, 4, 7 };
	struct lab_process other;

	(void)state;
	is_its_configuration(&lab);
	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
		assert_true(lab_process_start(&other, seeds[i]));
		is_its_configuration(&other);
		lab_process_stop(&other);
	}
}

/* A server that never gets to TLS has no files; every one that does has. */
static void
who_has_files(void **state)
{
	static const char *const without[] = { "net-http", "net-refused", "tls-garbage", "smtp-not-offered", "postgres-no-tls", "smtp-injected" };
	static const char *const with[] = { "healthy", "policy-not-asked", "late-tls13", "gateway-untrusted", "smtp-healthy", "server-unreadable" };

	(void)state;
	for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
		assert_null(serves(endpoint(without[i])));
	for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
		assert_non_null(text(serves(endpoint(with[i])), "cert"));
	/* Who asks nobody trusts nobody. */
	assert_null(text(serves(endpoint("policy-not-asked")), "trust"));
	assert_non_null(text(serves(endpoint("late-tls13")), "trust"));
}

/* ---- what is called mendable ---- */

/* Is it the server's certificate, chain or key? */
static bool
server_side(const cJSON *e)
{
	const char *expect = text(e, "expect");

	return expect != NULL && code_info(code_named(expect))->class == CLASS_SERVER;
}

typedef bool (*chosen)(const cJSON *endpoint);

static bool
mended_by_server_files(const cJSON *e)
{
	return mendable(e) && server_side(e);
}

/* Of many targets no responder is asked about each server: this one is looked at alone. */
static bool
asked_alone(const cJSON *e)
{
	return strcmp(text(e, "name"), "server-revoked-ocsp") == 0;
}

static bool
asked_with_others(const cJSON *e)
{
	return mended_by_server_files(e) && !asked_alone(e);
}

/* What lies in no file: clocks, settings, refusals of its own. */
static bool
not_mended_by_files(const cJSON *e)
{
	static const char *const names[] = { "server-clock-ahead", "server-clock-slow", "policy-not-asked", "policy-late", "tls-cipher-null",
		"refused-silently", "refused-403", "refused-depth", "client-none" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(text(e, "name"), names[i]) == 0)
			return true;
	return false;
}

/* `check` of all of these by their names in the lab's configuration. One that is not as `expected` says fails the test. */
static void
check_all(chosen which, bool (*expected)(const cJSON *endpoint, const cJSON *answer))
{
	const char **words = arena_array(arena, WORDS_MOST, sizeof *words);
	size_t n = 0, wanted = 0, wrong = 0;
	struct run r;
	const cJSON *e;

	words[n++] = mtlscope();
	words[n++] = "check";
	words[n++] = "--json";
	words[n++] = "--config";
	words[n++] = text(lab.json, "config");
	cJSON_ArrayForEach(e, endpoints_of(&lab))
		if (which(e) && n + 1 < WORDS_MOST)
			words[n++] = text(e, "name");
	wanted = n - 5;
	words[n] = NULL;
	assert_true(wanted > 0);
	run(words, &r);
	for (char *at = r.out.data, *end; at != NULL && (end = strchr(at, '\n')) != NULL; at = end + 1) {
		cJSON *answer = cJSON_ParseWithLength(at, (size_t)(end - at));
		const char *name = text(cJSON_GetObjectItemCaseSensitive(answer, "target"), "name");

		assert_non_null(name);
		wanted--;
		if (!expected(endpoint(name), answer)) {
			print_error("%s: %s, %s: %s\n", name, text(answer, "verdict"), text(answer, "root_cause"), text(answer, "summary"));
			wrong++;
		}
		cJSON_Delete(answer);
	}
	if (wanted != 0)
		fail_msg("%zu targets have no answer: %s", wanted, buf_str(&r.err));
	run_done(&r);
	assert_int_equal(wrong, 0);
}

static bool
as_its_story(const cJSON *e, const cJSON *answer)
{
	return same(text(e, "expect"), text(answer, "root_cause"));
}

static bool
is_ok(const cJSON *e, const cJSON *answer)
{
	(void)e;
	return same(text(answer, "verdict"), "ok");
}

static bool
is_not_ok(const cJSON *e, const cJSON *answer)
{
	return !is_ok(e, answer);
}

/* From the CA that the configuration names for renewals, at the account that it names. */
static const char *
issue(const char *name, const char *side)
{
	struct error err = { .code = ERROR_NONE };
	const char *out = in_folder(folder, name);
	struct config *c = NULL;
	struct run r;

	assert_int_equal(config_read(text(lab.json, "config"), world_real(), &c, &err), STATUS_OK);
	const struct config_renew *renew = &config_entry(c, "healthy")->renew;
	const char *const words[] = { mtlscope(), "pca", "issue", name, "127.0.0.1", side, "--config", c->file, "--aws", renew->aws, "--ca", renew->ca,
		"--days", arena_printf(arena, "%d", renew->validity_days), "--out", out, "--apply", "--yes", NULL };
	run(words, &r);
	if (r.status != 0)
		fail_msg("%s%s", buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
	config_free(c);
	return arena_strdup(arena, out);
}

static void
put(const char *from, const char *to)
{
	const char *beside = arena_printf(arena, "%s.new", to);
	char bytes[65536];
	FILE *f = fopen(from, "r");
	size_t len;

	assert_non_null(f);
	len = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	assert_true(pki_write_bytes(beside, bytes, len, 0600));
	assert_int_equal(rename(beside, to), 0);
}

static void
put_served(const cJSON *e, const char *issued)
{
	put(arena_printf(arena, "%s/fullchain.pem", issued), text(serves(e), "cert"));
	put(arena_printf(arena, "%s/key.pem", issued), text(serves(e), "key"));
}

/*
 * One certificate with the right names, issued by the lab's private CA, mends each of them; before it they are what their
 * stories say, by the configuration alone.
 */
static void
a_right_certificate_mends_the_servers(void **state)
{
	const char *issued = issue("payment.internal", "--server");
	const cJSON *e;

	(void)state;
	check_all(asked_with_others, as_its_story);
	check_all(asked_alone, as_its_story);
	cJSON_ArrayForEach(e, endpoints_of(&lab))
		if (mended_by_server_files(e))
			put_served(e, issued);
	check_all(asked_with_others, is_ok);
	check_all(asked_alone, is_ok);
}

/* And what is not called mendable is not mended so. */
static void
no_certificate_mends_the_others(void **state)
{
	const char *issued = in_folder(folder, "payment.internal");
	const cJSON *e;

	(void)state;
	cJSON_ArrayForEach(e, endpoints_of(&lab))
		if (not_mended_by_files(e)) {
			assert_false(mendable(e));
			put_served(e, issued);
		}
	check_all(not_mended_by_files, is_not_ok);
}

static bool
mended_otherwise(const cJSON *e)
{
	return same(text(e, "name"), "client-partial-trust") || same(text(e, "name"), "client-intermediate-expiring");
}

/* By a CA in what the server trusts; by a certificate of ours from a CA that lasts. */
static void
the_client_side(void **state)
{
	const cJSON *partial = endpoint("client-partial-trust"), *expiring = endpoint("client-intermediate-expiring");
	const char *issued = issue("order-service", "--client");

	(void)state;
	check_all(mended_otherwise, as_its_story);
	put(text(partial, "cacert"), text(serves(partial), "trust"));
	put(arena_printf(arena, "%s/fullchain.pem", issued), text(expiring, "cert"));
	put(arena_printf(arena, "%s/key.pem", issued), text(expiring, "key"));
	check_all(mended_otherwise, is_ok);
}

static X509 *
certificate_of(const char *path, int index)
{
	FILE *f = fopen(path, "r");
	X509 *x = NULL;

	assert_non_null(f);
	for (int i = 0; i <= index; i++) {
		X509_free(x);
		x = PEM_read_X509(f, NULL, NULL, NULL);
		assert_non_null(x);
	}
	fclose(f);
	return x;
}

/* The CA that issues in the cloud is the one that endpoints send: the same certificate, the same key identifiers. */
static void
one_issuing_ca(void **state)
{
	const char *issued = arena_printf(arena, "%s/fullchain.pem", in_folder(folder, "payment.internal"));
	X509 *sent = certificate_of(text(serves(endpoint("healthy")), "cert"), 1), *cloud = certificate_of(issued, 1), *leaf = certificate_of(issued, 0);

	(void)state;
	assert_int_equal(X509_cmp(sent, cloud), 0);
	assert_int_equal(X509_check_issued(sent, leaf), X509_V_OK);
	assert_int_equal(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(leaf), X509_get0_subject_key_id(sent)), 0);
	X509_free(sent);
	X509_free(cloud);
	X509_free(leaf);
}

/* ---- services ---- */

static bool
is_service(const cJSON *e)
{
	return in_group(e, "services");
}

static void
services_are_healthy(void **state)
{
	int n = 0;
	const cJSON *e;

	(void)state;
	cJSON_ArrayForEach(e, endpoints_of(&lab)) {
		char name[32];
		struct lab_client_saw saw;
		X509 *leaf;

		if (!is_service(e))
			continue;
		snprintf(name, sizeof name, "service-%02d", ++n);
		assert_string_equal(text(e, "name"), name);
		assert_null(text(e, "expect"));
		assert_false(mendable(e));
		lab_client_look(text(e, "address"), text(e, "cert"), text(e, "key"), &saw);
		assert_int_equal(saw.status, 200);
		assert_int_equal(saw.cas, 1);
		leaf = certificate_of(text(serves(e), "cert"), 0);
		assert_int_equal(X509_cmp(sk_X509_value(saw.chain, 0), leaf), 0);
		assert_int_equal(X509_check_host(leaf, text(e, "servername"), 0, 0, NULL), 1);
		/* A client of others has what a client needs. */
		assert_int_equal((text(serves(e), "upstreams") != NULL), n % 2);
		assert_int_equal((X509_get_extended_key_usage(leaf) & XKU_SSL_CLIENT) != 0, n % 2);
		X509_free(leaf);
		lab_client_done(&saw);
		/* Without a certificate nobody gets in. */
		lab_client_look(text(e, "address"), NULL, NULL, &saw);
		assert_int_equal(saw.status, 0);
		lab_client_done(&saw);
	}
	assert_int_equal(n, SERVICES);
	check_all(is_service, is_ok);
}

/* What one of them reads is its own. */
static void
services_reload_each_by_itself(void **state)
{
	const char *issued = issue("service-02.internal", "--server");
	X509 *fresh = certificate_of(arena_printf(arena, "%s/cert.pem", issued), 0);
	const cJSON *e;

	(void)state;
	put_served(endpoint("service-02"), issued);
	cJSON_ArrayForEach(e, endpoints_of(&lab)) {
		struct lab_client_saw saw;

		if (!is_service(e))
			continue;
		lab_client_look(text(e, "address"), text(e, "cert"), text(e, "key"), &saw);
		assert_int_equal(X509_cmp(sk_X509_value(saw.chain, 0), fresh) == 0, same(text(e, "name"), "service-02"));
		assert_int_equal(saw.status, 200);
		lab_client_done(&saw);
	}
	X509_free(fresh);
	check_all(is_service, is_ok);
}

/* ---- services that are clients ---- */

/* What service-NN says of its call to the next one: 200, or 502 and why. */
static void
calls(const char *name, int answers, const char *says)
{
	const cJSON *e = endpoint(name);
	struct lab_client_saw saw;

	lab_client_ask(text(e, "address"), text(e, "cert"), text(e, "key"), "/upstream", &saw);
	if (saw.status != answers || strstr(saw.text, says) == NULL)
		fail_msg("%s: expected %d and “%s”: %d\n%s", name, answers, says, saw.status, saw.text);
	lab_client_done(&saw);
}

/* Another CA of the lab's: what an endpoint trusts that has nothing to do with services. */
static const char *
another_ca(void)
{
	return text(serves(endpoint("refused-unlisted")), "trust");
}

static void
the_odd_ones_call_the_next(void **state)
{
	char name[32];

	(void)state;
	for (int i = 1; i <= SERVICES; i += 2) {
		snprintf(name, sizeof name, "service-%02d", i);
		calls(name, 200, " lets us in.");
	}
	calls("service-02", 200, "\r\n\r\n"); /* it calls nobody: a path like any other */
}

/* Each way is decided by a file of its own: upstreams.pem by the one who calls, clients.pem by the one who is called. */
static void
both_ways_are_decided_by_files(void **state)
{
	const char *upstreams = text(serves(endpoint("service-05")), "upstreams"), *clients = text(serves(endpoint("service-06")), "trust");
	const char *root = text(endpoint("service-05"), "cacert");

	(void)state;
	put(another_ca(), upstreams);
	calls("service-05", 502, "service-06: we do not trust it: ");
	calls("service-03", 200, "service-04 lets us in.");
	put(root, upstreams);
	calls("service-05", 200, "service-06 lets us in.");
	put(another_ca(), clients);
	calls("service-05", 502, "service-06: it does not let us in: ");
	put(root, clients);
	calls("service-05", 200, "service-06 lets us in.");
	/* A damaged one changes nothing. */
	assert_true(write_file(upstreams, "half", 4));
	calls("service-05", 200, "service-06 lets us in.");
	assert_int_equal(unlink(upstreams), 0);
	calls("service-05", 200, "service-06 lets us in.");
	put(root, upstreams);
}

/* The certificate that it calls with is the one that it serves: one that is for servers only lets it in nowhere. */
static void
it_calls_with_what_it_serves(void **state)
{
	(void)state;
	put_served(endpoint("service-07"), issue("service-07.internal", "--server"));
	calls("service-07", 502, "service-08: it does not let us in: ");
}

/* The private CA knows what it issued to them. */
static void
services_are_in_the_private_ca(void **state)
{
	const char *const sync[] = { mtlscope(), "pca", "sync", "--config", text(lab.json, "config"), "--apply", "--yes", NULL };
	const char *const certs[] = { mtlscope(), "pca", "certs", "--config", text(lab.json, "config"), "--filter", "service-", "--json", NULL };
	struct run r;
	cJSON *o;

	(void)state;
	run(sync, &r);
	if (r.status != 0)
		fail_msg("%s%s", buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
	run(certs, &r);
	o = cJSON_Parse(buf_str(&r.out));
	assert_non_null(o);
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(o, "certificates")) >= SERVICES);
	cJSON_Delete(o);
	run_done(&r);
}

/* Fifty are there soon, two hundred are the most, and none is none. */
static void
how_many(void **state)
{
	static const char *const refused[] = { "0", "201", "many" };
	static const char *const most[] = { "--services", "200", NULL };
	struct lab_process plain, full;
	struct run r;
	double without;

	(void)state;
	assert_true(lab_process_start(&plain, 0));
	without = processor_ms(&plain);
	print_message("ready after %.0f ms of work, with %d services after %.0f ms\n", without, SERVICES, start_ms);
	assert_true(start_ms < without + MORE_MS);
	assert_true(lab_process_start_with(&full, 0, most));
	assert_int_equal(cJSON_GetArraySize(endpoints_of(&full)), cJSON_GetArraySize(endpoints_of(&plain)) + 200);
	assert_string_equal(text(cJSON_GetArrayItem(endpoints_of(&full), cJSON_GetArraySize(endpoints_of(&full)) - 1), "name"), "service-200");
	lab_process_stop(&full);
	lab_process_stop(&plain);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		const char *const words[] = { mtlscope(), "lab", "--json", "--services", refused[i], NULL };

		run(words, &r);
		assert_int_equal(r.status, 2);
		if (strstr(buf_str(&r.err), "--services") == NULL)
			fail_msg("%s", buf_str(&r.err));
		run_done(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_configuration_says_what_the_listing_says),
		cmocka_unit_test(who_has_files),
		cmocka_unit_test(a_right_certificate_mends_the_servers),
		cmocka_unit_test(no_certificate_mends_the_others),
		cmocka_unit_test(the_client_side),
		cmocka_unit_test(one_issuing_ca),
		cmocka_unit_test(services_are_healthy),
		cmocka_unit_test(services_reload_each_by_itself),
		cmocka_unit_test(the_odd_ones_call_the_next),
		cmocka_unit_test(both_ways_are_decided_by_files),
		cmocka_unit_test(it_calls_with_what_it_serves),
		cmocka_unit_test(services_are_in_the_private_ca),
		cmocka_unit_test(how_many),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
