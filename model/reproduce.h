/* The same handshake with other tools: lines to paste into a shell. */
#ifndef MODEL_REPRODUCE_H
#define MODEL_REPRODUCE_H

#include "model/diagnosis.h"

/* "openssl s_client -connect … -servername … -cert … -key … -CAfile …": with what the handshake offered where it differs from the default. */
void reproduce_openssl(const struct evidence *e, const struct handshake *h, struct buf *out);
/* "curl -v --cert … --key … --cacert … https://…". */
void reproduce_curl(const struct evidence *e, const struct handshake *h, struct buf *out);
/* A few lines for a chat: verdict, cause, proof, what was tested and from where. Plain text. */
void summary_for_chat(const struct diagnosis *d, struct buf *out);

#endif
