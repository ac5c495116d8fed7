/* OpenSSL's side of model/cert.h and model/key.h: for model/, probes/ and lab/ only. */
#ifndef MODEL_CERT_OPENSSL_H
#define MODEL_CERT_OPENSSL_H

#include <openssl/x509.h>

#include "model/cert.h"
#include "model/key.h"

/* Borrowed; valid as long as the certificate. Thread-safe for reading. */
X509 *cert_x509(const struct cert *c);
/* Borrowed; NULL for an encrypted key that was not opened. */
EVP_PKEY *key_evp(const struct key *k);
/* Takes over `pkey` (never NULL), a private key where is_private, and reads its public half. */
struct key *key_from_evp(EVP_PKEY *pkey, bool is_private, bool was_encrypted);

/* Once per process, before anything else of OpenSSL: no configuration file is loaded (OPENSSL_CONF moved a client to level 3, measured). */
void openssl_start(void);

#endif
