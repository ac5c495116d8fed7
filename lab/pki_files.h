/* Writing what lab/pki.h made: PEM, 0600 for keys. Returns false with errno set. */
#ifndef LAB_PKI_FILES_H
#define LAB_PKI_FILES_H

#include "lab/pki.h"

bool pki_write_certs(const char *path, const struct pki_cert *const *certs, size_t len);
bool pki_write_key(const char *path, EVP_PKEY *key, const char *passphrase); /* passphrase NULL: in clear */

#endif
