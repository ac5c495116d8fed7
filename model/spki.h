/* The SubjectPublicKeyInfo of a key (RFC 5280 4.1.2.7), without OpenSSL's encoders where we can: loading them takes a tenth of a whole check. */
#ifndef MODEL_SPKI_H
#define MODEL_SPKI_H

#include <openssl/evp.h>

/* DER for OPENSSL_free() into *out; its length, or 0 where OpenSSL cannot encode it. Byte for byte what i2d_PUBKEY gives. */
size_t spki_encode(const EVP_PKEY *key, unsigned char **out);

#endif
