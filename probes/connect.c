#include "probes/connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/limits.h"
#include "model/memory.h"

enum { STAGGER_MS = 250 }; /* RFC 8305 section 5: "Connection Attempt Delay", recommended */

struct try {
	struct connector *owner;
	size_t index;
	struct link *link; /* NULL: ended, or not begun */
};

struct connector {
	uv_loop_t *loop;
	struct connect_options opt;
	struct address *list;
	struct try *tries;
	size_t len, next, open;
	struct handshake *record;
	uv_timer_t stagger;
	bool over;
	connect_done done;
	void *user;
};

static void
on_link_closed(uv_handle_t *handle)
{
	free(handle); /* the poll handle is the link's first member */
}

void
link_close(struct link *l)
{
	if (l == NULL)
		return;
	uv_poll_stop(&l->poll); /* before the descriptor goes: libuv demands it */
	close(l->fd);
	l->fd = -1;
	uv_close((uv_handle_t *)&l->poll, on_link_closed);
}

struct link *
link_new(uv_loop_t *loop, int fd)
{
	struct link *l = mem_zero(1, sizeof *l);
	int error;

	l->fd = fd;
	error = uv_poll_init(loop, &l->poll, fd);
	if (error == 0)
		return l;
	close(fd);
	free(l);
	errno = -error;
	return NULL;
}

static enum connect_result
result_of(int os_error)
{
	static const struct {
		int os_error;
		enum connect_result result;
	} table[] = {
		{ 0, CONNECT_OK },
		{ ECONNREFUSED, CONNECT_REFUSED },
		{ ETIMEDOUT, CONNECT_TIMEOUT },
		{ ENETUNREACH, CONNECT_UNREACHABLE },
		{ EHOSTUNREACH, CONNECT_UNREACHABLE },
		{ ENETDOWN, CONNECT_UNREACHABLE },
		{ EHOSTDOWN, CONNECT_UNREACHABLE },
		{ ENONET, CONNECT_UNREACHABLE },
		{ ENOENT, CONNECT_UNREACHABLE },      /* unix: there is no such socket */
		{ ENOTSOCK, CONNECT_UNREACHABLE },
		{ EAFNOSUPPORT, CONNECT_UNREACHABLE }, /* this host has no IPv6 */
		{ ECONNRESET, CONNECT_RESET },
		{ EMFILE, CONNECT_LOCAL },
		{ ENFILE, CONNECT_LOCAL },
		{ ENOBUFS, CONNECT_LOCAL },
		{ ENOMEM, CONNECT_LOCAL },
		{ EACCES, CONNECT_LOCAL },            /* a firewall of ours, or a socket's permissions */
		{ EPERM, CONNECT_LOCAL },
		{ EADDRNOTAVAIL, CONNECT_LOCAL },     /* no port left, or --interface is not ours */
		{ EADDRINUSE, CONNECT_LOCAL },
		{ ENODEV, CONNECT_LOCAL },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].os_error == os_error)
			return table[i].result;
	return CONNECT_OTHER;
}

static double
elapsed(const struct connector *c)
{
	return (double)(c->opt.ticks_us(c->opt.ticks_user) - c->opt.zero_us) / 1000.0;
}

/* Where a device may not be bound to (that takes a capability on older kernels), its address of the family is. */
static int
bind_device_address(int fd, const char *device, sa_family_t family)
{
	struct ifaddrs *all = NULL;
	int error = ENODEV;

	if (getifaddrs(&all) != 0)
		return errno;
	for (struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL || i->ifa_addr->sa_family != family || strcmp(i->ifa_name, device) != 0)
			continue;
		error = bind(fd, i->ifa_addr, family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) == 0
		    ? 0 : errno;
		if (error == 0)
			break;
	}
	freeifaddrs(all);
	return error;
}

static int
bind_interface(int fd, const char *interface, sa_family_t family)
{
	struct address from;

	if (interface == NULL || family == AF_UNIX)
		return 0;
	if (address_from_literal(interface, 0, &from)) {
		if (from.sa.sa_family != family)
			return EADDRNOTAVAIL;
		return bind(fd, &from.sa, from.len) == 0 ? 0 : errno;
	}
#ifdef SO_BINDTODEVICE
	if (strlen(interface) < IFNAMSIZ &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1) == 0)
		return 0;
#endif
	return bind_device_address(fd, interface, family);
}

/* A socket on its way to the address. 0: *out is connected or connecting (*connected says which); else errno. */
static int
begin(struct connector *c, const struct address *to, struct link **out, bool *connected)
{
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, error;
	struct link *l;

	if (fd == -1)
		return errno;
	/* Our last flight and the request are small writes one after the other. */
	if (to->sa.sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	error = bind_interface(fd, c->opt.interface, to->sa.sa_family);
	if (error == 0) {
		*connected = connect(fd, &to->sa, to->len) == 0;
		/* A local socket whose queue is full says EAGAIN: nobody accepts there. */
		if (!*connected && errno != EINPROGRESS)
			error = errno == EAGAIN ? ECONNREFUSED : errno;
	}
	if (error != 0)
		goto fail;
	l = link_new(c->loop, fd);
	if (l == NULL)
		return errno;
	*out = l;
	return 0;
fail:
	close(fd);
	return error;
}

static void
finish(struct connector *c, struct link *link, size_t index)
{
	c->over = true;
	uv_timer_stop(&c->stagger);
	for (size_t i = 0; i < c->len; i++) {
		if (c->tries[i].link == NULL)
			continue;
		link_close(c->tries[i].link);
		c->tries[i].link = NULL;
		c->record->attempts[i].end_ms = elapsed(c);
	}
	c->done(c->user, link, link != NULL ? &c->list[index] : NULL);
}

static void try_next(struct connector *c);

static void
settle(struct connector *c, size_t index, int error)
{
	struct attempt *a = &c->record->attempts[index];
	struct try *t = &c->tries[index];
	struct link *link = t->link;

	t->link = NULL;
	a->result = result_of(error);
	a->os_error = error;
	a->end_ms = elapsed(c);
	if (error == 0) {
		uv_poll_stop(&link->poll);
		finish(c, link, index);
		return;
	}
	link_close(link);
	c->open--;
	if (c->next < c->len)
		try_next(c);
	else if (c->open == 0)
		finish(c, NULL, 0);
}

static void
on_connected(uv_poll_t *poll, int uv_error, int events)
{
	struct try *t = poll->data;
	int error = 0;
	socklen_t len = sizeof error;

	(void)events;
	if (getsockopt(t->link->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error == 0 && uv_error < 0)
		error = -uv_error;
	settle(t->owner, t->index, error);
}

static void
on_stagger(uv_timer_t *timer)
{
	struct connector *c = timer->data;

	if (!c->over && c->next < c->len)
		try_next(c);
}

/* Begins attempts until one is on its way, all have failed, or one has connected at once. */
static void
try_next(struct connector *c)
{
	while (!c->over && c->next < c->len) {
		size_t i = c->next++;
		struct attempt *a = &c->record->attempts[i];
		struct link *link = NULL;
		bool connected = false;
		int error;

		a->start_ms = elapsed(c);
		error = begin(c, &c->list[i], &link, &connected);
		if (error != 0) {
			a->result = result_of(error);
			a->os_error = error;
			a->end_ms = elapsed(c);
			continue;
		}
		c->open++;
		c->tries[i].link = link;
		if (connected) {
			settle(c, i, 0);
			return;
		}
		link->poll.data = &c->tries[i];
		uv_poll_start(&link->poll, UV_WRITABLE, on_connected);
		if (c->next < c->len)
			uv_timer_start(&c->stagger, on_stagger, STAGGER_MS, 0);
		return;
	}
	if (!c->over && c->open == 0)
		finish(c, NULL, 0);
}

struct connector *
connect_start(uv_loop_t *loop, const struct connect_options *opt, const struct address *list, size_t len,
    struct handshake *record, connect_done done, void *user)
{
	struct connector *c = mem_zero(1, sizeof *c);
	char text[ADDRESS_TEXT_MAX];

	if (len > LIMIT_ADDRESSES)
		len = LIMIT_ADDRESSES;
	*c = (struct connector){ .loop = loop, .opt = *opt, .len = len, .record = record, .done = done, .user = user };
	c->list = mem_dup(list, len * sizeof *list);
	c->tries = mem_zero(len, sizeof *c->tries);
	uv_timer_init(loop, &c->stagger);
	c->stagger.data = c;
	record->attempts = arena_array(record->arena, len, sizeof *record->attempts);
	record->attempts_len = len;
	for (size_t i = 0; i < len; i++) {
		c->tries[i] = (struct try){ .owner = c, .index = i };
		record->attempts[i] = (struct attempt){
			.address = arena_strdup(record->arena, address_text(&list[i], text)),
			.result = CONNECT_NOT_TRIED,
			.start_ms = -1,
			.end_ms = -1,
		};
	}
	try_next(c);
	return c;
}

static void
on_connector_closed(uv_handle_t *handle)
{
	struct connector *c = handle->data;

	free(c->list);
	free(c->tries);
	free(c);
}

void
connect_end(struct connector *c, enum connect_result result, int os_error)
{
	if (c == NULL)
		return;
	c->over = true;
	for (size_t i = 0; i < c->len; i++) {
		if (c->tries[i].link == NULL)
			continue;
		link_close(c->tries[i].link);
		c->tries[i].link = NULL;
		c->record->attempts[i].result = result;
		c->record->attempts[i].os_error = os_error;
		c->record->attempts[i].end_ms = elapsed(c);
	}
	uv_close((uv_handle_t *)&c->stagger, on_connector_closed);
}
