#include "aws/secretsmanager.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/fields.h"

void
secret_forget(struct secret_value *v)
{
	if (v->bytes != NULL)
		OPENSSL_cleanse(v->bytes, v->len);
	v->bytes = NULL;
	v->len = 0;
}

/* SecretBinary is base64. False: it is none. */
static bool
take_binary(struct arena *a, const char *text, struct secret_value *out)
{
	size_t len = strlen(text), padding = 0;
	unsigned char *bytes = arena_alloc(a, len + 1);
	int got = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len);

	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	if (len % 4 != 0 || got < 0 || (size_t)got < padding)
		return false;
	out->bytes = (char *)bytes;
	out->len = (size_t)got - padding;
	bytes[out->len] = '\0';
	out->binary = true;
	return true;
}

static status
take_value(const cJSON *o, struct arena *a, struct secret_value *out, struct aws_error *err)
{
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(o, "SecretString"), *binary = cJSON_GetObjectItemCaseSensitive(o, "SecretBinary");

	*out = (struct secret_value){
		.arn = field_text(a, o, "ARN"),
		.name = field_text(a, o, "Name"),
		.version = field_text(a, o, "VersionId"),
		.created = field_time(o, "CreatedDate"),
	};
	out->stages = field_texts(a, o, "VersionStages", &out->stages_len);
	if (cJSON_IsString(text)) {
		out->len = strlen(text->valuestring);
		out->bytes = arena_strndup(a, text->valuestring, out->len);
		return STATUS_OK;
	}
	if (cJSON_IsString(binary) && take_binary(a, binary->valuestring, out))
		return STATUS_OK;
	return aws_error_set(err, AWS_ANSWER, NULL, "there is no SecretString and no SecretBinary in the answer");
}

status
secret_get(struct aws_client *c, const char *id, const char *version, const char *stage, struct arena *a, struct secret_value *out,
    struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *answer = NULL;
	status result;

	field_add(in, "SecretId", id);
	field_add(in, "VersionId", version);
	/* Said in so many words: emulators answer with the first version when the stage has moved. */
	field_add(in, "VersionStage", version == NULL && stage == NULL ? "AWSCURRENT" : stage);
	*out = (struct secret_value){ .bytes = NULL };
	result = aws_call_json(c, &aws_secretsmanager, "GetSecretValue", in, &answer, err);
	if (result == STATUS_OK)
		result = take_value(answer, a, out, err);
	aws_json_forget(answer);
	return result;
}

static void
add_value(cJSON *in, const struct secret_put *p)
{
	size_t room = p->binary ? (p->len + 2) / 3 * 4 + 1 : p->len + 1;
	char *text = mem_alloc(room);

	if (p->binary) {
		(void)EVP_EncodeBlock((unsigned char *)text, p->bytes, (int)p->len);
	} else {
		memcpy(text, p->bytes, p->len);
		text[p->len] = '\0';
	}
	cJSON_AddStringToObject(in, p->binary ? "SecretBinary" : "SecretString", text);
	OPENSSL_cleanse(text, room);
	free(text);
}

status
secret_put(struct aws_client *c, const struct secret_put *p, struct arena *a, const char **version, struct aws_error *err)
{
	enum { MOST = 65536 }; /* AWS's own; it is told before the secret goes on its way */
	cJSON *in, *answer = NULL;
	status result;

	if (p->len == 0 || p->len > MOST)
		return aws_error_set(err, AWS_ARGUMENT, NULL, "a secret has 1 to %d bytes, this one has %zu", MOST, p->len);
	if (!p->binary && memchr(p->bytes, '\0', p->len) != NULL)
		return aws_error_set(err, AWS_ARGUMENT, NULL, "there is a NUL byte in a secret that is text");
	in = cJSON_CreateObject();
	field_add(in, "SecretId", p->id);
	field_add(in, "ClientRequestToken", p->token);
	add_value(in, p);
	field_add_list(in, "VersionStages", p->stages, p->stages_len);
	result = aws_call_json(c, &aws_secretsmanager, "PutSecretValue", in, &answer, err);
	if (result == STATUS_OK) {
		*version = field_text(a, answer, "VersionId");
		if (*version == NULL)
			result = aws_error_set(err, AWS_ANSWER, NULL, "there is no VersionId in the answer");
	}
	cJSON_Delete(answer);
	return result;
}

status
secret_move_stage(struct aws_client *c, const char *id, const char *stage, const char *from, const char *to, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject();

	field_add(in, "SecretId", id);
	field_add(in, "VersionStage", stage);
	field_add(in, "RemoveFromVersionId", from);
	field_add(in, "MoveToVersionId", to);
	return aws_call_json(c, &aws_secretsmanager, "UpdateSecretVersionStage", in, NULL, err);
}

/* {"id": ["AWSCURRENT"], …}: DescribeSecret and ListSecrets call it differently. */
static void
take_versions(const cJSON *o, struct arena *a, struct secret_about *out)
{
	const cJSON *map = cJSON_GetObjectItemCaseSensitive(o, "VersionIdsToStages"), *item;
	struct secret_version *versions;

	if (map == NULL)
		map = cJSON_GetObjectItemCaseSensitive(o, "SecretVersionsToStages");
	versions = arena_array(a, (size_t)cJSON_GetArraySize(map) + 1, sizeof *versions);
	cJSON_ArrayForEach(item, map) {
		struct secret_version *v = &versions[out->versions_len++];
		v->id = arena_strdup(a, item->string);
		v->stages = field_texts(a, map, item->string, &v->stages_len);
	}
	out->versions = versions;
}

static struct secret_about
take_about(const cJSON *o, struct arena *a)
{
	struct secret_about about = {
		.arn = field_text(a, o, "ARN"),
		.name = field_text(a, o, "Name"),
		.description = field_text(a, o, "Description"),
		.kms_key = field_text(a, o, "KmsKeyId"),
		.rotation_lambda = field_text(a, o, "RotationLambdaARN"),
		.rotates = field_true(o, "RotationEnabled"),
		.created = field_time(o, "CreatedDate"),
		.changed = field_time(o, "LastChangedDate"),
		.deleted = field_time(o, "DeletedDate"),
	};

	take_versions(o, a, &about);
	return about;
}

status
secret_describe(struct aws_client *c, const char *id, struct arena *a, struct secret_about *out, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *answer = NULL;
	status result;

	field_add(in, "SecretId", id);
	result = aws_call_json(c, &aws_secretsmanager, "DescribeSecret", in, &answer, err);
	if (result == STATUS_OK)
		*out = take_about(answer, a);
	cJSON_Delete(answer);
	return result;
}

const char *
secret_holder(const struct secret_about *s, const char *stage)
{
	for (size_t i = 0; i < s->versions_len; i++) {
		for (size_t k = 0; k < s->versions[i].stages_len; k++) {
			if (strcmp(s->versions[i].stages[k], stage) == 0)
				return s->versions[i].id;
		}
	}
	return NULL;
}

status
secret_list(struct aws_client *c, struct arena *a, struct secret_about **out, size_t *len, struct aws_error *err)
{
	struct paging p = { .token = NULL };
	size_t cap = 0;
	status result;

	*out = NULL;
	*len = 0;
	do {
		cJSON *in = cJSON_CreateObject(), *answer = NULL;
		const cJSON *list, *item;

		cJSON_AddNumberToObject(in, "MaxResults", 100);
		field_add(in, "NextToken", p.token);
		result = aws_call_json(c, &aws_secretsmanager, "ListSecrets", in, &answer, err);
		list = cJSON_GetObjectItemCaseSensitive(answer, "SecretList");
		cJSON_ArrayForEach(item, list) {
			*out = arena_grow(a, *out, *len, &cap, sizeof **out);
			(*out)[(*len)++] = take_about(item, a);
		}
		if (result == STATUS_OK)
			result = paging_next(&p, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "NextToken")),
			    (size_t)cJSON_GetArraySize(list), err);
		cJSON_Delete(answer);
	} while (result == STATUS_OK && p.more);
	paging_done(&p);
	return result;
}
