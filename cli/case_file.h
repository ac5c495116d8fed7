/* Cases on the command line: --save, and a TARGET that is one. */
#ifndef CLI_CASE_FILE_H
#define CLI_CASE_FILE_H

#include "cli/settings.h"
#include "model/evidence.h"

/* --save with these targets, before anything is contacted: 0, or the exit status after a line that says what is wrong. */
int case_file_refused(const struct options *o, const struct settings *s);
/* Writes it; 0, or the exit status after a line that says why not. */
int case_file_save(const struct options *o, const struct target *t, const struct evidence *e);

/*
 * Is one of the TARGETs a case? Then *result is the exit status: it was opened, or a line says why it cannot be
 * here. console: in the console, where there is a terminal.
 */
bool case_file_among(struct options *o, bool console, int *result);

#endif
