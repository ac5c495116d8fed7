/* Certificates that the program makes for itself: what `listen` shows, and the throwaway ones of experiments. Never in a file. */
#ifndef PROBES_MADE_CERT_H
#define PROBES_MADE_CERT_H

#include <openssl/x509.h>
#include <stdint.h>

enum { MADE_EXTENSIONS_MAX = 8, MADE_RSA_BITS = 2048 };

struct made_cert {
	const char *cn;     /* the whole subject */
	EVP_PKEY *key;      /* its public half goes in */
	X509 *issuer;       /* NULL: it issues itself */
	EVP_PKEY *signer;   /* the issuer's */
	int64_t from, to;   /* seconds */
	struct { int nid; const char *value; } extensions[MADE_EXTENSIONS_MAX]; /* as in openssl.cnf(5), in this order; ends with value NULL */
};

/* Signed with SHA-256, with a random serial of 16 bytes. The caller's; NULL where OpenSSL cannot make it. */
X509 *made_cert(const struct made_cert *what);

#endif
