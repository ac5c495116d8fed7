/*
 * Issuing a certificate: the CSR (one that is there, or made here with its key), looked through first; the template by what
 * it is for; a validity that the CA can give; what came back compared with what was asked for; the files.
 */
#ifndef FIXES_PCA_ISSUE_H
#define FIXES_PCA_ISSUE_H

#include "aws/pca.h"
#include "fixes/file_set.h"
#include "fixes/plan.h"
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

/* What came of it; in the plan's arena. */
struct pca_issued {
	const char *arn;                  /* NULL: nothing was issued */
	const char *template_name;
	const struct cert *leaf;          /* NULL: not fetched */
	struct file_set files;
	struct csr_findings lint, differences;
};
const struct pca_issued *pca_issue_result(const struct plan *p);

#endif
