/* Errors as AWS words and wraps them: which HTTP status a code has, in which protocol. Also the other small things of replies. */
#include <openssl/rand.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/cloud_internal.h"

/* Every other code is HTTP 400. */
static const struct {
	const char *code;
	int status[4]; /* by enum cloud_protocol; 0: 400 */
} codes[] = {
	/* Who are you? JSON's front end answers 400 to all of it. */
	{ "MissingAuthenticationToken", { [CLOUD_QUERY] = 403 } },
	{ "MissingAuthenticationTokenException", { [CLOUD_REST_JSON] = 403 } },
	{ "InvalidClientTokenId", { [CLOUD_QUERY] = 403 } },
	{ "UnrecognizedClientException", { [CLOUD_REST_JSON] = 403 } },
	{ "SignatureDoesNotMatch", { [CLOUD_QUERY] = 403, [CLOUD_S3] = 403 } },
	{ "InvalidSignatureException", { [CLOUD_REST_JSON] = 403 } },
	{ "IncompleteSignatureException", { [CLOUD_REST_JSON] = 403 } },
	{ "ExpiredToken", { [CLOUD_QUERY] = 403 } },
	{ "ExpiredTokenException", { [CLOUD_REST_JSON] = 403 } },
	{ "AccessDenied", { [CLOUD_QUERY] = 403, [CLOUD_S3] = 403 } },
	{ "AccessDeniedException", { [CLOUD_REST_JSON] = 403 } },
	{ "InvalidAccessKeyId", { [CLOUD_S3] = 403 } },
	{ "RequestTimeTooSkewed", { [CLOUD_S3] = 403 } },
	/* S3. */
	{ "NoSuchKey", { [CLOUD_S3] = 404 } },
	{ "NoSuchBucket", { [CLOUD_S3] = 404 } },
	{ "NoSuchVersion", { [CLOUD_S3] = 404 } },
	{ "NoSuchBucketPolicy", { [CLOUD_S3] = 404 } },
	{ "MethodNotAllowed", { [CLOUD_S3] = 405 } },
	{ "BucketAlreadyOwnedByYou", { [CLOUD_S3] = 409 } },
	{ "BucketAlreadyExists", { [CLOUD_S3] = 409 } },
	{ "BucketNotEmpty", { [CLOUD_S3] = 409 } },
	{ "PreconditionFailed", { [CLOUD_S3] = 412 } },
	{ "MissingContentLength", { [CLOUD_S3] = 411 } },
	{ "NotImplemented", { 501, 501, 501, 501 } },
	{ "PermanentRedirect", { [CLOUD_S3] = 301 } },
	/* API Gateway. */
	{ "NotFoundException", { [CLOUD_REST_JSON] = 404 } },
	{ "ConflictException", { [CLOUD_REST_JSON] = 409 } },
	{ "UnauthorizedException", { [CLOUD_REST_JSON] = 401 } },
	{ "LimitExceededException", { [CLOUD_REST_JSON] = 429 } },
	{ "TooManyRequestsException", { [CLOUD_REST_JSON] = 429 } },
	/* Ours. */
	{ "InternalFailure", { 500, 500, 500, 500 } },
	{ "InternalError", { 500, 500, 500, 500 } },
	{ "ServiceUnavailable", { 503, 503, 503, 503 } },
	{ "ServiceUnavailableException", { 503, 503, 503, 503 } },
};

static int
status_of(enum cloud_protocol protocol, const char *code)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(codes[i].code, code) == 0 && codes[i].status[protocol] != 0)
			return codes[i].status[protocol];
	return 400;
}

void
cloud_xml(struct buf *out, const char *text)
{
	static const struct {
		char c;
		const char *as;
	} escapes[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&apos;" }, { '\r', "&#13;" } };

	for (; *text != '\0'; text++) {
		size_t i = 0, len = sizeof escapes / sizeof escapes[0];
		while (i < len && escapes[i].c != *text)
			i++;
		if (i < len)
			buf_adds(out, escapes[i].as);
		else if ((unsigned char)*text >= 0x20 || *text == '\n' || *text == '\t')
			buf_addc(out, *text); /* XML 1.0 has no other control characters, not even escaped */
	}
}

static void
xml_element(struct buf *out, const char *name, const char *text)
{
	buf_addf(out, "<%s>", name);
	cloud_xml(out, text);
	buf_addf(out, "</%s>", name);
}

static void
fail_json(struct cloud_reply *p, const char *code, const char *message)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "__type", code);
	cJSON_AddStringToObject(o, "message", message);
	cloud_reply_json(p, o);
}

static void
fail_rest(struct cloud_reply *p, const char *code, const char *message)
{
	cJSON *o = cJSON_CreateObject();

	cloud_reply_header(p, "x-amzn-ErrorType", code);
	cJSON_AddStringToObject(o, "message", message);
	cloud_reply_json(p, o);
}

static void
fail_query(struct cloud_reply *p, const char *code, const char *message)
{
	buf_adds(&p->body, "<ErrorResponse><Error>");
	xml_element(&p->body, "Type", p->status >= 500 ? "Receiver" : "Sender");
	xml_element(&p->body, "Code", code);
	xml_element(&p->body, "Message", message);
	buf_adds(&p->body, "</Error>");
	xml_element(&p->body, "RequestId", p->request_id);
	buf_adds(&p->body, "</ErrorResponse>\n");
	p->content_type = "text/xml";
}

static void
fail_s3(struct cloud_reply *p, const char *code, const char *message)
{
	buf_adds(&p->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
	xml_element(&p->body, "Code", code);
	xml_element(&p->body, "Message", message);
	xml_element(&p->body, "RequestId", p->request_id);
	buf_adds(&p->body, "</Error>");
	p->content_type = "application/xml";
}

void
cloud_fail(struct cloud_reply *p, const char *code, const char *fmt, ...)
{
	static void (*const writers[])(struct cloud_reply *, const char *, const char *) = {
		[CLOUD_JSON] = fail_json, [CLOUD_QUERY] = fail_query, [CLOUD_S3] = fail_s3, [CLOUD_REST_JSON] = fail_rest };
	char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	buf_reset(&p->body);
	p->file = NULL;
	p->status = status_of(p->protocol, code);
	writers[p->protocol](p, code, message != NULL ? message : "");
	free(message);
}

bool
cloud_may(const struct cloud_request *q, const char *service, struct cloud_reply *p)
{
	if (!q->may_all)
		cloud_fail(p, "AccessDeniedException", "User: %s is not authorized to perform: %s:%s because no identity-based policy allows the %s:%s action", q->caller,
		    service, q->operation, service, q->operation);
	return q->may_all;
}

void
cloud_reply_json(struct cloud_reply *p, cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);

	buf_reset(&p->body);
	if (text != NULL)
		buf_adds(&p->body, text);
	cJSON_free(text);
	cJSON_Delete(object);
	if (p->content_type == NULL)
		p->content_type = p->protocol == CLOUD_REST_JSON ? "application/json" : "application/x-amz-json-1.1";
}

void
cloud_reply_header(struct cloud_reply *p, const char *name, const char *value)
{
	if (p->headers_len < sizeof p->headers / sizeof p->headers[0])
		p->headers[p->headers_len++] = (struct cloud_header){ name, value };
}

const char *
cloud_header(const struct cloud_request *q, const char *name)
{
	for (size_t i = 0; i < q->headers_len; i++)
		if (strcasecmp(q->headers[i].name, name) == 0)
			return q->headers[i].value;
	return NULL;
}

static int
hex(char c)
{
	const char *digits = "0123456789abcdef", *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

const char *
cloud_field(const char *form, const char *name, struct arena *a)
{
	size_t len = strlen(name);

	for (const char *at = form, *next; at != NULL && *at != '\0'; next = strchr(at, '&'), at = next != NULL ? next + 1 : NULL) {
		size_t whole = strcspn(at, "&"), n = 0;
		char *value;
		if (strncmp(at, name, len) != 0 || (at[len] != '=' && at[len] != '&' && at[len] != '\0'))
			continue;
		value = arena_alloc(a, whole + 1);
		for (size_t i = len + 1; i < whole; i++)
			if (at[i] == '%' && i + 2 < whole && hex(at[i + 1]) >= 0 && hex(at[i + 2]) >= 0) {
				value[n++] = (char)(hex(at[i + 1]) << 4 | hex(at[i + 2]));
				i += 2;
			} else {
				value[n++] = at[i] == '+' ? ' ' : at[i];
			}
		return value;
	}
	return NULL;
}

void
cloud_random(char *out, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned char bytes[64];

	for (size_t i = 0; i < len; i++) {
		if (i % sizeof bytes == 0 && RAND_bytes(bytes, sizeof bytes) != 1)
			abort(); /* a broken OpenSSL */
		out[i] = letters[bytes[i % sizeof bytes] & 31];
	}
	out[len] = '\0';
}

void
cloud_uuid(char out[37])
{
	unsigned char b[16];
	char *at = out;

	if (RAND_bytes(b, sizeof b) != 1)
		abort();
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof b; i++)
		at += snprintf(at, 4, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
}
