/* A ClientHello as bytes, parsed and bounded by us (RFC 8446 4.1.2, RFC 5246 7.4.1.2). */
#ifndef PROBES_WIRE_HELLO_H
#define PROBES_WIRE_HELLO_H

#include "model/client.h"

/*
 * The whole handshake message, header included. False where it does not parse; what was read until
 * there stays in *out, and out->whole is false.
 */
bool wire_client_hello(struct arena *a, const unsigned char *msg, size_t len, struct client_hello *out);

#endif
