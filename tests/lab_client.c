#include "tests/lab_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { SECONDS = 10 };

static int
connect_to(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = SECONDS };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
on_message(int outgoing, int version, int type, const void *bytes, size_t len, SSL *ssl, void *user)
{
	struct lab_client_saw *saw = user;
	const unsigned char *p = bytes;

	(void)version;
	(void)ssl;
	if (!outgoing && type == SSL3_RT_ALERT && len == 2 && p[1] != 0)
		saw->alert = p[1];
}

static int
trusting(X509_STORE_CTX *store, void *nothing)
{
	(void)store;
	(void)nothing;
	return 1;
}

static SSL_CTX *
context(const char *cert, const char *key, struct lab_client_saw *saw)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_cert_verify_callback(ctx, trusting, NULL);
	SSL_CTX_set_msg_callback(ctx, on_message);
	SSL_CTX_set_msg_callback_arg(ctx, saw);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (cert != NULL && (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 || SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)) {
		ERR_print_errors_fp(stderr);
		abort();
	}
	return ctx;
}

static void
ask(SSL *ssl, const char *path, struct lab_client_saw *saw)
{
	char request[256];
	int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n", path), len = 0;

	if (SSL_write(ssl, request, n) <= 0)
		return;
	while (len + 1 < (int)sizeof saw->text && (n = SSL_read(ssl, saw->text + len, (int)sizeof saw->text - 1 - len)) > 0)
		len += n;
	if (strncmp(saw->text, "HTTP/1.1 ", 9) == 0)
		saw->status = (int)strtol(saw->text + 9, NULL, 10);
}

void
lab_client_ask(const char *address, const char *cert, const char *key, const char *path, struct lab_client_saw *saw)
{
	const STACK_OF(X509) *chain;
	SSL_CTX *ctx;
	SSL *ssl;
	int fd = connect_to(address);

	*saw = (struct lab_client_saw){ .alert = -1 };
	if (fd < 0)
		return;
	ctx = context(cert, key, saw);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) == 1)
		ask(ssl, path, saw);
	chain = SSL_get_peer_cert_chain(ssl);
	saw->chain = chain != NULL ? X509_chain_up_ref((STACK_OF(X509) *)(uintptr_t)chain) : NULL;
	if (SSL_get0_peer_CA_list(ssl) != NULL)
		saw->cas = sk_X509_NAME_num(SSL_get0_peer_CA_list(ssl));
	ERR_clear_error();
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
}

void
lab_client_look(const char *address, const char *cert, const char *key, struct lab_client_saw *saw)
{
	lab_client_ask(address, cert, key, "/", saw);
}

void
lab_client_done(struct lab_client_saw *saw)
{
	sk_X509_pop_free(saw->chain, X509_free);
	saw->chain = NULL;
}
