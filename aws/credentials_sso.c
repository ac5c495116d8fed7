/* IAM Identity Center: the token that “aws sso login” left, changed into the credentials of a role in an account. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/credentials_internal.h"
#include "model/memory.h"
#include "model/quote.h"

/* Its portal has an endpoint of its own (botocore's service “sso”); nothing is signed there. */
static const struct aws_service sso_portal = { .id = "SSO", .prefix = "portal.sso", .signing = "awsssoportal",
	.protocol = AWS_PROTOCOL_REST };

struct sso {
	const char *session;  /* [sso-session x]; NULL: the older way, all in the profile */
	const char *url, *region, *account, *role;
	char word[CREDENTIAL_WORD_MAX], whose[QUOTE_MAX * 2]; /* word: the profile, for a shell */
};

static status
lacking(const struct sso *s, const char *what, struct aws_error *err)
{
	return aws_error_set(err, AWS_LOCAL, NULL, "%s: %s is not set", s->whose, what);
}

/* What stands in the session may stand in the profile as well, if it is the same. */
static status
from_session(const struct credential_ask *a, const struct sso *s, const char *key, const char **out, struct aws_error *err)
{
	const char *there = aws_profile_section_get(a->profiles, "sso-session", s->session, key), *here = credential_key(a, key);

	if (there != NULL && here != NULL && strcmp(there, here) != 0)
		return aws_error_set(err, AWS_LOCAL, NULL, "%s: its %s is another than that of its sso_session", s->whose, key);
	*out = there != NULL ? there : here;
	return STATUS_OK;
}

static status
read_settings(const struct credential_ask *a, struct sso *s, struct aws_error *err)
{
	char shown[QUOTE_MAX];

	s->session = credential_key(a, "sso_session");
	if (s->session != NULL && !aws_profile_section_exists(a->profiles, "sso-session", s->session))
		return aws_error_set(err, AWS_LOCAL, NULL, "%s: there is no [sso-session %s] in %s", s->whose, quote_str(s->session, shown),
		    aws_profile_file_name(a->profiles, AWS_FILE_CONFIG));
	s->url = credential_key(a, "sso_start_url");
	s->region = credential_key(a, "sso_region");
	if (s->session != NULL && (from_session(a, s, "sso_start_url", &s->url, err) != STATUS_OK ||
	        from_session(a, s, "sso_region", &s->region, err) != STATUS_OK))
		return STATUS_FAILED;
	if (s->url == NULL)
		return lacking(s, "sso_start_url", err);
	if (s->region == NULL)
		return lacking(s, "sso_region", err);
	if (s->account == NULL)
		return lacking(s, "sso_account_id", err);
	return s->role == NULL ? lacking(s, "sso_role_name", err) : STATUS_OK;
}

static status
log_in(const struct sso *s, const char *why, struct aws_error *err)
{
	return aws_error_set(err, AWS_NO_CREDENTIALS, NULL, "%s: %s; run: aws sso login --profile %s", s->whose, why, s->word);
}

/*
 * The SDKs renew a session's token by themselves, with another token that lies beside it and changes each time. That file belongs to the
 * aws program, and every call of it does the renewing, without a browser: it is one command for the user, and two programs that write
 * there would sign each other out.
 */
static status
renew_it(const struct sso *s, const cJSON *json, int64_t now, struct aws_error *err)
{
	const cJSON *token = cJSON_GetObjectItemCaseSensitive(json, "refreshToken"), *until = cJSON_GetObjectItemCaseSensitive(json, "registrationExpiresAt");
	int64_t ends = 0;

	if (s->session == NULL || !cJSON_IsString(token) || (cJSON_IsString(until) && credential_time(until->valuestring, &ends) && ends <= now))
		return log_in(s, "the login has ended", err);
	return aws_error_set(err, AWS_NO_CREDENTIALS, NULL, "%s: its token has ended, which each call of the aws program renews; run: aws sts get-caller-identity --profile %s "
	    "(where that says that the login has ended: aws sso login --profile %s)", s->whose, s->word, s->word);
}

/* ~/.aws/sso/cache/<SHA-1 of the session's name, or of the start URL>.json. The caller frees. */
static char *
cache_file(const struct credential_ask *a, const struct sso *s)
{
	const char *name = s->session != NULL ? s->session : s->url;
	char *folder = aws_path_expand(a->world, "~/.aws/sso/cache/");
	unsigned char hash[EVP_MAX_MD_SIZE];
	struct buf path = { .data = NULL };
	unsigned len = 0;

	(void)EVP_Digest(name, strlen(name), hash, &len, EVP_sha1(), NULL); /* a file's name, no protection */
	buf_adds(&path, folder);
	for (unsigned i = 0; i < len; i++)
		buf_addf(&path, "%02x", hash[i]);
	buf_adds(&path, ".json");
	free(folder);
	return path.data;
}

/* The token into *out, the caller's to forget. */
static status
read_token(const struct credential_ask *a, const struct sso *s, char **out, struct aws_error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	char *path = cache_file(a, s), *text = NULL;
	cJSON *json = NULL;
	const cJSON *token, *expires;
	int64_t until = 0;
	status result = STATUS_FAILED;

	*out = NULL;
	if (credential_file(path, s->whose, &text, &why) == STATUS_OK)
		json = cJSON_Parse(text);
	token = cJSON_GetObjectItemCaseSensitive(json, "accessToken");
	expires = cJSON_GetObjectItemCaseSensitive(json, "expiresAt");
	if (!cJSON_IsString(token) || !cJSON_IsString(expires) || !credential_time(expires->valuestring, &until)) {
		(void)log_in(s, "nobody is logged in", err);
	} else if (until <= a->now) {
		(void)renew_it(s, json, a->now, err);
	} else {
		*out = mem_strdup(token->valuestring);
		result = STATUS_OK;
	}
	aws_json_forget(json);
	credential_forget(text);
	free(path);
	return result;
}

static status
take_answer(const struct sso *s, const struct aws_http_answer *answer, struct aws_credentials *out, struct aws_error *err)
{
	static const struct credential_fields fields = { .key = "accessKeyId", .secret = "secretAccessKey", .token = "sessionToken",
	    .expires = "expiration", .token_needed = true, .expires_needed = true };
	cJSON *json;
	status result;

	if (answer->status == 401)
		return log_in(s, "the login is not taken any more", err);
	if (answer->status == 403 || answer->status == 404) {
		char account[QUOTE_MAX], role[QUOTE_MAX];
		return aws_error_set(err, AWS_DENIED, answer->error_type, "%s: this login does not give the role “%s” in the account %s", s->whose,
		    quote_str(s->role, role), quote_str(s->account, account));
	}
	if (answer->status != 200)
		return aws_error_set(err, aws_error_kind(answer->error_type, answer->status), answer->error_type,
		    "%s: the portal answered with HTTP %d", s->whose, answer->status);
	json = cJSON_ParseWithLength(answer->body.data, answer->body.len);
	result = credential_json(cJSON_GetObjectItemCaseSensitive(json, "roleCredentials"), &fields, s->whose, out, err);
	aws_json_forget(json);
	return result;
}

static status
ask_portal(const struct credential_ask *a, const struct sso *s, const char *token, struct aws_credentials *out, struct aws_error *err)
{
	const struct sigv4_header headers[] = { { .name = "x-amz-sso_bearer_token", .value = token } };
	struct aws_http_request r = { .method = "GET", .headers = headers, .headers_len = 1, .cancel = a->cancel,
	    .ca_bundle = aws_ca_bundle(a->world, a->profiles, a->in_force) };
	struct aws_http_answer answer = { .status = 0 };
	struct aws_endpoint portal;
	char region[AWS_REGION_MAX];
	struct buf url = { .data = NULL };
	status result = STATUS_FAILED;

	if (credential_endpoint(a, &sso_portal, s->region, region, &portal, err) != STATUS_OK)
		return STATUS_FAILED;
	buf_addf(&url, "%s/federation/credentials?role_name=", portal.url);
	sigv4_encode(&url, s->role, strlen(s->role), false);
	buf_adds(&url, "&account_id=");
	sigv4_encode(&url, s->account, strlen(s->account), false);
	r.url = url.data;
	if (aws_http(&r, &answer, err) == STATUS_OK)
		result = take_answer(s, &answer, out, err);
	aws_http_answer_done(&answer);
	buf_done(&url);
	return result;
}

enum credential_found
credentials_sso(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	struct sso s = { .account = credential_key(a, "sso_account_id"), .role = credential_key(a, "sso_role_name") };
	enum credential_found found = CREDENTIAL_FAILED;
	char *token = NULL, shown[QUOTE_MAX];

	if (s.account == NULL && s.role == NULL) {
		credential_looked(a, "SSO");
		return CREDENTIAL_NOT_HERE;
	}
	snprintf(s.whose, sizeof s.whose, "SSO of profile “%s”", quote_str(a->profile, shown));
	(void)credential_profile_word(a, s.word);
	if (read_settings(a, &s, err) == STATUS_OK && read_token(a, &s, &token, err) == STATUS_OK &&
	    ask_portal(a, &s, token, out, err) == STATUS_OK)
		found = CREDENTIAL_HERE;
	snprintf(out->from, sizeof out->from, "%.159s", s.whose);
	credential_forget(token);
	return found;
}
