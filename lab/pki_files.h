/* Writing what lab/pki.h made: PEM, 0600 for keys. Each returns false with errno set. */
#ifndef LAB_PKI_FILES_H
#define LAB_PKI_FILES_H

#include <sys/types.h>

#include "lab/pki.h"

/* One after the other, 0644. */
bool pki_write_certs(const char *path, const struct pki_cert *const *certs, size_t len);
/* PKCS#8, 0600; passphrase NULL: in clear. */
bool pki_write_key(const char *path, EVP_PKEY *key, const char *passphrase);
/* The chain and then the first one's key in one file, 0600. */
bool pki_write_identity(const char *path, const struct pki_cert *const *certs, size_t len);
/* Any bytes, with this mode whatever the umask; an older file is replaced. */
bool pki_write_bytes(const char *path, const void *bytes, size_t len, mode_t mode);

#endif
