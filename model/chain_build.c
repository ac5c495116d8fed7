#include "model/chain_build.h"

#include <string.h>

enum { POOL_MOST = 4096 };

void
chain_pool_add(struct chain_pool *p, const struct cert *c, const char *from)
{
	if (c == NULL || p->len >= POOL_MOST)
		return;
	for (size_t i = 0; i < p->len; i++) {
		if (fingerprint_equal(&p->items[i].cert->sha256, &c->sha256))
			return;
	}
	p->items = arena_grow(p->arena, p->items, p->len, &p->cap, sizeof *p->items);
	p->items[p->len].cert = c;
	p->items[p->len++].from = from;
}

struct building {
	const struct chain_pool *pool;
	int64_t now;
	struct built_chain at, *best;
	int64_t best_end;
	size_t checks;
};

static bool
is_in(const struct built_chain *c, const struct cert *cert)
{
	for (size_t i = 0; i < c->len; i++) {
		if (fingerprint_equal(&c->certs[i]->sha256, &cert->sha256) || fingerprint_equal(&c->certs[i]->key.spki, &cert->key.spki))
			return true;
	}
	return false;
}

/* When the first of its CAs ends, the root too. */
static int64_t
end_of(const struct built_chain *c)
{
	int64_t end = c->root != NULL ? c->root->not_after : INT64_MAX;

	for (size_t i = 1; i < c->len; i++)
		end = c->certs[i]->not_after < end ? c->certs[i]->not_after : end;
	return end;
}

static void
consider(struct building *b)
{
	bool better;
	int64_t end = end_of(&b->at);

	if ((b->at.root != NULL) != (b->best->root != NULL))
		better = b->at.root != NULL;
	else if (b->at.root == NULL)
		better = b->at.len > b->best->len;
	else
		better = end > b->best_end;
	if (b->best->len > 0 && !better)
		return;
	*b->best = b->at;
	b->best_end = end;
}

static void
climb(struct building *b)
{
	const struct cert *top = b->at.certs[b->at.len - 1];

	consider(b);
	for (size_t i = 0; i < b->pool->len; i++) {
		const struct cert *c = b->pool->items[i].cert;

		if (!c->is_ca || c->not_before > b->now || c->not_after < b->now || is_in(&b->at, c) || !cert_could_issue(c, top) ||
		    !cert_signed_by(top, c, &b->checks))
			continue;
		if (c->self_signed) {
			b->at.root = c;
			consider(b);
			b->at.root = NULL;
		} else if (b->at.len < CHAIN_MOST) {
			b->at.certs[b->at.len] = c;
			b->at.from[b->at.len++] = b->pool->items[i].from;
			climb(b);
			b->at.len--;
		}
	}
}

void
chain_build(const struct cert *leaf, const struct chain_pool *pool, int64_t now, struct built_chain *out)
{
	struct building b = { .pool = pool, .now = now, .best = out };

	*out = (struct built_chain){ .len = 0 };
	b.at = (struct built_chain){ .certs = { leaf }, .len = 1 };
	climb(&b);
}
