#include "probes/examination.h"

#include <stdlib.h>
#include <string.h>

#include "model/experiment.h"
#include "model/handshake_pace.h"
#include "model/limits.h"
#include "model/memory.h"
#include "probes/clock.h"
#include "probes/fetch_rules.h"
#include "probes/gather.h"
#include "probes/outcome.h"

struct examination_run {
	struct ground ground; /* the loop's, with the options of this target */
	struct examination *x;
	struct handshake_run *handshake;
	struct gathering *gathering; /* once the baseline is there; NULL: nothing is to be gathered */
	bool lacking_sought; /* the issuers of what it showed are; then comes revocation */
	struct address to; /* where the baseline was connected: the rest goes there as well */
	bool connected, many;
	uint64_t began_us, until_us;
	bool *over; /* while examination_start() works: set once all is done */
	examination_done done;
	void *user;
};

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

static void
complete(struct examination_run *r)
{
	const struct world *w = r->ground.world;
	struct evidence *e = r->x->evidence;
	struct examination *x = r->x;

	gathering_free(r->gathering);
	e->took_ms = (double)(w->ticks_us(w->self) - r->began_us) / 1000.0;
	if (r->ground.opt->paced && e->handshakes_len > 0)
		e->took_ms = e->handshakes[e->handshakes_len - 1]->verdict_ms;
	if (r->over != NULL)
		*r->over = true;
	r->done(r->user, r, x);
	free(r);
}

/* What brought the baseline's answer: answers to HEAD and to GET are not to be compared. */
static const char *
method_for(const struct evidence *e, const struct experiment *x)
{
	bool http = e->target.http && e->target.starttls == STARTTLS_NONE;

	if (!http || x->variation.hello == HELLO_WIDE)
		return NULL;
	if (x->variation.method != NULL)
		return x->variation.method;
	return e->handshakes_len > 0 && e->handshakes[0]->http.answer_from != NULL ? "GET" : "HEAD";
}

static void on_handshake(void *user, struct handshake *h, const struct address *to);

static void
start(struct examination_run *r, const struct experiment *x)
{
	struct evidence *e = r->x->evidence;
	const struct diagnosis *d = r->x->diagnosis;
	struct handshake_request req = {
		.id = arena_printf(e->arena, "h%zu", e->handshakes_len + 1),
		.experiment = x->name,
		.target = &e->target,
		.identity = e->identity,
		.address = r->connected ? &r->to : NULL,
		.vary = &x->variation,
		.completed = d != NULL ? d->completed : NULL,
		.completed_len = d != NULL ? d->completed_len : 0,
		.method = method_for(e, x),
		.until_us = r->until_us,
	};
	struct handshake_run *h = handshake_start(&r->ground, &req, on_handshake, r);

	/* Where it was over at once, the run has gone on or is freed: then there is nothing to remember. */
	if (h != NULL)
		r->handshake = h;
}

/* One that waits for us to the very end has taken the time of all that would come after it. */
static bool
time_is_up(const struct examination_run *r)
{
	return r->ground.world->ticks_us(r->ground.world->self) >= r->until_us;
}

/* The next experiment; when there is none, the end. */
static void
go_on(struct examination_run *r)
{
	struct experiment_limits limits = { .quick = r->ground.opt->quick, .many = r->many, .deep = r->ground.opt->deep };
	const struct experiment *next = NULL;

	if (r->x->cancelled) { /* what came until now is evidence too */
		gathering_free(r->gathering);
		r->gathering = NULL;
	}
	diagnosis_free(r->x->diagnosis);
	r->x->diagnosis = diagnose(r->x->evidence);
	if (!r->x->cancelled && !time_is_up(r))
		next = experiment_next(r->x->diagnosis, &limits);
	if (next != NULL)
		start(r, next);
	else
		complete(r);
}

/* The issuers are here, or the last word on revocation. */
static void
on_gathered(void *user)
{
	struct examination_run *r = user;

	bool more = r->lacking_sought && gathering_revocation(r->gathering);

	r->lacking_sought = false;
	if (!more)
		go_on(r);
}

/*
 * After the baseline: what the chains lack, because an experiment may need it; then revocation, because it may
 * settle what experiments would be asked for. Both before them, so that how many are made does not depend on
 * who was quicker. True: it goes on when that is here.
 */
static bool
gather(struct examination_run *r)
{
	const struct handshake *h = r->x->evidence->handshakes[0];
	bool here = r->connected && (r->to.sa.sa_family == AF_UNIX || fetch_is_loopback(&r->to.sa));

	if (r->gathering != NULL || r->ground.opt->quick || r->x->cancelled || time_is_up(r) || h->server_certs_len == 0)
		return false;
	r->gathering = gathering_new(&r->ground, r->x->evidence,
	    &(struct gather_how){ .many = r->many, .loopback = here, .until_us = r->until_us }, on_gathered, r);
	if (r->gathering == NULL)
		return false;
	r->lacking_sought = gathering_issuers(r->gathering);
	return r->lacking_sought || gathering_revocation(r->gathering);
}

static void
on_handshake(void *user, struct handshake *h, const struct address *to)
{
	struct examination_run *r = user;
	struct evidence *e = r->x->evidence;

	r->handshake = NULL;
	if (to != NULL && !r->connected) {
		r->to = *to;
		r->connected = true;
	}
	e->handshakes[e->handshakes_len++] = h;
	if (e->handshakes_len > 1 && strcmp(h->experiment, "baseline-get") == 0)
		adopt_answer(e->handshakes[0], h);
	for (size_t i = 0; r->ground.opt->paced && i < e->handshakes_len; i++)
		handshake_pace(e->handshakes[i]);
	clock_of_server(e->handshakes[0], &e->clocks);
	if (!gather(r))
		go_on(r);
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
	r->many = j->many;
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
	e->handshakes = arena_array(e->arena, LIMIT_HANDSHAKES, sizeof *e->handshakes);
	r->over = &over;
	start(r, experiment_baseline);
	if (over)
		return NULL;
	r->over = NULL;
	return r;
}

void
examination_cancel(struct examination_run *r)
{
	r->x->cancelled = true;
	if (r->handshake != NULL)
		handshake_cancel(r->handshake);
	else
		go_on(r); /* it waits for what it gathers: that ends with it */
}
