#include "probes/handshake.h"

#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/connect.h"
#include "probes/http.h"
#include "probes/outcome.h"
#include "probes/record.h"
#include "probes/route.h"
#include "probes/tls.h"
#include "probes/wire.h"

/*
 * How long to wait (knowledge: "diagnosis", 5.1). A TLS 1.3 server refuses after our Finished: over 14
 * servers a client that listened for 300 ms before it wrote saw every alert. A ticket ends the wait
 * at once, and nobody waits where no certificate was asked for. Where no request will follow, a server
 * that has said yes gets a last short look: nginx's stream module and Node close right after it.
 */
enum {
	LISTEN_MS = 300,
	LOOK_AFTER_MS = 20,
	LINGER_MS = 20,     /* after a FIN: does a reset follow, because nobody read our request? */
	ROUND_TRIPS = 3,    /* each of these, but three round trips at least */
	GRACE_MS = 1,       /* a late loop runs timers before sockets: look at those first */
	READS_AT_ONCE = 8   /* then the others have their turn */
};

enum step {
	STEP_RESOLVE,
	STEP_CONNECT,
	STEP_HANDSHAKE, /* until the server's flight has ended: --connect-timeout */
	STEP_VERDICT,   /* our flight is out, TLS 1.2: the server may take its time (s2n: 30 s) */
	STEP_LISTEN,    /* TLS 1.3: the same, before we write */
	STEP_LOOK_AFTER,
	STEP_REQUEST,
	STEP_LINGER,
	STEP_OVER
};

struct handshake_run {
	const struct ground *ground;
	struct handshake_request req;
	struct handshake *h;
	handshake_done done;
	void *user;
	enum step step;
	uv_timer_t timer;
	bool graced;
	uint64_t zero_us;

	struct route route;
	struct lookup *lookup;
	struct connector *connector;
	bool connecting, settled; /* connect_start() has not returned; its call-back has come */
	struct link *link;
	struct address to;
	bool connected;

	struct tls_session *tls;
	bool writable_wanted;
	uint64_t bytes_in;
	unsigned char first[5];   /* until they show that it is TLS */
	size_t first_len;
	bool is_tls;
	double round_trip_ms, listen_from_ms;

	struct buf request;
	uint64_t request_left;    /* bytes of ours not on the socket yet when the request was queued */
	struct http_reader reader;
	bool reading_http;
};

static double
now_ms(void *user)
{
	const struct handshake_run *r = user;

	return (double)(r->ground->world->ticks_us(r->ground->world->self) - r->zero_us) / 1000.0;
}

/* ---- deadlines ---- */

static void on_timer(uv_timer_t *timer);

static void
wait_for(struct handshake_run *r, enum step step, double ms)
{
	uint64_t now = r->ground->world->ticks_us(r->ground->world->self);
	double left = now < r->req.until_us ? (double)(r->req.until_us - now) / 1000.0 : 0;

	r->step = step;
	r->graced = false;
	if (ms < 0 || ms > left)
		ms = left;
	uv_update_time(r->ground->loop); /* it may be stale by all the work of this turn */
	uv_timer_start(&r->timer, on_timer, (uint64_t)ms + 1, 0);
}

static double
at_least_round_trips(const struct handshake_run *r, int ms)
{
	double trips = ROUND_TRIPS * r->round_trip_ms;

	return trips > ms ? trips : ms;
}

/* ---- the end ---- */

static void
on_run_closed(uv_handle_t *handle)
{
	struct handshake_run *r = handle->data;

	free(r);
}

static bool
server_said_goodbye(const struct handshake *h)
{
	for (size_t i = 0; i < h->alerts_len; i++)
		if (h->alerts[i].from == PEER_SERVER && h->alerts[i].number == 0)
			return true;
	return false;
}

static void
keep_http(struct handshake_run *r)
{
	struct http_answer *a = &r->h->http, learnt = *a;

	if (!r->reading_http)
		return;
	http_reader_answer(&r->reader, r->h->arena, &learnt);
	learnt.requested = a->requested;
	learnt.method = a->method;
	learnt.sent_ms = a->sent_ms;
	learnt.status_ms = a->status_ms;
	*a = learnt;
	http_reader_done(&r->reader);
	r->reading_http = false;
}

static void
finish(struct handshake_run *r, enum peer by, enum end_how how, int os_error)
{
	struct handshake *h = r->h;

	if (r->step == STEP_OVER)
		return;
	keep_http(r);
	h->ended = (struct ended){ .by = by, .how = how, .phase = h->phase, .at_ms = now_ms(r), .os_error = os_error };
	h->outcome = outcome_of(h);
	h->verdict_ms = h->ended.at_ms;
	r->step = STEP_OVER;

	resolve_abandon(r->lookup);
	connect_end(r->connector, CONNECT_NOT_TRIED, 0);
	link_close(r->link);
	tls_session_free(r->tls);
	route_done(&r->route);
	buf_done(&r->request);
	r->lookup = NULL;
	r->connector = NULL;
	r->link = NULL;
	r->tls = NULL;
	uv_timer_stop(&r->timer);
	r->done(r->user, h, r->connected ? &r->to : NULL);
	uv_close((uv_handle_t *)&r->timer, on_run_closed);
}

static void
fail_here(struct handshake_run *r, const char *detail)
{
	r->h->local = LOCAL_OTHER;
	r->h->detail = arena_strdup(r->h->arena, detail);
	finish(r, PEER_US, END_US, 0);
}

/* ---- writing ---- */

static void on_ready(uv_poll_t *poll, int uv_error, int events);

static void
watch(struct handshake_run *r, bool writable)
{
	r->writable_wanted = writable;
	uv_poll_start(&r->link->poll, UV_READABLE | (writable ? UV_WRITABLE : 0), on_ready);
}

/* A failed write ends nothing: what the server said before it closed is still to be read. */
static void
flush(struct handshake_run *r)
{
	const unsigned char *bytes;
	size_t len;

	while (r->tls != NULL && !r->h->write_failed && (len = tls_session_output(r->tls, &bytes)) > 0) {
		ssize_t n = write(r->link->fd, bytes, len);

		if (n > 0) {
			r->request_left -= (uint64_t)n < r->request_left ? (uint64_t)n : r->request_left;
			tls_session_sent(r->tls, (size_t)n, now_ms(r));
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			watch(r, true);
			return;
		}
		r->h->write_failed = true;
		r->h->write_error = errno;
	}
	if (r->writable_wanted)
		watch(r, false);
	if (r->step == STEP_REQUEST && !r->h->http.requested && r->request_left == 0 && !r->h->write_failed) {
		r->h->http.requested = true;
		r->h->http.sent_ms = now_ms(r);
		record_phase(r->h, PHASE_REQUEST);
	}
}

/* We go: with a close_notify where that is possible, without waiting for an answer. */
static void
leave(struct handshake_run *r)
{
	tls_session_close(r->tls);
	flush(r);
	if (server_said_goodbye(r->h))
		finish(r, PEER_SERVER, END_CLOSE_NOTIFY, 0);
	else
		finish(r, PEER_US, END_US, 0);
}

/* ---- HTTP ---- */

static void
host_header(const struct target *t, char *out, size_t size)
{
	const char *host = target_name(t);

	if (host == NULL)
		host = "localhost"; /* a unix socket without --servername */
	bool v6 = strchr(host, ':') != NULL;
	int n = snprintf(out, size, "%s%s%s", v6 ? "[" : "", host, v6 ? "]" : "");

	if (n > 0 && (size_t)n < size && t->unix_path == NULL && t->port != 443)
		snprintf(out + n, size - (size_t)n, ":%u", t->port);
}

static void take_http(struct handshake_run *r, double at_ms);

static void
send_request(struct handshake_run *r)
{
	const struct target *t = r->req.target;
	struct error err = { 0 };
	const unsigned char *out;
	char host[512];
	bool unproven = r->h->request.seen && r->h->phase < PHASE_ACCEPTED;

	host_header(t, host, sizeof host);
	if (http_request(&r->request, r->req.method, host, t->path != NULL ? t->path : "/", &err) != STATUS_OK) {
		fail_here(r, err.text);
		return;
	}
	r->h->http.method = r->req.method;
	http_reader_init(&r->reader, strcmp(r->req.method, "HEAD") == 0);
	r->reading_http = true;
	/* Proven, or nothing to prove: a server that does not speak HTTP must not cost us the whole time. */
	wait_for(r, STEP_REQUEST, unproven ? -1.0 : (double)r->ground->opt->connect_timeout_ms);
	tls_session_write(r->tls, r->request.data, r->request.len);
	r->request_left = tls_session_output(r->tls, &out);
	flush(r);
	take_http(r, now_ms(r)); /* a server that speaks first may have done so */
}

static void
take_http(struct handshake_run *r, double at_ms)
{
	struct text input = tls_session_input(r->tls);
	enum http_state state;

	if (input.len == 0)
		return;
	state = http_reader_feed(&r->reader, input.bytes, input.len);
	tls_session_taken(r->tls);
	if (r->reader.status != 0 && r->h->http.status_ms < 0) {
		r->h->http.status_ms = at_ms;
		record_phase(r->h, PHASE_RESPONSE);
	}
	if (state == HTTP_DONE || state == HTTP_MALFORMED || state == HTTP_TOO_LARGE)
		leave(r);
}

/* ---- after the handshake ---- */

static void
proceed(struct handshake_run *r)
{
	struct handshake *h = r->h;

	if (r->step == STEP_LISTEN)
		h->read_first_ms = now_ms(r) - r->listen_from_ms;
	if (r->req.method != NULL && (h->alpn == NULL || strncmp(h->alpn, "h2", 2) != 0))
		send_request(r);
	else if (h->request.seen && r->step != STEP_LISTEN)
		wait_for(r, STEP_LOOK_AFTER, at_least_round_trips(r, LOOK_AFTER_MS));
	else if (h->request.seen && h->phase >= PHASE_ACCEPTED)
		wait_for(r, STEP_LOOK_AFTER, at_least_round_trips(r, LOOK_AFTER_MS));
	else
		leave(r);
}

static void
opened(struct handshake_run *r)
{
	struct handshake *h = r->h;

	if (r->req.hello == HELLO_WIDE) {
		leave(r); /* what the server chose is all that it was for */
	} else if (!h->request.seen || h->phase >= PHASE_ACCEPTED) {
		proceed(r);
	} else {
		r->listen_from_ms = now_ms(r);
		wait_for(r, STEP_LISTEN, at_least_round_trips(r, LISTEN_MS));
	}
}

/* ---- reading ---- */

static void
tls_failed(struct handshake_run *r)
{
	struct handshake *h = r->h;
	const struct alert *theirs = handshake_fatal_alert(h, PEER_SERVER);

	if (theirs != NULL)
		finish(r, PEER_SERVER, END_ALERT, 0);
	else
		finish(r, PEER_US, handshake_fatal_alert(h, PEER_US) != NULL ? END_ALERT : END_US, 0);
}

/* The stream has ended. how: END_FIN or END_RST, or END_CLOSE_NOTIFY where that came and nothing since. */
static void
stream_ended(struct handshake_run *r, enum end_how how, int os_error)
{
	struct handshake *h = r->h;

	if (how == END_FIN && h->write_failed && (h->write_error == ECONNRESET || h->write_error == EPIPE)) {
		how = END_RST; /* the error went to the write, so the read saw a plain end */
		os_error = h->write_error;
	}
	if (r->reading_http)
		http_reader_end(&r->reader);
	if (r->reading_http && r->reader.status != 0) {
		finish(r, PEER_SERVER, server_said_goodbye(h) ? END_CLOSE_NOTIFY : how, os_error);
		return;
	}
	/* A close_notify may come before the reset that tells: so this waits for that as well. */
	if (r->step == STEP_REQUEST && how == END_RST) {
		h->request_unread = r->reader.head.len == 0;
	} else if (r->step == STEP_REQUEST && h->http.requested && r->link->fd != -1) {
		uv_poll_stop(&r->link->poll); /* an ended stream is readable for ever */
		wait_for(r, STEP_LINGER, at_least_round_trips(r, LINGER_MS));
		return;
	}
	finish(r, PEER_SERVER, server_said_goodbye(h) ? END_CLOSE_NOTIFY : how, os_error);
}

static void
lingered(struct handshake_run *r)
{
	int error = 0;
	socklen_t len = sizeof error;

	getsockopt(r->link->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	r->h->request_unread = error != 0;
	finish(r, PEER_SERVER, server_said_goodbye(r->h) ? END_CLOSE_NOTIFY : error != 0 ? END_RST : END_FIN, error);
}

/* The session has moved: what does that mean for this step? */
static void
moved(struct handshake_run *r, double at_ms)
{
	struct handshake *h = r->h;
	enum tls_state state = tls_session_state(r->tls);

	flush(r);
	if ((r->step == STEP_HANDSHAKE || r->step == STEP_VERDICT) && state == TLS_OPEN)
		opened(r);
	else if (r->step == STEP_HANDSHAKE && h->phase == PHASE_OUR_FLIGHT)
		wait_for(r, STEP_VERDICT, -1);
	else if (r->step == STEP_LISTEN && (h->phase >= PHASE_ACCEPTED || tls_session_input(r->tls).len > 0) &&
	    state == TLS_OPEN)
		proceed(r);
	else if (r->step == STEP_REQUEST)
		take_http(r, at_ms);
	if (r->step == STEP_OVER)
		return;
	if (state == TLS_FAILED)
		tls_failed(r);
	else if (state == TLS_CLOSED)
		stream_ended(r, END_CLOSE_NOTIFY, 0);
}

static void
not_tls(struct handshake_run *r, const unsigned char *rest, size_t len)
{
	struct handshake *h = r->h;
	size_t total = r->first_len + len;
	unsigned char *plain;

	if (total > LIMIT_PLAIN_BYTES)
		total = LIMIT_PLAIN_BYTES;
	plain = arena_alloc(h->arena, total);
	memcpy(plain, r->first, r->first_len);
	memcpy(plain + r->first_len, rest, total - r->first_len);
	h->not_tls = true;
	h->plain = (struct text){ plain, total };
	finish(r, PEER_US, END_US, 0);
}

static void
received(struct handshake_run *r, const unsigned char *bytes, size_t len, double at_ms)
{
	r->bytes_in += len;
	if (!r->is_tls) {
		size_t n = sizeof r->first - r->first_len;

		if (n > len)
			n = len;
		memcpy(r->first + r->first_len, bytes, n);
		if (!wire_looks_like_tls(r->first, r->first_len + n)) {
			not_tls(r, bytes, len);
			return;
		}
		r->is_tls = r->first_len + n == sizeof r->first;
		tls_session_feed(r->tls, bytes, len, at_ms);
		r->first_len += n;
	} else {
		tls_session_feed(r->tls, bytes, len, at_ms);
	}
	moved(r, at_ms);
	if (r->step != STEP_OVER && r->bytes_in > LIMIT_HANDSHAKE_BYTES && r->step != STEP_REQUEST) {
		r->h->local = LOCAL_TOO_LARGE;
		r->h->detail = arena_printf(r->h->arena, "more than %d bytes before the handshake ended", (int)LIMIT_HANDSHAKE_BYTES);
		finish(r, PEER_US, END_US, 0);
	}
}

/* all: the socket has an error, so nothing more will come than what is there. */
static void
read_socket(struct handshake_run *r, bool all)
{
	for (int reads = 0; all || reads < READS_AT_ONCE; reads++) {
		ssize_t n = read(r->link->fd, r->ground->scratch, r->ground->scratch_len);
		int error = errno;

		if (n > 0) {
			received(r, r->ground->scratch, (size_t)n, now_ms(r));
			if (r->step == STEP_OVER || r->step == STEP_LINGER)
				return;
			if (!all && (size_t)n < r->ground->scratch_len)
				return;
			continue;
		}
		if (n < 0 && error == EINTR)
			continue;
		if (n < 0 && (error == EAGAIN || error == EWOULDBLOCK)) {
			if (all)
				watch(r, r->writable_wanted); /* libuv gave up on it, we do not */
			return;
		}
		if (n == 0)
			stream_ended(r, END_FIN, 0);
		else
			stream_ended(r, error == ETIMEDOUT ? END_TIMEOUT : END_RST, error);
		return;
	}
}

static void
on_ready(uv_poll_t *poll, int uv_error, int events)
{
	struct handshake_run *r = poll->data;

	if (uv_error == 0 && events & UV_WRITABLE)
		flush(r);
	if (uv_error != 0 || events & UV_READABLE)
		read_socket(r, uv_error != 0);
}

/* ---- getting there ---- */

static double
round_trip(const struct handshake_run *r)
{
#ifdef TCP_INFO
	struct tcp_info info;
	socklen_t len = sizeof info;

	if (r->to.sa.sa_family != AF_UNIX && getsockopt(r->link->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		return info.tcpi_rtt / 1000.0;
#endif
	for (size_t i = 0; i < r->h->attempts_len; i++)
		if (r->h->attempts[i].result == CONNECT_OK)
			return r->h->attempts[i].end_ms - r->h->attempts[i].start_ms;
	return 0;
}

static void
begin_tls(struct handshake_run *r)
{
	const struct tls_context *ctx = tls_context_get(r->ground->contexts, r->req.hello, r->req.identity);
	const struct target *t = r->req.target;
	const char *name = target_name(t);
	struct address literal;

	if (name != NULL && (address_from_literal(name, 0, &literal) || *name == '\0'))
		name = NULL; /* RFC 6066 3: an address is never sent */
	if (ctx != NULL)
		r->tls = tls_session_new(ctx, name, r->h, now_ms, r);
	if (r->tls == NULL) {
		fail_here(r, "the TLS library cannot make a session");
		return;
	}
	r->round_trip_ms = round_trip(r);
	record_phase(r->h, PHASE_HELLO);
	wait_for(r, STEP_HANDSHAKE, r->ground->opt->connect_timeout_ms);
	r->link->poll.data = r;
	watch(r, false);
	tls_session_start(r->tls);
	moved(r, now_ms(r));
}

/* No address answered: the record's end is the last attempt's. */
static void
not_connected(struct handshake_run *r)
{
	struct handshake *h = r->h;
	const struct attempt *last = NULL;

	for (size_t i = 0; i < h->attempts_len; i++)
		if (h->attempts[i].result != CONNECT_NOT_TRIED)
			last = &h->attempts[i];
	if (last == NULL) {
		finish(r, PEER_US, END_US, 0);
		return;
	}
	h->address = last->address;
	switch (last->result) {
	case CONNECT_REFUSED:
	case CONNECT_RESET: finish(r, PEER_SERVER, END_RST, last->os_error); break;
	case CONNECT_TIMEOUT: finish(r, PEER_US, END_TIMEOUT, last->os_error); break;
	default: finish(r, PEER_US, END_US, last->os_error);
	}
}

static void
connection_settled(struct handshake_run *r)
{
	char text[ADDRESS_TEXT_MAX];

	connect_end(r->connector, CONNECT_NOT_TRIED, 0);
	r->connector = NULL;
	if (!r->connected) {
		not_connected(r);
		return;
	}
	for (size_t i = 0; i < r->h->attempts_len; i++)
		if (r->h->attempts[i].result == CONNECT_OK)
			r->h->connect_ms = r->h->attempts[i].end_ms - r->h->resolve_ms;
	r->h->address = arena_strdup(r->h->arena, address_text(&r->to, text));
	begin_tls(r);
}

static void
on_connected(void *user, struct link *link, const struct address *to)
{
	struct handshake_run *r = user;

	r->link = link;
	r->settled = true;
	r->connected = link != NULL;
	if (to != NULL)
		r->to = *to;
	if (!r->connecting)
		connection_settled(r);
}

static void
connect_to(struct handshake_run *r, const struct address *list, size_t len)
{
	struct connect_options opt = {
		.interface = r->ground->opt->interface,
		.ticks_us = r->ground->world->ticks_us,
		.ticks_user = r->ground->world->self,
		.zero_us = r->zero_us,
	};

	record_phase(r->h, PHASE_CONNECT);
	if (r->h->resolve_ms < 0)
		r->h->resolve_ms = 0; /* nothing was to be resolved */
	wait_for(r, STEP_CONNECT, r->ground->opt->connect_timeout_ms);
	r->connecting = true;
	r->connector = connect_start(r->ground->loop, &opt, list, len, r->h, on_connected, r);
	r->connecting = false;
	r->h->address = r->h->attempts[0].address;
	if (r->settled)
		connection_settled(r);
}

static void
on_resolved(void *user, int error, const char *error_text, const struct address *list, size_t len)
{
	struct handshake_run *r = user;

	r->lookup = NULL;
	r->h->resolve_ms = now_ms(r);
	if (error == 0) {
		connect_to(r, list, len);
		return;
	}
	r->h->dns_error = error;
	r->h->dns_error_text = arena_strdup(r->h->arena, error_text);
	finish(r, PEER_US, END_US, 0);
}

static void
find_way(struct handshake_run *r)
{
	struct handshake *h = r->h;
	char label[ADDRESS_TEXT_MAX + 256];

	if (r->req.address != NULL) {
		connect_to(r, r->req.address, 1);
		return;
	}
	route_find(r->req.target, r->ground->opt, &r->route);
	if (r->route.problem != NULL) {
		h->dns_error = ARES_ENODATA;
		h->dns_error_text = r->route.problem;
		h->address = arena_strdup(h->arena, target_label(r->req.target, label, sizeof label));
		finish(r, PEER_US, END_US, 0);
	} else if (r->route.list != NULL) {
		connect_to(r, r->route.list, r->route.len);
	} else {
		h->address = arena_printf(h->arena, "%s:%u", r->route.host, r->route.port);
		wait_for(r, STEP_RESOLVE, r->ground->opt->connect_timeout_ms);
		r->lookup = resolve_start(r->ground->resolver, r->route.host, r->route.port, r->ground->opt->family,
		    on_resolved, r);
	}
}

static void
on_timer(uv_timer_t *timer)
{
	struct handshake_run *r = timer->data;

	if (!r->graced) {
		r->graced = true;
		uv_timer_start(&r->timer, on_timer, GRACE_MS, 0);
		return;
	}
	switch (r->step) {
	case STEP_RESOLVE:
		r->h->resolve_ms = now_ms(r);
		r->h->dns_error = ARES_ETIMEOUT;
		r->h->dns_error_text = ares_strerror(ARES_ETIMEOUT);
		finish(r, PEER_US, END_TIMEOUT, 0);
		break;
	case STEP_CONNECT:
		connect_end(r->connector, CONNECT_TIMEOUT, ETIMEDOUT);
		r->connector = NULL;
		not_connected(r);
		break;
	case STEP_LISTEN: proceed(r); break;
	case STEP_LOOK_AFTER: leave(r); break;
	case STEP_LINGER: lingered(r); break;
	case STEP_OVER: break;
	default: finish(r, PEER_US, END_TIMEOUT, 0);
	}
}

struct handshake_run *
handshake_start(const struct ground *g, const struct handshake_request *req, handshake_done done, void *user)
{
	struct handshake_run *r = mem_zero(1, sizeof *r);
	struct handshake *h = handshake_new();

	r->ground = g;
	r->req = *req;
	r->h = h;
	r->done = done;
	r->user = user;
	r->zero_us = g->world->ticks_us(g->world->self);
	h->started_ms = g->world->now_ms(g->world->self);
	h->id = req->id;
	h->experiment = req->experiment;
	uv_timer_init(g->loop, &r->timer);
	r->timer.data = r;
	find_way(r);
	return r->step != STEP_OVER ? r : NULL;
}

void
handshake_cancel(struct handshake_run *r)
{
	if (r->step == STEP_OVER)
		return;
	r->h->detail = "cancelled";
	finish(r, PEER_US, END_US, 0);
}
