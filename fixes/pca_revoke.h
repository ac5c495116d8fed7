/* Revoking a certificate: one step that cannot be taken back, and the truth about whom it reaches. */
#ifndef FIXES_PCA_REVOKE_H
#define FIXES_PCA_REVOKE_H

#include "aws/pca.h"
#include "fixes/plan.h"
#include "model/target.h"

struct pca_revoke_wish {
	const struct pca_ca *ca;
	const char *serial;      /* hex */
	const char *name;        /* whose it is, raw; NULL: not known */
	const char *reason;      /* as typed: "superseded", "key-compromise", AWS's own words; NULL: UNSPECIFIED */
	int64_t not_after;       /* TIME_UNKNOWN where not known */
	int64_t now;
	const struct target *try_at; /* shows it to this endpoint afterwards, with its key; NULL: nowhere */
	const char *cert, *key;      /* files, for that */
};
/* ERROR_USAGE: no such reason, or a certificate that AWS cannot revoke. */
status pca_revoke_plan(const struct plan_place *place, const struct pca_revoke_wish *w, struct plan **out, struct error *err) MUST_USE;
/* AWS's word for the reason: "SUPERSEDED". */
const char *pca_revoke_reason(const struct plan *p);
/* The same number: AWS writes some with colons, some with a zero before, its ARNs without. */
bool pca_same_serial(const char *a, const char *b);

#endif
