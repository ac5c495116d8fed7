/*
 * TLS records that OpenSSL would never send: after a handshake that it made as a server, with the
 * server's own keys. TLS 1.2 with AES-128-GCM, TLS 1.3 with TLS_AES_128_GCM_SHA256.
 */
#ifndef TESTS_FORGE_H
#define TESTS_FORGE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct forge {
	bool tls13;
	unsigned char key[16], iv[12]; /* 1.2: four octets of iv */
	uint64_t sequence;
	EVP_CIPHER_CTX *cipher;
};

enum { FORGE_OVERHEAD = 5 + 8 + 1 + 16 };

/* Before SSL_accept(): the ciphers that can be forged, no ticket of OpenSSL's own. */
void forge_prepare(SSL_CTX *ctx);
/* After it, before anything was written. Aborts where the keys cannot be had: a broken OpenSSL. */
void forge_begin(struct forge *f, SSL *ssl);
/*
 * One record of that type; out has room for len + FORGE_OVERHEAD. Returns its length. TLS 1.3, type 0: the
 * content ends in its own type and as much padding as it likes.
 */
size_t forge_record(struct forge *f, uint8_t type, const unsigned char *content, size_t len, unsigned char *out);
/* TLS 1.3, after a KeyUpdate: the next keys. */
void forge_next_keys(struct forge *f);
void forge_done(struct forge *f);

#endif
