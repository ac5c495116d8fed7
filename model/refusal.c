#include "model/refusal.h"

#include <stdio.h>
#include <string.h>

#include "model/alert.h"
#include "model/experiment.h"
#include "model/memory.h"
#include "model/refusal_table.h"

/* ---- how it was refused ---- */

static const struct refusal_marker *
marker_in(struct text t)
{
	for (size_t i = 0; i < refusal_markers_len; i++) {
		const char *text = refusal_markers[i].text;

		if (t.len > 0 && memmem(t.bytes, t.len, text, strlen(text)) != NULL)
			return &refusal_markers[i];
	}
	return NULL;
}

static const char *
marker_of(const struct http_answer *http)
{
	const struct refusal_marker *m = marker_in(http->body);

	if (m == NULL)
		m = marker_in(http->reason);
	return m != NULL ? m->text : NULL;
}

/* PostgreSQL says it in its own language; that it was about this, probes/starttls_binary.c has found out. */
static const char *
marker_of_answer(const struct inside_answer *inside)
{
	const struct refusal_marker *m = marker_in(text_of(inside->text));

	if (m == NULL && strcmp(inside->question, "StartupMessage") == 0)
		m = marker_in(text_of("requires a valid client certificate"));
	return m != NULL ? m->text : NULL;
}

static enum marker_kind
marker_kind(const char *marker)
{
	for (size_t i = 0; marker != NULL && i < refusal_markers_len; i++)
		if (strcmp(refusal_markers[i].text, marker) == 0)
			return refusal_markers[i].kind;
	return MARKER_NONE;
}

struct refusal
refusal_of(const struct evidence *e)
{
	return refusal_in(evidence_baseline(e));
}

struct refusal
refusal_in(const struct handshake *h)
{
	struct refusal r = { .kind = REFUSAL_NONE, .in = h };
	const struct alert *alert;

	if (h == NULL)
		return r;
	r.phase = h->phase;
	r.how = h->ended.how;
	alert = handshake_fatal_alert(h, PEER_SERVER);
	if (h->outcome == OUTCOME_REJECTED_HTTP) {
		r.kind = REFUSAL_HTTP;
		r.http_status = h->http.status;
		r.marker = marker_of(&h->http);
	} else if (h->outcome == OUTCOME_REJECTED_APP) {
		r.kind = REFUSAL_APP;
		r.marker = marker_of_answer(&h->inside);
	} else if (alert != NULL && (h->outcome == OUTCOME_REJECTED_ALERT || h->outcome == OUTCOME_PROTOCOL)) {
		r.kind = REFUSAL_ALERT;
		r.alert = alert->number;
		r.phase = alert->phase;
	} else if (h->outcome == OUTCOME_REJECTED_CLOSE || h->outcome == OUTCOME_REJECTED_ALERT) {
		r.kind = REFUSAL_CLOSE;
	}
	return r;
}

bool
refusal_alike(const struct refusal *a, const struct refusal *b)
{
	return a->kind == b->kind && a->alert == b->alert && a->http_status == b->http_status && a->marker == b->marker;
}

bool
refusal_says_none_sent(const struct refusal *r)
{
	if (r->kind == REFUSAL_APP)
		return marker_kind(r->marker) == MARKER_NONE_SENT;
	if (r->kind == REFUSAL_HTTP)
		return r->http_status == 496 || marker_kind(r->marker) == MARKER_NONE_SENT;
	return r->kind == REFUSAL_ALERT && (r->alert == 116 || r->alert == 41);
}

/* ---- one stack ---- */

static bool
row_is_about(const struct refusal_row *row, const struct refusal *r, enum stack s)
{
	uint16_t version = r->in != NULL ? r->in->version : 0;

	if (row->stack != s || row->kind != r->kind || r->kind == REFUSAL_NONE)
		return false;
	if (row->version != 0 && version != 0 && row->version != version)
		return false;
	if (r->kind == REFUSAL_ALERT)
		return row->number == r->alert;
	if (r->kind == REFUSAL_APP)
		return row->marker == marker_kind(r->marker);
	if (r->kind == REFUSAL_HTTP)
		return row->number == r->http_status && row->marker == marker_kind(r->marker);
	return true;
}

static bool
listed(const enum code *list, enum code cause)
{
	for (; list != NULL && *list != CODE_NONE; list++)
		if (*list == cause)
			return true;
	return false;
}

static bool
stack_answers_so(const struct refusal *r, enum stack s)
{
	for (size_t i = 0; i < refusal_rows_len; i++)
		if (row_is_about(&refusal_rows[i], r, s))
			return true;
	return false;
}

static enum fit
stack_fit(const struct refusal *r, enum stack s, enum code cause)
{
	enum fit best = RULED_OUT;

	for (size_t i = 0; i < refusal_rows_len; i++) {
		const struct refusal_row *row = &refusal_rows[i];

		if (!row_is_about(row, r, s))
			continue;
		if (listed(row->fits, cause))
			return FITS;
		if (listed(row->possible, cause))
			best = POSSIBLE;
	}
	return best;
}

/* ---- what was sent ---- */

/* NULL: nothing is known of what went out (the table alone is asked). */
struct sent {
	bool certificate; /* at least one of ours went out */
	bool configured;  /* there was one to send */
};

static bool
is_about_none(enum code cause)
{
	return cause == CODE_CLIENT_REQUIRED || cause == CODE_CLIENT_NOT_SENT;
}

static bool
allowed(enum code cause, const struct sent *sent)
{
	if (sent == NULL || cause == CODE_CLIENT_LATE_AUTH)
		return true;
	if (sent->certificate)
		return !is_about_none(cause);
	return cause == (sent->configured ? CODE_CLIENT_NOT_SENT : CODE_CLIENT_REQUIRED);
}

/* ---- what the experiments were answered ---- */

/* How nothing and a throwaway were refused; REFUSAL_NONE where they were not, or nobody tried. */
struct controls {
	struct refusal none, throwaway;
};

static struct controls
controls_of(const struct evidence *e)
{
	return (struct controls){ refusal_in(experiment_told(e, "no-certificate")), refusal_in(experiment_told_throwaway(e)) };
}

/* Would this stack have answered so as well? Of servers that nobody measured nothing is known. */
static bool
agrees(enum stack s, const struct controls *c)
{
	if (s == STACK_UNKNOWN)
		return true;
	if (c->none.kind != REFUSAL_NONE && stack_fit(&c->none, s, CODE_CLIENT_REQUIRED) == RULED_OUT)
		return false;
	return c->throwaway.kind == REFUSAL_NONE || stack_fit(&c->throwaway, s, CODE_CLIENT_UNTRUSTED) != RULED_OUT;
}

bool
refusal_agrees(const struct evidence *e, enum stack s)
{
	struct controls c = controls_of(e);

	return agrees(s, &c);
}

enum stack
refusal_only_stack(const struct evidence *e)
{
	struct refusal r = refusal_of(e);
	struct controls c = controls_of(e);
	enum stack only = STACK_UNKNOWN;

	if (c.none.kind == REFUSAL_NONE || c.throwaway.kind == REFUSAL_NONE)
		return STACK_UNKNOWN; /* one answer says too little */
	for (int s = STACK_UNKNOWN + 1; s < STACK_COUNT; s++) {
		if (!agrees((enum stack)s, &c) || (r.kind != REFUSAL_NONE && !stack_answers_so(&r, (enum stack)s)))
			continue;
		if (only != STACK_UNKNOWN)
			return STACK_UNKNOWN;
		only = (enum stack)s;
	}
	return only;
}

/* A server that knows a throwaway from ours does not refuse ours for want of a CA: that is all that is wrong with a throwaway. */
static bool
control_rules_out(const struct refusal *r, const struct controls *c, enum code cause)
{
	return (cause == CODE_CLIENT_UNTRUSTED || cause == CODE_CLIENT_MISSING_INTERMEDIATE) && c->throwaway.kind != REFUSAL_NONE &&
	    r->kind != REFUSAL_NONE && !refusal_alike(r, &c->throwaway);
}

/* ---- all stacks that could have refused like this ---- */

static bool
could_be(const struct refusal *r, enum stack s, const struct sent *sent, const struct controls *c)
{
	if (!agrees(s, c))
		return false;
	for (const enum code *cause = refusal_causes; *cause != CODE_NONE; cause++)
		if (allowed(*cause, sent) && stack_fit(r, s, *cause) != RULED_OUT)
			return true;
	return false;
}

static enum fit
weigh(const struct refusal *r, enum code cause, const struct sent *sent, const struct controls *c)
{
	bool fits = false, possible = false, ruled_out = false;

	for (int s = STACK_UNKNOWN; s < STACK_COUNT; s++) {
		if (!could_be(r, (enum stack)s, sent, c))
			continue;
		switch (stack_fit(r, (enum stack)s, cause)) {
		case FITS: fits = true; break;
		case POSSIBLE: possible = true; break;
		/* Servers that nobody measured are in the table for what they may do, not for what they may not. */
		case RULED_OUT: ruled_out |= s != STACK_UNKNOWN; break;
		}
	}
	/* A silent end, or an answer of HTTP without a known phrase, says too little to fit anything. */
	if (fits && !ruled_out && (r->kind == REFUSAL_ALERT || r->marker != NULL))
		return FITS;
	return fits || possible ? POSSIBLE : RULED_OUT;
}

enum fit
refusal_fits_stack(const struct refusal *r, enum stack s, enum code cause)
{
	struct controls untried = { 0 };

	return s == STACK_UNKNOWN ? weigh(r, cause, NULL, &untried) : stack_fit(r, s, cause);
}

static struct sent
sent_of(const struct evidence *e)
{
	const struct handshake *h = evidence_baseline(e);

	return (struct sent){
		.certificate = h != NULL && h->sent_certs_len > 0,
		.configured = e->identity != NULL && e->identity->len > 0,
	};
}

/* A clock that is wrong over there makes a good certificate expired, or not yet valid. */
static enum code
as_judged(enum code cause)
{
	return cause == CODE_KEY_UNREADABLE ? CODE_CLIENT_NOT_SENT : cause;
}

static enum fit
fits(const struct refusal *r, const struct stack_guess *guess, const struct sent *sent, const struct controls *c, enum code cause)
{
	enum fit fit;

	cause = as_judged(cause);
	if (cause == CODE_CLOCK_SERVER_SKEW) {
		enum fit expired = fits(r, guess, sent, c, CODE_CLIENT_EXPIRED);
		enum fit early = fits(r, guess, sent, c, CODE_CLIENT_NOT_YET_VALID);

		return expired > early ? expired : early;
	}
	if (!allowed(cause, sent) || control_rules_out(r, c, cause))
		return RULED_OUT;
	if (guess->stack == STACK_UNKNOWN || guess->confidence < CONFIDENCE_MEDIUM)
		return weigh(r, cause, sent, c);
	if (stack_answers_so(r, guess->stack))
		return stack_fit(r, guess->stack, cause);
	/* It is not known to refuse like this: so it may be something else in front of it. */
	fit = weigh(r, cause, sent, c);
	return fit == FITS ? POSSIBLE : fit;
}

enum fit
refusal_fits(const struct evidence *e, enum code cause)
{
	struct refusal r = refusal_of(e);
	struct stack_guess guess = stack_guess(e, NULL);
	struct sent sent = sent_of(e);
	struct controls controls = controls_of(e);

	if (!evidence_refused(e))
		return RULED_OUT;
	return fits(&r, &guess, &sent, &controls, cause);
}

bool
refusal_only_fits(const struct evidence *e, enum code cause)
{
	struct stack_guess guess = stack_guess(e, NULL);

	if (refusal_fits(e, cause) != FITS)
		return false;
	for (const enum code *c = refusal_causes; *c != CODE_NONE; c++)
		if (*c != cause && refusal_fits(e, *c) != RULED_OUT)
			return false;
	if (guess.stack != STACK_UNKNOWN)
		return guess.confidence >= CONFIDENCE_HIGH;
	/* RFC 8446 6.2 gives the number one meaning, and every stack that sends it keeps to that. */
	return is_about_none(cause);
}

const char *
refusal_rules_out(const struct evidence *e, enum code cause, struct arena *a)
{
	struct refusal r = refusal_of(e);
	struct stack_guess guess = stack_guess(e, NULL);
	struct sent sent = sent_of(e);
	struct controls controls = controls_of(e);

	if (control_rules_out(&r, &controls, cause))
		return arena_printf(a, "a throwaway certificate is refused in another way, with %s", refusal_label(&controls.throwaway, a));
	if (!allowed(as_judged(cause), &sent))
		return sent.certificate ? "our certificate did go out" : "our certificate did not go out";
	if (guess.stack != STACK_UNKNOWN && guess.confidence >= CONFIDENCE_MEDIUM)
		return arena_printf(a, "%s does not answer this fault with %s", stack_name(guess.stack), refusal_describe(&r, a));
	return arena_printf(a, "no server that is known answers this fault with %s", refusal_describe(&r, a));
}

/* ---- words ---- */

static const char *
after_what(const struct refusal *r, double at_ms, struct arena *a)
{
	double finished = -1;

	for (size_t i = 0; r->in != NULL && i < r->in->messages_len; i++)
		if (r->in->messages[i].from == PEER_US && r->in->messages[i].type == 20)
			finished = r->in->messages[i].at_ms;
	if (finished >= 0 && at_ms >= finished && r->phase >= PHASE_OUR_FLIGHT)
		return arena_printf(a, "%.1f ms after our Finished", at_ms - finished);
	return phase_step(r->phase);
}

static const char *
close_name(enum end_how how)
{
	switch (how) {
	case END_CLOSE_NOTIFY: return "an end without a reason (close_notify)";
	case END_RST: return "a reset connection";
	case END_TIMEOUT: return "silence";
	default: return "a closed connection";
	}
}

const char *
refusal_describe(const struct refusal *r, struct arena *a)
{
	const struct alert *alert = r->in != NULL ? handshake_fatal_alert(r->in, PEER_SERVER) : NULL;

	switch (r->kind) {
	case REFUSAL_ALERT:
		return arena_printf(a, "alert %u %s, %s", r->alert, alert_info(r->alert)->name,
		    after_what(r, alert != NULL ? alert->at_ms : 0, a));
	case REFUSAL_HTTP:
		if (r->marker != NULL)
			return arena_printf(a, "HTTP %d “%s”", r->http_status, r->marker);
		return arena_printf(a, "HTTP %d", r->http_status);
	case REFUSAL_APP:
		return arena_printf(a, "“%s”", r->in != NULL && r->in->inside.text != NULL ? r->in->inside.text : "an error");
	case REFUSAL_CLOSE:
		return arena_printf(a, "%s, %s", close_name(r->how), after_what(r, r->in != NULL ? r->in->ended.at_ms : 0, a));
	case REFUSAL_NONE:
		break;
	}
	return "no refusal";
}

const char *
refusal_label(const struct refusal *r, struct arena *a)
{
	switch (r->kind) {
	case REFUSAL_ALERT: return arena_printf(a, "alert %u %s", r->alert, alert_info(r->alert)->name);
	case REFUSAL_APP:
	case REFUSAL_HTTP: return refusal_describe(r, a);
	case REFUSAL_CLOSE: return close_name(r->how);
	case REFUSAL_NONE: break;
	}
	return "no refusal";
}

const char *
refusal_key(const struct refusal *r, struct arena *a)
{
	switch (r->kind) {
	case REFUSAL_ALERT: return arena_printf(a, "alert-%u", r->alert);
	case REFUSAL_HTTP: return arena_printf(a, "http-%d", r->http_status);
	case REFUSAL_APP: return "app";
	case REFUSAL_CLOSE: return "close";
	case REFUSAL_NONE: break;
	}
	return "none";
}
