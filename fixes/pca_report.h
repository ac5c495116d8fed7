/* An audit report: the one way to learn of every certificate that a CA issued. It is a file in a bucket: a change. */
#ifndef FIXES_PCA_REPORT_H
#define FIXES_PCA_REPORT_H

#include "aws/pca.h"
#include "fixes/plan.h"

struct pca_report_wish {
	const struct pca_ca *ca;
	const char *bucket;      /* NULL: that of its revocation list, else ERROR_USAGE */
	const char *format;      /* "JSON", "CSV"; NULL: JSON */
	int64_t next;            /* from then on AWS takes another request; TIME_UNKNOWN: not known */
	int64_t now;
};
status pca_report_plan(const struct plan_place *place, const struct pca_report_wish *w, struct plan **out, struct error *err) MUST_USE;
/* After it was applied: "s3://BUCKET/KEY", in the plan's arena; NULL before. */
const char *pca_report_place(const struct plan *p);

#endif
