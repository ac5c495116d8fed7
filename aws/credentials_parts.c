/* What the providers share: taking a key out of text, JSON or a file, with nothing of it ever in a message. */
#include "aws/credentials_internal.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/input.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/times.h"

void
credential_looked(struct credential_ask *a, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_addf(a->looked, "%s%s", a->looked->len > 0 ? ", " : "", text);
}

const char *
credential_env(const struct credential_ask *a, const char *name)
{
	const char *value = a->world->env(a->world->self, name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

const char *
credential_key(const struct credential_ask *a, const char *key)
{
	return aws_profile_get(a->profiles, a->profile, key);
}

const char *
credential_profile_word(const struct credential_ask *a, char out[CREDENTIAL_WORD_MAX])
{
	struct buf b = { .data = NULL };

	shell_quote(&b, a->profile);
	/* One that is cut would be another profile's name. */
	snprintf(out, CREDENTIAL_WORD_MAX, "%s", b.len < CREDENTIAL_WORD_MAX ? buf_str(&b) : "PROFILE");
	buf_done(&b);
	return out;
}

static status
take(const char *value, const char *what, const char *whose, char *out, size_t room, struct aws_error *err)
{
	size_t len = strlen(value);

	if (len == 0)
		return aws_error_set(err, AWS_LOCAL, NULL, "%s: the %s is empty", whose, what);
	if (len >= room)
		return aws_error_set(err, AWS_LOCAL, NULL, "%s: the %s has %zu characters, which none has", whose, what, len);
	for (size_t i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] > '~')
			return aws_error_set(err, AWS_LOCAL, NULL, "%s: the %s has a blank or another character in it that none has, at %zu",
			    whose, what, i + 1);
	}
	memcpy(out, value, len + 1);
	return STATUS_OK;
}

status
credential_take(const char *key, const char *secret, const char *token, const char *whose, struct aws_credentials *out,
    struct aws_error *err)
{
	if (key == NULL || secret == NULL)
		return aws_error_set(err, AWS_LOCAL, NULL, "%s has %s without %s", whose, key == NULL ? "a secret key" : "an access key",
		    key == NULL ? "its access key" : "its secret key");
	if (take(key, "access key", whose, out->access_key, sizeof out->access_key, err) != STATUS_OK ||
	    take(secret, "secret key", whose, out->secret, sizeof out->secret, err) != STATUS_OK)
		return STATUS_FAILED;
	if (token == NULL || token[0] == '\0')
		return STATUS_OK;
	return take(token, "session token", whose, out->token, sizeof out->token, err);
}

bool
credential_time(const char *text, int64_t *out)
{
	char copy[TIME_TEXT_MAX];
	size_t len = strlen(text);

	if (len < 4 || len >= sizeof copy)
		return false;
	memcpy(copy, text, len + 1);
	if (strcmp(copy + len - 3, "UTC") == 0)
		memcpy(copy + len - 3, "Z", 2);
	return strchr(copy, '-') != NULL && time_parse(copy, out);
}

static const char *
string_of(const cJSON *o, const char *name)
{
	const cJSON *item = name == NULL ? NULL : cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(item) && item->valuestring[0] != '\0' ? item->valuestring : NULL;
}

/* A time in text, or, as SSO has it, milliseconds since the epoch. */
static bool
read_expiry(const cJSON *item, int64_t *out)
{
	if (cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble < 4e14) {
		*out = (int64_t)(item->valuedouble / 1000);
		return true;
	}
	return cJSON_IsString(item) && credential_time(item->valuestring, out);
}

status
credential_json(const cJSON *o, const struct credential_fields *f, const char *whose, struct aws_credentials *out, struct aws_error *err)
{
	const struct {
		const char *name;
		bool needed;
	} wanted[] = { { f->key, true }, { f->secret, true }, { f->token, f->token_needed } };
	const cJSON *expires = cJSON_GetObjectItemCaseSensitive(o, f->expires);

	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		if (wanted[i].needed && string_of(o, wanted[i].name) == NULL)
			return aws_error_set(err, AWS_ANSWER, NULL, "%s: there is no %s in its answer", whose, wanted[i].name);
	}
	out->expires = 0;
	if (cJSON_IsNull(expires))
		expires = NULL;
	if (expires == NULL && f->expires_needed)
		return aws_error_set(err, AWS_ANSWER, NULL, "%s: there is no %s in its answer", whose, f->expires);
	if (expires != NULL && !read_expiry(expires, &out->expires))
		return aws_error_set(err, AWS_ANSWER, NULL, "%s: its %s is no time", whose, f->expires);
	return credential_take(string_of(o, f->key), string_of(o, f->secret), string_of(o, f->token), whose, out, err);
}

status
credential_file(const char *path, const char *whose, char **out, struct aws_error *err)
{
	struct error why = { .code = ERROR_NONE };
	struct input in = { .bytes = NULL };
	status result = STATUS_FAILED;
	size_t len;

	*out = NULL;
	if (input_read(path, LIMIT_AWS_SECRET_FILE, &in, &why) != STATUS_OK) {
		(void)aws_error_set(err, AWS_LOCAL, NULL, "%s: %s", whose, why.text);
	} else if (memchr(in.bytes, '\0', in.len) != NULL) {
		(void)aws_error_set(err, AWS_LOCAL, NULL, "%s: there is a NUL byte in the file", whose);
	} else {
		for (len = in.len; len > 0 && strchr(" \t\r\n", in.bytes[len - 1]) != NULL; len--)
			continue;
		*out = mem_strndup((const char *)in.bytes, len);
		result = STATUS_OK;
	}
	input_free(&in);
	return result;
}

void
credential_forget(char *secret)
{
	if (secret != NULL)
		OPENSSL_cleanse(secret, strlen(secret));
	free(secret);
}
