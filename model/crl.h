/*
 * A certificate revocation list, read and asked about one certificate. RFC 5280 section 5 and 6.3; what is not judged
 * here (delta lists, indirect ones, lists for some reasons only) is said to be so, and never taken for "good".
 */
#ifndef MODEL_CRL_H
#define MODEL_CRL_H

#include "model/error.h"
#include "model/fetched.h"
#include "model/memory.h"

struct crl;
/* DER, or PEM. NULL and *err where it is neither, or holds anything behind it. Immutable but for what it remembers; thread-safe. */
struct crl *crl_parse(const unsigned char *bytes, size_t len, struct error *err);
void crl_free(struct crl *c); /* NULL is legal */
/*
 * Is it signed by this CA? The answer for the CA asked last is remembered: of a list of 32 MiB it takes
 * a tenth of a second, so that whoever fetched it asks first, away from any loop.
 */
bool crl_signed_by(struct crl *c, const struct cert *issuer);
/* What it says of `c`, issued by `issuer`. Its texts are static. *out: all but `where`. */
void crl_look_up(struct crl *crl, const struct cert *c, const struct cert *issuer, struct revocation *out);

/* "keyCompromise": the name of a CRLReason (RFC 5280 5.3.1), OCSP's too; NULL: none, or "unspecified". Static. */
const char *crl_reason_name(long reason);

#endif
