/* STS for the credential chain itself: one Query call, signed by the source's key or not at all. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/credentials_internal.h"
#include "aws/xml.h"
#include "model/limits.h"
#include "model/times.h"

enum { TRIES = 3 };

struct sts_call {
	struct credential_ask *ask;
	const char *action, *whose;
	const struct aws_credentials *by;
	struct aws_endpoint endpoint;
	char region[AWS_REGION_MAX];
	char url[AWS_URL_MAX + 2], path[AWS_URL_MAX + 2];
	struct buf body;
	int64_t ahead; /* seconds that AWS's clock is ahead of ours, once it said so */
};

status
credential_endpoint(const struct credential_ask *a, const struct aws_service *s, const char *region, char signing_region[AWS_REGION_MAX],
    struct aws_endpoint *out, struct aws_error *err)
{
	struct aws_place place = { .world = a->world, .profiles = a->profiles, .profile = a->in_force, .region = signing_region };

	if (aws_region_find(a->world, a->profiles, a->in_force, region != NULL ? region : "us-east-1", signing_region, err) != STATUS_OK)
		return STATUS_FAILED;
	return aws_endpoint_find(&place, s, NULL, out, err);
}

static size_t
add_header(struct sigv4_header *headers, size_t len, const char *name, const char *value)
{
	headers[len] = (struct sigv4_header){ .name = name, .value = value };
	return len + 1;
}

static status
send(struct sts_call *c, struct aws_http_answer *answer, struct aws_error *err)
{
	struct sigv4_header headers[8];
	size_t len = add_header(headers, 0, "host", c->endpoint.host);
	struct sigv4_signed made;
	struct aws_http_request r = { .method = "POST", .url = c->url, .headers = headers, .body = c->body.data,
	    .body_len = c->body.len, .cancel = c->ask->cancel,
	    .ca_bundle = aws_ca_bundle(c->ask->world, c->ask->profiles, c->ask->in_force) };

	len = add_header(headers, len, "content-type", "application/x-www-form-urlencoded; charset=utf-8");
	if (c->by != NULL) {
		struct sigv4_key key = { .access_key = c->by->access_key, .secret = c->by->secret,
		    .token = c->by->token[0] != '\0' ? c->by->token : NULL };
		struct sigv4_request to_sign = { .method = "POST", .path = c->path, .headers = headers, .headers_len = len,
		    .body = c->body.data, .body_len = c->body.len };
		if (!sigv4_sign(&to_sign, &key, c->region, "sts", c->ask->now + c->ahead, &made))
			return aws_error_set(err, AWS_LOCAL, NULL, "%s: the request cannot be signed", c->whose);
		len = add_header(headers, len, "authorization", made.authorization);
		len = add_header(headers, len, "x-amz-date", made.date);
		len = add_header(headers, len, "x-amz-content-sha256", made.payload_hash);
		if (key.token != NULL)
			len = add_header(headers, len, "x-amz-security-token", key.token);
	}
	r.headers_len = len;
	return aws_http(&r, answer, err);
}

/* What STS said no with. Texts of AWS do not hold what was sent; it is looked for all the same. */
static status
refused(const struct sts_call *c, const struct aws_http_answer *answer, struct aws_error *err)
{
	struct aws_error said = { .kind = AWS_FINE };
	const char *text = said.message;

	aws_answer_error(&aws_sts, answer, &said);
	if (c->by != NULL && (strstr(text, c->by->secret) != NULL || (c->by->token[0] != '\0' && strstr(text, c->by->token) != NULL)))
		text = "";
	aws_error_clear(err);
	(void)aws_error_set(err, said.kind, said.code, "%s: %s", c->whose, text[0] != '\0' ? text : "it was refused");
	err->http_status = said.http_status;
	snprintf(err->request_id, sizeof err->request_id, "%s", said.request_id);
	snprintf(err->operation, sizeof err->operation, "sts %s", c->action);
	return STATUS_FAILED;
}

status
credential_xml(const struct xml_node *found, const char *whose, struct aws_credentials *out, struct aws_error *err)
{
	const char *expires = found == NULL ? NULL : xml_text(found, "Expiration");

	if (expires == NULL || !credential_time(expires, &out->expires) || xml_text(found, "SessionToken") == NULL)
		return aws_error_set(err, AWS_ANSWER, NULL, "%s: there are no credentials in the answer of STS", whose);
	return credential_take(xml_text(found, "AccessKeyId"), xml_text(found, "SecretAccessKey"), xml_text(found, "SessionToken"), whose, out,
	    err);
}

static status
accepted(const struct sts_call *c, const struct aws_http_answer *answer, struct aws_credentials *out, struct aws_error *err)
{
	struct arena *a = arena_new();
	const struct xml_node *root;
	char path[96];
	status result = xml_read(answer->body.data, answer->body.len, a, &root, err);

	snprintf(path, sizeof path, "%sResult/Credentials", c->action);
	if (result == STATUS_OK)
		result = credential_xml(xml_find(root, path), c->whose, out, err);
	xml_forget(root);
	arena_free(a);
	return result;
}

/* A clock that is off is told by the Date header of the refusal; once it is known the call is made again with it. */
static bool
corrects_clock(struct sts_call *c, const struct aws_http_answer *answer, const struct aws_error *err)
{
	int64_t theirs;

	if (c->by == NULL || c->ahead != 0 || !time_parse_http(answer->date, strlen(answer->date), &theirs))
		return false;
	if (err->kind != AWS_CLOCK)
		return false;
	c->ahead = theirs - c->ask->now;
	return c->ahead != 0;
}

static bool
worth_again(enum aws_kind kind)
{
	return kind == AWS_NETWORK || kind == AWS_SERVER || kind == AWS_THROTTLED;
}

/* One try; *again: another one makes sense. */
static status
try_once(struct sts_call *c, struct aws_credentials *out, bool *again, struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	status result = STATUS_FAILED;

	*again = false;
	if (send(c, &answer, err) != STATUS_OK)
		*again = worth_again(err->kind);
	else if (answer.status == 200)
		result = accepted(c, &answer, out, err);
	else
		*again = refused(c, &answer, err) != STATUS_OK && (worth_again(err->kind) || corrects_clock(c, &answer, err));
	aws_http_answer_done(&answer);
	return result;
}

status
credentials_from_sts(struct credential_ask *a, const char *action, const char *parameters, const struct aws_credentials *by,
    const char *whose, struct aws_credentials *out, struct aws_error *err)
{
	struct sts_call c = { .ask = a, .action = action, .by = by, .whose = whose };
	struct aws_error last = { .kind = AWS_FINE };
	status result = STATUS_FAILED;
	bool again = true;

	buf_addf(&c.body, "Action=%s&Version=%s%s", action, aws_sts.version, parameters);
	result = credential_endpoint(a, &aws_sts, a->region, c.region, &c.endpoint, &last);
	snprintf(c.url, sizeof c.url, "%s/", c.endpoint.url);
	snprintf(c.path, sizeof c.path, "%s/", c.endpoint.path);
	if (result == STATUS_OK) {
		result = STATUS_FAILED;
		for (unsigned tries = 0; again && result != STATUS_OK && tries < TRIES; tries++) {
			aws_error_clear(&last);
			if (tries > 0 && c.ahead == 0 && credential_pause(a, (unsigned)LIMIT_AWS_CREDENTIAL_PAUSE_MS << (tries - 1), &last) != STATUS_OK)
				break;
			result = try_once(&c, out, &again, &last);
		}
	}
	if (result != STATUS_OK && err->kind == AWS_FINE)
		*err = last;
	OPENSSL_cleanse(c.body.data, c.body.cap);
	buf_done(&c.body);
	return result;
}
