/* Identities and trust that the configuration names: each file is read once, and shared by all who go by it. */
#ifndef CLI_IDENTITIES_H
#define CLI_IDENTITIES_H

#include "cli/configuration.h"
#include "model/identity.h"

struct identities;
/* Both are borrowed; the configuration may be NULL. Nothing is read yet. */
struct identities *identities_new(struct options *o, const struct config *c);
void identities_free(struct identities *i); /* NULL is legal */

/*
 * The identity of that name, borrowed; one that is kept in AWS is fetched, once. A file that is missing is ERROR_INPUT with the configuration's line;
 * one that cannot be used is a finding (key.unreadable), and *problem says it in one line; else *problem is NULL.
 */
status identities_get(struct identities *i, const char *name, struct identity **out, const char **problem,
    struct error *err) MUST_USE;
/* Whom its entry in the configuration trusts, or the secret that it was read from; NULL: they say nothing. */
const char *identities_trust_file(const struct identities *i, const char *name);
/* The trust that such a file holds, borrowed; `file` NULL: --cacert, --capath or the system's. */
status identities_trust(struct identities *i, const char *file, struct trust **out, struct error *err) MUST_USE;

#endif
