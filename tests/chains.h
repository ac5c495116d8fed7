/*
 * Chains for the tests of the rules: a table of certificates by name, and cases that say which of
 * them each side shows, what the server answered and every finding that must come of it.
 */
#ifndef TESTS_CHAINS_H
#define TESTS_CHAINS_H

#include "lab/pki.h"
#include "model/diagnosis.h"

#define CHAINS_NOW INT64_C(1795000000) /* 2026-11-18 11:06:40 UTC */
#define CHAINS_DAY INT64_C(86400)

/* One certificate. Days are counted from CHAINS_NOW; both 0: a year back to a year on (a CA: ten years on). */
struct recipe {
	const char *name;
	const char *issuer; /* of the rows above; NULL: signs itself */
	enum { IS_CA, IS_SERVER, IS_CLIENT } role;
	struct pki_request r; /* what the role does not say: cn defaults to the name */
	const char *key_of; /* has the key of that row */
	int from, to;
	int seconds; /* later than the day of its end */
};

enum answer { ACCEPTED, NOT_ASKED, REFUSED, BAD_SERVER_SIGNATURE, OFFLINE_SERVER, OFFLINE_CLIENT, OFFLINE_ANY };

#define CHAIN_MAX 10
struct chain_case {
	const char *what;
	const char *server[CHAIN_MAX], *ours[CHAIN_MAX]; /* leaf first; ours empty: no identity */
	const char *trust[CHAIN_MAX]; /* default: "root" */
	const char *found[CHAIN_MAX]; /* fetched from elsewhere */
	const char *listed[CHAIN_MAX]; /* in the CertificateRequest; default: "root"; "": an empty list */
	const char *our_key;  /* the key of this row instead of the leaf's */
	const char *host;     /* default "payment.internal"; "": not judged */
	enum answer answer;
	uint8_t alert;        /* with REFUSED; default 48 */
	const char *cipher;   /* default a TLS 1.3 one; any other: TLS 1.2 */
	int clock_minutes;    /* the server's clock minus ours */
	/*
	 * All findings of the groups chain, cert, name, eku, root, key and the local ones of client, in any
	 * order: "E code", "W code", "N code"; "*" before the root cause, "-" before one that another explains.
	 */
	const char *expect[CHAIN_MAX];
	const char *says;     /* words that the first expected finding must hold, or NULL */
};

struct chains;
struct chains *chains_make(const struct recipe *recipes, size_t len);
void chains_free(struct chains *c);
struct cert *chains_cert(const struct chains *c, const char *name); /* borrowed */

struct evidence *chains_evidence(const struct chains *c, const struct chain_case *t);
/* Diagnoses each case and compares; prints what was found where it differs, and fails after the last. */
void chains_check(const struct chains *c, const struct chain_case *cases, size_t len);

#endif
