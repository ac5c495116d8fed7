/*
 * The real score: twelve client certificates, and then rarer ones. The real program, with the experiments that it does by default, against servers that
 * this project did not write, each requiring a client certificate, over TLS 1.2 and 1.3. For each server
 * and version: how often the root cause is exactly right, or among the candidates, or the server
 * accepts (and then it is no error). What is not exactly right is in a table here, with its reason; what
 * is not there fails, and so does a reason that no longer holds. A wrong cause that is called certain, or
 * even high, is the worst miss, and has no excuse. A server that is not on this machine is left out, and
 * the report says so.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/peer_ask.h"
#include "tests/peer_clients.h"
#include "tests/peers.h"
#include "tests/program.h"

/* ---- what is true ---- */

enum { TLS12 = 1, TLS13 = 2, BOTH = TLS12 | TLS13 };

/*
 * What each server does with a fault that not all refuse: from the measured matrix, and from each
 * server's own log of this very test. All other cases are refused by all servers.
 */
static const struct accepted {
	enum peer_kind kind;
	enum peer_client client;
	const char *why;
} accepted[] = {
	{ PEER_GNUTLS, CLIENT_SERVER_ONLY, "gnutls-serv looks at no purpose" },
	{ PEER_JAVA, CLIENT_SHA1, "Java forbids SHA-1 only below the CAs that it comes with" },
	{ PEER_JAVA_HTTPS, CLIENT_SHA1, "Java forbids SHA-1 only below the CAs that it comes with" },
	/* The rarer ones, as the matrix has it (knowledge: "diagnosis", 3.2). */
	{ PEER_NODE, CLIENT_RSA1024, "the OpenSSL that Node brings along has security level 1 (a distribution's, below, has 2)" },
	{ PEER_GO, CLIENT_RSA1024, "Go has no least size of a key" },
	{ PEER_JAVA, CLIENT_RSA1024, "Java's least size is 1,024" },
	{ PEER_JAVA_HTTPS, CLIENT_RSA1024, "Java's least size is 1,024" },
	{ PEER_GNUTLS, CLIENT_RSA1024, "GnuTLS at NORMAL takes it" },
	{ PEER_GO, CLIENT_NO_SIGNING, "Go looks at no key usage" },
	{ PEER_GO, CLIENT_CA_AS_LEAF, "Go looks at no key usage" },
};

/* Where the root cause is not exactly the true one: why that is none of the rules' fault, or what it would take. */
static const struct excuse {
	enum peer_kind kind;
	unsigned versions;
	enum peer_client client;
	const char *root; /* what is found instead */
	const char *why;
} excuses[] = {
	/* ssl.SSLContext.load_verify_locations() sets whom it trusts, and no list for its CertificateRequest. */
	{ PEER_PYTHON, BOTH, CLIENT_OTHER_CA, "client.rejected", "Python names no CA when it asks: whom it trusts only its owner can tell" },
};
enum { EXCUSES = sizeof excuses / sizeof excuses[0] };
static bool used[EXCUSES];

/* Debian's Node is built on Debian's OpenSSL, at whose level RSA below 2,048 bits is refused (measured: Node 18 of Debian 12). */
static bool node_of_a_distribution;

static void
look_at_node(void)
{
	static const char *const argv[] = { "node", "-p", "process.config.variables.node_shared_openssl", NULL };
	struct run r;

	if (peer_missing(PEER_NODE) != NULL)
		return;
	run_program(argv, NULL, &r);
	node_of_a_distribution = strcmp(buf_str(&r.out), "true\n") == 0;
	run_done(&r);
}

static bool
is_accepted(enum peer_kind kind, enum peer_client client)
{
	/* OpenSSL takes a key that agrees for one that signs (check_purpose_ssl_client). */
	if (client == CLIENT_KEY_AGREEMENT)
		return kind != PEER_GNUTLS && kind != PEER_JAVA && kind != PEER_JAVA_HTTPS;
	if (client == CLIENT_TWO_CAS || client == CLIENT_REVERSED)
		return kind != PEER_NGINX; /* ssl_verify_depth is 1 there unless set */
	if (kind == PEER_NODE && client == CLIENT_RSA1024 && node_of_a_distribution)
		return false;
	for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
		if (accepted[i].kind == kind && accepted[i].client == client)
			return true;
	return peer_clients[client].cause == CODE_NONE;
}

static enum code
cause_of(enum peer_kind kind, enum peer_client client)
{
	/* It asks after the handshake, which no client of today allows unasked: that comes before all else. */
	if (kind == PEER_APACHE_LOCATION)
		return CODE_CLIENT_LATE_AUTH;
	return is_accepted(kind, client) ? CODE_NONE : peer_clients[client].cause;
}

/* ---- the servers ---- */

static char *folder;
static struct lane {
	enum peer_kind kind;
	bool tls13;
	pid_t server;
	int port;
} lanes[2 * PEER_SCORED];
static size_t lanes_len;

static int
set_up(void **state)
{
	static const char *const names[4] = { "server.pem", "server.pem.key", "issuing.pem", "root.pem" };
	struct peer_files files;
	char paths[4][256];

	(void)state;
	folder = make_folder();
	look_at_node();
	peer_clients_write(folder);
	for (size_t i = 0; i < 4; i++)
		snprintf(paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
	files = (struct peer_files){ .folder = folder, .chain = paths[0], .key = paths[1], .intermediates = paths[2], .clients_ca = paths[3] };
	for (int kind = 0; kind < PEER_SCORED; kind++) {
		const char *missing = peer_missing((enum peer_kind)kind);

		if (missing != NULL) {
			print_message("left out: %s: %s\n", peer_names[kind], missing);
			continue;
		}
		for (int tls13 = 0; tls13 < 2; tls13++) {
			struct lane *l = &lanes[lanes_len++];

			l->kind = (enum peer_kind)kind;
			l->tls13 = tls13 == 1;
			l->server = peer_launch(l->kind, l->tls13, &files, &l->port);
		}
	}
	for (size_t i = 0; i < lanes_len; i++)
		if (!peer_ready(lanes[i].server, lanes[i].port)) {
			print_error("%s did not start; its log is in %s\n", peer_names[lanes[i].kind], folder);
			return -1;
		}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < lanes_len; i++)
		stop_server(lanes[i].server);
	remove_folder(folder);
	return 0;
}

/* ---- judging ---- */

struct tally {
	unsigned right, candidate, accepted, missed, unexplained;
	unsigned sure_wrong; /* not the true cause, and called certain or high */
	unsigned handshakes;
	unsigned stack_right, stack_wrong; /* recognised; taken for another, at medium or more */
	unsigned sure[4]; /* right root causes by confidence */
};

static const char *const confidences[4] = { "low", "medium", "high", "certain" };

/* No error, status 0, and where our files have a fault that others refuse, a warning about it. */
static bool
rightly_accepted(const struct peer_answer *a, enum peer_client client)
{
	if (a->status != 0 || strcmp(a->verdict, "error") == 0 || strcmp(a->verdict, "unreachable") == 0)
		return false;
	return peer_clients[client].warning == CODE_NONE || peer_answer_has(a, code_info(peer_clients[client].warning)->name, "warning");
}

static const char *
excuse_for(const struct lane *l, enum peer_client client, const char *root, bool quick)
{
	if (quick && l->kind == PEER_APACHE_LOCATION && l->tls13)
		return "one handshake shows nothing of a request that comes late";
	for (size_t i = 0; i < EXCUSES; i++) {
		const struct excuse *e = &excuses[i];

		if (e->kind == l->kind && (e->versions & (l->tls13 ? TLS13 : TLS12)) != 0 && e->client == client && strcmp(e->root, root) == 0) {
			used[i] = true;
			return e->why;
		}
	}
	return NULL;
}

/* How the name of each one's stack begins; an older Go is named with its version. */
static const char *const stacks[PEER_SCORED] = {
	[PEER_NGINX] = "nginx",
	[PEER_APACHE] = "OpenSSL family",
	[PEER_APACHE_LOCATION] = "OpenSSL family",
	[PEER_HAPROXY] = "OpenSSL family",
	[PEER_STUNNEL] = "OpenSSL family",
	[PEER_S_SERVER] = "OpenSSL family",
	[PEER_GNUTLS] = "GnuTLS",
	[PEER_NODE] = "Node.js",
	[PEER_PYTHON] = "OpenSSL family",
	[PEER_GO] = "Go",
	[PEER_JAVA] = "Java",
	[PEER_JAVA_HTTPS] = "Java",
};

static void
judge_stack(const struct lane *l, enum peer_client client, const struct peer_answer *a, struct tally *t)
{
	if (strncmp(a->stack, stacks[l->kind], strlen(stacks[l->kind])) == 0) {
		t->stack_right++;
	} else if (strcmp(a->stack_confidence, "low") != 0) {
		t->stack_wrong++;
		print_message("  %s, TLS 1.%d, %s: taken for %s (%s)\n", peer_names[l->kind], l->tls13 ? 3 : 2, peer_clients[client].name, a->stack,
		    a->stack_confidence);
	}
}

static void
judge(const struct lane *l, enum peer_client client, const struct peer_answer *a, bool quick, struct tally *t)
{
	enum code cause = cause_of(l->kind, client);
	const char *name = cause != CODE_NONE ? code_info(cause)->name : "accepted";
	const char *excuse;

	t->handshakes += a->handshakes;
	judge_stack(l, client, a, t);
	if (cause == CODE_NONE && rightly_accepted(a, client)) {
		t->accepted++;
		return;
	}
	if (cause != CODE_NONE && strcmp(a->root, name) == 0 && a->status != 0) {
		t->right++;
		for (size_t i = 0; i < 4; i++)
			t->sure[i] += strcmp(confidences[i], a->confidence) == 0;
		return;
	}
	/* A fault that our certificate has is no wrong claim, even where it is not what ended this. */
	t->sure_wrong += peer_answer_sure(a) &&
	    (peer_clients[client].cause == CODE_NONE || strcmp(a->root, code_info(peer_clients[client].cause)->name) != 0);
	excuse = excuse_for(l, client, a->root, quick);
	if (cause != CODE_NONE && peer_answer_candidate(a, name))
		t->candidate++;
	else
		t->missed++;
	t->unexplained += excuse == NULL;
	print_message("  %s, TLS 1.%d, %s: %s %s, but %s (%s), verdict %s, status %d: %s\n", peer_names[l->kind], l->tls13 ? 3 : 2,
	    peer_clients[client].name, peer_answer_candidate(a, name) ? "among the candidates" : "not", name, a->root, a->confidence, a->verdict,
	    a->status, excuse != NULL ? excuse : "NO REASON IS KNOWN");
	if (excuse == NULL)
		print_message("    %s\n", a->summary);
}

static void
print_tally(const char *name, const char *version, const struct tally *t, unsigned checks)
{
	print_message("%-16s %-3s %3u checks: %3u root cause right, %2u among candidates, %2u rightly accepted, %u missed; "
	    "of the right ones certain %u, high %u, medium %u, low %u; sure and wrong %u; stack recognised %u, mistaken %u; %.1f handshakes\n",
	    name, version, checks, t->right, t->candidate, t->accepted, t->missed, t->sure[3], t->sure[2], t->sure[1], t->sure[0],
	    t->sure_wrong, t->stack_right, t->stack_wrong, checks > 0 ? (double)t->handshakes / checks : 0.0);
}

static void
add(struct tally *to, const struct tally *t)
{
	to->right += t->right;
	to->candidate += t->candidate;
	to->accepted += t->accepted;
	to->missed += t->missed;
	to->unexplained += t->unexplained;
	to->sure_wrong += t->sure_wrong;
	to->handshakes += t->handshakes;
	to->stack_right += t->stack_right;
	to->stack_wrong += t->stack_wrong;
	for (size_t i = 0; i < 4; i++)
		to->sure[i] += t->sure[i];
}

static void
score(int from, int to, bool quick)
{
	struct peer_question questions[2 * PEER_SCORED * PEER_CLIENTS] = { 0 };
	struct tally tallies[2 * PEER_SCORED] = { 0 }, sum = { 0 };
	size_t each = (size_t)(to - from);
	unsigned checks = 0;

	for (size_t i = 0; i < lanes_len * each; i++) {
		const struct peer_client_case *client = &peer_clients[(size_t)from + i % each];

		questions[i] = (struct peer_question){ .port = lanes[i / each].port, .cert = client->cert, .key = client->key, .cacert = "root.pem", .quick = quick };
	}
	peer_ask(folder, questions, lanes_len * each);
	for (size_t i = 0; i < lanes_len * each; i++) {
		const struct lane *l = &lanes[i / each];
		enum peer_client client = (enum peer_client)((size_t)from + i % each);
		struct peer_answer a;

		if (!peer_answer_read(folder, i, &a))
			fail_msg("%s, TLS 1.%d, %s: no answer", peer_names[l->kind], l->tls13 ? 3 : 2, peer_clients[client].name);
		judge(l, client, &a, quick, &tallies[i / each]);
		peer_answer_done(&a);
	}
	for (size_t i = 0; i < lanes_len; i++) {
		print_tally(peer_names[lanes[i].kind], lanes[i].tls13 ? "1.3" : "1.2", &tallies[i], (unsigned)each);
		add(&sum, &tallies[i]);
		checks += (unsigned)each;
	}
	print_tally("all", "", &sum, checks);
	assert_true(checks > 0);
	assert_int_equal(sum.sure_wrong, 0);
	assert_int_equal(sum.stack_wrong, 0);
	assert_int_equal(sum.unexplained, 0);
}

static void
score_in_full(int from, int to)
{
	score(from, to, false);
	for (size_t i = 0; i < EXCUSES; i++)
		if (!used[i] && (int)excuses[i].client >= from && (int)excuses[i].client < to && peer_missing(excuses[i].kind) == NULL)
			fail_msg("%s, %s is right now: its excuse goes", peer_names[excuses[i].kind], peer_clients[excuses[i].client].name);
}

static void
the_score(void **state)
{
	(void)state;
	score_in_full(0, FIRST_DOZEN);
}

static void
and_with_rarer_certificates(void **state)
{
	(void)state;
	score_in_full(FIRST_DOZEN, PEER_CLIENTS);
}

/*
 * What the baseline alone knows: less, and no more than that may it claim. Apache that asks late shows nothing
 * of it in TLS 1.3: all that can be had there is the candidate, or a warning of a fault that our files have.
 */
static void
and_with_the_baseline_alone(void **state)
{
	(void)state;
	score(0, FIRST_DOZEN, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_score),
		cmocka_unit_test(and_with_rarer_certificates),
		cmocka_unit_test(and_with_the_baseline_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
