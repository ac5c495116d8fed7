/* A private or public key: what it is, never its secret. Shared by reference count. */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include <stdbool.h>

#include "model/cert.h"

struct key {
	struct public_key pub;  /* label, SPKI hash: what it matches by */
	bool is_private;
	bool was_encrypted;     /* a passphrase opened it */
};

struct key *key_ref(const struct key *k);
void key_free(const struct key *k); /* the last one clears the secret (OPENSSL_cleanse) */
bool key_matches(const struct key *k, const struct cert *c); /* by SPKI, and for EC with explicit or implicit parameters by value */

#endif
