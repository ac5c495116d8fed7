/*
 * One handshake under way: what probes/handshake.c (getting there, deadlines, the end) and
 * probes/handshake_talk.c (what is said on the connection) share. For nobody else.
 */
#ifndef PROBES_HANDSHAKE_RUN_H
#define PROBES_HANDSHAKE_RUN_H

#include "probes/connect.h"
#include "probes/handshake.h"
#include "probes/http.h"
#include "probes/route.h"
#include "probes/tls.h"

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
	double closed_ms;         /* when the end of the stream was read, where more was waited for after it; else 0 */

	struct buf request;
	uint64_t request_from;    /* bytes_in when it was queued */
	uint64_t request_left;    /* bytes of ours not on the socket yet when the request was queued */
	struct http_reader reader;
	bool reading_http;
};

/* Milliseconds since this handshake began. user: the run. */
double run_now_ms(void *user);
/* The next step, and how long it may take; negative: all the time that is left. */
void run_wait(struct handshake_run *r, enum step step, double ms);
/* It is over: the record is completed and handed over, everything is closed. */
void run_finish(struct handshake_run *r, enum peer by, enum end_how how, int os_error);
/* It cannot even be tried, for a reason of ours. */
void run_fail_here(struct handshake_run *r, const char *detail);

/* The socket is connected: begins to talk. */
void talk_begin(struct handshake_run *r);
/* A step's time is up, and the socket had nothing more. */
void talk_time_is_up(struct handshake_run *r);

#endif
