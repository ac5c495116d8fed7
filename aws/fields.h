/* Taking values out of an answer's JSON into an arena, and putting them into a request: what the small services share. */
#ifndef AWS_FIELDS_H
#define AWS_FIELDS_H

#include <cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/error.h"
#include "model/buf.h"
#include "model/memory.h"

/* o may be NULL everywhere: an answer's missing part has no members. */
const char *field_text(struct arena *a, const cJSON *o, const char *name); /* a copy; NULL: absent, null or no string */
/* A list of strings; *len 0 where it is absent. */
const char **field_texts(struct arena *a, const cJSON *o, const char *name, size_t *len);
int64_t field_number(const cJSON *o, const char *name);                    /* 0 where it is absent */
bool field_true(const cJSON *o, const char *name);
/* Seconds since the epoch, out of a number with a fraction or of RFC 3339; TIME_UNKNOWN where it is absent. */
int64_t field_time(const cJSON *o, const char *name);

void field_add(cJSON *to, const char *name, const char *value);            /* not where value is NULL */
void field_add_list(cJSON *to, const char *name, const char *const values[], size_t len); /* not where len is 0 */

/* "&Name=value", encoded; without the “&” where it is the first. Not where value is NULL. */
void query_add(struct buf *b, const char *name, const char *value);

/*
 * Pages of a JSON list: the token that goes into the next request. A list that is longer than LIMIT_AWS_LISTED, or goes in a
 * circle, is AWS_ANSWER.
 */
struct paging {
	char *token;  /* NULL: the first page */
	bool more;    /* another page is there */
	size_t items, pages;
};
/* After a page with so many items; token NULL or "": it was the last. */
status paging_next(struct paging *p, const char *token, size_t items, struct aws_error *err) MUST_USE;
void paging_done(struct paging *p);

#endif
