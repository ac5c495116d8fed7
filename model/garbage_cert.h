/* A certificate that no peer can read, though everything that we need of it stays usable. */
#ifndef MODEL_GARBAGE_CERT_H
#define MODEL_GARBAGE_CERT_H

#include <openssl/x509.h>

/*
 * A copy, owned by the caller, whose outer signatureAlgorithm has junk for parameters: it is written out
 * whole, and no d2i_X509 takes it back; its public key and its names are as they were, so that OpenSSL
 * loads it beside its key. NULL: OpenSSL failed (its error queue says why).
 */
X509 *garbage_cert(X509 *of);

#endif
