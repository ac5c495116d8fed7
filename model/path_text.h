/* An error of a path in words. */
#ifndef MODEL_PATH_TEXT_H
#define MODEL_PATH_TEXT_H

#include "model/memory.h"
#include "model/path.h"

/* One sentence, printable, into the arena. The error lies with links[depth]. */
const char *path_error_text(struct arena *a, const struct path_link *links, size_t len,
    enum purpose purpose, int depth, int x509_error);

/* The name of a certificate for people: its common name, else its whole subject; never empty. */
const char *path_cert_name(const struct cert *c);

#endif
