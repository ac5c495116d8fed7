/*
 * The client certificates that verdicts are scored with (tests/test_peers.c), and the servers' own: made
 * anew for each run.
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
	FIRST_DOZEN,
	/* Rarer ones. */
	CLIENT_RSA1024 = FIRST_DOZEN,
	CLIENT_NO_SIGNING, /* its key usage */
	CLIENT_CA_AS_LEAF,
	CLIENT_PATH_LENGTH,
	CLIENT_CONSTRAINED,
	CLIENT_ISSUER_NO_CA,
	CLIENT_CORRUPT,    /* a signature in the chain */
	CLIENT_NAMESAKE,   /* of a CA with the same name as the trusted one, and another key */
	CLIENT_NAMESAKE_NO_AKI, /* the same, and no key identifier tells them apart */
	CLIENT_NO_PURPOSE,
	CLIENT_WITH_ROOT,
	CLIENT_REVERSED,
	CLIENT_KEY_AGREEMENT, /* instead of signing */
	PEER_CLIENTS
};

/*
 * Why the first dozen: the first ten are what 3.2 of the knowledge counts as every day's faults, and each has
 * another cause; SHA-1 is the weak one that splits the stacks in most ways (RSA 1024 is accepted by four
 * of six); two intermediates are nobody's fault, and nginx refuses them by default. Revocation needs
 * lists that Go and Java do not read. The rest is what a CA does wrong, what is nobody's fault, and
 * the two that look like something else.
 */
extern const struct peer_client_case {
	const char *name;
	const char *cert, *key; /* files in the folder; NULL: none is given */
	enum code cause;        /* what a refusal means; CODE_NONE: nobody may refuse it */
	enum code warning;      /* what is said of it where it is accepted, if that is not the cause; CODE_NONE: nothing */
} peer_clients[PEER_CLIENTS];

/*
 * Writes all of them, "server.pem" with "server.pem.key", "root.pem" and "issuing.pem" into the folder; and
 * what a server may be given wrongly: "namesake-root.pem", a root of the same name with another key;
 * revocation lists of all CAs of the right client: "revoked.crl", which lists it, "stale.crl", which has
 * expired, "foreign.crl", of other CAs.
 */
void peer_clients_write(const char *folder);

#endif
