/* What goes out of us in a handshake: certificate, chain and what signs, as the experiment says it. */
#ifndef PROBES_TLS_CREDENTIALS_H
#define PROBES_TLS_CREDENTIALS_H

#include "probes/tls_context.h"

/*
 * Puts into c->ctx what wish->sends and wish->identity ask for, and sets `loaded` or `not_loaded`.
 * SENDS_NOTHING, or no identity: nothing is put in, and neither is set.
 */
void tls_credentials_load(struct tls_context *c, const struct tls_wish *wish);

#endif
