#include "model/handshake_pace.h"

#include <stddef.h>

static const double connect_ms = 0.4, first_ms = 0.5, turn_ms = 1.3;
enum { WAIT_ROUNDED_MS = 100, TAIL_MOST = 64 };

/* A time that was waited for: nearest 100 ms. */
static double
waited(double ms)
{
	return (double)((long)(ms / WAIT_ROUNDED_MS + 0.5) * WAIT_ROUNDED_MS);
}

static void
pace_connecting(struct handshake *h)
{
	double now = 0;

	if (h->resolve_ms > 0)
		h->resolve_ms = now = 0.1;
	for (size_t i = 0; i < h->attempts_len; i++) {
		struct attempt *a = &h->attempts[i];
		if (a->result == CONNECT_NOT_TRIED)
			continue;
		double wait = waited(a->end_ms - a->start_ms);
		a->start_ms = now;
		now += a->result == CONNECT_TIMEOUT ? wait : connect_ms;
		a->end_ms = now;
	}
	if (h->connect_ms >= 0)
		h->connect_ms = now - (h->resolve_ms > 0 ? h->resolve_ms : 0);
}

/* What was said before TLS: each answer a turn after its question. */
static double
pace_spoken(struct handshake *h, double now)
{
	double began = now, proxy = now;

	for (size_t i = 0; i < h->spoken_len && h->spoken[i].where != SPOKEN_INSIDE_TLS; i++) {
		struct spoken *s = &h->spoken[i];
		if (!s->by_us && (i == 0 || s[-1].by_us))
			now += turn_ms;
		if (s->at_ms >= 0)
			s->at_ms = now;
		proxy = s->where == SPOKEN_TO_PROXY ? now : proxy;
	}
	if (h->proxy_ms >= 0)
		h->proxy_ms = proxy - began;
	if (h->starttls_ms >= 0)
		h->starttls_ms = now - proxy;
	return now;
}

static double
pace_messages(struct handshake *h)
{
	double now = first_ms;

	if (h->attempts_len > 0 && h->attempts[h->attempts_len - 1].end_ms > first_ms)
		now = h->attempts[h->attempts_len - 1].end_ms;
	now = pace_spoken(h, now);
	for (size_t i = 0; i < h->messages_len; i++) {
		struct message *m = &h->messages[i];
		if (i > 0 && m->from != m[-1].from)
			now += turn_ms;
		m->parsed_ms = m->at_ms = now;
	}
	if (h->ticket_ms >= 0)
		h->ticket_ms = now;
	return now;
}

/* The first line of what one side says inside TLS. */
static bool
begins_inside(const struct handshake *h, size_t i)
{
	const struct spoken *s = &h->spoken[i];

	return s->where == SPOKEN_INSIDE_TLS && (i == 0 || s[-1].where != SPOKEN_INSIDE_TLS || s[-1].by_us != s->by_us);
}

/* What is on record beside the messages, in the order in which it was measured; equals stay as they stand here. */
static size_t
tail_of(struct handshake *h, double *tail[TAIL_MOST])
{
	size_t n = 0;

	if (h->http.requested)
		tail[n++] = &h->http.sent_ms;
	if (h->http.status != 0 || h->http.malformed)
		tail[n++] = &h->http.status_ms;
	for (size_t i = 0; i < h->spoken_len && n < TAIL_MOST - 3; i++)
		if (begins_inside(h, i) && h->spoken[i].at_ms >= 0)
			tail[n++] = &h->spoken[i].at_ms;
	for (size_t i = 0; i < h->alerts_len && n < TAIL_MOST - 1; i++) {
		struct alert *a = &h->alerts[i];
		/* The goodbye behind an answer often comes in one read with it; it never stands before it. */
		if (a->number == 0 && h->http.status != 0 && a->from == PEER_SERVER && a->at_ms < h->http.status_ms)
			a->at_ms = h->http.status_ms;
		tail[n++] = &a->at_ms;
	}
	tail[n++] = &h->ended.at_ms;
	for (size_t i = 1; i < n; i++) {
		double *moment = tail[i];
		size_t k = i;
		for (; k > 0 && *tail[k - 1] > *moment; k--)
			tail[k] = tail[k - 1];
		tail[k] = moment;
	}
	return n;
}

void
handshake_pace(struct handshake *h)
{
	double *tail[TAIL_MOST], was = h->verdict_ms, now;
	bool tls_done = h->tls_ms >= 0;
	size_t n;

	pace_connecting(h);
	now = pace_messages(h);
	if (tls_done)
		h->tls_ms = now;
	n = tail_of(h, tail);
	for (size_t i = 0; i < n; i++) {
		/* Where it ended with an alert or an answer, that was the end: no turn of its own. */
		bool end = tail[i] == &h->ended.at_ms;
		if (end && h->ended.how == END_TIMEOUT)
			now = waited(*tail[i]);
		else if (!end || (h->ended.how != END_ALERT && h->ended.how != END_CLOSE_NOTIFY))
			now += turn_ms;
		*tail[i] = now;
	}
	for (size_t i = 1; i < h->spoken_len; i++)
		if (h->spoken[i].where == SPOKEN_INSIDE_TLS && !begins_inside(h, i) && h->spoken[i].at_ms >= 0)
			h->spoken[i].at_ms = h->spoken[i - 1].at_ms;
	if (h->inside.at_ms >= 0)
		h->inside.at_ms = h->spoken[h->spoken_len - 1].at_ms;
	if (h->read_first_ms >= 0)
		h->read_first_ms = turn_ms;
	if (was >= 0)
		h->verdict_ms = now;
}
