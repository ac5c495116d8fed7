/* Roles: AssumeRole by another profile's key, and AssumeRoleWithWebIdentity by a token in a file (Kubernetes, GitHub). */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_internal.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

enum { WHOSE_MAX = QUOTE_MAX * 2 + 64 };

static void
add(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "&%s=", name);
	sigv4_encode(out, value, strlen(value), false);
}

static void
clear(struct buf *b)
{
	if (b->data != NULL)
		OPENSSL_cleanse(b->data, b->cap);
	buf_done(b);
}

/* AWS wants a name for the session, two characters at least, which CloudTrail shows. */
static void
add_role(struct buf *out, const struct credential_ask *a, const char *role, const char *session)
{
	char made[48];

	snprintf(made, sizeof made, "mtlscope-%lld", (long long)a->now);
	add(out, "RoleArn", role);
	add(out, "RoleSessionName", session != NULL && session[0] != '\0' ? session : made);
}

static bool
is_role(const struct credential_ask *a, const char *profile)
{
	return aws_profile_get(a->profiles, profile, "role_arn") != NULL &&
	    aws_profile_get(a->profiles, profile, "web_identity_token_file") == NULL;
}

static bool
has_keys(const struct credential_ask *a, const char *profile)
{
	return aws_profile_get(a->profiles, profile, "aws_access_key_id") != NULL ||
	    aws_profile_get(a->profiles, profile, "aws_secret_access_key") != NULL;
}

static enum credential_found
fail(struct aws_error *err, const char *profile, const char *why, const char *what)
{
	char shown[QUOTE_MAX], name[QUOTE_MAX];

	(void)aws_error_set(err, AWS_LOCAL, NULL, "profile “%s”: %s%s%s%s", quote_str(profile, shown), why, what != NULL ? " “" : "",
	    what != NULL ? quote_str(what, name) : "", what != NULL ? "”" : "");
	return CREDENTIAL_FAILED;
}

/* The three that credential_source can name, as they are spelled there. */
static const struct {
	const char *name;
	credential_provider *ask;
} sources[] = {
	{ "Environment", credentials_environment },
	{ "EcsContainer", credentials_container },
	{ "Ec2InstanceMetadata", credentials_instance },
};

static enum credential_found
from_source(struct credential_ask *a, const char *source, struct aws_credentials *out, struct aws_error *err)
{
	credential_provider *provider = NULL;
	struct credential_ask inner = *a;
	enum credential_found found;

	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		if (strcmp(sources[i].name, source) == 0)
			provider = sources[i].ask;
	}
	if (provider == NULL)
		return fail(err, a->profile, "credential_source is none of Environment, EcsContainer, Ec2InstanceMetadata:", source);
	inner.no_environment = false;
	found = provider(&inner, out, err);
	return found == CREDENTIAL_NOT_HERE ? fail(err, a->profile, "there are no credentials in its credential_source", source) : found;
}

/* A profile may name itself, to keep the key that assumes the role beside the role; any other way back is a loop. */
static bool
loops(const struct credential_ask *a, const char *source)
{
	for (size_t i = 0; i < a->visited_len; i++) {
		if (strcmp(a->visited[i], source) == 0)
			return strcmp(a->profile, source) != 0 || !has_keys(a, source);
	}
	return false;
}

static enum credential_found
from_profile(struct credential_ask *a, const char *source, struct aws_credentials *out, struct aws_error *err)
{
	struct credential_ask inner = *a;
	enum credential_found found;

	if (!aws_profile_exists(a->profiles, source))
		return fail(err, a->profile, "there is no profile of the name in its source_profile:", source);
	if (loops(a, source))
		return fail(err, a->profile, "its source_profile leads in a circle, through", source);
	if (a->visited_len == LIMIT_AWS_ROLES)
		return fail(err, a->profile, "more roles one through the other than AWS allows", NULL);
	inner.visited[inner.visited_len++] = source;
	inner.profile = source;
	inner.no_environment = true;
	if (!has_keys(a, source) && is_role(a, source))
		return credentials_role(&inner, out, err);
	found = credentials_of_profile(&inner, out, err);
	return found == CREDENTIAL_NOT_HERE ? fail(err, a->profile, "there are no credentials in its source_profile", source) : found;
}

static enum credential_found
from_either(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	const char *profile = credential_key(a, "source_profile"), *source = credential_key(a, "credential_source");

	if (profile != NULL && source != NULL)
		return fail(err, a->profile, "it has source_profile and credential_source; a role takes one of them", NULL);
	if (profile == NULL && source == NULL)
		return fail(err, a->profile, "it has role_arn, and neither source_profile nor credential_source to assume it with", NULL);
	return source != NULL ? from_source(a, source, out, err) : from_profile(a, profile, out, err);
}

static void
add_duration(struct buf *out, const char *text)
{
	char *end;
	long seconds = strtol(text, &end, 10);

	if (end != text && *end == '\0' && seconds > 0) /* what is no number is passed over, as in botocore */
		buf_addf(out, "&DurationSeconds=%ld", seconds);
}

enum credential_found
credentials_role(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	const char *role = credential_key(a, "role_arn"), *external = credential_key(a, "external_id");
	const char *duration = credential_key(a, "duration_seconds"), *mfa = credential_key(a, "mfa_serial");
	char whose[WHOSE_MAX], shown[QUOTE_MAX], profile[QUOTE_MAX];
	struct aws_credentials source = { .access_key = "" };
	struct buf parameters = { .data = NULL };
	enum credential_found found;

	if (!is_role(a, a->profile)) {
		credential_looked(a, "role_arn");
		return CREDENTIAL_NOT_HERE;
	}
	quote_str(a->profile, profile);
	snprintf(whose, sizeof whose, "role %s of profile “%s”", quote_str(role, shown), profile);
	if (mfa != NULL) {
		char word[CREDENTIAL_WORD_MAX];
		(void)aws_error_set(err, AWS_NO_CREDENTIALS, NULL, "%s wants the code of a device (mfa_serial), for which there is no "
		    "prompt here; run: eval \"$(aws configure export-credentials --profile %s --format env)\"", whose, credential_profile_word(a, word));
		return CREDENTIAL_FAILED;
	}
	if (a->visited_len == 0)
		a->visited[a->visited_len++] = a->profile;
	found = from_either(a, &source, err);
	if (found == CREDENTIAL_HERE) {
		add_role(&parameters, a, role, credential_key(a, "role_session_name"));
		if (external != NULL)
			add(&parameters, "ExternalId", external);
		if (duration != NULL)
			add_duration(&parameters, duration);
		found = credentials_from_sts(a, "AssumeRole", parameters.data, &source, whose, out, err) == STATUS_OK ? CREDENTIAL_HERE
		                                                                                                     : CREDENTIAL_FAILED;
		snprintf(out->from, sizeof out->from, "%.159s", whose);
	}
	clear(&parameters);
	aws_credentials_done(&source);
	return found;
}

/* The environment before the profile, each key for itself, as in botocore. */
static const char *
web_key(const struct credential_ask *a, const char *variable, const char *key)
{
	const char *value = a->no_environment ? NULL : credential_env(a, variable);

	return value != NULL ? value : credential_key(a, key);
}

enum credential_found
credentials_web_identity(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	const char *file = web_key(a, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
	const char *role = web_key(a, "AWS_ROLE_ARN", "role_arn");
	const char *session = web_key(a, "AWS_ROLE_SESSION_NAME", "role_session_name");
	char whose[WHOSE_MAX], shown[QUOTE_MAX], *token = NULL;
	struct buf parameters = { .data = NULL };
	enum credential_found found = CREDENTIAL_FAILED;

	if (file == NULL || file[0] == '\0') {
		credential_looked(a, "web identity");
		return CREDENTIAL_NOT_HERE;
	}
	if (role == NULL || role[0] == '\0') {
		(void)aws_error_set(err, AWS_LOCAL, NULL, "a web identity's token is named, and no role for it: set AWS_ROLE_ARN, or role_arn of the profile");
		return CREDENTIAL_FAILED;
	}
	snprintf(whose, sizeof whose, "role %s by web identity", quote_str(role, shown));
	if (credential_file(file, whose, &token, err) == STATUS_OK) { /* each time anew: who wrote it renews it */
		add_role(&parameters, a, role, session);
		add(&parameters, "WebIdentityToken", token);
		if (credentials_from_sts(a, "AssumeRoleWithWebIdentity", parameters.data, NULL, whose, out, err) == STATUS_OK)
			found = CREDENTIAL_HERE;
	}
	snprintf(out->from, sizeof out->from, "%.159s", whose);
	clear(&parameters);
	credential_forget(token);
	return found;
}
