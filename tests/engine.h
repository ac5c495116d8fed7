/* What the tests of the engine share: a CA, servers by script, one examination from start to end. */
#ifndef TESTS_ENGINE_H
#define TESTS_ENGINE_H

#include "probes/examine.h"
#include "tests/script_server.h"

#define ENGINE_OK "HTTP/1.1 200 OK\r\nServer: test\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n"
#define ENGINE_MUST (SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)

extern struct script_pki engine_pki;   /* between engine_set_up() and engine_tear_down() */
extern const int engine_versions[2];   /* TLS 1.2 and 1.3 */
int engine_set_up(void **state);
int engine_tear_down(void **state);

/* payment.internal at 127.0.0.1. */
void engine_aim(struct target *t, int port);
struct examiner *engine_start(const struct examine_options *opt);
/* --quick: the baseline only. */
struct examine_options engine_quick(void);
/* One target, examined to its end; ends the target and the examiner, which has nothing more to tell. */
struct examination *engine_finish(struct examiner *x, struct target *t, const struct identity *id);
/* The same at 127.0.0.1. */
struct examination *engine_examine_at(int port, const struct examine_options *opt, const struct identity *id, bool http);
/* The same, quick, against a script. */
struct examination *engine_examine(const struct script *s, const struct identity *id);

const struct handshake *engine_baseline(const struct examination *x);
void engine_expect(const char *where, const struct handshake *h, enum outcome o);
bool engine_said(const struct handshake *h, enum peer from, uint8_t type);

/* For SSL_CTX_set_cert_verify_callback(): ours has its issuer with it; a throwaway has not. */
int engine_knows_ours(X509_STORE_CTX *store, void *user);

#endif
