#include "model/places.h"

#include <string.h>

#include "model/memory.h"
#include "model/mend.h"
#include "model/quote.h"
#include "model/rules.h"

enum { NAMES_COMPARED = 256 /* of a list of CAs, in any order; longer ones must have the same order to be the same */ };

/* ---- which addresses there are ---- */

static bool
is_look(const struct handshake *h)
{
	return !h->cancelled && h->experiment != NULL && h->address != NULL &&
	    (strcmp(h->experiment, "address") == 0 || strcmp(h->experiment, "repeat") == 0);
}

static bool
looked_at(const struct evidence *e, const char *address)
{
	if (strcmp(address, e->handshakes[0]->address) == 0)
		return true;
	for (size_t i = 1; i < e->handshakes_len; i++) {
		const struct handshake *h = e->handshakes[i];

		if (h->experiment != NULL && strcmp(h->experiment, "address") == 0 && h->address != NULL && strcmp(h->address, address) == 0)
			return true;
	}
	return false;
}

/* What was tried behind the name. The attempts of one that went through a proxy are the proxy's addresses. */
static size_t
attempts_of(const struct handshake *base)
{
	return base != NULL && base->address != NULL && base->proxy == NULL ? base->attempts_len : 0;
}

size_t
places_next(const struct evidence *e)
{
	const struct handshake *base = evidence_baseline(e);

	for (size_t i = 0; i < attempts_of(base); i++)
		if (base->attempts[i].result == CONNECT_NOT_TRIED && !looked_at(e, base->attempts[i].address))
			return i;
	return SIZE_MAX;
}

static size_t
attempt_at(const struct handshake *base, const char *address)
{
	for (size_t i = 0; i < base->attempts_len; i++)
		if (strcmp(base->attempts[i].address, address) == 0)
			return i;
	return SIZE_MAX;
}

size_t
places_guarded(const struct evidence *e)
{
	const struct handshake *base = evidence_baseline(e);

	if (base == NULL || base->outcome != OUTCOME_NOT_ASKED)
		return SIZE_MAX;
	for (size_t i = 1; i < e->handshakes_len; i++) {
		const struct handshake *h = e->handshakes[i];

		if (is_look(h) && strcmp(h->experiment, "address") == 0 && h->request.seen && !h->request.after_finished)
			return attempt_at(base, h->address);
	}
	return SIZE_MAX;
}

const char *
places_left(const struct evidence *e, size_t *how_many, struct arena *a)
{
	const struct handshake *base = evidence_baseline(e);
	const char *list = NULL;
	char shown[QUOTE_MAX];

	*how_many = 0;
	if (base == NULL || base->phase <= PHASE_CONNECT)
		return NULL;
	for (size_t i = 0; i < attempts_of(base); i++) {
		if (base->attempts[i].result != CONNECT_NOT_TRIED || looked_at(e, base->attempts[i].address))
			continue;
		quote_str(base->attempts[i].address, shown);
		list = list == NULL ? arena_strdup(a, shown) : arena_printf(a, "%s, %s", list, shown);
		++*how_many;
	}
	return list;
}

/* ---- compared with the baseline ---- */

static bool
same_chain(const struct handshake *a, const struct handshake *b)
{
	if (a->server_certs_len == 0 || b->server_certs_len == 0)
		return true;
	if (a->server_certs_len != b->server_certs_len)
		return false;
	for (size_t i = 0; i < a->server_certs_len; i++) {
		struct text x = a->server_certs[i].der, y = b->server_certs[i].der;

		if (x.len != y.len || memcmp(x.bytes, y.bytes, x.len) != 0)
			return false;
	}
	return true;
}

static bool
names(const struct certificate_request *r, const struct name *n)
{
	for (size_t i = 0; i < r->cas_len; i++)
		if (name_equal(&r->cas[i], n))
			return true;
	return false;
}

static bool
same_list(const struct certificate_request *a, const struct certificate_request *b)
{
	if (!a->seen || !b->seen)
		return true;
	if (a->cas_len != b->cas_len)
		return false;
	for (size_t i = 0; i < a->cas_len; i++)
		if (!name_equal(&a->cas[i], &b->cas[i]) && (a->cas_len > NAMES_COMPARED || !names(b, &a->cas[i])))
			return false;
	return true;
}

static bool
same_answer(const struct handshake *a, const struct handshake *b)
{
	struct refusal x = refusal_in(a), y = refusal_in(b);

	if (x.kind != REFUSAL_NONE || y.kind != REFUSAL_NONE)
		return refusal_alike(&x, &y);
	if (handshake_accepted(a) && handshake_accepted(b))
		return a->request.seen == b->request.seen && (handshake_doubt(a) == DOUBT_CLOSED) == (handshake_doubt(b) == DOUBT_CLOSED);
	return a->outcome == b->outcome;
}

/* As if the target had been nothing but this, and what was tried there. Another server's clock is not known from the baseline's. */
static struct evidence *
alone(const struct facts *f, const struct handshake *h)
{
	struct evidence *e = arena_dup(f->arena, f->ev, sizeof *f->ev);
	const struct handshake *completed;

	e->handshakes = arena_array(f->arena, 2, sizeof *e->handshakes);
	e->handshakes[0] = (struct handshake *)(uintptr_t)h;
	e->handshakes_len = 1;
	completed = strcmp(h->experiment, "address") == 0 ? evidence_experiment(f->ev, "address-with-intermediate") : NULL;
	if (completed != NULL && completed->address != NULL && strcmp(completed->address, h->address) == 0) {
		struct handshake *as_there = arena_dup(f->arena, completed, sizeof *completed);

		as_there->experiment = "with-intermediate";
		e->handshakes[e->handshakes_len++] = as_there;
	}
	e->clocks.server_known = false;
	e->matched = NULL;
	return e;
}

void
places_look(struct facts *f)
{
	const struct evidence *e = f->ev;

	if (f->base == NULL || f->base->cancelled || e->handshakes_len < 2)
		return;
	f->places = arena_array(f->arena, e->handshakes_len, sizeof *f->places);
	for (size_t i = 1; i < e->handshakes_len; i++) {
		const struct handshake *h = e->handshakes[i];
		struct place *p = &f->places[f->places_len];

		if (!is_look(h))
			continue;
		*p = (struct place){
			.h = h,
			.again = strcmp(h->experiment, "repeat") == 0,
			.connected = h->phase > PHASE_CONNECT,
			.same_answer = same_answer(f->base, h),
			.same_chain = same_chain(f->base, h),
			.same_list = same_list(&f->base->request, &h->request),
		};
		if (!p->same_answer || !p->same_chain || !p->same_list) {
			p->seen = alone(f, h);
			p->own = diagnose(p->seen);
		}
		f->places_len++;
	}
}

void
places_forget(const struct place *places, size_t len)
{
	for (size_t i = 0; i < len; i++)
		diagnosis_free(places[i].own);
}

bool
place_fails(const struct place *p)
{
	return p->own != NULL && p->own->verdict >= VERDICT_ERROR;
}

const struct place *
places_lacking(const struct diagnosis *d)
{
	const struct handshake *base = evidence_baseline(d->evidence);

	for (size_t i = 0; base != NULL && handshake_accepted(base) && i < d->places_len; i++) {
		const struct place *p = &d->places[i];
		const struct finding *n = p->own != NULL && !p->again ? diagnosis_find(p->own, CODE_CLIENT_MISSING_INTERMEDIATE) : NULL;

		if (n != NULL && n->severity == SEVERITY_ERROR && n->confidence < CONFIDENCE_CERTAIN && p->own->completed_len > 0)
			return p;
	}
	return NULL;
}

size_t
places_index(const struct evidence *e, const struct place *p)
{
	return attempt_at(evidence_baseline(e), p->h->address);
}

const struct diagnosis *
places_shown(const struct diagnosis *d, const char **where)
{
	*where = NULL;
	for (size_t i = 0; d->root != NULL && d->root->address != NULL && i < d->places_len; i++) {
		const struct place *p = &d->places[i];

		if (p->own == NULL || strcmp(p->h->address, d->root->address) != 0 || p->own->root == NULL || p->own->root->code != d->root->code)
			continue;
		*where = p->h->address;
		return p->own;
	}
	return d;
}

/* ---- in words ---- */

static const char *
no_connection(const struct handshake *h)
{
	switch (h->attempts_len > 0 ? h->attempts[0].result : CONNECT_OTHER) {
	case CONNECT_REFUSED: return "refuses the connection";
	case CONNECT_TIMEOUT: return "does not answer";
	case CONNECT_RESET: return "resets the connection";
	case CONNECT_UNREACHABLE: return "cannot be reached from here";
	default: return "could not be tried from here";
	}
}

const char *
place_words(const struct handshake *h, const struct diagnosis *own, struct arena *a)
{
	struct refusal r = refusal_in(h);

	if (h->phase <= PHASE_CONNECT)
		return no_connection(h);
	if (r.kind != REFUSAL_NONE)
		return arena_printf(a, "refuses us (%s)", refusal_label(&r, a));
	if (!handshake_accepted(h))
		return own != NULL && own->root != NULL ? arena_printf(a, "fails: %s", code_phrase(own->root->code)) : "ends the handshake before that";
	return h->outcome == OUTCOME_NOT_ASKED ? "asks for no certificate" : handshake_doubt(h) == DOUBT_CLOSED ? "closes without an answer" : "accepts us";
}
