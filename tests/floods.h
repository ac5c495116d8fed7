/* What hostile servers do, as scripts for tests/script_server.h. Each ends when the client has gone. */
#ifndef TESTS_FLOODS_H
#define TESTS_FLOODS_H

#include "tests/script_server.h"

/*
 * A whole handshake, and then one record again and again: bytes[0] is the record's type, the rest its
 * content. What the client writes is never read. prepare: forge_prepare().
 */
void flood_records(int fd, SSL_CTX *ctx, const struct script *s);
void flood_prepare(SSL_CTX *ctx, const struct script *s);
/* A request is read, and then `answer` is written for ever. */
void flood_answers(int fd, SSL_CTX *ctx, const struct script *s);
/* All that is written leaves at one byte a second; slow_answer: the handshake at full speed. */
void slow_handshake(int fd, SSL_CTX *ctx, const struct script *s);
void slow_answer(int fd, SSL_CTX *ctx, const struct script *s);
/* TLS 1.2: each octet of the server's flight in a record of its own; then as serve_http. */
void serve_crumbs(int fd, SSL_CTX *ctx, const struct script *s);

#endif
