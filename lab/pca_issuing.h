/*
 * What the lab's private CA signs: templates, validity, passthrough, and what it demands of a CSR and of a CA certificate
 * that is imported. Pure: no database, no server, no clock. Source: knowledge "aws" 1.4, 2.1 to 2.3.
 */
#ifndef LAB_PCA_ISSUING_H
#define LAB_PCA_ISSUING_H

#include <cJSON.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* AWS's own code and text. */
struct pca_fault {
	char code[48];      /* "MalformedCSRException" */
	char message[512];
};

enum pca_passthrough { PCA_PASS_NONE = 0, PCA_PASS_CSR = 1, PCA_PASS_API = 2 };
enum pca_basic { PCA_BASIC_END, PCA_BASIC_END_CRITICAL, PCA_BASIC_CA }; /* a CA's are always critical */
struct pca_template {
	const char *name;       /* "EndEntityServerAuthCertificate_APIPassthrough" */
	int passthrough;        /* enum pca_passthrough, or'd */
	enum pca_basic basic;
	int path_len;           /* -1: none */
	const char *key_usage;  /* OpenSSL's words, critical: "digitalSignature,keyEncipherment"; NULL: what CSR or API gives */
	const char *eku;        /* "serverAuth,clientAuth"; NULL as above */
	bool eku_critical;
	bool blank;             /* key usage and purposes only from CSR or API */
	bool root;              /* no AKI, no distribution point */
};
extern const struct pca_template pca_templates[];
extern const size_t pca_templates_len; /* 61 */
/* By ARN in any partition; NULL: EndEntityCertificate/V1. NULL where there is none. */
const struct pca_template *pca_template_of(const char *arn);

struct pca_validity_given {
	const char *type;       /* NULL: not given */
	int64_t value;
};

struct pca_signing {
	const struct pca_template *template;
	X509 *ca;               /* NULL: a root signs its own CSR */
	EVP_PKEY *ca_key;
	const char *signing_algorithm;  /* "SHA256WITHRSA" */
	const unsigned char *csr;       /* PEM as it came in the blob; DER is refused as AWS does */
	size_t csr_len;
	struct pca_validity_given validity, not_before;
	const cJSON *api_passthrough;   /* AWS's ApiPassthrough, or NULL: ignored unless the template takes it */
	bool short_lived;               /* SHORT_LIVED_CERTIFICATE: seven days at most */
	const char *crl_url;            /* NULL: no distribution point */
	const char *ocsp_url;           /* NULL: no AIA */
	int64_t now;                    /* issuance */
	unsigned char serial[16];       /* drawn by the caller; the top bit is cleared here */
};

/* Everything that AWS checks before it answers IssueCertificate; what it finds later is `late` (RequestFailed on Get). */
bool pca_check_request(const struct pca_signing *s, struct pca_fault *fault, bool *late);
/* The certificate, the caller's; NULL with *fault. pca_check_request() passed before. */
X509 *pca_sign(const struct pca_signing *s, struct pca_fault *fault);
/* NotBefore and NotAfter that this would get; false with *fault. A root's own certificate is held to no other's. */
bool pca_validity_of(const struct pca_signing *s, int64_t *not_before, int64_t *not_after, struct pca_fault *fault);

/* ImportCertificateAuthorityCertificate: is this the certificate of that CA? chain NULL: none was sent. */
bool pca_check_import(bool root, EVP_PKEY *ca_key, const unsigned char *pem, size_t pem_len, const unsigned char *chain, size_t chain_len,
    int64_t now, struct pca_fault *fault, X509 **out);
/* CreateCertificateAuthorityConfiguration's Subject and CsrExtensions as a CSR of this key, PEM; NULL with *fault. */
char *pca_make_csr(EVP_PKEY *key, const cJSON *configuration, struct pca_fault *fault);
/* An ASN1Subject as a name; NULL with *fault. */
X509_NAME *pca_subject_name(const cJSON *subject, struct pca_fault *fault);
/* Does the signing algorithm's family fit this key? */
bool pca_algorithm_fits(const char *signing_algorithm, EVP_PKEY *key);

#endif
