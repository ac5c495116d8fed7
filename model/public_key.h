/* Public keys, in two steps: their fields by our own walk (never slow), and what OpenSSL makes of them. */
#ifndef MODEL_PUBLIC_KEY_H
#define MODEL_PUBLIC_KEY_H

#include <openssl/evp.h>

#include "model/cert_fields.h"

/* All but `readable` and `security_bits`. *over_limit: too large to be ever used (LIMIT_RSA_BITS, LIMIT_RSA_EXPONENT_BITS). */
void public_key_fields(struct arena *a, struct text spki, struct public_key *out, bool *over_limit,
    struct faults *faults);
/* What is left; pkey is what OpenSSL decoded, or NULL where it could not. */
void public_key_usable(struct public_key *key, EVP_PKEY *pkey, bool over_limit);

#endif
