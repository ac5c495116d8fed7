/* Alarms. Their state is found when somebody looks, from the data that is there then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cloudwatch.h"
#include "lab/sql.h"
#include "model/times.h"

enum { PAGE = 100, ACTIONS_MOST = 5, EVALUATED_SECONDS_MOST = 7 * 86400, EVALUATIONS_MOST = 1440 };

struct comparison {
	const char *name, *words;
	bool (*holds)(double value, double threshold);
};

static bool
greater_or_equal(double value, double threshold)
{
	return value >= threshold;
}

static bool
greater(double value, double threshold)
{
	return value > threshold;
}

static bool
less(double value, double threshold)
{
	return value < threshold;
}

static bool
less_or_equal(double value, double threshold)
{
	return value <= threshold;
}

enum { COMPARISONS = 4 };
static const struct comparison comparisons[COMPARISONS] = {
	{ "GreaterThanOrEqualToThreshold", "greater than or equal to", greater_or_equal },
	{ "GreaterThanThreshold", "greater than", greater },
	{ "LessThanThreshold", "less than", less },
	{ "LessThanOrEqualToThreshold", "less than or equal to", less_or_equal },
};

static const struct comparison *
comparison_of(const char *name)
{
	for (size_t i = 0; name != NULL && i < COMPARISONS; i++)
		if (strcmp(comparisons[i].name, name) == 0)
			return &comparisons[i];
	return NULL;
}

/* ---- what is put ---- */

/* The request with its numbers as numbers, whichever protocol it came in. NULL with *p. */
static cJSON *
normalised(struct watch_call *k)
{
	static const char *const texts[] = { "AlarmName", "AlarmDescription", "Namespace", "MetricName", "Statistic", "Unit", "ComparisonOperator",
		"TreatMissingData" };
	static const char *const numbers[] = { "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold" };
	static const char *const lists[] = { "OKActions", "AlarmActions", "InsufficientDataActions" };
	char *dimensions = watch_dimensions(k, given(k->in, "Dimensions"));
	double number;

	if (dimensions == NULL)
		return NULL;
	cJSON *out = cJSON_CreateObject();
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (given_text(k->in, texts[i]) != NULL)
			cJSON_AddStringToObject(out, texts[i], given_text(k->in, texts[i]));
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (given_number(k->in, numbers[i], &number))
			cJSON_AddNumberToObject(out, numbers[i], number);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		cJSON_AddItemToObject(out, lists[i], cJSON_IsArray(given(k->in, lists[i])) ? cJSON_Duplicate(given(k->in, lists[i]), true) : cJSON_CreateArray());
	cJSON_AddBoolToObject(out, "ActionsEnabled", given_bool(k->in, "ActionsEnabled", true));
	cJSON_AddItemToObject(out, "Dimensions", cJSON_Parse(dimensions));
	return out;
}

/* AWS: 10, 20, 30 or a multiple of 60; a day of evaluation at most, a week where a period is an hour or more. */
static bool
period_fits(double period, double evaluations)
{
	int64_t seconds = (int64_t)period;

	return (double)seconds == period && (seconds == 10 || seconds == 20 || seconds == 30 || (seconds > 0 && seconds % 60 == 0)) &&
	    period * evaluations <= (seconds >= 3600 ? EVALUATED_SECONDS_MOST : 86400);
}

static bool
check(struct watch_call *k, const cJSON *a)
{
	static const char *const missing[] = { "breaching", "notBreaching", "ignore", "missing" };
	static const char *const required[] = { "AlarmName", "ComparisonOperator", "MetricName", "Namespace", "Statistic" };
	const char *treat = given_text(a, "TreatMissingData");
	const struct watch_stats any = { 1, 1, 1, 1 };
	double period = 0, evaluations = 0, threshold, to_alarm, value;
	bool known = treat == NULL;

	for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
		if (given_text(a, required[i]) == NULL) {
			watch_fail(k, i < 2 ? "MissingParameter" : "ValidationError", "The parameter %s is required.", required[i]);
			return false;
		}
	for (size_t i = 0; treat != NULL && i < sizeof missing / sizeof missing[0]; i++)
		known = known || strcmp(missing[i], treat) == 0;
	if (!known)
		watch_fail(k, "ValidationError", "Value '%s' at 'treatMissingData' failed to satisfy constraint: Member must be one of breaching, notBreaching, "
		    "ignore, missing", treat);
	else if (comparison_of(given_text(a, "ComparisonOperator")) == NULL)
		watch_fail(k, "ValidationError", "1 validation error detected: Value '%s' at 'comparisonOperator' failed to satisfy constraint: Member must satisfy "
		    "enum value set", given_text(a, "ComparisonOperator"));
	else if (!watch_statistic(&any, given_text(a, "Statistic"), &value))
		watch_fail(k, "ValidationError", "1 validation error detected: Value '%s' at 'statistic' failed to satisfy constraint: Member must satisfy enum "
		    "value set: [SampleCount, Average, Sum, Minimum, Maximum]", given_text(a, "Statistic"));
	else if (!given_number(a, "Threshold", &threshold) || !given_number(a, "EvaluationPeriods", &evaluations) || evaluations < 1)
		watch_fail(k, "MissingParameter", "The parameters Threshold and EvaluationPeriods are required.");
	else if (!given_number(a, "Period", &period) || evaluations > EVALUATIONS_MOST || !period_fits(period, evaluations))
		watch_fail(k, "ValidationError", "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400), or a week where the "
		    "period is an hour or longer; a period is 10, 20, 30 or a multiple of 60 seconds.");
	else if (given_number(a, "DatapointsToAlarm", &to_alarm) && (to_alarm < 1 || to_alarm > evaluations))
		watch_fail(k, "ValidationError", "The parameter DatapointsToAlarm must not be greater than EvaluationPeriods");
	else if (cJSON_GetArraySize(given(a, "AlarmActions")) > ACTIONS_MOST || cJSON_GetArraySize(given(a, "OKActions")) > ACTIONS_MOST ||
	    cJSON_GetArraySize(given(a, "InsufficientDataActions")) > ACTIONS_MOST)
		watch_fail(k, "ValidationError", "1 validation error detected: an alarm has at most %d actions of each kind", ACTIONS_MOST);
	else
		return true;
	return false;
}

void
watch_put_alarm(struct watch_call *k)
{
	cJSON *a = normalised(k);

	if (a == NULL)
		return;
	if (check(k, a)) {
		/* PUT replaces the whole alarm; its state stays until it is evaluated again. */
		char *text = cJSON_PrintUnformatted(a);
		if (sql_do(k->db, "INSERT INTO watch_alarms VALUES (?, ?, ?, ?, 'INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation', ?5, ?5)"
		    " ON CONFLICT(account, region, name) DO UPDATE SET settings = excluded.settings, configured = excluded.configured", "tttti", k->q->account,
		    k->q->region, given_text(a, "AlarmName"), text, k->q->now))
			watch_reply(k, NULL);
		else
			cloud_fail(k->p, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.");
		cJSON_free(text);
	}
	cJSON_Delete(a);
}

/* ---- what it says ---- */

struct verdict {
	const char *state, *reason;
};

static struct verdict
evaluate(struct watch_call *k, const cJSON *a)
{
	const struct comparison *c = comparison_of(given_text(a, "ComparisonOperator"));
	const char *treat = given_text(a, "TreatMissingData"), *dimensions = watch_dimensions(k, given(a, "Dimensions"));
	double period = 60, evaluations = 1, threshold = 0, to_alarm, value, last = 0;
	int breaching = 0, seen = 0, missing = 0;
	int64_t metric = watch_metric(k, given_text(a, "Namespace"), given_text(a, "MetricName"), dimensions);

	given_number(a, "Period", &period);
	given_number(a, "EvaluationPeriods", &evaluations);
	given_number(a, "Threshold", &threshold);
	to_alarm = evaluations;
	given_number(a, "DatapointsToAlarm", &to_alarm);
	for (int i = 0; i < (int)evaluations; i++) {
		int64_t to = k->q->now - (int64_t)period * i;
		struct watch_stats s;
		if (metric == 0 || !watch_stats_of(k, metric, to - (int64_t)period, to, &s) || !watch_statistic(&s, given_text(a, "Statistic"), &value)) {
			missing++;
			continue;
		}
		if (seen++ == 0)
			last = value;
		breaching += c->holds(value, threshold);
	}
	if (treat != NULL && strcmp(treat, "breaching") == 0)
		breaching += missing;
	else if (treat != NULL && strcmp(treat, "notBreaching") == 0)
		seen += missing;
	if (treat != NULL && strcmp(treat, "ignore") == 0 && seen == 0)
		return (struct verdict){ NULL, NULL };
	if (breaching >= (int)to_alarm)
		return (struct verdict){ "ALARM", seen > 0 ? arena_printf(k->q->arena, "Threshold Crossed: %d out of the last %d datapoints [%.15g] was %s the threshold "
		    "(%.15g) (minimum %d datapoint for OK -> ALARM transition).", breaching, (int)evaluations, last, c->words, threshold, (int)to_alarm) :
		    "Threshold Crossed: no datapoints were received and missing data is treated as breaching." };
	if (seen == 0 && missing == (int)evaluations && (treat == NULL || strcmp(treat, "breaching") != 0))
		return (struct verdict){ "INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received." };
	return (struct verdict){ "OK", arena_printf(k->q->arena, "Threshold Crossed: %d datapoints [%.15g] were not %s the threshold (%.15g).", seen, last, c->words,
	    threshold) };
}

static cJSON *
described(struct watch_call *k, sqlite3_stmt *s)
{
	const char *name = sql_column(s, 0, k->q->arena), *state = sql_column(s, 2, k->q->arena), *reason = sql_column(s, 3, k->q->arena);
	cJSON *a = cJSON_Parse(sql_column(s, 1, k->q->arena));
	int64_t changed = sqlite3_column_int64(s, 4);
	struct verdict v = evaluate(k, a);

	if (v.state != NULL && strcmp(v.state, state) != 0) {
		state = v.state;
		reason = v.reason;
		changed = k->q->now;
		(void)sql_do(k->db, "UPDATE watch_alarms SET state = ?, reason = ?, changed = ? WHERE account = ? AND region = ? AND name = ?", "ttittt", state,
		    reason, changed, k->q->account, k->q->region, name);
	}
	cJSON_AddStringToObject(a, "AlarmArn", cloud_arn(k->q, "cloudwatch", arena_printf(k->q->arena, "alarm:%s", name)));
	cJSON_AddStringToObject(a, "StateValue", state);
	cJSON_AddStringToObject(a, "StateReason", reason);
	watch_time(k, a, "StateUpdatedTimestamp", changed);
	watch_time(k, a, "AlarmConfigurationUpdatedTimestamp", sqlite3_column_int64(s, 5));
	return a;
}

static bool
named(const cJSON *names, const char *name)
{
	const cJSON *one;

	if (!cJSON_IsArray(names) || cJSON_GetArraySize(names) == 0)
		return true;
	cJSON_ArrayForEach(one, names)
		if (cJSON_IsString(one) && strcmp(one->valuestring, name) == 0)
			return true;
	return false;
}

void
watch_describe_alarms(struct watch_call *k)
{
	const char *prefix = given_text(k->in, "AlarmNamePrefix"), *wanted = given_text(k->in, "StateValue"), *after = given_text(k->in, "NextToken");
	double most = PAGE;
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "MetricAlarms");
	const char *last = "";

	if (!given_number(k->in, "MaxRecords", &most) || most < 1 || most > PAGE)
		most = PAGE;
	sqlite3_stmt *s = sql(k->db, "SELECT name, settings, state, reason, changed, configured FROM watch_alarms WHERE account = ? AND region = ? AND name > ?"
	    " ORDER BY name", "ttt", k->q->account, k->q->region, after != NULL ? after : "");
	while (sqlite3_step(s) == SQLITE_ROW) {
		char *name = sql_column(s, 0, k->q->arena);
		if (!named(given(k->in, "AlarmNames"), name) || (prefix != NULL && strncmp(name, prefix, strlen(prefix)) != 0))
			continue;
		if (cJSON_GetArraySize(list) == (int)most) {
			cJSON_AddStringToObject(out, "NextToken", last);
			break;
		}
		cJSON *one = described(k, s);
		if (wanted != NULL && strcmp(given_text(one, "StateValue"), wanted) != 0) {
			cJSON_Delete(one);
			continue;
		}
		cJSON_AddItemToArray(list, one);
		last = name;
	}
	sqlite3_finalize(s);
	watch_reply(k, out);
}

void
watch_delete_alarms(struct watch_call *k)
{
	const cJSON *names = given(k->in, "AlarmNames"), *one;

	cJSON_ArrayForEach(one, names)
		if (!cJSON_IsString(one) || sql_int(k->db, 0, "SELECT 1 FROM watch_alarms WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account,
		    k->q->region, one->valuestring) == 0) {
			watch_fail(k, "ResourceNotFound", "Resources not found: [%s]", cJSON_IsString(one) ? one->valuestring : "");
			return;
		}
	cJSON_ArrayForEach(one, names) {
		sql_do(k->db, "DELETE FROM watch_alarms WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account, k->q->region, one->valuestring);
	}
	watch_reply(k, NULL);
}
