/*
 * Brings the inventory up to date from AWS: CAs with their certificates, and each CA's newest audit report, streamed from
 * S3 into the import. Nothing is changed outside unless the caller says so (`ask`). Blocks: a worker thread with an
 * inventory handle of its own calls it.
 */
#ifndef PROBES_INVENTORY_SYNC_H
#define PROBES_INVENTORY_SYNC_H

#include <stdatomic.h>

#include "aws/client.h"
#include "model/inventory.h"

/* An account and region. They are gone through one after the other. */
struct sync_account {
	struct aws_client *client; /* borrowed */
	const char *name;          /* what inventory_ca.account says: the configuration's name; NULL: the account's number */
	const char *bucket;        /* of audit reports; NULL: where the CA's lay last time, else the bucket of its CRL */
};

enum sync_step { SYNC_LISTING, SYNC_CA, SYNC_ASKING, SYNC_READING, SYNC_SETTLING, SYNC_STEPS };
struct sync_progress {
	enum sync_step step;
	const char *what;          /* static: "reading the report" */
	const char *ca;            /* its name, raw; NULL: none in particular */
	size_t account, accounts;  /* which one of how many, from 0 */
	size_t index, cas;         /* which CA of this account's, from 0 */
	int64_t done, of;          /* SYNC_READING: bytes; SYNC_ASKING: tries; of 0: not known */
	size_t records;            /* read of this report so far */
};

struct sync_options {
	const struct sync_account *accounts;
	size_t len;
	const char *only_ca;       /* ARN; NULL: all, those shared by other accounts too */
	bool ask;                  /* a change outside: asks for a new report where AWS takes it now, and waits for it */
	const char *format;        /* of it: "JSON", "CSV"; NULL: JSON */
	const struct world *world; /* the real one */
	const atomic_bool *cancel; /* what is imported whole by then stays; or NULL */
	void (*tell)(void *user, const struct sync_progress *p); /* at most some 20 times a second, on the caller's thread; or NULL */
	void *user;
};

/* What became of one CA. In the caller's arena. */
struct sync_ca {
	const char *arn, *name, *where; /* where: aws_client_where() */
	size_t added, changed;
	bool read;                 /* a report was imported now; else the newest was in already, or there was none */
	bool asked;                /* AWS was asked for a new one */
	int64_t report_at;         /* age of what we know; TIME_UNKNOWN: no report ever */
	int64_t next_report;       /* from then on a new one may be asked for; TIME_UNKNOWN: now */
	const char *note;          /* one printable line: why there is no report; NULL */
	const char *problem;       /* one printable line: what failed; NULL */
};
struct sync_result {
	struct sync_ca *cas;
	size_t len;
	const char **problems;     /* of whole accounts: they could not be listed */
	size_t problems_len;
	bool cancelled;
};

/* STATUS_OK also where some of it failed: *out says what. STATUS_FAILED: the database failed, or no account could be listed at all. */
status inventory_sync(struct inventory *i, const struct sync_options *o, struct arena *a, struct sync_result *out, struct error *err) MUST_USE;

/* Details on demand: GetCertificate of one, kept in the inventory. Of one whose PEM is there nobody is asked. */
status inventory_fetch(struct inventory *i, struct aws_client *c, const char *arn, struct error *err) MUST_USE;

#endif
