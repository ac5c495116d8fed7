#include "lab/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>

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

status
server_start(struct server *s, const struct story *story, struct servers *all, struct error *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int size = sizeof address, result;
	unsigned port = all->next_port;

	s->story = story;
	s->all = all;
	s->tickets = 2 - variety_draw(all->variety, "tickets", story->name, 3);
	/* Who ends it without a word has sent no ticket before: 9 of 9 measured. */
	if (story->manner == MANNER_NODE || story->manner == MANNER_CLOSE_NOTIFY || story->manner == MANNER_HANG_UP)
		s->tickets = 0;
	if (story->manner == MANNER_NO_ROUTE || story->manner == MANNER_NO_NAME)
		return STATUS_OK;
	if (port > UINT16_MAX)
		return error_set(err, ERROR_USAGE, "starting the lab", "--first-port: the ports after it do not suffice, %u would be next", port);
	address.sin_port = htons((uint16_t)port);
	if (story->manner < MANNER_HTTP)
		s->ctx = server_context(s);
	if ((result = uv_tcp_init(all->loop, &s->listener)) != 0)
		goto failed;
	s->open = true;
	s->listener.data = s;
	result = uv_tcp_bind(&s->listener, (const struct sockaddr *)&address, 0);
	/* A port that nobody listens on stays ours, so that nobody else comes to listen there. */
	if (result == 0 && story->manner != MANNER_NOBODY)
		result = uv_listen((uv_stream_t *)&s->listener, BACKLOG, on_connection);
	if (result == 0)
		result = uv_tcp_getsockname(&s->listener, (struct sockaddr *)&address, &size);
	if (result != 0)
		goto failed;
	s->port = ntohs(address.sin_port);
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
server_done(struct server *s)
{
	SSL_CTX_free(s->ctx);
	s->ctx = NULL;
}
