#include "tests/delay_proxy.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "model/memory.h"

struct link;

/* Bytes on their way, or (len 0) the end of a direction. */
struct parcel {
	uv_timer_t timer;
	uv_write_t write;
	struct link *link;
	uv_tcp_t *to;
	size_t len;
	char *bytes;
};

struct link {
	uv_tcp_t near, far;
	uv_connect_t connect;
	unsigned open;      /* handles of this link that are not closed yet, and parcels on their way */
	bool closing;
	uint64_t opened;
};

static int forward_to, half_trip;

static void
let_go(struct link *l)
{
	if (--l->open == 0)
		free(l);
}

static void
handle_closed(uv_handle_t *h)
{
	let_go(h->data);
}

static void
close_link(struct link *l)
{
	if (l->closing)
		return;
	l->closing = true;
	uv_close((uv_handle_t *)&l->near, handle_closed);
	uv_close((uv_handle_t *)&l->far, handle_closed);
}

static void
parcel_closed(uv_handle_t *h)
{
	struct parcel *p = h->data;
	struct link *l = p->link;

	free(p->bytes);
	free(p);
	let_go(l);
}

static void
parcel_written(uv_write_t *w, int status)
{
	struct parcel *p = w->data;

	if (status != 0)
		close_link(p->link);
	uv_close((uv_handle_t *)&p->timer, parcel_closed);
}

static void
parcel_arrives(uv_timer_t *t)
{
	struct parcel *p = t->data;
	uv_buf_t b = uv_buf_init(p->bytes, (unsigned)p->len);

	if (p->len == 0 || p->link->closing) {
		close_link(p->link);
		uv_close((uv_handle_t *)t, parcel_closed);
		return;
	}
	p->write.data = p;
	if (uv_write(&p->write, (uv_stream_t *)p->to, &b, 1, parcel_written) != 0)
		uv_close((uv_handle_t *)t, parcel_closed);
}

static void
send_off(struct link *l, uv_tcp_t *to, char *bytes, size_t len)
{
	struct parcel *p = mem_zero(1, sizeof *p);
	uint64_t now = uv_now(l->near.loop), ready = l->opened + 3 * (uint64_t)half_trip;
	uint64_t wait = (uint64_t)half_trip;

	/* Our first bytes: a round trip for SYN and SYN-ACK, then their own half. */
	if (to == &l->far && now + wait < ready)
		wait = ready - now;
	*p = (struct parcel){ .link = l, .to = to, .len = len, .bytes = bytes };
	l->open++;
	uv_timer_init(l->near.loop, &p->timer);
	p->timer.data = p;
	uv_timer_start(&p->timer, parcel_arrives, wait, 0);
}

static void
make_room(uv_handle_t *h, size_t size, uv_buf_t *b)
{
	(void)h;
	*b = uv_buf_init(mem_alloc(size), (unsigned)size);
}

static void
came(uv_stream_t *from, ssize_t n, const uv_buf_t *b)
{
	struct link *l = from->data;

	if (n <= 0)
		free(b->base);
	if (n == 0)
		return;
	if (n < 0)
		uv_read_stop(from);
	send_off(l, (uv_tcp_t *)from == &l->near ? &l->far : &l->near, n > 0 ? b->base : NULL, n > 0 ? (size_t)n : 0);
}

static void
connected(uv_connect_t *c, int status)
{
	struct link *l = c->data;

	if (status != 0) {
		close_link(l);
		return;
	}
	uv_read_start((uv_stream_t *)&l->near, make_room, came);
	uv_read_start((uv_stream_t *)&l->far, make_room, came);
}

static void
incoming(uv_stream_t *listener, int status)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)forward_to),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct link *l;

	if (status != 0)
		return;
	l = mem_zero(1, sizeof *l);
	l->open = 2;
	l->opened = uv_now(listener->loop);
	uv_tcp_init(listener->loop, &l->near);
	uv_tcp_init(listener->loop, &l->far);
	l->near.data = l->far.data = l->connect.data = l;
	if (uv_accept(listener, (uv_stream_t *)&l->near) != 0 ||
	    uv_tcp_connect(&l->connect, &l->far, (struct sockaddr *)&a, connected) != 0)
		close_link(l);
}

pid_t
delay_proxy_start(int to, int round_trip_ms, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uv_tcp_t listener;
	uv_loop_t loop;
	pid_t pid;

	if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 4096) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
		close(fd);
		return 0;
	}
	*port = ntohs(a.sin_port);
	pid = fork();
	if (pid != 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	forward_to = to;
	half_trip = round_trip_ms / 2;
	if (uv_loop_init(&loop) != 0 || uv_tcp_init(&loop, &listener) != 0 || uv_tcp_open(&listener, fd) != 0 ||
	    uv_listen((uv_stream_t *)&listener, 4096, incoming) != 0)
		_exit(1);
	uv_run(&loop, UV_RUN_DEFAULT);
	_exit(0);
}
