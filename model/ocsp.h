/*
 * OCSP (RFC 6960): a question about one certificate, and what a response says of it, be it asked for or stapled.
 * Accepted is what the CA signed itself, or a responder with id-kp-OCSPSigning that the CA issued.
 */
#ifndef MODEL_OCSP_H
#define MODEL_OCSP_H

#include "model/buf.h"
#include "model/fetched.h"
#include "model/memory.h"

enum { OCSP_NONCE_BYTES = 16 }; /* RFC 8954 wants 1 to 32, RFC 9654 asks for 32 and lets 16 be */

/* The DER of a question with this nonce; appended. False where OpenSSL cannot make one. */
bool ocsp_question(const struct cert *c, const struct cert *issuer, const unsigned char nonce[OCSP_NONCE_BYTES], struct buf *out);
/*
 * What the bytes say of `c`. nonce: what was asked with; NULL: stapled, nothing was asked. A response without
 * a nonce is normal (RFC 6960 4.4.1: most are made in advance), one with another is a replay. *out: all but `where`.
 */
void ocsp_read(struct text response, const struct cert *c, const struct cert *issuer, const unsigned char *nonce,
    struct arena *a, struct revocation *out);

#endif
