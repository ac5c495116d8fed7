#include "tests/script_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/cert_openssl.h"
#include "model/memory.h"

struct script_server {
	struct script script;
	SSL_CTX *ctx;
	int listener, port;
	pthread_t thread;
	atomic_int served;
};

static void
check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "script_server: %s\n", what);
	abort();
}

/* ---- the CA ---- */

static struct cert *
parsed(const struct pki_cert *c)
{
	size_t len;
	unsigned char *der = pki_der(c, &len);
	struct cert *cert = cert_parse(der, len, NULL);

	free(der);
	check(cert != NULL, "a certificate does not parse");
	return cert;
}

struct script_pki
script_pki_make(enum pki_key type)
{
	static const char *const names[] = { "DNS:payment.internal", "IP:127.0.0.1", NULL };
	struct script_pki p = {
		.root = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .ca = true, .key_type = type,
		    .key_usage = "critical,keyCertSign,cRLSign" }, NULL),
	};
	struct cert *certs[2], *root;
	struct key *key;

	p.issuing = pki_issue(&(struct pki_request){ .cn = "Acme Issuing CA 1", .ca = true, .key_type = type,
	    .key_usage = "critical,keyCertSign,cRLSign" }, &p.root);
	p.server = pki_issue(&(struct pki_request){ .cn = "payment.internal", .san = names, .key_type = type,
	    .key_usage = "critical,digitalSignature", .eku = "serverAuth" }, &p.issuing);
	p.client = pki_issue(&(struct pki_request){ .cn = "order-service", .key_type = type,
	    .key_usage = "critical,digitalSignature", .eku = "clientAuth" }, &p.issuing);
	certs[0] = parsed(&p.client);
	certs[1] = parsed(&p.issuing);
	root = parsed(&p.root);
	EVP_PKEY_up_ref(p.client.key);
	key = key_from_evp(p.client.key, true, false);
	p.identity = identity_from("order.pem", certs, 2, key);
	p.trust = trust_from("root.pem", &root, 1);
	key_free(key);
	cert_free(certs[0]);
	cert_free(certs[1]);
	cert_free(root);
	return p;
}

void
script_pki_done(struct script_pki *p)
{
	identity_free(p->identity);
	trust_free(p->trust);
	pki_cert_free(&p->root);
	pki_cert_free(&p->issuing);
	pki_cert_free(&p->server);
	pki_cert_free(&p->client);
}

/* ---- the server ---- */

static int
judge(X509_STORE_CTX *store, void *user)
{
	const struct script *s = user;

	if (s->error == 0)
		return 1;
	X509_STORE_CTX_set_error(store, s->error);
	return 0;
}

static SSL_CTX *
make_ctx(const struct script *s)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	check(ctx != NULL, "SSL_CTX_new");
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, s->version != 0 ? s->version : TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, s->version);
	if (s->version != 0 && s->version < TLS1_2_VERSION)
		SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	check(SSL_CTX_use_certificate(ctx, s->certificate != NULL ? s->certificate : s->pki->server.x509) == 1, "certificate");
	check(SSL_CTX_use_PrivateKey(ctx, s->key != NULL ? s->key : s->pki->server.key) == 1, "key");
	check(SSL_CTX_add1_chain_cert(ctx, s->pki->issuing.x509) == 1, "chain");
	SSL_CTX_set_verify(ctx, s->verify, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, judge, (void *)(uintptr_t)s);
	SSL_CTX_add_client_CA(ctx, s->pki->root.x509);
	if (s->tickets >= 0)
		SSL_CTX_set_num_tickets(ctx, (size_t)s->tickets);
	if (s->prepare != NULL)
		s->prepare(ctx, s);
	return ctx;
}

static void *
serve(void *user)
{
	struct script_server *s = user;
	int fd, on = 1;

	while ((fd = accept(s->listener, NULL, NULL)) != -1) {
		struct timeval patience = { .tv_sec = 20 }; /* a test that hangs fails instead */

		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		atomic_fetch_add(&s->served, 1);
		s->script.serve(fd, s->ctx, &s->script);
		if (s->script.reset)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
		close(fd);
		ERR_clear_error();
	}
	return NULL;
}

struct script_server *
script_server_start(const struct script *script)
{
	struct script_server *s = mem_zero(1, sizeof *s);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;

	s->script = *script;
	if (script->address != NULL)
		check(inet_pton(AF_INET, script->address, &at.sin_addr) == 1, "its address");
	at.sin_port = htons((uint16_t)script->port);
	s->ctx = make_ctx(&s->script);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A port that was named is the test's own: what an earlier server's connections left in TIME_WAIT is in nobody's way. */
	check(s->script.port == 0 || setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) == 0, "setsockopt");
	check(s->listener != -1 && bind(s->listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(s->listener, 512) == 0 &&
	    getsockname(s->listener, (struct sockaddr *)&at, &len) == 0, "listen");
	s->port = ntohs(at.sin_port);
	check(pthread_create(&s->thread, NULL, serve, s) == 0, "pthread_create");
	return s;
}

int
script_server_port(const struct script_server *s)
{
	return s->port;
}

int
script_server_served(const struct script_server *s)
{
	return atomic_load(&s->served);
}

void
script_server_stop(struct script_server *s)
{
	shutdown(s->listener, SHUT_RDWR); /* accept() returns */
	pthread_join(s->thread, NULL);
	close(s->listener);
	SSL_CTX_free(s->ctx);
	free(s);
}

/* ---- scripts ---- */

static SSL *
open_tls(int fd, SSL_CTX *ctx)
{
	SSL *ssl = SSL_new(ctx);

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

/* Reads a whole request; false where the client has gone before. */
static bool
read_request(SSL *ssl, char *text, size_t size)
{
	size_t len = 0;

	while (len + 1 < size) {
		int n = SSL_read(ssl, text + len, (int)(size - len - 1));

		if (n <= 0)
			return false;
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, "\r\n\r\n") != NULL)
			return true;
	}
	return false;
}

static void
answer(SSL *ssl, const struct script *s)
{
	char request[4096] = "";
	const char *text;

	if (!read_request(ssl, request, sizeof request))
		return;
	text = s->get_answer != NULL && strncmp(request, "GET ", 4) == 0 ? s->get_answer : s->answer;
	if (text != NULL) {
		SSL_write(ssl, text, (int)strlen(text));
		SSL_shutdown(ssl);
	}
}

void
serve_http(int fd, SSL_CTX *ctx, const struct script *s)
{
	SSL *ssl = open_tls(fd, ctx);

	if (ssl != NULL)
		answer(ssl, s);
	SSL_free(ssl);
}

void
serve_close(int fd, SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_free(open_tls(fd, ctx));
}

void
serve_read_close(int fd, SSL_CTX *ctx, const struct script *s)
{
	SSL *ssl = open_tls(fd, ctx);
	char request[4096] = "";

	(void)s;
	if (ssl != NULL)
		read_request(ssl, request, sizeof request);
	SSL_free(ssl);
}

static int
hang_up(X509_STORE_CTX *store, void *user)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

	(void)user;
	shutdown(SSL_get_fd(ssl), SHUT_RDWR);
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
	return 0;
}

void
serve_silent_refusal(int fd, SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_cert_verify_callback(ctx, hang_up, NULL);
	SSL_free(open_tls(fd, ctx));
}

void
serve_renegotiation(int fd, SSL_CTX *ctx, const struct script *s)
{
	SSL *ssl = open_tls(fd, ctx);
	char request[4096] = "";

	if (ssl != NULL && read_request(ssl, request, sizeof request)) {
		SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		SSL_renegotiate(ssl);
		SSL_do_handshake(ssl);
		SSL_read(ssl, request, sizeof request); /* the client's no: OpenSSL sends a fatal alert for it */
	}
	(void)s;
	SSL_free(ssl);
}

/* Sends what the BIO holds, a byte a write. */
static void
dribble(int fd, BIO *out)
{
	unsigned char byte;

	while (BIO_read(out, &byte, 1) == 1)
		if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
			return;
}

void
serve_dribble(int fd, SSL_CTX *ctx, const struct script *s)
{
	SSL *ssl = SSL_new(ctx);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	unsigned char bytes[4096];
	bool done = false;
	ssize_t n;

	BIO_set_mem_eof_return(in, -1);
	BIO_set_mem_eof_return(out, -1);
	SSL_set_bio(ssl, in, out);
	while (!done && (n = recv(fd, bytes, sizeof bytes, 0)) > 0) {
		BIO_write(in, bytes, (int)n);
		if (!SSL_is_init_finished(ssl))
			SSL_accept(ssl);
		if (SSL_is_init_finished(ssl) && SSL_read(ssl, bytes, sizeof bytes) > 0) {
			SSL_write(ssl, s->answer, (int)strlen(s->answer));
			SSL_shutdown(ssl);
			done = true;
		}
		dribble(fd, out);
	}
	SSL_free(ssl);
}

static bool
say(int fd, const struct script *s)
{
	return send(fd, s->bytes, s->bytes_len, MSG_NOSIGNAL) == (ssize_t)s->bytes_len;
}

void
serve_bytes(int fd, SSL_CTX *ctx, const struct script *s)
{
	unsigned char hello[4096];

	(void)ctx;
	if (s->speaks_first)
		say(fd, s);
	if (recv(fd, hello, sizeof hello, 0) > 0 && !s->speaks_first)
		say(fd, s);
}

void
serve_bytes_for_ever(int fd, SSL_CTX *ctx, const struct script *s)
{
	unsigned char hello[4096];

	(void)ctx;
	if (recv(fd, hello, sizeof hello, 0) > 0)
		while (say(fd, s))
			continue;
}

void
serve_nothing(int fd, SSL_CTX *ctx, const struct script *s)
{
	unsigned char bytes[4096];

	(void)ctx;
	(void)s;
	while (recv(fd, bytes, sizeof bytes, 0) > 0)
		continue;
}
