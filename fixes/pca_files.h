/* What AWS gives of a certificate, as the files that servers and clients take (knowledge "aws" 7, 8). */
#ifndef FIXES_PCA_FILES_H
#define FIXES_PCA_FILES_H

#include "aws/pca.h"
#include "fixes/file_set.h"
#include "model/cert.h"

/* PEM, normalised: no text between, one newline after each. In the arena it was made in. */
struct pca_files {
	const struct cert *leaf;     /* each one reference: pca_files_done() */
	const struct cert **chain;   /* issuing CA first, without the root */
	size_t chain_len;
	const struct cert *root;     /* NULL: AWS's chain does not reach one */
	const char *cert_pem, *chain_pem, *fullchain_pem, *root_pem; /* root_pem NULL as above; chain_pem "" where there is no intermediate */
	const char *doubt;           /* a printable sentence: a link that does not fit; NULL: every signature verifies */
};

/* ERROR_AWS: what came is no certificate. */
status pca_files_make(const struct pca_certificate *from, struct arena *a, struct pca_files *out, struct error *err) MUST_USE;
void pca_files_done(struct pca_files *f);
/* cert.pem, chain.pem, fullchain.pem and, where there is one, root.pem. */
status pca_files_stage(const struct pca_files *f, struct file_set *to, struct error *err) MUST_USE;

#endif
