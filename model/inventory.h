/*
 * The inventory: private CAs, their hierarchy, every certificate that they issued, where each was seen. One SQLite
 * database (WAL), $XDG_STATE_HOME/mtlscope/inventory.db, 0600. A million certificates are rows there: only what is asked
 * for is loaded. One connection per thread: a handle is not shared. Times: seconds since the epoch, TIME_UNKNOWN.
 * Strings are raw bytes of the outside: what shows them makes them printable.
 */
#ifndef MODEL_INVENTORY_H
#define MODEL_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/memory.h"
#include "model/world.h"

struct inventory;
/* path NULL: the state folder's own, made 0700 where it is missing. Two programs may have it open. */
status inventory_open(const char *path, const struct world *w, struct inventory **out, struct error *err) MUST_USE;
void inventory_close(struct inventory *i); /* NULL is legal */
/* From another thread: the query that runs there ends with ERROR_NOT_DONE. */
void inventory_interrupt(struct inventory *i);

struct inventory_ca {
	const char *arn, *account, *region;   /* account: the configuration's name of it, or the number */
	const char *parent;                   /* the ARN of the CA that issued its certificate; NULL: a root, or unknown */
	const char *name;                     /* common name, else the whole subject */
	const char *subject, *type, *status, *usage_mode, *key_algorithm, *serial;
	const char *pem, *chain;              /* its certificate; NULL: not fetched */
	const char *public_key;               /* hex SHA-256 of its SubjectPublicKeyInfo; NULL as above */
	int64_t created, not_before, not_after, restorable_until, synced, report_at; /* report_at: the audit report's age */
	int64_t issued, active, expiring;     /* counts by inventory_cas(): all, neither expired nor revoked, ending soon */
};
/* Inserts or replaces by ARN; counts are ignored, pem NULL keeps what is there. Parents are worked out anew from keys and names. */
status inventory_put_ca(struct inventory *i, const struct inventory_ca *ca, struct error *err) MUST_USE;
/* All, parents before children, siblings by name. */
status inventory_cas(struct inventory *i, int64_t now, int64_t soon, struct arena *a, struct inventory_ca **out, size_t *len, struct error *err) MUST_USE;

enum inventory_fate {
	FATE_VALID,       /* not due */
	FATE_REPLACED,    /* due or expired, and a newer one with the same names and issuer is there */
	FATE_ACM,         /* due, and ACM renews it */
	FATE_REVOKED,
	FATE_RENEWABLE,   /* due, and an entry of the configuration renews it from here */
	FATE_ORPHAN,      /* due, and nobody renews it */
	FATE_EXPIRED      /* ended, longer ago than `expired_matters` */
};

struct inventory_cert {
	int64_t id;                           /* stable: selection follows it */
	const char *arn, *ca, *serial;        /* ca: ARN; serial: lower-case hex, no colons */
	const char *subject, *name;           /* name: its common name, else its first SAN, else the subject */
	const char *sans;                     /* "DNS:a, IP:b"; NULL: not fetched yet */
	const char *template_name;            /* "EndEntityServerAuthCertificate"; NULL: the report has none */
	const char *requested_by;             /* a service principal, or NULL */
	const char *revocation_reason;
	const char *seen_at;                  /* the endpoint of the configuration or probe that showed it last; NULL */
	const char *pem, *chain;              /* inventory_cert() only; NULL: not fetched */
	int64_t not_before, not_after, issued, revoked, seen;
	enum inventory_fate fate;
	bool by_subject_only;                 /* FATE_REPLACED, and no SANs have been compared */
};

/* A record of an audit report. */
struct inventory_record {
	const char *arn, *serial, *subject, *template_arn, *requested_by, *revocation_reason;
	int64_t not_before, not_after, issued, revoked;
};
/*
 * One report of one CA, in one transaction: begin, add a million times, end. keep false: nothing has happened. A
 * certificate that the report lacks stays (a report lists what has not been expired for long); details stay.
 */
status inventory_import_begin(struct inventory *i, const char *ca, struct error *err) MUST_USE;
status inventory_import_add(struct inventory *i, const struct inventory_record *r, struct error *err) MUST_USE;
status inventory_import_end(struct inventory *i, bool keep, int64_t report_at, size_t *added, size_t *changed, struct error *err) MUST_USE;

/* What GetCertificate gave: SANs and all that the certificate itself says. */
status inventory_put_details(struct inventory *i, const char *arn, const char *pem, const char *chain, struct error *err) MUST_USE;
/* A probe saw this certificate (hex SHA-256 of DER, or serial and issuer's key) at that endpoint. */
status inventory_put_seen(struct inventory *i, const char *serial, const char *issuer_public_key, const char *endpoint, int64_t at, struct error *err) MUST_USE;

enum inventory_sort { BY_EXPIRY, BY_NAME, BY_ISSUED, BY_SERIAL, BY_TEMPLATE, BY_FATE };
struct inventory_query {
	const char *ca;             /* NULL: all */
	const char *filter;         /* words, all must match: subject, SAN, serial (with or without colons), ARN, template; NULL: all */
	enum inventory_sort sort;
	bool descending;
	bool only_due, only_orphans;
	const char *const *renewed; /* names and SANs that the configuration renews: FATE_RENEWABLE */
	size_t renewed_len;
	int64_t now, soon;          /* due: ends before `soon` */
};
/* `limit` rows from `offset` on, in the caller's arena. */
status inventory_certs(struct inventory *i, const struct inventory_query *q, size_t offset, size_t limit, struct arena *a,
    struct inventory_cert **out, size_t *len, struct error *err) MUST_USE;
/* How many match; at_least: counting stopped at `most` (0: no bound). */
status inventory_count(struct inventory *i, const struct inventory_query *q, size_t most, size_t *out, bool *at_least, struct error *err) MUST_USE;
/* One, with its PEM; STATUS_OK and *out NULL: there is none. By ARN, or by serial of a CA. */
status inventory_cert(struct inventory *i, const char *arn, const struct inventory_query *q, struct arena *a, struct inventory_cert **out, struct error *err) MUST_USE;
const char *fate_word(enum inventory_fate f); /* "REPLACED" */

#endif
