#include "probes/resolve.h"

#include <ares.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "model/text.h"

/* RFC 4007 11.2: a zone is the interface's name, or its number. 0: there is no such interface. */
static uint32_t
zone_index(const char *zone)
{
	unsigned index = if_nametoindex(zone);
	char name[IF_NAMESIZE], *end;

	if (index != 0 || zone[0] < '0' || zone[0] > '9')
		return index;
	unsigned long number = strtoul(zone, &end, 10);
	return *end == '\0' && number <= UINT32_MAX && if_indextoname((unsigned)number, name) != NULL ? (uint32_t)number : 0;
}

bool
address_from_literal(const char *host, uint16_t port, struct address *out)
{
	char bare[INET6_ADDRSTRLEN + 1];
	const char *zone = strchr(host, '%');
	size_t len = zone != NULL ? (size_t)(zone - host) : strlen(host);
	struct sockaddr_in *v4 = (struct sockaddr_in *)&out->any;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->any;

	memset(out, 0, sizeof *out);
	if (len == 0 || len >= sizeof bare)
		return false;
	memcpy(bare, host, len);
	bare[len] = '\0';
	if (zone == NULL && inet_pton(AF_INET, bare, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		out->len = sizeof *v4;
		return true;
	}
	if (inet_pton(AF_INET6, bare, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		if (zone != NULL)
			v6->sin6_scope_id = zone_index(zone + 1);
		out->len = sizeof *v6;
		return true;
	}
	return false;
}

bool
address_from_path(const char *path, struct address *out)
{
	size_t len = strlen(path);

	memset(out, 0, sizeof *out);
	if (len == 0 || len >= sizeof out->local.sun_path)
		return false;
	out->local.sun_family = AF_UNIX;
	memcpy(out->local.sun_path, path, len + 1);
	out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	return true;
}

char *
address_host(const struct address *a, char *out)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->any;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->any;

	out[0] = '\0';
	if (a->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, out, ADDRESS_TEXT_MAX);
	else if (a->sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, out, ADDRESS_TEXT_MAX);
	return out;
}

char *
address_text(const struct address *a, char *out)
{
	char text[INET6_ADDRSTRLEN] = "?";
	struct buf safe = { 0 };

	switch (a->sa.sa_family) {
	case AF_INET: {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->any;
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
		snprintf(out, ADDRESS_TEXT_MAX, "%s:%u", text, ntohs(v4->sin_port));
		break;
	}
	case AF_INET6: {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->any;
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
		snprintf(out, ADDRESS_TEXT_MAX, "[%s]:%u", text, ntohs(v6->sin6_port));
		break;
	}
	default:
		text_safe(&safe, text_of(a->local.sun_path), ADDRESS_TEXT_MAX - sizeof "unix:");
		snprintf(out, ADDRESS_TEXT_MAX, "unix:%s", buf_str(&safe));
		buf_done(&safe);
	}
	return out;
}

/* RFC 8305 section 4: the families alternate, beginning with that of the first; keeps at most LIMIT_ADDRESSES. Returns how many. */
static size_t
interleave(struct address *list, size_t len)
{
	struct address sorted[LIMIT_ADDRESSES];
	size_t next[2] = { 0, 0 }; /* in the first address's family, and in any other */
	size_t used = 0;
	sa_family_t first;

	if (len == 0)
		return 0;
	if (len > LIMIT_ADDRESSES)
		len = LIMIT_ADDRESSES;
	first = list[0].sa.sa_family;
	for (size_t turn = 0; used < len; turn ^= 1) {
		size_t *i = &next[turn];

		while (*i < len && (list[*i].sa.sa_family != first) != (turn == 1))
			(*i)++;
		if (*i < len)
			sorted[used++] = list[(*i)++];
	}
	memcpy(list, sorted, len * sizeof *list);
	return len;
}

/* A socket of c-ares, watched. Outlives it until libuv has closed the handle. */
struct watch {
	uv_poll_t poll;
	ares_socket_t fd;
	struct resolver *resolver;
	struct watch *next;
};

struct lookup {
	struct resolver *resolver;
	uint16_t port;
	resolve_done done; /* NULL: abandoned */
	void *user;
	bool starting;     /* resolve_start has not returned yet */
	bool finished;
};

struct resolver {
	uv_loop_t *loop;
	uv_timer_t timer;
	bool ready;   /* channel and timer exist */
	int error;    /* why they do not */
	bool closing;
	ares_channel channel;
	struct watch *watches;
	size_t under_way;
};

struct resolver *
resolver_new(uv_loop_t *loop)
{
	struct resolver *r = mem_zero(1, sizeof *r);

	r->loop = loop;
	return r;
}

static void on_timer(uv_timer_t *timer);

/* c-ares retries by its own clock: wake it when it wants. */
static void
schedule(struct resolver *r)
{
	struct timeval most = { .tv_sec = 1 }, tv, *next;

	if (r->closing)
		return;
	if (r->under_way == 0) {
		uv_timer_stop(&r->timer);
		return;
	}
	next = ares_timeout(r->channel, &most, &tv);
	uv_timer_start(&r->timer, on_timer, (uint64_t)next->tv_sec * 1000 + (uint64_t)next->tv_usec / 1000 + 1, 0);
}

static void
on_timer(uv_timer_t *timer)
{
	struct resolver *r = timer->data;

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	schedule(r);
}

static void
on_ready(uv_poll_t *poll, int uv_error, int events)
{
	struct watch *w = poll->data;
	struct resolver *r = w->resolver;
	ares_socket_t fd = w->fd; /* the watch may go while c-ares works */

	if (uv_error < 0)
		events = UV_READABLE | UV_WRITABLE;
	ares_process_fd(r->channel, events & UV_READABLE ? fd : ARES_SOCKET_BAD,
	    events & UV_WRITABLE ? fd : ARES_SOCKET_BAD);
	schedule(r);
}

static void
on_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* c-ares says which of its sockets it waits for; neither way means that it is about to close it. */
static void
on_socket_state(void *user, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = user;
	struct watch **at = &r->watches, *w;

	while (*at != NULL && (*at)->fd != fd)
		at = &(*at)->next;
	w = *at;
	if (!readable && !writable) {
		if (w == NULL)
			return;
		*at = w->next;
		uv_close((uv_handle_t *)&w->poll, on_watch_closed);
		return;
	}
	if (w == NULL) {
		w = mem_zero(1, sizeof *w);
		if (uv_poll_init(r->loop, &w->poll, fd) != 0) {
			free(w); /* then the look-up ends by its time-out */
			return;
		}
		w->fd = fd;
		w->resolver = r;
		w->poll.data = w;
		w->next = r->watches;
		r->watches = w;
	}
	uv_poll_start(&w->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), on_ready);
}

/* Not thread-safe in c-ares, so once for all loops. */
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void
library_start(void)
{
	ares_library_init(ARES_LIB_INIT_ALL);
}

static int
make_ready(struct resolver *r)
{
	struct ares_options options = {
		.sock_state_cb = on_socket_state,
		.sock_state_cb_data = r,
		.timeout = 2000, /* ms for the first try; the examination's own deadline ends it all */
		.tries = 3,
	};

	if (r->ready || r->error != 0)
		return r->error;
	pthread_once(&library_once, library_start);
	r->error = ares_init_options(&r->channel, &options, ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
	if (r->error != ARES_SUCCESS)
		return r->error;
	uv_timer_init(r->loop, &r->timer);
	r->timer.data = r;
	r->ready = true;
	return 0;
}

static void
on_resolver_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
resolver_close(struct resolver *r)
{
	if (r == NULL)
		return;
	r->closing = true;
	if (!r->ready) {
		free(r);
		return;
	}
	ares_destroy(r->channel); /* ends every look-up and closes every socket through the call-backs above */
	uv_close((uv_handle_t *)&r->timer, on_resolver_closed);
}

static void
on_answer(void *user, int error, int timeouts, struct ares_addrinfo *info)
{
	struct lookup *l = user;
	struct address *list = NULL;
	size_t len = 0;

	(void)timeouts;
	l->resolver->under_way--;
	l->finished = true;
	if (l->done == NULL || l->resolver->closing)
		goto out;
	list = mem_zero(LIMIT_ADDRESSES, sizeof *list);
	for (struct ares_addrinfo_node *n = info != NULL ? info->nodes : NULL; n != NULL && len < LIMIT_ADDRESSES;
	    n = n->ai_next) {
		if ((n->ai_family != AF_INET && n->ai_family != AF_INET6) || n->ai_addrlen > sizeof list[len].any)
			continue;
		memcpy(&list[len].any, n->ai_addr, n->ai_addrlen);
		list[len].len = n->ai_addrlen;
		if (n->ai_family == AF_INET)
			((struct sockaddr_in *)&list[len].any)->sin_port = htons(l->port);
		else
			((struct sockaddr_in6 *)&list[len].any)->sin6_port = htons(l->port);
		len++;
	}
	len = interleave(list, len);
	if (error == ARES_SUCCESS && len == 0)
		error = ARES_ENODATA;
	l->done(l->user, error, error != 0 ? ares_strerror(error) : NULL, list, len);
out:
	if (info != NULL)
		ares_freeaddrinfo(info);
	free(list);
	if (!l->starting)
		free(l);
}

struct lookup *
resolve_start(struct resolver *r, const char *host, uint16_t port, int family, resolve_done done, void *user)
{
	struct ares_addrinfo_hints hints = {
		.ai_family = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	struct lookup *l;
	int error = make_ready(r);

	if (error != 0) {
		done(user, error, ares_strerror(error), NULL, 0);
		return NULL;
	}
	l = mem_zero(1, sizeof *l);
	*l = (struct lookup){ .resolver = r, .port = port, .done = done, .user = user, .starting = true };
	r->under_way++;
	ares_getaddrinfo(r->channel, host, NULL, &hints, on_answer, l);
	if (l->finished) {
		free(l);
		return NULL;
	}
	l->starting = false;
	schedule(r);
	return l;
}

void
resolve_abandon(struct lookup *l)
{
	if (l != NULL)
		l->done = NULL;
}
