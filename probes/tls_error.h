/* Why the TLS library stopped: its error queue in our words. */
#ifndef PROBES_TLS_ERROR_H
#define PROBES_TLS_ERROR_H

#include "model/handshake.h"

/* Reads this thread's OpenSSL error queue into record->local and record->detail (empties it). */
void tls_error_read(struct handshake *record);

#endif
