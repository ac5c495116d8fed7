/* Which signatures of a handshake a key can make, and what a server asked for of them. */
#ifndef MODEL_SIGNATURE_SCHEME_H
#define MODEL_SIGNATURE_SCHEME_H

#include <stdbool.h>
#include <stdint.h>

#include "model/cert.h"
#include "model/handshake.h"

/*
 * Can this key make a signature of this scheme in this version (0x0303, 0x0304)? RFC 8446 4.2.3: in TLS 1.3 PKCS#1
 * v1.5 signs no handshake, and each ECDSA scheme is for one curve; an RSA key makes the rsa_pss_rsae ones, an RSA-PSS
 * key the rsa_pss_pss ones. RFC 5246 7.4.1.4.1: in TLS 1.2 a scheme is a hash and a kind of key, the curve is free.
 * False too for kinds of keys that scheme_kind_known does not know.
 */
bool key_signs(const struct public_key *key, uint16_t scheme, uint16_t version);
/* False for DSA, DH and kinds that nobody knows: nothing is to be claimed about what they sign. */
bool scheme_kind_known(const struct public_key *key);
/* Any of those that were asked for; true where the request has no list of them. */
bool key_signs_any(const struct public_key *key, const struct certificate_request *r, uint16_t version);
/* Those that were asked for, by name, in their order; the first 16. In the arena. */
const char *schemes_asked(const struct certificate_request *r, struct arena *a);

#endif
