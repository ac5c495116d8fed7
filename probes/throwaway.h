/* Client certificates that nobody knows, fit for a client in all else. In memory only, never written anywhere. */
#ifndef PROBES_THROWAWAY_H
#define PROBES_THROWAWAY_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "model/identity.h"

/* One that signs itself, EC P-256 or RSA 2048 (which takes 50 ms and more). Both are the caller's. False where OpenSSL cannot make them. */
bool throwaway_make(bool rsa, X509 **cert, EVP_PKEY **key);
/* One for the public half of that key, from a CA that is made for it and forgotten at once. The caller's; NULL as above. */
X509 *throwaway_certify(EVP_PKEY *key);
/* A self-signed one with its key, to be shown as an identity. The caller's; NULL where the library cannot. */
struct identity *throwaway_identity(void);

#endif
