/*
 * Building the chain that goes out: from a leaf, through CAs that are at hand and valid, up to below a root. Each link's signature is
 * verified. What was at hand and where it came from stays known, so that a plan can say “the private CA has it”.
 */
#ifndef MODEL_CHAIN_BUILD_H
#define MODEL_CHAIN_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cert.h"
#include "model/memory.h"

enum { CHAIN_MOST = 10 };

struct chain_pool {
	struct {
		const struct cert *cert;   /* borrowed */
		const char *from;          /* for people: "order.crt", "the private CA"; NULL: it is trusted as a root */
	} *items;
	size_t len, cap;
	struct arena *arena;
};
/* The same certificate twice is kept once, with the first source; NULL is legal and ignored. */
void chain_pool_add(struct chain_pool *p, const struct cert *c, const char *from);

struct built_chain {
	const struct cert *certs[CHAIN_MOST]; /* leaf first, without the root */
	const char *from[CHAIN_MOST];
	size_t len;
	const struct cert *root;   /* NULL: its top's issuer is not at hand */
};
/*
 * Prefers a chain that reaches a root, then the one that is valid for longest. Every CA in it is valid at `now`; the leaf is
 * not judged. Without any issuer at hand it is the leaf alone, root NULL.
 */
void chain_build(const struct cert *leaf, const struct chain_pool *pool, int64_t now, struct built_chain *out);

#endif
