/* Certificates as a caIssuers address or a file gives them, and which of a chain's issuers nobody has yet. */
#ifndef MODEL_ISSUERS_H
#define MODEL_ISSUERS_H

#include "model/evidence.h"

/*
 * RFC 5280 4.2.2.1: one certificate in DER, or a "certs-only" PKCS#7; PEM of either is tolerated. Nothing else is
 * looked at: no key, and nothing that a passphrase opens. At most `most` into out, a reference of each is the
 * caller's. Returns how many.
 */
size_t issuers_read(const unsigned char *bytes, size_t len, struct cert **out, size_t most);

/*
 * The certificate at which the server's chain (ours) ends before a root or an anchor: its issuer is nowhere in
 * the evidence. NULL: the chain is complete as far as anybody can tell, or there is none.
 */
const struct cert *issuers_wanted(const struct evidence *e, bool ours);
/* Whose key verifies the signature of c, in all that the evidence holds; NULL: nobody's. */
const struct cert *issuers_known(const struct evidence *e, const struct cert *c);
/* Adds it to the evidence, with a reference of its own, where it issued `below`: that is verified here. False: it did not. */
bool issuers_found(struct evidence *e, const struct cert *c, const struct cert *below, const char *source, const char *where);

#endif
