/* A key of which only what it is is known: no secret, nothing can be signed with it. Out of a case. */
#ifndef MODEL_KEY_DESCRIBED_H
#define MODEL_KEY_DESCRIBED_H

#include "model/key.h"

/* Copies all of it. key_evp() of it is NULL; it matches by its fingerprint alone. */
struct key *key_described(const struct key *what);

#endif
