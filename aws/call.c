/* One call: where it goes, its signature, and what is done about its failure. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/client_internal.h"
#include "model/buf.h"
#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"

enum {
	OWN_HEADERS = 7,           /* host, content-type, x-amz-target, and what signing adds */
	WORTH_CORRECTING = 30      /* seconds: a difference below that explains no refusal */
};

struct call {
	struct aws_client *c;
	const struct aws_call *call;
	char region[AWS_REGION_MAX]; /* the client's; of S3 the bucket's, once an answer named it */
	struct buf body;             /* of Query: with Action and Version before it */
	bool handed;                 /* the sink has bytes: a second answer would double them */
	bool clock_corrected, credentials_renewed, region_changed;
	bool anew;                   /* the next try asks for new credentials */
	int64_t used_ahead;          /* what the last try's date was corrected by */
};

/* ---- one try ---- */

/* What one try sends; all of it is gone with the try. */
struct sent {
	struct aws_endpoint endpoint;
	struct aws_credentials who;
	struct sigv4_signed made;
	struct sigv4_header headers[SIGV4_HEADERS_MAX + OWN_HEADERS];
	size_t headers_len;
	char type[80], target[128];
	struct buf path, url;
};

static void
add_header(struct sent *s, const char *name, const char *value)
{
	s->headers[s->headers_len++] = (struct sigv4_header){ name, value };
}

static void
protocol_headers(const struct call *t, struct sent *s)
{
	const struct aws_service *service = t->call->service;

	add_header(s, "host", s->endpoint.host);
	if (service->protocol == AWS_PROTOCOL_JSON) {
		snprintf(s->type, sizeof s->type, "application/x-amz-json-%s", service->json_version);
		snprintf(s->target, sizeof s->target, "%s.%s", service->target, t->call->operation);
		add_header(s, "content-type", s->type);
		add_header(s, "x-amz-target", s->target);
	} else if (service->protocol == AWS_PROTOCOL_QUERY) {
		add_header(s, "content-type", "application/x-www-form-urlencoded; charset=utf-8");
	}
	for (size_t i = 0; i < t->call->headers_len; i++)
		add_header(s, t->call->headers[i].name, t->call->headers[i].value);
}

static void
address(const struct call *t, struct sent *s)
{
	const struct aws_call *call = t->call;
	bool rest = call->service->protocol == AWS_PROTOCOL_REST;

	buf_adds(&s->path, s->endpoint.path);
	if (call->bucket != NULL && !s->endpoint.bucket_in_host) {
		buf_addc(&s->path, '/');
		sigv4_encode(&s->path, call->bucket, strlen(call->bucket), false);
	}
	buf_adds(&s->path, rest && call->path != NULL ? call->path : "/");
	buf_addf(&s->url, "%.*s%s", (int)(strlen(s->endpoint.url) - strlen(s->endpoint.path)), s->endpoint.url, s->path.data);
	if (rest && call->query != NULL && call->query[0] != '\0')
		buf_addf(&s->url, "?%s", call->query);
}

static bool
hand_on(void *user, const void *bytes, size_t len)
{
	struct call *t = user;

	t->handed = true;
	return t->call->sink(t->call->user, bytes, len);
}

static status
sign_and_send(struct call *t, struct sent *s, struct aws_http_answer *out, struct aws_error *err)
{
	const struct aws_call *call = t->call;
	struct aws_client *c = t->c;
	bool rest = call->service->protocol == AWS_PROTOCOL_REST;
	const struct sigv4_request r = {
		.method = rest ? call->method : "POST",
		.path = s->path.data,
		.query = rest ? call->query : NULL,
		.headers = s->headers,
		.headers_len = s->headers_len,
		.body = rest || t->body.len == 0 ? call->body : t->body.data,
		.body_len = rest || t->body.len == 0 ? call->body_len : t->body.len,
	};
	const struct sigv4_key key = { .access_key = s->who.access_key, .secret = s->who.secret,
		.token = s->who.token[0] != '\0' ? s->who.token : NULL };

	t->used_ahead = atomic_load(&c->ahead);
	if (!sigv4_sign(&r, &key, t->region, call->service->signing, c->world->now_ms(c->world->self) / 1000 + t->used_ahead, &s->made))
		return aws_error_set(err, AWS_LOCAL, NULL, "the request cannot be signed: this machine's clock, or a header, is out of bounds");
	add_header(s, "x-amz-date", s->made.date);
	add_header(s, "x-amz-content-sha256", s->made.payload_hash);
	if (key.token != NULL)
		add_header(s, "x-amz-security-token", key.token);
	add_header(s, "authorization", s->made.authorization);
	return aws_http(&(struct aws_http_request){
		.method = r.method,
		.url = s->url.data,
		.headers = s->headers,
		.headers_len = s->headers_len,
		.body = r.body,
		.body_len = r.body_len,
		.most = call->most,
		.ca_bundle = c->ca_bundle,
		.no_proxy = s->endpoint.loopback, /* no proxy reaches this machine's own loopback */
		.cancel = c->cancel,
		.sink = call->sink != NULL ? hand_on : NULL,
		.user = t,
	}, out, err);
}

static status
try_once(struct call *t, struct aws_http_answer *out, struct aws_error *err)
{
	struct aws_client *c = t->c;
	struct aws_place place = c->place;
	struct sent *s = mem_zero(1, sizeof *s);
	status result = STATUS_FAILED;

	place.region = t->region;
	if (t->call->headers_len > SIGV4_HEADERS_MAX - OWN_HEADERS)
		(void)aws_error_set(err, AWS_ARGUMENT, NULL, "more than %d headers", SIGV4_HEADERS_MAX - OWN_HEADERS);
	else if (aws_endpoint_find(&place, t->call->service, t->call->bucket, &s->endpoint, err) == STATUS_OK &&
	    aws_credentials_get(c->chain, t->anew, c->cancel, &s->who, err) == STATUS_OK) {
		t->anew = false;
		protocol_headers(t, s);
		address(t, s);
		result = sign_and_send(t, s, out, err);
	}
	if (result == STATUS_OK && (out->status < 200 || out->status > 299)) {
		aws_answer_error(t->call->service, out, err);
		result = STATUS_FAILED;
	}
	aws_credentials_done(&s->who);
	buf_done(&s->path);
	buf_done(&s->url);
	OPENSSL_cleanse(s, sizeof *s);
	free(s);
	return result;
}

/* ---- what can be mended at once ---- */

/* AWS found our date wrong: its own is in the answer. Once; a clock that is off stays corrected for the calls that follow. */
static bool
correct_clock(struct call *t, const struct aws_http_answer *a, struct aws_error *e)
{
	struct aws_client *c = t->c;
	int64_t theirs, ahead;
	char span[TIME_TEXT_MAX], text[sizeof e->message];

	if (e->kind != AWS_CLOCK || !time_parse_http(a->date, strlen(a->date), &theirs))
		return false;
	ahead = theirs - c->world->now_ms(c->world->self) / 1000;
	if (!t->clock_corrected && llabs((long long)(ahead - t->used_ahead)) >= WORTH_CORRECTING) {
		atomic_store(&c->ahead, ahead);
		t->clock_corrected = true;
		return true;
	}
	snprintf(text, sizeof text, "%.400s (this machine's clock is %s %s AWS's)", e->message, time_span(llabs((long long)ahead), span),
	    ahead > 0 ? "behind" : "ahead of");
	snprintf(e->message, sizeof e->message, "%s", text);
	return false;
}

static bool
renew_credentials(struct call *t, const struct aws_error *e)
{
	if (t->credentials_renewed || !aws_answer_is_expired(e))
		return false;
	t->anew = t->credentials_renewed = true;
	return true;
}

/* S3 answers for a bucket of another region with that region's name, to whoever may read it. */
static bool
follow_bucket(struct call *t, const struct aws_http_answer *a, const struct aws_error *e)
{
	const char *region = a->bucket_region;

	if (t->region_changed || t->call->bucket == NULL || e->http_status < 300 || region[0] == '\0' || strcmp(region, t->region) == 0 ||
	    (a->status != 301 && a->status != 307 && a->status != 400))
		return false;
	if (strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(region))
		return false;
	t->region_changed = true;
	snprintf(t->region, sizeof t->region, "%s", region);
	return true;
}

/* ---- the call ---- */

static void
query_body(struct call *t)
{
	const struct aws_call *call = t->call;

	if (call->service->protocol != AWS_PROTOCOL_QUERY)
		return;
	buf_addf(&t->body, "Action=%s&Version=%s", call->operation, call->service->version);
	if (call->body_len > 0) {
		buf_addc(&t->body, '&');
		buf_add(&t->body, call->body, call->body_len);
	}
}

/* Is another try to be made, and the time until then over? False: `e` stands. */
static bool
wait_for_next(struct call *t, unsigned failures, bool timed_out, unsigned *paid, struct aws_error *e)
{
	struct aws_client *c = t->c;
	struct aws_error cancelled = { .kind = AWS_FINE };
	uint32_t random;

	if (failures >= c->attempts || t->handed || !aws_retry_wanted(t->call->service, e) || !aws_retry_take(&c->retry, timed_out, paid))
		return false;
	c->world->random(c->world->self, (unsigned char *)&random, sizeof random);
	if (aws_client_wait(c, aws_retry_delay_ms(failures, random), &cancelled) == STATUS_OK)
		return true;
	*e = cancelled;
	return false;
}

status
aws_call(struct aws_client *c, const struct aws_call *call, struct aws_http_answer *out, struct aws_error *err)
{
	struct call t = { .c = c, .call = call };
	struct aws_error e = { .kind = AWS_FINE };
	unsigned failures = 0, paid = 0;
	bool unsettled = false;
	status result;

	memset(out, 0, sizeof *out);
	snprintf(t.region, sizeof t.region, "%s", c->region);
	query_body(&t);
	for (;;) {
		bool timed_out, mended;

		result = try_once(&t, out, &e);
		if (result == STATUS_OK)
			break;
		unsettled = unsettled || out->unanswered || e.kind == AWS_SERVER;
		timed_out = out->timed_out;
		mended = correct_clock(&t, out, &e) || renew_credentials(&t, &e) || follow_bucket(&t, out, &e);
		aws_http_answer_done(out);
		if (!mended && !wait_for_next(&t, ++failures, timed_out, &paid, &e))
			break;
		aws_error_clear(&e);
	}
	if (result == STATUS_OK) {
		aws_retry_give(&c->retry, paid);
	} else if (err != NULL && err->kind == AWS_FINE) {
		*err = e;
		err->unsettled = unsettled;
		snprintf(err->operation, sizeof err->operation, "%s %s", call->service->prefix, call->operation);
	}
	if (t.body.data != NULL)
		OPENSSL_cleanse(t.body.data, t.body.cap);
	buf_done(&t.body);
	return result;
}
