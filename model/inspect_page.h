/* The page of inspect: which leaf it took and why, the report on its chain, then every object that was read. */
#ifndef MODEL_INSPECT_PAGE_H
#define MODEL_INSPECT_PAGE_H

#include "model/inspect.h"
#include "model/report.h"

/* inspection->leaf, d may be NULL where there is no chain to judge. */
void inspect_page(const struct objects *objects, const struct inspection *inspection, const struct diagnosis *d,
    const struct report_style *s, struct buf *out);

#endif
