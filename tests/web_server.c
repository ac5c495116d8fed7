#include "tests/web_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/buf.h"
#include "model/memory.h"

enum { HEAD_MOST = 8192, HELD_MOST = 64, PIECE = 4096 };

struct web_server {
	const struct web_page *pages;
	int listener, port;
	pthread_t thread;
	pthread_mutex_t lock;
	int visits;
	char last[HEAD_MOST];
	int held[HELD_MOST]; /* connections that hang */
	size_t held_len;
};

static void
check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "web_server: %s\n", what);
	abort();
}

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

/* To its head's end; the body of a POST comes with it or is not looked at. */
static bool
read_head(int fd, char out[HEAD_MOST])
{
	size_t len = 0;

	for (;;) {
		ssize_t n = recv(fd, out + len, HEAD_MOST - 1 - len, 0);

		if (n <= 0)
			return false;
		len += (size_t)n;
		out[len] = '\0';
		if (strstr(out, "\r\n\r\n") != NULL)
			return true;
	}
}

static const struct web_page *
page_for(const struct web_server *s, const char *head)
{
	const char *path = strchr(head, ' ');

	for (const struct web_page *p = s->pages; path != NULL && p->path != NULL; p++) {
		size_t len = strlen(p->path);

		if (strncmp(path + 1, p->path, len) == 0 && path[1 + len] == ' ')
			return p;
	}
	return NULL;
}

static void
answer(int fd, const struct web_page *p)
{
	struct buf out = { 0 };

	buf_addf(&out, "HTTP/1.1 %s\r\n%s", p->status != NULL ? p->status : "200 OK", p->headers != NULL ? p->headers : "");
	if (p->how != WEB_ENDLESS)
		buf_addf(&out, "Content-Length: %zu\r\n", p->len + (p->how == WEB_SHORT ? 10 : 0));
	buf_adds(&out, "Connection: close\r\n\r\n");
	put(fd, out.data, out.len);
	put(fd, p->body, p->len);
	buf_done(&out);
	if (p->how == WEB_ENDLESS) {
		char piece[PIECE] = { 0 };

		while (send(fd, piece, sizeof piece, MSG_NOSIGNAL) > 0)
			;
	}
}

static void
serve(struct web_server *s, int fd)
{
	char head[HEAD_MOST];
	const struct web_page *p;

	if (!read_head(fd, head)) {
		close(fd);
		return;
	}
	p = page_for(s, head);
	pthread_mutex_lock(&s->lock);
	s->visits++;
	memcpy(s->last, head, sizeof head);
	pthread_mutex_unlock(&s->lock);
	if (p != NULL && p->how == WEB_HANGS && s->held_len < HELD_MOST) {
		s->held[s->held_len++] = fd;
		return;
	}
	if (p == NULL)
		put(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 45);
	else if (p->how != WEB_CLOSES)
		answer(fd, p);
	shutdown(fd, SHUT_WR);
	close(fd);
}

static void *
run(void *user)
{
	struct web_server *s = user;
	int fd;

	while ((fd = accept(s->listener, NULL, NULL)) >= 0)
		serve(s, fd);
	return NULL;
}

struct web_server *
web_start(const struct web_page *pages)
{
	struct web_server *s = mem_zero(1, sizeof *s);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;

	s->pages = pages;
	pthread_mutex_init(&s->lock, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(s->listener >= 0 && bind(s->listener, (struct sockaddr *)&at, len) == 0 && listen(s->listener, 64) == 0 &&
	    getsockname(s->listener, (struct sockaddr *)&at, &len) == 0, "no port");
	s->port = ntohs(at.sin_port);
	check(pthread_create(&s->thread, NULL, run, s) == 0, "no thread");
	return s;
}

int
web_port(const struct web_server *s)
{
	return s->port;
}

int
web_visits(struct web_server *s)
{
	int n;

	pthread_mutex_lock(&s->lock);
	n = s->visits;
	pthread_mutex_unlock(&s->lock);
	return n;
}

const char *
web_last(struct web_server *s)
{
	return s->last;
}

void
web_stop(struct web_server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	for (size_t i = 0; i < s->held_len; i++)
		close(s->held[i]);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
