#include "tests/cut_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/memory.h"

enum { CLIENT, SERVER, SIDES };

struct wire {
	struct cut *cut;
	int fd[SIDES];      /* -1: none */
	bool ended[SIDES];  /* this side has said that it is done */
};

struct cut_proxy {
	int to, stop[2];
	struct cut *cuts;
	int *listeners;
	struct wire *wires; /* one for each cut: one connection at a time */
	size_t len;
	pthread_t thread;
};

static int
loopback(int port, bool listening)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (listening ? bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 16) == 0 :
			connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
end(struct wire *w)
{
	for (int side = 0; side < SIDES; side++) {
		if (w->fd[side] < 0)
			continue;
		if (side == CLIENT && w->cut->reset)
			setsockopt(w->fd[side], SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
		else
			shutdown(w->fd[side], SHUT_WR);
		close(w->fd[side]);
		w->fd[side] = -1;
	}
}

static void
begin(struct cut_proxy *p, size_t i)
{
	struct wire *w = &p->wires[i];
	int on = 1;

	end(w);
	*w = (struct wire){ .cut = &p->cuts[i], .fd = { accept(p->listeners[i], NULL, NULL), -1 } };
	w->cut->passed[CLIENT] = w->cut->passed[SERVER] = 0;
	setsockopt(w->fd[CLIENT], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (!w->cut->never && w->cut->after == 0)
		end(w);
	else if ((w->fd[SERVER] = loopback(p->to, false)) < 0)
		end(w);
}

static void
pass(struct wire *w, int from)
{
	char bytes[16384];
	ssize_t n = recv(w->fd[from], bytes, sizeof bytes, MSG_DONTWAIT);
	size_t len = n > 0 ? (size_t)n : 0, *passed = &w->cut->passed[from];
	bool counted = !w->cut->never && (from == SERVER) == w->cut->from_server;

	if (n <= 0) {
		w->ended[from] = true;
		shutdown(w->fd[!from], SHUT_WR);
		if (n < 0 || w->ended[!from])
			end(w);
		return;
	}
	if (counted && len > w->cut->after - *passed)
		len = w->cut->after - *passed;
	if (send(w->fd[!from], bytes, len, MSG_NOSIGNAL) != (ssize_t)len) {
		w->ended[!from] = true; /* it has gone; what the other still says may be of interest */
		return;
	}
	*passed += len;
	if (counted && *passed == w->cut->after)
		end(w);
}

static void *
run(void *user)
{
	struct cut_proxy *p = user;
	struct pollfd *polls = mem_zero(3 * p->len + 1, sizeof *polls);

	for (;;) {
		polls[3 * p->len] = (struct pollfd){ .fd = p->stop[0], .events = POLLIN };
		for (size_t i = 0; i < p->len; i++) {
			struct wire *w = &p->wires[i];

			polls[3 * i] = (struct pollfd){ .fd = p->listeners[i], .events = POLLIN };
			for (int side = 0; side < SIDES; side++)
				polls[3 * i + 1 + (size_t)side] = (struct pollfd){ .fd = w->ended[side] ? -1 : w->fd[side], .events = POLLIN };
		}
		if (poll(polls, 3 * p->len + 1, -1) < 0)
			continue;
		if (polls[3 * p->len].revents != 0)
			break;
		for (size_t i = 0; i < p->len; i++) {
			for (int side = 0; side < SIDES; side++)
				if (polls[3 * i + 1 + (size_t)side].revents != 0 && p->wires[i].fd[side] >= 0)
					pass(&p->wires[i], side);
			if (polls[3 * i].revents != 0)
				begin(p, i);
		}
	}
	free(polls);
	return NULL;
}

struct cut_proxy *
cut_proxy_start(int to, struct cut *cuts, size_t len)
{
	struct cut_proxy *p = mem_zero(1, sizeof *p);

	*p = (struct cut_proxy){ .to = to, .cuts = cuts, .len = len,
		.listeners = mem_zero(len, sizeof *p->listeners), .wires = mem_zero(len, sizeof *p->wires) };
	for (size_t i = 0; i < len; i++) {
		struct sockaddr_in at;
		socklen_t size = sizeof at;

		p->listeners[i] = loopback(0, true);
		if (p->listeners[i] < 0 || getsockname(p->listeners[i], (struct sockaddr *)&at, &size) != 0)
			abort();
		cuts[i].port = ntohs(at.sin_port);
		p->wires[i] = (struct wire){ .cut = &cuts[i], .fd = { -1, -1 } };
	}
	if (pipe(p->stop) != 0 || pthread_create(&p->thread, NULL, run, p) != 0)
		abort();
	return p;
}

void
cut_proxy_stop(struct cut_proxy *p)
{
	close(p->stop[1]);
	pthread_join(p->thread, NULL);
	close(p->stop[0]);
	for (size_t i = 0; i < p->len; i++) {
		close(p->listeners[i]);
		end(&p->wires[i]);
	}
	free(p->listeners);
	free(p->wires);
	free(p);
}
