/*
 * The listener itself: clients by script, among them those that want to do it harm. Whatever they do, it costs bounded
 * time and memory, ends in a record, and the next client is served.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/pki.h"
#include "model/limits.h"
#include "model/listen_place.h"
#include "model/json.h"
#include "model/memory.h"
#include "probes/examine.h"
#include "probes/listen.h"
#include "tests/program.h"
#include "tests/script_server.h"

static struct script_pki pki;
static struct listener *listener;
static uint16_t port;

/* ---- a listener, and what it hands back ---- */

static void
start(const struct listen_options *with)
{
	struct listen_options options = with != NULL ? *with : (struct listen_options){ .port = 0 };
	struct error err = { .code = ERROR_NONE };

	options.thresholds = thresholds_default;
	if (listener_start(&options, world_real(), &listener, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	port = (uint16_t)strtoul(strrchr(listener_about(listener)->address, ':') + 1, NULL, 10);
}

static int
stop(void **state)
{
	(void)state;
	listener_free(listener);
	listener = NULL;
	return 0;
}

static struct seen_client *
next(void)
{
	struct seen_client *s = listener_wait(listener, -1, 30000);

	if (s == NULL)
		fail_msg("no client was handed back");
	return s;
}

static void
expect_root(struct seen_client *s, const char *code)
{
	const struct finding *root = s->diagnosis->root;

	if (strcmp(root != NULL ? code_info(root->code)->name : "", code) != 0)
		fail_msg("“%s” where “%s” is expected: %s", root != NULL ? code_info(root->code)->name : "", code, s->diagnosis->summary);
	seen_client_free(s);
}

/* ---- clients ---- */

static int
connect_plain(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* Until the other side closes. Returns how many bytes came. */
static size_t
read_out(int fd)
{
	char bytes[4096];
	size_t all = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		all += (size_t)n;
	return all;
}

static void
close_with_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

/* What a client by OpenSSL is told to do. */
struct tls_client {
	int version;
	const char *ciphers;
	const struct pki_cert *leaf, *above;
	EVP_PKEY *key;        /* instead of the leaf's */
	X509 *certificate;    /* instead of the leaf's */
	size_t copies;        /* of `above` */
	bool renegotiates;
	const char *request;  /* instead of a GET for "/" */
};
struct told {
	bool completed;
	int alert;            /* the first that came from the server; 0: none */
	char answer[256];
};

static void
note_alert(int write_p, int version, int type, const void *bytes, size_t len, SSL *ssl, void *user)
{
	struct told *t = user;

	(void)version;
	(void)ssl;
	if (!write_p && type == SSL3_RT_ALERT && len == 2 && t->alert == 0)
		t->alert = ((const unsigned char *)bytes)[1];
}

static struct told
talk(const struct tls_client *c)
{
	static const char usual[] = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\x1b[31m/1\r\n\r\n";
	const char *request = c->request != NULL ? c->request : usual;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct told t = { .completed = false };
	int fd = connect_plain();
	SSL *ssl;
	int n;

	SSL_CTX_set_security_level(ctx, 0);
	if (c->version != 0) {
		SSL_CTX_set_min_proto_version(ctx, c->version);
		SSL_CTX_set_max_proto_version(ctx, c->version);
	}
	if (c->ciphers != NULL)
		assert_int_equal(SSL_CTX_set_cipher_list(ctx, c->ciphers), 1);
	if (c->leaf != NULL) {
		STACK_OF(X509) *chain = sk_X509_new_null();

		for (size_t i = 0; c->above != NULL && i < (c->copies > 0 ? c->copies : 1); i++)
			sk_X509_push(chain, c->above->x509);
		assert_int_equal(SSL_CTX_use_cert_and_key(ctx, c->certificate != NULL ? c->certificate : c->leaf->x509,
		    c->key != NULL ? c->key : c->leaf->key, chain, 1), 1);
		sk_X509_free(chain);
	}
	ssl = SSL_new(ctx);
	SSL_set_msg_callback(ssl, note_alert);
	SSL_set_msg_callback_arg(ssl, &t);
	SSL_set_tlsext_host_name(ssl, "localhost");
	SSL_set_fd(ssl, fd);
	t.completed = SSL_connect(ssl) == 1;
	if (t.completed && c->renegotiates) {
		SSL_renegotiate(ssl);
		SSL_do_handshake(ssl);
	}
	if (t.completed && SSL_write(ssl, request, (int)strlen(request)) > 0 && (n = SSL_read(ssl, t.answer, sizeof t.answer - 1)) > 0)
		t.answer[n] = '\0';
	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return t;
}

static void
good_client_is_served(void)
{
	struct told t = talk(&(struct tls_client){ .leaf = &pki.client, .above = &pki.issuing });

	assert_true(t.completed);
	assert_non_null(strstr(t.answer, "200 OK"));
}

/* ---- what it records ---- */

static void
record_of_a_good_client(void **state)
{
	const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	(void)state;
	start(&(struct listen_options){ .trust = pki.trust });
	for (int i = 0; i < 2; i++) {
		struct told t = talk(&(struct tls_client){ .version = versions[i], .leaf = &pki.client, .above = &pki.issuing });
		struct seen_client *s = next();
		const struct client *c = s->evidence->client;
		const struct handshake *h = c->handshake;

		assert_true(t.completed);
		assert_int_equal(c->number, i + 1);
		assert_int_equal(h->version, versions[i]);
		assert_int_equal(c->certs_len, 2);
		assert_true(c->signature_checked);
		assert_int_equal(h->sent_certs_len, 2);
		assert_true(h->request.seen && h->request.cas_len == 1);
		assert_int_equal(h->outcome, OUTCOME_ACCEPTED_APP);
		assert_string_equal(c->hello.sni, "localhost");
		assert_true(c->hello.whole && c->hello.ciphers.len > 0 && c->hello.sigalgs.len > 0);
		assert_string_equal(c->request, "GET / HTTP/1.1");
		/* What it calls itself is a stranger's text. */
		assert_null(strchr(c->agent, '\x1b'));
		/* Every message has its moment, ours from when it left. */
		for (size_t k = 0; k < h->messages_len; k++)
			assert_true(h->messages[k].at_ms >= 0);
		assert_int_equal(h->messages[0].from, PEER_US);
		assert_null(s->diagnosis->root != NULL && s->diagnosis->root->severity == SEVERITY_ERROR ? "" : NULL);
		seen_client_free(s);
	}
}

/* Another program's token is not ours to print: it stood in the lines of the console, of --plain and of JSON. */
static void
what_a_client_asks_with_is_not_told(void **state)
{
	static const char request[] = "GET /v1?a=canary-1&canary-2 HTTP/1.1\r\nAuthorization: Bearer canary-3\r\nCookie: canary-4\r\n\r\n";
	struct seen_client *s;
	struct buf json = { 0 };

	(void)state;
	start(NULL);
	for (int i = 0; i < 2; i++) {
		if (i == 0) {
			assert_true(talk(&(struct tls_client){ .request = request }).completed);
		} else {
			int fd = connect_plain();

			assert_int_equal(write(fd, request, sizeof request - 1), sizeof request - 1);
			(void)read_out(fd);
			close(fd);
		}
		s = next();
		json_client(s->diagnosis, &json);
		assert_null(strstr(buf_str(&json), "canary"));
		if (i == 0)
			assert_string_equal(s->evidence->client->request, "GET /v1?a=…&… HTTP/1.1");
		else
			assert_non_null(strstr(buf_str(&json), "it began with “GET /v1?a=…&… HTTP/1.1”"));
		buf_reset(&json);
		seen_client_free(s);
	}
	buf_done(&json);
}

/* The certificate that a client is shown has the name that it asked for, and leads to the CA in the file. */
static void
our_certificate_is_fit(void **state)
{
	struct trust *ca;
	struct error err = { .code = ERROR_NONE };
	struct seen_client *s;
	const struct cert *leaf;
	char *path;

	(void)state;
	start(NULL);
	path = mem_strdup(listener_about(listener)->ca_file);
	assert_int_equal(trust_load(path, NULL, &ca, &err), STATUS_OK);
	good_client_is_served();
	s = next();
	leaf = s->evidence->client->handshake->server_certs[0].cert;
	assert_int_equal(cert_matches_host(leaf, "localhost"), NAME_MATCHES);
	assert_int_equal(cert_matches_host(leaf, "127.0.0.1"), NAME_MATCHES);
	assert_true(cert_allows(leaf, PURPOSE_SERVER));
	assert_true(cert_signed_by(leaf, trust_anchor(ca, 0), &(size_t){ 0 }));
	seen_client_free(s);
	trust_free(ca);
	listener_free(listener);
	listener = NULL;
	/* It goes with the listener. */
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

static void
faults_on_the_wire(void **state)
{
	EVP_PKEY *wrong = pki_wrong_key(pki.client.key, NULL);
	X509 *garbage = pki_garbage(&pki.client);
	const struct {
		struct tls_client client;
		const char *root;
	} cases[] = {
		{ { .version = TLS1_2_VERSION, .leaf = &pki.client, .above = &pki.issuing, .key = wrong }, "key.mismatch" },
		{ { .version = TLS1_3_VERSION, .leaf = &pki.client, .above = &pki.issuing, .key = wrong }, "key.mismatch" },
		{ { .version = TLS1_2_VERSION, .leaf = &pki.client, .above = &pki.issuing, .certificate = garbage }, "cert.malformed" },
		{ { .version = TLS1_3_VERSION, .leaf = &pki.client, .above = &pki.issuing, .certificate = garbage }, "cert.malformed" },
		{ { .version = TLS1_1_VERSION, .leaf = &pki.client }, "tls.no-common-version" },
		{ { .version = TLS1_2_VERSION, .ciphers = "NULL-SHA256" }, "tls.no-common-cipher" },
		{ { .version = TLS1_2_VERSION }, "client.required" },
		/* RFC 5246 7.4.1.4.1: RSA for whoever takes no ECDSA. */
		{ { .version = TLS1_2_VERSION, .ciphers = "AES128-SHA" }, "client.required" },
	};

	(void)state;
	start(&(struct listen_options){ .trust = pki.trust });
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		talk(&cases[i].client);
		expect_root(next(), cases[i].root);
	}
	EVP_PKEY_free(wrong);
	X509_free(garbage);
}

/* --require-mtls: as a real server would, so that one sees what the client makes of it. */
static void
refuses_where_it_is_told_to(void **state)
{
	struct pki_cert stranger = pki_issue(&(struct pki_request){ .cn = "a stranger", .eku = "clientAuth" }, NULL);
	const struct {
		struct tls_client client;
		int alert;
		const char *root;
	} cases[] = {
		{ { .version = TLS1_2_VERSION }, 40, "client.required" },
		{ { .version = TLS1_3_VERSION }, 116, "client.required" },
		{ { .version = TLS1_2_VERSION, .leaf = &stranger }, 48, "client.untrusted" },
		{ { .version = TLS1_3_VERSION, .leaf = &stranger }, 48, "client.untrusted" },
	};

	(void)state;
	start(&(struct listen_options){ .trust = pki.trust, .requires = true });
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told t = talk(&cases[i].client);

		assert_int_equal(t.alert, cases[i].alert);
		expect_root(next(), cases[i].root);
	}
	good_client_is_served();
	seen_client_free(next());
	pki_cert_free(&stranger);
}

static void
what_is_no_tls(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *root, *says;
		bool answered;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27, "net.not-tls", "http://", true },
		{ "\0\0\0\x08\x04\xd2\x16\x2f", 8, "net.not-tls", "SSLRequest", false },
		{ "SSH-2.0-OpenSSH_9.2\r\n", 21, "net.not-tls", "SSH", false },
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", 32, "net.not-tls", "PROXY", false },
		{ "\x1b]52;c;ZXZpbA==\x07", 16, "net.not-tls", "else", false },
		/* a TLS record that is none inside */
		{ "\x16\x03\x01\x00\x05hello", 10, "tls.broken-peer", NULL, true },
		{ "\x16\x03\x01\xff\xff", 5, "tls.broken-peer", NULL, true },
	};

	(void)state;
	start(NULL);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int fd = connect_plain();
		struct seen_client *s;

		assert_int_equal(write(fd, cases[i].bytes, cases[i].len), (ssize_t)cases[i].len);
		assert_int_equal(read_out(fd) > 0, cases[i].answered);
		close(fd);
		s = next();
		if (cases[i].says != NULL && strstr(s->diagnosis->summary, cases[i].says) == NULL)
			fail_msg("“%s” is not in: %s", cases[i].says, s->diagnosis->summary);
		assert_null(strchr(s->diagnosis->summary, '\x1b'));
		expect_root(s, cases[i].root);
	}
}

static void
without_a_word(void **state)
{
	int fd;

	(void)state;
	start(NULL);
	close(connect_plain());
	expect_root(next(), "net.closed");
	close_with_reset(connect_plain());
	expect_root(next(), "net.reset");
	/* in the middle of its hello */
	fd = connect_plain();
	assert_int_equal(write(fd, "\x16\x03\x01\x02\x00\x01\x00\x01", 8), 8);
	close(fd);
	expect_root(next(), "net.closed");
}

/* ---- hostile ones ---- */

/* Bytes without end, until the other side has enough: returns how many it took. */
static size_t
pour(const unsigned char *record, size_t len, size_t most)
{
	int fd = connect_plain();
	size_t all = 0;
	ssize_t n;

	while (all < most && (n = send(fd, record, len, MSG_NOSIGNAL)) > 0)
		all += (size_t)n;
	close(fd);
	return all;
}

static void
without_end(void **state)
{
	static unsigned char fragment[5 + 16384] = { 22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff };
	static const unsigned char warning[] = { 21, 3, 3, 0, 2, 1, 90 }, empty[] = { 22, 3, 3, 0, 0 };
	enum { MOST = 64 * 1024 * 1024 };

	(void)state;
	start(NULL);
	/* A ClientHello of 16 MB, alerts, empty records. */
	assert_true(pour(fragment, sizeof fragment, MOST) < MOST);
	expect_root(next(), "tls.broken-peer");
	assert_true(pour(warning, sizeof warning, MOST) < MOST);
	expect_root(next(), "tls.broken-peer");
	assert_true(pour(empty, sizeof empty, MOST) < MOST);
	expect_root(next(), "tls.broken-peer");
	good_client_is_served();
	seen_client_free(next());
}

/* A Certificate message beyond the limit ends the handshake, in both versions, and is named. */
static void
certificates_without_end(void **state)
{
	static unsigned char junk[40 * 1024];
	const struct pki_extension big[] = { { .oid = "1.2.3.4.5", .der = junk, .len = sizeof junk }, { .oid = NULL } };
	struct pki_cert ca = pki_issue(&(struct pki_request){ .cn = "Big CA", .ca = true, .extra = big }, NULL);
	const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	(void)state;
	start(&(struct listen_options){ .trust = pki.trust });
	for (int i = 0; i < 2; i++) {
		struct seen_client *s;

		talk(&(struct tls_client){ .version = versions[i], .leaf = &pki.client, .above = &ca, .copies = 250 });
		s = next();
		assert_non_null(strstr(s->diagnosis->summary, "more than is taken"));
		expect_root(s, "tls.broken-peer");
	}
	/* Many small ones are read as far as the limit of a chain, and judged within bounds. */
	talk(&(struct tls_client){ .version = TLS1_3_VERSION, .leaf = &pki.client, .above = &pki.issuing, .copies = 200 });
	seen_client_free(next());
	good_client_is_served();
	pki_cert_free(&ca);
}

static void
renegotiation_is_refused(void **state)
{
	struct seen_client *s;

	(void)state;
	start(NULL);
	talk(&(struct tls_client){ .version = TLS1_2_VERSION, .leaf = &pki.client, .renegotiates = true });
	s = next();
	assert_true(s->evidence->client->handshake->messages_len < LIMIT_MESSAGES);
	seen_client_free(s);
	good_client_is_served();
}

/* More that say nothing than there is room for: whoever speaks gets in all the same, and soon. */
static void
silent_ones_make_room(void **state)
{
	enum { SILENT = LIMIT_LISTEN_CLIENTS + 40 };
	const struct world *w = world_real();
	uint64_t began;
	int fds[SILENT];
	size_t made_room = 0;

	(void)state;
	start(NULL);
	for (int i = 0; i < SILENT; i++)
		fds[i] = connect_plain();
	began = w->ticks_us(w->self);
	good_client_is_served();
	/* Each that waits before it takes the place of one that was silent for a second. */
	assert_true(w->ticks_us(w->self) - began < UINT64_C(14000000));
	assert_true(listener_open(listener) <= LIMIT_LISTEN_CLIENTS);
	for (int i = 0; i < SILENT; i++)
		close(fds[i]);
	for (int i = 0; i < SILENT + 1; i++) {
		struct seen_client *s = next();

		made_room += s->evidence->client->made_room;
		seen_client_free(s);
	}
	assert_true(made_room > 0);
}

/* Nobody takes the records: the oldest are dropped, counted, and no more are kept. */
static void
records_that_nobody_takes(void **state)
{
	enum { CLIENTS = 2 * LIMIT_LISTEN_QUEUE + 200 };
	struct seen_client *s;
	size_t taken = 0;

	(void)state;
	start(NULL);
	for (int i = 0; i < CLIENTS; i++)
		close(connect_plain());
	listener_stop(listener);
	while ((s = listener_wait(listener, -1, 2000)) != NULL) {
		taken++;
		seen_client_free(s);
	}
	assert_true(taken > 0 && taken <= 2 * LIMIT_LISTEN_QUEUE);
	assert_true(listener_dropped(listener) > 0);
}

/* No descriptor is left: clients are let go, and when there are some again, all goes on. */
static void
descriptors_run_out(void **state)
{
	struct rlimit before, few;
	pid_t child;
	int go[2], how;
	char byte;

	(void)state;
	start(NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(pipe(go), 0);
	few = before;
	few.rlim_cur = (rlim_t)go[1] + 8;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_NOFILE, &before);
		for (int i = 0; i < 60; i++)
			(void)connect_plain();
		(void)!write(go[1], "", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(go[0], &byte, 1), 1);
	kill(child, SIGKILL);
	waitpid(child, &how, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	good_client_is_served();
	close(go[0]);
	close(go[1]);
}

/* Who is connected when it stops is handed back as far as it came, and nobody waits for it. */
static void
stops_at_once(void **state)
{
	struct seen_client *s;
	int fd;

	(void)state;
	start(NULL);
	fd = connect_plain();
	assert_int_equal(write(fd, "\x16\x03\x01\x02\x00", 5), 5);
	while (listener_open(listener) == 0)
		; /* it is counted as soon as it is taken */
	listener_stop(listener);
	s = next();
	assert_true(s->evidence->client->handshake->cancelled);
	assert_null(s->diagnosis->root);
	seen_client_free(s);
	assert_null(listener_wait(listener, -1, 2000));
	close(fd);
}

/* ---- where it listens ---- */

static void
places(void **state)
{
	static const struct {
		const char *typed, *address;
		uint16_t port;
		bool good;
	} cases[] = {
		{ "8443", "", 8443, true }, { ":8443", "", 8443, true }, { "localhost:8443", "", 8443, true }, { "0.0.0.0:443", "0.0.0.0", 443, true },
		{ "*:1", "*", 1, true }, { "[::1]:8443", "::1", 8443, true }, { "[::]:8443", "::", 8443, true }, { "0", "", 0, true },
		{ "", "", 0, false }, { "abc", "", 0, false }, { "65536", "", 0, false }, { "8443x", "", 0, false }, { "-1", "", 0, false },
		{ "host.example:443", "", 0, false }, { "::1:8443", "", 0, false }, { "1.2.3.4", "", 0, false }, { "127.0.0.1:", "", 0, false },
		{ "[::1]", "", 0, false }, { "1.2.3:5", "", 0, false }, { "\x1b[31m:1", "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct listen_place p;
		struct error err = { .code = ERROR_NONE };
		bool good = listen_place_read(cases[i].typed, &p, &err) == STATUS_OK;

		if (good != cases[i].good || (good && (strcmp(p.address, cases[i].address) != 0 || p.port != cases[i].port)))
			fail_msg("“%s”: “%s” %u %s", cases[i].typed, p.address, p.port, err.text);
		if (!good)
			assert_int_equal(err.code, ERROR_USAGE);
		assert_null(strchr(err.text, '\x1b'));
	}
}

static void
places_that_cannot_be(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct listener *second = NULL;

	(void)state;
	start(NULL);
	assert_int_equal(listener_start(&(struct listen_options){ .address = "127.0.0.1", .port = port }, world_real(), &second, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_LOCAL);
	assert_non_null(strstr(err.text, "taken"));
	error_clear(&err);
	assert_int_equal(listener_start(&(struct listen_options){ .address = "203.0.113.9" }, world_real(), &second, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	error_clear(&err);
	assert_int_equal(listener_start(&(struct listen_options){ .ciphers = "nonsense" }, world_real(), &second, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_null(second);
}

static int
set_up(void **state)
{
	(void)state;
	pki = script_pki_make(PKI_P256);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	script_pki_done(&pki);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(record_of_a_good_client, stop),
		cmocka_unit_test_teardown(what_a_client_asks_with_is_not_told, stop),
		cmocka_unit_test_teardown(our_certificate_is_fit, stop),
		cmocka_unit_test_teardown(faults_on_the_wire, stop),
		cmocka_unit_test_teardown(refuses_where_it_is_told_to, stop),
		cmocka_unit_test_teardown(what_is_no_tls, stop),
		cmocka_unit_test_teardown(without_a_word, stop),
		cmocka_unit_test_teardown(without_end, stop),
		cmocka_unit_test_teardown(certificates_without_end, stop),
		cmocka_unit_test_teardown(renegotiation_is_refused, stop),
		cmocka_unit_test_teardown(silent_ones_make_room, stop),
		cmocka_unit_test_teardown(records_that_nobody_takes, stop),
		cmocka_unit_test_teardown(descriptors_run_out, stop),
		cmocka_unit_test_teardown(stops_at_once, stop),
		cmocka_unit_test(places),
		cmocka_unit_test_teardown(places_that_cannot_be, stop),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
