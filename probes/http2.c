#include "probes/http2.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

struct http2 {
	nghttp2_session *session;
	struct http_reader *answer;
	int32_t stream;
	struct buf head;        /* of the answer that is coming, in lines */
	bool head_too_large, body_began, done;
	bool broken;            /* the library gives up on the session: it said GOAWAY, which we never ask it to */
	struct buf out;
	size_t bytes_in;
	/* The server's own words. */
	bool goaway, reset;
	uint32_t goaway_code, reset_code;
	struct buf goaway_text; /* its debug data, bounded */
};

static void
finish(struct http2 *h)
{
	h->done = true;
}

/* ---- what came ---- */

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct http2 *h = user;

	(void)session;
	if (frame->hd.stream_id == h->stream)
		buf_reset(&h->head);
	return 0;
}

/* nghttp2 has looked at names and values: neither holds a line's end. */
static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len, const uint8_t *value,
    size_t value_len, uint8_t flags, void *user)
{
	struct http2 *h = user;
	static const char pseudo[] = ":status";

	(void)session;
	(void)flags;
	if (frame->hd.stream_id != h->stream || h->body_began)
		return 0; /* trailers */
	if (h->head.len + name_len + value_len + 4 > LIMIT_HTTP_HEAD) {
		h->head_too_large = true;
		return 0;
	}
	if (name_len == sizeof pseudo - 1 && memcmp(name, pseudo, name_len) == 0) {
		buf_adds(&h->head, "HTTP/2 ");
	} else {
		buf_add(&h->head, name, name_len);
		buf_adds(&h->head, ": ");
	}
	buf_add(&h->head, value, value_len);
	buf_adds(&h->head, "\r\n");
	return 0;
}

static void
head_is_whole(struct http2 *h)
{
	if (h->body_began)
		return;
	buf_adds(&h->head, "\r\n");
	http_reader_feed(h->answer, (const unsigned char *)h->head.data, h->head.len);
	buf_reset(&h->head);
	h->body_began = h->answer->status != 0; /* 1xx: another head comes */
	if (h->head_too_large || h->answer->state == HTTP_DONE)
		finish(h);
}

static void
keep_goaway(struct http2 *h, const nghttp2_goaway *g)
{
	h->goaway = true;
	h->goaway_code = g->error_code;
	buf_reset(&h->goaway_text);
	if (g->opaque_data_len > 0)
		buf_add(&h->goaway_text, g->opaque_data, g->opaque_data_len < LIMIT_PLAIN_BYTES ? g->opaque_data_len : LIMIT_PLAIN_BYTES);
	/* RFC 9113 6.8: streams up to that number may still be answered. */
	if (g->error_code != 0 || g->last_stream_id < h->stream)
		finish(h);
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct http2 *h = user;
	bool ours = frame->hd.stream_id == h->stream;

	(void)session;
	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
		if (ours)
			head_is_whole(h);
		break;
	case NGHTTP2_RST_STREAM:
		if (ours) {
			h->reset = true;
			h->reset_code = frame->rst_stream.error_code;
			finish(h);
		}
		break;
	case NGHTTP2_GOAWAY:
		keep_goaway(h, &frame->goaway);
		break;
	default: break;
	}
	if (ours && (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && h->body_began) {
		http_reader_end(h->answer);
		finish(h);
	}
	return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data, size_t len, void *user)
{
	struct http2 *h = user;

	(void)session;
	(void)flags;
	if (stream == h->stream && h->body_began && !h->done && http_reader_feed(h->answer, data, len) == HTTP_DONE)
		finish(h); /* enough of it is kept */
	return 0;
}

static int
on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct http2 *h = user;

	(void)session;
	h->broken |= frame->hd.type == NGHTTP2_GOAWAY;
	return 0;
}

/* ---- the session ---- */

static nghttp2_session *
new_session(struct http2 *h)
{
	nghttp2_session_callbacks *calls = NULL;
	nghttp2_session *session = NULL;

	if (nghttp2_session_callbacks_new(&calls) == 0) {
		nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin_headers);
		nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
		nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
		nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
		nghttp2_session_callbacks_set_on_frame_send_callback(calls, on_sent);
		if (nghttp2_session_client_new(&session, calls, h) != 0)
			session = NULL;
	}
	nghttp2_session_callbacks_del(calls);
	return session;
}

static nghttp2_nv
header(const char *name, const char *value)
{
	return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name, .namelen = strlen(name), .value = (uint8_t *)(uintptr_t)value,
		.valuelen = strlen(value), .flags = NGHTTP2_NV_FLAG_NONE };
}

struct http2 *
http2_new(const char *method, const char *host_header, const char *path, struct http_reader *answer, struct error *err)
{
	const nghttp2_settings_entry settings[] = { { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 }, { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0 },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LIMIT_HTTP_HEAD } };
	const nghttp2_nv headers[] = { header(":method", method), header(":scheme", "https"), header(":authority", host_header),
		header(":path", path), header("user-agent", "mtlscope"), header("accept", "*/*") };
	struct http2 *h;
	struct buf checked = { 0 };
	status fit = http_request(&checked, method, host_header, path, err);

	buf_done(&checked);
	if (fit != STATUS_OK)
		return NULL;
	h = mem_zero(1, sizeof *h);
	h->answer = answer;
	h->session = new_session(h);
	if (h->session != NULL &&
	    nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof settings[0]) == 0)
		h->stream = nghttp2_submit_request(h->session, NULL, headers, sizeof headers / sizeof headers[0], NULL, NULL);
	if (h->stream > 0)
		return h;
	error_set(err, ERROR_LOCAL, "request", "the HTTP/2 library cannot make a request");
	http2_free(h);
	return NULL;
}

void
http2_free(struct http2 *h)
{
	if (h == NULL)
		return;
	nghttp2_session_del(h->session);
	buf_done(&h->head);
	buf_done(&h->out);
	buf_done(&h->goaway_text);
	free(h);
}

/* Makes the frames that it has to send. */
static void
collect(struct http2 *h)
{
	const uint8_t *bytes = NULL;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(h->session, &bytes)) > 0)
		buf_add(&h->out, bytes, (size_t)n);
}

struct text
http2_output(struct http2 *h)
{
	size_t len;

	collect(h);
	len = h->out.len;
	h->out.len = 0;
	return (struct text){ (const unsigned char *)h->out.data, len };
}

enum http_state
http2_feed(struct http2 *h, const unsigned char *bytes, size_t len)
{
	ssize_t n = nghttp2_session_mem_recv(h->session, bytes, len);

	h->bytes_in += len;
	collect(h);
	/* Half of it is endless already: the limit of what is read at all, records included, must not come first, for it says less. */
	if (h->head_too_large || h->bytes_in > LIMIT_HTTP2_BYTES / 2)
		return h->answer->status != 0 ? HTTP_DONE : HTTP_TOO_LARGE;
	if (h->done)
		return HTTP_DONE;
	if (n >= 0 && !h->broken)
		return h->answer->state == HTTP_MALFORMED ? HTTP_MALFORMED : HTTP_READING_HEAD;
	if (h->answer->status != 0)
		return HTTP_DONE;
	/* The reader knows no HTTP/2: what came is no answer that can be read. */
	http_reader_feed(h->answer, (const unsigned char *)"\0\r\n", 3);
	return HTTP_MALFORMED;
}

const char *
http2_ended(const struct http2 *h, struct arena *a)
{
	const char *text = NULL;

	if (h->reset && h->reset_code != NGHTTP2_NO_ERROR)
		return arena_printf(a, "RST_STREAM %s", nghttp2_http2_strerror(h->reset_code));
	if (!h->goaway || (h->answer->status != 0 && h->goaway_code == NGHTTP2_NO_ERROR))
		return NULL;
	if (h->goaway_text.len > 0)
		text = text_safe_arena(a, (struct text){ (const unsigned char *)h->goaway_text.data, h->goaway_text.len }, LIMIT_SPOKEN_TEXT, NULL);
	return arena_printf(a, "GOAWAY %s%s%s", nghttp2_http2_strerror(h->goaway_code), text != NULL ? ": " : "", text != NULL ? text : "");
}
