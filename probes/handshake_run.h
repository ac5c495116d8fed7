/*
 * One handshake under way: what probes/handshake.c (getting there, deadlines, the end), probes/handshake_way.c (what is
 * said before TLS), probes/handshake_talk.c (TLS on the connection) and probes/handshake_http.c (the request) share. For
 * nobody else.
 */
#ifndef PROBES_HANDSHAKE_RUN_H
#define PROBES_HANDSHAKE_RUN_H

#include "probes/connect.h"
#include "probes/dialogue.h"
#include "probes/handshake.h"
#include "probes/http.h"
#include "probes/http2.h"
#include "probes/route.h"
#include "probes/tls.h"
#include "probes/via.h"

enum step {
	STEP_RESOLVE,
	STEP_CONNECT,
	STEP_PROXY,     /* a proxy is asked for the way */
	STEP_STARTTLS,  /* the service is asked to go over to TLS */
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
	const char *goal;         /* where a proxy is to lead to: a name, or the address that we found */
	bool goal_known;          /* its name needs no more looking up */
	struct connector *connector;
	bool connecting, settled; /* connect_start() has not returned; its call-back has come */
	struct link *link;
	struct address to;
	bool connected;

	struct dialogue dialogue;  /* STEP_PROXY, STEP_STARTTLS; inside TLS: STEP_REQUEST */
	bool in_dialogue;
	size_t dialogue_sent;      /* of dialogue.out: on the socket */
	double way_from_ms;

	struct via *via;           /* the stream is ssh's; or NULL */
	enum end_how via_how;      /* how the stream ended, while its words are waited for */

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
	struct http2 *http2;      /* where that was agreed on; it fills the reader */
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
/* TLS begins; bytes: what was read of it already. */
void talk_tls(struct handshake_run *r, struct text bytes);
/* Writes what there is to write, and waits for room where there is none. */
void talk_flush(struct handshake_run *r);
/* We go: with a close_notify where that is possible, without waiting for an answer. */
void talk_leave(struct handshake_run *r);
/* How long the answer to a question inside TLS may take: all the time where it is to prove that we are accepted. */
double talk_patience(const struct handshake_run *r);

/* Sends the request of r->req.method; takes what came of its answer, and leaves where that is enough (probes/handshake_http.c). */
void talk_request(struct handshake_run *r);
void talk_take_http(struct handshake_run *r, double at_ms);
/* Records the status, the first time that there is one. */
void talk_http_answered(struct handshake_run *r, double at_ms);

/* The way leads through ssh: starts it. */
void way_through_ssh(struct handshake_run *r);
/* The stream ended before anything came from it: what ssh says of that is waited for. False: there is no ssh, or it did lead there. */
bool way_ssh_failed(struct handshake_run *r, enum end_how how);
/* Connected: what has to be said before TLS, or TLS where that is nothing (probes/handshake_way.c). */
void way_begin(struct handshake_run *r);
bool way_under_way(const struct handshake_run *r);
/* What is to be written; way_sent(): n bytes of it are on the socket. */
size_t way_output(const struct handshake_run *r, const unsigned char **bytes);
void way_sent(struct handshake_run *r, size_t n);
/* Goes on, where what was said last has left. */
void way_move(struct handshake_run *r);
void way_received(struct handshake_run *r, const unsigned char *bytes, size_t len, double at_ms);
void way_stream_ended(struct handshake_run *r, enum end_how how, int os_error);
void way_time_is_up(struct handshake_run *r);
/* Inside TLS: is there a question that shows whether we are accepted? Asks it; takes what came to it. */
bool way_asks_inside(const struct handshake_run *r);
void way_ask_inside(struct handshake_run *r);
void way_question_left(struct handshake_run *r);
void way_take_inside(struct handshake_run *r, double at_ms);

#endif
