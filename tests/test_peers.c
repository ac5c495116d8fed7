/*
 * Verdicts against servers that this project did not write, each requiring a client certificate, over
 * TLS 1.2 and 1.3. The real program is run; no test expects more than one baseline can know, and
 * whatever else happens, a refusal is never "ok".
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "model/buf.h"
#include "tests/peers.h"
#include "tests/program.h"

enum client { RIGHT, NONE, LEAF_ONLY, OTHER_CA, EXPIRED, SERVER_AUTH_ONLY, OTHER_KEY, CLIENTS };

/*
 * What is acceptable as root cause for each server: the local fault where the refusal carries it, or
 * an honest "client.rejected". NULL: none, the target is fine. From the measured matrix.
 */
static const struct {
	const char *name;
	const char *cert, *key; /* files in the folder */
	const char *root[PEER_KINDS]; /* alternatives, blank-separated */
	int status[PEER_KINDS];
} clients[CLIENTS] = {
	[RIGHT] = { "right certificate", "right.pem", "right.key", { NULL, NULL, NULL, NULL }, { 0, 0, 0, 0 } },
	[NONE] = { "none", NULL, NULL,
	    { "client.required", "client.required", "client.required", "client.required" }, { 6, 6, 6, 6 } },
	[LEAF_ONLY] = { "intermediate left out", "leafonly.pem", "right.key",
	    { "client.missing-intermediate", "client.missing-intermediate", "client.missing-intermediate",
	        "client.missing-intermediate" }, { 6, 6, 6, 6 } },
	[OTHER_CA] = { "other CA", "other.pem", "other.key",
	    { "client.untrusted client.rejected", "client.untrusted", "client.untrusted",
	        "client.untrusted client.rejected" }, { 6, 6, 6, 6 } },
	[EXPIRED] = { "expired", "expired.pem", "expired.key",
	    { "client.expired", "client.expired", "client.expired", "client.expired" }, { 6, 6, 6, 6 } },
	/* gnutls-serv accepts a certificate without clientAuth (measured): a warning, no error. */
	[SERVER_AUTH_ONLY] = { "serverAuth only", "servereku.pem", "servereku.key",
	    { "client.eku", "client.eku", "client.eku", "client.eku" }, { 6, 6, 6, 0 } },
	[OTHER_KEY] = { "key of another certificate", "right.pem", "stranger.key",
	    { "key.mismatch", "key.mismatch", "key.mismatch", "key.mismatch" }, { 6, 6, 6, 6 } },
};

static char *folder;
static struct {
	pid_t pid;
	int port;
} servers[PEER_KINDS][2];

struct ca {
	struct pki_cert root, issuing;
};

static struct ca
make_ca(const char *name)
{
	char root[64], issuing[64];
	struct ca ca;

	snprintf(root, sizeof root, "%s Root CA", name);
	snprintf(issuing, sizeof issuing, "%s Issuing CA 1", name);
	/* Far enough away that no warning about it stands in the way. */
	ca.root = pki_issue(&(struct pki_request){ .cn = root, .ca = true, .not_before = 1700000000, .not_after = 4000000000,
	    .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	ca.issuing = pki_issue(&(struct pki_request){ .cn = issuing, .ca = true, .has_path_len = true,
	    .not_before = 1700000000, .not_after = 4000000000,
	    .key_usage = "critical,keyCertSign,cRLSign" }, &ca.root);
	return ca;
}

static void
write_identity(const char *name, const struct pki_request *r, const struct ca *ca, bool leaf_only)
{
	struct pki_cert leaf = pki_issue(r, &ca->issuing);
	const struct pki_cert *chain[] = { &leaf, &ca->issuing };
	char file[64];

	snprintf(file, sizeof file, "%s.pem", name);
	assert_true(pki_write_certs(in_folder(folder, file), chain, 2));
	if (leaf_only)
		assert_true(pki_write_certs(in_folder(folder, "leafonly.pem"), chain, 1));
	snprintf(file, sizeof file, strcmp(name, "server") == 0 ? "%s.pem.key" : "%s.key", name);
	assert_true(pki_write_key(in_folder(folder, file), leaf.key, NULL));
	pki_cert_free(&leaf);
}

static void
write_pki(void)
{
	struct ca ours = make_ca("Acme"), theirs = make_ca("Other");
	const char *ku = "critical,digitalSignature";
	const struct pki_cert *root[] = { &ours.root }, *issuing[] = { &ours.issuing };
	EVP_PKEY *stranger = pki_key(PKI_P256);

	write_identity("server", &(struct pki_request){ .cn = "localhost", .key_usage = ku, .eku = "serverAuth",
	    .san = (const char *const[]){ "DNS:localhost", "IP:127.0.0.1", NULL } }, &ours, false);
	write_identity("right", &(struct pki_request){ .cn = "order-service", .key_usage = ku, .eku = "clientAuth" },
	    &ours, true);
	write_identity("other", &(struct pki_request){ .cn = "order-service", .key_usage = ku, .eku = "clientAuth" },
	    &theirs, false);
	write_identity("expired", &(struct pki_request){ .cn = "order-service", .key_usage = ku, .eku = "clientAuth",
	    .not_before = 1700000000, .not_after = 1760000000 }, &ours, false);
	write_identity("servereku", &(struct pki_request){ .cn = "order-service", .key_usage = ku,
	    .eku = "serverAuth" }, &ours, false);
	assert_true(pki_write_certs(in_folder(folder, "root.pem"), root, 1));
	assert_true(pki_write_certs(in_folder(folder, "issuing.pem"), issuing, 1));
	assert_true(pki_write_key(in_folder(folder, "stranger.key"), stranger, NULL));
	EVP_PKEY_free(stranger);
	pki_cert_free(&ours.root);
	pki_cert_free(&ours.issuing);
	pki_cert_free(&theirs.root);
	pki_cert_free(&theirs.issuing);
}

static int
set_up(void **state)
{
	struct peer_files files;

	(void)state;
	folder = make_folder();
	write_pki();
	files = (struct peer_files){ .folder = folder, .chain = in_folder(folder, "server.pem"),
		.intermediates = in_folder(folder, "issuing.pem"),
		.key = in_folder(folder, "server.pem.key"), .clients_ca = in_folder(folder, "root.pem") };
	for (int kind = 0; kind < PEER_KINDS; kind++)
		for (int tls13 = 0; tls13 < 2; tls13++) {
			servers[kind][tls13].pid =
			    peer_start((enum peer_kind)kind, tls13 == 1, &files, &servers[kind][tls13].port);
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
	remove_folder(folder);
	return 0;
}

static bool
one_of(const char *word, const char *list)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static const char *
text_at(const cJSON *object, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return s != NULL ? s : "null";
}

static void
check_one(enum peer_kind kind, int tls13, enum client client, const char *root)
{
	char target[32], where[128], cert[4096], key[4096], ca[4096];
	const char *argv[] = { mtlscope(), "check", "--json", "--cacert", ca, target, "--cert", cert, "--key", key,
		NULL };
	struct run r;
	cJSON *json;
	const char *found;

	snprintf(where, sizeof where, "%s, TLS 1.%d, %s", peer_names[kind], tls13 ? 3 : 2, clients[client].name);
	snprintf(target, sizeof target, "localhost:%d", servers[kind][tls13].port);
	snprintf(ca, sizeof ca, "%s", in_folder(folder, "root.pem"));
	if (clients[client].cert == NULL)
		argv[6] = NULL;
	else {
		snprintf(cert, sizeof cert, "%s", in_folder(folder, clients[client].cert));
		snprintf(key, sizeof key, "%s", in_folder(folder, clients[client].key));
	}
	run_program(argv, NULL, &r);
	json = cJSON_Parse(buf_str(&r.out));
	if (json == NULL)
		fail_msg("%s: status %d, no JSON: %s%s", where, r.status, buf_str(&r.out), buf_str(&r.err));
	found = text_at(json, "root_cause");
	if (r.status != clients[client].status[kind] || (root == NULL ? strcmp(found, "null") != 0 : !one_of(found, root)))
		fail_msg("%s: status %d, root cause %s, expected %d, %s\n%s", where, r.status, found,
		    clients[client].status[kind], root != NULL ? root : "none", buf_str(&r.out));
	if (root != NULL)
		assert_string_not_equal(text_at(json, "verdict"), "ok");
	cJSON_Delete(json);
	run_done(&r);
}

static void
check_all(enum peer_kind kind)
{
	for (int tls13 = 0; tls13 < 2; tls13++)
		for (int client = 0; client < CLIENTS; client++)
			check_one(kind, tls13, (enum client)client, clients[client].root[kind]);
}

static void
verdicts_against_nginx(void **state)
{
	(void)state;
	check_all(PEER_NGINX);
}

static void
verdicts_against_haproxy(void **state)
{
	(void)state;
	check_all(PEER_HAPROXY);
}

static void
verdicts_against_s_server(void **state)
{
	(void)state;
	check_all(PEER_S_SERVER);
}

static void
verdicts_against_gnutls_serv(void **state)
{
	(void)state;
	check_all(PEER_GNUTLS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_against_nginx),
		cmocka_unit_test(verdicts_against_haproxy),
		cmocka_unit_test(verdicts_against_s_server),
		cmocka_unit_test(verdicts_against_gnutls_serv),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
