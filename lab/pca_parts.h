/* What the files of lab/pca_{sign,csr,passthrough,import,…}.c share. Nobody else includes it. */
#ifndef LAB_PCA_PARTS_H
#define LAB_PCA_PARTS_H

#include <openssl/x509v3.h>

#include "lab/pca_issuing.h"
#include "model/error.h"

/* Fills *fault; always false, so that it can be returned. Control characters are JSON's to escape. */
bool pca_refuse(struct pca_fault *fault, const char *code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* OpenSSL did not do what cannot fail: no memory. */
bool pca_broken(struct pca_fault *fault);
/* "1 validation error detected: Value 'VALUE' at 'PLACE' failed to satisfy constraint: CONSTRAINT" */
bool pca_constraint(struct pca_fault *fault, const char *value, const char *place, const char *constraint);

/* ---- lists of extensions, no two of one OID ---- */

/* Adds it unless one of its OID is there: who comes first wins. False: no memory. Copies. */
bool pca_list_add(STACK_OF(X509_EXTENSION) *list, X509_EXTENSION *e);
/* The same from OpenSSL's struct of that extension. */
bool pca_list_make(STACK_OF(X509_EXTENSION) *list, int nid, void *value, bool critical);
X509_EXTENSION *pca_list_find(const STACK_OF(X509_EXTENSION) *list, int nid); /* borrowed; NULL: none */
/* Has a second one of the same OID? */
bool pca_list_twice(const STACK_OF(X509_EXTENSION) *list);
void pca_list_free(STACK_OF(X509_EXTENSION) *list);

/* ---- the CSR ---- */

/* Its PEM, key and signature checked; NULL with *fault. */
X509_REQ *pca_csr_read(const unsigned char *pem, size_t len, struct pca_fault *fault);
/* A new list of its extensions, maybe empty; NULL with *fault. */
STACK_OF(X509_EXTENSION) *pca_csr_extensions(X509_REQ *csr, struct pca_fault *fault);
/* Of PEM that somebody sent: no passphrase is asked for at the terminal. For PEM_read_bio_…() */
int pca_no_passphrase(char *out, int size, int writing, void *user);

/* ---- JSON's shapes ---- */

/* place: where it stands, for the message ("apiPassthrough.subject"). */
X509_NAME *pca_subject_at(const cJSON *subject, const char *place, struct pca_fault *fault);
GENERAL_NAME *pca_general_name(const cJSON *name, const char *place, struct pca_fault *fault);
/* KeyUsage's nine; *out NULL where none is set. */
bool pca_key_usage(const cJSON *usage, const char *place, ASN1_BIT_STRING **out, struct pca_fault *fault);
/* AWS's pattern of OIDs; NULL with *fault. */
ASN1_OBJECT *pca_oid(const cJSON *oid, const char *place, struct pca_fault *fault);
/* A text member of min to max characters: false with *fault. *out NULL: absent or null. */
bool pca_text(const cJSON *object, const char *member, const char *place, size_t min, size_t max, const char **out, struct pca_fault *fault);

/* What an ApiPassthrough says. */
struct pca_api {
	X509_NAME *subject;                   /* NULL: not given */
	STACK_OF(X509_EXTENSION) *extensions; /* in order; a SAN is critical where the subject that results is empty */
};
bool pca_api_read(const cJSON *passthrough, bool csr_has_subject, struct pca_api *out, struct pca_fault *fault);
void pca_api_done(struct pca_api *api);

/* The digest of "SHA384WITHECDSA"; NULL: none of ours. */
const EVP_MD *pca_digest(const char *signing_algorithm);

#endif
