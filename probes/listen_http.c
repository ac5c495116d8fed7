/* A client that speaks HTTP gets one answer: what was seen of it. */
#include <openssl/err.h>
#include <string.h>

#include "model/leave_out.h"
#include "model/memory.h"
#include "probes/listen_loop.h"

static bool
is_method(const struct buf *b, bool *too_short)
{
	static const char *const methods[] = { "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH " };

	*too_short = false;
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		size_t len = strlen(methods[i]);

		if (b->len >= len && memcmp(b->data, methods[i], len) == 0)
			return true;
		if (b->len < len && memcmp(b->data, methods[i], b->len) == 0)
			*too_short = true;
	}
	return false;
}

/* The first line, and what the program calls itself. */
static void
read_request(struct connection *c)
{
	static const char header[] = "\nuser-agent:";
	const char *text = buf_str(&c->request), *end = text + c->request.len, *line = text;
	const char *first = memchr(text, '\r', c->request.len);
	struct buf kept = { 0 };

	first = first != NULL ? first : end;
	/* Its query may hold another program's token, and this line is printed. */
	keep_of_url((struct text){ (const unsigned char *)text, (size_t)(first - text) }, &kept);
	c->client->request = text_safe_arena(c->h->arena, (struct text){ (const unsigned char *)buf_str(&kept), kept.len }, 128, NULL);
	buf_done(&kept);
	while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		if ((size_t)(end - line) > sizeof header && strncasecmp(line, header, sizeof header - 1) == 0) {
			const char *value = line + sizeof header - 1, *stop = memchr(value, '\r', (size_t)(end - value));

			while (value < end && *value == ' ')
				value++;
			stop = stop != NULL && stop > value ? stop : value;
			c->client->agent = text_safe_arena(c->h->arena, (struct text){ (const unsigned char *)value, (size_t)(stop - value) }, 64, NULL);
			return;
		}
		line++;
	}
}

static void
answer(struct connection *c)
{
	const struct client *client = c->client;
	struct buf body = { 0 }, all = { 0 };
	bool head = strncmp(buf_str(&c->request), "HEAD ", 5) == 0;

	read_request(c);
	if (client->certs_len == 0)
		buf_adds(&body, "mtlscope listen: no client certificate came.\n");
	else if (client->certs[0].cert == NULL)
		buf_adds(&body, "mtlscope listen: what came as the client certificate cannot be read.\n");
	else
		buf_addf(&body, "mtlscope listen: it came with %s (%zu certificate%s).\n", client->certs[0].cert->subject.safe, client->certs_len,
		    client->certs_len == 1 ? "" : "s");
	buf_addf(&all, "HTTP/1.1 200 OK\r\nServer: mtlscope listen\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
	    body.len, head ? "" : buf_str(&body));
	c->h->http.requested = true;
	c->h->http.method = head ? "HEAD" : strncmp(buf_str(&c->request), "GET ", 4) == 0 ? "GET" : "a request";
	c->h->http.sent_ms = connection_now_ms(c);
	record_phase(c->h, PHASE_REQUEST);
	if (SSL_write(c->ssl, all.data, (int)all.len) == (int)all.len) {
		c->h->http.status = 200;
		c->h->http.status_ms = connection_now_ms(c);
		record_phase(c->h, PHASE_RESPONSE);
	}
	ERR_clear_error();
	buf_done(&body);
	buf_done(&all);
	connection_ended(c, PEER_SERVER, END_CLOSE_NOTIFY, 0);
	connection_goodbye(c);
}

void
connection_plain_answer(struct connection *c)
{
	static const char text[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 66\r\nConnection: close\r\n\r\n"
	    "mtlscope listen: plain HTTP came here, where https:// is expected\n";
	bool too_short;

	if (is_method(&c->first, &too_short))
		connection_write(c, text, sizeof text - 1);
}

void
connection_request(struct connection *c, const char *bytes, size_t len)
{
	bool too_short;

	buf_add(&c->request, bytes, len);
	if (!is_method(&c->request, &too_short)) {
		if (too_short)
			return;
		/* It speaks something else: what that is has been for the server to know. */
		c->client->request = "something else than HTTP";
		connection_ended(c, PEER_SERVER, END_CLOSE_NOTIFY, 0);
		connection_goodbye(c);
		return;
	}
	if (memmem(c->request.data, c->request.len, "\r\n\r\n", 4) != NULL || c->request.len > LIMIT_LISTEN_REQUEST)
		answer(c);
}
