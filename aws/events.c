#include "aws/events.h"

#include "aws/fields.h"

status
events_put_rule(struct aws_client *c, const struct event_rule *r, struct arena *a, const char **arn, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *answer = NULL;
	status result;

	field_add(in, "Name", r->name);
	field_add(in, "EventPattern", r->pattern);
	field_add(in, "State", r->state);
	field_add(in, "Description", r->description);
	field_add(in, "RoleArn", r->role);
	field_add(in, "EventBusName", r->bus);
	result = aws_call_json(c, &aws_events, "PutRule", in, &answer, err);
	if (result == STATUS_OK && arn != NULL)
		*arn = field_text(a, answer, "RuleArn");
	cJSON_Delete(answer);
	return result;
}

/* A 200 whose FailedEntryCount is not 0. */
static status
failed_entry(const cJSON *answer, struct aws_error *err)
{
	const cJSON *entry = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(answer, "FailedEntries"), 0);
	const char *code = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "ErrorCode"));
	const char *message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "ErrorMessage"));

	return aws_error_set(err, aws_error_kind(code, 400), code, "%s", message != NULL ? message : "the target was not taken, without a reason");
}

status
events_put_target(struct aws_client *c, const char *rule, const char *bus, const char *id, const char *target_arn, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *answer = NULL, *one = cJSON_CreateObject();
	status result;

	field_add(in, "Rule", rule);
	field_add(in, "EventBusName", bus);
	field_add(one, "Id", id);
	field_add(one, "Arn", target_arn);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "Targets"), one);
	result = aws_call_json(c, &aws_events, "PutTargets", in, &answer, err);
	if (result == STATUS_OK && field_number(answer, "FailedEntryCount") != 0)
		result = failed_entry(answer, err);
	cJSON_Delete(answer);
	return result;
}

static struct event_rule
take_rule(const cJSON *o, struct arena *a)
{
	return (struct event_rule){
		.name = field_text(a, o, "Name"),
		.pattern = field_text(a, o, "EventPattern"),
		.state = field_text(a, o, "State"),
		.description = field_text(a, o, "Description"),
		.role = field_text(a, o, "RoleArn"),
		.bus = field_text(a, o, "EventBusName"),
		.arn = field_text(a, o, "Arn"),
	};
}

status
events_rules(struct aws_client *c, const char *prefix, const char *bus, struct arena *a, struct event_rule **out, size_t *len,
    struct aws_error *err)
{
	struct paging p = { .token = NULL };
	size_t cap = 0;
	status result;

	*out = NULL;
	*len = 0;
	do {
		cJSON *in = cJSON_CreateObject(), *answer = NULL;
		const cJSON *list, *item;

		field_add(in, "NamePrefix", prefix);
		field_add(in, "EventBusName", bus);
		field_add(in, "NextToken", p.token);
		result = aws_call_json(c, &aws_events, "ListRules", in, &answer, err);
		list = cJSON_GetObjectItemCaseSensitive(answer, "Rules");
		cJSON_ArrayForEach(item, list) {
			*out = arena_grow(a, *out, *len, &cap, sizeof **out);
			(*out)[(*len)++] = take_rule(item, a);
		}
		if (result == STATUS_OK)
			result = paging_next(&p, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "NextToken")),
			    (size_t)cJSON_GetArraySize(list), err);
		cJSON_Delete(answer);
	} while (result == STATUS_OK && p.more);
	paging_done(&p);
	return result;
}
