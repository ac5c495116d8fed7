/* One HTTP exchange by libcurl on the caller's own thread: bounded in size and time, cancellable, no redirects. */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/error.h"
#include "aws/sigv4.h"
#include "model/buf.h"

enum { AWS_HTTP_HEADERS = 48 };

struct aws_http_request {
	const char *method, *url;             /* the whole address, encoded */
	const struct sigv4_header *headers;   /* as they go out; host is libcurl's */
	size_t headers_len;
	const void *body;
	size_t body_len;
	unsigned connect_ms, within_ms;       /* 0: the defaults of aws/http.c */
	size_t most;                          /* bytes of the answer; 0: LIMIT_AWS_ANSWER */
	const char *ca_bundle;                /* file with the roots that its certificate must lead to (AWS_CA_BUNDLE); NULL: the system's */
	bool no_proxy;                        /* container and instance metadata: never through a proxy */
	const atomic_bool *cancel;            /* or NULL */
	/* A large answer goes here as it comes, only of a 2xx; false ends the transfer (the caller knows why). */
	bool (*sink)(void *user, const void *bytes, size_t len);
	void *user;
};

struct aws_http_answer {
	int status;                           /* 0: none came */
	bool timed_out;                       /* where aws_http() failed: because the time was up */
	bool unanswered;                      /* likewise: the request had gone out, at least a part of it */
	struct buf body;                      /* empty where a sink took it */
	char request_id[80];                  /* x-amzn-RequestId, x-amz-request-id */
	char error_type[96];                  /* x-amzn-ErrorType, cut at ":" */
	char date[64];                        /* the Date header */
	char version_id[128];                 /* x-amz-version-id */
	char etag[96];
	char bucket_region[40];               /* x-amz-bucket-region */
};

/*
 * For main(), before there is another thread: libcurl, which opens SSLKEYLOGFILE when it starts, is started without that. The log is for
 * the handshakes that the user looks into; what goes to AWS holds session tokens and comes back with private keys, and libcurl would
 * make the file readable for all.
 */
void aws_http_start(void);

/* STATUS_OK: an HTTP answer came, whatever its status. Otherwise AWS_NETWORK, AWS_ANSWER (over the limit) or AWS_CANCELLED. */
status aws_http(const struct aws_http_request *r, struct aws_http_answer *out, struct aws_error *err) MUST_USE;
void aws_http_answer_done(struct aws_http_answer *a);

#endif
