/* What the outcome of one experiment shows, in a sentence: beside its row, whatever it proves in all. */
#ifndef MODEL_EXPERIMENT_SHOWS_H
#define MODEL_EXPERIMENT_SHOWS_H

#include "model/diagnosis.h"

/* Whole sentences, printable; into the arena or static. NULL: the baseline, or nothing beyond its outcome. */
const char *experiment_shows(const struct diagnosis *d, const struct handshake *h, struct arena *a);

#endif
