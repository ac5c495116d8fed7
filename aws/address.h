/* Addresses in what is said: they may hold a password. */
#ifndef AWS_ADDRESS_H
#define AWS_ADDRESS_H

#include <stddef.h>

enum { ADDRESS_SHOWN = 512 };
/*
 * text, in which an address begins at `from` or later, without what stands between its scheme and its last “@”: "http://…@proxy:3128".
 * Returns out, cut where it is longer. Not made printable.
 */
const char *address_without_password(const char *text, const char *from, char out[ADDRESS_SHOWN]);

#endif
