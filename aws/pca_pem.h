/*
 * PEM as it goes to and comes from AWS Private CA. AWS gives certificates without a newline at their end, people glue them
 * into "-----END CERTIFICATE----------BEGIN", the CLI puts a tab between them, files have text before and CRLF: knowledge
 * "aws" 3.4 and 7 #8, #16. Here each becomes one block of its own, lines of 64, LF, one newline at the end.
 */
#ifndef AWS_PCA_PEM_H
#define AWS_PCA_PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "model/memory.h"

enum pca_pem_kind { PCA_PEM_CERTIFICATE, PCA_PEM_CSR };

/*
 * The blocks of that kind in their order, in the arena; others (a private key!) are left out. False where there is none,
 * one is cut or no base64 of a DER structure, or there are more than LIMIT_CHAIN_CERTS: *why says so, static text that
 * goes after "the certificate ".
 */
bool pca_pem_split(const char *text, enum pca_pem_kind kind, struct arena *a, const char ***out, size_t *len,
    const char **why);
/* All of them as one text; *len how many. */
const char *pca_pem_join(const char *text, enum pca_pem_kind kind, struct arena *a, size_t *len, const char **why);

#endif
