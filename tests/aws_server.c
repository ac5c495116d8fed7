#include "tests/aws_server.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/memory.h"
#include "probes/examine.h"

enum { KEPT_MOST = 1024, PATIENCE_S = 20 };

struct kept_request {
	char *head, *body;
};

struct aws_server {
	const struct aws_reply *replies;
	size_t replies_len;
	char url[64];
	int listener;
	pthread_t thread;
	pthread_mutex_t lock;
	struct kept_request kept[KEPT_MOST];
	size_t len; /* of them; more requests are counted, not kept */
};

static void
put(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static const char *
header_at(const char *head, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = strchr(head, '\n'); line != NULL; line = strchr(line + 1, '\n'))
		if (strncasecmp(line + 1, name, len) == 0 && line[1 + len] == ':')
			return line + 1 + len + 1 + strspn(line + 1 + len + 1, " ");
	return NULL;
}

/* Until the buffer holds that many bytes; false where the client has gone. */
static bool
read_to(int fd, struct buf *b, size_t len)
{
	char piece[16384];

	while (b->len < len) {
		ssize_t n = recv(fd, piece, sizeof piece, 0);

		if (n <= 0)
			return false;
		buf_add(b, piece, (size_t)n);
	}
	return true;
}

/* A whole request, NUL between head and body. */
static bool
read_request(int fd, struct buf *b, size_t *head_len)
{
	const char *end, *length;

	while (b->len == 0 || (end = strstr(b->data, "\r\n\r\n")) == NULL)
		if (!read_to(fd, b, b->len + 1))
			return false;
	*head_len = (size_t)(end - b->data) + 4;
	if (header_at(b->data, "expect") != NULL)
		put(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	length = header_at(b->data, "content-length");
	return read_to(fd, b, *head_len + (length != NULL ? strtoul(length, NULL, 10) : 0));
}

static void
answer(int fd, const struct aws_reply *r, size_t n)
{
	struct buf out = { 0 }, body = { 0 };
	const char *hole = r->numbered ? strstr(r->body, "%zu") : NULL;

	if (hole != NULL) {
		buf_add(&body, r->body, (size_t)(hole - r->body));
		buf_addf(&body, "%zu%s", n, hole + 3);
	} else
		buf_adds(&body, r->body != NULL ? r->body : "");
	buf_addf(&out, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nx-amzn-RequestId: request-%zu\r\n%sConnection: close\r\n\r\n",
	    r->status != 0 ? r->status : 200, body.len, n, r->headers != NULL ? r->headers : "Content-Type: application/x-amz-json-1.1\r\n");
	put(fd, out.data, out.len);
	put(fd, buf_str(&body), body.len);
	buf_done(&out);
	buf_done(&body);
}

static void
serve(struct aws_server *s, int fd)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	struct buf b = { 0 };
	const struct aws_reply *r;
	size_t head, n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (!read_request(fd, &b, &head)) {
		buf_done(&b);
		return;
	}
	pthread_mutex_lock(&s->lock);
	n = s->len++;
	if (n < KEPT_MOST)
		s->kept[n] = (struct kept_request){ mem_strndup(b.data, head), mem_strndup(b.data + head, b.len - head) };
	pthread_mutex_unlock(&s->lock);
	buf_done(&b);
	r = &s->replies[n < s->replies_len ? n : s->replies_len - 1];
	if (!r->drops)
		answer(fd, r, n);
}

static void *
run(void *user)
{
	struct aws_server *s = user;
	int fd;

	while ((fd = accept(s->listener, NULL, NULL)) >= 0) {
		serve(s, fd);
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

struct aws_server *
aws_server_start(const struct aws_reply *replies, size_t len)
{
	struct aws_server *s = mem_zero(1, sizeof *s);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;

	s->replies = replies;
	s->replies_len = len;
	pthread_mutex_init(&s->lock, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->listener >= 0 && bind(s->listener, (struct sockaddr *)&at, size) == 0 && listen(s->listener, 64) == 0 &&
	    getsockname(s->listener, (struct sockaddr *)&at, &size) == 0);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", ntohs(at.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
	return s;
}

void
aws_server_stop(struct aws_server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	pthread_mutex_destroy(&s->lock);
	for (size_t i = 0; i < s->len && i < KEPT_MOST; i++) {
		free(s->kept[i].head);
		free(s->kept[i].body);
	}
	free(s);
}

const char *
aws_server_url(const struct aws_server *s)
{
	return s->url;
}

size_t
aws_server_count(struct aws_server *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->len;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static struct kept_request
kept_at(struct aws_server *s, size_t n)
{
	struct kept_request k = { NULL, NULL };

	pthread_mutex_lock(&s->lock);
	if (n < s->len && n < KEPT_MOST)
		k = s->kept[n];
	pthread_mutex_unlock(&s->lock);
	return k;
}

const char *
aws_server_body(struct aws_server *s, size_t n)
{
	return kept_at(s, n).body;
}

const char *
aws_server_head(struct aws_server *s, size_t n)
{
	return kept_at(s, n).head;
}

bool
aws_server_header(struct aws_server *s, size_t n, const char *name, char *out, size_t size)
{
	const char *head = aws_server_head(s, n), *value = head != NULL ? header_at(head, name) : NULL;

	if (value == NULL)
		return false;
	snprintf(out, size, "%.*s", (int)strcspn(value, "\r\n"), value);
	return true;
}

/* ---- clients ---- */

static const char *
own_env(void *self, const char *name)
{
	const struct test_client *t = self;
	size_t len = strlen(name);

	for (size_t i = 0; t->env[i] != NULL; i++)
		if (strncmp(t->env[i], name, len) == 0 && t->env[i][len] == '=')
			return t->env[i] + len + 1;
	return NULL;
}

void
test_client_make(struct test_client *t, const char *url, const char *key, const char *secret, const char *const more[])
{
	struct aws_client_options o = { .world = &t->world };
	struct aws_error err = { 0 };
	size_t n = 0;

	*t = (struct test_client){ .world = *world_real() };
	t->world.env = own_env;
	t->world.self = t; /* the others look at no self */
	t->env[n++] = "HOME=/nonexistent";
	t->env[n++] = "AWS_EC2_METADATA_DISABLED=true";
	t->env[n++] = "AWS_REGION=us-east-1";
	snprintf(t->held[0], sizeof t->held[0], "AWS_ENDPOINT_URL=%s", url);
	t->env[n++] = t->held[0];
	if (key != NULL) {
		snprintf(t->held[1], sizeof t->held[1], "AWS_ACCESS_KEY_ID=%s", key);
		t->env[n++] = t->held[1];
	}
	if (secret != NULL) {
		snprintf(t->held[2], sizeof t->held[2], "AWS_SECRET_ACCESS_KEY=%s", secret);
		t->env[n++] = t->held[2];
	}
	for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
		assert_true(n + 1 < sizeof t->env / sizeof t->env[0]);
		t->env[n++] = more[i];
	}
	if (aws_client_new(&o, &t->client, &err) != STATUS_OK)
		fail_msg("%s", err.message);
}

void
test_client_done(struct test_client *t)
{
	aws_client_free(t->client);
	t->client = NULL;
}
