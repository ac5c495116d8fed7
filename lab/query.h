/*
 * AWS's Query protocol, as the older services speak it: a form comes in, XML goes out. Both are handled as JSON, so that a
 * service that speaks both (CloudWatch) has each operation once. Source: the smithy "awsQuery" protocol.
 */
#ifndef LAB_QUERY_H
#define LAB_QUERY_H

#include "lab/cloud.h"

/*
 * "MetricData.member.1.MetricName=x" as {"MetricData":[{"MetricName":"x"}]}; every value is a string. The caller's. NULL: it
 * is deeper, longer or stranger than anything that AWS has.
 */
cJSON *query_form(const char *form);
/* <OperationResponse><OperationResult>…: result is taken over and freed; NULL: an operation without a result. */
void query_reply(const struct cloud_request *q, struct cloud_reply *p, const char *xmlns, cJSON *result);

/* Of a request in either protocol: a string, a number that may be written as a string, a boolean likewise. */
const char *given_text(const cJSON *from, const char *name);                   /* NULL: none, or empty in a form */
bool given_number(const cJSON *from, const char *name, double *out);           /* false: not given, or no finite number */
bool given_bool(const cJSON *from, const char *name, bool otherwise);
const cJSON *given(const cJSON *from, const char *name);                       /* any; NULL */

/* "arn:aws:PREFIX" of the request's region and account: arn("secretsmanager", "secret:x") in the arena. */
char *cloud_arn(const struct cloud_request *q, const char *service, const char *resource);

#endif
