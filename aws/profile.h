/*
 * The shared files: ~/.aws/config and ~/.aws/credentials (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE). Read once;
 * immutable afterwards. A file that is not there is an empty one; one that cannot be parsed is AWS_LOCAL with file and line.
 */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "aws/error.h"
#include "model/world.h"

struct aws_profiles;
status aws_profiles_read(const struct world *w, struct aws_profiles **out, struct aws_error *err) MUST_USE;
void aws_profiles_free(struct aws_profiles *p); /* NULL is legal */

/* A key of a profile: the credentials file before the config file ([name] there, [profile name] or [default] here). NULL: not set. */
const char *aws_profile_get(const struct aws_profiles *p, const char *profile, const char *key);
bool aws_profile_exists(const struct aws_profiles *p, const char *profile);
/* A key of another section of the config file: "sso-session", "services". A nested key ("acm_pca" … endpoint_url) is "acm_pca.endpoint_url". */
const char *aws_profile_section_get(const struct aws_profiles *p, const char *kind, const char *name, const char *key);

#endif
