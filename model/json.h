/* JSON of check and inspect: CONTRACT section 3, schemas mtlscope.check/1 and mtlscope.inspect/1. */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H

#include "model/diagnosis.h"
#include "model/inspect.h"
#include "model/objects.h"

/* One object on one line, with a newline. */
void json_check(const struct diagnosis *d, struct buf *out);
/* inspection and d are NULL where there is no chain to judge. */
void json_inspect(const struct objects *objects, const struct inspection *inspection, const struct diagnosis *d,
    struct buf *out);
/* listen --json, schema mtlscope.client/1: a client that was seen (d->evidence->client). */
void json_client(const struct diagnosis *d, struct buf *out);
/* One certificate by itself: its fields as in "chain", and its PEM. */
void json_certificate(const struct cert *c, struct buf *out);

#endif
