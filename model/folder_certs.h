/* The certificates that lie in a folder's files: what is missing from a chain is often beside it. */
#ifndef MODEL_FOLDER_CERTS_H
#define MODEL_FOLDER_CERTS_H

#include "model/cert.h"

/*
 * Every certificate in the small files of this folder, in the order of their names; not further down. Keys are not
 * looked at, nothing is opened that a passphrase protects. The reference is visit's.
 */
void folder_certs(const char *folder, void (*visit)(void *user, struct cert *c, const char *file), void *user);

#endif
