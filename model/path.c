#include "model/path.h"

#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "model/path_graph.h"
#include "model/path_judge.h"
#include "model/path_search.h"
#include "model/times.h"

const char *
path_source_name(enum path_source s)
{
	static const char *const names[] = {
		[SOURCE_PRESENTED] = "presented",
		[SOURCE_IDENTITY] = "identity",
		[SOURCE_TRUST] = "trust",
		[SOURCE_AIA] = "aia",
		[SOURCE_PCA] = "pca",
		[SOURCE_FILE] = "file",
	};

	return names[s];
}

static void
intersect(struct path *p)
{
	p->not_before = INT64_MIN;
	p->not_after = INT64_MAX;
	for (size_t i = 0; i < p->len; i++) {
		const struct cert *c = p->links[i].cert;

		if (c->not_before == TIME_UNKNOWN || c->not_after == TIME_UNKNOWN) {
			/* A date that cannot be read holds at no time. */
			p->not_before = INT64_MAX;
			p->not_after = INT64_MIN;
			return;
		}
		if (c->not_before > p->not_before)
			p->not_before = c->not_before;
		if (c->not_after < p->not_after)
			p->not_after = c->not_after;
	}
}

/* Why a path without an anchor is not one: OpenSSL's own numbers for it. */
static int
distrust(const struct path_question *q, const struct path *p)
{
	const struct cert *last = p->links[p->len - 1].cert;

	if (p->complete)
		return p->len == 1 ? X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT :
		    X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
	if (p->len >= LIMIT_PATH_DEPTH)
		return X509_V_ERR_CERT_CHAIN_TOO_LONG;
	/* It says that it signs itself, names no other key, and the signature is not its own. */
	if (last->self_issued && (last->aki.len == 0 || text_equal(last->aki, last->ski)))
		return X509_V_ERR_CERT_SIGNATURE_FAILURE;
	if (!q->partial_chain && q->trust != NULL && trust_has(q->trust, last))
		return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT;
	return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
}

static void
judge(const struct path_question *q, struct path_set *set, struct path *p)
{
	struct path_errors errors = { .arena = set->arena };

	path_judge(p->links, p->len, q->purpose, &errors);
	if (!p->anchored)
		path_errors_note(&errors, p->links, p->len, q->purpose, (int)p->len - 1, distrust(q, p));
	p->errors = errors.items;
	p->errors_len = errors.len;
	intersect(p);
}

/* How far an error is from “all is well”: a weak hash can be lived with, a wrong signature cannot. */
static int
weight(const struct path_error *e)
{
	switch (e->code) {
	case CODE_CERT_WEAK_KEY:
	case CODE_CERT_WEAK_SIGNATURE:
	case CODE_CERT_MALFORMED:
		return 1;
	case CODE_CHAIN_UNTRUSTED_ROOT:
	case CODE_CHAIN_SELF_SIGNED:
		return 3;
	case CODE_CHAIN_MISSING_INTERMEDIATE:
		return 4;
	case CODE_CHAIN_BAD_SIGNATURE:
		return 5;
	default:
		return 2;
	}
}

static int
heaviest(const struct path *p)
{
	int most = 0;

	for (size_t i = 0; i < p->errors_len; i++)
		if (weight(&p->errors[i]) > most)
			most = weight(&p->errors[i]);
	return most;
}

struct ranked {
	struct path path;
	bool valid;
	int heaviest;
	size_t position;
};

static int
best_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	const struct {
		int64_t x, y;
	} keys[] = { /* the lesser one goes first, the first difference decides */
		{ !x->valid, !y->valid },
		{ (int64_t)x->path.errors_len, (int64_t)y->path.errors_len },
		{ x->heaviest, y->heaviest },
		{ !x->path.anchored, !y->path.anchored },
		{ y->path.not_after, x->path.not_after },
		{ (int64_t)x->path.len, (int64_t)y->path.len },
		{ (int64_t)x->position, (int64_t)y->position },
	};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (keys[i].x != keys[i].y)
			return keys[i].x < keys[i].y ? -1 : 1;
	return 0;
}

static void
rank(const struct path_question *q, struct path_set *set)
{
	struct ranked *all;

	if (set->len < 2)
		return;
	all = mem_zero(set->len, sizeof *all);
	for (size_t i = 0; i < set->len; i++)
		all[i] = (struct ranked){
			.path = set->paths[i],
			.valid = path_valid_at(&set->paths[i], q->at),
			.heaviest = heaviest(&set->paths[i]),
			.position = i,
		};
	qsort(all, set->len, sizeof *all, best_first);
	for (size_t i = 0; i < set->len; i++)
		set->paths[i] = all[i].path;
	free(all);
}

struct path_set *
paths_find(const struct path_question *q)
{
	struct path_set *set = mem_zero(1, sizeof *set);
	struct graph graph;

	set->arena = arena_new();
	if (q->leaf == NULL)
		return set;
	graph_build(&graph, q, set->arena);
	set->signature_checks = graph.checks;
	set->checks_capped = graph.capped;
	paths_enumerate(&graph, set);
	for (size_t i = 0; i < set->len; i++)
		judge(q, set, &set->paths[i]);
	rank(q, set);
	return set;
}

void
paths_free(struct path_set *s)
{
	if (s == NULL)
		return;
	arena_free(s->arena);
	free(s);
}

bool
path_valid_at(const struct path *p, int64_t t)
{
	return p->anchored && p->errors_len == 0 && p->not_before <= t && t <= p->not_after;
}

const struct path *
paths_best(const struct path_set *s)
{
	return s == NULL || s->len == 0 ? NULL : &s->paths[0];
}

bool
paths_any_valid_at(const struct path_set *s, int64_t t)
{
	for (size_t i = 0; s != NULL && i < s->len; i++)
		if (path_valid_at(&s->paths[i], t))
			return true;
	return false;
}

int64_t
paths_last_valid(const struct path_set *s)
{
	int64_t last = TIME_UNKNOWN;

	for (size_t i = 0; s != NULL && i < s->len; i++) {
		const struct path *p = &s->paths[i];

		if (p->anchored && p->errors_len == 0 && p->not_before <= p->not_after &&
		    (last == TIME_UNKNOWN || p->not_after > last))
			last = p->not_after;
	}
	return last;
}
