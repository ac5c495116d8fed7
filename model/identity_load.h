/* Inside of model/identity*.c. */
#ifndef MODEL_IDENTITY_LOAD_H
#define MODEL_IDENTITY_LOAD_H

#include "model/identity.h"

/* An empty identity with an arena and one reference. */
struct identity *identity_new(void);
/* model/identity_siblings.c: fills siblings from the folders of its files, and from `own`, the objects of its own file. */
void identity_look_around(struct identity *i, const char *cert_path, const char *key_path, const struct objects *own);

#endif
