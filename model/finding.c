#include "model/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/ladder.h"
#include "model/memory.h"
#include "model/rules.h"

const char *
confidence_name(enum confidence c)
{
	static const char *const names[] = {
		[CONFIDENCE_LOW] = "low",
		[CONFIDENCE_MEDIUM] = "medium",
		[CONFIDENCE_HIGH] = "high",
		[CONFIDENCE_CERTAIN] = "certain",
	};

	return names[c];
}

struct finding *
finding_add(struct findings *to, enum code code)
{
	struct arena *a = to->facts->arena;
	struct finding *f = arena_alloc(a, sizeof *f);

	f->code = code;
	f->severity = code_info(code)->severity;
	f->side = code_info(code)->side;
	f->confidence = CONFIDENCE_HIGH;
	to->items = arena_grow(a, to->items, to->len, &to->cap, sizeof *to->items);
	to->items[to->len++] = f;
	return f;
}

static PRINTF_LIKE(2, 0) const char *
format(struct arena *a, const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return "";
	text = arena_alloc(a, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

void
finding_title(struct findings *to, struct finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	f->title = format(to->facts->arena, fmt, args);
	va_end(args);
}

void
finding_why(struct findings *to, struct finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	f->why = format(to->facts->arena, fmt, args);
	va_end(args);
}

/* An array of a finding that has room for one element more. They are short: no capacity is kept. */
static void *
longer(struct arena *a, const void *old, size_t len, size_t size)
{
	void *array = arena_array(a, len + 1, size);

	if (len > 0)
		memcpy(array, old, len * size);
	return array;
}

void
finding_cite(struct findings *to, struct finding *f, const char *fmt, ...)
{
	va_list args;

	f->evidence = longer(to->facts->arena, f->evidence, f->evidence_len, sizeof *f->evidence);
	va_start(args, fmt);
	f->evidence[f->evidence_len++] = format(to->facts->arena, fmt, args);
	va_end(args);
}

void
finding_cite_refusal(struct findings *to, struct finding *f)
{
	static const char *const did[] = {
		[REFUSAL_ALERT] = "the server sent",
		[REFUSAL_HTTP] = "the server answered",
		[REFUSAL_CLOSE] = "the server ended with",
		[REFUSAL_APP] = "the server answered",
	};
	const struct refusal *r = &to->facts->refusal;

	if (r->kind == REFUSAL_NONE)
		return;
	finding_cite(to, f, "%s: %s %s", r->in->id != NULL ? r->in->id : "baseline", did[r->kind],
	    refusal_describe(r, to->facts->arena));
}

/* "accepted", "refused, alert 48 unknown_ca"; a handshake that went dead was not accepted */
static const char *
taken(const struct handshake *h, struct arena *a)
{
	struct refusal r = refusal_in(h);

	if (r.kind != REFUSAL_NONE)
		return arena_printf(a, "refused, %s", refusal_label(&r, a));
	switch (h->outcome) {
	case OUTCOME_NOT_ASKED: return "accepted, none was asked for";
	case OUTCOME_NETWORK: return h->phase > PHASE_CONNECT ? "no answer in TLS" : "no connection";
	case OUTCOME_PROTOCOL: return "nothing in common";
	case OUTCOME_FAILED_LOCAL: return "we could not go on";
	default: return "accepted";
	}
}

void
finding_prove_as(struct findings *to, struct finding *f, const struct handshake *h, const char *outcome)
{
	f->proof = longer(to->facts->arena, f->proof, f->proof_len, sizeof *f->proof);
	f->proof[f->proof_len++] = (struct proof){ h->experiment, h->id, outcome, look_words(h, to->facts->arena) };
}

void
finding_prove(struct findings *to, struct finding *f, const struct handshake *h)
{
	finding_prove_as(to, f, h, taken(h, to->facts->arena));
}

bool
finding_explains(const struct finding *f, enum code code)
{
	for (size_t i = 0; i < f->explains_len; i++)
		if (f->explains[i] == code)
			return true;
	return false;
}

void
finding_explain(struct findings *to, struct finding *f, enum code code)
{
	if (code == CODE_NONE || code == f->code || finding_explains(f, code))
		return;
	f->explains = longer(to->facts->arena, f->explains, f->explains_len, sizeof *f->explains);
	f->explains[f->explains_len++] = code;
}

/* Kept in order: most likely first; of equals, the one that was named first. */
void
finding_candidate(struct findings *to, struct finding *f, enum code code, enum confidence likelihood,
    const char *decided_by)
{
	size_t at;

	for (size_t i = 0; i < f->candidates_len; i++)
		if (f->candidates[i].code == code)
			return;
	f->candidates = longer(to->facts->arena, f->candidates, f->candidates_len, sizeof *f->candidates);
	for (at = f->candidates_len++; at > 0 && f->candidates[at - 1].likelihood < likelihood; at--)
		f->candidates[at] = f->candidates[at - 1];
	f->candidates[at] = (struct candidate){ .code = code, .likelihood = likelihood, .decided_by = decided_by };
}

void
finding_shares(struct findings *to, struct finding *f, const char *key, const char *label)
{
	struct arena *a = to->facts->arena;

	f->shared_key = key != NULL ? arena_strdup(a, key) : NULL;
	f->shared_label = label != NULL ? arena_strdup(a, label) : NULL;
}

static const char *
called(const struct cert *c)
{
	if (c->subject.common_name != NULL && c->subject.common_name[0] != '\0')
		return c->subject.common_name;
	return c->san_len > 0 && c->san[0].safe != NULL ? c->san[0].safe : "a certificate without a name";
}

void
finding_at(struct findings *to, struct finding *f, const struct cert *c)
{
	if (c == NULL)
		return;
	f->certificate = c;
	f->shared_key = c->sha256_hex;
	f->shared_label = arena_printf(to->facts->arena, "“%s”", called(c));
}

struct finding *
findings_find(const struct findings *in, enum code code)
{
	for (size_t i = 0; i < in->len; i++)
		if (in->items[i]->code == code)
			return in->items[i];
	return NULL;
}

/* The files say it for certain; what the refusal says of it is the other half. */
static void
judge_refused(struct findings *to, struct finding *f)
{
	const struct facts *facts = to->facts;
	enum fit fit = refusal_fits(facts->ev, f->code);
	struct refusal still = refusal_in(facts->completed);

	if (f->code == CODE_CLIENT_MISSING_INTERMEDIATE && facts->completed != NULL && refusal_alike(&still, &facts->refusal)) {
		finding_cite(to, f, "%s: not the cause of the refusal here: with what is missing added it is the same, %s",
		    facts->completed->id, refusal_describe(&still, facts->arena));
		return;
	}
	if (fit == RULED_OUT) {
		/* An error all the same (CONTRACT section 4): it is refused elsewhere, and here next. */
		finding_cite(to, f, "not the cause of the refusal here: %s", refusal_rules_out(facts->ev, f->code, facts->arena));
		return;
	}
	f->severity = SEVERITY_ERROR;
	if (fit == POSSIBLE)
		f->confidence = CONFIDENCE_MEDIUM;
	else
		f->confidence = refusal_only_fits(facts->ev, f->code) ? CONFIDENCE_CERTAIN : CONFIDENCE_HIGH;
	finding_cite_refusal(to, f);
	finding_explain(to, f, CODE_CLIENT_REJECTED);
}

void
finding_judge_local(struct findings *to, struct finding *f)
{
	const struct facts *facts = to->facts;

	if (code_info(f->code)->severity < SEVERITY_ERROR)
		return; /* a warning of its own: it is no cause of a refusal */
	if (facts->refused)
		judge_refused(to, f);
	else if (facts->accepted && f->code != CODE_KEY_MISMATCH)
		f->severity = SEVERITY_WARNING;
}
