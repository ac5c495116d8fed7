/* The request over HTTP inside a handshake's TLS, and its answer: whether we are accepted. */
#include "probes/handshake_run.h"

#include <stdio.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/record.h"

static void
host_header(const struct target *t, char *out, size_t size)
{
	const char *host = target_name(t);

	if (host == NULL)
		host = "localhost"; /* a unix socket without --servername */
	bool v6 = strchr(host, ':') != NULL;
	int n = snprintf(out, size, "%s%s%s", v6 ? "[" : "", host, v6 ? "]" : "");

	if (n > 0 && (size_t)n < size && t->unix_path == NULL && t->port != 443)
		snprintf(out + n, size - (size_t)n, ":%u", t->port);
}

/* HTTP/2 is spoken where it was agreed on, whoever had asked for it. */
static bool
speaks_http2(const struct handshake *h)
{
	return h->alpn != NULL && strcmp(h->alpn, "h2") == 0;
}

/* What the HTTP/2 session has to say: the request, and its answers to the server's settings. */
static void
write_http2(struct handshake_run *r)
{
	struct text out = http2_output(r->http2);

	if (out.len > 0)
		tls_session_write(r->tls, out.bytes, out.len);
}

void
talk_http_answered(struct handshake_run *r, double at_ms)
{
	if (r->reader.status == 0 || r->h->http.status_ms >= 0)
		return;
	r->h->http.status_ms = at_ms;
	record_phase(r->h, PHASE_RESPONSE);
}

void
talk_take_http(struct handshake_run *r, double at_ms)
{
	struct text input = tls_session_input(r->tls);
	enum http_state state;

	if (input.len == 0)
		return;
	state = r->http2 != NULL ? http2_feed(r->http2, input.bytes, input.len) : http_reader_feed(&r->reader, input.bytes, input.len);
	tls_session_taken(r->tls);
	if (r->http2 != NULL) {
		write_http2(r);
		talk_flush(r);
	}
	talk_http_answered(r, at_ms);
	if (state == HTTP_TOO_LARGE)
		r->h->http.endless = arena_printf(r->h->arena, "more than %d bytes of headers", (int)LIMIT_HTTP_HEAD);
	if (state == HTTP_DONE || state == HTTP_MALFORMED || state == HTTP_TOO_LARGE)
		talk_leave(r);
}

void
talk_request(struct handshake_run *r)
{
	const struct target *t = r->req.target;
	const char *path = r->req.vary->path != NULL ? r->req.vary->path : t->path != NULL ? t->path : "/";
	struct error err = { 0 };
	const unsigned char *out;
	bool http2 = speaks_http2(r->h);
	char host[512];

	host_header(t, host, sizeof host);
	if (r->req.vary->http_host != NULL)
		snprintf(host, sizeof host, "%s", r->req.vary->http_host);
	http_reader_init(&r->reader, strcmp(r->req.method, "HEAD") == 0);
	if (http2)
		r->http2 = http2_new(r->req.method, host, path, &r->reader, &err);
	if (http2 ? r->http2 == NULL : http_request(&r->request, r->req.method, host, path, &err) != STATUS_OK) {
		run_fail_here(r, err.text);
		return;
	}
	r->h->http.method = r->req.method;
	r->reading_http = true;
	run_wait(r, STEP_REQUEST, talk_patience(r));
	if (http2)
		write_http2(r);
	else
		tls_session_write(r->tls, r->request.data, r->request.len);
	r->request_from = r->bytes_in;
	r->request_left = tls_session_output(r->tls, &out);
	talk_flush(r);
	talk_take_http(r, run_now_ms(r)); /* a server that speaks first may have done so */
}
