#include "tests/http_script.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "model/buf.h"
#include "model/memory.h"

enum { REQUESTS_MOST = 256, HELD_MOST = 16, WAIT_S = 10 };

struct http_script {
	const struct http_step *steps;
	unsigned *left;             /* of each step's times */
	int listener;
	char url[64];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct buf requests[REQUESTS_MOST];
	size_t len;
	int held[HELD_MOST];
	size_t held_len;
};

static void
put(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

/* Bytes of the body that the head announces. */
static size_t
body_length(const char *head)
{
	const char *at = strcasestr(head, "\r\nContent-Length:");

	return at == NULL ? 0 : (size_t)strtoul(at + strlen("\r\nContent-Length:"), NULL, 10);
}

static bool
read_request(int fd, struct buf *out)
{
	char piece[8192];

	for (;;) {
		const char *end = out->data == NULL ? NULL : strstr(out->data, "\r\n\r\n");
		if (end != NULL && out->len >= (size_t)(end + 4 - out->data) + body_length(out->data))
			return true;
		ssize_t n = recv(fd, piece, sizeof piece, 0);
		if (n <= 0)
			return false;
		buf_add(out, piece, (size_t)n);
	}
}

static bool
fits(const struct http_step *step, const char *request)
{
	size_t method = strlen(step->method), target = strlen(step->target);
	bool whole = target > 0 && step->target[target - 1] == '$';
	const char *at = request + method + 1;

	if (whole)
		target--;
	return strncmp(request, step->method, method) == 0 && request[method] == ' ' && strncmp(at, step->target, target) == 0 &&
	    (!whole || at[target] == ' ') && (step->has == NULL || strstr(request, step->has) != NULL);
}

static const struct http_step *
step_for(struct http_script *s, const char *request)
{
	for (size_t i = 0; s->steps[i].method != NULL; i++) {
		if (!fits(&s->steps[i], request) || (s->steps[i].times > 0 && s->left[i] == 0))
			continue;
		if (s->steps[i].times > 0)
			s->left[i]--;
		return &s->steps[i];
	}
	return NULL;
}

static void
answer(int fd, const struct http_step *step, bool head_only)
{
	struct buf out = { .data = NULL };
	const char *body = step == NULL || step->body == NULL ? "" : step->body;

	buf_addf(&out, "HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n%s",
	    step == NULL ? 418 : step->status == 0 ? 200 : step->status, strlen(body),
	    step != NULL && step->headers != NULL ? step->headers : "", head_only ? "" : body);
	put(fd, out.data, out.len);
	buf_done(&out);
}

static void
serve(struct http_script *s, int fd)
{
	struct buf request = { .data = NULL };
	const struct http_step *step;

	if (!read_request(fd, &request)) {
		buf_done(&request);
		close(fd);
		return;
	}
	pthread_mutex_lock(&s->lock);
	step = step_for(s, request.data);
	if (s->len < REQUESTS_MOST)
		s->requests[s->len++] = request;
	pthread_cond_broadcast(&s->came);
	pthread_mutex_unlock(&s->lock);
	if (step != NULL && step->status == -2 && s->held_len < HELD_MOST) {
		s->held[s->held_len++] = fd;
		return;
	}
	if (step == NULL || step->status >= 0)
		answer(fd, step, strncmp(request.data, "HEAD ", 5) == 0);
	shutdown(fd, SHUT_WR);
	close(fd);
}

static void *
run(void *user)
{
	struct http_script *s = user;
	int fd;

	while ((fd = accept(s->listener, NULL, NULL)) >= 0)
		serve(s, fd);
	return NULL;
}

struct http_script *
http_script_start(const struct http_step *steps)
{
	struct http_script *s = mem_zero(1, sizeof *s);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	size_t count = 0;

	while (steps[count].method != NULL)
		count++;
	s->steps = steps;
	s->left = mem_zero(count + 1, sizeof *s->left);
	for (size_t i = 0; i < count; i++)
		s->left[i] = steps[i].times;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->came, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&at, len) != 0 || listen(s->listener, 64) != 0 ||
	    getsockname(s->listener, (struct sockaddr *)&at, &len) != 0 || pthread_create(&s->thread, NULL, run, s) != 0)
		abort();
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", ntohs(at.sin_port));
	return s;
}

const char *
http_script_url(const struct http_script *s)
{
	return s->url;
}

size_t
http_script_requests(struct http_script *s)
{
	size_t len;

	pthread_mutex_lock(&s->lock);
	len = s->len;
	pthread_mutex_unlock(&s->lock);
	return len;
}

void
http_script_wait(struct http_script *s, size_t requests)
{
	struct timespec until;
	bool there;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	pthread_mutex_lock(&s->lock);
	while (s->len < requests && pthread_cond_timedwait(&s->came, &s->lock, &until) == 0)
		continue;
	there = s->len >= requests;
	pthread_mutex_unlock(&s->lock);
	if (!there)
		fail_msg("%zu requests did not come", requests);
}

const char *
http_script_request(struct http_script *s, size_t i)
{
	const char *text;

	pthread_mutex_lock(&s->lock);
	text = i < s->len ? s->requests[i].data : "";
	pthread_mutex_unlock(&s->lock);
	return text;
}

void
http_script_stop(struct http_script *s)
{
	if (s == NULL)
		return;
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	for (size_t i = 0; i < s->held_len; i++)
		close(s->held[i]);
	for (size_t i = 0; i < s->len; i++)
		buf_done(&s->requests[i]);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->came);
	free(s->left);
	free(s);
}
