/* Paced times: two runs of one handshake that were measured differently become the same, in the same order. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/handshake_pace.h"
#include "model/memory.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11, FINISHED = 20, TICKET = 4 };

/* How long things took in one run. */
struct run {
	double connect, hello, flight, ours, ticket, sent, status, goodbye, end;
};

/* A refusal by alert (goodbye: the alert's), or an answer with a goodbye behind it. */
static struct handshake *
record(const struct run *r, bool refused)
{
	struct handshake *h = handshake_new();
	const struct message messages[] = {
		{ .from = PEER_US, .type = CLIENT_HELLO, .at_ms = r->hello },
		{ .from = PEER_SERVER, .type = SERVER_HELLO, .at_ms = r->flight },
		{ .from = PEER_SERVER, .type = CERTIFICATE, .at_ms = r->flight + 0.3 },
		{ .from = PEER_US, .type = CERTIFICATE, .at_ms = r->ours },
		{ .from = PEER_US, .type = FINISHED, .at_ms = r->ours + 0.01 },
		{ .from = PEER_SERVER, .type = TICKET, .at_ms = r->ticket },
	};
	const struct alert alert = { .from = PEER_SERVER, .level = refused ? 2 : 1, .number = refused ? 48 : 0, .at_ms = r->goodbye };
	const struct attempt attempt = { .address = "127.0.0.1:8443", .result = CONNECT_OK, .end_ms = r->connect };

	h->attempts = arena_dup(h->arena, &attempt, sizeof attempt);
	h->attempts_len = 1;
	h->messages_len = sizeof messages / sizeof messages[0] - refused;
	h->messages = arena_dup(h->arena, messages, sizeof messages);
	h->alerts = arena_dup(h->arena, &alert, sizeof alert);
	h->alerts_len = 1;
	h->resolve_ms = 0;
	h->connect_ms = r->connect;
	h->tls_ms = r->ours;
	h->ended = (struct ended){ .by = PEER_SERVER, .how = END_ALERT, .at_ms = r->end };
	if (!refused) {
		h->ticket_ms = r->ticket;
		h->http.requested = true;
		h->http.status = 200;
		h->http.sent_ms = r->sent;
		h->http.status_ms = r->status;
		h->ended.how = END_CLOSE_NOTIFY;
	}
	h->verdict_ms = r->end;
	return h;
}

/* The same twice: a quick run, a slow one; in the slow one the goodbye was read in one go with the answer. */
static const struct run runs[] = {
	{ 0.1, 0.2, 1.9, 3.4, 5.3, 6.0, 8.0, 8.5, 8.5 },
	{ 7.0, 7.5, 40.0, 41.0, 90.0, 91.0, 120.0, 119.99, 120.0 },
};

static void
runs_become_one(void **state)
{
	(void)state;
	for (int refused = 0; refused < 2; refused++) {
		struct handshake *a = record(&runs[0], refused), *b = record(&runs[1], refused);
		handshake_pace(a);
		handshake_pace(b);
		for (size_t i = 0; i < a->messages_len; i++) {
			assert_true(a->messages[i].at_ms == b->messages[i].at_ms);
			assert_true(a->messages[i].parsed_ms == b->messages[i].parsed_ms);
			/* One side's turn is one moment; the other's comes later. */
			if (i > 0 && a->messages[i].from == a->messages[i - 1].from)
				assert_true(a->messages[i].at_ms == a->messages[i - 1].at_ms);
			else if (i > 0)
				assert_true(a->messages[i].at_ms > a->messages[i - 1].at_ms);
		}
		assert_true(a->attempts[0].end_ms == b->attempts[0].end_ms && a->attempts[0].end_ms < a->messages[0].at_ms);
		assert_true(a->connect_ms == b->connect_ms && a->tls_ms == b->tls_ms && a->ticket_ms == b->ticket_ms);
		assert_true(a->alerts[0].at_ms == b->alerts[0].at_ms && a->alerts[0].at_ms > a->messages[a->messages_len - 1].at_ms);
		assert_true(a->ended.at_ms == b->ended.at_ms && a->ended.at_ms == a->alerts[0].at_ms);
		assert_true(a->verdict_ms == b->verdict_ms && a->verdict_ms == a->ended.at_ms);
		assert_true(a->http.sent_ms == b->http.sent_ms && a->http.status_ms == b->http.status_ms);
		if (!refused)
			assert_true(a->http.sent_ms < a->http.status_ms && a->http.status_ms < a->alerts[0].at_ms);
		handshake_free(a);
		handshake_free(b);
	}
}

/* A wait keeps its length: a second is a second, in every run. */
static void
waits_keep_their_length(void **state)
{
	static const double waits[] = { 1000.4, 1031.0, 990.0 };

	(void)state;
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		struct handshake *h = handshake_new();
		struct attempt attempt = { .address = "10.0.0.1:443", .result = CONNECT_TIMEOUT, .end_ms = waits[i] };
		h->attempts = arena_dup(h->arena, &attempt, sizeof attempt);
		h->attempts_len = 1;
		h->ended = (struct ended){ .how = END_TIMEOUT, .at_ms = waits[i] };
		h->verdict_ms = waits[i];
		handshake_pace(h);
		assert_true(h->attempts[0].end_ms == 1000);
		assert_true(h->ended.at_ms == 1000 && h->verdict_ms == 1000);
		assert_true(h->tls_ms < 0); /* what was not reached stays so */
		handshake_free(h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_become_one),
		cmocka_unit_test(waits_keep_their_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
