/* What the files of model/csr_*.c share. Nobody else includes it. */
#ifndef MODEL_CSR_INTERNAL_H
#define MODEL_CSR_INTERNAL_H

#include "model/csr.h"
#include "model/objects.h"

/* What a template puts in by itself: knowledge "aws" 2.2. */
struct csr_base {
	const char *name;          /* without "_CSRPassthrough" and its like; "…PathLen" stands for any */
	const char *words;
	unsigned usage;            /* USAGE_…; 0: only what the request or the call asks for */
	const char *purposes[2];   /* extended key usage, in its order; NULL: none of its own */
	bool ca, root, blank;
};

struct csr_template_row {
	const struct csr_base *base;
	bool takes_csr, takes_api;
	int path_len;              /* -1: none */
};
/* name NULL: EndEntityCertificate. False: there is none of that name. */
bool csr_template_find(const char *name, struct csr_template_row *out);

/* The first CSR of these bytes; o->arena holds it. False with *err where there is none. */
status csr_parse(const void *bytes, size_t len, const char *name, struct objects *o, const struct object **out, struct error *err) MUST_USE;

const struct extension *csr_find(const struct extension *all, size_t len, const char *oid); /* NULL: none */
bool csr_usage(const struct extension *e, unsigned *bits);   /* key usage's bits; false: cannot be read */
const char *csr_usage_words(unsigned bits, struct arena *a); /* "digitalSignature, keyAgreement"; "nothing" */
/* Extended key usage's purposes; false: cannot be read. */
bool csr_purposes(const struct extension *e, struct arena *a, const char ***out, size_t *len);
/* What an extension says, for a sentence: words where it is understood, else its names, addresses and OIDs, else hex. */
const char *csr_value_words(const struct extension *e, struct arena *a);
/* basicConstraints: is it a CA? false too where it cannot be read. */
bool csr_says_ca(const struct extension *e);

void csr_note(struct csr_findings *f, struct arena *a, enum csr_weight weight, const char *what, const char *fmt, ...) PRINTF_LIKE(5, 6);
void csr_sort(struct csr_findings *f); /* worst first; equal ones stay in order */

#define OID_SKI "2.5.29.14"
#define OID_KEY_USAGE "2.5.29.15"
#define OID_SAN "2.5.29.17"
#define OID_BASIC "2.5.29.19"
#define OID_CRL "2.5.29.31"
#define OID_AKI "2.5.29.35"
#define OID_PURPOSES "2.5.29.37"
#define OID_AIA "1.3.6.1.5.5.7.1.1"

#endif
