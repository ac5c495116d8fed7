/* What the files of the lab's AWS share among themselves; the services see lab/cloud.h. */
#ifndef LAB_CLOUD_INTERNAL_H
#define LAB_CLOUD_INTERNAL_H

#include <microhttpd.h>

#include "lab/cloud.h"

enum { CLOUD_ACCESS_KEY = 21, CLOUD_SECRET = 41 };

struct pca;

struct cloud {
	struct cloud_options o;
	char *folder, *objects;     /* the lab's own, and "objects" in it */
	sqlite3 *db;
	struct MHD_Daemon *daemon;
	int listener;               /* until the daemon has it */
	uint16_t port;
	char url[40];
	char access_key[CLOUD_ACCESS_KEY], secret[CLOUD_SECRET];
	struct pca *pca;            /* the private CA's worker and rates (lab/pca.h) */
};

/* A request as it came, whoever sent it. */
struct cloud_raw {
	const char *method, *path, *query;
	const struct cloud_header *headers;
	size_t headers_len;
	const unsigned char *body;  /* NUL follows it */
	size_t body_len;
};

/* Answers any request at all: who may, which service, in one transaction. *p starts zeroed; its body is the caller's (buf_done). */
void cloud_answer(struct cloud *c, const struct cloud_raw *raw, struct arena *a, struct cloud_reply *p);

/* One whose sender is known: its JSON is read, then the service answers in one transaction. */
void cloud_serve_request(struct cloud *c, const struct cloud_service *s, struct cloud_request *q, const struct cloud_raw *raw, struct cloud_reply *p);

/* ---- lab/cloud_database.c ---- */

/*
 * cloud.db in the folder, made where it is missing; NULL with *err: damaged, or its tables are not this version's. Each thread has
 * its own.
 */
sqlite3 *cloud_open_database(const char *folder, struct error *err);
/* All tables, where they are missing. */
bool cloud_make_tables(sqlite3 *db);
/* A start that failed within its transaction, in words. */
status cloud_cannot_fill(sqlite3 *db, struct error *err);

/* ---- lab/cloud_auth.c ---- */

extern const char cloud_keys_table[];
bool cloud_keys_prepare(struct cloud *c);
/* Fills caller, account, region, may_all of *q. False: *p says why not. */
bool cloud_authenticate(struct cloud *c, const struct cloud_raw *raw, const struct cloud_service *s, struct cloud_request *q,
    struct cloud_reply *p);
/* The signing name in the scope that the request claims, in the arena; NULL: it is not signed. */
const char *cloud_claimed_service(const struct cloud_raw *raw, struct arena *a);

/* ---- lab/cloud_services.c ---- */

extern const struct cloud_service *const cloud_services[];
extern const size_t cloud_services_len;

/* ---- lab/cloud_http.c ---- */

status cloud_listen(struct cloud *c, struct error *err) MUST_USE;   /* binds: the port is known from then on */
status cloud_serve_http(struct cloud *c, struct error *err) MUST_USE; /* answers */
void cloud_hang_up(struct cloud *c);

const char *cloud_raw_header(const struct cloud_raw *raw, const char *name);
int64_t cloud_real_now(void); /* seconds, of this machine's clock: signatures and windows of time go by it */

#endif
