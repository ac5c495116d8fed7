/*
 * The real score, the other way round: our certificate is right, and the server was set up wrongly. It
 * knows only the issuing CA, or another CA of that name, or its revocation lists are stale, or missing, or
 * revoke us. Our files show nothing of that: where neither the refusal nor the list of CAs shows it, only
 * the server's own log could, and “among the candidates” is all that can be had. TLS 1.3: numbers do not depend on the version
 * (tests/data/alert_matrix.txt).
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/codes.h"
#include "tests/peer_ask.h"
#include "tests/peer_clients.h"
#include "tests/peers.h"
#include "tests/program.h"

enum fault { ISSUING_ONLY, NAMESAKE_TRUSTED, REVOKED, LISTS_STALE, LISTS_FOREIGN, FAULTS };

static const struct {
	const char *name;
	const char *clients_ca, *crl;
	enum code cause;
	unsigned accepted; /* bits: which servers let us in, as they should */
} faults[FAULTS] = {
#define BIT(kind) (1u << (kind))
	/* Go, Java and GnuTLS take any CA in their file for an anchor (knowledge: "diagnosis", 3.4). */
	[ISSUING_ONLY] = { "knows the issuing CA only", "issuing.pem", NULL, CODE_CLIENT_PARTIAL_TRUST,
	    BIT(PEER_GO) | BIT(PEER_JAVA) | BIT(PEER_JAVA_HTTPS) | BIT(PEER_GNUTLS) },
	[NAMESAKE_TRUSTED] = { "trusts a namesake", "namesake-root.pem", NULL, CODE_CLIENT_UNTRUSTED, 0 },
	[REVOKED] = { "revoked us", "root.pem", "revoked.crl", CODE_CLIENT_REVOKED, 0 },
	/* GnuTLS goes by a stale list, and does not miss one that it was not given (3.7.9, by this test). */
	[LISTS_STALE] = { "its lists are stale", "root.pem", "stale.crl", CODE_CLIENT_SERVER_REVOCATION, BIT(PEER_GNUTLS) },
	[LISTS_FOREIGN] = { "lists of other CAs", "root.pem", "foreign.crl", CODE_CLIENT_SERVER_REVOCATION, BIT(PEER_GNUTLS) },
};

static char *folder;
static struct server {
	enum peer_kind kind;
	enum fault fault;
	pid_t pid;
	int port;
} servers[FAULTS * PEER_SCORED];
static size_t servers_len;

static char paths[16][256];
static size_t paths_len;

static const char *
path(const char *name)
{
	char *p = paths[paths_len++ % 16];

	snprintf(p, sizeof paths[0], "%s/%s", folder, name);
	return p;
}

static void
launch(enum peer_kind kind, enum fault fault)
{
	struct peer_files files = { .folder = folder, .chain = path("server.pem"), .key = path("server.pem.key"), .intermediates = path("issuing.pem"),
		.clients_ca = path(faults[fault].clients_ca), .crl = faults[fault].crl != NULL ? path(faults[fault].crl) : NULL };
	struct server *s = &servers[servers_len++];

	s->kind = kind;
	s->fault = fault;
	s->pid = peer_launch(kind, true, &files, &s->port);
}

static int
set_up(void **state)
{
	(void)state;
	folder = make_folder();
	peer_clients_write(folder);
	for (int kind = 0; kind < PEER_SCORED; kind++) {
		const char *missing = peer_missing((enum peer_kind)kind);

		if (missing != NULL)
			print_message("left out: %s: %s\n", peer_names[kind], missing);
		/* What asks late never comes to look at a certificate. */
		if (missing != NULL || kind == PEER_APACHE_LOCATION)
			continue;
		for (int fault = 0; fault < FAULTS; fault++)
			if (faults[fault].crl == NULL || peer_reads_crl((enum peer_kind)kind))
				launch((enum peer_kind)kind, (enum fault)fault);
	}
	for (size_t i = 0; i < servers_len; i++)
		if (!peer_ready(servers[i].pid, servers[i].port)) {
			print_error("%s, %s, did not start; its log is in %s\n", peer_names[servers[i].kind], faults[servers[i].fault].name, folder);
			return -1;
		}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < servers_len; i++)
		stop_server(servers[i].pid);
	remove_folder(folder);
	return 0;
}

struct tally {
	unsigned checks, right, candidate, accepted, missed, sure_wrong, handshakes;
};

static void
judge(const struct server *s, const struct peer_answer *a, struct tally *t)
{
	const char *name = code_info(faults[s->fault].cause)->name;
	bool accepted = (faults[s->fault].accepted & BIT(s->kind)) != 0;
	const char *how;

	t->checks++;
	t->handshakes += a->handshakes;
	if (accepted && a->status == 0 && strcmp(a->verdict, "error") != 0) {
		t->accepted++;
		how = "rightly accepted";
	} else if (!accepted && strcmp(a->root, name) == 0 && a->status != 0) {
		t->right++;
		how = "the root cause";
	} else if (!accepted && peer_answer_candidate(a, name)) {
		t->candidate++;
		how = "among the candidates";
		t->sure_wrong += peer_answer_sure(a);
	} else {
		t->missed++;
		how = "MISSED";
		t->sure_wrong += peer_answer_sure(a);
	}
	print_message("  %-16s %-26s %s: %s (%s)\n", peer_names[s->kind], faults[s->fault].name, how, a->root, a->confidence);
	if (strcmp(how, "MISSED") == 0)
		print_message("    %s\n", a->summary);
}

static void
the_score_where_the_server_is_at_fault(void **state)
{
	struct peer_question questions[FAULTS * PEER_SCORED] = { 0 };
	struct tally tallies[FAULTS] = { 0 };
	unsigned missed = 0, sure_wrong = 0;

	(void)state;
	for (size_t i = 0; i < servers_len; i++)
		questions[i] = (struct peer_question){ .port = servers[i].port, .cert = "right.pem", .key = "right.key", .cacert = "root.pem" };
	peer_ask(folder, questions, servers_len);
	for (size_t i = 0; i < servers_len; i++) {
		struct peer_answer a;

		if (!peer_answer_read(folder, i, &a))
			fail_msg("%s, %s: no answer", peer_names[servers[i].kind], faults[servers[i].fault].name);
		judge(&servers[i], &a, &tallies[servers[i].fault]);
		peer_answer_done(&a);
	}
	for (int i = 0; i < FAULTS; i++) {
		const struct tally *t = &tallies[i];

		print_message("%-26s %2u servers: %2u root cause right, %2u among candidates, %2u rightly accepted, %u missed; sure and wrong %u; %.1f handshakes\n",
		    faults[i].name, t->checks, t->right, t->candidate, t->accepted, t->missed, t->sure_wrong,
		    t->checks > 0 ? (double)t->handshakes / t->checks : 0.0);
		missed += t->missed;
		sure_wrong += t->sure_wrong;
	}
	assert_int_equal(sure_wrong, 0);
	assert_int_equal(missed, 0);
	assert_true(servers_len > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_score_where_the_server_is_at_fault),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
