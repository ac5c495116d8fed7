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

static bool
take_about(const cJSON *list, const char *name, struct arena *a, struct parameter_about *out)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list) {
		const char *found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "Name"));

		if (found == NULL || strcmp(found, name) != 0)
			continue;
		*out = (struct parameter_about){
			.name = field_text(a, item, "Name"),
			.type = field_text(a, item, "Type"),
			.kms_key = field_text(a, item, "KeyId"),
			.tier = field_text(a, item, "Tier"),
			.version = field_number(item, "Version"),
		};
		return true;
	}
	return false;
}

/* A page may be empty and not the last: AWS filters after it has cut the pages. */
status
parameter_describe(struct aws_client *c, const char *name, struct arena *a, struct parameter_about *out, struct aws_error *err)
{
	struct paging p = { .token = NULL };
	bool found = false;
	status result;

	*out = (struct parameter_about){ .name = NULL };
	do {
		cJSON *in = cJSON_CreateObject(), *filter = cJSON_CreateObject(), *answer = NULL;
		const cJSON *list;

		field_add(filter, "Key", "Name");
		field_add(filter, "Option", "Equals");
		field_add_list(filter, "Values", &name, 1);
		cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "ParameterFilters"), filter);
		field_add(in, "NextToken", p.token);
		result = aws_call_json(c, &aws_ssm, "DescribeParameters", in, &answer, err);
		list = cJSON_GetObjectItemCaseSensitive(answer, "Parameters");
		found = result == STATUS_OK && take_about(list, name, a, out);
		if (result == STATUS_OK)
			result = paging_next(&p, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "NextToken")),
			    (size_t)cJSON_GetArraySize(list), err);
		cJSON_Delete(answer);
	} while (result == STATUS_OK && p.more && !found);
	paging_done(&p);
	if (result == STATUS_OK && !found)
		return aws_error_set(err, AWS_NOT_FOUND, "ParameterNotFound", "there is no such parameter");
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
