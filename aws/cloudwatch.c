#include "aws/cloudwatch.h"

#include <math.h>
#include <string.h>

#include "aws/fields.h"
#include "model/times.h"

enum { METRICS_MOST = 1000, DIMENSIONS_MOST = 30, ALARM_ACTIONS_MOST = 5 }; /* of one call: AWS's own */

static void
add_dimensions(cJSON *to, const struct metric_dimension *dimensions, size_t len)
{
	cJSON *list = len == 0 ? NULL : cJSON_AddArrayToObject(to, "Dimensions"), *one;

	for (size_t i = 0; i < len; i++) {
		one = cJSON_CreateObject();
		field_add(one, "Name", dimensions[i].name);
		field_add(one, "Value", dimensions[i].value);
		cJSON_AddItemToArray(list, one);
	}
}

static status
check_metrics(const char *space, const struct metric *metrics, size_t len, struct aws_error *err)
{
	if (strncmp(space, "AWS/", 4) == 0)
		return aws_error_set(err, AWS_ARGUMENT, NULL, "namespaces that begin with AWS/ are AWS's own");
	for (size_t i = 0; i < len; i++) {
		if (!isfinite(metrics[i].value))
			return aws_error_set(err, AWS_ARGUMENT, NULL, "the metric %.64s has no finite value", metrics[i].name);
		if (metrics[i].dimensions_len > DIMENSIONS_MOST)
			return aws_error_set(err, AWS_ARGUMENT, NULL, "the metric %.64s has more than %d dimensions", metrics[i].name, DIMENSIONS_MOST);
	}
	return STATUS_OK;
}

static status
put_some(struct aws_client *c, const char *space, const struct metric *metrics, size_t len, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *list;

	field_add(in, "Namespace", space);
	list = cJSON_AddArrayToObject(in, "MetricData");
	for (size_t i = 0; i < len; i++) {
		cJSON *one = cJSON_CreateObject();
		field_add(one, "MetricName", metrics[i].name);
		add_dimensions(one, metrics[i].dimensions, metrics[i].dimensions_len);
		if (metrics[i].at != TIME_UNKNOWN)
			cJSON_AddNumberToObject(one, "Timestamp", (double)metrics[i].at);
		cJSON_AddNumberToObject(one, "Value", metrics[i].value);
		field_add(one, "Unit", metrics[i].unit);
		cJSON_AddItemToArray(list, one);
	}
	return aws_call_json(c, &aws_cloudwatch, "PutMetricData", in, NULL, err);
}

status
metrics_put(struct aws_client *c, const char *space, const struct metric *metrics, size_t len, struct aws_error *err)
{
	status result = check_metrics(space, metrics, len, err);

	for (size_t done = 0, some; result == STATUS_OK && done < len; done += some) {
		some = len - done < METRICS_MOST ? len - done : METRICS_MOST;
		result = put_some(c, space, metrics + done, some, err);
	}
	return result;
}

status
alarm_put(struct aws_client *c, const struct alarm *a, struct aws_error *err)
{
	cJSON *in;

	if (a->actions_len > ALARM_ACTIONS_MOST)
		return aws_error_set(err, AWS_ARGUMENT, NULL, "an alarm has at most %d actions", ALARM_ACTIONS_MOST);
	in = cJSON_CreateObject();
	field_add(in, "AlarmName", a->name);
	field_add(in, "AlarmDescription", a->description);
	field_add(in, "Namespace", a->space);
	field_add(in, "MetricName", a->metric);
	add_dimensions(in, a->dimensions, a->dimensions_len);
	field_add(in, "Statistic", a->statistic);
	field_add(in, "ComparisonOperator", a->comparison);
	field_add(in, "TreatMissingData", a->missing);
	cJSON_AddNumberToObject(in, "Threshold", a->threshold);
	cJSON_AddNumberToObject(in, "Period", a->period);
	cJSON_AddNumberToObject(in, "EvaluationPeriods", a->periods);
	field_add_list(in, "AlarmActions", a->actions, a->actions_len);
	return aws_call_json(c, &aws_cloudwatch, "PutMetricAlarm", in, NULL, err);
}

static const struct metric_dimension *
take_dimensions(const cJSON *o, struct arena *a, size_t *len)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(o, "Dimensions"), *item;
	struct metric_dimension *out = arena_array(a, (size_t)cJSON_GetArraySize(list) + 1, sizeof *out);

	*len = 0;
	cJSON_ArrayForEach(item, list)
		out[(*len)++] = (struct metric_dimension){ .name = field_text(a, item, "Name"), .value = field_text(a, item, "Value") };
	return out;
}

static struct alarm
take_alarm(const cJSON *o, struct arena *a)
{
	const cJSON *threshold = cJSON_GetObjectItemCaseSensitive(o, "Threshold");
	struct alarm out = {
		.name = field_text(a, o, "AlarmName"),
		.description = field_text(a, o, "AlarmDescription"),
		.space = field_text(a, o, "Namespace"),
		.metric = field_text(a, o, "MetricName"),
		.statistic = field_text(a, o, "Statistic"),
		.comparison = field_text(a, o, "ComparisonOperator"),
		.missing = field_text(a, o, "TreatMissingData"),
		.threshold = cJSON_IsNumber(threshold) ? threshold->valuedouble : 0,
		.period = (int)field_number(o, "Period"),
		.periods = (int)field_number(o, "EvaluationPeriods"),
		.arn = field_text(a, o, "AlarmArn"),
		.state = field_text(a, o, "StateValue"),
		.reason = field_text(a, o, "StateReason"),
		.changed = field_time(o, "StateUpdatedTimestamp"),
	};

	out.dimensions = take_dimensions(o, a, &out.dimensions_len);
	out.actions = field_texts(a, o, "AlarmActions", &out.actions_len);
	return out;
}

status
alarms_list(struct aws_client *c, const char *prefix, struct arena *a, struct alarm **out, size_t *len, struct aws_error *err)
{
	struct paging p = { .token = NULL };
	size_t cap = 0;
	status result;

	*out = NULL;
	*len = 0;
	do {
		cJSON *in = cJSON_CreateObject(), *answer = NULL;
		const cJSON *list, *item;

		field_add(in, "AlarmNamePrefix", prefix);
		cJSON_AddNumberToObject(in, "MaxRecords", 100);
		field_add(in, "NextToken", p.token);
		result = aws_call_json(c, &aws_cloudwatch, "DescribeAlarms", in, &answer, err);
		list = cJSON_GetObjectItemCaseSensitive(answer, "MetricAlarms");
		cJSON_ArrayForEach(item, list) {
			*out = arena_grow(a, *out, *len, &cap, sizeof **out);
			(*out)[(*len)++] = take_alarm(item, a);
		}
		if (result == STATUS_OK)
			result = paging_next(&p, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "NextToken")),
			    (size_t)cJSON_GetArraySize(list), err);
		cJSON_Delete(answer);
	} while (result == STATUS_OK && p.more);
	paging_done(&p);
	return result;
}
