/* The lab's AWS within a test: started in a folder of its own, and asked either by real clients or without HTTP. */
#ifndef TESTS_AWS_LAB_H
#define TESTS_AWS_LAB_H

#include "lab/cloud.h"

struct aws_lab {
	char *folder;
	struct cloud *cloud;
	int64_t now;  /* seconds: the lab's clock; 0: the real one */
};

/* Fails the test where it does not start. */
void aws_lab_start(struct aws_lab *lab);
void aws_lab_stop(struct aws_lab *lab);
/* Ends it and starts it again in the same folder. */
void aws_lab_again(struct aws_lab *lab);

/*
 * One request, past signatures and HTTP, by the administrator unless `who` says otherwise. Only while no client speaks to the lab.
 * What comes back lives until the next call.
 */
struct aws_ask {
	const struct cloud_service *service;
	const char *operation;  /* JSON and Query; NULL: REST */
	const char *method, *path, *query; /* REST; method NULL: POST */
	const char *body;       /* NULL: none */
	size_t body_len;        /* 0: of the string */
	struct cloud_header headers[8];
	size_t headers_len;
	bool json;              /* a service that speaks Query is asked in JSON */
	bool nobody;            /* who may do nothing */
};
struct aws_answer {
	int status;
	const char *text;       /* the body, of a file too */
	size_t len;
	cJSON *json;            /* where it is JSON */
	const char *code;       /* an error's, "" where it is none */
	const struct cloud_reply *reply;
};
const struct aws_answer *aws_ask(struct aws_lab *lab, const struct aws_ask *what);
/* A JSON service: the operation with a body written like printf's. */
const struct aws_answer *aws_json(struct aws_lab *lab, const struct cloud_service *s, const char *operation, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A header of the answer; "" where it has none. */
const char *aws_answer_header(const struct aws_answer *a, const char *name);
/* "Parameter/Value" of the answer, lists by number: "Rules/0/Name"; NULL: none. */
const cJSON *aws_at(const struct aws_answer *a, const char *path);
const char *aws_text(const struct aws_answer *a, const char *path); /* "" where there is no string */

#endif
