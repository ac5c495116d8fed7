#include "fixes/s3_object.h"

#include <string.h>

#include "aws/s3.h"

static const char type[] = "application/x-pem-file";

static const char *
known(struct plan *p, const char *version)
{
	return version[0] != '\0' ? arena_strdup(p->arena, version) : NULL;
}

/* The newest one. False: there is none, or it may not be read: then it is put, which is no harm twice. */
static bool
newest_is(struct plan *p, const char *bucket, const char *key, const char *text, struct s3_stored *stored)
{
	struct aws_error unimportant = { .kind = AWS_FINE };
	const unsigned char *bytes;
	size_t len;

	return s3_get(p->place.client, bucket, key, NULL, S3_OBJECT_MOST, p->arena, &bytes, &len, stored, &unimportant) == STATUS_OK &&
	    len == strlen(text) && memcmp(bytes, text, len) == 0;
}

static status
put(struct plan *p, struct plan_step *s, const char *bucket, const char *key, const char *text, struct s3_stored *stored, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (s3_put(p->place.client, bucket, key, text, strlen(text), type, p->arena, stored, &why) == STATUS_OK)
		return STATUS_OK;
	return plan_change_failed(p, s, &why, plan_text(p, "put s3://%s/%s", plan_shown(p, bucket), plan_shown(p, key)), err);
}

status
s3_object_put(struct plan *p, struct plan_step *s, const char *name, const char *bucket, const char *key, const char *text, const char **version,
    struct error *err)
{
	const char *done = plan_value(p, name);
	struct s3_stored stored = { .version = NULL };

	/* A version stays what it is. Without versions the key holds what was put last: perhaps the old one again, on the way back. */
	*version = done != NULL ? known(p, done) : NULL;
	if (*version != NULL)
		return STATUS_OK;
	/* Cut off between putting it and noting that: it is there, and a second version of the same is not made. */
	if (!newest_is(p, bucket, key, text, &stored) && put(p, s, bucket, key, text, &stored, err) != STATUS_OK)
		return STATUS_FAILED;
	*version = stored.version;
	return done != NULL && stored.version == NULL ? STATUS_OK : plan_set(p, s, name, stored.version != NULL ? stored.version : "", err);
}

status
s3_object_look(struct plan *p, const char *bucket, const char *key, cJSON **o, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	const unsigned char *bytes = NULL;
	size_t len = 0;
	bool there = s3_get(p->place.client, bucket, key, NULL, S3_OBJECT_MOST, p->arena, &bytes, &len, NULL, &why) == STATUS_OK;
	const char *name = plan_text(p, "s3://%s/%s", plan_shown(p, bucket), plan_shown(p, key));

	*o = NULL;
	if (!there && why.kind != AWS_NOT_FOUND)
		return plan_failed(p, &why, plan_text(p, "look at %s", name), err);
	if (there && memchr(bytes, '\0', len) != NULL)
		return error_set(err, ERROR_INPUT, "trust", "%s is there already and is no text: name another key", name);
	*o = cJSON_CreateObject();
	cJSON_AddBoolToObject(*o, "there", there);
	if (there)
		cJSON_AddStringToObject(*o, "text", (const char *)bytes);
	return STATUS_OK;
}

status
s3_object_put_back(struct plan *p, struct plan_step *s, const char *bucket, const char *key, const char *ours, const cJSON *o, const char **version,
    struct error *err)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "text"));
	struct s3_stored stored = { .version = NULL };

	*version = NULL;
	if (text == NULL || strcmp(text, ours) == 0 || !newest_is(p, bucket, key, ours, &stored))
		return STATUS_OK;
	if (put(p, s, bucket, key, text, &stored, err) != STATUS_OK)
		return STATUS_FAILED;
	*version = stored.version;
	return STATUS_OK;
}
