/* The commands: each takes what was typed and returns the exit status. One file a command. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/options.h"

int check_run(struct options *o);
int inspect_run(struct options *o);
int diff_run(struct options *o);
int lab_run_command(struct options *o);
int demo_run(struct options *o);

#endif
