#include "model/config_schema.h"

#include "model/limits.h"

/* A key without a value, or with null, is one that was not said: NULL. */
#define LEAVES_OUT (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER_NULL_STR)
#define TEXT_KEY(type, key) CYAML_FIELD_STRING_PTR(#key, LEAVES_OUT, struct type, key, 0, CYAML_UNLIMITED)
#define MAPPING_KEY(type, key, fields) CYAML_FIELD_MAPPING_PTR(#key, LEAVES_OUT, struct type, key, fields)
#define LIST_KEY(key, entry) \
	CYAML_FIELD_SEQUENCE_COUNT(#key, LEAVES_OUT, struct raw_config, key, key##_len, entry, 0, LIMIT_CONFIG_ENTRIES)

static const cyaml_schema_field_t thresholds_keys[] = {
	TEXT_KEY(raw_thresholds, expires_within),
	TEXT_KEY(raw_thresholds, root_expires_within),
	TEXT_KEY(raw_thresholds, clock_skew_seconds),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t aws_keys[] = {
	TEXT_KEY(raw_aws, name),
	TEXT_KEY(raw_aws, profile),
	TEXT_KEY(raw_aws, region),
	TEXT_KEY(raw_aws, endpoint_url),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t identity_keys[] = {
	TEXT_KEY(raw_identity, name),
	TEXT_KEY(raw_identity, cert),
	TEXT_KEY(raw_identity, key),
	TEXT_KEY(raw_identity, trust),
	TEXT_KEY(raw_identity, secret),
	TEXT_KEY(raw_identity, parameter),
	TEXT_KEY(raw_identity, aws),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t serves_keys[] = {
	TEXT_KEY(raw_serves, cert),
	TEXT_KEY(raw_serves, key),
	TEXT_KEY(raw_serves, trust),
	TEXT_KEY(raw_serves, upstreams),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t renew_keys[] = {
	TEXT_KEY(raw_renew, aws),
	TEXT_KEY(raw_renew, ca),
	TEXT_KEY(raw_renew, before_days),
	TEXT_KEY(raw_renew, validity_days),
	TEXT_KEY(raw_renew, new_key),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t install_keys[] = {
	TEXT_KEY(raw_install, files),
	TEXT_KEY(raw_install, secret),
	TEXT_KEY(raw_install, acm),
	TEXT_KEY(raw_install, hook),
	TEXT_KEY(raw_install, reload),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t entry_keys[] = {
	TEXT_KEY(raw_entry, name),
	TEXT_KEY(raw_entry, target),
	TEXT_KEY(raw_entry, identity),
	TEXT_KEY(raw_entry, group),
	TEXT_KEY(raw_entry, servername),
	TEXT_KEY(raw_entry, path),
	TEXT_KEY(raw_entry, trust),
	TEXT_KEY(raw_entry, no_http),
	TEXT_KEY(raw_entry, bypass),
	MAPPING_KEY(raw_entry, serves, serves_keys),
	MAPPING_KEY(raw_entry, renew, renew_keys),
	MAPPING_KEY(raw_entry, install, install_keys),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t aws_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_aws, aws_keys) };
static const cyaml_schema_value_t identity_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_identity,
    identity_keys) };
static const cyaml_schema_value_t fleet_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_entry,
    entry_keys) };

static const cyaml_schema_field_t file_keys[] = {
	MAPPING_KEY(raw_config, thresholds, thresholds_keys),
	LIST_KEY(aws, &aws_entry),
	LIST_KEY(identities, &identity_entry),
	LIST_KEY(fleet, &fleet_entry),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t config_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER_NULL_STR, struct raw_config,
    file_keys) };
