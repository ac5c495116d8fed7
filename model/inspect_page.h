/* The page of inspect: which leaf it took and why, the report on its chain, then every object that was read. */
#ifndef MODEL_INSPECT_PAGE_H
#define MODEL_INSPECT_PAGE_H

#include "model/inspect.h"
#include "model/report.h"

/* inspection->leaf, d may be NULL where there is no chain to judge. */
void inspect_page(const struct objects *objects, const struct inspection *inspection, const struct diagnosis *d,
    const struct report_style *s, struct buf *out);

/* What an object is, in a line: "certificate “order-service”, issued by “Acme Issuing CA 1”, EC P-256, until 2027-02-01". Into the arena. */
const char *object_words(const struct object *x, struct arena *a);
/* "order.crt:30", "order.p12, byte 60": where it stands; printable, into the arena. */
const char *object_place(const struct object *x, struct arena *a);

#endif
