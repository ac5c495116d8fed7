/*
 * The lab's STS: who am I, and the temporary keys of a role. Any role of any account may be taken, since the lab's
 * administrator is trusted everywhere; two names are kept for practising refusals.
 */
#include <stdio.h>
#include <string.h>

#include "aws/lab_key.h"
#include "lab/cloud_internal.h"
#include "lab/query.h"
#include "model/times.h"

#define STS_XMLNS "https://sts.amazonaws.com/doc/2011-06-15/"

enum { KEY_TAIL = 16, SECRET = 40, TOKEN = 240, ROLE_ID_TAIL = 17, ACCOUNT_DIGITS = 12, SESSION_NAME_LEAST = 2, SESSION_NAME_MOST = 64,
	DURATION = 3600, DURATION_LEAST = 900, DURATION_MOST = 43200 };

/* Roles by whose names refusals are practised; every other one may do everything in its account. */
static const struct role_rule {
	const char *name;
	bool may_be_taken, may_all;
} role_rules[] = {
	{ .name = "nobody", .may_be_taken = true },
	{ .name = "untrusting" },
};

static void
get_caller_identity(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const cJSON *in)
{
	cJSON *out = cJSON_CreateObject();
	const char *role = strstr(q->caller, ":assumed-role/"), *session = strrchr(q->caller, '/');

	(void)c;
	(void)in;
	cJSON_AddStringToObject(out, "Arn", q->caller);
	cJSON_AddStringToObject(out, "UserId", role != NULL && session != NULL ? arena_printf(q->arena, "AROA%.*s:%s", ROLE_ID_TAIL,
	    "PRACTICELABROLE00", session + 1) : "AIDAPRACTICELABUSER00");
	cJSON_AddStringToObject(out, "Account", q->account);
	query_reply(q, p, STS_XMLNS, out);
}

/* "arn:aws:iam::111122223333:role/path/name": account and the name behind the path. False: it is none. */
static bool
read_role(const char *arn, char account[ACCOUNT_DIGITS + 1], const char **name)
{
	static const char *const partitions[] = { "arn:aws:iam::", "arn:aws-cn:iam::", "arn:aws-us-gov:iam::" };

	for (size_t i = 0; arn != NULL && i < sizeof partitions / sizeof partitions[0]; i++) {
		size_t len = strlen(partitions[i]);
		if (strncmp(arn, partitions[i], len) != 0)
			continue;
		arn += len;
		if (strspn(arn, "0123456789") != ACCOUNT_DIGITS || strncmp(arn + ACCOUNT_DIGITS, ":role/", 6) != 0)
			return false;
		memcpy(account, arn, ACCOUNT_DIGITS);
		account[ACCOUNT_DIGITS] = '\0';
		*name = strrchr(arn, '/') + 1;
		return **name != '\0';
	}
	return false;
}

static bool
session_name_fits(const char *name)
{
	size_t len = name != NULL ? strlen(name) : 0;

	return len >= SESSION_NAME_LEAST && len <= SESSION_NAME_MOST &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-") == len;
}

static void
reply_with_key(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const char *account, const char *caller, bool may_all,
    int64_t seconds, cJSON *out)
{
	char key[4 + KEY_TAIL + 1] = "ASIA" LAB_KEY_MARK, secret[SECRET + 1], token[TOKEN + 1], expires[TIME_TEXT_MAX];
	int64_t until = cloud_real_now() + seconds;
	cJSON *credentials = cJSON_AddObjectToObject(out, "Credentials");

	cloud_random(key + strlen(key), sizeof key - 1 - strlen(key));
	cloud_random(secret, SECRET);
	cloud_random(token, TOKEN);
	if (!cloud_key_add(c, key, secret, token, until, account, caller, may_all)) {
		cJSON_Delete(out);
		cloud_fail(p, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.");
		return;
	}
	cJSON_AddStringToObject(credentials, "AccessKeyId", key);
	cJSON_AddStringToObject(credentials, "SecretAccessKey", secret);
	cJSON_AddStringToObject(credentials, "SessionToken", token);
	cJSON_AddStringToObject(credentials, "Expiration", time_rfc3339(until, expires));
	query_reply(q, p, STS_XMLNS, out);
}

static void
assume_role(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const cJSON *in)
{
	const char *arn = given_text(in, "RoleArn"), *session = given_text(in, "RoleSessionName"), *name = NULL;
	struct role_rule rule = { .may_be_taken = true, .may_all = true };
	char account[ACCOUNT_DIGITS + 1];
	double seconds = DURATION;
	cJSON *out, *user;

	if (!read_role(arn, account, &name)) {
		cloud_fail(p, "ValidationError", "%s is invalid", arn != NULL ? arn : "RoleArn");
		return;
	}
	if (!session_name_fits(session)) {
		cloud_fail(p, "ValidationError", "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member "
		    "must satisfy regular expression pattern: [\\w+=,.@-]*", session != NULL ? session : "");
		return;
	}
	if (given(in, "DurationSeconds") != NULL && (!given_number(in, "DurationSeconds", &seconds) || seconds < DURATION_LEAST || seconds > DURATION_MOST)) {
		cloud_fail(p, "ValidationError", "The requested DurationSeconds is not between %d and %d seconds.", DURATION_LEAST, DURATION_MOST);
		return;
	}
	for (size_t i = 0; i < sizeof role_rules / sizeof role_rules[0]; i++)
		if (strcmp(role_rules[i].name, name) == 0)
			rule = role_rules[i];
	if (!q->may_all || !rule.may_be_taken) {
		cloud_fail(p, "AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", q->caller, arn);
		return;
	}
	out = cJSON_CreateObject();
	user = cJSON_AddObjectToObject(out, "AssumedRoleUser");
	const char *caller = arena_printf(q->arena, "arn:aws:sts::%s:assumed-role/%s/%s", account, name, session);
	cJSON_AddStringToObject(user, "Arn", caller);
	cJSON_AddStringToObject(user, "AssumedRoleId", arena_printf(q->arena, "AROAPRACTICELABROLE00:%s", session));
	reply_with_key(c, q, p, account, caller, rule.may_all, (int64_t)seconds, out);
}

static void
get_session_token(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const cJSON *in)
{
	(void)in;
	reply_with_key(c, q, p, q->account, q->caller, q->may_all, DURATION, cJSON_CreateObject());
}

static const struct {
	const char *name;
	void (*run)(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p, const cJSON *in);
} operations[] = {
	{ "GetCallerIdentity", get_caller_identity },
	{ "AssumeRole", assume_role },
	{ "GetSessionToken", get_session_token },
};

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	cJSON *in = query_form((const char *)q->body);

	for (size_t i = 0; in != NULL && i < sizeof operations / sizeof operations[0]; i++)
		if (q->operation != NULL && strcmp(operations[i].name, q->operation) == 0) {
			operations[i].run(c, q, p, in);
			cJSON_Delete(in);
			return;
		}
	cJSON_Delete(in);
	cloud_fail(p, "InvalidAction", "Could not find operation %s for version 2011-06-15", q->operation != NULL ? q->operation : "");
}

const struct cloud_service cloud_sts = {
	.signing = "sts",
	.protocol = CLOUD_QUERY,
	.serve = serve,
};
