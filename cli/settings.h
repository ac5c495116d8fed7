/* From what was typed to what is examined: the identity, the trust and the targets, all read before anything is contacted. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/options.h"
#include "model/identity.h"
#include "model/objects.h"
#include "model/targets_file.h"

struct settings {
	struct identity *identity; /* NULL: none given */
	struct trust *trust;
	struct targets targets;
};

/* Fails with ERROR_USAGE or ERROR_INPUT and one line; nothing was contacted then. settings_done() in any case. */
status settings_read(struct options *o, struct settings *out, struct error *err) MUST_USE;
void settings_done(struct settings *s);

/* Identity and trust alone, for commands without targets. A literal passphrase is warned about. */
status settings_identity(struct options *o, struct identity **out, struct error *err) MUST_USE;
status settings_trust(const struct options *o, struct trust **out, struct error *err) MUST_USE;
/* What the user would type to check this one target again, shell-quoted. */
void settings_command(const struct options *o, const struct target *t, struct buf *out);

/*
 * A file that was named and has something damaged in it is an input that cannot be read, whatever the
 * rest is like: says which, and returns status 2; else 0. What lies in a named folder is not meant.
 */
int settings_damaged(const struct objects *objects, const struct options *o);

/* Says once what was accepted and not acted on, and that a literal passphrase is seen by others. */
void settings_remarks(const struct options *o);

#endif
