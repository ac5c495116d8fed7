/* An HTTP server that answers by a script and keeps what it was asked: for clients of AWS's services. */
#ifndef TESTS_HTTP_SCRIPT_H
#define TESTS_HTTP_SCRIPT_H

#include <stddef.h>

struct http_step {
	const char *method;   /* NULL ends the script */
	const char *target;   /* how path and query begin, or all of it where it ends in “$” */
	const char *has;      /* somewhere in the request, head or body; NULL: anything */
	unsigned times;       /* it answers so many requests, then the next that fits; 0: any number */
	int status;           /* 0: 200. -1: closes without a word. -2: says nothing until the end */
	const char *headers;  /* further ones, each with its CR LF; NULL */
	const char *body;     /* NULL: none */
};

struct http_script;
/* On 127.0.0.1. The steps must outlive it. What fits no step is answered with 418. */
struct http_script *http_script_start(const struct http_step *steps);
const char *http_script_url(const struct http_script *s); /* "http://127.0.0.1:PORT" */
size_t http_script_requests(struct http_script *s);
/* Until so many requests are there, or 10 s have passed: then the test fails. */
void http_script_wait(struct http_script *s, size_t requests);
/* Head and body of one, NUL-terminated; it lives as long as the server. */
const char *http_script_request(struct http_script *s, size_t i);
void http_script_stop(struct http_script *s); /* NULL is legal */

#endif
