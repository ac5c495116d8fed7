/* What an experiment needs beside its row: made of what is known by then. */
#ifndef MODEL_EXPERIMENT_PARTS_H
#define MODEL_EXPERIMENT_PARTS_H

#include "model/experiment.h"

/*
 * The certificates that go out, leaf first, for the ways of sending that change our chain; NULL where the
 * row's way needs none, or where there is nothing to change. The certificates are borrowed of the evidence.
 */
const struct cert *const *experiment_chain(const struct diagnosis *so_far, enum sends sends, struct arena *a, size_t *len);

/*
 * Another name that the server's certificate has, fit to be asked for: a DNS name that is not ours, a
 * wildcard's label filled in. NULL: it has none. Lower case, checked label by label: it goes on the wire.
 */
const char *experiment_other_name(const struct diagnosis *so_far, struct arena *a);

#endif
