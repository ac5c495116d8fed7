#include "aws/answer.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/xml.h"
#include "model/memory.h"
#include "model/text.h"

struct said {
	char code[128], message[1024], request_id[80];
	bool page; /* neither JSON nor AWS's XML: it may not even come from AWS */
};

static void
keep(char *out, size_t size, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (out[0] != '\0' || len == 0)
		return;
	if (len >= size)
		len = size - 1;
	memcpy(out, text, len);
	out[len] = '\0';
}

/* "com.amazon.coral.service#ExpiredTokenException:http://…": to the first colon, then behind the last hash (botocore). */
static void
keep_code(struct said *s, const char *text)
{
	const char *hash;
	char code[sizeof s->code * 2];

	if (text == NULL)
		return;
	snprintf(code, sizeof code, "%.*s", (int)strcspn(text, ":"), text);
	hash = strrchr(code, '#');
	keep(s->code, sizeof s->code, hash != NULL ? hash + 1 : code);
}

static const char *
string_of(const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(item) && item->valuestring[0] != '\0' ? item->valuestring : NULL;
}

static bool
from_json(const struct aws_http_answer *a, struct said *s)
{
	static const char *const codes[] = { "__type", "code", "Code" }, *const messages[] = { "message", "Message", "errorMessage" };
	cJSON *o = cJSON_ParseWithLength(a->body.data, a->body.len);
	bool good = cJSON_IsObject(o);

	for (size_t i = 0; good && i < sizeof codes / sizeof codes[0]; i++)
		keep_code(s, string_of(o, codes[i]));
	for (size_t i = 0; good && i < sizeof messages / sizeof messages[0]; i++)
		keep(s->message, sizeof s->message, string_of(o, messages[i]));
	cJSON_Delete(o);
	return good;
}

/* S3 says <Error>, Query <ErrorResponse><Error>, EC2 and old services <Response><Errors><Error>, moto's guard a mixture. */
static bool
from_xml(const struct aws_http_answer *a, struct said *s)
{
	static const char *const where[][2] = { { "Error", "" }, { "ErrorResponse", "Error" }, { "Response", "Errors/Error" },
		{ "ErrorResponse", "Errors/Error" } };
	static const char *const ids[] = { "RequestId", "RequestID" };
	struct aws_error unread = { .kind = AWS_FINE };
	struct arena *arena = arena_new();
	const struct xml_node *root = NULL, *e = NULL;

	if (xml_read(a->body.data, a->body.len, arena, &root, &unread) == STATUS_OK)
		for (size_t i = 0; i < sizeof where / sizeof where[0]; i++)
			if (e == NULL && strcmp(root->name, where[i][0]) == 0)
				e = where[i][1][0] != '\0' ? xml_find(root, where[i][1]) : root;
	if (e != NULL) {
		keep_code(s, xml_text(e, "Code"));
		keep(s->message, sizeof s->message, xml_text(e, "Message"));
		for (size_t i = 0; i < 2; i++) {
			keep(s->request_id, sizeof s->request_id, xml_text(root, ids[i]));
			keep(s->request_id, sizeof s->request_id, xml_text(e, ids[i]));
		}
	}
	arena_free(arena);
	return e != NULL;
}

/* The first line of what no one can read further. */
static void
first_line(const char *text, size_t len, char *out, size_t size)
{
	size_t n = 0;

	while (len > 0 && strchr(" \t\r\n", *text) != NULL) {
		text++;
		len--;
	}
	while (n < len && n + 1 < size && text[n] != '\n' && text[n] != '\r' && text[n] != '\0')
		n++;
	memcpy(out, text, n);
	out[n] = '\0';
}

/* A page for people: of a proxy, of a load balancer, of a service that fell over. Its title says most. */
static void
from_page(const struct aws_http_answer *a, struct said *s)
{
	const char *body = a->body.data, *title = strcasestr(body, "<title"), *end;
	char line[160] = "";

	s->page = true;
	if (title != NULL && (title = strchr(title, '>')) != NULL) {
		end = strchr(title + 1, '<');
		first_line(title + 1, end != NULL ? (size_t)(end - title - 1) : strlen(title + 1), line, sizeof line);
	}
	if (line[0] != '\0')
		snprintf(s->message, sizeof s->message, "a page came instead of an answer: “%s”", line);
	else if (body[0] == '<')
		snprintf(s->message, sizeof s->message, "a page came instead of an answer");
	else
		first_line(body, a->body.len, s->message, sizeof s->message / 2);
}

static bool
says_clock(const char *message)
{
	return strstr(message, "Signature expired") != NULL || strstr(message, "Signature not yet current") != NULL;
}

static enum aws_kind
kind_of(const struct said *s, int http)
{
	enum aws_kind kind = aws_error_kind(s->code, http);

	if (kind == AWS_BAD_CREDENTIALS && says_clock(s->message))
		return AWS_CLOCK;
	/* Who says no in a page is not the service, unless the service fell over. */
	return s->page && http < 500 ? AWS_ANSWER : kind;
}

void
aws_answer_error(const struct aws_service *service, const struct aws_http_answer *a, struct aws_error *err)
{
	struct said s = { .code = "" };
	struct buf id = { 0 };
	bool fresh = err->kind == AWS_FINE;
	const char *body = a->body.len > 0 ? a->body.data : "";

	if (service->protocol == AWS_PROTOCOL_REST) /* there the header is the rule, the body the exception */
		keep_code(&s, a->error_type);
	body += strspn(body, " \t\r\n");
	if (body[0] != '\0' && !(body[0] == '{' && from_json(a, &s)) && !(body[0] == '<' && from_xml(a, &s)))
		from_page(a, &s);
	keep_code(&s, a->error_type);
	if (s.message[0] == '\0' && s.code[0] == '\0')
		snprintf(s.message, sizeof s.message, "HTTP %d without a word", a->status);
	(void)aws_error_set(err, kind_of(&s, a->status), s.code, "%s", s.message);
	if (!fresh)
		return;
	err->http_status = a->status;
	text_safe(&id, text_of(a->request_id[0] != '\0' ? a->request_id : s.request_id), sizeof err->request_id - 1);
	keep(err->request_id, sizeof err->request_id, buf_str(&id));
	buf_done(&id);
}

bool
aws_answer_is_expired(const struct aws_error *e)
{
	return strcmp(e->code, "ExpiredToken") == 0 || strcmp(e->code, "ExpiredTokenException") == 0 ||
	    strcmp(e->code, "TokenRefreshRequired") == 0;
}

status
aws_answer_json(const struct aws_http_answer *a, cJSON **out, struct aws_error *err)
{
	const char *body = a->body.len > 0 ? a->body.data : "";

	*out = body[strspn(body, " \t\r\n")] == '\0' && strlen(body) == a->body.len ? cJSON_CreateObject() :
	    cJSON_ParseWithLength(a->body.data, a->body.len);
	if (cJSON_IsObject(*out))
		return STATUS_OK;
	aws_json_forget(*out);
	*out = NULL;
	return aws_error_set(err, AWS_ANSWER, NULL, "HTTP %d with %zu bytes that are no JSON object", a->status, a->body.len);
}

/* As deep as cJSON's own parser goes: 1,000. */
static void
forget(cJSON *o)
{
	for (; o != NULL; o = o->next) {
		if (cJSON_IsString(o) && o->valuestring != NULL)
			OPENSSL_cleanse(o->valuestring, strlen(o->valuestring));
		forget(o->child);
	}
}

void
aws_json_forget(cJSON *o)
{
	forget(o);
	cJSON_Delete(o);
}
