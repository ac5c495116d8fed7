#include "probes/examination.h"

#include <stdlib.h>
#include <string.h>

#include "model/handshake_pace.h"
#include "model/memory.h"
#include "probes/clock.h"
#include "probes/outcome.h"

enum { HANDSHAKES_MOST = 3 };

struct examination_run {
	struct ground ground; /* the loop's, with the options of this target */
	struct examination *x;
	struct handshake_run *handshake;
	struct address to; /* where the baseline was connected: the rest goes there as well */
	bool connected;
	uint64_t began_us, until_us;
	bool *over; /* while examination_start() works: set once all is done */
	examination_done done;
	void *user;
};

static const char *const ids[HANDSHAKES_MOST] = { "h1", "h2", "h3" };

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	target_done(&j->target);
	identity_free(j->identity);
	trust_free(j->trust);
	free(j);
}

void
examination_free(struct examination *x)
{
	if (x == NULL)
		return;
	diagnosis_free(x->diagnosis);
	evidence_free(x->evidence);
	free(x);
}

static struct text
kept_text(struct arena *a, struct text t)
{
	return (struct text){ t.len > 0 ? arena_dup(a, t.bytes, t.len) : NULL, t.len };
}

/*
 * The GET asked the baseline's question again: its answer is the baseline's. Where none came, what HEAD
 * got stands.
 */
static void
adopt_answer(struct handshake *h, const struct handshake *get)
{
	double later = (double)(get->started_ms - h->started_ms);
	int head_status = h->http.status;

	if (get->http.status == 0)
		return;
	h->http = get->http;
	h->http.head_status = head_status;
	h->http.answer_from = get->id;
	h->http.reason = kept_text(h->arena, get->http.reason);
	h->http.server = kept_text(h->arena, get->http.server);
	h->http.head = kept_text(h->arena, get->http.head);
	h->http.body = kept_text(h->arena, get->http.body);
	h->http.sent_ms += later;
	h->http.status_ms += later;
	h->outcome = outcome_of(h);
}

/*
 * 405 and 501: HEAD is not served here. 400: nginx refuses a certificate so, with a page that says why;
 * HEAD brings no page, and an application may answer 400 for reasons of its own. The request said
 * "Connection: close", and nginx closes after a 400 anyway, so this is another connection; it is
 * recorded as one.
 */
static bool
worth_get(const struct handshake *h)
{
	int s = h->http.status;

	return h->http.method != NULL && strcmp(h->http.method, "HEAD") == 0 && (s == 400 || s == 405 || s == 501);
}

/* Died before the server's certificate though it speaks: does it speak TLS of another kind? */
static bool
worth_wide_hello(const struct ground *g, const struct handshake *h)
{
	if (g->opt->quick || h->phase < PHASE_HELLO || h->phase >= PHASE_SERVER_CERTIFICATE || h->not_tls)
		return false;
	return h->ended.how != END_TIMEOUT && h->local != LOCAL_TOO_LARGE && h->local != LOCAL_OTHER;
}

static void
complete(struct examination_run *r)
{
	const struct world *w = r->ground.world;
	struct evidence *e = r->x->evidence;
	struct examination *x = r->x;

	for (size_t i = 0; r->ground.opt->paced && i < e->handshakes_len; i++)
		handshake_pace(e->handshakes[i]);
	if (e->handshakes_len > 0)
		clock_of_server(e->handshakes[0], &e->clocks);
	e->took_ms = (double)(w->ticks_us(w->self) - r->began_us) / 1000.0;
	if (r->ground.opt->paced && e->handshakes_len > 0)
		e->took_ms = e->handshakes[e->handshakes_len - 1]->verdict_ms;
	x->diagnosis = diagnose(e);
	if (r->over != NULL)
		*r->over = true;
	r->done(r->user, r, x);
	free(r);
}

static void on_handshake(void *user, struct handshake *h, const struct address *to);

static void
start(struct examination_run *r, const char *experiment, enum hello hello, const char *method)
{
	struct evidence *e = r->x->evidence;
	struct handshake_request req = {
		.id = ids[e->handshakes_len],
		.experiment = experiment,
		.target = &e->target,
		.identity = e->identity,
		.address = r->connected ? &r->to : NULL,
		.hello = hello,
		.method = method,
		.until_us = r->until_us,
	};
	struct handshake_run *h = handshake_start(&r->ground, &req, on_handshake, r);

	/* Where it was over at once, the run has gone on or is freed: then there is nothing to remember. */
	if (h != NULL)
		r->handshake = h;
}

static void
on_handshake(void *user, struct handshake *h, const struct address *to)
{
	struct examination_run *r = user;
	struct evidence *e = r->x->evidence;
	bool baseline = e->handshakes_len == 0;

	r->handshake = NULL;
	if (to != NULL && !r->connected) {
		r->to = *to;
		r->connected = true;
	}
	e->handshakes[e->handshakes_len++] = h;
	if (!baseline && strcmp(h->experiment, "baseline-get") == 0)
		adopt_answer(e->handshakes[0], h);
	if (baseline && !r->x->cancelled && worth_get(h))
		start(r, "baseline-get", HELLO_BASELINE, "GET");
	else if (baseline && !r->x->cancelled && worth_wide_hello(&r->ground, h))
		start(r, "wide-hello", HELLO_WIDE, NULL);
	else
		complete(r);
}

struct examination_run *
examination_start(const struct ground *g, struct job *j, const char *seen_from, enum kept kept, examination_done done,
    void *user)
{
	struct examination_run *r = mem_zero(1, sizeof *r);
	struct evidence *e = evidence_new();
	const struct examine_options *opt = &j->mode->opt;
	bool over = false;

	r->ground = *g;
	r->ground.opt = opt;
	r->ground.contexts = j->mode->contexts;
	r->done = done;
	r->user = user;
	r->began_us = g->world->ticks_us(g->world->self);
	r->until_us = r->began_us + (uint64_t)opt->max_time_ms * 1000;
	r->x = mem_zero(1, sizeof *r->x);
	r->x->index = j->index;
	r->x->user = j->user;
	r->x->evidence = e;
	e->target = j->target;
	e->identity = identity_ref(j->identity);
	e->trust = trust_ref(j->trust);
	j->target = (struct target){ 0 };
	job_free(j);
	e->thresholds = opt->thresholds;
	e->seen_from = arena_strdup(e->arena, seen_from);
	e->ciphers = opt->ciphers != NULL ? arena_strdup(e->arena, opt->ciphers) : NULL;
	e->started_ms = g->world->now_ms(g->world->self);
	e->clocks.local_ms = opt->at_set ? opt->at * 1000 : e->started_ms;
	e->clocks.local_set = opt->at_set;
	e->clocks.kept = kept;
	e->handshakes = arena_array(e->arena, HANDSHAKES_MOST, sizeof *e->handshakes);
	r->over = &over;
	start(r, "baseline", HELLO_BASELINE, e->target.http && e->target.starttls == STARTTLS_NONE ? "HEAD" : NULL);
	if (over)
		return NULL;
	r->over = NULL;
	return r;
}

void
examination_cancel(struct examination_run *r)
{
	r->x->cancelled = true;
	handshake_cancel(r->handshake);
}
