/* Two cases: what was seen then and what was seen now, fact by fact; and one case's certificates, beside files. */
#ifndef MODEL_DIFF_CASE_H
#define MODEL_DIFF_CASE_H

#include "model/diagnosis.h"
#include "model/objects.h"
#include "model/report.h"

/*
 * The page. Times of single messages are no difference; when and from where each was seen is said first.
 * a and b are diagnoses of evidence out of cases, name_a and name_b what was typed.
 */
void diff_cases_page(const struct diagnosis *a, const struct diagnosis *b, const char *name_a, const char *name_b,
    const struct report_style *s, struct buf *out);
/* The server's chain as it was presented, then ours, as if they had been read from a file of that name; objects_done() it. */
void case_objects(const struct evidence *e, const char *name, struct objects *out);

#endif
