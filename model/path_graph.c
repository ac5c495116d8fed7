#include "model/path_graph.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/memory.h"

#define NO_NODE SIZE_MAX

/* The pool, ordered by subject, so that the certificates of one name lie side by side. */
struct pool_entry {
	const struct path_link *link;
	size_t position; /* in the question: presented before configured before fetched */
	size_t node;
};

struct builder {
	struct graph *graph;
	const struct path_question *q;
	struct pool_entry *pool;
	size_t pool_len;
};

/* One that might have issued the certificate at hand: the name is the same. */
struct candidate {
	const struct cert *cert;
	enum path_source source;
	struct pool_entry *entry; /* NULL for one that only the trust store has */
	bool verifies;            /* its key verifies the signature */
};

struct candidates {
	struct arena *arena;
	const struct cert *child;
	struct candidate *items;
	size_t len, cap;
	size_t limit;
	bool capped;
};

static int
by_subject(const void *a, const void *b)
{
	const struct pool_entry *x = a, *y = b;
	int order = X509_NAME_cmp(X509_get_subject_name(cert_x509(x->link->cert)),
	    X509_get_subject_name(cert_x509(y->link->cert)));

	if (order != 0)
		return order;
	return x->position < y->position ? -1 : x->position > y->position;
}

static bool
is_anchor(const struct path_question *q, const struct cert *c)
{
	return q->trust != NULL && (q->partial_chain || c->self_signed) && trust_has(q->trust, c);
}

static bool
names_purpose(const struct cert *c, enum purpose p)
{
	const char *wanted = p == PURPOSE_CLIENT ? "clientAuth" : "serverAuth";

	if (p == PURPOSE_ANY || !c->has_eku)
		return true;
	for (size_t i = 0; i < c->eku_len; i++)
		if (strcmp(c->eku[i], wanted) == 0 || strcmp(c->eku[i], "anyExtendedKeyUsage") == 0)
			return true;
	return false;
}

/*
 * What the judgement will say is guessed here from the fields alone, so that the search can go where
 * a valid path is likely before its bounds are reached. A wrong guess costs order, never a verdict.
 */
static bool
looks_promising(const struct path_question *q, const struct cert *c, bool anchor)
{
	if (q->at < c->not_before || q->at > c->not_after)
		return false;
	if (c->has_basic_constraints ? !c->is_ca : c->version >= 3)
		return false;
	if (c->has_key_usage && !(c->key_usage & USAGE_CERT_SIGN))
		return false;
	if (!anchor && c->signature.hash_bits != 0 && c->signature.hash_bits < 224)
		return false;
	for (size_t i = 0; i < c->extensions_len; i++)
		if (c->extensions[i].critical && !c->extensions[i].known)
			return false;
	return names_purpose(c, q->purpose);
}

static size_t
node_add(struct builder *b, const struct cert *c, enum path_source source)
{
	struct graph *g = b->graph;
	struct graph_node *n;

	g->nodes = arena_grow(g->arena, g->nodes, g->len, &g->cap, sizeof *g->nodes);
	n = &g->nodes[g->len];
	memset(n, 0, sizeof *n);
	n->cert = c;
	n->anchor = is_anchor(b->q, c);
	n->source = n->anchor ? SOURCE_TRUST : source;
	n->promising = g->len == 0 || looks_promising(b->q, c, n->anchor);
	return g->len++;
}

static size_t
node_of(struct builder *b, const struct candidate *c)
{
	struct graph *g = b->graph;
	size_t at = NO_NODE;

	if (c->entry != NULL && c->entry->node != NO_NODE)
		return c->entry->node;
	for (size_t i = 0; i < g->len && at == NO_NODE; i++)
		if (g->nodes[i].cert == c->cert ||
		    fingerprint_equal(&g->nodes[i].cert->sha256, &c->cert->sha256))
			at = i;
	if (at == NO_NODE)
		at = node_add(b, c->cert, c->source);
	if (c->entry != NULL)
		c->entry->node = at;
	return at;
}

static void
candidate_add(struct candidates *to, const struct cert *c, enum path_source source,
    struct pool_entry *entry)
{
	if (c == to->child || fingerprint_equal(&c->sha256, &to->child->sha256))
		return;
	for (size_t i = 0; i < to->len; i++) {
		struct candidate *have = &to->items[i];

		if (have->cert != c && !fingerprint_equal(&have->cert->sha256, &c->sha256))
			continue;
		/* Also in the pool: it was presented, or we have it; that is the nearer source. */
		if (have->entry == NULL && entry != NULL) {
			have->entry = entry;
			have->source = source;
		}
		return;
	}
	if (to->len >= to->limit) {
		to->capped = true;
		return;
	}
	to->items = arena_grow(to->arena, to->items, to->len, &to->cap, sizeof *to->items);
	to->items[to->len++] = (struct candidate){ .cert = c, .source = source, .entry = entry };
}

static bool
anchor_visit(const struct cert *c, void *user)
{
	struct candidates *to = user;

	candidate_add(to, c, SOURCE_TRUST, NULL);
	return !to->capped;
}

/* The first entry of the pool whose subject is the child's issuer; pool_len where there is none. */
static size_t
pool_find(const struct builder *b, X509_NAME *wanted)
{
	size_t low = 0, high = b->pool_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (X509_NAME_cmp(X509_get_subject_name(cert_x509(b->pool[middle].link->cert)), wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
candidates_find(struct builder *b, const struct cert *child, struct candidates *to)
{
	X509_NAME *wanted = X509_get_issuer_name(cert_x509(child));

	if (b->q->trust != NULL)
		trust_issuers(b->q->trust, child, anchor_visit, to);
	for (size_t i = pool_find(b, wanted); i < b->pool_len; i++) {
		struct pool_entry *e = &b->pool[i];

		if (X509_NAME_cmp(X509_get_subject_name(cert_x509(e->link->cert)), wanted) != 0)
			break;
		candidate_add(to, e->link->cert, e->link->source, e);
		if (to->capped)
			break;
	}
}

/* Likely ones first; among equals the order of the question stays. */
static int
edge_rank(const struct graph *g, const struct graph_edge *e)
{
	const struct graph_node *to = &g->nodes[e->to];

	return (e->signature ? 0 : 8) + (e->fits ? 0 : 4) + (to->promising ? 0 : 2) + (to->anchor ? 0 : 1);
}

static void
edge_insert(struct graph *g, size_t from, struct graph_edge e)
{
	struct graph_node *n = &g->nodes[from];
	size_t at;

	n->edges = arena_grow(g->arena, n->edges, n->edges_len, &n->edges_cap, sizeof *n->edges);
	for (at = n->edges_len; at > 0 && edge_rank(g, &n->edges[at - 1]) > edge_rank(g, &e); at--)
		n->edges[at] = n->edges[at - 1];
	n->edges[at] = e;
	n->edges_len++;
}

/*
 * A name is not enough: X509_check_issued says match for a re-keyed CA, only the signature tells. A
 * link that does not verify is kept only where no other does: then it is what is wrong.
 */
static void
edges_find(struct builder *b, size_t from)
{
	struct graph *g = b->graph;
	const struct cert *child = g->nodes[from].cert;
	struct candidates found = {
		.arena = g->arena,
		.child = child,
		.limit = LIMIT_SIGNATURE_CHECKS - g->checks,
	};
	bool any = false;

	candidates_find(b, child, &found);
	if (found.capped)
		g->capped = true;
	for (size_t i = 0; i < found.len; i++) {
		/* Counted where the cache knew it too: the same evidence must meet the same bound. */
		size_t computed = 0;

		g->checks++;
		found.items[i].verifies = cert_signed_by(child, found.items[i].cert, &computed);
		any = any || found.items[i].verifies;
	}
	for (size_t i = 0; i < found.len; i++) {
		const struct candidate *c = &found.items[i];

		if (c->verifies != any)
			continue;
		edge_insert(g, from, (struct graph_edge){
		    .to = node_of(b, c),
		    .signature = c->verifies,
		    .fits = X509_check_issued(cert_x509(c->cert), cert_x509(child)) == X509_V_OK,
		});
	}
}

void
graph_build(struct graph *g, const struct path_question *q, struct arena *a)
{
	struct builder b = { .graph = g, .q = q, .pool_len = q->pool_len };

	memset(g, 0, sizeof *g);
	g->arena = a;
	b.pool = arena_array(a, q->pool_len == 0 ? 1 : q->pool_len, sizeof *b.pool);
	for (size_t i = 0; i < q->pool_len; i++)
		b.pool[i] = (struct pool_entry){ .link = &q->pool[i], .position = i, .node = NO_NODE };
	qsort(b.pool, b.pool_len, sizeof *b.pool, by_subject);

	node_add(&b, q->leaf, SOURCE_PRESENTED);
	for (size_t i = 0; i < q->pool_len; i++)
		if (fingerprint_equal(&q->pool[i].cert->sha256, &q->leaf->sha256)) {
			if (!g->nodes[0].anchor)
				g->nodes[0].source = q->pool[i].source;
			break;
		}
	/* Breadth first: the near links are tried before the bound on signatures is reached. */
	for (size_t i = 0; i < g->len && !g->capped; i++)
		if (!g->nodes[i].anchor && !g->nodes[i].cert->self_signed)
			edges_find(&b, i);
}
