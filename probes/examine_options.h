/* The options of an examiner outlive whoever gave them. */
#ifndef PROBES_EXAMINE_OPTIONS_H
#define PROBES_EXAMINE_OPTIONS_H

#include "probes/examine.h"

/* A copy of all that they point to; times that are 0 become the defaults. */
void examine_options_copy(struct examine_options *to, const struct examine_options *from);
void examine_options_done(struct examine_options *opt);

#endif
