#include "tests/aws_script.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "model/buf.h"
#include "model/memory.h"

enum { MOST_REQUESTS = 64, MOST_HEADERS = 48, PATIENCE_S = 20 };

struct aws_script {
	const struct aws_script_said *said;
	int len, listener;
	const char *verify_as;
	char url[64];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	int requests;
	struct aws_script_heard heard[MOST_REQUESTS];
};

static void
check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "aws_script: %s\n", what);
	abort();
}

static bool
find_key(void *user, const char *access_key, struct sigv4_known *out)
{
	(void)user;
	*out = (struct sigv4_known){ .secret = "secret" };
	if (strcmp(access_key, "ASIATEST") == 0)
		out->token = "token";
	return strcmp(access_key, "AKIDTEST") == 0 || strcmp(access_key, "ASIATEST") == 0;
}

static void
verify(const struct aws_script *s, struct aws_script_heard *h)
{
	struct sigv4_header headers[MOST_HEADERS];
	struct sigv4_request r = { .method = h->method, .path = h->path, .query = h->query, .headers = headers, .body = h->body,
		.body_len = strlen(h->body) };
	const struct sigv4_check how = { .find = find_key, .service = s->verify_as, .now = time(NULL), .window = 300 };
	struct sigv4_checked got;
	char *copy = mem_strdup(h->head), *rest = copy, *line;

	strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) != NULL && r.headers_len < MOST_HEADERS) {
		char *colon = strchr(line, ':');

		line[strcspn(line, "\r")] = '\0';
		if (colon == NULL)
			continue;
		*colon = '\0';
		headers[r.headers_len++] = (struct sigv4_header){ line, colon + 1 + strspn(colon + 1, " ") };
	}
	sigv4_verify(&r, &how, &got);
	h->verdict = got.verdict;
	snprintf(h->region, sizeof h->region, "%s", got.region);
	snprintf(h->service, sizeof h->service, "%s", got.service);
	free(copy);
}

const char *
aws_script_header(const struct aws_script_heard *h, const char *name)
{
	static char value[1024];
	size_t len = strlen(name);

	for (const char *p = strchr(h->head, '\n'); p != NULL; p = strchr(p, '\n')) {
		p++;
		if (strncasecmp(p, name, len) != 0 || p[len] != ':')
			continue;
		p += len + 1;
		p += strspn(p, " ");
		snprintf(value, sizeof value, "%.*s", (int)strcspn(p, "\r\n"), p);
		return value;
	}
	return NULL;
}

/* A whole request: its head, and as much body as it says. */
static bool
read_request(int fd, struct aws_script_heard *h)
{
	char all[sizeof h->head + sizeof h->body];
	size_t len = 0, want = 0, head = 0;
	char target[1024] = "";

	while (head == 0 || len < head + want) {
		ssize_t n = recv(fd, all + len, sizeof all - 1 - len, 0);
		char *end;

		if (n <= 0)
			return false;
		len += (size_t)n;
		all[len] = '\0';
		if (head != 0 || (end = strstr(all, "\r\n\r\n")) == NULL)
			continue;
		head = (size_t)(end - all) + 4;
		snprintf(h->head, sizeof h->head, "%.*s", (int)head, all);
		if (aws_script_header(h, "content-length") != NULL)
			want = strtoul(aws_script_header(h, "content-length"), NULL, 10);
	}
	snprintf(h->body, sizeof h->body, "%s", all + head);
	check(sscanf(h->head, "%7s %1023s", h->method, target) == 2, "a request line");
	snprintf(h->path, sizeof h->path, "%.*s", (int)strcspn(target, "?"), target);
	if (strchr(target, '?') != NULL)
		snprintf(h->query, sizeof h->query, "%s", strchr(target, '?') + 1);
	return true;
}

static void
say(int fd, const struct aws_script_said *a)
{
	const char *body = a->body != NULL ? a->body : "";
	struct buf out = { 0 };
	char date[64], byte;
	time_t now = time(NULL);
	struct tm tm;

	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	buf_addf(&out, "HTTP/1.1 %s\r\nDate: %s\r\nConnection: close\r\n%s", a->status != NULL ? a->status : "200 OK",
	    a->date != NULL ? a->date : date, a->headers != NULL ? a->headers : "");
	if (a->how != AWS_ENDLESS)
		buf_addf(&out, "Content-Length: %zu\r\n", strlen(body) + (a->how == AWS_CUT ? 10 : 0));
	buf_addf(&out, "\r\n%s", body);
	if (a->how == AWS_SAYS || a->how == AWS_CUT || a->how == AWS_ENDLESS)
		send(fd, out.data, out.len, MSG_NOSIGNAL);
	while (a->how == AWS_ENDLESS && send(fd, out.data, out.len, MSG_NOSIGNAL) > 0)
		continue;
	while (a->how == AWS_HANGS && recv(fd, &byte, 1, 0) > 0)
		continue;
	buf_done(&out);
}

static void *
serve(void *user)
{
	struct aws_script *s = user;
	int fd;

	while ((fd = accept(s->listener, NULL, NULL)) != -1) {
		struct timeval patience = { .tv_sec = PATIENCE_S };
		struct aws_script_heard h = { .verdict = SIGV4_MISSING };
		int n = -1;

		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		if (read_request(fd, &h)) {
			verify(s, &h);
			pthread_mutex_lock(&s->lock);
			check(s->requests < MOST_REQUESTS, "too many requests");
			n = s->requests++;
			s->heard[n] = h;
			pthread_cond_broadcast(&s->more);
			pthread_mutex_unlock(&s->lock);
			say(fd, &s->said[n < s->len ? n : s->len - 1]);
		}
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

struct aws_script *
aws_script_start(const struct aws_script_said *said, int len, const char *verify_as)
{
	struct aws_script *s = mem_zero(1, sizeof *s);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t at_len = sizeof at;

	s->said = said;
	s->len = len;
	s->verify_as = verify_as;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->more, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(s->listener != -1 && bind(s->listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(s->listener, 64) == 0 &&
	    getsockname(s->listener, (struct sockaddr *)&at, &at_len) == 0, "listen");
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", ntohs(at.sin_port));
	check(pthread_create(&s->thread, NULL, serve, s) == 0, "pthread_create");
	return s;
}

const char *
aws_script_url(const struct aws_script *s)
{
	return s->url;
}

int
aws_script_requests(struct aws_script *s)
{
	int n;

	pthread_mutex_lock(&s->lock);
	n = s->requests;
	pthread_mutex_unlock(&s->lock);
	return n;
}

bool
aws_script_wait(struct aws_script *s, int requests)
{
	struct timespec until;
	int failed = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&s->lock);
	while (s->requests < requests && failed == 0)
		failed = pthread_cond_timedwait(&s->more, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
	return failed == 0;
}

const struct aws_script_heard *
aws_script_heard(struct aws_script *s, int n)
{
	check(n < aws_script_requests(s), "so many requests did not come");
	return &s->heard[n];
}

void
aws_script_stop(struct aws_script *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->more);
	free(s);
}
