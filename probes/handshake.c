#include "probes/handshake_run.h"

#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "probes/outcome.h"
#include "probes/record.h"

enum { GRACE_MS = 1 }; /* a late loop runs timers before sockets: look at those first */

double
run_now_ms(void *user)
{
	const struct handshake_run *r = user;

	return (double)(r->ground->world->ticks_us(r->ground->world->self) - r->zero_us) / 1000.0;
}

static void on_timer(uv_timer_t *timer);

void
run_wait(struct handshake_run *r, enum step step, double ms)
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

static void
on_run_closed(uv_handle_t *handle)
{
	struct handshake_run *r = handle->data;

	free(r);
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
	if (r->http2 != NULL)
		a->ended = http2_ended(r->http2, r->h->arena);
	http2_free(r->http2);
	r->http2 = NULL;
	http_reader_done(&r->reader);
	r->reading_http = false;
}

static void
keep_session(struct handshake_run *r)
{
	if (r->req.keep == NULL || r->tls == NULL)
		return;
	*r->req.keep = tls_session_keep(r->tls);
	r->h->resumable = *r->req.keep != NULL;
	if (r->h->resumable)
		r->h->ticket_s = SSL_SESSION_get_ticket_lifetime_hint(*r->req.keep);
}

void
run_finish(struct handshake_run *r, enum peer by, enum end_how how, int os_error)
{
	struct handshake *h = r->h;

	if (r->step == STEP_OVER)
		return;
	keep_http(r);
	keep_session(r);
	h->ended = (struct ended){ .by = by, .how = how, .phase = h->phase, .at_ms = r->closed_ms > 0 ? r->closed_ms : run_now_ms(r), .os_error = os_error };
	h->outcome = outcome_of(h);
	h->verdict_ms = h->ended.at_ms;
	r->step = STEP_OVER;

	resolve_abandon(r->lookup);
	connect_end(r->connector, CONNECT_NOT_TRIED, 0);
	link_close(r->link);
	tls_session_free(r->tls);
	route_done(&r->route);
	buf_done(&r->request);
	via_end(r->via);
	r->via = NULL;
	dialogue_done(&r->dialogue);
	r->in_dialogue = false;
	r->lookup = NULL;
	r->connector = NULL;
	r->link = NULL;
	r->tls = NULL;
	uv_timer_stop(&r->timer);
	r->done(r->user, h, r->connected ? &r->to : NULL);
	uv_close((uv_handle_t *)&r->timer, on_run_closed);
}

void
run_fail_here(struct handshake_run *r, const char *detail)
{
	r->h->local = LOCAL_OTHER;
	r->h->detail = arena_strdup(r->h->arena, detail);
	run_finish(r, PEER_US, END_US, 0);
}

/* The way ends at the proxy, or before it. */
static void
proxy_failed(struct handshake_run *r, const char *why, const char *answer, enum end_how how, int os_error)
{
	r->h->obstacle = OBSTACLE_PROXY;
	r->h->obstacle_why = why;
	r->h->obstacle_answer = answer;
	run_finish(r, how == END_RST ? PEER_SERVER : PEER_US, how, os_error);
}

/* Where something is to be looked up or connected to: which of the two is it, the proxy's or the target's? */
static bool
at_proxy(const struct handshake_run *r)
{
	return r->route.proxy != NULL && (r->goal_known || !r->route.goal_unresolved);
}

/* Why a proxy could not be connected to; NULL: for a reason of our own. */
static const char *
proxy_problem(enum connect_result result)
{
	switch (result) {
	case CONNECT_REFUSED: return "it refuses the connection";
	case CONNECT_RESET: return "it resets the connection";
	case CONNECT_TIMEOUT: return "it does not answer the attempt to connect";
	case CONNECT_UNREACHABLE: return "no way leads to it";
	default: return NULL;
	}
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
		run_finish(r, PEER_US, END_US, 0);
		return;
	}
	if (r->route.proxy != NULL && proxy_problem(last->result) != NULL) {
		proxy_failed(r, proxy_problem(last->result), NULL,
		    last->result == CONNECT_TIMEOUT ? END_TIMEOUT : last->result == CONNECT_UNREACHABLE ? END_US : END_RST, last->os_error);
		return;
	}
	if (r->route.proxy == NULL)
		h->address = last->address;
	switch (last->result) {
	case CONNECT_REFUSED:
	case CONNECT_RESET: run_finish(r, PEER_SERVER, END_RST, last->os_error); break;
	case CONNECT_TIMEOUT: run_finish(r, PEER_US, END_TIMEOUT, last->os_error); break;
	default: run_finish(r, PEER_US, END_US, last->os_error);
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
	if (r->route.proxy == NULL)
		r->h->address = arena_strdup(r->h->arena, address_text(&r->to, text));
	talk_begin(r);
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

	if (r->req.found != NULL && len > 1) {
		free(r->req.found->items);
		*r->req.found = (struct address_list){ .items = mem_dup(list, len * sizeof *list), .len = len };
	}
	record_phase(r->h, PHASE_CONNECT);
	if (r->h->resolve_ms < 0)
		r->h->resolve_ms = 0; /* nothing was to be resolved */
	run_wait(r, STEP_CONNECT, r->ground->opt->connect_timeout_ms);
	r->connecting = true;
	r->connector = connect_start(r->ground->loop, &opt, list, len, r->h, on_connected, r);
	r->connecting = false;
	if (r->route.proxy == NULL)
		r->h->address = r->h->attempts[0].address;
	if (r->settled)
		connection_settled(r);
}

static void
on_resolved(void *user, int error, const char *error_text, const struct address *list, size_t len)
{
	struct handshake_run *r = user;

	r->lookup = NULL;
	r->h->resolve_ms = run_now_ms(r);
	if (error == 0) {
		connect_to(r, list, len);
		return;
	}
	if (at_proxy(r)) {
		proxy_failed(r, "its name does not resolve", arena_strdup(r->h->arena, error_text), END_US, 0);
		return;
	}
	r->h->dns_error = error;
	r->h->dns_error_text = arena_strdup(r->h->arena, error_text);
	run_finish(r, PEER_US, END_US, 0);
}

/* "payment.internal:8443": what a proxy is asked for. */
static const char *
goal_text(const struct handshake_run *r)
{
	return arena_printf(r->h->arena, strchr(r->goal, ':') != NULL ? "[%s]:%u" : "%s:%u", r->goal, (unsigned)r->route.goal_port);
}

static void go_there(struct handshake_run *r);

static void
on_goal(void *user, int error, const char *error_text, const struct address *list, size_t len)
{
	struct handshake_run *r = user;

	if (error != 0 || len == 0) {
		on_resolved(user, error, error_text, list, len);
		return;
	}
	r->lookup = NULL;
	r->h->resolve_ms = run_now_ms(r);
	r->goal = arena_strdup(r->h->arena, address_host(&list[0], (char[ADDRESS_TEXT_MAX]){ 0 }));
	r->goal_known = true;
	r->h->address = goal_text(r);
	go_there(r);
}

static void
find_way(struct handshake_run *r)
{
	route_find(r->req.target, r->ground->opt, &r->route);
	if (r->route.proxy == NULL) {
		go_there(r);
		return;
	}
	r->goal = r->route.goal;
	r->h->proxy = arena_strdup(r->h->arena, r->route.proxy->shown);
	r->h->proxy_login = r->route.proxy->user != NULL;
	r->h->address = goal_text(r);
	if (!r->route.goal_unresolved) {
		go_there(r);
		return;
	}
	run_wait(r, STEP_RESOLVE, r->ground->opt->connect_timeout_ms);
	r->lookup = resolve_start(r->ground->resolver, r->goal, r->route.goal_port, r->ground->opt->family, on_goal, r);
}

/* To the target, or to its proxy. */
static void
go_there(struct handshake_run *r)
{
	struct handshake *h = r->h;
	char label[ADDRESS_TEXT_MAX + 256];

	if (r->route.proxy != NULL && r->route.proxy->kind == PROXY_SSH) {
		way_through_ssh(r);
		return;
	}
	if (r->req.address != NULL) {
		connect_to(r, r->req.address, 1);
		return;
	}
	if (r->route.problem != NULL && r->route.proxy != NULL) {
		proxy_failed(r, r->route.problem, NULL, END_US, 0);
	} else if (r->route.problem != NULL) {
		h->dns_error = ARES_ENODATA;
		h->dns_error_text = r->route.problem;
		h->address = arena_strdup(h->arena, target_label(r->req.target, label, sizeof label));
		run_finish(r, PEER_US, END_US, 0);
	} else if (r->route.list != NULL) {
		connect_to(r, r->route.list, r->route.len);
	} else {
		if (r->route.proxy == NULL)
			h->address = arena_printf(h->arena, "%s:%u", r->route.host, r->route.port);
		run_wait(r, STEP_RESOLVE, r->ground->opt->connect_timeout_ms);
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
		r->h->resolve_ms = run_now_ms(r);
		if (at_proxy(r)) {
			proxy_failed(r, "its name does not resolve", ares_strerror(ARES_ETIMEOUT), END_TIMEOUT, 0);
			break;
		}
		r->h->dns_error = ARES_ETIMEOUT;
		r->h->dns_error_text = ares_strerror(ARES_ETIMEOUT);
		run_finish(r, PEER_US, END_TIMEOUT, 0);
		break;
	case STEP_CONNECT:
		connect_end(r->connector, CONNECT_TIMEOUT, ETIMEDOUT);
		r->connector = NULL;
		not_connected(r);
		break;
	case STEP_OVER: break;
	default: talk_time_is_up(r);
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
	r->h->cancelled = true;
	r->h->detail = "cancelled";
	run_finish(r, PEER_US, END_US, 0);
}
