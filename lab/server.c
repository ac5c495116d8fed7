#include "lab/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "model/memory.h"

enum { BACKLOG = 128 };

int64_t
server_now(const struct server *s)
{
	return s->all->world->now_ms(s->all->world->self) / 1000 + s->story->clock_seconds;
}

static void
on_connection(uv_stream_t *listener, int result)
{
	if (result == 0)
		connection_open(listener->data);
}

/* Port 0: any. */
static int
listen_at(struct server *s, const char *ip, uint16_t port)
{
	struct sockaddr_in address;
	int size = sizeof address, result = uv_ip4_addr(ip, port, &address);

	if (result == 0)
		result = uv_tcp_init(s->all->loop, &s->listener);
	if (result != 0)
		return result;
	s->open = true;
	s->listener.data = s;
	result = uv_tcp_bind(&s->listener, (const struct sockaddr *)&address, 0);
	/* A port that nobody listens on stays ours, so that nobody else comes to listen there. */
	if (result == 0 && s->story->manner != MANNER_NOBODY)
		result = uv_listen((uv_stream_t *)&s->listener, BACKLOG, on_connection);
	if (result == 0)
		result = uv_tcp_getsockname(&s->listener, (struct sockaddr *)&address, &size);
	if (result == 0)
		s->port = ntohs(address.sin_port);
	return result;
}

static int
twin_start(struct server *s)
{
	struct server *twin = s->twin = mem_zero(1, sizeof *twin);

	twin->story = s->story->twin;
	twin->all = s->all;
	twin->tickets = s->tickets;
	twin->ctx = server_context(twin, NULL);
	return listen_at(twin, TWIN_ADDRESS, s->port);
}

status
server_start(struct server *s, const struct story *story, struct servers *all, struct error *err)
{
	int result;
	unsigned port = all->next_port;

	s->story = story;
	s->all = all;
	s->tickets = story->resumes ? 2 : 2 - variety_draw(all->variety, "tickets", story->name, 3);
	/* Who ends it without a word has sent no ticket before: 9 of 9 measured. */
	if (story->manner == MANNER_NODE || story->manner == MANNER_CLOSE_NOTIFY || story->manner == MANNER_HANG_UP)
		s->tickets = 0;
	if (story->manner == MANNER_NO_ROUTE || story->manner == MANNER_NO_NAME)
		return STATUS_OK;
	if (port > UINT16_MAX)
		return error_set(err, ERROR_USAGE, "starting the lab", "--first-port: the ports after it do not suffice, %u would be next", port);
	if (story->manner < MANNER_HTTP)
		s->ctx = server_context(s, NULL);
	result = listen_at(s, "127.0.0.1", (uint16_t)port);
	if (result == 0 && story->twin != NULL)
		result = twin_start(s);
	if (result != 0)
		goto failed;
	if (port != 0)
		all->next_port++;
	return STATUS_OK;
failed:
	if (port != 0)
		return error_set(err, ERROR_LOCAL, "starting the lab", "Port %u of 127.0.0.1 cannot be had for “%s”: %s. Try another --first-port.",
		    port, story->name, uv_strerror(result));
	return error_set(err, ERROR_LOCAL, "starting the lab", "No port can be opened on 127.0.0.1: %s.", uv_strerror(result));
}

void
server_refresh(struct server *s)
{
	struct material files;
	SSL_CTX *ctx;

	if (s->ctx == NULL || s->served.name == NULL || !served_changed(&s->served, &files))
		return;
	ctx = server_context(s, &files);
	material_done(&files);
	if (ctx == NULL) {
		served_complain(&s->served, "server.crt: OpenSSL does not serve this certificate");
		return;
	}
	/* Connections that are open keep the old one, and its tickets open nothing any more. */
	SSL_CTX_free(s->ctx);
	s->ctx = ctx;
}

void
server_done(struct server *s)
{
	if (s->twin != NULL)
		server_done(s->twin);
	free(s->twin);
	s->twin = NULL;
	SSL_CTX_free(s->ctx);
	s->ctx = NULL;
	served_done(&s->served);
}
