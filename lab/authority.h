/*
 * The lab's certificates: a table of recipes (lab/recipes.c) and what was made of them. Each is made
 * when it is first asked for, its issuers before it.
 */
#ifndef LAB_AUTHORITY_H
#define LAB_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/pki.h"
#include "lab/variety.h"

enum role { ROLE_CA, ROLE_SERVER, ROLE_CLIENT };

struct recipe {
	const char *name;         /* "issuing", "server-expired" */
	const char *issuer;       /* a recipe's name; NULL: self-signed */
	enum role role;           /* gives key usage, purposes, names and lifetime where `r` and the days say nothing */
	struct pki_request r;     /* cn, org and san may hold {org} {other} {host} {client}; addresses {web} */
	int from, to;             /* days from the lab's start; both 0: the role's */
	int to_minutes;           /* added to `to` */
	bool no_san;              /* the role's usual names are left out */
	bool fixed_key;           /* r.key_type whatever the seed */
	bool revoked;             /* its CA's lists and responders say so */
	bool under_policy;        /* issued by the policy CA where the seed wants two intermediates */
	const char *shown_issuer; /* sent as the next one up, though it did not sign: a re-keyed CA */
};

extern const struct recipe recipes[];
extern const size_t recipes_len;

struct authority;
struct authority *authority_new(const struct variety *v, int64_t now);
/* Recipes beside those of the table, borrowed until the end. Once, before anything is made. */
void authority_add(struct authority *a, const struct recipe *more, size_t len);
/* All of them: the table's first. */
size_t authority_len(const struct authority *a);
const struct recipe *authority_recipe(const struct authority *a, size_t i);
/* Waits for the key that a thread makes: afterwards nothing of it draws random numbers unasked. */
void authority_settle(struct authority *a);
void authority_free(struct authority *a);

/* This CA gets this key (a reference is taken) instead of a new one: it goes on where the last lab ended. Before its certificate is made. */
void authority_keep_key(struct authority *a, const char *name, EVP_PKEY *key);
/* What was made of the i-th recipe so far; NULL: nothing. */
const struct pki_cert *authority_made(const struct authority *a, size_t i);

/* Borrowed. A name that no recipe has is a mistake in a table: aborts. */
const struct pki_cert *authority_cert(struct authority *a, const char *name);

enum chain_form {
	CHAIN_FULL,      /* the leaf and its intermediates, in order, no root */
	CHAIN_LEAF_ONLY,
	CHAIN_WITH_ROOT,
	CHAIN_REVERSED   /* the intermediates from the root down: at least two make a difference */
};
enum { CHAIN_MAX = 8 };
/* Leaf first into out[CHAIN_MAX]; extra: one more at the end, or NULL. Returns how many. */
size_t authority_chain(struct authority *a, const char *leaf, enum chain_form form, const char *extra,
    const struct pki_cert **out);

bool authority_knows(const char *name); /* is there such a recipe? */
const char *authority_issuer(const struct authority *a, const char *name); /* the recipe that issues it; NULL: it signs itself */
/* {web} in the addresses of what is made from now on: the port of 127.0.0.1 where the lab's own web server is. */
void authority_at_web(struct authority *a, uint16_t port);
/* Did this CA issue a certificate of that number? Made ones only. */
bool authority_issued(struct authority *a, const char *ca, const ASN1_INTEGER *serial, bool *revoked);
int64_t authority_revoked_at(const struct authority *a); /* when all that is revoked was */
/* The list of all that this CA has revoked, valid from and to so many days from `now`. Owned by the caller. */
X509_CRL *authority_list(struct authority *a, const char *ca, int64_t now, int from, int to);
/* A CRL of `issuer` with these days; revoked: the certificate it lists, or NULL. Owned by the caller. */
X509_CRL *authority_crl(struct authority *a, const char *issuer, const char *revoked, int from, int to);

#endif
