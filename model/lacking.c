#include "model/lacking.h"

#include <string.h>

#include "model/judged.h"
#include "model/limits.h"
#include "model/memory.h"

struct search {
	const struct cert *of, *found;
	size_t checks;
};

static void
try(struct search *s, const struct cert *c)
{
	if (c != NULL && s->found == NULL && !cert_same(c, s->of) && name_equal(&c->subject, &s->of->issuer) &&
	    s->checks < LIMIT_SIGNATURE_CHECKS && cert_signed_by(s->of, c, &s->checks))
		s->found = c;
}

static bool
try_anchor(const struct cert *anchor, void *user)
{
	try(user, anchor);
	return ((struct search *)user)->found == NULL;
}

/* In all that the evidence holds: what was fetched or found, the server's own chain, our trust store. */
static const struct cert *
issuer_at_hand(const struct facts *f, const struct cert *of)
{
	struct search s = { .of = of };

	for (size_t i = 0; i < f->ev->found_len; i++)
		try(&s, f->ev->found[i].cert);
	for (size_t i = 0; i < f->chain_len; i++)
		try(&s, f->chain[i]);
	if (s.found == NULL && f->ev->trust != NULL)
		trust_issuers(f->ev->trust, of, try_anchor, &s);
	return s.found;
}

void
lacking_find(struct facts *f)
{
	const struct cert **found;
	const struct cert *next;
	struct judged j;

	if (!f->refused || f->base->sent_certs_len == 0 || !judged_ours(f, &j) || j.reach != REACH_LACKS)
		return;
	found = arena_array(f->arena, LIMIT_PATH_DEPTH, sizeof *found);
	for (next = j.next; next != NULL && f->lacking_len < LIMIT_PATH_DEPTH; next = issuer_at_hand(f, next)) {
		if (next->self_signed || judged_sent(&j, next))
			break; /* a root is not sent */
		found[f->lacking_len++] = next;
	}
	f->lacking = found;
}

void
lacking_complete(const struct facts *f, struct diagnosis *d)
{
	struct judged j;
	const struct cert **all;
	size_t n = 0;

	if (f->lacking_len == 0 || !judged_ours(f, &j))
		return;
	all = arena_array(d->arena, j.sent_len + f->lacking_len, sizeof *all);
	for (size_t i = 0; i < j.sent_len; i++) {
		all[n++] = j.sent[i];
		for (size_t k = 0; j.sent[i] == j.top && k < f->lacking_len; k++)
			all[n++] = f->lacking[k];
	}
	d->completed = all;
	d->completed_len = n;
}
