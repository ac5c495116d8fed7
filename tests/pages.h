/*
 * Evidence and a diagnosis written by hand, for the tests of what is printed: the endpoint of the
 * design whose client forgot its intermediate, and others. What the rules would say plays no part.
 */
#ifndef TESTS_PAGES_H
#define TESTS_PAGES_H

#include "model/diagnosis.h"
#include "tests/chains.h"

/* The client sent its leaf only and got alert 48; or the server's chain is fine and all is well. */
enum pages_story { PAGES_FORGOTTEN, PAGES_ACCEPTED, PAGES_NOT_PROVEN, PAGES_REFUSED_PORT, PAGES_HTTP_400 };

struct pages;
struct pages *pages_make(void);
void pages_free(struct pages *p);
/* Owned by `p`, which makes it anew each time. */
struct diagnosis *pages_diagnosis(struct pages *p, enum pages_story story);
/* The same, given away with its evidence: diagnosis_free(), evidence_free(). The certificates stay with `p`. */
struct diagnosis *pages_give(struct pages *p, enum pages_story story, struct evidence **evidence);

#endif
