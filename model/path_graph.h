/*
 * Who could have issued whom: the certificates that can be reached from a leaf, and between them
 * the links whose signatures were tried. Paths are then walks in this graph (model/path_search.h).
 */
#ifndef MODEL_PATH_GRAPH_H
#define MODEL_PATH_GRAPH_H

#include "model/path.h"

struct graph_edge {
	size_t to;       /* index of the issuer's node */
	bool signature;  /* it verifies with the issuer's key */
	bool fits;       /* and key identifiers and key usage agree */
};

struct graph_node {
	const struct cert *cert;
	enum path_source source;
	bool anchor;     /* a path may end here, trusted */
	bool promising;  /* nothing on its face speaks against it as an issuer at the moment asked */
	struct graph_edge *edges; /* likely ones first */
	size_t edges_len, edges_cap;
};

struct graph {
	struct graph_node *nodes; /* [0] is the leaf */
	size_t len, cap;
	size_t checks;   /* links whose signature was asked for */
	bool capped;     /* LIMIT_SIGNATURE_CHECKS reached: links are missing */
	struct arena *arena;
};

void graph_build(struct graph *g, const struct path_question *q, struct arena *a);

#endif
