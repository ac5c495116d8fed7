/* The sockets of `listen` and whoever stands at the door: how many are let in at once, and who makes room. */
#include "probes/listen_loop.h"

#include <stdio.h>
#include <string.h>

#include "model/host.h"
#include "model/memory.h"

enum {
	BACKLOG = 512,
	ROOM_MS = 250,      /* between looks whether somebody who waits can come in */
	SILENT_MS = 1000    /* who has not finished its handshake after that makes room first */
};

/* ---- who was here before ---- */

const struct earlier *
loop_earlier(const struct listen_loop *l, const char *host, const struct fingerprint *shape)
{
	for (size_t i = 0; i < l->earlier_len; i++)
		if (fingerprint_equal(&l->earlier[i].shape, shape) && strcmp(l->earlier[i].host, host) == 0)
			return &l->earlier[i];
	return NULL;
}

void
loop_remember(struct listen_loop *l, const char *host, const struct fingerprint *shape, const struct client_earlier *what)
{
	struct earlier *e = (struct earlier *)loop_earlier(l, host, shape);

	if (e == NULL) {
		e = &l->earlier[l->earlier_next];
		l->earlier_next = (l->earlier_next + 1) % LIMIT_LISTEN_EARLIER;
		if (l->earlier_len < LIMIT_LISTEN_EARLIER)
			l->earlier_len++;
		snprintf(e->host, sizeof e->host, "%s", host);
		e->shape = *shape;
	}
	e->what = *what;
}

/* ---- the door ---- */

/* The one that has been silent for longest; NULL: all that are here are at work, or came just now. */
static struct connection *
most_silent(const struct listen_loop *l)
{
	for (struct connection *c = l->oldest; c != NULL; c = connection_newer(c))
		if (connection_unfinished_ms(c) >= SILENT_MS)
			return c;
	return NULL;
}

static void
on_room(uv_timer_t *timer)
{
	loop_has_room(timer->data);
}

static void
let_in(struct listen_socket *s)
{
	struct listen_loop *l = s->of;

	if (l->connections < LIMIT_LISTEN_CLIENTS) {
		s->waiting = false;
		connection_accept(l, s);
		return;
	}
	/* libuv takes no further one from the kernel until this one is taken: the others wait there. */
	s->waiting = true;
	struct connection *silent = most_silent(l);
	if (silent != NULL)
		connection_cut(silent, true);
	uv_timer_start(&l->room, on_room, ROOM_MS, 0);
}

void
loop_has_room(struct listen_loop *l)
{
	for (int i = 0; i < LISTEN_SOCKETS; i++)
		if (l->sockets[i].open && l->sockets[i].waiting && !l->stopping)
			let_in(&l->sockets[i]);
}

/* A failure here is no descriptor: libuv has let the client go by then, and goes on listening. */
static void
on_connection(uv_stream_t *stream, int result)
{
	struct listen_socket *s = stream->data;

	if (result == 0 && !s->of->stopping)
		let_in(s);
}

/* ---- binding ---- */

static int
bind_one(struct listen_loop *l, struct listen_socket *s, const char *address, uint16_t port)
{
	struct sockaddr_storage at;
	int result;

	result = strchr(address, ':') != NULL ? uv_ip6_addr(address, port, (struct sockaddr_in6 *)&at)
					      : uv_ip4_addr(address, port, (struct sockaddr_in *)&at);
	if (result != 0)
		return result;
	uv_tcp_init(&l->loop, &s->tcp);
	s->tcp.data = s;
	s->of = l;
	s->open = true;
	result = uv_tcp_bind(&s->tcp, (struct sockaddr *)&at, 0);
	return result != 0 ? result : uv_listen((uv_stream_t *)&s->tcp, BACKLOG, on_connection);
}

static uint16_t
port_of(const struct listen_socket *s)
{
	struct sockaddr_storage at = { 0 };
	int len = sizeof at;

	if (uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&at, &len) != 0)
		return 0;
	return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port : ((struct sockaddr_in *)&at)->sin_port);
}

static status
failed(const char *address, uint16_t port, int result, struct error *err)
{
	switch (result) {
	case UV_EADDRINUSE:
		return error_set(err, ERROR_LOCAL, "listen", "port %u of %s is taken by another program", port, address);
	case UV_EACCES:
		return error_set(err, ERROR_LOCAL, "listen", "port %u may not be opened by this user: ports below 1024 are for root", port);
	case UV_EADDRNOTAVAIL:
		return error_set(err, ERROR_USAGE, "listen", "%s is no address of this machine: 0.0.0.0 opens all of them", address);
	case UV_EINVAL:
		return error_set(err, ERROR_USAGE, "listen", "%s is no IP address", address);
	default:
		return error_set(err, ERROR_LOCAL, "listen", "port %u of %s cannot be opened: %s", port, address, uv_strerror(result));
	}
}

status
loop_bind(struct listen_loop *l, const char *address, uint16_t port, char *shown, size_t size, struct error *err)
{
	bool both = address == NULL;
	const char *first = both ? "127.0.0.1" : strcmp(address, "*") == 0 ? "::" : address;
	int result = bind_one(l, &l->sockets[0], first, port);

	/* Without IPv6 on this machine every address is those of IPv4. */
	if (result != 0 && address != NULL && strcmp(address, "*") == 0 && result != UV_EADDRINUSE && result != UV_EACCES) {
		first = "0.0.0.0";
		result = bind_one(l, &l->sockets[1], first, port);
	}
	if (result != 0)
		return failed(first, port, result, err);
	port = port_of(l->sockets[1].open ? &l->sockets[1] : &l->sockets[0]);
	/* The other address of loopback, where there is one: “localhost” may mean either. */
	if (both)
		(void)bind_one(l, &l->sockets[1], "::1", port);
	snprintf(shown, size, strchr(first, ':') != NULL ? "[%s]:%u" : "%s:%u", first, port);
	return STATUS_OK;
}

void
loop_close(struct listen_loop *l)
{
	uv_handle_t *handles[] = { (uv_handle_t *)&l->wake, (uv_handle_t *)&l->room };

	for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
		if (!uv_is_closing(handles[i]))
			uv_close(handles[i], NULL);
	for (int i = 0; i < LISTEN_SOCKETS; i++) {
		if (l->sockets[i].open && !uv_is_closing((uv_handle_t *)&l->sockets[i].tcp))
			uv_close((uv_handle_t *)&l->sockets[i].tcp, NULL);
		l->sockets[i].open = false;
	}
}
