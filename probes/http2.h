/*
 * One request over HTTP/2 (RFC 9113), by libnghttp2: for servers that agree on nothing else. Sends and reads no socket:
 * bytes go in and come out. The answer goes into an HTTP reader as if it had come in lines, so that one set of rules
 * reads both.
 */
#ifndef PROBES_HTTP2_H
#define PROBES_HTTP2_H

#include "probes/http.h"

struct http2;
/*
 * The session with its one request, ready to be sent. The reader must outlive it. host_header and path are checked as
 * http_request() does: NULL and *err where they cannot be sent.
 */
struct http2 *http2_new(const char *method, const char *host_header, const char *path, struct http_reader *answer, struct error *err);
void http2_free(struct http2 *h);

/* What is to be sent, all of it at once: borrowed until the next call. Empty: nothing. */
struct text http2_output(struct http2 *h);
/* Bytes that came. HTTP_DONE: the answer is whole, or the server ended the stream or the session; HTTP_MALFORMED: it is no HTTP/2. */
enum http_state http2_feed(struct http2 *h, const unsigned char *bytes, size_t len);
/* How the server ended it, where it did so in words: "RST_STREAM HTTP_1_1_REQUIRED", "GOAWAY NO_ERROR"; or NULL. In the arena. */
const char *http2_ended(const struct http2 *h, struct arena *a);

#endif
