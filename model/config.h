/*
 * The configuration file (CONTRACT section 5), read by libcyaml against a schema. Unknown keys, wrong
 * types, bad values and references that lead nowhere are ERROR_INPUT with file and line. Reading
 * contacts nothing, and looks at no other file: config_identity_files() does that for those that are used.
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "model/buf.h"
#include "model/evidence.h"
#include "model/world.h"

struct config_identity {
	const char *name;
	const char *cert, *key, *trust;      /* files, as they are to be opened: from the file's folder, or of $HOME for ~/ */
	const char *secret, *parameter, *aws; /* where AWS keeps it: fetched when it is used */
};
struct config_serves {
	const char *cert, *key;              /* files of the service's host: not looked for here */
	const char *trust;                   /* the CAs whose clients it lets in */
	const char *upstreams;               /* the CAs that it trusts where it is a client itself; NULL: it calls nobody */
};
struct config_renew {
	bool given;
	const char *aws, *ca;
	int before_days, validity_days;      /* 0: not said */
	bool new_key;
};
struct config_install {
	bool files;                          /* those of `serves` */
	const char *secret, *acm, *hook, *reload;
};
struct config_entry {
	const char *name, *target, *identity, *group;
	const char *host;                    /* of the target, and stays here where `parsed` is taken over; NULL: a socket's path */
	const char *servername, *path, *trust;
	bool no_http;
	const char *bypass;                  /* HOST[:PORT] that may lead to the service without a certificate */
	struct config_serves serves;         /* what the service itself reads; all NULL: not said */
	struct config_renew renew;
	struct config_install install;
	struct target parsed;                /* all of the above that a target holds */
};
struct config_aws {
	const char *name, *profile, *region, *endpoint_url;
};
struct config_source; /* the file's bytes, and what libcyaml made of them */
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
	struct config_source *source;
	struct arena *arena;
};

/* "$XDG_CONFIG_HOME/mtlscope/config.yaml", else under $HOME/.config; NULL where neither is set. free() it. */
char *config_default_path(const struct world *w);
/* ERROR_INPUT: "config.yaml:12: fleet: …". A file that is not there is an error too: config_exists() first. */
status config_read(const char *path, const struct world *w, struct config **out, struct error *err) MUST_USE;
bool config_exists(const char *path);
void config_free(struct config *c); /* NULL is legal */
const struct config_identity *config_identity(const struct config *c, const char *name);
const struct config_entry *config_entry(const struct config *c, const char *name);
/* Its certificate does not lie in files of `serves`, but where `install` puts it: a secret, ACM, a hook. */
bool config_installs_elsewhere(const struct config_entry *e);

enum { CONFIG_NAMES_MAX = 3 };
/*
 * The names that a certificate of this entry may have: its own, servername, host. 0 where `mtlscope renew` renews none of it: that needs `renew`, and
 * a place for the new one: files in `serves`, or what `install` names. Borrowed.
 */
size_t config_entry_renews(const struct config_entry *e, const char *names[CONFIG_NAMES_MAX]);
/* Those of all entries: inventory_query.renewed. The list is the arena's, the names are the configuration's, which may be NULL. */
size_t config_renewed(const struct config *c, struct arena *a, const char *const **out);

/*
 * Where something stands, for messages: section "fleet", its index-th entry, and the key in it or NULL.
 * 0: nowhere. Reads the file's bytes again (as they were): not for every entry of a large fleet.
 */
size_t config_line(const struct config *c, const char *section, size_t index, const char *key);
/* The files of an identity are there? ERROR_INPUT: "config.yaml:4: identities: order.crt: no such file". */
status config_identity_files(const struct config *c, const struct config_identity *i, struct error *err) MUST_USE;
/* The same for the trust file of a fleet entry. */
status config_entry_files(const struct config *c, const struct config_entry *e, struct error *err) MUST_USE;

/* A file with comments, to be filled in: for the start page. Folders are made (0700), the file is 0600; one that is there is never written over. */
status config_write_example(const char *path, struct error *err) MUST_USE;
/*
 * `fleet add`: appends entries under `fleet:`; comments and everything else stay byte for byte. The new
 * file is made beside it, read back as a check, and renamed over it. ERROR_USAGE: a target that is none or is
 * there already, an identity that is not configured. The names that were given, one a line, into `names` (or NULL).
 */
status config_add_fleet(const char *path, const struct world *w, const char *const *targets, size_t len,
    const char *identity, const char *group, struct buf *names, struct error *err) MUST_USE;

#endif
