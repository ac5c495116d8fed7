#include "model/matched.h"

#include <stdatomic.h>
#include <stdint.h>

#include "model/experiment.h"
#include "model/memory.h"
#include "model/refusal.h"
#include "model/verdict_words.h"

struct whole {
	struct matched m;
	atomic_size_t refs;
	const struct handshake **held; /* what the copies borrow from */
	struct arena *arena;
};

static struct whole *
whole_of(const struct matched *m)
{
	return (struct whole *)(uintptr_t)m;
}

/* What it offered for itself is of that server only; so is what it does at another address or another time. */
static bool
proves_for_others(const struct handshake *h)
{
	const struct experiment *x = experiment_named(h->experiment);

	return x != NULL && (x->tier == TIER_ANY || x->tier == TIER_ALONE) && x->variation.hello != HELLO_WIDE;
}

/*
 * Our chain in another way, and the answer stayed the same: that acquits it there. Another server that refuses alike
 * may lack what that one did not, so it is handed on only where it made a difference.
 */
static bool
acquits_our_chain(const struct diagnosis *d, const struct handshake *h)
{
	enum sends sends = experiment_named(h->experiment)->variation.sends;
	struct refusal before = refusal_of(d->evidence), now = refusal_in(h);

	return (sends == SENDS_COMPLETED || sends == SENDS_ORDERED || sends == SENDS_ROOTLESS) && refusal_alike(&before, &now);
}

struct matched *
matched_from(const struct diagnosis *d)
{
	const struct evidence *e = d->evidence;
	struct arena *a = arena_new();
	struct whole *w = arena_alloc(a, sizeof *w);
	char label[QUOTE_MAX];

	w->arena = a;
	atomic_init(&w->refs, 1);
	w->m.with = arena_strdup(a, verdict_label(d, label));
	w->m.handshakes = arena_array(a, e->handshakes_len + 1, sizeof *w->m.handshakes);
	w->held = arena_array(a, e->handshakes_len + 1, sizeof *w->held);
	for (size_t i = 1; i < e->handshakes_len; i++) {
		const struct handshake *h = e->handshakes[i];
		struct handshake *copy;

		if (!proves_for_others(h) || experiment_told(e, h->experiment) != h || acquits_our_chain(d, h))
			continue;
		copy = arena_dup(a, h, sizeof *h);
		copy->id = arena_printf(a, "%s of %s", h->id, w->m.with);
		copy->experiment = arena_strdup(a, h->experiment);
		w->held[w->m.len] = handshake_ref(h);
		w->m.handshakes[w->m.len++] = copy;
	}
	if (w->m.len > 0)
		return &w->m;
	arena_free(a);
	return NULL;
}

struct matched *
matched_kept(const char *with, struct handshake *const *handshakes, size_t len)
{
	struct arena *a = arena_new();
	struct whole *w = arena_alloc(a, sizeof *w);

	w->arena = a;
	atomic_init(&w->refs, 1);
	w->m.with = arena_strdup(a, with);
	w->m.handshakes = arena_array(a, len + 1, sizeof *w->m.handshakes);
	w->held = arena_array(a, len + 1, sizeof *w->held);
	for (; w->m.len < len; w->m.len++)
		w->held[w->m.len] = w->m.handshakes[w->m.len] = handshakes[w->m.len];
	return &w->m;
}

struct matched *
matched_ref(const struct matched *m)
{
	atomic_fetch_add(&whole_of(m)->refs, 1);
	return &whole_of(m)->m;
}

void
matched_free(const struct matched *m)
{
	struct whole *w = whole_of(m);

	if (w == NULL || atomic_fetch_sub(&w->refs, 1) > 1)
		return;
	for (size_t i = 0; i < w->m.len; i++)
		handshake_free((struct handshake *)(uintptr_t)w->held[i]);
	arena_free(w->arena);
}
