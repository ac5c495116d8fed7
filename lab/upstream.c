#include "lab/upstream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "model/memory.h"

enum { PATIENCE_SECONDS = 15, WHY_MOST = 200, ANSWER_MOST = 1024 };

/* All that the thread needs, its own: the server may change its files, or end, meanwhile. */
struct upstream_call {
	uv_work_t work;
	upstream_done done; /* NULL: forgotten */
	void *user;
	SSL_CTX *ctx;
	uint16_t port;
	char host[128];
	char why[WHY_MOST];
	bool well;
};

bool
upstream_wanted(const struct server *s, const char *request)
{
	static const char asked[] = "GET /upstream ";

	return s->upstream != NULL && strncmp(request, asked, sizeof asked - 1) == 0;
}

/* ---- on the thread ---- */

static int
connect_to(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port) };
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* In the order in which one would look for it: what we hold against it, then what it said. */
static void
say_why(struct upstream_call *call, const SSL *ssl)
{
	long verified = SSL_get_verify_result(ssl);
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	if (verified != X509_V_OK)
		snprintf(call->why, sizeof call->why, "we do not trust it: %s", X509_verify_cert_error_string(verified));
	else
		snprintf(call->why, sizeof call->why, "it does not let us in: %s", reason != NULL ? reason : "it ended the connection");
	ERR_clear_error();
}

static void
ask(struct upstream_call *call, SSL *ssl)
{
	char request[256], answer[ANSWER_MOST];
	int len = snprintf(request, sizeof request, "HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", call->host), n = 0;

	ERR_clear_error();
	if (SSL_connect(ssl) != 1 || SSL_write(ssl, request, len) <= 0 || (n = SSL_read(ssl, answer, sizeof answer - 1)) <= 0) {
		say_why(call, ssl);
		return;
	}
	answer[n] = '\0';
	answer[strcspn(answer, "\r\n")] = '\0';
	call->well = strncmp(answer, "HTTP/1.1 200 ", 13) == 0;
	if (!call->well)
		snprintf(call->why, sizeof call->why, "it answers %.100s", answer);
}

static void
make_call(uv_work_t *work)
{
	struct upstream_call *call = work->data;
	int fd = connect_to(call->port);
	SSL *ssl = fd >= 0 ? SSL_new(call->ctx) : NULL;

	if (ssl != NULL && SSL_set_fd(ssl, fd) == 1 && SSL_set1_host(ssl, call->host) == 1 && SSL_set_tlsext_host_name(ssl, call->host) == 1)
		ask(call, ssl);
	else
		snprintf(call->why, sizeof call->why, "it cannot be reached: %s", strerror(errno));
	SSL_free(ssl);
	if (fd >= 0)
		close(fd);
	OPENSSL_thread_stop(); /* libuv's threads end without telling OpenSSL */
}

/* ---- on the loop ---- */

static void
on_made(uv_work_t *work, int result)
{
	struct upstream_call *call = work->data;

	if (result == 0 && call->done != NULL)
		call->done(call->user, call->well, call->why);
	SSL_CTX_free(call->ctx);
	free(call);
}

/* Our own certificate as we show it to those who call us, and whom we trust when we call. */
static SSL_CTX *
client_context(struct server *s)
{
	const STACK_OF(X509) *trusted = served_upstreams(&s->served);
	STACK_OF(X509) *above = NULL;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	bool ok = ctx != NULL && SSL_CTX_get0_chain_certs(s->ctx, &above) == 1 &&
	    SSL_CTX_use_cert_and_key(ctx, SSL_CTX_get0_certificate(s->ctx), SSL_CTX_get0_privatekey(s->ctx), above, 1) == 1;

	for (int i = 0; ok && i < sk_X509_num(trusted); i++)
		ok = X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), sk_X509_value(trusted, i)) == 1;
	if (!ok) {
		ERR_clear_error();
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(ctx), (time_t)server_now(s));
	return ctx;
}

struct upstream_call *
upstream_start(struct server *s, upstream_done done, void *user)
{
	struct upstream_call *call = mem_zero(1, sizeof *call);

	call->work.data = call;
	call->done = done;
	call->user = user;
	call->port = s->upstream->port;
	snprintf(call->host, sizeof call->host, "%s", s->upstream->story->host);
	call->ctx = client_context(s);
	if (call->ctx != NULL && uv_queue_work(s->all->loop, &call->work, make_call, on_made) == 0)
		return call;
	SSL_CTX_free(call->ctx);
	free(call);
	return NULL;
}

void
upstream_forget(struct upstream_call *call)
{
	if (call != NULL)
		call->done = NULL;
}
