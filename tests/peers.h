/*
 * Servers that this project did not write, each requiring a client certificate. One instance for each
 * TLS version. The table is in tests/peers.c; how each is configured, in tests/peers_native.c and
 * tests/peers_languages.c.
 */
#ifndef TESTS_PEERS_H
#define TESTS_PEERS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * The first PEER_KINDS a machine that runs the tests has; up to PEER_SCORED are what verdicts are scored
 * against, as far as they are here (peer_missing); the last is for `make bench`.
 */
enum peer_kind {
	PEER_NGINX,
	PEER_HAPROXY,
	PEER_S_SERVER,
	PEER_GNUTLS,
	PEER_KINDS,
	PEER_APACHE = PEER_KINDS,
	PEER_APACHE_LOCATION, /* asks once it knows the path: renegotiation in 1.2, post-handshake in 1.3 */
	PEER_STUNNEL,
	PEER_NODE,
	PEER_PYTHON,
	PEER_GO,
	PEER_JAVA,
	PEER_JAVA_HTTPS, /* com.sun.net.httpserver: the same TLS, another way to end */
	PEER_SCORED,
	PEER_GNUTLS_NO_TICKET = PEER_SCORED,
	PEER_ALL
};
extern const char *const peer_names[PEER_ALL];

/* What a server is given: PEM files. */
struct peer_files {
	const char *folder;     /* for its configuration and log */
	const char *chain;      /* its certificate and intermediates */
	const char *key;
	const char *intermediates; /* of the chain, for those that take them apart (s_server); NULL: it sends the leaf twice */
	const char *clients_ca; /* whom it trusts */
	const char *crl;        /* its revocation lists, of every CA of a chain; NULL: it looks at none */
};

/* NULL: this machine has it. Else what it lacks: "no java". */
const char *peer_missing(enum peer_kind kind);

/* Can it be given revocation lists? Go's and Java's own servers cannot, without code of their owner's. */
bool peer_reads_crl(enum peer_kind kind);

/* Starts it on 127.0.0.1, TLS 1.2 or 1.3 only; *port is where. 0 on failure. */
pid_t peer_start(enum peer_kind kind, bool tls13, const struct peer_files *files, int *port);
/* The same in two steps, so that many start at once: the second waits until it listens. */
pid_t peer_launch(enum peer_kind kind, bool tls13, const struct peer_files *files, int *port);
bool peer_ready(pid_t pid, int port);

#endif
