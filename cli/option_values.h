/* The options whose values need more than a number or a string: one function for each kind of value. */
#ifndef CLI_OPTION_VALUES_H
#define CLI_OPTION_VALUES_H

#include "cli/option_table.h"

typedef status option_apply(struct options *o, const struct option_row *row, char *value, struct error *err);

option_apply apply_cert, apply_key, apply_pass, apply_pass_file, apply_at, apply_resolve, apply_connect_to, apply_family,
    apply_tls_min, apply_tls_max, apply_fail_on, apply_colour, apply_purpose, apply_targets,
    apply_alpn, apply_http11, apply_starttls, apply_seed, apply_proxy, apply_via, apply_path_length;

/* Plain numbers: min to max, or ERROR_USAGE that says the range. */
status value_number(const char *option, const char *value, unsigned min, unsigned max, unsigned *out,
    struct error *err) MUST_USE;
/* "2", "0.5": seconds to milliseconds, above zero. */
status value_seconds(const char *option, const char *value, unsigned *out, struct error *err) MUST_USE;
/* The printable form of what was typed, in a static buffer that the next call overwrites: for messages. */
const char *printable(const char *typed);

#endif
