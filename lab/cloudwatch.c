/*
 * The lab's CloudWatch: metrics and their alarms, in AWS JSON 1.0 and in the older Query protocol. Source: the CloudWatch
 * API reference; knowledge "aws" 4.5.
 */
#include "lab/cloudwatch.h"

#include <math.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/sql.h"
#include "model/times.h"

#define XMLNS "http://monitoring.amazonaws.com/doc/2010-08-01/"

enum { DATA_MOST = 1000, DIMENSIONS_MOST = 30, VALUES_MOST = 150, PAGE = 500, POINTS_MOST = 1440 };

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS watch_metrics(id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, space TEXT NOT NULL,"
    " name TEXT NOT NULL, dimensions TEXT NOT NULL, unit TEXT, UNIQUE(account, region, space, name, dimensions));"
    "CREATE TABLE IF NOT EXISTS watch_data(metric INTEGER NOT NULL, at INTEGER NOT NULL, count REAL NOT NULL, sum REAL NOT NULL, least REAL NOT NULL,"
    " most REAL NOT NULL);"
    "CREATE INDEX IF NOT EXISTS watch_by_time ON watch_data(metric, at);"
    "CREATE TABLE IF NOT EXISTS watch_alarms(account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,"
    " state TEXT NOT NULL, reason TEXT NOT NULL, changed INTEGER NOT NULL, configured INTEGER NOT NULL, PRIMARY KEY(account, region, name));";

void
watch_reply(struct watch_call *k, cJSON *out)
{
	if (k->p->protocol == CLOUD_QUERY)
		query_reply(k->q, k->p, XMLNS, out);
	else
		cloud_reply_json(k->p, out != NULL ? out : cJSON_CreateObject());
}

void
watch_fail(struct watch_call *k, const char *code, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (k->p->protocol == CLOUD_QUERY) {
		cloud_fail(k->p, code, "%s", text);
		return;
	}
	/* SDKs that were made for Query still want its codes. */
	cloud_reply_header(k->p, "x-amzn-query-error", arena_printf(k->q->arena, "%s;Sender", code));
	cloud_fail(k->p, arena_printf(k->q->arena, "%sException", code), "%s", text);
}

void
watch_time(struct watch_call *k, cJSON *out, const char *name, int64_t t)
{
	char text[TIME_TEXT_MAX];

	if (k->p->protocol == CLOUD_QUERY)
		cJSON_AddStringToObject(out, name, time_rfc3339(t, text));
	else
		cJSON_AddNumberToObject(out, name, (double)t);
}

static bool
read_time(const cJSON *from, const char *name, int64_t *out)
{
	const char *text = given_text(from, name);
	double number;

	if (text != NULL)
		return time_parse(text, out);
	if (!given_number(from, name, &number) || number < 0 || number > 1e12)
		return false;
	*out = (int64_t)number;
	return true;
}

static int
by_name(const void *a, const void *b)
{
	const cJSON *const *x = a, *const *y = b;

	return strcmp(given_text(*x, "Name"), given_text(*y, "Name"));
}

char *
watch_dimensions(struct watch_call *k, const cJSON *list)
{
	const cJSON *sorted[DIMENSIONS_MOST], *one;
	cJSON *out;
	size_t n = 0;
	char *text, *kept;

	cJSON_ArrayForEach(one, list) {
		if (n == DIMENSIONS_MOST || given_text(one, "Name") == NULL || given_text(one, "Value") == NULL) {
			watch_fail(k, n == DIMENSIONS_MOST ? "InvalidParameterValue" : "MissingParameter", "%s", n == DIMENSIONS_MOST ?
			    "The collection Dimensions must not have a size greater than 30." : "The parameter Dimensions.member.N.Name and Value are required.");
			return NULL;
		}
		sorted[n++] = one;
	}
	qsort(sorted, n, sizeof sorted[0], by_name);
	out = cJSON_CreateArray();
	for (size_t i = 0; i < n; i++) {
		cJSON *pair = cJSON_CreateObject();
		cJSON_AddStringToObject(pair, "Name", given_text(sorted[i], "Name"));
		cJSON_AddStringToObject(pair, "Value", given_text(sorted[i], "Value"));
		cJSON_AddItemToArray(out, pair);
	}
	text = cJSON_PrintUnformatted(out);
	kept = arena_strdup(k->q->arena, text);
	cJSON_free(text);
	cJSON_Delete(out);
	return kept;
}

int64_t
watch_metric(struct watch_call *k, const char *space, const char *name, const char *dimensions)
{
	return sql_int(k->db, 0, "SELECT id FROM watch_metrics WHERE account = ? AND region = ? AND space = ? AND name = ? AND dimensions = ?", "ttttt",
	    k->q->account, k->q->region, space, name, dimensions);
}

/* ---- data ---- */

/* SQLite's own text of a number would cost digits: doubles are bound through "%.17g". */
static bool
keep_data(sqlite3 *db, int64_t metric, int64_t at, const struct watch_stats *d)
{
	char number[4][32];
	const double values[] = { d->count, d->sum, d->least, d->most };

	for (size_t i = 0; i < 4; i++)
		snprintf(number[i], sizeof number[i], "%.17g", values[i]);
	return sql_do(db, "INSERT INTO watch_data VALUES (?, ?, ?, ?, ?, ?)", "iitttt", metric, at, number[0], number[1], number[2], number[3]);
}

static int64_t
metric_made(sqlite3 *db, const char *account, const char *region, const char *space, const char *name, const char *dimensions, const char *unit)
{
	if (!sql_do(db, "INSERT OR IGNORE INTO watch_metrics(account, region, space, name, dimensions, unit) VALUES (?, ?, ?, ?, ?, ?)", "tttttt", account,
	    region, space, name, dimensions, unit))
		return 0;
	return sql_int(db, 0, "SELECT id FROM watch_metrics WHERE account = ? AND region = ? AND space = ? AND name = ? AND dimensions = ?", "ttttt", account,
	    region, space, name, dimensions);
}

bool
cloudwatch_publish(struct cloud *c, const char *account, const char *region, const char *space, const char *name, const char *dimension,
    const char *value, double number)
{
	const struct watch_stats d = { 1, number, number, number };
	cJSON *list = cJSON_CreateArray(), *pair;
	int64_t metric;

	if (dimension != NULL) {
		pair = cJSON_CreateObject();
		cJSON_AddStringToObject(pair, "Name", dimension);
		cJSON_AddStringToObject(pair, "Value", value);
		cJSON_AddItemToArray(list, pair);
	}
	char *text = cJSON_PrintUnformatted(list);
	metric = metric_made(cloud_db(c), account, region, space, name, text, "Count");
	cJSON_free(text);
	cJSON_Delete(list);
	return metric != 0 && keep_data(cloud_db(c), metric, cloud_world(c)->now_ms(cloud_world(c)->self) / 1000, &d);
}

/* Value, or Values with their Counts, or StatisticValues. False with *p. */
static bool
read_data(struct watch_call *k, const cJSON *one, struct watch_stats *d)
{
	const cJSON *values = given(one, "Values"), *counts = given(one, "Counts"), *set = given(one, "StatisticValues"), *v;
	double number, count;
	int i = 0;

	if (given_number(one, "Value", &number)) {
		*d = (struct watch_stats){ 1, number, number, number };
		return true;
	}
	if (cJSON_IsObject(set) && given_number(set, "SampleCount", &d->count) && given_number(set, "Sum", &d->sum) &&
	    given_number(set, "Minimum", &d->least) && given_number(set, "Maximum", &d->most))
		return true;
	*d = (struct watch_stats){ 0, 0, INFINITY, -INFINITY };
	cJSON_ArrayForEach(v, values) {
		const cJSON *c = cJSON_GetArrayItem(counts, i++);
		number = cJSON_IsNumber(v) ? v->valuedouble : cJSON_IsString(v) ? strtod(v->valuestring, NULL) : NAN;
		count = cJSON_IsNumber(c) ? c->valuedouble : cJSON_IsString(c) ? strtod(c->valuestring, NULL) : 1;
		if (!isfinite(number) || !isfinite(count) || i > VALUES_MOST)
			break;
		d->count += count;
		d->sum += number * count;
		d->least = number < d->least ? number : d->least;
		d->most = number > d->most ? number : d->most;
	}
	if (d->count > 0 && v == NULL)
		return true;
	watch_fail(k, "InvalidParameterValue", "The value of MetricData.member.N must be a finite number.");
	return false;
}

static bool
put_one(struct watch_call *k, const char *space, const cJSON *one)
{
	const char *name = given_text(one, "MetricName"), *unit = given_text(one, "Unit");
	char *dimensions = watch_dimensions(k, given(one, "Dimensions"));
	int64_t at = k->q->now, metric;
	struct watch_stats d;

	if (dimensions == NULL)
		return false;
	if (name == NULL) {
		watch_fail(k, "MissingParameter", "The parameter MetricData.member.1.MetricName is required.");
		return false;
	}
	if (given(one, "Timestamp") != NULL && !read_time(one, "Timestamp", &at)) {
		watch_fail(k, "InvalidParameterValue", "The parameter MetricData.member.1.Timestamp must be a timestamp.");
		return false;
	}
	if (!read_data(k, one, &d))
		return false;
	metric = metric_made(k->db, k->q->account, k->q->region, space, name, dimensions, unit != NULL ? unit : "None");
	if (metric != 0 && keep_data(k->db, metric, at, &d))
		return true;
	cloud_fail(k->p, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.");
	return false;
}

static void
put_metric_data(struct watch_call *k)
{
	const char *space = given_text(k->in, "Namespace");
	const cJSON *data = given(k->in, "MetricData"), *one;
	bool good = true;

	if (space == NULL || !cJSON_IsArray(data)) {
		watch_fail(k, "MissingParameter", "The parameter %s is required.", space == NULL ? "Namespace" : "MetricData");
		return;
	}
	if (strncmp(space, "AWS/", 4) == 0) {
		watch_fail(k, "InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.");
		return;
	}
	if (cJSON_GetArraySize(data) > DATA_MOST) {
		watch_fail(k, "InvalidParameterValue", "The collection MetricData must not have a size greater than %d.", DATA_MOST);
		return;
	}
	/* All of them or none. */
	sql_do(k->db, "SAVEPOINT data", "");
	cJSON_ArrayForEach(one, data)
		good = good && put_one(k, space, one);
	if (!good)
		sql_do(k->db, "ROLLBACK TO data", "");
	sql_do(k->db, "RELEASE data", "");
	if (good)
		watch_reply(k, NULL);
}

/* Has the metric a dimension of that name (and value, where one is given)? */
static bool
dimension_fits(const cJSON *have, const cJSON *filter)
{
	const char *value = given_text(filter, "Value");
	const cJSON *one;

	cJSON_ArrayForEach(one, have)
		if (strcmp(given_text(one, "Name"), given_text(filter, "Name")) == 0 && (value == NULL || strcmp(given_text(one, "Value"), value) == 0))
			return true;
	return false;
}

static void
list_metrics(struct watch_call *k)
{
	const char *space = given_text(k->in, "Namespace"), *name = given_text(k->in, "MetricName"), *token = given_text(k->in, "NextToken");
	const cJSON *filters = given(k->in, "Dimensions"), *f;
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "Metrics");
	sqlite3_stmt *s = sql(k->db, "SELECT id, space, name, dimensions FROM watch_metrics WHERE account = ? AND region = ? AND (?3 IS NULL OR space = ?3)"
	    " AND (?4 IS NULL OR name = ?4) AND id > ? ORDER BY id", "tttti", k->q->account, k->q->region, space, name,
	    (int64_t)(token != NULL ? strtoll(token, NULL, 10) : 0));
	int64_t last = 0;

	for (int n = 0; sqlite3_step(s) == SQLITE_ROW;) {
		cJSON *dimensions = cJSON_Parse(sql_column(s, 3, k->q->arena)), *one;
		bool fits = true;
		cJSON_ArrayForEach(f, filters)
			fits = fits && given_text(f, "Name") != NULL && dimension_fits(dimensions, f);
		if (!fits) {
			cJSON_Delete(dimensions);
			continue;
		}
		if (n++ == PAGE) {
			cJSON_Delete(dimensions);
			cJSON_AddStringToObject(out, "NextToken", arena_printf(k->q->arena, "%lld", (long long)last));
			break;
		}
		last = sqlite3_column_int64(s, 0);
		one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "Namespace", sql_column(s, 1, k->q->arena));
		cJSON_AddStringToObject(one, "MetricName", sql_column(s, 2, k->q->arena));
		cJSON_AddItemToObject(one, "Dimensions", dimensions);
		cJSON_AddItemToArray(list, one);
	}
	sqlite3_finalize(s);
	watch_reply(k, out);
}

bool
watch_stats_of(struct watch_call *k, int64_t metric, int64_t from, int64_t to, struct watch_stats *out)
{
	sqlite3_stmt *s = sql(k->db, "SELECT sum(count), sum(sum), min(least), max(most) FROM watch_data WHERE metric = ? AND at > ? AND at <= ?", "iii",
	    metric, from, to);
	bool found = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL;

	if (found)
		*out = (struct watch_stats){ sqlite3_column_double(s, 0), sqlite3_column_double(s, 1), sqlite3_column_double(s, 2), sqlite3_column_double(s, 3) };
	sqlite3_finalize(s);
	return found;
}

bool
watch_statistic(const struct watch_stats *s, const char *name, double *out)
{
	const struct {
		const char *name;
		double value;
	} all[] = {
		{ "SampleCount", s->count },
		{ "Sum", s->sum },
		{ "Average", s->count > 0 ? s->sum / s->count : 0 },
		{ "Minimum", s->least },
		{ "Maximum", s->most },
	};

	for (size_t i = 0; name != NULL && i < sizeof all / sizeof all[0]; i++)
		if (strcmp(all[i].name, name) == 0) {
			*out = all[i].value;
			return true;
		}
	return false;
}

static void
get_metric_statistics(struct watch_call *k)
{
	const char *space = given_text(k->in, "Namespace"), *name = given_text(k->in, "MetricName");
	const cJSON *statistics = given(k->in, "Statistics"), *one;
	char *dimensions = watch_dimensions(k, given(k->in, "Dimensions"));
	struct watch_stats stats;
	int64_t from, to, metric;
	double period, value;

	if (dimensions == NULL)
		return;
	if (space == NULL || name == NULL || !read_time(k->in, "StartTime", &from) || !read_time(k->in, "EndTime", &to) ||
	    !given_number(k->in, "Period", &period) || !cJSON_IsArray(statistics)) {
		watch_fail(k, "MissingParameter", "Namespace, MetricName, StartTime, EndTime, Period and Statistics are required.");
		return;
	}
	if (from >= to || period < 1 || period > 86400.0 * 365 || (double)(to - from) / period > POINTS_MOST) {
		watch_fail(k, "InvalidParameterCombination", "You have requested up to %.0f datapoints, which exceeds the limit of %d.",
		    period >= 1 ? (double)(to - from) / period : 0, POINTS_MOST);
		return;
	}
	metric = watch_metric(k, space, name, dimensions);
	const char *unit = sql_string(k->db, k->q->arena, "SELECT unit FROM watch_metrics WHERE id = ?", "i", metric);
	cJSON *out = cJSON_CreateObject(), *points = cJSON_AddArrayToObject(out, "Datapoints");
	cJSON_AddStringToObject(out, "Label", name);
	for (int64_t at = from; metric != 0 && at < to; at += (int64_t)period) {
		if (!watch_stats_of(k, metric, at - 1, at + (int64_t)period - 1, &stats)) /* a period includes its start */
			continue;
		cJSON *point = cJSON_CreateObject();
		watch_time(k, point, "Timestamp", at);
		cJSON_ArrayForEach(one, statistics)
			if (cJSON_IsString(one) && watch_statistic(&stats, one->valuestring, &value))
				cJSON_AddNumberToObject(point, one->valuestring, value);
		cJSON_AddStringToObject(point, "Unit", unit);
		cJSON_AddItemToArray(points, point);
	}
	watch_reply(k, out);
}

static const struct {
	const char *name;
	void (*run)(struct watch_call *k);
} operations[] = {
	{ "DeleteAlarms", watch_delete_alarms },
	{ "DescribeAlarms", watch_describe_alarms },
	{ "GetMetricStatistics", get_metric_statistics },
	{ "ListMetrics", list_metrics },
	{ "PutMetricAlarm", watch_put_alarm },
	{ "PutMetricData", put_metric_data },
};

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	cJSON *form = p->protocol == CLOUD_QUERY ? query_form((const char *)q->body) : NULL;
	struct watch_call k = { .c = c, .q = q, .p = p, .in = form != NULL ? form : q->json, .db = cloud_db(c) };
	size_t i = 0, len = sizeof operations / sizeof operations[0];

	while (i < len && (q->operation == NULL || strcmp(operations[i].name, q->operation) != 0))
		i++;
	if (i == len || k.in == NULL)
		cloud_fail(p, p->protocol == CLOUD_QUERY ? "InvalidAction" : "UnknownOperationException", "The operation %s is unknown.",
		    q->operation != NULL ? q->operation : "");
	else if (!q->may_all)
		watch_fail(&k, "AccessDenied", "User: %s is not authorized to perform: cloudwatch:%s because no identity-based policy allows the cloudwatch:%s "
		    "action", q->caller, q->operation, q->operation);
	else
		operations[i].run(&k);
	cJSON_Delete(form);
}

const struct cloud_service cloud_cloudwatch = {
	.signing = "monitoring",
	.protocol = CLOUD_QUERY,
	.target = "GraniteServiceVersion20100801",
	.tables = tables,
	.serve = serve,
};
