/*
 * The practice lab: what it lists is well-formed and complete, every endpoint behaves as its story
 * says (seen with plain OpenSSL, not with the program), and no file is left behind however it ends.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/lab.h"
#include "model/codes.h"
#include "model/wrong_key.h"
#include "model/text.h"
#include "probes/examine.h"
#include "tests/program.h"

enum { READY_MS = 3000 /* under a second on a quiet machine */, PATIENCE_MS = 10000 };

/* A lab in a process of its own, as `mtlscope lab --json` is. */
struct running {
	pid_t pid;
	int stop;   /* closing it ends the lab */
	double ready_ms;
	cJSON *json;
	char folder[256];
};

static double
now_ms(void)
{
	return (double)world_real()->ticks_us(world_real()->self) / 1000.0;
}

static _Noreturn void
be_the_lab(uint64_t seed, const char *dir, int out, int stop)
{
	struct lab_options opt = { .seed = seed, .dir = dir };
	struct error err = { 0 };
	struct buf text = { 0 };
	struct lab *lab = NULL;
	int number = 0;

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 }); /* one case dies of SIGABRT */
	if (lab_start(&opt, world_real(), &lab, &err) != STATUS_OK)
		_exit(99);
	buf_addf(&text, "%s\n", lab_folder(lab));
	lab_json(lab, &text);
	if (write(out, text.data, text.len) != (ssize_t)text.len)
		_exit(98);
	close(out);
	if (lab_run(lab, stop, &err) != STATUS_OK)
		_exit(97);
	number = lab_signal(lab);
	lab_free(lab);
	buf_done(&text);
	_exit(number);
}

static void
start(struct running *r, uint64_t seed, const char *dir)
{
	int out[2], stop[2];
	struct buf text = { 0 };
	char piece[8192], *line;
	double began = now_ms();
	ssize_t n;

	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(stop), 0);
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (r->pid == 0) {
		/* Nothing of the test's, above all not what keeps another lab running. */
		int mine = fcntl(out[1], F_DUPFD, 100), end = fcntl(stop[0], F_DUPFD, 100);
		close_range(3, 99, 0);
		be_the_lab(seed, dir, mine, end);
	}
	close(out[1]);
	close(stop[0]);
	r->stop = stop[1];
	while ((n = read(out[0], piece, sizeof piece)) > 0)
		buf_add(&text, piece, (size_t)n);
	close(out[0]);
	r->ready_ms = now_ms() - began;
	line = strchr(buf_str(&text), '\n');
	assert_non_null(line);
	*line = '\0';
	snprintf(r->folder, sizeof r->folder, "%s", text.data);
	r->json = cJSON_Parse(line + 1);
	assert_non_null(r->json);
	/* One object, one line. */
	assert_ptr_equal(strchr(line + 1, '\n'), text.data + text.len - 1);
	buf_done(&text);
}

/* The exit status, or 128 and the signal that killed it. */
static int
wait_for(struct running *r)
{
	int state = 0;

	assert_int_equal(waitpid(r->pid, &state, 0), r->pid);
	cJSON_Delete(r->json);
	r->json = NULL;
	return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

static int
stop(struct running *r)
{
	close(r->stop);
	return wait_for(r);
}

static const cJSON *
endpoints(const struct running *r)
{
	return cJSON_GetObjectItemCaseSensitive(r->json, "endpoints");
}

static const char *
text_item(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Every code that a baseline handshake and the files can show, and that the lab can stage. */
static const enum code staged[] = {
	CODE_NET_DNS_FAILURE, CODE_NET_UNREACHABLE, CODE_NET_REFUSED, CODE_NET_TIMEOUT, CODE_NET_RESET, CODE_NET_CLOSED,
	CODE_NET_NOT_TLS, CODE_TLS_NO_COMMON_VERSION, CODE_TLS_NO_COMMON_CIPHER, CODE_TLS_NO_COMMON_GROUP,
	CODE_TLS_NO_COMMON_SIGALG, CODE_CHAIN_INVALID,
	CODE_TLS_NO_COMMON_ALPN, CODE_TLS_REJECTED, CODE_TLS_BROKEN_PEER, CODE_CHAIN_MISSING_INTERMEDIATE,
	CODE_CHAIN_WRONG_ORDER, CODE_CHAIN_EXTRA_CERTIFICATE, CODE_CHAIN_ROOT_INCLUDED, CODE_CHAIN_UNTRUSTED_ROOT,
	CODE_CHAIN_SELF_SIGNED, CODE_CHAIN_BAD_SIGNATURE, CODE_CHAIN_NOT_A_CA, CODE_CHAIN_PATH_LENGTH,
	CODE_CHAIN_NAME_CONSTRAINT, CODE_CHAIN_UNKNOWN_CRITICAL, CODE_CHAIN_INTERMEDIATE_EXPIRED, CODE_CERT_EXPIRED,
	CODE_CERT_NOT_YET_VALID, CODE_CERT_EXPIRING, CODE_CHAIN_INTERMEDIATE_EXPIRING, CODE_CERT_OUTLIVES_ISSUER,
	CODE_CERT_REVOKED, CODE_CERT_REVOCATION_UNKNOWN, CODE_CLIENT_SERVER_REVOCATION, CODE_MTLS_REVOCATION_NOT_CHECKED,
	CODE_CERT_WEAK_KEY, CODE_CERT_WEAK_SIGNATURE, CODE_CERT_MALFORMED, CODE_CERT_HOSTILE_NAME, CODE_NAME_MISMATCH,
	CODE_NAME_NO_SAN, CODE_EKU_NO_SERVER_AUTH, CODE_ROOT_EXPIRED, CODE_ROOT_EXPIRING, CODE_KEY_MISMATCH,
	CODE_KEY_SERVER_MISMATCH, CODE_KEY_EXPOSED, CODE_CLIENT_REQUIRED, CODE_CLIENT_NOT_SENT,
	CODE_CLIENT_MISSING_INTERMEDIATE, CODE_CLIENT_UNTRUSTED, CODE_CLIENT_EXPIRED, CODE_CLIENT_NOT_YET_VALID,
	CODE_CLIENT_EKU, CODE_CLIENT_REVOKED, CODE_CLIENT_WEAK, CODE_CLIENT_BAD_CHAIN, CODE_CLIENT_INTERMEDIATE_EXPIRED,
	CODE_CLIENT_EXPIRING, CODE_CLIENT_INTERMEDIATE_EXPIRING, CODE_CLIENT_ROOT_EXPIRING, CODE_CLIENT_WRONG_ORDER,
	CODE_CLIENT_HOSTILE_NAME, CODE_CLIENT_NOT_IN_CA_LIST, CODE_CLIENT_DEPTH_EXCEEDED, CODE_CLIENT_PARTIAL_TRUST,
	CODE_CLIENT_LATE_AUTH, CODE_CLIENT_REJECTED, CODE_CLOCK_SERVER_SKEW, CODE_MTLS_NOT_REQUESTED,
};

static void
check_listed(const cJSON *e, bool *seen)
{
	const char *story = text_item(e, "story"), *expect = text_item(e, "expect"), *address = text_item(e, "address");

	assert_non_null(text_item(e, "name"));
	assert_non_null(story);
	assert_int_equal(story[strlen(story) - 1], '.');
	assert_non_null(address);
	assert_non_null(strchr(address, ':'));
	assert_true(cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(e, "mendable")));
	assert_non_null(text_item(e, "cacert"));
	assert_true((text_item(e, "cert") == NULL) == (text_item(e, "key") == NULL));
	if (expect != NULL) {
		enum code code = code_named(expect);
		assert_int_not_equal(code, CODE_NONE);
		seen[code] = true;
	}
}

static void
lists_everything(void **state)
{
	struct running r;
	bool seen[CODE_COUNT] = { false };
	const cJSON *e, *other;
	int n;

	(void)state;
	start(&r, 0, NULL);
	print_message("ready after %.0f ms\n", r.ready_ms);
	assert_true(r.ready_ms < READY_MS);
	assert_true(cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(r.json, "environment")));
	assert_true(cJSON_GetArraySize(endpoints(&r)) >= 30);
	cJSON_ArrayForEach(e, endpoints(&r)) {
		check_listed(e, seen);
		n = 0;
		cJSON_ArrayForEach(other, endpoints(&r))
			n += strcmp(text_item(e, "name"), text_item(other, "name")) == 0;
		assert_int_equal(n, 1);
	}
	for (size_t i = 0; i < sizeof staged / sizeof staged[0]; i++)
		if (!seen[staged[i]])
			fail_msg("no endpoint stages %s", code_info(staged[i])->name);
	assert_int_equal(stop(&r), 0);
}

/* A seed has ten endpoints more, with two faults each; the same seed gives the same lab. */
static void
seeds_differ_and_repeat(void **state)
{
	struct running plain, seven, again;
	const cJSON *a, *b;

	(void)state;
	start(&plain, 0, NULL);
	start(&seven, 7, NULL);
	start(&again, 7, NULL);
	/* Ten with two faults at once take the place of the plain lab's row behind one CA. */
	assert_int_equal(cJSON_GetArraySize(endpoints(&seven)), cJSON_GetArraySize(endpoints(&plain)) - 24 + 10);
	assert_int_equal(cJSON_GetArraySize(endpoints(&again)), cJSON_GetArraySize(endpoints(&seven)));
	b = endpoints(&again)->child;
	cJSON_ArrayForEach(a, endpoints(&seven)) {
		assert_string_equal(text_item(a, "name"), text_item(b, "name"));
		if (text_item(a, "servername") != NULL)
			assert_string_equal(text_item(a, "servername"), text_item(b, "servername"));
		b = b->next;
	}
	assert_int_equal(stop(&plain), 0);
	assert_int_equal(stop(&seven), 0);
	assert_int_equal(stop(&again), 0);
}

enum how {
	HOW_HTTP,        /* the handshake went through and an HTTP status came */
	HOW_ALERT,       /* the server sent a fatal alert */
	HOW_EOF,         /* it closed without one */
	HOW_CLOSE_NOTIFY, /* it said goodbye, and nothing else */
	HOW_RESET,
	HOW_LOCAL,       /* our library could not go on */
	HOW_PLAIN,       /* bytes that are no TLS */
	HOW_ENDLESS,
	HOW_NOTHING,     /* no byte within the time */
	HOW_NO_CONNECTION
};

/* What OpenSSL's client sees where it is not HTTP 200. */
static const struct seen {
	const char *name;
	enum how how;
	int number, or_number; /* of the alert (TLS 1.3, TLS 1.2), of the status, or errno */
} answers[] = {
	{ "server-unreadable", HOW_LOCAL, 0, 0 },
	{ "server-key-mismatch", HOW_LOCAL, 0, 0 },
	{ "client-missing-intermediate", HOW_ALERT, 48, 48 },
	{ "client-other-ca", HOW_ALERT, 48, 48 },
	{ "client-other-ca-with-root", HOW_ALERT, 48, 48 },
	{ "client-self-signed", HOW_ALERT, 48, 48 },
	{ "client-expired", HOW_ALERT, 45, 45 },
	{ "client-expired-tls12", HOW_ALERT, 45, 45 },
	{ "client-not-yet-valid", HOW_ALERT, 42, 42 },
	{ "client-wrong-purpose", HOW_ALERT, 43, 43 },
	{ "client-key-usage", HOW_ALERT, 43, 43 },
	{ "client-key-mismatch", HOW_ALERT, 51, 51 },
	{ "client-none", HOW_ALERT, 116, 40 },
	{ "client-not-sent", HOW_ALERT, 116, 40 },
	{ "client-intermediate-expired", HOW_ALERT, 45, 45 },
	{ "client-weak-key", HOW_ALERT, 42, 42 },
	{ "client-weak-signature", HOW_ALERT, 42, 42 },
	{ "client-path-length", HOW_ALERT, 48, 48 },
	{ "client-name-constraint", HOW_ALERT, 46, 46 },
	{ "client-bad-signature", HOW_ALERT, 51, 51 },
	{ "client-corrupt", HOW_ALERT, 51, 51 },
	{ "client-revoked", HOW_ALERT, 44, 44 },
	{ "client-fetched-intermediate", HOW_ALERT, 48, 48 },
	{ "client-revoked-refused", HOW_ALERT, 44, 44 },
	{ "client-old-list", HOW_ALERT, 45, 45 },
	{ "client-partial-trust", HOW_ALERT, 48, 48 },
	{ "nginx-none", HOW_HTTP, 400, 0 },
	{ "nginx-expired", HOW_HTTP, 400, 0 },
	{ "nginx-missing-intermediate", HOW_HTTP, 400, 0 },
	{ "nginx-other-ca", HOW_HTTP, 400, 0 },
	{ "nginx-depth", HOW_HTTP, 400, 0 },
	{ "nginx-clock-slow", HOW_HTTP, 400, 0 },
	{ "node-expired", HOW_EOF, 0, 0 },
	{ "policy-late", HOW_ALERT, 40, 40 },
	{ "refused-namesake", HOW_ALERT, 48, 48 },
	{ "refused-unlisted", HOW_ALERT, 48, 48 },
	{ "refused-no-crl", HOW_ALERT, 48, 48 },
	{ "refused-old-crl", HOW_ALERT, 45, 45 },
	{ "refused-clock", HOW_ALERT, 42, 42 },
	{ "refused-silently", HOW_EOF, 0, 0 },
	{ "refused-silently-tls12", HOW_EOF, 0, 0 },
	{ "refused-close-notify", HOW_CLOSE_NOTIFY, 0, 0 },
	{ "refused-reset", HOW_RESET, 0, 0 },
	{ "refused-400", HOW_HTTP, 400, 0 },
	{ "refused-403", HOW_HTTP, 403, 0 },
	{ "tls-1.1-only", HOW_ALERT, 70, 70 },
	{ "tls-1.0-only", HOW_ALERT, 70, 70 },
	{ "tls-1.3-only", HOW_ALERT, 70, 70 },
	{ "tls-cipher", HOW_ALERT, 40, 40 },
	{ "tls-cipher-null", HOW_ALERT, 40, 40 },
	{ "tls-group", HOW_ALERT, 40, 40 },
	{ "tls-sigalg", HOW_LOCAL, 0, 0 },
	{ "tls-alpn", HOW_ALERT, 120, 120 },
	{ "tls-rejected", HOW_ALERT, 80, 80 },
	{ "tls-rejected-name", HOW_ALERT, 112, 112 },
	{ "tls-garbage", HOW_LOCAL, 0, 0 },
	{ "tls-endless", HOW_ENDLESS, 0, 0 },
	{ "net-refused", HOW_NO_CONNECTION, ECONNREFUSED, 0 },
	{ "net-unreachable", HOW_NO_CONNECTION, ENETUNREACH, 0 },
	{ "net-no-such-name", HOW_NO_CONNECTION, EADDRNOTAVAIL, 0 },
	{ "net-http", HOW_PLAIN, 0, 0 },
	{ "net-ssh", HOW_PLAIN, 0, 0 },
	{ "net-closes", HOW_EOF, 0, 0 },
	{ "net-resets", HOW_RESET, 0, 0 },
	{ "net-silent", HOW_NOTHING, 0, 0 },
	{ "sni-required", HOW_HTTP, 200, 0 },
	{ "late-tls13", HOW_HTTP, 403, 0 },
	{ "tls-1.3-dropped", HOW_RESET, 0, 0 },
	{ "client-root-refused", HOW_ALERT, 48, 48 },
	{ "client-order-refused", HOW_ALERT, 48, 48 },
	{ "client-other-key-there", HOW_ALERT, 51, 51 },
	{ "refused-depth", HOW_ALERT, 48, 48 },
	{ "gateway-untrusted", HOW_HTTP, 403, 0 },
	{ "gateway-missing-intermediate", HOW_HTTP, 403, 0 },
	{ "two-expired-and-order", HOW_ALERT, 45, 45 },
	{ "two-incomplete-and-expired", HOW_ALERT, 48, 48 },
	{ "two-purpose-and-expired", HOW_ALERT, 43, 43 },
	{ "two-both-expired", HOW_ALERT, 45, 45 },
	{ "two-name-and-incomplete", HOW_ALERT, 48, 48 },
	{ "two-expired-and-key", HOW_ALERT, 45, 45 },
	{ "two-other-ca-and-expired", HOW_ALERT, 48, 48 },
};

/* What one connection showed. */
struct observed {
	enum how how;
	int number;
	int fd;
	int alert;          /* the server's last fatal one, -1 none */
	bool goodbye;       /* its close_notify */
	unsigned messages;
	char text[4096];    /* of the HTTP answer */
};

static void
on_message(int outgoing, int version, int type, const void *bytes, size_t len, SSL *ssl, void *arg)
{
	struct observed *o = arg;
	const unsigned char *p = bytes;

	(void)version;
	(void)ssl;
	if (outgoing)
		return;
	if (type == SSL3_RT_ALERT && len == 2 && p[1] == 0)
		o->goodbye = true;
	else if (type == SSL3_RT_ALERT && len == 2)
		o->alert = p[1];
	if (type == SSL3_RT_HANDSHAKE && ++o->messages == 2000)
		shutdown(o->fd, SHUT_RDWR);
}

static int
trusting(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

static EVP_PKEY *
read_key(const char *path)
{
	FILE *f = fopen(path, "r");
	EVP_PKEY *key;

	assert_non_null(f);
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	assert_non_null(key);
	return key;
}

/* As the file has it, whether or not the key belongs to it. */
static void
use_identity(SSL_CTX *ctx, const char *cert, const char *key_file)
{
	EVP_PKEY *key = read_key(key_file), *wrong;
	STACK_OF(X509) *chain = sk_X509_new_null();
	FILE *f = fopen(cert, "r");
	X509 *leaf, *x;

	assert_non_null(f);
	leaf = PEM_read_X509(f, NULL, NULL, NULL);
	assert_non_null(leaf);
	while ((x = PEM_read_X509(f, NULL, NULL, NULL)) != NULL)
		sk_X509_push(chain, x);
	ERR_clear_error();
	fclose(f);
	if (X509_check_private_key(leaf, key) != 1) {
		ERR_clear_error();
		wrong = wrong_key(X509_get0_pubkey(leaf), key);
		EVP_PKEY_free(key);
		key = wrong;
	}
	assert_int_equal(SSL_CTX_use_cert_and_key(ctx, leaf, key, chain, 1), 1);
	EVP_PKEY_free(key);
	X509_free(leaf);
	sk_X509_pop_free(chain, X509_free);
}

static SSL_CTX *
client_for(const cJSON *e, struct observed *o)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	const cJSON *arg;

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_cert_verify_callback(ctx, trusting, NULL);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_msg_callback(ctx, on_message);
	SSL_CTX_set_msg_callback_arg(ctx, o);
	cJSON_ArrayForEach(arg, cJSON_GetObjectItemCaseSensitive(e, "args")) {
		const char *value = arg->next != NULL ? arg->next->valuestring : NULL;
		if (strcmp(arg->valuestring, "--alpn") == 0)
			SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)"\x02h2", 3);
		else if (strcmp(arg->valuestring, "--tls-max") == 0)
			SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
		else if (strcmp(arg->valuestring, "--ciphers") == 0)
			assert_int_equal(SSL_CTX_set_cipher_list(ctx, value), 1);
	}
	if (text_item(e, "cert") != NULL)
		use_identity(ctx, text_item(e, "cert"), text_item(e, "key"));
	return ctx;
}

/* Connected, or -1 with errno. */
static int
connect_to(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const char *colon = strrchr(address, ':');
	char host[64];
	int fd;

	snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
	to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &to.sin_addr) != 1) {
		errno = EADDRNOTAVAIL; /* a name: not our concern here */
		return -1;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Waits for `ms` in a read at most; 0 restores what the kernel does. */
static void
be_patient(int fd, int ms)
{
	struct timeval t = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
}

static void
conclude(struct observed *o, SSL *ssl, int result, int os_error)
{
	unsigned long e = ERR_peek_error();

	if (strncmp(o->text, "HTTP/1.1 ", 9) == 0) {
		o->how = HOW_HTTP;
		o->number = (int)strtol(o->text + 9, NULL, 10);
	} else if (o->messages >= 2000) {
		o->how = HOW_ENDLESS;
	} else if (o->alert >= 0) {
		o->how = HOW_ALERT;
		o->number = o->alert;
	} else if (ERR_GET_REASON(e) == SSL_R_WRONG_VERSION_NUMBER || ERR_GET_REASON(e) == SSL_R_HTTP_REQUEST) {
		o->how = HOW_PLAIN;
	} else if (e != 0 && SSL_get_error(ssl, result) == SSL_ERROR_SSL) {
		o->how = HOW_LOCAL;
	} else if (o->goodbye) {
		o->how = HOW_CLOSE_NOTIFY;
	} else if (os_error == ECONNRESET || os_error == EPIPE) {
		o->how = HOW_RESET;
	} else if (os_error == EAGAIN) {
		o->how = HOW_NOTHING;
	} else {
		o->how = HOW_EOF;
	}
	ERR_clear_error();
}

static void
observe(const cJSON *e, struct observed *o)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n";
	const char *servername = text_item(e, "servername");
	size_t len = 0;
	SSL_CTX *ctx;
	SSL *ssl;
	int n;

	*o = (struct observed){ .alert = -1 };
	o->fd = connect_to(text_item(e, "address"));
	if (o->fd < 0) {
		o->how = HOW_NO_CONNECTION;
		o->number = errno;
		return;
	}
	be_patient(o->fd, strcmp(text_item(e, "name"), "net-silent") == 0 ? 50 : PATIENCE_MS);
	ctx = client_for(e, o);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, o->fd);
	if (servername != NULL)
		SSL_set_tlsext_host_name(ssl, servername);
	ERR_clear_error();
	errno = 0;
	n = SSL_connect(ssl);
	if (n == 1)
		n = SSL_write(ssl, request, sizeof request - 1);
	while (n > 0 && len + 1 < sizeof o->text) {
		errno = 0;
		n = SSL_read(ssl, o->text + len, (int)(sizeof o->text - 1 - len));
		len += n > 0 ? (size_t)n : 0;
	}
	conclude(o, ssl, n, errno);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(o->fd);
}

static const struct seen *
expected(const char *name)
{
	static const struct seen usual = { NULL, HOW_HTTP, 200, 0 };

	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (strcmp(answers[i].name, name) == 0)
			return &answers[i];
	return &usual;
}

static void
every_endpoint_behaves(void **state)
{
	static const uint64_t seeds[] = { 0, 3 };
	struct running r;
	struct observed o;
	const cJSON *e;
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
		start(&r, seeds[i], NULL);
		cJSON_ArrayForEach(e, endpoints(&r)) {
			const struct seen *want = expected(text_item(e, "name"));
			if (text_item(e, "starttls") != NULL)
				continue; /* another way to begin: tests/test_endpoints.c goes it */
			observe(e, &o);
			if (want->number == 200 && o.how == HOW_HTTP && o.number < 405 && o.number != 400 && o.number != 403)
				continue; /* the seed varies what lets us in */
			if (o.how == want->how && (o.number == want->number || (want->or_number != 0 && o.number == want->or_number)))
				continue;
			print_error("seed %d, %s: how %d, number %d\n", (int)seeds[i], text_item(e, "name"), o.how, o.number);
			wrong++;
		}
		assert_int_equal(stop(&r), 0);
	}
	assert_int_equal(wrong, 0);
}

/* nginx's refusals carry the phrases that it is known by, and its name. */
static void
nginx_is_recognisable(void **state)
{
	static const struct {
		const char *name, *phrase;
	} cases[] = {
		{ "nginx-none", "No required SSL certificate was sent" },
		{ "nginx-expired", "The SSL certificate error" },
		{ "refused-400", "The SSL certificate error" },
	};
	struct running r;
	struct observed o;
	const cJSON *e;

	(void)state;
	start(&r, 0, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		cJSON_ArrayForEach(e, endpoints(&r)) {
			if (strcmp(text_item(e, "name"), cases[i].name) != 0)
				continue;
			observe(e, &o);
			assert_non_null(strstr(o.text, "Server: nginx"));
			assert_non_null(strstr(o.text, "Date: "));
			assert_non_null(strstr(o.text, cases[i].phrase));
		}
	assert_int_equal(stop(&r), 0);
}

/* Keys are for their owner only, but for the one whose story is that it is not. */
static void
files_have_their_modes(void **state)
{
	struct running r;
	struct stat st;
	const cJSON *e;

	(void)state;
	start(&r, 0, NULL);
	assert_int_equal(stat(r.folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	cJSON_ArrayForEach(e, endpoints(&r)) {
		const char *key = text_item(e, "key");
		bool exposed = strcmp(text_item(e, "name"), "client-key-exposed") == 0;

		assert_int_equal(access(text_item(e, "cacert"), R_OK), 0);
		if (key == NULL)
			continue;
		assert_int_equal(access(text_item(e, "cert"), R_OK), 0);
		assert_int_equal(stat(key, &st), 0);
		assert_int_equal(st.st_mode & 07777, exposed ? 0644 : 0600);
	}
	assert_int_equal(stop(&r), 0);
}

/* Waits until the folder is gone, by its own report: the one who removes it is another process. */
static bool
gone(int watch, const char *folder)
{
	struct pollfd p = { .fd = watch, .events = POLLIN };
	char events[4096];
	double end = now_ms() + PATIENCE_MS;

	while (access(folder, F_OK) == 0) {
		if (now_ms() > end || poll(&p, 1, PATIENCE_MS) <= 0 || read(watch, events, sizeof events) <= 0)
			return false;
	}
	return errno == ENOENT;
}

static void
nothing_is_left_behind(void **state)
{
	static const struct {
		int signal; /* 0: asked to stop */
		int ends;   /* be_the_lab gives the signal's number back where lab_run saw it */
	} cases[] = {
		{ 0, 0 }, { SIGTERM, SIGTERM }, { SIGINT, SIGINT }, { SIGHUP, SIGHUP }, { SIGKILL, 128 + SIGKILL },
		{ SIGABRT, 128 + SIGABRT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct running r;
		int watch = inotify_init1(IN_CLOEXEC), ends;

		start(&r, 0, NULL);
		assert_true(inotify_add_watch(watch, r.folder, IN_DELETE_SELF) >= 0);
		if (cases[i].signal != 0) {
			assert_int_equal(kill(r.pid, cases[i].signal), 0);
			ends = wait_for(&r);
			close(r.stop);
		} else {
			ends = stop(&r);
		}
		assert_int_equal(ends, cases[i].ends);
		assert_true(gone(watch, r.folder));
		close(watch);
	}
}

static void
a_named_folder_stays(void **state)
{
	char *dir = make_folder();
	const char *path = in_folder(dir, "state");
	struct running r;

	(void)state;
	for (int i = 0; i < 2; i++) { /* once made, once found */
		start(&r, 0, path);
		assert_string_equal(r.folder, path);
		assert_int_equal(stop(&r), 0);
		assert_int_equal(access(in_folder(path, "root.pem"), R_OK), 0);
	}
	remove_folder(dir);
}

/* A folder that cannot be had is one clear line. */
static void
a_bad_folder_is_refused(void **state)
{
	struct lab_options opt = { .dir = "/nonexistent/lab" };
	struct error err = { 0 };
	struct lab *lab = NULL;

	(void)state;
	assert_int_equal(lab_start(&opt, world_real(), &lab, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_non_null(strstr(err.text, "--dir /nonexistent/lab: "));
	assert_null(lab);
}

/* The table for people: every endpoint, no line over 80 columns but the file names at its end. */
static void
the_table_fits(void **state)
{
	struct lab_options opt = { .seed = 2 };
	struct error err = { 0 };
	struct buf text = { 0 };
	struct lab *lab = NULL;

	(void)state;
	assert_int_equal(lab_start(&opt, world_real(), &lab, &err), STATUS_OK);
	lab_table(lab, &text);
	assert_non_null(strstr(text.data, "PRACTICE LAB"));
	assert_non_null(strstr(text.data, "client-missing-intermediate"));
	assert_non_null(strstr(text.data, "mtlscope check"));
	for (char *line = text.data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		/* What holds a path is as long as the path. */
		if (strchr(line, '/') == NULL)
			assert_true(text_columns(line) <= 80);
	}
	buf_done(&text);
	lab_free(lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_everything),
		cmocka_unit_test(seeds_differ_and_repeat),
		cmocka_unit_test(every_endpoint_behaves),
		cmocka_unit_test(nginx_is_recognisable),
		cmocka_unit_test(files_have_their_modes),
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(a_named_folder_stays),
		cmocka_unit_test(a_bad_folder_is_refused),
		cmocka_unit_test(the_table_fits),
	};

	default_signals();
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
