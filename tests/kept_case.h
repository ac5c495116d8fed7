/* Does evidence survive being saved as a case? What any test of evidence can ask besides. */
#ifndef TESTS_KEPT_CASE_H
#define TESTS_KEPT_CASE_H

#include "model/case.h"
#include "model/evidence.h"

/* The same bytes out of memory: written, read, written again. Fails the test; `what` goes into the message. */
struct evidence *kept_read(const struct evidence *e, const char *what);
/* Fails the test where the evidence out of a case gives another JSON, word for word, or another case. */
void kept_check(const struct evidence *e, const char *what);

/*
 * Each member of a case's JSON is taken away or put in another's place (another kind, another number, another word of
 * an enum), one at a time; `use` gets what is read all the same, and may take its evidence over. Returns how many those were.
 */
size_t kept_variants(const char *json, void (*use)(struct saved_case *c, void *user), void *user);

#endif
