/* A command of the configuration's, by /bin/sh: a hook, a reload. */
#ifndef FIXES_RUN_COMMAND_H
#define FIXES_RUN_COMMAND_H

#include <cJSON.h>

#include "fixes/plan.h"

/* env: {NAME: VALUE…}, added to ours. Waits for its end, two minutes at most. ERROR_NOT_DONE: how it ended, and its last words. */
status run_command(struct plan *p, const char *command, const cJSON *env, struct error *err) MUST_USE;

#endif
