/*
 * SIGINT, SIGTERM, SIGHUP: before anything was learnt they end the program at once; while something
 * is under way they are noted, so that what was found so far can be printed. A second one always ends it.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdatomic.h>
#include <stdbool.h>

/* Installs the handlers; ignores SIGPIPE. */
void signals_start(void);
/* From now on a signal is noted (true), or ends the program (false). */
void signals_defer(bool defer);
/* The signal that came, or 0. */
int signals_seen(void);
/* True from then on: what blocks in another library looks at it. */
const atomic_bool *signals_cancel(void);
/* Becomes readable when a signal came. */
int signals_fd(void);

#endif
