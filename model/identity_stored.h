/* An identity, and whom it trusts, out of the text of a secret or a parameter (model/stored_identity.h). */
#ifndef MODEL_IDENTITY_STORED_H
#define MODEL_IDENTITY_STORED_H

#include "model/identity.h"
#include "model/stored_identity.h"

/*
 * name: of the configuration; label: "secret:payments", what cert_file and messages call it. The first certificate is the leaf. A key that
 * cannot be used is no error: key_problem says why. ERROR_INPUT: the certificates cannot be read.
 */
status identity_from_stored(const char *name, const char *label, const struct stored_identity *s, passphrase_ask ask, void *ask_user,
    struct identity **out, struct error *err) MUST_USE;
/* NULL: it has none that can be read. */
struct trust *trust_from_stored(const char *label, const struct stored_identity *s);

#endif
