/*
 * One TLS session over memory, without I/O of its own: bytes that were read go in, bytes to be
 * written come out, and everything that passes is put into a handshake record. So an alert is seen
 * even when a write has failed before it (knowledge: "diagnosis", facts 5 and 6).
 */
#ifndef PROBES_TLS_H
#define PROBES_TLS_H

#include <openssl/ssl.h>

#include "model/handshake.h"
#include "probes/tls_context.h"

/* Sets the message call-back of a context: what feeds the record. */
void tls_watch(SSL_CTX *ctx);

enum tls_state {
	TLS_HANDSHAKING,
	TLS_OPEN,   /* the handshake is complete as far as our side knows */
	TLS_CLOSED, /* the server said close_notify */
	TLS_FAILED  /* a fatal alert from either side, or the library stopped: the record says which */
};

struct tls_session;
/* clock: milliseconds since the record's start. sni: NULL for none. The record must outlive the session. NULL: no memory in OpenSSL. */
struct tls_session *tls_session_new(const struct tls_context *ctx, const char *sni, struct handshake *record,
    double (*clock)(void *), void *clock_user);
void tls_session_free(struct tls_session *s);

/* Before it starts: offers this session, which stays the caller's. */
void tls_session_offer(struct tls_session *s, SSL_SESSION *resume);
/* A session that can be offered to another connection, for SSL_SESSION_free(); NULL: there is none. */
SSL_SESSION *tls_session_keep(const struct tls_session *s);

enum tls_state tls_session_state(const struct tls_session *s);
/* Makes the ClientHello. */
enum tls_state tls_session_start(struct tls_session *s);
/* Bytes from the socket, read at at_ms. */
enum tls_state tls_session_feed(struct tls_session *s, const unsigned char *bytes, size_t len, double at_ms);
/* Encrypts; TLS_OPEN only. */
enum tls_state tls_session_write(struct tls_session *s, const void *bytes, size_t len);
/* Queues our close_notify where that is still allowed. */
void tls_session_close(struct tls_session *s);

/* What is to be written: borrowed until the next call of any function above. 0: nothing. */
size_t tls_session_output(struct tls_session *s, const unsigned char **bytes);
/* The first n bytes of it are on the socket since at_ms. */
void tls_session_sent(struct tls_session *s, size_t n, double at_ms);

/* Application data that came; tls_session_taken() empties it. At most a few records at a time. */
struct text tls_session_input(const struct tls_session *s);
void tls_session_taken(struct tls_session *s);
/* A record has begun, and the rest of it has not come. */
bool tls_session_half_record(const struct tls_session *s);

#endif
