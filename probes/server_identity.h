/*
 * The certificate that `listen` shows: the user's, or one made for the name that a client asks for, under a CA
 * that lives as long as the program. Its private key is in no file.
 */
#ifndef PROBES_SERVER_IDENTITY_H
#define PROBES_SERVER_IDENTITY_H

#include <openssl/ssl.h>

#include "model/client.h"
#include "model/identity.h"

struct server_identity;
/* id NULL: makes a CA. now: seconds; what is made is valid from a day before it. ERROR_INPUT: the identity has no usable key or certificate. */
status server_identity_new(const struct identity *id, int64_t now, struct server_identity **out, struct error *err) MUST_USE;
void server_identity_free(struct server_identity *s);
/* Gives ssl the certificate for a client: with its name, or the address `to` that it came to. False: OpenSSL did not take it. */
bool server_identity_show(struct server_identity *s, SSL *ssl, const struct client_hello *hello, const char *to);
/* The made CA as PEM, appended; nothing where the certificate is the user's. */
void server_identity_ca(const struct server_identity *s, struct buf *out);

#endif
