#include "aws/ssm.h"

#include <openssl/crypto.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/fields.h"

void
parameter_forget(struct parameter *p)
{
	if (p->value != NULL)
		OPENSSL_cleanse(p->value, strlen(p->value));
	p->value = NULL;
}

status
parameter_get(struct aws_client *c, const char *name, struct arena *a, struct parameter *out, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *answer = NULL;
	const cJSON *o, *value;
	status result;

	field_add(in, "Name", name);
	cJSON_AddTrueToObject(in, "WithDecryption");
	*out = (struct parameter){ .value = NULL };
	result = aws_call_json(c, &aws_ssm, "GetParameter", in, &answer, err);
	if (result == STATUS_OK) {
		o = cJSON_GetObjectItemCaseSensitive(answer, "Parameter");
		value = cJSON_GetObjectItemCaseSensitive(o, "Value");
		*out = (struct parameter){
			.arn = field_text(a, o, "ARN"),
			.name = field_text(a, o, "Name"),
			.type = field_text(a, o, "Type"),
			.value = cJSON_IsString(value) ? arena_strdup(a, value->valuestring) : NULL,
			.version = field_number(o, "Version"),
			.changed = field_time(o, "LastModifiedDate"),
		};
		if (out->value == NULL)
			result = aws_error_set(err, AWS_ANSWER, NULL, "there is no Value in the answer");
	}
	aws_json_forget(answer);
	return result;
}

status
parameter_put(struct aws_client *c, const struct parameter_put *p, int64_t *version, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *answer = NULL;
	status result;

	field_add(in, "Name", p->name);
	field_add(in, "Value", p->value);
	field_add(in, "Type", p->type);
	field_add(in, "KeyId", p->kms_key);
	if (p->overwrite)
		cJSON_AddTrueToObject(in, "Overwrite");
	if (p->advanced)
		field_add(in, "Tier", "Advanced");
	result = aws_call_json(c, &aws_ssm, "PutParameter", in, &answer, err);
	if (result == STATUS_OK && version != NULL)
		*version = field_number(answer, "Version");
	cJSON_Delete(answer);
	return result;
}
