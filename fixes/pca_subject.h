/* "CN=Acme Root CA, O=Acme, C=US" as it is typed, to what AWS takes as the subject of a CA. */
#ifndef FIXES_PCA_SUBJECT_H
#define FIXES_PCA_SUBJECT_H

#include "aws/pca.h"
#include "model/error.h"

/*
 * RFC 4514: attributes separated by commas, a backslash before a character that is meant as itself; also openssl's
 * "/CN=…/O=…". Lengths are AWS's (knowledge "aws" 1.1). ERROR_USAGE says which attribute and why. Strings in `a`.
 */
status pca_subject_read(const char *typed, struct arena *a, struct pca_subject *out, struct error *err) MUST_USE;
/* "CN=…, O=…" of what is set, as raw text into `a`. */
const char *pca_subject_text(const struct pca_subject *s, struct arena *a);
/* As AWS's own shape {"CommonName": …}, and back; custom attributes have no place in it. Strings into the arena. */
cJSON *pca_subject_json(const struct pca_subject *s);
void pca_subject_of_json(const cJSON *o, struct arena *a, struct pca_subject *out);

#endif
