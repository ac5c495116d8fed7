/*
 * What to do about a finding, in words, and what each code says in a few. `mtlscope fix` will take
 * the place of the sentence where it has a plan; the sentence stays for the rest.
 */
#ifndef MODEL_MEND_H
#define MODEL_MEND_H

#include "model/diagnosis.h"

/* "put “Acme Issuing CA 1” into order.crt, after the leaf"; into `a`. Never NULL. Printable. */
const char *mend_words(const struct diagnosis *d, const struct finding *f, struct arena *a);
/* "the server does not trust our CA": for candidates. Never NULL. */
const char *code_phrase(enum code code);

#endif
