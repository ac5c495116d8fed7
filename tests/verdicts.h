/* What was found, for the tests of verdicts. */
#ifndef TESTS_VERDICTS_H
#define TESTS_VERDICTS_H

#include "model/diagnosis.h"

/* The root cause, one of its candidates, or another finding. */
bool verdict_names(const struct diagnosis *d, enum code code);
/* Every finding with its proof and its candidates, for a test that fails. */
void verdict_print(const struct diagnosis *d);

#endif
