/*
 * CloudWatch (2010-08-01, JSON 1.0): the days that are left, as metrics, and alarms on them. Results are in the caller's arena.
 * Source: API reference; knowledge "aws" 4.5.
 */
#ifndef AWS_CLOUDWATCH_H
#define AWS_CLOUDWATCH_H

#include "aws/client.h"
#include "model/memory.h"

/* Each combination of dimensions is a metric that is billed: few and stable ones, never a serial number. At most 30. */
struct metric_dimension {
	const char *name, *value;
};
struct metric {
	const char *name, *unit;                  /* unit NULL: None */
	const struct metric_dimension *dimensions;
	size_t dimensions_len;
	double value;                             /* neither NaN nor infinite */
	int64_t at;                               /* seconds; TIME_UNKNOWN: when it arrives */
};
/* PutMetricData, in as many calls as that takes. space does not begin with "AWS/". */
status metrics_put(struct aws_client *c, const char *space, const struct metric *metrics, size_t len, struct aws_error *err) MUST_USE;

struct alarm {
	const char *name, *description, *space, *metric;
	const struct metric_dimension *dimensions; /* the same ones as are published: else it stays INSUFFICIENT_DATA */
	size_t dimensions_len;
	const char *statistic;                    /* Minimum */
	const char *comparison;                   /* LessThanOrEqualToThreshold */
	const char *missing;                      /* breaching: silence is an alarm; NULL: CloudWatch's own (missing) */
	double threshold;
	int period, periods;                      /* seconds: 10, 20, 30 or a multiple of 60; how many in a row */
	const char *const *actions;               /* ARNs, at most 5 */
	size_t actions_len;
	/* Read only. */
	const char *arn, *state, *reason;         /* OK, ALARM, INSUFFICIENT_DATA */
	int64_t changed;
};
/* PutMetricAlarm: overwrites the whole of what is there under the name. */
status alarm_put(struct aws_client *c, const struct alarm *a, struct aws_error *err) MUST_USE;
/* DescribeAlarms, every page: those on metrics whose names begin so. prefix NULL: all. */
status alarms_list(struct aws_client *c, const char *prefix, struct arena *a, struct alarm **out, size_t *len, struct aws_error *err) MUST_USE;

#endif
