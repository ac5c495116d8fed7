#include "probes/tls.h"

#include <openssl/err.h>
#include <openssl/tls1.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/offer.h"
#include "probes/record.h"
#include "probes/tls_error.h"
#include "probes/wire.h"

enum { READ_AT_ONCE = 16 * 1024 }; /* a TLS record's plain text */

struct tls_session {
	SSL *ssl;
	BIO *in, *out;     /* owned by ssl */
	size_t out_gone;   /* of what lies in `out`: written already */
	enum tls_state state;
	struct recorder recorder;
	double (*clock)(void *);
	void *clock_user;
	struct buf input;
};

static void
on_handshake(struct tls_session *s, enum peer from, const unsigned char *msg, size_t len, double now)
{
	struct handshake *h = s->recorder.h;

	if (from == PEER_US && len > 0 && msg[0] == 1 && h->offer.ciphers == NULL)
		offer_read(s->ssl, msg, len, h->arena, &h->offer);
	if (from == PEER_SERVER && len > 0 && msg[0] == 2) {
		struct wire_server_hello hello = { 0 };
		unsigned char id[2];
		const SSL_CIPHER *cipher;

		if (wire_server_hello(msg, len, &hello) && hello.cipher != 0) {
			id[0] = (unsigned char)(hello.cipher >> 8);
			id[1] = (unsigned char)hello.cipher;
			cipher = SSL_CIPHER_find(s->ssl, id);
			h->cipher = cipher != NULL ? SSL_CIPHER_get_name(cipher) /* static */
						   : arena_printf(h->arena, "cipher 0x%04x", hello.cipher);
		}
	}
	record_message(&s->recorder, from, msg, len, now);
}

/*
 * Types 22 and 21 are handshake messages and alerts. 256 is the header of a record: for one of ours
 * that is how we learn how many bytes stand before a message's end, since OpenSSL keeps a whole
 * flight back before it shows any of it.
 */
static void
on_message(int write_p, int version, int type, const void *bytes, size_t len, SSL *ssl, void *user)
{
	struct tls_session *s = SSL_get_app_data(ssl);
	enum peer from = write_p ? PEER_US : PEER_SERVER;
	const unsigned char *p = bytes;

	(void)version;
	(void)user;
	if (s == NULL)
		return;
	if (type == SSL3_RT_HEADER && write_p && len == SSL3_RT_HEADER_LENGTH)
		s->recorder.queued += len + ((size_t)p[3] << 8 | p[4]);
	else if (type == SSL3_RT_HANDSHAKE)
		on_handshake(s, from, p, len, s->clock(s->clock_user));
	else if (type == SSL3_RT_ALERT && len == 2)
		record_alert(&s->recorder, from, p[0], p[1], s->clock(s->clock_user));
}

void
tls_watch(SSL_CTX *ctx)
{
	SSL_CTX_set_msg_callback(ctx, on_message);
}

struct tls_session *
tls_session_new(const struct tls_context *ctx, const char *sni, struct handshake *record, double (*clock)(void *),
    void *clock_user)
{
	struct tls_session *s = mem_zero(1, sizeof *s);

	s->recorder.h = record;
	s->clock = clock;
	s->clock_user = clock_user;
	s->ssl = SSL_new(ctx->ctx);
	s->in = BIO_new(BIO_s_mem());
	s->out = BIO_new(BIO_s_mem());
	if (s->ssl == NULL || s->in == NULL || s->out == NULL) {
		BIO_free(s->in);
		BIO_free(s->out);
		s->in = s->out = NULL;
		tls_session_free(s);
		return NULL;
	}
	BIO_set_mem_eof_return(s->in, -1); /* empty means "not yet", never "the end" */
	BIO_set_mem_eof_return(s->out, -1);
	SSL_set_bio(s->ssl, s->in, s->out);
	SSL_set_app_data(s->ssl, s);
	SSL_set_connect_state(s->ssl);
	SSL_set_tlsext_status_type(s->ssl, TLSEXT_STATUSTYPE_ocsp); /* a stapled response comes to those who ask */
	if (sni != NULL && SSL_set_tlsext_host_name(s->ssl, sni) != 1)
		ERR_clear_error(); /* a name over 255 bytes cannot be one: it goes without */
	return s;
}

void
tls_session_free(struct tls_session *s)
{
	if (s == NULL)
		return;
	SSL_free(s->ssl);
	buf_done(&s->input);
	free(s);
}

void
tls_session_offer(struct tls_session *s, SSL_SESSION *resume)
{
	SSL_set_session(s->ssl, resume);
	ERR_clear_error();
}

/* A copy: SSL_free() spoils the session of a connection that ended without our close_notify. */
SSL_SESSION *
tls_session_keep(const struct tls_session *s)
{
	SSL_SESSION *now = SSL_get0_session(s->ssl);

	if (!SSL_is_init_finished(s->ssl) || now == NULL || !SSL_SESSION_is_resumable(now))
		return NULL;
	return SSL_SESSION_dup(now);
}

enum tls_state
tls_session_state(const struct tls_session *s)
{
	return s->state;
}

/* The library stopped: because the server said so, or because we could not go on. */
static enum tls_state
failed(struct tls_session *s)
{
	struct handshake *h = s->recorder.h;

	if (handshake_fatal_alert(h, PEER_SERVER) == NULL && h->local == LOCAL_NONE)
		tls_error_read(h);
	ERR_clear_error();
	return s->state = TLS_FAILED;
}

static void
negotiated(struct tls_session *s)
{
	struct handshake *h = s->recorder.h;
	const unsigned char *alpn = NULL;
	unsigned len = 0;

	h->tls_ms = s->clock(s->clock_user);
	h->resumed = SSL_session_reused(s->ssl) == 1;
	SSL_get0_alpn_selected(s->ssl, &alpn, &len);
	if (len > 0)
		h->alpn = text_safe_arena(h->arena, (struct text){ alpn, len }, 0, NULL);
}

/* Lets the library work on all that it has. */
static enum tls_state
pump(struct tls_session *s)
{
	unsigned char plain[READ_AT_ONCE];
	int n;

	if (s->state == TLS_HANDSHAKING) {
		ERR_clear_error();
		n = SSL_do_handshake(s->ssl);
		if (n == 1) {
			s->state = TLS_OPEN;
			negotiated(s);
		} else {
			switch (SSL_get_error(s->ssl, n)) {
			case SSL_ERROR_WANT_READ: return s->state;
			case SSL_ERROR_ZERO_RETURN: return s->state = TLS_CLOSED;
			default: return failed(s);
			}
		}
	}
	while (s->state == TLS_OPEN) {
		ERR_clear_error();
		n = SSL_read(s->ssl, plain, sizeof plain);
		if (n > 0) {
			buf_add(&s->input, plain, (size_t)n);
			continue;
		}
		switch (SSL_get_error(s->ssl, n)) {
		case SSL_ERROR_WANT_READ: return s->state;
		case SSL_ERROR_ZERO_RETURN: return s->state = TLS_CLOSED;
		default: return failed(s);
		}
	}
	return s->state;
}

enum tls_state
tls_session_start(struct tls_session *s)
{
	return pump(s);
}

enum tls_state
tls_session_feed(struct tls_session *s, const unsigned char *bytes, size_t len, double at_ms)
{
	s->recorder.read_ms = at_ms;
	if (s->state == TLS_FAILED || s->state == TLS_CLOSED || len > LIMIT_HANDSHAKE_BYTES)
		return s->state;
	if (BIO_write(s->in, bytes, (int)len) != (int)len)
		return failed(s);
	return pump(s);
}

enum tls_state
tls_session_write(struct tls_session *s, const void *bytes, size_t len)
{
	if (s->state != TLS_OPEN || len > INT32_MAX)
		return s->state;
	ERR_clear_error();
	if (SSL_write(s->ssl, bytes, (int)len) != (int)len)
		return failed(s);
	return s->state;
}

void
tls_session_close(struct tls_session *s)
{
	if (s->state != TLS_OPEN && s->state != TLS_CLOSED)
		return;
	ERR_clear_error();
	SSL_shutdown(s->ssl);
	ERR_clear_error();
}

size_t
tls_session_output(struct tls_session *s, const unsigned char **bytes)
{
	char *data = NULL;
	long len = BIO_get_mem_data(s->out, &data);

	if (len <= 0 || (size_t)len <= s->out_gone)
		return 0;
	*bytes = (const unsigned char *)data + s->out_gone;
	return (size_t)len - s->out_gone;
}

void
tls_session_sent(struct tls_session *s, size_t n, double at_ms)
{
	char *data = NULL;

	s->out_gone += n;
	record_sent(&s->recorder, n, at_ms);
	if ((long)s->out_gone == BIO_get_mem_data(s->out, &data)) {
		(void)BIO_reset(s->out);
		s->out_gone = 0;
	}
}

struct text
tls_session_input(const struct tls_session *s)
{
	return (struct text){ (const unsigned char *)s->input.data, s->input.len };
}

void
tls_session_taken(struct tls_session *s)
{
	buf_reset(&s->input);
}

bool
tls_session_half_record(const struct tls_session *s)
{
	return SSL_has_pending(s->ssl) == 1 || BIO_pending(s->in) > 0;
}
