/*
 * Servers for the tests of the engine: each connection is served, one after the other, by a function
 * on a thread of its own. What goes over TLS is OpenSSL's; what goes wrong is the script's.
 */
#ifndef TESTS_SCRIPT_SERVER_H
#define TESTS_SCRIPT_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "lab/pki.h"
#include "model/identity.h"

/* One CA, a server and a client of it; made once. */
struct script_pki {
	struct pki_cert root, issuing, server, client;
	struct identity *identity; /* client and issuing, with the client's key */
	struct trust *trust;       /* the root */
};
struct script_pki script_pki_make(enum pki_key type);
void script_pki_done(struct script_pki *p);

struct script {
	const struct script_pki *pki;
	void (*serve)(int fd, SSL_CTX *ctx, const struct script *s);
	void (*prepare)(SSL_CTX *ctx, const struct script *s); /* or NULL */
	int version;            /* TLS1_2_VERSION …; 0: any */
	int verify;             /* SSL_VERIFY_… */
	int tickets;            /* TLS 1.3; -1: OpenSSL's two */
	int error;              /* X509_V_ERR_… that the client's certificate gets; 0: it is fine */
	const char *answer;     /* to any request, or NULL */
	const char *get_answer; /* to GET, where that differs */
	const void *bytes;      /* what a server without TLS says */
	size_t bytes_len;
	bool speaks_first;
	bool reset;             /* ends with a reset */
	EVP_PKEY *key;          /* signs instead of the server's own */
	X509 *certificate;      /* goes out instead */
	const char *address;    /* "127.0.0.2"; NULL: 127.0.0.1 */
	int port;               /* 0: any */
};

struct script_server;
struct script_server *script_server_start(const struct script *s);
int script_server_port(const struct script_server *s);
int script_server_served(const struct script_server *s); /* connections so far */
void script_server_stop(struct script_server *s);

/* Scripts. */
void serve_http(int fd, SSL_CTX *ctx, const struct script *s);        /* handshake, request, answer */
void serve_close(int fd, SSL_CTX *ctx, const struct script *s);       /* handshake, then gone, the request unread */
void serve_read_close(int fd, SSL_CTX *ctx, const struct script *s);  /* handshake, reads a request, gone without a word */
void serve_silent_refusal(int fd, SSL_CTX *ctx, const struct script *s); /* gone when it sees the client's certificate */
void serve_renegotiation(int fd, SSL_CTX *ctx, const struct script *s); /* asks again after the request */
void serve_dribble(int fd, SSL_CTX *ctx, const struct script *s);     /* as serve_http, a byte a write */
void serve_bytes(int fd, SSL_CTX *ctx, const struct script *s);
void serve_bytes_for_ever(int fd, SSL_CTX *ctx, const struct script *s); /* the same ones, until the client has gone */
void serve_nothing(int fd, SSL_CTX *ctx, const struct script *s);     /* until the client has gone */

#endif
