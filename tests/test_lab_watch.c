/* The lab's CloudWatch in both its protocols, and EventBridge: alarms by their data, patterns, targets. Requests past HTTP. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cloud_internal.h"
#include "lab/event_pattern.h"
#include "lab/query.h"
#include "tests/aws_lab.h"
#include "tests/made.h"

static struct aws_lab lab = { .now = MADE_NOW };

static int
start(void **state)
{
	(void)state;
	aws_lab_start(&lab);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	aws_lab_stop(&lab);
	return 0;
}

static void
is(const struct aws_answer *a, const char *code)
{
	if (strcmp(a->code, code) != 0)
		fail_msg("“%s” instead of “%s”: %s", a->code, code, a->text);
}

static const struct aws_answer *
query(const char *operation, const char *form)
{
	return aws_ask(&lab, &(struct aws_ask){ .service = &cloud_cloudwatch, .operation = operation, .body = form });
}

static void
forms(void **state)
{
	static const struct {
		const char *form, *json; /* NULL: refused */
	} cases[] = {
		{ "", "{}" },
		{ "a=1&b=x+y%2B%C3%BC", "{\"a\":\"1\",\"b\":\"x y+\xc3\xbc\"}" },
		{ "a.member.2=y&a.member.1=x", "{\"a\":[\"x\",\"y\"]}" },
		{ "a.member.10=z&a.member.9=y", "{\"a\":[\"y\",\"z\"]}" },
		{ "a.member.1.b.member.1.c=1&a.member.1.d=2", "{\"a\":[{\"b\":[{\"c\":\"1\"}],\"d\":\"2\"}]}" },
		{ "a.member.0=x", "{\"a\":{\"member\":{\"0\":\"x\"}}}" },
		{ "a.member.x=1", "{\"a\":{\"member\":{\"x\":\"1\"}}}" },
		{ "a=%zz%&b", "{\"a\":\"%zz%\",\"b\":\"\"}" },
		{ "a=%00b", "{\"a\":\"%00b\"}" },
		{ "a=1&a=2", NULL },
		{ "a=1&a.b=2", NULL },
		{ "a.b=1&a=2", NULL },
		{ "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cJSON *o = query_form(cases[i].form);
		char *text = o != NULL ? cJSON_PrintUnformatted(o) : NULL;
		if (cases[i].json == NULL ? text != NULL : text == NULL || strcmp(text, cases[i].json) != 0)
			fail_msg("%s: %s", cases[i].form, text != NULL ? text : "refused");
		cJSON_free(text);
		cJSON_Delete(o);
	}
}

#define ALARM "AlarmName=a&Namespace=N&MetricName=M&Statistic=Minimum&Period=60&EvaluationPeriods=3&Threshold=30&ComparisonOperator=LessThanOrEqualToThreshold"

/* Data of the last three minutes, and what an alarm says of them: '-' is a minute without any, '!' one that breaches. */
static void
alarms(void **state)
{
	static const struct {
		const char *minutes, *more, *expected;
	} cases[] = {
		{ "---", "", "INSUFFICIENT_DATA" },
		{ "---", "&TreatMissingData=breaching", "ALARM" },
		{ "---", "&TreatMissingData=notBreaching", "OK" },
		{ "---", "&TreatMissingData=ignore", "INSUFFICIENT_DATA" }, /* as it was */
		{ "...", "", "OK" },
		{ "!!!", "", "ALARM" },
		{ "!!.", "", "OK" },
		{ "!!.", "&DatapointsToAlarm=2", "ALARM" },
		{ "!--", "", "OK" },
		{ "!--", "&TreatMissingData=breaching", "ALARM" },
		{ "!--", "&DatapointsToAlarm=1", "ALARM" },
		{ ".--", "&TreatMissingData=notBreaching", "OK" },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		/* A metric of its own each: what is put later does not change it. */
		for (size_t m = 0; m < 3; m++) {
			if (cases[i].minutes[m] == '-')
				continue;
			is(aws_json(&lab, &cloud_cloudwatch, "PutMetricData", "{\"Namespace\":\"N\",\"MetricData\":[{\"MetricName\":\"M%zu\",\"Value\":%d,\"Timestamp\":%lld}]}", i,
			    cases[i].minutes[m] == '!' ? 30 : 31, (long long)(MADE_NOW - 60 * (int64_t)m)), "");
		}
		snprintf(text, sizeof text, "AlarmName=a%zu&Namespace=N&MetricName=M%zu&Statistic=Minimum&Period=60&EvaluationPeriods=3&Threshold=30&"
		    "ComparisonOperator=LessThanOrEqualToThreshold%s", i, i, cases[i].more);
		is(query("PutMetricAlarm", text), "");
		const struct aws_answer *a = aws_json(&lab, &cloud_cloudwatch, "DescribeAlarms", "{\"AlarmNames\":[\"a%zu\"]}", i);
		if (strcmp(aws_text(a, "MetricAlarms/0/StateValue"), cases[i].expected) != 0)
			fail_msg("case %zu (%s%s): %s", i, cases[i].minutes, cases[i].more, a->text);
	}
	const struct aws_answer *a = query("DescribeAlarms", "AlarmNamePrefix=a1&StateValue=ALARM");
	assert_non_null(strstr(a->text, "<AlarmName>a1</AlarmName>"));
	assert_null(strstr(a->text, "<AlarmName>a0</AlarmName>"));
	assert_non_null(strstr(a->text, "<Threshold>30</Threshold>"));
	is(query("DeleteAlarms", "AlarmNames.member.1=a1&AlarmNames.member.2=none"), "ResourceNotFound");
	is(query("DeleteAlarms", "AlarmNames.member.1=a1"), "");
	assert_null(strstr(query("DescribeAlarms", "AlarmNamePrefix=a1")->text, "<AlarmName>a1</AlarmName>"));
}

static void
refusals_watch(void **state)
{
	static const struct {
		const char *operation, *form, *code;
	} cases[] = {
		{ "PutMetricData", "Namespace=AWS/X&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1", "InvalidParameterValue" },
		{ "PutMetricData", "MetricData.member.1.MetricName=m&MetricData.member.1.Value=1", "MissingParameter" },
		{ "PutMetricData", "Namespace=N", "MissingParameter" },
		{ "PutMetricData", "Namespace=N&MetricData.member.1.MetricName=m", "InvalidParameterValue" },
		{ "PutMetricData", "Namespace=N&MetricData.member.1.MetricName=m&MetricData.member.1.Value=NaN", "InvalidParameterValue" },
		{ "PutMetricData", "Namespace=N&MetricData.member.1.Value=1", "MissingParameter" },
		{ "PutMetricData", "Namespace=N&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1&MetricData.member.1.Dimensions.member.1.Name=d",
		    "MissingParameter" },
		{ "PutMetricAlarm", ALARM "&Period2=1", "" },
		{ "PutMetricAlarm", "AlarmName=a", "MissingParameter" },
		{ "PutMetricAlarm", ALARM "&TreatMissingData=maybe", "ValidationError" },
		{ "PutMetricAlarm", ALARM "&DatapointsToAlarm=4", "ValidationError" },
		{ "PutMetricAlarm", "AlarmName=a&Namespace=N&MetricName=M&Statistic=p99&Period=60&EvaluationPeriods=1&Threshold=1&ComparisonOperator=LessThanThreshold",
		    "ValidationError" },
		{ "PutMetricAlarm", "AlarmName=a&Namespace=N&MetricName=M&Statistic=Sum&Period=61&EvaluationPeriods=1&Threshold=1&ComparisonOperator=LessThanThreshold",
		    "ValidationError" },
		{ "PutMetricAlarm", "AlarmName=a&Namespace=N&MetricName=M&Statistic=Sum&Period=60&EvaluationPeriods=1441&Threshold=1&ComparisonOperator=LessThanThreshold",
		    "ValidationError" },
		{ "PutMetricAlarm", "AlarmName=a&Namespace=N&MetricName=M&Statistic=Sum&Period=60&EvaluationPeriods=1&Threshold=1&ComparisonOperator=Less",
		    "ValidationError" },
		{ "GetMetricStatistics", "Namespace=N&MetricName=M", "MissingParameter" },
		{ "GetMetricStatistics", "Namespace=N&MetricName=M&StartTime=2026-01-01T00:00:00Z&EndTime=2026-11-01T00:00:00Z&Period=60&Statistics.member.1=Sum",
		    "InvalidParameterCombination" },
		{ "GetMetricData", "", "InvalidAction" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(query(cases[i].operation, cases[i].form), cases[i].code);
	/* In JSON the same has another name, and the old one in a header. */
	const struct aws_answer *a = aws_json(&lab, &cloud_cloudwatch, "PutMetricData", "{\"Namespace\":\"AWS/X\",\"MetricData\":[]}");
	is(a, "InvalidParameterValueException");
	assert_string_equal(aws_answer_header(a, "x-amzn-query-error"), "InvalidParameterValue;Sender");
	is(aws_json(&lab, &cloud_cloudwatch, "GetMetricData", "{}"), "UnknownOperationException");
	is(aws_ask(&lab, &(struct aws_ask){ .service = &cloud_cloudwatch, .operation = "ListMetrics", .nobody = true }), "AccessDenied");
	/* All or nothing. */
	is(query("PutMetricData", "Namespace=Half&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1&MetricData.member.2.MetricName=m"), "InvalidParameterValue");
	assert_null(strstr(query("ListMetrics", "Namespace=Half")->text, "<MetricName>"));
}

static void
statistics(void **state)
{
	(void)state;
	is(aws_json(&lab, &cloud_cloudwatch, "PutMetricData", "{\"Namespace\":\"S\",\"MetricData\":[{\"MetricName\":\"m\",\"Values\":[1,4],\"Counts\":[2,1],\"Timestamp\":%lld},"
	    "{\"MetricName\":\"m\",\"StatisticValues\":{\"SampleCount\":1,\"Sum\":9,\"Minimum\":9,\"Maximum\":9},\"Timestamp\":%lld}]}", (long long)MADE_NOW,
	    (long long)MADE_NOW), "");
	const struct aws_answer *a = aws_json(&lab, &cloud_cloudwatch, "GetMetricStatistics", "{\"Namespace\":\"S\",\"MetricName\":\"m\",\"StartTime\":%lld,"
	    "\"EndTime\":%lld,\"Period\":60,\"Statistics\":[\"Sum\",\"Average\",\"Minimum\",\"Maximum\",\"SampleCount\"]}", (long long)MADE_NOW,
	    (long long)MADE_NOW + 120);
	is(a, "");
	static const struct {
		const char *name;
		double value;
	} expected[] = { { "Sum", 15 }, { "Average", 3.75 }, { "Minimum", 1 }, { "Maximum", 9 }, { "SampleCount", 4 } };
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		char path[64];
		snprintf(path, sizeof path, "Datapoints/0/%s", expected[i].name);
		assert_non_null(aws_at(a, path));
		assert_true(aws_at(a, path)->valuedouble > expected[i].value - 1e-9 && aws_at(a, path)->valuedouble < expected[i].value + 1e-9);
	}
	assert_null(aws_at(a, "Datapoints/1"));
}

static void
patterns(void **state)
{
	static const char event[] = "{\"source\":\"aws.acm-pca\",\"detail\":{\"result\":\"failure\",\"n\":5,\"none\":null},\"resources\":[\"arn:1\",\"arn:2\"]}";
	static const struct {
		const char *pattern;
		int holds; /* -1: no pattern */
	} cases[] = {
		{ "{\"source\":[\"aws.acm-pca\"]}", 1 },
		{ "{\"source\":[\"aws.acm\",\"aws.acm-pca\"]}", 1 },
		{ "{\"source\":[\"aws.acm\"]}", 0 },
		{ "{\"source\":[\"aws.acm-pca\"],\"detail\":{\"result\":[\"success\"]}}", 0 },
		{ "{\"detail\":{\"result\":[{\"prefix\":\"fail\"}]}}", 1 },
		{ "{\"detail\":{\"result\":[{\"suffix\":\"ure\"}]}}", 1 },
		{ "{\"detail\":{\"result\":[{\"equals-ignore-case\":\"FAILURE\"}]}}", 1 },
		{ "{\"detail\":{\"result\":[{\"anything-but\":\"success\"}]}}", 1 },
		{ "{\"detail\":{\"result\":[{\"anything-but\":[\"failure\",\"x\"]}]}}", 0 },
		{ "{\"detail\":{\"result\":[{\"anything-but\":{\"prefix\":\"fail\"}}]}}", 0 },
		{ "{\"detail\":{\"gone\":[{\"exists\":false}]}}", 1 },
		{ "{\"detail\":{\"result\":[{\"exists\":false}]}}", 0 },
		{ "{\"detail\":{\"n\":[{\"numeric\":[\">\",4,\"<=\",5]}]}}", 1 },
		{ "{\"detail\":{\"n\":[{\"numeric\":[\"<\",5]}]}}", 0 },
		{ "{\"detail\":{\"n\":[5]}}", 1 },
		{ "{\"detail\":{\"none\":[null]}}", 1 },
		{ "{\"resources\":[\"arn:2\"]}", 1 },
		{ "{\"resources\":[\"arn:3\"]}", 0 },
		{ "{\"gone\":[\"x\"]}", 0 },
		{ "{\"source\":{\"deeper\":[\"x\"]}}", 0 },
		{ "{}", -1 },
		{ "{\"source\":[]}", -1 },
		{ "{\"source\":\"aws.acm-pca\"}", -1 },
		{ "{\"source\":[{\"regex\":\"x\"}]}", -1 },
		{ "[]", -1 },
	};
	cJSON *e = cJSON_Parse(event);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cJSON *p = cJSON_Parse(cases[i].pattern);
		const char *why = "";
		int holds = !event_pattern_valid(p, &why) ? -1 : event_pattern_matches(p, e);
		if (holds != cases[i].holds)
			fail_msg("%s: %d %s", cases[i].pattern, holds, why);
		cJSON_Delete(p);
	}
	cJSON_Delete(e);
}

static const struct aws_answer *
events(const char *operation, const char *body)
{
	return aws_ask(&lab, &(struct aws_ask){ .service = &cloud_events, .operation = operation, .body = body });
}

static void
rules(void **state)
{
	static const struct {
		const char *operation, *body, *code;
	} cases[] = {
		{ "PutRule", "{\"Name\":\"r\",\"EventPattern\":\"{\\\"source\\\":[\\\"aws.acm-pca\\\"]}\",\"Description\":\"d\"}", "" },
		{ "PutRule", "{\"Name\":\"other\",\"EventPattern\":\"{\\\"source\\\":[\\\"aws.s3\\\"]}\"}", "" },
		{ "PutRule", "{\"Name\":\"has blanks\",\"EventPattern\":\"{\\\"source\\\":[1]}\"}", "ValidationException" },
		{ "PutRule", "{\"Name\":\"n\"}", "ValidationException" },
		{ "PutRule", "{\"Name\":\"n\",\"EventPattern\":\"{}\"}", "InvalidEventPatternException" },
		{ "PutRule", "{\"Name\":\"n\",\"EventPattern\":\"x\"}", "InvalidEventPatternException" },
		{ "PutRule", "{\"Name\":\"n\",\"EventPattern\":\"{\\\"source\\\":[1]}\",\"State\":\"ON\"}", "ValidationException" },
		{ "PutRule", "{\"Name\":\"n\",\"EventPattern\":\"{\\\"source\\\":[1]}\",\"EventBusName\":\"b\"}", "ResourceNotFoundException" },
		{ "PutTargets", "{\"Rule\":\"none\",\"Targets\":[{\"Id\":\"1\",\"Arn\":\"arn:aws:sqs:r:1:q\"}]}", "ResourceNotFoundException" },
		{ "PutTargets", "{\"Rule\":\"r\",\"Targets\":[]}", "ValidationException" },
		{ "PutTargets", "{\"Rule\":\"r\",\"Targets\":[{\"Id\":\"1\"}]}", "ValidationException" },
		{ "DescribeRule", "{\"Name\":\"none\"}", "ResourceNotFoundException" },
		{ "DeleteRule", "{\"Name\":\"none\"}", "" }, /* AWS too */
		{ "PutEvent", "{}", "UnknownOperationException" },
	};
	static const char *const resources[] = { "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/x" };
	const struct aws_answer *a;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(events(cases[i].operation, cases[i].body), cases[i].code);
	a = events("PutTargets", "{\"Rule\":\"r\",\"Targets\":[{\"Id\":\"1\",\"Arn\":\"arn:aws:sqs:r:1:q\",\"Input\":\"{}\"},{\"Id\":\"2\",\"Arn\":\"no arn\"}]}");
	is(a, "");
	assert_int_equal(aws_at(a, "FailedEntryCount")->valueint, 1);
	assert_string_equal(aws_text(a, "FailedEntries/0/TargetId"), "2");
	assert_string_equal(aws_text(events("ListTargetsByRule", "{\"Rule\":\"r\"}"), "Targets/0/Input"), "{}");
	is(events("PutTargets", "{\"Rule\":\"r\",\"Targets\":[{\"Id\":\"a\",\"Arn\":\"arn:aws:sqs:r:1:q\"},{\"Id\":\"b\",\"Arn\":\"arn:aws:sqs:r:1:q\"},"
	    "{\"Id\":\"c\",\"Arn\":\"arn:aws:sqs:r:1:q\"},{\"Id\":\"d\",\"Arn\":\"arn:aws:sqs:r:1:q\"},{\"Id\":\"e\",\"Arn\":\"arn:aws:sqs:r:1:q\"}]}"),
	    "LimitExceededException");
	is(events("PutTargets", "{\"Rule\":\"r\",\"Targets\":[{\"Id\":\"a\",\"Arn\":\"arn:aws:sqs:r:1:q\"},{\"Id\":\"b\"}]}"), "ValidationException");
	assert_null(aws_at(events("ListTargetsByRule", "{\"Rule\":\"r\"}"), "Targets/1")); /* all of them or none */
	is(events("DeleteRule", "{\"Name\":\"r\"}"), "ValidationException");
	/* What is left away when a rule is put again is gone. */
	is(events("PutRule", "{\"Name\":\"r\",\"EventPattern\":\"{\\\"source\\\":[\\\"aws.acm-pca\\\"]}\"}"), "");
	assert_null(aws_at(events("DescribeRule", "{\"Name\":\"r\"}"), "Description"));

	/* An event is counted for the rule that it matches, while that is switched on. */
	cloud_event(lab.cloud, "ACM Private CA Certificate Issuance", resources, 1, false, "No reason.");
	is(events("DisableRule", "{\"Name\":\"r\"}"), "");
	cloud_event(lab.cloud, "ACM Private CA Certificate Issuance", resources, 1, true, NULL);
	a = aws_json(&lab, &cloud_cloudwatch, "GetMetricStatistics", "{\"Namespace\":\"AWS/Events\",\"MetricName\":\"TriggeredRules\",\"Dimensions\":[{\"Name\":\"RuleName\","
	    "\"Value\":\"r\"}],\"StartTime\":%lld,\"EndTime\":%lld,\"Period\":60,\"Statistics\":[\"Sum\"]}", (long long)MADE_NOW, (long long)MADE_NOW + 60);
	assert_non_null(aws_at(a, "Datapoints/0/Sum"));
	assert_int_equal(aws_at(a, "Datapoints/0/Sum")->valueint, 1);
	a = aws_json(&lab, &cloud_cloudwatch, "ListMetrics", "{\"Namespace\":\"AWS/Events\",\"Dimensions\":[{\"Name\":\"RuleName\",\"Value\":\"other\"}]}");
	assert_null(aws_at(a, "Metrics/0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(alarms),
		cmocka_unit_test(refusals_watch),
		cmocka_unit_test(statistics),
		cmocka_unit_test(patterns),
		cmocka_unit_test(rules),
	};

	return cmocka_run_group_tests_name("lab_watch", tests, start, stop);
}
