/*
 * What the addresses in certificates gave: which were asked and how that went, and what is known of
 * revocation. Plain values: they go into a case as they are.
 */
#ifndef MODEL_FETCHED_H
#define MODEL_FETCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cert.h"

enum fetch_kind { FETCH_ISSUER, FETCH_CRL, FETCH_OCSP };
const char *fetch_kind_name(enum fetch_kind k); /* "issuer", "crl", "ocsp": as in JSON */

/* One request to an address out of a certificate, made or refused. */
struct fetch_note {
	enum fetch_kind kind;
	const char *url;      /* printable */
	int status;           /* HTTP; 0: none came */
	size_t bytes;         /* of the body */
	double ms;
	bool shared;          /* another target of this run asked, and its answer was taken */
	bool refused;         /* by our own rules: nothing went out */
	const char *problem;  /* why it was refused, or failed; one clause; NULL: the body is there */
};

enum revocation_by { REVOCATION_BY_STAPLE, REVOCATION_BY_OCSP, REVOCATION_BY_CRL };
const char *revocation_by_name(enum revocation_by by); /* "stapled", "ocsp", "crl" */

enum revocation_status { REVOCATION_GOOD, REVOCATION_REVOKED, REVOCATION_UNKNOWN };
const char *revocation_status_name(enum revocation_status s); /* "good", "revoked", "unknown" */

/* Why it is unknown. */
enum revocation_doubt {
	REVOCATION_NO_DOUBT,
	REVOCATION_NOT_HAD,     /* nobody answered, or not with what was asked for */
	REVOCATION_BROKEN,      /* it came, and is damaged or signed by somebody else */
	REVOCATION_UNSUPPORTED, /* of a kind that is not judged here */
	REVOCATION_NOT_SAID     /* the responder says that it does not know, or will not say */
};

/* What one source says of one certificate, as it was signed; whether it still holds is judged at a clock. */
struct revocation {
	struct fingerprint of;      /* the certificate */
	enum revocation_by by;
	enum revocation_status status;
	enum revocation_doubt doubt;
	const char *why;            /* REVOCATION_UNKNOWN: one clause; else NULL */
	const char *reason;         /* REVOCATION_REVOKED: "keyCompromise"; NULL: none is given */
	int64_t revoked_at;         /* seconds; TIME_UNKNOWN */
	int64_t produced_at, this_update, next_update; /* TIME_UNKNOWN where it does not say */
	const char *where;          /* URL, printable; NULL: stapled to the handshake */
};

#endif
