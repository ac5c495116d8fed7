/*
 * HTTP for the lab's AWS: libmicrohttpd on loopback, one thread for all connections, so that a request is served whole
 * before the next one. It answers Expect: 100-continue and HEAD by itself.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/cloud_internal.h"
#include "lab/sql.h"
#include "model/limits.h"

enum { BACKLOG = 128 };

/* One request under way. */
struct talk {
	struct arena *arena;
	char *target;     /* path and query as on the wire */
	struct buf body;
	bool started, too_large;
};

/* libmicrohttpd decodes paths; signatures are of the bytes as they came. */
static void *
on_target(void *user, const char *target, struct MHD_Connection *connection)
{
	struct talk *t = mem_zero(1, sizeof *t);

	(void)user;
	(void)connection;
	t->arena = arena_new();
	t->target = arena_strdup(t->arena, target);
	return t;
}

static void
on_done(void *user, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode how)
{
	struct talk *t = *state;

	(void)user;
	(void)connection;
	(void)how;
	*state = NULL;
	if (t == NULL)
		return;
	buf_done(&t->body);
	arena_free(t->arena);
	free(t);
}

struct headers {
	struct arena *arena;
	struct cloud_header *list;
	size_t len, cap;
};

static enum MHD_Result
on_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct headers *h = user;

	(void)kind;
	if (h->len == LIMIT_CLOUD_HEADERS)
		return MHD_NO;
	h->list = arena_grow(h->arena, h->list, h->len, &h->cap, sizeof *h->list);
	h->list[h->len++] = (struct cloud_header){ name, value != NULL ? value : "" };
	return MHD_YES;
}

static struct MHD_Response *
file_response(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	return MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
}

static enum MHD_Result
send_reply(struct MHD_Connection *connection, struct cloud_reply *p)
{
	struct MHD_Response *r = p->file != NULL ? file_response(p->file) :
	    MHD_create_response_from_buffer(p->body.len, p->body.len > 0 ? p->body.data : "", MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (r == NULL)
		return MHD_NO;
	if (p->content_type != NULL)
		MHD_add_response_header(r, "Content-Type", p->content_type);
	for (size_t i = 0; i < p->headers_len; i++)
		MHD_add_response_header(r, p->headers[i].name, p->headers[i].value);
	result = MHD_queue_response(connection, (unsigned)p->status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result
answer(struct cloud *c, struct MHD_Connection *connection, const char *method, struct talk *t)
{
	struct headers h = { .arena = t->arena };
	struct cloud_reply p = { .status = 200 };
	char *query = strchr(t->target, '?');
	enum MHD_Result result;

	MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, &h);
	if (query != NULL)
		*query++ = '\0';
	struct cloud_raw raw = { .method = method, .path = t->target, .query = query != NULL ? query : "", .headers = h.list,
		.headers_len = h.len, .body = (const unsigned char *)buf_str(&t->body), .body_len = t->body.len };
	cloud_answer(c, &raw, t->arena, &p);
	result = send_reply(connection, &p);
	buf_done(&p.body);
	return result;
}

static enum MHD_Result
refuse_size(struct MHD_Connection *connection)
{
	struct cloud_reply p = { .status = 413 };

	cloud_uuid(p.request_id);
	cloud_reply_header(&p, "x-amzn-RequestId", p.request_id);
	return send_reply(connection, &p);
}

static enum MHD_Result
on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *data, size_t *len, void **state)
{
	struct talk *t = *state;

	(void)url;
	(void)version;
	if (t == NULL)
		return MHD_NO;
	if (!t->started) {
		const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
		t->started = true;
		/* At once: who sends Expect: 100-continue is spared the sending. */
		if (length != NULL && strtoull(length, NULL, 10) > LIMIT_CLOUD_BODY)
			return refuse_size(connection);
		return MHD_YES;
	}
	if (*len > 0) {
		t->too_large = t->too_large || t->body.len + *len > LIMIT_CLOUD_BODY;
		if (!t->too_large)
			buf_add(&t->body, data, *len);
		*len = 0;
		return MHD_YES;
	}
	return t->too_large ? refuse_size(connection) : answer(user, connection, method, t);
}

/* The port asked for; otherwise the one of last time, if it is free; otherwise any. */
static int
bind_port(struct cloud *c, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		return -1;
	/* A lab that was killed leaves connections behind, and its port is wanted again. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
		int why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	c->port = ntohs(address.sin_port);
	return fd;
}

status
cloud_listen(struct cloud *c, struct error *err)
{
	uint16_t last = (uint16_t)sql_int(c->db, 0, "SELECT value FROM cloud_meta WHERE name = 'port'", "");

	c->listener = bind_port(c, c->o.port != 0 ? c->o.port : last);
	if (c->listener < 0 && c->o.port == 0)
		c->listener = bind_port(c, 0);
	if (c->listener < 0)
		return error_set(err, ERROR_LOCAL, "starting the lab", "The private CA's port %u of 127.0.0.1 cannot be had: %s.", c->o.port,
		    strerror(errno));
	snprintf(c->url, sizeof c->url, "http://127.0.0.1:%u", c->port);
	sql_do(c->db, "REPLACE INTO cloud_meta(name, value) VALUES ('port', ?)", "i", (int64_t)c->port);
	return STATUS_OK;
}

status
cloud_serve_http(struct cloud *c, struct error *err)
{
	c->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, on_request, c,
	    MHD_OPTION_LISTEN_SOCKET, c->listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CLOUD_CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_CLOUD_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_CLOUD_HEAD,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, c, MHD_OPTION_NOTIFY_COMPLETED, on_done, c, MHD_OPTION_END);
	if (c->daemon == NULL)
		return error_set(err, ERROR_LOCAL, "starting the lab", "The private CA's server does not start.");
	c->listener = -1; /* the daemon closes it */
	return STATUS_OK;
}

void
cloud_hang_up(struct cloud *c)
{
	if (c->daemon != NULL)
		MHD_stop_daemon(c->daemon);
	c->daemon = NULL;
	if (c->listener >= 0)
		close(c->listener);
	c->listener = -1;
}

const char *
cloud_raw_header(const struct cloud_raw *raw, const char *name)
{
	for (size_t i = 0; i < raw->headers_len; i++)
		if (strcasecmp(raw->headers[i].name, name) == 0)
			return raw->headers[i].value;
	return NULL;
}
