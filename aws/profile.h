/*
 * The shared files: ~/.aws/config and ~/.aws/credentials (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE), by botocore's
 * rules (botocore/configloader.py over Python's configparser). Read once; immutable afterwards. A file that is not there,
 * or may not be read, is an empty one; one that cannot be parsed is AWS_LOCAL with file and line.
 */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "aws/error.h"
#include "model/world.h"

struct aws_profiles;
status aws_profiles_read(const struct world *w, struct aws_profiles **out, struct aws_error *err) MUST_USE;
void aws_profiles_free(struct aws_profiles *p); /* clears what it holds; NULL is legal */

/* A key of a profile: the credentials file before the config file ([name] there, [profile name] or [default] here). NULL: not set. */
const char *aws_profile_get(const struct aws_profiles *p, const char *profile, const char *key);
bool aws_profile_exists(const struct aws_profiles *p, const char *profile);
/* A key of another section of the config file: "sso-session", "services". A nested key ("acm_pca" … endpoint_url) is "acm_pca.endpoint_url". */
const char *aws_profile_section_get(const struct aws_profiles *p, const char *kind, const char *name, const char *key);
bool aws_profile_section_exists(const struct aws_profiles *p, const char *kind, const char *name);

/* One of the two files alone. */
enum aws_profile_file { AWS_FILE_CREDENTIALS, AWS_FILE_CONFIG };
const char *aws_profile_get_from(const struct aws_profiles *p, enum aws_profile_file file, const char *profile, const char *key);
/* For messages, printable: "~/.aws/credentials"; and what keeps it from being read: "not there", "permission denied"; NULL: nothing does. */
const char *aws_profile_file_name(const struct aws_profiles *p, enum aws_profile_file file);
const char *aws_profile_file_lacks(const struct aws_profiles *p, enum aws_profile_file file);

/* "~" and "~/…" as the home folder ($HOME, else the user database's), $NAME and ${NAME} as the variable. The caller frees. */
char *aws_path_expand(const struct world *w, const char *path);

/* One file's text alone, for tests and fuzzing: it becomes the config file (or the credentials file); name is for messages. */
status aws_profiles_of_text(enum aws_profile_file file, const char *name, const void *text, size_t len, struct aws_profiles **out,
    struct aws_error *err) MUST_USE;

#endif
