/* What tests of AWS Private CA hand in: a CSR, a serial as AWS writes it. */
#ifndef TESTS_PCA_WANTS_H
#define TESTS_PCA_WANTS_H

#include <openssl/x509.h>

#include "model/memory.h"

/* PEM, of a new RSA key, with the name as CN and DNS SAN, in the arena; *key is the caller's, or key is NULL. */
const char *wanted_csr(struct arena *a, const char *name, EVP_PKEY **key);
X509 *x509_of_pem(const char *pem); /* it fails the test where it is none */
/* "A4:E9:…" */
const char *serial_of(const X509 *x, struct arena *a);

#endif
