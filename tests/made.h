/* Certificates made by lab/pki.h and read back by model/cert.h, for the tests of paths. */
#ifndef TESTS_MADE_H
#define TESTS_MADE_H

#include "lab/pki.h"
#include "model/path.h"

#define MADE_NOW INT64_C(1795435200) /* 2026-11-23T12:00:00Z */
#define MADE_DAY INT64_C(86400)

struct made {
	struct pki_cert pki;
	struct cert *cert;
};

/*
 * Dates left at 0 become a year before to a year after MADE_NOW. issuer NULL: self-signed. Fails the
 * test where the result cannot be read.
 */
struct made made_issue(const struct pki_request *r, const struct made *issuer);
void made_free(struct made *m);

/* The pool is presented, the anchors are trusted, be they self-signed or not. */
struct path_set *made_paths(const struct made *leaf, const struct made *const *pool, size_t pool_len,
    const struct made *const *anchors, size_t anchors_len, enum purpose purpose, int64_t at);

/* A CA with the usual fields; and the same CA again, its name and key, certified by someone else. */
struct made made_ca(const char *cn, const struct made *issuer);
struct made made_ca_again(const char *cn, const struct made *same, const struct made *issuer);
/* A server's certificate for example.com. */
struct made made_leaf(const struct made *issuer);

/* made_paths() for a server, at MADE_NOW. */
struct path_set *made_find(const struct made *leaf, const struct made *const *pool, size_t pool_len,
    const struct made *const *anchors, size_t anchors_len);

/* Does the path have this error? */
bool made_has_error(const struct path *p, enum code code);

#endif
