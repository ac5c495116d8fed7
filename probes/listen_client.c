/* One client of `listen`: bytes in, TLS over memory, bytes out, and the record of it all. */
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "probes/listen_loop.h"
#include "probes/record.h"
#include "probes/tls_error.h"
#include "probes/wire.h"

enum { ENOUGH_TO_TELL = 3 }; /* bytes that tell TLS from something else */

struct outgoing {
	uv_write_t req;
	struct connection *c;
	size_t len;
	char bytes[];
};

double
connection_now_ms(const struct connection *c)
{
	const struct world *w = c->l->world;

	return (double)(w->ticks_us(w->self) - c->began_us) / 1000;
}

struct connection *
connection_newer(const struct connection *c)
{
	return c->newer;
}

double
connection_unfinished_ms(const struct connection *c)
{
	return c->step <= STEP_HANDSHAKE ? connection_now_ms(c) : -1;
}

/* ---- the record ---- */

void
connection_ended(struct connection *c, enum peer by, enum end_how how, int os_error)
{
	if (c->h->ended.how != END_NOT_YET)
		return;
	c->h->ended = (struct ended){ .by = by, .how = how, .phase = c->h->phase, .at_ms = connection_now_ms(c), .os_error = os_error };
}

static enum outcome
outcome(const struct client *c)
{
	const struct handshake *h = c->handshake;

	if (h->http.status == 200)
		return OUTCOME_ACCEPTED_APP;
	if (handshake_fatal_alert(h, PEER_US) != NULL)
		return OUTCOME_FAILED_LOCAL;
	if (handshake_fatal_alert(h, PEER_SERVER) != NULL)
		return h->phase < PHASE_SERVER_HELLO ? OUTCOME_PROTOCOL : OUTCOME_REJECTED_ALERT;
	return h->tls_ms >= 0 ? OUTCOME_ACCEPTED : OUTCOME_NETWORK;
}

static void
keep_chain(struct evidence *e, const struct client *c)
{
	e->offline_chain = arena_array(e->arena, c->certs_len + 1, sizeof *e->offline_chain);
	/* What follows a leaf that cannot be read is no leaf. */
	for (size_t i = 0; c->certs_len > 0 && c->certs[0].cert != NULL && i < c->certs_len; i++)
		if (c->certs[i].cert != NULL)
			e->offline_chain[e->offline_len++] = cert_ref(c->certs[i].cert);
}

static void
hand_over(struct connection *c)
{
	struct listen_loop *l = c->l;
	struct client *client = c->client;
	struct evidence *e = evidence_new();
	struct handshake *h = c->h;

	if (h->sent_certificate_message) {
		struct client_earlier what = { .seen = true, .number = client->number, .asked = client->asked,
			.cas_len = h->request.cas_len, .sigalgs_len = h->request.sigalgs_len, .sent = client->certs_len };
		loop_remember(l, client->host, &client->hello.shape, &what);
	}
	h->outcome = outcome(client);
	h->verdict_ms = connection_now_ms(c);
	e->client = client;
	e->offline = true;
	e->offline_purpose = PURPOSE_CLIENT;
	e->trust = trust_ref(l->trust);
	e->thresholds = l->thresholds;
	e->seen_from = arena_strdup(e->arena, l->seen_from);
	e->started_ms = h->started_ms;
	e->took_ms = h->verdict_ms;
	e->clocks.local_ms = l->at_set ? l->at * 1000 : h->started_ms;
	e->clocks.local_set = l->at_set;
	e->target.spelled = mem_strdup(client->from);
	keep_chain(e, client);
	c->client = NULL;
	l->hand_over(l->self, e);
}

/* ---- its life ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct connection *c = handle->data;
	struct listen_loop *l = c->l;

	if (--c->handles > 0)
		return;
	*(c->older != NULL ? &c->older->newer : &l->oldest) = c->newer;
	*(c->newer != NULL ? &c->newer->older : &l->newest) = c->older;
	l->connections--;
	hand_over(c);
	SSL_free(c->ssl);
	buf_done(&c->first);
	buf_done(&c->request);
	free(c);
	l->count(l->self, l->connections);
	loop_has_room(l);
}

static void
connection_close(struct connection *c)
{
	if (!uv_is_closing((uv_handle_t *)&c->timer))
		uv_close((uv_handle_t *)&c->timer, on_closed);
	if (!uv_is_closing((uv_handle_t *)&c->tcp))
		uv_close((uv_handle_t *)&c->tcp, on_closed);
}

void
connection_cut(struct connection *c, bool to_make_room)
{
	c->client->made_room = to_make_room;
	c->h->cancelled = !to_make_room && c->step < STEP_ENDING;
	connection_ended(c, PEER_SERVER, END_US, 0);
	connection_close(c);
}

static void
on_time(uv_timer_t *timer)
{
	struct connection *c = timer->data;

	/* It has had its time, and said nothing more. After the handshake that is no fault: it waits for us to speak. */
	if (c->step == STEP_ENDING || c->step == STEP_FIRST || c->step == STEP_HANDSHAKE) {
		connection_ended(c, PEER_US, END_TIMEOUT, 0);
		connection_close(c);
		return;
	}
	connection_ended(c, PEER_SERVER, END_CLOSE_NOTIFY, 0);
	connection_close(c);
}

static void
on_written(uv_write_t *req, int result)
{
	struct outgoing *o = (struct outgoing *)req;
	struct connection *c = o->c;

	if (result == 0)
		record_sent(&c->recorder, o->len, connection_now_ms(c));
	else if (result != UV_ECANCELED)
		c->h->write_failed = true; /* what it said before it closed is still to be read */
	free(o);
}

void
connection_write(struct connection *c, const void *bytes, size_t len)
{
	struct outgoing *o = mem_alloc(sizeof *o + len);
	uv_buf_t b;

	*o = (struct outgoing){ .c = c, .len = len };
	memcpy(o->bytes, bytes, len);
	b = uv_buf_init(o->bytes, (unsigned)len);
	if (uv_write(&o->req, (uv_stream_t *)&c->tcp, &b, 1, on_written) != 0)
		free(o);
}

/* What OpenSSL has for the wire goes out, after a failure too: that is where our alert is. */
static void
flush(struct connection *c)
{
	char *data = NULL;
	long len = c->out != NULL ? BIO_get_mem_data(c->out, &data) : 0;

	if (len <= 0 || c->shut)
		return;
	connection_write(c, data, (size_t)len);
	(void)BIO_reset(c->out);
}

static void
on_shut(uv_shutdown_t *req, int result)
{
	(void)result;
	free(req);
}

/* FIN behind what was written; then reading on, so that no alert of the client's is lost to a reset. */
static void
finish(struct connection *c)
{
	uv_shutdown_t *req;

	c->step = STEP_ENDING;
	if (uv_is_closing((uv_handle_t *)&c->tcp) || c->shut)
		return;
	c->shut = true;
	uv_timer_start(&c->timer, on_time, LIMIT_LISTEN_LINGER_MS, 0);
	req = mem_zero(1, sizeof *req);
	if (uv_shutdown(req, (uv_stream_t *)&c->tcp, on_shut) != 0) {
		free(req);
		connection_close(c);
	}
}

void
connection_goodbye(struct connection *c)
{
	ERR_clear_error();
	SSL_shutdown(c->ssl);
	ERR_clear_error();
	flush(c);
	finish(c);
}

/* ---- reading ---- */

/* The library stopped: because the client said so, or because it cannot go on with it. */
static void
failed(struct connection *c)
{
	bool none = c->l->about->requires && c->h->sent_certificate_message && c->client->certs_len == 0;

	if (handshake_fatal_alert(c->h, PEER_US) != NULL) {
		connection_ended(c, PEER_US, END_ALERT, 0);
	} else if (c->refused || none) {
		connection_ended(c, PEER_SERVER, END_ALERT, 0);
	} else {
		tls_error_read(c->h);
		connection_ended(c, PEER_SERVER, handshake_fatal_alert(c->h, PEER_SERVER) != NULL ? END_ALERT : END_US, 0);
	}
	ERR_clear_error();
	flush(c);
	finish(c);
}

static void
established(struct connection *c)
{
	const unsigned char *alpn = NULL;
	unsigned len = 0;

	c->step = STEP_TALK;
	c->h->tls_ms = connection_now_ms(c);
	c->client->signature_checked = c->client->certs_len > 0;
	SSL_get0_alpn_selected(c->ssl, &alpn, &len);
	if (len > 0)
		c->h->alpn = text_safe_arena(c->h->arena, (struct text){ alpn, len }, 0, NULL);
	uv_timer_start(&c->timer, on_time, LIMIT_LISTEN_TALK_MS, 0);
}

static void
drive(struct connection *c)
{
	char piece[4096];
	int n = 0;

	if (c->step == STEP_HANDSHAKE) {
		ERR_clear_error();
		n = SSL_do_handshake(c->ssl);
		if (n == 1) {
			established(c);
			flush(c);
		} else if (SSL_get_error(c->ssl, n) == SSL_ERROR_WANT_READ) {
			flush(c);
			return;
		} else {
			failed(c);
			return;
		}
	}
	while (c->step == STEP_TALK || c->step == STEP_ENDING) {
		ERR_clear_error();
		n = SSL_read(c->ssl, piece, sizeof piece);
		if (n <= 0)
			break;
		if (c->step == STEP_TALK)
			connection_request(c, piece, (size_t)n);
	}
	switch (SSL_get_error(c->ssl, n)) {
	case SSL_ERROR_WANT_READ: flush(c); break;
	case SSL_ERROR_ZERO_RETURN:
		if (c->step == STEP_TALK) {
			connection_ended(c, PEER_US, END_CLOSE_NOTIFY, 0);
			connection_goodbye(c);
		}
		break;
	default:
		if (c->step == STEP_TALK)
			failed(c);
		else if (handshake_fatal_alert(c->h, PEER_US) != NULL)
			c->h->ended = (struct ended){ .by = PEER_US, .how = END_ALERT, .phase = c->h->phase, .at_ms = connection_now_ms(c) };
		ERR_clear_error();
		break;
	}
}

static bool
start_tls(struct connection *c)
{
	c->step = STEP_HANDSHAKE;
	c->ssl = SSL_new(c->l->as_set);
	c->in = BIO_new(BIO_s_mem());
	c->out = BIO_new(BIO_s_mem());
	if (c->ssl == NULL || c->in == NULL || c->out == NULL) {
		BIO_free(c->in);
		BIO_free(c->out);
		c->in = c->out = NULL;
		return false;
	}
	BIO_set_mem_eof_return(c->in, -1);
	BIO_set_mem_eof_return(c->out, -1);
	SSL_set_bio(c->ssl, c->in, c->out);
	SSL_set_app_data(c->ssl, c);
	SSL_set_accept_state(c->ssl);
	return true;
}

static void
feed(struct connection *c, const char *bytes, size_t len)
{
	c->recorder.read_ms = connection_now_ms(c);
	if (c->ssl == NULL && !start_tls(c)) {
		connection_ended(c, PEER_SERVER, END_US, 0);
		connection_close(c);
		return;
	}
	if (BIO_write(c->in, bytes, (int)len) != (int)len) {
		connection_ended(c, PEER_SERVER, END_US, 0);
		connection_close(c);
		return;
	}
	drive(c);
}

/* The first bytes: held until they can be told from something else. */
static void
take_first(struct connection *c, const char *bytes, size_t len)
{
	buf_add(&c->first, bytes, len);
	if (!wire_looks_like_tls((const unsigned char *)c->first.data, c->first.len)) {
		size_t kept = c->first.len < LIMIT_PLAIN_BYTES ? c->first.len : LIMIT_PLAIN_BYTES;

		c->h->not_tls = true;
		c->h->plain = (struct text){ arena_dup(c->h->arena, c->first.data, kept), kept };
		connection_ended(c, PEER_SERVER, END_US, 0);
		connection_plain_answer(c);
		finish(c);
	} else if (c->first.len >= ENOUGH_TO_TELL) {
		feed(c, c->first.data, c->first.len);
	}
}

static void
on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *out)
{
	struct connection *c = handle->data;

	(void)hint;
	*out = uv_buf_init((char *)c->l->scratch, sizeof c->l->scratch); /* one loop: taken before the next read */
}

static void
too_much(struct connection *c)
{
	c->h->local = LOCAL_TOO_LARGE;
	c->h->detail = arena_printf(c->h->arena, "more than %d bytes before its handshake was over", (int)LIMIT_LISTEN_HANDSHAKE_BYTES);
	connection_ended(c, PEER_SERVER, END_US, 0);
	connection_close(c);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct connection *c = stream->data;

	if (n == 0 || uv_is_closing((uv_handle_t *)&c->tcp))
		return;
	if (n < 0) {
		connection_ended(c, PEER_US, n == UV_EOF ? END_FIN : END_RST, n == UV_EOF ? 0 : (int)-n);
		connection_close(c);
		return;
	}
	c->client->bytes_read += (uint64_t)n;
	/* Whoever goes on for ever after its end is left. */
	if (c->client->bytes_read > LIMIT_LISTEN_HANDSHAKE_BYTES) {
		if (c->step <= STEP_HANDSHAKE)
			too_much(c);
		else
			connection_close(c);
		return;
	}
	if (c->step == STEP_FIRST)
		take_first(c, b->base, (size_t)n);
	else if (c->ssl != NULL)
		feed(c, b->base, (size_t)n);
}

static void
read_addresses(struct connection *c)
{
	struct sockaddr_storage at;
	struct arena *a = c->h->arena;
	char text[64] = "";
	int len = sizeof at;
	uint16_t port = 0;

	if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&at, &len) == 0) {
		uv_ip_name((struct sockaddr *)&at, text, sizeof text);
		port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port : ((struct sockaddr_in *)&at)->sin_port);
	}
	/* An IPv4 address by way of an IPv6 socket is written as what it is. */
	const char *host = strncmp(text, "::ffff:", 7) == 0 ? text + 7 : text;
	c->client->host = arena_strdup(a, host[0] != '\0' ? host : "unknown");
	c->client->from = arena_printf(a, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", c->client->host, port);
	text[0] = '\0';
	len = sizeof at;
	if (uv_tcp_getsockname(&c->tcp, (struct sockaddr *)&at, &len) == 0)
		uv_ip_name((struct sockaddr *)&at, text, sizeof text);
	host = strncmp(text, "::ffff:", 7) == 0 ? text + 7 : text;
	c->client->to = arena_strdup(a, host);
}

void
connection_accept(struct listen_loop *l, struct listen_socket *from)
{
	struct connection *c = mem_zero(1, sizeof *c);

	c->l = l;
	c->began_us = l->world->ticks_us(l->world->self);
	c->client = client_new(l->about);
	c->client->number = ++l->number;
	c->h = c->client->handshake;
	c->h->id = arena_printf(c->h->arena, "c%llu", (unsigned long long)c->client->number);
	c->h->address = l->about->address;
	c->h->started_ms = l->world->now_ms(l->world->self);
	c->h->phase = PHASE_HELLO;
	c->h->connect_ms = 0;
	c->recorder.h = c->h;
	c->tcp.data = c->timer.data = c;
	uv_tcp_init(&l->loop, &c->tcp);
	uv_timer_init(&l->loop, &c->timer);
	c->handles = 2;
	c->older = l->newest;
	*(c->older != NULL ? &c->older->newer : &l->oldest) = c;
	l->newest = c;
	l->connections++;
	l->count(l->self, l->connections);
	if (uv_accept((uv_stream_t *)&from->tcp, (uv_stream_t *)&c->tcp) != 0) {
		c->client->host = c->client->from = c->client->to = "unknown";
		connection_ended(c, PEER_US, END_RST, ECONNABORTED);
		connection_close(c);
		return;
	}
	read_addresses(c);
	uv_tcp_nodelay(&c->tcp, 1);
	uv_timer_start(&c->timer, on_time, LIMIT_LISTEN_HANDSHAKE_MS, 0);
	if (uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) != 0)
		connection_close(c);
}
