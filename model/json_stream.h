/*
 * JSON as it comes, piece by piece: tokens, in the memory of the longest one. For documents that are too large to be
 * held (an audit report of a million records); what fits is read by cJSON. RFC 8259, strictly.
 */
#ifndef MODEL_JSON_STREAM_H
#define MODEL_JSON_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "model/buf.h"
#include "model/error.h"

enum json_token { JSON_OBJECT, JSON_OBJECT_END, JSON_ARRAY, JSON_ARRAY_END, JSON_KEY, JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL };

/* text: of a key, string (UTF-8; NUL and half surrogates are U+FFFD) or number; NUL-terminated, until the next token. False: stop. */
typedef bool (*json_tell)(void *user, enum json_token t, const char *text, size_t len);

struct json_stream {
	json_tell tell;
	void *user;
	size_t most;           /* bytes of one string or number */
	unsigned depth, deepest;
	uint64_t inside;       /* bit n: the bracket at depth n is an object's */
	uint64_t offset;       /* bytes read */
	uint64_t token_at;     /* where the token began */
	int state;             /* json_stream.c */
	bool key;              /* the string is one */
	uint32_t high;         /* the first half of a surrogate pair */
	uint32_t code;
	unsigned digits;
	struct buf text;
	const char *problem;   /* static: what is wrong at `offset`; NULL: nothing, or tell() said stop */
};

/* deepest: at most 64. */
void json_stream_start(struct json_stream *j, json_tell tell, void *user, size_t most, unsigned deepest);
/* False: it is no JSON (problem says why), or tell() stopped it. */
bool json_stream_feed(struct json_stream *j, const char *bytes, size_t len);
/* Nothing follows. False: it is cut. */
bool json_stream_end(struct json_stream *j);
void json_stream_done(struct json_stream *j);

#endif
