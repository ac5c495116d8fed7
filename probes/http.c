#include "probes/http.h"

#include <string.h>

#include "model/characters.h"
#include "model/limits.h"
#include "model/times.h"

void
http_reader_init(struct http_reader *r, bool head_request)
{
	*r = (struct http_reader){ .no_body = head_request, .body_left = -1 };
}

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static bool
same_word(const char *word, const char *s, size_t len)
{
	if (strlen(word) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower((unsigned char)word[i]) != lower((unsigned char)s[i]))
			return false;
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct text
trim(const char *s, size_t len)
{
	while (len > 0 && (is_blank(*s) || *s == '\r' || *s == '\n')) {
		s++;
		len--;
	}
	while (len > 0 && (is_blank(s[len - 1]) || s[len - 1] == '\r' || s[len - 1] == '\n'))
		len--;
	return (struct text){ (const unsigned char *)s, len };
}

/* The length of the line at s with its line end; 0 where none has come yet. */
static size_t
line_length(const char *s, size_t len)
{
	const char *end = len == 0 ? NULL : memchr(s, '\n', len);

	return end == NULL ? 0 : (size_t)(end - s) + 1;
}

/* "HTTP/1.1 200 OK", the reason or even the blank before it missing (RFC 9112 4). 0: it is none. */
static int
parse_status_line(const char *s, size_t len, struct text *reason)
{
	struct text line = trim(s, len);
	const char *at = (const char *)line.bytes, *end = at + line.len;
	int number = 0, digits = 0;

	*reason = (struct text){ 0 };
	if (line.len < 5 || memcmp(at, "HTTP/", 5) != 0)
		return 0;
	at += 5;
	while (at < end && (is_digit(*at) || *at == '.'))
		at++;
	if (at == end || !is_blank(*at))
		return 0;
	while (at < end && is_blank(*at))
		at++;
	for (; at < end && is_digit(*at) && digits < 4; at++, digits++)
		number = number * 10 + (*at - '0');
	if (digits != 3 || number < 100 || (at < end && !is_blank(*at)))
		return 0;
	*reason = trim(at, (size_t)(end - at));
	return number;
}

/* Could these bytes still become a status line? */
static bool
begins_like_http(const char *s, size_t len)
{
	static const char begin[] = "HTTP/";

	return memcmp(s, begin, len < sizeof begin - 1 ? len : sizeof begin - 1) == 0;
}

/* One header, folded lines (RFC 9112 5.2) included. */
struct header {
	const char *name, *value;
	size_t name_len, value_len;
};

/* The header at *at, which moves behind it; false at the end of the head. A line without a colon is a header without a value. */
static bool
next_header(const struct buf *head, size_t *at, struct header *out)
{
	const char *s = head->data + *at, *colon;
	size_t left = head->len - *at, len = line_length(s, left);

	if (len == 0 || trim(s, len).len == 0)
		return false;
	while (len < left && is_blank(s[len])) {
		size_t more = line_length(s + len, left - len);
		if (more == 0)
			break;
		len += more;
	}
	*at += len;
	colon = memchr(s, ':', len);
	out->name = s;
	out->name_len = colon != NULL ? (size_t)(colon - s) : len;
	out->value = colon != NULL ? colon + 1 : s + len;
	out->value_len = (size_t)(s + len - out->value);
	return true;
}

/* A Content-Length, or -1 where it is no number or has more digits than any body. "5, 5" is 5 (RFC 9110 8.6). */
static int64_t
parse_length(struct text v)
{
	int64_t first = -1, n = 0;
	bool any = false;

	for (size_t i = 0; i <= v.len; i++) {
		char c = i < v.len ? (char)v.bytes[i] : ',';
		if (is_digit(c)) {
			if (n > INT64_MAX / 100)
				return -1;
			n = n * 10 + (c - '0');
			any = true;
		} else if (c == ',') {
			if (!any || (first >= 0 && first != n))
				return -1;
			first = n;
			n = 0;
			any = false;
		} else if (!is_blank(c) || any) {
			return -1;
		}
	}
	return first;
}

/* Does a list like "gzip, Chunked" end in this word? */
static bool
ends_in_word(struct text list, const char *word)
{
	size_t begin = list.len;

	while (begin > 0 && list.bytes[begin - 1] != ',' && !is_blank((char)list.bytes[begin - 1]))
		begin--;
	return same_word(word, (const char *)list.bytes + begin, list.len - begin);
}

/* What the headers say about the body. */
static void
read_framing(struct http_reader *r)
{
	size_t at = line_length(r->head.data, r->head.len);
	bool has_length = false, bad_length = false;
	struct header h;

	while (next_header(&r->head, &at, &h)) {
		struct text value = trim(h.value, h.value_len);

		if (same_word("transfer-encoding", h.name, h.name_len) && ends_in_word(value, "chunked")) {
			r->chunked = true;
		} else if (same_word("connection", h.name, h.name_len) && ends_in_word(value, "close")) {
			r->close = true;
		} else if (same_word("content-length", h.name, h.name_len)) {
			int64_t n = parse_length(value);
			bad_length = bad_length || n < 0 || (has_length && n != r->body_left);
			has_length = true;
			r->body_left = n;
		}
	}
	if (bad_length || r->chunked)
		r->body_left = -1; /* absurd: what comes until the end is the body */
}

static enum http_state
body_begins(struct http_reader *r)
{
	read_framing(r);
	r->no_body = r->no_body || r->status == 204 || r->status == 304 || r->status == 101;
	r->chunk_state = CHUNK_SIZE;
	r->chunk_left = 0;
	return r->no_body || r->body_left == 0 ? HTTP_DONE : HTTP_READING_BODY;
}

/* After each line end of the head: is the status known, is the head whole? */
static enum http_state
line_ended(struct http_reader *r)
{
	struct text reason;
	size_t first = line_length(r->head.data, r->head.len);
	bool blank = trim(r->head.data + r->line_start, r->head.len - r->line_start).len == 0;

	if (r->line_start == 0) {
		if (blank) { /* RFC 9112 2.2: an empty line before the status line is passed over */
			buf_reset(&r->head);
			return HTTP_READING_HEAD;
		}
		r->line_status = parse_status_line(r->head.data, first, &reason);
		if (r->line_status == 0)
			return HTTP_MALFORMED;
		if (r->line_status >= 200 || r->line_status == 101)
			r->status = r->line_status;
		r->line_start = r->head.len;
		return HTTP_READING_HEAD;
	}
	r->line_start = r->head.len;
	if (!blank)
		return HTTP_READING_HEAD;
	if (r->status != 0)
		return body_begins(r);
	buf_reset(&r->head); /* 1xx: the answer is still to come */
	r->line_start = 0;
	return HTTP_READING_HEAD;
}

static enum http_state
feed_head(struct http_reader *r, unsigned char c)
{
	if (r->head_bytes++ >= LIMIT_HTTP_HEAD)
		return HTTP_TOO_LARGE;
	buf_addc(&r->head, (char)c);
	if (c == '\n')
		return line_ended(r);
	if (r->line_start == 0 && r->head.data[0] != '\r' && !begins_like_http(r->head.data, r->head.len))
		return HTTP_MALFORMED;
	return HTTP_READING_HEAD;
}

static enum http_state
keep_body(struct http_reader *r, const unsigned char *bytes, size_t len)
{
	size_t room = LIMIT_HTTP_BODY - r->body.len;

	buf_add(&r->body, bytes, len < room ? len : room);
	return r->body.len == LIMIT_HTTP_BODY ? HTTP_DONE : HTTP_READING_BODY;
}

/* The line with a chunk's size has ended. */
static enum http_state
size_ended(struct http_reader *r)
{
	if (!r->chunk_digits)
		return HTTP_DONE; /* no size: what follows means nothing */
	r->chunk_digits = false;
	r->chunk_state = r->chunk_left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
	return HTTP_READING_BODY;
}

/* RFC 9112 7.1, one byte that is no data. A broken one ends the body; status and head stand all the same. */
static enum http_state
feed_chunk_frame(struct http_reader *r, unsigned char c)
{
	switch (r->chunk_state) {
	case CHUNK_SIZE:
		if (c == '\n')
			return size_ended(r);
		if (hex_value((char)c) < 0) {
			r->chunk_state = CHUNK_EXTENSION;
			return r->chunk_digits ? HTTP_READING_BODY : HTTP_DONE;
		}
		if (r->chunk_left >> 56 != 0)
			return HTTP_DONE;
		r->chunk_left = r->chunk_left << 4 | (uint64_t)hex_value((char)c);
		r->chunk_digits = true;
		return HTTP_READING_BODY;
	case CHUNK_EXTENSION:
		return c == '\n' ? size_ended(r) : HTTP_READING_BODY;
	case CHUNK_DATA_END:
		if (c == '\n')
			r->chunk_state = CHUNK_SIZE;
		return c == '\n' || c == '\r' ? HTTP_READING_BODY : HTTP_DONE;
	case CHUNK_TRAILER: /* at the begin of a line: an empty one ends it all */
		if (c == '\n')
			return HTTP_DONE;
		if (c != '\r')
			r->chunk_state = CHUNK_TRAILER_LINE;
		return HTTP_READING_BODY;
	default:
		if (c == '\n')
			r->chunk_state = CHUNK_TRAILER;
		return HTTP_READING_BODY;
	}
}

/* Takes what it can of the body; returns how much. */
static size_t
feed_body(struct http_reader *r, const unsigned char *bytes, size_t len)
{
	if (r->chunked && r->chunk_state != CHUNK_DATA) {
		/* Sizes, extensions and trailers are bounded together with the head. */
		r->state = r->head_bytes++ < LIMIT_HTTP_HEAD ? feed_chunk_frame(r, *bytes) : HTTP_DONE;
		return 1;
	}
	if (r->chunked) {
		if (r->chunk_left < len)
			len = (size_t)r->chunk_left;
		r->chunk_left -= len;
		r->state = keep_body(r, bytes, len);
		if (r->chunk_left == 0)
			r->chunk_state = CHUNK_DATA_END;
		return len;
	}
	if (r->body_left >= 0 && (uint64_t)r->body_left < len)
		len = (size_t)r->body_left;
	r->state = keep_body(r, bytes, len);
	if (r->body_left >= 0) {
		r->body_left -= (int64_t)len;
		if (r->body_left == 0)
			r->state = HTTP_DONE;
	}
	return len;
}

enum http_state
http_reader_feed(struct http_reader *r, const unsigned char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && (r->state == HTTP_READING_HEAD || r->state == HTTP_READING_BODY)) {
		if (r->state == HTTP_READING_HEAD)
			r->state = feed_head(r, bytes[i++]);
		else
			i += feed_body(r, bytes + i, len - i);
	}
	/* What is no HTTP is kept as far as it helps to recognise it. */
	if (r->state == HTTP_MALFORMED && r->head.len < LIMIT_PLAIN_BYTES) {
		size_t room = LIMIT_PLAIN_BYTES - r->head.len;
		buf_add(&r->head, bytes + i, len - i < room ? len - i : room);
	}
	return r->state;
}

enum http_state
http_reader_end(struct http_reader *r)
{
	struct text reason;

	if (r->state == HTTP_READING_BODY) {
		r->state = HTTP_DONE;
	} else if (r->state == HTTP_READING_HEAD) {
		/* "HTTP/1.1 400 Bad Request" and then nothing, not even a line end, is an answer too. */
		if (r->status == 0 && r->line_start == 0 && r->head.len > 0) {
			int number = parse_status_line(r->head.data, r->head.len, &reason);
			r->status = number >= 200 ? number : 0;
		}
		r->state = r->status != 0 ? HTTP_DONE : HTTP_MALFORMED;
	}
	return r->state;
}

/* A header's value into the arena, line ends of folded ones as they are; empty where it is missing. */
static struct text
find_header(const struct http_reader *r, struct arena *a, const char *name)
{
	size_t at = r->head.len == 0 ? 0 : line_length(r->head.data, r->head.len);
	struct header h;

	while (at > 0 && next_header(&r->head, &at, &h)) {
		if (same_word(name, h.name, h.name_len)) {
			struct text v = trim(h.value, h.value_len);
			return (struct text){ arena_dup(a, v.bytes, v.len), v.len };
		}
	}
	return (struct text){ 0 };
}

/* RFC 9111 1.2.2: delta-seconds; above 2^31 the cache only says "long ago". */
static int64_t
parse_age(struct text v)
{
	int64_t n = parse_length(v);

	if (n < 0)
		return 0;
	return n > INT32_MAX ? INT32_MAX : n;
}

void
http_reader_answer(const struct http_reader *r, struct arena *a, struct http_answer *out)
{
	struct text reason = { 0 }, date;

	out->status = r->status;
	out->malformed = r->state == HTTP_MALFORMED && r->head.len > 0;
	out->head = (struct text){ arena_dup(a, r->head.data, r->head.len), r->head.len };
	out->body = (struct text){ arena_dup(a, r->body.data, r->body.len), r->body.len };
	out->reason = out->server = (struct text){ 0 };
	out->date = TIME_UNKNOWN;
	out->age = 0;
	if (r->status == 0)
		return;
	parse_status_line((const char *)out->head.bytes,
	    r->line_start > 0 ? line_length(r->head.data, r->head.len) : r->head.len, &reason);
	out->reason = reason;
	out->server = find_header(r, a, "server");
	date = find_header(r, a, "date");
	if (date.len == 0 || !time_parse_http((const char *)date.bytes, date.len, &out->date))
		out->date = TIME_UNKNOWN;
	out->age = parse_age(find_header(r, a, "age"));
}

void
http_reader_done(struct http_reader *r)
{
	buf_done(&r->head);
	buf_done(&r->body);
}

/* Bytes that would end the request line or a header. */
static bool
has_blanks_or_controls(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			return true;
	return false;
}

status
http_request(struct buf *out, const char *method, const char *host_header, const char *path, struct error *err)
{
	struct buf safe = { 0 };
	bool bad_path = path[0] != '/' || has_blanks_or_controls(path);

	if (bad_path || has_blanks_or_controls(host_header)) {
		text_safe(&safe, text_of(bad_path ? path : host_header), TEXT_MAX_DEFAULT);
		error_set(err, ERROR_USAGE, "request",
		    bad_path ? "the path “%s” must begin with / and hold no blank and no control character"
			     : "the host “%s” must hold no blank and no control character",
		    buf_str(&safe));
		buf_done(&safe);
		return STATUS_FAILED;
	}
	buf_addf(out, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: mtlscope\r\nAccept: */*\r\nConnection: close\r\n\r\n",
	    method, path, host_header);
	return STATUS_OK;
}
