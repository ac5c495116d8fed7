/*
 * The schema of the configuration file, as libcyaml takes it: what may stand where. Every value is text
 * here: libcyaml takes any word for a boolean and "30x" for a number, model/config_fill.c does not.
 */
#ifndef MODEL_CONFIG_SCHEMA_H
#define MODEL_CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>

struct raw_thresholds {
	char *expires_within, *root_expires_within, *clock_skew_seconds;
};
struct raw_aws {
	char *name, *profile, *region, *endpoint_url;
};
struct raw_identity {
	char *name, *cert, *key, *trust, *secret, *parameter, *aws;
};
struct raw_serves {
	char *cert, *key, *trust, *upstreams;
};
struct raw_renew {
	char *aws, *ca, *before_days, *validity_days, *new_key;
};
struct raw_install {
	char *files, *secret, *acm, *hook, *reload;
};
struct raw_entry {
	char *name, *target, *identity, *group, *servername, *path, *trust, *no_http, *bypass;
	struct raw_serves *serves;
	struct raw_renew *renew;
	struct raw_install *install;
};
struct raw_config {
	struct raw_thresholds *thresholds;
	struct raw_aws *aws;
	unsigned aws_len;
	struct raw_identity *identities;
	unsigned identities_len;
	struct raw_entry *fleet;
	unsigned fleet_len;
};

/* Of the whole file: a struct raw_config. */
extern const cyaml_schema_value_t config_schema;

#endif
