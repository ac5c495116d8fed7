/*
 * Servers that this project did not write, each requiring a client certificate: nginx, HAProxy,
 * OpenSSL's s_server, gnutls-serv. One instance for each TLS version.
 */
#ifndef TESTS_PEERS_H
#define TESTS_PEERS_H

#include <stdbool.h>
#include <sys/types.h>

/* The first PEER_KINDS are what verdicts are tested against; the last is for `make bench`. */
enum peer_kind { PEER_NGINX, PEER_HAPROXY, PEER_S_SERVER, PEER_GNUTLS, PEER_KINDS, PEER_GNUTLS_NO_TICKET = PEER_KINDS, PEER_ALL };
extern const char *const peer_names[PEER_ALL];

/* What a server is given: PEM files. */
struct peer_files {
	const char *folder;     /* for its configuration and log */
	const char *chain;      /* its certificate and intermediates */
	const char *key;
	const char *intermediates; /* of the chain, for those that take them apart (s_server); NULL: it sends the leaf twice */
	const char *clients_ca; /* whom it trusts */
};

/* Starts it on 127.0.0.1, TLS 1.2 or 1.3 only; *port is where. 0 on failure. */
pid_t peer_start(enum peer_kind kind, bool tls13, const struct peer_files *files, int *port);

#endif
