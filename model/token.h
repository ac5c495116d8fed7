/*
 * Keys and certificates on a token (PKCS#11): an HSM, a smart card, a software token. A URI names them
 * (RFC 7512); the key stays where it is, and the token makes the signatures.
 */
#ifndef MODEL_TOKEN_H
#define MODEL_TOKEN_H

#include "model/objects.h"

/* Is this the name of something on a token ("pkcs11:token=x;object=y")? NULL is none. */
bool token_is_uri(const char *name);

/*
 * Appends to *out (which starts zeroed, or holds what was read before) the certificates and private keys that the URI names:
 * all of a token where it names no object. The module is the URI's module-path, else p11-kit's list of those that this
 * machine has. The PIN is the URI's pin-value or pin-source (a file's first line), else it is asked for, once: three wrong
 * ones lock a card, so after a refusal none is tried again in this run, and none where the token says that one is left.
 * Errors: ERROR_USAGE for a URI that is none, ERROR_INPUT where nothing is found or the PIN is refused, each with the URI
 * without its PIN. The module stays loaded as long as the program runs: the keys need it.
 */
status token_read(const char *uri, const struct read_options *opt, struct objects *out, struct error *err) MUST_USE;

/* The URI as it may be shown: without pin-value; printable. In the arena. */
const char *token_uri_shown(const char *uri, struct arena *a);

#endif
