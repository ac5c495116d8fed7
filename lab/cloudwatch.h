/* The lab's CloudWatch: what its files and the services that publish metrics of their own share. */
#ifndef LAB_CLOUDWATCH_H
#define LAB_CLOUDWATCH_H

#include "lab/query.h"

/* One value of one metric with at most one dimension (dimension NULL: none), now by the lab's clock. False: the disk. */
bool cloudwatch_publish(struct cloud *c, const char *account, const char *region, const char *space, const char *name, const char *dimension,
    const char *value, double number);

/* A request in either of the two protocols. */
struct watch_call {
	struct cloud *c;
	const struct cloud_request *q;
	struct cloud_reply *p;
	const cJSON *in;
	sqlite3 *db;
};

struct watch_stats {
	double count, sum, least, most;
};

void watch_reply(struct watch_call *k, cJSON *out);      /* out is taken over; NULL: nothing to say */
/* Query's code without "Exception"; both protocols hear theirs. */
void watch_fail(struct watch_call *k, const char *code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A time in the protocol that was spoken. */
void watch_time(struct watch_call *k, cJSON *out, const char *name, int64_t t);
/* "[{"Name":…,"Value":…}]", sorted: what makes a metric one. In the arena; NULL with *p: they are not well-formed. */
char *watch_dimensions(struct watch_call *k, const cJSON *list);
/* 0: there is no such metric. */
int64_t watch_metric(struct watch_call *k, const char *space, const char *name, const char *dimensions);
/* Of the data in (from, to]; false: none. */
bool watch_stats_of(struct watch_call *k, int64_t metric, int64_t from, int64_t to, struct watch_stats *out);
/* "Minimum"; false: no such statistic. */
bool watch_statistic(const struct watch_stats *s, const char *name, double *out);

/* ---- lab/cloudwatch_alarms.c ---- */
void watch_put_alarm(struct watch_call *k);
void watch_describe_alarms(struct watch_call *k);
void watch_delete_alarms(struct watch_call *k);

#endif
