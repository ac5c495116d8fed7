/* What is done here, as lines for who wants to do it by hand with the openssl program. */
#ifndef FIXES_OPENSSL_LINE_H
#define FIXES_OPENSSL_LINE_H

#include "fixes/plan.h"
#include "model/csr.h"

/* "openssl req -new … -out request.csr". key_file: the key that is there; NULL: a new one of w->kind, into key_out. */
const char *openssl_request_line(struct plan *p, const struct csr_wish *w, const char *key_file, const char *key_out);

#endif
