/* What the providers of the credential chain share. Each is a row of the table in aws/credentials.c. */
#ifndef AWS_CREDENTIALS_INTERNAL_H
#define AWS_CREDENTIALS_INTERNAL_H

#include <cJSON.h>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "model/buf.h"

/* One walk along the chain. */
struct credential_ask {
	const struct aws_profiles *profiles;
	const struct world *world;
	const char *profile;       /* the one that is asked now: a source profile has its own turn */
	const char *in_force;      /* the one that the user named: endpoints and roots are looked up there */
	bool no_environment;       /* a profile was named explicitly, or is another's source */
	const char *region;        /* NULL: none is known */
	const atomic_bool *cancel;
	int64_t now;               /* seconds */
	unsigned roles;            /* assumed so far, one through the other */
	const char *visited[32];   /* profiles, by the roles in them */
	size_t visited_len;
	struct buf *looked;        /* each provider that has nothing adds where it looked: "AWS_ACCESS_KEY_ID (not set)" */
};

enum credential_found {
	CREDENTIAL_HERE,
	CREDENTIAL_NOT_HERE,       /* the next one is asked */
	CREDENTIAL_FAILED          /* it is configured, and does not work: *err says so, nobody else is asked */
};

/* *out is cleared; "from" is set by the provider. */
typedef enum credential_found credential_provider(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err);

credential_provider credentials_environment, credentials_role, credentials_web_identity, credentials_sso, credentials_shared,
    credentials_login, credentials_process, credentials_config, credentials_container, credentials_instance;

/* The providers that a profile has: for a role's source_profile. */
enum credential_found credentials_of_profile(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err);

/* "A, B (not there)": one more place that has none. */
void credential_looked(struct credential_ask *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *credential_env(const struct credential_ask *a, const char *name); /* NULL: not set, or empty */
const char *credential_key(const struct credential_ask *a, const char *key);  /* of the asked profile; NULL */

/* The asked profile's name as a word for a shell, for commands that a message names. */
enum { CREDENTIAL_WORD_MAX = 600 };
const char *credential_profile_word(const struct credential_ask *a, char out[CREDENTIAL_WORD_MAX]);

/*
 * Copies what is not NULL (token may be), where it fits and is what a key can be: printable ASCII without blanks; whatever
 * else would be sent in a header. `whose` is for messages; the value is never in them. AWS_LOCAL.
 */
status credential_take(const char *key, const char *secret, const char *token, const char *whose, struct aws_credentials *out,
    struct aws_error *err) MUST_USE;
/* "2026-11-29T22:00:00Z", and SSO's old "…UTC". */
bool credential_time(const char *text, int64_t *out);
/* Names of the fields in an answer; NULL: it has none. */
struct credential_fields {
	const char *key, *secret, *token, *expires;
	bool token_needed, expires_needed;
};
/* Out of JSON; `whose` says of whom. A missing field is AWS_ANSWER, and named. */
status credential_json(const cJSON *o, const struct credential_fields *f, const char *whose, struct aws_credentials *out,
    struct aws_error *err) MUST_USE;
/* Out of STS's XML: the element Credentials; NULL is AWS_ANSWER. */
struct xml_node;
status credential_xml(const struct xml_node *found, const char *whose, struct aws_credentials *out, struct aws_error *err) MUST_USE;
/* A small file with a secret in it, as text without blanks at its end; the caller clears and frees it (credential_forget()). */
status credential_file(const char *path, const char *whose, char **out, struct aws_error *err) MUST_USE;
void credential_forget(char *secret); /* NULL is legal */

/* Where a service is, by everybody's rules (aws/endpoint.h). region NULL: us-east-1, where STS answers for all. */
status credential_endpoint(const struct credential_ask *a, const struct aws_service *s, const char *region, char signing_region[AWS_REGION_MAX],
    struct aws_endpoint *out, struct aws_error *err) MUST_USE;
/* Between two tries; AWS_CANCELLED. */
status credential_pause(const struct credential_ask *a, unsigned ms, struct aws_error *err) MUST_USE;

/* STS, signed by these credentials (NULL: not signed). parameters: "&Name=value…", encoded. */
status credentials_from_sts(struct credential_ask *a, const char *action, const char *parameters, const struct aws_credentials *by,
    const char *whose, struct aws_credentials *out, struct aws_error *err) MUST_USE;

/* The container's address: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI on 169.254.170.2, or _FULL_URI; false: neither is set. */
bool credential_container_address(const struct credential_ask *a, struct buf *out);
/* Whether a container's address may be asked: https, or http to this host or to where ECS and EKS put it (botocore's list). */
bool credential_address_allowed(const char *url);

#endif
