/* One connection to an endpoint: bytes in, the story's behaviour, bytes out. TLS over memory BIOs. */
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/answer.h"
#include "lab/forge.h"
#include "lab/plain.h"
#include "lab/server.h"
#include "lab/upstream.h"
#include "model/buf.h"
#include "model/memory.h"

enum {
	CONNECTIONS_MAX = 512,      /* at once, of all endpoints; more are closed as they come */
	CONNECTION_MS = 60 * 1000,  /* one connection's whole life: silent ones end some day */
	REQUEST_MAX = 16 * 1024,    /* bytes of an HTTP request's head */
	PIECE = 16 * 1024,
	ENDLESS_PIECE = 64 * 1024   /* written at a time where it never ends */
};

enum step {
	STEP_PLAIN,     /* no TLS on our side: waiting for the first bytes */
	STEP_STARTTLS,  /* in plain text, until it is asked to go over */
	STEP_HANDSHAKE,
	STEP_REQUEST,   /* reading the HTTP request */
	STEP_ENDING     /* all is written; what still comes is read and dropped until the peer closes */
};

struct connection {
	struct connection *prev, *next; /* all that are open, in struct servers */
	uv_tcp_t tcp;
	uv_timer_t timer;
	struct server *server;
	enum step step;
	SSL *ssl;        /* owns the two BIOs */
	BIO *in, *out;
	struct buf request;
	struct upstream_call *calling; /* its answer is waited for */
	int handles;     /* of the loop, not closed yet */
};

struct write {
	uv_write_t req;
	struct connection *c;
	char *data;
};

static void
on_handle_closed(uv_handle_t *h)
{
	struct connection *c = h->data;

	if (--c->handles > 0)
		return;
	if (c->next != NULL)
		c->next->prev = c->prev;
	*(c->prev != NULL ? &c->prev->next : &c->server->all->open) = c->next;
	c->server->all->connections--;
	upstream_forget(c->calling);
	SSL_free(c->ssl);
	buf_done(&c->request);
	free(c);
}

static void
connection_close(struct connection *c)
{
	if (!uv_is_closing((uv_handle_t *)&c->timer))
		uv_close((uv_handle_t *)&c->timer, on_handle_closed);
	if (!uv_is_closing((uv_handle_t *)&c->tcp))
		uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
}

/* RST: what a crashed service or a middlebox sends. */
static void
connection_reset(struct connection *c)
{
	if (!uv_is_closing((uv_handle_t *)&c->timer))
		uv_close((uv_handle_t *)&c->timer, on_handle_closed);
	if (!uv_is_closing((uv_handle_t *)&c->tcp) && uv_tcp_close_reset(&c->tcp, on_handle_closed) != 0)
		uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
}

static void
on_timeout(uv_timer_t *timer)
{
	connection_close(timer->data);
}

static void write_endless(struct connection *c);

static void
on_written(uv_write_t *req, int result)
{
	struct write *w = (struct write *)req;
	struct connection *c = w->c;

	free(w->data);
	free(w);
	if (uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	if (result != 0)
		connection_close(c);
	else if (c->server->story->manner == MANNER_ENDLESS)
		write_endless(c);
}

/* Takes data, malloc'd. */
static void
write_owned(struct connection *c, char *data, size_t len)
{
	struct write *w = mem_zero(1, sizeof *w);
	uv_buf_t b = uv_buf_init(data, (unsigned)len);

	w->c = c;
	w->data = data;
	if (uv_write(&w->req, (uv_stream_t *)&c->tcp, &b, 1, on_written) == 0)
		return;
	free(data);
	free(w);
	connection_close(c);
}

static void
write_bytes(struct connection *c, const void *bytes, size_t len)
{
	write_owned(c, mem_dup(bytes, len), len);
}

/* What OpenSSL has for the wire goes out: after a failure too, that is where the alert is. */
static void
flush(struct connection *c)
{
	char *data = NULL;
	long len = BIO_get_mem_data(c->out, &data);

	if (len <= 0)
		return;
	if (c->server->story->names_sigalg != 0 && c->step == STEP_HANDSHAKE)
		forge_signature_algorithm((unsigned char *)data, (size_t)len, c->server->story->names_sigalg);
	write_bytes(c, data, (size_t)len);
	(void)BIO_reset(c->out);
}

static void
on_shutdown(uv_shutdown_t *req, int result)
{
	(void)result;
	free(req);
}

/*
 * FIN after what was written; then reading on until the peer closes. Closing at once, with bytes
 * unread, would send a reset, and a reset can swallow the alert before it.
 */
static void
finish(struct connection *c)
{
	uv_shutdown_t *req;

	if (c->step == STEP_ENDING || uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	c->step = STEP_ENDING;
	req = mem_zero(1, sizeof *req);
	if (uv_shutdown(req, (uv_stream_t *)&c->tcp, on_shutdown) != 0) {
		free(req);
		connection_close(c);
	}
}

/* HelloRequests: a client that has not finished must skip each of them (RFC 5246 7.4.1.1). */
static void
write_endless(struct connection *c)
{
	static const unsigned char record[] = { 22, 3, 3, 0, 4, 0, 0, 0, 0 };
	char *data = mem_alloc(ENDLESS_PIECE);
	size_t len = 0;

	while (len + sizeof record <= ENDLESS_PIECE) {
		memcpy(data + len, record, sizeof record);
		len += sizeof record;
	}
	write_owned(c, data, len);
}

static void
behave_without_tls(struct connection *c)
{
	/* A ServerHello whose session id is longer than its message. */
	static const unsigned char garbage[] = { 22, 3, 3, 0, 48, 2, 0, 0, 44, 3, 3, 'n', 'o', 'n', 's', 'e', 'n', 's', 'e', ' ',
		'n', 'o', 'n', 's', 'e', 'n', 's', 'e', ' ', 'n', 'o', 'n', 's', 'e', 'n', 's', 'e', ' ', 'n', 'o', 'n', 's', 'e',
		200, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	const struct story *story = c->server->story;
	const unsigned char alert[] = { 21, 3, 3, 0, 2, 2, story->alert };
	struct buf text = { 0 };

	switch (story->manner) {
	case MANNER_HTTP:
		answer_plain_http(&text, c->server);
		write_bytes(c, text.data, text.len);
		finish(c);
		break;
	case MANNER_CLOSE:
		finish(c);
		break;
	case MANNER_RESET:
		connection_reset(c);
		break;
	case MANNER_ALERT:
		write_bytes(c, alert, sizeof alert);
		finish(c);
		break;
	case MANNER_GARBAGE:
		write_bytes(c, garbage, sizeof garbage);
		break;
	case MANNER_ENDLESS:
		write_endless(c); /* each piece that has gone out brings the next one */
		break;
	default: /* the others answer nothing */
		break;
	}
	c->step = STEP_ENDING; /* once */
	buf_done(&text);
}

static void
end_tls(struct connection *c)
{
	SSL_shutdown(c->ssl);
	flush(c);
	finish(c);
}

/* A certificate that this server would not have: was one given, and does it verify? */
static bool
unwelcome(const struct connection *c)
{
	X509 *x = SSL_get1_peer_certificate(c->ssl);
	bool none = x == NULL;

	X509_free(x);
	return c->server->story->distrusts_all || none || SSL_get_verify_result(c->ssl) != X509_V_OK;
}

/* The handshake is complete as the library sees it. Returns false where that was all. */
static bool
established(struct connection *c)
{
	enum manner manner = c->server->story->manner;

	if ((manner != MANNER_NODE && manner != MANNER_CLOSE_NOTIFY && manner != MANNER_HANG_UP) || !unwelcome(c))
		return true;
	/* Neither a ticket nor, in TLS 1.2, our Finished leaves: measured with Node. */
	(void)BIO_reset(c->out);
	if (manner == MANNER_HANG_UP)
		connection_reset(c);
	else if (manner == MANNER_CLOSE_NOTIFY)
		end_tls(c);
	else
		finish(c);
	return false;
}

static bool
request_complete(const struct connection *c)
{
	return c->request.len >= 4 && strstr(c->request.data, "\r\n\r\n") != NULL;
}

static void
answer_as(struct connection *c, enum refused why)
{
	struct buf text = { 0 };

	answer_request(&text, c->server, buf_str(&c->request), why);
	if (SSL_write(c->ssl, text.data, (int)text.len) <= 0)
		ERR_clear_error();
	buf_done(&text);
	end_tls(c);
}

static void
on_called(void *user, bool well, const char *why)
{
	struct connection *c = user;
	struct buf text = { 0 };

	c->calling = NULL;
	if (uv_is_closing((uv_handle_t *)&c->tcp) || c->step != STEP_REQUEST)
		return;
	answer_call(&text, c->server, well, why);
	if (SSL_write(c->ssl, text.data, (int)text.len) <= 0)
		ERR_clear_error();
	buf_done(&text);
	end_tls(c);
}

static void
answer(struct connection *c)
{
	X509 *x = SSL_get1_peer_certificate(c->ssl);
	enum refused why = x == NULL ? REFUSED_NONE_SENT :
	    SSL_get_verify_result(c->ssl) != X509_V_OK ? REFUSED_CERTIFICATE : REFUSED_NOT;

	X509_free(x);
	if (why != REFUSED_NOT || !upstream_wanted(c->server, buf_str(&c->request))) {
		answer_as(c, why);
		return;
	}
	c->calling = upstream_start(c->server, on_called, c);
	if (c->calling == NULL)
		on_called(c, false, "the call could not be made");
}

/*
 * MANNER_LATE: the request is here, now the certificate is wanted. Who does not let itself be asked in
 * TLS 1.3 (RFC 8446 4.2.6) gets 403, whatever its certificate: measured with Apache.
 */
static void
ask_late(struct connection *c)
{
	SSL_set_verify(c->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	if (SSL_version(c->ssl) < TLS1_3_VERSION) {
		SSL_renegotiate(c->ssl);
	} else if (SSL_verify_client_post_handshake(c->ssl) != 1) {
		ERR_clear_error();
		answer_as(c, REFUSED_CANNOT_ASK);
		return;
	}
	SSL_do_handshake(c->ssl);
	flush(c);
}

/* A step of the handshake; false: nothing more to do until bytes come, or it is over. */
static bool
handshake(struct connection *c)
{
	int result;

	if (c->step != STEP_HANDSHAKE)
		return true;
	ERR_clear_error();
	result = SSL_do_handshake(c->ssl);
	if (result == 1) {
		c->step = STEP_REQUEST;
		if (!established(c))
			return false;
		flush(c);
		return true;
	}
	if (c->server->story->drops_tls13 && SSL_get_error(c->ssl, result) != SSL_ERROR_WANT_READ) {
		connection_reset(c); /* the alert stays here: what drops it on the way has no word of TLS */
		return false;
	}
	flush(c);
	if (SSL_get_error(c->ssl, result) != SSL_ERROR_WANT_READ)
		finish(c);
	return false;
}

static void drive_tls(struct connection *c);

/* The way to TLS of its protocol. */
static void
go_over(struct connection *c, const char *bytes, size_t len)
{
	struct buf out = { 0 };
	enum plain_result result;

	buf_add(&c->request, bytes, len);
	result = plain_hear(c->server->story, &c->request, &out);
	if (out.len > 0)
		write_bytes(c, out.data, out.len);
	buf_done(&out);
	if (result == PLAIN_TLS) {
		c->step = STEP_HANDSHAKE;
		/* MySQL's client does not wait for an answer: its hello may have come along. */
		if (c->request.len > 0)
			BIO_write(c->in, c->request.data, (int)c->request.len);
		buf_reset(&c->request);
		drive_tls(c);
	} else if (result == PLAIN_ENDS || c->request.len > REQUEST_MAX)
		finish(c);
}

/* The first words inside TLS; after its answer such a service waits for more, and gets none. */
static void
answer_inside(struct connection *c)
{
	X509 *x = SSL_get1_peer_certificate(c->ssl);
	struct buf out = { 0 };
	bool ends = false;

	if (!plain_inside(c->server->story, &c->request, x != NULL, &out, &ends)) {
		X509_free(x);
		return;
	}
	X509_free(x);
	buf_reset(&c->request);
	if (SSL_write(c->ssl, out.data, (int)out.len) <= 0)
		ERR_clear_error();
	buf_done(&out);
	flush(c);
	if (ends)
		end_tls(c);
}

static void
drive_tls(struct connection *c)
{
	char piece[PIECE];
	int n = 0;

	if (!handshake(c))
		return;
	ERR_clear_error();
	while (c->step == STEP_REQUEST && (n = SSL_read(c->ssl, piece, sizeof piece)) > 0) {
		bool before = request_complete(c);
		if (c->request.len + (size_t)n > REQUEST_MAX)
			break;
		buf_add(&c->request, piece, (size_t)n);
		if (c->server->story->starttls != STARTTLS_NONE) {
			answer_inside(c);
			continue;
		}
		if (before || !request_complete(c))
			continue;
		if (c->server->story->manner == MANNER_LATE)
			ask_late(c);
		else
			answer(c);
	}
	if (c->step != STEP_REQUEST)
		return;
	flush(c);
	n = SSL_get_error(c->ssl, n);
	if (n == SSL_ERROR_WANT_READ && c->server->story->manner == MANNER_LATE && request_complete(c) &&
	    SSL_is_init_finished(c->ssl) && SSL_get0_peer_certificate(c->ssl) != NULL)
		answer(c); /* it let itself be asked */
	if (c->step != STEP_REQUEST)
		return;
	if (n == SSL_ERROR_ZERO_RETURN)
		end_tls(c);
	else if (n != SSL_ERROR_WANT_READ)
		finish(c);
}

static void
on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *out)
{
	static char piece[PIECE]; /* one loop: the bytes are taken before the next read */

	(void)h;
	(void)hint;
	*out = uv_buf_init(piece, sizeof piece);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct connection *c = stream->data;

	if (n < 0) {
		connection_close(c);
		return;
	}
	if (n == 0 || c->step == STEP_ENDING)
		return;
	if (c->step == STEP_PLAIN) {
		behave_without_tls(c);
		return;
	}
	if (c->step == STEP_STARTTLS) {
		go_over(c, b->base, (size_t)n);
		return;
	}
	if (BIO_write(c->in, b->base, (int)n) != (int)n)
		connection_close(c);
	else
		drive_tls(c);
}

/* Its clock judges our certificate. */
static void
set_clock(struct connection *c)
{
	X509_VERIFY_PARAM_set_time(SSL_get0_param(c->ssl), (time_t)server_now(c->server));
}

static void
start_tls(struct connection *c)
{
	c->step = STEP_HANDSHAKE;
	c->ssl = SSL_new(c->server->ctx);
	c->in = BIO_new(BIO_s_mem());
	c->out = BIO_new(BIO_s_mem());
	if (c->ssl == NULL || c->in == NULL || c->out == NULL)
		abort(); /* no memory */
	BIO_set_mem_eof_return(c->in, -1);
	SSL_set_bio(c->ssl, c->in, c->out);
	SSL_set_accept_state(c->ssl);
	set_clock(c);
}

static void
greet(struct connection *c)
{
	struct buf out = { 0 };

	c->step = STEP_STARTTLS;
	plain_greet(c->server->story, &out);
	if (out.len > 0)
		write_bytes(c, out.data, out.len);
	buf_done(&out);
}

void
connection_open(struct server *s)
{
	static const char banner[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";
	struct connection *c = mem_zero(1, sizeof *c);

	c->server = s;
	c->tcp.data = c->timer.data = c;
	uv_tcp_init(s->all->loop, &c->tcp);
	uv_timer_init(s->all->loop, &c->timer);
	c->handles = 2;
	c->next = s->all->open;
	if (c->next != NULL)
		c->next->prev = c;
	s->all->open = c;
	s->all->connections++;
	if (uv_accept((uv_stream_t *)&s->listener, (uv_stream_t *)&c->tcp) != 0 || s->all->connections > CONNECTIONS_MAX ||
	    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) != 0) {
		connection_close(c);
		return;
	}
	uv_tcp_nodelay(&c->tcp, 1);
	uv_timer_start(&c->timer, on_timeout, CONNECTION_MS, 0);
	server_refresh(s);
	if (s->ctx != NULL)
		start_tls(c);
	if (s->story->starttls != STARTTLS_NONE)
		greet(c);
	if (s->story->manner == MANNER_BANNER)
		write_bytes(c, banner, sizeof banner - 1);
}

void
connections_close(struct servers *all)
{
	struct connection *c = all->open;

	for (; c != NULL; c = c->next)
		connection_close(c);
}
