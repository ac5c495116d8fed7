/* What an endpoint says in HTTP/1.1. */
#ifndef LAB_ANSWER_H
#define LAB_ANSWER_H

#include "lab/server.h"
#include "model/buf.h"

enum refused { REFUSED_NOT, REFUSED_NONE_SENT, REFUSED_CERTIFICATE, REFUSED_CANNOT_ASK /* the client does not let itself be asked late */ };

/* The answer to `request` (its head, NUL-terminated). why: what the handshake found, for who judges then (nginx). */
void answer_request(struct buf *out, const struct server *s, const char *request, enum refused why);
/* What a service says of its call to the one after it: 200, or 502 with the reason. */
void answer_call(struct buf *out, const struct server *s, bool well, const char *why);
/* A web server without TLS that was sent a ClientHello. */
void answer_plain_http(struct buf *out, const struct server *s);

#endif
