#include "probes/handshake_run.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/record.h"
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
	READS_AT_ONCE = 8   /* then the others have their turn */
};

static double
at_least_round_trips(const struct handshake_run *r, int ms)
{
	double trips = ROUND_TRIPS * r->round_trip_ms;

	return trips > ms ? trips : ms;
}

static bool
server_said_goodbye(const struct handshake *h)
{
	for (size_t i = 0; i < h->alerts_len; i++)
		if (h->alerts[i].from == PEER_SERVER && h->alerts[i].number == 0)
			return true;
	return false;
}

static void on_ready(uv_poll_t *poll, int uv_error, int events);

static void
watch(struct handshake_run *r, bool writable)
{
	r->writable_wanted = writable;
	uv_poll_start(&r->link->poll, UV_READABLE | (writable ? UV_WRITABLE : 0), on_ready);
}

static size_t
output(const struct handshake_run *r, const unsigned char **bytes)
{
	return r->tls != NULL ? tls_session_output(r->tls, bytes) : way_output(r, bytes);
}

static void
has_left(struct handshake_run *r, size_t n)
{
	if (r->tls == NULL) {
		way_sent(r, n);
		return;
	}
	r->request_left -= n < r->request_left ? n : r->request_left;
	tls_session_sent(r->tls, n, run_now_ms(r));
}

/* A failed write ends nothing: what the server said before it closed is still to be read. */
void
talk_flush(struct handshake_run *r)
{
	const unsigned char *bytes;
	size_t len;

	while (!r->h->write_failed && (len = output(r, &bytes)) > 0) {
		ssize_t n = write(r->link->fd, bytes, len);

		if (n > 0) {
			has_left(r, (size_t)n);
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
	if (r->step == STEP_REQUEST && r->in_dialogue && r->request_left == 0 && !r->h->write_failed)
		way_question_left(r);
	else if (r->step == STEP_REQUEST && !r->h->http.requested && r->request_left == 0 && !r->h->write_failed) {
		r->h->http.requested = true;
		r->h->http.sent_ms = run_now_ms(r);
		record_phase(r->h, PHASE_REQUEST);
	}
}

void
talk_leave(struct handshake_run *r)
{
	tls_session_close(r->tls);
	talk_flush(r);
	if (server_said_goodbye(r->h))
		run_finish(r, PEER_SERVER, END_CLOSE_NOTIFY, 0);
	else
		run_finish(r, PEER_US, END_US, 0);
}

/* Proven, or nothing to prove: a server that does not speak HTTP must not cost us the whole time. */
double
talk_patience(const struct handshake_run *r)
{
	bool unproven = r->h->request.seen && r->h->phase < PHASE_ACCEPTED;

	return unproven ? -1.0 : (double)r->ground->opt->connect_timeout_ms;
}

static void
proceed(struct handshake_run *r)
{
	struct handshake *h = r->h;

	if (r->step == STEP_LISTEN)
		h->read_first_ms = run_now_ms(r) - r->listen_from_ms;
	if (r->req.method != NULL)
		talk_request(r);
	else if (way_asks_inside(r))
		way_ask_inside(r);
	else if (h->request.seen && r->step != STEP_LISTEN)
		run_wait(r, STEP_LOOK_AFTER, at_least_round_trips(r, LOOK_AFTER_MS));
	else if ((h->request.seen && h->phase >= PHASE_ACCEPTED) || (r->req.resume != NULL && r->step != STEP_LISTEN))
		run_wait(r, STEP_LOOK_AFTER, at_least_round_trips(r, LOOK_AFTER_MS));
	else
		talk_leave(r);
}

/* TLS 1.3 gives its tickets after the handshake (RFC 8446 4.6.1). */
static bool
awaits_ticket(const struct handshake_run *r)
{
	return r->req.keep != NULL && r->h->version >= 0x0304 && r->h->tickets == 0;
}

static void
opened(struct handshake_run *r)
{
	struct handshake *h = r->h;

	if (r->req.vary->hello == HELLO_WIDE) {
		talk_leave(r); /* what the server chose is all that it was for */
	} else if ((!h->request.seen && !awaits_ticket(r)) || h->phase >= PHASE_ACCEPTED) {
		proceed(r);
	} else {
		r->listen_from_ms = run_now_ms(r);
		run_wait(r, STEP_LISTEN, at_least_round_trips(r, LISTEN_MS));
	}
}

static void
tls_failed(struct handshake_run *r)
{
	struct handshake *h = r->h;
	const struct alert *theirs = handshake_fatal_alert(h, PEER_SERVER);

	if (theirs != NULL)
		run_finish(r, PEER_SERVER, END_ALERT, 0);
	else
		run_finish(r, PEER_US, handshake_fatal_alert(h, PEER_US) != NULL ? END_ALERT : END_US, 0);
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
	if (r->reading_http) {
		http_reader_end(&r->reader);
		talk_http_answered(r, run_now_ms(r)); /* a status line that only the end has ended */
	}
	if (r->reading_http && r->reader.status != 0) {
		run_finish(r, PEER_SERVER, server_said_goodbye(h) ? END_CLOSE_NOTIFY : how, os_error);
		return;
	}
	/* A close_notify may come before the reset that tells: so this waits for that as well. */
	if (r->step == STEP_REQUEST && how == END_RST) {
		h->request_unread = r->reader.head.len == 0 && r->dialogue.heard == 0;
	} else if (r->step == STEP_REQUEST && h->phase >= PHASE_REQUEST && r->link->fd != -1) {
		uv_poll_stop(&r->link->poll); /* an ended stream is readable for ever */
		r->closed_ms = run_now_ms(r);
		run_wait(r, STEP_LINGER, at_least_round_trips(r, LINGER_MS));
		return;
	}
	run_finish(r, PEER_SERVER, server_said_goodbye(h) ? END_CLOSE_NOTIFY : how, os_error);
}

static void
lingered(struct handshake_run *r)
{
	int error = 0;
	socklen_t len = sizeof error;

	getsockopt(r->link->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	r->h->request_unread = error != 0;
	run_finish(r, PEER_SERVER, server_said_goodbye(r->h) ? END_CLOSE_NOTIFY : error != 0 ? END_RST : END_FIN, error);
}

/* The session has moved: what does that mean for this step? */
static void
moved(struct handshake_run *r, double at_ms)
{
	struct handshake *h = r->h;
	enum tls_state state = tls_session_state(r->tls);

	talk_flush(r);
	if ((r->step == STEP_HANDSHAKE || r->step == STEP_VERDICT) && state == TLS_OPEN)
		opened(r);
	else if (r->step == STEP_HANDSHAKE && h->phase == PHASE_OUR_FLIGHT)
		run_wait(r, STEP_VERDICT, -1);
	else if (r->step == STEP_LISTEN && (h->phase >= PHASE_ACCEPTED || tls_session_input(r->tls).len > 0) &&
	    state == TLS_OPEN)
		proceed(r);
	else if (r->step == STEP_REQUEST && r->in_dialogue)
		way_take_inside(r, at_ms);
	else if (r->step == STEP_REQUEST)
		talk_take_http(r, at_ms);
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
	run_finish(r, PEER_US, END_US, 0);
}

/*
 * What the protocol lets pass and the reader of HTTP never sees: tickets, HelloRequests, padding, without
 * end. What else it cost is bounded by time alone.
 */
static void
bound_bytes(struct handshake_run *r)
{
	bool asked = r->step == STEP_REQUEST;
	struct handshake *h = r->h;

	if (r->step == STEP_OVER)
		return;
	if (h->messages_len == LIMIT_MESSAGES) { /* each costs work: 40 µs where it changes the keys */
		h->local = LOCAL_TOO_LARGE;
		h->detail = arena_printf(h->arena, "%d handshake messages, and no end", (int)LIMIT_MESSAGES);
		run_finish(r, PEER_US, END_US, 0);
		return;
	}
	if (asked && r->bytes_in - r->request_from > LIMIT_ANSWER_BYTES && h->http.status_ms >= 0) {
		h->http.endless = arena_printf(h->arena, "more than %d bytes, and not yet the end of its headers", (int)LIMIT_ANSWER_BYTES);
		talk_leave(r);
	} else if (asked ? r->bytes_in - r->request_from > LIMIT_ANSWER_BYTES : r->bytes_in > LIMIT_HANDSHAKE_BYTES) {
		h->local = LOCAL_TOO_LARGE;
		h->detail = asked ? arena_printf(h->arena, "more than %d bytes after our request, and no answer", (int)LIMIT_ANSWER_BYTES) :
		    arena_printf(h->arena, "more than %d bytes before the handshake ended", (int)LIMIT_HANDSHAKE_BYTES);
		run_finish(r, PEER_US, END_US, 0);
	}
}

static void
received(struct handshake_run *r, const unsigned char *bytes, size_t len, double at_ms)
{
	if (way_under_way(r)) {
		way_received(r, bytes, len, at_ms);
		return;
	}
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
	bound_bytes(r);
}

static void
ended_with(struct handshake_run *r, enum end_how how, int os_error)
{
	if (way_ssh_failed(r, how))
		return;
	if (way_under_way(r))
		way_stream_ended(r, how, os_error);
	else
		stream_ended(r, how, os_error);
}

/* all: the socket has an error, so nothing more will come than what is there. */
static void
read_socket(struct handshake_run *r, bool all)
{
	for (int reads = 0; all || reads < READS_AT_ONCE; reads++) {
		ssize_t n = read(r->link->fd, r->ground->scratch, r->ground->scratch_len);
		int error = errno;

		if (n > 0) {
			received(r, r->ground->scratch, (size_t)n, run_now_ms(r));
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
		ended_with(r, n == 0 ? END_FIN : error == ETIMEDOUT ? END_TIMEOUT : END_RST, n == 0 ? 0 : error);
		return;
	}
}

static void
on_ready(uv_poll_t *poll, int uv_error, int events)
{
	struct handshake_run *r = poll->data;

	if (uv_error == 0 && events & UV_WRITABLE) {
		talk_flush(r);
		if (way_under_way(r))
			way_move(r);
		if (r->step == STEP_OVER)
			return;
	}
	if (uv_error != 0 || events & UV_READABLE)
		read_socket(r, uv_error != 0);
}

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

static const char *
asked_name(const struct handshake_run *r)
{
	switch (r->req.vary->name) {
	case NAME_OURS: return target_name(r->req.target);
	case NAME_OTHER: return r->req.other_name;
	case NAME_NONE: break;
	}
	return NULL;
}

void
talk_begin(struct handshake_run *r)
{
	r->round_trip_ms = round_trip(r);
	r->link->poll.data = r;
	watch(r, false);
	way_begin(r);
}

void
talk_tls(struct handshake_run *r, struct text bytes)
{
	struct tls_wish wish = {
		.hello = r->req.vary->hello,
		.late_auth = r->req.vary->late_auth,
		.sends = r->req.vary->sends,
		.identity = r->req.identity,
		.chain = r->req.chain,
		.chain_len = r->req.chain_len,
		.version = r->req.vary->version,
		.alpn = r->req.vary->alpn,
		.tickets = r->req.vary->keeps_session || r->req.vary->resumes != NULL,
	};
	const struct tls_context *ctx = tls_context_get(r->ground->contexts, &wish);
	const char *name = asked_name(r);
	struct address literal;

	if (name != NULL && (address_from_literal(name, 0, &literal) || *name == '\0'))
		name = NULL; /* RFC 6066 3: an address is never sent */
	if (ctx != NULL)
		r->tls = tls_session_new(ctx, name, r->h, run_now_ms, r);
	if (r->tls == NULL) {
		run_fail_here(r, "the TLS library cannot make a session");
		return;
	}
	if (r->req.resume != NULL)
		tls_session_offer(r->tls, r->req.resume);
	record_phase(r->h, PHASE_HELLO);
	run_wait(r, STEP_HANDSHAKE, r->ground->opt->connect_timeout_ms);
	tls_session_start(r->tls);
	moved(r, run_now_ms(r));
	if (bytes.len > 0 && r->step != STEP_OVER)
		received(r, bytes.bytes, bytes.len, run_now_ms(r));
}

void
talk_time_is_up(struct handshake_run *r)
{
	switch (r->step) {
	case STEP_PROXY:
	case STEP_STARTTLS: way_time_is_up(r); break;
	case STEP_LISTEN: proceed(r); break;
	case STEP_LOOK_AFTER: talk_leave(r); break;
	case STEP_LINGER: lingered(r); break;
	default:
		if (r->step == STEP_REQUEST && r->reader.state == HTTP_READING_HEAD &&
		    (r->reader.head_bytes > 0 || tls_session_half_record(r->tls)))
			r->h->http.endless = "it began, and its headers had not ended when time was up";
		else if (r->step == STEP_HANDSHAKE && tls_session_half_record(r->tls))
			r->h->detail = arena_printf(r->h->arena, "%llu bytes had come, and not the end of a record", (unsigned long long)r->bytes_in);
		run_finish(r, PEER_US, END_TIMEOUT, 0);
	}
}
