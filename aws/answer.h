/* What an AWS service, or whatever stands in its place, says when it says no: JSON, XML, a page, nothing. Pure. */
#ifndef AWS_ANSWER_H
#define AWS_ANSWER_H

#include "aws/client.h"

/* An answer that is not 2xx, as an error: kind, code, message, request id. Fills *err unless it is set. */
void aws_answer_error(const struct aws_service *s, const struct aws_http_answer *a, struct aws_error *err);
/* The session token has run out: new credentials may do. */
bool aws_answer_is_expired(const struct aws_error *e);
/* JSON of a 2xx answer; an empty body is {}. AWS_ANSWER: it is none. The caller's. */
status aws_answer_json(const struct aws_http_answer *a, cJSON **out, struct aws_error *err) MUST_USE;
/* cJSON_Delete() of what may hold secrets: its strings are cleared first. NULL is legal. */
void aws_json_forget(cJSON *o);

#endif
