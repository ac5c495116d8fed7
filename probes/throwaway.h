/*
 * A client certificate that nobody knows: EC P-256, signs itself, fit for a client in all else. In
 * memory only, never written anywhere.
 */
#ifndef PROBES_THROWAWAY_H
#define PROBES_THROWAWAY_H

#include <openssl/x509.h>
#include <stdbool.h>

/* Both are the caller's. False where OpenSSL cannot make them. */
bool throwaway_make(X509 **cert, EVP_PKEY **key);

#endif
