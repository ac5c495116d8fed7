/* Keys that stand somewhere as they are: in the environment, in the shared files, in the cache of “aws login”. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/credentials_internal.h"
#include "model/quote.h"

enum credential_found
credentials_environment(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	const char *key = credential_env(a, "AWS_ACCESS_KEY_ID"), *token = credential_env(a, "AWS_SECURITY_TOKEN");
	const char *expires = credential_env(a, "AWS_CREDENTIAL_EXPIRATION");

	if (a->no_environment || key == NULL) {
		credential_looked(a, "%s", a->no_environment ? "environment (passed over: a profile is named)" : "environment");
		return CREDENTIAL_NOT_HERE;
	}
	if (token == NULL) /* the older name goes first, as in botocore */
		token = credential_env(a, "AWS_SESSION_TOKEN");
	if (credential_env(a, "AWS_SECRET_ACCESS_KEY") == NULL) {
		(void)aws_error_set(err, AWS_LOCAL, NULL, "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not: set both or neither");
		return CREDENTIAL_FAILED;
	}
	if (credential_take(key, credential_env(a, "AWS_SECRET_ACCESS_KEY"), token, "the environment", out, err) != STATUS_OK)
		return CREDENTIAL_FAILED;
	if (expires != NULL && !credential_time(expires, &out->expires)) {
		(void)aws_error_set(err, AWS_LOCAL, NULL, "AWS_CREDENTIAL_EXPIRATION is no time like 2026-01-01T00:00:00Z");
		return CREDENTIAL_FAILED;
	}
	snprintf(out->from, sizeof out->from, "the environment");
	return CREDENTIAL_HERE;
}

/* aws_access_key_id and its kin in one of the two files. */
static enum credential_found
from_file(struct credential_ask *a, enum aws_profile_file file, struct aws_credentials *out, struct aws_error *err)
{
	const char *key = aws_profile_get_from(a->profiles, file, a->profile, "aws_access_key_id");
	const char *secret = aws_profile_get_from(a->profiles, file, a->profile, "aws_secret_access_key");
	const char *token = aws_profile_get_from(a->profiles, file, a->profile, "aws_security_token");
	const char *name = aws_profile_file_name(a->profiles, file), *lacks = aws_profile_file_lacks(a->profiles, file);
	char shown[QUOTE_MAX], whose[QUOTE_MAX * 3];

	if (key == NULL) {
		if (lacks == NULL && secret != NULL)
			lacks = "a secret key without aws_access_key_id";
		credential_looked(a, lacks != NULL ? "%s (%s)" : "%s", name, lacks);
		return CREDENTIAL_NOT_HERE;
	}
	snprintf(whose, sizeof whose, "profile “%s” in %s", quote_str(a->profile, shown), name);
	if (token == NULL)
		token = aws_profile_get_from(a->profiles, file, a->profile, "aws_session_token");
	if (credential_take(key, secret, token, whose, out, err) != STATUS_OK)
		return CREDENTIAL_FAILED;
	snprintf(out->from, sizeof out->from, "%.159s", whose);
	return CREDENTIAL_HERE;
}

enum credential_found
credentials_shared(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	return from_file(a, AWS_FILE_CREDENTIALS, out, err);
}

enum credential_found
credentials_config(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	return from_file(a, AWS_FILE_CONFIG, out, err);
}

/* ~/.aws/login/cache/<SHA-256 of the session's name>.json (botocore/utils.py LoginTokenLoader). The caller frees. */
static char *
login_file(const struct credential_ask *a, const char *session)
{
	const char *folder = credential_env(a, "AWS_LOGIN_CACHE_DIRECTORY");
	char *expanded = aws_path_expand(a->world, folder != NULL ? folder : "~/.aws/login/cache");
	struct buf path = { .data = NULL };
	char hash[SIGV4_SHA256_HEX];

	sigv4_hash(session, strlen(session), hash);
	buf_addf(&path, "%s/%s.json", expanded, hash);
	free(expanded);
	return path.data;
}

/*
 * What “aws login” left. It is taken as it is while it lasts: renewing it would mean to write into a file of another program,
 * and it is one command for the user.
 */
enum credential_found
credentials_login(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	static const struct credential_fields fields = { .key = "accessKeyId", .secret = "secretAccessKey", .token = "sessionToken",
	    .expires = "expiresAt", .token_needed = true, .expires_needed = true };
	const char *session = credential_key(a, "login_session");
	struct aws_error why = { .kind = AWS_FINE };
	enum credential_found found = CREDENTIAL_FAILED;
	char shown[QUOTE_MAX], whose[QUOTE_MAX * 2], word[CREDENTIAL_WORD_MAX], *path, *text = NULL;
	cJSON *token = NULL;

	if (session == NULL)
		return CREDENTIAL_NOT_HERE;
	quote_str(a->profile, shown);
	snprintf(whose, sizeof whose, "login_session of profile “%s”", shown);
	path = login_file(a, session);
	if (credential_file(path, whose, &text, &why) == STATUS_OK)
		token = cJSON_Parse(text);
	if (token == NULL)
		(void)aws_error_set(err, AWS_NO_CREDENTIALS, NULL, "%s: nobody is logged in; run: aws login --profile %s", whose, credential_profile_word(a, word));
	else if (credential_json(cJSON_GetObjectItemCaseSensitive(token, "accessToken"), &fields, whose, out, err) != STATUS_OK)
		; /* it is said */
	else if (out->expires <= a->now)
		(void)aws_error_set(err, AWS_NO_CREDENTIALS, NULL, "%s has ended; run: aws login --profile %s", whose, credential_profile_word(a, word));
	else
		found = CREDENTIAL_HERE;
	snprintf(out->from, sizeof out->from, "%.159s", whose);
	aws_json_forget(token);
	credential_forget(text);
	free(path);
	return found;
}
