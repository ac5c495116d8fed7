/*
 * The configuration file (CONTRACT section 5), read by libcyaml against a schema. Unknown keys, wrong
 * types and missing files are ERROR_INPUT with file and line. Reading contacts nothing.
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "model/evidence.h"
#include "model/world.h"

struct config_identity {
	const char *name;
	const char *cert, *key, *trust;      /* files, as they are to be opened (relative ones from the file's folder) */
	const char *secret, *parameter, *aws; /* read and kept; used by later versions */
	size_t line;
};
struct config_serves {
	const char *cert, *key, *trust;
};
struct config_entry {
	const char *name, *target, *identity, *group;
	const char *servername, *path, *trust;
	bool no_http;
	struct config_serves serves;         /* what the service itself reads; all NULL: not said */
	size_t line;
};
struct config_aws {
	const char *name, *profile, *region, *endpoint_url;
	size_t line;
};
struct config {
	const char *file;                    /* printable */
	struct thresholds thresholds;
	bool has_expires_within, has_root_expires_within, has_clock_skew;
	struct config_aws *aws;
	size_t aws_len;
	struct config_identity *identities;
	size_t identities_len;
	struct config_entry *fleet;
	size_t fleet_len;
	struct arena *arena;
};

/* "$XDG_CONFIG_HOME/mtlscope/config.yaml", else under $HOME/.config; NULL where neither is set. free() it. */
char *config_default_path(const struct world *w);
/* ERROR_INPUT: "config.yaml:12: fleet: …". A file that is not there is an error too: config_exists() first. */
status config_read(const char *path, struct config **out, struct error *err) MUST_USE;
bool config_exists(const char *path);
void config_free(struct config *c);
const struct config_identity *config_identity(const struct config *c, const char *name);
const struct config_entry *config_entry(const struct config *c, const char *name);

/* A file with comments, to be filled in: for the start page. Folders are made (0700), the file is 0600; one that is there is never written over. */
status config_write_example(const char *path, struct error *err) MUST_USE;
/*
 * `fleet add`: appends entries under `fleet:`; comments and everything else stay byte for byte. The new
 * file is made beside it, read back as a check, and renamed over it. ERROR_USAGE: a name that is there
 * already, an identity that is not configured.
 */
status config_add_fleet(const char *path, const char *const *targets, size_t len, const char *identity,
    const char *group, struct error *err) MUST_USE;

#endif
