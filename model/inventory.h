/*
 * The inventory: private CAs, their hierarchy, every certificate that they issued, where each was seen. One SQLite
 * database (WAL), $XDG_STATE_HOME/mtlscope/inventory.db, 0600. A million certificates are rows there: only what is asked
 * for is loaded. One connection per thread: a handle is not shared. Times: seconds since the epoch, TIME_UNKNOWN.
 * Strings are raw bytes of the outside: what shows them makes them printable. Every call may fail with ERROR_LOCAL (no
 * disk, a damaged database, one that another program holds for long) and with ERROR_NOT_DONE after inventory_interrupt().
 */
#ifndef MODEL_INVENTORY_H
#define MODEL_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/memory.h"
#include "model/world.h"

struct inventory; /* model/inventory_internal.h */
/*
 * path NULL: the state folder's own, made 0700 where it is missing. Two programs may have it open. A damaged database, or
 * one of a newer mtlscope, is an error (ERROR_LOCAL) and stays as it is.
 */
status inventory_open(const char *path, const struct world *w, struct inventory **out, struct error *err) MUST_USE;
/* The state folder's own, whose folders are made; lab: the one beside it for what a practice lab holds, which must not mix with it. */
struct buf;
status inventory_path(const struct world *w, bool lab, struct buf *path, struct error *err) MUST_USE;
bool inventory_exists(const char *path, const struct world *w); /* a file of that name is there; nothing is made or opened */
void inventory_close(struct inventory *i); /* NULL is legal */
/* From another thread: the call that runs there ends with ERROR_NOT_DONE, and nothing is half done. */
void inventory_interrupt(struct inventory *i);
/* Another number than before: somebody, this program or another, has changed something. 0: it cannot be read. */
int64_t inventory_generation(struct inventory *i);
/*
 * Orders and counts that an import left to be worked out are worked out now (1 to 2 s for a million certificates). Who
 * imports calls it at the end of all; where nobody did, the first query does it.
 */
status inventory_settle(struct inventory *i, struct error *err) MUST_USE;

struct inventory_ca {
	const char *arn, *account, *region;   /* account: the configuration's name of it, or the number */
	const char *parent;                   /* the ARN of the CA that issued its certificate; NULL: a root, or unknown */
	const char *name;                     /* common name, else the whole subject */
	const char *subject, *type, *status, *usage_mode, *key_algorithm, *serial;
	const char *pem, *chain;              /* its certificate; NULL: not fetched */
	const char *public_key;               /* hex SHA-256 of its SubjectPublicKeyInfo; NULL as above */
	int64_t created, not_before, not_after, restorable_until, synced, report_at; /* report_at: the audit report's age */
	const char *report_bucket;            /* where its reports lie; NULL: not known, and put_ca keeps what is there */
	int64_t report_asked;                 /* when we last asked AWS for a report; TIME_UNKNOWN as above */
	int64_t issued, active, expiring;     /* counts by inventory_cas(): all; neither expired, revoked nor in the future; of these, ending before `soon` */
};
/* From when on AWS takes another request for a report (one per CA in 30 minutes, knowledge "aws" 1.3); TIME_UNKNOWN: at once. */
int64_t inventory_next_report(const struct inventory_ca *ca);
/*
 * Inserts or replaces by ARN. Counts and report_at (that is import's) are ignored; pem NULL keeps certificate, chain and key
 * that are there; name, public_key and parent are worked out from the certificate (signatures are checked), else from the subject.
 */
status inventory_put_ca(struct inventory *i, const struct inventory_ca *ca, struct error *err) MUST_USE;
/* All, parents before children, siblings by name. */
status inventory_cas(struct inventory *i, int64_t now, int64_t soon, struct arena *a, struct inventory_ca **out, size_t *len, struct error *err) MUST_USE;

enum inventory_fate {
	FATE_VALID,       /* not due */
	FATE_REPLACED,    /* due or expired, and one that ends later, not revoked, with the same names and issuer is there */
	FATE_ACM,         /* due, and ACM renews it */
	FATE_REVOKED,     /* whenever it ends */
	FATE_RENEWABLE,   /* due, and an entry of the configuration renews it from here */
	FATE_ORPHAN,      /* due, and nobody renews it */
	FATE_EXPIRED,     /* ended, longer ago than `expired_matters`, and nothing of the above */
	FATE_LEN
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
	const char *arn, *serial;             /* one of both, the other follows from it. serial: hex with or without colons, or decimal */
	const char *subject, *template_arn, *requested_by, *revocation_reason; /* NULL: absent */
	int64_t not_before, not_after, issued, revoked; /* TIME_UNKNOWN: absent */
};
/*
 * One report of one CA, in one transaction: begin, add a million times, end. keep false: nothing has happened. A
 * certificate that the report lacks stays (a report lists what has not been expired for long); details stay. The CA must be
 * known (inventory_put_ca()). add: ERROR_INPUT, without a word of where, for a record that is none; the import can go on or
 * be given up. report_at TIME_UNKNOWN: it was no report (a certificate that was just issued): the report's age stays.
 * Where begin succeeded, end must follow; it fails where keep could not be done, and then nothing has happened.
 */
status inventory_import_begin(struct inventory *i, const char *ca, struct error *err) MUST_USE;
status inventory_import_add(struct inventory *i, const struct inventory_record *r, struct error *err) MUST_USE;
status inventory_import_end(struct inventory *i, bool keep, int64_t report_at, size_t *added, size_t *changed, struct error *err) MUST_USE;

/* What GetCertificate gave: SANs and all that the certificate itself says. chain NULL: none. ERROR_INPUT: no certificate, or of another serial. */
status inventory_put_details(struct inventory *i, const char *arn, const char *pem, const char *chain, struct error *err) MUST_USE;
/*
 * A probe saw this certificate at that endpoint: its serial, and hex SHA-256 of the SubjectPublicKeyInfo of its issuer (NULL: any CA).
 * One that the inventory does not have is no failure.
 */
status inventory_put_seen(struct inventory *i, const char *serial, const char *issuer_public_key, const char *endpoint, int64_t at, struct error *err) MUST_USE;

enum inventory_sort { BY_EXPIRY, BY_NAME, BY_ISSUED, BY_SERIAL, BY_TEMPLATE, BY_FATE };
struct inventory_query {
	const char *ca;             /* NULL: all */
	/*
	 * Words, all must match, in any case, anywhere in subject or SANs; in the serial, with or without colons, from four digits on
	 * ("add" and "fee" are words); in the template's name, where it is more than a part of "Certificate"; in the ARN, where it has
	 * a colon or slash in it, or is eight characters of the CA's id. NULL: all.
	 */
	const char *filter;
	enum inventory_sort sort;
	bool descending;
	bool only_due, only_orphans;
	const char *const *renewed; /* names and SANs that the configuration renews: FATE_RENEWABLE */
	size_t renewed_len;
	int64_t now, soon;          /* due: ends before `soon` */
	int64_t expired_matters;    /* seconds: who ended longer ago is FATE_EXPIRED, no orphan, and not due; 0: 30 days */
};
/* Is this one of these names? Compared without case, a SAN ("DNS:a, IP:…") without its kind. name and sans may be NULL. */
bool inventory_is_named(const char *const *names, size_t names_len, const char *name, const char *sans);

/* `limit` rows from `offset` on, in the caller's arena. */
status inventory_certs(struct inventory *i, const struct inventory_query *q, size_t offset, size_t limit, struct arena *a,
    struct inventory_cert **out, size_t *len, struct error *err) MUST_USE;
/*
 * How many match; at_least: counting stopped at `most` (0: no bound). Of a million rows, 10,000 are counted within 30 ms, all within a
 * second where each has to be looked at (words of four letters and more): a screen asks with a bound.
 */
status inventory_count(struct inventory *i, const struct inventory_query *q, size_t most, size_t *out, bool *at_least, struct error *err) MUST_USE;
/* How many of each fate among those that match. */
status inventory_fates(struct inventory *i, const struct inventory_query *q, size_t out[FATE_LEN], struct error *err) MUST_USE;
/*
 * One, with its PEM; STATUS_OK and *out NULL: there is none. By ARN, or by serial: of the CA of q->ca, NULL: of the first that
 * has it. Of q only ca, renewed and the times count.
 */
status inventory_cert(struct inventory *i, const char *arn, const struct inventory_query *q, struct arena *a, struct inventory_cert **out, struct error *err) MUST_USE;
const char *fate_word(enum inventory_fate f); /* "REPLACED" */

#endif
