/*
 * The twelve client certificates that verdicts are scored with (tests/test_peers.c), and the servers'
 * own: made anew for each run.
 */
#ifndef TESTS_PEER_CLIENTS_H
#define TESTS_PEER_CLIENTS_H

#include "model/codes.h"

enum peer_client {
	CLIENT_RIGHT,
	CLIENT_NONE,
	CLIENT_LEAF_ONLY,
	CLIENT_OTHER_CA,
	CLIENT_SELF_SIGNED,
	CLIENT_EXPIRED,
	CLIENT_NOT_YET,
	CLIENT_SERVER_ONLY,
	CLIENT_OTHER_KEY,
	CLIENT_CA_EXPIRED,
	CLIENT_SHA1,
	CLIENT_TWO_CAS,
	PEER_CLIENTS
};

/*
 * Why these: the first ten are what 3.2 of the knowledge counts as every day's faults, and each has
 * another cause; SHA-1 is the weak one that splits the stacks in most ways (RSA 1024 is accepted by four
 * of six); two intermediates are nobody's fault, and nginx refuses them by default. Revocation needs
 * lists that Go and Java do not read, and has tests of its own; path length and constraints are faults
 * of a CA that the matrix covers (tests/test_matrix.c).
 */
extern const struct peer_client_case {
	const char *name;
	const char *cert, *key; /* files in the folder; NULL: none is given */
	enum code cause;        /* what a refusal means; CODE_NONE: nobody may refuse it */
} peer_clients[PEER_CLIENTS];

/* Writes all of them, "server.pem" with "server.pem.key", "root.pem" and "issuing.pem" into the folder. */
void peer_clients_write(const char *folder);

#endif
