/*
 * One HTTP/1.1 answer, read in pieces: status line, headers, the first bytes of a body. Bounded by
 * LIMIT_HTTP_HEAD and LIMIT_HTTP_BODY; fuzzed. Sends nothing and knows no socket.
 */
#ifndef PROBES_HTTP_H
#define PROBES_HTTP_H

#include "model/handshake.h"

enum http_state { HTTP_READING_HEAD, HTTP_READING_BODY, HTTP_DONE, HTTP_MALFORMED, HTTP_TOO_LARGE };

enum chunk_state { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER, CHUNK_TRAILER_LINE };

struct http_reader {
	enum http_state state;
	struct buf head, body;  /* what came so far, bounded */
	int status;             /* 0 until the status line is complete; 1xx answers are skipped */
	bool no_body;           /* HEAD, 204, 304 */
	int64_t body_left;      /* Content-Length left; -1 unknown */
	bool chunked, close;

	/* The reader's own. */
	size_t head_bytes;      /* of head, interim answers and chunk sizes together: LIMIT_HTTP_HEAD */
	size_t line_start;      /* in head: where its last line begins; 0: still in the status line */
	int line_status;        /* of the head that is being read, 1xx too */
	enum chunk_state chunk_state;
	uint64_t chunk_left;
	bool chunk_digits;
};

void http_reader_init(struct http_reader *r, bool head_request);
/* Takes more bytes; returns the state. HTTP_DONE: the head is whole and the body either ended or enough of it is kept. */
enum http_state http_reader_feed(struct http_reader *r, const unsigned char *bytes, size_t len);
/* The peer closed: what is there is all there is. */
enum http_state http_reader_end(struct http_reader *r);
/* Copies what was learnt (status, malformed, reason, Server, Date, Age, head, body) into the arena; the rest of *out is the caller's. */
void http_reader_answer(const struct http_reader *r, struct arena *a, struct http_answer *out);
void http_reader_done(struct http_reader *r);

/* "HEAD /x HTTP/1.1", Host, User-Agent, Connection: close. Path and host are checked: no control bytes, no spaces. */
status http_request(struct buf *out, const char *method, const char *host_header, const char *path, struct error *err) MUST_USE;

#endif
