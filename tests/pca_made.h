/* CSRs made by OpenSSL's own calls, and a private CA of lab/pca_issuing.h to sign them, for the tests of both sides. */
#ifndef TESTS_PCA_MADE_H
#define TESTS_PCA_MADE_H

#include <cJSON.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "lab/pca_issuing.h"

#define PCA_NOW INT64_C(1795435200) /* 2026-11-23T12:00:00Z */
#define PCA_DAY INT64_C(86400)

/* An extension in OpenSSL's configuration form: "keyUsage", "critical,digitalSignature"; name NULL ends a list. */
struct asked_extension {
	const char *name, *value;
};

struct asked_csr {
	const char *subject;                   /* "O=Acme/CN=order"; "" or NULL: empty */
	const struct asked_extension *asks;    /* NULL: none */
	EVP_PKEY *key;                         /* borrowed */
	const char *digest;                    /* NULL: SHA256, none for Ed25519 */
	bool corrupt;                          /* a bit of the signature flipped */
};
/* PEM, malloc'd. Fails the test where OpenSSL does not take it. */
char *asked_csr(const struct asked_csr *r);

/* A CA of the private CA: its key, and the certificate that was made by templates. */
struct pca_made {
	EVP_PKEY *key;
	X509 *x509;
	const char *algorithm;
};
/* issuer NULL: a root. template: "SubordinateCACertificate_PathLen0". Ten years for a root, a day less than its issuer for others. */
struct pca_made pca_made_ca(const char *cn, EVP_PKEY *key, const char *algorithm, const char *template, const struct pca_made *issuer);
void pca_made_free(struct pca_made *ca);
/* What a call would be: this template, CSR and DAYS, everything else at its default. */
struct pca_signing pca_call(const struct pca_made *ca, const char *template, const char *csr, int64_t days);
const struct pca_template *pca_named(const char *name); /* by the ARN in partition aws; fails the test where there is none */

/* malloc'd */
char *x509_pem(X509 *x);
/* "CN=a,O=b" in encoded order; malloc'd. */
char *name_text(const X509_NAME *name);
/* Lower-case hex of bytes into out, which has room for 2 * len + 1; returns out. */
char *hex_of(const unsigned char *bytes, size_t len, char *out);

#endif
