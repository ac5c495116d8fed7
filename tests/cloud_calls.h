/* The lab's AWS in this process, and requests to it that a test signs itself, rightly or not. */
#ifndef TESTS_CLOUD_CALLS_H
#define TESTS_CLOUD_CALLS_H

#include <cJSON.h>
#include <stdint.h>

#include "aws/http.h"
#include "aws/sigv4.h"
#include "lab/cloud.h"

struct cloud_case {
	char *folder;
	struct cloud *cloud;
};
/* With a root of its own and nothing else: no authorities of a lab. Fails the test where it does not start. o NULL: defaults. */
void cloud_case_start(struct cloud_case *f, const struct cloud_options *o);
void cloud_case_restart(struct cloud_case *f, const struct cloud_options *o); /* the same folder */
void cloud_case_stop(struct cloud_case *f); /* and the folder goes */
/* A second connection to its database, as another process would have it; sqlite3_close(). */
sqlite3 *cloud_case_database(const struct cloud_case *f);

/* A request before and after it is signed. */
struct cloud_ask {
	const char *method, *path, *query, *service, *region, *target, *body; /* NULL: POST / "" acm-pca us-east-1 – "" */
	const char *url, *access_key, *secret, *token;                       /* NULL: the case's own; no token */
	int64_t at;                     /* seconds added to the clock when it is signed */
	const char *send_body;          /* sent instead of what was signed */
	const char *signed_only;        /* a header that is signed and not sent */
	const char *sent_only[2];       /* name, value: sent and not signed */
	const char *drop_signed;        /* taken out of SignedHeaders after signing: "host" */
	const char *scope[2];           /* in the Credential: this is replaced by that */
	const char *without;            /* this part of Authorization goes: "Signature=" */
	bool is_unsigned, form;         /* no Authorization at all; a form's Content-Type */
	const char *content_type;
};
struct cloud_said {
	int status;                     /* 0: no answer */
	char code[96], message[1200];
	char request_id[80], date[64];
	struct buf body;
	cJSON *json;                    /* NULL: none */
};
void cloud_say(const struct cloud_case *f, const struct cloud_ask *ask, struct cloud_said *out);
void cloud_said_done(struct cloud_said *s);

/* One operation of the private CA: its answer, or NULL with *said. The answer is said->json; single quotes in `json` become double ones. */
const cJSON *cloud_pca(const struct cloud_case *f, struct cloud_said *said, const char *operation, const char *json, ...) PRINTF_LIKE(4, 5);
/* Fails the test where it does not succeed; a string member of the answer, malloc'd, or NULL where member is NULL. */
char *cloud_pca_text(const struct cloud_case *f, const char *member, const char *operation, const char *json, ...) PRINTF_LIKE(4, 5);
/* Fails the test unless it is refused with this code; text: part of its message, or NULL. */
void cloud_pca_refuses(const struct cloud_case *f, const char *code, const char *text, const char *operation, const char *json, ...)
    PRINTF_LIKE(5, 6);
/* Asks again while it is in progress. The certificate's PEM, malloc'd. */
char *cloud_get_certificate(const struct cloud_case *f, const char *ca, const char *arn);
/* CREATING has passed: its CSR in PEM, malloc'd. */
char *cloud_get_csr(const struct cloud_case *f, const char *ca);
/* A root that is active (parent NULL), or a subordinate of `parent` with that path length: its ARN, malloc'd. */
char *cloud_active_ca(const struct cloud_case *f, const char *cn, const char *key_algorithm, const char *parent, int path_len);
char *cloud_base64(const char *text); /* malloc'd */
/* A CSR of a new P-256 key in base64 of PEM, with one DNS name; malloc'd. */
char *cloud_csr(const char *cn);

#endif
