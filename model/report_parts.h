/* The parts of the report's page: report.c puts them in order. */
#ifndef MODEL_REPORT_PARTS_H
#define MODEL_REPORT_PARTS_H

#include "model/page.h"

/* Both chains as trees, the broken one first. Nothing where neither was seen. */
void report_trees(const struct diagnosis *d, const struct page *p);
/* The baseline as a ladder, who ended it, what that rules out, and one line for each further handshake. */
void report_ladder(const struct diagnosis *d, const struct page *p);
/* Revocation, and each request to an address out of a certificate. Nothing where none was made. */
void report_fetched(const struct diagnosis *d, const struct page *p);
/* Would other clients have sent our certificate? Nothing where all would. */
void report_would_send(const struct diagnosis *d, const struct page *p);
/* Every finding with why and evidence. */
void report_findings(const struct diagnosis *d, const struct page *p);

#endif
