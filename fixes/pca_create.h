/*
 * The plans that make private CAs work: a CA, a hierarchy of root and subordinate in one go, and finishing one that waits
 * for its certificate. Nothing is contacted while a plan is made: what must be known of AWS is handed in.
 */
#ifndef FIXES_PCA_CREATE_H
#define FIXES_PCA_CREATE_H

#include "aws/pca.h"
#include "fixes/plan.h"

struct pca_create_wish {
	bool hierarchy;                 /* root and subordinate; else one CA */
	bool root;                      /* one CA: a root */
	struct pca_subject subject;     /* of the one, or of the subordinate */
	struct pca_subject root_subject; /* hierarchy */
	const char *key_algorithm;      /* "EC_prime256v1"; NULL: that */
	unsigned days, root_days;       /* 0: 3 years, 10 years */
	bool short_lived;               /* the issuing CA: certificates of seven days at most */
	const char *crl_bucket;         /* NULL: no CRL */
	bool ocsp;
	bool disable_root;
	const struct pca_ca *parent;    /* one subordinate: who signs it; NULL: it stays in PENDING_CERTIFICATE */
	const struct pca_ca *known;     /* CAs that are there: for the note on equal names */
	size_t known_len;
	int64_t now;
};
/* ERROR_USAGE where the wish contradicts itself. The wish may go afterwards, its strings must stay. */
status pca_create_plan(const struct plan_place *place, const struct pca_create_wish *w, struct plan **out, struct error *err) MUST_USE;

struct pca_activate_wish {
	const struct pca_ca *ca;        /* PENDING_CERTIFICATE, or EXPIRED (its certificate is renewed, with the same key) */
	const struct pca_ca *parent;    /* subordinate: who signs; NULL: ERROR_USAGE says what is needed */
	const char *issued;             /* ARN of a certificate that an earlier run had issued for it; NULL: a new one */
	unsigned days;
	int64_t now;
};
/* fixes/pca_activate.c */
status pca_activate_plan(const struct plan_place *place, const struct pca_activate_wish *w, struct plan **out, struct error *err) MUST_USE;

/* One step: ACTIVE → DISABLED, for after the hierarchy stands. */
struct plan *pca_disable_plan(const struct plan_place *place, const char *arn, const char *name);

/* What is common to both: a subordinate's days within its parent's; into validity and its words. ERROR_USAGE: the parent has ended. */
struct ca_making;
status ca_validity(struct plan *p, struct ca_making *ca, unsigned days, int64_t parent_ends, int64_t now, struct error *err) MUST_USE;
/* The common name, else the whole subject; printable, in the plan's arena. */
const char *pca_name(struct plan *p, const struct pca_subject *s);

#endif
