/* What the endpoints of one cause have in common: said only where it holds for all, counted where it does not. */
#include <string.h>

#include "model/fleet_internal.h"
#include "model/judged.h"
#include "model/matched.h"
#include "model/times.h"

bool
cause_has_ways_round(enum code code)
{
	return code == CODE_CHAIN_INTERMEDIATE_EXPIRED || code == CODE_CHAIN_INTERMEDIATE_EXPIRING || code == CODE_ROOT_EXPIRED ||
	    code == CODE_ROOT_EXPIRING;
}

static const struct cert *
cert_of(const struct entry *e)
{
	return e->diagnosis != NULL && e->diagnosis->root != NULL ? e->diagnosis->root->certificate : NULL;
}

static bool
presents(const struct entry *e, const struct cert *c)
{
	const struct handshake *h = evidence_baseline(e->evidence);

	for (size_t i = 0; h != NULL && c != NULL && i < h->server_certs_len; i++)
		if (h->server_certs[i].cert != NULL && cert_same(h->server_certs[i].cert, c))
			return true;
	return false;
}

static bool
is_ours(const struct entry *e, const struct cert *c)
{
	const struct identity *us = e->evidence->identity;

	for (size_t i = 0; us != NULL && c != NULL && i < us->len; i++)
		if (cert_same(us->certs[i], c))
			return true;
	return false;
}

/* A path of the server's chain that is valid and goes past the certificate; one that ends soon: valid after its end. */
static const struct path *
way_round(const struct entry *e)
{
	const struct diagnosis *d = e->diagnosis;
	const struct cert *c = cert_of(e);
	int64_t at;

	if (d == NULL || c == NULL || d->server_paths == NULL || !cause_has_ways_round(d->root->code))
		return NULL;
	at = evidence_now(d->evidence);
	if (c->not_after != TIME_UNKNOWN && c->not_after >= at)
		at = c->not_after + 1;
	for (size_t i = 0; i < d->server_paths->len; i++) {
		const struct path *p = &d->server_paths->paths[i];

		if (path_valid_at(p, at) && !path_holds(p, c))
			return p;
	}
	return NULL;
}

static void
add_past(const struct entry *e, struct cause_shared *out)
{
	if (e->past.state == FLEET_NEVER)
		return;
	out->looked_before++;
	out->past_of[e->past.state]++;
	out->same_chain += e->past.same_chain;
	if (e->past.checked_ms > out->past_ms)
		out->past_ms = e->past.checked_ms;
}

static void
add(const struct entry *e, struct cause_shared *out)
{
	const struct cert *c = cert_of(e);
	const struct path *round;

	if (out->count == 0) {
		out->cert = c;
		out->ours = c != NULL;
	} else if (!cert_same(out->cert, c)) {
		out->cert = NULL;
	}
	out->count++;
	if (e->ends.at != TIME_UNKNOWN && (out->ends_first == NULL || e->ends.at < out->ends_first->ends.at))
		out->ends_first = e;
	if (e->diagnosis == NULL)
		return;
	if (e->evidence != NULL && e->evidence->matched != NULL) {
		out->matched++;
		if (out->matched_with == NULL)
			out->matched_with = e->evidence->matched->with;
	}
	out->presented += presents(e, c);
	out->ours = out->ours && is_ours(e, c);
	add_past(e, out);
	round = way_round(e);
	if (round == NULL)
		return;
	out->other_ways++;
	if (out->other == NULL) {
		out->other = e;
		out->other_path = round;
	}
}

void
cause_shared(const struct fleet *f, uint64_t cause, struct cause_shared *out)
{
	*out = (struct cause_shared){ .count = 0 };
	for (size_t i = 0; i < f->len; i++)
		if (entry_cause_id(&f->items[i]->e) == cause)
			add(&f->items[i]->e, out);
}
