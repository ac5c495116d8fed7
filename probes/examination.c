#include "probes/examination.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/experiment_parts.h"
#include "model/handshake_pace.h"
#include "model/hash.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/places.h"
#include "model/refusal.h"
#include "probes/clock.h"
#include "probes/fetch_rules.h"
#include "probes/gather.h"
#include "probes/outcome.h"

enum { SESSIONS = 4 /* experiments that keep one: two today */ };

struct examination_run {
	struct ground ground; /* the loop's, with the options of this target */
	struct examination *x;
	struct handshake_run *handshake;
	struct gathering *gathering; /* once the baseline is there; NULL: nothing is to be gathered */
	bool lacking_sought; /* the issuers of what it showed are; then comes revocation */
	struct address to; /* where the baseline was connected: the rest goes there as well */
	struct target bypass;    /* where the evidence's target has one */
	struct address_list all; /* of the name, in the order of the baseline's attempts */
	bool connected, many;
	struct proofs *proofs;
	SSL_SESSION *sessions[SESSIONS]; /* of session_of[i]; they end with the examination */
	const char *session_of[SESSIONS];
	char *key;      /* of many: what the targets share that it was to prove something for, or waited for; or NULL */
	bool proves, waits;
	bool told;      /* what another one proved is here, or that it could not */
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
	identity_free(j->other);
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
	h->http.endless = get->http.endless != NULL ? arena_strdup(h->arena, get->http.endless) : NULL;
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
	if (r->proves)
		proofs_tell(r->proofs, r->key, w->ticks_us(w->self), x->cancelled ? NULL : matched_from(x->diagnosis));
	if (r->over != NULL)
		*r->over = true;
	r->done(r->user, r, x);
	for (size_t i = 0; i < SESSIONS; i++)
		SSL_SESSION_free(r->sessions[i]);
	target_done(&r->bypass);
	free(r->key);
	free(r->all.items);
	free(r);
}

/* What brought the baseline's answer: answers to HEAD and to GET are not to be compared. */
static const char *
method_for(const struct evidence *e, const struct experiment *x, bool deep)
{
	bool http = e->target.http && e->target.starttls == STARTTLS_NONE;
	const struct handshake *base = e->handshakes_len > 0 ? e->handshakes[0] : NULL;

	if (!http || x->variation.hello == HELLO_WIDE || x->variation.name != NAME_OURS)
		return NULL; /* what the hello brings is all that these are for */
	if (x->variation.method != NULL)
		return x->variation.method;
	/* It took our request and said nothing until our patience ended: what each further one would cost, for no answer either. */
	if (base != NULL && base->http.requested && base->http.status == 0 && base->ended.how == END_TIMEOUT)
		return NULL;
	/* Ours was not refused, so there is nothing to compare with; and the page of a refusal says who wrote it. */
	if (deep && base != NULL && handshake_accepted(base) && x->variation.sends != SENDS_OURS)
		return "GET";
	return base != NULL && base->http.answer_from != NULL ? "GET" : "HEAD";
}

/* Where it goes; NULL: the way is still to be found. */
static const struct address *
address_for(const struct examination_run *r, const struct experiment *x)
{
	size_t i;

	switch (x->variation.to) {
	case TO_THE_NEXT_ADDRESS:
		i = places_next(r->x->evidence);
		if (i < r->all.len)
			return &r->all.items[i];
		break;
	case TO_THE_GUARDED:
		i = places_guarded(r->x->evidence);
		if (i < r->all.len)
			return &r->all.items[i];
		break;
	case TO_THE_LACKING:
		i = places_lacking(r->x->diagnosis) != NULL ? places_index(r->x->evidence, places_lacking(r->x->diagnosis)) : SIZE_MAX;
		if (i < r->all.len)
			return &r->all.items[i];
		break;
	case TO_THE_BYPASS: return NULL; /* r->bypass has the way */
	case TO_THE_SAME: break;
	}
	return r->connected ? &r->to : NULL;
}

static SSL_SESSION *
session_of(const struct examination_run *r, const char *experiment)
{
	for (size_t i = 0; experiment != NULL && i < SESSIONS; i++)
		if (r->session_of[i] != NULL && strcmp(r->session_of[i], experiment) == 0)
			return r->sessions[i];
	return NULL;
}

/* Where this experiment's session is to go; NULL: it keeps none. */
static SSL_SESSION **
session_for(struct examination_run *r, const struct experiment *x)
{
	for (size_t i = 0; x->variation.keeps_session && i < SESSIONS; i++) {
		if (r->session_of[i] != NULL)
			continue;
		r->session_of[i] = x->name;
		return &r->sessions[i];
	}
	return NULL;
}

static void on_handshake(void *user, struct handshake *h, const struct address *to);

static void
start(struct examination_run *r, const struct experiment *x)
{
	struct evidence *e = r->x->evidence;
	const struct diagnosis *d = x->variation.to == TO_THE_LACKING ? places_lacking(r->x->diagnosis)->own : r->x->diagnosis;
	struct handshake_request req = {
		.id = arena_printf(e->arena, "h%zu", e->handshakes_len + 1),
		.experiment = x->name,
		.target = x->variation.to == TO_THE_BYPASS ? &r->bypass : &e->target,
		.identity = x->variation.sends == SENDS_OTHER ? e->other : e->identity,
		.address = address_for(r, x),
		.found = x == experiment_baseline ? &r->all : NULL,
		.vary = &x->variation,
		.method = method_for(e, x, r->ground.opt->deep),
		.resume = session_of(r, x->variation.resumes),
		.keep = session_for(r, x),
		.until_us = r->until_us,
	};
	struct handshake_run *h;

	if (d != NULL) {
		req.chain = experiment_chain(d, x->variation.sends, e->arena, &req.chain_len);
		req.other_name = x->variation.name == NAME_OTHER ? experiment_other_name(d, e->arena) : NULL;
	}
	h = handshake_start(&r->ground, &req, on_handshake, r);
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

/*
 * What makes one proof good for several targets: the cause as far as it is known, the very certificate, the same
 * refusal from the same kind of server in the same version that names the same CAs, and the same options.
 */
static char *
shared_key(const struct examination_run *r)
{
	const struct diagnosis *d = r->x->diagnosis;
	const struct handshake *h = evidence_baseline(d->evidence);
	struct arena *a = arena_new();
	struct refusal refusal = refusal_in(h);
	struct buf b = { 0 };
	uint64_t names = 0;
	char *key;

	buf_addf(&b, "%s|%s|%04x|%s|%d|%zu|%p", d->cause_key != NULL ? d->cause_key : "", refusal_key(&refusal, a), h->version,
	    d->stack.name != NULL ? d->stack.name : "", h->http.status, h->sent_certs_len, (const void *)r->ground.opt);
	for (size_t i = 0; i < h->sent_certs_len; i++)
		for (size_t k = 0; k < sizeof h->sent_certs[i].bytes; k++)
			buf_addf(&b, "%02x", h->sent_certs[i].bytes[k]);
	/* Who names other CAs trusts others. */
	for (size_t i = 0; i < h->request.cas_len; i++)
		names = hash_text(names, h->request.cas[i].safe);
	buf_addf(&b, "|%zu:%016" PRIx64, h->request.cas_len, names);
	key = mem_strdup(buf_str(&b));
	buf_done(&b);
	arena_free(a);
	return key;
}

/* Of many: whether this is the one that is asked. False: it waits, or has been told what another one proved. */
static bool
is_ours_to_prove(struct examination_run *r)
{
	const struct world *w = r->ground.world;
	struct matched *m;

	if (r->key == NULL)
		r->key = shared_key(r);
	switch (proofs_ask(r->proofs, r->key, w->ticks_us(w->self), &m)) {
	case PROOFS_YOURS:
		r->proves = true;
		return true;
	case PROOFS_WAIT:
		r->waits = true;
		return false;
	case PROOFS_THERE: break;
	}
	r->told = true;
	r->x->evidence->matched = m;
	if (m != NULL) {
		diagnosis_free(r->x->diagnosis);
		r->x->diagnosis = diagnose(r->x->evidence);
	}
	return false;
}

/* It was refused with our certificate, or may only have to be asked late: that is not of this server alone. */
static bool
others_may_share(const struct examination_run *r, const struct experiment *next)
{
	return evidence_refused(r->x->evidence) || next->variation.late_auth;
}

/* The last experiment brought no answer: what its answer would have led to is not known either. */
static bool
waited_in_vain(const struct evidence *e)
{
	return e->handshakes_len > 1 && e->handshakes[e->handshakes_len - 1]->ended.how == END_TIMEOUT;
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
	limits.proves = r->many && !r->told;
	if (!r->x->cancelled)
		next = experiment_next(r->x->diagnosis, &limits);
	if (time_is_up(r)) {
		r->x->evidence->cut_short = next != NULL || waited_in_vain(r->x->evidence);
		next = NULL;
	}
	if (next != NULL && limits.proves && !r->proves && next->tier != TIER_BASELINE) {
		limits.proves = others_may_share(r, next) && is_ours_to_prove(r);
		if (r->waits)
			return;
		/* What another target proved is not asked of this one; what it left open is, where that is asked of any. */
		if (!limits.proves)
			next = experiment_next(r->x->diagnosis, &limits);
	}
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
	/* Behind a proxy or ssh our own loopback is nobody's business, wherever that stands. */
	bool here = r->connected && h->proxy == NULL && (r->to.sa.sa_family == AF_UNIX || fetch_is_loopback(&r->to.sa));

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

void
examination_wake(struct examination_run *r)
{
	if (!r->waits)
		return;
	r->waits = false;
	go_on(r);
}

bool
examination_proved(const struct examination_run *r)
{
	return r->proves;
}

/* The same question, put there: the same protocol, the same path. It was a good one when it was set. */
static void
read_bypass(struct examination_run *r, const struct target *of)
{
	struct error ignored = { 0 };

	if (of->bypass == NULL || target_parse(of->bypass, &r->bypass, &ignored) != STATUS_OK)
		return;
	r->bypass.http = of->http;
	r->bypass.starttls = of->starttls;
	if (of->path != NULL && target_set_path(&r->bypass, of->path, &ignored) != STATUS_OK)
		error_clear(&ignored);
}

struct examination_run *
examination_start(const struct ground *g, struct job *j, struct proofs *proofs, const char *seen_from, enum kept kept,
    examination_done done, void *user)
{
	struct examination_run *r = mem_zero(1, sizeof *r);
	struct evidence *e = evidence_new();
	const struct examine_options *opt = &j->mode->opt;
	bool over = false;

	r->ground = *g;
	r->ground.opt = opt;
	r->ground.contexts = j->mode->contexts;
	r->many = j->many;
	r->proofs = proofs;
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
	e->other = identity_ref(j->other);
	e->trust = trust_ref(j->trust);
	j->target = (struct target){ 0 };
	job_free(j);
	read_bypass(r, &e->target);
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
	if (r->handshake != NULL) {
		handshake_cancel(r->handshake);
		return;
	}
	r->waits = false; /* for another's proof, or for what is gathered: it ends with that */
	go_on(r);
}
