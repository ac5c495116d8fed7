/* Enumerating paths in the graph, bounded: those that can be valid first, the short ones before the long. */
#ifndef MODEL_PATH_SEARCH_H
#define MODEL_PATH_SEARCH_H

#include "model/path_graph.h"

/*
 * Fills set->paths (links, anchored, complete; nothing is judged yet) and set->paths_capped.
 * Paths that end in an anchor, then those that end in a self-signed certificate; only where there is
 * neither, those that end for want of an issuer.
 */
void paths_enumerate(const struct graph *g, struct path_set *set);

#endif
