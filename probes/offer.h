/* What our ClientHello said, read from the message that goes out and never from what was configured. */
#ifndef PROBES_OFFER_H
#define PROBES_OFFER_H

#include <openssl/ssl.h>

#include "model/handshake.h"

/* Fills `out` from the ClientHello (header included); the strings live in the arena. */
void offer_read(SSL *ssl, const unsigned char *msg, size_t len, struct arena *a, struct offer *out);

#endif
