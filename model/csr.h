/*
 * Certificate requests for a private CA: making one with its key, what the CA would refuse or silently drop of one, and what
 * differs between a request and the certificate that came back. Knowledge "aws" 2.2, 7; RFC 2986. All text is printable.
 */
#ifndef MODEL_CSR_H
#define MODEL_CSR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cert.h"
#include "model/error.h"
#include "model/key.h"
#include "model/memory.h"

/* ---- templates ---- */

/* What the certificate is to be good for. */
struct csr_purpose {
	bool server, client, code_signing, ocsp_signing;
	bool ca;               /* alone */
	int path_len;          /* of a CA: 0 to 3 */
	bool keep_extensions;  /* what else the CSR asks for is to be in the certificate */
};
/*
 * The template for it: "EndEntityServerAuthCertificate", for both "EndEntityCertificate", for a CA
 * "SubordinateCACertificate_PathLen0"; "_CSRPassthrough" at its end to keep extensions. Of purposes that no template has
 * together, or none at all, "BlankEndEntityCertificate_APICSRPassthrough": they then go into ApiPassthrough. Static text.
 * NULL: no template fits (a CA with a path length over 3).
 */
const char *csr_template(const struct csr_purpose *p);
/* "arn:aws:acm-pca:::template/NAME/V1" or NAME itself → NAME into out; false: no template's name. */
#define CSR_TEMPLATE_MAX 80
bool csr_template_name(const char *text, char out[CSR_TEMPLATE_MAX]);
/* What it puts in, for people: "for servers and clients", "a CA that issues no further CA", "only what the request asks for". */
const char *csr_template_words(const char *name);

/* ---- making ---- */

enum csr_key { CSR_KEY_P256, CSR_KEY_P384, CSR_KEY_P521, CSR_KEY_RSA2048, CSR_KEY_RSA3072, CSR_KEY_RSA4096 };
/* "p256", "P-256", "rsa2048", "RSA 2048", "rsa" (2048), "ec" (P-256): case, blanks and hyphens do not matter. */
bool csr_key_named(const char *text, enum csr_key *out);
const char *csr_key_label(enum csr_key k); /* "EC P-256", "RSA 2048" */

struct csr_wish {
	const char *common_name;      /* UTF-8; NULL or "": the subject stays empty, and the names become critical */
	const char *organization, *organizational_unit, *country; /* NULL or "": none */
	const char *const *names;     /* DNS names, IP addresses, URIs ("spiffe://…"), e-mail addresses: found by their form */
	size_t names_len;
	enum csr_key kind;            /* of the new key */
	const struct key *key;        /* instead of a new one: a private key; borrowed */
};

struct csr_pair {
	char *csr;                    /* PEM, malloc'd */
	char *key;                    /* PKCS#8 PEM, malloc'd; cleansed by csr_pair_done(). NULL where wish.key was given */
	size_t csr_len, key_len;
};
/*
 * Takes up to a few seconds for RSA 4096. ERROR_USAGE where a name is none (the text says which and why), there is neither
 * a common name nor a name, or the common name is longer than 64 bytes.
 */
status csr_make(const struct csr_wish *w, struct csr_pair *out, struct error *err) MUST_USE;
void csr_pair_done(struct csr_pair *p); /* clears *p; twice is legal */

/* ---- judging ---- */

/*
 * The first CSR in these bytes (PEM with anything around it, or DER) as one clean PEM block, which is what the private CA
 * wants; in the arena. ERROR_INPUT where there is none; `name` stands for the file in the message.
 */
status csr_clean(const void *bytes, size_t len, const char *name, struct arena *a, const char **pem, struct error *err) MUST_USE;

enum csr_weight {
	CSR_REFUSED,   /* the private CA does not issue this */
	CSR_LATE,      /* it answers, and then fails without a reason */
	CSR_DIFFERS,   /* not what was asked for, and not what the template says either */
	CSR_LOST,      /* asked for in the CSR, and not in the certificate */
	CSR_ODD,       /* issued as it stands, and peers will stumble over it */
	CSR_EXPECTED   /* the template's or the CA's own doing: worth a line, no worry */
};
const char *csr_weight_word(enum csr_weight w); /* "refused", "fails later", "differs", "dropped", "odd", "by template" */

struct csr_finding {
	enum csr_weight weight;
	const char *what;  /* "subject", "key", "signature", "validity", "purpose", or the extension's name or OID */
	const char *text;  /* one sentence with a full stop */
};
struct csr_findings {
	struct csr_finding *items; /* by weight, worst first */
	size_t len, cap;
};
/* The worst is REFUSED or LATE: do not send it. */
bool csr_hopeless(const struct csr_findings *f);

/*
 * What the private CA would do with this CSR under the template (a name; NULL: EndEntityCertificate). Where api_subject or
 * api_names, the call brings a subject or alternative names of its own and the template takes them. Findings in the arena.
 * STATUS_FAILED (ERROR_INPUT) only where there is no CSR in it. DER is a finding: the private CA takes PEM alone.
 */
struct csr_context {
	const char *template;
	bool api_subject, api_names;
};
status csr_lint(const char *pem, size_t len, const struct csr_context *c, struct arena *a, struct csr_findings *out,
    struct error *err) MUST_USE;

/* What was asked for besides the CSR. */
struct csr_asked {
	const char *template;         /* a name; NULL: EndEntityCertificate */
	bool server, client, ca;      /* purposes that it was to have; none: not compared */
	int64_t not_before, not_after; /* TIME_UNKNOWN: not compared. not_before: what AWS makes of none is an hour back */
	bool api_subject, api_names;  /* the call brought its own: differences from the CSR are the template's doing then */
};
/*
 * Every difference between the CSR and the certificate that came back, and between that and what was asked for: each
 * extension dropped, changed, added; subject, names, key, purposes, dates. None: len 0. STATUS_FAILED as csr_lint().
 */
status csr_compare(const char *pem, size_t len, const struct cert *c, const struct csr_asked *asked, struct arena *a,
    struct csr_findings *out, struct error *err) MUST_USE;

#endif
