/* How far a typed word is from a known one: for “did you mean”. */
#ifndef MODEL_SPELLING_H
#define MODEL_SPELLING_H

enum { SPELLING_MAX = 40 }; /* letters that are compared; what is longer is far from everything */

/* Edits (insert, delete, replace, swap of neighbours) from a to b. */
unsigned spelling_distance(const char *a, const char *b);
/* The same, but 0 where `name` begins with three letters or more of `typed` and all of it. */
unsigned spelling_distance_to(const char *typed, const char *name);
/* How far a word may be to be meant: a third of it. */
unsigned spelling_near(const char *typed);

#endif
