/* Credentials that the host gives to who runs on it: a container's agent (ECS, EKS), and an instance's metadata (IMDSv2). */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/address.h"
#include "aws/answer.h"
#include "aws/credentials_internal.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

static const struct credential_fields fields = { .key = "AccessKeyId", .secret = "SecretAccessKey", .token = "Token",
	.expires = "Expiration", .token_needed = true, .expires_needed = true };

/* ---- the container ---- */

enum { CONTAINER_TRIES = 3, CONTAINER_MS = 2000 };

bool
credential_container_address(const struct credential_ask *a, struct buf *out)
{
	const char *relative = credential_env(a, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = credential_env(a, "AWS_CONTAINER_CREDENTIALS_FULL_URI");

	if (relative != NULL)
		buf_addf(out, "http://169.254.170.2%s%s", relative[0] == '/' ? "" : "/", relative);
	else if (full != NULL)
		buf_adds(out, full);
	return relative != NULL || full != NULL;
}

static bool
is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* Whoever sets the variable must not be able to send the container's token to any host in plain text. */
bool
credential_address_allowed(const char *url)
{
	static const char *const known[] = { "169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost" };
	const char *start, *stop;
	char host[256];
	size_t len;

	if (strncasecmp(url, "https://", 8) == 0)
		return true;
	if (strncasecmp(url, "http://", 7) != 0)
		return false;
	start = url + 7;
	len = strcspn(start, "/?#");
	if (memchr(start, '@', len) != NULL) /* “127.0.0.1@elsewhere” */
		return false;
	stop = start[0] == '[' ? memchr(start, ']', len) : NULL;
	if (start[0] == '[' && stop == NULL)
		return false;
	if (stop != NULL)
		len = (size_t)(stop - ++start);
	else if (memchr(start, ':', len) != NULL)
		len = (size_t)((const char *)memchr(start, ':', len) - start);
	if (len == 0 || len >= sizeof host)
		return false;
	memcpy(host, start, len);
	host[len] = '\0';
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(host, known[i]) == 0)
			return true;
	}
	return is_loopback(host);
}

/* From the file, which is read each time: EKS renews it; else the variable. *out NULL: none is set. The caller's to forget. */
static status
authorization(const struct credential_ask *a, const char *whose, char **out, struct aws_error *err)
{
	const char *file = credential_env(a, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = credential_env(a, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

	*out = NULL;
	if (file != NULL && credential_file(file, whose, out, err) != STATUS_OK)
		return STATUS_FAILED;
	if (file == NULL && token != NULL)
		*out = mem_strdup(token);
	if (*out != NULL && strpbrk(*out, "\r\n") != NULL)
		return aws_error_set(err, AWS_LOCAL, NULL, "%s: its authorization token has a line end in it", whose);
	return STATUS_OK;
}

static status
take_answer(const struct aws_http_answer *answer, const char *whose, struct aws_credentials *out, struct aws_error *err)
{
	cJSON *json;
	status result;

	if (answer->status != 200)
		return aws_error_set(err, aws_error_kind(NULL, answer->status), NULL, "%s: it answered with HTTP %d", whose, answer->status);
	json = cJSON_ParseWithLength(answer->body.data, answer->body.len);
	if (json == NULL)
		return aws_error_set(err, AWS_ANSWER, NULL, "%s: its answer is no JSON", whose);
	result = credential_json(json, &fields, whose, out, err);
	aws_json_forget(json);
	return result;
}

static status
ask_container(const struct credential_ask *a, const char *url, const char *token, const char *whose, struct aws_credentials *out,
    struct aws_error *err)
{
	const struct sigv4_header headers[] = { { .name = "accept", .value = "application/json" },
		{ .name = "authorization", .value = token != NULL ? token : "" } };
	struct aws_http_request r = { .method = "GET", .url = url, .headers = headers, .headers_len = token != NULL ? 2 : 1,
	    .connect_ms = CONTAINER_MS, .within_ms = CONTAINER_MS, .most = LIMIT_AWS_SECRET_FILE, .no_proxy = true, .cancel = a->cancel };
	struct aws_error last = { .kind = AWS_FINE };
	status result = STATUS_FAILED;

	for (unsigned tries = 0; tries < CONTAINER_TRIES && result != STATUS_OK && last.kind != AWS_CANCELLED; tries++) {
		struct aws_http_answer answer = { .status = 0 };
		aws_error_clear(&last);
		if (tries > 0 && credential_pause(a, LIMIT_AWS_CREDENTIAL_PAUSE_MS, &last) != STATUS_OK)
			break;
		if (aws_http(&r, &answer, &last) == STATUS_OK)
			result = take_answer(&answer, whose, out, &last);
		aws_http_answer_done(&answer);
	}
	if (result != STATUS_OK)
		(void)aws_error_set(err, last.kind, NULL, "%s%s%s", last.kind == AWS_NETWORK ? whose : "", last.kind == AWS_NETWORK ? ": " : "",
		    last.message);
	return result;
}

enum credential_found
credentials_container(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	struct buf url = { .data = NULL };
	char *token = NULL;
	static const char whose[] = "the container's credentials";
	enum credential_found found = CREDENTIAL_FAILED;

	if (!credential_container_address(a, &url)) {
		credential_looked(a, "container");
		return CREDENTIAL_NOT_HERE;
	}
	if (!credential_address_allowed(url.data)) {
		char shown[QUOTE_MAX], safe[ADDRESS_SHOWN];
		(void)aws_error_set(err, AWS_LOCAL, NULL, "AWS_CONTAINER_CREDENTIALS_FULL_URI: http is for this host and the container's agent "
		    "only, not for %s", quote_str(address_without_password(url.data, url.data, safe), shown));
	} else if (authorization(a, whose, &token, err) == STATUS_OK && ask_container(a, url.data, token, whose, out, err) == STATUS_OK) {
		found = CREDENTIAL_HERE;
	}
	snprintf(out->from, sizeof out->from, "the container");
	credential_forget(token);
	buf_done(&url);
	return found;
}

/* ---- the instance ---- */

enum { INSTANCE_MS = 1000, INSTANCE_MOST_MS = 60 * 1000, INSTANCE_MOST_TRIES = 10, ROLE_MAX = 128 };

struct instance {
	struct credential_ask *ask;
	char *base;        /* with a slash at its end */
	char *token;       /* NULL: version 1 */
	unsigned ms, tries;
};

static bool
is_true(const char *value)
{
	return value != NULL && strcasecmp(value, "true") == 0;
}

static unsigned
number_of(const char *value, unsigned usual, unsigned most)
{
	char *end;
	long n = value == NULL ? 0 : strtol(value, &end, 10);

	return value == NULL || *end != '\0' || n < 1 ? usual : n > (long)most ? most : (unsigned)n;
}

static char *
instance_base(const struct credential_ask *a)
{
	const char *own = credential_env(a, "AWS_EC2_METADATA_SERVICE_ENDPOINT"), *mode = credential_env(a, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	struct buf base = { .data = NULL };

	if (own == NULL)
		own = credential_key(a, "ec2_metadata_service_endpoint");
	if (mode == NULL)
		mode = credential_key(a, "ec2_metadata_service_endpoint_mode");
	if (own == NULL)
		own = mode != NULL && strcasecmp(mode, "ipv6") == 0 ? "http://[fd00:ec2::254]/" : "http://169.254.169.254/";
	buf_addf(&base, "%s%s", own, own[0] != '\0' && own[strlen(own) - 1] == '/' ? "" : "/");
	return base.data;
}

/* One exchange; the body without blanks around it, the caller's to forget; NULL and *status 0 where nothing came. */
static char *
exchange(const struct instance *i, const char *method, const char *path, const char *role, int *http, struct aws_error *err)
{
	const struct sigv4_header lifetime = { .name = "x-aws-ec2-metadata-token-ttl-seconds", .value = "21600" };
	const struct sigv4_header token = { .name = "x-aws-ec2-metadata-token", .value = i->token };
	struct aws_http_request r = { .method = method, .headers = i->token != NULL ? &token : &lifetime,
	    .headers_len = i->token != NULL || method[0] == 'P' ? 1 : 0, .connect_ms = i->ms, .within_ms = i->ms,
	    .most = LIMIT_AWS_SECRET_FILE, .no_proxy = true, .cancel = i->ask->cancel };
	struct buf url = { .data = NULL };
	char *text = NULL;

	buf_addf(&url, "%s%s", i->base, path);
	sigv4_encode(&url, role, strlen(role), false);
	r.url = url.data;
	*http = 0;
	for (unsigned tries = 0; tries < i->tries && *http != 200 && err->kind != AWS_CANCELLED; tries++) {
		struct aws_http_answer answer = { .status = 0 };
		aws_error_clear(err);
		if (aws_http(&r, &answer, err) == STATUS_OK) {
			*http = answer.status;
			if (answer.status == 200)
				text = mem_strndup(buf_str(&answer.body), strcspn(buf_str(&answer.body), "\r\n"));
			if (answer.status == 200 && buf_str(&answer.body)[0] == '{') { /* not a line, but an object */
				credential_forget(text);
				text = mem_strdup(buf_str(&answer.body));
			}
		}
		aws_http_answer_done(&answer);
	}
	buf_done(&url);
	return text;
}

/* The role that the instance has, and its key. NULL: found; else why there is none. */
static const char *
ask_instance(struct instance *i, struct aws_credentials *out, struct aws_error *err)
{
	static const char where[] = "latest/meta-data/iam/security-credentials/";
	const char *v1_off = credential_env(i->ask, "AWS_EC2_METADATA_V1_DISABLED");
	struct aws_error why = { .kind = AWS_FINE };
	const char *failure = NULL;
	char *role = NULL, *text = NULL;
	cJSON *json = NULL;
	int http;

	i->token = exchange(i, "PUT", "latest/api/token", "", &http, &why);
	if (http == 0)
		return why.kind == AWS_CANCELLED ? "cancelled" : "no answer";
	if (http != 200 && http != 403 && http != 404 && http != 405)
		return "it gives no token";
	if (http != 200 && is_true(v1_off != NULL ? v1_off : credential_key(i->ask, "ec2_metadata_v1_disabled")))
		return "it gives no token, and version 1 is off";
	role = exchange(i, "GET", where, "", &http, &why);
	if (role == NULL || role[0] == '\0' || strlen(role) > ROLE_MAX) {
		failure = http == 404 ? "the instance has no role" : "it does not say which role the instance has";
		goto done;
	}
	text = exchange(i, "GET", where, role, &http, &why);
	json = text == NULL ? NULL : cJSON_Parse(text);
	if (json == NULL || cJSON_GetObjectItemCaseSensitive(json, "AccessKeyId") == NULL)
		failure = "it has no credentials for the instance's role"; /* an object with Code and Message: the role trusts no EC2 */
	else if (credential_json(json, &fields, "instance metadata", out, err) != STATUS_OK)
		failure = "";

done:
	aws_json_forget(json);
	credential_forget(role);
	credential_forget(text);
	return failure;
}

enum credential_found
credentials_instance(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	struct instance i = { .ask = a };
	const char *failure;

	if (is_true(credential_env(a, "AWS_EC2_METADATA_DISABLED"))) {
		credential_looked(a, "instance metadata (off: AWS_EC2_METADATA_DISABLED)");
		return CREDENTIAL_NOT_HERE;
	}
	i.base = instance_base(a);
	i.ms = 1000 * number_of(credential_env(a, "AWS_METADATA_SERVICE_TIMEOUT"), INSTANCE_MS / 1000, INSTANCE_MOST_MS / 1000);
	i.tries = number_of(credential_env(a, "AWS_METADATA_SERVICE_NUM_ATTEMPTS"), 1, INSTANCE_MOST_TRIES);
	failure = ask_instance(&i, out, err);
	credential_forget(i.token);
	free(i.base);
	if (failure == NULL) {
		snprintf(out->from, sizeof out->from, "instance metadata");
		return CREDENTIAL_HERE;
	}
	if (err->kind != AWS_FINE)
		return CREDENTIAL_FAILED;
	if (a->cancel != NULL && atomic_load(a->cancel)) {
		(void)aws_error_set(err, AWS_CANCELLED, NULL, "cancelled");
		return CREDENTIAL_FAILED;
	}
	credential_looked(a, "instance metadata (%s)", failure);
	return CREDENTIAL_NOT_HERE;
}
