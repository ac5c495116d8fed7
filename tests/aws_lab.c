#include "tests/aws_lab.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/rand.h>

#include "lab/cloud_internal.h"
#include "model/input.h"
#include "tests/program.h"

static int64_t
now_ms(void *self)
{
	const struct aws_lab *lab = self;

	return (lab->now != 0 ? lab->now : (int64_t)time(NULL)) * 1000;
}

static uint64_t
ticks_us(void *self)
{
	struct timespec t;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
random_bytes(void *self, unsigned char *out, size_t len)
{
	(void)self;
	assert_int_equal(RAND_bytes(out, (int)len), 1);
}

static const char *
env(void *self, const char *name)
{
	(void)self;
	return getenv(name);
}

static struct world world = { .now_ms = now_ms, .ticks_us = ticks_us, .random = random_bytes, .env = env };

static void
start(struct aws_lab *lab)
{
	struct cloud_options o = { .dir = lab->folder, .no_report_limit = true, .world = &world };
	struct error err = { 0 };

	world.self = lab;
	if (cloud_start(&o, &lab->cloud, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

void
aws_lab_start(struct aws_lab *lab)
{
	lab->folder = make_folder();
	start(lab);
}

void
aws_lab_again(struct aws_lab *lab)
{
	cloud_stop(lab->cloud);
	start(lab);
}

void
aws_lab_stop(struct aws_lab *lab)
{
	cloud_stop(lab->cloud);
	remove_folder(lab->folder);
	*lab = (struct aws_lab){ 0 };
}

/* What the last request was answered with. */
static struct arena *arena;
static struct cloud_reply reply;
static struct input file;
static struct aws_answer answer;

static void
forget(void)
{
	buf_done(&reply.body);
	input_free(&file);
	cJSON_Delete(answer.json);
	arena_free(arena);
	arena = arena_new();
	reply = (struct cloud_reply){ .status = 200 };
	file = (struct input){ 0 };
	answer = (struct aws_answer){ 0 };
}

/* An error's code, wherever its protocol puts it. */
static const char *
code_of(const struct aws_answer *a)
{
	const char *at = strstr(a->text, "<Code>"), *type = aws_text(a, "__type");

	if (a->status < 400)
		return "";
	if (*type != '\0')
		return type;
	if (*aws_answer_header(a, "x-amzn-ErrorType") != '\0')
		return aws_answer_header(a, "x-amzn-ErrorType");
	return at != NULL ? arena_strndup(arena, at + 6, strcspn(at + 6, "<")) : "";
}

static void
read_answer(void)
{
	struct error err = { 0 };

	answer.reply = &reply;
	answer.status = reply.status;
	answer.text = buf_str(&reply.body);
	answer.len = reply.body.len;
	if (reply.file != NULL && input_read(reply.file, 64u << 20, &file, &err) == STATUS_OK) {
		answer.text = arena_strndup(arena, (const char *)file.bytes, file.len);
		answer.len = file.len;
	}
	answer.json = answer.text[0] == '{' ? cJSON_Parse(answer.text) : NULL;
	answer.code = code_of(&answer);
}

const struct aws_answer *
aws_ask(struct aws_lab *lab, const struct aws_ask *what)
{
	size_t len = what->body_len != 0 ? what->body_len : what->body != NULL ? strlen(what->body) : 0;

	forget();
	/* A copy with no room to spare, so that a sanitizer sees who reads beyond it. */
	unsigned char *body = mem_alloc(len + 1);
	if (len > 0)
		memcpy(body, what->body, len);
	body[len] = '\0';
	reply.protocol = what->json ? CLOUD_JSON : what->service->protocol;
	snprintf(reply.request_id, sizeof reply.request_id, "00000000-0000-4000-8000-000000000000");
	struct cloud_raw raw = { .method = what->method != NULL ? what->method : "POST", .path = what->path != NULL ? what->path : "/",
		.query = what->query != NULL ? what->query : "", .headers = what->headers, .headers_len = what->headers_len, .body = body, .body_len = len };
	struct cloud_request q = { .method = raw.method, .path = raw.path, .query = raw.query, .headers = raw.headers, .headers_len = raw.headers_len,
		.body = body, .body_len = len, .service = what->service->signing, .operation = what->operation, .region = CLOUD_REGION,
		.account = CLOUD_ACCOUNT, .caller = "arn:aws:iam::" CLOUD_ACCOUNT ":user/admin", .may_all = !what->nobody, .arena = arena };
	cloud_serve_request(lab->cloud, what->service, &q, &raw, &reply);
	read_answer();
	free(body);
	return &answer;
}

const struct aws_answer *
aws_json(struct aws_lab *lab, const struct cloud_service *s, const char *operation, const char *fmt, ...)
{
	char *body = NULL;
	va_list ap;

	va_start(ap, fmt);
	assert_true(vasprintf(&body, fmt, ap) >= 0);
	va_end(ap);
	const struct aws_answer *a = aws_ask(lab, &(struct aws_ask){ .service = s, .operation = operation, .body = body, .json = true });
	free(body);
	return a;
}

const char *
aws_answer_header(const struct aws_answer *a, const char *name)
{
	for (size_t i = 0; i < a->reply->headers_len; i++)
		if (strcmp(a->reply->headers[i].name, name) == 0)
			return a->reply->headers[i].value;
	return "";
}

const cJSON *
aws_at(const struct aws_answer *a, const char *path)
{
	const cJSON *at = a->json;

	while (at != NULL && *path != '\0') {
		size_t len = strcspn(path, "/");
		char *name = arena_strndup(arena, path, len);
		at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, (int)strtol(name, NULL, 10)) : cJSON_GetObjectItemCaseSensitive(at, name);
		path += len + (path[len] == '/');
	}
	return at;
}

const char *
aws_text(const struct aws_answer *a, const char *path)
{
	const cJSON *found = aws_at(a, path);

	return cJSON_IsString(found) ? found->valuestring : "";
}
