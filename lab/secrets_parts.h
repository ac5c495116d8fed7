/* The lab's Secrets Manager: what its two files share. */
#ifndef LAB_SECRETS_PARTS_H
#define LAB_SECRETS_PARTS_H

#include "lab/query.h"

enum { SECRET_TOKEN_MOST = 64 };

struct secret_call {
	struct cloud *c;
	const struct cloud_request *q;
	struct cloud_reply *p;
	sqlite3 *db;
	char *arn, *name; /* of the secret, once it was found */
	int64_t deleted;  /* 0: it is there */
};

/* ---- lab/secrets.c ---- */

void secret_broken(struct secret_call *k); /* the disk: nothing of it is kept */
void secret_invalid(struct secret_call *k, const char *text);
/* SecretId is a name, an ARN, or an ARN without its random end. A deleted one is found only where `even_deleted`. False with *p. */
bool secret_find(struct secret_call *k, bool even_deleted);
cJSON *secret_described(struct secret_call *k); /* ARN and Name */

/* ---- lab/secrets_versions.c ---- */

struct secret_value {
	const char *text, *binary; /* binary: base64, as on the wire; both NULL: none was sent */
	char token[SECRET_TOKEN_MOST + 1];
};
bool secret_read_value(struct secret_call *k, struct secret_value *v); /* false with *p */
enum secret_known {
	SECRET_NEW,       /* the token names no version yet */
	SECRET_SAME,      /* it names one with this value: a request that was sent again, whose first try has done everything */
	SECRET_DIFFERENT  /* it names one with another value */
};
enum secret_known secret_known(struct secret_call *k, const struct secret_value *v);
/* A version that is new (secret_known()). False: the disk, with *p. */
bool secret_add_version(struct secret_call *k, const struct secret_value *v);
void secret_refuse_token(struct secret_call *k, const struct secret_value *v); /* SECRET_DIFFERENT */
/* Puts a stage on a version. Where AWSCURRENT leaves one, AWSPREVIOUS goes there. False: the disk. */
bool secret_stage_moves(struct secret_call *k, const char *stage, const char *version);
cJSON *secret_stages_of(struct secret_call *k, const char *version);
void secret_put_value(struct secret_call *k);
void secret_get_value(struct secret_call *k);
void secret_move_version_stage(struct secret_call *k);
void secret_list_versions(struct secret_call *k);

#endif
