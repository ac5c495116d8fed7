/* Names under name constraints: what Go refuses and OpenSSL 3.0 lets pass. */
#ifndef MODEL_PATH_NAMES_H
#define MODEL_PATH_NAMES_H

#include "model/path.h"

/*
 * What is wrong with a name of links[at] under the constraints of the CAs above it: an X509_V_ERR_*,
 * or X509_V_OK. Two things: a wildcard that covers an excluded name (“*.example.com” matches
 * bar.example.com, CVE-2025-61727), and a name that is not well-formed and so cannot lie inside what is
 * permitted (RFC 5280 4.2.1.10).
 */
int path_names_fault(const struct path_link *links, size_t len, size_t at);

/*
 * Which name of links[at] breaks the constraints of which CA above it, found by asking OpenSSL for one
 * name at a time: the printable name, or NULL where it cannot be told. *ca is set with it.
 */
const char *path_names_offender(const struct path_link *links, size_t len, size_t at,
    const struct cert **ca);

#endif
