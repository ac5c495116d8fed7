/* The words above a diagnosis: headline, summary, what is not the cause, what nobody looked at yet. */
#ifndef MODEL_SUMMARY_H
#define MODEL_SUMMARY_H

#include "model/rules.h"

/* Fills headline, summary, not_the_cause and not_reached of *d, whose root cause is known. */
void summary_write(struct diagnosis *d, const struct facts *f);

#endif
