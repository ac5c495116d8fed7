#include "model/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "model/inspect_internal.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/path.h"
#include "model/quote.h"

/* A growing list of certificates that others hold: references are taken where it is handed on. */
struct cert_list {
	struct cert **items;
	size_t len, cap;
};

static void
list_add(struct arena *a, struct cert_list *l, struct cert *c)
{
	l->items = arena_grow(a, l->items, l->len, &l->cap, sizeof *l->items);
	l->items[l->len++] = c;
}

static bool
list_has(const struct cert_list *l, const struct cert *c)
{
	for (size_t i = 0; i < l->len; i++)
		if (l->items[i] == c || fingerprint_equal(&l->items[i]->sha256, &c->sha256))
			return true;
	return false;
}

/* The struct evidence gives its references back, so each certificate handed to it takes one. */
static struct cert *
held(const struct cert *c)
{
	return cert_ref(c);
}

static bool
eku_names(const struct cert *c, const char *purpose)
{
	for (size_t i = 0; i < c->eku_len; i++)
		if (strcmp(c->eku[i], purpose) == 0)
			return true;
	return false;
}

static enum purpose
purpose_of(const struct inspect_options *opt, const struct cert *leaf)
{
	if (opt->purpose != PURPOSE_ANY || !leaf->has_eku)
		return opt->purpose;
	if (eku_names(leaf, "serverAuth"))
		return PURPOSE_SERVER;
	return eku_names(leaf, "clientAuth") ? PURPOSE_CLIENT : PURPOSE_ANY;
}

/*
 * Where the user named no trust store, the roots among the files are meant to be trusted: nobody lays
 * a root beside a chain, or looks at a root by itself, to see it called untrusted.
 */
static struct trust *
trust_of(const struct inspection *i, const struct inspect_options *opt)
{
	const struct objects *o = i->objects;
	size_t len = 0;
	struct cert **anchors;
	const char *from;
	struct trust *t;

	if (opt->trust_named && opt->trust != NULL)
		return trust_ref(opt->trust);
	anchors = mem_zero(o->len + 1, sizeof *anchors);
	for (size_t k = 0; k < o->len; k++)
		if (o->items[k].kind == OBJECT_CERT && o->items[k].cert->self_signed &&
		    o->items[k].cert->is_ca)
			anchors[len++] = o->items[k].cert;
	if (len == 0 && opt->trust != NULL) {
		free(anchors);
		return trust_ref(opt->trust);
	}
	from = opt->trust == NULL ? (len == 0 ? "any trust store (none was given)" : "the roots among the files") :
	    arena_printf(i->arena, "%s and the roots among the files", opt->trust->from);
	t = trust_with(opt->trust, from, anchors, len);
	free(anchors);
	return t;
}

/* The private key that goes with the leaf; else the only one that is there and goes with nothing. */
static const struct object *
key_for(const struct inspection *i)
{
	const struct objects *o = i->objects;
	const struct object *only = NULL;

	for (size_t k = 0; k < o->len; k++)
		if (o->items[k].kind == OBJECT_KEY && o->items[k].key->is_private &&
		    key_matches(o->items[k].key, i->leaf->cert))
			return &o->items[k];
	for (size_t k = 0; k < o->len; k++) {
		if (o->items[k].kind != OBJECT_KEY || !o->items[k].key->is_private)
			continue;
		if (only != NULL)
			return NULL;
		only = &o->items[k];
	}
	for (size_t k = 0; only != NULL && k < i->relations_len; k++)
		if (&o->items[i->relations[k].object] == only)
			return NULL;
	return only;
}

/* What would be sent: the leaf's file as it stands, then what other files give towards a root. */
static struct cert_list
chain_of(const struct inspection *i, const struct trust *trust, int64_t at)
{
	const struct objects *o = i->objects;
	struct cert_list chain = { 0 };
	struct path_link *pool = mem_zero(o->len + 1, sizeof *pool);
	struct path_question q = {
		.leaf = i->leaf->cert,
		.pool = pool,
		.trust = trust,
		.purpose = i->purpose,
		.at = at,
		.partial_chain = true,
	};
	struct path_set *paths;
	const struct path *best;

	list_add(i->arena, &chain, i->leaf->cert);
	for (size_t k = 0; k < o->len; k++) {
		if (o->items[k].kind != OBJECT_CERT)
			continue;
		pool[q.pool_len++] = (struct path_link){ .cert = o->items[k].cert, .source = SOURCE_FILE };
		if (strcmp(o->items[k].file, i->leaf->file) == 0 && &o->items[k] != i->leaf &&
		    chain.len < LIMIT_CHAIN_CERTS)
			list_add(i->arena, &chain, o->items[k].cert);
	}
	paths = paths_find(&q);
	best = paths_best(paths);
	for (size_t k = 1; best != NULL && k < best->len; k++) {
		const struct path_link *link = &best->links[k];

		/* A root need not be sent, and what only the trust store has is not among the files. */
		if (link->source == SOURCE_FILE && !link->cert->self_signed && !list_has(&chain, link->cert))
			list_add(i->arena, &chain, (struct cert *)link->cert);
	}
	paths_free(paths);
	free(pool);
	return chain;
}

static void
fill_found(struct inspection *i, struct evidence *e, const struct cert_list *chain)
{
	const struct objects *o = i->objects;
	size_t cap = 0;

	for (size_t k = 0; k < o->len; k++) {
		if (o->items[k].kind != OBJECT_CERT || list_has(chain, o->items[k].cert))
			continue;
		e->found = arena_grow(e->arena, e->found, e->found_len, &cap, sizeof *e->found);
		e->found[e->found_len++] = (struct found_cert){
			.cert = held(o->items[k].cert),
			.source = "file",
			.where = arena_strdup(e->arena, inspect_place(i->arena, &o->items[k])),
		};
	}
}

/* A key that is there and cannot be read: a wrong passphrase, or damaged. */
static const struct object *
unreadable_key(const struct inspection *i)
{
	for (size_t k = 0; i->key == NULL && k < i->objects->len; k++)
		if (i->objects->items[k].kind == OBJECT_DAMAGED && i->objects->items[k].meant == OBJECT_KEY)
			return &i->objects->items[k];
	return NULL;
}

static struct identity *
identity_of(const struct inspection *i, const struct cert_list *chain)
{
	const struct object *bad = unreadable_key(i), *key = i->key != NULL ? i->key : bad;
	struct identity *us;
	char file[QUOTE_MAX];

	if (key == NULL && i->purpose != PURPOSE_CLIENT)
		return NULL;
	us = identity_from(i->leaf->file, chain->items, chain->len, i->key != NULL ? i->key->key : NULL);
	if (key != NULL) {
		us->key_file = arena_strdup(us->arena, quote_str(key->file, file));
		us->key_mode = key->mode;
		us->key_exposed = object_exposed(key);
	}
	if (bad != NULL)
		us->key_problem = arena_strdup(us->arena, bad->problem);
	return us;
}

static struct evidence *
evidence_of(struct inspection *i, const struct inspect_options *opt)
{
	struct evidence *e = evidence_new();
	struct cert_list chain;
	char file[QUOTE_MAX];

	e->trust = trust_of(i, opt);
	e->thresholds = opt->thresholds;
	e->seen_from = opt->seen_from;
	e->started_ms = opt->at * 1000;
	e->clocks.local_ms = opt->at * 1000;
	e->clocks.local_set = opt->at_named;
	e->offline = true;
	e->offline_purpose = i->purpose;
	e->offline_host = opt->servername != NULL ? arena_strdup(e->arena, opt->servername) : NULL;
	e->target.spelled = mem_strdup(quote_str(i->leaf->file, file));

	chain = chain_of(i, e->trust, opt->at);
	e->offline_chain = arena_array(e->arena, chain.len, sizeof *e->offline_chain);
	for (size_t k = 0; k < chain.len; k++)
		e->offline_chain[e->offline_len++] = held(chain.items[k]);
	fill_found(i, e, &chain);
	e->identity = identity_of(i, &chain);
	return e;
}

status
inspect(const struct objects *o, const struct inspect_options *opt, struct inspection **out,
    struct error *err)
{
	struct inspection *i = mem_zero(1, sizeof *i);

	*out = NULL;
	i->arena = arena_new();
	i->objects = o;
	inspect_relate(i);
	if (inspect_choose_leaf(i, opt, err) != STATUS_OK) {
		inspection_free(i);
		return STATUS_FAILED;
	}
	if (i->leaf != NULL) {
		i->purpose = purpose_of(opt, i->leaf->cert);
		i->key = key_for(i);
		i->evidence = evidence_of(i, opt);
	}
	*out = i;
	return STATUS_OK;
}

void
inspection_free(struct inspection *i)
{
	if (i == NULL)
		return;
	evidence_free(i->evidence);
	arena_free(i->arena);
	free(i);
}
