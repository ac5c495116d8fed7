/* From what was typed to what is examined: the identity, the trust and the targets, all read before anything is contacted. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/configuration.h"
#include "cli/identities.h"
#include "cli/options.h"
#include "model/identity.h"
#include "model/objects.h"
#include "model/targets_file.h"

/* As whom a target is examined. All of it is borrowed. */
struct role_of {
	struct identity *identity; /* NULL: none */
	struct identity *other;    /* --other-identity; or NULL */
	struct trust *trust;
	const char *problem;       /* it was to have an identity, and that cannot be used: one line; or NULL */
};

struct settings {
	struct configuration configuration; /* empty where it was not asked for */
	struct identities *named;
	struct identity *identity; /* of the options: --cert; NULL: none given */
	struct targets targets;
	struct role_of *roles;     /* one for each target */
};

/*
 * From the options alone: the user's configuration is not looked at. Fails with ERROR_USAGE or ERROR_INPUT and
 * one line; nothing was contacted then. settings_done() in any case.
 */
status settings_read(struct options *o, struct settings *out, struct error *err) MUST_USE;
/*
 * The same with the configuration: its thresholds, where no option says otherwise; a TARGET may be the name of a
 * fleet entry; without a target, the fleet, which may be empty (targets.len 0): that is for the caller to judge.
 */
status settings_read_configured(struct options *o, struct settings *out, struct error *err) MUST_USE;
void settings_done(struct settings *s);

/* Identity and trust alone, for commands without targets. A literal passphrase is warned about. */
status settings_identity(struct options *o, struct identity **out, struct error *err) MUST_USE;
status settings_trust(const struct options *o, struct trust **out, struct error *err) MUST_USE;
/* What the user would type to check this one target again, shell-quoted: a fleet entry by its name. */
void settings_command(const struct options *o, const struct target *t, struct buf *out);

/*
 * A file that was named and has something damaged in it is an input that cannot be read, whatever the
 * rest is like: says which, and returns status 2; else 0. What lies in a named folder is not meant.
 */
int settings_damaged(const struct objects *objects, const struct options *o);

/* HTTPS_PROXY, ALL_PROXY and NO_PROXY, where --proxy and --noproxy are not given. ERROR_USAGE names the variable. */
status settings_proxy(struct options *o, struct error *err) MUST_USE;
/* SSLKEYLOGFILE, where --keylog is not given; says so. */
void settings_key_log(struct options *o);
/* Says once what was accepted and not acted on, and that a literal passphrase is seen by others. */
void settings_remarks(const struct options *o);

#endif
