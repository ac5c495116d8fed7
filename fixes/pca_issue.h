/*
 * Issuing a certificate: the CSR (one that is there, or made here with its key), looked through first; the template by what
 * it is for; a validity that the CA can give; what came back compared with what was asked for; the files. The steps are deeds
 * of fixes/deed_issue.c and deed_files.c.
 */
#ifndef FIXES_PCA_ISSUE_H
#define FIXES_PCA_ISSUE_H

#include "aws/pca.h"
#include "fixes/plan.h"
#include "model/cert.h"
#include "model/csr.h"

struct pca_issue_wish {
	const struct pca_ca *ca;
	const char *csr;           /* PEM of a request that is there; NULL: one is made */
	size_t csr_len;
	const char *csr_file;      /* where it came from, for messages and command lines */
	struct csr_wish make;
	const char *key_file;      /* make.key came from there; NULL: a new key is made */
	struct csr_purpose purpose;
	unsigned days;             /* 0: 30 */
	const char *out;           /* folder */
	int64_t now;
};
/* ERROR_INPUT, ERROR_USAGE: the CSR is one that AWS refuses, or the CA cannot issue now. The wish's strings must stay. */
status pca_issue_plan(const struct plan_place *place, const struct pca_issue_wish *w, struct plan **out, struct error *err) MUST_USE;

/* What came of it, out of the plan's values; strings are the plan's. */
struct pca_issued_file {
	const char *name, *path;          /* "cert.pem", where it is */
	const char *kept;                 /* the old one's new name; NULL: there was none, or it was the same */
};
struct pca_issued {
	const char *arn;                  /* NULL: nothing was issued, for all that is known */
	const char *template_name;
	const struct cert *leaf;          /* a reference; NULL: not fetched */
	struct pca_issued_file files[8];
	size_t files_len;
	struct csr_findings differences;
};
void pca_issue_result(struct plan *p, struct pca_issued *out);
void pca_issued_done(struct pca_issued *r);

#endif
