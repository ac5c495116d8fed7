#include "model/handshake.h"

#include <stdatomic.h>

#include "model/memory.h"
#include "model/times.h"

enum { HELLO_REQUEST = 0, ALERT_NO_RENEGOTIATION = 100, LEVEL_FATAL = 2 };

struct whole {
	struct handshake h;
	atomic_size_t refs;
};

struct handshake *
handshake_new(void)
{
	struct arena *a = arena_new();
	struct whole *w = arena_alloc(a, sizeof *w);
	struct handshake *h = &w->h;

	atomic_init(&w->refs, 1);
	h->arena = a;
	h->resolve_ms = h->connect_ms = h->tls_ms = h->verdict_ms = h->read_first_ms = -1;
	h->proxy_ms = h->starttls_ms = h->inside.at_ms = -1;
	h->http.date = TIME_UNKNOWN;
	h->http.sent_ms = h->http.status_ms = -1;
	h->ticket_ms = -1;
	return h;
}

struct handshake *
handshake_ref(const struct handshake *h)
{
	struct whole *w = (struct whole *)(uintptr_t)h;

	atomic_fetch_add(&w->refs, 1);
	return &w->h;
}

void
handshake_free(struct handshake *h)
{
	if (h == NULL || atomic_fetch_sub(&((struct whole *)h)->refs, 1) > 1)
		return;
	for (size_t i = 0; i < h->server_certs_len; i++)
		cert_free(h->server_certs[i].cert);
	arena_free(h->arena); /* h lies in it */
}

bool
handshake_accepted(const struct handshake *h)
{
	return h->outcome == OUTCOME_ACCEPTED || h->outcome == OUTCOME_ACCEPTED_APP || h->outcome == OUTCOME_NOT_ASKED;
}

enum doubt
handshake_doubt(const struct handshake *h)
{
	bool closed = h->ended.by == PEER_SERVER &&
	    (h->ended.how == END_FIN || h->ended.how == END_RST || h->ended.how == END_CLOSE_NOTIFY);

	if (!h->request.seen || (h->outcome != OUTCOME_ACCEPTED && h->outcome != OUTCOME_ACCEPTED_APP))
		return DOUBT_NONE;
	if (h->http.status != 0)
		return h->http.status >= 300 ? DOUBT_ANSWER : DOUBT_NONE;
	if (h->inside.is == INSIDE_ACCEPTED || h->inside.is == INSIDE_DOUBTFUL)
		return h->inside.is == INSIDE_DOUBTFUL ? DOUBT_ANSWER : DOUBT_NONE;
	if (h->http.ended != NULL)
		return DOUBT_ANSWER; /* HTTP/2 in words: HTTP_1_1_REQUIRED may want our certificate late (RFC 9113 9.2.3) */
	if (h->http.malformed)
		return DOUBT_NONE; /* it speaks something else than HTTP, and it does speak to us */
	if (h->phase == PHASE_REQUEST && closed)
		return DOUBT_CLOSED;
	if (h->phase == PHASE_REQUEST && h->ended.how == END_TIMEOUT)
		return DOUBT_UNANSWERED;
	if (h->phase <= PHASE_FINISHED)
		return DOUBT_SILENT;
	return h->http.requested || h->inside.is != INSIDE_NOT_ASKED ? DOUBT_NONE : DOUBT_UNASKED;
}

const struct alert *
handshake_fatal_alert(const struct handshake *h, enum peer from)
{
	for (size_t i = 0; i < h->alerts_len; i++)
		if (h->alerts[i].from == from && h->alerts[i].level == LEVEL_FATAL)
			return &h->alerts[i];
	return NULL;
}

bool
handshake_asked_late(const struct handshake *h)
{
	if (h->request.seen && h->request.after_finished)
		return true;
	for (size_t i = 0; i < h->messages_len; i++)
		if (h->messages[i].from == PEER_SERVER && h->messages[i].type == HELLO_REQUEST)
			return true;
	for (size_t i = 0; i < h->alerts_len; i++)
		if (h->alerts[i].from == PEER_US && h->alerts[i].number == ALERT_NO_RENEGOTIATION)
			return true;
	return false;
}

bool
http_has_header(const struct http_answer *http, const char *start)
{
	struct text head = http->head;

	for (size_t i = 0; i < head.len; i++)
		if ((i == 0 || head.bytes[i - 1] == '\n') && text_starts((struct text){ head.bytes + i, head.len - i }, start))
			return true;
	return false;
}

const char *
outcome_name(enum outcome o)
{
	static const char *const names[] = {
		[OUTCOME_ACCEPTED] = "accepted",
		[OUTCOME_ACCEPTED_APP] = "accepted-app",
		[OUTCOME_REJECTED_ALERT] = "rejected-alert",
		[OUTCOME_REJECTED_HTTP] = "rejected-http",
		[OUTCOME_REJECTED_CLOSE] = "rejected-close",
		[OUTCOME_NOT_ASKED] = "not-asked",
		[OUTCOME_FAILED_LOCAL] = "failed-local",
		[OUTCOME_NETWORK] = "network",
		[OUTCOME_PROTOCOL] = "protocol",
		[OUTCOME_REJECTED_APP] = "rejected-app",
	};

	return names[o];
}

static const struct {
	const char *name, *step;
} phases[] = {
	[PHASE_RESOLVE] = { "resolving", "while the name was looked up" },
	[PHASE_CONNECT] = { "connecting", "while connecting" },
	[PHASE_PROXY] = { "at-proxy", "on the way through the proxy" },
	[PHASE_STARTTLS] = { "before-tls", "before it went over to TLS" },
	[PHASE_HELLO] = { "after-client-hello", "after our ClientHello" },
	[PHASE_SERVER_HELLO] = { "after-server-hello", "after its ServerHello" },
	[PHASE_SERVER_CERTIFICATE] = { "after-server-certificate", "after its Certificate" },
	[PHASE_SERVER_DONE] = { "after-server-done", "after its flight, before ours" },
	[PHASE_OUR_FLIGHT] = { "after-our-flight", "after our Certificate and Finished" },
	[PHASE_FINISHED] = { "after-finished", "after our Finished" },
	[PHASE_ACCEPTED] = { "after-accepted", "after the handshake was complete" },
	[PHASE_REQUEST] = { "after-request", "after our HTTP request" },
	[PHASE_RESPONSE] = { "after-response", "after its HTTP answer" },
};

const char *
handshake_question(const struct handshake *h)
{
	return h->inside.question != NULL ? h->inside.question : "HTTP request";
}

double
handshake_asked_ms(const struct handshake *h)
{
	for (size_t i = 0; i < h->spoken_len; i++)
		if (h->spoken[i].where == SPOKEN_INSIDE_TLS && h->spoken[i].by_us)
			return h->spoken[i].at_ms;
	return h->http.sent_ms;
}

const char *
spoken_where_name(enum spoken_where w)
{
	static const char *const names[] = {
		[SPOKEN_TO_PROXY] = "proxy",
		[SPOKEN_BEFORE_TLS] = "plain",
		[SPOKEN_INSIDE_TLS] = "tls",
	};

	return names[w];
}

const char *
phase_name(enum phase p)
{
	return phases[p].name;
}

const char *
phase_step(enum phase p)
{
	return phases[p].step;
}

const char *
end_how_name(enum end_how e)
{
	static const char *const names[] = {
		[END_NOT_YET] = "not-yet",
		[END_ALERT] = "alert",
		[END_CLOSE_NOTIFY] = "close_notify",
		[END_FIN] = "fin",
		[END_RST] = "rst",
		[END_TIMEOUT] = "timeout",
		[END_US] = "us",
	};

	return names[e];
}
