/* The user's configuration: where it is, read once, and what of it every command heeds. */
#ifndef CLI_CONFIGURATION_H
#define CLI_CONFIGURATION_H

#include "cli/options.h"
#include "model/config.h"

struct configuration {
	char *path;            /* where it is or would be; NULL: there is no place for one */
	struct config *config; /* NULL: there is none */
};

/* --config FILE, or where it usually is; NULL: there is no place for one. free() it. */
char *configuration_path(const struct options *o);
/* --config FILE, which must be there; else the usual file, where it is there. ERROR_INPUT with file and line. */
status configuration_read(const struct options *o, struct configuration *out, struct error *err) MUST_USE;
void configuration_done(struct configuration *c);
/* Its thresholds, where no option says otherwise. */
void configuration_thresholds(const struct configuration *c, struct options *o);
/* The same for commands that want nothing else of it. */
status configuration_heed(struct options *o, struct error *err) MUST_USE;

#endif
