/*
 * Servers that want to cost us time or memory: lists without end, floods of what the protocol lets pass,
 * a byte a second. The real program is run with our certificate and its default experiments; each costs
 * bounded time and memory, and ends in a finding. What it cost is printed, and asserted.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/buf.h"
#include "tests/floods.h"
#include "tests/program.h"
#include "tests/sanitized.h"

/*
 * A check of a server that behaves takes 20 MB. Under a sanitizer shadow memory and the quarantine count
 * too, and all takes longer.
 */
#if SANITIZED
enum { MOST_MB = 700, TIMES = 4 };
#else
enum { MOST_MB = 64, TIMES = 1 };
#endif

enum { LONG_CHAIN = 200, BIG_CERTS = 21, BIG_NAMES = 12000, BIG_HEADER = 1024 * 1024 + 1, MANY_CAS = 3400, EMPTY_CAS = 16000 };

static struct script_pki pki;
static char *folder;
static struct pki_cert big, chain[LONG_CHAIN];
static char big_header[BIG_HEADER];
static char padded[251]; /* a line of a header in a record of padding */

/* ---- what the servers are made of ---- */

static void
make_big_certificate(void)
{
	static char names[BIG_NAMES][64];
	static const char *list[BIG_NAMES + 1];

	for (int i = 0; i < BIG_NAMES; i++) {
		snprintf(names[i], sizeof names[i], "DNS:node-%05d.a-long-zone.payment.internal", i);
		list[i] = names[i];
	}
	big = pki_issue(&(struct pki_request){ .cn = "Big CA", .san = list, .ca = true, .key_usage = "critical,keyCertSign" }, &pki.root);
}

static void
make_long_chain(void)
{
	static const char *const san[] = { "IP:127.0.0.1", NULL };

	for (int i = 0; i < LONG_CHAIN; i++) {
		char cn[32];

		snprintf(cn, sizeof cn, "CA %d below", i);
		chain[i] = pki_issue(i == LONG_CHAIN - 1 ?
		    &(struct pki_request){ .cn = "payment.internal", .san = san, .key_usage = "critical,digitalSignature", .eku = "serverAuth" } :
		    &(struct pki_request){ .cn = cn, .ca = true, .key_usage = "critical,keyCertSign,cRLSign" },
		    i == 0 ? &pki.root : &chain[i - 1]);
	}
}

static int
set_up(void **state)
{
	const struct pki_cert *root[] = { &pki.root }, *ours[] = { &pki.client, &pki.issuing };
	static const char begin[] = "HTTP/1.1 200 OK\r\nX-Long: ";

	(void)state;
	folder = make_folder();
	pki = script_pki_make(PKI_P256);
	make_big_certificate();
	make_long_chain();
	memcpy(padded, "\0HTTP/1.1 200 OK\r\n\x17", 19); /* type 0, content, its type, padding */
	memset(big_header, 'x', sizeof big_header - 1);
	memcpy(big_header, begin, sizeof begin - 1);
	memcpy(big_header + sizeof big_header - 5, "\r\n\r\n", 5);
	assert_true(pki_write_certs(in_folder(folder, "root.pem"), root, 1));
	assert_true(pki_write_certs(in_folder(folder, "order.pem"), ours, 2));
	assert_true(pki_write_key(in_folder(folder, "order.key"), pki.client.key, NULL));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	pki_cert_free(&big);
	for (int i = 0; i < LONG_CHAIN; i++)
		pki_cert_free(&chain[i]);
	script_pki_done(&pki);
	remove_folder(folder);
	return 0;
}

/* Judges clients as OpenSSL does, by the root. */
static void
honest(SSL_CTX *ctx, const struct script *s)
{
	SSL_CTX_set_cert_verify_callback(ctx, NULL, NULL);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), s->pki->root.x509);
}

static void
forging(SSL_CTX *ctx, const struct script *s)
{
	honest(ctx, s);
	flood_prepare(ctx, s);
}

static void
with_two_big(SSL_CTX *ctx, const struct script *s)
{
	honest(ctx, s);
	for (int i = 0; i < 2; i++)
		SSL_CTX_add1_chain_cert(ctx, big.x509);
}

static void
with_big_list(SSL_CTX *ctx, const struct script *s)
{
	honest(ctx, s);
	for (int i = 0; i < BIG_CERTS; i++)
		SSL_CTX_add1_chain_cert(ctx, big.x509);
}

static void
with_long_chain(SSL_CTX *ctx, const struct script *s)
{
	honest(ctx, s);
	SSL_CTX_clear_chain_certs(ctx);
	for (int i = LONG_CHAIN - 2; i >= 0; i--)
		SSL_CTX_add1_chain_cert(ctx, chain[i].x509);
}

static void
with_many_cas(SSL_CTX *ctx, const struct script *s)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

	honest(ctx, s);
	for (int i = 0; i < MANY_CAS; i++) {
		X509_NAME *name = X509_NAME_new();
		unsigned char cn[16];

		snprintf((char *)cn, sizeof cn, "%04d", i);
		X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, cn, 4, -1, 0);
		sk_X509_NAME_push(names, name);
	}
	SSL_CTX_set_client_CA_list(ctx, names);
}

/* The most that fit: names without a single part. */
static void
with_empty_cas(SSL_CTX *ctx, const struct script *s)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

	honest(ctx, s);
	for (int i = 0; i < EMPTY_CAS; i++)
		sk_X509_NAME_push(names, X509_NAME_new());
	SSL_CTX_set_client_CA_list(ctx, names);
}

/* ---- the cases ---- */

enum { TLS12 = TLS1_2_VERSION, TLS13 = TLS1_3_VERSION, QUICK = 3000 };

/* RFC 5246: a ServerHello of TLS 1.2 that begins, and what comes after each. */
#define HELLO_1_2 "\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" "0123456789abcdef0123456789abcdef" "\x00\xc0\x2b\x00"
static const char certificate_for_ever[] = HELLO_1_2 "\x16\x03\x03\x00\x04\x0b\xff\xff\xff";
static const char warnings[] = "\x15\x03\x03\x00\x02\x01\x5a";
static const char empty_records[] = "\x16\x03\x03\x00\x00";
/* The record's type, and its content. */
static const char warning_record[] = "\x15\x01\x5a";
static const char hello_request[] = "\x16\x00\x00\x00\x00";
static const char key_update[] = "\x16\x18\x00\x00\x01\x01";
static const char ticket[] = "\x16\x04\x00\x00\x18\x00\x00\x1c\x20\x00\x00\x00\x00\x08" "01234567" "\x00\x03" "abc" "\x00\x00";
static const char empty_data[] = "\x17";
static const char request[] = "\x16\x0d\x00\x00\x0b\x00\x00\x08\x00\x0d\x00\x04\x00\x02\x04\x03";

#define BYTES(b) .bytes = (b), .bytes_len = sizeof(b) - 1
#define FLOOD(name, v, b, code) \
	{ name, { .serve = flood_records, .prepare = forging, .version = v, BYTES(b) }, false, NULL, QUICK, code, NULL }
#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

static const struct hostile {
	const char *what;
	struct script s;
	bool long_chain;
	const char *max_time; /* --max-time; NULL: the default */
	int most_ms;          /* of the whole check, all its handshakes */
	const char *cause;    /* the root cause */
	const char *says;     /* in the summary; or NULL */
} cases[] = {
	/* Certificates. */
	{ "a 10 MB certificate list, TLS 1.2", { .serve = serve_http, .prepare = with_big_list, .version = TLS12, .answer = OK_ANSWER }, false, NULL,
	    QUICK, "tls.broken-peer", NULL },
	{ "a 10 MB certificate list, TLS 1.3", { .serve = serve_http, .prepare = with_big_list, .version = TLS13, .answer = OK_ANSWER }, false, NULL,
	    QUICK, "tls.broken-peer", NULL },
	{ "a Certificate without end", { .serve = serve_bytes_for_ever, BYTES(certificate_for_ever) }, false, NULL, QUICK, "tls.broken-peer", NULL },
	/* As much as we take: it leads nowhere, and the rest is fine. */
	{ "1 MB of certificates that lead nowhere", { .serve = serve_http, .prepare = with_two_big, .version = TLS13, .answer = OK_ANSWER }, false, NULL,
	    QUICK, "chain.extra-certificate", NULL },
	{ "a chain of 200", { .serve = serve_http, .prepare = with_long_chain, .version = TLS13, .answer = OK_ANSWER }, true, NULL, QUICK, "chain.invalid", NULL },
	{ "3,400 CAs in its request, TLS 1.2", { .serve = serve_http, .prepare = with_many_cas, .version = TLS12, .answer = OK_ANSWER }, false, NULL,
	    QUICK, "client.not-in-ca-list", NULL },
	{ "3,400 CAs in its request, TLS 1.3", { .serve = serve_http, .prepare = with_many_cas, .version = TLS13, .answer = OK_ANSWER }, false, NULL,
	    QUICK, "client.not-in-ca-list", NULL },
	/* Over LIMIT_CA_LIST: whom the rest names nobody knows, so nothing is said of it. */
	{ "16,000 CAs without a name", { .serve = serve_http, .prepare = with_empty_cas, .version = TLS13, .answer = OK_ANSWER }, false, NULL, QUICK,
	    "null", NULL },
	/* Slowness. */
	{ "a handshake at one byte a second", { .serve = slow_handshake, .version = TLS12 }, false, "3", 4500, "net.timeout",
	    "answers too slowly" },
	{ "an answer at one byte a second", { .serve = slow_answer, .prepare = honest, .version = TLS13, .answer = OK_ANSWER }, false, "3", 4500,
	    "tls.broken-peer", NULL },
	/* Odd, and as the protocol allows it: nothing is wrong. */
	{ "each octet in a record of its own", { .serve = serve_crumbs, .prepare = honest, .version = TLS12, .answer = OK_ANSWER }, false, NULL, QUICK, "null", NULL },
	/* Floods before the handshake is over. */
	{ "warning alerts for ever", { .serve = serve_bytes_for_ever, BYTES(warnings) }, false, NULL, QUICK, "tls.broken-peer", NULL },
	{ "empty records for ever", { .serve = serve_bytes_for_ever, BYTES(empty_records) }, false, NULL, QUICK, "tls.broken-peer", NULL },
	/* Floods after it. */
	FLOOD("warning alerts after it, TLS 1.2", TLS12, warning_record, "tls.broken-peer"),
	FLOOD("warning alerts after it, TLS 1.3", TLS13, warning_record, "tls.broken-peer"),
	FLOOD("HelloRequests for ever", TLS12, hello_request, "tls.broken-peer"), /* 10 s and 100 MB of answers before there was a limit */
	FLOOD("KeyUpdates for ever", TLS13, key_update, "tls.broken-peer"),
	FLOOD("tickets for ever", TLS13, ticket, "tls.broken-peer"),
	FLOOD("CertificateRequests for ever", TLS13, request, "tls.broken-peer"),
	FLOOD("empty data for ever, TLS 1.2", TLS12, empty_data, "tls.broken-peer"),
	FLOOD("empty data for ever, TLS 1.3", TLS13, empty_data, "tls.broken-peer"),
	FLOOD("header lines in padding", TLS13, padded, "tls.broken-peer"),
	/* HTTP: the handshake stands, and the answer has no end. */
	{ "a header of 1 MB", { .serve = serve_http, .prepare = honest, .version = TLS13, .answer = big_header }, false, NULL, QUICK, "tls.broken-peer", NULL },
	{ "HTTP 100 for ever", { .serve = flood_answers, .prepare = honest, .version = TLS13, .answer = "HTTP/1.1 100 Continue\r\n\r\n" }, false, NULL,
	    QUICK, "tls.broken-peer", NULL },
	{ "header lines for ever", { .serve = flood_answers, .prepare = honest, .version = TLS12, .answer = "HTTP/1.1 200 OK\r\n" }, false, NULL, QUICK,
	    "tls.broken-peer", NULL },
	{ "a body for ever", { .serve = flood_answers, .prepare = honest, .version = TLS13, .answer = "HTTP/1.1 405 No\r\n\r\n" }, false, NULL, QUICK, "null", NULL },
};

static const char *
text_at(const cJSON *object, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return s != NULL ? s : "null";
}

/*
 * The server is a process of its own: what it takes would count as ours, for Linux measures a program
 * together with what its process was before.
 */
struct apart {
	pid_t pid;
	int orders[2], answers[2];
};

static int
start_apart(struct apart *a, const struct hostile *c)
{
	struct script s = c->s;
	struct script_server *server;
	int number = 0;

	assert_true(pipe2(a->orders, O_CLOEXEC) == 0 && pipe2(a->answers, O_CLOEXEC) == 0);
	a->pid = fork();
	if (a->pid != 0) {
		close(a->orders[0]);
		close(a->answers[1]);
		return read(a->answers[0], &number, sizeof number) == sizeof number ? number : 0;
	}
	close(a->orders[1]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	s.pki = &pki;
	s.verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	s.tickets = -1;
	if (c->long_chain) {
		s.certificate = chain[LONG_CHAIN - 1].x509;
		s.key = chain[LONG_CHAIN - 1].key;
	}
	server = script_server_start(&s);
	number = script_server_port(server);
	if (write(a->answers[1], &number, sizeof number) != sizeof number || read(a->orders[0], &number, sizeof number) != 0)
		_exit(1);
	number = script_server_served(server);
	_exit(write(a->answers[1], &number, sizeof number) != sizeof number);
}

/* How many connections it had. */
static int
stop_apart(struct apart *a)
{
	int served = 0;

	close(a->orders[1]);
	if (read(a->answers[0], &served, sizeof served) != sizeof served)
		served = -1;
	close(a->answers[0]);
	waitpid(a->pid, NULL, 0);
	return served;
}

static bool
run_case(const struct hostile *c)
{
	char target[32], ca[4096], cert[4096], key[4096];
	const char *argv[] = { mtlscope(), "check", "--json", target, "--cacert", ca, "--cert", cert, "--key", key, "--root-expires-within", "1",
		"--expires-within", "1", NULL, NULL, NULL };
	struct apart server;
	struct run r;
	cJSON *json;
	bool good;
	int served;

	snprintf(target, sizeof target, "127.0.0.1:%d", start_apart(&server, c));
	snprintf(ca, sizeof ca, "%s", in_folder(folder, "root.pem"));
	snprintf(cert, sizeof cert, "%s", in_folder(folder, "order.pem"));
	snprintf(key, sizeof key, "%s", in_folder(folder, "order.key"));
	if (c->max_time != NULL) {
		argv[14] = "--max-time";
		argv[15] = c->max_time;
	}
	run_program(argv, &(struct run_options){ .deadline_ms = 60000 }, &r);
	served = stop_apart(&server);
	json = cJSON_Parse(buf_str(&r.out));
	print_message("%-44s %5.0f ms, %4.0f ms of work, %3ld MB, %d connections: %s (%s)\n", c->what, r.took_ms, r.cpu_ms, r.max_rss_kb / 1024,
	    served, text_at(json, "root_cause"), text_at(json, "verdict"));
	good = json != NULL && strcmp(text_at(json, "root_cause"), c->cause) == 0 && (c->says == NULL || strstr(text_at(json, "summary"), c->says) != NULL) && r.took_ms < c->most_ms * TIMES && r.max_rss_kb < MOST_MB * 1024L;
	if (!good)
		print_error("%s: status %d, expected %s in %d ms and %d MB: %s\n%s\n", c->what, r.status, c->cause, c->most_ms * TIMES, MOST_MB,
		    text_at(json, "summary"), json != NULL ? "" : buf_str(&r.err));
	cJSON_Delete(json);
	run_done(&r);
	return good;
}

static void
each_costs_little_and_ends_in_a_finding(void **state)
{
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		bad += !run_case(&cases[i]);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_costs_little_and_ends_in_a_finding),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
