/*
 * A key pair that does not match: the public half of a certificate with a private half that is not
 * its own. OpenSSL loads it beside the certificate, and every signature made with it is wrong on
 * the wire: what a peer sees when key and certificate do not belong together. Tried for EC, RSA,
 * Ed25519 and Ed448, TLS 1.2 and 1.3.
 */
#ifndef MODEL_WRONG_KEY_H
#define MODEL_WRONG_KEY_H

#include <openssl/evp.h>

/*
 * Owned by the caller. The private half is the stranger's where it has the public half's type and
 * size; else (NULL too) random bytes of the right kind, which cost nothing to make.
 * NULL: a type that is none of the above, or OpenSSL failed (its error queue says why).
 */
EVP_PKEY *wrong_key(EVP_PKEY *public_half, EVP_PKEY *stranger);

#endif
