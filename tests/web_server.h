/* A web server for the tests of what is fetched: a table of pages, and a count of who asked for which. */
#ifndef TESTS_WEB_SERVER_H
#define TESTS_WEB_SERVER_H

#include <stddef.h>

enum web_how {
	WEB_ANSWERS,
	WEB_HANGS,    /* takes the request, and never answers */
	WEB_CLOSES,
	WEB_ENDLESS,  /* a body without end and without a length */
	WEB_SHORT     /* says a longer body than it sends, and closes */
};

struct web_page {
	const char *path;
	enum web_how how;
	const char *status;   /* NULL: "200 OK" */
	const char *headers;  /* further ones, each with its CR LF; or NULL */
	const void *body;
	size_t len;
};

struct web_server;
/* The pages must outlive it; path NULL ends them. On 127.0.0.1. */
struct web_server *web_start(const struct web_page *pages);
int web_port(const struct web_server *s);
int web_visits(struct web_server *s);      /* requests so far, of any path */
const char *web_last(struct web_server *s); /* the head of the last one; borrowed until the next */
void web_stop(struct web_server *s);

#endif
