/* The CAs that our chain lacks, as far as they are at hand: what the experiment with-intermediate adds. */
#ifndef MODEL_LACKING_H
#define MODEL_LACKING_H

#include "model/rules.h"

/* Fills in f->lacking: only where the server refused a certificate of ours. */
void lacking_find(struct facts *f);
/* d->completed: what was sent, with them in their place. */
void lacking_complete(const struct facts *f, struct diagnosis *d);

#endif
