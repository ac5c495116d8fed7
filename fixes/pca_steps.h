/*
 * The steps by which a private CA comes to work, as AWS requires them (knowledge "aws" 1.4, 6.4): create, take its CSR,
 * have it signed (a root by itself, a subordinate by its parent), import what was signed. Shared by create and activate.
 */
#ifndef FIXES_PCA_STEPS_H
#define FIXES_PCA_STEPS_H

#include "aws/pca.h"
#include "fixes/plan.h"

/* A CA on its way, while its steps are made (deeds of fixes/deed_ca.c and deed_ca_sign.c). Lives in the plan's arena. */
struct ca_making {
	bool root;
	const char *name;          /* printable: “Acme Root CA” without the quotes */
	const char *variable;      /* in command lines: "ROOT", "SUB" */
	const char *file;          /* likewise, and in the plan's values: "root", "sub" */
	const char *key_algorithm;
	bool short_lived;
	const struct pca_create *create; /* to be created so; NULL: it is there, and arn is set */
	const char *arn;           /* NULL: the plan creates it */
	struct ca_making *signer;  /* who signs it: itself, where it is a root */
	const char *template_name; /* "RootCACertificate" */
	struct pca_validity validity;
	const char *validity_words; /* "10 years", for people */
	const char *token;         /* of the signing */
	const char *issued;        /* ARN of a certificate that is there already; NULL: it is to be issued */
};

/* Each adds one step to the plan. */
void ca_step_create(struct plan *p, struct ca_making *ca);
void ca_step_csr(struct plan *p, struct ca_making *ca);
void ca_step_sign(struct plan *p, struct ca_making *ca);
void ca_step_import(struct plan *p, struct ca_making *ca);
/* ACTIVE → DISABLED: “keep the root offline”. */
void ca_step_disable(struct plan *p, struct ca_making *ca);
/* What that stops and what it does not, for before and after: sentences. */
extern const char *const root_offline[];
extern const size_t root_offline_len;

/* "Value=3650,Type=DAYS" */
const char *validity_option(struct plan *p, const struct pca_validity *v);

#endif
