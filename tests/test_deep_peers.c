/*
 * --deep against servers that this project did not write: each is recognised by how it refuses, whatever
 * its headers say; a right certificate stays right; and nothing that was sent brings one of them down.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <string.h>

#include "lab/pki_files.h"
#include "model/buf.h"
#include "tests/peers.h"
#include "tests/program.h"
#include "tests/script_server.h"

static struct script_pki pki;
static char *folder;
static struct {
	pid_t pid;
	int port;
} servers[PEER_KINDS][2];

static int
set_up(void **state)
{
	struct peer_files files;

	(void)state;
	folder = make_folder();
	pki = script_pki_make(PKI_P256);
	const struct pki_cert *server[] = { &pki.server, &pki.issuing }, *client[] = { &pki.client, &pki.issuing }, *issuing[] = { &pki.issuing },
		*root[] = { &pki.root };
	if (!pki_write_certs(in_folder(folder, "server.pem"), server, 2) || !pki_write_certs(in_folder(folder, "client.pem"), client, 2) ||
	    !pki_write_certs(in_folder(folder, "leaf.pem"), client, 1) || !pki_write_certs(in_folder(folder, "issuing.pem"), issuing, 1) ||
	    !pki_write_certs(in_folder(folder, "root.pem"), root, 1) || !pki_write_key(in_folder(folder, "server.pem.key"), pki.server.key, NULL) ||
	    !pki_write_key(in_folder(folder, "client.key"), pki.client.key, NULL))
		return -1;
	files = (struct peer_files){ .folder = folder, .chain = in_folder(folder, "server.pem"), .key = in_folder(folder, "server.pem.key"),
		.intermediates = in_folder(folder, "issuing.pem"), .clients_ca = in_folder(folder, "root.pem") };
	for (int kind = 0; kind < PEER_KINDS; kind++)
		for (int tls13 = 0; tls13 < 2; tls13++) {
			servers[kind][tls13].pid = peer_start((enum peer_kind)kind, tls13 == 1, &files, &servers[kind][tls13].port);
			if (servers[kind][tls13].pid == 0) {
				print_error("%s did not start; its log is in %s\n", peer_names[kind], folder);
				return -1;
			}
		}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int kind = 0; kind < PEER_KINDS; kind++)
		for (int tls13 = 0; tls13 < 2; tls13++)
			stop_server(servers[kind][tls13].pid);
	script_pki_done(&pki);
	remove_folder(folder);
	return 0;
}

/* Our certificate file, --deep, and what comes of it. To be freed. */
static cJSON *
check(enum peer_kind kind, int tls13, const char *file, struct run *r)
{
	char target[32], cert[4096], key[4096], ca[4096];
	const char *argv[] = { mtlscope(), "check", "--json", "--deep", "--connect-timeout", "25", "--max-time", "300", target, "--servername", "payment.internal", "--cert", cert, "--key", key, "--cacert", ca,
		NULL };
	cJSON *json;

	snprintf(target, sizeof target, "127.0.0.1:%d", servers[kind][tls13].port);
	snprintf(cert, sizeof cert, "%s", in_folder(folder, file));
	snprintf(key, sizeof key, "%s", in_folder(folder, "client.key"));
	snprintf(ca, sizeof ca, "%s", in_folder(folder, "root.pem"));
	run_program(argv, NULL, r);
	json = cJSON_Parse(buf_str(&r->out));
	if (json == NULL)
		fail_msg("%s: status %d, no JSON: %s%s", peer_names[kind], r->status, buf_str(&r->out), buf_str(&r->err));
	return json;
}

static const char *
text_at(const cJSON *object, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return s != NULL ? s : "null";
}

static const cJSON *
experiment(const cJSON *json, const char *name)
{
	const cJSON *h;

	cJSON_ArrayForEach(h, cJSON_GetObjectItemCaseSensitive(json, "handshakes"))
		if (strcmp(text_at(h, "experiment"), name) == 0)
			return h;
	return NULL;
}

static int
alert_in(const cJSON *handshake)
{
	const cJSON *a;

	cJSON_ArrayForEach(a, cJSON_GetObjectItemCaseSensitive(handshake, "alerts"))
		if (strcmp(text_at(a, "from"), "server") == 0 && strcmp(text_at(a, "level"), "fatal") == 0)
			return (int)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(a, "number"));
	return -1;
}

/* The last two of the vector (knowledge: "diagnosis", 5.4), and the stack that all four come to. */
static const struct {
	const char *stack;
	int wrong_key, garbage;
} expected[PEER_KINDS] = {
	[PEER_NGINX] = { "nginx", 51, 50 },
	[PEER_HAPROXY] = { "OpenSSL family", 51, 50 },
	[PEER_S_SERVER] = { "OpenSSL family", 51, 50 },
	[PEER_GNUTLS] = { "GnuTLS", 51, 42 },
};

static void
each_is_recognised(void **state)
{
	(void)state;
	for (int kind = 0; kind < PEER_KINDS; kind++)
		for (int tls13 = 0; tls13 < 2; tls13++) {
			struct run r;
			cJSON *json = check((enum peer_kind)kind, tls13, "client.pem", &r);
			const cJSON *stack = cJSON_GetObjectItemCaseSensitive(json, "stack");
			int wrong_key = alert_in(experiment(json, "wrong-key")), garbage = alert_in(experiment(json, "garbage"));

			print_message("%s, TLS 1.%d: %s (%s), because %s\n", peer_names[kind], tls13 ? 3 : 2, text_at(stack, "name"), text_at(stack, "confidence"),
			    text_at(stack, "because"));
			assert_string_not_equal(text_at(stack, "source"), "null");
			assert_string_not_equal(text_at(experiment(json, "wrong-key"), "shows"), "null");
			if (strcmp(text_at(stack, "name"), expected[kind].stack) != 0 || wrong_key != expected[kind].wrong_key || garbage != expected[kind].garbage)
				fail_msg("%s, TLS 1.%d: %s, %d, %d", peer_names[kind], tls13 ? 3 : 2, text_at(stack, "name"), wrong_key, garbage);
			/* The test's CA ends in 90 days: a warning. */
			if (r.status != 0 || strcmp(text_at(json, "root_cause"), "root.expiring") != 0)
				fail_msg("%s, TLS 1.%d: status %d, %s: %s", peer_names[kind], tls13 ? 3 : 2, r.status, text_at(json, "root_cause"), text_at(json, "summary"));
			cJSON_Delete(json);
			run_done(&r);
		}
}

/* The same verdict as without --deep: what is sent beside it changes nothing. */
static void
a_missing_intermediate_stays_one(void **state)
{
	(void)state;
	for (int kind = 0; kind < PEER_KINDS; kind++)
		for (int tls13 = 0; tls13 < 2; tls13++) {
			struct run r;
			cJSON *json = check((enum peer_kind)kind, tls13, "leaf.pem", &r);

			if (r.status != 6 || strcmp(text_at(json, "root_cause"), "client.missing-intermediate") != 0)
				fail_msg("%s, TLS 1.%d: status %d, %s: %s", peer_names[kind], tls13 ? 3 : 2, r.status, text_at(json, "root_cause"), text_at(json, "summary"));
			assert_string_equal(text_at(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "findings"), 0), "confidence"), "certain");
			cJSON_Delete(json);
			run_done(&r);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_recognised),
		cmocka_unit_test(a_missing_intermediate_stays_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
