#include "lab/answer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void
add_date(struct buf *out, const struct server *s)
{
	/* No strftime: it speaks the locale's language. */
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = (time_t)server_now(s);
	struct tm tm = { 0 };

	gmtime_r(&now, &tm);
	buf_addf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
add_answer(struct buf *out, const struct server *s, int number, const char *reason, const char *server_header,
    const char *type, const char *body, bool head)
{
	buf_addf(out, "HTTP/1.1 %d %s\r\n", number, reason);
	if (server_header != NULL)
		buf_addf(out, "Server: %s\r\n", server_header);
	add_date(out, s);
	if (number == 302)
		buf_adds(out, "Location: /elsewhere\r\n");
	if (number == 405)
		buf_adds(out, "Allow: GET\r\n");
	buf_adds(out, "Connection: close\r\n");
	if (number == 204) {
		buf_adds(out, "\r\n"); /* RFC 9110 15.3.5: it has no content, nor a length of it */
		return;
	}
	buf_addf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", type, strlen(body));
	if (!head)
		buf_adds(out, body);
}

static const char *
nginx_version(const struct server *s)
{
	static const char *const versions[] = { "nginx/1.22.1", "nginx", "nginx/1.26.3", "nginx/1.29.0 (Ubuntu)" };

	return versions[variety_draw(s->all->variety, "nginx", s->story->name, sizeof versions / sizeof versions[0])];
}

/* nginx refuses after the handshake; the phrase in the title is what it can be recognised by. */
static void
add_nginx_refusal(struct buf *out, const struct server *s, enum refused why, bool head)
{
	const char *phrase = why == REFUSED_NONE_SENT ? "No required SSL certificate was sent" : "The SSL certificate error";
	char body[512];

	snprintf(body, sizeof body,
	    "<html><head><title>400 %s</title></head>\r\n<body><h1>400 Bad Request</h1>\r\n<p>%s</p>\r\n<hr><p>%s</p></body></html>\r\n",
	    phrase, phrase, nginx_version(s));
	add_answer(out, s, 400, "Bad Request", nginx_version(s), "text/html", body, head);
}

/* As Amazon API Gateway says it (AWS documents; the header names are what it is known by). */
static void
add_gateway_refusal(struct buf *out, const struct server *s, bool head)
{
	static const char body[] = "{\"message\":\"Forbidden\"}";

	buf_adds(out, "HTTP/1.1 403 Forbidden\r\n");
	add_date(out, s);
	buf_addf(out, "Connection: close\r\nx-amzn-ErrorType: ForbiddenException\r\nx-amz-apigw-id: practice=\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", sizeof body - 1, head ? "" : body);
}

void
answer_request(struct buf *out, const struct server *s, const char *request, enum refused why)
{
	const struct story *story = s->story;
	const struct variety *v = s->all->variety;
	bool head = strncmp(request, "HEAD ", 5) == 0;
	bool nginx = story->manner == MANNER_NGINX;
	struct variety_answer in = variety_answer(v, story->name);

	if (story->http_status == 200 || (in.number == 405 && !head))
		in = (struct variety_answer){ 200, "OK" };
	if (nginx && why != REFUSED_NOT && story->asks == ASKS_REQUIRED)
		add_nginx_refusal(out, s, why, head);
	else if (story->manner == MANNER_GATEWAY && why != REFUSED_NOT)
		add_gateway_refusal(out, s, head);
	else if (why == REFUSED_CANNOT_ASK)
		add_answer(out, s, 403, "Forbidden", "Apache/2.4.62 (Debian)", "text/html",
		    "<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>\n", head);
	else if (story->http_status == 403)
		add_answer(out, s, 403, "Forbidden", variety_server_header(v, story->name), "text/plain",
		    "You are known, and not allowed in.\n", head);
	else
		add_answer(out, s, in.number, in.reason, nginx ? nginx_version(s) : variety_server_header(v, story->name),
		    "text/plain", variety_body(v, story->name), head);
}

void
answer_call(struct buf *out, const struct server *s, bool well, const char *why)
{
	char body[320];

	snprintf(body, sizeof body, "%s%s%s\n", s->upstream->story->name, well ? " lets us in." : ": ", why);
	add_answer(out, s, well ? 200 : 502, well ? "OK" : "Bad Gateway", variety_server_header(s->all->variety, s->story->name), "text/plain", body, false);
}

void
answer_plain_http(struct buf *out, const struct server *s)
{
	add_answer(out, s, 400, "Bad Request", variety_server_header(s->all->variety, s->story->name), "text/plain",
	    "This is not a request.\n", false);
}
