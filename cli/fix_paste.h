/* mtlscope fix TARGET --paste STACK: configuration for the case at hand, on standard output. Changes nothing. */
#ifndef CLI_FIX_PASTE_H
#define CLI_FIX_PASTE_H

#include "cli/options.h"
#include "fixes/fix.h"

/* ERROR_USAGE: no such stack; says which there are. Before anything is contacted. */
status fix_paste_check(const struct options *o, struct error *err) MUST_USE;
/* Prints it. The exit status. */
int fix_paste_print(const struct options *o, const struct fix_wish *w);

#endif
