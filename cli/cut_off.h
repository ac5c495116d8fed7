/*
 * A plan that was killed while it worked on files may have left them half changed: a new certificate beside the old key. Whoever looks at these files
 * is told so at once, and how to go on: one line on standard error for each such plan.
 */
#ifndef CLI_CUT_OFF_H
#define CLI_CUT_OFF_H

#include "cli/settings.h"

/* For the files of all our identities. Nothing is made or changed, and a record that cannot be read says nothing here. */
void cut_off_tell(const struct settings *s);

#endif
