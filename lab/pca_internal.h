/* What the files of the lab's private CA share. */
#ifndef LAB_PCA_INTERNAL_H
#define LAB_PCA_INTERNAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lab/pca.h"
#include "lab/pca_issuing.h"

/* What a CA can be; the database has AWS's word for it, but EXPIRED, which is worked out. */
enum pca_state {
	PCA_CREATING = 1 << 0,
	PCA_PENDING = 1 << 1,
	PCA_ACTIVE = 1 << 2,
	PCA_DISABLED = 1 << 3,
	PCA_EXPIRED = 1 << 4,
	PCA_DELETED = 1 << 5,
	PCA_FAILED = 1 << 6
};
const char *pca_state_word(enum pca_state s); /* "PENDING_CERTIFICATE" */

/* A row of pca_ca, in an arena. NULL and 0 where nothing is. */
struct pca_ca {
	int64_t id;
	const char *uuid, *arn, *account, *region;
	const char *type, *usage, *storage, *failure;
	enum pca_state state;          /* as it shows: EXPIRED hides ACTIVE and DISABLED */
	enum pca_state stored;
	int64_t created, changed, restorable_until, not_before, not_after, report_at;
	const char *configuration, *revocation; /* AWS's JSON */
	const char *csr, *certificate, *chain, *serial, *policy;
};

/* What an issued certificate's row can be. */
enum pca_cert_state {
	PCA_CERT_PENDING,  /* asked for, to be signed */
	PCA_CERT_ISSUED,
	PCA_CERT_FAILED,
	PCA_CERT_UNSIGNED  /* of --certificates: signed when it is asked for */
};
/* A row of pca_cert. */
struct pca_cert {
	int64_t id, ca;
	enum pca_cert_state state;
	unsigned char serial[16];
	int64_t not_before, not_after, issued, revoked; /* revoked 0: not */
	int64_t asked_for_ms;          /* when IssueCertificate came, by this machine's clock */
	bool asked;                    /* GetCertificate has come */
	const char *subject, *template_name, *pem, *request;
};

struct pca_bucket {
	double tokens;
	uint64_t at_us;
};

enum { PCA_OPERATIONS = 23 };
struct pca {
	struct cloud *cloud;
	/* The worker's. */
	pthread_t thread;
	bool running;
	sqlite3 *db;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool work;                     /* under the lock */
	atomic_bool stop;
	atomic_bool finished;          /* something that the server's thread has to take over */
	/* The server thread's. */
	bool wants_work;               /* this request leaves some behind */
	struct pca_bucket buckets[PCA_OPERATIONS];
};

/* One call of an operation. */
struct pca_call {
	struct cloud *c;
	sqlite3 *db;
	const struct cloud_request *q;
	struct cloud_reply *p;
	struct arena *a;
	struct pca_ca *ca;             /* that the request names; NULL where the operation names none */
};

/* ---- small things ---- */
const char *pca_in_text(const struct pca_call *k, const char *member);   /* NULL: absent */
const cJSON *pca_in(const struct pca_call *k, const char *member);       /* NULL: absent or null */
unsigned char *pca_in_blob(const struct pca_call *k, const char *member, size_t *len); /* decoded, NUL follows; in the arena */
unsigned char *pca_base64(struct arena *a, const char *text, size_t *len);
/* Pages: what MaxResults and NextToken say. False: InvalidNextTokenException. */
bool pca_page(struct pca_call *k, const char *what, int64_t most, int64_t *after, int64_t *limit);
void pca_page_next(struct pca_call *k, cJSON *out, const char *what, int64_t after);
int64_t pca_ms(void);              /* this machine's clock */
void pca_hex(const unsigned char *bytes, size_t len, const char *between, char *out); /* "00:11", or "0011" */

/* ---- lab/pca_store.c ---- */
extern const char pca_tables[];
bool pca_store_prepare(struct cloud *c);
/* By ARN; NULL: none, or it is gone for good. */
struct pca_ca *pca_load(sqlite3 *db, struct arena *a, const char *arn, int64_t now);
struct pca_ca *pca_load_id(sqlite3 *db, struct arena *a, int64_t id, int64_t now);
struct pca_ca *pca_load_row(sqlite3_stmt *s, struct arena *a, int64_t now); /* of “SELECT PCA_CA_COLUMNS” */
#define PCA_CA_COLUMNS                                                                                                                      \
	"id, uuid, arn, account, region, type, usage, storage, failure, status, created, changed, restorable_until, not_before, not_after, " \
	"report_at, configuration, revocation, csr, certificate, chain, serial, policy"
EVP_PKEY *pca_key_of(sqlite3 *db, int64_t ca);            /* the caller's; NULL: it has none yet */
bool pca_key_bytes(EVP_PKEY *key, unsigned char **der, size_t *len); /* PKCS#8; OPENSSL_clear_free() it */
cJSON *pca_json_of(const struct pca_ca *ca);              /* CertificateAuthority */
X509 *pca_x509(const char *pem);                          /* the first one in it; the caller's */
char *pca_pem(X509 *x, struct arena *a);                  /* without the newline at its end, as AWS has it */
char *pca_name_text(const X509_NAME *name, struct arena *a); /* RFC 2253, unknown ones as #hex: the audit report's subject */
int64_t pca_time(const ASN1_TIME *t);
bool pca_cert_load(sqlite3 *db, struct arena *a, int64_t ca, const unsigned char serial[16], struct pca_cert *out);
/* 32 digits or less of hex, colons between or not, into 16 bytes. */
bool pca_serial_parse(const char *text, unsigned char out[16]);

/* ---- lab/pca_access.c ---- */
bool pca_may(struct pca_call *k, const char *operation, const char *arn);
bool pca_too_fast(struct pca *p, size_t operation, unsigned per_second);
/* The same token for the same request within five minutes: *arn is what it made. False: refused. */
bool pca_token_find(struct pca_call *k, const char **arn);
bool pca_token_keep(struct pca_call *k, const char *arn);

/* ---- lab/pca_authority.c ---- */
void pca_fault_reply(struct pca_call *k, const struct pca_fault *fault);
/* The CA's own certificate: its row takes over what it says. chain NULL: a root. */
bool pca_put_certificate(sqlite3 *db, struct arena *a, const struct pca_ca *ca, X509 *x, const char *chain, const char *state, int64_t now);

/* ---- operations ---- */
typedef void pca_operation(struct pca_call *k);
pca_operation pca_create, pca_describe, pca_list, pca_update, pca_delete, pca_restore, pca_tell_csr, pca_tell_ca_certificate, pca_import;
pca_operation pca_issue, pca_get, pca_revoke;
pca_operation pca_report_create, pca_report_describe;
pca_operation pca_permission_create, pca_permission_delete, pca_permission_list, pca_policy_get, pca_policy_put, pca_policy_delete, pca_tag,
    pca_untag, pca_tags;
bool pca_tags_add(struct pca_call *k, int64_t ca, const cJSON *tags); /* false: refused */

/* ---- lab/pca_signing.c: rows that are to be signed ---- */
struct pca_order {
	struct pca_signing s;
	X509 *ca;
	EVP_PKEY *key;
};
/* Of IssueCertificate's own JSON; s.template NULL: it names none. pca_order_done() frees. */
void pca_order_read(struct pca_order *o, sqlite3 *db, struct arena *a, const struct pca_ca *ca, const cJSON *request, int64_t now,
    const unsigned char serial[16]);
void pca_order_done(struct pca_order *o);
/* Signs it, or writes down why not. On any thread, within its transaction. False: the database. */
bool pca_sign_row(struct cloud *c, sqlite3 *db, const struct pca_cert *row);
void pca_urls(struct cloud *c, const struct pca_ca *ca, struct arena *a, const char **crl, const char **ocsp);

/* ---- lab/pca_revocation.c ---- */
/* What a RevocationConfiguration says. */
struct pca_lists {
	bool crl, ocsp, omitted, partitioned;
	const char *bucket, *key;      /* of the list: "crl/UUID.crl" */
	const char *cname, *ocsp_cname;
	int64_t days;
};
void pca_lists_read(const cJSON *revocation, const struct pca_ca *ca, struct arena *a, struct pca_lists *out);
/* RevocationConfiguration's rules; out: as Describe shows it. NULL: refused. */
char *pca_revocation_check(struct pca_call *k, const cJSON *given, const char *present);
int pca_reason_code(const char *name); /* RFC 5280's number of AWS's word; -1: UNSPECIFIED */
void pca_crl_stale(sqlite3 *db, int64_t ca);

/* ---- lab/pca_worker.c ---- */
void pca_worker_wants(struct pca_call *k);
/* An event, kept with what it tells of, that goes out with the server thread's next request. */
bool pca_tell(sqlite3 *db, const char *detail_type, const char *ca, const char *what, bool success, const char *reason);
/* ---- lab/pca_report.c: on the worker's thread, then on the server's ---- */
bool pca_report_work(struct cloud *c, sqlite3 *db);
void pca_report_settle(struct cloud *c);

/* ---- lab/pca_bulk.c ---- */
/* So many rows of certificates that are not signed, for this CA; those that are there already count. */
bool pca_bulk(struct cloud *c, const struct pca_ca *ca, uint64_t certificates);
/* IssueCertificate's JSON for such a row, with a CSR of a new key; NULL: OpenSSL did not. */
cJSON *pca_bulk_request(const struct pca_cert *row, const struct pca_ca *ca);

#endif
