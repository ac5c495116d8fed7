/* Is the private key of what ACM has at hand? Only then can a new import be taken back. */
#ifndef FIXES_ACM_KEY_H
#define FIXES_ACM_KEY_H

#include <stdbool.h>

#include "model/buf.h"

/*
 * file: PEM, perhaps with certificates in it; NULL: there is none. True where a key in it, which no passphrase protects, belongs to the first
 * certificate of that PEM; its blocks go into *out (NULL: not wanted), which the caller clears.
 */
bool acm_key_at_hand(const char *file, const char *certificate, struct buf *out);

#endif
