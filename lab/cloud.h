/*
 * The lab's AWS: one HTTP server on loopback (libmicrohttpd, a thread of its own), SigV4 verified in full, and behind it
 * the services, each in AWS's own protocol. State is one SQLite database in the lab's folder, so that it survives a kill
 * at any moment. A service is a row of cloud_services[] (lab/cloud.c).
 */
#ifndef LAB_CLOUD_H
#define LAB_CLOUD_H

#include <cJSON.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"
#include "model/error.h"
#include "model/memory.h"
#include "model/world.h"

/* What everybody who points a client at the lab uses. */
#define CLOUD_ACCOUNT "111122223333"
#define CLOUD_REGION "us-east-1"
#define CLOUD_BUCKET "mtlscope-lab" /* versioned, there from the start: for lists, reports, trust stores */

struct cloud_options {
	const char *dir;        /* the lab's folder: "cloud.db" is there, and "objects/" for S3's bodies */
	uint16_t port;          /* 0: any */
	bool throttle;          /* --throttle: the rates of knowledge "aws" 1.3 */
	bool no_report_limit;   /* --no-throttle: audit reports as often as asked for */
	uint64_t certificates;  /* --certificates N: the issuing CA is filled with N, not signed each */
	const struct world *world; /* the lab's clock: what is issued is dated by it. Signatures are checked against the real one */
	struct authority *authority; /* the lab's own CAs and what they issued become the private CA's; NULL: it starts empty */
	uint64_t seed;          /* of the lab: whose authorities they are, in a database that several labs have used */
};

struct cloud;
struct authority;
/*
 * Can what an earlier lab left in this folder be gone on with? Asked before anything is written there: where it cannot, all stays as
 * it is.
 */
status cloud_look(const char *dir, struct error *err) MUST_USE;
/*
 * The keys that CAs of a lab with this seed had when this folder was last used, handed to its authority. Before that makes
 * any certificate.
 */
void cloud_kept_keys(const char *dir, uint64_t seed, struct authority *authority);
/*
 * Opens or makes the database, fills it where it is new, listens. Call it after the lab has forked. Where it has been
 * there before it listens at the same port again if that is free: certificates name it.
 */
status cloud_start(const struct cloud_options *o, struct cloud **out, struct error *err) MUST_USE;
void cloud_stop(struct cloud *c); /* ends its threads; NULL is legal */
const char *cloud_url(const struct cloud *c);        /* "http://127.0.0.1:4566" */
const char *cloud_access_key(const struct cloud *c); /* of the account's administrator */
const char *cloud_secret(const struct cloud *c);

/* ---- what the services share ---- */

struct cloud_header {
	const char *name, *value;
};

/* A request whose signature is good. */
struct cloud_request {
	const char *method, *path, *query;  /* as on the wire; query "" where there is none */
	const struct cloud_header *headers; /* cloud_header() */
	size_t headers_len;
	const unsigned char *body;          /* whole; NUL follows it */
	size_t body_len;
	const char *service;                /* signing name of the scope: "acm-pca" */
	const char *operation;              /* JSON: after the target's dot. Query: Action. REST: NULL */
	const char *region, *account;       /* of the scope; of the access key */
	const char *caller;                 /* "arn:aws:iam::111122223333:user/admin" */
	bool may_all;                       /* an administrator; else the service's own rules say AccessDenied */
	const cJSON *json;                  /* JSON protocols: the body, an object */
	int64_t now;                        /* seconds, by the lab's clock */
	struct arena *arena;                /* of this request */
};

/* How a service says what went wrong: cloud_fail() and what is refused before the service is asked. */
enum cloud_protocol {
	CLOUD_JSON,      /* {"__type":…,"message":…} */
	CLOUD_QUERY,     /* <ErrorResponse> */
	CLOUD_S3,        /* <Error> */
	CLOUD_REST_JSON  /* x-amzn-ErrorType, {"message":…} */
};

struct cloud_reply {
	enum cloud_protocol protocol;       /* set before the service is asked */
	char request_id[37];                /* the same: x-amzn-RequestId goes out by itself */
	int status;                         /* 200 from the start */
	const char *content_type;           /* NULL: the protocol's own */
	struct buf body;
	struct cloud_header headers[16];    /* in the request's arena */
	size_t headers_len;
	char *file;                         /* not NULL: the body is this file (arena), for large objects */
};

const char *cloud_header(const struct cloud_request *q, const char *name); /* NULL: not sent; case does not matter */
void cloud_reply_header(struct cloud_reply *p, const char *name, const char *value);
/* JSON 1.x: the answer, taken over and freed. */
void cloud_reply_json(struct cloud_reply *p, cJSON *object);
/* AWS's code and text in the reply's protocol, and HTTP 400, or what the code's row says (lab/cloud_fault.c). */
void cloud_fail(struct cloud_reply *p, const char *code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* May the caller have the request's operation? False: it is refused, in AWS's words. service: as policies name it ("acm"). */
bool cloud_may(const struct cloud_request *q, const char *service, struct cloud_reply *p);

struct cloud_service {
	const char *signing;                /* "s3" */
	enum cloud_protocol protocol;       /* where the request has no X-Amz-Target: that is always CLOUD_JSON */
	const char *target;                 /* X-Amz-Target's first half, or NULL */
	const char *unsigned_operations;    /* " A B ": those that come without a signature (caller is NULL then), or NULL */
	const char *tables;                 /* SQL that makes them where they are missing, or NULL */
	bool (*prepare)(struct cloud *c);   /* at every start, once the tables are there; or NULL */
	/* One request within one transaction, which is committed where the reply is no 5xx. On the server's thread. */
	void (*serve)(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p);
};
extern const struct cloud_service cloud_acm_pca, cloud_s3, cloud_secretsmanager, cloud_ssm, cloud_elbv2, cloud_apigateway,
    cloud_cloudwatch, cloud_events, cloud_sts, cloud_acm;

/*
 * An access key that is good from now on, until `expires` (seconds by the real clock; 0: for ever); token NULL: none.
 * "arn:aws:sts::111122223333:assumed-role/ops/me" as caller, its account, and whether it may do everything there.
 */
bool cloud_key_add(struct cloud *c, const char *access_key, const char *secret, const char *token, int64_t expires,
    const char *account, const char *caller, bool may_all);
/* So many random characters of [A-Z2-7], and NUL: for keys and ids. */
void cloud_random(char *out, size_t len);
/* A random UUID, version 4. */
void cloud_uuid(char out[37]);
/* Percent-decoded value of a field of a query or of a form's body ("Action"), in the arena; NULL: it has none. */
const char *cloud_field(const char *form, const char *name, struct arena *a);
/* Escaped for XML's text. */
void cloud_xml(struct buf *out, const char *text);

sqlite3 *cloud_db(struct cloud *c);            /* the server thread's own; lab/sql.h */
const char *cloud_folder(const struct cloud *c); /* "…/objects": for files of what is stored */
const struct world *cloud_world(const struct cloud *c);
const struct cloud_options *cloud_settings(const struct cloud *c);
/* SQL of ours that cannot fail but for a full disk: false then, and the reply becomes InternalFailure. */
bool cloud_exec(struct cloud *c, const char *sql);

/* S3 from inside: the private CA's reports and lists, ELB's bundles (lab/s3.c). False: no such bucket, object, or no disk. */
bool cloud_s3_put(struct cloud *c, const char *bucket, const char *key, const void *bytes, size_t len, const char *content_type);
bool cloud_s3_get(struct cloud *c, const char *bucket, const char *key, const char *version, struct buf *out);
bool cloud_s3_has_bucket(struct cloud *c, const char *bucket);
/* Takes a finished file over as an object: for a report of a million lines. */
bool cloud_s3_adopt(struct cloud *c, const char *bucket, const char *key, const char *file, const char *content_type);
/* An event of source aws.acm-pca, to the rules that match it (lab/events.c). */
void cloud_event(struct cloud *c, const char *detail_type, const char *const resources[], size_t len, bool success, const char *reason);

#endif
