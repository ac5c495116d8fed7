/*
 * What we offer and who we are, as an SSL_CTX: made once per variation and identity and shared
 * by every handshake of a run (making one costs 100 µs, SSL_new 1 µs: measured). Nothing in it comes
 * from a configuration file, and it judges nothing: every certificate passes, model/path judges.
 */
#ifndef PROBES_TLS_CONTEXT_H
#define PROBES_TLS_CONTEXT_H

#include <openssl/ssl.h>

#include "model/experiment.h"
#include "model/handshake.h"
#include "model/identity.h"
#include "probes/examine.h"

struct tls_contexts; /* the shared set; thread-safe */
/* ERROR_USAGE for --ciphers, --alpn or a version that OpenSSL does not take; ERROR_INPUT for a key log that cannot be opened. */
status tls_contexts_new(const struct examine_options *opt, struct tls_contexts **out, struct error *err) MUST_USE;
void tls_contexts_free(struct tls_contexts *s);
/* The errno of the first line that the key log did not take; 0: it took all. Thread: any. */
int tls_contexts_keylog_error(const struct tls_contexts *s);

/* What an experiment changes in it. */
struct tls_wish {
	enum hello hello;
	bool late_auth;
	enum sends sends;
	const struct identity *identity; /* NULL: none */
	const struct cert *const *chain; /* what goes out instead of the identity's chain, leaf first; NULL: that */
	size_t chain_len;
	uint16_t version;                /* this one alone; 0: as the options say */
	const char *alpn;                /* static; this is offered, "" nothing; NULL: as the options say */
	bool tickets;                    /* TLS 1.2 tickets too */
};

struct tls_context {
	SSL_CTX *ctx;
	bool loaded;                     /* its certificate and a key went in */
	const char *not_loaded;          /* why not; or NULL */
};
/*
 * The context for it; made where there is none yet; borrowed, valid until tls_contexts_free().
 * Where key and certificate do not belong together a wrong key signs; where there is no key at all
 * none is loaded. NULL only where OpenSSL cannot make any context.
 */
const struct tls_context *tls_context_get(struct tls_contexts *s, const struct tls_wish *wish);

#endif
