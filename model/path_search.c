#include "model/path_search.h"

#include <limits.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

#define FAR INT_MAX

enum goal { GOAL_ANCHOR, GOAL_SELF_SIGNED, GOAL_DEAD_END };

struct search {
	const struct graph *g;
	struct path_set *set;
	size_t cap;
	enum goal goal;
	bool promising_only;
	int *distance;   /* of each node to the nearest goal, in links; FAR where none can be reached */
	size_t walk[LIMIT_PATH_DEPTH];
	size_t doubtful; /* steps of the walk that promising_only would not have gone */
	size_t steps;
	bool stop;
};

static bool
is_goal(const struct search *s, size_t node)
{
	const struct graph_node *n = &s->g->nodes[node];

	if (s->goal == GOAL_ANCHOR)
		return n->anchor;
	return !n->anchor && n->cert->self_signed;
}

static bool
is_doubtful(const struct search *s, const struct graph_edge *e)
{
	return !e->signature || !e->fits || !s->g->nodes[e->to].promising;
}

/* Links to the nearest goal, by relaxation: a path has at most LIMIT_PATH_DEPTH certificates. */
static void
distances(struct search *s)
{
	bool changed = true;

	for (size_t i = 0; i < s->g->len; i++)
		s->distance[i] = is_goal(s, i) ? 0 : FAR;
	for (size_t round = 0; changed && round < LIMIT_PATH_DEPTH; round++) {
		changed = false;
		for (size_t i = s->g->len; i-- > 0;) {
			const struct graph_node *n = &s->g->nodes[i];

			for (size_t k = 0; k < n->edges_len; k++) {
				int next = s->distance[n->edges[k].to];

				if ((s->promising_only && is_doubtful(s, &n->edges[k])) || next == FAR ||
				    next + 1 >= s->distance[i])
					continue;
				s->distance[i] = next + 1;
				changed = true;
			}
		}
	}
}

/*
 * RFC 4158 2.4.2: a certificate with a name and key that the walk already has leads nowhere new;
 * cross-signed roots and bridges are full of such loops.
 */
static bool
in_walk(const struct search *s, size_t len, size_t node)
{
	const struct cert *c = s->g->nodes[node].cert;

	for (size_t i = 0; i < len; i++) {
		const struct cert *have = s->g->nodes[s->walk[i]].cert;

		if (s->walk[i] == node)
			return true;
		if (fingerprint_equal(&have->key.spki, &c->key.spki) && name_equal(&have->subject, &c->subject))
			return true;
	}
	return false;
}

static void
emit(struct search *s, size_t len)
{
	struct path_set *set = s->set;
	const struct graph_node *last = &s->g->nodes[s->walk[len - 1]];
	struct path *p;

	if (set->len >= LIMIT_PATHS) {
		set->paths_capped = true;
		s->stop = true;
		return;
	}
	set->paths = arena_grow(set->arena, set->paths, set->len, &s->cap, sizeof *set->paths);
	p = &set->paths[set->len++];
	memset(p, 0, sizeof *p);
	p->links = arena_array(set->arena, len, sizeof *p->links);
	p->len = len;
	for (size_t i = 0; i < len; i++) {
		const struct graph_node *n = &s->g->nodes[s->walk[i]];

		p->links[i] = (struct path_link){ .cert = n->cert, .source = n->source };
	}
	p->anchored = last->anchor;
	p->complete = last->anchor || last->cert->self_signed;
}

static bool
step_allowed(struct search *s)
{
	if (++s->steps <= LIMIT_PATH_STEPS)
		return !s->stop;
	s->set->paths_capped = true;
	s->stop = true;
	return false;
}

/* All walks of exactly `links` more links that end at a goal. */
static void
walk_to_goal(struct search *s, size_t len, int links)
{
	const struct graph_node *n = &s->g->nodes[s->walk[len - 1]];

	if (!step_allowed(s))
		return;
	if (links == 0) {
		/* Those without a doubtful step were found by the pass before. */
		if (s->promising_only || s->doubtful > 0)
			emit(s, len);
		return;
	}
	for (size_t i = 0; i < n->edges_len && !s->stop; i++) {
		const struct graph_edge *e = &n->edges[i];
		bool doubtful = is_doubtful(s, e);

		if ((s->promising_only && doubtful) || s->distance[e->to] > links - 1 ||
		    in_walk(s, len, e->to))
			continue;
		s->walk[len] = e->to;
		s->doubtful += doubtful;
		walk_to_goal(s, len + 1, links - 1);
		s->doubtful -= doubtful;
	}
}

/* Walks that cannot go on: no issuer is known, or only such as the walk already has. */
static void
walk_to_end(struct search *s, size_t len)
{
	const struct graph_node *n = &s->g->nodes[s->walk[len - 1]];
	bool went_on = false;

	if (!step_allowed(s))
		return;
	for (size_t i = 0; i < n->edges_len && len < LIMIT_PATH_DEPTH && !s->stop; i++) {
		if (in_walk(s, len, n->edges[i].to))
			continue;
		went_on = true;
		s->walk[len] = n->edges[i].to;
		walk_to_end(s, len + 1);
	}
	if (!went_on && !s->stop)
		emit(s, len);
}

static void
search_goal(struct search *s, enum goal goal)
{
	int most = s->g->len < LIMIT_PATH_DEPTH ? (int)s->g->len - 1 : LIMIT_PATH_DEPTH - 1;

	s->goal = goal;
	for (int pass = 0; pass < 2; pass++) {
		s->promising_only = pass == 0;
		distances(s);
		if (s->distance[0] == FAR)
			continue;
		/* The short paths first: in a web of cross-signs the long ones are without number. */
		for (int links = s->distance[0]; links <= most && !s->stop; links++) {
			s->walk[0] = 0;
			s->doubtful = 0;
			walk_to_goal(s, 1, links);
		}
	}
}

void
paths_enumerate(const struct graph *g, struct path_set *set)
{
	struct search s = { .g = g, .set = set };

	s.distance = arena_array(set->arena, g->len, sizeof *s.distance);
	search_goal(&s, GOAL_ANCHOR);
	if (!s.stop)
		search_goal(&s, GOAL_SELF_SIGNED);
	if (set->len == 0) {
		/* Also where a chain to an anchor is longer than we go: its beginning is shown. */
		s.stop = false;
		s.steps = 0;
		s.goal = GOAL_DEAD_END;
		s.walk[0] = 0;
		walk_to_end(&s, 1);
	}
}
